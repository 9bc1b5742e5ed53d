/* A template of A-KIDs and an A-KID, divided by a zero: whatever they are, a routing indicator that
 * is found is digits that stand in the A-KID; and what a template made has the one that went in. */
#include "fuzz.h"

#include <string.h>

#include "keys/akma.h"

enum { FORM = 300 };

static void judge_rid(const char *form, struct lk_span a_kid, const char *want)
{
    char rid[LK_RID_MAX + 1], text[LK_A_KID_MAX + 1] = "";
    enum lk_status status = lk_a_kid_rid(rid, form, a_kid);

    LK_ASSERT(want == NULL || status != LK_OK || strcmp(rid, want) == 0);
    if (status != LK_OK || a_kid.len > LK_A_KID_MAX)
        return;
    memcpy(text, a_kid.at, a_kid.len);
    LK_ASSERT(rid[0] != '\0' && strspn(rid, "0123456789") == strlen(rid));
    LK_ASSERT(strstr(text, rid) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    const struct lk_a_tid a_tid = { { 0x17, 0xd7, 0x5d } };
    const struct lk_a_kid_home home = { "170", "001", "01" };
    char form[FORM + 1], a_kid[LK_A_KID_MAX + 1];
    size_t cut = 0;

    while (cut < len && cut < FORM && octets[cut] != 0)
        cut++;
    memcpy(form, octets, cut);
    form[cut] = '\0';
    judge_rid(form, lk_span_of(octets + cut, len - cut), NULL);
    if (cut < len)
        judge_rid(form, lk_span_of(octets + cut + 1, len - cut - 1), NULL);
    if (lk_a_kid_say(a_kid, form, &a_tid, &home) == LK_OK)
        judge_rid(form, lk_span_text(a_kid), home.rid);
    return 0;
}

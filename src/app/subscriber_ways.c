/* The ways by which a subscriber may come to keys of Mobile IP, as words: what he is shown with,
 * what an export has and an import reads. */
#include <stdio.h>
#include <string.h>

#include "app/subscriber.h"
#include "base/mip_way.h"

const char *lk_subscriber_ways_text(char text[LK_WAYS_TEXT], uint8_t refused)
{
    size_t len = 0;

    if ((refused & LK_MIP_WAYS_ALL) == 0)
        return "any";
    if ((refused & LK_MIP_WAYS_ALL) == LK_MIP_WAYS_ALL)
        return "none";
    for (enum lk_mip_way way = 0; way < LK_MIP_WAYS; way++)
        if ((refused & lk_mip_way_bit(way)) == 0)
            len += (size_t)snprintf(text + len, LK_WAYS_TEXT - len, "%s%s", len == 0 ? "" : " ",
                                    lk_mip_way_words[way]);
    return text;
}

/* What the words leave out is refused. */
enum lk_status lk_subscriber_ways_of(uint8_t *refused, const char *words)
{
    *refused = strcmp(words, "any") == 0 ? 0 : LK_MIP_WAYS_ALL;
    if (*refused == 0 || strcmp(words, "none") == 0)
        return LK_OK;
    for (;;) {
        size_t len = strcspn(words, " ");
        enum lk_mip_way way = lk_mip_way_of(lk_span_of(words, len));

        if (way == LK_MIP_WAYS)
            return LK_E_VALUE;
        *refused &= (uint8_t)~lk_mip_way_bit(way);
        if (words[len] == '\0')
            return LK_OK;
        words += len + 1;
    }
}

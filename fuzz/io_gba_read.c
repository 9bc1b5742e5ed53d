/* Octets as BootstrappingInfo: what is read has a name of characters that are seen, can be written,
 * and is then read as the same; of what is refused nothing is left. */
#include "fuzz.h"

#include <string.h>

#include "io/gba_read.h"
#include "wire/gba_xml.h"

static bool is_seen(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const struct lk_gba_info nothing;
    uint8_t room[2 * LK_GBA_XML_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_bootstrapping_info info = { .current_s = 1 };
    struct lk_gba_info read, again;

    if (lk_gba_read(&read, lk_span_of(octets, len)) != LK_OK) {
        LK_ASSERT(memcmp(&read, &nothing, sizeof read) == 0);
        return 0;
    }
    LK_ASSERT(read.b_tid[0] != '\0' && is_seen(read.b_tid) && is_seen(read.home_agent));
    info.b_tid = lk_span_text(read.b_tid);
    info.home_agent = lk_span_text(read.home_agent);
    info.expires_s = read.expires_s;
    LK_ASSERT(lk_bootstrapping_info_encode(&w, &info) == LK_OK);
    LK_ASSERT(lk_gba_read(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(strcmp(again.b_tid, read.b_tid) == 0 && again.expires_s == read.expires_s &&
              strcmp(again.home_agent, read.home_agent) == 0);
    return 0;
}

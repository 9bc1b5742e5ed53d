/* Octets as the value of AT_TWAN_CONN_MODE, by the default layout and by one of the input. What
 * decodes is written again as the same value. */
#include "fuzz.h"

#include <string.h>

#include "wire/eap_mode.h"

static void look(const struct lk_mode_layout *layout, struct lk_span octets)
{
    static const struct lk_mode_value none;
    struct lk_mode_value value, again;
    uint8_t room[LK_MODE_WRITTEN_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (lk_mode_decode(&value, layout, octets) != LK_OK) {
        LK_ASSERT(memcmp(&value, &none, sizeof value) == 0);
        return;
    }
    LK_ASSERT((value.modes & ~LK_TWAN_MODES) == 0);
    lk_mode_encode(&w, layout, &value);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len <= octets.len);
    LK_ASSERT(lk_mode_decode(&again, layout, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(memcmp(&again, &value, sizeof value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mode_layout layout;

    lk_mode_layout_defaults(&layout);
    look(&layout, lk_span_of(octets, len));
    lk_get_copy(&r, &layout, sizeof layout);
    if (r.status == LK_OK && lk_mode_layout_is_sound(&layout))
        look(&layout, lk_get_rest(&r));
    return 0;
}

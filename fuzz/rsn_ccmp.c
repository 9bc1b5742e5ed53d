/* Octets as frames to the data protection of an association, between keys that come and go: what
 * was not sealed is not opened, nothing is opened twice, and packet numbers only rise. */
#include "fuzz.h"

#include <string.h>

#include "proto/rsn/ccmp.h"

enum { LONGEST_HEADER = 24 + 6 + 2 + 4 }; /* four addresses, QoS control, HT control */

static struct lk_rsn_ccmp from, to;
static struct lk_rsn_data data;
static uint8_t frame[LK_80211_FRAME_MAX];
static size_t frame_len;
static bool opened; /* the frame, as it is */

static void seal(struct lk_reader *r)
{
    struct lk_80211_header header = { .kind = LK_80211_QOS_DATA, .flags = lk_get_u8(r),
                                      .qos = lk_get_u8(r) };
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    uint64_t before = from.now.sent;
    enum lk_status status = lk_rsn_ccmp_seal(&from, &w, &header, lk_get_lv8(r));

    LK_ASSERT(from.now.sent >= before && from.now.sent <= before + 1);
    frame_len = status == LK_OK ? w.len : 0;
    opened = false;
}

static void open_altered(struct lk_reader *r, uint64_t now_ms)
{
    uint8_t altered[LK_80211_FRAME_MAX], change = lk_get_u8(r);
    size_t at;

    if (frame_len == 0)
        return;
    at = lk_get_u8(r) % frame_len;
    memcpy(altered, frame, frame_len);
    altered[at] ^= change;
    if (lk_rsn_ccmp_open(&to, &data, lk_span_of(altered, frame_len), now_ms) != LK_OK)
        return;
    LK_ASSERT(!opened);
    opened = true;
    /* What a retransmission may change is not covered, nor HT control and a reserved octet. */
    LK_ASSERT(change == 0 || at < LONGEST_HEADER + LK_CCMP_HEADER_LEN);
}

static void change(struct lk_rsn_ccmp *ccmp, uint8_t octet, bool prepare, uint64_t now_ms)
{
    struct lk_tk tk = { { octet } };
    enum lk_status status = prepare ? lk_rsn_ccmp_prepare(ccmp, &tk)
                                    : lk_rsn_ccmp_install(ccmp, &tk, now_ms);

    LK_ASSERT(status != LK_OK || octet != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;
    uint8_t epoch = 0; /* as the machines do: no TK comes back */

    lk_rsn_ccmp_init(&from);
    lk_rsn_ccmp_init(&to);
    frame_len = 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 7) {
        case 0: seal(&r); break;
        case 1:
        case 2: open_altered(&r, now_ms); break;
        case 3: change(&to, epoch, true, now_ms); break;
        case 4: change(&to, epoch, false, now_ms); break;
        case 5: change(&from, ++epoch, false, now_ms); break;
        default:
            now_ms += (uint64_t)lk_get_u8(&r) << 3;
            if (lk_rsn_ccmp_open(&to, &data, lk_get_lv8(&r), now_ms) == LK_OK)
                LK_ASSERT(!"a frame of nobody was opened");
        }
    }
    return 0;
}

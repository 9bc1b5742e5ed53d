/* Octets as PDUs to an SA of MIS, of each suite: what the other end did not protect is not opened,
 * nothing is opened twice, an altered PDU is not opened, and what is opened is what was said. */
#include "fuzz.h"

#include <string.h>

#include "proto/mis/sa.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static struct lk_mis_sa from, to;
static struct lk_mis_opened opened;
static uint8_t frame[LK_MIS_LIST_MAX + 1024], said[LK_MIS_LIST_MAX];
static size_t frame_len, said_len;
static bool heard; /* the frame, as it is */

static void begin(enum lk_mis_suite suite)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 1 }, id[] = { 1, 2, 3, 4 };
    const struct lk_mis_k k = { { 7 }, LK_MIS_K_MAX };
    struct lk_mis_keys keys;
    struct lk_mis_sa_start start = { .self = lk_span_text("mn"),
                                     .peer = lk_span_text("pos"),
                                     .said = { LK_MIS_SA_EAP, LK_SPAN(id) },
                                     .role = LK_MIS_BEGAN,
                                     .agreed = { suite, LK_MIS_PRF_HMAC_SHA256,
                                                 codes->suite[suite], 2 },
                                     .keys = &keys,
                                     .expires_ms = 1000 };

    lk_mis_keys_derive(&keys, &start.agreed, &k, nonce, nonce);
    LK_ASSERT(lk_mis_sa_init(&from, &start) == LK_OK);
    start.self = lk_span_text("pos");
    start.peer = lk_span_text("mn");
    start.role = LK_MIS_ANSWERED;
    LK_ASSERT(lk_mis_sa_init(&to, &start) == LK_OK);
    frame_len = 0;
}

static enum lk_status hear(struct lk_span octets, uint64_t now_ms)
{
    struct lk_mis_pdu pdu;
    enum lk_status status = lk_mis_decode(&pdu, octets, codes);

    opened.len = 0;
    if (status == LK_OK)
        status = lk_mis_unprotect(&to, &opened, &pdu, now_ms, codes);
    LK_ASSERT(status == LK_OK || opened.len == 0);
    LK_ASSERT(opened.len <= sizeof opened.octets);
    return status;
}

static void say(struct lk_reader *r, uint64_t now_ms)
{
    struct lk_mis_header header = { .id = lk_get_be16(r), .tid = lk_get_be16(r) & LK_MIS_TID_MAX };
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_span list = lk_get_lv8(r);
    uint8_t iv[LK_MIS_IV_LEN] = { lk_get_u8(r) };
    uint64_t before = from.sent;
    enum lk_status status = lk_mis_protect(&from, &w, &header, list, iv, now_ms, codes);

    LK_ASSERT(from.sent == before || from.sent == before + 1);
    frame_len = status == LK_OK ? w.len : 0;
    heard = false;
    said_len = list.len;
    if (list.len > 0)
        memcpy(said, list.at, list.len);
}

static void hear_it(struct lk_reader *r, uint64_t now_ms)
{
    uint8_t altered[sizeof frame], change = lk_get_u8(r);
    size_t at = lk_get_be16(r);
    enum lk_status status;

    if (frame_len == 0)
        return;
    at %= frame_len;
    memcpy(altered, frame, frame_len);
    altered[at] ^= change;
    status = hear(lk_span_of(altered, frame_len), now_ms);
    if (change != 0)
        LK_ASSERT(status != LK_OK && status != LK_E_SYNC);
    if (status != LK_OK)
        return;
    LK_ASSERT(!heard && opened.len == said_len);
    LK_ASSERT(lk_span_equal(lk_span_of(opened.octets, opened.len), lk_span_of(said, said_len)));
    heard = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    uint64_t now_ms = 0;

    begin((enum lk_mis_suite)(lk_get_u8(&r) % LK_MIS_SUITE_COUNT));
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 6) {
        case 0:
            say(&r, now_ms);
            break;
        case 1:
        case 2:
            hear_it(&r, now_ms);
            break;
        case 3:
            from.sent += lk_get_u8(&r); /* as many were lost */
            break;
        case 4:
            now_ms += lk_get_u8(&r);
            break;
        default:
            if (hear(lk_get_lv8(&r), now_ms) == LK_OK)
                LK_ASSERT(!"a PDU of nobody was opened");
        }
    }
    return 0;
}

#include "mis_sa_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t sa_id[] = { 0x5a, 1, 2, 3 };
const uint8_t mis_iv[LK_MIS_IV_LEN] = { 0x1f };
struct lk_mis_opened opened;

struct lk_mis_sa_start mis_start_of(enum lk_mis_role role, const struct lk_mis_agreed *agreed,
                                    const struct lk_mis_keys *keys)
{
    struct lk_span mn = lk_span_text("mn1@home.example"), pos = lk_span_text("tpos@b.example");

    return (struct lk_mis_sa_start){ .self = role == LK_MIS_BEGAN ? mn : pos,
                                     .peer = role == LK_MIS_BEGAN ? pos : mn,
                                     .said = { LK_MIS_SA_SPOS, LK_SPAN(sa_id) },
                                     .role = role,
                                     .agreed = *agreed,
                                     .keys = keys,
                                     .chain_used = 1,
                                     .expires_ms = MIS_EXPIRES_MS };
}

struct mis_ends mis_ends_of(enum lk_mis_suite suite)
{
    struct lk_mis_agreed agreed = { suite, LK_MIS_PRF_HMAC_SHA256, (uint8_t)(suite + 1), 2 };
    uint8_t nonce_t[LK_MIS_NONCE_LEN] = { 1 }, nonce_n[LK_MIS_NONCE_LEN] = { 2 };
    struct lk_mis_k k = { { 3 }, LK_MIS_K_MAX };
    struct lk_mis_sa_start start;
    struct lk_mis_keys keys;
    struct mis_ends ends;

    lk_mis_keys_derive(&keys, &agreed, &k, nonce_t, nonce_n);
    start = mis_start_of(LK_MIS_BEGAN, &agreed, &keys);
    assert_int_equal(lk_mis_sa_init(&ends.mn, &start), LK_OK);
    start = mis_start_of(LK_MIS_ANSWERED, &agreed, &keys);
    assert_int_equal(lk_mis_sa_init(&ends.pos, &start), LK_OK);
    return ends;
}

struct lk_mis_header mis_header(enum lk_mis_opcode opcode)
{
    return (struct lk_mis_header){ .id = lk_mis_message_id(LK_MIS_PREREG_XFER, opcode, MIS_CODES),
                                   .tid = 11 };
}

enum lk_status mis_protect(struct lk_mis_sa *sa, struct mis_frame *frame, struct lk_span list,
                           uint64_t now_ms)
{
    struct lk_mis_header h = mis_header(LK_MIS_REQUEST);
    struct lk_writer w = lk_writer_of(frame->at, sizeof frame->at);
    enum lk_status status = lk_mis_protect(sa, &w, &h, list, mis_iv, now_ms, MIS_CODES);

    frame->len = w.len;
    return status;
}

struct mis_frame mis_sent_by(struct lk_mis_sa *sa)
{
    struct mis_frame frame;

    assert_int_equal(mis_protect(sa, &frame, lk_span_text("\xc6\x02\x01\x02"), 0), LK_OK);
    return frame;
}

enum lk_status mis_heard_by(struct lk_mis_sa *sa, struct lk_span octets, uint64_t now_ms)
{
    struct lk_mis_pdu pdu;
    enum lk_status status = lk_mis_decode(&pdu, octets, MIS_CODES);

    memset(&opened, 0xee, sizeof opened);
    if (status == LK_OK)
        status = lk_mis_unprotect(sa, &opened, &pdu, now_ms, MIS_CODES);
    return status;
}

enum lk_status mis_hears(struct lk_mis_sa *sa, const struct mis_frame *frame)
{
    return mis_heard_by(sa, lk_span_of(frame->at, frame->len), 0);
}

/* MIS_Auth with somebody on the way who alters, cuts and plays back, and with a PoS that is
 * another. There is no SA, or the same at both ends. Who makes up is in mis_auth_forged_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_auth_world.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

static bool is_auth(const struct auth_frame *frame, enum lk_mis_opcode opcode)
{
    struct lk_mis_pdu pdu;

    return lk_mis_decode(&pdu, lk_span_of(frame->at, frame->len), codes) == LK_OK &&
           pdu.header.id == lk_mis_message_id(LK_MIS_AUTH, opcode, codes) && pdu.body.len > 0;
}

/* ---- T42 ---- */

enum alteration { OFFERS, PRFS, NONCE_T, NONCE_N, C_OFFERED, C_OTHER, PRF_OFFERED, PRF_OTHER, SAID,
                  SAID_TYPE, LIFETIME, AUTH_N, AUTH_T, ALTERATIONS };
static enum alteration how;
static unsigned altered;

static void alter(struct lk_mis_message *m, enum lk_mis_opcode opcode)
{
    static const uint8_t weak[] = { 2 }, other[] = { 4 };
    static uint8_t octets[LK_MIS_SA_ID_MAX];
    bool offers = lk_mis_has(m, LK_MIS_TLV_NONCE_T), final = lk_mis_has(m, LK_MIS_TLV_SAID);
    uint64_t before = m->present;

    altered++;
    if (how == OFFERS && offers)
        m->suites = LK_SPAN(weak);
    else if (how == PRFS && offers)
        m->prfs = 1u << LK_MIS_PRF_CMAC_AES;
    else if (how == NONCE_T && offers && opcode == LK_MIS_RESPONSE)
        memset(octets, 1, 16), m->nonce_t = lk_span_of(octets, 16);
    else if (how == NONCE_N && lk_mis_has(m, LK_MIS_TLV_NONCE_N))
        memset(octets, 1, 16), m->nonce_n = lk_span_of(octets, 16);
    else if (how == C_OFFERED && final)
        m->suites = LK_SPAN(weak);
    else if (how == C_OTHER && final)
        m->suites = LK_SPAN(other);
    else if (how == PRF_OFFERED && final)
        m->prfs = 1u << LK_MIS_PRF_CMAC_AES;
    else if (how == PRF_OTHER && final)
        m->prfs = 1u << LK_MIS_PRF_HMAC_SHA1;
    else if (how == SAID && final)
        memset(octets, 9, 16), m->said.id = lk_span_of(octets, 16);
    else if (how == SAID_TYPE && final)
        m->said.type = LK_MIS_SA_SPOS;
    else if (how == LIFETIME && final)
        m->lifetime_s++;
    else if ((how == AUTH_N && final) || (how == AUTH_T && lk_mis_has(m, LK_MIS_TLV_AUTH_VALUE) &&
                                          opcode == LK_MIS_RESPONSE))
        memset(octets, 1, 16), m->auth = lk_span_of(octets, 16);
    else
        altered--;
    assert_int_equal(before, m->present);
}

static bool alter_frame(struct auth_frame *frame)
{
    for (enum lk_mis_opcode opcode = LK_MIS_REQUEST; opcode <= LK_MIS_INDICATION; opcode++) {
        struct lk_mis_message message;
        struct lk_mis_pdu pdu;

        if (!is_auth(frame, opcode))
            continue;
        message = auth_message_of(frame, &pdu);
        alter(&message, opcode);
        auth_put_message(frame, &message);
    }
    return true;
}

/* T42: an offer that is cut, a choice that is changed, a nonce, a name or a lifetime that is
 * another: the MN does not confirm, in a full establishment as by ERP. T41: nor another type. */
static void what_is_bid_down_makes_no_sa(void **state)
{
    static const enum lk_reason at_mn[ALTERATIONS] = {
        [OFFERS] = LK_REASON_MIS_NOT_CONFIRMED,      [PRFS] = LK_REASON_MIS_NOT_CONFIRMED,
        [NONCE_T] = LK_REASON_MIS_NOT_CONFIRMED,     [NONCE_N] = LK_REASON_MIS_NOT_CONFIRMED,
        [C_OFFERED] = LK_REASON_MIS_NOT_CONFIRMED,   [C_OTHER] = LK_REASON_MIS_SUITE,
        [PRF_OFFERED] = LK_REASON_MIS_NOT_CONFIRMED, [PRF_OTHER] = LK_REASON_MIS_SUITE,
        [SAID] = LK_REASON_MIS_NOT_CONFIRMED,        [SAID_TYPE] = LK_REASON_MIS_SA_TYPE,
        [LIFETIME] = LK_REASON_MIS_NOT_CONFIRMED,    [AUTH_N] = LK_REASON_MIS_NOT_CONFIRMED,
    };

    for (how = OFFERS; how < ALTERATIONS; how++) {
        auth_open(true);
        for (unsigned run = 0; run < 2; run++) {
            auth_again(true);
            assert_int_equal(auth_start(true), LK_OK);
            altered = 0;
            auth.meddle = alter_frame;
            auth_run();
            assert_true(altered > 0);
            assert_int_equal(auth.pos.sas, 0);
            assert_int_equal(auth.pos.failures, 1);
            assert_int_equal(auth.mn.sas, how == AUTH_T);
            assert_int_equal(auth.mn.failed, at_mn[how]);
            if (how == AUTH_T)
                assert_int_equal(auth.pos.failed, LK_REASON_MIS_NOT_CONFIRMED);
        }
    }
}

/* The control: nothing is altered, and what the offers say is chosen. */
static void what_is_offered_weak_is_chosen(void **state)
{
    auth_open(true);
    auth.mn.config.offers.suite[0] = 2;
    auth.mn.config.offers.suites = 1;
    auth.mn.config.offers.prfs = 1u << LK_MIS_PRF_CMAC_AES;
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.sa.agreed.suite, LK_MIS_SUITE_CBC_SHA1);
    assert_int_equal(auth.mn.sa.agreed.prf, LK_MIS_PRF_CMAC_AES);
}

/* ---- octets ---- */

static unsigned number, at_frame;
static size_t at_octet, frame_len;

static bool flip(struct auth_frame *frame)
{
    if (number++ == at_frame) {
        frame_len = frame->len;
        if (at_octet < frame->len)
            frame->at[at_octet] ^= 0x41;
    }
    return true;
}

static void expect_the_same_or_nothing(void)
{
    assert_true(auth.mn.sas <= 1 && auth.pos.sas <= auth.mn.sas);
    if (auth.pos.sas == 1) {
        assert_memory_equal(&auth.mn.sa.keys, &auth.pos.sa.keys, sizeof auth.mn.sa.keys);
        assert_int_equal(auth.mn.sa.agreed.prf, auth.pos.sa.agreed.prf);
        assert_int_equal(auth.mn.sa.agreed.c, auth.pos.sa.agreed.c);
        assert_memory_equal(auth.mn.sa.id, auth.pos.sa.id, auth.mn.sa.id_len);
    }
}

/* Offers, in a response that is not the first. */
static bool offer_once_more(struct auth_frame *frame)
{
    static const uint8_t weak[] = { 2 };
    struct lk_mis_message message;
    struct lk_mis_pdu pdu;

    if (!is_auth(frame, LK_MIS_RESPONSE))
        return true;
    message = auth_message_of(frame, &pdu);
    if (lk_mis_has(&message, LK_MIS_TLV_NONCE_T) || lk_mis_has(&message, LK_MIS_TLV_AUTH_VALUE))
        return true;
    altered++;
    lk_mis_mark(&message, LK_MIS_TLV_NONCE_T);
    message.nonce_t = lk_span_of((const uint8_t[LK_MIS_NONCE_LEN]){ 3 }, LK_MIS_NONCE_LEN);
    lk_mis_mark(&message, LK_MIS_TLV_SUITES);
    lk_mis_mark(&message, LK_MIS_TLV_PRFS);
    message.suites = LK_SPAN(weak);
    message.prfs = 1u << LK_MIS_PRF_CMAC_AES;
    auth_put_message(frame, &message);
    return true;
}

/* T42: what the first response settled stays: who offers less in the MN's name later on changes
 * nothing, and the run is not lost. */
static void offers_are_settled_once(void **state)
{
    auth_open(true);
    assert_int_equal(auth_start(false), LK_OK);
    altered = 0;
    auth.meddle = offer_once_more;
    auth_run();
    assert_true(altered > 0);
    auth_expect_up();
    assert_int_equal(auth.pos.sa.agreed.suite, LK_MIS_SUITE_CCM);
}

/* T42: no octet of no frame makes two ends with an SA that is not the same. */
static void each_octet_altered(void **state)
{
    size_t frames = 0;

    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    for (unsigned erp = 0; erp < 2; erp++) {
        for (at_frame = 0; at_frame == 0 || number > at_frame; at_frame++) {
            frame_len = 1;
            for (at_octet = 0; at_octet < frame_len; at_octet += 1) {
                auth_again(true);
                auth.pos.config.erp = erp != 0;
                auth.home_has_erp = auth.erp_peer.state != LK_ERP_PEER_OFF;
                number = 0;
                auth.meddle = flip;
                assert_int_equal(auth_start(true), LK_OK);
                auth_run();
                expect_the_same_or_nothing();
            }
            frames++;
        }
    }
    assert_true(frames > 15);
}

/* Each message, cut at every octet of its body, to a copy of the machine that awaits it: no SA, no
 * key, and nothing that the whole message does not do as well. */
static struct lk_mis_mn_auth mn_copy;
static struct lk_mis_pos_auth pos_copy;
static struct lk_mis_auth_outbox out;

static void give_cut(bool to_mn, const struct lk_mis_pdu *pdu, size_t len)
{
    struct lk_mis_message message;
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE, .now_ms = auth.now_ms };
    enum lk_status status =
        lk_mis_message_get(&message, &pdu->header, lk_span_of(pdu->body.at, len), codes);

    if (status != LK_OK)
        return;
    event.message.header = &pdu->header;
    event.message.message = &message;
    mn_copy = auth.mn_auth;
    pos_copy = auth.pos_auth;
    status = to_mn ? lk_mis_mn_auth_step(&mn_copy, &auth.mn.config, &event, &out)
                   : lk_mis_pos_auth_step(&pos_copy, &auth.pos.config, &event, &out);
    assert_true(status == LK_OK || out.count == 0);
    assert_null(auth_find(&out, LK_MIS_AUTH_OUT_SA));
    assert_true(mn_copy.state != LK_MIS_MN_AUTH_UP || auth.mn.sas > 0);
    assert_true(pos_copy.state != LK_MIS_POS_AUTH_UP || auth.pos.sas > 0);
}

static bool cut_each(struct auth_frame *frame)
{
    struct lk_mis_pdu pdu;

    for (size_t len = 0; len < frame->len; len++) /* what is not whole is nobody's */
        assert_int_not_equal(lk_mis_decode(&pdu, lk_span_of(frame->at, len), codes), LK_OK);
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame->at, frame->len), codes), LK_OK);
    for (size_t len = 0; len < pdu.body.len; len++)
        give_cut(frame->to_mn, &pdu, len);
    return true;
}

static void each_message_cut(void **state)
{
    auth_open(true);
    auth_sign(AUTH_MN);
    for (unsigned run = 0; run < 2; run++) {
        auth_again(true);
        auth.meddle = cut_each;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
    }
}

static bool other_mark(struct auth_frame *frame)
{
    static uint8_t right[LK_MIS_START_MARK_MAX];
    size_t len = auth.mark_len;
    struct lk_mis_message message;
    struct lk_mis_pdu pdu;

    if (!is_auth(frame, LK_MIS_REQUEST))
        return true;
    message = auth_message_of(frame, &pdu);
    if (!lk_mis_has(&message, LK_MIS_TLV_START_MARK))
        return true;
    memcpy(right, auth.mark, sizeof right);
    auth_sign("mn2@home.example");
    message.start_mark = lk_span_of(auth.mark, auth.mark_len);
    auth_put_message(frame, &message);
    memcpy(auth.mark, right, sizeof right);
    auth.mark_len = len;
    return true;
}

/* T40: a mark of another MN is none to the MN: it does not show what nobody would take from it. */
static void the_mark_of_another_is_dropped(void **state)
{
    auth_open(true);
    auth_sign(AUTH_MN);
    auth.meddle = other_mark;
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    auth_expect_up();
    assert_int_equal(auth.mn.mark_len, 0);
    assert_int_equal(auth.pos.mark_len, auth.mark_len);
}

static uint8_t nonces[4][LK_MIS_NONCE_LEN];
static unsigned nonce_count;

static bool note_nonces(struct auth_frame *frame)
{
    struct lk_mis_message message;
    struct lk_mis_pdu pdu;

    if (is_auth(frame, LK_MIS_INDICATION)) {
        message = auth_message_of(frame, &pdu);
        memcpy(nonces[nonce_count++], message.nonce_t.at, LK_MIS_NONCE_LEN);
    } else if (is_auth(frame, LK_MIS_REQUEST)) {
        message = auth_message_of(frame, &pdu);
        if (lk_mis_has(&message, LK_MIS_TLV_NONCE_N))
            memcpy(nonces[nonce_count++], message.nonce_n.at, LK_MIS_NONCE_LEN);
    }
    return true;
}

/* T43: Nonce-T and Nonce-N are new with each run, and never zeroes. */
static void nonces_are_fresh(void **state)
{
    static const uint8_t zeroes[LK_MIS_NONCE_LEN];

    auth_open(true);
    nonce_count = 0;
    for (unsigned run = 0; run < 2; run++) {
        auth_again(true);
        auth.pos.config.erp = run == 1; /* no second request of our own */
        auth.meddle = note_nonces;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
    }
    assert_int_equal(nonce_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_memory_not_equal(nonces[i], zeroes, sizeof zeroes);
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(nonces[i], nonces[j], sizeof zeroes);
    }
}

/* ---- who plays back ---- */

static struct auth_frame record[32];
static size_t recorded;

static bool keep_record(struct auth_frame *frame)
{
    if (!frame->to_mn)
        record[recorded++] = *frame;
    return true;
}

/* T43: all that an MN once said, to the PoS again: there is no SA, by EAP or by ERP, and nothing is
 * left half-open. */
static void a_run_played_back_makes_no_sa(void **state)
{
    auth_open(true);
    for (unsigned run = 0; run < 2; run++) {
        auth_again(true);
        recorded = 0;
        auth.meddle = keep_record;
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_up();
        auth_again(true);
        for (unsigned i = 0; i < 45; i++) {
            if (i < recorded)
                auth_hear(&record[i]);
            auth.count = 0; /* the MN is not there */
            auth_wait(1000);
        }
        assert_int_equal(auth.pos.sas, 0);
        assert_int_equal(auth.pos_auth.state, LK_MIS_POS_AUTH_OVER);
    }
}

/* ---- who has other keys ---- */

/* T42: a PoS that has not the K of the home, or one that passes on under its own name what is said
 * to another, cannot confirm. */
static void a_pos_that_is_another(void **state)
{
    for (unsigned what = 0; what < 4; what++) {
        auth_open(true);
        if (what >= 2) { /* by ERP */
            assert_int_equal(auth_start(true), LK_OK);
            auth_run();
            auth_again(true);
        }
        auth.other_k = (what & 1) == 0;
        if ((what & 1) != 0)
            assert_true(lk_mis_name_set(&auth.pos.config.self, lk_span_text("pos@b.example")));
        assert_int_equal(auth_start(true), LK_OK);
        auth_run();
        auth_expect_nothing();
        assert_int_equal(auth.mn.failed, LK_REASON_MIS_NOT_CONFIRMED);
    }
}

/* ---- what stays in memory ---- */

static bool holds(const void *memory, size_t len, const uint8_t *octets, size_t octets_len)
{
    const uint8_t *at = memory;

    for (size_t i = 0; i + octets_len <= len; i++)
        if (memcmp(at + i, octets, octets_len) == 0)
            return true;
    return false;
}

static bool machines_hold(const void *octets, size_t len)
{
    return holds(&auth.mn_auth, sizeof auth.mn_auth, octets, len) ||
           holds(&auth.pos_auth, sizeof auth.pos_auth, octets, len);
}

/* K is never in a machine, and its children are not once the SA is handed out; nor are they in a
 * PoS whose MN did not confirm. */
static void k_is_not_kept(void **state)
{
    auth_open(true);
    assert_int_equal(auth_start(true), LK_OK);
    while (auth.count > 0) {
        auth_deliver(0);
        assert_false(machines_hold(auth.eap.peer_grant.msk.octets, 64) &&
                     auth.eap.peer_grant.msk.octets[0] != 0);
    }
    auth_expect_up();
    assert_false(machines_hold(auth.mn.sa.keys.miak.octets, 16));
    assert_false(machines_hold(auth.mn.sa.keys.miek.octets, 16));
    assert_false(machines_hold(auth.mn.sa.msrk.octets, 16));
    how = AUTH_T;
    auth_again(true);
    auth.meddle = alter_frame;
    assert_int_equal(auth_start(true), LK_OK);
    auth_run();
    assert_int_equal(auth.mn.sas, 1);
    assert_int_equal(auth.pos.failures, 1);
    assert_false(machines_hold(auth.mn.sa.keys.miak.octets, 16));
    assert_false(machines_hold(auth.mn.sa.msrk.octets, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_bid_down_makes_no_sa),
        cmocka_unit_test(offers_are_settled_once),
        cmocka_unit_test(what_is_offered_weak_is_chosen),
        cmocka_unit_test(each_octet_altered),
        cmocka_unit_test(each_message_cut),
        cmocka_unit_test(the_mark_of_another_is_dropped),
        cmocka_unit_test(nonces_are_fresh),
        cmocka_unit_test(a_run_played_back_makes_no_sa),
        cmocka_unit_test(a_pos_that_is_another),
        cmocka_unit_test(k_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The station: every state meets every event, what its frames say, and what is wrong with those of
 * the access point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/rsn/station.h"

static const uint8_t ap[] = { 2, 0, 0, 0, 0, 1 }, own[] = { 2, 0, 0, 0, 0, 2 },
                     other[] = { 2, 0, 0, 0, 0, 9 };

static struct lk_rsn_station station;
static struct lk_rsn_station_config config;
static struct lk_rsn_station_outbox out;
static uint64_t now_ms;

struct frame {
    uint8_t octets[256];
    size_t len;
};

/* ---- an access point made by hand ---- */

static struct lk_writer begin(struct frame *frame, uint8_t kind)
{
    struct lk_writer w = lk_writer_of(frame->octets, sizeof frame->octets);
    struct lk_80211_header header = { .kind = kind };

    memcpy(header.a1, own, sizeof own);
    memcpy(header.a2, ap, sizeof ap);
    memcpy(header.a3, ap, sizeof ap);
    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    return w;
}

static struct frame authentication(uint16_t algorithm, uint16_t transaction, uint16_t code)
{
    struct lk_80211_authentication message = { algorithm, transaction, code, { NULL, 0 } };
    struct frame frame;
    struct lk_writer w = begin(&frame, LK_80211_AUTHENTICATION);

    assert_int_equal(lk_80211_authentication_encode(&w, &message), LK_OK);
    frame.len = w.len;
    return frame;
}

static struct frame association(uint16_t code)
{
    static const uint8_t rates[] = { 0x82 };
    struct lk_80211_association_response message = { .status = code, .aid = code == 0 };
    struct frame frame;
    struct lk_writer w = begin(&frame, LK_80211_ASSOCIATION_RESPONSE);

    message.elements.rates = LK_SPAN(rates);
    assert_int_equal(lk_80211_association_response_encode(&w, &message), LK_OK);
    frame.len = w.len;
    return frame;
}

static struct frame ending(uint8_t kind, uint16_t code)
{
    struct frame frame;
    struct lk_writer w = begin(&frame, kind);

    lk_put_le16(&w, code);
    frame.len = w.len;
    return frame;
}

/* ---- steps ---- */

static enum lk_status step(struct lk_rsn_station_event event)
{
    struct lk_rsn_station before = station;
    enum lk_status status;

    event.now_ms = now_ms;
    memset(&out, 0xee, sizeof out);
    status = lk_rsn_station_step(&station, &config, &event, &out);
    if (status != LK_OK) {
        assert_memory_equal(&before, &station, sizeof before);
        assert_int_equal(out.count, 0);
    }
    return status;
}

static enum lk_status hear(const struct frame *frame)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_FRAME };

    event.frame = lk_span_of(frame->octets, frame->len);
    return step(event);
}

static struct lk_rsn_station_event join_of(void)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_JOIN };

    memcpy(event.join.ap, ap, sizeof ap);
    event.join.ssid_len = 2;
    memcpy(event.join.ssid, "lk", 2);
    return event;
}

static struct lk_rsn_station_event leave_of(uint16_t reason)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_LEAVE };

    event.reason = reason;
    return event;
}

static const struct lk_rsn_station_output *found(enum lk_rsn_station_output_kind kind)
{
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == kind)
            return &out.item[i];
    return NULL;
}

static void bring_to(enum lk_rsn_station_state to)
{
    struct frame yes = authentication(0, 2, 0), in = association(0);

    now_ms = 1000;
    lk_rsn_station_defaults(&config);
    lk_rsn_station_init(&station, own);
    if (to >= LK_RSN_STATION_AWAIT_AUTHENTICATION)
        assert_int_equal(step(join_of()), LK_OK);
    if (to >= LK_RSN_STATION_AWAIT_ASSOCIATION)
        assert_int_equal(hear(&yes), LK_OK);
    if (to >= LK_RSN_STATION_ASSOCIATED)
        assert_int_equal(hear(&in), LK_OK);
    assert_int_equal(station.state, to);
}

/* The frame of the last step, judged: addresses, kind, a sequence number above the last. */
static struct lk_span sent(uint8_t kind)
{
    const struct lk_rsn_station_output *output = found(LK_RSN_STATION_OUT_SEND);
    struct lk_80211_header header;
    struct lk_span body;

    assert_non_null(output);
    assert_int_equal(lk_80211_decode(&header, &body, output->send), LK_OK);
    assert_int_equal(header.kind, kind);
    assert_int_equal(header.flags, 0);
    assert_memory_equal(header.a1, ap, sizeof ap);
    assert_memory_equal(header.a2, own, sizeof own);
    assert_memory_equal(header.a3, ap, sizeof ap);
    assert_int_equal((header.sequence + 1) % (LK_80211_SEQUENCE_MAX + 1), station.sequence);
    return body;
}

/* ---- every state meets every event ---- */

enum { JOIN, YES, NO, IN, OUT, DEAUTHENTICATED, DISASSOCIATED, EXPIRED, LEAVE, GARBAGE, GIVEN };

static enum lk_status give(unsigned what)
{
    const struct frame frames[GIVEN] = {
        [YES] = authentication(0, 2, 0),
        [NO] = authentication(0, 2, LK_80211_REFUSED),
        [IN] = association(0),
        [OUT] = association(LK_80211_INVALID_PMKID),
        [DEAUTHENTICATED] = ending(LK_80211_DEAUTHENTICATION, 15),
        [DISASSOCIATED] = ending(LK_80211_DISASSOCIATION, 8),
        [GARBAGE] = { { 0x70 }, 30 },
    };

    switch (what) {
    case JOIN: return step(join_of());
    case LEAVE: return step(leave_of(LK_80211_REASON_LEAVING));
    case EXPIRED:
        now_ms = station.due_ms;
        return step((struct lk_rsn_station_event){ .kind = LK_RSN_STATION_EV_EXPIRED });
    default: return hear(&frames[what]);
    }
}

/* spec: IEEE 802.11 11.3.4 - authentication, and its end.
 * spec: IEEE 802.11 11.3.5 - association. Y23: what has no place changes nothing (see step). */
static void every_state_meets_every_event(void **state)
{
    enum { I = LK_RSN_STATION_IDLE, U, S, A, NONE };
    static const unsigned then[LK_RSN_STATION_STATE_COUNT][GIVEN] = {
        /*       JOIN  YES   NO    IN    OUT   DEAUTH DISAS EXPIRED LEAVE GARBAGE */
        [I] = { U,    NONE, NONE, NONE, NONE, NONE,  NONE, NONE,   NONE, NONE },
        [U] = { NONE, S,    I,    NONE, NONE, I,     I,    U,      I,    NONE },
        [S] = { NONE, NONE, NONE, A,    I,    I,     I,    S,      I,    NONE },
        [A] = { NONE, NONE, NONE, NONE, NONE, I,     I,    NONE,   I,    NONE },
    };

    for (unsigned in = 0; in < LK_RSN_STATION_STATE_COUNT; in++)
        for (unsigned what = 0; what < GIVEN; what++) {
            enum lk_status status;

            bring_to(in);
            status = give(what);
            assert_int_equal(status == LK_OK, then[in][what] != NONE);
            assert_int_equal(station.state, then[in][what] == NONE ? in : then[in][what]);
        }
}

/* ---- what it says ---- */

static void its_frames_say_what_it_wants(void **state)
{
    struct lk_80211_authentication first;
    struct lk_80211_association_request second;
    struct lk_rsne rsne;
    uint16_t reason;
    struct frame yes = authentication(0, 2, 0);

    bring_to(LK_RSN_STATION_AWAIT_AUTHENTICATION);
    assert_int_equal(lk_80211_authentication_decode(&first, sent(LK_80211_AUTHENTICATION)), LK_OK);
    assert_int_equal(first.algorithm, LK_80211_OPEN_SYSTEM);
    assert_int_equal(first.transaction, 1);
    assert_int_equal(first.status, 0);
    assert_int_equal(found(LK_RSN_STATION_OUT_TIMER)->timer_ms, 1000 + config.retry_ms);

    assert_int_equal(hear(&yes), LK_OK);
    assert_int_equal(lk_80211_association_request_decode(
                         &second, false, sent(LK_80211_ASSOCIATION_REQUEST)), LK_OK);
    assert_true(lk_span_equal(second.elements.ssid, lk_span_text("lk")));
    assert_true(lk_span_equal(second.elements.rsne,
                              lk_span_of(station.rsne.octets, station.rsne.len)));
    assert_int_equal(lk_rsne_decode(&rsne, second.elements.rsne), LK_OK);
    assert_true(lk_rsne_has_suite(rsne.akm, LK_RSN_SUITES + LK_AKM_PSK_SHA256));
    assert_true(lk_rsne_has_suite(rsne.pairwise, LK_RSN_CIPHER_CCMP));
    assert_int_equal(rsne.pmkid.len, 0);

    assert_int_equal(step(leave_of(LK_80211_REASON_LEAVING)), LK_OK);
    assert_int_equal(lk_80211_reason_decode(&reason, sent(LK_80211_DEAUTHENTICATION)), LK_OK);
    assert_int_equal(reason, LK_80211_REASON_LEAVING);
    /* Before the access point has anything of us, there is nothing to end. */
    bring_to(LK_RSN_STATION_AWAIT_AUTHENTICATION);
    assert_int_equal(step(leave_of(LK_80211_REASON_LEAVING)), LK_OK);
    assert_int_equal(out.count, 0);
    station.sequence = LK_80211_SEQUENCE_MAX;
    assert_int_equal(step(join_of()), LK_OK);
    (void)sent(LK_80211_AUTHENTICATION);
    assert_int_equal(station.sequence, 0);
}

/* spec: IEEE 802.11 12.6.10 - the PMKs that it may mean are named, the newest first. */
static void an_association_names_its_pmks(void **state)
{
    struct lk_rsn_station_event join = join_of();
    struct frame yes = authentication(0, 2, 0);
    struct lk_80211_association_request request;
    struct lk_rsne rsne;

    bring_to(LK_RSN_STATION_IDLE);
    config.akm = LK_AKM_8021X_SHA256;
    join.join.pmkid_count = 2;
    memset(join.join.pmkid[0], 7, LK_PMKID_LEN);
    memset(join.join.pmkid[1], 6, LK_PMKID_LEN);
    assert_int_equal(step(join), LK_OK);
    assert_int_equal(hear(&yes), LK_OK);
    assert_int_equal(lk_80211_association_request_decode(
                         &request, false, sent(LK_80211_ASSOCIATION_REQUEST)), LK_OK);
    assert_int_equal(lk_rsne_decode(&rsne, request.elements.rsne), LK_OK);
    assert_true(lk_span_equal(rsne.pmkid, lk_span_of(join.join.pmkid, 2 * LK_PMKID_LEN)));
}

static void a_join_that_cannot_be_is_refused(void **state)
{
    struct lk_rsn_station_event join = join_of();

    bring_to(LK_RSN_STATION_IDLE);
    join.join.ssid_len = 0;
    assert_int_equal(step(join), LK_E_LENGTH);
    join.join.ssid_len = LK_80211_SSID_MAX + 1;
    assert_int_equal(step(join), LK_E_LENGTH);
    join.join.ssid_len = LK_80211_SSID_MAX;
    join.join.pmkid_count = LK_RSN_PMKIDS_MAX + 1;
    assert_int_equal(step(join), LK_E_LENGTH);
    join.join.pmkid_count = LK_RSN_PMKIDS_MAX;
    assert_int_equal(step(join), LK_OK);
}

/* ---- answers ---- */

static void a_refusal_says_why(void **state)
{
    struct frame no = authentication(0, 2, LK_80211_FULL),
                 out_of = association(LK_80211_INVALID_PMKID),
                 other_akm = association(LK_80211_INVALID_AKM),
                 away = ending(LK_80211_DEAUTHENTICATION, LK_80211_REASON_MIC);
    const struct {
        enum lk_rsn_station_state in;
        const struct frame *frame;
        enum lk_rsn_station_output_kind output;
        uint16_t code;
        enum lk_reason reason;
    } rows[] = {
        { LK_RSN_STATION_AWAIT_AUTHENTICATION, &no, LK_RSN_STATION_OUT_REFUSED, LK_80211_FULL,
          LK_REASON_RSN_REFUSED },
        { LK_RSN_STATION_AWAIT_ASSOCIATION, &out_of, LK_RSN_STATION_OUT_REFUSED,
          LK_80211_INVALID_PMKID, LK_REASON_RSN_REFUSED_KEY },
        { LK_RSN_STATION_AWAIT_ASSOCIATION, &other_akm, LK_RSN_STATION_OUT_REFUSED,
          LK_80211_INVALID_AKM, LK_REASON_RSN_REFUSED_AKM },
        { LK_RSN_STATION_ASSOCIATED, &away, LK_RSN_STATION_OUT_ENDED, LK_80211_REASON_MIC,
          LK_REASON_RSN_ENDED },
    };
    char came[16];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        bring_to(rows[i].in);
        assert_int_equal(hear(rows[i].frame), LK_OK);
        assert_int_equal(out.count, 1);
        assert_int_equal(out.item[0].kind, rows[i].output);
        assert_int_equal(out.item[0].ended.code, rows[i].code);
        assert_int_equal(out.item[0].ended.why.reason, rows[i].reason);
        (void)snprintf(came, sizeof came, "status %u", rows[i].code);
        if (rows[i].output == LK_RSN_STATION_OUT_REFUSED)
            assert_string_equal(out.item[0].ended.why.came, came);
    }
}

/* T53: silence ends, after a known number of tries. */
static void tries_end(void **state)
{
    for (enum lk_rsn_station_state in = LK_RSN_STATION_AWAIT_AUTHENTICATION;
         in <= LK_RSN_STATION_AWAIT_ASSOCIATION; in++) {
        bring_to(in);
        now_ms = station.due_ms - 1;
        assert_int_equal(step((struct lk_rsn_station_event){ .kind = LK_RSN_STATION_EV_EXPIRED }),
                         LK_E_UNEXPECTED);
        for (unsigned i = 1; i < config.tries; i++) {
            assert_int_equal(give(EXPIRED), LK_OK);
            assert_int_equal(station.state, in);
            (void)sent(in == LK_RSN_STATION_AWAIT_ASSOCIATION ? LK_80211_ASSOCIATION_REQUEST
                                                              : LK_80211_AUTHENTICATION);
        }
        assert_int_equal(give(EXPIRED), LK_OK);
        assert_int_equal(out.count, 1);
        assert_int_equal(out.item[0].kind, LK_RSN_STATION_OUT_FAILED);
        assert_int_equal(out.item[0].ended.why.reason, LK_REASON_RSN_NO_ACCESS_POINT);
        assert_string_equal(out.item[0].ended.why.expected, "an answer of 02:00:00:00:00:01");
        assert_int_equal(station.state, LK_RSN_STATION_IDLE);
    }
}

/* spec: IEEE 802.11 11.3.4 - each question has tries of its own. */
static void an_answer_begins_the_tries_anew(void **state)
{
    struct frame yes = authentication(0, 2, 0);

    bring_to(LK_RSN_STATION_AWAIT_AUTHENTICATION);
    assert_int_equal(give(EXPIRED), LK_OK);
    assert_int_equal(station.tries, 2);
    assert_int_equal(hear(&yes), LK_OK);
    assert_int_equal(station.tries, 1);
}

static void other_answers_are_none(void **state)
{
    const struct frame wrong[] = {
        authentication(1, 2, 0), /* shared key */
        authentication(0, 1, 0), /* a question */
        authentication(0, 3, 0),
        ending(LK_80211_QOS_DATA, 0),
        ending(LK_80211_ASSOCIATION_REQUEST, 0),
        { { 0 }, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++) {
        bring_to(LK_RSN_STATION_AWAIT_AUTHENTICATION);
        assert_int_not_equal(hear(&wrong[i]), LK_OK);
    }
}

/* Of the addresses of a frame each must be right; one that is said to be protected or in pieces is
 * not taken: there is nothing here that opens it or joins it. */
static void frames_of_others_are_not_taken(void **state)
{
    static const struct {
        size_t at;
        uint8_t octet;
        enum lk_status status;
    } rows[] = {
        { 9, 9, LK_E_NOT_FOUND },
        { 15, 9, LK_E_NOT_FOUND },
        { 21, 9, LK_E_NOT_FOUND },
        { 1, LK_80211_PROTECTED, LK_E_UNSUPPORTED },
        { 1, LK_80211_MORE_FRAGMENTS, LK_E_UNSUPPORTED },
        { 22, 1, LK_E_UNSUPPORTED },
        { 1, LK_80211_RETRY, LK_OK },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct frame frame = ending(LK_80211_DEAUTHENTICATION, 3);

        bring_to(LK_RSN_STATION_ASSOCIATED);
        frame.octets[rows[i].at] = rows[i].octet;
        assert_int_equal(hear(&frame), rows[i].status);
    }
    assert_int_not_equal(other[5], ap[5]);
}

/* Every truncation, and every single bit: the machine takes it or leaves it as it was (see step),
 * and an answer is never taken for more than it is. */
static void hostile_frames_do_no_harm(void **state)
{
    for (enum lk_rsn_station_state in = LK_RSN_STATION_AWAIT_AUTHENTICATION;
         in <= LK_RSN_STATION_ASSOCIATED; in++) {
        const struct frame good[] = { authentication(0, 2, 0), association(0),
                                      ending(LK_80211_DEAUTHENTICATION, 3) };
        const struct frame *frame = &good[in - LK_RSN_STATION_AWAIT_AUTHENTICATION];

        for (size_t len = 0; len < frame->len; len++) {
            struct frame cut = *frame;

            bring_to(in);
            cut.len = len;
            assert_int_not_equal(hear(&cut), LK_OK);
        }
        for (size_t bit = 0; bit < frame->len * 8; bit++) {
            struct frame flipped = *frame;

            bring_to(in);
            flipped.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)!hear(&flipped);
            assert_true(station.state <= in + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(its_frames_say_what_it_wants),
        cmocka_unit_test(an_association_names_its_pmks),
        cmocka_unit_test(a_join_that_cannot_be_is_refused),
        cmocka_unit_test(a_refusal_says_why),
        cmocka_unit_test(tries_end),
        cmocka_unit_test(an_answer_begins_the_tries_anew),
        cmocka_unit_test(other_answers_are_none),
        cmocka_unit_test(frames_of_others_are_not_taken),
        cmocka_unit_test(hostile_frames_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

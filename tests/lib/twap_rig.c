#include "twap_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAC_AT = LK_RADIUS_HEADER_LEN + 2 };

static const uint8_t zeroes[16];
static const struct lk_twap_limits limits = { .upstreams = 2, .legs = 1, .sessions = RIG_SESSIONS,
                                              .seen = 8, .asks = 4, .lifetime_ms = 10000 };

struct twap_rig *twap_rig_new(void)
{
    static const uint8_t aps[2][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };
    static const uint8_t aaas[2][4] = { { 198, 51, 100, 1 }, { 198, 51, 100, 2 } };
    static const char *const ap_secret[2] = { "of the hall", "of the attic" };
    static const char *const aaa_secret[2] = { "of the AAA", "of the other" };
    struct twap_rig *rig = calloc(1, sizeof *rig);

    for (size_t i = 0; i < 2; i++) {
        struct lk_twap_upstream *upstream = &rig->config.upstream[i];

        rig->ap[i] = lk_address_v4(aps[i]);
        rig->aaa[i] = lk_address_v4(aaas[i]);
        rig->client[i].prefix = lk_address_prefix_of(&rig->ap[i], LK_ADDRESS_BITS);
        assert_int_equal(lk_radius_secret_set(&rig->client[i].secret, lk_span_text(ap_secret[i])),
                         LK_OK);
        assert_int_equal(lk_radius_secret_set(&upstream->secret, lk_span_text(aaa_secret[i])),
                         LK_OK);
        rig->asker[i].prefix = lk_address_prefix_of(&rig->aaa[i], LK_ADDRESS_BITS);
        rig->asker[i].secret = upstream->secret;
        upstream->may_carry_keys = true;
    }
    assert_int_equal(lk_radius_clients_set(&rig->config.clients, rig->client, 2), LK_OK);
    assert_int_equal(lk_radius_clients_set(&rig->config.askers, rig->asker, 2), LK_OK);
    rig->config.upstream_count = 2;
    rig->config.route_count = 2;
    rig->config.route[0] = (struct lk_radius_route){ "*", 0 };
    rig->config.route[1] = (struct lk_radius_route){ "*", 1 };
    rig->config.enterprise = RIG_ENTERPRISE;
    rig->config.access = (struct lk_twan_access){ .modes = LK_TWAN_MULTI,
                                                  .twag = { .has_ipv4 = true,
                                                            .ipv4 = { 10, 0, 0, 9 } } };
    rig->size = lk_twap_size(&limits);
    rig->memory = malloc(rig->size);
    rig->now_ms = (uint64_t)RIG_START_S * 1000;
    rig->ap_port = 5000;
    twap_rig_restart(rig);
    return rig;
}

void twap_rig_restart(struct twap_rig *rig)
{
    memset(rig->memory, 0xa5, rig->size);
    lk_twap_in(&rig->twap, rig->memory, &limits, 7);
}

void twap_rig_free(struct twap_rig *rig)
{
    lk_twap_outbox_wipe(&rig->out);
    free(rig->memory);
    free(rig);
}

static void step(struct twap_rig *rig, enum lk_twap_event_kind kind)
{
    rig->count++;
    for (size_t i = 0; i < LK_ENTROPY_LEN; i++)
        rig->event.entropy[i] = (uint8_t)(rig->count * 167 + i * 31 + (rig->count >> 8));
    rig->event.kind = kind;
    rig->event.now_ms = rig->now_ms;
    lk_twap_outbox_wipe(&rig->out);
    lk_twap_step(&rig->twap, &rig->config, &rig->event, &rig->out);
}

static void put_text(struct lk_writer *w, uint8_t type, const char *text)
{
    if (text != NULL)
        lk_radius_put(w, type, lk_span_text(text));
}

struct lk_span twap_rig_request(struct twap_rig *rig, const struct twap_ask *ask)
{
    const struct lk_radius_secret *secret = &rig->client[ask->ap].secret;
    struct lk_writer w = lk_writer_of(rig->asked, sizeof rig->asked);
    bool accounting = ask->code == LK_RADIUS_ACCOUNTING_REQUEST;
    uint8_t value[16];

    /* The table was sorted; secrets stay with their addresses. */
    for (size_t i = 0; i < 2; i++)
        if (lk_address_equal(&rig->client[i].prefix.address, &rig->ap[ask->ap]))
            secret = &rig->client[i].secret;
    rig->count++;
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (uint8_t)(rig->count * 89 + i + (rig->count >> 8) * 3);
    lk_radius_begin(&w, ask->code, (uint8_t)rig->count);
    if (!accounting)
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, 16);
    put_text(&w, LK_RADIUS_CALLING_STATION_ID, ask->mac);
    put_text(&w, LK_RADIUS_USER_NAME, ask->user);
    put_text(&w, LK_RADIUS_CALLED_STATION_ID, ask->called);
    put_text(&w, LK_RADIUS_NAS_IDENTIFIER, ask->nas);
    put_text(&w, LK_RADIUS_ACCT_SESSION_ID, ask->acct_session);
    put_text(&w, LK_RADIUS_STATE, ask->state);
    if (accounting)
        lk_radius_put_u32(&w, LK_RADIUS_ACCT_STATUS_TYPE, ask->acct_status);
    else
        lk_radius_put_eap(&w, lk_span_text("\2\1\0\5\1"));
    if (ask->event_s != 0)
        lk_radius_put_u32(&w, LK_RADIUS_EVENT_TIMESTAMP, ask->event_s);
    if (ask->class_value.len > 0)
        lk_radius_put(&w, LK_RADIUS_CLASS, ask->class_value);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    lk_radius_mac(value, lk_writer_span(&w), MAC_AT, secret,
                  accounting ? zeroes : w.at + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(&w, MAC_AT, value, sizeof value);
    if (accounting) {
        lk_radius_authenticator(value, lk_writer_span(&w), secret, zeroes);
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    rig->asked_len = w.len;
    return lk_writer_span(&w);
}

void twap_rig_from_ap(struct twap_rig *rig, unsigned ap, enum lk_radius_port port,
                      struct lk_span octets)
{
    rig->event.octets = octets;
    rig->event.source = rig->ap[ap];
    rig->event.source_port = rig->ap_port;
    rig->event.port = port;
    step(rig, LK_TWAP_EV_AP);
}

struct lk_span twap_rig_ask(struct twap_rig *rig, const struct twap_ask *ask)
{
    struct lk_span octets = twap_rig_request(rig, ask);
    const struct lk_twap_output *sent;

    twap_rig_from_ap(rig, ask->ap, ask->code == LK_RADIUS_ACCOUNTING_REQUEST ? LK_RADIUS_ACCT_PORT
                                                                             : LK_RADIUS_AUTH_PORT,
                     octets);
    sent = twap_rig_out(rig, LK_TWAP_OUT_AAA);
    if (sent == NULL)
        return lk_span_of(NULL, 0);
    memcpy(rig->forwarded, sent->send.octets.at, sent->send.octets.len);
    return lk_span_of(rig->forwarded, sent->send.octets.len);
}

struct lk_span twap_rig_answer(struct twap_rig *rig, struct lk_span forwarded,
                               const struct twap_answer *answer)
{
    static const uint8_t salts[2][2] = { { 0x91, 1 }, { 0x92, 2 } };
    static const uint8_t mppe[4] = { 0x93, 3, 0x94, 4 };
    struct lk_radius_answer head = {
        .code = answer->code, .request_code = forwarded.at[0], .identifier = forwarded.at[1],
        .authenticator = forwarded.at + LK_RADIUS_AUTHENTICATOR_AT,
        .secret = &rig->config.upstream[rig->event.upstream].secret,
    };
    struct lk_writer w = lk_writer_of(rig->answer, sizeof rig->answer);
    struct lk_imsi imsi;

    lk_radius_answer_begin(&w, &head);
    if (answer->code == LK_RADIUS_ACCESS_CHALLENGE)
        put_text(&w, LK_RADIUS_STATE, answer->state != NULL ? answer->state : "state");
    if (answer->msk != NULL)
        lk_radius_put_mppe(&w, answer->msk, head.secret, head.authenticator, mppe);
    if (answer->imsi != NULL)
        assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(answer->imsi)), LK_OK);
    if (answer->key != NULL)
        lk_radius_put_wlcp(&w, RIG_ENTERPRISE, answer->key, &imsi, head.secret,
                           head.authenticator, salts);
    else if (answer->imsi != NULL)
        lk_radius_put_imsi(&w, RIG_ENTERPRISE, &imsi, head.secret, head.authenticator, salts[1]);
    put_text(&w, LK_RADIUS_CLASS, answer->class_text);
    if (answer->timeout_s != 0)
        lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, answer->timeout_s);
    assert_int_equal(lk_radius_answer_end(&w, &head), LK_OK);
    return lk_writer_span(&w);
}

void twap_rig_from_aaa(struct twap_rig *rig, unsigned upstream, struct lk_span octets)
{
    rig->event.octets = octets;
    rig->event.upstream = (uint8_t)upstream;
    rig->event.leg = 0;
    step(rig, LK_TWAP_EV_AAA);
    rig->event.upstream = 0;
}

void twap_rig_tick(struct twap_rig *rig)
{
    step(rig, LK_TWAP_EV_TICK);
}

void twap_rig_dynamic(struct twap_rig *rig, const struct lk_address *source, bool by_connection,
                      struct lk_span octets)
{
    rig->event.octets = octets;
    rig->event.source = *source;
    rig->event.by_connection = by_connection;
    step(rig, LK_TWAP_EV_DYNAMIC);
}

void twap_rig_end(struct twap_rig *rig, const char *mac)
{
    enum lk_status status = lk_station_parse(rig->event.mac, lk_span_text(mac));

    LK_ASSERT(status == LK_OK);
    step(rig, LK_TWAP_EV_END);
}

void twap_rig_ap_dynamic(struct twap_rig *rig, unsigned ap, struct lk_span octets)
{
    rig->event.octets = octets;
    rig->event.source = rig->ap[ap];
    step(rig, LK_TWAP_EV_AP_DYNAMIC);
}

const struct lk_twap_output *twap_rig_out(const struct twap_rig *rig,
                                          enum lk_twap_output_kind kind)
{
    for (size_t i = 0; i < rig->out.count; i++)
        if (rig->out.item[i].kind == kind)
            return &rig->out.item[i];
    return NULL;
}

size_t twap_rig_count(const struct twap_rig *rig, enum lk_twap_output_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->out.count; i++)
        count += rig->out.item[i].kind == kind;
    return count;
}

enum lk_reason twap_rig_noted(const struct twap_rig *rig)
{
    const struct lk_twap_output *noted = twap_rig_out(rig, LK_TWAP_OUT_NOTED);

    return noted != NULL ? noted->noted : LK_REASON_NONE;
}

int twap_rig_set_up(void **state)
{
    *state = twap_rig_new();
    return 0;
}

int twap_rig_tear_down(void **state)
{
    twap_rig_free(*state);
    return 0;
}

struct twap_ask twap_rig_access(unsigned ap, const char *mac)
{
    return (struct twap_ask){ .ap = ap, .code = LK_RADIUS_ACCESS_REQUEST, .mac = mac, .user = USER,
                              .called = ap == 0 ? "HALL" : "ATTIC" };
}

void twap_rig_answer_with(struct twap_rig *rig, struct lk_span forwarded, enum lk_radius_code code)
{
    const struct twap_answer answer = { .code = code };

    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    assert_non_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
}

void twap_rig_reject(struct twap_rig *rig, const struct twap_ask *ask, const char *imsi)
{
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_REJECT, .imsi = imsi };

    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, twap_rig_ask(rig, ask), &answer));
    assert_non_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
}

size_t twap_rig_sessions(const struct twap_rig *rig)
{
    return rig->twap.sessions.count;
}

void twap_rig_same(const struct twap_rig *rig, const uint8_t before[LK_SHA256_LEN])
{
    uint8_t digest[LK_SHA256_LEN];

    lk_twap_digest(digest, &rig->twap);
    assert_memory_equal(digest, before, sizeof digest);
}

void twap_rig_attach(struct twap_rig *rig, unsigned ap, const char *mac, const char *imsi,
                     uint8_t key)
{
    const struct twap_ask ask = twap_rig_access(ap, mac);
    struct lk_wlcp_key wlcp;
    struct lk_msk msk;
    char class_text[] = "class-000";
    const struct twap_answer answer = { .code = LK_RADIUS_ACCESS_ACCEPT, .key = &wlcp,
                                        .imsi = imsi, .msk = &msk, .class_text = class_text };
    struct lk_span forwarded;

    memset(&wlcp, key, sizeof wlcp);
    memset(&msk, (uint8_t)(key + 1), sizeof msk);
    class_text[6] = (char)('0' + key / 100);
    class_text[7] = (char)('0' + key / 10 % 10);
    class_text[8] = (char)('0' + key % 10);
    forwarded = twap_rig_ask(rig, &ask);
    assert_int_not_equal(forwarded.len, 0);
    twap_rig_from_aaa(rig, 0, twap_rig_answer(rig, forwarded, &answer));
    assert_non_null(twap_rig_out(rig, LK_TWAP_OUT_AP));
}

/* Octets become a sequence of events for the TWAP: requests and answers raw and signed with the
 * secrets of their legs, Disconnect-Requests, time.
 *
 * Promises: what goes to an access point or to the AAA is a RADIUS packet whose first attribute is
 * a Message-Authenticator that verifies; nothing of the enterprise goes to an access point; there
 * are as many sessions as SESSIONs less their ends; a generation never falls. */
#include "fuzz.h"

#include <string.h>

#include "node/twap.h"

enum { ENTERPRISE = 32473, MEMORY = 4 * 1024 * 1024, STATIONS = 4 };

struct run {
    struct lk_twap twap;
    struct lk_twap_config config;
    struct lk_radius_client client, asker;
    struct lk_reader r;
    struct lk_twap_event event;
    struct lk_twap_outbox out;
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    uint8_t forwarded[LK_RADIUS_PACKET_MAX]; /* the last one */
    size_t forwarded_len;
    uint32_t live;
    uint64_t generation[STATIONS + 1];
    uint8_t count;
};

static const uint8_t zeroes[16];

static void check_packet(const struct lk_twap_output *item, const struct lk_radius_secret *secret,
                         bool is_request)
{
    struct lk_radius_packet packet;
    struct lk_radius_attribute attribute;
    struct lk_reader r;

    LK_ASSERT(lk_radius_decode(&packet, item->send.octets) == LK_OK);
    LK_ASSERT(packet.attributes.at[0] == LK_RADIUS_MESSAGE_AUTHENTICATOR);
    if (is_request)
        LK_ASSERT(lk_radius_mac_verify(&packet, secret,
                                       packet.code == LK_RADIUS_ACCESS_REQUEST
                                           ? packet.authenticator.at
                                           : zeroes) == LK_OK);
    r = lk_reader_of(packet.attributes);
    while (item->kind == LK_TWAP_OUT_AP && lk_radius_next(&r, &attribute)) {
        struct lk_reader id = lk_reader_of(attribute.value);

        LK_ASSERT(attribute.type != LK_RADIUS_VENDOR_SPECIFIC ||
                  lk_get_be32(&id) != ENTERPRISE);
    }
}

static void keep_promises(struct run *f)
{
    for (size_t i = 0; i < f->out.count; i++) {
        const struct lk_twap_output *item = &f->out.item[i];
        uint8_t at;

        switch (item->kind) {
        case LK_TWAP_OUT_AP:
        case LK_TWAP_OUT_DYNAMIC:
            check_packet(item, NULL, false);
            break;
        case LK_TWAP_OUT_AAA:
            check_packet(item, &f->config.upstream[0].secret, true);
            memcpy(f->forwarded, item->send.octets.at, item->send.octets.len);
            f->forwarded_len = item->send.octets.len;
            break;
        case LK_TWAP_OUT_AP_DYNAMIC:
            check_packet(item, &f->client.secret, true);
            break;
        case LK_TWAP_OUT_SESSION:
            at = item->session.ue_mac[5] < STATIONS ? item->session.ue_mac[5] : STATIONS;
            LK_ASSERT(at == STATIONS || item->session.generation > f->generation[at]);
            f->generation[at] = item->session.generation;
            break;
        case LK_TWAP_OUT_SESSION_END:
        case LK_TWAP_OUT_SESSION_FAILED:
            LK_ASSERT(f->live > 0);
            break;
        case LK_TWAP_OUT_NOTED:
            LK_ASSERT(item->noted != LK_REASON_NONE && item->noted < LK_REASON_COUNT);
            break;
        }
    }
    f->live = f->twap.sessions.count;
}

static void step(struct run *f, enum lk_twap_event_kind kind, struct lk_span octets)
{
    uint8_t digest[LK_SHA256_LEN];

    f->event.kind = kind;
    f->event.octets = octets;
    memset(f->event.entropy, f->count++, sizeof f->event.entropy);
    lk_twap_outbox_wipe(&f->out);
    lk_twap_step(&f->twap, &f->config, &f->event, &f->out);
    keep_promises(f);
    lk_twap_digest(digest, &f->twap);
}

/* A request of an access point: a station of a few, then attributes of the input. */
static void ask(struct run *f, uint8_t what)
{
    bool accounting = what % 2 == 1;
    struct lk_writer w = lk_writer_of(f->octets, sizeof f->octets);
    char station[] = "02-00-00-00-00-00";
    uint8_t value[16] = { f->count, what };

    station[16] = (char)('0' + what / 2 % STATIONS);
    lk_radius_begin(&w, accounting ? LK_RADIUS_ACCOUNTING_REQUEST : LK_RADIUS_ACCESS_REQUEST,
                    f->count);
    if (!accounting)
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text(station));
    if (accounting)
        lk_radius_put_u32(&w, LK_RADIUS_ACCT_STATUS_TYPE, what / 16);
    lk_put_span(&w, lk_get_lv8(&f->r));
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_radius_mac(value, lk_writer_span(&w), 22, &f->client.secret,
                  w.at + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(&w, 22, value, sizeof value);
    if (accounting) {
        lk_radius_authenticator(value, lk_writer_span(&w), &f->client.secret, zeroes);
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    f->event.port = accounting ? LK_RADIUS_ACCT_PORT : LK_RADIUS_AUTH_PORT;
    step(f, LK_TWAP_EV_AP, lk_writer_span(&w));
}

/* The AAA's answer to what went to it last: with a key, or with attributes of the input. */
static void answer(struct run *f, uint8_t what)
{
    static const uint8_t salts[2][LK_RADIUS_SALT_LEN] = { { 0x91, 1 }, { 0x92, 2 } };
    static const enum lk_radius_code codes[] = { LK_RADIUS_ACCESS_ACCEPT, LK_RADIUS_ACCESS_REJECT,
                                                 LK_RADIUS_ACCESS_CHALLENGE,
                                                 LK_RADIUS_ACCOUNTING_RESPONSE };
    const struct lk_wlcp_key key = { { f->count } };
    struct lk_imsi imsi = { "001010123456060" };
    struct lk_writer w = lk_writer_of(f->octets, sizeof f->octets);
    struct lk_radius_answer head = {
        .code = codes[what % LK_COUNT_OF(codes)], .request_code = f->forwarded[0],
        .identifier = f->forwarded[1], .authenticator = f->forwarded + LK_RADIUS_AUTHENTICATOR_AT,
        .secret = &f->config.upstream[0].secret,
    };

    if (f->forwarded_len == 0)
        return;
    lk_radius_answer_begin(&w, &head);
    imsi.digits[14] = (char)('0' + what / 8 % 2);
    if (what / 4 % 2 == 0)
        lk_radius_put_wlcp(&w, ENTERPRISE, &key, &imsi, head.secret, head.authenticator, salts);
    lk_put_span(&w, lk_get_lv8(&f->r));
    if (lk_radius_answer_end(&w, &head) == LK_OK)
        step(f, LK_TWAP_EV_AAA, lk_writer_span(&w));
}

static void disconnect(struct run *f, uint8_t what)
{
    static struct lk_radius_ask ask;
    const struct lk_radius_ask_config config = { .secret = &f->config.upstream[0].secret };
    struct lk_writer w = lk_radius_ask_begin(&ask, what % 4 == 0 ? LK_RADIUS_COA_REQUEST
                                                                 : LK_RADIUS_DISCONNECT_REQUEST,
                                             what, f->event.now_ms);

    lk_put_span(&w, lk_get_lv8(&f->r));
    f->event.by_connection = what / 8 % 2 == 1;
    if (lk_radius_ask_end(&ask, &config, &w, f->event.now_ms) == LK_OK)
        step(f, LK_TWAP_EV_DYNAMIC, lk_span_of(ask.octets, ask.len));
}

static void set_up(struct run *f)
{
    static _Alignas(16) uint8_t memory[MEMORY];
    static const struct lk_twap_limits limits = { .upstreams = 1, .legs = 1, .sessions = 3,
                                                  .seen = 3, .asks = 2, .lifetime_ms = 1000 };
    static const uint8_t loopback[] = { 127, 0, 0, 1 };

    LK_ASSERT(lk_twap_size(&limits) <= sizeof memory);
    lk_twap_in(&f->twap, memory, &limits, 1);
    f->event.source = lk_address_v4(loopback);
    f->event.now_ms = UINT64_C(1780000000000);
    f->client.prefix = lk_address_prefix_of(&f->event.source, LK_ADDRESS_BITS);
    LK_ASSERT(lk_radius_secret_set(&f->client.secret, lk_span_text("ap")) == LK_OK);
    LK_ASSERT(lk_radius_secret_set(&f->config.upstream[0].secret, lk_span_text("aaa")) == LK_OK);
    LK_ASSERT(lk_radius_clients_set(&f->config.clients, &f->client, 1) == LK_OK);
    f->asker = f->client;
    LK_ASSERT(lk_radius_secret_set(&f->asker.secret, lk_span_text("aaa")) == LK_OK);
    LK_ASSERT(lk_radius_clients_set(&f->config.askers, &f->asker, 1) == LK_OK);
    f->config.upstream[0].may_carry_keys = true;
    f->config.upstream_count = 1;
    f->config.route_count = 1;
    f->config.route[0] = (struct lk_radius_route){ "*", 0 };
    f->config.enterprise = ENTERPRISE;
    f->config.access.modes = LK_TWAN_MULTI;
    f->config.disconnect_ap = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;

    memset(&f, 0, sizeof f);
    set_up(&f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    while (f.r.left > 0) {
        uint8_t what = lk_get_u8(&f.r);

        switch (what % 8) {
        case 0:
            f.event.port = what / 8 % 2 == 0 ? LK_RADIUS_AUTH_PORT : LK_RADIUS_ACCT_PORT;
            step(&f, LK_TWAP_EV_AP, lk_get_lv8(&f.r));
            break;
        case 1: step(&f, LK_TWAP_EV_AAA, lk_get_lv8(&f.r)); break;
        case 2: step(&f, what / 8 % 2 == 0 ? LK_TWAP_EV_DYNAMIC : LK_TWAP_EV_AP_DYNAMIC,
                     lk_get_lv8(&f.r)); break;
        case 3: ask(&f, lk_get_u8(&f.r)); break;
        case 4: answer(&f, lk_get_u8(&f.r)); break;
        case 6:
            f.event.mac[0] = 2; /* as that of ask() */
            f.event.mac[5] = what / 8 % (STATIONS + 1);
            step(&f, LK_TWAP_EV_END, lk_span_of(NULL, 0));
            break;
        case 5: disconnect(&f, lk_get_u8(&f.r)); break;
        default:
            f.event.now_ms += UINT64_C(100) << what / 8 % 24;
            step(&f, LK_TWAP_EV_TICK, lk_span_of(NULL, 0));
            break;
        }
    }
    return 0;
}

/* proto/radius/proxy: what crosses from one leg to the other, what does not; repeats; bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/proxy.h"

enum { ENTERPRISE = 32473, LIFETIME_MS = 30000, ROOM = 2 };

static const uint8_t zeroes[16];

struct rig {
    struct lk_radius_client client;
    struct lk_radius_secret server;
    struct lk_radius_proxy proxy;
    void *memory;
    uint8_t entropy[16];
    uint64_t down;
    struct lk_address source; /* of requests; and port */
    uint16_t port;
    const uint8_t *authenticator; /* of requests; NULL: another one each time */
    struct lk_radius_proxy_slot *slot;
    enum lk_reason reason;
    uint8_t asked[LK_RADIUS_PACKET_MAX], answered[LK_RADIUS_PACKET_MAX];
    uint8_t relayed[LK_RADIUS_PACKET_MAX];
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    *state = rig;
    rig->memory = malloc(lk_radius_proxy_size(ROOM));
    lk_radius_proxy_in(&rig->proxy, rig->memory, 1, LIFETIME_MS);
    return lk_radius_secret_set(&rig->client.secret, lk_span_text("of the AP")) == LK_OK &&
                   lk_radius_secret_set(&rig->server, lk_span_text("of the AAA")) == LK_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    free(rig->memory);
    free(rig);
    return 0;
}

/* A request as an access point signs it. extra: encoded attributes. */
static struct lk_span request(struct rig *rig, enum lk_radius_code code, uint8_t identifier,
                              struct lk_span extra)
{
    enum { MAC_AT = LK_RADIUS_HEADER_LEN + 2 };
    struct lk_writer w = lk_writer_of(rig->asked, sizeof rig->asked);
    static uint8_t count[2];
    uint8_t value[16] = { identifier, 1, 2, 3 };

    count[0] = (uint8_t)(count[0] + (++count[1] == 0));
    value[4] = count[0];
    value[5] = count[1];
    lk_radius_begin(&w, code, identifier);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT,
                    rig->authenticator != NULL ? rig->authenticator : value, sizeof value);
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, 16);
    lk_put_span(&w, extra);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    if (code == LK_RADIUS_ACCOUNTING_REQUEST)
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, zeroes, 16);
    lk_radius_mac(value, lk_writer_span(&w), MAC_AT, &rig->client.secret,
                  w.at + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(&w, MAC_AT, value, sizeof value);
    if (code == LK_RADIUS_ACCOUNTING_REQUEST) {
        lk_radius_authenticator(value, lk_writer_span(&w), &rig->client.secret, zeroes);
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    return lk_writer_span(&w);
}

static enum lk_radius_proxy_verdict give(struct rig *rig, struct lk_span datagram,
                                         struct lk_span added, uint64_t now_ms)
{
    struct lk_radius_request opened;
    struct lk_radius_proxy_request in = {
        .request = &opened, .source = rig->source, .source_port = rig->port,
        .secret = &rig->server, .enterprise = ENTERPRISE, .added = added, .down = rig->down,
        .now_ms = now_ms, .entropy = rig->entropy,
    };
    enum lk_radius_port port = datagram.at[0] == LK_RADIUS_ACCOUNTING_REQUEST
                                   ? LK_RADIUS_ACCT_PORT
                                   : LK_RADIUS_AUTH_PORT;

    rig->entropy[0]++;
    assert_int_equal(lk_radius_request_open(&opened, &rig->reason, &rig->client, port, datagram),
                     LK_OK);
    return lk_radius_proxy_request(&rig->proxy, &rig->slot, &rig->reason, &in);
}

static struct lk_span nothing(void)
{
    return lk_span_of(NULL, 0);
}

/* The server's answer to what is in rig->slot; extra: encoded attributes. */
static struct lk_span answer(struct rig *rig, enum lk_radius_code code, struct lk_span extra)
{
    struct lk_radius_answer head = {
        .code = code, .request_code = rig->slot->octets[0], .identifier = rig->slot->octets[1],
        .authenticator = rig->slot->octets + LK_RADIUS_AUTHENTICATOR_AT, .secret = &rig->server,
    };
    struct lk_writer w = lk_writer_of(rig->answered, sizeof rig->answered);

    lk_radius_answer_begin(&w, &head);
    lk_put_span(&w, extra);
    assert_int_equal(lk_radius_answer_end(&w, &head), LK_OK);
    return lk_writer_span(&w);
}

static struct lk_span relay(struct rig *rig, struct lk_span datagram)
{
    static const uint8_t entropy[2] = { 0x7f, 0xff };
    struct lk_radius_packet packet;
    struct lk_writer w = lk_writer_of(rig->relayed, sizeof rig->relayed);
    struct lk_radius_proxy_relay how = {
        .answer = &packet, .server = &rig->server, .client = &rig->client.secret,
        .enterprise = ENTERPRISE, .entropy = entropy,
    };

    assert_int_equal(lk_radius_proxy_answer(&rig->proxy, &rig->slot, &packet, &rig->reason, 0,
                                            &rig->server, datagram), LK_OK);
    assert_int_equal(lk_radius_proxy_relay(&w, rig->slot, &how), LK_OK);
    lk_radius_proxy_settle(&rig->proxy, rig->slot, lk_writer_span(&w), 0);
    return lk_writer_span(&w);
}

static struct lk_radius_packet decoded(struct lk_span octets)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_decode(&packet, octets), LK_OK);
    return packet;
}

static bool has(const struct lk_radius_packet *packet, uint8_t type)
{
    struct lk_span value;

    return lk_radius_find(packet, type, &value);
}

/* spec: RFC 2865 2.3 - each leg has its own identifier, authenticator and secret; the client's
 * Proxy-State comes back with the answer, in order.
 * A01: Message-Authenticator is first and right on each leg. */
static void a_request_and_its_answer_cross(void **state)
{
    static const uint8_t extra[] = { 1, 4, 'u', '1', 33, 3, 'a', 79, 6, 2, 9, 0, 4, 33, 4, 'b', 'c',
                                     31, 19, '0', '2', '-', '0', '0', '-', '0', '0', '-', '0', '0',
                                     '-', '0', '0', '-', '0', '1' };
    static const uint8_t added[] = { 26, 12, 0, 0, 0x7e, 0xd9, 2, 6, 0, 0, 0, 4 };
    static const uint8_t back[] = { 79, 6, 3, 9, 0, 4, 25, 5, 'x', 'y', 'z', 33, 3, '!' };
    struct rig *rig = *state;
    struct lk_radius_packet packet;
    struct lk_span value;
    uint32_t mode;

    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, 77, LK_SPAN(extra)),
                          LK_SPAN(added), 0), LK_RADIUS_PROXY_FORWARD);
    packet = decoded(lk_span_of(rig->slot->octets, rig->slot->len));
    assert_int_equal(packet.attributes.at[0], LK_RADIUS_MESSAGE_AUTHENTICATOR);
    assert_int_equal(lk_radius_mac_verify(&packet, &rig->server, packet.authenticator.at), LK_OK);
    assert_memory_equal(packet.authenticator.at, rig->entropy, 16);
    assert_false(has(&packet, LK_RADIUS_PROXY_STATE));
    assert_true(has(&packet, LK_RADIUS_USER_NAME) && has(&packet, LK_RADIUS_EAP_MESSAGE) &&
                has(&packet, LK_RADIUS_CALLING_STATION_ID));
    assert_true(lk_radius_find_vendor(&packet, ENTERPRISE, 2, &value));
    assert_int_equal(lk_radius_u32(&mode, value), LK_OK);
    assert_int_equal(mode, 4);

    packet = decoded(relay(rig, answer(rig, LK_RADIUS_ACCESS_CHALLENGE, LK_SPAN(back))));
    assert_int_equal(packet.identifier, 77);
    assert_int_equal(packet.attributes.at[0], LK_RADIUS_MESSAGE_AUTHENTICATOR);
    assert_int_equal(lk_radius_authenticator_verify(&packet, &rig->client.secret, rig->asked + 4),
                     LK_OK);
    assert_int_equal(lk_radius_mac_verify(&packet, &rig->client.secret, rig->asked + 4), LK_OK);
    assert_true(has(&packet, LK_RADIUS_EAP_MESSAGE) && has(&packet, LK_RADIUS_CLASS));
    /* Its own two, and not the server's. */
    assert_memory_equal(packet.whole.at + packet.whole.len - 7, "\41\3a\41\4bc", 7);
    assert_true(packet.whole.at[packet.whole.len - 8] == 'z');
}

static void accounting_crosses(void **state)
{
    static const uint8_t extra[] = { 40, 6, 0, 0, 0, 1, 44, 3, 's', 26, 7, 0, 0, 0x7e, 0xd9, 'x' };
    struct rig *rig = *state;
    struct lk_radius_packet packet;

    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCOUNTING_REQUEST, 3, LK_SPAN(extra)),
                          nothing(), 0), LK_RADIUS_PROXY_FORWARD);
    packet = decoded(lk_span_of(rig->slot->octets, rig->slot->len));
    assert_int_equal(lk_radius_authenticator_verify(&packet, &rig->server, zeroes), LK_OK);
    assert_int_equal(lk_radius_mac_verify(&packet, &rig->server, zeroes), LK_OK);
    assert_true(has(&packet, LK_RADIUS_ACCT_SESSION_ID));
    assert_false(has(&packet, LK_RADIUS_VENDOR_SPECIFIC));
    packet = decoded(relay(rig, answer(rig, LK_RADIUS_ACCOUNTING_RESPONSE, nothing())));
    assert_int_equal(packet.code, LK_RADIUS_ACCOUNTING_RESPONSE);
    assert_int_equal(lk_radius_authenticator_verify(&packet, &rig->client.secret, rig->asked + 4),
                     LK_OK);
}

/* spec: RFC 2548 2.4.2 - keys arrive under the server's secret and leave under the client's, each
 * with a salt of its own.
 * T04: nothing of the enterprise leaves, in whatever form it came. */
static void keys_are_hidden_anew_and_the_enterprise_stays(void **state)
{
    struct rig *rig = *state;
    uint8_t extra[512];
    struct lk_writer w = lk_writer_of(extra, sizeof extra);
    static const uint8_t salts[2][4] = { { 1, 1, 2, 2 }, { 0x83, 3 } };
    static const uint8_t broken[] = { 26, 9, 0, 0, 0x7e, 0xd9, 1, 99, 'k' };
    static const uint8_t own[] = { 26, 9, 0, 0, 1, 55, 7, 3, 'z' };
    struct lk_radius_packet packet;
    struct lk_radius_attribute attribute;
    struct lk_msk msk, got;
    struct lk_span value, other;
    struct lk_reader r;

    memset(&msk, 0x5a, sizeof msk);
    msk.octets[40] = 1;
    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, 1, nothing()), nothing(), 0),
                     LK_RADIUS_PROXY_FORWARD);
    lk_radius_put_mppe(&w, &msk, &rig->server, rig->slot->octets + 4, salts[0]);
    lk_radius_put_hidden(&w, ENTERPRISE, 1, &rig->server, rig->slot->octets + 4, salts[1],
                         LK_SPAN(msk.octets));
    lk_put_span(&w, LK_SPAN(broken));
    lk_put_span(&w, LK_SPAN(own));
    packet = decoded(relay(rig, answer(rig, LK_RADIUS_ACCESS_ACCEPT, lk_writer_span(&w))));
    assert_int_equal(lk_radius_open_mppe(&got, &packet, &rig->client.secret, rig->asked + 4),
                     LK_OK);
    assert_memory_equal(&got, &msk, sizeof msk);
    assert_true(lk_radius_find_vendor(&packet, LK_RADIUS_MICROSOFT, 17, &value));
    assert_true(lk_radius_find_vendor(&packet, LK_RADIUS_MICROSOFT, 16, &other));
    assert_true((value.at[0] & 0x80) != 0 && (other.at[0] & 0x80) != 0);
    assert_memory_not_equal(value.at, other.at, 2);
    r = lk_reader_of(packet.attributes);
    while (lk_radius_next(&r, &attribute))
        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC)
            assert_memory_not_equal(attribute.value.at, broken + 2, 4);
    /* Another vendor's crosses as it is. */
    assert_true(lk_radius_find_vendor(&packet, 311, 7, &value));
}

/* A01: an answer altered anywhere, cut anywhere, or without its Message-Authenticator is dropped,
 * whatever its code, and the right one is still taken. */
static void only_the_right_answer_crosses(void **state)
{
    static const enum lk_radius_code codes[] = { LK_RADIUS_ACCESS_ACCEPT, LK_RADIUS_ACCESS_REJECT,
                                                 LK_RADIUS_ACCESS_CHALLENGE };
    struct rig *rig = *state;
    struct lk_radius_packet packet;
    struct lk_radius_proxy_slot *slot;

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++) {
        struct lk_span right;
        uint8_t octets[LK_RADIUS_PACKET_MAX];

        assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i, nothing()),
                              nothing(), 0), LK_RADIUS_PROXY_FORWARD);
        right = answer(rig, codes[i], nothing());
        for (size_t at = 0; at < right.len; at++) {
            memcpy(octets, right.at, right.len);
            octets[at] ^= 1;
            assert_int_not_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason,
                                                        0, &rig->server,
                                                        lk_span_of(octets, right.len)), LK_OK);
            assert_null(slot);
            assert_int_not_equal(rig->reason, LK_REASON_NONE);
            assert_int_not_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason,
                                                        0, &rig->server,
                                                        lk_span_of(right.at, at)), LK_OK);
        }
        memcpy(octets, right.at, LK_RADIUS_HEADER_LEN);
        octets[3] = LK_RADIUS_HEADER_LEN;
        lk_radius_authenticator(octets + 4, lk_span_of(octets, LK_RADIUS_HEADER_LEN), &rig->server,
                                rig->slot->octets + 4);
        assert_int_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason, 0,
                                                &rig->server,
                                                lk_span_of(octets, LK_RADIUS_HEADER_LEN)),
                         LK_E_MISSING);
        assert_int_equal(rig->reason, LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR);
        (void)relay(rig, right);
        assert_int_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason, 0,
                                                &rig->server, right), LK_E_UNEXPECTED);
        assert_int_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason, 1,
                                                &rig->server, right), LK_E_UNEXPECTED);
    }
}

/* A01: 1,000 random Proxy-State inserts have no effect: what goes to the server is the same octets
 * but for its authenticators, whatever Proxy-State stands in the request. */
static void inserted_proxy_states_reach_no_other_leg(void **state)
{
    struct rig *rig = *state;
    uint8_t first[LK_RADIUS_PACKET_MAX];
    uint16_t len = 0;
    uint32_t seed = 1;

    for (int i = 0; i < 1000; i++) {
        uint8_t extra[256];
        struct lk_writer w = lk_writer_of(extra, sizeof extra);
        uint8_t random[200];

        for (size_t j = 0; j < sizeof random; j++)
            random[j] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        lk_radius_put(&w, LK_RADIUS_USER_NAME, lk_span_text("0001010123456063"));
        if (i > 0)
            lk_radius_put(&w, LK_RADIUS_PROXY_STATE, lk_span_of(random, random[0] % 200));
        assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i,
                                           lk_writer_span(&w)), nothing(), 0),
                         LK_RADIUS_PROXY_FORWARD);
        if (i == 0)
            memcpy(first, rig->slot->octets, len = rig->slot->len);
        assert_int_equal(rig->slot->len, len);
        assert_memory_equal(rig->slot->octets + 38, first + 38, (size_t)len - 38);
        (void)relay(rig, answer(rig, LK_RADIUS_ACCESS_REJECT, nothing()));
    }
}

/* Invariant 11, on both sides of the answer.
 * spec: RFC 5080 2.2.2 - a repeat is known by source, port, identifier and authenticator. */
static void a_repeat_gets_the_same_octets(void **state)
{
    struct rig *rig = *state;
    struct lk_span asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 9, nothing());
    uint8_t kept[LK_RADIUS_PACKET_MAX];
    struct lk_radius_proxy_slot *first;
    struct lk_span given;

    assert_int_equal(give(rig, asked, nothing(), 0), LK_RADIUS_PROXY_FORWARD);
    first = rig->slot;
    memcpy(kept, first->octets, first->len);
    assert_int_equal(give(rig, asked, nothing(), 1), LK_RADIUS_PROXY_AGAIN);
    assert_ptr_equal(rig->slot, first);
    assert_memory_equal(kept, first->octets, first->len);
    given = relay(rig, answer(rig, LK_RADIUS_ACCESS_CHALLENGE, nothing()));
    assert_int_equal(give(rig, asked, nothing(), 2), LK_RADIUS_PROXY_ANSWER);
    assert_true(lk_span_equal(given, lk_span_of(rig->slot->octets, rig->slot->len)));
    /* Long after, the same octets are another request. */
    assert_int_equal(give(rig, asked, nothing(), LIFETIME_MS), LK_RADIUS_PROXY_FORWARD);
}

/* spec: RFC 5080 2.2.2 - what has the authenticator of another request, but is from elsewhere or
 * has another identifier, code or length, is no repeat of it: who replays one from an address of
 * his own does not get the answer. */
static void what_differs_in_one_thing_is_no_repeat(void **state)
{
    static const uint8_t extra[] = { 18, 3, 'a' };
    struct rig *rig = *state;
    uint8_t authenticator[16];
    struct lk_span asked = request(rig, LK_RADIUS_ACCOUNTING_REQUEST, 9, nothing());

    memcpy(authenticator, asked.at + LK_RADIUS_AUTHENTICATOR_AT, sizeof authenticator);
    assert_int_equal(give(rig, asked, nothing(), 0), LK_RADIUS_PROXY_FORWARD);
    rig->authenticator = authenticator;
    asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 9, nothing());
    assert_int_equal(give(rig, asked, nothing(), 1), LK_RADIUS_PROXY_FORWARD);
    assert_int_equal(give(rig, asked, nothing(), 1), LK_RADIUS_PROXY_AGAIN);
    rig->port++;
    assert_int_equal(give(rig, asked, nothing(), 2), LK_RADIUS_PROXY_FORWARD);
    rig->source.octets[15]++;
    assert_int_equal(give(rig, asked, nothing(), 3), LK_RADIUS_PROXY_FORWARD);
    asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 10, nothing());
    assert_int_equal(give(rig, asked, nothing(), 4), LK_RADIUS_PROXY_FORWARD);
    asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 10, LK_SPAN(extra));
    assert_int_equal(give(rig, asked, nothing(), 5), LK_RADIUS_PROXY_FORWARD);
    assert_int_equal(give(rig, asked, nothing(), 6), LK_RADIUS_PROXY_AGAIN);
}

/* An answer is of the kind of its request, however well it is signed. */
static void no_answer_of_another_kind_is_taken(void **state)
{
    static const struct {
        enum lk_radius_code asked, answered;
    } rows[] = {
        { LK_RADIUS_ACCOUNTING_REQUEST, LK_RADIUS_ACCESS_ACCEPT },
        { LK_RADIUS_ACCOUNTING_REQUEST, LK_RADIUS_ACCESS_REJECT },
        { LK_RADIUS_ACCESS_REQUEST, LK_RADIUS_ACCOUNTING_RESPONSE },
        { LK_RADIUS_ACCESS_REQUEST, LK_RADIUS_COA_ACK },
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_packet packet;
        struct lk_radius_proxy_slot *slot;

        assert_int_equal(give(rig, request(rig, rows[i].asked, (uint8_t)i, nothing()), nothing(),
                              0), LK_RADIUS_PROXY_FORWARD);
        assert_int_equal(lk_radius_proxy_answer(&rig->proxy, &slot, &packet, &rig->reason, 0,
                                                &rig->server,
                                                answer(rig, rows[i].answered, nothing())),
                         LK_E_UNEXPECTED);
        assert_int_equal(rig->reason, LK_REASON_RADIUS_NOT_ASKED);
        assert_null(slot);
    }
}

/* User-Password, CHAP-Password, Tunnel-Password: what is hidden or made under the secret of one leg
 * means nothing on the other, but may be tried against its secret there. It stays. */
static void what_a_secret_hides_stays_on_its_leg(void **state)
{
    static const uint8_t types[] = { 2, 3, 69 };
    static const uint8_t octets[19] = { 1 };
    struct rig *rig = *state;
    struct lk_radius_packet packet;
    uint8_t extra[64];

    for (size_t i = 0; i < LK_COUNT_OF(types); i++) {
        struct lk_writer w = lk_writer_of(extra, sizeof extra);

        lk_radius_put(&w, types[i], lk_span_of(octets, types[i] == 2 ? 16 : sizeof octets));
        assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i,
                                           lk_writer_span(&w)), nothing(), 0),
                         LK_RADIUS_PROXY_FORWARD);
        packet = decoded(lk_span_of(rig->slot->octets, rig->slot->len));
        assert_false(has(&packet, types[i]));
        packet = decoded(relay(rig, answer(rig, LK_RADIUS_ACCESS_ACCEPT, lk_writer_span(&w))));
        assert_false(has(&packet, types[i]));
    }
}

/* Invariant 12: the table is bounded, nothing out gives way, and time makes room. */
static void as_many_as_there_are_identifiers(void **state)
{
    struct rig *rig = *state;
    bool seen[256] = { false };

    for (int i = 0; i < 256; i++) {
        assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i, nothing()),
                              nothing(), 10), LK_RADIUS_PROXY_FORWARD);
        assert_false(seen[rig->slot->octets[1]]);
        seen[rig->slot->octets[1]] = true;
    }
    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCOUNTING_REQUEST, 0, nothing()), nothing(),
                          LIFETIME_MS + 9), LK_RADIUS_PROXY_DROP);
    assert_int_equal(rig->reason, LK_REASON_RADIUS_PROXY_FULL);
    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCOUNTING_REQUEST, 0, nothing()), nothing(),
                          LIFETIME_MS + 10), LK_RADIUS_PROXY_FORWARD);
    for (int i = 0; i < 255; i++)
        assert_true(lk_radius_proxy_expire(&rig->proxy, LIFETIME_MS + 10));
    assert_false(lk_radius_proxy_expire(&rig->proxy, LIFETIME_MS + 10));
    assert_ptr_equal(lk_radius_proxy_next(&rig->proxy, NULL), rig->slot);
    assert_null(lk_radius_proxy_next(&rig->proxy, rig->slot));
}

static void what_grows_too_long_is_dropped(void **state)
{
    struct rig *rig = *state;
    static uint8_t extra[LK_RADIUS_PACKET_MAX];
    static const uint8_t added[] = { 18, 3, 'a' }, text[253];
    struct lk_writer w = lk_writer_of(extra, LK_RADIUS_PACKET_MAX - 38);

    while (w.cap - w.len > 200)
        lk_radius_put(&w, LK_RADIUS_REPLY_MESSAGE, lk_span_of(text, 100));
    lk_radius_put(&w, LK_RADIUS_REPLY_MESSAGE, lk_span_of(text, w.cap - w.len - 2));
    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, 1, lk_writer_span(&w)),
                          LK_SPAN(added), 0), LK_RADIUS_PROXY_DROP);
    assert_int_equal(rig->reason, LK_REASON_RADIUS_TOO_LONG);
    assert_null(lk_radius_proxy_next(&rig->proxy, NULL));
    assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, 1, lk_writer_span(&w)),
                          nothing(), 0), LK_RADIUS_PROXY_FORWARD);
}

static void a_table_of_two_legs_uses_both(void **state)
{
    struct rig *rig = *state;
    size_t legs[2] = { 0 };

    lk_radius_proxy_in(&rig->proxy, rig->memory, 2, LIFETIME_MS);
    for (int i = 0; i < 512; i++) {
        assert_int_equal(give(rig, request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i, nothing()),
                              nothing(), 0), LK_RADIUS_PROXY_FORWARD);
        legs[lk_radius_proxy_leg(&rig->proxy, rig->slot)]++;
    }
    assert_int_equal(legs[0], 256);
    assert_int_equal(legs[1], 256);
}

/* spec: RFC 6613 2.6.1 - what cannot be sent on a leg goes on another, at once or when the client
 * repeats it; where there is none it is said, and what was out stays out. */
static void a_leg_that_is_down_is_passed_over(void **state)
{
    struct rig *rig = *state;
    struct lk_span asked;

    lk_radius_proxy_in(&rig->proxy, rig->memory, ROOM, LIFETIME_MS);
    asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 1, nothing());
    assert_int_equal(give(rig, asked, nothing(), 0), LK_RADIUS_PROXY_FORWARD);
    assert_int_equal(lk_radius_proxy_leg(&rig->proxy, rig->slot), 0);
    rig->down = 3;
    assert_int_equal(give(rig, asked, nothing(), 1), LK_RADIUS_PROXY_DROP);
    assert_int_equal(rig->reason, LK_REASON_RADIUS_SERVER_DOWN);
    assert_null(rig->slot);
    assert_non_null(lk_radius_proxy_next(&rig->proxy, NULL));
    rig->down = 1;
    assert_int_equal(give(rig, asked, nothing(), 2), LK_RADIUS_PROXY_FORWARD);
    assert_int_equal(lk_radius_proxy_leg(&rig->proxy, rig->slot), 1);
    assert_null(lk_radius_proxy_next(&rig->proxy, rig->slot));
    assert_int_equal(give(rig, asked, nothing(), 3), LK_RADIUS_PROXY_AGAIN);
    for (unsigned i = 1; i < 256; i++) {
        asked = request(rig, LK_RADIUS_ACCESS_REQUEST, (uint8_t)i, nothing());
        assert_int_equal(give(rig, asked, nothing(), 4), LK_RADIUS_PROXY_FORWARD);
        assert_int_equal(lk_radius_proxy_leg(&rig->proxy, rig->slot), 1);
    }
    asked = request(rig, LK_RADIUS_ACCESS_REQUEST, 1, nothing());
    assert_int_equal(give(rig, asked, nothing(), 5), LK_RADIUS_PROXY_DROP);
    assert_int_equal(rig->reason, LK_REASON_RADIUS_PROXY_FULL);
    rig->down = 0;
    assert_int_equal(give(rig, asked, nothing(), 6), LK_RADIUS_PROXY_FORWARD);
    assert_int_equal(lk_radius_proxy_leg(&rig->proxy, rig->slot), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_and_its_answer_cross, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accounting_crosses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_are_hidden_anew_and_the_enterprise_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_the_right_answer_crosses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inserted_proxy_states_reach_no_other_leg, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_repeat_gets_the_same_octets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_differs_in_one_thing_is_no_repeat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_answer_of_another_kind_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_secret_hides_stays_on_its_leg, set_up, tear_down),
        cmocka_unit_test_setup_teardown(as_many_as_there_are_identifiers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_grows_too_long_is_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_of_two_legs_uses_both, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_leg_that_is_down_is_passed_over, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

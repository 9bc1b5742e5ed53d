#include "proto/radius/proxy.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"

enum {
    NONE = UINT16_MAX,
    MAC_AT = LK_RADIUS_HEADER_LEN + 2,
    USER_PASSWORD = 2, /* hidden or made under the client's secret: none of ours */
    CHAP_PASSWORD = 3,
    TUNNEL_PASSWORD = 69,
};

_Static_assert((int)LK_RADIUS_PROXY_LEGS_MAX * (int)LK_RADIUS_PROXY_IDENTIFIERS < (int)NONE,
               "every slot has an index");

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

/* ---- slots: in two lists by age, and in buckets by what the client sent ---- */

size_t lk_radius_proxy_size(size_t legs)
{
    return legs * LK_RADIUS_PROXY_IDENTIFIERS *
           (sizeof(struct lk_radius_proxy_slot) + sizeof(uint16_t));
}

static void append(struct lk_radius_proxy *proxy, struct lk_radius_proxy_list *list, uint16_t at)
{
    struct lk_radius_proxy_slot *slot = &proxy->slot[at];

    slot->next = NONE;
    slot->previous = list->last;
    if (list->last != NONE)
        proxy->slot[list->last].next = at;
    else
        list->first = at;
    list->last = at;
}

static void take_off(struct lk_radius_proxy *proxy, struct lk_radius_proxy_list *list, uint16_t at)
{
    const struct lk_radius_proxy_slot *slot = &proxy->slot[at];

    if (slot->previous != NONE)
        proxy->slot[slot->previous].next = slot->next;
    else
        list->first = slot->next;
    if (slot->next != NONE)
        proxy->slot[slot->next].previous = slot->previous;
    else
        list->last = slot->previous;
}

void lk_radius_proxy_in(struct lk_radius_proxy *proxy, void *memory, size_t legs,
                        uint32_t lifetime_ms)
{
    LK_ASSERT(legs > 0 && legs <= LK_RADIUS_PROXY_LEGS_MAX);
    LK_ASSERT((uintptr_t)memory % alignof(struct lk_radius_proxy_slot) == 0);
    *proxy = (struct lk_radius_proxy){
        .slot = memory, .count = (uint16_t)(legs * LK_RADIUS_PROXY_IDENTIFIERS),
        .lifetime_ms = lifetime_ms, .out = { NONE, NONE }, .again = { NONE, NONE },
    };
    proxy->bucket = (uint16_t *)(void *)(proxy->slot + proxy->count);
    for (uint16_t i = 0; i < proxy->count; i++) {
        proxy->slot[i].state = LK_RADIUS_PROXY_FREE;
        proxy->bucket[i] = NONE;
        append(proxy, &proxy->again, i);
    }
}

static uint16_t index_of(const struct lk_radius_proxy *proxy,
                         const struct lk_radius_proxy_slot *slot)
{
    return (uint16_t)(slot - proxy->slot);
}

size_t lk_radius_proxy_leg(const struct lk_radius_proxy *proxy,
                           const struct lk_radius_proxy_slot *slot)
{
    return index_of(proxy, slot) / LK_RADIUS_PROXY_IDENTIFIERS;
}

/* An authenticator is random, or a digest: either spreads by itself. */
static uint16_t *bucket_of(struct lk_radius_proxy *proxy, const uint8_t *authenticator)
{
    return &proxy->bucket[((size_t)authenticator[0] << 8 | authenticator[1]) % proxy->count];
}

static void unchain(struct lk_radius_proxy *proxy, const struct lk_radius_proxy_slot *slot)
{
    uint16_t *at = bucket_of(proxy, slot->authenticator);

    while (*at != index_of(proxy, slot)) {
        LK_ASSERT(*at != NONE);
        at = &proxy->slot[*at].chain;
    }
    *at = slot->chain;
}

/* spec: RFC 5080 2.2.2 - a repeat has the same source, port, identifier and authenticator. */
static struct lk_radius_proxy_slot *find_repeated(struct lk_radius_proxy *proxy,
                                                  const struct lk_radius_proxy_request *in)
{
    const struct lk_radius_packet *packet = &in->request->packet;
    uint16_t at = *bucket_of(proxy, packet->authenticator.at);

    for (; at != NONE; at = proxy->slot[at].chain) {
        struct lk_radius_proxy_slot *slot = &proxy->slot[at];

        if (slot->identifier == packet->identifier && slot->code == packet->code &&
            slot->source_port == in->source_port && slot->source_len == packet->whole.len &&
            lk_address_equal(&slot->source, &in->source) &&
            lk_span_equal(LK_SPAN(slot->authenticator), packet->authenticator))
            return slot;
    }
    return NULL;
}

static bool is_down(uint16_t at, uint64_t down)
{
    return (down >> at / LK_RADIUS_PROXY_IDENTIFIERS & 1) != 0;
}

static bool all_down(const struct lk_radius_proxy *proxy, uint64_t down)
{
    for (uint16_t at = 0; at < proxy->count; at += LK_RADIUS_PROXY_IDENTIFIERS)
        if (!is_down(at, down))
            return false;
    return true;
}

/* Out of the lists and buckets; NULL when all that could be sent are out. */
static struct lk_radius_proxy_slot *slot_take(struct lk_radius_proxy *proxy, uint64_t down,
                                              uint64_t now_ms)
{
    struct lk_radius_proxy_slot *slot;
    uint16_t at;

    (void)lk_radius_proxy_expire(proxy, now_ms);
    at = proxy->again.first;
    while (at != NONE && is_down(at, down))
        at = proxy->slot[at].next;
    if (at == NONE)
        return NULL;
    slot = &proxy->slot[at];
    take_off(proxy, &proxy->again, at);
    if (slot->state == LK_RADIUS_PROXY_ANSWERED)
        unchain(proxy, slot);
    slot->state = LK_RADIUS_PROXY_FREE;
    return slot;
}

/* From one of the two lists to the end of those to be used again, and no longer found. */
static void slot_free(struct lk_radius_proxy *proxy, struct lk_radius_proxy_list *from,
                      struct lk_radius_proxy_slot *slot)
{
    take_off(proxy, from, index_of(proxy, slot));
    unchain(proxy, slot);
    slot->state = LK_RADIUS_PROXY_FREE;
    append(proxy, &proxy->again, index_of(proxy, slot));
}

bool lk_radius_proxy_expire(struct lk_radius_proxy *proxy, uint64_t now_ms)
{
    uint16_t at = proxy->out.first;

    if (at == NONE || now_ms < proxy->slot[at].at_ms + proxy->lifetime_ms)
        return false;
    slot_free(proxy, &proxy->out, &proxy->slot[at]);
    return true;
}

struct lk_radius_proxy_slot *lk_radius_proxy_next(struct lk_radius_proxy *proxy,
                                                  const struct lk_radius_proxy_slot *slot)
{
    uint16_t at = slot == NULL ? proxy->out.first : slot->next;

    return at == NONE ? NULL : &proxy->slot[at];
}

/* ---- attributes that cross, and that do not ---- */

static bool is_vendor(struct lk_span value, uint32_t vendor)
{
    struct lk_reader r = lk_reader_of(value);

    return lk_get_be32(&r) == vendor && r.status == LK_OK;
}

/* T04: what belongs to the enterprise stays on the server's leg. */
static bool stays(const struct lk_radius_attribute *attribute, uint32_t enterprise)
{
    switch (attribute->type) {
    case LK_RADIUS_MESSAGE_AUTHENTICATOR:
    case LK_RADIUS_PROXY_STATE:
    case USER_PASSWORD:
    case CHAP_PASSWORD:
    case TUNNEL_PASSWORD:
        return true;
    case LK_RADIUS_VENDOR_SPECIFIC:
        return is_vendor(attribute->value, enterprise);
    default:
        return false;
    }
}

/* ---- a request ---- */

static enum lk_status sign_request(struct lk_writer *w, const struct lk_radius_secret *secret)
{
    bool accounting = w->at[0] == LK_RADIUS_ACCOUNTING_REQUEST;
    uint8_t value[LK_RADIUS_MAC_LEN];
    enum lk_status status = lk_radius_end(w);

    if (status != LK_OK)
        return status;
    lk_radius_mac(value, lk_writer_span(w), MAC_AT, secret,
                  accounting ? zeroes : w->at + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(w, MAC_AT, value, sizeof value);
    if (accounting) {
        lk_radius_authenticator(value, lk_writer_span(w), secret, zeroes);
        lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    return LK_OK;
}

/* spec: RFC 2865 2.3 - the forwarding server makes the packet anew, with an authenticator of its
 * own; it may keep the client's Proxy-State attributes back, and then attaches them itself. */
static enum lk_status forward(struct lk_radius_proxy *proxy, struct lk_radius_proxy_slot *slot,
                              const struct lk_radius_proxy_request *in)
{
    const struct lk_radius_packet *packet = &in->request->packet;
    uint8_t identifier = (uint8_t)(index_of(proxy, slot) % LK_RADIUS_PROXY_IDENTIFIERS);
    struct lk_writer w = lk_writer_of(slot->octets, sizeof slot->octets);
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    enum lk_status status;

    lk_radius_begin(&w, (enum lk_radius_code)packet->code, identifier);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, in->entropy, LK_RADIUS_AUTHENTICATOR_LEN);
    /* A01: first on this leg too, whatever came in front of it on the other. */
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    while (lk_radius_next(&r, &attribute))
        if (!stays(&attribute, in->enterprise))
            lk_radius_put(&w, attribute.type, attribute.value);
    lk_put_span(&w, in->added);
    status = sign_request(&w, in->secret);
    slot->len = status == LK_OK ? (uint16_t)w.len : 0;
    return status;
}

static void remember(struct lk_radius_proxy *proxy, struct lk_radius_proxy_slot *slot,
                     const struct lk_radius_proxy_request *in)
{
    const struct lk_radius_packet *packet = &in->request->packet;
    uint16_t *bucket = bucket_of(proxy, packet->authenticator.at);

    slot->source = in->source;
    slot->source_port = in->source_port;
    slot->source_len = (uint16_t)packet->whole.len;
    slot->code = packet->code;
    slot->identifier = packet->identifier;
    memcpy(slot->authenticator, packet->authenticator.at, sizeof slot->authenticator);
    slot->proxy_states_len = (uint16_t)in->request->proxy_states_len;
    lk_radius_proxy_states(slot->proxy_states, in->request);
    slot->state = LK_RADIUS_PROXY_OUT;
    slot->at_ms = in->now_ms;
    slot->run = 0;
    slot->has_station = false;
    slot->is_void = false;
    slot->chain = *bucket;
    *bucket = index_of(proxy, slot);
    append(proxy, &proxy->out, index_of(proxy, slot));
}

static enum lk_radius_proxy_verdict repeat(struct lk_radius_proxy *proxy,
                                           struct lk_radius_proxy_slot *slot,
                                           const struct lk_radius_proxy_request *in)
{
    if (slot->state == LK_RADIUS_PROXY_OUT) {
        if (!is_down(index_of(proxy, slot), in->down))
            return LK_RADIUS_PROXY_AGAIN;
        /* spec: RFC 6613 2.6.1 - it goes on another connection, or on this one once it is back. */
        if (all_down(proxy, in->down))
            return LK_RADIUS_PROXY_DROP;
        slot_free(proxy, &proxy->out, slot);
        return LK_RADIUS_PROXY_FORWARD;
    }
    if (in->now_ms < slot->at_ms + proxy->lifetime_ms)
        return LK_RADIUS_PROXY_ANSWER;
    /* Too old to be a repeat: it is new, and this slot is the next but for its age. */
    slot_free(proxy, &proxy->again, slot);
    return LK_RADIUS_PROXY_FORWARD;
}

enum lk_radius_proxy_verdict lk_radius_proxy_request(struct lk_radius_proxy *proxy,
                                                     struct lk_radius_proxy_slot **slot,
                                                     enum lk_reason *reason,
                                                     const struct lk_radius_proxy_request *in)
{
    enum lk_radius_proxy_verdict verdict = LK_RADIUS_PROXY_FORWARD;

    *reason = LK_REASON_NONE;
    *slot = find_repeated(proxy, in);
    if (*slot != NULL)
        verdict = repeat(proxy, *slot, in);
    if (verdict == LK_RADIUS_PROXY_AGAIN || verdict == LK_RADIUS_PROXY_ANSWER)
        return verdict;
    *slot = verdict == LK_RADIUS_PROXY_DROP ? NULL : slot_take(proxy, in->down, in->now_ms);
    if (*slot == NULL) {
        *reason = all_down(proxy, in->down) ? LK_REASON_RADIUS_SERVER_DOWN
                                            : LK_REASON_RADIUS_PROXY_FULL;
        return LK_RADIUS_PROXY_DROP;
    }
    if (forward(proxy, *slot, in) != LK_OK) {
        append(proxy, &proxy->again, index_of(proxy, *slot));
        *slot = NULL;
        *reason = LK_REASON_RADIUS_TOO_LONG;
        return LK_RADIUS_PROXY_DROP;
    }
    remember(proxy, *slot, in);
    return LK_RADIUS_PROXY_FORWARD;
}

/* ---- an answer ---- */

static bool answers(uint8_t request, uint8_t code)
{
    if (request == LK_RADIUS_ACCOUNTING_REQUEST)
        return code == LK_RADIUS_ACCOUNTING_RESPONSE;
    return code == LK_RADIUS_ACCESS_ACCEPT || code == LK_RADIUS_ACCESS_REJECT ||
           code == LK_RADIUS_ACCESS_CHALLENGE;
}

enum lk_status lk_radius_proxy_answer(struct lk_radius_proxy *proxy,
                                      struct lk_radius_proxy_slot **slot,
                                      struct lk_radius_packet *packet, enum lk_reason *reason,
                                      size_t leg, const struct lk_radius_secret *secret,
                                      struct lk_span datagram)
{
    enum lk_status status = lk_radius_decode(packet, datagram);
    const uint8_t *authenticator;
    size_t at = leg * LK_RADIUS_PROXY_IDENTIFIERS + packet->identifier;

    *slot = NULL;
    *reason = LK_REASON_RADIUS_MALFORMED;
    if (status != LK_OK)
        return status;
    *reason = LK_REASON_RADIUS_NOT_ASKED;
    if (at >= proxy->count || proxy->slot[at].state != LK_RADIUS_PROXY_OUT ||
        !answers(proxy->slot[at].code, packet->code))
        return LK_E_UNEXPECTED;
    authenticator = proxy->slot[at].octets + LK_RADIUS_AUTHENTICATOR_AT;
    *reason = LK_REASON_RADIUS_RESPONSE_WRONG;
    status = lk_radius_authenticator_verify(packet, secret, authenticator);
    if (status != LK_OK)
        return status;
    status = lk_radius_mac_verify(packet, secret,
                                  lk_radius_mac_header(proxy->slot[at].code, authenticator));
    if (status == LK_E_MISSING) {
        *reason = LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR;
        if (packet->code == LK_RADIUS_ACCOUNTING_RESPONSE)
            status = LK_OK;
    } else {
        *reason = LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG;
    }
    if (status != LK_OK)
        return status;
    *reason = LK_REASON_NONE;
    *slot = &proxy->slot[at];
    return LK_OK;
}

/* spec: RFC 2548 2.4.2 - hidden under one secret, opened, hidden under the other with a new salt
 * that no other attribute of the packet has. */
static enum lk_status hide_anew(struct lk_writer *w, const struct lk_radius_proxy_slot *slot,
                                const struct lk_radius_proxy_relay *relay,
                                const struct lk_radius_attribute *key, uint16_t count)
{
    uint16_t number = (uint16_t)(((relay->entropy[0] << 8 | relay->entropy[1]) + count) | 0x8000);
    uint8_t salt[LK_RADIUS_SALT_LEN] = { (uint8_t)(number >> 8), (uint8_t)number };
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    size_t len;
    enum lk_status status = lk_radius_open_hidden(plain, &len, key->value, relay->server,
                                                  slot->octets + LK_RADIUS_AUTHENTICATOR_AT);

    if (status == LK_OK)
        lk_radius_put_hidden(w, LK_RADIUS_MICROSOFT, key->type, relay->client,
                             slot->authenticator, salt, lk_span_of(plain, len));
    lk_wipe(plain, sizeof plain);
    return status;
}

static enum lk_status relay_microsoft(struct lk_writer *w, const struct lk_radius_proxy_slot *slot,
                                      const struct lk_radius_proxy_relay *relay,
                                      struct lk_span value, uint16_t *count)
{
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor vendor;
    struct lk_reader r;
    enum lk_status status = lk_radius_decode_vendor(&vendor, value);

    if (status != LK_OK)
        return status;
    r = lk_reader_of(vendor.attributes);
    while (status == LK_OK && lk_radius_next(&r, &attribute)) {
        if (attribute.type == LK_RADIUS_MS_MPPE_SEND_KEY ||
            attribute.type == LK_RADIUS_MS_MPPE_RECV_KEY)
            status = hide_anew(w, slot, relay, &attribute, (*count)++);
        else
            lk_radius_put_vendor(w, LK_RADIUS_MICROSOFT, attribute.type, attribute.value);
    }
    return status;
}

enum lk_status lk_radius_proxy_relay(struct lk_writer *w, const struct lk_radius_proxy_slot *slot,
                                     const struct lk_radius_proxy_relay *relay)
{
    struct lk_radius_answer head = {
        .code = (enum lk_radius_code)relay->answer->code,
        .request_code = slot->code,
        .identifier = slot->identifier,
        .authenticator = slot->authenticator,
        .secret = relay->client,
        .proxy_states = lk_span_of(slot->proxy_states, slot->proxy_states_len),
    };
    struct lk_reader r = lk_reader_of(relay->answer->attributes);
    struct lk_radius_attribute attribute;
    uint16_t keys = 0;

    lk_radius_answer_begin(w, &head);
    while (lk_radius_next(&r, &attribute)) {
        enum lk_status status = LK_OK;

        if (stays(&attribute, relay->enterprise))
            continue;
        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC &&
            is_vendor(attribute.value, LK_RADIUS_MICROSOFT))
            status = relay_microsoft(w, slot, relay, attribute.value, &keys);
        else
            lk_radius_put(w, attribute.type, attribute.value);
        if (status != LK_OK)
            return status;
    }
    return lk_radius_answer_end(w, &head);
}

void lk_radius_proxy_settle(struct lk_radius_proxy *proxy, struct lk_radius_proxy_slot *slot,
                            struct lk_span answer, uint64_t now_ms)
{
    uint16_t at = index_of(proxy, slot);

    LK_ASSERT(slot->state == LK_RADIUS_PROXY_OUT && answer.len <= sizeof slot->octets);
    take_off(proxy, &proxy->out, at);
    append(proxy, &proxy->again, at);
    slot->state = LK_RADIUS_PROXY_ANSWERED;
    slot->at_ms = now_ms;
    memcpy(slot->octets, answer.at, answer.len);
    slot->len = (uint16_t)answer.len;
}

/* The gateway's machine: what each rule does. */
#include <string.h>

#include "proto/pmip/mag_parts.h"

enum { UNIT_MS = LK_MOBILITY_LIFETIME_UNIT_S * 1000 };

static struct lk_pmip_mag_output *add(struct lk_pmip_mag_serving *s,
                                      enum lk_pmip_mag_output_kind kind)
{
    struct lk_pmip_mag_output *item;

    LK_ASSERT(s->out->count < LK_PMIP_MAG_OUTPUTS);
    item = &s->out->item[s->out->count++];
    item->kind = kind;
    return item;
}

/* ---- a request ---- */

/* spec: RFC 5213 6.9.1.5 - identifier, prefix (zero: give me one), handoff indicator, access
 * technology, link-layer identifier where there is one, timestamp. */
static void fill_options(struct lk_mobility_options *o, const struct lk_pmip_mag *mag,
                         uint8_t handoff)
{
    lk_mobility_mark(o, LK_MO_MN_ID);
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_of(mag->nai, mag->nai_len);
    lk_mobility_mark(o, LK_MO_SERVICE);
    o->service = lk_span_of(mag->service, mag->service_len);
    lk_mobility_mark(o, LK_MO_HANDOFF);
    o->handoff = handoff;
    lk_mobility_mark(o, LK_MO_ACCESS);
    o->access = mag->access;
    if (mag->link_layer_len > 0) {
        lk_mobility_mark(o, LK_MO_LINK_LAYER_ID);
        o->link_layer_id = lk_span_of(mag->link_layer_id, mag->link_layer_len);
    }
    if (mag->want_ipv6) {
        lk_mobility_mark(o, LK_MO_PREFIX);
        o->prefix_count = 1;
        o->prefix[0] = mag->addresses.prefix;
    }
    /* spec: RFC 5844 3.1.1 - and an IPv4 home address (zero: give me one). */
    if (mag->want_ipv4) {
        lk_mobility_mark(o, LK_MO_IPV4_REQUEST);
        o->ipv4_request.address = mag->addresses.ipv4;
        o->ipv4_request.bits = mag->addresses.ipv4_bits;
    }
}

/* The order of requests. spec: RFC 5213 6.9.4 - each transmission has a timestamp of its own, or a
 * sequence number greater than the last. */
static void take_number(struct lk_pmip_mag_serving *s)
{
    struct lk_pmip_mag *mag = s->mag;
    uint64_t now;

    if (!s->config->timestamps) {
        mag->sequence = mag->sequence == 0 ? s->event->sequence : (uint16_t)(mag->sequence + 1);
        mag->timestamp = 0;
        return;
    }
    now = lk_mobility_timestamp_of((uint64_t)((int64_t)s->event->now_ms + mag->clock_ms));
    mag->sequence = s->event->sequence;
    mag->timestamp = now > mag->timestamp ? now : mag->timestamp + 1;
}

/* spec: RFC 6275 11.8 - the first wait doubles with every try, up to a greatest. */
static uint64_t wait_ms(const struct lk_pmip_mag_config *config, uint8_t tries)
{
    uint64_t wait = config->first_retry_ms;

    while (tries-- > 1 && wait < config->last_retry_ms)
        wait *= 2;
    return wait < config->last_retry_ms ? wait : config->last_retry_ms;
}

static enum lk_status request(struct lk_pmip_mag_serving *s, uint8_t handoff, uint16_t lifetime)
{
    struct lk_mobility_message pbu = { .type = LK_MOBILITY_BU, .lifetime = lifetime,
                                       .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY };
    struct lk_mobility_options *o = &pbu.options;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    struct lk_pmip_mag *mag = s->mag;
    enum lk_status status;

    take_number(s);
    pbu.sequence = mag->sequence;
    fill_options(o, mag, handoff);
    if (mag->timestamp != 0) {
        lk_mobility_mark(o, LK_MO_TIMESTAMP);
        o->timestamp = mag->timestamp;
    }
    /* T31: what proves to the anchor that the AAA saw the device here. */
    if (mag->token_len > 0) {
        lk_mobility_mark(o, LK_MO_VENDOR);
        o->vendor_count = 1;
        o->vendor[0] = (struct lk_mobility_vendor){ s->config->enterprise, LK_PMIP_TOKEN_SUBTYPE,
                                                    lk_span_of(mag->token, mag->token_len) };
    }
    status = lk_mobility_encode(&w, &pbu);
    if (status != LK_OK)
        return status;
    mag->tries++;
    add(s, LK_PMIP_MAG_OUT_SEND)->send = lk_writer_span(&w);
    add(s, LK_PMIP_MAG_OUT_TIMER)->timer_ms = s->event->now_ms + wait_ms(s->config, mag->tries);
    return LK_OK;
}

/* The request that the state is waiting for an answer to. */
static enum lk_status request_of_state(struct lk_pmip_mag_serving *s)
{
    struct lk_pmip_mag *mag = s->mag;

    switch (mag->state) {
    case LK_PMIP_MAG_AWAIT_BOUND: return request(s, mag->handoff, s->config->lifetime);
    case LK_PMIP_MAG_AWAIT_RENEWED: return request(s, LK_HANDOFF_NONE, s->config->lifetime);
    case LK_PMIP_MAG_AWAIT_RELEASED: return request(s, LK_HANDOFF_UNKNOWN, 0);
    case LK_PMIP_MAG_IDLE:
    case LK_PMIP_MAG_BOUND:
    case LK_PMIP_MAG_RELEASED:
    case LK_PMIP_MAG_FAILED:
    case LK_PMIP_MAG_STATE_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

static enum lk_status begin(struct lk_pmip_mag_serving *s, enum lk_pmip_mag_state state)
{
    s->mag->state = state;
    s->mag->tries = 0;
    s->mag->clock_corrected = false;
    return request_of_state(s);
}

/* ---- handlers ---- */

static enum lk_status keep(uint8_t *to, uint8_t *len, size_t cap, struct lk_span from)
{
    if (from.len > cap)
        return LK_E_LENGTH;
    *len = (uint8_t)from.len;
    if (from.len > 0)
        memcpy(to, from.at, from.len);
    return LK_OK;
}

enum lk_status lk_pmip_mag_attach(struct lk_pmip_mag_serving *s)
{
    const struct lk_pmip_attach *attach = &s->event->attach;
    struct lk_pmip_mag *mag = s->mag;
    enum lk_status status = keep(mag->nai, &mag->nai_len, sizeof mag->nai, attach->nai);

    if (status == LK_OK)
        status = keep(mag->service, &mag->service_len, sizeof mag->service, attach->service);
    if (status == LK_OK)
        status = keep(mag->token, &mag->token_len, sizeof mag->token, attach->token);
    if (status == LK_OK)
        status = keep(mag->link_layer_id, &mag->link_layer_len, sizeof mag->link_layer_id,
                      attach->link_layer_id);
    if (status == LK_OK && (mag->nai_len == 0 || mag->service_len == 0 ||
                            !(attach->want_ipv4 || attach->want_ipv6)))
        status = LK_E_VALUE;
    if (status != LK_OK)
        return status;
    mag->handoff = attach->handoff;
    mag->access = attach->access;
    mag->want_ipv6 = attach->want_ipv6;
    mag->want_ipv4 = attach->want_ipv4;
    return begin(s, LK_PMIP_MAG_AWAIT_BOUND);
}

static enum lk_status fail(struct lk_pmip_mag_serving *s, enum lk_reason reason, uint8_t status,
                           const char *came)
{
    struct lk_pmip_mag_output *item = add(s, LK_PMIP_MAG_OUT_FAILED);

    s->mag->state = LK_PMIP_MAG_FAILED;
    item->failed.status = status;
    item->failed.refusal = lk_refusal_of(reason, "a proxy binding acknowledgement", came);
    return LK_OK;
}

static void take_addresses(struct lk_pmip_addresses *a, const struct lk_mobility_message *pba)
{
    const struct lk_mobility_options *o = &pba->options;

    memset(a, 0, sizeof *a);
    a->has_prefix = o->prefix_count > 0 && !lk_address_is_any(&o->prefix[0].address);
    if (a->has_prefix)
        a->prefix = o->prefix[0];
    a->has_ipv4 = lk_mobility_has(o, LK_MO_IPV4_REPLY) && o->ipv4_reply.status == LK_IPV4_HOME_OK;
    if (a->has_ipv4) {
        a->ipv4 = o->ipv4_reply.address;
        a->ipv4_bits = o->ipv4_reply.bits;
        a->ipv4_router = o->ipv4_router;
    }
    a->lifetime_s = (uint32_t)pba->lifetime * LK_MOBILITY_LIFETIME_UNIT_S;
}

/* spec: RFC 5213 6.9.1.2 - accepted: the addresses are the device's for that lifetime. It is
 * renewed when half of it is over, so that many tries have room in the other half. */
enum lk_status lk_pmip_mag_bound(struct lk_pmip_mag_serving *s)
{
    struct lk_pmip_mag *mag = s->mag;
    uint64_t lifetime_ms = (uint64_t)s->pba->lifetime * UNIT_MS;

    take_addresses(&mag->addresses, s->pba);
    if (lifetime_ms == 0 || !(mag->addresses.has_prefix || mag->addresses.has_ipv4))
        return fail(s, LK_REASON_PMIP_REFUSED, s->pba->status, "no lifetime, or no address");
    mag->state = LK_PMIP_MAG_BOUND;
    mag->bound_until_ms = s->event->now_ms + lifetime_ms;
    add(s, LK_PMIP_MAG_OUT_TIMER)->timer_ms = s->event->now_ms + lifetime_ms / 2;
    add(s, LK_PMIP_MAG_OUT_BOUND)->bound = mag->addresses;
    return LK_OK;
}

/* spec: RFC 5213 6.9.1.2 - the anchor found the request not new: once more, by its clock when it
 * told it, or behind the number that it has accepted last. */
enum lk_status lk_pmip_mag_again(struct lk_pmip_mag_serving *s)
{
    struct lk_pmip_mag *mag = s->mag;

    if (mag->clock_corrected && mag->state == LK_PMIP_MAG_AWAIT_RELEASED)
        return lk_pmip_mag_released(s);
    if (mag->clock_corrected)
        return lk_pmip_mag_refused(s);
    mag->clock_corrected = true;
    if (s->pba->status == LK_BA_TIMESTAMP_MISMATCH) {
        mag->clock_ms = (int64_t)lk_mobility_timestamp_ms(s->pba->options.timestamp) -
                        (int64_t)s->event->now_ms;
        mag->timestamp = 0; /* what we sent before was by another clock */
    }
    if (s->pba->status == LK_BA_SEQUENCE)
        mag->sequence = s->pba->sequence;
    return request_of_state(s);
}

enum lk_status lk_pmip_mag_refused(struct lk_pmip_mag_serving *s)
{
    return fail(s, LK_REASON_PMIP_REFUSED, s->pba->status,
                lk_mobility_status_name(s->pba->status));
}

/* spec: RFC 5213 6.9.4 - no answer: again, until it is in vain. A renewal is tried as long as the
 * binding lasts. */
enum lk_status lk_pmip_mag_retry(struct lk_pmip_mag_serving *s)
{
    struct lk_pmip_mag *mag = s->mag;
    bool renewal = mag->state == LK_PMIP_MAG_AWAIT_RENEWED;

    if (renewal ? s->event->now_ms < mag->bound_until_ms : mag->tries < s->config->tries) {
        if (mag->tries == UINT8_MAX)
            mag->tries--;
        return request_of_state(s);
    }
    if (mag->state == LK_PMIP_MAG_AWAIT_RELEASED)
        return lk_pmip_mag_released(s);
    return fail(s, LK_REASON_PMIP_NO_ANSWER, 0, "none");
}

enum lk_status lk_pmip_mag_renew(struct lk_pmip_mag_serving *s)
{
    return begin(s, LK_PMIP_MAG_AWAIT_RENEWED);
}

enum lk_status lk_pmip_mag_take_token(struct lk_pmip_mag_serving *s)
{
    return keep(s->mag->token, &s->mag->token_len, sizeof s->mag->token, s->event->token);
}

/* spec: RFC 5213 6.9.1.4 - a request with lifetime zero, handoff indicator 4. */
enum lk_status lk_pmip_mag_release(struct lk_pmip_mag_serving *s)
{
    return begin(s, LK_PMIP_MAG_AWAIT_RELEASED);
}

enum lk_status lk_pmip_mag_released(struct lk_pmip_mag_serving *s)
{
    s->mag->state = LK_PMIP_MAG_RELEASED;
    (void)add(s, LK_PMIP_MAG_OUT_RELEASED);
    return LK_OK;
}

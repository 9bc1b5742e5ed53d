/* The mobile node's machine of MIPv6: the Binding Update, in its packet. */
#include <string.h>

#include "proto/mip/mn6_parts.h"
#include "proto/mip/msa6.h"

enum { V4_AT = LK_ADDRESS_LEN - 4, V4_BITS = 32 };

static struct lk_mobility_ipv4 ipv4_of(const struct lk_address *address)
{
    struct lk_mobility_ipv4 ipv4;

    memcpy(ipv4.octets, address->octets + V4_AT, sizeof ipv4.octets);
    return ipv4;
}

static bool is_over_ipv4(const struct lk_mip_mn6 *mn)
{
    return lk_address_is_v4(&mn->place.care_of);
}

/* spec: RFC 6275 6.2.5 - the care-of address, where packets come from elsewhere.
 * spec: RFC 5555 3.1.2 - over IPv4 the packet has none, so an option has it, and a translator does
 * not alter it. */
static void put_place(struct lk_mobility_options *o, const struct lk_mip_mn6 *mn)
{
    const struct lk_mip_mn6_place *place = &mn->place;

    if (is_over_ipv4(mn)) {
        o->ipv4_care_of = ipv4_of(&place->care_of);
        lk_mobility_mark(o, LK_MO_IPV4_CARE_OF);
    } else if (!lk_address_is_any(&place->from) &&
               !lk_address_equal(&place->from, &place->care_of)) {
        o->care_of = place->care_of;
        lk_mobility_mark(o, LK_MO_CARE_OF);
    }
}

/* spec: RFC 5555 3.1.1 - 0.0.0.0 asks for one. */
static void put_ipv4_home(struct lk_mobility_options *o, const struct lk_mip_mn6_serving *s)
{
    if (!s->config->ipv4 || s->mn->state == LK_MIP_MN6_AWAIT_RELEASED)
        return;
    o->ipv4_home.bits = V4_BITS;
    o->ipv4_home.address = ipv4_of(&s->mn->ipv4);
    lk_mobility_mark(o, LK_MO_IPV4_HOME);
}

/* MN-AAA is for an agent that does not know the node yet; NULL: there is none. */
static const struct lk_mip_mn_keys *proof_of(const struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6 *mn = s->mn;

    return mn->state == LK_MIP_MN6_AWAIT_BOUND &&
                   lk_mip_mn_keys_usable(&mn->aaa, s->event->now_ms)
               ? &mn->aaa
               : NULL;
}

/* Before the authenticator, which so covers it. */
static void put_b_tid(struct lk_mobility_options *o, const struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn_keys *of = lk_mip_mn_pair_signer(&s->mn->keys);
    const struct lk_mip_mn_keys *aaa = proof_of(s);

    if (of->b_tid_len == 0 && aaa != NULL)
        of = aaa;
    if (of->b_tid_len == 0)
        return;
    o->vendor_count = 1;
    o->vendor[0].id = s->config->enterprise;
    o->vendor[0].subtype = s->config->b_tid_subtype;
    o->vendor[0].data = lk_span_of(of->b_tid, of->b_tid_len);
    lk_mobility_mark(o, LK_MO_VENDOR);
}

/* spec: RFC 6275 11.7.1 - for the home agent, to be acknowledged.
 * spec: RFC 4283 3 - whose it is.
 * spec: RFC 4285 6 - the time as MESG-ID has it. */
static enum lk_status put_update(struct lk_writer *w, const struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6 *mn = s->mn;
    const struct lk_mip_mn_keys *aaa = proof_of(s);
    const struct lk_mip_msa *with = &lk_mip_mn_pair_signer(&mn->keys)->msa;
    struct lk_mobility_message update = {
        .type = LK_MOBILITY_BU,
        .sequence = mn->sequence,
        .flags = (uint16_t)(LK_BU_ACKNOWLEDGE | LK_BU_HOME |
                            (s->config->udp_forced ? LK_BU_UDP : 0)),
        .lifetime = mn->state == LK_MIP_MN6_AWAIT_RELEASED ? 0 : s->config->lifetime,
    };
    struct lk_mobility_options *o = &update.options;

    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = s->config->nai;
    lk_mobility_mark(o, LK_MO_MN_ID);
    o->mesg_id = mn->mesg_id;
    lk_mobility_mark(o, LK_MO_MESG_ID);
    put_place(o, mn);
    put_ipv4_home(o, s);
    put_b_tid(o, s);
    return lk_mip6_msa_sign_with(w, &update, with, aaa == NULL ? NULL : &aaa->msa,
                                 &mn->place.care_of, &mn->home);
}

/* spec: RFC 6275 11.7.1 - from the care-of address, with the home address in its option.
 * spec: RFC 5555 5.1.1 - over IPv4 it comes from the home address. */
static enum lk_status put_packet(struct lk_mip_mn6_serving *s)
{
    const struct lk_mip_mn6 *mn = s->mn;
    uint8_t message[LK_MIP_MN6_OCTETS - LK_MIP6_HEADERS_MAX];
    struct lk_writer inner = lk_writer_of(message, sizeof message);
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    struct lk_mip6_packet packet = { .source = mn->home, .destination = mn->agent.address };
    struct lk_mip_mn6_output *item;
    enum lk_status status = put_update(&inner, s);

    if (status != LK_OK)
        return status;
    packet.message = lk_writer_span(&inner);
    if (!is_over_ipv4(mn)) {
        packet.source = lk_address_is_any(&mn->place.from) ? mn->place.care_of : mn->place.from;
        packet.way = LK_MIP6_HOME_OPTION;
        packet.home = mn->home;
    }
    status = lk_mip6_write(&w, &packet);
    if (status != LK_OK)
        return status;
    item = lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_SEND);
    item->send.octets = lk_writer_span(&w);
    item->send.to = is_over_ipv4(mn) ? mn->agent.ipv4 : mn->agent.address;
    return LK_OK;
}

void lk_mip_mn6_prepare(struct lk_mip_mn6 *mn)
{
    mn->tries = 0;
    mn->hint = 0;
    mn->corrected = false;
}

/* spec: RFC 6275 11.8 - each is another one, and the time between them doubles; that of the first
 * registration is longer, for the home agent may look whether somebody else has the address. */
enum lk_status lk_mip_mn6_send(struct lk_mip_mn6_serving *s)
{
    struct lk_mip_mn6 *mn = s->mn;
    const struct lk_mip_mn6_config *config = s->config;
    uint64_t now_ms = s->event->now_ms;
    uint32_t first_ms = mn->state == LK_MIP_MN6_AWAIT_BOUND ? config->first_ms
                                                            : config->first_retry_ms;
    enum lk_status status = lk_mip_mn_pair_choose(&mn->keys, mn->tries, now_ms);

    if (status != LK_OK)
        return status;
    /* spec: RFC 6275 9.5.1 - modulo 2^16. */
    mn->sequence++;
    mn->mesg_id = lk_mip_mn_identification(now_ms, mn->clock_ms, (uint32_t)s->event->entropy,
                                           mn->mesg_id, mn->corrected);
    mn->sent_ms = now_ms;
    if (mn->tries < UINT8_MAX)
        mn->tries++;
    mn->due_ms = now_ms + lk_mip_mn_wait_ms(first_ms, config->last_retry_ms, mn->tries);
    lk_mip_mn6_add(s->out, LK_MIP_MN6_OUT_TIMER)->timer_ms = mn->due_ms;
    return put_packet(s);
}

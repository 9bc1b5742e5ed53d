/* The home agent's machine of MIPv6: what an update must want to be granted, and the Binding
 * Acknowledgement. */
#include <string.h>

#include "base/ntp.h"
#include "proto/mip/ha6_parts.h"

enum { V4_BITS = 32 };

/* ---- policy ---- */

static bool is_of_prefix(const struct lk_mip_ha6_event *event, const struct lk_address *address)
{
    const struct lk_address_prefix its = lk_address_prefix_of(address, event->prefix.bits);

    return event->prefix.bits != 0 && lk_address_prefix_equal(&its, &event->prefix);
}

/* T12: over IPv4 what comes from elsewhere than it says was sent on by a translator, and the
 * datagram's source is asked whether the device is there (A32). Nobody translates IPv6: what the
 * packet in it has as source is where the datagram came from. */
static bool source_fits(const struct lk_mip_ha6_event *event)
{
    const struct lk_address care_of = lk_mip_ha6_care_of(event);

    if (event->port == 0)
        return !lk_address_is_v4(&care_of);
    return lk_address_is_v4(&event->from) ||
           lk_mobility_has(&event->update->options, LK_MO_CARE_OF) ||
           lk_address_equal(&care_of, &event->from);
}

/* Where packets would go. A care-of address of ours would lead the tunnel into itself.
 * spec-not: RFC 6275 6.1.7 - an update for what is no unicast routable address would be dropped
 * without an answer, as would one whose care-of address is a home address. Who has proven himself
 * is told: 174. */
static bool care_of_fits(const struct lk_mip_ha6_event *event)
{
    const struct lk_address care_of = lk_mip_ha6_care_of(event);

    return lk_mip_is_somewhere(&care_of, &event->from) && !event->leads_back &&
           !lk_address_equal(&care_of, &event->agent) && !is_of_prefix(event, &care_of) &&
           source_fits(event);
}

bool lk_mip_ha6_is_its_own(const struct lk_mip_ha6_event *event)
{
    const struct lk_address home = lk_mip_ha6_home(event);

    return is_of_prefix(event, &home);
}

struct lk_mip_ha6_verdict lk_mip_ha6_policy(const struct lk_mip_ha6_event *event)
{
    const struct lk_mobility_message *update = event->update;
    const struct {
        bool fits;
        struct lk_mip_ha6_verdict otherwise;
    } wanted[] = {
        /* spec: RFC 5213 5.3.1 - a device is no gateway. */
        { (update->flags & LK_BU_PROXY) == 0,
          { LK_BA_PROXY_NOT_ENABLED, LK_REASON_MIP_NOT_HOME } },
        /* spec: RFC 6275 9.5.1 - without H it is for a correspondent node. */
        { (update->flags & LK_BU_HOME) != 0, { LK_BA_PROHIBITED, LK_REASON_MIP_NOT_HOME } },
        /* spec: RFC 6275 10.3.1 - 132: no address of that home network is this device's. */
        { lk_mip_ha6_is_its_own(event),
          { LK_BA_NOT_HOME_SUBNET, LK_REASON_MIP_HOME_ADDRESS } },
        { care_of_fits(event), { LK_BA_CARE_OF_INVALID, LK_REASON_MIP_CARE_OF } },
    };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++)
        if (!wanted[i].fits)
            return wanted[i].otherwise;
    return (struct lk_mip_ha6_verdict){ 0, LK_REASON_NONE };
}

/* ---- the acknowledgement ---- */

/* spec: RFC 4285 6 - MESG-ID as it came; where it is not good, our clock in its high half. */
static void put_mesg_id(struct lk_mobility_options *to, const struct lk_mip_ha6_event *event,
                        uint8_t status)
{
    uint64_t asked = event->update->options.mesg_id, low = asked & UINT32_MAX;

    if (!lk_mobility_has(&event->update->options, LK_MO_MESG_ID))
        return;
    to->mesg_id = status == LK_BA_ID_MISMATCH ? lk_ntp_of(event->now_ms, 0) >> 32 << 32 | low
                                              : asked;
    lk_mobility_mark(to, LK_MO_MESG_ID);
}

/* spec: RFC 5555 3.2.1 - what became of the IPv4 home address that was asked for: the device has
 * one, and 0.0.0.0 asks for it. */
static void put_ipv4_home(struct lk_mobility_options *to, const struct lk_mip_ha6_event *event)
{
    const struct lk_mobility_options *o = &event->update->options;
    const struct lk_address asked = lk_address_v4(o->ipv4_home.address.octets);
    const struct lk_address own = lk_address_v4(event->ipv4.octets);

    if (!lk_mobility_has(o, LK_MO_IPV4_HOME))
        return;
    lk_mobility_mark(to, LK_MO_IPV4_HOME_ACK);
    to->ipv4_home_ack.bits = V4_BITS;
    to->ipv4_home_ack.address = o->ipv4_home.address;
    if (lk_address_is_any(&own))
        to->ipv4_home_ack.status = LK_IPV4_HOME_NO_DYNAMIC;
    else if (!lk_address_is_any(&asked) && !lk_address_equal(&asked, &own))
        to->ipv4_home_ack.status = LK_IPV4_HOME_INCORRECT;
    else
        to->ipv4_home_ack.address = event->ipv4;
}

/* What an accepted registration is told beside. */
static void put_granted(struct lk_mobility_options *to, const struct lk_mip_ha6_serving *s)
{
    const struct lk_mip_ha6_event *event = s->event;

    put_ipv4_home(to, event);
    /* spec: RFC 5555 3.2.2 - it came in UDP, so the tunnel is in UDP. */
    if (event->port != 0) {
        lk_mobility_mark(to, LK_MO_NAT);
        to->nat.udp = true;
        to->nat.refresh_s = s->config->keepalive_s;
    }
    if (event->update->options.prefix_count > 0) {
        to->prefix_count = 1;
        to->prefix[0] = event->prefix;
        lk_mobility_mark(to, LK_MO_PREFIX);
    }
}

enum lk_status lk_mip_ha6_acknowledge(struct lk_mip_ha6_serving *s, uint8_t status)
{
    const struct lk_mip_ha6_event *event = s->event;
    const struct lk_mobility_message *update = event->update;
    const struct lk_address care_of = lk_mip_ha6_care_of(event);
    /* Who is refused is told no address: he may be anybody who knows a name. */
    const struct lk_address home = status == LK_BA_ACCEPTED ? lk_mip_ha6_home(event) : event->home;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);
    struct lk_mobility_message ba = { .type = LK_MOBILITY_BA, .status = status,
                                      .sequence = update->sequence };
    struct lk_mip_ha6_output *item;
    enum lk_status done;

    /* spec: RFC 4283 3 - an acknowledgement says whose it is, like the update. */
    ba.options.mn_id = update->options.mn_id;
    lk_mobility_mark(&ba.options, LK_MO_MN_ID);
    put_mesg_id(&ba.options, event, status);
    if (status == LK_BA_ACCEPTED && s->ha->state == LK_MIP_HA6_ACTIVE) {
        ba.lifetime = s->ha->lifetime;
        put_granted(&ba.options, s);
    }
    done = lk_mip6_msa_sign(&w, &ba, event->with, event->with->spi_back, &care_of, &home);
    if (done != LK_OK)
        return done;
    item = lk_mip_ha6_add(s->out, LK_MIP_HA6_OUT_SEND);
    item->send.octets = lk_writer_span(&w);
    item->send.home = home;
    item->send.care_of = care_of;
    return LK_OK;
}

/* The home agent's machine of MIPv6: which update is welcome in which state of a binding, and the
 * one step.
 *
 *     NONE --register--> ACTIVE --deregister, or the lifetime's end--> NONE
 *                        |    ^
 *                       renew, move
 *
 * It implements the home agent's part of RFC 6275 9.5, 10.3, RFC 4285 and RFC 5555. */
#include "proto/mip/ha6.h"

#include <string.h>

#include "base/ntp.h"
#include "base/window.h"
#include "proto/mip/ha6_parts.h"

enum ha6_on {
    ON_REGISTER,
    ON_MOVE,
    ON_DEREGISTER,
    ON_DEREGISTER_ANOTHERS,
    ON_REPEAT,
    ON_COPY,
    ON_UNPROVEN,
    ON_UNTIMELY,
    ON_EXPIRED,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REGISTER] = "registration",
    [ON_MOVE] = "another care-of address",
    [ON_DEREGISTER] = "deregistration",
    [ON_DEREGISTER_ANOTHERS] = "deregistration of another's home address",
    [ON_REPEAT] = "repeat",
    [ON_COPY] = "copy from elsewhere",
    [ON_UNPROVEN] = "mobile node not proven",
    [ON_UNTIMELY] = "MESG-ID out of order",
    [ON_EXPIRED] = "EXPIRED",
};

#define TO(state) (1u << (state))
#define NONE TO(LK_MIP_HA6_NONE)
#define ACTIVE TO(LK_MIP_HA6_ACTIVE)
#define ANY (NONE | ACTIVE)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mip_ha6_##act }

static const struct ha6_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_ha6_serving *s);
} rows[] = {
    ROW(ANY, ON_UNPROVEN, unproven, LK_RULE_STAY, "RFC 4285 5.1"),
    ROW(ANY, ON_UNTIMELY, untimely, LK_RULE_STAY, "RFC 4285 6"),
    ROW(ANY, ON_REPEAT, repeat, LK_RULE_STAY, "RFC 6275 9.5.1"),
    ROW(ACTIVE, ON_COPY, copied, LK_RULE_STAY, "RFC 4285 6"),
    ROW(ANY, ON_DEREGISTER_ANOTHERS, anothers, LK_RULE_STAY, "RFC 6275 10.3.2"),

    ROW(NONE, ON_REGISTER, register, ANY, "RFC 6275 10.3.1"),
    ROW(NONE, ON_DEREGISTER, none, NONE, "RFC 6275 10.3.2"),

    ROW(ACTIVE, ON_REGISTER, renew, ACTIVE, "RFC 6275 10.3.1"),
    ROW(ACTIVE, ON_MOVE, move, ACTIVE, "RFC 6275 10.3.1"),
    ROW(ACTIVE, ON_DEREGISTER, release, NONE, "RFC 6275 10.3.2"),
    ROW(ACTIVE, ON_EXPIRED, end, NONE, "RFC 6275 10.3.1"),
};

static const char *const state_names[LK_MIP_HA6_STATE_COUNT] = {
    [LK_MIP_HA6_NONE] = "NONE",
    [LK_MIP_HA6_ACTIVE] = "ACTIVE",
};

const char *lk_mip_ha6_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_ha6_rules, state);
}

const struct lk_rule_table lk_mip_ha6_rules = {
    .name = "mip-ha6",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_HA6_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = NONE,
    .last = NONE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

/* spec: RFC 6275 6.2.5 - the alternate care-of address, where there is one.
 * spec: RFC 5555 3.1.2 - over IPv4 an option has it, and is covered; without one it is where the
 * datagram comes from. */
struct lk_address lk_mip_ha6_care_of(const struct lk_mip_ha6_event *event)
{
    const struct lk_mobility_options *o = &event->update->options;

    if (lk_mobility_has(o, LK_MO_CARE_OF))
        return o->care_of;
    if (lk_mobility_has(o, LK_MO_IPV4_CARE_OF))
        return lk_address_v4(o->ipv4_care_of.octets);
    return lk_address_is_any(&event->source) ? event->from : event->source;
}

struct lk_address lk_mip_ha6_home(const struct lk_mip_ha6_event *event)
{
    struct lk_address home = event->home;

    if (lk_address_is_any(&home) && event->prefix.bits != 0) {
        home = event->prefix.address;
        home.octets[LK_ADDRESS_LEN - 1] |= 1;
    }
    return home;
}

/* spec: RFC 5555 3.1.2 - over IPv4 a translator may be between, so that what the datagram says for
 * itself counts; who wants it elsewhere says so in an alternate care-of address. A32: that is a
 * wish. */
struct lk_address lk_mip_ha6_end_of(const struct lk_mip_ha6_event *event)
{
    return lk_mobility_has(&event->update->options, LK_MO_CARE_OF) ? lk_mip_ha6_care_of(event)
                                                                   : event->from;
}

struct lk_address lk_mip_ha6_bound_end(const struct lk_mip_ha6 *ha)
{
    const struct lk_address from = lk_address_v4(ha->from.octets);

    return lk_address_is_any(&from) ? ha->care_of : from;
}

struct lk_address lk_mip_ha6_bound_home(const struct lk_mip_ha6 *ha,
                                        const struct lk_address_prefix *prefix)
{
    struct lk_address home = prefix->address;

    memcpy(home.octets + LK_ADDRESS_LEN - sizeof ha->home, ha->home, sizeof ha->home);
    return home;
}

/* spec: RFC 4285 5 - by the MN-HA authenticator, beside an NAI that says whose it is; the home
 * address is what the packet says. */
static bool is_proven(const struct lk_mip_ha6_event *event)
{
    const struct lk_mobility_options *o = &event->update->options;
    const struct lk_address care_of = lk_mip_ha6_care_of(event);

    return event->with != NULL && lk_mobility_has(o, LK_MO_MN_ID) &&
           o->mn_id.subtype == LK_MN_ID_NAI &&
           lk_mip6_msa_proves(event->with, event->with->there.spi, o, &care_of, &event->home,
                              event->now_ms);
}

static struct lk_mip_ha6_verdict verdict(uint8_t status, enum lk_reason reason)
{
    return (struct lk_mip_ha6_verdict){ status, reason };
}

/* spec: RFC 4285 6 - within the window of our clock, and newer than all that were accepted.
 * The sequence number orders nothing: its 16 bits come around, and a row that is new has none. */
struct lk_mip_ha6_verdict lk_mip_ha6_order(const struct lk_mip_ha6 *ha,
                                           const struct lk_mip_ha6_config *config,
                                           const struct lk_mip_ha6_event *event)
{
    const struct lk_mobility_options *o = &event->update->options;

    if (!lk_mobility_has(o, LK_MO_MESG_ID))
        return verdict(LK_BA_MESG_ID_REQUIRED, LK_REASON_MIP_MESG_ID);
    if (!lk_within(lk_ntp_ms(o->mesg_id), event->now_ms, config->window_ms))
        return verdict(LK_BA_ID_MISMATCH, LK_REASON_MIP_TIME);
    if (o->mesg_id <= config->floor)
        return verdict(LK_BA_ID_MISMATCH, LK_REASON_MIP_QUARANTINE);
    if (o->mesg_id <= ha->identification)
        return verdict(LK_BA_ID_MISMATCH, LK_REASON_MIP_REPLAY);
    return verdict(0, LK_REASON_NONE);
}

/* The same place, and the same way to it. */
static bool is_there(const struct lk_mip_ha6 *ha, const struct lk_mip_ha6_event *event)
{
    const struct lk_address care_of = lk_mip_ha6_care_of(event);
    const struct lk_address is = lk_mip_ha6_bound_end(ha), wanted = lk_mip_ha6_end_of(event);

    return lk_address_equal(&care_of, &ha->care_of) && ha->udp == (event->port != 0) &&
           (!ha->udp || (ha->port == event->port && lk_address_equal(&is, &wanted)));
}

/* spec: RFC 6275 10.3.2 - no lifetime, or the home address as care-of address. */
static bool deregisters(const struct lk_mip_ha6_event *event)
{
    const struct lk_address care_of = lk_mip_ha6_care_of(event);

    return event->update->lifetime == 0 || lk_address_equal(&care_of, &event->home);
}

static enum ha6_on judge_update(const struct lk_mip_ha6 *ha,
                                const struct lk_mip_ha6_config *config,
                                const struct lk_mip_ha6_event *event)
{
    if (!is_proven(event))
        return ON_UNPROVEN;
    /* As in ha.c: no repeat of what has ended since, nor of what came from elsewhere. */
    if (ha->digest == event->digest && (ha->state != LK_MIP_HA6_NONE || ha->released))
        return deregisters(event) || is_there(ha, event) ? ON_REPEAT : ON_COPY;
    if (lk_mip_ha6_order(ha, config, event).reason != LK_REASON_NONE)
        return ON_UNTIMELY;
    if (deregisters(event))
        return lk_mip_ha6_is_its_own(event) ? ON_DEREGISTER : ON_DEREGISTER_ANOTHERS;
    return ha->state == LK_MIP_HA6_ACTIVE && !is_there(ha, event) ? ON_MOVE : ON_REGISTER;
}

static enum ha6_on judge(const struct lk_mip_ha6 *ha, const struct lk_mip_ha6_config *config,
                         const struct lk_mip_ha6_event *event)
{
    switch (event->kind) {
    case LK_MIP_HA6_EV_REQUEST:
        LK_ASSERT(event->digest != 0 && event->update->type == LK_MOBILITY_BU);
        return judge_update(ha, config, event);
    case LK_MIP_HA6_EV_EXPIRED:
        return event->now_ms >= ha->expires_ms ? ON_EXPIRED : ON_NOTHING;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_ha6_step(struct lk_mip_ha6 *ha, const struct lk_mip_ha6_config *config,
                               const struct lk_mip_ha6_event *event,
                               struct lk_mip_ha6_outbox *out)
{
    struct lk_mip_ha6 draft = *ha;
    struct lk_mip_ha6_serving serving = { .ha = &draft, .config = config, .event = event,
                                          .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_mip_ha6_rules, ha->state,
                                         judge(ha, config, event));

    out->count = 0;
    if (status != LK_OK)
        return status;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, ha->state, draft.state);
        /* Invariants 9, 10. */
        LK_ASSERT(draft.epoch >= ha->epoch && draft.identification >= ha->identification);
        *ha = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_mip_ha6_init(struct lk_mip_ha6 *ha)
{
    memset(ha, 0, sizeof *ha);
}

const struct lk_mip_ha6_output *lk_mip_ha6_find(const struct lk_mip_ha6_outbox *out,
                                                enum lk_mip_ha6_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_mip_ha6_output *lk_mip_ha6_add(struct lk_mip_ha6_outbox *out,
                                         enum lk_mip_ha6_output_kind kind)
{
    struct lk_mip_ha6_output *item;

    LK_ASSERT(out->count < LK_MIP_HA6_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

void lk_mip_ha6_defaults(struct lk_mip_ha6_config *config)
{
    *config = (struct lk_mip_ha6_config){ .window_ms = 7000, .lifetime_max = 450,
                                          .keepalive_s = 110 };
}

/* The home agent's machine: which request is welcome in which state of a binding, and the one step.
 *
 *     NONE --register--> ACTIVE --deregister, revocation, or the lifetime's end--> NONE
 *                        |    ^
 *                       renew, move
 *
 * It implements the home agent's part of RFC 5944 3.8, 5.7, RFC 3957, RFC 3519 and RFC 3543. */
#include "proto/mip/ha.h"

#include <string.h>

#include "crypto/crypto.h"
#include "proto/mip/ha_parts.h"
#include "base/ntp.h"
#include "base/window.h"

enum ha_on {
    ON_REGISTER,
    ON_MOVE,
    ON_DEREGISTER,
    ON_DEREGISTER_OTHER,
    ON_DEREGISTER_ANOTHERS,
    ON_REPEAT,
    ON_COPY,
    ON_UNPROVEN,
    ON_UNTIMELY,
    ON_AGENT_UNPROVEN,
    ON_EXPIRED,
    ON_REVOKED,
    ON_REVOKED_BEFORE,
    ON_REVOCATION_DOUBTED,
    ON_WITHDRAWN,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_REGISTER] = "registration",
    [ON_MOVE] = "another care-of address",
    [ON_DEREGISTER] = "deregistration",
    [ON_DEREGISTER_OTHER] = "deregistration of another care-of address",
    [ON_DEREGISTER_ANOTHERS] = "deregistration of another's home address",
    [ON_REPEAT] = "repeat",
    [ON_COPY] = "copy from elsewhere",
    [ON_UNPROVEN] = "mobile node not proven",
    [ON_UNTIMELY] = "Identification out of order",
    [ON_AGENT_UNPROVEN] = "foreign agent not proven",
    [ON_EXPIRED] = "EXPIRED",
    [ON_REVOKED] = "REVOKED",
    [ON_REVOKED_BEFORE] = "revocation of nothing",
    [ON_REVOCATION_DOUBTED] = "unproven or old revocation",
    [ON_WITHDRAWN] = "WITHDRAWN",
};

#define TO(state) (1u << (state))
#define NONE TO(LK_MIP_HA_NONE)
#define ACTIVE TO(LK_MIP_HA_ACTIVE)
#define ANY (NONE | ACTIVE)
#define ROW(in, on, act, may_enter, clause) \
    { { in, on, may_enter, #act, clause }, lk_mip_ha_##act }

static const struct ha_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_ha_serving *s);
} rows[] = {
    ROW(ANY, ON_UNPROVEN, unproven, LK_RULE_STAY, "RFC 5944 3.8.2.1"),
    ROW(ANY, ON_UNTIMELY, untimely, LK_RULE_STAY, "RFC 5944 5.7"),
    ROW(ANY, ON_AGENT_UNPROVEN, agent_unproven, LK_RULE_STAY, "RFC 5944 3.8.2.1"),
    ROW(ANY, ON_REPEAT, repeat, LK_RULE_STAY, "RFC 5944 3.8.3"),
    ROW(ACTIVE, ON_COPY, copied, LK_RULE_STAY, "RFC 5944 5.7"),
    ROW(ANY, ON_DEREGISTER_OTHER, keep, LK_RULE_STAY, "RFC 5944 3.8.2.2"),
    ROW(ANY, ON_DEREGISTER_ANOTHERS, anothers, LK_RULE_STAY, "RFC 5944 3.8.3.2"),

    ROW(NONE, ON_REGISTER, register, ANY, "RFC 5944 3.8.2.2"),
    ROW(NONE, ON_DEREGISTER, keep, NONE, "RFC 5944 3.8.2.2"),

    ROW(ACTIVE, ON_REGISTER, renew, ACTIVE, "RFC 5944 3.8.2.2"),
    ROW(ACTIVE, ON_MOVE, move, ACTIVE, "RFC 5944 3.8.2.2"),
    ROW(ACTIVE, ON_DEREGISTER, release, NONE, "RFC 5944 3.8.2.2"),
    ROW(ACTIVE, ON_EXPIRED, end, NONE, "RFC 5944 3.8.2.2"),

    ROW(ANY, ON_REVOCATION_DOUBTED, doubt, LK_RULE_STAY, "RFC 3543 3.3"),
    ROW(ANY, ON_REVOKED_BEFORE, acknowledge, LK_RULE_STAY, "RFC 3543 3.4"),
    ROW(ACTIVE, ON_REVOKED, revoked, NONE, "RFC 3543 4"),
    ROW(ACTIVE, ON_WITHDRAWN, withdraw, NONE, "RFC 3543 4"),
};

static const char *const state_names[LK_MIP_HA_STATE_COUNT] = {
    [LK_MIP_HA_NONE] = "NONE",
    [LK_MIP_HA_ACTIVE] = "ACTIVE",
};

const char *lk_mip_ha_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_ha_rules, state);
}

const struct lk_rule_table lk_mip_ha_rules = {
    .name = "mip-ha",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_HA_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = NONE,
    .last = NONE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what an event is ---- */

/* spec: RFC 5944 3.8.2.1 - by the Mobile-Home Authentication Extension. spec: RFC 3957 4 - where
 * the node asks for a key of the home AAA, by what that says of its MN-AAA. */
static bool is_proven(const struct lk_mip_ha_event *event)
{
    const struct lk_mip_extensions *extensions = &event->request->extensions;

    if (event->with == NULL)
        return event->grant != NULL;
    return lk_mip_msa_proves(event->with, event->with->there.spi, extensions, LK_MIP_MN_HA_AUTH,
                             event->now_ms);
}

static uint8_t replay_of(const struct lk_mip_ha_event *event)
{
    return event->with != NULL ? event->with->replay : event->grant->msa.replay;
}

uint32_t lk_mip_ha_nonce(const struct lk_mip_ha *ha, const struct lk_mip_ha_config *config,
                         const struct lk_mip_ha_event *event)
{
    uint8_t of[LK_ADDRESS_LEN + 8 + 8], mac[LK_SHA256_LEN];
    struct lk_writer w = lk_writer_of(of, sizeof of);
    struct lk_span part;
    uint32_t nonce;

    lk_put_octets(&w, event->home.octets, LK_ADDRESS_LEN);
    lk_put_be64(&w, ha->epoch);
    lk_put_be64(&w, ha->identification);
    part = lk_writer_span(&w);
    lk_hmac_sha256(mac, LK_SPAN(config->nonce_key), &part, 1);
    memcpy(&nonce, mac, sizeof nonce);
    return nonce;
}

/* spec: RFC 5944 5.7 - by time, or by the nonce that we gave last. A first request, which the home
 * AAA has proven, is in time by the clock in any case: it has no nonce yet. */
enum lk_reason lk_mip_ha_untimeliness(const struct lk_mip_ha *ha,
                                      const struct lk_mip_ha_config *config,
                                      const struct lk_mip_ha_event *event)
{
    uint64_t identification = event->request->identification;

    if (replay_of(event) == LK_MIP_NONCES && event->with != NULL)
        return identification >> 32 == lk_mip_ha_nonce(ha, config, event) ? LK_REASON_NONE
                                                                          : LK_REASON_MIP_NONCE;
    if (!lk_within(lk_ntp_ms(identification), event->now_ms, config->window_ms))
        return LK_REASON_MIP_TIME;
    if (identification <= config->floor)
        return LK_REASON_MIP_QUARANTINE;
    return identification > ha->identification ? LK_REASON_NONE : LK_REASON_MIP_REPLAY;
}

/* The same place, and the same way to it. */
static bool is_there(const struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    const struct lk_address care_of = lk_address_v4(ha->care_of.octets);
    const struct lk_address from = lk_address_v4(ha->from.octets);

    return lk_address_equal(&care_of, &event->request->care_of) &&
           lk_address_equal(&from, &event->from) && ha->fa == event->fa &&
           (!ha->udp || ha->port == event->port);
}

/* spec: RFC 5944 3.8.2.2 - with the home address as care-of address all bindings end, else the one
 * with that care-of address. */
static bool is_for_this(const struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    const struct lk_address care_of = lk_address_v4(ha->care_of.octets);

    return lk_address_equal(&event->request->care_of, &event->home) ||
           lk_address_equal(&event->request->care_of, &care_of);
}

/* T11: who names the home address of another, ends nothing: not that one's binding, for he has
 * proven himself alone, and not his own, which he did not name. */
static bool is_of_its_own(const struct lk_mip_ha_event *event)
{
    return lk_address_is_any(&event->request->home) ||
           lk_address_equal(&event->request->home, &event->home);
}

static enum ha_on judge_end(const struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    if (!is_of_its_own(event))
        return ON_DEREGISTER_ANOTHERS;
    return is_for_this(ha, event) ? ON_DEREGISTER : ON_DEREGISTER_OTHER;
}

/* What was accepted last, octet by octet. The registration that has ended since is no repeat: its
 * answer would be a lie now. So it would be from elsewhere: nothing proves where a datagram comes
 * from (RFC 3519), and the tunnel ends where the first of two came from, which may have been
 * anybody's copy. What a deregistration has ended has ended wherever it comes from. */
static bool is_same(const struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    return ha->digest == event->digest && (ha->state != LK_MIP_HA_NONE || ha->released);
}

static enum ha_on judge_request(const struct lk_mip_ha *ha, const struct lk_mip_ha_config *config,
                                const struct lk_mip_ha_event *event)
{
    if (!is_proven(event))
        return ON_UNPROVEN;
    if (is_same(ha, event))
        return event->request->lifetime_s == 0 || is_there(ha, event) ? ON_REPEAT : ON_COPY;
    if (lk_mip_ha_untimeliness(ha, config, event) != LK_REASON_NONE)
        return ON_UNTIMELY;
    /* spec: RFC 5944 3.5.4 - no Foreign-Home extension is on a deregistration. */
    if (event->fa_with != NULL && event->request->lifetime_s > 0 &&
        !lk_mip_msa_proves(event->fa_with, event->fa_with->there.spi, &event->request->extensions,
                           LK_MIP_FA_HA_AUTH, event->now_ms))
        return ON_AGENT_UNPROVEN;
    if (event->request->lifetime_s == 0)
        return judge_end(ha, event);
    return ha->state == LK_MIP_HA_ACTIVE && !is_there(ha, event) ? ON_MOVE : ON_REGISTER;
}

static enum ha_on judge_revocation(const struct lk_mip_ha *ha,
                                   const struct lk_mip_ha_event *event)
{
    switch (lk_mip_ha_judge_revocation(ha, event)) {
    case LK_MIP_HA_REVOCATION_GOOD: return ON_REVOKED;
    case LK_MIP_HA_REVOCATION_EMPTY: return ON_REVOKED_BEFORE;
    case LK_MIP_HA_REVOCATION_DOUBTED: break;
    }
    return ON_REVOCATION_DOUBTED;
}

static enum ha_on judge(const struct lk_mip_ha *ha, const struct lk_mip_ha_config *config,
                        const struct lk_mip_ha_event *event)
{
    switch (event->kind) {
    case LK_MIP_HA_EV_REQUEST:
        LK_ASSERT(event->digest != 0);
        return judge_request(ha, config, event);
    case LK_MIP_HA_EV_EXPIRED:
        return ha->due_ms != 0 && event->now_ms >= ha->due_ms ? ON_EXPIRED : ON_NOTHING;
    case LK_MIP_HA_EV_REVOKED: return judge_revocation(ha, event);
    case LK_MIP_HA_EV_WITHDRAWN: return ON_WITHDRAWN;
    }
    return ON_NOTHING;
}

enum lk_status lk_mip_ha_step(struct lk_mip_ha *ha, const struct lk_mip_ha_config *config,
                              const struct lk_mip_ha_event *event, struct lk_mip_ha_outbox *out)
{
    struct lk_mip_ha draft = *ha;
    struct lk_mip_ha_serving serving = { .ha = &draft, .config = config, .event = event,
                                         .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_mip_ha_rules, ha->state,
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

void lk_mip_ha_init(struct lk_mip_ha *ha)
{
    memset(ha, 0, sizeof *ha);
}

const struct lk_mip_ha_output *lk_mip_ha_find(const struct lk_mip_ha_outbox *out,
                                              enum lk_mip_ha_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_mip_ha_output *lk_mip_ha_add(struct lk_mip_ha_outbox *out,
                                       enum lk_mip_ha_output_kind kind)
{
    struct lk_mip_ha_output *item;

    LK_ASSERT(out->count < LK_MIP_HA_OUTPUTS);
    item = &out->item[out->count++];
    item->kind = kind;
    return item;
}

void lk_mip_ha_defaults(struct lk_mip_ha_config *config)
{
    *config = (struct lk_mip_ha_config){ .window_ms = 7000, .lifetime_max_s = 1800,
                                         .keepalive_s = 110, .udp_mandatory = true };
}

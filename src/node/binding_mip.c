/* Mobile IPv4 in the table of bindings: its row of functions, and its machine's words in the
 * core's. */
#include <string.h>

#include "base/ntp.h"
#include "node/anchor_mips.h"

static const char *state_name(const struct lk_binding *b)
{
    return lk_mip_ha_state_name(b->mip.state);
}

static struct lk_binding_standing stands(const struct lk_binding *b)
{
    const struct lk_mip_ha *m = &b->mip;
    bool active = m->state == LK_MIP_HA_ACTIVE;

    return (struct lk_binding_standing){
        .epoch = m->epoch, .expires_ms = m->expires_ms, .due_ms = m->due_ms,
        .owner = active ? LK_BINDING_DEVICE : 0, .care_of = lk_address_v4(m->care_of.octets),
        .passes = active,
    };
}

static void put(struct lk_writer *w, const struct lk_binding *b)
{
    const struct lk_mip_ha *m = &b->mip;

    lk_put_u8(w, m->state);
    lk_put_octets(w, m->care_of.octets, sizeof m->care_of.octets);
    lk_put_octets(w, m->from.octets, sizeof m->from.octets);
    lk_put_be16(w, m->port);
    lk_put_be64(w, m->epoch);
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
    lk_put_be64(w, m->expires_ms);
    lk_put_u8(w, m->revocation);
    lk_put_be32(w, m->ours_s);
    lk_put_be32(w, m->theirs_s);
}

/* ---- as the store keeps it ---- */

static void save(struct lk_binding_record *record, const struct lk_binding *b,
                 const struct lk_anchor_config *config)
{
    const struct lk_mip_ha *m = &b->mip;
    struct lk_binding_record_mip *r = &record->mip;

    r->state = m->state;
    r->flags = m->flags;
    r->udp = m->udp;
    r->released = m->released;
    r->port = m->port;
    r->lifetime_s = m->lifetime_s;
    memcpy(r->care_of, m->care_of.octets, sizeof r->care_of);
    memcpy(r->from, m->from.octets, sizeof r->from);
    if (m->fa != 0)
        memcpy(r->fa, config->mip.fa[m->fa - 1].name, sizeof r->fa);
    r->identification = m->identification;
    r->digest = m->digest;
    r->due_ms = m->due_ms;
    r->revocation = m->revocation;
    r->ours_s = m->ours_s;
    r->theirs_s = m->theirs_s;
}

static void load(struct lk_binding *b, const struct lk_binding_record *record,
                 const struct lk_anchor_config *config)
{
    const struct lk_binding_record_mip *r = &record->mip;
    struct lk_mip_ha *m = &b->mip;

    m->state = r->state;
    m->flags = r->flags;
    m->udp = r->udp;
    m->released = r->released;
    m->port = r->port;
    m->lifetime_s = r->lifetime_s;
    memcpy(m->care_of.octets, r->care_of, sizeof r->care_of);
    memcpy(m->from.octets, r->from, sizeof r->from);
    m->fa = (uint16_t)lk_anchor_fa_number(config, lk_span_text(r->fa));
    m->identification = r->identification;
    m->epoch = record->epoch;
    m->digest = r->digest;
    m->expires_ms = record->expires_ms;
    m->due_ms = r->due_ms;
    m->revocation = r->revocation;
    m->ours_s = r->ours_s;
    m->theirs_s = r->theirs_s;
    /* A foreign agent that the configuration does not know any more has nothing; nor has who is in
     * a state that only a later version knows. */
    if ((r->fa[0] != '\0' && m->fa == 0) || r->state >= LK_MIP_HA_STATE_COUNT) {
        m->state = LK_MIP_HA_NONE;
        m->due_ms = 0;
        m->epoch++;
    }
}

static bool is_saved(const struct lk_binding *b, const struct lk_binding_record *record)
{
    return b->mip.digest == record->mip.digest && b->mip.state == record->mip.state;
}

/* By the device's clock, which was within a window of ours. */
static uint64_t newest_ms(const struct lk_binding *b)
{
    return lk_ntp_ms(b->mip.identification);
}

static void follow(struct lk_binding *b, uint64_t newest)
{
    uint64_t identification = lk_ntp_of(newest, LK_NTP_SPARE);

    if (identification > b->mip.identification)
        b->mip.identification = identification;
}

struct lk_mip_ha lk_anchor_mip_of(const struct lk_anchor *anchor, const struct lk_binding *b)
{
    struct lk_mip_ha ha;

    if (b != NULL && b->protocol == LK_BINDING_MIP)
        return b->mip;
    lk_mip_ha_init(&ha);
    ha.epoch = anchor->epoch_floor;
    if (b == NULL)
        return ha;
    ha.epoch = lk_binding_stands(b).epoch;
    ha.identification =
        lk_ntp_of(lk_binding_protocol(b->protocol)->newest_ms(b), LK_NTP_SPARE);
    /* T11: behind what a foreign agent was told when the other protocol took the row over. */
    ha.ours_s = lk_mip_timestamp(lk_binding_protocol(b->protocol)->newest_ms(b), 0) + 2;
    return ha;
}

static struct lk_binding_tunnel tunnel(const struct lk_binding *b)
{
    return (struct lk_binding_tunnel){ .address = lk_address_v4(b->mip.from.octets),
                                       .port = b->mip.port,
                                       .home = lk_address_v4(b->ipv4.octets) };
}

/* ---- what the machine said ---- */

struct lk_anchor_said lk_anchor_mip_said(const struct lk_mip_ha_outbox *words)
{
    const struct lk_mip_ha_output *change = lk_mip_ha_find(words, LK_MIP_HA_OUT_CHANGED);
    const struct lk_mip_ha_output *send = lk_mip_ha_find(words, LK_MIP_HA_OUT_SEND);

    return (struct lk_anchor_said){
        .change = change == NULL ? 0 : lk_anchor_mip_change(change->changed),
        .send = send == NULL ? lk_span_of(NULL, 0) : send->send,
        .again = change == NULL && lk_mip_ha_find(words, LK_MIP_HA_OUT_REFUSED) == NULL,
    };
}

static void expire(struct lk_anchor *anchor, struct lk_binding *b, uint64_t now_ms,
                   struct lk_anchor_outbox *out)
{
    struct lk_mip_ha_event expired = { .kind = LK_MIP_HA_EV_EXPIRED, .now_ms = now_ms };
    const struct lk_binding_standing before = stands(b);
    struct lk_mip_ha_outbox words;
    struct lk_anchor_said said;

    if (lk_mip_ha_step(&b->mip, &anchor->config->mip.ha, &expired, &words) == LK_OK) {
        said = lk_anchor_mip_said(&words);
        said.before = before;
        lk_anchor_carry(anchor, b, &said, now_ms, out);
    } else { /* a clock that went back */
        lk_binding_set_due(anchor->table, b, b->mip.due_ms);
    }
}

const struct lk_binding_protocol lk_binding_mip = {
    .name = "Mobile IPv4",
    .state_name = state_name,
    .stands = stands,
    .put = put,
    .save = save,
    .load = load,
    .is_saved = is_saved,
    .newest_ms = newest_ms,
    .follow = follow,
    .tunnel = tunnel,
    .expire = expire,
};

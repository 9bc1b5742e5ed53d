/* MIPv6 in the table of bindings: its row of functions, and its machine's words in the core's. */
#include <string.h>

#include "base/ntp.h"
#include "node/anchor_mips.h"

static const char *state_name(const struct lk_binding *b)
{
    return lk_mip_ha6_state_name(b->mip6.state);
}

static uint64_t due_ms(const struct lk_mip_ha6 *m)
{
    return m->state == LK_MIP_HA6_ACTIVE ? m->expires_ms : 0;
}

static struct lk_binding_standing stands(const struct lk_binding *b)
{
    const struct lk_mip_ha6 *m = &b->mip6;
    bool active = m->state == LK_MIP_HA6_ACTIVE;

    return (struct lk_binding_standing){
        .epoch = m->epoch, .expires_ms = m->expires_ms, .due_ms = due_ms(m),
        .owner = active ? LK_BINDING_DEVICE : 0, .care_of = m->care_of, .passes = active,
    };
}

static void put(struct lk_writer *w, const struct lk_binding *b)
{
    const struct lk_mip_ha6 *m = &b->mip6;

    lk_put_u8(w, m->state);
    lk_put_octets(w, m->care_of.octets, sizeof m->care_of.octets);
    lk_put_octets(w, m->from.octets, sizeof m->from.octets);
    lk_put_octets(w, m->home, sizeof m->home);
    lk_put_be16(w, m->port);
    lk_put_be64(w, m->epoch);
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
    lk_put_be64(w, m->expires_ms);
}

/* ---- as the store keeps it ---- */

static void save(struct lk_binding_record *record, const struct lk_binding *b,
                 const struct lk_anchor_config *config)
{
    const struct lk_mip_ha6 *m = &b->mip6;
    struct lk_binding_record_mip6 *r = &record->mip6;

    (void)config;
    r->state = m->state;
    r->udp = m->udp;
    r->released = m->released;
    r->port = m->port;
    r->lifetime = m->lifetime;
    r->care_of = m->care_of;
    r->home = lk_mip_ha6_bound_home(m, &b->prefix);
    memcpy(r->from, m->from.octets, sizeof r->from);
    r->identification = m->identification;
    r->digest = m->digest;
}

static void load(struct lk_binding *b, const struct lk_binding_record *record,
                 const struct lk_anchor_config *config)
{
    const struct lk_binding_record_mip6 *r = &record->mip6;
    struct lk_mip_ha6 *m = &b->mip6;

    (void)config;
    m->state = r->state;
    m->udp = r->udp;
    m->released = r->released;
    m->port = r->port;
    m->lifetime = r->lifetime;
    m->care_of = r->care_of;
    memcpy(m->home, r->home.octets + LK_ADDRESS_LEN - sizeof m->home, sizeof m->home);
    memcpy(m->from.octets, r->from, sizeof m->from.octets);
    m->identification = r->identification;
    m->epoch = record->epoch;
    m->digest = r->digest;
    m->expires_ms = record->expires_ms;
    /* Who is in a state that only a later version knows has nothing; nor has who has no prefix any
     * more. */
    if (m->state >= LK_MIP_HA6_STATE_COUNT || (m->state != LK_MIP_HA6_NONE && !b->has_prefix)) {
        m->state = LK_MIP_HA6_NONE;
        m->epoch++;
    }
}

static bool is_saved(const struct lk_binding *b, const struct lk_binding_record *record)
{
    return b->mip6.digest == record->mip6.digest && b->mip6.state == record->mip6.state;
}

/* By the device's clock, which was within a window of ours. */
static uint64_t newest_ms(const struct lk_binding *b)
{
    return lk_ntp_ms(b->mip6.identification);
}

static void follow(struct lk_binding *b, uint64_t newest)
{
    uint64_t identification = lk_ntp_of(newest, LK_NTP_SPARE);

    if (identification > b->mip6.identification)
        b->mip6.identification = identification;
}

struct lk_mip_ha6 lk_anchor_mip6_of(const struct lk_anchor *anchor, const struct lk_binding *b)
{
    struct lk_mip_ha6 ha;

    if (b != NULL && b->protocol == LK_BINDING_MIP6)
        return b->mip6;
    lk_mip_ha6_init(&ha);
    ha.epoch = anchor->epoch_floor;
    if (b == NULL)
        return ha;
    ha.epoch = lk_binding_stands(b).epoch;
    ha.identification =
        lk_ntp_of(lk_binding_protocol(b->protocol)->newest_ms(b), LK_NTP_SPARE);
    return ha;
}

static struct lk_binding_tunnel tunnel(const struct lk_binding *b)
{
    return (struct lk_binding_tunnel){ .address = lk_mip_ha6_bound_end(&b->mip6),
                                       .port = b->mip6.port,
                                       .home = lk_mip_ha6_bound_home(&b->mip6, &b->prefix) };
}

/* ---- what the machine said ---- */

struct lk_anchor_said lk_anchor_mip6_said(const struct lk_mip_ha6_outbox *words)
{
    const struct lk_mip_ha6_output *change = lk_mip_ha6_find(words, LK_MIP_HA6_OUT_CHANGED);
    const struct lk_mip_ha6_output *send = lk_mip_ha6_find(words, LK_MIP_HA6_OUT_SEND);

    return (struct lk_anchor_said){
        .change = change == NULL ? 0 : lk_anchor_mip_change(change->changed),
        .send = send == NULL ? lk_span_of(NULL, 0) : send->send.octets,
        .again = change == NULL && lk_mip_ha6_find(words, LK_MIP_HA6_OUT_REFUSED) == NULL,
    };
}

static void expire(struct lk_anchor *anchor, struct lk_binding *b, uint64_t now_ms,
                   struct lk_anchor_outbox *out)
{
    const struct lk_mip_ha6_event expired = { .kind = LK_MIP_HA6_EV_EXPIRED, .now_ms = now_ms };
    const struct lk_binding_standing before = stands(b);
    struct lk_mip_ha6_outbox words;
    struct lk_anchor_said said;

    if (lk_mip_ha6_step(&b->mip6, &anchor->config->mip.ha6, &expired, &words) == LK_OK) {
        said = lk_anchor_mip6_said(&words);
        said.before = before;
        lk_anchor_carry(anchor, b, &said, now_ms, out);
    } else { /* a clock that went back */
        lk_binding_set_due(anchor->table, b, due_ms(&b->mip6));
    }
}

const struct lk_binding_protocol lk_binding_mip6 = {
    .name = "MIPv6",
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

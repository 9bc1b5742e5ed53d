/* Octets as what passes between a home agent and a foreign agent that revoke (RFC 3543): requests
 * and replies that come late, revocations of either that come again or altered, whatever else an
 * agent with the key may say, and time. Nothing that is altered ends anything, and no revocation
 * ends what was registered behind it (T11). */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/fa.h"
#include "proto/mip/ha.h"

enum { KEPT = 4, FA = 3, MESSAGE = 512 };

struct message {
    uint8_t octets[MESSAGE];
    size_t len;     /* 0: none */
    uint32_t born;  /* the how many-th thing that happened */
};

static struct lk_mip_ha_config ha_config;
static struct lk_mip_fa_config fa_config;
static struct lk_mip_revoker_config revoker_config;
static struct lk_mip_msa home, agents;
static struct lk_mip_ha ha;
static struct lk_mip_fa fa;
static struct lk_mip_revoker revoker; /* the home agent's */
static struct lk_mip_ha_outbox ha_out;
static struct lk_mip_fa_outbox fa_out;
static struct lk_mip_revoker_outbox said;
static struct message passed, answer, ack, of_ha[KEPT], of_fa[KEPT];
static uint64_t now_ms;
static uint32_t things, bound_by, served_by, least_s;

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return lk_address_v4((const uint8_t[4]){ a, b, c, d });
}

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static void keep(struct message *m, struct lk_span octets)
{
    LK_ASSERT(octets.len <= sizeof m->octets);
    memcpy(m->octets, octets.at, octets.len);
    m->len = octets.len;
    m->born = ++things;
}

static struct lk_span span_of(const struct message *m)
{
    return lk_span_of(m->octets, m->len);
}

/* ---- a registration ---- */

static void node_asks(void)
{
    static uint8_t octets[MESSAGE];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_request request = { .flags = LK_MIP_REVERSE, .lifetime_s = 600,
                                      .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                                      .care_of = ipv4(203, 0, 113, 1),
                                      .identification = lk_ntp_of(now_ms, 0) + things };
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REQUEST, .now_ms = now_ms,
                                     .home_with = &agents, .request = &request,
                                     .least_s = least_s, .from = ipv4(203, 0, 113, 77),
                                     .port = 5000 };

    lk_mip_request_put(&w, &request);
    lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    LK_ASSERT(lk_mip_request_decode(&request, lk_writer_span(&w)) == LK_OK);
    if (lk_mip_fa_step(&fa, &fa_config, &event, &fa_out) == LK_OK &&
        lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_RELAY) != NULL)
        keep(&passed, lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_RELAY)->send.octets);
}

static void ha_hears(void)
{
    struct lk_mip_request request;
    struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = now_ms,
                                     .request = &request, .from = ipv4(203, 0, 113, 1),
                                     .port = 434, .digest = passed.born | UINT64_C(1) << 40,
                                     .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                                     .with = &home, .fa = FA, .fa_with = &agents,
                                     .care_of_is_fas = true };

    if (passed.len == 0)
        return;
    LK_ASSERT(lk_mip_request_decode(&request, span_of(&passed)) == LK_OK);
    LK_ASSERT(lk_mip_ha_step(&ha, &ha_config, &event, &ha_out) == LK_OK);
    if (lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_CHANGED) != NULL)
        bound_by = passed.born;
    keep(&answer, lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_SEND)->send);
}

static void fa_hears(void)
{
    struct lk_mip_reply reply;
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REPLY, .now_ms = now_ms,
                                           .home_with = &agents, .reply = &reply };

    if (answer.len == 0 || lk_mip_reply_decode(&reply, span_of(&answer)) != LK_OK)
        return;
    if (lk_mip_fa_step(&fa, &fa_config, &event, &fa_out) == LK_OK &&
        lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_SERVED) != NULL)
        served_by = answer.born;
}

/* ---- revocations ---- */

static void make(struct message *m, const struct lk_mip_revocation *revocation)
{
    static uint8_t octets[MESSAGE];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mip_revocation_put(&w, revocation);
    lk_mip_msa_sign(&w, &agents, revocation->from_ha ? agents.spi_back : agents.there.spi,
                    LK_MIP_FA_HA_AUTH);
    keep(m, lk_writer_span(&w));
}

static struct lk_mip_revocation of(bool from_ha, uint32_t identifier, bool informs)
{
    return (struct lk_mip_revocation){ .from_ha = from_ha, .informs = informs,
                                       .home = ipv4(10, 45, 0, 7),
                                       .home_domain = ipv4(192, 0, 2, 1),
                                       .foreign_domain = ipv4(203, 0, 113, 1),
                                       .identifier = identifier };
}

static void tell(enum lk_mip_revoker_event_kind kind, const struct lk_mip_revocation *what)
{
    const struct lk_mip_revoker_event event = { .kind = kind, .now_ms = now_ms, .with = &agents,
                                                .revocation = what };

    if (lk_mip_revoker_step(&revoker, &revoker_config, &event, &said) != LK_OK)
        LK_ASSERT(said.count == 0);
    LK_ASSERT((revoker.state == LK_MIP_REVOKER_IDLE) == (revoker.due_ms == 0));
}

static void ha_withdraws(uint8_t how)
{
    const struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_WITHDRAWN, .now_ms = now_ms,
                                           .elsewhere = how & 1 };
    const struct lk_mip_ha_output *item;
    struct lk_mip_revocation revocation;

    if (lk_mip_ha_step(&ha, &ha_config, &event, &ha_out) != LK_OK)
        return;
    item = lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_REVOKE);
    if (item == NULL)
        return;
    revocation = of(true, item->revoke.identifier, item->revoke.informs);
    tell(LK_MIP_REVOKER_EV_START, &revocation);
    make(&of_ha[how % KEPT], &revocation);
}

static void fa_withdraws(uint8_t how)
{
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_WITHDRAWN, .now_ms = now_ms };
    const struct lk_mip_fa_output *item;
    struct lk_mip_revocation revocation;

    if (lk_mip_fa_step(&fa, &fa_config, &event, &fa_out) != LK_OK)
        return;
    item = lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_REVOKE);
    if (item != NULL) {
        revocation = of(false, item->revoke.identifier, item->revoke.informs);
        if (least_s == 0 || lk_mip_later(revocation.identifier, least_s))
            least_s = revocation.identifier;
        make(&of_fa[how % KEPT], &revocation);
    }
    lk_mip_fa_init(&fa); /* as a row that is free */
}

static struct lk_span altered(struct message *copy, const struct message *m, uint8_t how,
                              struct lk_reader *r)
{
    *copy = *m;
    if (how & 128)
        copy->octets[lk_get_u8(r) % copy->len] ^= (uint8_t)(1 << how % 8);
    return span_of(copy);
}

static void fa_is_revoked(const struct message *m, uint8_t how, struct lk_reader *r)
{
    struct lk_mip_revocation revocation;
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REVOKED, .now_ms = now_ms,
                                           .home_with = &agents, .revocation = &revocation,
                                           .from = ipv4(192, 0, 2, 1) };
    const struct lk_mip_fa before = fa;
    struct message copy;

    if (m->len == 0 ||
        lk_mip_revocation_decode(&revocation, altered(&copy, m, how, r)) != LK_OK ||
        lk_mip_fa_step(&fa, &fa_config, &event, &fa_out) != LK_OK)
        return;
    if (lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_ENDED) != NULL)
        LK_ASSERT((how & 128) == 0 && m->born > served_by);
    else
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof fa), lk_span_of(&fa, sizeof fa)));
    if (lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_RELAY) != NULL) {
        LK_ASSERT((how & 128) == 0);
        keep(&ack, lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_RELAY)->send.octets);
    }
}

static void ha_is_revoked(const struct message *m, uint8_t how, struct lk_reader *r)
{
    struct lk_mip_revocation revocation;
    const struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REVOKED, .now_ms = now_ms,
                                           .home = ipv4(10, 45, 0, 7),
                                           .agent = ipv4(192, 0, 2, 1), .fa = FA,
                                           .fa_with = &agents, .revocation = &revocation };
    const struct lk_mip_ha before = ha;
    struct message copy;

    if (m->len == 0 ||
        lk_mip_revocation_decode(&revocation, altered(&copy, m, how, r)) != LK_OK ||
        lk_mip_ha_step(&ha, &ha_config, &event, &ha_out) != LK_OK)
        return;
    if (lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_CHANGED) != NULL)
        LK_ASSERT((how & 128) == 0 && m->born > bound_by);
    else
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof ha), lk_span_of(&ha, sizeof ha)));
    LK_ASSERT(lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_SEND) == NULL || (how & 128) == 0);
}

static void ha_is_acked(uint8_t how, struct lk_reader *r)
{
    const struct lk_mip_revoker before = revoker;
    struct lk_mip_revocation revocation;
    struct message copy;

    if (ack.len == 0 ||
        lk_mip_revocation_ack_decode(&revocation, altered(&copy, &ack, how, r)) != LK_OK)
        return;
    tell(LK_MIP_REVOKER_EV_ACK, &revocation);
    LK_ASSERT((how & 128) == 0 || lk_span_equal(lk_span_of(&before, sizeof before),
                                                lk_span_of(&revoker, sizeof revoker)));
}

static void time_passes(uint8_t how)
{
    const struct lk_mip_ha_event ha_event = { .kind = LK_MIP_HA_EV_EXPIRED, .now_ms = now_ms };
    const struct lk_mip_fa_event fa_event = { .kind = LK_MIP_FA_EV_EXPIRED, .now_ms = now_ms };

    tell(LK_MIP_REVOKER_EV_EXPIRED, NULL);
    if ((how & 1) != 0 && lk_mip_ha_step(&ha, &ha_config, &ha_event, &ha_out) != LK_OK)
        LK_ASSERT(ha_out.count == 0);
    if ((how & 2) != 0 && lk_mip_fa_step(&fa, &fa_config, &fa_event, &fa_out) != LK_OK)
        LK_ASSERT(fa_out.count == 0);
}

static void begin(uint8_t how)
{
    lk_mip_ha_defaults(&ha_config);
    ha_config.udp_mandatory = false;
    lk_mip_fa_defaults(&fa_config);
    fa_config.care_of = ipv4(203, 0, 113, 1);
    fa_config.challenge = false;
    fa_config.revokes = (how & 1) == 0;
    lk_mip_revoker_defaults(&revoker_config);
    home = msa(256, 1);
    agents = msa(400, 3);
    lk_mip_ha_init(&ha);
    lk_mip_fa_init(&fa);
    lk_mip_revoker_init(&revoker);
    passed.len = answer.len = ack.len = 0;
    for (size_t i = 0; i < KEPT; i++)
        of_ha[i].len = of_fa[i].len = 0;
    now_ms = UINT64_C(1767225600500);
    things = bound_by = served_by = least_s = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(in, len));

    begin(lk_get_u8(&r));
    for (size_t count = 0; count < 128 && r.status == LK_OK && r.left > 0; count++) {
        uint8_t what = lk_get_u8(&r), how = lk_get_u8(&r);

        switch (what % 10) {
        case 0: node_asks(); break;
        case 1: ha_hears(); break;
        case 2: fa_hears(); break;
        case 3: ha_withdraws(how); break;
        case 4: fa_withdraws(how); break;
        case 5: fa_is_revoked(&of_ha[how / 8 % KEPT], how, &r); break;
        case 6: ha_is_revoked(&of_fa[how / 8 % KEPT], how, &r); break;
        case 7: ha_is_acked(how, &r); break;
        case 8: now_ms += how * UINT64_C(32); break;
        default: time_passes(how); break;
        }
    }
    return 0;
}

/* The foreign agent's challenges (RFC 4721) and advertisements (RFC 5944 2.1).
 *
 *     challenge = interval (4) | number (4) | HMAC-SHA-256(key; interval, number, place)
 *
 * cut to 24 octets. Nothing is kept of it: who brings it back was there, and not long ago. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "node/fa_parts.h"
#include "wire/mip_agent.h"

enum { TAG_AT = 8, TAG = LK_FA_CHALLENGE - TAG_AT, SHOWN = 256 };

static uint32_t interval_of(const struct lk_fa *fa, uint64_t now_ms)
{
    return (uint32_t)(now_ms / fa->config->challenge_ms);
}

static void tag_of(uint8_t tag[TAG], const struct lk_fa *fa, const uint8_t head[TAG_AT],
                   const struct lk_fa_place *to)
{
    const uint8_t port[2] = { (uint8_t)(to->port >> 8), (uint8_t)to->port };
    const struct lk_span parts[] = { lk_span_of(head, TAG_AT), LK_SPAN(to->address.octets),
                                     LK_SPAN(port) };
    uint8_t mac[LK_SHA256_LEN];

    lk_hmac_sha256(mac, LK_SPAN(fa->config->challenge_key), parts, LK_COUNT_OF(parts));
    memcpy(tag, mac, TAG);
    lk_wipe(mac, sizeof mac);
}

struct lk_span lk_fa_challenge(uint8_t challenge[LK_FA_CHALLENGE], struct lk_fa *fa,
                               const struct lk_fa_place *to, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(challenge, TAG_AT);

    if (!fa->config->mip.challenge)
        return lk_span_of(challenge, 0);
    lk_put_be32(&w, interval_of(fa, now_ms));
    lk_put_be32(&w, (uint32_t)++fa->challenges);
    tag_of(challenge + TAG_AT, fa, challenge, to);
    return lk_span_of(challenge, LK_FA_CHALLENGE);
}

/* spec: RFC 4721 3.2 - the last two: here those of the last two intervals. */
bool lk_fa_is_challenge(const struct lk_fa *fa, struct lk_span challenge,
                        const struct lk_fa_place *of, uint64_t now_ms)
{
    struct lk_reader r = lk_reader_of(challenge);
    uint32_t interval = lk_get_be32(&r), now = interval_of(fa, now_ms);
    uint8_t tag[TAG];
    bool same;

    if (challenge.len != LK_FA_CHALLENGE || (interval != now && interval + 1 != now))
        return false;
    tag_of(tag, fa, challenge.at, of);
    same = lk_same_secret(tag, challenge.at + TAG_AT, TAG);
    lk_wipe(tag, sizeof tag);
    return same;
}

/* ---- advertisements ---- */

/* spec: RFC 5944 2.1.1 - what the agent has to offer. T: a reverse tunnel; U: RFC 3519.
 * spec: RFC 3543 3.1 - X: revocation. */
static struct lk_mip_advertisement advertisement_of(const struct lk_fa *fa)
{
    const struct lk_fa_config *config = fa->config;
    struct lk_mip_advertisement a = {
        .code = LK_MIP_ROUTES_MOBILE, .lifetime_s = config->advertised_s, .router_count = 1,
        .has_agent = true, .registration_s = config->mip.lifetime_max_s, .care_of_count = 1,
        .flags = LK_MIP_AGENT_FOREIGN | LK_MIP_AGENT_REVERSE | LK_MIP_AGENT_UDP,
    };

    a.router[0].address = a.care_of[0] = config->mip.care_of;
    if (config->mip.revokes)
        a.flags |= LK_MIP_AGENT_REVOKES;
    if (!lk_fa_has_room(fa))
        a.flags |= LK_MIP_AGENT_BUSY;
    return a;
}

static void send(struct lk_fa *fa, const struct lk_mip_advertisement *a,
                 const struct lk_fa_place *to, const struct lk_address *destination,
                 struct lk_fa_outbox *out)
{
    uint8_t icmp[SHOWN], octets[SHOWN];
    struct lk_writer i = lk_writer_of(icmp, sizeof icmp), w = lk_writer_of(octets, sizeof octets);

    lk_mip_advertisement_put(&i, a);
    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    if (lk_ip_icmp(&w, &fa->config->mip.care_of, destination, 1, lk_writer_span(&i)) == LK_OK)
        lk_fa_send(out, to, lk_writer_span(&w));
}

void lk_fa_advertise(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out)
{
    static const uint8_t everybody[4] = { 255, 255, 255, 255 };
    const struct lk_address all = lk_address_v4(everybody);
    struct lk_mip_advertisement a = advertisement_of(fa);
    uint8_t challenge[LK_FA_CHALLENGE];

    fa->counters.solicited++;
    if (!lk_budgets_take_from(fa->sources, &event->from.address, fa->config->source_rate,
                              event->now_ms * 1000)) {
        fa->counters.over_budget++;
        return;
    }
    a.sequence = fa->sequence;
    a.challenge = lk_fa_challenge(challenge, fa, &event->from, event->now_ms);
    fa->sequence = lk_mip_sequence_next(fa->sequence);
    fa->counters.advertised++;
    send(fa, &a, &event->from, &all, out);
}

/* spec: RFC 3543 4.1 - an advertisement for it alone, with sequence number 0, as of an agent that
 * has begun anew and so knows no visitors: it registers again, if it likes. */
void lk_fa_inform(struct lk_fa *fa, const struct lk_fa_place *to, const struct lk_address *home,
                  uint64_t now_ms, struct lk_fa_outbox *out)
{
    struct lk_mip_advertisement a = advertisement_of(fa);
    uint8_t challenge[LK_FA_CHALLENGE];

    a.sequence = 0;
    a.challenge = lk_fa_challenge(challenge, fa, to, now_ms);
    fa->counters.informed++;
    send(fa, &a, to, home, out);
}

/* Whether a device is where it says (T13, A32): what a place gets that has not proven to be one,
 * and the proof, which is an echo in the device's own tunnel. */
#include <string.h>

#include "base/secret.h"
#include "node/anchor_parts.h"

enum { PROBE = 0x4c4b, TOKEN_AT = 8, SECOND_US = 1000000 };

/* T13: one of what one subscriber may have sent to one place before somebody there has answered
 * comes back in that time; and what a place gets of all of them: many may be behind one
 * translator. */
enum { BACK_US = LK_PATH_RENEW_MS * 1000 / LK_PATH_ALLOWANCE };

enum { OF_ALL = 256, OF_ALL_US = SECOND_US / 16 };

/* Up to where either may be spent for that. Nobody but the device can have what its answer and its
 * proof need spent there, though he writes its address as his. */
static const struct part {
    uint32_t of_one, of_all;
} parts[] = {
    [LK_ANCHOR_SENT_REFUSAL] = { 1, OF_ALL / 4 },
    [LK_ANCHOR_SENT_REFUSAL_THERE] = { LK_PATH_ALLOWANCE, OF_ALL / 4 },
    [LK_ANCHOR_SENT_TRAFFIC] = { LK_PATH_ALLOWANCE - 1, OF_ALL / 2 },
    [LK_ANCHOR_SENT_ANSWER] = { LK_PATH_ALLOWANCE, OF_ALL },
};

/* What one subscriber may be sent at one place. */
static struct lk_anchor_whose whose_of(uint64_t subject, const struct lk_address *address)
{
    return lk_anchor_whose_of('s', 0, subject, address);
}

/* What something that is sent there is of. */
struct sent {
    struct lk_anchor_whose who;
    struct lk_budget_share share[2];
};

static void shares_of(struct sent *sent, enum lk_anchor_sent what, uint64_t subject,
                      const struct lk_address *address)
{
    sent->who = whose_of(subject, address);
    sent->share[0] = (struct lk_budget_share){ LK_SPAN(sent->who.octets),
                                               { parts[what].of_one, BACK_US } };
    sent->share[1] = (struct lk_budget_share){ LK_SPAN(address->octets),
                                               { parts[what].of_all, OF_ALL_US } };
}

bool lk_anchor_could_send(struct lk_anchor *anchor, enum lk_anchor_sent what, uint64_t subject,
                          const struct lk_address *address, uint64_t now_ms)
{
    struct sent sent;

    shares_of(&sent, what, subject, address);
    return lk_budgets_have(anchor->unproven, sent.share, LK_COUNT_OF(sent.share), now_ms * 1000);
}

bool lk_anchor_may_send(struct lk_anchor *anchor, enum lk_anchor_sent what, uint64_t subject,
                        const struct lk_address *address, uint64_t now_ms)
{
    struct sent sent;

    shares_of(&sent, what, subject, address);
    return lk_budgets_take_each(anchor->unproven, sent.share, LK_COUNT_OF(sent.share),
                                now_ms * 1000);
}

static bool is_devices(const struct lk_binding *b)
{
    return lk_binding_protocol(b->protocol)->tunnel != NULL;
}

struct lk_anchor_place lk_anchor_place_of(const struct lk_binding *b)
{
    struct lk_anchor_place place = { .port = 0 };

    if (is_devices(b)) {
        const struct lk_binding_tunnel tunnel = lk_binding_protocol(b->protocol)->tunnel(b);

        place = (struct lk_anchor_place){ tunnel.address, tunnel.port, b->protocol };
    }
    return place;
}

bool lk_anchor_may_reach(struct lk_anchor *anchor, enum lk_anchor_sent what,
                         const struct lk_binding *b, uint64_t now_ms)
{
    const struct lk_anchor_place there = lk_anchor_place_of(b);

    if (b->reached || lk_anchor_may_send(anchor, what, b->subject, &there.address, now_ms))
        return true;
    anchor->counters.unreached++;
    return false;
}

bool lk_anchor_is_at(const struct lk_binding *b, const struct lk_anchor_place *place)
{
    const struct lk_anchor_place there = lk_anchor_place_of(b);

    return place->port != 0 && there.port == place->port && there.by == place->by &&
           lk_address_equal(&there.address, &place->address);
}

bool lk_anchor_was_at(const struct lk_binding *b, const struct lk_address *address)
{
    const struct lk_anchor_place there = lk_anchor_place_of(b);

    return there.port != 0 && lk_address_equal(&there.address, address);
}

/* Of who is where, and when it came there: another care-of address has another token. */
static void token_of(struct lk_path_token *token, const struct lk_anchor *anchor,
                     const struct lk_binding *b)
{
    const struct lk_anchor_place there = lk_anchor_place_of(b);
    const struct lk_path_owner owner = { .number = b->subject ^ lk_binding_stands(b).epoch << 32,
                                         .address = &there.address };

    lk_path_ask(token, &anchor->config->mip.probe_key, &owner, there.port);
}

/* spec: RFC 3519 4.10 - a mobile node answers an echo request in its tunnel: that it does proves
 * that it is where it says. */
void lk_anchor_probe(struct lk_anchor *anchor, const struct lk_binding *b, uint64_t now_ms,
                     struct lk_anchor_outbox *out)
{
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    const struct lk_pool *pool;
    struct lk_path_token token;
    struct lk_anchor_output *item;
    struct lk_address home;

    if (!is_devices(b) || b->reached)
        return;
    home = lk_binding_protocol(b->protocol)->tunnel(b).home;
    pool = lk_anchor_pool_of(anchor->config, &home);
    if (pool == NULL || !lk_anchor_may_reach(anchor, LK_ANCHOR_SENT_ANSWER, b, now_ms))
        return;
    token_of(&token, anchor, b);
    if (lk_ip_ping(&w, &pool->gateway, &home, PROBE, 1, LK_SPAN(token.octets)) != LK_OK)
        return;
    anchor->counters.probes++;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_TUNNEL, 0);
    item->to = lk_anchor_place_of(b);
    item->octets = lk_writer_span(&w);
    out->used += w.len;
}

bool lk_anchor_reached(struct lk_anchor *anchor, struct lk_binding *b,
                       const struct lk_ip_packet *packet)
{
    struct lk_path_token token;

    if (!is_devices(b) || !lk_ip_is_pong(packet, PROBE, 1) ||
        packet->payload.len != TOKEN_AT + sizeof token.octets)
        return false;
    token_of(&token, anchor, b);
    if (!b->reached &&
        lk_same_secret(token.octets, packet->payload.at + TOKEN_AT, sizeof token.octets)) {
        const struct lk_anchor_place there = lk_anchor_place_of(b);
        const struct lk_anchor_whose who = whose_of(b->subject, &there.address);

        /* What was spent there was nobody else's loss. */
        lk_budgets_give_back(anchor->unproven, LK_SPAN(who.octets));
        lk_anchor_refuse_anew(anchor, b->subject, &there.address);
        b->reached = true;
        anchor->counters.reached++;
    }
    lk_wipe(&token, sizeof token);
    return true;
}

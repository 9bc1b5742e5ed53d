/* Where a mobile node goes. */
#include <string.h>

#include "sim/mip_invariants.h"
#include "wire/mip_agent.h"

enum { RETURNS_MS = 2000, RELEASES = 300, AT_FA = 400, NAMES_VICTIM = 500, SOLICIT_MS = 1000,
       LATER_MS = 3000, UNASKED = 300 };

void sim_mobile_returns(struct sim_world *world, struct sim_mobile *node, uint64_t within_ms)
{
    if (sim_mip_goes_on(world))
        sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_RETURNS, .who = node->index,
                                             .life = ++node->turn },
                  1 + sim_random_below(&world->random, within_ms), NULL, 0);
}

void sim_mobile_arrived(struct sim_world *world, struct sim_mobile *node)
{
    node->idle = false;
    if (node->moved_ms != 0)
        sim_gap_note(world, node->gap, world->now_ms - node->moved_ms);
    node->moved_ms = 0;
}

static bool is_outside(const struct sim_mobile *node)
{
    return node->mn.state == LK_MIP_MN_IDLE || node->mn.state == LK_MIP_MN_RELEASED ||
           node->mn.state == LK_MIP_MN_FAILED;
}

/* Behind a translator it says the address that it has there. */
static struct lk_address care_of(const struct sim_mobile *node)
{
    const uint8_t within[4] = { 192, 168, 7, (uint8_t)(node->index % 200 + 2) };

    if (sim_place_kind(node->place) == SIM_PLACE_NAT)
        return lk_address_v4(within);
    return sim_place_address(node->place).address;
}

static struct lk_mip_mn_place place_of(const struct sim_mobile *node)
{
    struct lk_mip_mn_place place = { .challenge_len = 0 };

    if (node->access != SIM_AT_AN_FA) {
        place.care_of = care_of(node);
        return place;
    }
    place.fa = place.care_of = sim_place_address(sim_place(SIM_PLACE_FA, node->at)).address;
    place.challenge_len = node->challenge_len;
    memcpy(place.challenge, node->challenge, sizeof place.challenge);
    return place;
}

static struct lk_address home_of(const struct sim_mobile *node)
{
    const uint8_t octets[4] = { (uint8_t)(node->home >> 24), (uint8_t)(node->home >> 16),
                                (uint8_t)(node->home >> 8), (uint8_t)node->home };

    return lk_address_v4(octets);
}

/* spec: RFC 5944 2.4 - it asks who is there. Where nobody answers it registers without. */
static void solicit(struct sim_world *world, struct sim_mobile *node)
{
    static const uint8_t nobody[4] = { 0 }, all[4] = { 255, 255, 255, 255 };
    const struct lk_address from = lk_address_v4(nobody), to = lk_address_v4(all);
    uint8_t icmp[16], packet[64];
    struct lk_writer i = lk_writer_of(icmp, sizeof icmp), p = lk_writer_of(packet, sizeof packet);
    enum lk_status status;

    node->solicited = true;
    lk_mip_solicitation_put(&i);
    status = lk_ip_icmp(&p, &from, &to, 1, lk_writer_span(&i));
    LK_ASSERT(status == LK_OK);
    sim_mobile_up(world, node, lk_writer_span(&p));
    sim_mobile_returns(world, node, SOLICIT_MS);
}

void sim_mobile_advertised(struct sim_world *world, struct sim_mobile *node, struct lk_span icmp)
{
    struct lk_mip_advertisement a;

    if (node->access != SIM_AT_AN_FA || !node->solicited || node->challenge_len > 0 ||
        lk_mip_advertisement_decode(&a, icmp) != LK_OK || a.challenge.len == 0 ||
        a.challenge.len > sizeof node->challenge || (a.flags & LK_MIP_AGENT_BUSY) != 0)
        return;
    memcpy(node->challenge, a.challenge.at, a.challenge.len);
    node->challenge_len = (uint8_t)a.challenge.len;
    world->report->count[SIM_MIP_ADVERTISED]++;
    node->turn++;
    sim_mobile_here(world, node);
}

static void go(struct sim_world *world, struct sim_mobile *node);

void sim_mobile_here(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_MOVE };

    if (node->access == SIM_NOWHERE || node->mn.state == LK_MIP_MN_AWAIT_RELEASED)
        return;
    if (!world->faults && node->access == SIM_AT_AN_FA && sim_fa_is_nobodys(world, node->at))
        go(world, node); /* who deregistered there when the faults ended */
    if (node->access == SIM_AT_A_MAG) {
        if (!node->attached)
            sim_wlan_attach(world, node);
        return;
    }
    if (node->access == SIM_AT_AN_FA && !node->solicited && sim_mip_goes_on(world) &&
        !sim_fa_is_nobodys(world, node->at)) {
        solicit(world, node);
        return;
    }
    if (is_outside(node)) {
        sim_mobile_keys(world, node);
        event.kind = LK_MIP_MN_EV_START;
        event.start.place = place_of(node);
        event.start.agent = sim_place_address(sim_place(SIM_PLACE_AGENT, 0)).address;
        event.start.home = node->home != 0 ? home_of(node) : (struct lk_address){ { 0 } };
    } else {
        event.move = place_of(node);
    }
    node->challenge_len = 0; /* it is used */
    node->solicited = sim_random_chance(&world->random, UNASKED);
    (void)sim_mobile_step(world, node, &event);
}

/* ---- leaving ---- */

static void leave(struct sim_world *world, struct sim_mobile *node)
{
    if (node->access == SIM_AT_OWN && sim_place_kind(node->place) != SIM_PLACE_VICTIM)
        sim_place_leave(world, node->place);
    if (node->access == SIM_AT_A_MAG)
        sim_wlan_leave(world, node);
    node->place = 0;
    node->access = SIM_NOWHERE;
}

static void to_gateway(struct sim_world *world, struct sim_mobile *node, unsigned mag)
{
    leave(world, node);
    node->access = SIM_AT_A_MAG;
    node->at = mag;
    node->attached = false;
    node->leaving = false;
    node->timer++; /* the machine is at rest while it is there */
    node->since_ms = 0;
    sim_wlan_attach(world, node);
}

/* It has said that it leaves, and has been heard, or nobody answered. */
void sim_mobile_released(struct sim_world *world, struct sim_mobile *node)
{
    node->idle = true;
    if (node->leaving)
        to_gateway(world, node, (unsigned)sim_random_below(&world->random, SIM_MIP_MAGS));
    else
        sim_mobile_returns(world, node, RETURNS_MS);
}

/* Some say at the old place that they go, most just go. */
static void leave_for_gateway(struct sim_world *world, struct sim_mobile *node)
{
    struct lk_mip_mn_event stop = { .kind = LK_MIP_MN_EV_STOP };
    unsigned mag = (unsigned)sim_random_below(&world->random, SIM_MIP_MAGS);

    node->gap = SIM_GAP_TO_WLAN;
    if (lk_mip_mn_is_bound(&node->mn) && sim_random_chance(&world->random, RELEASES)) {
        node->leaving = true;
        (void)sim_mobile_step(world, node, &stop);
        return;
    }
    if (node->mn.state == LK_MIP_MN_AWAIT_RELEASED)
        node->leaving = true;
    else
        to_gateway(world, node, mag);
}

/* ---- going ---- */

static void to_place(struct sim_world *world, struct sim_mobile *node, enum sim_place_kind kind)
{
    unsigned place = kind == SIM_PLACE_VICTIM ? sim_place(kind, node->index)
                                              : sim_place_take(world, kind, node->index);

    leave(world, node);
    node->access = SIM_AT_OWN;
    node->place = place;
}

static unsigned any_fa(struct sim_world *world)
{
    /* Behind the faults nobody visits who is nobody's. */
    return (unsigned)sim_random_below(&world->random,
                                      world->faults ? world->mip->fas : world->mip->fas - 1);
}

static void go(struct sim_world *world, struct sim_mobile *node)
{
    bool back = node->access == SIM_AT_A_MAG;
    bool fa = sim_mip_own(world, SIM_MIP_FA_COUNT) > 0 && sim_random_chance(&world->random, AT_FA);
    bool nat = sim_random_chance(&world->random, sim_mip_own(world, SIM_MIP_NAT));

    if (node->bombs && world->faults && sim_random_chance(&world->random, NAMES_VICTIM)) {
        to_place(world, node, SIM_PLACE_VICTIM);
        node->moved_ms = 0;
        return;
    }
    node->gap = back ? SIM_GAP_FROM_WLAN : fa ? SIM_GAP_FA : nat ? SIM_GAP_NAT : SIM_GAP_OWN;
    if (!fa) {
        if (back || node->access == SIM_AT_AN_FA)
            sim_mobile_any(world, node);
        to_place(world, node, nat ? SIM_PLACE_NAT : SIM_PLACE_OWN);
        return;
    }
    if (node->six)
        sim_mobile_speaks(world, node, false);
    leave(world, node);
    node->access = SIM_AT_AN_FA;
    node->at = any_fa(world);
    node->challenge_len = 0;
    node->solicited = sim_random_chance(&world->random, UNASKED);
    node->place = 0;
}

void sim_mobile_moves(struct sim_world *world, struct sim_mobile *node)
{
    bool wlan = node->wlan && sim_random_chance(&world->random, 500);

    if (node->mn.state == LK_MIP_MN_AWAIT_RELEASED && node->access != SIM_AT_A_MAG) {
        if (!world->faults && sim_mip_goes_on(world)) /* it is about to leave */
            sim_later(world, (struct sim_event){ .kind = SIM_MOBILE_MOVES, .who = node->index },
                      LATER_MS, NULL, 0);
        return;
    }
    world->report->count[SIM_MIP_MOVES]++;
    node->moved_ms = world->now_ms;
    if (wlan && node->access != SIM_AT_A_MAG) {
        leave_for_gateway(world, node);
    } else if (wlan) {
        node->gap = SIM_GAP_TO_WLAN;
        to_gateway(world, node, (node->at + 1) % SIM_MIP_MAGS);
    } else {
        go(world, node);
        sim_mobile_here(world, node);
    }
}

/* The translator has another port for it; it notices, for nothing comes any more, and says so. */
void sim_mobile_rebinds(struct sim_world *world, struct sim_mobile *node)
{
    if (!world->faults || node->access != SIM_AT_OWN ||
        sim_place_kind(node->place) != SIM_PLACE_NAT ||
        node->mn.state == LK_MIP_MN_AWAIT_RELEASED)
        return;
    world->report->count[SIM_MIP_REBOUND]++;
    node->moved_ms = world->now_ms;
    node->gap = SIM_GAP_NAT;
    to_place(world, node, SIM_PLACE_NAT);
    sim_mobile_here(world, node);
}

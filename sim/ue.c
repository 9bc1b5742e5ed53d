/* A device with its card, and the access point that carries its packets to a node. */

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "sim/aaa.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { SLEEP_MS = (SIM_STATE_LIFE_S + 30) * 1000, PAUSE_MS = 15000 };

/* ---- making ---- */

static void make_card(struct sim_world *world, struct sim_ue *ue)
{
    struct sim_random *r = &world->random;
    bool tuak = sim_random_chance(r, 200);

    memset(&ue->card, 0, sizeof ue->card);
    ue->card.algorithm = tuak ? LK_AKA_TUAK : LK_AKA_MILENAGE;
    ue->card.k_len = tuak && sim_random_chance(r, 500) ? 32 : 16;
    ue->card.res_len = tuak && sim_random_chance(r, 500) ? 16 : 8;
    ue->card.keccak_iterations = tuak ? 1 : 0;
    sim_random_fill(r, ue->card.k, ue->card.k_len);
    sim_random_fill(r, ue->card.topc, tuak ? 32 : 16);
}

static void put_sqn(uint8_t sqn[LK_SQN_LEN], uint64_t seq, unsigned ind)
{
    uint64_t value = seq << LK_SQN_IND_BITS | ind;

    for (int i = LK_SQN_LEN - 1; i >= 0; i--, value >>= 8)
        sqn[i] = (uint8_t)value;
}

/* A card and a row agree, or one of them has a past that the other knows nothing of. */
static void make_history(struct sim_world *world, struct sim_ue *ue)
{
    struct sim_random *r = &world->random;
    uint64_t seq = sim_random_below(r, UINT64_C(1) << 36);
    uint8_t sqn[LK_SQN_LEN], on_card[LK_SQN_LEN];
    uint64_t card_seq = seq;

    switch (sim_random_below(r, 5)) {
    case 0: card_seq = 0; break; /* fresh, and perhaps too far behind */
    case 1: card_seq = seq + sim_random_below(r, 100000); break;
    case 2: card_seq = seq > 1000 ? seq - sim_random_below(r, 1000) : 0; break;
    case 3: card_seq = sim_random_below(r, UINT64_C(1) << 36); break;
    default: break;
    }
    put_sqn(sqn, seq, 0);
    put_sqn(on_card, card_seq, 0);
    lk_usim_init(&ue->usim, &ue->card);
    lk_usim_set_sqn(&ue->usim, on_card);
    if (ue->known)
        sim_row_make(world, ue, sqn);
}

static void make_peer(struct sim_world *world, struct sim_ue *ue)
{
    static const unsigned lies[] = { LK_LAB_WRONG_RES, LK_LAB_WRONG_MAC, LK_LAB_WRONG_CHECKCODE };
    struct sim_random *r = &world->random;
    struct lk_eap_peer_config *c = &ue->config;
    struct lk_writer w = lk_writer_of(c->realm, sizeof c->realm);

    lk_eap_peer_defaults(c);
    c->imsi = ue->imsi;
    lk_realm_put(&w, "wlan", &ue->imsi, 2);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    c->realm_len = (uint8_t)w.len;
    c->allow_aka_prime = sim_random_chance(r, 700);
    c->allow_aka = !c->allow_aka_prime || sim_random_chance(r, 300);
    c->use_pseudonyms = sim_random_chance(r, 700);
    c->use_reauth = sim_random_chance(r, 700);
    c->result_ind = sim_random_chance(r, 500);
    c->want_multi = world->aaa->access->wants_multi(world);
    if (sim_random_chance(r, 100)) {
        c->lab = lies[sim_random_below(r, 2)];
        ue->hopeless = true;
    } else if (sim_random_chance(r, 100)) {
        c->lab = LK_LAB_COUNTER_TOO_SMALL; /* falls back to a full authentication */
    }
    if (sim_random_chance(r, 100)) {
        ue->usim.card.k[0] ^= 1;
        ue->hopeless = true;
    }
    lk_eap_peer_init(&ue->peer);
}

static void make_ue(struct sim_world *world, unsigned index)
{
    struct sim_ue *ue = &world->aaa->ue[index];
    struct sim_random *r = &world->random;
    const uint8_t address[4] = { 10, 0, 0, (uint8_t)(1 + index % 4) };
    char digits[LK_IMSI_MAX_DIGITS + 1];

    ue->index = index;
    (void)snprintf(digits, sizeof digits, "00101%010llu",
                   (unsigned long long)(index + 10000000ull * (1 + sim_random_below(r, 900))));
    LK_ASSERT(lk_imsi_parse(&ue->imsi, lk_span_text(digits)) == LK_OK);
    ue->known = !sim_random_chance(r, 50);
    ue->hopeless = !ue->known;
    ue->sleepy = sim_random_chance(r, 200);
    make_card(world, ue);
    make_history(world, ue);
    make_peer(world, ue);
    lk_radius_nas_init(&ue->nas);
    ue->nas_config.secret = world->aaa->client.secret;
    ue->nas_config.address = lk_address_v4(address);
    ue->nas_config.ask_key_name = sim_random_chance(r, 500);
    ue->nas_config.retry_ms = SIM_RETRY_MS;
    ue->nas_config.tries = SIM_TRIES;
    (void)snprintf(ue->nas_config.identifier, sizeof ue->nas_config.identifier, "ap%u", index % 4);
    (void)snprintf(ue->nas.calling, sizeof ue->nas.calling, "02-00-00-00-%02X-%02X",
                   index >> 8 & 0xff, index & 0xff);
    ue->node = (unsigned)sim_random_below(r, SIM_NODES);
    world->aaa->access->stand(world, ue);
    sim_later(world, (struct sim_event){ .kind = SIM_UE_BEGINS, .who = index },
              sim_random_below(r, 5000), NULL, 0);
}

/* ---- an attempt ---- */

static void end_attempt(struct sim_world *world, struct sim_ue *ue, const char *how)
{
    struct sim_event again = { .kind = SIM_UE_BEGINS, .who = ue->index };

    sim_say(world, "ue %u: %s", ue->index, how);
    ue->running = false;
    ue->timer_life++;
    lk_wipe(&ue->msk, sizeof ue->msk);
    if (ue->last_try)
        ue->last_won = ue->granted;
    else
        sim_later(world, again, 1 + sim_random_below(&world->random, PAUSE_MS), NULL, 0);
}

static void from_point(struct sim_world *world, struct sim_ue *ue, const struct lk_outbox *out)
{
    const struct lk_output *send = lk_outbox_find(out, LK_OUT_SEND);
    const struct lk_output *timer = lk_outbox_find(out, LK_OUT_TIMER);
    struct sim_event repeat = { .kind = SIM_UE_TIMER, .who = ue->index,
                                .life = ++ue->timer_life };

    if (send != NULL)
        world->aaa->access->send(world, ue, send->send);
    if (timer != NULL)
        sim_later(world, repeat, timer->timer.at_ms - world->now_ms, NULL, 0);
    if (lk_outbox_find(out, LK_OUT_FAILED) != NULL) {
        world->report->count[SIM_UNANSWERED]++;
        end_attempt(world, ue, "no answer");
    }
}

/* The access point takes a packet of the device to the node. */
static void carry(struct sim_world *world, struct sim_ue *ue, struct lk_span eap)
{
    struct lk_eap_packet packet;
    struct lk_outbox out;
    uint8_t entropy[LK_ENTROPY_LEN];

    if (ue->nas.state != LK_RADIUS_NAS_IDLE)
        return;
    if (lk_eap_decode(&packet, eap) == LK_OK && packet.type == LK_EAP_IDENTITY) {
        memset(ue->nas.user, 0, sizeof ue->nas.user);
        memcpy(ue->nas.user, packet.type_data.at, packet.type_data.len);
    }
    sim_random_fill(&world->random, entropy, sizeof entropy);
    lk_outbox_empty(&out);
    if (lk_radius_nas_send_eap(&ue->nas, &ue->nas_config, eap, world->now_ms, entropy, &out) ==
        LK_OK)
        from_point(world, ue, &out);
}

static void tell_peer(struct sim_world *world, struct sim_ue *ue, const struct lk_event *event);

static void ask_card(struct sim_world *world, struct sim_ue *ue, const uint8_t *rand,
                     const uint8_t *autn)
{
    struct sim_name before = sim_name_of(0, ue->usim.seq, sizeof ue->usim.seq);
    struct lk_event event;

    sim_event_of(world, &event, LK_EV_CARD, world->now_ms);
    sim_seam_card(ue, &event.card, rand, autn);
    sim_check_card(world, ue, before, &event.card);
    if (event.card.verdict == LK_CARD_SQN_RANGE)
        world->report->count[SIM_RESYNCS]++;
    tell_peer(world, ue, &event);
    lk_wipe(&event, sizeof event);
}

static void card_awake(struct sim_world *world, struct sim_ue *ue, const uint8_t *rand_autn)
{
    if (ue->running && ue->peer.state == LK_EAP_PEER_AWAIT_CARD)
        ask_card(world, ue, rand_autn, rand_autn + LK_RAND_LEN);
}

static void to_card(struct sim_world *world, struct sim_ue *ue, const struct lk_output *item)
{
    struct sim_event late = { .kind = SIM_CARD_AWAKE, .who = ue->index, .life = ue->attempts };
    uint8_t rand_autn[LK_RAND_LEN + LK_AUTN_LEN];

    memcpy(rand_autn, item->ask_card.rand, LK_RAND_LEN);
    memcpy(rand_autn + LK_RAND_LEN, item->ask_card.autn, LK_AUTN_LEN);
    if (ue->sleepy && world->faults && sim_random_chance(&world->random, 250))
        sim_later(world, late, SLEEP_MS, rand_autn, sizeof rand_autn);
    else
        ask_card(world, ue, rand_autn, rand_autn + LK_RAND_LEN);
}

static void tell_peer(struct sim_world *world, struct sim_ue *ue, const struct lk_event *event)
{
    struct lk_outbox out;
    enum lk_status status;

    lk_outbox_empty(&out);
    status = sim_seam_peer(world, ue, event, &out);
    sim_check_peer(world, ue);
    for (size_t i = 0; status == LK_OK && i < out.count; i++) {
        const struct lk_output *item = &out.item[i];

        if (item->kind == LK_OUT_SEND)
            carry(world, ue, item->send);
        else if (item->kind == LK_OUT_ASK_CARD)
            to_card(world, ue, item);
        else if (item->kind == LK_OUT_GRANT) {
            sim_check_peer_grant(world, ue, &item->grant);
            ue->granted = true;
            world->aaa->access->granted(world, ue, &item->grant);
        }
    }
    lk_outbox_wipe(&out);
    /* No answer of the device, and none is awaited: the access point gives up. */
    if (ue->running && ue->nas.state == LK_RADIUS_NAS_IDLE &&
        ue->peer.state != LK_EAP_PEER_AWAIT_CARD && event->kind != LK_EV_START)
        end_attempt(world, ue, ue->granted ? "in" : lk_eap_peer_state_name(ue->peer.state));
}

static void begin(struct sim_world *world, struct sim_ue *ue)
{
    uint8_t octets[LK_EAP_HEADER_LEN + 1];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_event event;

    if (ue->running || ue->last_try)
        return;
    ue->running = true;
    ue->granted = false;
    ue->has_msk = false;
    ue->attempts++;
    ue->began_ms = world->now_ms;
    ue->last_try = !world->faults && world->now_ms >= world->heal_ms + SIM_SETTLE_MS;
    world->report->count[SIM_ATTEMPTS]++;
    if (world->faults && sim_random_chance(&world->random, 200))
        ue->node = (unsigned)sim_random_below(&world->random, SIM_NODES);
    world->aaa->access->move(world, ue);
    lk_radius_nas_reset(&ue->nas);
    sim_event_of(world, &event, LK_EV_START, world->now_ms);
    tell_peer(world, ue, &event);
    lk_eap_put_identity(&w, LK_EAP_REQUEST, (uint8_t)sim_random_next(&world->random),
                        lk_span_of(NULL, 0));
    sim_event_of(world, &event, LK_EV_RECEIVED, world->now_ms);
    event.received = lk_writer_span(&w);
    tell_peer(world, ue, &event);
}

static void on_timer(struct sim_world *world, struct sim_ue *ue, uint64_t life)
{
    struct lk_outbox out;
    uint8_t entropy[LK_ENTROPY_LEN];

    if (!ue->running || life != ue->timer_life)
        return;
    if (world->faults && sim_random_chance(&world->random, 250))
        ue->node = (unsigned)sim_random_below(&world->random, SIM_NODES); /* the other server */
    sim_random_fill(&world->random, entropy, sizeof entropy);
    lk_outbox_empty(&out);
    if (lk_radius_nas_expired(&ue->nas, &ue->nas_config, ue->nas.identifier, world->now_ms,
                              entropy, &out) == LK_OK)
        from_point(world, ue, &out);
}

static void receive(struct sim_world *world, struct sim_ue *ue, struct lk_span datagram)
{
    static struct lk_radius_outcome outcome; /* large; overwritten each time */
    struct lk_event event;

    if (!ue->running || lk_radius_nas_received(&ue->nas, &ue->nas_config, datagram, &outcome) !=
                            LK_OK)
        return;
    ue->timer_life++;
    if (outcome.code == LK_RADIUS_ACCESS_ACCEPT && outcome.has_msk) {
        ue->msk = outcome.msk;
        ue->has_msk = true;
        sim_check_accept(world, ue);
    }
    if (outcome.code == LK_RADIUS_ACCESS_REJECT)
        world->report->count[SIM_REFUSED]++;
    if (!outcome.has_eap) {
        end_attempt(world, ue, "an answer without EAP");
        return;
    }
    sim_event_of(world, &event, LK_EV_RECEIVED, world->now_ms);
    event.received = outcome.eap;
    tell_peer(world, ue, &event);
    lk_wipe(&outcome.msk, sizeof outcome.msk);
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_ue *ue = &world->aaa->ue[event->who];

    if (event->kind == SIM_UE_BEGINS)
        begin(world, ue);
    else if (event->kind == SIM_UE_TIMER)
        on_timer(world, ue, event->life);
    else if (event->kind == SIM_AT_POINT)
        receive(world, ue, lk_span_of(event->octets, event->len));
    else if (event->life == ue->attempts)
        card_awake(world, ue, event->octets);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_UE_BEGINS, .name = "begins" },
    { .number = SIM_CARD_AWAKE, .name = "card awake" },
    { .number = SIM_UE_TIMER, .name = "timer" },
    { .number = SIM_AT_POINT, .name = "at point", .link = SIM_LINK_DATAGRAM },
};

const struct sim_actor sim_ue_actor = {
    .name = "device", .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make_ue, .take = take,
};

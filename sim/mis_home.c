/* The home: the AAA node, the subscribers' keys, contexts of ERP, the key of start marks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "sim/mis_invariants.h"

enum { CACHE = 4 * 1024 * 1024, CACHE_MS = 30000 };

/* ---- vectors ---- */

static void make_vector(struct sim_world *world, struct sim_mn *mn, struct lk_vector *v, bool prime)
{
    uint8_t sqn[LK_SQN_LEN], mac_a[LK_MAC_A_LEN], amf[2] = { prime ? 0x80 : 0, 0 };
    const struct lk_eap_server_config *eap = &world->mis->aaa.eap;
    struct lk_aka_output out;

    memset(v, 0, sizeof *v);
    sim_random_fill(&world->random, v->rand, sizeof v->rand);
    mn->sqn = ((mn->sqn >> LK_USIM_IND_BITS) + 1) << LK_USIM_IND_BITS | ((mn->sqn + 1) & 31);
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = (uint8_t)(mn->sqn >> 8 * (LK_SQN_LEN - 1 - i));
    lk_aka_f2345(&out, &mn->usim.card, v->rand);
    lk_aka_f1(mac_a, &mn->usim.card, v->rand, sqn, amf);
    lk_aka_autn(v->autn, sqn, out.ak, amf, mac_a);
    memcpy(v->xres, out.res, out.res_len);
    v->xres_len = out.res_len;
    v->keys = prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    memcpy(v->ck.octets, out.ck, sizeof out.ck);
    memcpy(v->ik.octets, out.ik, sizeof out.ik);
    if (prime) {
        lk_ck_ik_prime_derive(&v->ck_prime, &v->ik_prime, &v->ck, &v->ik,
                              lk_span_of(eap->network_name, eap->network_name_len), v->autn);
        lk_wipe(&v->ck, sizeof v->ck);
        lk_wipe(&v->ik, sizeof v->ik);
    }
}

static enum lk_aaa_verdict tell(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    const struct lk_output *ask = lk_outbox_find(&mis->answer.eap, LK_OUT_ASK_VECTOR);
    struct lk_event event = { .kind = LK_EV_NO_REAUTH, .now_ms = sim_mis_clock(world) };
    unsigned mn;

    sim_random_fill(&world->random, event.entropy, sizeof event.entropy);
    if (ask != NULL) {
        mn = sim_mn_of(world, ask->ask_vector.imsi.digits);
        event.kind = LK_EV_NO_VECTOR;
        event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
        if (mn != SIM_MIS_NOBODY && !ask->ask_vector.resync) {
            event.kind = LK_EV_VECTOR;
            make_vector(world, &mis->mn[mn], &event.vector, ask->ask_vector.prime);
        }
    }
    return lk_aaa_job_told(&mis->job, &mis->answer, &mis->aaa, &event);
}

/* ---- ERP, start marks ---- */

static enum lk_aaa_verdict tell_erp(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    uint64_t now_ms = sim_mis_clock(world);
    const struct lk_erp_output *ask = lk_erp_outbox_find(&mis->answer.erp, LK_ERP_OUT_ASK), *keep;
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_CONTEXT, .now_ms = now_ms };
    enum lk_aaa_verdict verdict;

    if (lk_erp_table_take(mis->erp, &event.context, ask->ask, now_ms) != LK_OK)
        event.kind = LK_ERP_SERVER_EV_NO_CONTEXT;
    verdict = lk_aaa_job_told_erp(&mis->job, &mis->answer, &mis->aaa, &event);
    keep = lk_erp_outbox_find(&mis->answer.erp, LK_ERP_OUT_KEEP);
    if (keep != NULL)
        lk_erp_table_put_back(mis->erp, &keep->keep, now_ms);
    return verdict;
}

static enum lk_aaa_verdict sign(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    uint8_t room[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    LK_ASSERT(lk_start_mark_sign(&w, &mis->answer.mark, &mis->mark_secret) == LK_OK);
    return lk_aaa_job_signed(&mis->job, &mis->answer, &mis->aaa, lk_writer_span(&w));
}

/* ---- a request ---- */

static bool serve(struct sim_world *world, unsigned pos, struct lk_span octets)
{
    struct sim_mis *mis = world->mis;
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram in = { .octets = octets, .port = LK_RADIUS_AUTH_PORT,
                                  .source = mis->client[pos].prefix.address,
                                  .client = &mis->client[pos], .now_ms = sim_mis_clock(world),
                                  .entropy = entropy };
    enum lk_aaa_verdict verdict;

    sim_random_fill(&world->random, entropy, sizeof entropy);
    verdict = lk_aaa_job_receive(&mis->job, &mis->answer, &mis->aaa, &in);
    while (verdict == LK_AAA_ASK)
        verdict = tell(world);
    if (verdict == LK_AAA_ASK_ERP)
        verdict = tell_erp(world);
    if (verdict == LK_AAA_SIGN)
        verdict = sign(world);
    if (verdict != LK_AAA_ANSWER)
        sim_say(world, "home: drops: %s", lk_reason_row(mis->answer.reason)->code);
    if (verdict == LK_AAA_ANSWER)
        sim_check_mn_name(world, &mis->answer);
    if (verdict == LK_AAA_ANSWER && mis->answer.keeps_erp)
        lk_erp_table_keep(mis->erp, &mis->answer.erp_context, in.now_ms);
    return verdict == LK_AAA_ANSWER;
}

static void take(struct sim_world *world, const struct sim_event *event)
{
    struct sim_mis *mis = world->mis;
    struct lk_span octets = lk_span_of(event->octets, event->len), answer;
    struct sim_event back = { .kind = SIM_POS_RADIUS, .who = event->from,
                              .from = (unsigned)event->life };
    struct lk_reply_key key;
    uint64_t now_ms = sim_mis_clock(world);

    if (lk_reply_key_of(&key, &mis->client[event->from].prefix.address,
                        (uint16_t)event->life, false, octets) != LK_OK)
        return;
    if (lk_reply_cache_find(mis->cache, &answer, &key, now_ms) == LK_REPLY_ANSWER) {
        sim_link(world, back, answer);
        return;
    }
    if (!serve(world, event->from, octets))
        return;
    answer = lk_span_of(mis->answer.answer, mis->answer.answer_len);
    lk_reply_cache_keep(mis->cache, &key, now_ms, answer);
    sim_link(world, back, answer);
    lk_aaa_out_wipe(&mis->answer);
}

static void make(struct sim_world *world, unsigned index)
{
    (void)world;
    (void)index;
}

void sim_home_make(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    struct lk_node_key node_key = { { 0x4e } };
    size_t contexts = 2 * (size_t)world->options->ues + 16;

    lk_aaa_config_defaults(&mis->aaa);
    mis->aaa.eap.use_reauth = false;
    (void)snprintf(mis->aaa.mis.realm, sizeof mis->aaa.mis.realm, "home.example");
    mis->aaa.mis.signs = true;
    mis->aaa.mis.max = SIM_MIS_LIMIT;
    lk_aaa_config_roll(&mis->aaa, &node_key, sim_mis_clock(world));
    sim_random_fill(&world->random, &mis->mark_secret, sizeof mis->mark_secret);
    lk_home_key_derive(&mis->mark_key, &mis->mark_secret);
    mis->home = (struct lk_pos_home){ lk_span_text("home.example"), mis->mark_key };
    LK_ASSERT(lk_radius_secret_set(&mis->secret, lk_span_text("between home and PoS")) == LK_OK);
    mis->erp_memory = aligned_alloc(64, (lk_erp_table_size(contexts) + 63) / 64 * 64);
    mis->cache_memory = aligned_alloc(64, CACHE);
    LK_ASSERT(mis->erp_memory != NULL && mis->cache_memory != NULL);
    memset(mis->erp_memory, 0, lk_erp_table_size(contexts));
    mis->erp = lk_erp_table_in(mis->erp_memory, contexts);
    mis->cache = lk_reply_cache_in(mis->cache_memory, CACHE, CACHE_MS,
                                   sim_random_next(&world->random));
}

void sim_home_unmake(struct sim_world *world)
{
    free(world->mis->erp_memory);
    free(world->mis->cache_memory);
}

static const struct sim_kind kinds[] = {
    { .number = SIM_HOME_RADIUS, .name = "radius at home", .link = SIM_LINK_DATAGRAM },
};

const struct sim_actor sim_home_actor = {
    .name = "home", .count = 1, .kinds = kinds, .kind_count = LK_COUNT_OF(kinds),
    .make = make, .take = take,
};

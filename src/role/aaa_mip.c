/* The home AAA of Mobile IP in an aaa worker: whose key it is that a node proves itself with, where
 * that comes from, and what was given to whom.
 *
 *     the configuration's (aaa.mip.nodes) --'
 *     the BSF's, this AAA as NAF -----------+--> lk_aaa_job_told_mip, with the subscriber's row of
 *     the BSF's, in an agent's name --------'    the table that all workers share
 *
 * Requests of one subscriber come to any worker: from two agents, and again. What was given last
 * (proto/mip/keygen.h) is therefore in memory that they share, in a row under a lock, by a hash of
 * the IMSI: the same question finds the same nonces whoever answers (T26), and of two at once the
 * second finds what the first was given. It has nothing secret. Another node of the same AAA has
 * its own: an agent asks one of them, and the other when that is silent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mip_way.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "role/aaa_worker.h"
#include "role/mip_config.h"
#include "role/mip_naf.h"

enum { PUSHED_FOR = 32 };

struct lk_aaa_home_mip {
    struct lk_aaa_worker *worker;
    struct lk_mip_naf *own; /* NULL: it is no NAF */
    size_t count;
    struct pushed_for {
        const char *name; /* the configuration's */
        struct lk_mip_naf *naf;
    } agent[PUSHED_FOR];
};

/* ---- the row ---- */

struct turn {
    struct lk_aaa_worker *worker;
    struct lk_aaa_waiting *job;
    struct lk_aaa_mip_told *told;
    enum lk_aaa_verdict verdict;
};

/* By what the node is judged, whether it proves it or not: MN-AAA, or the key that an agent is to
 * have. */
static void see(struct lk_aaa_worker *worker, const struct lk_aaa_mip *mip,
                const struct lk_mip_msa *with)
{
    enum lk_app_key_log_kind kind = mip->wants == LK_RADIUS_MIP_KEYS   ? LK_APP_KEY_LOG_MN_AAA
                                    : mip->agent == LK_RADIUS_MIP_HOME ? LK_APP_KEY_LOG_MN_HA
                                                                       : LK_APP_KEY_LOG_MN_FA;

    lk_seen_mip_key(&worker->seen, kind, mip->imsi.digits, with->spi_back, &with->there);
}

/* Under the lock of the row. Nothing is kept of who has not proven himself. */
static bool step(void *context, void *argument)
{
    struct turn *turn = argument;
    struct lk_mip_keygen *keygen = context;

    turn->told->keygen = keygen;
    turn->verdict = lk_aaa_job_told_mip(&turn->job->node, &turn->worker->node_out,
                                        &turn->worker->node, turn->told);
    return keygen->state == LK_MIP_KEYGEN_GIVEN;
}

static enum lk_aaa_verdict tell(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                struct lk_aaa_mip_told *told)
{
    const struct lk_span of[] = { lk_span_text("latchkey mip keygen"),
                                  lk_span_text(job->node.mip.imsi.digits) };
    uint64_t until_ms =
        worker->now_ms + (uint64_t)worker->node.mip.lifetime_s * 1000 + worker->node.mip.repeat_ms;
    struct turn turn = { .worker = worker, .job = job, .told = told };
    uint8_t name[LK_SHA256_LEN];
    struct lk_mip_keygen room;

    if (told->with != NULL)
        see(worker, &job->node.mip, told->with);
    told->now_ms = worker->now_ms;
    lk_entropy_take(&worker->entropy, told->entropy, sizeof told->entropy);
    lk_sha256(name, of, LK_COUNT_OF(of));
    if (told->with == NULL)
        turn.verdict =
            lk_aaa_job_told_mip(&job->node, &worker->node_out, &worker->node, told);
    else
        lk_contexts_change(worker->process.setup->shared->mip, name, &room, worker->now_ms,
                           until_ms, step, &turn);
    lk_wipe(told->entropy, sizeof told->entropy);
    return turn.verdict;
}

static enum lk_aaa_verdict refuse(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job,
                                  enum lk_reason reason, const char *came)
{
    struct lk_aaa_mip_told told = { .reason = reason, .came = came };

    return tell(worker, job, &told);
}

/* ---- where a key comes from ---- */

static const struct lk_config_mip_node *configured(const struct lk_config_home_mip *config,
                                                   const struct lk_aaa_mip *mip)
{
    for (size_t i = 0; i < config->node_count && mip->wants == LK_RADIUS_MIP_KEYS; i++)
        if (config->nodes[i].with.spi == mip->spi &&
            strcmp(config->nodes[i].imsi, mip->imsi.digits) == 0)
            return &config->nodes[i];
    return NULL;
}

static struct lk_mip_naf *naf_of(const struct lk_aaa_home_mip *home, const struct lk_aaa_mip *mip)
{
    if (home == NULL || mip->wants == LK_RADIUS_MIP_KEYS)
        return home == NULL ? NULL : home->own;
    for (size_t i = 0; i < home->count; i++)
        if (strcmp(home->agent[i].name, mip->name) == 0)
            return home->agent[i].naf;
    return NULL;
}

static enum lk_mip_way way_of(const struct lk_aaa_mip *mip)
{
    return mip->wants == LK_RADIUS_MIP_PUSHED ? LK_MIP_WAY_PUSHED : LK_MIP_WAY_AAA;
}

/* Which ways a subscriber may use says his row; a node that is none of ours has none. */
static enum lk_reason judge_way(struct lk_aaa_worker *worker, const struct lk_aaa_mip *mip)
{
    struct lk_store *store = lk_vectors_store(&worker->vectors);
    struct lk_sealed_row row;
    bool found = false;

    if (store == NULL)
        return LK_REASON_STORE_UNAVAILABLE;
    if (lk_store_rows(store, &mip->imsi, 1, &row, &found) != LK_OK) {
        lk_vectors_store_failed(&worker->vectors);
        return LK_REASON_STORE_UNAVAILABLE;
    }
    return found && (row.mip_refused & lk_mip_way_bit(way_of(mip))) != 0 ? LK_REASON_MIP_WAY
                                                                         : LK_REASON_NONE;
}

enum lk_aaa_verdict lk_aaa_ask_mip(struct lk_aaa_worker *worker, struct lk_aaa_waiting *job)
{
    const struct lk_config *config = worker->process.setup->config;
    const struct lk_aaa_mip *mip = &job->node.mip;
    const struct lk_config_mip_node *node = configured(&config->aaa.mip, mip);
    struct lk_mip_naf *naf = naf_of(worker->mip, mip);
    const struct lk_mip_naf_question question = {
        .imsi = mip->imsi, .spi = mip->spi, .b_tid = lk_span_of(mip->b_tid, mip->b_tid_len),
        .tag = lk_aaa_job_id(worker, job),
    };
    enum lk_aaa_verdict verdict;
    enum lk_reason reason = judge_way(worker, mip);

    if (reason != LK_REASON_NONE)
        return refuse(worker, job, reason, NULL);
    if (node != NULL) {
        struct lk_mip_msa msa;
        struct lk_aaa_mip_told told = { .with = &msa };

        lk_role_mip_msa_of(&msa, &node->with);
        verdict = tell(worker, job, &told);
        lk_wipe(&msa, sizeof msa);
        return verdict;
    }
    if (naf == NULL || mip->b_tid_len == 0)
        return refuse(worker, job, LK_REASON_MIP_SPI, naf == NULL ? "not a NAF" : "no B-TID");
    reason = lk_mip_naf_ask(naf, &question);
    return reason == LK_REASON_NONE ? LK_AAA_ASK_MIP : refuse(worker, job, reason, NULL);
}

static void on_answer(void *context, const struct lk_mip_naf_answer *answer)
{
    struct lk_aaa_home_mip *home = context;
    struct lk_aaa_worker *worker = home->worker;
    struct lk_aaa_waiting *job = lk_aaa_job_by_id(worker, (uint32_t)answer->question->tag);
    struct lk_aaa_mip_told told = { .reason = answer->reason, .came = answer->came };

    /* Agents are told reasons of Mobile IP alone; came says the rest, in our log. */
    if (told.reason != LK_REASON_NONE && told.reason != LK_REASON_MIP_WAY)
        told.reason = LK_REASON_MIP_B_TID;
    if (job == NULL || job->place != LK_AAA_ASKING_BSF)
        return; /* too late */
    lk_aaa_turn_begin(worker);
    if (answer->reason == LK_REASON_NONE)
        told.with = &answer->msa;
    lk_aaa_follow(worker, job, tell(worker, job, &told));
    lk_aaa_turn_end(worker);
}

/* ---- what came of it ---- */

static void log_refused(struct lk_aaa_worker *worker, const struct lk_aaa_mip *mip,
                        const char *imsi, const char *agent)
{
    const struct lk_aaa_out *out = &worker->node_out;
    const struct lk_refusal refusal =
        lk_refusal_of(out->reason, NULL, out->mip_came[0] == '\0' ? NULL : out->mip_came);
    const struct lk_log_field fields[] = { { "answer", "reject" },
                                           { "imsi", imsi[0] == '\0' ? NULL : imsi },
                                           { "way", lk_mip_way_words[way_of(mip)] },
                                           { "agent", agent } };

    lk_process_refused(&worker->process, out->reason);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, worker->now_ms, fields, LK_COUNT_OF(fields));
}

bool lk_aaa_mip_carry_out(struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job)
{
    const struct lk_aaa_mip *mip = &job->node.mip;
    const char *agent = mip->agent == LK_RADIUS_MIP_FOREIGN ? "foreign" : "home";
    bool granted = worker->node_out.mip == LK_AAA_MIP_GRANTED;
    char imsi[LK_IMSI_MAX_DIGITS + 1] = "";

    if (worker->node_out.mip == LK_AAA_MIP_NONE)
        return false;
    lk_process_count(&worker->process,
                     granted ? LK_AAA_OWN_MIP_GRANTED : LK_AAA_OWN_MIP_REFUSED);
    if (mip->imsi.digits[0] != '\0')
        lk_log_imsi(imsi, &mip->imsi);
    if (!granted)
        log_refused(worker, mip, imsi, agent);
    else if (lk_log_wanted(LK_LOG_DEBUG))
        LK_LOG(LK_LOG_DEBUG, "mip-keys", { "imsi", imsi }, { "way", lk_mip_way_words[way_of(mip)] },
               { "agent", agent });
    return true;
}

/* ---- beginning and end ---- */

bool lk_aaa_is_mip_naf(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_AAA) != 0 && config->aaa.mip.naf.name[0] != '\0';
}

void lk_aaa_mip_set(struct lk_mip_keygen_config *to, const struct lk_config_home_mip *from)
{
    to->algorithm = lk_role_mip_algorithm(from->algorithm);
    to->lifetime_s = from->lifetime_s;
    to->key_len = (uint8_t)from->key_octets;
    to->window_ms = from->window_ms;
}

static bool add_agent(struct lk_aaa_home_mip *home, const char *name,
                      char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_home_mip *config = &home->worker->process.setup->config->aaa.mip;
    struct lk_config_mip_naf naf = config->naf;

    for (size_t i = 0; i < home->count; i++)
        if (strcmp(home->agent[i].name, name) == 0)
            return true;
    if (name[0] == '\0' || name[0] == '*' || home->count == PUSHED_FOR)
        return true;
    memcpy(naf.ua, config->push_ua, sizeof naf.ua);
    home->agent[home->count].name = name;
    home->agent[home->count].naf =
        lk_mip_naf_new(&naf, "aaa.mip.naf", name, &home->worker->process.loop,
                       &home->worker->seen, on_answer, home, error);
    return home->agent[home->count++].naf != NULL;
}

/* S4 7.3.6: for each agent that we know by its name we are the NAF of that name, too. */
static bool add_agents(struct lk_aaa_home_mip *home, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = home->worker->process.setup->config;

    for (size_t i = 0; i < config->radius.client_count; i++)
        if (!add_agent(home, config->radius.clients[i].agent, error))
            return false;
    for (size_t i = 0; i < config->radsec.peer_count; i++)
        if (!add_agent(home, config->radsec.peers[i].agent, error))
            return false;
    return true;
}

bool lk_aaa_mip_begin(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = worker->process.setup->config;
    struct lk_aaa_home_mip *home;

    if (!lk_aaa_is_mip_naf(config))
        return true;
    home = worker->mip = calloc(1, sizeof *home);
    if (home == NULL)
        return false;
    home->worker = worker;
    home->own = lk_mip_naf_new(&config->aaa.mip.naf, "aaa.mip.naf", NULL, &worker->process.loop,
                               &worker->seen, on_answer, home, error);
    return home->own != NULL && (!config->aaa.mip.push || add_agents(home, error));
}

void lk_aaa_mip_end(struct lk_aaa_worker *worker)
{
    struct lk_aaa_home_mip *home = worker->mip;

    if (home == NULL)
        return;
    lk_mip_naf_free(home->own);
    for (size_t i = 0; i < home->count; i++)
        lk_mip_naf_free(home->agent[i].naf);
    free(home);
    worker->mip = NULL;
}

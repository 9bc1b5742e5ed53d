#include "role/mip_naf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "latchkey/naf.h"
#include "io/entropy.h"
#include "node/mip_shares.h"
#include "role/mip_config.h"
#include "role/shared.h"

enum {
    LIBRARY_QUESTIONS = 100000, /* T15: what is asked in a second is shared out here */
    KNOWN_AT_ONCE = LK_MIP_NAF_WAITING * 2 / 3,
};

struct job {
    uv_work_t work;
    struct lk_mip_naf *naf; /* NULL: the place is free */
    struct lk_naf_question question;
    struct lk_mip_naf_question asked; /* octets of it are the job's */
    enum lk_naf_verdict verdict;
    const char *why;
    uint8_t octets[LK_MIP_MESSAGE_MAX];
};

struct lk_mip_naf {
    struct lk_naf *naf;
    struct lk_mip_shares shares;
    uv_loop_t *loop;
    struct lk_seen *seen;
    char name[LK_CONFIG_FQDN]; /* by which the BSF knows us */
    lk_mip_naf_done *done;
    void *context;
    uint16_t algorithm;
    uint8_t ua[LK_NAF_UA], ua6[LK_NAF_UA];
    size_t octets6; /* of Ks_NAF, for MIPv6; 0: it is for IPv4 alone */
    char url[LK_CONFIG_FQDN + 32];
    struct job job[LK_MIP_NAF_WAITING];
};

static bool open_naf(struct lk_mip_naf *naf, const struct lk_config_mip_naf *config,
                     const char *section, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_naf_setup setup = { .name = naf->name, .bsf = naf->url,
                                  .bsf_address = config->bsf_address,
                                  .certificate = config->certificate, .key = config->key,
                                  .ca = config->ca, .questions = LIBRARY_QUESTIONS,
                                  .never_wait = true };
    char why[LK_NAF_ERROR];

    naf->naf = lk_naf_new(&setup, why);
    if (naf->naf == NULL)
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.40s: %.125s; fix: latchkeyd --check says more "
                       "(latchkey certificate makes files for a laboratory)", section, why);
    return naf->naf != NULL;
}

static bool open_shares(struct lk_mip_naf *naf, const struct lk_config_mip_naf *config)
{
    struct lk_entropy entropy = { .left = 0 };
    void *memory = calloc(1, lk_budgets_size());
    uint64_t seed;

    if (memory == NULL)
        return false;
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_forget(&entropy);
    naf->shares = (struct lk_mip_shares){ .spent = lk_budgets_in(memory, seed),
                                          .a_second = config->questions,
                                          .places = LK_MIP_NAF_WAITING };
    return true;
}

static void end(struct lk_mip_naf *naf)
{
    lk_naf_free(naf->naf);
    free(naf->shares.spent);
    free(naf);
}

static bool set_ua(uint8_t ua[LK_NAF_UA], const char *text, const char *section, const char *key,
                   char error[LK_KIND_ERROR_TEXT])
{
    size_t len;

    if (lk_hex_decode(ua, LK_NAF_UA, &len, lk_span_text(text)) == LK_OK && len == LK_NAF_UA)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.100s.%s is not ten hex digits", section, key);
    return false;
}

struct lk_mip_naf *lk_mip_naf_new(const struct lk_config_mip_naf *config, const char *section,
                                  const char *name, uv_loop_t *loop, struct lk_seen *seen,
                                  lk_mip_naf_done *done, void *context,
                                  char error[LK_KIND_ERROR_TEXT])
{
    struct lk_mip_naf *naf = calloc(1, sizeof *naf);
    bool right;

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory");
    if (naf == NULL)
        return NULL;
    naf->loop = loop;
    naf->seen = seen;
    (void)snprintf(naf->name, sizeof naf->name, "%s", name == NULL ? config->name : name);
    naf->done = done;
    naf->context = context;
    naf->algorithm = lk_role_mip_algorithm(config->algorithm);
    (void)snprintf(naf->url, sizeof naf->url, "https://%s:%u", config->bsf, config->bsf_port);
    naf->octets6 = config->octets6;
    right = set_ua(naf->ua, config->ua, section, "ua", error) &&
            (naf->octets6 == 0 || set_ua(naf->ua6, config->ua6, section, "ua6", error));
    if (right && open_naf(naf, config, section, error) && open_shares(naf, config))
        return naf;
    end(naf);
    return NULL;
}

/* ---- the answer ---- */

static void on_pool(uv_work_t *work)
{
    struct job *job = work->data;

    job->verdict = lk_naf_fetch(job->naf->naf, &job->why, NULL, &job->question);
}

/* T27. */
static bool is_his(const struct lk_imsi *imsi, const struct lk_naf_user *user)
{
    size_t digits = strlen(imsi->digits);

    return strncmp(user->impi, imsi->digits, digits) == 0 && user->impi[digits] == '@';
}

/* RFC 4285 5.1 wants 16 octets, and says no algorithm but HMAC-SHA-1. */
static bool set_key(struct lk_mip_association *to, const struct job *job,
                    const uint8_t key[LK_NAF_KEY])
{
    bool six = job->asked.six;

    to->algorithm = six ? LK_MIP_HMAC_SHA1 : job->naf->algorithm;
    return lk_mip_secret_set(&to->secret,
                             lk_span_of(key, six ? job->naf->octets6 : LK_NAF_KEY)) == LK_OK;
}

/* All of Ks_NAF, of which the association may have a part. */
static void see(const struct job *job, const uint8_t key[LK_NAF_KEY])
{
    struct lk_naf_id id;
    struct lk_ua_id ua;

    memcpy(ua.octets, job->question.ua, sizeof ua.octets);
    lk_naf_id_of(&id, lk_span_text(job->naf->name), &ua);
    lk_seen_named_key(job->naf->seen, LK_APP_KEY_LOG_KS_NAF, job->question.b_tid, &id,
                      lk_span_of(key, LK_NAF_KEY));
}

/* What the library knows of it, without waiting. */
static void answer_of(struct lk_mip_naf_answer *answer, struct job *job)
{
    uint8_t key[LK_NAF_KEY];
    struct lk_naf_user user;

    memset(answer, 0, sizeof *answer);
    answer->question = &job->asked;
    answer->b_tid = job->question.b_tid;
    answer->reason = LK_REASON_MIP_B_TID;
    job->verdict = lk_naf_key(job->naf->naf, key, &user, &job->why, &job->question);
    answer->came = job->verdict == LK_NAF_GRANTED ? "another subscriber's" : job->why;
    if (job->verdict == LK_NAF_GRANTED && is_his(&job->asked.imsi, &user) &&
        set_key(&answer->msa.there, job, key)) {
        see(job, key);
        answer->reason = LK_REASON_NONE;
        answer->msa.there.spi = answer->msa.spi_back = job->asked.spi;
        answer->msa.replay = LK_MIP_TIMESTAMPS;
        answer->msa.ends_ms = user.expires_s * 1000;
    }
    lk_wipe(key, sizeof key);
}

/* What the library says by a word. */
static enum lk_reason reason_of(const char *why)
{
    static const enum lk_reason told[] = { LK_REASON_MIP_WAY, LK_REASON_UA_NOT_ALLOWED,
                                           LK_REASON_UA_NO_ANSWER, LK_REASON_UA_TOO_FAST };

    for (size_t i = 0; why != NULL && i < LK_COUNT_OF(told); i++)
        if (strcmp(why, lk_reason_row(told[i])->code) == 0)
            return told[i];
    return LK_REASON_MIP_B_TID;
}

static void on_asked(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct lk_mip_naf_answer answer = { .question = &job->asked, .reason = reason_of(job->why),
                                        .came = job->why, .b_tid = job->question.b_tid };

    if (status == 0 && job->verdict == LK_NAF_GRANTED)
        answer_of(&answer, job);
    job->naf->done(job->naf->context, &answer);
    job->naf = NULL;
    lk_wipe(&answer, sizeof answer);
}

/* ---- the question ---- */

static struct job *free_job(struct lk_mip_naf *naf, uint32_t *out)
{
    struct job *job = NULL;

    *out = 0;
    for (size_t i = 0; i < LK_MIP_NAF_WAITING; i++)
        if (naf->job[i].naf != NULL)
            ++*out;
        else if (job == NULL)
            job = &naf->job[i];
    return job;
}

/* What the library says without asking. */
static bool is_known(struct lk_mip_naf *naf, const struct lk_naf_question *question)
{
    uint8_t key[LK_NAF_KEY];
    enum lk_naf_verdict verdict = lk_naf_key(naf->naf, key, NULL, NULL, question);

    lk_wipe(key, sizeof key);
    return verdict != LK_NAF_LATER;
}

/* T15: for what is known the BSF is not asked; but who names that again and again leaves places to
 * others, too. */
static bool may_ask(struct lk_mip_naf *naf, const struct lk_mip_naf_question *asked,
                    const struct lk_naf_question *question, uint32_t out)
{
    const struct lk_mip_asker asker = { asked->from, lk_imsi_number(&asked->imsi) };

    return is_known(naf, question) ? out < KNOWN_AT_ONCE
                                   : lk_mip_shares_take(&naf->shares, &asker, out, lk_mono_ms());
}

enum lk_reason lk_mip_naf_ask(struct lk_mip_naf *naf, const struct lk_mip_naf_question *asked)
{
    uint32_t out;
    struct job *job = free_job(naf, &out);
    struct lk_naf_question question = { .b_tid = "" };

    if (asked->b_tid.len >= sizeof question.b_tid || asked->octets.len > sizeof job->octets)
        return LK_REASON_MIP_B_TID;
    memcpy(question.b_tid, asked->b_tid.at, asked->b_tid.len);
    memcpy(question.ua, asked->six ? naf->ua6 : naf->ua, sizeof question.ua);
    if (job == NULL || !may_ask(naf, asked, &question, out))
        return LK_REASON_MIP_QUESTIONS;
    memset(job, 0, sizeof *job);
    job->naf = naf;
    job->work.data = job;
    job->question = question;
    job->asked = *asked;
    if (asked->octets.len > 0)
        memcpy(job->octets, asked->octets.at, asked->octets.len);
    job->asked.octets = lk_span_of(job->octets, asked->octets.len);
    job->asked.b_tid = lk_span_text(job->question.b_tid);
    if (uv_queue_work(naf->loop, &job->work, on_pool, on_asked) == 0)
        return LK_REASON_NONE;
    job->naf = NULL;
    return LK_REASON_MIP_QUESTIONS;
}

void lk_mip_naf_free(struct lk_mip_naf *naf)
{
    if (naf == NULL)
        return;
    for (size_t i = 0; i < LK_MIP_NAF_WAITING; i++)
        if (naf->job[i].naf != NULL)
            return; /* the pool is at it, and the process ends */
    end(naf);
}

/* The home agent as NAF (S4 7.3.5): what a mobile node bootstrapped becomes its association. The
 * library blocks, so it is asked on the pool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "latchkey/naf.h"
#include "role/anchor_parts.h"
#include "role/mip_config.h"

enum { WAITING = 32 };

struct job {
    uv_work_t work;
    struct lk_anchor_process *anchor; /* NULL: the place is free */
    struct lk_naf_question question;
    struct lk_imsi imsi;
    uint32_t spi;
    struct lk_anchor_place from; /* and by which protocol */
    enum lk_naf_verdict verdict;
    const char *why;
    size_t len;
    uint8_t octets[LK_MIP_MESSAGE_MAX];
};

struct lk_anchor_naf {
    struct lk_naf *naf;
    uint8_t ua[LK_NAF_UA], ua6[LK_NAF_UA];
    char url[LK_CONFIG_FQDN + 32];
    struct job job[WAITING];
};

bool lk_anchor_is_naf(const struct lk_config *config)
{
    const struct lk_config_home_agent *mip = &config->anchor.mip;

    return (config->roles & LK_ROLE_ANCHOR) != 0 && (mip->port != 0 || mip->port6 != 0) &&
           mip->naf.name[0] != '\0';
}

static bool set_ua(uint8_t ua[LK_NAF_UA], const char *text, const char *key,
                   char error[LK_KIND_ERROR_TEXT])
{
    size_t len;

    if (lk_hex_decode(ua, LK_NAF_UA, &len, lk_span_text(text)) == LK_OK)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s is not ten hex digits", key);
    return false;
}

bool lk_anchor_naf_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_mip_naf *config = &anchor->process.config->anchor.mip.naf;
    struct lk_naf_setup setup = { .name = config->name, .bsf_address = config->bsf_address,
                                  .certificate = config->certificate, .key = config->key,
                                  .ca = config->ca, .questions = config->questions };
    char why[LK_NAF_ERROR];

    if (!lk_anchor_is_naf(anchor->process.config))
        return true;
    anchor->naf = calloc(1, sizeof *anchor->naf);
    if (anchor->naf == NULL)
        return false;
    if (!set_ua(anchor->naf->ua, config->ua, "anchor.mip.naf.ua", error) ||
        !set_ua(anchor->naf->ua6, config->ua6, "anchor.mip.naf.ua6", error))
        return false;
    (void)snprintf(anchor->naf->url, sizeof anchor->naf->url, "https://%s:%u", config->bsf,
                   config->bsf_port);
    setup.bsf = anchor->naf->url;
    anchor->naf->naf = lk_naf_new(&setup, why);
    if (anchor->naf->naf == NULL)
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s", why);
    return anchor->naf->naf != NULL;
}

static void on_pool(uv_work_t *work)
{
    struct job *job = work->data;

    job->verdict = lk_naf_fetch(job->anchor->naf->naf, &job->why, NULL, &job->question);
}

static void refused(const struct job *job, enum lk_reason reason, const char *came)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    const struct lk_log_field fields[] = { { "imsi", imsi } };
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_count(&job->anchor->count->refused[reason]);
    lk_log_imsi(imsi, &job->imsi);
    lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

/* T27: the B-TID is of the subscriber whom the NAI names, or of no use. */
static bool is_his(const struct job *job, const struct lk_naf_user *user)
{
    size_t digits = strlen(job->imsi.digits);

    return strncmp(user->impi, job->imsi.digits, digits) == 0 && user->impi[digits] == '@';
}

/* RFC 4285 5.1 wants 16 octets, and says no algorithm but HMAC-SHA-1. */
static bool set_key(struct lk_mip_association *to, const struct job *job,
                    const uint8_t key[LK_NAF_KEY])
{
    const struct lk_config_mip_naf *config = &job->anchor->process.config->anchor.mip.naf;
    bool six = job->from.by == LK_BINDING_MIP6;

    to->algorithm = six ? LK_MIP_HMAC_SHA1 : lk_role_mip_algorithm(config->algorithm);
    return lk_mip_secret_set(&to->secret, lk_span_of(key, six ? config->octets6 : LK_NAF_KEY)) ==
           LK_OK;
}

static bool associate(struct job *job)
{
    struct lk_anchor_process *anchor = job->anchor;
    struct lk_mip_msa msa = { .there = { .spi = job->spi }, .spi_back = job->spi,
                              .replay = LK_MIP_TIMESTAMPS };
    uint8_t key[LK_NAF_KEY];
    struct lk_naf_user user;
    enum lk_naf_verdict verdict =
        lk_naf_key(anchor->naf->naf, key, &user, &job->why, &job->question);
    bool right = verdict == LK_NAF_GRANTED && is_his(job, &user);

    if (right) {
        msa.ends_ms = user.expires_s * 1000;
        right = set_key(&msa.there, job, key);
    }
    if (right) {
        lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_MN_HA, job->imsi.digits, msa.spi_back,
                        &msa.there);
        lk_mip_msas_put(anchor->msas, lk_anchor_msa_holder(&job->imsi, job->from.by), &msa,
                        lk_wall_ms());
    } else {
        refused(job, LK_REASON_MIP_B_TID,
                verdict == LK_NAF_GRANTED ? "another subscriber's" : job->why);
    }
    lk_wipe(key, sizeof key);
    lk_wipe(&msa, sizeof msa);
    return right;
}

static void on_asked(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct lk_anchor_process *anchor = job->anchor;
    bool six = job->from.by == LK_BINDING_MIP6;
    struct lk_anchor_event event = { .kind = six ? LK_ANCHOR_EV_MIP6 : LK_ANCHOR_EV_MIP,
                                     .now_ms = lk_wall_ms(),
                                     .from = job->from.address, .port = job->from.port,
                                     .octets = lk_span_of(job->octets, job->len) };

    if (status != 0 || job->verdict != LK_NAF_GRANTED)
        refused(job, LK_REASON_MIP_B_TID, job->why);
    else if (associate(job) && !lk_anchor_give(anchor, &event))
        anchor->store_refused++;
    job->anchor = NULL;
}

void lk_anchor_ask_bsf(struct lk_anchor_process *anchor, const struct lk_anchor_output *item,
                       const struct lk_anchor_event *event)
{
    bool six = event->kind == LK_ANCHOR_EV_MIP6;
    struct job *job = NULL;

    for (size_t i = 0; anchor->naf != NULL && i < WAITING && job == NULL; i++)
        if (anchor->naf->job[i].anchor == NULL)
            job = &anchor->naf->job[i];
    if (job == NULL || item->ask.b_tid.len >= sizeof job->question.b_tid ||
        event->octets.len > sizeof job->octets)
        return; /* the mobile node asks again */
    memset(job, 0, sizeof *job);
    job->anchor = anchor;
    job->work.data = job;
    memcpy(job->question.b_tid, item->ask.b_tid.at, item->ask.b_tid.len);
    memcpy(job->question.ua, six ? anchor->naf->ua6 : anchor->naf->ua, sizeof job->question.ua);
    job->imsi = item->ask.imsi;
    job->spi = item->ask.spi;
    job->from = (struct lk_anchor_place){ event->from, event->port,
                                          six ? LK_BINDING_MIP6 : LK_BINDING_MIP };
    job->len = event->octets.len;
    memcpy(job->octets, event->octets.at, event->octets.len);
    if (uv_queue_work(&anchor->process.loop, &job->work, on_pool, on_asked) != 0)
        job->anchor = NULL;
}

void lk_anchor_naf_end(struct lk_anchor_process *anchor)
{
    if (anchor->naf == NULL)
        return;
    for (size_t i = 0; i < WAITING; i++)
        if (anchor->naf->job[i].anchor != NULL)
            return; /* the pool is at it, and the process ends */
    lk_naf_free(anchor->naf->naf);
    free(anchor->naf);
    anchor->naf = NULL;
}

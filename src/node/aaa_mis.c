/* The home's side of MIS (IEEE 802.21): what a point of service asks for, and what it is given with
 * an Access-Accept.
 *
 *     K         where others are given the MSK: of the EMSK and of the MISF ID of this PoS
 *     MN        what it is called: a pseudonym, of which only home and MN know whose (A06)
 *     subscriber  by what this PoS alone knows that it has met the same one before, today
 *     mark      signed: the home was there, then, for so long, and for so many establishments (T40)
 *     PSK       for DTLS with this mobile node, made of the EMSK and of the MISF ID of this PoS
 *     lifetime  of all of it
 *
 * T04, T46: none of it for a client whose row does not say that it is this PoS, and nothing where
 * others could read it. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "node/aaa_parts.h"
#include "wire/mis_codes.h"

enum { DEFAULT_MAX = 3, DEFAULT_LIFETIME_S = 3600 };

void lk_aaa_mis_defaults(struct lk_aaa_mis_config *mis)
{
    mis->max = DEFAULT_MAX;
    mis->lifetime_s = mis->erp_lifetime_s = DEFAULT_LIFETIME_S;
    mis->erp = true;
    (void)snprintf(mis->psk_usage, sizeof mis->psk_usage, "%s", lk_mis_codes_default.psk_usage);
    (void)snprintf(mis->mn_usage, sizeof mis->mn_usage, "%s", lk_mis_codes_default.mn_usage);
    (void)snprintf(mis->k_usage, sizeof mis->k_usage, "%s", lk_mis_codes_default.k_usage);
}

/* T02: which PoS it is says its row, and what it says of itself must agree. */
static enum lk_reason judge_pos(const struct lk_aaa_job *job, struct lk_span pos_id)
{
    if (job->client->pos == NULL || !lk_span_equal(pos_id, lk_span_text(job->client->pos)))
        return LK_REASON_MIS_POS;
    return job->leg_is_closed ? LK_REASON_NONE : LK_REASON_MIS_LEG_OPEN;
}

void lk_aaa_take_pos(struct lk_aaa_job *job, const struct lk_aaa_config *config,
                     const struct lk_radius_packet *packet)
{
    struct lk_span pos_id;
    enum lk_reason reason;
    enum lk_status status = lk_radius_take_pos(&pos_id, packet, config->enterprise);

    if (status == LK_OK && pos_id.len == 0)
        return;
    reason = status == LK_OK ? judge_pos(job, pos_id) : LK_REASON_MIS_POS;
    job->is_pos = reason == LK_REASON_NONE;
    if (job->withheld == LK_REASON_NONE)
        job->withheld = reason;
}

void lk_aaa_mis_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                      const struct lk_aaa_config *config, const struct lk_imsi *imsi,
                      const struct lk_mis_pseudonym *name, uint32_t lifetime_s)
{
    struct lk_writer w = lk_writer_of(out->mis.mn, sizeof out->mis.mn);

    lk_mis_pseudonym_put(&w, name, lk_span_text(config->mis.realm));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    out->mis.mn_len = (uint8_t)w.len;
    out->mis.has_subscriber = true;
    lk_mis_subscriber_derive(&out->mis.subscriber, &config->mis.subscriber_key,
                             lk_span_text(job->client->pos), imsi);
    out->mis.mark_len = 0;
    out->mis.has_psk = false;
    out->mis.lifetime_s = lifetime_s;
    out->mark = (struct lk_start_mark){
        .mn_id = lk_writer_span(&w),
        .start_s = job->now_ms / 1000,
        .lifetime_s = lifetime_s,
        .max = config->mis.max,
        .realm = lk_span_text(config->mis.realm),
    };
}

void lk_aaa_put_mis(struct lk_writer *w, const struct lk_aaa_job *job, struct lk_aaa_out *out,
                    const struct lk_aaa_config *config)
{
    struct lk_aaa_salts salts;

    lk_aaa_salts(&salts, job);
    lk_radius_put_mis(w, config->enterprise, &out->mis, &job->client->secret, job->authenticator,
                      (const uint8_t(*)[LK_RADIUS_SALT_LEN])salts.mis);
}

void lk_aaa_put_k(struct lk_writer *w, const struct lk_aaa_job *job, const struct lk_mis_k *k)
{
    struct lk_msk msk;

    _Static_assert(sizeof msk.octets == LK_MIS_K_MAX, "K goes where an MSK does");
    LK_ASSERT(k->len == sizeof msk.octets);
    memcpy(msk.octets, k->octets, sizeof msk.octets);
    lk_radius_put_mppe(w, &msk, &job->client->secret, job->authenticator, job->salts);
    lk_wipe(&msk, sizeof msk);
}

/* T40, T45: whose row is a PoS's has no MSK of ours, whatever it asks for, but K of that PoS. */
void lk_aaa_put_msk(struct lk_writer *w, const struct lk_aaa_job *job,
                    const struct lk_aaa_config *config, const struct lk_grant *grant)
{
    struct lk_mis_k k;

    if (job->client->pos == NULL) {
        lk_radius_put_mppe(w, &grant->msk, &job->client->secret, job->authenticator, job->salts);
        return;
    }
    lk_mis_k_of_emsk(&k, &grant->emsk, lk_span_text(config->mis.k_usage),
                     lk_span_text(job->client->pos));
    lk_aaa_put_k(w, job, &k);
    lk_wipe(&k, sizeof k);
}

/* T04: the PSK of this PoS; and what ERP starts from stays with us. */
void lk_aaa_give_mis(struct lk_writer *w, const struct lk_aaa_job *job, struct lk_aaa_out *out,
                     const struct lk_aaa_config *config, struct lk_grant *grant)
{
    lk_mis_psk_derive(&out->mis.psk, &grant->emsk, lk_span_text(config->mis.psk_usage),
                      lk_span_text(job->client->pos));
    out->mis.has_psk = true;
    lk_aaa_put_mis(w, job, out, config);
    if (config->mis.erp)
        lk_aaa_erp_begin(job, out, config, grant);
    if (grant->mode != LK_TWAN_MULTI) /* else the WLCP key is its last child */
        lk_wipe(&grant->emsk, sizeof grant->emsk);
}

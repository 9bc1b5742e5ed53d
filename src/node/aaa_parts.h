/* Between the files of the AAA node only: aaa.c (the job, EAP), aaa_mis.c (what a PoS of MIS asks
 * for and is given), aaa_erp.c (ERP), aaa_akma.c (AKMA), aaa_mip.c (Mobile IP). */
#ifndef LK_NODE_AAA_PARTS_H
#define LK_NODE_AAA_PARTS_H

#include "keys/mis.h"
#include "node/aaa.h"

/* Of the hidden attributes of ours. */
struct lk_aaa_salts {
    uint8_t wlcp[2][LK_RADIUS_SALT_LEN]; /* key and IMSI */
    uint8_t mis[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN];
};
/* spec: RFC 2548 2.4.2 - each salt within one packet is unique, the two of MPPE included. */
void lk_aaa_salts(struct lk_aaa_salts *salts, const struct lk_aaa_job *job);

/* An hour, three establishments, the usual labels, ERP. */
void lk_aaa_mis_defaults(struct lk_aaa_mis_config *mis);
/* Who asks for the MIS service with this request, and whether it may. */
void lk_aaa_take_pos(struct lk_aaa_job *job, const struct lk_aaa_config *config,
                     const struct lk_radius_packet *packet);
/* What the PoS is given, into out->mis, and what is to be signed for it, into out->mark. */
void lk_aaa_mis_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                      const struct lk_aaa_config *config, const struct lk_imsi *imsi,
                      const struct lk_mis_pseudonym *name, uint32_t lifetime_s);
/* With the grant of an EAP run; without one, behind ERP, put_mis alone. Wipes the EMSK when no
 * other key is to be made of it. */
void lk_aaa_give_mis(struct lk_writer *w, const struct lk_aaa_job *job, struct lk_aaa_out *out,
                     const struct lk_aaa_config *config, struct lk_grant *grant);
/* What stands where an MSK does: for a PoS its own K. */
void lk_aaa_put_k(struct lk_writer *w, const struct lk_aaa_job *job, const struct lk_mis_k *k);
void lk_aaa_put_msk(struct lk_writer *w, const struct lk_aaa_job *job,
                    const struct lk_aaa_config *config, const struct lk_grant *grant);
void lk_aaa_put_mis(struct lk_writer *w, const struct lk_aaa_job *job, struct lk_aaa_out *out,
                    const struct lk_aaa_config *config);

/* ---- aaa_akma.c ---- */

/* Before the EMSK ends. */
void lk_aaa_akma_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                       const struct lk_aaa_config *config, const struct lk_grant *grant);

/* ---- aaa.c: parts of answers ---- */

void lk_aaa_out_begin(struct lk_aaa_out *out);
struct lk_radius_answer lk_aaa_head(const struct lk_aaa_job *job, enum lk_radius_code code);
/* The job is over, with silence. */
enum lk_aaa_verdict lk_aaa_drop(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                enum lk_reason reason);
enum lk_aaa_verdict lk_aaa_seal_answer(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       struct lk_writer *w, const struct lk_radius_answer *head);
void lk_aaa_put_class(struct lk_writer *w, const struct lk_aaa_job *job,
                      const struct lk_aaa_config *config, const struct lk_imsi *imsi);
/* How long the session may last, at most so long; UINT32_MAX: as configured. */
void lk_aaa_put_session(struct lk_writer *w, const struct lk_aaa_config *config, uint32_t most_s);

/* ---- aaa_mip.c ---- */

/* What an agent of Mobile IP asks. */
enum lk_aaa_verdict lk_aaa_mip_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config,
                                       const struct lk_radius_packet *packet);

/* ---- aaa_erp.c ---- */

/* What ERP starts from behind this grant, into out->erp_context. */
void lk_aaa_erp_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                      const struct lk_aaa_config *config, const struct lk_grant *grant);
/* EAP-Initiate of a request. */
enum lk_aaa_verdict lk_aaa_erp_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config, struct lk_span eap);
/* What was to be signed is. */
enum lk_aaa_verdict lk_aaa_erp_accept(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                      const struct lk_aaa_config *config);

#endif

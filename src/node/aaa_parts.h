/* Between the files of the AAA node only: aaa.c (the job, EAP), aaa_mis.c (what a PoS of MIS asks
 * for and is given). */
#ifndef LK_NODE_AAA_PARTS_H
#define LK_NODE_AAA_PARTS_H

#include "node/aaa.h"

/* Of the hidden attributes of ours. */
struct lk_aaa_salts {
    uint8_t wlcp[2][LK_RADIUS_SALT_LEN]; /* key and IMSI */
    uint8_t mis[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN];
};
/* spec: RFC 2548 2.4.2 - each salt within one packet is unique, the two of MPPE included. */
void lk_aaa_salts(struct lk_aaa_salts *salts, const struct lk_aaa_job *job);

/* Who asks for the MIS service with this request, and whether it may. */
void lk_aaa_take_pos(struct lk_aaa_job *job, const struct lk_aaa_config *config,
                     const struct lk_radius_packet *packet);
/* What the PoS is given, into out->mis, and what is to be signed for it, into out->mark. */
void lk_aaa_mis_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                      const struct lk_aaa_config *config, const struct lk_imsi *imsi,
                      uint32_t lifetime_s);
/* T04: the key of an SA by TLS, for the PoS that asks. The caller wipes emsk. */
void lk_aaa_mis_psk(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                    const struct lk_aaa_config *config, const struct lk_emsk *emsk);
void lk_aaa_put_mis(struct lk_writer *w, const struct lk_aaa_job *job, struct lk_aaa_out *out,
                    const struct lk_aaa_config *config);

#endif

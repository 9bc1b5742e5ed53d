/* The AAA as AUSF (TS 33.535): what an authentication gives for AKMA. */
#include "base/secret.h"
#include "node/aaa_parts.h"

/* spec: TS 33.535 6.1 - a primary authentication, by EAP-AKA': not a fast re-authentication, nor
 * EAP-AKA, whose EMSK has no K_AUSF in it. What is behind a PoS of MIS is the PoS's business.
 * K_AUSF ends here. */
void lk_aaa_akma_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                       const struct lk_aaa_config *config, const struct lk_grant *grant)
{
    struct lk_span supi = lk_span_text(grant->imsi.digits);
    struct lk_k_ausf k_ausf;

    out->akma.is_there = config->akma && !grant->fast && grant->eap_type == LK_EAP_AKA_PRIME &&
                         job->client->pos == NULL;
    if (!out->akma.is_there)
        return;
    lk_k_ausf_of_emsk(&k_ausf, &grant->emsk);
    lk_k_akma_derive(&out->akma.key, &k_ausf, supi);
    lk_a_tid_derive(&out->akma.a_tid, &k_ausf, supi);
    lk_wipe(&k_ausf, sizeof k_ausf);
}

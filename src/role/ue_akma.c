/* Section ue.akma.
 *
 *     {"op": "akma-key", "as": "browser", "af": "af.example", "ua": "0100000007"}
 *     {"op": "akma-status"}: of the owner */
#include "role/ue_akma.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/akma_names.h"
#include "role/ue_keys.h"
#include "role/ue_manager.h"

enum { MS = 1000 };

/* spec: TS 33.535 6.1 - after a primary authentication, of its K_AUSF; the keys of the one before
 * are over. A fast re-authentication is none. */
void lk_ue_akma_take(struct lk_ue_manager *ue, const struct lk_grant *grant)
{
    const struct lk_config *config = ue->process.config;
    struct lk_span supi = lk_span_text(config->ue.imsi);
    struct lk_ue_akma *akma = &ue->akma;
    struct lk_k_ausf k_ausf;
    struct lk_a_tid a_tid;

    if (!config->ue.akma.on || grant->fast || grant->eap_type != LK_EAP_AKA_PRIME)
        return;
    lk_k_ausf_of_emsk(&k_ausf, &grant->emsk);
    lk_k_akma_derive(&akma->key, &k_ausf, supi);
    lk_a_tid_derive(&a_tid, &k_ausf, supi);
    lk_wipe(&k_ausf, sizeof k_ausf);
    akma->has = lk_akma_a_kid(akma->a_kid, &config->akma, &a_tid) == LK_OK;
    if (akma->has)
        lk_seen_named_key(&ue->seen, LK_APP_KEY_LOG_K_AKMA, akma->a_kid, NULL,
                          LK_SPAN(akma->key.octets));
    akma->made_s = lk_wall_ms() / MS;
    akma->told[0] = '\0';
    akma->keys++;
}

void lk_ue_akma_end(struct lk_ue_manager *ue)
{
    lk_wipe(&ue->akma, sizeof ue->akma);
}

static bool is_configured(const struct lk_ue_manager *ue, struct lk_control_call *call)
{
    bool on = ue->process.config->ue.akma.on;

    if (!on)
        lk_control_refuse(call, "this device has no AKMA", "switch it on: ue.akma.on");
    return on;
}

/* A20: two AFs that are told one A-KID can tell that they have one user. Where that is not to be,
 * the first AF is the only one until the next authentication. */
static bool may_be_told(struct lk_ue_manager *ue, const char *fqdn)
{
    struct lk_ue_akma *akma = &ue->akma;

    if (akma->told[0] == '\0')
        (void)snprintf(akma->told, sizeof akma->told, "%s", fqdn);
    return !ue->process.config->ue.akma.one_af || strcmp(akma->told, fqdn) == 0;
}

static void refuse(struct lk_ue_manager *ue, struct lk_control_call *call, uint8_t application,
                   enum lk_reason reason)
{
    const struct lk_reason_row *row = lk_reason_row(reason);
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);

    lk_process_refused(&ue->process, reason);
    lk_ue_manager_audit(ue, application, "akma-key", 0, &refusal);
    lk_control_refuse(call, row->what, row->fix);
}

void lk_ue_akma_ask_key(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const json_t *request)
{
    struct lk_ue_key_wish wish;
    struct lk_naf_id af_id;
    struct lk_k_af key;

    if (!is_configured(ue, call) ||
        !lk_ue_key_wished(&wish, ue, call, request, LK_UE_KEYS_AKMA))
        return;
    if (!ue->akma.has || !may_be_told(ue, wish.fqdn)) {
        refuse(ue, call, wish.application,
               ue->akma.has ? LK_REASON_AKMA_ONE_AF : LK_REASON_AKMA_NO_KEY);
        return;
    }
    lk_naf_id_of(&af_id, lk_span_text(wish.fqdn), &wish.ua);
    lk_k_af_derive(&key, &ue->akma.key, &af_id);
    lk_seen_named_key(&ue->seen, LK_APP_KEY_LOG_K_AF, ue->akma.a_kid, &af_id,
                      LK_SPAN(key.octets));
    lk_ue_key_give(ue, call, wish.application, LK_UE_KEYS_AKMA,
                   json_pack("{s:b, s:s}", "ok", 1, "a_kid", ue->akma.a_kid),
                   LK_SPAN(key.octets));
    lk_wipe(&key, sizeof key);
}

void lk_ue_akma_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                           const json_t *request)
{
    const struct lk_ue_akma *akma = &ue->akma;
    json_t *answer;

    (void)request;
    if (!is_configured(ue, call))
        return;
    answer = json_pack("{s:b, s:b, s:i}", "ok", 1, "has_key", akma->has, "keys", (int)akma->keys);
    if (akma->has) {
        (void)json_object_set_new(answer, "a_kid", json_string(akma->a_kid));
        (void)json_object_set_new(answer, "made_s", json_integer((json_int_t)akma->made_s));
    }
    lk_control_answer(call, answer);
}

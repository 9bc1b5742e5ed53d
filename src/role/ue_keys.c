#include "role/ue_keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/host.h"
#include "base/secret.h"
#include "role/ue_manager.h"

static const struct {
    const char *op, *server, *key, *expected, *list, *usage;
} kinds[] = {
    [LK_UE_KEYS_GBA] = { "naf-key", "naf", "ks_naf", "a NAF of ue.applications[].nafs", "nafs",
                         "say naf=HOST ua=HEX, of ten hexadecimal digits" },
    [LK_UE_KEYS_AKMA] = { "akma-key", "af", "k_af", "an AF of ue.applications[].afs", "afs",
                          "say af=HOST ua=HEX, of ten hexadecimal digits" },
};

enum { SAID = 512 };

/* "naf.example/0100000002". */
static bool lists(const struct lk_config_application *application, enum lk_ue_key_kind kind,
                  const char *fqdn, const char *ua)
{
    bool gba = kind == LK_UE_KEYS_GBA;
    size_t count = gba ? application->naf_count : application->af_count;
    char wanted[LK_CONFIG_NAF];

    if (snprintf(wanted, sizeof wanted, "%s/%s", fqdn, ua) >= (int)sizeof wanted)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(gba ? application->nafs[i] : application->afs[i], wanted) == 0)
            return true;
    return false;
}

/* What would have to stand there: in words that he who asks has said himself. */
static void refuse_right(const struct lk_ue_manager *ue, struct lk_control_call *call,
                         uint8_t application, enum lk_ue_key_kind kind, const char *fqdn,
                         const char *ua)
{
    const char *name = ue->process.config->ue.applications[application].name;
    char what[SAID], fix[SAID];

    (void)snprintf(what, sizeof what, "The application %.64s may not have a key for %.255s/%.16s.",
                   name, fqdn, ua);
    (void)snprintf(fix, sizeof fix,
                   "Mend the name, or write %s: [%.255s/%.16s] into its row of ue.applications and "
                   "restart the device.",
                   kinds[kind].list, fqdn, ua);
    lk_control_refuse(call, what, fix);
}

static void refuse(struct lk_ue_manager *ue, struct lk_control_call *call, uint8_t application,
                   enum lk_ue_key_kind kind)
{
    enum lk_reason reason = application == LK_MANAGER_STRANGER ? LK_REASON_MANAGER_STRANGER
                                                               : LK_REASON_MANAGER_NO_RIGHT;
    const struct lk_refusal refusal = lk_refusal_of(reason, kinds[kind].expected, "another");

    if (application == LK_MANAGER_STRANGER)
        lk_control_strike(call);
    lk_process_count(&ue->process, LK_UE_REFUSED);
    lk_process_refused(&ue->process, reason);
    lk_ue_manager_audit(ue, application, kinds[kind].op, 0, &refusal);
    if (application == LK_MANAGER_STRANGER)
        lk_control_refuse(call, lk_reason_row(reason)->what, lk_reason_row(reason)->fix);
}

bool lk_ue_key_wished(struct lk_ue_key_wish *wish, struct lk_ue_manager *ue,
                      struct lk_control_call *call, const json_t *request,
                      enum lk_ue_key_kind kind)
{
    const char *fqdn = json_string_value(json_object_get(request, kinds[kind].server));
    const char *ua = json_string_value(json_object_get(request, "ua"));
    size_t len = 0;

    wish->application = lk_ue_manager_application(ue, call, request);
    if (wish->application == LK_MANAGER_STRANGER) {
        refuse(ue, call, wish->application, kind);
        return false;
    }
    if (fqdn == NULL || ua == NULL || fqdn[0] == '\0' || strlen(fqdn) > LK_FQDN_MAX ||
        lk_hex_decode(wish->ua.octets, sizeof wish->ua.octets, &len, lk_span_text(ua)) != LK_OK ||
        len != sizeof wish->ua.octets) {
        refuse(ue, call, wish->application, kind);
        lk_control_refuse(call, "The question names no server and protocol.", kinds[kind].usage);
        return false;
    }
    if (!lists(&ue->process.config->ue.applications[wish->application], kind, fqdn, ua)) {
        refuse(ue, call, wish->application, kind);
        refuse_right(ue, call, wish->application, kind, fqdn, ua);
        return false;
    }
    (void)snprintf(wish->fqdn, sizeof wish->fqdn, "%s", fqdn);
    lk_host_lower(wish->fqdn);
    return true;
}

/* The key goes to who asked, and not into the log; into a capture as any key, with secrets. */
void lk_ue_key_give(struct lk_ue_manager *ue, struct lk_control_call *call, uint8_t application,
                    enum lk_ue_key_kind kind, json_t *answer, struct lk_span key)
{
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);
    char text[2 * sizeof(struct lk_ks_naf) + 1];
    enum lk_status status = lk_hex_encode(text, sizeof text, key);

    LK_ASSERT(status == LK_OK);
    (void)json_object_set_new(answer, kinds[kind].key, json_string(text));
    lk_wipe(text, sizeof text);
    lk_ue_manager_audit(ue, application, kinds[kind].op, 0, &none);
    lk_control_answer(call, answer);
}

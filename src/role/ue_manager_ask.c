/* What applications ask, and what they are told.
 *
 *     {"op": "connect", "as": "browser", "apn": "internet", "type": "ipv4v6"}
 *     {"op": "disconnect", "as": "browser", "pdn": 3}
 *     {"op": "list", "as": "browser"}
 *     {"op": "ping", "as": "browser", "pdn": 3, "to": "10.64.0.1", "count": 3}
 *
 * and from the device's owner, who is the user of this process or root: attach, reauthenticate,
 * detach, state, and what ue_lte_ask.c answers. "as" says which application it would be; whether it
 * may be that one is decided by the user that the kernel names. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/log.h"
#include "role/mode.h"
#include "role/privileges.h"
#include "role/ue_manager.h"
#include "role/wlcp_config.h"

/* ---- rules, from the configuration ---- */

static bool take_application(struct lk_ue_manager *ue, const struct lk_config_application *from,
                             char error[LK_KIND_ERROR_TEXT])
{
    struct lk_manager_application *to = &ue->rules.application[ue->rules.application_count];

    if (!lk_privileges_uid(&ue->uids[ue->rules.application_count], from->uid)) {
        snprintf(error, LK_KIND_ERROR_TEXT, "ue.applications: %.64s: no user '%.64s'", from->name,
                 from->uid);
        return false;
    }
    snprintf(to->name, sizeof to->name, "%s", from->name);
    to->rights = ((from->rights & LK_CONFIG_MAY_CONNECT) != 0 ? LK_MANAGER_MAY_CONNECT : 0)
                 | ((from->rights & LK_CONFIG_MAY_DISCONNECT) != 0 ? LK_MANAGER_MAY_DISCONNECT : 0)
                 | ((from->rights & LK_CONFIG_MAY_STATUS) != 0 ? LK_MANAGER_MAY_STATUS : 0)
                 | ((from->rights & LK_CONFIG_MAY_MODIFY) != 0 ? LK_MANAGER_MAY_MODIFY : 0);
    for (size_t i = 0; i < from->apn_count && i < LK_MANAGER_APNS; i++)
        if (lk_wlcp_apn_parse(&to->apn[to->apn_count++], from->apns[i]) != LK_OK) {
            snprintf(error, LK_KIND_ERROR_TEXT, "ue.applications: '%.64s' is no APN",
                     from->apns[i]);
            return false;
        }
    ue->rules.application_count++;
    return true;
}

enum lk_status lk_ue_manager_rules(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = ue->process.config;
    size_t bad;

    lk_manager_init(&ue->manager);
    lk_manager_defaults(&ue->rules);
    if (lk_wlcp_table_of(&ue->table, &bad, config) != LK_OK)
        return LK_E_VALUE; /* lk_config_check let it pass: it cannot be */
    lk_wlcp_ue_config_of(&ue->rules.wlcp, &ue->table, config);
    ue->rules.access.retry_ms = config->ue.retry_ms;
    ue->rules.access.retry_max_ms = config->ue.retry_max_ms;
    if (config->ue.pdn_max < ue->rules.connections_max)
        ue->rules.connections_max = (uint8_t)config->ue.pdn_max;
    for (size_t i = 0; i < config->ue.application_count && i < LK_MANAGER_APPLICATIONS; i++)
        if (!take_application(ue, &config->ue.applications[i], error))
            return LK_E_VALUE;
    lk_wlcp_kdf_of(&ue->kdf, config);
    return LK_OK;
}

/* ---- who asks ---- */

static bool is_owner(const struct lk_control_call *call)
{
    struct ucred who;

    return lk_control_caller(call, &who) && (who.uid == 0 || who.uid == geteuid());
}

bool lk_ue_manager_knows(void *context, uid_t uid)
{
    const struct lk_ue_manager *ue = context;

    for (size_t i = 0; i < ue->rules.application_count; i++)
        if (ue->uids[i] == uid)
            return true;
    return false;
}

uint8_t lk_ue_manager_application(const struct lk_ue_manager *ue,
                                  const struct lk_control_call *call, const json_t *request)
{
    const char *as = json_string_value(json_object_get(request, "as"));
    struct ucred who;

    for (size_t i = 0; as != NULL && i < ue->rules.application_count; i++)
        if (strcmp(ue->rules.application[i].name, as) == 0)
            return lk_control_caller(call, &who) && who.uid == ue->uids[i]
                   ? (uint8_t)i : LK_MANAGER_STRANGER;
    return LK_MANAGER_STRANGER;
}

/* ---- the capture ---- */

/* Questions of applications and their answers come by no network, and are in the capture all the
 * same: as JSON, between the device's address and port 0 of it, where the application is. */
static void show(struct lk_ue_manager *ue, bool answer, const json_t *message)
{
    struct lk_capture_opened about = { .dissector = "json" };
    struct lk_capture_end manager, application;
    struct lk_address own;
    char *text;

    if (ue->seen.file == NULL || (ue->seen.wanted & 1u << LK_SEEN_WLCP) == 0
        || lk_address_parse(&own, ue->process.config->ue.address) != LK_OK)
        return;
    manager = lk_seen_end_of(&own, (uint16_t)ue->process.config->wlcp.port);
    application = lk_seen_end_of(&own, 0);
    about.from = answer ? manager : application;
    about.to = answer ? application : manager;
    text = json_dumps(message, JSON_COMPACT);
    if (text != NULL)
        lk_seen_message(&ue->seen, &about, lk_span_text(text));
    free(text);
}

static void show_question(struct lk_ue_manager *ue, const json_t *request)
{
    json_t *bare = json_copy((json_t *)(uintptr_t)request);

    (void)json_object_del(bare, "comment");
    show(ue, false, bare);
    json_decref(bare);
}

void lk_ue_manager_answer(struct lk_ue_manager *ue, struct lk_control_call *call, json_t *answer)
{
    show(ue, true, answer);
    lk_control_answer(call, answer);
}

/* ---- answers ---- */

static json_t *connection_json(uint32_t ref, const struct lk_wlcp_ue_connection *c)
{
    char apn[LK_WLCP_APN_TEXT], address[LK_ADDRESS_TEXT] = "", id[17] = "";
    struct lk_address v4 = lk_address_v4(c->address.ipv4);

    lk_wlcp_apn_text(apn, &c->apn);
    if ((c->address.pdn_type & LK_WLCP_IPV4) != 0)
        lk_address_text(address, &v4);
    if ((c->address.pdn_type & LK_WLCP_IPV6) != 0)
        for (size_t i = 0; i < sizeof c->address.interface_id; i++)
            snprintf(id + 2 * i, 3, "%02x", c->address.interface_id[i]);
    return json_pack("{s:I, s:s, s:s, s:s, s:s}", "pdn", (json_int_t)ref, "apn", apn, "state",
                     lk_wlcp_ue_state_name(c->state), "address", address, "interface-id", id);
}

static void count_refused(struct lk_ue_manager *ue, const struct lk_refusal *refusal)
{
    lk_process_count(&ue->process, LK_UE_REFUSED);
    lk_process_refused(&ue->process, refusal->reason);
}

static json_t *refusal_json(const struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    const struct lk_reason_row *row = lk_reason_row(said->refusal.reason);
    json_t *answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code, "error",
                               row->what, "fix", row->fix);

    if (said->refusal.reason == LK_REASON_MANAGER_STRANGER && ue->asking)
        json_object_set_new(answer, "uid", json_integer((json_int_t)ue->who.uid));
    if (said->cause != LK_WLCP_CAUSE_NONE)
        json_object_set_new(answer, "cause", json_string(lk_wlcp_cause_name(said->cause)));
    if (said->until_ms != 0)
        json_object_set_new(answer, "not-before-ms",
                            json_integer((json_int_t)(said->until_ms - lk_mono_ms())));
    return answer;
}

static json_t *answer_json(const struct lk_ue_manager *ue, const struct lk_manager_output *said,
                           enum lk_manager_event_kind kind)
{
    const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&ue->manager.ue, said->ref);
    char told[96], address[LK_ADDRESS_TEXT] = "no IPv4 address";
    bool connects = kind == LK_MANAGER_EV_CONNECT;
    struct lk_address v4;
    json_t *answer;

    if (said->refusal.reason != LK_REASON_NONE
        || (connects && (c == NULL || c->state != LK_WLCP_UE_ACTIVE)))
        return refusal_json(ue, said);
    if (kind == LK_MANAGER_EV_STATUS)
        return json_pack("{s:b, s:s, s:s}", "ok", 0, "error", "the connection is not up", "fix",
                         "latchkey ue list shows its state");
    if (!connects || c == NULL)
        return json_pack("{s:b, s:I, s:s}", "ok", 1, "pdn", (json_int_t)said->ref, "told",
                         "disconnected");
    answer = connection_json(said->ref, c);
    v4 = lk_address_v4(c->address.ipv4);
    if ((c->address.pdn_type & LK_WLCP_IPV4) != 0)
        lk_address_text(address, &v4);
    snprintf(told, sizeof told, "PDN connection %u, %s", said->ref, address);
    json_object_set_new(answer, "ok", json_true());
    json_object_set_new(answer, "told", json_string(told));
    return answer;
}

static void carry_answer(struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    for (size_t i = 0; i < LK_UE_ASKERS; i++) {
        struct lk_ue_asker *asker = &ue->askers[i];

        if (asker->token != said->asker || asker->token == 0)
            continue;
        if (asker->call != NULL)
            lk_ue_manager_answer(ue, asker->call, answer_json(ue, said, asker->kind));
        memset(asker, 0, sizeof *asker);
        return;
    }
}

static void carry_timer(struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    LK_ASSERT(said->which < LK_MANAGER_TIMERS);
    lk_wake_at(&ue->wakes[said->which], said->timer_at_ms);
}

static void carry_audit(struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    if (said->refusal.reason != LK_REASON_NONE)
        count_refused(ue, &said->refusal);
    lk_ue_manager_audit(ue, said->application, said->what, said->ref, &said->refusal);
}

/* Last of all, and from a copy: who is answered may ask again from within, and what the access
 * wants may end at once. */
static void carry_rest(struct lk_ue_manager *ue)
{
    struct lk_manager_output said[LK_MANAGER_OUTBOX_MAX];
    size_t count = 0;

    for (size_t i = 0; i < ue->out.count; i++)
        if (ue->out.item[i].kind == LK_MANAGER_OUT_ANSWER
            || ue->out.item[i].kind == LK_MANAGER_OUT_ACCESS)
            said[count++] = ue->out.item[i];
    for (size_t i = 0; i < count; i++)
        if (said[i].kind == LK_MANAGER_OUT_ANSWER)
            carry_answer(ue, &said[i]);
        else
            lk_ue_manager_access(ue, &said[i].access);
}

enum lk_status lk_ue_manager_step(struct lk_ue_manager *ue, struct lk_manager_event *event)
{
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    lk_entropy_take(&ue->entropy, &event->entropy, sizeof event->entropy);
    status = lk_manager_step(&ue->manager, &ue->rules, event, &ue->out);
    for (size_t i = 0; status == LK_OK && i < ue->out.count; i++) {
        const struct lk_manager_output *said = &ue->out.item[i];

        if (said->kind == LK_MANAGER_OUT_SEND
            && lk_channel_send(ue->channel, ue->channel_id, said->send) != LK_OK)
            LK_LOG(LK_LOG_DEBUG, "not-sent", { "what", "a WLCP message; it is repeated" });
        else if (said->kind == LK_MANAGER_OUT_TIMER)
            carry_timer(ue, said);
        else if (said->kind == LK_MANAGER_OUT_AUDIT)
            carry_audit(ue, said);
    }
    if (status == LK_OK) {
        lk_ue_tun_look(ue); /* who is answered finds its address in the namespace */
        carry_rest(ue);
    }
    return status;
}

void lk_ue_manager_due(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_EXPIRED,
                                      .which = (uint32_t)(wake - ue->wakes) };

    (void)lk_ue_manager_step(ue, &event);
}

/* ---- questions ---- */

static struct lk_ue_asker *wait_for(struct lk_ue_manager *ue, struct lk_control_call *call,
                                    enum lk_manager_event_kind kind)
{
    for (size_t i = 0; i < LK_UE_ASKERS; i++)
        if (ue->askers[i].token == 0) {
            ue->askers[i] = (struct lk_ue_asker){ .token = ++ue->last_token, .call = call,
                                                  .kind = kind };
            return &ue->askers[i];
        }
    return NULL;
}

/* What is asked cannot be meant so. */
static void refuse_question(struct lk_ue_manager *ue, struct lk_control_call *call,
                            const json_t *request, const char *error, const char *fix)
{
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_MANAGER_QUESTION, NULL, error);
    uint8_t application = lk_ue_manager_application(ue, call, request);

    if (application == LK_MANAGER_STRANGER)
        lk_control_strike(call);
    count_refused(ue, &refusal);
    lk_ue_manager_audit(ue, application, ue->asked, 0, &refusal);
    lk_control_refuse(call, error, fix);
}

/* Number of a connection; 0: it says none that there may be. */
static uint32_t pdn_of(const json_t *request)
{
    json_int_t number = json_integer_value(json_object_get(request, "pdn"));

    return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* 0: it says none that there is. */
static uint8_t type_of(const json_t *request)
{
    static const char *const types[] = { "", "ipv4", "ipv6", "ipv4v6" };
    const json_t *said = json_object_get(request, "type");

    for (uint8_t i = 1; said != NULL && i < LK_COUNT_OF(types); i++)
        if (json_is_string(said) && strcmp(json_string_value(said), types[i]) == 0)
            return i;
    return said == NULL ? LK_WLCP_IPV4V6 : 0;
}

static void ask(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request,
                enum lk_manager_event_kind kind)
{
    const json_t *apn = json_object_get(request, "apn");
    struct lk_manager_event event = { .kind = kind, .request_type = LK_WLCP_INITIAL };
    struct lk_ue_asker *asker;

    event.application = lk_ue_manager_application(ue, call, request);
    event.ref = pdn_of(request);
    event.pdn_type = type_of(request);
    if (event.application == LK_MANAGER_STRANGER)
        lk_control_strike(call);
    if (apn != NULL && (!json_is_string(apn)
                        || lk_wlcp_apn_parse(&event.apn, json_string_value(apn)) != LK_OK)) {
        refuse_question(ue, call, request, "that is no access point name",
                        "say \"apn\": \"internet\"");
        return;
    }
    asker = wait_for(ue, call, kind);
    if (asker == NULL) {
        lk_control_refuse(call, "too many questions wait", "ask again later");
        return;
    }
    event.asker = asker->token;
    if (lk_ue_manager_step(ue, &event) == LK_OK)
        return;
    memset(asker, 0, sizeof *asker);
    lk_control_refuse(call, "the connection is in no state for that", "ask for the list");
}

static void connect_one(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const json_t *request)
{
    if (type_of(request) == 0)
        refuse_question(ue, call, request, "there is no such PDN type",
                        "say ipv4, ipv6 or ipv4v6");
    else
        ask(ue, call, request, LK_MANAGER_EV_CONNECT);
}

static bool names_one(struct lk_ue_manager *ue, struct lk_control_call *call,
                      const json_t *request)
{
    if (pdn_of(request) != 0)
        return true;
    refuse_question(ue, call, request, "pdn is not the number of a connection",
                    "latchkey ue list shows the numbers");
    return false;
}

static void disconnect_one(struct lk_ue_manager *ue, struct lk_control_call *call,
                           const json_t *request)
{
    if (names_one(ue, call, request))
        ask(ue, call, request, LK_MANAGER_EV_DISCONNECT);
}

static void list(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    uint8_t application = lk_ue_manager_application(ue, call, request);
    const struct lk_wlcp_ue_connection *c;
    json_t *connections;
    uint32_t ref = 0;

    if (application == LK_MANAGER_STRANGER
        || (ue->rules.application[application].rights & LK_MANAGER_MAY_STATUS) == 0) {
        ask(ue, call, request, LK_MANAGER_EV_STATUS); /* refuses, and writes it down */
        return;
    }
    connections = json_array();
    while ((c = lk_manager_next(&ue->manager, application, &ref)) != NULL)
        json_array_append_new(connections, connection_json(ref, c));
    lk_ue_manager_answer(ue, call,
                         json_pack("{s:b, s:o}", "ok", 1, "connections", connections));
}

static void ping(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    uint8_t application = lk_ue_manager_application(ue, call, request);
    const struct lk_wlcp_ue_connection *c = NULL;
    uint32_t wanted = pdn_of(request), ref = 0;

    if (!names_one(ue, call, request))
        return;
    while (application != LK_MANAGER_STRANGER && ref < wanted
           && (c = lk_manager_next(&ue->manager, application, &ref)) != NULL)
        ;
    if (c == NULL || ref != wanted || c->state != LK_WLCP_UE_ACTIVE)
        ask(ue, call, request, LK_MANAGER_EV_STATUS); /* refuses, and writes it down */
    else
        lk_ue_manager_ping(ue, call, c, request);
}

static void attach(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    lk_ue_manager_attach(ue, call, true);
}

static void reauthenticate(struct lk_ue_manager *ue, struct lk_control_call *call,
                           const json_t *request)
{
    lk_ue_manager_attach(ue, call, false);
}

static void detach(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    lk_ue_manager_detach(ue);
    lk_control_answer(call, json_pack("{s:b, s:s}", "ok", 1, "told", "detached"));
}

/* ---- which question it is ---- */

enum { KEYS = 6 };

/* Who may ask it, and where it makes sense. */
enum whose { OF_APPLICATIONS, OF_OWNER, OF_OWNER_WITH_LTE, OF_OWNER_WITH_MIS,
             OF_OWNER_WITH_MIP };

static const struct question {
    const char *op;
    void (*ask)(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request);
    enum whose whose;
    const char *keys[KEYS]; /* besides op and comment */
} questions[] = {
    { "connect", connect_one, OF_APPLICATIONS, { "as", "apn", "type" } },
    { "disconnect", disconnect_one, OF_APPLICATIONS, { "as", "pdn" } },
    { "list", list, OF_APPLICATIONS, { "as" } },
    { "ping", ping, OF_APPLICATIONS, { "as", "pdn", "to", "count" } },
    { "attach", attach, OF_OWNER, { NULL } },
    { "reauthenticate", reauthenticate, OF_OWNER, { NULL } },
    { "detach", detach, OF_OWNER, { NULL } },
    { "state", lk_ue_manager_state, OF_OWNER, { NULL } },
    { "namespace", lk_ue_tun_ask, OF_OWNER, { NULL } },
    { "naf-key", lk_ue_gba_ask_key, OF_APPLICATIONS, { "as", "naf", "ua", "not" } },
    { "akma-key", lk_ue_akma_ask_key, OF_APPLICATIONS, { "as", "af", "ua" } },
    { "akma-status", lk_ue_akma_ask_status, OF_OWNER, { NULL } },
    { "gba-bootstrap", lk_ue_gba_ask_bootstrap, OF_OWNER, { NULL } },
    { "gba-status", lk_ue_gba_ask_status, OF_OWNER, { NULL } },
    { "lte-attach", lk_ue_lte_ask_attach, OF_OWNER_WITH_LTE, { "cell" } },
    { "lte-status", lk_ue_lte_ask_status, OF_OWNER_WITH_LTE,
      { "wait", "ms", "rekeys", "handovers", "associations" } },
    { "lwa-ping", lk_ue_lte_ping, OF_OWNER_WITH_LTE, { "count", "octets", "drb" } },
    { "lte-detach", lk_ue_lte_ask_detach, OF_OWNER_WITH_LTE, { NULL } },
    { "mis-attach", lk_ue_mis_ask_attach, OF_OWNER_WITH_MIS, { "pos", "by" } },
    { "mis-handover", lk_ue_mis_ask_handover, OF_OWNER_WITH_MIS,
      { "pos", "from", "network", "cell", "link", "position" } },
    { "mis-status", lk_ue_mis_ask_status, OF_OWNER_WITH_MIS, { NULL } },
    { "mis-ping", lk_ue_mis_ask_ping, OF_OWNER_WITH_MIS, { NULL } },
    { "mis-detach", lk_ue_mis_ask_detach, OF_OWNER_WITH_MIS, { NULL } },
    { "mis-tls", lk_ue_mis_ask_tls, OF_OWNER_WITH_MIS, { "pos" } },
    { "mip-register", lk_ue_mip_ask_register, OF_OWNER_WITH_MIP,
      { "at", "way", "version", "ms" } },
    { "mip-move", lk_ue_mip_ask_move, OF_OWNER_WITH_MIP, { "at", "ms" } },
    { "mip-renew", lk_ue_mip_ask_renew, OF_OWNER_WITH_MIP, { "ms" } },
    { "mip-release", lk_ue_mip_ask_release, OF_OWNER_WITH_MIP, { "ms" } },
    { "mip-status", lk_ue_mip_ask_status, OF_OWNER_WITH_MIP,
      { "wait", "keys", "renewals", "ms" } },
    { "mip-ping", lk_ue_mip_ping, OF_OWNER_WITH_MIP, { "to", "count" } },
};

static void owner_asks(struct lk_ue_manager *ue, struct lk_control_call *call,
                       const struct question *question, const json_t *request)
{
    struct lk_refusal refusal = lk_refusal_of(LK_REASON_MANAGER_STRANGER, NULL, NULL);

    if (!is_owner(call)) {
        count_refused(ue, &refusal);
        lk_ue_manager_audit(ue, LK_MANAGER_STRANGER, question->op, 0, &refusal);
        lk_control_strike(call);
        lk_control_refuse(call, "only the owner of the device may do that",
                          "be the user that latchkeyd runs as");
    } else if (question->whose == OF_OWNER_WITH_LTE && !ue->lte.is_configured) {
        lk_control_refuse(call, "this device has no LTE", "give it cells: ue.lte.cells");
    } else if (question->whose == OF_OWNER_WITH_MIS && !ue->mis.is_configured) {
        lk_control_refuse(call, "this device has no MIS",
                          "give it points, or a domain: ue.mis.points, ue.mis.domain");
    } else if (question->whose == OF_OWNER_WITH_MIP && !ue->mip.is_configured) {
        lk_control_refuse(call, "this device has no Mobile IP", "give it places: ue.mip.places");
    } else {
        question->ask(ue, call, request);
    }
}

static bool has_key(const struct question *question, const char *key)
{
    for (size_t i = 0; i < KEYS && question->keys[i] != NULL; i++)
        if (strcmp(question->keys[i], key) == 0)
            return true;
    return strcmp(key, "op") == 0 || strcmp(key, "comment") == 0;
}

/* A word that nobody reads would be taken for one that was heard. */
static const char *strange_key(const struct question *question, const json_t *request)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)request, key, value)
        if (!has_key(question, key))
            return key;
    return NULL;
}

static void no_such_op(struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request)
{
    char fix[2 * LK_CONTROL_ERROR_TEXT] = "there are:";
    size_t used = strlen(fix);

    for (size_t i = 0; i < LK_COUNT_OF(questions) && used < sizeof fix; i++)
        used += (size_t)snprintf(fix + used, sizeof fix - used, " %s", questions[i].op);
    refuse_question(ue, call, request, "there is no such op", fix);
}

static void answer_question(struct lk_ue_manager *ue, struct lk_control_call *call,
                            const json_t *request)
{
    const char *op = json_string_value(json_object_get(request, "op"));
    const struct question *question = NULL;
    char error[LK_CONTROL_ERROR_TEXT];

    for (size_t i = 0; op != NULL && i < LK_COUNT_OF(questions); i++)
        if (strcmp(op, questions[i].op) == 0)
            question = &questions[i];
    ue->asked = question != NULL ? question->op : "-";
    if (question == NULL) {
        no_such_op(ue, call, request);
        return;
    }
    if (strange_key(question, request) != NULL) {
        snprintf(error, sizeof error, "%s takes no '%.32s'", op, strange_key(question, request));
        refuse_question(ue, call, request, error, "latchkey ue list --help shows what each takes");
        return;
    }
    if (question->whose != OF_APPLICATIONS) {
        owner_asks(ue, call, question, request);
        return;
    }
    show_question(ue, request);
    question->ask(ue, call, request);
}

/* Another question may be heard while this one is answered: of each it is known who asks. */
void lk_ue_manager_asked(void *context, struct lk_control_call *call, const json_t *request)
{
    const char *comment = json_string_value(json_object_get(request, "comment"));
    struct lk_ue_manager *ue = context;
    struct ucred who = ue->who;
    bool asking = ue->asking;

    lk_process_count(&ue->process, LK_UE_ASKED);
    snprintf(ue->seen.comment, sizeof ue->seen.comment, "%.*s", (int)sizeof ue->seen.comment - 1,
             comment != NULL ? comment : "");
    ue->asking = lk_control_caller(call, &ue->who);
    answer_question(ue, call, request);
    ue->asking = asking;
    ue->who = who;
}

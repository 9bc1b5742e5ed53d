/* What applications ask, and what they are told.
 *
 *     {"op": "connect", "as": "browser", "apn": "internet", "type": "ipv4v6"}
 *     {"op": "disconnect", "as": "browser", "pdn": 3}
 *     {"op": "list", "as": "browser"}
 *     {"op": "ping", "as": "browser", "pdn": 3, "to": "10.64.0.1", "count": 3}
 *
 * and from the device's owner, who is the user of this process or root: attach, reauthenticate,
 * detach, state. "as" says which application it would be; whether it may be that one is decided by
 * the user that the kernel names. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/log.h"
#include "role/mode.h"
#include "role/ue_manager.h"
#include "role/wlcp_config.h"

/* ---- rules, from the configuration ---- */

static bool uid_of(const char *text, uid_t *uid)
{
    const struct passwd *entry;
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] != '\0' && *end == '\0') {
        *uid = (uid_t)number;
        return true;
    }
    entry = getpwnam(text);
    if (entry != NULL)
        *uid = entry->pw_uid;
    return entry != NULL;
}

static bool take_application(struct lk_ue_manager *ue, const struct lk_config_application *from,
                             char error[LK_KIND_ERROR_TEXT])
{
    struct lk_manager_application *to = &ue->rules.application[ue->rules.application_count];

    if (!uid_of(from->uid, &ue->uids[ue->rules.application_count])) {
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

    lk_manager_init(&ue->manager);
    lk_manager_defaults(&ue->rules);
    if (lk_wlcp_table_of(&ue->table, error, LK_KIND_ERROR_TEXT, config) != LK_OK)
        return LK_E_VALUE;
    lk_wlcp_ue_config_of(&ue->rules.wlcp, &ue->table, config);
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

/* ---- the audit log ---- */

void lk_ue_manager_audit(struct lk_ue_manager *ue, const char *application, const char *what,
                         uint32_t ref, const struct lk_refusal *refusal)
{
    json_t *line;
    struct timespec now;
    char *text;

    LK_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    line = json_pack("{s:I, s:s, s:s, s:I, s:s}", "at", (json_int_t)now.tv_sec, "application",
                     application, "what", what, "pdn", (json_int_t)ref, "came",
                     refusal->reason == LK_REASON_NONE ? "done" :
                                                         lk_reason_row(refusal->reason)->code);
    if (ue->asked)
        (void)json_object_set_new(line, "uid", json_integer(ue->asker.uid));
    text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text != NULL)
        (void)fprintf(ue->audit, "%s\n", text);
    free(text);
    json_decref(line);
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

    if (!lk_seen_wants(&ue->seen, LK_SEEN_WLCP)
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

static json_t *refusal_json(const struct lk_manager_output *said)
{
    const struct lk_reason_row *row = lk_reason_row(said->refusal.reason);
    json_t *answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code, "error",
                               row->what, "fix", row->fix);

    if (said->cause != LK_WLCP_CAUSE_NONE)
        json_object_set_new(answer, "cause", json_string(lk_wlcp_cause_name(said->cause)));
    if (said->until_ms != 0)
        json_object_set_new(answer, "not-before-ms",
                            json_integer((json_int_t)(said->until_ms - lk_mono_ms())));
    return answer;
}

static json_t *answer_json(const struct lk_ue_manager *ue, const struct lk_manager_output *said,
                           bool connects)
{
    const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&ue->manager.ue, said->ref);
    char told[96], address[LK_ADDRESS_TEXT] = "no IPv4 address";
    struct lk_address v4;
    json_t *answer;

    if (said->refusal.reason != LK_REASON_NONE
        || (connects && (c == NULL || c->state != LK_WLCP_UE_ACTIVE)))
        return refusal_json(said);
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
            lk_ue_manager_answer(ue, asker->call, answer_json(ue, said, asker->connects));
        memset(asker, 0, sizeof *asker);
        return;
    }
}

static void on_timer(struct lk_ue_manager *ue, const struct lk_manager_output *said);

static void carry_audit(struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    const char *application = said->application < ue->rules.application_count ?
                              ue->rules.application[said->application].name : "-";

    if (said->refusal.reason != LK_REASON_NONE)
        lk_process_count(&ue->process, LK_UE_REFUSED);
    lk_ue_manager_audit(ue, application, said->what, said->ref, &said->refusal);
}

/* Last of all, and from a copy: who is answered may ask again from within. */
static void carry_answers(struct lk_ue_manager *ue)
{
    struct lk_manager_output said[LK_WLCP_UE_CONNECTIONS + 1];
    size_t count = 0;

    for (size_t i = 0; i < ue->out.count && count < LK_COUNT_OF(said); i++)
        if (ue->out.item[i].kind == LK_MANAGER_OUT_ANSWER)
            said[count++] = ue->out.item[i];
    for (size_t i = 0; i < count; i++)
        carry_answer(ue, &said[i]);
}

enum lk_status lk_ue_manager_step(struct lk_ue_manager *ue, struct lk_manager_event *event)
{
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    status = lk_manager_step(&ue->manager, &ue->rules, event, &ue->out);
    for (size_t i = 0; status == LK_OK && i < ue->out.count; i++) {
        const struct lk_manager_output *said = &ue->out.item[i];

        if (said->kind == LK_MANAGER_OUT_SEND
            && lk_channel_send(ue->channel, ue->channel_id, said->send) != LK_OK)
            LK_LOG(LK_LOG_DEBUG, "not-sent", { "what", "a WLCP message; it is repeated" });
        else if (said->kind == LK_MANAGER_OUT_TIMER)
            on_timer(ue, said);
        else if (said->kind == LK_MANAGER_OUT_AUDIT)
            carry_audit(ue, said);
        else if (said->kind == LK_MANAGER_OUT_RENEW) /* a new key, and so a new channel */
            lk_ue_manager_attach(ue, NULL, false);
    }
    if (status == LK_OK)
        carry_answers(ue);
    return status;
}

static void on_expired(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_EXPIRED,
                                      .which = (uint32_t)(timer - ue->timers) };

    (void)lk_ue_manager_step(ue, &event);
}

static void on_timer(struct lk_ue_manager *ue, const struct lk_manager_output *said)
{
    uint64_t now = lk_mono_ms();

    LK_ASSERT(said->which < LK_WLCP_UE_CONNECTIONS);
    (void)uv_timer_start(&ue->timers[said->which], on_expired,
                         said->timer_at_ms > now ? said->timer_at_ms - now : 0, 0);
}

/* ---- questions ---- */

static uint64_t wait_for(struct lk_ue_manager *ue, struct lk_control_call *call, bool connects)
{
    for (size_t i = 0; i < LK_UE_ASKERS; i++)
        if (ue->askers[i].token == 0) {
            ue->askers[i] = (struct lk_ue_asker){ .token = ++ue->last_token, .call = call,
                                                  .connects = connects };
            return ue->last_token;
        }
    return 0;
}

static void ask(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request,
                enum lk_manager_event_kind kind)
{
    static const char *const types[] = { "", "ipv4", "ipv6", "ipv4v6" };
    const char *apn = json_string_value(json_object_get(request, "apn"));
    const char *type = json_string_value(json_object_get(request, "type"));
    struct lk_manager_event event = { .kind = kind, .request_type = LK_WLCP_INITIAL,
                                      .pdn_type = LK_WLCP_IPV4V6 };

    event.application = lk_ue_manager_application(ue, call, request);
    event.ref = (uint32_t)json_integer_value(json_object_get(request, "pdn"));
    for (uint8_t i = 1; type != NULL && i < LK_COUNT_OF(types); i++)
        if (strcmp(type, types[i]) == 0)
            event.pdn_type = i;
    if (apn != NULL && lk_wlcp_apn_parse(&event.apn, apn) != LK_OK) {
        lk_control_refuse(call, "that is no access point name", "say \"apn\": \"internet\"");
        return;
    }
    event.asker = wait_for(ue, call, kind == LK_MANAGER_EV_CONNECT);
    if (event.asker == 0)
        lk_control_refuse(call, "too many questions wait", "ask again later");
    else if (lk_ue_manager_step(ue, &event) != LK_OK)
        lk_control_refuse(call, "the connection is in no state for that", "ask for the list");
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
    uint32_t wanted = (uint32_t)json_integer_value(json_object_get(request, "pdn")), ref = 0;
    uint8_t application = lk_ue_manager_application(ue, call, request);
    const struct lk_wlcp_ue_connection *c = NULL;

    while (application != LK_MANAGER_STRANGER && ref < wanted
           && (c = lk_manager_next(&ue->manager, application, &ref)) != NULL)
        ;
    if (c == NULL || ref != wanted || c->state != LK_WLCP_UE_ACTIVE)
        ask(ue, call, request, LK_MANAGER_EV_STATUS); /* refuses, and writes it down */
    else
        lk_ue_manager_ping(ue, call, c, request);
}

static void state(struct lk_ue_manager *ue, struct lk_control_call *call)
{
    unsigned connections = 0;

    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        connections += ue->manager.ue.connection[i].state == LK_WLCP_UE_ACTIVE;
    lk_control_answer(call, json_pack("{s:b, s:b, s:b, s:s, s:i, s:i}", "ok", 1, "attached",
                                      (int)ue->attached, "channel", (int)(ue->channel_id != 0),
                                      "psk-identity", ue->psk_identity, "attaches",
                                      (int)ue->attaches, "connections", (int)connections));
}

static void owner_asks(struct lk_ue_manager *ue, struct lk_control_call *call, const char *op)
{
    struct lk_refusal refusal = lk_refusal_of(LK_REASON_MANAGER_STRANGER, NULL, NULL);

    if (!is_owner(call)) {
        lk_process_count(&ue->process, LK_UE_REFUSED);
        lk_ue_manager_audit(ue, "-", op, 0, &refusal);
        lk_control_refuse(call, "only the owner of the device may do that",
                          "be the user that latchkeyd runs as");
    } else if (strcmp(op, "attach") == 0) {
        lk_ue_manager_attach(ue, call, true);
    } else if (strcmp(op, "reauthenticate") == 0) {
        lk_ue_manager_attach(ue, call, false);
    } else if (strcmp(op, "detach") == 0) {
        lk_ue_manager_detach(ue);
        lk_control_answer(call, json_pack("{s:b, s:s}", "ok", 1, "told", "detached"));
    } else {
        state(ue, call);
    }
}

static void look_at(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    static const char *const owners[] = { "attach", "reauthenticate", "detach", "state" };
    const char *op = json_string_value(json_object_get(request, "op"));

    for (size_t i = 0; op != NULL && i < LK_COUNT_OF(owners); i++)
        if (strcmp(op, owners[i]) == 0) {
            owner_asks(ue, call, op);
            return;
        }
    show_question(ue, request);
    if (op != NULL && strcmp(op, "connect") == 0)
        ask(ue, call, request, LK_MANAGER_EV_CONNECT);
    else if (op != NULL && strcmp(op, "disconnect") == 0)
        ask(ue, call, request, LK_MANAGER_EV_DISCONNECT);
    else if (op != NULL && strcmp(op, "list") == 0)
        list(ue, call, request);
    else if (op != NULL && strcmp(op, "ping") == 0)
        ping(ue, call, request);
    else
        lk_control_refuse(call, "there is no such op", "connect, disconnect, list or ping; and "
                          "from the owner attach, reauthenticate, detach, state");
}

void lk_ue_manager_asked(void *context, struct lk_control_call *call, const json_t *request)
{
    const char *comment = json_string_value(json_object_get(request, "comment"));
    struct lk_ue_manager *ue = context;

    lk_process_count(&ue->process, LK_UE_ASKED);
    snprintf(ue->seen.comment, sizeof ue->seen.comment, "%.*s", (int)sizeof ue->seen.comment - 1,
             comment != NULL ? comment : "");
    ue->asked = lk_control_caller(call, &ue->asker);
    look_at(ue, call, request);
    ue->asked = false;
}

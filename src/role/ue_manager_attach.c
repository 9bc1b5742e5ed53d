/* From the card to the channel: attach, WLCP key, DTLS. */
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "io/log.h"
#include "role/dtls_config.h"
#include "role/ue_manager.h"

/* ---- the card ---- */

static bool take_hex(uint8_t *to, size_t cap, size_t *len, const char *text)
{
    return lk_hex_decode(to, cap, len, lk_span_text(text)) == LK_OK && *len >= 16;
}

static bool card_accepted(void *context)
{
    struct lk_ue_manager *ue = context;

    return lk_ue_sqn_write(&ue->sqn, &ue->ue.usim) == LK_OK;
}

static void configure_attach(struct lk_ue_manager *ue)
{
    const struct lk_config_ue *c = &ue->process.config->ue;
    struct lk_eap_peer_config *peer = &ue->attach.peer;
    struct lk_radius_nas_config *nas = &ue->attach.nas;
    struct lk_writer w;

    lk_eap_peer_defaults(peer);
    LK_ASSERT(lk_imsi_parse(&peer->imsi, lk_span_text(c->imsi)) == LK_OK);
    w = lk_writer_of(peer->realm, sizeof peer->realm);
    lk_realm_put(&w, "wlan", &peer->imsi, 2);
    peer->realm_len = (uint8_t)w.len;
    peer->allow_aka = c->method == 1;
    peer->allow_aka_prime = c->method == 0;
    peer->want_multi = c->mode == LK_CONFIG_MODE_MULTI;
    nas->retry_ms = 1000;
    snprintf(nas->identifier, sizeof nas->identifier, "%s", c->ssid);
    snprintf(nas->called, sizeof nas->called, "02-00-00-00-00-02:%.32s", c->ssid);
    snprintf(ue->attach.calling, sizeof ue->attach.calling, "%s", c->mac);
    ue->attach.card_accepted = card_accepted;
    ue->attach.context = ue;
}

enum lk_status lk_ue_manager_card(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_ue *c = &ue->process.config->ue;
    struct lk_aka_card card = { .algorithm = c->algorithm == 1 ? LK_AKA_TUAK : LK_AKA_MILENAGE,
                                .res_len = 8, .keccak_iterations = 1 };
    struct lk_imsi imsi;
    size_t len;

    if (lk_imsi_parse(&imsi, lk_span_text(c->imsi)) != LK_OK) {
        snprintf(error, LK_KIND_ERROR_TEXT, "ue.imsi: not an IMSI");
        return LK_E_VALUE;
    }
    if (!take_hex(card.k, sizeof card.k, &card.k_len, c->k)
        || !take_hex(card.topc, sizeof card.topc, &len, c->opc)) {
        lk_wipe(&card, sizeof card);
        snprintf(error, LK_KIND_ERROR_TEXT, "ue.k and ue.opc: the card's K and OPc, in hex, are "
                 "needed; a file by \"@NAME\"");
        return LK_E_VALUE;
    }
    lk_eap_peer_init(&ue->ue.peer);
    lk_usim_init(&ue->ue.usim, &card);
    lk_wipe(&card, sizeof card);
    if (lk_ue_sqn_open(&ue->sqn, &ue->ue.usim, &imsi, c->sqn, error) != LK_OK)
        return LK_E_SYSTEM;
    configure_attach(ue);
    if (lk_ue_server(&ue->attach.server, c->server, (uint16_t)c->port, error) != LK_OK)
        return LK_E_VALUE;
    return lk_radius_secret_set(&ue->attach.nas.secret, lk_span_text(c->secret));
}

/* ---- the channel ---- */

static void tell(struct lk_ue_manager *ue, const struct lk_access_event *event)
{
    struct lk_manager_event step = { .kind = LK_MANAGER_EV_ACCESS, .access = *event };

    (void)lk_ue_manager_step(ue, &step);
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    const struct lk_access_event event = { .kind = LK_ACCESS_EV_CHANNEL_UP };
    struct lk_ue_manager *ue = context;

    (void)identity;
    (void)peer;
    ue->channel_id = id;
    ue->dialled_id = 0;
    lk_process_count(&ue->process, LK_UE_CHANNELS);
    tell(ue, &event);
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_ue_manager *ue = context;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_RECEIVED, .octets = octets };

    if (id != ue->channel_id)
        return;
    (void)lk_ue_manager_step(ue, &event);
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_access_event event = { .kind = LK_ACCESS_EV_CHANNEL_DOWN };
    struct lk_ue_manager *ue = context;

    if (id == 0 || (id != ue->dialled_id && id != ue->channel_id))
        return;
    event.refusal = lk_refusal_of(id == ue->dialled_id ? LK_REASON_UE_NO_CHANNEL :
                                                         LK_REASON_UE_CHANNEL_LOST, NULL,
                                  lk_channel_down_name(why));
    if (id == ue->dialled_id)
        ue->dialled_id = 0;
    else
        ue->channel_id = 0;
    tell(ue, &event);
}

enum lk_status lk_ue_manager_channel(struct lk_ue_manager *ue)
{
    struct lk_channel_setup setup;

    lk_dtls_setup_of(&setup, ue->process.config);
    setup.calls = (struct lk_channel_calls){ .context = ue, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = lk_process_socket(&ue->process, LK_UE_WLCP);
    setup.sessions = 4;
    setup.half_open = 2;
    lk_seen_channel(&ue->seen, &setup, LK_SEEN_WLCP, "wlcp");
    return lk_channel_dialler(&ue->channel, &ue->process.loop, &setup);
}

/* The TWAG says its address in EAP-AKA'; the configuration may know better. */
static bool find_twag(struct lk_ue_manager *ue)
{
    const struct lk_config *config = ue->process.config;
    const struct lk_twag_address *told = &ue->ue.peer.twag;

    memset(&ue->twag, 0, sizeof ue->twag);
    ue->twag.port = (uint16_t)config->wlcp.port; /* local: any, for the socket is bound */
    if (config->ue.twag[0] != '\0')
        return lk_address_parse(&ue->twag.address, config->ue.twag) == LK_OK;
    if (told->has_ipv4)
        ue->twag.address = lk_address_v4(told->ipv4);
    else if (told->has_ipv6)
        memcpy(ue->twag.address.octets, told->ipv6, sizeof told->ipv6);
    return told->has_ipv4 || told->has_ipv6;
}

/* The old channel is dropped without a word: the TWAG keeps it, and the PDN
 * connections with it, until the new one is up (T06). */
static void dial(struct lk_ue_manager *ue)
{
    const struct lk_access_event failed = {
        .kind = LK_ACCESS_EV_CHANNEL_DOWN,
        .refusal = lk_refusal_of(LK_REASON_UE_NO_CHANNEL, NULL, "no DTLS session could be begun"),
    };
    struct lk_channel_key key = { .len = 32 };
    struct lk_wlcp_key wlcp;
    enum lk_status status;

    lk_wlcp_key_derive(&wlcp, &ue->result.grant.emsk, &ue->kdf);
    lk_wlcp_psk_identity(ue->psk_identity, &wlcp);
    memcpy(key.octets, wlcp.octets, sizeof wlcp.octets);
    lk_channel_forget(ue->channel, ue->channel_id);
    lk_channel_forget(ue->channel, ue->dialled_id);
    ue->channel_id = ue->dialled_id = 0;
    status = lk_channel_dial(&ue->dialled_id, ue->channel, 0, &ue->twag,
                             lk_span_text(ue->psk_identity), &key);
    lk_wipe(&wlcp, sizeof wlcp);
    lk_wipe(&key, sizeof key);
    if (status != LK_OK)
        tell(ue, &failed);
}

/* ---- the attach ---- */

static void answer_attach(struct lk_ue_manager *ue, json_t *answer)
{
    if (ue->attach_call != NULL)
        lk_control_answer(ue->attach_call, answer);
    else
        json_decref(answer);
    ue->attach_call = NULL;
}

static void went_well(struct lk_ue_manager *ue)
{
    bool multi = ue->manager.access.state == LK_ACCESS_UP, fast = ue->result.grant.fast;
    char twag[LK_ADDRESS_TEXT] = "-";

    ue->attaches++;
    lk_process_count(&ue->process, LK_UE_ATTACHES);
    if (multi)
        lk_address_text(twag, &ue->twag.address);
    LK_LOG(LK_LOG_INFO, "attached", { "how", fast ? "re-authentication" : "full authentication" },
           { "mode", multi ? "multi" : "transparent" }, { "twag", multi ? twag : NULL });
    if (!multi)
        answer_attach(ue, json_pack("{s:b, s:s, s:s}", "ok", 1, "mode", "transparent", "told",
                                    "attached, without multi-connection mode"));
    else
        answer_attach(ue, json_pack("{s:b, s:b, s:s, s:s, s:s}", "ok", 1, "fast", (int)fast, "mode",
                                    "multi", "psk-identity", ue->psk_identity, "told",
                                    fast ? "re-authenticated, new WLCP key, channel to the TWAG is "
                                           "up" :
                                           "attached, WLCP key, channel to the TWAG is up"));
}

static void settled(struct lk_ue_manager *ue, const struct lk_refusal *refusal)
{
    const struct lk_reason_row *row = lk_reason_row(refusal->reason);

    if (refusal->reason == LK_REASON_NONE) {
        went_well(ue);
        return;
    }
    lk_process_count(&ue->process, LK_UE_ATTACHES_REFUSED);
    lk_process_refused(&ue->process, refusal->reason);
    LK_LOG(LK_LOG_WARNING, "attach-refused", { "reason", row->code }, { "what", row->what },
           { "came", refusal->came[0] != '\0' ? refusal->came : NULL }, { "fix", row->fix });
    answer_attach(ue, json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code, "error",
                                row->what, "fix", row->fix));
}

/* Runs once the attach is over. */
static void on_ended(void *context)
{
    struct lk_ue_manager *ue = context;
    struct lk_access_event event = { .kind = LK_ACCESS_EV_ACCEPTED };

    ue->attaching = false;
    lk_ue_lte_card_is_free(ue);
    event.plain = ue->result.grant.mode != LK_TWAN_MULTI;
    if (!ue->result.accepted) {
        event.kind = LK_ACCESS_EV_REFUSED;
        event.refusal = ue->result.refusal;
    } else if (!event.plain && !find_twag(ue)) {
        event.kind = LK_ACCESS_EV_REFUSED;
        event.refusal = lk_refusal_of(LK_REASON_UE_NO_TWAG, NULL, NULL);
    }
    if (ue->result.accepted)
        lk_ue_akma_take(ue, &ue->result.grant);
    tell(ue, &event);
    lk_wipe(&ue->result.grant.emsk, sizeof ue->result.grant.emsk);
    lk_wipe(&ue->result.grant.msk, sizeof ue->result.grant.msk);
}

/* One that runs still, of before a detach, is as good. The card is one user's at a time. */
static void attach(struct lk_ue_manager *ue, bool fresh)
{
    struct lk_access_event event = { .kind = LK_ACCESS_EV_REFUSED };

    if (ue->attaching)
        return;
    ue->attach_waits = lk_ue_lte_uses_card(ue);
    ue->attach_is_fresh = fresh;
    if (ue->attach_waits)
        return;
    if (fresh)
        ue->ue.peer.kept.has_reauth = false;
    ue->attach.capture = lk_seen_wants(&ue->seen, LK_SEEN_ACCESS_POINT) ? ue->seen.file : NULL;
    ue->attach.comment = ue->seen.comment;
    ue->attaching = lk_ue_attach_start(&ue->process.loop, &ue->ue, &ue->attach, &ue->result,
                                       on_ended, ue) == LK_OK;
    if (ue->attaching)
        return;
    event.refusal = lk_refusal_of(LK_REASON_UE_NO_CHANNEL, NULL, "no memory");
    tell(ue, &event);
}

void lk_ue_manager_card_is_free(struct lk_ue_manager *ue)
{
    if (ue->attach_waits)
        attach(ue, ue->attach_is_fresh);
}

static void close_channels(struct lk_ue_manager *ue)
{
    uint64_t up = ue->channel_id, dialled = ue->dialled_id;

    ue->channel_id = ue->dialled_id = 0;
    lk_channel_close(ue->channel, up);
    lk_channel_close(ue->channel, dialled);
}

static void note_lost(struct lk_ue_manager *ue, const struct lk_refusal *why)
{
    const struct lk_reason_row *row = lk_reason_row(why->reason);

    if (why->reason == LK_REASON_NONE)
        return;
    lk_process_refused(&ue->process, why->reason);
    LK_LOG(LK_LOG_WARNING, "access-lost", { "reason", row->code }, { "what", row->what },
           { "came", why->came[0] != '\0' ? why->came : NULL }, { "fix", row->fix });
}

void lk_ue_manager_access(struct lk_ue_manager *ue, const struct lk_access_output *said)
{
    switch (said->kind) {
    case LK_ACCESS_OUT_ATTACH:
        attach(ue, said->fresh);
        break;
    case LK_ACCESS_OUT_DIAL:
        dial(ue);
        break;
    case LK_ACCESS_OUT_CLOSE:
        close_channels(ue);
        break;
    case LK_ACCESS_OUT_LOST:
        note_lost(ue, &said->refusal);
        break;
    case LK_ACCESS_OUT_SETTLED:
        settled(ue, &said->refusal);
        break;
    case LK_ACCESS_OUT_OPEN:
    case LK_ACCESS_OUT_TIMER: /* the manager's */
        break;
    }
}

void lk_ue_manager_attach(struct lk_ue_manager *ue, struct lk_control_call *call, bool fresh)
{
    const struct lk_access_event event = { .kind = LK_ACCESS_EV_ATTACH, .fresh = fresh };

    if (ue->attach_call != NULL) {
        if (call != NULL)
            lk_control_refuse(call, "somebody else waits for an attach", "wait for its end");
        return;
    }
    ue->attach_call = call;
    tell(ue, &event);
}

void lk_ue_manager_detach(struct lk_ue_manager *ue)
{
    const struct lk_access_event event = { .kind = LK_ACCESS_EV_DETACH };

    ue->attach_waits = false;
    tell(ue, &event);
    if (ue->attach_call != NULL)
        lk_control_refuse(ue->attach_call, "detached meanwhile", "latchkey ue reattach");
    ue->attach_call = NULL;
}

void lk_ue_manager_state(struct lk_ue_manager *ue, struct lk_control_call *call,
                         const json_t *request)
{
    const struct lk_access *access = &ue->manager.access;
    const struct lk_reason_row *last = lk_reason_row(access->last.reason);
    uint64_t now_ms = lk_mono_ms();
    unsigned connections = 0;
    json_t *answer;

    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        connections += ue->manager.ue.connection[i].state == LK_WLCP_UE_ACTIVE;
    answer = json_pack("{s:b, s:s, s:b, s:b, s:s, s:i, s:i}", "ok", 1, "state",
                       lk_access_state_name(access->state), "attached",
                       (int)(access->channel || access->state == LK_ACCESS_PLAIN
                             || access->state == LK_ACCESS_DIALLING), "channel",
                       (int)(ue->channel_id != 0), "psk-identity", ue->psk_identity, "attaches",
                       (int)ue->attaches, "connections", (int)connections);
    if (access->last.reason != LK_REASON_NONE)
        json_object_set_new(answer, "last", json_pack("{s:s, s:s, s:s, s:s}", "reason", last->code,
                                                      "error", last->what, "came",
                                                      access->last.came, "fix", last->fix));
    if (access->state == LK_ACCESS_WAITING)
        json_object_set_new(answer, "next-attach-ms",
                            json_integer(access->due_ms > now_ms ?
                                         (json_int_t)(access->due_ms - now_ms) : 0));
    lk_control_answer(call, answer);
}

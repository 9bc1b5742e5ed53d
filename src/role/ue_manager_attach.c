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

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    struct lk_ue_manager *ue = context;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_CHANNEL_UP };

    (void)identity;
    (void)peer;
    ue->channel_id = id;
    ue->dialled_id = 0;
    lk_process_count(&ue->process, LK_UE_CHANNELS);
    (void)lk_ue_manager_step(ue, &event);
    if (ue->attach_call != NULL)
        lk_control_answer(ue->attach_call,
                          json_pack("{s:b, s:b, s:s, s:s, s:s}", "ok", 1, "fast",
                                    (int)ue->result.grant.fast, "mode", "multi", "psk-identity",
                                    ue->psk_identity, "told",
                                    ue->result.grant.fast ? "re-authenticated, new WLCP key, "
                                                            "channel to the TWAG is up" :
                                                            "attached, WLCP key, channel to the "
                                                            "TWAG is up"));
    ue->attach_call = NULL;
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_ue_manager *ue = context;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_RECEIVED, .octets = octets };

    if (id != ue->channel_id)
        return;
    (void)lk_ue_manager_step(ue, &event);
}

static void refuse_attach(struct lk_ue_manager *ue, const char *code, const char *error,
                          const char *fix)
{
    lk_process_count(&ue->process, LK_UE_ATTACHES_REFUSED);
    LK_LOG(LK_LOG_WARNING, "attach-refused", { "reason", code }, { "what", error });
    if (ue->attach_call != NULL)
        lk_control_answer(ue->attach_call, json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason",
                                                     code, "error", error, "fix", fix));
    ue->attach_call = NULL;
}

/* spec: TS 24.244 4.1 - without its channel a connection is over, and nothing is signalled. */
static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_ue_manager *ue = context;
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_LINK_LOST };

    if (id == ue->dialled_id) {
        ue->dialled_id = 0;
        refuse_attach(ue, "ue.no-channel", lk_channel_down_name(why),
                      "look at the TWAG's log: it knows this key's identity or it does not");
    }
    if (id != ue->channel_id)
        return;
    ue->channel_id = 0;
    (void)lk_ue_manager_step(ue, &event);
}

enum lk_status lk_ue_manager_channel(struct lk_ue_manager *ue)
{
    struct lk_channel_setup setup;

    lk_dtls_setup_of(&setup, ue->process.config);
    setup.calls = (struct lk_channel_calls){ .context = ue, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = lk_ue_manager_socket(ue, LK_UE_WLCP);
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

/* TS 33.402 7.2.3.2.3: after each authentication in multi-connection mode, a DTLS connection
 * under the key just derived. The old one is dropped without a word: the TWAG keeps it, and the PDN
 * connections with it, until the new one is up (T06). */
static enum lk_status dial(struct lk_ue_manager *ue)
{
    struct lk_channel_key key = { .len = 32 };
    struct lk_wlcp_key wlcp;
    enum lk_status status;

    lk_wlcp_key_derive(&wlcp, &ue->result.grant.emsk, &ue->kdf);
    lk_wlcp_psk_identity(ue->psk_identity, &wlcp);
    memcpy(key.octets, wlcp.octets, sizeof wlcp.octets);
    lk_channel_forget(ue->channel, ue->channel_id);
    lk_channel_forget(ue->channel, ue->dialled_id);
    status = lk_channel_dial(&ue->dialled_id, ue->channel, 0, &ue->twag,
                             lk_span_text(ue->psk_identity), &key);
    lk_wipe(&wlcp, sizeof wlcp);
    lk_wipe(&key, sizeof key);
    return status;
}

/* ---- the attach ---- */

static void accepted(struct lk_ue_manager *ue)
{
    ue->attached = true;
    ue->attaches++;
    lk_process_count(&ue->process, LK_UE_ATTACHES);
    if (ue->result.grant.mode != LK_TWAN_MULTI) {
        if (ue->attach_call != NULL)
            lk_control_answer(ue->attach_call,
                              json_pack("{s:b, s:s, s:s}", "ok", 1, "mode", "transparent", "told",
                                        "attached, without multi-connection mode"));
        ue->attach_call = NULL;
        return;
    }
    if (!find_twag(ue))
        refuse_attach(ue, "ue.no-twag", "the network named no TWAG", "set ue.twag");
    else if (dial(ue) != LK_OK)
        refuse_attach(ue, "ue.no-channel", "no DTLS session could be begun", "see the log");
}

/* Runs once the attach is over. */
static void on_ended(void *context)
{
    struct lk_ue_manager *ue = context;
    const struct lk_reason_row *row = lk_reason_row(ue->result.refusal.reason);

    ue->attaching = false;
    if (ue->result.accepted)
        accepted(ue);
    else
        refuse_attach(ue, row->code, row->what, row->fix);
    lk_wipe(&ue->result.grant.emsk, sizeof ue->result.grant.emsk);
    lk_wipe(&ue->result.grant.msk, sizeof ue->result.grant.msk);
}

void lk_ue_manager_attach(struct lk_ue_manager *ue, struct lk_control_call *call, bool fresh)
{
    if (ue->attach_call != NULL) {
        if (call != NULL)
            lk_control_refuse(call, "somebody else waits for an attach", "wait for its end");
        return;
    }
    if (ue->attaching || ue->dialled_id != 0) { /* then that one's end is the answer */
        ue->attach_call = call;
        return;
    }
    if (fresh)
        ue->ue.peer.kept.has_reauth = false;
    ue->attach_call = call;
    ue->attach.capture = lk_seen_wants(&ue->seen, LK_SEEN_ACCESS_POINT) ? ue->seen.file : NULL;
    ue->attach.comment = ue->seen.comment;
    ue->attaching = lk_ue_attach_start(&ue->process.loop, &ue->ue, &ue->attach, &ue->result,
                                       on_ended, ue) == LK_OK;
    if (!ue->attaching)
        refuse_attach(ue, "ue.no-memory", "no memory", "try again");
}

void lk_ue_manager_detach(struct lk_ue_manager *ue)
{
    struct lk_manager_event event = { .kind = LK_MANAGER_EV_LINK_LOST };

    (void)lk_ue_manager_step(ue, &event);
    lk_channel_close(ue->channel, ue->channel_id);
    lk_channel_close(ue->channel, ue->dialled_id);
    ue->channel_id = ue->dialled_id = 0;
    ue->attached = false;
}

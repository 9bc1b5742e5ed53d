/* The wt process: its loop, Xw, time, and what the node says carried out. */
#include "role/wt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/wt_process.h"

/* ---- what the log has ---- */

static bool is_nobody(const uint8_t mac[LK_STATION_LEN])
{
    static const uint8_t nobody[LK_STATION_LEN] = { 0 };

    return lk_span_equal(lk_span_of(mac, LK_STATION_LEN), LK_SPAN(nobody));
}

void lk_wt_refused(struct lk_wt_process *wt, const uint8_t *mac, const struct lk_refusal *refusal,
                   const struct lk_datagram_peer *from)
{
    char station[LK_STATION_TEXT], address[LK_ADDRESS_TEXT] = "";
    const struct lk_log_field fields[] = {
        { "station", mac == NULL || is_nobody(mac) ? NULL : station },
        { "from", from == NULL ? NULL : address },
    };
    struct lk_address source;

    lk_process_refused(&wt->process, refusal->reason);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    if (mac != NULL)
        lk_station_text(station, mac);
    if (from != NULL) {
        source = lk_datagram_address(from);
        lk_address_text(address, &source);
    }
    lk_log_refusal(refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void say_fact(const struct lk_wt_output *item)
{
    static const char *const events[] = {
        [LK_WT_ASSOCIATED] = "station-associated",
        [LK_WT_HANDSHAKE_BEGAN] = "handshake-began",
        [LK_WT_HANDSHAKE_FINISHED] = "handshake-finished",
        [LK_WT_DEAUTHENTICATED] = "station-deauthenticated",
        [LK_WT_LEFT] = "station-left",
        [LK_WT_SUSPENDED] = "data-suspended",
        [LK_WT_RESUMED] = "data-resumed",
    };
    static struct lk_log_limit limit;
    bool ends = item->fact.fact == LK_WT_DEAUTHENTICATED || item->fact.fact == LK_WT_LEFT;
    bool handshake = item->fact.fact == LK_WT_HANDSHAKE_FINISHED;
    enum lk_log_level level = ends || handshake || item->fact.fact == LK_WT_ASSOCIATED
                                  ? LK_LOG_INFO
                                  : LK_LOG_DEBUG;
    char station[LK_STATION_TEXT], code[8], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(level) || !lk_log_allowed(&limit, item->fact.at_ms, &left_out))
        return;
    lk_station_text(station, item->mac);
    (void)snprintf(code, sizeof code, "%u", item->fact.code);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(level, events[item->fact.fact], { "station", station },
           { "rekey", handshake && item->fact.rekey ? "yes" : NULL },
           { "code", ends ? code : NULL },
           { "reason", item->fact.reason == LK_REASON_NONE
                           ? NULL
                           : lk_reason_row(item->fact.reason)->code },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* ---- what the node says ---- */

/* Data that the UE sent, to be given back to it when this step is over. */
static void take_echo(struct lk_wt_process *wt, const struct lk_wt_output *item)
{
    struct lk_wt_told told;

    if (!wt->process.config->wt.echo || !lk_wt_told_of(&told, wt->node, item->mac))
        return;
    wt->echo.is_due = true;
    wt->echo.wt_ue_id = told.wt_ue_id;
    wt->echo.drb = item->up.drb;
    wt->echo.len = item->up.pdu.len;
    memcpy(wt->echo.octets, item->up.pdu.at, item->up.pdu.len);
}

static void on_wake(struct lk_wake *wake)
{
    struct lk_wt_event event = { .kind = LK_WT_EV_EXPIRED };

    (void)(lk_wt_give(wake->context, &event, NULL) == LK_OK);
}

static void carry_out(struct lk_wt_process *wt, const struct lk_wt_output *item,
                      const struct lk_wt_sender *sender)
{
    switch (item->kind) {
    case LK_WT_OUT_XW:
        if (lk_role_xw_send(&wt->xw, item->xw.link, item->xw.octets) != LK_OK)
            wt->unsent++; /* whoever waits for it asks again */
        break;
    case LK_WT_OUT_FRAME: lk_wt_air_send(wt, item, sender); break;
    case LK_WT_OUT_DATA_UP: take_echo(wt, item); break;
    case LK_WT_OUT_KEYS: break; /* not asked for: with secrets, XwAP in the capture has them */
    case LK_WT_OUT_FACT:
        lk_wt_air_fact(wt, item, sender);
        say_fact(item);
        break;
    case LK_WT_OUT_WAKE: lk_wake_at(&wt->wake, item->wake_at_ms); break;
    case LK_WT_OUT_REFUSAL:
    case LK_WT_OUT_NOTICE:
        lk_wt_refused(wt, item->mac, &item->refusal, sender == NULL ? NULL : sender->peer);
        break;
    }
}

static enum lk_status step(struct lk_wt_process *wt, struct lk_wt_event *event,
                           const struct lk_wt_sender *sender)
{
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    status = lk_wt_step(wt->node, event, &wt->out);
    for (size_t i = 0; i < wt->out.count; i++)
        carry_out(wt, &wt->out.item[i], sender);
    lk_wt_outbox_wipe(&wt->out);
    return status;
}

enum lk_status lk_wt_give(struct lk_wt_process *wt, struct lk_wt_event *event,
                          const struct lk_wt_sender *sender)
{
    enum lk_status status = step(wt, event, sender);

    if (wt->echo.is_due) {
        struct lk_wt_event down = {
            .kind = LK_WT_EV_DATA_DOWN,
            .down = { wt->echo.wt_ue_id, wt->echo.drb,
                      lk_span_of(wt->echo.octets, wt->echo.len) },
        };

        wt->echo.is_due = false;
        wt->echoed += step(wt, &down, NULL) == LK_OK;
        lk_wipe(wt->echo.octets, wt->echo.len);
    }
    return status;
}

/* Frames of a turn of the loop go out together. */
static void before_wait(uv_prepare_t *prepare)
{
    struct lk_wt_process *wt = prepare->data;

    lk_count_add(&wt->count->send_lost, lk_datagrams_send(wt->to_air));
}

/* ---- Xw ---- */

static void on_link(struct lk_wt_process *wt, size_t peer, enum lk_wt_event_kind kind)
{
    struct lk_wt_event event = { .kind = kind, .xw = { .link = (uint32_t)peer } };

    (void)(lk_wt_give(wt, &event, NULL) == LK_OK);
}

static void on_up(void *context, size_t peer)
{
    on_link(context, peer, LK_WT_EV_XW_UP);
}

static void on_down(void *context, size_t peer)
{
    on_link(context, peer, LK_WT_EV_XW_DOWN);
}

/* What is wrong with one is counted, and said, by the node. */
static void on_message(void *context, size_t peer, struct lk_span message)
{
    struct lk_wt_process *wt = context;
    struct lk_wt_event event = { .kind = LK_WT_EV_XW,
                                 .xw = { .link = (uint32_t)peer, .octets = message } };

    lk_count(&wt->count->requests);
    (void)(lk_wt_give(wt, &event, NULL) == LK_OK);
}

/* ---- what the process is told ---- */

void lk_wt_own_values(uint64_t values[LK_WT_OWN_COUNT], const struct lk_wt_process *wt,
                      const struct lk_wt_counters *c)
{
    const uint64_t now[LK_WT_OWN_COUNT] = {
        [LK_WT_OWN_ASSOCIATED] = wt->places.count,
        [LK_WT_OWN_ENBS_UP] = wt->xw.up,
        [LK_WT_OWN_XW_MESSAGES] = c->xw_messages,
        [LK_WT_OWN_XW_MALFORMED] = c->xw_malformed,
        [LK_WT_OWN_XW_REFUSED] = c->xw_refused,
        [LK_WT_OWN_XW_UNEXPECTED] = c->xw_unexpected,
        [LK_WT_OWN_XW_UNSENT] = wt->unsent,
        [LK_WT_OWN_FRAMES] = c->frames,
        [LK_WT_OWN_FRAMES_MALFORMED] = c->frames_malformed,
        [LK_WT_OWN_FRAMES_FOREIGN] = c->frames_foreign,
        [LK_WT_OWN_FRAMES_UNASSOCIATED] = c->frames_unassociated,
        [LK_WT_OWN_FRAMES_ELSEWHERE] = wt->elsewhere,
        [LK_WT_OWN_FRAMES_UNPLACED] = wt->unplaced,
        [LK_WT_OWN_AUTHENTICATIONS] = c->authentications,
        [LK_WT_OWN_ASSOCIATIONS] = c->associations,
        [LK_WT_OWN_ASSOCIATIONS_REFUSED] = c->associations_refused,
        [LK_WT_OWN_STRANGERS_REFUSED] = c->strangers_refused,
        [LK_WT_OWN_HANDSHAKES] = c->handshakes,
        [LK_WT_OWN_DEAUTHENTICATIONS] = c->deauthentications,
        [LK_WT_OWN_IN_CLEAR] = c->in_clear,
        [LK_WT_OWN_IN_PIECES] = c->in_pieces,
        [LK_WT_OWN_REPLAYED] = c->replayed,
        [LK_WT_OWN_ALTERED] = c->altered,
        [LK_WT_OWN_EAPOL_REFUSED] = c->eapol_refused,
        [LK_WT_OWN_NOTICES] = c->notices,
        [LK_WT_OWN_INSTALLS] = c->installs,
        [LK_WT_OWN_INSTALLS_REFUSED] = c->installs_refused,
        [LK_WT_OWN_DATA_UP] = c->data_up,
        [LK_WT_OWN_DATA_DOWN] = c->data_down,
        [LK_WT_OWN_UP_DROPPED] = c->up_dropped,
        [LK_WT_OWN_DOWN_DROPPED] = c->down_dropped,
        [LK_WT_OWN_ECHOED] = wt->echoed,
    };

    memcpy(values, now, sizeof now);
}

static void on_tick(void *context)
{
    struct lk_wt_process *wt = context;
    uint64_t values[LK_WT_OWN_COUNT];

    lk_wt_own_values(values, wt, lk_wt_counted(wt->node));
    values[LK_WT_OWN_UES] = lk_wt_ue_count(wt->node);
    values[LK_WT_OWN_XW_STRANGERS] = lk_xw_counted(wt->xw.xw)->strangers;
    lk_process_gauges(&wt->process, values, LK_WT_OWN_COUNT);
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_wt_process *wt = context;

    (void)before;
    lk_wt_config_take(wt);
    lk_wt_configure(wt->node, &wt->config);
}

/* Decision 0019: usrsctp's thread is under the confinement when it starts after it. */
static bool on_confined(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_wt_process *wt = context;

    return lk_role_xw_begin(&wt->xw, &wt->process.loop, error);
}

/* ---- beginning and end ---- */

static bool begin_node(struct lk_wt_process *wt)
{
    uint8_t seed[LK_WT_SEED_LEN];
    uint64_t places_seed;
    void *memory, *places;

    lk_wt_config_take(wt);
    memory = lk_process_memory(lk_wt_size(&wt->config));
    places = lk_process_memory(lk_air_places_size(wt->config.ues));
    if (memory == NULL || places == NULL)
        return false;
    lk_entropy_take(&wt->entropy, seed, sizeof seed);
    lk_entropy_take(&wt->entropy, &places_seed, sizeof places_seed);
    wt->node = lk_wt_init(memory, &wt->config, seed);
    lk_air_places_in(&wt->places, places, wt->config.ues, places_seed);
    lk_wipe(seed, sizeof seed);
    return true;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_wt_process *wt = context;
    const struct lk_config_wt *config = &wt->process.config->wt;
    const struct lk_role_xw_calls calls = { wt, on_up, on_down, on_message };
    unsigned xw = config->xw.transport == LK_CONFIG_XW_SCTP ? LK_WT_XW_SCTP : LK_WT_XW_TCP;

    wt->count = &wt->process.slot->count;
    wt->udp = (struct lk_udp_owner){ &wt->process.loop, lk_datagrams_new(), wt, NULL, NULL,
                                     &wt->count->requests };
    wt->to_air = lk_datagrams_new();
    lk_seen_begin(&wt->seen, wt->process.setup);
    if (wt->udp.in == NULL || wt->to_air == NULL || !begin_node(wt))
        return false;
    lk_wake_begin(&wt->wake, &wt->process.loop, wt, on_wake);
    (void)uv_prepare_init(&wt->process.loop, &wt->before_wait);
    wt->before_wait.data = wt;
    (void)uv_prepare_start(&wt->before_wait, before_wait);
    lk_wt_air_begin(wt);
    return lk_role_xw_prepare(&wt->xw, &config->xw, config->enbs, config->enb_count, false,
                              lk_process_socket(&wt->process, xw), &calls, &wt->seen, error);
}

static void end(void *context)
{
    struct lk_wt_process *wt = context;

    lk_role_xw_end(&wt->xw);
    lk_wt_wipe(wt->node);
    lk_seen_end(&wt->seen);
    lk_entropy_forget(&wt->entropy);
}

int lk_wt_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .confined = on_confined, .tick = on_tick,
        .configure = on_configure, .end = end,
    };
    struct lk_wt_process *wt = calloc(1, sizeof *wt);

    return wt == NULL ? LK_PROCESS_NO_START : lk_process_run(&wt->process, setup, &handlers, wt);
}

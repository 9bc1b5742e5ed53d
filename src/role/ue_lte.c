/* Section ue.lte: begin and end, and what comes of a step of the device. */
#include "role/ue_lte.h"

#include <string.h>

#include "base/secret.h"
#include "base/station.h"
#include "io/log.h"
#include "role/ue_manager.h"

/* ---- time ---- */

static void on_wake(struct lk_wake *wake)
{
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_EXPIRED };

    (void)lk_ue_lte_give(wake->context, &event);
}

/* ---- what is to be seen of it ---- */

enum lk_ue_lwa_state lk_ue_lwa_state_of(const struct lk_ue_lte *lte)
{
    static const enum lk_ue_lwa_state states[LK_LWA_UE_STATE_COUNT] = {
        [LK_LWA_UE_OFF] = LK_UE_LWA_OFF,        [LK_LWA_UE_CONNECTED] = LK_UE_LWA_OFF,
        [LK_LWA_UE_JOINING] = LK_UE_LWA_JOINING, [LK_LWA_UE_PAUSED] = LK_UE_LWA_JOINING,
        [LK_LWA_UE_ACTIVE] = LK_UE_LWA_ACTIVE,  [LK_LWA_UE_STOPPED] = LK_UE_LWA_STOPPED,
    };

    return states[lte->device.ue.state];
}

uint64_t lk_ue_lte_suspended_ms(const struct lk_ue_lte *lte)
{
    uint64_t since_ms = lte->suspended_since_ms;

    return lte->counters.suspended_ms + (since_ms != 0 ? lk_mono_ms() - since_ms : 0);
}

/* ---- a step ---- */

static void carry_fact(struct lk_ue_lte *lte, const struct lk_lwa_device_output *said)
{
    static const char *const names[] = {
        [LK_LWA_DEVICE_ASSOCIATED] = "associated", [LK_LWA_DEVICE_KEYED] = "keyed",
        [LK_LWA_DEVICE_REKEYED] = "rekeyed",       [LK_LWA_DEVICE_LEFT] = "left",
        [LK_LWA_DEVICE_DEAUTHENTICATED] = "deauthenticated",
        [LK_LWA_DEVICE_USABLE] = "data-can-pass",  [LK_LWA_DEVICE_UNUSABLE] = "data-cannot-pass",
    };

    LK_LOG(LK_LOG_INFO, "lwa", { "what", names[said->fact.what] });
    if (said->fact.what == LK_LWA_DEVICE_DEAUTHENTICATED)
        lte->counters.deauthentications++;
    if (said->fact.what == LK_LWA_DEVICE_UNUSABLE)
        lte->suspended_since_ms = lk_mono_ms();
}

/* What cannot pass is suspended while it should: from a loss to the next keys, or to the end of
 * LWA. */
static void count_suspended(struct lk_ue_lte *lte)
{
    if (lte->suspended_since_ms == 0 ||
        (!lte->device.usable && lk_ue_lwa_state_of(lte) != LK_UE_LWA_OFF))
        return;
    lte->counters.suspended_ms = lk_ue_lte_suspended_ms(lte);
    lte->suspended_since_ms = 0;
}

static void say_air(struct lk_ue_manager *ue, struct lk_span frame)
{
    lk_seen_frame(&ue->seen, frame);
    lk_datagrams_put(ue->lte.out, &ue->lte.wt, frame);
    (void)lk_datagrams_send(ue->lte.out);
}

static void carry(struct lk_ue_manager *ue, const struct lk_lwa_device_output *said)
{
    switch (said->kind) {
    case LK_LWA_DEVICE_OUT_RRC: lk_ue_lte_say_uu(ue, said->send); break;
    case LK_LWA_DEVICE_OUT_FRAME: say_air(ue, said->send); break;
    case LK_LWA_DEVICE_OUT_DATA_DOWN: lk_ue_lte_echo(&ue->lte, &said->down); break;
    case LK_LWA_DEVICE_OUT_FACT: carry_fact(&ue->lte, said); break;
    case LK_LWA_DEVICE_OUT_WAKE: lk_wake_at(&ue->lte.wake, said->wake_ms); break;
    case LK_LWA_DEVICE_OUT_REFUSAL:
    case LK_LWA_DEVICE_OUT_NOTICE: lk_ue_lte_refused(ue, &said->why); break;
    }
}

/* For a capture with secrets: what the S-KWTs of the WLAN come of. */
static void show_key(struct lk_ue_manager *ue, enum lk_key_log_kind kind, uint8_t number,
                     const uint8_t key[LK_KEY_LOG_KEY_LEN])
{
    struct lk_key_log entry = { .kind = kind, .number = number };

    memcpy(entry.station, ue->lte.device.mac, sizeof entry.station);
    memcpy(entry.key, key, sizeof entry.key);
    lk_seen_key(&ue->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

static void show_keys(struct lk_ue_manager *ue, const struct lk_kenb *before)
{
    const struct lk_lwa_ue_context *context = &ue->lte.device.ue.context;

    if (ue->lte.device.ue.state == LK_LWA_UE_OFF ||
        lk_same_secret(before->octets, context->kenb.octets, sizeof before->octets))
        return;
    show_key(ue, LK_KEY_LOG_KASME, 0, context->kasme.octets);
    show_key(ue, LK_KEY_LOG_KENB, context->ncc, context->kenb.octets);
}

/* Answers go last: who is answered may ask again from within. */
enum lk_status lk_ue_lte_give(struct lk_ue_manager *ue, struct lk_lwa_device_event *event)
{
    struct lk_ue_lte *lte = &ue->lte;
    uint16_t pci = lte->device.ue.context.cell.pci;
    struct lk_kenb kenb = lte->device.ue.context.kenb;
    struct lk_lwa_device_outbox out;
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    lk_entropy_take(&ue->entropy, event->entropy, sizeof event->entropy);
    status = lk_lwa_device_step(&lte->device, &lte->config, event, &out);
    if (event->kind == LK_LWA_DEVICE_EV_RRC && pci != lte->device.ue.context.cell.pci)
        lte->counters.handovers++;
    show_keys(ue, &kenb);
    lk_wipe(&kenb, sizeof kenb);
    for (size_t i = 0; i < out.count; i++)
        carry(ue, &out.item[i]);
    lk_lwa_device_outbox_wipe(&out);
    count_suspended(lte);
    lk_ue_lte_ping_look(ue);
    lk_ue_lte_look(ue);
    return status;
}

/* ---- sockets ---- */

bool lk_ue_lte_is_from(const struct lk_datagram_peer *from, const struct lk_datagram_peer *wanted)
{
    struct lk_address a = lk_datagram_address(from), b = lk_datagram_address(wanted);

    return lk_datagram_port(from) == lk_datagram_port(wanted) && lk_address_equal(&a, &b);
}

static void hear_air(void *context, const struct lk_udp_port *port,
                     const struct lk_datagram_peer *from, struct lk_span frame)
{
    struct lk_ue_manager *ue = context;
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_FRAME, .octets = frame };

    (void)port;
    /* T01, T13: another program of this machine, or another host, is not the WT. */
    if (!lk_ue_lte_is_from(from, &ue->lte.wt)) {
        ue->lte.counters.strangers++;
        lk_process_count(&ue->process, LK_UE_LTE_STRANGERS);
        return;
    }
    lk_seen_frame(&ue->seen, frame);
    ue->lte.wt_heard_ms = lk_mono_ms();
    ue->lte.wt_unreachable = false;
    if (ue->lte.state == LK_UE_LTE_ATTACHED)
        (void)lk_ue_lte_give(ue, &event);
}

static struct lk_datagram_peer end_at(int fd, const char *text, unsigned port)
{
    struct lk_address address;

    LK_ASSERT(lk_address_parse(&address, text) == LK_OK); /* its row has seen to it */
    return lk_datagram_to(fd, &address, (uint16_t)port);
}

static void open_ends(struct lk_ue_manager *ue)
{
    const struct lk_config_lte *c = &ue->process.config->ue.lte;
    struct lk_ue_lte *lte = &ue->lte;
    int uu = lk_process_socket(&ue->process, LK_UE_UU);
    int air = lk_process_socket(&ue->process, LK_UE_AIR);

    for (size_t i = 0; i < c->cell_count; i++)
        lte->cell[i] = end_at(uu, c->cells[i].address, c->cells[i].port);
    lte->wt = end_at(air, c->wt.address, c->wt.port);
    lk_seen_socket(&ue->seen, uu, LK_SEEN_UU, NULL);
    lk_seen_datagrams(&ue->seen, lte->udp.in);
    lk_seen_datagrams(&ue->seen, lte->out);
    lk_udp_port_begin(&lte->uu, &lte->udp, uu, LK_UE_UU, lk_ue_lte_hear_uu);
    lk_udp_port_begin(&lte->air, &lte->udp, air, LK_UE_AIR, hear_air);
    lk_udp_port_hear_unreachable(&lte->uu, lk_ue_lte_hear_unreachable);
    lk_udp_port_hear_unreachable(&lte->air, lk_ue_lte_hear_unreachable);
}

/* ---- begin and end ---- */

static void configure_eps(struct lk_ue_manager *ue)
{
    const struct lk_config_lte *c = &ue->process.config->ue.lte;
    struct lk_eps_device_config *eps = &ue->lte.eps_config;

    lk_eps_device_defaults(eps);
    eps->imsi = ue->attach.peer.imsi;
    eps->retry_ms = c->retry_ms;
    eps->tries = (uint8_t)c->tries;
    eps->wait_ms = (c->tries + 1) * c->retry_ms; /* a little longer than all tries take */
    LK_ASSERT(lk_sn_id_of_plmn(eps->sn_id, lk_span_text(c->plmn)) == LK_OK);
}

static void configure_device(struct lk_ue_manager *ue)
{
    const struct lk_config_ue *c = &ue->process.config->ue;
    struct lk_lwa_device_config *device = &ue->lte.config;
    size_t len = strlen(c->ssid);

    lk_lwa_device_defaults(device);
    device->rsn.akm = device->station.akm = lk_config_akm(c->lte.akm);
    device->ue.reassociate = c->lte.reassociate;
    device->ue.s_kwt_fc = (uint8_t)c->lte.s_kwt_fc;
    if (len > 0 && len <= sizeof device->ue.ssid) {
        device->ue.ssid_len = (uint8_t)len;
        memcpy(device->ue.ssid, c->ssid, len);
    }
}

static void begin_timers(struct lk_ue_manager *ue)
{
    struct lk_ue_lte *lte = &ue->lte;
    uv_loop_t *loop = &ue->process.loop;

    lk_wake_begin(&lte->eps_wake, loop, ue, lk_ue_lte_eps_due);
    lk_wake_begin(&lte->wake, loop, ue, on_wake);
    LK_ASSERT(uv_timer_init(loop, &lte->ping.timer) == 0 &&
              uv_timer_init(loop, &lte->patience) == 0);
    lte->ping.timer.data = lte->patience.data = ue;
    lk_ue_lte_return_begin(ue);
    for (size_t i = 0; i < LK_UE_LTE_WAITERS; i++) {
        LK_ASSERT(uv_timer_init(loop, &lte->waiter[i].timer) == 0);
        lte->waiter[i].ue = ue;
        lte->waiter[i].timer.data = &lte->waiter[i];
    }
}

enum lk_status lk_ue_lte_begin(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_lte *c = &ue->process.config->ue.lte;
    uint8_t mac[LK_STATION_LEN];

    if (c->cell_count == 0)
        return LK_OK;
    LK_ASSERT(lk_station_parse(mac, lk_span_text(c->wlan_mac)) == LK_OK);
    ue->lte.udp = (struct lk_udp_owner){ &ue->process.loop, lk_datagrams_new(), ue, NULL, NULL,
                                         NULL };
    ue->lte.out = lk_datagrams_new();
    if (ue->lte.udp.in == NULL || ue->lte.out == NULL) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory");
        return LK_E_SYSTEM;
    }
    configure_eps(ue);
    configure_device(ue);
    lk_eps_device_init(&ue->lte.eps);
    lk_lwa_device_init(&ue->lte.device, mac);
    begin_timers(ue);
    open_ends(ue);
    ue->lte.is_configured = true;
    return LK_OK;
}

void lk_ue_lte_end(struct lk_ue_manager *ue)
{
    if (!ue->lte.is_configured)
        return;
    lk_ue_lte_detach(ue);
    lk_ue_lte_dismiss(ue);
    lk_eps_device_wipe(&ue->lte.eps);
    lk_lwa_device_wipe(&ue->lte.device);
    lk_udp_port_end(&ue->lte.uu);
    lk_udp_port_end(&ue->lte.air);
    lk_datagrams_free(ue->lte.udp.in);
    lk_datagrams_free(ue->lte.out);
    ue->lte.udp.in = ue->lte.out = NULL;
    ue->lte.is_configured = false;
}

/* The wlan process: its loop, and what its two halves share. The halves speak to each other by
 * calls with plain values: what the TWAP says of a session, the TWAG is told. */
#include "role/wlan.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/wlan_link.h"

/* ---- turns ---- */

void lk_wlan_turn_begin(struct lk_wlan *wlan)
{
    wlan->now_ms = lk_wall_ms();
}

void lk_wlan_turn_end(struct lk_wlan *wlan)
{
    lk_count_add(&wlan->count->send_lost, lk_datagrams_send(wlan->out));
}

static void batch_begins(void *context)
{
    lk_wlan_turn_begin(context);
}

static void batch_ends(void *context)
{
    lk_wlan_turn_end(context);
}

void lk_wlan_refusal(struct lk_wlan *wlan, const struct lk_refusal *refusal,
                     const struct lk_address *source)
{
    char address[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "from", address } };

    lk_count(&wlan->count->refused[refusal->reason]);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, source);
    lk_log_refusal(refusal, wlan->now_ms, fields, LK_COUNT_OF(fields));
}

void lk_wlan_refused(struct lk_wlan *wlan, enum lk_reason reason, const struct lk_address *source)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);

    lk_wlan_refusal(wlan, &refusal, source);
}

/* ---- what the process is told ---- */

static void on_tick(void *context)
{
    struct lk_wlan *wlan = context;

    lk_wlan_turn_begin(wlan);
    if (wlan->twap != NULL)
        lk_wlan_twap_tick(wlan);
    if (wlan->twag != NULL)
        lk_wlan_twag_tick(wlan);
    lk_wlan_turn_end(wlan);
}

/* Whether connections to servers are to be begun anew. */
static bool changed(const struct lk_config *before, const struct lk_config *now)
{
    return !lk_span_equal(LK_SPAN(before->twap.servers), LK_SPAN(now->twap.servers)) ||
           !lk_span_equal(LK_SPAN(before->radsec.peers), LK_SPAN(now->radsec.peers));
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_wlan *wlan = context;
    char error[LK_KIND_ERROR_TEXT];

    if (wlan->twap != NULL && (!lk_wlan_twap_configure(wlan, error) ||
                               (changed(before, wlan->process.config) &&
                                !lk_wlan_radsec_configure(wlan, error))))
        LK_LOG(LK_LOG_ERROR, "config-not-taken", { "why", error });
    if (wlan->twag != NULL)
        lk_wlan_twag_configure(wlan);
}

/* ---- beginning and end ---- */

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_wlan *wlan = context;
    const struct lk_worker_setup *setup = wlan->process.setup;

    wlan->count = &wlan->process.slot->count;
    wlan->udp = (struct lk_udp_owner){ &wlan->process.loop, lk_datagrams_new(), wlan,
                                       batch_begins, batch_ends, &wlan->count->requests };
    wlan->out = lk_datagrams_new();
    if (wlan->udp.in == NULL || wlan->out == NULL)
        return false;
    lk_seen_begin(&wlan->seen, setup);
    lk_seen_datagrams(&wlan->seen, wlan->udp.in);
    lk_seen_datagrams(&wlan->seen, wlan->out);
    if ((setup->config->roles & LK_ROLE_TWAP) != 0 && !lk_wlan_twap_begin(wlan, error))
        return false;
    if ((setup->config->roles & LK_ROLE_TWAG) != 0 && !lk_wlan_twag_begin(wlan, error))
        return false;
    if (!lk_wlan_link_begin(wlan, error))
        return false;
    for (size_t i = 0; i < setup->socket_count; i++) {
        const struct lk_worker_socket *from = &setup->sockets[i];

        if (from->serves == LK_WLAN_WLCP || from->serves == LK_WLAN_LINK)
            continue; /* channel and streams read them */
        if (from->serves == LK_WLAN_AP_AUTH || from->serves == LK_WLAN_AP_ACCT)
            lk_seen_socket(&wlan->seen, from->fd, LK_SEEN_ACCESS_POINT, NULL);
        if (from->serves == LK_WLAN_DYNAMIC)
            lk_seen_socket(&wlan->seen, from->fd, LK_SEEN_AAA, NULL);
        lk_udp_port_begin(&wlan->port[wlan->ports++], &wlan->udp, from->fd, from->serves,
                          from->serves == LK_WLAN_USER ? lk_wlan_twag_receive
                                                       : lk_wlan_twap_receive);
    }
    return true;
}

static void end(void *context)
{
    struct lk_wlan *wlan = context;

    if (wlan->twap != NULL)
        lk_wlan_twap_end(wlan);
    if (wlan->twag != NULL)
        lk_wlan_twag_end(wlan);
    lk_wlan_link_end(wlan);
    lk_seen_end(&wlan->seen);
    lk_entropy_forget(&wlan->entropy);
}

int lk_wlan_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .configure = on_configure, .end = end,
    };
    struct lk_wlan *wlan = calloc(1, sizeof *wlan);

    return wlan == NULL ? LK_PROCESS_NO_START
                        : lk_process_run(&wlan->process, setup, &handlers, wlan);
}

/* Data over the WLAN: PDUs of PDCP that whoever stands for Xw-U behind the WT sends back (wt.echo).
 * One is out at a time. It has a token of its own, so that nothing else is taken for its echo. */
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "role/ue_manager.h"

enum {
    DATA_PDU = 0x80, /* a PDU of data, sequence number of 12 bits (TS 36.323 6.2.4) */
    HEADER_LEN = 2,
    TOKEN_LEN = 8,
    SN_MAX = 0xfff,
    NORMAL_LEN = 100,
    NS_PER_S = 1000000000,
};

static uint64_t now_ns(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void next(struct lk_ue_manager *ue);

static void on_late(uv_timer_t *timer)
{
    next(timer->data);
}

/* What is known of a WT that gives nothing back. */
static void tell_why(json_t *answer, const struct lk_ue_manager *ue, const char *told)
{
    const struct lk_ue_lte *lte = &ue->lte;
    const struct lk_reason_row *row =
        lk_reason_row(lte->device.usable ? LK_REASON_LWA_NO_ECHO : LK_REASON_LWA_NO_LINK);
    uint64_t silent_ms = lte->wt_heard_ms != 0 ? lk_mono_ms() - lte->wt_heard_ms : 0;
    char error[256];

    if (lte->wt_unreachable)
        (void)snprintf(error, sizeof error, "%s; nothing listens at ue.lte.wt any more", told);
    else
        (void)snprintf(error, sizeof error, "%s; the WT was heard %.1f s ago", told,
                       (double)silent_ms / 1000);
    (void)json_object_update_new(answer, json_pack("{s:s, s:s, s:s, s:s}", "error", error,
                                                   "reason", row->code, "what", row->what, "fix",
                                                   row->fix));
}

void lk_ue_lte_ping_end(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_ping *ping = &ue->lte.ping;
    struct lk_control_call *call = ping->call;
    double ms = ping->received > 0 ? (double)ping->total_ns / 1e6 / ping->received : 0;
    char told[96];
    json_t *answer;

    if (call == NULL)
        return;
    (void)uv_timer_stop(&ping->timer);
    ping->call = NULL;
    (void)snprintf(told, sizeof told, "%u of %u PDUs came back over the WLAN, %.2f ms",
                   ping->received, ping->sent, ms);
    answer = json_pack("{s:b, s:i, s:i, s:f, s:s}", "ok",
                       (int)(ping->received == ping->wanted), "sent", (int)ping->sent, "received",
                       (int)ping->received, "ms", ms, "told", told);
    if (ping->received < ping->wanted)
        tell_why(answer, ue, told);
    lk_control_answer(call, answer);
}

static void send_one(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_ping *ping = &ue->lte.ping;
    struct lk_lwa_device_event event = { .kind = LK_LWA_DEVICE_EV_DATA_UP };

    memset(ping->pdu, 0, ping->len);
    ping->pdu[0] = (uint8_t)(DATA_PDU | (ping->sent & SN_MAX) >> 8);
    ping->pdu[1] = (uint8_t)ping->sent;
    lk_entropy_take(&ue->entropy, ping->pdu + HEADER_LEN, TOKEN_LEN);
    ping->sent++;
    ping->is_back = false;
    ping->sent_ns = now_ns();
    event.up = (struct lk_lwaap){ ping->drb, lk_span_of(ping->pdu, ping->len) };
    (void)lk_ue_lte_give(ue, &event); /* one that cannot go is one that does not come back */
}

static void next(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_ping *ping = &ue->lte.ping;

    if (ping->sent == ping->wanted) {
        lk_ue_lte_ping_end(ue);
        return;
    }
    (void)uv_timer_start(&ping->timer, on_late, LK_UE_LTE_ECHO_MS, 0);
    send_one(ue);
}

void lk_ue_lte_echo(struct lk_ue_lte *lte, const struct lk_lwaap *down)
{
    struct lk_ue_lte_ping *ping = &lte->ping;

    if (ping->call == NULL || ping->is_back || down->drb != ping->drb ||
        !lk_span_equal(down->pdu, lk_span_of(ping->pdu, ping->len)))
        return;
    ping->is_back = true;
    ping->received++;
    ping->total_ns += now_ns() - ping->sent_ns;
}

void lk_ue_lte_ping_look(struct lk_ue_manager *ue)
{
    struct lk_ue_lte_ping *ping = &ue->lte.ping;

    if (ping->call != NULL && ping->is_back)
        next(ue);
}

/* False: it is said, and is none. */
static bool number_of(json_int_t *number, const json_t *request, const char *key, json_int_t least,
                      json_int_t most)
{
    const json_t *said = json_object_get(request, key);

    if (said == NULL)
        return true;
    *number = json_integer_value(said);
    return json_is_integer(said) && *number >= least && *number <= most;
}

void lk_ue_lte_ping(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    struct lk_ue_lte_ping *ping = &ue->lte.ping;
    json_int_t count = LK_UE_PINGS, octets = NORMAL_LEN, drb = 1;
    const struct lk_reason_row *row = lk_reason_row(LK_REASON_LWA_NO_LINK);

    if (ping->call != NULL) {
        lk_control_refuse(call, "another ping is under way", "wait for its end");
        return;
    }
    if (!number_of(&count, request, "count", 1, LK_UE_PINGS_MAX) ||
        !number_of(&drb, request, "drb", 1, LK_LWAAP_DRB_MAX) ||
        !number_of(&octets, request, "octets", LK_UE_LTE_PDU_LEAST, LK_UE_LTE_PDU_MOST)) {
        lk_control_refuse(call, "count, octets or drb is no number that can be",
                          "count 1 to 100, octets 16 to 1500, drb 1 to 31");
        return;
    }
    if (!ue->lte.device.usable) {
        lk_control_answer(call, json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code,
                                          "error", row->what, "fix", row->fix));
        return;
    }
    ping->drb = (uint8_t)drb;
    ping->len = (size_t)octets;
    ping->sent = ping->received = 0;
    ping->total_ns = 0;
    ping->wanted = (uint16_t)count;
    ping->call = call;
    next(ue);
}

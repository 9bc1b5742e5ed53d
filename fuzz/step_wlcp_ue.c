/* The UE's WLCP machine: octets become events. Whatever comes, what it sends is a message that a
 * TWAG reads, an event that fails changes nothing, the same request is answered by the same octets,
 * and no two procedures share an identity. */
#include "fuzz.h"

#include <string.h>

#include "proto/wlcp/ue.h"

static void check_outputs(const struct lk_wlcp_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct lk_wlcp_message m;
        struct lk_wlcp_verdict v;

        if (out->item[i].kind != LK_WLCP_OUT_SEND)
            continue;
        LK_ASSERT(lk_wlcp_decode(&m, &v, &lk_wlcp_table, LK_WLCP_TWAG, out->item[i].send) ==
                  LK_OK);
        LK_ASSERT(v.ignored == 0);
    }
}

static void check_state(const struct lk_wlcp_ue *ue)
{
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_wlcp_ue_connection *c = &ue->connection[i];
        bool runs = c->state != LK_WLCP_UE_INACTIVE && c->state != LK_WLCP_UE_ACTIVE;

        LK_ASSERT(runs == (c->pti != LK_WLCP_PTI_UNASSIGNED));
        LK_ASSERT((c->state == LK_WLCP_UE_INACTIVE || c->state == LK_WLCP_UE_CONNECT_PENDING) ==
                  (c->pdn_id == 0));
        for (size_t k = 0; k < i; k++) {
            LK_ASSERT(c->pti == 0 || c->pti != ue->connection[k].pti);
            LK_ASSERT(c->pdn_id == 0 || c->pdn_id != ue->connection[k].pdn_id);
        }
    }
}

static void read_event(struct lk_wlcp_event *event, struct lk_reader *r, uint8_t op)
{
    static const enum lk_wlcp_event_kind kinds[] = {
        LK_WLCP_EV_RECEIVED, LK_WLCP_EV_RECEIVED, LK_WLCP_EV_WANT,  LK_WLCP_EV_EXPIRED,
        LK_WLCP_EV_RELEASE,  LK_WLCP_EV_MODIFY,   LK_WLCP_EV_MOVED, LK_WLCP_EV_LOST,
        LK_WLCP_EV_BOUND,
    };
    struct lk_span pco, apn;

    event->kind = kinds[(op & 15) % LK_COUNT_OF(kinds)];
    if (event->kind == LK_WLCP_EV_RECEIVED) {
        event->octets = lk_get_lv8(r);
        return;
    }
    event->which = lk_get_u8(r) % (LK_WLCP_UE_CONNECTIONS + 1);
    if (event->kind != LK_WLCP_EV_WANT && event->kind != LK_WLCP_EV_MODIFY)
        return;
    apn = lk_get_lv8(r);
    if (lk_wlcp_apn_decode(&event->want.apn, apn) != LK_OK)
        memset(&event->want.apn, 0, sizeof event->want.apn);
    event->want.request_type = (uint8_t)(1 + op / 16 % 2);
    event->want.pdn_type = (uint8_t)(1 + op / 32 % 3);
    pco = lk_get_lv8(r);
    if (lk_pco_check(pco) == LK_OK)
        event->pco = pco;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_wlcp_ue_config config;
    struct lk_wlcp_ue ue;
    uint64_t now = 0;

    lk_wlcp_ue_defaults(&config);
    lk_wlcp_ue_init(&ue);
    while (r.left > 0) {
        uint8_t op = lk_get_u8(&r);
        struct lk_wlcp_event event = { .now_ms = now += (uint64_t)(op >> 4) * 1000 };
        struct lk_wlcp_outbox out;
        struct lk_wlcp_ue before = ue;

        read_event(&event, &r, op);
        lk_wlcp_outbox_empty(&out);
        if (lk_wlcp_ue_step(&ue, &config, &event, &out) != LK_OK) {
            LK_ASSERT(out.count == 0);
            LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                    lk_span_of(&ue, sizeof ue)));
        }
        check_outputs(&out);
        check_state(&ue);
    }
    return 0;
}

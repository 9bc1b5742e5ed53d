/* The TWAG's WLCP machine: octets become events of two UEs that share a pool. Whatever comes, what
 * it sends is a message that a UE reads, an event that fails changes nothing, the rows of the other
 * UE stay as they are (T02), and no row is lost or had twice. */
#include "fuzz.h"

#include <string.h>

#include "proto/wlcp/twag.h"

enum { ROWS = 5, UES = 2 };

static void check_outputs(const struct lk_wlcp_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct lk_wlcp_message m;
        struct lk_wlcp_verdict v;

        if (out->item[i].kind != LK_WLCP_OUT_SEND)
            continue;
        LK_ASSERT(lk_wlcp_decode(&m, &v, &lk_wlcp_table, LK_WLCP_UE, out->item[i].send) == LK_OK);
        LK_ASSERT(v.ignored == 0);
    }
}

static void check_rows(const struct lk_wlcp_twag ue[UES], const struct lk_wlcp_twag_pool *pool)
{
    unsigned had[ROWS] = { 0 };
    uint32_t free_rows = ROWS - pool->touched;

    for (uint32_t row = pool->free; row != LK_WLCP_NO_ROW; row = pool->row[row].next) {
        LK_ASSERT(row < pool->touched && pool->row[row].state == LK_WLCP_TWAG_INACTIVE);
        LK_ASSERT(++had[row] == 1);
        free_rows++;
    }
    for (size_t u = 0; u < UES; u++)
        for (size_t i = 0; i < ue[u].count; i++) {
            const struct lk_wlcp_twag_pdn *pdn = &pool->row[ue[u].row[i]];

            LK_ASSERT(++had[ue[u].row[i]] == 1);
            LK_ASSERT(pdn->owner == u && pdn->state != LK_WLCP_TWAG_INACTIVE && pdn->id != 0);
            LK_ASSERT((pdn->state == LK_WLCP_TWAG_ACTIVE) == (pdn->pti == 0));
            LK_ASSERT((pdn->state == LK_WLCP_TWAG_ACTIVE) == (pdn->deadline_ms == 0));
            for (size_t k = 0; k < i; k++)
                LK_ASSERT(pdn->id != pool->row[ue[u].row[k]].id);
        }
    LK_ASSERT(pool->in_use + free_rows == ROWS);
    LK_ASSERT(ue[0].count + ue[1].count == pool->in_use);
}

static void read_event(struct lk_wlcp_event *event, struct lk_reader *r, uint8_t op)
{
    static const enum lk_wlcp_event_kind kinds[] = {
        LK_WLCP_EV_RECEIVED, LK_WLCP_EV_RECEIVED, LK_WLCP_EV_BOUND,   LK_WLCP_EV_EXPIRED,
        LK_WLCP_EV_RELEASE,  LK_WLCP_EV_MODIFY,   LK_WLCP_EV_MOVED,   LK_WLCP_EV_LOST,
        LK_WLCP_EV_REFUSED,  LK_WLCP_EV_UNBOUND,  LK_WLCP_EV_WANT,
    };

    event->kind = kinds[(op & 15) % LK_COUNT_OF(kinds)];
    if (event->kind == LK_WLCP_EV_RECEIVED) {
        event->octets = lk_get_lv8(r);
        event->channel = op >> 6;
        return;
    }
    event->which = lk_get_u8(r) % (ROWS + 1);
    event->cause = lk_get_u8(r);
    event->back_off_ms = (uint64_t)event->cause * 1000;
    event->address.pdn_type = (uint8_t)(1 + op / 32 % 3);
}

static void set_up(struct lk_wlcp_twag_config *config)
{
    lk_wlcp_twag_defaults(config);
    LK_ASSERT(lk_wlcp_apn_parse(&config->apn[0].name, "a") == LK_OK);
    LK_ASSERT(lk_wlcp_apn_parse(&config->apn[1].name, "b") == LK_OK);
    LK_ASSERT(lk_wlcp_apn_parse(&config->apn[2].name, "c") == LK_OK);
    config->apn[0].pdn_types = LK_WLCP_IPV4V6;
    config->apn[1].pdn_types = LK_WLCP_IPV4;
    config->apn[2].pdn_types = LK_WLCP_IPV6;
    config->apns = 3;
    config->dns_ipv4[0] = config->dns_ipv6[0] = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_wlcp_twag_config config;
    struct lk_wlcp_twag_pdn rows[ROWS];
    struct lk_wlcp_twag_pool pool;
    struct lk_wlcp_twag ue[UES];
    uint64_t now = 0;

    set_up(&config);
    lk_wlcp_twag_pool_init(&pool, rows, ROWS, (const uint8_t[16]){ 1 });
    lk_wlcp_twag_init(&ue[0], 0);
    lk_wlcp_twag_init(&ue[1], 1);
    while (r.left > 0) {
        uint8_t op = lk_get_u8(&r);
        size_t who = op >> 4 & 1;
        struct lk_wlcp_event event = { .now_ms = now += (uint64_t)(op >> 5) * 1500 };
        struct lk_wlcp_outbox out;
        struct lk_wlcp_twag before[UES];
        struct lk_wlcp_twag_pdn rows_before[ROWS];
        enum lk_status status;

        memcpy(before, ue, sizeof ue);
        memcpy(rows_before, rows, sizeof rows);
        read_event(&event, &r, op);
        lk_wlcp_outbox_empty(&out);
        status = lk_wlcp_twag_step(&ue[who], &pool, &config, &event, &out);
        if (status != LK_OK)
            LK_ASSERT(out.count == 0 && lk_span_equal(LK_SPAN(rows_before), LK_SPAN(rows)));
        LK_ASSERT(lk_span_equal(lk_span_of(&before[1 - who], sizeof ue[0]),
                                lk_span_of(&ue[1 - who], sizeof ue[0])));
        for (size_t i = 0; i < ue[1 - who].count; i++) /* T02: the other's rows are untouched */
            LK_ASSERT(lk_span_equal(
                lk_span_of(&rows_before[ue[1 - who].row[i]], sizeof rows[0]),
                lk_span_of(&rows[ue[1 - who].row[i]], sizeof rows[0])));
        check_outputs(&out);
        check_rows(ue, &pool);
    }
    return 0;
}

/* Octets as events to peer and server of ERP: packets that are altered, come again, come late and
 * come through another authenticator. No rMSK goes to two, the peer takes only what the server has
 * given, no SEQ falls, and the server loses no context before its end. */
#include "fuzz.h"

#include <string.h>

#include "proto/erp/peer.h"
#include "proto/erp/server.h"

enum { KEPT = 4, GIVEN = 64 };

static struct {
    struct lk_erp_peer peer;
    struct lk_erp_peer_config peer_config;
    struct lk_erp_server server;
    struct lk_erp_server_config server_config;
    struct lk_erp_context context;
    bool has;
    struct lk_erp_outbox out;
    uint64_t now_ms;
    struct {
        size_t len;
        uint8_t at[LK_ERP_PACKET_MAX];
    } up[KEPT], down[KEPT]; /* what was sent, the newest at 0 */
    struct {
        struct lk_rmsk rmsk;
        uint8_t to;
    } given[GIVEN];
    size_t given_count;
} f;

static void begin(void)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_CONTEXT };

    memset(&f, 0, sizeof f);
    lk_erp_peer_defaults(&f.peer_config);
    lk_erp_server_defaults(&f.server_config);
    f.peer_config.realm = f.server_config.realm = lk_span_text("a.example");
    memset(&f.context.rrk, 5, sizeof f.context.rrk);
    f.context.expires_ms = 200000;
    f.has = true;
    event.context = f.context;
    lk_erp_peer_init(&f.peer);
    lk_erp_server_init(&f.server);
    LK_ASSERT(lk_erp_peer_step(&f.peer, &f.peer_config, &event, &f.out) == LK_OK);
}

static void keep(bool up)
{
    const struct lk_erp_output *send = lk_erp_outbox_find(&f.out, LK_ERP_OUT_SEND);

    if (send == NULL)
        return;
    if (up) {
        memmove(f.up + 1, f.up, sizeof f.up - sizeof f.up[0]);
        f.up[0].len = send->send.len;
        memcpy(f.up[0].at, send->send.at, send->send.len);
    } else {
        memmove(f.down + 1, f.down, sizeof f.down - sizeof f.down[0]);
        f.down[0].len = send->send.len;
        memcpy(f.down[0].at, send->send.at, send->send.len);
    }
}

static void give(const struct lk_rmsk *rmsk, uint8_t to)
{
    for (size_t i = 0; i < f.given_count; i++)
        if (memcmp(&f.given[i].rmsk, rmsk, sizeof *rmsk) == 0) {
            LK_ASSERT(f.given[i].to == to);
            return;
        }
    LK_ASSERT(f.given_count < GIVEN);
    f.given[f.given_count].rmsk = *rmsk;
    f.given[f.given_count++].to = to;
}

static bool given(const struct lk_rmsk *rmsk)
{
    for (size_t i = 0; i < f.given_count; i++)
        if (memcmp(&f.given[i].rmsk, rmsk, sizeof *rmsk) == 0)
            return true;
    return false;
}

static void at_server(struct lk_span octets, uint8_t to)
{
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_RECEIVED, .now_ms = f.now_ms,
                                         .received = { octets, lk_span_of(&to, 1), false } };
    enum lk_status status = lk_erp_server_step(&f.server, &f.server_config, &event, &f.out);
    uint32_t next_seq = f.context.next_seq;
    const struct lk_erp_output *found;

    LK_ASSERT(status == LK_OK || f.out.count == 0);
    if (lk_erp_outbox_find(&f.out, LK_ERP_OUT_ASK) == NULL)
        return;
    event = (struct lk_erp_server_event){ .kind = LK_ERP_SERVER_EV_NO_CONTEXT,
                                          .now_ms = f.now_ms };
    found = lk_erp_outbox_find(&f.out, LK_ERP_OUT_ASK);
    if (f.has && lk_span_equal(LK_SPAN(found->ask), LK_SPAN(f.context.name))) {
        event.kind = LK_ERP_SERVER_EV_CONTEXT;
        event.context = f.context;
        f.has = false;
    }
    LK_ASSERT(lk_erp_server_step(&f.server, &f.server_config, &event, &f.out) == LK_OK);
    found = lk_erp_outbox_find(&f.out, LK_ERP_OUT_KEEP);
    if (found != NULL) {
        f.context = found->keep;
        f.has = true;
    }
    LK_ASSERT(f.has || f.now_ms >= f.context.expires_ms);
    LK_ASSERT(f.context.next_seq >= next_seq && f.context.next_seq <= LK_ERP_SEQ_END);
    found = lk_erp_outbox_find(&f.out, LK_ERP_OUT_GRANT);
    LK_ASSERT((found != NULL) + (lk_erp_outbox_find(&f.out, LK_ERP_OUT_FAILED) != NULL) == 1);
    if (found != NULL)
        give(&found->grant.rmsk, to);
    keep(false);
}

static void at_peer(enum lk_erp_peer_event_kind kind, struct lk_span octets)
{
    struct lk_erp_peer_event event = { .kind = kind, .now_ms = f.now_ms };
    uint32_t next_seq = f.peer.context.next_seq;
    const struct lk_erp_output *found;
    enum lk_status status;

    if (kind == LK_ERP_PEER_EV_RECEIVED)
        event.received = octets;
    status = lk_erp_peer_step(&f.peer, &f.peer_config, &event, &f.out);
    LK_ASSERT(status == LK_OK || f.out.count == 0);
    LK_ASSERT(f.peer.context.next_seq >= next_seq || f.peer.state == LK_ERP_PEER_OFF);
    found = lk_erp_outbox_find(&f.out, LK_ERP_OUT_GRANT);
    if (found != NULL)
        LK_ASSERT(given(&found->grant.rmsk));
    keep(true);
}

static void deliver(struct lk_reader *r, bool up)
{
    uint8_t which = lk_get_u8(r), at = lk_get_u8(r), change = lk_get_u8(r);
    uint8_t altered[LK_ERP_PACKET_MAX];
    size_t len = up ? f.up[which % KEPT].len : f.down[which % KEPT].len;

    memcpy(altered, up ? f.up[which % KEPT].at : f.down[which % KEPT].at, sizeof altered);
    if (len > 0 && change < 64)
        altered[at % len] ^= change;
    else if (len > 0 && change < 96)
        len = at % len;
    if (up)
        at_server(lk_span_of(altered, len), which >> 7);
    else
        at_peer(LK_ERP_PEER_EV_RECEIVED, lk_span_of(altered, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin();
    for (unsigned i = 0; i < GIVEN && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 9) {
        case 0: at_peer(LK_ERP_PEER_EV_START, lk_span_of(NULL, 0)); break;
        case 1: at_peer(LK_ERP_PEER_EV_EXPIRED, lk_span_of(NULL, 0)); break;
        case 2:
        case 3: deliver(&r, true); break;
        case 4:
        case 5: deliver(&r, false); break;
        case 6: f.now_ms += (uint64_t)what << 2; break;
        case 7: at_server(lk_get_lv8(&r), what >> 7); break;
        default: at_peer(LK_ERP_PEER_EV_RECEIVED, lk_get_lv8(&r));
        }
    }
    return 0;
}

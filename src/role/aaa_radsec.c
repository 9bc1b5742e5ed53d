/* RADIUS over TLS in an aaa worker: packets of streams on the same way as datagrams. */
#include <stdio.h>
#include <string.h>

#include "role/aaa_worker.h"

static bool answers_us(uint8_t code)
{
    return code == LK_RADIUS_DISCONNECT_ACK || code == LK_RADIUS_DISCONNECT_NAK ||
           code == LK_RADIUS_COA_ACK || code == LK_RADIUS_COA_NAK;
}

/* spec: RFC 6614 2.1 - one port for all kinds of packets: what it is, the code says. */
static void on_packet(void *context, const struct lk_radsec_source *source, struct lk_span packet)
{
    struct lk_aaa_worker *worker = context;
    const struct lk_aaa_origin origin = {
        .port = packet.at[0] == LK_RADIUS_ACCOUNTING_REQUEST ? LK_RADIUS_ACCT_PORT
                                                             : LK_RADIUS_AUTH_PORT,
        .peer = lk_datagram_to(-1, &source->peer.address, source->peer.port),
        .stream = source->stream,
        .client = source->client,
    };

    lk_aaa_turn_begin(worker);
    if (answers_us(packet.at[0])) {
        lk_aaa_ask_answered(worker, source, packet);
        return;
    }
    lk_aaa_receive(worker, &origin, packet);
}

static void on_end(void *context)
{
    lk_aaa_turn_end(context);
}

bool lk_aaa_radsec_begin(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT])
{
    _Static_assert((int)LK_RADSEC_ERROR_TEXT <= (int)LK_KIND_ERROR_TEXT, "its words fit");
    const struct lk_worker_setup *setup = worker->process.setup;
    const struct lk_radsec_server_calls calls = { worker, on_packet, on_end };
    bool begun;

    if (!lk_radsec_listens(setup->config))
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the loop takes no socket more");
    begun = lk_radsec_server_new(&worker->radsec, &worker->process.loop, setup->config, &calls,
                                 worker->count, 0, error) == LK_OK;
    for (size_t i = 0; i < setup->socket_count && begun; i++)
        if (setup->sockets[i].serves == LK_AAA_SERVES_RADSEC)
            begun = lk_radsec_server_listen(worker->radsec, setup->sockets[i].fd) == LK_OK;
    return begun;
}

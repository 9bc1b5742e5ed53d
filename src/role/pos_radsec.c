/* A point's way to its AAA over TLS (RFC 6614): with the certificate that its partners know it by,
 * and one line, whose 256 identifiers are those of a socket. T04, T46: so the AAA may be on another
 * machine, and knows the point by its certificate. */
#include <stdio.h>

#include "role/pos_process.h"
#include "role/radsec_client.h"

/* An answer; who sends anything else is not listened to. */
static void on_packet(void *context, uint32_t tag, struct lk_span packet)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RADIUS, .radius = { tag, packet } };

    (void)(lk_pos_give(context, &event) == LK_OK);
}

/* What was out is asked again by its own timer. */
static void on_alive(void *context, uint32_t tag, bool alive)
{
}

bool lk_pos_radsec_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_point *from = &point->setting.from;
    const struct lk_stream_files files = { from->certificate, from->key, from->ca };
    const struct lk_radsec_client_calls calls = { point, on_packet, on_alive, NULL };
    struct lk_config_peer aaa = { .port = from->aaa.tls_port };
    char why[LK_RADSEC_ERROR_TEXT];

    LK_ASSERT(point->setting.node.sockets == 1); /* a line */
    (void)snprintf(aaa.name, sizeof aaa.name, "pos.points[%u].aaa", point->number);
    (void)snprintf(aaa.address, sizeof aaa.address, "%s", from->aaa.server);
    (void)snprintf(aaa.certificate, sizeof aaa.certificate, "%s", from->aaa.certificate);
    (void)snprintf(aaa.secret, sizeof aaa.secret, "%s", lk_pos_radius_secret(from));
    if (lk_radsec_client_new(&point->radsec, &point->process->process.loop, &files, &calls,
                             point->process->count, why) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "RADIUS over TLS: %.200s", why);
        return false;
    }
    return lk_radsec_client_line(point->radsec, &aaa, 0) == LK_OK;
}

/* A line that is down loses it: the timer of the question asks again. */
void lk_pos_radsec_send(struct lk_pos_point *point, struct lk_span octets)
{
    if (lk_radsec_client_send(point->radsec, 0, octets) != LK_OK)
        lk_count(&point->process->count->send_lost);
}

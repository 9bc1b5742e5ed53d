/* Ways to points of service: UDP from the one socket of the section, and a connection of TCP for
 * each link. Who sends what proves its SA; here counts that it comes from where a link leads to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "role/ue_manager.h"
#include "wire/mis_framer.h"

enum { READ_LEN = 4096 };

struct lk_ue_mis_stream {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct lk_ue_manager *ue;
    uint8_t link;
    bool closed; /* nobody's any more */
    struct lk_capture_end own, other;
    struct lk_mis_framer framer;
    char input[READ_LEN];
};

/* One message on its way out. */
struct writing {
    uv_write_t write;
    uint8_t octets[];
};

static void hear(struct lk_ue_manager *ue, uint8_t link, struct lk_span octets)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HEARD };

    event.way.link = link;
    event.way.octets = octets;
    (void)(lk_ue_mis_give(ue, &event) == LK_OK);
}

/* It ended by itself: the device is told. */
static void lose_way(struct lk_ue_manager *ue, uint8_t link)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_DOWN };

    ue->mis.way[link].carrier = LK_UE_MIS_NO_WAY;
    event.way.link = link;
    (void)(lk_ue_mis_give(ue, &event) == LK_OK);
}

/* ---- UDP ---- */

void lk_ue_mis_hear_udp(void *context, const struct lk_udp_port *port,
                        const struct lk_datagram_peer *from, struct lk_span octets)
{
    struct lk_ue_manager *ue = context;

    (void)port;
    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        const struct lk_ue_mis_way *way = &ue->mis.way[i];

        if (way->carrier == LK_UE_MIS_UDP && lk_ue_lte_is_from(from, &way->peer)) {
            hear(ue, i, octets);
            return;
        }
    }
    ue->mis.counters.strangers++;
}

/* Who sees nothing of ours can forge an ICMP message all the same: it ends nothing. When repeats
 * have had no answer, either, it tells why. */
void lk_ue_mis_hear_unreachable(void *context, const struct lk_udp_port *port,
                                const struct lk_datagram_peer *peer)
{
    struct lk_ue_manager *ue = context;

    (void)port;
    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        struct lk_ue_mis_way *way = &ue->mis.way[i];

        if (way->carrier == LK_UE_MIS_UDP && lk_ue_lte_is_from(peer, &way->peer))
            way->trouble = "port unreachable: nothing there";
    }
}

/* ---- TCP ---- */

static void see(struct lk_ue_mis_stream *stream, bool out, struct lk_span octets)
{
    lk_seen_mis(&stream->ue->seen, LK_SEEN_MIS, out ? &stream->own : &stream->other,
                out ? &stream->other : &stream->own, octets);
}

static void on_closed(uv_handle_t *handle)
{
    struct lk_ue_mis_stream *stream = handle->data;

    lk_mis_framer_wipe(&stream->framer);
    free(stream);
}

static void end_stream(struct lk_ue_mis_stream *stream)
{
    stream->closed = true;
    uv_close((uv_handle_t *)&stream->tcp, on_closed);
}

static void lose(struct lk_ue_mis_stream *stream)
{
    if (stream->closed)
        return;
    end_stream(stream);
    lose_way(stream->ue, stream->link);
}

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct lk_ue_mis_stream *stream = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(stream->input, sizeof stream->input);
}

/* spec: RFC 5677 5 - the header's length says where a message ends. */
static void on_read(uv_stream_t *handle, ssize_t got, const uv_buf_t *buffer)
{
    struct lk_ue_mis_stream *stream = handle->data;
    struct lk_span octets, message;
    enum lk_status status = LK_OK;

    if (got == 0)
        return;
    if (got < 0) {
        lose(stream);
        return;
    }
    octets = lk_span_of((const uint8_t *)buffer->base, (size_t)got);
    while (!stream->closed &&
           (status = lk_mis_framer_next(&stream->framer, &message, &octets)) == LK_OK) {
        see(stream, false, message);
        hear(stream->ue, stream->link, message);
    }
    if (!stream->closed && status == LK_E_LENGTH) {
        stream->ue->mis.counters.too_long++;
        lose(stream);
    }
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct lk_ue_mis_stream *stream = connect->data;

    if (stream->closed)
        return;
    if (status < 0 || uv_read_start((uv_stream_t *)&stream->tcp, on_buffer, on_read) != 0) {
        struct lk_ue_mis_way *way = &stream->ue->mis.way[stream->link];
        char to[LK_UE_MIS_PLACE_TEXT];

        way->trouble = uv_strerror(status); /* of the table of uv: static */
        lk_ue_mis_place(to, &way->address, way->port);
        LK_LOG(LK_LOG_WARNING, "mis-unreachable", { "to", to }, { "why", way->trouble });
        lose(stream);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct lk_ue_mis_stream *stream = write->handle->data;

    free(write->data);
    if (status < 0 && status != UV_ECANCELED)
        lose(stream);
}

static bool dial(struct lk_ue_mis_stream *stream, const struct lk_address *address, uint16_t port)
{
    const struct lk_config_ue_mis *c = &stream->ue->process.config->ue.mis;
    struct lk_datagram_peer to = lk_datagram_to(-1, address, port), own;
    struct lk_address here;
    int len = (int)sizeof own.from;

    LK_ASSERT(lk_address_parse(&here, c->address) == LK_OK); /* its row has seen to it */
    own = lk_datagram_to(-1, &here, 0);
    if (uv_tcp_bind(&stream->tcp, &own.from.any, 0) != 0 ||
        uv_tcp_getsockname(&stream->tcp, &own.from.any, &len) != 0)
        return false;
    stream->own = lk_seen_end_of(&here, lk_datagram_port(&own));
    stream->other = lk_seen_end_of(address, port);
    /* What follows a message that nobody answers, AUTH-T say, waits for no acknowledgement. */
    (void)uv_tcp_nodelay(&stream->tcp, 1);
    return uv_tcp_connect(&stream->connect, &stream->tcp, &to.from.any, on_connected) == 0;
}

static void open_stream(struct lk_ue_manager *ue, uint8_t link)
{
    struct lk_ue_mis_stream *stream = calloc(1, sizeof *stream);
    struct lk_ue_mis_way *way = &ue->mis.way[link];

    way->gone = true;
    if (stream == NULL || uv_tcp_init(&ue->process.loop, &stream->tcp) != 0) {
        free(stream);
        return;
    }
    stream->ue = ue;
    stream->link = link;
    stream->tcp.data = stream->connect.data = stream;
    lk_mis_framer_wipe(&stream->framer);
    if (!dial(stream, &way->address, way->port)) {
        end_stream(stream);
        return;
    }
    way->gone = false;
    way->carrier = LK_UE_MIS_TCP;
    way->stream = stream;
}

static bool write_stream(struct lk_ue_mis_stream *stream, struct lk_span octets)
{
    struct writing *writing = malloc(sizeof *writing + octets.len);
    uv_buf_t buffer;

    if (writing == NULL)
        return false;
    see(stream, true, octets);
    memcpy(writing->octets, octets.at, octets.len);
    writing->write.data = writing;
    buffer = uv_buf_init((char *)writing->octets, (unsigned)octets.len);
    if (uv_write(&writing->write, (uv_stream_t *)&stream->tcp, &buffer, 1, on_written) == 0)
        return true; /* before the connection is there it waits for it */
    free(writing);
    return false;
}

/* ---- what the device says ---- */

void lk_ue_mis_place(char text[LK_UE_MIS_PLACE_TEXT], const struct lk_address *address,
                     uint16_t port)
{
    char word[LK_ADDRESS_TEXT];

    lk_address_text(word, address);
    (void)snprintf(text, LK_UE_MIS_PLACE_TEXT,
                   strchr(word, ':') != NULL ? "[%s]:%u" : "%s:%u", word, port);
}

void lk_ue_mis_open(struct lk_ue_manager *ue, uint8_t link, const struct lk_address *address,
                    uint16_t port)
{
    struct lk_ue_mis_way *way = &ue->mis.way[link];

    lk_ue_mis_close(ue, link);
    way->address = *address;
    way->port = port;
    if (ue->mis.config.udp) {
        way->carrier = LK_UE_MIS_UDP;
        way->peer = lk_datagram_to(ue->mis.port.fd, address, port);
    } else {
        open_stream(ue, link);
    }
}

void lk_ue_mis_close(struct lk_ue_manager *ue, uint8_t link)
{
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_ue_mis_way *way = &mis->way[link];

    if (way->carrier == LK_UE_MIS_TCP)
        end_stream(way->stream);
    if (way->carrier == LK_UE_MIS_DTLS) {
        lk_channel_close(mis->channel, mis->channel_id);
        mis->channel_id = 0;
    }
    *way = (struct lk_ue_mis_way){ .carrier = LK_UE_MIS_NO_WAY };
}

void lk_ue_mis_send(struct lk_ue_manager *ue, uint8_t link, struct lk_span octets)
{
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_ue_mis_way *way = &mis->way[link];
    bool sent = true;

    switch (way->carrier) {
    case LK_UE_MIS_UDP:
        way->trouble = NULL;
        lk_datagrams_put(mis->to, &way->peer, octets);
        (void)lk_datagrams_send(mis->to);
        break;
    case LK_UE_MIS_TCP: sent = write_stream(way->stream, octets); break;
    case LK_UE_MIS_DTLS:
        sent = lk_channel_send(mis->channel, mis->channel_id, octets) == LK_OK;
        break;
    case LK_UE_MIS_NO_WAY: sent = false; break;
    }
    mis->counters.unsent += !sent;
}

#include "role/radsec_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "io/log.h"
#include "wire/radius_framer.h"

/* One stream that is up. */
struct connection {
    struct lk_radsec_source source;
    struct lk_radius_framer framer;
    uint64_t heard; /* the later, the greater */
};

struct lk_radsec_server {
    const struct lk_config *config;
    struct lk_radsec_server_calls calls;
    struct lk_counters *count;
    uint32_t first_tag;
    struct lk_stream_trust *trust;
    struct lk_streams *streams;
    bool leaving;
    uint64_t heard;
    struct lk_radius_client client[LK_CONFIG_PEERS];
    uint32_t connections[LK_CONFIG_PEERS];
    struct connection *at[LK_STREAM_MAX];
};

/* ---- clients ---- */

/* An address that no sender has (RFC 6666: 0100::/64 and beside it), made of the row's name. */
static struct lk_address address_of_name(const char *name)
{
    const struct lk_span parts[] = { lk_span_text("latchkey radsec client"),
                                     lk_span_text(name) };
    uint8_t digest[LK_SHA256_LEN];
    struct lk_address address = { { 0x01 } };

    lk_sha256(digest, parts, LK_COUNT_OF(parts));
    memcpy(address.octets + 1, digest, sizeof address.octets - 1);
    return address;
}

/* spec: RFC 6614 2.3 - a client goes by its certificate, not by the address it calls from. */
static enum lk_status clients_set(struct lk_radsec_server *server)
{
    const struct lk_config_radsec *radsec = &server->config->radsec;

    for (size_t i = 0; i < radsec->peer_count; i++) {
        const struct lk_config_peer *from = &radsec->peers[i];
        struct lk_radius_client *to = &server->client[i];

        to->prefix.address = address_of_name(from->name);
        to->prefix.bits = LK_ADDRESS_BITS;
        to->by_name = true;
        to->name = from->name;
        to->tag = server->first_tag + (uint32_t)i;
        to->is_twap = from->twap;
        to->pos = from->pos[0] == '\0' ? NULL : from->pos;
        to->agent = from->agent[0] == '\0' ? NULL : from->agent;
        to->is_home_agent = from->agent_is == LK_CONFIG_AGENT_HOME;
        (void)snprintf(to->mag, sizeof to->mag, "%s",
                       from->mag[0] == '\0' ? from->name : from->mag);
        if (lk_radius_secret_set(&to->secret, lk_span_text(from->secret)) != LK_OK)
            return LK_E_CONFIG;
    }
    return LK_OK;
}

static bool known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    const struct lk_radsec_server *server = context;
    const struct lk_config_radsec *radsec = &server->config->radsec;

    for (size_t i = 0; i < radsec->peer_count; i++)
        if (radsec->peers[i].address[0] == '\0' &&
            lk_stream_certificate_is(certificate, radsec->peers[i].certificate)) {
            *tag = (uint32_t)i;
            return true;
        }
    return false;
}

static const char *name_of(const struct lk_radsec_server *server,
                           const struct connection *connection)
{
    return server->config->radsec.peers[connection->source.client->tag - server->first_tag].name;
}

/* ---- streams ---- */

static struct connection *connection_of(const struct lk_radsec_server *server, uint64_t stream)
{
    struct connection *connection = server->at[lk_stream_place(stream)];

    return connection != NULL && connection->source.stream == stream ? connection : NULL;
}

static void forget(struct lk_radsec_server *server, struct connection *connection)
{
    server->connections[connection->source.client->tag - server->first_tag]--;
    server->at[lk_stream_place(connection->source.stream)] = NULL;
    lk_wipe(connection, sizeof *connection);
    free(connection);
}

static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    struct lk_radsec_server *server = context;
    struct connection *connection = NULL;
    char address[LK_ADDRESS_TEXT];

    if (!server->leaving && server->connections[tag] < LK_RADSEC_A_CLIENT)
        connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        lk_stream_close(server->streams, id);
        lk_radsec_note(server->count, peer, server->config->radsec.peers[tag].name,
                       LK_REASON_RADSEC_TOO_MANY, "one client has so many");
        return;
    }
    connection->source = (struct lk_radsec_source){ id, &server->client[tag], *peer };
    lk_radius_framer_init(&connection->framer);
    server->connections[tag]++;
    server->at[lk_stream_place(id)] = connection;
    lk_address_text(address, &peer->address);
    LK_LOG(LK_LOG_INFO, "radsec-connected", { "client", address },
           { "client_name", server->config->radsec.peers[tag].name });
}

static void hang_up(struct lk_radsec_server *server, struct connection *connection)
{
    uint64_t stream = connection->source.stream;

    forget(server, connection);
    lk_stream_close(server->streams, stream);
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_radsec_server *server = context;
    struct connection *connection = connection_of(server, id);
    enum lk_status status = LK_E_SHORT;
    struct lk_span packet;

    if (server->leaving)
        return;
    if (connection != NULL)
        connection->heard = ++server->heard;
    while (connection != NULL &&
           (status = lk_radius_framer_next(&connection->framer, &packet, &octets)) == LK_OK) {
        server->calls.on_packet(server->calls.context, &connection->source, packet);
        connection = connection_of(server, id);
    }
    if (connection != NULL && status == LK_E_LENGTH) {
        lk_radsec_note(server->count, &connection->source.peer, name_of(server, connection),
                       LK_REASON_RADSEC_FRAMING, NULL);
        hang_up(server, connection);
    }
    if (server->calls.on_end != NULL)
        server->calls.on_end(server->calls.context);
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    struct lk_radsec_server *server = context;
    struct connection *connection = id == 0 ? NULL : connection_of(server, id);
    const char *name = connection == NULL ? NULL : name_of(server, connection);
    char address[LK_ADDRESS_TEXT];

    if (connection == NULL || why == LK_STREAM_DOWN_BACKED_UP) {
        lk_radsec_note(server->count, peer, name, lk_radsec_reason(why), detail);
    } else {
        lk_address_text(address, &peer->address);
        LK_LOG(LK_LOG_INFO, "radsec-disconnected", { "client", address }, { "client_name", name },
               { "why", lk_stream_down_name(why) });
    }
    if (connection != NULL)
        forget(server, connection);
}

/* ---- the whole ---- */

enum lk_status lk_radsec_server_new(struct lk_radsec_server **server, uv_loop_t *loop,
                                    const struct lk_config *config,
                                    const struct lk_radsec_server_calls *calls,
                                    struct lk_counters *count, uint32_t first_tag,
                                    char error[LK_RADSEC_ERROR_TEXT])
{
    struct lk_radsec_server *new = calloc(1, sizeof *new);
    const struct lk_stream_calls stream_calls = { new, known, on_up, on_octets, on_down };
    const struct lk_stream_files files = lk_radsec_files(config);
    enum lk_status status;

    *server = NULL;
    (void)snprintf(error, LK_RADSEC_ERROR_TEXT, "no memory for RADIUS over TLS");
    if (new == NULL)
        return LK_E_SYSTEM;
    new->config = config;
    new->calls = *calls;
    new->count = count;
    new->first_tag = first_tag;
    status = lk_radsec_streams(&new->streams, &new->trust, loop, &files, &stream_calls, error);
    if (status == LK_OK)
        status = clients_set(new);
    if (status != LK_OK) {
        lk_radsec_server_free(new);
        return status;
    }
    *server = new;
    return LK_OK;
}

enum lk_status lk_radsec_server_listen(struct lk_radsec_server *server, int fd)
{
    return lk_streams_listen(server->streams, fd);
}

void lk_radsec_server_leave(struct lk_radsec_server *server)
{
    server->leaving = true;
    lk_streams_deafen(server->streams);
}

void lk_radsec_server_free(struct lk_radsec_server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < LK_COUNT_OF(server->at); i++)
        if (server->at[i] != NULL)
            hang_up(server, server->at[i]);
    lk_streams_free(server->streams);
    lk_stream_trust_free(server->trust);
    lk_wipe(server->client, sizeof server->client);
    free(server);
}

bool lk_radsec_server_send(struct lk_radsec_server *server, uint64_t stream, struct lk_span packet)
{
    return lk_stream_send(server->streams, stream, packet) == LK_OK;
}

const struct lk_radsec_source *lk_radsec_server_client(const struct lk_radsec_server *server,
                                                       const char *client)
{
    static const struct lk_address nowhere;
    const struct connection *best = NULL;
    char text[LK_RADIUS_CLIENT_TEXT];

    for (size_t i = 0; i < LK_COUNT_OF(server->at) && !server->leaving; i++) {
        const struct connection *each = server->at[i];

        if (each == NULL || (best != NULL && each->heard < best->heard))
            continue;
        lk_radius_client_text(text, each->source.client, &nowhere);
        if (strcmp(text, client) == 0)
            best = each;
    }
    return best == NULL ? NULL : &best->source;
}

/* spec: RFC 6613 2.6.3 - what does not parse or verify closes the connection: a client that we know
 * sends no such thing, so the two ends have lost each other. */
static bool closes(enum lk_reason reason)
{
    return reason == LK_REASON_RADIUS_MALFORMED ||
           reason == LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR ||
           reason == LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG ||
           reason == LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG ||
           reason == LK_REASON_RADIUS_CODE;
}

void lk_radsec_server_refused(struct lk_radsec_server *server, uint64_t stream,
                              enum lk_reason reason)
{
    struct connection *connection = connection_of(server, stream);

    if (connection != NULL && closes(reason))
        hang_up(server, connection);
}

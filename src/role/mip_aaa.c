#include "role/mip_aaa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "role/process.h"
#include "role/radsec_client.h"
#include "role/udp_port.h"

struct held {
    struct lk_role_mip_asked asked;
    uint8_t octets[LK_MIP_MESSAGE_MAX];
    bool taken;
};

struct lk_role_mip_aaa {
    struct lk_role_mip_aaa_setup setup;
    struct lk_mip_aaa_config config;
    struct lk_mip_aaa node;
    struct held held[LK_MIP_AAA_HELD];
    struct lk_entropy entropy;
    /* on loopback */
    struct lk_udp_owner owner;
    struct lk_udp_port port;
    struct lk_datagrams *out;
    struct lk_datagram_peer server;
    int fd;
    /* over TLS */
    struct lk_radsec_client *radsec;
};

static void send_it(struct lk_role_mip_aaa *aaa, struct lk_span octets)
{
    if (aaa->radsec == NULL) {
        lk_datagrams_put(aaa->out, &aaa->server, octets);
        lk_count_add(&aaa->setup.count->send_lost, lk_datagrams_send(aaa->out));
    } else if (lk_radsec_client_send(aaa->radsec, 0, octets) != LK_OK) {
        lk_count(&aaa->setup.count->send_lost); /* it is asked again */
    }
}

static void tell(struct lk_role_mip_aaa *aaa, struct lk_mip_aaa_answer *answer)
{
    struct held *held = &aaa->held[answer->tag];

    aaa->setup.done(aaa->setup.context, &held->asked, answer);
    held->taken = false;
    lk_wipe(answer, sizeof *answer);
}

static void take(struct lk_role_mip_aaa *aaa, struct lk_span packet)
{
    struct lk_mip_aaa_answer answer;

    if (lk_mip_aaa_received(&aaa->node, &answer, &aaa->config, packet) == LK_OK)
        tell(aaa, &answer);
}

void lk_role_mip_aaa_tick(struct lk_role_mip_aaa *aaa)
{
    struct lk_mip_aaa_answer answer;
    enum lk_mip_aaa_next next;
    struct lk_span send;

    if (aaa == NULL)
        return;
    while ((next = lk_mip_aaa_due(&aaa->node, &send, &answer, &aaa->config, lk_mono_ms())) !=
           LK_MIP_AAA_NOTHING) {
        if (next == LK_MIP_AAA_AGAIN)
            send_it(aaa, send);
        else
            tell(aaa, &answer);
    }
}

static struct held *free_one(struct lk_role_mip_aaa *aaa)
{
    for (size_t i = 0; i < LK_MIP_AAA_HELD; i++)
        if (!aaa->held[i].taken)
            return &aaa->held[i];
    return NULL;
}

bool lk_role_mip_aaa_ask(struct lk_role_mip_aaa *aaa, const struct lk_mip_request *request,
                         const struct lk_role_mip_asked *asked)
{
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    struct held *held = free_one(aaa);
    struct lk_span send;

    if (held == NULL || asked->octets.len > sizeof held->octets)
        return false;
    lk_entropy_take(&aaa->entropy, authenticator, sizeof authenticator);
    if (lk_mip_aaa_ask(&aaa->node, &send, &aaa->config, request, asked->wants,
                       (uint64_t)(held - aaa->held), lk_mono_ms(), authenticator) != LK_OK)
        return false;
    held->asked = *asked;
    memcpy(held->octets, asked->octets.at, asked->octets.len);
    held->asked.octets = lk_span_of(held->octets, asked->octets.len);
    held->taken = true;
    send_it(aaa, send);
    return true;
}

/* ---- beginning ---- */

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_role_mip_aaa *aaa = context;
    struct lk_address from = lk_datagram_address(peer), server = lk_datagram_address(&aaa->server);

    (void)port;
    if (lk_address_equal(&from, &server) &&
        lk_datagram_port(peer) == lk_datagram_port(&aaa->server))
        take(aaa, octets);
}

static bool begin_udp(struct lk_role_mip_aaa *aaa, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_mip_aaa *config = aaa->setup.config;
    char why[LK_SOCKET_ERROR_TEXT];
    struct lk_address server, own;

    if (lk_address_parse(&server, config->server) != LK_OK ||
        lk_address_parse(&own, config->source) != LK_OK)
        return false;
    aaa->out = lk_datagrams_new();
    aaa->owner = (struct lk_udp_owner){ .loop = aaa->setup.loop, .in = lk_datagrams_new(),
                                        .context = aaa };
    if (aaa->out == NULL || aaa->owner.in == NULL)
        return false;
    if (lk_datagram_socket(&aaa->fd, &own, 0, why) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.80s: %.150s", aaa->setup.section, why);
        return false;
    }
    aaa->server = lk_datagram_to(aaa->fd, &server, (uint16_t)config->port);
    lk_seen_socket(aaa->setup.seen, aaa->fd, LK_SEEN_AAA, &server);
    lk_seen_datagrams(aaa->setup.seen, aaa->out);
    lk_seen_datagrams(aaa->setup.seen, aaa->owner.in);
    lk_udp_port_begin(&aaa->port, &aaa->owner, aaa->fd, 0, receive);
    return true;
}

static void on_packet(void *context, uint32_t tag, struct lk_span packet)
{
    (void)tag;
    take(context, packet);
}

/* What was out is asked again by its own timer. */
static void on_alive(void *context, uint32_t tag, bool alive)
{
}

static bool begin_tls(struct lk_role_mip_aaa *aaa, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_mip_aaa *config = aaa->setup.config;
    const struct lk_stream_files files = { config->certificate, config->key, config->ca };
    const struct lk_radsec_client_calls calls = { aaa, on_packet, on_alive, NULL };
    struct lk_config_peer peer = { .port = config->port };
    char why[LK_RADSEC_ERROR_TEXT];

    (void)snprintf(peer.name, sizeof peer.name, "%s", aaa->setup.section);
    (void)snprintf(peer.address, sizeof peer.address, "%s", config->server);
    (void)snprintf(peer.certificate, sizeof peer.certificate, "%s", config->peer);
    (void)snprintf(peer.secret, sizeof peer.secret, "%s", config->secret);
    if (lk_radsec_client_new(&aaa->radsec, aaa->setup.loop, &files, &calls, aaa->setup.count,
                             why) == LK_OK)
        return lk_radsec_client_line(aaa->radsec, &peer, 0) == LK_OK;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.80s: %.150s", aaa->setup.section, why);
    return false;
}

static bool configure(struct lk_role_mip_aaa *aaa)
{
    const struct lk_config_mip_aaa *config = aaa->setup.config;

    aaa->config.agent = aaa->setup.agent;
    aaa->config.enterprise = aaa->setup.enterprise;
    aaa->config.retry_ms = config->timeout_ms;
    aaa->config.tries = (uint8_t)config->tries;
    (void)snprintf(aaa->config.name, sizeof aaa->config.name, "%.245s", config->name);
    return lk_radius_secret_set(&aaa->config.secret, lk_span_text(config->secret)) == LK_OK;
}

struct lk_role_mip_aaa *lk_role_mip_aaa_new(const struct lk_role_mip_aaa_setup *setup,
                                            char error[LK_KIND_ERROR_TEXT])
{
    struct lk_role_mip_aaa *aaa = lk_process_memory(sizeof *aaa);

    (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.100s cannot be", setup->section);
    if (aaa == NULL)
        return NULL;
    aaa->setup = *setup;
    if (configure(aaa) &&
        (setup->config->certificate[0] == '\0' ? begin_udp(aaa, error) : begin_tls(aaa, error)))
        return aaa;
    return NULL; /* the process does not begin */
}

void lk_role_mip_aaa_free(struct lk_role_mip_aaa *aaa)
{
    if (aaa == NULL)
        return;
    if (aaa->radsec != NULL)
        lk_radsec_client_free(aaa->radsec);
    lk_entropy_forget(&aaa->entropy);
    lk_wipe(&aaa->config, sizeof aaa->config);
}

#include "role/disconnect.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/control.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "role/shared.h"

enum { RETRY_MS = 1000, TRIES = 4, DAEMON_WITHIN_MS = 10000 };

static const struct {
    uint32_t cause;
    const char *words;
} causes[] = {
    { LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE, "it does not know an attribute of the request" },
    { LK_RADIUS_CAUSE_MISSING_ATTRIBUTE, "it misses an attribute" },
    { LK_RADIUS_CAUSE_NAS_MISMATCH, "it is not the access point that the request names" },
    { LK_RADIUS_CAUSE_UNSUPPORTED_EXTENSION, "it does not take such requests" },
    { LK_RADIUS_CAUSE_PROHIBITED, "its operator does not allow it" },
    { LK_RADIUS_CAUSE_NO_SESSION, "it has no such session (any more)" },
    { LK_RADIUS_CAUSE_NOT_REMOVABLE, "it cannot end this session" },
    { LK_RADIUS_CAUSE_RESOURCES, "it has no room for the request" },
    { LK_RADIUS_CAUSE_MANY_SESSIONS, "the request fits more than one session" },
};

static const char *words_of(uint32_t cause)
{
    for (size_t i = 0; i < LK_COUNT_OF(causes); i++)
        if (causes[i].cause == cause)
            return causes[i].words;
    return "it does not say why";
}

/* The row with the longest prefix that holds the address. */
static const struct lk_config_client *client_of(const struct lk_config *config,
                                                const struct lk_address *address)
{
    const struct lk_config_client *found = NULL;

    for (size_t i = 0; i < config->radius.client_count; i++) {
        const struct lk_config_client *client = &config->radius.clients[i];
        struct lk_address_prefix prefix = lk_address_prefix_of(address, client->address.bits);

        if (lk_address_prefix_equal(&prefix, &client->address) &&
            (found == NULL || client->address.bits > found->address.bits))
            found = client;
    }
    return found;
}

enum lk_status lk_disconnect_build(struct lk_radius_ask *ask,
                                   const struct lk_radius_ask_config *config, const char *session,
                                   const char *station, uint8_t identifier, uint64_t now_ms)
{
    struct lk_writer w = lk_radius_ask_begin(ask, LK_RADIUS_DISCONNECT_REQUEST, identifier,
                                             now_ms);

    lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID, lk_span_text(session));
    if (station[0] != '\0')
        lk_radius_put(&w, LK_RADIUS_CALLING_STATION_ID, lk_span_text(station));
    return lk_radius_ask_end(ask, config, &w, now_ms);
}

void lk_disconnect_refused(char why[LK_DISCONNECT_TEXT],
                           const struct lk_radius_ask_outcome *outcome)
{
    (void)snprintf(why, LK_DISCONNECT_TEXT, "refused: %s (Error-Cause %u)",
                   words_of(outcome->cause), outcome->cause);
}

/* Waits until it is due again, or answered. */
static bool answered(int fd, struct lk_radius_ask *ask, const struct lk_radius_ask_config *config,
                     struct lk_datagrams *in, struct lk_radius_ask_outcome *outcome)
{
    struct pollfd waits = { .fd = fd, .events = POLLIN };

    for (;;) {
        uint64_t now_ms = lk_wall_ms();
        struct lk_datagram_peer peer;
        size_t count;

        if (now_ms >= ask->due_ms || poll(&waits, 1, (int)(ask->due_ms - now_ms)) <= 0)
            return false;
        count = lk_datagrams_receive(in, fd);
        for (size_t i = 0; i < count; i++)
            if (lk_radius_ask_received(ask, config, lk_datagrams_at(in, i, &peer), outcome) ==
                LK_OK)
                return true;
    }
}

static enum lk_status converse(int fd, struct lk_radius_ask *ask,
                               const struct lk_radius_ask_config *config,
                               struct lk_datagrams *batch[2], const struct lk_datagram_peer *peer,
                               char why[LK_DISCONNECT_TEXT])
{
    static struct lk_entropy entropy;
    struct lk_radius_ask_outcome outcome;
    uint8_t random[2];

    do {
        lk_datagrams_put(batch[1], peer, lk_span_of(ask->octets, ask->len));
        (void)lk_datagrams_send(batch[1]);
        if (answered(fd, ask, config, batch[0], &outcome)) {
            if (outcome.ack)
                return LK_OK;
            lk_disconnect_refused(why, &outcome);
            return LK_E_DENIED;
        }
        lk_entropy_take(&entropy, random, sizeof random);
    } while (lk_radius_ask_due(ask, config, ask->due_ms, random) == LK_RADIUS_ASK_AGAIN);
    (void)snprintf(why, LK_DISCONNECT_TEXT,
                   "no answer: does it take Disconnect-Requests of this machine, on this port?");
    return LK_E_EXPIRED;
}

static enum lk_status ask_client(const struct lk_disconnect *how,
                                 const struct lk_radius_secret *secret,
                                 const struct lk_address *address,
                                 const struct lk_accounting *session, char why[LK_DISCONNECT_TEXT])
{
    static const uint8_t none[4] = { 0 };
    const struct lk_radius_ask_config config = {
        .secret = secret, .retry_ms = how->retry_ms != 0 ? how->retry_ms : RETRY_MS,
        .tries = how->tries != 0 ? how->tries : TRIES,
    };
    struct lk_address any = { { 0 } };
    struct lk_datagrams *batch[2] = { lk_datagrams_new(), lk_datagrams_new() };
    struct lk_entropy entropy = { 0 };
    struct lk_radius_ask ask;
    uint8_t random[1];
    char error[LK_SOCKET_ERROR_TEXT] = "no memory";
    enum lk_status status = LK_E_SYSTEM;
    int fd = -1;

    if (lk_address_is_v4(address))
        any = lk_address_v4(none);
    lk_entropy_take(&entropy, random, sizeof random);
    if (batch[0] != NULL && batch[1] != NULL)
        status = lk_datagram_socket(&fd, &any, 0, error);
    if (status != LK_OK) {
        (void)snprintf(why, LK_DISCONNECT_TEXT, "%.150s", error);
    } else {
        struct lk_datagram_peer peer = lk_datagram_to(fd, address, how->port);

        status = lk_disconnect_build(&ask, &config, session->session, session->calling, random[0],
                                     lk_wall_ms());
        if (status == LK_OK)
            status = converse(fd, &ask, &config, batch, &peer, why);
        else
            (void)snprintf(why, LK_DISCONNECT_TEXT, "its record does not fit a request");
        (void)close(fd);
    }
    lk_datagrams_free(batch[0]);
    lk_datagrams_free(batch[1]);
    return status;
}

static enum lk_status ask_daemon(const struct lk_disconnect *how,
                                 const struct lk_accounting *session, char why[LK_DISCONNECT_TEXT])
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:s}", "op", "session-end", "client",
                                session->client, "session", session->session, "station",
                                session->calling);
    char error[LK_CONTROL_ERROR_TEXT];
    json_t *answer;
    enum lk_status status = lk_control_ask(&answer, how->config->control, request,
                                           DAEMON_WITHIN_MS, error);
    const char *said = json_string_value(json_object_get(answer, "error"));

    if (status != LK_OK)
        (void)snprintf(why, LK_DISCONNECT_TEXT, "%.150s", error);
    else if (!json_is_true(json_object_get(answer, "ok"))) {
        status = LK_E_DENIED;
        (void)snprintf(why, LK_DISCONNECT_TEXT, "%.150s", said != NULL ? said : "refused");
    }
    json_decref(answer);
    json_decref(request);
    return status;
}

enum lk_status lk_disconnect(const struct lk_disconnect *how, const struct lk_accounting *session,
                             char why[LK_DISCONNECT_TEXT])
{
    struct lk_address address;
    const struct lk_config_client *client = NULL;
    struct lk_radius_secret secret;
    enum lk_status status;

    if (strncmp(session->client, LK_RADIUS_CLIENT_TLS, strlen(LK_RADIUS_CLIENT_TLS)) == 0)
        return ask_daemon(how, session, why);
    if (lk_address_parse(&address, session->client) == LK_OK)
        client = client_of(how->config, &address);
    if (client == NULL ||
        lk_radius_secret_set(&secret, lk_span_text(client->secret)) != LK_OK) {
        (void)snprintf(why, LK_DISCONNECT_TEXT,
                       "no row of radius.clients covers %s: there is no secret to ask under",
                       session->client);
        return LK_E_NOT_FOUND;
    }
    status = ask_client(how, &secret, &address, session, why);
    lk_wipe(&secret, sizeof secret);
    return status;
}

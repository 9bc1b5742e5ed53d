/* The DTLS engine, GnuTLS, from above: records go in one at a time, and what it has to say in one
 * step leaves in one datagram.
 *
 * It is kept on a short rein. One suite at a time is allowed to it when it serves, chosen before;
 * handshake messages reach it whole and in their order; what it does with a key is looked at once
 * more when it says that it is done. */
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/channel_parts.h"

enum { PRIORITY_TEXT = 320, ENGINE_TIMEOUT_MS = 4 * CHANNEL_TIME_MAX_MS, SECRET_LEN = 48,
       STEP_ROUNDS = 8 };

/* ---- suites ---- */

struct suite {
    enum lk_channel_suite number;
    const char *words;
    gnutls_kx_algorithm_t exchange;
    gnutls_cipher_algorithm_t cipher;
};

/* spec: TS 33.310 Annex E - suites with a pre-shared key; none without encryption, none of RC4 or
 * 3DES. DHE is off: a handshake of it costs a hundred of the others. */
static const struct suite suites[] = {
    { LK_CHANNEL_PSK_AES128_GCM, ":+PSK:+AES-128-GCM:+AEAD", GNUTLS_KX_PSK,
      GNUTLS_CIPHER_AES_128_GCM },
    { LK_CHANNEL_PSK_AES256_GCM, ":+PSK:+AES-256-GCM:+AEAD", GNUTLS_KX_PSK,
      GNUTLS_CIPHER_AES_256_GCM },
    { LK_CHANNEL_ECDHE_PSK_AES128_CBC, ":+ECDHE-PSK:+AES-128-CBC:+SHA256", GNUTLS_KX_ECDHE_PSK,
      GNUTLS_CIPHER_AES_128_CBC },
    { LK_CHANNEL_ECDHE_PSK_CHACHA20, ":+ECDHE-PSK:+CHACHA20-POLY1305:+AEAD", GNUTLS_KX_ECDHE_PSK,
      GNUTLS_CIPHER_CHACHA20_POLY1305 },
};

static const struct suite *suite_of(enum lk_channel_suite number)
{
    for (size_t i = 0; i < LK_COUNT_OF(suites); i++)
        if (suites[i].number == number)
            return &suites[i];
    return NULL;
}

int lk_channel_engine_suite(const struct lk_channel *channel,
                            const struct lk_dtls_client_hello *hello)
{
    for (size_t i = 0; i < channel->setup.suites; i++)
        if (lk_dtls_client_hello_offers(hello, (uint16_t)channel->setup.suite[i]))
            return (int)i;
    return -1;
}

bool lk_channel_engine_suite_has_point(const struct lk_channel *channel, int suite)
{
    return suite_of(channel->setup.suite[suite])->exchange == GNUTLS_KX_ECDHE_PSK;
}

/* spec: TS 33.310 Annex E - DTLS 1.2 and nothing below it; the extended master secret (RFC 7627)
 * is a must, compression is none. */
static enum lk_status priority_make(gnutls_priority_t *priority, const char *words)
{
    char text[PRIORITY_TEXT];
    int len = snprintf(text, sizeof text,
                       "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ECDSA-SHA256"
                       ":+GROUP-X25519:+GROUP-SECP256R1%s",
                       words);

    LK_ASSERT(len > 0 && (size_t)len < sizeof text);
    return gnutls_priority_init(priority, text, NULL) == GNUTLS_E_SUCCESS ? LK_OK : LK_E_SYSTEM;
}

/* ---- one for all sessions ---- */

static int on_psk(gnutls_session_t engine, const gnutls_datum_t *identity, gnutls_datum_t *key);

static enum lk_status dialler_priority(struct lk_channel *channel)
{
    char words[PRIORITY_TEXT] = "";
    size_t len = 0;

    for (size_t i = 0; i < channel->setup.suites; i++) {
        const char *more = suite_of(channel->setup.suite[i])->words;

        len += (size_t)snprintf(words + len, sizeof words - len, "%s", more);
        LK_ASSERT(len < sizeof words);
    }
    return priority_make(&channel->priority[0], words);
}

enum lk_status lk_channel_engine_make(struct lk_channel *channel)
{
    const struct lk_channel_setup *setup = &channel->setup;

    for (size_t i = 0; i < setup->suites; i++)
        if (suite_of(setup->suite[i]) == NULL)
            return LK_E_VALUE;
    channel->dummy.len = CHANNEL_DUMMY_KEY_LEN;
    lk_entropy_take(&channel->entropy, channel->dummy.octets, channel->dummy.len);
    if (channel->dials)
        return dialler_priority(channel);
    for (size_t i = 0; i < setup->suites; i++)
        if (priority_make(&channel->priority[i], suite_of(setup->suite[i])->words) != LK_OK)
            return LK_E_SYSTEM;
    if (gnutls_psk_allocate_server_credentials(&channel->credentials) != GNUTLS_E_SUCCESS)
        return LK_E_SYSTEM;
    gnutls_psk_set_server_credentials_function2(channel->credentials, on_psk);
    return LK_OK;
}

void lk_channel_engine_free(struct lk_channel *channel)
{
    for (size_t i = 0; i < LK_CHANNEL_SUITES; i++)
        if (channel->priority[i] != NULL)
            gnutls_priority_deinit(channel->priority[i]);
    if (channel->credentials != NULL)
        gnutls_psk_free_server_credentials(channel->credentials);
    lk_wipe(&channel->dummy, sizeof channel->dummy);
}

/* ---- octets in and out ---- */

static ssize_t on_pull(gnutls_transport_ptr_t context, void *to, size_t room)
{
    struct lk_channel *channel = context;
    size_t len = channel->record.len;

    if (len == 0 || len > room) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(to, channel->record.at, len);
    channel->record.len = 0;
    return (ssize_t)len;
}

static int on_pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
    const struct lk_channel *channel = context;

    (void)ms;
    return channel->record.len > 0;
}

static void flight_leave(struct lk_channel *channel)
{
    if (channel->flight_len > 0 && !channel->mute)
        lk_datagrams_put(channel->out, &channel->speaking->peer,
                         lk_span_of(channel->flight, channel->flight_len));
    channel->flight_len = 0;
}

/* spec: RFC 6347 4.2.3 - records of a flight may share a datagram. */
static ssize_t on_push(gnutls_transport_ptr_t context, const void *at, size_t len)
{
    struct lk_channel *channel = context;

    if (len > CHANNEL_MTU) {
        errno = EMSGSIZE;
        return -1;
    }
    if (channel->flight_len + len > CHANNEL_MTU)
        flight_leave(channel);
    memcpy(channel->flight + channel->flight_len, at, len);
    channel->flight_len += len;
    return (ssize_t)len;
}

/* ---- a session ---- */

/* The engine has read the identity itself. Ours was read by another parser: when they differ,
 * there is no such identity. */
static int on_psk(gnutls_session_t engine, const gnutls_datum_t *identity, gnutls_datum_t *key)
{
    struct channel_session *session = gnutls_session_get_ptr(engine);
    struct channel_half *half = session->half;
    const struct lk_channel_key *from = &half->key;

    if (!lk_span_equal(lk_span_of(identity->data, identity->size),
                       lk_span_of(half->identity, half->identity_len))) {
        half->genuine = false;
        from = &session->channel->dummy;
    }
    key->data = gnutls_malloc(from->len);
    if (key->data == NULL)
        return -1;
    memcpy(key->data, from->octets, from->len);
    key->size = (unsigned)from->len;
    return 0;
}

static int on_secret(gnutls_session_t engine, const char *label, const gnutls_datum_t *secret)
{
    const struct channel_session *session = gnutls_session_get_ptr(engine);
    const struct lk_channel_watch *watch = &session->channel->setup.watch;
    char line[LK_CHANNEL_SECRET_LINE];
    gnutls_datum_t random;
    size_t at;

    gnutls_session_get_random(engine, &random, NULL);
    if (random.size != LK_DTLS_RANDOM_LEN || secret->size != SECRET_LEN || strlen(label) > 16)
        return 0;
    at = (size_t)snprintf(line, sizeof line, "%s ", label);
    for (unsigned i = 0; i < random.size; i++, at += 2)
        (void)snprintf(line + at, sizeof line - at, "%02x", random.data[i]);
    line[at++] = ' ';
    for (unsigned i = 0; i < secret->size; i++, at += 2)
        (void)snprintf(line + at, sizeof line - at, "%02x", secret->data[i]);
    watch->on_secret(watch->context, line);
    lk_wipe(line, sizeof line);
    return 0;
}

static enum lk_status engine_new(struct channel_session *session, unsigned role,
                                 gnutls_priority_t priority)
{
    struct lk_channel *channel = session->channel;
    gnutls_session_t engine;

    if (gnutls_init(&engine, role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS |
                                 GNUTLS_NO_SIGNAL) != GNUTLS_E_SUCCESS)
        return LK_E_SYSTEM;
    session->engine = engine;
    channel->engines++;
    if (gnutls_priority_set(engine, priority) != GNUTLS_E_SUCCESS)
        return LK_E_SYSTEM;
    gnutls_session_set_ptr(engine, session);
    gnutls_transport_set_ptr(engine, channel);
    gnutls_transport_set_pull_function(engine, on_pull);
    gnutls_transport_set_pull_timeout_function(engine, on_pull_timeout);
    gnutls_transport_set_push_function(engine, on_push);
    gnutls_dtls_set_mtu(engine, CHANNEL_MTU);
    /* Its own end is far away: how long a handshake may take is ours to say. */
    gnutls_dtls_set_timeouts(engine, channel->setup.retry_ms, ENGINE_TIMEOUT_MS);
    /* Without this it would obey an environment variable. */
    gnutls_session_set_keylog_function(
        engine, channel->setup.watch.on_secret != NULL && !channel->mute ? on_secret : NULL);
    return LK_OK;
}

enum lk_status lk_channel_engine_accept(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    const struct channel_half *half = session->half;
    gnutls_dtls_prestate_st before = { .record_seq = half->record_sequence,
                                       .hsk_read_seq = half->message_sequence,
                                       .hsk_write_seq = 0 };

    if (engine_new(session, GNUTLS_SERVER, channel->priority[half->suite]) != LK_OK ||
        gnutls_credentials_set(session->engine, GNUTLS_CRD_PSK, channel->credentials) !=
            GNUTLS_E_SUCCESS)
        return LK_E_SYSTEM;
    gnutls_dtls_prestate_set(session->engine, &before);
    return LK_OK;
}

enum lk_status lk_channel_engine_dial(struct channel_session *session, struct lk_span identity,
                                      const struct lk_channel_key *key)
{
    struct channel_half *half = session->half;
    uint8_t copy[LK_CHANNEL_KEY_MAX];
    gnutls_datum_t name = { half->identity, (unsigned)identity.len };
    gnutls_datum_t secret = { copy, (unsigned)key->len };
    enum lk_status status = LK_E_SYSTEM;

    memcpy(half->identity, identity.at, identity.len);
    half->identity_len = (uint8_t)identity.len;
    half->genuine = true;
    memcpy(copy, key->octets, key->len);
    if (engine_new(session, GNUTLS_CLIENT, session->channel->priority[0]) == LK_OK &&
        gnutls_psk_allocate_client_credentials(&half->dialled_with) == GNUTLS_E_SUCCESS &&
        gnutls_psk_set_client_credentials2(half->dialled_with, &name, &secret,
                                           GNUTLS_PSK_KEY_RAW) == GNUTLS_E_SUCCESS &&
        gnutls_credentials_set(session->engine, GNUTLS_CRD_PSK, half->dialled_with) ==
            GNUTLS_E_SUCCESS)
        status = LK_OK;
    lk_wipe(copy, sizeof copy);
    return status;
}

void lk_channel_engine_drop(struct channel_session *session)
{
    if (session->engine != NULL) {
        gnutls_deinit(session->engine);
        session->channel->engines_gone++;
    }
    session->engine = NULL;
    lk_channel_engine_forget_key(session);
}

void lk_channel_engine_forget_key(struct channel_session *session)
{
    struct channel_half *half = session->half;

    if (half == NULL || half->dialled_with == NULL)
        return;
    if (session->engine != NULL)
        gnutls_credentials_clear(session->engine);
    gnutls_psk_free_client_credentials(half->dialled_with);
    half->dialled_with = NULL;
}

/* ---- handshake ---- */

/* What the engine says that it did, against what we allow: the last gate before a session is up. */
static bool is_as_wanted(const struct channel_session *session)
{
    const struct lk_channel_setup *setup = &session->channel->setup;
    gnutls_session_t engine = session->engine;

    if (!session->half->genuine || gnutls_protocol_get_version(engine) != GNUTLS_DTLS1_2 ||
        gnutls_session_ext_master_secret_status(engine) == 0)
        return false;
    for (size_t i = 0; i < setup->suites; i++) {
        const struct suite *suite = suite_of(setup->suite[i]);

        if (gnutls_kx_get(engine) == suite->exchange &&
            gnutls_cipher_get(engine) == suite->cipher)
            return true;
    }
    return false;
}

static void speak(struct channel_session *session, struct lk_span record)
{
    session->channel->speaking = session;
    session->channel->record = record;
}

enum channel_progress lk_channel_engine_step(struct channel_session *session,
                                             struct lk_span record)
{
    struct lk_channel *channel = session->channel;
    int done = GNUTLS_E_AGAIN;

    channel->steps++;
    speak(session, record);
    for (unsigned round = 0; round < STEP_ROUNDS; round++) {
        done = gnutls_handshake(session->engine);
        if (done == GNUTLS_E_SUCCESS || gnutls_error_is_fatal(done) ||
            (done == GNUTLS_E_AGAIN && channel->record.len == 0))
            break;
    }
    flight_leave(channel);
    if (done == GNUTLS_E_SUCCESS)
        return is_as_wanted(session) ? CHANNEL_DONE : CHANNEL_FAILED;
    if (done == GNUTLS_E_FATAL_ALERT_RECEIVED)
        return CHANNEL_ALERTED;
    return gnutls_error_is_fatal(done) ? CHANNEL_FAILED : CHANNEL_GOES_ON;
}

/* ---- a spare engine ---- */

static void change_places(struct channel_session *session)
{
    gnutls_session_t engine = session->engine;

    session->engine = session->half->spare;
    session->half->spare = engine;
    session->channel->mute = !session->channel->mute;
}

void lk_channel_engine_spare(struct channel_session *session)
{
    struct channel_half *half = session->half;
    bool greeted;

    if (half->spare != NULL)
        return;
    change_places(session);
    greeted = lk_channel_engine_accept(session) == LK_OK &&
              lk_channel_engine_step(session, lk_span_of(half->hello, half->hello_len)) ==
                  CHANNEL_GOES_ON;
    change_places(session);
    if (!greeted)
        lk_channel_engine_drop_spare(session);
}

enum channel_progress lk_channel_engine_step_spare(struct channel_session *session,
                                                   struct lk_span record)
{
    enum channel_progress progress;

    if (session->half->spare == NULL)
        return CHANNEL_GOES_ON;
    change_places(session);
    progress = lk_channel_engine_step(session, record);
    change_places(session);
    return progress;
}

void lk_channel_engine_drop_spare(struct channel_session *session)
{
    struct channel_half *half = session->half;

    if (half->spare == NULL)
        return;
    gnutls_deinit(half->spare);
    session->channel->engines_gone++;
    half->spare = NULL;
}

uint64_t lk_channel_engine_retry_ms(const struct channel_session *session)
{
    return gnutls_dtls_get_timeout(session->engine);
}

/* ---- data ---- */

static void show_record(const struct channel_session *session, bool out, struct lk_span octets)
{
    const struct lk_channel_watch *watch = &session->channel->setup.watch;

    if (watch->on_record != NULL)
        watch->on_record(watch->context, &session->peer, out, octets);
}

/* Whether the session is still the one that it was before somebody was called back. */
static bool is_still(const struct channel_session *session, uint32_t generation)
{
    return session->stage == CHANNEL_UP && session->generation == generation;
}

/* How the engine says that it is over. Renegotiation counts as the end. */
static void judge_end(struct channel_session *session, ssize_t got)
{
    if (got == 0)
        lk_channel_is_down(session, LK_CHANNEL_DOWN_CLOSED);
    else if (got == GNUTLS_E_FATAL_ALERT_RECEIVED)
        lk_channel_is_down(session, LK_CHANNEL_DOWN_ALERT);
    else if (got == GNUTLS_E_REHANDSHAKE || gnutls_error_is_fatal((int)got))
        lk_channel_is_down(session, LK_CHANNEL_DOWN_ENGINE);
}

void lk_channel_engine_receive(struct channel_session *session, struct lk_span record)
{
    struct lk_channel *channel = session->channel;
    const struct lk_channel_calls *calls = &channel->setup.calls;
    uint32_t generation = session->generation;

    speak(session, record);
    for (unsigned round = 0; round < STEP_ROUNDS; round++) {
        ssize_t got = gnutls_record_recv(session->engine, channel->data, sizeof channel->data);

        flight_leave(channel);
        if (got > 0) {
            session->confirmed = true;
            lk_channel_sleep(session);
            show_record(session, false, lk_span_of(channel->data, (size_t)got));
            calls->on_data(calls->context, lk_channel_id(channel, session),
                           lk_span_of(channel->data, (size_t)got));
            if (!is_still(session, generation))
                return;
            channel->speaking = session;
            continue;
        }
        if (channel->record.len == 0 || got != GNUTLS_E_AGAIN) {
            judge_end(session, got);
            return;
        }
    }
}

enum lk_status lk_channel_engine_send(struct channel_session *session, struct lk_span octets)
{
    ssize_t sent;

    speak(session, lk_span_of(NULL, 0));
    sent = gnutls_record_send(session->engine, octets.at, octets.len);
    if (sent == (ssize_t)octets.len)
        show_record(session, true, octets);
    flight_leave(session->channel);
    return sent == (ssize_t)octets.len ? LK_OK : LK_E_SYSTEM;
}

void lk_channel_engine_bye(struct channel_session *session)
{
    speak(session, lk_span_of(NULL, 0));
    (void)gnutls_bye(session->engine, GNUTLS_SHUT_WR);
    flight_leave(session->channel);
}

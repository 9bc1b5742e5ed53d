/* From a right cookie to a session that is up.
 *
 * Of the client's last flight the engine sees nothing before all of it is here, and before it is
 * known who speaks: ClientKeyExchange, ChangeCipherSpec and Finished are kept, the latest of each.
 * Only then is the identity read and the key asked for, so that one forged ClientKeyExchange ends
 * nobody's handshake. When the key is still on its way the flight waits for it.
 *
 *   AWAIT_IDENTITY --flight--> AWAIT_KEY --key--> AWAIT_FINISHED --proof--> UP
 *
 * A18: which identity binds follows from the order of the records, never from whether there is a
 * key for it: else who has a key of his own could ask for others by naming two.
 *
 * An identity that is unknown, one whose key does not come, a key that is wrong and an engine that
 * gives up all end in the same place, at the same time after that flight, with the same octets.
 *
 * A18: nor does the work tell, by how long others wait behind it. A flight that waits for its key
 * is rehearsed with a spare engine and a dummy key, and so is every further Finished; one that the
 * engine has not let in gets a spare engine that nothing is done with. Either way two engines are
 * made, one of them is given the same records, and both go at the end. A flight that proves its key
 * costs nothing of this. */
#include <string.h>

#include "base/secret.h"
#include "io/channel_parts.h"

enum {
    /* Far behind what a handshake uses, so that the octets do not depend on what was repeated. */
    REFUSAL_SEQUENCE = 0x10000,
    REFUSAL_RETRIES = 3,
};

/* ---- its time ---- */

/* How long after its flight a handshake is refused: the client has had its chances to repeat what
 * was lost on the way, and the key to come. */
static uint64_t refusal_ms(const struct lk_channel *channel)
{
    uint64_t least = (uint64_t)REFUSAL_RETRIES * channel->setup.retry_ms;

    return channel->setup.hold_ms > least ? channel->setup.hold_ms : least;
}

/* Until our flight is repeated, or it has lasted too long. */
static void await_identity(struct channel_session *session)
{
    const struct lk_channel *channel = session->channel;
    uint64_t spent = lk_channel_now(channel) - session->half->begun_ms;
    uint64_t left = channel->setup.handshake_ms > spent ? channel->setup.handshake_ms - spent : 0;
    uint64_t retry = lk_channel_engine_retry_ms(session);

    lk_channel_wake_after(session, retry < left ? retry : left);
}

/* A18: one answer, from one place, whatever was wrong.
 * spec: RFC 4279 2 - who hides that an identity is unknown answers as for a wrong key: with
 * decrypt_error. */
static void refuse(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    const struct channel_half *half = session->half;
    enum lk_channel_refusal why = half->genuine ? LK_CHANNEL_REFUSED_PROOF
                                                : LK_CHANNEL_REFUSED_IDENTITY;
    struct lk_datagram_peer peer = session->peer;
    uint8_t octets[LK_DTLS_ALERT_LEN], identity[LK_CHANNEL_IDENTITY_MAX];
    size_t identity_len = half->identity_len;
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_dtls_put_alert(&w, REFUSAL_SEQUENCE, LK_DTLS_ALERT_DECRYPT_ERROR);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_datagrams_put(channel->out, &session->peer, lk_writer_span(&w));
    channel->count.refused++;
    memcpy(identity, half->identity, sizeof identity);
    lk_channel_drop(session);
    lk_channel_tell_refused(channel, why, lk_span_of(identity, identity_len), &peer);
}

void lk_channel_half_woken(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;

    if (session->stage != CHANNEL_AWAIT_IDENTITY) {
        refuse(session);
        return;
    }
    if (lk_channel_now(channel) - session->half->begun_ms >= channel->setup.handshake_ms ||
        lk_channel_engine_step(session, lk_span_of(NULL, 0)) != CHANNEL_GOES_ON) {
        channel->count.unfinished++;
        lk_channel_drop(session);
        return;
    }
    await_identity(session);
}

/* ---- begin ---- */

static void hello_keep(struct channel_half *half, int suite, const struct lk_dtls_record *record,
                       const struct lk_dtls_message *message)
{
    LK_ASSERT(record->whole.len <= sizeof half->hello); /* it was decoded: its length is known */
    half->suite = suite;
    half->record_sequence = (uint8_t)record->sequence;
    half->message_sequence = (uint8_t)message->sequence;
    half->hello_len = (uint16_t)record->whole.len;
    memcpy(half->hello, record->whole.at, record->whole.len);
}

void lk_channel_begin(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                      const struct lk_dtls_record *record, const struct lk_dtls_message *message,
                      const struct lk_dtls_client_hello *hello)
{
    struct channel_session *session = lk_channel_find(channel, peer, false);
    int suite = lk_channel_engine_suite(channel, hello);

    if (session != NULL) {
        /* The same hello again: our flight is repeated when it is time. Another: it began anew. */
        if (lk_span_equal(LK_SPAN(session->half->random), hello->random))
            return;
        channel->count.unfinished++;
        lk_channel_drop(session);
    }
    session = lk_channel_take(channel, peer, CHANNEL_AWAIT_IDENTITY);
    if (session == NULL)
        return;
    channel->count.handshakes++;
    memcpy(session->half->random, hello->random.at, LK_DTLS_RANDOM_LEN);
    session->half->key_exchange_sequence = (uint16_t)(message->sequence + 1);
    session->half->with_point = lk_channel_engine_suite_has_point(channel, suite);
    hello_keep(session->half, suite, record, message);
    if (lk_channel_engine_accept(session) != LK_OK ||
        lk_channel_engine_step(session, record->whole) != CHANNEL_GOES_ON) {
        channel->count.unfinished++;
        lk_channel_drop(session);
        return;
    }
    await_identity(session);
}

/* ---- into the engine, in order ---- */

static void give(struct channel_session *session, struct lk_span record)
{
    enum channel_progress progress;

    if (session->stage == CHANNEL_AWAIT_KEY) {
        if (lk_channel_engine_step_spare(session, record) != CHANNEL_GOES_ON)
            lk_channel_engine_drop_spare(session);
        return;
    }
    progress = lk_channel_engine_step(session, record);
    if (progress == CHANNEL_DONE) {
        lk_channel_is_up(session);
    } else if (progress != CHANNEL_GOES_ON) {
        session->stage = CHANNEL_AWAIT_END;
        lk_channel_engine_drop(session);
    }
}

/* Of a flight that is whole: what was kept goes to the engine that has the key, or to the spare. */
static bool takes(const struct channel_session *session)
{
    return session->stage == CHANNEL_AWAIT_FINISHED || session->stage == CHANNEL_AWAIT_KEY;
}

static void give_kept(struct channel_session *session)
{
    struct channel_half *half = session->half;

    if (takes(session) && !half->change_given) {
        half->change_given = true;
        give(session, lk_span_of(half->change.octets, half->change.len));
    }
    if (takes(session) && half->finished_waits) {
        half->finished_waits = false;
        give(session, lk_span_of(half->finished.octets, half->finished.len));
    }
}

static void give_flight(struct channel_session *session)
{
    struct channel_half *half = session->half;
    uint8_t octets[LK_DTLS_RECORD_HEADER_LEN + LK_DTLS_HANDSHAKE_HEADER_LEN + LK_DTLS_JOIN_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_dtls_put_message(&w, half->key_exchange_record, LK_DTLS_CLIENT_KEY_EXCHANGE,
                        half->key_exchange_sequence,
                        lk_span_of(half->join.octets, half->join.length));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    half->change_given = false;
    half->finished_waits = true;
    give(session, lk_writer_span(&w));
    if (takes(session))
        lk_wipe(&half->key, sizeof half->key);
    give_kept(session);
}

/* A18: what a wrong key would cost, with the dummy, while the true one may still come. */
static void rehearse(struct channel_session *session)
{
    struct channel_half *half = session->half;

    half->key = session->channel->dummy;
    lk_channel_engine_spare(session);
    give_flight(session);
    lk_wipe(&half->key, sizeof half->key);
}

/* Whose it is has been told: asks for the key. False: it is still on its way. */
static bool ask(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    const struct lk_channel_calls *calls = &channel->setup.calls;
    struct channel_half *half = session->half;
    enum lk_channel_answer answer = LK_CHANNEL_KEY_UNKNOWN;

    if (half->identity_len > 0)
        answer = calls->psk(calls->context, lk_span_of(half->identity, half->identity_len),
                            &half->key);
    if (answer == LK_CHANNEL_KEY_WAIT)
        return false;
    half->genuine = answer == LK_CHANNEL_KEY_IS;
    if (!half->genuine)
        half->key = channel->dummy;
    LK_ASSERT(half->key.len > 0 && half->key.len <= LK_CHANNEL_KEY_MAX);
    session->stage = CHANNEL_AWAIT_FINISHED;
    give_flight(session);
    if (session->stage == CHANNEL_AWAIT_FINISHED || session->stage == CHANNEL_AWAIT_END)
        lk_channel_engine_spare(session); /* A18: as a flight that waits has one */
    return true;
}

/* ---- records ---- */

/* Binds the session to its identity once the flight is whole. */
static void bind_whole(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;
    struct channel_half *half = session->half;

    if (session->stage != CHANNEL_AWAIT_IDENTITY || !half->told || half->change.len == 0 ||
        half->finished.len == 0)
        return;
    session->stage = CHANNEL_AWAIT_KEY;
    lk_channel_wake_after(session, refusal_ms(channel));
    if (!ask(session)) {
        channel->count.held++;
        rehearse(session);
    }
}

/* The whole ClientKeyExchange is here. What cannot be one is forgotten. */
static void told(struct channel_session *session, uint64_t record_sequence)
{
    struct channel_half *half = session->half;
    struct lk_span identity;

    half->told = lk_dtls_psk_identity(&identity,
                                      lk_span_of(half->join.octets, half->join.length),
                                      half->with_point) == LK_OK;
    if (!half->told) {
        session->channel->count.dropped++;
        half->join = (struct lk_dtls_join){ 0 };
        return;
    }
    half->key_exchange_record = record_sequence;
    half->identity_len = 0;
    if (identity.len <= LK_CHANNEL_IDENTITY_MAX) {
        half->identity_len = (uint8_t)identity.len;
        memcpy(half->identity, identity.at, identity.len);
    }
    bind_whole(session);
}

/* Until the flight is whole another ClientKeyExchange in one piece takes the place of what came
 * before it; neither a piece that does not fit nor what cannot be one does. */
static enum lk_status join_latest(struct channel_half *half, const struct lk_dtls_message *message)
{
    enum lk_status status = lk_dtls_join_add(&half->join, message);
    struct lk_span identity;

    if (status != LK_E_CONFLICT || message->fragment.len != message->length ||
        lk_dtls_psk_identity(&identity, message->fragment, half->with_point) != LK_OK)
        return status;
    half->join = (struct lk_dtls_join){ 0 };
    return lk_dtls_join_add(&half->join, message);
}

/* Handshake in the clear: one message is expected, in any pieces. A30: nothing else is kept. */
static void clear_handshake(struct channel_session *session, const struct lk_dtls_record *record)
{
    struct lk_channel *channel = session->channel;
    struct channel_half *half = session->half;
    struct lk_reader r = lk_reader_of(record->body);

    while (r.left > 0 && session->stage == CHANNEL_AWAIT_IDENTITY) {
        struct lk_dtls_message message;
        enum lk_status status;

        if (lk_dtls_message_get(&message, &r) != LK_OK ||
            message.type != LK_DTLS_CLIENT_KEY_EXCHANGE ||
            message.sequence != half->key_exchange_sequence) {
            channel->count.dropped++;
            return;
        }
        status = join_latest(half, &message);
        if (status == LK_OK) {
            told(session, record->sequence);
            return;
        }
        if (status != LK_E_BUSY)
            channel->count.dropped++;
    }
}

/* Whether it is: A30: what has no room is not, whatever kind of record it is. */
static bool keep(struct channel_kept *kept, struct lk_span record)
{
    if (record.len > sizeof kept->octets)
        return false;
    kept->len = record.len;
    memcpy(kept->octets, record.at, record.len);
    return true;
}

static void arrived(struct channel_session *session)
{
    if (session->stage == CHANNEL_AWAIT_IDENTITY)
        bind_whole(session);
    else
        give_kept(session);
}

/* A17: what is not in this list does not reach the engine, whatever it would do with it. */
void lk_channel_half_record(struct channel_session *session, const struct lk_dtls_record *record)
{
    struct channel_half *half = session->half;

    if (record->epoch == 0 && record->type == LK_DTLS_HANDSHAKE) {
        clear_handshake(session, record);
    } else if (record->epoch == 0 && record->type == LK_DTLS_CHANGE_CIPHER_SPEC &&
               record->body.len == 1 && !half->change_given && keep(&half->change, record->whole)) {
        arrived(session);
    } else if (record->epoch == 1 && record->type == LK_DTLS_HANDSHAKE &&
               keep(&half->finished, record->whole)) {
        half->finished_waits = true;
        arrived(session);
    } else {
        session->channel->count.dropped++;
    }
}

/* ---- the key is there ---- */

void lk_channel_key_came(struct lk_channel *channel, struct lk_span identity)
{
    struct channel_half *half = channel->oldest;

    while (half != NULL) {
        if (half->session->stage != CHANNEL_AWAIT_KEY ||
            !lk_span_equal(lk_span_of(half->identity, half->identity_len), identity)) {
            half = half->newer;
            continue;
        }
        if (!ask(half->session))
            return;
        /* Somebody was called back, and the list may be another one. */
        half = channel->oldest;
    }
}

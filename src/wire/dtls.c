#include "wire/dtls.h"

#include <string.h>

enum {
    ALERT_FATAL = 2,
    EXTENSION_MASTER_SECRET = 23,
    EXTENSIONS_MAX = 64, /* of one hello */
};

/* ---- records and messages ---- */

static uint64_t get_be48(struct lk_reader *r)
{
    uint64_t high = lk_get_be16(r);

    return high << 32 | lk_get_be32(r);
}

static void put_be48(struct lk_writer *w, uint64_t value)
{
    lk_put_be16(w, (uint16_t)(value >> 32));
    lk_put_be32(w, (uint32_t)value);
}

/* spec: RFC 6347 4.1 - type, version, epoch, sequence number, length; several records may share a
 * datagram, none may reach beyond it. */
enum lk_status lk_dtls_record_get(struct lk_dtls_record *record, struct lk_reader *datagram)
{
    const uint8_t *begin = datagram->at;

    record->type = lk_get_u8(datagram);
    record->version = lk_get_be16(datagram);
    record->epoch = lk_get_be16(datagram);
    record->sequence = get_be48(datagram);
    record->body = lk_get_lv16(datagram);
    if (datagram->status != LK_OK)
        return datagram->status;
    record->whole = lk_span_of(begin, LK_DTLS_RECORD_HEADER_LEN + record->body.len);
    if (record->body.len == 0)
        return LK_E_LENGTH;
    if (record->type < LK_DTLS_CHANGE_CIPHER_SPEC || record->type > LK_DTLS_APPLICATION_DATA ||
        (record->version != LK_DTLS_1_0 && record->version != LK_DTLS_1_2))
        return LK_E_VALUE;
    return LK_OK;
}

/* spec: RFC 6347 4.2.2 - each message has a number, and each fragment says where in it it lies. */
enum lk_status lk_dtls_message_get(struct lk_dtls_message *message, struct lk_reader *body)
{
    uint32_t fragment_len;

    message->type = lk_get_u8(body);
    message->length = lk_get_be24(body);
    message->sequence = lk_get_be16(body);
    message->offset = lk_get_be24(body);
    fragment_len = lk_get_be24(body);
    if (body->status == LK_OK &&
        (message->length > LK_DTLS_MESSAGE_MAX || message->offset > message->length ||
         fragment_len > message->length - message->offset ||
         (fragment_len == 0 && message->length > 0)))
        lk_reader_fail(body, LK_E_LENGTH);
    message->fragment = lk_get_span(body, fragment_len);
    return body->status;
}

bool lk_dtls_message_is_whole(const struct lk_dtls_message *message)
{
    return message->fragment.len == message->length;
}

/* ---- ClientHello ---- */

/* Whether a type was there before: a hello has few extensions, so the list is walked again. */
static bool came_before(struct lk_span extensions, const uint8_t *until, uint16_t type)
{
    struct lk_reader r = lk_reader_of(extensions);

    while (r.at < until) {
        uint16_t before = lk_get_be16(&r);

        (void)lk_get_lv16(&r);
        if (before == type)
            return true;
    }
    return false;
}

static void extensions_get(struct lk_dtls_client_hello *hello, struct lk_reader *r)
{
    struct lk_span all = lk_get_lv16(r);
    struct lk_reader each = lk_reader_of(all);

    for (size_t count = 0; each.left > 0; count++) {
        const uint8_t *begin = each.at;
        uint16_t type = lk_get_be16(&each);
        struct lk_span value = lk_get_lv16(&each);

        if (each.status == LK_OK && count == EXTENSIONS_MAX)
            lk_reader_fail(&each, LK_E_LENGTH);
        else if (each.status == LK_OK && came_before(all, begin, type))
            lk_reader_fail(&each, LK_E_TWICE);
        if (each.status != LK_OK) {
            lk_reader_fail(r, each.status);
            return;
        }
        /* spec: RFC 7627 5.1 - the extension is empty. */
        if (type == EXTENSION_MASTER_SECRET && value.len == 0)
            hello->extended_master_secret = true;
    }
}

/* spec: RFC 6347 4.2.1 - the cookie stands behind the session identifier. */
enum lk_status lk_dtls_client_hello_decode(struct lk_dtls_client_hello *hello, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    *hello = (struct lk_dtls_client_hello){ .version = lk_get_be16(&r) };
    hello->random = lk_get_span(&r, LK_DTLS_RANDOM_LEN);
    hello->session_id = lk_get_lv8(&r);
    hello->cookie = lk_get_lv8(&r);
    hello->suites = lk_get_lv16(&r);
    hello->compressions = lk_get_lv8(&r);
    if (r.status == LK_OK && r.left > 0)
        extensions_get(hello, &r);
    if (r.status != LK_OK)
        return r.status;
    if (hello->session_id.len > LK_DTLS_SESSION_ID_MAX || hello->suites.len == 0 ||
        hello->suites.len % 2 != 0)
        return LK_E_LENGTH;
    if (hello->compressions.len == 0 ||
        memchr(hello->compressions.at, 0, hello->compressions.len) == NULL)
        return LK_E_VALUE;
    return lk_reader_end(&r);
}

bool lk_dtls_client_hello_offers(const struct lk_dtls_client_hello *hello, uint16_t suite)
{
    struct lk_reader r = lk_reader_of(hello->suites);

    while (r.left > 0)
        if (lk_get_be16(&r) == suite)
            return true;
    return false;
}

/* ---- ClientKeyExchange ---- */

/* spec: RFC 4279 2 - the identity, with two octets of length.
 * spec: RFC 5489 2 - with ECDHE the client's point follows it. */
enum lk_status lk_dtls_psk_identity(struct lk_span *identity, struct lk_span body, bool with_point)
{
    struct lk_reader r = lk_reader_of(body);

    *identity = lk_get_lv16(&r);
    if (with_point && lk_get_lv8(&r).len == 0)
        lk_reader_fail(&r, LK_E_LENGTH);
    return lk_reader_end(&r);
}

/* ---- putting one message together ---- */

static bool is_seen(const struct lk_dtls_join *join, size_t at)
{
    return (join->seen[at / 8] >> (at % 8) & 1) != 0;
}

/* spec: RFC 6347 4.2.3 - fragments may overlap; ours must then say the same. */
enum lk_status lk_dtls_join_add(struct lk_dtls_join *join, const struct lk_dtls_message *message)
{
    if (message->length > LK_DTLS_JOIN_MAX)
        return LK_E_LENGTH;
    if (join->begun && join->length != message->length)
        return LK_E_CONFLICT;
    for (size_t i = 0; i < message->fragment.len; i++)
        if (is_seen(join, message->offset + i) &&
            join->octets[message->offset + i] != message->fragment.at[i])
            return LK_E_CONFLICT;
    join->begun = true;
    join->length = (uint16_t)message->length;
    for (size_t i = 0; i < message->fragment.len; i++) {
        size_t at = message->offset + i;

        if (is_seen(join, at))
            continue;
        join->octets[at] = message->fragment.at[i];
        join->seen[at / 8] |= (uint8_t)(1 << (at % 8));
        join->have++;
    }
    return join->have == join->length ? LK_OK : LK_E_BUSY;
}

/* ---- records of our own ---- */

static size_t record_begin(struct lk_writer *w, uint8_t type, uint16_t version, uint64_t sequence)
{
    lk_put_u8(w, type);
    lk_put_be16(w, version);
    lk_put_be16(w, 0);
    put_be48(w, sequence);
    return lk_put_hole(w, 2);
}

static void record_end(struct lk_writer *w, size_t hole)
{
    lk_patch_be16(w, hole, (uint16_t)(w->len - hole - 2));
}

static void message_header(struct lk_writer *w, uint8_t type, uint16_t sequence, size_t len)
{
    lk_put_u8(w, type);
    lk_put_be24(w, (uint32_t)len);
    lk_put_be16(w, sequence);
    lk_put_be24(w, 0);
    lk_put_be24(w, (uint32_t)len);
}

/* spec: RFC 6347 4.2.1 - the answer takes the record number of the hello that it answers, message
 * number 0, and says DTLS 1.0 whatever is spoken later. */
void lk_dtls_put_hello_verify(struct lk_writer *w, uint64_t sequence, struct lk_span cookie)
{
    size_t hole = record_begin(w, LK_DTLS_HANDSHAKE, LK_DTLS_1_0, sequence);

    message_header(w, LK_DTLS_HELLO_VERIFY_REQUEST, 0, 3 + cookie.len);
    lk_put_be16(w, LK_DTLS_1_0);
    lk_put_lv8(w, cookie);
    record_end(w, hole);
}

void lk_dtls_put_message(struct lk_writer *w, uint64_t sequence, uint8_t type,
                         uint16_t message_sequence, struct lk_span body)
{
    size_t hole = record_begin(w, LK_DTLS_HANDSHAKE, LK_DTLS_1_2, sequence);

    message_header(w, type, message_sequence, body.len);
    lk_put_span(w, body);
    record_end(w, hole);
}

void lk_dtls_put_alert(struct lk_writer *w, uint64_t sequence, enum lk_dtls_alert_code code)
{
    size_t hole = record_begin(w, LK_DTLS_ALERT, LK_DTLS_1_2, sequence);

    lk_put_u8(w, ALERT_FATAL);
    lk_put_u8(w, (uint8_t)code);
    record_end(w, hole);
}

/* Octets as a datagram of DTLS: every record, message, hello and identity in it is read; what is in
 * one piece encodes to the same octets again; fragments never make a message that none of them
 * said. */
#include "fuzz.h"

#include <string.h>

#include "wire/dtls.h"

static void read_hello(struct lk_span body)
{
    struct lk_dtls_client_hello hello;

    if (lk_dtls_client_hello_decode(&hello, body) != LK_OK)
        return;
    LK_ASSERT(hello.random.len == LK_DTLS_RANDOM_LEN && hello.suites.len % 2 == 0);
    LK_ASSERT(lk_dtls_client_hello_offers(
        &hello, (uint16_t)(hello.suites.at[0] << 8 | hello.suites.at[1])));
}

static void read_identity(struct lk_span body)
{
    struct lk_span identity;

    for (int point = 0; point <= 1; point++)
        if (lk_dtls_psk_identity(&identity, body, point == 1) == LK_OK)
            LK_ASSERT(identity.len + 2 <= body.len);
}

static void encode_again(const struct lk_dtls_record *record, const struct lk_dtls_message *message)
{
    static uint8_t room[LK_DTLS_MESSAGE_MAX + 64];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_dtls_put_message(&w, record->sequence, message->type, message->sequence, message->fragment);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), record->whole));
}

static void join(struct lk_dtls_join *to, const struct lk_dtls_message *message)
{
    struct lk_dtls_join before = *to;
    enum lk_status status = lk_dtls_join_add(to, message);

    if (status == LK_OK || status == LK_E_BUSY) {
        LK_ASSERT(to->have <= to->length && to->have >= before.have);
        LK_ASSERT((status == LK_OK) == (to->have == to->length));
        LK_ASSERT(lk_span_equal(
            lk_span_of(to->octets + message->offset, message->fragment.len), message->fragment));
    } else {
        LK_ASSERT(lk_span_equal(LK_SPAN(to->octets), LK_SPAN(before.octets)));
        LK_ASSERT(to->have == before.have && to->length == before.length);
    }
}

static void read_messages(const struct lk_dtls_record *record, struct lk_dtls_join *joined)
{
    struct lk_reader r = lk_reader_of(record->body);
    struct lk_dtls_message message;

    while (r.left > 0 && lk_dtls_message_get(&message, &r) == LK_OK) {
        LK_ASSERT(message.offset + message.fragment.len <= message.length);
        LK_ASSERT(message.length <= LK_DTLS_MESSAGE_MAX);
        join(joined, &message);
        if (!lk_dtls_message_is_whole(&message))
            continue;
        read_hello(message.fragment);
        read_identity(message.fragment);
        if (record->version == LK_DTLS_1_2 && record->epoch == 0 &&
            message.fragment.len + LK_DTLS_HANDSHAKE_HEADER_LEN == record->body.len)
            encode_again(record, &message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    static struct lk_dtls_join joined;

    memset(&joined, 0, sizeof joined);
    while (r.left > 0) {
        struct lk_dtls_record record;

        if (lk_dtls_record_get(&record, &r) != LK_OK)
            continue;
        LK_ASSERT(record.whole.at >= octets && record.whole.at + record.whole.len <= octets + len);
        if (record.type == LK_DTLS_HANDSHAKE)
            read_messages(&record, &joined);
    }
    read_hello(lk_span_of(octets, len));
    read_identity(lk_span_of(octets, len));
    return 0;
}

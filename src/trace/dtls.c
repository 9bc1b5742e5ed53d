/* DTLS in a trace: records and handshake messages as far as they are in the clear. Nothing is
 * decrypted here. */
#include <stdio.h>
#include <string.h>

#include "trace/connection.h"
#include "wire/dtls.h"
#include "wire/wlcp.h"

enum {
    PORT_PMIP = 5436,
    PORT_MIS = 4553, /* of both ends, where nothing else is configured */
    CERTIFICATE = 11,
    CERTIFICATE_REQUEST = 13,
    CLOSE_NOTIFY = 0,
    WARNING = 1,
};

static bool claims(const struct lk_datagram *datagram)
{
    struct lk_reader r = lk_reader_of(datagram->payload);
    struct lk_dtls_record record;

    return datagram->carrier == LK_CARRIER_UDP && lk_dtls_record_get(&record, &r) == LK_OK;
}

/* ---- decoding ---- */

/* The next record of a datagram, in the clear or not. */
static bool next_record(struct lk_reader *r, struct lk_dtls_record *record)
{
    return r->left > 0 && lk_dtls_record_get(record, r) == LK_OK;
}

/* A hello in parts counts as one without: the cookie is in the first part of it or nowhere. */
static bool has_cookie(const struct lk_dtls_message *message)
{
    struct lk_dtls_client_hello hello;

    return message->offset > 0
           || (lk_dtls_message_is_whole(message)
               && lk_dtls_client_hello_decode(&hello, message->fragment) == LK_OK
               && hello.cookie.len > 0);
}

/* The suite that a ServerHello chose: version, random, session, suite. */
static bool chosen_suite(uint16_t *suite, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    (void)lk_get_span(&r, 2 + LK_DTLS_RANDOM_LEN);
    (void)lk_get_lv8(&r);
    *suite = lk_get_be16(&r);
    return r.status == LK_OK;
}

static void take_message(struct lk_trace_message *m, const struct lk_dtls_message *message)
{
    bool whole = lk_dtls_message_is_whole(message);

    switch (message->type) {
    case LK_DTLS_CLIENT_HELLO:
        m->dtls.knows_side = m->request = true;
        m->dtls.hello = !has_cookie(message);
        break;
    case LK_DTLS_CLIENT_KEY_EXCHANGE:
        m->dtls.knows_side = m->request = true;
        if (whole && lk_dtls_psk_identity(&m->dtls.identity, message->fragment, false) != LK_OK
            && lk_dtls_psk_identity(&m->dtls.identity, message->fragment, true) != LK_OK)
            m->dtls.identity = lk_span_of(NULL, 0);
        break;
    case LK_DTLS_SERVER_HELLO:
        if (whole && !chosen_suite(&m->dtls.suite, message->fragment))
            m->dtls.suite = 0;
        m->dtls.knows_side = true;
        m->request = false;
        break;
    case LK_DTLS_HELLO_VERIFY_REQUEST:
    case LK_DTLS_SERVER_KEY_EXCHANGE:
    case LK_DTLS_SERVER_HELLO_DONE:
        m->dtls.knows_side = true;
        m->request = false;
        break;
    default:
        break;
    }
}

static void take_record(struct lk_trace_message *m, const struct lk_dtls_record *record)
{
    struct lk_reader body = lk_reader_of(record->body);
    struct lk_dtls_message message;

    m->dtls.records++;
    m->dtls.data = m->dtls.data || record->type == LK_DTLS_APPLICATION_DATA;
    m->dtls.finished = m->dtls.finished || (record->type == LK_DTLS_HANDSHAKE && record->epoch > 0);
    if (record->epoch > 0)
        return;
    if (record->type == LK_DTLS_ALERT && record->body.len == 2) {
        m->dtls.has_alert = true;
        m->dtls.alert = record->body.at[1];
    }
    while (record->type == LK_DTLS_HANDSHAKE && body.left > 0
           && lk_dtls_message_get(&message, &body) == LK_OK)
        take_message(m, &message);
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_reader r = lk_reader_of(m->octets);
    struct lk_dtls_record record;

    while (next_record(&r, &record))
        take_record(m, &record);
    m->status = r.left == 0 ? LK_OK : LK_E_SHORT;
}

/* ---- runs ---- */

static bool has_port(const struct lk_trace_message *m, uint16_t port)
{
    return m->from.port == port || m->to.port == port;
}

static bool same_host(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    /* tidy: addresses are public. */
    return a->v6 == b->v6 && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* Between an MN and a PoS: by its port, or because the two have spoken MIS before. */
static bool is_of_mis(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    if (has_port(m, PORT_MIS) || has_port(m, LK_WLCP_PORT))
        return has_port(m, PORT_MIS);
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_MIS &&
            ((same_host(&before->from, &m->from) && same_host(&before->to, &m->to)) ||
             (same_host(&before->from, &m->to) && same_host(&before->to, &m->from))))
            return true;
    }
    return false;
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    return lk_connection_place(trace, index, m->dtls.knows_side, m->dtls.hello,
                               has_port(m, PORT_PMIP)    ? LK_TRACE_LINK
                               : is_of_mis(trace, index) ? LK_TRACE_CHANNEL
                                                         : LK_TRACE_SESSION);
}

/* spec: RFC 6347 4.2.4 - the server's Finished ends a full handshake. */
static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    if (m->dtls.identity.len > 0)
        run->identity = m->dtls.identity;
    if (m->dtls.suite != 0)
        run->suite = m->dtls.suite;
    if (run->outcome == LK_TRACE_ACCEPTED)
        return;
    if (m->dtls.has_alert && m->dtls.alert != CLOSE_NOTIFY) {
        run->outcome = LK_TRACE_REJECTED;
        run->alert = m->dtls.alert;
    } else if (m->dtls.data || (m->dtls.finished && !m->request)) {
        run->outcome = LK_TRACE_ACCEPTED;
    } else if (run->outcome != LK_TRACE_REJECTED) {
        run->outcome = m->request ? LK_TRACE_SILENT : LK_TRACE_OPEN;
    }
}

/* ---- names ---- */

static const char *handshake_name(uint8_t type)
{
    switch (type) {
    case LK_DTLS_HELLO_REQUEST:
        return "HelloRequest";
    case LK_DTLS_CLIENT_HELLO:
        return "ClientHello";
    case LK_DTLS_SERVER_HELLO:
        return "ServerHello";
    case LK_DTLS_HELLO_VERIFY_REQUEST:
        return "HelloVerifyRequest";
    case CERTIFICATE:
        return "Certificate";
    case LK_DTLS_SERVER_KEY_EXCHANGE:
        return "ServerKeyExchange";
    case CERTIFICATE_REQUEST:
        return "CertificateRequest";
    case LK_DTLS_SERVER_HELLO_DONE:
        return "ServerHelloDone";
    case LK_DTLS_CLIENT_KEY_EXCHANGE:
        return "ClientKeyExchange";
    case LK_DTLS_FINISHED:
        return "Finished";
    default:
        return "handshake message";
    }
}

const char *lk_trace_alert_name(uint8_t alert)
{
    switch (alert) {
    case CLOSE_NOTIFY:
        return "close_notify";
    case 10:
        return "unexpected_message";
    case 20:
        return "bad_record_mac";
    case LK_DTLS_ALERT_HANDSHAKE_FAILURE:
        return "handshake_failure";
    case 47:
        return "illegal_parameter";
    case 50:
        return "decode_error";
    case LK_DTLS_ALERT_DECRYPT_ERROR:
        return "decrypt_error";
    case LK_DTLS_ALERT_PROTOCOL_VERSION:
        return "protocol_version";
    case 71:
        return "insufficient_security";
    case 80:
        return "internal_error";
    case 115:
        return "unknown_psk_identity";
    default:
        return "alert";
    }
}

const char *lk_trace_suite_name(uint16_t suite)
{
    switch (suite) {
    case 0x00a8:
        return "PSK-AES128-GCM-SHA256";
    case 0x00a9:
        return "PSK-AES256-GCM-SHA384";
    case 0x00aa:
        return "DHE-PSK-AES128-GCM-SHA256";
    case 0xc037:
        return "ECDHE-PSK-AES128-CBC-SHA256";
    case 0xccac:
        return "ECDHE-PSK-CHACHA20-POLY1305";
    case 0xd001:
        return "ECDHE-PSK-AES128-GCM-SHA256";
    default:
        return NULL;
    }
}

/* What a record is, as far as it says. */
static void record_name(char name[LK_TRACE_NAME_MAX], const struct lk_dtls_record *record)
{
    struct lk_reader body = lk_reader_of(record->body);
    struct lk_dtls_message message;

    switch (record->type) {
    case LK_DTLS_CHANGE_CIPHER_SPEC:
        snprintf(name, LK_TRACE_NAME_MAX, "ChangeCipherSpec");
        break;
    case LK_DTLS_APPLICATION_DATA:
        snprintf(name, LK_TRACE_NAME_MAX, "application data");
        break;
    case LK_DTLS_ALERT:
        if (record->epoch == 0 && record->body.len == 2)
            snprintf(name, LK_TRACE_NAME_MAX, "alert %s", lk_trace_alert_name(record->body.at[1]));
        else
            snprintf(name, LK_TRACE_NAME_MAX, "alert, encrypted");
        break;
    default:
        if (record->epoch > 0)
            snprintf(name, LK_TRACE_NAME_MAX, "Finished, encrypted");
        else if (lk_dtls_message_get(&message, &body) == LK_OK)
            snprintf(name, LK_TRACE_NAME_MAX, "%s%s", handshake_name(message.type),
                     lk_dtls_message_is_whole(&message) ? "" : " (part)");
        else
            snprintf(name, LK_TRACE_NAME_MAX, "handshake that does not decode");
        break;
    }
}

/* A flight by its records: each of two, first and last of more. */
static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    struct lk_reader r = lk_reader_of(m->octets);
    char first[LK_TRACE_NAME_MAX] = "", last[LK_TRACE_NAME_MAX] = "", one[LK_TRACE_NAME_MAX];
    struct lk_dtls_record record;
    size_t count = 0;

    while (next_record(&r, &record)) {
        record_name(one, &record);
        if (strcmp(one, last) == 0)
            continue;
        memcpy(count++ == 0 ? first : last, one, sizeof one);
        if (count == 1)
            memcpy(last, one, sizeof one);
    }
    if (count == 0)
        snprintf(name, LK_TRACE_NAME_MAX, "not DTLS (%s)", lk_status_name(m->status));
    else if (count == 1)
        memcpy(name, first, LK_TRACE_NAME_MAX);
    else
        snprintf(name, LK_TRACE_NAME_MAX, "%.40s%s%.40s", first, count == 2 ? ", " : " to ", last);
    if (name[0] >= 'a' && name[0] <= 'z' && m->status == LK_OK)
        name[0] = (char)(name[0] - 'a' + 'A');
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    struct lk_reader r = lk_reader_of(m->octets);
    struct lk_dtls_record record = { .epoch = 0 };

    if (next_record(&r, &record) && m->dtls.records == 1)
        snprintf(name, LK_TRACE_NAME_MAX, "DTLS, epoch %u, record %llu", record.epoch,
                 (unsigned long long)record.sequence);
    else
        snprintf(name, LK_TRACE_NAME_MAX, "DTLS, %zu records", m->dtls.records);
}

static void summarise_hello(char text[LK_TRACE_SUMMARY_MAX], struct lk_span body)
{
    struct lk_dtls_client_hello hello;
    struct lk_reader suites;
    char word[48];

    if (lk_dtls_client_hello_decode(&hello, body) != LK_OK)
        return;
    lk_trace_append(text, lk_span_text(hello.cookie.len > 0 ? "cookie" : "no cookie"), true);
    if (!hello.extended_master_secret)
        lk_trace_append(text, lk_span_text("no extended master secret"), true);
    suites = lk_reader_of(hello.suites);
    while (suites.left >= 2) {
        uint16_t suite = lk_get_be16(&suites);

        if (lk_trace_suite_name(suite) != NULL) {
            lk_trace_append(text, lk_span_text(lk_trace_suite_name(suite)), true);
        } else if (suite != 0x00ff) {
            snprintf(word, sizeof word, "%04x", suite);
            lk_trace_append(text, lk_span_text(word), true);
        }
    }
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    struct lk_reader r = lk_reader_of(m->octets), body;
    struct lk_dtls_message message;
    struct lk_dtls_record record;
    uint16_t suite;

    while (next_record(&r, &record)) {
        body = lk_reader_of(record.body);
        while (record.epoch == 0 && record.type == LK_DTLS_HANDSHAKE && body.left > 0
               && lk_dtls_message_get(&message, &body) == LK_OK) {
            if (message.type == LK_DTLS_CLIENT_HELLO)
                summarise_hello(text, message.fragment);
            if (message.type == LK_DTLS_SERVER_HELLO && chosen_suite(&suite, message.fragment)
                && lk_trace_suite_name(suite) != NULL)
                lk_trace_append(text, lk_span_text(lk_trace_suite_name(suite)), true);
        }
    }
    if (m->dtls.identity.len > 0) {
        lk_trace_append(text, lk_span_text("identity "), true);
        lk_trace_append(text, m->dtls.identity, false);
    }
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    lk_connection_rung(rung, trace, index);
    rung->kind = m->dtls.has_alert && m->dtls.alert != CLOSE_NOTIFY ? LK_RUNG_REFUSED :
                 m->dtls.finished && !m->request ? LK_RUNG_GRANTED :
                 m->dtls.knows_side && m->dtls.identity.len > 0 ? LK_RUNG_CHALLENGE :
                 LK_RUNG_PLAIN;
}

/* ---- fields ---- */

static void tell_hello(const struct lk_teller *t, struct lk_span body)
{
    struct lk_dtls_client_hello hello;
    char text[LK_FIELD_VALUE_MAX];
    struct lk_reader suites;

    if (lk_dtls_client_hello_decode(&hello, body) != LK_OK)
        return;
    lk_tell(t, 2, "Version", "RFC 6347 4.1", "%04x%s", hello.version,
            hello.version == LK_DTLS_1_2 ? " (DTLS 1.2)" : "");
    lk_field_hex(text, hello.cookie);
    lk_tell(t, 2, "Cookie", "RFC 6347 4.2.1", "%s", hello.cookie.len > 0 ? text : "none");
    lk_tell(t, 2, "Extended master secret", "RFC 7627 5.1", "%s",
            hello.extended_master_secret ? "yes" : "no");
    suites = lk_reader_of(hello.suites);
    while (suites.left >= 2) {
        uint16_t suite = lk_get_be16(&suites);
        const char *name = lk_trace_suite_name(suite);

        lk_tell(t, 2, "Suite", "", "%04x %s", suite, name != NULL ? name : "");
    }
}

static void tell_messages(const struct lk_teller *t, const struct lk_dtls_record *record)
{
    struct lk_reader body = lk_reader_of(record->body);
    char text[LK_FIELD_VALUE_MAX];
    struct lk_dtls_message message;
    struct lk_span identity;
    uint16_t suite;

    while (body.left > 0 && lk_dtls_message_get(&message, &body) == LK_OK) {
        lk_tell(t, 1, handshake_name(message.type), "RFC 6347 4.2.2",
                "message %u, octets %u to %zu of %u", message.sequence, message.offset,
                message.offset + message.fragment.len, message.length);
        if (!lk_dtls_message_is_whole(&message))
            continue;
        if (message.type == LK_DTLS_CLIENT_HELLO)
            tell_hello(t, message.fragment);
        if (message.type == LK_DTLS_SERVER_HELLO && chosen_suite(&suite, message.fragment))
            lk_tell(t, 2, "Suite", "", "%04x %s", suite,
                    lk_trace_suite_name(suite) != NULL ? lk_trace_suite_name(suite) : "");
        if (message.type == LK_DTLS_CLIENT_KEY_EXCHANGE
            && (lk_dtls_psk_identity(&identity, message.fragment, false) == LK_OK
                || lk_dtls_psk_identity(&identity, message.fragment, true) == LK_OK)) {
            lk_field_text(text, identity);
            lk_tell(t, 2, "PSK identity", "RFC 4279 2", "%s", text);
        }
    }
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    struct lk_reader r = lk_reader_of(m->octets);
    char name[LK_TRACE_NAME_MAX];
    struct lk_dtls_record record;

    while (next_record(&r, &record)) {
        record_name(name, &record);
        lk_tell(t, 0, "DTLS record", "RFC 6347 4.1", "%s, %zu octets", name, record.whole.len);
        lk_tell(t, 1, "Content type", "", "%u", record.type);
        lk_tell(t, 1, "Version", "", "%04x", record.version);
        lk_tell(t, 1, "Epoch, sequence", "", "%u, %llu", record.epoch,
                (unsigned long long)record.sequence);
        if (record.epoch > 0)
            lk_tell(t, 1, "Encrypted", "", "%zu octets", record.body.len);
        else if (record.type == LK_DTLS_HANDSHAKE)
            tell_messages(t, &record);
        else if (record.type == LK_DTLS_ALERT && record.body.len == 2)
            lk_tell(t, 1, "Alert", "RFC 5246 7.2", "%s, %u (%s)",
                    record.body.at[0] == WARNING ? "warning" : "fatal", record.body.at[1],
                    lk_trace_alert_name(record.body.at[1]));
    }
    if (m->status != LK_OK)
        lk_tell(t, 0, "Not a record", "", "%zu octets", r.left);
}

const struct lk_trace_protocol lk_trace_protocol_dtls = {
    .name = "DTLS",
    .claims = claims,
    .decode = decode,
    .place = place,
    .sum_up = sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = fields,
};

/* What captures of LTE-WLAN aggregation add to files and their reader: frames of IEEE 802.11, keys
 * of ours, TCP; and the messages of Xw out of SCTP and TCP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/xw_read.h"
#include "wire/ieee80211.h"

static const struct lk_capture_end enb = { .address = { 127, 0, 0, 1 }, .port = 40000 };
static const struct lk_capture_end wt = { .address = { 127, 0, 0, 2 }, .port = 36462 };
static struct lk_xw_reader reader;

/* ---- the file ---- */

/* spec: draft-ietf-opsawg-pcapng 4.7 - secrets of another kind are for others. */
static void a_file_has_air_and_keys(void **state)
{
    static const struct lk_capture_options all = { .link = LK_LINK_RAW_IP, .opened = true,
                                                   .air = true };
    static const struct lk_capture_options no_air = { .link = LK_LINK_RAW_IP, .opened = true };
    static const uint8_t frame[] = { 0xc0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0,
                                     0, 1, 0x10, 0, 3, 0 };
    char path[] = "/tmp/lk-air-XXXXXX";
    static uint8_t file[4096];
    struct lk_pcapng_packet packet;
    struct lk_pcapng_reader in;
    struct lk_datagram d;
    struct lk_capture *capture;
    int fd = mkstemp(path);
    FILE *from;

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(lk_capture_open(&capture, path, &no_air), LK_OK);
    assert_int_equal(lk_capture_air(capture, 1, LK_SPAN(frame), NULL), LK_E_UNSUPPORTED);
    lk_capture_close(capture);
    assert_int_equal(lk_capture_open(&capture, path, &all), LK_OK);
    assert_int_equal(lk_capture_secrets(capture, 0x12345678, lk_span_text("of others")), LK_OK);
    assert_int_equal(lk_capture_secrets(capture, LK_SECRETS_LATCHKEY, lk_span_text("a line\n")),
                     LK_OK);
    assert_int_equal(lk_capture_air(capture, 5, LK_SPAN(frame), "c"), LK_OK);
    lk_capture_close(capture);
    from = fopen(path, "rb");
    assert_non_null(from);
    in = lk_pcapng_reader_of(lk_span_of(file, fread(file, 1, sizeof file, from)));
    fclose(from);
    unlink(path);
    assert_int_equal(lk_pcapng_next(&in, &packet), LK_OK);
    assert_true(packet.keys && in.has_secrets);
    assert_true(lk_span_equal(packet.octets, lk_span_text("a line\n")));
    assert_int_equal(lk_pcapng_next(&in, &packet), LK_OK);
    assert_false(packet.keys);
    assert_int_equal(packet.link, LK_LINK_RADIOTAP);
    assert_int_equal(packet.at_ns, 5);
    assert_int_equal(lk_datagram_read(&d, packet.link, packet.octets), LK_OK);
    assert_int_equal(d.carrier, LK_CARRIER_80211);
    assert_true(lk_span_equal(d.payload, LK_SPAN(frame)));
    assert_true(d.from.mac && d.from.address[5] == 2 && d.to.address[5] == 1);
    for (size_t cut = 0; cut < LK_RADIOTAP_LEN + 24; cut++)
        assert_int_not_equal(lk_datagram_read(&d, packet.link, lk_span_of(packet.octets.at, cut)),
                             LK_OK);
    assert_int_equal(lk_pcapng_next(&in, &packet), LK_E_NOT_FOUND);
}

/* ---- TCP ---- */

static size_t segment(uint8_t octets[256], uint32_t sequence, uint8_t flags, struct lk_span data)
{
    struct lk_writer w = lk_writer_of(octets, 256);

    lk_put_be32(&w, 0x45000000 + 44 + (uint32_t)data.len);
    lk_put_be32(&w, 0x4000);
    lk_put_be32(&w, 0x40060000);
    lk_put_octets(&w, enb.address, 4);
    lk_put_octets(&w, wt.address, 4);
    lk_put_be16(&w, enb.port);
    lk_put_be16(&w, wt.port);
    lk_put_be32(&w, sequence);
    lk_put_be32(&w, 0);
    lk_put_be16(&w, (uint16_t)(0x6000 | flags)); /* four octets of options */
    lk_put_zeroes(&w, 6);
    lk_put_be32(&w, 0x01010101);
    lk_put_span(&w, data);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

/* spec: RFC 9293 3.1 - the payload begins where the data offset says. */
static void a_segment_is_read(void **state)
{
    uint8_t octets[256];
    size_t len = segment(octets, 77, 2, lk_span_text("data"));
    struct lk_datagram d;

    assert_int_equal(lk_datagram_read(&d, LK_LINK_RAW_IP, lk_span_of(octets, len)), LK_OK);
    assert_int_equal(d.carrier, LK_CARRIER_TCP);
    assert_true(d.begins);
    assert_int_equal(d.sequence, 77);
    assert_int_equal(d.from.port, enb.port);
    assert_int_equal(d.to.port, wt.port);
    assert_true(lk_span_equal(d.payload, lk_span_text("data")));
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(lk_datagram_read(&d, LK_LINK_RAW_IP, lk_span_of(octets, cut)),
                         cut == 0 ? LK_E_UNKNOWN : LK_E_SHORT);
    octets[32] = 0x40;
    assert_int_equal(lk_datagram_read(&d, LK_LINK_RAW_IP, lk_span_of(octets, len)), LK_E_LENGTH);
    octets[32] = 0xf0;
    assert_int_equal(lk_datagram_read(&d, LK_LINK_RAW_IP, lk_span_of(octets, len)), LK_E_LENGTH);
}

/* What comes of a segment: the messages, with a bar between. */
static const char *of_segment(uint32_t sequence, bool begins, struct lk_span data)
{
    static char said[256];
    struct lk_datagram d = { .carrier = LK_CARRIER_TCP, .from = enb, .to = wt, .begins = begins,
                             .sequence = sequence, .payload = data };
    struct lk_span message;

    said[0] = '\0';
    assert_true(lk_xw_read(&reader, &d));
    while (lk_xw_read_next(&reader, &message) == LK_OK) {
        size_t len = strlen(said);

        (void)snprintf(said + len, sizeof said - len, "%.*s|", (int)message.len,
                       (const char *)message.at);
    }
    return said;
}

static void frames_of_a_stream_are_told(void **state)
{
    static const uint8_t stream[] = { 0, 0, 0, 3, 'o', 'n', 'e', 0, 0, 0, 0, 0, 0, 0, 2, 't', 'w',
                                      0, 0, 0, 1, 'x' };
    static const uint8_t bad[] = { 0xff, 0, 0, 0, 1 };

    lk_xw_reader_init(&reader);
    assert_string_equal(of_segment(9, true, lk_span_of(NULL, 0)), "");
    assert_string_equal(of_segment(10, false, lk_span_of(stream, 13)), "one|");
    assert_string_equal(of_segment(10, false, lk_span_of(stream, 13)), ""); /* again */
    assert_string_equal(of_segment(20, false, lk_span_of(stream + 10, 12)), "tw|x|");
    /* a hole: nothing more of this stream, until it begins anew */
    assert_string_equal(of_segment(40, false, lk_span_of(stream, 7)), "");
    assert_string_equal(of_segment(32, false, lk_span_of(stream, 7)), "");
    assert_string_equal(of_segment(UINT32_MAX, true, lk_span_of(NULL, 0)), "");
    assert_string_equal(of_segment(0, false, LK_SPAN(stream)), "one|tw|x|");
    assert_string_equal(of_segment(sizeof stream, false, LK_SPAN(bad)), "");
    assert_string_equal(of_segment(sizeof stream + 5, false, LK_SPAN(stream)), "");
    lk_xw_reader_wipe(&reader);
}

/* ---- SCTP ---- */

struct chunk {
    uint8_t flags;
    uint32_t tsn, ppid;
    const char *text;
};

static const char *of_packet(const struct chunk *chunks, size_t count)
{
    static char said[256];
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_datagram d = { .carrier = LK_CARRIER_UDP, .from = enb, .to = wt };
    struct lk_span message;

    lk_put_be32(&w, (uint32_t)LK_XWAP_PORT << 16 | LK_XWAP_PORT);
    lk_put_zeroes(&w, 8);
    for (size_t i = 0; i < count; i++) {
        struct lk_span text = lk_span_text(chunks[i].text);

        lk_put_be16(&w, chunks[i].flags);
        lk_put_be16(&w, (uint16_t)(16 + text.len));
        lk_put_be32(&w, chunks[i].tsn);
        lk_put_be32(&w, 0);
        lk_put_be32(&w, chunks[i].ppid);
        lk_put_span(&w, text);
        lk_put_zeroes(&w, (4 - text.len % 4) % 4);
    }
    d.payload = lk_writer_span(&w);
    d.from.port = d.to.port = LK_XW_READ_SCTP;
    said[0] = '\0';
    assert_true(lk_xw_read(&reader, &d));
    while (lk_xw_read_next(&reader, &message) == LK_OK) {
        size_t len = strlen(said);

        (void)snprintf(said + len, sizeof said - len, "%.*s|", (int)message.len,
                       (const char *)message.at);
    }
    return said;
}

/* spec: RFC 9260 6.9 - pieces of a message have TSNs in a row, from B to E. */
static void pieces_of_a_message_are_joined(void **state)
{
    enum { P = LK_XWAP_PPID };
    static const struct chunk two[] = { { 3, 1, P, "one" }, { 3, 2, P, "two" } };
    static const struct chunk other[] = { { 3, 3, 59, "not xwap" } };
    static const struct chunk begin[] = { { 2, 4, P, "th" } }, middle[] = { { 0, 5, P, "r" } };
    static const struct chunk end[] = { { 1, 6, P, "ee" }, { 2, 7, P, "f" } };
    static const struct chunk hole[] = { { 1, 9, P, "our" } };

    lk_xw_reader_init(&reader);
    assert_string_equal(of_packet(two, 2), "one|two|");
    assert_string_equal(of_packet(other, 1), "");
    assert_string_equal(of_packet(begin, 1), "");
    assert_string_equal(of_packet(middle, 1), "");
    assert_string_equal(of_packet(middle, 1), ""); /* again */
    assert_string_equal(of_packet(end, 2), "three|");
    assert_string_equal(of_packet(hole, 1), "");
    assert_string_equal(of_packet(end, 1), "");
    lk_xw_reader_wipe(&reader);
}

/* spec: RFC 6951 5.2 - the port of UDP may be another one; the packet inside says what it is. */
static void another_port_of_udp_is_found_by_the_checksum(void **state)
{
    uint8_t octets[32] = { LK_XWAP_PORT >> 8, LK_XWAP_PORT & 0xff, 0x12, 0x34 };
    struct lk_datagram d = { .carrier = LK_CARRIER_UDP, .from = enb, .to = wt,
                             .payload = LK_SPAN(octets) };
    uint32_t sum;

    lk_xw_reader_init(&reader);
    d.from.port = 49900;
    d.to.port = 49899;
    assert_false(lk_xw_read(&reader, &d));
    sum = lk_sctp_checksum(d.payload);
    for (size_t i = 0; i < 4; i++)
        octets[LK_SCTP_CHECKSUM_AT + i] = (uint8_t)(sum >> 8 * i);
    assert_true(lk_xw_read(&reader, &d));
    octets[sizeof octets - 1] ^= 1;
    assert_false(lk_xw_read(&reader, &d));
    octets[sizeof octets - 1] ^= 1;
    octets[0] ^= 1; /* nor of Xw, whatever the checksum */
    sum = lk_sctp_checksum(d.payload);
    for (size_t i = 0; i < 4; i++)
        octets[LK_SCTP_CHECKSUM_AT + i] = (uint8_t)(sum >> 8 * i);
    assert_false(lk_xw_read(&reader, &d));
    lk_xw_reader_wipe(&reader);
}

static void others_are_not_of_xw(void **state)
{
    struct lk_datagram d = { .carrier = LK_CARRIER_UDP, .from = enb, .to = wt,
                             .payload = lk_span_text("0123456789abcdef") };

    lk_xw_reader_init(&reader);
    assert_false(lk_xw_read(&reader, &d));
    d.from.port = LK_XW_READ_SCTP;
    assert_true(lk_xw_read(&reader, &d));
    d.payload.len = 11;
    assert_false(lk_xw_read(&reader, &d));
    d.carrier = LK_CARRIER_TCP;
    d.to.port = 80;
    assert_false(lk_xw_read(&reader, &d));
    /* more flows than there is memory for: the oldest goes, and nothing else happens */
    for (uint16_t port = 1; port < 3 * LK_XW_READ_FLOWS; port++) {
        d.to.port = LK_XWAP_PORT;
        d.from.port = port;
        assert_true(lk_xw_read(&reader, &d));
    }
    lk_xw_reader_wipe(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_air_and_keys),
        cmocka_unit_test(a_segment_is_read),
        cmocka_unit_test(frames_of_a_stream_are_told),
        cmocka_unit_test(pieces_of_a_message_are_joined),
        cmocka_unit_test(another_port_of_udp_is_found_by_the_checksum),
        cmocka_unit_test(others_are_not_of_xw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* io/pcapng and trace/pcapng_read: what is written is read back, whole and cut at every octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/pcapng.h"
#include "trace/pcapng_read.h"

static const struct lk_capture_end here4 = { .address = { 127, 0, 0, 1 }, .port = 40000 };
static const struct lk_capture_end there4 = { .address = { 127, 0, 0, 2 }, .port = 1812 };
static const struct lk_capture_end here6 = { .v6 = true, .address = { [15] = 1 }, .port = 40000 };
static const struct lk_capture_end there6 = { .v6 = true, .address = { [15] = 2 }, .port = 1812 };

struct row {
    enum lk_link link;
    bool v6;
    bool microseconds;
    const char *payload;
    const char *comment;
};

static const struct row rows[] = {
    { LK_LINK_RAW_IP, false, false, "four", "a comment" },
    { LK_LINK_RAW_IP, true, false, "odd", NULL },
    { LK_LINK_ETHERNET, false, true, "", "five!" },
    { LK_LINK_ETHERNET, true, true, "something longer", "" },
};

static struct lk_span build(uint8_t *room, size_t cap, const struct row *row)
{
    struct lk_capture_options options = { .link = row->link, .microseconds = row->microseconds };
    struct lk_writer w = lk_writer_of(room, cap), f;
    uint8_t frame[256];

    f = lk_writer_of(frame, sizeof frame);
    assert_int_equal(lk_capture_put_udp(&f, row->link, row->v6 ? &here6 : &here4,
                                        row->v6 ? &there6 : &there4, lk_span_text(row->payload)),
                     LK_OK);
    lk_pcapng_put_section(&w);
    lk_pcapng_put_interface(&w, &options);
    lk_pcapng_put_secrets(&w, 0x544c534b, lk_span_text("never mind"));
    lk_pcapng_put_packet(&w, LK_CAPTURE_WIRE, 1234567, lk_writer_span(&f), row->comment);
    lk_pcapng_put_packet(&w, LK_CAPTURE_WIRE, 1234568, lk_writer_span(&f), NULL);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return lk_writer_span(&w);
}

static void expect_first(struct lk_pcapng_packet *packet, const struct row *row)
{
    const char *comment = row->comment != NULL ? row->comment : "";
    struct lk_datagram datagram;

    assert_int_equal(packet->at_ns, row->microseconds ? 1234567000 : 1234567);
    assert_true(lk_span_equal(packet->comment, lk_span_text(comment)));
    assert_false(packet->cut);
    assert_int_equal(lk_datagram_read(&datagram, packet->link, packet->octets), LK_OK);
    assert_true(lk_span_equal(datagram.payload, lk_span_text(row->payload)));
    assert_int_equal(datagram.from.port, 40000);
    assert_int_equal(datagram.to.port, 1812);
    assert_int_equal(datagram.to.v6, row->v6);
    assert_int_equal(datagram.to.address[row->v6 ? 15 : 3], 2);
}

/* spec: draft-ietf-opsawg-pcapng 3.1 - each block can be walked by its length. */
/* spec: draft-ietf-opsawg-pcapng 4.2 - the interface says its unit of time. */
static void what_is_written_is_read(void **state)
{
    uint8_t room[1024];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_span file = build(room, sizeof room, &rows[i]);
        struct lk_pcapng_reader reader = lk_pcapng_reader_of(file);
        struct lk_pcapng_packet packet;

        assert_int_equal(lk_pcapng_next(&reader, &packet), LK_OK);
        expect_first(&packet, &rows[i]);
        assert_true(reader.has_secrets);
        assert_int_equal(lk_pcapng_next(&reader, &packet), LK_OK);
        assert_int_equal(packet.comment.len, 0);
        assert_int_equal(lk_pcapng_next(&reader, &packet), LK_E_NOT_FOUND);
        assert_int_equal(lk_pcapng_next(&reader, &packet), LK_E_NOT_FOUND);
    }
}

/* A capture that broke off gives what was whole, then says that it broke off. */
static void every_cut_gives_the_packets_before_it(void **state)
{
    uint8_t room[1024];
    struct lk_span file = build(room, sizeof room, &rows[0]);
    size_t clean_ends = 0;

    for (size_t len = 0; len <= file.len; len++) {
        uint8_t *copy = malloc(len + 1);
        struct lk_pcapng_reader reader = lk_pcapng_reader_of(lk_span_of(copy, len));
        struct lk_pcapng_packet packet;
        size_t packets = 0;
        enum lk_status status;

        assert_non_null(copy);
        memcpy(copy, file.at, len);
        while ((status = lk_pcapng_next(&reader, &packet)) == LK_OK)
            packets++;
        assert_true(status == LK_E_SHORT || status == LK_E_NOT_FOUND);
        clean_ends += status == LK_E_NOT_FOUND;
        assert_int_equal(packets, len == file.len ? 2 : packets < 2 ? packets : 99);
        free(copy);
    }
    assert_int_equal(clean_ends, 5); /* behind each of the five blocks */
}

static void swap32(uint8_t *at)
{
    uint8_t first = at[0], second = at[1];

    at[0] = at[3];
    at[1] = at[2];
    at[2] = second;
    at[3] = first;
}

/* spec: draft-ietf-opsawg-pcapng 4.1 - the magic says the octet order of the section. */
static void little_endian_is_read(void **state)
{
    static const uint8_t head[] = {
        0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0,
        1, 0, 0, 0, 20, 0, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
        6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0,
        2, 0, 0, 0, 9, 0, 0, 0, 0xaa, 0xbb, 0, 0, 36, 0, 0, 0,
    };
    struct lk_pcapng_reader reader = lk_pcapng_reader_of(LK_SPAN(head));
    struct lk_pcapng_packet packet;

    assert_int_equal(lk_pcapng_next(&reader, &packet), LK_OK);
    assert_int_equal(packet.at_ns, 7000); /* microseconds by default */
    assert_int_equal(packet.link, LK_LINK_RAW_IP);
    assert_int_equal(packet.octets.len, 2);
    assert_true(packet.cut);
    assert_int_equal(lk_pcapng_next(&reader, &packet), LK_E_NOT_FOUND);
}

static void lies_are_refused(void **state)
{
    static const struct {
        size_t offset; /* of the length to change in the packet block */
        uint32_t value;
        enum lk_status status;
    } lies[] = {
        { 4, 0, LK_E_LENGTH }, { 4, 11, LK_E_LENGTH }, { 4, 0xfffffffc, LK_E_LENGTH },
        { 4, 12, LK_E_LENGTH },
        { 36, 44, LK_E_LENGTH },  /* the second length does not say the same */
        { 8, 1, LK_E_VALUE },     /* an interface that is not there */
        { 20, 4000, LK_E_LENGTH } /* more captured than the block holds */,
    };
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP };
    uint8_t room[256];

    for (size_t i = 0; i < LK_COUNT_OF(lies); i++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_pcapng_packet packet;
        struct lk_pcapng_reader reader;
        size_t start;

        lk_pcapng_put_section(&w);
        lk_pcapng_put_interface(&w, &options);
        start = w.len;
        lk_pcapng_put_packet(&w, LK_CAPTURE_WIRE, 1, lk_span_text("frame"), NULL);
        memcpy(room + start + lies[i].offset, &lies[i].value, 4);
        swap32(room + start + lies[i].offset);
        reader = lk_pcapng_reader_of(lk_writer_span(&w));
        assert_int_equal(lk_pcapng_next(&reader, &packet), lies[i].status);
        assert_int_equal(lk_pcapng_next(&reader, &packet), lies[i].status);
    }
}

static uint32_t ones_sum(uint32_t sum, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += (uint32_t)at[i] << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* spec: RFC 791 3.1 - summed with its checksum, the header gives all ones. */
/* spec: RFC 768 Fields - so does the datagram with its pseudo header. */
/* spec: RFC 8200 8.1 - and over IPv6. */
static void checksums_verify(void **state)
{
    uint8_t frame[256];

    for (size_t len = 0; len < 8; len++) {
        struct lk_writer w = lk_writer_of(frame, sizeof frame);
        uint32_t sum;

        assert_int_equal(lk_capture_put_udp(&w, LK_LINK_RAW_IP, &here4, &there4,
                                            lk_span_of("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", len)),
                         LK_OK);
        assert_int_equal(ones_sum(0, frame, 20), 0xffff);
        sum = ones_sum(17 + 8 + (uint32_t)len, frame + 12, 8);
        assert_int_equal(ones_sum(sum, frame + 20, 8 + len), 0xffff);
        w = lk_writer_of(frame, sizeof frame);
        assert_int_equal(lk_capture_put_udp(&w, LK_LINK_RAW_IP, &here6, &there6,
                                            lk_span_of("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", len)),
                         LK_OK);
        sum = ones_sum(17 + 8 + (uint32_t)len, frame + 8, 32);
        assert_int_equal(ones_sum(sum, frame + 40, 8 + len), 0xffff);
    }
}

static void a_frame_cut_short_is_a_status(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct lk_datagram datagram;
        uint8_t frame[256];
        struct lk_writer w = lk_writer_of(frame, sizeof frame);

        assert_int_equal(lk_capture_put_udp(&w, LK_LINK_ETHERNET, v6 ? &here6 : &here4,
                                            v6 ? &there6 : &there4, lk_span_text("body")), LK_OK);
        for (size_t len = 0; len < w.len; len++)
            assert_int_equal(lk_datagram_read(&datagram, LK_LINK_ETHERNET, lk_span_of(frame, len)),
                             LK_E_SHORT);
        frame[14 + (v6 ? 6 : 9)] = 47; /* GRE */
        assert_int_equal(lk_datagram_read(&datagram, LK_LINK_ETHERNET, lk_writer_span(&w)),
                         LK_E_UNKNOWN);
    }
}

/* Frames without IP, and Mobility Headers, are handed on as what they are. */
static void other_carriers_are_read(void **state)
{
    static const uint8_t eapol[] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0x8e, 2, 1, 0, 0 };
    uint8_t mobility[14 + 40 + 8] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0,
                                      0, 8, 135, 64, [54] = 59, [56] = 5 };
    struct lk_datagram d;

    assert_int_equal(lk_datagram_read(&d, LK_LINK_ETHERNET, LK_SPAN(eapol)), LK_OK);
    assert_int_equal(d.carrier, LK_CARRIER_ETHER);
    assert_int_equal(d.number, 0x888e);
    assert_int_equal(d.payload.len, 4);
    assert_true(d.from.mac && d.from.address[5] == 1 && d.to.address[5] == 2);
    for (size_t len = 0; len < 14; len++)
        assert_int_equal(lk_datagram_read(&d, LK_LINK_ETHERNET, lk_span_of(eapol, len)),
                         LK_E_SHORT);
    assert_int_equal(lk_datagram_read(&d, LK_LINK_ETHERNET, LK_SPAN(mobility)), LK_OK);
    assert_int_equal(d.carrier, LK_CARRIER_IP);
    assert_int_equal(d.number, 135);
    assert_int_equal(d.payload.len, 8);
    for (size_t len = 0; len < sizeof mobility; len++)
        assert_int_equal(lk_datagram_read(&d, LK_LINK_ETHERNET, lk_span_of(mobility, len)),
                         LK_E_SHORT);
}

/* A message in clear comes back with its dissector and both ends, cut at every octet or whole. */
static void opened_messages_are_read(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct lk_capture_opened about = { .dissector = "wlcp", .from = v6 ? here6 : here4,
                                           .to = v6 ? there6 : there4 };
        uint8_t frame[256];
        struct lk_writer w = lk_writer_of(frame, sizeof frame);
        struct lk_datagram d;
        size_t tags;

        assert_int_equal(lk_capture_put_opened(&w, &about, lk_span_text("message")), LK_OK);
        tags = w.len - 7;
        for (size_t len = 0; len < tags; len++)
            assert_int_equal(lk_datagram_read(&d, LK_LINK_UPPER_PDU, lk_span_of(frame, len)),
                             LK_E_SHORT);
        assert_int_equal(lk_datagram_read(&d, LK_LINK_UPPER_PDU, lk_writer_span(&w)), LK_OK);
        assert_int_equal(d.carrier, LK_CARRIER_OPENED);
        assert_true(lk_span_equal(d.dissector, lk_span_text("wlcp")));
        assert_true(lk_span_equal(d.payload, lk_span_text("message")));
        assert_int_equal(d.from.port, 40000);
        assert_int_equal(d.to.port, 1812);
        assert_int_equal(d.to.v6, v6);
        assert_int_equal(d.to.address[v6 ? 15 : 3], 2);
        about.to = v6 ? there4 : there6;
        assert_int_equal(lk_capture_put_opened(&w, &about, lk_span_text("x")), LK_E_VALUE);
    }
}

/* Two writers of one file: the second begins no section, and finds no other file good enough. */
static void a_file_is_joined(void **state)
{
    char dir[] = "/tmp/lk-pcapng-XXXXXX", path[64];
    static uint8_t file[4096];
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .opened = true };
    struct lk_capture_options others = { .link = LK_LINK_ETHERNET };
    struct lk_capture_opened about = { .dissector = "mipv6", .from = here4, .to = there4 };
    struct lk_capture *first, *second;
    struct lk_pcapng_packet packet;
    struct lk_pcapng_reader reader;
    uint32_t links[3] = { 0 };
    size_t packets = 0;
    struct stat st;
    FILE *in;

    assert_non_null(mkdtemp(dir));
    assert_true(snprintf(path, sizeof path, "%s/x.pcapng", dir) > 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(lk_capture_join(&first, path, &options), LK_E_SYSTEM);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lk_capture_join(&first, path, &options), LK_OK);
    assert_int_equal(lk_capture_join(&second, path, &others), LK_E_CONFLICT);
    assert_null(second);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(lk_capture_join(&second, path, &options), LK_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lk_capture_udp(first, 1, &here4, &there4, lk_span_text("x"), NULL), LK_OK);
    assert_int_equal(lk_capture_key_log(second, "CLIENT_RANDOM 00 11"), LK_OK);
    assert_int_equal(lk_capture_message(second, 2, &about, lk_span_text("y"), "c"), LK_OK);
    assert_int_equal(lk_capture_udp(first, 3, &here4, &there4, lk_span_text("z"), NULL), LK_OK);
    lk_capture_close(second);
    lk_capture_close(first);
    in = fopen(path, "rb");
    assert_non_null(in);
    reader = lk_pcapng_reader_of(lk_span_of(file, fread(file, 1, sizeof file, in)));
    fclose(in);
    while (lk_pcapng_next(&reader, &packet) == LK_OK) {
        assert_true(packets < 3);
        assert_int_equal(packet.at_ns, packets + 1);
        links[packets++] = packet.link;
    }
    assert_int_equal(packets, 3);
    assert_true(reader.has_secrets);
    assert_int_equal(links[1], LK_LINK_UPPER_PDU);
    assert_int_equal(links[2], LK_LINK_RAW_IP);
    assert_int_equal(lk_capture_open(&first, path, &others), LK_OK);
    assert_int_equal(lk_capture_message(first, 2, &about, lk_span_text("y"), NULL),
                     LK_E_UNSUPPORTED);
    lk_capture_close(first);
    unlink(path);
    rmdir(dir);
}

/* The file holds every block as soon as the call returns: nothing waits for a close. */
static void the_file_is_whole_after_each_packet(void **state)
{
    char dir[] = "/tmp/lk-pcapng-XXXXXX", path[64];
    static uint8_t file[2048], big[65536];
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP };
    struct lk_capture *capture;
    struct stat st;

    assert_non_null(mkdtemp(dir));
    assert_true(snprintf(path, sizeof path, "%s/x.pcapng", dir) > 0);
    assert_int_equal(lk_capture_open(&capture, path, &options), LK_OK);
    for (size_t i = 1; i <= 3; i++) {
        struct lk_pcapng_packet packet;
        struct lk_pcapng_reader reader;
        FILE *in;
        size_t len, packets = 0;

        assert_int_equal(lk_capture_udp(capture, i, &here4, &there4, lk_span_text("x"), "c"),
                         LK_OK);
        in = fopen(path, "rb");
        assert_non_null(in);
        len = fread(file, 1, sizeof file, in);
        fclose(in);
        reader = lk_pcapng_reader_of(lk_span_of(file, len));
        while (lk_pcapng_next(&reader, &packet) == LK_OK)
            packets++;
        assert_int_equal(packets, i);
    }
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lk_capture_udp(capture, 1, &here4, &there4, LK_SPAN(big), NULL), LK_E_LENGTH);
    assert_int_equal(lk_capture_udp(capture, 1, &here4, &there6, lk_span_text("x"), NULL),
                     LK_E_VALUE);
    lk_capture_close(capture);
    assert_int_equal(lk_capture_open(&capture, "/dev/null/x", &options), LK_E_SYSTEM);
    assert_null(capture);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_cut_gives_the_packets_before_it),
        cmocka_unit_test(little_endian_is_read),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(checksums_verify),
        cmocka_unit_test(a_frame_cut_short_is_a_status),
        cmocka_unit_test(other_carriers_are_read),
        cmocka_unit_test(opened_messages_are_read),
        cmocka_unit_test(a_file_is_joined),
        cmocka_unit_test(the_file_is_whole_after_each_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

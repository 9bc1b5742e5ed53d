/* wire/erp: packets of another hand to structs and back, every truncation, every attribute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/erp.h"

enum { PACKET_MAX = 2048 };

static const char *const packets[] = {
    "A.packet.EAP-Initiate/Re-auth",
    "A.packet.EAP-Finish/Re-auth",
    "B.packet.EAP-Initiate/Re-auth",
    "B.packet.EAP-Finish/Re-auth",
};

/* spec: RFC 6696 5.3 - header, flags, SEQ, attributes, suite.
 * spec: RFC 6696 5.3.2 - and the tag over all that stands before it.
 * spec: RFC 6696 5.3.4 - a lifetime has no length octet. */
static void packets_come_back(void **state)
{
    json_t *file = vectors_load("erp-kdf");

    for (size_t i = 0; i < LK_COUNT_OF(packets); i++) {
        const json_t *v = vectors_find(file, "vectors", packets[i]);
        struct vector_octets octets = vector_hex(v, "packet");
        struct lk_erp packet;
        uint8_t room[PACKET_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_erp_decode(&packet, vector_span(&octets), 0), LK_OK);
        assert_int_equal(packet.id, vector_int(v, "identifier"));
        assert_int_equal(packet.seq, vector_int(v, "seq"));
        assert_true(lk_span_equal(packet.keyname_nai, lk_span_text(vector_text(v, "keyname_nai"))));
        assert_vector(v, "authenticated_octets", packet.covered.at, packet.covered.len);
        assert_vector(v, "tag", packet.tag.at, packet.tag.len);
        assert_int_equal(packet.suite, LK_ERP_HMAC_SHA256_128);
        assert_int_equal(lk_erp_has(&packet, LK_ERP_RMSK_LIFETIME), packet.code == LK_ERP_FINISH);
        if (packet.code == LK_ERP_FINISH) {
            assert_int_equal(packet.flags, LK_ERP_LIFETIMES);
            assert_int_equal(packet.rrk_lifetime_s, 86400);
            assert_int_equal(packet.rmsk_lifetime_s, 3600);
        }
        assert_int_equal(lk_erp_encode(&w, &packet), LK_OK);
        memcpy(room + w.len - packet.tag.len, packet.tag.at, packet.tag.len);
        assert_vector(v, "packet", room, w.len);
    }
    json_decref(file);
}

/* With one of each attribute. */
static struct lk_erp full_packet(void)
{
    static const uint8_t suites[] = { 2, 3 }, v4[4] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 1 };
    struct lk_erp p = { .code = LK_ERP_FINISH, .id = 9, .type = LK_ERP_REAUTH, .seq = 0xfffe,
                        .flags = LK_ERP_FAILED | LK_ERP_BOOTSTRAP | LK_ERP_EARLY };

    for (unsigned type = 0; type < 256; type++)
        if (strcmp(lk_erp_attribute_name((uint8_t)type), "?") != 0)
            lk_erp_mark(&p, (enum lk_erp_attribute)type);
    p.keyname_nai = lk_span_text("0011223344556677@home.example");
    p.rrk_lifetime_s = 1, p.rmsk_lifetime_s = 0xffffffff;
    p.prk_lifetime_s = 3, p.pmsk_lifetime_s = 4;
    p.aak_sequence = 0x0102;
    p.domain = lk_span_text("visited.example");
    p.suites = LK_SPAN(suites);
    p.authorization = lk_span_text("a");
    p.aak_key = lk_span_text("k");
    p.cap_id = lk_span_text("cap");
    p.called_station = lk_span_text("called");
    p.calling_station = lk_span_text("calling");
    p.nas_id = lk_span_text("nas");
    p.nas_ip = LK_SPAN(v4);
    p.nas_ipv6 = LK_SPAN(v6);
    p.suite = LK_ERP_HMAC_SHA256_256;
    return p;
}

/* spec: RFC 6630 5.2 - sequence number and lifetimes of early authentication are TVs.
 * spec: RFC 6696 5.3.2 - the tag is as long as the suite says. */
static void every_attribute_comes_back(void **state)
{
    for (uint8_t suite = LK_ERP_HMAC_SHA256_64; suite <= LK_ERP_HMAC_SHA256_256; suite++) {
        struct lk_erp p = full_packet(), back;
        uint8_t room[PACKET_MAX], again[PACKET_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_writer w2 = lk_writer_of(again, sizeof again);

        p.suite = suite;
        assert_int_equal(lk_erp_encode(&w, &p), LK_OK);
        assert_int_equal(lk_erp_decode(&back, lk_writer_span(&w), suite), LK_OK);
        assert_int_equal(back.suite, suite);
        assert_int_equal(back.tag.len, lk_erp_tag_len(suite));
        assert_int_equal(back.present, p.present);
        assert_int_equal(back.aak_sequence, 0x0102);
        assert_int_equal(back.pmsk_lifetime_s, 4);
        assert_true(lk_span_equal(back.nas_ipv6, p.nas_ipv6));
        assert_true(lk_span_equal(back.calling_station, p.calling_station));
        assert_int_equal(lk_erp_encode(&w2, &back), LK_OK);
        assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
    }
    assert_int_equal(lk_erp_tag_len(0), 0);
    assert_int_equal(lk_erp_tag_len(4), 0);
}

/* A cut packet, one whose length knows of the cut, and one with octets behind it, which its own
 * length cuts off. */
static void every_truncation_is_refused(void **state)
{
    json_t *file = vectors_load("erp-kdf");

    for (size_t i = 0; i < LK_COUNT_OF(packets); i++) {
        struct vector_octets octets =
            vector_hex(vectors_find(file, "vectors", packets[i]), "packet");
        struct lk_erp packet;

        for (size_t len = 0; len < octets.len; len++) {
            uint8_t *part = malloc(len > 0 ? len : 1);

            memcpy(part, octets.at, len);
            assert_int_equal(lk_erp_decode(&packet, lk_span_of(part, len), 0), LK_E_SHORT);
            if (len >= 4) {
                part[2] = (uint8_t)(len >> 8);
                part[3] = (uint8_t)len;
                /* The 2 of a lifetime may stand where a suite would: the tag is then another. */
                if (lk_erp_decode(&packet, lk_span_of(part, len), 0) == LK_OK)
                    assert_true(octets.at[packet.covered.len] == 0 &&
                                packet.covered.at[packet.covered.len - 1] == LK_ERP_RRK_LIFETIME);
            }
            free(part);
        }
        octets.len++;
        assert_int_equal(lk_erp_decode(&packet, vector_span(&octets), 0), LK_OK);
        assert_int_equal(packet.whole.len, octets.len - 1);
    }
    json_decref(file);
}

/* spec: RFC 6696 5.3.2 - a 64-bit tag whose packet can be read as one of 128 bits too: the suite of
 * the key decides. */
static void the_key_says_which_suite(void **state)
{
    static const uint8_t offered[] = { LK_ERP_HMAC_SHA256_128 };
    struct lk_erp p = { .code = LK_ERP_FINISH, .type = LK_ERP_REAUTH, .flags = LK_ERP_FAILED,
                        .keyname_nai = lk_span_text("n@x"), .rrk_lifetime_s = 60,
                        .suites = LK_SPAN(offered), .suite = LK_ERP_HMAC_SHA256_64 };
    struct lk_erp back;
    uint8_t room[PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_erp_mark(&p, LK_ERP_KEYNAME_NAI);
    lk_erp_mark(&p, LK_ERP_RRK_LIFETIME);
    lk_erp_mark(&p, LK_ERP_SUITES);
    assert_int_equal(lk_erp_encode(&w, &p), LK_OK);
    assert_int_equal(lk_erp_decode(&back, lk_writer_span(&w), 0), LK_OK);
    assert_int_equal(back.suite, LK_ERP_HMAC_SHA256_128);
    assert_true(lk_span_equal(back.keyname_nai, p.keyname_nai));
    assert_int_equal(lk_erp_decode(&back, lk_writer_span(&w), LK_ERP_HMAC_SHA256_64), LK_OK);
    assert_true(lk_span_equal(back.suites, p.suites));
    assert_int_equal(lk_erp_decode(&back, lk_writer_span(&w), LK_ERP_HMAC_SHA256_256), LK_E_VALUE);
    assert_int_equal(lk_erp_decode(&back, lk_writer_span(&w), 4), LK_E_VALUE);
}

static enum lk_status decode(const char *head, const char *attributes, size_t len)
{
    uint8_t room[PACKET_MAX] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_erp packet;

    lk_put_octets(&w, head, 6);
    if (head[4] == LK_ERP_REAUTH)
        lk_put_be16(&w, 1);
    lk_put_octets(&w, attributes, len);
    if (head[4] == LK_ERP_REAUTH) {
        lk_put_u8(&w, LK_ERP_HMAC_SHA256_128);
        lk_put_zeroes(&w, 16);
    }
    lk_patch_be16(&w, 2, (uint16_t)w.len);
    return lk_erp_decode(&packet, lk_writer_span(&w), 0);
}

/* spec: RFC 6696 5.3.2 - one keyName-NAI, no more and no less. */
static void what_is_wrong_is_refused(void **state)
{
    static const char start[] = "\5\0\0\0\1", reauth[] = "\5\0\0\0\2", finish[] = "\6\0\0\0\2";
    static const struct {
        const char *head, *attributes;
        size_t len;
        enum lk_status status;
    } rows[] = {
        { start, "", 0, LK_OK },
        { start, "\4\1d", 3, LK_OK },
        { start, "\4\2d", 3, LK_E_SHORT },
        { start, "\4\0", 2, LK_E_LENGTH },
        { reauth, "\1\1n", 3, LK_OK },
        { finish, "\1\1n", 3, LK_OK },
        { reauth, "", 0, LK_E_MISSING },
        { reauth, "\4\1d", 3, LK_E_MISSING },
        { reauth, "\1\1n\1\1n", 6, LK_E_TWICE },
        { reauth, "\1\1n\2\0\0\0\1\2\0\0\0\1", 13, LK_E_TWICE },
        { reauth, "\1\1n\2\0\0\0", 7, LK_E_SHORT },
        { reauth, "\1\0", 2, LK_E_LENGTH },
        { reauth, "\1\1n\203\3abc", 8, LK_E_LENGTH }, /* NAS-IP-Address */
        { reauth, "\1\1n\202\1a\202\1b", 9, LK_OK },  /* NAS-Identifier may come again */
        { reauth, "\1\1n\143\2ab", 7, LK_OK },        /* unknown: passed over as a TLV */
        { reauth, "\1\1n\143\3ab", 7, LK_E_SHORT },
        { "\6\0\0\0\1", "", 0, LK_E_VALUE }, /* no Finish is a Start */
        { "\5\0\0\0\3", "", 0, LK_E_VALUE },
        { "\1\0\0\0\1", "", 0, LK_E_VALUE },
        { "\7\0\0\0\2", "\1\1n", 3, LK_E_VALUE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(decode(rows[i].head, rows[i].attributes, rows[i].len), rows[i].status);
}

static void what_cannot_be_is_not_written(void **state)
{
    struct lk_erp p = full_packet();
    char long_name[LK_ERP_NAI_MAX + 1];
    uint8_t room[PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    p.suite = 0;
    assert_int_equal(lk_erp_encode(&w, &p), LK_E_VALUE);
    p = full_packet();
    memset(long_name, 'n', sizeof long_name);
    p.keyname_nai = lk_span_of(long_name, sizeof long_name);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_erp_encode(&w, &p), LK_E_LENGTH);
    p = full_packet();
    w = lk_writer_of(room, 40);
    assert_int_equal(lk_erp_encode(&w, &p), LK_E_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_back),
        cmocka_unit_test(every_attribute_comes_back),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(the_key_says_which_suite),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(what_cannot_be_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

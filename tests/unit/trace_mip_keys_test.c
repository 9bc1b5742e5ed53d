/* trace, of Mobile IP: keys that a nonce in a reply makes of one with the home AAA, what they prove
 * again, and where they stand in the key tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mip/msa.h"
#include "trace/keytree.h"
#include "trace/mip.h"
#include "wire/mip_agent.h"

#define IMSI "001010123456789"
#define OTHER "001010123456788"
#define NAI "0" IMSI "@nai.epc.mnc001.mcc001.3gppnetwork.org"

enum { AAA_SPI = 1000, MN_SPI = 600, HA_SPI = 700, SHORT = 16, LONG = 20, NONCE = 16 };

static const struct lk_capture_end node = { .address = { 127, 0, 0, 9 }, .port = 40000 },
                                   ha = { .address = { 127, 0, 0, 1 }, .port = 434 };
static const uint8_t aaa_key[32] = "the key with the home AAA......";
static const uint8_t nonce[NONCE] = "a nonce of today";
static struct lk_trace trace;
static struct lk_keytree tree;

static void keep(enum lk_app_key_log_kind kind, const char *who, uint32_t spi, struct lk_span key)
{
    uint8_t spis[8] = { 0, 0, (uint8_t)(spi >> 8), (uint8_t)spi,
                        0, 0, (uint8_t)(spi >> 8), (uint8_t)spi };
    const struct lk_span parts[] = { lk_span_text(who), LK_SPAN(spis) };
    struct lk_app_key_log entry;

    assert_int_equal(lk_app_key_log_of(&entry, kind, parts, 2, key), LK_OK);
    entry.number = LK_MIP_HMAC_MD5;
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK);
}

static void add(const struct lk_capture_end *from, const struct lk_capture_end *to,
                struct lk_span octets)
{
    struct lk_trace_packet packet = { .at_ns = 1790000000000000000u + trace.count,
                                      .datagram = { .carrier = LK_CARRIER_UDP, .from = *from,
                                                    .to = *to, .payload = octets } };

    assert_int_equal(lk_trace_add(&trace, LK_TRACE_MIP, &packet), LK_OK);
}

static struct lk_mip_msa msa_of(size_t key_len)
{
    struct lk_mip_msa msa = { .there = { .spi = HA_SPI, .algorithm = LK_MIP_HMAC_MD5 },
                              .spi_back = MN_SPI, .ends_ms = UINT64_MAX };
    struct lk_mip_key key;

    lk_mip_key_derive(&key, LK_SPAN(aaa_key), LK_SPAN(nonce), lk_span_text(NAI));
    assert_int_equal(lk_mip_secret_set(&msa.there.secret, lk_span_of(key.octets, key_len)), LK_OK);
    return msa;
}

static void add_request(uint64_t identification, const struct lk_mip_msa *by)
{
    const struct lk_mip_msa aaa = { .there = { .spi = AAA_SPI, .algorithm = LK_MIP_HMAC_MD5,
                                               .secret = { .len = sizeof aaa_key } },
                                    .spi_back = AAA_SPI, .ends_ms = UINT64_MAX };
    struct lk_mip_request r = { .lifetime_s = 600, .identification = identification };
    struct lk_mip_msa with = aaa;
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    memcpy(with.there.secret.octets, aaa_key, sizeof aaa_key);
    r.extensions.nai = lk_span_text(NAI);
    r.extensions.mn_ha_spi = MN_SPI;
    lk_mip_request_put(&w, &r);
    lk_mip_extension_put(&w, LK_MIP_NAI, &r.extensions);
    if (by == NULL) {
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &r.extensions);
        lk_mip_msa_sign_aaa(&w, &with, lk_span_of(NULL, 0));
    } else {
        lk_mip_msa_sign(&w, by, HA_SPI, LK_MIP_MN_HA_AUTH);
    }
    assert_int_equal(w.status, LK_OK);
    add(&node, &ha, lk_writer_span(&w));
}

static void add_reply(uint64_t identification, const struct lk_mip_msa *by, bool with_nonce,
                      const uint8_t said[NONCE])
{
    struct lk_mip_reply r = { .lifetime_s = 600, .identification = identification };
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    r.extensions.mn_ha_key = (struct lk_mip_key_reply){
        .lifetime_s = 86400, .aaa_spi = AAA_SPI, .agent_spi = HA_SPI,
        .algorithm = LK_MIP_HMAC_MD5, .replay = LK_MIP_TIMESTAMPS,
        .nonce = lk_span_of(said, NONCE),
    };
    lk_mip_reply_put(&w, &r);
    if (with_nonce)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REPLY, &r.extensions);
    lk_mip_msa_sign(&w, by, MN_SPI, LK_MIP_MN_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    add(&ha, &node, lk_writer_span(&w));
}

static uint8_t judged(size_t index, enum lk_mip_extension which)
{
    return trace.messages[index].mip.judged[which];
}

static const struct lk_key_node *row(const char *name)
{
    for (size_t i = 0; i < tree.count; i++)
        if (strcmp(tree.node[i].name, name) == 0)
            return &tree.node[i];
    return NULL;
}

/* spec: RFC 3957 5 - a key of the AAA's and a nonce make the next one, of 16 octets or of 20. */
static void a_nonce_makes_its_key(void **state)
{
    static const size_t lengths[] = { SHORT, LONG };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        struct lk_mip_msa msa = msa_of(lengths[i]);
        const struct lk_key_node *made;

        lk_trace_init(&trace);
        keep(LK_APP_KEY_LOG_MN_AAA, IMSI, AAA_SPI, LK_SPAN(aaa_key));
        add_request(1, NULL);
        add_reply(1, &msa, true, nonce);
        add_request(2, &msa);
        add_reply(2, &msa, false, nonce);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        assert_int_equal(judged(0, LK_MIP_MN_AAA_AUTH), LK_TRACE_RIGHT);
        for (size_t m = 1; m < trace.count; m++)
            assert_int_equal(judged(m, LK_MIP_MN_HA_AUTH), LK_TRACE_RIGHT);
        lk_keytree_applications(&tree, &trace, NULL);
        made = row("MN-HA key");
        assert_non_null(made);
        assert_int_equal(made->len, lengths[i]);
        assert_string_equal(tree.node[made->parent].name, "MN-AAA key");
        assert_int_equal(made->who, LK_WHO_DEVICE | LK_WHO_HOME_AAA | LK_WHO_HOME_AGENT);
        assert_string_equal(made->detail, "SPI 700 and 600, of " IMSI "; makes 3 authenticators "
                                          "again; nonce of message 2");
        lk_trace_free(&trace);
    }
}

/* Controls: another nonce stands there, or the key with the AAA is another one. */
static void what_is_not_proven_is_no_key(void **state)
{
    static const uint8_t another[NONCE] = "a nonce that no ";
    static const uint8_t other_key[32] = "another key with that home AAA..";
    const struct lk_mip_msa msa = msa_of(SHORT);

    (void)state;
    for (int altered = 0; altered < 2; altered++) {
        lk_trace_init(&trace);
        keep(LK_APP_KEY_LOG_MN_AAA, IMSI, AAA_SPI,
             altered == 0 ? LK_SPAN(aaa_key) : LK_SPAN(other_key));
        add_request(1, NULL);
        add_reply(1, &msa, true, altered == 0 ? another : nonce);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        assert_int_equal(judged(0, LK_MIP_MN_AAA_AUTH),
                         altered == 0 ? LK_TRACE_RIGHT : LK_TRACE_WRONG);
        assert_int_equal(judged(1, LK_MIP_MN_HA_AUTH), LK_TRACE_NOT_JUDGED);
        lk_keytree_applications(&tree, &trace, NULL);
        assert_non_null(row("MN-AAA key"));
        assert_null(row("MN-HA key"));
        lk_trace_free(&trace);
    }
}

/* A line of the log and the nonce are the same key: it stands once, below what it comes of. */
static void the_key_of_a_line_is_that_of_the_nonce(void **state)
{
    const struct lk_mip_msa msa = msa_of(SHORT);
    size_t rows = 0;

    (void)state;
    lk_trace_init(&trace);
    keep(LK_APP_KEY_LOG_MN_HA, IMSI, HA_SPI, lk_span_of(msa.there.secret.octets, SHORT));
    keep(LK_APP_KEY_LOG_MN_AAA, IMSI, AAA_SPI, LK_SPAN(aaa_key));
    add_request(1, NULL);
    add_reply(1, &msa, true, nonce);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    lk_keytree_applications(&tree, &trace, NULL);
    for (size_t i = 0; i < tree.count; i++)
        rows += strcmp(tree.node[i].name, "MN-HA key") == 0;
    assert_int_equal(rows, 1);
    assert_string_equal(tree.node[row("MN-HA key")->parent].name, "MN-AAA key");
    lk_trace_free(&trace);
}

/* Two subscribers, one SPI: the other's key is none, and says nothing of this one. */
static void the_key_of_another_says_nothing(void **state)
{
    const struct lk_mip_msa msa = msa_of(SHORT);

    (void)state;
    for (int his = 0; his < 2; his++) {
        lk_trace_init(&trace);
        keep(LK_APP_KEY_LOG_MN_HA, his ? IMSI : OTHER, HA_SPI, lk_span_text("sixteen octets.."));
        add_request(1, &msa);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        assert_int_equal(judged(0, LK_MIP_MN_HA_AUTH),
                         his ? LK_TRACE_WRONG : LK_TRACE_NOT_JUDGED);
        lk_trace_free(&trace);
    }
}

/* spec: RFC 5944 2.1 - who advertises is a foreign agent, and was never asked before. */
static void an_advertisement_is_of_a_foreign_agent(void **state)
{
    static const uint8_t icmp[2][8] = { { LK_MIP_SOLICITATION }, { LK_MIP_ADVERTISEMENT } };
    const uint8_t any[4] = { 0 }, all[4] = { 255, 255, 255, 255 };
    struct lk_address none = lk_address_v4(any), everybody = lk_address_v4(all);

    (void)state;
    lk_trace_init(&trace);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t packet[64], room[80];
        struct lk_writer inner = lk_writer_of(packet, sizeof packet);
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_mip_tunnel tunnel = { .encapsulation = LK_MIP_IN_IP };

        assert_int_equal(lk_ip_icmp(&inner, i == 0 ? &none : &everybody, &everybody, 1,
                                    LK_SPAN(icmp[i])), LK_OK);
        tunnel.packet = lk_writer_span(&inner);
        lk_mip_tunnel_put(&w, &tunnel);
        add(i == 0 ? &node : &ha, i == 0 ? &ha : &node, lk_writer_span(&w));
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    for (size_t i = 0; i < trace.count; i++) {
        struct lk_rung rung;

        assert_int_equal(trace.messages[i].status, LK_OK);
        lk_rung_of(&rung, &trace, i);
        assert_int_equal(rung.from, i == 0 ? LK_LANE_MN : LK_LANE_FA);
        assert_int_equal(rung.to, i == 0 ? LK_LANE_FA : LK_LANE_MN);
    }
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nonce_makes_its_key),
        cmocka_unit_test(what_is_not_proven_is_no_key),
        cmocka_unit_test(the_key_of_a_line_is_that_of_the_nonce),
        cmocka_unit_test(the_key_of_another_says_nothing),
        cmocka_unit_test(an_advertisement_is_of_a_foreign_agent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

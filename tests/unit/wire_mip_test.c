/* wire/mip: Mobile IPv4 messages to structs and back, what authenticators cover, every truncation,
 * every bad extension. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mip_again.h"
#include "vectors.h"

#define NAI "0001010123456789@nai.epc.mnc001.mcc001.3gppnetwork.org"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static void assert_address(const struct lk_address *address, const char *text)
{
    char came[LK_ADDRESS_TEXT];

    lk_address_text(came, address);
    assert_string_equal(came, text);
}

/* ---- samples of another hand ---- */

static const struct {
    const char *file, *octets, *covered;
} files[] = {
    { "mip4-auth", "message", "covered" },
    { "mip4-challenge", "message", NULL },
    { "mip4-rfc3957", "message", "covered" },
    { "gba-mip-chain", "rrp", "rrp_covered" },
};

/* What the last extension of the message covers; each sample ends with an authenticator. */
static struct lk_span last_covered(struct lk_span datagram)
{
    struct lk_mip_request request;
    struct lk_mip_reply reply;
    const struct lk_mip_extensions *e = &request.extensions;

    if (lk_mip_type_of(datagram) == LK_MIP_REQUEST) {
        assert_int_equal(lk_mip_request_decode(&request, datagram), LK_OK);
    } else {
        assert_int_equal(lk_mip_reply_decode(&reply, datagram), LK_OK);
        e = &reply.extensions;
    }
    for (int which = 0; which < LK_MIP_AUTH_COUNT; which++)
        if (lk_mip_is_last(e, (enum lk_mip_extension)which))
            return e->auth[which].covered;
    fail_msg("no authenticator at the end");
    return datagram;
}

static void sample_comes_back(const json_t *v, const char *octets_at, const char *covered_at)
{
    struct vector_octets octets = vector_hex(v, octets_at);
    struct lk_span covered = last_covered(vector_span(&octets));
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (covered_at != NULL && vector_has(v, covered_at))
        assert_vector(v, covered_at, covered.at, covered.len);
    assert_int_equal(mip_message_again(&w, vector_span(&octets)), LK_OK);
    assert_vector(v, octets_at, room, w.len);
}

/* spec: RFC 5944 3.3 - requests.
 * spec: RFC 5944 3.4 - replies.
 * spec: RFC 5944 3.5.1 - what an authenticator covers.
 * spec: RFC 5944 1.9 - the long form, of 36, 40 to 43. */
static void samples_come_back_octet_by_octet(void **state)
{
    size_t count = 0;

    for (size_t i = 0; i < LK_COUNT_OF(files); i++) {
        json_t *file = vectors_load(files[i].file);
        const json_t *list = vectors_list(file, "vectors");

        for (size_t j = 0; j < json_array_size(list); j++)
            if (vector_has(json_array_get(list, j), files[i].octets)) {
                sample_comes_back(json_array_get(list, j), files[i].octets, files[i].covered);
                count++;
            }
        json_decref(file);
    }
    assert_int_equal(count, 15);
}

/* spec: RFC 2794 2 - NAI, home address 0.0.0.0.
 * spec: RFC 3957 5 - the identifier is the NAI, or the home address. */
static void a_request_says_what_its_text_says(void **state)
{
    json_t *file = vectors_load("mip4-auth");
    const json_t *v = vectors_find(file, "vectors", "rrq-nai-mh-fh-hmacmd5");
    struct vector_octets octets = vector_hex(v, "message");
    struct lk_mip_request m;
    const struct lk_mip_extensions *e = &m.extensions;
    static const uint8_t nobody[4];

    assert_int_equal(lk_mip_request_decode(&m, vector_span(&octets)), LK_OK);
    assert_int_equal(m.flags, 0);
    assert_int_equal(m.lifetime_s, 1800);
    assert_true(lk_address_is_any(&m.home));
    assert_address(&m.agent, "192.0.2.1");
    assert_address(&m.care_of, "203.0.113.5");
    assert_true(m.identification == UINT64_C(0xe0c58d3a9b7f1c42));
    assert_true(lk_span_equal(e->nai, lk_span_text(NAI)));
    assert_true(lk_span_equal(lk_mip_identifier(&m), e->nai));
    assert_int_equal(e->auth[LK_MIP_MN_HA_AUTH].spi, 4097);
    assert_int_equal(e->auth[LK_MIP_FA_HA_AUTH].spi, vector_int(v, "inputs.spi"));
    assert_int_equal(e->auth[LK_MIP_FA_HA_AUTH].authenticator.len, 16);
    assert_int_equal(e->count, 3);
    assert_true(lk_mip_before(e, LK_MIP_NAI, LK_MIP_MN_HA_AUTH));
    assert_false(lk_mip_before(e, LK_MIP_MN_HA_AUTH, LK_MIP_NAI));
    assert_false(lk_mip_before(e, LK_MIP_CHALLENGE, LK_MIP_NAI));
    assert_false(lk_mip_before(e, LK_MIP_NAI, LK_MIP_CHALLENGE));
    assert_true(lk_mip_is_last(e, LK_MIP_FA_HA_AUTH));
    assert_false(lk_mip_is_last(e, LK_MIP_MN_HA_AUTH));
    assert_false(lk_mip_is_last(e, LK_MIP_MN_FA_AUTH));
    assert_int_equal(lk_mip_request_decode(&m, lk_span_of(octets.at, 24)), LK_OK);
    assert_true(lk_span_equal(lk_mip_identifier(&m), LK_SPAN(nobody)));
    json_decref(file);
}

/* spec: RFC 3957 6.2 - the MN-FA reply.
 * spec: RFC 3957 6.4 - the MN-HA reply, with the replay method. */
static void a_reply_with_keys_says_what_its_text_says(void **state)
{
    json_t *file = vectors_load("mip4-rfc3957");
    const json_t *v = vectors_find(file, "vectors", "rrp-keygen-mnfa-16");
    struct vector_octets octets = vector_hex(v, "message");
    struct vector_octets nonce = vector_hex(v, "inputs.key_generation_nonce");
    struct lk_mip_reply m;
    const struct lk_mip_extensions *e = &m.extensions;

    assert_int_equal(lk_mip_reply_decode(&m, vector_span(&octets)), LK_OK);
    assert_int_equal(m.code, LK_MIP_CODE_ACCEPTED);
    assert_address(&m.home, "10.45.0.7");
    assert_int_equal(e->mn_ha_key.lifetime_s, 3600);
    assert_int_equal(e->mn_ha_key.aaa_spi, 20481);
    assert_int_equal(e->mn_ha_key.agent_spi, 8194);
    assert_int_equal(e->mn_ha_key.algorithm, LK_MIP_HMAC_MD5);
    assert_int_equal(e->mn_ha_key.replay, LK_MIP_TIMESTAMPS);
    assert_int_equal(e->mn_fa_key.agent_spi, vector_int(v, "inputs.fa_spi"));
    assert_true(lk_span_equal(e->mn_fa_key.nonce, vector_span(&nonce)));
    assert_true(lk_mip_before(e, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    assert_true(lk_mip_before(e, LK_MIP_MN_FA_KEY_REPLY, LK_MIP_MN_FA_AUTH));
    json_decref(file);
}

/* ---- all extensions ---- */

static const uint8_t nonce[20] = { 9, 8, 7 };

/* Everything that an extension can carry. */
static struct lk_mip_extensions full_extensions(void)
{
    struct lk_mip_extensions e = {
        .mn_fa_spi = 12289,
        .mn_ha_spi = 4097,
        .mn_fa_key = { 60, 1, 2, LK_MIP_HMAC_SHA256, 0, LK_SPAN(nonce) },
        .mn_ha_key = { 3600, 3, 4, LK_MIP_HMAC_SHA1, LK_MIP_NONCES, LK_SPAN(nonce) },
        .nai = lk_span_text("a@b"),
        .challenge = lk_span_text("challenge"),
        .carried_count = 2,
        .carried = { { LK_MIP_CARRIED_HA, lk_span_text("ha@b") },
                     { LK_MIP_CARRIED_AAA, lk_span_text("aaa@b") } },
        .revocable = { true, 0x01020304 },
        .dynamic_ha = { LK_MIP_HA_REDIRECT, { { 0 } } },
        .udp_request = { LK_MIP_UDP_FORCED | LK_MIP_UDP_THROUGH_FA, LK_MIP_IN_GRE },
        .udp_reply = { LK_MIP_UDP_DECLINED, true, 110 },
        .vendor_count = 3,
        .vendor = { { false, 10415, 1, lk_span_text("normal") },
                    { true, 32473, 2, lk_span_text("critical") },
                    { false, 32473, 2, lk_span_of(NULL, 0) } },
    };

    e.dynamic_ha.agent = address_of("192.0.2.9");
    return e;
}

static void put_auth(struct lk_writer *w, enum lk_mip_extension which, uint32_t spi)
{
    struct lk_span covered = lk_mip_auth_put(w, which, spi, 16);

    assert_true(w->status != LK_OK || lk_span_equal(covered, lk_writer_span(w)));
    lk_put_octets(w, "authenticator...", 16);
}

static const enum lk_mip_extension of_request[] = {
    LK_MIP_NAI,           LK_MIP_MN_HA_KEY_REQUEST, LK_MIP_MN_FA_KEY_REQUEST, LK_MIP_DYNAMIC_HA,
    LK_MIP_NAI_CARRYING,  LK_MIP_REVOCABLE,         LK_MIP_UDP_REQUEST,       LK_MIP_VENDOR,
    LK_MIP_VENDOR_CRITICAL,
};
static const enum lk_mip_extension of_reply[] = {
    LK_MIP_NAI,    LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_FA_KEY_REPLY, LK_MIP_CHALLENGE,
    LK_MIP_UDP_REPLY, LK_MIP_DYNAMIC_HA,   LK_MIP_NAI_CARRYING,    LK_MIP_REVOCABLE,
    LK_MIP_VENDOR, LK_MIP_VENDOR_CRITICAL,
};

/* NAI and so on | 32 | challenge | 36 | 33 */
static void full_request(struct lk_writer *w)
{
    struct lk_mip_extensions e = full_extensions();
    struct lk_mip_request m = { .flags = LK_MIP_REVERSE | LK_MIP_DECAPSULATES,
                                .lifetime_s = LK_MIP_INFINITE,
                                .home = address_of("10.45.0.7"),
                                .agent = address_of("192.0.2.1"),
                                .identification = 7 };

    lk_mip_request_put(w, &m);
    for (size_t i = 0; i < LK_COUNT_OF(of_request); i++)
        lk_mip_extension_put(w, of_request[i], &e);
    put_auth(w, LK_MIP_MN_HA_AUTH, 256);
    lk_mip_extension_put(w, LK_MIP_CHALLENGE, &e);
    put_auth(w, LK_MIP_MN_AAA_AUTH, 2);
    put_auth(w, LK_MIP_MN_FA_AUTH, 257);
}

static void full_reply(struct lk_writer *w)
{
    struct lk_mip_extensions e = full_extensions();
    struct lk_mip_reply m = { .code = LK_MIP_CODE_HA_IDENTIFICATION, .lifetime_s = 1,
                              .home = address_of("10.45.0.7"), .agent = address_of("192.0.2.1"),
                              .identification = UINT64_MAX };

    lk_mip_reply_put(w, &m);
    for (size_t i = 0; i < LK_COUNT_OF(of_reply); i++)
        lk_mip_extension_put(w, of_reply[i], &e);
    put_auth(w, LK_MIP_MN_HA_AUTH, 256);
    put_auth(w, LK_MIP_FA_HA_AUTH, 258);
}

static void assert_vendors(const struct lk_mip_extensions *e)
{
    assert_int_equal(e->vendor_count, 3);
    assert_true(lk_span_equal(lk_mip_vendor_value(e, 10415, 1, LK_MIP_MN_HA_AUTH),
                              lk_span_text("normal")));
    assert_int_equal(lk_mip_vendor_value(e, 10415, 2, LK_MIP_MN_HA_AUTH).len, 0);
    assert_true(e->vendor[2].critical);
    assert_true(lk_span_equal(e->vendor[2].value, lk_span_text("critical")));
    assert_int_equal(e->vendor[2].id, 32473);
    assert_int_equal(e->vendor[2].type, 2);
}

/* spec: RFC 3957 6.1 - MN-FA request.
 * spec: RFC 3957 6.3 - MN-HA request.
 * spec: RFC 3846 3 - NAI carrying.
 * spec: RFC 4433 3 - dynamic home agent.
 * spec: RFC 3543 3.2 - revocation support.
 * spec: RFC 3519 3.1 - UDP tunnel request.
 * spec: RFC 3115 2 - vendors.
 * spec: RFC 4721 4 - challenge. */
static void every_extension_of_a_request_comes_back(void **state)
{
    uint8_t room[1024], again[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room), w2 = lk_writer_of(again, sizeof again);
    struct lk_mip_request m;
    const struct lk_mip_extensions *e = &m.extensions;

    full_request(&w);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_int_equal(lk_mip_request_decode(&m, lk_writer_span(&w)), LK_OK);
    assert_int_equal(m.flags, LK_MIP_REVERSE | LK_MIP_DECAPSULATES);
    assert_int_equal(m.lifetime_s, LK_MIP_INFINITE);
    assert_address(&m.care_of, "0.0.0.0");
    assert_int_equal(e->mn_fa_spi, 12289);
    assert_int_equal(e->mn_ha_spi, 4097);
    assert_true(lk_span_equal(e->challenge, lk_span_text("challenge")));
    assert_int_equal(e->carried_count, 2);
    assert_int_equal(e->carried[1].subtype, LK_MIP_CARRIED_AAA);
    assert_true(lk_span_equal(e->carried[1].nai, lk_span_text("aaa@b")));
    assert_true(e->revocable.informs);
    assert_int_equal(e->revocable.timestamp, 0x01020304);
    assert_int_equal(e->dynamic_ha.subtype, LK_MIP_HA_REDIRECT);
    assert_address(&e->dynamic_ha.agent, "192.0.2.9");
    assert_int_equal(e->udp_request.flags, LK_MIP_UDP_FORCED | LK_MIP_UDP_THROUGH_FA);
    assert_int_equal(e->udp_request.encapsulation, LK_MIP_IN_GRE);
    assert_vendors(e);
    assert_int_equal(mip_message_again(&w2, lk_writer_span(&w)), LK_OK);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
}

/* spec: RFC 3519 3.2 - UDP tunnel reply. */
static void every_extension_of_a_reply_comes_back(void **state)
{
    uint8_t room[1024], again[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room), w2 = lk_writer_of(again, sizeof again);
    struct lk_mip_reply m;
    const struct lk_mip_extensions *e = &m.extensions;

    full_reply(&w);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_int_equal(lk_mip_reply_decode(&m, lk_writer_span(&w)), LK_OK);
    assert_int_equal(m.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_true(m.identification == UINT64_MAX);
    assert_int_equal(e->mn_ha_key.replay, LK_MIP_NONCES);
    assert_int_equal(e->mn_ha_key.algorithm, LK_MIP_HMAC_SHA1);
    assert_int_equal(e->mn_fa_key.algorithm, LK_MIP_HMAC_SHA256);
    assert_true(lk_span_equal(e->mn_fa_key.nonce, LK_SPAN(nonce)));
    assert_int_equal(e->udp_reply.code, LK_MIP_UDP_DECLINED);
    assert_true(e->udp_reply.forced);
    assert_int_equal(e->udp_reply.keepalive_s, 110);
    assert_vendors(e);
    assert_int_equal(mip_message_again(&w2, lk_writer_span(&w)), LK_OK);
    assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
}

/* ---- what is passed on ---- */

/* A request or reply whose extensions are those; '2' is 32, 'A' is 36/1, 'N' a NAI, 'C' a
 * challenge; which come behind expected octets, if with or without MN-AAA. */
static const struct {
    const char *extensions, *kept, *kept_with_aaa;
} forwards[] = {
    { "N2", "N2", "N2" },
    { "N2C3", "N2", "N2" },
    { "N24", "N2", "N2" },
    { "NCA", "NCA", "NCA" },
    { "NCA3", "NCA", "NCA" },
    { "N2CA3", "N2", "N2CA" },
    { "NA2C3", "NA2", "NA2" },
    { "N", "N", "N" },
    { "N3", "N", "N" },
    { "N43", "N", "N" },
    { "", "", "" },
};

static void put_letters(struct lk_writer *w, const char *letters, size_t len)
{
    static const enum lk_mip_extension auths[] = { LK_MIP_MN_HA_AUTH, LK_MIP_MN_FA_AUTH,
                                                   LK_MIP_FA_HA_AUTH };
    struct lk_mip_extensions e = full_extensions();
    struct lk_mip_request m = { .lifetime_s = 7 };

    lk_mip_request_put(w, &m);
    for (size_t i = 0; i < len; i++)
        switch (letters[i]) {
        case 'N': lk_mip_extension_put(w, LK_MIP_NAI, &e); break;
        case 'C': lk_mip_extension_put(w, LK_MIP_CHALLENGE, &e); break;
        case 'A': put_auth(w, LK_MIP_MN_AAA_AUTH, 2); break;
        default: put_auth(w, auths[letters[i] - '2'], 256);
        }
}

static void assert_forwarded(const char *extensions, const char *kept, bool with_aaa)
{
    uint8_t room[512], less[512];
    struct lk_writer w = lk_writer_of(room, sizeof room), w2 = lk_writer_of(less, sizeof less);
    struct lk_mip_request m;

    put_letters(&w, extensions, strlen(extensions));
    put_letters(&w2, kept, strlen(kept));
    assert_int_equal(lk_mip_request_decode(&m, lk_writer_span(&w)), LK_OK);
    assert_true(lk_span_equal(lk_mip_forwardable(&m.extensions, with_aaa), lk_writer_span(&w2)));
}

/* spec: RFC 5944 3.7.2.2 - what is behind the authorization-enabling extension stays here.
 * spec: RFC 4721 3.2 - MN-AAA behind it as the foreign agent likes. */
static void a_foreign_agent_passes_on_what_is_authorised(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(forwards); i++) {
        assert_forwarded(forwards[i].extensions, forwards[i].kept, false);
        assert_forwarded(forwards[i].extensions, forwards[i].kept_with_aaa, true);
    }
}

/* ---- what is refused ---- */

static void every_truncation_of(void (*full)(struct lk_writer *w))
{
    uint8_t room[1024], again[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    full(&w);
    for (size_t len = 0; len < w.len; len++) {
        struct lk_writer w2 = lk_writer_of(again, sizeof again);
        uint8_t *copy = test_malloc(len + 1); /* so that a sanitizer sees a read behind it */
        enum lk_status status;

        memcpy(copy, room, len);
        status = mip_message_again(&w2, lk_span_of(copy, len));
        /* Between two extensions it is a whole message. */
        assert_true(status == LK_OK || status == LK_E_SHORT || (len == 0 && status != LK_OK));
        assert_true(status != LK_OK || lk_span_equal(lk_writer_span(&w2), lk_span_of(room, len)));
        test_free(copy);
    }
    for (size_t cap = 0; cap < w.len; cap++) {
        struct lk_writer small = lk_writer_of(again, cap);

        full(&small);
        assert_int_equal(lk_writer_end(&small), LK_E_FULL);
    }
}

static void every_truncation_is_refused(void **state)
{
    every_truncation_of(full_request);
    every_truncation_of(full_reply);
}

#define OCTETS(text) { text, sizeof text - 1 }

/* spec: RFC 5944 1.8 - unknown below 128, and above.
 * spec: RFC 5944 1.10 - a subtype that is not known is like a type that is not.
 * spec: RFC 5944 3.8.2.1 - authentication extensions that come twice. */
static void bad_extensions_are_told_apart(void **state)
{
    static const struct {
        struct { const char *at; size_t len; } octets;
        enum lk_status request, reply;
    } rows[] = {
        { OCTETS("\x7f\0"), LK_E_UNKNOWN, LK_E_UNKNOWN },
        { OCTETS("\x00\0"), LK_E_UNKNOWN, LK_E_UNKNOWN },
        { OCTETS("\x80\0"), LK_OK, LK_OK },
        { OCTETS("\xff\2\1\2"), LK_OK, LK_OK },
        { OCTETS("\xff\3\1\2"), LK_E_SHORT, LK_E_SHORT },
        { OCTETS("\xff"), LK_E_SHORT, LK_E_SHORT },
        { OCTETS("\x20\4\0\0\1\0"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x20\5\0\0\1\0a"), LK_OK, LK_OK },
        { OCTETS("\x20\5\0\0\1\0a\x20\5\0\0\1\1b"), LK_E_AUTH, LK_E_AUTH },
        { OCTETS("\x22\5\0\0\1\0a\x22\5\0\0\1\1b\x7f\0"), LK_E_UNKNOWN, LK_E_UNKNOWN },
        { OCTETS("\x22\5\0\0\1\0a\x22\5\0\0\1\1b\x83"), LK_E_SHORT, LK_E_SHORT },
        { OCTETS("\x24\1\0\5\0\0\0\2a"), LK_OK, LK_E_UNKNOWN },
        { OCTETS("\x24\2\0\5\0\0\0\2a"), LK_E_UNKNOWN, LK_E_UNKNOWN }, /* FA-FA */
        { OCTETS("\x24\1\1\5\0\0\0\2a"), LK_E_SHORT, LK_E_SHORT },
        { OCTETS("\x26\x55\0\6\0\0\0\1\0\2"), LK_OK, LK_OK },
        { OCTETS("\x26\0\0\5\0\0\0\1\0"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x28\1\0\4\0\0\1\0"), LK_OK, LK_E_UNKNOWN },
        { OCTETS("\x28\2\0\4\0\0\1\0"), LK_E_UNKNOWN, LK_E_UNKNOWN },
        { OCTETS("\x2a\1\0\3\0\0\1"), LK_E_LENGTH, LK_E_UNKNOWN },
        { OCTETS("\x2a\1\0\4\0\0\1\0\x2a\1\0\4\0\0\1\0"), LK_E_TWICE, LK_E_UNKNOWN },
        { OCTETS("\x2b\1\0\x1f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
          LK_E_UNKNOWN, LK_E_LENGTH }, /* a nonce of 15 octets */
        { OCTETS("\x2c\6\0\0\x80\0\0\x6e"), LK_E_UNKNOWN, LK_OK },
        { OCTETS("\x2c\6\1\0\x80\0\0\x6e"), LK_E_UNKNOWN, LK_E_UNKNOWN }, /* a subtype */
        { OCTETS("\x2c\5\0\0\x80\0\0"), LK_E_UNKNOWN, LK_E_LENGTH },
        { OCTETS("\x2c\0"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x83\0"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x83\1a\x83\1a"), LK_E_TWICE, LK_E_TWICE },
        { OCTETS("\x84\1a\x84\1b"), LK_E_TWICE, LK_E_TWICE },
        { OCTETS("\x86\7\0\0\0\0\0\1\0"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x88\1\1"), LK_E_LENGTH, LK_E_LENGTH },
        { OCTETS("\x88\2\1a\x88\2\2a"), LK_OK, LK_OK },
        { OCTETS("\x88\2\1a\x88\2\2a\x88\2\2a"), LK_E_FULL, LK_E_FULL },
        { OCTETS("\x90\6\0\0\x80\4\0\0"), LK_OK, LK_OK }, /* in a reply: skipped */
        { OCTETS("\x90\6\1\0\x80\4\0\0\x90\6\0\0\x80\4\0\0"), LK_OK, LK_OK },
    };
    uint8_t request[128] = { LK_MIP_REQUEST }, reply[128] = { LK_MIP_REPLY };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        size_t len = rows[i].octets.len;
        struct lk_mip_request q;
        struct lk_mip_reply p;

        memcpy(request + 24, rows[i].octets.at, len);
        memcpy(reply + 20, rows[i].octets.at, len);
        if (lk_mip_request_decode(&q, lk_span_of(request, 24 + len)) != rows[i].request ||
            lk_mip_reply_decode(&p, lk_span_of(reply, 20 + len)) != rows[i].reply)
            fail_msg("row %zu", i);
    }
}

/* Who answers a poor request needs its fixed part. */
static void what_stands_before_the_fault_is_there(void **state)
{
    uint8_t octets[26] = { LK_MIP_REQUEST, 2, 0, 9, 10, 45, 0, 7 };
    struct lk_mip_request m;

    octets[23] = 42;
    octets[24] = 0x83;
    octets[25] = 1;
    assert_int_equal(lk_mip_request_decode(&m, LK_SPAN(octets)), LK_E_SHORT);
    assert_int_equal(m.lifetime_s, 9);
    assert_address(&m.home, "10.45.0.7");
    assert_true(m.identification == 42);
    octets[0] = LK_MIP_REPLY;
    assert_int_equal(lk_mip_request_decode(&m, LK_SPAN(octets)), LK_E_UNKNOWN);
    assert_int_equal(lk_mip_type_of(lk_span_of(NULL, 0)), -1);
}

static void more_extensions_than_we_take_are_refused(void **state)
{
    uint8_t octets[24 + 2 * (LK_MIP_EXTENSIONS_MAX + 1)] = { LK_MIP_REQUEST };
    struct lk_mip_request m;

    for (size_t at = 24; at < sizeof octets; at += 2)
        octets[at] = 200;
    assert_int_equal(lk_mip_request_decode(&m, LK_SPAN(octets)), LK_E_FULL);
    assert_int_equal(lk_mip_request_decode(&m, lk_span_of(octets, sizeof octets - 2)), LK_OK);
    assert_int_equal(m.extensions.count, LK_MIP_EXTENSIONS_MAX);
}

static void what_does_not_fit_is_not_written(void **state)
{
    uint8_t room[1024], long_nai[256] = { 'a' };
    struct lk_mip_extensions e = { .nai = LK_SPAN(long_nai) };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mip_reply v6 = { .home = address_of("2001:db8::1") };

    lk_mip_extension_put(&w, LK_MIP_NAI, &e);
    assert_int_equal(lk_writer_end(&w), LK_E_LENGTH);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_mip_auth_put(&w, LK_MIP_MN_HA_AUTH, 256, 252).len, 0);
    assert_int_equal(lk_writer_end(&w), LK_E_LENGTH);
    w = lk_writer_of(room, sizeof room);
    lk_mip_reply_put(&w, &v6);
    assert_int_equal(lk_writer_end(&w), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_back_octet_by_octet),
        cmocka_unit_test(a_request_says_what_its_text_says),
        cmocka_unit_test(a_reply_with_keys_says_what_its_text_says),
        cmocka_unit_test(every_extension_of_a_request_comes_back),
        cmocka_unit_test(every_extension_of_a_reply_comes_back),
        cmocka_unit_test(a_foreign_agent_passes_on_what_is_authorised),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(bad_extensions_are_told_apart),
        cmocka_unit_test(what_stands_before_the_fault_is_there),
        cmocka_unit_test(more_extensions_than_we_take_are_refused),
        cmocka_unit_test(what_does_not_fit_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

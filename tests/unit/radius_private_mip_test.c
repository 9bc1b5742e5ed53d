/* proto/radius/private_mip: what an agent of Mobile IP asks, and what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "proto/radius/private_mip.h"

enum { OURS = 32473, OTHER = 9, LONG = 600 };

static const uint8_t authenticator[16] = { 1, 2, 3 }, salt[LK_RADIUS_SALT_LEN] = { 0x80, 1 };
static uint8_t octets[LK_RADIUS_PACKET_MAX], room[LK_MIP_MESSAGE_MAX], request[LONG];
static struct lk_radius_secret secret;

static int setup(void **state)
{
    for (size_t i = 0; i < sizeof request; i++)
        request[i] = (uint8_t)(i * 7);
    return lk_radius_secret_set(&secret, lk_span_text("testing123")) == LK_OK ? 0 : -1;
}

static struct lk_writer begin(enum lk_radius_code code)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_radius_begin(&w, code, 1);
    return w;
}

static struct lk_radius_packet packet_of(struct lk_writer *w)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_end(w), LK_OK);
    assert_int_equal(lk_radius_decode(&packet, lk_writer_span(w)), LK_OK);
    return packet;
}

/* ---- the question ---- */

static struct lk_radius_mip_ask question(void)
{
    struct lk_radius_mip_ask ask = { .agent = LK_RADIUS_MIP_HOME, .wants = LK_RADIUS_MIP_KEYS,
                                     .name = lk_span_text("ha.example"),
                                     .nai = lk_span_text("0001010123456789@home.example"),
                                     .spi = 4096, .request = LK_SPAN(request) };

    return ask;
}

static struct lk_radius_packet asked(const struct lk_radius_mip_ask *ask)
{
    struct lk_writer w = begin(LK_RADIUS_ACCESS_REQUEST);

    lk_radius_put_mip_ask(&w, OURS, ask);
    return packet_of(&w);
}

static enum lk_status take(struct lk_radius_mip_ask *ask, const struct lk_radius_packet *packet)
{
    return lk_radius_take_mip_ask(ask, packet, OURS, room, sizeof room);
}

/* A request of any length comes back in one piece. */
static void what_is_asked_comes_as_it_went(void **state)
{
    static const size_t lengths[] = { 1, 246, 247, 248, 494, LONG };

    for (size_t i = 0; i < LK_COUNT_OF(lengths) * 4; i++) {
        struct lk_radius_mip_ask ask = question(), got;
        struct lk_radius_packet packet;

        ask.request.len = lengths[i / 4];
        ask.agent = (i & 1) != 0 ? LK_RADIUS_MIP_FOREIGN : LK_RADIUS_MIP_HOME;
        ask.wants = (i & 2) != 0 ? LK_RADIUS_MIP_PUSHED : LK_RADIUS_MIP_KEYS;
        packet = asked(&ask);
        assert_true(lk_radius_is_mip_ask(&packet, OURS));
        assert_false(lk_radius_is_mip_ask(&packet, OTHER));
        assert_int_equal(take(&got, &packet), LK_OK);
        assert_int_equal(got.agent, ask.agent);
        assert_int_equal(got.wants, ask.wants);
        assert_int_equal(got.spi, ask.spi);
        assert_true(lk_span_equal(got.name, ask.name));
        assert_true(lk_span_equal(got.nai, ask.nai));
        assert_true(lk_span_equal(got.request, ask.request));
        assert_false(got.has_chap);
    }
}

/* spec: RFC 4721 8 - the proof under SPI 2, as an AAA reads it that knows nothing of Mobile IP. */
static void a_proof_in_the_way_of_chap_comes_beside_it(void **state)
{
    static const uint8_t challenge[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };
    struct lk_radius_mip_ask ask = question(), got;
    struct lk_radius_packet packet;
    struct lk_span value;

    ask.has_chap = true;
    lk_mip_chap_of(&ask.chap, LK_SPAN(request), LK_SPAN(challenge));
    memset(ask.chap_answer, 0x61, sizeof ask.chap_answer);
    packet = asked(&ask);
    assert_true(lk_radius_find(&packet, LK_RADIUS_CHAP_PASSWORD, &value));
    assert_int_equal(value.len, 17);
    assert_int_equal(value.at[0], ask.chap.id);
    assert_int_equal(take(&got, &packet), LK_OK);
    assert_true(got.has_chap);
    assert_int_equal(got.chap.id, ask.chap.id);
    assert_int_equal(got.chap.len, ask.chap.len);
    assert_memory_equal(got.chap.challenge, ask.chap.challenge, ask.chap.len);
    assert_memory_equal(got.chap_answer, ask.chap_answer, sizeof ask.chap_answer);
}

/* One attribute more, or another one, than there should be. */
static void a_broken_question_is_none(void **state)
{
    static const struct lk_radius_mip_ask nothing;
    static const uint8_t agent[] = { 1, 1, 'h' }, role[] = { 3, 1, 'h' }, wants[] = { 1, 0, 'h' };
    static const struct {
        uint32_t vendor; /* 0: an attribute of the standard */
        uint8_t type;
        struct lk_span value;
        bool alone; /* without the agent of a good question */
        enum lk_status want;
    } rows[] = {
        { OURS, LK_RADIUS_MIP_AGENT, { agent, 3 }, false, LK_E_TWICE },
        { OURS, LK_RADIUS_MIP_AGENT, { agent, 2 }, true, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_AGENT, { agent, 1 }, true, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_AGENT, { agent, 0 }, true, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_AGENT, { role, 3 }, true, LK_E_VALUE },
        { OURS, LK_RADIUS_MIP_AGENT, { wants, 3 }, true, LK_E_VALUE },
        { OTHER, LK_RADIUS_MIP_AGENT, { agent, 3 }, true, LK_E_MISSING },
        { 0, LK_RADIUS_USER_NAME, { agent, 3 }, false, LK_E_TWICE },
        { LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, { agent, 3 }, false, LK_E_TWICE },
        { 0, LK_RADIUS_CHAP_PASSWORD, { request, 17 }, false, LK_E_VALUE },
        { 0, LK_RADIUS_CHAP_CHALLENGE, { request, 17 }, false, LK_E_VALUE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_mip_ask ask = question(), got;
        struct lk_writer w = begin(LK_RADIUS_ACCESS_REQUEST);
        struct lk_radius_packet packet;

        if (rows[i].vendor == 0)
            lk_radius_put(&w, rows[i].type, rows[i].value);
        else
            lk_radius_put_vendor(&w, rows[i].vendor, rows[i].type, rows[i].value);
        if (rows[i].alone) {
            lk_radius_put(&w, LK_RADIUS_USER_NAME, ask.nai);
            lk_radius_put_vendor(&w, OURS, LK_RADIUS_MIP_REQUEST, lk_span_of(request, 9));
        } else {
            lk_radius_put_mip_ask(&w, OURS, &ask);
        }
        packet = packet_of(&w);
        assert_int_equal(take(&got, &packet), rows[i].want);
        assert_memory_equal(&got, &nothing, sizeof got);
    }
}

static void lengths_of_chap_are_looked_at(void **state)
{
    static const struct { uint8_t password, challenge; enum lk_status want; } rows[] = {
        { 16, 20, LK_E_LENGTH }, { 18, 20, LK_E_LENGTH }, { 17, 0, LK_E_LENGTH },
        { 17, 1, LK_OK }, { 17, LK_MIP_CHAP_CHALLENGE_MAX, LK_OK },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_mip_ask ask = question(), got;
        struct lk_writer w = begin(LK_RADIUS_ACCESS_REQUEST);
        struct lk_radius_packet packet;

        lk_radius_put_mip_ask(&w, OURS, &ask);
        lk_radius_put(&w, LK_RADIUS_CHAP_PASSWORD, lk_span_of(request, rows[i].password));
        lk_radius_put(&w, LK_RADIUS_CHAP_CHALLENGE, lk_span_of(request, rows[i].challenge));
        packet = packet_of(&w);
        assert_int_equal(take(&got, &packet), rows[i].want);
    }
}

static void what_is_missing_is_said(void **state)
{
    struct lk_radius_mip_ask ask = question(), got;
    struct lk_radius_packet packet;

    ask.request.len = 0;
    packet = asked(&ask);
    assert_int_equal(take(&got, &packet), LK_E_MISSING);
    ask = question();
    ask.nai.len = 0;
    packet = asked(&ask);
    assert_int_equal(take(&got, &packet), LK_E_LENGTH);
    ask = question();
    ask.wants = LK_RADIUS_MIP_PUSHED;
    ask.spi = 255; /* reserved */
    packet = asked(&ask);
    assert_int_equal(take(&got, &packet), LK_E_VALUE);
    ask = question();
    packet = asked(&ask);
    assert_int_equal(lk_radius_take_mip_ask(&got, &packet, OURS, room, LONG - 1), LK_E_FULL);
    assert_int_equal(lk_radius_take_mip_ask(&got, &packet, OURS, room, LONG), LK_OK);
}

/* Cut anywhere, an attribute does not fit its packet, or something is missing, or, behind what a
 * question must have, it is one with less in it; and what is read stays within it. */
static void a_question_that_is_cut_is_read_to_its_end_at_most(void **state)
{
    struct lk_radius_mip_ask ask = question(), got;
    struct lk_radius_packet packet = asked(&ask);
    size_t len = packet.whole.len, taken = 0;

    for (size_t cut = LK_RADIUS_HEADER_LEN; cut < len; cut++) {
        uint8_t *part = (uint8_t *)test_malloc(cut);

        memcpy(part, octets, cut);
        part[2] = (uint8_t)(cut >> 8);
        part[3] = (uint8_t)cut;
        if (lk_radius_decode(&packet, lk_span_of(part, cut)) == LK_OK &&
            take(&got, &packet) == LK_OK) {
            assert_true(got.request.len < LONG || got.spi == 0);
            taken++;
        }
        test_free(part);
    }
    assert_in_range(taken, 1, 3);
}

/* ---- the answer ---- */

static struct lk_radius_mip_numbers numbers(uint32_t spi)
{
    struct lk_radius_mip_numbers of = { .spi = spi, .spi_back = spi + 1, .aaa_spi = 4096,
                                        .algorithm = 5, .replay = 2, .lifetime_s = 0x01020304,
                                        .nonce_len = 16 };

    memset(of.nonce, (uint8_t)spi, of.nonce_len);
    return of;
}

static struct lk_radius_mip grant(enum lk_radius_mip_agent agent)
{
    struct lk_radius_mip mip = { .agent = agent, .has_home = agent == LK_RADIUS_MIP_HOME,
                                 .has_foreign = true, .secret = { .len = 20 } };

    memset(mip.secret.octets, 0x6b, mip.secret.len);
    if (mip.has_home)
        mip.home = numbers(300);
    mip.foreign = numbers(400);
    return mip;
}

static struct lk_radius_packet given(const struct lk_radius_mip *mip)
{
    struct lk_writer w = begin(LK_RADIUS_ACCESS_ACCEPT);

    lk_radius_put_mip(&w, OURS, mip, &secret, authenticator, salt);
    return packet_of(&w);
}

static enum lk_status open_as(struct lk_radius_mip *got, const struct lk_radius_packet *packet,
                              enum lk_radius_mip_agent agent)
{
    return lk_radius_open_mip(got, packet, OURS, agent, &secret, authenticator);
}

static void what_is_given_comes_as_it_went(void **state)
{
    for (unsigned i = 0; i < 6; i++) {
        struct lk_radius_mip mip = grant(i % 2 == 0 ? LK_RADIUS_MIP_HOME : LK_RADIUS_MIP_FOREIGN);
        struct lk_radius_mip got;
        struct lk_radius_packet packet;

        if (i >= 4) { /* proven, and no key */
            mip.has_home = mip.has_foreign = false;
            memset(&mip.home, 0, sizeof mip.home);
            memset(&mip.foreign, 0, sizeof mip.foreign);
            memset(&mip.secret, 0, sizeof mip.secret);
        } else if (i >= 2) { /* the longest, and none */
            mip.home.nonce_len = mip.has_home ? LK_RADIUS_MIP_NONCE_MAX : 0;
            memset(mip.home.nonce, i < 3 ? 0x6e : 0, sizeof mip.home.nonce);
            memset(mip.foreign.nonce, 0, sizeof mip.foreign.nonce);
            mip.foreign.nonce_len = 0;
        }
        packet = given(&mip);
        assert_int_equal(open_as(&got, &packet, mip.agent), LK_OK);
        assert_memory_equal(&got, &mip, sizeof mip);
        assert_null(memmem(octets, packet.whole.len, "kkkk", 4));
    }
}

/* The key of an agent is where the other does not look, and a key without its numbers is none. */
static void another_agents_answer_gives_nothing(void **state)
{
    static const struct lk_radius_mip nothing;
    struct lk_radius_mip mip = grant(LK_RADIUS_MIP_HOME), got;
    struct lk_radius_packet packet = given(&mip);

    assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_FOREIGN), LK_E_MISSING);
    assert_memory_equal(&got, &nothing, sizeof got);
    mip = grant(LK_RADIUS_MIP_FOREIGN);
    packet = given(&mip);
    assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME), LK_OK);
    assert_int_equal(got.secret.len, 0);
    mip.has_foreign = false;
    packet = given(&mip);
    assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_FOREIGN), LK_E_MISSING);
    mip = grant(LK_RADIUS_MIP_HOME);
    mip.secret.len = 0;
    packet = given(&mip);
    assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME), LK_E_MISSING);
}

/* spec: RFC 5944 3.5.1 - an AAA that knows 57 and 58 alone means HMAC-MD5. */
static void the_attributes_of_3gpp2_alone_are_a_key(void **state)
{
    static const uint8_t spi[4] = { 0, 0, 1, 0 }, key[16] = { 1, 2, 3 };

    for (unsigned i = 0; i < 4; i++) {
        struct lk_writer w = begin(LK_RADIUS_ACCESS_ACCEPT);
        struct lk_radius_packet packet;
        struct lk_radius_mip got;

        if (i != 1)
            lk_radius_put_vendor(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, LK_SPAN(spi));
        lk_radius_put_hidden(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, &secret,
                             authenticator, salt, lk_span_of(key, i == 3 ? 15 : 16));
        if (i != 2)
            lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, 77);
        packet = packet_of(&w);
        assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME),
                         i == 0 ? LK_OK : i == 3 ? LK_E_LENGTH : LK_E_MISSING);
        if (i != 0)
            continue;
        assert_true(got.has_home);
        assert_int_equal(got.home.spi, 256);
        assert_int_equal(got.home.spi_back, 256);
        assert_int_equal(got.home.algorithm, LK_MIP_HMAC_MD5);
        assert_int_equal(got.home.replay, LK_MIP_TIMESTAMPS);
        assert_int_equal(got.home.lifetime_s, 77);
        assert_int_equal(got.home.nonce_len, 0);
        assert_int_equal(got.secret.len, 16);
        assert_memory_equal(got.secret.octets, key, 16);
    }
}

/* What one attribute before the good ones leaves: nothing. */
static void a_broken_answer_gives_nothing(void **state)
{
    static const struct lk_radius_mip nothing;
    static const struct {
        uint32_t vendor;
        uint8_t type, len;
        enum lk_status want;
    } rows[] = {
        { OURS, LK_RADIUS_MIP_MN_HA, 19, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_MN_HA, 20 + 15, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_MN_HA, 20 + LK_RADIUS_MIP_NONCE_MAX + 1, LK_E_LENGTH },
        { OURS, LK_RADIUS_MIP_MN_HA, 20, LK_E_VALUE }, /* an SPI of 0 */
        { OURS, LK_RADIUS_MIP_MN_FA, 20, LK_E_VALUE },
        { OURS, LK_RADIUS_MIP_MN_FA, 3, LK_E_LENGTH },
        { LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, 3, LK_E_LENGTH },
        { LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, 3, LK_E_LENGTH },
    };
    static const uint8_t zeroes[128];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_mip mip = grant(LK_RADIUS_MIP_HOME), got;
        struct lk_writer w = begin(LK_RADIUS_ACCESS_ACCEPT);
        struct lk_radius_packet packet;
        bool own = rows[i].vendor == OURS;

        if (own && rows[i].type == LK_RADIUS_MIP_MN_FA)
            mip.has_foreign = false;
        else if (own)
            mip.has_home = false;
        else
            mip.secret.len = 0;
        lk_radius_put_vendor(&w, rows[i].vendor, rows[i].type, lk_span_of(zeroes, rows[i].len));
        if (!own && rows[i].type == LK_RADIUS_MN_HA_SPI)
            lk_radius_put_hidden(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, &secret,
                                 authenticator, salt, lk_span_of(zeroes, 16));
        else if (!own)
            lk_radius_put_vendor(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI,
                                 lk_span_of((const uint8_t[]){ 0, 0, 1, 44 }, 4));
        lk_radius_put_mip(&w, OURS, &mip, &secret, authenticator, salt);
        packet = packet_of(&w);
        assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME), rows[i].want);
        assert_memory_equal(&got, &nothing, sizeof got);
        /* The same again behind them: which of two it would be is nobody's to guess. */
        mip = grant(LK_RADIUS_MIP_HOME);
        w = begin(LK_RADIUS_ACCESS_ACCEPT);
        lk_radius_put_mip(&w, OURS, &mip, &secret, authenticator, salt);
        lk_radius_put_vendor(&w, rows[i].vendor, rows[i].type, lk_span_of(zeroes, rows[i].len));
        packet = packet_of(&w);
        assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME), LK_E_TWICE);
        assert_memory_equal(&got, &nothing, sizeof got);
    }
}

/* spec: RFC 3957 6.4 - an SPI of either end is none of the reserved ones, of either key. */
static void a_reserved_spi_is_no_keys(void **state)
{
    for (unsigned i = 0; i < 8; i++) {
        struct lk_radius_mip mip = grant(LK_RADIUS_MIP_HOME), got;
        struct lk_radius_mip_numbers *of = (i & 1) != 0 ? &mip.home : &mip.foreign;
        struct lk_radius_packet packet;

        *((i & 2) != 0 ? &of->spi : &of->spi_back) =
            (i & 4) != 0 ? LK_MIP_SPI_LEAST : LK_MIP_SPI_LEAST - 1;
        packet = given(&mip);
        assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME),
                         (i & 4) != 0 ? LK_OK : LK_E_VALUE);
    }
}

/* spec: RFC 3957 6.4 - what the AAA names and this side has not is no key. */
static void a_key_that_nobody_can_use_is_none(void **state)
{
    for (uint16_t i = 0; i < 12; i++)
        for (uint16_t replay = 0; replay < 6; replay++) {
            struct lk_radius_mip mip = grant(LK_RADIUS_MIP_HOME), got;
            struct lk_writer w = begin(LK_RADIUS_ACCESS_ACCEPT);
            struct lk_radius_packet packet;
            bool good = (i == 1 || i == 2 || i == 5) &&
                        (replay == 0 || replay == 2 || replay == 3);

            mip.home.algorithm = i;
            mip.home.replay = replay;
            lk_radius_put_mip(&w, OURS, &mip, &secret, authenticator, salt);
            packet = packet_of(&w);
            assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME),
                             good ? LK_OK : LK_E_VALUE);
        }
}

/* 57 of another key than the numbers are of. */
static void two_spis_for_one_key_are_none(void **state)
{
    static const uint8_t other[4] = { 0, 0, 1, 45 };
    struct lk_radius_mip mip = grant(LK_RADIUS_MIP_HOME), got;
    struct lk_writer w = begin(LK_RADIUS_ACCESS_ACCEPT);
    struct lk_radius_packet packet;

    mip.secret.len = 0;
    lk_radius_put_mip(&w, OURS, &mip, &secret, authenticator, salt);
    lk_radius_put_vendor(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, LK_SPAN(other));
    lk_radius_put_hidden(&w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, &secret, authenticator,
                         salt, lk_span_of(request, 16));
    packet = packet_of(&w);
    assert_int_equal(open_as(&got, &packet, LK_RADIUS_MIP_HOME), LK_E_VALUE);
}

/* An answer that is cut is not decoded, or has fewer attributes: never a key that was not put. */
static void an_answer_that_is_cut_gives_no_other_key(void **state)
{
    for (int agent = LK_RADIUS_MIP_HOME; agent <= LK_RADIUS_MIP_FOREIGN; agent++) {
        const struct lk_radius_mip mip = grant((enum lk_radius_mip_agent)agent);
        struct lk_radius_packet packet = given(&mip);
        size_t len = packet.whole.len;

        for (size_t cut = LK_RADIUS_HEADER_LEN; cut < len; cut++) {
            uint8_t *part = (uint8_t *)test_malloc(cut);
            struct lk_radius_mip got;

            memcpy(part, octets, cut);
            part[2] = (uint8_t)(cut >> 8);
            part[3] = (uint8_t)cut;
            if (lk_radius_decode(&packet, lk_span_of(part, cut)) == LK_OK &&
                open_as(&got, &packet, mip.agent) == LK_OK)
                assert_int_equal(got.secret.len, 0);
            test_free(part);
        }
    }
}

static void why_not_is_a_reason_by_its_name(void **state)
{
    static const struct { const char *code; enum lk_reason want; } rows[] = {
        { "mip.b-tid", LK_REASON_MIP_B_TID }, { "", LK_REASON_NONE },
        { "mip.b-ti", LK_REASON_NONE },
        { "a.very.long.name.of.a.reason.that.is.none.of.those.that.there.are.at.all.anywhere",
          LK_REASON_NONE },
    };
    struct lk_writer w = begin(LK_RADIUS_ACCESS_REJECT);
    struct lk_radius_packet packet;

    lk_radius_put_mip_refused(&w, OURS, LK_REASON_MIP_AAA_AUTH);
    packet = packet_of(&w);
    assert_int_equal(lk_radius_take_mip_refused(&packet, OURS), LK_REASON_MIP_AAA_AUTH);
    assert_int_equal(lk_radius_take_mip_refused(&packet, OTHER), LK_REASON_NONE);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        w = begin(LK_RADIUS_ACCESS_REJECT);
        lk_radius_put_vendor(&w, OURS, LK_RADIUS_MIP_REFUSED, lk_span_text(rows[i].code));
        packet = packet_of(&w);
        assert_int_equal(lk_radius_take_mip_refused(&packet, OURS), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_comes_as_it_went),
        cmocka_unit_test(a_proof_in_the_way_of_chap_comes_beside_it),
        cmocka_unit_test(a_broken_question_is_none),
        cmocka_unit_test(lengths_of_chap_are_looked_at),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(a_question_that_is_cut_is_read_to_its_end_at_most),
        cmocka_unit_test(what_is_given_comes_as_it_went),
        cmocka_unit_test(another_agents_answer_gives_nothing),
        cmocka_unit_test(the_attributes_of_3gpp2_alone_are_a_key),
        cmocka_unit_test(a_reserved_spi_is_no_keys),
        cmocka_unit_test(a_key_that_nobody_can_use_is_none),
        cmocka_unit_test(a_broken_answer_gives_nothing),
        cmocka_unit_test(two_spis_for_one_key_are_none),
        cmocka_unit_test(an_answer_that_is_cut_gives_no_other_key),
        cmocka_unit_test(why_not_is_a_reason_by_its_name),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}

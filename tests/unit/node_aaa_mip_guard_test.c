/* node/aaa_mip and node/mip_aaa: answers that are none, and questions whose parts are not of one
 * request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "node/aaa.h"
#include "node/mip_aaa.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { AAA_SPI = 1000, HOME_SPI = 300, FOREIGN_SPI = 301, OURS = LK_RADIUS_ENTERPRISE,
       LEFT_S = 7200 };
#define NAI "0001010123456789@home.example"
#define OTHER_NAI "0001010123456788@home.example"

static struct lk_aaa_config config;
static struct lk_radius_client client;
static struct lk_mip_aaa table;
static struct lk_mip_aaa_config agent;
static struct lk_mip_msa node_key; /* between node and AAA, or node and agent */
static struct lk_mip_keygen keygen;
static struct lk_aaa_job job;
static struct lk_aaa_out out;
static uint8_t octets[2048], sent[LK_RADIUS_PACKET_MAX];
static struct lk_mip_request request;

static int setup(void **state)
{
    static const struct lk_node_key node = { { 1 } };

    lk_aaa_config_defaults(&config);
    lk_aaa_config_roll(&config, &node, NOW);
    memset(&client, 0, sizeof client);
    memset(&table, 0, sizeof table);
    memset(&agent, 0, sizeof agent);
    memset(&job, 0, sizeof job);
    memset(&out, 0, sizeof out);
    lk_mip_keygen_init(&keygen);
    client.agent = "a.example";
    client.is_home_agent = true;
    client.prefix.bits = LK_ADDRESS_BITS;
    agent.agent = LK_RADIUS_MIP_HOME;
    agent.enterprise = OURS;
    strcpy(agent.name, "a.example");
    node_key = (struct lk_mip_msa){ .there = { .spi = AAA_SPI, .algorithm = LK_MIP_HMAC_SHA256,
                                               .secret = { .len = 32 } },
                                    .spi_back = AAA_SPI, .replay = LK_MIP_TIMESTAMPS,
                                    .ends_ms = NOW + LEFT_S * 1000 };
    memset(node_key.there.secret.octets, 0x6b, 32);
    assert_int_equal(lk_radius_secret_set(&agent.secret, lk_span_text("radsec")), LK_OK);
    return lk_radius_secret_set(&client.secret, lk_span_text("radsec")) == LK_OK ? 0 : -1;
}

static int teardown(void **state)
{
    lk_aaa_out_wipe(&out);
    return 0;
}

static void become(enum lk_radius_mip_agent kind)
{
    agent.agent = kind;
    client.is_home_agent = kind == LK_RADIUS_MIP_HOME;
}

static void under_chap(void)
{
    node_key.there.spi = node_key.spi_back = LK_MIP_SPI_CHAP;
}

/* ---- the node's request ---- */

struct asks {
    uint32_t home_spi, foreign_spi;
    bool pushed;        /* proven to the agent, and not to the AAA */
    bool nai_behind, challenge_behind, no_challenge;
    bool long_proof;    /* under SPI 2, of as many octets as another algorithm makes */
};

static void make(const struct asks *a)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_request fixed = { .lifetime_s = 600,
                                          .identification = lk_ntp_of(NOW, 0) };
    struct lk_mip_extensions has = { .nai = lk_span_text(NAI),
                                     .challenge = lk_span_text("a challenge"),
                                     .mn_ha_spi = a->home_spi, .mn_fa_spi = a->foreign_spi };
    bool challenges = node_key.there.spi == LK_MIP_SPI_CHAP && !a->no_challenge;

    lk_mip_request_put(&w, &fixed);
    if (!a->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (a->home_spi != 0)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &has);
    if (a->foreign_spi != 0)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &has);
    if (challenges && !a->challenge_behind)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &has);
    if (a->pushed)
        lk_mip_msa_sign(&w, &node_key, node_key.there.spi,
                        agent.agent == LK_RADIUS_MIP_HOME ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH);
    else if (a->long_proof)
        lk_mip_msa_sign(&w, &node_key, LK_MIP_SPI_CHAP, LK_MIP_MN_AAA_AUTH);
    else
        lk_mip_msa_sign_aaa(&w, &node_key, has.challenge);
    if (a->nai_behind)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (challenges && a->challenge_behind)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &has);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(lk_mip_request_decode(&request, lk_writer_span(&w)), LK_OK);
}

/* What an agent makes of it that does as it should. */
static struct lk_radius_mip_ask asked_well(const struct asks *a)
{
    const struct lk_mip_extensions *e = &request.extensions;
    bool home = agent.agent == LK_RADIUS_MIP_HOME;
    struct lk_radius_mip_ask ask = {
        .agent = agent.agent, .wants = a->pushed ? LK_RADIUS_MIP_PUSHED : LK_RADIUS_MIP_KEYS,
        .name = lk_span_text(agent.name), .nai = lk_span_text(NAI), .request = e->whole,
        .spi = a->pushed ? node_key.there.spi : home ? a->home_spi : a->foreign_spi };
    const struct lk_mip_auth *auth = &e->auth[LK_MIP_MN_AAA_AUTH];

    if (auth->spi != LK_MIP_SPI_CHAP)
        return ask;
    ask.has_chap = true;
    lk_mip_chap_of(&ask.chap, auth->covered, lk_span_text("a challenge"));
    memcpy(ask.chap_answer, auth->authenticator.at, LK_MIP_CHAP_LEN);
    return ask;
}

static const uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN] = { 9 };

/* The question as octets; without Message-Authenticator, where it is not to be had. */
static struct lk_span question_of(const struct lk_radius_mip_ask *ask, bool with_mac)
{
    struct lk_writer w = lk_writer_of(sent, sizeof sent);
    uint8_t mac[LK_RADIUS_MAC_LEN];
    size_t at = 0;

    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 7);
    if (with_mac)
        at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put_mip_ask(&w, OURS, ask);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, sizeof authenticator);
    if (with_mac) {
        lk_radius_mac(mac, lk_writer_span(&w), at, &client.secret, authenticator);
        lk_patch_octets(&w, at, mac, sizeof mac);
    }
    return lk_writer_span(&w);
}

static enum lk_aaa_verdict receive(struct lk_span question)
{
    static const uint8_t entropy[LK_AAA_ENTROPY_LEN] = { 1, 2, 3 };
    const struct lk_aaa_datagram datagram = { .octets = question, .port = LK_RADIUS_AUTH_PORT,
                                              .client = &client, .now_ms = NOW,
                                              .entropy = entropy, .is_protected = true };

    return lk_aaa_job_receive(&job, &out, &config, &datagram);
}

static void tell(uint8_t random)
{
    struct lk_aaa_mip_told told = { .now_ms = NOW, .with = &node_key, .keygen = &keygen };

    for (size_t i = 0; i < sizeof told.entropy; i++)
        told.entropy[i] = (uint8_t)(random + i);
    assert_int_equal(lk_aaa_job_told_mip(&job, &out, &config, &told), LK_AAA_ANSWER);
}

/* It is refused before anybody's key is looked for. */
static void is_refused(const struct lk_radius_mip_ask *ask, enum lk_reason reason)
{
    assert_int_equal(receive(question_of(ask, true)), LK_AAA_ANSWER);
    assert_int_equal(out.mip, LK_AAA_MIP_REFUSED);
    assert_int_equal(out.reason, reason);
    assert_int_equal(keygen.state, LK_MIP_KEYGEN_NONE);
}

static void is_granted(const struct lk_radius_mip_ask *ask)
{
    assert_int_equal(receive(question_of(ask, true)), LK_AAA_ASK_MIP);
    tell(1);
    assert_int_equal(out.mip, LK_AAA_MIP_GRANTED);
}

/* ---- questions ---- */

/* T27: the User-Name that proxies route and bill by is the NAI that the node has signed: not
 * another's, and not one that it has not signed. */
static void test_t27_a_question_has_one_name(void **state)
{
    for (int pushed = 0; pushed < 2; pushed++)
        for (int kind = LK_RADIUS_MIP_HOME; kind <= LK_RADIUS_MIP_FOREIGN; kind++) {
            struct asks a = { .home_spi = pushed ? 0 : HOME_SPI,
                              .foreign_spi = pushed ? 0 : FOREIGN_SPI, .pushed = pushed != 0 };
            struct lk_radius_mip_ask ask;

            lk_mip_keygen_init(&keygen);
            become((enum lk_radius_mip_agent)kind);
            make(&a);
            ask = asked_well(&a);
            ask.nai = lk_span_text(OTHER_NAI);
            is_refused(&ask, LK_REASON_MIP_NODE);
            a.nai_behind = true;
            make(&a);
            ask = asked_well(&a);
            is_refused(&ask, LK_REASON_MIP_ORDER);
            a.nai_behind = false; /* the control */
            make(&a);
            ask = asked_well(&a);
            is_granted(&ask);
        }
}

/* T27, S4 7.3.6: the key that is pushed is the one that proves the request, and not that of another
 * SPI of the subscriber. */
static void test_t27_a_key_is_pushed_for_its_own_spi(void **state)
{
    const struct asks a = { .pushed = true };
    struct lk_radius_mip_ask ask;

    for (int kind = LK_RADIUS_MIP_HOME; kind <= LK_RADIUS_MIP_FOREIGN; kind++) {
        become((enum lk_radius_mip_agent)kind);
        make(&a);
        ask = asked_well(&a);
        ask.spi++;
        is_refused(&ask, LK_REASON_MIP_SPI);
        ask.spi--; /* the control */
        is_granted(&ask);
    }
}

/* spec: RFC 4721 8 - what the client has made of MN-AAA is of this request and its challenge: the
 * identifier, what is in front of the key, and the answer. */
static void test_a_proof_by_chap_is_of_its_request(void **state)
{
    const struct asks a = { .home_spi = HOME_SPI };
    struct lk_radius_mip_ask good, ask;

    under_chap();
    make(&a);
    good = asked_well(&a);
    for (size_t i = 0; i < good.chap.len; i++) {
        ask = good;
        ask.chap.challenge[i] ^= 1;
        is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    }
    for (size_t i = 0; i < LK_MIP_CHAP_LEN; i++) {
        ask = good;
        ask.chap_answer[i] ^= 1;
        is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    }
    ask = good;
    ask.chap.id ^= 1;
    is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    ask = good;
    ask.chap.len--;
    is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    ask.chap.len += 2;
    is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    is_granted(&good); /* the control */
}

/* spec: RFC 4721 8 - nor is there such a proof of a request that has none: under another SPI,
 * without a challenge, of another length, or with no MN-AAA at all. */
static void test_a_proof_by_chap_is_in_its_request(void **state)
{
    const struct asks chap = { .home_spi = HOME_SPI };
    const struct { struct asks a; bool under_chap; } rows[] = {
        { { .home_spi = HOME_SPI }, false },
        { { .home_spi = HOME_SPI, .no_challenge = true }, true },
        { { .home_spi = HOME_SPI, .long_proof = true }, true },
        { { .pushed = true }, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_mip_auth *auth = &request.extensions.auth[LK_MIP_MN_AAA_AUTH];
        struct lk_radius_mip_ask of_chap, ask;

        (void)setup(state);
        under_chap();
        make(&chap);
        of_chap = asked_well(&chap);
        if (!rows[i].under_chap)
            node_key.there.spi = node_key.spi_back = AAA_SPI;
        make(&rows[i].a);
        ask = asked_well(&rows[i].a);
        ask.has_chap = true;
        ask.chap = of_chap.chap;
        memcpy(ask.chap_answer, of_chap.chap_answer, LK_MIP_CHAP_LEN);
        if (rows[i].under_chap) { /* as right as it can be made */
            lk_mip_chap_of(&ask.chap, auth->covered, request.extensions.challenge);
            memcpy(ask.chap_answer, auth->authenticator.at, LK_MIP_CHAP_LEN);
        }
        is_refused(&ask, LK_REASON_MIP_AAA_AUTH);
    }
}

/* spec: RFC 4721 8 - a challenge behind MN-AAA under SPI 2 was put there by anybody: it proves
 * nothing to the AAA, and the agent makes nothing of it. */
static void test_a_challenge_behind_its_proof_is_none(void **state)
{
    struct asks a = { .home_spi = HOME_SPI, .challenge_behind = true };
    struct lk_radius_mip_ask ask, got;
    struct lk_radius_packet packet;
    static uint8_t room[LK_MIP_MESSAGE_MAX];
    struct lk_span send;

    under_chap();
    for (int before = 0; before < 2; before++) {
        a.challenge_behind = !before;
        make(&a);
        assert_int_equal(lk_mip_aaa_ask(&table, &send, &agent, &request, LK_RADIUS_MIP_KEYS, 1, 1,
                                        authenticator),
                         LK_OK);
        assert_int_equal(lk_radius_decode(&packet, send), LK_OK);
        assert_int_equal(lk_radius_take_mip_ask(&got, &packet, OURS, room, sizeof room), LK_OK);
        assert_int_equal(got.has_chap, before);
        ask = asked_well(&a);
        ask.has_chap = false;
        assert_int_equal(receive(question_of(&ask, true)), LK_AAA_ASK_MIP);
        tell(1);
        assert_int_equal(out.reason, before ? LK_REASON_NONE : LK_REASON_MIP_AAA_AUTH);
    }
}

/* A01: a question without Message-Authenticator is not heard. */
static void test_a01_a_question_without_message_authenticator(void **state)
{
    const struct asks a = { .home_spi = HOME_SPI };
    struct lk_radius_mip_ask ask;

    make(&a);
    ask = asked_well(&a);
    assert_int_equal(receive(question_of(&ask, false)), LK_AAA_DROP);
    assert_int_equal(out.answer_len, 0);
    is_granted(&ask); /* the control */
}

/* ---- answers ---- */

/* T20: Session-Timeout is that of the key which the answer has. Where it has none there is none. */
static void test_t20_the_timeout_is_of_the_key(void **state)
{
    static const struct { enum lk_radius_mip_agent kind; struct asks a; bool key; } rows[] = {
        { LK_RADIUS_MIP_HOME, { .home_spi = HOME_SPI }, true },
        { LK_RADIUS_MIP_FOREIGN, { .foreign_spi = FOREIGN_SPI }, true },
        { LK_RADIUS_MIP_HOME, { .pushed = true }, true },
        { LK_RADIUS_MIP_FOREIGN, { .pushed = true }, true },
        { LK_RADIUS_MIP_HOME, { .foreign_spi = FOREIGN_SPI }, false },
        { LK_RADIUS_MIP_FOREIGN, { .home_spi = HOME_SPI }, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_mip_ask ask;
        struct lk_radius_packet packet;
        struct lk_span value;
        uint32_t seconds;

        lk_mip_keygen_init(&keygen);
        become(rows[i].kind);
        make(&rows[i].a);
        ask = asked_well(&rows[i].a);
        is_granted(&ask);
        assert_int_equal(lk_radius_decode(&packet, lk_span_of(out.answer, out.answer_len)), LK_OK);
        assert_int_equal(lk_radius_find(&packet, LK_RADIUS_SESSION_TIMEOUT, &value), rows[i].key);
        if (!rows[i].key)
            continue;
        assert_int_equal(lk_radius_u32(&seconds, value), LK_OK);
        assert_int_equal(seconds, LEFT_S);
    }
}

/* The AAA's answer to the question that is out, with other attributes or none: by who knows the
 * secret, as a proxy does, or whoever can make its MD5 collide. */
static struct lk_span answer_of(uint8_t code, uint8_t identifier, bool with_mac)
{
    struct lk_radius_packet packet;
    struct lk_reader r;
    struct lk_radius_attribute attribute;
    struct lk_writer w = lk_writer_of(sent, sizeof sent);
    uint8_t value[LK_RADIUS_MAC_LEN];
    size_t at = 0;

    assert_int_equal(lk_radius_decode(&packet, lk_span_of(out.answer, out.answer_len)), LK_OK);
    lk_radius_begin(&w, (enum lk_radius_code)code, identifier);
    if (with_mac)
        at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    r = lk_reader_of(packet.attributes);
    while (lk_radius_next(&r, &attribute))
        if (attribute.type != LK_RADIUS_MESSAGE_AUTHENTICATOR)
            lk_radius_put(&w, attribute.type, attribute.value);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, sizeof authenticator);
    if (with_mac) {
        lk_radius_mac(value, lk_writer_span(&w), at, &agent.secret, authenticator);
        lk_patch_octets(&w, at, value, sizeof value);
    }
    lk_radius_authenticator(value, lk_writer_span(&w), &agent.secret, authenticator);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    return lk_writer_span(&w);
}

/* A01: an answer that has the right Response Authenticator and no Message-Authenticator is none,
 * whether it grants or refuses; nor is one of another kind, or to another question. */
static void test_a01_an_answer_without_message_authenticator(void **state)
{
    const struct asks a = { .home_spi = HOME_SPI };
    static const struct { uint8_t code, other_id; bool mac, good; } rows[] = {
        { LK_RADIUS_ACCESS_ACCEPT, 0, false, false }, { LK_RADIUS_ACCESS_REJECT, 0, false, false },
        { LK_RADIUS_ACCESS_CHALLENGE, 0, true, false },
        { LK_RADIUS_ACCESS_REQUEST, 0, true, false },
        { LK_RADIUS_ACCESS_ACCEPT, LK_MIP_AAA_QUESTIONS, true, false },
        { LK_RADIUS_ACCESS_ACCEPT, 1, true, false },
        { LK_RADIUS_ACCESS_ACCEPT, 0, true, true },
    };
    struct lk_mip_aaa_answer answer;
    struct lk_span send;
    uint64_t dropped = 0;
    uint8_t identifier;

    make(&a);
    assert_int_equal(lk_mip_aaa_ask(&table, &send, &agent, &request, LK_RADIUS_MIP_KEYS, 42, 1,
                                    authenticator),
                     LK_OK);
    identifier = send.at[1];
    assert_int_equal(receive(send), LK_AAA_ASK_MIP);
    tell(1);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_span octets_of = answer_of(rows[i].code,
                                             (uint8_t)(identifier + rows[i].other_id),
                                             rows[i].mac);
        bool taken = lk_mip_aaa_received(&table, &answer, &agent, octets_of) == LK_OK;

        assert_int_equal(taken, rows[i].good);
        dropped += !taken;
        assert_int_equal(table.dropped, dropped);
        assert_int_equal(answer.mip.secret.len, rows[i].good ? config.mip.key_len : 0);
    }
    assert_int_equal(answer.tag, 42);
}

/* spec: RFC 3957 6.4 - a key that comes without a nonce is not one that the node could make:
 * nothing of it goes into the reply. */
static void test_a_key_without_a_nonce_is_not_told(void **state)
{
    for (unsigned i = 0; i < 4; i++) {
        const struct lk_radius_mip mip = {
            .agent = LK_RADIUS_MIP_HOME, .has_home = true, .has_foreign = true,
            .home = { .spi = 300, .spi_back = 301, .nonce_len = (i & 1) != 0 ? 16 : 0 },
            .foreign = { .spi = 400, .spi_back = 401, .nonce_len = (i & 2) != 0 ? 16 : 0 } };
        struct lk_mip_grant grant;

        lk_mip_aaa_grant(&grant, &mip, NOW);
        assert_int_equal(grant.mn_ha, (i & 1) != 0);
        assert_int_equal(grant.mn_fa, (i & 2) != 0);
    }
}

/* ---- what keys are named ---- */

/* spec: RFC 3957 6.2 - an SPI that is given is none of the reserved ones, whatever the random
 * octets are. spec: RFC 3957 6.4 - with the home agent, too. */
static void test_an_agents_spi_is_none_of_the_reserved(void **state)
{
    const struct asks a = { .home_spi = HOME_SPI, .foreign_spi = FOREIGN_SPI };
    static const uint32_t firsts[] = { 0, 1, 2, 255, 256, 257, UINT32_MAX };

    make(&a);
    for (size_t i = 0; i < LK_COUNT_OF(firsts); i++) {
        struct lk_mip_keygen_event event = { .kind = LK_MIP_KEYGEN_EV_REQUEST, .now_ms = NOW,
                                             .request = &request, .with = &node_key,
                                             .agent = lk_span_text("a.example") };
        struct lk_mip_keygen_outbox made;
        const struct lk_mip_grant *grant;
        struct lk_writer w = lk_writer_of(event.entropy, sizeof event.entropy);
        uint32_t least = firsts[i] < LK_MIP_SPI_LEAST ? firsts[i] + LK_MIP_SPI_LEAST : firsts[i];

        for (uint8_t role = 0; role < 2; role++) {
            const uint8_t nonce[LK_MIP_NONCE_LEAST] = { (uint8_t)(role + 1) };

            lk_put_octets(&w, nonce, sizeof nonce);
            lk_put_be32(&w, firsts[i]);
        }
        lk_mip_keygen_init(&keygen);
        assert_int_equal(lk_mip_keygen_step(&keygen, &config.mip, &event, &made), LK_OK);
        grant = &lk_mip_keygen_find(&made, LK_MIP_KEYGEN_OUT_GRANT)->given.grant;
        assert_int_equal(grant->mn_ha_key.agent_spi, least);
        assert_int_equal(grant->mn_fa_key.agent_spi, least);
        assert_int_equal(grant->msa.there.spi, least);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_t27_a_question_has_one_name),
        TEST(test_t27_a_key_is_pushed_for_its_own_spi),
        TEST(test_a_proof_by_chap_is_of_its_request),
        TEST(test_a_proof_by_chap_is_in_its_request),
        TEST(test_a_challenge_behind_its_proof_is_none),
        TEST(test_a01_a_question_without_message_authenticator),
        TEST(test_t20_the_timeout_is_of_the_key),
        TEST(test_a01_an_answer_without_message_authenticator),
        TEST(test_a_key_without_a_nonce_is_not_told),
        TEST(test_an_agents_spi_is_none_of_the_reserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* node/aaa_mip and node/mip_aaa back to back: an agent asks, the home AAA answers, and what comes
 * of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "node/aaa.h"
#include "node/mip_aaa.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { AAA_SPI = 1000, HOME_SPI = 300, FOREIGN_SPI = 301, PUSHED_SPI = 777 };
#define NAI "0001010123456789@home.example"

static struct lk_aaa_config config;
static struct lk_radius_client client;
static struct lk_mip_aaa agents_table;
static struct lk_mip_aaa_config agent;
static struct lk_mip_msa node_key; /* between node and AAA, or node and agent */
static struct lk_mip_keygen keygen;
static struct lk_aaa_job job;
static struct lk_aaa_out out;
static bool over_tls;

static int setup(void **state)
{
    static const struct lk_node_key node = { { 1 } };

    lk_aaa_config_defaults(&config);
    lk_aaa_config_roll(&config, &node, NOW);
    memset(&client, 0, sizeof client);
    memset(&agents_table, 0, sizeof agents_table);
    memset(&agent, 0, sizeof agent);
    memset(&job, 0, sizeof job);
    memset(&out, 0, sizeof out);
    lk_mip_keygen_init(&keygen);
    client.agent = "ha.example";
    client.is_home_agent = true;
    client.prefix.bits = LK_ADDRESS_BITS;
    agent.agent = LK_RADIUS_MIP_HOME;
    agent.enterprise = LK_RADIUS_ENTERPRISE;
    strcpy(agent.name, "ha.example");
    over_tls = true;
    node_key = (struct lk_mip_msa){ .there = { .spi = AAA_SPI, .algorithm = LK_MIP_HMAC_SHA256,
                                               .secret = { .len = 32 } },
                                    .spi_back = AAA_SPI, .replay = LK_MIP_TIMESTAMPS,
                                    .ends_ms = NOW + 7200000 };
    memset(node_key.there.secret.octets, 0x6b, 32);
    assert_int_equal(lk_radius_secret_set(&agent.secret, lk_span_text("radsec")), LK_OK);
    return lk_radius_secret_set(&client.secret, lk_span_text("radsec")) == LK_OK ? 0 : -1;
}

static int teardown(void **state)
{
    lk_aaa_out_wipe(&out);
    return 0;
}

/* ---- the node's request ---- */

struct question {
    const char *nai; /* NULL: ours */
    bool no_nai, no_proof, pushed, chap, b_tid_behind, another_before;
    uint32_t home_spi, foreign_spi;
    const char *b_tid;
    uint64_t at_ms; /* 0: now */
    uint8_t octets[1024];
    struct lk_mip_request request;
};

static void put_b_tid(struct lk_writer *w, const struct question *q)
{
    struct lk_mip_extensions has = { .vendor_count = 1 };

    if (q->b_tid == NULL)
        return;
    has.vendor[0] = (struct lk_mip_vendor){ .id = LK_RADIUS_ENTERPRISE,
                                            .type = LK_MIP_VENDOR_B_TID,
                                            .value = lk_span_text(q->b_tid) };
    lk_mip_extension_put(w, LK_MIP_VENDOR, &has);
}

static void make(struct question *q)
{
    struct lk_writer w = lk_writer_of(q->octets, sizeof q->octets);
    const struct lk_mip_request fixed = {
        .lifetime_s = 600, .identification = lk_ntp_of(q->at_ms == 0 ? NOW : q->at_ms, 0) };
    struct lk_mip_extensions has = { .nai = lk_span_text(q->nai == NULL ? NAI : q->nai),
                                     .challenge = lk_span_text("a challenge"),
                                     .mn_ha_spi = q->home_spi, .mn_fa_spi = q->foreign_spi };

    lk_mip_request_put(&w, &fixed);
    if (!q->no_nai)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (q->home_spi != 0)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &has);
    if (q->foreign_spi != 0)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &has);
    if (q->chap)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &has);
    if (!q->b_tid_behind)
        put_b_tid(&w, q);
    if (q->another_before) { /* of no meaning here */
        has.vendor[0] = (struct lk_mip_vendor){ .id = 10415, .type = 1,
                                                .value = lk_span_text("other") };
        has.vendor_count = 1;
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &has);
    }
    if (q->pushed)
        lk_mip_msa_sign(&w, &node_key, node_key.there.spi,
                        agent.agent == LK_RADIUS_MIP_HOME ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH);
    else if (!q->no_proof)
        lk_mip_msa_sign_aaa(&w, &node_key, has.challenge);
    if (q->b_tid_behind)
        put_b_tid(&w, q);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(lk_mip_request_decode(&q->request, lk_writer_span(&w)), LK_OK);
}

/* ---- the way there ---- */

static struct lk_span ask(struct question *q)
{
    static uint8_t authenticator[16];
    struct lk_span send;

    make(q);
    authenticator[0]++;
    assert_int_equal(lk_mip_aaa_ask(&agents_table, &send, &agent, &q->request,
                                    q->pushed ? LK_RADIUS_MIP_PUSHED : LK_RADIUS_MIP_KEYS, 42,
                                    1000, authenticator),
                     LK_OK);
    return send;
}

static enum lk_aaa_verdict receive(struct lk_span octets)
{
    static uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram datagram = { .octets = octets, .port = LK_RADIUS_AUTH_PORT,
                                        .client = &client, .now_ms = NOW, .entropy = entropy,
                                        .is_protected = over_tls };

    for (size_t i = 0; i < sizeof entropy; i++)
        entropy[i] = (uint8_t)(i * 3 + 1);
    return lk_aaa_job_receive(&job, &out, &config, &datagram);
}

static void tell(const struct lk_mip_msa *with, uint8_t random)
{
    struct lk_aaa_mip_told told = { .now_ms = NOW, .with = with, .keygen = &keygen,
                                    .reason = LK_REASON_MIP_B_TID, .came = "another's" };

    for (size_t i = 0; i < sizeof told.entropy; i++)
        told.entropy[i] = (uint8_t)(random + i);
    assert_int_equal(lk_aaa_job_told_mip(&job, &out, &config, &told), LK_AAA_ANSWER);
}

static struct lk_mip_aaa_answer heard(void)
{
    struct lk_mip_aaa_answer answer;

    assert_int_equal(lk_mip_aaa_received(&agents_table, &answer, &agent,
                                         lk_span_of(out.answer, out.answer_len)),
                     LK_OK);
    assert_int_equal(answer.tag, 42);
    return answer;
}

static struct lk_mip_aaa_answer answered(struct question *q, uint8_t random)
{
    assert_int_equal(receive(ask(q)), LK_AAA_ASK_MIP);
    tell(&node_key, random);
    return heard();
}

static void is_not_given(struct question *q, enum lk_reason reason)
{
    struct lk_mip_aaa_answer answer;

    if (receive(ask(q)) == LK_AAA_ASK_MIP)
        tell(&node_key, 1);
    assert_int_equal(out.mip, LK_AAA_MIP_REFUSED);
    answer = heard();
    assert_int_equal(answer.reason, LK_REASON_MIP_AAA_REFUSED);
    assert_int_equal(answer.told, reason);
    assert_int_equal(answer.mip.secret.len, 0);
    assert_false(answer.mip.has_home || answer.mip.has_foreign);
}

static void is_refused(struct question *q, enum lk_reason reason)
{
    is_not_given(q, reason);
    assert_int_equal(keygen.state, LK_MIP_KEYGEN_NONE);
}

static void is_key_of(const struct lk_mip_secret *secret, const struct lk_radius_mip_numbers *of)
{
    struct lk_mip_key key;

    lk_mip_key_derive(&key, lk_span_of(node_key.there.secret.octets, node_key.there.secret.len),
                      lk_span_of(of->nonce, of->nonce_len), lk_span_text(NAI));
    assert_int_equal(secret->len, config.mip.key_len);
    assert_memory_equal(secret->octets, key.octets, secret->len);
}

/* Who asks from now on: its row is made for it. */
static void become(enum lk_radius_mip_agent kind, const char *row, const char *name)
{
    agent.agent = kind;
    strcpy(agent.name, name);
    client.agent = row;
    client.is_home_agent = kind == LK_RADIUS_MIP_HOME;
}

/* ---- what is given ---- */

/* Invariant 20, T24: the key of who asks, made of its own nonce; of the other the nonce alone. */
static void a_home_agent_gets_its_key(void **state)
{
    struct question q = { .home_spi = HOME_SPI, .foreign_spi = FOREIGN_SPI };
    struct lk_mip_aaa_answer answer = answered(&q, 7);
    struct lk_mip_grant grant;

    assert_int_equal(answer.reason, LK_REASON_NONE);
    assert_int_equal(out.mip, LK_AAA_MIP_GRANTED);
    is_key_of(&answer.mip.secret, &answer.mip.home);
    assert_memory_not_equal(answer.mip.home.nonce, answer.mip.foreign.nonce, 16);
    lk_mip_aaa_grant(&grant, &answer.mip, NOW);
    assert_true(grant.mn_ha && grant.mn_fa);
    assert_int_equal(grant.msa.there.spi, answer.mip.home.spi);
    assert_int_equal(grant.msa.spi_back, HOME_SPI);
    assert_int_equal(grant.msa.replay, LK_MIP_TIMESTAMPS);
    assert_int_equal(grant.msa.ends_ms, NOW + 7200000); /* T30: no longer than its parent */
    assert_int_equal(grant.mn_ha_key.aaa_spi, AAA_SPI);
    assert_int_equal(grant.mn_ha_key.agent_spi, grant.msa.there.spi);
}

/* T26: what was made once. */
static void a_foreign_agent_gets_its_key_of_the_same_nonces(void **state)
{
    struct question q = { .home_spi = HOME_SPI, .foreign_spi = FOREIGN_SPI };
    struct lk_mip_aaa_answer home = answered(&q, 7), foreign;
    struct lk_mip_msa msa;

    become(LK_RADIUS_MIP_FOREIGN, "fa.example", "fa.example");
    foreign = answered(&q, 99);
    assert_false(foreign.mip.has_home);
    assert_memory_equal(&foreign.mip.foreign, &home.mip.foreign, sizeof foreign.mip.foreign);
    is_key_of(&foreign.mip.secret, &foreign.mip.foreign);
    assert_memory_not_equal(foreign.mip.secret.octets, home.mip.secret.octets, 16);
    lk_mip_aaa_msa(&msa, &foreign.mip, NOW);
    assert_int_equal(msa.there.spi, foreign.mip.foreign.spi);
    assert_int_equal(msa.spi_back, FOREIGN_SPI);
}

static void who_asks_for_no_key_is_proven_and_gets_none(void **state)
{
    struct question q = { .at_ms = NOW };
    struct lk_mip_aaa_answer answer;

    become(LK_RADIUS_MIP_FOREIGN, "fa.example", "fa.example");
    answer = answered(&q, 1);
    assert_true(answer.reason == LK_REASON_NONE && answer.mip.secret.len == 0);
    assert_false(answer.mip.has_home || answer.mip.has_foreign);
}

/* S4 7.3.6, case 1. */
static void a_key_is_pushed_to_whom_its_holder_has_proven_it(void **state)
{
    static const enum lk_radius_mip_agent agents[] = { LK_RADIUS_MIP_HOME, LK_RADIUS_MIP_FOREIGN };

    for (size_t i = 0; i < 2; i++) {
        struct question q = { .pushed = true, .b_tid = "btid@bsf" };
        struct lk_mip_aaa_answer answer;
        struct lk_mip_msa msa;

        become(agents[i], "ha.example", "ha.example");
        node_key.there.spi = node_key.spi_back = PUSHED_SPI;
        answer = answered(&q, 1);
        assert_true(answer.reason == LK_REASON_NONE && job.mip.b_tid_len == 8);
        lk_mip_aaa_msa(&msa, &answer.mip, NOW);
        assert_memory_equal(&msa, &node_key, sizeof msa);
        assert_int_equal(keygen.state, LK_MIP_KEYGEN_NONE);
        node_key.there.secret.octets[0] ^= 1; /* the request was signed by another */
        q.pushed = true;
        {
            const struct lk_mip_msa right = node_key;
            struct lk_span send;

            node_key.there.secret.octets[0] ^= 1;
            send = ask(&q);
            assert_int_equal(receive(send), LK_AAA_ASK_MIP);
            tell(&right, 1);
        }
        answer = heard();
        assert_int_equal(answer.told, LK_REASON_MIP_MN_AUTH);
        assert_int_equal(answer.mip.secret.len, 0);
    }
}

/* ---- who gets nothing ---- */

/* T23: where others read, nothing is said. T02: which agent it is says its row. */
static void a_client_that_may_not_have_keys(void **state)
{
    static const struct { const char *row, *name; bool may; } rows[] = {
        { NULL, "ha.example", false },        { "ha.example", "hb.example", false },
        { "*.example", "fa.example", true },  { "*.example", "fa.examples", false },
        { "*.example", "example", false },    { "*", "ha.example", false },
        { "ha.example", "ha.example", true },
    };
    struct question q = { .home_spi = HOME_SPI };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        become(rows[i].name[0] == 'f' ? LK_RADIUS_MIP_FOREIGN : LK_RADIUS_MIP_HOME, rows[i].row,
               rows[i].name);
        lk_mip_keygen_init(&keygen);
        if (rows[i].may)
            assert_int_equal(answered(&q, 1).reason, LK_REASON_NONE);
        else
            is_refused(&q, LK_REASON_MIP_CLIENT);
    }
    lk_mip_keygen_init(&keygen);
    over_tls = false;
    is_refused(&q, LK_REASON_MIP_LEG_OPEN);
}

/* Invariant 20, T27: the row says whether a client is home or foreign agent, not the client. */
static void a_client_is_the_kind_that_its_row_says(void **state)
{
    static const struct { const char *row; bool is_home; bool asks_as_home, may; } rows[] = {
        { "fb.example", false, true, false }, { "fb.example", false, false, true },
        { "ha.example", true, false, false }, { "ha.example", true, true, true },
        { "*.example", false, true, false },  { "*.example", false, false, true },
        { "*.example", true, true, false },   { "*.example", true, false, true },
    };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(rows); i++) {
        const size_t row = i / 2;
        struct question q = { .pushed = i % 2 != 0 };

        q.home_spi = q.foreign_spi = q.pushed ? 0 : HOME_SPI;
        become(rows[row].asks_as_home ? LK_RADIUS_MIP_HOME : LK_RADIUS_MIP_FOREIGN, rows[row].row,
               rows[row].row[0] == '*' ? "any.example" : rows[row].row);
        client.is_home_agent = rows[row].is_home;
        lk_mip_keygen_init(&keygen);
        if (rows[row].may)
            assert_int_equal(answered(&q, 1).mip.secret.len, q.pushed ? 32 : config.mip.key_len);
        else
            is_not_given(&q, LK_REASON_MIP_CLIENT);
    }
}

/* Invariant 20, T24, T27: who has overheard a request gets nothing; the first the same (T26). */
static void a_key_is_of_one_agent(void **state)
{
    static const enum lk_radius_mip_agent kinds[] = { LK_RADIUS_MIP_FOREIGN, LK_RADIUS_MIP_HOME };
    struct question q = { .home_spi = HOME_SPI, .foreign_spi = FOREIGN_SPI };

    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        struct lk_mip_aaa_answer first, again;

        become(kinds[i], "a.example", "a.example");
        first = answered(&q, 7);
        assert_int_equal(first.mip.secret.len, config.mip.key_len);
        become(kinds[i], "b.example", "b.example");
        is_not_given(&q, LK_REASON_MIP_CLIENT);
        become(kinds[i], "a.example", "a.example");
        again = answered(&q, 99);
        assert_memory_equal(&first.mip.secret, &again.mip.secret, sizeof first.mip.secret);
    }
}

/* T27: what the role has found to be another's is of no use to anybody. */
static void a_key_that_is_not_found(void **state)
{
    struct question q = { .home_spi = HOME_SPI, .b_tid = "btid@bsf" };
    struct lk_mip_aaa_answer answer;

    assert_int_equal(receive(ask(&q)), LK_AAA_ASK_MIP);
    assert_string_equal(job.mip.imsi.digits, "001010123456789");
    assert_int_equal(job.mip.spi, AAA_SPI);
    tell(NULL, 1);
    answer = heard();
    assert_int_equal(answer.told, LK_REASON_MIP_B_TID);
    assert_string_equal(out.mip_came, "another's");
    assert_int_equal(keygen.state, LK_MIP_KEYGEN_NONE);
}

static void a_b_tid_behind_the_proof_is_none(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct question q = { .home_spi = HOME_SPI, .b_tid = "btid@bsf", .b_tid_behind = true,
                              .another_before = i == 1 };

        assert_int_equal(receive(ask(&q)), LK_AAA_ASK_MIP);
        assert_int_equal(job.mip.b_tid_len, 0);
        tell(NULL, 1);
        (void)heard();
    }
}

static void a_request_that_is_not_proven(void **state)
{
    struct question q = { .home_spi = HOME_SPI, .no_proof = true };
    uint8_t right = node_key.there.secret.octets[3];
    struct lk_span send;

    is_refused(&q, LK_REASON_MIP_AUTH_MISSING);
    q = (struct question){ .home_spi = HOME_SPI, .nai = "nobody@home.example" };
    is_refused(&q, LK_REASON_MIP_NODE);
    q = (struct question){ .home_spi = HOME_SPI };
    send = ask(&q);
    node_key.there.secret.octets[3] ^= 0x10;
    assert_int_equal(receive(send), LK_AAA_ASK_MIP);
    tell(&node_key, 1);
    assert_int_equal(heard().told, LK_REASON_MIP_AAA_AUTH);
    node_key.there.secret.octets[3] = right;
    node_key.ends_ms = NOW;
    q = (struct question){ .home_spi = HOME_SPI };
    is_refused(&q, LK_REASON_MIP_KEY_EXPIRED);
}

/* spec: RFC 4721 8 - the client's form of the proof, and the request's, are one. */
static void a_proof_in_the_way_of_chap(void **state)
{
    struct question q = { .home_spi = HOME_SPI, .chap = true };
    struct lk_radius_packet packet;
    struct lk_span send, value;

    node_key.there.spi = LK_MIP_SPI_CHAP;
    assert_int_equal(answered(&q, 1).reason, LK_REASON_NONE);
    send = ask(&q);
    assert_int_equal(lk_radius_decode(&packet, send), LK_OK);
    assert_true(lk_radius_find(&packet, LK_RADIUS_CHAP_PASSWORD, &value));
    ((uint8_t *)(uintptr_t)value.at)[5] ^= 1;
    {
        size_t mac_at;
        uint8_t mac[LK_RADIUS_MAC_LEN];

        assert_int_equal(lk_radius_mac_offset(&mac_at, &packet), LK_OK);
        lk_radius_mac(mac, packet.whole, mac_at, &agent.secret, packet.authenticator.at);
        memcpy((uint8_t *)(uintptr_t)packet.whole.at + mac_at, mac, sizeof mac);
    }
    assert_int_equal(receive(send), LK_AAA_ANSWER);
    assert_int_equal(heard().told, LK_REASON_MIP_AAA_AUTH);
}

/* ---- the agent's table ---- */

static void a_question_is_asked_again_and_given_up(void **state)
{
    struct question q = { .home_spi = HOME_SPI };
    struct lk_span send = ask(&q), again;
    struct lk_mip_aaa_answer answer;
    uint8_t first[LK_MIP_AAA_OCTETS];
    size_t len = send.len;
    uint64_t now_ms = 1000;

    memcpy(first, send.at, len);
    assert_int_equal(lk_mip_aaa_due(&agents_table, &again, &answer, &agent, 1999),
                     LK_MIP_AAA_NOTHING);
    for (unsigned i = 0; i < 2; i++) {
        now_ms += 1000u << i;
        assert_int_equal(lk_mip_aaa_due(&agents_table, &again, &answer, &agent, now_ms),
                         LK_MIP_AAA_AGAIN);
        assert_true(lk_span_equal(again, lk_span_of(first, len)));
    }
    assert_int_equal(lk_mip_aaa_due(&agents_table, &again, &answer, &agent, now_ms + 3999),
                     LK_MIP_AAA_NOTHING);
    assert_int_equal(lk_mip_aaa_due(&agents_table, &again, &answer, &agent, now_ms + 4000),
                     LK_MIP_AAA_OVER);
    assert_int_equal(answer.tag, 42);
    assert_int_equal(answer.reason, LK_REASON_MIP_AAA_SILENT);
    assert_int_equal(receive(lk_span_of(first, len)), LK_AAA_ASK_MIP);
    tell(&node_key, 1);
    assert_int_equal(lk_mip_aaa_received(&agents_table, &answer, &agent,
                                         lk_span_of(out.answer, out.answer_len)),
                     LK_E_UNEXPECTED); /* too late */
}

/* T15: so many, and no more; and none is mistaken for another. */
static void as_many_are_out_as_there_is_room_for(void **state)
{
    struct question q = { .home_spi = HOME_SPI };
    static const uint8_t authenticator[16] = { 9 };
    uint8_t seen[256] = { 0 };
    struct lk_span send;

    for (unsigned i = 0; i < LK_MIP_AAA_QUESTIONS; i++)
        assert_int_equal(seen[ask(&q).at[1]]++, 0);
    assert_int_equal(lk_mip_aaa_ask(&agents_table, &send, &agent, &q.request, LK_RADIUS_MIP_KEYS,
                                    1, 1, authenticator),
                     LK_E_FULL);
    agents_table.question[5].out = false;
    assert_int_equal(seen[ask(&q).at[1]]++, 0); /* another identifier in the same place */
}

/* A01: whatever is not the AAA's answer, octet by octet, is dropped, and the question stays. */
static void an_answer_that_was_altered_is_none(void **state)
{
    struct question q = { .home_spi = HOME_SPI };
    struct lk_mip_aaa_answer answer;
    uint8_t good[LK_RADIUS_PACKET_MAX];
    size_t len;

    assert_int_equal(receive(ask(&q)), LK_AAA_ASK_MIP);
    tell(&node_key, 1);
    len = out.answer_len;
    memcpy(good, out.answer, len);
    for (size_t i = 0; i < len; i++) {
        good[i] ^= 0x40;
        assert_int_not_equal(
            lk_mip_aaa_received(&agents_table, &answer, &agent, lk_span_of(good, len)), LK_OK);
        good[i] ^= 0x40;
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(
            lk_mip_aaa_received(&agents_table, &answer, &agent, lk_span_of(good, cut)), LK_OK);
    assert_int_equal(agents_table.dropped, 2 * len);
    assert_int_equal(
        lk_mip_aaa_received(&agents_table, &answer, &agent, lk_span_of(good, len)), LK_OK);
    assert_int_equal(answer.reason, LK_REASON_NONE);
    assert_int_not_equal( /* and once */
        lk_mip_aaa_received(&agents_table, &answer, &agent, lk_span_of(good, len)), LK_OK);
}

static void a_node_without_a_name_is_not_asked_for(void **state)
{
    static const uint8_t authenticator[16] = { 9 };
    struct question q = { .home_spi = HOME_SPI, .no_nai = true };
    struct lk_span send;

    make(&q);
    assert_int_equal(lk_mip_aaa_ask(&agents_table, &send, &agent, &q.request, LK_RADIUS_MIP_KEYS,
                                    1, 1, authenticator),
                     LK_E_MISSING);
}

static int by_octets(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* T24: of 20,000 registrations no nonce comes twice, in one role or two, and in one registration no
 * SPI. */
static void no_nonce_comes_twice(void **state)
{
    enum { GRANTS = 20000, OCTETS = 16 };
    uint8_t (*seen)[OCTETS] = test_calloc(2 * GRANTS, sizeof *seen);
    uint64_t x = 88172645463325252u;

    for (unsigned i = 0; i < GRANTS; i++) {
        struct question q = { .home_spi = HOME_SPI + 2 * i, .foreign_spi = FOREIGN_SPI + 2 * i,
                              .at_ms = NOW - 6000 + i / 4 };
        struct lk_aaa_mip_told told = { .now_ms = NOW, .with = &node_key, .keygen = &keygen };
        struct lk_mip_aaa_answer answer;

        lk_mip_keygen_init(&keygen); /* another subscriber */
        for (size_t j = 0; j < sizeof told.entropy; j++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            told.entropy[j] = (uint8_t)(x >> 32);
        }
        assert_int_equal(receive(ask(&q)), LK_AAA_ASK_MIP);
        assert_int_equal(lk_aaa_job_told_mip(&job, &out, &config, &told), LK_AAA_ANSWER);
        answer = heard();
        assert_int_equal(answer.reason, LK_REASON_NONE);
        assert_int_not_equal(answer.mip.home.spi, answer.mip.foreign.spi);
        memcpy(seen[2 * i], answer.mip.home.nonce, OCTETS);
        memcpy(seen[2 * i + 1], answer.mip.foreign.nonce, OCTETS);
    }
    qsort(seen, 2 * GRANTS, OCTETS, by_octets);
    for (unsigned i = 1; i < 2 * GRANTS; i++)
        assert_memory_not_equal(seen[i - 1], seen[i], OCTETS);
    test_free(seen);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_home_agent_gets_its_key), TEST(a_foreign_agent_gets_its_key_of_the_same_nonces),
        TEST(who_asks_for_no_key_is_proven_and_gets_none),
        TEST(a_key_is_pushed_to_whom_its_holder_has_proven_it),
        TEST(a_client_that_may_not_have_keys), TEST(a_client_is_the_kind_that_its_row_says),
        TEST(a_key_is_of_one_agent), TEST(a_key_that_is_not_found),
        TEST(a_b_tid_behind_the_proof_is_none), TEST(a_request_that_is_not_proven),
        TEST(a_proof_in_the_way_of_chap), TEST(a_question_is_asked_again_and_given_up),
        TEST(as_many_are_out_as_there_is_room_for), TEST(an_answer_that_was_altered_is_none),
        TEST(a_node_without_a_name_is_not_asked_for), TEST(no_nonce_comes_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "aaa_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "keys/mis.h"

static const uint64_t start_ms = 1791936000000ULL + 12 * 3600 * 1000; /* noon of a day */

void aaa_restart(struct aaa_world *a)
{
    for (unsigned i = 0; i < AAA_NODES; i++) {
        struct lk_node_key key = a->node_key;
        struct lk_eap_server_config eap = a->w.server_config;

        key.octets[0] ^= i == 2;
        lk_aaa_config_defaults(&a->node[i]);
        memset(eap.pseudonym_keys, 0, sizeof eap.pseudonym_keys);
        strcpy(a->node[i].mis.realm, "home.example");
        a->node[i].eap = eap;
        lk_aaa_config_roll(&a->node[i], &key, a->now_ms);
    }
}

void aaa_init(struct aaa_world *a)
{
    memset(a, 0, sizeof *a);
    world_init(&a->w);
    a->now_ms = start_ms;
    memset(a->node_key.octets, 0x4e, sizeof a->node_key.octets);
    assert_int_equal(lk_address_prefix_parse(&a->client[0].prefix, "127.0.0.0/8"), LK_OK);
    assert_int_equal(lk_address_prefix_parse(&a->client[1].prefix, "192.0.2.0/24"), LK_OK);
    assert_int_equal(lk_radius_secret_set(&a->client[0].secret, lk_span_text("testing123")),
                     LK_OK);
    assert_int_equal(lk_radius_secret_set(&a->client[1].secret, lk_span_text("other")), LK_OK);
    a->nas_config.secret = a->client[0].secret;
    assert_int_equal(lk_radius_clients_set(&a->clients, a->client, 2), LK_OK);
    assert_int_equal(lk_address_parse(&a->source, "127.0.0.1"), LK_OK);
    a->nas_config.address = a->source;
    a->nas_config.ask_key_name = true;
    lk_radius_nas_init(&a->nas);
    strcpy(a->nas.user, "user");
    strcpy(a->nas.calling, "02-00-00-00-00-01");
    assert_true(lk_erp_table_size(8) <= sizeof a->erp_memory);
    a->erp = lk_erp_table_in(a->erp_memory, 8);
    aaa_restart(a);
}

/* Carries out what a node says beside its verdict. */
static void obey(struct aaa_world *a)
{
    for (size_t i = 0; i < a->out.eap.count; i++) {
        const struct lk_output *item = &a->out.eap.item[i];

        if (item->kind == LK_OUT_KEEP_REAUTH) {
            world_keep_context(&a->w, &item->keep_reauth);
            a->kept++;
        } else if (item->kind == LK_OUT_GRANT) {
            a->grant = item->grant;
            a->granted++;
        } else if (item->kind == LK_OUT_FAILED) {
            a->failed++;
        }
    }
}

static void obey_erp(struct aaa_world *a)
{
    const struct lk_erp_output *grant = lk_erp_outbox_find(&a->out.erp, LK_ERP_OUT_GRANT);

    if (grant != NULL) {
        a->erp_grant = grant->grant;
        a->erp_granted++;
    }
    a->erp_failed += lk_erp_outbox_find(&a->out.erp, LK_ERP_OUT_FAILED) != NULL;
    if (a->out.keeps_erp)
        lk_erp_table_keep(a->erp, &a->out.erp_context, a->now_ms);
}

static enum lk_aaa_verdict tell(struct aaa_world *a, unsigned node)
{
    const struct lk_output *vector = lk_outbox_find(&a->out.eap, LK_OUT_ASK_VECTOR);
    const struct lk_output *context = lk_outbox_find(&a->out.eap, LK_OUT_ASK_REAUTH);
    struct lk_event event = { .kind = LK_EV_NO_VECTOR };

    assert_true((vector != NULL) != (context != NULL));
    if (vector != NULL)
        world_answer_vector(&a->w, vector, &event);
    else
        world_answer_context(&a->w, context, &event);
    event.now_ms = a->now_ms;
    world_entropy(&a->w, &event);
    return lk_aaa_job_told(&a->job, &a->out, &a->node[node], &event);
}

static enum lk_aaa_verdict tell_erp(struct aaa_world *a, unsigned node)
{
    const struct lk_erp_output *ask = lk_erp_outbox_find(&a->out.erp, LK_ERP_OUT_ASK), *keep;
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_CONTEXT, .now_ms = a->now_ms };
    enum lk_aaa_verdict verdict;

    if (lk_erp_table_take(a->erp, &event.context, ask->ask, a->now_ms) != LK_OK)
        event.kind = LK_ERP_SERVER_EV_NO_CONTEXT;
    verdict = lk_aaa_job_told_erp(&a->job, &a->out, &a->node[node], &event);
    keep = lk_erp_outbox_find(&a->out.erp, LK_ERP_OUT_KEEP);
    if (keep != NULL)
        lk_erp_table_put_back(a->erp, &keep->keep, a->now_ms);
    return verdict;
}

static enum lk_aaa_verdict sign(struct aaa_world *a, unsigned node)
{
    uint8_t room[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_start_mark_sign(&w, &a->out.mark, &a->mark_key), LK_OK);
    return lk_aaa_job_signed(&a->job, &a->out, &a->node[node], lk_writer_span(&w));
}

enum lk_aaa_verdict aaa_serve(struct aaa_world *a, unsigned node, enum lk_radius_port port,
                              struct lk_span datagram)
{
    struct lk_event event;
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    struct lk_aaa_datagram in = { .octets = datagram, .port = port, .source = a->source,
                                  .client = lk_radius_clients_find(&a->clients, &a->source),
                                  .now_ms = a->now_ms, .entropy = entropy,
                                  .is_protected = a->is_protected };

    world_entropy(&a->w, &event);
    memcpy(entropy, event.entropy, sizeof event.entropy);
    world_entropy(&a->w, &event);
    memcpy(entropy + sizeof event.entropy, event.entropy, sizeof entropy - sizeof event.entropy);
    memset(&a->job, 0xa5, sizeof a->job); /* whatever was in there before */
    memset(&a->out, 0xa5, sizeof a->out);
    a->verdict = lk_aaa_job_receive(&a->job, &a->out, &a->node[node], &in);
    while (a->verdict == LK_AAA_ASK)
        a->verdict = tell(a, node);
    if (a->verdict == LK_AAA_ASK_ERP)
        a->verdict = tell_erp(a, node);
    if (a->verdict == LK_AAA_SIGN)
        a->verdict = sign(a, node);
    if (a->verdict == LK_AAA_STORE) {
        a->record = a->out.record;
        a->records++;
        a->verdict = lk_aaa_job_stored(&a->job, &a->out, !a->store_fails);
    }
    a->reason = a->out.reason;
    a->withheld = a->out.withheld;
    if (a->verdict == LK_AAA_ANSWER) {
        obey(a);
        obey_erp(a);
    }
    assert_int_equal(a->job.state, LK_AAA_JOB_IDLE);
    return a->verdict;
}

/* One packet to the peer, its questions to the USIM answered. The answer's length in eap, or 0. */
static size_t step_peer(struct aaa_world *a, enum lk_event_kind kind, struct lk_span received,
                        uint8_t eap[LK_EAP_PACKET_MAX])
{
    struct lk_event event = { .kind = kind };
    struct lk_outbox out;
    size_t len = 0;

    event.received = received;
    for (bool again = true; again;) {
        again = false;
        world_entropy(&a->w, &event);
        lk_outbox_empty(&out);
        (void)!lk_eap_peer_step(&a->w.peer, &a->w.peer_config, &event, &out);
        for (size_t i = 0; i < out.count; i++) {
            const struct lk_output *item = &out.item[i];

            if (item->kind == LK_OUT_SEND) {
                len = item->send.len;
                memcpy(eap, item->send.at, len);
            } else if (item->kind == LK_OUT_GRANT) {
                a->w.peer_grants++;
                a->w.peer_grant = item->grant;
            } else if (item->kind == LK_OUT_FAILED) {
                a->w.peer_fails++;
                a->w.peer_refusal = item->failed;
            } else if (item->kind == LK_OUT_ASK_CARD) {
                event.kind = LK_EV_CARD;
                lk_usim_answer(&a->w.usim, &event.card, item->ask_card.rand, item->ask_card.autn);
                again = true;
            }
        }
    }
    return len;
}

/* The access point's part of one round: false when there is nothing more to say. */
static bool one_round(struct aaa_world *a, struct lk_span eap)
{
    struct lk_outbox out;
    unsigned round = a->rounds;
    struct lk_event event;
    struct lk_span sent;

    assert_true(round < AAA_ROUNDS);
    world_entropy(&a->w, &event);
    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_send_eap(&a->nas, &a->nas_config, eap, a->now_ms,
                                            event.entropy, &out), LK_OK);
    sent = lk_outbox_find(&out, LK_OUT_SEND)->send;
    memcpy(a->request[round], sent.at, sent.len);
    a->request_len[round] = sent.len;
    a->rounds++;
    if (a->meddle != NULL && !a->meddle(a, true, a->request[round], &a->request_len[round]))
        return false;
    a->answer_len[round] = 0;
    if (aaa_serve(a, a->node_of_round[round], LK_RADIUS_AUTH_PORT,
                  lk_span_of(a->request[round], a->request_len[round])) != LK_AAA_ANSWER)
        return false;
    memcpy(a->answer[round], a->out.answer, a->out.answer_len);
    a->answer_len[round] = a->out.answer_len;
    if (a->meddle != NULL && !a->meddle(a, false, a->answer[round], &a->answer_len[round]))
        return false;
    return lk_radius_nas_received(&a->nas, &a->nas_config,
                                  lk_span_of(a->answer[round], a->answer_len[round]),
                                  &a->outcome) == LK_OK;
}

void aaa_attach(struct aaa_world *a)
{
    uint8_t eap[LK_EAP_PACKET_MAX], room[8];
    struct lk_writer identity = lk_writer_of(room, sizeof room);
    size_t len;

    a->rounds = a->granted = a->failed = a->kept = 0;
    a->w.vectors = a->w.resyncs = a->w.reauths_asked = a->w.peer_grants = a->w.peer_fails = 0;
    lk_radius_nas_reset(&a->nas);
    a->outcome.code = 0;
    (void)step_peer(a, LK_EV_START, lk_span_of(NULL, 0), eap);
    lk_eap_put_identity(&identity, LK_EAP_REQUEST, 1, lk_span_of(NULL, 0));
    len = step_peer(a, LK_EV_RECEIVED, lk_writer_span(&identity), eap);
    while (len > 0) {
        if (!one_round(a, lk_span_of(eap, len)))
            return;
        a->now_ms += a->pause_ms;
        len = a->outcome.has_eap ? step_peer(a, LK_EV_RECEIVED, a->outcome.eap, eap) : 0;
    }
}

/* T40, T45: a PoS has K of its row's name, and nobody but an access point the MSK. */
static void expect_key(const struct aaa_world *a, const struct lk_grant *peer)
{
    const char *pos = lk_radius_clients_find(&a->clients, &a->source)->pos;
    struct lk_mis_k k;

    if (pos == NULL)
        lk_mis_k_of_msk(&k, &peer->msk);
    else
        lk_mis_k_of_emsk(&k, &peer->emsk, lk_span_text(a->node[0].mis.k_usage),
                         lk_span_text(pos));
    assert_memory_equal(&a->outcome.msk, k.octets, sizeof a->outcome.msk);
}

void aaa_expect_accept(const struct aaa_world *a)
{
    static const struct lk_emsk wiped;
    const struct lk_grant *peer = &a->w.peer_grant;

    assert_int_equal(a->outcome.code, LK_RADIUS_ACCESS_ACCEPT);
    assert_int_equal(a->granted, 1);
    assert_int_equal(a->failed, 0);
    assert_int_equal(a->w.peer_grants, 1);
    assert_true(a->outcome.has_msk);
    expect_key(a, peer);
    assert_memory_equal(&a->grant.msk, &peer->msk, sizeof peer->msk);
    /* The node wipes the EMSK when it has derived from it what it is there for. */
    if (a->grant.mode == LK_TWAN_MULTI || a->outcome.has_mis)
        assert_memory_equal(&a->grant.emsk, &wiped, sizeof wiped);
    else
        assert_memory_equal(&a->grant.emsk, &peer->emsk, sizeof peer->emsk);
    assert_true(lk_imsi_equal(&a->grant.imsi, &a->w.peer_config.imsi));
}

void aaa_expect_reject(const struct aaa_world *a, enum lk_reason reason)
{
    assert_int_equal(a->outcome.code, LK_RADIUS_ACCESS_REJECT);
    assert_int_equal(a->granted, 0);
    assert_int_equal(a->failed, 1);
    assert_int_equal(a->w.peer_grants, 0);
    assert_false(a->outcome.has_msk);
    assert_int_equal(a->reason, reason);
}

void aaa_sign(const struct aaa_world *a, uint8_t *octets, size_t len)
{
    static const uint8_t zeroes[16];
    bool accounting = octets[0] == LK_RADIUS_ACCOUNTING_REQUEST;
    uint8_t value[16], authenticator[16];
    struct lk_radius_packet packet;
    size_t at;

    octets[2] = (uint8_t)(len >> 8);
    octets[3] = (uint8_t)len;
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(octets, len)), LK_OK);
    memcpy(authenticator, accounting ? zeroes : octets + LK_RADIUS_AUTHENTICATOR_AT, 16);
    if (lk_radius_mac_offset(&at, &packet) == LK_OK) {
        lk_radius_mac(value, packet.whole, at, &a->nas_config.secret, authenticator);
        memcpy(octets + at, value, sizeof value);
    }
    if (accounting) {
        lk_radius_authenticator(value, packet.whole, &a->nas_config.secret, zeroes);
        memcpy(octets + LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
}

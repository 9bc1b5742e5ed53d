#include "eap_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/secret.h"

static const char test_k[] = "465b5ce8b199b49faa5f0a2ee238a6bc";
static const char test_opc[] = "cd63cb71954a9f4e48a5994e37a02baf";
static const char test_realm[] = "wlan.mnc001.mcc001.3gppnetwork.org";

static void set_pseudonym_key(struct lk_pseudonym_key *key, uint8_t id)
{
    uint8_t octets[LK_SIV_KEY_LEN];

    memset(octets, id, sizeof octets);
    lk_siv_set_key(&key->key, octets);
    key->id = id;
    key->set = true;
}

void world_init(struct world *w)
{
    size_t len;

    memset(w, 0, sizeof *w);
    lk_eap_server_defaults(&w->server_config);
    lk_eap_peer_defaults(&w->peer_config);
    set_pseudonym_key(&w->server_config.pseudonym_keys[0], 2);
    set_pseudonym_key(&w->server_config.pseudonym_keys[1], 1);
    assert_int_equal(lk_imsi_parse(&w->peer_config.imsi, lk_span_text("001010000000001")), LK_OK);
    memcpy(w->peer_config.realm, test_realm, strlen(test_realm));
    w->peer_config.realm_len = (uint8_t)strlen(test_realm);
    w->auc.algorithm = LK_AKA_MILENAGE;
    w->auc.res_len = 8;
    assert_int_equal(lk_hex_decode(w->auc.k, sizeof w->auc.k, &w->auc.k_len, lk_span_text(test_k)),
                     LK_OK);
    assert_int_equal(lk_hex_decode(w->auc.topc, sizeof w->auc.topc, &len, lk_span_text(test_opc)),
                     LK_OK);
    lk_usim_init(&w->usim, &w->auc);
    lk_eap_peer_init(&w->peer);
    w->known = true;
    w->forget_server = true;
}

void world_entropy(struct world *w, struct lk_event *event)
{
    uint32_t count = w->entropy++;

    for (size_t i = 0; i < sizeof event->entropy; i++)
        event->entropy[i] = (uint8_t)(count * 2654435761u >> (i % 4 * 8) ^ i * 37);
}

static void sqn_octets(uint8_t sqn[LK_SQN_LEN], uint64_t number)
{
    for (size_t i = LK_SQN_LEN; i > 0; i--) {
        sqn[i - 1] = (uint8_t)number;
        number >>= 8;
    }
}

/* SEQ and IND each advance by one. */
static uint64_t next_sqn(uint64_t sqn)
{
    return ((sqn >> 5) + 1) << 5 | ((sqn + 1) & 31);
}

void world_vector(struct world *w, struct lk_vector *v, bool prime)
{
    uint8_t sqn[LK_SQN_LEN], mac_a[LK_MAC_A_LEN], amf[2] = { w->amf[0], w->amf[1] };
    struct lk_aka_output out;
    struct lk_event event;

    if (!w->amf_fixed)
        amf[0] = prime ? amf[0] | 0x80 : amf[0] & 0x7f;
    memset(v, 0, sizeof *v);
    world_entropy(w, &event);
    memcpy(v->rand, event.entropy, LK_RAND_LEN);
    w->sqn = next_sqn(w->sqn);
    sqn_octets(sqn, w->sqn);
    lk_aka_f2345(&out, &w->auc, v->rand);
    lk_aka_f1(mac_a, &w->auc, v->rand, sqn, amf);
    lk_aka_autn(v->autn, sqn, out.ak, amf, mac_a);
    memcpy(v->xres, out.res, out.res_len);
    v->xres_len = out.res_len;
    v->keys = prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    memcpy(v->ck.octets, out.ck, 16);
    memcpy(v->ik.octets, out.ik, 16);
    if (prime) {
        lk_ck_ik_prime_derive(&v->ck_prime, &v->ik_prime, &v->ck, &v->ik,
                              lk_span_of(w->server_config.network_name,
                                         w->server_config.network_name_len),
                              v->autn);
        lk_wipe(&v->ck, sizeof v->ck);
        lk_wipe(&v->ik, sizeof v->ik);
    }
    w->vectors++;
}

void world_answer_vector(struct world *w, const struct lk_output *ask, struct lk_event *event)
{
    uint8_t sqn_ms[LK_SQN_LEN];

    event->kind = LK_EV_NO_VECTOR;
    event->no_vector = w->no_vector;
    if (w->no_vector != LK_REASON_NONE)
        return;
    event->no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    if (!w->known || !lk_imsi_equal(&ask->ask_vector.imsi, &w->peer_config.imsi))
        return;
    if (ask->ask_vector.resync) {
        event->no_vector = LK_REASON_AUTS_WRONG;
        w->resyncs_refused++;
        if (lk_aka_auts_open(sqn_ms, &w->auc, ask->ask_vector.rand, ask->ask_vector.auts) != LK_OK)
            return;
        w->resyncs_refused--;
        w->resyncs++;
        w->sqn = 0;
        for (size_t i = 0; i < LK_SQN_LEN; i++)
            w->sqn = w->sqn << 8 | sqn_ms[i];
    }
    event->kind = LK_EV_VECTOR;
    world_vector(w, &event->vector, ask->ask_vector.prime);
    if (w->tweak != NULL)
        w->tweak(w, &event->vector);
}

void world_answer_context(struct world *w, const struct lk_output *ask, struct lk_event *event)
{
    w->reauths_asked++;
    event->kind = LK_EV_NO_REAUTH;
    for (size_t i = 0; i < WORLD_CONTEXTS; i++) {
        if (!w->context_used[i] ||
            memcmp(w->context[i].name, ask->ask_reauth, LK_REAUTH_NAME_LEN) != 0)
            continue;
        event->kind = LK_EV_REAUTH;
        event->reauth = w->context[i];
        w->context_used[i] = false;
    }
}

void world_keep_context(struct world *w, const struct lk_reauth_context *context)
{
    size_t i = w->contexts_kept++ % WORLD_CONTEXTS; /* the oldest gives way */

    w->context[i] = *context;
    w->context_used[i] = true;
}

static void through_snapshot(struct world *w)
{
    uint8_t octets[LK_EAP_SNAPSHOT_MAX];
    struct lk_writer writer = lk_writer_of(octets, sizeof octets);
    struct lk_reader reader;

    if (!w->forget_server || !lk_eap_server_awaits_peer(&w->server))
        return;
    assert_int_equal(lk_eap_server_pack(&w->server, &writer), LK_OK);
    if (writer.len > w->snapshot_max)
        w->snapshot_max = writer.len;
    memset(&w->server, 0xa5, sizeof w->server);
    reader = lk_reader_of(lk_writer_span(&writer));
    assert_int_equal(lk_eap_server_unpack(&w->server, &reader), LK_OK);
}

static void note(struct world *w, struct lk_span octets)
{
    struct lk_eap_packet packet;

    if (w->packets == WORLD_PACKETS)
        fail_msg("the run does not end");
    if (lk_eap_decode(&packet, octets) == LK_OK &&
        lk_aka_has(&packet.at, LK_AT_PERMANENT_ID_REQ))
        w->permanent_asked++;
    lk_eap_packet_name(w->names[w->packets++], &packet);
}

static void deliver(struct world *w, bool to_peer, struct lk_span span)
{
    uint8_t octets[LK_EAP_PACKET_MAX];
    size_t len = span.len;
    enum lk_status status;

    assert_true(len <= sizeof octets);
    memcpy(octets, span.at, len);
    note(w, span);
    if (w->meddle != NULL && !w->meddle(w, to_peer, octets, &len))
        return;
    status = to_peer ? world_to_peer(w, lk_span_of(octets, len))
                     : world_to_server(w, lk_span_of(octets, len));
    (void)status;
}

static enum lk_status step_server(struct world *w, struct lk_event *event);
static enum lk_status step_peer(struct world *w, struct lk_event *event);

/* Carries out the server's outputs; the packet goes last, since the answer to it comes back here.
 */
static void obey_server(struct world *w, const struct lk_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_output *item = &out->item[i];
        struct lk_event event = { .kind = LK_EV_START };

        if (item->kind == LK_OUT_ASK_VECTOR) {
            world_answer_vector(w, item, &event);
            assert_int_equal(step_server(w, &event), LK_OK);
        } else if (item->kind == LK_OUT_ASK_REAUTH) {
            world_answer_context(w, item, &event);
            assert_int_equal(step_server(w, &event), LK_OK);
        } else if (item->kind == LK_OUT_KEEP_REAUTH) {
            world_keep_context(w, &item->keep_reauth);
        } else if (item->kind == LK_OUT_GRANT) {
            w->server_grants++;
            w->server_grant = item->grant;
        } else if (item->kind == LK_OUT_FAILED) {
            w->server_fails++;
            w->server_refusal = item->failed;
        }
    }
    if (lk_outbox_find(out, LK_OUT_SEND) != NULL) {
        through_snapshot(w);
        deliver(w, true, lk_outbox_find(out, LK_OUT_SEND)->send);
    }
}

static enum lk_status step_server(struct world *w, struct lk_event *event)
{
    struct lk_outbox out;
    enum lk_status status;

    world_entropy(w, event);
    lk_outbox_empty(&out);
    w->server.access = w->access;
    status = lk_eap_server_step(&w->server, &w->server_config, event, &out);
    if (status != LK_OK)
        assert_int_equal(out.count, 0);
    obey_server(w, &out);
    return status;
}

static void obey_peer(struct world *w, const struct lk_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_output *item = &out->item[i];
        struct lk_event event = { .kind = LK_EV_CARD };

        if (item->kind == LK_OUT_ASK_CARD) {
            lk_usim_answer(&w->usim, &event.card, item->ask_card.rand, item->ask_card.autn);
            assert_int_equal(step_peer(w, &event), LK_OK);
        } else if (item->kind == LK_OUT_GRANT) {
            w->peer_grants++;
            w->peer_grant = item->grant;
        } else if (item->kind == LK_OUT_FAILED) {
            w->peer_fails++;
            w->peer_refusal = item->failed;
        }
    }
    if (lk_outbox_find(out, LK_OUT_SEND) != NULL)
        deliver(w, false, lk_outbox_find(out, LK_OUT_SEND)->send);
}

static enum lk_status step_peer(struct world *w, struct lk_event *event)
{
    struct lk_outbox out;
    enum lk_status status;

    world_entropy(w, event);
    lk_outbox_empty(&out);
    status = lk_eap_peer_step(&w->peer, &w->peer_config, event, &out);
    if (status != LK_OK)
        assert_int_equal(out.count, 0);
    obey_peer(w, &out);
    return status;
}

enum lk_status world_to_peer(struct world *w, struct lk_span octets)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = octets;
    return step_peer(w, &event);
}

enum lk_status world_to_server(struct world *w, struct lk_span octets)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = octets;
    return step_server(w, &event);
}

void world_run(struct world *w)
{
    struct lk_event start = { .kind = LK_EV_START };
    uint8_t room[8];
    struct lk_writer writer = lk_writer_of(room, sizeof room);

    w->packets = w->vectors = w->resyncs = w->resyncs_refused = w->reauths_asked = 0;
    w->permanent_asked = 0;
    w->server_grants = w->peer_grants = w->server_fails = w->peer_fails = 0;
    memset(&w->server_grant, 0, sizeof w->server_grant);
    memset(&w->peer_grant, 0, sizeof w->peer_grant);
    memset(&w->server_refusal, 0, sizeof w->server_refusal);
    memset(&w->peer_refusal, 0, sizeof w->peer_refusal);
    lk_eap_server_init(&w->server);
    assert_int_equal(step_peer(w, &start), LK_OK);
    lk_eap_put_identity(&writer, LK_EAP_REQUEST, 7, lk_span_of(NULL, 0));
    deliver(w, true, lk_writer_span(&writer));
}

void world_expect_success(const struct world *w)
{
    assert_int_equal(w->server_grants, 1);
    assert_int_equal(w->peer_grants, 1);
    assert_int_equal(w->server_fails + w->peer_fails, 0);
    assert_int_equal(w->server.state, LK_EAP_SERVER_DONE);
    assert_int_equal(w->peer.state, LK_EAP_PEER_DONE);
    assert_int_equal(w->server_grant.eap_type, w->peer_grant.eap_type);
    assert_int_equal(w->server_grant.fast, w->peer_grant.fast);
    assert_int_equal(w->server_grant.mode, w->peer_grant.mode);
    assert_int_equal(w->server_grant.counter, w->peer_grant.counter);
    assert_true(lk_imsi_equal(&w->server_grant.imsi, &w->peer_grant.imsi));
    assert_memory_equal(&w->server_grant.msk, &w->peer_grant.msk, sizeof w->peer_grant.msk);
    assert_memory_equal(&w->server_grant.emsk, &w->peer_grant.emsk, sizeof w->peer_grant.emsk);
    assert_memory_equal(&w->server_grant.session_id, &w->peer_grant.session_id,
                        sizeof w->peer_grant.session_id);
    assert_string_equal(w->names[w->packets - 1], "Success");
}

void world_expect_failure(const struct world *w, enum lk_reason at_server)
{
    assert_int_equal(w->server_grants + w->peer_grants, 0);
    assert_int_equal(w->server_fails, 1);
    assert_int_equal(w->peer_fails, 1);
    assert_int_equal(w->server.state, LK_EAP_SERVER_FAILED);
    assert_int_equal(w->peer.state, LK_EAP_PEER_FAILED);
    assert_string_equal(w->names[w->packets - 1], "Failure");
    if (at_server != LK_REASON_NONE)
        assert_int_equal(w->server_refusal.reason, at_server);
}

unsigned world_count(const struct world *w, const char *name)
{
    unsigned count = 0;

    for (unsigned i = 0; i < w->packets; i++)
        count += strcmp(w->names[i], name) == 0;
    return count;
}

bool world_saw(const struct world *w, const char *name)
{
    return world_count(w, name) > 0;
}

/* Where one authentication's time goes inside the process: the AAA node and the authentication
 * centre driven without sockets, store or vault process, a batch at a time, step by step.
 *
 *     steps [aka-prime|aka] [ROUNDS]      prints JSON: nanoseconds of each step, the least of all
 * rounds
 *
 * What latchkeyd spends beyond the sum is datagrams, the way to the vault and back, and the store.
 * */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "node/aaa.h"
#include "node/reply_cache.h"
#include "role/load_peer.h"
#include "role/load_radius.h"
#include "store/reauth.h"
#include "vault/auc.h"

enum { BATCH = 64, REQUEST_MAX = 1024, CONTEXTS = 65536 };
enum step {
    FIND, RECEIVE_IDENTITY, VAULT, TOLD, KEEP_REPLY, RECEIVE_RESPONSE, KEEP_CONTEXT, STEPS
};

static const char *const step_names[STEPS] = {
    "reply cache: look up, twice", "node: identity in", "authentication centre: vector",
    "node: vector in, challenge out", "reply cache: keep, twice", "node: response in, accept out",
    "keep the re-authentication context",
};

struct one {
    struct lk_imsi imsi;
    struct lk_load_peer peer;
    struct lk_aaa_job job;
    struct lk_vault_request ask;
    struct lk_vault_answer told;
    struct lk_reply_key key;
    uint8_t authenticator[16];
    size_t len;
    uint8_t request[REQUEST_MAX];
    size_t answer_len;
    uint8_t answer[LK_RADIUS_PACKET_MAX];
    struct lk_outbox outputs;
};

struct bench {
    struct lk_load_options load;
    struct lk_load_radius client_side;
    struct lk_aaa_config config;
    struct lk_radius_client client;
    struct lk_address source;
    struct lk_auc auc;
    struct lk_reply_cache *cache;
    struct lk_reauth_table *reauth;
    struct lk_aaa_out out;
    uint64_t now_ms, number, began_ns;
    uint64_t best[STEPS];
    size_t challenge_len, accept_len;
    struct one one[BATCH];
};

static void fill(void *to, size_t len)
{
    if (getrandom(to, len, 0) != (ssize_t)len)
        abort();
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void begin(struct bench *b)
{
    b->began_ns = now_ns();
}

static void end(struct bench *b, uint64_t spent[STEPS], enum step step)
{
    spent[step] += now_ns() - b->began_ns;
}

static void set_up(struct bench *b, bool prime)
{
    static const uint8_t loopback[4] = { 127, 0, 0, 1 };
    struct lk_node_key node_key;
    struct lk_master_key master;
    enum lk_status status = LK_OK;

    b->load.kind = prime ? LK_LOAD_AKA_PRIME : LK_LOAD_AKA;
    b->load.card = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    b->load.subscribers = 1000000;
    fill(b->load.card.k, 16);
    fill(&node_key, sizeof node_key);
    fill(&master, sizeof master);
    b->now_ms = UINT64_C(1790000000000);
    b->source = lk_address_v4(loopback);
    status = lk_imsi_parse(&b->load.first_imsi, lk_span_text("001010000000001"));
    if (status == LK_OK)
        status = lk_address_prefix_parse(&b->client.prefix, "127.0.0.0/8");
    if (status == LK_OK)
        status = lk_radius_secret_set(&b->client.secret, lk_span_text("testing123"));
    lk_load_radius_start(&b->client_side, lk_span_text("testing123"));
    lk_aaa_config_defaults(&b->config);
    lk_aaa_config_roll(&b->config, &node_key, b->now_ms);
    lk_row_key_derive(&b->auc.key, &master);
    if (status == LK_OK)
        status = lk_sqn_init(&b->auc.sqn, LK_SQN_TIME, 0, 0, calloc(1, lk_sqn_recent_size()));
    b->auc.sqn.ceiling = UINT64_MAX;
    b->cache = lk_reply_cache_in(aligned_alloc(64, LK_REPLY_CACHE_DEFAULT), LK_REPLY_CACHE_DEFAULT,
                                 10000, 1);
    b->reauth = lk_reauth_table_in(
        memset(aligned_alloc(64, (lk_reauth_table_size(CONTEXTS) + 63) / 64 * 64), 0,
               lk_reauth_table_size(CONTEXTS)), CONTEXTS);
    LK_ASSERT(status == LK_OK);
}

/* What a subscriber's row is: sealed outside the measurement. */
static void ask_for(struct bench *b, struct one *o)
{
    struct lk_credentials credentials = { .card = b->load.card };
    struct lk_auc_row row;
    uint8_t nonce[LK_GCM_NONCE_LEN];
    enum lk_status status;

    fill(nonce, sizeof nonce);
    status = lk_auc_row_of(&row, &credentials, LK_SQN_TIME, b->now_ms / LK_SQN_TICK_MS);
    LK_ASSERT(status == LK_OK);
    memset(&o->ask, 0, sizeof o->ask);
    lk_auc_seal(&o->ask.row, &b->auc.key, &o->imsi, &row, nonce);
    o->ask.kind = LK_VAULT_VECTOR;
    o->ask.imsi = o->imsi;
    o->ask.keys = b->load.kind == LK_LOAD_AKA_PRIME ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    o->ask.network_name_len = 4;
    memcpy(o->ask.network_name, "WLAN", 4);
}

static void request(struct bench *b, struct one *o, uint8_t id, struct lk_span state,
                    struct lk_span eap)
{
    enum lk_status status;

    fill(o->authenticator, sizeof o->authenticator);
    o->len = lk_load_access_request(&b->client_side, o->request, sizeof o->request, id,
                                    o->authenticator,
                                    lk_span_of(o->peer.identity, o->peer.identity_len), state, eap);
    status = lk_reply_key_of(&o->key, &b->source, 40000, false, lk_span_of(o->request, o->len));
    LK_ASSERT(status == LK_OK);
}

static void identity(struct bench *b, struct one *o, uint8_t id)
{
    uint8_t eap[256];
    struct lk_writer w = lk_writer_of(eap, sizeof eap);

    o->imsi = lk_load_imsi(&b->load, b->number++);
    lk_load_peer_start(&o->peer, &b->load, &o->imsi);
    lk_load_peer_identity(&o->peer, &w);
    request(b, o, id, lk_span_of(NULL, 0), lk_writer_span(&w));
    ask_for(b, o);
}

static void response(struct bench *b, struct one *o, uint8_t id)
{
    static struct lk_load_answer answer;
    uint8_t eap[512];
    struct lk_writer w = lk_writer_of(eap, sizeof eap);
    enum lk_load_error error = lk_load_radius_open(&b->client_side, &answer,
                                                   lk_span_of(o->answer, o->answer_len),
                                                   o->authenticator);

    if (error == LK_LOAD_OK)
        error = lk_load_peer_answer(&o->peer, &w, &b->load.card,
                                    lk_span_of(answer.eap, answer.eap_len));
    LK_ASSERT(error == LK_LOAD_OK);
    request(b, o, id, answer.state, lk_writer_span(&w));
}

static void receive(struct bench *b, struct one *o, enum lk_aaa_verdict want)
{
    uint8_t entropy[LK_AAA_ENTROPY_LEN] = { 1 };
    struct lk_aaa_datagram datagram = {
        .octets = lk_span_of(o->request, o->len), .port = LK_RADIUS_AUTH_PORT, .source = b->source,
        .client = &b->client, .now_ms = b->now_ms, .entropy = entropy,
    };
    enum lk_aaa_verdict verdict = lk_aaa_job_receive(&o->job, &b->out, &b->config, &datagram);

    LK_ASSERT(verdict == want);
}

static void take_answer(struct bench *b, struct one *o)
{
    memcpy(o->answer, b->out.answer, b->out.answer_len);
    o->answer_len = b->out.answer_len;
}

static void tell(struct bench *b, struct one *o)
{
    struct lk_event event = { .kind = LK_EV_VECTOR, .now_ms = b->now_ms };
    enum lk_aaa_verdict verdict;

    memcpy(event.entropy, &b->number, sizeof b->number);
    event.vector = o->told.vector;
    verdict = lk_aaa_job_told(&o->job, &b->out, &b->config, &event);
    LK_ASSERT(verdict == LK_AAA_ANSWER);
    take_answer(b, o);
}

static void find_all(struct bench *b, uint64_t spent[STEPS])
{
    struct lk_span found;

    begin(b);
    for (int i = 0; i < BATCH; i++)
        LK_ASSERT(lk_reply_cache_find(b->cache, &found, &b->one[i].key, b->now_ms) ==
                  LK_REPLY_NONE);
    end(b, spent, FIND);
}

static void keep_all(struct bench *b, uint64_t spent[STEPS])
{
    begin(b);
    for (int i = 0; i < BATCH; i++)
        lk_reply_cache_keep(b->cache, &b->one[i].key, b->now_ms,
                            lk_span_of(b->one[i].answer, b->one[i].answer_len));
    end(b, spent, KEEP_REPLY);
}

static void first_half(struct bench *b, uint64_t spent[STEPS])
{
    struct lk_auc_entropy entropy;

    memset(&entropy, 0, sizeof entropy);
    for (int i = 0; i < BATCH; i++)
        identity(b, &b->one[i], (uint8_t)i);
    find_all(b, spent);
    begin(b);
    for (int i = 0; i < BATCH; i++)
        receive(b, &b->one[i], LK_AAA_ASK);
    end(b, spent, RECEIVE_IDENTITY);
    begin(b);
    for (int i = 0; i < BATCH; i++) {
        memcpy(entropy.rand, &b->one[i].imsi, sizeof entropy.rand);
        lk_auc_answer(&b->one[i].told, &b->auc, &b->one[i].ask, false,
                      b->now_ms / LK_SQN_TICK_MS, &entropy);
    }
    end(b, spent, VAULT);
    begin(b);
    for (int i = 0; i < BATCH; i++)
        tell(b, &b->one[i]);
    end(b, spent, TOLD);
    b->challenge_len = b->one[0].answer_len;
    keep_all(b, spent);
}

static void second_half(struct bench *b, uint64_t spent[STEPS])
{
    for (int i = 0; i < BATCH; i++)
        response(b, &b->one[i], (uint8_t)(BATCH + i));
    find_all(b, spent);
    begin(b);
    for (int i = 0; i < BATCH; i++) {
        receive(b, &b->one[i], LK_AAA_ANSWER);
        take_answer(b, &b->one[i]);
        b->one[i].outputs = b->out.eap;
    }
    end(b, spent, RECEIVE_RESPONSE);
    b->accept_len = b->one[0].answer_len;
    keep_all(b, spent);
    begin(b);
    for (int i = 0; i < BATCH; i++) {
        const struct lk_output *keep = lk_outbox_find(&b->one[i].outputs, LK_OUT_KEEP_REAUTH);

        if (keep != NULL)
            lk_reauth_keep(b->reauth, &keep->keep_reauth, b->now_ms, 3600000);
    }
    end(b, spent, KEEP_CONTEXT);
}

int main(int argc, char **argv)
{
    static struct bench b;
    unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
    uint64_t sum = 0;

    set_up(&b, argc < 2 || strcmp(argv[1], "aka") != 0);
    memset(b.best, 0xff, sizeof b.best);
    for (unsigned long round = 0; round < rounds; round++) {
        uint64_t spent[STEPS] = { 0 };

        first_half(&b, spent);
        second_half(&b, spent);
        for (int s = 0; s < STEPS; s++)
            b.best[s] = spent[s] < b.best[s] ? spent[s] : b.best[s];
        b.now_ms += 10;
    }
    printf("{");
    for (int s = 0; s < STEPS; s++) {
        printf("\"%s\": %.0f, ", step_names[s], (double)b.best[s] / BATCH);
        sum += b.best[s];
    }
    printf("\"sum\": %.0f, \"octets of the challenge\": %zu, \"octets of the accept\": %zu}\n",
           (double)sum / BATCH, b.challenge_len, b.accept_len);
    return 0;
}

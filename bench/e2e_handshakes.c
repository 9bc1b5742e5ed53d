/* End-to-end handshakes of liblatchkey-e2e, both ends on one core, against the floor of their
 * X25519 and HKDF.
 *
 *     e2e_handshakes nk|ik SECONDS [library|floor]
 *
 * A handshake is two ends made, the octets of three messages carried from one to the other, keys of
 * application and operator mixed in, both ends open, both forgotten: no tickets. nk: Noise_NKpsk2,
 * the application proves itself by a pre-shared key; ik: Noise_IKpsk2, by a key pair of its own,
 * too. The floor is what the pattern needs:
 *
 *     X25519  nk: 2 new keys, es and ee at both ends;  ik: ss and se at both ends besides
 *     HKDF    at both ends: one for each of these and each new key, the psk, its extract, the split
 *
 * and nothing else: no hash of the transcript, no AEAD, no codec, no machine, no heap. The two take
 * turns of SLICE_MS; what counts is the time of this process on its core. With the third word there
 * is one of them only, for a profiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "keys/hkdf.h"
#include "latchkey/e2e.h"

enum { SLICE_MS = 20, BATCH = 4, KEY = LK_E2E_KEY_LEN, ENDS = 2 };

static struct {
    uint8_t server_secret[KEY], server_key[KEY], client_secret[KEY], client_key[KEY];
    uint8_t app_key[KEY], operator_key[KEY];
    struct lk_e2e_client_setup client;
    struct lk_e2e_server_setup server;
    struct lk_e2e_secrets secrets;
    size_t octets; /* of one handshake */
    bool ik;
} live;
static const uint8_t ua[LK_E2E_UA_LEN] = { 1, 0, 0, 0, 2 };
static const struct lk_e2e_service services[] = { { "notes", LK_E2E_NEEDS_N | LK_E2E_NEEDS_OWN } };

/* ---- handshakes ---- */

static enum lk_e2e_answer find(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets)
{
    (void)user;
    (void)peer;
    *secrets = live.secrets;
    return LK_E2E_FOUND;
}

static void must(bool right, const char *what)
{
    if (right)
        return;
    (void)fprintf(stderr, "e2e_handshakes: %s\n", what);
    exit(1);
}

static void prepare(bool ik)
{
    live.ik = ik;
    must(lk_e2e_new_key(live.server_secret, live.server_key) &&
             lk_e2e_new_key(live.client_secret, live.client_key),
         "no random octets");
    memset(live.app_key, 5, sizeof live.app_key);
    memset(live.operator_key, 6, sizeof live.operator_key);
    live.secrets = (struct lk_e2e_secrets){ .source = LK_E2E_KS_NAF,
                                            .operator_key = live.operator_key, .ua = ua,
                                            .app_key = live.app_key, .app_key_len = KEY };
    live.client = (struct lk_e2e_client_setup){
        .server = "app.example",
        .app = "notes",
        .server_key = live.server_key,
        .client_secret = ik ? live.client_secret : NULL,
        .secrets = live.secrets,
        .key_id = "cmFuZA==@bsf.example",
        .identity = "ann",
        .needs = LK_E2E_NEEDS_N | LK_E2E_NEEDS_P | (ik ? LK_E2E_NEEDS_CLIENT_KEY : 0),
    };
    live.server = (struct lk_e2e_server_setup){
        .server = "app.example",
        .server_secret = live.server_secret,
        .services = services,
        .service_count = 1,
        .find = find,
    };
}

/* What one end has to say, at the other. */
static bool carry(struct lk_e2e_end *from, struct lk_e2e_end *to)
{
    static uint8_t octets[LK_E2E_OUTPUT_MAX];
    size_t len = lk_e2e_output(from, octets, sizeof octets);

    live.octets += len;
    if (len > 0)
        must(lk_e2e_input(to, octets, len), "a handshake failed");
    return len > 0;
}

static void handshake(void)
{
    struct lk_e2e_end *client = lk_e2e_client(&live.client);
    struct lk_e2e_end *server = lk_e2e_server(&live.server);
    bool some = true;

    must(client != NULL && server != NULL, "a setup is not valid");
    live.octets = 0;
    while (some) {
        some = carry(client, server);
        some = carry(server, client) || some;
    }
    must(lk_e2e_state(client) == LK_E2E_OPEN && lk_e2e_state(server) == LK_E2E_OPEN,
         "a handshake did not end open");
    lk_e2e_free(client);
    lk_e2e_free(server);
}

/* ---- the floor ---- */

static void hkdf(uint8_t chain[LK_HKDF_PRK_LEN], const uint8_t input[KEY], size_t len)
{
    uint8_t prk[LK_HKDF_PRK_LEN], out[3 * KEY];
    const struct lk_span part = lk_span_of(input, KEY);

    lk_hkdf_extract(prk, lk_span_of(chain, LK_HKDF_PRK_LEN), &part, 1);
    lk_hkdf_expand(out, len, prk, NULL, 0);
    memcpy(chain, out, LK_HKDF_PRK_LEN);
}

static void floor_of_an_end(void)
{
    unsigned exchanges = live.ik ? 4 : 2, new_keys = 2;
    uint8_t chain[LK_HKDF_PRK_LEN] = { 0 }, shared[KEY], public[KEY];
    const struct lk_span psk = lk_span_of(live.app_key, KEY);

    lk_x25519_public(public, live.client_secret);
    lk_hkdf_extract(chain, lk_span_of(chain, sizeof chain), &psk, 1);
    for (unsigned i = 0; i < exchanges; i++) {
        must(lk_x25519_shared(shared, live.client_secret, live.server_key) == LK_OK, "X25519");
        hkdf(chain, shared, 2 * (size_t)KEY);
    }
    for (unsigned i = 0; i < new_keys; i++)
        hkdf(chain, public, 2 * (size_t)KEY);
    hkdf(chain, live.operator_key, 3 * (size_t)KEY);
    hkdf(chain, chain, 2 * (size_t)KEY);
}

static void cryptography(void)
{
    for (int end = 0; end < ENDS; end++)
        floor_of_an_end();
}

/* ---- turns ---- */

struct side {
    uint64_t ns, count;
};

static uint64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void turn(struct side *side, void (*work)(void))
{
    uint64_t began = cpu_ns(), spent = 0;

    while (spent < (uint64_t)SLICE_MS * 1000000) {
        for (int i = 0; i < BATCH; i++)
            work();
        side->count += BATCH;
        spent = cpu_ns() - began;
    }
    side->ns += spent;
}

static double rate(const struct side *side)
{
    return side->ns == 0 ? 0 : (double)side->count * 1e9 / (double)side->ns;
}

int main(int count, char **word)
{
    struct side library = { 0, 0 }, bare = { 0, 0 };
    unsigned long seconds = count > 2 ? strtoul(word[2], NULL, 10) : 1;
    const char *only = count > 3 ? word[3] : "";

    prepare(count > 1 && strcmp(word[1], "ik") == 0);
    for (unsigned long i = 0; i < seconds * 1000 / (2 * SLICE_MS); i++) {
        if (strcmp(only, "floor") != 0)
            turn(&library, handshake);
        if (strcmp(only, "library") != 0)
            turn(&bare, cryptography);
    }
    printf("{\"machines\": %.0f, \"floor\": %.0f, \"octets\": %zu}\n", rate(&library), rate(&bare),
           live.octets);
    return 0;
}

/* The handshakes of Noise: three patterns as lists of tokens, and one interpreter of them.
 *
 * It implements The Noise Protocol Framework, revision 34, as far as these patterns need it. */
#include "proto/e2e/noise.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/hkdf.h"

enum token { END, E, S, EE, ES, SE, SS, PSK };
enum { MESSAGES_MAX = 2, TOKENS_MAX = 5 };

/* spec: Noise 7.4 - the patterns K, NK and IK. */
/* spec: Noise 9.4 - psk0 stands before the first token, psk2 at the end of the second message. */
static const struct pattern {
    const char *name;
    bool knows_initiator; /* its static key, beforehand; the responder's is known in all */
    uint8_t messages;
    uint8_t tokens[MESSAGES_MAX][TOKENS_MAX];
} patterns[LK_NOISE_PATTERN_COUNT] = {
    [LK_NOISE_NKPSK2] = { "Noise_NKpsk2_25519_ChaChaPoly_SHA256", false, 2,
                          { { E, ES }, { E, EE, PSK } } },
    [LK_NOISE_IKPSK2] = { "Noise_IKpsk2_25519_ChaChaPoly_SHA256", false, 2,
                          { { E, ES, S, SS }, { E, EE, SE, PSK } } },
    [LK_NOISE_KPSK0] = { "Noise_Kpsk0_25519_ChaChaPoly_SHA256", true, 1,
                         { { PSK, E, ES, SS } } },
};

/* ---- the symmetric state ---- */

static void mix_hash(struct lk_noise *noise, struct lk_span octets)
{
    const struct lk_span parts[] = { LK_SPAN(noise->h), octets };

    lk_sha256(noise->h, parts, LK_COUNT_OF(parts));
}

static void mix_point(struct lk_noise *noise, const struct lk_noise_point *point)
{
    mix_hash(noise, LK_SPAN(point->octets));
}

/* spec: Noise 5.2 - MixKey: ck and k of HKDF(ck, input), and the counter begins anew. */
static void mix_key(struct lk_noise *noise, struct lk_span input)
{
    uint8_t prk[LK_HKDF_PRK_LEN], both[2 * LK_NOISE_KEY];

    lk_hkdf_extract(prk, LK_SPAN(noise->ck), &input, 1);
    lk_hkdf_expand(both, sizeof both, prk, NULL, 0);
    memcpy(noise->ck, both, LK_NOISE_KEY);
    memcpy(noise->k, both + LK_NOISE_KEY, LK_NOISE_KEY);
    noise->has_k = true;
    noise->n = 0;
    lk_wipe(prk, sizeof prk);
    lk_wipe(both, sizeof both);
}

/* spec: Noise 5.2 - MixKeyAndHash: the second of three outputs goes into the hash. */
static void mix_key_and_hash(struct lk_noise *noise, struct lk_span input)
{
    uint8_t prk[LK_HKDF_PRK_LEN], three[3 * LK_NOISE_KEY];

    lk_hkdf_extract(prk, LK_SPAN(noise->ck), &input, 1);
    lk_hkdf_expand(three, sizeof three, prk, NULL, 0);
    memcpy(noise->ck, three, LK_NOISE_KEY);
    mix_hash(noise, lk_span_of(three + LK_NOISE_KEY, LK_NOISE_KEY));
    memcpy(noise->k, three + 2 * (size_t)LK_NOISE_KEY, LK_NOISE_KEY);
    noise->has_k = true;
    noise->n = 0;
    lk_wipe(prk, sizeof prk);
    lk_wipe(three, sizeof three);
}

/* spec: Noise 12.3 - the nonce of ChaChaPoly: four zeroes, and the counter with its least octet
 * first. */
static void nonce_of(uint8_t nonce[LK_CHACHA_NONCE_LEN], uint64_t n)
{
    for (unsigned i = 0; i < LK_CHACHA_NONCE_LEN; i++)
        nonce[i] = i < 4 ? 0 : (uint8_t)(n >> (8 * (i - 4)));
}

void lk_noise_seal(uint8_t *out, const uint8_t key[LK_NOISE_KEY], uint64_t n,
                   struct lk_span additional, struct lk_span in)
{
    uint8_t nonce[LK_CHACHA_NONCE_LEN];

    nonce_of(nonce, n);
    lk_chacha_seal(out, key, nonce, additional, in);
}

enum lk_status lk_noise_open(uint8_t *out, const uint8_t key[LK_NOISE_KEY], uint64_t n,
                             struct lk_span additional, struct lk_span in)
{
    uint8_t nonce[LK_CHACHA_NONCE_LEN];

    nonce_of(nonce, n);
    return lk_chacha_open(out, key, nonce, additional, in);
}

/* spec: Noise 4.2 - REKEY: what 32 zeroes are encrypted to under the last counter, without tag. */
void lk_noise_rekey(uint8_t key[LK_NOISE_KEY])
{
    static const uint8_t zeroes[LK_NOISE_KEY];
    uint8_t sealed[LK_NOISE_KEY + LK_NOISE_TAG];

    lk_noise_seal(sealed, key, UINT64_MAX, lk_span_of(NULL, 0), LK_SPAN(zeroes));
    memcpy(key, sealed, LK_NOISE_KEY);
    lk_wipe(sealed, sizeof sealed);
}

/* spec: Noise 5.2 - EncryptAndHash, h as additional data. What is said here always has a key: every
 * pattern begins with psk, or with e, which in a handshake with psk makes one. */
static enum lk_status say_sealed(struct lk_noise *noise, struct lk_span text)
{
    struct lk_noise_text *out = &noise->out;
    uint8_t *at = out->octets + out->len;

    LK_ASSERT(noise->has_k);
    if (sizeof out->octets - out->len < text.len + LK_NOISE_TAG)
        return LK_E_FULL;
    lk_noise_seal(at, noise->k, noise->n++, LK_SPAN(noise->h), text);
    mix_hash(noise, lk_span_of(at, text.len + LK_NOISE_TAG));
    out->len += text.len + LK_NOISE_TAG;
    return LK_OK;
}

static struct lk_span taken(struct lk_noise *noise, size_t len)
{
    struct lk_span span = lk_span_of(noise->in.octets + noise->at, len);

    noise->at += len;
    return span;
}

static enum lk_status take_sealed(struct lk_noise *noise, uint8_t *plain, size_t len)
{
    struct lk_span sealed;
    enum lk_status status;

    LK_ASSERT(noise->has_k);
    if (noise->in.len - noise->at < len + LK_NOISE_TAG)
        return LK_E_SHORT;
    sealed = taken(noise, len + LK_NOISE_TAG);
    status = lk_noise_open(plain, noise->k, noise->n++, LK_SPAN(noise->h), sealed);
    if (status == LK_OK)
        mix_hash(noise, sealed);
    return status;
}

/* ---- the tokens ---- */

/* spec: Noise 9.2 - with a psk somewhere, e goes into the key, too. */
static void mix_ephemeral(struct lk_noise *noise, const struct lk_noise_point *e)
{
    mix_point(noise, e);
    mix_key(noise, LK_SPAN(e->octets));
}

static enum lk_status do_e(struct lk_noise *noise)
{
    struct lk_noise_text *out = &noise->out;

    if (noise->saying) {
        if (sizeof out->octets - out->len < LK_NOISE_KEY)
            return LK_E_FULL;
        memcpy(out->octets + out->len, noise->e.octets, LK_NOISE_KEY);
        out->len += LK_NOISE_KEY;
        mix_ephemeral(noise, &noise->e);
        return LK_OK;
    }
    if (noise->in.len - noise->at < LK_NOISE_KEY)
        return LK_E_SHORT;
    memcpy(noise->re.octets, taken(noise, LK_NOISE_KEY).at, LK_NOISE_KEY);
    mix_ephemeral(noise, &noise->re);
    return LK_OK;
}

static enum lk_status do_s(struct lk_noise *noise)
{
    return noise->saying ? say_sealed(noise, LK_SPAN(noise->s.octets))
                         : take_sealed(noise, noise->rs.octets, LK_NOISE_KEY);
}

/* The first letter is the initiator's key, the second the responder's. */
static void ask_dh(struct lk_noise *noise, enum token token)
{
    const bool initiator_static = token == SE || token == SS;
    const bool responder_static = token == ES || token == SS;
    const bool theirs_static = noise->initiator ? responder_static : initiator_static;

    noise->ask.own_static = noise->initiator ? initiator_static : responder_static;
    noise->ask.peer = theirs_static ? noise->rs : noise->re;
}

static enum lk_status finish(struct lk_noise *noise)
{
    enum lk_status status;

    if (noise->saying) {
        status = say_sealed(noise, lk_span_of(noise->in.octets, noise->in.len));
    } else if (noise->in.len - noise->at < LK_NOISE_TAG) {
        status = LK_E_SHORT;
    } else {
        noise->out.len = noise->in.len - noise->at - LK_NOISE_TAG;
        status = take_sealed(noise, noise->out.octets, noise->out.len);
    }
    noise->busy = false;
    noise->message++;
    noise->token = 0;
    return status;
}

enum lk_status lk_noise_go(struct lk_noise *noise, enum lk_noise_need *need)
{
    const uint8_t *tokens = patterns[noise->pattern].tokens[noise->message];

    LK_ASSERT(noise->busy);
    for (;; noise->token++) {
        enum token token = (enum token)tokens[noise->token];
        enum lk_status status = LK_OK;

        switch (token) {
        case END: *need = LK_NOISE_DONE; return finish(noise);
        case E: status = do_e(noise); break;
        case S: status = do_s(noise); break;
        case EE:
        case ES:
        case SE:
        case SS: ask_dh(noise, token); *need = LK_NOISE_DH; return LK_OK;
        case PSK: *need = LK_NOISE_PSK; return LK_OK;
        }
        if (status != LK_OK)
            return status;
    }
}

static bool awaits(const struct lk_noise *noise, enum token first, enum token last)
{
    const uint8_t token = patterns[noise->pattern].tokens[noise->message][noise->token];

    return noise->busy && token >= first && token <= last;
}

void lk_noise_dh(struct lk_noise *noise, const uint8_t shared[LK_NOISE_KEY])
{
    LK_ASSERT(awaits(noise, EE, SS));
    mix_key(noise, lk_span_of(shared, LK_NOISE_KEY));
    noise->token++;
}

void lk_noise_psk(struct lk_noise *noise, const uint8_t psk[LK_NOISE_KEY])
{
    LK_ASSERT(awaits(noise, PSK, PSK));
    mix_key_and_hash(noise, lk_span_of(psk, LK_NOISE_KEY));
    noise->token++;
}

/* ---- begin and end ---- */

/* spec: Noise 5.2 - h is the protocol's name, hashed where it is longer than 32 octets; ck is h. */
/* spec: Noise 5.3 - then the prologue, and the keys known beforehand, the initiator's first. */
void lk_noise_start(struct lk_noise *noise, enum lk_noise_pattern pattern, bool initiator,
                    struct lk_span prologue, const struct lk_noise_point *e,
                    const struct lk_noise_point *s, const struct lk_noise_point *rs)
{
    const struct pattern *row = &patterns[pattern];
    struct lk_span name = lk_span_text(row->name);

    LK_ASSERT(initiator ? rs != NULL : s != NULL);
    memset(noise, 0, sizeof *noise);
    noise->pattern = pattern;
    noise->initiator = initiator;
    if (e != NULL)
        noise->e = *e;
    if (s != NULL)
        noise->s = *s;
    if (rs != NULL)
        noise->rs = *rs;
    LK_ASSERT(name.len > LK_NOISE_KEY);
    lk_sha256(noise->h, &name, 1);
    memcpy(noise->ck, noise->h, sizeof noise->ck);
    mix_hash(noise, prologue);
    if (row->knows_initiator)
        mix_point(noise, initiator ? &noise->s : &noise->rs);
    mix_point(noise, initiator ? &noise->rs : &noise->s);
}

static enum lk_status begin(struct lk_noise *noise, bool saying, struct lk_span in)
{
    LK_ASSERT(!noise->busy && noise->message < patterns[noise->pattern].messages);
    LK_ASSERT(saying == (noise->initiator == (noise->message % 2 == 0)));
    if (in.len > sizeof noise->in.octets)
        return LK_E_FULL;
    noise->busy = true;
    noise->saying = saying;
    noise->at = 0;
    noise->out.len = 0;
    noise->in.len = in.len;
    if (in.len > 0)
        memcpy(noise->in.octets, in.at, in.len);
    return LK_OK;
}

enum lk_status lk_noise_say(struct lk_noise *noise, struct lk_span payload)
{
    return begin(noise, true, payload);
}

enum lk_status lk_noise_take(struct lk_noise *noise, struct lk_span message)
{
    return begin(noise, false, message);
}

/* spec: Noise 5.2 - Split: two keys of HKDF(ck, nothing). */
void lk_noise_split(const struct lk_noise *noise, uint8_t initiator[LK_NOISE_KEY],
                    uint8_t responder[LK_NOISE_KEY])
{
    const struct lk_span nothing = lk_span_of(NULL, 0);
    uint8_t prk[LK_HKDF_PRK_LEN], both[2 * LK_NOISE_KEY];

    LK_ASSERT(!noise->busy && noise->message == patterns[noise->pattern].messages);
    lk_hkdf_extract(prk, LK_SPAN(noise->ck), &nothing, 1);
    lk_hkdf_expand(both, sizeof both, prk, NULL, 0);
    memcpy(initiator, both, LK_NOISE_KEY);
    memcpy(responder, both + LK_NOISE_KEY, LK_NOISE_KEY);
    lk_wipe(prk, sizeof prk);
    lk_wipe(both, sizeof both);
}

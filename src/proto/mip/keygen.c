/* The home AAA's part of a registration: what a request is, and what each rule does.
 *
 *     NONE --ask--> GIVEN --ask again, ask with another SPI--> GIVEN
 *
 * It implements the home AAA's part of RFC 3957 and of RFC 4721. */
#include "proto/mip/keygen.h"

#include <string.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "crypto/crypto.h"

enum { SECOND_MS = 1000 };

enum keygen_on {
    ON_ASK,
    ON_ASK_AGAIN,
    ON_ASK_UNTIMELY,
    ON_PROOF,
    ON_BAD,
    ON_NOTHING,
};

static const char *const on_names[ON_NOTHING] = {
    [ON_ASK] = "keys asked for",
    [ON_ASK_AGAIN] = "the same keys again",
    [ON_ASK_UNTIMELY] = "keys at another time than ours",
    [ON_PROOF] = "no key asked for",
    [ON_BAD] = "bad",
};

/* One step under way: keygen is the draft. */
struct lk_mip_keygen_serving {
    struct lk_mip_keygen *keygen;
    const struct lk_mip_keygen_config *config;
    const struct lk_mip_keygen_event *event;
    enum lk_reason reason; /* ON_BAD */
    struct lk_mip_keygen_outbox *out;
};

/* ---- handlers ---- */

static struct lk_mip_keygen_output *add(struct lk_mip_keygen_serving *s,
                                        enum lk_mip_keygen_output_kind kind)
{
    struct lk_mip_keygen_output *item;

    LK_ASSERT(s->out->count < LK_MIP_KEYGEN_OUTPUTS);
    item = &s->out->item[s->out->count++];
    lk_wipe(item, sizeof *item);
    item->kind = kind;
    return item;
}

static enum lk_status refuse(struct lk_mip_keygen_serving *s, enum lk_reason reason)
{
    add(s, LK_MIP_KEYGEN_OUT_REFUSED)->refused = lk_refusal_of(reason, NULL, NULL);
    return LK_OK;
}

static enum lk_status bad(struct lk_mip_keygen_serving *s)
{
    return refuse(s, s->reason);
}

/* spec: RFC 3957 5 - a key of nonce and identifier. */
static void derive(struct lk_mip_msa *msa, const struct lk_mip_keygen_serving *s,
                   const struct lk_mip_keygen_nonce *nonce)
{
    const struct lk_mip_secret *parent = &s->event->with->there.secret;
    struct lk_mip_key key;

    lk_mip_key_derive(&key, lk_span_of(parent->octets, parent->len), LK_SPAN(nonce->octets),
                      lk_mip_identifier(s->event->request));
    msa->there.spi = nonce->agent_spi;
    msa->there.algorithm = s->config->algorithm;
    memcpy(msa->there.secret.octets, key.octets, s->config->key_len);
    msa->there.secret.len = s->config->key_len;
    msa->spi_back = nonce->mn_spi;
    msa->replay = (uint8_t)s->config->replay;
    msa->ends_ms = s->keygen->ends_ms;
    lk_wipe(&key, sizeof key);
}

/* spec: RFC 3957 6.2 - the reply for MN-FA. spec: RFC 3957 6.4 - for MN-HA. Invariant 11: a
 * retransmission is answered octet by octet as before, so the lifetime is that of then: a key may
 * outlive the one with the AAA by what a retransmission may be late. */
static struct lk_mip_key_reply reply_of(const struct lk_mip_keygen_serving *s,
                                        const struct lk_mip_keygen_nonce *nonce, uint8_t *room)
{
    memcpy(room, nonce->octets, LK_MIP_NONCE_LEAST);
    return (struct lk_mip_key_reply){
        .lifetime_s = (uint32_t)((s->keygen->ends_ms - s->keygen->given_ms) / SECOND_MS),
        .aaa_spi = s->event->with->there.spi,
        .agent_spi = nonce->agent_spi,
        .algorithm = s->config->algorithm,
        .replay = s->config->replay,
        .nonce = lk_span_of(room, LK_MIP_NONCE_LEAST),
    };
}

static void name_hash(uint8_t to[LK_MIP_KEYGEN_AGENT], struct lk_span name)
{
    const struct lk_span of[] = { lk_span_text("latchkey mip agent"), name };
    uint8_t whole[LK_SHA256_LEN];

    lk_sha256(whole, of, LK_COUNT_OF(of));
    memcpy(to, whole, LK_MIP_KEYGEN_AGENT);
}

/* Invariant 20: from now on it is the key of who asks. */
static void take(struct lk_mip_keygen_serving *s)
{
    struct lk_mip_keygen_nonce *its =
        s->event->foreign ? &s->keygen->foreign : &s->keygen->home;

    if (its->mn_spi == 0 || its->taken)
        return;
    its->taken = true;
    name_hash(its->agent, s->event->agent);
}

static enum lk_status hand_out(struct lk_mip_keygen_serving *s)
{
    struct lk_mip_keygen_output *item = add(s, LK_MIP_KEYGEN_OUT_GRANT);
    struct lk_mip_grant *grant = &item->given.grant;
    const struct lk_mip_keygen *keygen = s->keygen;

    take(s);
    if (keygen->home.mn_spi != 0) {
        grant->mn_ha = true;
        grant->mn_ha_key = reply_of(s, &keygen->home, s->out->nonces[0]);
        derive(&grant->msa, s, &keygen->home);
    }
    if (keygen->foreign.mn_spi != 0) {
        grant->mn_fa = true;
        grant->mn_fa_key = reply_of(s, &keygen->foreign, s->out->nonces[1]);
        derive(&item->given.foreign, s, &keygen->foreign);
    }
    return LK_OK;
}

/* Invariant 11: what was given for it before. */
static enum lk_status give_again(struct lk_mip_keygen_serving *s)
{
    return hand_out(s);
}

static struct lk_mip_keygen_nonce nonce_of(struct lk_reader *entropy, uint32_t mn_spi)
{
    struct lk_mip_keygen_nonce nonce = { .mn_spi = mn_spi };

    lk_get_copy(entropy, nonce.octets, sizeof nonce.octets);
    nonce.agent_spi = lk_get_be32(entropy);
    if (nonce.agent_spi < LK_MIP_SPI_LEAST)
        nonce.agent_spi += LK_MIP_SPI_LEAST;
    return nonce;
}

static bool is_same(const struct lk_mip_keygen_nonce *a, const struct lk_mip_keygen_nonce *b)
{
    return lk_span_equal(LK_SPAN(a->octets), LK_SPAN(b->octets));
}

static void make(struct lk_mip_keygen *keygen, const struct lk_mip_keygen_event *event,
                 const struct lk_mip_keygen_config *config)
{
    struct lk_reader entropy = lk_reader_of(LK_SPAN(event->entropy));
    const struct lk_mip_extensions *asked = &event->request->extensions;
    uint64_t ends_ms = event->now_ms + (uint64_t)config->lifetime_s * SECOND_MS;

    keygen->state = LK_MIP_KEYGEN_GIVEN;
    keygen->identification = event->request->identification;
    keygen->given_ms = event->now_ms;
    keygen->ends_ms = ends_ms < event->with->ends_ms ? ends_ms : event->with->ends_ms;
    keygen->parent_ends_ms = event->with->ends_ms;
    keygen->parent_spi = event->with->there.spi;
    keygen->home = nonce_of(&entropy, asked->mn_ha_spi);
    keygen->foreign = nonce_of(&entropy, asked->mn_fa_spi);
}

/* T24: no nonce is in two roles, and none comes twice. What repeats itself is no random source. */
static enum lk_status give(struct lk_mip_keygen_serving *s)
{
    const struct lk_mip_keygen before = *s->keygen;
    struct lk_mip_keygen *keygen = s->keygen;

    make(keygen, s->event, s->config);
    if (is_same(&keygen->home, &keygen->foreign) ||
        (before.state == LK_MIP_KEYGEN_GIVEN &&
         (is_same(&keygen->home, &before.home) || is_same(&keygen->home, &before.foreign) ||
          is_same(&keygen->foreign, &before.home) ||
          is_same(&keygen->foreign, &before.foreign)))) {
        *keygen = before;
        return refuse(s, LK_REASON_MIP_NONCE_AGAIN);
    }
    return hand_out(s);
}

/* The home agent will say 133, and needs a key to prove that: it is good for nothing else, so it
 * is not kept. Old requests, repeated, leave nothing behind (T26). */
static enum lk_status give_once(struct lk_mip_keygen_serving *s)
{
    const struct lk_mip_keygen before = *s->keygen;
    enum lk_status status = give(s);

    *s->keygen = before;
    return status;
}

static enum lk_status prove(struct lk_mip_keygen_serving *s)
{
    (void)add(s, LK_MIP_KEYGEN_OUT_GRANT);
    return LK_OK;
}

/* ---- rules ---- */

#define TO(state) (1u << (state))
#define NONE TO(LK_MIP_KEYGEN_NONE)
#define GIVEN TO(LK_MIP_KEYGEN_GIVEN)
#define ANY (NONE | GIVEN)
#define ROW(in, on, act, may_enter, clause) { { in, on, may_enter, #act, clause }, act }

static const struct keygen_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_mip_keygen_serving *s);
} rows[] = {
    ROW(ANY, ON_BAD, bad, LK_RULE_STAY, "RFC 4721 8"),
    ROW(ANY, ON_PROOF, prove, LK_RULE_STAY, "RFC 4721 8"),
    ROW(ANY, ON_ASK_UNTIMELY, give_once, LK_RULE_STAY, "RFC 5944 5.7"),
    ROW(NONE, ON_ASK, give, ANY, "RFC 3957 4"),
    ROW(GIVEN, ON_ASK, give, GIVEN, "RFC 3957 4"),
    ROW(GIVEN, ON_ASK_AGAIN, give_again, GIVEN, "RFC 3957 4"),
};

static const char *const state_names[LK_MIP_KEYGEN_STATE_COUNT] = {
    [LK_MIP_KEYGEN_NONE] = "NONE",
    [LK_MIP_KEYGEN_GIVEN] = "GIVEN",
};

const char *lk_mip_keygen_state_name(unsigned state)
{
    return lk_rule_state_name(&lk_mip_keygen_rules, state);
}

const struct lk_rule_table lk_mip_keygen_rules = {
    .name = "mip-keygen",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_MIP_KEYGEN_STATE_COUNT,
    .on_count = ON_NOTHING,
    .first = NONE,
    .last = GIVEN,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

/* ---- what a request is ---- */

static bool asks_with_an_spi(const struct lk_mip_extensions *e, enum lk_mip_extension which,
                             uint32_t spi)
{
    return !lk_mip_has(e, which) || spi >= LK_MIP_SPI_LEAST;
}

/* What stands behind MN-AAA, or is not there. */
static bool is_covered(const struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    return !lk_mip_has(e, which) || lk_mip_before(e, which, LK_MIP_MN_AAA_AUTH);
}

/* spec: RFC 3957 6.1 - who asks for MN-FA proves itself to the home AAA, and all that the key is
 * made of is proven with it: the name, the SPI. spec: RFC 3957 6.3 - who asks for MN-HA, too. */
static enum lk_reason badness(const struct lk_mip_keygen_event *event)
{
    const struct lk_mip_request *request = event->request;
    const struct lk_mip_extensions *e = &request->extensions;

    if (!lk_mip_has(e, LK_MIP_MN_AAA_AUTH))
        return LK_REASON_MIP_AUTH_MISSING;
    if (event->with == NULL)
        return LK_REASON_MIP_SPI;
    if (event->now_ms >= event->with->ends_ms)
        return LK_REASON_MIP_KEY_EXPIRED;
    if (!lk_mip_msa_proves_aaa(event->with, e, event->now_ms))
        return LK_REASON_MIP_AAA_AUTH;
    if (!is_covered(e, LK_MIP_NAI) || !is_covered(e, LK_MIP_MN_HA_KEY_REQUEST) ||
        !is_covered(e, LK_MIP_MN_FA_KEY_REQUEST))
        return LK_REASON_MIP_ORDER;
    if (lk_address_is_any(&request->home) && !lk_mip_has(e, LK_MIP_NAI))
        return LK_REASON_MIP_NAI;
    if (!asks_with_an_spi(e, LK_MIP_MN_HA_KEY_REQUEST, e->mn_ha_spi) ||
        !asks_with_an_spi(e, LK_MIP_MN_FA_KEY_REQUEST, e->mn_fa_spi))
        return LK_REASON_MIP_SPI;
    return LK_REASON_NONE;
}

static bool is_timely(const struct lk_mip_keygen_config *config,
                      const struct lk_mip_keygen_event *event)
{
    uint64_t at_ms = lk_ntp_ms(event->request->identification), now_ms = event->now_ms;

    return (at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms) <= config->window_ms;
}

/* The question that was answered last, while it may be a retransmission. Of another key with the
 * AAA it is another: what was given may outlive that one. */
static bool is_again(const struct lk_mip_keygen *keygen, const struct lk_mip_keygen_config *config,
                     const struct lk_mip_keygen_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;

    return keygen->state == LK_MIP_KEYGEN_GIVEN && keygen->home.mn_spi == e->mn_ha_spi &&
           keygen->foreign.mn_spi == e->mn_fa_spi &&
           keygen->parent_spi == event->with->there.spi &&
           keygen->parent_ends_ms == event->with->ends_ms && event->now_ms >= keygen->given_ms &&
           event->now_ms - keygen->given_ms < config->repeat_ms &&
           event->now_ms < keygen->ends_ms;
}

/* T24, T27: the key is another agent's, and who asks has the request from the air. */
static bool is_of_another(const struct lk_mip_keygen *keygen,
                          const struct lk_mip_keygen_event *event)
{
    const struct lk_mip_keygen_nonce *its = event->foreign ? &keygen->foreign : &keygen->home;
    uint8_t agent[LK_MIP_KEYGEN_AGENT];

    if (!its->taken)
        return false;
    name_hash(agent, event->agent);
    return !lk_span_equal(LK_SPAN(its->agent), LK_SPAN(agent));
}

static enum keygen_on judge(enum lk_reason *reason, const struct lk_mip_keygen *keygen,
                            const struct lk_mip_keygen_config *config,
                            const struct lk_mip_keygen_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;

    *reason = badness(event);
    if (*reason != LK_REASON_NONE)
        return ON_BAD;
    if (!lk_mip_has(e, LK_MIP_MN_HA_KEY_REQUEST) && !lk_mip_has(e, LK_MIP_MN_FA_KEY_REQUEST))
        return ON_PROOF;
    if (is_again(keygen, config, event)) {
        if (!is_of_another(keygen, event))
            return ON_ASK_AGAIN;
        *reason = LK_REASON_MIP_CLIENT;
        return ON_BAD;
    }
    if (!is_timely(config, event))
        return ON_ASK_UNTIMELY;
    /* Behind the newest question an older one is late, or somebody repeats it. */
    if (keygen->state == LK_MIP_KEYGEN_GIVEN &&
        event->request->identification <= keygen->identification) {
        *reason = LK_REASON_MIP_REPLAY;
        return ON_BAD;
    }
    return ON_ASK;
}

enum lk_status lk_mip_keygen_step(struct lk_mip_keygen *keygen,
                                  const struct lk_mip_keygen_config *config,
                                  const struct lk_mip_keygen_event *event,
                                  struct lk_mip_keygen_outbox *out)
{
    struct lk_mip_keygen draft = *keygen;
    struct lk_mip_keygen_serving serving = { .keygen = &draft, .config = config, .event = event,
                                             .out = out };
    enum keygen_on on = ON_NOTHING;
    size_t row;
    enum lk_status status;

    LK_ASSERT(config->key_len >= LK_MIP_KEY_SHORT &&
              config->key_len <= sizeof(struct lk_mip_key));
    out->count = 0;
    if (event->kind == LK_MIP_KEYGEN_EV_REQUEST)
        on = judge(&serving.reason, keygen, config, event);
    status = lk_rule_find(&row, &lk_mip_keygen_rules, keygen->state, on);
    if (status != LK_OK)
        return status;
    status = rows[row].act(&serving);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, keygen->state, draft.state);
        *keygen = draft;
    } else {
        out->count = 0;
    }
    return status;
}

void lk_mip_keygen_init(struct lk_mip_keygen *keygen)
{
    *keygen = (struct lk_mip_keygen){ .state = LK_MIP_KEYGEN_NONE };
}

const struct lk_mip_keygen_output *lk_mip_keygen_find(const struct lk_mip_keygen_outbox *out,
                                                      enum lk_mip_keygen_output_kind kind)
{
    return out->count > 0 && out->item[0].kind == kind ? &out->item[0] : NULL;
}

void lk_mip_keygen_defaults(struct lk_mip_keygen_config *config)
{
    *config = (struct lk_mip_keygen_config){ .algorithm = LK_MIP_HMAC_MD5,
                                             .replay = LK_MIP_TIMESTAMPS,
                                             .lifetime_s = 86400,
                                             .key_len = LK_MIP_KEY_SHORT,
                                             .window_ms = 7000,
                                             .repeat_ms = 120000 };
}

/* Explain, of Mobile IP: what the home AAA and the BSF have to do with a refusal, or with silence.
 * An agent asks them before it says anything; what it was told stands in the same run, where the
 * capture has leg aaa. What the BSF says is behind TLS: of that there is what the B-TID and the
 * keys of the capture tell. */
#include <stdio.h>
#include <string.h>

#include "base/mip_way.h"
#include "base/secret.h"
#include "keys/gba.h"
#include "proto/pmip/identity.h"
#include "trace/explain_mip.h"
#include "trace/radius.h"
#include "trace/ub.h"

/* A request that came to nothing, and what it says of itself. */
struct request {
    struct lk_explanation *e;
    const struct lk_trace *trace;
    const struct lk_trace_message *m;
    size_t index;
    struct lk_span b_tid; /* empty: there is none */
    bool proves_to_aaa;   /* MN-AAA */
    uint32_t spi;         /* of what proves it first; 0: nothing does */
};

static struct request request_of(struct lk_explanation *e, const struct lk_trace *trace,
                                 size_t index)
{
    struct request r = { .e = e, .trace = trace, .m = &trace->messages[index], .index = index };
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    struct lk_mip_extensions all;
    const struct lk_mobility_auth *auth;

    if (lk_mip_seen_extensions(&all, r.m)) {
        r.b_tid = lk_mip_seen_b_tid(&all);
        r.proves_to_aaa = lk_mip_has(&all, LK_MIP_MN_AAA_AUTH);
        if (r.proves_to_aaa || lk_mip_has(&all, LK_MIP_MN_HA_AUTH))
            r.spi = all.auth[r.proves_to_aaa ? LK_MIP_MN_AAA_AUTH : LK_MIP_MN_HA_AUTH].spi;
    } else if (lk_mip_seen_mobility(&packet, &message, r.m)) {
        r.b_tid = lk_mobility_vendor_data(&message.options, LK_TRACE_ENTERPRISE,
                                          LK_MOBILITY_B_TID_SUBTYPE);
        auth = lk_mobility_auth(&message.options, LK_AUTH_MN_HA);
        r.spi = auth != NULL ? auth->spi : 0;
    }
    return r;
}

/* ---- B-TID ---- */

static const struct lk_trace_run *bootstrapping_of(const struct lk_trace *trace,
                                                   struct lk_span b_tid)
{
    for (size_t i = 0; i < trace->run_count; i++)
        if (trace->runs[i].kind == LK_TRACE_BOOTSTRAPPING &&
            lk_span_equal(trace->runs[i].ub.b_tid, b_tid))
            return &trace->runs[i];
    return NULL;
}

/* T27: an IMPI of GBA begins with the IMSI, and so does, behind a digit, the NAI. */
static bool is_of(const struct lk_imsi *imsi, struct lk_span impi)
{
    size_t len = strlen(imsi->digits);

    return impi.len > len && impi.at[len] == '@' &&
           lk_span_equal(lk_span_of(impi.at, len), lk_span_text(imsi->digits));
}

static bool has_imsi(struct lk_span impi)
{
    return impi.len > 0 && impi.at[0] >= '0' && impi.at[0] <= '9';
}

/* True: it is proven that they do not belong together. */
static bool is_of_two(const struct request *r)
{
    const struct lk_trace_run *run = bootstrapping_of(r->trace, r->b_tid);
    struct lk_imsi imsi;

    if (run == NULL || !has_imsi(run->identity) ||
        lk_pmip_nai_imsi(&imsi, r->m->mip.nai) != LK_OK || is_of(&imsi, run->identity))
        return false;
    lk_explain_add(r->e, LK_CAUSE_MIP_B_TID, LK_PROVEN, 95, "expected the B-TID of %s; that of "
                   "message %zu was given to %.*s", imsi.digits, r->index + 1,
                   (int)(run->identity.len < 64 ? run->identity.len : 64),
                   (const char *)run->identity.at);
    return true;
}

static void doubt_b_tid(const struct request *r, unsigned weight)
{
    if (r->b_tid.len == 0 || is_of_two(r))
        return;
    lk_explain_add(r->e, LK_CAUSE_MIP_B_TID, LK_POSSIBLE, weight,
                   bootstrapping_of(r->trace, r->b_tid) != NULL
                       ? "message %zu names a B-TID that the capture has as given to it; the BSF "
                         "may have it no more"
                       : "message %zu names a B-TID that no bootstrapping of the capture gave",
                   r->index + 1);
}

/* ---- for which NAF ---- */

/* Whether that Ks_NAF, or the part of it that MIPv6 takes, made the authenticator. */
static bool is_made_by(const struct request *r, const struct lk_app_key_log *ks_naf,
                       enum lk_mip_extension which)
{
    static const uint16_t algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1, LK_MIP_HMAC_SHA256 };
    const struct lk_mobility_auth *auth = NULL;
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    struct lk_mip_extensions all;
    struct lk_mip_seen_key key = { .spi = r->spi };
    bool v4 = lk_mip_seen_extensions(&all, r->m) && lk_mip_has(&all, which), made = false;

    if (!v4 && lk_mip_seen_mobility(&packet, &message, r->m))
        auth = lk_mobility_auth(&message.options, LK_AUTH_MN_HA);
    if (lk_mip_secret_set(&key.association.secret,
                          lk_span_of(ks_naf->key, v4 ? ks_naf->key_len
                                                     : (size_t)LK_MIP_KEY_SHORT)) == LK_OK) {
        for (size_t i = 0; v4 && i < LK_COUNT_OF(algorithms) && !made; i++)
            made = lk_mip_seen_proves(&key, &all, which, algorithms[i]);
        made = made || (auth != NULL && lk_mip_seen_proves6(&key, r->m, auth));
    }
    lk_wipe(&key, sizeof key);
    return made;
}

static bool is_his_ks_naf(const struct request *r, const struct lk_app_key_log *key)
{
    return key->kind == LK_APP_KEY_LOG_KS_NAF &&
           lk_span_equal(lk_app_key_log_part(key, 0), r->b_tid);
}

/* Another NAF's key of this B-TID that an agent or the AAA has under this SPI. */
static const struct lk_app_key_log *wanted(const struct request *r,
                                           const struct lk_app_key_log *made)
{
    for (size_t i = 0; i < r->trace->app_key_count; i++) {
        const struct lk_app_key_log *has = &r->trace->app_keys[i];
        struct lk_mip_seen_key key;
        bool same_spi = lk_mip_seen_key(&key, r->trace, i) && key.spi == r->spi;

        lk_wipe(&key, sizeof key);
        if (!same_spi || lk_same_secret(has->key, made->key, has->key_len))
            continue;
        for (size_t k = 0; k < r->trace->app_key_count; k++)
            if (is_his_ks_naf(r, &r->trace->app_keys[k]) &&
                lk_same_secret(r->trace->app_keys[k].key, has->key, has->key_len))
                return &r->trace->app_keys[k];
    }
    return NULL;
}

static void naf_text(char text[80], const struct lk_app_key_log *key)
{
    struct lk_span id = lk_app_key_log_part(key, 1);
    size_t len = id.len > LK_UA_ID_LEN ? id.len - LK_UA_ID_LEN : 0, n;

    (void)snprintf(text, 64, "%.*s, ", (int)(len < 48 ? len : 48), (const char *)id.at);
    n = strlen(text);
    for (size_t i = len; i < id.len && n + 3 < 80; i++)
        n += (size_t)snprintf(text + n, 80 - n, "%02x", id.at[i]);
}

/* T28: a key is for one name and one protocol; who asks for another gets another key. */
void lk_explain_mip_naf(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                        enum lk_mip_extension which)
{
    const struct request r = request_of(e, trace, index);
    char signed_by[80], asked_for[80];

    for (size_t i = 0; r.b_tid.len > 0 && i < trace->app_key_count; i++) {
        const struct lk_app_key_log *made = &trace->app_keys[i], *other;

        if (!is_his_ks_naf(&r, made) || !is_made_by(&r, made, which))
            continue;
        other = wanted(&r, made);
        if (other == NULL)
            return;
        naf_text(signed_by, made);
        naf_text(asked_for, other);
        lk_explain_add(e, LK_CAUSE_MIP_NAF, LK_PROVEN, 96, "expected Ks_NAF of %s, which the other "
                       "end has; message %zu is signed by Ks_NAF of %s", asked_for, index + 1,
                       signed_by);
        return;
    }
}

/* ---- what the AAA says ---- */

/* A question of this run and its answer, repeats counted once. */
struct told {
    size_t question, answer; /* LK_TRACE_NONE */
    struct lk_radius_mip_ask ask;
    uint8_t room[LK_MIP_MESSAGE_MAX];
};

static bool take_told(struct told *told, const struct request *r, size_t from)
{
    const struct lk_trace_run *run = &r->trace->runs[r->e->run];

    told->question = told->answer = LK_TRACE_NONE;
    for (size_t i = from; i <= run->last; i++) {
        const struct lk_trace_message *m = &r->trace->messages[i];

        if (m->run != r->e->run || m->protocol != LK_TRACE_RADIUS)
            continue;
        if (told->question == LK_TRACE_NONE && m->repeats == LK_TRACE_NONE &&
            lk_radius_seen_mip(&told->ask, m, told->room, sizeof told->room))
            told->question = i;
        else if (told->question != LK_TRACE_NONE && m->answers == told->question)
            told->answer = i;
    }
    return told->question != LK_TRACE_NONE;
}

static const char *asker(const struct told *told)
{
    return told->ask.agent == LK_RADIUS_MIP_HOME ? "home agent" : "foreign agent";
}

static const char *way(const struct told *told)
{
    return lk_mip_way_words[told->ask.wants == LK_RADIUS_MIP_PUSHED ? LK_MIP_WAY_PUSHED
                                                                  : LK_MIP_WAY_AAA];
}

static enum lk_mip_extension proof_of(const struct told *told)
{
    if (told->ask.wants == LK_RADIUS_MIP_KEYS)
        return LK_MIP_MN_AAA_AUTH;
    return told->ask.agent == LK_RADIUS_MIP_HOME ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH;
}

static void says(const struct request *r, const struct told *told, enum lk_cause cause,
                 const char *expected)
{
    const struct lk_radius_packet *packet = &r->trace->messages[told->answer].radius.packet;
    struct lk_span code = lk_span_of(NULL, 0);

    (void)lk_radius_find_vendor(packet, LK_TRACE_ENTERPRISE, LK_RADIUS_MIP_REFUSED, &code);
    lk_explain_add(r->e, cause, LK_PROVEN, 90, "expected %s; the AAA says %.*s to the %s %.*s in "
                   "message %zu", expected, (int)(code.len < 40 ? code.len : 40),
                   code.len > 0 ? (const char *)code.at : "no reason", asker(told),
                   (int)(told->ask.name.len < 48 ? told->ask.name.len : 48),
                   (const char *)told->ask.name.at, told->answer + 1);
}

/* Of reasons that another cause has already. */
static enum lk_cause plain_cause(enum lk_reason reason)
{
    switch ((int)reason) {
    case LK_REASON_MIP_ORDER: return LK_CAUSE_MIP_ORDER;
    case LK_REASON_MIP_REPLAY: return LK_CAUSE_MIP_REPLAY;
    case LK_REASON_MIP_NONCE_AGAIN: return LK_CAUSE_MIP_NONCE_AGAIN;
    case LK_REASON_MIP_KEY_EXPIRED: return LK_CAUSE_MIP_OLD_KEY;
    case LK_REASON_MIP_AUTH_MISSING:
    case LK_REASON_MIP_MALFORMED: return LK_CAUSE_MIP_POOR;
    default: return LK_CAUSE_MIP_AAA;
    }
}

static void about_reason(const struct request *r, const struct told *told, enum lk_reason reason)
{
    char expected[96];

    switch ((int)reason) {
    case LK_REASON_MIP_AAA_AUTH:
    case LK_REASON_MIP_MN_AUTH:
        says(r, told, LK_CAUSE_MIP_AAA, "a proof by the key that the AAA has");
        lk_explain_mip_naf(r->e, r->trace, r->index, proof_of(told));
        lk_explain_mip_proof(r->e, r->trace, r->index, proof_of(told), 80);
        break;
    case LK_REASON_MIP_SPI:
        (void)snprintf(expected, sizeof expected, "a key of SPI %u%s", r->spi,
                       r->b_tid.len > 0 ? ", or an AAA that may ask for that B-TID"
                                        : ", or a B-TID before the proof");
        says(r, told, LK_CAUSE_MIP_AAA_SPI, expected);
        break;
    case LK_REASON_MIP_B_TID:
        says(r, told, LK_CAUSE_MIP_B_TID, "a B-TID that the BSF has for this subscriber");
        (void)is_of_two(r);
        break;
    case LK_REASON_MIP_WAY:
        (void)snprintf(expected, sizeof expected, "a way that the subscriber may use; found %s",
                       way(told));
        says(r, told, LK_CAUSE_MIP_WAY, expected);
        break;
    case LK_REASON_MIP_CLIENT:
        says(r, told, LK_CAUSE_MIP_CLIENT,
             "the name and kind of the client's row, and no other agent's key");
        break;
    case LK_REASON_MIP_LEG_OPEN:
        says(r, told, LK_CAUSE_MIP_LEG_OPEN, "TLS, or loopback");
        break;
    case LK_REASON_MIP_NODE:
    case LK_REASON_MIP_NAI:
        says(r, told, LK_CAUSE_MIP_NODE, "the NAI of a subscriber");
        break;
    default:
        says(r, told, plain_cause(reason), "a node that may have keys");
        break;
    }
}

static void about(const struct request *r, const struct told *told)
{
    const struct lk_trace_message *answer;

    if (told->answer == LK_TRACE_NONE) {
        lk_explain_add(r->e, LK_CAUSE_MIP_AAA_SILENT, LK_PROVEN, 90, "expected an answer to "
                       "message %zu, in which the %s asks; found none", told->question + 1,
                       asker(told));
        return;
    }
    answer = &r->trace->messages[told->answer];
    if (answer->status == LK_OK && answer->radius.packet.code == LK_RADIUS_ACCESS_REJECT)
        about_reason(r, told, lk_radius_take_mip_refused(&answer->radius.packet,
                                                         LK_TRACE_ENTERPRISE));
}

/* ---- the whole ---- */

/* Nobody is seen to ask: what may have been behind it. */
static void suspect(const struct request *r)
{
    const char *by = r->proves_to_aaa ? "MN-AAA" : "a key of the B-TID";

    if (!r->proves_to_aaa && r->b_tid.len == 0)
        return;
    doubt_b_tid(r, 65);
    if (r->proves_to_aaa) {
        lk_explain_mip_proof(r->e, r->trace, r->index, LK_MIP_MN_AAA_AUTH, 70);
        lk_explain_add(r->e, LK_CAUSE_MIP_AAA_SILENT, LK_POSSIBLE, 55, "message %zu is proven to "
                       "the home AAA; the capture has not what the agent asks it", r->index + 1);
        lk_explain_add(r->e, LK_CAUSE_MIP_AAA_SPI, LK_POSSIBLE, 50, "MN-AAA has SPI %u", r->spi);
    }
    lk_explain_add(r->e, LK_CAUSE_MIP_WAY, LK_POSSIBLE, 40, "message %zu is proven by %s: is that "
                   "a way that the subscriber may use?", r->index + 1, by);
}

void lk_explain_mip_aaa(struct lk_explanation *e, const struct lk_trace *trace, size_t index)
{
    struct request r = request_of(e, trace, index);
    struct told told;
    bool asked = false;

    for (size_t from = trace->runs[e->run].first; take_told(&told, &r, from);
         from = told.question + 1) {
        about(&r, &told);
        asked = true;
    }
    if (!asked)
        suspect(&r);
}

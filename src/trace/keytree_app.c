/* The key tree of applications, of all of a capture, by its key log: Ks and K_AKMA, the keys of
 * NAFs and AFs under them, and the end-to-end sessions that they went into, or did not. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "keys/akma.h"
#include "proto/eap/identity.h"
#include "trace/keytree_parts.h"
#include "trace/ub.h"

enum { IMSIS = 16 }; /* that are tried */
enum { WITH_N = 1, WITH_P = 2, WITH_CLIENT_KEY = 4 }; /* of an end-to-end session */

enum row { KS, KS_NAF, K_AKMA, K_AF, N, PSK_OF_N, PSK_OF_P, PSK_OF_BOTH, SESSION, ROWS };

/* Who can compute a key: of what is put together in it, who has all. Of N and psk of N, home and
 * device are those of the key that N comes of, where that is known. */
static const struct {
    const char *name, *how, *clause, *holders;
    size_t len;
    unsigned who;
} rows[ROWS] = {
    [KS] = { "Ks", "CK || IK", "TS 33.220 4.5.2", "device, BSF", 32, LK_WHO_DEVICE | LK_WHO_BSF },
    [KS_NAF] = { "Ks_NAF", "KDF(Ks, \"gba-me\", RAND, IMPI, NAF_Id)", "TS 33.220 B.3",
                 "device, BSF, NAF", 32, LK_WHO_DEVICE | LK_WHO_BSF | LK_WHO_NAF },
    [K_AKMA] = { "K_AKMA", "KDF(K_AUSF, \"AKMA\", SUPI)", "TS 33.535 A.2", "device, AUSF, AAnF", 32,
                 LK_WHO_DEVICE | LK_WHO_AUSF | LK_WHO_AANF },
    [K_AF] = { "K_AF", "KDF(K_AKMA, AF_ID)", "TS 33.535 A.4", "device, AAnF, AF", 32,
               LK_WHO_DEVICE | LK_WHO_AUSF | LK_WHO_AANF | LK_WHO_NAF },
    [N] = { "N", "HKDF of it, for that server and application", "TR 33.835 5.6",
            "application, server", 32, LK_WHO_DEVICE | LK_WHO_HOME | LK_WHO_NAF },
    [PSK_OF_N] = { "psk", "extract of N alone", "TR 33.835 5.6", "application, server", 32,
                   LK_WHO_DEVICE | LK_WHO_HOME | LK_WHO_NAF },
    [PSK_OF_P] = { "psk", "extract of the application's P alone", "TR 33.835 5.6",
                   "application, server", 32, LK_WHO_APPLICATION | LK_WHO_SERVER },
    [PSK_OF_BOTH] = { "psk", "extract of N and the application's P", "TR 33.835 5.6",
                      "application, server", 32, LK_WHO_APPLICATION | LK_WHO_SERVER },
    [SESSION] = { "session keys", "psk, and X25519 of keys that only the two ends had",
                  "TR 33.835 5.6", "application, server", 32,
                  LK_WHO_APPLICATION | LK_WHO_SERVER },
};

void lk_keytree_who_text(char text[LK_WHO_TEXT], const struct lk_key_node *node)
{
    const struct {
        unsigned who;
        const char *name;
    } names[] = {
        { LK_WHO_APPLICATION | LK_WHO_SERVER, "the application's two ends" },
        { LK_WHO_DEVICE, "device" },
        { LK_WHO_HOME, "BSF or AAnF" },
        { LK_WHO_BSF, "BSF" },
        { LK_WHO_AUSF, "AUSF" },
        { LK_WHO_AANF, "AAnF" },
        { LK_WHO_HOME_AAA, "home AAA" },
        { LK_WHO_HOME_AGENT, "home agent" },
        { LK_WHO_FOREIGN_AGENT, "foreign agent" },
        { LK_WHO_NAF, node->naf[0] != '\0' ? node->naf : "NAF or AF" },
    };
    unsigned left = node->who;
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if ((left & names[i].who) == names[i].who) {
            left &= ~names[i].who;
            len += (size_t)snprintf(text + len, LK_WHO_TEXT - len, "%s%s", len > 0 ? ", " : "",
                                    names[i].name);
        }
    if (node->who != 0)
        (void)snprintf(text + len, LK_WHO_TEXT - len, "; operator: %s",
                       (node->who & LK_WHO_OPERATOR) != 0 ? "yes" : "no");
}

/* ---- nodes ---- */

bool lk_tree_is_full(const struct lk_tree *b)
{
    return b->tree->count == LK_KEYTREE_MAX;
}

static size_t add(struct lk_tree *b, size_t parent, enum row row, const struct lk_app_key_log *key)
{
    size_t at = lk_tree_add(b, parent, rows[row].name, rows[row].how, rows[row].clause,
                            rows[row].holders, rows[row].len, key != NULL ? key->key : NULL);

    b->tree->node[at].who = rows[row].who;
    return at;
}

void lk_tree_put(struct lk_key_node *node, struct lk_span text, size_t most)
{
    size_t len = strlen(node->detail);

    for (size_t i = 0; i < text.len && i < most && len + 1 < LK_KEYTREE_DETAIL; i++)
        node->detail[len++] = text.at[i] > 0x20 && text.at[i] < 0x7f ? (char)text.at[i] : '?';
    node->detail[len] = '\0';
}

void lk_tree_put_text(struct lk_key_node *node, const char *text)
{
    size_t len = strlen(node->detail);

    (void)snprintf(node->detail + len, LK_KEYTREE_DETAIL - len, "%s", text);
}

static size_t fqdn_len(struct lk_span naf_id)
{
    return naf_id.len > LK_UA_ID_LEN ? naf_id.len - LK_UA_ID_LEN : naf_id.len;
}

/* The key is for that server: it can compute it, too. */
static void put_naf(struct lk_key_node *node, struct lk_span naf_id)
{
    size_t len = 0;

    for (; len < fqdn_len(naf_id) && len + 1 < sizeof node->naf; len++)
        node->naf[len] = naf_id.at[len] > 0x20 && naf_id.at[len] < 0x7f ? (char)naf_id.at[len]
                                                                        : '?';
    node->naf[len] = '\0';
}

/* "naf.example, 0100000002" */
static void put_use(struct lk_key_node *node, struct lk_span naf_id)
{
    size_t fqdn = fqdn_len(naf_id);
    char ua[2 * LK_UA_ID_LEN + 1] = "";

    lk_tree_put(node, lk_span_of(naf_id.at, fqdn), 48);
    if (naf_id.len > LK_UA_ID_LEN &&
        lk_hex_encode(ua, sizeof ua, lk_span_of(naf_id.at + fqdn, LK_UA_ID_LEN)) == LK_OK) {
        lk_tree_put_text(node, ", ");
        lk_tree_put_text(node, ua);
    }
}

static void put_judged(struct lk_key_node *node, enum lk_trace_judged judged)
{
    lk_tree_put_text(node, judged == LK_TRACE_RIGHT ? "; calculated again: the same" :
                   judged == LK_TRACE_WRONG ? "; calculated again: another" : "");
}

/* ---- calculated again ---- */

static size_t run_of_b_tid(const struct lk_trace *trace, struct lk_span b_tid)
{
    for (size_t r = 0; r < trace->run_count; r++)
        if (trace->runs[r].kind == LK_TRACE_BOOTSTRAPPING && b_tid.len > 0 &&
            lk_span_equal(trace->runs[r].ub.b_tid, b_tid))
            return r;
    return LK_TRACE_NONE;
}

static enum lk_trace_judged judge_ks(const struct lk_trace *trace, size_t run,
                                     const struct lk_recompute_card *card,
                                     const struct lk_app_key_log *key)
{
    enum lk_trace_judged judged = LK_TRACE_NOT_JUDGED;
    struct lk_run_keys keys;

    if (run == LK_TRACE_NONE || card == NULL)
        return judged;
    lk_run_keys(&keys, trace, run, card);
    if (keys.known)
        judged = lk_same_secret(keys.ks.octets, key->key, sizeof keys.ks.octets) ? LK_TRACE_RIGHT
                                                                                : LK_TRACE_WRONG;
    lk_wipe(&keys, sizeof keys);
    return judged;
}

static bool is_tmpi(struct lk_span name)
{
    struct lk_span realm = lk_span_text(LK_TMPI_REALM);

    return name.len > realm.len &&
           lk_span_equal(lk_span_of(name.at + name.len - realm.len, realm.len), realm);
}

static void take_naf_id(struct lk_naf_id *id, struct lk_span octets)
{
    id->len = octets.len < sizeof id->octets ? octets.len : sizeof id->octets;
    if (id->len > 0)
        memcpy(id->octets, octets.at, id->len);
}

/* Whether Ks makes it, for a device of that name. */
static bool makes(const struct lk_app_key_log *ks, const uint8_t rand[LK_RAND_LEN],
                  struct lk_span impi, const struct lk_app_key_log *key)
{
    struct lk_ks_naf made;
    struct lk_naf_id naf;
    struct lk_ks of;
    bool same;

    take_naf_id(&naf, lk_app_key_log_part(key, 1));
    memcpy(of.octets, ks->key, sizeof of.octets);
    lk_ks_naf_derive(&made, &of, rand, impi, &naf);
    same = lk_same_secret(made.octets, key->key, sizeof made.octets);
    lk_wipe(&of, sizeof of);
    lk_wipe(&made, sizeof made);
    return same;
}

/* A device that goes by its TMPI has an IMPI that another run may show. */
static enum lk_trace_judged judge_ks_naf(const struct lk_trace *trace, size_t run,
                                         const struct lk_app_key_log *ks,
                                         const struct lk_app_key_log *key)
{
    uint8_t rand[LK_RAND_LEN], autn[LK_AUTN_LEN];

    if (run == LK_TRACE_NONE || trace->runs[run].ub.challenge == LK_TRACE_NONE ||
        !lk_ub_challenge(rand, autn, &trace->messages[trace->runs[run].ub.challenge]))
        return LK_TRACE_NOT_JUDGED;
    for (size_t r = 0; r < trace->run_count; r++)
        if (trace->runs[r].kind == LK_TRACE_BOOTSTRAPPING && !is_tmpi(trace->runs[r].identity) &&
            makes(ks, rand, trace->runs[r].identity, key))
            return LK_TRACE_RIGHT;
    return is_tmpi(trace->runs[run].identity) ? LK_TRACE_NOT_JUDGED : LK_TRACE_WRONG;
}

static enum lk_trace_judged judge_k_af(const struct lk_app_key_log *k_akma,
                                       const struct lk_app_key_log *key)
{
    struct lk_k_akma of;
    struct lk_naf_id af;
    struct lk_k_af made;
    bool same;

    take_naf_id(&af, lk_app_key_log_part(key, 1));
    memcpy(of.octets, k_akma->key, sizeof of.octets);
    lk_k_af_derive(&made, &of, &af);
    same = lk_same_secret(made.octets, key->key, sizeof made.octets);
    lk_wipe(&of, sizeof of);
    lk_wipe(&made, sizeof made);
    return same ? LK_TRACE_RIGHT : LK_TRACE_WRONG;
}

/* The IMSIs that the capture shows, each once. */
static size_t imsis_of(struct lk_imsi imsi[IMSIS], const struct lk_trace *trace)
{
    size_t count = 0, i;
    struct lk_nai nai;

    for (size_t r = 0; r < trace->run_count && count < IMSIS; r++) {
        lk_nai_parse(&nai, trace->runs[r].identity);
        if (nai.kind != LK_IDENTITY_PERMANENT || lk_nai_imsi(&imsi[count], &nai) != LK_OK)
            continue;
        for (i = 0; i < count && strcmp(imsi[i].digits, imsi[count].digits) != 0; i++)
            ;
        count += i == count ? 1 : 0;
    }
    return count;
}

static void compare_k_akma(struct lk_tree *b, size_t run, const struct lk_k_akma *made)
{
    for (size_t i = 0; i < b->tree->count; i++) {
        struct lk_key_node *node = &b->tree->node[i];

        if (node->name == rows[K_AKMA].name && node->run == LK_TRACE_NONE &&
            lk_same_secret(node->value, made->octets, sizeof made->octets)) {
            node->run = run;
            put_judged(node, LK_TRACE_RIGHT);
        }
    }
}

/* spec: TS 33.535 6.1 - K_AKMA is of a primary authentication: which one, where K and OPc tell. */
static void find_authentications(struct lk_tree *b, const struct lk_recompute_card *card)
{
    struct lk_imsi imsi[IMSIS];
    size_t count = imsis_of(imsi, b->trace);
    struct lk_run_keys keys;
    struct lk_k_ausf k_ausf;
    struct lk_k_akma made;

    for (size_t r = 0; r < b->trace->run_count; r++) {
        const struct lk_trace_run *run = &b->trace->runs[r];

        if (run->kind != LK_TRACE_AUTHENTICATION || run->fast || run->eap_type != LK_EAP_AKA_PRIME)
            continue;
        lk_run_keys(&keys, b->trace, r, card);
        if (!keys.known)
            continue;
        lk_k_ausf_of_emsk(&k_ausf, &keys.keys.emsk);
        for (size_t i = 0; i < count; i++) {
            lk_k_akma_derive(&made, &k_ausf, lk_span_text(imsi[i].digits));
            compare_k_akma(b, r, &made);
        }
    }
    lk_wipe(&keys, sizeof keys);
    lk_wipe(&k_ausf, sizeof k_ausf);
    lk_wipe(&made, sizeof made);
}

/* ---- end to end ---- */

static void put_session(struct lk_key_node *node, const struct lk_app_key_log *key)
{
    char fingerprint[2 * LK_APP_KEY_LOG_FINGERPRINT + 1];
    struct lk_span identity = lk_app_key_log_part(key, 2);

    lk_tree_put(node, lk_app_key_log_part(key, 1), 20);
    if (identity.len > 0)
        lk_tree_put_text(node, " of ");
    lk_tree_put(node, identity, 20);
    lk_tree_put_text(node, (key->number & WITH_N) != 0 ? ", N" : "");
    lk_tree_put_text(node, (key->number & WITH_P) != 0 ? ", P" : "");
    lk_tree_put_text(node, (key->number & WITH_CLIENT_KEY) != 0 ? ", client key" : "");
    lk_tree_put_text(node, (key->number & LK_APP_KEY_LOG_RESUMED) != 0 ? ", by a ticket" : "");
    if ((key->number & (WITH_P | WITH_CLIENT_KEY)) == 0) /* docs/decisions/0024 */
        lk_tree_put_text(node, (key->number & WITH_N) != 0 ? ": the operator can play this user"
                                                   : ": anybody can play this user");
    if (lk_hex_encode(fingerprint, sizeof fingerprint, lk_span_of(key->key, key->key_len)) ==
        LK_OK) {
        lk_tree_put_text(node, "; fingerprint ");
        lk_tree_put_text(node, fingerprint);
    }
}

/* A key of that application. */
static size_t add_of_app(struct lk_tree *b, size_t parent, enum row row,
                         const struct lk_app_key_log *key)
{
    size_t at = add(b, parent, row, NULL);
    struct lk_key_node *node = &b->tree->node[at];

    lk_tree_put_text(node, "of ");
    lk_tree_put(node, lk_app_key_log_part(key, 1), 48);
    if ((node->who & LK_WHO_NAF) == 0)
        return at;
    put_naf(node, lk_app_key_log_part(key, 3));
    if (parent != LK_TRACE_NONE)
        node->who = b->tree->node[parent].who;
    return at;
}

/* From N, where there is one, to the session's keys, of which the capture has none. */
static void add_session(struct lk_tree *b, size_t parent, const struct lk_app_key_log *key)
{
    const bool n = (key->number & WITH_N) != 0, p = (key->number & WITH_P) != 0;
    size_t at = parent;

    if (b->tree->count + 3 > LK_KEYTREE_MAX)
        return;
    if (n)
        at = add_of_app(b, at, N, key);
    if (n || p)
        at = add_of_app(b, at, n && p ? PSK_OF_BOTH : p ? PSK_OF_P : PSK_OF_N, key);
    put_session(&b->tree->node[add(b, at, SESSION, NULL)], key);
}

/* It went by that name, and its server is who the key is for. */
static bool is_of(const struct lk_app_key_log *session, const struct lk_app_key_log *key)
{
    return session->kind == LK_APP_KEY_LOG_E2E && (session->number & WITH_N) != 0 &&
           lk_span_equal(lk_app_key_log_part(session, 0), lk_app_key_log_part(key, 0)) &&
           lk_span_equal(lk_app_key_log_part(session, 3), lk_app_key_log_part(key, 1));
}

/* ---- the whole ---- */

static void add_use(struct lk_tree *b, size_t parent, const struct lk_app_key_log *of,
                    const struct lk_app_key_log *key, bool *shown)
{
    bool gba = key->kind == LK_APP_KEY_LOG_KS_NAF;
    size_t at = add(b, parent, gba ? KS_NAF : K_AF, key);

    put_use(&b->tree->node[at], lk_app_key_log_part(key, 1));
    put_naf(&b->tree->node[at], lk_app_key_log_part(key, 1));
    if (of != NULL)
        put_judged(&b->tree->node[at],
                   gba ? judge_ks_naf(b->trace, b->tree->node[parent].run, of, key)
                       : judge_k_af(of, key));
    if (gba)
        lk_keytree_mip_of(b, at, key, shown);
    for (size_t i = 0; i < b->trace->app_key_count; i++)
        if (!shown[i] && is_of(&b->trace->app_keys[i], key)) {
            shown[i] = true;
            add_session(b, at, &b->trace->app_keys[i]);
        }
}

static void add_root(struct lk_tree *b, size_t of, const struct lk_recompute_card *card,
                     bool *shown)
{
    const struct lk_app_key_log *keys = b->trace->app_keys, *key = &keys[of];
    bool gba = key->kind == LK_APP_KEY_LOG_KS;
    struct lk_span name = lk_app_key_log_part(key, 0);
    size_t at = add(b, LK_TRACE_NONE, gba ? KS : K_AKMA, key);
    struct lk_key_node *node = &b->tree->node[at];

    lk_tree_put_text(node, gba ? "B-TID " : "A-KID ");
    lk_tree_put(node, name, 92);
    if (gba) {
        node->run = run_of_b_tid(b->trace, name);
        put_judged(node, judge_ks(b->trace, node->run, card, key));
    }
    for (size_t i = 0; i < b->trace->app_key_count && !lk_tree_is_full(b); i++)
        if (!shown[i] && keys[i].kind == (gba ? LK_APP_KEY_LOG_KS_NAF : LK_APP_KEY_LOG_K_AF) &&
            lk_span_equal(lk_app_key_log_part(&keys[i], 0), name)) {
            shown[i] = true;
            add_use(b, at, key, &keys[i], shown);
        }
}

static bool has_use(const struct lk_trace *trace, const struct lk_app_key_log *of)
{
    for (size_t i = 0; i < trace->app_key_count; i++)
        if ((trace->app_keys[i].kind == LK_APP_KEY_LOG_KS_NAF ||
             trace->app_keys[i].kind == LK_APP_KEY_LOG_K_AF) &&
            lk_span_equal(lk_app_key_log_part(&trace->app_keys[i], 0), lk_app_key_log_part(of, 0)))
            return true;
    return false;
}

/* Those that something came of first: there may be more of the others than there is room for. */
static void add_roots(struct lk_tree *b, bool used, const struct lk_recompute_card *card,
                      bool *shown)
{
    for (size_t i = 0; i < b->trace->app_key_count && !lk_tree_is_full(b); i++)
        if ((b->trace->app_keys[i].kind == LK_APP_KEY_LOG_KS ||
             b->trace->app_keys[i].kind == LK_APP_KEY_LOG_K_AKMA) &&
            has_use(b->trace, &b->trace->app_keys[i]) == used)
            add_root(b, i, card, shown);
}

bool lk_keytree_has_applications(const struct lk_trace *trace)
{
    for (size_t i = 0; i < trace->app_key_count; i++)
        if (trace->app_keys[i].kind != LK_APP_KEY_LOG_RES)
            return true;
    return false;
}

void lk_keytree_applications(struct lk_keytree *tree, const struct lk_trace *trace,
                             const struct lk_recompute_card *card)
{
    struct lk_tree b = { .tree = tree, .trace = trace, .run = LK_TRACE_NONE, .known = true };
    bool shown[LK_TRACE_KEYS_MAX] = { false };

    memset(tree, 0, sizeof *tree);
    add_roots(&b, true, card, shown);
    for (size_t i = 0; i < trace->app_key_count && !lk_tree_is_full(&b); i++)
        if (!shown[i] && (trace->app_keys[i].kind == LK_APP_KEY_LOG_KS_NAF ||
                          trace->app_keys[i].kind == LK_APP_KEY_LOG_K_AF))
            add_use(&b, LK_TRACE_NONE, NULL, &trace->app_keys[i], shown);
    for (size_t i = 0; i < trace->app_key_count && !lk_tree_is_full(&b); i++)
        if (!shown[i] && trace->app_keys[i].kind == LK_APP_KEY_LOG_E2E)
            add_session(&b, LK_TRACE_NONE, &trace->app_keys[i]);
    lk_keytree_mip(&b, shown);
    add_roots(&b, false, card, shown);
    if (card != NULL)
        find_authentications(&b, card);
}

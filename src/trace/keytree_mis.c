/* The key tree of an SA of MIS: where its K comes from, and what K makes.
 *
 *     EMSK -> rRK -> rIK, rMSK     EMSK or rMSK -> K of one PoS, or the K of an SPoS -> MISK -> ...
 *                                                                              K -> MSRK -> MSPMK
 *
 * Values are those of the capture's key lines, of a K that is in it, or of the EMSK where the card
 * is known. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/erp.h"
#include "trace/keytree_parts.h"
#include "trace/mis.h"
#include "trace/mis_read.h"

enum { K_LEN = 64, ERP_LEN = 64, LINK_KEYS = 4 };

static size_t node(struct lk_tree *b, size_t parent, const char *name, const char *how,
                   const char *clause, const char *holders, struct lk_span value, size_t len)
{
    bool was_known = b->known;
    size_t at;

    b->known = value.len > 0;
    at = lk_tree_add(b, parent, name, how, clause, holders, value.len > 0 ? value.len : len,
                     value.len > 0 ? value.at : NULL);
    b->known = was_known;
    return at;
}

/* ---- MISK ---- */

static struct lk_span slice(const uint8_t *at, size_t len, bool known)
{
    return lk_span_of(known ? at : NULL, known ? len : 0);
}

static void add_slices(struct lk_tree *b, size_t misk, const struct lk_mis_keys *keys, bool known,
                       const struct lk_mis_agreed *agreed)
{
    static const char clause[] = "IEEE 802.21 9.2";

    node(b, misk, "MIAK", "the first slice: AUTH-N and AUTH-T", clause, "MN, PoS",
         slice(keys->miak.octets, keys->miak.len, known), lk_miak_len(agreed->prf));
    if (lk_miik_len(agreed->suite) > 0)
        node(b, misk, "MIIK", "the next slice: MIC of PDUs", clause, "MN, PoS",
             slice(keys->miik.octets, keys->miik.len, known), lk_miik_len(agreed->suite));
    if (lk_miek_len(agreed->suite) > 0)
        node(b, misk, "MIEK", "the last slice: encrypts PDUs", clause, "MN, PoS",
             slice(keys->miek.octets, keys->miek.len, known), lk_miek_len(agreed->suite));
}

/* What the lines of the capture say, or what K makes; mismatch: they are not the same. */
static bool misk_of(struct lk_mis_keys *keys, bool *mismatch, const struct lk_tree *b,
                    const struct lk_mis_agreed *agreed, struct lk_span k)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    const struct lk_mis_key_log *logged =
        lk_mis_key_of(b->trace, LK_MIS_KEY_LOG_MISK, &of->said);
    struct lk_mis_key_log made = { .key_len = 0 };
    struct lk_mis_agreed again;
    bool known = logged != NULL && lk_mis_key_log_keys(keys, logged, agreed);

    if (lk_mis_seen_derive(keys, &again, of, k)) {
        lk_mis_key_log_misk(&made, of->said.type, of->said.id, &again, keys);
        *mismatch = known && (made.key_len != logged->key_len ||
                              !lk_same_secret(made.key, logged->key, made.key_len));
        known = true;
    }
    lk_wipe(&made, sizeof made);
    return known;
}

/* ---- link keys ---- */

static void add_mspmk(struct lk_tree *b, size_t msrk, const struct lk_mis_key_log *entry,
                      const struct lk_msrk *value, enum lk_mis_prf prf)
{
    char mn[LK_STATION_TEXT], poa[LK_STATION_TEXT];
    struct lk_mis_link_pair link;
    struct lk_mspmk key, made;
    bool other = false;
    size_t at;

    if (!lk_mis_key_log_link(&link, &key, entry))
        return;
    if (value != NULL) {
        lk_mspmk_derive(&made, prf, value, LK_SPAN(link.mn), LK_SPAN(link.poa));
        other = !lk_same_secret(made.octets, key.octets, sizeof key.octets);
    }
    lk_station_text(mn, link.mn);
    lk_station_text(poa, link.poa);
    at = node(b, msrk, "MSPMK", "KDF(MSRK, \"MSPMK\", link addresses)", "IEEE 802.21 9.2",
              "MN, PoS; the point of attachment is to have it", LK_SPAN(key.octets),
              sizeof key.octets);
    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "of %s at %s%s", mn, poa,
                   other ? "; NOT WHAT THIS K MAKES" : "");
    lk_wipe(&key, sizeof key);
    lk_wipe(&made, sizeof made);
}

/* spec: IEEE 802.21 9.2 - MSRK of K and both names; who has K can make it, and every link key. */
static void add_msrk(struct lk_tree *b, size_t parent, struct lk_span k, bool chosen,
                     enum lk_mis_prf prf)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    const struct lk_mis_key_log *entry;
    struct lk_msrk value;
    struct lk_mis_k made;
    bool known = chosen && lk_mis_k_set(&made, k) == LK_OK;
    size_t from = 0, at = LK_TRACE_NONE;

    if (known)
        lk_msrk_derive(&value, prf, &made, lk_mis_seen_name(of), of->pos);
    for (unsigned i = 0; i < LINK_KEYS; i++) {
        entry = lk_mis_key_next(&from, b->trace, LK_MIS_KEY_LOG_MSPMK, &of->said);
        if (entry == NULL)
            break;
        if (at == LK_TRACE_NONE)
            at = node(b, parent, "MSRK", "KDF(K, \"MSRK\", MISF IDs of MN and PoS)",
                      "IEEE 802.21 9.2", "MN, PoS; who has K can make it",
                      slice(value.octets, sizeof value.octets, known), sizeof value.octets);
        add_mspmk(b, at, entry, known ? &value : NULL, prf);
    }
    lk_wipe(&made, sizeof made);
    lk_wipe(&value, sizeof value);
}

/* spec: IEEE 802.21 9.2 - MISK of K, both nonces and the code of the suite; then it is cut. */
static void add_misk(struct lk_tree *b, size_t parent, struct lk_span k)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    struct lk_mis_agreed agreed = { .suite = LK_MIS_SUITE_CCM, .prf = LK_MIS_PRF_HMAC_SHA256 };
    struct lk_mis_keys keys = { .miak.len = 0 };
    struct lk_mis_key_log whole = { .key_len = 0 };
    bool chosen = lk_mis_seen_agreed(&agreed, of), mismatch = false, known = false;
    char sa[LK_MIS_TEXT] = "SAID not known";
    size_t at;

    if (chosen)
        known = misk_of(&keys, &mismatch, b, &agreed, k);
    if (known)
        lk_mis_key_log_misk(&whole, of->said.type, of->said.id, &agreed, &keys);
    at = node(b, parent, "MISK", "KDF(K, \"MIK\", Nonce-T, Nonce-N, c)", "IEEE 802.21 9.2",
              "MN, PoS, for a moment", lk_span_of(whole.key, whole.key_len),
              lk_miak_len(agreed.prf) + lk_miik_len(agreed.suite) + lk_miek_len(agreed.suite));
    if (of->said.id.len > 0)
        lk_mis_sa_text(sa, &of->said);
    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "%.54s: %.18s, %s%s", sa,
                   chosen ? lk_mis_suite_text(agreed.suite) : "choice not seen",
                   chosen ? lk_mis_prf_text(agreed.prf) : "",
                   mismatch ? "; NOT WHAT THIS K MAKES" : "");
    add_slices(b, at, &keys, known, &agreed);
    add_msrk(b, parent, k, chosen, agreed.prf);
    lk_wipe(&keys, sizeof keys);
    lk_wipe(&whole, sizeof whole);
}

/* ---- K ---- */

static struct lk_span logged_k(const struct lk_tree *b)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    const struct lk_mis_key_log *k = lk_mis_key_of(b->trace, LK_MIS_KEY_LOG_K, &of->said);

    return k != NULL ? lk_span_of(k->key, k->key_len) : of->k;
}

static void add_mixed(struct lk_tree *b, size_t parent)
{
    size_t at = node(b, parent, "K, mixed", "prf+(K, \"MIS-DH-MIX\", X25519, nonces)",
                     "ours, RFC 7748 6.1", "MN, PoS, for a moment", lk_span_of(NULL, 0), K_LEN);

    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL,
                   "who only listens does not have it, the maker of K neither");
    add_misk(b, at, lk_span_of(NULL, 0));
}

/* spec: IEEE 802.21.1 5.14.2 - K of the SPoS is a root of its own: no key of the home is above. */
static void optimised(struct lk_tree *b)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    struct lk_span k = logged_k(b);
    char maker[LK_MIS_TEXT];
    size_t at;

    lk_mis_text(maker, of->maker.len > 0 ? of->maker : of->spos);
    at = node(b, LK_TRACE_NONE, "K",
              lk_mis_seen_of_home(of) ? "pMSK of the home; the MN has it of itself"
              : of->has_envelope && of->origin != LK_MIS_ORIGIN_SPOS
                  ? "said to be of the home, given to MN and target"
                  : "drawn at random, given to MN and target",
              lk_mis_seen_of_home(of) ? "RFC 6630 5.3" : "IEEE 802.21.1 5.14.2",
              "SPoS, MN, TPoS, for a moment", k, K_LEN);
    if (of->has_chain)
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "from %.50s; run %u of %u",
                       maker, of->chain.used, of->chain.max);
    else
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "from %.50s", maker);
    if (of->dh_mn && of->dh_pos)
        add_mixed(b, at);
    else
        add_misk(b, at, k);
}

/* T40: of full establishment, for the PoS that the MN dialled and no other. */
static size_t add_k(struct lk_tree *b, size_t parent, const char *how, struct lk_span value)
{
    size_t at = node(b, parent, "K", how, "RFC 5295 3.1", "MN, home, one PoS", value, K_LEN);
    char pos[LK_MIS_TEXT];

    lk_mis_text(pos, b->trace->runs[b->run].mis.pos);
    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "for %.50s", pos);
    return at;
}

/* ---- ERP ---- */

/* The last authentication of this MN in full before the run. */
static size_t full_before(const struct lk_tree *b)
{
    const struct lk_trace_run *runs = b->trace->runs;

    for (size_t r = b->run; r > 0; r--)
        if (runs[r - 1].kind == LK_TRACE_ESTABLISHMENT && !runs[r - 1].mis.optimised &&
            !runs[r - 1].mis.erp && runs[r - 1].outcome == LK_TRACE_ACCEPTED &&
            lk_span_equal(lk_mis_seen_name(&runs[r - 1].mis),
                          lk_mis_seen_name(&runs[b->run].mis)))
            return r - 1;
    return LK_TRACE_NONE;
}

/* spec: RFC 6696 4.1 - rRK of the EMSK; rIK proves the packets, an rMSK is of one authenticator.
 * Returns the node of the rMSK. */
static size_t add_erp(struct lk_tree *b, size_t emsk, const struct lk_emsk *value)
{
    struct lk_rrk rrk;
    struct lk_rik rik;
    size_t at, rmsk;

    if (value != NULL) {
        lk_rrk_of_emsk(&rrk, value);
        lk_rik_derive(&rik, &rrk, LK_ERP_HMAC_SHA256_128);
    }
    at = node(b, emsk, "rRK", "KDF(EMSK, \"EAP Re-authentication Root Key@ietf.org\")",
              "RFC 6696 4.1", "MN, home", slice(rrk.octets, sizeof rrk.octets, value != NULL),
              ERP_LEN);
    node(b, at, "rIK", "KDF(rRK, \"...Integrity Key\", suite 2): the tags of ERP", "RFC 6696 4.3",
         "MN, home", slice(rik.octets, sizeof rik.octets, value != NULL), ERP_LEN);
    rmsk = node(b, at, "rMSK", "KDF(rRK, \"...Master Session Key\", SEQ)", "RFC 6696 4.6",
                "MN, home", lk_span_of(NULL, 0), ERP_LEN);
    lk_wipe(&rrk, sizeof rrk);
    lk_wipe(&rik, sizeof rik);
    return rmsk;
}

static void by_erp(struct lk_tree *b)
{
    const struct lk_trace_establishment *of = &b->trace->runs[b->run].mis;
    size_t emsk = node(b, LK_TRACE_NONE, "EMSK", "of the authentication that ERP goes back to",
                       "RFC 5295 3", "MN, home: never on a wire", lk_span_of(NULL, 0), K_LEN);
    char nai[LK_MIS_TEXT];
    size_t k;

    lk_mis_text(nai, of->erp_nai);
    b->tree->node[emsk].run = full_before(b);
    (void)snprintf(b->tree->node[emsk].detail, LK_KEYTREE_DETAIL, "%.60s", nai);
    k = add_k(b, add_erp(b, emsk, NULL), "KDF(rMSK, \"mis-k@...\", MISF ID of the PoS)",
              logged_k(b));
    add_misk(b, k, logged_k(b));
}

/* ---- DTLS ---- */

/* A root key of a use (RFC 5295), of the EMSK; here the use is one PoS. */
size_t lk_keytree_mis_psk(struct lk_tree *b)
{
    size_t emsk = node(b, LK_TRACE_NONE, "EMSK", "of the authentication with that PoS",
                       "RFC 5295 3", "MN, home: never on a wire", lk_span_of(NULL, 0), K_LEN);
    char pos[LK_MIS_TEXT];
    size_t at;

    lk_mis_text(pos, b->trace->runs[b->run].mis.pos);
    b->tree->node[emsk].run = full_before(b);
    at = node(b, emsk, "PSK of DTLS", "USRK: KDF(EMSK, \"mis-dtls-psk@...\", MISF ID of the PoS)",
              "RFC 5295 3", "MN, home, one PoS", lk_span_of(NULL, 0), K_LEN);
    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "for %.50s", pos);
    return at;
}

/* ---- all ---- */

void lk_keytree_mis_emsk(struct lk_tree *b, size_t emsk, const struct lk_run_keys *keys)
{
    struct lk_span value = logged_k(b);
    struct lk_mis_k k;
    size_t at;

    if (b->known) {
        lk_mis_k_of_emsk(&k, &keys->keys.emsk, lk_span_text(lk_mis_seen_codes->k_usage),
                         b->trace->runs[b->run].mis.pos);
        value = LK_SPAN(k.octets);
    }
    at = add_k(b, emsk, "KDF(EMSK, \"mis-k@...\", MISF ID of the PoS)", value);
    add_misk(b, at, value);
    (void)add_erp(b, emsk, b->known ? &keys->keys.emsk : NULL);
    lk_wipe(&k, sizeof k);
}

void lk_keytree_mis(struct lk_tree *b)
{
    if (b->trace->runs[b->run].mis.optimised) {
        optimised(b);
    } else if (b->trace->runs[b->run].mis.erp) {
        by_erp(b);
    } else {
        size_t k = node(b, LK_TRACE_NONE, "K", "of an authentication that is not in the capture",
                        "IEEE 802.21 9.2", "MN, home, PoS", logged_k(b), K_LEN);

        add_misk(b, k, logged_k(b));
    }
}

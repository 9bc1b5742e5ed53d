/* The key tree of an association: KASME -> KeNB -> S-KWT, which is the PMK -> PTK -> KCK, KEK, TK.
 * Every S-KWT of the device that the capture has, with the PTKs of the last handshakes. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/eps.h"
#include "trace/association.h"
#include "trace/keytree_parts.h"

enum {
    COUNTS_TRIED = 256,  /* of NAS */
    COUNTERS_TRIED = 16, /* of WT */
    KEY_LEN = 32,
    PART_LEN = 16,
    FULL = LK_KEYTREE_MAX - 16, /* nodes, from which on no S-KWT is begun */
};

static bool is_of(const struct lk_trace *trace, size_t key, enum lk_key_log_kind kind,
                  const struct lk_trace_association *of)
{
    return trace->keys[key].kind == kind &&
           lk_span_equal(LK_SPAN(trace->keys[key].station), LK_SPAN(of->station));
}

/* Whether that S-KWT is of that KeNB, with the function code that is the default. One of Xw has no
 * counter: the first ones are tried. */
static bool is_made_of(const struct lk_trace *trace, size_t pmk, size_t kenb_at, unsigned *counter)
{
    bool known = trace->keys[pmk].number != LK_TRACE_NO_NUMBER, found = false;
    unsigned end = known ? trace->keys[pmk].number + 1u : COUNTERS_TRIED;
    struct lk_s_kwt s_kwt;
    struct lk_kenb kenb;

    memcpy(kenb.octets, trace->keys[kenb_at].key, sizeof kenb.octets);
    for (*counter = known ? end - 1 : 0; *counter < end && !found; ++*counter) {
        lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, (uint16_t)*counter);
        found = lk_same_secret(s_kwt.octets, trace->keys[pmk].key, sizeof s_kwt.octets);
    }
    --*counter;
    lk_wipe(&kenb, sizeof kenb);
    lk_wipe(&s_kwt, sizeof s_kwt);
    return found;
}

/* The KASME that makes that KeNB at one of the first uplink NAS COUNTs; else it is a KeNB*. */
static size_t kasme_of(const struct lk_trace *trace, const struct lk_trace_association *of,
                       size_t kenb, uint32_t *count)
{
    size_t found = LK_TRACE_NONE;
    struct lk_kasme kasme;
    struct lk_kenb made;

    for (size_t i = 0; i < trace->key_count && found == LK_TRACE_NONE; i++) {
        if (!is_of(trace, i, LK_KEY_LOG_KASME, of))
            continue;
        memcpy(kasme.octets, trace->keys[i].key, sizeof kasme.octets);
        for (*count = 0; *count < COUNTS_TRIED && found == LK_TRACE_NONE; ++*count) {
            lk_kenb_derive(&made, &kasme, *count);
            if (lk_same_secret(made.octets, trace->keys[kenb].key, sizeof made.octets))
                found = i;
        }
    }
    --*count;
    lk_wipe(&kasme, sizeof kasme);
    lk_wipe(&made, sizeof made);
    return found;
}

/* With its KASME, or the names of both when they are not known. */
static size_t add_kenb(struct lk_tree *b, const struct lk_trace_association *of,
                       size_t kenb, size_t *root)
{
    const struct lk_key_log *key = kenb == LK_TRACE_NONE ? NULL : &b->trace->keys[kenb];
    size_t kasme = LK_TRACE_NONE, at;
    uint32_t count = 0;

    if (key != NULL)
        kasme = kasme_of(b->trace, of, kenb, &count);
    if (*root == LK_TRACE_NONE) {
        b->known = kasme != LK_TRACE_NONE;
        *root = lk_tree_add(b, LK_TRACE_NONE, "KASME", "KDF(CK||IK, 10, SN id, SQN xor AK)",
                            "TS 33.401 A.2", "device, MME", KEY_LEN,
                            b->known ? b->trace->keys[kasme].key : NULL);
    }
    b->known = key != NULL;
    if (key != NULL && kasme == LK_TRACE_NONE) {
        at = lk_tree_add(b, *root, "KeNB", "KeNB*: KDF(NH or the KeNB before, 13, cell)",
                         "TS 33.401 A.5", "device, eNB", KEY_LEN, key->key);
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "NCC %u", key->number);
        return at;
    }
    at = lk_tree_add(b, *root, "KeNB", "KDF(KASME, 11, UL NAS COUNT), or KeNB*",
                     "TS 33.401 A.3", "device, eNB", KEY_LEN, key != NULL ? key->key : NULL);
    if (key != NULL)
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "UL NAS COUNT %u", count);
    return at;
}

static void add_ptk(struct lk_tree *b, size_t parent, const struct lk_trace_ptk *ptk,
                    const char *which)
{
    size_t at;

    b->known = ptk->is_set;
    at = lk_tree_add(b, parent, "PTK", "PRF(PMK, \"Pairwise key expansion\", addresses, nonces)",
                     "IEEE 802.11 12.7.1.3", "device, WT", 3 * PART_LEN, NULL);
    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "%s", which);
    lk_tree_add(b, at, "KCK", "octets 0-15: MIC of EAPOL-Key", "IEEE 802.11 12.7.1.3",
                "device, WT", PART_LEN, ptk->ptk.kck.octets);
    lk_tree_add(b, at, "KEK", "octets 16-31: wraps the GTK", "IEEE 802.11 12.7.1.3",
                "device, WT", PART_LEN, ptk->ptk.kek.octets);
    lk_tree_add(b, at, "TK", "octets 32-47: CCMP", "IEEE 802.11 12.7.1.3", "device, WT",
                PART_LEN, ptk->ptk.tk.octets);
}

static size_t add_s_kwt(struct lk_tree *b, size_t parent, const uint8_t *value,
                        unsigned counter)
{
    size_t at;

    b->known = value != NULL;
    at = lk_tree_add(b, parent, "S-KWT", "KDF(KeNB, 1F, WT Counter): the PMK", LK_S_KWT_CLAUSE,
                     "device, eNB, WT", KEY_LEN, value);
    if (counter != LK_TRACE_NO_NUMBER)
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "WT Counter %u", counter);
    return at;
}

/* One S-KWT, and the PTKs of the last handshakes that were under it. */
static void add_pmk(struct lk_tree *b, const struct lk_trace_association *of, size_t pmk,
                    size_t parent, unsigned counter)
{
    const struct lk_trace_ptk *const last[] = { &of->before, &of->now, &of->next };
    static const char *const which[] = { "the one before", "in use", "not finished" };
    size_t at = add_s_kwt(b, parent, b->trace->keys[pmk].key, counter);

    for (size_t i = 0; i < LK_COUNT_OF(last); i++)
        if (last[i]->is_set && last[i]->pmk == pmk)
            add_ptk(b, at, last[i], which[i]);
}

/* Those of a KeNB, in their order; LK_TRACE_NONE: those of none that is known. */
static void add_pmks_of(struct lk_tree *b, const struct lk_trace_association *of,
                        size_t kenb, size_t *root, bool *shown)
{
    const struct lk_trace *trace = b->trace;
    size_t parent = LK_TRACE_NONE;
    unsigned counter;

    for (size_t i = 0; i < trace->key_count && b->tree->count < FULL; i++) {
        if (!is_of(trace, i, LK_KEY_LOG_S_KWT, of) || shown[i])
            continue;
        counter = trace->keys[i].number;
        if (kenb != LK_TRACE_NONE && !is_made_of(trace, i, kenb, &counter))
            continue;
        if (parent == LK_TRACE_NONE)
            parent = add_kenb(b, of, kenb, root);
        add_pmk(b, of, i, parent, counter);
        shown[i] = true;
    }
}

void lk_keytree_association(struct lk_tree *b)
{
    static const struct lk_trace_ptk unknown;
    const struct lk_trace_association *of = &b->trace->runs[b->run].association;
    bool shown[LK_TRACE_KEYS_MAX] = { false };
    size_t root = LK_TRACE_NONE;

    for (size_t i = 0; i < b->trace->key_count; i++)
        if (is_of(b->trace, i, LK_KEY_LOG_KENB, of))
            add_pmks_of(b, of, i, &root, shown);
    add_pmks_of(b, of, LK_TRACE_NONE, &root, shown);
    if (root == LK_TRACE_NONE)
        add_ptk(b, add_s_kwt(b, add_kenb(b, of, LK_TRACE_NONE, &root), NULL, LK_TRACE_NO_NUMBER),
                &unknown, "of each handshake");
}

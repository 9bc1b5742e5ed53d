/* The key tree of an association: KASME -> KeNB -> S-KWT, which is the PMK -> PTK -> KCK, KEK, TK.
 * Every S-KWT of the device that the capture has, with the PTKs of the last handshakes. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/eps.h"
#include "trace/association.h"
#include "trace/keytree_parts.h"
#include "trace/s_kwt.h"

enum {
    COUNTS_TRIED = 256,  /* of NAS */
    COUNTERS_TRIED = 16, /* of WT, where RRC shows none */
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

/* The counters at which an S-KWT may have been made: its own, those that RRC told the device, or,
 * without these, the first ones. */
static void counters_of(struct lk_wt_counters *tried, const struct lk_trace *trace, size_t pmk)
{
    lk_wt_counters_of(tried, trace, trace->keys[pmk].station);
    if (trace->keys[pmk].number != LK_TRACE_NO_NUMBER) {
        tried->count = 1;
        tried->counter[0] = trace->keys[pmk].number;
    }
    if (tried->count == 0)
        while (tried->count < COUNTERS_TRIED) {
            tried->counter[tried->count] = (uint16_t)tried->count;
            tried->count++;
        }
}

/* Whether that S-KWT is of that KeNB, with the function code that is the default. */
static bool is_made_of(const struct lk_trace *trace, size_t pmk, size_t kenb_at, unsigned *counter)
{
    struct lk_wt_counters tried;
    struct lk_s_kwt s_kwt;
    struct lk_kenb kenb;
    bool found = false;

    counters_of(&tried, trace, pmk);
    memcpy(kenb.octets, trace->keys[kenb_at].key, sizeof kenb.octets);
    for (size_t i = 0; i < tried.count && !found; i++) {
        lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, tried.counter[i]);
        found = lk_same_secret(s_kwt.octets, trace->keys[pmk].key, sizeof s_kwt.octets);
        if (found)
            *counter = tried.counter[i];
    }
    lk_wipe(&kenb, sizeof kenb);
    lk_wipe(&s_kwt, sizeof s_kwt);
    return found;
}

static bool makes(const struct lk_kasme *kasme, const struct lk_kenb *kenb, uint32_t *count)
{
    bool found = false;
    struct lk_kenb made;

    for (uint32_t tried = 0; tried < COUNTS_TRIED && !found; tried++) {
        lk_kenb_derive(&made, kasme, tried);
        found = lk_same_secret(made.octets, kenb->octets, sizeof made.octets);
        *count = tried;
    }
    lk_wipe(&made, sizeof made);
    return found;
}

/* The KASME that makes that KeNB at one of the first uplink NAS COUNTs; else it is a KeNB*. */
static size_t kasme_of(const struct lk_trace *trace, const struct lk_trace_association *of,
                       size_t kenb_at, uint32_t *count)
{
    size_t found = LK_TRACE_NONE;
    struct lk_kasme kasme;
    struct lk_kenb kenb;

    memcpy(kenb.octets, trace->keys[kenb_at].key, sizeof kenb.octets);
    for (size_t i = 0; i < trace->key_count && found == LK_TRACE_NONE; i++) {
        if (!is_of(trace, i, LK_KEY_LOG_KASME, of))
            continue;
        memcpy(kasme.octets, trace->keys[i].key, sizeof kasme.octets);
        if (makes(&kasme, &kenb, count))
            found = i;
    }
    lk_wipe(&kasme, sizeof kasme);
    lk_wipe(&kenb, sizeof kenb);
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
    else
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "%s", value != NULL ?
                       "of no KeNB in the capture at a WT Counter that it shows" :
                       "missing: XwAP with its key, or the WT Counter in RRC and a message 1");
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

/* Below a KeNB: what the capture does not let know. */
static void missing(struct lk_tree *b, size_t kenb)
{
    static const struct lk_trace_ptk unknown;

    add_ptk(b, add_s_kwt(b, kenb, NULL, LK_TRACE_NO_NUMBER), &unknown, "of each handshake");
}

void lk_keytree_association(struct lk_tree *b)
{
    const struct lk_trace_association *of = &b->trace->runs[b->run].association;
    bool shown[LK_TRACE_KEYS_MAX] = { false };
    size_t root = LK_TRACE_NONE;
    bool bare;

    for (size_t i = 0; i < b->trace->key_count; i++)
        if (is_of(b->trace, i, LK_KEY_LOG_KENB, of))
            add_pmks_of(b, of, i, &root, shown);
    add_pmks_of(b, of, LK_TRACE_NONE, &root, shown);
    bare = root == LK_TRACE_NONE;
    for (size_t i = 0; i < b->trace->key_count && b->tree->count < FULL; i++)
        if (bare && is_of(b->trace, i, LK_KEY_LOG_KENB, of))
            missing(b, add_kenb(b, of, i, &root));
    if (root == LK_TRACE_NONE)
        missing(b, add_kenb(b, of, LK_TRACE_NONE, &root));
}

#include "trace/keytree_parts.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "wire/eap.h"

size_t lk_tree_add(struct lk_tree *b, size_t parent, const char *name, const char *how,
                   const char *clause, const char *holders, size_t len, const uint8_t *value)
{
    struct lk_key_node *node = &b->tree->node[b->tree->count];

    LK_ASSERT(b->tree->count < LK_KEYTREE_MAX);
    *node = (struct lk_key_node){ .name = name, .how = how, .clause = clause, .holders = holders,
                                  .parent = parent, .len = len, .run = LK_TRACE_NONE };
    node->depth = parent == LK_TRACE_NONE ? 0 : b->tree->node[parent].depth + 1;
    if (b->known && value != NULL) {
        LK_ASSERT(len <= LK_KEYTREE_VALUE_MAX);
        node->has_value = true;
        memcpy(node->value, value, len);
    }
    return b->tree->count++;
}

static size_t add(struct lk_tree *b, size_t parent, const char *name, const char *how,
                  const char *clause, const char *holders, size_t len, const uint8_t *value)
{
    return lk_tree_add(b, parent, name, how, clause, holders, len, value);
}

/* ---- DTLS ---- */

static const struct lk_radius_packet *first_packet(const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_message *first = &trace->messages[trace->runs[run].first];

    return first->protocol == LK_TRACE_RADIUS && first->status == LK_OK ? &first->radius.packet
                                                                        : NULL;
}

static bool same_station(const struct lk_trace *trace, size_t a, size_t b)
{
    const struct lk_radius_packet *one = first_packet(trace, a), *other = first_packet(trace, b);
    struct lk_span left, right;

    return one != NULL && other != NULL
           && lk_radius_find(one, LK_RADIUS_CALLING_STATION_ID, &left)
           && lk_radius_find(other, LK_RADIUS_CALLING_STATION_ID, &right)
           && lk_span_equal(left, right);
}

/* The how-manieth WLCP key of the device this is, as far as the capture goes back. */
static unsigned generation_of(const struct lk_trace *trace, size_t run)
{
    unsigned generation = 1;

    for (size_t r = 0; r < run; r++)
        generation += trace->runs[r].multi && trace->runs[r].outcome == LK_TRACE_ACCEPTED
                      && same_station(trace, r, run);
    return generation;
}

static size_t session_with(const struct lk_trace *trace, struct lk_span identity)
{
    for (size_t r = 0; r < trace->run_count; r++)
        if (trace->runs[r].kind == LK_TRACE_SESSION && identity.len > 0
            && lk_span_equal(trace->runs[r].identity, identity))
            return r;
    return LK_TRACE_NONE;
}

/* spec: RFC 7627 4 - the master secret is bound to the whole handshake. */
static void add_session(struct lk_tree *b, size_t parent, const char *holders, size_t run)
{
    const char *suite = run == LK_TRACE_NONE ? NULL :
                        lk_trace_suite_name(b->trace->runs[run].suite);
    size_t at = add(b, parent, "DTLS session",
                    "PRF(premaster of that key, \"extended master secret\", session hash)",
                    "RFC 7627 4", holders, 48, NULL);

    b->tree->node[at].run = run;
    if (suite != NULL)
        snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "%s", suite);
}

/* identity: as it is on the wire, digits. */
static void add_identity(struct lk_tree *b, size_t parent, struct lk_span identity, size_t session)
{
    uint8_t octets[LK_WLCP_IDENTITY_LEN / 2];
    char text[LK_WLCP_IDENTITY_LEN + 1] = "";
    bool was_known = b->known;
    size_t len = 0, at;

    if (identity.len == LK_WLCP_IDENTITY_LEN)
        memcpy(text, identity.at, identity.len);
    /* it is no secret, and known when it was seen */
    b->known = lk_hex_decode(octets, sizeof octets, &len, lk_span_text(text)) == LK_OK
               && len == sizeof octets;
    at = add(b, parent, "PSK identity",
             "HMAC(WLCP key, \"wlcp psk id\") octets 0-15, as digits: no secret", "RFC 4279 2",
             "on the wire", sizeof octets, b->known ? octets : NULL);
    b->known = was_known;
    add_session(b, at, "device, TWAG", session);
}

/* spec: TS 33.402 7.2.3.2.1 - AAA server and device derive the WLCP key from the EMSK. */
static void add_wlcp(struct lk_tree *b, size_t emsk, const struct lk_run_keys *k)
{
    struct lk_span identity = lk_span_text(b->known ? k->wlcp_identity : "");
    size_t at = add(b, emsk, "WLCP key", "KDF(EMSK, FC 21): the pre-shared key of DTLS",
                    "TS 33.402 A.3", "device, AAA, TWAP, TWAG", sizeof k->wlcp.octets,
                    b->known ? k->wlcp.octets : NULL);

    snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "generation %u in this capture",
             generation_of(b->trace, b->run));
    add_identity(b, at, identity, session_with(b->trace, identity));
}

static void session(struct lk_tree *b, const struct lk_run_keys *k, size_t from)
{
    size_t at = add(b, LK_TRACE_NONE, "WLCP key", "KDF(EMSK, FC 21) of an authentication",
                    "TS 33.402 A.3", "device, AAA, TWAP, TWAG", sizeof k->wlcp.octets,
                    b->known ? k->wlcp.octets : NULL);

    b->tree->node[at].run = from;
    if (from != LK_TRACE_NONE)
        snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "generation %u in this capture",
                 generation_of(b->trace, from));
    add_identity(b, at, b->trace->runs[b->run].identity, b->run);
}

static void channel(struct lk_tree *b)
{
    size_t at = add(b, lk_keytree_mis_psk(b), "PSK identity",
                    "HMAC(PSK, \"mis psk id\") octets 0-15, as digits: no secret", "RFC 4279 2",
                    "on the wire", b->trace->runs[b->run].identity.len, NULL);

    add_session(b, at, "MN, PoS", b->run);
}

/* Association of gateway and anchor. */
static void association(struct lk_tree *b)
{
    const struct lk_trace_run *run = &b->trace->runs[b->run];
    size_t at = add(b, LK_TRACE_NONE, "Pre-shared key", "configured: mag.psk, anchor.mags[].psk",
                    "RFC 4279 2", "TWAG, anchor", 0, NULL);

    at = add(b, at, "PSK identity", "the name of the gateway", "RFC 4279 2", "on the wire",
             run->identity.len, NULL);
    for (size_t i = 0; i < run->identity.len && i + 1 < LK_KEYTREE_DETAIL; i++)
        b->tree->node[at].detail[i] = run->identity.at[i] >= 0x20 && run->identity.at[i] < 0x7f ?
                                      (char)run->identity.at[i] : '?';
    add_session(b, at, "TWAG, anchor", b->run);
}

/* ---- EAP ---- */

static void add_msk(struct lk_tree *b, size_t parent, const char *how_msk, const char *how_emsk,
                    const char *clause, const struct lk_run_keys *k)
{
    const uint8_t *msk = b->known ? k->keys.msk.octets : NULL;
    bool mis = b->trace->runs[b->run].kind == LK_TRACE_ESTABLISHMENT;
    size_t at = add(b, parent, "MSK", how_msk, clause,
                    mis ? "device, AAA: no PoS" : "device, AAA, access point", 64, msk);

    if (!mis) {
        add(b, at, "MS-MPPE-Recv-Key", "MSK octets 0-31: the PMK of Wi-Fi", "RFC 2548 2.4.3",
            "device, access point", 32, msk);
        add(b, at, "MS-MPPE-Send-Key", "MSK octets 32-63", "RFC 2548 2.4.2",
            "device, access point", 32, msk == NULL ? NULL : msk + 32);
    }
    at = add(b, parent, "EMSK", how_emsk, clause, "device, AAA: never on a wire", 64,
             b->known ? k->keys.emsk.octets : NULL);
    if (mis)
        lk_keytree_mis_emsk(b, at, k);
    if (b->multi)
        add_wlcp(b, at, k);
}

/* Two keys of sixteen octets that are always together, as one node. */
static size_t add_pair(struct lk_tree *b, size_t parent, const char *name, const char *how,
                       const char *clause, const char *holders, const uint8_t *first,
                       const uint8_t *second)
{
    uint8_t both[32];
    size_t at;

    if (b->known) {
        memcpy(both, first, 16);
        memcpy(both + 16, second, 16);
    }
    at = add(b, parent, name, how, clause, holders, 32, b->known ? both : NULL);
    lk_wipe(both, sizeof both);
    return at;
}

static void prime(struct lk_tree *b, size_t k_at, bool fast, const struct lk_run_keys *k)
{
    size_t ck = add_pair(b, k_at, "CK, IK", "f3, f4 of K, OPc and RAND", "TS 33.102 6.3.3",
                         "card, vault", k->aka.ck, k->aka.ik);
    size_t ck_prime = add_pair(b, ck, "CK', IK'", "KDF(CK||IK, 20, network name, SQN xor AK)",
                               "TS 33.402 A.2", "device, vault, AAA", k->ck_prime.octets,
                               k->ik_prime.octets);
    size_t mk = add(b, ck_prime, "MK", "PRF'(IK'||CK', \"EAP-AKA'\"||identity)", "RFC 9048 3.3",
                    "device, AAA, for a moment", 208, NULL);

    add(b, mk, "K_encr", "octets 0-15", "RFC 9048 3.3", "device, AAA", 16, k->keys.k_encr.octets);
    add(b, mk, "K_aut", "octets 16-47", "RFC 9048 3.3", "device, AAA", 32, k->keys.k_aut.octets);
    ck = add(b, mk, "K_re", "octets 48-79", "RFC 9048 3.3", "device, AAA", 32,
             k->keys.k_re.octets);
    if (fast)
        add_msk(b, ck, "PRF'(K_re, \"EAP-AKA' re-auth\"||identity||counter||NONCE_S) 0-63",
                "octets 64-127", "RFC 9048 3.3", k);
    else
        add_msk(b, mk, "octets 80-143", "octets 144-207", "RFC 9048 3.3", k);
}

static void aka(struct lk_tree *b, size_t k_at, bool fast, const struct lk_run_keys *k)
{
    size_t ck = add_pair(b, k_at, "CK, IK", "f3, f4 of K, OPc and RAND", "TS 33.102 6.3.3",
                         "device, vault, AAA", k->aka.ck, k->aka.ik);
    size_t mk = add(b, ck, "MK", "SHA-1(identity||IK||CK)", "RFC 4187 7", "device, AAA", 20,
                    k->keys.mk.octets);

    add(b, mk, "K_encr", "PRF(MK) octets 0-15", "RFC 4187 7", "device, AAA", 16,
        k->keys.k_encr.octets);
    add(b, mk, "K_aut", "octets 16-31", "RFC 4187 7", "device, AAA", 16, k->keys.k_aut.octets);
    if (fast)
        add_msk(b, mk, "PRF(SHA-1(identity||counter||NONCE_S||MK)) 0-63", "octets 64-127",
                "RFC 4187 7", k);
    else
        add_msk(b, mk, "octets 32-95", "octets 96-159", "RFC 4187 7", k);
}

static void authentication(struct lk_tree *b, const struct lk_run_keys *keys)
{
    const struct lk_trace_run *run = &b->trace->runs[b->run];
    size_t k_at, xres, card_len = b->known ? keys->card.k_len : 16;
    size_t topc_len = b->known && keys->card.algorithm == LK_AKA_TUAK ? 32 : 16;

    k_at = add(b, LK_TRACE_NONE, "K", "written into the card, and sealed in the store",
               "TS 33.102 6.3", "card, vault", card_len, keys->card.k);
    add(b, k_at, "OPc", "AES_K(OP) xor OP", "TS 35.206 8.2", "card, vault", topc_len,
        keys->card.topc);
    xres = add(b, k_at, "XRES", "f2(K, OPc, RAND)", "TS 33.102 6.3.2",
               run->kind == LK_TRACE_BOOTSTRAPPING ? "card, vault, BSF" : "card, vault, AAA",
               b->known ? keys->aka.res_len : 8, keys->aka.res);
    if (run->kind == LK_TRACE_BOOTSTRAPPING)
        lk_keytree_ub_proofs(b, xres, keys);
    add(b, k_at, "AK", "f5(K, OPc, RAND): hides SQN in AUTN", "TS 33.102 6.3.2", "card, vault",
        LK_AK_LEN, keys->aka.ak);
    if (run->kind == LK_TRACE_BOOTSTRAPPING)
        lk_keytree_ub_ks(b, add_pair(b, k_at, "CK, IK", "f3, f4 of K, OPc and RAND",
                                     "TS 33.102 6.3.3", "device, vault, BSF", keys->aka.ck,
                                     keys->aka.ik), keys);
    else if (run->eap_type == LK_EAP_AKA)
        aka(b, k_at, run->fast, keys);
    else
        prime(b, k_at, run->fast, keys);
}

void lk_keytree_make(struct lk_keytree *tree, const struct lk_trace *trace, size_t run,
                     const struct lk_run_keys *keys, size_t from)
{
    static const struct lk_run_keys unknown;
    struct lk_tree b = { tree, trace, run, keys != NULL && keys->known, trace->runs[run].multi };

    keys = keys != NULL ? keys : &unknown;
    memset(tree, 0, sizeof *tree);
    switch (trace->runs[run].kind) {
    case LK_TRACE_AUTHENTICATION:
    case LK_TRACE_BOOTSTRAPPING:
        authentication(&b, keys);
        break;
    case LK_TRACE_SESSION:
        session(&b, keys, from);
        break;
    case LK_TRACE_LINK:
        association(&b);
        break;
    case LK_TRACE_ASSOCIATION:
        lk_keytree_association(&b);
        break;
    case LK_TRACE_CHANNEL:
        channel(&b);
        break;
    case LK_TRACE_ESTABLISHMENT:
        if (lk_run_is_eap(&trace->runs[run]))
            authentication(&b, keys);
        else
            lk_keytree_mis(&b);
        break;
    case LK_TRACE_REGISTRATION:
        break; /* in the tree of applications: they are of bootstrappings */
    }
}

bool lk_keytree_has_values(const struct lk_keytree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->node[i].has_value)
            return true;
    return false;
}

bool lk_keytree_is_wanted(const struct lk_trace_run *run)
{
    switch (run->kind) {
    case LK_TRACE_AUTHENTICATION:
        return run->eap_type != 0;
    case LK_TRACE_BOOTSTRAPPING:
        return run->ub.challenge != LK_TRACE_NONE;
    case LK_TRACE_SESSION:
    case LK_TRACE_LINK:
    case LK_TRACE_CHANNEL:
        return run->identity.len > 0;
    case LK_TRACE_ASSOCIATION:
        return run->association.handshakes > 0 || run->association.next.is_set;
    case LK_TRACE_ESTABLISHMENT:
        return run->mis.said.id.len > 0 || run->mis.n2n || run->eap_type != 0;
    case LK_TRACE_REGISTRATION:
        return false;
    }
    return false;
}

/* No value is printed unless the user asked for values. */
void lk_keytree_print(FILE *to, const struct lk_keytree *tree, bool show_values)
{
    char text[2 * LK_KEYTREE_VALUE_MAX + 1], who[LK_WHO_TEXT];

    for (size_t i = 0; i < tree->count; i++) {
        const struct lk_key_node *node = &tree->node[i];

        fprintf(to, "%*s%-*s %3zu octets  %-17s %s", (int)(2 * node->depth), "",
                (int)(24 - 2 * node->depth), node->name, node->len, node->clause, node->how);
        fprintf(to, "%s%s", node->detail[0] != '\0' ? "; " : "", node->detail);
        if (node->run != LK_TRACE_NONE)
            fprintf(to, "; run %zu", node->run + 1);
        lk_keytree_who_text(who, node);
        fprintf(to, "%s%s", node->who != 0 ? "; can compute: " : "", who);
        fprintf(to, "\n");
        if (!show_values || !node->has_value)
            continue;
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(node->value, node->len)) == LK_OK);
        fprintf(to, "%*s%s\n", (int)(2 * node->depth + 4), "", text);
        lk_wipe(text, sizeof text);
    }
}

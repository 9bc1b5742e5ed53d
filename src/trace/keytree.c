#include "trace/keytree.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "wire/eap.h"

struct builder {
    struct lk_keytree *tree;
    bool known, multi;
};

static size_t add(struct builder *b, size_t parent, const char *name, const char *how,
                  const char *clause, const char *holders, size_t len, const uint8_t *value)
{
    struct lk_key_node *node = &b->tree->node[b->tree->count];

    LK_ASSERT(b->tree->count < LK_KEYTREE_MAX);
    *node = (struct lk_key_node){ .name = name, .how = how, .clause = clause, .holders = holders,
                                  .parent = parent, .len = len };
    node->depth = parent == LK_TRACE_NONE ? 0 : b->tree->node[parent].depth + 1;
    if (b->known && value != NULL) {
        LK_ASSERT(len <= LK_KEYTREE_VALUE_MAX);
        node->has_value = true;
        memcpy(node->value, value, len);
    }
    return b->tree->count++;
}

/* spec: TS 33.402 7.2.3.2.1 - AAA server and device derive the WLCP key from the EMSK. */
static void add_wlcp(struct builder *b, size_t emsk, const struct lk_run_keys *k)
{
    uint8_t identity[LK_WLCP_IDENTITY_LEN / 2];
    size_t len;
    size_t at = add(b, emsk, "WLCP key", "KDF(EMSK, FC 21): the pre-shared key of DTLS",
                    "TS 33.402 A.3", "device, AAA, TWAP, TWAG", sizeof k->wlcp.octets,
                    b->known ? k->wlcp.octets : NULL);

    if (b->known)
        LK_ASSERT(lk_hex_decode(identity, sizeof identity, &len,
                                lk_span_text(k->wlcp_identity)) == LK_OK);
    add(b, at, "PSK identity", "HMAC(WLCP key, \"wlcp psk id\") octets 0-15, as digits: no secret",
        "RFC 4279 2", "on the wire", sizeof identity, b->known ? identity : NULL);
}

static void add_msk(struct builder *b, size_t parent, const char *how_msk, const char *how_emsk,
                    const char *clause, const struct lk_run_keys *k)
{
    const uint8_t *msk = b->known ? k->keys.msk.octets : NULL;
    size_t at = add(b, parent, "MSK", how_msk, clause, "device, AAA, access point", 64, msk);

    add(b, at, "MS-MPPE-Recv-Key", "MSK octets 0-31: the PMK of Wi-Fi", "RFC 2548 2.4.3",
        "device, access point", 32, msk);
    add(b, at, "MS-MPPE-Send-Key", "MSK octets 32-63", "RFC 2548 2.4.2", "device, access point",
        32, msk == NULL ? NULL : msk + 32);
    at = add(b, parent, "EMSK", how_emsk, clause, "device, AAA: never on a wire", 64,
             b->known ? k->keys.emsk.octets : NULL);
    if (b->multi)
        add_wlcp(b, at, k);
}

/* Two keys of sixteen octets that are always together, as one node. */
static size_t add_pair(struct builder *b, size_t parent, const char *name, const char *how,
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

static void prime(struct builder *b, size_t k_at, bool fast, const struct lk_run_keys *k)
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

static void aka(struct builder *b, size_t k_at, bool fast, const struct lk_run_keys *k)
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

void lk_keytree_make(struct lk_keytree *tree, const struct lk_trace_run *run,
                     const struct lk_run_keys *keys)
{
    static const struct lk_run_keys unknown;
    struct builder b = { tree, keys != NULL && keys->known, run->multi };
    size_t k_at, card_len = b.known ? keys->card.k_len : 16;
    size_t topc_len = b.known && keys->card.algorithm == LK_AKA_TUAK ? 32 : 16;

    keys = keys != NULL ? keys : &unknown;
    memset(tree, 0, sizeof *tree);
    k_at = add(&b, LK_TRACE_NONE, "K", "written into the card, and sealed in the store",
               "TS 33.102 6.3", "card, vault", card_len, keys->card.k);
    add(&b, k_at, "OPc", "AES_K(OP) xor OP", "TS 35.206 8.2", "card, vault", topc_len,
        keys->card.topc);
    add(&b, k_at, "XRES", "f2(K, OPc, RAND)", "TS 33.102 6.3.2", "card, vault, AAA",
        b.known ? keys->aka.res_len : 8, keys->aka.res);
    add(&b, k_at, "AK", "f5(K, OPc, RAND): hides SQN in AUTN", "TS 33.102 6.3.2", "card, vault",
        LK_AK_LEN, keys->aka.ak);
    if (run->eap_type == LK_EAP_AKA)
        aka(&b, k_at, run->fast, keys);
    else
        prime(&b, k_at, run->fast, keys);
}

/* No value is printed unless the user asked for values. */
void lk_keytree_print(FILE *to, const struct lk_keytree *tree, bool show_values)
{
    char text[2 * LK_KEYTREE_VALUE_MAX + 1];

    for (size_t i = 0; i < tree->count; i++) {
        const struct lk_key_node *node = &tree->node[i];

        fprintf(to, "%*s%-*s %3zu octets  %-17s %s\n", (int)(2 * node->depth), "",
                (int)(24 - 2 * node->depth), node->name, node->len, node->clause, node->how);
        if (!show_values || !node->has_value)
            continue;
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(node->value, node->len)) == LK_OK);
        fprintf(to, "%*s%s\n", (int)(2 * node->depth + 4), "", text);
        lk_wipe(text, sizeof text);
    }
}

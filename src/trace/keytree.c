#include "trace/keytree.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "wire/eap.h"

struct builder {
    struct lk_keytree *tree;
    bool known;
};

static size_t add(struct builder *b, size_t parent, const char *name, const char *how,
                  const char *clause, const char *holders, size_t len, const uint8_t *value)
{
    struct lk_key_node *node = &b->tree->node[b->tree->count];

    LK_ASSERT(b->tree->count < LK_KEYTREE_MAX && len <= LK_KEYTREE_VALUE_MAX);
    *node = (struct lk_key_node){ .name = name, .how = how, .clause = clause, .holders = holders,
                                  .parent = parent, .len = len };
    node->depth = parent == LK_TRACE_NONE ? 0 : b->tree->node[parent].depth + 1;
    if (b->known && value != NULL) {
        node->has_value = true;
        memcpy(node->value, value, len);
    }
    return b->tree->count++;
}

static void add_msk(struct builder *b, size_t parent, const char *how, const char *clause,
                    const struct lk_run_keys *k)
{
    const uint8_t *msk = b->known ? k->keys.msk.octets : NULL;
    size_t at = add(b, parent, "MSK", how, clause, "device, AAA, access point", 64, msk);

    add(b, at, "MS-MPPE-Recv-Key", "MSK octets 0-31: the PMK of Wi-Fi", "RFC 2548 2.4.3",
        "device, access point", 32, msk);
    add(b, at, "MS-MPPE-Send-Key", "MSK octets 32-63", "RFC 2548 2.4.2", "device, access point",
        32, msk == NULL ? NULL : msk + 32);
    add(b, parent, "EMSK", how, clause, "device, AAA: never on a wire", 64,
        b->known ? k->keys.emsk.octets : NULL);
}

static void prime(struct builder *b, size_t k_at, bool fast, const struct lk_run_keys *k)
{
    size_t ck = add(b, k_at, "CK, IK", "f3, f4 of K, OPc and RAND", "TS 33.102 6.3.3",
                    "card, vault", 32, NULL);
    size_t ck_prime = add(b, ck, "CK'", "KDF(CK||IK, 20, network name, SQN xor AK), first half",
                          "TS 33.402 A.2", "device, AAA", 16, b->known ? k->ck_prime.octets : NULL);
    size_t mk;

    add(b, ck, "IK'", "the second half", "TS 33.402 A.2", "device, AAA", 16,
        b->known ? k->ik_prime.octets : NULL);
    if (b->known) {
        b->tree->node[ck].has_value = true;
        memcpy(b->tree->node[ck].value, k->aka.ck, 16);
        memcpy(b->tree->node[ck].value + 16, k->aka.ik, 16);
    }
    mk = ck_prime;
    add(b, mk, "K_encr", "PRF'(IK'||CK', \"EAP-AKA'\"||identity) octets 0-15", "RFC 9048 3.3",
        "device, AAA", 16, b->known ? k->keys.k_encr.octets : NULL);
    add(b, mk, "K_aut", "octets 16-47", "RFC 9048 3.3", "device, AAA", 32,
        b->known ? k->keys.k_aut.octets : NULL);
    ck = add(b, mk, "K_re", "octets 48-79", "RFC 9048 3.3", "device, AAA", 32,
             b->known ? k->keys.k_re.octets : NULL);
    if (fast)
        add_msk(b, ck, "PRF'(K_re, \"EAP-AKA' re-auth\"||identity||counter||NONCE_S)",
                "RFC 9048 3.3", k);
    else
        add_msk(b, mk, "octets 80-143 (MSK), 144-207 (EMSK)", "RFC 9048 3.3", k);
}

static void aka(struct builder *b, size_t k_at, bool fast, const struct lk_run_keys *k)
{
    size_t ck = add(b, k_at, "CK, IK", "f3, f4 of K, OPc and RAND", "TS 33.102 6.3.3",
                    "card, vault, AAA", 32, NULL);
    size_t mk = add(b, ck, "MK", "SHA-1(identity||IK||CK)", "RFC 4187 7", "device, AAA", 20,
                    b->known ? k->keys.mk.octets : NULL);

    if (b->known) {
        b->tree->node[ck].has_value = true;
        memcpy(b->tree->node[ck].value, k->aka.ck, 16);
        memcpy(b->tree->node[ck].value + 16, k->aka.ik, 16);
    }
    add(b, mk, "K_encr", "PRF(MK) octets 0-15", "RFC 4187 7", "device, AAA", 16,
        b->known ? k->keys.k_encr.octets : NULL);
    add(b, mk, "K_aut", "octets 16-31", "RFC 4187 7", "device, AAA", 16,
        b->known ? k->keys.k_aut.octets : NULL);
    add_msk(b, mk, fast ? "PRF(SHA-1(identity||counter||NONCE_S||MK))"
                        : "octets 32-95 (MSK), 96-159 (EMSK)", "RFC 4187 7", k);
}

void lk_keytree_make(struct lk_keytree *tree, uint8_t eap_type, bool fast,
                     const struct lk_run_keys *keys)
{
    struct builder b = { tree, keys != NULL && keys->known };
    size_t k_at, card_len = b.known ? keys->card.k_len : 16;
    size_t topc_len = b.known && keys->card.algorithm == LK_AKA_TUAK ? 32 : 16;

    memset(tree, 0, sizeof *tree);
    k_at = add(&b, LK_TRACE_NONE, "K", "written into the card, and sealed in the store",
               "TS 33.102 6.3", "card, vault", card_len, b.known ? keys->card.k : NULL);
    add(&b, k_at, "OPc", "AES_K(OP) xor OP", "TS 35.206 8.2", "card, vault", topc_len,
        b.known ? keys->card.topc : NULL);
    add(&b, k_at, "XRES", "f2(K, OPc, RAND)", "TS 33.102 6.3.2", "card, vault, AAA",
        b.known ? keys->aka.res_len : 8, b.known ? keys->aka.res : NULL);
    add(&b, k_at, "AK", "f5(K, OPc, RAND): hides SQN in AUTN", "TS 33.102 6.3.2", "card, vault",
        LK_AK_LEN, b.known ? keys->aka.ak : NULL);
    if (eap_type == LK_EAP_AKA)
        aka(&b, k_at, fast, keys);
    else
        prime(&b, k_at, fast, keys);
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

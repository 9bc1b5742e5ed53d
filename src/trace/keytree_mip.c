/* The key tree of Mobile IP, as part of that of applications: associations below the Ks_NAF that
 * they are, those that a nonce has made below the key with the home AAA (RFC 3957), and those that
 * come of nothing in the capture. Each says how many authenticators of the capture it makes again,
 * and who can compute it. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "trace/keytree_parts.h"
#include "trace/mip.h"
#include "trace/radius.h"

enum origin { ALONE, NAF, NAF_SHORT, NONCE, ORIGINS };

/* By kind, from MN-HA on. agent: who is at the other end. */
static const struct {
    const char *name, *holders;
    unsigned ends, agent;
} kinds[] = {
    { "MN-HA key", "mobile node, home agent", LK_WHO_DEVICE | LK_WHO_HOME_AGENT,
      LK_WHO_HOME_AGENT },
    { "MN-AAA key", "mobile node, home AAA", LK_WHO_DEVICE | LK_WHO_HOME_AAA, LK_WHO_HOME_AAA },
    { "MN-FA key", "mobile node, foreign agent", LK_WHO_DEVICE | LK_WHO_FOREIGN_AGENT,
      LK_WHO_FOREIGN_AGENT },
    { "FA-HA key", "foreign agent, home agent", LK_WHO_FOREIGN_AGENT | LK_WHO_HOME_AGENT,
      LK_WHO_HOME_AGENT },
};

static const struct {
    const char *how, *clause;
} origins[ORIGINS] = {
    [ALONE] = { "configured, or of what the capture has not", "RFC 5944 3.5.1" },
    [NAF] = { "that Ks_NAF, under an SPI", "S4 7.3" },
    [NAF_SHORT] = { "the first octets of that Ks_NAF, under an SPI", "S4 7.3" },
    [NONCE] = { "HMAC-SHA-1(MN-AAA key, nonce || NAI), 16 octets or all", "RFC 3957 5" },
};

static bool is_mip(const struct lk_app_key_log *key)
{
    return key->kind >= LK_APP_KEY_LOG_MN_HA && key->kind <= LK_APP_KEY_LOG_FA_HA;
}

static unsigned row_of(const struct lk_app_key_log *key)
{
    return (unsigned)key->kind - LK_APP_KEY_LOG_MN_HA;
}

/* S4 7.3.6, case 1: an agent has asked the home AAA for the key of that SPI. */
static bool is_pushed(const struct lk_trace *trace, const struct lk_app_key_log *key, uint32_t spi)
{
    uint8_t room[LK_MIP_MESSAGE_MAX];
    struct lk_radius_mip_ask ask;

    for (size_t i = 0; i < trace->count && key->kind != LK_APP_KEY_LOG_MN_AAA; i++)
        if (lk_radius_seen_mip(&ask, &trace->messages[i], room, sizeof room) &&
            ask.wants == LK_RADIUS_MIP_PUSHED && ask.spi == spi)
            return true;
    return false;
}

static void put_spis(struct lk_key_node *node, uint32_t spi, uint32_t spi_back)
{
    char text[64];

    (void)snprintf(text, sizeof text, spi == spi_back ? "SPI %u, of " : "SPI %u and %u, of ", spi,
                   spi_back);
    lk_tree_put_text(node, text);
}

static void put_proofs(struct lk_tree *b, struct lk_key_node *node, size_t number)
{
    size_t proofs = lk_mip_seen_count(b->trace, number, &node->run);
    char text[48];

    (void)snprintf(text, sizeof text, "; makes %zu authenticator%s again", proofs,
                   proofs == 1 ? "" : "s");
    lk_tree_put_text(node, text);
}

static size_t add(struct lk_tree *b, size_t parent, enum origin origin, size_t number)
{
    const struct lk_app_key_log *key = &b->trace->app_keys[number];
    struct lk_reader spis = lk_reader_of(lk_app_key_log_part(key, 1));
    uint32_t spi = lk_get_be32(&spis), spi_back = lk_get_be32(&spis);
    unsigned row = row_of(key);
    size_t at = lk_tree_add(b, parent, kinds[row].name, origins[origin].how,
                            origins[origin].clause, kinds[row].holders, key->key_len, key->key);
    struct lk_key_node *node = &b->tree->node[at];

    node->who = kinds[row].ends;
    if (origin != ALONE) {
        node->who = b->tree->node[parent].who | (origin == NONCE ? kinds[row].agent : 0);
        memcpy(node->naf, b->tree->node[parent].naf, sizeof node->naf);
    }
    put_spis(node, spi, spi_back);
    lk_tree_put(node, lk_app_key_log_part(key, 0), 48);
    if (origin != NONCE && origin != ALONE && is_pushed(b->trace, key, spi)) {
        node->who |= LK_WHO_HOME_AAA;
        lk_tree_put_text(node, "; pushed by the home AAA");
    }
    put_proofs(b, node, number);
    return at;
}

/* ---- of a nonce ---- */

/* The last key of the capture that it is and that is not shown yet, or LK_TRACE_NONE. One that
 * lines have with other SPIs is the same, and is not shown again. */
static size_t number_of(const struct lk_trace *trace, const struct lk_mip_seen_key *made,
                        enum lk_mip_extension which, bool *shown)
{
    const struct lk_mip_secret *secret = &made->association.secret;
    size_t found = LK_TRACE_NONE;

    for (size_t i = 0; i < trace->app_key_count; i++) {
        const struct lk_app_key_log *key = &trace->app_keys[i];

        if (shown[i] || key->kind != lk_mip_seen_kind_of(which) || key->key_len != secret->len ||
            !lk_same_secret(key->key, secret->octets, secret->len))
            continue;
        shown[i] = true;
        found = i;
    }
    return found;
}

static void add_made(struct lk_tree *b, size_t parent, const struct lk_mip_seen_key *aaa,
                     size_t index, enum lk_mip_extension which, bool *shown)
{
    struct lk_mip_seen_key made;
    char text[40];
    size_t number = LK_TRACE_NONE, at;

    if (lk_mip_seen_of_nonce(&made, aaa, b->trace, index, which))
        number = number_of(b->trace, &made, which, shown);
    lk_wipe(&made, sizeof made);
    if (number == LK_TRACE_NONE || lk_tree_is_full(b))
        return;
    at = add(b, parent, NONCE, number);
    (void)snprintf(text, sizeof text, "; nonce of message %zu", index + 1);
    lk_tree_put_text(&b->tree->node[at], text);
}

/* spec: RFC 3957 5 - one key with the home AAA, and of each nonce another one with an agent. */
static void add_of_nonces(struct lk_tree *b, size_t parent, size_t number, bool *shown)
{
    struct lk_mip_seen_key aaa;
    struct lk_mip_reply reply;

    if (b->trace->app_keys[number].kind != LK_APP_KEY_LOG_MN_AAA ||
        !lk_mip_seen_key(&aaa, b->trace, number))
        return;
    for (size_t i = 0; i < b->trace->count; i++) {
        if (!lk_mip_seen_reply(&reply, &b->trace->messages[i]))
            continue;
        add_made(b, parent, &aaa, i, LK_MIP_MN_HA_AUTH, shown);
        add_made(b, parent, &aaa, i, LK_MIP_MN_FA_AUTH, shown);
    }
    lk_wipe(&aaa, sizeof aaa);
}

/* ---- the whole ---- */

static void add_key(struct lk_tree *b, size_t parent, enum origin origin, size_t number,
                    bool *shown)
{
    if (lk_tree_is_full(b))
        return;
    shown[number] = true;
    add_of_nonces(b, add(b, parent, origin, number), number, shown);
}

/* T27: what an agent has for its association is the Ks_NAF of its name.
 * spec: RFC 4285 5 - for MIPv6 as much of it as HMAC-SHA-1 takes there. */
void lk_keytree_mip_of(struct lk_tree *b, size_t parent, const struct lk_app_key_log *of,
                       bool *shown)
{
    for (size_t i = 0; i < b->trace->app_key_count; i++) {
        const struct lk_app_key_log *key = &b->trace->app_keys[i];

        if (!shown[i] && is_mip(key) && key->key_len <= of->key_len &&
            lk_same_secret(key->key, of->key, key->key_len))
            add_key(b, parent, key->key_len == of->key_len ? NAF : NAF_SHORT, i, shown);
    }
}

/* First those that others come of. */
void lk_keytree_mip(struct lk_tree *b, bool *shown)
{
    for (unsigned roots = 2; roots > 0; roots--)
        for (size_t i = 0; i < b->trace->app_key_count; i++) {
            const struct lk_app_key_log *key = &b->trace->app_keys[i];

            if (!shown[i] && is_mip(key) &&
                (roots == 1 || key->kind == LK_APP_KEY_LOG_MN_AAA))
                add_key(b, LK_TRACE_NONE, ALONE, i, shown);
        }
}

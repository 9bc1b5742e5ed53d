/* `latchkey keys usrk`, `dsrk`, `erp`, `aak` and `mis-k`: what stands below an EMSK. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "keys/erp.h"
#include "keys/mis.h"

enum { SESSION_ID_MAX = 256 };

#define SESSION_ID                                                                           \
    { "session-id", LK_INPUT_HEX, false, 1, SESSION_ID_MAX, "EAP Session-Id, for the name" }
#define PARENTS                                                                              \
    { "emsk", LK_INPUT_HEX, false, 64, 64, "EMSK: the home's server" },                      \
    { "dsrk", LK_INPUT_HEX, false, 64, 64, "DSRK: the domain's server" }
#define END { NULL, LK_INPUT_HEX, false, 0, 0, NULL }

/* KDF(parent, label, data) of RFC 5295: a step that gives len octets. */
static struct lk_span kdf(struct lk_derivation *d, const char *clause, const char *parent,
                          struct lk_span key, struct lk_span label, struct lk_span data,
                          const char *gives, size_t len)
{
    struct lk_step *step = lk_step(d, LK_FN_PRF_PRIME, clause);
    const uint8_t octets[2] = { (uint8_t)(len >> 8), (uint8_t)len };

    step->note = "prf+";
    lk_piece(step, LK_PIECE_KEY, parent, key);
    lk_piece_text(step, LK_PIECE_INPUT, "label", label);
    lk_piece(step, LK_PIECE_INPUT, "00", lk_span_of("", 1));
    lk_piece(step, LK_PIECE_INPUT, "data", data);
    lk_piece(step, LK_PIECE_INPUT, "length", LK_SPAN(octets));
    return lk_step_result(step, gives, len);
}

/* The same for a whole key of 64 octets that the key layer made. */
static struct lk_span give_key(struct lk_derivation *d, const char *name, const char *clause,
                               const char *parent, struct lk_span key, const char *label,
                               struct lk_span data, const uint8_t octets[64])
{
    struct lk_span from = kdf(d, clause, parent, key, lk_span_text(label), data, name, 64);

    lk_give(d, name, lk_span_of(octets, 64), from, "octets 0..63", clause);
    return from;
}

static void give_emsk_name(struct lk_derivation *d)
{
    static const char clause[] = "RFC 5295 3.2";
    struct lk_span session_id = lk_in_span(d, "session-id"), from;
    uint8_t name[LK_EMSK_NAME_LEN];

    if (!lk_in(d, "session-id")->given)
        return;
    from = kdf(d, clause, "Session-Id", session_id, lk_span_text("EMSK"), lk_span_of(NULL, 0),
               "emsk_name", sizeof name);
    lk_emsk_name(name, session_id);
    lk_give(d, "emsk_name", LK_SPAN(name), from, "octets 0..7", clause);
}

/* ---- usages ---- */

static const struct lk_input usrk_inputs[] = {
    PARENTS,
    { "label", LK_INPUT_TEXT, true, 1, LK_KEY_LABEL_MAX, "label of the usage" },
    { "data", LK_INPUT_TEXT, false, 1, LK_KEY_LABEL_MAX, "data of the usage" },
    END,
};

static int run_usrk(struct lk_derivation *d)
{
    static const char clause[] = "RFC 5295 3.1";
    const char *given = lk_in_one_of(d, "emsk", "dsrk", "give --emsk or --dsrk");
    struct lk_span label = lk_in_span(d, "label"), data = lk_in_span(d, "data"), from;
    struct lk_emsk emsk;
    struct lk_dsrk dsrk;
    struct lk_usrk usrk;
    struct lk_dsusrk dsusrk;

    if (given == NULL)
        return LK_EXIT_USAGE;
    if (strcmp(given, "emsk") == 0) {
        memcpy(emsk.octets, lk_in_span(d, given).at, sizeof emsk.octets);
        lk_usrk_derive(&usrk, &emsk, label, data);
        from = kdf(d, clause, "EMSK", lk_in_span(d, given), label, data, "usrk", 64);
        lk_give(d, "usrk", LK_SPAN(usrk.octets), from, "octets 0..63", clause);
        lk_wipe(&emsk, sizeof emsk);
        lk_wipe(&usrk, sizeof usrk);
    } else {
        memcpy(dsrk.octets, lk_in_span(d, given).at, sizeof dsrk.octets);
        lk_dsusrk_derive(&dsusrk, &dsrk, label, data);
        from = kdf(d, clause, "DSRK", lk_in_span(d, given), label, data, "dsusrk", 64);
        lk_give(d, "dsusrk", LK_SPAN(dsusrk.octets), from, "octets 0..63", clause);
        lk_wipe(&dsrk, sizeof dsrk);
        lk_wipe(&dsusrk, sizeof dsusrk);
    }
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_usrk = {
    .name = "usrk",
    .summary = "the key of a usage, or of one in a domain",
    .clause = "RFC 5295 3.1",
    .prints = "usrk | dsusrk",
    .inputs = usrk_inputs,
    .run = run_usrk,
};

/* ---- domains ---- */

static const struct lk_input dsrk_inputs[] = {
    { "emsk", LK_INPUT_HEX, true, 64, 64, "EMSK" },
    { "domain", LK_INPUT_TEXT, true, 1, LK_KEY_LABEL_MAX, "name of the domain" },
    SESSION_ID,
    END,
};

static int run_dsrk(struct lk_derivation *d)
{
    struct lk_span domain = lk_in_span(d, "domain"), octets = lk_in_span(d, "emsk");
    struct lk_emsk emsk;
    struct lk_dsrk dsrk;
    struct lk_delivery_key delivery;

    memcpy(emsk.octets, octets.at, sizeof emsk.octets);
    lk_dsrk_derive(&dsrk, &emsk, domain);
    lk_delivery_key_derive(&delivery, &emsk, domain);
    (void)give_key(d, "dsrk", "RFC 5295 4", "EMSK", octets, "dsrk@ietf.org", domain, dsrk.octets);
    (void)give_key(d, "delivery_key", "RFC 6696 5.3.3", "EMSK", octets,
                   "DSRK Delivery Authorized Key@ietf.org", domain, delivery.octets);
    give_emsk_name(d);
    lk_wipe(&emsk, sizeof emsk);
    lk_wipe(&dsrk, sizeof dsrk);
    lk_wipe(&delivery, sizeof delivery);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_dsrk = {
    .name = "dsrk",
    .summary = "the root key of a domain",
    .clause = "RFC 5295 4",
    .prints = "dsrk delivery_key [emsk_name]",
    .inputs = dsrk_inputs,
    .run = run_dsrk,
};

/* ---- ERP and ERP/AAK ---- */

/* EMSK or DSRK, whichever was given: both are 64 octets. */
struct parent {
    const char *name;
    struct lk_span octets;
    bool domain;
    struct lk_emsk emsk;
    struct lk_dsrk dsrk;
};

static bool parent_of(struct parent *parent, const struct lk_derivation *d)
{
    const char *given = lk_in_one_of(d, "emsk", "dsrk", "give --emsk or --dsrk");

    if (given == NULL)
        return false;
    parent->octets = lk_in_span(d, given);
    parent->domain = strcmp(given, "dsrk") == 0;
    parent->name = parent->domain ? "DSRK" : "EMSK";
    memcpy(parent->emsk.octets, parent->octets.at, sizeof parent->emsk.octets);
    memcpy(parent->dsrk.octets, parent->octets.at, sizeof parent->dsrk.octets);
    return true;
}

static const struct lk_input erp_inputs[] = {
    PARENTS,
    { "cryptosuite", LK_INPUT_NUMBER, false, 1, 3, "of the tags: 1, 2 (default) or 3" },
    { "seq", LK_INPUT_NUMBER, false, 0, UINT16_MAX, "SEQ of the exchange; default 0" },
    SESSION_ID,
    END,
};

static int run_erp(struct lk_derivation *d)
{
    enum lk_erp_suite suite = (enum lk_erp_suite)lk_in_number(d, "cryptosuite", 2);
    uint16_t seq = (uint16_t)lk_in_number(d, "seq", 0);
    const uint8_t number[2] = { (uint8_t)(seq >> 8), (uint8_t)seq }, octet = (uint8_t)suite;
    struct parent parent;
    struct lk_span root;
    struct lk_rrk rrk;
    struct lk_rik rik;
    struct lk_rmsk rmsk;

    if (!parent_of(&parent, d))
        return LK_EXIT_USAGE;
    if (parent.domain)
        lk_rrk_of_dsrk(&rrk, &parent.dsrk);
    else
        lk_rrk_of_emsk(&rrk, &parent.emsk);
    lk_rik_derive(&rik, &rrk, suite);
    lk_rmsk_derive(&rmsk, &rrk, seq);
    root = give_key(d, "rrk", "RFC 6696 4.1", parent.name, parent.octets,
                    "EAP Re-authentication Root Key@ietf.org", lk_span_of(NULL, 0), rrk.octets);
    (void)give_key(d, "rik", "RFC 6696 4.3", "rRK", root,
                   "Re-authentication Integrity Key@ietf.org", lk_span_of(&octet, 1), rik.octets);
    (void)give_key(d, "rmsk", "RFC 6696 4.6", "rRK", root,
                   "Re-authentication Master Session Key@ietf.org", LK_SPAN(number), rmsk.octets);
    give_emsk_name(d);
    lk_wipe(&parent, sizeof parent);
    lk_wipe(&rrk, sizeof rrk);
    lk_wipe(&rik, sizeof rik);
    lk_wipe(&rmsk, sizeof rmsk);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_erp = {
    .name = "erp",
    .summary = "the keys of re-authentication by ERP",
    .clause = "RFC 6696 4",
    .prints = "rrk rik rmsk [emsk_name]",
    .inputs = erp_inputs,
    .run = run_erp,
};

static const struct lk_input aak_inputs[] = {
    PARENTS,
    { "seq", LK_INPUT_NUMBER, true, 0, UINT16_MAX, "SEQ of the exchange" },
    END,
};

static int run_aak(struct lk_derivation *d)
{
    uint16_t seq = (uint16_t)lk_in_number(d, "seq", 0);
    const uint8_t number[2] = { (uint8_t)(seq >> 8), (uint8_t)seq };
    struct parent parent;
    struct lk_span root;
    struct lk_prk prk;
    struct lk_pmsk pmsk;

    if (!parent_of(&parent, d))
        return LK_EXIT_USAGE;
    if (parent.domain)
        lk_prk_of_dsrk(&prk, &parent.dsrk);
    else
        lk_prk_of_emsk(&prk, &parent.emsk);
    lk_pmsk_derive(&pmsk, &prk, seq);
    root = give_key(d, "prk", "RFC 6630 4", parent.name, parent.octets,
                    "EAP Early-Authentication Root Key@ietf.org", lk_span_of(NULL, 0), prk.octets);
    (void)give_key(d, "pmsk", "RFC 6630 4", "pRK", root,
                   "EAP Early-Authentication Master Session Key@ietf.org", LK_SPAN(number),
                   pmsk.octets);
    lk_wipe(&parent, sizeof parent);
    lk_wipe(&prk, sizeof prk);
    lk_wipe(&pmsk, sizeof pmsk);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_aak = {
    .name = "aak",
    .summary = "the keys of early authentication by ERP/AAK",
    .clause = "RFC 6630 4",
    .prints = "prk pmsk",
    .inputs = aak_inputs,
    .run = run_aak,
};

/* ---- K of a PoS ---- */

static const struct lk_input mis_k_inputs[] = {
    { "emsk", LK_INPUT_HEX, false, 64, 64, "EMSK: of an authentication by EAP" },
    { "rmsk", LK_INPUT_HEX, false, 64, 64, "rMSK: of one by ERP" },
    { "pos", LK_INPUT_TEXT, true, 1, LK_MIS_ID_MAX, "MISF ID of the PoS" },
    END,
};

static int run_mis_k(struct lk_derivation *d)
{
    const char *given = lk_in_one_of(d, "emsk", "rmsk", "give --emsk or --rmsk");
    struct lk_span usage = lk_span_text(d->codes.k_usage), pos = lk_in_span(d, "pos");
    struct lk_emsk emsk;
    struct lk_rmsk rmsk;
    struct lk_mis_k k;

    if (given == NULL)
        return LK_EXIT_USAGE;
    memcpy(emsk.octets, lk_in_span(d, given).at, sizeof emsk.octets);
    memcpy(rmsk.octets, lk_in_span(d, given).at, sizeof rmsk.octets);
    if (strcmp(given, "emsk") == 0)
        lk_mis_k_of_emsk(&k, &emsk, usage, pos);
    else
        lk_mis_k_of_rmsk(&k, &rmsk, usage, pos);
    (void)give_key(d, "k", "RFC 5295 3.1", given, lk_in_span(d, given), d->codes.k_usage, pos,
                   k.octets);
    lk_wipe(&emsk, sizeof emsk);
    lk_wipe(&rmsk, sizeof rmsk);
    lk_wipe(&k, sizeof k);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_mis_k = {
    .name = "mis-k",
    .summary = "K of a PoS, of an authentication in full",
    .clause = "RFC 5295 3.1",
    .prints = "k",
    .inputs = mis_k_inputs,
    .run = run_mis_k,
};

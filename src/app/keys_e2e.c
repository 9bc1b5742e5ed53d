/* `latchkey keys e2e`: what an application mixes into an end-to-end session. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "keys/e2e.h"

static const char clause[] = "docs/rooms/e2e.md";

static const struct lk_input e2e_inputs[] = {
    { "ks-naf", LK_INPUT_HEX, false, 32, 32, "Ks_NAF or Ks_ext_NAF; or" },
    { "k-af", LK_INPUT_HEX, false, 32, 32, "K_AF; or neither" },
    { "ua-id", LK_INPUT_HEX, false, LK_UA_ID_LEN, LK_UA_ID_LEN, "the protocol it is of" },
    { "app-key", LK_INPUT_HEX, false, LK_E2E_P_MIN, LK_E2E_P_MAX, "P, the application's own" },
    { "fqdn", LK_INPUT_TEXT, true, 1, LK_E2E_FQDN_MAX, "FQDN of the application's server" },
    { "app", LK_INPUT_TEXT, true, 1, LK_E2E_APP_MAX, "name of the application" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static void piece_octet(struct lk_step *step, const char *label, size_t value)
{
    const uint8_t octet = (uint8_t)value;

    lk_piece(step, LK_PIECE_INPUT, label, lk_span_of(&octet, 1));
}

static struct lk_step *extract(struct lk_derivation *d, const char *label)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, "RFC 5869 2.2");

    lk_piece_text(step, LK_PIECE_KEY, "salt", lk_span_text(label));
    return step;
}

static struct lk_step *expand(struct lk_derivation *d, struct lk_span prk)
{
    struct lk_step *step = lk_step(d, LK_FN_HMAC_SHA256, "RFC 5869 2.3");

    lk_piece(step, LK_PIECE_KEY, "PRK", prk);
    return step;
}

/* The scope, and the number of the block, which ends what enters the one there is. */
static struct lk_span expanded(struct lk_step *step, const struct lk_e2e_scope *scope,
                               const char *gives)
{
    piece_octet(step, "length", scope->fqdn.len);
    lk_piece_text(step, LK_PIECE_INPUT, "FQDN", scope->fqdn);
    piece_octet(step, "length", scope->app.len);
    lk_piece_text(step, LK_PIECE_INPUT, "application", scope->app);
    piece_octet(step, "block", 1);
    return lk_step_result(step, gives, 32);
}

/* N of whichever key there is. */
static void n_of(struct lk_derivation *d, struct lk_e2e_n *n, const struct lk_e2e_scope *scope)
{
    const bool gba = lk_in(d, "ks-naf")->given;
    const struct lk_span label = lk_span_text("latchkey-e2e-n-1");
    struct lk_span key = lk_in_span(d, gba ? "ks-naf" : "k-af");
    struct lk_step *step = extract(d, "latchkey-e2e-n-1");
    struct lk_ks_naf ks_naf;
    struct lk_ua_id ua;
    struct lk_k_af k_af;

    memcpy(ua.octets, lk_in_span(d, "ua-id").at, sizeof ua.octets);
    memcpy(ks_naf.octets, key.at, sizeof ks_naf.octets);
    memcpy(k_af.octets, key.at, sizeof k_af.octets);
    if (gba)
        lk_e2e_n_of_ks_naf(n, &ks_naf, scope, &ua);
    else
        lk_e2e_n_of_k_af(n, &k_af, scope, &ua);
    lk_piece(step, LK_PIECE_INPUT, gba ? "Ks_NAF" : "K_AF", key);
    step = expand(d, lk_step_result(step, "PRK", 32));
    lk_piece_text(step, LK_PIECE_INPUT, "label", label);
    piece_octet(step, gba ? "of Ks_NAF" : "of K_AF", gba ? 1 : 2);
    lk_piece(step, LK_PIECE_INPUT, "Ua protocol", LK_SPAN(ua.octets));
    lk_give(d, "n", LK_SPAN(n->octets), expanded(step, scope, "N"), "all of it", clause);
    lk_wipe(&ks_naf, sizeof ks_naf);
    lk_wipe(&k_af, sizeof k_af);
}

static void piece_input(struct lk_step *step, const char *label, bool given, struct lk_span octets)
{
    piece_octet(step, given ? "there" : "absent", given);
    piece_octet(step, "length", 0);
    piece_octet(step, "length", octets.len);
    if (given)
        lk_piece(step, LK_PIECE_INPUT, label, octets);
}

static int run_e2e(struct lk_derivation *d)
{
    const struct lk_e2e_scope scope = { lk_in_span(d, "fqdn"), lk_in_span(d, "app") };
    const bool gba = lk_in(d, "ks-naf")->given, akma = lk_in(d, "k-af")->given;
    const bool has_p = lk_in(d, "app-key")->given, has_n = gba || akma;
    struct lk_e2e_psk psk;
    struct lk_step *step;
    struct lk_e2e_n n;
    struct lk_e2e_p p = { .len = has_p ? lk_in_span(d, "app-key").len : 0 };

    if ((gba && akma) || has_n != lk_in(d, "ua-id")->given)
        return lk_in_refuse("--ks-naf or --k-af, with --ua-id; or none of the three");
    if (has_n)
        n_of(d, &n, &scope);
    if (has_p)
        memcpy(p.octets, lk_in_span(d, "app-key").at, p.len);
    lk_e2e_psk_combine(&psk, &scope, has_p ? &p : NULL, has_n ? &n : NULL, NULL);
    step = extract(d, "latchkey-e2e-psk-1");
    piece_input(step, "P", has_p, lk_span_of(p.octets, p.len));
    piece_input(step, "N", has_n, lk_span_of(n.octets, has_n ? sizeof n.octets : 0));
    piece_input(step, "resumption", false, lk_span_of(NULL, 0));
    step = expand(d, lk_step_result(step, "PRK", 32));
    lk_give(d, "psk", LK_SPAN(psk.octets), expanded(step, &scope, "psk"), "all of it", clause);
    lk_wipe(&p, sizeof p);
    lk_wipe(&n, sizeof n);
    lk_wipe(&psk, sizeof psk);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_e2e = {
    .name = "e2e",
    .summary = "N of one application, and what goes into an end-to-end session with P",
    .clause = "TR 33.835 5.6",
    .prints = "n psk",
    .inputs = e2e_inputs,
    .run = run_e2e,
};

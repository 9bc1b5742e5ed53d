/* Everything here is HKDF-SHA-256 with a label of its own first, and lengths before whatever has no
 * fixed one:
 *
 *     N          = HKDF(key, "latchkey-e2e-n-1" | source | ua | fqdn, app)
 *     psk        = HKDF-Expand(HKDF-Extract("latchkey-e2e-psk-1", P | N | R), fqdn, app)
 *     exporter   = HKDF-Extract(ck, "latchkey-e2e-exporter-1" | h)
 *     resumption = HKDF-Expand(exporter, "latchkey-e2e-resumption-1" | flags | fqdn, app)
 *     exported   = HKDF-Expand(exporter, "latchkey-e2e-export-1" | label | context | length)
 *
 * P, N and R enter one extract, each as presence (1), length (2) and octets: breaking one of them
 * is not enough, and an absent one is another input than any that is there. */
#include "keys/e2e.h"

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/hkdf.h"

enum { OF_KS_NAF = 1, OF_K_AF = 2, SCOPE_PARTS = 4 };

/* Each name with its length before it, one octet. */
struct scope_parts {
    uint8_t fqdn_len, app_len;
    struct lk_span at[SCOPE_PARTS];
};

static void scope_of(struct scope_parts *parts, const struct lk_e2e_scope *scope)
{
    LK_ASSERT(scope->fqdn.len > 0 && scope->fqdn.len <= LK_E2E_FQDN_MAX);
    LK_ASSERT(scope->app.len > 0 && scope->app.len <= LK_E2E_APP_MAX);
    parts->fqdn_len = (uint8_t)scope->fqdn.len;
    parts->app_len = (uint8_t)scope->app.len;
    parts->at[0] = lk_span_of(&parts->fqdn_len, 1);
    parts->at[1] = scope->fqdn;
    parts->at[2] = lk_span_of(&parts->app_len, 1);
    parts->at[3] = scope->app;
}

/* T63: of one application, one server, one protocol, so that two applications of one server have
 * nothing in common but what the operator has. */
static void n_of(struct lk_e2e_n *n, struct lk_span key, uint8_t source,
                 const struct lk_e2e_scope *scope, const struct lk_ua_id *ua)
{
    const struct lk_span label = lk_span_text("latchkey-e2e-n-1");
    struct scope_parts parts;
    uint8_t prk[LK_HKDF_PRK_LEN];

    scope_of(&parts, scope);
    lk_hkdf_extract(prk, label, &key, 1);
    lk_hkdf_expand(n->octets, sizeof n->octets, prk,
                   (struct lk_span[]){ label, lk_span_of(&source, 1), LK_SPAN(ua->octets),
                                       parts.at[0], parts.at[1], parts.at[2], parts.at[3] }, 7);
    lk_wipe(prk, sizeof prk);
}

void lk_e2e_n_of_ks_naf(struct lk_e2e_n *n, const struct lk_ks_naf *key,
                        const struct lk_e2e_scope *scope, const struct lk_ua_id *ua)
{
    n_of(n, LK_SPAN(key->octets), OF_KS_NAF, scope, ua);
}

void lk_e2e_n_of_k_af(struct lk_e2e_n *n, const struct lk_k_af *key,
                      const struct lk_e2e_scope *scope, const struct lk_ua_id *ua)
{
    n_of(n, LK_SPAN(key->octets), OF_K_AF, scope, ua);
}

/* One input of the extract: whether it is there, how long it is, what it is. */
static void put_input(struct lk_writer *w, const uint8_t *octets, size_t len)
{
    lk_put_u8(w, octets != NULL);
    lk_put_lv16(w, lk_span_of(octets, len));
}

void lk_e2e_psk_combine(struct lk_e2e_psk *psk, const struct lk_e2e_scope *scope,
                        const struct lk_e2e_p *p, const struct lk_e2e_n *n,
                        const struct lk_e2e_resumption *resumption)
{
    const struct lk_span label = lk_span_text("latchkey-e2e-psk-1");
    uint8_t inputs[3 * 3 + LK_E2E_P_MAX + 32 + 32], prk[LK_HKDF_PRK_LEN];
    struct lk_writer w = lk_writer_of(inputs, sizeof inputs);
    struct scope_parts parts;
    struct lk_span all;

    LK_ASSERT(p == NULL || (p->len >= LK_E2E_P_MIN && p->len <= LK_E2E_P_MAX));
    scope_of(&parts, scope);
    put_input(&w, p != NULL ? p->octets : NULL, p != NULL ? p->len : 0);
    put_input(&w, n != NULL ? n->octets : NULL, n != NULL ? sizeof n->octets : 0);
    put_input(&w, resumption != NULL ? resumption->octets : NULL,
              resumption != NULL ? sizeof resumption->octets : 0);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    all = lk_writer_span(&w);
    lk_hkdf_extract(prk, label, &all, 1);
    lk_hkdf_expand(psk->octets, sizeof psk->octets, prk, parts.at, SCOPE_PARTS);
    lk_wipe(inputs, sizeof inputs);
    lk_wipe(prk, sizeof prk);
}

void lk_e2e_exporter_derive(struct lk_e2e_exporter *exporter, const uint8_t ck[32],
                            const uint8_t h[32])
{
    const struct lk_span input[] = { lk_span_text("latchkey-e2e-exporter-1"), lk_span_of(h, 32) };

    lk_hkdf_extract(exporter->octets, lk_span_of(ck, 32), input, LK_COUNT_OF(input));
}

void lk_e2e_resumption_derive(struct lk_e2e_resumption *resumption,
                              const struct lk_e2e_exporter *exporter,
                              const struct lk_e2e_scope *scope, uint8_t flags)
{
    struct scope_parts parts;

    scope_of(&parts, scope);
    lk_hkdf_expand(resumption->octets, sizeof resumption->octets, exporter->octets,
                   (struct lk_span[]){ lk_span_text("latchkey-e2e-resumption-1"),
                                       lk_span_of(&flags, 1), parts.at[0], parts.at[1],
                                       parts.at[2], parts.at[3] }, 6);
}

void lk_e2e_export(uint8_t *out, size_t len, const struct lk_e2e_exporter *exporter,
                   struct lk_span label, struct lk_span context)
{
    const uint8_t lengths[] = { (uint8_t)label.len, (uint8_t)context.len, (uint8_t)len };

    LK_ASSERT(label.len <= LK_E2E_EXPORT_MAX && context.len <= LK_E2E_EXPORT_MAX);
    LK_ASSERT(len > 0 && len <= LK_E2E_EXPORT_MAX);
    lk_hkdf_expand(out, len, exporter->octets,
                   (struct lk_span[]){ lk_span_text("latchkey-e2e-export-1"),
                                       lk_span_of(&lengths[0], 1), label,
                                       lk_span_of(&lengths[1], 1), context,
                                       lk_span_of(&lengths[2], 1) }, 6);
}

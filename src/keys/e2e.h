/* Keys of an end-to-end session (docs/rooms/e2e.md): what an application and its server mix into
 * their handshake, and what comes out beside the session's keys.
 *
 *     Ks_NAF or K_AF --> N, of one application
 *     P, N, or what an earlier session left --> psk
 *     the handshake --> exporter --> resumption, and keys for the application's own uses
 *
 * N is known to the operator. No session rests on it alone: see the claim table of
 * docs/decisions/0024. */
#ifndef LK_KEYS_E2E_H
#define LK_KEYS_E2E_H

#include "keys/gba.h"

enum {
    LK_E2E_FQDN_MAX = LK_FQDN_MAX,
    LK_E2E_APP_MAX = 128,    /* octets of the name of an application */
    LK_E2E_P_MIN = 32,
    LK_E2E_P_MAX = 64,
    LK_E2E_EXPORT_MAX = 255, /* octets of a label, and of what is exported */
};

/* What every key here is bound to: the server's name and the application's, 1 octet or more. */
struct lk_e2e_scope {
    struct lk_span fqdn;
    struct lk_span app;
};

struct lk_e2e_n { uint8_t octets[32]; };
/* The application's own: random octets. Not a password: who knows N could try words off line. */
struct lk_e2e_p {
    uint8_t octets[LK_E2E_P_MAX];
    size_t len; /* at least LK_E2E_P_MIN */
};
struct lk_e2e_psk { uint8_t octets[32]; };
struct lk_e2e_exporter { uint8_t octets[32]; };
struct lk_e2e_resumption { uint8_t octets[32]; };

/* The caller wipes each key. */
void lk_e2e_n_of_ks_naf(struct lk_e2e_n *n, const struct lk_ks_naf *key,
                        const struct lk_e2e_scope *scope, const struct lk_ua_id *ua);
void lk_e2e_n_of_k_af(struct lk_e2e_n *n, const struct lk_k_af *key,
                      const struct lk_e2e_scope *scope, const struct lk_ua_id *ua);
/* Each of p, n and resumption may be NULL: absent, which is not the same as any value. */
void lk_e2e_psk_combine(struct lk_e2e_psk *psk, const struct lk_e2e_scope *scope,
                        const struct lk_e2e_p *p, const struct lk_e2e_n *n,
                        const struct lk_e2e_resumption *resumption);
/* Of a handshake that is done: its chaining key and its hash. */
void lk_e2e_exporter_derive(struct lk_e2e_exporter *exporter, const uint8_t ck[32],
                            const uint8_t h[32]);
/* flags: what the session had (wire/e2e.h). */
void lk_e2e_resumption_derive(struct lk_e2e_resumption *resumption,
                              const struct lk_e2e_exporter *exporter,
                              const struct lk_e2e_scope *scope, uint8_t flags);
/* label and context at most LK_E2E_EXPORT_MAX octets, len 1 to that. */
void lk_e2e_export(uint8_t *out, size_t len, const struct lk_e2e_exporter *exporter,
                   struct lk_span label, struct lk_span context);

#endif

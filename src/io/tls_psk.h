/* One connection of TLS with a pre-shared key, at its server, blocking: for a thread of its own.
 * TLS 1.3, and 1.2 with the suites of PSK and ECDHE-PSK; no certificate, no ticket. */
#ifndef LK_IO_TLS_PSK_H
#define LK_IO_TLS_PSK_H

#include "base/octets.h"

enum { LK_TLS_PSK_KEY = 32, LK_TLS_PSK_TEXT = 1024, LK_TLS_PSK_ERROR = 128 };

struct lk_tls_psk_setup {
    int fd;              /* connected; it stays the caller's */
    const char *hint;    /* for who cannot know the identity to name */
    unsigned handshake_ms, write_ms;
    unsigned drain_ms; /* after what was said: for the other end to close first */
    void *context;
    /* The key behind an identity; suite as its number in TLS 1.2, 0 in 1.3. False: nobody's. It may
     * come for another suite again, within one handshake. */
    bool (*find)(void *context, uint8_t key[LK_TLS_PSK_KEY], struct lk_span identity,
                 uint16_t suite);
    /* The handshake went well: what to say to whom, at most LK_TLS_PSK_TEXT octets; their count. */
    size_t (*answer)(void *context, char *text, struct lk_span identity, uint16_t suite);
};

/* Shakes hands, says it, and closes. LK_E_MAC: there was no handshake; LK_E_SYSTEM: what was to be
 * said did not go. error says more. */
LK_MUST_CHECK enum lk_status lk_tls_psk_serve(const struct lk_tls_psk_setup *setup,
                                              char error[LK_TLS_PSK_ERROR]);

#endif

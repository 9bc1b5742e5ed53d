/* Certificates of a laboratory: a CA of one's own, and what it signs. Who has a CA needs none of
 * this. Keys are of P-256; a key file is made with mode 0600 and never replaced. */
#ifndef LK_IO_CERTIFICATE_H
#define LK_IO_CERTIFICATE_H

#include "base/check.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { LK_CERTIFICATE_ERROR_TEXT = 256, LK_CERTIFICATE_DAYS = 3650 };

enum { LK_CERTIFICATE_ALSO = 8 };

struct lk_certificate_wish {
    const char *name;               /* common name, and DNS name or address */
    const char *also[LK_CERTIFICATE_ALSO]; /* more of them; what is left is NULL */
    const char *certificate, *key;  /* files to be made */
    const char *ca, *ca_key;        /* who signs; NULL: itself, and it is a CA */
    int64_t from_s, until_s;        /* seconds since 1970 */
    bool client, server;            /* what it is for, when it is no CA */
};

/* LK_E_EXISTS: a file is there; LK_E_CONFIG: the CA does not open; LK_E_SYSTEM. error says more. */
LK_MUST_CHECK enum lk_status lk_certificate_make(const struct lk_certificate_wish *wish,
                                                 char error[LK_CERTIFICATE_ERROR_TEXT]);

struct lk_certificate_place {
    const char *dir, *name; /* DIR/NAME.crt and DIR/NAME.key; name: as a file's, too */
    int64_t now_s;
    uint64_t days;
    const char *also[LK_CERTIFICATE_ALSO]; /* more names in it; what is left is NULL */
};
enum { LK_CERTIFICATE_PATH = 512 };

/* Signed by the CA of that directory, ca.crt and ca.key; it is made when there is none, and the
 * directory as well. For both ends of TLS. */
LK_MUST_CHECK enum lk_status lk_certificate_make_at(const struct lk_certificate_place *place,
                                                    char error[LK_CERTIFICATE_ERROR_TEXT]);

#endif

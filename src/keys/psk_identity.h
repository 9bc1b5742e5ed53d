/* T07: what names a pre-shared key in a handshake: lower-case hex digits made of the key alone, so
 * that it says nothing of the subscriber and changes with every key. Not secret. */
#ifndef LK_KEYS_PSK_IDENTITY_H
#define LK_KEYS_PSK_IDENTITY_H

#include "base/octets.h"

enum { LK_PSK_IDENTITY_LEN = 32 }; /* characters */

/* label: of what the key is for. */
void lk_psk_identity(char identity[LK_PSK_IDENTITY_LEN + 1], struct lk_span key,
                     const char *label);

#endif

/* A file with one key: 64 hexadecimal digits and a line end, mode 0600. what names the key in
 * errors ("node key"). */
#ifndef LK_ROLE_KEY_FILE_H
#define LK_ROLE_KEY_FILE_H

#include "base/octets.h"

enum { LK_KEY_FILE_OCTETS = 32, LK_KEY_FILE_ERROR_TEXT = 640 };

/* 64 digits, spaces around them allowed. LK_E_VALUE, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_key_file_parse(uint8_t key[LK_KEY_FILE_OCTETS],
                                               struct lk_span text);
/* LK_E_NOT_FOUND, LK_E_DENIED (others may read it), LK_E_VALUE, LK_E_FULL, LK_E_SYSTEM; error says
 * what to do. */
LK_MUST_CHECK enum lk_status lk_key_file_read(uint8_t key[LK_KEY_FILE_OCTETS], const char *what,
                                              const char *path,
                                              char error[LK_KEY_FILE_ERROR_TEXT]);
/* Writes the key to path, atomically. With replace false LK_E_EXISTS when there is one. */
LK_MUST_CHECK enum lk_status lk_key_file_write(const uint8_t key[LK_KEY_FILE_OCTETS],
                                               const char *what, const char *path, bool replace,
                                               char error[LK_KEY_FILE_ERROR_TEXT]);

#endif

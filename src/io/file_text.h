/* The files that configuration names: YAML, secrets, certificates and keys. Each may be another one
 * by mistake, and none holds the reader up, or fills its memory: it is a regular one, and
 * bounded. */
#ifndef LK_IO_FILE_TEXT_H
#define LK_IO_FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/status.h"

enum { LK_FILE_OCTETS = 1024 * 1024, LK_FILE_WHY = 128 };

/* A file's octets, on the heap, and a zero behind them; there may be secrets in it. */
struct lk_file_text {
    uint8_t *octets;
    size_t len;
};
/* False: why not, in words. */
bool lk_file_text_read(struct lk_file_text *text, const char *path, char why[LK_FILE_WHY]);
/* The same of a secret file, of at most so many octets: no link, and nobody but its owner may read
 * it. LK_E_NOT_FOUND, LK_E_DENIED (others may), LK_E_VALUE (no regular file), LK_E_FULL,
 * LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_file_private_read(struct lk_file_text *text, const char *path,
                                                  size_t most, char why[LK_FILE_WHY]);
/* Its two halves, where one process opens for another: the descriptor, or -1 and errno says why
 * not; and what is behind it, which stays open. */
int lk_file_private_open(const char *path);
LK_MUST_CHECK enum lk_status lk_file_private_take(struct lk_file_text *text, int fd, size_t most,
                                                  char why[LK_FILE_WHY]);
/* Wipes and frees. */
void lk_file_text_close(struct lk_file_text *text);

#endif

/* The files that configuration names: YAML, secrets, certificates and keys. Each may be another one
 * by mistake, and none holds the reader up, or fills its memory: it is a regular one, and
 * bounded. */
#ifndef LK_IO_FILE_TEXT_H
#define LK_IO_FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LK_FILE_OCTETS = 1024 * 1024, LK_FILE_WHY = 128 };

/* A file's octets, on the heap; there may be secrets in it. */
struct lk_file_text {
    uint8_t *octets;
    size_t len;
};
/* False: why not, in words. */
bool lk_file_text_read(struct lk_file_text *text, const char *path, char why[LK_FILE_WHY]);
/* Wipes and frees. */
void lk_file_text_close(struct lk_file_text *text);

#endif

/* YAML, and the files that configuration names: what somebody wrote by hand, in a file that may be
 * another one by mistake. No file holds the reader up, or fills its memory: it is a regular one,
 * and bounded, and so are the nesting and the number of values in it. */
#ifndef LK_ROLE_YAML_FILE_H
#define LK_ROLE_YAML_FILE_H

#include <stdbool.h>
#include <yaml.h>

#include "base/octets.h"

enum {
    LK_YAML_OCTETS = 1024 * 1024,
    LK_YAML_DEPTH = 32,
    LK_YAML_NODES = 32768, /* keys, values, lists and sections */
    LK_YAML_WHY = 128,
};

/* A file's octets, on the heap; there may be secrets in it. */
struct lk_file_text {
    uint8_t *octets;
    size_t len;
};
/* False: why not, in words. */
bool lk_file_text_read(struct lk_file_text *text, const char *path, char why[LK_YAML_WHY]);
/* Wipes and frees. */
void lk_file_text_close(struct lk_file_text *text);

/* What is wrong with YAML. Of what stands there nothing is repeated. */
struct lk_yaml_wrong {
    int line;
    char what[LK_YAML_WHY];
    const char *fix;
};
/* One document, which yaml_document_delete ends; false: there is none. */
bool lk_yaml_load(yaml_document_t *document, struct lk_yaml_wrong *wrong, struct lk_span octets);

#endif

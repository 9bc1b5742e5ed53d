/* YAML: what somebody wrote by hand, in a file that may be another one by mistake (io/file_text.h).
 * The nesting and the number of values in it are bounded. */
#ifndef LK_ROLE_YAML_FILE_H
#define LK_ROLE_YAML_FILE_H

#include <stdbool.h>
#include <yaml.h>

#include "base/octets.h"
#include "io/file_text.h"

enum {
    LK_YAML_DEPTH = 32,
    LK_YAML_NODES = 32768, /* keys, values, lists and sections */
    LK_YAML_WHY = 128,
};

/* What is wrong with YAML. Of what stands there nothing is repeated. */
struct lk_yaml_wrong {
    int line;
    char what[LK_YAML_WHY];
    const char *fix;
};
/* One document, which yaml_document_delete ends; false: there is none. */
bool lk_yaml_load(yaml_document_t *document, struct lk_yaml_wrong *wrong, struct lk_span octets);

#endif

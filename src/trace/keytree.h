/* The key tree of a run: which key comes from which, by what, how long, and who holds it. Values
 * are there only when the run's keys are; whether they are shown is up to whoever shows the tree.
 */
#ifndef LK_TRACE_KEYTREE_H
#define LK_TRACE_KEYTREE_H

#include <stdio.h>

#include "trace/run_keys.h"

enum { LK_KEYTREE_MAX = 20, LK_KEYTREE_VALUE_MAX = 64 };

struct lk_key_node {
    const char *name;
    const char *how;     /* "f3(K, OPc, RAND)" */
    const char *clause;
    const char *holders; /* "card, vault" */
    size_t parent;       /* index of a node before; LK_TRACE_NONE: a root */
    unsigned depth;
    size_t len;          /* octets */
    bool has_value;
    uint8_t value[LK_KEYTREE_VALUE_MAX];
};

/* Secret when keys are known. */
struct lk_keytree {
    size_t count;
    struct lk_key_node node[LK_KEYTREE_MAX];
};

/* The tree of an authentication's method (23 or 50; 0 counts as 50), full or fast, with the WLCP
 * key where multi-connection mode was agreed; values from keys when known. */
void lk_keytree_make(struct lk_keytree *tree, const struct lk_trace_run *run,
                     const struct lk_run_keys *keys);
void lk_keytree_print(FILE *to, const struct lk_keytree *tree, bool show_values);

#endif

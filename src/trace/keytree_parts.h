/* What the files of the key tree share. */
#ifndef LK_TRACE_KEYTREE_PARTS_H
#define LK_TRACE_KEYTREE_PARTS_H

#include "trace/keytree.h"

struct lk_tree {
    struct lk_keytree *tree;
    const struct lk_trace *trace;
    size_t run;
    bool known, multi; /* known: a value that is given may be taken */
};

/* A node; returns its place. */
size_t lk_tree_add(struct lk_tree *b, size_t parent, const char *name, const char *how,
                   const char *clause, const char *holders, size_t len, const uint8_t *value);
void lk_keytree_association(struct lk_tree *b);

#endif

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
/* Of an SA of MIS whose K is of no EMSK of an authentication in this run. */
void lk_keytree_mis(struct lk_tree *b);
/* The PSK of a channel of MIS, and what it stems from; returns the place of the PSK. */
size_t lk_keytree_mis_psk(struct lk_tree *b);
/* Below the EMSK of one that is. */
void lk_keytree_mis_emsk(struct lk_tree *b, size_t emsk, const struct lk_run_keys *keys);
/* Of a bootstrapping: what is below XRES, and what below CK and IK. */
void lk_keytree_ub_proofs(struct lk_tree *b, size_t xres, const struct lk_run_keys *keys);
void lk_keytree_ub_ks(struct lk_tree *b, size_t ck_ik, const struct lk_run_keys *keys);

#endif

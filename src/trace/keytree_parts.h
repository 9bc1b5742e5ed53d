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
bool lk_tree_is_full(const struct lk_tree *b);
/* Appends to the detail of a node; of what is not ours no more than most. */
void lk_tree_put(struct lk_key_node *node, struct lk_span text, size_t most);
void lk_tree_put_text(struct lk_key_node *node, const char *text);
/* Keys of Mobile IP that are that Ks_NAF, and what comes of them; shown: which keys of the capture
 * the tree has. */
void lk_keytree_mip_of(struct lk_tree *b, size_t parent, const struct lk_app_key_log *of,
                       bool *shown);
/* The others. */
void lk_keytree_mip(struct lk_tree *b, bool *shown);
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

/* The key tree of a run: which key comes from which, by what, how long, and who holds it. Values
 * are there only when the run's keys are; whether they are shown is up to whoever shows the tree.
 *
 * The tree of an authentication goes from K to the DTLS session that its WLCP key has opened, that
 * of a session or link from its pre-shared key, that of an association from KASME to its TKs, that
 * of an SA of MIS from what gave its K to the slices of its MISK. */
#ifndef LK_TRACE_KEYTREE_H
#define LK_TRACE_KEYTREE_H

#include <stdio.h>

#include "trace/run_keys.h"

enum { LK_KEYTREE_MAX = 64, LK_KEYTREE_VALUE_MAX = 72, LK_KEYTREE_DETAIL = 128 };

/* Who can compute a key, of what they have: bits. The operator is the home network. */
enum lk_key_who {
    LK_WHO_DEVICE = 1,
    LK_WHO_BSF = 2,
    LK_WHO_AUSF = 4,
    LK_WHO_AANF = 8,
    LK_WHO_NAF = 16,         /* the NAF, or the AF, that the key is for */
    LK_WHO_APPLICATION = 32, /* of the device */
    LK_WHO_SERVER = 64,      /* of that application */
    LK_WHO_HOME_AAA = 128,   /* of Mobile IP, as the two agents: who was given it by another */
    LK_WHO_HOME_AGENT = 256,
    LK_WHO_FOREIGN_AGENT = 512,
    LK_WHO_HOME = LK_WHO_BSF | LK_WHO_AUSF | LK_WHO_AANF,
    LK_WHO_OPERATOR = LK_WHO_HOME | LK_WHO_HOME_AAA | LK_WHO_HOME_AGENT,
};
enum { LK_WHO_TEXT = 128, LK_WHO_NAME = 49 };

struct lk_key_node {
    const char *name;
    const char *how;     /* "f3(K, OPc, RAND)" */
    const char *clause;
    const char *holders; /* "card, vault" */
    unsigned who;        /* 0: not marked */
    char naf[LK_WHO_NAME]; /* the FQDN of LK_WHO_NAF; "": not known */
    size_t parent;       /* index of a node before; LK_TRACE_NONE: a root */
    unsigned depth;
    size_t len;          /* octets; 0: not known */
    char detail[LK_KEYTREE_DETAIL]; /* of this one: "generation 2"; may be "" */
    size_t run;          /* where it comes from or is used; LK_TRACE_NONE: not known */
    bool has_value;
    uint8_t value[LK_KEYTREE_VALUE_MAX];
};

/* Secret when keys are known. */
struct lk_keytree {
    size_t count;
    struct lk_key_node node[LK_KEYTREE_MAX];
};

/* The tree of an authentication's method (23 or 50; 0 counts as 50), full or fast, with the WLCP
 * key where multi-connection mode was agreed; values from keys when known. Of a session, keys are
 * those of the authentication from, which made its WLCP key; LK_TRACE_NONE: it is not known. */
void lk_keytree_make(struct lk_keytree *tree, const struct lk_trace *trace, size_t run,
                     const struct lk_run_keys *keys, size_t from);
/* Of all of the capture, by its key log: Ks, K_AKMA, what is under them for each NAF and AF, and
 * the end-to-end sessions of applications, each marked. card: NULL, or that of the devices. */
void lk_keytree_applications(struct lk_keytree *tree, const struct lk_trace *trace,
                             const struct lk_recompute_card *card);
/* False: that tree is empty. */
bool lk_keytree_has_applications(const struct lk_trace *trace);
/* "device, BSF, naf.example; operator: yes" */
void lk_keytree_who_text(char text[LK_WHO_TEXT], const struct lk_key_node *node);
bool lk_keytree_has_values(const struct lk_keytree *tree);
/* False: nothing of a key is to be seen in the run. */
bool lk_keytree_is_wanted(const struct lk_trace_run *run);
void lk_keytree_print(FILE *to, const struct lk_keytree *tree, bool show_values);

#endif

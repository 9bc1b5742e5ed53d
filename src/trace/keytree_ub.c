/* The key tree of a bootstrapping: K -> CK, IK -> Ks, with what RES makes on the wire. */
#include <stdio.h>

#include "trace/keytree_parts.h"

enum { DIGEST_LEN = 16 };

static void add_digest(struct lk_tree *b, size_t parent, const char *name, const char *how,
                       const char *clause, enum lk_trace_judged judged)
{
    size_t at = lk_tree_add(b, parent, name, how, clause, "on the wire", DIGEST_LEN, NULL);

    (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "%s",
                   judged == LK_TRACE_RIGHT ? "calculated again: the same" :
                   judged == LK_TRACE_WRONG ? "calculated again: another" : "");
}

void lk_keytree_ub_proofs(struct lk_tree *b, size_t xres, const struct lk_run_keys *keys)
{
    add_digest(b, xres, "response", "MD5 of RES, names, nonces and method: the device's proof",
               "RFC 3310 3.3", keys->response);
    add_digest(b, xres, "rspauth", "MD5 of RES, names, nonces and body: the BSF's proof",
               "TS 24.109 4.3", keys->rspauth);
}

void lk_keytree_ub_ks(struct lk_tree *b, size_t ck_ik, const struct lk_run_keys *keys)
{
    struct lk_span b_tid = b->trace->runs[b->run].ub.b_tid;
    bool was_known = b->known;
    size_t at;

    b->known = keys->ks_known;
    at = lk_tree_add(b, ck_ik, "Ks", "CK || IK", "TS 33.220 4.5.2", "device, BSF",
                     sizeof keys->ks.octets, keys->ks.octets);
    b->known = was_known;
    b->tree->node[at].who = LK_WHO_DEVICE | LK_WHO_BSF;
    if (b_tid.len > 0)
        (void)snprintf(b->tree->node[at].detail, LK_KEYTREE_DETAIL, "B-TID %.*s",
                       b_tid.len < 100 ? (int)b_tid.len : 100, (const char *)b_tid.at);
}

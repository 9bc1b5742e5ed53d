/* What a mobile node of MIS is called: a pseudonym, so that its MISF ID, which every PDU has in
 * clear and every PoS of a chain reads, is not its IMSI (A06).
 *
 *   EMSK ──> USRK by usage label ──> its first octets, in base64url ──> MISF ID, with @realm
 *
 * Home and mobile node make it of the EMSK of their run, so it is not sent; each authentication by
 * EAP gives another one, which says nothing of the one before. It is not secret. Until there is one
 * the mobile node draws a name of the same form, for one run. Ours, in no standard; the label is a
 * choice (wire/mis_codes.h). */
#ifndef LK_KEYS_MIS_MN_H
#define LK_KEYS_MIS_MN_H

#include "keys/node.h"
#include "keys/types.h"

enum { LK_MIS_PSEUDONYM_TEXT = (LK_MIS_PSEUDONYM_LEN * 8 + 5) / 6 }; /* characters */

void lk_mis_pseudonym_derive(struct lk_mis_pseudonym *name, const struct lk_emsk *emsk,
                             struct lk_span usage);
/* For one PoS: the same for each of its authentications of one subscriber in a day, so that the
 * next one takes the place of the one before; two PoS cannot tell theirs to be of one. key: of the
 * home alone, and of the day. */
void lk_mis_subscriber_derive(struct lk_mis_subscriber *subscriber,
                              const struct lk_node_day_key *key, struct lk_span pos_id,
                              const struct lk_imsi *imsi);
/* The MISF ID. */
void lk_mis_pseudonym_put(struct lk_writer *w, const struct lk_mis_pseudonym *name,
                          struct lk_span realm);

#endif

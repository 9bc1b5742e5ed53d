/* The authenticator: one station at the WT, from its PMK over its association to each change of
 * its keys.
 *
 * A PMK may come before the association, is kept for it, and is forgotten when it ends. On a live
 * association it starts a re-key at once (S3, proposal 3); while a handshake is under way it waits
 * for its end, and the newest wins. OPEN says that a handshake is over: by message 4, or by a frame
 * under its TK (USED). A message 2 whose MIC is wrong is dropped, with a NOTICE `rsn.m2-mic`:
 * whoever drives the machine may end the association on it, which is S3's option 1; the machine
 * itself goes on, as the frame may be anybody's, and ends by its tries. Who wants to know whether a
 * station is there still has it asked by a group handshake that brings nothing new (ASK). */
#ifndef LK_PROTO_RSN_AUTHENTICATOR_H
#define LK_PROTO_RSN_AUTHENTICATOR_H

#include "proto/rsn/machine.h"

enum lk_rsn_authenticator_state {
    LK_RSN_AUTHENTICATOR_IDLE,     /* not associated */
    LK_RSN_AUTHENTICATOR_AWAIT_M2,
    LK_RSN_AUTHENTICATOR_AWAIT_M4,
    LK_RSN_AUTHENTICATOR_OPEN,     /* both ends have the keys */
    LK_RSN_AUTHENTICATOR_AWAIT_G2,
    LK_RSN_AUTHENTICATOR_STATE_COUNT
};

struct lk_rsn_authenticator {
    enum lk_rsn_authenticator_state state;
    bool has_pmk, has_next, has_ptk, has_group, group_due;
    uint8_t tries;         /* of the message that is out */
    uint32_t wrong_mics;   /* of message 2, in this handshake */
    uint64_t replay;       /* of the last frame sent; survives re-keys and associations */
    uint64_t replay_first; /* of the first frame of the message that is out */
    uint8_t aa[LK_STATION_LEN], spa[LK_STATION_LEN];
    struct lk_rsn_element ap_rsne, sta_rsne;
    uint8_t anonce[LK_RSN_NONCE_LEN];
    uint8_t pmkid[LK_PMKID_LEN];
    struct lk_pmk pmk;     /* of the handshake under way, or of the last */
    struct lk_pmk next;    /* newer, and waits */
    struct lk_ptk ptk;     /* in use */
    struct lk_ptk fresh;   /* of the handshake under way; until its message 2, of one given up */
    struct lk_rsn_group group;
};

void lk_rsn_authenticator_init(struct lk_rsn_authenticator *a);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_SYNC for an answer to another frame than
 * those that are out, the decoder's status for what is no frame of ours. */
LK_MUST_CHECK enum lk_status lk_rsn_authenticator_step(struct lk_rsn_authenticator *a,
                                                       const struct lk_rsn_config *config,
                                                       const struct lk_rsn_event *event,
                                                       struct lk_rsn_outbox *out);
/* True while data may pass: the association has keys, also while they are being changed. */
bool lk_rsn_authenticator_is_open(const struct lk_rsn_authenticator *a);

extern const struct lk_rule_table lk_rsn_authenticator_rules;

#endif

/* The supplicant: the device's end of an association with a WT.
 *
 * A new PMK (from RRC) is pending: nothing is done on the WLAN until the WT begins, and the PMK in
 * use stays usable until the PTK of a newer one is in. Message 1 says by its PMKID which of them it
 * means; one that means none is dropped without an answer, with a NOTICE `rsn.pmkid-unknown`.
 *
 * Keys are installed once: a message 3 that comes again is answered and installs nothing. */
#ifndef LK_PROTO_RSN_SUPPLICANT_H
#define LK_PROTO_RSN_SUPPLICANT_H

#include "proto/rsn/machine.h"

enum lk_rsn_supplicant_state {
    LK_RSN_SUPPLICANT_IDLE,     /* not associated */
    LK_RSN_SUPPLICANT_AWAIT_M1, /* associated, without keys */
    LK_RSN_SUPPLICANT_AWAIT_M3,
    LK_RSN_SUPPLICANT_OPEN,     /* keys are in */
    LK_RSN_SUPPLICANT_STATE_COUNT
};

enum { LK_RSN_GTK_IDS = 4 };

struct lk_rsn_supplicant {
    enum lk_rsn_supplicant_state state;
    bool has_pmk, has_pending, has_ptk, has_replay;
    uint8_t gtk_in;      /* bits 1 << key id */
    uint64_t replay;     /* of the last frame whose MIC was right; survives re-keys */
    uint8_t aa[LK_STATION_LEN], spa[LK_STATION_LEN];
    struct lk_rsn_element ap_rsne, sta_rsne;
    uint8_t anonce[LK_RSN_NONCE_LEN], snonce[LK_RSN_NONCE_LEN]; /* of the handshake under way */
    uint8_t pmkid[LK_PMKID_LEN];                                /* that its message 1 named */
    uint8_t installed_anonce[LK_RSN_NONCE_LEN];
    struct lk_pmk pmk;     /* in use, or the first */
    struct lk_pmk pending; /* the newest */
    struct lk_pmk trying;  /* of the handshake under way: one of these, or a newer came since */
    struct lk_ptk ptk;     /* in use */
    struct lk_ptk fresh;   /* of the handshake under way */
    struct lk_gtk gtk[LK_RSN_GTK_IDS];
};

void lk_rsn_supplicant_init(struct lk_rsn_supplicant *s);
void lk_rsn_supplicant_wipe(struct lk_rsn_supplicant *s);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_SYNC for a replay counter or a nonce that
 * was before, the decoder's status for what is no frame of ours. */
LK_MUST_CHECK enum lk_status lk_rsn_supplicant_step(struct lk_rsn_supplicant *s,
                                                    const struct lk_rsn_config *config,
                                                    const struct lk_rsn_event *event,
                                                    struct lk_rsn_outbox *out);

extern const struct lk_rule_table lk_rsn_supplicant_rules;

#endif

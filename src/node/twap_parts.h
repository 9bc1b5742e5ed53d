/* What the files of node/twap share, and nobody else includes. */
#ifndef LK_NODE_TWAP_PARTS_H
#define LK_NODE_TWAP_PARTS_H

#include "node/twap.h"

/* One step under way. */
struct lk_twap_now {
    struct lk_twap *twap;
    const struct lk_twap_config *config;
    const struct lk_twap_event *event;
    struct lk_twap_outbox *out;
};

/* There is room for what one event can bring. */
struct lk_twap_output *lk_twap_put(const struct lk_twap_now *now, enum lk_twap_output_kind kind);
bool lk_twap_has_room(const struct lk_twap_now *now);
void lk_twap_note(const struct lk_twap_now *now, enum lk_reason reason);
void lk_twap_note_came(const struct lk_twap_now *now, enum lk_reason reason, const char *came);

/* twap_attach.c: what an answer to an Access-Request means for the device's session. slot is still
 * out; answer was verified. */
void lk_twap_answered(const struct lk_twap_now *now, const struct lk_radius_proxy_slot *slot,
                      const struct lk_radius_packet *answer);
/* Ends a session, and all that is out for its device and older than run. */
void lk_twap_end(const struct lk_twap_now *now, struct lk_twap_session *session,
                 enum lk_wlan_end why, uint64_t run);

/* twap_account.c: an Accounting-Request that was verified. */
void lk_twap_account(const struct lk_twap_now *now, const struct lk_radius_request *request,
                     uint64_t run);

/* twap_detach.c */
void lk_twap_dynamic(const struct lk_twap_now *now);
void lk_twap_end_by_mac(const struct lk_twap_now *now);
void lk_twap_ap_dynamic(const struct lk_twap_now *now);
void lk_twap_detach_tick(const struct lk_twap_now *now);
/* NAS-Identifier as a row keeps it: cut. */
uint8_t lk_twap_nas(char nas[LK_TWAP_NAS_MAX], const struct lk_radius_packet *packet);

#endif

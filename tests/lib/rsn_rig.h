/* Both ends of an association back to back: authenticator and supplicant, and the data protection
 * that their outputs drive. What an end sends stays until the next frame of it; the test carries
 * it over, or does not.
 *
 * AA 020000000001, SPA 020000000002, as in vectors/fourway_skwt. Entropy is a number, counted up,
 * unless the test sets the next. */
#ifndef LK_TEST_RSN_RIG_H
#define LK_TEST_RSN_RIG_H

#include "proto/rsn/authenticator.h"
#include "proto/rsn/ccmp.h"
#include "proto/rsn/supplicant.h"

struct rsn_frame {
    uint8_t octets[LK_EAPOL_KEY_MAX];
    size_t len;
};

struct rsn_end {
    struct lk_rsn_config config;
    struct lk_rsn_outbox out; /* of the last step */
    struct rsn_frame sent;    /* the last frame; len 0: none in the last step */
    struct lk_rsn_ccmp ccmp;
    uint8_t entropy[LK_RSN_NONCE_LEN]; /* of the next step; zeroes: counted up */
    uint64_t timer_ms;
    unsigned sends, installs, group_installs, opens, rekeys, reassociates, refusals, failures;
    unsigned notices;
    uint16_t code;         /* of the last that ended */
    enum lk_reason reason; /* of the last that ended, or was noticed */
    struct lk_rsn_group group;
};

struct rsn_rig {
    struct lk_rsn_authenticator a;
    struct lk_rsn_supplicant s;
    struct rsn_end ap, sta;
    uint64_t now_ms;
    uint64_t drawn;
    uint8_t rsne[LK_RSN_ELEMENT_MAX];
    size_t rsne_len;
};

void rsn_rig_open(struct rsn_rig *rig, enum lk_akm akm);
/* An event to one end, time and entropy filled in; its outputs are carried out. */
enum lk_status rsn_to_ap(struct rsn_rig *rig, struct lk_rsn_event event);
enum lk_status rsn_to_sta(struct rsn_rig *rig, struct lk_rsn_event event);
enum lk_status rsn_ap_receives(struct rsn_rig *rig, const struct rsn_frame *frame);
enum lk_status rsn_sta_receives(struct rsn_rig *rig, const struct rsn_frame *frame);
/* A PMK of that octet, everywhere, to one end. */
struct lk_rsn_event rsn_pmk(uint8_t octet);
struct lk_rsn_event rsn_group(uint8_t octet, uint8_t key_id, uint64_t rsc);
/* A frame came under that TK. */
struct lk_rsn_event rsn_used(const struct lk_tk *tk);
/* Association at both ends, by the RSN element of the rig. */
struct lk_rsn_event rsn_associated(const struct rsn_rig *rig);
void rsn_associate(struct rsn_rig *rig);
/* Carries frames over until neither end has anything to send. */
void rsn_run(struct rsn_rig *rig);
/* PMK 1 and GTK 1 at both ends, associated, handshake done. */
void rsn_live(struct rsn_rig *rig, enum lk_akm akm);
/* A data frame of that text from one end, as sealed; LK_OK and read by the other. */
struct lk_span rsn_seal(struct rsn_end *from, bool to_ds, uint8_t tid, const char *text);
enum lk_status rsn_open(struct rsn_rig *rig, struct rsn_end *at, struct lk_span frame);

#endif

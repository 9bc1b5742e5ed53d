/* The RRC (TS 36.331) that LTE-WLAN aggregation needs, in unaligned PER: how an eNB tells a UE the
 * WT Counter, where it may move, and that it changes cell; what the UE answers; what it reports.
 *
 * The messages are whole DL-DCCH and UL-DCCH messages, which other decoders read. But this is no
 * RRC: of RRCConnectionReconfiguration we know the handover, its security and lwa-Configuration,
 * and refuse a message with anything else (LK_E_UNSUPPORTED) rather than pass over what a UE would
 * have to do. A handover must carry radio parameters that have no meaning here: they are written
 * with values of our own choice (rrc_handover.c) and passed over when read. */
#ifndef LK_WIRE_RRC_H
#define LK_WIRE_RRC_H

#include "wire/wlan_set.h"

enum {
    LK_RRC_MAX = 4096, /* octets of a message that we write */
    LK_RRC_TRANSACTION_MAX = 3,
    LK_RRC_PCI_MAX = 503,
    LK_RRC_EARFCN_MAX = 262143,
    LK_RRC_NCC_MAX = 7,
};

struct lk_rrc_lwa {
    bool release; /* then nothing else */
    bool has_counter, has_mobility, has_wt_mac;
    uint16_t wt_counter;
    uint8_t wt_mac[LK_WLAN_ADDRESS_LEN];
    /* With has_mobility: */
    struct lk_wlan_set to_release, to_add; /* empty: absent */
    uint8_t association_timer_s;           /* T351: 10, 30, 60, 120, 240; 0: none */
    bool success_report;
};

/* What becomes of the WT at a handover. */
enum lk_rrc_wt_change {
    LK_RRC_WT_RELEASED, /* nothing is said: the UE releases LWA */
    LK_RRC_WT_KEPT,
    LK_RRC_WT_KEPT_END_MARKER,
};

struct lk_rrc_handover {
    uint16_t pci; /* the target cell */
    bool has_earfcn;
    uint32_t earfcn_dl; /* without: the frequency stays */
    uint16_t c_rnti;
    enum lk_rrc_wt_change wt;
    bool has_security;
    bool key_change; /* a KeNB of a new KASME rather than of NH or KeNB */
    uint8_t ncc;
};

struct lk_rrc_reconfiguration {
    uint8_t transaction;
    bool has_handover, has_lwa;
    struct lk_rrc_handover handover;
    struct lk_rrc_lwa lwa;
};
/* DL-DCCH-Message. LK_E_UNSUPPORTED: another message, or more in it than is known here. */
LK_MUST_CHECK enum lk_status lk_rrc_reconfiguration_decode(struct lk_rrc_reconfiguration *message,
                                                           struct lk_span octets);
/* LK_E_VALUE, LK_E_LENGTH: a member outside its limits. */
LK_MUST_CHECK enum lk_status lk_rrc_reconfiguration_encode(
    struct lk_writer *w, const struct lk_rrc_reconfiguration *message);

enum lk_rrc_wlan_status {
    LK_RRC_WLAN_ASSOCIATED,
    LK_RRC_WLAN_RADIO_LINK_FAILURE,
    LK_RRC_WLAN_UNAVAILABLE,
    LK_RRC_WLAN_TIMEOUT, /* T351 */
    LK_RRC_WLAN_SUSPENDED,
    LK_RRC_WLAN_RESUMED,
    LK_RRC_WLAN_STATUS_COUNT
};
const char *lk_rrc_wlan_status_name(enum lk_rrc_wlan_status status);

enum lk_rrc_uplink_type { LK_RRC_COMPLETE, LK_RRC_WLAN_STATUS };
struct lk_rrc_uplink {
    enum lk_rrc_uplink_type type;
    uint8_t transaction;            /* of RRCConnectionReconfigurationComplete */
    enum lk_rrc_wlan_status status; /* of WLANConnectionStatusReport */
};
/* UL-DCCH-Message; statuses as above. */
LK_MUST_CHECK enum lk_status lk_rrc_uplink_decode(struct lk_rrc_uplink *message,
                                                  struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_rrc_uplink_encode(struct lk_writer *w,
                                                  const struct lk_rrc_uplink *message);

/* lwa-Configuration by itself. */
LK_MUST_CHECK enum lk_status lk_rrc_lwa_decode(struct lk_rrc_lwa *lwa, struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_rrc_lwa_encode(struct lk_writer *w, const struct lk_rrc_lwa *lwa);

#endif

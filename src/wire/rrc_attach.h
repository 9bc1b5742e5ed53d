/* The RRC (TS 36.331) of an attach, beside that of wire/rrc: NAS carried to and fro, and the
 * beginning of security on SRB1. */
#ifndef LK_WIRE_RRC_ATTACH_H
#define LK_WIRE_RRC_ATTACH_H

#include "base/octets.h"

enum {
    LK_RRC_NAS_MAX = 1024,      /* octets of a NAS message that we carry */
    LK_RRC_ALGORITHM_MAX = 3,   /* EEA0 to EEA3, EIA0 to EIA3 */
};

enum lk_rrc_attach_type {
    LK_RRC_DOWNLINK_NAS, /* DLInformationTransfer */
    LK_RRC_UPLINK_NAS,   /* ULInformationTransfer */
    LK_RRC_SECURITY_COMMAND,
    LK_RRC_SECURITY_COMPLETE,
    LK_RRC_SECURITY_FAILURE,
};

struct lk_rrc_attach {
    enum lk_rrc_attach_type type;
    uint8_t transaction;          /* of all but ULInformationTransfer */
    uint8_t ciphering, integrity; /* SECURITY_COMMAND: the number of the EEA and of the EIA */
    size_t nas_len;               /* DOWNLINK_NAS, UPLINK_NAS: at least 1 */
    uint8_t nas[LK_RRC_NAS_MAX];  /* a copy: in the message it begins anywhere in an octet */
};

/* A DL-DCCH-Message and a UL-DCCH-Message. LK_E_UNSUPPORTED: another message, or more in it than is
 * known here; LK_E_FULL: more NAS than we carry; LK_E_VALUE: no NAS. */
LK_MUST_CHECK enum lk_status lk_rrc_attach_downlink_decode(struct lk_rrc_attach *message,
                                                           struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_rrc_attach_uplink_decode(struct lk_rrc_attach *message,
                                                         struct lk_span octets);
/* LK_E_VALUE: a member outside its limits. */
LK_MUST_CHECK enum lk_status lk_rrc_attach_encode(struct lk_writer *w,
                                                  const struct lk_rrc_attach *message);

#endif

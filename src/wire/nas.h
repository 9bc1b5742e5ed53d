/* NAS of EPS mobility management (TS 24.301), as far as an attach needs it until NAS is secure:
 * the messages of authentication and security mode, ATTACH REQUEST and its refusal, and the header
 * of a message that is integrity protected.
 *
 * A decoded message has views of the octets. Optional elements that we do not know are passed over
 * by their form, as every receiver must (TS 24.007 11.2.4). Who computes a MAC is proto/eps; here
 * is no key. */
#ifndef LK_WIRE_NAS_H
#define LK_WIRE_NAS_H

#include "base/imsi.h"
#include "base/octets.h"

enum {
    LK_NAS_MAC_LEN = 4,
    LK_NAS_MAC_AT = 1, /* octets in front of the MAC */
    LK_NAS_RAND_LEN = 16,
    LK_NAS_AUTN_LEN = 16,
    LK_NAS_AUTS_LEN = 14,
    LK_NAS_RES_MIN = 4,
    LK_NAS_RES_MAX = 16,
    LK_NAS_CAPABILITY_MIN = 2, /* octets: the EEAs, the EIAs */
    LK_NAS_CAPABILITY_MAX = 13,
    LK_NAS_REPLAYED_MAX = 5,
    LK_NAS_KSI_MAX = 6,
    LK_NAS_NO_KSI = 7, /* no key is available */
    LK_NAS_ALGORITHM_MAX = 7,
};

/* ---- the header ---- */

enum lk_nas_security {
    LK_NAS_PLAIN,
    LK_NAS_INTEGRITY,
    LK_NAS_CIPHERED,
    LK_NAS_NEW_INTEGRITY, /* with a new security context: SECURITY MODE COMMAND */
    LK_NAS_NEW_CIPHERED,  /* its COMPLETE */
    LK_NAS_SECURITY_COUNT
};

struct lk_nas_header {
    enum lk_nas_security security;
    const uint8_t *mac;     /* LK_NAS_MAC_LEN octets; NULL when plain */
    uint8_t sequence;       /* the low octet of the NAS COUNT */
    struct lk_span covered; /* what the MAC is over: sequence number and message */
    struct lk_span message; /* a plain one */
};
/* LK_E_UNSUPPORTED: another protocol, or a header of another kind. */
LK_MUST_CHECK enum lk_status lk_nas_header_decode(struct lk_nas_header *header,
                                                  struct lk_span octets);
/* Writes the header in front of a message, with a MAC of zeroes at LK_NAS_MAC_AT; not for
 * LK_NAS_PLAIN. */
LK_MUST_CHECK enum lk_status lk_nas_header_encode(struct lk_writer *w,
                                                  enum lk_nas_security security, uint8_t sequence,
                                                  struct lk_span message);

/* ---- messages ---- */

enum lk_nas_type {
    LK_NAS_ATTACH_REQUEST = 0x41,
    LK_NAS_ATTACH_REJECT = 0x44,
    LK_NAS_AUTHENTICATION_REQUEST = 0x52,
    LK_NAS_AUTHENTICATION_RESPONSE = 0x53,
    LK_NAS_AUTHENTICATION_REJECT = 0x54,
    LK_NAS_AUTHENTICATION_FAILURE = 0x5c,
    LK_NAS_SECURITY_COMMAND = 0x5d,
    LK_NAS_SECURITY_COMPLETE = 0x5e,
    LK_NAS_SECURITY_REJECT = 0x5f,
};
/* As the standard calls it; "another message". */
const char *lk_nas_type_name(unsigned type);

enum lk_nas_cause {
    LK_NAS_CAUSE_NO_IDENTITY = 9,       /* UE identity cannot be derived by the network */
    LK_NAS_CAUSE_NETWORK = 17,          /* network failure */
    LK_NAS_CAUSE_MAC = 20,
    LK_NAS_CAUSE_SYNCH = 21,
    LK_NAS_CAUSE_CAPABILITIES = 23,     /* UE security capabilities mismatch */
    LK_NAS_CAUSE_UNSPECIFIED = 24,      /* security mode rejected */
    LK_NAS_CAUSE_NON_EPS = 26,          /* non-EPS authentication unacceptable */
};

enum lk_nas_attach { LK_NAS_EPS_ATTACH = 1, LK_NAS_COMBINED_ATTACH = 2 };

/* In a capability: EEA0 and EIA0 are the highest bits of its first and second octet. */
enum { LK_NAS_CAPABLE_0 = 0x80, LK_NAS_CAPABLE_1 = 0x40, LK_NAS_CAPABLE_2 = 0x20 };

struct lk_nas {
    enum lk_nas_type type;
    /* ATTACH_REQUEST, AUTHENTICATION_REQUEST, SECURITY_COMMAND: the key set, or LK_NAS_NO_KSI. Of a
     * native context; a mapped one is refused. */
    uint8_t ksi;
    /* ATTACH_REQUEST */
    uint8_t attach; /* enum lk_nas_attach, or another */
    bool has_imsi;  /* else it is another identity, which is passed over */
    struct lk_imsi imsi;
    /* ATTACH_REQUEST: what the UE can do. SECURITY_COMMAND: that, replayed. */
    struct lk_span capability;
    struct lk_span esm; /* ATTACH_REQUEST: the container, whose content nobody reads here */
    /* AUTHENTICATION_REQUEST */
    const uint8_t *rand, *autn;
    /* AUTHENTICATION_RESPONSE */
    struct lk_span res;
    /* ATTACH_REJECT, AUTHENTICATION_FAILURE, SECURITY_REJECT: enum lk_nas_cause, or another */
    uint8_t cause;
    const uint8_t *auts; /* AUTHENTICATION_FAILURE: NULL when there is none */
    /* SECURITY_COMMAND */
    uint8_t ciphering, integrity;
};

/* A plain message. LK_E_UNSUPPORTED: one that is not above; LK_E_UNKNOWN: an element of which the
 * sender wants that it is understood; LK_E_LENGTH, LK_E_VALUE, LK_E_SHORT. */
LK_MUST_CHECK enum lk_status lk_nas_decode(struct lk_nas *message, struct lk_span octets);
/* LK_E_LENGTH, LK_E_VALUE: a member outside its limits. Without has_imsi there is no ATTACH_REQUEST
 * to write. */
LK_MUST_CHECK enum lk_status lk_nas_encode(struct lk_writer *w, const struct lk_nas *message);

#endif

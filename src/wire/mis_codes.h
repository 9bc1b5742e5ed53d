/* Every number of MIS that is remembered or chosen here, not read in a standard. Encoder and
 * decoder take a set of them, so that configuration can give each another value; two ends must
 * have the same set.
 *
 * Nothing below is in IEEE 802.21-2017 as far as it could be read: the TLVs 200 to 219 lie in the
 * experimental range, the two action ids of preregistration far from assigned ones, the suite
 * codes and the bit that says "protected" are from memory or of our making. What is confirmed
 * (messages, TLVs below 100, ID_TYPE, STATUS) stands in wire/mis.h and is not for choosing. */
#ifndef LK_WIRE_MIS_CODES_H
#define LK_WIRE_MIS_CODES_H

#include "base/mis.h"
#include "base/octets.h"

/* TLVs whose type is a choice. */
enum lk_mis_own_tlv {
    LK_MIS_OWN_SAID,
    LK_MIS_OWN_SECURITY,
    LK_MIS_OWN_NONCE_T,
    LK_MIS_OWN_NONCE_N,
    LK_MIS_OWN_AUTH_INFO,
    LK_MIS_OWN_AUTH_VALUE,
    LK_MIS_OWN_SUITES,
    LK_MIS_OWN_PRFS,
    LK_MIS_OWN_KEY_ENVELOPE,
    LK_MIS_OWN_LIFETIME,
    LK_MIS_OWN_POS,
    LK_MIS_OWN_CHAIN,
    LK_MIS_OWN_LINK_FRAMES,
    LK_MIS_OWN_CAPABILITY,
    LK_MIS_OWN_REASON,
    LK_MIS_OWN_DH,
    LK_MIS_OWN_LINK_TYPES,
    LK_MIS_OWN_START_MARK,
    LK_MIS_OWN_LINK_KEYS,
    LK_MIS_OWN_PLACE,
    LK_MIS_OWN_COUNT,
};

/* Why a PoS refuses (TLV Reason). */
enum lk_mis_reason {
    LK_MIS_REASON_NONE,
    LK_MIS_REASON_CHAIN_LIMIT,
    LK_MIS_REASON_NO_TRUST,          /* between the two PoS */
    LK_MIS_REASON_UNKNOWN_MN,
    LK_MIS_REASON_NO_COMMON_SUITE,
    LK_MIS_REASON_KEY_EXPIRED,
    LK_MIS_REASON_FULL_AUTH_WANTED,  /* policy wants full authentication */
    LK_MIS_REASON_UNREACHABLE,
    LK_MIS_REASON_AUTH_FAILED,
    LK_MIS_REASON_REPLAY,
    LK_MIS_REASON_NO_TARGET,         /* no neighbour fits what the MN told */
    LK_MIS_REASON_COUNT,
};

/* Who made the K of a key envelope. */
enum lk_mis_origin {
    LK_MIS_ORIGIN_SPOS,
    LK_MIS_ORIGIN_HOME, /* home PoS or AAA */
    LK_MIS_ORIGIN_ERP,  /* an rMSK or pMSK */
    LK_MIS_ORIGIN_COUNT,
};

enum { LK_MIS_USAGE_MAX = 63 };

struct lk_mis_codes {
    uint8_t tlv[LK_MIS_OWN_COUNT];
    uint16_t prereg_xfer, n2n_prereg_xfer; /* action ids of the command service */
    uint8_t suite[LK_MIS_SUITE_COUNT];     /* the octet c, which enters the KDF; 0 is none */
    uint8_t prf[LK_MIS_PRF_COUNT];         /* bits of a list of PRFs, and the code in AUTH */
    uint8_t reason[LK_MIS_REASON_COUNT];
    uint8_t origin[LK_MIS_ORIGIN_COUNT];
    uint16_t secured, proactive; /* bits of header octets 4 and 5, beside the TID */
    bool least_bit_first;        /* of bitmaps: bit 0 is 0x01 of its octet, as ODTONE has it */
    /* Usage labels (RFC 5295 8): of the key of an SA by TLS, of what an MN is called, of K. */
    char psk_usage[LK_MIS_USAGE_MAX + 1], mn_usage[LK_MIS_USAGE_MAX + 1];
    char k_usage[LK_MIS_USAGE_MAX + 1];
};

/* The set of this project. */
static const struct lk_mis_codes lk_mis_codes_default = {
    .tlv = {
        [LK_MIS_OWN_SAID] = 200,
        [LK_MIS_OWN_SECURITY] = 201,
        [LK_MIS_OWN_NONCE_T] = 202,
        [LK_MIS_OWN_NONCE_N] = 203,
        [LK_MIS_OWN_AUTH_INFO] = 204,
        [LK_MIS_OWN_AUTH_VALUE] = 205,
        [LK_MIS_OWN_SUITES] = 206,
        [LK_MIS_OWN_PRFS] = 207,
        [LK_MIS_OWN_KEY_ENVELOPE] = 208,
        [LK_MIS_OWN_LIFETIME] = 209,
        [LK_MIS_OWN_POS] = 210,
        [LK_MIS_OWN_CHAIN] = 211,
        [LK_MIS_OWN_LINK_FRAMES] = 212,
        [LK_MIS_OWN_CAPABILITY] = 213,
        [LK_MIS_OWN_REASON] = 214,
        [LK_MIS_OWN_DH] = 215,
        [LK_MIS_OWN_LINK_TYPES] = 216,
        [LK_MIS_OWN_START_MARK] = 217,
        [LK_MIS_OWN_LINK_KEYS] = 218,
        [LK_MIS_OWN_PLACE] = 219,
    },
    .prereg_xfer = 0x201,
    .n2n_prereg_xfer = 0x202,
    .suite = {
        [LK_MIS_SUITE_CCM] = 1,
        [LK_MIS_SUITE_CBC_SHA1] = 2,
        [LK_MIS_SUITE_NULL_SHA1] = 3,
        [LK_MIS_SUITE_NULL_CMAC] = 4,
    },
    .prf = {
        [LK_MIS_PRF_CMAC_AES] = 0,
        [LK_MIS_PRF_HMAC_SHA1] = 1,
        [LK_MIS_PRF_HMAC_SHA256] = 2,
    },
    .reason = {
        [LK_MIS_REASON_NONE] = 0,
        [LK_MIS_REASON_CHAIN_LIMIT] = 1,
        [LK_MIS_REASON_NO_TRUST] = 2,
        [LK_MIS_REASON_UNKNOWN_MN] = 3,
        [LK_MIS_REASON_NO_COMMON_SUITE] = 4,
        [LK_MIS_REASON_KEY_EXPIRED] = 5,
        [LK_MIS_REASON_FULL_AUTH_WANTED] = 6,
        [LK_MIS_REASON_UNREACHABLE] = 7,
        [LK_MIS_REASON_AUTH_FAILED] = 8,
        [LK_MIS_REASON_REPLAY] = 9,
        [LK_MIS_REASON_NO_TARGET] = 10,
    },
    .origin = {
        [LK_MIS_ORIGIN_SPOS] = 0,
        [LK_MIS_ORIGIN_HOME] = 1,
        [LK_MIS_ORIGIN_ERP] = 2,
    },
    .secured = 0x4000,
    .proactive = 0x8000,
    .least_bit_first = false,
    .psk_usage = "mis-dtls-psk@latchkey.example",
    .mn_usage = "mis-mn@latchkey.example",
    .k_usage = "mis-k@latchkey.example",
};

/* Whether a set can be used: LK_E_CONFIG when two of a kind are the same, a TLV type is neither of
 * 64 to 75 nor above 100, an action id is taken or longer than 10 bits, a suite is 0, a PRF's bit
 * is beyond 7, a header bit is one of the TID, or a label is missing. */
LK_MUST_CHECK enum lk_status lk_mis_codes_check(const struct lk_mis_codes *codes);
/* A TLV of security (64 to 75) or of a vendor (above 100). */
bool lk_mis_tlv_is_free(uint8_t type);
/* The suite that c stands for, the reason, the origin; _COUNT: none. */
enum lk_mis_suite lk_mis_suite_of(const struct lk_mis_codes *codes, uint8_t c);
enum lk_mis_reason lk_mis_reason_of(const struct lk_mis_codes *codes, uint8_t code);
enum lk_mis_origin lk_mis_origin_of(const struct lk_mis_codes *codes, uint8_t code);

/* In words; never NULL. */
const char *lk_mis_status_text(uint8_t status);
const char *lk_mis_reason_text(enum lk_mis_reason reason);

#endif

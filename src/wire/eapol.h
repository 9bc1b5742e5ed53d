/* EAPOL (IEEE 802.1X 11.3) and the EAPOL-Key frames of the RSN handshakes (IEEE 802.11 12.7).
 *
 * A frame is decoded in two steps: the 802.1X header, which says how far the PDU goes, then the key
 * frame in it. Neither sees a key: `whole` is what a MIC is computed over (keys/rsn), and key data
 * that is encrypted stays as it is until the KEK has opened it. Which message of which handshake a
 * frame is follows from its key information, nonce and key data; one table says how. */
#ifndef LK_WIRE_EAPOL_H
#define LK_WIRE_EAPOL_H

#include "wire/rsne.h"

enum {
    LK_EAPOL_ETHERTYPE = 0x888e,
    LK_EAPOL_VERSION = 2, /* what we send; any is taken */
    LK_EAPOL_HEADER_LEN = 4,
    LK_EAPOL_KEY_FIXED_LEN = 95, /* of the body, before the key data */
    LK_EAPOL_KEY_DATA_MAX = 1024,
    LK_EAPOL_KEY_MAX = LK_EAPOL_HEADER_LEN + LK_EAPOL_KEY_FIXED_LEN + LK_EAPOL_KEY_DATA_MAX,
    LK_EAPOL_NONCE_LEN = 32,
    LK_EAPOL_RSC_LEN = 8,
    LK_EAPOL_KEY_MIC_LEN = 16,
};

enum lk_eapol_type {
    LK_EAPOL_EAP = 0,
    LK_EAPOL_START = 1,
    LK_EAPOL_LOGOFF = 2,
    LK_EAPOL_KEY = 3,
};

struct lk_eapol {
    uint8_t version;
    uint8_t type;         /* enum lk_eapol_type, or another */
    struct lk_span body;
    struct lk_span whole; /* the PDU; what a link padded it with is cut off */
};

LK_MUST_CHECK enum lk_status lk_eapol_decode(struct lk_eapol *eapol, struct lk_span octets);
/* Writes version, type and body. */
LK_MUST_CHECK enum lk_status lk_eapol_encode(struct lk_writer *w, const struct lk_eapol *eapol);

/* ---- EAPOL-Key ---- */

/* Key information. */
enum {
    LK_KEY_INFO_VERSION = 7, /* mask: 2 HMAC-SHA1 and AES wrap, 3 AES-CMAC and AES wrap */
    LK_KEY_INFO_PAIRWISE = 1 << 3,
    LK_KEY_INFO_INSTALL = 1 << 6,
    LK_KEY_INFO_ACK = 1 << 7,
    LK_KEY_INFO_MIC = 1 << 8,
    LK_KEY_INFO_SECURE = 1 << 9,
    LK_KEY_INFO_ERROR = 1 << 10,
    LK_KEY_INFO_REQUEST = 1 << 11,
    LK_KEY_INFO_ENCRYPTED = 1 << 12,
};

struct lk_eapol_key {
    uint8_t version; /* of 802.1X */
    uint16_t info;
    uint16_t key_len;
    uint64_t replay;
    uint8_t nonce[LK_EAPOL_NONCE_LEN];
    uint8_t rsc[LK_EAPOL_RSC_LEN]; /* receive counter of the group key, least octet first */
    uint8_t mic[LK_EAPOL_KEY_MIC_LEN];
    struct lk_span data;  /* key data, encrypted where the information says so */
    struct lk_span whole; /* decoded frames: the PDU, for the MIC; encoding does not look */
};

/* LK_E_UNKNOWN: no key frame, another descriptor type than RSN, or a version that is neither 2 nor
 * 3; LK_E_LENGTH: key data longer than LK_EAPOL_KEY_DATA_MAX. */
LK_MUST_CHECK enum lk_status lk_eapol_key_decode(struct lk_eapol_key *key,
                                                 const struct lk_eapol *eapol);
/* Writes the whole PDU with the MIC as it is; zeroes when it is to be computed. */
LK_MUST_CHECK enum lk_status lk_eapol_key_encode(struct lk_writer *w,
                                                 const struct lk_eapol_key *key);

enum lk_eapol_message {
    LK_EAPOL_NO_MESSAGE, /* of no handshake of ours: an error or a request, or bits at odds */
    LK_EAPOL_M1,
    LK_EAPOL_M2,
    LK_EAPOL_M3,
    LK_EAPOL_M4,
    LK_EAPOL_G1,
    LK_EAPOL_G2,
    LK_EAPOL_MESSAGE_COUNT
};

enum lk_eapol_message lk_eapol_key_message(const struct lk_eapol_key *key);
/* A frame of that message to fill in: versions, key information, key length. descriptor is 2 or 3;
 * rekey: a PTK is there already, so that messages 1 and 2 are secure too. */
struct lk_eapol_key lk_eapol_key_of(enum lk_eapol_message message, uint8_t descriptor, bool rekey);

/* ---- key data ---- */

struct lk_eapol_gtk {
    uint8_t key_id; /* 0 to 3 */
    bool transmit;
    struct lk_span key; /* empty: none */
};

/* What is not there is empty. */
struct lk_eapol_key_data {
    struct lk_span rsne;  /* the whole element */
    struct lk_span pmkid; /* sixteen octets */
    struct lk_eapol_gtk gtk;
};

/* Reads key data in clear; padding may follow. Elements and KDEs of other kinds are passed over.
 * LK_E_TWICE: one of ours came again; LK_E_LENGTH: it is not as long as it must be. */
LK_MUST_CHECK enum lk_status lk_eapol_key_data_decode(struct lk_eapol_key_data *data,
                                                      struct lk_span octets);
/* Writes what is there, without padding. */
LK_MUST_CHECK enum lk_status lk_eapol_key_data_encode(struct lk_writer *w,
                                                      const struct lk_eapol_key_data *data);

#endif

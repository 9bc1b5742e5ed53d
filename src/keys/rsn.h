/* The key hierarchy of IEEE 802.11 RSN below a PMK, and what EAPOL-Key frames are protected with.
 *
 *   S-KWT = PMK ─┬─> PMKID                       names the PMK, in clear
 *                └─> PTK = KCK || KEK || TK      KCK: MIC of a frame, KEK: its key data, TK: CCMP
 *
 * For the AKM suites 00-0F-AC:1 and 2 (SHA-1) and 5 and 6 (SHA-256). A PMK is never made of a
 * passphrase here. Callers wipe what they are given, and a PMK whose successor is in use. */
#ifndef LK_KEYS_RSN_H
#define LK_KEYS_RSN_H

#include "base/station.h"
#include "keys/types.h"

/* Last octet of the AKM suite 00-0F-AC. */
enum lk_akm {
    LK_AKM_8021X = 1,
    LK_AKM_PSK = 2,
    LK_AKM_8021X_SHA256 = 5,
    LK_AKM_PSK_SHA256 = 6,
};

/* Key descriptor version, bits 0 to 2 of a frame's key information. Which one a frame must have
 * follows from the AKM: the frame does not choose. */
enum lk_key_version {
    LK_KEY_VERSION_SHA1 = 2, /* HMAC-SHA-1-128 and AES key wrap */
    LK_KEY_VERSION_CMAC = 3, /* AES-128-CMAC and AES key wrap */
};
enum lk_key_version lk_akm_key_version(enum lk_akm akm);

enum {
    LK_RSN_NONCE_LEN = 32,
    LK_PMKID_LEN = 16,
    LK_EAPOL_MIC_LEN = 16,
    LK_EAPOL_MIC_AT = 4 + 77,    /* of the 802.1X PDU: header, and the fields before the MIC */
    LK_EAPOL_KEY_LEAST = 4 + 95, /* of the PDU: without key data */
    LK_KEY_DATA_MAX = 512,       /* octets in clear, with padding */
    LK_KEY_DATA_WRAPPED_MAX = LK_KEY_DATA_MAX + 8,
};

void lk_pmk_of_s_kwt(struct lk_pmk *pmk, const struct lk_s_kwt *s_kwt);

/* aa: the access point's address, spa: the station's. */
void lk_pmkid_derive(uint8_t pmkid[LK_PMKID_LEN], enum lk_akm akm, const struct lk_pmk *pmk,
                     const uint8_t aa[LK_STATION_LEN], const uint8_t spa[LK_STATION_LEN]);

/* What both ends of a 4-way handshake know in clear. */
struct lk_ptk_input {
    uint8_t aa[LK_STATION_LEN], spa[LK_STATION_LEN];
    uint8_t anonce[LK_RSN_NONCE_LEN], snonce[LK_RSN_NONCE_LEN];
};
void lk_ptk_derive(struct lk_ptk *ptk, enum lk_akm akm, const struct lk_pmk *pmk,
                   const struct lk_ptk_input *input);

/* MIC of an EAPOL-Key frame. pdu is the whole 802.1X PDU, from its protocol version to its last
 * octet; what stands in the place of the MIC does not matter. LK_E_SHORT when there is no such
 * place; check: LK_E_MAC when another MIC stands there. */
LK_MUST_CHECK enum lk_status lk_eapol_mic(uint8_t mic[LK_EAPOL_MIC_LEN], const struct lk_kck *kck,
                                          enum lk_key_version version, struct lk_span pdu);
LK_MUST_CHECK enum lk_status lk_eapol_mic_check(const struct lk_kck *kck,
                                                enum lk_key_version version, struct lk_span pdu);

/* Key data: elements (RSNE, KDEs), in clear. Holds the GTK: a secret. */
struct lk_key_data {
    uint8_t octets[LK_KEY_DATA_MAX];
    size_t len;
};
/* Pads the elements and wraps them; *len octets. LK_E_LENGTH when they are too long. */
LK_MUST_CHECK enum lk_status lk_key_data_wrap(uint8_t wrapped[LK_KEY_DATA_WRAPPED_MAX], size_t *len,
                                              const struct lk_kek *kek, struct lk_span elements);
/* The elements, without their padding. LK_E_LENGTH for what cannot have been wrapped, LK_E_MAC for
 * what was wrapped under another key or altered; then data is empty. */
LK_MUST_CHECK enum lk_status lk_key_data_unwrap(struct lk_key_data *data, const struct lk_kek *kek,
                                                struct lk_span wrapped);

#endif

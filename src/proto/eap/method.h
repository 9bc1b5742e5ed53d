/* What the server and the peer of EAP-AKA and EAP-AKA' do alike: AT_MAC, AT_ENCR_DATA,
 * AT_CHECKCODE, the key block, the network name. */
#ifndef LK_PROTO_EAP_METHOD_H
#define LK_PROTO_EAP_METHOD_H

#include "crypto/crypto.h"
#include "keys/eap.h"
#include "wire/eap.h"
#include "wire/eap_mode.h"

/* Where in an event's entropy a machine takes what from. */
enum {
    LK_ENTROPY_IV = 0,
    LK_ENTROPY_NONCE_S = 16,
    LK_ENTROPY_SALT = 32,
};

/* The room that a decrypted AT_ENCR_DATA takes. */
enum { LK_AKA_INNER_MAX = 1008 };

/* The 16 octets of AT_MAC: over the packet with that value zeroed, then extra. */
void lk_aka_mac(uint8_t mac[LK_AKA_MAC_LEN], uint8_t eap_type, const struct lk_k_aut *k_aut,
                struct lk_span packet, size_t mac_offset, struct lk_span extra);
bool lk_aka_mac_is_right(const struct lk_eap_packet *packet, const struct lk_k_aut *k_aut,
                         struct lk_span extra);
/* Puts AT_MAC last, finishes the packet and fills the MAC in; mac may be NULL. */
void lk_aka_finish_signed(struct lk_writer *w, uint8_t eap_type, const struct lk_k_aut *k_aut,
                          struct lk_span extra, uint8_t mac[LK_AKA_MAC_LEN]);

/* AT_IV and AT_ENCR_DATA of plain, a multiple of 16 octets. */
void lk_aka_put_encrypted(struct lk_writer *w, const struct lk_k_encr *k_encr,
                          const uint8_t iv[LK_AKA_IV_LEN], struct lk_span plain);
/* Decrypts into room, and decodes; views in inner point into room. LK_E_MISSING when there is
 * nothing encrypted. */
LK_MUST_CHECK enum lk_status lk_aka_open_encrypted(struct lk_aka_attributes *inner,
                                                   uint8_t room[LK_AKA_INNER_MAX],
                                                   const struct lk_eap_packet *packet,
                                                   const struct lk_k_encr *k_encr);

/* The hash that AT_CHECKCODE of the method uses. */
enum lk_hash_kind lk_aka_checkcode_hash(uint8_t eap_type);
/* True when the packet's AT_CHECKCODE is not there, or is what it should be (len 0: empty). */
bool lk_aka_checkcode_is_right(const struct lk_aka_attributes *at, const uint8_t *checkcode,
                               size_t len);

/* What AT_TWAN_CONN_MODE of the packet says: false, and value all zeroes, when it is not there,
 * does not have the form of the layout, or is another message. The caller has verified AT_MAC. */
bool lk_aka_open_mode(struct lk_mode_value *value, const struct lk_eap_packet *packet,
                      const struct lk_mode_layout *layout, enum lk_mode_message message);
void lk_aka_put_mode(struct lk_writer *w, const struct lk_mode_layout *layout,
                     const struct lk_mode_value *value);

/* RFC 9048 3.1: colon by colon, and the shorter one is a prefix. */
bool lk_network_name_matches(struct lk_span mine, struct lk_span theirs);

#endif

/* The peer of the load generator: EAP-AKA and EAP-AKA' full authentication, keys only as far as
 * they are needed. Pure, and lean on purpose; the peer that does everything is proto/eap/peer. */
#ifndef LK_ROLE_LOAD_PEER_H
#define LK_ROLE_LOAD_PEER_H

#include "crypto/crypto.h"
#include "keys/eap.h"
#include "role/load.h"

enum { LK_LOAD_IDENTITY_MAX = 160 };

struct lk_load_peer {
    uint8_t type; /* 23 or 50 */
    bool want_msk;
    bool hashing; /* an AKA-Identity round has been */
    bool challenged;
    size_t identity_len;
    uint8_t identity[LK_LOAD_IDENTITY_MAX];
    struct lk_running_hash rounds;
    struct lk_msk msk; /* want_msk only */
};

void lk_load_peer_start(struct lk_load_peer *peer, const struct lk_load_options *options,
                        const struct lk_imsi *imsi);
/* EAP-Response/Identity with identifier 0, as an access point sends it on. */
void lk_load_peer_identity(const struct lk_load_peer *peer, struct lk_writer *w);
/* The answer to one EAP request. */
enum lk_load_error lk_load_peer_answer(struct lk_load_peer *peer, struct lk_writer *w,
                                       const struct lk_aka_card *card, struct lk_span request);
/* The first len octets of the key block behind the master key: K_encr, K_aut and so on. */
void lk_load_key_block(uint8_t *block, size_t len, uint8_t type, struct lk_span identity,
                       const struct lk_aka_output *keys, struct lk_span network_name,
                       const uint8_t autn[LK_AUTN_LEN]);
/* AT_MAC of a packet whose MAC lies at mac_offset; k_aut is 16 (EAP-AKA) or 32 octets. */
void lk_load_packet_mac(uint8_t mac[16], uint8_t type, const uint8_t *k_aut,
                        struct lk_span packet, size_t mac_offset);

#endif

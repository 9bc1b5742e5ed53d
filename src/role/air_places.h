/* Where stations are, behind an air that is UDP: the address and port that the association of each
 * was accepted from. What goes to an association goes there, and its frames come from there; one
 * of another place that has its MAC address is somebody else's, or the station's that has moved
 * (T13's thinking: who names another's address does not get what is for him). The node knows what
 * to do with those (LK_WT_EV_ELSEWHERE), and says when the association has come to be there. */
#ifndef LK_ROLE_AIR_PLACES_H
#define LK_ROLE_AIR_PLACES_H

#include "io/datagrams.h"
#include "wire/ieee80211.h"

struct lk_air_place {
    bool used;
    uint8_t mac[LK_80211_ADDRESS_LEN];
    struct lk_datagram_peer at;
};

struct lk_air_places {
    struct lk_air_place *slot;
    uint32_t mask, count, most;
    uint64_t seed;
};

/* The octets that so many stations need, zeroed. */
size_t lk_air_places_size(uint32_t stations);
void lk_air_places_in(struct lk_air_places *places, void *memory, uint32_t stations, uint64_t seed);

/* NULL: it has no association. Good until another one is bound or forgotten. */
struct lk_air_place *lk_air_place_of(const struct lk_air_places *places,
                                     const uint8_t mac[LK_80211_ADDRESS_LEN]);
/* An association was accepted from there. NULL: there is no room. */
struct lk_air_place *lk_air_bind(struct lk_air_places *places,
                                 const uint8_t mac[LK_80211_ADDRESS_LEN],
                                 const struct lk_datagram_peer *at);
/* The association is over. */
void lk_air_forget(struct lk_air_places *places, const uint8_t mac[LK_80211_ADDRESS_LEN]);

bool lk_air_is_at(const struct lk_datagram_peer *a, const struct lk_datagram_peer *b);

#endif

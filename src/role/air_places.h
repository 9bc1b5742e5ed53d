/* Where stations are, behind an air that is UDP: the address and port that the association of each
 * was accepted from. What goes to an association goes there, and its frames come from there; one
 * of another place that has its MAC address is somebody else's, or the station's that has moved
 * (T13's thinking: who names another's address does not get what is for him).
 *
 * A station that has moved associates anew, and may once nothing has been heard of the old place
 * for LK_AIR_QUIET_MS; it is told then, should it send data. Until that association has keys its
 * place is nobody else's, as anybody could stop the handshake by coming into it, and the place
 * before is kept: should it come to nothing, its end is told at both, and the station that was
 * there all the time comes again. */
#ifndef LK_ROLE_AIR_PLACES_H
#define LK_ROLE_AIR_PLACES_H

#include "io/datagrams.h"
#include "wire/ieee80211.h"

enum { LK_AIR_QUIET_MS = 3000 };

struct lk_air_place {
    bool used, has_before;
    uint8_t mac[LK_80211_ADDRESS_LEN];
    uint64_t heard_ms;
    struct lk_datagram_peer at, before;
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
                                 const struct lk_datagram_peer *at, uint64_t now_ms);
/* The association is over. */
void lk_air_forget(struct lk_air_places *places, const uint8_t mac[LK_80211_ADDRESS_LEN]);

bool lk_air_is_at(const struct lk_datagram_peer *a, const struct lk_datagram_peer *b);
enum lk_air_verdict {
    LK_AIR_COUNTS,
    LK_AIR_TOLD,    /* it does not, and who sent it is told that nobody is associated there */
    LK_AIR_DROPPED,
};
/* Of a frame of that kind, which has the MAC address of a station that is bound. */
enum lk_air_verdict lk_air_judge(const struct lk_air_place *place,
                                 const struct lk_datagram_peer *from, uint8_t kind, bool has_keys,
                                 uint64_t now_ms);

#endif

#include "role/air_places.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"

/* A full table has as many free slots as taken ones. */
static uint32_t slots_of(uint32_t stations)
{
    uint32_t slots = 2;

    while (slots < 2 * stations)
        slots *= 2;
    return slots;
}

size_t lk_air_places_size(uint32_t stations)
{
    return slots_of(stations) * sizeof(struct lk_air_place);
}

void lk_air_places_in(struct lk_air_places *places, void *memory, uint32_t stations, uint64_t seed)
{
    *places = (struct lk_air_places){ .slot = memory, .mask = slots_of(stations) - 1,
                                      .most = stations, .seed = seed };
}

/* Whoever is here was announced by an eNB, so that this need not withstand strangers. */
static uint32_t first_slot(const struct lk_air_places *places,
                           const uint8_t mac[LK_80211_ADDRESS_LEN])
{
    struct lk_span octets = lk_span_of(mac, LK_80211_ADDRESS_LEN);

    return (uint32_t)lk_hash(places->seed, LK_HASH_FACTOR, octets) & places->mask;
}

/* Where it is, or the free slot where it would be. */
static struct lk_air_place *slot_of(const struct lk_air_places *places,
                                    const uint8_t mac[LK_80211_ADDRESS_LEN])
{
    struct lk_span sought = lk_span_of(mac, LK_80211_ADDRESS_LEN);
    uint32_t i = first_slot(places, mac);

    while (places->slot[i].used && !lk_span_equal(LK_SPAN(places->slot[i].mac), sought))
        i = (i + 1) & places->mask;
    return &places->slot[i];
}

struct lk_air_place *lk_air_place_of(const struct lk_air_places *places,
                                     const uint8_t mac[LK_80211_ADDRESS_LEN])
{
    struct lk_air_place *place = slot_of(places, mac);

    return place->used ? place : NULL;
}

struct lk_air_place *lk_air_bind(struct lk_air_places *places,
                                 const uint8_t mac[LK_80211_ADDRESS_LEN],
                                 const struct lk_datagram_peer *at)
{
    struct lk_air_place *place = slot_of(places, mac);

    if (!place->used) {
        if (places->count == places->most)
            return NULL;
        places->count++;
        *place = (struct lk_air_place){ .used = true };
        memcpy(place->mac, mac, sizeof place->mac);
    }
    place->at = *at;
    return place;
}

/* Those behind it that would not be found any more move up. */
void lk_air_forget(struct lk_air_places *places, const uint8_t mac[LK_80211_ADDRESS_LEN])
{
    struct lk_air_place *place = slot_of(places, mac);
    uint32_t hole = (uint32_t)(place - places->slot);

    if (!place->used)
        return;
    places->count--;
    for (uint32_t i = (hole + 1) & places->mask; places->slot[i].used;
         i = (i + 1) & places->mask) {
        uint32_t wanted = first_slot(places, places->slot[i].mac);

        if (((i - wanted) & places->mask) < ((i - hole) & places->mask))
            continue;
        places->slot[hole] = places->slot[i];
        hole = i;
    }
    places->slot[hole].used = false;
}

bool lk_air_is_at(const struct lk_datagram_peer *a, const struct lk_datagram_peer *b)
{
    struct lk_address one = lk_datagram_address(a), other = lk_datagram_address(b);

    return lk_datagram_port(a) == lk_datagram_port(b) && lk_address_equal(&one, &other);
}

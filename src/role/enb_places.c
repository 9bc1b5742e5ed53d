#include "role/enb_places.h"

#include <string.h>

#include "base/hash.h"
#include "base/secret.h"

enum {
    STRANGERS = 4, /* a part of all, */
    STRANGERS_LEAST = 8,
    OF_AN_ADDRESS = 8, /* and of that */
    OF_AN_ADDRESS_LEAST = 4,
    NOWHERE_MS = 1000, /* an attach that is under way for so long may give way */
};

size_t lk_enb_places_size(uint32_t count)
{
    return count * sizeof(struct lk_enb_place) + LK_ENB_KEYS * lk_index_size(count);
}

void lk_enb_places_in(struct lk_enb_places *places, void *memory, uint32_t count, uint64_t seed)
{
    uint8_t *indexes;

    *places = (struct lk_enb_places){ .place = memory, .count = count,
                                      .free_first = LK_ENB_NO_PLACE, .seed = seed };
    indexes = (uint8_t *)(places->place + count);
    for (unsigned key = 0; key < LK_ENB_KEYS; key++)
        lk_index_in(&places->by[key], indexes + key * lk_index_size(count), count);
    for (unsigned line = 0; line < LK_ENB_LINES; line++)
        places->oldest[line] = places->youngest[line] = LK_ENB_NO_PLACE;
}

/* ---- found by source, IMSI and MAC address ---- */

static uint64_t hash_of_source(const struct lk_enb_places *places,
                               const struct lk_address *address, uint16_t port)
{
    uint64_t hash = lk_hash(places->seed, LK_HASH_FACTOR, LK_SPAN(address->octets));
    const uint8_t behind[] = { (uint8_t)(port >> 8), (uint8_t)port };

    return lk_hash(hash, LK_HASH_FACTOR, LK_SPAN(behind));
}

static uint64_t hash_of(const struct lk_enb_places *places, const void *octets, size_t len)
{
    return lk_hash(places->seed, LK_HASH_FACTOR, lk_span_of(octets, len));
}

static uint64_t hash_of_imsi(const struct lk_enb_places *places, const struct lk_imsi *imsi)
{
    return hash_of(places, imsi->digits, strnlen(imsi->digits, sizeof imsi->digits));
}

struct lk_enb_place *lk_enb_place_at(const struct lk_enb_places *places, uint32_t number)
{
    return number < places->touched && places->place[number].used ? &places->place[number] : NULL;
}

uint32_t lk_enb_place_number(const struct lk_enb_places *places, const struct lk_enb_place *place)
{
    return (uint32_t)(place - places->place);
}

static struct lk_enb_place *follow(const struct lk_enb_places *places, uint32_t number)
{
    return number == LK_ENB_NO_PLACE ? NULL : &places->place[number];
}

static struct lk_enb_place *first_of(const struct lk_enb_places *places, enum lk_enb_key key,
                                     uint64_t hash)
{
    return follow(places, lk_index_first(&places->by[key], hash));
}

static struct lk_enb_place *next_of(const struct lk_enb_places *places, enum lk_enb_key key,
                                    const struct lk_enb_place *place)
{
    return follow(places, lk_index_next(&places->by[key], lk_enb_place_number(places, place)));
}

struct lk_enb_place *lk_enb_place_from(const struct lk_enb_places *places,
                                       const struct lk_address *address, uint16_t port)
{
    uint64_t hash = hash_of_source(places, address, port);
    struct lk_enb_place *place = first_of(places, LK_ENB_BY_SOURCE, hash);

    while (place != NULL && (place->port != port || !lk_address_equal(&place->address, address)))
        place = next_of(places, LK_ENB_BY_SOURCE, place);
    return place;
}

struct lk_enb_place *lk_enb_place_of_imsi(const struct lk_enb_places *places,
                                          const struct lk_imsi *imsi)
{
    struct lk_enb_place *place = first_of(places, LK_ENB_BY_IMSI, hash_of_imsi(places, imsi));

    while (place != NULL && !lk_imsi_equal(&place->imsi, imsi))
        place = next_of(places, LK_ENB_BY_IMSI, place);
    return place;
}

/* The last of them: the one that came first. */
static struct lk_enb_place *with_mac(const struct lk_enb_places *places,
                                     const uint8_t mac[LK_WLAN_ADDRESS_LEN], enum lk_enb_mac how)
{
    struct lk_span sought = lk_span_of(mac, LK_WLAN_ADDRESS_LEN);
    uint64_t hash = hash_of(places, mac, LK_WLAN_ADDRESS_LEN);
    struct lk_enb_place *place = first_of(places, LK_ENB_BY_MAC, hash), *found = NULL;

    for (; place != NULL; place = next_of(places, LK_ENB_BY_MAC, place))
        if (place->mac_is == how && lk_span_equal(LK_SPAN(place->mac), sought))
            found = place;
    return found;
}

struct lk_enb_place *lk_enb_place_of_mac(const struct lk_enb_places *places,
                                         const uint8_t mac[LK_WLAN_ADDRESS_LEN])
{
    return with_mac(places, mac, LK_ENB_MAC_HAS);
}

static void put_in(struct lk_enb_places *places, const struct lk_enb_place *place,
                   enum lk_enb_key key, uint64_t hash)
{
    lk_index_put(&places->by[key], lk_enb_place_number(places, place), hash);
}

static void take_out(struct lk_enb_places *places, const struct lk_enb_place *place,
                     enum lk_enb_key key)
{
    lk_index_take(&places->by[key], lk_enb_place_number(places, place));
}

/* ---- strangers ---- */

static uint64_t hash_of_address(const struct lk_enb_places *places,
                                const struct lk_address *address)
{
    return hash_of(places, address->octets, sizeof address->octets);
}

static void leave_line(struct lk_enb_places *places, struct lk_enb_place *place)
{
    struct lk_enb_place *older = follow(places, place->older);
    struct lk_enb_place *younger = follow(places, place->younger);

    if (place->line == LK_ENB_LINES)
        return;
    *(older != NULL ? &older->younger : &places->oldest[place->line]) = place->younger;
    *(younger != NULL ? &younger->older : &places->youngest[place->line]) = place->older;
    place->line = LK_ENB_LINES;
}

static void enter_line(struct lk_enb_places *places, struct lk_enb_place *place,
                       enum lk_enb_line line, uint64_t now_ms)
{
    uint32_t number = lk_enb_place_number(places, place), last = places->youngest[line];

    place->line = line;
    place->since_ms = now_ms;
    place->older = last;
    place->younger = LK_ENB_NO_PLACE;
    *(last != LK_ENB_NO_PLACE ? &places->place[last].younger : &places->oldest[line]) = number;
    places->youngest[line] = number;
}

void lk_enb_place_line(struct lk_enb_places *places, struct lk_enb_place *place,
                       enum lk_enb_line line, uint64_t now_ms)
{
    if (place->line == LK_ENB_LINES || place->line == line)
        return;
    leave_line(places, place);
    enter_line(places, place, line, now_ms);
}

static void be_a_stranger(struct lk_enb_places *places, struct lk_enb_place *place, uint64_t now_ms)
{
    place->began_ms = now_ms;
    enter_line(places, place, LK_ENB_WAITING, now_ms);
    put_in(places, place, LK_ENB_BY_ADDRESS, hash_of_address(places, &place->address));
}

static void be_no_stranger(struct lk_enb_places *places, struct lk_enb_place *place)
{
    if (place->line == LK_ENB_LINES)
        return;
    leave_line(places, place);
    take_out(places, place, LK_ENB_BY_ADDRESS);
}

static uint32_t strangers_most(const struct lk_enb_places *places)
{
    return places->count / STRANGERS + STRANGERS_LEAST;
}

static uint32_t of_an_address_most(const struct lk_enb_places *places)
{
    uint32_t most = strangers_most(places) / OF_AN_ADDRESS;

    return most > OF_AN_ADDRESS_LEAST ? most : OF_AN_ADDRESS_LEAST;
}

static bool may_give_way(const struct lk_enb_place *place, uint64_t now_ms)
{
    return place->line == LK_ENB_WAITING || now_ms - place->since_ms >= NOWHERE_MS;
}

/* Who goes before whom. */
static bool goes_before(const struct lk_enb_place *place, const struct lk_enb_place *other)
{
    return place->line != other->line ? place->line == LK_ENB_WAITING
                                      : place->since_ms < other->since_ms;
}

/* How many strangers an address has, and which of them goes first; NULL: none may. */
static uint32_t count_of(struct lk_enb_place **first, const struct lk_enb_places *places,
                         const struct lk_address *address, uint64_t now_ms)
{
    struct lk_enb_place *place =
        first_of(places, LK_ENB_BY_ADDRESS, hash_of_address(places, address));
    uint32_t count = 0;

    *first = NULL;
    for (; place != NULL; place = next_of(places, LK_ENB_BY_ADDRESS, place)) {
        if (!lk_address_equal(&place->address, address))
            continue;
        count++;
        if (may_give_way(place, now_ms) && (*first == NULL || goes_before(place, *first)))
            *first = place;
    }
    return count;
}

static struct lk_enb_place *oldest_of_all(const struct lk_enb_places *places, uint64_t now_ms)
{
    for (unsigned line = 0; line < LK_ENB_LINES; line++) {
        struct lk_enb_place *place = follow(places, places->oldest[line]);

        if (place != NULL && may_give_way(place, now_ms))
            return place;
    }
    return NULL;
}

bool lk_enb_place_room(struct lk_enb_place **goes, const struct lk_enb_places *places,
                       const struct lk_address *address, uint64_t now_ms)
{
    bool full = places->used == places->count ||
                places->used - places->attached >= strangers_most(places);

    if (count_of(goes, places, address, now_ms) >= of_an_address_most(places))
        return *goes != NULL;
    *goes = full ? oldest_of_all(places, now_ms) : NULL;
    return !full || *goes != NULL;
}

/* ---- a place's life ---- */

struct lk_enb_place *lk_enb_place_take(struct lk_enb_places *places,
                                       const struct lk_address *address, uint16_t port,
                                       uint64_t now_ms)
{
    uint32_t strangers = places->used - places->attached, generation;
    struct lk_enb_place *place;

    if (strangers >= strangers_most(places))
        return NULL;
    if (places->free_first != LK_ENB_NO_PLACE) {
        place = &places->place[places->free_first];
        places->free_first = place->next_free;
    } else if (places->touched < places->count) {
        place = &places->place[places->touched++];
    } else {
        return NULL;
    }
    generation = place->generation;
    memset(place, 0, sizeof *place);
    place->used = true;
    place->generation = generation;
    place->address = *address;
    place->port = port;
    place->c_rnti = (uint16_t)(lk_enb_place_number(places, place) + 1);
    lk_eps_network_init(&place->network);
    places->used++;
    put_in(places, place, LK_ENB_BY_SOURCE, hash_of_source(places, address, port));
    be_a_stranger(places, place, now_ms);
    return place;
}

static void set_mac(struct lk_enb_places *places, struct lk_enb_place *place, enum lk_enb_mac how)
{
    places->mac_waiting -= place->mac_is == LK_ENB_MAC_WAITS;
    places->mac_waiting += how == LK_ENB_MAC_WAITS;
    place->mac_is = how;
}

static void detach(struct lk_enb_places *places, struct lk_enb_place *place)
{
    if (!place->attached)
        return;
    take_out(places, place, LK_ENB_BY_IMSI);
    take_out(places, place, LK_ENB_BY_MAC);
    set_mac(places, place, LK_ENB_MAC_IDLE);
    place->attached = false;
    places->attached--;
}

void lk_enb_place_attach(struct lk_enb_places *places, struct lk_enb_place *place,
                         const struct lk_imsi *imsi, const uint8_t mac[LK_WLAN_ADDRESS_LEN],
                         bool keeps)
{
    bool waits;

    detach(places, place);
    be_no_stranger(places, place);
    waits = lk_enb_place_of_mac(places, mac) != NULL ||
            (!keeps && with_mac(places, mac, LK_ENB_MAC_WAITS) != NULL);
    place->imsi = *imsi;
    memcpy(place->mac, mac, sizeof place->mac);
    place->mac_used = keeps;
    place->add_due = false;
    place->offers = 0;
    place->offer_at_ms = 0;
    place->attached = true;
    places->attached++;
    put_in(places, place, LK_ENB_BY_IMSI, hash_of_imsi(places, imsi));
    put_in(places, place, LK_ENB_BY_MAC, hash_of(places, mac, LK_WLAN_ADDRESS_LEN));
    set_mac(places, place, waits ? LK_ENB_MAC_WAITS : LK_ENB_MAC_HAS);
}

bool lk_enb_place_claim(struct lk_enb_places *places, struct lk_enb_place *place)
{
    const struct lk_enb_place *has = lk_enb_place_of_mac(places, place->mac);

    if (has != NULL)
        return has == place;
    set_mac(places, place, LK_ENB_MAC_HAS);
    return true;
}

void lk_enb_place_wait(struct lk_enb_places *places, struct lk_enb_place *place)
{
    take_out(places, place, LK_ENB_BY_MAC);
    put_in(places, place, LK_ENB_BY_MAC, hash_of(places, place->mac, sizeof place->mac));
    set_mac(places, place, LK_ENB_MAC_WAITS);
}

void lk_enb_place_let_go(struct lk_enb_places *places, struct lk_enb_place *place)
{
    set_mac(places, place, LK_ENB_MAC_IDLE);
}

struct lk_enb_place *lk_enb_place_heir(struct lk_enb_places *places,
                                       const uint8_t mac[LK_WLAN_ADDRESS_LEN])
{
    struct lk_enb_place *heir = with_mac(places, mac, LK_ENB_MAC_WAITS);

    if (heir == NULL || lk_enb_place_of_mac(places, mac) != NULL)
        return NULL;
    set_mac(places, heir, LK_ENB_MAC_HAS);
    return heir;
}

void lk_enb_place_settle(struct lk_enb_places *places, struct lk_enb_place *place)
{
    if (!place->gone || place->question.place == LK_QUESTION_QUEUED)
        return;
    place->gone = false;
    place->next_free = places->free_first;
    places->free_first = lk_enb_place_number(places, place);
}

void lk_enb_place_release(struct lk_enb_places *places, struct lk_enb_place *place)
{
    detach(places, place);
    be_no_stranger(places, place);
    take_out(places, place, LK_ENB_BY_SOURCE);
    lk_eps_network_wipe(&place->network);
    place->used = false;
    place->gone = true;
    place->generation++;
    places->used--;
    lk_enb_place_settle(places, place);
}

/* ---- questions ---- */

uint32_t lk_enb_question_id(const struct lk_enb_places *places, const struct lk_enb_place *place)
{
    return place->generation << LK_ENB_PLACE_BITS | lk_enb_place_number(places, place);
}

struct lk_enb_place *lk_enb_place_of_question(const struct lk_enb_places *places, uint32_t id)
{
    uint32_t number = id & ((1u << LK_ENB_PLACE_BITS) - 1);

    if (number >= places->touched || places->place[number].question.id != id ||
        lk_enb_question_id(places, &places->place[number]) != id)
        return NULL;
    return &places->place[number];
}

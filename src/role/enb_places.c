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

static uint32_t heads_of(uint32_t count)
{
    uint32_t heads = 2;

    while (heads < count)
        heads *= 2;
    return heads;
}

size_t lk_enb_places_size(uint32_t count)
{
    return count * sizeof(struct lk_enb_place) +
           (size_t)LK_ENB_KEYS * heads_of(count) * sizeof(uint32_t);
}

void lk_enb_places_in(struct lk_enb_places *places, void *memory, uint32_t count, uint64_t seed)
{
    uint32_t heads = heads_of(count), *head;

    *places = (struct lk_enb_places){ .place = memory, .count = count, .mask = heads - 1,
                                      .free_first = LK_ENB_NO_PLACE, .seed = seed };
    head = (uint32_t *)(void *)(places->place + count);
    memset(head, 0xff, (size_t)LK_ENB_KEYS * heads * sizeof *head);
    for (unsigned key = 0; key < LK_ENB_KEYS; key++)
        places->head[key] = head + (size_t)key * heads;
    for (unsigned line = 0; line < LK_ENB_LINES; line++)
        places->oldest[line] = places->youngest[line] = LK_ENB_NO_PLACE;
}

/* ---- found by source, IMSI and MAC address ---- */

static uint32_t head_of_source(const struct lk_enb_places *places,
                               const struct lk_address *address, uint16_t port)
{
    uint64_t hash = lk_hash(places->seed, LK_HASH_FACTOR, LK_SPAN(address->octets));
    const uint8_t behind[] = { (uint8_t)(port >> 8), (uint8_t)port };

    return (uint32_t)lk_hash(hash, LK_HASH_FACTOR, LK_SPAN(behind)) & places->mask;
}

static uint32_t head_of(const struct lk_enb_places *places, const void *octets, size_t len)
{
    return (uint32_t)lk_hash(places->seed, LK_HASH_FACTOR, lk_span_of(octets, len)) & places->mask;
}

static uint32_t head_of_imsi(const struct lk_enb_places *places, const struct lk_imsi *imsi)
{
    return head_of(places, imsi->digits, strnlen(imsi->digits, sizeof imsi->digits));
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

struct lk_enb_place *lk_enb_place_from(const struct lk_enb_places *places,
                                       const struct lk_address *address, uint16_t port)
{
    uint32_t head = head_of_source(places, address, port);
    struct lk_enb_place *place = follow(places, places->head[LK_ENB_BY_SOURCE][head]);

    while (place != NULL && (place->port != port || !lk_address_equal(&place->address, address)))
        place = follow(places, place->next[LK_ENB_BY_SOURCE]);
    return place;
}

struct lk_enb_place *lk_enb_place_of_imsi(const struct lk_enb_places *places,
                                          const struct lk_imsi *imsi)
{
    uint32_t head = head_of_imsi(places, imsi);
    struct lk_enb_place *place = follow(places, places->head[LK_ENB_BY_IMSI][head]);

    while (place != NULL && !lk_imsi_equal(&place->imsi, imsi))
        place = follow(places, place->next[LK_ENB_BY_IMSI]);
    return place;
}

/* The last in the chain: the one that came first. */
static struct lk_enb_place *with_mac(const struct lk_enb_places *places,
                                     const uint8_t mac[LK_WLAN_ADDRESS_LEN], enum lk_enb_mac how)
{
    struct lk_span sought = lk_span_of(mac, LK_WLAN_ADDRESS_LEN);
    uint32_t head = head_of(places, mac, LK_WLAN_ADDRESS_LEN);
    struct lk_enb_place *place = follow(places, places->head[LK_ENB_BY_MAC][head]), *found = NULL;

    for (; place != NULL; place = follow(places, place->next[LK_ENB_BY_MAC]))
        if (place->mac_is == how && lk_span_equal(LK_SPAN(place->mac), sought))
            found = place;
    return found;
}

struct lk_enb_place *lk_enb_place_of_mac(const struct lk_enb_places *places,
                                         const uint8_t mac[LK_WLAN_ADDRESS_LEN])
{
    return with_mac(places, mac, LK_ENB_MAC_HAS);
}

static void put_in(struct lk_enb_places *places, struct lk_enb_place *place, enum lk_enb_key key,
                   uint32_t head)
{
    place->next[key] = places->head[key][head];
    places->head[key][head] = lk_enb_place_number(places, place);
}

static void take_out(struct lk_enb_places *places, const struct lk_enb_place *place,
                     enum lk_enb_key key, uint32_t head)
{
    uint32_t number = lk_enb_place_number(places, place), *at = &places->head[key][head];

    while (*at != number) {
        LK_ASSERT(*at != LK_ENB_NO_PLACE);
        at = &places->place[*at].next[key];
    }
    *at = place->next[key];
}

/* ---- strangers ---- */

static uint32_t head_of_address(const struct lk_enb_places *places,
                                const struct lk_address *address)
{
    return head_of(places, address->octets, sizeof address->octets);
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
    put_in(places, place, LK_ENB_BY_ADDRESS, head_of_address(places, &place->address));
}

static void be_no_stranger(struct lk_enb_places *places, struct lk_enb_place *place)
{
    if (place->line == LK_ENB_LINES)
        return;
    leave_line(places, place);
    take_out(places, place, LK_ENB_BY_ADDRESS, head_of_address(places, &place->address));
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
    uint32_t at = places->head[LK_ENB_BY_ADDRESS][head_of_address(places, address)], count = 0;
    struct lk_enb_place *place;

    *first = NULL;
    for (; (place = follow(places, at)) != NULL; at = place->next[LK_ENB_BY_ADDRESS]) {
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
        places->free_first = place->next[0];
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
    put_in(places, place, LK_ENB_BY_SOURCE, head_of_source(places, address, port));
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
    take_out(places, place, LK_ENB_BY_IMSI, head_of_imsi(places, &place->imsi));
    take_out(places, place, LK_ENB_BY_MAC, head_of(places, place->mac, sizeof place->mac));
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
    put_in(places, place, LK_ENB_BY_IMSI, head_of_imsi(places, imsi));
    put_in(places, place, LK_ENB_BY_MAC, head_of(places, mac, LK_WLAN_ADDRESS_LEN));
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
    uint32_t head = head_of(places, place->mac, sizeof place->mac);

    take_out(places, place, LK_ENB_BY_MAC, head);
    put_in(places, place, LK_ENB_BY_MAC, head);
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
    place->next[0] = places->free_first;
    places->free_first = lk_enb_place_number(places, place);
}

void lk_enb_place_release(struct lk_enb_places *places, struct lk_enb_place *place)
{
    detach(places, place);
    be_no_stranger(places, place);
    take_out(places, place, LK_ENB_BY_SOURCE,
             head_of_source(places, &place->address, place->port));
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

/* The devices of the cells' process, each where it sends from: those that are attached, and those
 * that would be. A place is the number that node/enb knows a UE by.
 *
 * Who has not proven anything has a place for some seconds, all of them together have a quarter of
 * the table at most, so that strangers do not shut out who is attached, and those of one address an
 * eighth of that. When there is no place for a newcomer, the oldest makes room of those that have
 * only said who they are, and then of those whose attach gets nowhere. [D] A device has an address
 * and port of its own: in the laboratory that is what a radio channel would be.
 *
 * A WLAN MAC address is what a device says that it has, and proves nothing. Of those that are
 * attached one has it, the first; others wait for it in the order in which they came, until it is
 * let go. Who has used it, with the key of an association, has it in the next attach too. */
#ifndef LK_ROLE_ENB_PLACES_H
#define LK_ROLE_ENB_PLACES_H

#include "base/address.h"
#include "node/index.h"
#include "proto/eps/network.h"
#include "role/vectors.h"
#include "wire/uu.h"

enum { LK_ENB_PLACE_BITS = 20 /* of a question's id */ };
#define LK_ENB_NO_PLACE UINT32_MAX

/* By address: strangers alone. */
enum lk_enb_key { LK_ENB_BY_SOURCE, LK_ENB_BY_IMSI, LK_ENB_BY_MAC, LK_ENB_BY_ADDRESS, LK_ENB_KEYS };

/* Strangers, each in a line by age: who waits for an ATTACH REQUEST, whose attach is under way. */
enum lk_enb_line { LK_ENB_WAITING, LK_ENB_UNDER_WAY, LK_ENB_LINES };

enum lk_enb_mac {
    LK_ENB_MAC_IDLE, /* LTE-WLAN aggregation is over, or was never wanted */
    LK_ENB_MAC_HAS,
    LK_ENB_MAC_WAITS,
};

struct lk_enb_place {
    bool used;
    bool gone;      /* released, but its question is in the queue still */
    bool attached;
    enum lk_enb_mac mac_is;
    bool mac_used; /* an association had its key */
    bool add_due;  /* it has got the MAC address of another */
    uint8_t offers;       /* of aggregation, since it last came to be */
    uint64_t offer_at_ms; /* the next one; 0: none */
    uint32_t generation;
    uint32_t next_free;
    enum lk_enb_line line;      /* of a stranger; LK_ENB_LINES: none */
    uint32_t older, younger;    /* in it */
    uint64_t since_ms;          /* it is in that line, */
    uint64_t began_ms;          /* and has the place */
    struct lk_address address;
    uint16_t port;
    uint16_t c_rnti;
    uint32_t hello_cell; /* where it would attach */
    uint32_t cell;       /* that serves it, when it is attached */
    struct lk_uu_hello hello;
    uint32_t connection; /* that it is attached by */
    struct lk_imsi imsi; /* proven */
    uint8_t mac[LK_WLAN_ADDRESS_LEN];
    struct lk_eps_network network;
    struct lk_question question;
    bool asks_again;     /* that, when the answer to an earlier one is there */
    struct lk_eps_ask_vector ask;
    uint64_t attached_ms, heard_ms;
    uint32_t set_up, rekeys, handovers, released;
    enum lk_reason released_for; /* the last time */
};

struct lk_enb_places {
    struct lk_enb_place *place;
    struct lk_index by[LK_ENB_KEYS];
    uint32_t count, touched, free_first;
    uint32_t used, attached, mac_waiting;
    uint32_t oldest[LK_ENB_LINES], youngest[LK_ENB_LINES];
    uint64_t seed;
};

size_t lk_enb_places_size(uint32_t count);
/* memory is zeroed. */
void lk_enb_places_in(struct lk_enb_places *places, void *memory, uint32_t count, uint64_t seed);

/* NULL: there is none. */
struct lk_enb_place *lk_enb_place_from(const struct lk_enb_places *places,
                                       const struct lk_address *address, uint16_t port);
struct lk_enb_place *lk_enb_place_of_imsi(const struct lk_enb_places *places,
                                          const struct lk_imsi *imsi);
/* Who has it. */
struct lk_enb_place *lk_enb_place_of_mac(const struct lk_enb_places *places,
                                         const uint8_t mac[LK_WLAN_ADDRESS_LEN]);
struct lk_enb_place *lk_enb_place_at(const struct lk_enb_places *places, uint32_t number);
uint32_t lk_enb_place_number(const struct lk_enb_places *places, const struct lk_enb_place *place);

/* Whether there is a place for a stranger from there, and who is to be released first, or NULL. */
bool lk_enb_place_room(struct lk_enb_place **goes, const struct lk_enb_places *places,
                       const struct lk_address *address, uint64_t now_ms);
/* For who sends from there; NULL: the table, or the part of it for strangers, is full. */
struct lk_enb_place *lk_enb_place_take(struct lk_enb_places *places,
                                       const struct lk_address *address, uint16_t port,
                                       uint64_t now_ms);
/* A stranger's attach is under way, or is no more: which line it is in. Of others nothing. */
void lk_enb_place_line(struct lk_enb_places *places, struct lk_enb_place *place,
                       enum lk_enb_line line, uint64_t now_ms);
/* It is attached under that IMSI, which no other place has, and says that MAC address. keeps: its
 * subscriber has used that before, and goes before those that wait. */
void lk_enb_place_attach(struct lk_enb_places *places, struct lk_enb_place *place,
                         const struct lk_imsi *imsi, const uint8_t mac[LK_WLAN_ADDRESS_LEN],
                         bool keeps);
/* It has its MAC address, unless another has it; false: that is so. */
bool lk_enb_place_claim(struct lk_enb_places *places, struct lk_enb_place *place);
/* It has none now, and waits for its MAC address behind those that do already. */
void lk_enb_place_wait(struct lk_enb_places *places, struct lk_enb_place *place);
void lk_enb_place_let_go(struct lk_enb_places *places, struct lk_enb_place *place);
/* Who waits for it longest has it now. NULL: nobody does, or it is not free. */
struct lk_enb_place *lk_enb_place_heir(struct lk_enb_places *places,
                                       const uint8_t mac[LK_WLAN_ADDRESS_LEN]);
/* Wiped, and free as soon as nothing leads to its question. */
void lk_enb_place_release(struct lk_enb_places *places, struct lk_enb_place *place);
/* Its question has left the queue. */
void lk_enb_place_settle(struct lk_enb_places *places, struct lk_enb_place *place);

uint32_t lk_enb_question_id(const struct lk_enb_places *places, const struct lk_enb_place *place);
struct lk_enb_place *lk_enb_place_of_question(const struct lk_enb_places *places, uint32_t id);

#endif

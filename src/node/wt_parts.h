/* What the files of the WT share; tests and fuzzers look in, too. */
#ifndef LK_NODE_WT_PARTS_H
#define LK_NODE_WT_PARTS_H

#include "node/draw.h"
#include "node/due.h"
#include "node/wt.h"
#include "proto/rsn/authenticator.h"
#include "proto/rsn/ccmp.h"

struct lk_wt_ue {
    bool used;
    bool authenticated, associated;
    bool suspended;          /* data passed before, and cannot now */
    bool up_due, group_due;  /* to be told that the link is up, and of the group's key */
    uint16_t sequence;       /* of the last frame to it */
    uint32_t next;           /* of its bucket; of the free ones */
    uint32_t epoch;          /* of its id */
    uint8_t mac[LK_STATION_LEN];
    uint64_t lwa_due_ms, rsn_due_ms;
    uint64_t heard_ms;       /* under a TK */
    struct lk_lwa_wt lwa;
    struct lk_rsn_authenticator rsn;
    struct lk_rsn_ccmp ccmp;
    struct {             /* what invitations elsewhere are made of; the same for all of its time */
        uint64_t until_ms;
        uint64_t replay;
        uint8_t secret[LK_SHA256_LEN];
    } invitation;
};

/* Of a UE that was released and had shown no key: since when its MAC address is said in vain. */
struct lk_wt_mark {
    uint8_t mac[LK_STATION_LEN];
    uint32_t link;
    uint64_t away_since_ms, until_ms;
};

struct lk_wt {
    struct lk_wt_config config;
    uint64_t hash[2];
    struct lk_draw draw;
    uint8_t rsne[LK_RSN_ELEMENT_MAX];
    size_t rsne_len;
    struct lk_rsn_group group;
    uint64_t group_due_ms;
    uint64_t now_ms;  /* of the step */
    uint64_t wake_ms; /* as it was told last */
    struct lk_wt_ue *ue;
    uint32_t *bucket;
    struct lk_wt_mark *mark; /* one for each bucket: the newest */
    uint32_t mask;    /* of buckets */
    uint32_t id_bits; /* of an id, those that say the row */
    uint32_t free, touched, ues;
    struct lk_due due;
    struct lk_rsn_data opened;
    struct lk_wt_counters counters;
    uint8_t foreign[LK_STATION_LEN]; /* whom a station asked last, in our place: told once */
};

/* wt_table.c */
struct lk_wt_ue *lk_wt_of_mac(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN]);
struct lk_wt_ue *lk_wt_of_id(const struct lk_wt *wt, uint32_t wt_ue_id);
/* A row for that address; NULL: there is no room. */
struct lk_wt_ue *lk_wt_add(struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN]);
/* Wipes it and gives it back. */
void lk_wt_drop(struct lk_wt *wt, struct lk_wt_ue *ue);
/* Keeps it of a UE that goes, for the time that it would hold its address; 0: there is nothing. */
void lk_wt_mark(struct lk_wt *wt, const struct lk_wt_ue *ue, uint32_t link,
                uint64_t away_since_ms);
/* What is kept of the UE of that eNB; 0: nothing. */
uint64_t lk_wt_marked(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN], uint32_t link);
/* The id of the row's next context. */
uint32_t lk_wt_next_id(const struct lk_wt *wt, const struct lk_wt_ue *ue);
void lk_wt_schedule(struct lk_wt *wt, const struct lk_wt_ue *ue);
void lk_wt_renew_group(struct lk_wt *wt);

/* wt.c */
struct lk_wt_output *lk_wt_out(struct lk_wt_outbox *out, enum lk_wt_output_kind kind,
                               const uint8_t *mac);
struct lk_writer lk_wt_room(struct lk_wt_outbox *out);
void lk_wt_fact(struct lk_wt *wt, struct lk_wt_ue *ue, enum lk_wt_fact fact,
                struct lk_wt_outbox *out);
void lk_wt_refuse(struct lk_wt_outbox *out, const uint8_t *mac, enum lk_reason reason,
                  const char *expected, const char *came);
/* Steps the UE's machine and carries out what it says: the row may be gone after that. */
enum lk_status lk_wt_feed(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_lwa_wt_event *event,
                          struct lk_wt_outbox *out);
void lk_wt_tell(struct lk_wt *wt, struct lk_wt_ue *ue, enum lk_lwa_wt_event_kind kind,
                struct lk_wt_outbox *out);

/* wt_keys.c */
/* Steps the station's authenticator and carries out what it says. */
enum lk_status lk_wt_feed_rsn(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_rsn_event *event,
                              struct lk_wt_outbox *out);
void lk_wt_carry_rsn(struct lk_wt *wt, struct lk_wt_ue *ue, const struct lk_rsn_outbox *said,
                     struct lk_wt_outbox *out);
void lk_wt_prepare_event(struct lk_wt *wt, struct lk_rsn_event *event);
/* The association's keys are gone, at both machines of it. */
void lk_wt_forget_keys(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out);
/* A frame to the station, with the TK where there is one. */
enum lk_status lk_wt_send_data(struct lk_wt *wt, struct lk_wt_ue *ue, uint16_t ethertype,
                               struct lk_span octets, struct lk_wt_outbox *out);

/* The first try of message 1 is out. */
void lk_wt_handshake_began(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_wt_outbox *out);
/* EAPOL in clear, whatever there is of a TK. */
void lk_wt_send_clear(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span eapol,
                      struct lk_wt_outbox *out);

/* wt_station.c */
enum lk_status lk_wt_on_frame(struct lk_wt *wt, const struct lk_wt_event *event,
                              struct lk_wt_outbox *out);
void lk_wt_deauthenticate(struct lk_wt *wt, struct lk_wt_ue *ue, uint16_t code,
                          enum lk_reason reason, struct lk_wt_outbox *out);

/* wt_association.c */
/* What answers an association request that may be: a new association, or nothing new. */
enum lk_status lk_wt_associate(struct lk_wt *wt, struct lk_wt_ue *ue,
                               const struct lk_80211_header *header, struct lk_span rsne,
                               struct lk_wt_outbox *out);
/* The same of one that comes from elsewhere. */
enum lk_status lk_wt_invite(struct lk_wt *wt, struct lk_wt_ue *ue,
                            const struct lk_80211_header *header, struct lk_span rsne,
                            struct lk_span from, struct lk_wt_outbox *out);
/* EAPOL in clear from a place without an association: message 2 of who was invited there moves the
 * association to there. */
enum lk_status lk_wt_take_invited(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span eapol,
                                  struct lk_span from, struct lk_wt_outbox *out);
/* A management frame to a station, to be ended by lk_wt_send_frame; nothing is kept of one without
 * a row. */
struct lk_writer lk_wt_frame_to(struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN], uint8_t kind,
                                struct lk_wt_outbox *out);
void lk_wt_send_frame(const uint8_t mac[LK_STATION_LEN], const struct lk_writer *w,
                      struct lk_wt_outbox *out);
enum lk_status lk_wt_turn_down(struct lk_wt *wt, const struct lk_80211_header *header,
                               uint16_t code, const struct lk_refusal *why,
                               struct lk_wt_outbox *out);

#endif

/* A TWAP with what is around it played by the test: two access points and two AAA servers. */
#ifndef LK_TESTS_TWAP_RIG_H
#define LK_TESTS_TWAP_RIG_H

#include "node/twap.h"

#define MAC_A "02-00-00-00-00-0A"
#define MAC_B "02-00-00-00-00-0B"
#define IMSI_A "001010123456063"
#define IMSI_B "001010123456064"
#define USER "0user@wlan"

enum {
    RIG_ENTERPRISE = 32473,
    RIG_SESSIONS = 16,
    RIG_START_S = 1780000000,
    RIG_KEPT = 4096,
    RIG_IDLE_MS = 3600000, /* of a session that makes room */
};

struct twap_rig {
    struct lk_twap twap;
    struct lk_twap_config config;
    struct lk_radius_client client[2]; /* 192.0.2.1 and 192.0.2.2 */
    struct lk_radius_client asker[2];  /* aaa, with the secrets of the upstreams */
    struct lk_address ap[2], aaa[2];
    size_t size;
    uint8_t *memory;
    struct lk_twap_event event;
    struct lk_twap_outbox out;
    uint64_t now_ms;
    uint16_t ap_port; /* of the access points */
    uint32_t count; /* makes authenticators and entropy differ */
    uint8_t asked[LK_RADIUS_PACKET_MAX]; /* the last request of an access point */
    size_t asked_len;
    uint8_t forwarded[LK_RADIUS_PACKET_MAX]; /* what went to the AAA for it */
    uint8_t answer[LK_RADIUS_PACKET_MAX];
};

struct twap_rig *twap_rig_new(void);
void twap_rig_free(struct twap_rig *rig);
/* The same, for cmocka. */
int twap_rig_set_up(void **state);
int twap_rig_tear_down(void **state);
/* A TWAP that has just started, on the same configuration. */
void twap_rig_restart(struct twap_rig *rig);

/* A device's request through access point ap. extra: encoded attributes. */
struct twap_ask {
    unsigned ap;
    enum lk_radius_code code;
    const char *mac;          /* Calling-Station-Id */
    const char *user;         /* NULL: none */
    const char *called;       /* NULL: none */
    const char *acct_session; /* NULL: none */
    uint32_t acct_status;     /* of an Accounting-Request */
    uint32_t event_s;         /* Event-Timestamp; 0: none */
    struct lk_span class_value;
    const char *nas;          /* NULL: none */
    const char *state;        /* NULL: none */
};
/* An Access-Request of that device. */
struct twap_ask twap_rig_access(unsigned ap, const char *mac);
struct lk_span twap_rig_request(struct twap_rig *rig, const struct twap_ask *ask);
/* Gives it octets from that access point. */
void twap_rig_from_ap(struct twap_rig *rig, unsigned ap, enum lk_radius_port port,
                      struct lk_span octets);
/* Both; returns what was sent to the AAA, a copy; empty when nothing was. */
struct lk_span twap_rig_ask(struct twap_rig *rig, const struct twap_ask *ask);

/* The answer of the AAA to a request that was forwarded. key NULL: without WLCP. */
struct twap_answer {
    enum lk_radius_code code;
    const struct lk_wlcp_key *key;
    const char *imsi;
    const struct lk_msk *msk;
    const char *class_text;
    uint32_t timeout_s;
    const char *state; /* of a challenge; NULL: "state" */
};
struct lk_span twap_rig_answer(struct twap_rig *rig, struct lk_span forwarded,
                               const struct twap_answer *answer);
void twap_rig_from_aaa(struct twap_rig *rig, unsigned upstream, struct lk_span octets);
/* An answer with nothing in it, given to the TWAP; and: asked and rejected, and who it was, or NULL
 * where the AAA does not know. */
void twap_rig_answer_with(struct twap_rig *rig, struct lk_span forwarded, enum lk_radius_code code);
void twap_rig_reject(struct twap_rig *rig, const struct twap_ask *ask, const char *imsi);
void twap_rig_tick(struct twap_rig *rig);
void twap_rig_dynamic(struct twap_rig *rig, const struct lk_address *source, bool by_connection,
                      struct lk_span octets);
/* The operator ends the session of that device. */
void twap_rig_end(struct twap_rig *rig, const char *mac);
void twap_rig_ap_dynamic(struct twap_rig *rig, unsigned ap, struct lk_span octets);

/* The first output of that kind, or NULL; and how many there are. */
const struct lk_twap_output *twap_rig_out(const struct twap_rig *rig,
                                          enum lk_twap_output_kind kind);
size_t twap_rig_count(const struct twap_rig *rig, enum lk_twap_output_kind kind);
size_t twap_rig_sessions(const struct twap_rig *rig);
/* No session is another than when the digest was taken. */
void twap_rig_same(const struct twap_rig *rig, const uint8_t before[LK_SHA256_LEN]);
/* The one reason that was noted, or NONE. */
enum lk_reason twap_rig_noted(const struct twap_rig *rig);

/* A whole attach with a key of those octets. */
void twap_rig_attach(struct twap_rig *rig, unsigned ap, const char *mac, const char *imsi,
                     uint8_t key);

#endif

/* A TWAG with devices around it: sessions as the TWAP would hand them over, channels as handles,
 * the devices' WLCP machines, and an anchor that says what it is told to. After every step it is
 * checked that what goes to the anchor carries the AAA's IMSI and token (T03). */
#ifndef LK_TESTS_TWAG_RIG_H
#define LK_TESTS_TWAG_RIG_H

#include "keys/wlcp.h"
#include "node/twag.h"
#include "proto/wlcp/ue.h"

enum { TWAG_DEVICES = 3, TWAG_QUEUE = 64, TWAG_LIFETIME_S = 86700, TWAG_MESSAGE_MAX = 512 };

struct twag_device {
    struct lk_wlan_session session;
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    struct lk_wlcp_ue ue;
    uint64_t handle; /* 0: no channel */
    struct lk_address address;
    uint16_t port; /* of its frames */
};

struct twag_rig {
    struct lk_twag_config config;
    void *memory;
    struct lk_twag *twag;
    struct lk_twag_outbox out;
    struct twag_device device[TWAG_DEVICES];
    uint64_t now_ms, wake_ms, last_handle;
    uint32_t refs;
    unsigned closes, registers, deregisters, ups, downs, refusals; /* outputs ever */
    enum lk_reason refusal; /* the last */
    struct lk_twag_ref ref; /* of the last MAG_REGISTER */
    uint8_t sent[TWAG_MESSAGE_MAX]; /* the last message to any device */
    size_t sent_len;
    struct {
        uint64_t handle;
        size_t len;
        uint8_t octets[TWAG_MESSAGE_MAX];
    } queue[TWAG_QUEUE];
    size_t queued;
};

/* Room for so many sessions and connections. */
struct twag_rig *twag_rig_new(uint32_t sessions, uint32_t connections);
void twag_rig_free(struct twag_rig *rig);
/* The same, for cmocka. */
int twag_rig_set_up(void **state);
int twag_rig_tear_down(void **state);
enum lk_status twag_rig_step(struct twag_rig *rig, struct lk_twag_event *event);

/* The device's session, with its current key. */
enum lk_status twag_rig_session(struct twag_rig *rig, size_t device);
/* A new key, of the next generation, told to the TWAG. */
enum lk_status twag_rig_roll(struct twag_rig *rig, size_t device);
enum lk_status twag_rig_end(struct twag_rig *rig, size_t device, enum lk_twag_event_kind kind);
/* Opens a channel under that identity and keeps its handle. */
enum lk_status twag_rig_up(struct twag_rig *rig, size_t device, const char *identity);
enum lk_status twag_rig_down(struct twag_rig *rig, size_t device);
/* A typed message from the device; "pp" in it is nothing special. */
enum lk_status twag_rig_say(struct twag_rig *rig, size_t device, const char *hex);
enum lk_status twag_rig_data(struct twag_rig *rig, uint64_t handle, struct lk_span octets);
/* Messages go to and fro until nobody says anything. */
void twag_rig_settle(struct twag_rig *rig);
/* What is queued is lost. */
void twag_rig_lose(struct twag_rig *rig);
/* The device asks for a connection, settled; 0: it did not go out. */
uint32_t twag_rig_want(struct twag_rig *rig, size_t device, const char *apn);
/* The anchor has bound 10.0.0.HOST and 2001:db8:0:HOST::/64, settled. */
enum lk_status twag_rig_bound(struct twag_rig *rig, struct lk_twag_ref ref, uint8_t host);
/* Session, channel, and a connection that is up. */
struct lk_twag_ref twag_rig_attach(struct twag_rig *rig, size_t device, const char *apn,
                                   uint8_t host);
/* Time goes on; EXPIRED as often as WAKE asks for it. */
void twag_rig_wait(struct twag_rig *rig, uint64_t ms);
/* What frames to that row are sent to. */
void twag_rig_user_plane(const struct twag_rig *rig, uint8_t mac[LK_WLCP_MAC_LEN], uint32_t row);
/* A frame with an IPv4 packet from 10.0.0.HOST, sent by that device to that row. */
enum lk_status twag_rig_frame(struct twag_rig *rig, size_t device, uint32_t row, uint8_t host);
size_t twag_rig_count(const struct twag_rig *rig, enum lk_twag_output_kind kind);
/* The number of the device's connection that is up. */
const struct lk_wlcp_ue_connection *twag_rig_connection(const struct twag_rig *rig, size_t device,
                                                        const char *apn);

/* The state digest; and that it is still that one, or is another one now. */
struct twag_digest {
    uint8_t octets[LK_TWAG_DIGEST_LEN];
};

struct twag_digest twag_rig_digest(const struct twag_rig *rig);
void twag_rig_same(const struct twag_rig *rig, struct twag_digest before);
void twag_rig_other(const struct twag_rig *rig, struct twag_digest before);
/* The last message to a device was that one. */
void twag_rig_sent(const struct twag_rig *rig, const char *hex);
bool twag_rig_has_key(const struct twag_rig *rig, const char *identity);

#endif

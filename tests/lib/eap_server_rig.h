/* An EAP server brought into any of its states, and fed any event, without a peer behind it.
 *
 * Packets are the right ones for the state it is in (identifier, method, keys), so that what a test
 * changes is all that is wrong with them. */
#ifndef LK_TEST_EAP_SERVER_RIG_H
#define LK_TEST_EAP_SERVER_RIG_H

#include "eap_world.h"
#include "proto/eap/server_parts.h"

enum rig_what {
    EAP_IDENTITY, NAK, IDENTITY, CHALLENGE, KDF, REJECT, SYNC, REAUTH, NOTIFICATION, CLIENT_ERROR,
    MALFORMED, REQUEST, SUCCESS, VECTOR, NO_VECTOR, CONTEXT, NO_CONTEXT, START, EXPIRED, CARD,
    WHAT_COUNT
};

struct rig {
    struct world w; /* for its configuration and vectors; it never runs */
    struct lk_eap_server server;
    struct lk_outbox out; /* of the last step */
    struct lk_reauth_context context; /* behind rig_reauth_id: K_aut is zeroes */
};

extern struct rig rig;
extern const char rig_permanent[];
extern char rig_reauth_id[64];

void rig_prepare(void);
/* A new server, brought by the shortest way into the state of that letter: S start, I identity,
 * C context, V vector, H challenge, R re-authentication, N success notified, n failure notified,
 * D done, F failed. */
void rig_enter(char state);
void rig_say_identity(const char *text);
enum lk_status rig_give(struct lk_event *event);
enum lk_status rig_give_packet(struct lk_writer *writer);
enum lk_status rig_give_what(enum rig_what what);
struct lk_writer rig_packet(enum rig_what what);
struct lk_event rig_event(enum rig_what what);

#endif

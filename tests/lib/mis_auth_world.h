/* MN and PoS with a way between them, and the home behind the PoS: MIS_Auth with the real machines
 * of EAP-AKA' and ERP, over the exchange, as whole PDUs. No network, no clock. One test program has
 * one world. */
#ifndef LK_TESTS_MIS_AUTH_WORLD_H
#define LK_TESTS_MIS_AUTH_WORLD_H

#include "eap_world.h"
#include "proto/erp/peer.h"
#include "proto/erp/server.h"
#include "proto/mis/exchange.h"
#include "proto/mis/mn_auth.h"
#include "proto/mis/pos_auth.h"

enum { AUTH_PLACES = 10, AUTH_WAY = 64, AUTH_FRAME_MAX = 4096 };
#define AUTH_MN "mn1@home.example"
#define AUTH_POS "spos@a.example"
#define OF_POS lk_span_text(lk_mis_codes_default.k_usage), lk_span_text(AUTH_POS)

struct auth_frame {
    bool to_mn;
    size_t len;
    uint8_t at[AUTH_FRAME_MAX];
};
/* Sees each frame before it is delivered, and may change it. False: it is lost. */
typedef bool (*auth_meddle)(struct auth_frame *frame);

struct auth_end {
    struct lk_mis_auth_config config;
    struct lk_mis_exchange x;
    struct lk_mis_transaction place[AUTH_PLACES];
    struct lk_mis_auth_outbox out; /* of the last step */
    enum lk_status status;         /* of it */
    /* what came of it */
    unsigned sas, failures;
    struct lk_mis_sa sa;
    enum lk_mis_run run;
    size_t mark_len;
    uint8_t mark[LK_MIS_START_MARK_MAX];
    enum lk_reason failed;
    struct lk_refusal why; /* of failed, with its words */
    enum lk_mis_reason told;
    uint64_t timer_ms;
};

struct auth_world {
    struct world eap;
    struct lk_erp_peer erp_peer;
    struct lk_erp_peer_config erp_peer_config;
    struct lk_erp_server erp_server;
    struct lk_erp_server_config erp_server_config;
    bool home_is_silent; /* with ERP: and the PoS gives up */
    bool home_has_erp;
    enum lk_mis_run erp_run;
    bool other_k; /* the PoS does not get the home's K, but another */
    struct lk_erp_context erp_context;
    struct auth_end mn, pos;
    struct lk_mis_mn_auth mn_auth;
    struct lk_mis_pos_auth pos_auth;
    uint64_t now_ms;
    uint32_t entropy;
    size_t count;
    struct auth_frame way[AUTH_WAY];
    auth_meddle meddle;
    size_t mark_len; /* the home's, empty: none */
    uint8_t mark[LK_MIS_START_MARK_MAX];
    unsigned frames, home_rounds;
};
extern struct auth_world auth;

void auth_open(bool udp);
/* New machines and transactions, with what EAP and ERP have kept. */
void auth_again(bool udp);
/* An event to the machine of that end, and what comes of it, but for what is on the way. */
enum lk_status auth_mn(struct lk_mis_auth_event *event);
enum lk_status auth_pos(struct lk_mis_auth_event *event);
enum lk_status auth_start(bool by_mn);
/* A frame to an end, as it is. */
void auth_hear(const struct auth_frame *frame);
/* Delivers the first frame, or the one at that place; what is on the way until nothing is; and the
 * same with time, as long as something is due, but for the ends of transactions. */
void auth_deliver(size_t place);
void auth_run(void);
void auth_run_long(void);
/* Time, with what is due in it. */
void auth_wait(uint64_t ms);
/* Both have the same SA, or neither has one. */
void auth_expect_up(void);
void auth_expect_nothing(void);

/* The body of a frame in clear, and the frame with another body. */
struct lk_mis_message auth_message_of(const struct auth_frame *frame, struct lk_mis_pdu *pdu);
void auth_put_message(struct auth_frame *frame, const struct lk_mis_message *message);
/* The first output of that kind, or NULL. */
const struct lk_mis_auth_output *auth_find(const struct lk_mis_auth_outbox *out,
                                           enum lk_mis_auth_output_kind kind);
/* The home signs for that MN. */
void auth_sign(const char *mn_id);

#endif

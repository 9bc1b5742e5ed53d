/* The device and the access point it stands at: an EAP peer with a USIM, behind a RADIUS client,
 * over a real UDP socket.
 *
 * One call is one attach. What outlives it - the USIM's sequence numbers, pseudonym,
 * re-authentication context - stays in struct lk_ue, which can be kept in a file. Every datagram
 * can go into a capture and into a trace at once, the latter to explain a failure on the spot. */
#ifndef LK_ROLE_UE_H
#define LK_ROLE_UE_H

#include <sys/socket.h>

#include <uv.h>

#include "io/pcapng.h"
#include "keys/wlcp.h"
#include "proto/eap/peer.h"
#include "proto/eap/usim.h"
#include "proto/radius/client.h"
#include "trace/trace.h"

struct lk_ue {
    struct lk_eap_peer peer;
    struct lk_usim usim;
};

struct lk_ue_config {
    struct sockaddr_storage server;
    struct lk_radius_nas_config nas;
    struct lk_eap_peer_config peer;
    char calling[18];            /* the device's MAC address, Calling-Station-Id; "": the lab's */
    struct lk_wlcp_kdf wlcp_kdf; /* what enters the WLCP key; fc 0: the default */
    uint32_t timeout_ms;         /* for the whole attach; 0: 15 s */
    struct lk_capture *capture;  /* NULL: none */
    struct lk_trace *trace;      /* NULL: none */
    const char *comment;         /* of each packet; NULL: none */
    /* Called before an answer to a request of that subtype leaves; may block, may be NULL. */
    void (*before_answer)(void *context, uint8_t subtype);
    /* Called when the card has accepted a challenge, before it answers: false, what it knows now is
     * not durable, and nothing is answered. May be NULL. */
    bool (*card_accepted)(void *context);
    void *context;
};

struct lk_ue_result {
    bool accepted;
    bool resynced;             /* the card sent AUTS */
    struct lk_refusal refusal; /* when not accepted */
    struct lk_grant grant;     /* when accepted; secret */
    bool has_msk;              /* MS-MPPE keys came and opened */
    bool msk_same;             /* and are the MSK of the peer */
    bool has_key_name, key_name_same;
    /* In multi-connection mode (grant.mode): the WLCP key, secret, and where WLCP is spoken. */
    struct lk_wlcp_key wlcp_key;
    struct lk_twag_address twag;
    uint8_t mode_cause;            /* why there is no such mode, as the network says; 0 */
    bool has_wlcp_key, wlcp_same;  /* the Accept carried one, as for a TWAP, and it is the same */
    uint32_t session_timeout_s;
    char identity[LK_EAP_IDENTITY_MAX + 1]; /* the last that was sent */
    unsigned requests, repeats; /* datagrams sent, and of these again */
    double ms;
};

/* LK_OK: result says how it ended, also when refused. LK_E_SYSTEM: no memory. The caller wipes
 * result. */
LK_MUST_CHECK enum lk_status lk_ue_attach(struct lk_ue *ue, const struct lk_ue_config *config,
                                          struct lk_ue_result *result);
/* The same on a loop that has more to do: ended is called from it once, later, when result says
 * how it ended; ue, config and result are the attach's until then. */
LK_MUST_CHECK enum lk_status lk_ue_attach_start(uv_loop_t *loop, struct lk_ue *ue,
                                                const struct lk_ue_config *config,
                                                struct lk_ue_result *result,
                                                void (*ended)(void *context), void *context);

/* "host:port", "[v6]:port", or host alone with port; names are resolved. LK_E_VALUE,
 * LK_E_NOT_FOUND; error says why. */
LK_MUST_CHECK enum lk_status lk_ue_server(struct sockaddr_storage *server, const char *text,
                                          uint16_t port, char error[128]);

/* The file of --state: JSON, 0600, replaced as a whole. load: LK_E_NOT_FOUND when there is none
 * yet, LK_E_DENIED when others may read it or it is of another IMSI, LK_E_VALUE when it is damaged.
 */
LK_MUST_CHECK enum lk_status lk_ue_load(struct lk_ue *ue, const struct lk_imsi *imsi,
                                        const char *path);
LK_MUST_CHECK enum lk_status lk_ue_save(const struct lk_ue *ue, const struct lk_imsi *imsi,
                                        const char *path);

#endif

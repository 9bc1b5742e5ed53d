/* Xw as a process of the daemon has it, eNB or WT: set up from its section of the configuration,
 * with what is said of it in the log. Other ends go by the places of their rows.
 *
 *     lk_role_xw_prepare    before the confinement: reads certificates
 *     lk_role_xw_begin      after it (decision 0019): dials, or is dialled */
#ifndef LK_ROLE_XW_H
#define LK_ROLE_XW_H

#include "io/xw.h"
#include "role/kinds.h"
#include "role/seen.h"

struct lk_role_xw_calls {
    void *context;
    void (*on_up)(void *context, size_t peer);
    void (*on_down)(void *context, size_t peer); /* after an on_up only */
    /* One message; the span dies with the call. */
    void (*on_message)(void *context, size_t peer, struct lk_span message);
};

struct lk_role_xw {
    struct lk_xw *xw; /* NULL: it has not begun */
    struct lk_xw_setup setup;
    struct lk_stream_trust *trust; /* NULL: without TLS */
    struct lk_role_xw_calls calls;
    struct lk_seen *seen;
    struct lk_capture_end own;
    char name[LK_XW_PEERS][LK_CONFIG_NAME];
    bool told[LK_XW_PEERS]; /* the log has that it cannot be reached */
    unsigned up;            /* how many are */
};

bool lk_role_xw_has_tls(const struct lk_config_xw *config);
/* Where it goes over TLS: whether the files of that section fit, for the kind's row. */
LK_MUST_CHECK bool lk_role_xw_fits(const struct lk_config *config, const struct lk_config_xw *xw,
                                   const char *section, char unfit[LK_KIND_UNFIT_TEXT]);

/* socket: of lk_datagram_socket or lk_listener_socket, as config->transport is; -1: none, all are
 * dialled. xw is zeroed, and stays where it is. False: error says why. */
LK_MUST_CHECK bool lk_role_xw_prepare(struct lk_role_xw *xw, const struct lk_config_xw *config,
                                      const struct lk_config_xw_peer *peers, size_t count,
                                      bool dial, int socket, const struct lk_role_xw_calls *calls,
                                      struct lk_seen *seen, char error[LK_KIND_ERROR_TEXT]);
LK_MUST_CHECK bool lk_role_xw_begin(struct lk_role_xw *xw, uv_loop_t *loop,
                                    char error[LK_KIND_ERROR_TEXT]);
void lk_role_xw_end(struct lk_role_xw *xw);

/* LK_E_NOT_FOUND: it is not up; else as lk_xw_send. */
LK_MUST_CHECK enum lk_status lk_role_xw_send(struct lk_role_xw *xw, size_t peer,
                                             struct lk_span message);

#endif

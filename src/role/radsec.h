/* What both ends of RADIUS over TLS share: when it is on, its files, and what is told of a stream
 * that ended. */
#ifndef LK_ROLE_RADSEC_H
#define LK_ROLE_RADSEC_H

#include "io/stream.h"
#include "role/config.h"
#include "role/shared.h"

enum { LK_RADSEC_ERROR_TEXT = LK_STREAM_ERROR_TEXT };

/* Whether there is any RADIUS over TLS, and whether a role that is a server of it listens. */
bool lk_radsec_is_on(const struct lk_config *config);
bool lk_radsec_listens(const struct lk_config *config);
struct lk_stream_files lk_radsec_files(const struct lk_config *config);

/* Trust and streams with it; both are the caller's to free, also when it fails (NULL where there is
 * none). LK_E_SYSTEM: the loop takes no more. */
LK_MUST_CHECK enum lk_status lk_radsec_streams(struct lk_streams **streams,
                                               struct lk_stream_trust **trust, uv_loop_t *loop,
                                               const struct lk_stream_files *files,
                                               const struct lk_stream_calls *calls,
                                               char error[LK_RADSEC_ERROR_TEXT]);

/* NONE for an end in good order. */
enum lk_reason lk_radsec_reason(enum lk_stream_down why);
/* To the log, and counted by reason. name: of whom it was, NULL when that is not known. */
void lk_radsec_note(struct lk_counters *count, const struct lk_peer *peer, const char *name,
                    enum lk_reason reason, const char *detail);

#endif

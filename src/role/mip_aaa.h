/* An agent's way to its AAA (node/mip_aaa.h): a socket of its own on loopback, or a line over TLS
 * (RFC 6614). T23: by nothing else a key travels; the configuration is refused otherwise. */
#ifndef LK_ROLE_MIP_AAA_H
#define LK_ROLE_MIP_AAA_H

#include <uv.h>

#include "node/mip_aaa.h"
#include "role/config.h"
#include "role/kinds.h"
#include "role/seen.h"

enum { LK_MIP_AAA_HELD = LK_MIP_AAA_QUESTIONS };

struct lk_role_mip_aaa;

/* What waits for an answer, as it was given. */
struct lk_role_mip_asked {
    struct lk_imsi imsi;
    enum lk_radius_mip_wants wants;
    struct lk_address from;
    uint16_t port;
    struct lk_span octets; /* the Registration Request; it is the holder's */
};

/* answer->reason NONE: answer->mip is what came. */
typedef void lk_role_mip_aaa_done(void *context, const struct lk_role_mip_asked *asked,
                                  const struct lk_mip_aaa_answer *answer);

struct lk_role_mip_aaa_setup {
    const struct lk_config_mip_aaa *config;
    const char *section;           /* of the configuration, for error */
    enum lk_radius_mip_agent agent;
    uint32_t enterprise;
    uv_loop_t *loop;
    struct lk_counters *count;
    struct lk_seen *seen;
    lk_role_mip_aaa_done *done;
    void *context;
};

/* Before the confinement. NULL: error says why. */
struct lk_role_mip_aaa *lk_role_mip_aaa_new(const struct lk_role_mip_aaa_setup *setup,
                                            char error[LK_KIND_ERROR_TEXT]);
/* False: too many wait, or it cannot be asked; the node asks again. */
bool lk_role_mip_aaa_ask(struct lk_role_mip_aaa *aaa, const struct lk_mip_request *request,
                         const struct lk_role_mip_asked *asked);
/* Each tick of the process. */
void lk_role_mip_aaa_tick(struct lk_role_mip_aaa *aaa);
/* NULL is fine. */
void lk_role_mip_aaa_free(struct lk_role_mip_aaa *aaa);

#endif

/* What config.h has of role af: an application's server with end-to-end keys. */
#ifndef LK_ROLE_CONFIG_AF_H
#define LK_ROLE_CONFIG_AF_H

#include "role/config_gba.h"

enum {
    LK_CONFIG_AF_APPS = 8,
    LK_CONFIG_AF_APP = 129, /* name of an application, terminated */
};

/* What a session must have: bits of a list, and those of enum lk_e2e_needs. */
enum lk_config_af_require {
    LK_CONFIG_AF_N = 1 << 0,
    LK_CONFIG_AF_P = 1 << 1,
    LK_CONFIG_AF_CLIENT_KEY = 1 << 2,
    LK_CONFIG_AF_OWN = 1 << 3, /* P or a client key */
};

struct lk_config_af_app {
    char app[LK_CONFIG_AF_APP];
    unsigned require;
    char users[LK_CONFIG_FILE];
};

/* A server of the operator's that knows N; name "": none. */
struct lk_config_af_operator {
    char name[LK_CONFIG_FQDN], address[LK_CONFIG_ADDRESS];
    unsigned port;
};

struct lk_config_af {
    char listen[LK_CONFIG_ADDRESS];
    unsigned port;
    char name[LK_CONFIG_FQDN];
    char key[LK_CONFIG_FILE];
    struct lk_config_af_app apps[LK_CONFIG_AF_APPS];
    size_t app_count;
    char ua_id[LK_CONFIG_UA_ID];
    struct lk_config_af_operator bsf, aanf;
    char certificate[LK_CONFIG_FILE], certificate_key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    char operator_keys[LK_CONFIG_FILE]; /* laboratory; "": none */
    unsigned connections, connections_a_source, handshake_s, rate, ticket_s;
    unsigned sessions_a_user, idle_s;
    unsigned questions; /* to BSF and AAnF a second, for strangers */
};

#endif

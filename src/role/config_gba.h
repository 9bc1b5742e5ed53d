/* What config.h has of GBA. */
#ifndef LK_ROLE_CONFIG_GBA_H
#define LK_ROLE_CONFIG_GBA_H

#include <stdbool.h>
#include <stddef.h>

#include "role/config_limits.h"

/* An application server, and the keys that it may have. */
struct lk_config_naf {
    char name[LK_CONFIG_FQDN];
    char ua_ids[LK_CONFIG_UA_IDS][LK_CONFIG_UA_ID]; /* hex */
    size_t ua_id_count;
    bool identity; /* it is told whose they are */
    unsigned services[LK_CONFIG_GAA_SERVICES]; /* GSIDs: it is told users' settings of these */
    size_t service_count;
};

/* GBA user security settings of a subscriber. */
struct lk_config_bsf_user {
    char imsi[16];
    char services[LK_CONFIG_GAA_SERVICES][LK_CONFIG_GAA_SERVICE]; /* role/bsf_users.h reads them */
    size_t service_count;
    bool identity;       /* servers that may know it are told it */
    unsigned lifetime_s; /* its Ks lives no longer; 0: as everybody's */
};

struct lk_config_bsf {
    char zn_listen[LK_CONFIG_ADDRESS];
    unsigned zn_port; /* 0: none */
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE]; /* of Zn */
    struct lk_config_naf nafs[LK_CONFIG_NAFS];
    size_t naf_count;
    struct lk_config_bsf_user users[LK_CONFIG_BSF_USERS];
    size_t user_count;
    char listen[LK_CONFIG_ADDRESS];
    unsigned port;                   /* of Ub */
    char name[LK_CONFIG_FQDN];       /* FQDN */
    char impi_realm[LK_CONFIG_FQDN]; /* of IMPIs */
    char home_agent[LK_CONFIG_FQDN]; /* told to who bootstraps; "": none */
    char home_agent_address[LK_CONFIG_ADDRESS]; /* with it; "": only its name is */
    int algorithm;                   /* enum lk_gba_algorithm */
    unsigned lifetime_s, challenge_s;
    char amf[5]; /* hex; of challenges for nobody */
    unsigned connections, connections_a_source;
    unsigned rate; /* questions for a vector a second, of one address */
    unsigned zn_rate; /* questions at Zn a second, of one NAF */
};

/* ---- role ue ---- */

struct lk_config_ue_gba {
    char bsf[LK_CONFIG_FQDN]; /* its name; "": no GBA */
    char address[LK_CONFIG_ADDRESS];
    unsigned port;
    char impi_realm[LK_CONFIG_FQDN];
};

#endif

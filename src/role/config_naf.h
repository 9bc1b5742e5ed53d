/* What config.h has of role naf. */
#ifndef LK_ROLE_CONFIG_NAF_H
#define LK_ROLE_CONFIG_NAF_H

#include "role/config_af.h"

/* Bits of naf.algorithms: as enum lk_naf_algorithms. */
enum lk_config_naf_algorithm { LK_CONFIG_NAF_MD5, LK_CONFIG_NAF_SHA256 };

struct lk_config_naf_role {
    char listen[LK_CONFIG_ADDRESS];
    unsigned port, tls_port;      /* of HTTP and of TLS-PSK; 0: none */
    char name[LK_CONFIG_FQDN];    /* its FQDN */
    char bsf[LK_CONFIG_FQDN];     /* name of the BSF, in its certificate */
    char bsf_address[LK_CONFIG_ADDRESS];
    unsigned bsf_port;            /* of Zn */
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    unsigned algorithms;          /* bits 1 << enum lk_config_naf_algorithm */
    bool integrity;
    unsigned nonce_s, users, questions;
    unsigned connections, connections_a_source;
    unsigned rate;                /* users that are not known yet a second, of one address */
};

#endif

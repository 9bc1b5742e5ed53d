/* What config.h has of GBA. */
#ifndef LK_ROLE_CONFIG_GBA_H
#define LK_ROLE_CONFIG_GBA_H

enum {
    LK_CONFIG_ADDRESS = 64,
    LK_CONFIG_FQDN = 254, /* a name of a host, terminated */
};

struct lk_config_bsf {
    char listen[LK_CONFIG_ADDRESS];
    unsigned port;                   /* of Ub */
    char name[LK_CONFIG_FQDN];       /* FQDN */
    char impi_realm[LK_CONFIG_FQDN]; /* of IMPIs */
    char home_agent[LK_CONFIG_FQDN]; /* told to who bootstraps; "": none */
    int algorithm;                   /* enum lk_gba_algorithm */
    unsigned lifetime_s, challenge_s;
    char amf[5]; /* hex; of challenges for nobody */
    unsigned connections, connections_a_source;
    unsigned rate; /* questions for a vector a second, of one address */
};

#endif

/* What config.h has of Mobile IP. */
#ifndef LK_ROLE_CONFIG_MIP_H
#define LK_ROLE_CONFIG_MIP_H

#include "role/config_limits.h"

/* What two share, where it is not made of a USIM. */
struct lk_config_mip_association {
    unsigned spi;
    char key[LK_CONFIG_SECRET];
    int algorithm; /* a place in lk_config_mip_algorithm_words */
    int replay;    /* and in lk_config_mip_replay_words */
};

struct lk_config_mip_node {
    char imsi[16];
    struct lk_config_mip_association with;
};

struct lk_config_mip_agent {
    char name[LK_CONFIG_NAME];
    char addresses[LK_CONFIG_MIP_ADDRESSES][LK_CONFIG_ADDRESS]; /* that it sends from, or has as
                                                                 * care-of addresses */
    size_t address_count;
    struct lk_config_mip_association with;
};

/* The home agent as NAF: keys come of a bootstrapping (S4 7.3.5). */
struct lk_config_mip_naf {
    char name[LK_CONFIG_FQDN]; /* ours; "": it is none */
    char ua[LK_CONFIG_UA_ID];  /* protocol of Ua */
    char ua6[LK_CONFIG_UA_ID]; /* that of MIPv6 */
    unsigned octets6;          /* of Ks_NAF, from its first on: the key of MIPv6 */
    char bsf[LK_CONFIG_FQDN], bsf_address[LK_CONFIG_ADDRESS];
    unsigned bsf_port;
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    int algorithm; /* a place in lk_config_mip_algorithm_words */
    unsigned questions;
};

/* An agent's way to the home AAA, or to the AAA of its own domain. */
struct lk_config_mip_aaa {
    char name[LK_CONFIG_FQDN]; /* the agent's; "": it asks none */
    char server[LK_CONFIG_ADDRESS], source[LK_CONFIG_ADDRESS];
    unsigned port;
    char secret[LK_CONFIG_SECRET];
    /* RADIUS over TLS: our files, and the name in the certificate of the AAA. "": UDP */
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    char peer[LK_CONFIG_FQDN];
    bool pushed; /* it is asked for keys of an SPI that the agent does not know (S4 7.3.6) */
    unsigned timeout_ms, tries;
};

/* The home AAA. */
struct lk_config_home_mip {
    struct lk_config_mip_node nodes[LK_CONFIG_MIP_NODES];
    size_t node_count;
    struct lk_config_mip_naf naf;
    bool push;                   /* keys of agents, for agents that know nothing of GBA */
    char push_ua[LK_CONFIG_UA_ID]; /* protocol of Ua of those */
    int algorithm;               /* of MN-HA and MN-FA: a place in lk_config_mip_algorithm_words */
    unsigned lifetime_s, key_octets, window_ms;
};

/* Another agent that registrations are passed on to. */
struct lk_config_fa_home_agent {
    char address[LK_CONFIG_ADDRESS];
    unsigned port;
    struct lk_config_mip_association with;
};

struct lk_config_fa_node {
    char nai[LK_CONFIG_NAI];
    struct lk_config_mip_association with;
};

/* Role fa. */
struct lk_config_fa {
    char listen[LK_CONFIG_ADDRESS];
    unsigned port;
    char care_of[LK_CONFIG_ADDRESS]; /* "": listen */
    unsigned lifetime_s, wait_ms;
    bool challenge, foreign_key; /* a request answers one; node and agent have a key, or get one */
    unsigned challenge_s, advertisement_s;
    unsigned visitors, pending;
    unsigned rate, source_rate; /* requests a second: to home agents, of one address */
    struct lk_config_fa_home_agent home_agents[LK_CONFIG_MIP_AGENTS];
    size_t home_agent_count;
    struct lk_config_fa_node nodes[LK_CONFIG_MIP_NODES];
    size_t node_count;
    struct lk_config_mip_naf naf;
    struct lk_config_mip_aaa aaa;
};

/* The anchor as home agent of Mobile IPv4 and MIPv6. */
struct lk_config_home_agent {
    unsigned port, port6; /* of either; 0: it is none */
    char address[LK_CONFIG_ADDRESS];
    char address6[LK_CONFIG_ADDRESS]; /* MIPv6 over IPv6; "": over IPv4 alone */
    unsigned lifetime_s, window_ms, keepalive_s;
    bool reverse; /* a reverse tunnel must be asked for */
    struct lk_config_mip_node nodes[LK_CONFIG_MIP_NODES];
    size_t node_count;
    char nodes_file[LK_CONFIG_FILE]; /* more of them, one a line; "": none */
    struct lk_config_mip_agent agents[LK_CONFIG_MIP_AGENTS];
    size_t agent_count;
    struct lk_config_mip_naf naf;
    struct lk_config_mip_aaa aaa;
};

/* Where a mobile node can be. */
struct lk_config_ue_place {
    char name[LK_CONFIG_NAME];
    char address[LK_CONFIG_ADDRESS]; /* its own there, of its socket */
    char care_of[LK_CONFIG_ADDRESS]; /* that it says; "": the same, or what the agent offers */
    char agent[LK_CONFIG_ADDRESS];   /* foreign agent; "": it is co-located */
    unsigned agent_port;
};

/* The mobile node of Mobile IPv4 and MIPv6. */
struct lk_config_ue_mip {
    struct lk_config_ue_place places[LK_CONFIG_UE_PLACES]; /* none: no Mobile IP */
    size_t place_count;
    int way; /* enum lk_mip_way */
    char home_agent[LK_CONFIG_ADDRESS];
    unsigned home_agent_port;
    char home_agent_name[LK_CONFIG_FQDN], ua[LK_CONFIG_UA_ID];
    char home_agent6[LK_CONFIG_ADDRESS]; /* of MIPv6: for IPv6 places; "": it has none */
    unsigned home_agent_port6;           /* of both its addresses */
    char gateway6[LK_CONFIG_ADDRESS];    /* the agent in the packets */
    char ua6[LK_CONFIG_UA_ID];
    char aaa_name[LK_CONFIG_FQDN], aaa_ua[LK_CONFIG_UA_ID];
    unsigned aaa_spi;
    char realm[LK_CONFIG_FQDN]; /* of its NAI */
    int algorithm;              /* a place in lk_config_mip_algorithm_words */
    unsigned port;              /* our own; 0: any */
    unsigned lifetime_s, keepalive_s, again_s;
    bool udp_forced, foreign_key;
};

#endif

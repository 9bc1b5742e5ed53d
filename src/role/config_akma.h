/* What config.h has of AKMA. */
#ifndef LK_ROLE_CONFIG_AKMA_H
#define LK_ROLE_CONFIG_AKMA_H

#include "role/config_gba.h"

/* How an A-KID is put together: the same at UE, AUSF and AAnF. */
struct lk_config_akma {
    char a_kid[LK_CONFIG_FQDN]; /* template, see keys/akma.h */
    char rid[LK_CONFIG_RID];    /* routing indicator of our subscribers */
    char plmn[7];               /* home network, digits */
};

struct lk_config_aanf {
    char listen[LK_CONFIG_ADDRESS];
    unsigned port;
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    char ausfs[LK_CONFIG_AUSFS][LK_CONFIG_FQDN]; /* who may register and remove, by certificate */
    size_t ausf_count;
    struct lk_config_naf afs[LK_CONFIG_NAFS];
    size_t af_count;
    char rids[LK_CONFIG_RIDS][LK_CONFIG_RID]; /* that it serves; none: all */
    size_t rid_count;
    unsigned lifetime_s; /* of K_AKMA, and so of each K_AF */
    unsigned rate;       /* requests a second of one address that is no AUSF's */
    unsigned connections, connections_a_source;
};

/* The AAA as AUSF. */
struct lk_config_ausf {
    char aanf[LK_CONFIG_FQDN]; /* its name, as in its certificate; "": no AKMA */
    char address[LK_CONFIG_ADDRESS];
    unsigned port;
    char certificate[LK_CONFIG_FILE], key[LK_CONFIG_FILE], ca[LK_CONFIG_FILE];
    unsigned queue;     /* keys that wait in one worker */
    unsigned give_up_s; /* after which one is forgotten */
};

struct lk_config_ue_akma {
    bool on;
    bool one_af; /* that is told an A-KID */
};

#endif

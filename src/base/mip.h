/* What all floors call things of Mobile IP. */
#ifndef LK_BASE_MIP_H
#define LK_BASE_MIP_H

/* What an authenticator is made by, in the numbers that RFC 3957 carries (those of the IPsec DOI).
 * The whole output is sent, in each. */
enum lk_mip_algorithm {
    LK_MIP_HMAC_MD5 = 1, /* RFC 5944 3.5.1: the default */
    LK_MIP_HMAC_SHA1 = 2,
    LK_MIP_HMAC_SHA256 = 5,
};

/* How a subscriber comes to keys of Mobile IP (S4 7.3.4 to 7.3.6); bits. */
enum lk_mip_way {
    LK_MIP_WAY_HA_NAF = 1, /* the agent asks the BSF */
    LK_MIP_WAY_AAA = 2,    /* RFC 3957, from the key with the home AAA */
    LK_MIP_WAY_PUSHED = 4, /* the home AAA asks the BSF, and pushes the key to the agent */
    LK_MIP_WAY_BSF = 8,    /* the BSF names the agent, which asks it */
    LK_MIP_WAYS = 15,
};

#endif

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

#endif

/* A mobility security association (RFC 5944 1.6, RFC 3957): what a mobile node and one agent share.
 *
 * Each end names the SPI under which the other finds it: what the node sends has one, what it is
 * sent another, where the keys come of RFC 3957. Where an association is configured the two are
 * the same. */
#ifndef LK_PROTO_MIP_MSA_H
#define LK_PROTO_MIP_MSA_H

#include "keys/mip.h"
#include "wire/mip.h"

struct lk_mip_msa {
    struct lk_mip_association there; /* in what the node sends. T22: an SPI has one algorithm */
    uint32_t spi_back;               /* in what the agent sends it */
    uint8_t replay;                  /* enum lk_mip_replay */
    uint64_t ends_ms;                /* since 1970; it proves nothing from then on */
};

/* Whether the other holder of the association made that authenticator, under that SPI: one of
 * there.spi and spi_back. False, too, where the association has ended, and where the extension is
 * not there. In constant time. */
bool lk_mip_msa_proves(const struct lk_mip_msa *msa, uint32_t spi,
                       const struct lk_mip_extensions *extensions, enum lk_mip_extension which,
                       uint64_t now_ms);
/* Appends that authentication extension. That the writer is full it says itself. */
void lk_mip_msa_sign(struct lk_writer *w, const struct lk_mip_msa *msa, uint32_t spi,
                     enum lk_mip_extension which);

/* The same for MN-AAA, with the home AAA at the other end: under LK_MIP_SPI_CHAP in the way of
 * CHAP, with the challenge that the message has before it; without one nothing is proven, and
 * nothing signed: LK_E_MISSING in the writer. */
bool lk_mip_msa_proves_aaa(const struct lk_mip_msa *msa,
                           const struct lk_mip_extensions *extensions, uint64_t now_ms);
void lk_mip_msa_sign_aaa(struct lk_writer *w, const struct lk_mip_msa *msa,
                         struct lk_span challenge);

#endif

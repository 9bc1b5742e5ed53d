/* What a mobile node of MIPv6 proves with its association, and is proven with it (RFC 4285 5). */
#ifndef LK_PROTO_MIP_MSA6_H
#define LK_PROTO_MIP_MSA6_H

#include "proto/mip/msa.h"
#include "wire/pmip.h"

/* Whether the other holder of the association made the MN-HA authenticator of a message, under that
 * SPI, for a node at care_of with that home address, as they stand in its packet. False, too, where
 * the association has ended or is of another algorithm than HMAC-SHA-1 (T22), and where anything
 * that is not covered stands behind. In constant time. */
bool lk_mip6_msa_proves(const struct lk_mip_msa *msa, uint32_t spi,
                        const struct lk_mobility_options *options,
                        const struct lk_address *care_of, const struct lk_address *home,
                        uint64_t now_ms);
/* Writes the message with an MN-HA authentication option, its last. LK_E_FULL; LK_E_AUTH where the
 * association is of another algorithm. */
LK_MUST_CHECK enum lk_status lk_mip6_msa_sign(struct lk_writer *w,
                                              const struct lk_mobility_message *message,
                                              const struct lk_mip_msa *msa, uint32_t spi,
                                              const struct lk_address *care_of,
                                              const struct lk_address *home);

/* The same, as a mobile node does it, under the SPI that the agent finds it by. aaa: what it shares
 * with its home AAA, under LK_MIP6_SPI_AAA, for an MN-AAA option behind; NULL: none. */
enum { LK_MIP6_SPI_AAA = 3 };
LK_MUST_CHECK enum lk_status lk_mip6_msa_sign_with(struct lk_writer *w,
                                                   const struct lk_mobility_message *message,
                                                   const struct lk_mip_msa *msa,
                                                   const struct lk_mip_msa *aaa,
                                                   const struct lk_address *care_of,
                                                   const struct lk_address *home);

#endif

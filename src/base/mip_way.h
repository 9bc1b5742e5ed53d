/* The ways by which a subscriber comes to keys of Mobile IP (S4 7.3.4 to 7.3.6), and what they are
 * called wherever somebody reads or writes one. */
#ifndef LK_BASE_MIP_WAY_H
#define LK_BASE_MIP_WAY_H

#include "base/octets.h"

enum lk_mip_way {
    LK_MIP_WAY_HA_NAF, /* 7.3.5: Ks_NAF of the home agent is MN-HA, and it asks the BSF */
    LK_MIP_WAY_AAA,    /* 7.3.4: Ks_NAF of the home AAA is MN-AAA; MN-HA comes by RFC 3957 */
    LK_MIP_WAY_PUSHED, /* 7.3.6, case 1: as the first, but the home AAA asks the BSF, and pushes the
                        * key to an agent that knows nothing of GBA */
    LK_MIP_WAY_BSF,    /* 7.3.6, case 2: as the first; the BSF names the agent */
    LK_MIP_WAYS,
};

/* A set of them has a bit for each, as rows of subscribers keep it. */
enum {
    LK_MIP_WAYS_ALL = (1 << LK_MIP_WAYS) - 1,
    LK_MIP_WAYS_TEXT = 40,
};

/* By their numbers; NULL behind the last. */
extern const char *const lk_mip_way_words[LK_MIP_WAYS + 1];

unsigned lk_mip_way_bit(enum lk_mip_way way);
/* LK_MIP_WAYS: it is none. */
enum lk_mip_way lk_mip_way_of(struct lk_span word);
/* All of them, for who has to say one of them: a, b or c. */
const char *lk_mip_ways_text(char text[LK_MIP_WAYS_TEXT]);

#endif

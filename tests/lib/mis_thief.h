/* Who hears the air, and has taken what one PoS knows: which SAs of the MN can it read?
 *
 * It opens what it has the keys of; an answer of Prereg_Xfer in there has the K of the next SA,
 * which it makes the keys of, and so on: the domino effect of IEEE 802.21.1 5.14.2, note 4. */
#ifndef LK_TESTS_MIS_THIEF_H
#define LK_TESTS_MIS_THIEF_H

#include "proto/mis/agree.h"
#include "proto/mis/sa.h"

enum { THIEF_PACKETS = 256, THIEF_SAS = 24, THIEF_OCTETS = 2048 };

struct mis_thief {
    size_t packets;
    struct {
        bool up; /* of the MN */
        size_t len;
        uint8_t octets[THIEF_OCTETS];
    } packet[THIEF_PACKETS];
    size_t sas;
    struct lk_mis_sa sa[THIEF_SAS]; /* the PoS's end */
    unsigned opened[THIEF_SAS];     /* PDUs */
};

void thief_hears(struct mis_thief *thief, bool up, struct lk_span octets);
/* With the SA of a captured PoS: how many SAs of the MN it could read, that one among them. What a
 * capture before gave is forgotten. */
unsigned thief_reads(struct mis_thief *thief, const struct lk_mis_sa *captured);

#endif

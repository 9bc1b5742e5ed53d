/* Uu in the laboratory: what goes in one UDP datagram between a device and a cell.
 *
 * There is no radio here, so the frame is ours [D]: the one that Wireshark takes a PDCP PDU out of
 * UDP with (its heuristic dissector pdcp_lte_udp), a start string, fixed octets, tags and values,
 * the PDU. Only SRB1 is carried. The first datagram of a device, HELLO, says who it is, what its
 * WLAN address is, which RRC would tell among its capabilities, and, as a new connection of RRC
 * would, that it begins anew: by a number that it draws for each attach. With that number a device
 * asks later whether the cell has it still, and is told when it has not. */
#ifndef LK_WIRE_UU_H
#define LK_WIRE_UU_H

#include "base/imsi.h"
#include "wire/wlan_set.h"

enum {
    LK_UU_SRB1 = 1,
    LK_UU_HEAD_LEN = 24, /* octets in front of the PDU, as we write them */
};

struct lk_uu {
    bool downlink;
    uint16_t ue_id; /* the lab's C-RNTI; 0: none is known yet */
    struct lk_span pdu;
};

/* A PDU of SRB1; pdu is a view. Tags may come in any order. LK_E_UNKNOWN: no such frame, or a tag
 * that is not known; LK_E_UNSUPPORTED: of another bearer, plane or form; LK_E_MISSING: it does not
 * say which way it goes; LK_E_TWICE, LK_E_SHORT. */
LK_MUST_CHECK enum lk_status lk_uu_decode(struct lk_uu *uu, struct lk_span datagram);
/* LK_E_SHORT: no PDU. */
LK_MUST_CHECK enum lk_status lk_uu_encode(struct lk_writer *w, const struct lk_uu *uu);

struct lk_uu_hello {
    struct lk_imsi imsi;
    uint8_t mac[LK_WLAN_ADDRESS_LEN];
    uint32_t connection;
};
/* LK_E_UNKNOWN: no HELLO, or of another version; LK_E_VALUE: no IMSI, or an address of a group. */
LK_MUST_CHECK enum lk_status lk_uu_hello_decode(struct lk_uu_hello *hello, struct lk_span datagram);
LK_MUST_CHECK enum lk_status lk_uu_hello_encode(struct lk_writer *w,
                                                const struct lk_uu_hello *hello);

/* A device asks whether that connection is there; a cell says that it is gone. */
struct lk_uu_alive {
    bool gone;
    uint32_t connection;
};
enum { LK_UU_ALIVE_LEN = 14 };
/* LK_E_UNKNOWN: it is none, or of another version; LK_E_VALUE: neither question nor answer. */
LK_MUST_CHECK enum lk_status lk_uu_alive_decode(struct lk_uu_alive *alive, struct lk_span datagram);
LK_MUST_CHECK enum lk_status lk_uu_alive_encode(struct lk_writer *w,
                                                const struct lk_uu_alive *alive);

#endif

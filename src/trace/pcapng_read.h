/* The capture reader: pcapng octets to packets, and packets to datagrams.
 *
 * Pure and bounded: it looks at octets that somebody else wrote, so nothing in them is believed and
 * every failure is a status. Both octet orders are read; blocks that are not known are passed over;
 * what was read before a damaged or cut block stays read. */
#ifndef LK_TRACE_PCAPNG_READ_H
#define LK_TRACE_PCAPNG_READ_H

#include "base/octets.h"
#include "io/pcapng.h"

enum { LK_PCAPNG_INTERFACES_MAX = 32 };

struct lk_pcapng_interface {
    uint16_t link;
    uint8_t resolution; /* as if_tsresol has it */
};

struct lk_pcapng_reader {
    struct lk_span left;
    bool little;
    bool in_section;
    size_t interface_count;
    struct lk_pcapng_interface interfaces[LK_PCAPNG_INTERFACES_MAX];
    bool has_secrets; /* there was a Decryption Secrets Block */
};

struct lk_pcapng_packet {
    bool keys;      /* no packet: octets are lines of keys/log.h, secret; nothing else is set */
    uint64_t at_ns; /* since the epoch */
    uint16_t link;
    bool cut;              /* the capture holds less than went over the wire */
    struct lk_span octets;
    struct lk_span comment; /* the first one; not judged to be UTF-8 */
};

struct lk_pcapng_reader lk_pcapng_reader_of(struct lk_span file);
/* The next packet. LK_E_NOT_FOUND at a clean end; LK_E_SHORT when the file ends within a block;
 * another status when it is damaged. After a failure every call gives the same again. */
LK_MUST_CHECK enum lk_status lk_pcapng_next(struct lk_pcapng_reader *reader,
                                            struct lk_pcapng_packet *packet);

/* What a frame carries. */
enum lk_carrier {
    LK_CARRIER_UDP,
    LK_CARRIER_IP,     /* another protocol over IP: number is the protocol */
    LK_CARRIER_ETHER,  /* no IP: number is the ether type */
    LK_CARRIER_OPENED, /* a message in clear: dissector says of what */
    LK_CARRIER_TCP,    /* a segment */
    LK_CARRIER_80211,  /* a frame of IEEE 802.11, from its header on */
};

/* A datagram, or another payload, cut out of a frame. */
struct lk_datagram {
    enum lk_carrier carrier;
    uint16_t number;
    struct lk_span dissector;
    struct lk_capture_end from, to; /* without ports unless UDP, TCP or OPENED */
    bool begins;       /* TCP: it opens a connection, and its payload has the next number */
    uint32_t sequence; /* TCP */
    bool has_macs;
    uint8_t from_mac[6], to_mac[6];
    struct lk_span payload;
};

/* LK_E_UNKNOWN when the frame is none of these (or is a fragment, or of a link that is not read,
 * or of a protocol over IP that we have no use for); a parse status when it breaks off. Links:
 * Ethernet with VLAN tags, raw IP, Linux cooked 1 and 2, BSD loopback, exported PDUs, radiotap as
 * wire/ieee80211 reads it. */
LK_MUST_CHECK enum lk_status lk_datagram_read(struct lk_datagram *datagram, uint16_t link,
                                              struct lk_span frame);

#endif

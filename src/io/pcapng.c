/* What a capture is made of. Everything is written big-endian, which the section header's magic
 * says. The file is in pcapng_file.c. */
#include "io/pcapng.h"

#include <string.h>

#include "base/checksum.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_SECTION_APPLICATION = 4,
    OPTION_INTERFACE_NAME = 2,
    OPTION_INTERFACE_RESOLUTION = 9,
    IPV4_HEADER = 20,
    UDP_HEADER = 8,
    UDP_MAX = 65535 - IPV4_HEADER,
    PROTOCOL_UDP = 17,
    TAG_END = 0, /* of exported PDUs */
    TAG_DISSECTOR = 12,
    TAG_TABLE = 14,
    TAG_IPV4_SOURCE = 20,
    TAG_IPV4_DESTINATION = 21,
    TAG_IPV6_SOURCE = 22,
    TAG_IPV6_DESTINATION = 23,
    TAG_PORT_KIND = 24,
    TAG_SOURCE_PORT = 25,
    TAG_DESTINATION_PORT = 26,
    TAG_TABLE_NUMBER = 32,
    PORT_MIH = 4551,
    PORT_MIP = 434,
    PORT_KIND_TCP = 2,
    PORT_KIND_UDP = 3,
    PROTOCOL_MOBILITY = 135,
};

/* ---- blocks ---- */

static void pad(struct lk_writer *w, size_t len)
{
    lk_put_zeroes(w, (4 - len % 4) % 4);
}

static size_t block_open(struct lk_writer *w, uint32_t type)
{
    size_t start = w->len;

    lk_put_be32(w, type);
    (void)lk_put_hole(w, 4);
    return start;
}

/* spec: draft-ietf-opsawg-pcapng 3.1 - the total length stands at both ends of a block, so that a
 * file can be walked either way. */
static void block_close(struct lk_writer *w, size_t start)
{
    uint32_t total = (uint32_t)(w->len - start) + 4;

    lk_patch_be16(w, start + 4, (uint16_t)(total >> 16));
    lk_patch_be16(w, start + 6, (uint16_t)total);
    lk_put_be32(w, total);
}

static void put_option(struct lk_writer *w, uint16_t code, struct lk_span value)
{
    lk_put_be16(w, code);
    lk_put_be16(w, (uint16_t)value.len);
    lk_put_span(w, value);
    pad(w, value.len);
}

static struct lk_span cut_text(const char *text, size_t max)
{
    return lk_span_of(text, strnlen(text, max));
}

/* spec: draft-ietf-opsawg-pcapng 4.1 - the magic tells the octet order of the section; a section
 * length of all ones says that it was not known when the section began. */
void lk_pcapng_put_section(struct lk_writer *w)
{
    size_t start = block_open(w, BLOCK_SECTION);

    lk_put_be32(w, MAGIC);
    lk_put_be16(w, 1);
    lk_put_be16(w, 0);
    lk_put_be64(w, UINT64_MAX);
    put_option(w, OPTION_SECTION_APPLICATION, lk_span_text("latchkey " LK_VERSION));
    put_option(w, OPTION_END, lk_span_of(NULL, 0));
    block_close(w, start);
}

static void put_one_interface(struct lk_writer *w, enum lk_link link, const char *name,
                              bool microseconds)
{
    uint8_t resolution = microseconds ? 6 : 9;
    size_t start = block_open(w, BLOCK_INTERFACE);

    lk_put_be16(w, (uint16_t)link);
    lk_put_be16(w, 0);
    lk_put_be32(w, 0); /* no limit to a packet's length */
    put_option(w, OPTION_INTERFACE_NAME, cut_text(name, LK_CAPTURE_NAME_MAX));
    put_option(w, OPTION_INTERFACE_RESOLUTION, lk_span_of(&resolution, 1));
    put_option(w, OPTION_END, lk_span_of(NULL, 0));
    block_close(w, start);
}

void lk_pcapng_put_interface(struct lk_writer *w, const struct lk_capture_options *options)
{
    put_one_interface(w, options->link,
                      options->interface != NULL ? options->interface : "latchkey",
                      options->microseconds);
    if (options->opened)
        put_one_interface(w, LK_LINK_UPPER_PDU, "opened", options->microseconds);
    LK_ASSERT(options->opened || !options->air);
    if (options->air)
        put_one_interface(w, LK_LINK_RADIOTAP, "air", options->microseconds);
}

void lk_pcapng_put_packet(struct lk_writer *w, uint32_t interface, uint64_t at,
                          struct lk_span frame, const char *comment)
{
    size_t start = block_open(w, BLOCK_PACKET);

    lk_put_be32(w, interface);
    lk_put_be64(w, at);
    lk_put_be32(w, (uint32_t)frame.len);
    lk_put_be32(w, (uint32_t)frame.len);
    lk_put_span(w, frame);
    pad(w, frame.len);
    if (comment != NULL && comment[0] != '\0') {
        put_option(w, OPTION_COMMENT, cut_text(comment, LK_CAPTURE_COMMENT_MAX));
        put_option(w, OPTION_END, lk_span_of(NULL, 0));
    }
    block_close(w, start);
}

void lk_pcapng_put_secrets(struct lk_writer *w, uint32_t kind, struct lk_span secrets)
{
    size_t start = block_open(w, BLOCK_SECRETS);

    lk_put_be32(w, kind);
    lk_put_be32(w, (uint32_t)secrets.len);
    lk_put_span(w, secrets);
    pad(w, secrets.len);
    block_close(w, start);
}

/* ---- headers for datagrams that came from a socket ---- */

static struct lk_span address_of(const struct lk_capture_end *end)
{
    return lk_span_of(end->address, end->v6 ? 16 : 4);
}

static void put_ethernet(struct lk_writer *w, bool v6)
{
    static const uint8_t there[6] = { 0x02, 0, 0, 0, 0, 2 }, here[6] = { 0x02, 0, 0, 0, 0, 1 };

    lk_put_octets(w, there, sizeof there);
    lk_put_octets(w, here, sizeof here);
    lk_put_be16(w, v6 ? 0x86dd : 0x0800);
}

/* spec: RFC 791 3.1 - the header checksum is over the header alone, with its own field zero. */
static void put_ipv4(struct lk_writer *w, const struct lk_capture_end *from,
                     const struct lk_capture_end *to, uint16_t udp_len)
{
    size_t start = w->len;

    lk_put_be16(w, 0x4500);
    lk_put_be16(w, (uint16_t)(IPV4_HEADER + udp_len));
    lk_put_be32(w, 0x00004000); /* no identification, do not fragment */
    lk_put_u8(w, 64);
    lk_put_u8(w, PROTOCOL_UDP);
    lk_put_be16(w, 0);
    lk_put_span(w, address_of(from));
    lk_put_span(w, address_of(to));
    if (w->status == LK_OK)
        lk_patch_be16(w, start + 10,
                      lk_checksum_of(lk_checksum_add(0, lk_span_of(w->at + start, IPV4_HEADER))));
}

static void put_ipv6(struct lk_writer *w, const struct lk_capture_end *from,
                     const struct lk_capture_end *to, uint16_t udp_len)
{
    lk_put_be32(w, 0x60000000);
    lk_put_be16(w, udp_len);
    lk_put_u8(w, PROTOCOL_UDP);
    lk_put_u8(w, 64);
    lk_put_span(w, address_of(from));
    lk_put_span(w, address_of(to));
}

/* spec: RFC 768 Fields - the checksum covers a pseudo header of addresses, protocol and length,
 * then the datagram; a sum of zero is sent as all ones. */
/* spec: RFC 8200 8.1 - over IPv6 the same sum is mandatory. */
static uint16_t udp_checksum(const struct lk_capture_end *from, const struct lk_capture_end *to,
                             uint16_t udp_len, struct lk_span payload)
{
    uint32_t sum = (uint32_t)PROTOCOL_UDP + udp_len + from->port + to->port + udp_len;
    uint16_t checksum;

    sum = lk_checksum_add(sum, address_of(from));
    sum = lk_checksum_add(sum, address_of(to));
    checksum = lk_checksum_of(lk_checksum_add(sum, payload));
    return checksum == 0 ? 0xffff : checksum;
}

enum lk_status lk_capture_put_udp(struct lk_writer *w, enum lk_link link,
                                  const struct lk_capture_end *from,
                                  const struct lk_capture_end *to, struct lk_span payload)
{
    uint16_t udp_len = (uint16_t)(UDP_HEADER + payload.len);

    if (payload.len > UDP_MAX - UDP_HEADER)
        return LK_E_LENGTH;
    if (from->v6 != to->v6)
        return LK_E_VALUE;
    if (link == LK_LINK_ETHERNET)
        put_ethernet(w, from->v6);
    if (from->v6)
        put_ipv6(w, from, to, udp_len);
    else
        put_ipv4(w, from, to, udp_len);
    lk_put_be16(w, from->port);
    lk_put_be16(w, to->port);
    lk_put_be16(w, udp_len);
    lk_put_be16(w, udp_checksum(from, to, udp_len, payload));
    lk_put_span(w, payload);
    return lk_writer_end(w);
}

/* ---- messages in clear ---- */

/* A tag of an exported PDU: values are padded to four octets, and the length says so. */
static void put_tag(struct lk_writer *w, uint16_t tag, struct lk_span value)
{
    lk_put_be16(w, tag);
    lk_put_be16(w, (uint16_t)((value.len + 3) / 4 * 4));
    lk_put_span(w, value);
    pad(w, value.len);
}

static void put_tag_u32(struct lk_writer *w, uint16_t tag, uint32_t value)
{
    lk_put_be16(w, tag);
    lk_put_be16(w, 4);
    lk_put_be32(w, value);
}

/* Wireshark has dissectors that go by no name, only by an entry in a table. It takes the last that
 * it is told; we read the name. */
static void put_dissector(struct lk_writer *w, const char *name)
{
    static const struct {
        const char *name, *table;
        uint32_t number;
    } unnamed[] = {
        { "mipv6", "ip.proto", PROTOCOL_MOBILITY },
        { "mih", "udp.port", PORT_MIH },
        { "mip", "udp.port", PORT_MIP },
    };
    struct lk_span text = cut_text(name, LK_CAPTURE_NAME_MAX);

    put_tag(w, TAG_DISSECTOR, text);
    for (size_t i = 0; i < LK_COUNT_OF(unnamed); i++)
        if (lk_span_equal(text, lk_span_text(unnamed[i].name))) {
            put_tag(w, TAG_TABLE, lk_span_text(unnamed[i].table));
            put_tag_u32(w, TAG_TABLE_NUMBER, unnamed[i].number);
        }
}

enum lk_status lk_capture_put_opened(struct lk_writer *w, const struct lk_capture_opened *about,
                                     struct lk_span message)
{
    bool v6 = about->from.v6;

    if (v6 != about->to.v6)
        return LK_E_VALUE;
    put_dissector(w, about->dissector);
    put_tag(w, v6 ? TAG_IPV6_SOURCE : TAG_IPV4_SOURCE, address_of(&about->from));
    put_tag(w, v6 ? TAG_IPV6_DESTINATION : TAG_IPV4_DESTINATION, address_of(&about->to));
    put_tag_u32(w, TAG_PORT_KIND, about->stream ? PORT_KIND_TCP : PORT_KIND_UDP);
    put_tag_u32(w, TAG_SOURCE_PORT, about->from.port);
    put_tag_u32(w, TAG_DESTINATION_PORT, about->to.port);
    put_tag(w, TAG_END, lk_span_of(NULL, 0));
    lk_put_span(w, message);
    return lk_writer_end(w);
}

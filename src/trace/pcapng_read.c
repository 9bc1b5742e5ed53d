/* pcapng blocks to packets. spec: draft-ietf-opsawg-pcapng 3.1 - a block is type, total length,
 * body, total length again; its length is a multiple of four. */
#include "trace/pcapng_read.h"

#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_SIMPLE = 3,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    MAGIC = 0x1a2b3c4d,
    BLOCK_LEAST = 12,
    BLOCK_MOST = 16 * 1024 * 1024,
    OPTION_COMMENT = 1,
    OPTION_RESOLUTION = 9,
    RESOLUTION_DEFAULT = 6, /* microseconds */
};

struct lk_pcapng_reader lk_pcapng_reader_of(struct lk_span file)
{
    struct lk_pcapng_reader reader = { .left = file };

    return reader;
}

static uint32_t get32(struct lk_reader *r, bool little)
{
    uint32_t value = lk_get_be32(r);

    return little ? __builtin_bswap32(value) : value;
}

static uint16_t get16(struct lk_reader *r, bool little)
{
    uint16_t value = lk_get_be16(r);

    return little ? __builtin_bswap16(value) : value;
}

/* The first option of that code, or an empty span. Damaged options end the search. */
static struct lk_span find_option(struct lk_span options, bool little, uint16_t wanted)
{
    struct lk_reader r = lk_reader_of(options);

    while (r.left >= 4) {
        uint16_t code = get16(&r, little);
        uint16_t len = get16(&r, little);
        struct lk_span value = lk_get_span(&r, len);

        (void)lk_get_span(&r, (4u - len % 4u) % 4u);
        if (code == 0 || r.status != LK_OK)
            break;
        if (code == wanted)
            return value;
    }
    return lk_span_of(NULL, 0);
}

/* Ticks to nanoseconds. spec: draft-ietf-opsawg-pcapng 4.2 - if_tsresol is a negative power of ten,
 * or of two when its high bit is set; without it, microseconds. */
static uint64_t to_ns(uint64_t ticks, uint8_t resolution)
{
    unsigned power = resolution & 0x7f;
    uint64_t part;

    if (resolution & 0x80) {
        for (; power > 30; power--) /* finer than a nanosecond */
            ticks >>= 1;
        part = ticks & (((uint64_t)1 << power) - 1);
        return (ticks >> power) * 1000000000u + (part * 1000000000u >> power);
    }
    for (; power > 9; power--)
        ticks /= 10;
    for (; power < 9; power++)
        ticks *= 10;
    return ticks;
}

static enum lk_status read_section(struct lk_pcapng_reader *reader, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint32_t magic = lk_get_be32(&r);
    uint16_t major = get16(&r, reader->little);

    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (magic != MAGIC && magic != __builtin_bswap32(MAGIC))
        return LK_E_VALUE;
    if (major != 1)
        return LK_E_UNSUPPORTED;
    reader->in_section = true;
    reader->interface_count = 0;
    return LK_OK;
}

static enum lk_status read_interface(struct lk_pcapng_reader *reader, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    struct lk_pcapng_interface *made;
    struct lk_span resolution;

    if (reader->interface_count == LK_PCAPNG_INTERFACES_MAX)
        return LK_E_FULL;
    made = &reader->interfaces[reader->interface_count];
    made->link = get16(&r, reader->little);
    (void)lk_get_span(&r, 6);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    resolution = find_option(lk_get_rest(&r), reader->little, OPTION_RESOLUTION);
    made->resolution = resolution.len == 1 ? resolution.at[0] : RESOLUTION_DEFAULT;
    reader->interface_count++;
    return LK_OK;
}

static enum lk_status read_packet(const struct lk_pcapng_reader *reader,
                                  struct lk_pcapng_packet *packet, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint32_t id = get32(&r, reader->little);
    uint64_t high = get32(&r, reader->little);
    uint64_t low = get32(&r, reader->little);
    uint32_t held = get32(&r, reader->little);
    uint32_t sent = get32(&r, reader->little);

    packet->octets = lk_get_span(&r, held);
    (void)lk_get_span(&r, (4u - held % 4u) % 4u);
    if (r.status != LK_OK)
        return LK_E_LENGTH;
    if (id >= reader->interface_count)
        return LK_E_VALUE;
    packet->cut = held < sent;
    packet->link = reader->interfaces[id].link;
    packet->at_ns = to_ns(high << 32 | low, reader->interfaces[id].resolution);
    packet->comment = find_option(lk_get_rest(&r), reader->little, OPTION_COMMENT);
    return LK_OK;
}

/* A packet without a time: of interface 0, and padded. */
static enum lk_status read_simple(const struct lk_pcapng_reader *reader,
                                  struct lk_pcapng_packet *packet, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint32_t sent = get32(&r, reader->little);

    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (reader->interface_count == 0)
        return LK_E_VALUE;
    packet->cut = sent > r.left;
    packet->octets = lk_get_span(&r, packet->cut ? r.left : sent);
    packet->link = reader->interfaces[0].link;
    return LK_OK;
}

/* Cuts the next block off. The octet order is learnt here, from a section's magic. */
static enum lk_status next_block(struct lk_pcapng_reader *reader, uint32_t *type,
                                 struct lk_span *body)
{
    struct lk_reader r = lk_reader_of(reader->left);
    uint32_t total, again;

    *type = lk_get_be32(&r);
    if (r.status == LK_OK && *type == BLOCK_SECTION && reader->left.len >= BLOCK_LEAST) {
        struct lk_reader magic = lk_reader_of(lk_span_of(reader->left.at + 8, 4));

        reader->little = lk_get_be32(&magic) == __builtin_bswap32(MAGIC);
    } else if (reader->little) {
        *type = __builtin_bswap32(*type);
    }
    total = get32(&r, reader->little);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (total < BLOCK_LEAST || total > BLOCK_MOST || total % 4 != 0)
        return LK_E_LENGTH;
    *body = lk_get_span(&r, total - BLOCK_LEAST);
    again = get32(&r, reader->little);
    if (r.status != LK_OK)
        return LK_E_SHORT;
    if (again != total)
        return LK_E_LENGTH;
    reader->left = lk_get_rest(&r);
    return LK_OK;
}

/* spec: draft-ietf-opsawg-pcapng 4.7 - a Decryption Secrets Block says of what kind its secrets
 * are, and how long. */
static enum lk_status read_secrets(struct lk_pcapng_reader *reader,
                                   struct lk_pcapng_packet *packet, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint32_t kind = get32(&r, reader->little);
    struct lk_span secrets = lk_get_span(&r, get32(&r, reader->little));

    reader->has_secrets = true;
    if (r.status != LK_OK || kind != LK_SECRETS_LATCHKEY)
        return LK_E_NOT_FOUND; /* for others */
    packet->keys = true;
    packet->octets = secrets;
    return LK_OK;
}

/* What one block means. LK_E_NOT_FOUND: no packet in it, go on. */
static enum lk_status read_block(struct lk_pcapng_reader *reader, struct lk_pcapng_packet *packet,
                                 uint32_t type, struct lk_span body)
{
    enum lk_status status;

    if (type != BLOCK_SECTION && !reader->in_section)
        return LK_E_VALUE;
    switch (type) {
    case BLOCK_SECTION:
        status = read_section(reader, body);
        break;
    case BLOCK_INTERFACE:
        status = read_interface(reader, body);
        break;
    case BLOCK_PACKET:
        return read_packet(reader, packet, body);
    case BLOCK_SIMPLE:
        return read_simple(reader, packet, body);
    case BLOCK_SECRETS:
        return read_secrets(reader, packet, body);
    default:
        status = LK_OK;
        break;
    }
    return status == LK_OK ? LK_E_NOT_FOUND : status;
}

enum lk_status lk_pcapng_next(struct lk_pcapng_reader *reader, struct lk_pcapng_packet *packet)
{
    memset(packet, 0, sizeof *packet);
    while (reader->left.len > 0) {
        struct lk_span before = reader->left, body;
        uint32_t type;
        enum lk_status status = next_block(reader, &type, &body);

        if (status == LK_OK)
            status = read_block(reader, packet, type, body);
        if (status == LK_E_NOT_FOUND)
            continue;
        if (status != LK_OK)
            reader->left = before;
        return status;
    }
    return reader->in_section ? LK_E_NOT_FOUND : LK_E_SHORT;
}

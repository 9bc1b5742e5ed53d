#include "wire/sctp.h"

enum {
    CHUNK_DATA = 0,
    CHUNK_HEADER = 4,
    DATA_HEADER = 12, /* behind the chunk's */
    FLAG_ENDS = 1,
    FLAG_BEGINS = 2,
    FLAG_UNORDERED = 4,
};

/* spec: RFC 9260 3 - a common header of twelve octets, then chunks. */
enum lk_status lk_sctp_decode(struct lk_sctp *packet, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    packet->from_port = lk_get_be16(&r);
    packet->to_port = lk_get_be16(&r);
    packet->tag = lk_get_be32(&r);
    (void)lk_get_be32(&r);
    packet->left = r;
    return r.status;
}

static void get_data(struct lk_sctp_data *data, uint8_t flags, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    data->begins = (flags & FLAG_BEGINS) != 0;
    data->ends = (flags & FLAG_ENDS) != 0;
    data->unordered = (flags & FLAG_UNORDERED) != 0;
    data->tsn = lk_get_be32(&r);
    data->stream = lk_get_be16(&r);
    (void)lk_get_be16(&r);
    data->ppid = lk_get_be32(&r);
    data->octets = lk_get_rest(&r);
}

/* spec: RFC 9260 3.3.1 - a DATA chunk says whether its octets begin and end a message, where they
 * stand in the association, and of what protocol they are; chunks are padded to four octets, which
 * their lengths do not count. */
enum lk_status lk_sctp_next(struct lk_sctp_data *data, struct lk_sctp *packet)
{
    struct lk_reader *r = &packet->left;

    *data = (struct lk_sctp_data){ 0 };
    while (r->left > 0) {
        uint8_t type = lk_get_u8(r), flags = lk_get_u8(r);
        size_t len = lk_get_be16(r), padding = (4 - len % 4) % 4;
        struct lk_span body;

        if (r->status == LK_OK && len < CHUNK_HEADER)
            return LK_E_LENGTH;
        body = lk_get_span(r, r->status == LK_OK ? len - CHUNK_HEADER : 0);
        if (r->status != LK_OK)
            return r->status;
        (void)lk_get_span(r, r->left < padding ? r->left : padding);
        if (type != CHUNK_DATA)
            continue;
        if (body.len <= DATA_HEADER)
            return LK_E_LENGTH;
        get_data(data, flags, body);
        return LK_OK;
    }
    return LK_E_NOT_FOUND;
}

/* spec: RFC 9260 annex A - CRC32c over the packet with zeroes in the place of the checksum. */
uint32_t lk_sctp_checksum(struct lk_span packet)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < packet.len; i++) {
        bool own = i >= LK_SCTP_CHECKSUM_AT && i < LK_SCTP_HEADER_LEN;

        crc ^= own ? 0 : packet.at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0x82f63b78) : 0);
    }
    return ~crc;
}

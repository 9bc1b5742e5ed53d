/* A capture without secrets shows what eNB and WT say, and not the key that they hand over. */
#include "role/seen.h"

#include <string.h>

#include "base/secret.h"
#include "wire/sctp.h"

void lk_seen_withhold(uint8_t *room, struct lk_span message)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap decoded;
    enum lk_status status = lk_xwap_decode(&decoded, &found, message);

    memset(room, 0, message.len);
    if (status != LK_OK && status != LK_E_MISSING)
        return;
    memcpy(room, message.at, message.len);
    if (decoded.key.len > 0)
        lk_wipe(room + (decoded.key.at - message.at), decoded.key.len);
}

static void put_checksum(uint8_t *room, size_t len)
{
    uint32_t sum = lk_sctp_checksum(lk_span_of(room, len));

    for (size_t i = 0; i < 4; i++)
        room[LK_SCTP_CHECKSUM_AT + i] = (uint8_t)(sum >> 8 * i);
}

void lk_seen_withhold_sctp(uint8_t *room, struct lk_span packet)
{
    struct lk_sctp walk;
    struct lk_sctp_data data;
    enum lk_status status;

    memset(room, 0, packet.len);
    if (lk_sctp_decode(&walk, packet) != LK_OK)
        return;
    memcpy(room, packet.at, packet.len);
    while ((status = lk_sctp_next(&data, &walk)) == LK_OK) {
        uint8_t *at = room + (data.octets.at - packet.at);

        if (data.begins && data.ends)
            lk_seen_withhold(at, data.octets);
        else
            memset(at, 0, data.octets.len);
    }
    if (status == LK_E_NOT_FOUND)
        put_checksum(room, packet.len);
    else
        memset(room, 0, packet.len); /* who knows what is in it */
}

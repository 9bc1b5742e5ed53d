/* MIS between two PoS, and what goes over TCP or DTLS: messages in clear, without the K in them
 * unless secrets are wanted. */
#include "role/seen.h"

#include <string.h>

#include "base/secret.h"

/* K of an envelope; of what does not decode, and of any other that holds a key, the
 * whole value. */
static void withhold(uint8_t *at, uint8_t type, struct lk_span value,
                     const struct lk_mis_codes *codes)
{
    struct lk_mis_key_envelope envelope;
    struct lk_reader r = lk_reader_of(value);

    if (!lk_mis_tlv_holds_key(type, codes))
        return;
    if (type == codes->tlv[LK_MIS_OWN_KEY_ENVELOPE]) {
        lk_mis_get_key_envelope(&r, &envelope, codes);
        if (lk_reader_end(&r) == LK_OK) {
            at += envelope.key.at - value.at;
            value = envelope.key;
        }
    }
    if (value.len > 0)
        lk_wipe(at, value.len);
}

void lk_seen_withhold_mis(uint8_t *room, struct lk_span message,
                          const struct lk_mis_codes *codes)
{
    struct lk_mis_pdu pdu;
    struct lk_span value;
    struct lk_reader r;
    uint8_t type;

    memset(room, 0, message.len);
    if (lk_mis_decode(&pdu, message, codes) != LK_OK)
        return;
    memcpy(room, message.at, message.len);
    r = lk_reader_of(pdu.body);
    while (lk_mis_tlv_next(&r, &type, &value))
        if (value.len > 0)
            withhold(room + (value.at - message.at), type, value, codes);
    if (lk_reader_end(&r) != LK_OK)
        memset(room, 0, message.len); /* who knows what is in it */
}

void lk_seen_mis(struct lk_seen *seen, enum lk_seen_leg leg, const struct lk_capture_end *from,
                 const struct lk_capture_end *to, struct lk_span message)
{
    const struct lk_capture_opened about = { .dissector = "mih", .stream = true, .from = *from,
                                             .to = *to };
    uint8_t room[LK_MIS_FRAME_MAX];

    if (!lk_seen_wants(seen, leg) || message.len > sizeof room)
        return;
    if (!seen->secrets) {
        lk_seen_withhold_mis(room, message, &seen->mis);
        message.at = room;
    }
    lk_seen_message(seen, &about, message);
}

void lk_seen_mis_key(struct lk_seen *seen, const struct lk_mis_key_log *entry)
{
    char line[LK_MIS_KEY_LOG_LINE];

    if (seen->file == NULL || !seen->secrets)
        return;
    lk_mis_key_log_write(line, entry);
    lk_seen_key_line(seen, line);
    lk_wipe(line, sizeof line);
}

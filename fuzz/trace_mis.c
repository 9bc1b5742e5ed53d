/* Octets as segments of MIS, one behind another: length, a kind, a sequence number, payload. Every
 * message lies within its bounds, and reading ends. Lines of keys, too. */
#include <string.h>

#include "fuzz.h"

#include "keys/log.h"
#include "trace/mis_read.h"

static struct lk_mis_reader reader;

static void take(struct lk_span payload, uint8_t kind, uint32_t sequence)
{
    struct lk_datagram d = { .carrier = (kind & 1) != 0 ? LK_CARRIER_TCP : LK_CARRIER_UDP,
                             .begins = (kind & 2) != 0, .sequence = sequence, .payload = payload };
    struct lk_span message;
    size_t messages = 0;

    d.from.port = (kind & 4) != 0 ? LK_MIS_PORT : 1;
    d.to.port = kind >> 3;
    if (!lk_mis_read(&reader, &d))
        return;
    while (lk_mis_read_next(&reader, &message) == LK_OK) {
        LK_ASSERT(message.len >= LK_MIS_HEADER_LEN && message.at != NULL);
        LK_ASSERT(message.len <= LK_MIS_FRAME_MAX);
        LK_ASSERT(++messages <= payload.len);
        (void)lk_mis_is_message(message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_span text = lk_span_of(octets, len);
    struct lk_mis_key_log entry, again;
    enum lk_status status;

    lk_mis_reader_init(&reader);
    while (r.left > 0 && r.status == LK_OK) {
        uint8_t kind = lk_get_u8(&r);
        uint16_t sequence = lk_get_be16(&r);

        take(lk_get_lv8(&r), kind, sequence);
    }
    while ((status = lk_mis_key_log_next(&entry, &text)) != LK_E_NOT_FOUND) {
        char line[LK_MIS_KEY_LOG_LINE];
        struct lk_span one;

        if (status != LK_OK)
            continue;
        lk_mis_key_log_write(line, &entry);
        one = lk_span_text(line);
        LK_ASSERT(lk_mis_key_log_next(&again, &one) == LK_OK);
        LK_ASSERT(memcmp(&entry, &again, sizeof entry) == 0);
    }
    return 0;
}

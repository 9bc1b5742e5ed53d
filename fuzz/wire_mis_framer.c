/* A stream of MIS messages cut into parts as the first octet says: however it is cut, the same
 * messages come out, until it ends or a length ends it. */
#include "fuzz.h"

#include "wire/mis_framer.h"

struct outcome {
    size_t count, octets;
    enum lk_status status;
};

static struct outcome run(struct lk_mis_framer *framer, struct lk_span stream, size_t step)
{
    struct outcome outcome = { 0, 0, LK_E_SHORT };

    lk_mis_framer_wipe(framer);
    for (size_t at = 0; at < stream.len && outcome.status == LK_E_SHORT; at += step) {
        size_t left = stream.len - at;
        struct lk_span part = lk_span_of(stream.at + at, left < step ? left : step), message;

        while ((outcome.status = lk_mis_framer_next(framer, &message, &part)) == LK_OK) {
            LK_ASSERT(message.len >= LK_MIS_HEADER_LEN && message.len <= LK_MIS_FRAME_MAX);
            outcome.count++;
            outcome.octets += message.len;
        }
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct lk_mis_framer framer;
    struct outcome whole, cut;

    if (len < 2)
        return 0;
    whole = run(&framer, lk_span_of(octets + 1, len - 1), len);
    cut = run(&framer, lk_span_of(octets + 1, len - 1), octets[0] + 1u);
    LK_ASSERT(whole.count == cut.count && whole.octets == cut.octets);
    LK_ASSERT(whole.status == cut.status);
    return 0;
}

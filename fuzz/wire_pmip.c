/* Octets as a mobility message: what decodes encodes, and that decodes to the same again. */
#include "fuzz.h"

#include "wire/pmip.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t first[4096], second[4096];
    static const struct lk_address end = { { 1 } };
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_mobility_message message, again;

    if (lk_mobility_decode(&message, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(lk_mobility_status_name(message.status) != NULL);
    (void)lk_mobility_sum(&end, &end, lk_span_of(octets, len));
    (void)lk_mobility_timestamp_ms(message.options.timestamp);
    /* Padding may make it longer than a message can be. */
    if (lk_mobility_encode(&w1, &message) != LK_OK)
        return 0;
    LK_ASSERT(lk_mobility_decode(&again, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(again.options.present == message.options.present);
    LK_ASSERT(lk_mobility_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
    return 0;
}

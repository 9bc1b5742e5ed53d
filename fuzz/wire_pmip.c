/* Octets as a mobility message: what decodes encodes, and that decodes to the same again. */
#include "fuzz.h"

#include "wire/pmip.h"
#include "wire/pmip_place.h"

/* A place, if it is one, is written as it came; an IPv4 one may have come in its mapped form. */
static void place(struct lk_span data)
{
    uint8_t octets[LK_MOBILITY_PLACE_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mobility_place told;

    if (lk_mobility_place_get(&told, data) != LK_OK)
        return;
    LK_ASSERT(told.port != 0);
    lk_mobility_place_put(&w, &told);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), data) || lk_address_is_v4(&told.address));
}

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
    for (size_t i = 0; i < message.options.auth_count; i++)
        LK_ASSERT(message.options.auth[i].covered.at == octets &&
                  message.options.auth[i].covered.len < len);
    (void)lk_mobility_sum(&end, &end, lk_span_of(octets, len));
    (void)lk_mobility_timestamp_ms(message.options.timestamp);
    for (size_t i = 0; i < message.options.vendor_count; i++)
        place(message.options.vendor[i].data);
    /* Padding may make it longer than a message can be. */
    if (lk_mobility_encode(&w1, &message) != LK_OK)
        return 0;
    LK_ASSERT(lk_mobility_decode(&again, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(again.options.present == message.options.present);
    LK_ASSERT(lk_mobility_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
    return 0;
}

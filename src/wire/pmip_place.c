#include "wire/pmip_place.h"

#include <string.h>

enum { V4_LEN = 4, V4_AT = LK_ADDRESS_LEN - V4_LEN, HEAD_LEN = 2 + 4 + LK_MOBILITY_WORD_LEN };

enum lk_status lk_mobility_place_get(struct lk_mobility_place *place, struct lk_span data)
{
    struct lk_reader r = lk_reader_of(data);
    struct lk_mobility_place told = { .port = lk_get_be16(&r) };
    uint8_t v4[V4_LEN];

    memset(place, 0, sizeof *place);
    told.beats_ms = lk_get_be32(&r);
    lk_get_copy(&r, told.word, sizeof told.word);
    if (data.len == HEAD_LEN + V4_LEN) {
        lk_get_copy(&r, v4, sizeof v4);
        told.address = lk_address_v4(v4);
    } else if (data.len == HEAD_LEN + LK_ADDRESS_LEN) {
        lk_get_copy(&r, told.address.octets, sizeof told.address.octets);
    } else {
        return LK_E_LENGTH;
    }
    if (told.port == 0 || lk_address_is_any(&told.address))
        return LK_E_VALUE;
    *place = told;
    return lk_reader_end(&r);
}

void lk_mobility_place_put(struct lk_writer *w, const struct lk_mobility_place *place)
{
    lk_put_be16(w, place->port);
    lk_put_be32(w, place->beats_ms);
    lk_put_octets(w, place->word, sizeof place->word);
    if (lk_address_is_v4(&place->address))
        lk_put_octets(w, place->address.octets + V4_AT, V4_LEN);
    else
        lk_put_octets(w, place->address.octets, LK_ADDRESS_LEN);
}

/* The MIS codec: a datagram that decodes is written again as one that decodes to the same, and so
 * is each list of TLVs, in clear or as if it had been opened. The first octet chooses the codes. */
#include "fuzz.h"

#include "wire/mis.h"

enum { ROOM = LK_MIS_MAX + 64 };

static struct lk_mis_codes set_of(uint8_t choice)
{
    struct lk_mis_codes codes = lk_mis_codes_default;

    codes.least_bit_first = (choice & 1) != 0;
    if ((choice & 2) != 0) /* in the block of 802.21a, where nothing is experimental */
        for (unsigned i = 0; i < 12; i++)
            codes.tlv[i] = (uint8_t)(64 + i);
    LK_ASSERT(lk_mis_codes_check(&codes) == LK_OK);
    return codes;
}

static void walk(const struct lk_mis_message *m)
{
    struct lk_mis_link_key key;
    struct lk_mis_target target;
    struct lk_reader r = lk_reader_of(m->targets);

    if (lk_mis_has(m, LK_MIS_TLV_TARGETS)) {
        for (size_t count = lk_mis_get_length(&r); count > 0; count--)
            lk_mis_get_target(&r, &target);
        LK_ASSERT(lk_reader_end(&r) == LK_OK);
    }
    r = lk_reader_of(m->link_keys);
    if (lk_mis_has(m, LK_MIS_TLV_LINK_KEYS)) {
        for (size_t count = lk_mis_get_length(&r); count > 0; count--)
            lk_mis_get_link_key(&r, &key);
        LK_ASSERT(lk_reader_end(&r) == LK_OK);
    }
}

static void list(const struct lk_mis_header *header, struct lk_span tlvs,
                 const struct lk_mis_codes *codes)
{
    static uint8_t first[ROOM], second[ROOM];
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_mis_message message, again;

    if (lk_mis_message_get(&message, header, tlvs, codes) != LK_OK)
        return;
    walk(&message);
    LK_ASSERT(lk_mis_message_put(&w1, &message, codes) == LK_OK);
    LK_ASSERT(w1.len <= tlvs.len);
    LK_ASSERT(lk_mis_message_get(&again, header, lk_writer_span(&w1), codes) == LK_OK);
    LK_ASSERT(again.present == message.present);
    LK_ASSERT(lk_mis_message_put(&w2, &again, codes) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[ROOM], covered_room[LK_MIS_COVERED_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_writer covered = lk_writer_of(covered_room, sizeof covered_room);
    struct lk_mis_pdu pdu, again;
    struct lk_mis_codes codes;

    if (len == 0)
        return 0;
    codes = set_of(octets[0]);
    if (lk_mis_decode(&pdu, lk_span_of(octets + 1, len - 1), &codes) != LK_OK)
        return 0;
    LK_ASSERT(lk_mis_action_name(lk_mis_action_of(pdu.header.id, &codes)) != NULL);
    LK_ASSERT(lk_mis_encode(&w, &pdu, &codes) == LK_OK && w.len <= len - 1);
    LK_ASSERT(lk_mis_decode(&again, lk_writer_span(&w), &codes) == LK_OK);
    LK_ASSERT(again.header.id == pdu.header.id && again.header.secured == pdu.header.secured);
    LK_ASSERT(lk_span_equal(again.source, pdu.source));
    LK_ASSERT(lk_span_equal(again.destination, pdu.destination));
    LK_ASSERT(lk_span_equal(again.body, pdu.body));
    LK_ASSERT(lk_span_equal(again.security.encr, pdu.security.encr));
    if (pdu.header.secured) {
        LK_ASSERT(lk_mis_covered(&covered, &pdu, &codes) == LK_OK);
        LK_ASSERT(lk_span_equal(again.covered, lk_writer_span(&covered)));
    }
    list(&pdu.header, pdu.header.secured ? pdu.security.encr : pdu.body, &codes);
    return 0;
}

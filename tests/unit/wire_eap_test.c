/* wire/eap: good packets both ways, every cut, and each way of being wrong that has a status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/eap.h"

static uint8_t room[LK_EAP_PACKET_MAX + 600];

static enum lk_status decode(struct lk_eap_packet *packet, const struct lk_writer *w)
{
    assert_int_equal(lk_writer_end(w), LK_OK);
    return lk_eap_decode(packet, lk_writer_span(w));
}

/* ---- building any message of the table ---- */

/* A value of len octets in the layout of the attribute, which may be none that it allows. */
static void put_attribute(struct lk_writer *w, const struct lk_at_row *row, size_t len)
{
    static const uint8_t value[1024];
    struct lk_span span = lk_span_of(value, len);

    switch (row->form) {
    case LK_FORM_EMPTY: lk_aka_put_empty(w, (enum lk_at)row->type); break;
    case LK_FORM_U16: lk_aka_put_u16(w, (enum lk_at)row->type, 1); break;
    case LK_FORM_BLOCK: lk_aka_put_block(w, (enum lk_at)row->type, span); break;
    case LK_FORM_TEXT: lk_aka_put_text(w, (enum lk_at)row->type, span); break;
    case LK_FORM_RES: lk_aka_put_res(w, span); break;
    case LK_FORM_RAW:
        lk_put_u8(w, row->type);
        lk_put_u8(w, (uint8_t)((len + 2) / 4));
        lk_put_span(w, span);
        break;
    case LK_FORM_UNKNOWN: fail_msg("a row without a form");
    }
}

static void put_set(struct lk_writer *w, uint32_t set)
{
    for (size_t i = 0; i < lk_at_row_count(); i++) {
        const struct lk_at_row *row = lk_at_row(i);

        /* the padding must be last: it is put there by whoever wants it */
        if ((set & lk_at_bit((enum lk_at)row->type)) != 0 && row->type != LK_AT_PADDING)
            put_attribute(w, row, row->min);
    }
}

static struct lk_writer message(const struct lk_aka_message_row *row, uint8_t type, uint32_t set)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_aka_begin(&w, (enum lk_eap_code)row->code, 1, type, row->subtype);
    put_set(&w, set);
    lk_eap_finish(&w);
    return w;
}

static uint8_t type_of(const struct lk_aka_message_row *row)
{
    return row->type != 0 ? row->type : LK_EAP_AKA_PRIME;
}

/* The lowest bit of a set, so that exactly one of it is there. */
static uint32_t lowest(uint32_t set)
{
    return set & (0u - set);
}

/* ---- good packets ---- */

static void published_packets_decode_and_show_themselves(void **state)
{
    static const char *const names[] = {
        "Request/AKA'-Identity", "Response/AKA'-Identity", "Request/AKA'-Challenge",
        "Response/AKA'-Challenge", "Success", "Response/AKA'-Authentication-Reject",
        "Response/AKA'-Synchronization-Failure", "Response/AKA'-Client-Error",
        "Request/AKA'-Reauthentication", "Response/AKA'-Reauthentication",
        "Response/AKA'-Reauthentication" };
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *list = vectors_list(file, "packets");

    assert_int_equal(json_array_size(list), LK_COUNT_OF(names));
    for (size_t i = 0; i < LK_COUNT_OF(names); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "hex");
        char name[LK_EAP_NAME_MAX];
        struct lk_eap_packet packet;
        struct lk_aka_item item;
        struct lk_reader r;
        size_t walked = 0;

        assert_int_equal(lk_eap_decode(&packet, vector_span(&octets)), LK_OK);
        lk_eap_packet_name(name, &packet);
        assert_string_equal(name, names[i]);
        r = lk_reader_of(packet.attributes);
        while (lk_aka_walk(&r, &item)) {
            assert_non_null(strstr(item.name, "AT_"));
            walked += item.whole.len;
        }
        assert_int_equal(walked, packet.attributes.len);
    }
    json_decref(file);
}

static void published_challenge_gives_its_fields(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *packets = vectors_list(file, "packets");
    const json_t *challenge = json_array_get(packets, 2);
    struct vector_octets octets = vector_hex(challenge, "hex");
    struct vector_octets plain = vector_hex(challenge, "encr_plaintext");
    struct lk_eap_packet packet;
    struct lk_aka_attributes inner;

    assert_int_equal(lk_eap_decode(&packet, vector_span(&octets)), LK_OK);
    assert_vector(file, "inputs.rand", packet.at.rand.at, packet.at.rand.len);
    assert_vector(file, "inputs.autn", packet.at.autn.at, packet.at.autn.len);
    assert_true(lk_span_equal(packet.at.kdf_input, lk_span_text("WLAN")));
    assert_int_equal(packet.at.kdf_count, 1);
    assert_int_equal(packet.at.kdf[0], LK_AKA_KDF_CK_IK_PRIME);
    assert_vector(challenge, "checkcode", packet.at.checkcode.at, packet.at.checkcode.len);
    assert_vector(challenge, "iv", packet.at.iv.at, packet.at.iv.len);
    assert_int_equal(packet.mac_offset, octets.len - 16);
    assert_int_equal(lk_aka_decode_encrypted(&inner, &packet, vector_span(&plain)), LK_OK);
    assert_true(lk_span_equal(inner.next_pseudonym, lk_span_text("7pseudonym-0001")));
    assert_int_equal(inner.next_reauth_id.len, 51);
    json_decref(file);
}

/* spec: RFC 4187 10.1 - each message with what it must and with all that it may hold. */
static void every_message_of_the_table_decodes(void **state)
{
    for (size_t i = 0; i < lk_aka_message_row_count(); i++) {
        const struct lk_aka_message_row *row = lk_aka_message_row(i);
        uint32_t sets[] = { row->must | lowest(row->one_of),
                            row->must | row->may | lowest(row->one_of) };

        for (size_t j = 0; j < LK_COUNT_OF(sets); j++) {
            struct lk_writer w = message(row, type_of(row), sets[j]);
            struct lk_eap_packet packet;

            assert_int_equal(decode(&packet, &w), LK_OK);
            assert_int_equal(packet.at.present, sets[j]);
            assert_int_equal(packet.subtype, row->subtype);
        }
    }
}

static void values_come_back_as_they_were_put(void **state)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_eap_packet packet;

    lk_aka_begin(&w, LK_EAP_RESPONSE, 9, LK_EAP_AKA_PRIME, LK_AKA_SYNCHRONIZATION_FAILURE);
    lk_aka_put_auts(&w, lk_span_text("fourteen octet"));
    lk_aka_put_u16(&w, LK_AT_KDF, 7);
    lk_aka_put_u16(&w, LK_AT_KDF, 1);
    lk_eap_finish(&w);
    assert_int_equal(decode(&packet, &w), LK_OK);
    assert_int_equal(packet.code, LK_EAP_RESPONSE);
    assert_int_equal(packet.id, 9);
    assert_true(lk_span_equal(packet.at.auts, lk_span_text("fourteen octet")));
    assert_int_equal(packet.at.kdf_count, 2);
    assert_int_equal(packet.at.kdf[0], 7);
    assert_int_equal(packet.at.kdf[1], 1);
}

/* spec: RFC 4187 10.8 - the length of RES counts bits.
 * spec: RFC 4187 10.9 - AUTS follows type and length directly. */
static void res_counts_bits_and_auts_has_no_reserved_octets(void **state)
{
    static const uint8_t res[] = { 3, 4, 0, 72, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0 };
    static const uint8_t auts[] = { 4, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_aka_put_res(&w, lk_span_of(res + 4, 9));
    lk_aka_put_auts(&w, lk_span_of(auts + 2, 14));
    assert_int_equal(w.len, sizeof res + sizeof auts);
    assert_memory_equal(room, res, sizeof res);
    assert_memory_equal(room + sizeof res, auts, sizeof auts);
}

/* ---- cuts ---- */

static void every_cut_and_one_octet_more_is_refused(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *list = vectors_list(file, "packets");

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "hex");
        struct lk_eap_packet packet;

        for (size_t len = 0; len < octets.len; len++)
            assert_int_equal(lk_eap_decode(&packet, lk_span_of(octets.at, len)), LK_E_SHORT);
        octets.at[octets.len] = 0;
        assert_int_equal(lk_eap_decode(&packet, lk_span_of(octets.at, octets.len + 1)),
                         LK_E_TRAILING);
    }
    json_decref(file);
}

/* The same cuts with a length field that agrees: what is inside must notice. */
static void every_cut_with_a_length_that_agrees_is_refused(void **state)
{
    json_t *file = vectors_load("eap_aka_prime_packets");
    const json_t *list = vectors_list(file, "packets");

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "hex");
        struct lk_eap_packet packet;

        for (size_t len = 4; len < octets.len; len++) {
            octets.at[2] = (uint8_t)(len >> 8);
            octets.at[3] = (uint8_t)len;
            if (lk_eap_decode(&packet, lk_span_of(octets.at, len)) != LK_OK)
                continue;
            /* only AT_KDF behind AUTS may be left away */
            assert_int_equal(packet.subtype, LK_AKA_SYNCHRONIZATION_FAILURE);
            assert_int_equal(octets.len - len, 4);
        }
    }
    json_decref(file);
}

/* ---- headers ---- */

struct bad_header {
    uint8_t octets[8];
    size_t len;
    enum lk_status status;
};

/* spec: RFC 3748 4 - four codes; results are four octets, the others have a type. */
static void bad_headers_are_refused(void **state)
{
    static const struct bad_header rows[] = {
        { { 0, 1, 0, 5, 1 }, 5, LK_E_VALUE },      /* code 0 */
        { { 5, 1, 0, 5, 1 }, 5, LK_E_VALUE },      /* code 5 */
        { { 1, 1, 0, 4 }, 4, LK_E_LENGTH },        /* a request without a type */
        { { 1, 1, 0, 0 }, 4, LK_E_LENGTH },
        { { 3, 1, 0, 5, 0 }, 5, LK_E_LENGTH },     /* a success with more */
        { { 4, 1, 0, 3 }, 4, LK_E_LENGTH },
        { { 1, 1, 0xff, 0xff, 1 }, 5, LK_E_LENGTH },
        { { 1, 1, 0, 5, 0 }, 5, LK_E_VALUE },      /* type 0 */
        { { 1, 1, 0, 6, 50, 5 }, 6, LK_E_SHORT },  /* AKA' without its reserved octets */
        { { 1, 1, 0, 8, 50, 3, 0, 0 }, 8, LK_E_UNKNOWN }, /* a subtype that is none */
        { { 2, 1, 0, 8, 23, 1, 0, 0 }, 8, LK_E_MISSING },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_eap_packet packet;

        assert_int_equal(lk_eap_decode(&packet, lk_span_of(rows[i].octets, rows[i].len)),
                         rows[i].status);
    }
}

/* A27: what is not AKA, AKA', identity, notification or Nak stays undecoded: no code behind it. */
static void other_methods_are_header_and_octets(void **state)
{
    for (unsigned type = 1; type <= 255; type++) {
        uint8_t octets[] = { 1, 1, 0, 8, (uint8_t)type, 0xff, 0xff, 0xff };
        struct lk_eap_packet packet;
        enum lk_status status = lk_eap_decode(&packet, LK_SPAN(octets));

        if (type == LK_EAP_AKA || type == LK_EAP_AKA_PRIME) {
            assert_int_equal(status, LK_E_UNKNOWN);
            continue;
        }
        assert_int_equal(status, LK_OK);
        assert_int_equal(packet.attributes.len, 0);
        assert_int_equal(packet.type_data.len, 3);
        assert_string_equal(lk_eap_type_name((uint8_t)type),
                            type == 1   ? "Identity"
                            : type == 2 ? "Notification"
                            : type == 3 ? "Nak"
                                        : "?");
    }
}

/* ---- attributes ---- */

/* A10: every attribute number with each length that has been fatal to somebody, outside and inside
 * AT_ENCR_DATA. spec: RFC 4187 8.1 - a length of zero ends nowhere; unknown ones below 128 are
 * refused, those above skipped. */
static void every_attribute_with_odd_lengths(void **state)
{
    static const uint8_t lengths[] = { 0, 1, 2, 255 };

    for (unsigned type = 0; type < 256; type++) {
        for (size_t i = 0; i < 4 * LK_COUNT_OF(lengths); i++) {
            uint8_t words = lengths[i / 4];
            size_t there = i % 2 ? 4u * words : 4; /* as many octets as it says, or four */
            struct lk_writer w = lk_writer_of(room, sizeof room);
            struct lk_aka_attributes inner;
            struct lk_eap_packet packet;
            struct lk_span attribute;
            enum lk_status status;

            lk_aka_begin(&w, LK_EAP_REQUEST, 1, LK_EAP_AKA, LK_AKA_REAUTHENTICATION);
            lk_put_u8(&w, (uint8_t)type);
            lk_put_u8(&w, words);
            lk_put_zeroes(&w, there > 2 ? there - 2 : 0);
            lk_eap_finish(&w);
            attribute = lk_span_of(room + LK_AKA_HEADER_LEN, w.len - LK_AKA_HEADER_LEN);
            status = decode(&packet, &w);
            assert_int_not_equal(status, LK_OK);
            if (words == 0)
                assert_int_equal(status, LK_E_LENGTH);
            else if (4u * words > there)
                assert_int_equal(status, LK_E_SHORT);
            else if (lk_at_bit((enum lk_at)type) == 0)
                assert_int_equal(status, type < LK_AT_FIRST_SKIPPABLE ? LK_E_UNKNOWN
                                                                      : LK_E_MISSING);
            status = lk_aka_decode_encrypted(&inner, &packet, attribute);
            assert_int_not_equal(status, LK_OK);
        }
    }
}

/* Each attribute one octet (or one block) below its least and above its greatest length. */
static void values_outside_their_limits_are_refused(void **state)
{
    for (size_t i = 0; i < lk_at_row_count(); i++) {
        const struct lk_at_row *row = lk_at_row(i);
        size_t step = row->form == LK_FORM_BLOCK || row->form == LK_FORM_RAW ? 4 : 1;
        size_t lengths[] = { row->min >= step ? row->min - step : row->max + step,
                             row->max + step };

        if (row->form == LK_FORM_EMPTY || row->form == LK_FORM_U16)
            continue;
        for (size_t j = 0; j < LK_COUNT_OF(lengths); j++) {
            struct lk_writer w = lk_writer_of(room, sizeof room);
            struct lk_eap_packet packet;

            if (lengths[j] > 1000) /* more cannot be put */
                continue;
            lk_aka_begin(&w, LK_EAP_RESPONSE, 1, LK_EAP_AKA_PRIME, LK_AKA_CHALLENGE);
            put_attribute(&w, row, lengths[j]);
            lk_eap_finish(&w);
            assert_int_equal(decode(&packet, &w), LK_E_LENGTH);
            assert_int_equal(packet.at.refused, row->type);
        }
    }
}

/* A24: each mandatory attribute taken away, one by one, and each that does not belong there put
 * in. */
static void what_is_missing_or_foreign_is_named(void **state)
{
    for (size_t i = 0; i < lk_aka_message_row_count(); i++) {
        const struct lk_aka_message_row *row = lk_aka_message_row(i);
        uint32_t good = row->must | lowest(row->one_of);
        struct lk_eap_packet packet;

        for (size_t j = 0; j < lk_at_row_count(); j++) {
            uint32_t bit = lk_at_bit((enum lk_at)lk_at_row(j)->type);
            struct lk_writer w;

            if (lk_at_row(j)->type == LK_AT_PADDING || (row->when & bit) != 0)
                continue;
            if ((row->must & bit) != 0) {
                w = message(row, type_of(row), good & ~bit);
                assert_int_equal(decode(&packet, &w), LK_E_MISSING);
                assert_int_equal(packet.at.refused, lk_at_row(j)->type);
            } else if (((row->may | row->one_of) & bit) == 0) {
                w = message(row, type_of(row), good | bit);
                assert_int_not_equal(decode(&packet, &w), LK_OK);
            }
        }
    }
}

/* spec: RFC 4187 9.1 - one of the three requests for an identity, and only one.
 * spec: RFC 4187 9.2 - the answer has the identity. */
static void an_identity_request_asks_exactly_one_thing(void **state)
{
    const struct lk_aka_message_row *row = lk_aka_message_row(0);
    struct lk_eap_packet packet;
    struct lk_writer w = message(row, LK_EAP_AKA, 0);

    assert_int_equal(decode(&packet, &w), LK_E_MISSING);
    w = message(row, LK_EAP_AKA, row->one_of);
    assert_int_equal(decode(&packet, &w), LK_E_TWICE);
}

static void what_may_come_once_does_not_come_twice(void **state)
{
    for (size_t i = 0; i < lk_at_row_count(); i++) {
        const struct lk_at_row *row = lk_at_row(i);
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_eap_packet packet;

        lk_aka_begin(&w, LK_EAP_REQUEST, 1, LK_EAP_AKA, LK_AKA_CHALLENGE);
        put_attribute(&w, row, row->min);
        put_attribute(&w, row, row->min);
        lk_eap_finish(&w);
        if (row->type == LK_AT_PADDING || row->many)
            assert_int_not_equal(decode(&packet, &w), LK_E_TWICE);
        else
            assert_int_equal(decode(&packet, &w), LK_E_TWICE);
    }
}

struct bad_row {
    const char *what;
    uint8_t octets[24];
    size_t len;
    enum lk_status status;
};

static void odd_values_are_refused(void **state)
{
    static const struct bad_row rows[] = {
        { "more counted than there is", { 14, 2, 0, 7, 'a', 'b', 'c', 'd' }, 8, LK_E_SHORT },
        { "four octets of filling", { 14, 2, 0, 0, 0, 0, 0, 0 }, 8, LK_E_LENGTH },
        { "RES of half an octet", { 3, 3, 0, 36, 1, 2, 3, 4, 5, 0, 0, 0 }, 12, LK_E_VALUE },
        { "RES in octets", { 3, 3, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 }, 12, LK_E_LENGTH },
        { "checkcode of another method", { 134, 6, 0, 0, 1, 2 }, 24, LK_E_LENGTH },
        { "a number of six octets", { 19, 2, 0, 1, 0, 0, 0, 0 }, 8, LK_E_LENGTH },
        { "half an attribute", { 13, 1, 0 }, 3, LK_E_SHORT },
        { "only a type", { 13 }, 1, LK_E_SHORT },
        { "padding that is not zero", { 6, 1, 0, 1 }, 4, LK_E_VALUE },
        { "padding that is not last", { 6, 1, 0, 0, 19, 1, 0, 1 }, 8, LK_E_UNEXPECTED },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_aka_attributes inner;
        struct lk_eap_packet packet;
        enum lk_status status;

        lk_aka_begin(&w, LK_EAP_RESPONSE, 1, LK_EAP_AKA_PRIME, LK_AKA_IDENTITY);
        lk_put_octets(&w, rows[i].octets, rows[i].len);
        lk_eap_finish(&w);
        status = decode(&packet, &w);
        if (status != rows[i].status)
            fail_msg("%s: %s", rows[i].what, lk_status_name(status));
        status = lk_aka_decode_encrypted(&inner, &packet,
                                         lk_span_of(rows[i].octets, rows[i].len));
        assert_int_equal(status, rows[i].status);
    }
}

/* spec: RFC 4187 10.12 - AT_IV and AT_ENCR_DATA come together, in whole blocks; padding fills. */
static void encrypted_data_comes_with_its_iv_in_whole_blocks(void **state)
{
    static const uint8_t block[32];
    struct lk_eap_packet packet;
    struct lk_writer w;

    for (int part = 0; part < 4; part++) {
        w = lk_writer_of(room, sizeof room);
        lk_aka_begin(&w, LK_EAP_RESPONSE, 1, LK_EAP_AKA, LK_AKA_NOTIFICATION);
        if (part != 0)
            lk_aka_put_block(&w, LK_AT_IV, lk_span_of(block, 16));
        if (part != 1)
            lk_aka_put_block(&w, LK_AT_ENCR_DATA, lk_span_of(block, part == 2 ? 20 : 16));
        lk_eap_finish(&w);
        assert_int_equal(decode(&packet, &w), part == 3   ? LK_OK
                                              : part == 2 ? LK_E_LENGTH
                                                          : LK_E_MISSING);
    }
    for (size_t len = 0; len <= 16; len += 4) {
        w = lk_writer_of(room, sizeof room);
        lk_put_zeroes(&w, len);
        lk_aka_put_padding(&w);
        assert_int_equal(w.len, len == 0 ? 0 : 16);
    }
}

/* spec: RFC 9048 3.2 - a list of functions longer than ours is refused, not cut. */
static void a_list_of_kdfs_has_an_end(void **state)
{
    for (size_t count = 1; count <= LK_AKA_KDF_MAX + 1; count++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_eap_packet packet;

        lk_aka_begin(&w, LK_EAP_RESPONSE, 1, LK_EAP_AKA_PRIME, LK_AKA_CHALLENGE);
        for (size_t i = 0; i < count; i++)
            lk_aka_put_u16(&w, LK_AT_KDF, (uint16_t)i);
        lk_eap_finish(&w);
        assert_int_equal(decode(&packet, &w), count > LK_AKA_KDF_MAX ? LK_E_FULL : LK_OK);
    }
}

static void the_walk_names_what_it_does_not_know(void **state)
{
    static const uint8_t octets[] = { 137, 1, 0, 0, 13, 1, 0, 0, 99, 0 };
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));
    struct lk_aka_item item;

    assert_true(lk_aka_walk(&r, &item));
    assert_string_equal(item.name, "AT_137");
    assert_int_equal(item.form, LK_FORM_UNKNOWN);
    assert_true(lk_aka_walk(&r, &item));
    assert_string_equal(item.name, "AT_ANY_ID_REQ");
    assert_string_equal(item.clause, "RFC 4187 10.3");
    assert_false(lk_aka_walk(&r, &item));
    assert_string_equal(item.name, "AT_099");
    assert_false(lk_aka_walk(&r, &item));
}

static void a_value_too_long_for_its_length_is_not_put(void **state)
{
    static const uint8_t value[1100];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_aka_put_text(&w, LK_AT_IDENTITY, LK_SPAN(value));
    assert_int_equal(lk_writer_end(&w), LK_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_packets_decode_and_show_themselves),
        cmocka_unit_test(published_challenge_gives_its_fields),
        cmocka_unit_test(every_message_of_the_table_decodes),
        cmocka_unit_test(values_come_back_as_they_were_put),
        cmocka_unit_test(res_counts_bits_and_auts_has_no_reserved_octets),
        cmocka_unit_test(every_cut_and_one_octet_more_is_refused),
        cmocka_unit_test(every_cut_with_a_length_that_agrees_is_refused),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(other_methods_are_header_and_octets),
        cmocka_unit_test(every_attribute_with_odd_lengths),
        cmocka_unit_test(values_outside_their_limits_are_refused),
        cmocka_unit_test(what_is_missing_or_foreign_is_named),
        cmocka_unit_test(an_identity_request_asks_exactly_one_thing),
        cmocka_unit_test(what_may_come_once_does_not_come_twice),
        cmocka_unit_test(odd_values_are_refused),
        cmocka_unit_test(encrypted_data_comes_with_its_iv_in_whole_blocks),
        cmocka_unit_test(a_list_of_kdfs_has_an_end),
        cmocka_unit_test(the_walk_names_what_it_does_not_know),
        cmocka_unit_test(a_value_too_long_for_its_length_is_not_put),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

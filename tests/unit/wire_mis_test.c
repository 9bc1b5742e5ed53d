/* wire/mis: frames of another hand to structs and back, every truncation, every malformed one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/mis.h"

enum { FRAME_MAX = 2048, LENGTH_AT = 6 };

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

/* Header, then the list of TLVs where it can be read without a key. */
static enum lk_status read_all(struct lk_mis_pdu *pdu, struct lk_mis_message *message,
                               struct lk_span octets)
{
    enum lk_status status = lk_mis_decode(pdu, octets, codes);

    *message = (struct lk_mis_message){ 0 };
    if (status == LK_OK && !pdu->header.secured)
        status = lk_mis_message_get(message, &pdu->header, pdu->body, codes);
    return status;
}

static struct lk_span write_all(uint8_t room[FRAME_MAX], struct lk_mis_pdu pdu,
                                const struct lk_mis_message *message)
{
    uint8_t list[FRAME_MAX];
    struct lk_writer body = lk_writer_of(list, sizeof list), w = lk_writer_of(room, FRAME_MAX);

    if (!pdu.header.secured) {
        assert_int_equal(lk_mis_message_put(&body, message, codes), LK_OK);
        pdu.body = lk_writer_span(&body);
    }
    assert_int_equal(lk_mis_encode(&w, &pdu, codes), LK_OK);
    return lk_writer_span(&w);
}

/* spec: IEEE 802.21-2017 8.4 - header, TLVs, lengths.
 * spec: IEEE 802.21-2017 E - data types: every frame decodes and encodes to the same octets. */
static void frames_come_back_octet_by_octet(void **state)
{
    json_t *file = vectors_load("mis-frames");
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 46);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "hex");
        struct lk_mis_message message;
        struct lk_mis_pdu pdu;
        uint8_t room[FRAME_MAX];
        struct lk_span again;

        assert_int_equal(read_all(&pdu, &message, vector_span(&octets)), LK_OK);
        again = write_all(room, pdu, &message);
        assert_vector(v, "hex", again.at, again.len);
    }
    json_decref(file);
}

/* Numbers as tshark printed them: "0x0001", "7". */
static void assert_number(const json_t *v, const char *path, unsigned long is)
{
    assert_int_equal(strtoul(vector_text(v, path), NULL, 0), is);
}

/* spec: IEEE 802.21-2017 8.4.1 - version, flags, service, opcode, action, TID, as tshark has them.
 */
static void frames_say_what_tshark_says(void **state)
{
    json_t *file = vectors_load("mis-frames");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "hex");
        struct lk_reader r = lk_reader_of(lk_span_of(octets.at + 8, octets.len - 8));
        char types[64] = "", one[8];
        struct lk_span value;
        struct lk_mis_pdu pdu;
        uint8_t type;

        assert_int_equal(lk_mis_decode(&pdu, vector_span(&octets), codes), LK_OK);
        assert_number(v, "tshark.sid", pdu.header.id >> 12);
        assert_number(v, "tshark.opcode", lk_mis_opcode_of(pdu.header.id));
        assert_number(v, "tshark.aid", pdu.header.id & 0x3ff);
        assert_number(v, "tshark.tid", pdu.header.tid);
        assert_number(v, "tshark.payload_length", octets.len - LK_MIS_HEADER_LEN);
        while (lk_mis_tlv_next(&r, &type, &value)) {
            snprintf(one, sizeof one, "%s%u", types[0] != '\0' ? "," : "", type);
            strcat(types, one);
            assert_string_not_equal(lk_mis_tlv_name(type, codes), "?");
        }
        assert_int_equal(lk_reader_end(&r), LK_OK);
        assert_string_equal(types, vector_text(v, "tshark.tlv_types"));
    }
    json_decref(file);
}

/* Whether a frame may end there: behind its identifiers, between two TLVs. */
static bool is_boundary(struct lk_span frame, size_t at)
{
    struct lk_reader r = lk_reader_of(lk_span_of(frame.at + 8, frame.len - 8));
    struct lk_span value;
    uint8_t type;

    for (unsigned tlvs = 0; lk_mis_tlv_next(&r, &type, &value); tlvs++)
        if (tlvs >= 1 && at == (size_t)(r.at - frame.at))
            return true;
    return false;
}

static void cut_at_every_length(struct lk_span frame)
{
    uint8_t *room = malloc(frame.len + 1);
    struct lk_mis_message message;
    struct lk_mis_pdu pdu;

    memcpy(room, frame.at, frame.len);
    room[frame.len] = 0;
    assert_int_equal(read_all(&pdu, &message, lk_span_of(room, frame.len + 1)), LK_E_TRAILING);
    for (size_t len = 0; len < frame.len; len++) {
        /* Its own allocation, so that reading beyond it does not go unseen. */
        uint8_t *part = malloc(len > 0 ? len : 1);
        size_t payload = len - LK_MIS_HEADER_LEN;
        enum lk_status status;

        memcpy(part, room, len);
        assert_int_equal(read_all(&pdu, &message, lk_span_of(part, len)), LK_E_SHORT);
        if (len >= LK_MIS_HEADER_LEN) { /* and with a header that knows of it */
            part[LENGTH_AT] = (uint8_t)(payload >> 8);
            part[LENGTH_AT + 1] = (uint8_t)payload;
            status = read_all(&pdu, &message, lk_span_of(part, len));
            assert_true(is_boundary(frame, len) || status != LK_OK);
        }
        free(part);
    }
    free(room);
}

static void every_truncation_is_refused(void **state)
{
    json_t *file = vectors_load("mis-frames");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets octets = vector_hex(json_array_get(list, i), "hex");

        cut_at_every_length(vector_span(&octets));
    }
    json_decref(file);
}

/* spec: IEEE 802.21-2017 8.4.1 - version 0 is not used, a higher one is dropped. */
static void malformed_frames_are_refused(void **state)
{
    static const struct {
        const char *name;
        enum lk_status status;
    } wanted[] = {
        { "short-header", LK_E_SHORT },
        { "length-too-big", LK_E_SHORT },
        { "length-too-small", LK_E_TRAILING },
        { "version0", LK_E_VALUE },
        { "version2", LK_E_UNSUPPORTED },
        { "no-src", LK_E_MISSING },
        { "dst-before-src", LK_E_MISSING },
        { "tlv-overlong", LK_E_SHORT },
        { "inner-octetstring-overlong", LK_E_SHORT },
        { "len-of-len-9", LK_E_LENGTH },
    };
    json_t *file = vectors_load("mis-frames");

    assert_int_equal(json_array_size(vectors_list(file, "malformed")), LK_COUNT_OF(wanted));
    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        struct vector_octets octets =
            vector_hex(vectors_find(file, "malformed", wanted[i].name), "hex");
        struct lk_mis_pdu pdu;

        assert_int_equal(lk_mis_decode(&pdu, vector_span(&octets), codes), wanted[i].status);
    }
    json_decref(file);
}

/* A frame of the vectors with one octet changed. */
static enum lk_status changed(const char *name, size_t at, uint8_t to)
{
    json_t *file = vectors_load("mis-frames");
    struct vector_octets octets = vector_hex(vectors_find(file, "vectors", name), "hex");
    struct lk_mis_pdu pdu;

    json_decref(file);
    octets.at[at] = to;
    return lk_mis_decode(&pdu, vector_span(&octets), codes);
}

/* spec: IEEE 802.21-2017 8.4.1 - reserved bits are not looked at.
 * spec: RFC 5677 6.1 - fragments are of layer 2 and of nothing else. */
static void header_bits(void **state)
{
    const char *name = "capability_discover_req";

    assert_int_equal(changed(name, 0, 0x18), LK_OK);
    assert_int_equal(changed(name, 1, 0x01), LK_OK);
    assert_int_equal(changed(name, 4, 0x30), LK_OK);
    assert_int_equal(changed(name, 4, 0x80), LK_OK);
    for (unsigned version = 2; version < 16; version++)
        assert_int_equal(changed(name, 0, (uint8_t)(version << 4)), LK_E_UNSUPPORTED);
    assert_int_equal(changed(name, 0, 0x19), LK_E_UNSUPPORTED);
    assert_int_equal(changed(name, 1, 0x02), LK_E_UNSUPPORTED);
    assert_int_equal(changed(name, 2, 0x10), LK_E_VALUE); /* a confirm */
}

/* spec: IEEE 802.21-2017 9 - S needs SAID and Security, Security needs S. */
static void secured_or_not(void **state)
{
    const char *name = "protected_c1_HMAC-SHA-256_role0";
    json_t *file = vectors_load("mis-frames");
    const json_t *v = vectors_find(file, "vectors", name);
    struct vector_octets octets = vector_hex(v, "hex");
    struct lk_mis_pdu pdu;
    uint8_t room[FRAME_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_mis_decode(&pdu, vector_span(&octets), codes), LK_OK);
    assert_true(pdu.header.secured);
    assert_int_equal(pdu.said.type, LK_MIS_SA_SPOS);
    assert_int_equal(pdu.said.id.len, 4);
    assert_int_equal(pdu.security.encr.len, 48);
    assert_false(pdu.security.tls || pdu.security.has_integrity);
    assert_int_equal(pdu.body.len, 0);
    assert_true(pdu.covered.at == octets.at && pdu.covered.len == 52);
    /* What is covered can be made before there is anything to protect. */
    assert_int_equal(lk_mis_covered(&w, &pdu, codes), LK_OK);
    assert_true(lk_span_equal(lk_writer_span(&w), pdu.covered));

    assert_int_equal(changed(name, 4, 0x00), LK_E_VALUE);    /* no S */
    assert_int_equal(changed(name, 44, 199), LK_E_MISSING);  /* no SAID */
    assert_int_equal(changed(name, 52, 199), LK_E_MISSING);  /* no Security */
    assert_int_equal(changed(name, 46, 4), LK_E_VALUE);      /* no such ID_TYPE */
    assert_int_equal(changed(name, 54, 2), LK_E_VALUE);      /* no such SECURITY */
    assert_int_equal(changed("capability_discover_req", 4, 0x40), LK_E_MISSING);

    /* Nothing stands beside Security: it would not be secured. */
    octets.at[LENGTH_AT + 1] = (uint8_t)(octets.at[LENGTH_AT + 1] + 3);
    memcpy(octets.at + octets.len, "\x03\x01\x00", 3);
    octets.len += 3;
    assert_int_equal(lk_mis_decode(&pdu, vector_span(&octets), codes), LK_E_TRAILING);
    json_decref(file);
}

static enum lk_status with_ids(const char *source, const char *destination,
                               enum lk_mis_action action)
{
    uint8_t room[FRAME_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mis_pdu pdu = { .source = lk_span_text(source),
                              .destination = lk_span_text(destination) };
    enum lk_status status;

    pdu.header.id = lk_mis_message_id(action, LK_MIS_REQUEST, codes);
    status = lk_mis_encode(&w, &pdu, codes);
    return status != LK_OK ? status : lk_mis_decode(&pdu, lk_writer_span(&w), codes);
}

/* spec: IEEE 802.21-2017 8.6 - both identifiers come first; an empty one is all, for discovery. */
static void identifiers(void **state)
{
    char longest[LK_MIS_ID_MAX + 2];
    uint8_t room[FRAME_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mis_pdu pdu = { .source = lk_span_text("a") };

    memset(longest, 'x', sizeof longest);
    longest[LK_MIS_ID_MAX + 1] = '\0';
    pdu.destination = lk_span_text(longest);
    assert_int_equal(lk_mis_encode(&w, &pdu, codes), LK_E_LENGTH);
    longest[LK_MIS_ID_MAX] = '\0';
    assert_int_equal(with_ids("a", longest, LK_MIS_REGISTER), LK_OK);
    assert_int_equal(with_ids(longest, longest, LK_MIS_REGISTER), LK_OK);
    assert_int_equal(with_ids("a", "", LK_MIS_CAPABILITY_DISCOVER), LK_OK);
    assert_int_equal(with_ids("a", "", LK_MIS_REGISTER), LK_E_VALUE);
    assert_int_equal(with_ids("", "b", LK_MIS_CAPABILITY_DISCOVER), LK_E_VALUE);
}

static void messages_have_names_and_numbers(void **state)
{
    struct lk_mis_codes others = *codes;

    for (unsigned i = 0; i < LK_MIS_ACTION_COUNT; i++) {
        uint16_t id = lk_mis_message_id((enum lk_mis_action)i, LK_MIS_INDICATION, codes);

        assert_int_equal(lk_mis_action_of(id, codes), i);
        assert_int_equal(lk_mis_opcode_of(id), LK_MIS_INDICATION);
        assert_string_not_equal(lk_mis_action_name((enum lk_mis_action)i), "?");
    }
    assert_int_equal(lk_mis_message_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST, codes), 0x3601);
    others.prereg_xfer = 77;
    assert_int_equal(lk_mis_message_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST, &others), 0x344d);
    assert_int_equal(lk_mis_action_of(0x3601, &others), LK_MIS_ACTION_COUNT);
    assert_int_equal(lk_mis_action_of(0x5401, codes), LK_MIS_ACTION_COUNT);
    assert_string_equal(lk_mis_action_name(LK_MIS_ACTION_COUNT), "?");
    assert_string_equal(lk_mis_opcode_name(LK_MIS_RESPONSE), "response");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_octet_by_octet),
        cmocka_unit_test(frames_say_what_tshark_says),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(malformed_frames_are_refused),
        cmocka_unit_test(header_bits),
        cmocka_unit_test(secured_or_not),
        cmocka_unit_test(identifiers),
        cmocka_unit_test(messages_have_names_and_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/wlcp: messages to octets and back, every truncation, the error rules of clause 6 as far as
 * octets decide them, the table and its changes, and the values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "wire/wlcp.h"

static struct lk_span octets_of(const char *hex, uint8_t *room, size_t cap)
{
    size_t len = 0;

    for (const char *p = hex; *p != '\0'; p += *p == ' ' ? 1 : 2) {
        unsigned value;

        if (*p == ' ')
            continue;
        assert_int_equal(sscanf(p, "%2x", &value), 1);
        assert_true(len < cap);
        room[len++] = (uint8_t)value;
    }
    return lk_span_of(room, len);
}

/* One good message of each type, as the default table writes it. */
static const struct good {
    enum lk_wlcp_type type;
    enum lk_wlcp_end receiver;
    const char *octets;
} goods[] = {
    /* The octets of the sheet: PTI 1, initial, IPv4v6, APN internet. */
    { LK_WLCP_CONNECTIVITY_REQUEST, LK_WLCP_TWAG, "81 01 31 28 09 08 69 6e 74 65 72 6e 65 74" },
    { LK_WLCP_CONNECTIVITY_REQUEST, LK_WLCP_TWAG, "81 02 12 27 04 80 00 0d 00 33 01 aa a1" },
    { LK_WLCP_CONNECTIVITY_ACCEPT, LK_WLCP_UE,
      "82 01 04 03 69 6d 73 05 01 0a 00 00 07 05 02 00 00 00 00 01 27 08 80 00 0d 04 08 08 08 08 "
      "58 32 33 02 01 02 37 01 41" },
    { LK_WLCP_CONNECTIVITY_ACCEPT, LK_WLCP_UE,
      "82 fe 02 01 61 0d 03 00 00 00 00 00 00 00 01 c0 00 02 01 ff 02 00 00 00 00 01" },
    { LK_WLCP_CONNECTIVITY_REJECT, LK_WLCP_UE, "83 01 1a 27 01 80 37 01 05 33 01 00" },
    { LK_WLCP_CONNECTIVITY_COMPLETE, LK_WLCP_TWAG, "84 01" },
    { LK_WLCP_DISCONNECT_REQUEST, LK_WLCP_TWAG, "85 03 05 27 01 80" },
    { LK_WLCP_DISCONNECT_REQUEST, LK_WLCP_UE, "85 80 05 58 24" },
    { LK_WLCP_DISCONNECT_ACCEPT, LK_WLCP_TWAG, "86 03" },
    { LK_WLCP_DISCONNECT_ACCEPT, LK_WLCP_UE, "86 03 27 01 80" },
    { LK_WLCP_DISCONNECT_REJECT, LK_WLCP_UE, "87 03 36" },
    { LK_WLCP_STATUS, LK_WLCP_TWAG, "88 03 2f" },
    { LK_WLCP_STATUS, LK_WLCP_UE, "88 03 2f" },
    { LK_WLCP_MODIFICATION_REQUEST, LK_WLCP_UE, "89 81 05 27 01 80 33 01 00" },
    { LK_WLCP_MODIFICATION_ACCEPT, LK_WLCP_TWAG, "8a 81" },
    { LK_WLCP_MODIFICATION_REJECT, LK_WLCP_UE, "8b 04 20" },
    { LK_WLCP_MODIFICATION_INDICATION, LK_WLCP_TWAG, "8c 04 05" },
};

/* spec: TS 24.244 8.1 - type, PTI, then information elements.
 * spec: TS 24.244 7.1.1 - the elements of PDN CONNECTIVITY REQUEST and their forms. */
static void each_message_is_read_and_written_again(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(goods); i++) {
        uint8_t in[128], out[128];
        struct lk_span octets = octets_of(goods[i].octets, in, sizeof in);
        struct lk_writer w = lk_writer_of(out, sizeof out);
        struct lk_wlcp_message m;
        struct lk_wlcp_verdict v;

        assert_int_equal(lk_wlcp_decode(&m, &v, &lk_wlcp_table, goods[i].receiver, octets), LK_OK);
        assert_int_equal(m.type, goods[i].type);
        assert_int_equal(v.cause, LK_WLCP_CAUSE_NONE);
        assert_int_equal(v.ignored, 0);
        assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_OK);
        assert_true(lk_span_equal(lk_writer_span(&w), octets));
        for (size_t cap = 0; cap < octets.len; cap++) {
            w = lk_writer_of(out, cap);
            assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_E_FULL);
        }
    }
}

static void the_example_of_the_sheet_says_what_it_should(void **state)
{
    uint8_t room[64];
    struct lk_wlcp_message m;
    struct lk_wlcp_verdict v;
    struct lk_wlcp_apn apn, internet;

    assert_int_equal(lk_wlcp_decode(&m, &v, &lk_wlcp_table, LK_WLCP_TWAG,
                                    octets_of(goods[0].octets, room, sizeof room)), LK_OK);
    assert_int_equal(m.pti, 1);
    assert_int_equal(m.request_type, LK_WLCP_INITIAL);
    assert_int_equal(m.pdn_type, LK_WLCP_IPV4V6);
    assert_int_equal(lk_wlcp_apn_decode(&apn, m.apn), LK_OK);
    assert_int_equal(lk_wlcp_apn_parse(&internet, "Internet"), LK_OK);
    assert_true(lk_wlcp_apn_equal(&apn, &internet));
    assert_false(LK_WLCP_HAS(&m, LK_WLCP_IE_PCO));
}

/* A24: each message cut at every length, in a copy of its own so that a sanitizer sees a read
 * behind it: discarded, an error of the message, or the message without what is cut off.
 * spec: TS 24.244 6.2 - too short for type and PTI: discard. */
static void every_truncation_is_judged(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(goods); i++) {
        uint8_t room[128];
        struct lk_span octets = octets_of(goods[i].octets, room, sizeof room);

        for (size_t len = 0; len < octets.len; len++) {
            uint8_t *copy = test_malloc(len + 1);
            struct lk_wlcp_message m;
            struct lk_wlcp_verdict v;
            enum lk_status status;

            memcpy(copy, octets.at, len);
            status = lk_wlcp_decode(&m, &v, &lk_wlcp_table, goods[i].receiver,
                                    lk_span_of(copy, len));
            assert_int_equal(v.has_header, len >= 2);
            if (len < 2)
                assert_int_equal(status, LK_E_SHORT);
            else
                assert_int_equal(m.type, goods[i].type);
            if (status != LK_OK) {
                assert_true(status == LK_E_SHORT || status == LK_E_MISSING);
                assert_true(v.offset <= len);
                assert_int_equal(m.present, 0);
            }
            test_free(copy);
        }
    }
}

static const struct bad {
    enum lk_wlcp_end receiver;
    const char *octets;
    enum lk_status status;
    enum lk_wlcp_cause cause;
    size_t offset;
    size_t ignored;
    uint32_t present; /* of optional elements that must be there all the same */
} bads[] = {
    { LK_WLCP_TWAG, "", LK_E_SHORT, 0, 0, 0, 0 },
    { LK_WLCP_TWAG, "81", LK_E_SHORT, 0, 0, 0, 0 },
    /* spec: TS 24.301 7.4 - an unknown type, or one that only the other end receives: 97. */
    { LK_WLCP_TWAG, "9f 01", LK_E_UNKNOWN, LK_WLCP_CAUSE_TYPE_UNKNOWN, 0, 0, 0 },
    { LK_WLCP_TWAG, "01 01 31", LK_E_UNKNOWN, LK_WLCP_CAUSE_TYPE_UNKNOWN, 0, 0, 0 },
    { LK_WLCP_TWAG, "83 01 1a", LK_E_UNKNOWN, LK_WLCP_CAUSE_TYPE_UNKNOWN, 0, 0, 0 },
    { LK_WLCP_UE, "81 01 31", LK_E_UNKNOWN, LK_WLCP_CAUSE_TYPE_UNKNOWN, 0, 0, 0 },
    { LK_WLCP_UE, "84 01", LK_E_UNKNOWN, LK_WLCP_CAUSE_TYPE_UNKNOWN, 0, 0, 0 },
    /* A24: each mandatory element taken out or broken.
     * spec: TS 24.301 7.5.1 - a mandatory element that is missing or wrong: 96. */
    { LK_WLCP_TWAG, "81 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "81 01 30", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "81 01 37", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "85 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "8c 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "8b 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_TWAG, "88 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "83 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "87 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "89 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "82 01", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "82 01 00", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "82 01 02 05 61", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    { LK_WLCP_UE, "82 01 02 01 61", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 5, 0, 0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 02 0a 00 00 07", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 5, 0,
      0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 04 0a 00 00 07", LK_E_VALUE, LK_WLCP_CAUSE_MANDATORY, 5, 0,
      0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 01 0a 00 00 07", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 11, 0,
      0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 01 0a 00 00 07 05", LK_E_MISSING, LK_WLCP_CAUSE_MANDATORY, 12,
      0, 0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 01 0a 00 00 07 05 03 00 00 00 00 01", LK_E_VALUE,
      LK_WLCP_CAUSE_MANDATORY, 12, 0, 0 },
    { LK_WLCP_UE, "82 01 02 01 61 05 01 0a 00 00 07 05 00 00 00 00 00 00", LK_E_VALUE,
      LK_WLCP_CAUSE_MANDATORY, 12, 0, 0 },
    /* spec: TS 24.301 7.6.1 - unknown: passed by, unless its high half is zero. */
    { LK_WLCP_TWAG, "81 01 31 44 02 01 02 28 02 01 61", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_APN },
    { LK_WLCP_TWAG, "81 01 31 b3 28 02 01 61", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_APN },
    { LK_WLCP_TWAG, "81 01 31 7b 00 02 aa bb 28 02 01 61", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_APN },
    { LK_WLCP_TWAG, "81 01 31 28 02 01 61 0a 01 00", LK_E_UNKNOWN, LK_WLCP_CAUSE_MANDATORY, 7, 0,
      0 },
    { LK_WLCP_TWAG, "84 01 00 00", LK_E_UNKNOWN, LK_WLCP_CAUSE_MANDATORY, 2, 0, 0 },
    /* spec: TS 24.301 7.6.2 - out of sequence: passed by.
     * spec: TS 24.301 7.6.3 - repeated: the first counts. */
    { LK_WLCP_TWAG, "81 01 31 27 01 80 28 02 01 61", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_PCO },
    { LK_WLCP_TWAG, "81 01 31 28 02 01 61 28 02 01 62", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_APN },
    /* spec: TS 24.301 7.7.1 - not well formed: as if it were absent. */
    { LK_WLCP_TWAG, "81 01 31 28 02 02 61 27 01 80", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_PCO },
    { LK_WLCP_TWAG, "81 01 31 28 00 27 01 80", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_PCO },
    { LK_WLCP_TWAG, "81 01 31 28 02 01 61 27 03 80 00 0d", LK_OK, 0, 0, 1, 1u << LK_WLCP_IE_APN },
    { LK_WLCP_TWAG, "81 01 31 27 01 00", LK_OK, 0, 0, 1, 0 },
    { LK_WLCP_TWAG, "81 01 31 28 09 08 69", LK_OK, 0, 0, 1, 0 },
    { LK_WLCP_TWAG, "81 01 31 28", LK_OK, 0, 0, 1, 0 },
    { LK_WLCP_TWAG, "84 01 44", LK_OK, 0, 0, 1, 0 },
    { LK_WLCP_UE, "83 01 1a 37 02 01 01", LK_OK, 0, 0, 1, 0 },
    /* spec: TS 24.301 7.7.2 - a conditional element that is missing: 100. */
    { LK_WLCP_UE, "85 80 05", LK_E_MISSING, LK_WLCP_CAUSE_CONDITIONAL, 3, 0, 0 },
    { LK_WLCP_UE, "85 80 05 58", LK_E_MISSING, LK_WLCP_CAUSE_CONDITIONAL, 4, 1, 0 },
    { LK_WLCP_TWAG, "85 01 05", LK_OK, 0, 0, 0, 0 },
};

static void each_error_rule_has_its_verdict(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(bads); i++) {
        uint8_t room[128];
        struct lk_wlcp_message m;
        struct lk_wlcp_verdict v;
        struct lk_span octets = octets_of(bads[i].octets, room, sizeof room);

        assert_int_equal(lk_wlcp_decode(&m, &v, &lk_wlcp_table, bads[i].receiver, octets),
                         bads[i].status);
        assert_int_equal(v.cause, bads[i].cause);
        assert_int_equal(v.offset, bads[i].offset);
        assert_int_equal(v.ignored, bads[i].ignored);
        assert_int_equal(m.present & bads[i].present, bads[i].present);
        if (bads[i].cause == LK_WLCP_CAUSE_MANDATORY) {
            assert_true(v.has_type);
            assert_int_equal(m.pti, 1);
        }
    }
}

static void the_first_of_a_repeated_element_counts(void **state)
{
    uint8_t room[64];
    struct lk_wlcp_message m;
    struct lk_wlcp_verdict v;

    assert_int_equal(lk_wlcp_decode(&m, &v, &lk_wlcp_table, LK_WLCP_TWAG,
                                    octets_of("81 01 31 28 02 01 61 28 02 01 62", room, 64)),
                     LK_OK);
    assert_int_equal(m.apn.at[1], 'a');
    /* spec: TS 24.008 10.5.6.17 - the unused request type is an initial request. */
    assert_int_equal(lk_wlcp_decode(&m, &v, &lk_wlcp_table, LK_WLCP_TWAG,
                                    octets_of("81 01 93", room, 64)), LK_OK);
    assert_int_equal(m.request_type, LK_WLCP_INITIAL);
    assert_int_equal(m.pdn_type, LK_WLCP_IPV4);
}

static void what_would_not_be_read_is_not_written(void **state)
{
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_wlcp_message m = { .type = LK_WLCP_CONNECTIVITY_REJECT, .pti = 1 };

    assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_E_MISSING);
    m.present = 1u << LK_WLCP_IE_CAUSE | 1u << LK_WLCP_IE_PCO;
    m.cause = LK_WLCP_CAUSE_RESOURCES;
    m.pco = lk_span_text("no");
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_E_VALUE);
    m.type = LK_WLCP_TYPE_COUNT;
    assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_E_VALUE);
    m = (struct lk_wlcp_message){ .type = LK_WLCP_CONNECTIVITY_REQUEST, .pti = 1, .pdn_type = 1,
                                  .request_type = 9,
                                  .present = 1u << LK_WLCP_IE_REQUEST_TYPE |
                                             1u << LK_WLCP_IE_PDN_TYPE };
    assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_E_VALUE);
}

/* ---- the table ---- */

static void the_table_changes_by_a_line(void **state)
{
    static const char *const lines[] = {
        "modification-request 88", /* for a moment there are two of them */
        "status 0x91",
        "connectivity-accept tw1 O TLV 36",
        "connectivity-accept nbifom -",
        "disconnect-request cause O TLV 58",
        "connectivity-complete pdn-id M V",
        "disconnect-reject pdn-id M LOW",
        "modification-reject cause O TLV-E 7b",
    };
    static const char *const tw1[] = { "tw1 36", "connectivity-accept.tw1 38" };
    struct lk_wlcp_table table = lk_wlcp_table;
    struct lk_wlcp_message m;
    struct lk_wlcp_verdict v;
    uint8_t room[64];
    size_t bad;

    assert_int_equal(lk_wlcp_table_set(&table, &bad, tw1, LK_COUNT_OF(tw1)), LK_OK);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_UE,
                                    octets_of("83 01 1a 36 01 05", room, 64)), LK_OK);
    assert_true(LK_WLCP_HAS(&m, LK_WLCP_IE_TW1));
    assert_int_equal(table.layout[LK_WLCP_CONNECTIVITY_ACCEPT].row[7].iei, 0x38);
    assert_int_equal(lk_wlcp_table_set(&table, &bad, lines, LK_COUNT_OF(lines)), LK_OK);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_TWAG, octets_of("91 01 2f", room, 64)),
                     LK_OK);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_TWAG, octets_of("89 01 2f", room, 64)),
                     LK_E_UNKNOWN);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_UE,
                                    octets_of("85 80 05 58 01 24", room, 64)), LK_OK);
    assert_int_equal(m.cause, 36);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_TWAG, octets_of("84 01", room, 64)),
                     LK_E_MISSING);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_UE, octets_of("87 01 36 f5", room, 64)),
                     LK_OK);
    assert_int_equal(m.pdn_id, 5);
    assert_int_equal(lk_wlcp_decode(&m, &v, &table, LK_WLCP_UE,
                                    octets_of("8b 01 7b 00 01 24", room, 64)), LK_OK);
    assert_int_equal(m.cause, 36);
    assert_int_equal(lk_wlcp_pdn_id_max(&table), 15);
    assert_int_equal(lk_wlcp_pdn_id_max(&lk_wlcp_table), 254);
}

static void a_line_that_makes_no_table_changes_nothing(void **state)
{
    static const struct {
        const char *line;
        enum lk_status status;
    } lines[] = {
        { "", LK_E_VALUE },
        { "status", LK_E_VALUE },
        { "status 0x1ff", LK_E_VALUE },
        { "status zz", LK_E_VALUE },
        { "status 0x81", LK_E_CONFLICT },
        { "status 0x41", LK_E_CONFLICT },
        { "status 0xc1", LK_E_CONFLICT },
        { "stat 0x91", LK_E_VALUE },
        { "stat.cause 58", LK_E_VALUE },
        { "status.cause 58", LK_E_VALUE }, /* it has none there */
        { "none 58", LK_E_VALUE },
        { ".tw1 58", LK_E_VALUE },
        { "tw1 27", LK_E_CONFLICT },
        { "status cause X V", LK_E_VALUE },
        { "status cause M W", LK_E_VALUE },
        { "status cause M V 58", LK_E_VALUE },
        { "status cause O TV", LK_E_VALUE },
        { "status causes M V", LK_E_VALUE },
        { "status cause M LOW", LK_E_CONFLICT },
        { "status cause M TLV", LK_E_CONFLICT },
        { "status cause O V 58", LK_E_CONFLICT },
        { "status cause O TV 78", LK_E_CONFLICT },
        { "status apn O TV 28", LK_E_CONFLICT },
        { "status n3g O NIBBLE a1", LK_E_CONFLICT },
        { "status n3g O NIBBLE 20", LK_E_CONFLICT },
        { "status apn -", LK_E_VALUE },
        { "status pdn-type M HIGH", LK_E_CONFLICT },
        { "connectivity-request request-type -", LK_E_CONFLICT },
        { "connectivity-accept tw1 O TLV 58", LK_E_CONFLICT },
        { "connectivity-accept n3g O NIBBLE a0", LK_E_FULL },
        { "a b c d e f", LK_E_VALUE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(lines); i++) {
        struct lk_wlcp_table table = lk_wlcp_table;
        const char *two[] = { "status 9f", lines[i].line };
        size_t bad;

        assert_int_equal(lk_wlcp_table_set(&table, &bad, two, 2), lines[i].status);
        assert_int_equal(bad, lines[i].status == LK_E_CONFLICT ? 2 : 1);
        assert_memory_equal(&table, &lk_wlcp_table, sizeof table);
    }
}

/* ---- values ---- */

/* spec: TS 23.003 9.1 - labels of letters, digits and hyphens, each behind its length. */
static void access_point_names(void **state)
{
    static const char *const wrong[] = { "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b",
        "0123456789012345678901234567890123456789012345678901234567890123",
        "0123456789012345678901234567890123456789.0123456789012345678901234567890123456789."
        "012345678901234567" };
    struct lk_wlcp_apn apn, other;
    char text[LK_WLCP_APN_TEXT];

    for (size_t i = 0; i < LK_COUNT_OF(wrong); i++)
        assert_int_not_equal(lk_wlcp_apn_parse(&apn, wrong[i]), LK_OK);
    assert_int_equal(lk_wlcp_apn_parse(&apn, "ims.mnc001.mcc001.gprs"), LK_OK);
    lk_wlcp_apn_text(text, &apn);
    assert_string_equal(text, "ims.mnc001.mcc001.gprs");
    assert_int_equal(lk_wlcp_apn_parse(&other, "IMS"), LK_OK);
    assert_false(lk_wlcp_apn_equal(&apn, &other));
    /* spec: TS 23.003 9.1.2 - with an operator identifier behind it. */
    assert_true(lk_wlcp_apn_is_of(&apn, &other));
    assert_false(lk_wlcp_apn_is_of(&other, &apn));
    assert_int_equal(lk_wlcp_apn_parse(&apn, "ims.other"), LK_OK);
    assert_false(lk_wlcp_apn_is_of(&apn, &other));
    assert_int_equal(lk_wlcp_apn_parse(&apn, "ims.mnc001.mcc001.gprx"), LK_OK);
    assert_false(lk_wlcp_apn_is_of(&apn, &other));
    assert_int_equal(lk_wlcp_apn_parse(&apn, "ims.mnc0.mcc00001.gprs"), LK_OK);
    assert_false(lk_wlcp_apn_is_of(&apn, &other));
    assert_int_equal(lk_wlcp_apn_parse(&apn, "ims.x.mnc001.mcc001.gprs"), LK_OK);
    assert_false(lk_wlcp_apn_is_of(&apn, &other));
    assert_int_equal(lk_wlcp_apn_parse(&apn, "imsx"), LK_OK);
    assert_false(lk_wlcp_apn_is_of(&apn, &other));
}

/* spec: TS 24.008 10.5.6.3 - containers fill the value exactly. */
static void configuration_options(void **state)
{
    static const struct {
        const char *octets;
        bool good;
    } rows[] = {
        { "80", true },
        { "80 00 0d 00", true },
        { "80 00 0d 04 01 02 03 04 80 21 02 05 06", true },
        { "", false },
        { "00", false },
        { "80 00", false },
        { "80 00 0d", false },
        { "80 00 0d 01", false },
        { "80 00 0d 00 00", false },
    };
    uint8_t room[256] = { 0 };
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_span contents;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_pco_check(octets_of(rows[i].octets, room, sizeof room)) == LK_OK,
                         rows[i].good);
    lk_pco_begin(&w);
    lk_pco_put(&w, LK_PCO_DNS_IPV6, lk_span_of(NULL, 0));
    lk_pco_put(&w, LK_PCO_DNS_IPV4, lk_span_text("abcd"));
    assert_int_equal(lk_pco_check(lk_writer_span(&w)), LK_OK);
    assert_true(lk_pco_find(lk_writer_span(&w), LK_PCO_DNS_IPV4, &contents));
    assert_true(lk_span_equal(contents, lk_span_text("abcd")));
    assert_false(lk_pco_find(lk_writer_span(&w), 1, &contents));
    memset(room, 0x80, sizeof room);
    assert_int_equal(lk_pco_check(lk_span_of(room, LK_WLCP_PCO_MAX + 1)), LK_E_VALUE);
}

/* spec: TS 24.301 9.9.4.9 - identifier before IPv4 address, as the type says. */
static void pdn_addresses(void **state)
{
    struct lk_wlcp_address a;
    uint8_t room[32];

    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("f9 01 02 03 04", room, 32)), LK_OK);
    assert_int_equal(a.pdn_type, LK_WLCP_IPV4);
    assert_int_equal(a.ipv4[3], 4);
    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("02 01 02 03 04 05 06 07 08", room, 32)),
                     LK_OK);
    assert_int_equal(a.interface_id[7], 8);
    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("01 01 02 03", room, 32)), LK_E_LENGTH);
    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("01 01 02 03 04 05", room, 32)),
                     LK_E_LENGTH);
    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("00 01 02 03 04", room, 32)), LK_E_VALUE);
    assert_int_equal(lk_wlcp_address_decode(&a, octets_of("", room, 32)), LK_E_VALUE);
}

/* spec: TS 24.008 10.5.7.4a - units in three bits, count in five. */
static void gprs_timer_3(void **state)
{
    static const struct {
        uint8_t octet;
        uint64_t s;
    } rows[] = {
        { 0x01, 600 }, { 0x21, 3600 }, { 0x41, 36000 }, { 0x61, 2 }, { 0x81, 30 }, { 0xa1, 60 },
        { 0xc1, 1152000 }, { 0x7f, 62 }, { 0x60, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_gprs_timer3_ms(rows[i].octet), rows[i].s * 1000);
    assert_true(lk_gprs_timer3_ms(0xe0) == UINT64_MAX);
    assert_true(lk_gprs_timer3_ms(0xff) == UINT64_MAX);
    assert_int_equal(lk_gprs_timer3_of(UINT64_MAX), 0xe0);
    assert_int_equal(lk_gprs_timer3_of(0), 0x60);
    assert_int_equal(lk_gprs_timer3_of(1), 0x61);
    assert_int_equal(lk_gprs_timer3_of(62000), 0x7f);
    assert_int_equal(lk_gprs_timer3_of(62001), 0x83);
    assert_int_equal(lk_gprs_timer3_of(UINT64_MAX - 1), 0xdf);
    for (uint64_t ms = 0; ms < 100000000; ms = ms * 2 + 777)
        assert_true(lk_gprs_timer3_ms(lk_gprs_timer3_of(ms)) >= ms);
}

/* spec: TS 24.301 9.9.4.4 - an unlisted cause is 34 to the UE and 111 to the network. */
static void causes_that_are_not_listed(void **state)
{
    assert_int_equal(lk_wlcp_cause_taken(26, LK_WLCP_UE), 26);
    assert_int_equal(lk_wlcp_cause_taken(1, LK_WLCP_UE), 34);
    assert_int_equal(lk_wlcp_cause_taken(1, LK_WLCP_TWAG), 111);
    assert_string_equal(lk_wlcp_cause_name(54), "PDN connection does not exist");
    assert_string_equal(lk_wlcp_cause_name(0), "unlisted");
    assert_string_equal(lk_wlcp_type_name(LK_WLCP_STATUS), "status");
    assert_string_equal(lk_wlcp_type_name(LK_WLCP_TYPE_COUNT), "unknown");
    assert_string_equal(lk_wlcp_ie_name(LK_WLCP_IE_TW1), "tw1");
    assert_string_equal(lk_wlcp_ie_name(LK_WLCP_IE_COUNT), "unknown");
}

/* spec: TS 24.007 11.2.4 - identifiers say how long an element is.
 * spec: TS 24.244 8.2 - the two highest bits of a type are 1 and 0. */
static void the_default_table_is_one_that_could_be_set(void **state)
{
    for (unsigned i = 0; i < LK_WLCP_TYPE_COUNT; i++) {
        struct lk_wlcp_table table = lk_wlcp_table;
        char line[64];
        const char *lines = line;
        size_t bad;

        snprintf(line, sizeof line, "%s %x", lk_wlcp_type_name((enum lk_wlcp_type)i),
                 lk_wlcp_table.layout[i].number);
        assert_int_equal(lk_wlcp_table_set(&table, &bad, &lines, 1), LK_OK);
        assert_memory_equal(&table, &lk_wlcp_table, sizeof table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_read_and_written_again),
        cmocka_unit_test(the_example_of_the_sheet_says_what_it_should),
        cmocka_unit_test(every_truncation_is_judged),
        cmocka_unit_test(each_error_rule_has_its_verdict),
        cmocka_unit_test(the_first_of_a_repeated_element_counts),
        cmocka_unit_test(what_would_not_be_read_is_not_written),
        cmocka_unit_test(the_table_changes_by_a_line),
        cmocka_unit_test(a_line_that_makes_no_table_changes_nothing),
        cmocka_unit_test(access_point_names),
        cmocka_unit_test(configuration_options),
        cmocka_unit_test(pdn_addresses),
        cmocka_unit_test(gprs_timer_3),
        cmocka_unit_test(causes_that_are_not_listed),
        cmocka_unit_test(the_default_table_is_one_that_could_be_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* trace, of MIS: the fields of TLVs that are not well made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/fields.h"
#include "trace/mis.h"

static struct lk_trace trace;

static void octets_only(void *context, const struct lk_field *field)
{
    unsigned *seen = context;

    for (unsigned type = 200; type < 220; type++) {
        char behind[8];

        (void)snprintf(behind, sizeof behind, "(%u)", type);
        if (strstr(field->name, behind) == NULL)
            continue;
        ++*seen;
        if (type == 204)
            assert_string_equal(field->value, "6 octets, not readable");
        else
            assert_int_equal(strspn(field->value, "0123456789abcdef "), strlen(field->value));
    }
}

/* A TLV whose value does not decode is shown in octets, not as what it began with. */
static void a_bad_value_is_shown_in_octets(void **state)
{
    static const uint8_t bad[] = {
        204, 6, 4, 1, 2, 0, 4, 'x', /* a packet of four octets, and one more */
        207, 2, 0x20, 0x20,
        209, 3, 0, 0, 0x0e,
        210, 4, 3, 'p', 'o', 's',
        211, 1, 1,
        213, 2, 0, 2,
        214, 1, 0x4d,
        219, 3, 1, 2, 3,
    };
    struct lk_mis_pdu pdu = {
        .header.id = lk_mis_message_id(LK_MIS_AUTH, LK_MIS_REQUEST, &lk_mis_codes_default),
        .source = lk_span_text("pos@a.example"),
        .destination = lk_span_text("mn@home.example"),
        .body = LK_SPAN(bad),
    };
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_trace_packet packet = { .at_ns = 1 };
    unsigned seen = 0;

    assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    packet.datagram.payload = lk_writer_span(&w);
    lk_trace_init(&trace);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_MIS, &packet), LK_OK);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.messages[0].mis.list, LK_OK);
    lk_fields_visit(&trace.messages[0], NULL, octets_only, &seen);
    assert_int_equal(seen, 8);
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_value_is_shown_in_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

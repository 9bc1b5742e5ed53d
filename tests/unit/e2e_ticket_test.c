/* proto/e2e/ticket: for its holder alone, for its time, and as it was given. T63. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/e2e/ticket.h"

static struct lk_seal_keys keys;
static uint8_t ticket[LK_E2E_TICKET_LEN];
static const struct lk_e2e_holder ann = { { { (const uint8_t *)"app.example", 11 },
                                            { (const uint8_t *)"notes", 5 } },
                                          { (const uint8_t *)"ann", 3 }, { { 1, 2 } }, { 3 } };
enum { EXPIRES = 5000, DAY = 19000 };
static const struct lk_e2e_ticket given = { 3, EXPIRES, { { 4, 5, 6 } } };

static int give(void **state)
{
    static const struct lk_node_key key = { { 9 } };

    lk_seal_keys_derive(&keys, &key, LK_E2E_TICKET_LABEL, DAY);
    lk_e2e_ticket_seal(ticket, &keys, &ann, &given);
    return 0;
}

static enum lk_status open_as(const struct lk_e2e_holder *holder, size_t len, uint64_t now_ms)
{
    static const struct lk_e2e_resumption none;
    struct lk_e2e_ticket opened = { .resumption = { { 1 } } };
    enum lk_status status =
        lk_e2e_ticket_open(&opened, &keys, holder, lk_span_of(ticket, len), now_ms);

    if (status == LK_OK) {
        assert_int_equal(opened.flags, given.flags);
        assert_int_equal(opened.expires_ms, given.expires_ms);
        assert_memory_equal(&opened.resumption, &given.resumption, sizeof given.resumption);
    } else if (status != LK_E_LENGTH) {
        assert_memory_equal(&opened.resumption, &none, sizeof none);
    }
    return status;
}

static void for_its_holder(void **state)
{
    struct lk_e2e_holder other = ann;

    assert_int_equal(open_as(&ann, sizeof ticket, 0), LK_OK); /* the control */
    other.identity = lk_span_text("bob");
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other = ann;
    other.client_key.octets[31] = 1;
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other = ann;
    other.row[31] = 1; /* what the server knows of ann has changed */
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other = ann;
    other.scope.fqdn = lk_span_text("app.exbmple");
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other = ann;
    other.scope.app = lk_span_text("chat");
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other.scope = (struct lk_e2e_scope){ lk_span_text("app.examplen"), lk_span_text("otes") };
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
    other = ann;
    other.scope.app = lk_span_text("notesann"); /* nothing moves from one name to the next */
    other.identity = lk_span_text("");
    assert_int_equal(open_as(&other, sizeof ticket, 0), LK_E_MAC);
}

static void for_its_time(void **state)
{
    assert_int_equal(open_as(&ann, sizeof ticket, EXPIRES - 1), LK_OK);
    assert_int_equal(open_as(&ann, sizeof ticket, EXPIRES), LK_E_EXPIRED);
}

static void as_it_was_given(void **state)
{
    for (size_t i = 0; i < sizeof ticket; i++) {
        ticket[i] ^= 1;
        assert_int_equal(open_as(&ann, sizeof ticket, 0), LK_E_MAC);
        ticket[i] ^= 1;
        assert_int_equal(open_as(&ann, i, 0), LK_E_LENGTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(for_its_holder, give),
        cmocka_unit_test_setup(for_its_time, give),
        cmocka_unit_test_setup(as_it_was_given, give),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

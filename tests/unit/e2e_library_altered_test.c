/* liblatchkey-e2e: what both ends learn of octets that were altered between them, and of each
 * other's last word. T61. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "e2e_ends.h"

/* What somebody in the path does to one octet of one message: which, whose it is by the type in
 * its first octet, and which octet. */
struct altered {
    unsigned kind;
    bool up;
    size_t at;
    uint8_t by;
    bool done;
    size_t len; /* of that message */
};

static void carry_altered(struct lk_e2e_end *from, struct lk_e2e_end *to, bool up,
                          struct altered *altered)
{
    uint8_t octets[8 * LK_E2E_OUTPUT_MAX];
    size_t len = 0, size, more;

    while ((more = lk_e2e_output(from, octets + len, sizeof octets - len)) > 0)
        len += more;
    for (size_t at = 0; at < len; at += size) {
        size = 3 + ((size_t)octets[at + 1] << 8 | octets[at + 2]);
        if (!altered->done && up == altered->up && octets[at] == altered->kind) {
            altered->done = true;
            altered->len = size;
            if (altered->at < size)
                octets[at + altered->at] ^= altered->by;
        }
        (void)lk_e2e_input(to, octets + at, size);
    }
}

enum { HELLO = 1, REPLY, FINISH, DATA, TICKET, CLOSE };

/* A whole session, data both ways and its end. */
static void session_altered(struct altered *altered, struct lk_e2e_end *client,
                            struct lk_e2e_end *server)
{
    for (unsigned round = 0; round < 6; round++) {
        carry_altered(client, server, true, altered);
        carry_altered(server, client, false, altered);
        if (round == 2) {
            (void)lk_e2e_write(client, "up", 2);
            (void)lk_e2e_write(server, "down", 4);
        }
        if (round == 3)
            lk_e2e_close(client);
    }
}

/* T61: an octet altered on the way, of any message of the handshake and of any record, is told by
 * its code, the same at both ends, FINISH and what comes behind it too. What says how long a
 * message is (octets 1 and 2) may keep its receiver waiting: then a connection ends in the middle,
 * and that is all that an end can know; and of CLOSE its sender hears nothing any more. The
 * control: nothing altered. */
static void both_ends_know_what_was_altered(void **state)
{
    static const struct {
        unsigned kind;
        bool up;
    } messages[] = { { HELLO, true }, { REPLY, false }, { FINISH, true }, { TICKET, false },
                     { DATA, true },  { DATA, false },  { CLOSE, true } };

    ends.server.ticket_key = ends.ticket_key;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        size_t len = 1;

        for (size_t at = 0; at <= len; at++) {
            struct altered altered = { .kind = messages[i].kind, .up = messages[i].up, .at = at,
                                       .by = 0x10 };
            struct lk_e2e_end *client = lk_e2e_client(&ends.client);
            struct lk_e2e_end *server = lk_e2e_server(&ends.server);
            const bool is_close = messages[i].kind == CLOSE, is_len = at == 1 || at == 2;

            session_altered(&altered, client, server);
            assert_true(altered.done);
            len = altered.len;
            if (at == len) {
                assert_int_equal(lk_e2e_state(server), LK_E2E_CLOSED);
                assert_string_equal(lk_e2e_why(client), "none");
            } else if (!is_len) {
                assert_int_equal(lk_e2e_state(server), LK_E2E_FAILED);
                assert_int_equal(lk_e2e_state(client), is_close ? LK_E2E_CLOSED : LK_E2E_FAILED);
                assert_string_not_equal(lk_e2e_why(server), "none");
                if (!is_close)
                    assert_string_equal(lk_e2e_why(client), lk_e2e_why(server));
            } else if (!is_close && lk_e2e_state(client) == LK_E2E_FAILED) {
                assert_string_equal(lk_e2e_why(client), lk_e2e_why(server));
            }
            if (messages[i].kind == FINISH && at == len - 1)
                assert_string_equal(lk_e2e_why(client), "e2e.unproven");
            lk_e2e_free(client);
            lk_e2e_free(server);
        }
    }
}

static void hop(struct lk_e2e_end *from, struct lk_e2e_end *to)
{
    uint8_t octets[LK_E2E_OUTPUT_MAX];
    size_t len;

    while ((len = lk_e2e_output(from, octets, sizeof octets)) > 0)
        (void)lk_e2e_input(to, octets, len);
}

/* An application's end is open before the server has judged its FINISH, and says which it is. In
 * datagrams anybody says ALERT, and none ends a session. */
static void what_is_confirmed(void **state)
{
    static const uint8_t alert[] = { 7, 0, 1, 7 };

    for (unsigned datagrams = 0; datagrams < 2; datagrams++) {
        struct lk_e2e_end *client, *server;

        ends.client.datagrams = ends.server.datagrams = datagrams == 1;
        client = lk_e2e_client(&ends.client);
        server = lk_e2e_server(&ends.server);
        hop(client, server);
        assert_false(lk_e2e_confirmed(server));
        hop(server, client);
        assert_int_equal(lk_e2e_state(client), LK_E2E_OPEN);
        assert_false(lk_e2e_confirmed(client));
        hop(client, server);
        assert_true(lk_e2e_confirmed(server));
        hop(server, client);
        assert_true(lk_e2e_confirmed(client));
        assert_int_equal(lk_e2e_input(client, alert, sizeof alert), datagrams);
        assert_int_equal(lk_e2e_state(client), datagrams == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        assert_string_equal(lk_e2e_why(client), datagrams == 1 ? "none" : "e2e.unproven");
        assert_int_equal(lk_e2e_confirmed(client), datagrams);
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(both_ends_know_what_was_altered, ends_open),
        cmocka_unit_test_setup(what_is_confirmed, ends_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* liblatchkey-e2e by its public header alone: both ends over a stream in pieces of any size and in
 * datagrams that get lost, tickets, keys asked for elsewhere, and handed-over keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "e2e_ends.h"

static void a_stream_in_pieces_of_any_size(void **state)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64, 1000, LK_E2E_OUTPUT_MAX };

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct lk_e2e_end *client = lk_e2e_client(&ends.client),
                          *server = lk_e2e_server(&ends.server);
        static uint8_t sent[100000], got[100000];
        uint8_t keys[2][32];
        size_t len = 0, more;

        assert_false(lk_e2e_write(client, "early", 5));
        ends_run(client, server, pieces[i]);
        assert_int_equal(lk_e2e_state(client), LK_E2E_OPEN);
        assert_int_equal(lk_e2e_state(server), LK_E2E_OPEN);
        assert_int_equal(lk_e2e_with(server), 7);
        assert_string_equal(lk_e2e_identity(server), "ann");
        ends_talk(client, server, "up", pieces[i]);
        ends_talk(server, client, "down", pieces[i]);
        for (size_t k = 0; k < sizeof sent; k++)
            sent[k] = (uint8_t)(k * 7);
        assert_true(lk_e2e_write(client, sent, sizeof sent));
        ends_run(client, server, pieces[i]);
        while ((more = lk_e2e_read(server, got + len, sizeof got - len)) > 0)
            len += more;
        assert_int_equal(len, sizeof sent);
        assert_memory_equal(got, sent, sizeof sent);
        assert_true(lk_e2e_export_key(client, "media", keys[0], 32));
        assert_true(lk_e2e_export_key(server, "media", keys[1], 32));
        assert_memory_equal(keys[0], keys[1], 32);
        lk_e2e_close(client);
        ends_run(client, server, pieces[i]);
        assert_int_equal(lk_e2e_state(server), LK_E2E_CLOSED);
        assert_false(lk_e2e_write(server, "late", 4));
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

/* Datagrams: in each run others get lost, each end once out of three; repeat brings it about. */
static void datagrams_that_get_lost(void **state)
{
    ends.client.datagrams = ends.server.datagrams = true;
    for (unsigned seed = 1; seed < 60; seed++) {
        struct lk_e2e_end *both[2] = { lk_e2e_client(&ends.client), lk_e2e_server(&ends.server) };
        uint8_t octets[LK_E2E_OUTPUT_MAX];
        unsigned draw = seed * 2654435761u, rounds = 0;
        size_t len;

        while (lk_e2e_state(both[0]) != LK_E2E_OPEN || lk_e2e_state(both[1]) != LK_E2E_OPEN) {
            assert_true(++rounds < 100);
            for (unsigned i = 0; i < 2; i++)
                while ((len = lk_e2e_output(both[i], octets, sizeof octets)) > 0) {
                    draw = draw * 1103515245u + 12345u;
                    assert_true(lk_e2e_input(both[1 - i], "\4\0\3abc", 6)); /* of nobody */
                    if ((draw >> 16) % 3 != 0)
                        assert_true(lk_e2e_input(both[1 - i], octets, len));
                }
            lk_e2e_repeat(both[0]);
            lk_e2e_repeat(both[1]);
        }
        ends_run(both[0], both[1], sizeof octets);
        ends_talk(both[0], both[1], "up", sizeof octets);
        ends_talk(both[1], both[0], "down", sizeof octets);
        lk_e2e_free(both[0]);
        lk_e2e_free(both[1]);
    }
}

/* T61: N alone is not enough where something of the application's own is required; P is, and so is
 * a client key. */
static void something_of_its_own(void **state)
{
    ends.client.app = "own";
    ends.client.needs = 0;
    ends.client.client_secret = NULL;
    ends_expect_open(LK_E2E_NEEDS_N | LK_E2E_NEEDS_P);
    ends.client.secrets.app_key = NULL;
    ends_expect_refused("e2e.policy", "e2e.policy");
    ends.client.client_secret = ends.client_secret;
    ends_expect_open(LK_E2E_NEEDS_N | LK_E2E_NEEDS_CLIENT_KEY);
}

/* T61: what fails, and that both ends give the same reason for it. */
static void refusals(void **state)
{
    uint8_t other[32] = { 9 };

    ends.secrets.app_key = other; /* another P */
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.secrets.app_key = NULL; /* none, where the offer names one */
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    (void)ends_open(NULL);
    ends.answer = LK_E2E_UNKNOWN;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    (void)ends_open(NULL);
    ends.client.server_key =
        ends.client_key; /* pins another server: itself, which is one more thing */
    ends_expect_refused("e2e.reflection", "e2e.reflection");
    (void)ends_open(NULL);
    ends.client.server_key = ends.operator_key;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    (void)ends_open(NULL);
    ends.client.app = "chat";
    ends.client.secrets.app_key = NULL;
    ends.client.needs = 0;
    ends_expect_refused("e2e.policy", "e2e.policy");
    ends.client.needs = LK_E2E_NEEDS_P;
    ends_expect_refused("e2e.policy", "e2e.policy");
}

static void keys_that_come_later(void **state)
{
    for (unsigned found = 0; found < 2; found++) {
        struct lk_e2e_end *client = lk_e2e_client(&ends.client),
                          *server = lk_e2e_server(&ends.server);

        ends.answer = LK_E2E_LATER;
        ends_run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), LK_E2E_SHAKING);
        lk_e2e_found(server, found == 1 ? &ends.secrets : NULL);
        ends_run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), found == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        assert_int_equal(lk_e2e_state(client), found == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        lk_e2e_found(server, &ends.secrets); /* too late: nothing */
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

/* A key of the server's own making goes by the operator, who knows N: it opens for the application
 * alone, and only as it was made. */
static void handed_over_keys(void **state)
{
    uint8_t parcel[LK_E2E_PARCEL_MAX], key[64], want[64], other[32], point[32];
    const struct lk_e2e_secrets *secrets = &ends.secrets, none = { LK_E2E_NO_OPERATOR_KEY };
    uint64_t created = 0;
    size_t len;

    memset(want, 0x5a, sizeof want);
    for (unsigned i = 0; i < 2; i++) {
        const struct lk_e2e_secrets *with = i == 0 ? secrets : &none;

        len = lk_e2e_wrap_key(parcel, "app.example", "notes", ends.server_secret, ends.client_key,
                              with, want, 48);
        assert_true(len > 0);
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                           ends.client_secret, ends.server_key, with, parcel, len),
                         48);
        assert_memory_equal(key, want, 48);
        assert_true(created > UINT64_C(1700000000000));
        for (size_t k = 0; k < len; k++) {
            parcel[k] ^= 1;
            assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                               ends.client_secret, ends.server_key, with, parcel,
                                               len),
                             0);
            parcel[k] ^= 1;
            assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                               ends.client_secret, ends.server_key, with, parcel,
                                               k),
                             0);
        }
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "chat", ends.client_secret,
                                           ends.server_key, with, parcel, len),
                         0);
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                           ends.client_secret, ends.server_key,
                                           i == 0 ? &none : secrets, parcel, len),
                         0);
        assert_true(lk_e2e_new_key(other, point));
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes", other,
                                           ends.server_key, with, parcel, len),
                         0); /* T60 */
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                           ends.client_secret, point, with, parcel, len),
                         0); /* T61: who made it? */
    }
    assert_int_equal(lk_e2e_wrap_key(parcel, "app.example", "notes", ends.server_secret,
                                     ends.server_key, secrets, want, 48),
                     0); /* A19: to itself */
    assert_int_equal(lk_e2e_wrap_key(parcel, "app.example", "notes", ends.server_secret,
                                     ends.client_key, secrets, want, 65),
                     0);
}

static void setups_that_are_none(void **state)
{
    struct lk_e2e_client_setup client = ends.client;
    struct lk_e2e_server_setup server = ends.server;

    client.secrets.app_key_len = 31; /* a password, perhaps */
    assert_null(lk_e2e_client(&client));
    client = ends.client;
    client.key_id = NULL; /* an operator's key that nothing names */
    assert_null(lk_e2e_client(&client));
    client = ends.client;
    client.server_key = NULL; /* there is no session without */
    assert_null(lk_e2e_client(&client));
    client = ends.client;
    client.app = "";
    assert_null(lk_e2e_client(&client));
    server.find = NULL;
    assert_null(lk_e2e_server(&server));
    server = ends.server;
    server.service_count = 0;
    assert_null(lk_e2e_server(&server));
    lk_e2e_free(NULL);
}

/* Over a stream: one octet other in what a session says, anywhere, and it is over. */
static void an_altered_stream(void **state)
{
    for (size_t at = 0; at < 29 + 4; at++) {
        struct lk_e2e_end *client = lk_e2e_client(&ends.client),
                          *server = lk_e2e_server(&ends.server);
        uint8_t octets[LK_E2E_OUTPUT_MAX];
        size_t len;

        ends_run(client, server, 100);
        assert_true(lk_e2e_write(client, "text", 4));
        assert_true(lk_e2e_write(client, "text", 4));
        len = lk_e2e_output(client, octets, sizeof octets);
        octets[at] ^= 1;
        /* A length that says more is only noticed when that much has come. */
        for (unsigned i = 0; i < 20 && lk_e2e_input(server, octets, len); i++)
            ;
        assert_int_equal(lk_e2e_state(server), LK_E2E_FAILED);
        assert_int_equal(lk_e2e_read(server, octets, sizeof octets), 0);
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, ends_open)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_in_pieces_of_any_size), TEST(datagrams_that_get_lost),
        TEST(something_of_its_own),           TEST(refusals),
        TEST(keys_that_come_later),           TEST(handed_over_keys),
        TEST(setups_that_are_none),           TEST(an_altered_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

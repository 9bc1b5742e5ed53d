/* liblatchkey-e2e by its public header alone: both ends over a stream in pieces of any size and in
 * datagrams that get lost, tickets, keys asked for elsewhere, and handed-over keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "latchkey/e2e.h"

static struct {
    uint8_t server_secret[32], server_key[32], client_secret[32], client_key[32], app_key[32];
    uint8_t operator_key[32], ticket_key[32];
    struct lk_e2e_client_setup client;
    struct lk_e2e_server_setup server;
    enum lk_e2e_answer answer;
    struct lk_e2e_secrets secrets;
    unsigned asked;
    bool resumed;
} t;
static const uint8_t ua[5] = { 1, 0, 0, 0, 2 };
static const struct lk_e2e_service services[] = { { "notes", 0 }, { "chat", LK_E2E_NEEDS_P },
                                                  { "own", LK_E2E_NEEDS_OWN } };

static enum lk_e2e_answer find(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets)
{
    assert_ptr_equal(user, &t);
    t.asked++;
    t.resumed = peer->resumed;
    assert_string_equal(peer->identity, "ann");
    if (peer->source != LK_E2E_NO_OPERATOR_KEY)
        assert_string_equal(peer->key_id, "cmFuZA==@bsf.example");
    if ((peer->with & LK_E2E_NEEDS_CLIENT_KEY) != 0)
        assert_memory_equal(peer->client_key, t.client_key, 32);
    *secrets = t.secrets;
    return t.answer;
}

static int open_all(void **state)
{
    memset(&t, 0, sizeof t);
    assert_true(lk_e2e_new_key(t.server_secret, t.server_key));
    assert_true(lk_e2e_new_key(t.client_secret, t.client_key));
    memset(t.app_key, 5, sizeof t.app_key);
    memset(t.operator_key, 6, sizeof t.operator_key);
    memset(t.ticket_key, 7, sizeof t.ticket_key);
    t.answer = LK_E2E_FOUND;
    t.secrets = (struct lk_e2e_secrets){ LK_E2E_KS_NAF, t.operator_key, ua, t.app_key, 32 };
    t.client = (struct lk_e2e_client_setup){ .server = "app.example",
                                             .app = "notes",
                                             .server_key = t.server_key,
                                             .client_secret = t.client_secret,
                                             .secrets = t.secrets,
                                             .key_id = "cmFuZA==@bsf.example",
                                             .identity = "ann",
                                             .needs = LK_E2E_NEEDS_N | LK_E2E_NEEDS_P |
                                                      LK_E2E_NEEDS_CLIENT_KEY };
    t.server = (struct lk_e2e_server_setup){ .server = "app.example",
                                             .server_secret = t.server_secret,
                                             .services = services,
                                             .service_count = 3,
                                             .find = find,
                                             .user = &t };
    return 0;
}

/* Carries what there is, in pieces; whether there was any. */
static bool carry(struct lk_e2e_end *from, struct lk_e2e_end *to, size_t piece)
{
    uint8_t octets[LK_E2E_OUTPUT_MAX];
    bool any = false;
    size_t len;

    while ((len = lk_e2e_output(from, octets, piece)) > 0) {
        (void)lk_e2e_input(to, octets, len);
        any = true;
    }
    return any;
}

static void run(struct lk_e2e_end *a, struct lk_e2e_end *b, size_t piece)
{
    bool any = true;

    while (any) {
        any = carry(a, b, piece);
        any = carry(b, a, piece) || any;
    }
}

static void expect_text(struct lk_e2e_end *from, struct lk_e2e_end *to, const char *text,
                        size_t piece)
{
    char got[64] = "";

    assert_true(lk_e2e_write(from, text, strlen(text)));
    run(from, to, piece);
    assert_int_equal(lk_e2e_read(to, got, sizeof got), strlen(text));
    assert_string_equal(got, text);
    assert_int_equal(lk_e2e_read(to, got, sizeof got), 0);
}

static void a_stream_in_pieces_of_any_size(void **state)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64, 1000, LK_E2E_OUTPUT_MAX };

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);
        static uint8_t sent[100000], got[100000];
        uint8_t keys[2][32];
        size_t len = 0, more;

        assert_false(lk_e2e_write(client, "early", 5));
        run(client, server, pieces[i]);
        assert_int_equal(lk_e2e_state(client), LK_E2E_OPEN);
        assert_int_equal(lk_e2e_state(server), LK_E2E_OPEN);
        assert_int_equal(lk_e2e_with(server), 7);
        assert_string_equal(lk_e2e_identity(server), "ann");
        expect_text(client, server, "up", pieces[i]);
        expect_text(server, client, "down", pieces[i]);
        for (size_t k = 0; k < sizeof sent; k++)
            sent[k] = (uint8_t)(k * 7);
        assert_true(lk_e2e_write(client, sent, sizeof sent));
        run(client, server, pieces[i]);
        while ((more = lk_e2e_read(server, got + len, sizeof got - len)) > 0)
            len += more;
        assert_int_equal(len, sizeof sent);
        assert_memory_equal(got, sent, sizeof sent);
        assert_true(lk_e2e_export_key(client, "media", keys[0], 32));
        assert_true(lk_e2e_export_key(server, "media", keys[1], 32));
        assert_memory_equal(keys[0], keys[1], 32);
        lk_e2e_close(client);
        run(client, server, pieces[i]);
        assert_int_equal(lk_e2e_state(server), LK_E2E_CLOSED);
        assert_false(lk_e2e_write(server, "late", 4));
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

/* Datagrams: in each run others get lost, each end once out of three; repeat brings it about. */
static void datagrams_that_get_lost(void **state)
{
    t.client.datagrams = t.server.datagrams = true;
    for (unsigned seed = 1; seed < 60; seed++) {
        struct lk_e2e_end *ends[2] = { lk_e2e_client(&t.client), lk_e2e_server(&t.server) };
        uint8_t octets[LK_E2E_OUTPUT_MAX];
        unsigned draw = seed * 2654435761u, rounds = 0;
        size_t len;

        while (lk_e2e_state(ends[0]) != LK_E2E_OPEN || lk_e2e_state(ends[1]) != LK_E2E_OPEN) {
            assert_true(++rounds < 100);
            for (unsigned i = 0; i < 2; i++)
                while ((len = lk_e2e_output(ends[i], octets, sizeof octets)) > 0) {
                    draw = draw * 1103515245u + 12345u;
                    assert_true(lk_e2e_input(ends[1 - i], "\4\0\3abc", 6)); /* of nobody */
                    if ((draw >> 16) % 3 != 0)
                        assert_true(lk_e2e_input(ends[1 - i], octets, len));
                }
            lk_e2e_repeat(ends[0]);
            lk_e2e_repeat(ends[1]);
        }
        run(ends[0], ends[1], sizeof octets);
        expect_text(ends[0], ends[1], "up", sizeof octets);
        expect_text(ends[1], ends[0], "down", sizeof octets);
        lk_e2e_free(ends[0]);
        lk_e2e_free(ends[1]);
    }
}

static void expect_open(unsigned with)
{
    struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);

    run(client, server, LK_E2E_OUTPUT_MAX);
    assert_int_equal(lk_e2e_state(server), LK_E2E_OPEN);
    assert_int_equal(lk_e2e_with(server), with);
    lk_e2e_free(client);
    lk_e2e_free(server);
}

static void expect_refused(const char *client_why, const char *server_why)
{
    struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);

    assert_non_null(client);
    run(client, server, LK_E2E_OUTPUT_MAX);
    assert_int_not_equal(lk_e2e_state(client), LK_E2E_OPEN);
    assert_int_not_equal(lk_e2e_state(server), LK_E2E_OPEN);
    assert_string_equal(lk_e2e_why(client), client_why);
    assert_string_equal(lk_e2e_why(server), server_why);
    lk_e2e_free(client);
    lk_e2e_free(server);
}

/* T61: N alone is not enough where something of the application's own is required; P is, and so is
 * a client key. */
static void something_of_its_own(void **state)
{
    t.client.app = "own";
    t.client.needs = 0;
    t.client.client_secret = NULL;
    expect_open(LK_E2E_NEEDS_N | LK_E2E_NEEDS_P);
    t.client.secrets.app_key = NULL;
    expect_refused("e2e.policy", "e2e.policy");
    t.client.client_secret = t.client_secret;
    expect_open(LK_E2E_NEEDS_N | LK_E2E_NEEDS_CLIENT_KEY);
}

/* T61: what fails, and that both ends give the same reason for it. */
static void refusals(void **state)
{
    uint8_t other[32] = { 9 };

    t.secrets.app_key = other; /* another P */
    expect_refused("e2e.unproven", "e2e.unproven");
    t.secrets.app_key = NULL; /* none, where the offer names one */
    expect_refused("e2e.unproven", "e2e.unproven");
    (void)open_all(NULL);
    t.answer = LK_E2E_UNKNOWN;
    expect_refused("e2e.unproven", "e2e.unproven");
    (void)open_all(NULL);
    t.client.server_key = t.client_key; /* pins another server: itself, which is one more thing */
    expect_refused("e2e.reflection", "e2e.reflection");
    (void)open_all(NULL);
    t.client.server_key = t.operator_key;
    expect_refused("e2e.unproven", "e2e.unproven");
    (void)open_all(NULL);
    t.client.app = "chat";
    t.client.secrets.app_key = NULL;
    t.client.needs = 0;
    expect_refused("e2e.policy", "e2e.policy");
    t.client.needs = LK_E2E_NEEDS_P;
    expect_refused("e2e.policy", "e2e.policy");
}

static void keys_that_come_later(void **state)
{
    for (unsigned found = 0; found < 2; found++) {
        struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);

        t.answer = LK_E2E_LATER;
        run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), LK_E2E_SHAKING);
        lk_e2e_found(server, found == 1 ? &t.secrets : NULL);
        run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), found == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        assert_int_equal(lk_e2e_state(client), found == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        lk_e2e_found(server, &t.secrets); /* too late: nothing */
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

static size_t saved_by_a_session(uint8_t saved[LK_E2E_SAVED_MAX])
{
    struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);
    size_t len;

    run(client, server, 100);
    len = lk_e2e_save(client, saved);
    lk_e2e_free(client);
    lk_e2e_free(server);
    return len;
}

/* T63: a ticket is of one application, one identity, one client key and one server's tickets. */
static void tickets(void **state)
{
    uint8_t saved[LK_E2E_SAVED_MAX], other[32], point[32];
    struct lk_e2e_end *client, *server;

    assert_int_equal(saved_by_a_session(saved), 0); /* the server gives none */
    t.server.ticket_key = t.ticket_key;
    t.client.saved_len = saved_by_a_session(saved);
    assert_true(t.client.saved_len > 0);
    t.client.saved = saved;
    memset(&t.client.secrets, 0, sizeof t.client.secrets);
    t.client.key_id = NULL;
    client = lk_e2e_client(&t.client); /* the control: it is good, twice even */
    server = lk_e2e_server(&t.server);
    run(client, server, 100);
    assert_true(t.resumed);
    assert_int_equal(lk_e2e_with(server), 7);
    expect_text(client, server, "again", 100);
    lk_e2e_free(client);
    lk_e2e_free(server);

    t.client.app = "chat";
    expect_refused("e2e.unproven", "e2e.unproven");
    t.client.app = "notes";
    memcpy(point, t.client_key, sizeof point);
    assert_true(lk_e2e_new_key(other, t.client_key));
    t.client.client_secret = other;
    expect_refused("e2e.unproven", "e2e.unproven");
    t.client.client_secret = t.client_secret;
    memcpy(t.client_key, point, sizeof point);
    t.ticket_key[0] ^= 1;
    expect_refused("e2e.unproven", "e2e.unproven");
    t.ticket_key[0] ^= 1;
    saved[1 + 20] ^= 1;
    expect_refused("e2e.unproven", "e2e.unproven");
    saved[1 + 20] ^= 1;
    saved[0] = LK_E2E_NEEDS_P; /* less than its session had */
    t.client.needs = 0;
    expect_refused("e2e.unproven", "e2e.unproven");
}

/* A key of the server's own making goes by the operator, who knows N: it opens for the application
 * alone, and only as it was made. */
static void handed_over_keys(void **state)
{
    uint8_t parcel[LK_E2E_PARCEL_MAX], key[64], want[64], other[32], point[32];
    const struct lk_e2e_secrets *secrets = &t.secrets, none = { LK_E2E_NO_OPERATOR_KEY };
    uint64_t created = 0;
    size_t len;

    memset(want, 0x5a, sizeof want);
    for (unsigned i = 0; i < 2; i++) {
        const struct lk_e2e_secrets *with = i == 0 ? secrets : &none;

        len = lk_e2e_wrap_key(parcel, "app.example", "notes", t.server_secret, t.client_key, with,
                              want, 48);
        assert_true(len > 0);
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes", t.client_secret,
                                           t.server_key, with, parcel, len), 48);
        assert_memory_equal(key, want, 48);
        assert_true(created > UINT64_C(1700000000000));
        for (size_t k = 0; k < len; k++) {
            parcel[k] ^= 1;
            assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                               t.client_secret, t.server_key, with, parcel, len),
                             0);
            parcel[k] ^= 1;
            assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes",
                                               t.client_secret, t.server_key, with, parcel, k), 0);
        }
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "chat", t.client_secret,
                                           t.server_key, with, parcel, len), 0);
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes", t.client_secret,
                                           t.server_key, i == 0 ? &none : secrets, parcel, len), 0);
        assert_true(lk_e2e_new_key(other, point));
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes", other,
                                           t.server_key, with, parcel, len), 0); /* T60 */
        assert_int_equal(lk_e2e_unwrap_key(key, &created, "app.example", "notes", t.client_secret,
                                           point, with, parcel, len), 0); /* T61: who made it? */
    }
    assert_int_equal(lk_e2e_wrap_key(parcel, "app.example", "notes", t.server_secret, t.server_key,
                                     secrets, want, 48), 0); /* A19: to itself */
    assert_int_equal(lk_e2e_wrap_key(parcel, "app.example", "notes", t.server_secret, t.client_key,
                                     secrets, want, 65), 0);
}

static void setups_that_are_none(void **state)
{
    struct lk_e2e_client_setup client = t.client;
    struct lk_e2e_server_setup server = t.server;

    client.secrets.app_key_len = 31; /* a password, perhaps */
    assert_null(lk_e2e_client(&client));
    client = t.client;
    client.key_id = NULL; /* an operator's key that nothing names */
    assert_null(lk_e2e_client(&client));
    client = t.client;
    client.server_key = NULL; /* there is no session without */
    assert_null(lk_e2e_client(&client));
    client = t.client;
    client.app = "";
    assert_null(lk_e2e_client(&client));
    server.find = NULL;
    assert_null(lk_e2e_server(&server));
    server = t.server;
    server.service_count = 0;
    assert_null(lk_e2e_server(&server));
    lk_e2e_free(NULL);
}

/* Over a stream: one octet other in what a session says, anywhere, and it is over. */
static void an_altered_stream(void **state)
{
    for (size_t at = 0; at < 29 + 4; at++) {
        struct lk_e2e_end *client = lk_e2e_client(&t.client), *server = lk_e2e_server(&t.server);
        uint8_t octets[LK_E2E_OUTPUT_MAX];
        size_t len;

        run(client, server, 100);
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

#define TEST(name) cmocka_unit_test_setup(name, open_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_in_pieces_of_any_size), TEST(datagrams_that_get_lost),
        TEST(something_of_its_own), TEST(refusals),
        TEST(keys_that_come_later), TEST(tickets), TEST(handed_over_keys),
        TEST(setups_that_are_none), TEST(an_altered_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

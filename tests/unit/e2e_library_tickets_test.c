/* liblatchkey-e2e: for whom its tickets are, and for how long. T63. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "e2e/parts.h"
#include "e2e_ends.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static uint8_t saved[LK_E2E_SAVED_MAX];

/* From now on the client comes with what it saved. */
static void use_ticket(size_t len)
{
    assert_true(len > 0);
    ends.client.saved = saved;
    ends.client.saved_len = len;
    memset(&ends.client.secrets, 0, sizeof ends.client.secrets);
    ends.client.key_id = NULL;
}

static int open_with_tickets(void **state)
{
    (void)ends_open(state);
    ends.server.ticket_key = ends.ticket_key;
    return 0;
}

/* T63: a ticket is of one application, one identity, one client key and one server's tickets. */
static void for_its_holder(void **state)
{
    uint8_t other[32], point[32];
    struct lk_e2e_end *client, *server;

    assert_int_equal(ends_save(saved), 0); /* the server gives none */
    ends.server.ticket_key = ends.ticket_key;
    use_ticket(ends_save(saved));
    client = lk_e2e_client(&ends.client); /* the control: it is good, twice even */
    server = lk_e2e_server(&ends.server);
    ends_run(client, server, 100);
    assert_true(ends.resumed);
    assert_int_equal(lk_e2e_with(server), 7);
    ends_talk(client, server, "again", 100);
    lk_e2e_free(client);
    lk_e2e_free(server);

    ends.client.app = "chat";
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.client.app = "notes";
    memcpy(point, ends.client_key, sizeof point);
    assert_true(lk_e2e_new_key(other, ends.client_key));
    ends.client.client_secret = other;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.client.client_secret = ends.client_secret;
    memcpy(ends.client_key, point, sizeof point);
    ends.ticket_key[0] ^= 1;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.ticket_key[0] ^= 1;
    saved[1 + 20] ^= 1;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    saved[1 + 20] ^= 1;
    saved[0] = LK_E2E_NEEDS_P; /* less than its session had */
    ends.client.needs = 0;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
}

static void a_ticket_ends(void **state)
{
    use_ticket(ends_save(saved));
    ends.now_s += HOUR - 1;
    ends_expect_open(7); /* the control */
    ends.now_s += 1;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.server.ticket_s = DAY + 1;
    assert_null(lk_e2e_server(&ends.server));
}

/* What a ticket was first made of has an end, and whoever resumes for ever does not come past it.
 */
static void no_ticket_outlives_the_first(void **state)
{
    ends.server.ticket_s = DAY;
    use_ticket(ends_save(saved));
    for (unsigned i = 0; i < 23; i++) {
        ends.now_s += HOUR;
        use_ticket(ends_save(saved)); /* the control: it is resumed, and has a new ticket */
        assert_true(ends.resumed);
    }
    ends.now_s += HOUR;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
}

static void no_ticket_outlives_n(void **state)
{
    const struct lk_e2e_client_setup client = ends.client;

    ends.secrets.expires_s = ENDS_BEGIN_S + 100;
    use_ticket(ends_save(saved));
    ends.now_s += 99;
    ends_expect_open(7);
    use_ticket(ends_save(saved));
    ends.now_s += 1;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.client = client;
    assert_int_equal(ends_save(saved), 0); /* a session, and nothing for the next one */
    ends.client.needs = LK_E2E_NEEDS_P;
    ends.client.secrets.source = LK_E2E_NO_OPERATOR_KEY;
    ends.client.secrets.operator_key = NULL;
    ends.client.key_id = NULL;
    use_ticket(ends_save(saved)); /* N is not in it */
    ends.client.needs = 0;
    ends.now_s += HOUR - 1;
    ends_expect_open(LK_E2E_NEEDS_P | LK_E2E_NEEDS_CLIENT_KEY);
}

/* What the server knows of a user is another: it has taken P back, say. */
static void a_changed_row_ends_tickets(void **state)
{
    static const uint8_t row[32] = { 1 }, other[32] = { 2 };

    ends.secrets.row = row;
    use_ticket(ends_save(saved));
    ends.secrets.row = other;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.secrets.row = NULL;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.secrets.row = row; /* the control; and the next one is bound as the first */
    use_ticket(ends_save(saved));
    ends.secrets.row = other;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
    ends.answer = LK_E2E_UNKNOWN; /* the user is there no more */
    ends.secrets.row = row;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
}

/* A find that takes its time takes it for tickets too. */
static void a_row_that_comes_later(void **state)
{
    static const uint8_t row[32] = { 1 };

    ends.secrets.row = row;
    use_ticket(ends_save(saved));
    ends.answer = LK_E2E_LATER;
    for (unsigned his = 0; his < 2; his++) {
        struct lk_e2e_end *client = lk_e2e_client(&ends.client);
        struct lk_e2e_end *server = lk_e2e_server(&ends.server);
        struct lk_e2e_secrets secrets = { .row = his == 1 ? row : NULL };

        ends_run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), LK_E2E_SHAKING);
        lk_e2e_found(server, &secrets);
        ends_run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), his == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

/* A server that gives no tickets takes none, whoever sealed them: its key is not one of zeroes. */
static void a_server_without_tickets(void **state)
{
    memset(ends.ticket_key, 0, sizeof ends.ticket_key);
    use_ticket(ends_save(saved));
    ends_expect_open(7); /* the control: a server with that key takes it */
    ends.server.ticket_key = NULL;
    ends_expect_refused("e2e.unproven", "e2e.unproven");
}

/* Once it is sealed, the resumption of a session is in the ticket alone: not at the server. */
static void a_server_forgets_resumption(void **state)
{
    for (unsigned resumed = 0; resumed < 2; resumed++) {
        struct lk_e2e_end *client = lk_e2e_client(&ends.client);
        struct lk_e2e_end *server = lk_e2e_server(&ends.server);
        uint8_t of_this[32], zero[sizeof server->ticket] = { 0 };

        ends_run(client, server, 100);
        use_ticket(lk_e2e_save(client, saved));
        memcpy(of_this, &saved[ends.client.saved_len - sizeof of_this], sizeof of_this);
        assert_non_null(memmem(client, sizeof *client, of_this, 32)); /* the control */
        assert_null(memmem(server, sizeof *server, of_this, 32));
        assert_memory_equal(&server->ticket, zero, sizeof zero);
        lk_e2e_free(client);
        lk_e2e_free(server);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, open_with_tickets)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(for_its_holder, ends_open),
        TEST(a_ticket_ends),
        TEST(no_ticket_outlives_the_first),
        TEST(no_ticket_outlives_n),
        TEST(a_changed_row_ends_tickets),
        TEST(a_row_that_comes_later),
        TEST(a_server_without_tickets),
        TEST(a_server_forgets_resumption),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

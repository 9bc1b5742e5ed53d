#include "e2e_ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/reason.h"

struct e2e_ends ends;
static const uint8_t ua[5] = { 1, 0, 0, 0, 2 };
static const struct lk_e2e_service services[] = { { "notes", 0 },
                                                  { "chat", LK_E2E_NEEDS_P },
                                                  { "own", LK_E2E_NEEDS_OWN } };

/* In the place of the system's. */
int clock_gettime(clockid_t which, struct timespec *now)
{
    *now = (struct timespec){ .tv_sec = (time_t)ends.now_s };
    return 0;
}

static enum lk_e2e_answer find(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets)
{
    assert_ptr_equal(user, &ends);
    ends.asked++;
    ends.resumed = peer->resumed;
    assert_string_equal(peer->identity, "ann");
    if (peer->source != LK_E2E_NO_OPERATOR_KEY)
        assert_string_equal(peer->key_id, "cmFuZA==@bsf.example");
    if ((peer->with & LK_E2E_NEEDS_CLIENT_KEY) != 0)
        assert_memory_equal(peer->client_key, ends.client_key, 32);
    *secrets = ends.secrets;
    return ends.answer;
}

int ends_open(void **state)
{
    memset(&ends, 0, sizeof ends);
    assert_true(lk_e2e_new_key(ends.server_secret, ends.server_key));
    assert_true(lk_e2e_new_key(ends.client_secret, ends.client_key));
    memset(ends.app_key, 5, sizeof ends.app_key);
    memset(ends.operator_key, 6, sizeof ends.operator_key);
    memset(ends.ticket_key, 7, sizeof ends.ticket_key);
    ends.now_s = ENDS_BEGIN_S;
    ends.answer = LK_E2E_FOUND;
    ends.secrets = (struct lk_e2e_secrets){ .source = LK_E2E_KS_NAF,
                                            .operator_key = ends.operator_key,
                                            .ua = ua,
                                            .app_key = ends.app_key,
                                            .app_key_len = sizeof ends.app_key };
    ends.client = (struct lk_e2e_client_setup){ .server = "app.example",
                                                .app = "notes",
                                                .server_key = ends.server_key,
                                                .client_secret = ends.client_secret,
                                                .secrets = ends.secrets,
                                                .key_id = "cmFuZA==@bsf.example",
                                                .identity = "ann",
                                                .needs = LK_E2E_NEEDS_N | LK_E2E_NEEDS_P |
                                                         LK_E2E_NEEDS_CLIENT_KEY };
    ends.server = (struct lk_e2e_server_setup){ .server = "app.example",
                                                .server_secret = ends.server_secret,
                                                .services = services,
                                                .service_count = 3,
                                                .find = find,
                                                .user = &ends };
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

void ends_run(struct lk_e2e_end *a, struct lk_e2e_end *b, size_t piece)
{
    bool any = true;

    while (any) {
        any = carry(a, b, piece);
        any = carry(b, a, piece) || any;
    }
}

void ends_talk(struct lk_e2e_end *from, struct lk_e2e_end *to, const char *text, size_t piece)
{
    char got[64] = "";

    assert_true(lk_e2e_write(from, text, strlen(text)));
    ends_run(from, to, piece);
    assert_int_equal(lk_e2e_read(to, got, sizeof got), strlen(text));
    assert_string_equal(got, text);
    assert_int_equal(lk_e2e_read(to, got, sizeof got), 0);
}

void ends_expect_open(unsigned with)
{
    struct lk_e2e_end *client = lk_e2e_client(&ends.client), *server = lk_e2e_server(&ends.server);

    ends_run(client, server, LK_E2E_OUTPUT_MAX);
    assert_int_equal(lk_e2e_state(server), LK_E2E_OPEN);
    assert_int_equal(lk_e2e_with(server), with);
    lk_e2e_free(client);
    lk_e2e_free(server);
}

void ends_expect_refused(const char *client_why, const char *server_why)
{
    struct lk_e2e_end *client = lk_e2e_client(&ends.client), *server = lk_e2e_server(&ends.server);

    assert_non_null(client);
    ends_run(client, server, LK_E2E_OUTPUT_MAX);
    assert_int_not_equal(lk_e2e_state(client), LK_E2E_OPEN);
    assert_int_not_equal(lk_e2e_state(server), LK_E2E_OPEN);
    assert_string_equal(lk_e2e_why(client), client_why);
    assert_string_equal(lk_e2e_why(server), server_why);
    assert_ptr_equal(lk_e2e_what(client), lk_reason_row(lk_reason_named(client_why))->what);
    assert_ptr_equal(lk_e2e_fix(client), lk_reason_row(lk_reason_named(client_why))->fix);
    lk_e2e_free(client);
    lk_e2e_free(server);
}

size_t ends_save(uint8_t saved[LK_E2E_SAVED_MAX])
{
    struct lk_e2e_end *client = lk_e2e_client(&ends.client), *server = lk_e2e_server(&ends.server);
    size_t len;

    ends_run(client, server, 100);
    len = lk_e2e_save(client, saved);
    lk_e2e_free(client);
    lk_e2e_free(server);
    return len;
}

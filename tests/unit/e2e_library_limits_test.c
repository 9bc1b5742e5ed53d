/* liblatchkey-e2e: what it keeps no longer than it must, and takes no more of than it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "e2e/parts.h"
#include "e2e_ends.h"
#include "proto/e2e/parcel.h"

static struct lk_e2e_end *client, *server;

static int open_both(void **state)
{
    (void)ends_open(state);
    client = lk_e2e_client(&ends.client);
    server = lk_e2e_server(&ends.server);
    return 0;
}

static int free_both(void **state)
{
    lk_e2e_free(client);
    lk_e2e_free(server);
    return 0;
}

static bool has(const struct lk_e2e_end *end, const uint8_t key[32])
{
    return memmem(end, sizeof *end, key, 32) != NULL;
}

/* ---- keys ---- */

/* The ephemeral key is of the handshake, record keys and exporter of the session. */
static void no_keys_when_it_is_over(void **state)
{
    uint8_t ephemeral[2][32], up[32], down[32], exporter[32], key[32];

    memcpy(ephemeral[0], client->ephemeral, 32);
    assert_true(has(client, ephemeral[0])); /* the control */
    ends_run(client, server, 100);
    assert_int_equal(lk_e2e_state(server), LK_E2E_OPEN);
    assert_false(has(client, ephemeral[0]));
    memcpy(up, client->session.channel.sends.key, 32);
    memcpy(down, client->session.channel.takes.key, 32);
    memcpy(exporter, &client->session.exporter, 32);
    assert_true(has(client, up) && has(client, down) && has(client, exporter));
    assert_true(has(server, up) && has(server, down) && has(server, exporter));
    lk_e2e_close(client);
    assert_false(has(client, up) || has(client, down) || has(client, exporter));
    assert_false(lk_e2e_export_key(client, "late", key, sizeof key));
    ends_run(client, server, 100);
    assert_int_equal(lk_e2e_state(server), LK_E2E_CLOSED);
    assert_false(has(server, up) || has(server, down) || has(server, exporter));
    assert_false(lk_e2e_export_key(server, "late", key, sizeof key));
}

/* The same of a handshake that fails; and of a session. */
static void no_keys_when_it_fails(void **state)
{
    static const struct lk_e2e_session no_session;
    static const struct lk_e2e_ticket no_ticket;
    static const uint8_t zero[32], bad[] = { LK_E2E_DATA, 0, 0 };
    uint8_t octets[LK_E2E_OUTPUT_MAX], saved[LK_E2E_SAVED_MAX];
    size_t len;

    ends.server.ticket_key = ends.ticket_key;
    ends.client.saved_len = ends_save(saved);
    ends.client.saved = saved;
    (void)free_both(NULL);
    for (unsigned open = 0; open < 2; open++) {
        client = lk_e2e_client(&ends.client);
        server = lk_e2e_server(&ends.server);
        len = lk_e2e_output(client, octets, sizeof octets);
        assert_true(lk_e2e_input(server, octets, len));
        assert_memory_not_equal(server->ephemeral, zero, 32); /* the control */
        assert_memory_not_equal(&server->ticket, &no_ticket, sizeof no_ticket);
        if (open == 1)
            ends_run(client, server, 100);
        assert_int_equal(lk_e2e_state(server), open == 1 ? LK_E2E_OPEN : LK_E2E_SHAKING);
        (void)lk_e2e_input(server, bad, sizeof bad);
        (void)lk_e2e_input(client, bad, sizeof bad);
        assert_int_equal(lk_e2e_state(server), LK_E2E_FAILED);
        assert_int_equal(lk_e2e_state(client), LK_E2E_FAILED);
        assert_memory_equal(server->ephemeral, zero, 32);
        assert_memory_equal(client->ephemeral, zero, 32);
        assert_memory_equal(&server->session, &no_session, sizeof no_session);
        assert_memory_equal(&client->session, &no_session, sizeof no_session);
        assert_memory_equal(&server->ticket, &no_ticket, sizeof no_ticket);
        if (open == 0)
            (void)free_both(NULL);
    }
}

/* ---- what a peer may choose ---- */

/* Who does not read is not filled: over a stream the session is over, datagrams get lost. */
static void nobody_reads(void **state)
{
    static uint8_t data[LK_E2E_DATA_MAX];

    for (unsigned datagrams = 0; datagrams < 2; datagrams++) {
        (void)free_both(NULL);
        (void)open_both(NULL);
        (void)free_both(NULL);
        ends.client.datagrams = ends.server.datagrams = datagrams == 1;
        client = lk_e2e_client(&ends.client);
        server = lk_e2e_server(&ends.server);
        ends_run(client, server, LK_E2E_OUTPUT_MAX);
        for (unsigned i = 0; i < 70 && lk_e2e_state(server) == LK_E2E_OPEN; i++) {
            assert_true(lk_e2e_write(client, data, sizeof data));
            ends_run(client, server, LK_E2E_OUTPUT_MAX);
            assert_true(server->data.len <= LK_E2E_WAITING_MAX);
            assert_true(server->in.len <= LK_E2E_OUTPUT_MAX);
        }
        assert_true(server->data.len > LK_E2E_WAITING_MAX - 2 * LK_E2E_DATA_MAX);
        assert_int_equal(lk_e2e_state(server), datagrams == 1 ? LK_E2E_OPEN : LK_E2E_FAILED);
    }
    for (size_t left = server->data.len; left > 0; left -= 2 + sizeof data)
        assert_int_equal(lk_e2e_read(server, data, sizeof data), sizeof data);
    assert_int_equal(lk_e2e_read(server, data, sizeof data), 0);
    while (lk_e2e_write(client, data, sizeof data)) /* nor is who is not sent for */
        assert_true(client->out.len <= LK_E2E_WAITING_MAX);
}

/* A ticket has its length, or there is none: what lies behind it is not saved. And a server has no
 * use for one. */
static void tickets_of_another_length(void **state)
{
    static const uint8_t text[LK_E2E_TICKET_LEN + 1] = { 1 };
    uint8_t saved[LK_E2E_SAVED_MAX];

    ends_run(client, server, 100);
    for (size_t len = 0; len <= sizeof text; len++) {
        assert_true(lk_e2e_end_say(server, LK_E2E_TICKET, lk_span_of(text, len)));
        ends_run(client, server, 100);
        assert_int_equal(lk_e2e_save(client, saved) > 0, len == LK_E2E_TICKET_LEN);
    }
    assert_true(lk_e2e_end_say(client, LK_E2E_TICKET, lk_span_of(text, LK_E2E_TICKET_LEN)));
    ends_run(client, server, 100);
    assert_int_equal(lk_e2e_save(server, saved), 0);
    ends_talk(client, server, "goes on", 100);
}

static enum lk_status go(struct lk_noise *noise, const uint8_t ephemeral[32])
{
    enum lk_noise_need need;
    enum lk_status status;
    uint8_t shared[32];

    while ((status = lk_noise_go(noise, &need)) == LK_OK && need == LK_NOISE_DH) {
        assert_int_equal(lk_x25519_shared(shared, ephemeral, noise->ask.peer.octets), LK_OK);
        lk_noise_dh(noise, shared);
    }
    return status;
}

/* HELLO of somebody with P who calls himself that. */
static void say_hello(struct lk_span identity)
{
    const struct lk_e2e_hello hello = { .flags = LK_E2E_WITH_P,
                                        .fqdn = lk_span_text("app.example"),
                                        .app = lk_span_text("notes") };
    const struct lk_e2e_who who = { .kind = LK_E2E_NO_KEY_ID, .identity = identity };
    uint8_t offer[LK_E2E_OFFER_MAX], payload[64], frame[LK_E2E_OUTPUT_MAX], ephemeral[32];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), p = lk_writer_of(payload, 64);
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_noise_point e, s;
    struct lk_noise noise;

    memcpy(s.octets, ends.server_key, sizeof s.octets);
    assert_true(lk_e2e_new_key(ephemeral, e.octets));
    lk_e2e_noise_start(&noise, true, &hello, &e, NULL, &s);
    lk_e2e_who_encode(&p, &who);
    lk_e2e_offer_encode(&o, &hello);
    assert_int_equal(lk_noise_say(&noise, lk_writer_span(&p)), LK_OK);
    assert_int_equal(go(&noise, ephemeral), LK_OK);
    assert_int_equal(lk_e2e_frame_of(&w, LK_E2E_HELLO, lk_writer_span(&o), &noise), LK_OK);
    assert_true(lk_e2e_input(server, frame, w.len));
}

/* "ann", and a zero, and more, is not ann: nobody is asked whose that is. */
static void an_identity_with_a_zero(void **state)
{
    say_hello(lk_span_of("ann", 3));
    assert_int_equal(ends.asked, 1); /* the control */
    lk_e2e_free(server);
    server = lk_e2e_server(&ends.server);
    say_hello(lk_span_of("ann\0eve", 7));
    assert_int_equal(ends.asked, 1);
    lk_e2e_free(server);
    server = lk_e2e_server(&ends.server);
    say_hello(lk_span_of("ann\0", 4));
    assert_int_equal(ends.asked, 1);
}

/* What a server of another make puts into a parcel: a key has 1 to 64 octets. */
static void keys_in_parcels(void **state)
{
    uint8_t octets[8 + LK_E2E_PARCEL_KEY_MAX + 1] = { 0 };
    struct lk_e2e_parcel parcel;

    for (size_t len = 0; len <= sizeof octets; len++) {
        const bool good = len > 8 && len <= 8 + LK_E2E_PARCEL_KEY_MAX;
        enum lk_status status = lk_e2e_parcel_decode(&parcel, lk_span_of(octets, len));

        assert_int_equal(status == LK_OK, good);
        if (good)
            assert_int_equal(parcel.key_len, len - 8);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_both, free_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_keys_when_it_is_over), TEST(no_keys_when_it_fails), TEST(nobody_reads),
        TEST(tickets_of_another_length), TEST(an_identity_with_a_zero),
        cmocka_unit_test(keys_in_parcels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Sessions, tickets and parcels by vectors that another hand made: labels, numbers, and what is
 * bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "proto/e2e/parcel.h"
#include "proto/e2e/session.h"
#include "proto/e2e/ticket.h"
#include "vectors.h"

/* A key pair of the vector. */
struct pair {
    uint8_t secret[32];
    struct lk_noise_point point;
};

static struct pair pair_of(const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);
    struct pair pair;

    assert_int_equal(octets.len, sizeof pair.secret);
    memcpy(pair.secret, octets.at, sizeof pair.secret);
    lk_x25519_public(pair.point.octets, pair.secret);
    return pair;
}

static void take_32(uint8_t to[32], const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);

    assert_int_equal(octets.len, 32);
    memcpy(to, octets.at, 32);
}

static struct lk_e2e_hello hello_of(const json_t *v)
{
    return (struct lk_e2e_hello){ .flags = (uint8_t)vector_int(v, "flags"),
                                  .fqdn = lk_span_text(vector_text(v, "fqdn")),
                                  .app = lk_span_text(vector_text(v, "app")) };
}

static void go(struct lk_noise *noise, const json_t *v, const struct pair *own,
               const struct pair *ephemeral)
{
    struct lk_e2e_psk psk;
    enum lk_noise_need need;
    uint8_t shared[32];

    take_32(psk.octets, v, "psk");
    for (;;) {
        assert_int_equal(lk_e2e_noise_go(noise, &need, &psk), LK_OK);
        if (need != LK_NOISE_DH)
            return;
        assert_int_equal(lk_x25519_shared(shared, noise->ask.own_static ? own->secret
                                                                        : ephemeral->secret,
                                          noise->ask.peer.octets), LK_OK);
        lk_noise_dh(noise, shared);
    }
}

/* The message that is done, in its frame; the other end has it. */
static void frame_is(const json_t *v, const char *path, enum lk_e2e_type type,
                     const struct lk_e2e_hello *hello, const struct lk_noise *noise,
                     struct lk_noise *other)
{
    uint8_t frame[2048], offer[LK_E2E_OFFER_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame), o = lk_writer_of(offer, sizeof offer);

    if (hello != NULL)
        lk_e2e_offer_encode(&o, hello);
    assert_int_equal(lk_e2e_frame_of(&w, type, lk_writer_span(&o), noise), LK_OK);
    assert_vector(v, path, frame, w.len);
    if (other != NULL)
        assert_int_equal(lk_noise_take(other, lk_span_of(noise->out.octets, noise->out.len)),
                         LK_OK);
}

static void record_is(const json_t *v, const char *path, struct lk_e2e_session *session,
                      enum lk_e2e_type type, const char *text)
{
    uint8_t frame[128];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    assert_int_equal(lk_e2e_channel_say(&session->channel, &w, type, lk_span_text(text), 0), LK_OK);
    assert_vector(v, path, frame, w.len);
}

static void one_session(const json_t *v)
{
    const struct pair s = pair_of(v, "s"), c = pair_of(v, "c"), e = pair_of(v, "e");
    const struct pair f = pair_of(v, "f");
    const struct lk_e2e_hello hello = hello_of(v);
    const struct lk_e2e_scope scope = { hello.fqdn, hello.app };
    struct vector_octets who = vector_hex(v, "who");
    struct lk_e2e_session app, server;
    struct lk_noise noise[2];

    lk_e2e_noise_start(&noise[0], true, &hello, &e.point, &c.point, &s.point);
    lk_e2e_noise_start(&noise[1], false, &hello, &f.point, &s.point, NULL);
    assert_int_equal(lk_noise_say(&noise[0], vector_span(&who)), LK_OK);
    go(&noise[0], v, &c, &e);
    frame_is(v, "hello", LK_E2E_HELLO, &hello, &noise[0], &noise[1]);
    go(&noise[1], v, &s, &f);
    assert_int_equal(lk_noise_say(&noise[1], lk_span_of(NULL, 0)), LK_OK);
    go(&noise[1], v, &s, &f);
    frame_is(v, "reply", LK_E2E_REPLY, NULL, &noise[1], &noise[0]);
    go(&noise[0], v, &c, &e);
    lk_e2e_session_of(&app, &noise[0], &scope, hello.flags, false, 0);
    lk_e2e_session_of(&server, &noise[1], &scope, hello.flags, false, 0);
    record_is(v, "finish", &app, LK_E2E_FINISH, "");
    record_is(v, "first", &app, LK_E2E_DATA, "one");
    record_is(v, "second", &app, LK_E2E_DATA, "two"); /* number 2: its place in the nonce */
    record_is(v, "answer", &server, LK_E2E_DATA, "one");
    assert_vector(v, "exporter", app.exporter.octets, 32);
    assert_vector(v, "resumption", app.resumption.octets, 32);
    assert_vector(v, "resumption", server.resumption.octets, 32);
}

static void one_ticket(const json_t *v)
{
    struct vector_octets identity = vector_hex(v, "identity");
    struct lk_e2e_ticket ticket = { (uint8_t)vector_int(v, "flags"),
                                    (uint64_t)vector_int(v, "expires_ms"), { { 0 } } };
    struct lk_e2e_holder holder = { .scope = { hello_of(v).fqdn, hello_of(v).app },
                                    .identity = vector_span(&identity) };
    uint8_t sealed[LK_E2E_TICKET_LEN];
    struct lk_seal_keys keys;
    struct lk_node_key key;

    take_32(key.octets, v, "key");
    take_32(ticket.resumption.octets, v, "resumption");
    take_32(holder.client_key.octets, v, "client_key");
    take_32(holder.row, v, "row");
    lk_seal_keys_derive(&keys, &key, LK_E2E_TICKET_LABEL, (uint32_t)vector_int(v, "day"));
    lk_e2e_ticket_seal(sealed, &keys, &holder, &ticket);
    assert_vector(v, "ticket", sealed, sizeof sealed);
}

static void one_parcel(const json_t *v)
{
    const struct pair s = pair_of(v, "s"), c = pair_of(v, "c"), f = pair_of(v, "f");
    const struct lk_e2e_hello hello = hello_of(v);
    struct vector_octets key = vector_hex(v, "key");
    struct lk_e2e_parcel parcel = { .created_ms = (uint64_t)vector_int(v, "created_ms"),
                                    .key_len = key.len };
    struct lk_noise noise;

    memcpy(parcel.key, key.at, key.len);
    assert_int_equal(lk_e2e_parcel_wrap(&noise, &hello, &f.point, &s.point, &c.point, &parcel),
                     LK_OK);
    go(&noise, v, &s, &f);
    frame_is(v, "parcel", LK_E2E_PARCEL, &hello, &noise, NULL);
}

static void vectors(void **state)
{
    json_t *file = vectors_load("e2e_sealed");
    const json_t *v;
    size_t i;

    json_array_foreach(vectors_list(file, "vectors"), i, v) {
        const char *what = vector_text(v, "what");

        if (strcmp(what, "session") == 0)
            one_session(v);
        else if (strcmp(what, "ticket") == 0)
            one_ticket(v);
        else
            one_parcel(v);
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(vectors) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

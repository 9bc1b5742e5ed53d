/* The claim table of docs/decisions/0024, each row and each set of secrets by the code itself.
 *
 * An attacker gets exactly the secrets of a set, all that is public and all that was sent, and does
 * what can be done with it: Diffie-Hellman wherever one of the two private keys is in the set, and
 * where none is, every value that it could mean instead. A session opens when the set holds all of
 * one row, and does not when it holds all of none: so every set that suffices is the control of
 * those that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "e2e_rig.h"

enum { /* what the attacker may have taken */
    S = 1,  /* the server's private key */
    C = 2,  /* the application's private key, where it has one */
    E = 4,  /* the ephemeral key of the application, of this session */
    F = 8,  /* that of the server */
    P = 16, /* the application's pre-shared key, where there is one */
    N = 32, /* the operator's: what the curious operator always has */
    SETS = 64,
};
enum attack { READ, AS_SERVER, AS_APPLICATION };
static const char *const attack_names[] = { "read", "as server", "as application" };

/* P and N count where they went into the session, and are left out of the sets here. */
static const struct claim {
    enum attack attack;
    bool client_key;
    uint8_t enough[3]; /* all of one of these; none: without any */
} claims[] = {
    { READ, false, { S | F, E } },
    { READ, true, { S | F, E | C } },
    { AS_SERVER, false, { S, E } },
    { AS_SERVER, true, { S, E | C } },
    { AS_APPLICATION, false, { 0 } },
    { AS_APPLICATION, true, { C, S | F } },
};

static bool claimed(const struct claim *claim, uint8_t flags, uint8_t set)
{
    const uint8_t psk = ((flags & LK_E2E_WITH_P) != 0 ? P : 0) |
                        ((flags & LK_E2E_WITH_N) != 0 ? N : 0);

    if ((psk & ~set) != 0)
        return false;
    if (claim->enough[0] == 0)
        return true;
    for (size_t i = 0; i < 3 && claim->enough[i] != 0; i++)
        if ((claim->enough[i] & ~set) == 0)
            return true;
    return false;
}

/* ---- what an attacker can do ---- */

static uint8_t own[32]; /* its own ephemeral key */
static struct lk_noise_point own_public;
enum { GUESSES = 3 };

/* The private key behind a point, if it is in the set or its own. */
static const uint8_t *private_of(const struct lk_noise_point *point, uint8_t set)
{
    const struct {
        const struct lk_noise_point *point;
        const uint8_t *key;
        uint8_t in;
    } known[] = {
        { &e2e.s_public, e2e.s, S }, { &e2e.c_public, e2e.c, C }, { &e2e.e_public, e2e.e, E },
        { &e2e.f_public, e2e.f, F }, { &own_public, own, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(known); i++)
        if (memcmp(known[i].point, point, sizeof *point) == 0 && (known[i].in & ~set) == 0)
            return known[i].key;
    return NULL;
}

/* The product of two points' keys; or else nothing, or what a careless end might take instead. */
static void product(uint8_t shared[32], const struct lk_noise_point *a,
                    const struct lk_noise_point *b, uint8_t set, unsigned guess)
{
    const uint8_t *key = private_of(a, set);
    const struct lk_noise_point *with = b;

    if (key == NULL) {
        key = private_of(b, set);
        with = a;
    }
    if (key != NULL)
        assert_int_equal(lk_x25519_shared(shared, key, with->octets), LK_OK);
    else if (guess == 0)
        memset(shared, 0, 32);
    else
        memcpy(shared, guess == 1 ? a->octets : b->octets, 32);
}

/* psk as well as it can be made: what is not in the set is guessed at as absent, or as zeroes. */
static void psk_of(struct lk_e2e_psk *psk, uint8_t flags, uint8_t set, unsigned guess)
{
    static const struct lk_e2e_p no_p = { .len = 32 };
    static const struct lk_e2e_n no_n;
    const struct lk_e2e_p *p = (set & P) != 0 ? &e2e.p : guess == 0 ? NULL : &no_p;
    const struct lk_e2e_n *n = (set & N) != 0 ? &e2e.n : guess == 0 ? NULL : &no_n;

    lk_e2e_psk_combine(psk, &e2e.ue_config.scope, (flags & LK_E2E_WITH_P) != 0 ? p : NULL,
                       (flags & LK_E2E_WITH_N) != 0 ? n : NULL, NULL);
}

/* Goes through one message as whoever has the points of noise; what it says is in noise->out. */
static enum lk_status go(struct lk_noise *noise, uint8_t flags, uint8_t set, unsigned guess)
{
    enum lk_noise_need need;
    struct lk_e2e_psk psk;
    enum lk_status status;

    psk_of(&psk, flags, set, guess);
    while ((status = lk_e2e_noise_go(noise, &need, &psk)) == LK_OK && need == LK_NOISE_DH) {
        uint8_t shared[32];

        product(shared, noise->ask.own_static ? &noise->s : &noise->e, &noise->ask.peer, set,
                guess);
        lk_noise_dh(noise, shared);
    }
    return status;
}

static struct lk_e2e_hello hello_of(uint8_t flags)
{
    return (struct lk_e2e_hello){ .flags = flags, .fqdn = lk_span_text(E2E_FQDN),
                                  .app = lk_span_text(E2E_APP) };
}

static struct lk_span message_of(const struct e2e_octets *frame)
{
    struct lk_e2e_frame decoded;
    struct lk_e2e_hello hello;

    assert_int_equal(lk_e2e_frame_decode(&decoded, e2e_span(frame)), LK_OK);
    if (decoded.type != LK_E2E_HELLO)
        return decoded.body;
    assert_int_equal(lk_e2e_hello_decode(&hello, decoded.body), LK_OK);
    return hello.message;
}

/* ---- the attacks ---- */

/* Somebody who recorded it all: takes message 1 as the server would, says message 2 as the server
 * did, and opens what the application sent afterwards. */
static bool reads(uint8_t flags, uint8_t set, unsigned guess)
{
    struct lk_e2e_hello hello = hello_of(flags);
    struct lk_e2e_session session;
    struct lk_noise noise;

    lk_e2e_noise_start(&noise, false, &hello, &e2e.f_public, &e2e.s_public, NULL);
    assert_int_equal(lk_noise_take(&noise, message_of(&e2e.hello)), LK_OK);
    if (go(&noise, flags, set, guess) != LK_OK)
        return false;
    assert_int_equal(lk_noise_say(&noise, lk_span_of(NULL, 0)), LK_OK);
    if (go(&noise, flags, set, guess) != LK_OK ||
        !lk_span_equal(lk_span_of(noise.out.octets, noise.out.len), message_of(&e2e.reply)))
        return false;
    lk_e2e_session_of(&session, &noise, &e2e.ue_config.scope, flags, true, e2e.now_ms);
    return e2e_say(&e2e.ue_session, &session, "for nobody else") == LK_OK;
}

/* Somebody in the path who answers the application, with an ephemeral key of its own. */
static bool passes_as_server(uint8_t flags, uint8_t set, unsigned guess)
{
    struct lk_e2e_hello hello = hello_of(flags);
    uint8_t frame[LK_E2E_HANDSHAKE_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_e2e_session session;
    struct lk_noise noise;

    e2e_start();
    lk_e2e_noise_start(&noise, false, &hello, &own_public, &e2e.s_public, NULL);
    assert_int_equal(lk_noise_take(&noise, message_of(&e2e.hello)), LK_OK);
    if (go(&noise, flags, set, guess) != LK_OK) {
        /* It cannot open message 1, and goes on as well as it can. */
        noise.rs = e2e.c_public;
        noise.busy = false;
        noise.message = 1;
        noise.token = 0;
    }
    assert_int_equal(lk_noise_say(&noise, lk_span_of(NULL, 0)), LK_OK);
    assert_int_equal(go(&noise, flags, set, guess), LK_OK);
    assert_int_equal(lk_e2e_frame_of(&w, LK_E2E_REPLY, lk_span_of(NULL, 0), &noise), LK_OK);
    assert_int_equal(e2e_at_ue(lk_writer_span(&w)), LK_OK);
    if (!e2e.ue_granted) {
        assert_int_equal(e2e.ue_failed, LK_REASON_E2E_UNPROVEN);
        return false;
    }
    lk_e2e_session_of(&session, &noise, &e2e.ue_config.scope, flags, true, e2e.now_ms);
    return e2e_say(&e2e.ue_session, &session, "to a stranger") == LK_OK;
}

/* Somebody who comes to the server as if it were the application. */
static bool passes_as_application(uint8_t flags, uint8_t set, unsigned guess)
{
    struct lk_e2e_hello hello = hello_of(flags);
    const struct lk_e2e_who who = {
        (flags & LK_E2E_WITH_N) != 0 ? LK_E2E_B_TID : LK_E2E_NO_KEY_ID,
        lk_span_text((flags & LK_E2E_WITH_N) != 0 ? "cmFuZA==@bsf.example" : ""),
        lk_span_text("ann") };
    uint8_t offer[LK_E2E_OFFER_MAX], payload[128], frame[LK_E2E_HANDSHAKE_MAX];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), p = lk_writer_of(payload, 128);
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_e2e_session session;
    struct lk_noise noise;

    lk_e2e_server_init(&e2e.server);
    lk_e2e_noise_start(&noise, true, &hello, &own_public, &e2e.c_public, &e2e.s_public);
    lk_e2e_who_encode(&p, &who);
    assert_int_equal(lk_noise_say(&noise, lk_writer_span(&p)), LK_OK);
    assert_int_equal(go(&noise, flags, set, guess), LK_OK);
    lk_e2e_offer_encode(&o, &hello);
    assert_int_equal(lk_e2e_frame_of(&w, LK_E2E_HELLO, lk_writer_span(&o), &noise), LK_OK);
    assert_int_equal(e2e_at_server(lk_writer_span(&w)), LK_OK);
    if (e2e.server_failed != LK_REASON_NONE) {
        assert_int_equal(e2e.server_failed, LK_REASON_E2E_UNPROVEN);
        return false;
    }
    /* Whether message 2 opens or not: it says FINISH as well as it can. */
    assert_int_equal(lk_noise_take(&noise, message_of(&e2e.reply)), LK_OK);
    if (go(&noise, flags, set, guess) != LK_OK) {
        noise.busy = false;
        noise.message = 2;
    }
    lk_e2e_session_of(&session, &noise, &e2e.ue_config.scope, flags, true, e2e.now_ms);
    w.len = 0;
    assert_int_equal(lk_e2e_channel_say(&session.channel, &w, LK_E2E_FINISH, lk_span_of(NULL, 0),
                                        e2e.now_ms), LK_OK);
    assert_int_equal(e2e_at_server(lk_writer_span(&w)), LK_OK);
    if (!e2e.server_granted)
        assert_int_equal(e2e.server_failed, LK_REASON_E2E_UNPROVEN);
    return e2e.server_granted;
}

static bool succeeds(enum attack attack, uint8_t flags, uint8_t set)
{
    for (unsigned guess = 0; guess < GUESSES; guess++) {
        switch (attack) {
        case READ:
            if (reads(flags, set, guess))
                return true;
            break;
        case AS_SERVER:
            if (passes_as_server(flags, set, guess))
                return true;
            break;
        case AS_APPLICATION:
            if (passes_as_application(flags, set, guess))
                return true;
            break;
        }
    }
    return false;
}

static void check(const struct claim *claim, uint8_t flags)
{
    e2e_open(flags);
    e2e_run();
    assert_true(e2e.ue_granted && e2e.server_granted);
    e2e.ue_session.channel.datagrams = true;
    for (unsigned set = 0; set < SETS; set++) {
        const bool want = claimed(claim, flags, (uint8_t)set);

        /* In datagrams the attacks leave a recorded session as it was, to be tried again. */
        if (succeeds(claim->attack, flags, (uint8_t)set) != want)
            fail_msg("%s, flags %u, secrets %u: %s", attack_names[claim->attack], flags, set,
                     want ? "should have gone" : "went");
        if (claim->attack != READ) {
            e2e_open(flags);
            e2e_run();
        }
    }
}

/* T60: the passive operator has N, and all that was sent: rows of READ with N in the set.
 * T61: the active one: rows of AS_SERVER and AS_APPLICATION with N; refused as e2e.unproven at
 * either end, each time.
 * T62: what lasts leaks later: rows of READ without E and F.
 * Each row with every combination of N and P in the session. */
static void every_row_with_every_set(void **state)
{
    const struct lk_span seed = lk_span_text("the attacker");

    lk_sha256(own, &seed, 1);
    lk_x25519_public(own_public.octets, own);
    for (size_t i = 0; i < LK_COUNT_OF(claims); i++)
        for (uint8_t psk = 0; psk < 4; psk++)
            check(&claims[i], psk | (claims[i].client_key ? LK_E2E_WITH_CLIENT_KEY : 0));
}

/* T60, T62: said once more, so that a change of the table above cannot lose it: nobody reads with
 * N, P and both lasting keys, whatever went in; and with N alone, nobody is the server. */
static void what_the_table_must_say(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(claims); i++)
        for (uint8_t flags = 0; flags < 4; flags++) {
            if (claims[i].attack == READ)
                assert_false(claimed(&claims[i], flags, S | C | P | N));
            if (claims[i].attack == AS_SERVER)
                assert_false(claimed(&claims[i], flags, C | F | P | N));
            if (claims[i].attack == AS_APPLICATION &&
                (claims[i].client_key || (flags & LK_E2E_WITH_P) != 0))
                assert_false(claimed(&claims[i], flags, N));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_with_every_set),
        cmocka_unit_test(what_the_table_must_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

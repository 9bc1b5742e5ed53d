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
#include "proto/e2e/parcel.h"

enum { /* what the attacker may have taken */
    S = 1,  /* the server's private key */
    C = 2,  /* the application's private key, where it has one */
    E = 4,  /* the ephemeral key of the application, of this session */
    F = 8,  /* that of the server */
    P = 16, /* the application's pre-shared key, where there is one */
    N = 32, /* the operator's: what the curious operator always has */
    SETS = 64,
    R = 64,  /* in place of P, where a session is resumed: what the application saved of it */
    T = 128, /* in place of N: the server's ticket key */
};
enum attack { READ, AS_SERVER, AS_APPLICATION, READ_PARCEL, MAKE_PARCEL };
static const char *const attack_names[] = { "read", "as server", "as application", "read a parcel",
                                            "make a parcel" };

/* P and N count where they went into the session, and R or T where it is resumed; they are left out
 * of the sets here. F of a parcel is what the server made it with. */
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
    { READ_PARCEL, true, { C, S | F } },
    { MAKE_PARCEL, true, { S, C } },
};

static bool of_parcels(const struct claim *claim)
{
    return claim->attack == READ_PARCEL || claim->attack == MAKE_PARCEL;
}

static bool claimed(const struct claim *claim, uint8_t flags, uint8_t set)
{
    const uint8_t psk = ((flags & LK_E2E_WITH_P) != 0 ? P : 0) |
                        ((flags & LK_E2E_WITH_N) != 0 ? N : 0);

    if ((flags & LK_E2E_RESUMED) != 0 ? (set & (R | T)) == 0 : (psk & ~set) != 0)
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

/* What is in the ticket of a message 1 that was opened, or else what ticket the attacker made. */
static struct lk_e2e_resumption in_ticket;

/* psk as well as it can be made: what is not in the set is guessed at as absent, or as zeroes. */
static void psk_of(struct lk_e2e_psk *psk, uint8_t flags, uint8_t set, unsigned guess)
{
    static const struct lk_e2e_p no_p = { .len = 32 };
    static const struct lk_e2e_n no_n;
    const struct lk_e2e_p *p = (set & P) != 0 ? &e2e.p : guess == 0 ? NULL : &no_p;
    const struct lk_e2e_n *n = (set & N) != 0 ? &e2e.n : guess == 0 ? NULL : &no_n;

    if ((flags & LK_E2E_RESUMED) != 0)
        lk_e2e_psk_combine(psk, &e2e.ue_config.scope, NULL, NULL,
                           (set & R) != 0 ? &e2e.resumption
                           : (set & T) != 0 || guess > 0 ? &in_ticket : NULL);
    else
        lk_e2e_psk_combine(psk, &e2e.ue_config.scope, (flags & LK_E2E_WITH_P) != 0 ? p : NULL,
                           (flags & LK_E2E_WITH_N) != 0 ? n : NULL, NULL);
}

/* Message 1 is open: what its ticket says to who has the ticket key. */
static void open_ticket(const struct lk_noise *noise, uint8_t flags, uint8_t set)
{
    struct lk_e2e_ticket ticket;
    struct lk_e2e_who who;

    if ((flags & LK_E2E_RESUMED) == 0 || (set & T) == 0 || noise->out.len == 0)
        return;
    assert_int_equal(lk_e2e_who_decode(&who, lk_span_of(noise->out.octets, noise->out.len)),
                     LK_OK);
    assert_int_equal(e2e_unseal(&ticket, &e2e.ticket_key, who.key_id), LK_OK);
    in_ticket = ticket.resumption;
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
    open_ticket(&noise, flags, set);
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
    } else {
        open_ticket(&noise, flags, set);
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

/* Who it says it is. With the ticket key it makes a ticket of its own; without, it has seen ann's,
 * and that is all that it has of it. */
static struct lk_e2e_who who_of(uint8_t flags, uint8_t set)
{
    static uint8_t ticket[LK_E2E_TICKET_LEN];
    const struct lk_span ann = lk_span_text("ann");

    if ((flags & LK_E2E_RESUMED) == 0)
        return (struct lk_e2e_who){
            (flags & LK_E2E_WITH_N) != 0 ? LK_E2E_B_TID : LK_E2E_NO_KEY_ID,
            lk_span_text((flags & LK_E2E_WITH_N) != 0 ? "cmFuZA==@bsf.example" : ""), ann };
    memcpy(ticket, e2e.ticket, sizeof ticket);
    if ((set & (R | T)) == T)
        e2e_seal(ticket, &e2e.ticket_key, &in_ticket);
    return (struct lk_e2e_who){ LK_E2E_BY_TICKET, LK_SPAN(ticket), ann };
}

/* Somebody who comes to the server as if it were the application. */
static bool passes_as_application(uint8_t flags, uint8_t set, unsigned guess)
{
    struct lk_e2e_hello hello = hello_of(flags);
    const struct lk_e2e_who who = who_of(flags, set);
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

/* ---- parcels ---- */

static const struct lk_e2e_parcel parcel = { .created_ms = 1, .key = { 1, 2, 3 }, .key_len = 32 };

static bool opens(const struct lk_e2e_hello *hello, struct lk_span message, uint8_t set,
                  unsigned guess)
{
    struct lk_e2e_hello came = *hello;
    struct lk_e2e_parcel got;
    struct lk_noise noise;

    came.message = message;
    assert_int_equal(lk_e2e_parcel_unwrap(&noise, &came, &e2e.s_public, &e2e.c_public), LK_OK);
    if (go(&noise, hello->flags, set, guess) != LK_OK)
        return false;
    assert_int_equal(lk_e2e_parcel_decode(&got, lk_span_of(noise.out.octets, noise.out.len)),
                     LK_OK);
    return got.key_len == parcel.key_len && memcmp(got.key, parcel.key, parcel.key_len) == 0;
}

/* Made with e by who has of, and opened by who has by. */
static bool goes(uint8_t flags, const struct lk_noise_point *e, uint8_t of, uint8_t by,
                 unsigned guess)
{
    struct lk_e2e_hello hello = hello_of(flags & (LK_E2E_WITH_N | LK_E2E_WITH_P));
    uint8_t message[LK_NOISE_TEXT_MAX];
    struct lk_noise noise;
    size_t len;

    assert_int_equal(lk_e2e_parcel_wrap(&noise, &hello, e, &e2e.s_public, &e2e.c_public, &parcel),
                     LK_OK);
    assert_int_equal(go(&noise, hello.flags, of, guess), LK_OK);
    len = noise.out.len;
    memcpy(message, noise.out.octets, len);
    return opens(&hello, lk_span_of(message, len), by, guess);
}

static bool succeeds(enum attack attack, uint8_t flags, uint8_t set)
{
    for (unsigned guess = 0; guess < GUESSES; guess++) {
        memset(&in_ticket, 0, sizeof in_ticket);
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
        case READ_PARCEL:
            if (goes(flags, &e2e.f_public, S | F | P | N, set, guess))
                return true;
            break;
        case MAKE_PARCEL:
            if (goes(flags, &own_public, set, C | P | N, guess))
                return true;
            break;
        }
    }
    return false;
}

static void begin(uint8_t flags)
{
    e2e_open(flags & LK_E2E_INPUTS);
    e2e_run();
    if ((flags & LK_E2E_RESUMED) != 0) {
        e2e_resume();
        e2e_run();
    }
    assert_true(e2e.ue_granted && e2e.server_granted);
    e2e.ue_session.channel.datagrams = true;
}

static void check(const struct claim *claim, uint8_t flags)
{
    begin(flags);
    for (unsigned i = 0; i < SETS; i++) {
        /* Who attacks a resumed session has P and N, whatever else. */
        const uint8_t set = (uint8_t)((flags & LK_E2E_RESUMED) == 0
                                          ? i : (i & (S | C | E | F)) | (i & (P | N)) << 2 | P | N);
        const bool want = claimed(claim, flags, set);

        /* In datagrams the attacks leave a recorded session as it was, to be tried again. */
        if (succeeds(claim->attack, flags, set) != want)
            fail_msg("%s, flags %u, secrets %u: %s", attack_names[claim->attack], flags, set,
                     want ? "should have gone" : "went");
        if (claim->attack != READ && !of_parcels(claim))
            begin(flags);
    }
}

/* T60: the passive operator has N, and all that was sent: rows of READ with N in the set.
 * T61: the active one: rows of AS_SERVER and AS_APPLICATION with N; refused as e2e.unproven at
 * either end, each time.
 * T62: what lasts leaks later: rows of READ without E and F.
 * Each row with every combination of N and P in the session, and where it is resumed. */
static void every_row_with_every_set(void **state)
{
    const struct lk_span seed = lk_span_text("the attacker");

    lk_sha256(own, &seed, 1);
    lk_x25519_public(own_public.octets, own);
    for (size_t i = 0; i < LK_COUNT_OF(claims); i++) {
        const uint8_t key = claims[i].client_key ? LK_E2E_WITH_CLIENT_KEY : 0;

        for (uint8_t psk = 0; psk < 4; psk++)
            check(&claims[i], psk | key);
        if (!of_parcels(&claims[i]))
            check(&claims[i], LK_E2E_WITH_N | LK_E2E_WITH_P | key | LK_E2E_RESUMED);
    }
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
            if (claims[i].attack == READ)
                assert_false(claimed(&claims[i], flags | LK_E2E_RESUMED, S | C | P | N | R | T));
            if (claims[i].attack == AS_SERVER)
                assert_false(claimed(&claims[i], flags | LK_E2E_RESUMED, C | F | P | N | R | T));
            if (claims[i].attack == READ_PARCEL)
                assert_false(claimed(&claims[i], flags, S | P | N));
            if (claims[i].attack == MAKE_PARCEL)
                assert_false(claimed(&claims[i], flags, F | P | N));
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

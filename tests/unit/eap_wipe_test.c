/* proto/eap: who is done with a key holds it no longer, whichever way the run ends (docs/keys.md).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_server_rig.h"

static struct world w;

static int fresh(void **state)
{
    rig_prepare();
    world_init(&w);
    return 0;
}

#define EXPECT_WIPED(what, of, member)                                                             \
    assert_memory_equal(&(what)->member, &(of)->member, sizeof(what)->member)

static void server_holds_no_key(const struct lk_eap_server *server)
{
    static const struct lk_eap_server none;

    EXPECT_WIPED(server, &none, xres);
    EXPECT_WIPED(server, &none, ck_prime);
    EXPECT_WIPED(server, &none, ik_prime);
    EXPECT_WIPED(server, &none, mk);
    EXPECT_WIPED(server, &none, k_encr);
    EXPECT_WIPED(server, &none, k_aut);
    EXPECT_WIPED(server, &none, k_re);
}

static void peer_holds_no_key_of_the_run(const struct lk_eap_peer *peer)
{
    static const struct lk_eap_peer none;

    EXPECT_WIPED(peer, &none, keys);
    EXPECT_WIPED(peer, &none, spent);
    EXPECT_WIPED(peer, &none, next);
}

static void prepare(int prime)
{
    world_init(&w);
    w.peer_config.allow_aka_prime = prime;
}

static void success_leaves_no_key_in_either_machine(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        prepare(prime);
        for (int fast = 0; fast < 2; fast++) {
            world_run(&w);
            world_expect_success(&w);
            assert_int_equal(w.server_grant.fast, fast);
            server_holds_no_key(&w.server);
            peer_holds_no_key_of_the_run(&w.peer);
        }
    }
}

static void failure_leaves_no_key_in_either_machine(void **state)
{
    static const unsigned labs[] = { LK_LAB_WRONG_RES, LK_LAB_WRONG_MAC, LK_LAB_WRONG_CHECKCODE };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(labs); i++) {
        prepare(i % 2);
        w.peer_config.lab = labs[i / 2];
        world_run(&w);
        world_expect_failure(&w, LK_REASON_NONE);
        server_holds_no_key(&w.server);
        peer_holds_no_key_of_the_run(&w.peer);
    }
}

static void a_failed_reauthentication_leaves_no_key_anywhere(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        struct lk_reauth_context before;

        prepare(prime);
        world_run(&w);
        world_expect_success(&w);
        before = w.peer.kept.reauth;
        assert_non_null(memmem(&w.peer, sizeof w.peer, before.k_aut.octets, before.k_aut.len));
        w.peer_config.lab = LK_LAB_WRONG_MAC;
        world_run(&w);
        world_expect_failure(&w, LK_REASON_MAC_WRONG);
        server_holds_no_key(&w.server);
        peer_holds_no_key_of_the_run(&w.peer);
        assert_null(memmem(&w.peer, sizeof w.peer, before.k_aut.octets, before.k_aut.len));
        assert_null(memmem(&w.peer, sizeof w.peer, before.k_encr.octets, 16));
    }
}

/* What the server found wrong it notifies; the keys are gone before the notification is. */
static void a_refusal_under_way_holds_no_key(void **state)
{
    struct lk_writer writer;

    rig_enter('n');
    server_holds_no_key(&rig.server);
    rig_enter('R');
    rig.server.mk.octets[0] = 1; /* as in EAP-AKA */
    rig.server.k_re.octets[0] = 1;
    writer = rig_packet(REAUTH);
    writer.at[writer.len - 1] ^= 1;
    assert_int_equal(rig_give_packet(&writer), LK_OK);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_NOTIFIED);
    server_holds_no_key(&rig.server);
}

/* spec: RFC 4187 5.5 - the full authentication behind AT_COUNTER_TOO_SMALL starts from nothing. */
static void a_counter_too_small_ends_the_old_keys(void **state)
{
    uint8_t room[128], block[16] = { 0 };
    struct lk_writer writer = lk_writer_of(room, sizeof room);
    struct lk_writer inner = lk_writer_of(block, sizeof block);

    rig.context.k_encr.octets[0] = 1;
    rig.context.mk.octets[0] = 1;
    rig.context.k_re.octets[0] = 1;
    rig_enter('R');
    lk_aka_put_u16(&inner, LK_AT_COUNTER, rig.server.counter);
    lk_aka_put_empty(&inner, LK_AT_COUNTER_TOO_SMALL);
    lk_aka_put_padding(&inner);
    lk_aka_begin(&writer, LK_EAP_RESPONSE, rig.server.id, rig.server.type,
                 LK_AKA_REAUTHENTICATION);
    lk_aka_put_encrypted(&writer, &rig.server.k_encr, block, lk_writer_span(&inner));
    lk_aka_finish_signed(&writer, rig.server.type, &rig.server.k_aut,
                         LK_SPAN(rig.server.nonce_s), NULL);
    assert_int_equal(rig_give_packet(&writer), LK_OK);
    assert_int_equal(rig.server.state, LK_EAP_SERVER_AWAIT_VECTOR);
    server_holds_no_key(&rig.server);
}

int main(void)
{
#define WIPE(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        WIPE(success_leaves_no_key_in_either_machine),
        WIPE(failure_leaves_no_key_in_either_machine),
        WIPE(a_failed_reauthentication_leaves_no_key_anywhere),
        WIPE(a_refusal_under_way_holds_no_key),
        WIPE(a_counter_too_small_ends_the_old_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

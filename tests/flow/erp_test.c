/* ERP between its two machines, over a way that loses, repeats and mixes packets: both ends have
 * the same rMSK or none, and no rMSK comes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "erp_rig.h"

enum { ROUNDS = 400, WAY = 8 };

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct way {
    size_t count;
    struct erp_packet packet[WAY];
};

static void put(struct way *way, const struct erp_packet *packet)
{
    unsigned copies = draw(5) == 0 ? 0 : draw(5) == 0 ? 2 : 1;

    while (packet->len > 0 && copies-- > 0 && way->count < WAY)
        way->packet[way->count++] = *packet;
}

/* Any of them; one in eight stays, and comes again much later. */
static struct erp_packet take(struct way *way)
{
    size_t i = draw((uint32_t)way->count);
    struct erp_packet packet = way->packet[i];

    if (draw(8) != 0)
        way->packet[i] = way->packet[--way->count];
    return packet;
}

static struct lk_rmsk given[ROUNDS];
static uint32_t given_count;

static void server_gave(void)
{
    const struct lk_rmsk *rmsk = &erp.server_grant.rmsk;

    for (uint32_t i = 0; i < given_count; i++)
        if (memcmp(&given[i], rmsk, sizeof *rmsk) == 0) {
            assert_int_equal(i, given_count - 1); /* a repeat, at once */
            return;
        }
    assert_true(given_count < ROUNDS);
    given[given_count++] = *rmsk;
}

static bool was_given(const struct lk_rmsk *rmsk)
{
    for (uint32_t i = 0; i < given_count; i++)
        if (memcmp(&given[i], rmsk, sizeof *rmsk) == 0)
            return true;
    return false;
}

static bool attempt(struct way *up, struct way *down)
{
    assert_int_equal(erp_peer_start(), LK_OK);
    put(up, &erp.initiate);
    while (erp.peer.state == LK_ERP_PEER_AWAIT_FINISH) {
        erp.now_ms += draw(60);
        if (up->count > 0 && draw(2) == 0) {
            struct erp_packet packet = take(up);

            assert_int_equal(erp_server_hears(erp_span(&packet), "pos"), LK_OK);
            assert_true(erp.has);
            if (erp.server_granted)
                server_gave();
            put(down, &erp.finish);
        } else if (down->count > 0 && draw(2) == 0) {
            struct erp_packet packet = take(down);

            (void)!erp_peer_hears(erp_span(&packet));
            if (erp.peer_granted)
                return true;
        } else if (draw(4) == 0) {
            erp.now_ms += 1000;
            assert_int_equal(erp_peer_expired(), LK_OK);
            put(up, &erp.initiate);
        }
    }
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_NO_ANSWER);
    return false;
}

static void over_a_bad_way(void **state)
{
    struct way up = { 0 }, down = { 0 };
    unsigned done = 0;

    erp_open();
    erp.peer.context.expires_ms = erp.context.expires_ms = UINT64_MAX / 2;
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!attempt(&up, &down))
            continue;
        done++;
        assert_true(was_given(&erp.peer_grant.rmsk));
    }
    assert_true(done > ROUNDS / 2);
}

/* spec: RFC 6696 5.1 - one round trip. */
static void one_round_trip(void **state)
{
    erp_open();
    for (unsigned i = 0; i < 5; i++)
        erp_round();
    assert_int_equal(erp.peer_grant.seq, 4);
    assert_int_equal(erp.peer_grant.rmsk_lifetime_s, erp.server_grant.rmsk_lifetime_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_round_trip),
        cmocka_unit_test(over_a_bad_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

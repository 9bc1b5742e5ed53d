/* Every message that a PoS hears in a whole life, cut at every length: nothing comes of any of
 * them. And what a PoS forgets: keys of rows that go, and everything at its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/pos_parts.h"
#include "pos_case.h"

struct before {
    uint32_t mns, auths;
    uint64_t attached, prepared, arrived, handed_over, left;
};

static struct before look(unsigned pos)
{
    const struct lk_pos_counters *c = rig_counted(&rig, pos);

    return (struct before){ lk_pos_mn_count(rig.pos[pos].pos),
                            lk_pos_auth_count(rig.pos[pos].pos),
                            c->attached, c->prepared, c->arrived, c->handed_over, c->left };
}

static unsigned cut_messages;

/* Before it is delivered whole, in pieces: T44: they are dropped, and not answered. */
static bool cut(struct mis_rig *r, struct rig_packet *packet)
{
    unsigned pos = packet->leg == RIG_UP ? packet->to : packet->leg == RIG_N2N ? packet->to : 0;
    struct before before = look(pos);

    if (packet->leg != RIG_UP && packet->leg != RIG_N2N)
        return true;
    r->meddle = NULL;
    for (size_t len = 0; len < packet->len; len++) {
        size_t flying = r->flying;
        uint8_t *octets = malloc(len + 1); /* so that what is read beyond is seen */
        struct before after;

        assert_non_null(octets);
        memcpy(octets, packet->octets, len);
        if (packet->leg == RIG_UP)
            assert_int_not_equal(rig_heard(r, pos, &packet->peer, lk_span_of(octets, len)),
                                 LK_OK);
        else
            assert_int_not_equal(rig_n2n(r, pos, packet->from, lk_span_of(octets, len)), LK_OK);
        free(octets);
        after = look(pos);
        assert_memory_equal(&before, &after, sizeof before);
        assert_int_equal(r->flying, flying);
        cut_messages++;
    }
    r->meddle = cut;
    return true;
}

static void every_message_cut_at_every_length(void **state)
{
    rig.meddle = cut;
    rig_attach_begin(&rig, 0);
    rig_run(&rig);
    assert_int_equal(rig.mn.attached, 1);
    assert_true(rig_hop(&rig, 1));
    rig_terminate(&rig, 1);
    assert_int_equal(rig_counted(&rig, 1)->left, 1);
    assert_true(cut_messages > 1000);
}

static void every_answer_of_the_home_cut(void **state)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RADIUS };

    rig_attach_begin(&rig, 0);
    for (unsigned i = 0; rig.flying > 0 && i < 100; i++) {
        struct rig_packet packet = rig.air[0];

        memmove(rig.air, rig.air + 1, --rig.flying * sizeof rig.air[0]);
        if (packet.leg == RIG_RADIUS) {
            rig.a.client[0].pos = rig.a.client[1].pos = rig.pos[0].name;
            rig.a.now_ms = rig.now_ms;
            assert_int_equal(aaa_serve(&rig.a, 0, LK_RADIUS_AUTH_PORT,
                                       lk_span_of(packet.octets, packet.len)), LK_AAA_ANSWER);
            for (size_t len = 0; len <= rig.a.out.answer_len; len++) {
                event.radius.octets = lk_span_of(rig.a.out.answer, len);
                assert_int_equal(rig_step(&rig, 0, event) == LK_OK,
                                 len == rig.a.out.answer_len);
            }
            event.radius.socket = 1; /* none of ours */
            assert_int_not_equal(rig_step(&rig, 0, event), LK_OK);
            event.radius.socket = 0;
        } else if (packet.leg == RIG_UP) {
            (void)!rig_heard(&rig, packet.to, &packet.peer,
                             lk_span_of(packet.octets, packet.len));
        } else {
            rig_mn_hear(&rig, packet.from, lk_span_of(packet.octets, packet.len));
        }
    }
    assert_int_equal(rig.mn.attached, 1);
}

/* ---- what is forgotten ---- */

static void is_gone(unsigned pos, const struct lk_mis_keys *keys)
{
    assert_false(rig_remembers(&rig, pos, keys->miak.octets, keys->miak.len));
    assert_false(rig_remembers(&rig, pos, &keys->miek, sizeof keys->miek));
}

/* T22: keys of an SA are gone with it, whichever way it goes; so is the PSK, and the MSK is never
 * kept. */
static void keys_go_with_their_sa(void **state)
{
    struct lk_mis_keys keys;
    struct lk_mis_psk psk;
    struct lk_mis_k k;

    assert_true(rig_attach(&rig, 0));
    keys = rig.mn.with[0].sa.keys;
    assert_true(rig_remembers(&rig, 0, &keys.miek, sizeof keys.miek));
    lk_mis_k_of_emsk(&k, &rig.a.w.peer_grant.emsk, lk_span_text(lk_mis_codes_default.k_usage),
                     lk_span_text(rig.pos[0].name));
    assert_false(rig_remembers(&rig, 0, k.octets, 32));
    lk_mis_psk_derive(&psk, &rig.a.w.peer_grant.emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(rig.pos[0].name));
    assert_true(rig_remembers(&rig, 0, &psk, sizeof psk));
    rig_terminate(&rig, 0);
    is_gone(0, &keys);
    assert_false(rig_remembers(&rig, 0, &psk, sizeof psk));

    assert_true(rig_attach(&rig, 0));
    keys = rig.mn.with[0].sa.keys;
    assert_true(rig_attach(&rig, 0)); /* replaced */
    is_gone(0, &keys);
    keys = rig.mn.with[0].sa.keys;
    rig_wait(&rig, UINT64_C(3601) * 1000); /* past its lifetime */
    is_gone(0, &keys);
}

static void what_was_half_open_goes(void **state)
{
    struct lk_mis_keys keys;

    assert_true(rig_attach(&rig, 0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    keys = rig.mn.with[1].sa.keys;
    assert_true(rig_remembers(&rig, 1, &keys.miek, sizeof keys.miek));
    rig_wait(&rig, 31000);
    is_gone(1, &keys);
}

/* T22: what goes while its row stays: an SA before the PSK, a PSK before the SA, what was half-open
 * beside an SA. */
static void keys_go_before_their_row(void **state)
{
    struct lk_mis_keys keys;
    struct lk_mis_psk psk;

    rig.pos[0].config.auth.lifetime_s = 100;
    lk_pos_configure(rig.pos[0].pos, &rig.pos[0].config);
    assert_true(rig_attach(&rig, 0));
    keys = rig.mn.with[0].sa.keys;
    rig_wait(&rig, 101000);
    assert_int_equal(lk_pos_mn_count(rig.pos[0].pos), 1);
    is_gone(0, &keys);

    rig.pos[0].config.auth.lifetime_s = 3600;
    lk_pos_configure(rig.pos[0].pos, &rig.pos[0].config);
    assert_true(rig_attach(&rig, 0));
    lk_mis_psk_derive(&psk, &rig.a.w.peer_grant.emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(rig.pos[0].name));
    rig_wait(&rig, 3000000);
    assert_true(rig_attach(&rig, 1));
    assert_true(rig_hop(&rig, 0));
    assert_true(rig_remembers(&rig, 0, &psk, sizeof psk));
    rig_wait(&rig, 700000);
    assert_true(rig_ping(&rig, 0));
    assert_false(rig_remembers(&rig, 0, &psk, sizeof psk));

    assert_true(rig_attach(&rig, 1));
    assert_true(rig_attach(&rig, 0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    keys = rig.mn.with[1].sa.keys;
    assert_true(rig_remembers(&rig, 1, &keys.miek, sizeof keys.miek));
    rig_wait(&rig, 31000);
    assert_int_equal(lk_pos_mn_count(rig.pos[1].pos), 1);
    is_gone(1, &keys);
}

static void is_wiped(const void *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(((const uint8_t *)octets)[i], 0);
}

/* T22: each by itself, in a row that stays. */
static void what_is_dropped_is_wiped(void **state)
{
    struct lk_pos *pos = rig.pos[1].pos;
    struct lk_pos_mn *mn;

    assert_true(rig_attach(&rig, 0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    mn = lk_pos_mn_of(pos, lk_span_text(rig.mn.name));
    assert_true(mn != NULL && mn->has_next);
    lk_pos_next_drop(pos, mn);
    is_wiped(&mn->next, sizeof mn->next);
    mn = lk_pos_mn_of(rig.pos[0].pos, lk_span_text(rig.mn.name));
    assert_true(mn != NULL && mn->has_psk && mn->has_sa);
    lk_pos_psk_drop(rig.pos[0].pos, mn);
    is_wiped(&mn->psk, sizeof mn->psk);
    lk_pos_sa_drop(rig.pos[0].pos, mn);
    is_wiped(&mn->sa, sizeof mn->sa);
}

static bool has_miak(unsigned pos)
{
    const struct lk_miak *miak = &rig.mn.with[pos].sa.keys.miak;

    assert_true(miak->len > 0);
    return rig_remembers(&rig, pos, miak->octets, miak->len);
}

/* T22: MIAK is of the establishment: with the SA it is gone, by EAP and by an SPoS; captures of a
 * laboratory have it. */
static void miak_goes_when_the_sa_is_there(void **state)
{
    assert_true(rig_attach(&rig, 0));
    assert_memory_equal(&rig.pos[0].last_keys.keys.miak, &rig.mn.with[0].sa.keys.miak,
                        sizeof rig.mn.with[0].sa.keys.miak);
    assert_false(has_miak(0));
    rig.mn.keeps_mum = true;
    rig_want(&rig, 1, NULL);
    rig_run(&rig);
    assert_true(rig.mn.with[1].has);
    assert_false(has_miak(1)); /* half-open */
    rig.mn.keeps_mum = false;
    rig_wait(&rig, 60000);
    assert_true(rig_hop(&rig, 1));
    assert_memory_equal(&rig.pos[1].last_keys.keys.miak, &rig.mn.with[1].sa.keys.miak,
                        sizeof rig.mn.with[1].sa.keys.miak);
    assert_false(has_miak(1));
}

/* Attached at the first PoS, with a channel of the key that this left. */
static void open_channel(char identity[LK_MIS_PSK_IDENTITY_LEN + 1])
{
    struct lk_pos_event up = { .kind = LK_POS_EV_CHANNEL_UP };
    struct lk_mis_psk psk;

    assert_true(rig_attach(&rig, 0));
    lk_mis_psk_derive(&psk, &rig.a.w.peer_grant.emsk,
                      lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(rig.pos[0].name));
    lk_mis_psk_identity(identity, &psk);
    up.channel.peer = rig_udp_peer(77, 5000);
    up.channel.peer.way = LK_POS_CHANNEL;
    up.channel.identity = lk_span_text(identity);
    assert_int_equal(rig_step(&rig, 0, up), LK_OK);
}

static void is_shut(const char *identity)
{
    struct lk_mis_psk psk;

    assert_int_equal(rig.pos[0].closes, 1);
    assert_int_equal(rig.pos[0].facts[LK_POS_CHANNEL_SHUT], 1);
    assert_int_equal(lk_pos_psk(&psk, rig.pos[0].pos, lk_span_text(identity)), LK_E_NOT_FOUND);
}

/* T06: who authenticates anew has a new PSK; the channel under the one before is shut. */
static void a_channel_ends_with_its_key(void **state)
{
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];

    open_channel(identity);
    assert_true(rig_attach(&rig, 0));
    is_shut(identity);
}

/* T06: and with the authentication that its key is of. */
static void a_channel_ends_with_its_time(void **state)
{
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];

    open_channel(identity);
    rig_wait(&rig, UINT64_C(3599) * 1000);
    assert_int_equal(rig.pos[0].closes, 0);
    rig_wait(&rig, 2000);
    is_shut(identity);
}

/* spec: IEEE 802.21 9 - Termination_Auth goes over the channel that it ends: the MN, which may have
 * nothing else, forgets the key, too. */
static void a_release_over_a_channel(void **state)
{
    struct lk_pos_event release = { .kind = LK_POS_EV_RELEASE };
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_mis_pdu pdu;

    open_channel(identity);
    release.release = lk_span_text(rig.mn.name);
    assert_int_equal(rig_step(&rig, 0, release), LK_OK);
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(rig.last[RIG_DOWN].octets,
                                                    rig.last[RIG_DOWN].len),
                                   &lk_mis_codes_default), LK_OK);
    assert_false(pdu.header.secured);
    assert_int_equal(pdu.header.id,
                     lk_mis_message_id(LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST,
                                       &lk_mis_codes_default));
    is_shut(identity);
}

/* T22: all of it, at the end. */
static void it_is_wiped(void **state)
{
    size_t size = lk_pos_size(&rig.pos[0].config);

    assert_true(rig_attach(&rig, 0));
    lk_pos_wipe(rig.pos[0].pos);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(rig.pos[0].memory[i], 0);
    rig_begin(&rig, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF_THREE(every_message_cut_at_every_length),
        CASE_OF_THREE(every_answer_of_the_home_cut),
        CASE_OF_THREE(keys_go_with_their_sa),
        CASE_OF_THREE(what_was_half_open_goes),
        CASE_OF_THREE(keys_go_before_their_row),
        CASE_OF_THREE(miak_goes_when_the_sa_is_there),
        CASE_OF_THREE(what_is_dropped_is_wiped),
        CASE_OF_THREE(a_channel_ends_with_its_key),
        CASE_OF_THREE(a_channel_ends_with_its_time),
        CASE_OF_THREE(a_release_over_a_channel),
        CASE_OF_THREE(it_is_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

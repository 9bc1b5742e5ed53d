/* The EAP room under attack: what a third party in the middle, or a peer of ill will, achieves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eap_world.h"
#include "proto/eap/method.h"

static struct world w;

static int fresh(void **state)
{
    world_init(&w);
    return 0;
}

/* Two ends never hold different keys: whatever happened, a grant at both is the same grant. */
static void same_keys_or_none(void)
{
    if (w.server_grants == 0 || w.peer_grants == 0)
        return;
    assert_memory_equal(&w.server_grant.msk, &w.peer_grant.msk, sizeof w.peer_grant.msk);
    assert_memory_equal(&w.server_grant.emsk, &w.peer_grant.emsk, sizeof w.peer_grant.emsk);
    assert_int_equal(w.server_grant.mode, w.peer_grant.mode);
}

/* ---- octets changed on the way ---- */

struct change {
    unsigned packet; /* which one, counted from 0 */
    size_t offset;
    uint8_t mask;
    bool beyond; /* the offset is behind the packet's end: all of it was tried */
    bool lost;   /* the packet is lost instead */
};

static bool change_one(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct change *change = world->meddle_with;

    if (world->packets != change->packet + 1)
        return true;
    if (change->lost)
        return false;
    if (change->offset >= *len)
        change->beyond = true;
    else
        octets[change->offset] ^= change->mask;
    return true;
}

/* What a run is like before it is attacked. */
enum kind { FULL, FULL_AKA, WITH_ROUNDS, FAST, FAST_AKA, PROTECTED, FAST_PROTECTED, MULTI,
            FAST_MULTI, KINDS };

static void prepare(enum kind kind)
{
    world_init(&w);
    w.peer_config.allow_aka_prime = kind != FULL_AKA && kind != FAST_AKA;
    w.server_config.ask_identity = kind == WITH_ROUNDS;
    w.server_config.protect_success = kind == PROTECTED || kind == FAST_PROTECTED;
    w.peer_config.want_multi = kind == MULTI || kind == FAST_MULTI;
    if (w.peer_config.want_multi)
        w.access = (struct lk_twan_access){ .modes = LK_TWAN_MULTI, .twag = { .has_ipv4 = true } };
    if (kind == FAST || kind == FAST_AKA || kind == FAST_PROTECTED || kind == FAST_MULTI) {
        world_run(&w);
        world_expect_success(&w);
    }
}

/* Every octet of every packet, one at a time, in every kind of run. Nothing signed may be changed
 * unnoticed, and what is not signed decides no key. */
static void every_octet_changed_leads_to_no_false_grant(void **state)
{
    static const uint8_t masks[] = { 0x01, 0x80 };

    for (int kind = 0; kind < KINDS; kind++) {
        struct world start;

        prepare((enum kind)kind);
        start = w;
        for (unsigned packet = 0; packet < 7; packet++) {
            struct change change = { .packet = packet };

            for (; !change.beyond && change.offset < 600; change.offset++) {
                for (size_t m = 0; m < LK_COUNT_OF(masks); m++) {
                    w = start;
                    w.meddle = change_one;
                    w.meddle_with = &change;
                    change.mask = masks[m];
                    world_run(&w);
                    same_keys_or_none();
                }
            }
        }
    }
}

/* spec: RFC 4187 10.15 - in the challenge and its answer AT_MAC covers every octet. */
static void a_changed_challenge_or_answer_grants_nothing(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        for (unsigned packet = 2; packet <= 3; packet++) {
            struct change change = { .packet = packet, .mask = 0x10 };

            for (; !change.beyond; change.offset++) {
                world_init(&w);
                w.peer_config.allow_aka_prime = prime;
                w.meddle = change_one;
                w.meddle_with = &change;
                world_run(&w);
                if (!change.beyond)
                    assert_int_equal(w.server_grants + w.peer_grants, 0);
            }
        }
    }
}

static void every_packet_lost_leaves_no_half_grant_at_the_peer(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        for (unsigned packet = 0; packet < 8; packet++) {
            struct change change = { .packet = packet, .lost = true };

            prepare((enum kind)kind);
            w.meddle = change_one;
            w.meddle_with = &change;
            world_run(&w);
            assert_true(w.peer_grants <= w.server_grants);
            same_keys_or_none();
            /* and the next run works: nothing that was lost is needed again */
            w.meddle = NULL;
            world_run(&w);
            world_expect_success(&w);
        }
    }
}

/* spec: RFC 4187 10.13 - what was changed in identity rounds shows in AT_CHECKCODE. */
static bool weaken_identity_request(struct world *world, bool to_peer, uint8_t *octets,
                                    size_t *len)
{
    struct lk_eap_packet packet;

    if (to_peer && lk_eap_decode(&packet, lk_span_of(octets, *len)) == LK_OK &&
        lk_aka_has(&packet.at, LK_AT_ANY_ID_REQ))
        octets[8] = LK_AT_PERMANENT_ID_REQ;
    return true;
}

static void changed_identity_rounds_are_noticed(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        world_init(&w);
        w.peer_config.allow_aka_prime = prime;
        w.server_config.ask_identity = true;
        w.meddle = weaken_identity_request;
        world_run(&w);
        world_expect_failure(&w, LK_REASON_CLIENT_ERROR);
        assert_int_equal(w.peer_refusal.reason, LK_REASON_CHECKCODE_WRONG);
    }
}

/* ---- A11: success too early ---- */

struct injection {
    unsigned packet;
    uint8_t code;
};

static bool inject(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct injection *injection = world->meddle_with;
    unsigned grants = world->peer_grants + world->server_grants;
    enum lk_eap_peer_state before = world->peer.state;

    if (world->packets != injection->packet + 1)
        return true;
    for (unsigned id = 0; id < 256; id++) {
        uint8_t result[4] = { injection->code, (uint8_t)id, 0, 4 };

        assert_int_not_equal(world_to_server(world, LK_SPAN(result)), LK_OK);
        if (before == LK_EAP_PEER_AWAIT_RESULT && !world->peer.result_ind)
            continue; /* here it has its place: the peer has proven itself and was proven to */
        if (before != LK_EAP_PEER_AWAIT_SUCCESS)
            assert_int_not_equal(world_to_peer(world, LK_SPAN(result)), LK_OK);
    }
    assert_int_equal(world->peer_grants + world->server_grants, grants);
    return true;
}

/* A11: EAP-Success put in at each step is ignored, at both ends. */
static void success_put_in_anywhere_is_ignored(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        for (unsigned packet = 0; packet < 8; packet++) {
            struct injection injection = { .packet = packet, .code = LK_EAP_SUCCESS };

            prepare((enum kind)kind);
            w.meddle = inject;
            w.meddle_with = &injection;
            world_run(&w);
            world_expect_success(&w);
        }
    }
}

/* ---- A08: AUTS ---- */

static uint8_t old_auts[LK_AUTS_LEN];
static bool have_old_auts;

static bool record_auts(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;

    if (!to_peer && lk_eap_decode(&packet, lk_span_of(octets, *len)) == LK_OK &&
        packet.at.auts.len > 0) {
        memcpy(old_auts, packet.at.auts.at, LK_AUTS_LEN);
        have_old_auts = true;
    }
    return true;
}

/* Answers each challenge with the recorded AUTS. */
static bool replay_auts(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;
    struct lk_writer writer = lk_writer_of(octets, LK_EAP_PACKET_MAX);

    if (to_peer || lk_eap_decode(&packet, lk_span_of(octets, *len)) != LK_OK ||
        packet.subtype != LK_AKA_CHALLENGE)
        return true;
    lk_aka_begin(&writer, LK_EAP_RESPONSE, packet.id, packet.type,
                 LK_AKA_SYNCHRONIZATION_FAILURE);
    lk_aka_put_auts(&writer, LK_SPAN(old_auts));
    lk_eap_finish(&writer);
    *len = writer.len;
    return true;
}

static void put_card_ahead(void)
{
    for (unsigned i = 0; i < LK_USIM_ARRAY; i++)
        w.usim.seq[i] = 0x20000;
    w.sqn = 0x40;
}

/* A08: AUTS of an old run, or for another RAND, reaches the vault with the RAND that is outstanding
 * and is refused there; a second AUTS of a run does not reach it at all. */
static void an_old_auts_changes_nothing(void **state)
{
    uint64_t sqn;

    w.server_config.use_reauth = false;
    put_card_ahead();
    w.meddle = record_auts;
    have_old_auts = false;
    world_run(&w);
    world_expect_success(&w);
    assert_true(have_old_auts);
    sqn = w.sqn;
    w.meddle = replay_auts;
    for (int i = 0; i < 1000; i++) {
        world_run(&w);
        assert_int_equal(w.server_grants + w.peer_grants, 0);
        assert_int_equal(w.server_refusal.reason, LK_REASON_AUTS_WRONG);
        assert_int_equal(w.resyncs, 0);
        assert_int_equal(w.resyncs_refused, 1);
        assert_int_equal(w.vectors, 1);
    }
    assert_int_equal(w.sqn >> 5, (sqn >> 5) + 1000); /* each run's own vector, nothing else */
}

/* A08: at most one resynchronisation a run, even with an AUTS that verifies. */
static bool reset_card(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;

    if (to_peer && lk_eap_decode(&packet, lk_span_of(octets, *len)) == LK_OK &&
        packet.subtype == LK_AKA_CHALLENGE)
        for (unsigned i = 0; i < LK_USIM_ARRAY; i++)
            world->usim.seq[i] += 0x20000;
    return true;
}

static void one_resynchronisation_in_a_run(void **state)
{
    w.meddle = reset_card;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_AUTS_TWICE);
    assert_int_equal(w.resyncs, 1);
    assert_int_equal(w.vectors, 2);
}

/* A07: a stale and a foreign challenge: the replies of the server tell nothing but the protocol's
 * next step, and cost the vault nothing that a run does not. */
static void stale_and_foreign_challenges_tell_nothing_extra(void **state)
{
    w.usim.card.k[0] ^= 1; /* a foreign challenge: this card has another key */
    world_run(&w);
    world_expect_failure(&w, LK_REASON_PEER_REJECTED_AUTN);
    assert_int_equal(w.packets, 5);
    assert_int_equal(w.vectors, 1);
    world_init(&w);
    put_card_ahead(); /* a stale one */
    world_run(&w);
    world_expect_success(&w);
    assert_int_equal(w.packets, 7);
    assert_int_equal(w.vectors, 2);
}

/* ---- A18: who is known ---- */

struct transcript {
    unsigned packets;
    size_t len[WORLD_PACKETS];
    uint8_t head[WORLD_PACKETS][LK_AKA_HEADER_LEN];
    uint8_t types[WORLD_PACKETS][16];
};

static struct transcript seen;

/* Lengths, headers and attribute numbers of what the server sends. */
static bool write_down(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;
    struct lk_aka_item item;
    struct lk_reader r;
    size_t n = 0;

    if (!to_peer || seen.packets == WORLD_PACKETS)
        return true;
    assert_int_equal(lk_eap_decode(&packet, lk_span_of(octets, *len)), LK_OK);
    seen.len[seen.packets] = *len;
    memcpy(seen.head[seen.packets], octets, *len < LK_AKA_HEADER_LEN ? *len : LK_AKA_HEADER_LEN);
    r = lk_reader_of(packet.attributes);
    while (lk_aka_walk(&r, &item) && n < 16)
        seen.types[seen.packets][n++] = item.type;
    /* the AMF stands in the clear in AUTN */
    if (packet.at.autn.len > 0)
        memcpy(&seen.types[seen.packets][14], packet.at.autn.at + 6, 2);
    seen.packets++;
    return true;
}

enum ill { WRONG_KEY, WRONG_MAC, WRONG_SYNC, GIVES_UP, ILLS };

static bool write_down_and_lie(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;
    struct lk_writer writer = lk_writer_of(octets, LK_EAP_PACKET_MAX);
    enum ill ill = *(enum ill *)world->meddle_with;
    static const uint8_t zero[LK_RES_MAX];

    if (to_peer)
        return write_down(world, to_peer, octets, len);
    if (lk_eap_decode(&packet, lk_span_of(octets, *len)) != LK_OK ||
        packet.subtype != LK_AKA_AUTHENTICATION_REJECT || ill == WRONG_KEY)
        return true;
    if (ill == WRONG_MAC) {
        lk_aka_begin(&writer, LK_EAP_RESPONSE, packet.id, packet.type, LK_AKA_CHALLENGE);
        lk_aka_put_res(&writer, lk_span_of(zero, 8));
        (void)lk_aka_put_mac_hole(&writer);
    } else if (ill == WRONG_SYNC) {
        lk_aka_begin(&writer, LK_EAP_RESPONSE, packet.id, packet.type,
                     LK_AKA_SYNCHRONIZATION_FAILURE);
        lk_aka_put_auts(&writer, lk_span_of(zero, LK_AUTS_LEN));
    } else {
        lk_aka_begin(&writer, LK_EAP_RESPONSE, packet.id, packet.type, LK_AKA_CLIENT_ERROR);
        lk_aka_put_u16(&writer, LK_AT_CLIENT_ERROR_CODE, 0);
    }
    lk_eap_finish(&writer);
    *len = writer.len;
    return true;
}

/* A18: for somebody without the key an unknown subscriber and a known one look alike: as many
 * packets, of the same length, with the same attributes, whatever is answered. */
static void the_unknown_and_the_wrong_key_look_alike(void **state)
{
    for (unsigned i = 0; i < 2 * 2 * ILLS; i++) {
        enum ill ill = (enum ill)(i % ILLS);
        struct transcript known;

        for (int is_known = 1; is_known >= 0; is_known--) {
            world_init(&w);
            memset(&seen, 0, sizeof seen);
            w.peer_config.allow_aka_prime = i / ILLS % 2;
            w.server_config.ask_identity = i / ILLS / 2;
            w.usim.card.k[0] ^= 1;
            w.known = is_known;
            w.meddle = write_down_and_lie;
            w.meddle_with = &ill;
            world_run(&w);
            assert_int_equal(w.server_fails, 1);
            if (is_known)
                known = seen;
            else
                assert_int_equal(w.server_refusal.reason, LK_REASON_SUBSCRIBER_UNKNOWN);
        }
        assert_memory_equal(&known, &seen, sizeof seen);
    }
}

static void without_hiding_the_unknown_is_told_at_once(void **state)
{
    w.known = false;
    w.server_config.hide_unknown = false;
    world_run(&w);
    world_expect_failure(&w, LK_REASON_SUBSCRIBER_UNKNOWN);
    assert_false(world_saw(&w, "Request/AKA'-Challenge"));
    assert_true(world_saw(&w, "Request/AKA'-Notification"));
}

/* ---- KDF negotiation meddled with ---- */

struct kdf_row {
    uint16_t second[6]; /* the list that the peer sees the second time, zero ended */
};

static const uint16_t *kdf_list;

static bool replace_second_list(struct world *world, bool to_peer, uint8_t *octets, size_t *len)
{
    struct lk_eap_packet packet;
    struct lk_writer writer;
    uint8_t copy[LK_EAP_PACKET_MAX];

    if (!to_peer || world_count(world, "Request/AKA'-Challenge") != 2 ||
        lk_eap_decode(&packet, lk_span_of(octets, *len)) != LK_OK ||
        packet.subtype != LK_AKA_CHALLENGE)
        return true;
    memcpy(copy, octets, *len);
    assert_int_equal(lk_eap_decode(&packet, lk_span_of(copy, *len)), LK_OK);
    writer = lk_writer_of(octets, LK_EAP_PACKET_MAX);
    lk_aka_begin(&writer, LK_EAP_REQUEST, packet.id, packet.type, packet.subtype);
    lk_aka_put_block(&writer, LK_AT_RAND, packet.at.rand);
    lk_aka_put_block(&writer, LK_AT_AUTN, packet.at.autn);
    lk_aka_put_text(&writer, LK_AT_KDF_INPUT, packet.at.kdf_input);
    for (size_t i = 0; kdf_list[i] != 0; i++)
        lk_aka_put_u16(&writer, LK_AT_KDF, kdf_list[i]);
    (void)lk_aka_put_mac_hole(&writer);
    lk_eap_finish(&writer);
    *len = writer.len;
    return true;
}

/* spec: RFC 9048 3.2 - another list than the one agreed ends in Authentication-Reject. */
static void a_changed_list_of_kdfs_is_rejected(void **state)
{
    static const struct kdf_row rows[] = {
        { { 2, 1 } }, { { 1, 1, 2 } }, { { 1, 2 } }, { { 1 } }, { { 2, 2, 1 } },
        { { 1, 2, 1, 1 } }, { { 1, 2, 1, 3 } }, { { 1, 2, 1 } } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        world_init(&w);
        w.server_config.kdf_count = 2;
        w.server_config.kdf[0] = 2;
        w.server_config.kdf[1] = 1;
        kdf_list = rows[i].second;
        w.meddle = replace_second_list;
        world_run(&w);
        assert_int_equal(w.server_grants + w.peer_grants, 0);
        /* the last row is the right list, without a right MAC */
        assert_int_equal(w.peer_refusal.reason, i + 1 < LK_COUNT_OF(rows)
                                                    ? LK_REASON_KDF_NEGOTIATION
                                                    : LK_REASON_MAC_WRONG);
    }
}

/* A29: the store of contexts full, and ten times as much again: the oldest gives way. */
static void a_full_store_of_contexts_costs_full_authentications_only(void **state)
{
    struct lk_eap_kept first;

    world_run(&w);
    first = w.peer.kept;
    for (unsigned i = 0; i < 10 * WORLD_CONTEXTS; i++) {
        memset(&w.peer.kept, 0, sizeof w.peer.kept);
        world_run(&w);
        world_expect_success(&w);
        assert_false(w.server_grant.fast);
    }
    w.peer.kept = first;
    world_run(&w);
    world_expect_success(&w);
    assert_false(w.server_grant.fast);
    assert_int_equal(w.reauths_asked, 1);
}

int main(void)
{
#define FLOW(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        FLOW(every_octet_changed_leads_to_no_false_grant),
        FLOW(a_changed_challenge_or_answer_grants_nothing),
        FLOW(every_packet_lost_leaves_no_half_grant_at_the_peer),
        FLOW(changed_identity_rounds_are_noticed),
        FLOW(success_put_in_anywhere_is_ignored),
        FLOW(an_old_auts_changes_nothing),
        FLOW(one_resynchronisation_in_a_run),
        FLOW(stale_and_foreign_challenges_tell_nothing_extra),
        FLOW(the_unknown_and_the_wrong_key_look_alike),
        FLOW(without_hiding_the_unknown_is_told_at_once),
        FLOW(a_changed_list_of_kdfs_is_rejected),
        FLOW(a_full_store_of_contexts_costs_full_authentications_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

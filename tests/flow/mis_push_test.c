/* Link keys from the operator of a PoS to a mobile node: node/pos and node/mis_device, under every
 * kind of SA; to whom none goes; and what is altered, cut, played again, or under another SA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_whole.h"
#include "node/mis_device_parts.h"
#include "node/pos_parts.h"
#include "proto/mis/link_keys.h"

static const struct lk_mis_link_pair link = { LK_MIS_LINK_80211, { 2, 0, 0, 0, 0, 1 },
                                              { 2, 0, 0, 0, 0x36, 0x62 } };

static struct rig_pos *at(unsigned pos)
{
    return &whole.rig.pos[pos];
}

static enum lk_status push(unsigned pos, const struct lk_mis_link_pair *to)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_PUSH };
    uint8_t room[LK_MIS_ID_MAX];
    struct lk_span mn = lk_mis_device_named(&whole.d);

    memcpy(room, mn.at, mn.len); /* as an operator types it */
    event.push.mn = lk_span_of(room, mn.len);
    event.push.link = *to;
    return rig_step(&whole.rig, pos, event);
}

static struct lk_pos_mn_told told_of(unsigned pos)
{
    struct lk_pos_mn_told told;

    assert_true(lk_pos_told_of(&told, at(pos)->pos, lk_mis_device_named(&whole.d)));
    return told;
}

/* The SA of the MN at that PoS. */
static struct lk_mis_sa *sa_at(unsigned pos)
{
    return &lk_pos_mn_of(at(pos)->pos, lk_mis_device_named(&whole.d))->sa;
}

static void open(bool udp, bool mixes)
{
    whole_open(udp, mixes);
    for (unsigned i = 0; i < WHOLE_POS; i++) {
        at(i)->config.offer_keys = true;
        lk_pos_configure(at(i)->pos, &at(i)->config);
    }
    whole_attach(0);
}

/* Both ends have the key, and it is what the MSRK of their SA makes. */
static void both_have_it(unsigned pos)
{
    const struct lk_mis_sa *own = &lk_mis_device_serving(&whole.d)->sa;
    unsigned here = whole.link_keys, there = at(pos)->link_keys;
    struct lk_mspmk key;

    assert_int_equal(push(pos, &link), LK_OK);
    rig_run(&whole.rig);
    assert_int_equal(whole.link_keys, here + 1);
    assert_int_equal(at(pos)->link_keys, there + 1);
    assert_int_equal(at(pos)->facts[LK_POS_PUSHED], there + 1);
    assert_int_equal(told_of(pos).link_keys, 1);
    lk_mspmk_derive(&key, own->agreed.prf, &own->msrk, LK_SPAN(link.mn), LK_SPAN(link.poa));
    assert_memory_equal(&key, &whole.link_key.key, sizeof key);
    assert_memory_equal(&whole.link_key, &at(pos)->link_key, sizeof whole.link_key);
    assert_memory_equal(&whole.link_key.link, &link, sizeof link);
    assert_true(whole.link_key.lifetime_s > 0 && whole.link_key.lifetime_s <= LK_MIS_SA_LIFETIME_S);
    assert_false(rig_remembers(&whole.rig, pos, &key, sizeof key)); /* T22: the MN has it */
}

/* spec: IEEE 802.21 8.6 - Push_key under the SA: by EAP, by an SPoS with and without X25519, and by
 * ERP; each has an MSRK of its own. */
static void under_every_sa(void **state)
{
    struct lk_mspmk before;

    for (int how = 0; how < 4; how++) {
        open(how & 1, how & 2);
        both_have_it(0);
        before = whole.link_key.key;
        whole_hop(1);
        both_have_it(1);
        assert_memory_not_equal(&before, &whole.link_key.key, sizeof before);
        before = whole.link_key.key;
        whole_attach(1);
        assert_int_equal(told_of(1).link_keys, 0); /* of this SA */
        both_have_it(1);
        assert_memory_not_equal(&before, &whole.link_key.key, sizeof before);
        whole_close();
    }
}

/* Keys are counted by link, and told: another one for the same link is no more, and of too many the
 * last are told. */
static void counted_by_link(void **state)
{
    struct lk_mis_link_pair other = link;
    struct lk_pos_mn_told told;

    open(false, true);
    both_have_it(0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(push(0, &link), LK_OK);
        rig_run(&whole.rig);
        assert_int_equal(told_of(0).link_keys, 1);
    }
    for (unsigned i = 1; i <= LK_POS_LINK_KEYS; i++) {
        other.poa[5] = (uint8_t)(link.poa[5] + i);
        assert_int_equal(push(0, &other), LK_OK);
        rig_run(&whole.rig);
        told = told_of(0);
        assert_int_equal(told.link_keys, i < LK_POS_LINK_KEYS ? i + 1 : LK_POS_LINK_KEYS);
        assert_memory_equal(&told.link_key[told.link_keys - 1], &other, sizeof other);
    }
    assert_int_equal(told.link_key[0].poa[5], link.poa[5] + 1);
    whole_close();
}

static void refused(unsigned pos, enum lk_status status, const char *expected)
{
    unsigned before = at(pos)->facts[LK_POS_NOT_PUSHED], sent = whole.link_keys;
    struct lk_refusal why;

    assert_false(lk_pos_may_push(&why, at(pos)->pos, lk_mis_device_named(&whole.d)));
    assert_int_equal(why.reason, LK_REASON_MIS_PUSH);
    assert_string_equal(why.expected, expected);
    assert_int_equal(push(pos, &link), status);
    assert_int_equal(at(pos)->facts[LK_POS_NOT_PUSHED], before + 1);
    assert_int_equal(at(pos)->reason[LK_POS_NOT_PUSHED], LK_REASON_MIS_PUSH);
    rig_run(&whole.rig);
    assert_int_equal(whole.link_keys, sent);
}

/* T41: what is of TLS has no MSRK; an SA that does not count, or does not encrypt, takes none. */
static void who_gets_none(void **state)
{
    struct lk_pos_mn *mn;

    open(false, true);
    refused(1, LK_E_NOT_FOUND, "a mobile node that is here");
    sa_at(0)->agreed.suite = LK_MIS_SUITE_NULL_SHA1;
    refused(0, LK_E_DENIED, "an SA with a suite that encrypts");
    sa_at(0)->agreed.suite = LK_MIS_SUITE_CCM;
    mn = lk_pos_mn_of(at(0)->pos, lk_mis_device_named(&whole.d));
    mn->peer.way = LK_POS_LINK;
    refused(0, LK_E_DENIED, "a mobile node that was heard here");
    mn->peer.way = 0; /* nowhere yet */
    refused(0, LK_E_DENIED, "a mobile node that was heard here");
    mn->peer.way = LK_POS_STREAM;
    mn->has_channel = true;
    refused(0, LK_E_DENIED, "an SA by EAP or by an SPoS");
    mn->has_channel = false;
    both_have_it(0);
    assert_int_equal(push(0, &link), LK_OK);
    assert_int_equal(push(0, &link), LK_E_DENIED); /* one at a time */
    rig_run(&whole.rig);
    assert_int_equal(whole.link_keys, 2);
    lk_pos_sa_drop(at(0)->pos, mn); /* the PSK of DTLS is left */
    refused(0, LK_E_DENIED, "an SA by EAP or by an SPoS");
    whole_close();
}

/* ---- on the way ---- */

static struct rig_packet caught; /* the push, as the MN was to get it */
static size_t length, octet;
static bool drop_all;

static bool is_push(const struct rig_packet *packet)
{
    struct lk_mis_pdu pdu;

    return packet->leg == RIG_DOWN &&
           lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len), &lk_mis_codes_default) ==
               LK_OK &&
           lk_mis_action_of(pdu.header.id, &lk_mis_codes_default) == LK_MIS_PUSH_KEY &&
           lk_mis_opcode_of(pdu.header.id) == LK_MIS_REQUEST;
}

static bool meddle(struct mis_rig *rig, struct rig_packet *packet)
{
    if (!is_push(packet))
        return !drop_all;
    caught = *packet;
    if (length < packet->len)
        packet->len = length;
    if (octet < packet->len)
        packet->octets[octet] ^= 1;
    return !drop_all;
}

static void on_the_way(size_t cut, size_t alter)
{
    length = cut;
    octet = alter;
    drop_all = false;
    whole.rig.meddle = meddle;
}

/* A02: nothing of a link key is on the way in clear. T42: cut at each length, or with one octet
 * altered, no key comes of it, and the operator is told; whole, one does. */
static void cut_and_altered(void **state)
{
    size_t len = SIZE_MAX;

    for (size_t i = 0; i <= 2 * len; i++) {
        unsigned told;

        open(false, true);
        told = at(0)->facts[LK_POS_NOT_PUSHED];
        on_the_way(len == SIZE_MAX || i >= len ? SIZE_MAX : i, i < len ? SIZE_MAX : i - len);
        if (len == SIZE_MAX || i == 2 * len)
            on_the_way(SIZE_MAX, SIZE_MAX); /* the control */
        assert_int_equal(push(0, &link), LK_OK);
        rig_run(&whole.rig);
        if (length == SIZE_MAX && octet == SIZE_MAX) {
            assert_int_equal(whole.link_keys, 1);
            for (size_t k = 0; k + 16 <= caught.len; k++)
                assert_memory_not_equal(caught.octets + k, whole.link_key.key.octets, 16);
            len = caught.len;
        } else {
            rig_wait(&whole.rig, LK_MIS_TRANSACTION_MS + 1000);
            assert_int_equal(whole.link_keys, 0);
            assert_int_equal(at(0)->facts[LK_POS_NOT_PUSHED], told + 1);
        }
        whole.rig.meddle = NULL;
        whole_close();
    }
}

/* T43: the same octets again give no second key; later, they are nobody's. */
static void played_again(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        open(udp, true);
        on_the_way(SIZE_MAX, SIZE_MAX);
        both_have_it(0);
        whole.rig.meddle = NULL;
        for (int later = 0; later < 2; later++) {
            rig_send(&whole.rig, &caught);
            rig_run(&whole.rig);
            assert_int_equal(whole.link_keys, 1);
            assert_int_equal(at(0)->facts[LK_POS_PUSHED], 1);
            rig_wait(&whole.rig, 60000);
        }
        assert_true(whole.d.counters.replayed > 0);
        whole_close();
    }
}

/* Under an SA that is not that MN's, and with a key that is not of its MSRK: neither is taken. */
static void of_another_sa(void **state)
{
    struct lk_mspmk key;
    struct lk_mis_sa *sa;

    open(false, true);
    sa = sa_at(0);
    sa->keys.miek.octets[0] ^= 1;
    assert_int_equal(push(0, &link), LK_OK);
    rig_run(&whole.rig);
    assert_int_equal(whole.link_keys, 0);
    assert_int_equal(whole.d.counters.altered, 1);
    sa->keys.miek.octets[0] ^= 1;
    rig_wait(&whole.rig, LK_MIS_TRANSACTION_MS + 1000);
    assert_int_equal(at(0)->facts[LK_POS_NOT_PUSHED], 1);
    sa->msrk.octets[0] ^= 1;
    assert_int_equal(lk_mis_sa_link_key(&key, sa, &link), LK_OK);
    assert_int_equal(push(0, &link), LK_OK);
    assert_true(rig_remembers(&whole.rig, 0, &key, sizeof key));
    rig_run(&whole.rig);
    assert_int_equal(whole.link_keys, 0);
    assert_int_equal(whole.refused, LK_REASON_MIS_PUSHED_KEY);
    assert_int_equal(at(0)->facts[LK_POS_NOT_PUSHED], 2);
    assert_false(rig_remembers(&whole.rig, 0, &key, sizeof key)); /* T22: it is refused */
    sa->msrk.octets[0] ^= 1;
    both_have_it(0); /* the control */
    whole_close();
}

/* Nobody answers: the operator is told, after as long over UDP, and may try again. Over UDP one
 * that is lost is repeated. */
static void lost(void **state)
{
    for (int how = 0; how < 3; how++) {
        bool udp = how == 1; /* 2: over UDP, and for good */

        open(how > 0, true);
        on_the_way(SIZE_MAX, SIZE_MAX);
        drop_all = true;
        assert_int_equal(push(0, &link), LK_OK);
        rig_run(&whole.rig);
        drop_all = !udp;
        rig_wait(&whole.rig, LK_MIS_TRANSACTION_MS + 1000);
        whole.rig.meddle = NULL;
        assert_int_equal(whole.link_keys, udp);
        assert_int_equal(at(0)->facts[LK_POS_PUSHED], udp);
        assert_int_equal(at(0)->facts[LK_POS_NOT_PUSHED], !udp);
        assert_int_equal(lk_pos_counted(at(0)->pos)->not_pushed, !udp);
        both_have_it(0);
        whole_close();
    }
}

/* A push that never arrives, and its SA ends before 15 s are over: the operator is told at once,
 * and once. */
static void over(unsigned pos, void (*end)(void))
{
    on_the_way(SIZE_MAX, SIZE_MAX);
    drop_all = true;
    assert_int_equal(push(pos, &link), LK_OK);
    rig_run(&whole.rig);
    whole.rig.meddle = NULL;
    end();
    rig_run(&whole.rig);
    assert_int_equal(at(pos)->facts[LK_POS_NOT_PUSHED], 1);
    assert_int_equal(at(pos)->reason[LK_POS_NOT_PUSHED], LK_REASON_MIS_PUSH);
    rig_wait(&whole.rig, LK_MIS_TRANSACTION_MS + 1000);
    assert_int_equal(at(pos)->facts[LK_POS_NOT_PUSHED], 1);
    assert_int_equal(whole.link_keys, 0);
}

static void by_authentication(void)
{
    whole_attach(0);
}

static void by_spos(void)
{
    struct lk_pos_mn *mn = lk_pos_mn_of(at(1)->pos, lk_mis_device_named(&whole.d));

    mn->push.due_ms = LK_DUE_NEVER; /* the rig's MN stays a while before it moves */
    lk_pos_settle(at(1)->pos, mn);
    whole_hop(1);
}

static void by_operator(void)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RELEASE };

    event.release = lk_mis_device_named(&whole.d);
    assert_int_equal(rig_step(&whole.rig, 0, event), LK_OK);
}

static void by_mn(void)
{
    assert_int_equal(whole_step((struct lk_mis_device_event){ .kind = LK_MIS_DEVICE_EV_DETACH }),
                     LK_OK);
}

static void by_time(void)
{
    rig_wait(&whole.rig, 1000);
}

/* The next push is under the next SA, and arrives. */
static void sa_over(void **state)
{
    for (int udp = 0; udp < 2; udp++) {
        open(udp, true);
        over(0, by_authentication);
        both_have_it(0);
        whole_close();
        open(udp, true);
        whole_hop(1);
        whole_hop(0);
        over(1, by_spos);
        both_have_it(1);
        whole_close();
        open(udp, true);
        over(0, by_operator);
        whole_close();
        open(udp, true);
        over(0, by_mn);
        whole_close();
        open(udp, true);
        sa_at(0)->expires_ms = whole.rig.now_ms + 1000;
        over(0, by_time);
        whole_close();
    }
}

/* The PoS that the MN left has an SA of it yet, and would push: when each heard it, it knows. */
static void heard_last(void **state)
{
    struct lk_refusal why;
    uint64_t before_ms;

    open(false, true);
    rig_wait(&whole.rig, 1000);
    whole_hop(1);
    rig_wait(&whole.rig, 1000);
    before_ms = whole.rig.now_ms;
    both_have_it(1);
    assert_true(lk_pos_may_push(&why, at(0)->pos, lk_mis_device_named(&whole.d)));
    assert_int_equal(told_of(1).heard_ms, before_ms);
    assert_true(told_of(0).heard_ms < before_ms);
    whole_close();
}

/* T22: with the SA all of it is gone from the PoS: the MSRK, and a key that is on its way. */
static void nothing_is_left(void **state)
{
    struct lk_msrk msrk;
    struct lk_mspmk key;

    open(false, true);
    msrk = sa_at(0)->msrk;
    assert_int_equal(lk_mis_sa_link_key(&key, sa_at(0), &link), LK_OK);
    assert_true(rig_remembers(&whole.rig, 0, &msrk, sizeof msrk));
    assert_int_equal(push(0, &link), LK_OK);
    assert_true(rig_remembers(&whole.rig, 0, &key, sizeof key));
    assert_int_equal(whole_step((struct lk_mis_device_event){ .kind = LK_MIS_DEVICE_EV_DETACH }),
                     LK_OK);
    rig_run(&whole.rig);
    assert_false(rig_remembers(&whole.rig, 0, &msrk, sizeof msrk));
    assert_false(rig_remembers(&whole.rig, 0, &key, sizeof key));
    whole_close();
    /* And where the row stays, for it has a PSK yet. */
    open(false, true);
    assert_int_equal(lk_mis_sa_link_key(&key, sa_at(0), &link), LK_OK);
    assert_int_equal(push(0, &link), LK_OK);
    lk_pos_sa_drop(at(0)->pos, lk_pos_mn_of(at(0)->pos, lk_mis_device_named(&whole.d)));
    assert_false(rig_remembers(&whole.rig, 0, &key, sizeof key));
    whole_close();
}

/* T42: what ends a push is the answer to it: of its transaction, its action, and once. */
static void its_own_answer_alone_ends_a_push(void **state)
{
    enum { OTHER_TID, OTHER_ACTION, OWN, AGAIN, KINDS };
    static struct lk_pos_outbox out;
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS };
    struct lk_mis_header header;
    struct lk_pos_mn *mn;
    uint16_t tid;

    open(false, true);
    mn = lk_pos_mn_of(at(0)->pos, lk_mis_device_named(&whole.d));
    assert_int_equal(push(0, &link), LK_OK);
    tid = mn->push.tid;
    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        header = (struct lk_mis_header){
            .id = rig_id(kind == OTHER_ACTION ? LK_MIS_CAPABILITY_DISCOVER : LK_MIS_PUSH_KEY,
                         LK_MIS_RESPONSE),
            .tid = kind == AGAIN ? mn->push.tid : (uint16_t)(tid + (kind == OTHER_TID)),
        };
        out.count = out.used = 0;
        lk_pos_on_pushed(at(0)->pos, mn, &header, &m, &out);
        assert_int_equal(out.count > 0, kind == OWN);
        assert_int_equal(mn->push.awaited, kind < OWN);
        assert_int_equal(mn->link_keys, kind >= OWN);
    }
    whole.rig.flying = 0;
    whole_close();
}

/* spec: IEEE 802.21 8.6 - the MN takes link keys of a request, under its SA with that PoS, and of
 * nothing else; the control gets as far as to look at them. */
static void the_mn_takes_keys_of_a_request_under_its_sa(void **state)
{
    enum { NO_REQUEST, IN_CLEAR, HALF_OPEN, GOOD, KINDS };
    static struct lk_mis_opened opened;
    const struct lk_mis_device_event event = { .now_ms = whole.rig.now_ms };
    const struct lk_mis_message m = { .link_keys = lk_span_text("") };

    for (unsigned kind = 0; kind < KINDS; kind++) {
        const struct lk_mis_header header = {
            .id = rig_id(LK_MIS_PUSH_KEY, kind == NO_REQUEST ? LK_MIS_RESPONSE : LK_MIS_REQUEST),
            .tid = 9,
        };
        struct lk_mis_device_work w = { .d = &whole.d, .config = &whole.config, .event = &event,
                                        .out = &whole.out };
        struct lk_mis_device_heard heard = { .header = &header, .message = &m,
                                             .opened = kind == IN_CLEAR ? NULL : &opened };

        open(false, true);
        heard.link = whole.d.serving;
        if (kind == HALF_OPEN)
            whole.d.link[heard.link].holds = LK_MIS_DEVICE_HALF_OPEN;
        whole.out.count = whole.out.used = 0;
        assert_int_equal(lk_mis_device_link_keys(&w, &heard),
                         kind == GOOD ? LK_OK : LK_E_UNEXPECTED);
        assert_int_equal(whole.out.count > 0, kind == GOOD);
        whole_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(under_every_sa),   cmocka_unit_test(who_gets_none),
        cmocka_unit_test(cut_and_altered),  cmocka_unit_test(played_again),
        cmocka_unit_test(of_another_sa),    cmocka_unit_test(lost),
        cmocka_unit_test(sa_over),          cmocka_unit_test(heard_last),
        cmocka_unit_test(nothing_is_left),  cmocka_unit_test(counted_by_link),
        cmocka_unit_test(its_own_answer_alone_ends_a_push),
        cmocka_unit_test(the_mn_takes_keys_of_a_request_under_its_sa),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A point of service that stands in another one's name (T02, T40, T45): it has its own row at the
 * home, the MN comes to it, and that is all that it needs. Mobile node, PoS and AAA are the nodes
 * that they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_whole.h"

enum { NAMED = 1, THIEF = 3 };

static bool poses;

/* What the MN says to the one whose name it is goes to the thief, and its answers come back. */
static bool lead_astray(struct mis_rig *rig, struct rig_packet *packet)
{
    if (poses && packet->leg == RIG_UP && packet->to == NAMED)
        packet->to = THIEF;
    else if (poses && packet->leg == RIG_DOWN && packet->from == THIEF)
        packet->from = NAMED;
    return true;
}

/* The thief has the home's row of its own name, and says that to the home; to the MN it says the
 * other one. */
static void open_with_thief(bool erp)
{
    whole_open(false, true);
    assert_true(lk_mis_name_set(&whole.rig.pos[THIEF].config.self,
                                lk_span_text(whole.rig.pos[NAMED].name)));
    rig_begin(&whole.rig, THIEF);
    whole.config.use_erp = erp;
    whole.rig.meddle = lead_astray;
    poses = false;
}

static unsigned attached(void)
{
    return whole.facts[LK_MIS_DEVICE_ATTACHED];
}

static void expect_nothing_of(unsigned before)
{
    rig_wait(&whole.rig, 120000);
    assert_int_equal(attached(), before);
    assert_true(whole.facts[LK_MIS_DEVICE_STAYS] > 0);
    assert_int_equal(whole.fact[LK_MIS_DEVICE_STAYS].fact.why.reason, LK_REASON_MIS_NOT_CONFIRMED);
}

/* In front: by EAP, and by ERP behind an EAP run elsewhere. */
static void in_front(bool erp, bool lies)
{
    open_with_thief(erp);
    whole_attach(0);
    poses = lies;
    whole_attach(NAMED);
    if (lies) {
        expect_nothing_of(1);
        assert_int_equal(whole_serving(), 0); /* as good as it was */
    } else {
        assert_int_equal(attached(), 2);
        assert_int_equal(whole.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp, erp);
    }
    /* The home was asked: what it gave the thief is what came to nothing. */
    assert_int_equal(whole.rig.pos[THIEF].radius > 0, lies);
    whole_close();
}

/* At the end of a chain: the fourth, which nobody asked for. */
static void in_background(bool erp, bool lies)
{
    open_with_thief(erp);
    whole_attach(0);
    whole_hop(2);
    whole_hop(4);
    assert_int_equal(whole_hand_over(NAMED, NULL), LK_OK);
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], 3);
    poses = lies;
    assert_int_equal(whole_switched(), LK_OK);
    assert_true(whole.fact[LK_MIS_DEVICE_FALLBACK].fact.background);
    if (lies) {
        expect_nothing_of(1);
        assert_true(whole.fact[LK_MIS_DEVICE_STAYS].fact.background);
        assert_int_equal(whole.stored, 3); /* the chain goes no further */
    } else {
        assert_int_equal(attached(), 2);
        assert_int_equal(whole.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp, erp);
        assert_int_equal(whole_serving(), NAMED);
    }
    assert_int_equal(whole.rig.pos[THIEF].radius > 0, lies);
    whole_close();
}

/* T40, T45, T02: K of full establishment is of one PoS, that of the home's row; the MN makes it for
 * the one that it dialled. The control: the same without the lie. */
static void t40_t45_t02_no_sa_in_another_name(void **state)
{
    for (int erp = 0; erp < 2; erp++) {
        for (int lies = 0; lies < 2; lies++) {
            in_front(erp, lies);
            in_background(erp, lies);
        }
    }
}

/* ---- where a target is ---- */

/* Which PoS the MN goes to for that target, when its SPoS says that it is at the thief's. */
static unsigned way_of(bool named, bool known)
{
    static struct lk_mis_neighbour told[WHOLE_POS];
    struct lk_mis_message message = { .target.network = lk_span_text("d1.example") };
    unsigned way;

    whole_open(false, true);
    memcpy(told, whole.rig.neighbour, sizeof told);
    told[NAMED].pos.address.octets[15] = THIEF;
    whole.rig.pos[0].config.neighbour = told;
    lk_pos_configure(whole.rig.pos[0].pos, &whole.rig.pos[0].config);
    whole.config.points = &whole.rig.neighbour[NAMED].pos;
    whole.config.point_count = known;
    whole_attach(0);
    lk_mis_mark(&message, LK_MIS_TLV_TARGET);
    assert_int_equal(whole_hand_over(named ? NAMED : RIG_NOBODY, &message), LK_OK);
    way = whole.way[1 - whole.d.serving];
    assert_int_equal(whole.facts[LK_MIS_DEVICE_READY], way == NAMED);
    whole_close();
    return way;
}

/* T45: what the owner named, and what is among the MN's points, is where the MN knows it to be. The
 * control: of a target that only the SPoS knows, it has the SPoS's word. */
static void t45_an_spos_does_not_say_where_a_known_target_is(void **state)
{
    assert_int_equal(way_of(true, false), NAMED);
    assert_int_equal(way_of(false, true), NAMED);
    assert_int_equal(way_of(false, false), THIEF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t40_t45_t02_no_sa_in_another_name),
        cmocka_unit_test(t45_an_spos_does_not_say_where_a_known_target_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

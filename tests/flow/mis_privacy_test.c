/* A06, whole: who listens between a mobile node and its PoS, between PoS, or between a PoS and the
 * home, is not told whose IMSI it is, nor that two authentications are of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mis_whole.h"

/* What was seen in all that went by. */
static struct {
    unsigned packets[RIG_RADIUS + 1], imsi, identity;
    struct lk_span name;
    unsigned named;
} seen;

static bool has(struct lk_span octets, const void *what, size_t len)
{
    return memmem(octets.at, octets.len, what, len) != NULL;
}

/* The IMSI as digits, and as TS 24.008 10.5.1.4 and TS 24.301 pack it: by halves of octets, the
 * first digit beside the type of identity, or from the first one on. */
static bool has_imsi(struct lk_span octets)
{
    const char *digits = whole.rig.a.w.peer_config.imsi.digits;
    uint8_t tbcd[8], plain[8], typed[8] = { (uint8_t)((digits[0] - '0') << 4 | 9) };
    char text[17];

    (void)snprintf(text, sizeof text, "%sf", digits);
    for (unsigned i = 0; i < sizeof tbcd; i++) {
        uint8_t first = (uint8_t)(text[2 * i] - '0');
        uint8_t second = i == 7 ? 0xf : (uint8_t)(text[2 * i + 1] - '0');

        tbcd[i] = (uint8_t)(second << 4 | first);
        plain[i] = (uint8_t)(first << 4 | second);
        if (i > 0)
            typed[i] = (uint8_t)((text[2 * i] - '0') << 4 | (text[2 * i - 1] - '0'));
    }
    return has(octets, digits, strlen(digits)) || has(octets, tbcd, sizeof tbcd) ||
           has(octets, plain, sizeof plain) || has(octets, typed, sizeof typed);
}

static bool look(struct mis_rig *rig, struct rig_packet *packet)
{
    struct lk_span octets = lk_span_of(packet->octets, packet->len);

    seen.packets[packet->leg]++;
    seen.imsi += has_imsi(octets);
    seen.named += seen.name.len > 0 && has(octets, seen.name.at, seen.name.len);
    return true;
}

static void begin(enum lk_eap_permanent permanent)
{
    memset(&seen, 0, sizeof seen);
    whole_open(false, true);
    whole.rig.meddle = look;
    whole.config.eap.permanent = permanent;
}

/* EAP, three handovers, EAP again in the background and ERP: over the air, N2N and RADIUS. */
static void walk(void)
{
    whole_attach(0);
    if (whole_serving() != 0)
        assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 0);
    whole_hop(1);
    whole_hop(2);
    whole_hop(3);
    assert_int_equal(whole_hand_over(4, NULL), LK_OK);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), 4);
    for (unsigned leg = 0; leg <= RIG_RADIUS; leg++)
        assert_int_not_equal(seen.packets[leg], 0);
}

/* A06: with a pseudonym of EAP that the home knows, no octet of a whole walk is of the IMSI. */
static void a06_no_imsi_in_a_whole_walk(void **state)
{
    begin(LK_PERMANENT_ASKED);
    whole_attach(0);
    whole.config.eap.permanent = LK_PERMANENT_NEVER;
    for (unsigned reauth = 0; reauth < 2; reauth++) {
        whole.config.eap.use_reauth = reauth > 0;
        whole.config.use_erp = reauth > 0;
        seen.imsi = 0;
        walk();
        assert_int_equal(seen.imsi, 0);
    }
    whole_close();
}

/* The control: at the first contact the home asks for the IMSI, and it is found; before it was
 * asked for it is not said, and an MN that never says it is not authenticated. */
static void a06_the_first_contact(void **state)
{
    unsigned found[LK_PERMANENT_NEVER + 1];

    for (unsigned i = 0; i <= LK_PERMANENT_NEVER; i++) {
        begin((enum lk_eap_permanent)i);
        whole_attach(0);
        found[i] = seen.imsi;
        assert_int_equal(whole.facts[LK_MIS_DEVICE_ATTACHED], i != LK_PERMANENT_NEVER);
        whole_close();
    }
    assert_true(found[LK_PERMANENT_FREELY] > found[LK_PERMANENT_ASKED]);
    assert_int_not_equal(found[LK_PERMANENT_ASKED], 0);
    assert_int_equal(found[LK_PERMANENT_NEVER], 0);
}

static struct lk_mis_name name_now(void)
{
    struct lk_mis_name name;

    assert_true(lk_mis_name_set(&name, lk_mis_device_named(&whole.d)));
    return name;
}

/* A06: one name for a chain and for ERP; another one for the next EAP run, and of the one before
 * nothing is on the way any more. A PoS has one row for it all the same. */
static void a06_another_authentication_another_name(void **state)
{
    struct lk_mis_name first, second, once;

    begin(LK_PERMANENT_ASKED);
    whole_attach(0);
    first = name_now();
    whole_hop(1);
    assert_true(lk_mis_name_is(&first, lk_mis_name_of(&whole.d.link[whole.d.serving].sa.self)));
    whole_attach(1); /* by ERP */
    assert_true(whole.fact[LK_MIS_DEVICE_ATTACHED].fact.by_erp);
    second = name_now();
    assert_true(lk_mis_name_is(&first, lk_mis_name_of(&second)));

    /* Before an authentication it is somebody that nobody has heard of. */
    once = whole.d.link[whole.d.serving].once;
    assert_false(lk_mis_name_is(&once, lk_mis_name_of(&first)));
    whole.config.use_erp = false;
    whole_attach(1);
    assert_false(lk_mis_name_is(&once,
                                lk_mis_name_of(&whole.d.link[whole.d.serving].once)));
    second = name_now();
    assert_false(lk_mis_name_is(&first, lk_mis_name_of(&second)));
    assert_int_equal(lk_pos_mn_count(whole.rig.pos[1].pos), 1);
    rig_wait(&whole.rig, 60000);
    seen.name = lk_mis_name_of(&first);
    whole_hop(2);
    whole_attach(2);
    assert_int_equal(lk_pos_mn_count(whole.rig.pos[2].pos), 1); /* of the handover, too */
    assert_int_equal(seen.named, 0);
    whole_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a06_no_imsi_in_a_whole_walk),
        cmocka_unit_test(a06_the_first_contact),
        cmocka_unit_test(a06_another_authentication_another_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

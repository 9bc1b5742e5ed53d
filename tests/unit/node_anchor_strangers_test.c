/* node/anchor as home agent: who is not the device, from wherever he asks (T10, T11, A22). */
#include "anchor_mip_rig.h"

/* T10: the digest of the table says that nothing moved, and packets go on to the device. */
static void test_t10_strangers_move_nothing(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct lk_mip_msa other = msa;
    struct asks a = there;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe("198.51.100.23", PORT);
    lk_anchor_digest(before, &rig->anchor);
    other.there.secret.octets[3] ^= 1;
    a.care_of = "203.0.113.66";
    a.n = N + 1; /* who has no association */
    assert_int_equal(asks(&a), -1);
    a.n = N;
    a.flip = true;
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
    a.flip = false;
    a.signs = &other;
    a.care_of = "203.0.113.67";
    a.lifetime_s = 0; /* T11 */
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
    /* At most once per rate window: what a place gets that has proven nothing. */
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&a), -1);
    lk_anchor_digest(after, &rig->anchor);
    assert_memory_equal(before, after, sizeof before);
    assert_true(lk_address_equal(&from_network()->to.address,
                                 &(struct lk_address[]){ anchor_address("198.51.100.23") }[0]));
}

/* What is said to strangers in the next seconds who ask from everywhere, and what the device hears
 * that asks now and then. */
static unsigned flooded(struct asks a, unsigned count, unsigned seconds, struct asks *device)
{
    unsigned answers = 0;

    for (unsigned i = 0; i < count; i++) {
        char from[LK_ADDRESS_TEXT];

        (void)snprintf(from, sizeof from, "203.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
        a.care_of = a.flip ? from : a.care_of;
        a.from = from;
        answers += asks(&a) >= 0;
        if (device == NULL || i % (count / seconds) != 0)
            continue;
        rig->now_ms += 1000;
        assert_int_equal(asks(device), LK_MIP_CODE_ACCEPTED);
        answer_probe_if_asked(device->care_of);
    }
    return answers;
}

/* T10, A22: from random places, and so from nobody's budget, what a stranger made or recorded
 * finds few answers. The control: the device itself renews among them, and is answered. */
static void test_t10_a22_strangers_from_everywhere_hear_little(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct asks device = there, made = there, recorded = there;
    unsigned answers;

    associate(N);
    device.knows = true;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    recorded.at_ms = rig->now_ms;
    made.flip = true;
    answers = flooded(made, 50000, 10, &device);
    assert_in_range(answers, 1, 4 + 10 / 5 + 1);
    answers = flooded(recorded, 50000, 10, &device);
    assert_in_range(answers, 1, 8 + 10 + 1);
    /* Its own clock's trouble the device hears of, for strangers are elsewhere. */
    device.at_ms = rig->now_ms - 3600000;
    assert_int_equal(asks(&device), LK_MIP_CODE_HA_IDENTIFICATION);
    /* Nor is the last good one again answered everywhere. */
    rig->now_ms += 60000;
    device.at_ms = 0;
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED);
    recorded = device;
    answers = flooded(recorded, 1000, 1, NULL);
    assert_in_range(answers, 1, 8);
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED);
    /* T10: and at its own address, which anybody can write, it is not flooded either. */
    made.from = made.care_of = there.care_of;
    lk_anchor_digest(before, &rig->anchor);
    for (unsigned i = answers = 0; i < 1000; i++)
        answers += asks(&made) >= 0;
    lk_anchor_digest(after, &rig->anchor);
    assert_in_range(answers, 1, 4);
    assert_memory_equal(before, after, sizeof before);
    assert_non_null(from_network());
}

/* T10, T13: who writes the device's own address as that of his strange requests does not spend what
 * the device's place gets until it has answered. */
static void test_t10_strangers_spend_nothing_of_the_device(void **state)
{
    struct asks made = there, device = there;

    associate(N);
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED); /* two of three: with the question */
    rig->now_ms += 60000;
    made.flip = true;
    assert_int_equal(asks(&made), LK_MIP_CODE_HA_MN_AUTH);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&made), -1);
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    assert_true(anchor_binding(rig, N)->reached);
}

/* T10: nor do they if they ask in the name of many. */
static void test_t10_all_names_together_hear_little(void **state)
{
    struct asks a = there;
    unsigned answers = 0;

    for (unsigned n = N; n <= N + 200; n++)
        associate(n);
    a.flip = true;
    for (unsigned i = 0; i < 20; i++)
        for (a.n = N; a.n < N + 200; a.n++) {
            char from[LK_ADDRESS_TEXT];

            (void)snprintf(from, sizeof from, "203.0.%u.%u", i, a.n);
            a.care_of = from;
            answers += asks(&a) >= 0;
        }
    assert_int_equal(answers, 64);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED); /* the control */
    rig->now_ms += 1000;
    a.n = N + 200;
    a.care_of = "203.1.0.1";
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
}

/* T10, A22: who sends again and again from one place what he recorded or made up, or from all
 * places of a network, leaves answers for the device wherever it has come to. The control: without
 * him. */
static void test_t10_a22_one_network_does_not_take_all_answers(void **state)
{
    static const struct {
        bool flip;
        int code;
    } kinds[] = { { false, LK_MIP_CODE_HA_IDENTIFICATION }, { true, LK_MIP_CODE_HA_MN_AUTH } };

    associate(N);
    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++)
        for (unsigned places = 0; places <= 200; places = places == 0 ? 1 : places * 200) {
            struct asks device = there, stranger = there;

            rig->now_ms += 3600000;
            device.flip = stranger.flip = kinds[i].flip;
            stranger.at_ms = rig->now_ms - 3600000;
            for (unsigned n = 0; n < 300; n++) {
                char from[LK_ADDRESS_TEXT];

                rig->now_ms += 50;
                if (places > 0) {
                    (void)snprintf(from, sizeof from, "203.0.113.%u", 1 + n % places);
                    stranger.from = from;
                    (void)asks(&stranger);
                }
                if (n % 150 != 149)
                    continue;
                (void)snprintf(from, sizeof from, "198.51.%u.7", n % 256);
                device.care_of = device.from = from;
                device.at_ms = rig->now_ms - 7200000;
                assert_int_equal(asks(&device), kinds[i].code);
            }
        }
}

/* T10, T13: who writes the device's address as his and is refused there, for what he made up and
 * for what he recorded, leaves it its answer and its proof. */
static void test_t10_t13_strangers_leave_the_device_its_proof(void **state)
{
    struct asks made = there, recorded = there;

    associate(N);
    made.flip = true;
    recorded.at_ms = rig->now_ms - 90000;
    assert_int_equal(asks(&made), LK_MIP_CODE_HA_MN_AUTH);
    assert_int_equal(asks(&recorded), -1);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    assert_true(anchor_binding(rig, N)->reached);
}

/* T10, T13: nor by a deregistration that he has recorded, which is a repeat wherever it comes from:
 * he sends it from where the device comes next. */
static void test_t10_t13_a_recorded_release_leaves_the_device_its_proof(void **state)
{
    struct asks release = there, next = there, copy;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    rig->now_ms += 60000;
    release.lifetime_s = 0;
    release.at_ms = rig->now_ms;
    release.knows = true;
    assert_int_equal(asks(&release), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(asks(&release), LK_MIP_CODE_ACCEPTED); /* the device's own, which it repeats */
    rig->now_ms += 1000;
    copy = release;
    copy.from = next.care_of = "198.51.100.77";
    for (unsigned i = 0; i < 5; i++)
        (void)asks(&copy);
    rig->now_ms += 1000;
    assert_int_equal(asks(&next), LK_MIP_CODE_ACCEPTED);
    answer_probe(next.care_of, PORT);
    assert_true(anchor_binding(rig, N)->reached);
}

static unsigned gone_to(const char *place)
{
    const struct lk_address address = anchor_address(place);
    unsigned count = 0;

    for (size_t i = 0; i < rig->out.count; i++)
        count += lk_address_equal(&rig->out.item[i].to.address, &address);
    return count;
}

/* T12, T13, A22: on the device's way somebody copies its request, and sends it first, with a source
 * where nobody answers. There go three packets. The device's own is no repeat, and the operator is
 * told; what it asks next has the binding at once, and the copies of both move nothing. */
static void test_t12_a_copy_that_is_faster_keeps_nothing(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct asks first = there, next, copy;
    uint64_t reached;
    unsigned got = 0;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED); /* proven, and then it renews */
    answer_probe(there.care_of, PORT);
    reached = rig->anchor.counters.reached;
    rig->now_ms += 600000;
    first.at_ms = rig->now_ms;
    first.knows = true;
    copy = first;
    copy.from = "203.0.113.66";
    (void)asks(&copy);
    got += gone_to(copy.from);
    for (unsigned i = 0; i < 20; i++) {
        (void)from_network();
        got += gone_to(copy.from);
    }
    assert_int_equal(got, LK_PATH_ALLOWANCE);
    assert_int_equal(asks(&first), LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_COPY);
    assert_true(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.alarm);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
    rig->now_ms += 100;
    next = there;
    next.at_ms = rig->now_ms;
    next.knows = true;
    assert_int_equal(asks(&next), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    assert_int_equal(rig->anchor.counters.reached, reached + 1);
    lk_anchor_digest(before, &rig->anchor);
    (void)asks(&copy);
    copy = next;
    copy.from = "203.0.113.66";
    (void)asks(&copy);
    lk_anchor_digest(after, &rig->anchor);
    assert_memory_equal(before, after, sizeof before);
    assert_true(anchor_binding(rig, N)->reached);
    assert_int_equal(asks(&next), LK_MIP_CODE_ACCEPTED); /* the control: a repeat of its own */
}

/* T12, A22: nor does the device hear less of the next copy: what it was told where it then answered
 * is of nobody's account, and what strangers recorded long ago spends nothing of it. */
static void test_t12_a22_a_device_hears_of_each_copy(void **state)
{
    static const char *const thieves[] = { "203.0.113.66", "192.0.2.66", "198.18.0.66" };
    struct asks recorded = there;

    associate(N);
    recorded.at_ms = rig->now_ms;
    assert_int_equal(asks(&recorded), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    rig->now_ms += 1000;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    for (size_t i = 0; i < LK_COUNT_OF(thieves); i++) {
        struct asks own = there, copy;

        rig->now_ms += 1000;
        (void)flooded(recorded, 5000, 1, NULL);
        own.at_ms = rig->now_ms;
        own.knows = true;
        copy = own;
        copy.from = thieves[i];
        (void)asks(&copy);
        assert_int_equal(asks(&own), LK_MIP_CODE_HA_IDENTIFICATION);
        assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                         LK_REASON_MIP_COPY);
        own.at_ms = rig->now_ms += 1000;
        assert_int_equal(asks(&own), LK_MIP_CODE_ACCEPTED);
        answer_probe(there.care_of, PORT);
        assert_true(anchor_binding(rig, N)->reached);
    }
}

/* T10, T13: who writes one place as his, in the names of many, has a part of what all together get
 * there: a device that comes there has its answer and its proof; and one that was not told for want
 * of room is told when there is some, for nothing of its own was spent. */
static void test_t10_t13_many_names_leave_a_place_its_room(void **state)
{
    enum { NAMES = 400, FIRST = N + 1 };
    struct asks recorded = there, made = there;
    unsigned answers = 0;

    free(msas_memory);
    msas_memory = calloc(1, lk_mip_msas_size(2 * NAMES));
    assert_non_null(msas_memory);
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, 2 * NAMES, 1),
                        lk_budgets_in(unproven_memory, 2));
    for (unsigned n = N; n <= FIRST + NAMES; n++)
        associate(n);
    recorded.at_ms = rig->now_ms - 90000;
    for (recorded.n = FIRST; recorded.n < FIRST + NAMES; recorded.n++)
        answers += asks(&recorded) >= 0;
    assert_int_equal(answers, 64);
    made.n = FIRST + NAMES;
    made.flip = true;
    assert_int_equal(asks(&made), -1);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    rig->now_ms += 1000;
    assert_int_equal(asks(&made), LK_MIP_CODE_HA_MN_AUTH);
}

/* T13: nor do packets from the network take the last of three, which the next question needs. */
static void test_t13_traffic_leaves_the_proof(void **state)
{
    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(rig->anchor.counters.probes, 1); /* that is lost */
    rig->now_ms += LK_PATH_RENEW_MS / LK_PATH_ALLOWANCE;
    assert_non_null(from_network());
    assert_int_equal(rig->anchor.counters.probes, 2);
    assert_int_equal(rig->anchor.counters.down_packets, 0);
    assert_non_null(from_network());
    assert_int_equal(rig->anchor.counters.probes, 3);
    answer_probe(there.care_of, PORT);
    assert_non_null(from_network());
    assert_int_equal(rig->anchor.counters.down_packets, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_t10_strangers_move_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t10_a22_strangers_from_everywhere_hear_little, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t10_strangers_spend_nothing_of_the_device, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t10_a22_one_network_does_not_take_all_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t10_t13_strangers_leave_the_device_its_proof, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_t10_t13_a_recorded_release_leaves_the_device_its_proof, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t12_a_copy_that_is_faster_keeps_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t12_a22_a_device_hears_of_each_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t10_t13_many_names_leave_a_place_its_room, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t13_traffic_leaves_the_proof, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t10_all_names_together_hear_little, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

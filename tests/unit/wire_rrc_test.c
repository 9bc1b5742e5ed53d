/* wire/rrc and wire/pdcp: the messages that tshark has judged (system/judge_rrc_test), both ways,
 * every truncation, and what is more than we know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/pdcp.h"
#include "wire/per.h"
#include "wire/rrc.h"

static struct vector_octets octets_of(const char *id)
{
    json_t *file = vectors_load("rrc");
    struct vector_octets octets = vector_hex(vectors_find(file, "vectors", id), "uper");

    json_decref(file);
    return octets;
}

static enum lk_status down(struct lk_rrc_reconfiguration *m, const struct vector_octets *octets)
{
    return lk_rrc_reconfiguration_decode(m, vector_span(octets));
}

static bool is_uplink(const json_t *v)
{
    return strcmp(vector_text(v, "channel"), "ul") == 0;
}

/* spec: TS 36.331 6.2.1 - messages of both channels.
 * spec: TS 36.331 6.2.2 - parts of a reconfiguration, and the report, come back bit by bit. */
static void messages_come_back_bit_by_bit(void **state)
{
    json_t *file = vectors_load("rrc");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "uper");
        uint8_t room[LK_RRC_MAX];
        struct lk_rrc_reconfiguration m;
        struct lk_rrc_uplink up;

        for (size_t cap = 0; cap <= octets.len; cap++) {
            struct lk_writer w = lk_writer_of(room, cap);
            enum lk_status want = cap < octets.len ? LK_E_FULL : LK_OK;

            if (is_uplink(v)) {
                assert_int_equal(lk_rrc_uplink_decode(&up, vector_span(&octets)), LK_OK);
                assert_int_equal(lk_rrc_uplink_encode(&w, &up), want);
            } else {
                assert_int_equal(down(&m, &octets), LK_OK);
                assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m), want);
            }
            if (want == LK_OK)
                assert_vector(v, "uper", room, w.len);
        }
    }
    json_decref(file);
}

static void every_truncation_is_refused(void **state)
{
    json_t *file = vectors_load("rrc");
    const json_t *list = vectors_list(file, "vectors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "uper");

        for (size_t len = 0; len <= octets.len + 1; len++) {
            uint8_t *copy = test_malloc(len + 1);
            struct lk_rrc_reconfiguration m;
            struct lk_rrc_uplink up;
            enum lk_status want = len < octets.len ? LK_E_SHORT
                                  : len > octets.len ? LK_E_TRAILING : LK_OK;

            memset(copy, 0, len + 1);
            memcpy(copy, octets.at, len < octets.len ? len : octets.len);
            if (is_uplink(v))
                assert_int_equal(lk_rrc_uplink_decode(&up, lk_span_of(copy, len)), want);
            else
                assert_int_equal(lk_rrc_reconfiguration_decode(&m, lk_span_of(copy, len)), want);
            test_free(copy);
        }
    }
    json_decref(file);
}

/* spec: TS 36.331 6.3.6 - release, and setup with all that it can say. */
static void lwa_configuration_says_what_was_said(void **state)
{
    static const uint8_t mac[] = { 2, 0, 0, 0, 0, 1 };
    struct vector_octets octets = octets_of("setup-full");
    struct lk_rrc_reconfiguration m;

    assert_int_equal(down(&m, &octets), LK_OK);
    assert_int_equal(m.transaction, 2);
    assert_true(m.has_lwa && !m.has_handover && !m.lwa.release);
    assert_true(m.lwa.has_counter);
    assert_int_equal(m.lwa.wt_counter, 65535);
    assert_true(m.lwa.has_mobility && m.lwa.success_report);
    assert_int_equal(m.lwa.association_timer_s, 60);
    assert_int_equal(m.lwa.to_release.count, 1);
    assert_int_equal(m.lwa.to_release.id[0].bssid[5], 3);
    assert_int_equal(m.lwa.to_add.count, 2);
    assert_memory_equal(m.lwa.to_add.id[0].ssid, "Latchkey", 8);
    assert_int_equal(m.lwa.to_add.id[0].hessid[5], 9);
    assert_int_equal(m.lwa.to_add.id[1].ssid_len, 1);
    assert_true(m.lwa.has_wt_mac);
    assert_memory_equal(m.lwa.wt_mac, mac, sizeof mac);
    octets = octets_of("release");
    assert_int_equal(down(&m, &octets), LK_OK);
    assert_true(m.has_lwa && m.lwa.release && !m.lwa.has_counter);
}

/* spec: TS 36.331 6.3.4 - cell, frequency also beyond 65535, and the WT kept. */
static void a_handover_says_what_was_said(void **state)
{
    struct vector_octets octets = octets_of("handover-end-marker-counter");
    struct lk_rrc_reconfiguration m;

    assert_int_equal(down(&m, &octets), LK_OK);
    assert_true(m.has_handover && m.handover.has_security && m.has_lwa);
    assert_int_equal(m.handover.pci, 503);
    assert_int_equal(m.handover.earfcn_dl, LK_RRC_EARFCN_MAX);
    assert_int_equal(m.handover.c_rnti, 0x4602);
    assert_int_equal(m.handover.wt, LK_RRC_WT_KEPT_END_MARKER);
    assert_true(m.handover.key_change);
    assert_int_equal(m.handover.ncc, 7);
    octets = octets_of("handover-kept");
    assert_int_equal(down(&m, &octets), LK_OK);
    assert_int_equal(m.handover.wt, LK_RRC_WT_KEPT);
    assert_int_equal(m.handover.earfcn_dl, 561);
    octets = octets_of("handover-released");
    assert_int_equal(down(&m, &octets), LK_OK);
    assert_int_equal(m.handover.wt, LK_RRC_WT_RELEASED);
    assert_false(m.handover.has_earfcn);
}

/* The vectors of the chain: lwa-Configuration by itself. */
static void counters_are_those_of_the_chain(void **state)
{
    static const uint8_t one[] = { 0x90, 0x00, 0x10 };
    json_t *file = vectors_load("lwa_chain");
    const json_t *list = vectors_list(file, "rrc_uper");
    struct lk_rrc_lwa lwa;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets octets = vector_hex(v, "hex");
        uint8_t room[8];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_rrc_lwa_decode(&lwa, vector_span(&octets)), LK_OK);
        assert_true(lwa.has_counter && !lwa.has_mobility && !lwa.release);
        assert_int_equal(lwa.wt_counter, vector_int(v, "wt_counter"));
        assert_int_equal(lk_rrc_lwa_encode(&w, &lwa), LK_OK);
        assert_vector(v, "hex", room, w.len);
    }
    json_decref(file);
    assert_int_equal(lk_rrc_lwa_decode(&lwa, LK_SPAN(one)), LK_OK);
    assert_int_equal(lwa.wt_counter, 1);
}

static void reports_have_names(void **state)
{
    struct lk_rrc_uplink up;

    for (unsigned status = 0; status <= LK_RRC_WLAN_STATUS_COUNT; status++) {
        uint8_t room[8];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        bool known = status < LK_RRC_WLAN_STATUS_COUNT;

        up = (struct lk_rrc_uplink){ .type = LK_RRC_WLAN_STATUS,
                                     .status = (enum lk_rrc_wlan_status)status };
        assert_int_equal(lk_rrc_uplink_encode(&w, &up), known ? LK_OK : LK_E_VALUE);
        assert_int_equal(strcmp(lk_rrc_wlan_status_name(up.status), "unknown") != 0, known);
        if (!known)
            continue;
        assert_int_equal(lk_rrc_uplink_decode(&up, lk_writer_span(&w)), LK_OK);
        assert_int_equal(up.type, LK_RRC_WLAN_STATUS);
        assert_int_equal(up.status, status);
    }
}

/* A bit of a message turned round: what we do not know is refused, not passed over. */
static void what_is_not_known_is_refused(void **state)
{
    static const struct {
        const char *id;
        unsigned bit;
        enum lk_status want;
    } rows[] = {
        { "counter", 0, LK_E_UNSUPPORTED },  /* a later class of messages */
        { "counter", 1, LK_E_UNSUPPORTED },  /* another message */
        { "counter", 7, LK_E_UNSUPPORTED },  /* a critical extension */
        { "counter", 10, LK_E_UNSUPPORTED }, /* another version */
        { "counter", 11, LK_E_UNSUPPORTED }, /* measConfig */
        { "counter", 13, LK_E_UNSUPPORTED }, /* NAS */
        { "counter", 14, LK_E_UNSUPPORTED }, /* radio resources */
        { "counter", 17, LK_E_UNSUPPORTED }, /* late extension */
        { "counter", 19, LK_E_UNSUPPORTED }, /* otherConfig */
        { "counter", 34, LK_E_UNSUPPORTED }, /* cells */
        { "counter", 36, LK_E_UNSUPPORTED }, /* LWIP */
        { "counter", 38, LK_E_UNSUPPORTED }, /* Release 14 */
        { "handover-kept", 18, LK_E_UNSUPPORTED }, /* bandwidth */
        { "complete", 1, LK_E_UNSUPPORTED },
        { "complete", 7, LK_E_UNSUPPORTED },
        { "complete", 8, LK_E_UNSUPPORTED },
        { "status-0", 1, LK_E_UNSUPPORTED },
        { "status-0", 2, LK_E_UNSUPPORTED },
        { "status-0", 6, LK_E_UNSUPPORTED },
        { "status-0", 9, LK_E_UNSUPPORTED },
        { "complete", 15, LK_E_VALUE }, /* padding */
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct vector_octets octets = octets_of(rows[i].id);
        struct lk_rrc_reconfiguration m;
        struct lk_rrc_uplink up;
        enum lk_status got;

        octets.at[rows[i].bit / 8] ^= (uint8_t)(0x80 >> rows[i].bit % 8);
        if (strncmp(rows[i].id, "counter", 7) == 0 || strncmp(rows[i].id, "handover", 8) == 0)
            got = down(&m, &octets);
        else
            got = lk_rrc_uplink_decode(&up, vector_span(&octets));
        if (got != rows[i].want)
            fail_msg("%s, bit %u: %s", rows[i].id, rows[i].bit, lk_status_name(got));
    }
}

/* spec: TS 36.331 6.3.4 - a handover that changes the algorithms of RRC would need keys that we do
 * not derive: refused. The bit that says so is the one before that of a new KASME. */
static void a_handover_to_other_algorithms_is_refused(void **state)
{
    struct lk_rrc_reconfiguration m;
    struct vector_octets octets = octets_of("handover-kept");
    uint8_t room[LK_RRC_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    size_t bit = 0;

    assert_int_equal(down(&m, &octets), LK_OK);
    m.handover.key_change = !m.handover.key_change;
    assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m), LK_OK);
    assert_int_equal(w.len, octets.len);
    while ((octets.at[bit / 8] ^ room[bit / 8]) != 0x80 >> bit % 8)
        assert_true(++bit < 8 * w.len);
    bit--;
    octets.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    assert_int_equal(down(&m, &octets), LK_E_UNSUPPORTED);
}

/* spec: TS 36.331 6.3.6 - T351 has five values, and no others. */
static void a_timer_is_one_of_five(void **state)
{
    unsigned sent = 0;

    for (unsigned s = 1; s <= UINT8_MAX; s++) {
        struct lk_rrc_reconfiguration m = {
            .has_lwa = true,
            .lwa = { .has_mobility = true, .association_timer_s = (uint8_t)s } }, again;
        uint8_t room[LK_RRC_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        bool is_one = s == 10 || s == 30 || s == 60 || s == 120 || s == 240;

        assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m) == LK_OK, is_one);
        if (!is_one)
            continue;
        assert_int_equal(lk_rrc_reconfiguration_decode(&again, lk_writer_span(&w)), LK_OK);
        assert_int_equal(again.lwa.association_timer_s, s);
        sent++;
    }
    assert_int_equal(sent, 5);
}

/* Octets 4 and 5 of this message are the short frequency, 14 says which additions follow, 16 is the
 * top of the long frequency. */
static void additions_of_a_handover_are_judged(void **state)
{
    static const struct {
        size_t at;
        uint8_t turn;
        enum lk_status want;
    } rows[] = {
        { 5, 0x01, LK_E_VALUE },        /* a long frequency behind a short one that says all */
        { 16, 0x30, LK_E_VALUE },       /* a long frequency that is short */
        { 14, 0x02, LK_E_UNSUPPORTED }, /* an addition of another kind */
        { 16, 0x40, LK_E_UNSUPPORTED }, /* an uplink frequency */
        { 16, 0x80, LK_E_TRAILING },    /* none, in three octets */
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct vector_octets octets = octets_of("handover-end-marker-counter");
        struct lk_rrc_reconfiguration m;

        octets.at[rows[i].at] ^= rows[i].turn;
        if (down(&m, &octets) != rows[i].want)
            fail_msg("row %zu: %s", i, lk_status_name(down(&m, &octets)));
    }
}

static void security_without_a_handover_is_refused(void **state)
{
    uint8_t room[8];
    struct lk_per_writer w = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);
    struct lk_rrc_reconfiguration m;

    lk_per_put_bits(&w, 4 << 6, 11); /* transaction 0 */
    lk_per_put_bits(&w, 1 << 1, 6);  /* securityConfigHO and nothing behind it */
    lk_per_put_bits(&w, 5, 7);       /* of this system, count 5 */
    assert_int_equal(lk_per_finish(&w), LK_OK);
    assert_int_equal(lk_rrc_reconfiguration_decode(&m, lk_per_written(&w)), LK_E_VALUE);
    assert_int_equal(m.handover.ncc, 5);
}

static void additions_of_later_days_are_passed_over(void **state)
{
    uint8_t room[32];
    struct lk_per_writer w = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);
    uint8_t octet[2];
    struct lk_per_writer inner = lk_per_writer_of(octet, sizeof octet, LK_PER_UNALIGNED);
    struct lk_rrc_lwa lwa;

    /* Set up, with an extension, with mobility and a counter; mobility with an extension too. */
    lk_per_put_bits(&w, 0xf, 4);
    lk_per_put_bits(&w, 0x11, 5);
    lk_per_put_additions(&w, 1, 1);
    lk_per_put_open(&w, &inner);
    lk_per_put_whole(&w, 7, 0, 65535);
    lk_per_put_additions(&w, 4, 3);
    lk_per_put_open(&w, &inner);
    assert_int_equal(lk_per_finish(&w), LK_OK);
    assert_int_equal(lk_rrc_lwa_decode(&lwa, lk_per_written(&w)), LK_OK);
    assert_true(lwa.has_mobility && lwa.success_report && !lwa.has_wt_mac);
    assert_int_equal(lwa.wt_counter, 7);
}

static void what_has_no_place_is_not_written(void **state)
{
    for (int row = 0; row < 9; row++) {
        uint8_t room[LK_RRC_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct vector_octets octets = octets_of(row < 5 ? "setup-full" : "handover-kept");
        struct lk_rrc_reconfiguration m;
        enum lk_status want = row < 2 ? LK_E_LENGTH : LK_E_VALUE;

        assert_int_equal(down(&m, &octets), LK_OK);
        switch (row) {
        case 0: m.lwa.to_add.count = LK_WLAN_SET_MAX + 1; break;
        case 1: m.lwa.to_add.id[0].ssid_len = LK_WLAN_SSID_MAX + 1; break;
        case 2: m.lwa.association_timer_s = 61; break;
        case 3: m.transaction = 4; break;
        case 4: m.lwa.association_timer_s = 255; break;
        case 5: m.handover.pci = LK_RRC_PCI_MAX + 1; break;
        case 6: m.handover.earfcn_dl = LK_RRC_EARFCN_MAX + 1; break;
        case 7: m.handover.ncc = 8; break;
        default: m.transaction = 255; break;
        }
        assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m), want);
    }
}

static void the_most_of_everything_fits(void **state)
{
    static uint8_t room[LK_RRC_MAX];
    static struct lk_rrc_reconfiguration m, again;
    struct lk_writer w = lk_writer_of(room, sizeof room);

    m = (struct lk_rrc_reconfiguration){ .has_lwa = true, .lwa = { .has_mobility = true } };
    m.lwa.to_add.count = m.lwa.to_release.count = LK_WLAN_SET_MAX;
    for (size_t i = 0; i < LK_WLAN_SET_MAX; i++)
        m.lwa.to_add.id[i] = m.lwa.to_release.id[i] =
            (struct lk_wlan_id){ .ssid_len = 32, .has_bssid = true, .has_hessid = true };
    assert_int_equal(lk_rrc_reconfiguration_encode(&w, &m), LK_OK);
    assert_int_equal(lk_rrc_reconfiguration_decode(&again, lk_writer_span(&w)), LK_OK);
    assert_int_equal(again.lwa.to_release.count, LK_WLAN_SET_MAX);
}

/* spec: TS 36.323 6.2.2 - header, message, MAC-I; every truncation. */
static void a_pdu_is_cut_into_its_parts(void **state)
{
    static const uint8_t octets[] = { 0xff, 1, 2, 3, 0xa, 0xb, 0xc, 0xd };
    struct lk_pdcp pdu;
    uint8_t room[4];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_pdcp_decode(&pdu, LK_SPAN(octets)), LK_OK);
    assert_int_equal(pdu.sn, 31);
    assert_true(lk_span_equal(pdu.covered, lk_span_of(octets, 4)));
    assert_true(lk_span_equal(pdu.message, lk_span_of(octets + 1, 3)));
    assert_ptr_equal(pdu.mac_i, octets + 4);
    for (size_t len = 0; len < sizeof octets; len++)
        assert_int_equal(lk_pdcp_decode(&pdu, lk_span_of(octets, len)),
                         len < 6 ? LK_E_SHORT : LK_OK);
    assert_int_equal(lk_pdcp_encode(&w, 32, lk_span_of(octets, 1)), LK_E_VALUE);
    assert_int_equal(lk_pdcp_encode(&w, 31, lk_span_of(octets, 0)), LK_E_VALUE);
    assert_int_equal(lk_pdcp_encode(&w, 31, lk_span_of(octets, 4)), LK_E_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_bit_by_bit),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(lwa_configuration_says_what_was_said),
        cmocka_unit_test(a_handover_says_what_was_said),
        cmocka_unit_test(counters_are_those_of_the_chain),
        cmocka_unit_test(reports_have_names),
        cmocka_unit_test(what_is_not_known_is_refused),
        cmocka_unit_test(a_handover_to_other_algorithms_is_refused),
        cmocka_unit_test(a_timer_is_one_of_five),
        cmocka_unit_test(additions_of_a_handover_are_judged),
        cmocka_unit_test(security_without_a_handover_is_refused),
        cmocka_unit_test(additions_of_later_days_are_passed_over),
        cmocka_unit_test(what_has_no_place_is_not_written),
        cmocka_unit_test(the_most_of_everything_fits),
        cmocka_unit_test(a_pdu_is_cut_into_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/xwap: messages of another hand octet by octet both ways, what stands in them, elements that
 * nobody knows, that are missing, twice or out of order, and every truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/per.h"
#include "wire/xwap.h"

static const char *const files[] = { "xwap", "xwap_full" };

static enum lk_status decode(struct lk_xwap *m, struct lk_span octets)
{
    struct lk_xwap_diagnostics found;

    return lk_xwap_decode(m, &found, octets);
}

/* spec: TS 36.463 9.1.14 - WT ADDITION REQUEST.
 * spec: TS 36.463 9.1.15 - its acknowledgement.
 * spec: TS 36.463 9.1.16 - its rejection.
 * spec: TS 36.463 9.1.17 - WT MODIFICATION REQUEST.
 * spec: TS 36.463 9.1.18 - its acknowledgement.
 * spec: TS 36.463 9.1.19 - its rejection.
 * spec: TS 36.463 9.1.20 - WT MODIFICATION REQUIRED.
 * spec: TS 36.463 9.1.21 - CONFIRM.
 * spec: TS 36.463 9.1.22 - REFUSE.
 * spec: TS 36.463 9.1.23 - WT RELEASE REQUEST.
 * spec: TS 36.463 9.1.24 - REQUIRED.
 * spec: TS 36.463 9.1.25 - CONFIRM.
 * spec: TS 36.463 9.1.26 - WT ASSOCIATION CONFIRMATION; all come back octet by octet. */
static void messages_come_back_octet_by_octet(void **state)
{
    unsigned seen = 0;

    for (size_t f = 0; f < LK_COUNT_OF(files); f++) {
        json_t *file = vectors_load(files[f]);
        const json_t *list = vectors_list(file, "vectors");

        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *v = json_array_get(list, i);
            struct vector_octets octets = vector_hex(v, "aper");
            uint8_t room[1024];
            struct lk_writer w = lk_writer_of(room, sizeof room);
            struct lk_xwap m;

            assert_int_equal(decode(&m, vector_span(&octets)), LK_OK);
            seen |= 1u << m.type;
            assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
            assert_vector(v, "aper", room, w.len);
            for (size_t cap = 0; cap < octets.len; cap += 7) {
                w = lk_writer_of(room, cap);
                assert_int_equal(lk_xwap_encode(&w, &m), LK_E_FULL);
            }
        }
        json_decref(file);
    }
    assert_int_equal(seen, (1u << LK_XWAP_TYPE_COUNT) - 1);
}

static void every_truncation_is_refused(void **state)
{
    for (size_t f = 0; f < LK_COUNT_OF(files); f++) {
        json_t *file = vectors_load(files[f]);
        const json_t *list = vectors_list(file, "vectors");

        for (size_t i = 0; i < json_array_size(list); i++) {
            struct vector_octets octets = vector_hex(json_array_get(list, i), "aper");
            struct lk_xwap m;

            for (size_t len = 0; len < octets.len; len++) {
                uint8_t *copy = test_malloc(len + 1);

                memcpy(copy, octets.at, len);
                assert_int_equal(decode(&m, lk_span_of(copy, len)), LK_E_SHORT);
                test_free(copy);
            }
            octets.at[octets.len++] = 0;
            assert_int_equal(decode(&m, vector_span(&octets)), LK_E_TRAILING);
        }
        json_decref(file);
    }
}

static struct lk_xwap read_one(struct vector_octets *octets, const char *file_name, const char *id)
{
    json_t *file = vectors_load(file_name);
    struct lk_xwap m;

    *octets = vector_hex(vectors_find(file, "vectors", id), "aper");
    assert_int_equal(decode(&m, vector_span(octets)), LK_OK);
    json_decref(file);
    return m;
}

/* spec: TS 36.463 9.2.27 - the key of a re-key is that of its vector. */
static void a_rekey_carries_no_more_than_its_key(void **state)
{
    json_t *file = vectors_load("xwap");
    const json_t *v = vectors_find(file, "vectors", "wt-modification-request-rekey");
    struct vector_octets octets;
    struct lk_xwap m = read_one(&octets, "xwap", "wt-modification-request-rekey");

    assert_int_equal(m.type, LK_XWAP_MODIFICATION_REQUEST);
    assert_string_equal(lk_xwap_type_name(m.type), "modification-request");
    assert_int_equal(m.enb_ue_id, 1);
    assert_int_equal(m.wt_ue_id, 2);
    assert_vector(v, "s_kwt", m.key.at, m.key.len);
    assert_true(lk_xwap_has(&m, LK_XWAP_CONTEXT));
    assert_false(lk_xwap_has(&m, LK_XWAP_SECURITY));
    assert_int_equal(m.added.count + m.modified.count + m.released.count, 0);
    m = read_one(&octets, "xwap", "wt-modification-request-reject-security-failure");
    assert_int_equal(m.cause.group, LK_XWAP_CAUSE_RADIO);
    assert_int_equal(m.cause.value, LK_XWAP_SECURITY_FAILURE);
    assert_string_equal(lk_xwap_cause_name(m.cause), "security failure");
    json_decref(file);
}

/* spec: TS 36.463 9.2.19 - quality of a bearer.
 * spec: TS 36.463 9.2.22 - tunnel endpoints.
 * spec: TS 36.463 9.2.28 - the mobility set. */
static void an_addition_says_what_its_maker_said(void **state)
{
    static const uint8_t ipv4[] = { 192, 0, 2, 1 }, plmn[] = { 0, 0xf1, 0x10 };
    static const uint8_t mac[] = { 2, 0, 0, 0, 0, 2 }, bssid[] = { 2, 0, 0, 0, 0, 1 };
    struct vector_octets octets;
    struct lk_xwap m = read_one(&octets, "xwap_full", "addition-request-full");
    const struct lk_xwap_bearer *b = m.added.bearer;

    assert_memory_equal(m.ue_identity, mac, sizeof mac);
    assert_memory_equal(m.serving_plmn, plmn, sizeof plmn);
    assert_int_equal(m.key.len, LK_XWAP_KEY_LEN);
    assert_int_equal(m.key.at[31], 31);
    assert_int_equal(m.added.count, 2);
    assert_int_equal(b[0].e_rab_id, 5);
    assert_int_equal(b[0].drb_id, 4);
    assert_int_equal(b[0].qos.qci, 9);
    assert_int_equal(b[0].qos.priority, 3);
    assert_true(b[0].qos.may_preempt && b[0].qos.preemptable && !b[0].qos.has_rate);
    assert_int_equal(b[0].endpoint.address_bits, 32);
    assert_memory_equal(b[0].endpoint.address, ipv4, sizeof ipv4);
    assert_int_equal(b[0].endpoint.teid, 1);
    assert_int_equal(b[1].drb_id, 0);
    assert_true(b[1].qos.has_rate && !b[1].qos.may_preempt && !b[1].qos.preemptable);
    assert_int_equal(b[1].qos.most_down, UINT64_C(10000000000));
    assert_int_equal(b[1].qos.guaranteed_down, 64000);
    assert_int_equal(m.mobility_set.count, 2);
    assert_memory_equal(m.mobility_set.id[0].bssid, bssid, sizeof bssid);
    assert_memory_equal(m.mobility_set.id[0].ssid, "Latchkey", 8);
    assert_int_equal(m.mobility_set.id[0].hessid[5], 9);
    assert_false(m.mobility_set.id[1].has_bssid || m.mobility_set.id[1].has_hessid);
    assert_int_equal(m.mobility_set.id[1].ssid_len, 1);
    assert_int_equal(m.wt_ue_id, 2);
}

/* spec: TS 36.463 9.2.5 - an answer tells of two elements. */
static void answers_say_what_their_maker_said(void **state)
{
    struct vector_octets octets;
    struct lk_xwap m = read_one(&octets, "xwap_full", "addition-acknowledge-full");

    assert_int_equal(m.added.bearer[0].endpoint.address_bits, 128);
    assert_int_equal(m.added.bearer[0].endpoint.teid, 2);
    assert_true(m.added.bearer[0].has_access_class);
    assert_int_equal(m.added.bearer[0].access_class, 2);
    assert_int_equal(m.not_admitted.bearer[0].e_rab_id, 7);
    assert_string_equal(lk_xwap_cause_name(m.not_admitted.bearer[0].cause),
                        "QCI value not supported");
    assert_int_equal(m.wt_mac[5], 1);
    assert_true(m.diagnostics.has_message && m.diagnostics.has_criticality);
    assert_int_equal(m.diagnostics.procedure, 7);
    assert_int_equal(m.diagnostics.outcome, LK_XWAP_INITIATING);
    assert_int_equal(m.diagnostics.criticality, LK_XWAP_REJECT);
    assert_int_equal(m.diagnostics.count, 2);
    assert_int_equal(m.diagnostics.item[0].id, 36);
    assert_true(m.diagnostics.item[0].missing);
    assert_int_equal(m.diagnostics.item[1].id, 999);
    assert_int_equal(m.diagnostics.item[1].criticality, LK_XWAP_IGNORE);
    assert_false(m.diagnostics.item[1].missing);

    m = read_one(&octets, "xwap_full", "modification-required");
    assert_string_equal(lk_xwap_cause_name(m.cause), "wrong WLAN interworking mode");
    assert_int_equal(m.released.bearer[0].cause.group, LK_XWAP_CAUSE_MISC);
    assert_int_equal(m.modified.count, 2);
    assert_int_equal(m.modified.bearer[1].endpoint.address_bits, 0);
    m = read_one(&octets, "xwap_full", "modification-request-full");
    assert_int_equal(m.added.bearer[0].drb_id, 32);
    assert_true(m.modified.bearer[0].qos.present && !m.modified.bearer[1].qos.present);
    assert_int_equal(m.released.bearer[1].e_rab_id, 9);
    m = read_one(&octets, "xwap_full", "release-request");
    assert_true(lk_xwap_has(&m, LK_XWAP_CONTEXT_KEPT));
    m = read_one(&octets, "xwap_full", "release-request-bare");
    assert_false(lk_xwap_has(&m, LK_XWAP_CAUSE));
}

/* ---- messages made element by element ---- */

struct given {
    uint16_t id;
    enum lk_xwap_criticality criticality;
    const char *value; /* hex */
};
enum { GIVEN_MAX = 5 };

static struct lk_span make(uint8_t *room, size_t cap, uint8_t procedure, uint32_t outcome,
                           const struct given *given)
{
    static uint8_t inner[512];
    struct lk_per_writer value = lk_per_writer_of(inner, sizeof inner, LK_PER_ALIGNED);
    struct lk_per_writer w = lk_per_writer_of(room, cap, LK_PER_ALIGNED);
    size_t count = 0;

    while (count < GIVEN_MAX && given[count].value != NULL)
        count++;
    lk_per_put_bool(&value, false);
    lk_per_put_whole(&value, count, 0, 65535);
    for (size_t i = 0; i < count; i++) {
        uint8_t octets[128];
        struct lk_per_writer element = lk_per_writer_of(octets, sizeof octets, LK_PER_ALIGNED);

        for (const char *at = given[i].value; *at != 0; at += 2) {
            char pair[] = { at[0], at[1], 0 };

            lk_per_put_bits(&element, (uint32_t)strtoul(pair, NULL, 16), 8);
        }
        lk_per_put_whole(&value, given[i].id, 0, 65535);
        lk_per_put_whole(&value, given[i].criticality, 0, 2);
        lk_per_put_open(&value, &element);
    }
    lk_per_put_index(&w, outcome, 3, true);
    lk_per_put_whole(&w, procedure, 0, 255);
    lk_per_put_whole(&w, LK_XWAP_REJECT, 0, 2);
    lk_per_put_open(&w, &value);
    assert_int_equal(lk_per_finish(&w), LK_OK);
    return lk_per_written(&w);
}

#define ENB { 25, LK_XWAP_REJECT, "000001" }
#define WT { 26, LK_XWAP_REJECT, "000002" }
#define WHY { 4, LK_XWAP_IGNORE, "0000" }

/* spec: TS 36.413 10.3.4 - not understood: as criticality says, and the answer can name the UE.
 * spec: TS 36.413 10.3.5 - missing.
 * spec: TS 36.413 10.3.6 - twice, or in another order.
 * spec: TS 36.463 9.2.4 - causes that are not known. */
static void elements_are_judged(void **state)
{
    static const struct {
        const char *what;
        struct given given[GIVEN_MAX];
        enum lk_status want;
        unsigned found;
        uint16_t id;
        bool missing;
    } rows[] = {
        { "no more than must be", { ENB, WT, WHY }, LK_OK, 0, 0, false },
        { "unknown, ignored", { ENB, { 999, LK_XWAP_IGNORE, "00" }, WT, WHY }, LK_OK, 0, 0, false },
        { "unknown, told of", { ENB, { 999, LK_XWAP_NOTIFY, "00" }, WT, WHY }, LK_OK, 1, 999,
          false },
        { "unknown, rejected", { { 999, LK_XWAP_REJECT, "00" }, ENB, WT, WHY }, LK_E_UNKNOWN, 1,
          999, false },
        { "of other messages", { ENB, WT, WHY, { 30, LK_XWAP_REJECT, "020000000002" } },
          LK_E_UNKNOWN, 1, 30, false },
        { "missing, rejected", { ENB, WHY }, LK_E_MISSING, 1, 26, true },
        { "missing, ignored", { ENB, WT }, LK_OK, 0, 0, false },
        { "twice", { ENB, WT, WT, WHY }, LK_E_TWICE, 0, 0, false },
        { "out of order", { WT, ENB, WHY }, LK_E_VALUE, 0, 0, false },
        { "group of causes unknown", { ENB, WT, { 4, LK_XWAP_IGNORE, "800100" } }, LK_OK, 0, 0,
          false },
        { "cause of later days", { ENB, WT, { 4, LK_XWAP_IGNORE, "1480" } }, LK_OK, 0, 0, false },
        { "cause too far", { ENB, WT, { 4, LK_XWAP_NOTIFY, "18020400" } }, LK_OK, 1, 4, false },
        { "an element too short", { ENB, { 26, LK_XWAP_REJECT, "0002" }, WHY }, LK_E_SHORT, 0, 0,
          false },
        { "an element too long", { ENB, { 26, LK_XWAP_REJECT, "00000002" }, WHY }, LK_E_TRAILING,
          0, 0, false },
        { "a context of nothing", { ENB, WT, WHY, { 36, LK_XWAP_REJECT, "00" } }, LK_OK, 0, 0,
          false },
        { "an extension to ignore",
          { ENB, WT, WHY, { 36, LK_XWAP_REJECT, "040000" "03e7" "40" "0100" } }, LK_OK, 0, 0,
          false },
        { "an extension to reject",
          { ENB, WT, WHY, { 36, LK_XWAP_REJECT, "040000" "03e7" "00" "0100" } }, LK_E_UNKNOWN, 1,
          36, false },
        { "an addition", { ENB, WT, WHY, { 36, LK_XWAP_REJECT, "8004" "0100" } }, LK_OK, 0, 0,
          false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t room[512];
        struct lk_xwap_diagnostics found;
        struct lk_xwap m;
        struct lk_span octets = make(room, sizeof room, 7, LK_XWAP_INITIATING, rows[i].given);
        enum lk_status got = lk_xwap_decode(&m, &found, octets);

        if (got != rows[i].want || found.count != rows[i].found)
            fail_msg("%s: %s, %u found", rows[i].what, lk_status_name(got), found.count);
        if (found.count == 0)
            continue;
        assert_int_equal(found.item[0].id, rows[i].id);
        assert_int_equal(found.item[0].missing, rows[i].missing);
        assert_true(found.has_message && found.procedure == 7);
        assert_int_equal(m.enb_ue_id, 1);
    }
}

/* What must be understood stands behind the key: then there is no key either. */
static void an_element_not_understood_leaves_nothing(void **state)
{
#define EIGHT "5a5a5a5a5a5a5a5a"
    static const struct given given[GIVEN_MAX] = {
        ENB, WT, WHY,
        { 36, LK_XWAP_REJECT, "44" EIGHT EIGHT EIGHT EIGHT "0000" "03e7" "00" "0100" },
    };
    static const struct given ignored[GIVEN_MAX] = {
        ENB, WT, WHY,
        { 36, LK_XWAP_REJECT, "44" EIGHT EIGHT EIGHT EIGHT "0000" "03e7" "40" "0100" },
    };
    static const struct given of_addition[GIVEN_MAX] = {
        ENB,
        { 31, LK_XWAP_REJECT, "40" EIGHT EIGHT EIGHT EIGHT "0000" "03e7" "00" "0100" },
    };
    uint8_t room[512];
    struct lk_xwap m;

    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_INITIATING, given)),
                     LK_E_UNKNOWN);
    assert_int_equal(m.key.len, 0);
    assert_false(lk_xwap_has(&m, LK_XWAP_CONTEXT));
    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_INITIATING, ignored)), LK_OK);
    assert_int_equal(m.key.len, LK_XWAP_KEY_LEN);
    assert_int_equal(decode(&m, make(room, sizeof room, 6, LK_XWAP_INITIATING, of_addition)),
                     LK_E_UNKNOWN);
    assert_int_equal(m.enb_ue_id, 1);
    assert_int_equal(m.key.len, 0);
    assert_false(lk_xwap_has(&m, LK_XWAP_SECURITY));
}

static void procedures_that_are_not_ours_are_told_of(void **state)
{
    static const struct {
        uint8_t procedure;
        uint32_t outcome;
        bool told;
    } rows[] = { { 0, LK_XWAP_INITIATING, true }, { 200, LK_XWAP_INITIATING, true },
                 { 11, LK_XWAP_SUCCESSFUL, true }, { 10, LK_XWAP_UNSUCCESSFUL, true },
                 { 7, 3, false } };
    static const struct given nothing[GIVEN_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t room[64];
        struct lk_xwap_diagnostics found;
        struct lk_xwap m;
        struct lk_span octets = make(room, sizeof room, rows[i].procedure, rows[i].outcome,
                                     nothing);

        assert_int_equal(lk_xwap_decode(&m, &found, octets), LK_E_UNKNOWN);
        assert_int_equal(m.type, LK_XWAP_TYPE_COUNT);
        assert_int_equal(found.has_message, rows[i].told);
        if (rows[i].told)
            assert_int_equal(found.procedure, rows[i].procedure);
    }
    assert_string_equal(lk_xwap_type_name(LK_XWAP_TYPE_COUNT), "unknown");
}

/* ---- limits ---- */

static struct lk_xwap request(void)
{
    static struct vector_octets octets; /* spans of the message lie in it */

    return read_one(&octets, "xwap", "wt-addition-request");
}

static void the_most_of_everything_fits(void **state)
{
    static const uint8_t key[LK_XWAP_KEY_LEN] = { 7 };
    static uint8_t room[LK_XWAP_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_xwap m = { .type = LK_XWAP_MODIFICATION_REQUEST, .key = LK_SPAN(key) }, again;

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    lk_xwap_mark(&m, LK_XWAP_CONTEXT);
    lk_xwap_mark(&m, LK_XWAP_MOBILITY_SET);
    m.added.count = m.modified.count = m.released.count = LK_XWAP_BEARERS_MAX;
    for (uint8_t i = 0; i < LK_XWAP_BEARERS_MAX; i++) {
        struct lk_xwap_bearer b = { .e_rab_id = i, .drb_id = 32,
                                    .qos = { true, 255, 15, true, true, true,
                                             UINT64_C(10000000000), UINT64_C(10000000000) },
                                    .endpoint = { .address_bits = 160, .teid = UINT32_MAX } };

        m.added.bearer[i] = m.modified.bearer[i] = m.released.bearer[i] = b;
    }
    m.mobility_set.count = LK_WLAN_SET_MAX;
    for (size_t i = 0; i < LK_WLAN_SET_MAX; i++)
        m.mobility_set.id[i] = (struct lk_wlan_id){ .ssid_len = 32, .has_bssid = true,
                                                    .has_hessid = true };
    assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
    assert_int_equal(decode(&again, lk_writer_span(&w)), LK_OK);
    assert_int_equal(again.mobility_set.count, LK_WLAN_SET_MAX);
    assert_int_equal(again.added.bearer[15].endpoint.teid, UINT32_MAX);
    assert_int_equal(again.released.count, LK_XWAP_BEARERS_MAX);
    assert_true(lk_span_equal(again.key, m.key));
}

static void what_has_no_place_is_not_written(void **state)
{
    for (int row = 0; row < 14; row++) {
        uint8_t room[512];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        struct lk_xwap m = request();
        enum lk_status want = row == 0 ? LK_E_MISSING : row < 9 ? LK_E_VALUE : LK_E_LENGTH;

        switch (row) {
        case 0: m.present &= ~(1u << LK_XWAP_TO_BE_ADDED); break;
        case 1: lk_xwap_mark(&m, LK_XWAP_CAUSE); break;
        case 2: m.key.len = 31; break;
        case 3: m.added.bearer[0].e_rab_id = 16; break;
        case 4: m.added.bearer[0].endpoint.address_bits = 0; break;
        case 5: m.added.bearer[0].endpoint.address_bits = 161; break;
        case 6: m.added.bearer[0].drb_id = 33; break;
        case 7: m.enb_ue_id = LK_XWAP_UE_ID_MAX + 1; break;
        case 8: m.added.bearer[0].qos.priority = 16; break;
        case 9: m.added.count = 0; break;
        case 10: m.added.count = LK_XWAP_BEARERS_MAX + 1; break;
        case 11: m.mobility_set.count = 0; break;
        case 12: m.mobility_set.count = LK_WLAN_SET_MAX + 1; break;
        default: m.mobility_set.id[0].ssid_len = 33; break;
        }
        assert_int_equal(lk_xwap_encode(&w, &m), want);
        assert_int_equal(w.len, 0);
    }
}

/* An item of E-RAB 6 of a list of released bearers; sixteen of them. */
#define ITEM "002d40010c"
#define FOUR ITEM ITEM ITEM ITEM
#define SIXTEEN FOUR FOUR FOUR FOUR

static void more_bearers_than_identities_are_refused(void **state)
{
    static const struct given most[GIVEN_MAX] = { ENB, WT, { 44, LK_XWAP_IGNORE, "0f" SIXTEEN } };
    static const struct given more[GIVEN_MAX] = { ENB, WT,
                                                  { 44, LK_XWAP_IGNORE, "10" SIXTEEN ITEM } };
    uint8_t room[512];
    struct lk_xwap m;

    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_SUCCESSFUL, most)), LK_OK);
    assert_int_equal(m.released.count, LK_XWAP_BEARERS_MAX);
    assert_int_equal(m.released.bearer[15].e_rab_id, 6);
    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_SUCCESSFUL, more)), LK_E_FULL);
    assert_int_equal(m.released.count, 0);
}

static void more_than_we_hold_is_refused(void **state)
{
    uint8_t room[512];
    struct lk_xwap m;
    struct given given[GIVEN_MAX] = { ENB, WT, WHY, { 54, LK_XWAP_REJECT, "0020" } };
    static const struct given count[GIVEN_MAX] = { ENB, WT, WHY };
    struct lk_xwap_diagnostics found;

    /* A set of 33 WLANs is refused before any is read. */
    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_INITIATING, given)),
                     LK_E_FULL);
    given[3].value = "0400";
    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_INITIATING, given)),
                     LK_E_VALUE);
    given[3].value = "001f";
    assert_int_equal(decode(&m, make(room, sizeof room, 7, LK_XWAP_INITIATING, given)),
                     LK_E_SHORT);
    assert_int_equal(lk_xwap_decode(&m, &found,
                                    make(room, sizeof room, 7, LK_XWAP_INITIATING, count)),
                     LK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_octet_by_octet),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_rekey_carries_no_more_than_its_key),
        cmocka_unit_test(an_addition_says_what_its_maker_said),
        cmocka_unit_test(answers_say_what_their_maker_said),
        cmocka_unit_test(elements_are_judged),
        cmocka_unit_test(an_element_not_understood_leaves_nothing),
        cmocka_unit_test(procedures_that_are_not_ours_are_told_of),
        cmocka_unit_test(the_most_of_everything_fits),
        cmocka_unit_test(what_has_no_place_is_not_written),
        cmocka_unit_test(more_bearers_than_identities_are_refused),
        cmocka_unit_test(more_than_we_hold_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

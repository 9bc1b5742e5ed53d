/* trace, of Mobile IP: runs on both sides of a foreign agent, what a code means, nonces and their
 * order, MIPv6 in UDP; each message cut at every octet. */
#include "mip_trace_rig.h"

/* spec: RFC 5944 3.3 - a request that a foreign agent passes on is of the run that it came from,
 * and its answers, and what the tunnels carry on either side. */
static void both_sides_of_a_foreign_agent_are_one_run(void **state)
{
    uint8_t room[512];
    struct asked a = { .flags = LK_MIP_REVERSE, .lifetime_s = 600, .care_of = 8 };
    struct said s = { .lifetime_s = 300 };

    begin(true);
    s.identification = a.identification = time_of(0);
    add(&node, &fa, request(room, &a));
    a.agent_signs = true;
    add(&fa, &ha, request(room, &a));
    add(&ha, &fa, reply(room, &s));
    add(&fa, &node, reply(room, &s));
    add(&node, &fa, tunnel(room, 77, 3));
    add(&fa, &ha, tunnel(room, 77, 3));
    add(&ha, &fa, tunnel(room, 3, 99)); /* another one's */
    end();
    assert_int_equal(trace.run_count, 1);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_ACCEPTED);
    assert_true(trace.runs[0].mip.by_agent);
    assert_lanes(0, LK_LANE_MN, LK_LANE_FA);
    assert_lanes(1, LK_LANE_FA, LK_LANE_ANCHOR);
    assert_lanes(2, LK_LANE_ANCHOR, LK_LANE_FA);
    assert_lanes(3, LK_LANE_FA, LK_LANE_MN);
    assert_lanes(4, LK_LANE_MN, LK_LANE_FA);
    assert_lanes(5, LK_LANE_FA, LK_LANE_ANCHOR);
    assert_int_equal(trace.runs[0].mip.lifetime_s, 300);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(trace.messages[i].mip.judged[LK_MIP_MN_HA_AUTH], LK_TRACE_RIGHT);
    explain(0);
    assert_false(told.failed);
    assert_int_equal(told.count, 0);
    assert_non_null(strstr(told.where, "by way of a foreign agent, for 300 s"));
    lk_trace_free(&trace);
}

static void a_retry_goes_on_and_a_move_is_another_run(void **state)
{
    const struct lk_capture_end there = { .address = { 127, 0, 0, 10 }, .port = 40001 };
    uint8_t room[512];
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9 };
    struct said s = { .code = LK_MIP_CODE_HA_IDENTIFICATION };

    begin(true);
    a.identification = time_of(-240);
    s.identification = time_of(0) >> 32 << 32 | (uint32_t)a.identification;
    add(&node, &ha, request(room, &a));
    add(&ha, &node, reply(room, &s));
    s = (struct said){ .lifetime_s = 600, .identification = time_of(0) };
    a.identification = s.identification;
    add(&node, &ha, request(room, &a));
    add(&ha, &node, reply(room, &s));
    add(&ha, &node, tunnel(room, 3, 77));
    a.identification = s.identification = time_of(1);
    a.care_of = 10;
    add(&there, &ha, request(room, &a));
    add(&ha, &there, reply(room, &s));
    add(&there, &ha, tunnel(room, 77, 3));
    end();
    assert_int_equal(trace.run_count, 2);
    assert_int_equal(trace.runs[0].count, 5);
    assert_int_equal(trace.runs[1].mip.packets, 1);
    assert_lanes(4, LK_LANE_ANCHOR, LK_LANE_MN);
    explain(0);
    assert_false(told.failed);
    assert_cause(LK_CAUSE_MIP_CLOCK, LK_PROVEN);
    assert_non_null(strstr(told.causes[0].evidence, "is 240 s behind the agent's clock"));
    assert_non_null(strstr(told.where, "after 1 refusal."));
    lk_trace_free(&trace);
}

/* ---- codes ---- */

/* spec: RFC 5944 3.4 - what each code means; what the home agent says is proven by its
 * authenticator, what a foreign agent says by nothing. */
static void each_code_has_its_cause(void **state)
{
    static const struct {
        uint8_t code;
        enum lk_cause cause;
        enum lk_certainty certainty;
    } rows[] = {
        { LK_MIP_CODE_FA_RESOURCES, LK_CAUSE_MIP_POLICY, LK_POSSIBLE },
        { LK_MIP_CODE_FA_LIFETIME, LK_CAUSE_MIP_LIFETIME, LK_POSSIBLE },
        { LK_MIP_CODE_FA_POOR_REQUEST, LK_CAUSE_MIP_POOR, LK_POSSIBLE },
        { LK_MIP_CODE_FA_CARE_OF, LK_CAUSE_MIP_CARE_OF, LK_POSSIBLE },
        { LK_MIP_CODE_FA_TIMEOUT, LK_CAUSE_MIP_HA_SILENT, LK_POSSIBLE },
        { LK_MIP_CODE_FA_HA_PORT, LK_CAUSE_MIP_HA_SILENT, LK_POSSIBLE },
        { LK_MIP_CODE_FA_CHALLENGE_MISSING, LK_CAUSE_MIP_CHALLENGE, LK_PROVEN },
        { LK_MIP_CODE_FA_MISSING_MN_FA, LK_CAUSE_MIP_MN_FA, LK_POSSIBLE },
        { LK_MIP_CODE_HA_PROHIBITED, LK_CAUSE_MIP_CARE_OF, LK_POSSIBLE },
        { LK_MIP_CODE_HA_RESOURCES, LK_CAUSE_MIP_POLICY, LK_PROVEN },
        { LK_MIP_CODE_HA_MN_AUTH, LK_CAUSE_MIP_KEY, LK_POSSIBLE },
        { LK_MIP_CODE_HA_FA_AUTH, LK_CAUSE_MIP_POOR, LK_PROVEN },
        { LK_MIP_CODE_HA_POOR_REQUEST, LK_CAUSE_MIP_POOR, LK_PROVEN },
        { LK_MIP_CODE_HA_UNKNOWN, LK_CAUSE_MIP_HOME_AGENT, LK_PROVEN },
        { LK_MIP_CODE_HA_REVERSE_MANDATORY, LK_CAUSE_MIP_TUNNEL, LK_PROVEN },
        { LK_MIP_CODE_HA_ENCAPSULATION, LK_CAUSE_MIP_TUNNEL, LK_PROVEN },
    };
    uint8_t room[512];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9 };
        struct said s = { .code = rows[i].code, .unsigned_ = rows[i].code < 128 };

        begin(true);
        s.identification = a.identification = time_of(0);
        add(&node, &ha, request(room, &a));
        add(&ha, &node, reply(room, &s));
        end();
        explain(0);
        assert_true(told.failed);
        assert_cause(rows[i].cause, rows[i].certainty);
        assert_non_null(strstr(told.where, s.unsigned_ ? "The foreign agent refused with code"
                                                       : "The home agent refused with code"));
        lk_trace_free(&trace);
    }
}

/* spec: RFC 4721 3.2 - 106: the challenge was used; that message is named. */
static void a_challenge_that_was_used(void **state)
{
    uint8_t room[512];
    struct asked a = { .flags = 0, .lifetime_s = 600, .care_of = 8, .challenge = 5 };
    struct said s = { .lifetime_s = 600 };

    begin(false);
    for (unsigned i = 0; i < 2; i++) {
        s.identification = a.identification = time_of(0);
        add(&node, &fa, request(room, &a));
        s.code = i == 0 ? LK_MIP_CODE_ACCEPTED : LK_MIP_CODE_FA_CHALLENGE_STALE;
        add(&fa, &node, reply(room, &s));
    }
    end();
    explain(1);
    assert_cause(LK_CAUSE_MIP_CHALLENGE, LK_PROVEN);
    assert_non_null(strstr(told.causes[0].evidence, "message 1 had the challenge"));
    lk_trace_free(&trace);
}

/* spec: RFC 5944 5.7.2 - a high half that is no time is a nonce. */
static void a_nonce_is_no_clock(void **state)
{
    uint8_t room[512];
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9, .identification = 7 };
    struct said s = { .code = LK_MIP_CODE_HA_IDENTIFICATION,
                      .identification = 0x1234567800000007u };

    begin(true);
    add(&node, &ha, request(room, &a));
    add(&ha, &node, reply(room, &s));
    end();
    explain(0);
    assert_cause(LK_CAUSE_MIP_NONCE, LK_PROVEN);
    lk_trace_free(&trace);
}

/* spec: RFC 5944 5.7.1 - what is within the window and the newest is refused for another reason. */
static void a_home_agent_that_began_anew(void **state)
{
    uint8_t room[512];
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9 };
    struct said s = { .code = LK_MIP_CODE_HA_IDENTIFICATION };

    begin(true);
    s.identification = a.identification = time_of(0);
    add(&node, &ha, request(room, &a));
    add(&ha, &node, reply(room, &s));
    end();
    explain(0);
    assert_cause(LK_CAUSE_MIP_QUARANTINE, LK_POSSIBLE);
    lk_trace_free(&trace);
}

/* T24, T25, spec: RFC 3957 6 - a nonce behind the authenticator, for two keys, again, or missing;
 * control: one as it must be. */
static void nonces_and_their_order(void **state)
{
    static const struct {
        struct said said;
        enum lk_cause cause; /* COUNT: none */
    } rows[] = {
        { { .lifetime_s = 60, .nonce = 1 }, LK_CAUSE_COUNT },
        { { .lifetime_s = 60, .nonce = 1, .behind = true }, LK_CAUSE_MIP_ORDER },
        { { .lifetime_s = 60, .nonce = 1, .both = true }, LK_CAUSE_MIP_NONCE_AGAIN },
        { { .lifetime_s = 60 }, LK_CAUSE_MIP_KEYS_DUE },
    };
    uint8_t room[512];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        for (unsigned times = 1; times <= 2; times++) {
            struct asked a = { .flags = 0x22, .lifetime_s = 60, .care_of = 9, .wants_key = true };
            struct said s = rows[i].said;

            begin(true);
            for (unsigned k = 0; k < times; k++) {
                s.identification = a.identification = time_of(0);
                add(&node, &ha, request(room, &a));
                add(&ha, &node, reply(room, &s));
            }
            end();
            explain(times - 1);
            assert_false(told.failed);
            if (times == 2 && s.nonce > 0)
                assert_true(told.count > 0);
            else if (rows[i].cause == LK_CAUSE_COUNT)
                assert_int_equal(told.count, 0);
            else
                assert_cause(rows[i].cause, LK_PROVEN);
            if (times == 2 && i == 0)
                assert_cause(LK_CAUSE_MIP_NONCE_AGAIN, LK_PROVEN);
            lk_trace_free(&trace);
        }
}

/* ---- MIPv6 ---- */

/* The update of another hand in an IPv6 packet, whose checksum is that of the sample. */
static struct lk_span packet6(uint8_t room[256], const json_t *v, const char *care_of)
{
    struct vector_octets octets = vector_hex(v, "mh_on_wire");
    struct lk_mip6_packet packet = { .way = LK_MIP6_HOME_OPTION,
                                     .message = vector_span(&octets) };
    struct lk_writer w = lk_writer_of(room, 256);

    assert_int_equal(lk_address_parse(&packet.source, care_of), LK_OK);
    assert_int_equal(lk_address_parse(&packet.destination, "2001:db8:1::1"), LK_OK);
    assert_int_equal(lk_address_parse(&packet.home, "2001:db8:45::7"), LK_OK);
    assert_int_equal(lk_mip6_write(&w, &packet), LK_OK);
    return lk_writer_span(&w);
}

static void keep6(void)
{
    static const uint8_t spis[8] = { 0, 0, 0x10, 1, 0, 0, 0x10, 1 };
    const struct lk_span parts[] = { lk_span_text(IMSI), LK_SPAN(spis) };
    struct lk_app_key_log entry;
    uint8_t key[16];

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(0x80 + i);
    assert_int_equal(lk_app_key_log_of(&entry, LK_APP_KEY_LOG_MN_HA, parts, 2, LK_SPAN(key)),
                     LK_OK);
    entry.number = LK_MIP_HMAC_SHA1;
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK);
}

static void add6(struct lk_span octets)
{
    const struct lk_capture_end agent = { .address = { 127, 0, 0, 1 }, .port = 4191 };
    struct lk_trace_packet packet = { .at_ns = now_ms * MS,
                                      .datagram = { .carrier = LK_CARRIER_UDP, .from = node,
                                                    .to = agent, .payload = octets } };

    assert_int_equal(lk_trace_protocol_for(&packet.datagram), LK_TRACE_MIP6);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_MIP6, &packet), LK_OK);
}

/* spec: RFC 4285 5 - the authenticator covers the care-of address of the packet. T10: one that is
 * not what was signed is named. */
static void an_update_in_udp(void **state)
{
    json_t *file = vectors_load("mip6-rfc4285");
    const json_t *v = vectors_find(file, "vectors", "bu-mnha");
    char name[LK_TRACE_NAME_MAX];
    uint8_t room[256];

    begin(false);
    keep6();
    add6(packet6(room, v, "2001:db8:99::23"));
    add6(packet6(room, v, "2001:db8:99::66"));
    end();
    lk_trace_message_name(name, &trace.messages[0]);
    assert_string_equal(name, "Binding Update");
    assert_true(trace.runs[0].mip.v6);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_SILENT);
    assert_int_equal(trace.messages[0].mip.judged[LK_AUTH_MN_HA - 1], LK_TRACE_RIGHT);
    assert_int_equal(trace.messages[1].mip.judged[LK_AUTH_MN_HA - 1], LK_TRACE_WRONG);
    assert_lanes(0, LK_LANE_MN, LK_LANE_ANCHOR);
    explain(0);
    assert_true(told.failed);
    lk_trace_free(&trace);
    json_decref(file);
}

/* ---- what comes to nothing ---- */

static void nobody(void *context, const struct lk_field *field)
{
}

/* All that is shown of a message, whatever it is. */
static void show(size_t index)
{
    char name[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];

    lk_trace_message_name(name, &trace.messages[index]);
    lk_trace_carrier_name(summary, &trace.messages[index]);
    lk_trace_summary(summary, &trace.messages[index]);
    lk_fields_visit(&trace.messages[index], NULL, nobody, NULL);
    if (trace.run_count > 0)
        explain(0);
}

static void cut(struct lk_span octets, bool v6)
{
    for (size_t len = 0; len <= octets.len; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1);

        assert_non_null(exact);
        memcpy(exact, octets.at, len);
        begin(true);
        if (v6)
            add6(lk_span_of(exact, len));
        else
            add(&node, &ha, lk_span_of(exact, len));
        end();
        show(0);
        lk_trace_free(&trace);
        free(exact);
    }
}

static void cut_at_every_octet(void **state)
{
    static const struct {
        const char *file, *octets;
    } files[] = { { "mip4-auth", "message" }, { "mip4-challenge", "message" },
                  { "mip4-rfc3957", "message" } };
    json_t *file = vectors_load("mip6-rfc4285");
    uint8_t room[512];
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9, .wants_key = true,
                       .agent_signs = true, .challenge = 3 };
    struct said s = { .lifetime_s = 600, .nonce = 4, .both = true };

    begin(true);
    lk_trace_free(&trace);
    cut(request(room, &a), false);
    cut(reply(room, &s), false);
    cut(tunnel(room, 77, 3), false);
    cut(packet6(room, vectors_find(file, "vectors", "bu-mnha"), "2001:db8:99::23"), true);
    json_decref(file);
    for (size_t i = 0; i < LK_COUNT_OF(files); i++) {
        const json_t *v;
        size_t k;

        file = vectors_load(files[i].file);
        json_array_foreach(vectors_list(file, "vectors"), k, v) {
            struct vector_octets octets;

            if (!vector_has(v, files[i].octets))
                continue;
            octets = vector_hex(v, files[i].octets);
            cut(vector_span(&octets), false);
        }
        json_decref(file);
    }
}

/* An authenticator that is there twice is answered with 131, and nothing else is read of it. */
static void an_authenticator_twice(void **state)
{
    uint8_t room[512], twice[512];
    struct asked a = { .flags = 0x22, .lifetime_s = 600, .care_of = 9 };
    struct said s = { .code = LK_MIP_CODE_HA_MN_AUTH };
    struct lk_span octets;
    size_t auth = 2 + 4 + 32;

    begin(true);
    s.identification = a.identification = time_of(0);
    octets = request(room, &a);
    memcpy(twice, octets.at, octets.len);
    memcpy(twice + octets.len, octets.at + octets.len - auth, auth);
    add(&node, &ha, lk_span_of(twice, octets.len + auth));
    add(&ha, &node, reply(room, &s));
    end();
    assert_int_equal(trace.messages[0].status, LK_E_AUTH);
    explain(0);
    assert_cause(LK_CAUSE_MIP_TWICE, LK_PROVEN);
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_a_foreign_agent_are_one_run),
        cmocka_unit_test(a_retry_goes_on_and_a_move_is_another_run),
        cmocka_unit_test(each_code_has_its_cause),
        cmocka_unit_test(a_challenge_that_was_used),
        cmocka_unit_test(a_nonce_is_no_clock),
        cmocka_unit_test(a_home_agent_that_began_anew),
        cmocka_unit_test(nonces_and_their_order),
        cmocka_unit_test(an_update_in_udp),
        cmocka_unit_test(cut_at_every_octet),
        cmocka_unit_test(an_authenticator_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* trace, of LTE-WLAN aggregation: captures that eNBs, WT and device themselves have made, in the
 * right order, in the wrong one, and through a handover; every message cut at every octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/secret.h"
#include "lwa_capture.h"
#include "trace/explain.h"
#include "trace/html.h"
#include "trace/keytree.h"
#include "trace/protocol.h"
#include "trace/rung.h"
#include "wire/nas.h"
#include "wire/pdcp.h"
#include "wire/rrc_attach.h"
#include "wire/uu.h"

static struct lk_trace trace;

/* The names of a run, without repeats, with a bar behind each. */
static char *names_of(size_t run)
{
    static char all[8192];
    char name[LK_TRACE_NAME_MAX];

    all[0] = '\0';
    for (size_t i = 0; i < trace.count; i++) {
        size_t len = strlen(all);

        if (trace.messages[i].run != run)
            continue;
        lk_trace_message_name(name, &trace.messages[i]);
        (void)snprintf(all + len, sizeof all - len, "%s|", name);
    }
    return all;
}

static size_t find(const char *wanted, size_t from)
{
    char name[LK_TRACE_NAME_MAX];

    for (size_t i = from; i < trace.count; i++) {
        lk_trace_message_name(name, &trace.messages[i]);
        if (strcmp(name, wanted) == 0)
            return i;
    }
    fail_msg("there is no %s", wanted);
    return LK_TRACE_NONE;
}

static void goes(size_t index, enum lk_lane from, enum lk_lane to, enum lk_rung_kind kind)
{
    struct lk_rung rung;

    lk_rung_of(&rung, &trace, index);
    assert_int_equal(rung.from, from);
    assert_int_equal(rung.to, to);
    assert_int_equal(rung.kind, kind);
}

static struct lk_explanation explained(size_t run)
{
    const struct lk_explain_facts facts = { .card = NULL };
    struct lk_explanation e;

    lk_explain(&e, &trace, run, &facts);
    return e;
}

#define FOUR(what) "Message 1 of 4" what "|Message 2 of 4" what "|Message 3 of 4" what             \
                   "|Message 4 of 4" what "|"

/* spec: IEEE 802.11 12.7.1.3 - PMKIDs and PTKs are those of the S-KWTs that the WT was given. */
static void a_rekey_is_shown_and_its_data_opened(void **state)
{
    size_t m1, data = 0;

    lwa_capture_load(&trace, LWA_RIGHT_ORDER, LWA_ALL_KEYS);
    assert_int_equal(trace.runs[0].kind, LK_TRACE_ASSOCIATION);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_ACCEPTED);
    assert_int_equal(trace.runs[0].association.handshakes, 3);
    assert_non_null(strstr(trace.runs[0].title, "02:00:00:00:00:02"));
    assert_non_null(strstr(names_of(0), "Authentication|Authentication|Association Request|"));
    assert_non_null(strstr(names_of(0), FOUR("")));
    m1 = find("Message 1 of 4, re-key", 0);
    goes(m1, LK_LANE_WT, LK_LANE_DEVICE, LK_RUNG_FAST);
    assert_int_equal(trace.messages[m1].wlan.judged, LK_TRACE_RIGHT);
    assert_true(trace.messages[m1].wlan.sealed);
    goes(find("modification-request", 0), LK_LANE_ENB, LK_LANE_WT, LK_RUNG_FAST);
    goes(find("association-confirmation", 0), LK_LANE_WT, LK_LANE_ENB, LK_RUNG_GRANTED);
    goes(find("RRCConnectionReconfiguration", 0), LK_LANE_ENB, LK_LANE_DEVICE, LK_RUNG_FAST);
    goes(find("WLANConnectionStatusReport", 0), LK_LANE_DEVICE, LK_LANE_ENB, LK_RUNG_PLAIN);
    for (size_t i = 0; i < trace.count; i++)
        if (trace.messages[i].protocol == LK_TRACE_WLAN) {
            assert_int_equal(trace.messages[i].wlan.opened, trace.messages[i].wlan.sealed);
            assert_int_not_equal(trace.messages[i].wlan.judged, LK_TRACE_WRONG);
            data += trace.messages[i].wlan.ethertype == LK_LWA_ETHERTYPE;
        }
    assert_int_equal(data, 3);
    assert_false(explained(0).failed);
    lk_trace_free(&trace);
}

/* S-KWT is in no capture that was not asked for it: the re-key stays closed, and no tree has a
 * value. */
static void without_secrets_nothing_is_opened(void **state)
{
    struct lk_keytree tree;

    lwa_capture_load(&trace, LWA_RIGHT_ORDER, LWA_NO_KEYS);
    assert_int_equal(trace.key_count, 0);
    assert_false(trace.has_secrets);
    assert_int_equal(trace.runs[0].association.handshakes, 1);
    assert_true(trace.messages[find("modification-request", 0)].xw.has_key);
    for (size_t i = 0; i < trace.count; i++)
        assert_false(trace.messages[i].protocol == LK_TRACE_WLAN && trace.messages[i].wlan.opened);
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_true(tree.count > 0);
    assert_false(lk_keytree_has_values(&tree));
    lk_trace_free(&trace);
}

/* T50: S3's option 1, as the capture of it explains it, with and without keys.
 * spec: TS 33.401 G.2 - the UE has its counter before the WT has its key, or they do not agree. */
static void the_wrong_order_is_explained(void **state)
{
    for (unsigned secrets = 0; secrets < 2; secrets++) {
        struct lk_explanation e;

        lwa_capture_load(&trace, LWA_WRONG_ORDER, secrets != 0 ? LWA_ALL_KEYS : LWA_NO_KEYS);
        assert_int_equal(trace.run_count, 2);
        assert_int_equal(trace.runs[0].outcome, LK_TRACE_REJECTED);
        assert_string_equal(lk_trace_outcome_name(&trace.runs[0]), "ended");
        assert_int_equal(trace.runs[1].outcome, LK_TRACE_ACCEPTED);
        e = explained(0);
        assert_true(e.failed);
        assert_int_equal(e.causes[0].cause, LK_CAUSE_WT_FIRST);
        assert_int_equal(e.causes[0].certainty, LK_PROVEN);
        assert_false(explained(1).failed);
        goes(find("Deauthentication", 0), LK_LANE_WT, LK_LANE_DEVICE, LK_RUNG_REFUSED);
        lk_trace_free(&trace);
    }
    /* And the right one is not taken for it. */
    lwa_capture_load(&trace, LWA_RIGHT_ORDER, LWA_ALL_KEYS);
    for (size_t i = 0; i < explained(0).count; i++)
        assert_int_not_equal(explained(0).causes[i].cause, LK_CAUSE_WT_FIRST);
    lk_trace_free(&trace);
}

/* spec: TS 33.401 A.3 - KeNB of KASME and the uplink NAS COUNT. */
static void the_key_tree_goes_from_kasme_to_tk(void **state)
{
    static const char *const path[] = { "KASME", "KeNB", "S-KWT", "PTK", "TK" };
    struct lk_keytree tree;
    size_t kenbs = 0, at = LK_TRACE_NONE;

    lwa_capture_load(&trace, LWA_HANDOVER, LWA_ALL_KEYS);
    assert_int_equal(trace.runs[0].association.handshakes, 2);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_ACCEPTED);
    assert_true(trace.messages[find("RRCConnectionReconfiguration", 10)].uu.has_handover);
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    for (size_t i = 0; i < tree.count; i++) {
        kenbs += strcmp(tree.node[i].name, "KeNB") == 0;
        if (at == LK_TRACE_NONE && strcmp(tree.node[i].name, "TK") == 0)
            at = i;
    }
    assert_int_equal(kenbs, 2); /* that of the target cell is not in the capture */
    for (size_t step = LK_COUNT_OF(path); step > 0; step--) {
        assert_string_equal(tree.node[at].name, path[step - 1]);
        assert_true(tree.node[at].has_value || step == 4);
        if (step == 3)
            assert_string_equal(tree.node[at].detail, "WT Counter 0");
        if (step == 2)
            assert_string_equal(tree.node[at].detail, "UL NAS COUNT 1");
        at = tree.node[at].parent;
    }
    lk_wipe(&tree, sizeof tree);
    lk_trace_free(&trace);
}

static void the_page_shows_all_and_no_key(void **state)
{
    struct lk_page page = { .title = "x", .subtitle = "", .trace = &trace };
    char hex[2 * LK_KEY_LOG_KEY_LEN + 1], *text = NULL;
    size_t len = 0;
    FILE *to;

    lwa_capture_load(&trace, LWA_RIGHT_ORDER, LWA_ALL_KEYS);
    to = open_memstream(&text, &len);
    assert_non_null(to);
    lk_page_write(to, &page);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "Message 2 of 4, re-key"));
    assert_non_null(strstr(text, "modification-request"));
    assert_non_null(strstr(text, "lwa-WT-Counter"));
    assert_true(trace.key_count >= 5);
    for (size_t i = 0; i < trace.key_count; i++) {
        assert_int_equal(lk_hex_encode(hex, sizeof hex, LK_SPAN(trace.keys[i].key)), LK_OK);
        assert_null(strstr(text, hex));
        hex[32] = '\0';
        assert_null(strstr(text, hex));
    }
    free(text);
    lk_trace_free(&trace);
}

static void add(enum lk_trace_protocol_id id, enum lk_carrier carrier, struct lk_capture_end from,
                struct lk_capture_end to, struct lk_span octets)
{
    struct lk_trace_packet packet = { .at_ns = trace.count,
                                      .datagram = { .carrier = carrier, .from = from, .to = to,
                                                    .payload = octets } };

    assert_int_equal(lk_trace_add(&trace, id, &packet), LK_OK);
}

/* Every message of a capture, cut at every octet, is a message that is shown; nothing is read
 * beyond it (ASan). */
static void every_cut_is_shown(void **state)
{
    struct lk_trace whole;
    char name[LK_TRACE_NAME_MAX], text[LK_TRACE_SUMMARY_MAX];
    struct lk_rung rung;

    lwa_capture_load(&trace, LWA_RIGHT_ORDER, LWA_ALL_KEYS);
    whole = trace;
    for (size_t i = 0; i < whole.count; i++) {
        const struct lk_trace_message *m = &whole.messages[i];

        lk_trace_init(&trace);
        for (size_t k = 0; k < whole.key_count; k++)
            assert_int_equal(lk_trace_keep_key(&trace, &whole.keys[k]), LK_OK);
        for (size_t cut = 0; cut <= m->octets.len; cut++) {
            uint8_t *exact = malloc(cut + 1);

            memcpy(exact, m->octets.at, cut);
            add(m->protocol, m->carrier, m->from, m->to, lk_span_of(exact, cut));
            free(exact);
        }
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        for (size_t at = 0; at < trace.count; at++) {
            lk_trace_message_name(name, &trace.messages[at]);
            assert_true(name[0] != '\0');
            lk_trace_carrier_name(name, &trace.messages[at]);
            lk_trace_summary(text, &trace.messages[at]);
            lk_rung_of(&rung, &trace, at);
        }
        lk_trace_free(&trace);
    }
    lk_trace_free(&whole);
}

/* A capture that lacks message 4 of a re-key opens what came under the new key all the same. */
static void data_is_opened_without_message_4(void **state)
{
    struct lk_trace whole;
    size_t m4, data = 0;

    lwa_capture_load(&trace, LWA_HANDOVER, LWA_ALL_KEYS);
    m4 = find("Message 4 of 4, re-key", 0);
    whole = trace;
    lk_trace_init(&trace);
    for (size_t i = 0; i < whole.count; i++)
        if (i != m4)
            add(whole.messages[i].protocol, whole.messages[i].carrier, whole.messages[i].from,
                whole.messages[i].to, whole.messages[i].octets);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    for (size_t i = 0; i < trace.count; i++)
        data += trace.messages[i].protocol == LK_TRACE_WLAN && trace.messages[i].wlan.opened &&
                trace.messages[i].wlan.ethertype == LK_LWA_ETHERTYPE;
    assert_int_equal(data, 2);
    assert_int_equal(trace.runs[0].association.handshakes, 1);
    lk_trace_free(&trace);
    lk_trace_free(&whole);
}

/* EAPOL in frames of Ethernet, and NAS in RRC. */
static void other_carriers_are_rows_too(void **state)
{
    static const struct lk_capture_end ap = { .mac = true, .address = { 2, 0, 0, 0, 0, 1 } };
    static const struct lk_capture_end sta = { .mac = true, .address = { 2, 0, 0, 0, 0, 2 } };
    static const struct lk_capture_end phone = { .address = { 127, 0, 0, 5 }, .port = 50000 };
    static const struct lk_capture_end enb = { .address = { 127, 0, 0, 1 }, .port = 36500 };
    struct lk_eapol_key key = lk_eapol_key_of(LK_EAPOL_M1, 2, false);
    struct lk_rrc_attach nas = { .type = LK_RRC_DOWNLINK_NAS, .nas_len = 3,
                                 .nas = { 7, LK_NAS_AUTHENTICATION_REJECT, 0 } };
    struct lk_uu_hello hello = { .mac = { 2, 0, 0, 0, 0, 2 } };
    uint8_t octets[256], pdu[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets), p = lk_writer_of(pdu, sizeof pdu);
    struct lk_uu uu = { .downlink = true };
    struct lk_datagram d = { .carrier = LK_CARRIER_ETHER, .number = LK_EAPOL_ETHERTYPE };

    lk_trace_init(&trace);
    key.nonce[0] = 1;
    assert_int_equal(lk_eapol_key_encode(&w, &key), LK_OK);
    d.payload = lk_writer_span(&w);
    assert_int_equal(lk_trace_protocol_for(&d), LK_TRACE_WLAN);
    add(LK_TRACE_WLAN, LK_CARRIER_ETHER, ap, sta, d.payload);

    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_imsi_parse(&hello.imsi, lk_span_text("001010000000001")), LK_OK);
    assert_int_equal(lk_uu_hello_encode(&w, &hello), LK_OK);
    add(LK_TRACE_UU, LK_CARRIER_UDP, phone, enb, lk_writer_span(&w));
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_rrc_attach_encode(&w, &nas), LK_OK);
    assert_int_equal(lk_pdcp_encode(&p, 3, lk_writer_span(&w)), LK_OK);
    lk_put_zeroes(&p, LK_PDCP_MAC_LEN);
    uu.pdu = lk_writer_span(&p);
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_uu_encode(&w, &uu), LK_OK);
    d = (struct lk_datagram){ .carrier = LK_CARRIER_UDP, .payload = lk_writer_span(&w) };
    assert_int_equal(lk_trace_protocol_for(&d), LK_TRACE_UU);
    add(LK_TRACE_UU, LK_CARRIER_UDP, enb, phone, d.payload);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 1);
    assert_int_equal(find("Message 1 of 4", 0), 0);
    goes(0, LK_LANE_WT, LK_LANE_DEVICE, LK_RUNG_CHALLENGE);
    assert_int_equal(find(lk_nas_type_name(LK_NAS_AUTHENTICATION_REJECT), 0), 2);
    goes(2, LK_LANE_ENB, LK_LANE_DEVICE, LK_RUNG_REFUSED);
    lk_trace_free(&trace);
}

/* ---- made by hand ---- */

static const struct lk_capture_end ap_end = { .mac = true, .address = { 2, 0, 0, 0, 0, 1 } };
static const struct lk_capture_end sta_end = { .mac = true, .address = { 2, 0, 0, 0, 0, 2 } };

static void add_key(uint8_t octet, uint16_t counter)
{
    struct lk_key_log entry = { .kind = LK_KEY_LOG_S_KWT, .station = { 2, 0, 0, 0, 0, 2 },
                                .number = counter };

    memset(entry.key, octet, sizeof entry.key);
    assert_int_equal(lk_trace_keep_key(&trace, &entry), LK_OK);
    assert_int_equal(lk_trace_keep_key(&trace, &entry), LK_OK); /* once */
}

/* Message 1 or 2 of AKM 6, in Ethernet, under a PMK of that octet. */
static void add_message(enum lk_eapol_message message, uint8_t octet)
{
    struct lk_ptk_input in = { .aa = { 2, 0, 0, 0, 0, 1 }, .spa = { 2, 0, 0, 0, 0, 2 },
                               .anonce = { 1 }, .snonce = { 2 } };
    struct lk_eapol_key key = lk_eapol_key_of(message, LK_KEY_VERSION_CMAC, false);
    bool first = message == LK_EAPOL_M1;
    uint8_t octets[256], data[64], pmkid[LK_PMKID_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets), d = lk_writer_of(data, sizeof data);
    struct lk_eapol_key_data kde = { .pmkid = first ? LK_SPAN(pmkid) : lk_span_of(NULL, 0) };
    struct lk_rsne rsne = lk_rsne_of(LK_AKM_PSK_SHA256, 0, lk_span_of(NULL, 0));
    struct lk_pmk pmk;
    struct lk_ptk ptk;

    memset(pmk.octets, octet, sizeof pmk.octets);
    lk_pmkid_derive(pmkid, LK_AKM_PSK_SHA256, &pmk, in.aa, in.spa);
    lk_ptk_derive(&ptk, LK_AKM_PSK_SHA256, &pmk, &in);
    assert_int_equal(first ? lk_eapol_key_data_encode(&d, &kde) : lk_rsne_encode(&d, &rsne), LK_OK);
    key.data = lk_writer_span(&d);
    key.nonce[0] = first ? 1 : 2;
    assert_int_equal(lk_eapol_key_encode(&w, &key), LK_OK);
    if (!first)
        assert_int_equal(lk_eapol_mic(octets + LK_EAPOL_MIC_AT, &ptk.kck, LK_KEY_VERSION_CMAC,
                                      lk_writer_span(&w)), LK_OK);
    add(LK_TRACE_WLAN, LK_CARRIER_ETHER, first ? ap_end : sta_end, first ? sta_end : ap_end,
        lk_writer_span(&w));
}

static void add_end(enum lk_80211_reason reason)
{
    struct lk_80211_header header = { .kind = LK_80211_DEAUTHENTICATION,
                                      .a1 = { 2, 0, 0, 0, 0, 2 }, .a2 = { 2, 0, 0, 0, 0, 1 },
                                      .a3 = { 2, 0, 0, 0, 0, 1 } };
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_le16(&w, (uint16_t)reason);
    add(LK_TRACE_WLAN, LK_CARRIER_80211, ap_end, sta_end, lk_writer_span(&w));
}

/* A frame of the device or of the access point, whose body is already there. */
static void add_frame(uint8_t kind, bool of_device, struct lk_span body)
{
    struct lk_80211_header header = { .kind = kind, .a1 = { 2, 0, 0, 0, 0, of_device ? 1 : 2 },
                                      .a2 = { 2, 0, 0, 0, 0, of_device ? 2 : 1 },
                                      .a3 = { 2, 0, 0, 0, 0, 1 } };
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_span(&w, body);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    add(LK_TRACE_WLAN, LK_CARRIER_80211, of_device ? sta_end : ap_end,
        of_device ? ap_end : sta_end, lk_writer_span(&w));
}

static void add_request(enum lk_akm akm)
{
    static const uint8_t rates[] = { 0x82 };
    struct lk_rsne rsne = lk_rsne_of((uint8_t)akm, 0, lk_span_of(NULL, 0));
    struct lk_80211_association_request m = { .elements = { .ssid = lk_span_text("lat\tchkey"),
                                                            .rates = LK_SPAN(rates) } };
    uint8_t octets[128], element[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets),
                     e = lk_writer_of(element, sizeof element);

    assert_int_equal(lk_rsne_encode(&e, &rsne), LK_OK);
    m.elements.rsne = lk_writer_span(&e);
    assert_int_equal(lk_80211_association_request_encode(&w, &m), LK_OK);
    add_frame(LK_80211_ASSOCIATION_REQUEST, true, lk_writer_span(&w));
}

static void add_response(uint16_t code)
{
    static const uint8_t rates[] = { 0x82 };
    struct lk_80211_association_response m = { .status = code,
                                               .elements = { .rates = LK_SPAN(rates) } };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_80211_association_response_encode(&w, &m), LK_OK);
    add_frame(LK_80211_ASSOCIATION_RESPONSE, false, lk_writer_span(&w));
}

/* A refusal is explained by its status, with what the request had. */
static void a_status_tells_what_to_mend(void **state)
{
    static const struct {
        uint16_t code;
        enum lk_cause cause;
        const char *evidence;
    } rows[] = {
        { LK_80211_REFUSED, LK_CAUSE_SSID, "status 1; the request names SSID 'lat.chkey'" },
        { LK_80211_INVALID_AKM, LK_CAUSE_AKM, "status 43; the request offers psk" },
        { LK_80211_INVALID_PMKID, LK_CAUSE_S_KWT,
          "the PMKID in the request is of no key that the WT has" },
        { LK_80211_FULL, LK_CAUSE_STATION, "status 17" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_explanation e;

        lk_trace_init(&trace);
        add_request(LK_AKM_PSK);
        add_response(rows[i].code);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        e = explained(0);
        assert_true(e.failed);
        assert_int_equal(e.causes[0].cause, rows[i].cause);
        assert_string_equal(e.causes[0].evidence, rows[i].evidence);
        lk_trace_free(&trace);
    }
}

/* Authentication requests to an address that nobody has. */
static void silence_is_explained(void **state)
{
    static const uint8_t body[] = { 0, 0, 1, 0, 0, 0 }, answer[] = { 0, 0, 2, 0, 0, 0 };

    for (unsigned answered = 0; answered < 2; answered++) {
        struct lk_explanation e;

        lk_trace_init(&trace);
        for (unsigned i = 0; i < 3; i++)
            add_frame(LK_80211_AUTHENTICATION, true, LK_SPAN(body));
        if (answered)
            add_frame(LK_80211_AUTHENTICATION, false, LK_SPAN(answer));
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        e = explained(0);
        assert_int_equal(e.failed, !answered);
        if (!answered) {
            assert_string_equal(e.where, "Nobody answers as 02:00:00:00:00:01.");
            assert_int_equal(e.causes[0].cause, LK_CAUSE_NO_ACCESS_POINT);
        }
        lk_trace_free(&trace);
    }
}

/* T50: a device that answers with the key it has: message 2 tells which, when the capture has both.
 * An unknown one is another S-KWT, and no proof of the order. */
static void message_2_tells_which_key(void **state)
{
    static const struct {
        uint8_t first, second;
        enum lk_cause cause;
        enum lk_certainty certainty;
    } rows[] = {
        { 0xbb, 0xaa, LK_CAUSE_WT_FIRST, LK_PROVEN },
        { 0xaa, 0xbb, LK_CAUSE_S_KWT, LK_PROVEN },
        { 0xbb, 0xcc, LK_CAUSE_S_KWT, LK_PROVEN },
        { 0xbb, 0xbb, LK_CAUSE_S_KWT, LK_POSSIBLE },
        { 0xcc, 0xcc, LK_CAUSE_S_KWT, LK_POSSIBLE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_explanation e;

        lk_trace_init(&trace);
        add_key(0xaa, 0);
        add_key(0xbb, 1);
        add_message(LK_EAPOL_M1, rows[i].first);
        add_message(LK_EAPOL_M2, rows[i].second);
        add_end(LK_80211_REASON_HANDSHAKE_TIMEOUT);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        assert_int_equal(trace.key_count, 2);
        assert_int_equal(trace.run_count, 1);
        assert_int_equal(trace.messages[0].wlan.judged,
                         rows[i].first == 0xcc ? LK_TRACE_WRONG : LK_TRACE_RIGHT);
        assert_int_equal(trace.messages[1].wlan.judged,
                         rows[i].second == 0xcc ? LK_TRACE_WRONG : LK_TRACE_RIGHT);
        e = explained(0);
        assert_true(e.failed);
        assert_int_equal(e.causes[0].cause, rows[i].cause);
        assert_int_equal(e.causes[0].certainty, rows[i].certainty);
        if (rows[i].cause == LK_CAUSE_WT_FIRST)
            assert_string_equal(e.causes[0].evidence, "message 1 names the S-KWT of WT Counter 1, "
                                "message 2 is under the S-KWT of WT Counter 0");
        lk_trace_free(&trace);
    }
}

/* Only a message in clear is XwAP there; what TCP carried is joined by trace/xw_read. */
static void xwap_in_clear_is_a_row(void **state)
{
    static const struct lk_capture_end enb = { .address = { 127, 0, 0, 1 }, .port = 36462 };
    struct lk_xwap m = { .type = LK_XWAP_RELEASE_REQUIRED, .enb_ue_id = 1, .wt_ue_id = 2 };
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_datagram d = { .carrier = LK_CARRIER_OPENED, .dissector = lk_span_text("xwap"),
                             .from = enb, .to = enb };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_CAUSE);
    assert_int_equal(lk_xwap_encode(&w, &m), LK_OK);
    d.payload = lk_writer_span(&w);
    assert_int_equal(lk_trace_protocol_for(&d), LK_TRACE_XW);
    lk_trace_init(&trace);
    add(LK_TRACE_XW, LK_CARRIER_OPENED, enb, enb, d.payload);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.messages[0].run, LK_TRACE_NONE); /* whose addition is not there */
    goes(0, LK_LANE_WT, LK_LANE_ENB, LK_RUNG_PLAIN);
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rekey_is_shown_and_its_data_opened),
        cmocka_unit_test(without_secrets_nothing_is_opened),
        cmocka_unit_test(the_wrong_order_is_explained),
        cmocka_unit_test(a_status_tells_what_to_mend),
        cmocka_unit_test(silence_is_explained),
        cmocka_unit_test(the_key_tree_goes_from_kasme_to_tk),
        cmocka_unit_test(the_page_shows_all_and_no_key),
        cmocka_unit_test(every_cut_is_shown),
        cmocka_unit_test(data_is_opened_without_message_4),
        cmocka_unit_test(other_carriers_are_rows_too),
        cmocka_unit_test(message_2_tells_which_key),
        cmocka_unit_test(xwap_in_clear_is_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/mis: lists of TLVs: all there and back under two sets of codes, what comes twice, what is
 * not known, what a message must have, and each TLV that is not well made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/mis.h"

enum { LIST_MAX = 2048 };

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static const struct lk_mis_header discovery = { .id = 0x1401 };

/* Every number another, and bitmaps turned round. */
static struct lk_mis_codes other_codes(void)
{
    struct lk_mis_codes other = *codes;

    for (unsigned i = 0; i < LK_MIS_OWN_COUNT; i++)
        other.tlv[i] = (uint8_t)(i < 12 ? 64 + i : 101 + i);
    for (unsigned i = 0; i < LK_MIS_SUITE_COUNT; i++)
        other.suite[i] = (uint8_t)(0x80 + i);
    for (unsigned i = 0; i < LK_MIS_PRF_COUNT; i++)
        other.prf[i] = (uint8_t)(7 - i);
    for (unsigned i = 0; i < LK_MIS_REASON_COUNT; i++)
        other.reason[i] = (uint8_t)(100 + i);
    for (unsigned i = 0; i < LK_MIS_ORIGIN_COUNT; i++)
        other.origin[i] = (uint8_t)(9 - i);
    other.least_bit_first = true;
    assert_int_equal(lk_mis_codes_check(&other), LK_OK);
    return other;
}

static const uint8_t nonce_t[LK_MIS_NONCE_LEN] = { 0xa0 }, nonce_n[LK_MIS_NONCE_LEN] = { 0x50 };
static const uint8_t auth[LK_MIS_AUTH_LEN] = { 7 }, dh[LK_MIS_DH_LEN] = { 9 }, k[64] = { 1 };
static const uint8_t suites[] = { 1, 2 }, mac[] = { 0, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const uint8_t targets[] = { 2, 0, 1, 'n', 1, 1, 3, 1, 'a' };
static const uint8_t link_keys[] = { 1, 19, 3, 0, 0, 1, 'k', 0, 0, 0, 9 };
static const uint8_t link_types[] = { 19, 23 }, list_of_one[] = { 1, 2, 3 };

static void fill_security(struct lk_mis_message *m)
{
    m->said = (struct lk_mis_said){ LK_MIS_SA_SPOS, lk_span_text("Zabc") };
    m->nonce_t = LK_SPAN(nonce_t);
    m->nonce_n = LK_SPAN(nonce_n);
    m->auth_info = lk_span_text("eap");
    m->auth = LK_SPAN(auth);
    m->suites = LK_SPAN(suites);
    m->prfs = 1 << LK_MIS_PRF_HMAC_SHA256;
    m->envelope = (struct lk_mis_key_envelope){ LK_SPAN(k), 3600, 1, 3, LK_MIS_ORIGIN_ERP };
    m->lifetime_s = 1800;
    m->pos.id = lk_span_text("tpos@b.example");
    assert_int_equal(lk_address_parse(&m->pos.address, "2001:db8::7"), LK_OK);
    m->pos.port = LK_MIS_PORT;
    m->chain = (struct lk_mis_chain){ 2, 3 };
    m->link_frames = lk_span_text("frames");
    m->capability = (struct lk_mis_capability){ true, true, LK_MIS_KEYS_PROACTIVE_PULL,
                                                LK_MIS_INTEGRITY_CMAC_AES, LK_MIS_CIPHER_CCM, 5 };
    m->reason = LK_MIS_REASON_CHAIN_LIMIT;
    m->dh = LK_SPAN(dh);
    m->link_types = LK_SPAN(link_types);
    m->start_mark = lk_span_text("mark");
    m->link_keys = LK_SPAN(link_keys);
    m->place = (struct lk_mis_place){ { -33868800, 151209300 }, 250 };
}

/* All TLVs. */
static struct lk_mis_message full_message(void)
{
    struct lk_mis_link_addr poa = { LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, LK_SPAN(mac) };
    struct lk_mis_message m = { .status = LK_MIS_AUTH_FAILURE, .link_type = LK_MIS_LINK_80211 };

    for (unsigned tlv = 0; tlv < LK_MIS_TLV_COUNT; tlv++)
        lk_mis_mark(&m, (enum lk_mis_tlv)tlv);
    m.events = 0x81, m.commands = 0x3e, m.queries = UINT64_C(1) << 40;
    m.transports = 3, m.mobility = 0x8000, m.ip_methods = 0x10;
    m.register_code = 1, m.valid_s = 3600, m.ip_renewal = true;
    m.link = (struct lk_mis_link_tuple){ { LK_MIS_LINK_80211, poa }, true, poa };
    m.new_link = (struct lk_mis_link_tuple){ { LK_MIS_LINK_80211, poa }, false, poa };
    m.old_router = poa, m.new_router = poa;
    m.link_down_reason = 4, m.going_down_reason = 3, m.interval_ms = 500;
    assert_int_equal(lk_address_parse(&m.access_router, "192.0.2.1"), LK_OK);
    m.mn = lk_span_text("mn1@home.example");
    m.target = (struct lk_mis_target){ .network = lk_span_text("ssid") };
    m.targets = LK_SPAN(targets);
    m.link_addresses = LK_SPAN(list_of_one), m.mbb = LK_SPAN(list_of_one);
    m.detected = LK_SPAN(list_of_one);
    m.vendor = lk_span_text("OUI and more");
    fill_security(&m);
    return m;
}

static void assert_same(const struct lk_mis_message *a, const struct lk_mis_message *b)
{
    assert_true(a->present == b->present);
    assert_int_equal(a->status, b->status);
    assert_true(a->events == b->events && a->queries == b->queries);
    assert_true(a->mobility == b->mobility && a->ip_methods == b->ip_methods);
    assert_int_equal(a->valid_s, b->valid_s);
    assert_int_equal(a->interval_ms, b->interval_ms);
    assert_int_equal(a->ip_renewal, b->ip_renewal);
    assert_true(a->link.has_poa == b->link.has_poa &&
                lk_span_equal(a->link.poa.octets, b->link.poa.octets));
    assert_true(lk_address_equal(&a->access_router, &b->access_router));
    assert_true(lk_span_equal(a->target.network, b->target.network));
    assert_true(lk_span_equal(a->said.id, b->said.id) && a->said.type == b->said.type);
    assert_true(lk_span_equal(a->nonce_t, b->nonce_t) && lk_span_equal(a->nonce_n, b->nonce_n));
    assert_true(lk_span_equal(a->auth_info, b->auth_info) && lk_span_equal(a->auth, b->auth));
    assert_true(lk_span_equal(a->envelope.key, b->envelope.key));
    assert_int_equal(a->envelope.lifetime_s, b->envelope.lifetime_s);
    assert_int_equal(a->envelope.origin, b->envelope.origin);
    assert_int_equal(a->prfs, b->prfs);
    assert_true(lk_address_equal(&a->pos.address, &b->pos.address) && a->pos.port == b->pos.port);
    assert_true(a->chain.used == b->chain.used && a->chain.max == b->chain.max);
    assert_int_equal(a->capability.key_distribution, b->capability.key_distribution);
    assert_int_equal(a->capability.prfs, b->capability.prfs);
    assert_int_equal(a->reason, b->reason);
    assert_true(lk_span_equal(a->link_types, b->link_types));
    assert_true(lk_span_equal(a->link_keys, b->link_keys));
    assert_true(lk_span_equal(a->targets, b->targets));
    assert_int_equal(a->place.at.latitude_udeg, b->place.at.latitude_udeg);
    assert_int_equal(a->place.at.longitude_udeg, b->place.at.longitude_udeg);
    assert_int_equal(a->place.accuracy_m, b->place.accuracy_m);
}

/* spec: IEEE 802.21-2017 E - all types under our codes and under others. */
static void all_tlvs_come_back(void **state)
{
    struct lk_mis_codes other = other_codes();
    uint8_t octets[2][LIST_MAX];

    for (unsigned way = 0; way < 2; way++) {
        const struct lk_mis_codes *set = way == 0 ? codes : &other;
        struct lk_mis_message m = full_message(), back;
        uint8_t again[LIST_MAX];
        struct lk_writer w = lk_writer_of(octets[way], LIST_MAX);
        struct lk_writer w2 = lk_writer_of(again, sizeof again);

        assert_int_equal(lk_mis_message_put(&w, &m, set), LK_OK);
        assert_int_equal(lk_mis_message_get(&back, &discovery, lk_writer_span(&w), set), LK_OK);
        assert_same(&back, &m);
        assert_int_equal(lk_mis_message_put(&w2, &back, set), LK_OK);
        assert_true(lk_span_equal(lk_writer_span(&w), lk_writer_span(&w2)));
        for (size_t cap = 0; cap < w.len; cap++) {
            w2 = lk_writer_of(again, cap);
            assert_int_equal(lk_mis_message_put(&w2, &back, set), LK_E_FULL);
        }
    }
    assert_memory_not_equal(octets[0], octets[1], 100);
}

/* One TLV in clear: type, value. */
static size_t one_tlv(uint8_t *to, uint8_t type, const void *value, size_t len)
{
    struct lk_writer w = lk_writer_of(to, LIST_MAX);

    lk_put_u8(&w, type);
    lk_mis_put_string(&w, lk_span_of(value, len));
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

/* spec: IEEE 802.21-2017 8.4 - of what may come once the first counts; what secures must not come
 * again. */
static void what_comes_twice(void **state)
{
    static const enum lk_mis_own_tlv refused[] = {
        LK_MIS_OWN_SAID, LK_MIS_OWN_NONCE_T, LK_MIS_OWN_NONCE_N, LK_MIS_OWN_AUTH_VALUE,
        LK_MIS_OWN_SUITES, LK_MIS_OWN_KEY_ENVELOPE, LK_MIS_OWN_START_MARK, LK_MIS_OWN_LINK_KEYS,
    };
    struct lk_mis_message full = full_message(), m;
    uint8_t list[LIST_MAX], type;
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_span value;
    struct lk_reader r;

    assert_int_equal(lk_mis_message_put(&w, &full, codes), LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    while (lk_mis_tlv_next(&r, &type, &value)) {
        uint8_t twice[LIST_MAX];
        size_t len = one_tlv(twice, type, value.at, value.len);
        enum lk_status wanted = LK_OK;

        len += one_tlv(twice + len, type, value.at, value.len);
        for (size_t i = 0; i < LK_COUNT_OF(refused); i++)
            if (type == codes->tlv[refused[i]])
                wanted = LK_E_TWICE;
        assert_int_equal(lk_mis_message_get(&m, &discovery, lk_span_of(twice, len), codes),
                         wanted);
    }
    w.len = 0;
    lk_put_octets(&w, "\x03\x01\x02\x03\x01\x00", 6);
    assert_int_equal(lk_mis_message_get(&m, &discovery, lk_writer_span(&w), codes), LK_OK);
    assert_int_equal(m.status, LK_MIS_REJECTED);
}

/* spec: IEEE 802.21-2017 8.4 - unknown types are passed over wherever they are. */
static void what_is_not_known(void **state)
{
    struct lk_mis_message m;
    uint8_t list[LIST_MAX];

    for (unsigned type = 0; type < 256; type++) {
        size_t len = one_tlv(list, (uint8_t)type, "what is that?", 13);

        if (strcmp(lk_mis_tlv_name((uint8_t)type, codes), "?") != 0)
            continue;
        len += one_tlv(list + len, 3, "\x01", 1);
        assert_int_equal(lk_mis_message_get(&m, &discovery, lk_span_of(list, len), codes), LK_OK);
        assert_int_equal(m.present, 1 << LK_MIS_TLV_STATUS);
        assert_int_equal(m.status, LK_MIS_FAILURE);
    }
}

static void vendor(void **state)
{
    static const char *const values[] = { "", "O", "OUI", "OUI and more" };
    struct lk_mis_message m;
    uint8_t list[LIST_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(values); i++) {
        size_t len = one_tlv(list, 100, values[i], strlen(values[i]));

        assert_int_equal(lk_mis_message_get(&m, &discovery, lk_span_of(list, len), codes), LK_OK);
        assert_true(lk_mis_has(&m, LK_MIS_TLV_VENDOR));
        assert_true(lk_span_equal(m.vendor, lk_span_text(values[i])));
    }
}

/* spec: IEEE 802.21-2017 8.4 - a bad value is passed over in the experimental range, and refused
 * below it and where it secures. */
static void what_is_not_well_made(void **state)
{
    static const struct {
        uint8_t type;
        const char *value;
        size_t len;
        enum lk_status status;
        bool taken;
    } rows[] = {
        { 3, "", 0, LK_E_SHORT, false },
        { 3, "\0\0", 2, LK_E_TRAILING, false },
        { 5, "\0\0\0", 3, LK_E_SHORT, false },
        { 13, "\x13\x09", 2, LK_E_VALUE, false },
        { 35, "\0\1\x03" "abc", 6, LK_E_VALUE, false },
        { 52, "\x00", 1, LK_E_LENGTH, false },
        { 55, "\x05", 1, LK_E_VALUE, false },
        { 56, "\x02\x00\x01n\x01", 5, LK_E_SHORT, false },
        { 200, "\x04\x04Zabc", 6, LK_E_VALUE, false },
        { 201, "\x00\x00", 2, LK_E_VALUE, false }, /* Security inside Security, or without S */
        { 202, "0123456789abcde", 15, LK_E_LENGTH, false },
        { 203, "0123456789abcdefg", 17, LK_E_LENGTH, false },
        { 204, "\x04" "eap", 4, LK_OK, false },
        { 205, "\x10" "0123456789abcde", 16, LK_E_SHORT, false },
        { 205, "\x0f" "0123456789abcde", 16, LK_E_LENGTH, false },
        { 206, "", 0, LK_E_LENGTH, false },
        { 206, "012345678", 9, LK_E_LENGTH, false },
        { 207, "\x20\x20", 2, LK_OK, false },
        { 207, "\x20", 1, LK_OK, true },
        { 208, "\x00", 1, LK_E_LENGTH, false },
        { 209, "\0\0\x0e", 3, LK_OK, false },
        { 210, "\x03pos", 4, LK_OK, false },
        { 211, "\x01", 1, LK_OK, false },
        { 213, "\x00\x02", 2, LK_OK, false },
        { 214, "\x0b", 1, LK_OK, false },
        { 214, "\x0a", 1, LK_OK, true },
        { 215, "short", 5, LK_OK, false },
        { 216, "\x02\x13", 2, LK_OK, false },
        { 216, "\x01\x13", 2, LK_OK, true },
        { 217, "", 0, LK_E_LENGTH, false },
        { 218, "\x01\x13", 2, LK_E_SHORT, false },
    };
    struct lk_mis_message m;
    uint8_t list[LIST_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        size_t len = one_tlv(list, rows[i].type, rows[i].value, rows[i].len);

        assert_int_equal(lk_mis_message_get(&m, &discovery, lk_span_of(list, len), codes),
                         rows[i].status);
        if (rows[i].status == LK_OK)
            assert_int_equal(m.present != 0, rows[i].taken);
    }
}

/* Of a value that does not decode nothing is in the message: whoever reads a member without asking
 * whether it is there reads zero. */
static void nothing_of_a_bad_value_is_kept(void **state)
{
    static const struct lk_mis_message nothing;
    struct lk_mis_message full = full_message(), m;
    uint8_t list[LIST_MAX], bad[LIST_MAX], type;
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_span value;
    struct lk_reader r;

    assert_int_equal(lk_mis_message_put(&w, &full, codes), LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    while (lk_mis_tlv_next(&r, &type, &value)) {
        enum lk_mis_tlv tlv = lk_mis_tlv_of(type, codes);

        assert_true(tlv != LK_MIS_TLV_COUNT);
        for (size_t len = 0; len <= value.len + 1; len++) {
            uint8_t octets[LIST_MAX] = { 0 };

            memcpy(octets, value.at, len < value.len ? len : value.len);
            (void)!lk_mis_message_get(&m, &discovery,
                                      lk_span_of(bad, one_tlv(bad, type, octets, len)), codes);
            if (!lk_mis_has(&m, tlv))
                assert_memory_equal(&m, &nothing, sizeof m);
        }
    }
}

static uint64_t bits(const enum lk_mis_tlv *tlvs, size_t count)
{
    uint64_t present = 0;

    for (size_t i = 0; i < count; i++)
        present |= UINT64_C(1) << tlvs[i];
    return present;
}

#define ALL(...)                                                                                   \
    bits((const enum lk_mis_tlv[]){ __VA_ARGS__ },                                                 \
         sizeof((const enum lk_mis_tlv[]){ __VA_ARGS__ }) / sizeof(enum lk_mis_tlv))

static enum lk_status give(const struct lk_mis_header *header, uint64_t present)
{
    struct lk_mis_message m = full_message(), back;
    uint8_t list[LIST_MAX];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    m.present = present;
    assert_int_equal(lk_mis_message_put(&w, &m, codes), LK_OK);
    return lk_mis_message_get(&back, header, lk_writer_span(&w), codes);
}

/* spec: IEEE 802.21-2017 8.6 - what a message must have; nothing is needed in a bare ACK. */
static void what_a_message_must_have(void **state)
{
    const struct {
        enum lk_mis_action action;
        enum lk_mis_opcode opcode;
        uint64_t must;
    } rows[] = {
        { LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, 0 },
        { LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, ALL(LK_MIS_TLV_STATUS) },
        { LK_MIS_REGISTER, LK_MIS_REQUEST, ALL(LK_MIS_TLV_REGISTER_CODE) },
        { LK_MIS_DEREGISTER, LK_MIS_REQUEST, 0 },
        { LK_MIS_LINK_UP, LK_MIS_INDICATION, ALL(LK_MIS_TLV_LINK) },
        { LK_MIS_LINK_DETECTED, LK_MIS_INDICATION, ALL(LK_MIS_TLV_DETECTED) },
        { LK_MIS_LINK_GOING_DOWN, LK_MIS_INDICATION,
          ALL(LK_MIS_TLV_LINK, LK_MIS_TLV_TIME_INTERVAL, LK_MIS_TLV_GOING_DOWN_REASON) },
        { LK_MIS_LL_AUTH, LK_MIS_REQUEST, ALL(LK_MIS_TLV_LINK, LK_MIS_TLV_LINK_FRAMES) },
        { LK_MIS_AUTH, LK_MIS_INDICATION,
          ALL(LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES, LK_MIS_TLV_PRFS) },
        { LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, ALL(LK_MIS_TLV_REASON) },
        { LK_MIS_PUSH_KEY, LK_MIS_REQUEST, ALL(LK_MIS_TLV_LINK_KEYS) },
        { LK_MIS_PREREG_XFER, LK_MIS_RESPONSE, ALL(LK_MIS_TLV_STATUS) },
        { LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST,
          ALL(LK_MIS_TLV_MN, LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES, LK_MIS_TLV_PRFS) },
        { LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, ALL(LK_MIS_TLV_STATUS) },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mis_header header = {
            .id = lk_mis_message_id(rows[i].action, rows[i].opcode, codes)
        };

        assert_int_equal(give(&header, rows[i].must), LK_OK);
        for (unsigned t = 0; t < LK_MIS_TLV_COUNT; t++)
            if ((rows[i].must >> t & 1) != 0)
                assert_int_equal(give(&header, rows[i].must & ~(UINT64_C(1) << t)), LK_E_MISSING);
        header.ack_response = true;
        assert_int_equal(give(&header, 0), LK_OK);
        assert_true(lk_mis_is_bare_ack(&header, lk_span_of(NULL, 0)));
        if (rows[i].must != 0) /* a response that acknowledges is judged like any other */
            assert_int_equal(give(&header, ALL(LK_MIS_TLV_VENDOR)), LK_E_MISSING);
    }
}

static enum lk_status put_one(enum lk_mis_tlv which, struct lk_mis_message m)
{
    uint8_t list[LIST_MAX];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    m.present = UINT64_C(1) << which;
    return lk_mis_message_put(&w, &m, codes);
}

static void what_cannot_be_is_not_written(void **state)
{
    struct lk_mis_message m = full_message();

    m.nonce_t.len = m.auth.len = m.dh.len = 15;
    m.suites = lk_span_text("012345678");
    m.start_mark.len = 0;
    m.events = UINT64_C(1) << 32;
    assert_int_equal(put_one(LK_MIS_TLV_NONCE_T, m), LK_E_LENGTH);
    assert_int_equal(put_one(LK_MIS_TLV_AUTH_VALUE, m), LK_E_LENGTH);
    assert_int_equal(put_one(LK_MIS_TLV_DH, m), LK_E_LENGTH);
    assert_int_equal(put_one(LK_MIS_TLV_SUITES, m), LK_E_LENGTH);
    assert_int_equal(put_one(LK_MIS_TLV_START_MARK, m), LK_E_LENGTH);
    assert_int_equal(put_one(LK_MIS_TLV_EVENTS, m), LK_E_VALUE);
    assert_int_equal(put_one(LK_MIS_TLV_STATUS, m), LK_OK);
}

/* A place beyond the poles, or around the earth, is none: passed over, as all that is experimental,
 * and not written. */
static void a_place_is_on_earth(void **state)
{
    static const struct {
        struct lk_mis_position at;
        bool is;
    } rows[] = {
        { { 90000000, 180000000 }, true },  { { -90000000, -180000000 }, true },
        { { 90000001, 0 }, false },         { { -90000001, 0 }, false },
        { { 0, 180000001 }, false },        { { 0, INT32_MIN }, false },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_mis_place place = { rows[i].at, 1 };
        uint8_t octets[2 + 12] = { 219, 12 };
        struct lk_writer w = lk_writer_of(octets + 2, 12), none = w;
        const struct lk_mis_header header = {
            .id = lk_mis_message_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, codes)
        };
        struct lk_mis_message m;

        lk_put_be32(&w, (uint32_t)place.at.latitude_udeg);
        lk_put_be32(&w, (uint32_t)place.at.longitude_udeg);
        lk_put_be32(&w, 1);
        for (size_t len = 0; len <= 12; len++) {
            octets[1] = (uint8_t)len;
            assert_int_equal(lk_mis_message_get(&m, &header, lk_span_of(octets, 2 + len), codes),
                             LK_OK);
            assert_int_equal(lk_mis_has(&m, LK_MIS_TLV_PLACE), len == 12 && rows[i].is);
        }
        lk_mis_put_place(&none, &place);
        assert_int_equal(lk_writer_end(&none), rows[i].is ? LK_OK : LK_E_VALUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_on_earth),
        cmocka_unit_test(all_tlvs_come_back),
        cmocka_unit_test(what_comes_twice),
        cmocka_unit_test(what_is_not_known),
        cmocka_unit_test(vendor),
        cmocka_unit_test(what_is_not_well_made),
        cmocka_unit_test(nothing_of_a_bad_value_is_kept),
        cmocka_unit_test(what_a_message_must_have),
        cmocka_unit_test(what_cannot_be_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

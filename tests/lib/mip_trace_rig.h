/* Registrations of Mobile IPv4 as a capture has them, for tests of what is read of one: a request
 * and a reply of what the test wants, packets of the tunnel, and what is explained. */
#ifndef LK_TEST_MIP_TRACE_RIG_H
#define LK_TEST_MIP_TRACE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/msa6.h"
#include "trace/explain.h"
#include "trace/ladder.h"
#include "trace/mip.h"
#include "vectors.h"

#define IMSI "001010123456789"
#define NAI "0" IMSI "@nai.epc.mnc001.mcc001.3gppnetwork.org"

enum { START_S = 1790000000, MS = 1000000 };

static const struct lk_mip_msa msa = {
    .there = { .spi = 256, .algorithm = LK_MIP_HMAC_SHA256,
               .secret = { .octets = "sixteen octets..", .len = 16 } },
    .spi_back = 257, .replay = LK_MIP_TIMESTAMPS, .ends_ms = UINT64_MAX,
};
static struct lk_trace trace;
static uint64_t now_ms;
static struct lk_explanation told;

static const struct lk_capture_end node = { .address = { 127, 0, 0, 9 }, .port = 40000 },
                                   fa = { .address = { 127, 0, 0, 8 }, .port = 434 },
                                   ha = { .address = { 127, 0, 0, 1 }, .port = 434 };

static inline void begin(bool with_key)
{
    static const uint8_t spis[8] = { 0, 0, 1, 0, 0, 0, 1, 1 };
    const struct lk_span parts[] = { lk_span_text(IMSI), LK_SPAN(spis) };
    struct lk_app_key_log entry;

    now_ms = (uint64_t)START_S * 1000;
    lk_trace_init(&trace);
    if (!with_key)
        return;
    assert_int_equal(lk_app_key_log_of(&entry, LK_APP_KEY_LOG_MN_HA, parts, 2,
                                       lk_span_of(msa.there.secret.octets, 16)), LK_OK);
    entry.number = LK_MIP_HMAC_SHA256;
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK);
}

static inline void add(const struct lk_capture_end *from, const struct lk_capture_end *to,
                struct lk_span octets)
{
    struct lk_trace_packet packet = { .at_ns = now_ms * MS,
                                      .datagram = { .carrier = LK_CARRIER_UDP, .from = *from,
                                                    .to = *to, .payload = octets } };

    now_ms += 10;
    assert_int_equal(lk_trace_protocol_for(&packet.datagram), LK_TRACE_MIP);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_MIP, &packet), LK_OK);
}

static inline void end(void)
{
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
}

static inline void explain(size_t run)
{
    static const struct lk_explain_facts none;

    lk_explain(&told, &trace, run, &none);
    assert_true(strlen(told.where) > 0);
    for (size_t i = 0; i < told.count; i++)
        assert_true(strlen(lk_cause_row(told.causes[i].cause)->fix) > 0);
}

static inline void assert_cause(enum lk_cause cause, enum lk_certainty certainty)
{
    assert_true(told.count > 0);
    if (told.causes[0].cause != cause || told.causes[0].certainty != certainty)
        fail_msg("%s, %s: %s", lk_cause_row(told.causes[0].cause)->code,
                 lk_certainty_name(told.causes[0].certainty), told.causes[0].evidence);
}

/* ---- messages ---- */

struct asked {
    uint8_t flags;
    uint16_t lifetime_s;
    uint8_t care_of;      /* the last octet of 127.0.0.x */
    uint64_t identification;
    bool wants_key, agent_signs;
    uint32_t challenge;   /* 0: none */
};

static inline struct lk_address ipv4(uint8_t last)
{
    const uint8_t octets[4] = { 127, 0, 0, last };

    return lk_address_v4(octets);
}

static inline struct lk_span request(uint8_t room[512], const struct asked *a)
{
    struct lk_writer w = lk_writer_of(room, 512);
    uint8_t challenge[4] = { 0, 0, 0, (uint8_t)a->challenge };
    struct lk_mip_request r = { .flags = a->flags, .lifetime_s = a->lifetime_s, .agent = ipv4(1),
                                .care_of = ipv4(a->care_of),
                                .identification = a->identification };

    r.extensions.nai = lk_span_text(NAI);
    r.extensions.mn_ha_spi = 300;
    r.extensions.challenge = LK_SPAN(challenge);
    lk_mip_request_put(&w, &r);
    lk_mip_extension_put(&w, LK_MIP_NAI, &r.extensions);
    if (a->challenge > 0)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &r.extensions);
    if (a->wants_key)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &r.extensions);
    lk_mip_msa_sign(&w, &msa, 256, LK_MIP_MN_HA_AUTH);
    if (a->agent_signs)
        lk_mip_msa_sign(&w, &msa, 500, LK_MIP_FA_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    return lk_writer_span(&w);
}

struct said {
    uint8_t code;
    uint16_t lifetime_s;
    uint64_t identification;
    uint8_t nonce;          /* 0: none */
    bool behind, both;      /* the nonce: behind Mobile-Home; for MN-FA, too */
    bool unsigned_;
};

static inline struct lk_span reply(uint8_t room[512], const struct said *s)
{
    struct lk_writer w = lk_writer_of(room, 512);
    uint8_t nonce[16] = { s->nonce };
    struct lk_mip_reply r = { .code = s->code, .lifetime_s = s->lifetime_s, .home = ipv4(77),
                              .agent = ipv4(1), .identification = s->identification };

    r.extensions.mn_ha_key = (struct lk_mip_key_reply){ .lifetime_s = 600, .aaa_spi = 4096,
                                                        .agent_spi = 301, .algorithm = 5,
                                                        .replay = LK_MIP_TIMESTAMPS,
                                                        .nonce = LK_SPAN(nonce) };
    r.extensions.mn_fa_key = r.extensions.mn_ha_key;
    lk_mip_reply_put(&w, &r);
    if (s->both)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, &r.extensions);
    if (s->nonce > 0 && !s->behind)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REPLY, &r.extensions);
    if (!s->unsigned_)
        lk_mip_msa_sign(&w, &msa, 257, LK_MIP_MN_HA_AUTH);
    if (s->nonce > 0 && s->behind)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REPLY, &r.extensions);
    assert_int_equal(w.status, LK_OK);
    return lk_writer_span(&w);
}

static inline uint64_t time_of(int off_s)
{
    return lk_ntp_of(now_ms + (uint64_t)((int64_t)off_s * 1000), (uint32_t)now_ms);
}

/* A whole packet in the tunnel. */
static inline struct lk_span tunnel(uint8_t room[128], uint8_t from, uint8_t to)
{
    struct lk_writer w = lk_writer_of(room, 128);
    struct lk_address source = ipv4(from), destination = ipv4(to);

    lk_put_be32(&w, (uint32_t)LK_MIP_TUNNEL << 24 | (uint32_t)LK_MIP_IN_IP << 16);
    assert_int_equal(lk_ip_ping(&w, &source, &destination, 1, 2, lk_span_text("octets")), LK_OK);
    return lk_writer_span(&w);
}

static inline void assert_lanes(size_t index, enum lk_lane from, enum lk_lane to)
{
    struct lk_rung rung;

    lk_rung_of(&rung, &trace, index);
    assert_int_equal(rung.from, from);
    assert_int_equal(rung.to, to);
}

/* ---- runs ---- */

#endif

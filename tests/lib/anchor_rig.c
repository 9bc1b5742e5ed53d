#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

static const struct lk_node_key node_key = { { 1, 2, 3 } };

static struct lk_binding_table *table_of(uint32_t rows, uint64_t now_ms)
{
    void *memory = aligned_alloc(16, (lk_binding_table_size(rows) + 15) / 16 * 16);

    assert_non_null(memory);
    return lk_binding_table_in(memory, rows, 7, now_ms);
}

static void pool(struct lk_pool *pool, size_t *count, const char *network, uint8_t bits)
{
    struct lk_address none = { { 0 } };
    struct lk_address_prefix prefix;

    assert_int_equal(lk_address_prefix_parse(&prefix, network), LK_OK);
    assert_int_equal(lk_pool_of(pool, &prefix, bits, &none), LK_OK);
    *count = 1;
}

struct anchor_rig *anchor_rig_open(uint32_t rows)
{
    struct anchor_rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    lk_anchor_defaults(&rig->config);
    lk_radius_class_key_derive(&rig->config.class_key, &node_key);
    rig->config.mag_count = 2;
    snprintf(rig->config.mag[0].name, sizeof rig->config.mag[0].name, "mag-1");
    snprintf(rig->config.mag[1].name, sizeof rig->config.mag[1].name, "mag-2");
    rig->config.service_count = 2;
    snprintf(rig->config.service[1].name, sizeof rig->config.service[1].name, "ims");
    pool(rig->config.pool4, &rig->config.pool4_count, "10.45.0.0/16", 128);
    pool(rig->config.pool6, &rig->config.pool6_count, "2001:db8:4500::/40", 64);
    rig->now_ms = UINT64_C(1767225600500);
    rig->table = table_of(rows, rig->now_ms);
    lk_anchor_init(&rig->anchor, &rig->config, rig->table, rig->now_ms);
    return rig;
}

void anchor_rig_restart(struct anchor_rig *rig, uint32_t rows)
{
    free(rig->table);
    rig->table = table_of(rows, rig->now_ms);
    rig->out.count = 0;
    lk_anchor_init(&rig->anchor, &rig->config, rig->table, rig->now_ms);
}

void anchor_rig_close(struct anchor_rig *rig)
{
    free(rig->table);
    free(rig);
}

static struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "" };

    snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", n);
    return imsi;
}

struct anchor_token anchor_token_of(const struct anchor_rig *rig, unsigned n, const char *mag,
                                    uint64_t attach_ms)
{
    static const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN] = { 9 };
    struct lk_radius_class content = { .imsi = imsi_of(n), .attached_ms = attach_ms };
    struct anchor_token token;

    snprintf(content.mag, sizeof content.mag, "%s", mag);
    token.len = lk_radius_class_seal(token.octets, &rig->config.class_key, &content, salt);
    return token;
}

struct lk_span anchor_request(const struct anchor_rig *rig, const struct anchor_ask *ask)
{
    static uint8_t room[1024];
    static uint16_t sequence;
    struct lk_writer w = lk_writer_of(room, sizeof room);
    const char *mag = rig->config.mag[(ask->token_mag != 0 ? ask->token_mag : ask->mag) - 1].name;
    struct anchor_token token =
        anchor_token_of(rig, ask->token_n != 0 ? ask->token_n : ask->n, mag,
                        ask->attach_ms != 0 ? ask->attach_ms : rig->now_ms);
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU, .sequence = ++sequence,
                                     .lifetime = ask->lifetime,
                                     .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY };
    struct lk_mobility_options *o = &m.options;
    struct lk_imsi imsi = imsi_of(ask->n);
    char nai[64];
    static const enum lk_mobility_option_type there[] = {
        LK_MO_MN_ID, LK_MO_SERVICE, LK_MO_PREFIX, LK_MO_HANDOFF, LK_MO_ACCESS, LK_MO_TIMESTAMP,
        LK_MO_IPV4_REQUEST, LK_MO_VENDOR
    };

    for (size_t i = 0; i < LK_COUNT_OF(there); i++)
        lk_mobility_mark(o, there[i]);
    snprintf(nai, sizeof nai, "0%s@nai.epc", imsi.digits);
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_text(nai);
    o->service = lk_span_text(ask->service != NULL ? ask->service : "internet");
    o->prefix_count = 1;
    o->handoff = ask->handoff != 0 ? ask->handoff : LK_HANDOFF_NEW;
    o->access = LK_ACCESS_80211;
    o->timestamp = lk_mobility_timestamp_of(rig->now_ms);
    o->vendor_count = 1;
    o->vendor[0] = (struct lk_mobility_vendor){ rig->config.enterprise, LK_PMIP_TOKEN_SUBTYPE,
                                                lk_span_of(token.octets, token.len) };
    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    return lk_writer_span(&w);
}

const struct lk_anchor_output *anchor_find(const struct anchor_rig *rig,
                                           enum lk_anchor_output_kind kind)
{
    for (size_t i = 0; i < rig->out.count; i++)
        if (rig->out.item[i].kind == kind)
            return &rig->out.item[i];
    return NULL;
}

struct lk_mobility_message anchor_answer(const struct anchor_rig *rig)
{
    const struct lk_anchor_output *item = anchor_find(rig, LK_ANCHOR_OUT_SEND);
    struct lk_mobility_message pba;

    assert_non_null(item);
    assert_int_equal(lk_mobility_decode(&pba, item->octets), LK_OK);
    return pba;
}

int anchor_give(struct anchor_rig *rig, uint32_t mag, struct lk_span octets)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_DATAGRAM, .now_ms = rig->now_ms,
                                     .mag = mag, .from = anchor_mag_address(mag),
                                     .octets = octets };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
    return anchor_find(rig, LK_ANCHOR_OUT_SEND) != NULL ? anchor_answer(rig).status : -1;
}

int anchor_ask(struct anchor_rig *rig, const struct anchor_ask *ask)
{
    return anchor_give(rig, ask->mag, anchor_request(rig, ask));
}

void anchor_tick(struct anchor_rig *rig, uint64_t now_ms)
{
    static struct lk_anchor_outbox out;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TICK, .now_ms = now_ms };
    bool more = true;

    rig->now_ms = now_ms;
    rig->out.count = 0;
    while (more) {
        lk_anchor_step(&rig->anchor, &event, &out);
        more = out.count > 0 && out.item[out.count - 1].kind == LK_ANCHOR_OUT_MORE;
        if (out.count > 1)
            rig->out = out;
    }
}

struct lk_binding *anchor_binding(const struct anchor_rig *rig, unsigned n)
{
    struct lk_imsi imsi = imsi_of(n);

    return lk_binding_of(rig->table, lk_imsi_number(&imsi), 0);
}

struct lk_address anchor_address(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

struct lk_address anchor_mag_address(uint32_t mag)
{
    return lk_address_v4((const uint8_t[]){ 192, 0, 2, (uint8_t)mag });
}

struct lk_address anchor_home(const struct anchor_rig *rig, unsigned n)
{
    struct lk_binding *b = anchor_binding(rig, n);

    assert_non_null(b);
    return lk_address_v4(b->ipv4.octets);
}

#include "lwa_wt_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct lk_lwa_wt wt;
struct lk_lwa_wt_config config;
struct lk_lwa_wt_outbox out;
uint64_t now_ms;
uint32_t fresh_id;

const struct lk_xwap_cause any_cause = { LK_XWAP_CAUSE_RADIO, LK_XWAP_UE_LOST };

void open_bench(void)
{
    lk_lwa_wt_defaults(&config);
    lk_lwa_wt_init(&wt);
    now_ms = 1000;
    fresh_id = OUR_ID;
}

/* ---- what the eNB says ---- */

struct lk_xwap message(enum lk_xwap_type type)
{
    struct lk_xwap m = { .type = type, .enb_ue_id = ENB_ID, .wt_ue_id = OUR_ID };

    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    return m;
}

/* A key of that octet; 0: none. It lies where it stays for a while. */
struct lk_span key_of(uint8_t octet)
{
    static uint8_t keys[256][LK_XWAP_KEY_LEN];

    memset(keys[octet], octet, sizeof keys[octet]);
    return lk_span_of(keys[octet], octet == 0 ? 0 : sizeof keys[octet]);
}

void add_bearer(struct lk_xwap *m, uint8_t e_rab_id, uint8_t drb)
{
    struct lk_xwap_bearer *bearer = &m->added.bearer[m->added.count++];

    bearer->e_rab_id = e_rab_id;
    bearer->drb_id = drb;
    bearer->endpoint.address_bits = 32;
}

struct lk_xwap addition(uint8_t key)
{
    struct lk_xwap m = message(LK_XWAP_ADDITION_REQUEST);

    m.present = 0;
    lk_xwap_mark(&m, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&m, LK_XWAP_UE_IDENTITY);
    lk_xwap_mark(&m, LK_XWAP_TO_BE_ADDED);
    m.ue_identity[5] = 2;
    add_bearer(&m, BEARER, 1);
    m.key = key_of(key);
    if (key != 0)
        lk_xwap_mark(&m, LK_XWAP_SECURITY);
    return m;
}

struct lk_xwap take_over(uint8_t key)
{
    struct lk_xwap m = addition(key);

    lk_xwap_mark(&m, LK_XWAP_WT_UE_ID);
    return m;
}

struct lk_xwap modification(uint8_t key)
{
    struct lk_xwap m = message(LK_XWAP_MODIFICATION_REQUEST);

    lk_xwap_mark(&m, LK_XWAP_CONTEXT);
    m.key = key_of(key);
    return m;
}

/* ---- steps ---- */

static enum lk_status step(struct lk_lwa_wt_event event)
{
    static struct lk_lwa_wt before;
    enum lk_status status;

    before = wt;
    event.now_ms = now_ms;
    status = lk_lwa_wt_step(&wt, &config, &event, &out);
    if (status != LK_OK) {
        assert_int_equal(out.count, 0);
        assert_memory_equal(&before, &wt, sizeof wt);
    }
    return status;
}

enum lk_status hears_from(uint32_t link, const struct lk_xwap *m)
{
    return step((struct lk_lwa_wt_event){ .kind = LK_LWA_WT_EV_XW,
                                          .xw = { link, m, fresh_id } });
}

enum lk_status hears(struct lk_xwap m)
{
    return hears_from(ENB, &m);
}

enum lk_status happens(enum lk_lwa_wt_event_kind kind)
{
    return step((struct lk_lwa_wt_event){ .kind = kind,
                                          .want = { .cause = any_cause, .e_rab_id = BEARER } });
}

const struct lk_lwa_wt_output *has(enum lk_lwa_wt_output_kind kind)
{
    return lk_lwa_wt_outbox_find(&out, kind);
}

/* The at-th message that was sent. */
struct lk_xwap said(unsigned at, uint32_t link)
{
    struct lk_xwap m = { .type = LK_XWAP_TYPE_COUNT };
    struct lk_xwap_diagnostics found;

    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_LWA_WT_OUT_SEND && at-- == 0) {
            assert_int_equal(out.item[i].send.link, link);
            assert_int_equal(lk_xwap_decode(&m, &found, out.item[i].send.octets), LK_OK);
        }
    return m;
}

void assert_says(enum lk_xwap_type first, enum lk_xwap_type second)
{
    assert_int_equal(said(0, ENB).type, first);
    assert_int_equal(said(1, ENB).type, second);
    assert_int_equal(said(2, ENB).type, LK_XWAP_TYPE_COUNT);
}

void assert_refuses(uint8_t cause, enum lk_reason reason, uint32_t link)
{
    struct lk_xwap m = said(0, link);

    assert_true(m.type == LK_XWAP_ADDITION_REJECT || m.type == LK_XWAP_MODIFICATION_REJECT);
    assert_int_equal(m.cause.group, LK_XWAP_CAUSE_RADIO);
    assert_int_equal(m.cause.value, cause);
    assert_int_equal(said(1, link).type, LK_XWAP_TYPE_COUNT);
    assert_int_equal(has(LK_LWA_WT_OUT_REFUSED)->refused.reason, reason);
    assert_null(has(LK_LWA_WT_OUT_KEY));
}

void bring_to(enum lk_lwa_wt_state to)
{
    open_bench();
    if (to == LK_LWA_WT_IDLE)
        return;
    assert_int_equal(hears(addition(1)), LK_OK);
    if (to == LK_LWA_WT_HANDSHAKE || to == LK_LWA_WT_ACTIVE)
        assert_int_equal(happens(LK_LWA_WT_EV_ASSOCIATED), LK_OK);
    if (to == LK_LWA_WT_ACTIVE)
        assert_int_equal(happens(LK_LWA_WT_EV_FINISHED), LK_OK);
    if (to == LK_LWA_WT_RELEASING)
        assert_int_equal(happens(LK_LWA_WT_EV_RELEASE), LK_OK);
    assert_int_equal(wt.state, to);
    fresh_id = FRESH_ID;
}

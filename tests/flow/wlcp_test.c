/* Both WLCP machines back to back over a link that loses, doubles and reorders, with an anchor
 * that takes its time. A seed decides everything. Whatever happens, the anchor has a binding for
 * each connection that the TWAG counts on and for no other, the two ends agree when nothing is
 * under way, and what was said twice has one effect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wlcp_rig.h"

enum { ROWS = 8, APNS = 4, POST = 64, SEEDS = 200, EVENTS = 300 };

struct letter {
    uint64_t at_ms;
    bool to_ue;
    size_t len;
    uint8_t octets[LK_WLCP_MESSAGE_MAX];
};

struct world {
    uint64_t random, now;
    unsigned loss; /* of 100 */
    struct lk_wlcp_ue ue;
    struct lk_wlcp_ue_config ue_config;
    struct lk_wlcp_twag twag;
    struct lk_wlcp_twag_pool pool;
    struct lk_wlcp_twag_pdn rows[ROWS];
    struct lk_wlcp_twag_config config;
    size_t letters;
    struct letter post[POST];
    struct {
        bool bound, asked;
        uint64_t answer_ms;
        uint32_t epoch;
    } anchor[ROWS];
    uint64_t timer[2][ROWS]; /* of the UE's connections, of the TWAG's rows */
    unsigned given_up;       /* procedures that ended without an answer */
    unsigned ups;
};

static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

static void post(struct world *w, bool to_ue, struct lk_span octets)
{
    unsigned copies = draw(w, 100) < w->loss ? 0 : draw(w, 100) < w->loss ? 2 : 1;

    for (unsigned i = 0; i < copies && w->letters < POST; i++) {
        struct letter *letter = &w->post[w->letters++];

        letter->at_ms = w->now + 1 + draw(w, w->loss > 0 ? 3000 : 20);
        letter->to_ue = to_ue;
        letter->len = octets.len;
        memcpy(letter->octets, octets.at, octets.len);
    }
}

static void take_outputs(struct world *w, bool of_ue, const struct lk_wlcp_outbox *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_wlcp_output *o = &out->item[i];

        switch (o->kind) {
        case LK_WLCP_OUT_SEND: post(w, !of_ue, o->send); break;
        case LK_WLCP_OUT_TIMER: w->timer[of_ue ? 0 : 1][o->which] = o->timer_at_ms; break;
        case LK_WLCP_OUT_UP: w->ups += of_ue; break;
        case LK_WLCP_OUT_DOWN:
            w->given_up += o->down.reason == LK_REASON_WLCP_NO_ANSWER ||
                           o->down.reason == LK_REASON_WLCP_STATUS;
            break;
        case LK_WLCP_OUT_BIND:
            w->anchor[o->which].asked = w->anchor[o->which].bound = true;
            w->anchor[o->which].epoch = w->rows[o->which].epoch;
            w->anchor[o->which].answer_ms = w->now + 1 + draw(w, 4000);
            break;
        case LK_WLCP_OUT_UNBIND:
            assert_true(w->anchor[o->which].bound);
            w->anchor[o->which].asked = w->anchor[o->which].bound = false;
            break;
        case LK_WLCP_OUT_MODIFIED:
        case LK_WLCP_OUT_NOTICE:
        case LK_WLCP_OUTPUT_KIND_COUNT: break;
        }
    }
}

static void check(const struct world *w)
{
    uint32_t bound = 0;

    for (uint32_t i = 0; i < ROWS; i++)
        bound += w->anchor[i].bound;
    for (size_t i = 0; i < w->twag.count; i++) {
        const struct lk_wlcp_twag_pdn *pdn = &w->rows[w->twag.row[i]];

        assert_int_equal(pdn->bound, w->anchor[w->twag.row[i]].bound);
        bound -= pdn->bound;
    }
    assert_int_equal(bound, 0); /* none without a connection */
}

static enum lk_status give(struct world *w, bool to_ue, struct lk_wlcp_event *event)
{
    struct lk_wlcp_outbox out;
    enum lk_status status;

    event->now_ms = w->now;
    event->channel = 1;
    lk_wlcp_outbox_empty(&out);
    status = to_ue ? lk_wlcp_ue_step(&w->ue, &w->ue_config, event, &out)
                   : lk_wlcp_twag_step(&w->twag, &w->pool, &w->config, event, &out);
    take_outputs(w, to_ue, &out);
    check(w);
    return status;
}

static void deliver(struct world *w, size_t index)
{
    struct letter letter = w->post[index];
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED,
                                   .octets = lk_span_of(letter.octets, letter.len) };

    w->post[index] = w->post[--w->letters];
    (void)give(w, letter.to_ue, &event); /* late ones are unexpected */
}

static void answer_of_anchor(struct world *w, uint32_t row)
{
    struct lk_wlcp_event event = { .kind = draw(w, 10) == 0 ? LK_WLCP_EV_REFUSED
                                                            : LK_WLCP_EV_BOUND,
                                   .which = row };

    w->anchor[row].asked = false;
    event.address = (struct lk_wlcp_address){ .pdn_type = LK_WLCP_IPV4,
                                              .ipv4 = { 10, 0, 0, (uint8_t)row } };
    if (w->anchor[row].epoch != w->rows[row].epoch)
        return;
    w->anchor[row].bound = event.kind == LK_WLCP_EV_BOUND;
    assert_int_equal(give(w, false, &event), LK_OK);
}

/* The next thing that is due by until, done. False when there is none. */
static bool turn(struct world *w, uint64_t until)
{
    uint64_t first = until + 1;
    enum { NOTHING, LETTER, ANCHOR, TIMER_UE, TIMER_TWAG } what = NOTHING;
    uint32_t which = 0;

#define CONSIDER(at, kind, index) \
    if ((at) < first) {           \
        first = (at);             \
        what = (kind);            \
        which = (index);          \
    }
    for (uint32_t i = 0; i < w->letters; i++)
        CONSIDER(w->post[i].at_ms, LETTER, i)
    for (uint32_t i = 0; i < ROWS; i++) {
        if (w->anchor[i].asked)
            CONSIDER(w->anchor[i].answer_ms, ANCHOR, i)
        CONSIDER(w->timer[0][i], TIMER_UE, i)
        CONSIDER(w->timer[1][i], TIMER_TWAG, i)
    }
    if (what == NOTHING)
        return false;
    w->now = first > w->now ? first : w->now;
    if (what == LETTER) {
        deliver(w, which);
    } else if (what == ANCHOR) {
        answer_of_anchor(w, which);
    } else {
        struct lk_wlcp_event event = { .kind = LK_WLCP_EV_EXPIRED, .which = which };

        w->timer[what == TIMER_UE ? 0 : 1][which] = UINT64_MAX;
        (void)give(w, what == TIMER_UE, &event); /* nobody waits for it any more, perhaps */
    }
    return true;
}

static void act(struct world *w)
{
    struct lk_wlcp_event event = { .which = (uint32_t)draw(w, ROWS) };
    static const char *const names[APNS] = { "a", "b", "c", "d" };
    bool to_ue = true;

    switch (draw(w, 8)) {
    case 0: event.kind = LK_WLCP_EV_RELEASE; break;
    case 1: event.kind = LK_WLCP_EV_MODIFY; break;
    case 2:
        event.kind = draw(w, 2) != 0 ? LK_WLCP_EV_RELEASE : LK_WLCP_EV_MODIFY;
        to_ue = false;
        break;
    default:
        event.kind = LK_WLCP_EV_WANT;
        event.want.apn = wlcp_apn(names[draw(w, APNS)]);
        event.want.request_type = LK_WLCP_INITIAL;
        event.want.pdn_type = (uint8_t)(draw(w, 2) != 0 ? LK_WLCP_IPV4V6 : LK_WLCP_IPV4);
        break;
    }
    (void)give(w, to_ue, &event); /* what has no place now is refused */
}

static void begin(struct world *w, uint64_t seed, unsigned loss)
{
    static const char *const names[APNS] = { "a", "b", "c", "d" };

    memset(w, 0, sizeof *w);
    memset(w->timer, 0xff, sizeof w->timer);
    w->random = seed * 0x9e3779b97f4a7c15u + 1;
    w->loss = loss;
    lk_wlcp_ue_init(&w->ue);
    lk_wlcp_ue_defaults(&w->ue_config);
    lk_wlcp_twag_defaults(&w->config);
    for (size_t i = 0; i < APNS; i++) {
        w->config.apn[i].name = wlcp_apn(names[i]);
        w->config.apn[i].pdn_types = LK_WLCP_IPV4V6;
    }
    w->config.apns = APNS;
    lk_wlcp_twag_pool_init(&w->pool, w->rows, ROWS, (const uint8_t[16]){ 1 });
    lk_wlcp_twag_init(&w->twag, 0);
}

static const struct lk_wlcp_twag_pdn *row_of(const struct world *w,
                                             const struct lk_wlcp_ue_connection *c)
{
    uint32_t row = lk_wlcp_twag_row_of(c->user_plane, &w->pool);

    assert_true(row != LK_WLCP_NO_ROW);
    return &w->rows[row];
}

/* Nothing is under way: what one end has, the other has. */
static void they_agree(const struct world *w)
{
    size_t count = 0;

    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_wlcp_ue_connection *c = &w->ue.connection[i];
        const struct lk_wlcp_twag_pdn *pdn;

        if (c->state == LK_WLCP_UE_INACTIVE)
            continue;
        assert_int_equal(c->state, LK_WLCP_UE_ACTIVE);
        pdn = row_of(w, c);
        assert_int_equal(pdn->state, LK_WLCP_TWAG_ACTIVE);
        assert_int_equal(pdn->id, c->pdn_id);
        assert_true(lk_wlcp_apn_equal(&pdn->apn, &c->apn));
        assert_memory_equal(pdn->address.ipv4, c->address.ipv4, 4);
        count++;
    }
    assert_int_equal(count, w->twag.count);
}

static void live(struct world *w)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        uint64_t until = w->now + draw(w, 2000);

        while (turn(w, until))
            ;
        w->now = until;
        act(w);
    }
    w->loss = 0; /* the link is mended: whatever is under way ends */
    while (turn(w, w->now + 1000000))
        ;
    assert_int_equal(w->letters, 0);
}

static void a_good_link(void **state)
{
    struct world w;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(&w, seed, 0);
        live(&w);
        assert_int_equal(w.given_up, 0);
        assert_true(w.ups > 10);
        they_agree(&w);
    }
}

/* spec: TS 24.244 5.1.1 - repeats make up for what the link loses. */
static void a_bad_link(void **state)
{
    unsigned agreed = 0;
    struct world w;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(&w, seed, 15);
        live(&w);
        assert_true(w.ups > 0);
        if (w.given_up == 0) {
            they_agree(&w);
            agreed++;
        }
    }
    assert_true(agreed > SEEDS / 4);
}

/* Invariant 7: when the channel is lost nothing is left anywhere. */
static void lost_in_the_middle(void **state)
{
    struct world w;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct lk_wlcp_event lost = { .kind = LK_WLCP_EV_LOST };

        begin(&w, seed, 30);
        for (unsigned i = 0; i < 20; i++) {
            while (turn(&w, w.now + draw(&w, 2000)))
                ;
            act(&w);
        }
        assert_int_equal(give(&w, true, &lost), LK_OK);
        while (w.twag.count > 0) {
            lost.which = w.twag.row[0];
            assert_int_equal(give(&w, false, &lost), LK_OK);
        }
        assert_int_equal(w.pool.in_use, 0);
        for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
            assert_int_equal(w.ue.connection[i].state, LK_WLCP_UE_INACTIVE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_link),
        cmocka_unit_test(a_bad_link),
        cmocka_unit_test(lost_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

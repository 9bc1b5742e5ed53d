/* Octets become what a TWAP tells a TWAG on another machine, and what the way between them does to
 * it: loses it, sends it again, changes it; and packets of nobody.
 *
 * Promises: what the TWAG is told is what the TWAP said, no more often than it was said; a changed
 * packet tells nothing and is not answered; an answer ends what was out, once. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "node/wlan_link.h"

enum { SAID = 64, PACKET = 1024, ENTERPRISE = 32473 };

struct run {
    struct lk_reader r;
    struct lk_radius_secret secret;
    struct lk_wlan_link_config config;
    struct lk_wlan_link link;
    struct lk_radius_dynamic_server server;
    struct lk_radius_dynamic_seen seen[LK_WLAN_LINK_SEEN];
    uint64_t now_ms;
    unsigned said, told[SAID + 1]; /* by generation */
    bool gone[SAID + 1];
    uint8_t packet[SAID + 1][PACKET];
    size_t len[SAID + 1];
};

/* Everything of it follows from its number. */
static void make(struct lk_wlan_session *session, unsigned number)
{
    memset(session, 0, sizeof *session);
    LK_ASSERT(lk_imsi_parse(&session->imsi, lk_span_text("001010000000001")) == LK_OK);
    memset(session->ue_mac, (int)number, sizeof session->ue_mac);
    memset(session->key.octets, (int)number, sizeof session->key.octets);
    session->generation = number;
    session->lifetime_s = number;
    session->class_len = (uint8_t)(number * 3);
    memset(session->class_value, (int)number, session->class_len);
}

static void say(struct run *f, bool gone)
{
    struct lk_wlan_gone end = { .why = LK_WLAN_END_DETACHED };
    struct lk_wlan_session session;
    struct lk_span octets = { NULL, 0 };
    unsigned number = f->said + 1;

    if (f->said == SAID)
        return;
    make(&session, number);
    end.imsi = session.imsi;
    end.generation = number;
    memcpy(end.ue_mac, session.ue_mac, sizeof end.ue_mac);
    if ((gone ? lk_wlan_link_gone(&f->link, &f->config, &end, f->now_ms, &octets)
              : lk_wlan_link_session(&f->link, &f->config, &session, f->now_ms, &octets)) != LK_OK)
        return;
    LK_ASSERT(octets.len <= PACKET);
    f->said = number;
    f->gone[number] = gone;
    f->len[number] = octets.len;
    memcpy(f->packet[number], octets.at, octets.len);
}

static void check_told(struct run *f, enum lk_wlan_told told, const struct lk_wlan_told_what *what)
{
    struct lk_wlan_session wanted;
    uint64_t number = told == LK_WLAN_TOLD_GONE ? what->gone.generation : what->session.generation;

    LK_ASSERT(number > 0 && number <= f->said);
    LK_ASSERT(f->gone[number] == (told == LK_WLAN_TOLD_GONE));
    make(&wanted, (unsigned)number);
    if (told == LK_WLAN_TOLD_GONE) {
        LK_ASSERT(lk_imsi_equal(&what->gone.imsi, &wanted.imsi) && !what->gone.failed);
        LK_ASSERT(lk_span_equal(LK_SPAN(what->gone.ue_mac), LK_SPAN(wanted.ue_mac)));
    } else {
        LK_ASSERT(memcmp(&what->session, &wanted, sizeof wanted) == 0);
    }
    LK_ASSERT(++f->told[number] == 1);
}

/* Gives it to the TWAG, and the answer to the TWAP. */
static void deliver(struct run *f, struct lk_span packet, bool changed, bool lose_answer)
{
    uint8_t octets[LK_RADIUS_DYNAMIC_ANSWER_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    size_t out = lk_wlan_link_count(&f->link);
    struct lk_wlan_told_what what;
    enum lk_wlan_told told = lk_wlan_link_open(&what, &f->server, &f->config, packet, f->now_ms);
    uint32_t cause;

    LK_ASSERT(!changed || (told == LK_WLAN_TOLD_NOTHING && !what.answer));
    if (told != LK_WLAN_TOLD_NOTHING) {
        check_told(f, told, &what);
        lk_wlan_link_settle(&what, &f->server, LK_RADIUS_CAUSE_NONE);
    }
    if (!what.answer)
        return;
    LK_ASSERT(lk_wlan_link_answer(&w, &what, &f->config) == LK_OK);
    if (lose_answer)
        return;
    if (lk_wlan_link_answered(&f->link, &f->config, lk_writer_span(&w), &cause) == LK_OK)
        LK_ASSERT(lk_wlan_link_count(&f->link) == out - 1);
    else
        LK_ASSERT(lk_wlan_link_count(&f->link) == out);
}

static void carry(struct run *f, uint8_t how)
{
    unsigned number = f->said == 0 ? 0 : 1 + lk_get_u8(&f->r) % f->said;
    uint8_t at, by;

    if (number == 0)
        return;
    if (how == 0) {
        deliver(f, lk_span_of(f->packet[number], f->len[number]), false,
                (lk_get_u8(&f->r) & 1) != 0);
        return;
    }
    at = lk_get_u8(&f->r);
    by = lk_get_u8(&f->r);
    f->packet[number][at % f->len[number]] ^= by;
    deliver(f, lk_span_of(f->packet[number], f->len[number]), by != 0, false);
    f->packet[number][at % f->len[number]] ^= by;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;
    uint32_t cause;

    memset(&f, 0, sizeof f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    f.now_ms = 1780000000000;
    LK_ASSERT(lk_radius_secret_set(&f.secret, lk_span_text("secret")) == LK_OK);
    f.config = (struct lk_wlan_link_config){ &f.secret, ENTERPRISE, true, 0 };
    lk_radius_dynamic_server_in(&f.server, f.seen, LK_WLAN_LINK_SEEN);
    while (f.r.left > 0 && f.r.status == LK_OK) {
        uint8_t op = lk_get_u8(&f.r) % 8;

        if (op < 2)
            say(&f, op == 1);
        else if (op < 6)
            carry(&f, op < 5 ? 0 : 1);
        else if (op == 6)
            deliver(&f, lk_get_lv8(&f.r), true, false);
        else
            LK_ASSERT(lk_wlan_link_answered(&f.link, &f.config, lk_get_lv8(&f.r), &cause) !=
                      LK_OK);
    }
    return 0;
}

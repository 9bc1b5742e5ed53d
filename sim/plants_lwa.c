/* Planted bugs of LTE-WLAN aggregation: see plants.h. */
#include "sim/plants_lwa.h"

#include <string.h>

#include "sim/lwa_invariants.h"
#include "sim/plants.h"

const struct sim_plant sim_plants_lwa[] = {
    { "tk-of-another", "keys-distinct" },
    { "kenb-again", "s-kwt-once" },
    { "saved-in-vain", "s-kwt-once" },
    { "wt-told-first", "device-first" },
    { "older-key-at-wt", "nothing-retired" },
    { "frames-pile-up", "memory-bounded" },
    { "tk-comes-back", "installed-once" },
    { "number-falls", "numbers-rise" },
    { "replay-window-forgets", "data-once" },
    { "data-of-another-device", "data-of-one" },
    { "device-derives-otherwise", "keys-equal" },
    { "one-try", "association-lives" },
    { "finished-too-early", "same-in-time" },
    { "any-link-is-one", "place-held" },
    { "s-kwt-on-uu", "nothing-clear" },
    { "enbs-deaf-after-restart", "live" },
    { NULL, NULL },
};

enum { REMEMBERED = 64, OLDER = 2 };
static struct lk_tk last_tk[REMEMBERED], first_tk[REMEMBERED];
/* By Xw, the last one first. */
static uint8_t told[REMEMBERED][OLDER + 1][LK_XWAP_KEY_LEN];

void sim_plant_lwa_start(struct sim_world *world)
{
    struct sim_lwa *lwa = world->lwa;

    memset(last_tk, 0, sizeof last_tk);
    memset(first_tk, 0, sizeof first_tk);
    memset(told, 0, sizeof told);
    if (sim_planted("one-try")) {
        lwa->wt.config.rsn.tries = 1;
        lwa->wt.config.rsn.retry_ms = 30;
    }
    for (unsigned i = 0; sim_planted("wt-told-first") && i < SIM_CELLS; i++) {
        lwa->enb.config.cell[i].laboratory = true;
        lwa->enb.config.cell[i].order = LK_LWA_WT_FIRST;
    }
}

void sim_plant_phone_event(struct sim_world *world, struct sim_phone *phone,
                           struct lk_lwa_device_event *event)
{
    static uint8_t packet[SIM_PACKET_LEN];
    struct sim_phone *other = &world->lwa->phone[(phone->index + 1) % world->options->ues];

    if (sim_planted("data-of-another-device") && event->kind == LK_LWA_DEVICE_EV_DATA_UP) {
        sim_packet(packet, other, SIM_END_PHONE);
        event->up.pdu = LK_SPAN(packet);
    }
    if (sim_planted("replay-window-forgets"))
        memset(phone->device.ccmp.now.received, 0, sizeof phone->device.ccmp.now.received);
}

static void leak(struct sim_phone *phone, struct lk_lwa_device_outbox *out)
{
    const struct lk_rsn_supplicant *s = &phone->device.supplicant;

    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_LWA_DEVICE_OUT_RRC && s->has_pmk &&
            out->used + sizeof s->pmk <= sizeof out->octets) {
            memcpy(out->octets + out->used, &s->pmk, sizeof s->pmk);
            out->item[i].send = lk_span_of(out->octets + out->used, sizeof s->pmk);
        }
}

static bool same(const struct lk_tk *a, const struct lk_tk *b)
{
    return lk_span_equal(LK_SPAN(a->octets), LK_SPAN(b->octets));
}

/* A TK that has just been put in becomes another; frames go on under what it was. */
static void spoil_tk(struct sim_phone *phone)
{
    static const struct lk_tk none;
    struct lk_tk *tk = &phone->device.ccmp.now.tk, *last = &last_tk[phone->index % REMEMBERED];
    struct lk_tk *first = &first_tk[phone->index % REMEMBERED];
    const struct lk_tk *other = &last_tk[(phone->index + 1) % REMEMBERED];

    if (same(last, tk))
        return;
    if (same(first, &none))
        *first = *tk;
    if (sim_planted("tk-of-another") && !same(other, &none))
        *tk = *other;
    if (sim_planted("tk-comes-back") && !same(first, last))
        *tk = *first;
    if (sim_planted("device-derives-otherwise"))
        tk->octets[0] ^= 1;
    *last = *tk;
}

void sim_plant_phone(struct sim_world *world, struct sim_phone *phone)
{
    static const uint8_t frame[4096];
    struct lk_rsn_ccmp_key *now = &phone->device.ccmp.now;

    if (now->is_set)
        spoil_tk(phone);
    if (sim_planted("number-falls") && now->sent > 3)
        now->sent = 1;
    if (sim_planted("s-kwt-on-uu"))
        leak(phone, &world->lwa->out);
    if (sim_planted("frames-pile-up"))
        sim_later(world, (struct sim_event){ .kind = SIM_PHONE_WAKE, .who = phone->index },
                  3600000, frame, sizeof frame);
}

/* ---- Xw ---- */

/* The WT says at once that it has finished, and never begins. */
static bool finish_early(struct sim_world *world, const struct lk_xwap *m, uint32_t link)
{
    static const enum lk_xwap_type types[] = { LK_XWAP_MODIFICATION_ACKNOWLEDGE,
                                               LK_XWAP_ASSOCIATION_CONFIRMATION };
    struct lk_wt_outbox *out = &world->lwa->wt.out;

    if (m->type != LK_XWAP_MODIFICATION_REQUEST || m->key.len == 0)
        return false;
    out->count = out->used = 0;
    for (size_t i = 0; i < LK_COUNT_OF(types); i++) {
        struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
        struct lk_wt_output *item = &out->item[out->count++];
        struct lk_xwap answer = { .type = types[i], .enb_ue_id = m->enb_ue_id,
                                  .wt_ue_id = m->wt_ue_id };

        memset(item, 0, sizeof *item);
        lk_xwap_mark(&answer, LK_XWAP_ENB_UE_ID);
        lk_xwap_mark(&answer, LK_XWAP_WT_UE_ID);
        LK_ASSERT(lk_xwap_encode(&w, &answer) == LK_OK);
        item->kind = LK_WT_OUT_XW;
        item->xw.link = link;
        item->xw.octets = lk_writer_span(&w);
        out->used += w.len;
    }
    return true;
}

/* The key of a modification is another one, from before. */
static void take_older(struct lk_wt_event *event, struct lk_xwap *m)
{
    static uint8_t octets[LK_XWAP_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint8_t(*key)[LK_XWAP_KEY_LEN] = told[m->wt_ue_id % REMEMBERED];
    static const uint8_t none[LK_XWAP_KEY_LEN];

    if (m->type != LK_XWAP_MODIFICATION_REQUEST || m->key.len != LK_XWAP_KEY_LEN)
        return;
    if (!lk_span_equal(m->key, LK_SPAN(key[0]))) {
        memmove(key[1], key[0], OLDER * sizeof key[0]);
        memcpy(key[0], m->key.at, sizeof key[0]);
    }
    if (lk_span_equal(LK_SPAN(key[OLDER]), LK_SPAN(none)))
        return;
    m->key = LK_SPAN(key[OLDER]);
    if (lk_xwap_encode(&w, m) == LK_OK)
        event->xw.octets = lk_writer_span(&w);
}

bool sim_plant_wt_event(struct sim_world *world, struct lk_wt_event *event)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap m;

    if (sim_planted("any-link-is-one") && event->kind == LK_WT_EV_XW &&
        event->xw.link == SIM_CELLS)
        event->xw.link = 0;
    if (event->kind != LK_WT_EV_XW || lk_xwap_decode(&m, &found, event->xw.octets) != LK_OK)
        return false;
    if (sim_planted("older-key-at-wt"))
        take_older(event, &m);
    return sim_planted("finished-too-early") && finish_early(world, &m, event->xw.link);
}

void sim_plant_enb_event(struct lk_enb_event *event)
{
    if (sim_planted("saved-in-vain") && event->kind == LK_ENB_EV_SAVED)
        event->saved.done = true;
}

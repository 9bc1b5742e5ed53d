/* The WT's rows: by MAC address, by our id, by time. */
#include <stdalign.h>
#include <string.h>

#include "base/hash.h"
#include "base/secret.h"
#include "node/wt_parts.h"

#define NONE UINT32_MAX

/* ---- memory ---- */

struct layout {
    size_t ue, due, bucket, mark, end;
    uint32_t buckets;
};

static size_t room(size_t *at, size_t octets)
{
    size_t here = (*at + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);

    *at = here + octets;
    return here;
}

static struct layout layout_of(const struct lk_wt_config *config)
{
    struct layout l = { .buckets = 1 };
    size_t at = sizeof(struct lk_wt);

    LK_ASSERT(config->ues > 0 && config->ues <= LK_WT_UES_MAX);
    while (l.buckets < config->ues)
        l.buckets *= 2;
    l.ue = room(&at, config->ues * sizeof(struct lk_wt_ue));
    l.due = room(&at, lk_due_size(config->ues));
    l.bucket = room(&at, l.buckets * sizeof(uint32_t));
    l.mark = room(&at, l.buckets * sizeof(struct lk_wt_mark));
    l.end = at;
    return l;
}

size_t lk_wt_size(const struct lk_wt_config *config)
{
    return layout_of(config).end;
}

static void make_rsne(struct lk_wt *wt)
{
    struct lk_rsne rsne = lk_rsne_of((uint8_t)wt->config.rsn.akm, 0, lk_span_of(NULL, 0));
    struct lk_writer w = lk_writer_of(wt->rsne, sizeof wt->rsne);

    LK_ASSERT(lk_rsne_encode(&w, &rsne) == LK_OK);
    wt->rsne_len = w.len;
}

struct lk_wt *lk_wt_init(void *memory, const struct lk_wt_config *config,
                         const uint8_t seed[LK_WT_SEED_LEN])
{
    struct layout l = layout_of(config);
    struct lk_wt *wt = memory;
    uint8_t *at = memory;
    struct lk_reader r = lk_reader_of(lk_span_of(seed, LK_WT_SEED_LEN));

    LK_ASSERT((uintptr_t)memory % alignof(max_align_t) == 0);
    memset(wt, 0, sizeof *wt);
    wt->config = *config;
    wt->hash[0] = lk_get_be64(&r);
    wt->hash[1] = lk_get_be64(&r);
    lk_draw_in(&wt->draw, lk_get_rest(&r).at);
    wt->ue = (struct lk_wt_ue *)(void *)(at + l.ue);
    lk_due_in(&wt->due, at + l.due, config->ues);
    wt->bucket = (uint32_t *)(void *)(at + l.bucket);
    wt->mask = l.buckets - 1;
    wt->mark = (struct lk_wt_mark *)(void *)(at + l.mark);
    for (uint32_t i = 0; i < l.buckets; i++) {
        wt->bucket[i] = NONE;
        wt->mark[i].until_ms = 0;
    }
    for (uint32_t i = config->ues - 1; i > 0; i >>= 1)
        wt->id_bits++;
    wt->free = NONE;
    wt->group_due_ms = wt->wake_ms = LK_DUE_NEVER;
    make_rsne(wt);
    lk_wt_renew_group(wt);
    return wt;
}

void lk_wt_configure(struct lk_wt *wt, const struct lk_wt_config *config)
{
    uint32_t ues = wt->config.ues;
    enum lk_akm akm = wt->config.rsn.akm;

    wt->config = *config;
    wt->config.ues = ues;
    wt->config.rsn.akm = akm;
}

void lk_wt_wipe(struct lk_wt *wt)
{
    size_t size = lk_wt_size(&wt->config);

    lk_wipe(wt, size);
}

/* ---- the group's key ---- */

/* spec: IEEE 802.11 12.7.7 - another key of the group has another id: 1 and 2 take turns. */
void lk_wt_renew_group(struct lk_wt *wt)
{
    lk_draw(&wt->draw, wt->group.gtk.octets, sizeof wt->group.gtk.octets);
    wt->group.key_id = wt->group.key_id == 1 ? 2 : 1;
    wt->group.rsc = 0;
    for (uint32_t i = 0; i < wt->touched; i++)
        if (wt->ue[i].used && wt->ue[i].associated) {
            wt->ue[i].group_due = true;
            lk_wt_schedule(wt, &wt->ue[i]);
        }
}

/* ---- rows ---- */

static uint32_t *bucket_of(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN])
{
    struct lk_span octets = lk_span_of(mac, LK_STATION_LEN);

    return &wt->bucket[lk_hash(wt->hash[0], wt->hash[1], octets) & wt->mask];
}

struct lk_wt_ue *lk_wt_of_mac(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN])
{
    for (uint32_t i = *bucket_of(wt, mac); i != NONE; i = wt->ue[i].next)
        if (lk_span_equal(LK_SPAN(wt->ue[i].mac), lk_span_of(mac, LK_STATION_LEN)))
            return &wt->ue[i];
    return NULL;
}

struct lk_wt_ue *lk_wt_of_id(const struct lk_wt *wt, uint32_t wt_ue_id)
{
    uint32_t row = wt_ue_id & ((1u << wt->id_bits) - 1);

    if (row >= wt->touched || !wt->ue[row].used || wt->ue[row].lwa.state == LK_LWA_WT_IDLE ||
        wt->ue[row].lwa.wt_ue_id != wt_ue_id)
        return NULL;
    return &wt->ue[row];
}

static uint32_t row_of(const struct lk_wt *wt, const struct lk_wt_ue *ue)
{
    return (uint32_t)(ue - wt->ue);
}

/* An id says its row, and how often that had a context: so an old one is not taken for a new one
 * soon. */
uint32_t lk_wt_next_id(const struct lk_wt *wt, const struct lk_wt_ue *ue)
{
    uint32_t epochs = LK_XWAP_UE_ID_MAX >> wt->id_bits;

    return (ue->epoch % epochs + 1) << wt->id_bits | row_of(wt, ue);
}

struct lk_wt_ue *lk_wt_add(struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN])
{
    uint32_t row = wt->free != NONE ? wt->free : wt->touched, *bucket = bucket_of(wt, mac);
    struct lk_wt_ue *ue;
    uint32_t epoch = 0;

    if (row == wt->config.ues)
        return NULL;
    ue = &wt->ue[row];
    if (row == wt->touched) {
        wt->touched++;
    } else {
        epoch = ue->epoch;
        wt->free = ue->next;
    }
    memset(ue, 0, sizeof *ue);
    ue->used = true;
    ue->epoch = epoch;
    ue->lwa_due_ms = ue->rsn_due_ms = LK_DUE_NEVER;
    memcpy(ue->mac, mac, sizeof ue->mac);
    lk_lwa_wt_init(&ue->lwa);
    lk_rsn_authenticator_init(&ue->rsn);
    lk_rsn_ccmp_init(&ue->ccmp);
    ue->next = *bucket;
    *bucket = row;
    wt->ues++;
    return ue;
}

void lk_wt_drop(struct lk_wt *wt, struct lk_wt_ue *ue)
{
    uint32_t *at = bucket_of(wt, ue->mac), row = row_of(wt, ue), epoch = ue->epoch;

    while (*at != row) {
        LK_ASSERT(*at != NONE);
        at = &wt->ue[*at].next;
    }
    *at = ue->next;
    lk_due_set(&wt->due, row, LK_DUE_NEVER);
    lk_wipe(ue, sizeof *ue);
    ue->epoch = epoch;
    ue->next = wt->free;
    wt->free = row;
    wt->ues--;
}

void lk_wt_schedule(struct lk_wt *wt, const struct lk_wt_ue *ue)
{
    uint64_t at_ms = ue->lwa_due_ms < ue->rsn_due_ms ? ue->lwa_due_ms : ue->rsn_due_ms;
    uint64_t old_ms = lk_rsn_ccmp_due_ms(&ue->ccmp);

    if (old_ms < at_ms)
        at_ms = old_ms;
    lk_due_set(&wt->due, row_of(wt, ue), ue->up_due || ue->group_due ? wt->now_ms : at_ms);
}

/* ---- those that went ---- */

static struct lk_wt_mark *mark_of(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN])
{
    return &wt->mark[bucket_of(wt, mac) - wt->bucket];
}

void lk_wt_mark(struct lk_wt *wt, const struct lk_wt_ue *ue, uint32_t link, uint64_t away_since_ms)
{
    struct lk_wt_mark *mark = mark_of(wt, ue->mac);

    if (away_since_ms == 0)
        return;
    *mark = (struct lk_wt_mark){ .link = link, .away_since_ms = away_since_ms,
                                 .until_ms = wt->now_ms + wt->config.lwa.hold_ms };
    memcpy(mark->mac, ue->mac, sizeof mark->mac);
}

uint64_t lk_wt_marked(const struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN], uint32_t link)
{
    const struct lk_wt_mark *mark = mark_of(wt, mac);
    bool is_its = mark->link == link &&
                  lk_span_equal(LK_SPAN(mark->mac), lk_span_of(mac, LK_STATION_LEN));

    return is_its && wt->now_ms < mark->until_ms ? mark->away_since_ms : 0;
}

/* ---- what is told of them ---- */

static void tell(struct lk_wt_told *told, const struct lk_wt_ue *ue)
{
    *told = (struct lk_wt_told){ .state = ue->lwa.state, .link = ue->lwa.link,
                                 .enb_ue_id = ue->lwa.enb_ue_id, .wt_ue_id = ue->lwa.wt_ue_id,
                                 .associated = ue->associated, .has_tk = ue->ccmp.now.is_set,
                                 .sent = ue->ccmp.now.sent };
    memcpy(told->mac, ue->mac, sizeof told->mac);
}

bool lk_wt_told_of(struct lk_wt_told *told, const struct lk_wt *wt,
                   const uint8_t mac[LK_STATION_LEN])
{
    const struct lk_wt_ue *ue = lk_wt_of_mac(wt, mac);

    if (ue == NULL)
        return false;
    tell(told, ue);
    return true;
}

bool lk_wt_told_at(struct lk_wt_told *told, const struct lk_wt *wt, uint32_t place)
{
    if (place >= wt->touched || !wt->ue[place].used)
        return false;
    tell(told, &wt->ue[place]);
    return true;
}

uint32_t lk_wt_places(const struct lk_wt *wt)
{
    return wt->touched;
}

uint32_t lk_wt_ue_count(const struct lk_wt *wt)
{
    return wt->ues;
}

const struct lk_wt_counters *lk_wt_counted(const struct lk_wt *wt)
{
    return &wt->counters;
}

struct lk_span lk_wt_rsne(const struct lk_wt *wt)
{
    return lk_span_of(wt->rsne, wt->rsne_len);
}

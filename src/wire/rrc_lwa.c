/* lwa-Configuration: release, or the WT Counter, the mobility set, T351 and whether to report.
 *                                                                                TS 36.331 6.3.6 */
#include "wire/rrc_parts.h"

enum { CHOICE_RELEASE = 0, CHOICE_SETUP = 1, TIMERS = 5, COUNTER_MAX = 65535 };

static const uint8_t timers[TIMERS] = { 10, 30, 60, 120, 240 };
static const struct lk_per_size set_size = { 1, LK_WLAN_SET_MAX, false },
                                ssid_size = { 1, LK_WLAN_SSID_MAX, false };

void lk_rrc_none(struct lk_per_reader *r, unsigned count)
{
    if (lk_per_get_bits(r, count) != 0)
        lk_per_fail(r, LK_E_UNSUPPORTED);
}

static void get_wlan(struct lk_wlan_id *id, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), has_ssid = lk_per_get_bool(r);

    *id = (struct lk_wlan_id){ 0 };
    id->has_bssid = lk_per_get_bool(r);
    id->has_hessid = lk_per_get_bool(r);
    if (has_ssid)
        id->ssid_len = (uint8_t)lk_per_get_octet_string(r, id->ssid, sizeof id->ssid, ssid_size);
    if (id->has_bssid)
        lk_per_get_octets(r, id->bssid, sizeof id->bssid);
    if (id->has_hessid)
        lk_per_get_octets(r, id->hessid, sizeof id->hessid);
    if (additions)
        lk_per_skip_additions(r);
}

static void put_wlan(struct lk_per_writer *w, const struct lk_wlan_id *id)
{
    if (id->ssid_len > LK_WLAN_SSID_MAX) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, id->ssid_len > 0);
    lk_per_put_bool(w, id->has_bssid);
    lk_per_put_bool(w, id->has_hessid);
    if (id->ssid_len > 0)
        lk_per_put_octet_string(w, lk_span_of(id->ssid, id->ssid_len), ssid_size);
    if (id->has_bssid)
        lk_per_put_octets(w, id->bssid, sizeof id->bssid);
    if (id->has_hessid)
        lk_per_put_octets(w, id->hessid, sizeof id->hessid);
}

static void get_set(struct lk_wlan_set *set, struct lk_per_reader *r)
{
    set->count = (uint8_t)lk_per_get_length(r, set_size);
    for (size_t i = 0; i < set->count; i++)
        get_wlan(&set->id[i], r);
}

static void put_set(struct lk_per_writer *w, const struct lk_wlan_set *set)
{
    lk_per_put_length(w, set->count, set_size);
    for (size_t i = 0; i < set->count && i < LK_WLAN_SET_MAX; i++)
        put_wlan(w, &set->id[i]);
}

/* spec: TS 36.331 6.3.6 - sets to release and to add, T351, and whether success is reported. */
static void get_mobility(struct lk_rrc_lwa *lwa, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), to_release = lk_per_get_bool(r);
    bool to_add = lk_per_get_bool(r), timer = lk_per_get_bool(r);

    lwa->success_report = lk_per_get_bool(r);
    if (to_release)
        get_set(&lwa->to_release, r);
    if (to_add)
        get_set(&lwa->to_add, r);
    if (timer)
        lwa->association_timer_s = timers[lk_per_get_index(r, TIMERS, false)];
    if (additions)
        lk_per_skip_additions(r);
}

static void put_timer(struct lk_per_writer *w, uint8_t seconds)
{
    uint32_t index = 0;

    while (index < TIMERS && timers[index] != seconds)
        index++;
    lk_per_put_index(w, index, TIMERS, false);
}

static void put_mobility(struct lk_per_writer *w, const struct lk_rrc_lwa *lwa)
{
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, lwa->to_release.count > 0);
    lk_per_put_bool(w, lwa->to_add.count > 0);
    lk_per_put_bool(w, lwa->association_timer_s != 0);
    lk_per_put_bool(w, lwa->success_report);
    if (lwa->to_release.count > 0)
        put_set(w, &lwa->to_release);
    if (lwa->to_add.count > 0)
        put_set(w, &lwa->to_add);
    if (lwa->association_timer_s != 0)
        put_timer(w, lwa->association_timer_s);
}

/* The first addition: the WT's address; others are passed over. */
static void get_additions(struct lk_rrc_lwa *lwa, struct lk_per_reader *r)
{
    unsigned count;
    uint64_t present = lk_per_get_additions(r, &count);
    struct lk_per_reader first;

    if (present & 1) {
        first = lk_per_get_open(r);
        lwa->has_wt_mac = lk_per_get_bool(&first);
        if (lwa->has_wt_mac)
            lk_per_get_octets(&first, lwa->wt_mac, sizeof lwa->wt_mac);
        if (lk_per_end(&first) != LK_OK)
            lk_per_fail(r, lk_per_end(&first));
        present &= present - 1;
    }
    for (; present != 0; present &= present - 1)
        (void)lk_per_get_open(r);
}

static void put_additions(struct lk_per_writer *w, const struct lk_rrc_lwa *lwa)
{
    uint8_t room[LK_WLAN_ADDRESS_LEN + 1];
    struct lk_per_writer first = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);

    lk_per_put_bool(&first, true);
    lk_per_put_octets(&first, lwa->wt_mac, sizeof lwa->wt_mac);
    lk_per_put_additions(w, 1, 1);
    lk_per_put_open(w, &first);
}

void lk_rrc_get_lwa(struct lk_rrc_lwa *lwa, struct lk_per_reader *r)
{
    bool additions;

    *lwa = (struct lk_rrc_lwa){ .release = lk_per_get_index(r, 2, false) == CHOICE_RELEASE };
    if (lwa->release)
        return;
    additions = lk_per_get_bool(r);
    lwa->has_mobility = lk_per_get_bool(r);
    lwa->has_counter = lk_per_get_bool(r);
    if (lwa->has_mobility)
        get_mobility(lwa, r);
    if (lwa->has_counter)
        lwa->wt_counter = (uint16_t)lk_per_get_whole(r, 0, COUNTER_MAX);
    if (additions)
        get_additions(lwa, r);
}

void lk_rrc_put_lwa(struct lk_per_writer *w, const struct lk_rrc_lwa *lwa)
{
    lk_per_put_index(w, lwa->release ? CHOICE_RELEASE : CHOICE_SETUP, 2, false);
    if (lwa->release)
        return;
    lk_per_put_bool(w, lwa->has_wt_mac);
    lk_per_put_bool(w, lwa->has_mobility);
    lk_per_put_bool(w, lwa->has_counter);
    if (lwa->has_mobility)
        put_mobility(w, lwa);
    if (lwa->has_counter)
        lk_per_put_whole(w, lwa->wt_counter, 0, COUNTER_MAX);
    if (lwa->has_wt_mac)
        put_additions(w, lwa);
}

enum lk_status lk_rrc_lwa_decode(struct lk_rrc_lwa *lwa, struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_UNALIGNED);

    lk_rrc_get_lwa(lwa, &r);
    return lk_per_end(&r);
}

enum lk_status lk_rrc_lwa_encode(struct lk_writer *w, const struct lk_rrc_lwa *lwa)
{
    uint8_t room[LK_RRC_MAX];
    struct lk_per_writer bits = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);
    enum lk_status status;

    lk_rrc_put_lwa(&bits, lwa);
    status = lk_per_finish(&bits);
    if (status != LK_OK)
        return status;
    lk_put_span(w, lk_per_written(&bits));
    return lk_writer_end(w);
}

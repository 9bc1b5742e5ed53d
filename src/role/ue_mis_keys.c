/* Link keys that PoS have pushed to the device: kept until their time is over, told of, and never
 * shown. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"

enum { MS_PER_S = 1000 };

static bool is_free(const struct lk_ue_mis_link_key *key, uint64_t now_ms)
{
    return key->until_ms <= now_ms;
}

/* T40: an SA ends in many ways, by a handover, say, and its link keys with it. */
static bool is_of_an_sa(const struct lk_ue_mis_link_key *key, const struct lk_mis_device *device)
{
    for (size_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        const struct lk_mis_device_link *at = &device->link[i];

        if (at->holds == LK_MIS_DEVICE_SA &&
            lk_span_equal(lk_span_of(at->sa.id, at->sa.id_len),
                          lk_span_of(key->said, key->said_len)))
            return true;
    }
    return false;
}

void lk_ue_mis_forget_link_keys(struct lk_ue_mis *mis, uint64_t now_ms)
{
    for (size_t i = 0; i < LK_UE_MIS_LINK_KEYS; i++) {
        struct lk_ue_mis_link_key *key = &mis->link_key[i];

        if (key->until_ms > 0 && (is_free(key, now_ms) || !is_of_an_sa(key, &mis->device)))
            lk_wipe(key, sizeof *key);
    }
}

/* That of the same link; else a free one; else the one whose time is over first. */
static struct lk_ue_mis_link_key *place_for(struct lk_ue_mis *mis,
                                            const struct lk_mis_link_pair *link)
{
    struct lk_ue_mis_link_key *place = &mis->link_key[0];

    for (size_t i = 0; i < LK_UE_MIS_LINK_KEYS; i++) {
        struct lk_ue_mis_link_key *key = &mis->link_key[i];

        if (key->until_ms > 0 &&
            lk_span_equal(LK_SPAN(key->pushed.link.mn), LK_SPAN(link->mn)) &&
            lk_span_equal(LK_SPAN(key->pushed.link.poa), LK_SPAN(link->poa)))
            return key;
        if (key->until_ms < place->until_ms)
            place = key;
    }
    return place;
}

static void log_key(struct lk_ue_manager *ue, const struct lk_mis_sa *sa,
                    const struct lk_mis_pushed *pushed)
{
    static struct lk_log_limit limit; /* T44: a captured PoS may push and push */
    char link[LK_STATION_TEXT], poa[LK_STATION_TEXT], left_out_text[16];
    struct lk_mis_key_log entry;
    uint32_t left_out;

    lk_station_text(link, pushed->link.mn);
    lk_station_text(poa, pushed->link.poa);
    if (lk_log_wanted(LK_LOG_INFO) && lk_log_allowed(&limit, lk_mono_ms(), &left_out)) {
        (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
        LK_LOG(LK_LOG_INFO, "mis", { "what", "link-key" }, { "link", link }, { "poa", poa },
               { "left_out", left_out == 0 ? NULL : left_out_text });
    }
    lk_mis_key_log_mspmk(&entry, (uint8_t)sa->type, lk_span_of(sa->id, sa->id_len), &pushed->link,
                         &pushed->key);
    lk_seen_mis_key(&ue->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

void lk_ue_mis_keep_link_key(struct lk_ue_manager *ue, const struct lk_mis_device_output *said)
{
    struct lk_ue_mis *mis = &ue->mis;
    const struct lk_mis_device_link *at = &mis->device.link[said->link];
    struct lk_ue_mis_link_key *key;

    if (at->holds != LK_MIS_DEVICE_SA)
        return; /* it ended behind the key, in the same step */
    key = place_for(mis, &said->link_key.link);
    key->pos = at->id;
    memcpy(key->said, at->sa.id, sizeof key->said);
    key->said_len = at->sa.id_len;
    key->pushed = said->link_key;
    key->until_ms = lk_mono_ms() + (uint64_t)said->link_key.lifetime_s * MS_PER_S;
    if (key->until_ms > at->sa.expires_ms)
        key->until_ms = at->sa.expires_ms;
    log_key(ue, &at->sa, &said->link_key);
}

json_t *lk_ue_mis_link_keys_json(const struct lk_ue_mis *mis)
{
    json_t *rows = json_array();
    uint64_t now_ms = lk_mono_ms();

    for (size_t i = 0; i < LK_UE_MIS_LINK_KEYS; i++) {
        const struct lk_ue_mis_link_key *key = &mis->link_key[i];
        char link[LK_STATION_TEXT], poa[LK_STATION_TEXT];

        if (is_free(key, now_ms))
            continue;
        lk_station_text(link, key->pushed.link.mn);
        lk_station_text(poa, key->pushed.link.poa);
        (void)json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s%, s:I}", "link", link, "poa", poa, "pos",
                            (const char *)key->pos.octets, key->pos.len, "expires-s",
                            (json_int_t)((key->until_ms - now_ms) / MS_PER_S)));
    }
    return rows;
}

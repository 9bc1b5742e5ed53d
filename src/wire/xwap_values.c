/* The values of XwAP's elements, read and written side by side. A value that a later edition has is
 * LK_E_UNKNOWN: then the criticality of its element decides. */
#include "wire/xwap_rows.h"

const struct lk_per_size lk_xwap_container_size = { 1, LK_XWAP_ID_MAX, false };

static const struct lk_per_size mobility_size = { 1, 1024, false },
                                ssid_size = { 1, LK_WLAN_SSID_MAX, false },
                                errors_size = { 1, 256, false };

enum lk_xwap_criticality lk_xwap_get_criticality(struct lk_per_reader *r)
{
    return (enum lk_xwap_criticality)lk_per_get_whole(r, 0, LK_XWAP_CRITICALITIES - 1);
}

/* Passes over one extension, of which only the identifier is known to be unknown. */
void lk_xwap_skip_extension(struct lk_per_reader *r, enum lk_xwap_criticality criticality)
{
    (void)lk_per_get_open(r);
    if (criticality == LK_XWAP_REJECT)
        lk_per_fail(r, LK_E_UNKNOWN);
}

static void skip_container(struct lk_per_reader *r, bool container)
{
    size_t count = container ? lk_per_get_length(r, lk_xwap_container_size) : 0;

    for (; count > 0 && lk_per_status(r) == LK_OK; count--) {
        (void)lk_per_get_whole(r, 0, LK_XWAP_ID_MAX);
        lk_xwap_skip_extension(r, lk_xwap_get_criticality(r));
    }
}

/* The end of a SEQUENCE: extensions in a container, then additions. */
void lk_xwap_skip_rest(struct lk_per_reader *r, bool container, bool additions)
{
    skip_container(r, container);
    if (additions)
        lk_per_skip_additions(r);
}

/* ---- identities ---- */

static uint32_t get_ue_id(struct lk_per_reader *r)
{
    uint8_t id[3] = { 0 };
    struct lk_reader octets = lk_reader_of(LK_SPAN(id));

    lk_per_get_octets(r, id, sizeof id);
    return lk_get_be24(&octets);
}

static void put_ue_id(struct lk_per_writer *w, uint32_t id)
{
    uint8_t room[3];
    struct lk_writer octets = lk_writer_of(room, sizeof room);

    if (id > LK_XWAP_UE_ID_MAX) {
        lk_per_put_fail(w, LK_E_VALUE);
        return;
    }
    lk_put_be24(&octets, id);
    lk_per_put_octets(w, room, sizeof room);
}

#define GET(name)                                                                                 \
    void lk_xwap_get_##name(struct lk_xwap *m, struct lk_per_reader *r,                           \
                            const struct lk_xwap_list *list)
#define PUT(name)                                                                                 \
    void lk_xwap_put_##name(struct lk_per_writer *w, const struct lk_xwap *m,                     \
                            const struct lk_xwap_list *list)

GET(enb_ue_id) { m->enb_ue_id = get_ue_id(r); }
PUT(enb_ue_id) { put_ue_id(w, m->enb_ue_id); }
GET(wt_ue_id) { m->wt_ue_id = get_ue_id(r); }
PUT(wt_ue_id) { put_ue_id(w, m->wt_ue_id); }
GET(ue_identity) { lk_per_get_octets(r, m->ue_identity, sizeof m->ue_identity); }
PUT(ue_identity) { lk_per_put_octets(w, m->ue_identity, sizeof m->ue_identity); }
GET(wt_mac) { lk_per_get_octets(r, m->wt_mac, sizeof m->wt_mac); }
PUT(wt_mac) { lk_per_put_octets(w, m->wt_mac, sizeof m->wt_mac); }
GET(serving_plmn) { lk_per_get_octets(r, m->serving_plmn, sizeof m->serving_plmn); }
PUT(serving_plmn) { lk_per_put_octets(w, m->serving_plmn, sizeof m->serving_plmn); }
GET(cause) { lk_xwap_get_cause_value(&m->cause, r); }
PUT(cause) { lk_xwap_put_cause_value(w, m->cause); }

/* One value so far: kept. */
GET(context_kept)
{
    if (lk_per_get_index(r, 1, true) != 0)
        lk_per_fail(r, LK_E_UNKNOWN);
}

PUT(context_kept) { lk_per_put_index(w, 0, 1, true); }

/* ---- security ---- */

/* spec: TS 36.463 9.2.27 - the key of the WT: 256 bits. */
static void get_security(struct lk_span *key, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), container = lk_per_get_bool(r);

    *key = lk_per_get_view(r, LK_XWAP_KEY_LEN);
    lk_xwap_skip_rest(r, container, additions);
}

static void put_security(struct lk_per_writer *w, struct lk_span key)
{
    if (key.len != LK_XWAP_KEY_LEN)
        lk_per_put_fail(w, LK_E_VALUE);
    lk_per_put_bits(w, 0, 2);
    lk_per_put_span(w, key);
}

GET(security)
{
    get_security(&m->key, r);
    if (lk_per_status(r) != LK_OK)
        m->key = lk_span_of(NULL, 0);
}

PUT(security) { put_security(w, m->key); }

static struct lk_xwap_bearers *list_in(struct lk_xwap *m, const struct lk_xwap_list *list)
{
    return (struct lk_xwap_bearers *)(void *)((uint8_t *)m + list->offset);
}

static const struct lk_xwap_bearers *list_of(const struct lk_xwap *m,
                                             const struct lk_xwap_list *list)
{
    return (const struct lk_xwap_bearers *)(const void *)((const uint8_t *)m + list->offset);
}

GET(bearers) { lk_xwap_get_list(list_in(m, list), r, list); }
PUT(bearers) { lk_xwap_put_list(w, list_of(m, list), list); }

/* ---- what a modification changes in the UE's context ---- */

GET(context)
{
    bool additions = lk_per_get_bool(r), key = lk_per_get_bool(r);
    uint32_t lists = lk_per_get_bits(r, LK_XWAP_CONTEXT_LISTS);
    bool container = lk_per_get_bool(r);

    if (key)
        get_security(&m->key, r);
    for (unsigned i = 0; i < LK_XWAP_CONTEXT_LISTS; i++)
        if (lists >> (LK_XWAP_CONTEXT_LISTS - 1 - i) & 1u)
            lk_xwap_get_list(list_in(m, &lk_xwap_context_lists[i]), r, &lk_xwap_context_lists[i]);
    lk_xwap_skip_rest(r, container, additions);
    if (lk_per_status(r) != LK_OK) {
        m->key = lk_span_of(NULL, 0);
        m->added.count = m->modified.count = m->released.count = 0;
    }
}

PUT(context)
{
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, m->key.len > 0);
    for (unsigned i = 0; i < LK_XWAP_CONTEXT_LISTS; i++)
        lk_per_put_bool(w, list_of(m, &lk_xwap_context_lists[i])->count > 0);
    lk_per_put_bool(w, false);
    if (m->key.len > 0)
        put_security(w, m->key);
    for (unsigned i = 0; i < LK_XWAP_CONTEXT_LISTS; i++)
        if (list_of(m, &lk_xwap_context_lists[i])->count > 0)
            lk_xwap_put_list(w, list_of(m, &lk_xwap_context_lists[i]), &lk_xwap_context_lists[i]);
}

/* ---- mobility set ---- */

/* spec: TS 36.463 9.2.28 - each WLAN by any of three names. */
static void get_wlan(struct lk_wlan_id *id, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), has_ssid, container;

    *id = (struct lk_wlan_id){ 0 };
    id->has_bssid = lk_per_get_bool(r);
    has_ssid = lk_per_get_bool(r);
    id->has_hessid = lk_per_get_bool(r);
    container = lk_per_get_bool(r);
    if (id->has_bssid)
        lk_per_get_octets(r, id->bssid, sizeof id->bssid);
    if (has_ssid)
        id->ssid_len = (uint8_t)lk_per_get_octet_string(r, id->ssid, sizeof id->ssid, ssid_size);
    if (id->has_hessid)
        lk_per_get_octets(r, id->hessid, sizeof id->hessid);
    lk_xwap_skip_rest(r, container, additions);
}

static void put_wlan(struct lk_per_writer *w, const struct lk_wlan_id *id)
{
    if (id->ssid_len > LK_WLAN_SSID_MAX) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, id->has_bssid);
    lk_per_put_bool(w, id->ssid_len > 0);
    lk_per_put_bool(w, id->has_hessid);
    lk_per_put_bool(w, false);
    if (id->has_bssid)
        lk_per_put_octets(w, id->bssid, sizeof id->bssid);
    if (id->ssid_len > 0)
        lk_per_put_octet_string(w, lk_span_of(id->ssid, id->ssid_len), ssid_size);
    if (id->has_hessid)
        lk_per_put_octets(w, id->hessid, sizeof id->hessid);
}

GET(mobility_set)
{
    size_t count = lk_per_get_length(r, mobility_size);

    m->mobility_set.count = 0;
    if (lk_per_status(r) == LK_OK && count > LK_WLAN_SET_MAX)
        lk_per_fail(r, LK_E_FULL);
    for (size_t i = 0; i < count && lk_per_status(r) == LK_OK; i++)
        get_wlan(&m->mobility_set.id[i], r);
    if (lk_per_status(r) == LK_OK)
        m->mobility_set.count = (uint8_t)count;
}

PUT(mobility_set)
{
    if (m->mobility_set.count > LK_WLAN_SET_MAX) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    lk_per_put_length(w, m->mobility_set.count, mobility_size);
    for (size_t i = 0; i < m->mobility_set.count; i++)
        put_wlan(w, &m->mobility_set.id[i]);
}

/* ---- criticality diagnostics ---- */

/* spec: TS 36.463 9.2.5 - what was wrong with which element of which message. */
static void get_error(struct lk_xwap_diagnostics *d, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), container = lk_per_get_bool(r);
    enum lk_xwap_criticality criticality = lk_xwap_get_criticality(r);
    uint16_t id = (uint16_t)lk_per_get_whole(r, 0, LK_XWAP_ID_MAX);
    uint32_t error = lk_per_get_index(r, 2, true);

    lk_xwap_skip_rest(r, container, additions);
    /* More than we keep, and errors that nobody knows, are passed over: somebody will read them. */
    if (lk_per_status(r) != LK_OK || error > 1 || d->count == LK_XWAP_DIAGNOSTICS_MAX)
        return;
    d->item[d->count].criticality = criticality;
    d->item[d->count].id = id;
    d->item[d->count++].missing = error == 1;
}

GET(diagnostics)
{
    struct lk_xwap_diagnostics *d = &m->diagnostics;
    bool additions = lk_per_get_bool(r), has_procedure = lk_per_get_bool(r);
    bool has_outcome = lk_per_get_bool(r), has_criticality = lk_per_get_bool(r);
    bool has_errors = lk_per_get_bool(r), container = lk_per_get_bool(r);
    size_t count = 0;

    *d = (struct lk_xwap_diagnostics){ 0 };
    if (has_procedure)
        d->procedure = (uint8_t)lk_per_get_whole(r, 0, 255);
    if (has_outcome)
        d->outcome = (enum lk_xwap_outcome)lk_per_get_whole(r, 0, LK_XWAP_UNSUCCESSFUL);
    if (has_criticality)
        d->criticality = lk_xwap_get_criticality(r);
    d->has_message = has_procedure && has_outcome;
    d->has_criticality = has_criticality;
    if (has_errors)
        count = lk_per_get_length(r, errors_size);
    for (; count > 0 && lk_per_status(r) == LK_OK; count--)
        get_error(d, r);
    lk_xwap_skip_rest(r, container, additions);
}

PUT(diagnostics)
{
    const struct lk_xwap_diagnostics *d = &m->diagnostics;

    if (d->count > LK_XWAP_DIAGNOSTICS_MAX) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, d->has_message);
    lk_per_put_bool(w, d->has_message);
    lk_per_put_bool(w, d->has_criticality);
    lk_per_put_bool(w, d->count > 0);
    lk_per_put_bool(w, false);
    if (d->has_message) {
        lk_per_put_whole(w, d->procedure, 0, 255);
        lk_per_put_whole(w, d->outcome, 0, LK_XWAP_UNSUCCESSFUL);
    }
    if (d->has_criticality)
        lk_per_put_whole(w, d->criticality, 0, LK_XWAP_CRITICALITIES - 1);
    if (d->count > 0)
        lk_per_put_length(w, d->count, errors_size);
    for (size_t i = 0; i < d->count; i++) {
        lk_per_put_bits(w, 0, 2);
        lk_per_put_whole(w, d->item[i].criticality, 0, LK_XWAP_CRITICALITIES - 1);
        lk_per_put_whole(w, d->item[i].id, 0, LK_XWAP_ID_MAX);
        lk_per_put_index(w, d->item[i].missing, 2, true);
    }
}

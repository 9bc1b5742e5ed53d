/* Bearers in XwAP: their quality, their tunnel endpoints, and lists of them. Each list has its own
 * identifiers and its own choice of members, which xwap_table.c gives. */
#include "wire/xwap_rows.h"

#define RATE_MAX UINT64_C(10000000000)

static const struct lk_per_size bearers_size = { 1, 256, false },
                                address_size = { 1, LK_XWAP_ADDRESS_BITS_MAX, true };

static void get_rate(struct lk_xwap_qos *qos, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), container = lk_per_get_bool(r);

    qos->most_down = lk_per_get_whole(r, 0, RATE_MAX);
    qos->guaranteed_down = lk_per_get_whole(r, 0, RATE_MAX);
    lk_xwap_skip_rest(r, container, additions);
}

/* spec: TS 36.463 9.2.19 - class, retention priority, and a rate where it is guaranteed. */
static void get_qos(struct lk_xwap_qos *qos, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), inner_additions, inner_container, container;

    qos->present = true;
    qos->has_rate = lk_per_get_bool(r);
    container = lk_per_get_bool(r);
    qos->qci = (uint8_t)lk_per_get_whole(r, 0, 255);
    inner_additions = lk_per_get_bool(r);
    inner_container = lk_per_get_bool(r);
    qos->priority = (uint8_t)lk_per_get_whole(r, 0, 15);
    qos->may_preempt = lk_per_get_bool(r);
    qos->preemptable = lk_per_get_bool(r);
    lk_xwap_skip_rest(r, inner_container, inner_additions);
    if (qos->has_rate)
        get_rate(qos, r);
    lk_xwap_skip_rest(r, container, additions);
}

static void put_qos(struct lk_per_writer *w, const struct lk_xwap_qos *qos)
{
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, qos->has_rate);
    lk_per_put_bool(w, false);
    lk_per_put_whole(w, qos->qci, 0, 255);
    lk_per_put_bits(w, 0, 2);
    lk_per_put_whole(w, qos->priority, 0, 15);
    lk_per_put_bool(w, qos->may_preempt);
    lk_per_put_bool(w, qos->preemptable);
    if (!qos->has_rate)
        return;
    lk_per_put_bits(w, 0, 2);
    lk_per_put_whole(w, qos->most_down, 0, RATE_MAX);
    lk_per_put_whole(w, qos->guaranteed_down, 0, RATE_MAX);
}

/* spec: TS 36.463 9.2.22 - an address of up to 160 bits and a tunnel endpoint identifier. */
static void get_endpoint(struct lk_xwap_endpoint *endpoint, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r), container = lk_per_get_bool(r);
    uint8_t teid[4] = { 0 };
    struct lk_reader octets = lk_reader_of(LK_SPAN(teid));

    endpoint->address_bits = (uint8_t)lk_per_get_bit_string_of(r, endpoint->address,
                                                               sizeof endpoint->address,
                                                               address_size);
    lk_per_get_octets(r, teid, sizeof teid);
    endpoint->teid = lk_get_be32(&octets);
    lk_xwap_skip_rest(r, container, additions);
    /* An address of another length than these is none, and an empty one is not there. */
    if (lk_per_status(r) == LK_OK && endpoint->address_bits == 0)
        lk_per_fail(r, LK_E_VALUE);
}

static void put_endpoint(struct lk_per_writer *w, const struct lk_xwap_endpoint *endpoint)
{
    uint8_t room[4];
    struct lk_writer octets = lk_writer_of(room, sizeof room);

    if (endpoint->address_bits == 0 || endpoint->address_bits > LK_XWAP_ADDRESS_BITS_MAX) {
        lk_per_put_fail(w, LK_E_VALUE);
        return;
    }
    lk_put_be32(&octets, endpoint->teid);
    lk_per_put_bits(w, 0, 2);
    lk_per_put_bit_string_of(w, endpoint->address, endpoint->address_bits, address_size);
    lk_per_put_octets(w, room, sizeof room);
}

enum { ID_DRB = 65, ID_ACCESS_CLASS = 66, ACCESS_CLASSES = 4 };

/* A whole number that can have values beyond its root, which nobody knows. */
static uint64_t get_root_whole(struct lk_per_reader *r, uint64_t low, uint64_t high)
{
    if (lk_per_get_bool(r))
        lk_per_fail(r, LK_E_UNKNOWN);
    return lk_per_get_whole(r, low, high);
}

static void get_bearer_extension(struct lk_xwap_bearer *b, struct lk_per_reader *r, unsigned form)
{
    uint64_t id = lk_per_get_whole(r, 0, LK_XWAP_ID_MAX);
    enum lk_xwap_criticality criticality = lk_xwap_get_criticality(r);
    struct lk_per_reader value;

    if (!(id == ID_DRB && (form & LK_XWAP_DRB)) &&
        !(id == ID_ACCESS_CLASS && (form & LK_XWAP_ACCESS_CLASS))) {
        lk_xwap_skip_extension(r, criticality);
        return;
    }
    value = lk_per_get_open(r);
    if (id == ID_DRB) {
        b->drb_id = (uint8_t)get_root_whole(&value, 1, LK_XWAP_DRB_MAX);
    } else {
        uint32_t class = lk_per_get_index(&value, ACCESS_CLASSES, true);

        if (class >= ACCESS_CLASSES)
            lk_per_fail(&value, LK_E_UNKNOWN);
        b->has_access_class = true;
        b->access_class = (uint8_t)class;
    }
    if (lk_per_end(&value) != LK_OK)
        lk_per_fail(r, lk_per_end(&value));
}

static void get_bearer(struct lk_xwap_bearer *b, struct lk_per_reader *r, unsigned form)
{
    bool additions = lk_per_get_bool(r);
    bool qos = form & LK_XWAP_QOS || (form & LK_XWAP_QOS_OPTIONAL && lk_per_get_bool(r));
    bool endpoint = form & LK_XWAP_ENDPOINT ||
                    (form & LK_XWAP_ENDPOINT_OPTIONAL && lk_per_get_bool(r));
    size_t extensions = lk_per_get_bool(r);

    *b = (struct lk_xwap_bearer){ 0 };
    b->e_rab_id = (uint8_t)get_root_whole(r, 0, 15);
    if (qos)
        get_qos(&b->qos, r);
    if (form & LK_XWAP_BEARER_CAUSE)
        lk_xwap_get_cause_value(&b->cause, r);
    if (endpoint)
        get_endpoint(&b->endpoint, r);
    if (extensions)
        extensions = lk_per_get_length(r, lk_xwap_container_size);
    for (; extensions > 0 && lk_per_status(r) == LK_OK; extensions--)
        get_bearer_extension(b, r, form);
    lk_xwap_skip_rest(r, false, additions);
}

static void put_bearer_extension(struct lk_per_writer *w, const struct lk_xwap_bearer *b,
                                 bool is_drb)
{
    uint8_t room[2];
    struct lk_per_writer value = lk_per_writer_of(room, sizeof room, LK_PER_ALIGNED);

    if (is_drb) {
        lk_per_put_bool(&value, false);
        lk_per_put_whole(&value, b->drb_id, 1, LK_XWAP_DRB_MAX);
    } else {
        lk_per_put_bool(&value, false);
        lk_per_put_whole(&value, b->access_class, 0, ACCESS_CLASSES - 1);
    }
    lk_per_put_whole(w, is_drb ? ID_DRB : ID_ACCESS_CLASS, 0, LK_XWAP_ID_MAX);
    lk_per_put_whole(w, is_drb ? LK_XWAP_REJECT : LK_XWAP_IGNORE, 0, LK_XWAP_CRITICALITIES - 1);
    lk_per_put_open(w, &value);
}

static void put_bearer(struct lk_per_writer *w, const struct lk_xwap_bearer *b, unsigned form)
{
    bool endpoint = b->endpoint.address_bits > 0 || (form & LK_XWAP_ENDPOINT);
    bool drb = b->drb_id != 0 && (form & LK_XWAP_DRB);
    bool class = b->has_access_class && (form & LK_XWAP_ACCESS_CLASS);

    lk_per_put_bool(w, false);
    if (form & LK_XWAP_QOS_OPTIONAL)
        lk_per_put_bool(w, b->qos.present);
    if (form & LK_XWAP_ENDPOINT_OPTIONAL)
        lk_per_put_bool(w, endpoint);
    lk_per_put_bool(w, drb || class);
    lk_per_put_bool(w, false);
    lk_per_put_whole(w, b->e_rab_id, 0, 15);
    if (form & LK_XWAP_QOS || (form & LK_XWAP_QOS_OPTIONAL && b->qos.present))
        put_qos(w, &b->qos);
    if (form & LK_XWAP_BEARER_CAUSE)
        lk_xwap_put_cause_value(w, b->cause);
    if (endpoint && form & (LK_XWAP_ENDPOINT | LK_XWAP_ENDPOINT_OPTIONAL))
        put_endpoint(w, &b->endpoint);
    if (drb || class) {
        lk_per_put_length(w, 1, lk_xwap_container_size);
        put_bearer_extension(w, b, drb);
    }
}

void lk_xwap_get_list(struct lk_xwap_bearers *bearers, struct lk_per_reader *r,
                     const struct lk_xwap_list *list)
{
    size_t count = lk_per_get_length(r, bearers_size);
    struct lk_per_reader item;

    bearers->count = 0;
    for (; count > 0 && lk_per_status(r) == LK_OK; count--) {
        uint64_t id = lk_per_get_whole(r, 0, LK_XWAP_ID_MAX);
        enum lk_xwap_criticality criticality = lk_xwap_get_criticality(r);

        if (id != list->item) {
            lk_xwap_skip_extension(r, criticality);
            continue;
        }
        item = lk_per_get_open(r);
        if (bearers->count == LK_XWAP_BEARERS_MAX)
            lk_per_fail(r, LK_E_FULL);
        if (lk_per_status(r) != LK_OK)
            break;
        get_bearer(&bearers->bearer[bearers->count++], &item, list->form);
        if (lk_per_end(&item) != LK_OK)
            lk_per_fail(r, lk_per_end(&item));
    }
    if (lk_per_status(r) != LK_OK)
        bearers->count = 0;
}

void lk_xwap_put_list(struct lk_per_writer *w, const struct lk_xwap_bearers *bearers,
                     const struct lk_xwap_list *list)
{
    uint8_t room[128];

    if (bearers->count > LK_XWAP_BEARERS_MAX) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    lk_per_put_length(w, bearers->count, bearers_size);
    for (size_t i = 0; i < bearers->count; i++) {
        struct lk_per_writer item = lk_per_writer_of(room, sizeof room, LK_PER_ALIGNED);

        put_bearer(&item, &bearers->bearer[i], list->form);
        lk_per_put_whole(w, list->item, 0, LK_XWAP_ID_MAX);
        lk_per_put_whole(w, list->criticality, 0, LK_XWAP_CRITICALITIES - 1);
        lk_per_put_open(w, &item);
    }
}

#include "node/mag.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"

#define NONE UINT32_MAX

enum { HASTE_PER_MS = 4 };

/* ---- memory ---- */

/* Those that are wanted, and as many that are being released. */
static uint32_t cap_of(uint32_t rows)
{
    return 2 * rows;
}

size_t lk_mag_size(uint32_t rows)
{
    return (size_t)cap_of(rows) * (sizeof(struct lk_mag_session) + 2 * sizeof(uint32_t)) +
           (size_t)rows * sizeof(uint32_t);
}

void lk_mag_in(struct lk_mag *mag, void *memory, uint32_t rows, uint64_t seed)
{
    uint32_t cap = cap_of(rows);

    LK_ASSERT(rows > 0 && rows < NONE / 2);
    LK_ASSERT((uintptr_t)memory % alignof(struct lk_mag_session) == 0);
    *mag = (struct lk_mag){ .session = memory, .cap = cap, .rows = rows, .free = NONE,
                            .seed = seed };
    mag->bucket = (uint32_t *)(void *)(mag->session + cap);
    mag->heap = mag->bucket + cap;
    mag->by_ref = mag->heap + cap;
    memset(mag->by_ref, 0, rows * sizeof *mag->by_ref);
    for (uint32_t i = 0; i < cap; i++)
        mag->bucket[i] = NONE;
}

void lk_mag_defaults(struct lk_mag_config *config)
{
    memset(config, 0, sizeof *config);
    lk_pmip_mag_defaults(&config->pmip);
    config->access = LK_ACCESS_80211;
    config->back_off_ms = 60000;
}

/* ---- the heap: the session that is due first at the top ---- */

static bool before(const struct lk_mag *mag, uint32_t a, uint32_t b)
{
    return mag->session[mag->heap[a]].due_ms < mag->session[mag->heap[b]].due_ms;
}

static void swap(struct lk_mag *mag, uint32_t a, uint32_t b)
{
    uint32_t other = mag->heap[a];

    mag->heap[a] = mag->heap[b];
    mag->heap[b] = other;
    mag->session[mag->heap[a]].place = a;
    mag->session[mag->heap[b]].place = b;
}

static void sift(struct lk_mag *mag, uint32_t at)
{
    while (at > 0 && before(mag, at, (at - 1) / 2)) {
        swap(mag, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    for (;;) {
        uint32_t least = at;

        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < mag->count; child++)
            if (before(mag, child, least))
                least = child;
        if (least == at)
            return;
        swap(mag, at, least);
        at = least;
    }
}

uint64_t lk_mag_due_ms(const struct lk_mag *mag)
{
    return mag->count == 0 ? UINT64_MAX : mag->session[mag->heap[0]].due_ms;
}

/* ---- sessions ---- */

static uint32_t *bucket_of(const struct lk_mag *mag, uint64_t subject)
{
    uint64_t hash = (subject ^ mag->seed) * UINT64_C(0x9e3779b97f4a7c15);

    return &mag->bucket[(hash ^ hash >> 32) % mag->cap];
}

static uint64_t subject_of(const struct lk_imsi *imsi)
{
    uint64_t number = 1;

    for (const char *at = imsi->digits; *at != '\0'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

static uint32_t index_of(const struct lk_mag *mag, const struct lk_mag_session *session)
{
    return (uint32_t)(session - mag->session);
}

static struct lk_mag_session *session_new(struct lk_mag *mag, struct lk_mag_ref ref,
                                          uint64_t subject)
{
    uint32_t at = mag->free, *bucket = bucket_of(mag, subject);
    struct lk_mag_session *session;

    if (at == NONE && mag->touched == mag->cap)
        return NULL;
    if (at == NONE)
        at = mag->touched++;
    else
        mag->free = mag->session[at].chain;
    session = &mag->session[at];
    *session = (struct lk_mag_session){ .ref = ref, .used = true, .wanted = true,
                                        .subject = subject, .due_ms = UINT64_MAX,
                                        .place = mag->count, .chain = *bucket };
    lk_pmip_mag_init(&session->machine);
    *bucket = at;
    mag->heap[mag->count++] = at;
    mag->by_ref[ref.row] = at + 1;
    return session;
}

static void disown(struct lk_mag *mag, struct lk_mag_session *session)
{
    if (session->wanted)
        mag->by_ref[session->ref.row] = 0;
    session->wanted = false;
}

static void session_end(struct lk_mag *mag, struct lk_mag_session *session)
{
    uint32_t *at = bucket_of(mag, session->subject);
    uint32_t place = session->place;

    while (*at != index_of(mag, session)) {
        LK_ASSERT(*at != NONE);
        at = &mag->session[*at].chain;
    }
    *at = session->chain;
    disown(mag, session);
    mag->count--;
    if (place != mag->count) {
        swap(mag, place, mag->count);
        sift(mag, place);
    }
    session->used = false;
    lk_wipe(&session->machine, sizeof session->machine);
    session->chain = mag->free;
    mag->free = index_of(mag, session);
}

static struct lk_mag_session *of_ref(const struct lk_mag *mag, struct lk_mag_ref ref)
{
    uint32_t at = ref.row < mag->rows ? mag->by_ref[ref.row] : 0;

    return at == 0 || mag->session[at - 1].ref.epoch != ref.epoch ? NULL : &mag->session[at - 1];
}

/* ---- what a machine says ---- */

/* What the device is told: in its own words, and without what concerns the operator alone. */
static uint8_t cause_of(uint8_t status)
{
    switch (status) {
    case LK_BA_RESOURCES: return LK_WLCP_CAUSE_RESOURCES;
    case LK_BA_SERVICE_NOT_AUTHORIZED: return LK_WLCP_CAUSE_APN_UNKNOWN;
    case LK_BA_IPV4_NOT_AUTHORIZED:
    case LK_BA_IPV6_NOT_AUTHORIZED: return LK_WLCP_CAUSE_PDN_TYPE_UNKNOWN;
    case 0: return LK_WLCP_CAUSE_NETWORK_FAILURE;
    default: return LK_WLCP_CAUSE_REJECTED_BY_ANCHOR;
    }
}

static struct lk_mag_output *put(struct lk_mag_outbox *out, enum lk_mag_output_kind kind,
                                 struct lk_mag_ref ref)
{
    struct lk_mag_output *item;

    LK_ASSERT(out->count < LK_MAG_OUT_MAX);
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    item->ref = ref;
    return item;
}

static void failed(struct lk_mag *mag, const struct lk_mag_config *config,
                   const struct lk_mag_session *session, const struct lk_pmip_mag_output *why,
                   bool was_bound, struct lk_mag_outbox *out)
{
    struct lk_mag_output *item = put(out, was_bound ? LK_MAG_OUT_UNBOUND : LK_MAG_OUT_REFUSED,
                                     session->ref);

    (void)mag;
    item->refused.status = why->failed.status;
    item->refused.cause = cause_of(why->failed.status);
    item->refused.refusal = why->failed.refusal;
    if (why->failed.status == LK_BA_RESOURCES)
        item->refused.back_off_ms = config->back_off_ms;
}

/* Steps the machine and turns what it says into what the owner is to know. */
static enum lk_status step(struct lk_mag *mag, const struct lk_mag_config *config,
                           struct lk_mag_session *session, struct lk_pmip_mag_event *event,
                           struct lk_mag_outbox *out)
{
    bool was_bound = lk_pmip_mag_is_bound(&session->machine), over = false;
    enum lk_status status;

    event->sequence = ++mag->sequence;
    status = lk_pmip_mag_step(&session->machine, &config->pmip, event, &out->machine);
    for (size_t i = 0; i < out->machine.count; i++) {
        const struct lk_pmip_mag_output *said = &out->machine.item[i];

        switch (said->kind) {
        case LK_PMIP_MAG_OUT_SEND:
            put(out, LK_MAG_OUT_SEND, session->ref)->send = said->send;
            break;
        case LK_PMIP_MAG_OUT_TIMER:
            session->due_ms = said->timer_ms;
            break;
        case LK_PMIP_MAG_OUT_BOUND:
            put(out, LK_MAG_OUT_BOUND, session->ref)->bound = said->bound;
            break;
        case LK_PMIP_MAG_OUT_FAILED:
            failed(mag, config, session, said, was_bound, out);
            over = true;
            break;
        case LK_PMIP_MAG_OUT_RELEASED:
            over = true;
            break;
        }
    }
    if (over)
        session_end(mag, session);
    else
        sift(mag, session->place);
    return status;
}

/* ---- what the owner wants ---- */

/* Who of this device has this service already. */
static struct lk_mag_session *of_service(struct lk_mag *mag, uint64_t subject,
                                         struct lk_span service)
{
    uint32_t at = *bucket_of(mag, subject);

    for (; at != NONE; at = mag->session[at].chain) {
        struct lk_mag_session *session = &mag->session[at];

        if (session->subject == subject &&
            lk_span_equal(lk_span_of(session->machine.service, session->machine.service_len),
                          service))
            return session;
    }
    return NULL;
}

static enum lk_status refresh(struct lk_mag *mag, const struct lk_mag_config *config,
                              struct lk_mag_session *session,
                              const struct lk_mag_register *wanted, uint64_t now_ms,
                              struct lk_mag_outbox *out)
{
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_TOKEN, .now_ms = now_ms,
                                       .token = wanted->token };
    enum lk_status status = step(mag, config, session, &event, out);

    if (status == LK_OK && lk_pmip_mag_is_bound(&session->machine))
        put(out, LK_MAG_OUT_BOUND, session->ref)->bound = session->machine.addresses;
    return status;
}

/* spec: RFC 5213 6.9.1.1 - handoff indicator: from another interface, or attached anew. */
static enum lk_status begin(struct lk_mag *mag, const struct lk_mag_config *config,
                            struct lk_mag_session *session, const struct lk_mag_register *wanted,
                            uint64_t now_ms, struct lk_mag_outbox *out)
{
    uint8_t nai[LK_PMIP_NAI_MAX];
    struct lk_writer w = lk_writer_of(nai, sizeof nai);
    struct lk_pmip_mag_event event = {
        .kind = LK_PMIP_MAG_EV_ATTACH,
        .now_ms = now_ms,
        .attach = { .service = wanted->service, .token = wanted->token,
                    .link_layer_id = wanted->link_layer_id, .access = config->access,
                    .handoff = wanted->handover ? LK_HANDOFF_INTERFACES : LK_HANDOFF_NEW,
                    .want_ipv4 = wanted->want_ipv4, .want_ipv6 = wanted->want_ipv6 },
    };
    enum lk_status status = lk_pmip_nai_put(&w, &wanted->imsi, lk_span_text(config->realm));

    event.attach.nai = lk_writer_span(&w);
    if (status == LK_OK)
        status = step(mag, config, session, &event, out);
    if (status != LK_OK)
        session_end(mag, session);
    return status;
}

enum lk_status lk_mag_register(struct lk_mag *mag, const struct lk_mag_config *config,
                               const struct lk_mag_register *wanted, uint64_t now_ms,
                               struct lk_mag_outbox *out)
{
    struct lk_mag_session *session = of_ref(mag, wanted->ref);
    uint64_t subject = subject_of(&wanted->imsi);
    struct lk_mag_session *other;

    LK_ASSERT(wanted->ref.row < mag->rows);
    out->count = 0;
    if (session != NULL)
        return refresh(mag, config, session, wanted, now_ms, out);
    other = of_service(mag, subject, wanted->service);
    if (other != NULL && other->wanted)
        return LK_E_EXISTS;
    if (other != NULL)
        session_end(mag, other);
    if (mag->by_ref[wanted->ref.row] != 0) /* its owner forgot to release it */
        return LK_E_EXISTS;
    session = session_new(mag, wanted->ref, subject);
    return session == NULL ? LK_E_FULL : begin(mag, config, session, wanted, now_ms, out);
}

enum lk_status lk_mag_deregister(struct lk_mag *mag, const struct lk_mag_config *config,
                                 struct lk_mag_ref ref, uint64_t now_ms, struct lk_mag_outbox *out)
{
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_DETACH, .now_ms = now_ms };
    struct lk_mag_session *session = of_ref(mag, ref);

    out->count = 0;
    if (session == NULL)
        return LK_E_NOT_FOUND;
    disown(mag, session);
    return step(mag, config, session, &event, out);
}

enum lk_status lk_mag_received(struct lk_mag *mag, const struct lk_mag_config *config,
                               struct lk_span octets, uint64_t now_ms, struct lk_mag_outbox *out)
{
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_RECEIVED, .now_ms = now_ms,
                                       .received = octets };
    struct lk_mobility_message pba;
    struct lk_imsi imsi;
    uint64_t subject;
    enum lk_status status = lk_mobility_decode(&pba, octets);

    out->count = 0;
    if (status != LK_OK)
        return status;
    if (lk_pmip_nai_imsi(&imsi, pba.options.mn_id.id) != LK_OK)
        return LK_E_NOT_FOUND;
    subject = subject_of(&imsi);
    for (uint32_t at = *bucket_of(mag, subject); at != NONE;
         at = mag->session[at].chain)
        if (mag->session[at].subject == subject &&
            lk_pmip_mag_awaits(&mag->session[at].machine, &pba))
            return step(mag, config, &mag->session[at], &event, out);
    return LK_E_NOT_FOUND;
}

bool lk_mag_expired(struct lk_mag *mag, const struct lk_mag_config *config, uint64_t now_ms,
                    struct lk_mag_outbox *out)
{
    struct lk_pmip_mag_event event = { .kind = LK_PMIP_MAG_EV_EXPIRED, .now_ms = now_ms };
    struct lk_mag_session *session;
    enum lk_status status;

    out->count = 0;
    if (lk_mag_due_ms(mag) > now_ms)
        return false;
    session = &mag->session[mag->heap[0]];
    session->due_ms = UINT64_MAX;
    status = step(mag, config, session, &event, out);
    LK_ASSERT(status == LK_OK);
    return true;
}

/* A place's new time grows with the place, so that the heap stays one. */
void lk_mag_hasten(struct lk_mag *mag, uint64_t now_ms)
{
    for (uint32_t i = 0; i < mag->count; i++) {
        struct lk_mag_session *session = &mag->session[mag->heap[i]];
        uint64_t soon = now_ms + i / HASTE_PER_MS;

        if (session->due_ms > soon)
            session->due_ms = soon;
    }
}

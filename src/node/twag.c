/* The TWAG: events in, outputs out. Here is the step, and what the WLCP machine's words mean to the
 * MAG, the channel and the counters; sessions are in twag_sessions.c, packets in twag_user.c. */
#include "node/twag.h"

#include <stdalign.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "node/twag_parts.h"

#define NONE LK_WLCP_NO_ROW

enum {
    SPARE_SESSIONS = 2, /* an event ends at most two others */
    STEP_MOST = 70,     /* outputs of one thing that is due */
};

/* The interface identifier that every device is given: its prefix is its own. */
static const uint8_t interface_id[8] = { 0, 0, 0, 0, 0, 0, 0, 2 };

void lk_twag_defaults(struct lk_twag_config *config)
{
    *config = (struct lk_twag_config){ .sessions = 100000, .connections = 200000,
                                       .overlap_ms = 5000, .old_channel_ms = 30000,
                                       .rate_burst = 32, .rate_per_s = 8, .user_port = 36412 };
    lk_wlcp_twag_defaults(&config->wlcp);
}

/* ---- memory ---- */

struct layout {
    size_t session, row, link, at_ms, heap, place, bucket, chain, end;
    uint32_t slots, buckets, nodes, due;
};

static size_t room(size_t *at, size_t count, size_t each)
{
    size_t here = (*at + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);

    *at = here + count * each;
    return here;
}

static struct layout layout_of(const struct lk_twag_config *config)
{
    struct layout l = { .slots = config->sessions + SPARE_SESSIONS, .buckets = 1 };
    size_t at = sizeof(struct lk_twag);

    LK_ASSERT(config->sessions > 0 && config->sessions < UINT32_MAX / 16 &&
              config->connections > 0 && config->connections < UINT32_MAX / 16);
    l.nodes = l.slots * LK_TWAG_SESSION_NODES + config->connections * LK_TWAG_ROW_NODES;
    l.due = l.slots + config->connections;
    while (l.buckets < l.nodes)
        l.buckets *= 2;
    l.session = room(&at, l.slots, sizeof(struct lk_twag_session));
    l.row = room(&at, config->connections, sizeof(struct lk_wlcp_twag_pdn));
    l.link = room(&at, config->connections, sizeof(struct lk_twag_link));
    l.at_ms = room(&at, l.due, sizeof(uint64_t));
    l.heap = room(&at, l.due, sizeof(uint32_t));
    l.place = room(&at, l.due, sizeof(uint32_t));
    l.bucket = room(&at, l.buckets, sizeof(uint32_t));
    l.chain = room(&at, l.nodes, sizeof(uint32_t));
    l.end = at;
    return l;
}

size_t lk_twag_size(const struct lk_twag_config *config)
{
    return layout_of(config).end;
}

static void fill(uint32_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = NONE;
}

struct lk_twag *lk_twag_init(void *memory, const struct lk_twag_config *config,
                             const uint8_t seed[LK_TWAG_SEED_LEN])
{
    struct layout l = layout_of(config);
    struct lk_twag *twag = memory;
    uint8_t *at = memory, user_plane[LK_WLCP_USER_PLANE_KEY_LEN];
    struct lk_reader r = lk_reader_of(lk_span_of(seed, LK_TWAG_SEED_LEN));

    LK_ASSERT((uintptr_t)memory % alignof(max_align_t) == 0);
    memset(twag, 0, sizeof *twag);
    memset(at + l.link, 0, config->connections * sizeof *twag->link);
    twag->config = *config;
    twag->seed[0] = lk_get_be64(&r);
    twag->seed[1] = lk_get_be64(&r);
    lk_get_copy(&r, twag->path_key.octets, sizeof twag->path_key.octets);
    lk_get_copy(&r, user_plane, sizeof user_plane);
    twag->slots = l.slots;
    twag->session = (struct lk_twag_session *)(void *)(at + l.session);
    twag->link = (struct lk_twag_link *)(void *)(at + l.link);
    twag->at_ms = (uint64_t *)(void *)(at + l.at_ms);
    twag->heap = (uint32_t *)(void *)(at + l.heap);
    twag->place = (uint32_t *)(void *)(at + l.place);
    twag->bucket = (uint32_t *)(void *)(at + l.bucket);
    twag->chain = (uint32_t *)(void *)(at + l.chain);
    twag->mask = l.buckets - 1;
    lk_wlcp_twag_pool_init(&twag->pool, (struct lk_wlcp_twag_pdn *)(void *)(at + l.row),
                           config->connections, user_plane);
    lk_wipe(user_plane, sizeof user_plane);
    fill(twag->place, l.due);
    fill(twag->bucket, l.buckets);
    fill(twag->chain, l.nodes);
    twag->free = twag->over = NONE;
    twag->wake_ms = UINT64_MAX;
    return twag;
}

void lk_twag_configure(struct lk_twag *twag, const struct lk_twag_config *config)
{
    uint32_t sessions = twag->config.sessions, connections = twag->config.connections;

    twag->config = *config;
    twag->config.sessions = sessions;
    twag->config.connections = connections;
}

void lk_twag_wipe(struct lk_twag *twag)
{
    size_t size = lk_twag_size(&twag->config);

    lk_wipe(twag, size);
}

/* ---- outputs ---- */

void lk_twag_outbox_empty(struct lk_twag_outbox *out)
{
    out->count = 0;
    out->used = 0;
}

const struct lk_twag_output *lk_twag_outbox_find(const struct lk_twag_outbox *out,
                                                 enum lk_twag_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_twag_output *lk_twag_out(struct lk_twag_outbox *out, enum lk_twag_output_kind kind,
                                   const struct lk_twag_session *session)
{
    struct lk_twag_output *item;

    LK_ASSERT(out->count < LK_TWAG_OUTBOX_MAX);
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    item->imsi = session != NULL ? &session->imsi : NULL;
    return item;
}

void lk_twag_refuse(struct lk_twag_outbox *out, const struct lk_twag_session *session,
                    enum lk_reason reason, const char *expected, const char *came)
{
    lk_twag_out(out, LK_TWAG_OUT_REFUSAL, session)->refusal =
        lk_refusal_of(reason, expected, came);
}

/* ---- the WLCP machine ---- */

/* A message goes through the channel that there is. Without one it is lost, and sent again. */
static void send(const struct lk_twag_session *s, struct lk_span octets, struct lk_twag_outbox *out)
{
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    struct lk_twag_output *item;

    lk_put_span(&w, octets);
    if (s->handle == 0 || lk_writer_end(&w) != LK_OK)
        return;
    item = lk_twag_out(out, LK_TWAG_OUT_CHANNEL_SEND, s);
    item->channel.handle = s->handle;
    item->channel.octets = lk_writer_span(&w);
    out->used += w.len;
}

/* T03: IMSI and token of what goes to the anchor are the session's, as the AAA gave them. */
static struct lk_twag_output *about_row(struct lk_twag *twag, const struct lk_twag_session *s,
                                        enum lk_twag_output_kind kind, uint32_t row,
                                        uint32_t epoch, struct lk_twag_outbox *out)
{
    const struct lk_wlcp_twag_pdn *c = &twag->pool.row[row];
    struct lk_twag_output *item = lk_twag_out(out, kind, s);

    item->pdn.ref = (struct lk_twag_ref){ .row = row, .epoch = epoch };
    item->pdn.token = lk_span_of(s->class_value, s->class_len);
    item->pdn.apn = &c->apn;
    item->pdn.address = &c->address;
    item->pdn.pdn_id = c->id;
    item->pdn.pdn_type = c->asked;
    item->pdn.handover = c->handover;
    return item;
}

static void forget_addresses(struct lk_twag *twag, uint32_t row)
{
    struct lk_twag_link *link = &twag->link[row];

    lk_twag_index_remove(twag, lk_twag_row_node(twag, row, LK_TWAG_BY_IPV4));
    lk_twag_index_remove(twag, lk_twag_row_node(twag, row, LK_TWAG_BY_PREFIX));
    link->has_ipv4 = link->has_prefix = false;
}

static void take_down(struct lk_twag *twag, const struct lk_twag_session *s, uint32_t row,
                      uint8_t cause, enum lk_reason reason, struct lk_twag_outbox *out)
{
    struct lk_twag_link *link = &twag->link[row];
    struct lk_twag_output *item;

    forget_addresses(twag, row);
    if (!link->up)
        return;
    link->up = false;
    twag->counters.connections_down++;
    item = about_row(twag, s, LK_TWAG_OUT_PDN_DOWN, row, link->epoch, out);
    item->pdn.cause = cause;
    item->pdn.reason = reason;
}

static void unbind(struct lk_twag *twag, const struct lk_twag_session *s, uint32_t row,
                   struct lk_twag_outbox *out)
{
    struct lk_twag_link *link = &twag->link[row];

    if (link->registered)
        (void)about_row(twag, s, LK_TWAG_OUT_MAG_DEREGISTER, row, link->epoch, out);
    link->registered = false;
}

/* A device that asks anew for what it has gets it in the same row: what was there is over. */
static void bind(struct lk_twag *twag, const struct lk_twag_session *s, uint32_t row,
                 struct lk_twag_outbox *out)
{
    struct lk_twag_link *link = &twag->link[row];

    take_down(twag, s, row, LK_WLCP_CAUSE_REACTIVATE, LK_REASON_NONE, out);
    unbind(twag, s, row, out);
    link->epoch = twag->pool.row[row].epoch;
    link->registered = true;
    (void)about_row(twag, s, LK_TWAG_OUT_MAG_REGISTER, row, link->epoch, out);
}

static void on_notice(struct lk_twag *twag, const struct lk_twag_session *s,
                      const struct lk_refusal *refusal, struct lk_twag_outbox *out)
{
    if (refusal->reason == LK_REASON_WLCP_NO_SUCH_CONNECTION)
        twag->counters.alarms++; /* T02 */
    if (refusal->reason == LK_REASON_WLCP_MALFORMED)
        twag->counters.malformed++;
    else if (refusal->reason != LK_REASON_WLCP_STATUS)
        twag->counters.requests_refused++;
    lk_twag_out(out, LK_TWAG_OUT_REFUSAL, s)->refusal = *refusal;
}

static void hand_on(struct lk_twag *twag, const struct lk_twag_session *s,
                    const struct lk_wlcp_output *from, struct lk_twag_outbox *out)
{
    switch (from->kind) {
    case LK_WLCP_OUT_SEND: send(s, from->send, out); break;
    case LK_WLCP_OUT_TIMER: break; /* the row has it */
    case LK_WLCP_OUT_UP:
        twag->counters.connections_up++;
        twag->link[from->which].up = true;
        (void)about_row(twag, s, LK_TWAG_OUT_PDN_UP, from->which,
                        twag->link[from->which].epoch, out);
        lk_twag_advertise(twag, from->which, out);
        break;
    case LK_WLCP_OUT_DOWN:
        take_down(twag, s, from->which, from->down.cause, from->down.reason, out);
        twag->link[from->which].registered = false;
        break;
    case LK_WLCP_OUT_MODIFIED:
        if (from->modified.reason != LK_REASON_NONE)
            lk_twag_refuse(out, s, from->modified.reason, "modification",
                           lk_wlcp_cause_name(from->modified.cause));
        break;
    case LK_WLCP_OUT_BIND: bind(twag, s, from->which, out); break;
    case LK_WLCP_OUT_UNBIND: unbind(twag, s, from->which, out); break;
    case LK_WLCP_OUT_NOTICE: on_notice(twag, s, &from->notice, out); break;
    case LK_WLCP_OUTPUT_KIND_COUNT: break;
    }
}

enum lk_status lk_twag_feed(struct lk_twag *twag, struct lk_twag_session *s,
                            const struct lk_wlcp_event *event, struct lk_twag_outbox *out)
{
    enum lk_status status;

    lk_wlcp_outbox_empty(&twag->wlcp_out);
    status = lk_wlcp_twag_step(&s->wlcp, &twag->pool, &twag->config.wlcp, event, &twag->wlcp_out);
    for (size_t i = 0; i < twag->wlcp_out.count; i++) {
        const struct lk_wlcp_output *item = &twag->wlcp_out.item[i];

        hand_on(twag, s, item, out);
        if (item->kind == LK_WLCP_OUT_DOWN)
            lk_twag_schedule(twag, twag->slots + item->which, 0);
    }
    for (size_t i = 0; status == LK_OK && i < s->wlcp.count; i++)
        lk_twag_schedule(twag, twag->slots + s->wlcp.row[i],
                         twag->pool.row[s->wlcp.row[i]].deadline_ms);
    return status;
}

/* ---- about a connection: from MAG and operator ---- */

/* The session of a connection that is there, and the very one that is meant. */
static struct lk_twag_session *owner_of(struct lk_twag *twag, struct lk_twag_ref ref)
{
    if (ref.row >= twag->pool.touched ||
        twag->pool.row[ref.row].state == LK_WLCP_TWAG_INACTIVE ||
        twag->pool.row[ref.row].epoch != ref.epoch)
        return NULL;
    return &twag->session[twag->pool.row[ref.row].owner];
}

/* Addresses that another device has are not taken: at most one binding for each (invariant 8). */
static bool are_free(const struct lk_twag *twag, const struct lk_twag_event *event)
{
    uint32_t row = event->binding.ref.row;
    uint32_t v4 = lk_twag_find_row(twag, LK_TWAG_BY_IPV4, LK_SPAN(event->binding.ipv4));
    uint32_t v6 = lk_twag_find_row(twag, LK_TWAG_BY_PREFIX, LK_SPAN(event->binding.prefix));

    return (!event->binding.has_ipv4 || v4 == NONE || v4 == row) &&
           (!event->binding.has_prefix || v6 == NONE || v6 == row);
}

static void keep_addresses(struct lk_twag *twag, const struct lk_twag_event *event)
{
    uint32_t row = event->binding.ref.row;
    struct lk_twag_link *link = &twag->link[row];
    uint8_t type = twag->pool.row[row].address.pdn_type;

    forget_addresses(twag, row);
    if ((type & LK_WLCP_IPV4) != 0) {
        link->has_ipv4 = true;
        memcpy(link->ipv4, event->binding.ipv4, sizeof link->ipv4);
        lk_twag_index_add(twag, lk_twag_row_node(twag, row, LK_TWAG_BY_IPV4));
    }
    if ((type & LK_WLCP_IPV6) != 0) {
        link->has_prefix = true;
        memcpy(link->prefix, event->binding.prefix, sizeof link->prefix);
        lk_twag_index_add(twag, lk_twag_row_node(twag, row, LK_TWAG_BY_PREFIX));
    }
}

/* The answer to the first registration. */
static enum lk_status on_first_bound(struct lk_twag *twag, struct lk_twag_session *s,
                                     const struct lk_twag_event *event,
                                     struct lk_twag_outbox *out)
{
    uint32_t row = event->binding.ref.row;
    struct lk_wlcp_event bound = { .kind = LK_WLCP_EV_BOUND, .now_ms = event->now_ms,
                                   .which = row };
    enum lk_status status;

    memcpy(bound.address.interface_id, interface_id, sizeof interface_id);
    memcpy(bound.address.ipv4, event->binding.ipv4, sizeof bound.address.ipv4);
    if (event->binding.has_ipv4)
        bound.address.pdn_type |= LK_WLCP_IPV4;
    if (event->binding.has_prefix)
        bound.address.pdn_type |= LK_WLCP_IPV6;
    if (!are_free(twag, event)) {
        bound.kind = LK_WLCP_EV_RELEASE;
        bound.cause = LK_WLCP_CAUSE_NETWORK_FAILURE;
    }
    status = lk_twag_feed(twag, s, &bound, out);
    if (status == LK_OK && twag->pool.row[row].state == LK_WLCP_TWAG_CONNECT_PENDING)
        keep_addresses(twag, event);
    return status;
}

static enum lk_status on_bound(struct lk_twag *twag, struct lk_twag_session *s,
                               const struct lk_twag_event *event, struct lk_twag_outbox *out)
{
    uint32_t row = event->binding.ref.row;
    const struct lk_twag_link *link = &twag->link[row];
    struct lk_wlcp_event changed = { .kind = LK_WLCP_EV_RELEASE, .now_ms = event->now_ms,
                                     .which = row, .cause = LK_WLCP_CAUSE_REACTIVATE };

    if (twag->pool.row[row].state == LK_WLCP_TWAG_BIND_PENDING)
        return on_first_bound(twag, s, event, out);
    /* The anchor confirms. With other addresses it is not the connection that the device has. */
    if ((!link->has_ipv4 || (event->binding.has_ipv4 &&
                             lk_span_equal(LK_SPAN(link->ipv4), LK_SPAN(event->binding.ipv4)))) &&
        (!link->has_prefix ||
         (event->binding.has_prefix &&
          lk_span_equal(LK_SPAN(link->prefix), LK_SPAN(event->binding.prefix)))))
        return LK_OK;
    return lk_twag_feed(twag, s, &changed, out);
}

static enum lk_status on_binding(struct lk_twag *twag, const struct lk_twag_event *event,
                                 struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = owner_of(twag, event->binding.ref);
    struct lk_wlcp_event said = { .now_ms = event->now_ms, .which = event->binding.ref.row,
                                  .cause = event->binding.cause,
                                  .back_off_ms = event->binding.back_off_ms };
    enum lk_status status;
    bool first;

    if (s == NULL) {
        twag->counters.late_answers++;
        return LK_E_NOT_FOUND;
    }
    if (event->kind == LK_TWAG_EV_BOUND)
        return on_bound(twag, s, event, out);
    first = twag->pool.row[event->binding.ref.row].state == LK_WLCP_TWAG_BIND_PENDING;
    if (first)
        said.kind = LK_WLCP_EV_REFUSED;
    else
        said.kind = event->binding.moved ? LK_WLCP_EV_MOVED : LK_WLCP_EV_UNBOUND;
    /* The anchor has nothing any more: nobody need tell it to end. */
    twag->link[event->binding.ref.row].registered = false;
    status = lk_twag_feed(twag, s, &said, out);
    lk_twag_session_settle(twag, s, out);
    return status;
}

static enum lk_status on_operator(struct lk_twag *twag, const struct lk_twag_event *event,
                                  struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = owner_of(twag, event->connection.ref);
    struct lk_wlcp_event wish = { .kind = event->kind == LK_TWAG_EV_MODIFY ? LK_WLCP_EV_MODIFY
                                                                           : LK_WLCP_EV_RELEASE,
                                  .now_ms = event->now_ms, .which = event->connection.ref.row,
                                  .cause = event->connection.cause };

    return s != NULL ? lk_twag_feed(twag, s, &wish, out) : LK_E_NOT_FOUND;
}

/* ---- time ---- */

static void row_due(struct lk_twag *twag, uint32_t row, struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = &twag->session[twag->pool.row[row].owner];
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_EXPIRED, .now_ms = twag->now_ms,
                                   .which = row };

    /* A row that cannot be served is not due for ever. */
    if (lk_twag_feed(twag, s, &event, out) != LK_OK)
        lk_twag_schedule(twag, twag->slots + row, 0);
    lk_twag_session_settle(twag, s, out);
}

/* All that is due, as far as the outbox goes; WAKE brings the rest. */
static enum lk_status on_expired(struct lk_twag *twag, struct lk_twag_outbox *out)
{
    twag->wake_ms = UINT64_MAX;
    while (twag->due > 0 && lk_twag_next_ms(twag) <= twag->now_ms &&
           out->count + STEP_MOST < LK_TWAG_OUTBOX_MAX) {
        uint32_t who = twag->heap[0];

        if (who < twag->slots)
            lk_twag_session_due(twag, &twag->session[who], out);
        else
            row_due(twag, who - twag->slots, out);
    }
    return LK_OK;
}

static enum lk_status on_event(struct lk_twag *twag, const struct lk_twag_event *event,
                               struct lk_twag_outbox *out)
{
    switch (event->kind) {
    case LK_TWAG_EV_SESSION: return lk_twag_on_session(twag, event->session, out);
    case LK_TWAG_EV_SESSION_END:
    case LK_TWAG_EV_REAUTH_FAILED: return lk_twag_on_session_end(twag, event, out);
    case LK_TWAG_EV_TWAP_RESTARTED: return lk_twag_on_twap_restarted(twag, event);
    case LK_TWAG_EV_CHANNEL_UP: return lk_twag_on_channel_up(twag, event, out);
    case LK_TWAG_EV_CHANNEL_DATA: return lk_twag_on_channel_data(twag, event, out);
    case LK_TWAG_EV_CHANNEL_DOWN: return lk_twag_on_channel_down(twag, event, out);
    case LK_TWAG_EV_BOUND:
    case LK_TWAG_EV_REFUSED:
    case LK_TWAG_EV_UNBOUND: return on_binding(twag, event, out);
    case LK_TWAG_EV_USER_FRAME: return lk_twag_on_frame(twag, event, out);
    case LK_TWAG_EV_TUNNEL_PACKET: return lk_twag_on_packet(twag, event, out);
    case LK_TWAG_EV_MODIFY:
    case LK_TWAG_EV_RELEASE: return on_operator(twag, event, out);
    case LK_TWAG_EV_EXPIRED: return on_expired(twag, out);
    case LK_TWAG_EVENT_KIND_COUNT: break;
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_twag_step(struct lk_twag *twag, const struct lk_twag_event *event,
                            struct lk_twag_outbox *out)
{
    enum lk_status status;

    lk_twag_bury(twag);
    lk_twag_outbox_empty(out);
    twag->now_ms = event->now_ms;
    status = on_event(twag, event, out);
    if (lk_twag_next_ms(twag) != twag->wake_ms) {
        twag->wake_ms = lk_twag_next_ms(twag);
        lk_twag_out(out, LK_TWAG_OUT_WAKE, NULL)->wake_at_ms = twag->wake_ms;
    }
    return status;
}

/* ---- looking ---- */

const struct lk_twag_counters *lk_twag_counted(const struct lk_twag *twag)
{
    return &twag->counters;
}

static void tell(struct lk_twag_told *told, const struct lk_twag_session *session)
{
    *told = (struct lk_twag_told){ .imsi = session->imsi, .has_channel = session->handle != 0,
                                   .connections = session->wlcp.count };
    memcpy(told->mac, session->mac, sizeof told->mac);
}

uint32_t lk_twag_places(const struct lk_twag *twag)
{
    return twag->touched;
}

bool lk_twag_told_at(struct lk_twag_told *told, const struct lk_twag *twag, uint32_t place)
{
    LK_ASSERT(place < twag->touched);
    if (twag->session[place].used)
        tell(told, &twag->session[place]);
    return twag->session[place].used;
}

bool lk_twag_told_of(struct lk_twag_told *told, const struct lk_twag *twag,
                     const uint8_t mac[LK_STATION_LEN])
{
    const struct lk_twag_session *session = lk_twag_find(twag, LK_TWAG_BY_MAC,
                                                         lk_span_of(mac, LK_STATION_LEN));

    if (session != NULL)
        tell(told, session);
    return session != NULL;
}

uint32_t lk_twag_session_count(const struct lk_twag *twag)
{
    return twag->sessions;
}

uint32_t lk_twag_connection_count(const struct lk_twag *twag)
{
    return twag->pool.in_use;
}

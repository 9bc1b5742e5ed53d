/* The pos process: its loop, its points, and what their nodes say carried out. */
#include "role/pos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/log.h"
#include "role/pos_process.h"

int lk_pos_socket(const struct lk_pos_point *point, enum lk_pos_serves what)
{
    return lk_process_socket(&point->process->process, point->number * LK_POS_PORTS + what);
}

struct lk_capture_end lk_pos_own_end(const struct lk_pos_point *point, unsigned port)
{
    return lk_seen_end_of(&point->address, (uint16_t)port);
}

/* ---- what the log has ---- */

static void text_of(char text[LK_CONFIG_MISF_ID], struct lk_span name)
{
    (void)snprintf(text, LK_CONFIG_MISF_ID, "%.*s", (int)name.len,
                   name.len == 0 ? "" : (const char *)name.at);
}

static void say_fact(struct lk_pos_point *point, const struct lk_pos_output *item)
{
    static const char *const events[LK_POS_FACT_COUNT] = {
        [LK_POS_ATTACHED] = "mn-attached",       [LK_POS_REJECTED] = "mn-rejected",
        [LK_POS_PREPARED] = "mn-prepared",       [LK_POS_NOT_TAKEN] = "mn-not-taken",
        [LK_POS_ARRIVED] = "mn-arrived",         [LK_POS_NOT_COME] = "mn-not-come",
        [LK_POS_HANDED_OVER] = "mn-handed-over", [LK_POS_NOT_HANDED] = "mn-not-handed",
        [LK_POS_GIVEN] = "home-key-given",       [LK_POS_NOT_GIVEN] = "home-key-not-given",
        [LK_POS_LEFT] = "mn-left",               [LK_POS_ENDED] = "mn-ended",
        [LK_POS_PUSHED] = "mn-has-link-key",     [LK_POS_NOT_PUSHED] = "link-key-not-given",
        [LK_POS_CHANNEL_OPEN] = "mn-channel-open", [LK_POS_CHANNEL_SHUT] = "mn-channel-shut",
    };
    static struct lk_log_limit limit;
    char mn[LK_CONFIG_MISF_ID], other[LK_CONFIG_MISF_ID], chain[16], left_out_text[16];
    const struct lk_log_field fields[] = {
        { "pos", point->setting.from.id },
        { "event", events[item->fact.fact] },
        { "mn", mn },
        { "other", item->fact.other.len == 0 ? NULL : other },
    };
    uint32_t left_out;

    text_of(mn, item->fact.mn);
    text_of(other, item->fact.other);
    if (item->fact.refusal.reason != LK_REASON_NONE) {
        lk_process_refused(&point->process->process, item->fact.refusal.reason);
        if (lk_log_wanted(LK_LOG_WARNING))
            lk_log_refusal(&item->fact.refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
        return;
    }
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    (void)snprintf(chain, sizeof chain, "%u/%u", item->fact.chain.used, item->fact.chain.max);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, events[item->fact.fact], { "pos", point->setting.from.id }, { "mn", mn },
           { "other", item->fact.other.len == 0 ? NULL : other },
           { "chain", item->fact.chain.max == 0 ? NULL : chain },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static void log_keys(struct lk_pos_process *pos, const struct lk_mis_sa *sa)
{
    struct lk_mis_key_log entry;

    lk_mis_key_log_misk(&entry, (uint8_t)sa->type, lk_span_of(sa->id, sa->id_len), &sa->agreed,
                        &sa->keys);
    lk_seen_mis_key(&pos->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

static void log_link_key(struct lk_pos_process *pos, const struct lk_pos_output *item)
{
    const struct lk_mis_said *said = &item->link_key.said;
    struct lk_mis_key_log entry;

    lk_mis_key_log_mspmk(&entry, said->type, said->id, &item->link_key.pushed.link,
                         &item->link_key.pushed.key);
    lk_seen_mis_key(&pos->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

/* ---- what the node says ---- */

static void send_to(struct lk_pos_point *point, const struct lk_pos_output *item)
{
    if (item->send.peer.way == LK_POS_CHANNEL)
        lk_pos_channel_send(point, item->send.peer.handle, item->send.octets);
    else
        lk_pos_mis_send(point, &item->send.peer, item->send.octets);
}

static void close_it(struct lk_pos_point *point, const struct lk_pos_peer *peer)
{
    if (peer->way == LK_POS_CHANNEL)
        lk_pos_channel_close(point, peer->handle);
    else if (peer->way == LK_POS_STREAM)
        lk_pos_mis_close(point, peer->handle);
}

/* What the node has is the clock on the wall, which may be set. */
static void wake_at(struct lk_pos_point *point, uint64_t at_ms)
{
    uint64_t wall_ms = lk_wall_ms();

    point->wake_at_ms = at_ms;
    lk_wake_at(&point->wake, at_ms == UINT64_MAX ? LK_WAKE_NEVER
                                                 : lk_mono_ms() +
                                                       (at_ms > wall_ms ? at_ms - wall_ms : 0));
}

static void carry_out(struct lk_pos_point *point, const struct lk_pos_output *item)
{
    switch (item->kind) {
    case LK_POS_OUT_SEND: send_to(point, item); break;
    case LK_POS_OUT_N2N: lk_pos_link_send(point, item->n2n.link, item->n2n.octets); break;
    case LK_POS_OUT_RADIUS:
        lk_pos_radius_send(point, item->radius.socket, item->radius.octets);
        break;
    case LK_POS_OUT_ASK: break; /* answered when all is out */
    case LK_POS_OUT_CLOSE: close_it(point, &item->close); break;
    case LK_POS_OUT_STREAM:
        if (item->stream.served)
            lk_clear_keep(point->tcp, item->stream.handle);
        else
            lk_clear_release(point->tcp, item->stream.handle);
        break;
    case LK_POS_OUT_KEYS: log_keys(point->process, &item->keys); break;
    case LK_POS_OUT_LINK_KEY: log_link_key(point->process, item); break;
    case LK_POS_OUT_FACT: say_fact(point, item); break;
    case LK_POS_OUT_WAKE: wake_at(point, item->wake_at_ms); break;
    }
}

/* What takes scratch from the heap, and so is none of the node's. */
static void tell(struct lk_pos_process *pos, struct lk_pos_told *told,
                 const struct lk_pos_output *ask)
{
    uint8_t secret[LK_X25519_LEN];

    *told = (struct lk_pos_told){
        .mark_is_signed = ask->ask.mark.len > 0 &&
                          lk_start_mark_verify(ask->ask.mark, &ask->ask.home) == LK_OK,
    };
    if (ask->ask.wants_dh) {
        lk_entropy_take(&pos->entropy, secret, sizeof secret);
        lk_x25519_public(told->dh, secret);
        told->has_dh = lk_x25519_shared(told->z, secret, ask->ask.dh) == LK_OK;
    }
    lk_wipe(secret, sizeof secret);
}

static enum lk_status step(struct lk_pos_point *point, struct lk_pos_event *event,
                           struct lk_pos_told *told)
{
    struct lk_pos_process *pos = point->process;
    const struct lk_pos_output *ask;
    enum lk_status status;

    LK_ASSERT(!pos->stepping);
    event->now_ms = lk_wall_ms();
    pos->stepping = true;
    status = lk_pos_step(point->node, event, &pos->out);
    for (size_t i = 0; i < pos->out.count; i++)
        carry_out(point, &pos->out.item[i]);
    ask = lk_pos_outbox_find(&pos->out, LK_POS_OUT_ASK);
    if (ask != NULL && event->kind == LK_POS_EV_N2N && event->link.told == NULL) {
        tell(pos, told, ask);
        event->link.told = told;
    }
    lk_pos_outbox_wipe(&pos->out);
    pos->stepping = false;
    return status;
}

enum lk_status lk_pos_give(struct lk_pos_point *point, struct lk_pos_event *event)
{
    bool fresh = event->kind == LK_POS_EV_N2N;
    struct lk_pos_told told = { .has_dh = false };
    enum lk_status status = step(point, event, &told);

    if (fresh && event->link.told != NULL) {
        status = step(point, event, &told);
        event->link.told = NULL;
        lk_wipe(&told, sizeof told);
    }
    lk_pos_channel_late(point);
    return status;
}

void lk_pos_say_unreadable(const struct lk_pos_point *point, const struct lk_address *address,
                           enum lk_status status)
{
    static struct lk_log_limit limit;
    char from[LK_ADDRESS_TEXT], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_WARNING) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_address_text(from, address);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_WARNING, "mis-unreadable", { "pos", point->setting.from.id },
           { "address", from }, { "why", lk_status_name(status) },
           { "fix", "if it is one of ours, compare mis.codes of both ends" },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

void lk_pos_heard(struct lk_pos_point *point, const struct lk_pos_peer *peer,
                  struct lk_span octets)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_HEARD, .heard = { *peer, octets } };
    uint64_t malformed = lk_pos_counted(point->node)->malformed;
    enum lk_status status;

    lk_count(&point->process->count->requests);
    status = lk_pos_give(point, &event);
    if (lk_pos_counted(point->node)->malformed != malformed)
        lk_pos_say_unreadable(point, &peer->address, status);
}

/* ---- time, and what the process is told ---- */

static void expire(struct lk_pos_point *point)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_EXPIRED };

    if (lk_wall_ms() >= point->wake_at_ms)
        (void)(lk_pos_give(point, &event) == LK_OK);
    else
        wake_at(point, point->wake_at_ms); /* the clock was set back */
}

static void on_wake(struct lk_wake *wake)
{
    expire(wake->context);
}

static void own_values_of(uint64_t values[LK_POS_OWN_COUNT], const struct lk_pos_point *point)
{
    const struct lk_pos_counters *c = lk_pos_counted(point->node);
    const struct lk_clear_counters *t = lk_clear_counted(point->tcp);
    const uint64_t now[LK_POS_OWN_COUNT] = {
        [LK_POS_OWN_MNS] = lk_pos_mn_count(point->node),
        [LK_POS_OWN_AUTHENTICATIONS] = lk_pos_auth_count(point->node),
        [LK_POS_OWN_STREAMS] = lk_clear_count(point->tcp),
        [LK_POS_OWN_CHANNELS] =
            point->channel == NULL ? 0 : lk_channel_up_count(point->channel),
        [LK_POS_OWN_MESSAGES] = c->messages,
        [LK_POS_OWN_MALFORMED] = c->malformed,
        [LK_POS_OWN_FOREIGN] = c->foreign,
        [LK_POS_OWN_STRANGERS] = c->strangers,
        [LK_POS_OWN_UNKNOWN_SA] = c->unknown_sa,
        [LK_POS_OWN_UNVERIFIED] = c->unverified,
        [LK_POS_OWN_REPLAYED] = c->replayed,
        [LK_POS_OWN_UNEXPECTED] = c->unexpected,
        [LK_POS_OWN_FULL] = c->full,
        [LK_POS_OWN_SOURCE_FULL] = c->source_full,
        [LK_POS_OWN_DISPLACED] = c->displaced,
        [LK_POS_OWN_ATTACHED] = c->attached,
        [LK_POS_OWN_REJECTED] = c->rejected,
        [LK_POS_OWN_PREPARED] = c->prepared,
        [LK_POS_OWN_NOT_TAKEN] = c->not_taken,
        [LK_POS_OWN_ARRIVED] = c->arrived,
        [LK_POS_OWN_NOT_COME] = c->not_come,
        [LK_POS_OWN_HANDED_OVER] = c->handed_over,
        [LK_POS_OWN_NOT_HANDED] = c->not_handed,
        [LK_POS_OWN_GIVEN] = c->given,
        [LK_POS_OWN_NOT_GIVEN] = c->not_given,
        [LK_POS_OWN_NO_LINK] = c->no_link,
        [LK_POS_OWN_LEFT] = c->left,
        [LK_POS_OWN_ENDED] = c->ended,
        [LK_POS_OWN_RELAYED] = c->relayed,
        [LK_POS_OWN_PUSHED] = c->pushed,
        [LK_POS_OWN_NOT_PUSHED] = c->not_pushed,
        [LK_POS_OWN_PINGS] = c->pings,
        [LK_POS_OWN_N2N] = c->n2n_messages,
        [LK_POS_OWN_N2N_MALFORMED] = c->n2n_malformed,
        [LK_POS_OWN_N2N_UNEXPECTED] = c->n2n_unexpected,
        [LK_POS_OWN_RADIUS_SENT] = c->radius_sent,
        [LK_POS_OWN_RADIUS_DROPPED] = c->radius_dropped,
        [LK_POS_OWN_STREAMS_TAKEN] = t->accepted,
        [LK_POS_OWN_STREAMS_SOURCE_FULL] = t->source_full,
        [LK_POS_OWN_STREAMS_FULL] = t->full,
        [LK_POS_OWN_STREAMS_DISPLACED] = t->displaced,
        [LK_POS_OWN_STREAMS_TOO_SLOW] = t->too_slow,
    };

    for (size_t i = 0; i < LK_POS_OWN_COUNT; i++)
        values[i] += now[i];
    for (size_t i = 0; i < LK_CONFIG_PARTNERS; i++)
        values[LK_POS_OWN_LINKS_UP] += point->line[i].up ? 1 : 0;
}

void lk_pos_own_values(uint64_t values[LK_POS_OWN_COUNT], const struct lk_pos_process *pos)
{
    memset(values, 0, LK_POS_OWN_COUNT * sizeof *values);
    values[LK_POS_OWN_N2N_UNSENT] = pos->n2n_unsent;
    values[LK_POS_OWN_RADIUS_FOREIGN] = pos->radius_foreign;
    values[LK_POS_OWN_LINK_STRANGERS] = pos->link_strangers;
    for (size_t i = 0; i < pos->points; i++)
        own_values_of(values, pos->point[i]);
}

static void on_tick(void *context)
{
    struct lk_pos_process *pos = context;
    uint64_t values[LK_POS_OWN_COUNT];

    for (size_t i = 0; i < pos->points; i++) {
        lk_pos_link_tick(pos->point[i]);
        if (lk_wall_ms() >= pos->point[i]->wake_at_ms)
            expire(pos->point[i]); /* the clock was set forward */
    }
    lk_pos_own_values(values, pos);
    lk_process_gauges(&pos->process, values, LK_POS_OWN_COUNT);
}

static void take_setting(struct lk_pos_point *point)
{
    const struct lk_pos_process *pos = point->process;

    lk_pos_setting_take(&point->setting, pos->process.config, point->number);
    point->setting.node.offer_keys = pos->seen.file != NULL && pos->seen.secrets;
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_pos_process *pos = context;

    (void)before;
    for (size_t i = 0; i < pos->points; i++) {
        take_setting(pos->point[i]);
        lk_pos_configure(pos->point[i]->node, &pos->point[i]->setting.node);
        lk_pos_link_configure(pos->point[i]);
    }
}

/* What a turn of the loop brought about goes out together. */
static void before_wait(uv_prepare_t *prepare)
{
    struct lk_pos_process *pos = prepare->data;

    lk_count_add(&pos->count->send_lost, lk_datagrams_send(pos->to_mn));
    lk_count_add(&pos->count->send_lost, lk_datagrams_send(pos->to_aaa));
}

/* ---- beginning and end ---- */

static bool begin_point(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_pos_process *pos = point->process;
    uint8_t seed[LK_POS_SEED_LEN];
    void *memory;

    take_setting(point);
    point->wake_at_ms = UINT64_MAX;
    memory = lk_process_memory(lk_pos_size(&point->setting.node));
    if (memory == NULL ||
        lk_address_parse(&point->address, point->setting.from.listen) != LK_OK)
        return false;
    lk_entropy_take(&pos->entropy, seed, sizeof seed);
    point->node = lk_pos_init(memory, &point->setting.node, seed);
    lk_wipe(seed, sizeof seed);
    lk_wake_begin(&point->wake, &pos->process.loop, point, on_wake);
    return lk_pos_mis_begin(point, error) && lk_pos_channel_begin(point, error) &&
           lk_pos_link_begin(point, error) && lk_pos_radius_begin(point, error);
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_pos_process *pos = context;

    pos->count = &pos->process.slot->count;
    pos->udp = (struct lk_udp_owner){ &pos->process.loop, lk_datagrams_new(), pos, NULL, NULL,
                                      NULL };
    pos->radius = (struct lk_udp_owner){ &pos->process.loop, lk_datagrams_new(), pos, NULL, NULL,
                                         NULL };
    pos->to_mn = lk_datagrams_new();
    pos->to_aaa = lk_datagrams_new();
    lk_seen_begin(&pos->seen, pos->process.setup);
    if (pos->udp.in == NULL || pos->radius.in == NULL || pos->to_mn == NULL ||
        pos->to_aaa == NULL)
        return false;
    lk_seen_datagrams(&pos->seen, pos->udp.in);
    lk_seen_datagrams(&pos->seen, pos->to_mn);
    (void)uv_prepare_init(&pos->process.loop, &pos->before_wait);
    pos->before_wait.data = pos;
    (void)uv_prepare_start(&pos->before_wait, before_wait);
    for (size_t i = 0; i < pos->process.config->pos.point_count; i++) {
        struct lk_pos_point *point = calloc(1, sizeof *point);

        if (point == NULL)
            return false;
        point->process = pos;
        point->number = (unsigned)i;
        pos->point[pos->points++] = point;
        if (!begin_point(point, error))
            return false;
    }
    return true;
}

static void end(void *context)
{
    struct lk_pos_process *pos = context;

    for (size_t i = 0; i < pos->points; i++) {
        struct lk_pos_point *point = pos->point[i];

        lk_pos_mis_end(point);
        lk_pos_channel_end(point);
        lk_pos_link_end(point);
        lk_radsec_client_free(point->radsec);
        if (point->node != NULL)
            lk_pos_wipe(point->node);
        lk_wipe(&point->setting, sizeof point->setting);
    }
    lk_seen_end(&pos->seen);
    lk_entropy_forget(&pos->entropy);
}

int lk_pos_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .configure = on_configure, .end = end,
    };
    struct lk_pos_process *pos = calloc(1, sizeof *pos);

    return pos == NULL ? LK_PROCESS_NO_START : lk_process_run(&pos->process, setup, &handlers, pos);
}

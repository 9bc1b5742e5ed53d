/* The anchor process: its loop, and what the node says carried out. */
#include "role/anchor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/anchor_parts.h"
#include "role/mip_aaa.h"

enum { ENDS_A_TURN = 1024 };

/* ---- what the node says ---- */

static void refused(struct lk_anchor_process *anchor, const struct lk_anchor_output *item)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1] = "";
    const struct lk_log_field fields[] = {
        { "mag", item->mag == 0 ? NULL : anchor->config.mag[item->mag - 1].name },
        { "imsi", item->refused.imsi.digits[0] == '\0' ? NULL : imsi },
        { "alarm", item->refused.alarm ? "yes" : NULL },
    };

    lk_count(&anchor->count->refused[item->refused.refusal.reason]);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_log_imsi(imsi, &item->refused.imsi);
    lk_log_refusal(&item->refused.refusal, anchor->now_ms, fields, LK_COUNT_OF(fields));
}

/* Somebody wanted it, and who has lost his binding is told to look here: it is told at once. */
static void tell_revoked(const struct lk_anchor_process *anchor,
                         const struct lk_binding_record *record)
{
    static struct lk_log_limit limit;
    struct lk_address ipv4 = lk_address_v4(record->ipv4);
    char imsi[LK_IMSI_MAX_DIGITS + 1], home[LK_ADDRESS_TEXT], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, anchor->now_ms, &left_out))
        return;
    lk_log_imsi(imsi, &record->imsi);
    lk_address_text(home, &ipv4);
    (void)snprintf(left_out_text, sizeof left_out_text, "%" PRIu32, left_out);
    LK_LOG(LK_LOG_INFO, "binding-revoked", { "imsi", imsi }, { "home", home },
           { "by", anchor->revokes != NULL ? anchor->revokes : "foreign-agent" },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static void tell_change(const struct lk_anchor_process *anchor, const struct lk_anchor_output *item)
{
    static const char *const events[] = {
        [LK_BINDING_CREATED] = "binding-created",   [LK_BINDING_RENEWED] = "binding-renewed",
        [LK_BINDING_MOVED] = "binding-moved",       [LK_BINDING_RELEASED] = "binding-released",
        [LK_BINDING_RETURNED] = "binding-returned", [LK_BINDING_ENDED] = "binding-ended",
    };
    const struct lk_binding_record *record = &item->store.record;
    struct lk_address ipv4 = lk_address_v4(record->ipv4);
    char imsi[LK_IMSI_MAX_DIGITS + 1], address[LK_ADDRESS_TEXT], prefix[LK_ADDRESS_TEXT];

    if (item->store.change == LK_BINDING_REVOKED) {
        tell_revoked(anchor, record);
        return;
    }
    if (!lk_log_wanted(LK_LOG_DEBUG))
        return;
    lk_log_imsi(imsi, &record->imsi);
    lk_address_text(address, &ipv4);
    lk_address_text(prefix, &record->prefix.address);
    LK_LOG(LK_LOG_DEBUG, events[item->store.change], { "imsi", imsi },
           { "service", record->service }, { "mag", record->mag },
           { "ipv4", record->has_ipv4 ? address : NULL },
           { "prefix", record->has_prefix ? prefix : NULL });
}

/* Without a store all is durable at once, as far as it ever is. */
static void not_stored(struct lk_anchor_process *anchor, const struct lk_anchor_output *item)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED, .stored = &item->store.record };

    lk_anchor_step(&anchor->node, &event, &anchor->none);
}

bool lk_anchor_give(struct lk_anchor_process *anchor, struct lk_anchor_event *event)
{
    struct lk_anchor_outbox *out = &anchor->out;
    bool stores = false;

    if (event->kind <= LK_ANCHOR_EV_TICK && !lk_anchor_writer_has_room(anchor))
        return false;
    anchor->now_ms = event->now_ms;
    lk_anchor_step(&anchor->node, event, out);
    for (size_t i = 0; i < out->count; i++)
        stores = stores || out->item[i].kind == LK_ANCHOR_OUT_STORE ||
                 out->item[i].kind == LK_ANCHOR_OUT_MARK;
    stores = stores && anchor->durable;
    if (stores)
        lk_anchor_writer_take(anchor, out);
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_anchor_output *item = &out->item[i];

        switch (item->kind) {
        case LK_ANCHOR_OUT_SEND:
            if (!stores)
                lk_anchor_send(anchor, item->mag, &item->to, item->octets);
            break;
        case LK_ANCHOR_OUT_STORE:
            tell_change(anchor, item);
            if (!anchor->durable)
                not_stored(anchor, item);
            break;
        case LK_ANCHOR_OUT_TUNNEL:
            lk_anchor_to_tunnel(anchor, item->mag, &item->to, item->octets);
            break;
        case LK_ANCHOR_OUT_NETWORK: lk_anchor_to_network(anchor, item->octets); break;
        case LK_ANCHOR_OUT_REFUSED: refused(anchor, item); break;
        case LK_ANCHOR_OUT_ASK:
            (item->ask.wants == 0 ? lk_anchor_ask_bsf : lk_anchor_ask_aaa)(anchor, item, event);
            break;
        case LK_ANCHOR_OUT_PLACE: lk_anchor_told(anchor, item->mag, &item->place); break;
        case LK_ANCHOR_OUT_MARK:
        case LK_ANCHOR_OUT_MORE: break;
        }
    }
    return true;
}

/* ---- what the process is told ---- */

/* What has ended, a part at a time: who registers now does not wait for half a million bindings
 * that began together. True: there is more. */
static bool ends(struct lk_anchor_process *anchor)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TICK, .now_ms = lk_wall_ms() };

    for (unsigned i = 0; i < ENDS_A_TURN && lk_anchor_writer_takes_ends(anchor); i++) {
        if (!lk_anchor_give(anchor, &event))
            return true;
        if (anchor->out.count == 0 ||
            anchor->out.item[anchor->out.count - 1].kind != LK_ANCHOR_OUT_MORE)
            return false;
    }
    return true;
}

/* At the end of each turn of the loop: what gathered in it goes out together. */
static void on_turn(uv_check_t *check)
{
    struct lk_anchor_process *anchor = check->data;

    if (anchor->more_ends)
        anchor->more_ends = ends(anchor);
    lk_anchor_writer_flush(anchor);
    lk_count_add(&anchor->count->send_lost, lk_datagrams_send(anchor->to_mags));
}

void lk_anchor_own_values(uint64_t values[LK_ANCHOR_OWN_COUNT],
                          const struct lk_anchor_process *anchor,
                          const struct lk_anchor_counters *c)
{
    const uint64_t now[LK_ANCHOR_OWN_COUNT] = {
        [LK_ANCHOR_OWN_REQUESTS] = c->requests,
        [LK_ANCHOR_OWN_ACCEPTED] = c->accepted,
        [LK_ANCHOR_OWN_REPEATED] = c->repeated,
        [LK_ANCHOR_OWN_HELD] = c->held,
        [LK_ANCHOR_OWN_REFUSED] = c->refused,
        [LK_ANCHOR_OWN_ALARMS] = c->alarms,
        [LK_ANCHOR_OWN_OVER_BUDGET] = c->over_budget,
        [LK_ANCHOR_OWN_MALFORMED] = c->malformed,
        [LK_ANCHOR_OWN_RELEASE_IGNORED] = c->release_ignored,
        [LK_ANCHOR_OWN_CREATED] = c->created,
        [LK_ANCHOR_OWN_RENEWED] = c->renewed,
        [LK_ANCHOR_OWN_MOVED] = c->moved,
        [LK_ANCHOR_OWN_RELEASED] = c->released,
        [LK_ANCHOR_OWN_ENDED] = c->ended,
        [LK_ANCHOR_OWN_UP_PACKETS] = c->up_packets,
        [LK_ANCHOR_OWN_UP_OCTETS] = c->up_octets,
        [LK_ANCHOR_OWN_DOWN_PACKETS] = c->down_packets,
        [LK_ANCHOR_OWN_DOWN_OCTETS] = c->down_octets,
        [LK_ANCHOR_OWN_UP_UNBOUND] = c->up_unbound,
        [LK_ANCHOR_OWN_UP_FOREIGN] = c->up_foreign + anchor->tunnel_unknown,
        [LK_ANCHOR_OWN_DOWN_UNBOUND] = c->down_unbound,
        [LK_ANCHOR_OWN_PACKETS_MALFORMED] = c->up_malformed + c->down_malformed,
        [LK_ANCHOR_OWN_POLICED] = c->policed,
        [LK_ANCHOR_OWN_ECHOED] = c->echoed,
        [LK_ANCHOR_OWN_ECHO_LIMITED] = c->echo_limited,
        [LK_ANCHOR_OWN_TUN_LOST] = anchor->tun_lost,
        [LK_ANCHOR_OWN_STORE_REFUSED] = anchor->store_refused,
        [LK_ANCHOR_OWN_MIP_REQUESTS] = c->mip_requests,
        [LK_ANCHOR_OWN_MIP_SILENT] = c->mip_silent,
        [LK_ANCHOR_OWN_MIP_ASKED] = c->mip_asked,
        [LK_ANCHOR_OWN_MIP_DISCOVERED] = c->mip_discovered,
        [LK_ANCHOR_OWN_REVOKED] = c->revoked,
        [LK_ANCHOR_OWN_MIP_REVOCATIONS] = c->revocations,
        [LK_ANCHOR_OWN_MIP_REVOCATIONS_SAID] = c->revocations_said,
        [LK_ANCHOR_OWN_MIP_REVOCATIONS_ACKED] = c->revocations_acked,
        [LK_ANCHOR_OWN_MIP_REVOCATIONS_LOST] = c->revocations_lost,
        [LK_ANCHOR_OWN_REACHED] = c->reached,
        [LK_ANCHOR_OWN_UNREACHED] = c->unreached,
    };

    memcpy(values, now, sizeof now);
}

static void gauges(struct lk_anchor_process *anchor)
{
    uint64_t values[LK_ANCHOR_OWN_COUNT];

    lk_anchor_own_values(values, anchor, &anchor->node.counters);
    values[LK_ANCHOR_OWN_BINDINGS] = lk_binding_count(anchor->table);
    values[LK_ANCHOR_OWN_MAGS] = lk_channel_up_count(anchor->channel);
    lk_process_gauges(&anchor->process, values, LK_ANCHOR_OWN_COUNT);
}

static void on_tick(void *context)
{
    struct lk_anchor_process *anchor = context;

    lk_role_mip_aaa_tick(anchor->aaa);
    anchor->more_ends = ends(anchor);
    lk_anchor_writer_flush(anchor);
    gauges(anchor);
    if (anchor->process.leaving && lk_anchor_writer_is_idle(anchor))
        lk_process_end(&anchor->process, 0);
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_anchor_process *anchor = context;
    char error[LK_KIND_ERROR_TEXT];

    (void)before;
    if (!lk_anchor_configure(anchor, error))
        LK_LOG(LK_LOG_ERROR, "config-not-taken", { "why", error });
    lk_anchor_control_prune(anchor);
}

static void on_leave(void *context)
{
    struct lk_anchor_process *anchor = context;

    lk_anchor_writer_flush(anchor);
    if (lk_anchor_writer_is_idle(anchor))
        lk_process_end(&anchor->process, 0);
}

/* ---- beginning and end ---- */

/* The rows that are never used are never touched, and so cost nothing. */
static bool table_begin(struct lk_anchor_process *anchor)
{
    uint32_t rows = anchor->process.config->anchor.bindings_max;
    struct lk_entropy entropy = { .left = 0 };
    void *memory = lk_process_memory_dense(lk_binding_table_size(rows));
    uint64_t seed;

    if (memory == NULL)
        return false;
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_take(&entropy, &anchor->path_key, sizeof anchor->path_key);
    anchor->table = lk_binding_table_in(memory, rows, seed, lk_wall_ms());
    lk_anchor_init(&anchor->node, &anchor->config, anchor->table, lk_wall_ms());
    return true;
}

/* What goes between a TWAG and an anchor of one daemon is written once, by the TWAG. */
static bool capture_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = anchor->process.config;

    lk_seen_begin(&anchor->seen, anchor->process.setup);
    if ((config->roles & LK_ROLE_TWAG) != 0 &&
        lk_address_parse(&anchor->seen.not_with, config->mag.address) != LK_OK)
        return false;
    lk_seen_datagrams(&anchor->seen, anchor->in);
    lk_seen_datagrams(&anchor->seen, anchor->to_mags);
    return true;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_anchor_process *anchor = context;

    anchor->count = &anchor->process.slot->count;
    anchor->in = lk_datagrams_new();
    anchor->to_mags = lk_datagrams_new();
    if (anchor->in == NULL || anchor->to_mags == NULL || !capture_begin(anchor, error) ||
        !lk_anchor_configure(anchor, error) || !table_begin(anchor) ||
        !lk_anchor_mip_begin(anchor) || !lk_anchor_naf_begin(anchor, error) ||
        !lk_anchor_aaa_begin(anchor, error) ||
        !lk_anchor_writer_begin(anchor, error) || !lk_anchor_control_begin(anchor, error))
        return false;
    lk_datagrams_together(anchor->to_mags);
    lk_anchor_plane_begin(anchor);
    (void)uv_check_init(&anchor->process.loop, &anchor->turn);
    anchor->turn.data = anchor;
    return uv_check_start(&anchor->turn, on_turn) == 0;
}

static void end(void *context)
{
    struct lk_anchor_process *anchor = context;

    lk_anchor_writer_end(anchor);
    lk_anchor_naf_end(anchor);
    lk_anchor_aaa_end(anchor);
    lk_anchor_mip_end(anchor);
    lk_seen_end(&anchor->seen);
    lk_wipe(&anchor->config.class_key, sizeof anchor->config.class_key);
    lk_wipe(&anchor->path_key, sizeof anchor->path_key);
    lk_wipe(anchor->link, sizeof anchor->link);
}

int lk_anchor_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .configure = on_configure, .leave = on_leave, .end = end,
    };
    struct lk_anchor_process *anchor = calloc(1, sizeof *anchor);

    return anchor == NULL ? LK_PROCESS_NO_START
                          : lk_process_run(&anchor->process, setup, &handlers, anchor);
}

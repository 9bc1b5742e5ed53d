/* The enb process: its loop, Xw, the store, time, and what the node says carried out. */
#include "role/enb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/enb_process.h"

/* A KeNB of a context that was long ago is in nobody's memory. */
#define COUNTERS_KEPT_MS (UINT64_C(90) * 24 * 3600 * 1000)
enum { STORE_CHECK_EVERY = 5, ASKED_A_TICK = 32, WT = 0 /* the place of its row */ };

/* ---- what the log has ---- */

const char *lk_enb_cell_name(const struct lk_enb_process *enb, uint32_t cell)
{
    const struct lk_config_enb *config = &enb->process.config->enb;

    return cell < config->cell_count ? config->cells[cell].name : NULL;
}

void lk_enb_refused(struct lk_enb_process *enb, const struct lk_enb_place *place,
                    const struct lk_refusal *refusal)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1] = "", from[LK_ADDRESS_TEXT] = "";
    const struct lk_log_field fields[] = {
        { "imsi", imsi[0] == '\0' && (place == NULL || !place->attached) ? NULL : imsi },
        { "from", place == NULL ? NULL : from },
    };

    lk_process_refused(&enb->process, refusal->reason);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    if (place != NULL && place->attached)
        lk_log_imsi(imsi, &place->imsi);
    if (place != NULL)
        lk_address_text(from, &place->address);
    lk_log_refusal(refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void say(struct lk_enb_process *enb, const char *event, const struct lk_enb_place *place,
                const char *cell, const char *why)
{
    static struct lk_log_limit limit;
    char imsi[LK_IMSI_MAX_DIGITS + 1] = "", left_out_text[16];
    uint32_t left_out;

    (void)enb;
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_log_imsi(imsi, &place->imsi);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, event, { "imsi", imsi }, { "cell", cell }, { "reason", why },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* ---- what the node says ---- */

/* T52: the counter is written down before the key that it makes is told. */
static void save(struct lk_enb_process *enb, uint32_t ue, const struct lk_lwa_saved *what)
{
    struct lk_write *write = lk_durable_add(&enb->durable, LK_WRITE_COUNTER, ue);
    uint64_t now_ms = lk_wall_ms();

    enb->saves++;
    if (write == NULL) {
        enb->saves_failed++;
        if (enb->unsaved < LK_ENB_UNSAVED) {
            enb->not_saved[enb->unsaved].ue = ue;
            enb->not_saved[enb->unsaved++].what = *what;
        }
        return;
    }
    _Static_assert((int)LK_STORE_PRINT_LEN == (int)LK_KENB_PRINT_LEN, "a print fits");
    memcpy(write->counter.print, what->print, sizeof write->counter.print);
    write->counter.next = what->next;
    write->counter.at_ms = now_ms;
    write->counter.forget_ms = now_ms > COUNTERS_KEPT_MS ? now_ms - COUNTERS_KEPT_MS : 0;
}

static void on_wake(struct lk_wake *wake)
{
    struct lk_enb_process *enb = wake->context;
    struct lk_enb_event event = { .kind = LK_ENB_EV_EXPIRED };

    (void)(lk_enb_give(enb, &event) == LK_OK);
    lk_enb_turn_end(enb);
}

static void carry_handover(struct lk_enb_process *enb, struct lk_enb_place *place,
                           const struct lk_enb_output *item)
{
    struct lk_enb_told told;

    place->handovers++;
    place->cell = item->cell;
    if (lk_enb_told_of(&told, enb->node, item->ue))
        place->c_rnti = (uint16_t)told.enb_ue_id;
    say(enb, "handed-over", place, lk_enb_cell_name(enb, item->cell), NULL);
}

static void carry_fact(struct lk_enb_process *enb, struct lk_enb_place *place,
                       const struct lk_enb_output *item)
{
    const char *cell = lk_enb_cell_name(enb, item->cell);

    if (item->kind == LK_ENB_OUT_ACTIVE) {
        *(item->key.rekey ? &place->rekeys : &place->set_up) += 1;
        place->mac_used = true;
        place->offers = 0;
        say(enb, item->key.rekey ? "lwa-rekeyed" : "lwa-active", place, cell, NULL);
    } else if (item->kind == LK_ENB_OUT_RELEASED) {
        place->released++;
        place->released_for = item->released.reason;
        say(enb, item->released.again ? "lwa-released-for-now" : "lwa-released", place, cell,
            item->released.reason == LK_REASON_NONE ? NULL
                                                    : lk_reason_row(item->released.reason)->code);
        if (!item->released.again)
            lk_enb_mac_over(enb, place, item->released.reason);
    } else if (item->kind == LK_ENB_OUT_HANDED_OVER) {
        carry_handover(enb, place, item);
    }
}

static void carry_out(struct lk_enb_process *enb, const struct lk_enb_output *item)
{
    struct lk_enb_place *place = lk_enb_place_at(&enb->places, item->ue);

    switch (item->kind) {
    case LK_ENB_OUT_RRC:
        if (place != NULL)
            lk_enb_say_uu(enb, place, item->cell, item->octets);
        break;
    case LK_ENB_OUT_XW:
        if (lk_role_xw_send(&enb->xw, WT, item->octets) != LK_OK)
            enb->unsent++; /* whoever waits for it asks again */
        break;
    case LK_ENB_OUT_SAVE: save(enb, item->ue, &item->save); break;
    case LK_ENB_OUT_WAKE: lk_wake_at(&enb->wake, item->wake_at_ms); break;
    case LK_ENB_OUT_ACTIVE:
    case LK_ENB_OUT_HANDED_OVER:
    case LK_ENB_OUT_RELEASED:
        if (place != NULL)
            carry_fact(enb, place, item);
        break;
    case LK_ENB_OUT_NOTICE: lk_enb_refused(enb, place, &item->notice); break;
    case LK_ENB_OUT_REKEY_BEGUN:
    case LK_ENB_OUT_REFRESHED:
    case LK_ENB_OUTPUT_KIND_COUNT: break;
    }
}

enum lk_status lk_enb_give(struct lk_enb_process *enb, struct lk_enb_event *event)
{
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    status = lk_enb_step(enb->node, event, &enb->out);
    for (size_t i = 0; i < enb->out.count; i++)
        carry_out(enb, &enb->out.item[i]);
    lk_enb_outbox_wipe(&enb->out);
    return status;
}

static void tell_saved(struct lk_enb_process *enb, uint32_t ue, const struct lk_lwa_saved *what,
                       bool done)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_SAVED, .ue = ue };

    event.saved.what = *what;
    event.saved.done = done;
    (void)(lk_enb_give(enb, &event) == LK_OK);
}

void lk_enb_turn_end(struct lk_enb_process *enb)
{
    size_t count = enb->unsaved;

    enb->unsaved = 0;
    for (size_t i = 0; i < count; i++)
        tell_saved(enb, enb->not_saved[i].ue, &enb->not_saved[i].what, false);
    lk_vectors_flush(&enb->vectors);
    lk_durable_flush(&enb->durable);
    lk_count_add(&enb->count->send_lost, lk_datagrams_send(enb->to_uu));
    lk_enb_uu_schedule(enb);
}

/* ---- the store and the vault ---- */

static void on_written(void *context, const struct lk_write *write)
{
    struct lk_enb_process *enb = context;
    struct lk_lwa_saved what = { .next = write->counter.next };
    bool done = write->status == LK_OK;

    if (write->kind == LK_WRITE_ROW) {
        lk_vectors_written(&enb->vectors, write);
        return;
    }
    memcpy(what.print, write->counter.print, sizeof what.print);
    enb->saves_failed += !done;
    tell_saved(enb, write->id, &what, done);
}

static void turn_ends(void *context)
{
    lk_enb_turn_end(context);
}

static void on_vault(uv_poll_t *poll, int status, int events)
{
    struct lk_enb_process *enb = poll->data;

    (void)status;
    (void)events;
    lk_vectors_receive(&enb->vectors);
    lk_enb_turn_end(enb);
    if (enb->vectors.vault_gone) {
        (void)uv_poll_stop(&enb->vault_poll);
        lk_process_end(&enb->process, LK_VECTORS_GONE);
    }
}

static size_t power_of_two(uint32_t least)
{
    size_t power = 1;

    while (power < least)
        power *= 2;
    return power;
}

static bool begin_vectors(struct lk_enb_process *enb, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_vectors *vectors = &enb->vectors;
    enum lk_status status;

    enb->durable = (struct lk_durable){ .loop = &enb->process.loop,
                                        .url = enb->process.setup->config->store.url,
                                        .context = enb, .on_written = on_written,
                                        .on_done = turn_ends };
    vectors->process = &enb->process;
    vectors->calls = lk_enb_vectors_calls;
    vectors->calls.context = enb;
    vectors->durable = &enb->durable;
    vectors->queue_max = power_of_two(enb->config.ues);
    status = lk_sn_id_of_plmn(vectors->sn_id, lk_span_text(enb->process.config->enb.plmn));
    LK_ASSERT(status == LK_OK); /* lk_config_check has looked at it */
    return lk_durable_begin(&enb->durable) && lk_vectors_begin(vectors, error);
}

/* ---- Xw: one way for all cells ---- */

static void on_link(struct lk_enb_process *enb, enum lk_enb_event_kind kind)
{
    for (uint32_t cell = 0; cell < enb->config.cells; cell++) {
        struct lk_enb_event event = { .kind = kind, .cell = cell };

        (void)(lk_enb_give(enb, &event) == LK_OK);
    }
    lk_enb_turn_end(enb);
}

/* A WT that comes again may have begun anew, and says so only when it is asked about a UE: so each
 * one that LWA was there for gets another key, some of them at a time. */
static void on_up(void *context, size_t peer)
{
    struct lk_enb_process *enb = context;

    (void)peer;
    enb->unasked = 0;
    enb->unasked_end = enb->places.touched;
    on_link(enb, LK_ENB_EV_XW_UP);
}

static void ask_the_wt(struct lk_enb_process *enb)
{
    for (unsigned i = 0; i < ASKED_A_TICK && enb->unasked < enb->unasked_end; i++) {
        struct lk_enb_event rekey = { .kind = LK_ENB_EV_REKEY, .ue = enb->unasked++ };
        struct lk_enb_told told;

        if (lk_enb_told_of(&told, enb->node, rekey.ue) && told.state == LK_LWA_ENB_ACTIVE)
            (void)(lk_enb_give(enb, &rekey) == LK_OK);
    }
}

static void on_down(void *context, size_t peer)
{
    (void)peer;
    on_link(context, LK_ENB_EV_XW_DOWN);
}

/* What is wrong with one is counted, and said, by the node. */
static void on_message(void *context, size_t peer, struct lk_span message)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_event event = { .kind = LK_ENB_EV_XW, .cell = LK_ENB_NOBODY,
                                  .octets = message };

    (void)peer;
    (void)(lk_enb_give(enb, &event) == LK_OK);
    lk_enb_turn_end(enb);
}

/* ---- what the process is told ---- */

void lk_enb_own_values(uint64_t values[LK_ENB_OWN_COUNT], const struct lk_enb_process *enb,
                       const struct lk_enb_counters *c)
{
    const uint64_t now[LK_ENB_OWN_COUNT] = {
        [LK_ENB_OWN_UES] = enb->places.attached,
        [LK_ENB_OWN_STRANGERS] = enb->places.used - enb->places.attached,
        [LK_ENB_OWN_WT_UP] = enb->xw.up,
        [LK_ENB_OWN_ATTACHES] = enb->attaches,
        [LK_ENB_OWN_ATTACHES_REFUSED] = enb->attaches_refused,
        [LK_ENB_OWN_OVER_BUDGET] = enb->over_budget,
        [LK_ENB_OWN_FULL] = enb->full,
        [LK_ENB_OWN_MADE_ROOM] = enb->made_room,
        [LK_ENB_OWN_UNKNOWN] = enb->strangers,
        [LK_ENB_OWN_MALFORMED] = enb->malformed,
        [LK_ENB_OWN_MAC_TAKEN] = enb->mac_taken,
        [LK_ENB_OWN_SAVES] = enb->saves,
        [LK_ENB_OWN_SAVES_FAILED] = enb->saves_failed,
        [LK_ENB_OWN_LWA_SET_UP] = c->set_up,
        [LK_ENB_OWN_REKEYS_BEGUN] = c->rekeys_begun,
        [LK_ENB_OWN_REKEYS] = c->rekeys,
        [LK_ENB_OWN_REFRESHES] = c->refreshes,
        [LK_ENB_OWN_HANDOVERS] = c->handovers,
        [LK_ENB_OWN_HANDOVERS_FAILED] = c->handovers_failed,
        [LK_ENB_OWN_LWA_RELEASED] = c->released,
        [LK_ENB_OWN_RRC_REFUSED] = c->rrc_refused,
        [LK_ENB_OWN_XW_MALFORMED] = c->xw_malformed,
        [LK_ENB_OWN_XW_UNKNOWN] = c->xw_unknown,
        [LK_ENB_OWN_XW_REFUSED] = c->xw_refused,
        [LK_ENB_OWN_XW_UNSENT] = enb->unsent,
        [LK_ENB_OWN_UNEXPECTED] = c->unexpected,
        [LK_ENB_OWN_NOTICES] = c->notices,
    };

    memcpy(values, now, sizeof now);
}

static void gauges(struct lk_enb_process *enb)
{
    uint64_t values[LK_ENB_OWN_COUNT];

    lk_enb_own_values(values, enb, lk_enb_counted(enb->node));
    lk_process_gauges(&enb->process, values, LK_ENB_OWN_COUNT);
}

static void on_tick(void *context)
{
    struct lk_enb_process *enb = context;

    lk_vectors_expire(&enb->vectors);
    if (enb->xw.up > 0)
        ask_the_wt(enb);
    if (++enb->ticks % STORE_CHECK_EVERY == 0)
        lk_vectors_check_store(&enb->vectors);
    lk_enb_mac_tick(enb);
    lk_enb_turn_end(enb);
    gauges(enb);
    if (enb->process.leaving && lk_durable_is_idle(&enb->durable))
        lk_process_end(&enb->process, 0);
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_enb_process *enb = context;

    (void)before;
    lk_enb_config_take(&enb->config, enb->process.config);
    lk_enb_configure(enb->node, &enb->config);
}

static void on_leave(void *context)
{
    struct lk_enb_process *enb = context;

    if (lk_durable_is_idle(&enb->durable))
        lk_process_end(&enb->process, 0);
}

/* Decision 0019: usrsctp's thread is under the confinement when it starts after it. */
static bool on_confined(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_enb_process *enb = context;

    return lk_role_xw_begin(&enb->xw, &enb->process.loop, error);
}

/* ---- beginning and end ---- */

static bool begin_node(struct lk_enb_process *enb)
{
    void *memory, *places, *due, *sources;
    uint64_t seed;

    lk_enb_config_take(&enb->config, enb->process.config);
    lk_eps_network_defaults(&enb->eps_config);
    enb->eps_config.retry_ms = enb->process.config->enb.retry_ms;
    memory = lk_process_memory(lk_enb_size(&enb->config));
    places = lk_process_memory(lk_enb_places_size(enb->config.ues));
    due = lk_process_memory(lk_due_size(enb->config.ues));
    sources = lk_process_memory(lk_vector_sources_size());
    if (memory == NULL || places == NULL || due == NULL || sources == NULL)
        return false;
    lk_entropy_take(&enb->entropy, &seed, sizeof seed);
    enb->node = lk_enb_init(memory, &enb->config);
    lk_enb_places_in(&enb->places, places, enb->config.ues, seed);
    lk_vector_sources_in(&enb->sources, sources, seed);
    lk_due_in(&enb->due, due, enb->config.ues);
    return true;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_enb_process *enb = context;
    const struct lk_config *config = enb->process.config;
    const struct lk_role_xw_calls calls = { enb, on_up, on_down, on_message };
    int status;

    enb->count = &enb->process.slot->count;
    enb->udp = (struct lk_udp_owner){ &enb->process.loop, lk_datagrams_new(), enb, NULL, turn_ends,
                                      &enb->count->requests };
    enb->to_uu = lk_datagrams_new();
    lk_seen_begin(&enb->seen, enb->process.setup);
    if (enb->udp.in == NULL || enb->to_uu == NULL || !begin_node(enb))
        return false;
    lk_wake_begin(&enb->wake, &enb->process.loop, enb, on_wake);
    lk_enb_uu_begin(enb);
    lk_enb_ask_begin(enb);
    status = uv_poll_init(&enb->process.loop, &enb->vault_poll, enb->process.setup->vault.fd);
    LK_ASSERT(status == 0);
    enb->vault_poll.data = enb;
    (void)uv_poll_start(&enb->vault_poll, UV_READABLE, on_vault);
    return lk_role_xw_prepare(&enb->xw, &config->enb.xw, &config->enb.wt, 1, true,
                              lk_process_socket(&enb->process, LK_ENB_SERVES_XW), &calls,
                              &enb->seen, error) &&
           begin_vectors(enb, error);
}

static void end(void *context)
{
    struct lk_enb_process *enb = context;

    lk_role_xw_end(&enb->xw);
    lk_enb_wipe(enb->node);
    lk_wipe(enb->places.place, lk_enb_places_size(enb->config.ues));
    lk_vectors_end(&enb->vectors);
    lk_seen_end(&enb->seen);
    lk_entropy_forget(&enb->entropy);
}

int lk_enb_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .confined = on_confined, .tick = on_tick,
        .configure = on_configure, .leave = on_leave, .end = end,
    };
    struct lk_enb_process *enb = calloc(1, sizeof *enb);

    return enb == NULL ? LK_PROCESS_NO_START
                       : lk_process_run(&enb->process, setup, &handlers, enb);
}

/* Uu of the laboratory: PDUs of SRB1 in UDP, and the attach over it, with the vault beside it.
 *
 * HELLO says who a device is and what its WLAN address is; neither is believed before the attach
 * has proven the IMSI. Whoever is attached already loses nothing by what strangers say. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/enb_process.h"

enum {
    STRANGER_MS = 5000,              /* how long a place waits for ATTACH REQUEST */
    SECOND_US = 1000000,
    ROOM = LK_DATAGRAM_MAX,
};

static uint32_t number_of(const struct lk_enb_process *enb, const struct lk_enb_place *place)
{
    return lk_enb_place_number(&enb->places, place);
}

/* ---- what goes down ---- */

void lk_enb_say_uu(struct lk_enb_process *enb, const struct lk_enb_place *place, uint32_t cell,
                   struct lk_span pdu)
{
    const struct lk_uu uu = { .downlink = true, .ue_id = place->c_rnti, .pdu = pdu };
    struct lk_datagram_peer peer =
        lk_datagram_to(enb->port[cell].fd, &place->address, place->port);
    uint8_t octets[ROOM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (lk_uu_encode(&w, &uu) == LK_OK)
        lk_enb_put_uu(enb, &peer, lk_writer_span(&w));
}

/* ---- time ---- */

void lk_enb_uu_schedule(struct lk_enb_process *enb)
{
    lk_wake_at(&enb->place_wake, lk_due_next_ms(&enb->due));
}

static bool is_under_way(const struct lk_enb_place *place)
{
    return place->network.state != LK_EPS_NETWORK_IDLE &&
           place->network.state != LK_EPS_NETWORK_ATTACHED;
}

/* A place that nothing is under way for waits for an ATTACH REQUEST, if it is not attached: so long
 * from when it was taken, whatever its holder has said since. */
void lk_enb_set_due(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    bool under_way = is_under_way(place);
    uint64_t at_ms = place->add_due    ? lk_mono_ms()
                     : under_way       ? place->network.due_ms
                     : place->attached ? LK_DUE_NEVER
                                       : place->began_ms + STRANGER_MS;

    lk_due_set(&enb->due, number_of(enb, place), at_ms);
    lk_enb_place_line(&enb->places, place, under_way ? LK_ENB_UNDER_WAY : LK_ENB_WAITING,
                      lk_mono_ms());
}

static void forget(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    lk_due_set(&enb->due, number_of(enb, place), LK_DUE_NEVER);
    lk_enb_place_release(&enb->places, place);
}

static void leave(struct lk_enb_process *enb, const struct lk_enb_place *place)
{
    struct lk_enb_event left = { .kind = LK_ENB_EV_LEFT, .ue = number_of(enb, place) };

    if (place->attached)
        (void)(lk_enb_give(enb, &left) == LK_OK);
}

void lk_enb_drop(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    uint8_t mac[LK_WLAN_ADDRESS_LEN];

    memcpy(mac, place->mac, sizeof mac);
    leave(enb, place);
    forget(enb, place);
    lk_enb_mac_pass_on(enb, mac);
}

/* ---- the attach ---- */

static struct lk_vector_source source_of(const struct lk_enb_place *place)
{
    return (struct lk_vector_source){
        .address = place->address,
        .station = lk_span_of((const uint8_t *)&place->port, sizeof place->port),
    };
}

/* What the store knows of the KeNB. T52: where it cannot be asked no counter is left, so that the
 * KeNB is refreshed before anything is derived from it. */
static void find_counter(struct lk_enb_process *enb, struct lk_lwa_saved *saved, bool *has,
                         const struct lk_kenb *kenb)
{
    struct lk_store *store = lk_vectors_store(&enb->vectors);
    enum lk_status status = LK_E_STORE;

    lk_kenb_print(saved->print, kenb);
    if (store != NULL)
        status = lk_store_counter_read(store, &saved->next, saved->print);
    *has = status != LK_E_NOT_FOUND;
    if (status == LK_OK || status == LK_E_NOT_FOUND)
        return;
    lk_vectors_store_failed(&enb->vectors);
    saved->next = LK_LWA_COUNTERS;
}

static void give_context(struct lk_enb_process *enb, struct lk_enb_place *place,
                         const struct lk_eps_context *context)
{
    struct lk_enb_event event = { .kind = LK_ENB_EV_CONTEXT, .ue = number_of(enb, place),
                                  .cell = place->hello_cell };

    memcpy(event.context.mac, place->mac, sizeof event.context.mac);
    event.context.has_kasme = true;
    event.context.kasme = context->kasme;
    event.context.ul_nas_count = context->nas_uplink - 1;
    event.context.used.sent = context->srb.send_next;
    event.context.used.received = context->srb.receive_next;
    find_counter(enb, &event.context.saved, &event.context.has_saved, &context->kenb);
    if (lk_enb_give(enb, &event) != LK_OK)
        lk_enb_drop(enb, place);
    else
        lk_enb_mac_add(enb, place);
    lk_wipe(&event, sizeof event);
}

/* The newest attach of an IMSI counts. A MAC address that another subscriber has stays his: with it
 * somebody could take his association from him; and what was wanted under another address, or of
 * another subscriber, is not wanted under this one. */
static void settle(struct lk_enb_process *enb, struct lk_enb_place *place,
                   const struct lk_imsi *imsi)
{
    struct lk_enb_place *before = lk_enb_place_of_imsi(&enb->places, imsi);
    bool keeps = before != NULL && before->mac_is == LK_ENB_MAC_HAS && before->mac_used &&
                 lk_span_equal(LK_SPAN(before->mac), LK_SPAN(place->hello.mac));
    uint8_t mac[2][LK_WLAN_ADDRESS_LEN] = { { 0 } };

    memcpy(mac[0], place->mac, sizeof mac[0]);
    if (!keeps || before != place)
        leave(enb, place);
    if (before != NULL && before != place) {
        memcpy(mac[1], before->mac, sizeof mac[1]);
        leave(enb, before);
        forget(enb, before);
    }
    lk_enb_place_attach(&enb->places, place, imsi, place->hello.mac, keeps);
    for (size_t i = 0; i < LK_COUNT_OF(mac); i++)
        lk_enb_mac_pass_on(enb, mac[i]);
}

static void attached(struct lk_enb_process *enb, struct lk_enb_place *place,
                     const struct lk_eps_context *context)
{
    struct lk_vector_source source = source_of(place);
    bool waits;
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    const char *lwa = NULL;

    lk_vector_sources_proven(&enb->sources, &context->imsi, &source, lk_mono_us());
    settle(enb, place, &context->imsi);
    waits = place->mac_is == LK_ENB_MAC_WAITS;
    place->cell = place->hello_cell;
    place->connection = place->hello.connection;
    place->c_rnti = (uint16_t)(number_of(enb, place) + 1);
    place->attached_ms = place->heard_ms = lk_mono_ms();
    enb->attaches++;
    enb->mac_taken += waits;
    if (waits)
        lwa = "no: another subscriber's MAC address";
    else if (enb->process.config->enb.lwa && enb->xw.up == 0)
        lwa = "waits: no way to the WT";
    lk_log_imsi(imsi, &context->imsi);
    LK_LOG(LK_LOG_INFO, "lte-attached", { "imsi", imsi },
           { "cell", lk_enb_cell_name(enb, place->cell) },
           { "lwa", lwa });
    give_context(enb, place, context);
}

/* ---- vectors ---- */

static void ask(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    struct lk_question *question = &place->question;

    place->asks_again = question->place != LK_QUESTION_NONE;
    if (place->asks_again)
        return; /* when the earlier one is over */
    question->id = lk_enb_question_id(&enb->places, place);
    question->began_us = lk_mono_us();
    question->imsi = place->ask.imsi;
    question->keys = LK_VECTOR_KASME;
    question->resync = place->ask.resync;
    memcpy(question->rand, place->ask.rand, sizeof question->rand);
    memcpy(question->auts, place->ask.auts, sizeof question->auts);
    lk_vectors_ask(&enb->vectors, question);
}

static enum lk_status step_eps(struct lk_enb_process *enb, struct lk_enb_place *place,
                               struct lk_eps_event *event);

static void stop(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_STOP };

    (void)(step_eps(enb, place, &event) == LK_OK);
}

/* Each vector costs the vault and the store: an address gets so many, a second's worth at once.
 * A07: a station where the subscriber is known has as many of its own, whatever strangers take. */
static bool is_within_rate(const struct lk_enb_process *enb, const struct lk_enb_place *place)
{
    uint32_t rate = enb->process.config->enb.attach_rate;
    const struct lk_budget_rate attaches = { rate, SECOND_US / rate };
    struct lk_vector_source source = source_of(place);
    uint64_t now_us = lk_mono_us();
    uint8_t who[LK_ADDRESS_LEN + sizeof place->port];
    size_t len = LK_ADDRESS_LEN;

    memcpy(who, place->address.octets, LK_ADDRESS_LEN);
    if (lk_vector_sources_known(&enb->sources, &place->hello.imsi, &source, now_us)) {
        memcpy(who + len, &place->port, sizeof place->port);
        len = sizeof who;
    }
    return lk_budgets_take(enb->sources.budgets, lk_span_of(who, len), &attaches, now_us);
}

/* And each costs the subscriber, whoever names him (A07). With AUTS only the card gets another. */
static bool may_ask(const struct lk_enb_process *enb, const struct lk_enb_place *place,
                    const struct lk_eps_ask_vector *wanted)
{
    struct lk_vector_source source = source_of(place);

    return wanted->resync ||
           lk_vector_sources_may_ask(&enb->sources, &wanted->imsi, &source, lk_mono_us());
}

static void wants_vector(struct lk_enb_process *enb, struct lk_enb_place *place,
                         const struct lk_eps_ask_vector *wanted)
{
    if (!lk_imsi_equal(&wanted->imsi, &place->hello.imsi)) {
        enb->malformed++;
        stop(enb, place);
    } else if (!is_within_rate(enb, place)) {
        enb->over_budget++;
        stop(enb, place);
    } else if (!may_ask(enb, place, wanted)) {
        const struct lk_refusal refusal = lk_refusal_of(LK_REASON_SOURCE_TOO_FAST, NULL, NULL);

        enb->over_budget++;
        lk_enb_refused(enb, place, &refusal);
        stop(enb, place);
    } else {
        place->ask = *wanted;
        ask(enb, place);
    }
}

static struct lk_enb_place *place_of(struct lk_question *question)
{
    return (struct lk_enb_place *)(void *)((uint8_t *)question -
                                           offsetof(struct lk_enb_place, question));
}

static struct lk_question *find(void *context, uint32_t id)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_place *place = lk_enb_place_of_question(&enb->places, id);

    return place == NULL ? NULL : &place->question;
}

/* The answer to a question that nobody has any more. */
static bool is_late(struct lk_enb_process *enb, struct lk_enb_place *place)
{
    if (place->gone) {
        lk_enb_place_settle(&enb->places, place);
        return true;
    }
    if (!place->asks_again)
        return false;
    ask(enb, place);
    return true;
}

static void on_vector(void *context, struct lk_question *question, const struct lk_vector *vector)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_place *place = place_of(question);
    struct lk_eps_event event = { .kind = LK_EPS_EV_VECTOR, .asked = place->ask.asked };

    if (is_late(enb, place))
        return;
    event.vector = *vector;
    lk_entropy_take(&enb->entropy, event.entropy, sizeof event.entropy);
    (void)(step_eps(enb, place, &event) == LK_OK);
    lk_wipe(&event, sizeof event);
}

static void on_no_vector(void *context, struct lk_question *question, enum lk_reason reason)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_place *place = place_of(question);
    struct lk_eps_event event = { .kind = LK_EPS_EV_NO_VECTOR, .asked = place->ask.asked,
                                  .no_vector = reason };

    if (is_late(enb, place))
        return;
    lk_entropy_take(&enb->entropy, event.entropy, sizeof event.entropy);
    (void)(step_eps(enb, place, &event) == LK_OK);
}

const struct lk_vectors_calls lk_enb_vectors_calls = {
    .find = find, .vector = on_vector, .no_vector = on_no_vector, .given_up = on_no_vector,
};

/* What leads to another step comes last. */
static enum lk_status step_eps(struct lk_enb_process *enb, struct lk_enb_place *place,
                               struct lk_eps_event *event)
{
    const struct lk_eps_output *wanted, *context, *failed;
    struct lk_eps_outbox out;
    enum lk_status status;

    event->now_ms = lk_mono_ms();
    status = lk_eps_network_step(&place->network, &enb->eps_config, event, &out);
    if (status != LK_OK)
        return status;
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_EPS_OUT_SEND)
            lk_enb_say_uu(enb, place, place->hello_cell, out.item[i].send);
    lk_enb_set_due(enb, place);
    wanted = lk_eps_outbox_find(&out, LK_EPS_OUT_ASK_VECTOR);
    context = lk_eps_outbox_find(&out, LK_EPS_OUT_CONTEXT);
    failed = lk_eps_outbox_find(&out, LK_EPS_OUT_FAILED);
    if (failed != NULL) {
        enb->attaches_refused++;
        lk_enb_refused(enb, place, &failed->failed);
    }
    if (wanted != NULL)
        wants_vector(enb, place, &wanted->ask_vector);
    else if (context != NULL)
        attached(enb, place, &context->context);
    lk_eps_outbox_wipe(&out);
    return LK_OK;
}

static void on_due(struct lk_wake *wake)
{
    struct lk_enb_process *enb = wake->context;
    struct lk_eps_event event = { .kind = LK_EPS_EV_EXPIRED };
    uint64_t now_ms = lk_mono_ms();

    while (lk_due_next_ms(&enb->due) <= now_ms) {
        struct lk_enb_place *place = &enb->places.place[lk_due_first(&enb->due)];

        if (place->add_due) {
            lk_enb_mac_add(enb, place);
            lk_enb_set_due(enb, place);
            continue;
        }
        if (is_under_way(place) && step_eps(enb, place, &event) == LK_OK)
            continue;
        if (place->attached)
            lk_enb_set_due(enb, place);
        else
            forget(enb, place);
    }
    lk_enb_turn_end(enb);
}

/* ---- what comes up ---- */

static void log_crowd(const struct lk_address *from, const char *what)
{
    static struct lk_log_limit limit;
    char address[LK_ADDRESS_TEXT], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_WARNING) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_address_text(address, from);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_WARNING, "uu-crowded", { "what", what }, { "from", address },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* A place for a stranger, perhaps another stranger's; NULL. */
static struct lk_enb_place *place_for(struct lk_enb_process *enb, const struct lk_address *from,
                                      uint16_t port)
{
    uint64_t now_ms = lk_mono_ms();
    struct lk_enb_place *goes, *place = NULL;

    if (lk_enb_place_room(&goes, &enb->places, from, now_ms)) {
        if (goes != NULL) {
            enb->made_room++;
            log_crowd(&goes->address, "a stranger made room for another");
            forget(enb, goes);
        }
        place = lk_enb_place_take(&enb->places, from, port, now_ms);
    }
    if (place == NULL) {
        enb->full++;
        log_crowd(from, "no place for a stranger");
    } else {
        lk_enb_set_due(enb, place);
    }
    return place;
}

/* spec: TS 24.301 5.5.1.2.7 - an attach whose connection is lost is aborted: what begins in a new
 * one is no repeat, though its octets are the same. What is attached stays until that has ended. */
static void hear_hello(struct lk_enb_process *enb, uint32_t cell, const struct lk_address *from,
                       uint16_t port, const struct lk_uu_hello *hello)
{
    struct lk_enb_place *place = lk_enb_place_from(&enb->places, from, port);

    if (place == NULL)
        place = place_for(enb, from, port);
    if (place == NULL)
        return;
    if (is_under_way(place) && place->hello.connection != hello->connection) {
        place->began_ms = lk_mono_ms(); /* that is paid for: there was an attach in between */
        stop(enb, place);
    }
    place->hello = *hello;
    place->hello_cell = cell;
}

/* A PDU under the keys of the context is the node's; of the rest an attach may be made. */
static void hear_pdu(struct lk_enb_process *enb, uint32_t cell, const struct lk_address *from,
                     uint16_t port, struct lk_span pdu)
{
    struct lk_enb_place *place = lk_enb_place_from(&enb->places, from, port);
    struct lk_enb_event rrc = { .kind = LK_ENB_EV_RRC, .cell = cell, .octets = pdu };
    struct lk_eps_event event = { .kind = LK_EPS_EV_RECEIVED, .received = pdu };

    if (place == NULL) {
        enb->strangers++;
        return;
    }
    rrc.ue = number_of(enb, place);
    if (place->attached && lk_enb_give(enb, &rrc) == LK_OK) {
        place->heard_ms = lk_mono_ms();
        return;
    }
    if (place->hello_cell == cell)
        (void)(step_eps(enb, place, &event) == LK_OK);
}

/* T53: a device of a process before this one, or that was dropped, learns that it has to attach
 * again. The answer is as long as the question, so nobody is flooded by it. */
static void hear_alive(struct lk_enb_process *enb, const struct lk_datagram_peer *peer,
                       const struct lk_address *from, uint16_t port, uint32_t connection)
{
    struct lk_enb_place *place = lk_enb_place_from(&enb->places, from, port);
    const struct lk_uu_alive gone = { .gone = true, .connection = connection };
    uint8_t octets[LK_UU_ALIVE_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (place != NULL && place->attached && place->connection == connection) {
        place->heard_ms = lk_mono_ms();
        return;
    }
    if (place != NULL && is_under_way(place) && place->hello.connection == connection)
        return;
    enb->strangers += place == NULL;
    if (lk_uu_alive_encode(&w, &gone) == LK_OK)
        lk_enb_put_uu(enb, peer, lk_writer_span(&w));
}

static void hear(void *context, const struct lk_udp_port *at, const struct lk_datagram_peer *peer,
                 struct lk_span datagram)
{
    struct lk_enb_process *enb = context;
    struct lk_address from = lk_datagram_address(peer);
    uint16_t port = lk_datagram_port(peer);
    uint32_t cell = at->serves;
    struct lk_uu_alive alive;
    struct lk_uu_hello hello;
    struct lk_uu uu;

    if (lk_uu_hello_decode(&hello, datagram) == LK_OK)
        hear_hello(enb, cell, &from, port, &hello);
    else if (lk_uu_decode(&uu, datagram) == LK_OK && !uu.downlink)
        hear_pdu(enb, cell, &from, port, uu.pdu);
    else if (lk_uu_alive_decode(&alive, datagram) == LK_OK && !alive.gone)
        hear_alive(enb, peer, &from, port, alive.connection);
    else
        enb->malformed++;
}

void lk_enb_uu_begin(struct lk_enb_process *enb)
{
    const struct lk_worker_setup *setup = enb->process.setup;

    lk_wake_begin(&enb->place_wake, &enb->process.loop, enb, on_due);
    lk_enb_late_begin(enb);
    for (size_t i = 0; i < setup->socket_count; i++) {
        uint32_t cell = setup->sockets[i].serves;

        if (cell >= enb->config.cells)
            continue;
        lk_udp_port_begin(&enb->port[cell], &enb->udp, setup->sockets[i].fd, cell, hear);
        lk_seen_socket(&enb->seen, setup->sockets[i].fd, LK_SEEN_UU, NULL);
    }
    lk_seen_datagrams(&enb->seen, enb->udp.in);
    lk_seen_datagrams(&enb->seen, enb->to_uu);
}

/* The server's end over its machine. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"

enum { TICKET_S = 3600, TICKET_S_MAX = 24 * 3600 };

static struct lk_e2e_scope scope_of(const struct lk_e2e_end *end)
{
    return (struct lk_e2e_scope){ lk_span_text(end->server_name), lk_span_text(end->app) };
}

static struct lk_e2e_holder holder_of(const struct lk_e2e_end *end)
{
    struct lk_e2e_holder holder = { .scope = scope_of(end),
                                    .identity = lk_span_text(end->identity),
                                    .client_key = end->client_key };

    memcpy(holder.row, end->row, sizeof holder.row);
    return holder;
}

static void ticket_keys(struct lk_seal_keys *keys, const struct lk_e2e_end *end)
{
    lk_seal_keys_derive(keys, &end->ticket_key, LK_E2E_TICKET_LABEL,
                        lk_node_day_of(lk_e2e_clock_ms()));
}

/* Text of the peer's: none with a zero in it. */
static bool text_of(char *to, struct lk_span from)
{
    if (from.len > 0)
        memcpy(to, from.at, from.len);
    to[from.len] = '\0';
    return strlen(to) == from.len;
}

/* The ticket is kept until the secrets say whom it must be of. */
static bool keep_ticket(struct lk_e2e_end *end, struct lk_span sealed)
{
    end->has_ticket = end->has_ticket_key && sealed.len == sizeof end->sealed;
    if (end->has_ticket)
        memcpy(end->sealed, sealed.at, sizeof end->sealed);
    return end->has_ticket;
}

static bool open_ticket(struct lk_e2e_end *end)
{
    struct lk_e2e_holder holder = holder_of(end);
    struct lk_seal_keys keys;
    bool good;

    ticket_keys(&keys, end);
    good = lk_e2e_ticket_open(&end->ticket, &keys, &holder, LK_SPAN(end->sealed),
                              lk_e2e_clock_ms()) == LK_OK;
    lk_wipe(&keys, sizeof keys);
    return good && end->ticket.flags == end->with;
}

/* Who asks, for `find`. false: it can be nobody. */
static bool meet(struct lk_e2e_end *end, const struct lk_e2e_server_output *item,
                 struct lk_e2e_peer *peer)
{
    const struct lk_e2e_who *who = &item->ask_keys.who;
    const bool resumed = (item->ask_keys.flags & LK_E2E_RESUMED) != 0;

    end->with = item->ask_keys.flags & (unsigned)LK_E2E_INPUTS;
    end->has_client_key = (item->ask_keys.flags & LK_E2E_WITH_CLIENT_KEY) != 0;
    if (end->has_client_key)
        end->client_key = item->ask_keys.client_key;
    LK_ASSERT(text_of(end->app, end->apps[item->ask_keys.app].name));
    if (!text_of(end->identity, who->identity) ||
        !text_of(end->key_id, resumed ? lk_span_of(NULL, 0) : who->key_id))
        return false;
    if (resumed && !keep_ticket(end, who->key_id))
        return false;
    *peer = (struct lk_e2e_peer){
        .app = end->app,
        .identity = end->identity,
        .source = who->kind == LK_E2E_B_TID   ? LK_E2E_KS_NAF
                  : who->kind == LK_E2E_A_KID ? LK_E2E_K_AF
                                              : LK_E2E_NO_OPERATOR_KEY,
        .key_id = end->key_id,
        .client_key = end->has_client_key ? end->client_key.octets : NULL,
        .with = end->with,
        .resumed = resumed };
    return true;
}

/* The first ticket ends with N at the latest, and those after it with the first. */
static void note_row(struct lk_e2e_end *end, const struct lk_e2e_secrets *secrets)
{
    end->tickets_end_ms = lk_e2e_clock_ms() + (uint64_t)end->ticket_s * 1000;
    if ((end->with & LK_E2E_WITH_N) != 0 && secrets->expires_s > 0 &&
        secrets->expires_s < end->tickets_end_ms / 1000)
        end->tickets_end_ms = secrets->expires_s * 1000;
    if (secrets->row != NULL)
        memcpy(end->row, secrets->row, sizeof end->row);
}

/* What the machine is told of the secrets; those that the offer does not name are left out, those
 * that it names and that are not there make it nobody's. */
static void answer(struct lk_e2e_end *end, struct lk_e2e_server_event *event,
                   struct lk_e2e_inputs *inputs, const struct lk_e2e_secrets *secrets)
{
    struct lk_e2e_scope scope = scope_of(end);
    const bool n = (end->with & LK_E2E_WITH_N) != 0, p = (end->with & LK_E2E_WITH_P) != 0;

    memset(event, 0, sizeof *event);
    event->kind = LK_E2E_SERVER_EV_KEYS;
    if (secrets != NULL)
        note_row(end, secrets);
    if (secrets != NULL && end->has_ticket) {
        if (open_ticket(end)) {
            end->tickets_end_ms = end->ticket.expires_ms;
            event->keys.resumption = &end->ticket.resumption;
            event->keys.resumed_flags = end->ticket.flags;
            return;
        }
    } else if (secrets != NULL && lk_e2e_inputs_of(inputs, &scope, secrets) == LK_OK &&
               (!n || inputs->has_n) && (!p || inputs->has_p)) {
        event->keys.n = n ? &inputs->n : NULL;
        event->keys.p = p ? &inputs->p : NULL;
        return;
    }
    event->kind = LK_E2E_SERVER_EV_NO_KEYS;
    if (!lk_e2e_random(event->no_keys, sizeof event->no_keys))
        lk_e2e_end_fail(end, LK_REASON_E2E_KEYS);
}

/* Whether there is one more step, with event. */
static bool asked(struct lk_e2e_end *end, const struct lk_e2e_server_output *item,
                  struct lk_e2e_server_event *event, struct lk_e2e_inputs *inputs)
{
    struct lk_e2e_secrets secrets = { .source = LK_E2E_NO_OPERATOR_KEY };
    enum lk_e2e_answer found = LK_E2E_UNKNOWN;
    struct lk_e2e_peer peer;

    switch (item->kind) {
    case LK_E2E_SERVER_OUT_SEND: lk_e2e_end_send(end, item->send); return false;
    case LK_E2E_SERVER_OUT_GRANT:
        lk_e2e_end_open(end, &item->grant);
        lk_e2e_server_greet(end);
        return false;
    case LK_E2E_SERVER_OUT_FAILED: lk_e2e_end_fail(end, item->failed.reason); return false;
    case LK_E2E_SERVER_OUT_ASK_DH:
        event->kind = lk_e2e_multiply(event->dh, &item->ask_dh, end->own, end->ephemeral) == LK_OK
                          ? LK_E2E_SERVER_EV_DH : LK_E2E_SERVER_EV_NO_DH;
        return true;
    case LK_E2E_SERVER_OUT_ASK_KEYS:
        if (meet(end, item, &peer))
            found = end->find(end->user, &peer, &secrets);
        if (found == LK_E2E_LATER)
            return false;
        answer(end, event, inputs, found == LK_E2E_FOUND ? &secrets : NULL);
        return end->state == LK_E2E_SHAKING;
    }
    return false;
}

static enum lk_status step(struct lk_e2e_end *end, struct lk_e2e_server_event *event,
                           struct lk_e2e_inputs *inputs)
{
    struct lk_e2e_server_outbox out;
    enum lk_status status;

    do {
        event->now_ms = lk_e2e_ticks_ms();
        status = lk_e2e_server_step(&end->server, &end->server_config, event, &out);
    } while (status == LK_OK && out.count > 0 && asked(end, &out.item[0], event, inputs));
    lk_e2e_server_outbox_wipe(&out);
    lk_wipe(event, sizeof *event);
    lk_wipe(inputs, sizeof *inputs);
    return status;
}

enum lk_status lk_e2e_server_take(struct lk_e2e_end *end, struct lk_span frame)
{
    struct lk_e2e_server_event event = { .kind = LK_E2E_SERVER_EV_RECEIVED };
    struct lk_e2e_inputs inputs;

    if (end->server.state == LK_E2E_SERVER_IDLE &&
        !lk_e2e_new_key(end->ephemeral, event.received.e.octets))
        return LK_E_SYSTEM;
    event.received.frame = frame;
    return step(end, &event, &inputs);
}

void lk_e2e_found(struct lk_e2e_end *end, const struct lk_e2e_secrets *secrets)
{
    struct lk_e2e_server_event event;
    struct lk_e2e_inputs inputs;

    if (end->state != LK_E2E_SHAKING || end->server.state != LK_E2E_SERVER_AWAIT_KEYS)
        return;
    answer(end, &event, &inputs, secrets);
    if (end->state == LK_E2E_SHAKING)
        LK_ASSERT(step(end, &event, &inputs) == LK_OK);
}

void lk_e2e_server_greet(struct lk_e2e_end *end)
{
    uint8_t sealed[LK_E2E_TICKET_LEN];
    struct lk_e2e_holder holder = holder_of(end);
    struct lk_e2e_ticket ticket = { .flags = end->session.flags & LK_E2E_INPUTS,
                                    .expires_ms = end->tickets_end_ms,
                                    .resumption = end->session.resumption };
    struct lk_seal_keys keys;

    if (end->has_ticket_key && lk_e2e_clock_ms() < ticket.expires_ms) {
        ticket_keys(&keys, end);
        lk_e2e_ticket_seal(sealed, &keys, &holder, &ticket);
        (void)!lk_e2e_end_say(end, LK_E2E_TICKET, LK_SPAN(sealed));
        lk_wipe(&keys, sizeof keys);
    } else {
        (void)!lk_e2e_end_say(end, LK_E2E_DATA, lk_span_of(NULL, 0)); /* FINISH has come */
    }
    lk_wipe(&ticket, sizeof ticket);
    lk_wipe(&end->ticket, sizeof end->ticket);
    lk_wipe(&end->session.resumption, sizeof end->session.resumption); /* the ticket has it */
}

static bool copy_services(struct lk_e2e_end *end, const struct lk_e2e_server_setup *setup)
{
    end->apps = calloc(setup->service_count, sizeof *end->apps);
    if (end->apps == NULL)
        return false;
    for (size_t i = 0; i < setup->service_count; i++) {
        char name[LK_E2E_APP_MAX + 1], *copy;

        if (!lk_e2e_name_copy(name, LK_E2E_APP_MAX, setup->services[i].app) ||
            (copy = strdup(name)) == NULL)
            return false;
        end->apps[i].name = lk_span_text(copy);
        end->apps[i].require = (uint8_t)(setup->services[i].needs & LK_E2E_INPUTS);
        end->apps[i].own = (setup->services[i].needs & LK_E2E_NEEDS_OWN) != 0;
        end->server_config.app_count = i + 1;
    }
    return true;
}

struct lk_e2e_end *lk_e2e_server(const struct lk_e2e_server_setup *setup)
{
    struct lk_e2e_end *end = lk_e2e_end_new(setup->datagrams);

    if (end == NULL)
        return NULL;
    end->is_server = true;
    if (!lk_e2e_name_copy(end->server_name, LK_E2E_FQDN_MAX, setup->server) ||
        setup->server_secret == NULL || setup->find == NULL || setup->service_count == 0 ||
        setup->ticket_s > TICKET_S_MAX || !copy_services(end, setup)) {
        lk_e2e_free(end);
        return NULL;
    }
    memcpy(end->own, setup->server_secret, sizeof end->own);
    end->server_config.fqdn = lk_span_text(end->server_name);
    lk_x25519_public(end->server_config.key.octets, end->own);
    end->server_config.apps = end->apps;
    end->server_config.datagrams = setup->datagrams;
    end->find = setup->find;
    end->user = setup->user;
    end->has_ticket_key = setup->ticket_key != NULL;
    if (end->has_ticket_key)
        memcpy(end->ticket_key.octets, setup->ticket_key, sizeof end->ticket_key.octets);
    end->ticket_s = setup->ticket_s > 0 ? setup->ticket_s : TICKET_S;
    return end;
}

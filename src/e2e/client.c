/* The application's end over its machine. */
#include <assert.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"

enum { SAVED_LEN = 1 + LK_E2E_TICKET_LEN + 32 };
static_assert((int)SAVED_LEN <= (int)LK_E2E_SAVED_MAX, "what the public header has room for");

/* Steps until the machine asks for nothing more that we have. */
static enum lk_status step(struct lk_e2e_end *end, struct lk_e2e_ue_event *event)
{
    struct lk_e2e_ue_outbox out;
    const struct lk_e2e_ue_output *item;
    enum lk_status status;

    for (;;) {
        event->now_ms = lk_e2e_ticks_ms();
        status = lk_e2e_ue_step(&end->ue, &end->ue_config, event, &out);
        if (status != LK_OK)
            break;
        if ((item = lk_e2e_ue_outbox_find(&out, LK_E2E_UE_OUT_SEND)) != NULL)
            lk_e2e_end_send(end, item->send);
        if ((item = lk_e2e_ue_outbox_find(&out, LK_E2E_UE_OUT_GRANT)) != NULL)
            lk_e2e_end_open(end, &item->grant);
        if ((item = lk_e2e_ue_outbox_find(&out, LK_E2E_UE_OUT_FAILED)) != NULL)
            lk_e2e_end_fail(end, item->failed.reason);
        if ((item = lk_e2e_ue_outbox_find(&out, LK_E2E_UE_OUT_ASK_DH)) == NULL)
            break;
        event->kind = lk_e2e_multiply(event->dh, &item->ask_dh, end->own, end->ephemeral) == LK_OK
                          ? LK_E2E_UE_EV_DH : LK_E2E_UE_EV_NO_DH;
    }
    lk_e2e_ue_outbox_wipe(&out);
    lk_wipe(event, sizeof *event);
    return status;
}

enum lk_status lk_e2e_client_take(struct lk_e2e_end *end, struct lk_span frame)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_RECEIVED, .received = frame };

    return step(end, &event);
}

static bool configure(struct lk_e2e_end *end, const struct lk_e2e_client_setup *setup)
{
    struct lk_e2e_ue_config *config = &end->ue_config;

    if (!lk_e2e_name_copy(end->server_name, LK_E2E_FQDN_MAX, setup->server) ||
        !lk_e2e_name_copy(end->app, LK_E2E_APP_MAX, setup->app) || setup->server_key == NULL ||
        (setup->identity != NULL && setup->identity[0] != '\0' &&
         !lk_e2e_name_copy(end->identity, LK_E2E_IDENTITY_MAX, setup->identity)))
        return false;
    config->scope.fqdn = lk_span_text(end->server_name);
    config->scope.app = lk_span_text(end->app);
    config->require = (uint8_t)(setup->needs & LK_E2E_INPUTS);
    config->datagrams = end->datagrams;
    memcpy(config->server.octets, setup->server_key, LK_NOISE_KEY);
    if (setup->client_secret != NULL) {
        memcpy(end->own, setup->client_secret, sizeof end->own);
        lk_x25519_public(end->client_key.octets, end->own);
        config->client_key = &end->client_key;
    }
    return true;
}

static bool start_with(struct lk_e2e_end *end, const struct lk_e2e_client_setup *setup,
                       struct lk_e2e_inputs *inputs, struct lk_e2e_ue_event *event)
{
    const bool has_id = setup->key_id != NULL && setup->key_id[0] != '\0';

    if (lk_e2e_inputs_of(inputs, &end->ue_config.scope, &setup->secrets) != LK_OK ||
        has_id != inputs->has_n || (has_id && strlen(setup->key_id) > LK_E2E_KEY_ID_MAX))
        return false;
    event->start.p = inputs->has_p ? &inputs->p : NULL;
    event->start.n = inputs->has_n ? &inputs->n : NULL;
    if (has_id) {
        event->start.who.kind = setup->secrets.source == LK_E2E_KS_NAF ? LK_E2E_B_TID
                                                                       : LK_E2E_A_KID;
        event->start.who.key_id = lk_span_text(setup->key_id);
    }
    return true;
}

static bool start_again(const struct lk_e2e_client_setup *setup,
                        struct lk_e2e_resumption *resumption, struct lk_e2e_ue_event *event)
{
    if (setup->saved_len != SAVED_LEN)
        return false;
    event->start.resumed_flags = setup->saved[0];
    event->start.who.kind = LK_E2E_BY_TICKET;
    event->start.who.key_id = lk_span_of(setup->saved + 1, LK_E2E_TICKET_LEN);
    memcpy(resumption->octets, setup->saved + 1 + LK_E2E_TICKET_LEN, 32);
    event->start.resumption = resumption;
    return true;
}

struct lk_e2e_end *lk_e2e_client(const struct lk_e2e_client_setup *setup)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_START };
    struct lk_e2e_end *end = lk_e2e_end_new(setup->datagrams);
    struct lk_e2e_resumption resumption;
    struct lk_e2e_inputs inputs;
    bool good;

    if (end == NULL)
        return NULL;
    good = configure(end, setup) && lk_e2e_new_key(end->ephemeral, event.start.e.octets);
    if (good)
        good = setup->saved != NULL ? start_again(setup, &resumption, &event)
                                    : start_with(end, setup, &inputs, &event);
    if (good) {
        event.start.who.identity = lk_span_text(end->identity);
        good = step(end, &event) == LK_OK;
    }
    lk_wipe(&inputs, sizeof inputs);
    lk_wipe(&resumption, sizeof resumption);
    if (good)
        return end;
    lk_e2e_free(end);
    return NULL;
}

size_t lk_e2e_save(const struct lk_e2e_end *end, uint8_t saved[LK_E2E_SAVED_MAX])
{
    if (!end->has_ticket || end->state == LK_E2E_FAILED)
        return 0;
    saved[0] = end->session.flags & LK_E2E_INPUTS;
    memcpy(saved + 1, end->sealed, LK_E2E_TICKET_LEN);
    memcpy(saved + 1 + LK_E2E_TICKET_LEN, end->session.resumption.octets, 32);
    return SAVED_LEN;
}

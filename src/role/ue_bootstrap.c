#include "role/ue_bootstrap.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "io/gba_read.h"
#include "role/shared.h"

#define AGENT "latchkey 3gpp-gba-tmpi"

static struct lk_gba_ue_event event_of(struct lk_ue_bootstrap *b, enum lk_gba_ue_event_kind kind)
{
    struct lk_gba_ue_event event = { .kind = kind, .now_ms = lk_wall_ms() };

    lk_entropy_take(&b->entropy, event.entropy, sizeof event.entropy);
    return event;
}

static enum lk_status send_it(struct lk_ue_bootstrap *b, struct lk_span authorization)
{
    char text[LK_HTTP_DIGEST_MAX + 1];
    const struct lk_fetch_request request = {
        .url = b->setup.url, .host = b->setup.fqdn, .agent = AGENT, .authorization = text,
        .wanted = { "WWW-Authenticate", "Authentication-Info" },
        .timeout_ms = b->setup.timeout_ms, .watch = b->setup.watch,
    };

    (void)snprintf(text, sizeof text, "%.*s", (int)authorization.len,
                   (const char *)authorization.at);
    return lk_fetch_begin(b->fetch, &request);
}

/* T29: what is read has proven itself: the machine says so by asking. */
static void read_it(struct lk_gba_ue_event *event, struct lk_gba_info *info, struct lk_span body)
{
    if (lk_gba_read(info, body) != LK_OK) {
        event->kind = LK_GBA_UE_EV_NO_INFO;
        return;
    }
    event->info.b_tid = lk_span_text(info->b_tid);
    event->info.expires_s = info->expires_s;
    event->info.home_agent = lk_span_text(info->home_agent);
    event->info.home_agent_address = lk_span_text(info->home_agent_address);
}

static void note(struct lk_ue_bootstrap *b, const char *what)
{
    (void)snprintf(b->detail, sizeof b->detail, "%.200s: %.100s", b->setup.url, what);
}

static void tell(struct lk_ue_bootstrap *b, const struct lk_gba_session *session,
                 const struct lk_refusal *refusal)
{
    b->setup.done(b->setup.context, session, refusal, b->detail[0] == '\0' ? NULL : b->detail);
}

/* The run cannot go on: the machine is told that nothing comes. */
static void break_off(struct lk_ue_bootstrap *b)
{
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_GBA_NO_ANSWER, NULL, NULL);

    lk_gba_ue_init(&b->machine);
    tell(b, NULL, &refusal);
}

/* Carries out what a step said; true: event answers at once. */
static bool carry_out(struct lk_ue_bootstrap *b, struct lk_gba_ue_event *event,
                      struct lk_gba_info *info)
{
    const struct lk_gba_ue_output *item;

    if ((item = lk_gba_ue_outbox_find(&b->out, LK_GBA_UE_OUT_ASK_CARD)) != NULL) {
        *event = event_of(b, LK_GBA_UE_EV_CARD);
        if (b->setup.card(b->setup.context, &event->card, item->ask_card.rand,
                          item->ask_card.autn))
            return true;
        note(b, "the card does not answer");
        break_off(b);
    } else if ((item = lk_gba_ue_outbox_find(&b->out, LK_GBA_UE_OUT_READ)) != NULL) {
        *event = event_of(b, LK_GBA_UE_EV_INFO);
        read_it(event, info, item->read);
        return true;
    } else if ((item = lk_gba_ue_outbox_find(&b->out, LK_GBA_UE_OUT_SEND)) != NULL) {
        if (send_it(b, item->send) != LK_OK) {
            note(b, "no request can be made");
            break_off(b);
        }
    } else if ((item = lk_gba_ue_outbox_find(&b->out, LK_GBA_UE_OUT_GRANT)) != NULL) {
        tell(b, &item->grant, NULL);
    } else if ((item = lk_gba_ue_outbox_find(&b->out, LK_GBA_UE_OUT_FAILED)) != NULL) {
        tell(b, NULL, &item->failed);
    }
    return false;
}

static enum lk_status step(struct lk_ue_bootstrap *b, struct lk_gba_ue_event *event)
{
    struct lk_gba_info info;
    enum lk_status status;

    do
        status = lk_gba_ue_step(&b->machine, &b->config, event, &b->out);
    while (status == LK_OK && carry_out(b, event, &info));
    lk_gba_ue_outbox_wipe(&b->out);
    lk_wipe(event, sizeof *event);
    return status;
}

static void on_fetched(void *context, const struct lk_fetched *fetched)
{
    struct lk_ue_bootstrap *b = context;
    struct lk_gba_ue_event event =
        event_of(b, fetched->status == 0 ? LK_GBA_UE_EV_NO_ANSWER : LK_GBA_UE_EV_ANSWER);

    if (fetched->status == 0) {
        note(b, fetched->error);
    } else {
        (void)snprintf(b->detail, sizeof b->detail, "%.200s: HTTP %u", b->setup.url,
                       fetched->status);
        event.answer.status = fetched->status;
        event.answer.challenge = fetched->header[0];
        event.answer.info = fetched->header[1];
        event.answer.body = fetched->body;
    }
    if (step(b, &event) != LK_OK)
        break_off(b);
}

bool lk_ue_bootstrap_begin(struct lk_ue_bootstrap *bootstrap,
                           const struct lk_ue_bootstrap_setup *setup)
{
    bootstrap->setup = *setup;
    bootstrap->config.fqdn = lk_span_text(setup->fqdn);
    bootstrap->config.algorithms = 1u << LK_GBA_AKAV1_MD5 | 1u << LK_GBA_AKAV2_MD5;
    lk_gba_ue_init(&bootstrap->machine);
    bootstrap->fetch = lk_fetch_new(setup->loop, on_fetched, bootstrap);
    return bootstrap->fetch != NULL;
}

enum lk_status lk_ue_bootstrap_start(struct lk_ue_bootstrap *bootstrap, const char *impi,
                                     const char *tmpi)
{
    struct lk_gba_ue_event event = event_of(bootstrap, LK_GBA_UE_EV_START);
    const struct lk_gba_ue_output *item;
    enum lk_status status;

    event.start.impi = lk_span_text(impi);
    event.start.tmpi = lk_span_text(tmpi);
    bootstrap->detail[0] = '\0';
    status = lk_gba_ue_step(&bootstrap->machine, &bootstrap->config, &event, &bootstrap->out);
    if (status != LK_OK)
        return status;
    item = lk_gba_ue_outbox_find(&bootstrap->out, LK_GBA_UE_OUT_SEND);
    status = item == NULL ? LK_E_UNEXPECTED : send_it(bootstrap, item->send);
    if (status != LK_OK)
        lk_gba_ue_init(&bootstrap->machine);
    return status;
}

void lk_ue_bootstrap_end(struct lk_ue_bootstrap *bootstrap)
{
    lk_fetch_free(bootstrap->fetch);
    bootstrap->fetch = NULL;
    lk_wipe(&bootstrap->machine, sizeof bootstrap->machine);
    lk_wipe(&bootstrap->out, sizeof bootstrap->out);
    lk_entropy_forget(&bootstrap->entropy);
}

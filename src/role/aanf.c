/* The aanf process: its loop and its store. */
#include "role/aanf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/entropy.h"
#include "role/aanf_process.h"

enum { STORE_CHECK_EVERY = 5, SWEEP_EVERY = 600 }; /* ticks */

static void on_turn(void *context)
{
    struct lk_aanf_process *aanf = context;

    lk_durable_flush(&aanf->durable);
}

static void on_written(void *context, const struct lk_write *write)
{
    if (write->kind == LK_WRITE_SESSION)
        lk_aanf_written(context, write);
}

static bool is_idle(const struct lk_aanf_process *aanf)
{
    return lk_aanf_is_idle(aanf) && lk_durable_is_idle(&aanf->durable);
}

static void on_tick(void *context)
{
    struct lk_aanf_process *aanf = context;

    if (++aanf->ticks % STORE_CHECK_EVERY == 0)
        lk_store_view_check(&aanf->store);
    if (aanf->ticks % SWEEP_EVERY == 0)
        lk_durable_sweep_sessions(&aanf->durable);
    if (aanf->process.leaving && is_idle(aanf))
        lk_process_end(&aanf->process, 0);
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_aanf_process *aanf = context;

    (void)before;
    memset(aanf->af_budget, 0, sizeof aanf->af_budget); /* a row may be another's now */
}

static void on_leave(void *context)
{
    struct lk_aanf_process *aanf = context;

    if (is_idle(aanf))
        lk_process_end(&aanf->process, 0);
}

static void on_stranger(void *context, const struct lk_address *from)
{
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_AKMA_CERTIFICATE, NULL, NULL);
    struct lk_aanf_process *aanf = context;
    char address[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "from", address } };

    lk_process_refused(&aanf->process, refusal.reason);
    if (aanf->process.leaving || !lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, from);
    lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_aanf_process *aanf = context;
    const struct lk_config_aanf *config = &aanf->process.config->aanf;
    const struct lk_stream_files files = { config->certificate, config->key, config->ca };
    const struct lk_http_setup setup = {
        .loop = &aanf->process.loop,
        .fd = dup(lk_process_socket(&aanf->process, 0)),
        .connections = config->connections,
        .connections_a_source = config->connections_a_source,
        .body_max = LK_AANF_BODY,
        .tls = &files,
        .handler = lk_aanf_request,
        .context = aanf,
        .on_stranger = on_stranger,
    };
    const char *url = aanf->process.setup->config->store.url;
    void *rates = lk_process_memory(lk_budgets_size());
    struct lk_entropy entropy = { .left = 0 };
    uint64_t seed;

    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_forget(&entropy);
    lk_seen_begin(&aanf->seen, aanf->process.setup);
    if (rates == NULL)
        return false;
    aanf->rates = lk_budgets_in(rates, seed);
    aanf->store = (struct lk_store_view){ .url = url };
    aanf->durable = (struct lk_durable){ .loop = &aanf->process.loop, .url = url, .context = aanf,
                                         .on_written = on_written };
    (void)lk_store_view_get(&aanf->store);
    return lk_durable_begin(&aanf->durable) && lk_http_serve(&aanf->http, &setup, error) == LK_OK;
}

static void end(void *context)
{
    struct lk_aanf_process *aanf = context;

    lk_seen_end(&aanf->seen);
    lk_store_view_end(&aanf->store);
}

int lk_aanf_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .turn = on_turn, .configure = on_configure,
        .leave = on_leave, .end = end,
    };
    struct lk_aanf_process *aanf = calloc(1, sizeof *aanf);

    return aanf == NULL ? LK_PROCESS_NO_START
                        : lk_process_run(&aanf->process, setup, &handlers, aanf);
}

/* The bsf process: its loop, its store and its vault. */
#include "role/bsf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/bsf_process.h"
#include "role/bsf_users.h"

enum { STORE_CHECK_EVERY = 5, SWEEP_EVERY = 600 }; /* ticks */

/* What a UE's first two requests need of a day: the keys of opaque roll with it. */
const struct lk_gba_bsf_config *lk_bsf_machine_config(struct lk_bsf_process *bsf, uint64_t now_ms)
{
    const struct lk_config_bsf *from = &bsf->process.config->bsf;
    struct lk_gba_bsf_config *to = &bsf->machine;
    uint32_t day = lk_node_day_of(now_ms);
    size_t len;

    if (bsf->keys.day != day)
        lk_seal_keys_derive(&bsf->keys, bsf->process.node_key, LK_GBA_OPAQUE_LABEL, day);
    to->fqdn = lk_span_text(from->name);
    to->impi_realm = lk_span_text(from->impi_realm);
    to->home_agent = lk_span_text(from->home_agent);
    to->home_agent_address = lk_span_text(from->home_agent_address);
    to->algorithm = (enum lk_gba_algorithm)from->algorithm;
    to->lifetime_s = from->lifetime_s;
    to->challenge_s = from->challenge_s;
    LK_ASSERT(lk_hex_decode(to->decoy_amf, sizeof to->decoy_amf, &len, lk_span_text(from->amf)) ==
              LK_OK); /* its row has seen to it */
    to->keys = &bsf->keys;
    return to;
}

/* ---- one turn ---- */

static void on_turn(void *context)
{
    struct lk_bsf_process *bsf = context;

    lk_vectors_flush(&bsf->vectors);
    lk_durable_flush(&bsf->durable);
}

static void on_written(void *context, const struct lk_write *write)
{
    struct lk_bsf_process *bsf = context;

    if (write->kind == LK_WRITE_ROW)
        lk_vectors_written(&bsf->vectors, write);
    else if (write->kind == LK_WRITE_SESSION)
        lk_bsf_ub_written(bsf, write);
}

static void on_vault(uv_poll_t *poll, int status, int events)
{
    struct lk_bsf_process *bsf = poll->data;

    (void)status;
    (void)events;
    lk_vectors_receive(&bsf->vectors);
    if (bsf->vectors.vault_gone) {
        (void)uv_poll_stop(&bsf->vault_poll);
        lk_process_end(&bsf->process, LK_VECTORS_GONE);
    }
}

static bool is_idle(const struct lk_bsf_process *bsf)
{
    return lk_bsf_ub_is_idle(bsf) && lk_durable_is_idle(&bsf->durable);
}

static void on_tick(void *context)
{
    struct lk_bsf_process *bsf = context;

    lk_vectors_expire(&bsf->vectors);
    if (++bsf->ticks % STORE_CHECK_EVERY == 0)
        lk_vectors_check_store(&bsf->vectors);
    if (bsf->ticks % SWEEP_EVERY == 0)
        lk_durable_sweep_sessions(&bsf->durable);
    if (bsf->process.leaving && is_idle(bsf))
        lk_process_end(&bsf->process, 0);
}

static void take_limits(struct lk_bsf_process *bsf)
{
    const struct lk_config_bsf *config = &bsf->process.config->bsf;

    bsf->machine.limit = bsf->limit;
    bsf->machine.limit_count = lk_bsf_users_limits(bsf->limit, config);
}

/* The node key may be another: what was given sealed under the one before is not ours any more. */
static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_bsf_process *bsf = context;

    (void)before;
    bsf->keys.day = 0;
    memset(bsf->zn_budget, 0, sizeof bsf->zn_budget); /* a row may be another's now */
    take_limits(bsf);
}

static void on_leave(void *context)
{
    struct lk_bsf_process *bsf = context;

    if (is_idle(bsf))
        lk_process_end(&bsf->process, 0);
}

/* ---- beginning and end ---- */

static bool begin_memory(struct lk_bsf_process *bsf)
{
    void *sources = lk_process_memory(lk_vector_sources_size());
    void *rates = lk_process_memory(lk_budgets_size());
    uint64_t seed;

    bsf->jobs = lk_process_memory(LK_BSF_JOBS * sizeof *bsf->jobs);
    if (sources == NULL || rates == NULL || bsf->jobs == NULL)
        return false;
    lk_entropy_take(&bsf->entropy, &seed, sizeof seed);
    lk_vector_sources_in(&bsf->sources, sources, seed);
    bsf->rates = lk_budgets_in(rates, seed);
    return true;
}

static bool begin_vectors(struct lk_bsf_process *bsf, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_vectors *vectors = &bsf->vectors;

    bsf->durable = (struct lk_durable){ .loop = &bsf->process.loop,
                                        .url = bsf->process.setup->config->store.url,
                                        .context = bsf, .on_written = on_written };
    vectors->process = &bsf->process;
    vectors->calls = lk_bsf_vectors_calls;
    vectors->calls.context = bsf;
    vectors->durable = &bsf->durable;
    vectors->queue_max = LK_BSF_JOBS;
    return lk_durable_begin(&bsf->durable) && lk_vectors_begin(vectors, error);
}

static bool begin_ub(struct lk_bsf_process *bsf, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_bsf *config = &bsf->process.config->bsf;
    const struct lk_http_setup setup = {
        .loop = &bsf->process.loop,
        .fd = dup(lk_process_socket(&bsf->process, LK_BSF_UB_PORT)),
        .connections = config->connections,
        .connections_a_source = config->connections_a_source,
        .handler = lk_bsf_ub_request,
        .context = bsf,
        .watch = lk_seen_ub(&bsf->seen),
    };

    return lk_http_serve(&bsf->ub, &setup, error) == LK_OK;
}

static void on_stranger(void *context, const struct lk_address *from)
{
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_ZN_CERTIFICATE, NULL, NULL);
    struct lk_bsf_process *bsf = context;
    char address[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "from", address } };

    lk_process_refused(&bsf->process, refusal.reason);
    if (bsf->process.leaving || !lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, from);
    lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static bool begin_zn(struct lk_bsf_process *bsf, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_bsf *config = &bsf->process.config->bsf;
    const struct lk_stream_files files = { config->certificate, config->key, config->ca };
    const struct lk_http_setup setup = {
        .loop = &bsf->process.loop,
        .fd = config->zn_port == 0 ? -1 : dup(lk_process_socket(&bsf->process, LK_BSF_ZN_PORT)),
        .connections = config->connections,
        .connections_a_source = config->connections_a_source,
        .body_max = LK_BSF_ZN_BODY,
        .tls = &files,
        .handler = lk_bsf_zn_request,
        .context = bsf,
        .on_stranger = on_stranger,
    };

    return config->zn_port == 0 || lk_http_serve(&bsf->zn, &setup, error) == LK_OK;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_bsf_process *bsf = context;
    int status;

    lk_gba_bsf_defaults(&bsf->machine);
    take_limits(bsf);
    if (!begin_memory(bsf))
        return false;
    lk_seen_begin(&bsf->seen, bsf->process.setup);
    status = uv_poll_init(&bsf->process.loop, &bsf->vault_poll, bsf->process.setup->vault.fd);
    LK_ASSERT(status == 0);
    bsf->vault_poll.data = bsf;
    (void)uv_poll_start(&bsf->vault_poll, UV_READABLE, on_vault);
    return begin_vectors(bsf, error) && begin_ub(bsf, error) && begin_zn(bsf, error);
}

static void end(void *context)
{
    struct lk_bsf_process *bsf = context;

    lk_wipe(&bsf->keys, sizeof bsf->keys);
    if (bsf->jobs != NULL)
        lk_wipe(bsf->jobs, LK_BSF_JOBS * sizeof *bsf->jobs);
    lk_entropy_forget(&bsf->entropy);
    lk_seen_end(&bsf->seen);
    lk_vectors_end(&bsf->vectors);
}

int lk_bsf_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .turn = on_turn, .configure = on_configure,
        .leave = on_leave, .end = end,
    };
    struct lk_bsf_process *bsf = calloc(1, sizeof *bsf);

    return bsf == NULL ? LK_PROCESS_NO_START
                       : lk_process_run(&bsf->process, setup, &handlers, bsf);
}

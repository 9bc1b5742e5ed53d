/* The naf process: its loop, its library, its ports. */
#include "role/naf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/entropy.h"
#include "role/naf_process.h"
#include "wire/gba_xml.h"

/* ---- for its files ---- */

bool lk_naf_role_may_come(struct lk_naf_process *naf, const struct lk_address *from)
{
    return lk_askers_may_come(&naf->askers, from, naf->process.config->naf.rate, lk_mono_us());
}

/* Y02: strangers have half of all questions. */
bool lk_naf_role_may_ask(struct lk_naf_process *naf, const struct lk_address *from)
{
    return lk_askers_may_ask(&naf->askers, from, (naf->process.config->naf.questions + 1) / 2,
                             lk_mono_us());
}

static void time_text(char text[LK_XML_TIME_LEN + 1], uint64_t seconds)
{
    if (lk_xml_time(text, seconds) != LK_OK)
        memset(text, '?', LK_XML_TIME_LEN);
    text[LK_XML_TIME_LEN] = '\0';
}

/* service: 1 flags 1 2 */
static void put_settings(struct lk_writer *w, const struct lk_naf_user *user)
{
    char word[32];

    for (size_t i = 0; i < user->service_count; i++) {
        (void)snprintf(word, sizeof word, "service: %u flags", user->service[i].id);
        lk_put_span(w, lk_span_text(word));
        for (unsigned flag = 0; flag < 64; flag++)
            if ((user->service[i].flags >> flag & 1) != 0) {
                (void)snprintf(word, sizeof word, " %u", flag);
                lk_put_span(w, lk_span_text(word));
            }
        lk_put_span(w, lk_span_text("\n"));
    }
}

size_t lk_naf_role_greeting(char text[LK_NAF_TEXT], const struct lk_naf_process *naf,
                            const char *how, const struct lk_naf_user *user)
{
    char until[LK_XML_TIME_LEN + 1];
    struct lk_writer w;
    int len;

    time_text(until, user->expires_s);
    len = snprintf(text, LK_NAF_TEXT, "server: %s\nhow: %s\nb-tid: %s\n%s%s%suntil: %s\n",
                   naf->process.config->naf.name, how, user->b_tid,
                   user->impi[0] != '\0' ? "impi: " : "", user->impi,
                   user->impi[0] != '\0' ? "\n" : "", until);
    LK_ASSERT(len > 0 && len < LK_NAF_TEXT);
    w = lk_writer_of(text + len, LK_NAF_TEXT - (size_t)len);
    put_settings(&w, user);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return (size_t)len + w.len;
}

void lk_naf_role_log_user(struct lk_naf_process *naf, const char *how,
                          const struct lk_address *from, const struct lk_naf_user *user)
{
    static struct lk_log_limit limit;
    char address[LK_ADDRESS_TEXT], left_out_text[16];
    uint32_t left_out;

    lk_askers_proven(&naf->askers, from, lk_mono_us());
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_address_text(address, from);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "naf-user", { "how", how }, { "from", address }, { "b_tid", user->b_tid },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

void lk_naf_role_refused(struct lk_naf_process *naf, const char *how,
                         const struct lk_address *from, const char *code, const char *detail)
{
    const enum lk_reason reason = lk_reason_named(code);
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);
    char address[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "how", how },
                                           { "from", address },
                                           { "detail", detail[0] == '\0' ? NULL : detail } };

    if (reason != LK_REASON_NONE)
        lk_process_refused(&naf->process, reason);
    if (!lk_log_wanted(LK_LOG_WARNING) || reason == LK_REASON_NONE)
        return;
    lk_address_text(address, from);
    lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

bool lk_naf_role_is_idle(const struct lk_naf_process *naf)
{
    bool idle = true;

    for (size_t i = 0; i < LK_NAF_WAITING; i++)
        idle = idle && naf->fetch[i].request == NULL;
    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++)
        idle = idle && naf->handshake[i].fd < 0;
    return idle;
}

/* ---- the process ---- */

static void on_tick(void *context)
{
    struct lk_naf_process *naf = context;
    struct lk_naf_counts counts;

    lk_naf_count(naf->naf, &counts);
    lk_process_gauge(&naf->process, LK_NAF_OWN_QUESTIONS, counts.questions);
    lk_process_gauge(&naf->process, LK_NAF_OWN_USERS, counts.users);
    if (naf->has_tls)
        lk_naf_tls_tick(naf);
    if (naf->process.leaving && lk_naf_role_is_idle(naf))
        lk_process_end(&naf->process, 0);
}

static void on_leave(void *context)
{
    struct lk_naf_process *naf = context;

    if (naf->has_tls) {
        (void)uv_poll_stop(&naf->tls);
        lk_naf_hello_end(naf);
        naf->has_tls = false;
    }
    if (lk_naf_role_is_idle(naf))
        lk_process_end(&naf->process, 0);
}

static bool begin_library(struct lk_naf_process *naf, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_naf_role *config = &naf->process.config->naf;
    const struct lk_naf_setup setup = {
        .name = config->name, .bsf = naf->url, .bsf_address = config->bsf_address,
        .certificate = config->certificate, .key = config->key, .ca = config->ca,
        .algorithms =
            ((config->algorithms & 1u << LK_CONFIG_NAF_MD5) != 0 ? LK_NAF_MD5 : 0) |
            ((config->algorithms & 1u << LK_CONFIG_NAF_SHA256) != 0 ? LK_NAF_SHA256 : 0),
        .integrity = config->integrity, .nonce_s = config->nonce_s, .users = config->users,
        .questions = config->questions, .never_wait = true,
    };
    char why[LK_NAF_ERROR];

    (void)snprintf(naf->url, sizeof naf->url, "https://%s:%u", config->bsf, config->bsf_port);
    naf->naf = lk_naf_new(&setup, why);
    if (naf->naf == NULL)
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "naf: %.240s", why);
    return naf->naf != NULL;
}

static bool begin_http(struct lk_naf_process *naf, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_naf_role *config = &naf->process.config->naf;
    const struct lk_http_setup setup = {
        .loop = &naf->process.loop,
        .fd = config->port == 0 ? -1 : dup(lk_process_socket(&naf->process, LK_NAF_HTTP_PORT)),
        .connections = config->connections,
        .connections_a_source = config->connections_a_source,
        .body_max = LK_NAF_ROLE_BODY,
        .handler = lk_naf_http_request,
        .context = naf,
    };

    return config->port == 0 || lk_http_serve(&naf->http, &setup, error) == LK_OK;
}

static bool begin_tls(struct lk_naf_process *naf, char error[LK_KIND_ERROR_TEXT])
{
    naf->has_tls = naf->process.config->naf.tls_port != 0;
    if (!naf->has_tls)
        return true;
    if (!lk_naf_hello_begin(naf) ||
        uv_poll_init(&naf->process.loop, &naf->tls,
                     lk_process_socket(&naf->process, LK_NAF_TLS_PORT)) != 0) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "naf.tls_port cannot be polled");
        return false;
    }
    naf->tls.data = naf;
    return uv_poll_start(&naf->tls, UV_READABLE, lk_naf_tls_on_poll) == 0;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_naf_process *naf = context;
    struct lk_entropy entropy = { .left = 0 };
    void *askers = lk_process_memory(lk_askers_size());
    char threads[16];
    uint64_t seed;

    for (size_t i = 0; i < LK_NAF_HANDSHAKES; i++)
        naf->handshake[i].fd = -1;
    if (askers == NULL)
        return false;
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_forget(&entropy);
    lk_askers_in(&naf->askers, askers, seed);
    (void)snprintf(threads, sizeof threads, "%u", (unsigned)LK_NAF_THREADS);
    (void)setenv("UV_THREADPOOL_SIZE", threads, 1); /* read at the pool's first work */
    return begin_library(naf, error) && begin_http(naf, error) && begin_tls(naf, error);
}

static void end(void *context)
{
    struct lk_naf_process *naf = context;

    if (lk_naf_role_is_idle(naf)) /* else a thread is in it, and the process ends anyway */
        lk_naf_free(naf->naf);
}

int lk_naf_role_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .leave = on_leave, .end = end,
    };
    struct lk_naf_process *naf = calloc(1, sizeof *naf);

    return naf == NULL ? LK_PROCESS_NO_START
                       : lk_process_run(&naf->process, setup, &handlers, naf);
}

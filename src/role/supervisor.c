/* Beginning and end of the daemon. See supervisor.h. */
#include "role/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "io/landlock.h"
#include "io/notify.h"
#include "role/apart.h"
#include "role/confine.h"
#include "role/lab_certificates.h"
#include "role/radsec.h"
#include "vault/master.h"

enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    STOP_WITHIN_MS = 4000,
    VAULT_ANSWERS_WITHIN_MS = 5000
};

void lk_supervisor_log_setup(const struct lk_config *config, const char *process)
{
    struct lk_log_setup setup = {
        .json = config->log.format == LK_CONFIG_LOG_JSON,
        .level = (enum lk_log_level)config->log.level,
        .mask_imsi = config->log.mask_imsi,
        .fd = STDERR_FILENO,
    };

    (void)snprintf(setup.process, sizeof setup.process, "%s", process);
    lk_log_setup(&setup);
}

void lk_supervisor_stop(struct lk_supervisor *s, int exit_code)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->exit_code = exit_code;
    s->stop_by_ms = lk_mono_ms() + STOP_WITHIN_MS;
    lk_notify("STOPPING=1");
    LK_LOG(LK_LOG_INFO, "stopping", { "what", "requests under way are finished" });
    if (s->next != NULL)
        lk_reload_abort(s, "the daemon is stopping", "start it again");
    lk_workers_leave_all(s);
    lk_supervisor_tick(s);
}

/* ---- signals ---- */

static void on_stop_signal(uv_signal_t *handle, int number)
{
    (void)number;
    lk_supervisor_stop(handle->data, EXIT_FINE);
}

static void on_reload_signal(uv_signal_t *handle, int number)
{
    (void)number;
    lk_supervisor_reload(handle->data, NULL);
}

static void on_child_signal(uv_signal_t *handle, int number)
{
    (void)number;
    lk_supervisor_reap(handle->data);
}

static void on_tick(uv_timer_t *timer)
{
    lk_supervisor_tick(timer->data);
}

static void loop_start(struct lk_supervisor *s)
{
    const struct {
        uv_signal_t *handle;
        uv_signal_cb callback;
        int number;
    } signals[] = {
        { &s->on_term, on_stop_signal, SIGTERM },
        { &s->on_int, on_stop_signal, SIGINT },
        { &s->on_hup, on_reload_signal, SIGHUP },
        { &s->on_chld, on_child_signal, SIGCHLD },
    };
    int status = uv_loop_init(&s->loop);

    LK_ASSERT(status == 0);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that is full is a status */
    for (size_t i = 0; i < LK_COUNT_OF(signals); i++) {
        (void)uv_signal_init(&s->loop, signals[i].handle);
        signals[i].handle->data = s;
        (void)uv_signal_start(signals[i].handle, signals[i].callback, signals[i].number);
    }
    (void)uv_timer_init(&s->loop, &s->tick);
    s->tick.data = s;
    (void)uv_timer_start(&s->tick, on_tick, LK_SUPERVISOR_TICK_MS, LK_SUPERVISOR_TICK_MS);
}

/* ---- the steps of the start, each with its own words on failure ---- */

bool lk_supervisor_failed(const char *what, const char *why)
{
    LK_LOG(LK_LOG_ERROR, "cannot-start", { "what", what }, { "why", why });
    return false;
}

bool lk_supervisor_has_node_key(const struct lk_config *config)
{
    for (size_t i = 0; i < lk_kind_count(); i++)
        if (lk_kind_runs(lk_kind_at(i), config) &&
            (lk_kind_at(i)->needs_node_key || lk_kind_at(i)->needs_class_key))
            return true;
    return (config->roles & LK_ROLE_VAULT) != 0;
}

/* A laboratory starts without a key of its own: both are made, once. */
static bool master_key_ready(struct lk_supervisor *s)
{
    const struct lk_config *config = s->config;
    char error[LK_MASTER_ERROR_TEXT];

    if ((config->roles & LK_ROLE_VAULT) != 0 &&
        strncmp(config->vault.master_key, "credential:", 11) != 0 &&
        access(config->vault.master_key, F_OK) != 0) {
        if (lk_master_key_create(config->vault.master_key, error) != LK_OK)
            return lk_supervisor_failed("vault.master_key", error);
        s->master_key_made = true;
        LK_LOG(LK_LOG_WARNING, "master-key-made", { "file", config->vault.master_key },
               { "fix", "keep a copy in a safe place: without it no subscriber's key opens" });
    }
    return true;
}

static bool node_key_ready(struct lk_supervisor *s)
{
    const struct lk_config *config = s->config;
    char error[LK_NODE_KEY_ERROR_TEXT];
    struct lk_entropy entropy = { .left = 0 };
    enum lk_status status;

    if (!lk_supervisor_has_node_key(config))
        return true;
    status = lk_node_key_read(&s->node_key, config->node_key, error);
    if (status == LK_E_NOT_FOUND) {
        lk_entropy_take(&entropy, s->node_key.octets, sizeof s->node_key.octets);
        lk_entropy_forget(&entropy);
        status = lk_node_key_write(&s->node_key, config->node_key, false, error);
        if (status == LK_OK)
            LK_LOG(LK_LOG_INFO, "node-key-made", { "file", config->node_key },
                   { "fix", "other nodes of the same service need the same: latchkey node-key" });
        if (status == LK_OK && s->identity.is_root &&
            chown(config->node_key, s->identity.uid, s->identity.gid) != 0)
            status = LK_E_SYSTEM;
    }
    return status == LK_OK || lk_supervisor_failed("node_key", error);
}

static bool vault_ready(struct lk_supervisor *s)
{
    char error[LK_VAULT_ERROR_TEXT];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = s->config->workers;

    if ((s->config->roles & LK_ROLE_VAULT) == 0)
        return true;
    if (cores > 0 && (size_t)cores > workers)
        workers = (size_t)cores < LK_CONFIG_WORKERS ? (size_t)cores : LK_CONFIG_WORKERS;
    s->vault_clients = lk_supervisor_vault_clients(workers);
    return lk_supervisor_vault_start(s, error) == LK_OK || lk_supervisor_failed("the vault", error);
}

static bool sockets_ready(struct lk_supervisor *s)
{
    char error[LK_SOCKET_ERROR_TEXT] = "";

    _Static_assert((int)LK_KIND_ERROR_TEXT == (int)LK_SOCKET_ERROR_TEXT, "one text for both");
    return (lk_endpoints_are_free(s->config, error) == LK_OK &&
            lk_endpoints_open(s, s->config, error) == LK_OK &&
            lk_endpoints_prepare(s, error) == LK_OK) ||
           lk_supervisor_failed("a socket", error);
}

static bool privileges_given_up(struct lk_supervisor *s)
{
    char error[LK_PRIVILEGES_ERROR_TEXT];

    if (lk_privileges_drop(&s->identity, error) != LK_OK)
        return lk_supervisor_failed("user", error);
    if (lk_confine_supervisor(error) != LK_OK)
        return lk_supervisor_failed("to confine itself", error);
    if (lk_landlock_abi() == 0)
        LK_LOG(LK_LOG_WARNING, "no-landlock",
               { "what", "nothing but its mode keeps workers from the master key file" },
               { "fix", "a kernel from 5.13 on with landlock in its list lsm=, or vault.user" });
    if (s->identity.is_root && s->identity.uid == 0)
        LK_LOG(LK_LOG_WARNING, "running-as-root", { "what", "without capabilities, but as root" },
               { "fix",
                 "write user: NAME, of a user made with adduser --system NAME; or chown NAME "
                 "state_dir: without user, its owner is whom the daemon becomes" });
    return true;
}

/* As the user that workers are too. */
static bool radsec_ready(struct lk_supervisor *s)
{
    const struct lk_stream_files files = lk_radsec_files(s->config);
    char error[LK_STREAM_ERROR_TEXT];

    return !lk_radsec_is_on(s->config) || lk_apart_tls(&files, error) == LK_OK ||
           lk_supervisor_failed("radsec", error);
}

/* The same; what a laboratory lacks is made. */
static bool laboratory_ready(struct lk_supervisor *s)
{
    char error[LK_CERTIFICATE_ERROR_TEXT];
    size_t made;

    if (lk_lab_certificates(&made, s->config, (int64_t)(lk_wall_ms() / 1000), error) != LK_OK)
        return lk_supervisor_failed("a certificate of pos.points", error);
    if (made > 0)
        LK_LOG(LK_LOG_INFO, "certificates-made", { "what", "of the points of service" },
               { "by", "a CA of this laboratory, which lies beside them" });
    return true;
}

/* As the user that workers are too; its descriptor outlives each of them. */
static bool capture_ready(struct lk_supervisor *s)
{
    const char *path = s->config->capture.file;
    char why[sizeof s->config->capture.file + 64];
    enum lk_status status;

    if (path[0] == '\0')
        return true;
    status = lk_capture_join(&s->capture, path, &lk_seen_options);
    if (status != LK_OK) {
        (void)snprintf(why, sizeof why, "%s: %s", path, lk_capture_why(status));
        return lk_supervisor_failed("capture.file", why);
    }
    lk_seen_mended(s->capture, path);
    LK_LOG(LK_LOG_WARNING, "capturing", { "file", path },
           { "keys", s->config->capture.secrets ? "yes" : "no" },
           { "fix", "outside a laboratory leave capture.file out" });
    return true;
}

static bool shared_ready(struct lk_supervisor *s)
{
    char error[LK_PROBE_TEXT] = "";

    s->shared = lk_shared_new(s->config->eap.reauth_contexts);
    if (s->shared == NULL)
        return lk_supervisor_failed("eap.reauth_contexts", "no memory for so many");
    return (s->config->roles & LK_ROLE_AAA) == 0 ||
           lk_probe_new(&s->probe, &s->loop, s->shared, s->config, lk_vault_client_of(&s->vault, 0),
                        error) == LK_OK ||
           lk_supervisor_failed("the health probe", error);
}

static bool control_ready(struct lk_supervisor *s)
{
    char error[LK_CONTROL_ERROR_TEXT];

    return lk_control_start(&s->control, &s->loop, s->config->control, lk_supervisor_control,
                            lk_supervisor_may_talk, s, error) == LK_OK ||
           lk_supervisor_failed("control", error);
}

static bool console_ready(struct lk_supervisor *s)
{
    char error[LK_HTTP_ERROR_TEXT];

    return lk_console_start(s, error) == LK_OK || lk_supervisor_failed("console", error);
}

static bool start(struct lk_supervisor *s)
{
    char error[LK_PRIVILEGES_ERROR_TEXT];

    if (s->config->file[0] == '\0')
        LK_LOG(LK_LOG_WARNING, "no-configuration-file",
               { "what", "the built-in one is used, that of a laboratory" },
               { "state_dir", s->config->state_dir }, { "fix", "latchkeyd -c FILE.yaml" });
    if (lk_privileges_plan(&s->identity, s->config, error) != LK_OK)
        return lk_supervisor_failed("user and state_dir", error);
    /* The vault first: nothing of what comes later is in its memory, and no thread exists. */
    if (!master_key_ready(s) || !node_key_ready(s) || !vault_ready(s) || !sockets_ready(s))
        return false;
    loop_start(s);
    if (!console_ready(s) || !privileges_given_up(s) || !lk_supervisor_store_ready(s) ||
        !laboratory_ready(s) || !radsec_ready(s) || !capture_ready(s) || !control_ready(s) ||
        !shared_ready(s))
        return false;
    s->serves = true;
    lk_workers_start(s, s->generation, s->config, &s->node_key, true);
    return true;
}

/* ---- the end ---- */

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void finish(struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++)
        if (s->workers[i].pid != 0)
            (void)kill(s->workers[i].pid, SIGKILL);
    lk_calls_expire(s, UINT64_MAX);
    lk_probe_stop(s->probe);
    lk_http_stop(s->http);
    lk_control_stop(s->control);
    lk_supervisor_vault_end(s);
    lk_capture_close(s->capture);
    if (s->tick.data != NULL) {
        uv_walk(&s->loop, close_handle, NULL);
        (void)uv_run(&s->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&s->loop);
    }
    lk_wipe(&s->node_key, sizeof s->node_key);
    LK_LOG(LK_LOG_INFO, "stopped", { "what", NULL });
    lk_config_wipe(s->config);
    free(s->config);
    s->config = NULL;
}

int lk_supervisor_run(const struct lk_supervisor_setup *setup)
{
    struct lk_supervisor *s = calloc(1, sizeof *s);
    int exit_code = LK_SUPERVISOR_NO_START;

    if (s == NULL)
        return LK_SUPERVISOR_NO_START;
    s->setup = *setup;
    s->config = setup->config;
    s->vault.pid = -1;
    s->started_ms = lk_mono_ms();
    s->watchdog_ms = lk_notify_watchdog_ms();
    lk_supervisor_log_setup(s->config, "latchkeyd");
    if (start(s)) {
        (void)uv_run(&s->loop, UV_RUN_DEFAULT);
        exit_code = s->exit_code;
    }
    finish(s);
    free(s);
    return exit_code;
}

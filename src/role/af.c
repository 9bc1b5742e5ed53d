/* The af process: its loop, its keys and its users. */
#include "role/af.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "io/directory.h"
#include "io/entropy.h"
#include "role/af_process.h"
#include "role/key_file.h"

static void on_tick(void *context)
{
    struct lk_af_process *af = context;
    const struct lk_clear_counters *streams = lk_clear_counted(af->streams);
    const struct {
        enum lk_af_own own;
        uint64_t value;
    } now[] = {
        { LK_AF_OWN_CONNECTIONS, lk_clear_count(af->streams) },
        { LK_AF_OWN_SESSIONS, af->open },
        { LK_AF_OWN_TAKEN, streams->accepted },
        { LK_AF_OWN_SOURCE_FULL, streams->source_full },
        { LK_AF_OWN_FULL, streams->full },
        { LK_AF_OWN_DISPLACED, streams->displaced },
        { LK_AF_OWN_TOO_SLOW, streams->too_slow },
    };

    for (size_t i = 0; i < LK_COUNT_OF(now); i++)
        lk_process_gauge(&af->process, now[i].own, now[i].value);
    lk_af_sessions_tick(af);
}

/* ---- what it reads ---- */

/* The private key; one that is not there is made, once. */
static bool read_key(struct lk_af_process *af, char error[LK_KIND_ERROR_TEXT])
{
    const char *path = af->process.config->af.key;
    char why[LK_KEY_FILE_ERROR_TEXT], text[2 * sizeof af->key + 1];
    enum lk_status status = lk_key_file_read(af->secret, "key of role af", path, why);
    bool made = status == LK_E_NOT_FOUND;

    if (made) {
        struct lk_entropy entropy = { .left = 0 };

        lk_entropy_take(&entropy, af->secret, sizeof af->secret);
        lk_entropy_forget(&entropy);
        status = lk_key_file_write(af->secret, "key of role af", path, false, why);
    }
    if (status != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%.250s", why);
        return false;
    }
    lk_x25519_public(af->key, af->secret);
    status = lk_hex_encode(text, sizeof text, LK_SPAN(af->key));
    LK_ASSERT(status == LK_OK);
    LK_LOG(LK_LOG_INFO, "af-key", { "name", af->process.config->af.name }, { "public", text },
           { "made", made ? "now" : NULL });
    return true;
}

/* For users who are to come. */
static void make_folders(const struct lk_config_af *config)
{
    char folder[LK_CONFIG_FILE];

    for (size_t i = 0; i < config->app_count; i++) {
        if (config->apps[i].users[0] == '\0')
            continue;
        lk_af_users_folder(folder, config->apps[i].users);
        if (!lk_directory_make(folder))
            LK_LOG(LK_LOG_WARNING, "af-users", { "app", config->apps[i].app },
                   { "why", "there is no directory for them, and none can be made" });
    }
}

static void log_users(const struct lk_af_process *af, size_t app, enum lk_status status,
                      const char *error)
{
    const struct lk_config_af_app *config = &af->process.config->af.apps[app];
    char count[24];

    if (status != LK_OK)
        LK_LOG(status == LK_E_NOT_FOUND ? LK_LOG_WARNING : LK_LOG_ERROR, "af-users",
               { "app", config->app }, { "why", error },
               { "fix", status == LK_E_NOT_FOUND
                            ? "write it, and latchkey reload; until then nobody is a user"
                            : "mend it, and latchkey reload; latchkeyd --check reads it too" });
    (void)snprintf(count, sizeof count, "%zu", af->users[app].count);
    LK_LOG(LK_LOG_INFO, "af-app", { "app", config->app }, { "users", count });
}

static void read_users(struct lk_af_process *af)
{
    const struct lk_config_af *config = &af->process.config->af;
    char error[LK_AF_USERS_ERROR_TEXT];

    for (size_t i = 0; i < config->app_count; i++) {
        enum lk_status status = lk_af_users_read(&af->users[i], config->apps[i].users, error);

        log_users(af, i, status, error);
    }
}

/* By the descriptors of the supervisor, which has refused the reload where a file does not fit. */
static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_af_process *af = context;
    const struct lk_config_af *config = &af->process.config->af;
    char error[LK_AF_USERS_ERROR_TEXT];

    (void)before;
    for (size_t i = 0; i < config->app_count; i++) {
        const int fd = af->process.files[i];
        enum lk_status status = LK_E_SYSTEM;

        if (fd == LK_PROCESS_UNREAD)
            (void)snprintf(error, sizeof error, "%s: cannot be opened", config->apps[i].users);
        else
            status = lk_af_users_take(&af->users[i], fd, config->apps[i].users, error);
        log_users(af, i, status, error);
    }
    lk_af_sessions_review(af);
}

/* ---- beginning and end ---- */

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_af_process *af = context;
    const struct lk_config_af *config = &af->process.config->af;
    struct lk_entropy entropy = { .left = 0 };
    void *askers = lk_process_memory(lk_askers_size());
    char why[LK_AF_USERS_ERROR_TEXT];
    uint64_t seed;
    size_t len;

    if (askers == NULL || !read_key(af, error))
        return false;
    LK_ASSERT(lk_hex_decode(af->ua, sizeof af->ua, &len, lk_span_text(config->ua_id)) == LK_OK);
    lk_entropy_take(&entropy, af->ticket_key, sizeof af->ticket_key);
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_forget(&entropy);
    lk_askers_in(&af->askers, askers, seed);
    make_folders(config);
    read_users(af);
    if (lk_af_keys_read(&af->operator_keys, config->operator_keys, why) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "af.operator_keys: %.200s", why);
        return false;
    }
    lk_seen_begin(&af->seen, af->process.setup);
    return lk_af_sessions_begin(af, error);
}

static void end(void *context)
{
    struct lk_af_process *af = context;

    lk_af_sessions_end(af);
    lk_seen_end(&af->seen);
    for (size_t i = 0; i < LK_CONFIG_AF_APPS; i++)
        lk_af_users_free(&af->users[i]);
    lk_af_keys_free(&af->operator_keys);
    lk_wipe(af->secret, sizeof af->secret);
    lk_wipe(af->ticket_key, sizeof af->ticket_key);
}

int lk_af_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .configure = on_configure, .end = end,
    };
    struct lk_af_process *af = calloc(1, sizeof *af);

    return af == NULL ? LK_PROCESS_NO_START : lk_process_run(&af->process, setup, &handlers, af);
}

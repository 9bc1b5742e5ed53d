/* Where latchkey subscriber works: the store, and the master key. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "app/commands.h"
#include "app/subscriber.h"
#include "base/secret.h"
#include "vault/master.h"

uint64_t lk_subscriber_tick(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) / LK_SQN_TICK_MS;
}

/* What the call names, else what the configuration says. */
static int find_names(struct lk_subscriber_place *place, const struct lk_subscriber_call *call)
{
    static struct lk_config_report report;
    const char *file = call->config_file != NULL ? call->config_file : lk_config_default_file();
    const char *url = call->store_url, *key = call->master_key;

    place->mode = LK_SQN_TIME;
    if (url == NULL || key == NULL || call->config_file != NULL) {
        if (lk_config_load(&place->config, &report, file, call->sets, call->set_count) != LK_OK) {
            for (size_t i = 0; i < report.count && i < LK_CONFIG_PROBLEMS; i++)
                fprintf(stderr, "%s\n", report.problem[i]);
            return LK_EXIT_USAGE;
        }
        (void)mkdir(place->config.state_dir, 0700);
        lk_config_make_store_folder(&place->config);
        url = url != NULL ? url : place->config.store.url;
        key = key != NULL ? key : place->config.vault.master_key;
        place->mode =
            place->config.vault.sqn == LK_CONFIG_SQN_COUNTER ? LK_SQN_COUNTER : LK_SQN_TIME;
    }
    snprintf(place->store_url, sizeof place->store_url, "%s", url);
    snprintf(place->master_key_path, sizeof place->master_key_path, "%s", key);
    return LK_EXIT_OK;
}

struct first_row {
    bool found, opens;
    const struct lk_row_key *key;
};

static bool try_first(void *context, const struct lk_imsi *imsi, const struct lk_sealed_row *row)
{
    struct first_row *first = context;
    struct lk_auc_row open;

    first->found = true;
    first->opens = first->key != NULL && lk_auc_open(&open, first->key, imsi, row) == LK_OK;
    lk_wipe(&open, sizeof open);
    return false;
}

/* Reads the key. An empty store may be given a new one; a store with rows wants the one that sealed
 * them. */
static int find_key(struct lk_subscriber_place *place, const struct lk_subscriber_call *call,
                    bool create)
{
    struct lk_master_key master;
    struct first_row first = { 0 };
    enum lk_status status = lk_master_key_read(&master, place->master_key_path, place->key_error);

    if (status == LK_E_NOT_FOUND && create) {
        if (lk_store_list(place->store, NULL, try_first, &first) != LK_OK)
            return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place->store));
        if (!first.found &&
            lk_master_key_create(place->master_key_path, place->key_error) == LK_OK) {
            fprintf(stderr, "latchkey: made a master key in %s; keep a copy in a safe place\n",
                    place->master_key_path);
            status = lk_master_key_read(&master, place->master_key_path, place->key_error);
        }
    }
    if (status != LK_OK)
        return LK_EXIT_OK; /* what needs the key will say so */
    lk_row_key_derive(&place->key, &master);
    lk_wipe(&master, sizeof master);
    first = (struct first_row){ .key = &place->key };
    if (lk_store_list(place->store, NULL, try_first, &first) != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place->store));
    place->has_key = !first.found || first.opens;
    if (!place->has_key)
        snprintf(place->key_error, sizeof place->key_error,
                 "%.120s is not the key that the rows of this store were sealed under",
                 place->master_key_path);
    return LK_EXIT_OK;
}

int lk_subscriber_open(struct lk_subscriber_place *place, const struct lk_subscriber_call *call,
                       bool create)
{
    char error[LK_STORE_ERROR_TEXT];
    int code;

    memset(place, 0, sizeof *place);
    code = find_names(place, call);
    if (code != LK_EXIT_OK)
        return code;
    if (lk_store_open(&place->store, place->store_url, error) != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", error);
    return find_key(place, call, create);
}

void lk_subscriber_close(struct lk_subscriber_place *place)
{
    lk_store_close(place->store);
    lk_config_wipe(&place->config);
    lk_wipe(&place->key, sizeof place->key);
    lk_wipe(place->store_url, sizeof place->store_url);
}

int lk_subscriber_need_key(const struct lk_subscriber_place *place)
{
    if (place->has_key)
        return LK_EXIT_OK;
    fprintf(stderr, "latchkey: %s\n", place->key_error);
    return LK_EXIT_SYSTEM;
}

enum lk_status lk_subscriber_seal(const struct lk_subscriber_place *place,
                                  struct lk_sealed_row *sealed, const struct lk_imsi *imsi,
                                  const struct lk_credentials *credentials, enum lk_akma_said akma)
{
    static uint8_t pool[12 * 256];
    static size_t used = sizeof pool;
    struct lk_auc_row row;
    enum lk_status status = lk_auc_row_of(&row, credentials, place->mode, lk_subscriber_tick());

    if (status == LK_OK && used == sizeof pool) {
        for (size_t have = 0; have < sizeof pool;) {
            ssize_t got = getrandom(pool + have, sizeof pool - have, 0);

            LK_ASSERT(got > 0 || errno == EINTR);
            have += got > 0 ? (size_t)got : 0;
        }
        used = 0;
    }
    if (status == LK_OK) {
        lk_auc_seal(sealed, &place->key, imsi, &row, pool + used);
        sealed->akma = akma;
        used += 12;
    }
    lk_wipe(&row, sizeof row);
    return status;
}

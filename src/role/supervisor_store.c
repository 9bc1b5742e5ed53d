/* The store at the start: it is there, and the vault's key is the one that opens it. */
#include "role/supervisor_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

enum { VAULT_ANSWERS_WITHIN_MS = 5000 };

/* Serving under a new key would refuse everybody; and whoever brings the old one back must not find
 * another in its place. */
static bool master_key_lost(const struct lk_supervisor *s, uint64_t count)
{
    char why[LK_CONFIG_PATH + 200];

    (void)unlink(s->config->vault.master_key);
    (void)snprintf(why, sizeof why,
                   "%s is missing, and the store has %llu sealed under it; put it back (several "
                   "nodes on one store share one), or take another store.url",
                   s->config->vault.master_key, (unsigned long long)count);
    return lk_supervisor_failed("vault.master_key", why);
}

static bool has_store(const struct lk_config *config)
{
    for (size_t i = 0; i < lk_kind_count(); i++)
        if (lk_kind_runs(lk_kind_at(i), config) && lk_kind_at(i)->needs_store)
            return true;
    return (config->roles & LK_ROLE_VAULT) != 0;
}

/* Another key file in the place of the one that rows were sealed under: all would be refused, and a
 * login of the health probe, sealed just now, would work. A RESYNC opens a row and spends nothing:
 * its AUTS is no card's. */
struct opening {
    struct lk_supervisor *s;
    unsigned tried;
    bool opens, silent;
};

static bool try_to_open(void *context, const struct lk_imsi *imsi, const struct lk_sealed_row *row)
{
    enum { TRIES = 8 }; /* rows may be damaged one by one */
    struct opening *opening = context;
    struct lk_vault_client vault = lk_vault_client_of(&opening->s->vault, 0);
    struct lk_vault_request question = {
        .id = ++opening->s->vault_questions, .kind = LK_VAULT_RESYNC, .imsi = *imsi, .row = *row
    };
    struct lk_vault_answer answer;

    opening->silent =
        lk_vault_client_call(&vault, &question, &answer, VAULT_ANSWERS_WITHIN_MS) != LK_OK;
    opening->opens = !opening->silent && answer.refused != LK_REASON_SUBSCRIBER_ROW_BAD;
    if (!opening->silent)
        lk_wipe(&answer, sizeof answer);
    return !opening->silent && !opening->opens && ++opening->tried < TRIES;
}

static bool master_key_fits(struct lk_supervisor *s, struct lk_store *store)
{
    struct opening opening = { .s = s };
    char why[LK_CONFIG_PATH + 200];

    if ((s->config->roles & LK_ROLE_VAULT) == 0)
        return true;
    if (lk_store_list(store, NULL, try_to_open, &opening) != LK_OK)
        return lk_supervisor_failed("store.url", lk_store_error(store));
    if (opening.silent)
        return lk_supervisor_failed("the vault", "it does not answer");
    if (opening.tried == 0 || opening.opens)
        return true;
    (void)snprintf(why, sizeof why,
                   "%s opens no row of the store: they are sealed under another key; put that one "
                   "back (several nodes on one store share one), or take another store.url",
                   s->config->vault.master_key);
    return lk_supervisor_failed("vault.master_key", why);
}

/* What an earlier version had in another place is not taken for nothing. */
static void old_store(const struct lk_config *config)
{
    char old[LK_CONFIG_PATH + 20];

    (void)snprintf(old, sizeof old, "%s/subscribers.db", config->state_dir);
    if (strncmp(config->store.url, "sqlite:", 7) == 0 && strcmp(config->store.url + 7, old) != 0 &&
        access(old, F_OK) == 0)
        LK_LOG(LK_LOG_WARNING, "store-unused", { "file", old },
               { "what", "a store of an earlier version, which is not read" },
               { "store", config->store.url + 7 },
               { "fix", "stop the daemon and move it to the place of the store, or remove it" });
}

/* The store is there, with its tables. It is closed again: no handle of it may live through a
 * fork. */
bool lk_supervisor_store_ready(struct lk_supervisor *s)
{
    char error[LK_STORE_ERROR_TEXT];
    struct lk_store *store;
    uint64_t count = 0;

    if (!has_store(s->config))
        return true;
    lk_config_make_store_folder(s->config);
    if (lk_store_open(&store, s->config->store.url, error) != LK_OK)
        return lk_supervisor_failed("store.url", error);
    if (lk_store_count(store, &count) != LK_OK) {
        (void)lk_supervisor_failed("store.url", lk_store_error(store));
        lk_store_close(store);
        return false;
    }
    if (count > 0 && !s->master_key_made && !master_key_fits(s, store)) {
        lk_store_close(store);
        return false;
    }
    lk_store_close(store);
    if (count > 0 && s->master_key_made)
        return master_key_lost(s, count);
    old_store(s->config);
    if (count == 0 && (s->config->roles & LK_ROLE_AAA) != 0)
        LK_LOG(LK_LOG_WARNING, "no-subscribers", { "what", "nobody can attach yet" },
               { "fix", "latchkey subscriber add IMSI --k @FILE --opc @FILE" });
    return true;
}

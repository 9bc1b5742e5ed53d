/* Loading: defaults, then the file, then the overrides, then what one key says about another. */
#include "role/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "role/config_rows.h"

void lk_config_wipe(struct lk_config *config)
{
    lk_wipe(config, sizeof *config);
}

static void defaults(struct lk_config *config)
{
    static const uint8_t loopback[4] = { 127 };
    const struct lk_address address = lk_address_v4(loopback);

    memset(config, 0, sizeof *config);
    config->roles = LK_ROLE_AAA | LK_ROLE_VAULT;
    (void)snprintf(config->state_dir, sizeof config->state_dir, "var");
    (void)snprintf(config->control, sizeof config->control, "control.sock");
    (void)snprintf(config->node_key, sizeof config->node_key, "node.key");
    (void)snprintf(config->store.url, sizeof config->store.url, "sqlite:store/latchkey.db");
    (void)snprintf(config->vault.master_key, sizeof config->vault.master_key, "master.key");
    (void)snprintf(config->vault.ceiling, sizeof config->vault.ceiling, "sqn.ceiling");
    config->vault.block = 32;
    (void)snprintf(config->radius.listen[0], sizeof config->radius.listen[0], "127.0.0.1");
    config->radius.listen_count = 1;
    config->radius.port = 1812;
    config->radius.accounting_port = 1813;
    config->radius.enterprise = 32473; /* the number kept for examples, RFC 5612 */
    (void)snprintf(config->radius.clients[0].name, LK_CONFIG_NAME, "lab");
    (void)snprintf(config->radius.clients[0].secret, LK_CONFIG_SECRET, "testing123");
    config->radius.clients[0].address = lk_address_prefix_of(&address, 96 + 8);
    config->radius.client_count = 1;
    (void)snprintf(config->eap.network_name, sizeof config->eap.network_name, "WLAN");
    config->eap.methods = LK_CONFIG_AKA_PRIME | LK_CONFIG_AKA;
    config->eap.pseudonyms = true;
    config->eap.reauth = true;
    config->eap.reauth_max = 16;
    config->eap.reauth_contexts = 65536;
    config->eap.state_lifetime_s = 60;
    config->eap.session_timeout_s = 3600;
    config->log.level = 2;
    config->log.mask_imsi = true;
    (void)snprintf(config->console.listen, sizeof config->console.listen, "127.0.0.1");
    config->console.port = 9464;
}

static const struct lk_config_entry *entry_at(const struct lk_config_source *source,
                                              const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < source->count; i++)
        if (strncmp(source->entries[i].path, path, len) == 0 &&
            (source->entries[i].path[len] == '\0' || source->entries[i].path[len] == '[' ||
             source->entries[i].path[len] == '.'))
            return &source->entries[i];
    return NULL;
}

/* A list in the file replaces the default list as a whole. */
static void lists_begin(struct lk_config *config, const struct lk_config_source *source)
{
    if (entry_at(source, "roles") != NULL)
        config->roles = 0;
    if (entry_at(source, "eap.methods") != NULL)
        config->eap.methods = 0;
    if (entry_at(source, "radius.listen") != NULL)
        config->radius.listen_count = 0;
    if (entry_at(source, "radius.clients") != NULL) {
        memset(config->radius.clients, 0, sizeof config->radius.clients);
        config->radius.client_count = 0;
    }
}

static void unknown_key(const struct lk_config_source *source, struct lk_config_report *report,
                        const struct lk_config_entry *entry)
{
    const char *file = entry->line > 0 ? source->file : NULL;
    const char *near = lk_config_row_near(entry->path);

    if (lk_config_row_is_section(entry->path)) {
        if (entry->value[0] != '\0')
            lk_config_problem(report, file, entry->line,
                              "%s: expected a section with keys below it, found '%.100s'; fix: put "
                              "the keys on indented lines, as in conf/lab.yaml",
                              entry->path, entry->value);
        return;
    }
    if (near != NULL)
        lk_config_problem(report, file, entry->line,
                          "%s: expected a known key, found this one; fix: did you mean %s?",
                          entry->path, near);
    else
        lk_config_problem(report, file, entry->line,
                          "%s: expected a known key, found this one; fix: remove it, or compare "
                          "with conf/lab.yaml",
                          entry->path);
}

static void apply(struct lk_config *config, const struct lk_config_source *source,
                  struct lk_config_report *report)
{
    lists_begin(config, source);
    for (size_t i = 0; i < source->count; i++) {
        const struct lk_config_entry *entry = &source->entries[i];
        const struct lk_config_row *row;
        size_t index;

        row = lk_config_row_find(entry->path, &index);
        if (row == NULL)
            unknown_key(source, report, entry);
        else
            lk_config_row_apply(config, report, source->file, row, index, entry);
    }
}

/* A relative name becomes one below the state directory. */
static void place(char *path, const char *state_dir, struct lk_config_report *report,
                  const char *key, size_t cap)
{
    char whole[2 * LK_CONFIG_PATH];

    if (path[0] == '/' || strncmp(path, "credential:", 11) == 0)
        return;
    (void)snprintf(whole, sizeof whole, "%s/%s", state_dir, path);
    if (strlen(whole) >= cap)
        lk_config_problem(report, "state_dir", 0,
                          "%s: expected a path shorter than %zu characters, found %zu; fix: use a "
                          "shorter state_dir (LATCHKEY_STATE_DIR)",
                          key, cap, strlen(whole));
    else
        memcpy(path, whole, strlen(whole) + 1);
}

/* What the command line says goes before the environment, and that before the file. */
static void place_all(struct lk_config *config, const struct lk_config_source *source,
                      struct lk_config_report *report)
{
    enum { SOCKET_PATH_MAX = 107 }; /* sun_path */
    static const char sqlite[] = "sqlite:";
    const char *from_environment = getenv("LATCHKEY_STATE_DIR");
    const struct lk_config_entry *entry = entry_at(source, "state_dir");
    char path[LK_CONFIG_PATH];

    if ((entry == NULL || entry->line > 0) && from_environment != NULL &&
        from_environment[0] != '\0' && strlen(from_environment) < sizeof config->state_dir)
        (void)snprintf(config->state_dir, sizeof config->state_dir, "%s", from_environment);
    if (config->state_dir[0] != '/' && getcwd(path, sizeof path) != NULL)
        place(config->state_dir, path, report, "state_dir", sizeof config->state_dir);
    place(config->control, config->state_dir, report, "control", SOCKET_PATH_MAX);
    place(config->node_key, config->state_dir, report, "node_key", LK_CONFIG_PATH);
    place(config->vault.master_key, config->state_dir, report, "vault.master_key", LK_CONFIG_PATH);
    place(config->vault.ceiling, config->state_dir, report, "vault.ceiling", LK_CONFIG_PATH);
    if (strncmp(config->store.url, sqlite, sizeof sqlite - 1) == 0) {
        (void)snprintf(path, sizeof path, "%s", config->store.url + sizeof sqlite - 1);
        place(path, config->state_dir, report, "store.url", LK_CONFIG_PATH - sizeof sqlite);
        (void)snprintf(config->store.url, sizeof config->store.url, "%s%.*s", sqlite,
                       (int)(LK_CONFIG_PATH - sizeof sqlite), path);
    }
}

static void check_client(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report, size_t index)
{
    const struct lk_address_prefix *own = &config->radius.clients[index].address;
    const struct lk_config_entry *entry, *address, *secret;
    char path[LK_CONFIG_KEY];
    const char *file;

    (void)snprintf(path, sizeof path, "radius.clients[%zu]", index);
    entry = entry_at(source, path);
    if (entry == NULL) {
        lk_config_problem(report, NULL, 0,
                          "%s: expected a client, found none; fix: number the clients from 0 on",
                          path);
        return;
    }
    file = entry->line > 0 ? source->file : NULL;
    (void)snprintf(path, sizeof path, "radius.clients[%zu].address", index);
    address = entry_at(source, path);
    (void)snprintf(path, sizeof path, "radius.clients[%zu].secret", index);
    secret = entry_at(source, path);
    if (address == NULL)
        lk_config_problem(report, file, entry->line,
                          "radius.clients[%zu]: expected an address, found none; fix: add "
                          "address: 192.0.2.1",
                          index);
    if (secret == NULL)
        lk_config_problem(report, file, entry->line,
                          "radius.clients[%zu]: expected a secret, found none; fix: add "
                          "secret: TEXT, or secret: \"@FILE\"",
                          index);
    for (size_t i = 0; i < index && address != NULL; i++)
        if (lk_address_prefix_equal(&config->radius.clients[i].address, own))
            lk_config_problem(report, file, address->line,
                              "radius.clients[%zu]: expected another address or network than "
                              "radius.clients[%zu], found '%.100s'; fix: keep one of them",
                              index, i, address->value);
}

static void check_roles(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_config_entry *entry = entry_at(source, "roles");

    if ((config->roles & LK_ROLE_AAA) != 0 && (config->roles & LK_ROLE_VAULT) == 0)
        lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                          entry != NULL ? entry->line : 0,
                          "roles: expected the vault beside aaa, which asks it for vectors, found "
                          "aaa without it; fix: roles: [aaa, vault]");
}

/* Both ends compare the name octet by octet, and those of TS 24.302 are in capital letters: "wlan"
 * refuses every device. */
static void check_network_name(const struct lk_config *config,
                               const struct lk_config_source *source,
                               struct lk_config_report *report)
{
    static const char *const names[] = { "WLAN", "HRPD", "WIMAX", "ETHERNET" };
    const struct lk_config_entry *entry = entry_at(source, "eap.network_name");
    const char *name = config->eap.network_name;

    for (size_t i = 0; entry != NULL && i < LK_COUNT_OF(names); i++)
        if (strcasecmp(name, names[i]) == 0 && strcmp(name, names[i]) != 0)
            lk_config_problem(report, entry->line > 0 ? source->file : NULL, entry->line,
                              "eap.network_name: expected %s in capital letters, found '%s'; fix: "
                              "write network_name: %s",
                              names[i], name, names[i]);
}

static void check_store(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    static const char *const kinds[] = { "sqlite:", "postgresql://", "postgres://" };
    const struct lk_config_entry *entry = entry_at(source, "store.url");
    const char *url = config->store.url;

    if (strchr(url, '=') != NULL) /* libpq's other way to say it: host=... dbname=... */
        return;
    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++)
        if (strncmp(url, kinds[i], strlen(kinds[i])) == 0)
            return;
    /* What stands before the path may hold a password. */
    lk_config_problem(report, entry == NULL || entry->line == 0 ? NULL : source->file,
                      entry == NULL ? 0 : entry->line,
                      "store.url: expected sqlite:PATH or postgresql://USER@HOST/DATABASE, found "
                      "'%.*s'; fix: write for example url: sqlite:store/latchkey.db",
                      (int)strcspn(url, ":@/"), url);
}

static bool lies_below(const char *path, const char *folder, size_t folder_len)
{
    return strncmp(path, folder, folder_len) == 0 && path[folder_len] == '/';
}

/* A worker may open all that is in the store's directory, so the keys must not be. */
static void check_store_place(const struct lk_config *config,
                              const struct lk_config_source *source,
                              struct lk_config_report *report)
{
    static const char sqlite[] = "sqlite:";
    const char *const kept[] = { config->vault.master_key, config->vault.ceiling,
                                 config->node_key };
    const struct lk_config_entry *entry = entry_at(source, "store.url");
    const char *path = config->store.url + sizeof sqlite - 1;
    const char *slash = strrchr(config->store.url, '/');

    if (strncmp(config->store.url, sqlite, sizeof sqlite - 1) != 0 || slash == NULL)
        return;
    for (size_t i = 0; i < LK_COUNT_OF(kept); i++)
        if (lies_below(kept[i], path, (size_t)(slash - path))) {
            lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                              entry == NULL ? 0 : entry->line,
                              "store.url: expected a file in a directory of its own, found it in "
                              "that of %.120s; fix: use sqlite:store/latchkey.db",
                              kept[i]);
            return;
        }
}

static void check_whole(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_config_entry *entry = entry_at(source, "radius.accounting_port");
    int line = entry == NULL ? 0 : entry->line;

    check_roles(config, source, report);
    if (entry_at(source, "radius.clients") != NULL)
        for (size_t i = 0; i < config->radius.client_count; i++)
            check_client(config, source, report, i);
    check_network_name(config, source, report);
    check_store(config, source, report);
    check_store_place(config, source, report);
    if (config->radius.port == config->radius.accounting_port)
        lk_config_problem(report, line > 0 ? source->file : NULL, line,
                          "radius.accounting_port: expected another port than radius.port, found "
                          "%u for both; fix: use 1813, or 0 for no accounting",
                          config->radius.port);
}

enum lk_status lk_config_load(struct lk_config *config, struct lk_config_report *report,
                              const char *file, const char *const *sets, size_t set_count)
{
    struct lk_config_source source = { .file = file == NULL ? "built-in defaults" : file };
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    report->count = 0;
    defaults(config);
    if (file != NULL) {
        (void)snprintf(config->file, sizeof config->file, "%s", file);
        lk_config_source_file(&source, report, file);
    }
    for (size_t i = 0; i < set_count; i++)
        lk_config_source_set(&source, report, sets[i]);
    if (report->count == 0)
        apply(config, &source, report);
    if (report->count == 0) {
        place_all(config, &source, report);
        check_whole(config, &source, report);
    }
    lk_config_source_close(&source);
    if (config->workers == 0)
        config->workers = cores < 1                   ? 1
                          : cores > LK_CONFIG_WORKERS ? LK_CONFIG_WORKERS
                                                      : (unsigned)cores;
    if (report->count == 0)
        return LK_OK;
    lk_config_wipe(config);
    return LK_E_CONFIG;
}

bool lk_config_store_folder(char folder[LK_CONFIG_PATH], const struct lk_config *config)
{
    const char *path = strchr(config->store.url, '/');

    if (strncmp(config->store.url, "sqlite:/", 8) != 0 ||
        !lies_below(path, config->state_dir, strlen(config->state_dir)))
        return false;
    (void)snprintf(folder, LK_CONFIG_PATH, "%s", path);
    *strrchr(folder, '/') = '\0';
    return true;
}

void lk_config_make_store_folder(const struct lk_config *config)
{
    char folder[LK_CONFIG_PATH];

    if (lk_config_store_folder(folder, config))
        (void)mkdir(folder, 0700);
}

const char *lk_config_default_file(void)
{
    static const char *const places[] = { "conf/lab.yaml", "/etc/latchkey/latchkey.yaml" };
    const char *named = getenv("LATCHKEY_CONFIG");

    if (named != NULL && named[0] != '\0')
        return named;
    for (size_t i = 0; i < LK_COUNT_OF(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

const char *lk_config_needs_restart(const struct lk_config *running, const struct lk_config *next)
{
    if (strcmp(running->state_dir, next->state_dir) != 0)
        return "state_dir";
    if (strcmp(running->control, next->control) != 0)
        return "control";
    if (strcmp(running->node_key, next->node_key) != 0)
        return "node_key";
    if (strcmp(running->user, next->user) != 0)
        return "user";
    if (strcmp(running->vault.master_key, next->vault.master_key) != 0)
        return "vault.master_key";
    if (strcmp(running->vault.ceiling, next->vault.ceiling) != 0)
        return "vault.ceiling";
    if (strcmp(running->vault.user, next->vault.user) != 0)
        return "vault.user";
    if (running->vault.node != next->vault.node)
        return "vault.node";
    if (running->vault.sqn != next->vault.sqn)
        return "vault.sqn";
    if (running->vault.block != next->vault.block)
        return "vault.block";
    if (running->eap.reauth_contexts != next->eap.reauth_contexts)
        return "eap.reauth_contexts";
    if (running->console.port != next->console.port ||
        strcmp(running->console.listen, next->console.listen) != 0)
        return "console";
    return NULL;
}

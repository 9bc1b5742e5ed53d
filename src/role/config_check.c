/* What one key says about another. */
#include "role/config_rows.h"
#include "role/mode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The longest prefix that holds a sender counts, so none may be there twice. */
static void check_clients(const struct lk_config_source *source, struct lk_config_report *report,
                          const char *list, const struct lk_config_client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct lk_config_entry *entry;
            char path[LK_CONFIG_KEY];

            if (!lk_address_prefix_equal(&clients[j].address, &clients[i].address))
                continue;
            (void)snprintf(path, sizeof path, "%s[%zu].address", list, i);
            entry = lk_config_entry_at(source, path);
            lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                              entry == NULL ? 0 : entry->line,
                              "%s[%zu]: expected another address or network than %s[%zu], found "
                              "'%.100s'; fix: keep one of them",
                              list, i, list, j, entry == NULL ? "the same" : entry->value);
        }
}

static void check_roles(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, "roles");

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
    const struct lk_config_entry *entry = lk_config_entry_at(source, "eap.network_name");
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
    const struct lk_config_entry *entry = lk_config_entry_at(source, "store.url");
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

bool lk_config_lies_below(const char *path, const char *folder, size_t folder_len)
{
    return strncmp(path, folder, folder_len) == 0 && path[folder_len] == '/';
}

/* A worker may open all that is in the store's directory, so the keys must not be. */
static void check_store_place(const struct lk_config *config, const struct lk_config_source *source,
                              struct lk_config_report *report)
{
    static const char sqlite[] = "sqlite:";
    const char *const kept[] = { config->vault.master_key, config->vault.ceiling,
                                 config->node_key };
    const struct lk_config_entry *entry = lk_config_entry_at(source, "store.url");
    const char *path = config->store.url + sizeof sqlite - 1;
    const char *slash = strrchr(config->store.url, '/');

    if (strncmp(config->store.url, sqlite, sizeof sqlite - 1) != 0 || slash == NULL)
        return;
    for (size_t i = 0; i < LK_COUNT_OF(kept); i++)
        if (lk_config_lies_below(kept[i], path, (size_t)(slash - path))) {
            lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                              entry == NULL ? 0 : entry->line,
                              "store.url: expected a file in a directory of its own, found it in "
                              "that of %.120s; fix: use sqlite:store/latchkey.db",
                              kept[i]);
            return;
        }
}

/* One that shares no secret with a server cannot ask it anything. */
static void check_servers(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    const struct lk_config_twap *twap = &config->twap;

    for (size_t i = 0; i < twap->server_count; i++) {
        char path[LK_CONFIG_KEY];
        const struct lk_config_entry *entry;

        if (twap->servers[i].secret[0] != '\0' || twap->servers[i].peer[0] != '\0')
            continue;
        (void)snprintf(path, sizeof path, "twap.servers[%zu].name", i);
        entry = lk_config_entry_at(source, path);
        lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                          entry != NULL ? entry->line : 0,
                          "twap.servers[%zu]: expected a secret, found none; fix: write for "
                          "example secret: \"@/etc/latchkey/aaa.secret\"",
                          i);
    }
    for (size_t i = 0; i < twap->realm_count; i++) {
        size_t at = 0;

        while (at < twap->server_count &&
               strcmp(twap->servers[at].name, twap->realms[i].server) != 0)
            at++;
        if (at == twap->server_count)
            lk_config_problem(report, NULL, 0,
                              "twap.realms[%zu].server: expected a name in twap.servers, "
                              "found '%s'; fix: add the server, or write its name as there",
                              i, twap->realms[i].server);
    }
}

/* A gateway on another machine is told over TLS, by connections of ours. */
static void check_gateway(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, "twap.twag");
    size_t at = 0;

    if (strcmp(config->twap.twag, "local") == 0)
        return;
    while (at < config->radsec.peer_count &&
           (strcmp(config->radsec.peers[at].name, config->twap.twag) != 0 ||
            config->radsec.peers[at].address[0] == '\0'))
        at++;
    if (at == config->radsec.peer_count)
        lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                          entry != NULL ? entry->line : 0,
                          "twap.twag: expected local, or the name of a row of radsec.peers with "
                          "an address, found '%s'; fix: add the row, or write its name as there",
                          config->twap.twag);
}

static void check_mode_layout(const struct lk_config *config, const struct lk_config_source *source,
                              struct lk_config_report *report)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, "eap.conn_mode_layout");
    struct lk_mode_layout layout;

    if (strlen(config->eap.conn_mode_layout) != 2 * LK_CONFIG_MODE_LAYOUT)
        return; /* its row has said so */
    lk_mode_layout_of(&layout, config);
    if (lk_mode_layout_is_sound(&layout))
        return;
    lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                      entry != NULL ? entry->line : 0,
                      "eap.conn_mode_layout: expected three message numbers, three single bits and "
                      "four tags, none twice and no tag 0, found '%s'; fix: write for example "
                      "conn_mode_layout: \"01020301020401020304\"",
                      config->eap.conn_mode_layout);
}

void lk_config_check(const struct lk_config *config, const struct lk_config_source *source,
                     struct lk_config_report *report)
{
    check_roles(config, source, report);
    check_clients(source, report, "radius.clients", config->radius.clients,
                  config->radius.client_count);
    check_clients(source, report, "twap.clients", config->twap.clients, config->twap.client_count);
    check_clients(source, report, "dynamic.clients", config->dynamic.clients,
                  config->dynamic.client_count);
    check_servers(config, source, report);
    check_gateway(config, source, report);
    lk_config_check_radsec(config, source, report);
    lk_config_check_mis(config, source, report);
    lk_config_check_codes(config, source, report);
    lk_config_check_pos(config, source, report);
    lk_config_check_bsf(config, source, report);
    lk_config_check_af(config, source, report);
    lk_config_check_akma(config, source, report);
    lk_config_check_naf(config, source, report);
    lk_config_check_fa(config, source, report);
    lk_config_check_ends(config, source, report);
    lk_config_check_anchor(config, source, report);
    lk_config_check_mip(config, source, report);
    lk_config_check_wlcp(config, source, report);
    lk_config_check_wt(config, source, report);
    lk_config_check_enb(config, source, report);
    lk_config_check_lwa(config, source, report);
    lk_config_check_ue(config, source, report);
    lk_config_check_ports(config, source, report);
    check_network_name(config, source, report);
    check_mode_layout(config, source, report);
    check_store(config, source, report);
    check_store_place(config, source, report);
}

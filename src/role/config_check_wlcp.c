/* What keys of WLCP say about each other, and what only its own code can judge. */
#include <stdio.h>
#include <string.h>

#include "role/config_rows.h"
#include "role/wlcp_config.h"

static void problem(const struct lk_config_source *source, struct lk_config_report *report,
                    const char *path, const char *expected, const char *found, const char *fix)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, path);

    lk_config_problem(report, entry != NULL && entry->line > 0 ? source->file : NULL,
                      entry != NULL ? entry->line : 0, "%s: expected %s, found '%s'; fix: %s",
                      path, expected, found, fix);
}

static void check_names(const struct lk_config_source *source, struct lk_config_report *report,
                        const char *list, const char (*names)[LK_CONFIG_APN], size_t count)
{
    struct lk_wlcp_apn apn;
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < count; i++)
        if (lk_wlcp_apn_parse(&apn, names[i]) != LK_OK) {
            (void)snprintf(path, sizeof path, "%s[%zu]", list, i);
            problem(source, report, path,
                    "labels of letters, digits and hyphens, with dots between", names[i],
                    "write for example internet");
        }
}

void lk_config_check_wlcp(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    struct lk_wlcp_table table;
    char what[LK_CONFIG_NAME + 16];

    check_names(source, report, "wlcp.apns", config->wlcp.apns, config->wlcp.apn_count);
    check_names(source, report, "wlcp.congested", config->wlcp.congested,
                config->wlcp.congested_count);
    if (lk_wlcp_table_of(&table, what, sizeof what, config) != LK_OK)
        problem(source, report,
                config->wlcp.layout_count > 0 ? "wlcp.layout" : "wlcp.numbers",
                "messages and elements of the table, each number once", what,
                "see the table in docs/rooms/wlcp.md");
}

/* What keys of WLCP say about each other, and what only its own code can judge. */
#include <stdio.h>
#include <string.h>

#include "role/config_rows.h"
#include "role/wlcp_config.h"

void lk_config_check_apn(const struct lk_config_source *source, struct lk_config_report *report,
                         const char *path, const char *name)
{
    struct lk_wlcp_apn apn;

    if (lk_wlcp_apn_parse(&apn, name) != LK_OK)
        lk_config_problem_at(report, source, path,
                             "expected labels of letters, digits and hyphens, with dots between, "
                             "found '%s'; fix: write for example internet",
                             name);
}

static void check_names(const struct lk_config_source *source, struct lk_config_report *report,
                        const char *list, const char (*names)[LK_CONFIG_APN], size_t count)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s[%zu]", list, i);
        lk_config_check_apn(source, report, path, names[i]);
    }
}

static void check_table(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    struct lk_wlcp_table table;
    char path[LK_CONFIG_KEY];
    size_t bad;
    size_t layout;

    if (lk_wlcp_table_of(&table, &bad, config) == LK_OK)
        return;
    layout = bad - config->wlcp.number_count;
    if (bad < config->wlcp.number_count) {
        (void)snprintf(path, sizeof path, "wlcp.numbers[%zu].name", bad);
        lk_config_problem_at(report, source, path,
                             "expected a message or an element of the table, and a number that no "
                             "other has, found '%s' and %u; fix: see the table in "
                             "docs/rooms/wlcp.md",
                             config->wlcp.numbers[bad].name, config->wlcp.numbers[bad].value);
    } else {
        (void)snprintf(path, sizeof path, "wlcp.layout[%zu]", layout);
        lk_config_problem_at(report, source, path,
                             "expected a line that fits the table, and a number that no other has, "
                             "found '%s'; fix: see the table in docs/rooms/wlcp.md",
                             config->wlcp.layout[layout]);
    }
}

bool lk_config_lists_apn(const char (*names)[LK_CONFIG_APN], size_t count, const char *name)
{
    struct lk_wlcp_apn sought, one;

    if (lk_wlcp_apn_parse(&sought, name) != LK_OK)
        return true; /* what it is has been said */
    for (size_t i = 0; i < count; i++)
        if (lk_wlcp_apn_parse(&one, names[i]) == LK_OK && lk_wlcp_apn_equal(&one, &sought))
            return true;
    return false;
}

/* One that nobody may ask for is congested for nobody. */
static void check_congested(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < config->wlcp.congested_count; i++)
        if (!lk_config_lists_apn(config->wlcp.apns, config->wlcp.apn_count,
                                 config->wlcp.congested[i])) {
            (void)snprintf(path, sizeof path, "wlcp.congested[%zu]", i);
            lk_config_problem_at(report, source, path,
                                 "expected a name that is in wlcp.apns, found '%s'; fix: write it "
                                 "as there, or add it there",
                                 config->wlcp.congested[i]);
        }
}

void lk_config_check_wlcp(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report)
{
    check_names(source, report, "wlcp.apns", config->wlcp.apns, config->wlcp.apn_count);
    check_names(source, report, "wlcp.congested", config->wlcp.congested,
                config->wlcp.congested_count);
    check_congested(config, source, report);
    check_table(config, source, report);
}

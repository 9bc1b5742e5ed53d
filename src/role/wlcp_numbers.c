#include "role/wlcp_numbers.h"

#include <stdio.h>

enum lk_status lk_wlcp_table_of(struct lk_wlcp_table *table, size_t *bad,
                                const struct lk_config *config)
{
    char text[LK_CONFIG_NUMBERS][LK_CONFIG_NAME + 4];
    const char *lines[LK_CONFIG_NUMBERS];
    size_t count = config->wlcp.number_count;
    enum lk_status status;

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(text[i], sizeof text[i], "%s %02x", config->wlcp.numbers[i].name,
                       config->wlcp.numbers[i].value);
        lines[i] = text[i];
    }
    *table = lk_wlcp_table;
    *bad = count;
    if (count == 0)
        return LK_OK;
    status = lk_wlcp_table_set(table, bad, lines, count);
    if (status != LK_OK)
        *table = lk_wlcp_table;
    return status;
}

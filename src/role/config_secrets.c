/* Which process keeps which secret of the configuration. */
#include "base/secret.h"
#include "role/config_rows.h"

/* All places of the row, also those beyond its count: nothing is left of a list that was longer. */
static void forget_row(struct lk_config *config, const struct lk_config_row *row)
{
    size_t outer = row->list[0].cap > 0 ? row->list[0].cap : 1;
    size_t inner = row->list[1].cap > 0 ? row->list[1].cap : 1;

    for (size_t i = 0; i < outer; i++)
        for (size_t j = 0; j < inner; j++) {
            const size_t index[2] = { i, j };

            lk_wipe(lk_config_row_value(config, row, index), lk_config_row_size(row));
        }
}

void lk_config_keep(struct lk_config *config, unsigned roles)
{
    const struct lk_config_row *row;

    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
        if (row->holders != 0 && (row->holders & roles) == 0)
            forget_row(config, row);
}

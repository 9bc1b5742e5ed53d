#include "role/wlcp_config.h"

#include <stdio.h>
#include <string.h>

enum { LINES = 2 * LK_CONFIG_NUMBERS, LINE = LK_CONFIG_NAME + 8 };

/* Of rows that contradict each other, the one from which on they do: what comes behind it does not
 * mend it. */
static size_t contradicts(const char *const *lines, size_t count)
{
    struct lk_wlcp_table draft;
    size_t bad;

    do {
        count--;
        draft = lk_wlcp_table;
    } while (count > 0 && lk_wlcp_table_set(&draft, &bad, lines, count) == LK_E_CONFLICT);
    return count;
}

enum lk_status lk_wlcp_table_of(struct lk_wlcp_table *table, size_t *bad,
                                const struct lk_config *config)
{
    char numbers[LK_CONFIG_NUMBERS][LINE];
    const char *lines[LINES];
    size_t count = 0;
    enum lk_status status;

    for (size_t i = 0; i < config->wlcp.number_count; i++) {
        (void)snprintf(numbers[i], LINE, "%s %x", config->wlcp.numbers[i].name,
                       config->wlcp.numbers[i].value);
        lines[count++] = numbers[i];
    }
    for (size_t i = 0; i < config->wlcp.layout_count; i++)
        lines[count++] = config->wlcp.layout[i];
    *table = lk_wlcp_table;
    status = lk_wlcp_table_set(table, bad, lines, count);
    if (status == LK_E_CONFLICT)
        *bad = contradicts(lines, count);
    return status;
}

void lk_wlcp_ue_config_of(struct lk_wlcp_ue_config *ue, const struct lk_wlcp_table *table,
                          const struct lk_config *config)
{
    lk_wlcp_ue_defaults(ue);
    ue->table = table;
    ue->t_connect_ms = config->wlcp.t_connect_ms;
    ue->t_disconnect_ms = config->wlcp.t_disconnect_ms;
    ue->t_modify_ms = config->wlcp.t_modify_ms;
    ue->tries = (uint8_t)config->wlcp.tries;
}

static bool is_congested(const struct lk_config *config, const struct lk_wlcp_apn *name)
{
    struct lk_wlcp_apn apn;

    for (size_t i = 0; i < config->wlcp.congested_count; i++)
        if (lk_wlcp_apn_parse(&apn, config->wlcp.congested[i]) == LK_OK &&
            lk_wlcp_apn_equal(&apn, name))
            return true;
    return false;
}

static void take_dns(struct lk_wlcp_twag_config *twag, const struct lk_config *config)
{
    struct lk_address address;

    for (size_t i = config->wlcp.dns_count; i-- > 0;) { /* the first of each family stays */
        if (lk_address_parse(&address, config->wlcp.dns[i]) != LK_OK)
            continue;
        if (lk_address_is_v4(&address))
            memcpy(twag->dns_ipv4, address.octets + 12, sizeof twag->dns_ipv4);
        else
            memcpy(twag->dns_ipv6, address.octets, sizeof twag->dns_ipv6);
    }
}

void lk_wlcp_twag_config_of(struct lk_wlcp_twag_config *twag, const struct lk_wlcp_table *table,
                            const struct lk_config *config)
{
    _Static_assert((int)LK_CONFIG_APNS <= (int)LK_WLCP_TWAG_APNS, "as many");

    lk_wlcp_twag_defaults(twag);
    twag->table = table;
    twag->t_complete_ms = config->wlcp.t_complete_ms;
    twag->t_disconnect_ms = config->wlcp.t_twag_disconnect_ms;
    twag->t_modify_ms = config->wlcp.t_modify_ms;
    twag->t_bind_ms = config->wlcp.t_bind_ms;
    twag->back_off_ms = config->wlcp.back_off_s * 1000;
    twag->tries = (uint8_t)config->wlcp.tries;
    twag->connections = (uint8_t)config->wlcp.pdn_max;
    for (size_t i = 0; i < config->wlcp.apn_count; i++) {
        struct lk_wlcp_twag_apn *apn = &twag->apn[twag->apns];

        if (lk_wlcp_apn_parse(&apn->name, config->wlcp.apns[i]) != LK_OK)
            continue;
        apn->pdn_types = (uint8_t)config->wlcp.pdn_types;
        apn->congested = is_congested(config, &apn->name);
        twag->apns++;
    }
    take_dns(twag, config);
}

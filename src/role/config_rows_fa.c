/* Keys of role fa: the foreign agent of Mobile IP. */
#include "role/config_rows.h"
#include "wire/mip.h"

#define HOME_AGENTS LK_LIST_OF(fa.home_agents, fa.home_agent_count)
#define NODES LK_LIST_OF(fa.nodes, fa.node_count)

static const struct lk_config_row rows[] = {
    LK_ROW("fa.listen", ADDRESS, fa.listen, .restart = true, .fallback = "127.0.0.1"),
    LK_ROW_NUMBER("fa.port", fa.port, 1, 65535, .restart = true, .fallback = "434"),
    LK_ROW("fa.care_of", ADDRESS, fa.care_of, .restart = true, .example = "192.0.2.7"),
    LK_ROW_NUMBER("fa.lifetime_s", fa.lifetime_s, 1, 65534, .fallback = "1800"),
    LK_ROW_NUMBER("fa.wait_ms", fa.wait_ms, 100, 60000, .fallback = "7000"),
    LK_ROW("fa.challenge", BOOL, fa.challenge, .fallback = "true"),
    LK_ROW_NUMBER("fa.challenge_s", fa.challenge_s, 1, 3600, .fallback = "60"),
    LK_ROW("fa.foreign_key", BOOL, fa.foreign_key, .fallback = "false"),
    LK_ROW_NUMBER("fa.advertisement_s", fa.advertisement_s, 1, 9000, .fallback = "30"),
    LK_ROW_NUMBER("fa.visitors", fa.visitors, 1, 1048576, .restart = true, .fallback = "1024"),
    LK_ROW_NUMBER("fa.pending", fa.pending, 1, 65536, .restart = true, .fallback = "256"),
    LK_ROW_NUMBER("fa.rate", fa.rate, 1, 1000000, .fallback = "1000"),
    LK_ROW_NUMBER("fa.source_rate", fa.source_rate, 1, 1000000, .fallback = "20"),
    LK_ROW("fa.home_agents[].address", ADDRESS, fa.home_agents[0].address, .required = true,
           .example = "192.0.2.1", .list = { HOME_AGENTS }),
    LK_ROW_NUMBER("fa.home_agents[].port", fa.home_agents[0].port, 1, 65535, .each = "434",
                  .list = { HOME_AGENTS }),
    LK_ROW_NUMBER("fa.home_agents[].spi", fa.home_agents[0].with.spi, LK_MIP_SPI_LEAST, 2147483647,
                  .each = "256", .list = { HOME_AGENTS }),
    LK_ROW("fa.home_agents[].key", SECRET, fa.home_agents[0].with.key, .holders = LK_ROLE_FA,
           .required = true, .min = 16, .example = "\"@/etc/latchkey/fa-ha.key\"",
           .list = { HOME_AGENTS }),
    LK_ROW("fa.home_agents[].algorithm", CHOICE, fa.home_agents[0].with.algorithm,
           .words = lk_config_mip_algorithm_words, .each = "hmac-sha256", .list = { HOME_AGENTS }),
    LK_ROW("fa.nodes[].nai", TEXT, fa.nodes[0].nai, .required = true, .min = 1,
           .max = LK_CONFIG_NAI - 1, .example = "node@example.org", .list = { NODES }),
    LK_ROW_NUMBER("fa.nodes[].spi", fa.nodes[0].with.spi, LK_MIP_SPI_LEAST, 2147483647,
                  .each = "256", .list = { NODES }),
    LK_ROW("fa.nodes[].key", SECRET, fa.nodes[0].with.key, .holders = LK_ROLE_FA,
           .required = true, .min = 16, .example = "\"@/etc/latchkey/mn-fa.key\"",
           .list = { NODES }),
    LK_ROW("fa.nodes[].algorithm", CHOICE, fa.nodes[0].with.algorithm,
           .words = lk_config_mip_algorithm_words, .each = "hmac-sha256", .list = { NODES }),
};

const struct lk_config_table lk_config_table_fa = { LK_ROLE_FA, LK_COUNT_OF(rows), rows };

/* The configuration as the foreign agent's node reads it. */
#include <string.h>

#include "base/secret.h"
#include "role/fa_process.h"
#include "role/mip_config.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    return lk_address_parse(&address, text) == LK_OK ? address : (struct lk_address){ { 0 } };
}

static void home_agents(struct lk_fa_process *fa, const struct lk_config_fa *from)
{
    struct lk_fa_config *to = &fa->config;

    _Static_assert((int)LK_CONFIG_MIP_AGENTS <= (int)LK_FA_HOME_AGENTS, "home agents fit");
    lk_wipe(to->home_agent, sizeof to->home_agent);
    to->home_agent_count = from->home_agent_count;
    for (size_t i = 0; i < from->home_agent_count; i++) {
        to->home_agent[i].at.address = address_of(from->home_agents[i].address);
        to->home_agent[i].at.port = (uint16_t)from->home_agents[i].port;
        lk_role_mip_msa_of(&to->home_agent[i].msa, &from->home_agents[i].with);
        lk_seen_mip_agent(&fa->seen, &to->home_agent[i].at.address);
    }
}

void lk_fa_config_take(struct lk_fa_process *fa)
{
    const struct lk_config_fa *from = &fa->process.config->fa;
    struct lk_fa_config *to = &fa->config;

    to->mip.care_of = address_of(from->care_of[0] != '\0' ? from->care_of : from->listen);
    to->mip.lifetime_max_s = (uint16_t)from->lifetime_s;
    to->mip.wait_ms = from->wait_ms;
    to->mip.challenge = from->challenge;
    if (!from->challenge)
        LK_LOG(LK_LOG_WARNING, "no-challenge",
               { "what", "registrations that somebody has recorded, or sends in another's name, "
                         "are passed on and wait in a row" },
               { "fix", "fa.challenge: true, unless no visitor knows RFC 4721" });
    to->mip.foreign_key = from->foreign_key;
    to->challenge_ms = from->challenge_s * 1000;
    to->advertised_s = (uint16_t)from->advertisement_s;
    to->visitors = from->visitors;
    to->pending = from->pending;
    to->rate = from->rate;
    to->source_rate = from->source_rate;
    home_agents(fa, from);
    to->asks_bsf = lk_fa_is_naf(fa->process.config);
    to->asks_aaa = to->mip.with_aaa = lk_fa_asks_aaa(fa->process.config);
    to->enterprise = fa->process.config->radius.enterprise;
}

void lk_fa_config_nodes(struct lk_fa_process *fa)
{
    const struct lk_config_fa *from = &fa->process.config->fa;

    lk_fa_dissociate(fa->node);
    for (size_t i = 0; i < from->node_count; i++) {
        struct lk_mip_msa msa;

        lk_role_mip_msa_of(&msa, &from->nodes[i].with);
        lk_seen_mip_key(&fa->seen, LK_APP_KEY_LOG_MN_FA, from->nodes[i].nai, msa.spi_back,
                        &msa.there);
        lk_fa_associate(fa->node, lk_span_text(from->nodes[i].nai), &msa, lk_wall_ms());
        lk_wipe(&msa, sizeof msa);
    }
}

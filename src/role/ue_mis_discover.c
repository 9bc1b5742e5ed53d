/* A point of service that DNS names. It is believed for nothing but where to knock: it has to prove
 * itself, as one that is configured, with keys of the home under the name that was looked for. */
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "role/config_rows.h"
#include "role/ue_manager.h"

bool lk_ue_mis_wanted(const struct lk_config *config)
{
    return config->ue.mis.point_count > 0 || config->ue.mis.domain[0] != '\0';
}

bool lk_ue_mis_discovery_begin(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mis *c = &ue->process.config->ue.mis;

    if (c->domain[0] == '\0')
        return true;
    ue->mis.discovery = lk_discovery_new(&ue->process.loop, c->dns, (uint16_t)c->dns_port,
                                         lk_ue_mis_discovered, ue);
    return ue->mis.discovery != NULL;
}

bool lk_ue_mis_discover(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mis *c = &ue->process.config->ue.mis;
    struct lk_discovery_question question = { .domain = c->domain, .tcp = c->transport == 0,
                                              .port = LK_MIS_PORT };
    struct lk_address own;

    LK_ASSERT(lk_address_parse(&own, c->address) == LK_OK); /* its row has seen to it */
    question.v4 = lk_address_is_v4(&own);
    return lk_discovery_ask(ue->mis.discovery, &question) == LK_OK;
}

static void refuse(struct lk_ue_manager *ue, const char *came)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_MIS_DISCOVERY, "a point of service",
                                                came);

    lk_ue_mis_refused(ue, &why);
}

bool lk_ue_mis_take_found(struct lk_ue_manager *ue, const struct lk_discovered *found,
                          const char *detail)
{
    struct lk_config_ue_point *to = &ue->mis.found;
    char port[8];

    if (found == NULL || strlen(found->host) >= sizeof to->id ||
        !lk_config_is_misf_id(found->host) || found->port == 0) {
        refuse(ue, found == NULL ? detail : "a name that is no MISF ID");
        return false;
    }
    memset(to, 0, sizeof *to);
    memcpy(to->id, found->host, strlen(found->host)); /* which leaves a zero: measured above */
    lk_address_text(to->address, &found->address);
    to->port = found->port;
    ue->mis.point[ue->process.config->ue.mis.point_count] = lk_ue_mis_pos(ue, LK_UE_MIS_FOUND);
    ue->mis.config.point_count = ue->process.config->ue.mis.point_count + 1;
    (void)snprintf(port, sizeof port, "%u", to->port);
    LK_LOG(LK_LOG_INFO, "mis-discovered", { "domain", ue->process.config->ue.mis.domain },
           { "pos", to->id }, { "address", to->address }, { "port", port });
    return true;
}

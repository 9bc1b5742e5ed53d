/* When a home agent asks its AAA, and for what (S4 7.3.4, 7.3.6). */
#include <string.h>

#include "node/anchor_parts.h"

enum { SECOND_US = 1000000 };

/* Who sends many is asked for few; there may be many behind one translator. */
static const struct lk_budget_rate of_asked = { 64, SECOND_US / 16 };

/* Of questions alone: what a place is sent is counted under its address. */
bool lk_anchor_may_ask(struct lk_anchor *anchor, const struct lk_anchor_event *event)
{
    uint8_t who[1 + LK_ADDRESS_LEN] = { 'q' };

    memcpy(who + 1, event->from.octets, LK_ADDRESS_LEN);
    return lk_budgets_take(anchor->unproven, LK_SPAN(who), &of_asked, event->now_ms * 1000);
}

/* spec: RFC 3957 4 - who asks for keys proves itself to the home AAA. Who is known by its key asks
 * for none. Otherwise the key may be one of a bootstrapping that is told nobody but the AAA. */
static enum lk_radius_mip_wants wants_of(const struct lk_anchor_mip_config *mip,
                                         const struct lk_mip_extensions *e, bool is_known)
{
    bool keys = lk_mip_has(e, LK_MIP_MN_HA_KEY_REQUEST) || lk_mip_has(e, LK_MIP_MN_FA_KEY_REQUEST);

    if (mip->asks_keys && keys && lk_mip_has(e, LK_MIP_MN_AAA_AUTH))
        return LK_RADIUS_MIP_KEYS;
    if (mip->asks_pushed && !is_known && lk_mip_has(e, LK_MIP_MN_HA_AUTH) &&
        e->auth[LK_MIP_MN_HA_AUTH].spi >= LK_MIP_SPI_LEAST &&
        lk_mip_before(e, LK_MIP_NAI, LK_MIP_MN_HA_AUTH))
        return LK_RADIUS_MIP_PUSHED;
    return 0;
}

enum lk_anchor_aaa lk_anchor_aaa(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                                 const struct lk_mip_extensions *extensions,
                                 const struct lk_imsi *imsi, bool is_known, bool vouched,
                                 struct lk_anchor_outbox *out)
{
    enum lk_radius_mip_wants wants = wants_of(&anchor->config->mip, extensions, is_known);
    struct lk_anchor_output *item;

    if (wants == 0 || event->grant != NULL || !lk_mip_has(extensions, LK_MIP_NAI))
        return LK_ANCHOR_AAA_NO;
    if (!vouched && !lk_anchor_may_ask(anchor, event))
        return LK_ANCHOR_AAA_TOO_FAST;
    anchor->counters.mip_asked++;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_ASK, 0);
    item->ask.imsi = *imsi;
    item->ask.spi = extensions->auth[LK_MIP_MN_HA_AUTH].spi;
    item->ask.wants = wants;
    return LK_ANCHOR_AAA_ASKED;
}

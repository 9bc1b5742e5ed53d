/* The end of a binding of Mobile IP, as somebody asks for it on the control socket.
 *
 *     {"op": "mip-revoke", "who": "10.64.0.2"}
 *
 * who: a home address, an IMSI or an NAI. And of bindings whose association a reload has not found
 * any more. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/pmip/identity.h"
#include "role/anchor_parts.h"

enum { TOLD_TEXT = 256, BITS = 8, MS_PER_S = 1000 };

static struct lk_binding *binding_of(const struct lk_anchor_process *anchor, struct lk_span who)
{
    struct lk_address address;
    struct lk_imsi imsi;
    char text[LK_ADDRESS_TEXT];

    if (lk_imsi_parse(&imsi, who) == LK_OK || lk_pmip_nai_imsi(&imsi, who) == LK_OK)
        return lk_binding_of(anchor->table, lk_imsi_number(&imsi), 0);
    if (who.len == 0 || who.len >= sizeof text)
        return NULL;
    memcpy(text, who.at, who.len);
    text[who.len] = '\0';
    return lk_address_parse(&address, text) == LK_OK ? lk_binding_at(anchor->table, &address)
                                                     : NULL;
}

static bool says(const struct lk_anchor_outbox *out, enum lk_anchor_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return true;
    return false;
}

/* Why that binding cannot be revoked; NULL: it can. RFC 3543 is of Mobile IPv4. */
static json_t *cannot(const struct lk_binding *b)
{
    if (b == NULL)
        return lk_ask_refusal("nobody has that name or address",
                              "give a home address, an IMSI or an NAI: latchkey anchor bindings "
                              "has them");
    if (lk_binding_stands(b).owner == 0)
        return lk_ask_refusal("it has no binding of Mobile IPv4", "there is nothing to revoke");
    if (b->protocol == LK_BINDING_MIP6)
        return lk_ask_refusal("its binding is of MIPv6, for which RFC 3543 has no message",
                              "let it end: latchkey anchor bindings says when; before that, "
                              "latchkey subscriber mip IMSI none, or take it out of "
                              "anchor.mip.nodes and reload, so that it gets no other key");
    if (b->protocol != LK_BINDING_MIP)
        return lk_ask_refusal("its binding is of PMIPv6, which its gateway ends",
                              "latchkey session end IMSI, where the trusted WLAN has it");
    return NULL;
}

static bool ends_it(struct lk_anchor_process *anchor, struct lk_anchor_event *event, const char *by)
{
    bool done;

    anchor->revokes = by;
    done = lk_anchor_give(anchor, event);
    anchor->revokes = NULL;
    return done;
}

/* RFC 3543 is between agents: who is at an address of his own finds out when he asks again. */
static void tell_co_located(char told[TOLD_TEXT], uint64_t ends_ms)
{
    uint64_t now_ms = lk_wall_ms();

    (void)snprintf(told, TOLD_TEXT,
                   "its binding is over; it had no foreign agent to tell, and none tells the "
                   "device: it takes itself for registered until it asks again, in %" PRIu64
                   " s at most",
                   ends_ms > now_ms ? (ends_ms - now_ms) / MS_PER_S : 0);
}

json_t *lk_anchor_ask_revoke(void *context, const json_t *request)
{
    struct lk_anchor_process *anchor = context;
    const char *who = json_string_value(json_object_get(request, "who"));
    const struct lk_binding *b = who == NULL ? NULL : binding_of(anchor, lk_span_text(who));
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_REVOKE, .now_ms = lk_wall_ms() };
    char told[TOLD_TEXT];
    struct lk_binding_record before;
    json_t *refusal = cannot(b);
    uint16_t fa;

    if (refusal != NULL)
        return refusal;
    event.subject = b->subject;
    fa = b->mip.fa;
    lk_anchor_record(&before, &anchor->node, b);
    if (!ends_it(anchor, &event, "owner"))
        return lk_ask_refusal("the store is behind", "try again");
    if (fa == 0)
        tell_co_located(told, before.expires_ms);
    else if (says(&anchor->out, LK_ANCHOR_OUT_SEND))
        (void)snprintf(told, sizeof told, "its binding is over, and foreign agent %s is told",
                       anchor->config.mip.fa[fa - 1].name);
    else
        (void)snprintf(told, sizeof told,
                       "its binding is over; foreign agent %s takes no revocations",
                       anchor->config.mip.fa[fa - 1].name);
    return json_pack("{s:b, s:s}", "ok", 1, "told", told);
}

/* ---- a reload ---- */

static const struct lk_mip_msa *newest(const struct lk_anchor_process *anchor,
                                       const struct lk_binding *b)
{
    return lk_mip_msas_newest(anchor->msas, b->subject, lk_wall_ms());
}

static bool is_bound(const struct lk_binding *b)
{
    return b != NULL && b->protocol == LK_BINDING_MIP && b->mip.state == LK_MIP_HA_ACTIVE;
}

uint8_t *lk_anchor_bound_by_nodes(const struct lk_anchor_process *anchor)
{
    uint32_t used = lk_binding_used(anchor->table);
    uint8_t *rows = calloc(1, used / BITS + 1);

    for (uint32_t i = 0; rows != NULL && i < used; i++) {
        const struct lk_binding *b = lk_binding_row(anchor->table, i);
        const struct lk_mip_msa *msa = is_bound(b) ? newest(anchor, b) : NULL;

        if (msa != NULL && msa->ends_ms == UINT64_MAX)
            rows[i / BITS] |= (uint8_t)(1 << i % BITS);
    }
    return rows;
}

/* Whose turn it is when the store is behind keeps his binding until its lifetime is over. */
void lk_anchor_revoke_without_key(struct lk_anchor_process *anchor, const uint8_t *rows)
{
    uint32_t used = lk_binding_used(anchor->table);

    for (uint32_t i = 0; rows != NULL && i < used; i++) {
        const struct lk_binding *b = lk_binding_row(anchor->table, i);
        struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_REVOKE, .now_ms = lk_wall_ms() };

        if ((rows[i / BITS] >> i % BITS & 1) == 0 || !is_bound(b) || newest(anchor, b) != NULL)
            continue;
        event.subject = b->subject;
        if (!ends_it(anchor, &event, "nodes_file"))
            break;
    }
}

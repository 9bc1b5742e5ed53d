/* The PoS as a client of RADIUS: a question to the AAA for whoever has one, the identifiers that
 * questions have, and whose an answer is. */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"
#include "wire/eap.h"
#include "wire/erp.h"

/* ---- identifiers ---- */

/* spec: RFC 2865 3 - another request has another identifier: the one that is free for longest. */
static bool take_identifier(struct lk_pos *pos, struct lk_pos_leg *leg)
{
    LK_ASSERT(!leg->asked);
    if (pos->identifiers == 0) {
        pos->counters.full++;
        return false;
    }
    leg->identifier = pos->identifier[pos->identifier_at];
    leg->asked = true;
    pos->identifier_at = (pos->identifier_at + 1) % (pos->config.sockets * LK_POS_IDENTIFIERS);
    pos->identifiers--;
    pos->asker[leg->identifier] = leg->whose;
    return true;
}

static void give_identifier(struct lk_pos *pos, struct lk_pos_leg *leg)
{
    uint32_t all = pos->config.sockets * LK_POS_IDENTIFIERS;

    if (!leg->asked)
        return;
    leg->asked = false;
    pos->asker[leg->identifier] = LK_POS_NONE;
    pos->identifier[(pos->identifier_at + pos->identifiers) % all] = leg->identifier;
    pos->identifiers++;
}

/* ---- questions ---- */

void lk_pos_leg_init(struct lk_pos_leg *leg, uint32_t whose)
{
    *leg = (struct lk_pos_leg){ .whose = whose, .due_ms = LK_DUE_NEVER };
    lk_radius_nas_init(&leg->nas);
}

void lk_pos_leg_end(struct lk_pos *pos, struct lk_pos_leg *leg)
{
    give_identifier(pos, leg);
    leg->due_ms = LK_DUE_NEVER;
}

static void put(struct lk_pos *pos, struct lk_pos_leg *leg, const struct lk_outbox *said,
                struct lk_pos_outbox *out)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct lk_output *item = &said->item[i];
        struct lk_pos_output *to;

        if (item->kind == LK_OUT_TIMER)
            leg->due_ms = item->timer.at_ms;
        if (item->kind != LK_OUT_SEND)
            continue;
        pos->counters.radius_sent++;
        to = lk_pos_out(out, LK_POS_OUT_RADIUS);
        to->radius.socket = leg->identifier / LK_POS_IDENTIFIERS;
        to->radius.octets = lk_pos_keep(out, item->send);
    }
}

/* spec: RFC 3579 2.1 - User-Name is what the EAP identity says; RFC 6696 5.3.2 - with ERP it is
 * keyName-NAI. */
static void set_user(struct lk_radius_nas *nas, struct lk_span eap)
{
    struct lk_eap_packet packet;
    struct lk_span user = { NULL, 0 };
    struct lk_erp erp;

    if (lk_eap_decode(&packet, eap) == LK_OK && packet.code == LK_EAP_RESPONSE &&
        packet.type == LK_EAP_IDENTITY)
        user = packet.type_data;
    else if (lk_erp_decode(&erp, eap, 0) == LK_OK && lk_erp_has(&erp, LK_ERP_KEYNAME_NAI))
        user = erp.keyname_nai;
    if (user.len == 0 || user.len >= sizeof nas->user || memchr(user.at, 0, user.len) != NULL)
        return;
    memcpy(nas->user, user.at, user.len);
    nas->user[user.len] = '\0';
}

bool lk_pos_leg_ask(struct lk_pos *pos, struct lk_pos_leg *leg, struct lk_span eap,
                    struct lk_refusal *why, struct lk_pos_outbox *out)
{
    uint8_t entropy[LK_ENTROPY_LEN];
    struct lk_outbox said;
    enum lk_status status;

    *why = lk_refusal_of(LK_REASON_MIS_FULL, NULL, NULL);
    if (!take_identifier(pos, leg))
        return false;
    set_user(&leg->nas, eap);
    lk_draw(&pos->draw, entropy, sizeof entropy);
    lk_outbox_empty(&said);
    leg->nas.identifier = (uint8_t)(leg->identifier - 1); /* it counts up by itself */
    status = lk_radius_nas_send_eap(&leg->nas, &pos->config.radius, eap, pos->now_ms, entropy,
                                    &said);
    if (status == LK_OK) {
        put(pos, leg, &said, out);
    } else {
        *why = lk_refusal_of(LK_REASON_RADIUS_MALFORMED, NULL, lk_status_name(status));
        give_identifier(pos, leg);
    }
    lk_outbox_wipe(&said);
    return status == LK_OK;
}

struct lk_refusal lk_pos_aaa_silent(const struct lk_pos *pos)
{
    return lk_refusal_of(LK_REASON_MIS_AAA_SILENT, pos->config.aaa, "none");
}

bool lk_pos_leg_due(struct lk_pos *pos, struct lk_pos_leg *leg, struct lk_refusal *why,
                    struct lk_pos_outbox *out)
{
    const struct lk_output *failed = NULL;
    uint8_t entropy[LK_ENTROPY_LEN];
    struct lk_outbox said;

    leg->due_ms = LK_DUE_NEVER;
    lk_draw(&pos->draw, entropy, sizeof entropy);
    lk_outbox_empty(&said);
    if (lk_radius_nas_expired(&leg->nas, &pos->config.radius, leg->nas.identifier, pos->now_ms,
                              entropy, &said) == LK_OK) {
        put(pos, leg, &said, out);
        failed = lk_outbox_find(&said, LK_OUT_FAILED);
    }
    if (failed != NULL) {
        *why = failed->failed.reason == LK_REASON_RADIUS_NO_ANSWER ? lk_pos_aaa_silent(pos)
                                                                   : failed->failed;
        give_identifier(pos, leg);
    }
    lk_outbox_wipe(&said);
    return failed == NULL;
}

/* ---- answers ---- */

enum lk_status lk_pos_on_radius(struct lk_pos *pos, const struct lk_pos_event *event,
                                struct lk_pos_outbox *out)
{
    struct lk_reader r = lk_reader_of(event->radius.octets);
    uint32_t auths = pos->config.auths, identifier, whose;
    struct lk_radius_outcome outcome;
    struct lk_pos_leg *leg;
    enum lk_status status;

    (void)lk_get_u8(&r);
    identifier = event->radius.socket * LK_POS_IDENTIFIERS + lk_get_u8(&r);
    if (event->radius.socket >= pos->config.sockets || event->radius.octets.len < 2)
        return LK_E_SHORT;
    whose = pos->asker[identifier];
    if (whose == LK_POS_NONE) {
        pos->counters.radius_dropped++;
        return LK_E_NOT_FOUND;
    }
    leg = whose < auths ? &pos->auth[whose].leg : &pos->errand[whose - auths].leg;
    status = lk_radius_nas_received(&leg->nas, &pos->config.radius, event->radius.octets,
                                    &outcome);
    if (status == LK_OK) {
        lk_pos_leg_end(pos, leg);
        if (whose < auths)
            lk_pos_auth_answered(pos, &pos->auth[whose], &outcome, out);
        else
            lk_pos_errand_answered(pos, &pos->errand[whose - auths], &outcome, out);
    } else {
        pos->counters.radius_dropped++;
    }
    lk_wipe(&outcome, sizeof outcome);
    return status;
}

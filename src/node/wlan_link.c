#include "node/wlan_link.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "proto/radius/private.h"

enum {
    /* RFC 2866 5.10: who or what ended it. */
    CAUSE_USER_REQUEST = 1,
    CAUSE_LOST_CARRIER = 2,
    CAUSE_ADMIN_RESET = 6,
    CAUSE_NAS_REBOOT = 11,
    CAUSE_PREEMPTED = 13,
    CAUSE_SERVICE = 15,
    CAUSE_USER_ERROR = 17,
};

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

static const struct {
    uint32_t cause;
    enum lk_wlan_end why;
} ends[] = {
    { CAUSE_USER_REQUEST, LK_WLAN_END_DETACHED },
    { CAUSE_ADMIN_RESET, LK_WLAN_END_DISCONNECTED },
    { CAUSE_SERVICE, LK_WLAN_END_MODE },
    { CAUSE_PREEMPTED, LK_WLAN_END_REPLACED },
    { CAUSE_LOST_CARRIER, LK_WLAN_END_LOST },
};

/* ---- the TWAP's end ---- */

_Static_assert(LK_WLAN_LINK_OUT == UINT8_MAX + 1, "an identifier for each");

/* Round and round: what is told first is repeated first. */
static struct lk_radius_ask *free_ask(struct lk_wlan_link *link)
{
    return link->ask[link->next].out ? NULL : &link->ask[link->next++];
}

/* No salt comes twice before all have come. */
static void next_salt(struct lk_wlan_link *link, uint8_t salt[LK_RADIUS_SALT_LEN])
{
    link->salt++;
    salt[0] = (uint8_t)(link->salt >> 8 | 0x80);
    salt[1] = (uint8_t)link->salt;
}

static void put_generation(struct lk_writer *w, uint32_t enterprise, uint64_t generation)
{
    uint8_t octets[sizeof generation];
    struct lk_writer value = lk_writer_of(octets, sizeof octets);

    lk_put_be64(&value, generation);
    lk_radius_put_vendor(w, enterprise, LK_RADIUS_UE_GENERATION, lk_writer_span(&value));
}

static enum lk_status end(struct lk_radius_ask *ask, const struct lk_wlan_link_config *config,
                          struct lk_writer *w, uint64_t now_ms, struct lk_span *octets)
{
    const struct lk_radius_ask_config how = { .secret = config->secret };
    enum lk_status status = lk_radius_ask_end(ask, &how, w, now_ms);

    *octets = lk_span_of(ask->octets, ask->len);
    return status;
}

enum lk_status lk_wlan_link_session(struct lk_wlan_link *link,
                                    const struct lk_wlan_link_config *config,
                                    const struct lk_wlan_session *session, uint64_t now_ms,
                                    struct lk_span *octets)
{
    struct lk_radius_ask *ask = free_ask(link);
    uint8_t salts[2][LK_RADIUS_SALT_LEN];
    struct lk_writer w;

    if (ask == NULL)
        return LK_E_FULL;
    w = lk_radius_ask_begin(ask, LK_RADIUS_COA_REQUEST, (uint8_t)(ask - link->ask), now_ms);
    lk_radius_put_station(&w, session->ue_mac);
    next_salt(link, salts[0]);
    next_salt(link, salts[1]);
    lk_radius_put_wlcp(&w, config->enterprise, &session->key, &session->imsi, config->secret,
                       zeroes, (const uint8_t(*)[LK_RADIUS_SALT_LEN])salts);
    put_generation(&w, config->enterprise, session->generation);
    lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT, session->lifetime_s);
    if (session->class_len > 0)
        lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_of(session->class_value, session->class_len));
    if (session->acct_session_len > 0)
        lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID,
                      lk_span_of(session->acct_session, session->acct_session_len));
    return end(ask, config, &w, now_ms, octets);
}

static uint32_t cause_of(const struct lk_wlan_gone *gone)
{
    for (size_t i = 0; i < LK_COUNT_OF(ends); i++)
        if (!gone->failed && ends[i].why == gone->why)
            return ends[i].cause;
    return CAUSE_USER_ERROR;
}

static enum lk_status say_gone(struct lk_wlan_link *link, struct lk_radius_ask *ask,
                               const struct lk_wlan_link_config *config,
                               const struct lk_wlan_gone *gone, uint64_t now_ms,
                               struct lk_span *octets)
{
    uint8_t salt[LK_RADIUS_SALT_LEN];
    struct lk_writer w;

    w = lk_radius_ask_begin(ask, LK_RADIUS_DISCONNECT_REQUEST, (uint8_t)(ask - link->ask), now_ms);
    lk_radius_put_station(&w, gone->ue_mac);
    next_salt(link, salt);
    lk_radius_put_imsi(&w, config->enterprise, &gone->imsi, config->secret, zeroes, salt);
    put_generation(&w, config->enterprise, gone->generation);
    lk_radius_put_u32(&w, LK_RADIUS_ACCT_TERMINATE_CAUSE, cause_of(gone));
    return end(ask, config, &w, now_ms, octets);
}

/* Who comes or goes meanwhile is told by generation: ends may be late. */
enum lk_status lk_wlan_link_gone(struct lk_wlan_link *link,
                                 const struct lk_wlan_link_config *config,
                                 const struct lk_wlan_gone *gone, uint64_t now_ms,
                                 struct lk_span *octets)
{
    struct lk_radius_ask *ask = free_ask(link);

    *octets = lk_span_of(NULL, 0);
    if (ask != NULL)
        return say_gone(link, ask, config, gone, now_ms, octets);
    if (link->later_count == LK_WLAN_LINK_LATER)
        return LK_E_FULL;
    link->later[(link->later_first + link->later_count++) % LK_WLAN_LINK_LATER] = *gone;
    return LK_OK;
}

bool lk_wlan_link_later(struct lk_wlan_link *link, const struct lk_wlan_link_config *config,
                        uint64_t now_ms, struct lk_span *octets)
{
    struct lk_wlan_gone *gone = &link->later[link->later_first];
    struct lk_radius_ask *ask = link->later_count > 0 ? free_ask(link) : NULL;
    enum lk_status status;

    if (ask == NULL)
        return false;
    status = say_gone(link, ask, config, gone, now_ms, octets);
    lk_wipe(gone, sizeof *gone);
    link->later_first = (link->later_first + 1) % LK_WLAN_LINK_LATER;
    link->later_count--;
    return status == LK_OK;
}

enum lk_status lk_wlan_link_restarted(struct lk_wlan_link *link,
                                      const struct lk_wlan_link_config *config,
                                      uint64_t generation, uint64_t now_ms)
{
    struct lk_radius_ask *ask = free_ask(link);
    struct lk_span octets;
    struct lk_writer w;

    if (ask == NULL)
        return LK_E_FULL;
    w = lk_radius_ask_begin(ask, LK_RADIUS_DISCONNECT_REQUEST, (uint8_t)(ask - link->ask), now_ms);
    put_generation(&w, config->enterprise, generation);
    lk_radius_put_u32(&w, LK_RADIUS_ACCT_TERMINATE_CAUSE, CAUSE_NAS_REBOOT);
    return end(ask, config, &w, now_ms, &octets);
}

enum lk_status lk_wlan_link_answered(struct lk_wlan_link *link,
                                     const struct lk_wlan_link_config *config,
                                     struct lk_span packet, uint32_t *cause)
{
    const struct lk_radius_ask_config how = { .secret = config->secret };
    struct lk_radius_ask_outcome outcome;
    struct lk_radius_ask *ask;
    enum lk_status status;

    *cause = 0;
    if (packet.len < 2)
        return LK_E_SHORT;
    ask = &link->ask[packet.at[1]];
    status = lk_radius_ask_received(ask, &how, packet, &outcome);
    if (status != LK_OK)
        return status;
    lk_wipe(ask->octets, ask->len);
    *cause = outcome.cause;
    return outcome.ack ? LK_OK : LK_E_DENIED;
}

bool lk_wlan_link_again(const struct lk_wlan_link *link, size_t *at, struct lk_span *octets)
{
    while (*at < LK_WLAN_LINK_OUT) {
        const struct lk_radius_ask *ask = &link->ask[(link->next + (*at)++) % LK_WLAN_LINK_OUT];

        if (!ask->out)
            continue;
        *octets = lk_span_of(ask->octets, ask->len);
        return true;
    }
    return false;
}

size_t lk_wlan_link_count(const struct lk_wlan_link *link)
{
    size_t count = 0;

    for (size_t i = 0; i < LK_WLAN_LINK_OUT; i++)
        count += link->ask[i].out;
    return count;
}

void lk_wlan_link_wipe(struct lk_wlan_link *link)
{
    lk_wipe(link, sizeof *link);
}

/* ---- the TWAG's end ---- */

static bool take_generation(uint64_t *generation, const struct lk_radius_packet *packet,
                            uint32_t enterprise)
{
    struct lk_span value;
    struct lk_reader r;

    if (!lk_radius_find_vendor(packet, enterprise, LK_RADIUS_UE_GENERATION, &value))
        return false;
    r = lk_reader_of(value);
    *generation = lk_get_be64(&r);
    return lk_reader_end(&r) == LK_OK && *generation != 0;
}

/* spec: RFC 5176 3.5 - 402 for what is missing, 407 for what does not fit. */
static enum lk_radius_error_cause take_session(struct lk_wlan_told_what *what,
                                               const struct lk_wlan_link_config *config)
{
    const struct lk_radius_packet *packet = &what->request.request.packet;
    struct lk_wlan_session *session = &what->session;
    struct lk_span value;
    enum lk_status status = lk_radius_open_wlcp(&session->key, &session->imsi, packet,
                                                config->enterprise, config->secret, zeroes);

    if (status == LK_E_MISSING || !what->request.has_mac ||
        !take_generation(&session->generation, packet, config->enterprise))
        return LK_RADIUS_CAUSE_MISSING_ATTRIBUTE;
    if (status != LK_OK)
        return LK_RADIUS_CAUSE_INVALID_VALUE;
    memcpy(session->ue_mac, what->request.mac, sizeof session->ue_mac);
    session->teller = config->teller;
    /* T06: without it, it would have no end of its own. */
    if (!lk_radius_find(packet, LK_RADIUS_SESSION_TIMEOUT, &value))
        return LK_RADIUS_CAUSE_MISSING_ATTRIBUTE;
    if (lk_radius_u32(&session->lifetime_s, value) != LK_OK || session->lifetime_s == 0)
        return LK_RADIUS_CAUSE_INVALID_VALUE;
    if (lk_radius_find(packet, LK_RADIUS_CLASS, &value)) {
        session->class_len = (uint8_t)value.len;
        memcpy(session->class_value, value.at, value.len);
    }
    if (what->request.acct_session.len > sizeof session->acct_session)
        return LK_RADIUS_CAUSE_INVALID_VALUE;
    session->acct_session_len = (uint8_t)what->request.acct_session.len;
    if (session->acct_session_len > 0)
        memcpy(session->acct_session, what->request.acct_session.at, session->acct_session_len);
    return LK_RADIUS_CAUSE_NONE;
}

static uint32_t cause_in(const struct lk_radius_packet *packet)
{
    struct lk_span value;
    uint32_t cause = 0;

    if (lk_radius_find(packet, LK_RADIUS_ACCT_TERMINATE_CAUSE, &value))
        (void)!lk_radius_u32(&cause, value);
    return cause;
}

static enum lk_radius_error_cause take_gone(struct lk_wlan_told_what *what,
                                            const struct lk_wlan_link_config *config)
{
    const struct lk_radius_packet *packet = &what->request.request.packet;
    struct lk_wlan_gone *gone = &what->gone;
    uint32_t cause = cause_in(packet);
    enum lk_status status = lk_radius_open_imsi(&gone->imsi, packet, config->enterprise,
                                                config->secret, zeroes);

    if (status == LK_E_MISSING || !what->request.has_mac ||
        !take_generation(&gone->generation, packet, config->enterprise))
        return LK_RADIUS_CAUSE_MISSING_ATTRIBUTE;
    if (status != LK_OK)
        return LK_RADIUS_CAUSE_INVALID_VALUE;
    memcpy(gone->ue_mac, what->request.mac, sizeof gone->ue_mac);
    gone->why = LK_WLAN_END_LOST;
    gone->failed = cause == CAUSE_USER_ERROR;
    for (size_t i = 0; i < LK_COUNT_OF(ends); i++)
        if (ends[i].cause == cause)
            gone->why = ends[i].why;
    return LK_RADIUS_CAUSE_NONE;
}

static enum lk_radius_error_cause take(struct lk_wlan_told_what *what,
                                       const struct lk_wlan_link_config *config,
                                       enum lk_wlan_told told)
{
    if (told == LK_WLAN_TOLD_SESSION)
        return take_session(what, config);
    if (told == LK_WLAN_TOLD_GONE)
        return take_gone(what, config);
    return take_generation(&what->gone.generation, &what->request.request.packet,
                           config->enterprise) ? LK_RADIUS_CAUSE_NONE
                                               : LK_RADIUS_CAUSE_MISSING_ATTRIBUTE;
}

enum lk_wlan_told lk_wlan_link_open(struct lk_wlan_told_what *what,
                                    struct lk_radius_dynamic_server *server,
                                    const struct lk_wlan_link_config *config,
                                    struct lk_span packet, uint64_t now_ms)
{
    static const struct lk_radius_dynamic_config how = { .many_nas = true, .coa = true,
                                                         .any_session = true,
                                                         .fresh_leg = true };
    enum lk_wlan_told told = LK_WLAN_TOLD_GONE;
    enum lk_radius_dynamic_verdict verdict;
    enum lk_radius_error_cause cause;
    struct lk_radius_dynamic_seen place;
    struct lk_radius_dynamic_server nothing;

    memset(what, 0, sizeof *what);
    lk_radius_dynamic_server_in(&nothing, &place, 1);
    verdict = lk_radius_dynamic_open(&what->request, &what->reason,
                                     config->is_twap ? server : &nothing, &how, config->secret,
                                     packet, now_ms);
    what->answer = verdict != LK_RADIUS_DYNAMIC_DROP;
    /* spec: RFC 5176 3.5 - 501: it is not for this client to say. T02: nor to make subscribers. */
    if (what->answer && !config->is_twap) {
        what->reason = LK_REASON_TWAP_LINK_DENIED;
        what->request.cause = LK_RADIUS_CAUSE_PROHIBITED;
        return LK_WLAN_TOLD_NOTHING;
    }
    if (verdict != LK_RADIUS_DYNAMIC_NEW)
        return LK_WLAN_TOLD_NOTHING;
    if (what->request.coa)
        told = LK_WLAN_TOLD_SESSION;
    else if (cause_in(&what->request.request.packet) == CAUSE_NAS_REBOOT)
        told = LK_WLAN_TOLD_RESTARTED;
    cause = take(what, config, told);
    if (cause != LK_RADIUS_CAUSE_NONE) {
        lk_wipe(&what->session, sizeof what->session);
        lk_wlan_link_settle(what, server, cause);
        return LK_WLAN_TOLD_NOTHING;
    }
    return told;
}

void lk_wlan_link_settle(struct lk_wlan_told_what *what, struct lk_radius_dynamic_server *server,
                         enum lk_radius_error_cause cause)
{
    lk_radius_dynamic_decide(server, &what->request, cause);
}

enum lk_status lk_wlan_link_answer(struct lk_writer *w, const struct lk_wlan_told_what *what,
                                   const struct lk_wlan_link_config *config)
{
    return lk_radius_dynamic_answer(w, &what->request, config->secret);
}

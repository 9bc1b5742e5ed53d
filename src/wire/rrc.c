/* DL-DCCH and UL-DCCH messages around what LWA needs.                      TS 36.331 6.2.1, 6.2.2
 *
 * Called by the LWA machines of eNB and UE. A reconfiguration is a chain of extensions, one for
 * each release that added to it; lwa-Configuration is in the seventh part. */
#include "wire/rrc.h"

#include <string.h>

#include "wire/rrc_parts.h"

/* Indices of messages in the choices of their channels, and how many there are. */
enum {
    DOWNLINK_MESSAGES = 16,
    DOWNLINK_RECONFIGURATION = 4,
    UPLINK_MESSAGES = 16,
    UPLINK_COMPLETE = 2,
    UPLINK_LATER_MESSAGES = 16,
    UPLINK_WLAN_STATUS = 5,
    RECONFIGURATION_VERSIONS = 8,
    STATUS_VERSIONS = 4,
};

/* spec: TS 36.331 6.2.2 - the parts of RRCConnectionReconfiguration by release: how many optional
 * members each has before the part that follows, which is optional too. */
enum { PARTS = 6 };
static const uint8_t members[PARTS] = { 5, 1, 2, 2, 1, 5 };
/* In the first part, from the highest bit: measConfig, mobilityControlInfo, dedicatedInfoNASList,
 * radioResourceConfigDedicated, securityConfigHO. In the seventh: two lists of cells, lwa, lwip,
 * rclwi, what follows. */
enum {
    FIRST_MOBILITY = 1 << 3,
    FIRST_SECURITY = 1 << 0,
    LAST_MEMBERS = 6,
    LAST_LWA = 1 << 3,
};

enum lk_status lk_rrc_finish(struct lk_writer *w, struct lk_per_writer *bits)
{
    enum lk_status status = lk_per_finish(bits);

    if (status != LK_OK)
        return status;
    lk_put_span(w, lk_per_written(bits));
    return lk_writer_end(w);
}

void lk_rrc_expect(struct lk_per_reader *r, uint32_t index, uint32_t count)
{
    if (lk_per_get_index(r, count, false) != index)
        lk_per_fail(r, LK_E_UNSUPPORTED);
}

/* ---- downlink ---- */

static void get_first(struct lk_rrc_reconfiguration *m, struct lk_per_reader *r, bool *follows)
{
    uint32_t present = lk_per_get_bits(r, members[0]);

    *follows = lk_per_get_bool(r);
    if (present & ~(uint32_t)(FIRST_MOBILITY | FIRST_SECURITY))
        lk_per_fail(r, LK_E_UNSUPPORTED);
    m->has_handover = (present & FIRST_MOBILITY) != 0;
    m->handover.has_security = (present & FIRST_SECURITY) != 0;
    if (m->has_handover)
        lk_rrc_get_mobility(&m->handover, r);
    if (m->handover.has_security)
        lk_rrc_get_security(&m->handover, r);
    /* Security without a handover is of no use. */
    if (m->handover.has_security && !m->has_handover)
        lk_per_fail(r, LK_E_VALUE);
}

static void get_later(struct lk_rrc_reconfiguration *m, struct lk_per_reader *r)
{
    bool follows = true;
    uint32_t last;

    for (size_t part = 1; part < PARTS && follows; part++) {
        lk_rrc_none(r, members[part]);
        follows = lk_per_get_bool(r);
    }
    if (!follows)
        return;
    last = lk_per_get_bits(r, LAST_MEMBERS);
    if (last & ~(uint32_t)LAST_LWA)
        lk_per_fail(r, LK_E_UNSUPPORTED);
    m->has_lwa = (last & LAST_LWA) != 0;
    if (m->has_lwa)
        lk_rrc_get_lwa(&m->lwa, r);
}

enum lk_status lk_rrc_reconfiguration_decode(struct lk_rrc_reconfiguration *message,
                                             struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_UNALIGNED);
    bool follows = false;

    memset(message, 0, sizeof *message);
    lk_rrc_expect(&r, 0, 2); /* no message of a later class */
    lk_rrc_expect(&r, DOWNLINK_RECONFIGURATION, DOWNLINK_MESSAGES);
    message->transaction = (uint8_t)lk_per_get_whole(&r, 0, LK_RRC_TRANSACTION_MAX);
    lk_rrc_expect(&r, 0, 2); /* no critical extension */
    lk_rrc_expect(&r, 0, RECONFIGURATION_VERSIONS);
    get_first(message, &r, &follows);
    if (follows)
        get_later(message, &r);
    return lk_per_end(&r);
}

enum lk_status lk_rrc_reconfiguration_encode(struct lk_writer *w,
                                             const struct lk_rrc_reconfiguration *m)
{
    uint8_t room[LK_RRC_MAX];
    struct lk_per_writer bits = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);
    bool security = m->has_handover && m->handover.has_security;

    lk_per_put_index(&bits, 0, 2, false);
    lk_per_put_index(&bits, DOWNLINK_RECONFIGURATION, DOWNLINK_MESSAGES, false);
    lk_per_put_whole(&bits, m->transaction, 0, LK_RRC_TRANSACTION_MAX);
    lk_per_put_index(&bits, 0, 2, false);
    lk_per_put_index(&bits, 0, RECONFIGURATION_VERSIONS, false);
    lk_per_put_bits(&bits, (m->has_handover ? FIRST_MOBILITY : 0u) |
                    (security ? FIRST_SECURITY : 0u), members[0]);
    lk_per_put_bool(&bits, m->has_lwa);
    if (m->has_handover)
        lk_rrc_put_mobility(&bits, &m->handover);
    if (security)
        lk_rrc_put_security(&bits, &m->handover);
    if (m->has_lwa) {
        for (size_t part = 1; part < PARTS; part++)
            lk_per_put_bits(&bits, 1, members[part] + 1u);
        lk_per_put_bits(&bits, LAST_LWA, LAST_MEMBERS);
        lk_rrc_put_lwa(&bits, &m->lwa);
    }
    return lk_rrc_finish(w, &bits);
}

/* ---- uplink ---- */

static const char *const status_names[LK_RRC_WLAN_STATUS_COUNT] = {
    [LK_RRC_WLAN_ASSOCIATED] = "associated",
    [LK_RRC_WLAN_RADIO_LINK_FAILURE] = "radio link failure",
    [LK_RRC_WLAN_UNAVAILABLE] = "unavailable",
    [LK_RRC_WLAN_TIMEOUT] = "timeout",
    [LK_RRC_WLAN_SUSPENDED] = "suspended",
    [LK_RRC_WLAN_RESUMED] = "resumed",
};

const char *lk_rrc_wlan_status_name(enum lk_rrc_wlan_status status)
{
    return (unsigned)status < LK_RRC_WLAN_STATUS_COUNT ? status_names[status] : "unknown";
}

/* spec: TS 36.331 6.2.2 - the first four statuses are of Release 13; the others stand behind one of
 * them, which then says nothing. Which one is our own choice: the first. */
static void get_status(struct lk_rrc_uplink *m, struct lk_per_reader *r)
{
    bool follows;

    lk_rrc_expect(r, 0, 2);
    lk_rrc_expect(r, 0, STATUS_VERSIONS);
    lk_rrc_none(r, 1);
    follows = lk_per_get_bool(r);
    m->status = (enum lk_rrc_wlan_status)lk_per_get_index(r, LK_RRC_WLAN_SUSPENDED, false);
    if (!follows)
        return;
    lk_rrc_none(r, 1);
    m->status = lk_per_get_bool(r) ? LK_RRC_WLAN_RESUMED : LK_RRC_WLAN_SUSPENDED;
}

static void put_status(struct lk_per_writer *w, enum lk_rrc_wlan_status status)
{
    bool follows = status >= LK_RRC_WLAN_SUSPENDED;

    if ((unsigned)status >= LK_RRC_WLAN_STATUS_COUNT)
        lk_per_put_fail(w, LK_E_VALUE);
    lk_per_put_index(w, 0, 2, false);
    lk_per_put_index(w, 0, STATUS_VERSIONS, false);
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, follows);
    lk_per_put_index(w, follows ? LK_RRC_WLAN_ASSOCIATED : status, LK_RRC_WLAN_SUSPENDED, false);
    if (follows) {
        lk_per_put_bool(w, false);
        lk_per_put_bool(w, status == LK_RRC_WLAN_RESUMED);
    }
}

/* spec: TS 36.331 6.2.1 - the report is a message of the later class, the answer to a
 * reconfiguration one of the first. */
enum lk_status lk_rrc_uplink_decode(struct lk_rrc_uplink *message, struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_UNALIGNED);

    *message = (struct lk_rrc_uplink){ .type = LK_RRC_COMPLETE };
    if (lk_per_get_bool(&r)) {
        message->type = LK_RRC_WLAN_STATUS;
        lk_rrc_expect(&r, 0, 2);
        lk_rrc_expect(&r, UPLINK_WLAN_STATUS, UPLINK_LATER_MESSAGES);
        get_status(message, &r);
        return lk_per_end(&r);
    }
    lk_rrc_expect(&r, UPLINK_COMPLETE, UPLINK_MESSAGES);
    message->transaction = (uint8_t)lk_per_get_whole(&r, 0, LK_RRC_TRANSACTION_MAX);
    lk_rrc_expect(&r, 0, 2);
    lk_rrc_none(&r, 1);
    return lk_per_end(&r);
}

enum lk_status lk_rrc_uplink_encode(struct lk_writer *w, const struct lk_rrc_uplink *message)
{
    uint8_t room[8];
    struct lk_per_writer bits = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);

    lk_per_put_bool(&bits, message->type == LK_RRC_WLAN_STATUS);
    if (message->type == LK_RRC_WLAN_STATUS) {
        lk_per_put_index(&bits, 0, 2, false);
        lk_per_put_index(&bits, UPLINK_WLAN_STATUS, UPLINK_LATER_MESSAGES, false);
        put_status(&bits, message->status);
        return lk_rrc_finish(w, &bits);
    }
    lk_per_put_index(&bits, UPLINK_COMPLETE, UPLINK_MESSAGES, false);
    lk_per_put_whole(&bits, message->transaction, 0, LK_RRC_TRANSACTION_MAX);
    lk_per_put_bits(&bits, 0, 2);
    return lk_rrc_finish(w, &bits);
}

/* MIS in a trace: which datagrams are its own, what a PDU is called, and between whom it goes. */
#include "trace/mis.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "trace/eap_seen.h"
#include "trace/mis_read.h"
#include "wire/erp.h"

static bool claims(const struct lk_datagram *datagram)
{
    if (lk_trace_is_opened(datagram, "mih"))
        return true; /* between two PoS, or out of DTLS */
    return datagram->carrier == LK_CARRIER_UDP &&
           (datagram->from.port == LK_MIS_PORT || datagram->to.port == LK_MIS_PORT ||
            lk_mis_is_message(datagram->payload));
}

/* ---- decoding ---- */

bool lk_mis_seen_read(struct lk_mis_message *message, const struct lk_trace_message *m)
{
    enum lk_status status;

    if (m->protocol != LK_TRACE_MIS || m->status != LK_OK || (m->mis.sealed && !m->mis.opened))
        return false;
    status = lk_mis_message_get(message, &m->mis.header, m->mis.tlvs, lk_mis_seen_codes);
    return status == LK_OK || status == LK_E_MISSING;
}

void lk_mis_seen_list(struct lk_trace_message *m)
{
    struct lk_trace_mis *mis = &m->mis;
    struct lk_mis_message message;

    mis->list = lk_mis_message_get(&message, &mis->header, mis->tlvs, lk_mis_seen_codes);
    mis->has_eap = (mis->list == LK_OK || mis->list == LK_E_MISSING) &&
                   lk_mis_has(&message, LK_MIS_TLV_AUTH_INFO);
    if (!mis->has_eap)
        return;
    mis->eap_octets = message.auth_info;
    mis->erp = message.auth_info.at[0] == LK_ERP_INITIATE ||
               message.auth_info.at[0] == LK_ERP_FINISH;
    if (mis->erp) {
        struct lk_erp erp;

        mis->eap_status = lk_erp_decode(&erp, message.auth_info, 0);
    } else {
        mis->eap_status = lk_eap_decode(&mis->eap, message.auth_info);
    }
}

static void read_counter(struct lk_trace_mis *mis, const struct lk_mis_security *security)
{
    struct lk_reader r = lk_reader_of(security->encr);

    mis->tls = security->tls;
    if (mis->tls)
        return;
    mis->role = lk_get_u8(&r);
    (void)lk_get_u8(&r);
    mis->sequence = lk_get_be64(&r);
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_trace_mis *mis = &m->mis;
    struct lk_mis_pdu pdu;

    m->status = lk_mis_decode(&pdu, m->octets, lk_mis_seen_codes);
    mis->action = LK_MIS_ACTION_COUNT;
    if (m->status != LK_OK)
        return;
    mis->header = pdu.header;
    mis->action = lk_mis_action_of(pdu.header.id, lk_mis_seen_codes);
    mis->opcode = lk_mis_opcode_of(pdu.header.id);
    mis->source = pdu.source;
    mis->destination = pdu.destination;
    mis->sealed = pdu.header.secured;
    mis->room = room;
    m->request = mis->action == LK_MIS_N2N_PREREG_XFER ? mis->opcode == LK_MIS_REQUEST
                                                       : lk_mis_seen_from_mn(mis);
    if (mis->sealed) {
        mis->said = pdu.said;
        read_counter(mis, &pdu.security);
        return;
    }
    mis->tlvs = pdu.body;
    lk_mis_seen_list(m);
}

/* The PoS asks in Auth, and pushes keys; elsewhere the MN asks. */
bool lk_mis_seen_from_mn(const struct lk_trace_mis *mis)
{
    if (mis->action == LK_MIS_AUTH || mis->action == LK_MIS_PUSH_KEY)
        return mis->opcode != LK_MIS_REQUEST;
    return mis->opcode != LK_MIS_RESPONSE;
}

/* ---- words ---- */

void lk_mis_text(char text[LK_MIS_TEXT], struct lk_span name)
{
    size_t len = name.len < LK_MIS_TEXT ? name.len : LK_MIS_TEXT - 1;

    for (size_t i = 0; i < len; i++)
        text[i] = name.at[i] >= 0x20 && name.at[i] < 0x7f ? (char)name.at[i] : '?';
    text[len] = '\0';
}

struct lk_span lk_mis_seen_name(const struct lk_trace_establishment *of)
{
    return of->called.len > 0 ? of->called : of->mn;
}

bool lk_mis_said_is(const struct lk_mis_said *a, const struct lk_mis_said *b)
{
    return a->id.len > 0 && a->type == b->type && lk_span_equal(a->id, b->id);
}

void lk_mis_sa_text(char text[LK_MIS_TEXT], const struct lk_mis_said *said)
{
    static const char *const types[] = { "TLS", "EAP", "GKB", "SPoS" };
    enum { MOST = 20 };
    struct lk_span id = lk_span_of(said->id.at, said->id.len < MOST ? said->id.len : MOST);
    char hex[2 * MOST + 1];

    LK_ASSERT(lk_hex_encode(hex, sizeof hex, id) == LK_OK);
    (void)snprintf(text, LK_MIS_TEXT, "%s SA %s%s",
                   said->type < LK_COUNT_OF(types) ? types[said->type] : "unknown", hex,
                   id.len < said->id.len ? "..." : "");
}

const char *lk_mis_origin_text(enum lk_mis_origin origin)
{
    static const char *const texts[LK_MIS_ORIGIN_COUNT] = { "SPoS", "home", "ERP" };

    return (unsigned)origin < LK_MIS_ORIGIN_COUNT ? texts[origin] : "unknown";
}

const char *lk_mis_suite_text(enum lk_mis_suite suite)
{
    static const char *const texts[LK_MIS_SUITE_COUNT] = {
        "AES-CCM", "AES-CBC with HMAC-SHA1-96", "HMAC-SHA1-96, not encrypted",
        "CMAC-AES, not encrypted",
    };

    return (unsigned)suite < LK_MIS_SUITE_COUNT ? texts[suite] : "unknown";
}

const char *lk_mis_prf_text(enum lk_mis_prf prf)
{
    static const char *const texts[LK_MIS_PRF_COUNT] = { "CMAC-AES", "HMAC-SHA-1",
                                                         "HMAC-SHA-256" };

    return (unsigned)prf < LK_MIS_PRF_COUNT ? texts[prf] : "unknown";
}

/* ---- names ---- */

static void message_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_mis *mis = &m->mis;

    if (m->status != LK_OK)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "not MIS (%s)", lk_status_name(m->status));
    else if (mis->action == LK_MIS_ACTION_COUNT)
        (void)snprintf(name, LK_TRACE_NAME_MAX, "MIS message %04x", mis->header.id);
    else
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%s%s %s",
                       !mis->sealed && lk_mis_is_bare_ack(&mis->header, mis->tlvs) ? "ACK of " : "",
                       lk_mis_action_name(mis->action), lk_mis_opcode_name(mis->opcode));
}

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_mis *mis = &m->mis;
    struct lk_erp erp;

    if (!mis->has_eap) {
        message_name(name, m);
    } else if (!mis->erp) {
        lk_eap_seen_name(name, mis->eap_octets, mis->eap_status, &mis->eap);
    } else if (lk_erp_decode(&erp, mis->eap_octets, 0) != LK_OK) {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "ERP that does not decode (%s)",
                       lk_status_name(mis->eap_status));
    } else {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "EAP-%s/%s%s",
                       erp.code == LK_ERP_INITIATE ? "Initiate" : "Finish",
                       erp.type == LK_ERP_START ? "Re-auth-Start" : "Re-auth",
                       erp.code == LK_ERP_FINISH && (erp.flags & LK_ERP_FAILED) != 0 ? ", failed"
                                                                                     : "");
    }
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    const struct lk_trace_mis *mis = &m->mis;
    size_t len = 0;

    name[0] = '\0';
    if (m->status != LK_OK)
        return;
    if (mis->has_eap) {
        message_name(name, m);
        len = strlen(name);
    }
    (void)snprintf(name + len, LK_TRACE_NAME_MAX - len, "%sTID %u%s", len > 0 ? ", " : "",
                   mis->header.tid,
                   mis->opened ? ", protected, opened here" : mis->sealed ? ", protected" : "");
}

static void summarise_sealed(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_mis *mis)
{
    char sa[LK_MIS_TEXT];

    lk_mis_sa_text(sa, &mis->said);
    lk_trace_append(text, lk_span_text(sa), true);
    if (!mis->tls)
        lk_trace_append_f(text, "%s, number %llu", mis->role == 0 ? "who began" : "who answered",
                          (unsigned long long)mis->sequence);
}

/* What says more than its name, and the names of the others. */
static void summarise_list(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_mis *mis,
                           const struct lk_mis_message *list)
{
    struct lk_reader r = lk_reader_of(mis->tlvs);
    const uint64_t said = UINT64_C(1) << LK_MIS_TLV_STATUS | UINT64_C(1) << LK_MIS_TLV_REASON |
                          UINT64_C(1) << LK_MIS_TLV_KEY_ENVELOPE |
                          UINT64_C(1) << LK_MIS_TLV_CHAIN | UINT64_C(1) << LK_MIS_TLV_AUTH_INFO;
    struct lk_span value;
    uint8_t type;

    if (lk_mis_has(list, LK_MIS_TLV_STATUS))
        lk_trace_append_f(text, "%s", lk_mis_status_text(list->status));
    if (lk_mis_has(list, LK_MIS_TLV_REASON))
        lk_trace_append_f(text, "%s", lk_mis_reason_text(list->reason));
    if (lk_mis_has(list, LK_MIS_TLV_KEY_ENVELOPE))
        lk_trace_append_f(text, "K of %s, run %u of %u", lk_mis_origin_text(list->envelope.origin),
                          list->envelope.used, list->envelope.max);
    else if (lk_mis_has(list, LK_MIS_TLV_CHAIN))
        lk_trace_append_f(text, "%u of %u used", list->chain.used, list->chain.max);
    while (lk_mis_tlv_next(&r, &type, &value))
        if ((said >> lk_mis_tlv_of(type, lk_mis_seen_codes) & 1) == 0)
            lk_trace_append_f(text, "%s", lk_mis_tlv_name(type, lk_mis_seen_codes));
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    struct lk_mis_message list;

    if (lk_trace_eap(m) != NULL)
        lk_eap_seen_summary(text, lk_trace_eap(m));
    if (lk_mis_seen_read(&list, m))
        summarise_list(text, &m->mis, &list);
    if (m->mis.sealed)
        summarise_sealed(text, &m->mis);
}

/* ---- the ladder ---- */

static enum lk_lane lane_of(const struct lk_trace *trace, const struct lk_trace_message *m,
                            struct lk_span name, bool source)
{
    const struct lk_trace_establishment *of =
        m->run == LK_TRACE_NONE ? NULL : &trace->runs[m->run].mis;

    if (of == NULL) {
        if (m->mis.action == LK_MIS_N2N_PREREG_XFER)
            return source == m->request ? LK_LANE_SPOS : LK_LANE_TPOS;
        return source == m->request ? LK_LANE_MN : LK_LANE_SPOS;
    }
    if (lk_span_equal(name, of->mn) || lk_span_equal(name, lk_mis_seen_name(of)))
        return LK_LANE_MN;
    if (of->optimised && lk_span_equal(name, of->pos))
        return LK_LANE_TPOS;
    if (!of->optimised || of->spos.len == 0 || lk_span_equal(name, of->spos))
        return LK_LANE_SPOS;
    return LK_LANE_HPOS;
}

static enum lk_rung_kind kind_of(const struct lk_trace_message *m)
{
    struct lk_mis_message list;

    if (m->status != LK_OK)
        return LK_RUNG_REFUSED;
    if (!lk_mis_seen_read(&list, m))
        return LK_RUNG_PLAIN;
    if (lk_mis_has(&list, LK_MIS_TLV_STATUS) && list.status != LK_MIS_SUCCESS)
        return LK_RUNG_REFUSED;
    if (lk_mis_has(&list, LK_MIS_TLV_AUTH_VALUE) &&
        (m->mis.action == LK_MIS_AUTH || m->mis.opcode == LK_MIS_RESPONSE))
        return LK_RUNG_GRANTED;
    if (lk_mis_has(&list, LK_MIS_TLV_KEY_ENVELOPE) || m->mis.erp)
        return LK_RUNG_FAST;
    return lk_trace_eap(m) != NULL ? lk_eap_seen_kind(lk_trace_eap(m)) : LK_RUNG_PLAIN;
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = lane_of(trace, m, m->mis.source, true);
    rung->to = lane_of(trace, m, m->mis.destination, false);
    rung->kind = kind_of(m);
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

const struct lk_trace_protocol lk_trace_protocol_mis = {
    .name = "MIS",
    .claims = claims,
    .decode = decode,
    .place = lk_mis_seen_place,
    .sum_up = sum_up, /* lk_mis_seen_learn does */
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = lk_mis_fields,
};

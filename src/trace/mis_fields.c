/* The fields of a PDU of MIS, and of the EAP or ERP packet in it. Keys in it are not shown. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "trace/eap_seen.h"
#include "trace/mis.h"
#include "wire/erp.h"

/* ---- TLVs ---- */

static void suites_text(char text[LK_FIELD_VALUE_MAX], struct lk_span suites)
{
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < suites.len && len < LK_FIELD_VALUE_MAX - 64; i++)
        len += (size_t)snprintf(text + len, LK_FIELD_VALUE_MAX - len, "%s%u (%s)",
                                i > 0 ? ", " : "", suites.at[i],
                                lk_mis_suite_text(lk_mis_suite_of(lk_mis_seen_codes,
                                                                  suites.at[i])));
}

static void prfs_text(char text[LK_FIELD_VALUE_MAX], uint8_t prfs)
{
    size_t len = 0;

    text[0] = '\0';
    for (enum lk_mis_prf prf = 0; prf < LK_MIS_PRF_COUNT; prf++)
        if ((prfs >> prf & 1) != 0)
            len += (size_t)snprintf(text + len, LK_FIELD_VALUE_MAX - len, "%s%s",
                                    len > 0 ? ", " : "", lk_mis_prf_text(prf));
}

static void envelope_text(char text[LK_FIELD_VALUE_MAX], const struct lk_mis_key_envelope *envelope)
{
    (void)snprintf(text, LK_FIELD_VALUE_MAX,
                   "K of %zu octets, not shown here; of %s, %u s, run %u of %u", envelope->key.len,
                   lk_mis_origin_text(envelope->origin), envelope->lifetime_s, envelope->used,
                   envelope->max);
}

static void pos_text(char text[LK_FIELD_VALUE_MAX], const struct lk_mis_pos *pos)
{
    char name[LK_MIS_TEXT], address[LK_ADDRESS_TEXT];

    lk_mis_text(name, pos->id);
    lk_address_text(address, &pos->address);
    (void)snprintf(text, LK_FIELD_VALUE_MAX, "%s, %s port %u", name, address, pos->port);
}

static void capability_text(char text[LK_FIELD_VALUE_MAX], const struct lk_mis_capability *has)
{
    char prfs[LK_FIELD_VALUE_MAX];

    prfs_text(prfs, has->prfs);
    (void)snprintf(text, LK_FIELD_VALUE_MAX, "%s%s%s%.80s", has->tls ? "TLS" : "no TLS",
                   has->eap ? ", EAP" : ", no EAP", has->prfs != 0 ? ": " : "", prfs);
}

static void said_text(char text[LK_FIELD_VALUE_MAX], const struct lk_mis_said *said)
{
    char sa[LK_MIS_TEXT];

    lk_mis_sa_text(sa, said);
    (void)snprintf(text, LK_FIELD_VALUE_MAX, "type %u: %s", said->type, sa);
}

/* By enum lk_mis_tlv. False: not here, or in octets. */
static bool security_value(char text[LK_FIELD_VALUE_MAX], unsigned tlv,
                           const struct lk_mis_message *list)
{
    switch (tlv) {
    case LK_MIS_TLV_SAID: said_text(text, &list->said); return true;
    case LK_MIS_TLV_SUITES: suites_text(text, list->suites); return true;
    case LK_MIS_TLV_PRFS: prfs_text(text, list->prfs); return true;
    case LK_MIS_TLV_KEY_ENVELOPE: envelope_text(text, &list->envelope); return true;
    case LK_MIS_TLV_CAPABILITY: capability_text(text, &list->capability); return true;
    case LK_MIS_TLV_LINK_KEYS:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%zu octets with keys, not shown here",
                       list->link_keys.len);
        return true;
    case LK_MIS_TLV_CHAIN:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%u used of %u", list->chain.used,
                       list->chain.max);
        return true;
    default:
        return false;
    }
}

static bool plain_value(char text[LK_FIELD_VALUE_MAX], unsigned tlv,
                        const struct lk_mis_message *list)
{
    switch (tlv) {
    case LK_MIS_TLV_STATUS:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%u (%s)", list->status,
                       lk_mis_status_text(list->status));
        return true;
    case LK_MIS_TLV_REASON:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%u (%s)", lk_mis_seen_codes->reason[list->reason],
                       lk_mis_reason_text(list->reason));
        return true;
    case LK_MIS_TLV_VALID_TIME:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%u s", list->valid_s);
        return true;
    case LK_MIS_TLV_LIFETIME:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%u s", list->lifetime_s);
        return true;
    case LK_MIS_TLV_PLACE:
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%.6f %.6f, within %u m",
                       list->place.at.latitude_udeg / 1e6, list->place.at.longitude_udeg / 1e6,
                       list->place.accuracy_m);
        return true;
    case LK_MIS_TLV_MN: lk_field_text(text, list->mn); return true;
    case LK_MIS_TLV_POS: pos_text(text, &list->pos); return true;
    default:
        return false;
    }
}

static void tlv_value(char text[LK_FIELD_VALUE_MAX], uint8_t type, struct lk_span value,
                      const struct lk_mis_message *list)
{
    enum lk_mis_tlv tlv = lk_mis_tlv_of(type, lk_mis_seen_codes);
    bool whole = tlv != LK_MIS_TLV_COUNT && lk_mis_has(list, tlv);

    if (tlv == LK_MIS_TLV_AUTH_INFO)
        (void)snprintf(text, LK_FIELD_VALUE_MAX, "%zu octets%s", value.len,
                       whole ? ": a packet, below" : ", not readable");
    else if (!whole || (!security_value(text, tlv, list) && !plain_value(text, tlv, list)))
        lk_field_hex(text, value);
}

/* A value that is not as its type has it is not decoded, and may hold a key: so it is not shown. */
static void tell_tlvs(const struct lk_teller *t, const struct lk_trace_message *m)
{
    struct lk_reader r = lk_reader_of(m->mis.tlvs);
    char text[LK_FIELD_VALUE_MAX], name[LK_FIELD_NAME_MAX];
    struct lk_mis_message list;
    struct lk_span value;
    uint8_t type;

    if (!lk_mis_seen_read(&list, m)) {
        lk_tell(t, 1, "TLVs", "", "do not decode: %s", lk_status_name(m->mis.list));
        return;
    }
    while (lk_mis_tlv_next(&r, &type, &value)) {
        const char *known = lk_mis_tlv_name(type, lk_mis_seen_codes);

        if (known[0] == '?')
            (void)snprintf(name, sizeof name, "TLV %u", type);
        else
            (void)snprintf(name, sizeof name, "%s (%u)", known, type);
        tlv_value(text, type, value, &list);
        lk_tell(t, 1, name, "", "%s", text);
    }
}

/* ---- ERP ---- */

static void tell_erp(const struct lk_teller *t, struct lk_span octets)
{
    char text[LK_FIELD_VALUE_MAX];
    struct lk_span value;
    struct lk_reader r;
    struct lk_erp erp;
    uint8_t type;

    lk_tell(t, 0, "EAP", "RFC 6696 5.3", "ERP, %zu octets", octets.len);
    if (lk_erp_decode(&erp, octets, 0) != LK_OK) {
        lk_field_hex(text, octets);
        lk_tell(t, 1, "Octets", "", "%s", text);
        return;
    }
    lk_tell(t, 1, "Code", "", "%u (%s)", erp.code,
            erp.code == LK_ERP_INITIATE ? "Initiate" : "Finish");
    lk_tell(t, 1, "Identifier", "", "%u", erp.id);
    lk_tell(t, 1, "Type", "", "%u (%s)", erp.type,
            erp.type == LK_ERP_START ? "Re-auth-Start" : "Re-auth");
    lk_tell(t, 1, "Flags", "", "%02x%s", erp.flags,
            erp.code == LK_ERP_FINISH && (erp.flags & LK_ERP_FAILED) != 0 ? " (R: failed)" : "");
    if (erp.type == LK_ERP_REAUTH)
        lk_tell(t, 1, "SEQ", "RFC 6696 5.3.2", "%u", erp.seq);
    r = lk_reader_of(erp.attributes);
    while (lk_erp_attribute_next(&r, &type, &value)) {
        if (type == LK_ERP_AAK_KEY)
            (void)snprintf(text, sizeof text, "%zu octets, encrypted", value.len);
        else
            lk_field_text(text, value);
        lk_tell(t, 1, lk_erp_attribute_name(type), "", "%s", text);
    }
    if (erp.type == LK_ERP_REAUTH)
        lk_tell(t, 1, "Cryptosuite", "", "%u, tag of %zu octets", erp.suite, erp.tag.len);
}

/* ---- all ---- */

static void tell_header(const struct lk_teller *t, const struct lk_trace_mis *mis)
{
    const struct lk_mis_header *h = &mis->header;
    char text[LK_FIELD_VALUE_MAX];

    lk_tell(t, 1, "Message ID", "", "%04x", h->id);
    lk_tell(t, 1, "TID", "", "%u%s%s", h->tid, h->ack_request ? ", acknowledgement wanted" : "",
            h->ack_response ? ", acknowledges" : "");
    lk_field_text(text, mis->source);
    lk_tell(t, 1, "Source-ID", "", "%s", text);
    lk_field_text(text, mis->destination);
    lk_tell(t, 1, "Destination-ID", "", "%s",
            mis->destination.len > 0 ? text : "empty: everybody");
}

static void tell_security(const struct lk_teller *t, const struct lk_trace_mis *mis)
{
    char text[LK_FIELD_VALUE_MAX];

    said_text(text, &mis->said);
    lk_tell(t, 1, "SAID", "IEEE 802.21 9", "%s", text);
    if (mis->tls) {
        lk_tell(t, 1, "Security", "IEEE 802.21 9", "records of TLS");
        return;
    }
    lk_tell(t, 1, "Security", "IEEE 802.21 9", "%s", mis->opened ? "opened with the keys of the "
            "capture" : "protected: the capture has no keys of this SA");
    lk_tell(t, 2, "Role", "", "%u (%s)", mis->role,
            mis->role == 0 ? "MN, or the PoS that began" : "who answered");
    lk_tell(t, 2, "Sequence", "", "%llu", (unsigned long long)mis->sequence);
}

void lk_mis_fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    const struct lk_trace_mis *mis = &m->mis;
    char name[LK_TRACE_NAME_MAX];

    if (m->status != LK_OK) {
        lk_tell(t, 0, "MIS", "IEEE 802.21 8.4", "does not decode (%s), %zu octets",
                lk_status_name(m->status), m->octets.len);
        return;
    }
    (void)snprintf(name, sizeof name, "%s %s", lk_mis_action_name(mis->action),
                   lk_mis_opcode_name(mis->opcode));
    lk_tell(t, 0, "MIS", "IEEE 802.21 8.4", "%s, %zu octets", name, m->octets.len);
    tell_header(t, mis);
    if (mis->sealed)
        tell_security(t, mis);
    if (!mis->sealed || mis->opened)
        tell_tlvs(t, m);
    if (mis->has_eap && mis->erp)
        tell_erp(t, mis->eap_octets);
    else if (mis->has_eap)
        lk_eap_tell(t, mis->eap_octets, mis->eap_status, &mis->eap);
}

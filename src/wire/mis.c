/* MIS messages: which there are, the header, and what a datagram is made of.
 *
 *     header (8) | Source ID | Destination ID | TLVs
 *     header (8) | Source ID | Destination ID | SAID | Security       with the S bit
 *
 * spec: IEEE 802.21-2017 8.4 - the header and the TLVs behind it.
 * Called by the MIS machines and the readers of traces. */
#include "wire/mis.h"

enum {
    VERSION = 1,
    VERSION_SHIFT = 4,
    ACK_REQUEST = 0x08,
    ACK_RESPONSE = 0x04,
    UIR = 0x02,
    MORE = 0x01,
    FRAGMENT_SHIFT = 1,
    SERVICE_SHIFT = 12,
    OPCODE_SHIFT = 10,
    OPCODE_MASK = 3,
    ACTION_MASK = 0x3ff,
    LENGTH_AT = 6,
    SOURCE = 1, /* types of TLVs */
    DESTINATION = 2,
};

/* ---- which message ---- */

static const struct {
    uint8_t service;
    uint8_t action;
    const char *name;
} actions[LK_MIS_ACTION_COUNT] = {
    [LK_MIS_CAPABILITY_DISCOVER] = { LK_MIS_MANAGEMENT, 1, "MIS_Capability_Discover" },
    [LK_MIS_REGISTER] = { LK_MIS_MANAGEMENT, 2, "MIS_Register" },
    [LK_MIS_DEREGISTER] = { LK_MIS_MANAGEMENT, 3, "MIS_DeRegister" },
    [LK_MIS_EVENT_SUBSCRIBE] = { LK_MIS_MANAGEMENT, 4, "MIS_Event_Subscribe" },
    [LK_MIS_EVENT_UNSUBSCRIBE] = { LK_MIS_MANAGEMENT, 5, "MIS_Event_Unsubscribe" },
    [LK_MIS_AUTH] = { LK_MIS_MANAGEMENT, 6, "MIS_Auth" },
    [LK_MIS_TERMINATION_AUTH] = { LK_MIS_MANAGEMENT, 7, "MIS_Termination_Auth" },
    [LK_MIS_PUSH_KEY] = { LK_MIS_MANAGEMENT, 8, "MIS_Push_key" },
    [LK_MIS_LL_AUTH] = { LK_MIS_MANAGEMENT, 9, "MIS_LL_Auth" },
    [LK_MIS_LINK_DETECTED] = { LK_MIS_EVENT, 1, "MIS_Link_Detected" },
    [LK_MIS_LINK_UP] = { LK_MIS_EVENT, 2, "MIS_Link_Up" },
    [LK_MIS_LINK_DOWN] = { LK_MIS_EVENT, 3, "MIS_Link_Down" },
    [LK_MIS_LINK_PARAMETERS_REPORT] = { LK_MIS_EVENT, 5, "MIS_Link_Parameters_Report" },
    [LK_MIS_LINK_GOING_DOWN] = { LK_MIS_EVENT, 6, "MIS_Link_Going_Down" },
    [LK_MIS_LINK_HANDOVER_IMMINENT] = { LK_MIS_EVENT, 7, "MIS_Link_Handover_Imminent" },
    [LK_MIS_LINK_HANDOVER_COMPLETE] = { LK_MIS_EVENT, 8, "MIS_Link_Handover_Complete" },
    [LK_MIS_LINK_PDU_TRANSMIT_STATUS] = { LK_MIS_EVENT, 9, "MIS_Link_PDU_Transmit_Status" },
    [LK_MIS_LINK_GET_PARAMETERS] = { LK_MIS_COMMAND, 1, "MIS_Link_Get_Parameters" },
    [LK_MIS_LINK_CONFIGURE_THRESHOLDS] = { LK_MIS_COMMAND, 2, "MIS_Link_Configure_Thresholds" },
    [LK_MIS_LINK_ACTIONS] = { LK_MIS_COMMAND, 3, "MIS_Link_Actions" },
    [LK_MIS_NET_HO_CANDIDATE_QUERY] = { LK_MIS_COMMAND, 4, "MIS_Net_HO_Candidate_Query" },
    [LK_MIS_MN_HO_CANDIDATE_QUERY] = { LK_MIS_COMMAND, 5, "MIS_MN_HO_Candidate_Query" },
    [LK_MIS_N2N_HO_QUERY_RESOURCES] = { LK_MIS_COMMAND, 6, "MIS_N2N_HO_Query_Resources" },
    [LK_MIS_MN_HO_COMMIT] = { LK_MIS_COMMAND, 7, "MIS_MN_HO_Commit" },
    [LK_MIS_NET_HO_COMMIT] = { LK_MIS_COMMAND, 8, "MIS_Net_HO_Commit" },
    [LK_MIS_N2N_HO_COMMIT] = { LK_MIS_COMMAND, 9, "MIS_N2N_HO_Commit" },
    [LK_MIS_MN_HO_COMPLETE] = { LK_MIS_COMMAND, 10, "MIS_MN_HO_Complete" },
    [LK_MIS_N2N_HO_COMPLETE] = { LK_MIS_COMMAND, 11, "MIS_N2N_HO_Complete" },
    [LK_MIS_NET_HO_BCST_COMMIT] = { LK_MIS_COMMAND, 12, "MIS_Net_HO_Bcst_Commit" },
    [LK_MIS_GET_INFORMATION] = { LK_MIS_INFORMATION, 1, "MIS_Get_Information" },
    [LK_MIS_PUSH_INFORMATION] = { LK_MIS_INFORMATION, 2, "MIS_Push_Information" },
    [LK_MIS_PREREG_XFER] = { LK_MIS_COMMAND, 0, "MIS_Prereg_Xfer" },
    [LK_MIS_N2N_PREREG_XFER] = { LK_MIS_COMMAND, 0, "MIS_N2N_Prereg_Xfer" },
};

/* The action id: that of the table, or of the codes where the standard's is not known. */
static uint16_t action_id(unsigned action, const struct lk_mis_codes *codes)
{
    if (action == LK_MIS_PREREG_XFER)
        return codes->prereg_xfer;
    if (action == LK_MIS_N2N_PREREG_XFER)
        return codes->n2n_prereg_xfer;
    return actions[action].action;
}

uint16_t lk_mis_message_id(enum lk_mis_action action, enum lk_mis_opcode opcode,
                           const struct lk_mis_codes *codes)
{
    LK_ASSERT((unsigned)action < LK_MIS_ACTION_COUNT);
    return (uint16_t)((unsigned)actions[action].service << SERVICE_SHIFT |
                      (unsigned)opcode << OPCODE_SHIFT | action_id(action, codes));
}

enum lk_mis_action lk_mis_action_of(uint16_t id, const struct lk_mis_codes *codes)
{
    unsigned action = 0;

    while (action < LK_MIS_ACTION_COUNT && (actions[action].service != id >> SERVICE_SHIFT ||
                                            action_id(action, codes) != (id & ACTION_MASK)))
        action++;
    return (enum lk_mis_action)action;
}

enum lk_mis_opcode lk_mis_opcode_of(uint16_t id)
{
    return (enum lk_mis_opcode)(id >> OPCODE_SHIFT & OPCODE_MASK);
}

const char *lk_mis_action_name(enum lk_mis_action action)
{
    return (unsigned)action < LK_MIS_ACTION_COUNT ? actions[action].name : "?";
}

const char *lk_mis_opcode_name(enum lk_mis_opcode opcode)
{
    static const char *const names[] = { "confirm", "request", "response", "indication" };

    return (unsigned)opcode < LK_COUNT_OF(names) ? names[opcode] : "?";
}

/* ---- decode ---- */

bool lk_mis_tlv_next(struct lk_reader *r, uint8_t *type, struct lk_span *value)
{
    if (r->status != LK_OK || r->left == 0)
        return false;
    *type = lk_get_u8(r);
    *value = lk_get_span(r, lk_mis_get_length(r));
    return r->status == LK_OK;
}

/* The value of the TLV that comes next, which must be of that type. */
static struct lk_reader get_tlv(struct lk_reader *r, uint8_t type)
{
    uint8_t found = 0;
    struct lk_span value = { NULL, 0 };

    if (!lk_mis_tlv_next(r, &found, &value) || found != type)
        lk_reader_fail(r, LK_E_MISSING);
    return lk_reader_of(r->status == LK_OK ? value : lk_span_of(NULL, 0));
}

/* What is wrong with the value is wrong with the datagram. */
static void end_value(struct lk_reader *r, const struct lk_reader *value)
{
    enum lk_status status = lk_reader_end(value);

    if (status != LK_OK)
        lk_reader_fail(r, status);
}

static struct lk_span get_id(struct lk_reader *r, uint8_t type)
{
    struct lk_reader value = get_tlv(r, type);
    struct lk_span id = lk_mis_get_string(&value, 0, LK_MIS_ID_MAX);

    end_value(r, &value);
    return id;
}

static void get_header(struct lk_mis_header *header, struct lk_reader *r,
                       const struct lk_mis_codes *codes)
{
    uint8_t flags = lk_get_u8(r), fragment = lk_get_u8(r);
    uint16_t tid;

    header->id = lk_get_be16(r);
    tid = lk_get_be16(r);
    header->ack_request = (flags & ACK_REQUEST) != 0;
    header->ack_response = (flags & ACK_RESPONSE) != 0;
    header->uir = (flags & UIR) != 0;
    header->proactive = (tid & codes->proactive) != 0;
    header->secured = (tid & codes->secured) != 0;
    header->tid = tid & LK_MIS_TID_MAX;
    if (r->status != LK_OK)
        return;
    /* spec: IEEE 802.21-2017 8.4.1 - a higher version is dropped without an answer; 0 is not used.
     * spec: RFC 5677 6.1 - fragments are for layer 2 only. */
    if (flags >> VERSION_SHIFT > VERSION || (flags & MORE) != 0 || fragment >> FRAGMENT_SHIFT != 0)
        lk_reader_fail(r, LK_E_UNSUPPORTED);
    else if (flags >> VERSION_SHIFT != VERSION || lk_mis_opcode_of(header->id) == LK_MIS_CONFIRM)
        lk_reader_fail(r, LK_E_VALUE);
}

/* spec: IEEE 802.21-2017 8.6 - every message begins with who sends it and for whom it is. An empty
 * destination means all, and only discovery goes to all. */
static void get_ids(struct lk_mis_pdu *pdu, struct lk_reader *r, const struct lk_mis_codes *codes)
{
    pdu->source = get_id(r, SOURCE);
    pdu->destination = get_id(r, DESTINATION);
    if (r->status == LK_OK &&
        (pdu->source.len == 0 ||
         (pdu->destination.len == 0 &&
          lk_mis_action_of(pdu->header.id, codes) != LK_MIS_CAPABILITY_DISCOVER)))
        lk_reader_fail(r, LK_E_VALUE);
}

/* spec: IEEE 802.21-2017 9 - S means SAID and Security, and nothing that is not secured. */
static void get_secured(struct lk_mis_pdu *pdu, struct lk_reader *r, const uint8_t *begin,
                        const struct lk_mis_codes *codes)
{
    struct lk_reader value = get_tlv(r, codes->tlv[LK_MIS_OWN_SAID]);

    lk_mis_get_said(&value, &pdu->said);
    end_value(r, &value);
    if (r->status == LK_OK)
        pdu->covered = lk_span_of(begin, (size_t)(r->at - begin));
    value = get_tlv(r, codes->tlv[LK_MIS_OWN_SECURITY]);
    lk_mis_get_security(&value, &pdu->security);
    end_value(r, &value);
}

/* The list is well made, and nothing in it says that it is secured, which it is not. */
static void get_plain(struct lk_mis_pdu *pdu, struct lk_reader *r,
                      const struct lk_mis_codes *codes)
{
    struct lk_span value;
    uint8_t type;

    pdu->body = lk_span_of(r->at, r->left);
    while (lk_mis_tlv_next(r, &type, &value))
        if (type == codes->tlv[LK_MIS_OWN_SECURITY])
            lk_reader_fail(r, LK_E_VALUE);
}

enum lk_status lk_mis_decode(struct lk_mis_pdu *pdu, struct lk_span datagram,
                             const struct lk_mis_codes *codes)
{
    struct lk_reader whole = lk_reader_of(datagram), payload;
    enum lk_status status;

    *pdu = (struct lk_mis_pdu){ 0 };
    get_header(&pdu->header, &whole, codes);
    payload = lk_reader_of(lk_get_lv16(&whole));
    status = lk_reader_end(&whole);
    if (status != LK_OK)
        return status;
    get_ids(pdu, &payload, codes);
    if (payload.status == LK_OK && pdu->header.secured)
        get_secured(pdu, &payload, datagram.at, codes);
    else if (payload.status == LK_OK)
        get_plain(pdu, &payload, codes);
    return lk_reader_end(&payload);
}

bool lk_mis_is_bare_ack(const struct lk_mis_header *header, struct lk_span tlvs)
{
    return header->ack_response && tlvs.len == 0;
}

/* ---- encode ---- */

static void put_header(struct lk_writer *w, const struct lk_mis_header *header,
                       const struct lk_mis_codes *codes)
{
    unsigned flags = VERSION << VERSION_SHIFT, tid = header->tid;

    LK_ASSERT(header->tid <= LK_MIS_TID_MAX);
    flags |= header->ack_request ? ACK_REQUEST : 0;
    flags |= header->ack_response ? ACK_RESPONSE : 0;
    flags |= header->uir ? UIR : 0;
    tid |= header->proactive ? codes->proactive : 0u;
    tid |= header->secured ? codes->secured : 0u;
    lk_put_u8(w, (uint8_t)flags);
    lk_put_u8(w, 0);
    lk_put_be16(w, header->id);
    lk_put_be16(w, (uint16_t)tid);
    lk_put_be16(w, 0);
}

static void put_id(struct lk_writer *w, uint8_t type, struct lk_span id)
{
    size_t at;

    if (id.len > LK_MIS_ID_MAX && w->status == LK_OK)
        w->status = LK_E_LENGTH;
    lk_put_u8(w, type);
    at = w->len;
    lk_mis_put_string(w, id);
    lk_mis_put_length_at(w, at);
}

static void put_head(struct lk_writer *w, const struct lk_mis_pdu *pdu,
                     const struct lk_mis_codes *codes)
{
    put_header(w, &pdu->header, codes);
    put_id(w, SOURCE, pdu->source);
    put_id(w, DESTINATION, pdu->destination);
}

/* The payload began behind the header at begin; more octets of it are yet to come. */
static void set_length(struct lk_writer *w, size_t begin, size_t more)
{
    size_t len = w->len - begin + more;

    if (w->status != LK_OK)
        return;
    len -= LK_MIS_HEADER_LEN;
    if (len > LK_MIS_PAYLOAD_MAX)
        w->status = LK_E_LENGTH;
    else
        lk_patch_be16(w, begin + LENGTH_AT, (uint16_t)len);
}

enum lk_status lk_mis_covered(struct lk_writer *w, const struct lk_mis_pdu *pdu,
                              const struct lk_mis_codes *codes)
{
    size_t begin = w->len, at, security_len = lk_mis_security_len(&pdu->security);

    put_head(w, pdu, codes);
    lk_put_u8(w, codes->tlv[LK_MIS_OWN_SAID]);
    at = w->len;
    lk_mis_put_said(w, &pdu->said);
    lk_mis_put_length_at(w, at);
    set_length(w, begin, 1 + lk_mis_length_len(security_len) + security_len);
    return lk_writer_end(w);
}

enum lk_status lk_mis_encode(struct lk_writer *w, const struct lk_mis_pdu *pdu,
                             const struct lk_mis_codes *codes)
{
    size_t begin = w->len;
    enum lk_status status;

    if (pdu->header.secured) {
        status = lk_mis_covered(w, pdu, codes);
        if (status != LK_OK)
            return status;
        lk_put_u8(w, codes->tlv[LK_MIS_OWN_SECURITY]);
        lk_mis_put_length(w, lk_mis_security_len(&pdu->security));
        lk_mis_put_security(w, &pdu->security);
    } else {
        put_head(w, pdu, codes);
        lk_put_span(w, pdu->body);
        set_length(w, begin, 0);
    }
    return lk_writer_end(w);
}

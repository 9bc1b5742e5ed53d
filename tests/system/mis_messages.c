/* Frames of the MIS encoder for tshark to judge: a line each,
 *
 *   action TAB opcode TAB TID TAB types of the TLVs TAB hex
 *
 * Every action with every opcode that goes between peers; every TLV by itself; all of them at once;
 * an empty destination; and secured ones, of whose TLVs four are seen. */
#include <stdio.h>
#include <stdlib.h>

#include "wire/mis.h"

enum { LIST_MAX = 2048, FRAME_MAX = 4096 };

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;
static const uint8_t octets[64] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static const uint8_t targets[] = { 1, 0, 1, 'n', 0, 1, 'a' };
static const uint8_t link_keys[] = { 1, 19, 0, 0, 6, 6, 2, 0, 0, 0, 0, 1, 0, 1, 'k', 0, 0, 0, 9 };
static uint16_t tid;

static void must(enum lk_status status, const char *what)
{
    if (status == LK_OK)
        return;
    fprintf(stderr, "mis_messages: %s: %s\n", what, lk_status_name(status));
    exit(1);
}

static struct lk_span some(size_t len)
{
    return lk_span_of(octets, len);
}

/* A value for each TLV; which are there is yet to be said. */
static struct lk_mis_message values(void)
{
    struct lk_mis_link_addr mac = { LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, some(6) };
    struct lk_mis_message m = { .status = LK_MIS_REJECTED, .link_type = LK_MIS_LINK_80211 };

    m.events = 0x7f, m.commands = 0x3e, m.queries = 3, m.transports = 3;
    m.register_code = 1, m.valid_s = 3600, m.ip_renewal = true, m.mobility = 3, m.ip_methods = 7;
    m.link = m.new_link = (struct lk_mis_link_tuple){ { LK_MIS_LINK_80211, mac }, false, mac };
    m.old_router = m.new_router = mac;
    m.link_down_reason = 2, m.going_down_reason = 1, m.interval_ms = 500;
    must(lk_address_parse(&m.access_router, "192.0.2.1"), "address");
    m.mn = lk_span_text("mn1@home.example");
    m.target = (struct lk_mis_target){ .network = lk_span_text("ssid"), .has_auxiliary = true };
    m.targets = LK_SPAN(targets);
    m.link_addresses = m.mbb = m.detected = lk_span_of("", 1); /* empty lists */
    m.vendor = lk_span_text("OUI and more");
    m.said = (struct lk_mis_said){ LK_MIS_SA_SPOS, lk_span_text("Zabc") };
    m.nonce_t = m.nonce_n = m.auth = some(16);
    m.auth_info = lk_span_text("an EAP packet"), m.suites = some(2), m.prfs = 6;
    m.envelope = (struct lk_mis_key_envelope){ some(64), 3600, 1, 3, LK_MIS_ORIGIN_SPOS };
    m.lifetime_s = 3600, m.chain = (struct lk_mis_chain){ 1, 3 };
    m.pos = (struct lk_mis_pos){ lk_span_text("tpos@b.example"), m.access_router, LK_MIS_PORT };
    m.link_frames = lk_span_text("frames"), m.capability.eap = true, m.capability.ciphers = 3;
    m.reason = LK_MIS_REASON_CHAIN_LIMIT, m.dh = some(32);
    m.link_types = some(2), m.start_mark = some(64);
    m.link_keys = LK_SPAN(link_keys);
    return m;
}

static void print(enum lk_mis_action action, enum lk_mis_opcode opcode, struct lk_span frame)
{
    struct lk_reader r = lk_reader_of(lk_span_of(frame.at + 8, frame.len - 8));
    const char *comma = "";
    struct lk_span value;
    uint8_t type;

    printf("%s\t%s\t%u\t", lk_mis_action_name(action), lk_mis_opcode_name(opcode), tid);
    for (; lk_mis_tlv_next(&r, &type, &value); comma = ",")
        printf("%s%u", comma, type);
    printf("\t");
    for (size_t i = 0; i < frame.len; i++)
        printf("%02x", frame.at[i]);
    printf("\n");
}

static void frame(enum lk_mis_action action, enum lk_mis_opcode opcode, struct lk_mis_pdu pdu)
{
    uint8_t room[FRAME_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    tid = (uint16_t)(tid % LK_MIS_TID_MAX + 1);
    pdu.header.id = lk_mis_message_id(action, opcode, codes);
    pdu.header.tid = tid;
    pdu.header.ack_request = opcode == LK_MIS_REQUEST;
    pdu.header.ack_response = opcode == LK_MIS_RESPONSE;
    pdu.source = lk_span_text("mn1@home.example");
    if (pdu.destination.at == NULL)
        pdu.destination = lk_span_text("spos@a.example");
    must(lk_mis_encode(&w, &pdu, codes), "encode");
    print(action, opcode, lk_writer_span(&w));
}

static void with(enum lk_mis_action action, enum lk_mis_opcode opcode, uint64_t present)
{
    struct lk_mis_message m = values();
    struct lk_mis_pdu pdu = { .source = { NULL, 0 } };
    uint8_t list[LIST_MAX];
    struct lk_writer w = lk_writer_of(list, sizeof list);

    m.present = present;
    must(lk_mis_message_put(&w, &m, codes), "message");
    pdu.body = lk_writer_span(&w);
    frame(action, opcode, pdu);
}

static void secured(bool tls, bool has_integrity, size_t len)
{
    static const uint8_t sealed[1000];
    struct lk_mis_pdu pdu = { .header.secured = true,
                              .said = { tls ? LK_MIS_SA_TLS : LK_MIS_SA_SPOS,
                                        lk_span_text("Zabc") } };

    pdu.security.tls = tls;
    pdu.security.records = pdu.security.encr = lk_span_of(sealed, len);
    pdu.security.has_integrity = has_integrity;
    pdu.security.intg = lk_span_of(sealed, 12);
    frame(LK_MIS_PREREG_XFER, LK_MIS_REQUEST, pdu);
}

int main(void)
{
    static const size_t lengths[] = { 0, 26, 127, 128, 129, 384, 1000 };
    struct lk_mis_pdu all = { .destination = lk_span_of("", 0) };

    for (unsigned action = 0; action < LK_MIS_ACTION_COUNT; action++)
        for (unsigned opcode = LK_MIS_REQUEST; opcode <= LK_MIS_INDICATION; opcode++)
            with((enum lk_mis_action)action, (enum lk_mis_opcode)opcode,
                 opcode == LK_MIS_RESPONSE ? UINT64_C(1) << LK_MIS_TLV_STATUS : 0);
    for (unsigned tlv = 0; tlv < LK_MIS_TLV_COUNT; tlv++)
        with(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_INDICATION, UINT64_C(1) << tlv);
    with(LK_MIS_PREREG_XFER, LK_MIS_REQUEST, (UINT64_C(1) << LK_MIS_TLV_COUNT) - 1);
    frame(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, all);
    for (size_t i = 0; i < LK_COUNT_OF(lengths); i++) {
        secured(true, false, lengths[i]);
        secured(false, true, lengths[i]);
        secured(false, false, lengths[i]);
    }
    return 0;
}

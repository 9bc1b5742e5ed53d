#include "eps_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/pdcp.h"

struct lk_eps_pdu eps_pdu_of(const struct lk_rrc_attach *rrc)
{
    static uint8_t octets[LK_RRC_NAS_MAX + 16];
    struct lk_eps_pdu pdu;
    struct lk_writer inner = lk_writer_of(octets, sizeof octets);
    struct lk_writer w = lk_writer_of(pdu.octets, sizeof pdu.octets);

    assert_int_equal(lk_rrc_attach_encode(&inner, rrc), LK_OK);
    assert_int_equal(lk_pdcp_encode(&w, 0, lk_writer_span(&inner)), LK_OK);
    lk_put_zeroes(&w, LK_PDCP_MAC_LEN);
    pdu.len = w.len;
    return pdu;
}

struct lk_eps_pdu eps_nas_of(enum lk_rrc_attach_type carrier, const struct lk_nas *nas)
{
    static struct lk_rrc_attach rrc;
    struct lk_writer w = lk_writer_of(rrc.nas, sizeof rrc.nas);

    assert_int_equal(lk_nas_encode(&w, nas), LK_OK);
    rrc.type = carrier;
    rrc.nas_len = w.len;
    return eps_pdu_of(&rrc);
}

struct lk_eps_pdu eps_nas_under(enum lk_rrc_attach_type carrier, const struct lk_kasme *kasme,
                                enum lk_nas_security security, uint8_t count,
                                struct lk_span plain)
{
    static struct lk_rrc_attach rrc;
    uint8_t mac[LK_NAS_MAC_LEN];
    struct lk_writer w = lk_writer_of(rrc.nas, sizeof rrc.nas);
    struct lk_eia_input input = { count, 0, carrier == LK_RRC_DOWNLINK_NAS ? LK_EIA_DOWNLINK
                                                                           : LK_EIA_UPLINK };
    struct lk_k_nas_int key;

    assert_int_equal(lk_nas_header_encode(&w, security, count, plain), LK_OK);
    lk_k_nas_int_derive(&key, kasme, LK_EPS_EIA2);
    lk_nas_mac(mac, &key, &input, lk_span_of(rrc.nas + 5, w.len - 5));
    lk_patch_octets(&w, LK_NAS_MAC_AT, mac, sizeof mac);
    rrc.type = carrier;
    rrc.nas_len = w.len;
    return eps_pdu_of(&rrc);
}

struct lk_eps_pdu eps_rrc_under(const struct lk_kenb *kenb, bool downlink, uint32_t sends,
                                const struct lk_rrc_attach *rrc)
{
    uint8_t octets[16];
    struct lk_eps_pdu pdu;
    struct lk_writer inner = lk_writer_of(octets, sizeof octets);
    struct lk_writer w = lk_writer_of(pdu.octets, sizeof pdu.octets);
    struct lk_k_rrc_int key;
    struct lk_srb srb;

    assert_int_equal(lk_rrc_attach_encode(&inner, rrc), LK_OK);
    lk_k_rrc_int_derive(&key, kenb, LK_EPS_EIA2);
    lk_srb_begin(&srb, downlink ? LK_EIA_DOWNLINK : LK_EIA_UPLINK);
    srb.send_next = sends;
    assert_int_equal(lk_srb_send(&srb, &w, &key, lk_writer_span(&inner)), LK_OK);
    pdu.len = w.len;
    return pdu;
}

struct lk_nas eps_heard(const struct eps_end *end, bool downlink)
{
    static struct lk_rrc_attach rrc;
    struct lk_nas_header header;
    struct lk_pdcp pdu;
    struct lk_nas nas;

    assert_int_equal(lk_pdcp_decode(&pdu, lk_span_of(end->pdu.octets, end->pdu.len)), LK_OK);
    assert_int_equal(downlink ? lk_rrc_attach_downlink_decode(&rrc, pdu.message)
                              : lk_rrc_attach_uplink_decode(&rrc, pdu.message), LK_OK);
    assert_int_equal(lk_nas_header_decode(&header, lk_span_of(rrc.nas, rrc.nas_len)), LK_OK);
    assert_int_equal(lk_nas_decode(&nas, header.message), LK_OK);
    return nas;
}

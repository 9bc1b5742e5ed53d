#include "eps_network_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/pdcp.h"

struct lk_eps_pdu said[SAID_COUNT];
struct eps_rig rig;

void vector(void)
{
    struct lk_eps_event event;

    assert_true(rig.at_network.asks);
    rig.at_network.asks = false;
    eps_vector(&rig, &event);
    assert_int_equal(eps_network(&rig, &event), LK_OK);
}

void bring_to(enum lk_eps_network_state to)
{
    eps_begin(&rig);
    if (to >= LK_EPS_NETWORK_AWAIT_VECTOR)
        assert_int_equal(eps_network_hears(&rig, &said[SAID_ATTACH]), LK_OK);
    if (to >= LK_EPS_NETWORK_AWAIT_RESPONSE)
        vector();
    if (to >= LK_EPS_NETWORK_AWAIT_NAS)
        assert_int_equal(eps_network_hears(&rig, &said[SAID_RES]), LK_OK);
    if (to >= LK_EPS_NETWORK_AWAIT_AS)
        assert_int_equal(eps_network_hears(&rig, &said[SAID_COMPLETE]), LK_OK);
    if (to >= LK_EPS_NETWORK_ATTACHED)
        assert_int_equal(eps_network_hears(&rig, &said[SAID_AS_COMPLETE]), LK_OK);
    assert_int_equal(rig.network.state, to);
}

int record(void **state)
{
    struct lk_eps_event event;

    eps_begin(&rig);
    assert_int_equal(eps_device_on(&rig, LK_EPS_EV_ATTACH), LK_OK);
    for (size_t i = 0; i < SAID_COUNT; i++) {
        said[i] = rig.at_device.pdu;
        rig.at_device.pdu.len = 0;
        assert_int_equal(eps_network_hears(&rig, &said[i]), LK_OK);
        if (i == SAID_ATTACH)
            vector();
        if (i < SAID_AS_COMPLETE)
            assert_int_equal(eps_device_hears(&rig, &rig.at_network.pdu), LK_OK);
        if (rig.at_device.asks) {
            rig.at_device.asks = false;
            eps_card(&rig, &event);
            assert_int_equal(eps_device(&rig, &event), LK_OK);
        }
    }
    return 0;
}

struct lk_eps_pdu pdu_of(const struct lk_rrc_attach *rrc)
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

struct lk_eps_pdu nas_of(const struct lk_nas *nas)
{
    static struct lk_rrc_attach rrc;
    struct lk_writer w = lk_writer_of(rrc.nas, sizeof rrc.nas);

    assert_int_equal(lk_nas_encode(&w, nas), LK_OK);
    rrc.type = LK_RRC_UPLINK_NAS;
    rrc.nas_len = w.len;
    return pdu_of(&rrc);
}

struct lk_eps_pdu failure_of(uint8_t cause, bool auts)
{
    static const uint8_t octets[LK_NAS_AUTS_LEN] = { 1, 2, 3 };
    struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_FAILURE, .cause = cause,
                          .auts = auts ? octets : NULL };

    return nas_of(&nas);
}

struct lk_nas heard(void)
{
    static struct lk_rrc_attach rrc;
    struct lk_nas_header header;
    struct lk_pdcp pdu;
    struct lk_nas nas;

    assert_int_equal(lk_pdcp_decode(&pdu, lk_span_of(rig.at_network.pdu.octets,
                                                     rig.at_network.pdu.len)), LK_OK);
    assert_int_equal(lk_rrc_attach_downlink_decode(&rrc, pdu.message), LK_OK);
    assert_int_equal(lk_nas_header_decode(&header, lk_span_of(rrc.nas, rrc.nas_len)), LK_OK);
    assert_int_equal(lk_nas_decode(&nas, header.message), LK_OK);
    return nas;
}

enum lk_status nobody(void)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_NO_VECTOR, .asked = rig.network.asked };

    for (size_t i = 0; i < sizeof event.entropy; i++)
        event.entropy[i] = (uint8_t)(i + 1);
    event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    return eps_network(&rig, &event);
}

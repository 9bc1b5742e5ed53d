#include "eps_network_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

struct lk_eps_pdu nas_of(const struct lk_nas *nas)
{
    return eps_nas_of(LK_RRC_UPLINK_NAS, nas);
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
    return eps_heard(&rig.at_network, true);
}

enum lk_status nobody(void)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_NO_VECTOR, .asked = rig.network.asked };

    for (size_t i = 0; i < sizeof event.entropy; i++)
        event.entropy[i] = (uint8_t)(i + 1);
    event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    return eps_network(&rig, &event);
}

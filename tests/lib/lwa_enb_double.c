#include "lwa_enb_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "keys/rsn.h"

const uint8_t lwa_ap[] = { 2, 0, 0, 0, 0, 1 }, lwa_ue_mac[] = { 2, 0, 0, 0, 0, 2 };

static void begin_key(struct lwa_enb *enb)
{
    lk_k_rrc_int_derive(&enb->key, &enb->kenb, 2);
    lk_srb_begin(&enb->srb, LK_EIA_DOWNLINK);
}

void lwa_enb_begin(struct lwa_enb *enb, uint8_t octet)
{
    memset(enb, 0, sizeof *enb);
    memset(enb->kasme.octets, octet, sizeof enb->kasme.octets);
    lk_kenb_derive(&enb->kenb, &enb->kasme, 0);
    lk_nh_first(&enb->nh, &enb->kasme, &enb->kenb);
    enb->cell = (struct lk_eps_cell){ 1, 100 };
    begin_key(enb);
}

struct lk_lwa_ue_context lwa_enb_context(const struct lwa_enb *enb)
{
    return (struct lk_lwa_ue_context){ .kasme = enb->kasme, .kenb = enb->kenb, .nh = enb->nh,
                                       .has_nh = enb->moved_on, .ncc = enb->ncc,
                                       .cell = enb->cell };
}

struct lwa_enb lwa_enb_target(const struct lwa_enb *source, unsigned steps, uint16_t pci)
{
    struct lwa_enb target = *source;

    target.cell.pci = pci;
    for (unsigned i = 0; i < steps; i++)
        if (i > 0 || source->moved_on)
            lk_nh_next(&target.nh, &target.kasme, &target.nh);
    target.moved_on = source->moved_on || steps > 0;
    target.ncc = (uint8_t)((source->ncc + steps) % 8);
    if (steps > 0)
        lk_kenb_star_vertical(&target.kenb, &target.nh, &target.cell);
    else
        lk_kenb_star_horizontal(&target.kenb, &source->kenb, &target.cell);
    begin_key(&target);
    return target;
}

struct lk_rrc_reconfiguration lwa_rekey(uint16_t counter)
{
    return (struct lk_rrc_reconfiguration){
        .has_lwa = true, .lwa = { .has_counter = true, .wt_counter = counter }
    };
}

struct lk_rrc_reconfiguration lwa_set_up(uint16_t counter)
{
    struct lk_rrc_reconfiguration m = lwa_rekey(counter);
    struct lk_wlan_id *id = &m.lwa.to_add.id[0];

    m.lwa.has_mobility = true;
    m.lwa.to_add.count = 1;
    id->ssid_len = 3;
    memcpy(id->ssid, "lwa", 3);
    id->has_bssid = true;
    memcpy(id->bssid, lwa_ap, sizeof id->bssid);
    m.lwa.association_timer_s = 10;
    m.lwa.success_report = true;
    return m;
}

struct lk_rrc_reconfiguration lwa_release(void)
{
    return (struct lk_rrc_reconfiguration){ .has_lwa = true, .lwa = { .release = true } };
}

struct lk_rrc_reconfiguration lwa_hand_over(const struct lwa_enb *target,
                                            enum lk_rrc_wt_change wt)
{
    return (struct lk_rrc_reconfiguration){
        .has_handover = true,
        .handover = { .pci = target->cell.pci, .c_rnti = 7, .wt = wt, .has_security = true,
                      .ncc = target->ncc },
    };
}

struct lk_span lwa_pdu_of(struct lwa_enb *enb, struct lk_span message)
{
    struct lk_writer w = lk_writer_of(enb->pdu, sizeof enb->pdu);

    assert_int_equal(lk_srb_send(&enb->srb, &w, &enb->key, message), LK_OK);
    return lk_writer_span(&w);
}

struct lk_span lwa_ask_again(struct lwa_enb *enb, const struct lk_rrc_reconfiguration *question)
{
    uint8_t octets[LWA_PDU_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets - 5);

    assert_int_equal(lk_rrc_reconfiguration_encode(&w, question), LK_OK);
    return lwa_pdu_of(enb, lk_writer_span(&w));
}

struct lk_span lwa_ask(struct lwa_enb *enb, struct lk_rrc_reconfiguration *question)
{
    question->transaction = enb->transaction;
    enb->transaction = (enb->transaction + 1) & LK_RRC_TRANSACTION_MAX;
    return lwa_ask_again(enb, question);
}

struct lk_rrc_uplink lwa_hear(struct lwa_enb *enb, struct lk_span pdu)
{
    struct lk_rrc_uplink uplink;
    struct lk_span message;

    assert_int_equal(lk_srb_receive(&enb->srb, &message, &enb->key, pdu), LK_OK);
    assert_int_equal(lk_rrc_uplink_decode(&uplink, message), LK_OK);
    return uplink;
}

struct lk_pmk lwa_pmk(const struct lwa_enb *enb, uint16_t counter)
{
    struct lk_s_kwt s_kwt;
    struct lk_pmk pmk;

    lk_s_kwt_derive(&s_kwt, &enb->kenb, LK_S_KWT_FC, counter);
    lk_pmk_of_s_kwt(&pmk, &s_kwt);
    return pmk;
}

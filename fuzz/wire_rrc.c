/* Octets as a message of DL-DCCH, of UL-DCCH, as lwa-Configuration and as a PDU of SRB1:
 * what decodes encodes, and that decodes to what encodes to the same octets. */
#include "fuzz.h"

#include "wire/pdcp.h"
#include "wire/rrc.h"

static uint8_t first[LK_RRC_MAX], second[LK_RRC_MAX];

static void read_down(struct lk_span octets)
{
    static struct lk_rrc_reconfiguration message, again;
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);

    if (lk_rrc_reconfiguration_decode(&message, octets) != LK_OK)
        return;
    LK_ASSERT(message.handover.pci <= LK_RRC_PCI_MAX);
    LK_ASSERT(message.lwa.to_add.count <= LK_WLAN_SET_MAX);
    LK_ASSERT(lk_rrc_reconfiguration_encode(&w1, &message) == LK_OK);
    LK_ASSERT(lk_rrc_reconfiguration_decode(&again, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(again.lwa.wt_counter == message.lwa.wt_counter);
    LK_ASSERT(again.handover.wt == message.handover.wt);
    LK_ASSERT(again.handover.earfcn_dl == message.handover.earfcn_dl);
    LK_ASSERT(lk_rrc_reconfiguration_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

/* Nothing of an uplink message is passed over but what stands in front of a later status. */
static void read_up(struct lk_span octets)
{
    struct lk_rrc_uplink message, again;
    struct lk_writer w = lk_writer_of(first, sizeof first);

    if (lk_rrc_uplink_decode(&message, octets) != LK_OK)
        return;
    LK_ASSERT(lk_rrc_uplink_encode(&w, &message) == LK_OK && w.len == octets.len);
    LK_ASSERT(lk_rrc_uplink_decode(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.type == message.type && again.transaction == message.transaction);
    LK_ASSERT(again.status == message.status);
}

static void read_lwa(struct lk_span octets)
{
    static struct lk_rrc_lwa lwa, again;
    struct lk_writer w = lk_writer_of(first, sizeof first);

    if (lk_rrc_lwa_decode(&lwa, octets) != LK_OK)
        return;
    LK_ASSERT(lk_rrc_lwa_encode(&w, &lwa) == LK_OK);
    LK_ASSERT(lk_rrc_lwa_decode(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.release == lwa.release && again.has_counter == lwa.has_counter);
    LK_ASSERT(again.association_timer_s == lwa.association_timer_s);
}

static void read_pdu(struct lk_span octets)
{
    struct lk_pdcp pdu;

    if (lk_pdcp_decode(&pdu, octets) != LK_OK)
        return;
    LK_ASSERT(pdu.sn <= LK_PDCP_SN_MAX && pdu.message.len > 0);
    LK_ASSERT(pdu.covered.at == octets.at && pdu.message.at == octets.at + LK_PDCP_HEADER_LEN);
    LK_ASSERT(pdu.mac_i + LK_PDCP_MAC_LEN == octets.at + octets.len);
    read_down(pdu.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span all = lk_span_of(octets, len);

    read_down(all);
    read_up(all);
    read_lwa(all);
    read_pdu(all);
    return 0;
}

/* COUNT and MAC-I of SRB1.                               TS 36.323 5.1, 5.7; TS 33.401 B.2.3
 *
 *   COUNT = hyper frame number (27 bits) || sequence number (5 bits), which alone is in the PDU
 *   MAC-I = EIA2(K_RRCint, COUNT, bearer 0, direction, header || message) */
#include "proto/srb.h"

#include <string.h>

#include "wire/pdcp.h"

/* The BEARER of a signalling bearer is its identity less one. */
enum { SRB1_BEARER = 0 };
/* Not used: then the next one is always a number. */
#define LAST_COUNT UINT32_MAX

static const uint8_t no_mac[LK_PDCP_MAC_LEN];

void lk_srb_begin(struct lk_srb *srb, enum lk_eia_direction sends)
{
    *srb = (struct lk_srb){ .sends = sends };
}

void lk_srb_go_on(struct lk_srb *srb, enum lk_eia_direction sends, const struct lk_srb_used *used)
{
    *srb = (struct lk_srb){ sends, used->sent, used->received };
}

enum lk_status lk_srb_send(struct lk_srb *srb, struct lk_writer *w, const struct lk_k_rrc_int *key,
                           struct lk_span message)
{
    struct lk_eia_input input = { srb->send_next, SRB1_BEARER, srb->sends };
    size_t start = w->len;
    uint8_t mac_i[LK_PDCP_MAC_LEN];
    enum lk_status status;

    /* No COUNT twice under one key. */
    if (srb->send_next == LAST_COUNT || (key == NULL && srb->send_next > LK_PDCP_SN_MAX))
        return LK_E_FULL;
    status = lk_pdcp_encode(w, srb->send_next & LK_PDCP_SN_MAX, message);
    if (status != LK_OK)
        return status;
    /* spec: TS 36.323 5.7 - the MAC-I is over the header too. */
    if (key != NULL)
        lk_rrc_mac_i(mac_i, key, &input, lk_span_of(w->at + start, w->len - start));
    else
        memcpy(mac_i, no_mac, sizeof mac_i);
    lk_put_octets(w, mac_i, sizeof mac_i);
    status = lk_writer_end(w);
    if (status == LK_OK)
        srb->send_next++;
    return status;
}

/* spec: TS 36.323 5.1.2.2 - a sequence number below the one expected is of the next hyper frame, so
 * a message that is played again is checked with a COUNT that it was not made with. */
static uint64_t count_of(uint32_t next, uint8_t sn)
{
    uint64_t count = (next & ~(uint32_t)LK_PDCP_SN_MAX) | sn;

    return count < next ? count + LK_PDCP_SN_MAX + 1 : count;
}

enum lk_status lk_srb_receive(struct lk_srb *srb, struct lk_span *message,
                              const struct lk_k_rrc_int *key, struct lk_span octets)
{
    struct lk_eia_input input = { 0, SRB1_BEARER,
                                  srb->sends == LK_EIA_UPLINK ? LK_EIA_DOWNLINK : LK_EIA_UPLINK };
    struct lk_pdcp pdu;
    enum lk_status status = lk_pdcp_decode(&pdu, octets);
    uint64_t count;

    *message = lk_span_of(NULL, 0);
    if (status != LK_OK)
        return status;
    if (key == NULL) {
        /* spec: TS 36.323 5.7 - before integrity protection is on the MAC-I is of zeroes. */
        if (!lk_span_equal(lk_span_of(pdu.mac_i, LK_PDCP_MAC_LEN), LK_SPAN(no_mac)))
            return LK_E_MAC;
        *message = pdu.message;
        return LK_OK;
    }
    count = count_of(srb->receive_next, pdu.sn);
    if (count >= LAST_COUNT)
        return LK_E_FULL;
    input.count = (uint32_t)count;
    status = lk_rrc_mac_i_check(pdu.mac_i, key, &input, pdu.covered);
    if (status != LK_OK)
        return status;
    srb->receive_next = input.count + 1;
    *message = pdu.message;
    return LK_OK;
}

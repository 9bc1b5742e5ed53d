#include "wire/pdcp.h"

/* spec: TS 36.323 6.2.2 - three reserved bits, which are not looked at, and the sequence number;
 * then the message; then the MAC-I. */
enum lk_status lk_pdcp_decode(struct lk_pdcp *pdu, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets), covered;

    *pdu = (struct lk_pdcp){ 0 };
    if (octets.len <= LK_PDCP_HEADER_LEN + LK_PDCP_MAC_LEN)
        return LK_E_SHORT;
    pdu->covered = lk_get_span(&r, octets.len - LK_PDCP_MAC_LEN);
    pdu->mac_i = lk_get_rest(&r).at;
    covered = lk_reader_of(pdu->covered);
    pdu->sn = lk_get_u8(&covered) & LK_PDCP_SN_MAX;
    pdu->message = lk_get_rest(&covered);
    return LK_OK;
}

enum lk_status lk_pdcp_encode(struct lk_writer *w, uint8_t sn, struct lk_span message)
{
    if (sn > LK_PDCP_SN_MAX || message.len == 0)
        return LK_E_VALUE;
    lk_put_u8(w, sn);
    lk_put_span(w, message);
    return lk_writer_end(w);
}

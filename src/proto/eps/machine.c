/* NAS in RRC in PDCP, and MACs of NAS: what network and device do alike.  TS 24.301 4.4; TS 33.401
 *
 *   NAS COUNT = overflow counter (16 bits) || sequence number (8 bits), which alone is sent
 *   MAC       = EIA2(K_NASint, NAS COUNT, bearer 0, direction, sequence number || message) */
#include "proto/eps/parts.h"

#include <string.h>

#include "base/secret.h"

enum { NAS_BEARER = 0 };

/* ---- outputs ---- */

void lk_eps_outbox_wipe(struct lk_eps_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_eps_output *lk_eps_outbox_find(const struct lk_eps_outbox *out,
                                               enum lk_eps_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_eps_output *lk_eps_add(struct lk_eps_outbox *out, enum lk_eps_output_kind kind)
{
    LK_ASSERT(out->count < LK_EPS_OUTPUTS);
    out->item[out->count] = (struct lk_eps_output){ .kind = kind };
    return &out->item[out->count++];
}

void lk_eps_timer(struct lk_eps_outbox *out, uint64_t at_ms)
{
    lk_eps_add(out, LK_EPS_OUT_TIMER)->timer_ms = at_ms;
}

void lk_eps_failed(struct lk_eps_outbox *out, enum lk_reason reason, const char *expected,
                   const char *came)
{
    lk_eps_add(out, LK_EPS_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
}

void lk_eps_send(struct lk_eps_outbox *out, const struct lk_eps_pdu *pdu)
{
    LK_ASSERT(lk_eps_outbox_find(out, LK_EPS_OUT_SEND) == NULL); /* one place for octets */
    out->pdu = *pdu;
    lk_eps_add(out, LK_EPS_OUT_SEND)->send = lk_span_of(out->pdu.octets, out->pdu.len);
}

/* ---- PDUs ---- */

enum lk_status lk_eps_pdu_of(struct lk_eps_pdu *pdu, struct lk_srb *srb,
                             const struct lk_k_rrc_int *key, const struct lk_rrc_attach *message)
{
    uint8_t rrc[LK_EPS_PDU_MAX];
    struct lk_writer inner = lk_writer_of(rrc, sizeof rrc);
    struct lk_writer w = lk_writer_of(pdu->octets, sizeof pdu->octets);
    enum lk_status status = lk_rrc_attach_encode(&inner, message);

    if (status == LK_OK)
        status = lk_srb_send(srb, &w, key, lk_writer_span(&inner));
    pdu->len = status == LK_OK ? w.len : 0;
    return status;
}

bool lk_eps_pdu_is(const struct lk_eps_pdu *pdu, struct lk_span octets)
{
    return pdu->len > 0 && lk_span_equal(lk_span_of(pdu->octets, pdu->len), octets);
}

/* One that is longer than any of ours is not kept: its repeat is judged as it was. */
void lk_eps_pdu_keep(struct lk_eps_pdu *pdu, struct lk_span octets)
{
    pdu->len = octets.len <= sizeof pdu->octets ? octets.len : 0;
    if (pdu->len > 0)
        memcpy(pdu->octets, octets.at, pdu->len);
}

/* ---- NAS ---- */

enum lk_status lk_eps_nas_plain(struct lk_rrc_attach *to, const struct lk_nas *message)
{
    struct lk_writer w = lk_writer_of(to->nas, sizeof to->nas);
    enum lk_status status = lk_nas_encode(&w, message);

    to->nas_len = w.len;
    return status;
}

static void mac_of(uint8_t mac[LK_NAS_MAC_LEN], uint32_t count, enum lk_eia_direction direction,
                   const struct lk_kasme *kasme, struct lk_span covered)
{
    struct lk_eia_input input = { count, NAS_BEARER, direction };
    struct lk_k_nas_int key;

    lk_k_nas_int_derive(&key, kasme, LK_EPS_EIA2);
    lk_nas_mac(mac, &key, &input, covered);
    lk_wipe(&key, sizeof key);
}

enum lk_status lk_eps_nas_protected(struct lk_rrc_attach *to, uint32_t *count,
                                    enum lk_eia_direction direction, enum lk_nas_security security,
                                    const struct lk_kasme *kasme, const struct lk_nas *message)
{
    uint8_t plain[LK_EPS_PDU_MAX], mac[LK_NAS_MAC_LEN];
    struct lk_writer inner = lk_writer_of(plain, sizeof plain);
    struct lk_writer w = lk_writer_of(to->nas, sizeof to->nas);
    struct lk_nas_header header;
    enum lk_status status = lk_nas_encode(&inner, message);

    if (status == LK_OK)
        status = lk_nas_header_encode(&w, security, (uint8_t)*count, lk_writer_span(&inner));
    if (status == LK_OK)
        status = lk_nas_header_decode(&header, lk_writer_span(&w));
    if (status != LK_OK)
        return status;
    /* spec: TS 24.301 4.4.3.3 - the MAC is over the sequence number and the message. */
    mac_of(mac, *count, direction, kasme, header.covered);
    lk_patch_octets(&w, LK_NAS_MAC_AT, mac, sizeof mac);
    to->nas_len = w.len;
    (*count)++;
    return lk_writer_end(&w);
}

/* spec: TS 24.301 4.4.3.1 - COUNTs begin at zero with a context. The messages judged here are the
 * first ones of theirs, so that the sequence number is all of the COUNT. */
enum lk_status lk_eps_nas_judge(uint32_t *count, enum lk_eia_direction direction,
                                const struct lk_kasme *kasme, const struct lk_nas_header *header)
{
    struct lk_eia_input input = { header->sequence, NAS_BEARER, direction };
    struct lk_k_nas_int key;
    enum lk_status status;

    LK_ASSERT(header->mac != NULL);
    lk_k_nas_int_derive(&key, kasme, LK_EPS_EIA2);
    status = lk_nas_mac_check(header->mac, &key, &input, header->covered);
    lk_wipe(&key, sizeof key);
    if (status == LK_OK)
        *count = input.count + 1;
    return status;
}

void lk_eps_k_rrc_int(struct lk_k_rrc_int *key, const struct lk_kenb *kenb)
{
    lk_k_rrc_int_derive(key, kenb, LK_EPS_EIA2);
}

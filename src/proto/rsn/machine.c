#include "proto/rsn/parts.h"

#include <string.h>

#include "base/secret.h"

void lk_rsn_defaults(struct lk_rsn_config *config)
{
    *config = (struct lk_rsn_config){ .akm = LK_AKM_PSK_SHA256, .in_place = true,
                                      .retry_ms = 250, .tries = 4, .wait_ms = 2000 };
}

void lk_rsn_outbox_wipe(struct lk_rsn_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_rsn_output *lk_rsn_outbox_find(const struct lk_rsn_outbox *out,
                                               enum lk_rsn_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

enum lk_status lk_rsn_element_keep(struct lk_rsn_element *element, struct lk_span octets)
{
    if (octets.len > sizeof element->octets)
        return LK_E_LENGTH;
    element->len = octets.len;
    if (octets.len > 0)
        memcpy(element->octets, octets.at, octets.len);
    return LK_OK;
}

bool lk_rsn_element_is(const struct lk_rsn_element *element, struct lk_span octets)
{
    return lk_span_equal(lk_span_of(element->octets, element->len), octets);
}

struct lk_rsn_output *lk_rsn_add(struct lk_rsn_outbox *out, enum lk_rsn_output_kind kind)
{
    LK_ASSERT(out->count < LK_RSN_OUTPUTS);
    out->item[out->count] = (struct lk_rsn_output){ .kind = kind };
    return &out->item[out->count++];
}

void lk_rsn_notice(struct lk_rsn_outbox *out, enum lk_reason reason, const char *expected,
                   const char *came)
{
    lk_rsn_add(out, LK_RSN_OUT_NOTICE)->notice = lk_refusal_of(reason, expected, came);
}

void lk_rsn_end(struct lk_rsn_outbox *out, enum lk_rsn_output_kind kind, uint16_t code,
                enum lk_reason reason)
{
    struct lk_rsn_output *output = lk_rsn_add(out, kind);

    output->ended.code = code;
    output->ended.why = lk_refusal_of(reason, NULL, NULL);
}

void lk_rsn_timer(struct lk_rsn_outbox *out, uint64_t at_ms)
{
    lk_rsn_add(out, LK_RSN_OUT_TIMER)->timer_ms = at_ms;
}

enum lk_status lk_rsn_frame_read(struct lk_rsn_frame *frame, enum lk_akm akm,
                                 struct lk_span octets)
{
    struct lk_eapol eapol;
    enum lk_status status = lk_eapol_decode(&eapol, octets);

    if (status == LK_OK)
        status = lk_eapol_key_decode(&frame->key, &eapol);
    if (status != LK_OK)
        return status;
    /* spec: IEEE 802.11 12.7.2 - the AKM says which version a frame has, not the frame. */
    if ((frame->key.info & LK_KEY_INFO_VERSION) != (unsigned)lk_akm_key_version(akm))
        return LK_E_VALUE;
    frame->message = lk_eapol_key_message(&frame->key);
    return frame->message == LK_EAPOL_NO_MESSAGE ? LK_E_UNKNOWN : LK_OK;
}

void lk_rsn_frame_send(struct lk_rsn_outbox *out, const struct lk_eapol_key *key, enum lk_akm akm,
                       const struct lk_kck *kck)
{
    struct lk_writer w = lk_writer_of(out->octets, sizeof out->octets);
    uint8_t mic[LK_EAPOL_MIC_LEN];

    LK_ASSERT(lk_rsn_outbox_find(out, LK_RSN_OUT_SEND) == NULL); /* one place for octets */
    LK_ASSERT(lk_eapol_key_encode(&w, key) == LK_OK);
    if (kck != NULL) {
        LK_ASSERT(lk_eapol_mic(mic, kck, lk_akm_key_version(akm), lk_writer_span(&w)) == LK_OK);
        lk_patch_octets(&w, LK_EAPOL_MIC_AT, mic, sizeof mic);
        lk_wipe(mic, sizeof mic);
    }
    lk_rsn_add(out, LK_RSN_OUT_SEND)->send = lk_writer_span(&w);
}

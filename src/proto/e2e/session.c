#include "proto/e2e/session.h"

#include "base/secret.h"

void lk_e2e_session_of(struct lk_e2e_session *session, const struct lk_noise *noise,
                       const struct lk_e2e_scope *scope, uint8_t flags, bool datagrams,
                       uint64_t now_ms)
{
    uint8_t up[LK_NOISE_KEY], down[LK_NOISE_KEY];

    session->flags = flags;
    lk_noise_split(noise, up, down);
    lk_e2e_channel_start(&session->channel, datagrams, noise->initiator ? up : down,
                         noise->initiator ? down : up, now_ms);
    lk_e2e_exporter_derive(&session->exporter, noise->ck, noise->h);
    lk_e2e_resumption_derive(&session->resumption, &session->exporter, scope,
                             flags & LK_E2E_INPUTS);
    lk_wipe(up, sizeof up);
    lk_wipe(down, sizeof down);
}

void lk_e2e_noise_start(struct lk_noise *noise, bool initiator, const struct lk_e2e_hello *hello,
                        const struct lk_noise_point *e, const struct lk_noise_point *s,
                        const struct lk_noise_point *rs)
{
    uint8_t prologue[32 + LK_E2E_OFFER_MAX];
    struct lk_writer w = lk_writer_of(prologue, sizeof prologue);

    lk_put_span(&w, lk_span_text("latchkey-e2e-handshake-1"));
    lk_e2e_offer_encode(&w, hello);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_noise_start(noise,
                   (hello->flags & LK_E2E_WITH_CLIENT_KEY) != 0 ? LK_NOISE_IKPSK2
                                                                : LK_NOISE_NKPSK2,
                   initiator, lk_writer_span(&w), e, s, rs);
}

enum lk_status lk_e2e_noise_go(struct lk_noise *noise, enum lk_noise_need *need,
                               const struct lk_e2e_psk *psk)
{
    enum lk_status status = lk_noise_go(noise, need);

    if (status != LK_OK || *need != LK_NOISE_PSK)
        return status;
    lk_noise_psk(noise, psk->octets);
    return lk_noise_go(noise, need);
}

enum lk_status lk_e2e_frame_of(struct lk_writer *w, enum lk_e2e_type type, struct lk_span first,
                               const struct lk_noise *noise)
{
    lk_e2e_frame_encode(w, type, first, lk_span_of(noise->out.octets, noise->out.len));
    return lk_writer_end(w);
}

enum lk_reason lk_e2e_reason_of(enum lk_status status)
{
    return status == LK_E_MAC ? LK_REASON_E2E_UNPROVEN : LK_REASON_E2E_MALFORMED;
}

/* In the order of their codes; never another one in the place of one. */
static const enum lk_reason told[] = {
    LK_REASON_E2E_REFUSED,    LK_REASON_E2E_MALFORMED,  LK_REASON_E2E_SERVER,
    LK_REASON_E2E_APP,        LK_REASON_E2E_POLICY,     LK_REASON_E2E_POINT,
    LK_REASON_E2E_REFLECTION, LK_REASON_E2E_UNPROVEN,
};

uint8_t lk_e2e_code_of(enum lk_reason reason)
{
    if (reason == LK_REASON_E2E_KEYS)
        reason = LK_REASON_E2E_UNPROVEN;
    for (uint8_t i = 0; i < LK_COUNT_OF(told); i++)
        if (told[i] == reason)
            return i;
    return 0;
}

enum lk_reason lk_e2e_reason_told(struct lk_span body)
{
    return body.len == 1 && body.at[0] < LK_COUNT_OF(told) ? told[body.at[0]]
                                                           : LK_REASON_E2E_REFUSED;
}

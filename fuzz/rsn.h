/* Both ends of an 802.11 association, for a target that is the life of one of them: what they are
 * made of, what is drawn for an event, how they associate, and the last frame of the other end as
 * the target hears it. */
#ifndef LK_FUZZ_RSN_H
#define LK_FUZZ_RSN_H

#include <string.h>

#include "proto/rsn/authenticator.h"
#include "proto/rsn/supplicant.h"

static struct lk_rsn_authenticator wt;
static struct lk_rsn_supplicant ue;
static struct lk_rsn_config config;
static struct lk_rsn_outbox wt_out, ue_out;
static struct {
    uint8_t octets[LK_EAPOL_KEY_MAX];
    size_t len; /* 0: none was sent */
} frame; /* the other end's last */
static uint64_t drawn;

static inline void draw(struct lk_rsn_event *event)
{
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);

    lk_put_be64(&w, ++drawn);
}

/* An element of version 1 with CCMP for group and pair, and that AKM. */
#define RSNE_OF(akm)                                                                         \
    { 0x30, 0x14, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, akm, 0, 0 }

static inline struct lk_rsn_event associated(struct lk_span rsne)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };

    event.associated.aa[5] = 1;
    event.associated.spa[5] = 2;
    event.associated.ap_rsne = event.associated.sta_rsne = rsne;
    return event;
}

/* What an end sent, to the other. False: it sent nothing. */
static inline bool sent_by(struct lk_rsn_event *event, const struct lk_rsn_outbox *out)
{
    const struct lk_rsn_output *sent = lk_rsn_outbox_find(out, LK_RSN_OUT_SEND);

    if (sent == NULL)
        return false;
    *event = (struct lk_rsn_event){ .kind = LK_RSN_EV_RECEIVED };
    event->received = sent->send;
    return true;
}

static inline void keep_frame(const struct lk_rsn_outbox *out)
{
    struct lk_rsn_event event;

    if (!sent_by(&event, out))
        return;
    frame.len = event.received.len;
    memcpy(frame.octets, event.received.at, frame.len);
}

/* The frame that is kept: as it is, or with one octet altered. False: there is none. */
static inline bool heard(struct lk_rsn_event *event, struct lk_reader *r, uint8_t what)
{
    static uint8_t altered[LK_EAPOL_KEY_MAX];

    if (frame.len == 0)
        return false;
    memcpy(altered, frame.octets, frame.len);
    if ((what & 0x80) != 0)
        altered[lk_get_u8(r) % frame.len] ^= lk_get_u8(r);
    *event = (struct lk_rsn_event){ .kind = LK_RSN_EV_RECEIVED };
    event->received = lk_span_of(altered, frame.len);
    return true;
}

static inline void begin_anew(void)
{
    lk_rsn_defaults(&config);
    lk_rsn_authenticator_init(&wt);
    lk_rsn_supplicant_init(&ue);
    wt_out.count = ue_out.count = 0;
    frame.len = 0;
}

#endif

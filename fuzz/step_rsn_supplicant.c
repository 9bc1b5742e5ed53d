/* Octets as the life of a supplicant beside a true authenticator: keys, associations, frames of the
 * WT as they are, altered or repeated, frames of nobody, timers. What it refuses changes nothing; a
 * TK is installed once, and only by a frame of the authenticator. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "proto/rsn/authenticator.h"
#include "proto/rsn/ccmp.h"
#include "proto/rsn/supplicant.h"

static struct lk_rsn_authenticator wt;
static struct lk_rsn_supplicant ue;
static struct lk_rsn_config config;
static struct lk_rsn_outbox wt_out, ue_out;
static struct lk_rsn_ccmp ccmp;
static uint8_t frame[LK_EAPOL_KEY_MAX];
static size_t frame_len;
static uint64_t drawn;
static struct lk_tk at_wt; /* the last that the authenticator prepared */

static void draw(struct lk_rsn_event *event)
{
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);

    lk_put_be64(&w, ++drawn);
}

static void to_ue(struct lk_rsn_event *event)
{
    static struct lk_rsn_supplicant before;
    const struct lk_rsn_output *install;
    enum lk_status status;

    before = ue;
    draw(event);
    status = lk_rsn_supplicant_step(&ue, &config, event, &ue_out);
    if (status != LK_OK) {
        LK_ASSERT(ue_out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&ue, sizeof ue)));
    }
    install = lk_rsn_outbox_find(&ue_out, LK_RSN_OUT_INSTALL);
    if (install != NULL) {
        LK_ASSERT(event->kind == LK_RSN_EV_RECEIVED);
        LK_ASSERT(lk_rsn_ccmp_install(&ccmp, &install->tk, event->now_ms) == LK_OK);
        LK_ASSERT(lk_same_secret(&install->tk, &at_wt, sizeof at_wt));
    }
}

static void to_wt(struct lk_rsn_event *event)
{
    const struct lk_rsn_output *sent, *prepare;

    draw(event);
    if (lk_rsn_authenticator_step(&wt, &config, event, &wt_out) != LK_OK)
        return;
    prepare = lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_PREPARE);
    if (prepare != NULL)
        at_wt = prepare->tk;
    sent = lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_SEND);
    if (sent != NULL) {
        frame_len = sent->send.len;
        memcpy(frame, sent->send.at, frame_len);
    }
}

static struct lk_rsn_event associated(void)
{
    static const uint8_t rsne[] = { 0x30, 0x14, 1, 0,    0, 0x0f, 0xac, 4, 1, 0,    0,
                                    0x0f, 0xac, 4, 1, 0, 0,    0x0f, 0xac, 2, 0,    0 };
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };

    event.associated.aa[5] = 1;
    event.associated.spa[5] = 2;
    event.associated.ap_rsne = event.associated.sta_rsne = LK_SPAN(rsne);
    return event;
}

/* What the authenticator sent last: as it is, or with one octet altered. */
static void hear_wt(struct lk_reader *r, uint8_t what)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };
    uint8_t altered[LK_EAPOL_KEY_MAX];

    if (frame_len == 0)
        return;
    memcpy(altered, frame, frame_len);
    if ((what & 0x80) != 0)
        altered[lk_get_u8(r) % frame_len] ^= lk_get_u8(r);
    event.received = lk_span_of(altered, frame_len);
    to_ue(&event);
}

static void hear_ue(void)
{
    const struct lk_rsn_output *sent = lk_rsn_outbox_find(&ue_out, LK_RSN_OUT_SEND);
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };

    if (sent == NULL)
        return;
    event.received = sent->send;
    to_wt(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    lk_rsn_defaults(&config);
    config.akm = LK_AKM_PSK;
    lk_rsn_authenticator_init(&wt);
    lk_rsn_supplicant_init(&ue);
    lk_rsn_ccmp_init(&ccmp);
    ue_out.count = 0;
    frame_len = 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

        switch (what % 10) {
        case 0: event.pmk.octets[0] = what; to_ue(&event); break;
        case 1: event.pmk.octets[0] = what - 1; to_wt(&event); break;
        case 2: event = associated(); to_ue(&event); break;
        case 3: event = associated(); to_wt(&event); break;
        case 4: hear_wt(&r, what); break;
        case 5: hear_ue(); break;
        case 6: event.kind = LK_RSN_EV_EXPIRED; to_wt(&event); break;
        case 7: event.kind = what & 0x80 ? LK_RSN_EV_LEFT : LK_RSN_EV_EXPIRED; to_ue(&event); break;
        case 8:
            event.kind = LK_RSN_EV_GROUP;
            event.group.key_id = what >> 6;
            to_wt(&event);
            break;
        default:
            event.kind = LK_RSN_EV_RECEIVED;
            event.received = lk_get_lv8(&r);
            to_ue(&event);
        }
    }
    return 0;
}

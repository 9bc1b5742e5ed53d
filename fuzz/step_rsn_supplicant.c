/* Octets as the life of a supplicant beside a true authenticator: keys, associations, frames of the
 * WT as they are, altered or repeated, frames of nobody, timers. What it refuses changes nothing; a
 * TK is installed once, and only by a frame of the authenticator. */
#include "fuzz.h"

#include "base/secret.h"
#include "proto/rsn/ccmp.h"
#include "rsn.h"

static struct lk_rsn_ccmp ccmp;
static struct lk_tk at_wt; /* the last that the authenticator prepared */

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
    const struct lk_rsn_output *prepare;

    draw(event);
    if (lk_rsn_authenticator_step(&wt, &config, event, &wt_out) != LK_OK)
        return;
    prepare = lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_PREPARE);
    if (prepare != NULL)
        at_wt = prepare->tk;
    keep_frame(&wt_out);
}

/* What the authenticator sent last. */
static void hear_wt(struct lk_reader *r, uint8_t what)
{
    struct lk_rsn_event event;

    if (heard(&event, r, what))
        to_ue(&event);
}

static void hear_ue(void)
{
    struct lk_rsn_event event;

    if (sent_by(&event, &ue_out))
        to_wt(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const uint8_t rsne[] = RSNE_OF(LK_AKM_PSK);
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin_anew();
    config.akm = LK_AKM_PSK;
    lk_rsn_ccmp_init(&ccmp);
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

        switch (what % 10) {
        case 0: event.pmk.octets[0] = what; to_ue(&event); break;
        case 1: event.pmk.octets[0] = what - 1; to_wt(&event); break;
        case 2: event = associated(LK_SPAN(rsne)); to_ue(&event); break;
        case 3: event = associated(LK_SPAN(rsne)); to_wt(&event); break;
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

/* Octets as the life of an authenticator beside a true supplicant: keys, associations, frames of
 * the station as they are or altered, data under its TK, frames of nobody, timers. What it refuses
 * changes nothing, a TK is installed only when the station has had it, and one that was told to be
 * prepared may be used until it is in or the association has ended. */
#include "fuzz.h"

#include "base/secret.h"
#include "rsn.h"

static struct lk_tk at_ue; /* the last that the station installed */
static struct lk_tk prepared;
static bool has_prepared;

static void note_prepared(const struct lk_rsn_event *event)
{
    const struct lk_rsn_output *prepare = lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_PREPARE);

    if (event->kind == LK_RSN_EV_LEFT || lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_INSTALL) != NULL ||
        (event->kind == LK_RSN_EV_ASSOCIATED &&
         lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_REFUSED) == NULL) ||
        wt.state == LK_RSN_AUTHENTICATOR_IDLE)
        has_prepared = false;
    if (prepare == NULL)
        return;
    has_prepared = true;
    prepared = prepare->tk;
}

/* Tried on a copy. */
static void check_prepared(void)
{
    static struct lk_rsn_authenticator copy;
    static struct lk_rsn_outbox out;
    struct lk_rsn_event event = { .kind = LK_RSN_EV_USED };

    if (!has_prepared)
        return;
    copy = wt;
    event.used = prepared;
    draw(&event);
    LK_ASSERT(lk_rsn_authenticator_step(&copy, &config, &event, &out) == LK_OK);
    LK_ASSERT(lk_rsn_outbox_find(&out, LK_RSN_OUT_INSTALL) != NULL);
}

static void to_wt(struct lk_rsn_event *event)
{
    static struct lk_rsn_authenticator before;
    const struct lk_rsn_output *install;
    enum lk_status status;

    before = wt;
    draw(event);
    status = lk_rsn_authenticator_step(&wt, &config, event, &wt_out);
    if (status != LK_OK) {
        LK_ASSERT(wt_out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&wt, sizeof wt)));
    }
    LK_ASSERT(wt.replay >= before.replay);
    if (status == LK_OK)
        note_prepared(event);
    check_prepared();
    install = lk_rsn_outbox_find(&wt_out, LK_RSN_OUT_INSTALL);
    if (install != NULL) {
        LK_ASSERT(event->kind == LK_RSN_EV_RECEIVED || event->kind == LK_RSN_EV_USED);
        LK_ASSERT(lk_same_secret(&install->tk, &at_ue, sizeof at_ue));
    }
}

static void to_ue(struct lk_rsn_event *event)
{
    const struct lk_rsn_output *install;

    draw(event);
    if (lk_rsn_supplicant_step(&ue, &config, event, &ue_out) != LK_OK)
        return;
    install = lk_rsn_outbox_find(&ue_out, LK_RSN_OUT_INSTALL);
    if (install != NULL)
        at_ue = install->tk;
    keep_frame(&ue_out);
}

/* What the station sent last. */
static void hear_ue(struct lk_reader *r, uint8_t what)
{
    struct lk_rsn_event event;

    if (heard(&event, r, what))
        to_wt(&event);
}

static void hear_wt(void)
{
    struct lk_rsn_event event;

    if (sent_by(&event, &wt_out))
        to_ue(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const uint8_t rsne[] = RSNE_OF(LK_AKM_PSK_SHA256);
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin_anew();
    has_prepared = false;
    config.in_place = (lk_get_u8(&r) & 1) == 0;
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

        switch (what % 10) {
        case 0: event.pmk.octets[0] = what; to_wt(&event); break;
        case 1: event.pmk.octets[0] = what - 1; to_ue(&event); break;
        case 2: event = associated(LK_SPAN(rsne)); to_ue(&event); break;
        case 3:
            event = associated(what & 0x80 ? lk_get_lv8(&r) : LK_SPAN(rsne));
            to_wt(&event);
            break;
        case 4: hear_ue(&r, what); break;
        case 5: hear_wt(); break;
        case 6: event.kind = LK_RSN_EV_EXPIRED; to_wt(&event); break;
        case 7:
            event.kind = what & 0x80   ? LK_RSN_EV_USED
                         : what & 0x40 ? LK_RSN_EV_ASK
                                       : LK_RSN_EV_LEFT;
            event.used = at_ue;
            to_wt(&event);
            break;
        case 8:
            event.kind = LK_RSN_EV_GROUP;
            event.group.key_id = what >> 6;
            event.group.gtk.octets[0] = what;
            to_wt(&event);
            break;
        default:
            event.kind = LK_RSN_EV_RECEIVED;
            event.received = lk_get_lv8(&r);
            to_wt(&event);
        }
    }
    return 0;
}

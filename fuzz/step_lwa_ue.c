/* Octets as the life of a UE beside an eNB: contexts, questions as they are, once more, altered, of
 * nobody, handovers, a link that comes and goes, timers.
 *
 * Promises: what is refused changes nothing; a key is handed on only for a question that the eNB
 * asked, and is the one that the eNB has; there are no joins without LWA. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "keys/rsn.h"
#include "proto/lwa/ue.h"
#include "wire/pdcp.h"

static struct run {
    struct lk_lwa_ue ue;
    struct lk_lwa_ue_config config;
    struct lk_lwa_ue_outbox out;
    struct lk_lwa_ue_context context; /* as the eNB has it */
    struct lk_k_rrc_int key;
    struct lk_srb srb;
    struct lk_rrc_reconfiguration question;
    uint64_t now_ms;
} f;

static void begin_key(void)
{
    lk_k_rrc_int_derive(&f.key, &f.context.kenb, 2);
    lk_srb_begin(&f.srb, LK_EIA_DOWNLINK);
}

static void look(const struct lk_lwa_ue_output *item, bool asked)
{
    struct lk_s_kwt s_kwt;
    struct lk_pmk pmk;

    switch (item->kind) {
    case LK_LWA_UE_OUT_PMK:
        LK_ASSERT(asked && f.question.lwa.has_counter);
        lk_s_kwt_derive(&s_kwt, &f.context.kenb, LK_S_KWT_FC, f.question.lwa.wt_counter);
        lk_pmk_of_s_kwt(&pmk, &s_kwt);
        LK_ASSERT(lk_same_secret(&pmk, &item->pmk, sizeof pmk));
        break;
    case LK_LWA_UE_OUT_ASSOCIATE:
        LK_ASSERT(f.ue.state == LK_LWA_UE_JOINING && f.ue.lwa.has_key);
        LK_ASSERT(item->associate.ssid_len > 0);
        break;
    case LK_LWA_UE_OUT_SEND: LK_ASSERT(item->send.len > LK_PDCP_MAC_LEN); break;
    case LK_LWA_UE_OUT_TIMER: LK_ASSERT(item->timer_ms > 0); break;
    case LK_LWA_UE_OUT_LEAVE:
    case LK_LWA_UE_OUT_NOTICE: break;
    }
}

static enum lk_status step(struct lk_lwa_ue_event *event, bool asked)
{
    static struct lk_lwa_ue before;
    enum lk_status status;

    before = f.ue;
    event->now_ms = f.now_ms;
    status = lk_lwa_ue_step(&f.ue, &f.config, event, &f.out);
    if (status != LK_OK) {
        LK_ASSERT(f.out.count == 0);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&f.ue, sizeof f.ue)));
    }
    for (size_t i = 0; i < f.out.count; i++)
        look(&f.out.item[i], asked);
    return status;
}

static void take_context(uint8_t what)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_CONTEXT };

    memset(&f.context, 0, sizeof f.context);
    f.context.kasme.octets[0] = what;
    lk_kenb_derive(&f.context.kenb, &f.context.kasme, what);
    event.context = f.context;
    begin_key();
    LK_ASSERT(step(&event, false) == LK_OK);
}

/* The question that is ready, under the next COUNT, with one octet altered or not. */
static void ask(struct lk_reader *r, bool altered)
{
    struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_RRC };
    uint8_t message[1024], pdu[1024 + 8];
    struct lk_writer w = lk_writer_of(message, sizeof message), p = lk_writer_of(pdu, sizeof pdu);
    uint8_t change = altered ? lk_get_u8(r) : 0;

    if (lk_rrc_reconfiguration_encode(&w, &f.question) != LK_OK)
        return;
    LK_ASSERT(lk_srb_send(&f.srb, &p, &f.key, lk_writer_span(&w)) == LK_OK);
    if (altered)
        pdu[lk_get_u8(r) % p.len] ^= change;
    event.rrc = lk_writer_span(&p);
    if (step(&event, change == 0) == LK_OK)
        LK_ASSERT(change == 0);
}

static void put_wlans(struct lk_wlan_set *set, struct lk_reader *r)
{
    set->count = lk_get_u8(r) % 12;
    for (unsigned i = 0; i < set->count; i++) {
        uint8_t what = lk_get_u8(r);

        set->id[i] = (struct lk_wlan_id){ .has_bssid = what % 2 == 0, .ssid_len = what % 3,
                                          .bssid = { 2, what % 4 } };
    }
}

static void set_up(struct lk_reader *r)
{
    struct lk_rrc_lwa *lwa = &f.question.lwa;
    uint8_t what = lk_get_u8(r);

    memset(&f.question, 0, sizeof f.question);
    f.question.transaction = what >> 6;
    f.question.has_lwa = true;
    lwa->has_counter = what & 1;
    lwa->wt_counter = lwa->has_counter ? what >> 1 : 0;
    lwa->has_wt_mac = what & 2;
    lwa->has_mobility = what & 4;
    if (lwa->has_mobility) {
        put_wlans(&lwa->to_add, r);
        put_wlans(&lwa->to_release, r);
        lwa->association_timer_s = what & 8 ? 10 : 0;
        lwa->success_report = what & 16;
    }
    ask(r, false);
}

/* The eNB is the target from here on, when the UE has followed. */
static void hand_over(struct lk_reader *r)
{
    struct lk_rrc_handover *h = &f.question.handover;
    struct lk_lwa_ue_context *c = &f.context;
    uint8_t what = lk_get_u8(r);
    struct lk_kenb before = f.ue.context.kenb;

    f.question.has_handover = true;
    *h = (struct lk_rrc_handover){ .pci = what, .has_security = true, .ncc = what % 8,
                                   .wt = (what >> 3) % 3, .key_change = (what >> 5) == 7 };
    f.question.has_lwa = f.question.has_lwa && f.question.lwa.release;
    ask(r, false);
    f.question.has_handover = false;
    if (lk_same_secret(&before, &f.ue.context.kenb, sizeof before))
        return;
    /* Which KeNB* that is, unit/lwa_ue_rrc_test asks. */
    *c = f.ue.context;
    begin_key();
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(&f, 0, sizeof f);
    lk_lwa_ue_defaults(&f.config);
    lk_lwa_ue_init(&f.ue);
    begin_key();
    for (unsigned i = 0; i < 60 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r);
        struct lk_lwa_ue_event event = { .kind = LK_LWA_UE_EV_RRC };

        f.config.reassociate = what & 0x80;
        switch (what % 11) {
        case 0: take_context(what); break;
        case 1:
        case 2: set_up(&r); break;
        case 3: hand_over(&r); break;
        case 4: ask(&r, false); break;
        case 5: ask(&r, true); break;
        case 6: f.question.lwa.release = !f.question.lwa.release; break;
        case 7:
            event.rrc = lk_get_lv8(&r);
            LK_ASSERT(step(&event, false) != LK_OK);
            break;
        case 8: event.kind = LK_LWA_UE_EV_LINK_UP; (void)!step(&event, false); break;
        case 9: event.kind = LK_LWA_UE_EV_LINK_DOWN; (void)!step(&event, false); break;
        default:
            f.now_ms += (uint64_t)what << 4;
            event.kind = what == 10 ? LK_LWA_UE_EV_LEAVE : LK_LWA_UE_EV_EXPIRED;
            (void)!step(&event, false);
        }
    }
    return 0;
}

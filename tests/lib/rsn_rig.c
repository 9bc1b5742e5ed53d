#include "rsn_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "wire/rsne.h"

static const uint8_t aa[] = { 2, 0, 0, 0, 0, 1 }, spa[] = { 2, 0, 0, 0, 0, 2 };

void rsn_rig_open(struct rsn_rig *rig, enum lk_akm akm)
{
    struct lk_rsne rsne = lk_rsne_of((uint8_t)akm, 0, lk_span_of(NULL, 0));
    struct lk_writer w = lk_writer_of(rig->rsne, sizeof rig->rsne);

    memset(rig, 0, sizeof *rig);
    assert_int_equal(lk_rsne_encode(&w, &rsne), LK_OK);
    rig->rsne_len = w.len;
    rig->now_ms = 1000;
    lk_rsn_defaults(&rig->ap.config);
    rig->ap.config.akm = akm;
    rig->sta.config = rig->ap.config;
    lk_rsn_authenticator_init(&rig->a);
    lk_rsn_supplicant_init(&rig->s);
    lk_rsn_ccmp_init(&rig->ap.ccmp);
    lk_rsn_ccmp_init(&rig->sta.ccmp);
}

static void ended(struct rsn_end *end, const struct lk_rsn_output *output, unsigned *count)
{
    (*count)++;
    end->code = output->ended.code;
    end->reason = output->ended.why.reason;
}

static void carry_out(struct rsn_end *end, const struct lk_rsn_output *output, uint64_t now_ms)
{
    switch (output->kind) {
    case LK_RSN_OUT_SEND:
        end->sends++;
        end->sent.len = output->send.len;
        memcpy(end->sent.octets, output->send.at, output->send.len);
        break;
    case LK_RSN_OUT_TIMER: end->timer_ms = output->timer_ms; break;
    case LK_RSN_OUT_PREPARE:
        assert_int_equal(lk_rsn_ccmp_prepare(&end->ccmp, &output->tk), LK_OK);
        break;
    case LK_RSN_OUT_INSTALL:
        end->installs++;
        assert_int_equal(lk_rsn_ccmp_install(&end->ccmp, &output->tk, now_ms), LK_OK);
        break;
    case LK_RSN_OUT_INSTALL_GROUP:
        end->group_installs++;
        end->group = output->group;
        break;
    case LK_RSN_OUT_OPEN:
        end->opens++;
        end->rekeys += output->rekey;
        break;
    case LK_RSN_OUT_GROUP_DONE: break;
    case LK_RSN_OUT_REASSOCIATE: ended(end, output, &end->reassociates); break;
    case LK_RSN_OUT_REFUSED: ended(end, output, &end->refusals); break;
    case LK_RSN_OUT_FAILED: ended(end, output, &end->failures); break;
    case LK_RSN_OUT_NOTICE:
        end->notices++;
        end->reason = output->notice.reason;
        break;
    }
}

static void prepare(struct rsn_rig *rig, struct rsn_end *end, struct lk_rsn_event *event)
{
    static const uint8_t zeroes[LK_RSN_NONCE_LEN];
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);

    event->now_ms = rig->now_ms;
    if (lk_span_equal(LK_SPAN(end->entropy), LK_SPAN(zeroes)))
        lk_put_be64(&w, ++rig->drawn);
    else
        lk_put_octets(&w, end->entropy, sizeof end->entropy);
    memset(end->entropy, 0, sizeof end->entropy);
    end->sent.len = 0;
}

static void finish(const struct rsn_rig *rig, struct rsn_end *end, enum lk_status status)
{
    if (status != LK_OK)
        assert_int_equal(end->out.count, 0);
    for (size_t i = 0; i < end->out.count; i++)
        carry_out(end, &end->out.item[i], rig->now_ms);
}

enum lk_status rsn_to_ap(struct rsn_rig *rig, struct lk_rsn_event event)
{
    enum lk_status status;

    prepare(rig, &rig->ap, &event);
    status = lk_rsn_authenticator_step(&rig->a, &rig->ap.config, &event, &rig->ap.out);
    finish(rig, &rig->ap, status);
    return status;
}

enum lk_status rsn_to_sta(struct rsn_rig *rig, struct lk_rsn_event event)
{
    enum lk_status status;

    prepare(rig, &rig->sta, &event);
    status = lk_rsn_supplicant_step(&rig->s, &rig->sta.config, &event, &rig->sta.out);
    finish(rig, &rig->sta, status);
    return status;
}

static struct lk_rsn_event received(const struct rsn_frame *frame)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };

    event.received = lk_span_of(frame->octets, frame->len);
    return event;
}

enum lk_status rsn_ap_receives(struct rsn_rig *rig, const struct rsn_frame *frame)
{
    return rsn_to_ap(rig, received(frame));
}

enum lk_status rsn_sta_receives(struct rsn_rig *rig, const struct rsn_frame *frame)
{
    return rsn_to_sta(rig, received(frame));
}

struct lk_rsn_event rsn_pmk(uint8_t octet)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    memset(event.pmk.octets, octet, sizeof event.pmk.octets);
    return event;
}

struct lk_rsn_event rsn_group(uint8_t octet, uint8_t key_id, uint64_t rsc)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_GROUP };

    memset(event.group.gtk.octets, octet, sizeof event.group.gtk.octets);
    event.group.key_id = key_id;
    event.group.rsc = rsc;
    return event;
}

struct lk_rsn_event rsn_used(const struct lk_tk *tk)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_USED };

    event.used = *tk;
    return event;
}

struct lk_rsn_event rsn_associated(const struct rsn_rig *rig)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };

    memcpy(event.associated.aa, aa, sizeof aa);
    memcpy(event.associated.spa, spa, sizeof spa);
    event.associated.ap_rsne = lk_span_of(rig->rsne, rig->rsne_len);
    event.associated.sta_rsne = event.associated.ap_rsne;
    return event;
}

void rsn_associate(struct rsn_rig *rig)
{
    assert_int_equal(rsn_to_sta(rig, rsn_associated(rig)), LK_OK);
    assert_int_equal(rsn_to_ap(rig, rsn_associated(rig)), LK_OK);
}

void rsn_run(struct rsn_rig *rig)
{
    for (unsigned i = 0; i < 32 && (rig->ap.sent.len > 0 || rig->sta.sent.len > 0); i++) {
        struct rsn_frame *from = rig->ap.sent.len > 0 ? &rig->ap.sent : &rig->sta.sent;
        struct rsn_frame frame = *from;

        from->len = 0;
        if (from == &rig->ap.sent)
            assert_int_equal(rsn_sta_receives(rig, &frame), LK_OK);
        else
            assert_int_equal(rsn_ap_receives(rig, &frame), LK_OK);
    }
}

void rsn_live(struct rsn_rig *rig, enum lk_akm akm)
{
    rsn_rig_open(rig, akm);
    assert_int_equal(rsn_to_ap(rig, rsn_group(0x61, 1, 0)), LK_OK);
    assert_int_equal(rsn_to_ap(rig, rsn_pmk(1)), LK_OK);
    assert_int_equal(rsn_to_sta(rig, rsn_pmk(1)), LK_OK);
    rsn_associate(rig);
    rsn_run(rig);
    assert_int_equal(rig->ap.opens, 1);
    assert_int_equal(rig->sta.opens, 1);
}

struct lk_span rsn_seal(struct rsn_end *from, bool to_ds, uint8_t tid, const char *text)
{
    static uint8_t octets[2][LK_80211_FRAME_MAX];
    static unsigned turn;
    uint8_t *place = octets[turn++ % LK_COUNT_OF(octets)];
    struct lk_writer w = lk_writer_of(place, sizeof octets[0]);
    struct lk_80211_header header = { .kind = LK_80211_QOS_DATA, .qos = tid };

    header.flags = to_ds ? LK_80211_TO_DS : LK_80211_FROM_DS;
    memcpy(header.a1, to_ds ? aa : spa, sizeof header.a1);
    memcpy(header.a2, to_ds ? spa : aa, sizeof header.a2);
    memcpy(header.a3, aa, sizeof header.a3);
    assert_int_equal(lk_rsn_ccmp_seal(&from->ccmp, &w, &header, lk_span_text(text)), LK_OK);
    return lk_writer_span(&w);
}

enum lk_status rsn_open(struct rsn_rig *rig, struct rsn_end *at, struct lk_span frame)
{
    static struct lk_rsn_data data;

    return lk_rsn_ccmp_open(&at->ccmp, &data, frame, rig->now_ms);
}

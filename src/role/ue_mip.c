/* Section ue.mip: begin and end, a step of the machine, and the stages of a registration. */
#include "role/ue_mip.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"

#define STATE(state) (1u << (state))
#define OUTSIDE (STATE(LK_MIP_MN_IDLE) | STATE(LK_MIP_MN_RELEASED) | STATE(LK_MIP_MN_FAILED))

/* ---- what was refused ---- */

size_t lk_ue_mip_is_at(const struct lk_ue_mip *mip)
{
    return mip->stage == LK_UE_MIP_SOLICITS ? mip->going : mip->at;
}

void lk_ue_mip_refused(struct lk_ue_manager *ue, const struct lk_refusal *why, uint8_t code)
{
    lk_ue_mip_refused_at(ue, lk_ue_mip_is_at(&ue->mip), why, code);
}

void lk_ue_mip_refused_at(struct lk_ue_manager *ue, size_t place, const struct lk_refusal *why,
                          uint8_t code)
{
    struct lk_ue_mip *mip = &ue->mip;
    const char *name = ue->process.config->ue.mip.places[place].name;
    const struct lk_log_field fields[] = { { "room", "mip" }, { "at", name } };

    if (why->reason == LK_REASON_NONE)
        return;
    mip->refused = mip->last = *why;
    mip->code = code;
    mip->last_ms = lk_mono_ms();
    lk_process_refused(&ue->process, why->reason);
    lk_process_count(&ue->process, LK_UE_MIP_REFUSED);
    lk_log_refusal(why, mip->last_ms, fields, LK_COUNT_OF(fields));
}

static void came_to_nothing(struct lk_ue_mip *mip)
{
    if (mip->came == LK_UE_MIP_PENDING)
        mip->came = LK_UE_MIP_CAME_TO_NOTHING;
}

void lk_ue_mip_give_up(struct lk_ue_manager *ue)
{
    ue->mip.stage = LK_UE_MIP_RESTS;
    came_to_nothing(&ue->mip);
    if (!lk_ue_mip_is_bound(ue))
        lk_ue_mip_again_next(ue);
}

/* ---- what the machine says ---- */

static void carry_send(struct lk_ue_manager *ue, const struct lk_mip_mn_output *said)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    struct lk_ue_mip *mip = &ue->mip;
    bool to_agent = !lk_address_is_any(&mip->mn.place.fa);

    mip->counters.sent++;
    mip->trouble[0] = '\0';
    mip->early_len = 0;
    mip->asked_at = said->send.to;
    mip->asked_port = (uint16_t)(to_agent                         ? c->places[mip->at].agent_port
                                 : mip->version == LK_UE_MIP_V6 ? c->home_agent_port6
                                                                : c->home_agent_port);
    lk_ue_mip_send(ue, mip->at, &mip->asked_at, mip->asked_port, said->send.octets);
}

/* T30: of a renewal is done only what the new key has proven. */
static bool is_it(const struct lk_ue_mip *mip)
{
    switch (mip->asked) {
    case LK_UE_MIP_ASKED_REGISTER:
    case LK_UE_MIP_ASKED_MOVE: return true;
    case LK_UE_MIP_ASKED_RENEW:
        return lk_ue_mip_pair(mip)->with.msa.there.spi == mip->spi &&
               mip->spi != mip->spi_before;
    case LK_UE_MIP_ASKED_NOTHING:
    case LK_UE_MIP_ASKED_RELEASE: return false;
    }
    return false;
}

static void carry_bound(struct lk_ue_manager *ue, const struct lk_mip_mn_output *said,
                        enum lk_mip_mn_state was)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->mn.has_foreign)
        lk_seen_mip_key(&ue->seen, LK_APP_KEY_LOG_MN_FA, mip->imsi.digits,
                        mip->mn.foreign.spi_back, &mip->mn.foreign.there);
    mip->bound = said->bound;
    mip->confirmed_ms = lk_mono_ms();
    mip->stage = LK_UE_MIP_RESTS;
    mip->doubts_key = false;
    lk_ue_mip_again_never(ue);
    mip->stood_at = mip->at;
    mip->counters.registrations += was == LK_MIP_MN_AWAIT_BOUND;
    mip->counters.moves += was == LK_MIP_MN_AWAIT_MOVED;
    mip->counters.renewals += was == LK_MIP_MN_AWAIT_RENEWED;
    lk_process_count(&ue->process, LK_UE_MIP_REGISTRATIONS);
    lk_ue_mip_tunnel_up(ue);
    if (mip->came == LK_UE_MIP_PENDING && is_it(mip))
        mip->came = LK_UE_MIP_DONE;
}

static void carry_end(struct lk_ue_manager *ue, const struct lk_mip_mn_output *said,
                      enum lk_mip_mn_state was)
{
    struct lk_ue_mip *mip = &ue->mip;

    mip->stage = LK_UE_MIP_RESTS;
    lk_ue_mip_tunnel_down(ue);
    if (said->kind == LK_MIP_MN_OUT_RELEASED) {
        lk_ue_mip_refused(ue, &said->why.refusal, said->why.code);
        if (mip->asked == LK_UE_MIP_ASKED_RELEASE && mip->came == LK_UE_MIP_PENDING)
            mip->came = LK_UE_MIP_DONE;
        came_to_nothing(mip);
        return;
    }
    mip->doubts_key = said->why.code == 0 ||
                      (mip->version == LK_UE_MIP_V4 &&
                       (said->why.code == LK_MIP_CODE_HA_MN_AUTH ||
                        said->why.code == LK_MIP_CODE_HA_AAA_AUTH));
    lk_ue_mip_refused(ue, &said->why.refusal, said->why.code);
    came_to_nothing(mip);
    if (was == LK_MIP_MN_BOUND || was == LK_MIP_MN_AWAIT_RENEWED || was == LK_MIP_MN_AWAIT_MOVED)
        lk_ue_mip_again_first(ue);
    else
        lk_ue_mip_again_next(ue);
}

static void wake_at(struct lk_ue_mip *mip, uint64_t wall_ms)
{
    uint64_t now_ms = lk_wall_ms();

    lk_wake_at(&mip->wake, lk_mono_ms() + (wall_ms > now_ms ? wall_ms - now_ms : 0));
}

static void carry(struct lk_ue_manager *ue, const struct lk_mip_mn_output *said,
                  enum lk_mip_mn_state was)
{
    struct lk_ue_mip *mip = &ue->mip;

    switch (said->kind) {
    case LK_MIP_MN_OUT_SEND: carry_send(ue, said); break;
    case LK_MIP_MN_OUT_TIMER: wake_at(mip, said->timer_ms); break;
    case LK_MIP_MN_OUT_BOUND: carry_bound(ue, said, was); break;
    case LK_MIP_MN_OUT_KEPT:
        mip->counters.keys++;
        lk_seen_mip_key(&ue->seen, LK_APP_KEY_LOG_MN_HA, mip->imsi.digits, said->kept.spi_back,
                        &said->kept.there);
        break;
    case LK_MIP_MN_OUT_DROPPED:
        mip->counters.dropped++;
        lk_ue_mip_refused(ue, &said->why.refusal, said->why.code);
        break;
    case LK_MIP_MN_OUT_RELEASED:
    case LK_MIP_MN_OUT_FAILED: carry_end(ue, said, was); break;
    }
}

enum lk_status lk_ue_mip_give(struct lk_ue_manager *ue, struct lk_mip_mn_event *event)
{
    struct lk_ue_mip *mip = &ue->mip;
    enum lk_mip_mn_state was = mip->mn.state;
    enum lk_status status;
    bool bound;

    event->now_ms = lk_wall_ms();
    lk_entropy_take(&ue->entropy, &event->entropy, sizeof event->entropy);
    status = mip->version == LK_UE_MIP_V6
                 ? lk_ue_mip6_step(ue, event)
                 : lk_mip_mn_step(&mip->mn, &mip->config, event, &mip->out);
    bound = status == LK_OK && lk_mip_mn_find(&mip->out, LK_MIP_MN_OUT_BOUND) != NULL;
    for (size_t i = 0; status == LK_OK && i < mip->out.count; i++)
        carry(ue, &mip->out.item[i], was);
    lk_wipe(&mip->out, sizeof mip->out);
    lk_wipe(&mip->out6, sizeof mip->out6);
    if (bound && lk_ue_mip_offer_key(ue) != LK_OK) /* a session that came in the middle of a move */
        LK_LOG(LK_LOG_DEBUG, "no-key-yet", { "room", "mip" });
    return status;
}

static void on_wake(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_EXPIRED };

    if (ue->mip.mn.due_ms == 0)
        return;
    if (lk_ue_mip_offer_key(ue) != LK_OK) /* one that was kept back, as the old one still proved */
        LK_LOG(LK_LOG_DEBUG, "no-key-yet", { "room", "mip" });
    if (lk_wall_ms() < ue->mip.mn.due_ms) /* the clock was put back */
        wake_at(&ue->mip, ue->mip.mn.due_ms);
    else
        (void)lk_ue_mip_give(ue, &event);
    lk_ue_mip_answer(ue);
}

/* ---- stages ---- */

bool lk_ue_mip_is_bound(const struct lk_ue_manager *ue)
{
    return lk_mip_mn_is_bound(&ue->mip.mn);
}

/* The place is known by now: the machine asks. */
static void request(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    bool begins = (STATE(mip->mn.state) & OUTSIDE) != 0;
    struct lk_mip_mn_event event = { .kind = begins ? LK_MIP_MN_EV_START : LK_MIP_MN_EV_MOVE };
    struct lk_refusal why = lk_refusal_of(LK_REASON_MIP_KEY_EXPIRED, "a key", "none");
    size_t before = mip->at;

    if (begins) {
        event.start.place = mip->here;
        event.start.agent = mip->home_agent;
    } else {
        event.move = mip->here;
    }
    mip->stage = LK_UE_MIP_REQUESTS;
    mip->at = mip->going;
    if (lk_ue_mip_give(ue, &event) == LK_OK)
        return;
    lk_ue_mip_refused(ue, &why, 0);
    mip->at = before;
    lk_ue_mip_give_up(ue);
}

static void take_place(struct lk_ue_mip *mip, const struct lk_config_ue_place *place)
{
    const char *said = place->care_of[0] != '\0' ? place->care_of : place->address;

    memset(&mip->here, 0, sizeof mip->here);
    LK_ASSERT(lk_address_parse(&mip->here.care_of, said) == LK_OK); /* its row has seen to it */
}

void lk_ue_mip_go_on(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_config_ue_place *place = &ue->process.config->ue.mip.places[mip->going];

    if (mip->stage == LK_UE_MIP_SOLICITS) {
        request(ue);
        return;
    }
    take_place(mip, place);
    if (place->agent[0] != '\0') {
        mip->stage = LK_UE_MIP_SOLICITS;
        lk_ue_mip_solicit(ue);
    } else {
        request(ue);
    }
}

/* ---- beginning and end ---- */

static bool name_ourselves(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = ue->process.config;
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_writer w = lk_writer_of((uint8_t *)mip->nai, sizeof mip->nai - 1);

    if (lk_imsi_parse(&mip->imsi, lk_span_text(config->ue.imsi)) == LK_OK &&
        lk_pmip_nai_put(&w, &mip->imsi, lk_span_text(config->ue.mip.realm)) == LK_OK)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "ue.mip.realm is too long for an NAI");
    return false;
}

static void configure(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    struct lk_mip_mn_config *to = &ue->mip.config;

    lk_mip_mn_defaults(to);
    to->nai = lk_span_text(ue->mip.nai);
    to->lifetime_s = (uint16_t)c->lifetime_s;
    to->udp_forced = c->udp_forced;
    to->foreign_key = c->foreign_key;
    to->enterprise = ue->process.config->radius.enterprise;
}

static void begin_batch(void *context)
{
    struct lk_ue_manager *ue = context;

    ue->mip.gathers = true;
}

/* What came is read: what it led to goes out, and who waits is answered. */
static void end_batch(void *context)
{
    struct lk_ue_manager *ue = context;

    ue->mip.gathers = false;
    (void)lk_datagrams_send(ue->mip.to);
    lk_ue_mip_answer(ue);
}

static void begin_timers(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    uv_timer_t *timers[] = { &mip->solicit, &mip->patience, &mip->ping.timer };

    lk_wake_begin(&mip->wake, &ue->process.loop, ue, on_wake);
    lk_wake_begin(&mip->again, &ue->process.loop, ue, lk_ue_mip_again);
    lk_wake_begin(&mip->keepalive, &ue->process.loop, ue, lk_ue_mip_keep_alive);
    for (size_t i = 0; i < LK_COUNT_OF(timers); i++) {
        LK_ASSERT(uv_timer_init(&ue->process.loop, timers[i]) == 0);
        timers[i]->data = ue;
    }
    for (size_t i = 0; i < LK_UE_MIP_WAITERS; i++) {
        mip->waiter[i].ue = ue;
        LK_ASSERT(uv_timer_init(&ue->process.loop, &mip->waiter[i].timer) == 0);
        mip->waiter[i].timer.data = &mip->waiter[i];
    }
}

enum lk_status lk_ue_mip_begin(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_ue_mip *mip = &ue->mip;

    if (ue->process.config->ue.mip.place_count == 0)
        return LK_OK;
    mip->udp = (struct lk_udp_owner){ &ue->process.loop, lk_datagrams_new(), ue, begin_batch,
                                      end_batch, NULL };
    mip->to = lk_datagrams_new();
    if (mip->udp.in == NULL || mip->to == NULL) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory");
        return LK_E_SYSTEM;
    }
    lk_seen_datagrams(&ue->seen, mip->udp.in);
    lk_seen_datagrams(&ue->seen, mip->to);
    if (!name_ourselves(ue, error))
        return LK_E_VALUE;
    configure(ue);
    lk_mip_mn_init(&mip->mn);
    lk_ue_mip6_begin(ue);
    mip->version = LK_UE_MIP_V4;
    mip->way = ue->process.config->ue.mip.way;
    begin_timers(ue);
    mip->is_configured = true;
    return LK_OK;
}

void lk_ue_mip_end(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (!mip->is_configured)
        return;
    came_to_nothing(mip);
    lk_ue_mip_dismiss(ue);
    lk_ue_mip_tunnel_down(ue);
    lk_wake_at(&mip->wake, LK_WAKE_NEVER);
    lk_ue_mip_again_never(ue);
    (void)uv_timer_stop(&mip->solicit);
    lk_ue_mip_close(ue);
    lk_mip_mn_init(&mip->mn);
    lk_mip_mn6_init(&mip->mn6);
    lk_datagrams_free(mip->udp.in);
    lk_datagrams_free(mip->to);
    mip->udp.in = mip->to = NULL;
    mip->is_configured = false;
}

/* Who waits for something of Mobile IP: the owner for what he has asked, and others for a state.
 *
 *     {"op": "mip-status"}: at once, or "wait" for a state, "keys", "renewals", with "ms"
 *
 * What is under way when the time is over goes on, and he hears so. */
#include "role/ue_manager.h"

static void answer_owner(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_control_call *call = mip->call;
    json_t *answer;

    if (mip->came == LK_UE_MIP_PENDING || call == NULL)
        return;
    answer = mip->came == LK_UE_MIP_DONE   ? lk_ue_mip_done_json(ue)
             : mip->came == LK_UE_MIP_LATE ? lk_ue_mip_late_json(ue)
                                           : lk_ue_mip_failed_json(ue);
    (void)json_object_update_missing_new(answer, lk_ue_mip_state_json(ue));
    mip->call = NULL;
    mip->asked = LK_UE_MIP_ASKED_NOTHING;
    (void)uv_timer_stop(&mip->patience);
    lk_control_answer(call, answer);
}

/* ---- who waits for a state ---- */

static bool has_come(const struct lk_ue_mip_waiter *waiter)
{
    const struct lk_ue_mip *mip = &waiter->ue->mip;
    bool rests = mip->stage == LK_UE_MIP_RESTS;

    return (waiter->state == LK_MIP_MN_STATE_COUNT ||
            (rests && waiter->state == (unsigned)mip->mn.state)) &&
           mip->counters.keys >= waiter->keys && mip->counters.renewals >= waiter->renewals;
}

static void answer_waiter(struct lk_ue_mip_waiter *waiter)
{
    struct lk_control_call *call = waiter->call;
    bool came = has_come(waiter);
    json_t *made = lk_ue_mip_status_json(waiter->ue);

    waiter->call = NULL;
    (void)uv_timer_stop(&waiter->timer);
    (void)json_object_set_new(made, "ok", json_boolean(came));
    if (!came) {
        (void)json_object_set_new(made, "error", json_string("it has not come to that in time"));
        (void)json_object_set_new(made, "fix", json_string("ms=NUMBER waits longer"));
    }
    lk_control_answer(call, made);
}

static void on_late(uv_timer_t *timer)
{
    answer_waiter(timer->data);
}

void lk_ue_mip_answer(struct lk_ue_manager *ue)
{
    if (!ue->mip.is_configured)
        return;
    answer_owner(ue);
    for (size_t i = 0; i < LK_UE_MIP_WAITERS; i++)
        if (ue->mip.waiter[i].call != NULL && has_come(&ue->mip.waiter[i]))
            answer_waiter(&ue->mip.waiter[i]);
}

void lk_ue_mip_dismiss(struct lk_ue_manager *ue)
{
    answer_owner(ue);
    lk_ue_mip_ping_end(ue);
    for (size_t i = 0; i < LK_UE_MIP_WAITERS; i++)
        if (ue->mip.waiter[i].call != NULL)
            answer_waiter(&ue->mip.waiter[i]);
}

void lk_ue_mip_impatient(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;

    if (ue->mip.came == LK_UE_MIP_PENDING)
        ue->mip.came = LK_UE_MIP_LATE;
    lk_ue_mip_answer(ue);
}

/* ---- the question ---- */

/* Any, where none is said. */
static bool take_state(unsigned *to, const json_t *said)
{
    const char *word = json_string_value(said);

    *to = LK_MIP_MN_STATE_COUNT;
    return said == NULL || (word != NULL && lk_ue_mip_state_of(to, word));
}

void lk_ue_mip_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    struct lk_ue_mip_waiter *waiter = NULL;
    uint64_t ms = LK_UE_MIP_WAIT_MS, keys = 0, renewals = 0;
    unsigned state;

    if (!take_state(&state, json_object_get(request, "wait")) ||
        !lk_ue_mip_take_number(&ms, request, "ms", LK_UE_MIP_WAIT_MAX_MS) ||
        !lk_ue_mip_take_number(&keys, request, "keys", UINT32_MAX) ||
        !lk_ue_mip_take_number(&renewals, request, "renewals", UINT32_MAX)) {
        lk_control_refuse(call, "wait is no state, or a number is none",
                          "wait is idle, registering, registered, renewing, moving, releasing, "
                          "released or failed; ms at most 50000");
        return;
    }
    for (size_t i = 0; i < LK_UE_MIP_WAITERS && waiter == NULL; i++)
        if (ue->mip.waiter[i].call == NULL)
            waiter = &ue->mip.waiter[i];
    if (waiter == NULL) {
        lk_control_refuse(call, "too many wait", "ask again later");
        return;
    }
    waiter->call = call;
    waiter->state = state;
    waiter->keys = keys;
    waiter->renewals = renewals;
    if (has_come(waiter))
        answer_waiter(waiter);
    else
        (void)uv_timer_start(&waiter->timer, on_late, ms, 0);
}

/* One timer for all sessions: a wheel of slots, a tick apart, each a list of those that are due
 * then. It stands still while nobody waits. */
#include "io/channel_parts.h"

static uint64_t tick_now(const struct lk_channel *channel)
{
    return lk_channel_now(channel) / CHANNEL_TICK_MS;
}

void lk_channel_sleep(struct channel_session *session)
{
    struct lk_channel *channel = session->channel;

    if (session->due_slot == UINT32_MAX)
        return;
    if (session->due_before != NULL)
        session->due_before->due_after = session->due_after;
    else
        channel->slot[session->due_slot] = session->due_after;
    if (session->due_after != NULL)
        session->due_after->due_before = session->due_before;
    session->due_slot = UINT32_MAX;
    channel->waiting--;
}

void lk_channel_wake_after(struct channel_session *session, uint64_t ms)
{
    struct lk_channel *channel = session->channel;
    uint64_t tick;
    struct channel_session **slot;

    LK_ASSERT(ms <= CHANNEL_TIME_MAX_MS);
    lk_channel_sleep(session);
    if (channel->waiting == 0) {
        channel->tick = tick_now(channel);
        if (!channel->freed)
            (void)uv_timer_start(&channel->timer, lk_channel_on_timer, CHANNEL_TICK_MS,
                                 CHANNEL_TICK_MS);
    }
    /* Never before its time, and never in the slot that is being worked off. */
    tick = (lk_channel_now(channel) + ms + CHANNEL_TICK_MS - 1) / CHANNEL_TICK_MS;
    if (tick <= channel->tick)
        tick = channel->tick + 1;
    session->due_slot = (uint32_t)(tick % CHANNEL_WHEEL);
    slot = &channel->slot[session->due_slot];
    session->due_before = NULL;
    session->due_after = *slot;
    if (*slot != NULL)
        (*slot)->due_before = session;
    *slot = session;
    channel->waiting++;
}

void lk_channel_on_timer(uv_timer_t *timer)
{
    struct lk_channel *channel = timer->data;
    uint64_t last = tick_now(channel);

    while (channel->waiting > 0 && channel->tick < last) {
        struct channel_session **slot = &channel->slot[++channel->tick % CHANNEL_WHEEL];

        while (*slot != NULL) {
            struct channel_session *session = *slot;

            lk_channel_sleep(session);
            lk_channel_woken(session);
        }
    }
    if (channel->waiting == 0)
        (void)uv_timer_stop(&channel->timer);
}

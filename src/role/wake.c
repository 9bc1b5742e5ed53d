#include "role/wake.h"

#include "base/check.h"
#include "role/shared.h"

static void on_timer(uv_timer_t *timer);

static void start(struct lk_wake *wake)
{
    uint64_t now_ms = lk_mono_ms();

    uv_update_time(wake->timer.loop);
    (void)uv_timer_start(&wake->timer, on_timer, wake->at_ms > now_ms ? wake->at_ms - now_ms : 0,
                         0);
}

static void on_timer(uv_timer_t *timer)
{
    struct lk_wake *wake = timer->data;

    if (lk_mono_ms() < wake->at_ms) {
        start(wake);
        return;
    }
    wake->at_ms = LK_WAKE_NEVER;
    wake->due(wake);
}

void lk_wake_begin(struct lk_wake *wake, uv_loop_t *loop, void *context,
                   void (*due)(struct lk_wake *wake))
{
    int status = uv_timer_init(loop, &wake->timer);

    LK_ASSERT(status == 0);
    wake->timer.data = wake;
    wake->at_ms = LK_WAKE_NEVER;
    wake->due = due;
    wake->context = context;
}

void lk_wake_at(struct lk_wake *wake, uint64_t at_ms)
{
    if (at_ms == wake->at_ms)
        return;
    wake->at_ms = at_ms;
    if (at_ms == LK_WAKE_NEVER)
        (void)uv_timer_stop(&wake->timer);
    else
        start(wake);
}

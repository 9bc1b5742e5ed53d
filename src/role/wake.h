/* The timer of something that is stepped with the time of lk_mono_ms: due at that time or later,
 * and never before it. The loop's own clock may be coarser than ours, and its timers a millisecond
 * early: who is stepped then finds nothing due, and may never ask for another. */
#ifndef LK_ROLE_WAKE_H
#define LK_ROLE_WAKE_H

#include <stdint.h>
#include <uv.h>

#define LK_WAKE_NEVER UINT64_MAX

struct lk_wake {
    uv_timer_t timer;
    uint64_t at_ms; /* NEVER while none is wanted */
    void (*due)(struct lk_wake *wake);
    void *context; /* for due */
};

void lk_wake_begin(struct lk_wake *wake, uv_loop_t *loop, void *context,
                   void (*due)(struct lk_wake *wake));
/* due is called once, at that time; what was wanted before is forgotten. */
void lk_wake_at(struct lk_wake *wake, uint64_t at_ms);

#endif

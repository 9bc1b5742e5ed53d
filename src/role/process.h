/* What every process of the daemon does that has no loop of its own making: signs of life, the line
 * to the supervisor, leaving in good order, a new configuration, questions from the control socket.
 *
 *     int lk_wlan_run(const struct lk_worker_setup *setup)
 *     {
 *         static const struct lk_process_handlers handlers = { .begin = begin, ... };
 *         struct lk_wlan *wlan = calloc(1, sizeof *wlan);
 *
 *         return wlan == NULL ? LK_PROCESS_NO_START
 *                             : lk_process_run(&wlan->process, setup, &handlers, wlan);
 *     }
 *
 * The line is a SOCK_SEQPACKET pair; a message is a letter and what belongs to it. */
#ifndef LK_ROLE_PROCESS_H
#define LK_ROLE_PROCESS_H

#include <jansson.h>
#include <uv.h>

#include "role/kinds.h"

enum {
    LK_PROCESS_TICK_MS = 100,
    LK_PROCESS_LEAVE_WITHIN_MS = 2000,
    LK_LINE_MESSAGE = 64 * 1024,
    LK_LINE_FILES = 8, /* that one kind reads again */
    LK_PROCESS_NO_FILE = -1, /* no such file */
    LK_PROCESS_UNREAD = -2,  /* it cannot be opened */
    /* The exit code of one that could not begin. Where it never has, trying again mends nothing,
     * and the daemon ends. */
    LK_PROCESS_NO_START = 3,
};

/* The letters. */
enum lk_line_word {
    LK_LINE_READY = 'r',  /* up: it serves */
    LK_LINE_LEAVE = 'd',  /* down: finish and leave */
    /* down, with descriptors: a struct lk_line_config to be read from the first; then for each of
     * the kind's reads_again LK_LINE_FILE and the next descriptor, or one of those behind it */
    LK_LINE_CONFIG = 'c',
    LK_LINE_FILE = '1',
    LK_LINE_NO_FILE = '0', /* no such file */
    LK_LINE_UNREAD = '?',  /* it cannot be opened */
    LK_LINE_ASK = 'q',    /* down: number (4 octets, this machine's order), the request as JSON */
    LK_LINE_ANSWER = 'a', /* up: the same number, the answer as JSON */
};

struct lk_line_config {
    struct lk_config config;
    struct lk_node_key node_key; /* zero unless the kind needs it; so is the next */
    struct lk_radius_class_key class_key;
};

struct lk_process;

struct lk_process_handlers {
    /* Opens all that the confinement would forbid, and polls on process->loop. False: it cannot
     * begin, and error says why; its exit code is of lk_process_end, or LK_PROCESS_NO_START. */
    bool (*begin)(void *context, char error[LK_KIND_ERROR_TEXT]);
    /* Once it is confined, before it serves: what does not go with the confinement after it. False
     * and error as of begin. NULL: nothing to do. */
    bool (*confined)(void *context, char error[LK_KIND_ERROR_TEXT]);
    /* Every LK_PROCESS_TICK_MS. NULL: nothing to do. */
    void (*tick)(void *context);
    /* The loop has served all that was there and is about to wait: what they left is done here, for
     * all of them at once. NULL: nothing to do. */
    void (*turn)(void *context);
    /* A reload: process->config and its keys have changed; before is good until it returns.
     * NULL: all is read where it is used. */
    void (*configure)(void *context, const struct lk_config *before);
    /* Take nothing new; call lk_process_end when what is under way is done. It is ended after
     * LK_PROCESS_LEAVE_WITHIN_MS all the same. NULL: ended at once. */
    void (*leave)(void *context);
    /* Behind the loop: closes, wipes. NULL: nothing to do. */
    void (*end)(void *context);
};

/* Lives in the role's own struct. */
struct lk_process {
    const struct lk_worker_setup *setup;
    const struct lk_config *config;     /* the one in force: read it here, keep no pointer */
    const struct lk_node_key *node_key; /* NULL unless the kind needs it; so is the next */
    const struct lk_radius_class_key *class_key;
    struct lk_worker_slot *slot;
    uv_loop_t loop;
    /* for process.c */
    const struct lk_process_handlers *handlers;
    void *context;
    uv_poll_t line;
    uv_timer_t tick;
    uv_prepare_t turn;
    struct lk_line_config *taken; /* what a reload brought; NULL: none yet */
    int files[LK_LINE_FILES];     /* for configure: or one of the next */
    bool leaving;
    uint64_t leave_by_ms;
    int exit_code;
};

/* Makes the loop, and shows signs of life; begins; gives up what the kind's row says; tells the
 * supervisor "ready"; runs the loop; ends. Returns the exit code of the process. Why it cannot
 * begin is in the log. */
int lk_process_run(struct lk_process *process, const struct lk_worker_setup *setup,
                   const struct lk_process_handlers *handlers, void *context);
/* The first socket that serves that; -1: there is none. */
int lk_process_socket(const struct lk_process *process, unsigned serves);
/* Ends the loop. */
void lk_process_end(struct lk_process *process, int exit_code);
/* Takes over answer. One that is not of "ok": true has "error" and "fix"; where another process of
 * the same kind may know better, "elsewhere": true as well. */
void lk_process_answer(struct lk_process *process, uint32_t number, json_t *answer);

/* For a table: zeroed, in no core dump, and of this machine's memory only where it is touched.
 * NULL: there is none. */
void *lk_process_memory(size_t size);
/* The same for a large one that fills from its begin on, and is looked at here and there: in large
 * pages, where the machine has them to give, so that the core finds each row sooner. */
void *lk_process_memory_dense(size_t size);

static inline void lk_process_gauge(struct lk_process *process, unsigned gauge, uint64_t value)
{
    __atomic_store_n(&process->slot->own[gauge], value, __ATOMIC_RELAXED);
}

static inline void lk_process_gauges(struct lk_process *process, const uint64_t *values,
                                     unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        lk_process_gauge(process, i, values[i]);
}

static inline void lk_process_refused(struct lk_process *process, enum lk_reason reason)
{
    lk_count(&process->slot->count.refused[reason]);
}

static inline void lk_process_count(struct lk_process *process, unsigned counter)
{
    lk_count(&process->slot->own[counter]);
}

#endif

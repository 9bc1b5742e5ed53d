#include "append.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { GATHER_MS = 2 };

struct waiting {
    void *to;
    size_t len;
    uint8_t answer[BENCH_APPEND_ANSWER];
};

struct batch {
    size_t count;
    struct waiting item[BENCH_APPEND_MAX];
};

struct bench_append {
    int file, begin, end;
    void (*leaves)(void *to, struct lk_span answer);
    bool writing;
    uint64_t since_ms; /* the first that waits came */
    struct batch *filling, *working;
    struct batch batch[2];
};

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void *writer(void *context)
{
    static uint8_t rows[BENCH_APPEND_MAX * BENCH_APPEND_ROW];
    struct bench_append *a = context;
    uint64_t one;

    for (;;) {
        size_t len;

        LK_ASSERT(read(a->begin, &one, sizeof one) == sizeof one);
        len = a->working->count * BENCH_APPEND_ROW;
        LK_ASSERT(write(a->file, rows, len) == (ssize_t)len && fdatasync(a->file) == 0);
        LK_ASSERT(write(a->end, &one, sizeof one) == sizeof one);
    }
    return NULL;
}

struct bench_append *bench_append_new(const char *path,
                                      void (*leaves)(void *to, struct lk_span answer))
{
    struct bench_append *a = calloc(1, sizeof *a);
    pthread_t thread;

    LK_ASSERT(a != NULL);
    a->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    a->begin = eventfd(0, 0);
    a->end = eventfd(0, EFD_NONBLOCK);
    a->leaves = leaves;
    a->filling = &a->batch[0];
    a->working = &a->batch[1];
    if (a->file >= 0 && a->begin >= 0 && a->end >= 0 &&
        pthread_create(&thread, NULL, writer, a) == 0)
        return a;
    free(a);
    return NULL;
}

bool bench_append_put(struct bench_append *a, void *to, struct lk_span answer)
{
    struct waiting *item = &a->filling->item[a->filling->count];

    LK_ASSERT(answer.len <= sizeof item->answer);
    if (a->filling->count == BENCH_APPEND_MAX)
        return false;
    if (a->filling->count++ == 0)
        a->since_ms = now_ms();
    item->to = to;
    item->len = answer.len;
    memcpy(item->answer, answer.at, answer.len);
    return true;
}

int bench_append_fd(const struct bench_append *a)
{
    return a->end;
}

int bench_append_wait_ms(const struct bench_append *a)
{
    return a->filling->count > 0 && !a->writing ? 1 : -1;
}

static void begin_writing(struct bench_append *a)
{
    struct batch *swap = a->filling;
    uint64_t one = 1;

    if (a->writing || swap->count == 0 || now_ms() - a->since_ms < GATHER_MS)
        return;
    a->filling = a->working;
    a->working = swap;
    a->writing = true;
    LK_ASSERT(write(a->begin, &one, sizeof one) == sizeof one);
}

void bench_append_turn(struct bench_append *a)
{
    uint64_t one;

    if (read(a->end, &one, sizeof one) == sizeof one) {
        struct batch *b = a->working;

        for (size_t i = 0; i < b->count; i++)
            a->leaves(b->item[i].to, lk_span_of(b->item[i].answer, b->item[i].len));
        b->count = 0;
        a->writing = false;
    }
    begin_writing(a);
}

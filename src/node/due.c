#include "node/due.h"

#include <stdalign.h>

#include "base/check.h"

#define NONE UINT32_MAX

size_t lk_due_size(uint32_t numbers)
{
    return (size_t)numbers * (sizeof(uint64_t) + 2 * sizeof(uint32_t));
}

void lk_due_in(struct lk_due *due, void *memory, uint32_t numbers)
{
    LK_ASSERT((uintptr_t)memory % alignof(uint64_t) == 0);
    *due = (struct lk_due){ .at_ms = memory };
    due->heap = (uint32_t *)(void *)(due->at_ms + numbers);
    due->place = due->heap + numbers;
    for (uint32_t i = 0; i < numbers; i++)
        due->place[i] = NONE;
}

static void put_at(struct lk_due *due, uint32_t place, uint32_t number)
{
    due->heap[place] = number;
    due->place[number] = place;
}

static void rise(struct lk_due *due, uint32_t place, uint32_t number)
{
    while (place > 0 && due->at_ms[due->heap[(place - 1) / 2]] > due->at_ms[number]) {
        put_at(due, place, due->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put_at(due, place, number);
}

static void sink(struct lk_due *due, uint32_t place, uint32_t number)
{
    for (;;) {
        uint32_t child = 2 * place + 1;

        if (child >= due->count)
            break;
        if (child + 1 < due->count &&
            due->at_ms[due->heap[child + 1]] < due->at_ms[due->heap[child]])
            child++;
        if (due->at_ms[due->heap[child]] >= due->at_ms[number])
            break;
        put_at(due, place, due->heap[child]);
        place = child;
    }
    put_at(due, place, number);
}

static void settle(struct lk_due *due, uint32_t place, uint32_t number)
{
    rise(due, place, number);
    sink(due, due->place[number], number);
}

void lk_due_set(struct lk_due *due, uint32_t number, uint64_t at_ms)
{
    uint32_t place = due->place[number], last;

    due->at_ms[number] = at_ms;
    if (at_ms != LK_DUE_NEVER) {
        settle(due, place == NONE ? due->count++ : place, number);
        return;
    }
    if (place == NONE)
        return;
    due->place[number] = NONE;
    last = due->heap[--due->count];
    if (last != number)
        settle(due, place, last);
}

uint64_t lk_due_next_ms(const struct lk_due *due)
{
    return due->count > 0 ? due->at_ms[due->heap[0]] : LK_DUE_NEVER;
}

uint32_t lk_due_first(const struct lk_due *due)
{
    LK_ASSERT(due->count > 0);
    return due->heap[0];
}

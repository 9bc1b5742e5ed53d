#include <string.h>

#include "base/reason_rooms.h"

const struct lk_reason_row *lk_reason_row(enum lk_reason reason)
{
    static const struct lk_reason_row none = { "none", "-", LK_BY_NOBODY, "Nothing was refused.",
                                               "Nothing to do." };
    const struct lk_reason_row *row = &none;

    LK_ASSERT((unsigned)reason < LK_REASON_COUNT);
    for (size_t i = 0; i < LK_COUNT_OF(lk_reason_rooms); i++)
        if (lk_reason_rooms[i][reason].code != NULL)
            row = &lk_reason_rooms[i][reason];
    return row;
}

enum lk_reason lk_reason_named(const char *code)
{
    for (int reason = LK_REASON_NONE + 1; reason < LK_REASON_COUNT; reason++)
        if (strcmp(lk_reason_row((enum lk_reason)reason)->code, code) == 0)
            return (enum lk_reason)reason;
    return LK_REASON_NONE;
}

static void copy_cut(char to[LK_REFUSAL_TEXT], const char *from)
{
    memset(to, 0, LK_REFUSAL_TEXT);
    for (size_t i = 0; from != NULL && from[i] != '\0' && i < LK_REFUSAL_TEXT - 1; i++)
        to[i] = from[i];
}

struct lk_refusal lk_refusal_of(enum lk_reason reason, const char *expected, const char *came)
{
    struct lk_refusal refusal = { .reason = reason };

    copy_cut(refusal.expected, expected);
    copy_cut(refusal.came, came);
    return refusal;
}

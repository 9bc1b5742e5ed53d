#include "role/proofs.h"

#include "base/memo.h"

/* Whose row it is, until when each of his places counts, and the places; 0: none. */
enum { WHO, UNTIL_US, PLACE = UNTIL_US + LK_PROOFS_EACH, NUMBERS = PLACE + LK_PROOFS_EACH };

static const struct lk_memo_shape shape = { .numbers = NUMBERS, .ends = LK_PROOFS_EACH };

struct lk_proofs {
    struct lk_memo memo;
};

size_t lk_proofs_size(void)
{
    return lk_memo_size(&shape);
}

struct lk_proofs *lk_proofs_in(void *memory, uint64_t seed)
{
    struct lk_proofs *proofs = memory;

    proofs->memo.seed = seed;
    return proofs;
}

void lk_proofs_keep(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t until_us)
{
    struct lk_memo *memo = &proofs->memo;
    uint64_t *row = lk_memo_take(memo, &shape, lk_memo_name(memo, name->who));
    uint64_t place = lk_memo_name(memo, name->place);
    size_t at = 0;

    for (size_t i = 0; i < LK_PROOFS_EACH; i++) {
        if (lk_memo_read(&row[PLACE + i]) == place) {
            at = i;
            break;
        }
        if (lk_memo_read(&row[UNTIL_US + i]) < lk_memo_read(&row[UNTIL_US + at]))
            at = i;
    }
    lk_memo_write(&row[PLACE + at], place);
    lk_memo_write(&row[UNTIL_US + at], until_us);
}

bool lk_proofs_has(struct lk_proofs *proofs, const struct lk_proof_name *name, uint64_t now_us)
{
    struct lk_memo *memo = &proofs->memo;
    const uint64_t *row = lk_memo_find(memo, &shape, lk_memo_name(memo, name->who));
    uint64_t place = lk_memo_name(memo, name->place);

    for (size_t i = 0; row != NULL && i < LK_PROOFS_EACH; i++)
        if (lk_memo_read(&row[PLACE + i]) == place)
            return lk_memo_read(&row[UNTIL_US + i]) > now_us;
    return false;
}

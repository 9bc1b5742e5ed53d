#include "proto/mip/mn_keys.h"

#include <string.h>

#include "base/secret.h"

enum { TRIES_BY_NEXT = 2 }; /* before the one that the agent knows for sure */

bool lk_mip_mn_keys_usable(const struct lk_mip_mn_keys *keys, uint64_t now_ms)
{
    return keys->there && now_ms < keys->msa.ends_ms;
}

void lk_mip_mn_keys_forget(struct lk_mip_mn_keys *keys)
{
    lk_wipe(keys, sizeof *keys);
}

enum lk_status lk_mip_mn_keys_set(struct lk_mip_mn_keys *keys, const struct lk_mip_msa *msa,
                                  struct lk_span b_tid)
{
    if (b_tid.len > LK_MIP_MN_B_TID)
        return LK_E_LENGTH;
    if (msa->there.secret.len < LK_MIP_SECRET_LEAST ||
        msa->there.secret.len > sizeof msa->there.secret.octets)
        return LK_E_VALUE;
    lk_mip_mn_keys_forget(keys);
    keys->there = true;
    keys->msa = *msa;
    keys->b_tid_len = (uint8_t)b_tid.len;
    if (b_tid.len > 0)
        memcpy(keys->b_tid, b_tid.at, b_tid.len);
    return LK_OK;
}

/* Where the one in use has ended, the one beside it is all that there is: a request that it has
 * signed may be out, so it is not lost for the one that comes. */
enum lk_status lk_mip_mn_pair_add(struct lk_mip_mn_pair *pair, const struct lk_mip_msa *msa,
                                  struct lk_span b_tid, uint64_t now_ms)
{
    struct lk_mip_mn_keys come = { .there = false };
    enum lk_status status = lk_mip_mn_keys_set(&come, msa, b_tid);

    if (status != LK_OK)
        return status;
    if (!lk_mip_mn_keys_usable(&pair->with, now_ms) &&
        lk_mip_mn_keys_usable(&pair->next, now_ms)) {
        pair->with = pair->next;
        pair->by_next = false;
    }
    *(lk_mip_mn_keys_usable(&pair->with, now_ms) ? &pair->next : &pair->with) = come;
    lk_wipe(&come, sizeof come);
    return LK_OK;
}

bool lk_mip_mn_pair_usable(const struct lk_mip_mn_pair *pair, uint64_t now_ms)
{
    return lk_mip_mn_keys_usable(&pair->with, now_ms) ||
           lk_mip_mn_keys_usable(&pair->next, now_ms);
}

enum lk_status lk_mip_mn_pair_choose(struct lk_mip_mn_pair *pair, unsigned tries, uint64_t now_ms)
{
    bool old = lk_mip_mn_keys_usable(&pair->with, now_ms);
    bool fresh = lk_mip_mn_keys_usable(&pair->next, now_ms);

    pair->by_next = fresh && (!old || tries < TRIES_BY_NEXT);
    return pair->by_next || old ? LK_OK : LK_E_EXPIRED;
}

const struct lk_mip_mn_keys *lk_mip_mn_pair_signer(const struct lk_mip_mn_pair *pair)
{
    return pair->by_next ? &pair->next : &pair->with;
}

bool lk_mip_mn_pair_proven(struct lk_mip_mn_pair *pair)
{
    if (!pair->by_next)
        return false;
    pair->with = pair->next;
    pair->by_next = false;
    lk_mip_mn_keys_forget(&pair->next);
    return true;
}

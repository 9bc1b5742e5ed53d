/* Registering, and registering again: a registration that was lost, as its owner did not want, is
 * tried again, after a time that doubles from ue.mip.again_s to ten minutes, and so many times.
 * Then it rests until its owner asks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "role/ue_manager.h"

enum { TRIES = 16, SECOND_MS = 1000, LONGEST_S = 600 };

/* The key that the agent did not take is not offered again. */
static bool needs_session(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;

    return !lk_ue_gba_has_session(&ue->gba) ||
           (mip->doubts_key && strcmp(mip->b_tid, ue->gba.session.b_tid) == 0);
}

static void bootstrap(struct lk_ue_manager *ue)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_GBA_NO_ANSWER, "a bootstrapping",
                                                "none can begin");

    ue->mip.stage = LK_UE_MIP_BOOTSTRAPS;
    if (lk_ue_gba_bootstrap(ue))
        return;
    lk_ue_mip_refused(ue, &why, 0);
    lk_ue_mip_give_up(ue);
}

void lk_ue_mip_register_at(struct lk_ue_manager *ue, size_t place)
{
    ue->mip.at = ue->mip.going = place;
    if (!lk_ue_mip_open(ue, place))
        lk_ue_mip_give_up(ue);
    else if (needs_session(ue))
        bootstrap(ue);
    else
        lk_ue_mip_set_out(ue);
}

/* ---- again ---- */

void lk_ue_mip_again_never(struct lk_ue_manager *ue)
{
    ue->mip.agains = 0;
    lk_wake_at(&ue->mip.again, LK_WAKE_NEVER);
}

static void plan(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    uint64_t wait_s = ue->process.config->ue.mip.again_s;
    char in_s[24];

    for (unsigned i = 1; i < mip->agains && wait_s < LONGEST_S; i++)
        wait_s *= 2;
    wait_s = wait_s < LONGEST_S ? wait_s : LONGEST_S;
    (void)snprintf(in_s, sizeof in_s, "%" PRIu64, wait_s);
    LK_LOG(LK_LOG_INFO, "mip-again", { "in_s", in_s });
    lk_wake_at(&mip->again, lk_mono_ms() + wait_s * SECOND_MS);
}

void lk_ue_mip_again_first(struct lk_ue_manager *ue)
{
    if (ue->process.config->ue.mip.again_s == 0)
        return;
    ue->mip.agains = 1;
    ue->mip.lost_at = ue->mip.at;
    plan(ue);
}

void lk_ue_mip_again_next(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->agains == 0)
        return;
    if (mip->agains++ < TRIES) {
        plan(ue);
        return;
    }
    lk_ue_mip_again_never(ue);
    LK_LOG(LK_LOG_WARNING, "mip-gave-up", { "fix", "latchkey ue mip-register tries again" });
}

/* Where it was going when it was lost, and, by turns, where it was registered last: by the way of
 * before. */
void lk_ue_mip_again(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->agains == 0 || mip->stage != LK_UE_MIP_RESTS || mip->mn.state != LK_MIP_MN_FAILED)
        return;
    lk_ue_mip_register_at(ue, mip->agains % 2 == 1 ? mip->lost_at : mip->stood_at);
    lk_ue_mip_answer(ue);
}

/* What the owner of the device is told of Mobile IP: what came of what he has asked, and how it
 * stands. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/ue_manager.h"

enum { US_PER_MS = 1000, MS_PER_S = 1000 };

static const char *const states[LK_MIP_MN_STATE_COUNT] = {
    [LK_MIP_MN_IDLE] = "idle",
    [LK_MIP_MN_AWAIT_BOUND] = "registering",
    [LK_MIP_MN_BOUND] = "registered",
    [LK_MIP_MN_AWAIT_RENEWED] = "renewing",
    [LK_MIP_MN_AWAIT_MOVED] = "moving",
    [LK_MIP_MN_AWAIT_RELEASED] = "releasing",
    [LK_MIP_MN_RELEASED] = "released",
    [LK_MIP_MN_FAILED] = "failed",
};

bool lk_ue_mip_state_of(unsigned *state, const char *word)
{
    for (*state = 0; *state < LK_MIP_MN_STATE_COUNT; (*state)++)
        if (strcmp(word, states[*state]) == 0)
            return true;
    return false;
}

/* ---- how it stands ---- */

static const char or_ha_naf[] = "ha-naf, for a home agent that is a NAF asks for it itself";

static const char *place_name(const struct lk_ue_manager *ue, size_t place)
{
    return ue->process.config->ue.mip.places[place].name;
}

static void put_number(json_t *to, const char *key, uint64_t number)
{
    (void)json_object_set_new(to, key, json_integer((json_int_t)number));
}

static void put_address(json_t *to, const char *key, const struct lk_address *address)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    (void)json_object_set_new(to, key, json_string(text));
}

static void put_refusal(json_t *to, const struct lk_refusal *refused)
{
    const struct lk_reason_row *row = lk_reason_row(refused->reason);

    if (refused->reason != LK_REASON_NONE)
        (void)json_object_update_new(
            to, json_pack("{s:s, s:s, s:s, s:s, s:s}", "reason", row->code, "what", row->what,
                          "expected", refused->expected, "came", refused->came, "fix", row->fix));
}

/* What it is, and the code of the reply, if one had it. */
static void refusal_words(char *words, size_t size, const struct lk_ue_mip *mip,
                          const struct lk_reason_row *row)
{
    size_t len = strcspn(row->what, ".");

    if (mip->code == 0)
        (void)snprintf(words, size, "%s", row->what);
    else
        (void)snprintf(words, size, "%.*s: %u, %s", (int)len, row->what, mip->code,
                       mip->version == LK_UE_MIP_V6 ? lk_mobility_status_name(mip->code)
                                                    : lk_mip_code_name(mip->code));
}

/* What has come of what was asked, which goes on. */
static void so_far(char *words, size_t size, const struct lk_ue_mip *mip)
{
    if (mip->refused.reason != LK_REASON_NONE)
        refusal_words(words, size, mip, lk_reason_row(mip->refused.reason));
    else
        (void)snprintf(words, size, "no answer%s%s", mip->trouble[0] != '\0' ? ", " : "",
                       mip->trouble);
}

static bool is_asking(const struct lk_ue_mip *mip)
{
    return mip->stage == LK_UE_MIP_SOLICITS || mip->mn.state == LK_MIP_MN_AWAIT_BOUND ||
           mip->mn.state == LK_MIP_MN_AWAIT_RENEWED || mip->mn.state == LK_MIP_MN_AWAIT_MOVED ||
           mip->mn.state == LK_MIP_MN_AWAIT_RELEASED;
}

static void put_bound(json_t *to, const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    const struct lk_mip_mn_keys *with = &lk_ue_mip_pair(mip)->with;
    uint64_t now_ms = lk_wall_ms();
    uint64_t left_ms = mip->mn.bound_until_ms > now_ms ? mip->mn.bound_until_ms - now_ms : 0;
    char words[LK_UE_MIP_KEY_WORDS];

    put_address(to, "home-address", &mip->bound.home);
    put_address(to, "home-agent", &mip->bound.agent);
    put_address(to, "care-of", &mip->mn.place.care_of);
    put_number(to, "left-s", left_ms / MS_PER_S);
    put_number(to, "confirmed-s-ago", (lk_mono_ms() - mip->confirmed_ms) / MS_PER_S);
    (void)json_object_set_new(to, "tunnel", json_string(!mip->tunnel.there ? "none"
                                                        : mip->bound.udp   ? "udp"
                                                                           : "agent"));
    if (!lk_address_is_any(&mip->home4))
        put_address(to, "home-address-ipv4", &mip->home4);
    if (with->there) {
        put_number(to, "spi", with->msa.there.spi);
        lk_ue_mip_key_words(words, ue);
        (void)json_object_set_new(to, "key-is", json_string(words));
    }
    if (with->b_tid_len > 0)
        (void)json_object_set_new(to, "b-tid", json_stringn((const char *)with->b_tid,
                                                            with->b_tid_len));
}

static json_t *counts_json(const struct lk_ue_mip_counters *c)
{
    json_t *counts = json_object();
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        { "sent", c->sent }, { "heard", c->heard }, { "not-believed", c->dropped },
        { "registrations", c->registrations }, { "moves", c->moves },
        { "renewals", c->renewals }, { "keys", c->keys }, { "packets-up", c->up },
        { "packets-down", c->down }, { "echoes", c->echoes }, { "keepalives", c->keepalives },
        { "strangers", c->strangers }, { "malformed", c->malformed }, { "foreign", c->foreign },
        { "revoked", c->revoked },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        put_number(counts, rows[i].name, rows[i].count);
    return counts;
}

/* A registration that it asks anew for has its end, too. */
static bool is_registered(const struct lk_ue_mip *mip)
{
    return mip->tunnel.there && mip->mn.bound_until_ms > lk_wall_ms();
}

json_t *lk_ue_mip_state_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    const char *state = mip->stage == LK_UE_MIP_BOOTSTRAPS ? "bootstrapping"
                        : mip->stage == LK_UE_MIP_SOLICITS ? "soliciting"
                                                           : states[mip->mn.state];
    json_t *made = json_pack("{s:s, s:s, s:s, s:i, s:b}", "mip", state, "at",
                             place_name(ue, lk_ue_mip_is_at(mip)), "way",
                             lk_mip_way_words[mip->way], "version", (int)mip->version,
                             "registered", (int)is_registered(mip));

    if (mip->way == LK_MIP_WAY_PUSHED)
        (void)json_object_set_new(made, "or", json_string(or_ha_naf));
    if (mip->agains > 0)
        put_number(made, "tries-again-ms", mip->again.at_ms == LK_WAKE_NEVER ? 0
                                           : lk_mono_ms() < mip->again.at_ms
                                               ? mip->again.at_ms - lk_mono_ms()
                                               : 0);
    if (!lk_address_is_any(&mip->bound.home))
        put_bound(made, ue);
    return made;
}

json_t *lk_ue_mip_done_json(const struct lk_ue_manager *ue)
{
    static const char *const told[] = {
        [LK_UE_MIP_ASKED_NOTHING] = "",
        [LK_UE_MIP_ASKED_REGISTER] = "registered",
        [LK_UE_MIP_ASKED_MOVE] = "moved",
        [LK_UE_MIP_ASKED_RENEW] = "a new key",
        [LK_UE_MIP_ASKED_RELEASE] = "released",
    };
    const struct lk_ue_mip *mip = &ue->mip;
    bool pushed = mip->way == LK_MIP_WAY_PUSHED;
    char words[448], home[LK_ADDRESS_TEXT], key[LK_UE_MIP_KEY_WORDS];
    json_t *answer;

    lk_address_text(home, &mip->bound.home);
    lk_ue_mip_key_words(key, ue);
    if (mip->asked == LK_UE_MIP_ASKED_RELEASE)
        (void)snprintf(words, sizeof words, "%s%s", told[mip->asked],
                       mip->was_nothing
                           ? ": no request was out, and none will be sent"
                       : mip->refused.reason == LK_REASON_NONE
                           ? ""
                           : " here; the home agent has not said so, and keeps its binding, if it "
                             "made one, until the lifetime is over");
    else
        (void)snprintf(words, sizeof words, "%s at %s, home address %s, by %s%s%s%s: SPI %u, %s",
                       told[mip->asked], place_name(ue, mip->at), home, lk_mip_way_words[mip->way],
                       pushed ? " (or " : "", pushed ? or_ha_naf : "", pushed ? ")" : "",
                       lk_ue_mip_pair(mip)->with.msa.there.spi, key);
    answer = json_pack("{s:b, s:s, s:s, s:f}", "ok", 1, "result", "done", "told", words, "ms",
                       (double)(lk_mono_us() - mip->asked_us) / US_PER_MS);
    if (mip->asked == LK_UE_MIP_ASKED_RENEW)
        put_number(answer, "spi-before", mip->spi_before);
    if (mip->asked == LK_UE_MIP_ASKED_RELEASE)
        put_refusal(answer, &mip->refused);
    return answer;
}

json_t *lk_ue_mip_failed_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    const struct lk_reason_row *row = lk_reason_row(mip->refused.reason);
    bool known = mip->refused.reason != LK_REASON_NONE;
    char words[192];
    json_t *answer;

    (void)snprintf(words, sizeof words, "nothing came of it in time");
    if (known)
        refusal_words(words, sizeof words, mip, row);
    answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "result", "refused", "error", words, "fix",
                       "latchkey ue mip-status");
    if (mip->code != 0)
        put_number(answer, "code", mip->code);
    put_refusal(answer, &mip->refused);
    return answer;
}

/* Only his patience is over: what he has asked for is under way. */
json_t *lk_ue_mip_late_json(const struct lk_ue_manager *ue)
{
    static const struct {
        const char *not_yet, *fix;
    } told[] = {
        [LK_UE_MIP_ASKED_NOTHING] = { "", "" },
        [LK_UE_MIP_ASKED_REGISTER] = { "registered", "latchkey ue mip-status wait=registered tells "
                                                     "when it is, mip-release stops it" },
        [LK_UE_MIP_ASKED_MOVE] = { "moved", "latchkey ue mip-status wait=registered tells when it "
                                            "is, mip-move goes elsewhere, mip-release stops it" },
        [LK_UE_MIP_ASKED_RENEW] = { "renewed", "latchkey ue mip-status tells which SPI is in use; "
                                               "the key of before is until then" },
        [LK_UE_MIP_ASKED_RELEASE] = { "released", "latchkey ue mip-status wait=released tells when "
                                                  "it is" },
    };
    const struct lk_ue_mip *mip = &ue->mip;
    bool known = mip->refused.reason != LK_REASON_NONE;
    const struct lk_refusal none = lk_refusal_of(LK_REASON_MIP_NO_ANSWER, "an answer in time",
                                                 mip->trouble[0] != '\0' ? mip->trouble : "none");
    const struct lk_refusal *why = known ? &mip->refused : &none;
    char words[320], came[192], fix[384];
    json_t *answer = json_object();

    so_far(came, sizeof came, mip);
    (void)snprintf(words, sizeof words, "not %s within %" PRIu64 " ms, and it goes on; so far: %s",
                   told[mip->asked].not_yet, (lk_mono_us() - mip->asked_us) / US_PER_MS, came);
    (void)snprintf(fix, sizeof fix, "%s %s", lk_reason_row(why->reason)->fix,
                   told[mip->asked].fix);
    put_refusal(answer, why);
    (void)json_object_del(answer, "what");
    (void)json_object_update_new(answer, json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "result",
                                                   "late", "error", words, "fix", fix));
    if (mip->code != 0)
        put_number(answer, "code", mip->code);
    return answer;
}

json_t *lk_ue_mip_status_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    json_t *made = lk_ue_mip_state_json(ue), *last = json_object();
    char words[192];

    if (is_asking(mip)) {
        so_far(words, sizeof words, mip);
        (void)json_object_set_new(made, "so-far", json_string(words));
    }
    (void)json_object_set_new(made, "counts", counts_json(&mip->counters));
    put_refusal(last, &mip->last);
    if (json_object_size(last) > 0) {
        put_number(last, "refused-ms-ago", lk_mono_ms() - mip->last_ms);
        (void)json_object_set(made, "last-refusal", last);
    }
    json_decref(last);
    return made;
}

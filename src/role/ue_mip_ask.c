/* What the owner asks of Mobile IP, and is told.
 *
 *     {"op": "mip-register", "at": "wlan-a"}, and "way": "ha-naf", "version": 6; the first place,
 *                                         the way of ue.mip.way, 4, where they are not said
 *     {"op": "mip-move", "at": "wlan-b"}
 *     {"op": "mip-renew"}: a new bootstrapping, and its key in use
 *     {"op": "mip-release"}
 *     {"op": "mip-status"}: at once, or "wait" for a state, "keys", "renewals"
 *     {"op": "mip-ping", "to": "10.64.0.1"}: ue_mip_plane.c
 *
 * With "ms": how long to wait. One of the first four at a time; what is under way when the time is
 * over goes on. */
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

/* ---- answers ---- */

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

static json_t *state_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    const char *state = mip->stage == LK_UE_MIP_BOOTSTRAPS ? "bootstrapping"
                        : mip->stage == LK_UE_MIP_SOLICITS ? "soliciting"
                                                           : states[mip->mn.state];
    json_t *made = json_pack("{s:s, s:s, s:s, s:i, s:b}", "mip", state, "at",
                             place_name(ue, mip->at), "way", lk_ue_mip_way_name(mip->way),
                             "version", (int)mip->version, "registered", (int)mip->tunnel.there);

    if (mip->agains > 0)
        put_number(made, "tries-again-ms", mip->again.at_ms == LK_WAKE_NEVER ? 0
                                           : lk_mono_ms() < mip->again.at_ms
                                               ? mip->again.at_ms - lk_mono_ms()
                                               : 0);
    if (!lk_address_is_any(&mip->bound.home))
        put_bound(made, ue);
    return made;
}

static json_t *done_json(const struct lk_ue_manager *ue)
{
    static const char *const told[] = {
        [LK_UE_MIP_ASKED_NOTHING] = "",
        [LK_UE_MIP_ASKED_REGISTER] = "registered",
        [LK_UE_MIP_ASKED_MOVE] = "moved",
        [LK_UE_MIP_ASKED_RENEW] = "a new key",
        [LK_UE_MIP_ASKED_RELEASE] = "released",
    };
    const struct lk_ue_mip *mip = &ue->mip;
    char words[384], home[LK_ADDRESS_TEXT], key[LK_UE_MIP_KEY_WORDS];
    json_t *answer;

    lk_address_text(home, &mip->bound.home);
    lk_ue_mip_key_words(key, ue);
    if (mip->asked == LK_UE_MIP_ASKED_RELEASE)
        (void)snprintf(words, sizeof words, "%s%s", told[mip->asked],
                       mip->refused.reason == LK_REASON_NONE
                           ? ""
                           : " here; the home agent has not said so, and keeps its binding until "
                             "the lifetime is over");
    else
        (void)snprintf(words, sizeof words, "%s at %s, home address %s, by %s: SPI %u, %s",
                       told[mip->asked], place_name(ue, mip->at), home,
                       lk_ue_mip_way_name(mip->way), lk_ue_mip_pair(mip)->with.msa.there.spi, key);
    answer = json_pack("{s:b, s:s, s:s, s:f}", "ok", 1, "result", "done", "told", words, "ms",
                       (double)(lk_mono_us() - mip->asked_us) / US_PER_MS);
    if (mip->asked == LK_UE_MIP_ASKED_RENEW)
        put_number(answer, "spi-before", mip->spi_before);
    if (mip->asked == LK_UE_MIP_ASKED_RELEASE)
        put_refusal(answer, &mip->refused);
    return answer;
}

static json_t *failed_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    const struct lk_reason_row *row = lk_reason_row(mip->refused.reason);
    bool known = mip->refused.reason != LK_REASON_NONE;
    char words[192];
    json_t *answer;

    if (mip->code != 0)
        (void)snprintf(words, sizeof words, "%s: %u, %s", row->what, mip->code,
                       mip->version == LK_UE_MIP_V6 ? lk_mobility_status_name(mip->code)
                                                    : lk_mip_code_name(mip->code));
    else
        (void)snprintf(words, sizeof words, "%s", known ? row->what : "nothing came of it in time");
    answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "result", "refused", "error", words, "fix",
                       "latchkey ue mip-status");
    if (mip->code != 0)
        put_number(answer, "code", mip->code);
    put_refusal(answer, &mip->refused);
    return answer;
}

static void answer_owner(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_control_call *call = mip->call;
    json_t *answer;

    if (mip->came == LK_UE_MIP_PENDING || call == NULL)
        return;
    answer = mip->came == LK_UE_MIP_DONE ? done_json(ue) : failed_json(ue);
    (void)json_object_update_missing_new(answer, state_json(ue));
    mip->call = NULL;
    mip->asked = LK_UE_MIP_ASKED_NOTHING;
    (void)uv_timer_stop(&mip->patience);
    lk_control_answer(call, answer);
}

/* ---- who waits for a state ---- */

static bool has_come(const struct lk_ue_mip_waiter *waiter)
{
    const struct lk_ue_mip *mip = &waiter->ue->mip;
    bool rests = mip->stage == LK_UE_MIP_RESTS;

    return (waiter->state == LK_MIP_MN_STATE_COUNT ||
            (rests && waiter->state == (unsigned)mip->mn.state)) &&
           mip->counters.keys >= waiter->keys && mip->counters.renewals >= waiter->renewals;
}

static json_t *status_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_mip *mip = &ue->mip;
    json_t *made = state_json(ue), *last = json_object();

    (void)json_object_set_new(made, "counts", counts_json(&mip->counters));
    put_refusal(last, &mip->last);
    if (json_object_size(last) > 0) {
        put_number(last, "refused-ms-ago", lk_mono_ms() - mip->last_ms);
        (void)json_object_set(made, "last-refusal", last);
    }
    json_decref(last);
    return made;
}

static void answer_waiter(struct lk_ue_mip_waiter *waiter)
{
    struct lk_control_call *call = waiter->call;
    bool came = has_come(waiter);
    json_t *made = status_json(waiter->ue);

    waiter->call = NULL;
    (void)uv_timer_stop(&waiter->timer);
    (void)json_object_set_new(made, "ok", json_boolean(came));
    if (!came) {
        (void)json_object_set_new(made, "error", json_string("it has not come to that in time"));
        (void)json_object_set_new(made, "fix", json_string("ms=NUMBER waits longer"));
    }
    lk_control_answer(call, made);
}

static void on_late(uv_timer_t *timer)
{
    answer_waiter(timer->data);
}

void lk_ue_mip_answer(struct lk_ue_manager *ue)
{
    if (!ue->mip.is_configured)
        return;
    answer_owner(ue);
    for (size_t i = 0; i < LK_UE_MIP_WAITERS; i++)
        if (ue->mip.waiter[i].call != NULL && has_come(&ue->mip.waiter[i]))
            answer_waiter(&ue->mip.waiter[i]);
}

void lk_ue_mip_dismiss(struct lk_ue_manager *ue)
{
    answer_owner(ue);
    lk_ue_mip_ping_end(ue);
    for (size_t i = 0; i < LK_UE_MIP_WAITERS; i++)
        if (ue->mip.waiter[i].call != NULL)
            answer_waiter(&ue->mip.waiter[i]);
}

void lk_ue_mip_impatient(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;
    const struct lk_refusal why = lk_refusal_of(LK_REASON_MIP_NO_ANSWER, "an answer in time",
                                                ue->mip.trouble != NULL ? ue->mip.trouble : "none");

    if (ue->mip.came == LK_UE_MIP_PENDING && ue->mip.refused.reason == LK_REASON_NONE)
        lk_ue_mip_refused(ue, &why, 0);
    if (ue->mip.came == LK_UE_MIP_PENDING)
        ue->mip.came = LK_UE_MIP_CAME_TO_NOTHING;
    lk_ue_mip_answer(ue);
}

/* ---- questions ---- */

/* A number that need not be there. */
static bool take_number(uint64_t *to, const json_t *request, const char *key, json_int_t most)
{
    const json_t *said = json_object_get(request, key);
    json_int_t number = json_integer_value(said);

    if (said == NULL)
        return true;
    *to = (uint64_t)number;
    return json_is_integer(said) && number >= 0 && number <= most;
}

/* False: somebody else waits, or ms is none, and the call is refused. */
static bool begin(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request,
                  enum lk_ue_mip_asked asked)
{
    struct lk_ue_mip *mip = &ue->mip;
    uint64_t ms = LK_UE_MIP_WAIT_MS;

    if (mip->call != NULL) {
        lk_control_refuse(call, "something else of Mobile IP is under way", "wait for its end");
        return false;
    }
    if (!take_number(&ms, request, "ms", LK_UE_MIP_WAIT_MAX_MS)) {
        lk_control_refuse(call, "ms is a number up to 50000", "leave it out");
        return false;
    }
    mip->call = call;
    mip->asked = asked;
    mip->came = LK_UE_MIP_PENDING;
    mip->asked_us = lk_mono_us();
    mip->refused.reason = LK_REASON_NONE;
    mip->code = 0;
    (void)uv_timer_start(&mip->patience, lk_ue_mip_impatient, ms, 0);
    return true;
}

/* The place that request names; the first where it names none and one need not be named. */
static bool take_place(size_t *place, const struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request, bool must)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    const json_t *said = json_object_get(request, "at");
    const char *name = json_string_value(said);

    *place = 0;
    if (said == NULL && !must)
        return true;
    for (; name != NULL && *place < c->place_count; (*place)++)
        if (strcmp(c->places[*place].name, name) == 0)
            return true;
    lk_control_refuse(call, "there is no such place", "say at=NAME, one of ue.mip.places");
    return false;
}

static bool take_way(int *way, const struct lk_ue_manager *ue, struct lk_control_call *call,
                     const json_t *request)
{
    const json_t *said = json_object_get(request, "way");
    const char *word = json_string_value(said);

    *way = said == NULL ? ue->process.config->ue.mip.way
           : word == NULL ? LK_UE_MIP_WAYS : lk_ue_mip_way_of(word);
    if (*way < LK_UE_MIP_WAYS)
        return true;
    lk_control_refuse(call, "there is no such way to a key", "say way=ha-naf, aaa, pushed or bsf");
    return false;
}

/* False: that version cannot be spoken from that place, and the call is refused. */
static bool may_speak(const struct lk_ue_manager *ue, struct lk_control_call *call, size_t place,
                      unsigned version)
{
    const char *lacks = NULL;
    struct lk_address own;

    LK_ASSERT(lk_address_parse(&own, ue->process.config->ue.mip.places[place].address) == LK_OK);
    if (version == LK_UE_MIP_V6)
        lacks = lk_ue_mip6_lacks(ue, place);
    else if (!lk_address_is_v4(&own))
        lacks = "Mobile IPv4 needs an IPv4 address: version=6, or another place";
    if (lacks != NULL)
        lk_control_refuse(call, "it cannot be so from there", lacks);
    return lacks == NULL;
}

/* Of Mobile IPv4, or of MIPv6, which is by the key of a home agent that is a NAF. */
static bool take_version(unsigned *version, const struct lk_ue_manager *ue,
                         struct lk_control_call *call, const json_t *request, size_t place, int way)
{
    uint64_t number = LK_UE_MIP_V4;

    if (!take_number(&number, request, "version", LK_UE_MIP_V6) ||
        (number != LK_UE_MIP_V4 && number != LK_UE_MIP_V6)) {
        lk_control_refuse(call, "there is no such version", "say version=4 or 6");
        return false;
    }
    *version = (unsigned)number;
    if (*version == LK_UE_MIP_V6 && way != LK_UE_MIP_HA_NAF) {
        lk_control_refuse(call, "MIPv6 has one way to its key", "say way=ha-naf");
        return false;
    }
    return may_speak(ue, call, place, *version);
}

/* Neither registered nor about to be. */
static bool is_out(const struct lk_ue_mip *mip)
{
    return mip->stage == LK_UE_MIP_RESTS &&
           (mip->mn.state == LK_MIP_MN_IDLE || mip->mn.state == LK_MIP_MN_RELEASED ||
            mip->mn.state == LK_MIP_MN_FAILED);
}

static void come_to_nothing(struct lk_ue_manager *ue)
{
    if (ue->mip.came == LK_UE_MIP_PENDING)
        ue->mip.came = LK_UE_MIP_CAME_TO_NOTHING;
    lk_ue_mip_answer(ue);
}

void lk_ue_mip_ask_register(struct lk_ue_manager *ue, struct lk_control_call *call,
                            const json_t *request)
{
    struct lk_ue_mip *mip = &ue->mip;
    unsigned version;
    size_t place;
    int way;

    if (!take_place(&place, ue, call, request, false) || !take_way(&way, ue, call, request) ||
        !take_version(&version, ue, call, request, place, way))
        return;
    if (!is_out(mip)) {
        lk_control_refuse(call, "the device is registered, or about to be",
                          "latchkey ue mip-move at=NAME, or mip-release first");
        return;
    }
    if (!begin(ue, call, request, LK_UE_MIP_ASKED_REGISTER))
        return;
    lk_ue_mip_again_never(ue);
    lk_ue_mip_take_way(ue, way, version);
    lk_ue_mip_register_at(ue, place);
    lk_ue_mip_answer(ue);
}

void lk_ue_mip_ask_move(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const json_t *request)
{
    struct lk_ue_mip *mip = &ue->mip;
    size_t place;

    if (!take_place(&place, ue, call, request, true))
        return;
    if (is_out(mip) || mip->stage == LK_UE_MIP_BOOTSTRAPS ||
        mip->mn.state == LK_MIP_MN_AWAIT_RELEASED) {
        lk_control_refuse(call, "the device is not registered", "latchkey ue mip-register at=NAME");
        return;
    }
    if (!may_speak(ue, call, place, mip->version) ||
        !begin(ue, call, request, LK_UE_MIP_ASKED_MOVE))
        return;
    if (lk_ue_mip_open(ue, place)) {
        mip->going = place;
        mip->stage = LK_UE_MIP_RESTS;
        lk_ue_mip_go_on(ue);
    } else {
        come_to_nothing(ue);
    }
    lk_ue_mip_answer(ue);
}

void lk_ue_mip_ask_renew(struct lk_ue_manager *ue, struct lk_control_call *call,
                         const json_t *request)
{
    if (!lk_ue_mip_is_bound(ue)) {
        lk_control_refuse(call, "the device is not registered", "latchkey ue mip-register");
        return;
    }
    if (!begin(ue, call, request, LK_UE_MIP_ASKED_RENEW))
        return;
    ue->mip.spi_before = ue->mip.spi;
    if (!lk_ue_gba_bootstrap(ue))
        come_to_nothing(ue);
}

void lk_ue_mip_ask_release(struct lk_ue_manager *ue, struct lk_control_call *call,
                           const json_t *request)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_STOP };
    struct lk_ue_mip *mip = &ue->mip;

    if (is_out(mip) && mip->agains == 0) {
        lk_control_refuse(call, "the device is not registered", "latchkey ue mip-register");
        return;
    }
    if (!begin(ue, call, request, LK_UE_MIP_ASKED_RELEASE))
        return;
    lk_ue_mip_again_never(ue);
    mip->stage = LK_UE_MIP_RESTS;
    if (lk_ue_mip_give(ue, &event) != LK_OK && mip->mn.state != LK_MIP_MN_AWAIT_RELEASED)
        mip->came = LK_UE_MIP_DONE; /* there was nothing yet */
    lk_ue_mip_answer(ue);
}

static bool take_state(unsigned *to, const json_t *said)
{
    const char *word = json_string_value(said);

    for (*to = 0; word != NULL && *to < LK_MIP_MN_STATE_COUNT; (*to)++)
        if (strcmp(word, states[*to]) == 0)
            return true;
    *to = LK_MIP_MN_STATE_COUNT;
    return said == NULL;
}

void lk_ue_mip_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    struct lk_ue_mip_waiter *waiter = NULL;
    uint64_t ms = LK_UE_MIP_WAIT_MS, keys = 0, renewals = 0;
    unsigned state;

    if (!take_state(&state, json_object_get(request, "wait")) ||
        !take_number(&ms, request, "ms", LK_UE_MIP_WAIT_MAX_MS) ||
        !take_number(&keys, request, "keys", UINT32_MAX) ||
        !take_number(&renewals, request, "renewals", UINT32_MAX)) {
        lk_control_refuse(call, "wait is no state, or a number is none",
                          "wait is idle, registering, registered, renewing, moving, releasing, "
                          "released or failed; ms at most 50000");
        return;
    }
    for (size_t i = 0; i < LK_UE_MIP_WAITERS && waiter == NULL; i++)
        if (ue->mip.waiter[i].call == NULL)
            waiter = &ue->mip.waiter[i];
    if (waiter == NULL) {
        lk_control_refuse(call, "too many wait", "ask again later");
        return;
    }
    waiter->call = call;
    waiter->state = state;
    waiter->keys = keys;
    waiter->renewals = renewals;
    if (has_come(waiter))
        answer_waiter(waiter);
    else
        (void)uv_timer_start(&waiter->timer, on_late, ms, 0);
}

/* What the owner asks of Mobile IP.
 *
 *     {"op": "mip-register", "at": "wlan-a"}, and "way": "ha-naf", "version": 6; the first place,
 *                                         the way of ue.mip.way, 4, where they are not said
 *     {"op": "mip-move", "at": "wlan-b"}
 *     {"op": "mip-renew"}: a new bootstrapping, and its key in use
 *     {"op": "mip-release"}
 *     {"op": "mip-ping", "to": "10.64.0.1"}: ue_mip_plane.c; mip-status: ue_mip_wait.c
 *
 * With "ms": how long to wait. One of the first four at a time. */
#include <stdio.h>
#include <string.h>

#include "role/ue_manager.h"

bool lk_ue_mip_take_number(uint64_t *to, const json_t *request, const char *key, json_int_t most)
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
    if (!lk_ue_mip_take_number(&ms, request, "ms", LK_UE_MIP_WAIT_MAX_MS)) {
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

static void refuse_place(const struct lk_config_ue_mip *c, struct lk_control_call *call)
{
    char fix[LK_CONFIG_UE_PLACES * (sizeof c->places[0].name + 2) + 32] = "say at=";
    size_t len = strlen(fix);

    for (size_t i = 0; i < c->place_count; i++)
        len += (size_t)snprintf(fix + len, sizeof fix - len, "%s%s",
                                i == 0                    ? ""
                                : i + 1 < c->place_count ? ", "
                                                          : " or ",
                                c->places[i].name);
    (void)snprintf(fix + len, sizeof fix - len, " (ue.mip.places)");
    lk_control_refuse(call, "there is no such place", fix);
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
    refuse_place(c, call);
    return false;
}

static bool take_way(enum lk_mip_way *way, const struct lk_ue_manager *ue,
                     struct lk_control_call *call, const json_t *request)
{
    const json_t *said = json_object_get(request, "way");
    const char *word = json_string_value(said);
    char all[LK_MIP_WAYS_TEXT], fix[LK_MIP_WAYS_TEXT + 16];

    *way = LK_MIP_WAYS;
    if (said == NULL)
        *way = (enum lk_mip_way)ue->process.config->ue.mip.way;
    else if (word != NULL)
        *way = lk_mip_way_of(lk_span_text(word));
    if (*way < LK_MIP_WAYS)
        return true;
    (void)snprintf(fix, sizeof fix, "say way=%s", lk_mip_ways_text(all));
    lk_control_refuse(call, "there is no such way to a key", fix);
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
                         struct lk_control_call *call, const json_t *request, size_t place,
                         enum lk_mip_way way)
{
    uint64_t number = LK_UE_MIP_V4;

    if (!lk_ue_mip_take_number(&number, request, "version", LK_UE_MIP_V6) ||
        (number != LK_UE_MIP_V4 && number != LK_UE_MIP_V6)) {
        lk_control_refuse(call, "there is no such version", "say version=4 or 6");
        return false;
    }
    *version = (unsigned)number;
    if (*version == LK_UE_MIP_V6 && way != LK_MIP_WAY_HA_NAF) {
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
    enum lk_mip_way way;
    size_t place;

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
    mip->was_nothing = lk_ue_mip_give(ue, &event) != LK_OK &&
                       mip->mn.state != LK_MIP_MN_AWAIT_RELEASED;
    if (mip->was_nothing)
        mip->came = LK_UE_MIP_DONE;
    lk_ue_mip_answer(ue);
}

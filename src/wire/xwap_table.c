/* The one table of XwAP: messages and their elements, elements and their identifiers, causes. */
#include "wire/xwap_rows.h"

#include <stddef.h>

#define MUST(ie, criticality) { LK_XWAP_##ie, LK_XWAP_##criticality, true, true }
#define MAY(ie, criticality) { LK_XWAP_##ie, LK_XWAP_##criticality, false, true }
#define BOTH_IDS(criticality) MUST(ENB_UE_ID, criticality), MUST(WT_UE_ID, criticality)

const struct lk_xwap_layout lk_xwap_layouts[LK_XWAP_TYPE_COUNT] = {
    /* spec: TS 36.463 9.1.14 - a UE, its bearers, and where it may move. */
    [LK_XWAP_ADDITION_REQUEST] = { "addition-request", 6, LK_XWAP_INITIATING, LK_XWAP_REJECT, true,
        { MUST(ENB_UE_ID, REJECT), MUST(UE_IDENTITY, REJECT), MAY(SECURITY, REJECT),
          MAY(SERVING_PLMN, IGNORE), MUST(TO_BE_ADDED, REJECT), MUST(MOBILITY_SET, REJECT),
          MAY(WT_UE_ID, REJECT) } },
    /* spec: TS 36.463 9.1.15 - what of it is admitted. */
    [LK_XWAP_ADDITION_ACKNOWLEDGE] = { "addition-request-acknowledge", 6, LK_XWAP_SUCCESSFUL,
        LK_XWAP_REJECT, false,
        { BOTH_IDS(IGNORE), MUST(ADMITTED_ADDED, IGNORE), MAY(NOT_ADMITTED, IGNORE),
          MAY(DIAGNOSTICS, IGNORE), MAY(WT_MAC, IGNORE) } },
    /* spec: TS 36.463 9.1.16 - nothing is. */
    [LK_XWAP_ADDITION_REJECT] = { "addition-request-reject", 6, LK_XWAP_UNSUCCESSFUL,
        LK_XWAP_REJECT, false,
        { MUST(ENB_UE_ID, IGNORE), MUST(CAUSE, IGNORE), MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.17 - a new key, other bearers, each of which may be absent. */
    [LK_XWAP_MODIFICATION_REQUEST] = { "modification-request", 7, LK_XWAP_INITIATING,
        LK_XWAP_REJECT, true,
        { BOTH_IDS(REJECT), MUST(CAUSE, IGNORE), MAY(SERVING_PLMN, IGNORE), MAY(CONTEXT, REJECT),
          MAY(MOBILITY_SET, REJECT) } },
    /* spec: TS 36.463 9.1.18 - no list of bearers must be there. */
    [LK_XWAP_MODIFICATION_ACKNOWLEDGE] = { "modification-request-acknowledge", 7,
        LK_XWAP_SUCCESSFUL, LK_XWAP_REJECT, false,
        { BOTH_IDS(IGNORE), MAY(ACKNOWLEDGED_ADDED, IGNORE), MAY(ACKNOWLEDGED_MODIFIED, IGNORE),
          MAY(ACKNOWLEDGED_RELEASED, IGNORE), MAY(NOT_ADMITTED, IGNORE),
          MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.19 - and why. */
    [LK_XWAP_MODIFICATION_REJECT] = { "modification-request-reject", 7, LK_XWAP_UNSUCCESSFUL,
        LK_XWAP_REJECT, false,
        { BOTH_IDS(IGNORE), MUST(CAUSE, IGNORE), MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.20 - what the WT wants changed. */
    [LK_XWAP_MODIFICATION_REQUIRED] = { "modification-required", 8, LK_XWAP_INITIATING,
        LK_XWAP_REJECT, false,
        { BOTH_IDS(REJECT), MUST(CAUSE, IGNORE), MAY(REQUIRED_RELEASED, IGNORE),
          MAY(REQUIRED_MODIFIED, IGNORE) } },
    /* spec: TS 36.463 9.1.21 - and gets. */
    [LK_XWAP_MODIFICATION_CONFIRM] = { "modification-confirm", 8, LK_XWAP_SUCCESSFUL,
        LK_XWAP_REJECT, true,
        { BOTH_IDS(IGNORE), MAY(CONFIRMED_RELEASED, IGNORE), MAY(CONFIRMED_MODIFIED, IGNORE),
          MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.22 - or not. */
    [LK_XWAP_MODIFICATION_REFUSE] = { "modification-refuse", 8, LK_XWAP_UNSUCCESSFUL,
        LK_XWAP_REJECT, true,
        { BOTH_IDS(IGNORE), MUST(CAUSE, IGNORE), MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.23 - of the eNB, with or without a cause. */
    [LK_XWAP_RELEASE_REQUEST] = { "release-request", 9, LK_XWAP_INITIATING, LK_XWAP_IGNORE, true,
        { BOTH_IDS(REJECT), MAY(CAUSE, IGNORE), MAY(RELEASED_REQUEST, IGNORE),
          MAY(CONTEXT_KEPT, IGNORE) } },
    /* spec: TS 36.463 9.1.24 - of the WT, with one. */
    [LK_XWAP_RELEASE_REQUIRED] = { "release-required", 10, LK_XWAP_INITIATING, LK_XWAP_REJECT,
        false,
        { BOTH_IDS(REJECT), MUST(CAUSE, IGNORE) } },
    /* spec: TS 36.463 9.1.25 - which the eNB confirms. */
    [LK_XWAP_RELEASE_CONFIRM] = { "release-confirm", 10, LK_XWAP_SUCCESSFUL, LK_XWAP_REJECT, true,
        { BOTH_IDS(IGNORE), MAY(RELEASED_CONFIRM, IGNORE), MAY(DIAGNOSTICS, IGNORE) } },
    /* spec: TS 36.463 9.1.26 - no more than whose. */
    [LK_XWAP_ASSOCIATION_CONFIRMATION] = { "association-confirmation", 11, LK_XWAP_INITIATING,
        LK_XWAP_IGNORE, false, { BOTH_IDS(IGNORE) } },
};

#define VALUE(name) lk_xwap_get_##name, lk_xwap_put_##name, { 0, 0, LK_XWAP_REJECT, 0 }
#define BEARERS(where, item, criticality, form)                                                   \
    lk_xwap_get_bearers, lk_xwap_put_bearers,                                                     \
    { offsetof(struct lk_xwap, where), item, LK_XWAP_##criticality, form }

const struct lk_xwap_element lk_xwap_elements[LK_XWAP_IE_COUNT] = {
    [LK_XWAP_ENB_UE_ID] = { 25, VALUE(enb_ue_id) },
    [LK_XWAP_WT_UE_ID] = { 26, VALUE(wt_ue_id) },
    [LK_XWAP_UE_IDENTITY] = { 30, VALUE(ue_identity) },
    [LK_XWAP_SECURITY] = { 31, VALUE(security) },
    [LK_XWAP_SERVING_PLMN] = { 55, VALUE(serving_plmn) },
    [LK_XWAP_CAUSE] = { 4, VALUE(cause) },
    [LK_XWAP_CONTEXT] = { 36, VALUE(context) },
    [LK_XWAP_MOBILITY_SET] = { 54, VALUE(mobility_set) },
    [LK_XWAP_CONTEXT_KEPT] = { 64, VALUE(context_kept) },
    [LK_XWAP_WT_MAC] = { 73, VALUE(wt_mac) },
    [LK_XWAP_DIAGNOSTICS] = { 7, VALUE(diagnostics) },
    [LK_XWAP_TO_BE_ADDED] = { 28,
        BEARERS(added, 29, REJECT, LK_XWAP_QOS | LK_XWAP_ENDPOINT | LK_XWAP_DRB) },
    [LK_XWAP_ADMITTED_ADDED] = { 32,
        BEARERS(added, 33, IGNORE, LK_XWAP_ENDPOINT | LK_XWAP_ACCESS_CLASS) },
    [LK_XWAP_NOT_ADMITTED] = { 34, BEARERS(not_admitted, 35, IGNORE, LK_XWAP_BEARER_CAUSE) },
    [LK_XWAP_ACKNOWLEDGED_ADDED] = { 40,
        BEARERS(added, 41, IGNORE, LK_XWAP_ENDPOINT | LK_XWAP_ACCESS_CLASS) },
    [LK_XWAP_ACKNOWLEDGED_MODIFIED] = { 42,
        BEARERS(modified, 43, IGNORE, LK_XWAP_ENDPOINT_OPTIONAL | LK_XWAP_ACCESS_CLASS) },
    [LK_XWAP_ACKNOWLEDGED_RELEASED] = { 44, BEARERS(released, 45, IGNORE, 0) },
    [LK_XWAP_REQUIRED_RELEASED] = { 46, BEARERS(released, 47, IGNORE, LK_XWAP_BEARER_CAUSE) },
    [LK_XWAP_REQUIRED_MODIFIED] = { 56,
        BEARERS(modified, 57, IGNORE, LK_XWAP_ENDPOINT_OPTIONAL | LK_XWAP_ACCESS_CLASS) },
    [LK_XWAP_CONFIRMED_RELEASED] = { 52,
        BEARERS(released, 53, IGNORE, LK_XWAP_ENDPOINT_OPTIONAL) },
    [LK_XWAP_CONFIRMED_MODIFIED] = { 58, BEARERS(modified, 59, IGNORE, 0) },
    [LK_XWAP_RELEASED_REQUEST] = { 48, BEARERS(released, 49, IGNORE, LK_XWAP_ENDPOINT_OPTIONAL) },
    [LK_XWAP_RELEASED_CONFIRM] = { 50, BEARERS(released, 51, IGNORE, LK_XWAP_ENDPOINT_OPTIONAL) },
};

const struct lk_xwap_list lk_xwap_context_lists[LK_XWAP_CONTEXT_LISTS] = {
    { offsetof(struct lk_xwap, added), 37, LK_XWAP_IGNORE,
      LK_XWAP_QOS | LK_XWAP_ENDPOINT | LK_XWAP_DRB },
    { offsetof(struct lk_xwap, modified), 38, LK_XWAP_IGNORE,
      LK_XWAP_QOS_OPTIONAL | LK_XWAP_ENDPOINT_OPTIONAL },
    { offsetof(struct lk_xwap, released), 39, LK_XWAP_IGNORE, LK_XWAP_ENDPOINT_OPTIONAL },
};

const char *lk_xwap_type_name(enum lk_xwap_type type)
{
    return (unsigned)type < LK_XWAP_TYPE_COUNT ? lk_xwap_layouts[type].name : "unknown";
}

bool lk_xwap_is_of_enb(enum lk_xwap_type type)
{
    return (unsigned)type < LK_XWAP_TYPE_COUNT && lk_xwap_layouts[type].of_enb;
}

/* ---- causes ---- */

static const char *const radio_names[] = {
    "unknown eNB UE XwAP ID",
    "unknown WT UE XwAP ID",
    "unknown pair of UE XwAP IDs",
    "WLAN not available",
    "security failure",
    "report characteristics empty",
    "existing measurement ID",
    "unknown measurement ID",
    "measurement temporarily not available",
    "unspecified",
    "multiple E-RAB ID instances",
    "switch off ongoing",
    "QCI value not supported",
    "measurement not supported for the object",
    "reduce load",
    "resource optimisation",
    "target not allowed",
    "no radio resources available",
    "invalid QoS combination",
    "procedure cancelled",
    "radio connection with UE lost",
    "failure in the radio interface procedure",
    "no report periodicity",
    "wrong WLAN interworking mode",
};
static const char *const transport_names[] = { "transport resource unavailable", "unspecified" };
static const char *const protocol_names[] = {
    "transfer syntax error",
    "abstract syntax error (reject)",
    "abstract syntax error (ignore and notify)",
    "message not compatible with receiver state",
    "semantic error",
    "unspecified",
    "abstract syntax error (falsely constructed message)",
};
static const char *const misc_names[] = {
    "control processing overload",
    "hardware failure",
    "O&M intervention",
    "not enough user plane processing resources",
    "unspecified",
};

/* How many values of a group stand before its extension mark. */
enum { RADIO_ROOT = 22 };
static const struct {
    const char *const *names;
    uint8_t count, root;
} groups[LK_XWAP_CAUSE_GROUP_COUNT] = {
    [LK_XWAP_CAUSE_RADIO] = { radio_names, LK_COUNT_OF(radio_names), RADIO_ROOT },
    [LK_XWAP_CAUSE_TRANSPORT] = { transport_names, LK_COUNT_OF(transport_names),
                                  LK_COUNT_OF(transport_names) },
    [LK_XWAP_CAUSE_PROTOCOL] = { protocol_names, LK_COUNT_OF(protocol_names),
                                 LK_COUNT_OF(protocol_names) },
    [LK_XWAP_CAUSE_MISC] = { misc_names, LK_COUNT_OF(misc_names), LK_COUNT_OF(misc_names) },
};

const char *lk_xwap_cause_name(struct lk_xwap_cause cause)
{
    if ((unsigned)cause.group >= LK_XWAP_CAUSE_GROUP_COUNT ||
        cause.value >= groups[cause.group].count)
        return "unknown";
    return groups[cause.group].names[cause.value];
}

/* spec: TS 36.463 9.2.4 - four groups, and values that may become more. */
void lk_xwap_get_cause_value(struct lk_xwap_cause *cause, struct lk_per_reader *r)
{
    uint32_t group = lk_per_get_index(r, LK_XWAP_CAUSE_GROUP_COUNT, true), value;

    if (group >= LK_XWAP_CAUSE_GROUP_COUNT) {
        lk_per_fail(r, LK_E_UNKNOWN);
        return;
    }
    value = lk_per_get_index(r, groups[group].root, true);
    if (value > UINT8_MAX)
        lk_per_fail(r, LK_E_UNKNOWN);
    else
        *cause = (struct lk_xwap_cause){ (enum lk_xwap_cause_group)group, (uint8_t)value };
}

void lk_xwap_put_cause_value(struct lk_per_writer *w, struct lk_xwap_cause cause)
{
    if ((unsigned)cause.group >= LK_XWAP_CAUSE_GROUP_COUNT) {
        lk_per_put_fail(w, LK_E_VALUE);
        return;
    }
    lk_per_put_index(w, cause.group, LK_XWAP_CAUSE_GROUP_COUNT, true);
    lk_per_put_index(w, cause.value, groups[cause.group].root, true);
}

#include "trace/eap_seen.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "wire/eap_mode.h"

void lk_eap_note(struct lk_trace_run *run, const struct lk_eap_packet *eap)
{
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        run->eap_type = eap->type;
    if (eap->subtype == LK_AKA_REAUTHENTICATION && eap->code == LK_EAP_REQUEST)
        run->fast = true;
    if (eap->subtype == LK_AKA_CHALLENGE && eap->code == LK_EAP_REQUEST)
        run->fast = false;
    if (eap->code != LK_EAP_RESPONSE)
        return;
    if (eap->type == LK_EAP_IDENTITY) {
        run->identity = eap->type_data;
        if (run->outer.at == NULL)
            run->outer = eap->type_data;
    }
    if (lk_aka_has(&eap->at, LK_AT_IDENTITY))
        run->identity = eap->at.identity;
    if (eap->subtype == LK_AKA_SYNCHRONIZATION_FAILURE)
        run->resync = true;
}

/* ---- names ---- */

void lk_eap_seen_name(char name[LK_TRACE_NAME_MAX], struct lk_span octets,
                      enum lk_status status, const struct lk_eap_packet *eap)
{
    char packet[LK_EAP_NAME_MAX];

    if (octets.len == 0) {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "EAP-Start");
        return;
    }
    if (status != LK_OK) {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "EAP that does not decode (%s)",
                       lk_status_name(status));
        return;
    }
    lk_eap_packet_name(packet, eap);
    (void)snprintf(name, LK_TRACE_NAME_MAX, "EAP-%s", packet);
}

static void summarise_aka(char text[LK_TRACE_SUMMARY_MAX], const struct lk_eap_packet *eap)
{
    struct lk_reader r = lk_reader_of(eap->attributes);
    struct lk_aka_item item;
    char number[16];

    while (lk_aka_walk(&r, &item)) {
        const char *name = strncmp(item.name, "AT_", 3) == 0 ? item.name + 3 : item.name;

        lk_trace_append(text, lk_span_text(name), true);
        if (item.type == LK_AT_BIDDING && (item.number & LK_AKA_BIDDING_D) != 0) {
            lk_trace_append(text, lk_span_text(" D"), false);
        } else if (item.form == LK_FORM_U16) {
            snprintf(number, sizeof number, " %u", item.number);
            lk_trace_append(text, lk_span_text(number), false);
        } else if (item.form == LK_FORM_TEXT) {
            lk_trace_append(text, lk_span_text(" "), false);
            lk_trace_append(text, item.value, false);
        }
    }
}

void lk_eap_seen_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_eap_packet *eap)
{
    if (eap->type == LK_EAP_IDENTITY)
        lk_trace_append(text, eap->type_data, true);
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        summarise_aka(text, eap);
}

enum lk_rung_kind lk_eap_seen_kind(const struct lk_eap_packet *eap)
{
    switch (eap->subtype) {
    case LK_AKA_CHALLENGE:
        return LK_RUNG_CHALLENGE;
    case LK_AKA_REAUTHENTICATION:
        return LK_RUNG_FAST;
    case LK_AKA_SYNCHRONIZATION_FAILURE:
        return LK_RUNG_SYNC;
    case LK_AKA_AUTHENTICATION_REJECT:
    case LK_AKA_CLIENT_ERROR:
        return LK_RUNG_REFUSED;
    default:
        return LK_RUNG_PLAIN;
    }
}

/* ---- fields ---- */

void lk_modes_text(char text[LK_FIELD_VALUE_MAX], uint32_t modes)
{
    snprintf(text, LK_FIELD_VALUE_MAX, "%u:%s%s%s", modes,
             (modes & LK_TWAN_TRANSPARENT) != 0 ? " transparent" : "",
             (modes & LK_TWAN_SINGLE) != 0 ? " single" : "",
             (modes & LK_TWAN_MULTI) != 0 ? " multi" : "");
}

/* AT_TWAN_CONN_MODE in the layout that is the default of both ends. */
static bool mode_value(char text[LK_FIELD_VALUE_MAX], struct lk_span value)
{
    static const char *const messages[LK_MODE_MESSAGE_COUNT] = {
        [LK_MODE_CAPABILITY] = "the network can", [LK_MODE_REQUEST] = "the device wants",
        [LK_MODE_RESULT] = "it is",
    };
    char modes[LK_FIELD_VALUE_MAX];
    struct lk_mode_layout layout;
    struct lk_mode_value mode;

    lk_mode_layout_defaults(&layout);
    if (lk_mode_decode(&mode, &layout, value) != LK_OK)
        return false;
    lk_modes_text(modes, mode.modes);
    snprintf(text, LK_FIELD_VALUE_MAX, "%s %.60s", messages[mode.message], modes);
    if (mode.twag.has_ipv4)
        snprintf(text + strlen(text), 40, ", TWAG %u.%u.%u.%u", mode.twag.ipv4[0],
                 mode.twag.ipv4[1], mode.twag.ipv4[2], mode.twag.ipv4[3]);
    if (mode.has_cause)
        snprintf(text + strlen(text), 40, ", cause %u", mode.cause);
    return true;
}

static void item_value(char text[LK_FIELD_VALUE_MAX], const struct lk_aka_item *item)
{
    switch (item->form) {
    case LK_FORM_EMPTY:
        snprintf(text, LK_FIELD_VALUE_MAX, "present");
        break;
    case LK_FORM_U16:
        if (item->type == LK_AT_BIDDING)
            snprintf(text, LK_FIELD_VALUE_MAX, "%04x%s", item->number,
                     (item->number & LK_AKA_BIDDING_D) != 0 ? " (D: EAP-AKA' is to be had)" : "");
        else
            snprintf(text, LK_FIELD_VALUE_MAX, "%u", item->number);
        break;
    case LK_FORM_TEXT:
        lk_field_text(text, item->value);
        break;
    case LK_FORM_BLOCK:
    case LK_FORM_RES:
    case LK_FORM_RAW:
    case LK_FORM_UNKNOWN:
        if (item->type == LK_AT_TWAN_CONN_MODE && mode_value(text, item->value))
            break;
        lk_field_hex(text, item->value);
        if (item->value.len == 0)
            snprintf(text, LK_FIELD_VALUE_MAX, "empty");
        break;
    }
}

static void tell_items(const struct lk_teller *v, unsigned depth, struct lk_span attributes,
                       const struct lk_eap_packet *packet)
{
    struct lk_reader r = lk_reader_of(attributes);
    char text[LK_FIELD_VALUE_MAX];
    uint8_t plain[LK_EAP_PACKET_MAX];
    struct lk_aka_item item;

    while (lk_aka_walk(&r, &item)) {
        item_value(text, &item);
        lk_tell(v, depth, item.name, item.clause, "%s", text);
        if (item.type == LK_AT_ENCR_DATA && packet != NULL && v->keys != NULL) {
            struct lk_span inner = lk_run_decrypt(plain, sizeof plain, v->keys, packet);

            if (inner.len > 0)
                tell_items(v, depth + 1, inner, NULL);
        }
    }
    lk_wipe(plain, sizeof plain);
}

void lk_eap_tell(const struct lk_teller *v, struct lk_span octets, enum lk_status status,
                 const struct lk_eap_packet *eap)
{
    char text[LK_FIELD_VALUE_MAX], name[LK_TRACE_NAME_MAX];

    lk_eap_seen_name(name, octets, status, eap);
    lk_tell(v, 0, "EAP", "RFC 3748 4", "%s, %zu octets", name, octets.len);
    if (status != LK_OK || octets.len == 0) {
        lk_field_hex(text, octets);
        lk_tell(v, 1, "Octets", "", "%s", text);
        return;
    }
    lk_tell(v, 1, "Code", "", "%u (%s)", eap->code, lk_eap_code_name(eap->code));
    lk_tell(v, 1, "Identifier", "", "%u", eap->id);
    if (eap->type == LK_EAP_NO_TYPE)
        return;
    lk_tell(v, 1, "Type", "", "%u (%s)", eap->type, lk_eap_type_name(eap->type));
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME) {
        lk_tell(v, 1, "Subtype", "RFC 4187 8.1", "%u (%s)", eap->subtype,
                lk_aka_subtype_name(eap->subtype));
        tell_items(v, 1, eap->attributes, eap);
    } else if (eap->type_data.len > 0) {
        lk_field_text(text, eap->type_data);
        lk_tell(v, 1, eap->type == LK_EAP_IDENTITY ? "Identity" : "Data", "", "%s", text);
    }
}

/* The fields of a RADIUS packet and of the EAP packet inside it. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "trace/radius.h"

/* ---- RADIUS ---- */

/* Private attributes: keys and identities among them are hidden under the secret of the leg. */
static const struct private_row {
    const char *name, *clause;
    bool hidden;
} private_rows[] = {
    [LK_RADIUS_WLCP_KEY] = { "WLCP-Key", "TS 29.273 5.2.3", true },
    [LK_RADIUS_TWAN_CONNECTION_MODE] = { "TWAN-Connection-Mode", "TS 29.273 5.2.3", false },
    [LK_RADIUS_TWAG_CP_ADDRESS] = { "TWAG-CP-Address", "TS 29.273 5.2.3", false },
    [LK_RADIUS_WLCP_IMSI] = { "WLCP-IMSI", "TS 29.273 5.2.3", true },
    [LK_RADIUS_UE_GENERATION] = { "UE-Generation", "TS 29.273 5.2.3", false },
    [LK_RADIUS_MIS_POS] = { "MIS-PoS", "-", false },
    [LK_RADIUS_MIS_PSK] = { "MIS-PSK", "-", true },
    [LK_RADIUS_MIS_MN] = { "MIS-MN", "-", true },
    [LK_RADIUS_MIS_START_MARK] = { "MIS-Start-Mark", "-", true },
    [LK_RADIUS_MIS_LIFETIME] = { "MIS-Lifetime", "-", false },
};

const char *lk_trace_private_name(uint32_t vendor, uint8_t type)
{
    return vendor == LK_TRACE_ENTERPRISE && type < LK_COUNT_OF(private_rows)
               ? private_rows[type].name
               : NULL;
}

static void modes_text(char text[LK_FIELD_VALUE_MAX], uint32_t modes)
{
    snprintf(text, LK_FIELD_VALUE_MAX, "%u:%s%s%s", modes,
             (modes & LK_TWAN_TRANSPARENT) != 0 ? " transparent" : "",
             (modes & LK_TWAN_SINGLE) != 0 ? " single" : "",
             (modes & LK_TWAN_MULTI) != 0 ? " multi" : "");
}

/* One that has a name. */
static void tell_private(const struct lk_teller *v, const struct lk_radius_attribute *attribute)
{
    const struct private_row *row = &private_rows[attribute->type];
    char text[LK_FIELD_VALUE_MAX];
    struct lk_span value = attribute->value;
    uint32_t number = 0;

    lk_field_hex(text, value);
    if (row->hidden)
        snprintf(text, sizeof text, "%zu octets, hidden under the shared secret", value.len);
    else if (attribute->type == LK_RADIUS_MIS_POS)
        lk_field_text(text, value);
    else if (attribute->type == LK_RADIUS_TWAG_CP_ADDRESS && value.len == 4)
        snprintf(text, sizeof text, "%u.%u.%u.%u", value.at[0], value.at[1], value.at[2],
                 value.at[3]);
    else if (lk_radius_u32(&number, value) == LK_OK
             && attribute->type == LK_RADIUS_TWAN_CONNECTION_MODE)
        modes_text(text, number);
    else if (attribute->type == LK_RADIUS_MIS_LIFETIME && value.len == 4)
        snprintf(text, sizeof text, "%u s", number);
    lk_tell(v, 1, row->name, row->clause, "%s", text);
}

static void tell_vendor(const struct lk_teller *v, struct lk_span value)
{
    struct lk_radius_vendor vendor;
    struct lk_radius_attribute attribute;
    struct lk_reader r;
    char text[LK_FIELD_VALUE_MAX], name[LK_FIELD_NAME_MAX];

    if (lk_radius_decode_vendor(&vendor, value) != LK_OK) {
        lk_field_hex(text, value);
        lk_tell(v, 1, "Vendor-Specific", "RFC 2865 5.26", "%s", text);
        return;
    }
    r = lk_reader_of(vendor.attributes);
    while (lk_radius_next(&r, &attribute)) {
        const char *known = lk_radius_vendor_attribute_name(vendor.id, attribute.type);

        if (lk_trace_private_name(vendor.id, attribute.type) != NULL) {
            tell_private(v, &attribute);
        } else if (known[0] == '?') {
            snprintf(name, sizeof name, "Vendor %u, type %u", vendor.id, attribute.type);
            lk_tell(v, 1, name, "RFC 2865 5.26", "%zu octets", attribute.value.len);
        } else {
            lk_tell(v, 1, known, "RFC 2548 2.4", "%zu octets, hidden under the shared secret",
                 attribute.value.len);
        }
    }
}

static void tell_attribute(const struct lk_teller *v, const struct lk_radius_attribute *attribute)
{
    const char *known = lk_radius_attribute_name(attribute->type);
    char name[LK_FIELD_NAME_MAX], text[LK_FIELD_VALUE_MAX];
    struct lk_span value = attribute->value;
    uint32_t number = 0;

    if (known[0] == '?')
        snprintf(name, sizeof name, "Attribute %u", attribute->type);
    else
        snprintf(name, sizeof name, "%s", known);
    switch (lk_radius_attribute_form(attribute->type)) {
    case LK_RADIUS_TEXT:
        lk_field_text(text, value);
        break;
    case LK_RADIUS_NUMBER:
    case LK_RADIUS_TIME:
        if (lk_radius_u32(&number, value) == LK_OK)
            snprintf(text, sizeof text, "%u", number);
        else
            lk_field_hex(text, value);
        break;
    case LK_RADIUS_ADDRESS:
        if (value.len == 4)
            snprintf(text, sizeof text, "%u.%u.%u.%u", value.at[0], value.at[1], value.at[2],
                     value.at[3]);
        else
            lk_field_hex(text, value);
        break;
    case LK_RADIUS_EAP:
        return;
    case LK_RADIUS_VENDOR:
        tell_vendor(v, value);
        return;
    case LK_RADIUS_SECRET:
        snprintf(text, sizeof text, "%zu octets, hidden under the shared secret", value.len);
        break;
    case LK_RADIUS_OCTETS:
        lk_field_hex(text, value);
        break;
    }
    lk_tell(v, 1, name, "", "%s", text);
}

static void tell_radius(const struct lk_teller *v, const struct lk_trace_message *message)
{
    struct lk_radius_attribute attribute;
    char text[LK_FIELD_VALUE_MAX], name[LK_TRACE_NAME_MAX];
    struct lk_reader r;
    size_t parts = 0;

    lk_trace_radius_name(name, message);
    lk_tell(v, 0, "RADIUS", "RFC 2865 3", "%s, %zu octets", name, message->octets.len);
    if (message->status != LK_OK)
        return;
    lk_tell(v, 1, "Identifier", "", "%u", message->radius.packet.identifier);
    lk_field_hex(text, message->radius.packet.authenticator);
    lk_tell(v, 1, "Authenticator", "", "%s", text);
    r = lk_reader_of(message->radius.packet.attributes);
    while (lk_radius_next(&r, &attribute)) {
        parts += attribute.type == LK_RADIUS_EAP_MESSAGE;
        tell_attribute(v, &attribute);
    }
    if (message->radius.has_eap)
        lk_tell(v, 1, "EAP-Message", "RFC 3579 3.1", "%zu octets in %zu attribute%s",
             message->radius.eap_octets.len, parts, parts == 1 ? "" : "s");
}

/* ---- EAP ---- */

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
    modes_text(modes, mode.modes);
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

static void tell_eap(const struct lk_teller *v, const struct lk_trace_message *message)
{
    const struct lk_trace_radius *radius = &message->radius;
    const struct lk_eap_packet *eap = &radius->eap;
    char text[LK_FIELD_VALUE_MAX], name[LK_TRACE_NAME_MAX];

    lk_trace_message_name(name, message);
    lk_tell(v, 0, "EAP", "RFC 3748 4", "%s, %zu octets", name, message->radius.eap_octets.len);
    if (message->radius.eap_status != LK_OK || message->radius.eap_octets.len == 0) {
        lk_field_hex(text, message->radius.eap_octets);
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

void lk_radius_fields(const struct lk_teller *v, const struct lk_trace_message *message)
{
    tell_radius(v, message);
    if (message->radius.has_eap)
        tell_eap(v, message);
}

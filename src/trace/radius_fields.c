/* The fields of a RADIUS packet; those of the EAP packet inside it are of trace/eap_seen. */
#include <stdio.h>
#include <string.h>

#include "trace/eap_seen.h"
#include "trace/radius.h"

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
    [LK_RADIUS_MIS_SUBSCRIBER] = { "MIS-Subscriber", "-", false },
    [LK_RADIUS_MIP_AGENT] = { "MIP-Agent", "RFC 3957 3", false },
    [LK_RADIUS_MIP_REQUEST] = { "MIP-Request", "RFC 3957 3", false },
    [LK_RADIUS_MIP_MN_HA] = { "MIP-MN-HA", "RFC 3957 6.4", false },
    [LK_RADIUS_MIP_MN_FA] = { "MIP-MN-FA", "RFC 3957 6.2", false },
    [LK_RADIUS_MIP_REFUSED] = { "MIP-Refused", "RFC 3957 3", false },
};

const char *lk_trace_private_name(uint32_t vendor, uint8_t type)
{
    return vendor == LK_TRACE_ENTERPRISE && type < LK_COUNT_OF(private_rows)
               ? private_rows[type].name
               : NULL;
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
    else if (attribute->type == LK_RADIUS_MIS_POS || attribute->type == LK_RADIUS_MIP_REFUSED)
        lk_field_text(text, value);
    else if (attribute->type == LK_RADIUS_TWAG_CP_ADDRESS && value.len == 4)
        snprintf(text, sizeof text, "%u.%u.%u.%u", value.at[0], value.at[1], value.at[2],
                 value.at[3]);
    else if (lk_radius_u32(&number, value) == LK_OK
             && attribute->type == LK_RADIUS_TWAN_CONNECTION_MODE)
        lk_modes_text(text, number);
    else if (attribute->type == LK_RADIUS_MIS_LIFETIME && value.len == 4)
        snprintf(text, sizeof text, "%u s", number);
    (void)lk_radius_seen_mip_text(text, attribute);
    lk_tell(v, 1, row->name, row->clause, "%s", text);
}

static void tell_vendor(const struct lk_teller *v, struct lk_span value)
{
    struct lk_radius_vendor vendor;
    struct lk_radius_attribute attribute;
    struct lk_reader r;
    char text[LK_FIELD_VALUE_MAX], name[LK_FIELD_NAME_MAX];
    uint32_t number;

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
        } else if (lk_radius_u32(&number, attribute.value) == LK_OK) {
            lk_tell(v, 1, known, "", "%u", number);
        } else {
            lk_tell(v, 1, known, vendor.id == LK_RADIUS_MICROSOFT ? "RFC 2548 2.4" : "",
                    "%zu octets, hidden under the shared secret", attribute.value.len);
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

void lk_radius_fields(const struct lk_teller *v, const struct lk_trace_message *message)
{
    tell_radius(v, message);
    if (message->radius.has_eap)
        lk_eap_tell(v, message->radius.eap_octets, message->radius.eap_status,
                    &message->radius.eap);
}

#include "trace/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/secret.h"

struct visitor {
    void (*visit)(void *context, const struct lk_field *field);
    void *context;
    const struct lk_run_keys *keys;
};

static void tell(const struct visitor *v, unsigned depth, const char *name, const char *clause,
                 const char *format, ...) LK_PRINTF(5, 6);

static void tell(const struct visitor *v, unsigned depth, const char *name, const char *clause,
                 const char *format, ...)
{
    struct lk_field field = { .depth = depth };
    va_list args;

    snprintf(field.name, sizeof field.name, "%s", name);
    snprintf(field.clause, sizeof field.clause, "%s", clause);
    va_start(args, format);
    vsnprintf(field.value, sizeof field.value, format, args);
    va_end(args);
    v->visit(v->context, &field);
}

static void hex_of(char text[LK_FIELD_VALUE_MAX], struct lk_span octets)
{
    size_t most = (LK_FIELD_VALUE_MAX - 8) / 2;

    if (octets.len <= most) {
        LK_ASSERT(lk_hex_encode(text, LK_FIELD_VALUE_MAX, octets) == LK_OK);
        return;
    }
    LK_ASSERT(lk_hex_encode(text, LK_FIELD_VALUE_MAX, lk_span_of(octets.at, most)) == LK_OK);
    (void)snprintf(text + strlen(text), 4, "...");
}

/* Text as it is when it is printable, else its octets. */
static void text_of(char text[LK_FIELD_VALUE_MAX], struct lk_span octets)
{
    bool printable = octets.len < LK_FIELD_VALUE_MAX;

    for (size_t i = 0; i < octets.len; i++)
        printable = printable && octets.at[i] >= 0x20 && octets.at[i] < 0x7f;
    if (!printable) {
        hex_of(text, octets);
        return;
    }
    if (octets.len > 0)
        memcpy(text, octets.at, octets.len);
    text[octets.len] = '\0';
}

/* ---- RADIUS ---- */

static void tell_vendor(const struct visitor *v, struct lk_span value)
{
    struct lk_radius_vendor vendor;
    struct lk_radius_attribute attribute;
    struct lk_reader r;
    char text[LK_FIELD_VALUE_MAX], name[LK_FIELD_NAME_MAX];

    if (lk_radius_decode_vendor(&vendor, value) != LK_OK) {
        hex_of(text, value);
        tell(v, 1, "Vendor-Specific", "RFC 2865 5.26", "%s", text);
        return;
    }
    r = lk_reader_of(vendor.attributes);
    while (lk_radius_next(&r, &attribute)) {
        const char *known = lk_radius_vendor_attribute_name(vendor.id, attribute.type);

        if (known[0] == '?') {
            snprintf(name, sizeof name, "Vendor %u, type %u", vendor.id, attribute.type);
            tell(v, 1, name, "RFC 2865 5.26", "%zu octets", attribute.value.len);
        } else {
            tell(v, 1, known, "RFC 2548 2.4", "%zu octets, hidden under the shared secret",
                 attribute.value.len);
        }
    }
}

static void tell_attribute(const struct visitor *v, const struct lk_radius_attribute *attribute)
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
        text_of(text, value);
        break;
    case LK_RADIUS_NUMBER:
    case LK_RADIUS_TIME:
        if (lk_radius_u32(&number, value) == LK_OK)
            snprintf(text, sizeof text, "%u", number);
        else
            hex_of(text, value);
        break;
    case LK_RADIUS_ADDRESS:
        if (value.len == 4)
            snprintf(text, sizeof text, "%u.%u.%u.%u", value.at[0], value.at[1], value.at[2],
                     value.at[3]);
        else
            hex_of(text, value);
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
        hex_of(text, value);
        break;
    }
    tell(v, 1, name, "", "%s", text);
}

static void tell_radius(const struct visitor *v, const struct lk_trace_message *message)
{
    struct lk_radius_attribute attribute;
    char text[LK_FIELD_VALUE_MAX], name[LK_TRACE_NAME_MAX];
    struct lk_reader r;
    size_t parts = 0;

    lk_trace_radius_name(name, message);
    tell(v, 0, "RADIUS", "RFC 2865 3", "%s, %zu octets", name, message->radius.len);
    if (message->status != LK_OK)
        return;
    tell(v, 1, "Identifier", "", "%u", message->packet.identifier);
    hex_of(text, message->packet.authenticator);
    tell(v, 1, "Authenticator", "", "%s", text);
    r = lk_reader_of(message->packet.attributes);
    while (lk_radius_next(&r, &attribute)) {
        parts += attribute.type == LK_RADIUS_EAP_MESSAGE;
        tell_attribute(v, &attribute);
    }
    if (message->has_eap)
        tell(v, 1, "EAP-Message", "RFC 3579 3.1", "%zu octets in %zu attribute%s",
             message->eap_octets.len, parts, parts == 1 ? "" : "s");
}

/* ---- EAP ---- */

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
        text_of(text, item->value);
        break;
    case LK_FORM_BLOCK:
    case LK_FORM_RES:
    case LK_FORM_RAW:
    case LK_FORM_UNKNOWN:
        hex_of(text, item->value);
        if (item->value.len == 0)
            snprintf(text, LK_FIELD_VALUE_MAX, "empty");
        break;
    }
}

static void tell_items(const struct visitor *v, unsigned depth, struct lk_span attributes,
                       const struct lk_eap_packet *packet)
{
    struct lk_reader r = lk_reader_of(attributes);
    char text[LK_FIELD_VALUE_MAX];
    uint8_t plain[LK_EAP_PACKET_MAX];
    struct lk_aka_item item;

    while (lk_aka_walk(&r, &item)) {
        item_value(text, &item);
        tell(v, depth, item.name, item.clause, "%s", text);
        if (item.type == LK_AT_ENCR_DATA && packet != NULL && v->keys != NULL) {
            struct lk_span inner = lk_run_decrypt(plain, sizeof plain, v->keys, packet);

            if (inner.len > 0)
                tell_items(v, depth + 1, inner, NULL);
        }
    }
    lk_wipe(plain, sizeof plain);
}

static void tell_eap(const struct visitor *v, const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = &message->eap;
    char text[LK_FIELD_VALUE_MAX], name[LK_TRACE_NAME_MAX];

    lk_trace_message_name(name, message);
    tell(v, 0, "EAP", "RFC 3748 4", "%s, %zu octets", name, message->eap_octets.len);
    if (message->eap_status != LK_OK || message->eap_octets.len == 0) {
        hex_of(text, message->eap_octets);
        tell(v, 1, "Octets", "", "%s", text);
        return;
    }
    tell(v, 1, "Code", "", "%u (%s)", eap->code, lk_eap_code_name(eap->code));
    tell(v, 1, "Identifier", "", "%u", eap->id);
    if (eap->type == LK_EAP_NO_TYPE)
        return;
    tell(v, 1, "Type", "", "%u (%s)", eap->type, lk_eap_type_name(eap->type));
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME) {
        tell(v, 1, "Subtype", "RFC 4187 8.1", "%u (%s)", eap->subtype,
             lk_aka_subtype_name(eap->subtype));
        tell_items(v, 1, eap->attributes, eap);
    } else if (eap->type_data.len > 0) {
        text_of(text, eap->type_data);
        tell(v, 1, eap->type == LK_EAP_IDENTITY ? "Identity" : "Data", "", "%s", text);
    }
}

void lk_fields_visit(const struct lk_trace_message *message, const struct lk_run_keys *keys,
                     void (*visit)(void *context, const struct lk_field *field), void *context)
{
    struct visitor v = { visit, context, keys };

    tell_radius(&v, message);
    if (message->has_eap)
        tell_eap(&v, message);
}

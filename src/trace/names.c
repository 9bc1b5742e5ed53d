/* Names and one-line summaries of messages, for ladders and tables. */
#include <stdio.h>
#include <string.h>

#include "trace/trace.h"

const char *lk_trace_outcome_name(enum lk_trace_outcome outcome)
{
    switch (outcome) {
    case LK_TRACE_OPEN:
        return "abandoned";
    case LK_TRACE_SILENT:
        return "no answer";
    case LK_TRACE_ACCEPTED:
        return "accepted";
    case LK_TRACE_REJECTED:
        return "rejected";
    }
    return "?";
}

void lk_trace_radius_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    const char *known;

    if (message->status != LK_OK) {
        snprintf(name, LK_TRACE_NAME_MAX, "not RADIUS (%s)", lk_status_name(message->status));
        return;
    }
    known = lk_radius_code_name(message->packet.code);
    if (known[0] == '?')
        snprintf(name, LK_TRACE_NAME_MAX, "RADIUS %u", message->packet.code);
    else
        snprintf(name, LK_TRACE_NAME_MAX, "%s", known);
}

void lk_trace_message_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    char eap[LK_EAP_NAME_MAX];

    if (!message->has_eap) {
        lk_trace_radius_name(name, message);
        return;
    }
    if (message->eap_status != LK_OK) {
        snprintf(name, LK_TRACE_NAME_MAX, "EAP that does not decode (%s)",
                 lk_status_name(message->eap_status));
        return;
    }
    if (message->eap_octets.len == 0) {
        snprintf(name, LK_TRACE_NAME_MAX, "EAP-Start");
        return;
    }
    lk_eap_packet_name(eap, &message->eap);
    snprintf(name, LK_TRACE_NAME_MAX, "EAP-%s", eap);
}

/* Appends to a summary: a comma between, dots where it is full, nothing unprintable. */
static void append(char text[LK_TRACE_SUMMARY_MAX], struct lk_span what, bool separate)
{
    size_t len = strlen(text);

    if (separate && len > 0 && len + 2 < LK_TRACE_SUMMARY_MAX) {
        memcpy(text + len, ", ", 3);
        len += 2;
    }
    for (size_t i = 0; i < what.len; i++) {
        if (len + 4 >= LK_TRACE_SUMMARY_MAX) {
            memcpy(text + LK_TRACE_SUMMARY_MAX - 4, "...", 4);
            return;
        }
        text[len++] = what.at[i] >= 0x20 && what.at[i] < 0x7f ? (char)what.at[i] : '?';
    }
    text[len] = '\0';
}

static void summarise_aka(char text[LK_TRACE_SUMMARY_MAX], const struct lk_eap_packet *eap)
{
    struct lk_reader r = lk_reader_of(eap->attributes);
    struct lk_aka_item item;
    char number[16];

    while (lk_aka_walk(&r, &item)) {
        const char *name = strncmp(item.name, "AT_", 3) == 0 ? item.name + 3 : item.name;

        append(text, lk_span_text(name), true);
        if (item.type == LK_AT_BIDDING && (item.number & LK_AKA_BIDDING_D) != 0) {
            append(text, lk_span_text(" D"), false);
        } else if (item.form == LK_FORM_U16) {
            snprintf(number, sizeof number, " %u", item.number);
            append(text, lk_span_text(number), false);
        } else if (item.form == LK_FORM_TEXT) {
            append(text, lk_span_text(" "), false);
            append(text, item.value, false);
        }
    }
}

/* What an Access-Accept, or a message without EAP, brings beside its frame. */
static void summarise_radius(char text[LK_TRACE_SUMMARY_MAX], const struct lk_radius_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor vendor;

    while (lk_radius_next(&r, &attribute)) {
        const char *name = lk_radius_attribute_name(attribute.type);

        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC
            && lk_radius_decode_vendor(&vendor, attribute.value) == LK_OK
            && vendor.attributes.len > 0)
            name = lk_radius_vendor_attribute_name(vendor.id, vendor.attributes.at[0]);
        if (attribute.type != LK_RADIUS_EAP_MESSAGE
            && attribute.type != LK_RADIUS_MESSAGE_AUTHENTICATOR && name[0] != '?')
            append(text, lk_span_text(name), true);
    }
}

void lk_trace_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message)
{
    const struct lk_eap_packet *eap = &message->eap;

    text[0] = '\0';
    if (message->status == LK_OK
        && (message->packet.code == LK_RADIUS_ACCESS_ACCEPT || !message->has_eap))
        summarise_radius(text, &message->packet);
    if (!message->has_eap || message->eap_status != LK_OK || message->eap_octets.len == 0)
        return;
    if (eap->type == LK_EAP_IDENTITY)
        append(text, eap->type_data, true);
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        summarise_aka(text, eap);
}

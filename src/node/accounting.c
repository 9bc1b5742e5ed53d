#include "node/accounting.h"

#include <string.h>

/* Numbers of the request, before they become the record's. */
struct numbers {
    bool has_kind, has_session;
    uint32_t kind, delay_s, event_s;
    uint32_t input, output, input_giga, output_giga;
};

enum { ACCT_DELAY_TIME = 41 };

_Static_assert(sizeof ((struct lk_accounting *)NULL)->client == LK_RADIUS_CLIENT_TEXT,
               "a record has room for any client");

static void take_text(char *to, size_t cap, struct lk_span text)
{
    size_t len = text.len < cap - 1 ? text.len : cap - 1;

    for (size_t i = 0; i < len; i++)
        to[i] = text.at[i] >= 0x20 && text.at[i] < 0x7f ? (char)text.at[i] : '?';
    to[len] = '\0';
}

static enum lk_status take_number(struct lk_accounting *record, struct numbers *numbers,
                                  const struct lk_radius_attribute *attribute)
{
    uint32_t seconds = 0;
    enum lk_status status;

    switch (attribute->type) {
    case LK_RADIUS_ACCT_STATUS_TYPE:
        numbers->has_kind = true;
        return lk_radius_u32(&numbers->kind, attribute->value);
    case ACCT_DELAY_TIME:
        return lk_radius_u32(&numbers->delay_s, attribute->value);
    case LK_RADIUS_EVENT_TIMESTAMP:
        return lk_radius_u32(&numbers->event_s, attribute->value);
    case LK_RADIUS_ACCT_INPUT_OCTETS:
        return lk_radius_u32(&numbers->input, attribute->value);
    case LK_RADIUS_ACCT_OUTPUT_OCTETS:
        return lk_radius_u32(&numbers->output, attribute->value);
    case LK_RADIUS_ACCT_INPUT_GIGAWORDS:
        return lk_radius_u32(&numbers->input_giga, attribute->value);
    case LK_RADIUS_ACCT_OUTPUT_GIGAWORDS:
        return lk_radius_u32(&numbers->output_giga, attribute->value);
    case LK_RADIUS_ACCT_TERMINATE_CAUSE:
        return lk_radius_u32(&record->terminate_cause, attribute->value);
    case LK_RADIUS_ACCT_SESSION_TIME:
        status = lk_radius_u32(&seconds, attribute->value);
        record->session_s = seconds;
        return status;
    default:
        return LK_OK;
    }
}

static void take_words(struct lk_accounting *record, struct numbers *numbers,
                       const struct lk_radius_attribute *attribute,
                       const struct lk_radius_class_key *class_key)
{
    struct lk_radius_class content;

    switch (attribute->type) {
    case LK_RADIUS_USER_NAME:
        take_text(record->user, sizeof record->user, attribute->value);
        break;
    case LK_RADIUS_ACCT_SESSION_ID:
        numbers->has_session = attribute->value.len > 0;
        take_text(record->session, sizeof record->session, attribute->value);
        break;
    case LK_RADIUS_CALLED_STATION_ID:
        take_text(record->called, sizeof record->called, attribute->value);
        break;
    case LK_RADIUS_CALLING_STATION_ID:
        take_text(record->calling, sizeof record->calling, attribute->value);
        break;
    case LK_RADIUS_CLASS:
        /* spec: RFC 2865 5.25 - Class of the Accept comes back; one that does not open is not
         * ours. */
        if (record->imsi.digits[0] == '\0' &&
            lk_radius_class_open(&content, class_key, attribute->value) == LK_OK)
            record->imsi = content.imsi;
        break;
    default:
        break;
    }
}

/* spec: RFC 2866 5.1 - Acct-Status-Type says what it is.
 * spec: RFC 2866 5.5 - Acct-Session-Id; on and off speak of the client and need none. */
static enum lk_status judge(const struct numbers *numbers)
{
    if (!numbers->has_kind)
        return LK_E_MISSING;
    switch (numbers->kind) {
    case LK_ACCT_ON:
    case LK_ACCT_OFF:
        return LK_OK;
    case LK_ACCT_START:
    case LK_ACCT_STOP:
    case LK_ACCT_INTERIM:
        return numbers->has_session ? LK_OK : LK_E_MISSING;
    default:
        return LK_E_VALUE;
    }
}

/* No more than a store holds in its signed numbers: one record that it refuses would take the whole
 * transaction, and other clients' records, down with it. */
static uint64_t octets_of(uint32_t giga, uint32_t low)
{
    uint64_t octets = (uint64_t)giga << 32 | low;

    return octets <= INT64_MAX ? octets : INT64_MAX;
}

enum lk_status lk_accounting_read(struct lk_accounting *record,
                                  const struct lk_radius_request *request,
                                  const struct lk_radius_client *client,
                                  const struct lk_address *source,
                                  const struct lk_radius_class_key *class_key, uint64_t now_ms)
{
    struct lk_reader r = lk_reader_of(request->packet.attributes);
    struct lk_radius_attribute attribute;
    struct numbers numbers = { 0 };
    enum lk_status status = LK_OK;
    uint64_t delay_ms;

    memset(record, 0, sizeof *record);
    while (status == LK_OK && lk_radius_next(&r, &attribute)) {
        status = take_number(record, &numbers, &attribute);
        take_words(record, &numbers, &attribute, class_key);
    }
    if (status == LK_OK)
        status = judge(&numbers);
    record->kind = numbers.kind;
    lk_radius_client_text(record->client, client, source);
    record->input_octets = octets_of(numbers.input_giga, numbers.input);
    record->output_octets = octets_of(numbers.output_giga, numbers.output);
    /* spec: RFC 2869 5.3 - Event-Timestamp is when it happened; without it Acct-Delay-Time says how
     * long the client has been trying (RFC 2866 5.2). */
    delay_ms = (uint64_t)numbers.delay_s * 1000;
    if (numbers.event_s != 0)
        record->at_ms = (uint64_t)numbers.event_s * 1000;
    else
        record->at_ms = now_ms > delay_ms ? now_ms - delay_ms : 0;
    return status;
}

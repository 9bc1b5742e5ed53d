/* Values that WLCP messages carry: causes, PDN addresses, access point names, configuration
 * options, GPRS timer 3. */
#include <string.h>

#include "wire/wlcp.h"

/* ---- causes ---- */

static const struct {
    uint8_t cause;
    const char *name;
} causes[] = {
    { LK_WLCP_CAUSE_BARRED, "operator determined barring" },
    { LK_WLCP_CAUSE_RESOURCES, "insufficient resources" },
    { LK_WLCP_CAUSE_APN_UNKNOWN, "missing or unknown APN" },
    { LK_WLCP_CAUSE_PDN_TYPE_UNKNOWN, "unknown PDN type" },
    { LK_WLCP_CAUSE_AUTHENTICATION, "user authentication failed" },
    { LK_WLCP_CAUSE_REJECTED_BY_ANCHOR, "rejected by the PDN gateway" },
    { LK_WLCP_CAUSE_REJECTED, "rejected, unspecified" },
    { LK_WLCP_CAUSE_NOT_SUPPORTED, "service option not supported" },
    { LK_WLCP_CAUSE_NOT_SUBSCRIBED, "service option not subscribed" },
    { LK_WLCP_CAUSE_OUT_OF_ORDER, "service option temporarily out of order" },
    { LK_WLCP_CAUSE_PTI_IN_USE, "PTI already in use" },
    { LK_WLCP_CAUSE_REGULAR, "regular deactivation" },
    { LK_WLCP_CAUSE_NETWORK_FAILURE, "network failure" },
    { LK_WLCP_CAUSE_REACTIVATE, "reactivation requested" },
    { LK_WLCP_CAUSE_PTI_MISMATCH, "PTI mismatch" },
    { LK_WLCP_CAUSE_IPV4_ONLY, "IPv4 only" },
    { LK_WLCP_CAUSE_IPV6_ONLY, "IPv6 only" },
    { LK_WLCP_CAUSE_ONE_ADDRESS_ONLY, "single address only" },
    { LK_WLCP_CAUSE_NO_SUCH_CONNECTION, "PDN connection does not exist" },
    { LK_WLCP_CAUSE_ONE_PER_APN, "one PDN connection for an APN" },
    { LK_WLCP_CAUSE_COLLISION, "collision with a request of the network" },
    { LK_WLCP_CAUSE_IPV4V6_ONLY, "IPv4v6 only" },
    { LK_WLCP_CAUSE_PTI_INVALID, "invalid PTI" },
    { LK_WLCP_CAUSE_SEMANTIC, "semantically incorrect message" },
    { LK_WLCP_CAUSE_MANDATORY, "invalid mandatory information" },
    { LK_WLCP_CAUSE_TYPE_UNKNOWN, "message type unknown" },
    { LK_WLCP_CAUSE_TYPE_STATE, "message type not compatible with the state" },
    { LK_WLCP_CAUSE_IE_UNKNOWN, "information element unknown" },
    { LK_WLCP_CAUSE_CONDITIONAL, "conditional element wrong" },
    { LK_WLCP_CAUSE_MESSAGE_STATE, "message not compatible with the state" },
    { LK_WLCP_CAUSE_PROTOCOL_ERROR, "protocol error" },
    { LK_WLCP_CAUSE_APN_RESTRICTION, "APN restriction" },
    { LK_WLCP_CAUSE_MULTIPLE_ACCESSES, "multiple accesses not allowed" },
};

static const char *listed(uint8_t cause)
{
    for (size_t i = 0; i < LK_COUNT_OF(causes); i++)
        if (causes[i].cause == cause)
            return causes[i].name;
    return NULL;
}

/* spec: TS 24.301 9.9.4.4 - a value that is not listed is 34 to the UE and 111 to the network. */
uint8_t lk_wlcp_cause_taken(uint8_t cause, enum lk_wlcp_end receiver)
{
    if (listed(cause) != NULL)
        return cause;
    return receiver == LK_WLCP_UE ? LK_WLCP_CAUSE_OUT_OF_ORDER : LK_WLCP_CAUSE_PROTOCOL_ERROR;
}

const char *lk_wlcp_cause_name(uint8_t cause)
{
    const char *name = listed(cause);

    return name != NULL ? name : "unlisted";
}

/* ---- PDN addresses ---- */

/* spec: TS 24.301 9.9.4.9 - type in three bits, then interface identifier, then IPv4 address. */
enum lk_status lk_wlcp_address_decode(struct lk_wlcp_address *address, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);

    memset(address, 0, sizeof *address);
    address->pdn_type = lk_get_u8(&r) & 7;
    if (address->pdn_type < LK_WLCP_IPV4 || address->pdn_type > LK_WLCP_IPV4V6)
        return LK_E_VALUE;
    if ((address->pdn_type & LK_WLCP_IPV6) != 0)
        lk_get_copy(&r, address->interface_id, sizeof address->interface_id);
    if ((address->pdn_type & LK_WLCP_IPV4) != 0)
        lk_get_copy(&r, address->ipv4, sizeof address->ipv4);
    return lk_reader_end(&r) == LK_OK ? LK_OK : LK_E_LENGTH;
}

void lk_wlcp_address_put(struct lk_writer *w, const struct lk_wlcp_address *address)
{
    lk_put_u8(w, address->pdn_type);
    if ((address->pdn_type & LK_WLCP_IPV6) != 0)
        lk_put_span(w, LK_SPAN(address->interface_id));
    if ((address->pdn_type & LK_WLCP_IPV4) != 0)
        lk_put_span(w, LK_SPAN(address->ipv4));
}

/* ---- access point names ---- */

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool label_good(struct lk_span label)
{
    if (label.len == 0 || label.len > 63 || !is_letter_or_digit(label.at[0]) ||
        !is_letter_or_digit(label.at[label.len - 1]))
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_letter_or_digit(label.at[i]) && label.at[i] != '-')
            return false;
    return true;
}

/* spec: TS 23.003 9.1 - labels of letters, digits and hyphens, each behind its length, 100 octets
 * in all. */
enum lk_status lk_wlcp_apn_check(struct lk_span labels)
{
    struct lk_reader r = lk_reader_of(labels);

    if (labels.len < 2 || labels.len > LK_WLCP_APN_MAX)
        return LK_E_LENGTH;
    while (r.left > 0)
        if (!label_good(lk_get_lv8(&r)))
            return LK_E_VALUE;
    return lk_reader_end(&r);
}

enum lk_status lk_wlcp_apn_decode(struct lk_wlcp_apn *apn, struct lk_span labels)
{
    enum lk_status status = lk_wlcp_apn_check(labels);

    memset(apn, 0, sizeof *apn);
    if (status != LK_OK)
        return status;
    memcpy(apn->labels, labels.at, labels.len);
    apn->len = (uint8_t)labels.len;
    return LK_OK;
}

enum lk_status lk_wlcp_apn_parse(struct lk_wlcp_apn *apn, const char *text)
{
    uint8_t labels[LK_WLCP_APN_MAX];
    struct lk_writer w = lk_writer_of(labels, sizeof labels);

    memset(apn, 0, sizeof *apn);
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ".");

        if (len > 63)
            return LK_E_LENGTH;
        lk_put_lv8(&w, lk_span_of(p, len));
        p += len;
        if (*p == '\0')
            break;
    }
    if (lk_writer_end(&w) != LK_OK)
        return LK_E_LENGTH;
    return lk_wlcp_apn_decode(apn, lk_writer_span(&w));
}

void lk_wlcp_apn_text(char text[LK_WLCP_APN_TEXT], const struct lk_wlcp_apn *apn)
{
    struct lk_reader r = lk_reader_of(lk_span_of(apn->labels, apn->len));
    struct lk_writer w = lk_writer_of(text, LK_WLCP_APN_TEXT);

    while (r.left > 0) {
        if (w.len > 0)
            lk_put_u8(&w, '.');
        lk_put_span(&w, lk_get_lv8(&r));
    }
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool begins_with(const struct lk_wlcp_apn *apn, const struct lk_wlcp_apn *start)
{
    if (start->len > apn->len)
        return false;
    for (size_t i = 0; i < start->len; i++)
        if (lower(apn->labels[i]) != lower(start->labels[i]))
            return false;
    return true;
}

bool lk_wlcp_apn_equal(const struct lk_wlcp_apn *a, const struct lk_wlcp_apn *b)
{
    return a->len == b->len && begins_with(a, b);
}

/* spec: TS 23.003 9.1.2 - an operator identifier is three labels: mnc, mcc, "gprs". */
bool lk_wlcp_apn_is_of(const struct lk_wlcp_apn *apn, const struct lk_wlcp_apn *network)
{
    static const uint8_t gprs[] = { 4, 'g', 'p', 'r', 's' };
    enum { OPERATOR_LEN = 7 + 7 + 5 }; /* mnc001 mcc001 gprs, each behind its length */
    const uint8_t *end = apn->labels + apn->len;

    if (lk_wlcp_apn_equal(apn, network))
        return true;
    if (network->len == 0 || !begins_with(apn, network) || apn->len != network->len + OPERATOR_LEN)
        return false;
    for (size_t i = 0; i < sizeof gprs; i++)
        if (lower(end[i - sizeof gprs]) != gprs[i])
            return false;
    return end[-OPERATOR_LEN] == 6 && end[-OPERATOR_LEN + 7] == 6;
}

/* ---- protocol configuration options ---- */

/* spec: TS 24.008 10.5.6.3 - an octet with its highest bit set, then containers of identifier,
 * length and contents that fill the value. */
enum lk_status lk_pco_check(struct lk_span value)
{
    struct lk_reader r = lk_pco_reader(value);
    struct lk_pco_item item;

    if (value.len == 0 || value.len > LK_WLCP_PCO_MAX || (value.at[0] & 0x80) == 0)
        return LK_E_VALUE;
    while (lk_pco_next(&r, &item))
        ;
    return lk_reader_end(&r);
}

struct lk_reader lk_pco_reader(struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);

    (void)lk_get_u8(&r);
    return r;
}

bool lk_pco_next(struct lk_reader *r, struct lk_pco_item *item)
{
    if (r->left == 0 || r->status != LK_OK)
        return false;
    item->id = lk_get_be16(r);
    item->contents = lk_get_lv8(r);
    return r->status == LK_OK;
}

bool lk_pco_find(struct lk_span value, uint16_t id, struct lk_span *contents)
{
    struct lk_reader r = lk_pco_reader(value);
    struct lk_pco_item item;

    while (lk_pco_next(&r, &item))
        if (item.id == id) {
            *contents = item.contents;
            return true;
        }
    return false;
}

void lk_pco_begin(struct lk_writer *w)
{
    lk_put_u8(w, 0x80);
}

void lk_pco_put(struct lk_writer *w, uint16_t id, struct lk_span contents)
{
    lk_put_be16(w, id);
    lk_put_lv8(w, contents);
}

/* ---- GPRS timer 3 ---- */

enum { TIMER3_COUNT_MAX = 31 };

/* spec: TS 24.008 10.5.7.4a - five bits count units; 111 says that the timer does not run. */
static const uint32_t timer3_unit_s[7] = {
    [0] = 600, [1] = 3600, [2] = 36000, [3] = 2, [4] = 30, [5] = 60, [6] = 1152000,
};
/* The units from the shortest. */
static const uint8_t timer3_order[7] = { 3, 4, 5, 0, 1, 2, 6 };

uint64_t lk_gprs_timer3_ms(uint8_t octet)
{
    if (octet >> 5 == 7)
        return UINT64_MAX;
    return (uint64_t)timer3_unit_s[octet >> 5] * (octet & TIMER3_COUNT_MAX) * 1000;
}

uint8_t lk_gprs_timer3_of(uint64_t ms)
{
    if (ms == UINT64_MAX)
        return 7 << 5;
    for (size_t i = 0; i < LK_COUNT_OF(timer3_order); i++) {
        uint64_t unit_ms = (uint64_t)timer3_unit_s[timer3_order[i]] * 1000;
        uint64_t count = ms / unit_ms + (ms % unit_ms != 0);

        if (count <= TIMER3_COUNT_MAX)
            return (uint8_t)(timer3_order[i] << 5 | (uint8_t)count);
    }
    return 6 << 5 | TIMER3_COUNT_MAX;
}

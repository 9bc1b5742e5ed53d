/* The bodies of management frames. Which elements are read, and how long each may be, is one
 * table. */
#include "wire/ieee80211.h"

enum { AID_MARK = 0xc000 };

enum element { SSID, RATES, MORE_RATES, RSNE, ELEMENTS };

/* spec: IEEE 802.11 9.4.2 - identifiers, least and greatest lengths. The SSID of an association is
 * never empty. */
static const struct element_row {
    uint8_t id;
    uint8_t least, greatest;
    bool whole; /* identifier and length are kept */
} rows[ELEMENTS] = {
    [SSID] = { 0, 1, LK_80211_SSID_MAX, false },
    [RATES] = { 1, 1, LK_80211_RATES_MAX, false },
    [MORE_RATES] = { 50, 1, 255, false },
    [RSNE] = { 48, 2, 255, true },
};

void lk_80211_ssid_text(char text[LK_80211_SSID_TEXT], struct lk_span ssid)
{
    size_t len = ssid.len < LK_80211_SSID_MAX ? ssid.len : LK_80211_SSID_MAX;

    for (size_t i = 0; i < len; i++)
        text[i] = ssid.at[i] >= ' ' && ssid.at[i] <= '~' ? (char)ssid.at[i] : '.';
    text[len] = '\0';
}

/* Places in the order in which a frame has them. */
struct places {
    struct lk_span *at[ELEMENTS];
};

static struct places places_of(struct lk_80211_elements *elements)
{
    return (struct places){ { [SSID] = &elements->ssid, [RATES] = &elements->rates,
                              [MORE_RATES] = &elements->more_rates, [RSNE] = &elements->rsne } };
}

static bool may_be(const struct element_row *row, struct lk_span value)
{
    size_t head = row->whole ? 2 : 0;

    return value.len >= row->least + head && value.len <= row->greatest + head;
}

static void get_element(struct places *places, struct lk_reader *r)
{
    const uint8_t *begin = r->at;
    uint8_t id = lk_get_u8(r);
    struct lk_span value = lk_get_lv8(r);

    for (enum element e = SSID; e < ELEMENTS && r->status == LK_OK; e++) {
        if (rows[e].id != id)
            continue;
        if (rows[e].whole)
            value = lk_span_of(begin, 2 + value.len);
        if (!may_be(&rows[e], value))
            lk_reader_fail(r, LK_E_LENGTH);
        else if (places->at[e]->len > 0)
            lk_reader_fail(r, LK_E_TWICE);
        else
            *places->at[e] = value;
    }
}

static enum lk_status elements_get(struct lk_80211_elements *elements, struct lk_reader *r)
{
    struct places places = places_of(elements);

    while (r->left > 0)
        get_element(&places, r);
    return lk_reader_end(r);
}

static enum lk_status elements_put(struct lk_writer *w, const struct lk_80211_elements *elements)
{
    struct lk_80211_elements copy = *elements;
    struct places places = places_of(&copy);

    for (enum element e = SSID; e < ELEMENTS; e++) {
        if (places.at[e]->len == 0)
            continue;
        if (!may_be(&rows[e], *places.at[e]))
            return LK_E_LENGTH;
        if (rows[e].whole) {
            lk_put_span(w, *places.at[e]);
        } else {
            lk_put_u8(w, rows[e].id);
            lk_put_lv8(w, *places.at[e]);
        }
    }
    return lk_writer_end(w);
}

/* ---- authentication ---- */

/* spec: IEEE 802.11 9.3.3 - algorithm, transaction, status, elements. */
enum lk_status lk_80211_authentication_decode(struct lk_80211_authentication *message,
                                              struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    message->algorithm = lk_get_le16(&r);
    message->transaction = lk_get_le16(&r);
    message->status = lk_get_le16(&r);
    message->elements = lk_get_rest(&r);
    return lk_reader_end(&r);
}

enum lk_status lk_80211_authentication_encode(struct lk_writer *w,
                                              const struct lk_80211_authentication *message)
{
    lk_put_le16(w, message->algorithm);
    lk_put_le16(w, message->transaction);
    lk_put_le16(w, message->status);
    lk_put_span(w, message->elements);
    return lk_writer_end(w);
}

/* ---- association ---- */

static enum lk_status request_status(const struct lk_80211_association_request *message)
{
    return message->elements.ssid.len == 0 || message->elements.rates.len == 0 ? LK_E_MISSING
                                                                               : LK_OK;
}

/* spec: IEEE 802.11 9.3.3 - a reassociation also names the access point that it comes from. */
enum lk_status
lk_80211_association_request_decode(struct lk_80211_association_request *message, bool again,
                                    struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    enum lk_status status;

    *message = (struct lk_80211_association_request){ .again = again };
    message->capabilities = lk_get_le16(&r);
    message->listen_interval = lk_get_le16(&r);
    if (again)
        lk_get_copy(&r, message->current, sizeof message->current);
    status = elements_get(&message->elements, &r);
    return status != LK_OK ? status : request_status(message);
}

enum lk_status
lk_80211_association_request_encode(struct lk_writer *w,
                                    const struct lk_80211_association_request *message)
{
    enum lk_status status = request_status(message);

    if (status != LK_OK)
        return status;
    lk_put_le16(w, message->capabilities);
    lk_put_le16(w, message->listen_interval);
    if (message->again)
        lk_put_octets(w, message->current, sizeof message->current);
    return elements_put(w, &message->elements);
}

static enum lk_status response_status(const struct lk_80211_association_response *message)
{
    if (message->aid > LK_80211_AID_MAX)
        return LK_E_VALUE;
    if (message->status != LK_80211_SUCCESS)
        return LK_OK;
    if (message->elements.rates.len == 0)
        return LK_E_MISSING;
    return message->aid == 0 ? LK_E_VALUE : LK_OK;
}

/* spec: IEEE 802.11 9.4.1 - the two highest bits of the AID field are set. */
enum lk_status
lk_80211_association_response_decode(struct lk_80211_association_response *message,
                                     struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    enum lk_status status;

    *message = (struct lk_80211_association_response){ .capabilities = lk_get_le16(&r) };
    message->status = lk_get_le16(&r);
    message->aid = (uint16_t)(lk_get_le16(&r) & ~AID_MARK);
    status = elements_get(&message->elements, &r);
    return status != LK_OK ? status : response_status(message);
}

enum lk_status
lk_80211_association_response_encode(struct lk_writer *w,
                                     const struct lk_80211_association_response *message)
{
    enum lk_status status = response_status(message);

    if (status != LK_OK)
        return status;
    lk_put_le16(w, message->capabilities);
    lk_put_le16(w, message->status);
    lk_put_le16(w, (uint16_t)(message->aid | AID_MARK));
    return elements_put(w, &message->elements);
}

/* ---- deauthentication, disassociation ---- */

enum lk_status lk_80211_reason_decode(uint16_t *reason, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    *reason = lk_get_le16(&r);
    return r.status;
}

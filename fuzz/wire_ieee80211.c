/* Octets as a frame behind a radiotap header: the MAC header is written again octet by octet, and
 * the body, by its kind, as octets that say the same. */
#include "fuzz.h"

#include "wire/ccmp.h"

enum { ROOM = 65536 };
static uint8_t room[ROOM];

static bool same(const struct lk_80211_elements *a, const struct lk_80211_elements *b)
{
    return lk_span_equal(a->ssid, b->ssid) && lk_span_equal(a->rates, b->rates) &&
           lk_span_equal(a->more_rates, b->more_rates) && lk_span_equal(a->rsne, b->rsne);
}

static void read_request(struct lk_span body, bool is_again)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_80211_association_request m, again;

    if (lk_80211_association_request_decode(&m, is_again, body) != LK_OK)
        return;
    LK_ASSERT(lk_80211_association_request_encode(&w, &m) == LK_OK && w.len <= body.len);
    LK_ASSERT(lk_80211_association_request_decode(&again, is_again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.capabilities == m.capabilities && again.listen_interval == m.listen_interval);
    LK_ASSERT(lk_span_equal(LK_SPAN(again.current), LK_SPAN(m.current)));
    LK_ASSERT(same(&again.elements, &m.elements));
}

static void read_response(struct lk_span body)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_80211_association_response m, again;

    if (lk_80211_association_response_decode(&m, body) != LK_OK)
        return;
    LK_ASSERT(lk_80211_association_response_encode(&w, &m) == LK_OK && w.len <= body.len);
    LK_ASSERT(lk_80211_association_response_decode(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.capabilities == m.capabilities && again.status == m.status);
    LK_ASSERT(again.aid == m.aid && same(&again.elements, &m.elements));
}

static void read_authentication(struct lk_span body)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_80211_authentication m;

    if (lk_80211_authentication_decode(&m, body) != LK_OK)
        return;
    LK_ASSERT(lk_80211_authentication_encode(&w, &m) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), body));
}

static void read_payload(const struct lk_80211_header *h, struct lk_span body)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_80211_payload payload;
    struct lk_lwaap lwaap;

    if (lk_80211_payload_decode(&payload, h, body) != LK_OK)
        return;
    lk_80211_payload_put(&w, &payload);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && lk_span_equal(lk_writer_span(&w), body));
    if (lk_lwaap_decode(&lwaap, payload.octets) != LK_OK)
        return;
    w = lk_writer_of(room, sizeof room);
    LK_ASSERT(lk_lwaap_encode(&w, &lwaap) == LK_OK && w.len == payload.octets.len);
    LK_ASSERT(lwaap.pdu.len + 1 == payload.octets.len);
}

static void read_protected(const struct lk_80211_header *h, struct lk_span body)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_reader r = lk_reader_of(body);
    struct lk_ccmp_header ccmp, again;
    struct lk_ccmp_input in;

    if (lk_ccmp_header_get(&ccmp, &r) != LK_OK)
        return;
    in = lk_ccmp_input_of(h, ccmp.pn);
    LK_ASSERT(in.aad_len >= 22 && in.aad_len <= LK_CCMP_AAD_MAX && in.aad_len % 2 == 0);
    if (ccmp.pn == 0)
        return;
    LK_ASSERT(lk_ccmp_header_encode(&w, &ccmp) == LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    LK_ASSERT(lk_ccmp_header_get(&again, &r) == LK_OK);
    LK_ASSERT(again.pn == ccmp.pn && again.key_id == ccmp.key_id);
}

static void read_body(const struct lk_80211_header *h, struct lk_span body)
{
    uint16_t reason;

    switch (h->kind) {
    case LK_80211_ASSOCIATION_REQUEST: read_request(body, false); break;
    case LK_80211_REASSOCIATION_REQUEST: read_request(body, true); break;
    case LK_80211_ASSOCIATION_RESPONSE:
    case LK_80211_REASSOCIATION_RESPONSE: read_response(body); break;
    case LK_80211_AUTHENTICATION: read_authentication(body); break;
    case LK_80211_DISASSOCIATION:
    case LK_80211_DEAUTHENTICATION:
        LK_ASSERT((lk_80211_reason_decode(&reason, body) == LK_OK) == (body.len >= 2));
        break;
    default: read_payload(h, body); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_span frame, body;
    struct lk_80211_header h;

    if (len > ROOM || lk_radiotap_decode(&frame, lk_span_of(octets, len)) != LK_OK ||
        lk_80211_decode(&h, &body, frame) != LK_OK)
        return 0;
    LK_ASSERT(lk_80211_header_encode(&w, &h) == LK_OK);
    LK_ASSERT(w.len + body.len == frame.len);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), lk_span_of(frame.at, w.len)));
    read_body(&h, body);
    read_protected(&h, body);
    return 0;
}

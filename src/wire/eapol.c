#include "wire/eapol.h"

enum {
    DESCRIPTOR_RSN = 2,
    IV_LEN = 16,
    RESERVED_LEN = 8,
    TEMPORAL_KEY_LEN = 16, /* of CCMP */
    ELEMENT_VENDOR = 0xdd, /* KDEs and padding */
    KDE_GTK = LK_RSN_SUITES + 1,
    KDE_PMKID = LK_RSN_SUITES + 4,
    KDE_SELECTOR_LEN = 4,
    GTK_HEAD_LEN = 2,
    GTK_KEY_ID = 3,
    GTK_TRANSMIT = 1 << 2,
    GTK_LEN_CCMP = 16,
    GTK_LEN_LONG = 32, /* TKIP, GCMP-256 */
};

/* ---- 802.1X ---- */

/* spec: IEEE 802.1X 11.3 - version, type, length, body; the version is not a reason to drop a
 * frame, and octets behind the body are the link's padding. */
enum lk_status lk_eapol_decode(struct lk_eapol *eapol, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    *eapol = (struct lk_eapol){ .version = lk_get_u8(&r) };
    eapol->type = lk_get_u8(&r);
    eapol->body = lk_get_lv16(&r);
    if (r.status == LK_OK)
        eapol->whole = lk_span_of(octets.at, LK_EAPOL_HEADER_LEN + eapol->body.len);
    return r.status;
}

enum lk_status lk_eapol_encode(struct lk_writer *w, const struct lk_eapol *eapol)
{
    lk_put_u8(w, eapol->version);
    lk_put_u8(w, eapol->type);
    lk_put_lv16(w, eapol->body);
    return lk_writer_end(w);
}

/* ---- EAPOL-Key ---- */

/* spec: IEEE 802.11 12.7.2 - the fields of the frame; the IV is for a wrap that is not AES's. */
enum lk_status lk_eapol_key_decode(struct lk_eapol_key *key, const struct lk_eapol *eapol)
{
    struct lk_reader r = lk_reader_of(eapol->body);
    uint8_t descriptor = lk_get_u8(&r), version;

    *key = (struct lk_eapol_key){ .version = eapol->version, .whole = eapol->whole };
    key->info = lk_get_be16(&r);
    key->key_len = lk_get_be16(&r);
    key->replay = lk_get_be64(&r);
    lk_get_copy(&r, key->nonce, sizeof key->nonce);
    (void)lk_get_span(&r, IV_LEN);
    lk_get_copy(&r, key->rsc, sizeof key->rsc);
    (void)lk_get_span(&r, RESERVED_LEN);
    lk_get_copy(&r, key->mic, sizeof key->mic);
    key->data = lk_get_lv16(&r);
    version = key->info & LK_KEY_INFO_VERSION;
    if (r.status != LK_OK)
        return r.status;
    if (eapol->type != LK_EAPOL_KEY || descriptor != DESCRIPTOR_RSN ||
        (version != 2 && version != 3))
        return LK_E_UNKNOWN;
    return key->data.len > LK_EAPOL_KEY_DATA_MAX ? LK_E_LENGTH : lk_reader_end(&r);
}

enum lk_status lk_eapol_key_encode(struct lk_writer *w, const struct lk_eapol_key *key)
{
    if (key->data.len > LK_EAPOL_KEY_DATA_MAX)
        return LK_E_LENGTH;
    lk_put_u8(w, key->version);
    lk_put_u8(w, LK_EAPOL_KEY);
    lk_put_be16(w, (uint16_t)(LK_EAPOL_KEY_FIXED_LEN + key->data.len));
    lk_put_u8(w, DESCRIPTOR_RSN);
    lk_put_be16(w, key->info);
    lk_put_be16(w, key->key_len);
    lk_put_be64(w, key->replay);
    lk_put_octets(w, key->nonce, sizeof key->nonce);
    lk_put_zeroes(w, IV_LEN);
    lk_put_octets(w, key->rsc, sizeof key->rsc);
    lk_put_zeroes(w, RESERVED_LEN);
    lk_put_octets(w, key->mic, sizeof key->mic);
    lk_put_lv16(w, key->data);
    return lk_writer_end(w);
}

/* ---- which message ---- */

enum part { NONE, SOME, EITHER };

/* spec: IEEE 802.11 12.7.6 - the messages of the 4-way handshake.
 * spec: IEEE 802.11 12.7.7 - and of the group key handshake.
 * Messages 1 and 2 are secure in a re-key, and taken with or without that bit always; then 2 and 4
 * have the same key information, and nonce and key data must both say which it is. */
static const struct message_row {
    uint16_t info;
    uint16_t ignored; /* bits that may be set or not */
    uint16_t key_len;
    enum part nonce, data;
} rows[LK_EAPOL_MESSAGE_COUNT] = {
    [LK_EAPOL_M1] = { LK_KEY_INFO_PAIRWISE | LK_KEY_INFO_ACK, LK_KEY_INFO_SECURE,
                      TEMPORAL_KEY_LEN, SOME, EITHER },
    [LK_EAPOL_M2] = { LK_KEY_INFO_PAIRWISE | LK_KEY_INFO_MIC, LK_KEY_INFO_SECURE, 0, SOME, SOME },
    [LK_EAPOL_M3] = { LK_KEY_INFO_PAIRWISE | LK_KEY_INFO_INSTALL | LK_KEY_INFO_ACK |
                          LK_KEY_INFO_MIC | LK_KEY_INFO_SECURE | LK_KEY_INFO_ENCRYPTED,
                      0, TEMPORAL_KEY_LEN, SOME, SOME },
    [LK_EAPOL_M4] = { LK_KEY_INFO_PAIRWISE | LK_KEY_INFO_MIC | LK_KEY_INFO_SECURE, 0, 0, NONE,
                      NONE },
    [LK_EAPOL_G1] = { LK_KEY_INFO_ACK | LK_KEY_INFO_MIC | LK_KEY_INFO_SECURE |
                          LK_KEY_INFO_ENCRYPTED,
                      0, TEMPORAL_KEY_LEN, EITHER, SOME },
    [LK_EAPOL_G2] = { LK_KEY_INFO_MIC | LK_KEY_INFO_SECURE, 0, 0, EITHER, NONE },
};

static bool fits(enum part want, bool is_there)
{
    return want == EITHER || (want == SOME) == is_there;
}

enum lk_eapol_message lk_eapol_key_message(const struct lk_eapol_key *key)
{
    static const uint8_t zeroes[LK_EAPOL_NONCE_LEN];
    const uint16_t looked_at = LK_KEY_INFO_PAIRWISE | LK_KEY_INFO_INSTALL | LK_KEY_INFO_ACK |
                               LK_KEY_INFO_MIC | LK_KEY_INFO_SECURE | LK_KEY_INFO_ERROR |
                               LK_KEY_INFO_REQUEST | LK_KEY_INFO_ENCRYPTED;
    bool nonce = !lk_span_equal(LK_SPAN(key->nonce), LK_SPAN(zeroes));

    for (enum lk_eapol_message m = LK_EAPOL_M1; m < LK_EAPOL_MESSAGE_COUNT; m++)
        if (((key->info ^ rows[m].info) & looked_at & ~rows[m].ignored) == 0 &&
            fits(rows[m].nonce, nonce) && fits(rows[m].data, key->data.len > 0))
            return m;
    return LK_EAPOL_NO_MESSAGE;
}

struct lk_eapol_key lk_eapol_key_of(enum lk_eapol_message message, uint8_t descriptor, bool rekey)
{
    LK_ASSERT(message > LK_EAPOL_NO_MESSAGE && message < LK_EAPOL_MESSAGE_COUNT);
    LK_ASSERT(descriptor == 2 || descriptor == 3);
    return (struct lk_eapol_key){
        .version = LK_EAPOL_VERSION,
        .info = (uint16_t)(rows[message].info | descriptor | (rekey ? rows[message].ignored : 0)),
        .key_len = rows[message].key_len,
    };
}

/* ---- key data ---- */

/* The one place of an element: once, and as long as it must be. */
static void take(struct lk_reader *r, struct lk_span *place, struct lk_span value, bool long_enough)
{
    if (place->len > 0)
        lk_reader_fail(r, LK_E_TWICE);
    else if (!long_enough)
        lk_reader_fail(r, LK_E_LENGTH);
    else
        *place = value;
}

/* spec: IEEE 802.11 12.7.2 - a KDE is a vendor's element whose selector says what is in it; those
 * that are not known are passed over. */
static void take_kde(struct lk_eapol_key_data *data, struct lk_reader *r, struct lk_span body)
{
    struct lk_reader kde = lk_reader_of(body);
    uint32_t selector = lk_get_be32(&kde);
    uint8_t flags;
    struct lk_span key;

    if (kde.status != LK_OK)
        return; /* a vendor's own */
    switch (selector) {
    case KDE_PMKID:
        take(r, &data->pmkid, lk_get_rest(&kde), body.len == KDE_SELECTOR_LEN + LK_RSNE_PMKID_LEN);
        return;
    case KDE_GTK:
        flags = lk_get_u8(&kde);
        (void)lk_get_u8(&kde);
        key = lk_get_rest(&kde);
        take(r, &data->gtk.key, key, key.len == GTK_LEN_CCMP || key.len == GTK_LEN_LONG);
        data->gtk.key_id = flags & GTK_KEY_ID;
        data->gtk.transmit = (flags & GTK_TRANSMIT) != 0;
        return;
    default:
        return;
    }
}

/* spec: IEEE 802.11 12.7.2 - padding is one octet dd, then zeroes. */
static bool is_padding(struct lk_span rest)
{
    for (size_t i = 0; i < rest.len; i++)
        if (rest.at[i] != (i == 0 ? ELEMENT_VENDOR : 0))
            return false;
    return true;
}

/* spec-not: IEEE 802.11 12.7.6.4 - a second RSNE, which would choose another pairwise cipher, is
 * refused: there is one cipher here. */
enum lk_status lk_eapol_key_data_decode(struct lk_eapol_key_data *data, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    *data = (struct lk_eapol_key_data){ .rsne = lk_span_of(NULL, 0) };
    while (r.left > 0 && !is_padding(lk_span_of(r.at, r.left))) {
        const uint8_t *begin = r.at;
        uint8_t id = lk_get_u8(&r);
        struct lk_span body = lk_get_lv8(&r);

        if (r.status != LK_OK)
            break;
        if (id == LK_RSNE_ID)
            take(&r, &data->rsne, lk_span_of(begin, 2 + body.len), body.len >= 2);
        else if (id == ELEMENT_VENDOR)
            take_kde(data, &r, body);
    }
    return r.status;
}

static void put_kde(struct lk_writer *w, uint32_t selector, size_t len)
{
    lk_put_u8(w, ELEMENT_VENDOR);
    lk_put_u8(w, (uint8_t)(KDE_SELECTOR_LEN + len));
    lk_put_be32(w, selector);
}

enum lk_status lk_eapol_key_data_encode(struct lk_writer *w, const struct lk_eapol_key_data *data)
{
    const struct lk_eapol_gtk *gtk = &data->gtk;

    if ((data->pmkid.len != 0 && data->pmkid.len != LK_RSNE_PMKID_LEN) ||
        gtk->key_id > GTK_KEY_ID ||
        (gtk->key.len != 0 && gtk->key.len != GTK_LEN_CCMP && gtk->key.len != GTK_LEN_LONG))
        return LK_E_VALUE;
    lk_put_span(w, data->rsne);
    if (data->pmkid.len > 0) {
        put_kde(w, KDE_PMKID, data->pmkid.len);
        lk_put_span(w, data->pmkid);
    }
    if (gtk->key.len > 0) {
        put_kde(w, KDE_GTK, GTK_HEAD_LEN + gtk->key.len);
        lk_put_u8(w, (uint8_t)(gtk->key_id | (gtk->transmit ? GTK_TRANSMIT : 0)));
        lk_put_u8(w, 0);
        lk_put_span(w, gtk->key);
    }
    return lk_writer_end(w);
}

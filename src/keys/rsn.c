/* S-KWT = PMK -> PMKID, PTK; EAPOL-Key MIC and key data.                    IEEE 802.11 12.7
 *
 * Called by authenticator and supplicant, by what injects a PMK into them, and by `latchkey keys
 * ptk`. */
#include "keys/rsn.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"

enum {
    PTK_INPUT_LEN = 2 * LK_STATION_LEN + 2 * LK_RSN_NONCE_LEN,
    ELEMENT_VENDOR = 0xdd,
    WRAP_UNIT = 8,   /* RFC 3394 */
    WRAP_LEAST = 16, /* octets of plaintext */
};

static bool with_sha256(enum lk_akm akm)
{
    switch (akm) {
    case LK_AKM_8021X:
    case LK_AKM_PSK:
        return false;
    case LK_AKM_8021X_SHA256:
    case LK_AKM_PSK_SHA256:
        return true;
    }
    LK_ASSERT(!"an AKM of the list");
    return false;
}

/* spec: IEEE 802.11 12.7.2 - version 2 with AKM 1 and 2, version 3 with AKM 5 and 6. */
enum lk_key_version lk_akm_key_version(enum lk_akm akm)
{
    return with_sha256(akm) ? LK_KEY_VERSION_CMAC : LK_KEY_VERSION_SHA1;
}

void lk_pmk_of_s_kwt(struct lk_pmk *pmk, const struct lk_s_kwt *s_kwt)
{
    /* spec: TS 33.401 G.2 - S-KWT is the PMK as it is: no EAP, no passphrase. */
    memcpy(pmk->octets, s_kwt->octets, sizeof pmk->octets);
}

void lk_pmkid_derive(uint8_t pmkid[LK_PMKID_LEN], enum lk_akm akm, const struct lk_pmk *pmk,
                     const uint8_t aa[LK_STATION_LEN], const uint8_t spa[LK_STATION_LEN])
{
    struct lk_span parts[] = { lk_span_text("PMK Name"), lk_span_of(aa, LK_STATION_LEN),
                               lk_span_of(spa, LK_STATION_LEN) };
    uint8_t mac[LK_SHA256_LEN];

    /* spec: IEEE 802.11 12.7.1.3 - PMKID = HMAC-Hash(PMK, "PMK Name" || AA || SPA), 128 bits; the
     * hash is the AKM's. */
    if (with_sha256(akm))
        lk_hmac_sha256(mac, LK_SPAN(pmk->octets), parts, LK_COUNT_OF(parts));
    else
        lk_hmac_sha1(mac, LK_SPAN(pmk->octets), parts, LK_COUNT_OF(parts));
    memcpy(pmkid, mac, LK_PMKID_LEN);
    lk_wipe(mac, sizeof mac);
}

/* Puts the lesser of two public values of a length before the greater, as octet strings. */
static void put_in_order(struct lk_writer *w, const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    bool swap;

    while (i + 1 < len && a[i] == b[i])
        i++;
    swap = a[i] > b[i];
    lk_put_octets(w, swap ? b : a, len);
    lk_put_octets(w, swap ? a : b, len);
}

void lk_ptk_derive(struct lk_ptk *ptk, enum lk_akm akm, const struct lk_pmk *pmk,
                   const struct lk_ptk_input *input)
{
    static const char label[] = "Pairwise key expansion";
    uint8_t data[PTK_INPUT_LEN], block[48];
    struct lk_writer w = lk_writer_of(data, sizeof data);
    struct lk_reader r = lk_reader_of(LK_SPAN(block));

    /* spec: IEEE 802.11 12.7.1.3 - PTK = PRF-384(PMK, "Pairwise key expansion", the addresses, the
     * nonces), the lesser of each pair first: KCK || KEK || TK. */
    put_in_order(&w, input->aa, input->spa, LK_STATION_LEN);
    put_in_order(&w, input->anonce, input->snonce, LK_RSN_NONCE_LEN);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == sizeof data);
    if (with_sha256(akm))
        lk_kdf_80211(block, sizeof block, LK_SPAN(pmk->octets), label, LK_SPAN(data));
    else
        lk_prf_80211(block, sizeof block, LK_SPAN(pmk->octets), label, LK_SPAN(data));
    lk_get_copy(&r, ptk->kck.octets, sizeof ptk->kck.octets);
    lk_get_copy(&r, ptk->kek.octets, sizeof ptk->kek.octets);
    lk_get_copy(&r, ptk->tk.octets, sizeof ptk->tk.octets);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
    lk_wipe(block, sizeof block);
}

/* ---- EAPOL-Key ---- */

enum lk_status lk_eapol_mic(uint8_t mic[LK_EAPOL_MIC_LEN], const struct lk_kck *kck,
                            enum lk_key_version version, struct lk_span pdu)
{
    static const uint8_t zero[LK_EAPOL_MIC_LEN];
    struct lk_reader r = lk_reader_of(pdu);
    struct lk_span parts[3];
    uint8_t mac[LK_SHA1_LEN];

    if (pdu.len < LK_EAPOL_KEY_LEAST)
        return LK_E_SHORT;
    /* spec: IEEE 802.11 12.7.2 - the MIC covers the whole PDU from its protocol version on, with
     * the MIC field zero. */
    parts[0] = lk_get_span(&r, LK_EAPOL_MIC_AT);
    (void)lk_get_span(&r, LK_EAPOL_MIC_LEN);
    parts[1] = LK_SPAN(zero);
    parts[2] = lk_get_rest(&r);
    switch (version) {
    case LK_KEY_VERSION_SHA1:
        lk_hmac_sha1(mac, LK_SPAN(kck->octets), parts, LK_COUNT_OF(parts));
        break;
    case LK_KEY_VERSION_CMAC:
        lk_cmac_aes128(mac, kck->octets, parts, LK_COUNT_OF(parts));
        break;
    }
    memcpy(mic, mac, LK_EAPOL_MIC_LEN);
    lk_wipe(mac, sizeof mac);
    return LK_OK;
}

enum lk_status lk_eapol_mic_check(const struct lk_kck *kck, enum lk_key_version version,
                                  struct lk_span pdu)
{
    uint8_t mic[LK_EAPOL_MIC_LEN];
    enum lk_status status = lk_eapol_mic(mic, kck, version, pdu);

    if (status == LK_OK && !lk_same_secret(mic, pdu.at + LK_EAPOL_MIC_AT, sizeof mic))
        status = LK_E_MAC;
    lk_wipe(mic, sizeof mic);
    return status;
}

enum lk_status lk_key_data_wrap(uint8_t wrapped[LK_KEY_DATA_WRAPPED_MAX], size_t *len,
                                const struct lk_kek *kek, struct lk_span elements)
{
    uint8_t plain[LK_KEY_DATA_MAX];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);
    enum lk_status status = LK_E_LENGTH;

    *len = 0;
    lk_put_span(&w, elements);
    /* spec: IEEE 802.11 12.7.2 - key data that is no multiple of 8 octets, or has less than 16, is
     * padded by dd and as many zeroes as it takes. */
    if (w.len < WRAP_LEAST || w.len % WRAP_UNIT != 0)
        lk_put_u8(&w, ELEMENT_VENDOR);
    while (w.status == LK_OK && (w.len < WRAP_LEAST || w.len % WRAP_UNIT != 0))
        lk_put_u8(&w, 0);
    if (lk_writer_end(&w) == LK_OK)
        status = lk_aes128_wrap(wrapped, kek->octets, lk_writer_span(&w));
    if (status == LK_OK)
        *len = w.len + WRAP_UNIT;
    lk_wipe(plain, sizeof plain);
    return status;
}

static bool all_zero(struct lk_reader rest)
{
    uint8_t any = 0;

    while (rest.left > 0)
        any |= lk_get_u8(&rest);
    return any == 0;
}

/* How much of it is elements. Padding begins where an element of dd would be, with nothing but
 * zeroes behind it; what does not parse is left as it is, for the parser to refuse. */
static size_t without_padding(struct lk_span plain)
{
    struct lk_reader r = lk_reader_of(plain);

    while (r.status == LK_OK && r.left > 0) {
        size_t at = plain.len - r.left;

        if (lk_get_u8(&r) == ELEMENT_VENDOR && all_zero(r))
            return at;
        (void)lk_get_lv8(&r);
    }
    return plain.len;
}

enum lk_status lk_key_data_unwrap(struct lk_key_data *data, const struct lk_kek *kek,
                                  struct lk_span wrapped)
{
    enum lk_status status = LK_E_LENGTH;

    data->len = 0;
    if (wrapped.len <= LK_KEY_DATA_WRAPPED_MAX)
        status = lk_aes128_unwrap(data->octets, kek->octets, wrapped);
    if (status == LK_OK)
        /* spec: IEEE 802.11 12.7.2 - a receiver ignores the padding. */
        data->len = without_padding(lk_span_of(data->octets, wrapped.len - WRAP_UNIT));
    return status;
}

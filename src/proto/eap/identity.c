#include "proto/eap/identity.h"

#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"
#include "wire/eap.h"

/* ---- NAIs ---- */

struct digit_row {
    char digit;
    enum lk_identity_kind kind;
    uint8_t eap_type;
};

/* spec: TS 23.003 14.3 - the digit in front of a username says method and kind. */
static const struct digit_row digits[] = {
    { '0', LK_IDENTITY_PERMANENT, LK_EAP_AKA }, { '6', LK_IDENTITY_PERMANENT, LK_EAP_AKA_PRIME },
    { '2', LK_IDENTITY_PSEUDONYM, LK_EAP_AKA }, { '7', LK_IDENTITY_PSEUDONYM, LK_EAP_AKA_PRIME },
    { '4', LK_IDENTITY_REAUTH, LK_EAP_AKA },    { '8', LK_IDENTITY_REAUTH, LK_EAP_AKA_PRIME },
};

static char digit_for(enum lk_identity_kind kind, uint8_t eap_type)
{
    for (size_t i = 0; i < LK_COUNT_OF(digits); i++)
        if (digits[i].kind == kind && digits[i].eap_type == eap_type)
            return digits[i].digit;
    LK_ASSERT(!"no digit for this kind of identity");
    return '\0';
}

/* The part of text before the first mark, and what follows it; false when there is no mark. */
static bool cut(struct lk_span text, char mark, struct lk_span *before, struct lk_span *behind)
{
    const uint8_t *at = text.len > 0 ? memchr(text.at, mark, text.len) : NULL;
    size_t len;

    if (at == NULL)
        return false;
    len = (size_t)(at - text.at);
    *before = lk_span_of(text.at, len);
    *behind = lk_span_of(at + 1, text.len - len - 1);
    return true;
}

static bool is_realm(struct lk_span realm)
{
    for (size_t i = 0; i < realm.len; i++) {
        uint8_t c = realm.at[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' &&
            c != '.')
            return false;
    }
    return realm.len <= LK_REALM_MAX;
}

static const struct digit_row *digit_row_of(struct lk_span username)
{
    for (size_t i = 0; username.len > 1 && i < LK_COUNT_OF(digits); i++)
        if (digits[i].digit == (char)username.at[0])
            return &digits[i];
    return NULL;
}

void lk_nai_parse(struct lk_nai *nai, struct lk_span text)
{
    const struct digit_row *row;
    struct lk_span rest;
    struct lk_imsi imsi;

    memset(nai, 0, sizeof *nai);
    nai->username = text;
    if (cut(text, '@', &nai->username, &rest))
        nai->realm = rest;
    /* spec: TS 23.003 14.4 - a decorated NAI names the home realm first: home!user@visited. */
    if (cut(nai->username, '!', &nai->via, &rest)) {
        struct lk_span home = nai->via;

        nai->via = nai->realm;
        nai->realm = home;
        nai->username = rest;
    }
    row = digit_row_of(nai->username);
    if (row == NULL || !is_realm(nai->realm) || !is_realm(nai->via))
        return;
    nai->kind = row->kind;
    nai->eap_type = row->eap_type;
    if (row->kind == LK_IDENTITY_PERMANENT && lk_nai_imsi(&imsi, nai) != LK_OK) {
        nai->kind = LK_IDENTITY_OTHER;
        nai->eap_type = 0;
    }
}

enum lk_status lk_nai_imsi(struct lk_imsi *imsi, const struct lk_nai *nai)
{
    if (nai->kind != LK_IDENTITY_PERMANENT)
        return LK_E_VALUE;
    return lk_imsi_parse(imsi, lk_span_of(nai->username.at + 1, nai->username.len - 1));
}

void lk_permanent_identity_put(struct lk_writer *w, uint8_t eap_type, const struct lk_imsi *imsi,
                               struct lk_span realm)
{
    lk_put_u8(w, (uint8_t)digit_for(LK_IDENTITY_PERMANENT, eap_type));
    lk_put_span(w, lk_span_text(imsi->digits));
    if (realm.len > 0)
        lk_put_u8(w, '@');
    lk_put_span(w, realm);
}

/* spec: TS 23.003 14.2 - the MNC of a realm always has three digits. */
void lk_realm_put(struct lk_writer *w, const char *prefix, const struct lk_imsi *imsi,
                  unsigned mnc_len)
{
    LK_ASSERT(mnc_len == 2 || mnc_len == 3);
    lk_put_span(w, lk_span_text(prefix));
    lk_put_span(w, lk_span_text(mnc_len == 2 ? ".mnc0" : ".mnc"));
    lk_put_octets(w, imsi->digits + 3, mnc_len);
    lk_put_span(w, lk_span_text(".mcc"));
    lk_put_octets(w, imsi->digits, 3);
    lk_put_span(w, lk_span_text(".3gppnetwork.org"));
}

unsigned lk_realm_mnc_len(struct lk_span realm, const struct lk_imsi *imsi)
{
    static const char *const prefixes[] = { "wlan", "nai.epc" };

    for (size_t i = 0; i < LK_COUNT_OF(prefixes); i++) {
        for (unsigned mnc_len = 2; mnc_len <= 3; mnc_len++) {
            uint8_t room[LK_REALM_MAX];
            struct lk_writer w = lk_writer_of(room, sizeof room);

            lk_realm_put(&w, prefixes[i], imsi, mnc_len);
            if (lk_writer_end(&w) == LK_OK && lk_span_equal(lk_writer_span(&w), realm))
                return mnc_len;
        }
    }
    return 0;
}

/* ---- pseudonyms ---- */

static struct lk_span pseudonym_label(void)
{
    return lk_span_text("Latchkey pseudonym");
}

/* A06: AES-SIV of IMSI and salt: nobody without the key links two pseudonyms or finds an IMSI. */
void lk_pseudonym_make(char username[LK_PSEUDONYM_LEN], uint8_t eap_type,
                       const struct lk_imsi *imsi, const struct lk_pseudonym_key *key,
                       const uint8_t salt[LK_PSEUDONYM_SALT_LEN])
{
    uint8_t plain[LK_IMSI_BCD_LEN + LK_PSEUDONYM_SALT_LEN];
    uint8_t octets[LK_PSEUDONYM_OCTETS];
    struct lk_writer w = lk_writer_of(username, LK_PSEUDONYM_LEN);

    LK_ASSERT(key->set);
    lk_imsi_to_bcd(plain, imsi);
    memcpy(plain + LK_IMSI_BCD_LEN, salt, LK_PSEUDONYM_SALT_LEN);
    octets[0] = key->id;
    lk_siv_seal(octets + 1, &key->key, pseudonym_label(), LK_SPAN(plain));
    lk_put_u8(&w, (uint8_t)digit_for(LK_IDENTITY_PSEUDONYM, eap_type));
    lk_base64url_put(&w, LK_SPAN(octets));
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == LK_PSEUDONYM_LEN);
    lk_wipe(plain, sizeof plain);
}

static enum lk_status open_with(struct lk_imsi *imsi, const struct lk_pseudonym_key *key,
                                struct lk_span sealed)
{
    uint8_t plain[LK_IMSI_BCD_LEN + LK_PSEUDONYM_SALT_LEN];
    enum lk_status status = lk_siv_open(plain, &key->key, pseudonym_label(), sealed);

    if (status == LK_OK)
        status = lk_imsi_from_bcd(imsi, plain);
    lk_wipe(plain, sizeof plain);
    return status;
}

enum lk_status lk_pseudonym_open(struct lk_imsi *imsi, const struct lk_nai *nai,
                                 const struct lk_pseudonym_key keys[LK_PSEUDONYM_KEYS])
{
    uint8_t octets[LK_PSEUDONYM_OCTETS];
    size_t len = 0;

    if (nai->kind != LK_IDENTITY_PSEUDONYM || nai->username.len != LK_PSEUDONYM_LEN ||
        lk_base64url_decode(octets, sizeof octets, &len,
                            lk_span_of(nai->username.at + 1, nai->username.len - 1)) != LK_OK)
        return LK_E_NOT_FOUND;
    for (size_t i = 0; i < LK_PSEUDONYM_KEYS; i++)
        if (keys[i].set && keys[i].id == octets[0])
            return open_with(imsi, &keys[i], lk_span_of(octets + 1, sizeof octets - 1));
    return LK_E_NOT_FOUND;
}

/* ---- re-authentication names ---- */

void lk_reauth_name_make(char username[LK_REAUTH_USERNAME_LEN], uint8_t eap_type,
                         const uint8_t name[LK_REAUTH_NAME_LEN])
{
    struct lk_writer w = lk_writer_of(username, LK_REAUTH_USERNAME_LEN);

    lk_put_u8(&w, (uint8_t)digit_for(LK_IDENTITY_REAUTH, eap_type));
    lk_base64url_put(&w, lk_span_of(name, LK_REAUTH_NAME_LEN));
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == LK_REAUTH_USERNAME_LEN);
}

enum lk_status lk_reauth_name_open(uint8_t name[LK_REAUTH_NAME_LEN], const struct lk_nai *nai)
{
    size_t len = 0;

    if (nai->kind != LK_IDENTITY_REAUTH || nai->username.len != LK_REAUTH_USERNAME_LEN)
        return LK_E_NOT_FOUND;
    return lk_base64url_decode(name, LK_REAUTH_NAME_LEN, &len,
                               lk_span_of(nai->username.at + 1, nai->username.len - 1));
}

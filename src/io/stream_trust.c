/* Certificates: ours, whom we trust, and whose the other end's is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/hex.h"
#include "base/secret.h"
#include "io/file_text.h"
#include "io/stream_parts.h"

/* spec: RFC 6614 2.3 - TLS with forward secrecy, authenticated encryption, and nothing optional.
 * spec-not: RFC 6614 2.3 - TLS_RSA_WITH_3DES_EDE_CBC_SHA, which it wants everywhere, is broken, as
 * are TLS 1.0 and 1.1 (RFC 8996, RFC 9325). */
#define CIPHERS ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
static const char *const priorities[LK_STREAM_PRIORITIES] = {
    [LK_STREAM_TLS_12_OR_13] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:"
                               "+ECDHE-ECDSA" CIPHERS ":%SAFE_RENEGOTIATION",
    [LK_STREAM_TLS_13] = "NORMAL:-VERS-ALL:+VERS-TLS1.3" CIPHERS,
};
static const char fingerprint_prefix[] = "sha256:";
static const char of_ca[] = "expected the certificate of a CA in PEM";
enum { CHAIN_BITS = 8200, CHAIN_DEPTH = 8 };

static enum lk_status bad(char error[LK_STREAM_ERROR_TEXT], const char *file, const char *what,
                          const char *why)
{
    (void)snprintf(error, LK_STREAM_ERROR_TEXT, "%.120s: %s: %.80s", file, what, why);
    return LK_E_CONFIG;
}

/* The engine would open a FIFO and wait, and does not say which of two files it could not open. */
static bool read_one(struct lk_file_text *text, const char *file, const char *what,
                     char error[LK_STREAM_ERROR_TEXT])
{
    char why[LK_FILE_WHY];
    bool good = lk_file_text_read(text, file, why);

    if (!good)
        (void)(bad(error, file, what, why) == LK_OK);
    return good;
}

static gnutls_datum_t datum_of(const struct lk_file_text *text)
{
    return (gnutls_datum_t){ text->octets, (unsigned)text->len };
}

static enum lk_status take_files(struct lk_stream_trust *trust, const struct lk_stream_files *files,
                                 const struct lk_file_text text[3],
                                 char error[LK_STREAM_ERROR_TEXT])
{
    gnutls_datum_t ca = datum_of(&text[0]), certificate = datum_of(&text[1]);
    gnutls_datum_t key = datum_of(&text[2]);
    int status = gnutls_certificate_set_x509_trust_mem(trust->credentials, &ca,
                                                       GNUTLS_X509_FMT_PEM);

    if (status <= 0)
        return bad(error, files->ca, of_ca,
                   gnutls_strerror(status == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : status));
    status = gnutls_certificate_set_x509_key_mem(trust->credentials, &certificate, &key,
                                                 GNUTLS_X509_FMT_PEM);
    if (status < 0)
        return bad(error, files->certificate, "with the key beside it", gnutls_strerror(status));
    return LK_OK;
}

static enum lk_status read_files(struct lk_stream_trust *trust, const struct lk_stream_files *files,
                                 char error[LK_STREAM_ERROR_TEXT])
{
    struct lk_file_text text[3] = { { NULL, 0 } };
    enum lk_status status = LK_E_CONFIG;

    if (read_one(&text[0], files->ca, of_ca, error) &&
        read_one(&text[1], files->certificate, "expected our certificate in PEM", error) &&
        read_one(&text[2], files->key, "expected the key of our certificate in PEM", error))
        status = take_files(trust, files, text, error);
    for (size_t i = 0; i < LK_COUNT_OF(text); i++)
        lk_file_text_close(&text[i]);
    return status;
}

static bool make_priorities(struct lk_stream_trust *trust)
{
    for (size_t i = 0; i < LK_STREAM_PRIORITIES; i++)
        if (gnutls_priority_init(&trust->priority[i], priorities[i], NULL) != 0)
            return false;
    return true;
}

enum lk_status lk_stream_trust_load(struct lk_stream_trust **trust,
                                    const struct lk_stream_files *files,
                                    char error[LK_STREAM_ERROR_TEXT])
{
    struct lk_stream_trust *new = calloc(1, sizeof *new);
    enum lk_status status = LK_E_SYSTEM;

    *trust = NULL;
    (void)snprintf(error, LK_STREAM_ERROR_TEXT, "no memory for certificates");
    if (new == NULL)
        return LK_E_SYSTEM;
    if (gnutls_certificate_allocate_credentials(&new->credentials) == 0 && make_priorities(new))
        status = read_files(new, files, error);
    if (status != LK_OK) {
        lk_stream_trust_free(new);
        return status;
    }
    gnutls_certificate_set_verify_limits(new->credentials, CHAIN_BITS, CHAIN_DEPTH);
    *trust = new;
    return LK_OK;
}

void lk_stream_trust_free(struct lk_stream_trust *trust)
{
    if (trust == NULL)
        return;
    for (size_t i = 0; i < LK_STREAM_PRIORITIES; i++)
        if (trust->priority[i] != NULL)
            gnutls_priority_deinit(trust->priority[i]);
    if (trust->credentials != NULL)
        gnutls_certificate_free_credentials(trust->credentials);
    free(trust);
}

/* ---- the other end's ---- */

static enum lk_stream_down why_of(unsigned verdict)
{
    if ((verdict & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED)) != 0 &&
        (verdict & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_REVOKED |
                    GNUTLS_CERT_SIGNATURE_FAILURE)) == 0)
        return LK_STREAM_DOWN_EXPIRED;
    return LK_STREAM_DOWN_UNTRUSTED;
}

/* spec: RFC 6614 2.3 - the chain leads to a CA of ours, and each certificate is of this time. A
 * certificate that says what it is for says that it is for this. */
static enum lk_status verify_chain(enum lk_stream_down *why, gnutls_session_t session, bool served)
{
    const char *purpose = served ? GNUTLS_KP_TLS_WWW_CLIENT : GNUTLS_KP_TLS_WWW_SERVER;
    gnutls_typed_vdata_st wanted = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (void *)(uintptr_t)purpose };
    unsigned verdict = 0;
    int status = gnutls_certificate_verify_peers(session, &wanted, 1, &verdict);

    if (status == GNUTLS_E_NO_CERTIFICATE_FOUND)
        *why = LK_STREAM_DOWN_NO_CERTIFICATE;
    else
        *why = status < 0 ? LK_STREAM_DOWN_UNTRUSTED : why_of(verdict);
    return status == 0 && verdict == 0 ? LK_OK : LK_E_AUTH;
}

/* Who it says it is: for the log, whether that is true or not. */
static void say_subject(char subject[LK_STREAM_DETAIL], gnutls_x509_crt_t x509)
{
    gnutls_datum_t name = { NULL, 0 };

    (void)snprintf(subject, LK_STREAM_DETAIL, "certificate of nobody");
    if (gnutls_x509_crt_get_dn3(x509, &name, 0) == 0 && name.size > 0)
        (void)snprintf(subject, LK_STREAM_DETAIL, "certificate of %.*s", (int)name.size, name.data);
    gnutls_free(name.data);
}

enum lk_status lk_stream_certificate_of(struct lk_stream_certificate *certificate,
                                        enum lk_stream_down *why, char subject[LK_STREAM_DETAIL],
                                        gnutls_session_t session, bool served)
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    size_t len = sizeof certificate->fingerprint;

    *why = LK_STREAM_DOWN_NO_CERTIFICATE;
    (void)snprintf(subject, LK_STREAM_DETAIL, "it showed no certificate");
    if (chain == NULL || count == 0 ||
        gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
        return LK_E_AUTH;
    *why = LK_STREAM_DOWN_ENGINE;
    if (gnutls_x509_crt_init(&certificate->x509) != 0)
        return LK_E_SYSTEM;
    if (gnutls_x509_crt_import(certificate->x509, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_fingerprint(GNUTLS_DIG_SHA256, &chain[0], certificate->fingerprint, &len) == 0 &&
        len == sizeof certificate->fingerprint) {
        say_subject(subject, certificate->x509);
        if (verify_chain(why, session, served) == LK_OK)
            return LK_OK;
    }
    lk_stream_certificate_close(certificate);
    return LK_E_AUTH;
}

void lk_stream_certificate_close(struct lk_stream_certificate *certificate)
{
    gnutls_x509_crt_deinit(certificate->x509);
    certificate->x509 = NULL;
}

/* "sha256:" and 64 digits, colons between octets or none. */
static enum lk_status fingerprint_parse(uint8_t to[LK_STREAM_FINGERPRINT], const char *name)
{
    char digits[2 * LK_STREAM_FINGERPRINT];
    size_t count = 0;
    size_t len = 0;

    for (const char *p = name + sizeof fingerprint_prefix - 1; *p != '\0'; p++) {
        if (*p == ':')
            continue;
        if (count == sizeof digits)
            return LK_E_VALUE;
        digits[count++] = *p;
    }
    if (count != sizeof digits ||
        lk_hex_decode(to, LK_STREAM_FINGERPRINT, &len, lk_span_of(digits, count)) != LK_OK)
        return LK_E_VALUE;
    return LK_OK;
}

static bool is_fingerprint(const char *name)
{
    return strncasecmp(name, fingerprint_prefix, sizeof fingerprint_prefix - 1) == 0;
}

enum lk_status lk_stream_name_check(const char *name)
{
    uint8_t fingerprint[LK_STREAM_FINGERPRINT];

    if (name[0] == '\0' || strchr(name, '*') != NULL)
        return LK_E_VALUE;
    return is_fingerprint(name) ? fingerprint_parse(fingerprint, name) : LK_OK;
}

/* An alternative name: 4 or 16 octets of an address. */
static bool is_address(struct lk_span octets, const char *name)
{
    struct lk_address own, other;

    if (lk_address_parse(&own, name) != LK_OK)
        return false;
    if (octets.len == 4)
        other = lk_address_v4(octets.at);
    else if (octets.len == LK_ADDRESS_LEN)
        memcpy(other.octets, octets.at, LK_ADDRESS_LEN);
    else
        return false;
    return lk_address_equal(&own, &other);
}

/* RFC 4343: a DNS name is the same in capitals. */
static bool is_text(struct lk_span text, const char *name)
{
    return text.len == strlen(name) && strncasecmp((const char *)text.at, name, text.len) == 0;
}

/* Whether a DNS name among its alternative names, or an address where those count, is name. any:
 * it has alternative names, of whatever kind. */
static bool is_alternative_name(bool *any, gnutls_x509_crt_t x509, const char *name,
                                bool addresses)
{
    *any = false;
    for (unsigned i = 0;; i++) {
        uint8_t octets[256];
        size_t len = sizeof octets;
        int kind = gnutls_x509_crt_get_subject_alt_name2(x509, i, octets, &len, NULL, NULL);
        struct lk_span text = lk_span_of(octets, len);

        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return false;
        *any = true; /* one that is too long to be read, too */
        if ((kind == GNUTLS_SAN_DNSNAME && is_text(text, name)) ||
            (kind == GNUTLS_SAN_IPADDRESS && addresses && is_address(text, name)))
            return true;
    }
}

/* The one common name. */
static bool is_common_name(gnutls_x509_crt_t x509, const char *name)
{
    char text[256];
    size_t len = sizeof text;

    if (gnutls_x509_crt_get_dn_by_oid(x509, GNUTLS_OID_X520_COMMON_NAME, 1, 0, text, &len) !=
        GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return false;
    len = sizeof text;
    return gnutls_x509_crt_get_dn_by_oid(x509, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &len) ==
               0 &&
           is_text(lk_span_of(text, len), name);
}

bool lk_stream_certificate_is(const struct lk_stream_certificate *certificate, const char *name)
{
    uint8_t fingerprint[LK_STREAM_FINGERPRINT];
    bool any;

    if (is_fingerprint(name))
        return fingerprint_parse(fingerprint, name) == LK_OK &&
               lk_same_secret(fingerprint, certificate->fingerprint, sizeof fingerprint);
    if (lk_stream_name_check(name) != LK_OK)
        return false;
    if (is_alternative_name(&any, certificate->x509, name, true))
        return true;
    return !any && is_common_name(certificate->x509, name);
}

bool lk_stream_certificate_has_dns(const struct lk_stream_certificate *certificate,
                                   const char *name)
{
    bool any;

    return name[0] != '\0' && strchr(name, '*') == NULL &&
           is_alternative_name(&any, certificate->x509, name, false);
}

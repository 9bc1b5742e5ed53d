#include "io/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "io/directory.h"
#include "io/file_text.h"

enum { SERIAL_LEN = 16, KEY_ID_MAX = 64, CLOSED = 0600, OPEN = 0644, HOUR_S = 3600, DAY_S = 86400 };

/* What is made, and who signs it. */
struct making {
    gnutls_x509_crt_t certificate, ca;
    gnutls_x509_privkey_t key, ca_key;
};

static enum lk_status system_failure(char error[LK_CERTIFICATE_ERROR_TEXT], const char *file)
{
    (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "%.160s: %s", file, strerror(errno));
    return errno == EEXIST ? LK_E_EXISTS : LK_E_SYSTEM;
}

static enum lk_status write_file(const char *file, const gnutls_datum_t *text, mode_t mode,
                                 char error[LK_CERTIFICATE_ERROR_TEXT])
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool written;

    if (fd < 0)
        return system_failure(error, file);
    written = write(fd, text->data, text->size) == (ssize_t)text->size && fsync(fd) == 0;
    if (close(fd) != 0 || !written)
        return system_failure(error, file);
    return LK_OK;
}

/* Into one of the two. */
static enum lk_status open_one(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                               const char *path, char error[LK_CERTIFICATE_ERROR_TEXT])
{
    struct lk_file_text file;
    char why[LK_FILE_WHY];
    gnutls_datum_t text;
    int status;

    if (!lk_file_text_read(&file, path, why)) {
        (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "%.160s: %.60s", path, why);
        return LK_E_CONFIG;
    }
    text = (gnutls_datum_t){ file.octets, (unsigned)file.len };
    status = key == NULL ? gnutls_x509_crt_import(certificate, &text, GNUTLS_X509_FMT_PEM)
                         : gnutls_x509_privkey_import(key, &text, GNUTLS_X509_FMT_PEM);
    lk_file_text_close(&file);
    if (status == 0)
        return LK_OK;
    (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "%.160s: %s", path, gnutls_strerror(status));
    return LK_E_CONFIG;
}

static int put_alternative(gnutls_x509_crt_t crt, const char *name)
{
    struct lk_address address;

    if (lk_address_parse(&address, name) != LK_OK)
        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
                                                    (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
    if (lk_address_is_v4(&address))
        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address.octets + 12,
                                                    4, GNUTLS_FSAN_APPEND);
    return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address.octets,
                                                sizeof address.octets, GNUTLS_FSAN_APPEND);
}

static int put_names(gnutls_x509_crt_t crt, const struct lk_certificate_wish *wish)
{
    int status = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, wish->name,
                                               (unsigned)strlen(wish->name));

    if (status == 0)
        status = put_alternative(crt, wish->name);
    for (size_t i = 0; status == 0 && i < LK_CERTIFICATE_ALSO && wish->also[i] != NULL; i++)
        status = put_alternative(crt, wish->also[i]);
    return status;
}

static int put_use(gnutls_x509_crt_t crt, const struct lk_certificate_wish *wish)
{
    int status = gnutls_x509_crt_set_basic_constraints(crt, wish->ca == NULL, -1);

    if (status == 0)
        status = gnutls_x509_crt_set_key_usage(
            crt, wish->ca == NULL ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (status == 0 && wish->ca != NULL && wish->client)
        status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    if (status == 0 && wish->ca != NULL && wish->server)
        status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    return status;
}

static int put_all(struct making *m, const struct lk_certificate_wish *wish)
{
    uint8_t serial[SERIAL_LEN];
    uint8_t id[KEY_ID_MAX];
    size_t id_len = sizeof id;
    int status = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    serial[0] &= 0x7f;
    if (status == 0)
        status = gnutls_x509_privkey_generate(
            m->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (status == 0)
        status = gnutls_x509_crt_set_version(m->certificate, 3);
    if (status == 0)
        status = gnutls_x509_crt_set_serial(m->certificate, serial, sizeof serial);
    if (status == 0)
        status = gnutls_x509_crt_set_activation_time(m->certificate, (time_t)wish->from_s);
    if (status == 0)
        status = gnutls_x509_crt_set_expiration_time(m->certificate, (time_t)wish->until_s);
    if (status == 0)
        status = gnutls_x509_crt_set_key(m->certificate, m->key);
    if (status == 0)
        status = gnutls_x509_crt_get_key_id(m->certificate, 0, id, &id_len);
    if (status == 0)
        status = gnutls_x509_crt_set_subject_key_id(m->certificate, id, id_len);
    if (status == 0)
        status = put_names(m->certificate, wish);
    return status == 0 ? put_use(m->certificate, wish) : status;
}

static enum lk_status sign_and_write(struct making *m, const struct lk_certificate_wish *wish,
                                     char error[LK_CERTIFICATE_ERROR_TEXT])
{
    gnutls_x509_crt_t ca = wish->ca == NULL ? m->certificate : m->ca;
    gnutls_x509_privkey_t ca_key = wish->ca == NULL ? m->key : m->ca_key;
    gnutls_datum_t text = { NULL, 0 };
    gnutls_datum_t secret = { NULL, 0 };
    uint8_t id[KEY_ID_MAX];
    size_t id_len = sizeof id;
    int failure = gnutls_x509_crt_get_subject_key_id(ca, id, &id_len, NULL);
    enum lk_status status = LK_E_SYSTEM;

    if (failure == 0)
        failure = gnutls_x509_crt_set_authority_key_id(m->certificate, id, id_len);
    if (failure == 0)
        failure = gnutls_x509_crt_sign2(m->certificate, ca, ca_key, GNUTLS_DIG_SHA256, 0);
    if (failure == 0)
        failure = gnutls_x509_crt_export2(m->certificate, GNUTLS_X509_FMT_PEM, &text);
    if (failure == 0)
        failure = gnutls_x509_privkey_export2_pkcs8(m->key, GNUTLS_X509_FMT_PEM, NULL,
                                                    GNUTLS_PKCS_PLAIN, &secret);
    if (failure == 0)
        status = write_file(wish->key, &secret, CLOSED, error);
    else
        (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "%.160s: %s", wish->name,
                       gnutls_strerror(failure));
    if (status == LK_OK)
        status = write_file(wish->certificate, &text, OPEN, error);
    if (secret.data != NULL)
        gnutls_memset(secret.data, 0, secret.size);
    gnutls_free(secret.data);
    gnutls_free(text.data);
    return status;
}

enum lk_status lk_certificate_make(const struct lk_certificate_wish *wish,
                                   char error[LK_CERTIFICATE_ERROR_TEXT])
{
    struct making m = { NULL, NULL, NULL, NULL };
    enum lk_status status = LK_OK;
    int failure;

    (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "no memory for a certificate");
    if (gnutls_x509_crt_init(&m.certificate) != 0 || gnutls_x509_crt_init(&m.ca) != 0 ||
        gnutls_x509_privkey_init(&m.key) != 0 || gnutls_x509_privkey_init(&m.ca_key) != 0)
        status = LK_E_SYSTEM;
    if (status == LK_OK && wish->ca != NULL)
        status = open_one(m.ca, NULL, wish->ca, error);
    if (status == LK_OK && wish->ca != NULL)
        status = open_one(NULL, m.ca_key, wish->ca_key, error);
    if (status == LK_OK) {
        failure = put_all(&m, wish);
        if (failure == 0) {
            status = sign_and_write(&m, wish, error);
        } else {
            (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "%.160s: %s", wish->name,
                           gnutls_strerror(failure));
            status = LK_E_SYSTEM;
        }
    }
    gnutls_x509_privkey_deinit(m.ca_key);
    gnutls_x509_privkey_deinit(m.key);
    gnutls_x509_crt_deinit(m.ca);
    gnutls_x509_crt_deinit(m.certificate);
    return status;
}

enum lk_status lk_certificate_make_at(const struct lk_certificate_place *place,
                                      char error[LK_CERTIFICATE_ERROR_TEXT])
{
    char certificate[LK_CERTIFICATE_PATH], key[LK_CERTIFICATE_PATH], ca[LK_CERTIFICATE_PATH],
        ca_key[LK_CERTIFICATE_PATH];
    struct lk_certificate_wish next = {
        .name = "latchkey laboratory CA",
        .certificate = ca,
        .key = ca_key,
        .from_s = place->now_s - HOUR_S,
        .until_s = place->now_s + (int64_t)LK_CERTIFICATE_DAYS * DAY_S,
    };
    enum lk_status status = LK_OK;

    if (strlen(place->dir) + strlen(place->name) + sizeof "/.crt" > LK_CERTIFICATE_PATH) {
        (void)snprintf(error, LK_CERTIFICATE_ERROR_TEXT, "the directory is longer than a path may "
                                                         "be");
        return LK_E_CONFIG;
    }
    (void)snprintf(ca, sizeof ca, "%s/ca.crt", place->dir);
    (void)snprintf(ca_key, sizeof ca_key, "%s/ca.key", place->dir);
    (void)snprintf(certificate, sizeof certificate, "%s/%s.crt", place->dir, place->name);
    (void)snprintf(key, sizeof key, "%s/%s.key", place->dir, place->name);
    if (!lk_directory_make(place->dir))
        return system_failure(error, place->dir);
    if (access(ca, F_OK) != 0)
        status = lk_certificate_make(&next, error);
    if (status != LK_OK)
        return status;
    next.name = place->name;
    memcpy(next.also, place->also, sizeof next.also);
    next.certificate = certificate;
    next.key = key;
    next.ca = ca;
    next.ca_key = ca_key;
    next.until_s = place->now_s + (int64_t)place->days * DAY_S;
    next.client = next.server = true;
    return lk_certificate_make(&next, error);
}

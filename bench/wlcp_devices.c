#include "wlcp_devices.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "node/wlan_link.h"
#include "role/node_key.h"

enum { ENTERPRISE = 32473, AT_ONCE = 64, PATH = 600, HEAD = 4 };

/* ---- devices ---- */

struct lk_wlcp_key bench_device_key(uint32_t number)
{
    struct lk_wlcp_key key;
    struct lk_span parts[] = { lk_span_text("latchkey bench"), lk_span_of(&number, sizeof number) };

    _Static_assert(sizeof key.octets == LK_SHA256_LEN, "a key is a digest");
    lk_sha256(key.octets, parts, LK_COUNT_OF(parts));
    return key;
}

static uint64_t wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void bench_device_session(struct lk_wlan_session *session, uint32_t number, const char *mag,
                          const struct lk_radius_class_key *class_key)
{
    struct lk_radius_class said = { .attached_ms = wall_ms() };
    uint8_t salt[LK_RADIUS_CLASS_SALT_LEN] = { 0 };
    char imsi[LK_IMSI_MAX_DIGITS + 1];

    memset(session, 0, sizeof *session);
    (void)snprintf(imsi, sizeof imsi, "00101%010u", number);
    LK_ASSERT(lk_imsi_parse(&session->imsi, lk_span_text(imsi)) == LK_OK);
    session->ue_mac[0] = 2;
    memcpy(session->ue_mac + 2, &number, sizeof number);
    session->key = bench_device_key(number);
    session->generation = 1;
    session->lifetime_s = 86400;
    said.imsi = session->imsi;
    (void)snprintf(said.mag, sizeof said.mag, "%s", mag);
    memcpy(salt, &number, sizeof number);
    session->class_len =
        (uint8_t)lk_radius_class_seal(session->class_value, class_key, &said, salt);
}

/* ---- the link ---- */

static gnutls_session_t connected(const struct bench_link *link)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(link->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char certificate[PATH], key[PATH];
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t tls;
    int fd = socket(AF_INET, SOCK_STREAM, 0), status;

    (void)snprintf(certificate, sizeof certificate, "%s/twap.crt", link->folder);
    (void)snprintf(key, sizeof key, "%s/twap.key", link->folder);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        gnutls_certificate_allocate_credentials(&credentials) != 0 ||
        gnutls_certificate_set_x509_key_file(credentials, certificate, key,
                                             GNUTLS_X509_FMT_PEM) != 0 ||
        gnutls_init(&tls, GNUTLS_CLIENT) != 0 || gnutls_set_default_priority(tls) != 0 ||
        gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials) != 0)
        return NULL;
    gnutls_transport_set_int(tls, fd);
    do
        status = gnutls_handshake(tls);
    while (status != 0 && !gnutls_error_is_fatal(status));
    return status == 0 ? tls : NULL;
}

/* A whole packet into octets; 0: the stream is over. */
static size_t packet_read(gnutls_session_t tls, uint8_t octets[LK_RADIUS_PACKET_MAX])
{
    size_t have = 0, wanted = HEAD;

    while (have < wanted) {
        ssize_t got = gnutls_record_recv(tls, octets + have, wanted - have);

        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            continue;
        if (got <= 0)
            return 0;
        have += (size_t)got;
        if (have == HEAD)
            wanted = (size_t)octets[2] << 8 | octets[3];
        if (wanted < HEAD || wanted > LK_RADIUS_PACKET_MAX)
            return 0;
    }
    return have;
}

static bool answered(gnutls_session_t tls, struct lk_wlan_link *link,
                     const struct lk_wlan_link_config *config)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    size_t len = packet_read(tls, octets);
    uint32_t cause = 0;

    if (len > 0 && lk_wlan_link_answered(link, config, lk_span_of(octets, len), &cause) == LK_OK)
        return true;
    (void)fprintf(stderr, "the gateway refuses a session: error cause %u\n", cause);
    return false;
}

static bool tell_all(gnutls_session_t tls, const struct bench_link *link, uint32_t count,
                     const struct lk_radius_class_key *class_key)
{
    static struct lk_wlan_link node;
    struct lk_radius_secret secret;
    const struct lk_wlan_link_config config = { &secret, ENTERPRISE, false, 0 };
    struct lk_wlan_session session;
    struct lk_span octets;

    if (lk_radius_secret_set(&secret, lk_span_text("radsec")) != LK_OK)
        return false;
    for (uint32_t told = 0, heard = 0; heard < count;) {
        if (told < count && told - heard < AT_ONCE) {
            bench_device_session(&session, told++, link->mag, class_key);
            if (lk_wlan_link_session(&node, &config, &session, wall_ms(), &octets) != LK_OK ||
                gnutls_record_send(tls, octets.at, octets.len) != (ssize_t)octets.len)
                return false;
        } else if (answered(tls, &node, &config)) {
            heard++;
        } else {
            return false;
        }
    }
    return true;
}

bool bench_link_tell(const struct bench_link *link, uint32_t count)
{
    char error[LK_NODE_KEY_ERROR_TEXT];
    struct lk_radius_class_key class_key;
    struct lk_node_key node_key;
    gnutls_session_t tls;

    if (lk_node_key_read(&node_key, link->node_key, error) != LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return false;
    }
    lk_radius_class_key_derive(&class_key, &node_key);
    tls = connected(link);
    if (tls == NULL || !tell_all(tls, link, count, &class_key)) {
        (void)fprintf(stderr, "the session link failed\n");
        return false;
    }
    (void)gnutls_bye(tls, GNUTLS_SHUT_WR);
    return true; /* the process ends soon, and with it the socket */
}

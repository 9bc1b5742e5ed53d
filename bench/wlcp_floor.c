/* The floor of a PDN set-up: its datagrams, and the cryptography of their records, with nothing
 * between them.
 *
 *     wlcp_floor PORT
 *
 * A gateway and, in a process of its own, an anchor. Of each request the gateway makes one to the
 * anchor, and of its answer the one to the device; all are opened and sealed by the library that
 * the DTLS engine has it from, with the suites that are in use on each leg, under one key that is
 * always at hand. wlcp_load --fixed is the device. */
#include <gnutls/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "io/datagrams.h"
#include "wire/wlcp.h"
#include "wlcp_devices.h"

enum {
    NONCE_LEN = 12,
    ADDITIONAL_LEN = 13,
    CHACHA_KEY_LEN = 32,
    ACCEPT_LEN = 25, /* for IPv4 */
    PBU_LEN = 168,
    PBA_LEN = 112,
    WAITING = 1 << 16,
    DATAGRAM = 512,
};

/* A leg's records: AES-128-GCM sends half of its nonce, ChaCha20-Poly1305 nothing of it. */
struct leg {
    gnutls_aead_cipher_hd_t cipher;
    size_t explicit_len;
    uint64_t sent;
};

static struct {
    struct leg devices, anchor;
    struct lk_datagrams *in, *out;
    struct lk_datagram_peer waiting[WAITING];
    uint32_t next;
    struct lk_datagram_peer to_anchor;
} floor_of;

static struct leg leg_make(gnutls_cipher_algorithm_t algorithm, size_t key_len, size_t explicit_len)
{
    unsigned char octets[CHACHA_KEY_LEN] = { 0 };
    gnutls_datum_t key = { octets, (unsigned)key_len };
    struct leg leg = { .explicit_len = explicit_len };

    memcpy(octets, bench_fixed_keys.client, sizeof bench_fixed_keys.client);
    if (gnutls_aead_cipher_init(&leg.cipher, algorithm, &key) != 0)
        exit(3);
    return leg;
}

static void nonce_of(uint8_t nonce[NONCE_LEN], const uint8_t sequence[DTLS_EXPLICIT_LEN])
{
    memcpy(nonce, "salt", DTLS_SALT_LEN);
    memcpy(nonce + DTLS_SALT_LEN, sequence, DTLS_EXPLICIT_LEN);
}

static void additional_of(uint8_t additional[ADDITIONAL_LEN], const uint8_t *head, size_t len)
{
    memcpy(additional, head + 3, DTLS_EXPLICIT_LEN);
    memcpy(additional + DTLS_EXPLICIT_LEN, head, 3);
    additional[11] = (uint8_t)(len >> 8);
    additional[12] = (uint8_t)len;
}

static void seal(struct leg *leg, const struct lk_datagram_peer *to, struct lk_span plain)
{
    uint8_t octets[DATAGRAM], nonce[NONCE_LEN], additional[ADDITIONAL_LEN];
    size_t sealed_len = plain.len + LK_GCM_TAG_LEN;
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint64_t number = leg->sent++ | UINT64_C(1) << 48;

    lk_put_u8(&w, LK_DTLS_APPLICATION_DATA);
    lk_put_be16(&w, LK_DTLS_1_2);
    lk_put_be64(&w, number);
    lk_put_be16(&w, (uint16_t)(leg->explicit_len + sealed_len));
    lk_put_octets(&w, octets + 3, leg->explicit_len);
    nonce_of(nonce, octets + 3);
    additional_of(additional, octets, plain.len);
    if (gnutls_aead_cipher_encrypt(leg->cipher, nonce, sizeof nonce, additional, sizeof additional,
                                   LK_GCM_TAG_LEN, plain.at, plain.len, octets + w.len,
                                   &sealed_len) != 0)
        exit(4);
    lk_datagrams_put(floor_of.out, to, lk_span_of(octets, w.len + sealed_len));
}

static struct lk_span open_record(struct leg *leg, struct lk_span record,
                                  uint8_t plain[DATAGRAM])
{
    size_t head = LK_DTLS_RECORD_HEADER_LEN + leg->explicit_len, len = DATAGRAM;
    uint8_t nonce[NONCE_LEN], additional[ADDITIONAL_LEN];

    if (record.len < head + LK_GCM_TAG_LEN)
        return lk_span_of(NULL, 0);
    nonce_of(nonce, record.at + 3);
    additional_of(additional, record.at, record.len - head - LK_GCM_TAG_LEN);
    if (gnutls_aead_cipher_decrypt(leg->cipher, nonce, sizeof nonce, additional, sizeof additional,
                                   LK_GCM_TAG_LEN, record.at + head, record.len - head, plain,
                                   &len) != 0)
        exit(4);
    return lk_span_of(plain, len);
}

/* ---- what each says ---- */

static void of_device(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    uint8_t plain[DATAGRAM], pbu[PBU_LEN] = { 0 };
    struct lk_span message = open_record(&floor_of.devices, octets, plain);
    uint32_t place = floor_of.next++ % WAITING;

    if (message.len < 2 ||
        message.at[0] != lk_wlcp_table.layout[LK_WLCP_CONNECTIVITY_REQUEST].number)
        return;
    floor_of.waiting[place] = *peer;
    memcpy(pbu, &place, sizeof place);
    pbu[sizeof place] = message.at[1];
    seal(&floor_of.anchor, &floor_of.to_anchor, LK_SPAN(pbu));
}

static void of_anchor(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    uint8_t plain[DATAGRAM];
    struct lk_span pba = open_record(&floor_of.anchor, octets, plain);
    uint8_t accept[ACCEPT_LEN] = { lk_wlcp_table.layout[LK_WLCP_CONNECTIVITY_ACCEPT].number };
    uint32_t place;

    (void)peer;
    LK_ASSERT(pba.len == PBA_LEN);
    memcpy(&place, pba.at, sizeof place);
    accept[1] = pba.at[sizeof place];
    seal(&floor_of.devices, &floor_of.waiting[place % WAITING], LK_SPAN(accept));
}

static void as_anchor(const struct lk_datagram_peer *peer, struct lk_span octets)
{
    uint8_t plain[DATAGRAM];
    struct lk_span pbu = open_record(&floor_of.anchor, octets, plain);

    seal(&floor_of.anchor, peer, lk_span_of(pbu.at, PBA_LEN));
}

/* ---- processes ---- */

static int socket_at(uint16_t port, uint16_t *bound)
{
    struct lk_address own = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int fd;

    if (lk_datagram_socket(&fd, &own, port, error) != LK_OK)
        exit(3);
    (void)getsockname(fd, (struct sockaddr *)&at, &len);
    *bound = ntohs(at.sin_port);
    return fd;
}

static void turn(int fd, void (*receive)(const struct lk_datagram_peer *, struct lk_span))
{
    size_t count;

    do {
        count = lk_datagrams_receive(floor_of.in, fd);
        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer peer;
            struct lk_span octets = lk_datagrams_at(floor_of.in, i, &peer);

            receive(&peer, octets);
        }
        (void)lk_datagrams_send(floor_of.out);
    } while (count == LK_DATAGRAM_BATCH);
}

static void serve_anchor(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "floor-anchor");
    for (;;) {
        (void)poll(&ready, 1, -1);
        turn(fd, as_anchor);
    }
}

int main(int count, char **word)
{
    struct lk_address own = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    uint16_t device_port = 0, anchor_port, mag_port;
    int anchor, mag, devices;

    if (count != 2)
        return 2;
    floor_of.in = lk_datagrams_new();
    floor_of.out = lk_datagrams_new();
    floor_of.devices = leg_make(GNUTLS_CIPHER_AES_128_GCM, DTLS_AES_KEY_LEN, DTLS_EXPLICIT_LEN);
    floor_of.anchor = leg_make(GNUTLS_CIPHER_CHACHA20_POLY1305, CHACHA_KEY_LEN, 0);
    anchor = socket_at(0, &anchor_port);
    if (fork() == 0)
        serve_anchor(anchor);
    mag = socket_at(0, &mag_port);
    devices = socket_at((uint16_t)strtoul(word[1], NULL, 10), &device_port);
    floor_of.to_anchor = lk_datagram_to(mag, &own, anchor_port);
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        struct pollfd ready[] = { { .fd = devices, .events = POLLIN },
                                  { .fd = mag, .events = POLLIN } };

        (void)poll(ready, LK_COUNT_OF(ready), -1);
        if (ready[0].revents != 0)
            turn(devices, of_device);
        if (ready[1].revents != 0)
            turn(mag, of_anchor);
    }
}

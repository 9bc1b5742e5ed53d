/* The floor under a server: the same datagrams echoed, plus the same cryptography, and nothing
 * else.
 *
 *     floor PORT [aka-prime|aka|echo]
 *
 * One process, one socket, recvmmsg and sendmmsg: no protocol, no vault, no store. What latchkeyd
 * loses against it is what privilege separation, the store, the codecs and the machines cost. The
 * list below follows one full authentication of the server, step by step, over octets of the same
 * length; `latchkey load floor` is the client. With "echo" there is no cryptography: the cost of
 * datagrams alone. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/aka.h"
#include "crypto/crypto.h"
#include "keys/eap.h"

enum { BATCH = 64, DATAGRAM_MAX = 2048, HEADER_LEN = 20 };
/* Octets on the wire of latchkeyd's answers, and of what is enciphered in them. */
enum { CHALLENGE_LEN = 438, ACCEPT_LEN = 207, EAP_CHALLENGE_LEN = 248, EAP_RESPONSE_LEN = 48 };
enum { ROW_LEN = 80, SNAPSHOT_LEN = 128, PSEUDONYM_LEN = 16, ENCR_LEN = 112, CLASS_LEN = 16 };
enum { FIRST_REQUEST_MAX = 300 }; /* longer ones carry a State: the answer to a challenge */

enum kind { AKA_PRIME, AKA, ECHO };

struct floor {
    enum kind kind;
    struct lk_hmac_md5_key hmac;
    struct lk_siv_key siv;
    struct lk_aka_card card;
    uint8_t key[32];
    uint8_t row[ROW_LEN + LK_GCM_TAG_LEN], state[SNAPSHOT_LEN + LK_SIV_TAG_LEN];
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_iov[BATCH], out_iov[BATCH];
    struct sockaddr_in from[BATCH];
    uint8_t received[BATCH][DATAGRAM_MAX], answer[BATCH][DATAGRAM_MAX];
};

static const char identity[] = "6001010000000001@wlan.mnc001.mcc001.3gppnetwork.org";
static const uint8_t nonce[LK_GCM_NONCE_LEN];

/* RFC 3579 3.2 over the whole, RFC 2865 3 over the whole and a secret. */
static void sign(struct floor *f, uint8_t *datagram, size_t len)
{
    struct lk_span parts[2] = { lk_span_of(datagram, len), lk_span_text("testing123") };

    lk_hmac_md5(datagram + HEADER_LEN + 2, &f->hmac, parts, 1);
    lk_md5(datagram + 4, parts, 2);
}

static void verify(struct floor *f, struct lk_span datagram)
{
    uint8_t mac[LK_MD5_LEN];

    lk_hmac_md5(mac, &f->hmac, &datagram, 1);
}

/* The keys for the challenge, and then all of them. */
static void derive(struct floor *f, struct lk_eap_keys *keys, bool all,
                   const struct lk_ck_prime *ck_prime, const struct lk_ik_prime *ik_prime)
{
    struct lk_span id = lk_span_text(identity);
    struct lk_mk mk;
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, ck_prime->octets, sizeof ck.octets);
    memcpy(ik.octets, ik_prime->octets, sizeof ik.octets);
    if (f->kind == AKA_PRIME && all)
        lk_eap_aka_prime_keys_derive(keys, ck_prime, ik_prime, id);
    else if (f->kind == AKA_PRIME)
        lk_eap_aka_prime_message_keys_derive(keys, ck_prime, ik_prime, id);
    if (f->kind == AKA_PRIME)
        return;
    if (!all)
        lk_eap_aka_mk_derive(&mk, &ck, &ik, id);
    else
        memcpy(mk.octets, ck.octets, sizeof ck.octets);
    if (all)
        lk_eap_aka_keys_derive(keys, &mk);
    else
        lk_eap_aka_message_keys_derive(keys, &mk);
}

/* The name of the next re-authentication, and its bond to the realm. */
static void name(const struct lk_eap_keys *keys)
{
    uint8_t out[LK_SHA256_LEN];
    struct lk_span parts[2] = { lk_span_text("Latchkey next re-authentication name"),
                                lk_span_of(keys->k_encr.octets, 16) };

    for (int i = 0; i < 2; i++)
        lk_hmac_sha256(out, lk_span_of(keys->k_aut.octets, keys->k_aut.len), parts, 2);
}

static void packet_mac(struct floor *f, const struct lk_eap_keys *keys, struct lk_span packet)
{
    uint8_t mac[LK_SHA256_LEN];

    if (f->kind == AKA_PRIME)
        lk_hmac_sha256(mac, lk_span_of(keys->k_aut.octets, 32), &packet, 1);
    else
        lk_hmac_sha1(mac, lk_span_of(keys->k_aut.octets, 16), &packet, 1);
}

/* Identity in, challenge out. */
static void first(struct floor *f, uint8_t *answer)
{
    uint8_t row[ROW_LEN], sqn[LK_SQN_LEN] = { 0 }, autn[LK_AUTN_LEN], mac_a[LK_MAC_A_LEN];
    uint8_t sealed[SNAPSHOT_LEN + LK_SIV_TAG_LEN], encrypted[ENCR_LEN];
    static const uint8_t amf[LK_AMF_LEN] = { 0x80 };
    const uint8_t *rand = answer; /* whatever is there */
    struct lk_aka_output out;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_eap_keys keys;

    if (lk_gcm256_open(row, f->key, nonce, lk_span_text(identity), LK_SPAN(f->row)) != LK_OK)
        abort();
    lk_aka_f2345(&out, &f->card, rand);
    lk_aka_f1(mac_a, &f->card, rand, sqn, amf);
    lk_aka_autn(autn, sqn, out.ak, amf, mac_a);
    memcpy(ck.octets, out.ck, sizeof ck.octets);
    memcpy(ik.octets, out.ik, sizeof ik.octets);
    memcpy(ck_prime.octets, out.ck, sizeof ck_prime.octets);
    memcpy(ik_prime.octets, out.ik, sizeof ik_prime.octets);
    if (f->kind == AKA_PRIME)
        lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, lk_span_text("WLAN"), autn);
    derive(f, &keys, false, &ck_prime, &ik_prime);
    name(&keys);
    lk_siv_seal(sealed, &f->siv, lk_span_text("pseudonym"),
                lk_span_of(answer, PSEUDONYM_LEN));
    lk_aes128_cbc_encrypt(encrypted, keys.k_encr.octets, rand, lk_span_of(answer, ENCR_LEN));
    packet_mac(f, &keys, lk_span_of(answer, EAP_CHALLENGE_LEN));
    lk_siv_seal(sealed, &f->siv, lk_span_text("state 127.0.0.1 "),
                lk_span_of(answer, SNAPSHOT_LEN));
}

/* Response in, Accept out. */
static void second(struct floor *f, const uint8_t *request, uint8_t *answer)
{
    uint8_t snapshot[SNAPSHOT_LEN], class_value[CLASS_LEN + LK_SIV_TAG_LEN], pad[LK_MD5_LEN];
    struct lk_span parts[2] = { lk_span_text("testing123"), lk_span_of(answer, LK_MD5_LEN) };
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_eap_keys keys;

    if (lk_siv_open(snapshot, &f->siv, lk_span_text("state 127.0.0.1 "),
                    LK_SPAN(f->state)) != LK_OK)
        abort();
    memcpy(ck_prime.octets, snapshot, sizeof ck_prime.octets);
    memcpy(ik_prime.octets, snapshot + 16, sizeof ik_prime.octets);
    derive(f, &keys, true, &ck_prime, &ik_prime);
    name(&keys);
    packet_mac(f, &keys, lk_span_of(request, EAP_RESPONSE_LEN));
    lk_siv_seal(class_value, &f->siv, lk_span_text("class"), lk_span_of(answer, CLASS_LEN));
    for (int block = 0; block < 6; block++) /* two MS-MPPE keys of three blocks each */
        lk_md5(pad, parts, 2);
}

static size_t answer(struct floor *f, unsigned i, size_t len)
{
    bool begins = len < FIRST_REQUEST_MAX;
    size_t answer_len = begins ? CHALLENGE_LEN : ACCEPT_LEN;

    f->answer[i][1] = f->received[i][1];
    if (f->kind == ECHO)
        return answer_len;
    verify(f, lk_span_of(f->received[i], len));
    if (begins)
        first(f, f->answer[i]);
    else
        second(f, f->received[i], f->answer[i]);
    sign(f, f->answer[i], answer_len);
    return answer_len;
}

static void set_up(struct floor *f)
{
    memset(f->key, 7, sizeof f->key);
    f->card = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    lk_hmac_md5_set_key(&f->hmac, lk_span_text("testing123"));
    lk_siv_set_key(&f->siv, f->key);
    lk_gcm256_seal(f->row, f->key, nonce, lk_span_text(identity), lk_span_of(f->answer, ROW_LEN));
    lk_siv_seal(f->state, &f->siv, lk_span_text("state 127.0.0.1 "),
                lk_span_of(f->answer, SNAPSHOT_LEN));
    for (unsigned i = 0; i < BATCH; i++) {
        f->in_iov[i] = (struct iovec){ f->received[i], DATAGRAM_MAX };
        f->out_iov[i] = (struct iovec){ f->answer[i], 0 };
        f->in[i].msg_hdr = (struct msghdr){ .msg_iov = &f->in_iov[i], .msg_iovlen = 1,
                                            .msg_name = &f->from[i],
                                            .msg_namelen = sizeof f->from[i] };
        f->out[i].msg_hdr = (struct msghdr){ .msg_iov = &f->out_iov[i], .msg_iovlen = 1,
                                             .msg_name = &f->from[i],
                                             .msg_namelen = sizeof f->from[i] };
    }
}

int main(int argc, char **argv)
{
    static struct floor f;
    struct sockaddr_in address = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20;

    if (argc < 2) {
        fprintf(stderr, "usage: floor PORT [aka-prime|aka|echo]\n");
        return 2;
    }
    f.kind = argc > 2 && strcmp(argv[2], "aka") == 0 ? AKA
             : argc > 2 && strcmp(argv[2], "echo") == 0 ? ECHO : AKA_PRIME;
    address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("floor");
        return 3;
    }
    set_up(&f);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int n = recvmmsg(fd, f.in, BATCH, MSG_WAITFORONE, NULL);

        for (int i = 0; i < n; i++)
            f.out_iov[i].iov_len = answer(&f, (unsigned)i, f.in[i].msg_len);
        if (n > 0)
            (void)sendmmsg(fd, f.out, (unsigned)n, 0);
    }
}

/* A fast stand-in for the authentication centre that hostapd asks over a Unix datagram socket
 * (eap_sim_db=unix:PATH): one text line each way. It does what hlr_auc_gw does and keeps no
 * database, so that the comparison measures hostapd and not its helper: every IMSI has the same K
 * and OPc, and the sequence number is one counter for all.
 *
 *     auc_double PATH K_HEX OPC_HEX [FIRST_SEQ]
 *
 * AKA-REQ-AUTH imsi            -> AKA-RESP-AUTH imsi rand autn ik ck res
 * AKA-AUTS imsi auts rand      -> nothing (the generator never sends an AUTS) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/aka.h"

enum { LINE_MAX_LEN = 300 };

struct auc {
    struct lk_aka_card card;
    uint64_t sqn;
};

static bool read_key(uint8_t key[16], const char *hex)
{
    size_t len;

    return lk_hex_decode(key, 16, &len, lk_span_text(hex)) == LK_OK && len == 16;
}

static void put_sqn(uint8_t sqn[LK_SQN_LEN], uint64_t value)
{
    for (int i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = (uint8_t)(value >> (8 * (LK_SQN_LEN - 1 - i)));
}

static void put_hex(char **at, const uint8_t *octets, size_t len)
{
    if (lk_hex_encode(*at, 2 * len + 1, lk_span_of(octets, len)) != LK_OK)
        abort();
    *at += 2 * len;
    *(*at)++ = ' ';
}

/* The answer's length, 0 for none. */
static size_t answer(struct auc *auc, char reply[LINE_MAX_LEN], char *line)
{
    static const uint8_t amf[LK_AMF_LEN] = { 0x80, 0x00 };
    static const char asks[] = "AKA-REQ-AUTH ";
    struct lk_aka_output keys;
    uint8_t rand[LK_RAND_LEN], sqn[LK_SQN_LEN], mac_a[LK_MAC_A_LEN], autn[LK_AUTN_LEN];
    char *at = reply;

    if (strncmp(line, asks, sizeof asks - 1) != 0)
        return 0;
    line[strcspn(line, "\r\n")] = '\0';
    put_sqn(sqn, auc->sqn += 33); /* SEQ and IND both move on */
    if (getrandom(rand, sizeof rand, 0) != sizeof rand)
        abort();
    lk_aka_f1(mac_a, &auc->card, rand, sqn, amf);
    lk_aka_f2345(&keys, &auc->card, rand);
    lk_aka_autn(autn, sqn, keys.ak, amf, mac_a);
    at += snprintf(at, 64, "AKA-RESP-AUTH %.20s ", line + sizeof asks - 1);
    put_hex(&at, rand, sizeof rand);
    put_hex(&at, autn, sizeof autn);
    put_hex(&at, keys.ik, sizeof keys.ik);
    put_hex(&at, keys.ck, sizeof keys.ck);
    put_hex(&at, keys.res, keys.res_len);
    return (size_t)(at - reply) - 1; /* without the last space */
}

static int serve(int fd, struct auc *auc)
{
    for (;;) {
        char line[LINE_MAX_LEN], reply[LINE_MAX_LEN];
        struct sockaddr_un from;
        socklen_t from_len = sizeof from;
        ssize_t got = recvfrom(fd, line, sizeof line - 1, 0, (struct sockaddr *)&from, &from_len);
        size_t len;

        if (got < 0) {
            perror("auc_double: recvfrom");
            return 1;
        }
        line[got] = '\0';
        len = answer(auc, reply, line);
        if (len > 0)
            (void)sendto(fd, reply, len, 0, (struct sockaddr *)&from, from_len);
    }
}

int main(int argc, char **argv)
{
    struct auc auc = { .card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 } };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (argc < 4 || !read_key(auc.card.k, argv[2]) || !read_key(auc.card.topc, argv[3]) ||
        strlen(argv[1]) >= sizeof address.sun_path) {
        fprintf(stderr, "usage: auc_double PATH K_HEX OPC_HEX [FIRST_SEQ]\n");
        return 2;
    }
    auc.sqn = argc > 4 ? strtoull(argv[4], NULL, 10) << 5 : 32;
    memcpy(address.sun_path, argv[1], strlen(argv[1]));
    (void)unlink(argv[1]);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("auc_double: socket");
        return 3;
    }
    printf("ready\n");
    fflush(stdout);
    return serve(fd, &auc);
}

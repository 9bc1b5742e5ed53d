/* Protected PDUs of MIS, for a judge: mis_frames COUNT. A line each: suite, MIIK, MIEK (or -), the
 * list of TLVs and the frame, in hex. Keys, lists, directions and sequences are of a generator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "proto/mis/sa.h"

static uint64_t generator = 1;

static uint8_t drawn(void)
{
    generator = generator * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(generator >> 56);
}

static void show(const uint8_t *octets, size_t len, char end)
{
    static char text[2 * 16384 + 1];

    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK);
    printf("%s%c", len > 0 ? text : "-", end);
}

static void start(struct lk_mis_sa *sa, enum lk_mis_suite suite)
{
    struct lk_mis_agreed agreed = { suite, (enum lk_mis_prf)(drawn() % LK_MIS_PRF_COUNT),
                                    lk_mis_codes_default.suite[suite], 0 };
    uint8_t nonce[LK_MIS_NONCE_LEN], id[LK_MIS_SA_ID_MAX] = { drawn(), drawn() };
    struct lk_mis_sa_start s = { .self = lk_span_text("mn1@home.example"),
                                 .peer = lk_span_text("tpos@b.example"),
                                 .said = { LK_MIS_SA_EAP, lk_span_of(id, 4u + drawn() % 29u) },
                                 .role = drawn() % 2 == 0 ? LK_MIS_BEGAN : LK_MIS_ANSWERED,
                                 .agreed = agreed,
                                 .expires_ms = UINT64_MAX };
    struct lk_mis_keys keys;
    struct lk_mis_k k = { .len = LK_MIS_K_MAX };

    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = drawn();
    for (size_t i = 0; i < k.len; i++)
        k.octets[i] = drawn();
    lk_mis_keys_derive(&keys, &agreed, &k, nonce, nonce);
    s.keys = &keys;
    LK_ASSERT(lk_mis_sa_init(sa, &s) == LK_OK);
}

int main(int argc, char **argv)
{
    unsigned count = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

    for (unsigned i = 0; i < count; i++) {
        static uint8_t frame[16384], list[LK_MIS_LIST_MAX];
        enum lk_mis_suite suite = (enum lk_mis_suite)(i % LK_MIS_SUITE_COUNT);
        struct lk_mis_header header = { .id = 0x3601, .tid = (uint16_t)(drawn() << 4) };
        struct lk_writer w = lk_writer_of(frame, sizeof frame);
        size_t len = i < 200 ? i / 4 : (size_t)drawn() * 28u;
        uint8_t iv[LK_MIS_IV_LEN];
        struct lk_mis_sa sa;

        start(&sa, suite);
        for (size_t at = 0; at < sizeof iv; at++)
            iv[at] = drawn();
        for (size_t at = 0; at < len; at++)
            list[at] = drawn();
        if (len > 0)
            list[0] = 0xff; /* a broken list in the suites that do not encrypt: no key */
        if (len > 1)
            list[1] = 0x8f;
        sa.sent = (uint64_t)drawn() << (drawn() % 40);
        LK_ASSERT(lk_mis_protect(&sa, &w, &header, lk_span_of(list, len), iv, 0,
                                 &lk_mis_codes_default) == LK_OK);
        printf("%u ", lk_mis_codes_default.suite[suite]);
        show(sa.keys.miik.octets, sa.keys.miik.len, ' ');
        show(sa.keys.miek.octets, sa.keys.miek.len, ' ');
        show(list, len, ' ');
        show(frame, w.len, '\n');
    }
    return argc == 2 ? 0 : 2;
}

#include "mis_offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "wire/mis.h"

enum { LIFETIME_S = 3600, CHAIN_MAX = 3, FILE_NAME = 512 };

static const struct lk_home_secret home = { .octets = { 0x42, 0x42 } };

void bench_home_key(struct lk_home_key *key)
{
    lk_home_key_derive(key, &home);
}

static void sign(struct lk_writer *w, const char *mn)
{
    struct timespec now;
    struct lk_start_mark mark = { .mn_id = lk_span_text(mn), .lifetime_s = LIFETIME_S,
                                  .max = CHAIN_MAX, .realm = lk_span_text(BENCH_HOME) };
    enum lk_status status;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    mark.start_s = (uint64_t)now.tv_sec - 1;
    status = lk_start_mark_sign(w, &mark, &home);
    LK_ASSERT(status == LK_OK);
}

size_t bench_place_of(struct lk_span what, struct lk_span within)
{
    for (size_t at = 0; at + what.len <= within.len; at++)
        if (lk_span_equal(lk_span_of(within.at + at, what.len), what))
            return at;
    LK_ASSERT(what.len == 0);
    return 0;
}

static void write_offer(struct bench_offer *offer, const struct lk_mis_message *message)
{
    const struct lk_mis_codes *codes = &lk_mis_codes_default;
    uint8_t list[BENCH_OFFER_MAX];
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_mis_pdu pdu = { .source = lk_span_text(BENCH_SPOS),
                              .destination = lk_span_text(BENCH_TPOS) };
    enum lk_status status = lk_mis_message_put(&w, message, codes);

    pdu.header.id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, codes);
    pdu.body = lk_writer_span(&w);
    w = lk_writer_of(offer->octets, sizeof offer->octets);
    if (status == LK_OK)
        status = lk_mis_encode(&w, &pdu, codes);
    LK_ASSERT(status == LK_OK);
    offer->len = w.len;
}

void bench_offer_make(struct bench_offer *offer, uint32_t number)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_MN, LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES,
                                            LK_MIS_TLV_PRFS, LK_MIS_TLV_KEY_ENVELOPE,
                                            LK_MIS_TLV_DH, LK_MIS_TLV_START_MARK };
    uint8_t k[LK_MIS_K_MAX], secret[LK_X25519_LEN], dh[LK_X25519_LEN], nonce[LK_MIS_NONCE_LEN];
    uint8_t mark[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(mark, sizeof mark);
    struct lk_mis_offers offers;
    struct lk_span whole;
    struct lk_mis_message m = { .nonce_t = LK_SPAN(nonce), .dh = LK_SPAN(dh) };

    memset(k, 0x55, sizeof k);
    memset(secret, (int)(number % 251) + 1, sizeof secret);
    memset(nonce, 0xa5, sizeof nonce);
    lk_x25519_public(dh, secret);
    (void)snprintf(offer->mn, sizeof offer->mn, "00101%010u@" BENCH_HOME, number);
    sign(&w, offer->mn);
    m.mn = lk_span_text(offer->mn);
    m.start_mark = lk_writer_span(&w);
    m.envelope = (struct lk_mis_key_envelope){ .key = LK_SPAN(k), .lifetime_s = LIFETIME_S,
                                               .used = 1, .max = CHAIN_MAX,
                                               .origin = LK_MIS_ORIGIN_SPOS };
    lk_mis_offers_default(&offers, &lk_mis_codes_default);
    lk_mis_offers_say(&m, &offers);
    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++)
        lk_mis_mark(&m, tlvs[i]);
    write_offer(offer, &m);
    whole = lk_span_of(offer->octets, offer->len);
    offer->nonce_at = bench_place_of(m.nonce_t, whole);
    offer->key_at = bench_place_of(m.envelope.key, whole);
    offer->dh_at = bench_place_of(m.dh, whole);
    offer->mark_at = bench_place_of(m.start_mark, whole);
    offer->mark_len = m.start_mark.len;
}

/* ---- the link ---- */

struct lk_stream_trust *bench_trust(const char *folder, const char *name)
{
    char certificate[FILE_NAME], key[FILE_NAME], ca[FILE_NAME], error[LK_STREAM_ERROR_TEXT];
    const struct lk_stream_files files = { certificate, key, ca };
    struct lk_stream_trust *trust;

    (void)snprintf(certificate, sizeof certificate, "%s/%s.crt", folder, name);
    (void)snprintf(key, sizeof key, "%s/%s.key", folder, name);
    (void)snprintf(ca, sizeof ca, "%s/ca.crt", folder);
    if (lk_stream_trust_load(&trust, &files, error) == LK_OK)
        return trust;
    (void)fprintf(stderr, "%s\n", error);
    exit(3);
}

size_t bench_message_len(struct lk_span octets)
{
    size_t len;

    if (octets.len < LK_MIS_HEADER_LEN)
        return 0;
    len = LK_MIS_HEADER_LEN + ((size_t)octets.at[6] << 8 | octets.at[7]);
    return len <= octets.len ? len : 0;
}

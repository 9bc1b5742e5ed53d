/* CK, IK -> Ks -> Ks_NAF, TMPI.                                              TS 33.220 annex B
 *
 * Called by the machines of proto/gba, by who answers Zn, and by `latchkey keys ks-naf`. */
#include "keys/gba.h"

#include <string.h>

#include "base/base64.h"
#include "base/secret.h"
#include "keys/kdf.h"

enum { FC_GBA = 0x01 };

const struct lk_ua_id lk_ua_id_http_digest = { { 1, 0, 0, 0, 2 } };
const struct lk_ua_id lk_ua_id_tls13 = { { 1, 0, 0, 0, 7 } };
const struct lk_ua_id lk_ua_id_tmpi = { { 1, 0, 0, 1, 0 } };

void lk_naf_id_of(struct lk_naf_id *id, struct lk_span fqdn, const struct lk_ua_id *ua)
{
    LK_ASSERT(fqdn.len >= 1 && fqdn.len <= LK_FQDN_MAX);
    /* spec: TS 33.220 B.3 - NAF_Id is the FQDN of the NAF and behind it the Ua protocol. */
    memcpy(id->octets, fqdn.at, fqdn.len);
    memcpy(id->octets + fqdn.len, ua->octets, LK_UA_ID_LEN);
    id->len = fqdn.len + LK_UA_ID_LEN;
}

void lk_ks_of(struct lk_ks *ks, const struct lk_ck *ck, const struct lk_ik *ik)
{
    /* spec: TS 33.220 4.5.2 - Ks = CK || IK. */
    memcpy(ks->octets, ck->octets, sizeof ck->octets);
    memcpy(ks->octets + sizeof ck->octets, ik->octets, sizeof ik->octets);
}

/* spec: TS 33.220 B.3 - KDF(Ks, FC = 01, P0 a label, P1 = RAND, P2 = IMPI, P3 = NAF_Id). */
static void derive(uint8_t out[32], const struct lk_ks *ks, const char *label,
                   const uint8_t rand[LK_RAND_LEN], struct lk_span impi,
                   const struct lk_naf_id *naf)
{
    const struct lk_span params[] = { lk_span_text(label), lk_span_of(rand, LK_RAND_LEN), impi,
                                      lk_span_of(naf->octets, naf->len) };

    lk_kdf_3gpp(out, LK_SPAN(ks->octets), FC_GBA, params, LK_COUNT_OF(params));
}

void lk_ks_naf_derive(struct lk_ks_naf *key, const struct lk_ks *ks,
                      const uint8_t rand[LK_RAND_LEN], struct lk_span impi,
                      const struct lk_naf_id *naf)
{
    derive(key->octets, ks, "gba-me", rand, impi, naf);
}

void lk_ks_int_naf_derive(struct lk_ks_int_naf *key, const struct lk_ks *ks,
                          const uint8_t rand[LK_RAND_LEN], struct lk_span impi,
                          const struct lk_naf_id *naf)
{
    derive(key->octets, ks, "gba-u", rand, impi, naf);
}

/* base64 of octets, @, what follows; terminated. */
static void say(char *text, size_t cap, struct lk_span octets, struct lk_span realm)
{
    struct lk_writer w = lk_writer_of(text, cap);

    lk_base64_put(&w, octets);
    lk_put_u8(&w, '@');
    lk_put_span(&w, realm);
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

void lk_b_tid_say(char b_tid[LK_B_TID_MAX + 1], const uint8_t rand[LK_RAND_LEN],
                  struct lk_span bsf)
{
    LK_ASSERT(bsf.len >= 1 && bsf.len <= LK_FQDN_MAX);
    /* spec: TS 33.220 4.5.2 - base64(RAND)@BSF. */
    say(b_tid, LK_B_TID_MAX + 1, lk_span_of(rand, LK_RAND_LEN), bsf);
}

void lk_tmpi_derive(char tmpi[LK_TMPI_MAX + 1], const struct lk_ks *ks,
                    const uint8_t rand[LK_RAND_LEN], struct lk_span impi, struct lk_span bsf)
{
    struct lk_naf_id bsf_id;
    uint8_t octets[32];

    /* spec: TS 33.220 B.4 - the first 24 octets of the KDF with BSF_Id for NAF_Id. */
    lk_naf_id_of(&bsf_id, bsf, &lk_ua_id_tmpi);
    derive(octets, ks, "gba-me", rand, impi, &bsf_id);
    say(tmpi, LK_TMPI_MAX + 1, lk_span_of(octets, LK_TMPI_OCTETS), lk_span_text(LK_TMPI_REALM));
    lk_wipe(octets, sizeof octets);
}

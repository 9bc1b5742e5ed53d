/* EMSK -> USRK, DSRK -> DSUSRK; rRK -> rIK, rMSK; pRK -> pMSK.       RFC 5295, RFC 6696, RFC 6630
 *
 * Called by both ends of ERP, by what gives a PoS its K, and by `latchkey keys erp`, `aak`, `dsrk`
 * and `usrk`. */
#include "keys/erp.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"

/* spec: RFC 6696 4.1 - the label of the root begins with EAP, ... */
static const char rrk_label[] = "EAP Re-authentication Root Key@ietf.org";
/* spec: RFC 6696 4.3 - ... and those of its children do not. */
static const char rik_label[] = "Re-authentication Integrity Key@ietf.org";
/* spec: RFC 6696 4.6 - as that of rIK. */
static const char rmsk_label[] = "Re-authentication Master Session Key@ietf.org";
/* spec: RFC 6630 4 - the root of early authentication, and the key of one candidate attachment
 * point. */
static const char prk_label[] = "EAP Early-Authentication Root Key@ietf.org";
static const char pmsk_label[] = "EAP Early-Authentication Master Session Key@ietf.org";
static const char dsrk_label[] = "dsrk@ietf.org";
static const char delivery_label[] = "DSRK Delivery Authorized Key@ietf.org";

void lk_erp_kdf(uint8_t *out, size_t len, struct lk_span key, struct lk_span label,
                struct lk_span data)
{
    const uint8_t zero = 0, octets[2] = { (uint8_t)(len >> 8), (uint8_t)len };
    struct lk_span s[] = { label, lk_span_of(&zero, 1), data, LK_SPAN(octets) };

    /* spec: RFC 5295 3.1 - S = label || 00 || data || length in octets, two of them; the KDF is
     * prf+ of IKEv2, which PRF' of EAP-AKA' is too. */
    lk_prf_prime(out, len, key, s, LK_COUNT_OF(s));
}

static struct lk_span none(void)
{
    return lk_span_of(NULL, 0);
}

/* ---- names ---- */

void lk_emsk_name(uint8_t name[LK_EMSK_NAME_LEN], struct lk_span session_id)
{
    /* spec: RFC 5295 3.2 - the name is made of the Session-Id, not of the EMSK. */
    lk_erp_kdf(name, LK_EMSK_NAME_LEN, session_id, lk_span_text("EMSK"), none());
}

/* ---- usages and domains ---- */

void lk_usrk_derive(struct lk_usrk *usrk, const struct lk_emsk *emsk, struct lk_span label,
                    struct lk_span data)
{
    lk_erp_kdf(usrk->octets, sizeof usrk->octets, LK_SPAN(emsk->octets), label, data);
}

void lk_dsrk_derive(struct lk_dsrk *dsrk, const struct lk_emsk *emsk, struct lk_span domain)
{
    /* spec: RFC 5295 4 - the domain's name, in ASCII, makes it the domain's. */
    lk_erp_kdf(dsrk->octets, sizeof dsrk->octets, LK_SPAN(emsk->octets), lk_span_text(dsrk_label),
               domain);
}

void lk_dsusrk_derive(struct lk_dsusrk *dsusrk, const struct lk_dsrk *dsrk, struct lk_span label,
                      struct lk_span data)
{
    lk_erp_kdf(dsusrk->octets, sizeof dsusrk->octets, LK_SPAN(dsrk->octets), label, data);
}

void lk_delivery_key_derive(struct lk_delivery_key *key, const struct lk_emsk *emsk,
                            struct lk_span domain)
{
    lk_erp_kdf(key->octets, sizeof key->octets, LK_SPAN(emsk->octets), lk_span_text(delivery_label),
               domain);
}

/* ---- ERP ---- */

void lk_rrk_of_emsk(struct lk_rrk *rrk, const struct lk_emsk *emsk)
{
    lk_erp_kdf(rrk->octets, sizeof rrk->octets, LK_SPAN(emsk->octets), lk_span_text(rrk_label),
               none());
}

void lk_rrk_of_dsrk(struct lk_rrk *rrk, const struct lk_dsrk *dsrk)
{
    lk_erp_kdf(rrk->octets, sizeof rrk->octets, LK_SPAN(dsrk->octets), lk_span_text(rrk_label),
               none());
}

void lk_rik_derive(struct lk_rik *rik, const struct lk_rrk *rrk, enum lk_erp_suite suite)
{
    const uint8_t cryptosuite = (uint8_t)suite;

    lk_erp_kdf(rik->octets, sizeof rik->octets, LK_SPAN(rrk->octets), lk_span_text(rik_label),
               lk_span_of(&cryptosuite, 1));
}

/* A SEQ as it enters rMSK and pMSK. */
struct seq {
    uint8_t octets[2];
};
static struct seq seq_of(uint16_t seq)
{
    return (struct seq){ { (uint8_t)(seq >> 8), (uint8_t)seq } };
}

void lk_rmsk_derive(struct lk_rmsk *rmsk, const struct lk_rrk *rrk, uint16_t seq)
{
    const struct seq data = seq_of(seq);

    lk_erp_kdf(rmsk->octets, sizeof rmsk->octets, LK_SPAN(rrk->octets), lk_span_text(rmsk_label),
               LK_SPAN(data.octets));
}

/* ---- ERP/AAK ---- */

void lk_prk_of_emsk(struct lk_prk *prk, const struct lk_emsk *emsk)
{
    lk_erp_kdf(prk->octets, sizeof prk->octets, LK_SPAN(emsk->octets), lk_span_text(prk_label),
               none());
}

void lk_prk_of_dsrk(struct lk_prk *prk, const struct lk_dsrk *dsrk)
{
    lk_erp_kdf(prk->octets, sizeof prk->octets, LK_SPAN(dsrk->octets), lk_span_text(prk_label),
               none());
}

void lk_pmsk_derive(struct lk_pmsk *pmsk, const struct lk_prk *prk, uint16_t seq)
{
    const struct seq data = seq_of(seq);

    lk_erp_kdf(pmsk->octets, sizeof pmsk->octets, LK_SPAN(prk->octets), lk_span_text(pmsk_label),
               LK_SPAN(data.octets));
}

/* ---- tags ---- */

void lk_erp_tag(uint8_t tag[LK_ERP_TAG_MAX], enum lk_erp_suite suite, const struct lk_rik *rik,
                struct lk_span covered)
{
    uint8_t mac[LK_SHA256_LEN];

    /* spec: RFC 6696 5.3.2 - the tag covers the packet from its code to its cryptosuite. */
    lk_hmac_sha256(mac, LK_SPAN(rik->octets), &covered, 1);
    memcpy(tag, mac, lk_erp_tag_len((uint8_t)suite));
    lk_wipe(mac, sizeof mac);
}

enum lk_status lk_erp_tag_check(struct lk_span tag, enum lk_erp_suite suite,
                                const struct lk_rik *rik, struct lk_span covered)
{
    uint8_t right[LK_ERP_TAG_MAX];
    size_t len = lk_erp_tag_len((uint8_t)suite);
    enum lk_status status = LK_OK;

    if (len == 0 || tag.len != len)
        return LK_E_LENGTH;
    lk_erp_tag(right, suite, rik, covered);
    if (!lk_same_secret(right, tag.at, len))
        status = LK_E_MAC;
    lk_wipe(right, sizeof right);
    return status;
}

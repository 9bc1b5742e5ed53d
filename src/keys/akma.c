/* K_AUSF -> K_AKMA -> K_AF, and A-KID.                                       TS 33.535 annex A
 *
 * Called by who plays AUSF and AAnF, by the UE, and by `latchkey keys akma`. */
#include "keys/akma.h"

#include <string.h>

#include "base/base64url.h"
#include "base/hex.h"
#include "base/secret.h"
#include "keys/kdf.h"

enum { FC_K_AUSF = 0x6a, FC_K_AKMA = 0x80, FC_A_TID = 0x81, FC_K_AF = 0x82 };

void lk_k_ausf_of_emsk(struct lk_k_ausf *key, const struct lk_emsk *emsk)
{
    /* spec: TS 33.501 6.1.3.1 - with EAP-AKA' K_AUSF is the first 256 bits of the EMSK. */
    memcpy(key->octets, emsk->octets, sizeof key->octets);
}

void lk_k_ausf_of_5g_aka(struct lk_k_ausf *key, const struct lk_ck *ck, const struct lk_ik *ik,
                         struct lk_span serving_network,
                         const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN])
{
    const struct lk_span params[] = { serving_network,
                                      lk_span_of(sqn_xor_ak, LK_SQN_XOR_AK_LEN) };
    struct lk_ks parent;

    /* spec: TS 33.501 A.2 - KDF(CK || IK, 6A, serving network name, SQN xor AK). */
    lk_ks_of(&parent, ck, ik);
    lk_kdf_3gpp(key->octets, LK_SPAN(parent.octets), FC_K_AUSF, params, LK_COUNT_OF(params));
    lk_wipe(&parent, sizeof parent);
}

void lk_k_akma_derive(struct lk_k_akma *key, const struct lk_k_ausf *k_ausf, struct lk_span supi)
{
    const struct lk_span params[] = { lk_span_text("AKMA"), supi };

    /* spec: TS 33.535 A.2 - KDF(K_AUSF, 80, "AKMA", SUPI). */
    lk_kdf_3gpp(key->octets, LK_SPAN(k_ausf->octets), FC_K_AKMA, params, LK_COUNT_OF(params));
}

void lk_a_tid_derive(struct lk_a_tid *a_tid, const struct lk_k_ausf *k_ausf, struct lk_span supi)
{
    const struct lk_span params[] = { lk_span_text("A-TID"), supi };

    /* spec: TS 33.535 A.3 - KDF(K_AUSF, 81, "A-TID", SUPI). */
    lk_kdf_3gpp(a_tid->octets, LK_SPAN(k_ausf->octets), FC_A_TID, params, LK_COUNT_OF(params));
}

void lk_k_af_derive(struct lk_k_af *key, const struct lk_k_akma *k_akma,
                    const struct lk_naf_id *af_id)
{
    const struct lk_span params[] = { lk_span_of(af_id->octets, af_id->len) };

    /* spec: TS 33.535 A.4 - KDF(K_AKMA, 82, AF_ID). */
    lk_kdf_3gpp(key->octets, LK_SPAN(k_akma->octets), FC_K_AF, params, LK_COUNT_OF(params));
}

/* ---- A-KID ---- */

static bool are_digits(const char *text, size_t least, size_t most)
{
    size_t len = strspn(text, "0123456789");

    return text[len] == '\0' && len >= least && len <= most;
}

/* What stands for {name}; false: there is no such name. */
static bool put_named(struct lk_writer *w, bool *has_tid, struct lk_span name,
                      const struct lk_a_tid *a_tid, const struct lk_a_kid_home *home)
{
    bool tid = lk_span_equal(name, lk_span_text("a-tid"));
    bool tid_hex = lk_span_equal(name, lk_span_text("a-tid-hex"));
    char hex[2 * sizeof a_tid->octets + 1];

    if (tid) {
        lk_base64url_put(w, LK_SPAN(a_tid->octets));
    } else if (tid_hex) {
        LK_ASSERT(lk_hex_encode(hex, sizeof hex, LK_SPAN(a_tid->octets)) == LK_OK);
        lk_put_span(w, lk_span_text(hex));
    } else if (lk_span_equal(name, lk_span_text("rid"))) {
        lk_put_span(w, lk_span_text(home->rid));
    } else if (lk_span_equal(name, lk_span_text("mcc"))) {
        lk_put_span(w, lk_span_text(home->mcc));
    } else if (lk_span_equal(name, lk_span_text("mnc"))) {
        /* spec: TS 23.003 28.2 - an MNC of two digits has a zero before it. */
        if (home->mnc[2] == '\0')
            lk_put_u8(w, '0');
        lk_put_span(w, lk_span_text(home->mnc));
    } else {
        return false;
    }
    *has_tid = *has_tid || tid || tid_hex;
    return true;
}

/* A character of a NAI as it is: printing, and none that would end a quoted string or a token. */
static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f && strchr("\"\\<>{};,", c) == NULL;
}

enum lk_status lk_a_kid_say(char a_kid[LK_A_KID_MAX + 1], const char *form,
                            const struct lk_a_tid *a_tid, const struct lk_a_kid_home *home)
{
    struct lk_writer w = lk_writer_of(a_kid, LK_A_KID_MAX + 1);
    bool has_tid = false;
    size_t ats = 0;

    if (!are_digits(home->rid, 1, LK_RID_MAX) || !are_digits(home->mcc, 3, 3) ||
        !are_digits(home->mnc, 2, 3))
        return LK_E_VALUE;
    for (const char *at = form; *at != '\0'; at++) {
        size_t len = *at == '{' ? strcspn(at + 1, "{}") : 0;

        if (*at == '{') {
            if (at[1 + len] != '}' ||
                !put_named(&w, &has_tid, lk_span_of(at + 1, len), a_tid, home))
                return LK_E_UNKNOWN;
            at += 1 + len;
            continue;
        }
        if (*at == '}')
            return LK_E_UNKNOWN;
        if (!is_plain(*at))
            return LK_E_VALUE;
        ats += *at == '@';
        lk_put_u8(&w, (uint8_t)*at);
    }
    lk_put_u8(&w, '\0');
    if (!has_tid)
        return LK_E_MISSING;
    return ats != 1 ? LK_E_VALUE : lk_writer_end(&w);
}

/* ---- and what may be read of it ---- */

/* How long what stands for {name} is, where at is; 0: it is not there. */
static size_t named_len(struct lk_span name, size_t rid_len, struct lk_span at)
{
    static const char digits[] = "0123456789";
    static const char url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const struct {
        const char *name, *of;
        size_t len;
    } known[] = {
        { "rid", digits, rid_len },
        { "mcc", digits, 3 },
        { "mnc", digits, 3 },
        { "a-tid", url, LK_A_TID_TEXT },
        { "a-tid-hex", "0123456789abcdef", 2 * sizeof(struct lk_a_tid) },
    };

    for (size_t i = 0; i < LK_COUNT_OF(known); i++) {
        if (!lk_span_equal(name, lk_span_text(known[i].name)))
            continue;
        if (at.len < known[i].len)
            return 0;
        for (size_t j = 0; j < known[i].len; j++)
            if (at.at[j] == 0 || strchr(known[i].of, at.at[j]) == NULL)
                return 0;
        return known[i].len;
    }
    return 0;
}

/* Whether a_kid is of that template with an indicator of that length; rid: where it begins. */
static bool fits(struct lk_span *rid, const char *form, size_t rid_len, struct lk_span a_kid)
{
    for (; *form != '\0'; form++) {
        size_t len = *form == '{' ? strcspn(form + 1, "{}") : 0, came = 1;

        if (*form == '{') {
            struct lk_span name = lk_span_of(form + 1, len);

            came = form[1 + len] == '}' ? named_len(name, rid_len, a_kid) : 0;
            if (came == 0)
                return false;
            if (lk_span_equal(name, lk_span_text("rid")))
                *rid = lk_span_of(a_kid.at, came);
            form += 1 + len;
        } else if (a_kid.len == 0 || a_kid.at[0] != (uint8_t)*form) {
            return false;
        }
        a_kid = lk_span_of(a_kid.at + came, a_kid.len - came);
    }
    return a_kid.len == 0;
}

enum lk_status lk_a_kid_rid(char rid[LK_RID_MAX + 1], const char *form, struct lk_span a_kid)
{
    struct lk_span found = { NULL, 0 }, at;
    unsigned ways = 0;

    rid[0] = '\0';
    if (strstr(form, "{rid}") == NULL)
        return LK_E_UNKNOWN;
    for (size_t len = 1; len <= LK_RID_MAX; len++)
        if (fits(&at, form, len, a_kid)) {
            found = at;
            ways++;
        }
    if (ways != 1)
        return LK_E_VALUE;
    memcpy(rid, found.at, found.len);
    rid[found.len] = '\0';
    return LK_OK;
}

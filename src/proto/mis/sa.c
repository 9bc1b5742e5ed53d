#include "proto/mis/sa.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

enum { COVERED_MAX = LK_MIS_HEADER_LEN + 2 * (LK_MIS_ID_MAX + 6) + LK_MIS_SA_ID_MAX + 6 };

/* ---- what it is ---- */

bool lk_mis_name_set(struct lk_mis_name *name, struct lk_span id)
{
    *name = (struct lk_mis_name){ .len = 0 };
    if (id.len == 0 || id.len > sizeof name->octets)
        return false;
    memcpy(name->octets, id.at, id.len);
    name->len = id.len;
    return true;
}

struct lk_span lk_mis_name_of(const struct lk_mis_name *name)
{
    return lk_span_of(name->octets, name->len);
}

bool lk_mis_name_is(const struct lk_mis_name *name, struct lk_span id)
{
    return lk_span_equal(lk_mis_name_of(name), id);
}

enum lk_status lk_mis_sa_init(struct lk_mis_sa *sa, const struct lk_mis_sa_start *start)
{
    struct lk_span id = start->said.id;

    *sa = (struct lk_mis_sa){ .type = LK_MIS_SA_EAP };
    /* spec: IEEE 802.21.1 5.14.2 - K cannot be used in TLS: an SA of that type takes none. */
    if (!lk_mis_type_has_k(start->said.type))
        return LK_E_DENIED;
    if (!lk_mis_name_set(&sa->self, start->self) || !lk_mis_name_set(&sa->peer, start->peer) ||
        id.len < LK_MIS_SA_ID_MIN || id.len > LK_MIS_SA_ID_MAX)
        return LK_E_LENGTH;
    sa->type = (enum lk_mis_id_type)start->said.type;
    memcpy(sa->id, id.at, id.len);
    sa->id_len = id.len;
    sa->role = start->role;
    sa->agreed = start->agreed;
    sa->keys = *start->keys;
    sa->has_msrk = start->msrk != NULL;
    if (sa->has_msrk)
        sa->msrk = *start->msrk;
    sa->chain_used = start->chain_used;
    sa->expires_ms = start->expires_ms;
    return LK_OK;
}

void lk_mis_sa_wipe(struct lk_mis_sa *sa)
{
    lk_wipe(sa, sizeof *sa);
}

void lk_mis_sa_established(struct lk_mis_sa *sa)
{
    lk_wipe(&sa->keys.miak, sizeof sa->keys.miak);
}

enum lk_status lk_mis_sa_link_key(struct lk_mspmk *key, const struct lk_mis_sa *sa,
                                  const struct lk_mis_link_pair *link)
{
    if (!sa->has_msrk)
        return LK_E_NOT_FOUND;
    lk_mspmk_derive(key, sa->agreed.prf, &sa->msrk, LK_SPAN(link->mn), LK_SPAN(link->poa));
    return LK_OK;
}

struct lk_mis_said lk_mis_sa_said(const struct lk_mis_sa *sa)
{
    return (struct lk_mis_said){ .type = (uint8_t)sa->type, .id = lk_span_of(sa->id, sa->id_len) };
}

bool lk_mis_sa_is(const struct lk_mis_sa *sa, const struct lk_mis_said *said)
{
    return sa->type == said->type && lk_span_equal(lk_span_of(sa->id, sa->id_len), said->id);
}

/* spec: IEEE 802.21.1 5.14.2 - the type says how the SA came about: 3, by an SPoS, is a type of its
 * own, and where TLS or EAP is demanded it does not do. */
bool lk_mis_type_satisfies(uint8_t type, unsigned demanded)
{
    return type <= LK_MIS_SA_SPOS && (demanded & 1u << type) != 0;
}

bool lk_mis_type_has_k(uint8_t type)
{
    return lk_mis_type_satisfies(type, 1u << LK_MIS_SA_EAP | 1u << LK_MIS_SA_SPOS);
}

/* ---- suites ---- */

static bool encrypts(enum lk_mis_suite suite)
{
    return lk_miek_len(suite) > 0;
}

/* A list that holds a key. A walk that breaks ends it: a broken list is
 * refused by who reads it. */
static bool holds_key(struct lk_span list, const struct lk_mis_codes *codes)
{
    struct lk_reader r = lk_reader_of(list);
    struct lk_span value;
    uint8_t type;

    while (lk_mis_tlv_next(&r, &type, &value))
        if (lk_mis_tlv_holds_key(type, codes))
            return true;
    return false;
}

/* Where a suite has what, inside the encrypted block of a list of that length. */
struct layout {
    size_t iv_len, list_len, padding, tag_len;
};
static struct layout layout_of(enum lk_mis_suite suite, size_t list_len)
{
    struct layout layout = { .list_len = list_len };

    switch (suite) {
    case LK_MIS_SUITE_CCM:
        layout.tag_len = LK_MIS_TAG_LEN;
        break;
    case LK_MIS_SUITE_CBC_SHA1:
        layout.iv_len = LK_MIS_IV_LEN;
        layout.padding = LK_AES_BLOCK - list_len % LK_AES_BLOCK;
        break;
    case LK_MIS_SUITE_NULL_SHA1:
    case LK_MIS_SUITE_NULL_CMAC:
    case LK_MIS_SUITE_COUNT:
        break;
    }
    return layout;
}

static size_t encr_len(const struct layout *layout)
{
    return LK_MIS_COUNTER_LEN + layout->iv_len + layout->list_len + layout->padding +
           layout->tag_len;
}

/* spec: IEEE 802.21 9 - the nonce of CCM: the octets of the TID, the counter, the octet of the
 * fragment number, as the header has them. */
static void nonce_of(uint8_t nonce[LK_CCM_NONCE_LEN], struct lk_span covered,
                     const uint8_t counter[LK_MIS_COUNTER_LEN])
{
    struct lk_writer w = lk_writer_of(nonce, LK_CCM_NONCE_LEN);

    lk_put_octets(&w, covered.at + 4, 2);
    lk_put_octets(&w, counter, LK_MIS_COUNTER_LEN);
    lk_put_octets(&w, covered.at + 1, 1);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == LK_CCM_NONCE_LEN);
}

/* The MIC of a suite that is not CCM: over what is covered, then the encrypted block as it is sent.
 */
static void mic_of(uint8_t mic[LK_MIS_MIC_LEN], const struct lk_mis_sa *sa, struct lk_span covered,
                   struct lk_span encr)
{
    struct lk_span key = lk_span_of(sa->keys.miik.octets, sa->keys.miik.len);
    struct lk_span parts[] = { covered, encr };
    uint8_t mac[LK_SHA1_LEN];

    if (sa->agreed.suite == LK_MIS_SUITE_NULL_CMAC)
        lk_cmac_aes128(mac, key.at, parts, LK_COUNT_OF(parts));
    else
        lk_hmac_sha1(mac, key, parts, LK_COUNT_OF(parts));
    memcpy(mic, mac, LK_MIS_MIC_LEN);
    lk_wipe(mac, sizeof mac);
}

/* ---- protect ---- */

/* spec: IEEE 802.21 9 - role, zero, sequence: the role keeps the nonces of both ends apart. */
static void put_counter(struct lk_writer *w, enum lk_mis_role role, uint64_t sequence)
{
    lk_put_u8(w, (uint8_t)role);
    lk_put_u8(w, 0);
    lk_put_be64(w, sequence);
}

/* The list stands in encr behind counter and IV; what follows is filled in. */
static void seal(const struct lk_mis_sa *sa, uint8_t *encr, uint8_t mic[LK_MIS_MIC_LEN],
                 const struct layout *layout, struct lk_span covered)
{
    uint8_t nonce[LK_CCM_NONCE_LEN], *list = encr + LK_MIS_COUNTER_LEN + layout->iv_len;
    struct lk_aes128 aes;

    switch (sa->agreed.suite) {
    case LK_MIS_SUITE_CCM:
        nonce_of(nonce, covered, encr);
        lk_aes128_set_key(&aes, sa->keys.miek.octets);
        lk_ccm128_seal(list, &aes, nonce, LK_MIS_TAG_LEN, covered,
                       lk_span_of(list, layout->list_len));
        lk_wipe(&aes, sizeof aes);
        return;
    case LK_MIS_SUITE_CBC_SHA1: /* encrypt, then prove */
        for (size_t i = 0; i < layout->padding; i++)
            list[layout->list_len + i] = (uint8_t)layout->padding;
        lk_aes128_cbc_encrypt(list, sa->keys.miek.octets, encr + LK_MIS_COUNTER_LEN,
                              lk_span_of(list, layout->list_len + layout->padding));
        break;
    case LK_MIS_SUITE_NULL_SHA1:
    case LK_MIS_SUITE_NULL_CMAC:
    case LK_MIS_SUITE_COUNT:
        break;
    }
    mic_of(mic, sa, covered, lk_span_of(encr, encr_len(layout)));
}

enum lk_status lk_mis_protect(struct lk_mis_sa *sa, struct lk_writer *w,
                              const struct lk_mis_header *header, struct lk_span list,
                              const uint8_t iv[LK_MIS_IV_LEN], uint64_t now_ms,
                              const struct lk_mis_codes *codes)
{
    struct layout layout = layout_of(sa->agreed.suite, list.len);
    uint8_t encr[LK_MIS_ENCR_MAX], mic[LK_MIS_MIC_LEN] = { 0 }, covered[COVERED_MAX];
    struct lk_writer head = lk_writer_of(covered, sizeof covered);
    struct lk_writer e = lk_writer_of(encr, sizeof encr);
    struct lk_mis_pdu pdu = { .header = *header,
                              .source = lk_mis_name_of(&sa->self),
                              .destination = lk_mis_name_of(&sa->peer),
                              .said = lk_mis_sa_said(sa) };
    enum lk_status status;

    if (list.len > LK_MIS_LIST_MAX)
        return LK_E_LENGTH;
    if (!encrypts(sa->agreed.suite) && holds_key(list, codes))
        return LK_E_DENIED;
    /* spec: IEEE 802.21 9 - no counter twice under a key: at the last one, or past the lifetime,
     * the SA is established anew. */
    if (now_ms >= sa->expires_ms || sa->sent + 1 >= LK_MIS_SEQUENCE_END)
        return LK_E_EXPIRED;
    sa->sent++;
    put_counter(&e, sa->role, sa->sent);
    lk_put_octets(&e, iv, layout.iv_len);
    lk_put_span(&e, list);
    (void)lk_put_hole(&e, layout.padding + layout.tag_len);
    LK_ASSERT(lk_writer_end(&e) == LK_OK);
    pdu.header.secured = true;
    pdu.security = (struct lk_mis_security){ .encr = lk_writer_span(&e),
                                             .has_integrity = sa->keys.miik.len > 0,
                                             .intg = LK_SPAN(mic) };
    status = lk_mis_covered(&head, &pdu, codes);
    if (status == LK_OK) {
        seal(sa, encr, mic, &layout, lk_writer_span(&head));
        status = lk_mis_encode(w, &pdu, codes);
    }
    lk_wipe(encr, sizeof encr);
    return status;
}

/* ---- unprotect ---- */

/* What an encrypted block begins with. */
struct block {
    uint8_t counter[LK_MIS_COUNTER_LEN];
    uint64_t sequence;
    struct lk_span iv, rest;
};

static enum lk_status read_block(struct block *block, const struct lk_mis_sa *sa,
                                 const struct lk_mis_security *security)
{
    struct lk_reader r = lk_reader_of(security->encr), counter;
    struct layout layout = layout_of(sa->agreed.suite, 0);
    uint8_t role, zero;

    /* Which blocks there are follows from the suite: the PDU does not choose. */
    if (security->tls || security->has_integrity != (sa->keys.miik.len > 0) ||
        (security->has_integrity && security->intg.len != LK_MIS_MIC_LEN))
        return LK_E_VALUE;
    lk_get_copy(&r, block->counter, sizeof block->counter);
    block->iv = lk_get_span(&r, layout.iv_len);
    block->rest = lk_get_rest(&r);
    if (r.status != LK_OK)
        return r.status;
    counter = lk_reader_of(LK_SPAN(block->counter));
    role = lk_get_u8(&counter);
    zero = lk_get_u8(&counter);
    block->sequence = lk_get_be64(&counter);
    /* spec: IEEE 802.21 9 - the other end's role: our own PDUs do not come back to us. */
    if (role != (sa->role == LK_MIS_BEGAN ? LK_MIS_ANSWERED : LK_MIS_BEGAN) || zero != 0)
        return LK_E_VALUE;
    return block->sequence == 0 || block->sequence >= LK_MIS_SEQUENCE_END ? LK_E_VALUE : LK_OK;
}

/* What CBC has hidden, without its padding. The MIC was right, so what is wrong here is the other
 * end's doing. */
static enum lk_status open_cbc(struct lk_mis_opened *opened, const struct lk_mis_sa *sa,
                               const struct block *block)
{
    uint8_t plain[LK_MIS_LIST_MAX + LK_AES_BLOCK], padding;
    size_t len = block->rest.len;
    enum lk_status status = LK_OK;

    if (len == 0 || len % LK_AES_BLOCK != 0 || len > sizeof plain)
        return LK_E_LENGTH;
    lk_aes128_cbc_decrypt(plain, sa->keys.miek.octets, block->iv.at, block->rest);
    padding = plain[len - 1];
    if (padding == 0 || padding > LK_AES_BLOCK || len - padding > LK_MIS_LIST_MAX)
        status = LK_E_VALUE;
    for (size_t i = 1; status == LK_OK && i <= padding; i++)
        if (plain[len - i] != padding)
            status = LK_E_VALUE;
    if (status == LK_OK) {
        opened->len = len - padding;
        memcpy(opened->octets, plain, opened->len);
    }
    lk_wipe(plain, sizeof plain);
    return status;
}

static enum lk_status open_ccm(struct lk_mis_opened *opened, const struct lk_mis_sa *sa,
                               const struct block *block, struct lk_span covered)
{
    uint8_t nonce[LK_CCM_NONCE_LEN];
    struct lk_aes128 aes;
    enum lk_status status;

    if (block->rest.len < LK_MIS_TAG_LEN)
        return LK_E_SHORT;
    if (block->rest.len > LK_MIS_LIST_MAX + LK_MIS_TAG_LEN)
        return LK_E_LENGTH;
    nonce_of(nonce, covered, block->counter);
    lk_aes128_set_key(&aes, sa->keys.miek.octets);
    status = lk_ccm128_open(opened->octets, &aes, nonce, LK_MIS_TAG_LEN, covered, block->rest);
    lk_wipe(&aes, sizeof aes);
    if (status == LK_OK)
        opened->len = block->rest.len - LK_MIS_TAG_LEN;
    return status;
}

static enum lk_status open_block(struct lk_mis_opened *opened, const struct lk_mis_sa *sa,
                                 const struct block *block, const struct lk_mis_pdu *pdu)
{
    uint8_t mic[LK_MIS_MIC_LEN];
    bool right;

    if (sa->agreed.suite == LK_MIS_SUITE_CCM)
        return open_ccm(opened, sa, block, pdu->covered);
    mic_of(mic, sa, pdu->covered, pdu->security.encr);
    right = lk_same_secret(mic, pdu->security.intg.at, sizeof mic);
    lk_wipe(mic, sizeof mic);
    if (!right)
        return LK_E_MAC;
    if (sa->agreed.suite == LK_MIS_SUITE_CBC_SHA1)
        return open_cbc(opened, sa, block);
    if (block->rest.len > LK_MIS_LIST_MAX)
        return LK_E_LENGTH;
    if (block->rest.len > 0)
        memcpy(opened->octets, block->rest.at, block->rest.len);
    opened->len = block->rest.len;
    return LK_OK;
}

/* spec: IEEE 802.21 9 - a window of 64 sequences, moved by what verified alone. False: it was
 * there, or is older than the window. */
static bool receive(struct lk_mis_sa *sa, uint64_t sequence)
{
    uint64_t age;

    if (sequence > sa->received) {
        age = sequence - sa->received;
        sa->window = age < LK_MIS_WINDOW ? sa->window << age : 0;
        sa->window |= 1;
        sa->received = sequence;
        return true;
    }
    age = sa->received - sequence;
    if (age >= LK_MIS_WINDOW || (sa->window >> age & 1) != 0)
        return false;
    sa->window |= UINT64_C(1) << age;
    return true;
}

enum lk_status lk_mis_unprotect(struct lk_mis_sa *sa, struct lk_mis_opened *opened,
                                const struct lk_mis_pdu *pdu, uint64_t now_ms,
                                const struct lk_mis_codes *codes)
{
    struct block block;
    enum lk_status status;

    opened->len = 0;
    if (!pdu->header.secured || !lk_mis_sa_is(sa, &pdu->said))
        return LK_E_NOT_FOUND;
    /* spec: IEEE 802.21 9 - the SA is of two ends: a PDU under it that names others is of
     * neither. */
    if (!lk_mis_name_is(&sa->peer, pdu->source) || !lk_mis_name_is(&sa->self, pdu->destination))
        return LK_E_DENIED;
    if (now_ms >= sa->expires_ms)
        return LK_E_EXPIRED;
    status = read_block(&block, sa, &pdu->security);
    if (status == LK_OK)
        status = open_block(opened, sa, &block, pdu);
    if (status == LK_OK && !receive(sa, block.sequence))
        status = LK_E_SYNC;
    if (status == LK_OK && !encrypts(sa->agreed.suite) &&
        holds_key(lk_span_of(opened->octets, opened->len), codes))
        status = LK_E_DENIED;
    if (status != LK_OK) {
        lk_wipe(opened->octets, opened->len);
        opened->len = 0;
    }
    return status;
}

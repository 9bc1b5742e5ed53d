#include "proto/rsn/ccmp.h"

#include <string.h>

#include "base/secret.h"

enum { PAIRWISE_KEY_ID = 0 };

void lk_rsn_ccmp_init(struct lk_rsn_ccmp *ccmp)
{
    *ccmp = (struct lk_rsn_ccmp){ .old_until_ms = 0 };
}

void lk_rsn_ccmp_wipe(struct lk_rsn_ccmp *ccmp)
{
    lk_wipe(ccmp, sizeof *ccmp);
}

static bool has(const struct lk_rsn_ccmp_key *key, const struct lk_tk *tk)
{
    return key->is_set && lk_same_secret(key->tk.octets, tk->octets, sizeof tk->octets);
}

static enum lk_status usable(const struct lk_tk *tk)
{
    static const struct lk_tk zeroes;

    /* A02: a TK that was wiped under our feet is not one. */
    return lk_same_secret(tk->octets, zeroes.octets, sizeof tk->octets) ? LK_E_VALUE : LK_OK;
}

static void set(struct lk_rsn_ccmp_key *key, const struct lk_tk *tk)
{
    lk_wipe(key, sizeof *key);
    key->is_set = true;
    key->tk = *tk;
    lk_aes128_set_key(&key->aes, tk->octets);
}

/* spec: IEEE 802.11 12.5.3.4 - a replay counter is set back by a new TK alone; so a TK that is
 * there is left as it is. */
enum lk_status lk_rsn_ccmp_prepare(struct lk_rsn_ccmp *ccmp, const struct lk_tk *tk)
{
    enum lk_status status = usable(tk);

    if (status != LK_OK)
        return status;
    if (has(&ccmp->now, tk) || has(&ccmp->next, tk) || has(&ccmp->old, tk))
        return LK_E_EXISTS;
    set(&ccmp->next, tk);
    return LK_OK;
}

enum lk_status lk_rsn_ccmp_install(struct lk_rsn_ccmp *ccmp, const struct lk_tk *tk,
                                   uint64_t now_ms)
{
    enum lk_status status = usable(tk);

    if (status != LK_OK)
        return status;
    if (has(&ccmp->now, tk) || has(&ccmp->old, tk))
        return LK_E_EXISTS;
    if (ccmp->now.is_set)
        ccmp->old_until_ms = now_ms + LK_RSN_OLD_TK_MS;
    ccmp->old = ccmp->now;
    if (has(&ccmp->next, tk))
        ccmp->now = ccmp->next; /* with what it has received */
    else
        set(&ccmp->now, tk);
    lk_wipe(&ccmp->next, sizeof ccmp->next);
    return LK_OK;
}

uint64_t lk_rsn_ccmp_due_ms(const struct lk_rsn_ccmp *ccmp)
{
    return ccmp->old.is_set ? ccmp->old_until_ms : UINT64_MAX;
}

void lk_rsn_ccmp_expire(struct lk_rsn_ccmp *ccmp, uint64_t now_ms)
{
    if (lk_rsn_ccmp_due_ms(ccmp) <= now_ms)
        lk_wipe(&ccmp->old, sizeof ccmp->old);
}

static bool in_pieces(const struct lk_80211_header *header)
{
    return (header->flags & LK_80211_MORE_FRAGMENTS) != 0 || header->fragment != 0 ||
           (lk_80211_is_qos(header) && (header->qos & LK_80211_QOS_AGGREGATE) != 0);
}

/* spec: IEEE 802.11 12.5.3.3 - the packet number rises by one with each frame, and no two frames
 * under a key have the same. */
enum lk_status lk_rsn_ccmp_seal(struct lk_rsn_ccmp *ccmp, struct lk_writer *w,
                                const struct lk_80211_header *header, struct lk_span data)
{
    struct lk_80211_header protected = *header;
    struct lk_ccmp_header ccmp_header = { .key_id = PAIRWISE_KEY_ID };
    uint8_t sealed[LK_RSN_DATA_MAX + LK_CCMP_MIC_LEN];
    struct lk_ccmp_input input;
    enum lk_status status;

    if (!ccmp->now.is_set)
        return LK_E_NOT_FOUND;
    if (in_pieces(header) || lk_80211_is_management(header))
        return LK_E_UNSUPPORTED;
    if (data.len > LK_RSN_DATA_MAX)
        return LK_E_LENGTH;
    if (ccmp->now.sent >= LK_CCMP_PN_MAX)
        return LK_E_EXPIRED;
    ccmp_header.pn = ++ccmp->now.sent;
    protected.flags |= LK_80211_PROTECTED;
    status = lk_80211_header_encode(w, &protected);
    if (status == LK_OK)
        status = lk_ccmp_header_encode(w, &ccmp_header);
    if (status != LK_OK)
        return status;
    input = lk_ccmp_input_of(&protected, ccmp_header.pn);
    lk_ccm128_seal(sealed, &ccmp->now.aes, input.nonce, LK_CCMP_MIC_LEN,
                   lk_span_of(input.aad, input.aad_len), data);
    lk_put_octets(w, sealed, data.len + LK_CCMP_MIC_LEN);
    return lk_writer_end(w);
}

static unsigned tid_of(const struct lk_80211_header *header)
{
    return lk_80211_is_qos(header) ? header->qos & LK_80211_QOS_TID : 0;
}

/* spec: IEEE 802.11 12.5.3.4 - one replay counter a TID: a packet number not above it is dropped,
 * and only a frame whose MIC is right moves it. */
static enum lk_status open_with(struct lk_rsn_ccmp_key *key, struct lk_rsn_data *data, uint64_t pn,
                                struct lk_span sealed)
{
    struct lk_ccmp_input input = lk_ccmp_input_of(&data->header, pn);
    uint64_t *greatest = &key->received[tid_of(&data->header)];
    enum lk_status status;

    if (!key->is_set)
        return LK_E_NOT_FOUND;
    status = lk_ccm128_open(data->octets, &key->aes, input.nonce, LK_CCMP_MIC_LEN,
                            lk_span_of(input.aad, input.aad_len), sealed);
    if (status != LK_OK)
        return status;
    if (pn <= *greatest) {
        lk_wipe(data->octets, sealed.len - LK_CCMP_MIC_LEN);
        return LK_E_SYNC;
    }
    *greatest = pn;
    data->len = sealed.len - LK_CCMP_MIC_LEN;
    return LK_OK;
}

static enum lk_status open_any(struct lk_rsn_ccmp *ccmp, struct lk_rsn_data *data, uint64_t pn,
                               struct lk_span sealed)
{
    struct lk_rsn_ccmp_key *const keys[] = { &ccmp->now, &ccmp->next, &ccmp->old };
    enum lk_status status = LK_E_NOT_FOUND;

    for (size_t i = 0; i < LK_COUNT_OF(keys); i++) {
        enum lk_status one = open_with(keys[i], data, pn, sealed);

        if (one == LK_OK && keys[i] == &ccmp->now)
            lk_wipe(&ccmp->old, sizeof ccmp->old); /* the other end has changed over */
        data->by_next = one == LK_OK && keys[i] == &ccmp->next;
        if (one == LK_OK || one == LK_E_SYNC)
            return one; /* of that key for sure */
        if (one == LK_E_MAC)
            status = one;
    }
    return status;
}

enum lk_status lk_rsn_ccmp_open(struct lk_rsn_ccmp *ccmp, struct lk_rsn_data *data,
                                struct lk_span frame, uint64_t now_ms)
{
    struct lk_ccmp_header header;
    struct lk_reader r;
    struct lk_span body;
    enum lk_status status;

    data->len = 0;
    data->by_next = false;
    lk_rsn_ccmp_expire(ccmp, now_ms);
    if (frame.len > LK_80211_FRAME_MAX)
        return LK_E_LENGTH;
    status = lk_80211_decode(&data->header, &body, frame);
    if (status != LK_OK)
        return status;
    if ((data->header.flags & LK_80211_PROTECTED) == 0) {
        ccmp->in_clear++;
        return LK_E_DENIED;
    }
    if (in_pieces(&data->header) || lk_80211_is_management(&data->header)) {
        ccmp->in_pieces++;
        return LK_E_UNSUPPORTED;
    }
    r = lk_reader_of(body);
    status = lk_ccmp_header_get(&header, &r);
    if (status == LK_OK && header.key_id != PAIRWISE_KEY_ID)
        status = LK_E_NOT_FOUND;
    if (status == LK_OK && r.left < LK_CCMP_MIC_LEN)
        status = LK_E_SHORT;
    if (status != LK_OK)
        return status;
    status = open_any(ccmp, data, header.pn, lk_get_rest(&r));
    ccmp->replayed += status == LK_E_SYNC;
    ccmp->altered += status == LK_E_MAC;
    return status;
}

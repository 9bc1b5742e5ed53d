/* The authentication centre: see auc.h.
 *
 * A row is: format (1) nonce (12) AES-256-GCM(body) tag (16); additional data is format || IMSI.
 * A body is: algorithm (1) k (lv8) topc (lv8) res_len (1) iterations (1) amf (2), then
 *            mode (1) offset (8) floor (8) seq_ms (8) block_id (8) epoch (1). */
#include "vault/auc.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/eap.h"
#include "keys/kdf.h"

enum {
    ROW_FORMAT = 1,
    ROW_HEAD = 1 + LK_GCM_NONCE_LEN,
    BODY_MAX = 2 + LK_K_MAX + 1 + LK_TOPC_MAX + 2 + LK_AMF_LEN + 1 + 4 * 8 + 1,
    AMF_SEPARATION = 0x80, /* in the first octet */
};

_Static_assert(ROW_HEAD + BODY_MAX + LK_GCM_TAG_LEN <= LK_ROW_MAX, "a row fits");

void lk_row_key_derive(struct lk_row_key *key, const struct lk_master_key *master)
{
    struct lk_span label = lk_span_text("latchkey subscriber row 1");

    lk_hmac_sha256(key->octets, LK_SPAN(master->octets), &label, 1);
}

static size_t row_additional(uint8_t out[1 + LK_IMSI_MAX_DIGITS], const struct lk_imsi *imsi)
{
    size_t len = strnlen(imsi->digits, LK_IMSI_MAX_DIGITS);

    out[0] = ROW_FORMAT;
    memcpy(out + 1, imsi->digits, len);
    return 1 + len;
}

enum lk_status lk_auc_row_of(struct lk_auc_row *row, const struct lk_credentials *credentials,
                             enum lk_sqn_mode mode, uint64_t tick)
{
    enum lk_status status = lk_aka_card_check(&credentials->card);

    memset(row, 0, sizeof *row);
    if (status != LK_OK)
        return status;
    row->card = credentials->card;
    memcpy(row->amf, credentials->amf, LK_AMF_LEN);
    status = lk_sqn_record_start(&row->sqn, mode, credentials->sqn, tick);
    if (status != LK_OK)
        lk_wipe(row, sizeof *row);
    return status;
}

static size_t topc_len(const struct lk_aka_card *card)
{
    return card->algorithm == LK_AKA_TUAK ? LK_TOPC_MAX : 16;
}

static void body_put(struct lk_writer *w, const struct lk_auc_row *row)
{
    lk_put_u8(w, (uint8_t)row->card.algorithm);
    lk_put_lv8(w, lk_span_of(row->card.k, row->card.k_len));
    lk_put_lv8(w, lk_span_of(row->card.topc, topc_len(&row->card)));
    lk_put_u8(w, (uint8_t)row->card.res_len);
    lk_put_u8(w, (uint8_t)row->card.keccak_iterations);
    lk_put_octets(w, row->amf, LK_AMF_LEN);
    lk_put_u8(w, (uint8_t)row->sqn.mode);
    lk_put_be64(w, (uint64_t)row->sqn.offset);
    lk_put_be64(w, row->sqn.floor);
    lk_put_be64(w, row->sqn.seq_ms);
    lk_put_be64(w, row->sqn.block_id);
    lk_put_u8(w, row->sqn.epoch);
}

static void field_get(struct lk_reader *r, uint8_t *to, size_t cap, size_t *len)
{
    struct lk_span field = lk_get_lv8(r);

    *len = field.len;
    if (field.len > cap)
        lk_reader_fail(r, LK_E_LENGTH);
    else if (field.len > 0)
        memcpy(to, field.at, field.len);
}

static enum lk_status body_get(struct lk_auc_row *row, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint8_t algorithm = lk_get_u8(&r), mode;
    size_t len;
    enum lk_status status;

    memset(row, 0, sizeof *row);
    row->card.algorithm = algorithm == LK_AKA_TUAK ? LK_AKA_TUAK : LK_AKA_MILENAGE;
    field_get(&r, row->card.k, LK_K_MAX, &row->card.k_len);
    field_get(&r, row->card.topc, LK_TOPC_MAX, &len);
    row->card.res_len = lk_get_u8(&r);
    row->card.keccak_iterations = lk_get_u8(&r);
    lk_get_copy(&r, row->amf, LK_AMF_LEN);
    mode = lk_get_u8(&r);
    row->sqn.mode = mode == LK_SQN_COUNTER ? LK_SQN_COUNTER : LK_SQN_TIME;
    row->sqn.offset = (int64_t)lk_get_be64(&r);
    row->sqn.floor = lk_get_be64(&r);
    row->sqn.seq_ms = lk_get_be64(&r);
    row->sqn.block_id = lk_get_be64(&r);
    row->sqn.epoch = lk_get_u8(&r);
    status = lk_reader_end(&r);
    return status != LK_OK ? status : lk_aka_card_check(&row->card);
}

void lk_auc_seal(struct lk_sealed_row *sealed, const struct lk_row_key *key,
                 const struct lk_imsi *imsi, const struct lk_auc_row *row, const uint8_t nonce[12])
{
    uint8_t body[BODY_MAX], additional[1 + LK_IMSI_MAX_DIGITS];
    struct lk_writer w = lk_writer_of(body, sizeof body);
    size_t additional_len = row_additional(additional, imsi);

    body_put(&w, row);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    memset(sealed, 0, sizeof *sealed);
    sealed->octets[0] = ROW_FORMAT;
    memcpy(sealed->octets + 1, nonce, LK_GCM_NONCE_LEN);
    lk_gcm256_seal(sealed->octets + ROW_HEAD, key->octets, nonce,
                   lk_span_of(additional, additional_len), lk_writer_span(&w));
    sealed->len = (uint16_t)(ROW_HEAD + w.len + LK_GCM_TAG_LEN);
    lk_wipe(body, sizeof body);
}

enum lk_status lk_auc_open(struct lk_auc_row *row, const struct lk_row_key *key,
                           const struct lk_imsi *imsi, const struct lk_sealed_row *sealed)
{
    uint8_t body[BODY_MAX], additional[1 + LK_IMSI_MAX_DIGITS];
    size_t additional_len = row_additional(additional, imsi);
    struct lk_span in;
    enum lk_status status;

    if (sealed->len < ROW_HEAD + LK_GCM_TAG_LEN ||
        sealed->len > ROW_HEAD + BODY_MAX + LK_GCM_TAG_LEN)
        return LK_E_LENGTH;
    if (sealed->octets[0] != ROW_FORMAT)
        return LK_E_UNKNOWN;
    in = lk_span_of(sealed->octets + ROW_HEAD, sealed->len - (size_t)ROW_HEAD);
    status = lk_gcm256_open(body, key->octets, sealed->octets + 1,
                            lk_span_of(additional, additional_len), in);
    if (status == LK_OK)
        status = body_get(row, lk_span_of(body, in.len - LK_GCM_TAG_LEN));
    if (status != LK_OK)
        lk_wipe(row, sizeof *row);
    lk_wipe(body, sizeof body);
    return status;
}

/* spec: TS 33.102 6.3.2 - the vector: RAND, AUTN, XRES, CK, IK.
 * spec: TS 33.402 6.2 - the separation bit of AMF is set in a vector for EAP-AKA', clear in one for
 * EAP-AKA; and CK', IK' rather than CK, IK leave the authentication centre.
 * spec: TS 33.401 6.1.2 - the bit is set in a vector for EPS, of whose keys KASME alone leaves. */
static void vector_compute(struct lk_vector *vector, const struct lk_auc_row *row,
                           const struct lk_vault_request *request, const uint8_t sqn[LK_SQN_LEN],
                           const uint8_t rand[LK_RAND_LEN])
{
    struct lk_aka_output output;
    uint8_t mac_a[LK_MAC_A_LEN];
    uint8_t amf[LK_AMF_LEN] = { row->amf[0], row->amf[1] };
    struct lk_ck ck;
    struct lk_ik ik;

    amf[0] &= (uint8_t)~AMF_SEPARATION;
    if (request->keys != LK_VECTOR_CK_IK)
        amf[0] |= AMF_SEPARATION;
    memset(vector, 0, sizeof *vector);
    memcpy(vector->rand, rand, LK_RAND_LEN);
    lk_aka_f1(mac_a, &row->card, rand, sqn, amf);
    lk_aka_f2345(&output, &row->card, rand);
    lk_aka_autn(vector->autn, sqn, output.ak, amf, mac_a);
    memcpy(vector->xres, output.res, output.res_len);
    vector->xres_len = output.res_len;
    vector->keys = request->keys;
    memcpy(ck.octets, output.ck, sizeof ck.octets);
    memcpy(ik.octets, output.ik, sizeof ik.octets);
    switch (request->keys) {
    case LK_VECTOR_PRIME:
        lk_ck_ik_prime_derive(&vector->ck_prime, &vector->ik_prime, &ck, &ik,
                              lk_span_of(request->network_name, request->network_name_len),
                              vector->autn);
        break;
    case LK_VECTOR_KASME:
        lk_kasme_derive(&vector->kasme, &ck, &ik, request->sn_id, vector->autn);
        break;
    case LK_VECTOR_CK_IK:
        vector->ck = ck;
        vector->ik = ik;
        break;
    }
    lk_wipe(&output, sizeof output);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(mac_a, sizeof mac_a);
}

/* What VECTOR and RESYNC share: row is open, and perhaps corrected. */
static enum lk_reason grant(struct lk_vault_answer *answer, struct lk_auc *auc,
                            struct lk_auc_row *row, bool changed,
                            const struct lk_vault_request *request, uint64_t tick,
                            const struct lk_auc_entropy *entropy)
{
    struct lk_reader random = lk_reader_of(LK_SPAN(entropy->reservation));
    uint8_t sqn[LK_SQN_LEN];
    enum lk_reason refused = lk_sqn_next(sqn, &auc->sqn, &request->imsi, &row->sqn, &changed, tick,
                                         lk_get_be64(&random));

    if (refused != LK_REASON_NONE)
        return refused;
    vector_compute(&answer->vector, row, request, sqn, entropy->rand);
    if (changed)
        lk_auc_seal(&answer->row, &auc->key, &request->imsi, row, entropy->nonce);
    return LK_REASON_NONE;
}

enum lk_reason lk_auc_vector(struct lk_vault_answer *answer, struct lk_auc *auc,
                             const struct lk_vault_request *request, uint64_t tick,
                             const struct lk_auc_entropy *entropy)
{
    struct lk_auc_row row;
    enum lk_reason refused = LK_REASON_SUBSCRIBER_ROW_BAD;

    if (lk_auc_open(&row, &auc->key, &request->imsi, &request->row) == LK_OK)
        refused = grant(answer, auc, &row, false, request, tick, entropy);
    lk_wipe(&row, sizeof row);
    return refused;
}

/* spec: TS 33.102 6.3.5 - MAC-S is verified before anything is believed. */
enum lk_reason lk_auc_resync(struct lk_vault_answer *answer, struct lk_auc *auc,
                             const struct lk_vault_request *request, uint64_t tick,
                             const struct lk_auc_entropy *entropy)
{
    struct lk_auc_row row;
    uint8_t sqn_ms[LK_SQN_LEN];
    bool changed = false;
    enum lk_reason refused = LK_REASON_NONE;

    if (lk_auc_open(&row, &auc->key, &request->imsi, &request->row) != LK_OK)
        refused = LK_REASON_SUBSCRIBER_ROW_BAD;
    else if (lk_aka_auts_open(sqn_ms, &row.card, request->rand, request->auts) != LK_OK)
        refused = LK_REASON_AUTS_WRONG;
    if (refused == LK_REASON_NONE)
        refused = lk_sqn_correct(&auc->sqn, &request->imsi, &row.sqn, &changed, sqn_ms, tick);
    if (refused == LK_REASON_NONE)
        refused = grant(answer, auc, &row, changed, request, tick, entropy);
    lk_wipe(&row, sizeof row);
    lk_wipe(sqn_ms, sizeof sqn_ms);
    return refused;
}

static enum lk_reason seal_new(struct lk_vault_answer *answer, struct lk_auc *auc,
                               const struct lk_vault_request *request, uint64_t tick,
                               const struct lk_auc_entropy *entropy)
{
    struct lk_auc_row row;
    enum lk_reason refused = LK_REASON_CREDENTIALS_UNUSABLE;

    if (request->credentials != NULL &&
        lk_auc_row_of(&row, request->credentials, auc->sqn.mode, tick) == LK_OK) {
        lk_auc_seal(&answer->row, &auc->key, &request->imsi, &row, entropy->nonce);
        lk_wipe(&row, sizeof row);
        refused = LK_REASON_NONE;
    }
    return refused;
}

/* A18: who is not there takes as long as who is. A row is sealed in place of one opened, which
 * costs the same; all that is computed is thrown away. An AUTS of nobody's is as wrong as any
 * stranger's, and so uses up no vector. */
static enum lk_reason nobody(struct lk_auc *auc, const struct lk_vault_request *request,
                             uint64_t tick, const struct lk_auc_entropy *entropy)
{
    static const uint8_t auts[LK_AUTS_LEN];
    struct lk_auc_row row = { .card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 } };
    enum lk_reason refused = LK_REASON_NONE;
    struct lk_sealed_row sealed;
    struct lk_vector vector;
    uint8_t sqn[LK_SQN_LEN] = { 0 };

    lk_auc_seal(&sealed, &auc->key, &request->imsi, &row, entropy->nonce);
    if (request->resync) {
        (void)!lk_aka_auts_open(sqn, &row.card, entropy->rand, auts);
    } else {
        refused = lk_sqn_nobody(&auc->sqn, &request->imsi, tick);
        if (refused == LK_REASON_NONE)
            vector_compute(&vector, &row, request, sqn, entropy->rand);
        lk_wipe(&vector, sizeof vector);
    }
    return refused;
}

void lk_auc_answer(struct lk_vault_answer *answer, struct lk_auc *auc,
                   const struct lk_vault_request *request, bool may_seal, uint64_t tick,
                   const struct lk_auc_entropy *entropy)
{
    memset(answer, 0, offsetof(struct lk_vault_answer, row.octets));
    answer->id = request->id;
    answer->kind = request->kind;
    switch (request->kind) {
    case LK_VAULT_PING:
        return;
    case LK_VAULT_NOBODY:
        answer->refused = nobody(auc, request, tick, entropy);
        return;
    case LK_VAULT_VECTOR:
        answer->refused = lk_auc_vector(answer, auc, request, tick, entropy);
        return;
    case LK_VAULT_RESYNC:
        answer->refused = lk_auc_resync(answer, auc, request, tick, entropy);
        return;
    case LK_VAULT_SEAL:
        answer->refused =
            may_seal ? seal_new(answer, auc, request, tick, entropy) : LK_REASON_SEAL_DENIED;
        return;
    }
    LK_ASSERT(!"a kind that the decoder let through");
}

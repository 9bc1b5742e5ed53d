#include "vault/messages.h"

#include <string.h>

/* batch   = count (1) item*
 * request = id (4) kind (1) body
 *   PING: nothing.  VECTOR: imsi (8) row (lv16) keys (1) name (lv8): the network's name, or SN id.
 *   RESYNC: as VECTOR, then RAND (16) AUTS (14).
 *   NOBODY: imsi (8) row (lv16) resync (1) keys (1) name (lv8).
 *   SEAL: imsi (8) algorithm (1) k (lv8) topc (lv8) res_len (1) iterations (1) amf (2) sqn (6).
 * answer  = id (4) kind (1) refused (2) granted (1) [vector] row (lv16)
 *   vector: rand (16) autn (16) xres (lv8) keys (1) the keys (32). */

static size_t topc_len(const struct lk_aka_card *card)
{
    return card->algorithm == LK_AKA_TUAK ? 32 : 16;
}

static void put_row(struct lk_writer *w, const struct lk_sealed_row *row)
{
    if (row->len > LK_ROW_MAX)
        w->status = w->status == LK_OK ? LK_E_LENGTH : w->status;
    else
        lk_put_lv16(w, lk_span_of(row->octets, row->len));
}

/* Copies a counted field that may have at most cap octets. */
static size_t get_field(struct lk_reader *r, struct lk_span field, void *to, size_t cap)
{
    if (field.len > cap) {
        lk_reader_fail(r, LK_E_LENGTH);
        return 0;
    }
    if (field.len > 0)
        memcpy(to, field.at, field.len);
    return field.len;
}

static void put_credentials(struct lk_writer *w, const struct lk_credentials *c)
{
    lk_put_u8(w, (uint8_t)c->card.algorithm);
    lk_put_lv8(w, lk_span_of(c->card.k, c->card.k_len));
    lk_put_lv8(w, lk_span_of(c->card.topc, topc_len(&c->card)));
    lk_put_u8(w, (uint8_t)c->card.res_len);
    lk_put_u8(w, (uint8_t)c->card.keccak_iterations);
    lk_put_octets(w, c->amf, sizeof c->amf);
    lk_put_octets(w, c->sqn, sizeof c->sqn);
}

static void get_credentials(struct lk_reader *r, struct lk_credentials *c)
{
    uint8_t algorithm = lk_get_u8(r);

    memset(c, 0, sizeof *c);
    if (algorithm != LK_AKA_MILENAGE && algorithm != LK_AKA_TUAK)
        lk_reader_fail(r, LK_E_VALUE);
    c->card.algorithm = algorithm == LK_AKA_TUAK ? LK_AKA_TUAK : LK_AKA_MILENAGE;
    c->card.k_len = get_field(r, lk_get_lv8(r), c->card.k, sizeof c->card.k);
    if (get_field(r, lk_get_lv8(r), c->card.topc, sizeof c->card.topc) != topc_len(&c->card))
        lk_reader_fail(r, LK_E_LENGTH);
    c->card.res_len = lk_get_u8(r);
    c->card.keccak_iterations = lk_get_u8(r);
    lk_get_copy(r, c->amf, sizeof c->amf);
    lk_get_copy(r, c->sqn, sizeof c->sqn);
}

static void put_name(struct lk_writer *w, const struct lk_vault_request *q)
{
    if (q->network_name_len > LK_NETWORK_NAME_MAX) {
        w->status = w->status == LK_OK ? LK_E_LENGTH : w->status;
        return;
    }
    lk_put_u8(w, (uint8_t)q->keys);
    if (q->keys == LK_VECTOR_KASME)
        lk_put_lv8(w, LK_SPAN(q->sn_id));
    else
        lk_put_lv8(w, lk_span_of(q->network_name, q->network_name_len));
}

static enum lk_vector_keys get_keys(struct lk_reader *r)
{
    uint8_t keys = lk_get_u8(r);

    if (keys > LK_VECTOR_KASME)
        lk_reader_fail(r, LK_E_VALUE);
    return keys > LK_VECTOR_KASME ? LK_VECTOR_CK_IK : (enum lk_vector_keys)keys;
}

static void get_name(struct lk_reader *r, struct lk_vault_request *q)
{
    struct lk_span name;

    q->keys = get_keys(r);
    name = lk_get_lv8(r);
    if (q->keys != LK_VECTOR_KASME)
        q->network_name_len = (uint8_t)get_field(r, name, q->network_name, LK_NETWORK_NAME_MAX);
    else if (get_field(r, name, q->sn_id, LK_SN_ID_LEN) != LK_SN_ID_LEN)
        lk_reader_fail(r, LK_E_LENGTH);
}

static void put_request(struct lk_writer *w, const struct lk_vault_request *q)
{
    lk_put_be32(w, q->id);
    lk_put_u8(w, (uint8_t)q->kind);
    switch (q->kind) {
    case LK_VAULT_PING:
        return;
    case LK_VAULT_NOBODY:
        lk_imsi_put(w, &q->imsi);
        put_row(w, &q->row);
        lk_put_u8(w, q->resync);
        put_name(w, q);
        return;
    case LK_VAULT_SEAL:
        if (q->credentials == NULL) {
            w->status = LK_E_VALUE;
            return;
        }
        lk_imsi_put(w, &q->imsi);
        put_credentials(w, q->credentials);
        return;
    case LK_VAULT_VECTOR:
    case LK_VAULT_RESYNC:
        lk_imsi_put(w, &q->imsi);
        put_row(w, &q->row);
        put_name(w, q);
        if (q->kind == LK_VAULT_RESYNC) {
            lk_put_octets(w, q->rand, sizeof q->rand);
            lk_put_octets(w, q->auts, sizeof q->auts);
        }
        return;
    }
    w->status = LK_E_VALUE;
}

static void get_request(struct lk_reader *r, struct lk_vault_request *q,
                        struct lk_credentials *credentials)
{
    uint8_t kind;

    memset(q, 0, offsetof(struct lk_vault_request, row.octets));
    q->keys = LK_VECTOR_CK_IK;
    q->resync = false;
    q->network_name_len = 0;
    q->credentials = NULL;
    q->id = lk_get_be32(r);
    kind = lk_get_u8(r);
    switch (kind) {
    case LK_VAULT_PING:
        break;
    case LK_VAULT_NOBODY:
        lk_imsi_get(r, &q->imsi);
        q->row.len = (uint16_t)get_field(r, lk_get_lv16(r), q->row.octets, LK_ROW_MAX);
        q->resync = lk_get_u8(r) != 0;
        get_name(r, q);
        break;
    case LK_VAULT_SEAL:
        lk_imsi_get(r, &q->imsi);
        get_credentials(r, credentials);
        q->credentials = credentials;
        break;
    case LK_VAULT_VECTOR:
    case LK_VAULT_RESYNC:
        lk_imsi_get(r, &q->imsi);
        q->row.len = (uint16_t)get_field(r, lk_get_lv16(r), q->row.octets, LK_ROW_MAX);
        get_name(r, q);
        if (kind == LK_VAULT_RESYNC) {
            lk_get_copy(r, q->rand, sizeof q->rand);
            lk_get_copy(r, q->auts, sizeof q->auts);
        }
        break;
    default:
        lk_reader_fail(r, LK_E_VALUE);
        return;
    }
    q->kind = (enum lk_vault_kind)kind;
}

enum lk_status lk_vault_requests_encode(struct lk_writer *w,
                                        const struct lk_vault_request *requests, size_t count)
{
    if (count == 0 || count > LK_VAULT_BATCH)
        return LK_E_FULL;
    lk_put_u8(w, (uint8_t)count);
    for (size_t i = 0; i < count && w->status == LK_OK; i++)
        put_request(w, &requests[i]);
    return lk_writer_end(w);
}

enum lk_status lk_vault_requests_decode(struct lk_vault_request *requests,
                                        struct lk_credentials *credentials, size_t *count,
                                        struct lk_span message)
{
    struct lk_reader r = lk_reader_of(message);

    *count = lk_get_u8(&r);
    if (*count == 0 || *count > LK_VAULT_BATCH)
        lk_reader_fail(&r, LK_E_LENGTH);
    for (size_t i = 0; i < *count && r.status == LK_OK; i++)
        get_request(&r, &requests[i], &credentials[i]);
    return lk_reader_end(&r);
}

static void put_vector(struct lk_writer *w, const struct lk_vector *v)
{
    lk_put_octets(w, v->rand, sizeof v->rand);
    lk_put_octets(w, v->autn, sizeof v->autn);
    lk_put_lv8(w, lk_span_of(v->xres, v->xres_len));
    lk_put_u8(w, (uint8_t)v->keys);
    if (v->keys == LK_VECTOR_KASME) {
        lk_put_octets(w, v->kasme.octets, sizeof v->kasme.octets);
        return;
    }
    lk_put_octets(w, v->keys == LK_VECTOR_PRIME ? v->ck_prime.octets : v->ck.octets, 16);
    lk_put_octets(w, v->keys == LK_VECTOR_PRIME ? v->ik_prime.octets : v->ik.octets, 16);
}

static void get_vector(struct lk_reader *r, struct lk_vector *v)
{
    lk_get_copy(r, v->rand, sizeof v->rand);
    lk_get_copy(r, v->autn, sizeof v->autn);
    v->xres_len = get_field(r, lk_get_lv8(r), v->xres, sizeof v->xres);
    v->keys = get_keys(r);
    if (v->keys == LK_VECTOR_KASME) {
        lk_get_copy(r, v->kasme.octets, sizeof v->kasme.octets);
        return;
    }
    lk_get_copy(r, v->keys == LK_VECTOR_PRIME ? v->ck_prime.octets : v->ck.octets, 16);
    lk_get_copy(r, v->keys == LK_VECTOR_PRIME ? v->ik_prime.octets : v->ik.octets, 16);
}

static bool has_vector(const struct lk_vault_answer *a)
{
    return a->refused == LK_REASON_NONE &&
           (a->kind == LK_VAULT_VECTOR || a->kind == LK_VAULT_RESYNC);
}

enum lk_status lk_vault_answers_encode(struct lk_writer *w, const struct lk_vault_answer *answers,
                                       size_t count)
{
    if (count == 0 || count > LK_VAULT_BATCH)
        return LK_E_FULL;
    lk_put_u8(w, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct lk_vault_answer *a = &answers[i];

        lk_put_be32(w, a->id);
        lk_put_u8(w, (uint8_t)a->kind);
        lk_put_be16(w, (uint16_t)a->refused);
        if (has_vector(a))
            put_vector(w, &a->vector);
        put_row(w, &a->row);
    }
    return lk_writer_end(w);
}

enum lk_status lk_vault_answers_decode(struct lk_vault_answer *answers, size_t *count,
                                       struct lk_span message)
{
    struct lk_reader r = lk_reader_of(message);

    *count = lk_get_u8(&r);
    if (*count == 0 || *count > LK_VAULT_BATCH)
        lk_reader_fail(&r, LK_E_LENGTH);
    for (size_t i = 0; i < *count && r.status == LK_OK; i++) {
        struct lk_vault_answer *a = &answers[i];
        uint8_t kind;
        uint16_t refused;

        memset(a, 0, offsetof(struct lk_vault_answer, row.octets));
        a->id = lk_get_be32(&r);
        kind = lk_get_u8(&r);
        refused = lk_get_be16(&r);
        if (kind < LK_VAULT_PING || kind > LK_VAULT_NOBODY || refused >= LK_REASON_COUNT)
            lk_reader_fail(&r, LK_E_VALUE);
        a->kind = (enum lk_vault_kind)kind;
        a->refused = (enum lk_reason)refused;
        if (r.status == LK_OK && has_vector(a))
            get_vector(&r, &a->vector);
        a->row.len = (uint16_t)get_field(&r, lk_get_lv16(&r), a->row.octets, LK_ROW_MAX);
    }
    return lk_reader_end(&r);
}

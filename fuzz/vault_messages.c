/* Octets as what a captured worker writes to the vault, and as what a vault answers: what decodes
 * encodes to the same octets again; and octets as a sealed row, which opens for nobody. */
#include "fuzz.h"

#include <string.h>

#include "vault/auc.h"

static void requests(struct lk_span octets)
{
    static struct lk_vault_request list[LK_VAULT_BATCH];
    static struct lk_credentials credentials[LK_VAULT_BATCH];
    static uint8_t again[LK_VAULT_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(again, sizeof again);
    size_t count;

    if (lk_vault_requests_decode(list, credentials, &count, octets) != LK_OK)
        return;
    LK_ASSERT(count >= 1 && count <= LK_VAULT_BATCH);
    LK_ASSERT(lk_vault_requests_encode(&w, list, count) == LK_OK);
    LK_ASSERT(w.len == octets.len);
}

static void answers(struct lk_span octets)
{
    static struct lk_vault_answer list[LK_VAULT_BATCH];
    static uint8_t again[LK_VAULT_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(again, sizeof again);
    size_t count;

    if (lk_vault_answers_decode(list, &count, octets) != LK_OK)
        return;
    LK_ASSERT(lk_vault_answers_encode(&w, list, count) == LK_OK);
    LK_ASSERT(w.len == octets.len);
}

static void row(struct lk_span octets)
{
    static const struct lk_row_key key = { .octets = { 1 } };
    static const struct lk_imsi imsi = { .digits = "001010000000001" };
    struct lk_sealed_row sealed = { .len = (uint16_t)octets.len };
    struct lk_auc_row open;

    if (octets.len > LK_ROW_MAX)
        return;
    memcpy(sealed.octets, octets.at, octets.len);
    LK_ASSERT(lk_auc_open(&open, &key, &imsi, &sealed) != LK_OK);
}

static void slots(struct lk_span octets)
{
    uint8_t two[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN] = { 0 };
    struct lk_ceiling ceiling;

    memcpy(two, octets.at, octets.len < sizeof two ? octets.len : sizeof two);
    if (lk_ceiling_decode(&ceiling, (const uint8_t(*)[LK_CEILING_SLOT_LEN])two) == LK_OK)
        LK_ASSERT(ceiling.generation < UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span all = lk_span_of(octets, len);

    if (len == 0)
        return 0;
    requests(all);
    answers(all);
    row(all);
    slots(all);
    return 0;
}

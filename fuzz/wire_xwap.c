/* Octets as an XwAP message: what decodes encodes, when nothing that it must have was missing, and
 * that decodes to the same message; the answer that tells what was found is a message too. */
#include "fuzz.h"

#include "wire/xwap.h"

static void lies_inside(struct lk_span part, struct lk_span whole)
{
    LK_ASSERT(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static void answer(const struct lk_xwap_diagnostics *found)
{
    static uint8_t room[LK_XWAP_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_xwap reject = { .type = LK_XWAP_ADDITION_REJECT, .diagnostics = *found }, again;
    struct lk_xwap_diagnostics none;

    lk_xwap_mark(&reject, LK_XWAP_ENB_UE_ID);
    lk_xwap_mark(&reject, LK_XWAP_CAUSE);
    lk_xwap_mark(&reject, LK_XWAP_DIAGNOSTICS);
    LK_ASSERT(lk_xwap_encode(&w, &reject) == LK_OK);
    LK_ASSERT(lk_xwap_decode(&again, &none, lk_writer_span(&w)) == LK_OK && none.count == 0);
    LK_ASSERT(again.diagnostics.count == found->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t first[LK_XWAP_MAX], second[LK_XWAP_MAX];
    static struct lk_xwap message, again;
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_span all = lk_span_of(octets, len);
    struct lk_xwap_diagnostics found, none;
    enum lk_status status = lk_xwap_decode(&message, &found, all);

    LK_ASSERT(found.count <= LK_XWAP_DIAGNOSTICS_MAX);
    if (status == LK_E_UNKNOWN || status == LK_E_MISSING)
        answer(&found);
    if (status != LK_OK)
        return 0;
    LK_ASSERT(lk_xwap_cause_name(message.cause) != NULL);
    lies_inside(message.key, all);
    LK_ASSERT(message.key.len == 0 || message.key.len == LK_XWAP_KEY_LEN);
    /* What may be ignored when it is missing must still be there when we write. */
    status = lk_xwap_encode(&w1, &message);
    LK_ASSERT(status == LK_OK || status == LK_E_MISSING || status == LK_E_LENGTH);
    if (status != LK_OK)
        return 0;
    LK_ASSERT(lk_xwap_decode(&again, &none, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(none.count == 0 && again.present == message.present);
    LK_ASSERT(lk_xwap_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
    return 0;
}

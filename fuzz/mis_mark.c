/* Octets as a start mark of a home: what is read stands in the octets, and signed anew it reads the
 * same; nobody's octets verify, and of ours no other ones do. */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "keys/mis_start.h"

static void sign_anew(const struct lk_start_mark *mark, struct lk_span octets)
{
    const struct lk_home_secret secret = { { 7 } };
    uint8_t room[LK_MIS_START_MARK_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_home_key key;
    size_t fields = octets.len - LK_ED25519_SIGNATURE_LEN;

    lk_home_key_derive(&key, &secret);
    LK_ASSERT(lk_start_mark_verify(octets, &key) == LK_E_AUTH);
    LK_ASSERT(lk_start_mark_sign(&w, mark, &secret) == LK_OK);
    LK_ASSERT(w.len == octets.len && memcmp(room, octets.at, fields) == 0);
    LK_ASSERT(lk_start_mark_verify(lk_writer_span(&w), &key) == LK_OK);
    room[mark->start_s % w.len] ^= (uint8_t)(1 << mark->max % 8);
    LK_ASSERT(lk_start_mark_verify(lk_writer_span(&w), &key) != LK_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_start_mark mark;

    if (lk_start_mark_read(&mark, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(mark.mn_id.len > 0 && mark.mn_id.len <= LK_MIS_ID_MAX);
    LK_ASSERT(mark.realm.len > 0 && mark.realm.len <= LK_MIS_REALM_MAX);
    LK_ASSERT(mark.mn_id.at >= octets && mark.realm.at + mark.realm.len <= octets + len);
    if (len <= LK_MIS_START_MARK_MAX)
        sign_anew(&mark, lk_span_of(octets, len));
    return 0;
}

#include "keys/mis_start.h"

#include "base/secret.h"
#include "crypto/crypto.h"

static const char label[] = "latchkey-mis-start-1"; /* with its end mark */

enum { SIGNED_MAX = sizeof label + LK_MIS_START_MARK_MAX };

void lk_home_key_derive(struct lk_home_key *key, const struct lk_home_secret *secret)
{
    lk_ed25519_public(key->octets, secret->octets);
}

/* What is signed: the label, which keeps a mark apart from all else that a home may sign, then the
 * mark up to its signature. */
static struct lk_span signed_octets(uint8_t to[SIGNED_MAX], struct lk_span fields)
{
    struct lk_writer w = lk_writer_of(to, SIGNED_MAX);

    lk_put_octets(&w, label, sizeof label);
    lk_put_span(&w, fields);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

static bool fits(struct lk_span name, size_t most)
{
    return name.len > 0 && name.len <= most;
}

enum lk_status lk_start_mark_sign(struct lk_writer *w, const struct lk_start_mark *mark,
                                  const struct lk_home_secret *secret)
{
    uint8_t octets[SIGNED_MAX], fields[LK_MIS_START_MARK_MAX], signature[LK_ED25519_SIGNATURE_LEN];
    struct lk_writer f = lk_writer_of(fields, sizeof fields);

    if (!fits(mark->mn_id, LK_MIS_ID_MAX) || !fits(mark->realm, LK_MIS_REALM_MAX))
        return LK_E_LENGTH;
    lk_put_lv16(&f, mark->mn_id);
    lk_put_be64(&f, mark->start_s);
    lk_put_be32(&f, mark->lifetime_s);
    lk_put_u8(&f, mark->max);
    lk_put_lv16(&f, mark->realm);
    LK_ASSERT(lk_writer_end(&f) == LK_OK);
    lk_ed25519_sign(signature, secret->octets, signed_octets(octets, lk_writer_span(&f)));
    lk_put_span(w, lk_writer_span(&f));
    lk_put_octets(w, signature, sizeof signature);
    return lk_writer_end(w);
}

enum lk_status lk_start_mark_read(struct lk_start_mark *mark, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    mark->mn_id = lk_get_lv16(&r);
    mark->start_s = lk_get_be64(&r);
    mark->lifetime_s = lk_get_be32(&r);
    mark->max = lk_get_u8(&r);
    mark->realm = lk_get_lv16(&r);
    (void)lk_get_span(&r, LK_ED25519_SIGNATURE_LEN);
    if (r.status == LK_OK &&
        (!fits(mark->mn_id, LK_MIS_ID_MAX) || !fits(mark->realm, LK_MIS_REALM_MAX)))
        lk_reader_fail(&r, LK_E_LENGTH);
    return lk_reader_end(&r);
}

enum lk_status lk_start_mark_verify(struct lk_span octets, const struct lk_home_key *key)
{
    uint8_t room[SIGNED_MAX];
    struct lk_start_mark mark;
    struct lk_span fields;
    enum lk_status status = lk_start_mark_read(&mark, octets);

    if (status != LK_OK)
        return status;
    fields = lk_span_of(octets.at, octets.len - LK_ED25519_SIGNATURE_LEN);
    /* T40: the home signed exactly these octets. */
    status = lk_ed25519_verify(key->octets, octets.at + fields.len, signed_octets(room, fields));
    return status == LK_OK ? LK_OK : LK_E_AUTH;
}

#include "proto/gba/opaque.h"

#include <string.h>

#include "base/secret.h"

enum { VERSION = 1, DECOY = 1 << 0, RESYNCED = 1 << 1, UNTOLD = 1 << 2 };

static const char label[] = LK_GBA_OPAQUE_LABEL;

struct binding {
    uint8_t octets[sizeof label + 2 + LK_IMPI_MAX + LK_GBA_TEXT_MAX];
};

/* What an opaque is bound to; LK_E_FULL: names that none of ours was given to. */
static enum lk_status bind(struct binding *binding, struct lk_span *span, struct lk_span username,
                           struct lk_span nonce)
{
    struct lk_writer w = lk_writer_of(binding->octets, sizeof binding->octets);

    lk_put_octets(&w, label, sizeof label);
    lk_put_lv16(&w, username);
    lk_put_span(&w, nonce);
    *span = lk_writer_span(&w);
    return lk_writer_end(&w);
}

void lk_gba_opaque_seal(char text[LK_GBA_OPAQUE_LEN], const struct lk_gba_opaque *opaque,
                        const struct lk_seal_keys *keys, struct lk_span username,
                        struct lk_span nonce)
{
    uint8_t plain[LK_GBA_OPAQUE_PLAIN], sealed[LK_GBA_OPAQUE_OCTETS];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);
    struct lk_writer out = lk_writer_of(text, LK_GBA_OPAQUE_LEN);
    struct binding binding;
    struct lk_span bound;

    LK_ASSERT(opaque->xres_len <= LK_RES_MAX);
    lk_put_u8(&w, VERSION);
    lk_put_u8(&w, (uint8_t)((opaque->decoy ? DECOY : 0) | (opaque->resynced ? RESYNCED : 0) |
                            (opaque->untold ? UNTOLD : 0)));
    lk_put_u8(&w, (uint8_t)opaque->algorithm);
    lk_imsi_put(&w, &opaque->imsi);
    lk_put_be64(&w, opaque->issued_s);
    lk_put_u8(&w, (uint8_t)opaque->xres_len);
    lk_put_octets(&w, opaque->xres, LK_RES_MAX);
    lk_put_octets(&w, opaque->ck.octets, sizeof opaque->ck.octets);
    lk_put_octets(&w, opaque->ik.octets, sizeof opaque->ik.octets);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len == sizeof plain);
    LK_ASSERT(bind(&binding, &bound, username, nonce) == LK_OK);
    lk_seal(sealed, keys, bound, LK_SPAN(plain));
    lk_base64_put(&out, LK_SPAN(sealed));
    LK_ASSERT(lk_writer_end(&out) == LK_OK && out.len == LK_GBA_OPAQUE_LEN);
    lk_wipe(plain, sizeof plain);
}

static enum lk_status read_plain(struct lk_gba_opaque *opaque, struct lk_span plain)
{
    struct lk_reader r = lk_reader_of(plain);
    uint8_t version = lk_get_u8(&r), flags = lk_get_u8(&r), algorithm = lk_get_u8(&r);

    opaque->decoy = (flags & DECOY) != 0;
    opaque->resynced = (flags & RESYNCED) != 0;
    opaque->untold = (flags & UNTOLD) != 0;
    opaque->algorithm = algorithm < LK_GBA_ALGORITHM_COUNT ? algorithm : LK_GBA_ALGORITHM_COUNT;
    lk_imsi_get(&r, &opaque->imsi);
    opaque->issued_s = lk_get_be64(&r);
    opaque->xres_len = lk_get_u8(&r);
    lk_get_copy(&r, opaque->xres, sizeof opaque->xres);
    lk_get_copy(&r, opaque->ck.octets, sizeof opaque->ck.octets);
    lk_get_copy(&r, opaque->ik.octets, sizeof opaque->ik.octets);
    if (version != VERSION || opaque->xres_len > LK_RES_MAX)
        lk_reader_fail(&r, LK_E_MAC); /* of a node of another version */
    return lk_reader_end(&r);
}

enum lk_status lk_gba_opaque_open(struct lk_gba_opaque *opaque, const struct lk_seal_keys *keys,
                                  struct lk_span username, struct lk_span nonce,
                                  struct lk_span text)
{
    uint8_t sealed[LK_GBA_OPAQUE_OCTETS], plain[LK_GBA_OPAQUE_PLAIN];
    struct binding binding;
    struct lk_span bound;
    size_t len = 0;
    enum lk_status status;

    memset(opaque, 0, sizeof *opaque);
    if (text.len != LK_GBA_OPAQUE_LEN || bind(&binding, &bound, username, nonce) != LK_OK ||
        lk_base64_decode(sealed, sizeof sealed, &len, text) != LK_OK || len != sizeof sealed)
        return LK_E_MAC;
    status = lk_unseal(plain, keys, bound, LK_SPAN(sealed));
    if (status == LK_OK)
        status = read_plain(opaque, LK_SPAN(plain));
    lk_wipe(plain, sizeof plain);
    return status == LK_OK ? LK_OK : LK_E_MAC;
}

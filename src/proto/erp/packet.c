#include "proto/erp/packet.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"

/* ---- names ---- */

/* spec: RFC 6696 5.3.2 - keyName-NAI: the EMSKname as hexadecimal digits, and the realm. */
struct lk_span lk_erp_name_say(char to[LK_ERP_NAI_MAX + 1], const uint8_t name[LK_EMSK_NAME_LEN],
                               struct lk_span realm)
{
    struct lk_writer w = lk_writer_of(to, LK_ERP_NAI_MAX);
    char text[LK_ERP_NAME_TEXT + 1];

    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(name, LK_EMSK_NAME_LEN)) == LK_OK);
    lk_put_octets(&w, text, LK_ERP_NAME_TEXT);
    lk_put_u8(&w, '@');
    lk_put_span(&w, realm);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool same_realm(struct lk_span a, struct lk_span b)
{
    size_t i = 0;

    while (i < a.len && i < b.len && lower(a.at[i]) == lower(b.at[i]))
        i++;
    return i == a.len && i == b.len;
}

bool lk_erp_name_read(uint8_t name[LK_EMSK_NAME_LEN], struct lk_span nai, struct lk_span realm)
{
    struct lk_reader r = lk_reader_of(nai);
    struct lk_span text = lk_get_span(&r, LK_ERP_NAME_TEXT);
    uint8_t at = lk_get_u8(&r);
    size_t len;

    return r.status == LK_OK && at == '@' && same_realm(lk_get_rest(&r), realm) &&
           lk_hex_decode(name, LK_EMSK_NAME_LEN, &len, text) == LK_OK;
}

/* ---- tags ---- */

enum lk_status lk_erp_seal(struct lk_writer *w, const struct lk_erp *packet,
                           const struct lk_rrk *rrk)
{
    enum lk_erp_suite suite = (enum lk_erp_suite)packet->suite;
    size_t begin = w->len, tag_len = lk_erp_tag_len(packet->suite);
    uint8_t tag[LK_ERP_TAG_MAX];
    struct lk_rik rik;
    enum lk_status status = lk_erp_encode(w, packet);

    if (status != LK_OK)
        return status;
    lk_rik_derive(&rik, rrk, suite);
    lk_erp_tag(tag, suite, &rik, lk_span_of(w->at + begin, w->len - begin - tag_len));
    lk_patch_octets(w, w->len - tag_len, tag, tag_len);
    lk_wipe(&rik, sizeof rik);
    lk_wipe(tag, sizeof tag);
    return LK_OK;
}

static enum lk_status open_as(struct lk_erp *packet, struct lk_span octets,
                              enum lk_erp_suite suite, const struct lk_rrk *rrk)
{
    enum lk_status status = lk_erp_decode(packet, octets, (uint8_t)suite);
    struct lk_rik rik;

    if (status != LK_OK)
        return status;
    if (packet->type != LK_ERP_REAUTH)
        return LK_E_VALUE;
    /* spec: RFC 6696 4.4 - the cryptosuite is an input of the rIK: each suite has its own. */
    lk_rik_derive(&rik, rrk, suite);
    status = lk_erp_tag_check(packet->tag, suite, &rik, packet->covered);
    lk_wipe(&rik, sizeof rik);
    return status;
}

enum lk_status lk_erp_open(struct lk_erp *packet, struct lk_span octets, uint8_t suite,
                           const struct lk_rrk *rrk)
{
    const enum lk_erp_suite each[] = { LK_ERP_HMAC_SHA256_64, LK_ERP_HMAC_SHA256_128,
                                       LK_ERP_HMAC_SHA256_256 };
    enum lk_status status = lk_erp_decode(packet, octets, suite);

    if (status != LK_OK)
        return status;
    status = LK_E_MAC;
    for (size_t i = 0; status != LK_OK && i < LK_COUNT_OF(each); i++)
        if ((suite == 0 || suite == each[i]) && open_as(packet, octets, each[i], rrk) == LK_OK)
            status = LK_OK;
    return status;
}

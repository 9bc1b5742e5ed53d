/* The state digest of the TWAG: the sum of what each session and each connection hash to, so that
 * neither order nor place counts. */
#include <string.h>

#include "crypto/crypto.h"
#include "node/twag_parts.h"

static void add(uint8_t digest[LK_TWAG_DIGEST_LEN], const struct lk_writer *w)
{
    struct lk_span octets = lk_writer_span(w);
    uint8_t one[LK_SHA256_LEN];

    LK_ASSERT(lk_writer_end(w) == LK_OK);
    lk_sha256(one, &octets, 1);
    for (size_t i = 0; i < LK_TWAG_DIGEST_LEN; i++)
        digest[i] ^= one[i];
}

static void add_session(uint8_t digest[LK_TWAG_DIGEST_LEN], const struct lk_twag_session *s)
{
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_put_u8(&w, 1);
    lk_put_octets(&w, s->imsi.digits, sizeof s->imsi.digits);
    lk_put_octets(&w, s->mac, sizeof s->mac);
    lk_put_octets(&w, s->key[0].identity, sizeof s->key[0].identity);
    lk_put_u8(&w, s->handle != 0);
    lk_put_be64(&w, s->handle != 0 ? s->generation : 0);
    lk_put_u8(&w, s->wlcp.denied);
    lk_put_lv16(&w, lk_span_of(s->class_value, s->class_len));
    add(digest, &w);
}

static void add_row(uint8_t digest[LK_TWAG_DIGEST_LEN], const struct lk_twag *twag, uint32_t row)
{
    const struct lk_wlcp_twag_pdn *c = &twag->pool.row[row];
    const struct lk_twag_session *s = &twag->session[c->owner];
    const struct lk_twag_link *link = &twag->link[row];
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_put_u8(&w, 2);
    lk_put_octets(&w, s->imsi.digits, sizeof s->imsi.digits);
    lk_put_u8(&w, c->state);
    lk_put_u8(&w, c->id);
    lk_put_u8(&w, c->bound);
    lk_put_lv8(&w, lk_span_of(c->apn.labels, c->apn.len));
    lk_put_u8(&w, c->address.pdn_type);
    if (link->has_ipv4)
        lk_put_octets(&w, link->ipv4, sizeof link->ipv4);
    if (link->has_prefix)
        lk_put_octets(&w, link->prefix, sizeof link->prefix);
    add(digest, &w);
}

void lk_twag_digest(uint8_t digest[LK_TWAG_DIGEST_LEN], const struct lk_twag *twag)
{
    memset(digest, 0, LK_TWAG_DIGEST_LEN);
    for (uint32_t i = 0; i < twag->touched; i++) {
        if (!twag->session[i].used)
            continue;
        add_session(digest, &twag->session[i]);
        for (size_t j = 0; j < twag->session[i].wlcp.count; j++)
            add_row(digest, twag, twag->session[i].wlcp.row[j]);
    }
}

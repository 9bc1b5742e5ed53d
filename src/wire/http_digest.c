/* HTTP Digest: one row a parameter.
 *
 *     challenge, credentials   "Digest" 1*SP param *( OWS "," OWS param )
 *     info                     param *( OWS "," OWS param )
 *     param                    token BWS "=" BWS ( token / quoted-string )
 *
 * spec-not: RFC 9110 5.6.1.2 - an empty element of a list is refused: no peer of ours sends one. */
#include "wire/http_digest.h"

#include <string.h>

#define OF(kind) (1u << (kind))
enum {
    CHALLENGE = OF(LK_HTTP_CHALLENGE),
    CREDENTIALS = OF(LK_HTTP_CREDENTIALS),
    INFO = OF(LK_HTTP_INFO),
};

/* spec: RFC 7616 3.3 - realm and nonce of a challenge; 3.4 - what credentials must have, and what
 * stands without quotes. */
static const struct row {
    const char *name;
    unsigned in;     /* kinds that it is written in */
    unsigned must;   /* kinds that are none without it */
    unsigned quoted; /* kinds in which it is written with quotes */
} rows[LK_HTTP_DIGEST_PARAM_COUNT] = {
    [LK_HTTP_USERNAME] = { "username", CREDENTIALS, CREDENTIALS, CREDENTIALS },
    [LK_HTTP_REALM] = { "realm", CHALLENGE | CREDENTIALS, CHALLENGE | CREDENTIALS,
                        CHALLENGE | CREDENTIALS },
    [LK_HTTP_NONCE] = { "nonce", CHALLENGE | CREDENTIALS, CHALLENGE | CREDENTIALS,
                        CHALLENGE | CREDENTIALS },
    [LK_HTTP_URI] = { "uri", CREDENTIALS, CREDENTIALS, CREDENTIALS },
    [LK_HTTP_QOP] = { "qop", CHALLENGE | CREDENTIALS | INFO, 0, CHALLENGE },
    [LK_HTTP_NC] = { "nc", CREDENTIALS | INFO, 0, 0 },
    [LK_HTTP_CNONCE] = { "cnonce", CREDENTIALS | INFO, 0, CREDENTIALS | INFO },
    [LK_HTTP_RESPONSE] = { "response", CREDENTIALS, CREDENTIALS, CREDENTIALS },
    [LK_HTTP_RSPAUTH] = { "rspauth", INFO, 0, INFO },
    [LK_HTTP_ALGORITHM] = { "algorithm", CHALLENGE | CREDENTIALS, 0, 0 },
    [LK_HTTP_OPAQUE] = { "opaque", CHALLENGE | CREDENTIALS, 0, CHALLENGE | CREDENTIALS },
    [LK_HTTP_STALE] = { "stale", CHALLENGE, 0, 0 },
    [LK_HTTP_NEXTNONCE] = { "nextnonce", INFO, 0, INFO },
    [LK_HTTP_AUTS] = { "auts", CREDENTIALS, 0, CREDENTIALS },
};

bool lk_http_digest_has(const struct lk_http_digest *digest, enum lk_http_digest_param param)
{
    return (digest->present & 1u << param) != 0;
}

void lk_http_digest_set(struct lk_http_digest *digest, enum lk_http_digest_param param,
                        struct lk_span value)
{
    digest->present |= 1u << param;
    digest->value[param] = value;
}

/* ---- characters ---- */

static bool is_token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* spec-not: RFC 9110 5.6.4 - a quoted pair is refused, and so is what is not ASCII: what is hashed
 * is to be read in one way only. */
static bool is_quotable(uint8_t c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool lk_http_token_is(struct lk_span value, const char *token)
{
    size_t len = strlen(token), i = 0;

    while (value.len == len && i < len && lower(value.at[i]) == lower((uint8_t)token[i]))
        i++;
    return value.len == len && i == len;
}

bool lk_http_list_has(struct lk_span list, const char *token)
{
    size_t from = 0;

    for (size_t i = 0; i <= list.len; i++) {
        size_t to = i;

        if (i < list.len && list.at[i] != ',')
            continue;
        while (from < to && (list.at[from] == ' ' || list.at[from] == '\t'))
            from++;
        while (from < to && (list.at[to - 1] == ' ' || list.at[to - 1] == '\t'))
            to--;
        if (from < to && lk_http_token_is(lk_span_of(list.at + from, to - from), token))
            return true;
        from = i + 1;
    }
    return false;
}

/* ---- decoding ---- */

static uint8_t peek(const struct lk_reader *r)
{
    return r->status == LK_OK && r->left > 0 ? *r->at : 0;
}

static void skip_space(struct lk_reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        (void)lk_get_u8(r);
}

static struct lk_span get_token(struct lk_reader *r)
{
    size_t len = 0;

    while (len < r->left && is_token(r->at[len]))
        len++;
    if (len == 0)
        lk_reader_fail(r, r->left > 0 ? LK_E_VALUE : LK_E_SHORT);
    return lk_get_span(r, len);
}

static struct lk_span get_quoted(struct lk_reader *r)
{
    struct lk_span value;
    size_t len = 0;

    (void)lk_get_u8(r);
    while (len < r->left && is_quotable(r->at[len]))
        len++;
    value = lk_get_span(r, len);
    if (r->left > 0 && peek(r) != '"')
        lk_reader_fail(r, LK_E_VALUE);
    (void)lk_get_u8(r);
    return value;
}

static void get_param(struct lk_http_digest *digest, struct lk_reader *r)
{
    struct lk_span name = get_token(r), value;

    skip_space(r);
    if (lk_get_u8(r) != '=')
        lk_reader_fail(r, LK_E_VALUE);
    skip_space(r);
    value = peek(r) == '"' ? get_quoted(r) : get_token(r);
    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT && r->status == LK_OK; i++) {
        if (!lk_http_token_is(name, rows[i].name))
            continue;
        /* spec: RFC 7616 3.4 - a parameter is there once. */
        if (lk_http_digest_has(digest, i))
            lk_reader_fail(r, LK_E_TWICE);
        lk_http_digest_set(digest, i, value);
    }
}

/* spec: RFC 7616 3.4 - nc is eight hex digits. */
static bool is_nc(struct lk_span nc)
{
    bool right = nc.len == LK_HTTP_DIGEST_NC_LEN;

    for (size_t i = 0; i < nc.len; i++)
        right = right && ((nc.at[i] >= '0' && nc.at[i] <= '9') ||
                          (lower(nc.at[i]) >= 'a' && lower(nc.at[i]) <= 'f'));
    return right;
}

/* What a kind must have, and what it may not say. */
static enum lk_status judge(const struct lk_http_digest *digest, enum lk_http_digest_kind kind)
{
    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT; i++)
        if ((rows[i].must & OF(kind)) != 0 && !lk_http_digest_has(digest, i))
            return LK_E_MISSING;
    /* spec: RFC 7616 3.4 - nc and cnonce go with a qop. */
    if (kind == LK_HTTP_CREDENTIALS && lk_http_digest_has(digest, LK_HTTP_QOP) &&
        (!lk_http_digest_has(digest, LK_HTTP_NC) || !lk_http_digest_has(digest, LK_HTTP_CNONCE)))
        return LK_E_MISSING;
    return lk_http_digest_has(digest, LK_HTTP_NC) && !is_nc(digest->value[LK_HTTP_NC])
               ? LK_E_VALUE
               : LK_OK;
}

static void get_scheme(struct lk_reader *r)
{
    struct lk_span scheme = get_token(r);

    if (r->status == LK_OK && !lk_http_token_is(scheme, "Digest"))
        lk_reader_fail(r, LK_E_VALUE);
    if (lk_get_u8(r) != ' ')
        lk_reader_fail(r, LK_E_VALUE);
}

enum lk_status lk_http_digest_decode(struct lk_http_digest *digest, enum lk_http_digest_kind kind,
                                     struct lk_span text)
{
    struct lk_reader r = lk_reader_of(text);
    size_t count = 0;

    *digest = (struct lk_http_digest){ 0 };
    if (text.len > LK_HTTP_DIGEST_MAX)
        return LK_E_LENGTH;
    if (kind != LK_HTTP_INFO)
        get_scheme(&r);
    do {
        skip_space(&r);
        if (count++ == LK_HTTP_DIGEST_PARAMS)
            lk_reader_fail(&r, LK_E_FULL);
        get_param(digest, &r);
        skip_space(&r);
        if (r.left > 0 && r.status == LK_OK && lk_get_u8(&r) != ',')
            lk_reader_fail(&r, LK_E_VALUE);
        else if (r.status == LK_OK && r.left == 0 && text.at[text.len - 1] == ',')
            lk_reader_fail(&r, LK_E_SHORT); /* and a parameter behind it */
    } while (r.status == LK_OK && r.left > 0);
    return r.status == LK_OK ? judge(digest, kind) : r.status;
}

/* ---- encoding ---- */

static enum lk_status put_param(struct lk_writer *w, const struct row *row,
                                enum lk_http_digest_kind kind, struct lk_span value)
{
    bool quoted = (row->quoted & OF(kind)) != 0;

    if (!quoted && value.len == 0)
        return LK_E_VALUE;
    for (size_t i = 0; i < value.len; i++)
        if (!(quoted ? is_quotable(value.at[i]) : is_token(value.at[i])))
            return LK_E_VALUE;
    lk_put_span(w, lk_span_text(row->name));
    lk_put_span(w, lk_span_text(quoted ? "=\"" : "="));
    lk_put_span(w, value);
    lk_put_span(w, lk_span_text(quoted ? "\"" : ""));
    return LK_OK;
}

enum lk_status lk_http_digest_encode(struct lk_writer *w, enum lk_http_digest_kind kind,
                                     const struct lk_http_digest *digest)
{
    enum lk_status status = judge(digest, kind);
    bool first = true;

    if (kind != LK_HTTP_INFO)
        lk_put_span(w, lk_span_text("Digest "));
    for (unsigned i = 0; status == LK_OK && i < LK_HTTP_DIGEST_PARAM_COUNT; i++) {
        if (!lk_http_digest_has(digest, i))
            continue;
        if ((rows[i].in & OF(kind)) == 0)
            return LK_E_VALUE;
        if (!first)
            lk_put_span(w, lk_span_text(", "));
        first = false;
        status = put_param(w, &rows[i], kind, digest->value[i]);
    }
    if (status == LK_OK && first)
        status = LK_E_MISSING; /* a header that says nothing is none */
    return status != LK_OK ? status : lk_writer_end(w);
}

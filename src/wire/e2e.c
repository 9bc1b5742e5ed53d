#include "wire/e2e.h"

enum { FQDN_MAX = 253, APP_MAX = 128 };

static bool is_type(uint8_t type)
{
    return type >= LK_E2E_HELLO && type <= LK_E2E_PARCEL;
}

static bool is_length(enum lk_e2e_type type, size_t len)
{
    const bool record = type >= LK_E2E_FINISH && type <= LK_E2E_CLOSE;

    if (type == LK_E2E_ALERT)
        return len == 1;
    return len <= (size_t)(record ? LK_E2E_BODY_MAX : LK_E2E_HANDSHAKE_MAX - LK_E2E_HEADER);
}

enum lk_status lk_e2e_frame_size(size_t *size, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t type = lk_get_u8(&r);
    uint16_t len = lk_get_be16(&r);

    *size = 0;
    if (octets.len > 0 && !is_type(type))
        return LK_E_UNKNOWN;
    if (octets.len < LK_E2E_HEADER)
        return LK_OK;
    if (!is_length((enum lk_e2e_type)type, len))
        return LK_E_LENGTH;
    *size = (size_t)LK_E2E_HEADER + len;
    return LK_OK;
}

enum lk_status lk_e2e_frame_decode(struct lk_e2e_frame *frame, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t type = lk_get_u8(&r);

    frame->body = lk_get_lv16(&r);
    frame->type = (enum lk_e2e_type)type;
    if (r.status == LK_OK && !is_type(type))
        lk_reader_fail(&r, LK_E_UNKNOWN);
    if (r.status == LK_OK && !is_length(frame->type, frame->body.len))
        lk_reader_fail(&r, LK_E_LENGTH);
    return lk_reader_end(&r);
}

void lk_e2e_frame_encode(struct lk_writer *w, enum lk_e2e_type type, struct lk_span first,
                         struct lk_span second)
{
    lk_put_u8(w, (uint8_t)type);
    lk_put_be16(w, (uint16_t)(first.len + second.len));
    lk_put_span(w, first);
    lk_put_span(w, second);
}

enum lk_status lk_e2e_hello_decode(struct lk_e2e_hello *hello, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);
    uint8_t version = lk_get_u8(&r);

    hello->flags = lk_get_u8(&r);
    hello->fqdn = lk_get_lv8(&r);
    hello->app = lk_get_lv8(&r);
    hello->offer = lk_span_of(body.at, body.len - r.left);
    hello->message = lk_get_rest(&r);
    if (r.status == LK_OK && version != LK_E2E_VERSION)
        lk_reader_fail(&r, LK_E_UNKNOWN);
    if (r.status == LK_OK && (hello->flags & ~(unsigned)LK_E2E_FLAGS) != 0)
        lk_reader_fail(&r, LK_E_VALUE);
    if (r.status == LK_OK && (hello->fqdn.len == 0 || hello->fqdn.len > FQDN_MAX ||
                              hello->app.len == 0 || hello->app.len > APP_MAX))
        lk_reader_fail(&r, LK_E_LENGTH);
    return lk_reader_end(&r);
}

void lk_e2e_offer_encode(struct lk_writer *w, const struct lk_e2e_hello *hello)
{
    lk_put_u8(w, LK_E2E_VERSION);
    lk_put_u8(w, hello->flags);
    lk_put_lv8(w, hello->fqdn);
    lk_put_lv8(w, hello->app);
}

enum lk_status lk_e2e_who_decode(struct lk_e2e_who *who, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t kind = lk_get_u8(&r);

    who->kind = (enum lk_e2e_key_kind)kind;
    who->key_id = lk_get_lv16(&r);
    who->identity = lk_get_lv8(&r);
    if (r.status == LK_OK && kind > LK_E2E_BY_TICKET)
        lk_reader_fail(&r, LK_E_UNKNOWN);
    if (r.status == LK_OK && (kind == LK_E2E_NO_KEY_ID) != (who->key_id.len == 0))
        lk_reader_fail(&r, LK_E_VALUE);
    if (r.status == LK_OK &&
        (who->key_id.len > LK_E2E_KEY_ID_MAX || who->identity.len > LK_E2E_IDENTITY_MAX))
        lk_reader_fail(&r, LK_E_LENGTH);
    return lk_reader_end(&r);
}

void lk_e2e_who_encode(struct lk_writer *w, const struct lk_e2e_who *who)
{
    lk_put_u8(w, (uint8_t)who->kind);
    lk_put_lv16(w, who->key_id);
    lk_put_lv8(w, who->identity);
}

enum lk_status lk_e2e_sealed_decode(struct lk_e2e_sealed *sealed, struct lk_span body)
{
    struct lk_reader r = lk_reader_of(body);

    sealed->epoch = lk_get_be16(&r);
    sealed->number = lk_get_be64(&r);
    sealed->sealed = lk_get_rest(&r);
    if (r.status == LK_OK && sealed->sealed.len < LK_E2E_TAG)
        lk_reader_fail(&r, LK_E_SHORT);
    return lk_reader_end(&r);
}

void lk_e2e_sealed_header(uint8_t out[LK_E2E_RECORD_HEADER], enum lk_e2e_type type, uint16_t epoch,
                          uint64_t number, size_t sealed_len)
{
    struct lk_writer w = lk_writer_of(out, LK_E2E_RECORD_HEADER);

    LK_ASSERT(sealed_len <= LK_E2E_DATA_MAX + LK_E2E_TAG);
    lk_put_u8(&w, (uint8_t)type);
    lk_put_be16(&w, (uint16_t)(2 + 8 + sealed_len));
    lk_put_be16(&w, epoch);
    lk_put_be64(&w, number);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

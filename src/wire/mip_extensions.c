/* Extensions of Mobile IPv4 messages: one row each.
 *
 *     short         type | length | data                      length: of the data
 *     with subtype  type | length | subtype | data            length: of subtype and data
 *     long          type | subtype | length (2) | data        length: of the data
 *
 * A new extension is a row with its name and two functions here, a place in enum lk_mip_extension,
 * a member of struct lk_mip_extensions, and what trace/mip_fields.c says of it.
 *
 * spec: RFC 5944 1.8 - a type below 128 that is not known ends the message; others are skipped.
 * spec: RFC 5944 1.9 - the long form.
 * spec: RFC 5944 1.10 - the short form, here with a subtype. */
#include "wire/mip.h"

/* ---- authentication ---- */

/* spec: RFC 5944 3.5.1 - an authenticator covers the message from its first octet to the SPI of
 * its own extension. */
static void get_auth(struct lk_reader *r, struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    struct lk_mip_auth *auth = &e->auth[which];

    auth->spi = lk_get_be32(r);
    auth->authenticator = lk_get_rest(r);
    auth->covered = lk_span_of(e->whole.at, (size_t)(auth->authenticator.at - e->whole.at));
}

/* ---- keys, RFC 3957 ---- */

static uint32_t *spi_of(struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    return which == LK_MIP_MN_HA_KEY_REQUEST ? &e->mn_ha_spi : &e->mn_fa_spi;
}

/* spec: RFC 3957 6.1 - the MN-FA request: the SPI that the node gives the new association.
 * spec: RFC 3957 6.3 - and the MN-HA request. */
static void get_key_request(struct lk_reader *r, struct lk_mip_extensions *e,
                            enum lk_mip_extension which)
{
    *spi_of(e, which) = lk_get_be32(r);
}

static void put_key_request(struct lk_writer *w, const struct lk_mip_extensions *e,
                            enum lk_mip_extension which, size_t index)
{
    lk_put_be32(w, which == LK_MIP_MN_HA_KEY_REQUEST ? e->mn_ha_spi : e->mn_fa_spi);
}

/* spec: RFC 3957 6.2 - the MN-FA reply: lifetime, two SPIs, algorithm, nonce.
 * spec: RFC 3957 6.4 - the MN-HA reply has the replay method too. */
static void get_key_reply(struct lk_reader *r, struct lk_mip_extensions *e,
                          enum lk_mip_extension which)
{
    bool home = which == LK_MIP_MN_HA_KEY_REPLY;
    struct lk_mip_key_reply *key = home ? &e->mn_ha_key : &e->mn_fa_key;

    key->lifetime_s = lk_get_be32(r);
    key->aaa_spi = lk_get_be32(r);
    key->agent_spi = lk_get_be32(r);
    key->algorithm = lk_get_be16(r);
    key->replay = home ? lk_get_be16(r) : 0;
    key->nonce = lk_get_rest(r);
}

static void put_key_reply(struct lk_writer *w, const struct lk_mip_extensions *e,
                          enum lk_mip_extension which, size_t index)
{
    bool home = which == LK_MIP_MN_HA_KEY_REPLY;
    const struct lk_mip_key_reply *key = home ? &e->mn_ha_key : &e->mn_fa_key;

    lk_put_be32(w, key->lifetime_s);
    lk_put_be32(w, key->aaa_spi);
    lk_put_be32(w, key->agent_spi);
    lk_put_be16(w, key->algorithm);
    if (home)
        lk_put_be16(w, key->replay);
    lk_put_span(w, key->nonce);
}

/* ---- names ---- */

/* spec: RFC 2794 2 - the mobile node's NAI, no terminator. */
static void get_nai(struct lk_reader *r, struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    e->nai = lk_get_rest(r);
}

static void put_nai(struct lk_writer *w, const struct lk_mip_extensions *e,
                    enum lk_mip_extension which, size_t index)
{
    lk_put_span(w, e->nai);
}

/* spec: RFC 3846 3 - the NAI of somebody else, behind a subtype that says of whom. */
static void get_carried(struct lk_reader *r, struct lk_mip_extensions *e,
                        enum lk_mip_extension which)
{
    if (e->carried_count == LK_MIP_CARRIED) {
        lk_reader_fail(r, LK_E_FULL);
        return;
    }
    e->carried[e->carried_count].subtype = lk_get_u8(r);
    e->carried[e->carried_count++].nai = lk_get_rest(r);
}

static void put_carried(struct lk_writer *w, const struct lk_mip_extensions *e,
                        enum lk_mip_extension which, size_t index)
{
    lk_put_u8(w, e->carried[index].subtype);
    lk_put_span(w, e->carried[index].nai);
}

/* spec: RFC 4721 4 - the challenge that the foreign agent advertised, or its next. */
static void get_challenge(struct lk_reader *r, struct lk_mip_extensions *e,
                          enum lk_mip_extension which)
{
    e->challenge = lk_get_rest(r);
}

static void put_challenge(struct lk_writer *w, const struct lk_mip_extensions *e,
                          enum lk_mip_extension which, size_t index)
{
    lk_put_span(w, e->challenge);
}

/* ---- the home agent ---- */

/* spec: RFC 3543 3.2 - its sender can revoke; the time tells a revocation from an older one. */
static void get_revocable(struct lk_reader *r, struct lk_mip_extensions *e,
                          enum lk_mip_extension which)
{
    e->revocable.informs = (lk_get_be16(r) & 0x8000) != 0;
    e->revocable.timestamp = lk_get_be32(r);
}

static void put_revocable(struct lk_writer *w, const struct lk_mip_extensions *e,
                          enum lk_mip_extension which, size_t index)
{
    lk_put_be16(w, e->revocable.informs ? 0x8000 : 0);
    lk_put_be32(w, e->revocable.timestamp);
}

/* spec: RFC 4433 3 - the home agent that the node would like, or that it is sent to. */
static void get_dynamic_ha(struct lk_reader *r, struct lk_mip_extensions *e,
                           enum lk_mip_extension which)
{
    e->dynamic_ha.subtype = lk_get_u8(r);
    e->dynamic_ha.agent = lk_mip_address_get(r);
}

static void put_dynamic_ha(struct lk_writer *w, const struct lk_mip_extensions *e,
                           enum lk_mip_extension which, size_t index)
{
    lk_put_u8(w, e->dynamic_ha.subtype);
    lk_mip_address_put(w, &e->dynamic_ha.agent);
}

/* ---- UDP tunnels ---- */

/* spec: RFC 3519 3.1 - the request: reserved, flags, encapsulation, reserved (2). */
static void get_udp_request(struct lk_reader *r, struct lk_mip_extensions *e,
                            enum lk_mip_extension which)
{
    (void)lk_get_u8(r);
    e->udp_request.flags = lk_get_u8(r);
    e->udp_request.encapsulation = lk_get_u8(r);
    (void)lk_get_be16(r);
}

static void put_udp_request(struct lk_writer *w, const struct lk_mip_extensions *e,
                            enum lk_mip_extension which, size_t index)
{
    lk_put_u8(w, 0);
    lk_put_u8(w, e->udp_request.flags);
    lk_put_u8(w, e->udp_request.encapsulation);
    lk_put_be16(w, 0);
}

/* spec: RFC 3519 3.2 - the reply: code, F and reserved (2), keepalive interval. */
static void get_udp_reply(struct lk_reader *r, struct lk_mip_extensions *e,
                          enum lk_mip_extension which)
{
    e->udp_reply.code = lk_get_u8(r);
    e->udp_reply.forced = (lk_get_be16(r) & 0x8000) != 0;
    e->udp_reply.keepalive_s = lk_get_be16(r);
}

static void put_udp_reply(struct lk_writer *w, const struct lk_mip_extensions *e,
                          enum lk_mip_extension which, size_t index)
{
    lk_put_u8(w, e->udp_reply.code);
    lk_put_be16(w, e->udp_reply.forced ? 0x8000 : 0);
    lk_put_be16(w, e->udp_reply.keepalive_s);
}

/* ---- vendors ---- */

/* spec: RFC 3115 2 - a vendor's enterprise number, its type, its value; the normal one has two
 * reserved octets before them, the critical one has its own where others have a subtype. */
static void get_vendor(struct lk_reader *r, struct lk_mip_extensions *e,
                       enum lk_mip_extension which)
{
    struct lk_mip_vendor *vendor = &e->vendor[e->vendor_count];

    if (e->vendor_count == LK_MIP_VENDORS) {
        lk_reader_fail(r, LK_E_FULL);
        return;
    }
    vendor->critical = which == LK_MIP_VENDOR_CRITICAL;
    if (!vendor->critical)
        (void)lk_get_be16(r);
    vendor->id = lk_get_be32(r);
    vendor->type = lk_get_be16(r);
    vendor->value = lk_get_rest(r);
    e->vendor_count++;
}

static void put_vendor(struct lk_writer *w, const struct lk_mip_extensions *e,
                       enum lk_mip_extension which, size_t index)
{
    const struct lk_mip_vendor *vendor = &e->vendor[index];

    if (!vendor->critical)
        lk_put_be16(w, 0);
    lk_put_be32(w, vendor->id);
    lk_put_be16(w, vendor->type);
    lk_put_span(w, vendor->value);
}

/* ---- the table ---- */

enum form { SHORT, SUBTYPED, LONG };
enum { ANY = -1, MANY = 1 }; /* no subtype, or one that the row's function reads */
enum {
    REQUEST = LK_MIP_IN_REQUEST,
    REPLY = LK_MIP_IN_REPLY,
    BOTH = REQUEST | REPLY,
    ALL = BOTH | LK_MIP_IN_REVOCATION,
    SHORT_MAX = 255,
    LONG_MAX = LK_MIP_MESSAGE_MAX,
};

typedef void get_fn(struct lk_reader *r, struct lk_mip_extensions *e, enum lk_mip_extension which);
typedef void put_fn(struct lk_writer *w, const struct lk_mip_extensions *e,
                    enum lk_mip_extension which, size_t index);

static const struct extension_row {
    uint8_t type;
    int8_t subtype;
    uint8_t form;
    uint8_t in; /* the messages that may have it */
    uint8_t many;
    uint16_t least, most; /* octets of data, without a subtype that is the row's */
    get_fn *get;
    put_fn *put;
    const char *name;
} rows[LK_MIP_EXTENSION_COUNT] = {
    [LK_MIP_MN_HA_AUTH] = { 32, ANY, SHORT, ALL, 0, 5, SHORT_MAX, get_auth, NULL,
                            "Mobile-Home Authentication" },
    [LK_MIP_MN_FA_AUTH] = { 33, ANY, SHORT, BOTH, 0, 5, SHORT_MAX, get_auth, NULL,
                            "Mobile-Foreign Authentication" },
    [LK_MIP_FA_HA_AUTH] = { 34, ANY, SHORT, ALL, 0, 5, SHORT_MAX, get_auth, NULL,
                            "Foreign-Home Authentication" },
    [LK_MIP_MN_AAA_AUTH] = { 36, 1, LONG, REQUEST, 0, 5, LONG_MAX, get_auth, NULL,
                             "MN-AAA Authentication" },
    [LK_MIP_VENDOR_CRITICAL] = { 38, ANY, LONG, ALL, MANY, 6, LONG_MAX, get_vendor, put_vendor,
                                 "Critical Vendor/Organization Specific" },
    [LK_MIP_MN_FA_KEY_REQUEST] = { 40, 1, LONG, REQUEST, 0, 4, 4, get_key_request,
                                   put_key_request, "MN-FA Key Generation Nonce Request" },
    [LK_MIP_MN_FA_KEY_REPLY] = { 41, 1, LONG, REPLY, 0, 14 + LK_MIP_NONCE_LEAST, LONG_MAX,
                                 get_key_reply, put_key_reply,
                                 "MN-FA Key Generation Nonce Reply" },
    [LK_MIP_MN_HA_KEY_REQUEST] = { 42, 1, LONG, REQUEST, 0, 4, 4, get_key_request,
                                   put_key_request, "MN-HA Key Generation Nonce Request" },
    [LK_MIP_MN_HA_KEY_REPLY] = { 43, 1, LONG, REPLY, 0, 16 + LK_MIP_NONCE_LEAST, LONG_MAX,
                                 get_key_reply, put_key_reply,
                                 "MN-HA Key Generation Nonce Reply" },
    [LK_MIP_UDP_REPLY] = { 44, 0, SUBTYPED, REPLY, 0, 5, 5, get_udp_reply, put_udp_reply,
                           "UDP Tunnel Reply" },
    [LK_MIP_NAI] = { 131, ANY, SHORT, ALL, 0, 1, SHORT_MAX, get_nai, put_nai, "Mobile Node NAI" },
    [LK_MIP_CHALLENGE] = { 132, ANY, SHORT, BOTH, 0, 1, SHORT_MAX, get_challenge, put_challenge,
                           "MN-FA Challenge" },
    [LK_MIP_VENDOR] = { 134, ANY, SHORT, ALL, MANY, 8, SHORT_MAX, get_vendor, put_vendor,
                        "Normal Vendor/Organization Specific" },
    [LK_MIP_NAI_CARRYING] = { 136, ANY, SHORT, BOTH, MANY, 2, SHORT_MAX, get_carried, put_carried,
                              "NAI Carrying" },
    [LK_MIP_REVOCABLE] = { 137, ANY, SHORT, BOTH, 0, 6, 6, get_revocable, put_revocable,
                           "Revocation Support" },
    [LK_MIP_DYNAMIC_HA] = { 139, ANY, SHORT, BOTH, 0, 5, 5, get_dynamic_ha, put_dynamic_ha,
                            "Dynamic HA" },
    [LK_MIP_UDP_REQUEST] = { 144, 0, SUBTYPED, REQUEST, 0, 5, 5, get_udp_request,
                             put_udp_request, "UDP Tunnel Request" },
};

const char *lk_mip_extension_name(enum lk_mip_extension which)
{
    return rows[which].name;
}

/* ---- octets to members ---- */

/* The subtype, if the row's form has one apart; then the data. */
static struct lk_span data_of(struct lk_reader *r, enum form form, int *subtype)
{
    struct lk_span data;
    struct lk_reader inner;

    *subtype = ANY;
    if (form == LONG) {
        *subtype = lk_get_u8(r);
        return lk_get_lv16(r);
    }
    data = lk_get_lv8(r);
    if (form == SHORT)
        return data;
    inner = lk_reader_of(data);
    *subtype = lk_get_u8(&inner);
    if (r->status == LK_OK && inner.status != LK_OK)
        lk_reader_fail(r, LK_E_LENGTH);
    return lk_get_rest(&inner);
}

static const struct extension_row *row_of(uint8_t type)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

static bool is_auth(enum lk_mip_extension which)
{
    return which < LK_MIP_AUTH_COUNT;
}

/* spec: RFC 5944 3.8.2.1 - an authentication extension that comes twice is a failure of
 * authentication: the first one stands, and the whole is refused at the end. */
static void take(struct lk_reader *r, enum lk_mip_extension which, struct lk_span data,
                 struct lk_mip_extensions *e, enum lk_status *verdict)
{
    const struct extension_row *row = &rows[which];
    struct lk_reader inner = lk_reader_of(data);
    enum lk_status status;

    if (data.len < row->least || data.len > row->most) {
        lk_reader_fail(r, LK_E_LENGTH);
        return;
    }
    if (lk_mip_has(e, which) && row->many == 0) {
        if (!is_auth(which))
            lk_reader_fail(r, LK_E_TWICE);
        *verdict = LK_E_AUTH;
        return;
    }
    row->get(&inner, e, which);
    status = lk_reader_end(&inner);
    if (status != LK_OK)
        lk_reader_fail(r, status);
    if (!lk_mip_has(e, which))
        e->place[which] = e->count;
}

enum lk_status lk_mip_extensions_get(struct lk_reader *r, struct lk_mip_extensions *e, unsigned in)
{
    enum lk_status verdict = LK_OK;

    while (r->status == LK_OK && r->left > 0) {
        uint8_t type = lk_get_u8(r);
        const struct extension_row *row = row_of(type);
        int subtype;
        struct lk_span data;

        if (row == NULL && type < 128)
            return LK_E_UNKNOWN;
        data = data_of(r, row != NULL ? (enum form)row->form : SHORT, &subtype);
        if (r->status == LK_OK && e->count++ == LK_MIP_EXTENSIONS_MAX)
            return LK_E_FULL;
        if (r->status != LK_OK || row == NULL)
            continue;
        if ((row->in & in) != 0 && (row->subtype == ANY || row->subtype == subtype))
            take(r, (enum lk_mip_extension)(row - rows), data, e, &verdict);
        else if (type < 128)
            return LK_E_UNKNOWN;
    }
    return r->status != LK_OK ? r->status : verdict;
}

/* ---- members to octets ---- */

/* Type, subtype, and a length to be filled in; where the length is. */
static size_t put_header(struct lk_writer *w, const struct extension_row *row)
{
    size_t at;

    lk_put_u8(w, row->type);
    if (row->form == LONG) {
        lk_put_u8(w, row->subtype == ANY ? 0 : (uint8_t)row->subtype);
        return lk_put_hole(w, 2);
    }
    at = lk_put_hole(w, 1);
    if (row->form == SUBTYPED)
        lk_put_u8(w, (uint8_t)row->subtype);
    return at;
}

/* more: octets that are still to come. */
static void patch_length(struct lk_writer *w, const struct extension_row *row, size_t at,
                         size_t more)
{
    size_t subtype = row->form == SUBTYPED ? 1 : 0;
    size_t width = row->form == LONG ? 2 : 1;
    size_t len = w->len + more - at - width;

    if (w->status != LK_OK)
        return;
    if (len < row->least + subtype || len > row->most + subtype)
        w->status = LK_E_LENGTH;
    else if (width == 2)
        lk_patch_be16(w, at, (uint16_t)len);
    else
        lk_patch_u8(w, at, (uint8_t)len);
}

static size_t count_of(const struct lk_mip_extensions *e, enum lk_mip_extension which)
{
    if (which == LK_MIP_NAI_CARRYING)
        return e->carried_count;
    return which == LK_MIP_VENDOR || which == LK_MIP_VENDOR_CRITICAL ? e->vendor_count : 1;
}

void lk_mip_extension_put(struct lk_writer *w, enum lk_mip_extension which,
                          const struct lk_mip_extensions *from)
{
    const struct extension_row *row = &rows[which];

    LK_ASSERT(!is_auth(which));
    LK_ASSERT(from->vendor_count <= LK_MIP_VENDORS && from->carried_count <= LK_MIP_CARRIED);
    for (size_t i = 0; i < count_of(from, which); i++) {
        size_t at;

        if (row->get == get_vendor && from->vendor[i].critical != (row->form == LONG))
            continue;
        at = put_header(w, row);
        row->put(w, from, which, i);
        patch_length(w, row, at, 0);
    }
}

struct lk_span lk_mip_auth_put(struct lk_writer *w, enum lk_mip_extension which, uint32_t spi,
                               size_t len)
{
    size_t at;

    LK_ASSERT(is_auth(which));
    at = put_header(w, &rows[which]);
    lk_put_be32(w, spi);
    patch_length(w, &rows[which], at, len);
    return w->status == LK_OK ? lk_writer_span(w) : lk_span_of(NULL, 0);
}

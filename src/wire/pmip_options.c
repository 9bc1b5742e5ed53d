/* Mobility options: one row a type, in the order in which they are written.
 *
 * A new protocol adds its rows, two functions each, and a member of struct lk_mobility_options.
 *
 * spec: RFC 6275 6.2.1 - type, length without these two octets, data; what is unknown is skipped.
 * spec: RFC 6275 6.2.2 - Pad1 is a single zero octet; PadN has a length like the others. */
#include "wire/pmip.h"

#include <string.h>

/* ---- one option each: octets to members, members to octets ---- */

/* spec: RFC 6275 6.2.5 - the care-of address, where it is not the packet's source. */
static void get_care_of(struct lk_reader *r, struct lk_mobility_options *o)
{
    lk_get_copy(r, o->care_of.octets, sizeof o->care_of.octets);
}

static void put_care_of(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_octets(w, o->care_of.octets, sizeof o->care_of.octets);
}

/* spec: RFC 6275 6.2.4 - when the node should register again, in units of four seconds. */
static void get_refresh(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->refresh = lk_get_be16(r);
}

static void put_refresh(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be16(w, o->refresh);
}

/* spec: RFC 4283 3 - a subtype, then the identifier. */
static void get_mn_id(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->mn_id.subtype = lk_get_u8(r);
    o->mn_id.id = lk_get_rest(r);
}

static void put_mn_id(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, o->mn_id.subtype);
    lk_put_span(w, o->mn_id.id);
}

/* spec: RFC 5149 3 - the service, as text: for us the access point name. */
static void get_service(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->service = lk_get_rest(r);
}

static void put_service(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_span(w, o->service);
}

/* spec: RFC 5213 8.3 - reserved octet, prefix length, prefix; all zero asks for one. */
static void get_prefix(struct lk_reader *r, struct lk_mobility_options *o)
{
    struct lk_address address;
    uint8_t bits;

    (void)lk_get_u8(r);
    bits = lk_get_u8(r);
    lk_get_copy(r, address.octets, sizeof address.octets);
    if (bits > LK_ADDRESS_BITS)
        lk_reader_fail(r, LK_E_VALUE);
    else if (o->prefix_count == LK_MOBILITY_PREFIXES)
        lk_reader_fail(r, LK_E_FULL);
    else
        o->prefix[o->prefix_count++] = lk_address_prefix_of(&address, bits);
}

static void put_prefix(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, 0);
    lk_put_u8(w, o->prefix[index].bits);
    lk_put_octets(w, o->prefix[index].address.octets, LK_ADDRESS_LEN);
}

/* spec: RFC 5213 8.4 - handoff indicator, behind a reserved octet. */
static void get_handoff(struct lk_reader *r, struct lk_mobility_options *o)
{
    (void)lk_get_u8(r);
    o->handoff = lk_get_u8(r);
}

static void put_handoff(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, 0);
    lk_put_u8(w, o->handoff);
}

/* spec: RFC 5213 8.5 - access technology type, behind a reserved octet. */
static void get_access(struct lk_reader *r, struct lk_mobility_options *o)
{
    (void)lk_get_u8(r);
    o->access = lk_get_u8(r);
}

static void put_access(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, 0);
    lk_put_u8(w, o->access);
}

/* spec: RFC 5213 8.6 - two reserved octets, then the interface's identifier. */
static void get_link_layer_id(struct lk_reader *r, struct lk_mobility_options *o)
{
    (void)lk_get_be16(r);
    o->link_layer_id = lk_get_rest(r);
}

static void put_link_layer_id(struct lk_writer *w, const struct lk_mobility_options *o,
                              size_t index)
{
    lk_put_be16(w, 0);
    lk_put_span(w, o->link_layer_id);
}

/* spec: RFC 5213 8.7 - the link-local address that all gateways of the node share. */
static void get_link_local(struct lk_reader *r, struct lk_mobility_options *o)
{
    lk_get_copy(r, o->link_local.octets, sizeof o->link_local.octets);
}

static void put_link_local(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_octets(w, o->link_local.octets, sizeof o->link_local.octets);
}

static void get_timestamp(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->timestamp = lk_get_be64(r);
}

static void put_timestamp(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be64(w, o->timestamp);
}

/* spec: RFC 5847 3.4 - how often the sender has lost its state. */
static void get_restarts(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->restarts = lk_get_be32(r);
}

static void put_restarts(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be32(w, o->restarts);
}

static void get_ipv4_bits(struct lk_reader *r, uint8_t *bits, uint8_t octet)
{
    *bits = octet >> 2;
    if (*bits > 32)
        lk_reader_fail(r, LK_E_VALUE);
}

/* spec: RFC 5844 3.1.1 - six bits of prefix length, ten reserved, the address; zero asks for one.
 */
static void get_ipv4_request(struct lk_reader *r, struct lk_mobility_options *o)
{
    get_ipv4_bits(r, &o->ipv4_request.bits, lk_get_u8(r));
    (void)lk_get_u8(r);
    lk_get_copy(r, o->ipv4_request.address.octets, 4);
}

static void put_ipv4_request(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, (uint8_t)(o->ipv4_request.bits << 2));
    lk_put_u8(w, 0);
    lk_put_octets(w, o->ipv4_request.address.octets, 4);
}

/* spec: RFC 5844 3.2.1 - status, six bits of prefix length, two reserved, the address. */
static void get_ipv4_reply(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->ipv4_reply.status = lk_get_u8(r);
    get_ipv4_bits(r, &o->ipv4_reply.bits, lk_get_u8(r));
    lk_get_copy(r, o->ipv4_reply.address.octets, 4);
}

static void put_ipv4_reply(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, o->ipv4_reply.status);
    lk_put_u8(w, (uint8_t)(o->ipv4_reply.bits << 2));
    lk_put_octets(w, o->ipv4_reply.address.octets, 4);
}

/* spec: RFC 5844 3.2.2 - two reserved octets, then the router's address on the node's link. */
static void get_ipv4_router(struct lk_reader *r, struct lk_mobility_options *o)
{
    (void)lk_get_be16(r);
    lk_get_copy(r, o->ipv4_router.octets, 4);
}

static void put_ipv4_router(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be16(w, 0);
    lk_put_octets(w, o->ipv4_router.octets, 4);
}

/* spec: RFC 5555 3.1.1 - six bits of prefix length, P, nine reserved, the address; zero asks for
 * one. */
static void get_ipv4_home(struct lk_reader *r, struct lk_mobility_options *o)
{
    uint8_t octet = lk_get_u8(r);

    get_ipv4_bits(r, &o->ipv4_home.bits, octet);
    o->ipv4_home.prefix = (octet & 0x02) != 0;
    (void)lk_get_u8(r);
    lk_get_copy(r, o->ipv4_home.address.octets, 4);
}

static void put_ipv4_home(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, (uint8_t)(o->ipv4_home.bits << 2 | (o->ipv4_home.prefix ? 0x02 : 0)));
    lk_put_u8(w, 0);
    lk_put_octets(w, o->ipv4_home.address.octets, 4);
}

/* spec: RFC 5555 3.2.1 - status, six bits of prefix length, two reserved, the address. */
static void get_ipv4_home_ack(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->ipv4_home_ack.status = lk_get_u8(r);
    get_ipv4_bits(r, &o->ipv4_home_ack.bits, lk_get_u8(r));
    lk_get_copy(r, o->ipv4_home_ack.address.octets, 4);
}

static void put_ipv4_home_ack(struct lk_writer *w, const struct lk_mobility_options *o,
                              size_t index)
{
    lk_put_u8(w, o->ipv4_home_ack.status);
    lk_put_u8(w, (uint8_t)(o->ipv4_home_ack.bits << 2));
    lk_put_octets(w, o->ipv4_home_ack.address.octets, 4);
}

/* spec: RFC 5555 3.2.2 - F, fifteen bits reserved, seconds until the translator forgets. */
static void get_nat(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->nat.udp = (lk_get_be16(r) & 0x8000) != 0;
    o->nat.refresh_s = lk_get_be32(r);
}

static void put_nat(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be16(w, o->nat.udp ? 0x8000 : 0);
    lk_put_be32(w, o->nat.refresh_s);
}

/* spec: RFC 5555 3.1.2 - two reserved octets, then the address. */
static void get_ipv4_care_of(struct lk_reader *r, struct lk_mobility_options *o)
{
    (void)lk_get_be16(r);
    lk_get_copy(r, o->ipv4_care_of.octets, 4);
}

static void put_ipv4_care_of(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be16(w, 0);
    lk_put_octets(w, o->ipv4_care_of.octets, 4);
}

/* spec: RFC 4285 6 - a time as NTP has it. */
static void get_mesg_id(struct lk_reader *r, struct lk_mobility_options *o)
{
    o->mesg_id = lk_get_be64(r);
}

static void put_mesg_id(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be64(w, o->mesg_id);
}

/* spec: RFC 4285 5 - subtype, SPI, authenticator; one of each subtype. */
static void get_auth(struct lk_reader *r, struct lk_mobility_options *o)
{
    struct lk_mobility_auth auth = { .subtype = lk_get_u8(r) };

    auth.spi = lk_get_be32(r);
    auth.authenticator = lk_get_rest(r);
    if (lk_mobility_auth(o, auth.subtype) != NULL)
        lk_reader_fail(r, LK_E_TWICE);
    else if (o->auth_count == LK_MOBILITY_AUTHS)
        lk_reader_fail(r, LK_E_FULL);
    else
        o->auth[o->auth_count++] = auth;
}

static void put_auth(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_u8(w, o->auth[index].subtype);
    lk_put_be32(w, o->auth[index].spi);
    lk_put_span(w, o->auth[index].authenticator);
}

/* spec: RFC 5094 3 - the vendor's enterprise number, its subtype, its data. */
static void get_vendor(struct lk_reader *r, struct lk_mobility_options *o)
{
    struct lk_mobility_vendor vendor = { .id = lk_get_be32(r) };

    vendor.subtype = lk_get_u8(r);
    vendor.data = lk_get_rest(r);
    if (o->vendor_count == LK_MOBILITY_VENDORS)
        lk_reader_fail(r, LK_E_FULL);
    else
        o->vendor[o->vendor_count++] = vendor;
}

static void put_vendor(struct lk_writer *w, const struct lk_mobility_options *o, size_t index)
{
    lk_put_be32(w, o->vendor[index].id);
    lk_put_u8(w, o->vendor[index].subtype);
    lk_put_span(w, o->vendor[index].data);
}

/* ---- the table ---- */

enum { MANY = 1 };

static const struct option_row {
    uint8_t type;
    uint8_t least, most;      /* octets of data */
    uint8_t multiple, offset; /* it begins at multiple n + offset, counted from the message */
    uint8_t many;
    void (*get)(struct lk_reader *r, struct lk_mobility_options *options);
    void (*put)(struct lk_writer *w, const struct lk_mobility_options *options, size_t index);
    const char *name;
} rows[] = {
    { LK_MO_REFRESH, 2, 2, 2, 0, 0, get_refresh, put_refresh, "Binding-Refresh-Advice" },
    { LK_MO_CARE_OF, 16, 16, 8, 6, 0, get_care_of, put_care_of, "Alternate-Care-of-Address" },
    { LK_MO_MN_ID, 2, 255, 1, 0, 0, get_mn_id, put_mn_id, "Mobile-Node-Identifier" },
    { LK_MO_SERVICE, 1, 255, 1, 0, 0, get_service, put_service, "Service-Selection" },
    { LK_MO_PREFIX, 18, 18, 8, 4, MANY, get_prefix, put_prefix, "Home-Network-Prefix" },
    { LK_MO_HANDOFF, 2, 2, 1, 0, 0, get_handoff, put_handoff, "Handoff-Indicator" },
    { LK_MO_ACCESS, 2, 2, 1, 0, 0, get_access, put_access, "Access-Technology-Type" },
    { LK_MO_LINK_LAYER_ID, 3, 255, 8, 0, 0, get_link_layer_id, put_link_layer_id,
      "Link-Layer-Identifier" },
    { LK_MO_LINK_LOCAL, 16, 16, 8, 6, 0, get_link_local, put_link_local, "Link-Local-Address" },
    { LK_MO_TIMESTAMP, 8, 8, 8, 2, 0, get_timestamp, put_timestamp, "Timestamp" },
    { LK_MO_RESTARTS, 4, 4, 4, 2, 0, get_restarts, put_restarts, "Restart-Counter" },
    { LK_MO_IPV4_REQUEST, 6, 6, 4, 0, 0, get_ipv4_request, put_ipv4_request,
      "IPv4-Home-Address-Request" },
    { LK_MO_IPV4_REPLY, 6, 6, 4, 0, 0, get_ipv4_reply, put_ipv4_reply,
      "IPv4-Home-Address-Reply" },
    { LK_MO_IPV4_ROUTER, 6, 6, 4, 0, 0, get_ipv4_router, put_ipv4_router,
      "IPv4-Default-Router-Address" },
    { LK_MO_IPV4_HOME, 6, 6, 4, 0, 0, get_ipv4_home, put_ipv4_home, "IPv4-Home-Address" },
    { LK_MO_IPV4_HOME_ACK, 6, 6, 4, 0, 0, get_ipv4_home_ack, put_ipv4_home_ack,
      "IPv4-Address-Acknowledgement" },
    { LK_MO_NAT, 6, 6, 4, 0, 0, get_nat, put_nat, "NAT-Detection" },
    { LK_MO_IPV4_CARE_OF, 6, 6, 4, 0, 0, get_ipv4_care_of, put_ipv4_care_of,
      "IPv4-Care-of-Address" },
    { LK_MO_VENDOR, 5, 255, 4, 2, MANY, get_vendor, put_vendor, "Vendor-Specific" },
    { LK_MO_MESG_ID, 8, 8, 8, 2, 0, get_mesg_id, put_mesg_id, "MESG-ID" },
    /* The last: it covers what stands before it. */
    { LK_MO_AUTH, 6, 255, 4, 1, MANY, get_auth, put_auth, "Mobility-Message-Authentication" },
};

/* Padding, which most messages have, and what no row is that high for need no search. */
static const struct option_row *row_of(uint8_t type)
{
    if (type <= LK_MO_PADN || type > LK_MO_IPV4_ROUTER)
        return NULL;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

const char *lk_mobility_option_name(uint8_t type)
{
    const struct option_row *row = row_of(type);

    if (type == LK_MO_PAD1 || type == LK_MO_PADN)
        return "Padding";
    return row != NULL ? row->name : "?";
}

static void get_known(struct lk_reader *r, const struct option_row *row, struct lk_span data,
                      struct lk_mobility_options *options)
{
    struct lk_reader inner = lk_reader_of(data);
    enum lk_status status;

    if (row->many == 0 && lk_mobility_has(options, (enum lk_mobility_option_type)row->type)) {
        lk_reader_fail(r, LK_E_TWICE);
        return;
    }
    if (data.len < row->least || data.len > row->most) {
        lk_reader_fail(r, LK_E_LENGTH);
        return;
    }
    row->get(&inner, options);
    status = lk_reader_end(&inner);
    if (status != LK_OK)
        lk_reader_fail(r, status);
    lk_mobility_mark(options, (enum lk_mobility_option_type)row->type);
}

/* spec: RFC 4285 5 - an authenticator covers the message up to the SPI of its own option, and
 * nothing but such options may stand behind it. */
static void note_order(struct lk_mobility_options *options, struct lk_span whole, uint8_t type)
{
    struct lk_mobility_auth *last;

    if (type != LK_MO_AUTH) {
        options->behind_auth |= type != LK_MO_PADN && options->auth_count > 0;
        return;
    }
    last = &options->auth[options->auth_count - 1];
    last->covered = lk_span_of(whole.at, (size_t)(last->authenticator.at - whole.at));
}

void lk_mobility_options_get(struct lk_reader *r, struct lk_mobility_options *options,
                             struct lk_span whole)
{
    while (r->status == LK_OK && r->left > 0) {
        uint8_t type = lk_get_u8(r);
        const struct option_row *row = row_of(type);
        struct lk_span data;

        if (type == LK_MO_PAD1)
            continue;
        data = lk_get_lv8(r);
        if (r->status == LK_OK && row != NULL)
            get_known(r, row, data, options);
        if (r->status == LK_OK)
            note_order(options, whole, type);
    }
}

static void pad_to(struct lk_writer *w, size_t multiple, size_t offset)
{
    size_t missing = (multiple + offset - w->len % multiple) % multiple;

    if (missing == 1) {
        lk_put_u8(w, LK_MO_PAD1);
    } else if (missing > 1) {
        lk_put_u8(w, LK_MO_PADN);
        lk_put_u8(w, (uint8_t)(missing - 2));
        lk_put_zeroes(w, missing - 2);
    }
}

static void put_one(struct lk_writer *w, const struct option_row *row,
                    const struct lk_mobility_options *options, size_t index)
{
    size_t at, len;

    pad_to(w, row->multiple, row->offset);
    lk_put_u8(w, row->type);
    at = lk_put_hole(w, 1);
    row->put(w, options, index);
    len = w->len - at - 1;
    if (w->status == LK_OK && (len < row->least || len > row->most))
        w->status = LK_E_LENGTH;
    lk_patch_u8(w, at, (uint8_t)len);
}

static size_t count_of(const struct lk_mobility_options *options, uint8_t type)
{
    switch (type) {
    case LK_MO_PREFIX: return options->prefix_count;
    case LK_MO_VENDOR: return options->vendor_count;
    case LK_MO_AUTH: return options->auth_count;
    default: return lk_mobility_has(options, (enum lk_mobility_option_type)type) ? 1 : 0;
    }
}

/* spec: RFC 5213 8.1 - options begin where their alignment says, and the header ends at a multiple
 * of eight octets. */
void lk_mobility_options_put(struct lk_writer *w, const struct lk_mobility_options *options)
{
    LK_ASSERT(options->prefix_count <= LK_MOBILITY_PREFIXES);
    LK_ASSERT(options->vendor_count <= LK_MOBILITY_VENDORS);
    LK_ASSERT(options->auth_count <= LK_MOBILITY_AUTHS);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        for (size_t index = 0; index < count_of(options, rows[i].type); index++)
            put_one(w, &rows[i], options, index);
    pad_to(w, 8, 0);
}

/* Data types of IEEE 802.21, get beside put, in the order of mis_types.h.
 *
 * Annexes of the standard could not be read; each layout is what two implementations of other hands
 * agree on, or a choice of this project, as docs/rooms/mis.md lists them. */
#include "wire/mis_types.h"

enum {
    SHORT_MAX = 128, /* the greatest length of one octet, and what longer ones are less by */
    LENGTH_OCTETS_MAX = 4,
    CHOICE_NULL = 0, /* of the CHOICEs that begin with NULL */
    CHOICE_VALUE = 1,
};

static void fail(struct lk_writer *w, enum lk_status status)
{
    if (w->status == LK_OK)
        w->status = status;
}

/* ---- lengths and octet strings ---- */

/* spec: IEEE 802.21-2017 8.4 - a length is one octet up to 128; a longer one is 0x80 + k, then k
 * octets that hold it less 128. */
size_t lk_mis_get_length(struct lk_reader *r)
{
    uint8_t first = lk_get_u8(r);
    uint64_t rest = 0;

    if (first <= SHORT_MAX)
        return first;
    if (first > SHORT_MAX + LENGTH_OCTETS_MAX) {
        lk_reader_fail(r, LK_E_LENGTH);
        return 0;
    }
    for (int octets = first - SHORT_MAX; octets > 0; octets--)
        rest = rest << 8 | lk_get_u8(r);
    return r->status == LK_OK ? (size_t)(rest + SHORT_MAX) : 0;
}

void lk_mis_put_length(struct lk_writer *w, size_t len)
{
    uint64_t rest = (uint64_t)len - SHORT_MAX;
    int octets = 1;

    if (len <= SHORT_MAX) {
        lk_put_u8(w, (uint8_t)len);
        return;
    }
    if (rest > UINT32_MAX) {
        fail(w, LK_E_LENGTH);
        return;
    }
    while (rest >> (8 * octets) != 0)
        octets++;
    lk_put_u8(w, (uint8_t)(SHORT_MAX + octets));
    for (; octets > 0; octets--)
        lk_put_u8(w, (uint8_t)(rest >> (8 * (octets - 1))));
}

size_t lk_mis_length_len(size_t len)
{
    uint8_t room[1 + LENGTH_OCTETS_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mis_put_length(&w, len);
    return w.len;
}

void lk_mis_put_length_at(struct lk_writer *w, size_t at)
{
    uint8_t room[1 + LENGTH_OCTETS_MAX];
    struct lk_writer length = lk_writer_of(room, sizeof room);

    lk_mis_put_length(&length, w->len - at);
    lk_insert_octets(w, at, room, length.len);
}

struct lk_span lk_mis_get_string(struct lk_reader *r, size_t least, size_t most)
{
    struct lk_span string = lk_get_span(r, lk_mis_get_length(r));

    if (r->status == LK_OK && (string.len < least || string.len > most)) {
        lk_reader_fail(r, LK_E_LENGTH);
        return lk_span_of(NULL, 0);
    }
    return string;
}

void lk_mis_put_string(struct lk_writer *w, struct lk_span string)
{
    lk_mis_put_length(w, string.len);
    lk_put_span(w, string);
}

/* A string that must have from least to most octets. */
static void put_bounded(struct lk_writer *w, struct lk_span string, size_t least, size_t most)
{
    if (string.len < least || string.len > most)
        fail(w, LK_E_LENGTH);
    lk_mis_put_string(w, string);
}

/* The place of bit i of a bitmap in its octets read as one big-endian number of so many bits.
 * The drawing numbers bits from the left; another implementation from the right of each octet. */
static unsigned place_of(unsigned i, unsigned bits, const struct lk_mis_codes *codes)
{
    return codes->least_bit_first ? bits - 8 - i / 8 * 8 + i % 8 : bits - 1 - i;
}

uint64_t lk_mis_get_bitmap(struct lk_reader *r, unsigned bits, const struct lk_mis_codes *codes)
{
    uint64_t raw = 0, value = 0;

    LK_ASSERT(bits % 8 == 0 && bits <= 64);
    for (unsigned i = 0; i < bits; i += 8)
        raw = raw << 8 | lk_get_u8(r);
    if (r->status != LK_OK)
        return 0;
    for (unsigned i = 0; i < bits; i++)
        value |= (raw >> place_of(i, bits, codes) & 1) << i;
    return value;
}

void lk_mis_put_bitmap(struct lk_writer *w, uint64_t value, unsigned bits,
                       const struct lk_mis_codes *codes)
{
    uint64_t raw = 0;

    LK_ASSERT(bits % 8 == 0 && bits <= 64);
    if (bits < 64 && value >> bits != 0)
        fail(w, LK_E_VALUE);
    for (unsigned i = 0; i < bits; i++)
        raw |= (value >> i & 1) << place_of(i, bits, codes);
    for (unsigned i = bits; i > 0; i -= 8)
        lk_put_u8(w, (uint8_t)(raw >> (i - 8)));
}

/* Whether the value of a CHOICE that begins with NULL is there. */
static bool get_choice(struct lk_reader *r)
{
    uint8_t selector = lk_get_u8(r);

    if (r->status == LK_OK && selector != CHOICE_NULL && selector != CHOICE_VALUE)
        lk_reader_fail(r, LK_E_VALUE);
    return r->status == LK_OK && selector == CHOICE_VALUE;
}

static void put_choice(struct lk_writer *w, bool value)
{
    lk_put_u8(w, value ? CHOICE_VALUE : CHOICE_NULL);
}

/* ---- who and where ---- */

enum { IPV4_LEN = 4, MAC_LEN = 6 };

void lk_mis_get_address(struct lk_reader *r, struct lk_address *address)
{
    uint16_t family = lk_get_be16(r);
    struct lk_span octets = lk_mis_get_string(r, 0, LK_ADDRESS_LEN);
    struct lk_reader inner = lk_reader_of(octets);

    if (r->status == LK_OK && family == LK_MIS_FAMILY_IPV4 && octets.len == IPV4_LEN)
        *address = lk_address_v4(octets.at);
    else if (r->status == LK_OK && family == LK_MIS_FAMILY_IPV6 && octets.len == LK_ADDRESS_LEN)
        lk_get_copy(&inner, address->octets, LK_ADDRESS_LEN);
    else
        lk_reader_fail(r, LK_E_VALUE);
}

void lk_mis_put_address(struct lk_writer *w, const struct lk_address *address)
{
    size_t skip = lk_address_is_v4(address) ? LK_ADDRESS_LEN - IPV4_LEN : 0;

    lk_put_be16(w, skip > 0 ? LK_MIS_FAMILY_IPV4 : LK_MIS_FAMILY_IPV6);
    lk_mis_put_string(w, lk_span_of(address->octets + skip, LK_ADDRESS_LEN - skip));
}

void lk_mis_get_link_addr(struct lk_reader *r, struct lk_mis_link_addr *addr)
{
    *addr = (struct lk_mis_link_addr){ .kind = lk_get_u8(r) };
    switch (addr->kind) {
    case LK_MIS_ADDR_MAC:
        addr->family = lk_get_be16(r);
        addr->octets = lk_mis_get_string(r, 1, SIZE_MAX);
        if (r->status == LK_OK && addr->family == LK_MIS_FAMILY_MAC && addr->octets.len != MAC_LEN)
            lk_reader_fail(r, LK_E_LENGTH);
        break;
    case LK_MIS_ADDR_3G_CELL:
    case LK_MIS_ADDR_2G_CELL:
        addr->octets = lk_get_span(r, LK_MIS_CELL_LEN);
        break;
    case LK_MIS_ADDR_3GPP:
    case LK_MIS_ADDR_3GPP2:
    case LK_MIS_ADDR_OTHER:
        addr->octets = lk_mis_get_string(r, 0, SIZE_MAX);
        break;
    default:
        lk_reader_fail(r, LK_E_VALUE);
    }
}

void lk_mis_put_link_addr(struct lk_writer *w, const struct lk_mis_link_addr *addr)
{
    lk_put_u8(w, addr->kind);
    switch (addr->kind) {
    case LK_MIS_ADDR_MAC:
        lk_put_be16(w, addr->family);
        put_bounded(w, addr->octets, addr->family == LK_MIS_FAMILY_MAC ? MAC_LEN : 1,
                    addr->family == LK_MIS_FAMILY_MAC ? MAC_LEN : SIZE_MAX);
        break;
    case LK_MIS_ADDR_3G_CELL:
    case LK_MIS_ADDR_2G_CELL:
        if (addr->octets.len != LK_MIS_CELL_LEN)
            fail(w, LK_E_LENGTH);
        lk_put_span(w, addr->octets);
        break;
    case LK_MIS_ADDR_3GPP:
    case LK_MIS_ADDR_3GPP2:
    case LK_MIS_ADDR_OTHER:
        lk_mis_put_string(w, addr->octets);
        break;
    default:
        fail(w, LK_E_VALUE);
    }
}

static void get_link_id(struct lk_reader *r, struct lk_mis_link_id *link)
{
    link->type = lk_get_u8(r);
    lk_mis_get_link_addr(r, &link->addr);
}

static void put_link_id(struct lk_writer *w, const struct lk_mis_link_id *link)
{
    lk_put_u8(w, link->type);
    lk_mis_put_link_addr(w, &link->addr);
}

void lk_mis_get_link_tuple(struct lk_reader *r, struct lk_mis_link_tuple *tuple)
{
    get_link_id(r, &tuple->link);
    tuple->has_poa = get_choice(r);
    if (tuple->has_poa)
        lk_mis_get_link_addr(r, &tuple->poa);
}

void lk_mis_put_link_tuple(struct lk_writer *w, const struct lk_mis_link_tuple *tuple)
{
    put_link_id(w, &tuple->link);
    put_choice(w, tuple->has_poa);
    if (tuple->has_poa)
        lk_mis_put_link_addr(w, &tuple->poa);
}

enum { TARGET_NETWORK = 0, TARGET_ADDRESS = 1, AUXILIARY = 0, NO_AUXILIARY = 1 };

void lk_mis_get_target(struct lk_reader *r, struct lk_mis_target *target)
{
    uint8_t selector = lk_get_u8(r), auxiliary;

    *target = (struct lk_mis_target){ .by_address = selector == TARGET_ADDRESS };
    if (selector > TARGET_ADDRESS) {
        lk_reader_fail(r, LK_E_VALUE);
    } else if (target->by_address) {
        lk_mis_get_link_addr(r, &target->poa);
    } else {
        target->network = lk_mis_get_string(r, 0, SIZE_MAX);
        auxiliary = lk_get_u8(r);
        if (auxiliary > NO_AUXILIARY)
            lk_reader_fail(r, LK_E_VALUE);
        target->has_auxiliary = r->status == LK_OK && auxiliary == AUXILIARY;
        if (target->has_auxiliary)
            target->auxiliary = lk_mis_get_string(r, 0, SIZE_MAX);
    }
}

void lk_mis_put_target(struct lk_writer *w, const struct lk_mis_target *target)
{
    lk_put_u8(w, target->by_address ? TARGET_ADDRESS : TARGET_NETWORK);
    if (target->by_address) {
        lk_mis_put_link_addr(w, &target->poa);
        return;
    }
    lk_mis_put_string(w, target->network);
    lk_put_u8(w, target->has_auxiliary ? AUXILIARY : NO_AUXILIARY);
    if (target->has_auxiliary)
        lk_mis_put_string(w, target->auxiliary);
}

/* ---- security ---- */

/* spec: IEEE 802.21.1 5.14.2 - TLS-, EAP-, GKB- and SPoS-generated. */
void lk_mis_get_said(struct lk_reader *r, struct lk_mis_said *said)
{
    said->type = lk_get_u8(r);
    said->id = lk_mis_get_string(r, LK_MIS_SA_ID_MIN, LK_MIS_SA_ID_MAX);
    if (said->type > LK_MIS_SA_SPOS)
        lk_reader_fail(r, LK_E_VALUE);
}

void lk_mis_put_said(struct lk_writer *w, const struct lk_mis_said *said)
{
    if (said->type > LK_MIS_SA_SPOS)
        fail(w, LK_E_VALUE);
    lk_put_u8(w, said->type);
    put_bounded(w, said->id, LK_MIS_SA_ID_MIN, LK_MIS_SA_ID_MAX);
}

enum { TLS_RECORD = 0, SPS_RECORD = 1, INTEGRITY = 0, NO_INTEGRITY = 1 };

void lk_mis_get_security(struct lk_reader *r, struct lk_mis_security *security)
{
    uint8_t selector = lk_get_u8(r), integrity;

    *security = (struct lk_mis_security){ .tls = selector == TLS_RECORD };
    if (selector > SPS_RECORD) {
        lk_reader_fail(r, LK_E_VALUE);
    } else if (security->tls) {
        security->records = lk_mis_get_string(r, 0, SIZE_MAX);
    } else {
        security->encr = lk_mis_get_string(r, 0, SIZE_MAX);
        integrity = lk_get_u8(r);
        if (integrity > NO_INTEGRITY)
            lk_reader_fail(r, LK_E_VALUE);
        security->has_integrity = r->status == LK_OK && integrity == INTEGRITY;
        if (security->has_integrity)
            security->intg = lk_mis_get_string(r, 0, SIZE_MAX);
    }
}

void lk_mis_put_security(struct lk_writer *w, const struct lk_mis_security *security)
{
    lk_put_u8(w, security->tls ? TLS_RECORD : SPS_RECORD);
    if (security->tls) {
        lk_mis_put_string(w, security->records);
        return;
    }
    lk_mis_put_string(w, security->encr);
    lk_put_u8(w, security->has_integrity ? INTEGRITY : NO_INTEGRITY);
    if (security->has_integrity)
        lk_mis_put_string(w, security->intg);
}

static size_t string_len(struct lk_span string)
{
    return lk_mis_length_len(string.len) + string.len;
}

size_t lk_mis_security_len(const struct lk_mis_security *security)
{
    if (security->tls)
        return 1 + string_len(security->records);
    return 1 + string_len(security->encr) + 1 +
           (security->has_integrity ? string_len(security->intg) : 0);
}

enum { OCTET_BITS = 8 };

uint8_t lk_mis_get_prfs(struct lk_reader *r, const struct lk_mis_codes *codes)
{
    uint64_t bits = lk_mis_get_bitmap(r, OCTET_BITS, codes);
    unsigned prfs = 0;

    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++)
        prfs |= (unsigned)(bits >> codes->prf[prf] & 1) << prf;
    return (uint8_t)prfs;
}

void lk_mis_put_prfs(struct lk_writer *w, uint8_t prfs, const struct lk_mis_codes *codes)
{
    uint64_t bits = 0;

    if (prfs >> LK_MIS_PRF_COUNT != 0)
        fail(w, LK_E_VALUE);
    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++)
        bits |= (uint64_t)(prfs >> prf & 1) << codes->prf[prf];
    lk_mis_put_bitmap(w, bits, OCTET_BITS, codes);
}

void lk_mis_get_capability(struct lk_reader *r, struct lk_mis_capability *capability,
                           const struct lk_mis_codes *codes)
{
    *capability = (struct lk_mis_capability){ .tls = lk_get_u8(r) != 0 };
    capability->eap = get_choice(r);
    if (!capability->eap)
        return;
    capability->key_distribution = (uint8_t)lk_mis_get_bitmap(r, OCTET_BITS, codes);
    capability->integrity = (uint8_t)lk_mis_get_bitmap(r, OCTET_BITS, codes);
    capability->ciphers = (uint8_t)lk_mis_get_bitmap(r, OCTET_BITS, codes);
    capability->prfs = lk_mis_get_prfs(r, codes);
}

void lk_mis_put_capability(struct lk_writer *w, const struct lk_mis_capability *capability,
                           const struct lk_mis_codes *codes)
{
    lk_put_u8(w, capability->tls);
    put_choice(w, capability->eap);
    if (!capability->eap)
        return;
    lk_mis_put_bitmap(w, capability->key_distribution, OCTET_BITS, codes);
    lk_mis_put_bitmap(w, capability->integrity, OCTET_BITS, codes);
    lk_mis_put_bitmap(w, capability->ciphers, OCTET_BITS, codes);
    lk_mis_put_prfs(w, capability->prfs, codes);
}

void lk_mis_get_key_envelope(struct lk_reader *r, struct lk_mis_key_envelope *envelope,
                             const struct lk_mis_codes *codes)
{
    envelope->key = lk_mis_get_string(r, LK_MIS_K_MIN, LK_MIS_K_MAX);
    envelope->lifetime_s = lk_get_be32(r);
    envelope->used = lk_get_u8(r);
    envelope->max = lk_get_u8(r);
    envelope->origin = lk_mis_origin_of(codes, lk_get_u8(r));
    if (envelope->origin == LK_MIS_ORIGIN_COUNT)
        lk_reader_fail(r, LK_E_VALUE);
}

void lk_mis_put_key_envelope(struct lk_writer *w, const struct lk_mis_key_envelope *envelope,
                             const struct lk_mis_codes *codes)
{
    LK_ASSERT((unsigned)envelope->origin < LK_MIS_ORIGIN_COUNT);
    put_bounded(w, envelope->key, LK_MIS_K_MIN, LK_MIS_K_MAX);
    lk_put_be32(w, envelope->lifetime_s);
    lk_put_u8(w, envelope->used);
    lk_put_u8(w, envelope->max);
    lk_put_u8(w, codes->origin[envelope->origin]);
}

void lk_mis_get_pos(struct lk_reader *r, struct lk_mis_pos *pos)
{
    pos->id = lk_mis_get_string(r, 1, LK_MIS_ID_MAX);
    lk_mis_get_address(r, &pos->address);
    pos->port = lk_get_be16(r);
}

void lk_mis_put_pos(struct lk_writer *w, const struct lk_mis_pos *pos)
{
    put_bounded(w, pos->id, 1, LK_MIS_ID_MAX);
    lk_mis_put_address(w, &pos->address);
    lk_put_be16(w, pos->port);
}

static bool is_on_earth(const struct lk_mis_position *at)
{
    return at->latitude_udeg >= -LK_MIS_UDEG_LATITUDE &&
           at->latitude_udeg <= LK_MIS_UDEG_LATITUDE &&
           at->longitude_udeg >= -LK_MIS_UDEG_LONGITUDE &&
           at->longitude_udeg <= LK_MIS_UDEG_LONGITUDE;
}

void lk_mis_get_place(struct lk_reader *r, struct lk_mis_place *place)
{
    place->at.latitude_udeg = (int32_t)lk_get_be32(r);
    place->at.longitude_udeg = (int32_t)lk_get_be32(r);
    place->accuracy_m = lk_get_be32(r);
    if (!is_on_earth(&place->at))
        lk_reader_fail(r, LK_E_VALUE);
}

void lk_mis_put_place(struct lk_writer *w, const struct lk_mis_place *place)
{
    if (w->status == LK_OK && !is_on_earth(&place->at))
        w->status = LK_E_VALUE;
    lk_put_be32(w, (uint32_t)place->at.latitude_udeg);
    lk_put_be32(w, (uint32_t)place->at.longitude_udeg);
    lk_put_be32(w, place->accuracy_m);
}

void lk_mis_get_link_key(struct lk_reader *r, struct lk_mis_link_key *key)
{
    lk_mis_get_link_tuple(r, &key->link);
    key->key = lk_mis_get_string(r, 1, LK_MIS_K_MAX);
    key->lifetime_s = lk_get_be32(r);
}

void lk_mis_put_link_key(struct lk_writer *w, const struct lk_mis_link_key *key)
{
    lk_mis_put_link_tuple(w, &key->link);
    put_bounded(w, key->key, 1, LK_MIS_K_MAX);
    lk_put_be32(w, key->lifetime_s);
}

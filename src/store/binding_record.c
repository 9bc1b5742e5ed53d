/* A record of a binding in a batch of the log, octet by octet. */
#include "store/binding_record.h"

#include <string.h>

#include "store/backend.h"

/* Flags of a record of form 3. */
enum {
    HAS_IPV4 = 0x01,
    HAS_PREFIX = 0x02,
    SAME_SERVICE = 0x04, /* as the record before it: it has none of its own */
    IPV4 = 0x08,
    PREFIX = 0x10,
    HALF_PREFIX = 0x20, /* eight octets of it: the others are zero */
    VOLUME = 0x40,
    FLAGS = 0x7f,
};

/* ---- fields ---- */

void lk_record_get_name(struct lk_reader *r, char *name, size_t cap)
{
    struct lk_span text = lk_get_lv8(r);

    if (text.len >= cap)
        lk_reader_fail(r, LK_E_LENGTH);
    else if (text.len > 0)
        memcpy(name, text.at, text.len);
}

static void get_flags(struct lk_reader *r, bool *const flags[], size_t count)
{
    uint8_t octet = lk_get_u8(r);

    for (size_t i = 0; i < count; i++)
        *flags[i] = (octet >> i & 1) != 0;
    if (octet >> count != 0)
        lk_reader_fail(r, LK_E_VALUE);
}

static void put_pmip(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_pmip *p = &b->pmip;

    lk_put_u8(w, p->state);
    lk_put_u8(w, p->handoff);
    lk_put_u8(w, p->access);
    lk_put_u8(w, p->released);
    lk_put_lv8(w, lk_span_text(p->answered));
    lk_put_be16(w, p->sequence);
    lk_put_be16(w, p->lifetime);
    lk_put_be64(w, p->timestamp);
    lk_put_be64(w, p->attach_ms);
    lk_put_be64(w, p->digest);
    lk_put_be64(w, p->due_ms);
}

static void get_pmip(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_pmip *p = &b->pmip;
    bool *const flags[] = { &p->released };

    p->state = lk_get_u8(r);
    p->handoff = lk_get_u8(r);
    p->access = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    lk_record_get_name(r, p->answered, sizeof p->answered);
    p->sequence = lk_get_be16(r);
    p->lifetime = lk_get_be16(r);
    p->timestamp = lk_get_be64(r);
    p->attach_ms = lk_get_be64(r);
    p->digest = lk_get_be64(r);
    p->due_ms = lk_get_be64(r);
}

static void put_mip(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_mip *m = &b->mip;

    lk_put_u8(w, m->state);
    lk_put_u8(w, m->flags);
    lk_put_u8(w, (uint8_t)(m->released << 1 | m->udp));
    lk_put_be16(w, m->port);
    lk_put_be16(w, m->lifetime_s);
    lk_put_octets(w, m->care_of, sizeof m->care_of);
    lk_put_octets(w, m->from, sizeof m->from);
    lk_put_lv8(w, lk_span_text(m->fa));
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
    lk_put_be64(w, m->due_ms);
    if (m->revocation == 0 && m->ours_s == 0 && m->theirs_s == 0)
        return;
    lk_put_u8(w, m->revocation);
    lk_put_be32(w, m->ours_s);
    lk_put_be32(w, m->theirs_s);
}

static void get_mip(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_mip *m = &b->mip;
    bool *const flags[] = { &m->udp, &m->released };

    m->state = lk_get_u8(r);
    m->flags = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    m->port = lk_get_be16(r);
    m->lifetime_s = lk_get_be16(r);
    lk_get_copy(r, m->care_of, sizeof m->care_of);
    lk_get_copy(r, m->from, sizeof m->from);
    lk_record_get_name(r, m->fa, sizeof m->fa);
    m->identification = lk_get_be64(r);
    m->digest = lk_get_be64(r);
    m->due_ms = lk_get_be64(r);
    if (r->left == 0) /* nothing was agreed on, or it is older than that there were revocations */
        return;
    m->revocation = lk_get_u8(r);
    m->ours_s = lk_get_be32(r);
    m->theirs_s = lk_get_be32(r);
}

static void put_mip6(struct lk_writer *w, const struct lk_binding_record *b)
{
    const struct lk_binding_record_mip6 *m = &b->mip6;

    lk_put_u8(w, m->state);
    lk_put_u8(w, (uint8_t)(m->released << 1 | m->udp));
    lk_put_be16(w, m->port);
    lk_put_be16(w, m->lifetime);
    lk_put_octets(w, m->from, sizeof m->from);
    lk_put_octets(w, m->care_of.octets, LK_ADDRESS_LEN);
    lk_put_octets(w, m->home.octets, LK_ADDRESS_LEN);
    lk_put_be64(w, m->identification);
    lk_put_be64(w, m->digest);
}

static void get_mip6(struct lk_reader *r, struct lk_binding_record *b)
{
    struct lk_binding_record_mip6 *m = &b->mip6;
    bool *const flags[] = { &m->udp, &m->released };

    m->state = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    m->port = lk_get_be16(r);
    m->lifetime = lk_get_be16(r);
    lk_get_copy(r, m->from, sizeof m->from);
    lk_get_copy(r, m->care_of.octets, LK_ADDRESS_LEN);
    lk_get_copy(r, m->home.octets, LK_ADDRESS_LEN);
    m->identification = lk_get_be64(r);
    m->digest = lk_get_be64(r);
}

static const struct part {
    void (*put)(struct lk_writer *w, const struct lk_binding_record *b);
    void (*get)(struct lk_reader *r, struct lk_binding_record *b);
} parts[] = {
    [LK_BINDING_PMIP] = { put_pmip, get_pmip },
    [LK_BINDING_MIP] = { put_mip, get_mip },
    [LK_BINDING_MIP6] = { put_mip6, get_mip6 },
};

static bool is_zero(const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static uint8_t flags_of(const struct lk_binding_record *b, const struct lk_binding_record *before)
{
    const uint8_t *prefix = b->prefix.address.octets;
    unsigned flags = (b->has_ipv4 ? HAS_IPV4 : 0) | (b->has_prefix ? HAS_PREFIX : 0);

    if (before != NULL && strcmp(b->service, before->service) == 0)
        flags |= SAME_SERVICE;
    if (!is_zero(b->ipv4, sizeof b->ipv4))
        flags |= IPV4;
    if (b->prefix.bits != 0 || !is_zero(prefix, LK_ADDRESS_LEN))
        flags |= PREFIX;
    if ((flags & PREFIX) != 0 && is_zero(prefix + LK_ADDRESS_LEN / 2, LK_ADDRESS_LEN / 2))
        flags |= HALF_PREFIX;
    if (b->up_octets != 0 || b->down_octets != 0)
        flags |= VOLUME;
    return (uint8_t)flags;
}

static size_t prefix_len(uint8_t flags)
{
    return (flags & HALF_PREFIX) != 0 ? LK_ADDRESS_LEN / 2 : LK_ADDRESS_LEN;
}

void lk_record_pack(struct lk_writer *w, const struct lk_binding_record *b,
                    const struct lk_binding_record *before)
{
    uint8_t flags = flags_of(b, before);
    size_t len = lk_put_hole(w, sizeof(uint16_t)), begin = w->len;

    LK_ASSERT(b->protocol > 0 && b->protocol < LK_COUNT_OF(parts));
    lk_put_be64(w, (uint64_t)lk_store_key(&b->imsi));
    lk_put_u8(w, flags);
    if ((flags & SAME_SERVICE) == 0)
        lk_put_lv8(w, lk_span_text(b->service));
    lk_put_be64(w, b->epoch);
    lk_put_u8(w, b->protocol);
    if ((flags & PREFIX) != 0) {
        lk_put_u8(w, b->prefix.bits);
        lk_put_octets(w, b->prefix.address.octets, prefix_len(flags));
    }
    if ((flags & IPV4) != 0)
        lk_put_octets(w, b->ipv4, sizeof b->ipv4);
    lk_put_lv8(w, lk_span_text(b->mag));
    lk_put_be64(w, b->expires_ms);
    lk_put_be64(w, b->since_ms);
    if ((flags & VOLUME) != 0) {
        lk_put_be64(w, b->up_octets);
        lk_put_be64(w, b->down_octets);
    }
    parts[b->protocol].put(w, b);
    LK_ASSERT(w->status == LK_OK && w->len - begin <= LK_RECORD_MAX);
    lk_patch_be16(w, len, (uint16_t)(w->len - begin));
}

/* Of a protocol that only a later version knows its own part is passed over; who loads it sees. */
static void get_part(struct lk_binding_record *b, struct lk_reader *r, struct lk_span octets)
{
    struct lk_reader part = lk_reader_of(octets);

    if (b->protocol == 0 || b->protocol >= LK_COUNT_OF(parts))
        return;
    parts[b->protocol].get(&part, b);
    if (lk_reader_end(&part) != LK_OK)
        lk_reader_fail(r, LK_E_VALUE);
}

static void get_record_full(struct lk_binding_record *b, struct lk_reader *r)
{
    bool *const flags[] = { &b->has_ipv4, &b->has_prefix };

    get_flags(r, flags, LK_COUNT_OF(flags));
    lk_get_copy(r, b->prefix.address.octets, LK_ADDRESS_LEN);
    b->prefix.bits = lk_get_u8(r);
    lk_get_copy(r, b->ipv4, sizeof b->ipv4);
    lk_record_get_name(r, b->mag, sizeof b->mag);
    b->expires_ms = lk_get_be64(r);
    b->since_ms = lk_get_be64(r);
    b->up_octets = lk_get_be64(r);
    b->down_octets = lk_get_be64(r);
    get_part(b, r, lk_get_lv8(r));
}

static void get_record_pmip(struct lk_binding_record *b, struct lk_reader *r)
{
    struct lk_binding_record_pmip *p = &b->pmip;
    bool *const flags[] = { &b->has_ipv4, &b->has_prefix, &p->released };

    p->state = lk_get_u8(r);
    p->handoff = lk_get_u8(r);
    p->access = lk_get_u8(r);
    get_flags(r, flags, LK_COUNT_OF(flags));
    lk_get_copy(r, b->prefix.address.octets, LK_ADDRESS_LEN);
    b->prefix.bits = lk_get_u8(r);
    lk_get_copy(r, b->ipv4, sizeof b->ipv4);
    lk_record_get_name(r, b->mag, sizeof b->mag);
    lk_record_get_name(r, p->answered, sizeof p->answered);
    p->sequence = lk_get_be16(r);
    p->lifetime = lk_get_be16(r);
    p->timestamp = lk_get_be64(r);
    p->attach_ms = lk_get_be64(r);
    p->digest = lk_get_be64(r);
    b->expires_ms = lk_get_be64(r);
    p->due_ms = lk_get_be64(r);
    b->since_ms = lk_get_be64(r);
    b->up_octets = lk_get_be64(r);
    b->down_octets = lk_get_be64(r);
}

static enum lk_status judge(struct lk_binding_record *b, struct lk_reader *r, uint64_t key)
{
    if (b->prefix.bits > LK_ADDRESS_BITS || lk_store_key_imsi(&b->imsi, (int64_t)key) != LK_OK)
        lk_reader_fail(r, LK_E_VALUE);
    return r->status == LK_OK ? LK_OK : LK_E_STORE;
}

enum lk_status lk_record_unpack_old(struct lk_binding_record *b, struct lk_reader *r, uint8_t form)
{
    uint64_t key = lk_get_be64(r);

    memset(b, 0, sizeof *b);
    lk_record_get_name(r, b->service, sizeof b->service);
    b->epoch = lk_get_be64(r);
    b->protocol = lk_get_u8(r);
    if (form == LK_RECORDS_PMIP)
        get_record_pmip(b, r);
    else
        get_record_full(b, r);
    return judge(b, r, key);
}

/* ---- a record of form 3 ---- */

enum lk_status lk_record_get(struct lk_record_unread *record, struct lk_reader *r,
                             struct lk_span service)
{
    struct lk_reader in = lk_reader_of(lk_get_lv16(r));

    record->key = lk_get_be64(&in);
    record->flags = lk_get_u8(&in);
    record->service = (record->flags & SAME_SERVICE) != 0 ? service : lk_get_lv8(&in);
    record->rest = lk_get_rest(&in);
    return in.status == LK_OK && (record->flags & ~FLAGS) == 0 &&
                   record->service.len <= LK_BINDING_SERVICE_MAX
               ? LK_OK
               : LK_E_STORE;
}

enum lk_status lk_record_unpack(struct lk_binding_record *b,
                                const struct lk_record_unread *record)
{
    struct lk_reader r = lk_reader_of(record->rest);
    uint8_t flags = record->flags;

    memset(b, 0, sizeof *b);
    if (record->service.len > 0)
        memcpy(b->service, record->service.at, record->service.len);
    b->epoch = lk_get_be64(&r);
    b->protocol = lk_get_u8(&r);
    b->has_ipv4 = (flags & HAS_IPV4) != 0;
    b->has_prefix = (flags & HAS_PREFIX) != 0;
    if ((flags & PREFIX) != 0) {
        b->prefix.bits = lk_get_u8(&r);
        lk_get_copy(&r, b->prefix.address.octets, prefix_len(flags));
    }
    if ((flags & IPV4) != 0)
        lk_get_copy(&r, b->ipv4, sizeof b->ipv4);
    lk_record_get_name(&r, b->mag, sizeof b->mag);
    b->expires_ms = lk_get_be64(&r);
    b->since_ms = lk_get_be64(&r);
    if ((flags & VOLUME) != 0) {
        b->up_octets = lk_get_be64(&r);
        b->down_octets = lk_get_be64(&r);
    }
    get_part(b, &r, lk_get_rest(&r));
    return judge(b, &r, record->key);
}

/* Agent advertisements and solicitations.
 *
 *     type 9 | code | checksum (2) | addresses | entry size | lifetime (2) |
 *         { address | preference (4) } | extensions
 *     16 | 6 + 4 N | sequence (2) | registration lifetime (2) | flags (2) | N care-of addresses
 *     19 | N | prefix lengths        24 | length | challenge        0, an octet by itself
 *     type 10 | code 0 | checksum (2) | 0 (4)
 *
 * spec: RFC 1256 3 - the messages without extensions. */
#include "wire/mip_agent.h"

#include <string.h>

#include "base/checksum.h"
#include "wire/mip.h"

enum { CHECKSUM_AT = 2, ENTRY_WORDS = 2, WORD = 4, AGENT_FIXED = 6 };
enum { PAD = 0, AGENT = 16, PREFIXES = 19, CHALLENGE = 24, SKIPPABLE = 128 };

/* A reader behind the checksum, and the code. */
static struct lk_reader begin(struct lk_span octets, uint8_t type, uint8_t *code)
{
    struct lk_reader r = lk_reader_of(octets);

    if (lk_get_u8(&r) != type)
        lk_reader_fail(&r, LK_E_UNKNOWN);
    *code = lk_get_u8(&r);
    (void)lk_get_be16(&r);
    if (lk_checksum_of(lk_checksum_add(0, octets)) != 0)
        lk_reader_fail(&r, LK_E_VALUE);
    return r;
}

static void seal(struct lk_writer *w)
{
    if (w->status == LK_OK)
        lk_patch_be16(w, CHECKSUM_AT, lk_checksum_of(lk_checksum_add(0, lk_writer_span(w))));
}

/* ---- octets to members ---- */

static void get_routers(struct lk_reader *r, struct lk_mip_advertisement *a, size_t count,
                        size_t words)
{
    if (words < ENTRY_WORDS)
        lk_reader_fail(r, LK_E_LENGTH);
    for (size_t i = 0; i < count && r->status == LK_OK; i++) {
        struct lk_mip_router router = { .address = lk_mip_address_get(r) };

        router.preference = lk_get_be32(r);
        (void)lk_get_span(r, (words - ENTRY_WORDS) * WORD);
        if (i < LK_MIP_ROUTERS)
            a->router[a->router_count++] = router;
    }
}

/* spec: RFC 5944 2.1.1 - the mobility agent extension; a foreign agent has a care-of address. */
static enum lk_status get_agent(struct lk_span data, struct lk_mip_advertisement *a)
{
    struct lk_reader r = lk_reader_of(data);

    if (a->has_agent)
        return LK_E_TWICE;
    if (data.len < AGENT_FIXED || (data.len - AGENT_FIXED) % WORD != 0)
        return LK_E_LENGTH;
    a->has_agent = true;
    a->sequence = lk_get_be16(&r);
    a->registration_s = lk_get_be16(&r);
    a->flags = lk_get_be16(&r);
    while (r.left > 0) {
        struct lk_address care_of = lk_mip_address_get(&r);

        if (a->care_of_count < LK_MIP_CARE_OFS)
            a->care_of[a->care_of_count++] = care_of;
    }
    return (a->flags & LK_MIP_AGENT_FOREIGN) != 0 && a->care_of_count == 0 ? LK_E_VALUE : LK_OK;
}

static enum lk_status take_once(struct lk_span *member, struct lk_span data, bool fits)
{
    if (member->len > 0)
        return LK_E_TWICE;
    if (!fits)
        return LK_E_LENGTH;
    *member = data;
    return LK_OK;
}

/* spec: RFC 5944 2.1.2 - prefix lengths, one for each router.
 * spec: RFC 4721 2 - a challenge of four octets at least. */
static enum lk_status get_extension(uint8_t type, struct lk_span data, size_t routers,
                                    struct lk_mip_advertisement *a)
{
    switch (type) {
    case AGENT: return get_agent(data, a);
    case PREFIXES: return take_once(&a->prefix_bits, data, data.len == routers);
    case CHALLENGE: return take_once(&a->challenge, data, data.len >= LK_MIP_CHALLENGE_LEAST);
    default: return type < SKIPPABLE ? LK_E_UNKNOWN : LK_OK;
    }
}

enum lk_status lk_mip_advertisement_decode(struct lk_mip_advertisement *a, struct lk_span octets)
{
    struct lk_reader r;
    size_t routers, words;

    memset(a, 0, sizeof *a);
    r = begin(octets, LK_MIP_ADVERTISEMENT, &a->code);
    routers = lk_get_u8(&r);
    words = lk_get_u8(&r);
    a->lifetime_s = lk_get_be16(&r);
    get_routers(&r, a, routers, words);
    while (r.status == LK_OK && r.left > 0) {
        uint8_t type = lk_get_u8(&r);
        struct lk_span data;
        enum lk_status status;

        /* spec: RFC 5944 2.1.3 - one octet of padding has no length. */
        if (type == PAD)
            continue;
        data = lk_get_lv8(&r);
        status = r.status == LK_OK ? get_extension(type, data, routers, a) : LK_OK;
        if (status != LK_OK)
            lk_reader_fail(&r, status);
    }
    if (a->prefix_bits.len > a->router_count)
        a->prefix_bits.len = a->router_count;
    return lk_reader_end(&r);
}

/* ---- members to octets ---- */

static void put_agent(struct lk_writer *w, const struct lk_mip_advertisement *a)
{
    lk_put_u8(w, AGENT);
    lk_put_u8(w, (uint8_t)(AGENT_FIXED + WORD * a->care_of_count));
    lk_put_be16(w, a->sequence);
    lk_put_be16(w, a->registration_s);
    lk_put_be16(w, a->flags);
    for (size_t i = 0; i < a->care_of_count; i++)
        lk_mip_address_put(w, &a->care_of[i]);
}

static void put_span(struct lk_writer *w, uint8_t type, struct lk_span data)
{
    if (data.len == 0)
        return;
    lk_put_u8(w, type);
    lk_put_lv8(w, data);
}

void lk_mip_advertisement_put(struct lk_writer *w, const struct lk_mip_advertisement *a)
{
    LK_ASSERT(a->router_count <= LK_MIP_ROUTERS && a->care_of_count <= LK_MIP_CARE_OFS);
    lk_put_u8(w, LK_MIP_ADVERTISEMENT);
    lk_put_u8(w, a->code);
    lk_put_be16(w, 0);
    lk_put_u8(w, (uint8_t)a->router_count);
    lk_put_u8(w, ENTRY_WORDS);
    lk_put_be16(w, a->lifetime_s);
    for (size_t i = 0; i < a->router_count; i++) {
        lk_mip_address_put(w, &a->router[i].address);
        lk_put_be32(w, a->router[i].preference);
    }
    if (a->has_agent)
        put_agent(w, a);
    put_span(w, PREFIXES, a->prefix_bits);
    put_span(w, CHALLENGE, a->challenge);
    seal(w);
}

/* ---- solicitation ---- */

enum lk_status lk_mip_solicitation_check(struct lk_span octets)
{
    uint8_t code;
    struct lk_reader r = begin(octets, LK_MIP_SOLICITATION, &code);

    (void)lk_get_be32(&r);
    if (code != 0)
        lk_reader_fail(&r, LK_E_VALUE);
    return lk_reader_end(&r);
}

void lk_mip_solicitation_put(struct lk_writer *w)
{
    lk_put_u8(w, LK_MIP_SOLICITATION);
    lk_put_u8(w, 0);
    lk_put_be16(w, 0);
    lk_put_be32(w, 0);
    seal(w);
}

/* spec: RFC 5944 2.3.2 - it does not come back to what only a start shows. */
uint16_t lk_mip_sequence_next(uint16_t sequence)
{
    return sequence == UINT16_MAX ? LK_MIP_SEQUENCE_AGAIN : (uint16_t)(sequence + 1);
}

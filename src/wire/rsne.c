#include "wire/rsne.h"

enum { VERSION = 1, SUITE_LEN = 4, SUITE_CCMP = 4, SUITE_8021X = 1 };

/* Suites of 00-0F-AC by their number, as lists of one. */
static const uint8_t suites[][SUITE_LEN] = {
    { 0, 0x0f, 0xac, 0 }, { 0, 0x0f, 0xac, 1 }, { 0, 0x0f, 0xac, 2 }, { 0, 0x0f, 0xac, 3 },
    { 0, 0x0f, 0xac, 4 }, { 0, 0x0f, 0xac, 5 }, { 0, 0x0f, 0xac, 6 },
};

struct lk_rsne lk_rsne_of(uint8_t akm, uint16_t capabilities, struct lk_span pmkid)
{
    LK_ASSERT(akm < LK_COUNT_OF(suites));
    return (struct lk_rsne){
        .last = pmkid.len > 0 ? LK_RSNE_PMKID : LK_RSNE_CAPABILITIES,
        .group = LK_RSN_CIPHER_CCMP,
        .pairwise = LK_SPAN(suites[SUITE_CCMP]),
        .akm = LK_SPAN(suites[akm]),
        .capabilities = capabilities,
        .pmkid = pmkid,
        .group_management = LK_RSN_CIPHER_BIP_CMAC,
    };
}

static struct lk_span get_list(struct lk_reader *r, size_t each, size_t least)
{
    size_t count = lk_get_le16(r);

    if (r->status == LK_OK && count < least)
        lk_reader_fail(r, LK_E_VALUE);
    return lk_get_span(r, count * each);
}

/* Reads one field, if there is one. */
static void get_field(struct lk_rsne *rsne, struct lk_reader *r, enum lk_rsne_field field)
{
    if (r->left == 0)
        return;
    rsne->last = field;
    switch (field) {
    case LK_RSNE_VERSION:
        if (lk_get_le16(r) != VERSION && r->status == LK_OK)
            lk_reader_fail(r, LK_E_UNKNOWN);
        break;
    case LK_RSNE_GROUP: rsne->group = lk_get_be32(r); break;
    case LK_RSNE_PAIRWISE: rsne->pairwise = get_list(r, SUITE_LEN, 1); break;
    case LK_RSNE_AKM: rsne->akm = get_list(r, SUITE_LEN, 1); break;
    case LK_RSNE_CAPABILITIES: rsne->capabilities = lk_get_le16(r); break;
    case LK_RSNE_PMKID: rsne->pmkid = get_list(r, LK_RSNE_PMKID_LEN, 0); break;
    case LK_RSNE_GROUP_MANAGEMENT: rsne->group_management = lk_get_be32(r); break;
    }
}

/* spec: IEEE 802.11 9.4.2.24 - all behind the version may be left out from the end on, and has
 * defaults then; counts and capabilities have their least octet first. */
enum lk_status lk_rsne_decode(struct lk_rsne *rsne, struct lk_span element)
{
    struct lk_reader whole = lk_reader_of(element);
    uint8_t id = lk_get_u8(&whole);
    struct lk_reader r = lk_reader_of(lk_get_lv8(&whole));
    enum lk_status status = lk_reader_end(&whole);

    *rsne = lk_rsne_of(SUITE_8021X, 0, lk_span_of(NULL, 0));
    if (status != LK_OK)
        return status;
    if (id != LK_RSNE_ID)
        return LK_E_VALUE;
    if (r.left == 0)
        return LK_E_SHORT;
    for (enum lk_rsne_field f = LK_RSNE_VERSION; f <= LK_RSNE_GROUP_MANAGEMENT; f++)
        get_field(rsne, &r, f);
    rsne->later = lk_get_rest(&r);
    return lk_reader_end(&r);
}

static void put_list(struct lk_writer *w, struct lk_span list, size_t each)
{
    lk_put_le16(w, (uint16_t)(list.len / each));
    lk_put_span(w, list);
}

static void put_field(struct lk_writer *w, const struct lk_rsne *rsne, enum lk_rsne_field field)
{
    switch (field) {
    case LK_RSNE_VERSION: lk_put_le16(w, VERSION); break;
    case LK_RSNE_GROUP: lk_put_be32(w, rsne->group); break;
    case LK_RSNE_PAIRWISE: put_list(w, rsne->pairwise, SUITE_LEN); break;
    case LK_RSNE_AKM: put_list(w, rsne->akm, SUITE_LEN); break;
    case LK_RSNE_CAPABILITIES: lk_put_le16(w, rsne->capabilities); break;
    case LK_RSNE_PMKID: put_list(w, rsne->pmkid, LK_RSNE_PMKID_LEN); break;
    case LK_RSNE_GROUP_MANAGEMENT:
        lk_put_be32(w, rsne->group_management);
        lk_put_span(w, rsne->later);
        break;
    }
}

static bool is_list(struct lk_span list, size_t each, size_t least)
{
    return list.len % each == 0 && list.len / each >= least;
}

enum lk_status lk_rsne_encode(struct lk_writer *w, const struct lk_rsne *rsne)
{
    uint8_t room[LK_RSNE_MAX - 2];
    struct lk_writer fields = lk_writer_of(room, sizeof room);

    if (!is_list(rsne->pairwise, SUITE_LEN, 1) || !is_list(rsne->akm, SUITE_LEN, 1) ||
        !is_list(rsne->pmkid, LK_RSNE_PMKID_LEN, 0))
        return LK_E_VALUE;
    for (enum lk_rsne_field f = LK_RSNE_VERSION; f <= rsne->last; f++)
        put_field(&fields, rsne, f);
    if (lk_writer_end(&fields) != LK_OK)
        return LK_E_LENGTH;
    lk_put_u8(w, LK_RSNE_ID);
    lk_put_lv8(w, lk_writer_span(&fields));
    return lk_writer_end(w);
}

bool lk_rsne_has_suite(struct lk_span list, uint32_t suite)
{
    struct lk_reader r = lk_reader_of(list);

    while (r.left > 0)
        if (lk_get_be32(&r) == suite)
            return r.status == LK_OK;
    return false;
}

const char *lk_rsne_akm_name(struct lk_span list)
{
    struct lk_reader r = lk_reader_of(list);

    switch (lk_get_be32(&r)) {
    case LK_RSN_SUITES + 1: return "dot1x";
    case LK_RSN_SUITES + 2: return "psk";
    case LK_RSN_SUITES + 5: return "dot1x-sha256";
    case LK_RSN_SUITES + 6: return "psk-sha256";
    default: return "a suite that is not known here";
    }
}

bool lk_rsne_has_pmkid(const struct lk_rsne *rsne, const uint8_t pmkid[LK_RSNE_PMKID_LEN])
{
    struct lk_reader r = lk_reader_of(rsne->pmkid);

    while (r.left > 0)
        if (lk_span_equal(lk_get_span(&r, LK_RSNE_PMKID_LEN), lk_span_of(pmkid, LK_RSNE_PMKID_LEN)))
            return true;
    return false;
}

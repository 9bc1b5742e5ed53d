#include "wire/mis_rows.h"

#include <stddef.h>

enum { ANY = LK_MIS_PAYLOAD_MAX };

/* ---- forms of values ---- */

static void get_octet(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    uint8_t *octet = member;

    *octet = lk_get_u8(r);
}

static void put_octet(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    const uint8_t *octet = member;

    lk_put_u8(w, *octet);
}

static void get_flag(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    bool *flag = member;

    *flag = lk_get_u8(r) != 0;
}

static void put_flag(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    const bool *flag = member;

    lk_put_u8(w, *flag);
}

static void get_be16(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    uint16_t *number = member;

    *number = lk_get_be16(r);
}

static void put_be16(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    const uint16_t *number = member;

    lk_put_be16(w, *number);
}

static void get_be32(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    uint32_t *number = member;

    *number = lk_get_be32(r);
}

static void put_be32(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    const uint32_t *number = member;

    lk_put_be32(w, *number);
}

/* spec: IEEE 802.21-2017 E - BITMAP(n): n bits, the first of them leftmost. */
static void get_bitmap(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    uint64_t *bits = member;

    *bits = lk_mis_get_bitmap(r, row->most * 8u, codes);
}

static void put_bitmap(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    const uint64_t *bits = member;

    lk_mis_put_bitmap(w, *bits, row->most * 8u, codes);
}

static void get_raw(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                    const struct lk_mis_codes *codes)
{
    struct lk_span *octets = member;

    *octets = lk_get_rest(r);
    if (octets->len < row->least || octets->len > row->most)
        lk_reader_fail(r, LK_E_LENGTH);
}

static void check_length(struct lk_writer *w, struct lk_span octets, const struct lk_mis_row *row)
{
    if (w->status == LK_OK && (octets.len < row->least || octets.len > row->most))
        w->status = LK_E_LENGTH;
}

static void put_raw(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                    const struct lk_mis_codes *codes)
{
    const struct lk_span *octets = member;

    check_length(w, *octets, row);
    lk_put_span(w, *octets);
}

static void get_string(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    struct lk_span *string = member;

    *string = lk_mis_get_string(r, row->least, row->most);
}

static void put_string(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    const struct lk_span *string = member;

    check_length(w, *string, row);
    lk_mis_put_string(w, *string);
}

/* What mis_types.h reads and writes without the codes. */
static void get_link(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    lk_mis_get_link_tuple(r, member);
}

static void put_link(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    lk_mis_put_link_tuple(w, member);
}

static void get_link_addr(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                          const struct lk_mis_codes *codes)
{
    lk_mis_get_link_addr(r, member);
}

static void put_link_addr(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                          const struct lk_mis_codes *codes)
{
    lk_mis_put_link_addr(w, member);
}

static void get_address(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                        const struct lk_mis_codes *codes)
{
    lk_mis_get_address(r, member);
}

static void put_address(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                        const struct lk_mis_codes *codes)
{
    lk_mis_put_address(w, member);
}

static void get_target(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    lk_mis_get_target(r, member);
}

static void put_target(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    lk_mis_put_target(w, member);
}

static void get_said(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    lk_mis_get_said(r, member);
}

static void put_said(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    lk_mis_put_said(w, member);
}

static void get_pos(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                    const struct lk_mis_codes *codes)
{
    lk_mis_get_pos(r, member);
}

static void put_pos(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                    const struct lk_mis_codes *codes)
{
    lk_mis_put_pos(w, member);
}

static void get_place(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    lk_mis_get_place(r, member);
}

static void put_place(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    lk_mis_put_place(w, member);
}

/* And with them. */
static void get_prfs(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    uint8_t *prfs = member;

    *prfs = lk_mis_get_prfs(r, codes);
}

static void put_prfs(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                     const struct lk_mis_codes *codes)
{
    const uint8_t *prfs = member;

    lk_mis_put_prfs(w, *prfs, codes);
}

static void get_envelope(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                         const struct lk_mis_codes *codes)
{
    lk_mis_get_key_envelope(r, member, codes);
}

static void put_envelope(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                         const struct lk_mis_codes *codes)
{
    lk_mis_put_key_envelope(w, member, codes);
}

static void get_capability(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                           const struct lk_mis_codes *codes)
{
    lk_mis_get_capability(r, member, codes);
}

static void put_capability(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                           const struct lk_mis_codes *codes)
{
    lk_mis_put_capability(w, member, codes);
}

static void get_reason(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    enum lk_mis_reason *reason = member;

    *reason = lk_mis_reason_of(codes, lk_get_u8(r));
    if (*reason == LK_MIS_REASON_COUNT)
        lk_reader_fail(r, LK_E_VALUE);
}

static void put_reason(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                       const struct lk_mis_codes *codes)
{
    const enum lk_mis_reason *reason = member;

    LK_ASSERT((unsigned)*reason < LK_MIS_REASON_COUNT);
    lk_put_u8(w, codes->reason[*reason]);
}

static void get_chain(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    struct lk_mis_chain *chain = member;

    chain->used = lk_get_u8(r);
    chain->max = lk_get_u8(r);
}

static void put_chain(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                      const struct lk_mis_codes *codes)
{
    const struct lk_mis_chain *chain = member;

    lk_put_u8(w, chain->used);
    lk_put_u8(w, chain->max);
}

/* Lists are kept as they are, once every element of them could be read. */
static void get_targets(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                        const struct lk_mis_codes *codes)
{
    struct lk_span *list = member;
    const uint8_t *begin = r->at;
    struct lk_mis_target target;
    size_t len = r->left;

    for (size_t count = lk_mis_get_length(r); count > 0 && r->status == LK_OK; count--)
        lk_mis_get_target(r, &target);
    *list = lk_span_of(begin, len);
}

static void get_link_keys(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                          const struct lk_mis_codes *codes)
{
    struct lk_span *list = member;
    const uint8_t *begin = r->at;
    struct lk_mis_link_key key;
    size_t len = r->left;

    for (size_t count = lk_mis_get_length(r); count > 0 && r->status == LK_OK; count--)
        lk_mis_get_link_key(r, &key);
    *list = lk_span_of(begin, len);
}

/* ---- the table ---- */

#define AT(field) offsetof(struct lk_mis_message, field), sizeof((struct lk_mis_message *)0)->field
#define FORM(form) get_##form, put_##form
#define OWN(name, secures) LK_MIS_TLV_##name, 0, LK_MIS_OWN_##name, secures, false
#define KEY(name) LK_MIS_TLV_##name, 0, LK_MIS_OWN_##name, true, true
#define STD(name, type) LK_MIS_TLV_##name, type, LK_MIS_OWN_COUNT, false, false

const struct lk_mis_row lk_mis_rows[LK_MIS_ROWS] = {
    { STD(VENDOR, 100), 0, ANY, AT(vendor), FORM(raw), "Vendor" },
    { STD(LINK, 13), 0, 0, AT(link), FORM(link), "Link-ID" },
    { STD(NEW_LINK, 14), 0, 0, AT(new_link), FORM(link), "New-Link-ID" },
    { STD(OLD_ROUTER, 15), 0, 0, AT(old_router), FORM(link_addr), "Old-Router" },
    { STD(NEW_ROUTER, 16), 0, 0, AT(new_router), FORM(link_addr), "New-Router" },
    { STD(IP_RENEWAL, 17), 0, 0, AT(ip_renewal), FORM(flag), "IP-Renewal" },
    { STD(MOBILITY, 18), 2, 2, AT(mobility), FORM(bitmap), "Mobility-Support" },
    { STD(IP_METHODS, 19), 4, 4, AT(ip_methods), FORM(bitmap), "IP-Methods" },
    { STD(LINK_DOWN_REASON, 20), 0, 0, AT(link_down_reason), FORM(octet), "Link-Down-Reason" },
    { STD(TIME_INTERVAL, 21), 0, 0, AT(interval_ms), FORM(be16), "Time-Interval" },
    { STD(GOING_DOWN_REASON, 22), 0, 0, AT(going_down_reason), FORM(octet), "Going-Down-Reason" },
    { STD(DETECTED, 58), 1, ANY, AT(detected), FORM(raw), "Link-Detected-List" },
    { OWN(LINK_FRAMES, false), 0, ANY, AT(link_frames), FORM(string), "Link-Layer-Frames" },
    { OWN(NONCE_N, true), LK_MIS_NONCE_LEN, LK_MIS_NONCE_LEN, AT(nonce_n), FORM(raw), "Nonce-N" },
    { OWN(AUTH_INFO, false), 1, ANY, AT(auth_info), FORM(string), "Auth-Info" },
    { STD(STATUS, 3), 0, 0, AT(status), FORM(octet), "Status" },
    { STD(EVENTS, 5), 4, 4, AT(events), FORM(bitmap), "Event-List" },
    { STD(COMMANDS, 6), 4, 4, AT(commands), FORM(bitmap), "Command-List" },
    { STD(QUERIES, 7), 8, 8, AT(queries), FORM(bitmap), "Query-Type-List" },
    { STD(TRANSPORTS, 8), 2, 2, AT(transports), FORM(bitmap), "Transport-List" },
    { STD(LINK_ADDRESSES, 9), 1, ANY, AT(link_addresses), FORM(raw), "Link-Address-List" },
    { STD(MBB, 10), 1, ANY, AT(mbb), FORM(raw), "MBB-Support" },
    { STD(LINK_TYPE, 4), 0, 0, AT(link_type), FORM(octet), "Link-Type" },
    { STD(REGISTER_CODE, 11), 0, 0, AT(register_code), FORM(octet), "Register-Code" },
    { STD(VALID_TIME, 12), 0, 0, AT(valid_s), FORM(be32), "Valid-Time" },
    { STD(ACCESS_ROUTER, 35), 0, 0, AT(access_router), FORM(address), "Access-Router" },
    { KEY(KEY_ENVELOPE), 0, 0, AT(envelope), FORM(envelope), "Key-Envelope" },
    { OWN(POS, false), 0, 0, AT(pos), FORM(pos), "PoS-Address" },
    { OWN(SAID, true), 0, 0, AT(said), FORM(said), "SAID" },
    { OWN(NONCE_T, true), LK_MIS_NONCE_LEN, LK_MIS_NONCE_LEN, AT(nonce_t), FORM(raw), "Nonce-T" },
    { OWN(SUITES, true), 1, LK_MIS_SUITES_MAX, AT(suites), FORM(raw), "Ciphersuites" },
    { OWN(PRFS, false), 0, 0, AT(prfs), FORM(prfs), "PRFs" },
    { STD(MN, 52), 1, LK_MIS_ID_MAX, AT(mn), FORM(string), "MN-ID" },
    { STD(TARGET, 55), 0, 0, AT(target), FORM(target), "Target-Network" },
    { STD(TARGETS, 56), 1, ANY, AT(targets), get_targets, put_raw, "Target-Network-List" },
    { OWN(LINK_TYPES, false), 0, ANY, AT(link_types), FORM(string), "Preferred-Link-Types" },
    { OWN(LIFETIME, false), 0, 0, AT(lifetime_s), FORM(be32), "Lifetime" },
    { OWN(CHAIN, false), 0, 0, AT(chain), FORM(chain), "Chain" },
    { OWN(AUTH_VALUE, true), LK_MIS_AUTH_LEN, LK_MIS_AUTH_LEN, AT(auth), FORM(string),
      "Auth-Value" },
    { OWN(REASON, false), 0, 0, AT(reason), FORM(reason), "Reason" },
    { OWN(CAPABILITY, false), 0, 0, AT(capability), FORM(capability), "Security-Capability" },
    { OWN(DH, false), LK_MIS_DH_LEN, LK_MIS_DH_LEN, AT(dh), FORM(raw), "DH-Public" },
    { OWN(START_MARK, true), 1, LK_MIS_START_MARK_MAX, AT(start_mark), FORM(raw), "Start-Mark" },
    { KEY(LINK_KEYS), 1, ANY, AT(link_keys), get_link_keys, put_raw, "Link-Keys" },
    { OWN(PLACE, false), 0, 0, AT(place), FORM(place), "Place" },
};

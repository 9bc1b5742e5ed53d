/* What captures of MIS are written with: the file, PDUs, SAs, and what messages say. */
#include "mis_capture_parts.h"

#include <string.h>

#include "keys/log.h"
#include "role/seen.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

const struct mis_end mis_mn = { "mn1@home.example",
                                { .address = { 127, 0, 0, 5 }, .port = 50000 } };
const struct mis_end mis_pos[] = {
    { "a@north.example", { .address = { 127, 0, 0, 11 }, .port = LK_MIS_PORT } },
    { "b@north.example", { .address = { 127, 0, 0, 12 }, .port = LK_MIS_PORT } },
    { "c@south.example", { .address = { 127, 0, 0, 13 }, .port = 14551 } },
    { "d@south.example", { .address = { 127, 0, 0, 14 }, .port = LK_MIS_PORT } },
    { "e@home.example", { .address = { 127, 0, 0, 15 }, .port = LK_MIS_PORT } },
};

struct mis_writing mis_now;

/* ---- the file ---- */

static void write_octets(const struct mis_end *from, const struct mis_end *to,
                         struct lk_span octets)
{
    mis_now.at_ns += 2000000;
    if (mis_now.of == NULL || from == mis_now.of || to == mis_now.of)
        assert_int_equal(
            lk_capture_udp(mis_now.file, mis_now.at_ns, &from->at, &to->at, octets, NULL), LK_OK);
}

static void write_between(const struct mis_end *from, const struct mis_end *to,
                          struct lk_span octets)
{
    const struct lk_capture_opened about = {
        .dissector = "mih", .stream = true, .from = from->at, .to = to->at
    };
    uint8_t room[MIS_LIST_MAX];

    mis_now.at_ns += 2000000;
    if (mis_now.of != NULL && from != mis_now.of && to != mis_now.of)
        return;
    memcpy(room, octets.at, octets.len);
    if (mis_now.keys != MIS_ALL)
        lk_seen_withhold_mis(room, octets, codes);
    assert_int_equal(
        lk_capture_message(mis_now.file, mis_now.at_ns, &about, lk_span_of(room, octets.len), NULL),
        LK_OK);
}

static void write_key(const struct lk_mis_key_log *entry)
{
    char line[LK_MIS_KEY_LOG_LINE];

    lk_mis_key_log_write(line, entry);
    assert_int_equal(lk_capture_secrets(mis_now.file, LK_SECRETS_LATCHKEY, lk_span_text(line)),
                     LK_OK);
}

/* ---- PDUs ---- */

static struct lk_span list_of(uint8_t room[MIS_LIST_MAX], const struct lk_mis_message *message)
{
    struct lk_writer w = lk_writer_of(room, MIS_LIST_MAX);

    assert_int_equal(lk_mis_message_put(&w, message, codes), LK_OK);
    return lk_writer_span(&w);
}

static struct lk_mis_header header_of(enum lk_mis_action action, enum lk_mis_opcode opcode)
{
    mis_now.tid = (uint16_t)(mis_now.tid + (opcode != LK_MIS_RESPONSE));
    return (struct lk_mis_header){ .id = lk_mis_message_id(action, opcode, codes),
                                   .tid = mis_now.tid,
                                   .ack_request = opcode == LK_MIS_REQUEST };
}

void mis_clear(const struct mis_end *from, const struct mis_end *to, enum lk_mis_action action,
               enum lk_mis_opcode opcode, const struct lk_mis_message *message)
{
    uint8_t list[MIS_LIST_MAX], octets[MIS_LIST_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_pdu pdu = { .header = header_of(action, opcode),
                              .source = lk_span_text(from->id),
                              .destination = lk_span_text(to->id),
                              .body = list_of(list, message) };

    assert_int_equal(lk_mis_encode(&w, &pdu, codes), LK_OK);
    if (action == LK_MIS_N2N_PREREG_XFER)
        write_between(from, to, lk_writer_span(&w));
    else
        write_octets(from, to, lk_writer_span(&w));
}

void mis_sealed(struct mis_sa *sa, bool from_mn, enum lk_mis_opcode opcode,
                const struct lk_mis_message *message)
{
    static const uint8_t iv[LK_MIS_IV_LEN] = { 7 };
    struct lk_mis_header header = header_of(LK_MIS_PREREG_XFER, opcode);
    uint8_t list[MIS_LIST_MAX], octets[MIS_LIST_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_mis_protect(from_mn ? &sa->of_mn : &sa->of_pos, &w, &header,
                                    list_of(list, message), iv, 0, codes),
                     LK_OK);
    write_octets(from_mn ? &mis_mn : sa->pos, from_mn ? sa->pos : &mis_mn, lk_writer_span(&w));
}

/* ---- SAs ---- */

struct mis_sa mis_new_sa(enum lk_mis_id_type type, const struct mis_end *at)
{
    struct mis_sa sa = { .id = { 0x5a, 1, 2, ++mis_now.sas }, .type = type, .pos = at };

    memset(sa.nonce_t, 0x10 + mis_now.sas, sizeof sa.nonce_t);
    memset(sa.nonce_n, 0x90 + mis_now.sas, sizeof sa.nonce_n);
    memset(sa.k.octets, 0xc0 + mis_now.sas, sizeof sa.k.octets);
    sa.k.len = sizeof sa.k.octets;
    sa.agreed = (struct lk_mis_agreed){ LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256,
                                        codes->suite[LK_MIS_SUITE_CCM],
                                        codes->prf[LK_MIS_PRF_HMAC_SHA256] };
    return sa;
}

/* Its keys, and what of them is written down. */
void mis_make_keys(struct mis_sa *sa, bool mixed)
{
    static const uint8_t z[LK_MIS_DH_LEN] = { 9 };
    struct lk_mis_sa_start start = { .said = { (uint8_t)sa->type, LK_SPAN(sa->id) },
                                     .agreed = sa->agreed,
                                     .keys = &sa->keys,
                                     .expires_ms = UINT64_MAX };
    struct lk_mis_k k = sa->k;
    struct lk_mis_key_log entry;

    if (mixed)
        lk_mis_k_mix(&k, z, sa->nonce_t, sa->nonce_n);
    lk_mis_keys_derive(&sa->keys, &sa->agreed, &k, sa->nonce_t, sa->nonce_n);
    start.self = lk_span_text(mis_mn.id);
    start.peer = lk_span_text(sa->pos->id);
    start.role = LK_MIS_BEGAN;
    assert_int_equal(lk_mis_sa_init(&sa->of_mn, &start), LK_OK);
    start.self = lk_span_text(sa->pos->id);
    start.peer = lk_span_text(mis_mn.id);
    start.role = LK_MIS_ANSWERED;
    assert_int_equal(lk_mis_sa_init(&sa->of_pos, &start), LK_OK);
    lk_mis_key_log_misk(&entry, (uint8_t)sa->type, LK_SPAN(sa->id), &sa->agreed, &sa->keys);
    if (mis_now.keys == MIS_LINES || (mis_now.keys == MIS_ALL && mixed))
        write_key(&entry);
    entry.kind = LK_MIS_KEY_LOG_K; /* of the same SA */
    entry.number = LK_MIS_KEY_LOG_MSK;
    entry.key_len = sa->k.len;
    memcpy(entry.key, sa->k.octets, sa->k.len);
    if (mis_now.keys == MIS_ALL && sa->type == LK_MIS_SA_EAP)
        write_key(&entry);
}

void mis_say_offers(struct lk_mis_message *m, const struct mis_sa *sa)
{
    static const uint8_t suites[] = { 1, 2 };

    m->nonce_t = LK_SPAN(sa->nonce_t);
    m->suites = LK_SPAN(suites);
    m->prfs = 1u << LK_MIS_PRF_HMAC_SHA256 | 1u << LK_MIS_PRF_CMAC_AES;
    lk_mis_mark(m, LK_MIS_TLV_NONCE_T);
    lk_mis_mark(m, LK_MIS_TLV_SUITES);
    lk_mis_mark(m, LK_MIS_TLV_PRFS);
}

void mis_say_choice(struct lk_mis_message *m, const struct mis_sa *sa)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 1 };

    m->said = (struct lk_mis_said){ (uint8_t)sa->type, LK_SPAN(sa->id) };
    m->suites = lk_span_of(&sa->agreed.c, 1);
    m->prfs = 1u << LK_MIS_PRF_HMAC_SHA256;
    m->lifetime_s = MIS_LIFETIME_S;
    m->auth = LK_SPAN(auth);
    m->status = LK_MIS_SUCCESS;
    lk_mis_mark(m, LK_MIS_TLV_STATUS);
    lk_mis_mark(m, LK_MIS_TLV_SAID);
    lk_mis_mark(m, LK_MIS_TLV_SUITES);
    lk_mis_mark(m, LK_MIS_TLV_PRFS);
    lk_mis_mark(m, LK_MIS_TLV_LIFETIME);
    lk_mis_mark(m, LK_MIS_TLV_AUTH_VALUE);
}

void mis_say_status(struct lk_mis_message *m, uint8_t status, enum lk_mis_reason reason)
{
    m->status = status;
    m->reason = reason;
    lk_mis_mark(m, LK_MIS_TLV_STATUS);
    if (reason != LK_MIS_REASON_NONE)
        lk_mis_mark(m, LK_MIS_TLV_REASON);
}

void mis_say_packet(struct lk_mis_message *m, struct lk_span packet)
{
    m->auth_info = packet;
    lk_mis_mark(m, LK_MIS_TLV_AUTH_INFO);
}

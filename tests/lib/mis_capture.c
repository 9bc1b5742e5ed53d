#include "mis_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "eap_world.h"
#include "io/pcapng.h"
#include "keys/erp.h"
#include "keys/log.h"
#include "proto/mis/sa.h"
#include "role/seen.h"
#include "wire/erp.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

enum { LIST_MAX = 2048, PACKETS = 16, PACKET_MAX = 1500, LIFETIME_S = 3600 };

struct end {
    const char *id;
    struct lk_capture_end at;
};
static const struct end mn = { "mn1@home.example", { .address = { 127, 0, 0, 5 }, .port = 50000 } };
static const struct end pos[] = {
    { "a@north.example", { .address = { 127, 0, 0, 11 }, .port = LK_MIS_PORT } },
    { "b@north.example", { .address = { 127, 0, 0, 12 }, .port = LK_MIS_PORT } },
    { "c@south.example", { .address = { 127, 0, 0, 13 }, .port = 14551 } },
    { "d@south.example", { .address = { 127, 0, 0, 14 }, .port = LK_MIS_PORT } },
    { "e@home.example", { .address = { 127, 0, 0, 15 }, .port = LK_MIS_PORT } },
};

/* An SA, and both its ends. */
struct sa {
    uint8_t id[4];
    enum lk_mis_id_type type;
    const struct end *pos;
    uint8_t nonce_t[LK_MIS_NONCE_LEN], nonce_n[LK_MIS_NONCE_LEN];
    struct lk_mis_k k;
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;
    struct lk_mis_sa of_mn, of_pos;
};

struct packet {
    bool to_peer;
    size_t len;
    uint8_t octets[PACKET_MAX];
};

static struct {
    struct lk_capture *file;
    enum mis_keys keys;
    const struct end *of; /* whose capture it is; NULL: of all */
    uint64_t at_ns;
    uint16_t tid;
    uint8_t sas;
    size_t packets;
    struct packet packet[PACKETS];
    struct world world;
} now;

/* ---- the file ---- */

static void write_octets(const struct end *from, const struct end *to, struct lk_span octets)
{
    now.at_ns += 2000000;
    if (now.of == NULL || from == now.of || to == now.of)
        assert_int_equal(lk_capture_udp(now.file, now.at_ns, &from->at, &to->at, octets, NULL),
                         LK_OK);
}

static void write_between(const struct end *from, const struct end *to, struct lk_span octets)
{
    const struct lk_capture_opened about = { .dissector = "mih", .stream = true, .from = from->at,
                                             .to = to->at };
    uint8_t room[LIST_MAX];

    now.at_ns += 2000000;
    if (now.of != NULL && from != now.of && to != now.of)
        return;
    memcpy(room, octets.at, octets.len);
    if (now.keys != MIS_ALL)
        lk_seen_withhold_mis(room, octets, &lk_mis_codes_default);
    assert_int_equal(lk_capture_message(now.file, now.at_ns, &about, lk_span_of(room, octets.len),
                                        NULL), LK_OK);
}

static void write_key(const struct lk_mis_key_log *entry)
{
    char line[LK_MIS_KEY_LOG_LINE];

    lk_mis_key_log_write(line, entry);
    assert_int_equal(lk_capture_secrets(now.file, LK_SECRETS_LATCHKEY, lk_span_text(line)), LK_OK);
}

/* ---- PDUs ---- */

static struct lk_span list_of(uint8_t room[LIST_MAX], const struct lk_mis_message *message)
{
    struct lk_writer w = lk_writer_of(room, LIST_MAX);

    assert_int_equal(lk_mis_message_put(&w, message, codes), LK_OK);
    return lk_writer_span(&w);
}

static struct lk_mis_header header_of(enum lk_mis_action action, enum lk_mis_opcode opcode)
{
    now.tid = (uint16_t)(now.tid + (opcode != LK_MIS_RESPONSE));
    return (struct lk_mis_header){ .id = lk_mis_message_id(action, opcode, codes), .tid = now.tid,
                                   .ack_request = opcode == LK_MIS_REQUEST };
}

static void clear(const struct end *from, const struct end *to, enum lk_mis_action action,
                  enum lk_mis_opcode opcode, const struct lk_mis_message *message)
{
    uint8_t list[LIST_MAX], octets[LIST_MAX];
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

static void sealed(struct sa *sa, bool from_mn, enum lk_mis_opcode opcode,
                   const struct lk_mis_message *message)
{
    static const uint8_t iv[LK_MIS_IV_LEN] = { 7 };
    struct lk_mis_header header = header_of(LK_MIS_PREREG_XFER, opcode);
    uint8_t list[LIST_MAX], octets[LIST_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_mis_protect(from_mn ? &sa->of_mn : &sa->of_pos, &w, &header,
                                    list_of(list, message), iv, 0, codes), LK_OK);
    write_octets(from_mn ? &mn : sa->pos, from_mn ? sa->pos : &mn, lk_writer_span(&w));
}

static void mark(struct lk_mis_message *message, enum lk_mis_tlv tlv)
{
    lk_mis_mark(message, tlv);
}

/* ---- SAs ---- */

static struct sa new_sa(enum lk_mis_id_type type, const struct end *at)
{
    struct sa sa = { .id = { 0x5a, 1, 2, ++now.sas }, .type = type, .pos = at };

    memset(sa.nonce_t, 0x10 + now.sas, sizeof sa.nonce_t);
    memset(sa.nonce_n, 0x90 + now.sas, sizeof sa.nonce_n);
    memset(sa.k.octets, 0xc0 + now.sas, sizeof sa.k.octets);
    sa.k.len = sizeof sa.k.octets;
    sa.agreed = (struct lk_mis_agreed){ LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256,
                                        codes->suite[LK_MIS_SUITE_CCM],
                                        codes->prf[LK_MIS_PRF_HMAC_SHA256] };
    return sa;
}

/* Its keys, and what of them is written down. */
static void make_keys(struct sa *sa, bool mixed)
{
    static const uint8_t z[LK_MIS_DH_LEN] = { 9 };
    struct lk_mis_sa_start start = { .said = { (uint8_t)sa->type, LK_SPAN(sa->id) },
                                     .agreed = sa->agreed, .keys = &sa->keys,
                                     .expires_ms = UINT64_MAX };
    struct lk_mis_k k = sa->k;
    struct lk_mis_key_log entry;

    if (mixed)
        lk_mis_k_mix(&k, z, sa->nonce_t, sa->nonce_n);
    lk_mis_keys_derive(&sa->keys, &sa->agreed, &k, sa->nonce_t, sa->nonce_n);
    start.self = lk_span_text(mn.id);
    start.peer = lk_span_text(sa->pos->id);
    start.role = LK_MIS_BEGAN;
    assert_int_equal(lk_mis_sa_init(&sa->of_mn, &start), LK_OK);
    start.self = lk_span_text(sa->pos->id);
    start.peer = lk_span_text(mn.id);
    start.role = LK_MIS_ANSWERED;
    assert_int_equal(lk_mis_sa_init(&sa->of_pos, &start), LK_OK);
    lk_mis_key_log_misk(&entry, (uint8_t)sa->type, LK_SPAN(sa->id), &sa->agreed, &sa->keys);
    if (now.keys == MIS_LINES || (now.keys == MIS_ALL && mixed))
        write_key(&entry);
    entry.kind = LK_MIS_KEY_LOG_K; /* of the same SA */
    entry.number = LK_MIS_KEY_LOG_MSK;
    entry.key_len = sa->k.len;
    memcpy(entry.key, sa->k.octets, sa->k.len);
    if (now.keys == MIS_ALL && sa->type == LK_MIS_SA_EAP)
        write_key(&entry);
}

static void say_offers(struct lk_mis_message *m, const struct sa *sa)
{
    static const uint8_t suites[] = { 1, 2 };

    m->nonce_t = LK_SPAN(sa->nonce_t);
    m->suites = LK_SPAN(suites);
    m->prfs = 1u << LK_MIS_PRF_HMAC_SHA256 | 1u << LK_MIS_PRF_CMAC_AES;
    mark(m, LK_MIS_TLV_NONCE_T);
    mark(m, LK_MIS_TLV_SUITES);
    mark(m, LK_MIS_TLV_PRFS);
}

static void say_choice(struct lk_mis_message *m, const struct sa *sa)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 1 };

    m->said = (struct lk_mis_said){ (uint8_t)sa->type, LK_SPAN(sa->id) };
    m->suites = lk_span_of(&sa->agreed.c, 1);
    m->prfs = 1u << LK_MIS_PRF_HMAC_SHA256;
    m->lifetime_s = LIFETIME_S;
    m->auth = LK_SPAN(auth);
    m->status = LK_MIS_SUCCESS;
    mark(m, LK_MIS_TLV_STATUS);
    mark(m, LK_MIS_TLV_SAID);
    mark(m, LK_MIS_TLV_SUITES);
    mark(m, LK_MIS_TLV_PRFS);
    mark(m, LK_MIS_TLV_LIFETIME);
    mark(m, LK_MIS_TLV_AUTH_VALUE);
}

static void say_status(struct lk_mis_message *m, uint8_t status, enum lk_mis_reason reason)
{
    m->status = status;
    m->reason = reason;
    mark(m, LK_MIS_TLV_STATUS);
    if (reason != LK_MIS_REASON_NONE)
        mark(m, LK_MIS_TLV_REASON);
}

static void say_packet(struct lk_mis_message *m, struct lk_span packet)
{
    m->auth_info = packet;
    mark(m, LK_MIS_TLV_AUTH_INFO);
}

/* ---- in full ---- */

static void ask_for_sa(const struct sa *sa)
{
    struct lk_mis_message m = { .capability = { .eap = true, .ciphers = LK_MIS_CIPHER_CCM } };

    mark(&m, LK_MIS_TLV_CAPABILITY);
    clear(&mn, sa->pos, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, &m);
    mark(&m, LK_MIS_TLV_STATUS);
    clear(sa->pos, &mn, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, &m);
    m = (struct lk_mis_message){ .present = 0 };
    say_offers(&m, sa);
    clear(&mn, sa->pos, LK_MIS_AUTH, LK_MIS_INDICATION, &m);
}

static void carry(const struct sa *sa, const struct packet *packet, bool first, bool last)
{
    struct lk_mis_message m = { .present = 0 };

    say_packet(&m, lk_span_of(packet->octets, packet->len));
    if (!packet->to_peer)
        mark(&m, LK_MIS_TLV_STATUS);
    m.nonce_n = LK_SPAN(sa->nonce_n);
    if (first)
        mark(&m, LK_MIS_TLV_NONCE_N);
    if (last)
        say_choice(&m, sa);
    clear(packet->to_peer ? sa->pos : &mn, packet->to_peer ? &mn : sa->pos, LK_MIS_AUTH,
          packet->to_peer ? LK_MIS_REQUEST : LK_MIS_RESPONSE, &m);
}

static void finish(const struct sa *sa)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct lk_mis_message m = { .auth = LK_SPAN(auth) };

    mark(&m, LK_MIS_TLV_STATUS);
    mark(&m, LK_MIS_TLV_AUTH_VALUE);
    clear(&mn, sa->pos, LK_MIS_AUTH, LK_MIS_RESPONSE, &m);
}

static bool record(struct world *w, bool to_peer, uint8_t *octets, size_t *len)
{
    struct packet *packet = &now.packet[now.packets++];

    assert_true(now.packets <= PACKETS && *len <= PACKET_MAX);
    packet->to_peer = to_peer;
    packet->len = *len;
    memcpy(packet->octets, octets, *len);
    return true;
}

/* spec: IEEE 802.21 9.2 - EAP in Auth; K is of it, and of the PoS. */
static struct sa in_full(const struct end *at)
{
    struct sa sa = new_sa(LK_MIS_SA_EAP, at);

    world_init(&now.world);
    now.world.meddle = record;
    now.packets = 0;
    world_run(&now.world);
    world_expect_success(&now.world);
    assert_true(now.packet[now.packets - 1].to_peer);
    lk_mis_k_of_emsk(&sa.k, &now.world.peer_grant.emsk, lk_span_text(codes->k_usage),
                     lk_span_text(at->id));
    make_keys(&sa, false);
    ask_for_sa(&sa);
    for (size_t i = 0; i < now.packets; i++)
        carry(&sa, &now.packet[i], i == 0, i + 1 == now.packets);
    finish(&sa);
    return sa;
}

static struct packet erp_packet(bool to_peer, enum lk_erp_type type)
{
    struct packet packet = { .to_peer = to_peer };
    struct lk_erp erp = { .code = to_peer && type == LK_ERP_REAUTH ? LK_ERP_FINISH
                                                                   : LK_ERP_INITIATE,
                          .id = 9, .type = (uint8_t)type, .suite = LK_ERP_HMAC_SHA256_128 };
    struct lk_writer w = lk_writer_of(packet.octets, sizeof packet.octets);
    uint8_t name[LK_EMSK_NAME_LEN];
    char nai[64];

    lk_emsk_name(name, LK_SPAN(now.world.peer_grant.session_id.octets));
    assert_int_equal(lk_hex_encode(nai, sizeof nai, LK_SPAN(name)), LK_OK);
    strcat(nai, "@home.example");
    erp.keyname_nai = lk_span_text(nai);
    if (type == LK_ERP_REAUTH)
        lk_erp_mark(&erp, LK_ERP_KEYNAME_NAI);
    assert_int_equal(lk_erp_encode(&w, &erp), LK_OK);
    packet.len = w.len;
    return packet;
}

/* spec: RFC 6696 3.1 - one round trip behind Re-auth-Start; K is of rMSK and PoS. */
static struct sa by_erp(const struct end *at)
{
    struct sa sa = new_sa(LK_MIS_SA_EAP, at);
    struct packet start = erp_packet(true, LK_ERP_START), ask = erp_packet(false, LK_ERP_REAUTH),
                  done = erp_packet(true, LK_ERP_REAUTH);
    struct lk_rmsk rmsk;
    struct lk_rrk rrk;

    lk_rrk_of_emsk(&rrk, &now.world.peer_grant.emsk);
    lk_rmsk_derive(&rmsk, &rrk, 0);
    lk_mis_k_of_rmsk(&sa.k, &rmsk, lk_span_text(codes->k_usage), lk_span_text(at->id));
    make_keys(&sa, false);
    ask_for_sa(&sa);
    carry(&sa, &start, true, false);
    carry(&sa, &ask, false, false);
    carry(&sa, &done, false, true);
    finish(&sa);
    return sa;
}

/* ---- optimised ---- */

/* How one run differs from the plain one. */
struct odd {
    bool mixed;
    uint8_t used;             /* that the SPoS tells the target */
    enum lk_mis_reason spos;  /* refuses with */
    enum lk_mis_reason tpos;
};

static void say_dh(struct lk_mis_message *m, bool mixed)
{
    static const uint8_t public[LK_MIS_DH_LEN] = { 5 };

    m->dh = LK_SPAN(public);
    if (mixed)
        mark(m, LK_MIS_TLV_DH);
}

static void say_k(struct lk_mis_message *m, const struct sa *sa, uint8_t used)
{
    m->envelope = (struct lk_mis_key_envelope){ lk_span_of(sa->k.octets, sa->k.len), LIFETIME_S,
                                                used, 3, LK_MIS_ORIGIN_SPOS };
    mark(m, LK_MIS_TLV_KEY_ENVELOPE);
}

static void ask_spos(struct sa *with, const struct sa *sa, bool mixed)
{
    struct lk_mis_message m = { .mn = lk_span_text(mn.id), .chain = { 0, 3 } };

    mark(&m, LK_MIS_TLV_MN);
    mark(&m, LK_MIS_TLV_CHAIN);
    m.pos.id = lk_span_text(sa->pos->id);
    assert_int_equal(lk_address_parse(&m.pos.address, "127.0.0.12"), LK_OK);
    m.pos.port = sa->pos->at.port;
    mark(&m, LK_MIS_TLV_POS);
    say_offers(&m, sa);
    say_dh(&m, mixed);
    sealed(with, true, LK_MIS_REQUEST, &m);
}

static void ask_tpos(const struct sa *with, const struct sa *sa, const struct odd *odd)
{
    struct lk_mis_message m = { .mn = lk_span_text(mn.id) };

    mark(&m, LK_MIS_TLV_MN);
    say_offers(&m, sa);
    say_k(&m, sa, odd->used);
    say_dh(&m, odd->mixed);
    clear(with->pos, sa->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
}

static void answer(struct sa *with, const struct sa *sa, const struct odd *odd)
{
    struct lk_mis_message m = { .nonce_n = LK_SPAN(sa->nonce_n), .chain = { odd->used, 3 } };

    say_choice(&m, sa);
    say_dh(&m, odd->mixed);
    mark(&m, LK_MIS_TLV_NONCE_N);
    mark(&m, LK_MIS_TLV_CHAIN);
    clear(sa->pos, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    now.tid--;
    say_k(&m, sa, odd->used);
    sealed(with, false, LK_MIS_RESPONSE, &m);
    now.tid++;
}

static void refuse(struct sa *with, const struct sa *sa, const struct odd *odd)
{
    bool here = odd->spos != LK_MIS_REASON_NONE;
    struct lk_mis_message m = { .present = 0 };

    say_status(&m, LK_MIS_REJECTED, here ? odd->spos : odd->tpos);
    if (!here) {
        ask_tpos(with, sa, odd);
        clear(sa->pos, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
        now.tid--;
    }
    sealed(with, false, LK_MIS_RESPONSE, &m);
    now.tid = (uint16_t)(now.tid + !here);
}

static struct sa optimised(struct sa *with, const struct end *at, struct odd odd)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct sa sa = new_sa(LK_MIS_SA_SPOS, at);
    struct lk_mis_message m = { .auth = LK_SPAN(auth) };

    ask_spos(with, &sa, odd.mixed);
    if (odd.spos != LK_MIS_REASON_NONE || odd.tpos != LK_MIS_REASON_NONE) {
        refuse(with, &sa, &odd);
        return sa;
    }
    ask_tpos(with, &sa, &odd);
    make_keys(&sa, odd.mixed);
    answer(with, &sa, &odd);
    mark(&m, LK_MIS_TLV_AUTH_VALUE);
    sealed(&sa, true, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .present = 0 };
    say_status(&m, LK_MIS_SUCCESS, LK_MIS_REASON_NONE);
    sealed(&sa, false, LK_MIS_RESPONSE, &m);
    return sa;
}

/* spec: RFC 6630 4 - K is a pMSK: the MN has it, and the home's PoS gives it to the target. */
static struct sa by_home(struct sa *with, const struct end *home, const struct end *at)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct sa sa = new_sa(LK_MIS_SA_EAP, at);
    struct packet initiate = erp_packet(false, LK_ERP_REAUTH);
    struct lk_mis_message m = { .mn = lk_span_text(mn.id), .chain = { 1, 3 } };

    mark(&m, LK_MIS_TLV_MN);
    mark(&m, LK_MIS_TLV_POS);
    m.pos = (struct lk_mis_pos){ .id = lk_span_text(at->id), .port = at->at.port };
    assert_int_equal(lk_address_parse(&m.pos.address, "127.0.0.12"), LK_OK);
    say_offers(&m, &sa);
    say_packet(&m, lk_span_of(initiate.octets, initiate.len));
    sealed(with, true, LK_MIS_REQUEST, &m);
    clear(with->pos, home, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .mn = lk_span_text(mn.id) };
    mark(&m, LK_MIS_TLV_MN);
    say_offers(&m, &sa);
    say_k(&m, &sa, 0);
    m.envelope.origin = LK_MIS_ORIGIN_ERP;
    clear(home, at, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
    make_keys(&sa, false);
    m = (struct lk_mis_message){ .nonce_n = LK_SPAN(sa.nonce_n), .chain = { 0, 3 } };
    say_choice(&m, &sa);
    mark(&m, LK_MIS_TLV_NONCE_N);
    mark(&m, LK_MIS_TLV_CHAIN);
    clear(at, home, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    now.tid--;
    clear(home, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    now.tid--;
    sealed(with, false, LK_MIS_RESPONSE, &m);
    now.tid = (uint16_t)(now.tid + 2);
    m = (struct lk_mis_message){ .auth = LK_SPAN(auth) };
    mark(&m, LK_MIS_TLV_AUTH_VALUE);
    sealed(&sa, true, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .present = 0 };
    say_status(&m, LK_MIS_SUCCESS, LK_MIS_REASON_NONE);
    sealed(&sa, false, LK_MIS_RESPONSE, &m);
    return sa;
}

/* ---- stories ---- */

static void of_home(void)
{
    struct sa a = in_full(&pos[0]);
    struct sa b = optimised(&a, &pos[1], (struct odd){ .used = 1 });

    (void)by_home(&b, &pos[4], &pos[3]);
}

static void journey(void)
{
    struct sa a = in_full(&pos[0]);
    struct sa b = optimised(&a, &pos[1], (struct odd){ .used = 1 });
    struct sa c = optimised(&b, &pos[2], (struct odd){ .used = 2, .mixed = true });
    struct sa d = optimised(&c, &pos[3], (struct odd){ .used = 3 });

    (void)optimised(&d, &pos[4], (struct odd){ .spos = LK_MIS_REASON_CHAIN_LIMIT });
    (void)by_erp(&pos[4]);
}

static void refused(void)
{
    static const enum lk_mis_reason at_spos[] = { LK_MIS_REASON_UNREACHABLE,
                                                  LK_MIS_REASON_KEY_EXPIRED,
                                                  LK_MIS_REASON_UNKNOWN_MN,
                                                  LK_MIS_REASON_NO_TARGET };
    static const enum lk_mis_reason at_tpos[] = { LK_MIS_REASON_NO_TRUST,
                                                  LK_MIS_REASON_NO_COMMON_SUITE,
                                                  LK_MIS_REASON_REPLAY,
                                                  LK_MIS_REASON_FULL_AUTH_WANTED,
                                                  LK_MIS_REASON_AUTH_FAILED };
    struct sa a = in_full(&pos[0]), silent = new_sa(LK_MIS_SA_SPOS, &pos[1]);

    for (size_t i = 0; i < LK_COUNT_OF(at_spos); i++)
        (void)optimised(&a, &pos[1], (struct odd){ .used = 1, .spos = at_spos[i] });
    for (size_t i = 0; i < LK_COUNT_OF(at_tpos); i++)
        (void)optimised(&a, &pos[1], (struct odd){ .used = 1, .tpos = at_tpos[i] });
    ask_spos(&a, &silent, false);
}

static void liar(void)
{
    struct sa a = in_full(&pos[0]);
    struct sa b = optimised(&a, &pos[1], (struct odd){ .used = 1 });

    (void)optimised(&b, &pos[2], (struct odd){ .used = 1 });
}

static void spos(void)
{
    struct sa a;

    now.of = &pos[0];
    a = in_full(&pos[0]);
    (void)optimised(&a, &pos[2], (struct odd){ .used = 1 });
}

void mis_capture_write(const char *path, enum mis_story story, enum mis_keys keys)
{
    const struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .opened = true };

    memset(&now, 0, sizeof now);
    now.keys = keys;
    now.at_ns = UINT64_C(1700000000000000000);
    assert_int_equal(lk_capture_open(&now.file, path, &options), LK_OK);
    switch (story) {
    case MIS_JOURNEY:
        journey();
        break;
    case MIS_REFUSED:
        refused();
        break;
    case MIS_LIAR:
        liar();
        break;
    case MIS_OF_HOME:
        of_home();
        break;
    case MIS_SPOS:
        spos();
        break;
    }
    lk_capture_close(now.file);
}

void mis_capture_load(struct lk_trace *trace, enum mis_story story, enum mis_keys keys)
{
    char path[] = TRACE_FILE;

    trace_file_begin(path);
    mis_capture_write(path, story, keys);
    trace_file_load(trace, path);
}

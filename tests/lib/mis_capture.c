#include "mis_capture.h"

#include <string.h>

#include "base/hex.h"
#include "keys/erp.h"
#include "mis_capture_parts.h"
#include "wire/erp.h"

static const struct lk_mis_codes *const codes = &lk_mis_codes_default;

/* ---- in full ---- */

static void ask_for_sa(const struct mis_sa *sa)
{
    struct lk_mis_message m = { .capability = { .eap = true, .ciphers = LK_MIS_CIPHER_CCM } };

    lk_mis_mark(&m, LK_MIS_TLV_CAPABILITY);
    mis_clear(&mis_mn, sa->pos, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, &m);
    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    mis_clear(sa->pos, &mis_mn, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, &m);
    m = (struct lk_mis_message){ .present = 0 };
    mis_say_offers(&m, sa);
    mis_clear(&mis_mn, sa->pos, LK_MIS_AUTH, LK_MIS_INDICATION, &m);
}

static void carry(const struct mis_sa *sa, const struct mis_packet *packet, bool first, bool last)
{
    struct lk_mis_message m = { .present = 0 };

    mis_say_packet(&m, lk_span_of(packet->octets, packet->len));
    if (!packet->to_peer)
        lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    m.nonce_n = LK_SPAN(sa->nonce_n);
    if (first)
        lk_mis_mark(&m, LK_MIS_TLV_NONCE_N);
    if (last)
        mis_say_choice(&m, sa);
    mis_clear(packet->to_peer ? sa->pos : &mis_mn, packet->to_peer ? &mis_mn : sa->pos, LK_MIS_AUTH,
              packet->to_peer ? LK_MIS_REQUEST : LK_MIS_RESPONSE, &m);
}

static void finish(const struct mis_sa *sa)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct lk_mis_message m = { .auth = LK_SPAN(auth) };

    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    mis_clear(&mis_mn, sa->pos, LK_MIS_AUTH, LK_MIS_RESPONSE, &m);
}

static bool record(struct world *w, bool to_peer, uint8_t *octets, size_t *len)
{
    struct mis_packet *packet = &mis_now.packet[mis_now.packets++];

    assert_true(mis_now.packets <= MIS_PACKETS && *len <= MIS_PACKET_MAX);
    packet->to_peer = to_peer;
    packet->len = *len;
    memcpy(packet->octets, octets, *len);
    return true;
}

/* spec: IEEE 802.21 9.2 - EAP in Auth; K is of it, and of the PoS. */
static struct mis_sa in_full(const struct mis_end *at)
{
    struct mis_sa sa = mis_new_sa(LK_MIS_SA_EAP, at);

    world_init(&mis_now.world);
    mis_now.world.meddle = record;
    mis_now.packets = 0;
    world_run(&mis_now.world);
    world_expect_success(&mis_now.world);
    assert_true(mis_now.packet[mis_now.packets - 1].to_peer);
    lk_mis_k_of_emsk(&sa.k, &mis_now.world.peer_grant.emsk, lk_span_text(codes->k_usage),
                     lk_span_text(at->id));
    mis_make_keys(&sa, false);
    ask_for_sa(&sa);
    for (size_t i = 0; i < mis_now.packets; i++)
        carry(&sa, &mis_now.packet[i], i == 0, i + 1 == mis_now.packets);
    finish(&sa);
    return sa;
}

static struct mis_packet erp_packet(bool to_peer, enum lk_erp_type type)
{
    struct mis_packet packet = { .to_peer = to_peer };
    struct lk_erp erp = { .code =
                              to_peer && type == LK_ERP_REAUTH ? LK_ERP_FINISH : LK_ERP_INITIATE,
                          .id = 9,
                          .type = (uint8_t)type,
                          .suite = LK_ERP_HMAC_SHA256_128 };
    struct lk_writer w = lk_writer_of(packet.octets, sizeof packet.octets);
    uint8_t name[LK_EMSK_NAME_LEN];
    char nai[64];

    lk_emsk_name(name, LK_SPAN(mis_now.world.peer_grant.session_id.octets));
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
static struct mis_sa by_erp(const struct mis_end *at)
{
    struct mis_sa sa = mis_new_sa(LK_MIS_SA_EAP, at);
    struct mis_packet start = erp_packet(true, LK_ERP_START),
                      ask = erp_packet(false, LK_ERP_REAUTH),
                      done = erp_packet(true, LK_ERP_REAUTH);
    struct lk_rmsk rmsk;
    struct lk_rrk rrk;

    lk_rrk_of_emsk(&rrk, &mis_now.world.peer_grant.emsk);
    lk_rmsk_derive(&rmsk, &rrk, 0);
    lk_mis_k_of_rmsk(&sa.k, &rmsk, lk_span_text(codes->k_usage), lk_span_text(at->id));
    mis_make_keys(&sa, false);
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
    uint8_t used;            /* that the SPoS tells the target */
    enum lk_mis_reason spos; /* refuses with */
    enum lk_mis_reason tpos;
};

static void say_dh(struct lk_mis_message *m, bool mixed)
{
    static const uint8_t public[LK_MIS_DH_LEN] = { 5 };

    m->dh = LK_SPAN(public);
    if (mixed)
        lk_mis_mark(m, LK_MIS_TLV_DH);
}

static void say_k(struct lk_mis_message *m, const struct mis_sa *sa, uint8_t used)
{
    m->envelope = (struct lk_mis_key_envelope){ lk_span_of(sa->k.octets, sa->k.len), MIS_LIFETIME_S,
                                                used, 3, LK_MIS_ORIGIN_SPOS };
    lk_mis_mark(m, LK_MIS_TLV_KEY_ENVELOPE);
}

static void ask_spos(struct mis_sa *with, const struct mis_sa *sa, bool mixed)
{
    struct lk_mis_message m = { .mn = lk_span_text(mis_mn.id), .chain = { 0, 3 } };

    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_CHAIN);
    m.pos.id = lk_span_text(sa->pos->id);
    assert_int_equal(lk_address_parse(&m.pos.address, "127.0.0.12"), LK_OK);
    m.pos.port = sa->pos->at.port;
    lk_mis_mark(&m, LK_MIS_TLV_POS);
    mis_say_offers(&m, sa);
    say_dh(&m, mixed);
    mis_sealed(with, true, LK_MIS_REQUEST, &m);
}

static void ask_tpos(const struct mis_sa *with, const struct mis_sa *sa, const struct odd *odd)
{
    struct lk_mis_message m = { .mn = lk_span_text(mis_mn.id) };

    lk_mis_mark(&m, LK_MIS_TLV_MN);
    mis_say_offers(&m, sa);
    say_k(&m, sa, odd->used);
    say_dh(&m, odd->mixed);
    mis_clear(with->pos, sa->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
}

static void answer(struct mis_sa *with, const struct mis_sa *sa, const struct odd *odd)
{
    struct lk_mis_message m = { .nonce_n = LK_SPAN(sa->nonce_n), .chain = { odd->used, 3 } };

    mis_say_choice(&m, sa);
    say_dh(&m, odd->mixed);
    lk_mis_mark(&m, LK_MIS_TLV_NONCE_N);
    lk_mis_mark(&m, LK_MIS_TLV_CHAIN);
    mis_clear(sa->pos, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    mis_now.tid--;
    say_k(&m, sa, odd->used);
    mis_sealed(with, false, LK_MIS_RESPONSE, &m);
    mis_now.tid++;
}

static void refuse(struct mis_sa *with, const struct mis_sa *sa, const struct odd *odd)
{
    bool here = odd->spos != LK_MIS_REASON_NONE;
    struct lk_mis_message m = { .present = 0 };

    mis_say_status(&m, LK_MIS_REJECTED, here ? odd->spos : odd->tpos);
    if (!here) {
        ask_tpos(with, sa, odd);
        mis_clear(sa->pos, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
        mis_now.tid--;
    }
    mis_sealed(with, false, LK_MIS_RESPONSE, &m);
    mis_now.tid = (uint16_t)(mis_now.tid + !here);
}

static struct mis_sa optimised(struct mis_sa *with, const struct mis_end *at, struct odd odd)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct mis_sa sa = mis_new_sa(LK_MIS_SA_SPOS, at);
    struct lk_mis_message m = { .auth = LK_SPAN(auth) };

    ask_spos(with, &sa, odd.mixed);
    if (odd.spos != LK_MIS_REASON_NONE || odd.tpos != LK_MIS_REASON_NONE) {
        refuse(with, &sa, &odd);
        return sa;
    }
    ask_tpos(with, &sa, &odd);
    mis_make_keys(&sa, odd.mixed);
    answer(with, &sa, &odd);
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    mis_sealed(&sa, true, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .present = 0 };
    mis_say_status(&m, LK_MIS_SUCCESS, LK_MIS_REASON_NONE);
    mis_sealed(&sa, false, LK_MIS_RESPONSE, &m);
    return sa;
}

/* spec: RFC 6630 4 - K is a pMSK: the MN has it, and the home's PoS gives it to the target. */
static struct mis_sa by_home(struct mis_sa *with, const struct mis_end *home,
                             const struct mis_end *at)
{
    static const uint8_t auth[LK_MIS_AUTH_LEN] = { 2 };
    struct mis_sa sa = mis_new_sa(LK_MIS_SA_EAP, at);
    struct mis_packet initiate = erp_packet(false, LK_ERP_REAUTH);
    struct lk_mis_message m = { .mn = lk_span_text(mis_mn.id), .chain = { 1, 3 } };

    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_POS);
    m.pos = (struct lk_mis_pos){ .id = lk_span_text(at->id), .port = at->at.port };
    assert_int_equal(lk_address_parse(&m.pos.address, "127.0.0.12"), LK_OK);
    mis_say_offers(&m, &sa);
    mis_say_packet(&m, lk_span_of(initiate.octets, initiate.len));
    mis_sealed(with, true, LK_MIS_REQUEST, &m);
    mis_clear(with->pos, home, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .mn = lk_span_text(mis_mn.id) };
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    mis_say_offers(&m, &sa);
    say_k(&m, &sa, 0);
    m.envelope.origin = LK_MIS_ORIGIN_ERP;
    mis_clear(home, at, LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, &m);
    mis_make_keys(&sa, false);
    m = (struct lk_mis_message){ .nonce_n = LK_SPAN(sa.nonce_n), .chain = { 0, 3 } };
    mis_say_choice(&m, &sa);
    lk_mis_mark(&m, LK_MIS_TLV_NONCE_N);
    lk_mis_mark(&m, LK_MIS_TLV_CHAIN);
    mis_clear(at, home, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    mis_now.tid--;
    mis_clear(home, with->pos, LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, &m);
    mis_now.tid--;
    mis_sealed(with, false, LK_MIS_RESPONSE, &m);
    mis_now.tid = (uint16_t)(mis_now.tid + 2);
    m = (struct lk_mis_message){ .auth = LK_SPAN(auth) };
    lk_mis_mark(&m, LK_MIS_TLV_AUTH_VALUE);
    mis_sealed(&sa, true, LK_MIS_REQUEST, &m);
    m = (struct lk_mis_message){ .present = 0 };
    mis_say_status(&m, LK_MIS_SUCCESS, LK_MIS_REASON_NONE);
    mis_sealed(&sa, false, LK_MIS_RESPONSE, &m);
    return sa;
}

/* ---- stories ---- */

static void of_home(void)
{
    struct mis_sa a = in_full(&mis_pos[0]);
    struct mis_sa b = optimised(&a, &mis_pos[1], (struct odd){ .used = 1 });

    (void)by_home(&b, &mis_pos[4], &mis_pos[3]);
}

static void journey(void)
{
    struct mis_sa a = in_full(&mis_pos[0]);
    struct mis_sa b = optimised(&a, &mis_pos[1], (struct odd){ .used = 1 });
    struct mis_sa c = optimised(&b, &mis_pos[2], (struct odd){ .used = 2, .mixed = true });
    struct mis_sa d = optimised(&c, &mis_pos[3], (struct odd){ .used = 3 });

    (void)optimised(&d, &mis_pos[4], (struct odd){ .spos = LK_MIS_REASON_CHAIN_LIMIT });
    (void)by_erp(&mis_pos[4]);
}

static void refused(void)
{
    static const enum lk_mis_reason at_spos[] = { LK_MIS_REASON_UNREACHABLE,
                                                  LK_MIS_REASON_KEY_EXPIRED,
                                                  LK_MIS_REASON_UNKNOWN_MN,
                                                  LK_MIS_REASON_NO_TARGET };
    static const enum lk_mis_reason at_tpos[] = {
        LK_MIS_REASON_NO_TRUST, LK_MIS_REASON_NO_COMMON_SUITE, LK_MIS_REASON_REPLAY,
        LK_MIS_REASON_FULL_AUTH_WANTED, LK_MIS_REASON_AUTH_FAILED
    };
    struct mis_sa a = in_full(&mis_pos[0]), silent = mis_new_sa(LK_MIS_SA_SPOS, &mis_pos[1]);

    for (size_t i = 0; i < LK_COUNT_OF(at_spos); i++)
        (void)optimised(&a, &mis_pos[1], (struct odd){ .used = 1, .spos = at_spos[i] });
    for (size_t i = 0; i < LK_COUNT_OF(at_tpos); i++)
        (void)optimised(&a, &mis_pos[1], (struct odd){ .used = 1, .tpos = at_tpos[i] });
    ask_spos(&a, &silent, false);
}

static void liar(void)
{
    struct mis_sa a = in_full(&mis_pos[0]);
    struct mis_sa b = optimised(&a, &mis_pos[1], (struct odd){ .used = 1 });

    (void)optimised(&b, &mis_pos[2], (struct odd){ .used = 1 });
}

static void spos(void)
{
    struct mis_sa a;

    mis_now.of = &mis_pos[0];
    a = in_full(&mis_pos[0]);
    (void)optimised(&a, &mis_pos[2], (struct odd){ .used = 1 });
}

void mis_capture_write(const char *path, enum mis_story story, enum mis_keys keys)
{
    const struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .opened = true };

    memset(&mis_now, 0, sizeof mis_now);
    mis_now.keys = keys;
    mis_now.at_ns = UINT64_C(1700000000000000000);
    assert_int_equal(lk_capture_open(&mis_now.file, path, &options), LK_OK);
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
    lk_capture_close(mis_now.file);
}

void mis_capture_load(struct lk_trace *trace, enum mis_story story, enum mis_keys keys)
{
    char path[] = TRACE_FILE;

    trace_file_begin(path);
    mis_capture_write(path, story, keys);
    trace_file_load(trace, path);
}

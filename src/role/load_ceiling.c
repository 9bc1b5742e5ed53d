/* The null responder: what the generator talks to when its own ceiling is measured.
 *
 * One subscriber, one RAND, one AUTN: the EAP challenge is the same octets every time, and so is
 * the Accept; only the two authenticators are computed. So the responder is far cheaper than the
 * generator, and what is seen is the generator. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "role/load_peer.h"
#include "role/load_radius.h"
#include "wire/eap.h"

enum { BATCH = 64, DATAGRAM_MAX = 2048, CANNED_MAX = 1024, HEADER_LEN = 20 };
enum { MAC_AT = HEADER_LEN + 2, STATE = 24, EAP_MESSAGE = 79, MESSAGE_AUTHENTICATOR = 80 };
enum { STATE_LEN = 148, ENCR_LEN = 112, MPPE_LEN = 2 * 58 };

struct canned {
    size_t len;
    uint8_t octets[CANNED_MAX];
};

struct responder {
    struct lk_load_radius radius;
    struct canned challenge, accept;
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_iov[BATCH], out_iov[BATCH];
    struct sockaddr_storage from[BATCH];
    uint8_t received[BATCH][DATAGRAM_MAX];
    uint8_t answer[BATCH][CANNED_MAX];
};

static void can(struct canned *canned, uint8_t code, struct lk_span state, struct lk_span eap,
                size_t filling)
{
    struct lk_writer w = lk_writer_of(canned->octets, sizeof canned->octets);

    lk_put_u8(&w, code);
    lk_put_zeroes(&w, HEADER_LEN - 1);
    lk_put_u8(&w, MESSAGE_AUTHENTICATOR);
    lk_put_u8(&w, 2 + LK_MD5_LEN);
    lk_put_zeroes(&w, LK_MD5_LEN);
    if (state.len > 0) {
        lk_put_u8(&w, STATE);
        lk_put_u8(&w, (uint8_t)(2 + state.len));
        lk_put_span(&w, state);
    }
    for (size_t at = 0, piece; at < eap.len; at += piece) {
        piece = eap.len - at < 253 ? eap.len - at : 253;
        lk_put_u8(&w, EAP_MESSAGE);
        lk_put_u8(&w, (uint8_t)(2 + piece));
        lk_put_octets(&w, eap.at + at, piece);
    }
    for (; filling > 0; filling -= filling < 58 ? filling : 58) { /* as long as keys would be */
        lk_put_u8(&w, 26);
        lk_put_u8(&w, 58);
        lk_put_zeroes(&w, 56);
    }
    lk_patch_be16(&w, 2, (uint16_t)w.len);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    canned->len = w.len;
}

static void can_challenge(struct responder *r, const struct lk_load_options *o)
{
    static const uint8_t rand[LK_RAND_LEN] = { 1 }, sqn[LK_SQN_LEN] = { 0, 0, 0, 0, 0, 32 };
    static const uint8_t amf[LK_AMF_LEN] = { 0x80 }, filling[ENCR_LEN];
    uint8_t state[STATE_LEN], eap[512], autn[LK_AUTN_LEN], mac[LK_AKA_MAC_LEN], block[60];
    struct lk_writer w = lk_writer_of(eap, sizeof eap);
    struct lk_imsi imsi = lk_load_imsi(o, 0);
    struct lk_aka_card card = lk_load_card(o, &imsi);
    struct lk_aka_output keys;
    struct lk_load_peer peer;
    size_t mac_offset;

    memset(state, 0x5a, sizeof state);
    lk_load_peer_start(&peer, o, &imsi);
    lk_aka_f2345(&keys, &card, rand);
    lk_aka_f1(mac, &card, rand, sqn, amf);
    lk_aka_autn(autn, sqn, keys.ak, amf, mac);
    lk_load_key_block(block, 48, peer.type, lk_span_of(peer.identity, peer.identity_len), &keys,
                      lk_span_text("WLAN"), autn);
    lk_aka_begin(&w, LK_EAP_REQUEST, 1, peer.type, LK_AKA_CHALLENGE);
    lk_aka_put_block(&w, LK_AT_RAND, LK_SPAN(rand));
    lk_aka_put_block(&w, LK_AT_AUTN, LK_SPAN(autn));
    if (peer.type == LK_EAP_AKA_PRIME) {
        lk_aka_put_text(&w, LK_AT_KDF_INPUT, lk_span_text("WLAN"));
        lk_aka_put_u16(&w, LK_AT_KDF, LK_AKA_KDF_CK_IK_PRIME);
    }
    lk_aka_put_block(&w, LK_AT_IV, lk_span_of(filling, LK_AKA_IV_LEN));
    lk_aka_put_block(&w, LK_AT_ENCR_DATA, LK_SPAN(filling));
    lk_aka_put_block(&w, LK_AT_CHECKCODE, lk_span_of(NULL, 0));
    mac_offset = lk_aka_put_mac_hole(&w);
    lk_eap_finish(&w);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_load_packet_mac(mac, peer.type, block + 16, lk_writer_span(&w), mac_offset);
    lk_patch_octets(&w, mac_offset, mac, sizeof mac);
    can(&r->challenge, LK_LOAD_ACCESS_CHALLENGE, LK_SPAN(state), lk_writer_span(&w), 0);
}

/* A request with a State is the answer to our challenge. */
static bool has_state(struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);

    (void)lk_get_span(&r, HEADER_LEN);
    while (r.left > 0 && r.status == LK_OK) {
        if (lk_get_u8(&r) == STATE)
            return true;
        (void)lk_get_span(&r, (size_t)lk_get_u8(&r) - 2);
    }
    return false;
}

static bool answer(struct responder *r, unsigned i, struct lk_span datagram)
{
    const struct canned *canned = has_state(datagram) ? &r->accept : &r->challenge;

    if (datagram.len < HEADER_LEN)
        return false;
    memcpy(r->answer[i], canned->octets, canned->len);
    r->answer[i][1] = datagram.at[1];
    lk_load_radius_sign(&r->radius, r->answer[i], canned->len, MAC_AT, datagram.at + 4);
    r->out_iov[i].iov_len = canned->len;
    return true;
}

static void serve(struct responder *r, int fd)
{
    int n;

    for (unsigned i = 0; i < BATCH; i++)
        r->in[i].msg_hdr.msg_namelen = sizeof r->from[i];
    n = recvmmsg(fd, r->in, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0, sent; i < n; i += sent) {
        unsigned count = 0;

        for (int j = i; j < n; j++, count++) {
            r->out[j].msg_hdr.msg_namelen = r->in[j].msg_hdr.msg_namelen;
            if (!answer(r, (unsigned)j, lk_span_of(r->received[j], r->in[j].msg_len)))
                break;
        }
        sent = sendmmsg(fd, r->out + i, count, 0);
        if (sent <= 0)
            sent = 1; /* a stray datagram, or nobody there any more */
    }
}

void lk_load_null_responder(int fd, const struct lk_load_options *options)
{
    static const uint8_t success[4] = { 3, 1, 0, 4 };
    static struct responder r; /* a process of its own */

    lk_load_radius_start(&r.radius, lk_span_of(options->secret, options->secret_len));
    can_challenge(&r, options);
    can(&r.accept, LK_LOAD_ACCESS_ACCEPT, lk_span_of(NULL, 0), LK_SPAN(success), MPPE_LEN);
    for (unsigned i = 0; i < BATCH; i++) {
        r.in_iov[i] = (struct iovec){ r.received[i], sizeof r.received[i] };
        r.out_iov[i] = (struct iovec){ r.answer[i], sizeof r.answer[i] };
        r.in[i].msg_hdr = (struct msghdr){ .msg_iov = &r.in_iov[i], .msg_iovlen = 1,
                                           .msg_name = &r.from[i] };
        r.out[i].msg_hdr = (struct msghdr){ .msg_iov = &r.out_iov[i], .msg_iovlen = 1,
                                            .msg_name = &r.from[i] };
    }
    for (;;)
        serve(&r, fd);
}

/* Octets become a sequence of events for the EAP peer: packets raw, requests under a good
 * header, requests signed with the keys of the run, and the answers of the USIM.
 *
 * Promises: a step that fails changes nothing and says nothing; keys are granted only for
 * EAP-Success and only after a request that was signed by whoever had the keys (A11). */
#include "fuzz.h"

#include <string.h>

#include "proto/eap/method.h"
#include "proto/eap/peer.h"

struct run {
    struct lk_eap_peer peer;
    struct lk_eap_peer_config config;
    struct lk_reader r;
    struct lk_outbox out;
    bool proven;
    uint8_t id;
    uint8_t count;
};

static const uint8_t card_octet = 0x5a; /* RES, CK and IK are made of it */

static void step(struct run *f, struct lk_event *event)
{
    struct lk_eap_peer before = f->peer;
    const struct lk_output *send;
    struct lk_eap_packet packet;
    enum lk_status status;

    memset(event->entropy, f->count++, sizeof event->entropy);
    lk_outbox_empty(&f->out);
    status = lk_eap_peer_step(&f->peer, &f->config, event, &f->out);
    send = lk_outbox_find(&f->out, LK_OUT_SEND);
    if (status != LK_OK)
        LK_ASSERT(f->out.count == 0 && memcmp(&before, &f->peer, sizeof before) == 0);
    /* A peer that allows no method says Nak with type 0: that is no packet of ours. */
    if (send != NULL)
        LK_ASSERT(lk_eap_decode(&packet, send->send) == LK_OK &&
                  packet.code == LK_EAP_RESPONSE);
    if (lk_outbox_find(&f->out, LK_OUT_GRANT) != NULL)
        LK_ASSERT(f->proven && f->peer.state == LK_EAP_PEER_DONE && event->received.len == 4 &&
                  event->received.at[0] == LK_EAP_SUCCESS);
    if (f->peer.multi) /* both were said, and under AT_MAC */
        LK_ASSERT(f->proven && f->peer.mode_asked && f->peer.result_ind);
}

static void receive(struct run *f, struct lk_span packet)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = packet;
    step(f, &event);
}

static uint8_t next_id(struct run *f)
{
    return ++f->id;
}

static void keys_of(const struct run *f, struct lk_eap_keys *keys, uint8_t type,
                    const uint8_t autn[16])
{
    struct lk_span identity = lk_span_of(f->peer.identity, f->peer.identity_len);
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_mk mk;
    struct lk_ck ck;
    struct lk_ik ik;

    memset(&ck, card_octet, sizeof ck);
    memset(&ik, card_octet, sizeof ik);
    lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, lk_span_text("WLAN"), autn);
    lk_eap_aka_mk_derive(&mk, &ck, &ik, identity);
    if (type == LK_EAP_AKA_PRIME)
        lk_eap_aka_prime_keys_derive(keys, &ck_prime, &ik_prime, identity);
    else
        lk_eap_aka_keys_derive(keys, &mk);
}

/* A challenge with attributes of the input behind the mandatory ones. */
static void receive_challenge(struct run *f, bool sign)
{
    static const uint8_t block[16] = { 9, 9, 9, 9, 9, 9, 0x80 };
    uint8_t room[LK_EAP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t type = lk_get_u8(&f->r) % 2 ? LK_EAP_AKA : LK_EAP_AKA_PRIME;
    struct lk_span attributes = lk_get_lv8(&f->r);
    struct lk_eap_keys keys;

    lk_aka_begin(&w, LK_EAP_REQUEST, next_id(f), type, LK_AKA_CHALLENGE);
    lk_aka_put_block(&w, LK_AT_RAND, LK_SPAN(block));
    lk_aka_put_block(&w, LK_AT_AUTN, LK_SPAN(block));
    if (type == LK_EAP_AKA_PRIME) {
        lk_aka_put_text(&w, LK_AT_KDF_INPUT, lk_span_text("WLAN"));
        lk_aka_put_u16(&w, LK_AT_KDF, 1);
    }
    lk_put_span(&w, attributes);
    keys_of(f, &keys, type, block);
    if (!sign)
        keys.k_aut.octets[0] ^= 1;
    f->proven = f->proven || sign;
    lk_aka_finish_signed(&w, type, &keys.k_aut, lk_span_of(NULL, 0), NULL);
    if (lk_writer_end(&w) == LK_OK)
        receive(f, lk_writer_span(&w));
}

/* Any other request, signed with the keys that the peer has now. */
static void receive_request(struct run *f)
{
    uint8_t room[LK_EAP_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t bits = lk_get_u8(&f->r);
    uint8_t type = bits & 1 ? LK_EAP_AKA : LK_EAP_AKA_PRIME;
    uint8_t subtype = lk_get_u8(&f->r);
    struct lk_k_aut k_aut = f->peer.keys.k_aut;

    if (subtype == LK_AKA_REAUTHENTICATION)
        k_aut = f->peer.spent.k_aut;
    lk_aka_begin(&w, LK_EAP_REQUEST, next_id(f), type, subtype);
    lk_put_span(&w, lk_get_lv8(&f->r));
    f->proven = f->proven || ((bits & 2) != 0 && k_aut.len > 0);
    if ((bits & 2) != 0 && k_aut.len > 0)
        lk_aka_finish_signed(&w, type, &k_aut, lk_span_of(NULL, 0), NULL);
    else
        lk_eap_finish(&w);
    if (lk_writer_end(&w) == LK_OK)
        receive(f, lk_writer_span(&w));
}

static void receive_result(struct run *f, enum lk_eap_code code)
{
    uint8_t octets[4] = { (uint8_t)code, f->id, 0, 4 };

    receive(f, LK_SPAN(octets));
}

static void answer_card(struct run *f)
{
    struct lk_event event = { .kind = LK_EV_CARD };
    uint8_t choice = lk_get_u8(&f->r);

    memset(&event.card, card_octet, sizeof event.card);
    event.card.verdict = (enum lk_card_verdict)(choice % 3);
    event.card.output.res_len = choice / 3 % 2 ? 8 : choice / 6 % 20;
    step(f, &event);
}

static void start(struct run *f)
{
    struct lk_event event = { .kind = LK_EV_START };

    f->proven = false;
    step(f, &event);
}

static void configure(struct run *f, uint8_t bits)
{
    lk_eap_peer_defaults(&f->config);
    memcpy(f->config.imsi.digits, "001010000000001", 16);
    f->config.realm_len = (uint8_t)(bits & 16 ? 7 : 0);
    memcpy(f->config.realm, "example", 7);
    f->config.allow_aka = (bits & 1) == 0;
    f->config.allow_aka_prime = (bits & 2) == 0;
    f->config.conservative = (bits & 4) != 0;
    f->config.result_ind = (bits & 8) == 0;
    f->config.lab = bits >> 5;
    f->config.want_multi = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;
    static const uint8_t identity[] = { 1, 0, 0, 5, 1 };

    memset(&f, 0, sizeof f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    lk_eap_peer_init(&f.peer);
    configure(&f, lk_get_u8(&f.r));
    start(&f);
    receive(&f, LK_SPAN(identity));
    while (f.r.left > 0) {
        switch (lk_get_u8(&f.r) % 8) {
        case 0: receive(&f, lk_get_lv8(&f.r)); break;
        case 1: receive_challenge(&f, false); break;
        case 2: receive_challenge(&f, true); break;
        case 3: receive_request(&f); break;
        case 4: answer_card(&f); break;
        case 5: receive_result(&f, LK_EAP_SUCCESS); break;
        case 6: receive_result(&f, LK_EAP_FAILURE); break;
        default: start(&f); receive(&f, LK_SPAN(identity)); break;
        }
    }
    return 0;
}

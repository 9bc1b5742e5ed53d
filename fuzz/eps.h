/* For the two fuzz targets of an attach: both ends, a card and its home network, and what must hold
 * after each step of either. */
#ifndef LK_FUZZ_EPS_H
#define LK_FUZZ_EPS_H

#include <string.h>

#include "fuzz.h"
#include "proto/eap/usim.h"
#include "proto/eps/device.h"
#include "proto/eps/network.h"
#include "wire/pdcp.h"
#include "wire/rrc_attach.h"

static struct lk_eps_network network;
static struct lk_eps_network_config network_config;
static struct lk_eps_device device;
static struct lk_eps_device_config device_config;
static struct lk_usim usim;
static struct lk_aka_card card;
static struct lk_eps_pdu up, down;          /* what each end said last */
static struct lk_eps_ask_vector ask_vector; /* what each end asked last */
static struct lk_eps_ask_card ask_card;
static struct lk_eps_context of_network, of_device;
static unsigned contexts_of_network, contexts_of_device, vectors;
static struct lk_kasme made[256]; /* with those vectors */
static uint64_t now_ms;

static void begin(void)
{
    static const uint8_t sqn[LK_SQN_LEN] = { 0, 0, 0, 0, 1, 0 };

    card = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k = { 1 }, .k_len = 16,
                                 .topc = { 2 }, .res_len = 8 };
    lk_usim_init(&usim, &card);
    lk_usim_set_sqn(&usim, sqn);
    lk_eps_network_defaults(&network_config);
    lk_eps_network_init(&network);
    lk_eps_device_defaults(&device_config);
    device_config.imsi = (struct lk_imsi){ "001010000000001" };
    lk_eps_device_init(&device);
    up.len = down.len = 0;
    memset(&ask_vector, 0, sizeof ask_vector);
    memset(&ask_card, 0, sizeof ask_card);
    contexts_of_network = contexts_of_device = vectors = 0;
    now_ms = 1000;
}

static void hear(const struct lk_eps_outbox *out, struct lk_eps_pdu *pdu,
                 struct lk_eps_context *context, unsigned *contexts)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct lk_eps_output *output = &out->item[i];

        switch (output->kind) {
        case LK_EPS_OUT_SEND: *pdu = out->pdu; break;
        case LK_EPS_OUT_TIMER: LK_ASSERT(output->timer_ms > now_ms); break;
        case LK_EPS_OUT_ASK_VECTOR: ask_vector = output->ask_vector; break;
        case LK_EPS_OUT_ASK_CARD: ask_card = output->ask_card; break;
        case LK_EPS_OUT_CONTEXT:
            *context = output->context;
            (*contexts)++;
            break;
        case LK_EPS_OUT_FAILED: LK_ASSERT(output->failed.reason != LK_REASON_NONE); break;
        }
    }
}

static bool is_zero(const void *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((const uint8_t *)octets)[i] != 0)
            return false;
    return true;
}

static void step_network(struct lk_eps_event *event)
{
    static struct lk_eps_network before;
    static struct lk_eps_outbox out;

    before = network;
    event->now_ms = now_ms;
    if (lk_eps_network_step(&network, &network_config, event, &out) != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(memcmp(&before, &network, sizeof before) == 0);
    }
    LK_ASSERT(network.tries <= network_config.tries);
    if (network.state == LK_EPS_NETWORK_IDLE || network.state == LK_EPS_NETWORK_ATTACHED)
        LK_ASSERT(is_zero(&network.kasme, sizeof network.kasme) &&
                  is_zero(&network.kenb, sizeof network.kenb));
    hear(&out, &down, &of_network, &contexts_of_network);
}

static void step_device(struct lk_eps_event *event)
{
    static struct lk_eps_device before;
    static struct lk_eps_outbox out;

    before = device;
    event->now_ms = now_ms;
    if (lk_eps_device_step(&device, &device_config, event, &out) != LK_OK) {
        LK_ASSERT(out.count == 0);
        LK_ASSERT(memcmp(&before, &device, sizeof before) == 0);
    }
    LK_ASSERT(device.tries <= device_config.tries && device.failures <= LK_EPS_FAILURES_MAX);
    if (device.state == LK_EPS_DEVICE_IDLE || device.state == LK_EPS_DEVICE_ATTACHED)
        LK_ASSERT(is_zero(&device.kasme, sizeof device.kasme) &&
                  is_zero(&device.kenb, sizeof device.kenb));
    hear(&out, &up, &of_device, &contexts_of_device);
}

static void give(bool to_network, struct lk_span octets)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_RECEIVED };

    event.received = octets;
    if (to_network)
        step_network(&event);
    else
        step_device(&event);
}

/* What the other end said last, as it is or with an octet altered. */
static void carry(bool to_network, struct lk_reader *r, bool altered)
{
    struct lk_eps_pdu pdu = to_network ? up : down;

    if (pdu.len == 0)
        return;
    if (altered)
        pdu.octets[lk_get_u8(r) % pdu.len] ^= lk_get_u8(r);
    give(to_network, lk_span_of(pdu.octets, pdu.len));
}

/* A message of NAS that somebody makes up, in RRC and PDCP. */
static void make_up(bool to_network, struct lk_span nas)
{
    static struct lk_rrc_attach rrc;
    uint8_t room[LK_RRC_NAS_MAX + 16], inner[LK_RRC_NAS_MAX + 16];
    struct lk_writer w = lk_writer_of(room, sizeof room), i = lk_writer_of(inner, sizeof inner);

    rrc.type = to_network ? LK_RRC_UPLINK_NAS : LK_RRC_DOWNLINK_NAS;
    rrc.nas_len = nas.len;
    if (nas.len > 0)
        memcpy(rrc.nas, nas.at, nas.len);
    if (lk_rrc_attach_encode(&i, &rrc) != LK_OK)
        return;
    LK_ASSERT(lk_pdcp_encode(&w, 0, lk_writer_span(&i)) == LK_OK);
    lk_put_zeroes(&w, LK_PDCP_MAC_LEN);
    give(to_network, lk_writer_span(&w));
}

/* A vector of the same card, of a SQN that rises with each, or that is old. */
static void answer_vector(bool old)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_VECTOR, .asked = ask_vector.asked };
    uint8_t sqn[LK_SQN_LEN] = { 0, 0, 0, old ? 0 : 1, (uint8_t)vectors, 0 };
    static const uint8_t amf[LK_AMF_LEN] = { 0x80, 0 };
    struct lk_aka_output output;
    struct lk_ck ck;
    struct lk_ik ik;

    vectors++;
    event.vector.keys = LK_VECTOR_KASME;
    event.vector.rand[0] = (uint8_t)vectors;
    lk_aka_vector(&output, event.vector.autn, &card, event.vector.rand, sqn, amf);
    memcpy(event.vector.xres, output.res, output.res_len);
    event.vector.xres_len = output.res_len;
    memcpy(ck.octets, output.ck, sizeof ck.octets);
    memcpy(ik.octets, output.ik, sizeof ik.octets);
    lk_kasme_derive(&event.vector.kasme, &ck, &ik, device_config.sn_id, event.vector.autn);
    made[(vectors - 1) % 256] = event.vector.kasme;
    step_network(&event);
}

static void answer_card(void)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_CARD, .asked = ask_card.asked };

    lk_usim_answer(&usim, &event.card, ask_card.rand, ask_card.autn);
    step_device(&event);
}

static void expire(bool at_network)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_EXPIRED };

    now_ms = at_network ? network.due_ms : device.due_ms;
    if (at_network)
        step_network(&event);
    else
        step_device(&event);
}

static void tell(bool to_network, enum lk_eps_event_kind kind)
{
    struct lk_eps_event event = { .kind = kind };

    if (kind == LK_EPS_EV_NO_VECTOR) {
        event.asked = ask_vector.asked;
        event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    }
    if (to_network)
        step_network(&event);
    else
        step_device(&event);
}

/* Some vector was made with that KASME. */
static bool is_made(const struct lk_kasme *kasme)
{
    for (unsigned i = 0; i < vectors; i++)
        if (memcmp(&made[i], kasme, sizeof *kasme) == 0)
            return true;
    return false;
}

/* One thing that happens; hostile is the end that anything may come to, the other one hears only
 * what is said to it as it is. */
static void happen(struct lk_reader *r, bool hostile_network)
{
    uint8_t what = lk_get_u8(r);

    switch (what % 12) {
    case 0: tell(false, LK_EPS_EV_ATTACH); break;
    case 1: carry(true, r, hostile_network && what >> 7); break;
    case 2: carry(false, r, !hostile_network && what >> 7); break;
    case 3: answer_vector(what >> 7); break;
    case 4: answer_card(); break;
    case 5: make_up(hostile_network, lk_get_lv8(r)); break;
    case 6: give(hostile_network, lk_get_lv8(r)); break;
    case 7: expire(what >> 7); break;
    case 8: tell(true, LK_EPS_EV_NO_VECTOR); break;
    case 9: tell(what >> 7, LK_EPS_EV_STOP); break;
    default: /* the usual course of things */
        carry(true, r, false);
        if (network.state == LK_EPS_NETWORK_AWAIT_VECTOR)
            answer_vector(false);
        carry(false, r, false);
        if (device.state == LK_EPS_DEVICE_AWAIT_CARD)
            answer_card();
    }
}

#endif

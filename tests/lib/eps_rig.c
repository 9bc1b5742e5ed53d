#include "eps_rig.h"

#include <stdlib.h>
#include <string.h>

/* ---- the home network and the card ---- */

static void hex(uint8_t *to, size_t len, const char *text)
{
    LK_ASSERT(strlen(text) == 2 * len);
    for (size_t i = 0; i < len; i++) {
        char pair[3] = { text[2 * i], text[2 * i + 1], 0 };

        to[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

static void add_to_sqn(uint8_t sqn[LK_SQN_LEN], int by)
{
    int64_t number = 0;

    for (size_t i = 0; i < LK_SQN_LEN; i++)
        number = number << 8 | sqn[i];
    number += by;
    for (size_t i = LK_SQN_LEN; i > 0; i--) {
        sqn[i - 1] = (uint8_t)number;
        number >>= 8;
    }
}

static const struct lk_imsi imsi = { "001010123456789" };

void eps_begin(struct eps_rig *rig)
{
    uint8_t before[LK_SQN_LEN];

    memset(rig, 0, sizeof *rig);
    rig->now_ms = 1000;
    rig->home = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    hex(rig->home.k, 16, "5122250214c33e723a5dd523fc145fc0");
    hex(rig->home.topc, 16, "981d464c7c52eb6e5036234984ad0bcf");
    hex(rig->rand, LK_RAND_LEN, "81e92b6c0ee0e12ebceba8d92a99dfa5");
    hex(rig->sqn, LK_SQN_LEN, "16f3b3f70fc2");
    hex(rig->amf, LK_AMF_LEN, "c3ab");
    lk_usim_init(&rig->usim, &rig->home);
    memcpy(before, rig->sqn, sizeof before);
    add_to_sqn(before, -LK_USIM_ARRAY);
    lk_usim_set_sqn(&rig->usim, before);
    lk_eps_network_defaults(&rig->network_config);
    lk_eps_network_init(&rig->network);
    lk_eps_device_defaults(&rig->device_config);
    rig->device_config.imsi = imsi;
    hex(rig->device_config.sn_id, LK_SN_ID_LEN, "00f110");
    lk_eps_device_init(&rig->device);
}

void eps_vector(struct eps_rig *rig, struct lk_eps_event *event)
{
    struct lk_vector *vector = &event->vector;
    struct lk_aka_output output;
    struct lk_ck ck;
    struct lk_ik ik;
    static const uint8_t sn_id[LK_SN_ID_LEN] = { 0x00, 0xf1, 0x10 };

    *event = (struct lk_eps_event){ .kind = LK_EPS_EV_VECTOR, .asked = rig->ask_vector.asked };
    if (!lk_imsi_equal(&rig->ask_vector.imsi, &imsi)) {
        event->kind = LK_EPS_EV_NO_VECTOR;
        event->no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
        return;
    }
    if (rig->ask_vector.resync && !rig->deaf) {
        LK_ASSERT(lk_aka_auts_open(rig->sqn, &rig->home, rig->ask_vector.rand,
                                   rig->ask_vector.auts) == LK_OK);
        add_to_sqn(rig->sqn, LK_USIM_ARRAY);
    }
    memcpy(vector->rand, rig->rand, sizeof vector->rand);
    lk_aka_vector(&output, vector->autn, &rig->home, rig->rand, rig->sqn, rig->amf);
    memcpy(vector->xres, output.res, output.res_len);
    vector->xres_len = output.res_len;
    memcpy(ck.octets, output.ck, sizeof ck.octets);
    memcpy(ik.octets, output.ik, sizeof ik.octets);
    vector->keys = LK_VECTOR_KASME;
    lk_kasme_derive(&vector->kasme, &ck, &ik, sn_id, vector->autn);
    rig->rand[0]++;
    add_to_sqn(rig->sqn, LK_USIM_ARRAY);
}

void eps_card(struct eps_rig *rig, struct lk_eps_event *event)
{
    *event = (struct lk_eps_event){ .kind = LK_EPS_EV_CARD, .asked = rig->ask_card.asked };
    lk_usim_answer(&rig->usim, &event->card, rig->ask_card.rand, rig->ask_card.autn);
}

/* ---- steps ---- */

static void hear(struct eps_rig *rig, struct eps_end *end)
{
    for (size_t i = 0; i < rig->out.count; i++) {
        const struct lk_eps_output *output = &rig->out.item[i];

        switch (output->kind) {
        case LK_EPS_OUT_SEND:
            LK_ASSERT(output->send.at == rig->out.pdu.octets);
            end->pdu = rig->out.pdu;
            end->sent++;
            break;
        case LK_EPS_OUT_TIMER:
            LK_ASSERT(output->timer_ms > rig->now_ms);
            end->timer_ms = output->timer_ms;
            break;
        case LK_EPS_OUT_ASK_VECTOR: rig->ask_vector = output->ask_vector; break;
        case LK_EPS_OUT_ASK_CARD: rig->ask_card = output->ask_card; break;
        case LK_EPS_OUT_CONTEXT:
            end->context = output->context;
            end->contexts++;
            break;
        case LK_EPS_OUT_FAILED:
            end->why = output->failed;
            end->failures++;
            break;
        }
        if (output->kind == LK_EPS_OUT_ASK_VECTOR || output->kind == LK_EPS_OUT_ASK_CARD) {
            end->asks = true;
            end->questions++;
        }
    }
}

enum lk_status eps_network(struct eps_rig *rig, const struct lk_eps_event *event)
{
    struct lk_eps_network before = rig->network;
    struct lk_eps_event at = *event;
    enum lk_status status;

    at.now_ms = rig->now_ms;
    memset(&rig->out, 0xee, sizeof rig->out);
    status = lk_eps_network_step(&rig->network, &rig->network_config, &at, &rig->out);
    if (status != LK_OK) {
        LK_ASSERT(memcmp(&before, &rig->network, sizeof before) == 0);
        LK_ASSERT(rig->out.count == 0);
    }
    hear(rig, &rig->at_network);
    return status;
}

enum lk_status eps_device(struct eps_rig *rig, const struct lk_eps_event *event)
{
    struct lk_eps_device before = rig->device;
    struct lk_eps_event at = *event;
    enum lk_status status;

    at.now_ms = rig->now_ms;
    memset(&rig->out, 0xee, sizeof rig->out);
    status = lk_eps_device_step(&rig->device, &rig->device_config, &at, &rig->out);
    if (status != LK_OK) {
        LK_ASSERT(memcmp(&before, &rig->device, sizeof before) == 0);
        LK_ASSERT(rig->out.count == 0);
    }
    hear(rig, &rig->at_device);
    return status;
}

enum lk_status eps_network_on(struct eps_rig *rig, enum lk_eps_event_kind kind)
{
    return eps_network(rig, &(struct lk_eps_event){ .kind = kind });
}

enum lk_status eps_device_on(struct eps_rig *rig, enum lk_eps_event_kind kind)
{
    return eps_device(rig, &(struct lk_eps_event){ .kind = kind });
}

static struct lk_eps_event received(const struct lk_eps_pdu *pdu)
{
    struct lk_eps_event event = { .kind = LK_EPS_EV_RECEIVED };

    event.received = lk_span_of(pdu->octets, pdu->len);
    return event;
}

enum lk_status eps_network_hears(struct eps_rig *rig, const struct lk_eps_pdu *pdu)
{
    struct lk_eps_pdu copy = *pdu; /* it may be the one that the step overwrites */
    struct lk_eps_event event = received(&copy);

    return eps_network(rig, &event);
}

enum lk_status eps_device_hears(struct eps_rig *rig, const struct lk_eps_pdu *pdu)
{
    struct lk_eps_pdu copy = *pdu;
    struct lk_eps_event event = received(&copy);

    return eps_device(rig, &event);
}

void eps_run(struct eps_rig *rig)
{
    struct lk_eps_event event;

    for (bool more = true; more;) {
        more = false;
        if (rig->at_network.asks) {
            rig->at_network.asks = false;
            eps_vector(rig, &event);
            (void)!eps_network(rig, &event);
            more = true;
        }
        if (rig->at_device.asks) {
            rig->at_device.asks = false;
            eps_card(rig, &event);
            (void)!eps_device(rig, &event);
            more = true;
        }
        if (rig->at_device.pdu.len > 0) {
            struct lk_eps_pdu pdu = rig->at_device.pdu;

            rig->at_device.pdu.len = 0;
            (void)!eps_network_hears(rig, &pdu);
            more = true;
        }
        if (rig->at_network.pdu.len > 0) {
            struct lk_eps_pdu pdu = rig->at_network.pdu;

            rig->at_network.pdu.len = 0;
            (void)!eps_device_hears(rig, &pdu);
            more = true;
        }
    }
}

bool eps_same(const struct lk_eps_context *a, const struct lk_eps_context *b)
{
    return lk_imsi_equal(&a->imsi, &b->imsi) && a->ksi == b->ksi &&
           memcmp(&a->kasme, &b->kasme, sizeof a->kasme) == 0 &&
           memcmp(&a->kenb, &b->kenb, sizeof a->kenb) == 0 &&
           memcmp(&a->nh, &b->nh, sizeof a->nh) == 0 && a->nas_uplink == b->nas_uplink &&
           a->nas_downlink == b->nas_downlink && a->srb.send_next == b->srb.receive_next &&
           a->srb.receive_next == b->srb.send_next && a->srb.sends != b->srb.sends;
}

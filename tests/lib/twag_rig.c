#include "twag_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/twag_parts.h"
#include "wire/ip.h"
#include "wlcp_rig.h"

static void make_device(struct twag_device *d, uint8_t number)
{
    memset(d, 0, sizeof *d);
    (void)snprintf(d->session.imsi.digits, sizeof d->session.imsi.digits, "0010101234560%02u",
                   number % 100u);
    memset(d->session.ue_mac, 0x02, sizeof d->session.ue_mac);
    d->session.ue_mac[5] = number;
    memset(d->session.key.octets, 0xa0 + number, sizeof d->session.key.octets);
    d->session.generation = 100;
    d->session.lifetime_s = TWAG_LIFETIME_S;
    d->session.class_len = (uint8_t)(20 + number);
    memset(d->session.class_value, 0xc0 + number, d->session.class_len);
    lk_wlcp_psk_identity(d->identity, &d->session.key);
    lk_wlcp_ue_init(&d->ue);
    d->address = lk_address_v4((const uint8_t[]){ 127, 0, 1, number });
    d->port = 40000;
}

struct twag_rig *twag_rig_new(uint32_t sessions, uint32_t connections)
{
    static const uint8_t seed[LK_TWAG_SEED_LEN] =
        "0123456789abcdef0123456789abcdef0123456789abcde";
    struct twag_rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    lk_twag_defaults(&rig->config);
    rig->config.sessions = sessions;
    rig->config.connections = connections;
    rig->config.any_source_port = true;
    rig->config.wlcp.apns = 2;
    rig->config.wlcp.apn[0].name = wlcp_apn("internet");
    rig->config.wlcp.apn[1].name = wlcp_apn("ims");
    rig->config.wlcp.apn[0].pdn_types = rig->config.wlcp.apn[1].pdn_types = LK_WLCP_IPV4V6;
    rig->memory = malloc(lk_twag_size(&rig->config));
    assert_non_null(rig->memory);
    memset(rig->memory, 0xa5, lk_twag_size(&rig->config));
    rig->twag = lk_twag_init(rig->memory, &rig->config, seed);
    rig->now_ms = 1000000;
    rig->wake_ms = UINT64_MAX;
    for (uint8_t i = 0; i < TWAG_DEVICES; i++)
        make_device(&rig->device[i], (uint8_t)(i + 1));
    return rig;
}

void twag_rig_free(struct twag_rig *rig)
{
    lk_twag_wipe(rig->twag);
    free(rig->memory);
    free(rig);
}

int twag_rig_set_up(void **state)
{
    *state = twag_rig_new(3, 5);
    return 0;
}

int twag_rig_tear_down(void **state)
{
    twag_rig_free(*state);
    return 0;
}

/* T03: the anchor is told what the AAA said, of the subscriber whose it is, and nothing else. */
static void check_anchor(const struct twag_rig *rig, const struct lk_twag_output *item)
{
    for (size_t i = 0; i < TWAG_DEVICES; i++) {
        const struct lk_wlan_session *s = &rig->device[i].session;

        if (!lk_imsi_equal(&s->imsi, item->imsi))
            continue;
        assert_true(lk_span_equal(item->pdn.token, lk_span_of(s->class_value, s->class_len)));
        return;
    }
    fail_msg("the anchor was told of a subscriber that the AAA did not name");
}

static void keep(struct twag_rig *rig, const struct lk_twag_output *item)
{
    struct lk_span octets = item->channel.octets;

    assert_true(rig->queued < TWAG_QUEUE && octets.len <= TWAG_MESSAGE_MAX);
    rig->queue[rig->queued].handle = item->channel.handle;
    rig->queue[rig->queued].len = octets.len;
    memcpy(rig->queue[rig->queued++].octets, octets.at, octets.len);
    memcpy(rig->sent, octets.at, octets.len);
    rig->sent_len = octets.len;
}

static void closed(struct twag_rig *rig, uint64_t handle)
{
    rig->closes++;
    for (size_t i = 0; i < TWAG_DEVICES; i++)
        if (rig->device[i].handle == handle)
            rig->device[i].handle = 0;
}

static void look(struct twag_rig *rig, const struct lk_twag_output *item)
{
    switch (item->kind) {
    case LK_TWAG_OUT_CHANNEL_SEND: keep(rig, item); break;
    case LK_TWAG_OUT_CHANNEL_CLOSE: closed(rig, item->channel.handle); break;
    case LK_TWAG_OUT_MAG_REGISTER:
        check_anchor(rig, item);
        rig->registers++;
        rig->ref = item->pdn.ref;
        break;
    case LK_TWAG_OUT_MAG_DEREGISTER:
        check_anchor(rig, item);
        rig->deregisters++;
        break;
    case LK_TWAG_OUT_PDN_UP: rig->ups++; break;
    case LK_TWAG_OUT_PDN_DOWN: rig->downs++; break;
    case LK_TWAG_OUT_WAKE: rig->wake_ms = item->wake_at_ms; break;
    case LK_TWAG_OUT_REFUSAL:
        rig->refusals++;
        rig->refusal = item->refusal.reason;
        break;
    case LK_TWAG_OUT_KEY:
    case LK_TWAG_OUT_FRAME:
    case LK_TWAG_OUT_TUNNEL:
    case LK_TWAG_OUTPUT_KIND_COUNT: break;
    }
}

enum lk_status twag_rig_step(struct twag_rig *rig, struct lk_twag_event *event)
{
    enum lk_status status;

    event->now_ms = rig->now_ms;
    status = lk_twag_step(rig->twag, event, &rig->out);
    for (size_t i = 0; i < rig->out.count; i++)
        look(rig, &rig->out.item[i]);
    return status;
}

enum lk_status twag_rig_session(struct twag_rig *rig, size_t device)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION,
                                   .session = &rig->device[device].session };

    return twag_rig_step(rig, &event);
}

enum lk_status twag_rig_roll(struct twag_rig *rig, size_t device)
{
    struct twag_device *d = &rig->device[device];

    d->session.generation++;
    d->session.key.octets[31]++;
    d->session.class_value[0]++;
    lk_wlcp_psk_identity(d->identity, &d->session.key);
    return twag_rig_session(rig, device);
}

enum lk_status twag_rig_end(struct twag_rig *rig, size_t device, enum lk_twag_event_kind kind)
{
    const struct lk_wlan_session *session = &rig->device[device].session;
    struct lk_twag_event event = { .kind = kind,
                                   .end = { .imsi = session->imsi,
                                            .generation = session->generation,
                                            .why = LK_WLAN_END_DETACHED } };

    memcpy(event.end.ue_mac, session->ue_mac, sizeof event.end.ue_mac);
    return twag_rig_step(rig, &event);
}

enum lk_status twag_rig_up(struct twag_rig *rig, size_t device, const char *identity)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_UP,
                                   .channel = { .handle = ++rig->last_handle,
                                                .identity = lk_span_text(identity),
                                                .address = rig->device[device].address } };
    enum lk_status status = twag_rig_step(rig, &event);

    if (status == LK_OK)
        rig->device[device].handle = event.channel.handle;
    return status;
}

enum lk_status twag_rig_down(struct twag_rig *rig, size_t device)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_DOWN,
                                   .channel = { .handle = rig->device[device].handle } };

    rig->device[device].handle = 0;
    return twag_rig_step(rig, &event);
}

enum lk_status twag_rig_data(struct twag_rig *rig, uint64_t handle, struct lk_span octets)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_DATA,
                                   .channel = { .handle = handle, .octets = octets } };

    return twag_rig_step(rig, &event);
}

enum lk_status twag_rig_say(struct twag_rig *rig, size_t device, const char *hex)
{
    return twag_rig_data(rig, rig->device[device].handle, wlcp_octets(hex));
}

/* The device's machine takes an event, and what it says reaches the TWAG. */
static void feed(struct twag_rig *rig, struct twag_device *d, struct lk_wlcp_event *event)
{
    struct lk_wlcp_ue_config config;
    struct lk_wlcp_outbox out;

    lk_wlcp_ue_defaults(&config);
    lk_wlcp_outbox_empty(&out);
    event->now_ms = rig->now_ms;
    (void)!lk_wlcp_ue_step(&d->ue, &config, event, &out);
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == LK_WLCP_OUT_SEND && d->handle != 0)
            (void)!twag_rig_data(rig, d->handle, out.item[i].send);
}

void twag_rig_lose(struct twag_rig *rig)
{
    rig->queued = 0;
}

void twag_rig_settle(struct twag_rig *rig)
{
    for (size_t turns = 0; rig->queued > 0; turns++) {
        uint8_t octets[TWAG_MESSAGE_MAX];
        uint64_t handle = rig->queue[0].handle;
        struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED,
                                       .octets = { octets, rig->queue[0].len } };

        assert_true(turns < 100);
        memcpy(octets, rig->queue[0].octets, rig->queue[0].len);
        memmove(rig->queue, rig->queue + 1, --rig->queued * sizeof rig->queue[0]);
        for (size_t i = 0; i < TWAG_DEVICES; i++)
            if (rig->device[i].handle == handle)
                feed(rig, &rig->device[i], &event);
    }
}

uint32_t twag_rig_want(struct twag_rig *rig, size_t device, const char *apn)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT,
                                   .want = { .ref = ++rig->refs, .apn = wlcp_apn(apn),
                                             .request_type = LK_WLCP_INITIAL,
                                             .pdn_type = LK_WLCP_IPV4V6 } };

    feed(rig, &rig->device[device], &event);
    twag_rig_settle(rig);
    return rig->refs;
}

enum lk_status twag_rig_bound(struct twag_rig *rig, struct lk_twag_ref ref, uint8_t host)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_BOUND,
                                   .binding = { .ref = ref, .has_ipv4 = true, .has_prefix = true,
                                                .ipv4 = { 10, 0, 0, host },
                                                .prefix = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0,
                                                            host } } };
    enum lk_status status = twag_rig_step(rig, &event);

    twag_rig_settle(rig);
    return status;
}

struct lk_twag_ref twag_rig_attach(struct twag_rig *rig, size_t device, const char *apn,
                                   uint8_t host)
{
    unsigned registers = rig->registers, ups = rig->ups;
    struct lk_twag_ref ref;

    if (rig->device[device].handle == 0) {
        assert_int_equal(twag_rig_session(rig, device), LK_OK);
        assert_int_equal(twag_rig_up(rig, device, rig->device[device].identity), LK_OK);
    }
    (void)twag_rig_want(rig, device, apn);
    assert_int_equal(rig->registers, registers + 1);
    ref = rig->ref;
    assert_int_equal(twag_rig_bound(rig, ref, host), LK_OK);
    assert_int_equal(rig->ups, ups + 1);
    assert_non_null(twag_rig_connection(rig, device, apn));
    return ref;
}

void twag_rig_wait(struct twag_rig *rig, uint64_t ms)
{
    uint64_t until_ms = rig->now_ms + ms;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_EXPIRED };

    for (size_t turns = 0; rig->wake_ms <= until_ms; turns++) {
        assert_true(turns < 10000);
        if (rig->wake_ms > rig->now_ms)
            rig->now_ms = rig->wake_ms;
        rig->wake_ms = UINT64_MAX;
        assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    }
    rig->now_ms = until_ms;
}

void twag_rig_user_plane(const struct twag_rig *rig, uint8_t mac[LK_WLCP_MAC_LEN], uint32_t row)
{
    const struct lk_wlcp_twag_pool *pool = &rig->twag->pool;

    lk_wlcp_twag_user_plane(mac, pool, row, row < pool->touched ? pool->row[row].epoch : 0);
}

enum lk_status twag_rig_frame(struct twag_rig *rig, size_t device, uint32_t row, uint8_t host)
{
    static uint8_t frame[128];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    const struct twag_device *d = &rig->device[device];
    struct lk_address from = lk_address_v4((const uint8_t[]){ 10, 0, 0, host });
    struct lk_address to = lk_address_v4((const uint8_t[]){ 10, 0, 0, 254 });
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t mac[LK_WLCP_MAC_LEN];

    twag_rig_user_plane(rig, mac, row);
    lk_put_octets(&w, mac, sizeof mac);
    lk_put_octets(&w, d->session.ue_mac, sizeof d->session.ue_mac);
    lk_put_be16(&w, 0x0800);
    assert_int_equal(lk_ip_ping(&w, &from, &to, 1, 1, lk_span_text("ping")), LK_OK);
    event.packet.octets = lk_writer_span(&w);
    event.packet.from = d->address;
    event.packet.from_port = d->port;
    return twag_rig_step(rig, &event);
}

size_t twag_rig_count(const struct twag_rig *rig, enum lk_twag_output_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->out.count; i++)
        count += rig->out.item[i].kind == kind;
    return count;
}

const struct lk_wlcp_ue_connection *twag_rig_connection(const struct twag_rig *rig, size_t device,
                                                        const char *apn)
{
    struct lk_wlcp_apn name = wlcp_apn(apn);

    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_wlcp_ue_connection *c = &rig->device[device].ue.connection[i];

        if (c->state == LK_WLCP_UE_ACTIVE && lk_wlcp_apn_equal(&c->apn, &name))
            return c;
    }
    return NULL;
}

struct twag_digest twag_rig_digest(const struct twag_rig *rig)
{
    struct twag_digest digest;

    lk_twag_digest(digest.octets, rig->twag);
    return digest;
}

void twag_rig_same(const struct twag_rig *rig, struct twag_digest before)
{
    struct twag_digest now = twag_rig_digest(rig);

    assert_memory_equal(now.octets, before.octets, sizeof now.octets);
}

void twag_rig_other(const struct twag_rig *rig, struct twag_digest before)
{
    struct twag_digest now = twag_rig_digest(rig);

    assert_false(lk_span_equal(LK_SPAN(now.octets), LK_SPAN(before.octets)));
}

void twag_rig_sent(const struct twag_rig *rig, const char *hex)
{
    struct lk_span expected = wlcp_octets(hex);

    assert_int_equal(rig->sent_len, expected.len);
    assert_memory_equal(rig->sent, expected.at, expected.len);
}

bool twag_rig_has_key(const struct twag_rig *rig, const char *identity)
{
    struct lk_wlcp_key key;

    return lk_twag_key(&key, rig->twag, lk_span_text(identity), rig->now_ms) == LK_OK;
}

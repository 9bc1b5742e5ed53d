/* Octets become a sequence of events for the TWAG: sessions, keys, channels, messages, the anchor's
 * answers, frames, packets, time.
 *
 * Promises: what goes to the anchor carries the IMSI and the token of a session of the AAA (T03); a
 * message goes only through a channel that was opened with a key of the session whose it is (T02);
 * a packet leaves only under a source that the anchor gave to that session (T33); a step that fails
 * without a refusal changes nothing that the digest sees; as many connections are bound as were
 * registered less those released. */
#include "fuzz.h"

#include <string.h>

#include "keys/wlcp.h"
#include "node/twag_parts.h"
#include "wire/ip.h"

enum { DEVICES = 3, SESSIONS = 2, CONNECTIONS = 4, CHANNELS = 8, MEMORY = 64 * 1024 };

struct run {
    struct lk_twag *twag;
    struct lk_twag_config config;
    struct lk_twag_outbox out;
    struct lk_reader r;
    uint64_t now_ms;
    struct lk_wlan_session device[DEVICES];
    uint8_t owner[CHANNELS + 1]; /* of a handle: a device's number and one; 0: nobody's */
    uint64_t handles;
    struct lk_twag_ref ref[CONNECTIONS];
    uint8_t ref_owner[CONNECTIONS];
    uint64_t memory[MEMORY / sizeof(uint64_t)];
};

static size_t device_of(const struct run *f, const struct lk_imsi *imsi)
{
    size_t i = 0;

    LK_ASSERT(imsi != NULL);
    while (i < DEVICES && !lk_imsi_equal(&f->device[i].imsi, imsi))
        i++;
    LK_ASSERT(i < DEVICES);
    return i;
}

static void look(struct run *f, const struct lk_twag_output *item)
{
    const struct lk_wlan_session *s;
    struct lk_ip_packet packet;

    switch (item->kind) {
    case LK_TWAG_OUT_MAG_REGISTER:
    case LK_TWAG_OUT_MAG_DEREGISTER:
    case LK_TWAG_OUT_PDN_UP:
    case LK_TWAG_OUT_PDN_DOWN:
        s = &f->device[device_of(f, item->imsi)];
        LK_ASSERT(item->pdn.token.len == s->class_len && item->pdn.ref.row < CONNECTIONS);
        LK_ASSERT(item->pdn.token.len == 0 || item->pdn.token.at[0] == s->class_value[0]);
        if (item->kind == LK_TWAG_OUT_MAG_REGISTER) {
            f->ref[item->pdn.ref.row] = item->pdn.ref;
            f->ref_owner[item->pdn.ref.row] = (uint8_t)device_of(f, item->imsi);
        }
        break;
    case LK_TWAG_OUT_CHANNEL_SEND:
        LK_ASSERT(item->channel.handle <= f->handles && item->channel.octets.len > 0);
        LK_ASSERT(f->owner[item->channel.handle % (CHANNELS + 1)] ==
                  device_of(f, item->imsi) + 1);
        break;
    case LK_TWAG_OUT_TUNNEL:
        LK_ASSERT(lk_ip_read(&packet, item->packet.octets) == LK_OK);
        LK_ASSERT(item->packet.ref.row < CONNECTIONS &&
                  f->ref_owner[item->packet.ref.row] == device_of(f, item->imsi));
        /* The anchor of this run gives addresses with the row's number in them. */
        if (packet.version == 4)
            LK_ASSERT(packet.source.octets[15] == item->packet.ref.row);
        break;
    case LK_TWAG_OUT_FRAME: LK_ASSERT(item->packet.octets.len <= LK_TWAG_FRAME_MAX); break;
    case LK_TWAG_OUT_CHANNEL_CLOSE:
    case LK_TWAG_OUT_KEY:
    case LK_TWAG_OUT_WAKE:
    case LK_TWAG_OUT_REFUSAL:
    case LK_TWAG_OUTPUT_KIND_COUNT: break;
    }
}

static enum lk_status step(struct run *f, struct lk_twag_event *event)
{
    enum lk_status status;

    event->now_ms = f->now_ms;
    status = lk_twag_step(f->twag, event, &f->out);
    for (size_t i = 0; i < f->out.count; i++)
        look(f, &f->out.item[i]);
    LK_ASSERT(lk_twag_session_count(f->twag) <= SESSIONS);
    LK_ASSERT(lk_twag_connection_count(f->twag) <= CONNECTIONS);
    return status;
}

/* A step that must not change what is there when it fails. */
static void step_or_nothing(struct run *f, struct lk_twag_event *event)
{
    uint8_t before[LK_TWAG_DIGEST_LEN], after[LK_TWAG_DIGEST_LEN];

    lk_twag_digest(before, f->twag);
    if (step(f, event) == LK_OK)
        return;
    lk_twag_digest(after, f->twag);
    LK_ASSERT(lk_span_equal(LK_SPAN(before), LK_SPAN(after)));
}

static void session(struct run *f, uint8_t op)
{
    struct lk_wlan_session *s = &f->device[op % DEVICES], offered = *s;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_SESSION, .session = &offered };

    if ((op & 64) != 0) {
        offered.generation++;
        offered.key.octets[31]++;
    }
    if ((op & 32) != 0)
        offered.ue_mac[5] = op % 2;
    /* What the anchor hears in this very step is of the session as it will be. */
    *s = offered;
    (void)!step(f, &event);
}

static void channel_up(struct run *f, uint8_t op)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    struct lk_wlcp_key key = f->device[op % DEVICES].key;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_UP };

    if (f->handles == CHANNELS)
        return;
    key.octets[31] -= op >> 6;
    lk_wlcp_psk_identity(identity, &key);
    event.channel.identity = lk_span_text(identity);
    event.channel.handle = ++f->handles;
    event.channel.address = lk_address_v4((const uint8_t[]){ 127, 0, 0, op % DEVICES });
    f->owner[f->handles] = (uint8_t)(op % DEVICES + 1);
    step_or_nothing(f, &event);
}

static void channel(struct run *f, uint8_t op)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_CHANNEL_DATA };

    event.channel.handle = op % (CHANNELS + 1);
    if ((op & 192) == 192) {
        event.kind = LK_TWAG_EV_CHANNEL_DOWN;
        (void)!step(f, &event);
        return;
    }
    event.channel.octets = lk_get_lv8(&f->r);
    step_or_nothing(f, &event);
}

static void binding(struct run *f, uint8_t op)
{
    static const enum lk_twag_event_kind kinds[] = { LK_TWAG_EV_BOUND, LK_TWAG_EV_BOUND,
                                                     LK_TWAG_EV_REFUSED, LK_TWAG_EV_UNBOUND };
    uint8_t row = op % CONNECTIONS;
    struct lk_twag_event event = {
        .kind = kinds[op >> 6],
        .binding = { .ref = f->ref[row], .has_ipv4 = (op & 8) == 0, .has_prefix = (op & 16) != 0,
                     .ipv4 = { 10, 0, 0, row }, .prefix = { 0x20, 1, [7] = row },
                     .cause = op, .back_off_ms = (op & 32) != 0 ? 5000 : 0,
                     .moved = (op & 32) != 0 },
    };

    step_or_nothing(f, &event);
}

static void wish(struct run *f, uint8_t op)
{
    enum lk_twag_event_kind kind = (op & 8) != 0 ? LK_TWAG_EV_MODIFY : LK_TWAG_EV_RELEASE;
    struct lk_twag_event event = { .kind = kind,
                                   .connection = { .ref = f->ref[op % CONNECTIONS] } };

    step_or_nothing(f, &event);
}

static void end(struct run *f, uint8_t op)
{
    const struct lk_wlan_session *s = &f->device[op % DEVICES];
    struct lk_twag_event event = {
        .kind = (op & 8) != 0 ? LK_TWAG_EV_REAUTH_FAILED : LK_TWAG_EV_SESSION_END,
        .end = { .imsi = s->imsi, .generation = s->generation - ((op & 16) != 0),
                 .why = LK_WLAN_END_DETACHED },
    };

    memcpy(event.end.ue_mac, f->device[(op + (op & 4) / 4) % DEVICES].ue_mac,
           sizeof event.end.ue_mac);
    if ((op & 32) != 0) {
        event.kind = LK_TWAG_EV_TWAP_RESTARTED;
        event.restart.teller = (op & 64) != 0;
        event.restart.generation = s->generation;
    }
    step_or_nothing(f, &event);
}

/* An IPv4 header of the right length, the rest as the input wants it; or its octets as they are. */
static void frame(struct run *f, uint8_t op)
{
    uint8_t octets[64] = { 0 };
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t mac[LK_WLCP_MAC_LEN];

    lk_wlcp_twag_user_plane(mac, &f->twag->pool, op % CONNECTIONS,
                            f->twag->pool.row[op % CONNECTIONS].epoch);
    lk_put_octets(&w, mac, sizeof mac);
    lk_put_octets(&w, f->device[(op >> 2) % DEVICES].ue_mac, LK_STATION_LEN);
    lk_put_octets(&w, "\x08\0\x45\0\0\x14\0\0\0\0\x40\x11\0\0\x0a\0\0", 17);
    lk_put_u8(&w, op >> 4);
    lk_put_octets(&w, "\x0a\0\0\xfe", 4);
    event.packet.octets = op == 255 ? lk_get_lv8(&f->r) : lk_writer_span(&w);
    event.packet.from = lk_address_v4((const uint8_t[]){ 127, 0, 0, (op >> 2) % DEVICES });
    step_or_nothing(f, &event);
    event.kind = LK_TWAG_EV_TUNNEL_PACKET;
    event.packet.octets = op == 254 ? lk_get_lv8(&f->r) : lk_span_of(octets + 14, 20);
    octets[14 + 19] = op % CONNECTIONS;
    step_or_nothing(f, &event);
}

static void wait(struct run *f, uint8_t op)
{
    struct lk_twag_event event = { .kind = LK_TWAG_EV_EXPIRED };

    f->now_ms += (uint64_t)op * 500;
    (void)!step(f, &event);
}

static void set_up(struct run *f)
{
    static const uint8_t seed[LK_TWAG_SEED_LEN];

    lk_twag_defaults(&f->config);
    f->config.sessions = SESSIONS;
    f->config.connections = CONNECTIONS;
    f->config.wlcp.connections = 2;
    f->config.wlcp.apns = 2;
    LK_ASSERT(lk_wlcp_apn_parse(&f->config.wlcp.apn[0].name, "a") == LK_OK);
    LK_ASSERT(lk_wlcp_apn_parse(&f->config.wlcp.apn[1].name, "b") == LK_OK);
    f->config.wlcp.apn[0].pdn_types = LK_WLCP_IPV4V6;
    f->config.wlcp.apn[1].pdn_types = LK_WLCP_IPV4;
    LK_ASSERT(lk_twag_size(&f->config) <= sizeof f->memory);
    f->twag = lk_twag_init(f->memory, &f->config, seed);
    f->now_ms = 1000;
    for (uint8_t i = 0; i < DEVICES; i++) {
        struct lk_wlan_session *s = &f->device[i];

        memcpy(s->imsi.digits, "001010000000000", 15);
        s->imsi.digits[14] = (char)('1' + i);
        s->ue_mac[0] = 2;
        s->ue_mac[5] = i;
        s->key.octets[0] = i;
        s->generation = 1;
        s->lifetime_s = 300;
        s->teller = i % 2;
        s->class_len = (uint8_t)(1 + i);
        s->class_value[0] = (uint8_t)(0xa0 + i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;

    memset(&f, 0, sizeof f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    set_up(&f);
    while (f.r.left > 0) {
        uint8_t what = lk_get_u8(&f.r), op = lk_get_u8(&f.r);

        switch (what % 8) {
        case 0: session(&f, op); break;
        case 1: channel_up(&f, op); break;
        case 2: channel(&f, op); break;
        case 3: binding(&f, op); break;
        case 4: wish(&f, op); break;
        case 5: end(&f, op); break;
        case 6: frame(&f, op); break;
        default: wait(&f, op); break;
        }
    }
    lk_twag_wipe(f.twag);
    return 0;
}

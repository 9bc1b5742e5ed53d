/* The machines of end-to-end keys and their records: frames of both ends, altered, cut, in any
 * order, and octets of nobody. Diffie-Hellman is told from a table, for it is not what is tested.
 *
 * A step that fails changes nothing; no end grants what the other did not; a record is taken once,
 * and only as it was said. */
#include "fuzz.h"

#include <string.h>

#include "proto/e2e/server.h"
#include "proto/e2e/ue.h"

static struct {
    struct lk_e2e_ue ue;
    struct lk_e2e_server server;
    struct lk_e2e_ue_config ue_config;
    struct lk_e2e_server_config server_config;
    struct lk_e2e_ue_outbox ue_out;
    struct lk_e2e_server_outbox server_out;
    struct lk_noise_point client_key;
    uint8_t said[2][LK_E2E_FRAME_MAX]; /* last, by UE and server */
    size_t said_len[2];
    bool granted[2];
    struct lk_e2e_session session[2];
    uint64_t taken;
} f;
static const struct lk_e2e_app apps[] = { { { (const uint8_t *)"a", 1 }, 0, false } };
static struct lk_e2e_n n;
static struct lk_e2e_p p = { .len = 32 };

static void begin(uint8_t how)
{
    memset(&f, 0, sizeof f);
    lk_e2e_ue_init(&f.ue);
    lk_e2e_server_init(&f.server);
    f.client_key.octets[0] = 3;
    f.ue_config = (struct lk_e2e_ue_config){ .scope = { lk_span_text("s"), lk_span_text("a") },
                                             .server = { { 9 } },
                                             .datagrams = (how & 1) != 0 };
    f.ue_config.client_key = (how & 2) != 0 ? &f.client_key : NULL;
    f.server_config = (struct lk_e2e_server_config){ .fqdn = lk_span_text("s"),
                                                     .key = { { 9 } },
                                                     .apps = apps,
                                                     .app_count = 1,
                                                     .datagrams = (how & 1) != 0 };
}

static void keep(unsigned who, struct lk_span span)
{
    LK_ASSERT(span.len <= sizeof f.said[0]);
    memcpy(f.said[who], span.at, span.len);
    f.said_len[who] = span.len;
}

static void at_ue(struct lk_e2e_ue_event *event)
{
    for (;;) {
        struct lk_e2e_ue before = f.ue;
        const struct lk_e2e_ue_output *item;
        enum lk_status status = lk_e2e_ue_step(&f.ue, &f.ue_config, event, &f.ue_out);

        LK_ASSERT(status == LK_OK ||
                  (f.ue_out.count == 0 && memcmp(&before, &f.ue, sizeof before) == 0));
        if ((item = lk_e2e_ue_outbox_find(&f.ue_out, LK_E2E_UE_OUT_SEND)) != NULL)
            keep(0, item->send);
        if ((item = lk_e2e_ue_outbox_find(&f.ue_out, LK_E2E_UE_OUT_GRANT)) != NULL) {
            f.granted[0] = true;
            f.session[0] = item->grant;
        }
        if (lk_e2e_ue_outbox_find(&f.ue_out, LK_E2E_UE_OUT_ASK_DH) == NULL)
            return;
        event->kind = LK_E2E_UE_EV_DH;
        memset(event->dh, 5, sizeof event->dh);
    }
}

static void at_server(struct lk_span frame, uint8_t how)
{
    struct lk_e2e_server_event event = { .kind = LK_E2E_SERVER_EV_RECEIVED };

    event.received.frame = frame;
    event.received.e.octets[0] = 7;
    for (;;) {
        struct lk_e2e_server before = f.server;
        enum lk_status status = lk_e2e_server_step(&f.server, &f.server_config, &event,
                                                   &f.server_out);
        const struct lk_e2e_server_output *item = &f.server_out.item[0];

        LK_ASSERT(status == LK_OK ||
                  (f.server_out.count == 0 && memcmp(&before, &f.server, sizeof before) == 0));
        if (f.server_out.count == 0)
            return;
        if (item->kind == LK_E2E_SERVER_OUT_SEND)
            keep(1, item->send);
        if (item->kind == LK_E2E_SERVER_OUT_GRANT) {
            LK_ASSERT(f.granted[0]);
            f.granted[1] = true;
            f.taken = 0;
            f.session[1] = item->grant;
        }
        if (item->kind == LK_E2E_SERVER_OUT_ASK_DH) {
            event.kind = (how & 64) != 0 ? LK_E2E_SERVER_EV_NO_DH : LK_E2E_SERVER_EV_DH;
            if (event.kind == LK_E2E_SERVER_EV_DH)
                memset(event.dh, 5, sizeof event.dh);
        } else if (item->kind == LK_E2E_SERVER_OUT_ASK_KEYS) {
            const uint8_t flags = item->ask_keys.flags;

            memset(&event, 0, sizeof event);
            event.kind = (how & 128) != 0 ? LK_E2E_SERVER_EV_NO_KEYS : LK_E2E_SERVER_EV_KEYS;
            if (event.kind == LK_E2E_SERVER_EV_KEYS) {
                event.keys.n = (flags & LK_E2E_WITH_N) != 0 ? &n : NULL;
                event.keys.p = (flags & LK_E2E_WITH_P) != 0 ? &p : NULL;
            }
        } else {
            return;
        }
    }
}

/* What an end said last, altered at a place, or cut there, or as it is. */
static struct lk_span altered(unsigned who, uint8_t where, uint8_t how)
{
    static uint8_t room[LK_E2E_FRAME_MAX];
    size_t len = f.said_len[who], place = len > 0 ? (size_t)where * 3 % len : 0;

    memcpy(room, f.said[who], len);
    if (len > 0 && how % 64 < 16)
        room[place] ^= (uint8_t)(1 + how % 64);
    return lk_span_of(room, len > 0 && how % 64 >= 16 && how % 64 < 24 ? place : len);
}

static void start(uint8_t how)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_START };

    event.start.e.octets[0] = 8;
    event.start.n = (how & 1) != 0 ? &n : NULL;
    event.start.p = (how & 2) != 0 ? &p : NULL;
    event.start.who.kind = (how & 1) != 0 ? LK_E2E_A_KID : LK_E2E_NO_KEY_ID;
    event.start.who.key_id = lk_span_text((how & 1) != 0 ? "a@b" : "");
    at_ue(&event);
}

/* One record of the application's, altered or not; then as it was said. */
static void record(uint8_t where, uint8_t how)
{
    struct lk_writer w = lk_writer_of(f.said[0], sizeof f.said[0]);
    static uint8_t out[LK_E2E_DATA_MAX];
    struct lk_e2e_frame frame;
    struct lk_span sent;
    size_t len;

    if (!f.granted[0] || !f.granted[1])
        return;
    f.session[0].channel.rekey_records = 1 + (how & 3);
    if (lk_e2e_channel_say(&f.session[0].channel, &w, LK_E2E_DATA, lk_span_text("text"), 0) !=
        LK_OK)
        return;
    f.said_len[0] = w.len;
    sent = altered(0, where, how);
    if (lk_e2e_frame_decode(&frame, sent) == LK_OK &&
        lk_e2e_channel_take(&f.session[1].channel, out, &len, &frame) == LK_OK) {
        LK_ASSERT(lk_span_equal(sent, lk_span_of(f.said[0], f.said_len[0])));
        LK_ASSERT(len == 4 && memcmp(out, "text", 4) == 0);
        LK_ASSERT(lk_e2e_channel_take(&f.session[1].channel, out, &len, &frame) != LK_OK);
    }
}

static void one(uint8_t what, struct lk_reader *r)
{
    struct lk_e2e_ue_event event = { .kind = LK_E2E_UE_EV_RECEIVED };
    uint8_t where = lk_get_u8(r), how = lk_get_u8(r);

    switch (what % 7) {
    case 0: start(how); break;
    case 1:
    case 2: at_server(altered(0, where, how), how); break;
    case 3:
        event.received = altered(1, where, how);
        at_ue(&event);
        break;
    case 4: at_server(lk_get_lv8(r), how); break;
    case 5:
        event.received = lk_get_lv8(r);
        at_ue(&event);
        break;
    default: record(where, how); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin(lk_get_u8(&r));
    for (unsigned i = 0; i < 64 && r.left > 0; i++)
        one(lk_get_u8(&r), &r);
    return 0;
}

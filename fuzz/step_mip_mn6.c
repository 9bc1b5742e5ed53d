/* Octets as the life of a mobile node of MIPv6: acknowledgements of its home agent with anything in
 * them, the same altered on the way or of another key, keys, moves and time. What is not proven
 * changes nothing, it is bound only by an answer to its own update, and every update is proven. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/mn6.h"
#include "proto/mip/msa6.h"

static struct lk_mip_mn6 mn;
static struct lk_mip_mn6_config config;
static struct lk_mip_mn6_outbox out;
static struct lk_mip_msa msa[3], aaa;
static uint64_t now_ms;
static uint8_t sent[LK_MIP_MN6_OCTETS];
static struct lk_mip6_packet packet;
static struct lk_mobility_message update;

static const struct lk_address some[] = {
    { { 0x20, 1, 0xd, 0xb8, 0, 0x45, [15] = 7 } },
    { { 0x20, 1, 0xd, 0xb8, 0, 0x99, [15] = 3 } },
    { { 0 } },
    { { [10] = 0xff, 0xff, 198, 51, 100, 23 } },
    { { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 } },
};

static struct lk_address address(struct lk_reader *r)
{
    return some[lk_get_u8(r) % LK_COUNT_OF(some)];
}

/* ---- the machine, and what it must keep to ---- */

static void look_at_update(const struct lk_mip_mn6_output *send)
{
    const struct lk_mip_mn_keys *by = lk_mip_mn_pair_signer(&mn.keys);
    struct lk_span octets = send->send.octets;
    struct lk_address home;

    memcpy(sent, octets.at, octets.len);
    LK_ASSERT(lk_mip6_read(&packet, lk_span_of(sent, octets.len)) == LK_OK);
    LK_ASSERT(lk_mobility_decode(&update, packet.message) == LK_OK);
    LK_ASSERT(update.type == LK_MOBILITY_BU && !update.options.behind_auth);
    home = packet.way == LK_MIP6_HOME_OPTION ? packet.home : packet.source;
    LK_ASSERT(lk_mip6_msa_proves(&by->msa, by->msa.there.spi, &update.options, &mn.place.care_of,
                                 &home, now_ms));
}

static void step(struct lk_mip_mn6_event *event, bool believable)
{
    const struct lk_mip_mn6 before = mn;
    const struct lk_mip_mn6_output *send;
    enum lk_status status;
    bool same;

    event->now_ms = now_ms;
    event->entropy = now_ms * UINT64_C(6364136223846793005);
    status = lk_mip_mn6_step(&mn, &config, event, &out);
    same = lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&mn, sizeof mn));
    send = lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_SEND);
    LK_ASSERT(status == LK_OK || (out.count == 0 && same));
    if (event->kind == LK_MIP_MN6_EV_RECEIVED && !believable)
        LK_ASSERT(same && send == NULL);
    if (lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND) != NULL) {
        LK_ASSERT(event->kind == LK_MIP_MN6_EV_RECEIVED);
        LK_ASSERT(!lk_address_is_any(&mn.home) && mn.bound_until_ms > mn.sent_ms);
    }
    if (send != NULL) {
        LK_ASSERT(mn.mesg_id > before.mesg_id || mn.corrected);
        look_at_update(send);
    }
}

/* ---- the home agent ---- */

static void fill(struct lk_mobility_message *ack, uint8_t how, struct lk_reader *r)
{
    struct lk_mobility_options *o = &ack->options;
    uint64_t mesg_id = update.options.mesg_id;

    ack->status = how & 1 ? lk_get_u8(r) : 0;
    ack->sequence = (uint16_t)(update.sequence + (how & 2 ? lk_get_u8(r) : 0));
    ack->lifetime = how & 4 ? lk_get_u8(r) : update.lifetime;
    o->mesg_id = ack->status == LK_BA_ID_MISMATCH
                     ? (uint64_t)lk_get_be32(r) << 32 | (uint32_t)mesg_id
                     : mesg_id;
    lk_mobility_mark(o, LK_MO_MESG_ID);
    o->refresh = how;
    if (how & 8)
        lk_mobility_mark(o, LK_MO_REFRESH);
    o->ipv4_home_ack.status = lk_get_u8(r);
    lk_get_copy(r, o->ipv4_home_ack.address.octets, 4);
    if (how & 16)
        lk_mobility_mark(o, LK_MO_IPV4_HOME_ACK);
    o->nat.refresh_s = lk_get_be32(r);
    if (how & 32)
        lk_mobility_mark(o, LK_MO_NAT);
}

/* An acknowledgement of the update that is out, by whatever key; one octet of the message altered
 * perhaps, under a checksum that fits. */
static void acknowledge(struct lk_reader *r)
{
    struct lk_mip_mn6_event event = { .kind = LK_MIP_MN6_EV_RECEIVED };
    static uint8_t message[LK_MOBILITY_MAX], whole[LK_MOBILITY_MAX];
    struct lk_writer inner = lk_writer_of(message, sizeof message);
    struct lk_writer w = lk_writer_of(whole, sizeof whole);
    struct lk_mobility_message ack = { .type = LK_MOBILITY_BA };
    struct lk_mip6_packet p = { .source = packet.destination, .destination = packet.source };
    uint8_t how = lk_get_u8(r), what = lk_get_u8(r);
    const struct lk_mip_msa *by = &msa[what % LK_COUNT_OF(msa)];
    size_t at = lk_get_u8(r), covered;
    bool altered = (what & 8) != 0;
    struct lk_address home;

    p.way = packet.way == LK_MIP6_HOME_OPTION ? LK_MIP6_HOME_ROUTE : LK_MIP6_HOME_NONE;
    home = p.way == LK_MIP6_HOME_ROUTE ? packet.home : packet.source;
    if (lk_address_is_any(&home))
        home = address(r);
    fill(&ack, how, r);
    LK_ASSERT(lk_mip6_msa_sign(&inner, &ack, by, by->spi_back, &mn.place.care_of, &home) == LK_OK);
    LK_ASSERT(lk_mobility_decode(&ack, lk_writer_span(&inner)) == LK_OK);
    covered = ack.options.auth[0].covered.len + LK_MIP6_MN_HA_LEN;
    at %= covered;
    if (altered && at != 4 && at != 5)
        message[at] ^= (uint8_t)(1u << (what >> 5));
    else
        altered = false;
    p.home = home;
    if (p.way == LK_MIP6_HOME_NONE)
        p.destination = home;
    p.message = lk_writer_span(&inner);
    LK_ASSERT(lk_mip6_write(&w, &p) == LK_OK);
    event.received = lk_writer_span(&w);
    step(&event, !altered && by->there.spi == lk_mip_mn_pair_signer(&mn.keys)->msa.there.spi);
}

/* ---- the life ---- */

static struct lk_mip_mn6_place place(struct lk_reader *r)
{
    struct lk_mip_mn6_place place = { .care_of = address(r) };

    if (lk_get_u8(r) % 4 == 0)
        place.from = address(r);
    return place;
}

static void go(uint8_t what, struct lk_reader *r)
{
    struct lk_mip_mn6_event event = { .kind = LK_MIP_MN6_EV_EXPIRED };

    switch (what % 8) {
    case 0:
    case 1: break;
    case 2:
        event.kind = LK_MIP_MN6_EV_KEYS;
        event.keys.aaa = (what & 8) != 0;
        event.keys.msa = event.keys.aaa ? aaa : msa[what / 16 % LK_COUNT_OF(msa)];
        event.keys.b_tid = lk_get_lv8(r);
        break;
    case 3:
        event.kind = LK_MIP_MN6_EV_START;
        event.start.place = place(r);
        event.start.agent.address = some[4];
        event.start.agent.ipv4 = some[3];
        event.start.home = address(r);
        break;
    case 4:
        event.kind = LK_MIP_MN6_EV_MOVE;
        event.move = place(r);
        break;
    case 5:
        event.kind = LK_MIP_MN6_EV_RECEIVED;
        event.received = lk_get_lv8(r);
        break;
    default:
        if (what == 255)
            event.kind = LK_MIP_MN6_EV_STOP;
    }
    if (what % 8 < 6 || what == 255)
        step(&event, false);
    else if (mn.mesg_id != 0)
        acknowledge(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    lk_mip_mn6_init(&mn);
    lk_mip_mn6_defaults(&config);
    config.nai = lk_span_text("0001010123456789@realm");
    memset(&update, 0, sizeof update);
    now_ms = UINT64_C(1767225600500);
    for (uint8_t i = 0; i <= LK_COUNT_OF(msa); i++) {
        struct lk_mip_msa *m = i < LK_COUNT_OF(msa) ? &msa[i] : &aaa;

        *m = (struct lk_mip_msa){ .there = { .spi = i < LK_COUNT_OF(msa) ? 4096u + 2 * i
                                                                         : LK_MIP6_SPI_AAA,
                                             .algorithm = LK_MIP_HMAC_SHA1,
                                             .secret = { .len = 16, .octets = { i } } },
                                  .spi_back = 4097u + 2 * i,
                                  .ends_ms = now_ms + 400000u * (i + 1u) };
    }
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        now_ms += lk_get_u8(&r) * 64u;
        go(lk_get_u8(&r), &r);
    }
    return 0;
}

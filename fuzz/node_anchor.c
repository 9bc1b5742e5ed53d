/* Octets as a life of an anchor: requests with true and false tokens and authenticators, of
 * gateways and of mobile nodes, packets, time, restarts of the clock. Nobody but the owner's
 * gateway, or the device itself, moves, and whatever is refused changes nothing. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "node/anchor.h"
#include "node/binding_protocol.h"
#include "wire/mip6.h"

enum { ROWS = 12, MAGS = 2, SUBSCRIBERS = 4, SPI = 256 };

static struct lk_anchor_config config;
static struct lk_anchor anchor;
static struct lk_anchor_outbox out;
static struct lk_binding_table *table;
static uint64_t now_ms;
static struct lk_anchor_outbox stores;
static struct lk_mip_msa msa, msa6;

static struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "001010000000001" };

    imsi.digits[14] = (char)('0' + n % SUBSCRIBERS);
    return imsi;
}

/* Mobile IP too: each subscriber has one association. */
static void prepare_mip(void)
{
    static _Alignas(16) uint8_t msas[1 << 13];
    static _Alignas(16) uint8_t unproven[1 << 21];
    static const uint8_t agent[4] = { 192, 0, 2, 1 };

    LK_ASSERT(lk_mip_msas_size(2 * ROWS) <= sizeof msas && lk_budgets_size() <= sizeof unproven);
    memset(msas, 0, sizeof msas);
    memset(unproven, 0, lk_budgets_size());
    config.mip.serves = config.mip.serves6 = true;
    config.mip.agent6 = config.pool6[0].gateway;
    config.mip.agent = lk_address_v4(agent);
    lk_anchor_serve_mip(&anchor, lk_mip_msas_in(msas, 2 * ROWS, 1), lk_budgets_in(unproven, 2));
    msa = (struct lk_mip_msa){ .there = { .spi = SPI, .algorithm = LK_MIP_HMAC_SHA256 },
                               .spi_back = SPI, .replay = LK_MIP_TIMESTAMPS,
                               .ends_ms = UINT64_MAX };
    msa.there.secret.len = 32;
    msa6 = msa;
    msa6.there.algorithm = LK_MIP_HMAC_SHA1;
    msa6.there.secret.len = 16;
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        const struct lk_imsi imsi = imsi_of(i);

        lk_mip_msas_put(anchor.msas, lk_imsi_number(&imsi), &msa, now_ms);
        lk_mip_msas_put(anchor.msas, lk_anchor_msa_holder(&imsi, LK_BINDING_MIP6), &msa6, now_ms);
    }
}

static void prepare(void)
{
    static const struct lk_node_key node_key = { { 5 } };
    static _Alignas(16) uint8_t memory[1 << 17];
    static const uint8_t network4[4] = { 10, 45, 0, 0 };
    struct lk_address none = { { 0 } }, v4 = lk_address_v4(network4);
    struct lk_address v6 = { { 0x20, 1, 0xd, 0xb8 } };
    struct lk_address_prefix network = lk_address_prefix_of(&v4, 96 + 28);

    lk_anchor_defaults(&config);
    lk_radius_class_key_derive(&config.class_key, &node_key);
    config.mag_count = MAGS;
    memcpy(config.mag[0].name, "mag-1", 6);
    memcpy(config.mag[1].name, "mag-2", 6);
    config.pool4_count = config.pool6_count = 1;
    LK_ASSERT(lk_pool_of(&config.pool4[0], &network, 128, &none) == LK_OK);
    network = lk_address_prefix_of(&v6, 60);
    LK_ASSERT(lk_pool_of(&config.pool6[0], &network, 64, &none) == LK_OK);
    LK_ASSERT(lk_binding_table_size(ROWS) <= sizeof memory);
    now_ms = UINT64_C(1767225600500);
    table = lk_binding_table_in(memory, ROWS, 3, now_ms);
    lk_anchor_init(&anchor, &config, table, now_ms);
    prepare_mip();
}

/* Invariants 8 and 9, and that what is not stored did not happen. */
static void look(void)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        const struct lk_binding *b = lk_binding_row(table, i);

        if (b == NULL)
            continue;
        if (b->protocol == LK_BINDING_PMIP) {
            LK_ASSERT((b->pmip.mag != 0) == (b->pmip.state != LK_PMIP_LMA_NONE));
            LK_ASSERT(b->pmip.mag <= MAGS);
        } else if (b->protocol == LK_BINDING_MIP6) {
            LK_ASSERT(b->mip6.state < LK_MIP_HA6_STATE_COUNT && b->has_prefix);
        } else {
            LK_ASSERT(b->protocol == LK_BINDING_MIP && b->mip.state < LK_MIP_HA_STATE_COUNT);
            LK_ASSERT(b->has_ipv4);
        }
        if (b->has_ipv4) {
            struct lk_address home = lk_address_v4(b->ipv4.octets);

            LK_ASSERT(lk_binding_at(table, &home) == b);
        }
        if (b->has_prefix)
            LK_ASSERT(lk_binding_at(table, &b->prefix.address) == b);
    }
}

static void step(struct lk_anchor_event *event)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    bool stored = false;

    event->now_ms = now_ms;
    lk_anchor_digest(before, &anchor);
    lk_anchor_step(&anchor, event, &out);
    lk_anchor_digest(after, &anchor);
    for (size_t i = 0; i < out.count; i++) {
        stored = stored || out.item[i].kind == LK_ANCHOR_OUT_STORE;
        if (out.item[i].kind == LK_ANCHOR_OUT_STORE)
            stores.item[0] = out.item[i];
    }
    /* A hold and its end change the state of a row, and nothing that the store keeps. */
    if (!stored && anchor.counters.held == 0)
        LK_ASSERT(lk_span_equal(LK_SPAN(before), LK_SPAN(after)));
    look();
}

static void ask(struct lk_reader *r)
{
    static uint8_t room[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t who = lk_get_u8(r), how = lk_get_u8(r), break_at = lk_get_u8(r), flip = lk_get_u8(r);
    struct lk_radius_class content = { .imsi = imsi_of(how & 0x10 ? who >> 4 : who) };
    static const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN];
    uint8_t token[LK_RADIUS_CLASS_MAX];
    uint32_t mag = (how & 1) + 1u;
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU, .lifetime = how & 2 ? 0 : who,
                                     .sequence = who,
                                     .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY };
    struct lk_mobility_options *o = &m.options;
    struct lk_imsi imsi = imsi_of(who);
    uint8_t nai[64];
    struct lk_writer n = lk_writer_of(nai, sizeof nai);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_DATAGRAM, .mag = mag };

    LK_ASSERT(lk_pmip_nai_put(&n, &imsi, lk_span_text("r")) == LK_OK);
    memcpy(content.mag, config.mag[how & 0x20 ? 0 : mag - 1].name, 6);
    content.attached_ms = now_ms - (how & 0x40 ? who : 0);
    o->present = UINT64_C(1) << LK_MO_MN_ID | UINT64_C(1) << LK_MO_PREFIX |
                 UINT64_C(1) << LK_MO_HANDOFF | UINT64_C(1) << LK_MO_ACCESS |
                 UINT64_C(1) << LK_MO_TIMESTAMP | UINT64_C(1) << LK_MO_IPV4_REQUEST;
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_writer_span(&n);
    o->prefix_count = 1;
    o->handoff = (uint8_t)(how >> 2 & 3) + 1;
    o->timestamp = lk_mobility_timestamp_of(now_ms);
    o->vendor_count = 1;
    o->vendor[0].id = config.enterprise;
    o->vendor[0].subtype = LK_PMIP_TOKEN_SUBTYPE;
    o->vendor[0].data =
        lk_span_of(token, lk_radius_class_seal(token, &config.class_key, &content, salt));
    LK_ASSERT(lk_mobility_encode(&w, &m) == LK_OK);
    if (how & 0x80)
        room[break_at % w.len] ^= flip;
    event.octets = lk_writer_span(&w);
    step(&event);
    if (how & 0x40) /* and once more */
        step(&event);
}

/* A Registration Request that is the subscriber's, or, broken, nobody's. */
static void register_node(struct lk_reader *r)
{
    static uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t who = lk_get_u8(r), how = lk_get_u8(r), break_at = lk_get_u8(r), flip = lk_get_u8(r);
    const uint8_t care_of[4] = { 198, 51, 100, (uint8_t)(how & 3) };
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = how & 4 ? 0 : who,
        .agent = config.mip.agent, .care_of = lk_address_v4(care_of),
        .identification = lk_ntp_of(now_ms - (how & 8 ? who : 0), 0),
    };
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .from = lk_address_v4(care_of),
                                     .port = LK_MIP_PORT };
    struct lk_imsi imsi = imsi_of(who);
    struct lk_mip_extensions has;
    uint8_t nai[64];
    struct lk_writer n = lk_writer_of(nai, sizeof nai);

    LK_ASSERT(lk_pmip_nai_put(&n, &imsi, lk_span_text("r")) == LK_OK);
    memset(&has, 0, sizeof has);
    has.nai = lk_writer_span(&n);
    has.udp_request.encapsulation = LK_MIP_IN_IP;
    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    lk_mip_msa_sign(&w, &msa, SPI, LK_MIP_MN_HA_AUTH);
    LK_ASSERT(w.status == LK_OK);
    if (how & 0x80)
        room[break_at % w.len] ^= flip;
    event.octets = lk_writer_span(&w);
    if (how & 0x40)
        event.octets.len -= break_at % w.len;
    step(&event);
    if (how & 0x20) /* and once more */
        step(&event);
}

/* A Binding Update, over IPv4 or IPv6, that is the subscriber's, or, broken, nobody's. */
static void update_node(struct lk_reader *r)
{
    static uint8_t message[512], room[1024];
    struct lk_writer inner = lk_writer_of(message, sizeof message);
    struct lk_writer w = lk_writer_of(room, sizeof room);
    uint8_t who = lk_get_u8(r), how = lk_get_u8(r), break_at = lk_get_u8(r), flip = lk_get_u8(r);
    const uint8_t from4[4] = { 198, 51, 100, (uint8_t)(how & 3) };
    const struct lk_address at6 = { { 0x20, 1, 0xd, 0xb9, [15] = (uint8_t)(how & 3) } };
    bool six = (flip & 1) != 0;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP6, .port = LK_MIP6_PORT,
                                     .from = six ? at6 : lk_address_v4(from4) };
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU, .lifetime = how & 4 ? 0 : who,
                                     .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME };
    struct lk_mip6_packet p = { .destination = config.mip.agent6 };
    struct lk_address care_of = event.from;
    struct lk_imsi imsi = imsi_of(who);
    uint8_t nai[64];
    struct lk_writer n = lk_writer_of(nai, sizeof nai);

    LK_ASSERT(lk_pmip_nai_put(&n, &imsi, lk_span_text("r")) == LK_OK);
    m.options.present = UINT64_C(1) << LK_MO_MN_ID | UINT64_C(1) << LK_MO_MESG_ID;
    m.options.mn_id.subtype = LK_MN_ID_NAI;
    m.options.mn_id.id = lk_writer_span(&n);
    m.options.mesg_id = lk_ntp_of(now_ms - (how & 8 ? who : 0), 0);
    if (flip & 2) {
        lk_mobility_mark(&m.options, LK_MO_CARE_OF);
        m.options.care_of = care_of = (struct lk_address){ { 0x20, 1, 0xd, 0xba, [15] = who } };
    }
    if (six) {
        p.way = LK_MIP6_HOME_OPTION;
        p.source = at6;
    }
    LK_ASSERT(lk_mip6_msa_sign(&inner, &m, &msa6, SPI, &care_of,
                               &(struct lk_address){ { 0 } }) == LK_OK);
    if (how & 0x80)
        message[break_at % inner.len] ^= flip;
    p.message = lk_writer_span(&inner);
    LK_ASSERT(lk_mip6_write(&w, &p) == LK_OK);
    event.octets = lk_writer_span(&w);
    if (how & 0x40)
        event.octets.len -= break_at % w.len;
    step(&event);
    if (how & 0x20) /* and once more */
        step(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    prepare();
    for (unsigned i = 0; i < 200 && r.left > 0; i++) {
        struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_TICK };
        uint8_t what = lk_get_u8(&r);

        switch (what % 8) {
        case 0:
        case 1: ask(&r); break;
        case 2:
            now_ms += (uint64_t)lk_get_u8(&r) << what / 8 % 16;
            step(&event);
            break;
        case 3:
            event.kind = what & 0x80 ? LK_ANCHOR_EV_TUNNEL : LK_ANCHOR_EV_NETWORK;
            event.mag = what >> 4 & 3;
            event.octets = lk_get_lv8(&r);
            step(&event);
            break;
        case 4:
            event.kind = LK_ANCHOR_EV_DATAGRAM;
            event.mag = what >> 4 & 3;
            event.octets = lk_get_lv8(&r);
            step(&event);
            break;
        case 5:
            if (what & 8)
                update_node(&r);
            else
                register_node(&r);
            break;
        case 6:
            event.kind = what & 8 ? LK_ANCHOR_EV_MIP6 : LK_ANCHOR_EV_MIP;
            event.from = config.mip.agent;
            event.port = what;
            event.octets = lk_get_lv8(&r);
            step(&event);
            break;
        default:
            event.kind = LK_ANCHOR_EV_STORED;
            event.stored = &stores.item[0].store.record;
            step(&event);
        }
    }
    return 0;
}

/* Octets as the life of a foreign agent: requests of several nodes with challenges that it gave or
 * not, replies of two home agents, packets from anywhere, solicitations, time. Whatever comes, the
 * table holds together, nobody is there twice, and packets pass only for who is served. */
#include "fuzz.h"

#include <string.h>

#include "node/fa.h"
#include "wire/mip_agent.h"

enum { VISITORS = 5, PENDING = 2, PLACES = 8, CHALLENGE_MAX = 32 };

static struct lk_fa_config config;
static struct lk_fa *fa;
static struct lk_fa_outbox out;
static struct lk_mip_msa home, foreign;
static uint64_t now_ms, last_id;
static struct { uint8_t octets[CHALLENGE_MAX]; size_t len; } given[PLACES];

static const struct lk_fa_output *find(const struct lk_fa_outbox *in, enum lk_fa_output_kind kind)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->item[i].kind == kind)
            return &in->item[i];
    return NULL;
}

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 16 } },
                            .spi_back = spi, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[4] = { a, b, c, d };

    return lk_address_v4(octets);
}

static struct lk_fa_place place_of(uint8_t n)
{
    return (struct lk_fa_place){ ipv4(203, 0, 113, (uint8_t)(10 + n % PLACES / 2)),
                                 (uint16_t)(5000 + n % 2) };
}

static uint8_t number_of(const struct lk_fa_place *at)
{
    return (uint8_t)((at->address.octets[15] - 10) * 2 + at->port % 2);
}

static void prepare(void)
{
    static _Alignas(16) uint8_t memory[1 << 17], budgets[1 << 21];

    lk_fa_defaults(&config);
    config.visitors = VISITORS;
    config.pending = PENDING;
    config.source_rate = 50;
    config.asks_bsf = config.asks_aaa = config.mip.with_aaa = true;
    config.enterprise = 32473;
    config.mip.care_of = ipv4(203, 0, 113, 1);
    config.home_agent_count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        config.home_agent[i].at = (struct lk_fa_place){ ipv4(192, 0, 2, (uint8_t)(1 + i)), 434 };
        config.home_agent[i].msa = msa(400, (uint8_t)(3 + i));
    }
    home = msa(256, 1);
    foreign = msa(300, 2);
    now_ms = UINT64_C(1767225600500);
    last_id = 0;
    LK_ASSERT(lk_fa_size(&config) <= sizeof memory && lk_budgets_size() <= sizeof budgets);
    memset(memory, 0, lk_fa_size(&config));
    memset(budgets, 0, lk_budgets_size());
    memset(given, 0, sizeof given);
    fa = lk_fa_init(memory, &config, lk_budgets_in(budgets, 2), 1);
    lk_fa_associate(fa, lk_span_text("a@b"), &foreign, now_ms);
}

static void look(void)
{
    struct lk_fa_told told[VISITORS];
    uint32_t count = 0, served = 0;

    for (uint32_t i = 0; i < VISITORS; i++) {
        if (!lk_fa_told_at(&told[count], fa, i))
            continue;
        LK_ASSERT(told[count].state != LK_MIP_FA_NONE);
        served += !lk_address_is_any(&told[count].home);
        for (uint32_t j = 0; j < count; j++) {
            LK_ASSERT(told[j].at.port != told[count].at.port ||
                      !lk_address_equal(&told[j].at.address, &told[count].at.address));
            LK_ASSERT(lk_address_is_any(&told[j].home) ||
                      !lk_address_equal(&told[j].home, &told[count].home) ||
                      !lk_address_equal(&told[j].agent, &told[count].agent));
        }
        count++;
    }
    LK_ASSERT(served == lk_fa_served(fa) && count - served >= lk_fa_waiting(fa));
}

/* Challenges are noted, as the nodes there would. */
static void hear(const struct lk_fa_output *item)
{
    struct lk_mip_reply reply;
    uint8_t n = number_of(&item->send.to);
    struct lk_span challenge;

    if (n >= PLACES || lk_mip_type_of(item->send.octets) != LK_MIP_REPLY ||
        lk_mip_reply_decode(&reply, item->send.octets) != LK_OK)
        return;
    challenge = reply.extensions.challenge;
    given[n].len = challenge.len <= CHALLENGE_MAX ? challenge.len : 0;
    memcpy(given[n].octets, challenge.at, given[n].len);
}

static void step(struct lk_fa_event *event)
{
    unsigned rounds = 0;

    event->now_ms = now_ms;
    do {
        lk_fa_step(fa, event, &out);
        for (size_t i = 0; i < out.count; i++)
            if (out.item[i].kind == LK_FA_OUT_SEND && out.item[i].send.octets.len > 0)
                hear(&out.item[i]);
        look();
        LK_ASSERT(rounds++ <= 4 * VISITORS);
    } while (event->kind != LK_FA_EV_DATAGRAM && find(&out, LK_FA_OUT_MORE) != NULL);
}

/* What BSF and AAA say, when they are asked: nothing was kept before. */
static void answer_question(struct lk_fa_event *event, uint8_t how)
{
    const struct lk_fa_grant grant = { .reason = how & 32 ? LK_REASON_MIP_AAA_REFUSED
                                                          : LK_REASON_NONE,
                                       .has_key = !(how & 16), .key = foreign };

    if (find(&out, LK_FA_OUT_ASK_BSF) != NULL) {
        LK_ASSERT(out.count == 1);
        event->key = &foreign;
        step(event);
        LK_ASSERT(find(&out, LK_FA_OUT_ASK_BSF) == NULL);
        event->key = NULL;
    }
    if (find(&out, LK_FA_OUT_ASK_AAA) != NULL) {
        LK_ASSERT(out.count == 1);
        event->grant = &grant;
        step(event);
        LK_ASSERT(find(&out, LK_FA_OUT_ASK_AAA) == NULL);
    }
}

static void ask(struct lk_reader *r)
{
    uint8_t octets[512], who = lk_get_u8(r), how = lk_get_u8(r);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .from = place_of(who) };
    uint8_t n = number_of(&event.from);
    const struct lk_mip_request request = {
        .flags = LK_MIP_REVERSE, .lifetime_s = how & 1 ? 0 : 5u + who,
        .home = ipv4(10, 45, 0, (uint8_t)(how >> 1 & 3)),
        .agent = ipv4(192, 0, 2, (uint8_t)(1 + (how >> 3 & 1))), .care_of = config.mip.care_of,
        .identification = how & 16 ? last_id : ++last_id };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    to.challenge = lk_span_of(given[n].octets, given[n].len);
    to.nai = lk_span_text(how & 32 ? "a@b" : "c@d");
    to.mn_fa_spi = 300;
    to.vendor_count = 1;
    to.vendor[0] = (struct lk_mip_vendor){ .id = 32473, .type = LK_MIP_VENDOR_B_TID,
                                           .value = lk_span_text("b-tid") };
    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (given[n].len > 0)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    if (how & 128) {
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &to);
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &to);
    }
    lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    if (how & 128)
        lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_AAA_AUTH);
    if (how & 32)
        lk_mip_msa_sign(&w, &foreign, who & 64 ? 300 : 301, LK_MIP_MN_FA_AUTH);
    if (how & 64)
        octets[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    event.octets = lk_writer_span(&w);
    step(&event);
    answer_question(&event, who);
}

static void answer(struct lk_reader *r)
{
    uint8_t octets[512], how = lk_get_u8(r), back = lk_get_u8(r);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_fa_home_agent *agent = &config.home_agent[how & 1];
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .from = agent->at };
    const struct lk_mip_reply reply = { .code = how & 2 ? 131 : 0,
                                        .lifetime_s = how & 4 ? 0 : lk_get_u8(r),
                                        .home = ipv4(10, 45, 0, (uint8_t)(how >> 3 & 3)),
                                        .agent = agent->at.address,
                                        .identification = last_id - back % 4 };
    struct lk_mip_extensions to;

    memset(&to, 0, sizeof to);
    lk_mip_reply_put(&w, &reply);
    lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    to.mn_fa_key = (struct lk_mip_key_reply){ .lifetime_s = 60, .agent_spi = 300,
                                              .algorithm = LK_MIP_HMAC_SHA256,
                                              .nonce = lk_span_of("sixteen octets!!", 16) };
    if (how & 32)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, &to);
    lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
    lk_mip_msa_sign(&w, &agent->msa, 400, LK_MIP_FA_HA_AUTH);
    if (how & 64)
        octets[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    event.octets = lk_writer_span(&w);
    step(&event);
}

/* T16, T33: what passes is of who is served. */
static void packet(struct lk_reader *r)
{
    uint8_t octets[128], who = lk_get_u8(r), how = lk_get_u8(r);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .from = place_of(who) };
    const struct lk_address node = ipv4(10, 45, 0, (uint8_t)(how & 3)), far = ipv4(1, 2, 3, 4);
    bool down = how & 4, is_served = false;
    struct lk_fa_told told;

    if (down)
        event.from = config.home_agent[how >> 3 & 1].at;
    lk_mip_tunnel_put(&w, &(const struct lk_mip_tunnel){ .encapsulation = LK_MIP_IN_IP });
    LK_ASSERT(lk_ip_ping(&w, down ? &far : &node, down ? &node : &far, 1, 1, lk_span_of(NULL, 0)) ==
              LK_OK);
    for (uint32_t i = 0; i < VISITORS; i++)
        is_served = is_served || (lk_fa_told_at(&told, fa, i) &&
                                  lk_address_equal(&told.home, &node));
    event.octets = lk_writer_span(&w);
    step(&event);
    LK_ASSERT(is_served || out.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    prepare();
    for (unsigned i = 0; i < 200 && r.left > 0; i++) {
        struct lk_fa_event event = { .kind = LK_FA_EV_TICK };
        uint8_t what = lk_get_u8(&r);

        switch (what % 8) {
        case 0:
        case 1: ask(&r); break;
        case 2:
        case 3: answer(&r); break;
        case 4: packet(&r); break;
        case 5:
            now_ms += (uint64_t)lk_get_u8(&r) << what / 8 % 16;
            step(&event);
            break;
        case 6:
            event.kind = LK_FA_EV_UNREACHABLE;
            event.from = config.home_agent[what >> 3 & 1].at;
            step(&event);
            break;
        default:
            event.kind = LK_FA_EV_DATAGRAM;
            event.from = what & 8 ? config.home_agent[0].at : place_of(what);
            event.octets = lk_get_lv8(&r);
            step(&event);
        }
    }
    lk_fa_wipe(fa);
    return 0;
}

/* MIPv6 in the UDP of RFC 5555, with the authentication option of RFC 4285. */
#include "base/ntp.h"
#include "fleet.h"
#include "mip_nodes.h"
#include "mip_words.h"
#include "proto/mip/msa6.h"
#include "wire/ip.h"
#include "wire/mip6.h"

enum {
    LIFETIME = 1800 / LK_MOBILITY_LIFETIME_UNIT_S,
    IP_HEAD = 40,
    NEXT_AT = 6,
    SOURCE_AT = 8,
    DESTINATION_AT = SOURCE_AT + LK_ADDRESS_LEN,
    TYPE_AT = IP_HEAD + 2,
    CHECKSUM_AT = IP_HEAD + 4,
    STATUS_AT = IP_HEAD + 6,
    ECHO_LEAST = IP_HEAD + 8,
    ECHO = 128,
};

/* A message in its packet, and where in it is what differs. */
struct model {
    size_t len;
    size_t digits_at, care_of_at, mesg_id_at, mac_at;
    uint8_t octets[BENCH_MIP_OCTETS];
};

/* That of the home network, as the anchor has it where nothing else is configured. */
static const struct lk_address agent = { { 0x20, 1, 0xd, 0xb8, 0x64, [15] = 1 } };
static const struct lk_address nowhere, home = { { 0x20, 1, 0xd, 0xb8, 0x64, [9] = 1 } };
static const uint64_t mark = 0xc1d2e3f405162738;
static struct model update, acknowledgement;

/* ---- what is made once ---- */

static size_t find(const struct model *m, const void *what, size_t len)
{
    for (size_t i = 0; i + len <= m->len; i++)
        if (memcmp(m->octets + i, what, len) == 0)
            return i;
    return 0;
}

static void make(struct model *m, struct lk_mobility_message *message,
                 const struct lk_address *source, const struct lk_address *destination)
{
    static const uint8_t mark_octets[] = { 0xc1, 0xd2, 0xe3, 0xf4, 5, 0x16, 0x27, 0x38 };
    uint8_t octets[BENCH_MIP_OCTETS];
    char nai[2 + BENCH_NODE_DIGITS + sizeof bench_node_realm];
    struct lk_writer inner = lk_writer_of(octets, sizeof octets);
    struct lk_writer w = lk_writer_of(m->octets, sizeof m->octets);
    struct lk_mip_msa with = { .ends_ms = UINT64_MAX };
    struct lk_mip6_packet packet = { .source = *source, .destination = *destination };
    struct lk_mobility_message read;
    enum lk_status status;

    message->options.mn_id.subtype = LK_MN_ID_NAI;
    message->options.mn_id.id = lk_span_of((const uint8_t *)nai, bench_node_nai(nai, 0));
    message->options.mesg_id = mark;
    lk_mobility_mark(&message->options, LK_MO_MN_ID);
    lk_mobility_mark(&message->options, LK_MO_MESG_ID);
    bench_node_key(&with.there, nai + 1, LK_MIP_HMAC_SHA1);
    status = lk_mip6_msa_sign(&inner, message, &with, BENCH_NODE_SPI, &nowhere, &home);
    LK_ASSERT(status == LK_OK);
    packet.message = lk_writer_span(&inner);
    status = lk_mip6_write(&w, &packet);
    LK_ASSERT(status == LK_OK);
    m->len = w.len;
    status = lk_mobility_decode(&read, lk_span_of(m->octets + IP_HEAD, m->len - IP_HEAD));
    LK_ASSERT(status == LK_OK);
    m->digits_at = (size_t)(read.options.mn_id.id.at - m->octets) + 1;
    m->mac_at = (size_t)(read.options.auth[0].authenticator.at - m->octets);
    m->mesg_id_at = find(m, mark_octets, sizeof mark_octets);
    m->care_of_at = find(m, "\xfe\xdc\xba\x98", 4);
}

static void begin(void)
{
    struct lk_mobility_message bu = { .type = LK_MOBILITY_BU, .sequence = 1,
                                      .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME,
                                      .lifetime = LIFETIME };
    struct lk_mobility_message ba = { .type = LK_MOBILITY_BA, .sequence = 1,
                                      .lifetime = LIFETIME };

    memcpy(bu.options.ipv4_care_of.octets, "\xfe\xdc\xba\x98", 4);
    lk_mobility_mark(&bu.options, LK_MO_IPV4_CARE_OF);
    make(&update, &bu, &nowhere, &agent);
    LK_ASSERT(update.mesg_id_at > 0 && update.care_of_at > 0);
    ba.options.nat.udp = true;
    lk_mobility_mark(&ba.options, LK_MO_NAT);
    make(&acknowledgement, &ba, &agent, &home);
}

/* ---- messages ---- */

static struct lk_mip6_covered covered(const uint8_t *octets, const struct model *m,
                                      const uint8_t care_of[4], const struct lk_address *at_home)
{
    return (struct lk_mip6_covered){
        .care_of = lk_address_v4(care_of), .home = *at_home,
        .header = lk_span_of(octets + IP_HEAD, m->mac_at - IP_HEAD),
    };
}

static size_t request(uint8_t octets[BENCH_MIP_OCTETS], uint32_t number, uint64_t us)
{
    uint64_t mesg_id = lk_ntp_of(us / 1000, (uint32_t)(us % 1000) << 12);
    struct lk_mip_association with;
    struct lk_mip6_covered what;
    char digits[BENCH_NODE_DIGITS + 1];

    bench_node_digits(digits, number);
    bench_node_key(&with, digits, LK_MIP_HMAC_SHA1);
    memcpy(octets, update.octets, update.len);
    memcpy(octets + update.digits_at, digits, BENCH_NODE_DIGITS);
    bench_fleet_address(octets + update.care_of_at, number);
    for (size_t i = 0; i < sizeof mesg_id; i++)
        octets[update.mesg_id_at + i] = (uint8_t)(mesg_id >> (56 - 8 * i));
    what = covered(octets, &update, octets + update.care_of_at, &nowhere);
    lk_mip6_mn_ha(octets + update.mac_at, &with.secret, &what);
    lk_mobility_seal(octets + IP_HEAD, update.len - IP_HEAD, &nowhere, &agent);
    return update.len;
}

static enum bench_mip_answer answer(struct lk_span octets)
{
    if (octets.len <= STATUS_AT || octets.at[NEXT_AT] != LK_MOBILITY_NEXT_HEADER ||
        octets.at[TYPE_AT] != LK_MOBILITY_BA)
        return BENCH_MIP_NONE;
    return octets.at[STATUS_AT] == 0 ? BENCH_MIP_ACCEPTED : BENCH_MIP_REFUSED;
}

static size_t echo(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span asked)
{
    uint32_t sum;

    if (asked.len < ECHO_LEAST || asked.len > BENCH_MIP_OCTETS ||
        asked.at[NEXT_AT] != LK_IP_ICMPV6 || asked.at[IP_HEAD] != ECHO)
        return 0;
    memcpy(octets, asked.at, asked.len);
    memcpy(octets + SOURCE_AT, asked.at + DESTINATION_AT, LK_ADDRESS_LEN);
    memcpy(octets + DESTINATION_AT, asked.at + SOURCE_AT, LK_ADDRESS_LEN);
    octets[IP_HEAD]++;
    sum = ((uint32_t)octets[IP_HEAD + 2] << 8 | octets[IP_HEAD + 3]) + 0xfeff;
    sum = (sum & 0xffff) + (sum >> 16);
    octets[IP_HEAD + 2] = (uint8_t)(sum >> 8);
    octets[IP_HEAD + 3] = (uint8_t)sum;
    return asked.len;
}

static size_t floor_of(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span asked)
{
    const struct model *ba = &acknowledgement;
    struct lk_mip_association with;
    struct lk_mip6_covered what;

    if (asked.len != update.len)
        return 0;
    bench_node_key(&with, asked.at + update.digits_at, LK_MIP_HMAC_SHA1);
    what = covered(asked.at, &update, asked.at + update.care_of_at, &nowhere);
    if (lk_mip6_mn_ha_verify(&with.secret, &what,
                             lk_span_of(asked.at + update.mac_at, LK_MIP6_MN_HA_LEN)) != LK_OK)
        return 0;
    memcpy(octets, ba->octets, ba->len);
    memcpy(octets + ba->mesg_id_at, asked.at + update.mesg_id_at, sizeof(uint64_t));
    what = covered(octets, ba, asked.at + update.care_of_at, &home);
    lk_mip6_mn_ha(octets + ba->mac_at, &with.secret, &what);
    return ba->len;
}

const struct bench_mip_words bench_mip6 = {
    .algorithm = "hmac-sha1", .begin = begin, .request = request, .answer = answer,
    .echo = echo, .floor = floor_of,
};

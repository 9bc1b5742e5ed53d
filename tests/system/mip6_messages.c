/* Messages of MIPv6, for a judge: mip6_messages COUNT. A line each: the IPv6 packet in hex, then
 * care-of address, home address and key, in hex, that its MN-HA authenticator is made of. What is
 * in them is of a generator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "keys/mip.h"
#include "wire/mip6.h"
#include "wire/pmip.h"

static uint64_t generator = 1;

static uint8_t drawn(void)
{
    generator = generator * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(generator >> 56);
}

static struct lk_span octets_of(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] = drawn();
    return lk_span_of(at, len);
}

static struct lk_address address(void)
{
    struct lk_address a;

    (void)octets_of(a.octets, sizeof a.octets);
    a.octets[0] = 0x20;
    a.octets[1] = 1;
    return a;
}

static struct lk_mobility_ipv4 ipv4(void)
{
    struct lk_mobility_ipv4 a;

    (void)octets_of(a.octets, sizeof a.octets);
    return a;
}

static void mark(struct lk_mobility_options *o, enum lk_mobility_option_type type)
{
    if (drawn() % 2 != 0)
        lk_mobility_mark(o, type);
}

/* Those of an update, and those of an acknowledgement. */
static void draw_options(struct lk_mobility_message *m)
{
    struct lk_mobility_options *o = &m->options;

    lk_mobility_mark(o, LK_MO_MN_ID);
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_text("0001010123456789@nai.epc.mnc001.mcc001.3gppnetwork.org");
    o->mn_id.id.len -= drawn() % 8u;
    mark(o, LK_MO_MESG_ID);
    (void)octets_of((uint8_t *)&o->mesg_id, sizeof o->mesg_id);
    if (m->type == LK_MOBILITY_BU) {
        mark(o, LK_MO_CARE_OF);
        o->care_of = address();
        mark(o, LK_MO_IPV4_HOME);
        o->ipv4_home.bits = 32;
        o->ipv4_home.address = ipv4();
        mark(o, LK_MO_IPV4_CARE_OF);
        o->ipv4_care_of = ipv4();
        mark(o, LK_MO_VENDOR);
        o->vendor_count = 1;
        o->vendor[0] = (struct lk_mobility_vendor){
            32473, LK_MOBILITY_B_TID_SUBTYPE,
            lk_span_text("MTIzNDU2Nzg5MDEyMzQ1Ng==@bsf.mnc001.mcc001.pub.3gppnetwork.org")
        };
    } else {
        mark(o, LK_MO_REFRESH);
        o->refresh = drawn();
        mark(o, LK_MO_IPV4_HOME_ACK);
        o->ipv4_home_ack.bits = 32;
        o->ipv4_home_ack.address = ipv4();
        mark(o, LK_MO_NAT);
        o->nat.udp = drawn() % 2 != 0;
        o->nat.refresh_s = drawn();
    }
}

/* Writes the message with its authenticator, which stands before up to four octets of padding. */
static struct lk_span signed_message(uint8_t room[LK_MOBILITY_MAX], struct lk_mobility_message *m,
                                     const struct lk_address *care_of,
                                     const struct lk_address *home,
                                     const struct lk_mip_secret *secret)
{
    static const uint8_t none[LK_MIP6_MN_HA_LEN];
    struct lk_mip6_covered covered = { .care_of = *care_of, .home = *home };
    struct lk_writer w = lk_writer_of(room, LK_MOBILITY_MAX);
    struct lk_mobility_message back;
    const struct lk_mobility_auth *auth;
    uint8_t made[LK_MIP6_MN_HA_LEN];

    lk_mobility_mark(&m->options, LK_MO_AUTH);
    m->options.auth_count = 1;
    m->options.auth[0] = (struct lk_mobility_auth){ .subtype = LK_AUTH_MN_HA,
                                                    .spi = 256u + drawn(),
                                                    .authenticator = LK_SPAN(none) };
    LK_ASSERT(lk_mobility_encode(&w, m) == LK_OK);
    LK_ASSERT(lk_mobility_decode(&back, lk_writer_span(&w)) == LK_OK);
    auth = lk_mobility_auth(&back.options, LK_AUTH_MN_HA);
    covered.header = auth->covered;
    lk_mip6_mn_ha(made, secret, &covered);
    lk_patch_octets(&w, auth->covered.len, made, sizeof made);
    return lk_writer_span(&w);
}

static void hex(struct lk_span octets, const char *behind)
{
    static char text[2 * (LK_MOBILITY_MAX + LK_MIP6_HEADERS_MAX) + 1];

    LK_ASSERT(lk_hex_encode(text, sizeof text, octets) == LK_OK);
    printf("%s%s", text, behind);
}

static void say(uint8_t type)
{
    static uint8_t room[LK_MOBILITY_MAX], packet_room[LK_MOBILITY_MAX + LK_MIP6_HEADERS_MAX];
    struct lk_mobility_message m = { .type = type, .sequence = drawn(), .lifetime = drawn() };
    struct lk_mip6_packet p = { .source = address(), .destination = address(), .home = address() };
    struct lk_writer w = lk_writer_of(packet_room, sizeof packet_room);
    struct lk_mip_secret secret;
    uint8_t key[16];
    bool from_node = type == LK_MOBILITY_BU;
    const struct lk_address *care_of = from_node ? &p.source : &p.destination;

    LK_ASSERT(lk_mip_secret_set(&secret, octets_of(key, sizeof key)) == LK_OK);
    p.way = from_node ? LK_MIP6_HOME_OPTION : LK_MIP6_HOME_ROUTE;
    if (from_node)
        m.flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | (drawn() % 2 != 0 ? LK_BU_UDP : 0);
    if (type == LK_MOBILITY_BA)
        m.status = drawn() % 2 != 0 ? LK_BA_ACCEPTED : LK_BA_AUTH_FAIL;
    draw_options(&m);
    p.message = signed_message(room, &m, care_of, &p.home, &secret);
    LK_ASSERT(lk_mip6_write(&w, &p) == LK_OK);
    hex(lk_writer_span(&w), "\t");
    hex(LK_SPAN(care_of->octets), "\t");
    hex(LK_SPAN(p.home.octets), "\t");
    hex(LK_SPAN(key), "\n");
}

/* Without an authenticator. */
static void say_plain(uint8_t type)
{
    static uint8_t room[64], packet_room[256];
    struct lk_mobility_message m = { .type = type, .status = LK_BE_NO_BINDING, .home = address() };
    struct lk_mip6_packet p = { .source = address(), .destination = address() };
    struct lk_writer inner = lk_writer_of(room, sizeof room);
    struct lk_writer w = lk_writer_of(packet_room, sizeof packet_room);

    LK_ASSERT(lk_mobility_encode(&inner, &m) == LK_OK);
    p.message = lk_writer_span(&inner);
    LK_ASSERT(lk_mip6_write(&w, &p) == LK_OK);
    hex(lk_writer_span(&w), "\t\t\t\n");
}

int main(int argc, char **argv)
{
    long count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

    if (count <= 0)
        return 2;
    for (long i = 0; i < count; i++)
        say(i % 2 == 0 ? LK_MOBILITY_BU : LK_MOBILITY_BA);
    say_plain(LK_MOBILITY_BRR);
    say_plain(LK_MOBILITY_BE);
    return 0;
}

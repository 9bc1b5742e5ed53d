/* Octets as the attributes of what an agent of Mobile IP asks, and of what it is given: a question
 * is whole, or none; a key has its numbers, or there is none; and what was read, put again, is
 * read as the same. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "proto/radius/private_mip.h"

enum { ENTERPRISE = 32473 };

static const uint8_t authenticator[16] = { 1, 2, 3 }, salt[LK_RADIUS_SALT_LEN] = { 0x80, 1 };
static const uint8_t zeroes[LK_RADIUS_PACKET_MAX];

static struct lk_radius_packet packet_of(struct lk_writer *w)
{
    struct lk_radius_packet packet;

    LK_ASSERT(lk_radius_end(w) == LK_OK);
    LK_ASSERT(lk_radius_decode(&packet, lk_writer_span(w)) == LK_OK);
    return packet;
}

static void question(const struct lk_radius_packet *packet)
{
    uint8_t room[LK_MIP_MESSAGE_MAX], second[LK_MIP_MESSAGE_MAX], octets[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_mip_ask ask, again;
    struct lk_radius_packet put;

    if (lk_radius_take_mip_ask(&ask, packet, ENTERPRISE, room, sizeof room) != LK_OK) {
        LK_ASSERT(ask.request.len == 0 && ask.nai.len == 0);
        return;
    }
    LK_ASSERT(lk_radius_is_mip_ask(packet, ENTERPRISE));
    LK_ASSERT(ask.request.len > 0 && ask.request.at == room);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, 1);
    lk_radius_put_mip_ask(&w, ENTERPRISE, &ask);
    put = packet_of(&w);
    LK_ASSERT(lk_radius_take_mip_ask(&again, &put, ENTERPRISE, second, sizeof second) == LK_OK);
    LK_ASSERT(lk_span_equal(ask.request, again.request) && lk_span_equal(ask.nai, again.nai) &&
              lk_span_equal(ask.name, again.name) && ask.spi == again.spi &&
              ask.has_chap == again.has_chap);
}

static void answer(const struct lk_radius_packet *packet, enum lk_radius_mip_agent agent)
{
    uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_secret secret;
    struct lk_radius_mip mip, again;
    struct lk_radius_packet put;

    LK_ASSERT(lk_radius_secret_set(&secret, lk_span_text("fuzz")) == LK_OK);
    if (lk_radius_open_mip(&mip, packet, ENTERPRISE, agent, &secret, authenticator) != LK_OK) {
        LK_ASSERT(memcmp(&mip, zeroes, sizeof mip) == 0);
        return;
    }
    LK_ASSERT(mip.secret.len == 0 ||
              (agent == LK_RADIUS_MIP_HOME ? mip.has_home : mip.has_foreign));
    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    lk_radius_put_mip(&w, ENTERPRISE, &mip, &secret, authenticator, salt);
    put = packet_of(&w);
    LK_ASSERT(lk_radius_open_mip(&again, &put, ENTERPRISE, agent, &secret, authenticator) ==
              LK_OK);
    LK_ASSERT(memcmp(&mip, &again, sizeof mip) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    uint8_t room[LK_RADIUS_PACKET_MAX] = { 2, 1 };
    struct lk_radius_packet packet;

    if (len > sizeof room - LK_RADIUS_HEADER_LEN)
        return 0;
    memcpy(room + LK_RADIUS_HEADER_LEN, octets, len);
    len += LK_RADIUS_HEADER_LEN;
    room[2] = (uint8_t)(len >> 8);
    room[3] = (uint8_t)len;
    if (lk_radius_decode(&packet, lk_span_of(room, len)) != LK_OK)
        return 0;
    question(&packet);
    answer(&packet, LK_RADIUS_MIP_HOME);
    answer(&packet, LK_RADIUS_MIP_FOREIGN);
    LK_ASSERT(lk_radius_take_mip_refused(&packet, ENTERPRISE) < LK_REASON_COUNT);
    return 0;
}

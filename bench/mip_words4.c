/* Mobile IPv4, by HMAC-SHA-256. */
#include "base/ntp.h"
#include "fleet.h"
#include "mip_nodes.h"
#include "mip_words.h"
#include "wire/mip.h"

enum {
    LIFETIME = 1800,
    CARE_OF_AT = 12,
    IDENTIFICATION_AT = 16,
    DIGITS_AT = 24 + 2 + 1, /* behind the fixed part, the head of the NAI and its first digit */
    MAC = 32,
    AUTH_HEAD = 6,
    REPLY_ID_AT = 12,
    REPLY_LEN = 20 + 8, /* and the extension that answers for the tunnel */
    TUNNEL_HEAD = 4,
    IP_HEAD = 20,
    ECHO_LEAST = TUNNEL_HEAD + IP_HEAD + 8,
};

static uint8_t model[BENCH_MIP_OCTETS];
static size_t model_len; /* without its authenticator */

static void begin(void)
{
    char nai[2 + BENCH_NODE_DIGITS + sizeof bench_node_realm];
    struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = LIFETIME,
        .agent = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 }),
    };
    struct lk_writer w = lk_writer_of(model, sizeof model);
    static const uint8_t udp[] = { 144, 6, 0, 0, 0x80, 4, 0, 0 };
    const uint8_t auth[] = { 32, 4 + MAC, 0, 0, BENCH_NODE_SPI >> 8, BENCH_NODE_SPI & 0xff };
    size_t len = bench_node_nai(nai, 0);

    lk_mip_request_put(&w, &request);
    lk_put_u8(&w, 131);
    lk_put_u8(&w, (uint8_t)len);
    lk_put_octets(&w, nai, len);
    lk_put_octets(&w, udp, sizeof udp);
    lk_put_octets(&w, auth, sizeof auth);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    model_len = w.len;
}

static size_t request(uint8_t octets[BENCH_MIP_OCTETS], uint32_t number, uint64_t us)
{
    char digits[BENCH_NODE_DIGITS + 1];
    struct lk_mip_association with;
    uint64_t identification = lk_ntp_of(us / 1000, (uint32_t)(us % 1000) << 12);

    bench_node_digits(digits, number);
    bench_node_key(&with, digits, LK_MIP_HMAC_SHA256);
    memcpy(octets, model, model_len);
    bench_fleet_address(octets + CARE_OF_AT, number);
    for (size_t i = 0; i < sizeof identification; i++)
        octets[IDENTIFICATION_AT + i] = (uint8_t)(identification >> (56 - 8 * i));
    memcpy(octets + DIGITS_AT, digits, BENCH_NODE_DIGITS);
    (void)lk_mip_authenticate(octets + model_len, &with, lk_span_of(octets, model_len));
    return model_len + MAC;
}

static enum bench_mip_answer answer(struct lk_span octets)
{
    if (octets.len < REPLY_LEN || octets.at[0] != LK_MIP_REPLY)
        return BENCH_MIP_NONE;
    return octets.at[1] == 0 ? BENCH_MIP_ACCEPTED : BENCH_MIP_REFUSED;
}

static size_t echo(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span asked)
{
    uint8_t *ip = octets + TUNNEL_HEAD, address[4];
    uint32_t sum;

    if (asked.len < ECHO_LEAST || asked.len > BENCH_MIP_OCTETS || asked.at[0] != LK_MIP_TUNNEL ||
        asked.at[TUNNEL_HEAD + IP_HEAD] != 8)
        return 0;
    memcpy(octets, asked.at, asked.len);
    memcpy(address, ip + 12, 4);
    memcpy(ip + 12, ip + 16, 4);
    memcpy(ip + 16, address, 4);
    ip[IP_HEAD] = 0;
    sum = ((uint32_t)ip[IP_HEAD + 2] << 8 | ip[IP_HEAD + 3]) + 0x0800;
    sum = (sum & 0xffff) + (sum >> 16);
    ip[IP_HEAD + 2] = (uint8_t)(sum >> 8);
    ip[IP_HEAD + 3] = (uint8_t)sum;
    return asked.len;
}

static size_t floor_of(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span asked)
{
    struct lk_mip_association with;

    if (asked.len < DIGITS_AT + BENCH_NODE_DIGITS + MAC || asked.at[0] != LK_MIP_REQUEST)
        return 0;
    bench_node_key(&with, asked.at + DIGITS_AT, LK_MIP_HMAC_SHA256);
    if (lk_mip_verify(&with, lk_span_of(asked.at, asked.len - MAC),
                      lk_span_of(asked.at + asked.len - MAC, MAC)) != LK_OK)
        return 0;
    memset(octets, 0, REPLY_LEN + AUTH_HEAD);
    octets[0] = LK_MIP_REPLY;
    memcpy(octets + REPLY_ID_AT, asked.at + IDENTIFICATION_AT, 8);
    octets[REPLY_LEN] = 32;
    octets[REPLY_LEN + 1] = AUTH_HEAD - 2 + MAC;
    (void)lk_mip_authenticate(octets + REPLY_LEN + AUTH_HEAD, &with,
                              lk_span_of(octets, REPLY_LEN + AUTH_HEAD));
    return REPLY_LEN + AUTH_HEAD + MAC;
}

const struct bench_mip_words bench_mip4 = {
    .algorithm = "hmac-sha256", .begin = begin, .request = request, .answer = answer,
    .echo = echo, .floor = floor_of,
};

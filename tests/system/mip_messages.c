/* Messages of Mobile IPv4, for a judge: mip_messages COUNT. A line each: the message in hex, then
 * for each authenticator in it SPI, algorithm (or chap), key, how much it covers, and the challenge
 * (or -), with commas between; behind them, the lines of ICMP of agents. What is in them is of a
 * generator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/ntp.h"
#include "keys/mip.h"
#include "wire/mip.h"
#include "wire/mip_agent.h"

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
    uint8_t octets[4];

    (void)octets_of(octets, sizeof octets);
    return lk_address_v4(octets);
}

static void hex(struct lk_span octets)
{
    static char text[2 * LK_MIP_MESSAGE_MAX + 1];

    LK_ASSERT(lk_hex_encode(text, sizeof text, octets) == LK_OK);
    printf("%s", text);
}

/* ---- extensions ---- */

static struct lk_mip_extensions extensions;
static uint8_t nonces[2][64], challenge[255], value[64], text[64];

static void draw_key(struct lk_mip_key_reply *key, uint8_t nonce[64])
{
    key->lifetime_s = drawn() * 7200u;
    key->aaa_spi = 256u + drawn();
    key->agent_spi = 512u + drawn();
    key->algorithm = LK_MIP_HMAC_MD5;
    key->replay = LK_MIP_TIMESTAMPS;
    key->nonce = octets_of(nonce, 16u + drawn() % 49u);
}

static void draw_extensions(void)
{
    struct lk_mip_extensions *e = &extensions;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "abcdefghijklmnop@qrstuvwxyz.1234"[drawn() % 32u];
    e->nai = lk_span_of(text, 1u + drawn() % 64u);
    e->challenge = octets_of(challenge, 4u + drawn() % 252u);
    e->mn_fa_spi = 768u + drawn();
    e->mn_ha_spi = 1024u + drawn();
    draw_key(&e->mn_fa_key, nonces[0]);
    draw_key(&e->mn_ha_key, nonces[1]);
    e->carried_count = 1u + drawn() % 2u;
    for (size_t i = 0; i < e->carried_count; i++) {
        e->carried[i].subtype = (uint8_t)(1 + i);
        e->carried[i].nai = lk_span_of(text, 3u + i);
    }
    e->revocable.informs = drawn() % 2 != 0;
    e->revocable.timestamp = drawn() * 65537u;
    e->dynamic_ha.subtype = LK_MIP_HA_REQUESTED;
    e->dynamic_ha.agent = address();
    e->udp_request.flags = drawn() & 0xc0;
    e->udp_request.encapsulation = LK_MIP_IN_IP;
    e->udp_reply.code = LK_MIP_UDP_ACCEPTED;
    e->udp_reply.forced = drawn() % 2 != 0;
    e->udp_reply.keepalive_s = drawn();
    e->vendor_count = 1u + drawn() % LK_MIP_VENDORS;
    for (size_t i = 0; i < e->vendor_count; i++)
        e->vendor[i] = (struct lk_mip_vendor){ drawn() % 2 != 0, 32473, drawn(),
                                               octets_of(value, drawn() % 65u) };
}

static const enum lk_mip_extension all[] = {
    LK_MIP_NAI,           LK_MIP_DYNAMIC_HA,        LK_MIP_NAI_CARRYING,      LK_MIP_REVOCABLE,
    LK_MIP_VENDOR,        LK_MIP_VENDOR_CRITICAL,   LK_MIP_CHALLENGE,         LK_MIP_UDP_REQUEST,
    LK_MIP_UDP_REPLY,     LK_MIP_MN_HA_KEY_REQUEST, LK_MIP_MN_FA_KEY_REQUEST,
    LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_FA_KEY_REPLY,
};

/* ---- authenticators ---- */

static char proofs[2048];

static void say_proof(uint32_t spi, const char *algorithm, struct lk_span key, size_t covered,
                      struct lk_span with)
{
    char key_text[2 * 64 + 1], with_text[2 * 255 + 1] = "-";
    size_t at = strlen(proofs);

    LK_ASSERT(lk_hex_encode(key_text, sizeof key_text, key) == LK_OK);
    LK_ASSERT(with.len == 0 || lk_hex_encode(with_text, sizeof with_text, with) == LK_OK);
    (void)snprintf(proofs + at, sizeof proofs - at, "\t%u,%s,%s,%zu,%s", spi, algorithm, key_text,
                   covered, with_text);
}

static void put_proof(struct lk_writer *w, enum lk_mip_extension which)
{
    static const struct {
        enum lk_mip_algorithm algorithm;
        const char *name;
    } algorithms[] = { { LK_MIP_HMAC_MD5, "md5" }, { LK_MIP_HMAC_SHA1, "sha1" },
                       { LK_MIP_HMAC_SHA256, "sha256" } };
    size_t chosen = drawn() % LK_COUNT_OF(algorithms);
    struct lk_mip_association a = { .spi = LK_MIP_SPI_LEAST + drawn(),
                                    .algorithm = (uint16_t)algorithms[chosen].algorithm };
    uint8_t key[64], made[LK_MIP_AUTHENTICATOR_MAX];
    struct lk_span covered, octets = octets_of(key, 16u + drawn() % 49u);
    size_t len = lk_mip_authenticator_len(a.algorithm);

    LK_ASSERT(lk_mip_secret_set(&a.secret, octets) == LK_OK);
    covered = lk_mip_auth_put(w, which, a.spi, len);
    LK_ASSERT(lk_mip_authenticate(made, &a, covered) == len);
    lk_put_octets(w, made, len);
    say_proof(a.spi, algorithms[chosen].name, octets, covered.len, lk_span_of(NULL, 0));
}

static void put_chap(struct lk_writer *w)
{
    uint8_t key[64], made[LK_MIP_CHAP_LEN];
    struct lk_span covered, octets = octets_of(key, 16u + drawn() % 49u);
    struct lk_mip_secret secret;
    struct lk_mip_chap chap;

    LK_ASSERT(lk_mip_secret_set(&secret, octets) == LK_OK);
    covered = lk_mip_auth_put(w, LK_MIP_MN_AAA_AUTH, LK_MIP_SPI_CHAP, sizeof made);
    lk_mip_chap_of(&chap, covered, extensions.challenge);
    lk_mip_chap_authenticate(made, &chap, &secret);
    lk_put_octets(w, made, sizeof made);
    say_proof(LK_MIP_SPI_CHAP, "chap", octets, covered.len, extensions.challenge);
}

/* ---- messages ---- */

static uint64_t identification(void)
{
    return lk_ntp_of(UINT64_C(1795000000000) + drawn() * 86400000u, drawn());
}

/* How many of all[] this message may have: replies have no requests, and the other way round. */
static bool may(bool request, enum lk_mip_extension which)
{
    switch ((int)which) {
    case LK_MIP_UDP_REQUEST:
    case LK_MIP_MN_HA_KEY_REQUEST:
    case LK_MIP_MN_FA_KEY_REQUEST: return request;
    case LK_MIP_UDP_REPLY:
    case LK_MIP_MN_HA_KEY_REPLY:
    case LK_MIP_MN_FA_KEY_REPLY: return !request;
    default: return true;
    }
}

static void registration(struct lk_writer *w, bool is_request)
{
    struct lk_mip_request request = { drawn() & 0xfa, drawn() * 257u, address(), address(),
                                      address(), identification(), { .count = 0 } };
    struct lk_mip_reply reply = { drawn(), drawn() * 257u, address(), address(),
                                  identification(), { .count = 0 } };

    if (is_request)
        lk_mip_request_put(w, &request);
    else
        lk_mip_reply_put(w, &reply);
    for (size_t i = 0; i < LK_COUNT_OF(all); i++)
        if (may(is_request, all[i]) && drawn() % 4 == 0)
            lk_mip_extension_put(w, all[i], &extensions);
    put_proof(w, LK_MIP_MN_HA_AUTH);
    if (is_request && drawn() % 2 != 0)
        put_chap(w);
    else if (is_request)
        put_proof(w, LK_MIP_MN_AAA_AUTH);
    put_proof(w, drawn() % 2 != 0 ? LK_MIP_MN_FA_AUTH : LK_MIP_FA_HA_AUTH);
}

static void revocation(struct lk_writer *w, bool ack)
{
    struct lk_mip_revocation m = { drawn() % 2 != 0, drawn() % 2 != 0, address(), address(),
                                   address(), drawn() * 65537u, { .count = 0 } };

    if (ack)
        lk_mip_revocation_ack_put(w, &m);
    else
        lk_mip_revocation_put(w, &m);
    put_proof(w, LK_MIP_FA_HA_AUTH);
}

static void advertisement(struct lk_writer *w)
{
    uint8_t bits[LK_MIP_ROUTERS];
    struct lk_mip_advertisement a = {
        .code = drawn() % 2 != 0 ? LK_MIP_ROUTES_MOBILE : 0,
        .lifetime_s = drawn(),
        .router_count = drawn() % (LK_MIP_ROUTERS + 1u),
        .has_agent = true,
        .sequence = lk_mip_sequence_next((uint16_t)(drawn() << 8 | drawn())),
        .registration_s = drawn() * 257u,
        .flags = LK_MIP_AGENT_FOREIGN | (uint16_t)(drawn() << 8 & 0xed00) | (drawn() & 0xc0),
        .care_of_count = 1u + drawn() % LK_MIP_CARE_OFS,
        .challenge = octets_of(challenge, 4u + drawn() % 32u),
    };

    for (size_t i = 0; i < a.router_count; i++)
        a.router[i] = (struct lk_mip_router){ address(), drawn() };
    for (size_t i = 0; i < a.care_of_count; i++)
        a.care_of[i] = address();
    a.prefix_bits = octets_of(bits, a.router_count);
    lk_mip_advertisement_put(w, &a);
}

int main(int argc, char **argv)
{
    unsigned count = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

    for (unsigned i = 0; i < count; i++) {
        uint8_t octets[4 * LK_MIP_MESSAGE_MAX];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        proofs[0] = '\0';
        draw_extensions();
        switch (i % 8) {
        case 5: revocation(&w, false); break;
        case 6: revocation(&w, true); break;
        case 7:
            if (i % 16 == 7)
                lk_mip_solicitation_put(&w);
            else
                advertisement(&w);
            break;
        default: registration(&w, i % 2 == 0);
        }
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        hex(lk_writer_span(&w));
        printf("%s\n", proofs);
    }
    return argc == 2 ? 0 : 2;
}

#include "proto/radius/private_mip.h"

#include <string.h>

#include "base/secret.h"

enum {
    PIECE = 247, /* what one vendor attribute holds */
    AGENT_LEAST = 2,
    NUMBERS_LEAST = 20,
    CODE_MAX = 64, /* of a reason's name */
};

_Static_assert(LK_RADIUS_MIP_NONCE_MAX + NUMBERS_LEAST <= PIECE, "numbers fit one attribute");
_Static_assert(LK_RADIUS_MIP_NAME_MAX + AGENT_LEAST <= PIECE, "a name fits");

/* ---- one attribute ---- */

/* All of one vendor and type, one after the other. */
struct walk {
    struct lk_reader outer, inner;
    uint32_t vendor;
    uint8_t type;
};

static struct walk walk_of(const struct lk_radius_packet *packet, uint32_t vendor, uint8_t type)
{
    return (struct walk){ .outer = lk_reader_of(packet->attributes),
                          .inner = lk_reader_of(lk_span_of(NULL, 0)),
                          .vendor = vendor, .type = type };
}

static bool next(struct walk *walk, struct lk_span *value)
{
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor vendor;

    for (;;) {
        while (lk_radius_next(&walk->inner, &attribute)) {
            if (attribute.type != walk->type)
                continue;
            *value = attribute.value;
            return true;
        }
        do {
            if (!lk_radius_next(&walk->outer, &attribute))
                return false;
            /* Another vendor may lay out its attribute as it likes. */
        } while (attribute.type != LK_RADIUS_VENDOR_SPECIFIC ||
                 lk_radius_decode_vendor(&vendor, attribute.value) != LK_OK ||
                 vendor.id != walk->vendor);
        walk->inner = lk_reader_of(vendor.attributes);
    }
}

/* The one of its kind. LK_E_MISSING, LK_E_TWICE; value is then empty. */
static enum lk_status take_one(struct lk_span *value, const struct lk_radius_packet *packet,
                               uint32_t vendor, uint8_t type)
{
    struct walk walk = walk_of(packet, vendor, type);
    struct lk_span second;

    *value = lk_span_of(NULL, 0);
    if (!next(&walk, value))
        return LK_E_MISSING;
    if (!next(&walk, &second))
        return LK_OK;
    *value = lk_span_of(NULL, 0);
    return LK_E_TWICE;
}

/* The same of what may be left out. */
static enum lk_status take_any(bool *found, struct lk_span *value,
                               const struct lk_radius_packet *packet, uint32_t vendor,
                               uint8_t type)
{
    enum lk_status status = take_one(value, packet, vendor, type);

    *found = status == LK_OK;
    return status == LK_E_MISSING ? LK_OK : status;
}

static enum lk_status take_plain(struct lk_span *value, const struct lk_radius_packet *packet,
                                 uint8_t type)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    bool found = false;

    *value = lk_span_of(NULL, 0);
    while (lk_radius_next(&r, &attribute)) {
        if (attribute.type != type)
            continue;
        if (found)
            return LK_E_TWICE;
        found = true;
        *value = attribute.value;
    }
    return found ? LK_OK : LK_E_MISSING;
}

static void put_u32(struct lk_writer *w, uint32_t vendor, uint8_t type, uint32_t number)
{
    const uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8), (uint8_t)number };

    lk_radius_put_vendor(w, vendor, type, LK_SPAN(octets));
}

/* ---- the question ---- */

static void put_agent(struct lk_writer *w, uint32_t enterprise,
                      const struct lk_radius_mip_ask *ask)
{
    uint8_t room[PIECE];
    struct lk_writer agent = lk_writer_of(room, sizeof room);

    lk_put_u8(&agent, (uint8_t)ask->agent);
    lk_put_u8(&agent, (uint8_t)ask->wants);
    lk_put_span(&agent, ask->name);
    lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIP_AGENT, lk_writer_span(&agent));
}

/* spec: RFC 4721 8 - what an agent makes of MN-AAA under SPI 2: the identifier and what the node
 * has sent are the password, what it was made of is the challenge. */
static void put_chap(struct lk_writer *w, const struct lk_radius_mip_ask *ask)
{
    uint8_t password[1 + LK_MIP_CHAP_LEN];

    password[0] = ask->chap.id;
    memcpy(password + 1, ask->chap_answer, LK_MIP_CHAP_LEN);
    lk_radius_put(w, LK_RADIUS_CHAP_PASSWORD, LK_SPAN(password));
    lk_radius_put(w, LK_RADIUS_CHAP_CHALLENGE,
                  lk_span_of(ask->chap.challenge, ask->chap.len));
}

void lk_radius_put_mip_ask(struct lk_writer *w, uint32_t enterprise,
                           const struct lk_radius_mip_ask *ask)
{
    lk_radius_put(w, LK_RADIUS_USER_NAME, ask->nai);
    put_agent(w, enterprise, ask);
    for (size_t at = 0; at < ask->request.len; at += PIECE) {
        size_t left = ask->request.len - at;

        lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIP_REQUEST,
                             lk_span_of(ask->request.at + at, left < PIECE ? left : PIECE));
    }
    if (ask->spi != 0)
        put_u32(w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, ask->spi);
    if (ask->has_chap)
        put_chap(w, ask);
}

static enum lk_status take_agent(struct lk_radius_mip_ask *ask, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);
    unsigned agent = lk_get_u8(&r), wants = lk_get_u8(&r);

    ask->name = lk_get_rest(&r);
    if (r.status != LK_OK || ask->name.len == 0)
        return LK_E_LENGTH;
    if ((agent != LK_RADIUS_MIP_HOME && agent != LK_RADIUS_MIP_FOREIGN) ||
        (wants != LK_RADIUS_MIP_KEYS && wants != LK_RADIUS_MIP_PUSHED))
        return LK_E_VALUE;
    ask->agent = (enum lk_radius_mip_agent)agent;
    ask->wants = (enum lk_radius_mip_wants)wants;
    return LK_OK;
}

static enum lk_status join_request(struct lk_radius_mip_ask *ask,
                                   const struct lk_radius_packet *packet, uint32_t enterprise,
                                   uint8_t *room, size_t cap)
{
    struct walk walk = walk_of(packet, enterprise, LK_RADIUS_MIP_REQUEST);
    struct lk_writer w = lk_writer_of(room, cap);
    struct lk_span piece;

    while (next(&walk, &piece))
        lk_put_span(&w, piece);
    if (lk_writer_end(&w) != LK_OK)
        return LK_E_FULL;
    ask->request = lk_writer_span(&w);
    return w.len == 0 ? LK_E_MISSING : LK_OK;
}

/* Both, or neither. */
static enum lk_status take_chap(struct lk_radius_mip_ask *ask,
                                const struct lk_radius_packet *packet)
{
    struct lk_span password, challenge;
    enum lk_status has = take_plain(&password, packet, LK_RADIUS_CHAP_PASSWORD);
    enum lk_status status = take_plain(&challenge, packet, LK_RADIUS_CHAP_CHALLENGE);

    if (has == LK_E_TWICE || status == LK_E_TWICE)
        return LK_E_TWICE;
    if (has == LK_E_MISSING && status == LK_E_MISSING)
        return LK_OK;
    if (has != status)
        return LK_E_VALUE;
    if (password.len != 1 + LK_MIP_CHAP_LEN || challenge.len == 0 ||
        challenge.len > sizeof ask->chap.challenge)
        return LK_E_LENGTH;
    ask->has_chap = true;
    ask->chap.id = password.at[0];
    memcpy(ask->chap_answer, password.at + 1, LK_MIP_CHAP_LEN);
    ask->chap.len = (uint8_t)challenge.len;
    memcpy(ask->chap.challenge, challenge.at, challenge.len);
    return LK_OK;
}

static enum lk_status take_spi(uint32_t *spi, const struct lk_radius_packet *packet)
{
    struct lk_span value;
    bool found;
    enum lk_status status = take_any(&found, &value, packet, LK_RADIUS_3GPP2,
                                     LK_RADIUS_MN_HA_SPI);

    *spi = 0;
    return status == LK_OK && found ? lk_radius_u32(spi, value) : status;
}

bool lk_radius_is_mip_ask(const struct lk_radius_packet *packet, uint32_t enterprise)
{
    struct lk_span value;

    return lk_radius_find_vendor(packet, enterprise, LK_RADIUS_MIP_AGENT, &value);
}

enum lk_status lk_radius_take_mip_ask(struct lk_radius_mip_ask *ask,
                                      const struct lk_radius_packet *packet, uint32_t enterprise,
                                      uint8_t *room, size_t cap)
{
    struct lk_span value;
    enum lk_status status;

    memset(ask, 0, sizeof *ask);
    status = take_one(&value, packet, enterprise, LK_RADIUS_MIP_AGENT);
    if (status == LK_OK)
        status = take_agent(ask, value);
    if (status == LK_OK)
        status = take_plain(&ask->nai, packet, LK_RADIUS_USER_NAME);
    if (status == LK_OK && ask->nai.len == 0)
        status = LK_E_LENGTH;
    if (status == LK_OK)
        status = join_request(ask, packet, enterprise, room, cap);
    if (status == LK_OK)
        status = take_spi(&ask->spi, packet);
    if (status == LK_OK && ask->wants == LK_RADIUS_MIP_PUSHED && ask->spi < LK_MIP_SPI_LEAST)
        status = LK_E_VALUE;
    if (status == LK_OK)
        status = take_chap(ask, packet);
    if (status != LK_OK)
        memset(ask, 0, sizeof *ask);
    return status;
}

/* ---- the answer ---- */

static void put_numbers(struct lk_writer *w, uint32_t enterprise, uint8_t type,
                        const struct lk_radius_mip_numbers *numbers)
{
    uint8_t room[NUMBERS_LEAST + LK_RADIUS_MIP_NONCE_MAX];
    struct lk_writer value = lk_writer_of(room, sizeof room);

    lk_put_be32(&value, numbers->spi);
    lk_put_be32(&value, numbers->spi_back);
    lk_put_be32(&value, numbers->aaa_spi);
    lk_put_be16(&value, numbers->algorithm);
    lk_put_be16(&value, numbers->replay);
    lk_put_be32(&value, numbers->lifetime_s);
    lk_put_span(&value, lk_span_of(numbers->nonce, numbers->nonce_len));
    lk_radius_put_vendor(w, enterprise, type, lk_writer_span(&value));
}

void lk_radius_put_mip(struct lk_writer *w, uint32_t enterprise, const struct lk_radius_mip *mip,
                       const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                       const uint8_t salt[LK_RADIUS_SALT_LEN])
{
    struct lk_span key = lk_span_of(mip->secret.octets, mip->secret.len);

    if (mip->has_home)
        put_numbers(w, enterprise, LK_RADIUS_MIP_MN_HA, &mip->home);
    if (mip->has_foreign)
        put_numbers(w, enterprise, LK_RADIUS_MIP_MN_FA, &mip->foreign);
    if (key.len == 0)
        return;
    if (mip->agent == LK_RADIUS_MIP_FOREIGN) {
        lk_radius_put_hidden(w, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY, secret,
                             authenticator, salt, key);
        return;
    }
    put_u32(w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SPI, mip->home.spi);
    lk_radius_put_hidden(w, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, secret, authenticator,
                         salt, key);
}

/* spec: RFC 3957 6.4 - by what, and against replay how: an AAA may say what this side has not. */
static bool can_be_used(const struct lk_radius_mip_numbers *numbers)
{
    switch (numbers->algorithm) {
    case LK_MIP_HMAC_MD5:
    case LK_MIP_HMAC_SHA1:
    case LK_MIP_HMAC_SHA256:
        break;
    default:
        return false;
    }
    return numbers->replay == 0 || numbers->replay == LK_MIP_TIMESTAMPS ||
           numbers->replay == LK_MIP_NONCES;
}

enum lk_status lk_radius_read_mip_numbers(struct lk_radius_mip_numbers *numbers,
                                          struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);
    struct lk_span nonce;

    numbers->spi = lk_get_be32(&r);
    numbers->spi_back = lk_get_be32(&r);
    numbers->aaa_spi = lk_get_be32(&r);
    numbers->algorithm = lk_get_be16(&r);
    numbers->replay = lk_get_be16(&r);
    numbers->lifetime_s = lk_get_be32(&r);
    nonce = lk_get_rest(&r);
    if (r.status != LK_OK || nonce.len > sizeof numbers->nonce ||
        (nonce.len != 0 && nonce.len < LK_MIP_NONCE_LEAST))
        return LK_E_LENGTH;
    if (numbers->spi < LK_MIP_SPI_LEAST || numbers->spi_back < LK_MIP_SPI_LEAST ||
        !can_be_used(numbers))
        return LK_E_VALUE;
    numbers->nonce_len = (uint8_t)nonce.len;
    if (nonce.len > 0)
        memcpy(numbers->nonce, nonce.at, nonce.len);
    return LK_OK;
}

enum lk_status lk_radius_take_mip_numbers(bool *found, struct lk_radius_mip_numbers *numbers,
                                          const struct lk_radius_packet *packet,
                                          uint32_t enterprise, uint8_t type)
{
    struct lk_span value;
    enum lk_status status = take_any(found, &value, packet, enterprise, type);

    return status == LK_OK && *found ? lk_radius_read_mip_numbers(numbers, value) : status;
}

static enum lk_status open_secret(struct lk_mip_secret *to, struct lk_span value,
                                  const struct lk_radius_secret *secret,
                                  const uint8_t authenticator[16])
{
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    size_t len = 0;
    enum lk_status status = lk_radius_open_hidden(plain, &len, value, secret, authenticator);

    if (status == LK_OK)
        status = lk_mip_secret_set(to, lk_span_of(plain, len));
    lk_wipe(plain, sizeof plain);
    return status;
}

/* What an AAA means that has no attributes of ours. */
static enum lk_status plain_numbers(struct lk_radius_mip *mip,
                                    const struct lk_radius_packet *packet, uint32_t spi)
{
    struct lk_span value;
    enum lk_status status = take_plain(&value, packet, LK_RADIUS_SESSION_TIMEOUT);

    mip->has_home = true;
    mip->home = (struct lk_radius_mip_numbers){ .spi = spi, .spi_back = spi,
                                                .algorithm = LK_MIP_HMAC_MD5,
                                                .replay = LK_MIP_TIMESTAMPS };
    return status == LK_OK ? lk_radius_u32(&mip->home.lifetime_s, value) : status;
}

/* The SPI and the key stand together, and the SPI is that of the numbers. */
static enum lk_status check_home(struct lk_radius_mip *mip, const struct lk_radius_packet *packet)
{
    uint32_t spi;
    enum lk_status status = take_spi(&spi, packet);

    if (status != LK_OK)
        return status;
    if (spi < LK_MIP_SPI_LEAST)
        return spi == 0 ? LK_E_MISSING : LK_E_VALUE;
    if (!mip->has_home)
        return plain_numbers(mip, packet, spi);
    return spi == mip->home.spi ? LK_OK : LK_E_VALUE;
}

static enum lk_status open_key(struct lk_radius_mip *mip, const struct lk_radius_packet *packet,
                               const struct lk_radius_secret *secret,
                               const uint8_t authenticator[16])
{
    bool home = mip->agent == LK_RADIUS_MIP_HOME, found;
    struct lk_span value;
    enum lk_status status =
        take_any(&found, &value, packet, home ? LK_RADIUS_3GPP2 : LK_RADIUS_MICROSOFT,
                 home ? LK_RADIUS_MN_HA_SHARED_KEY : LK_RADIUS_MS_MPPE_RECV_KEY);

    if (status != LK_OK || !found)
        /* Numbers of one's own key come with it. */
        return status == LK_OK && (home ? mip->has_home : mip->has_foreign) ? LK_E_MISSING
                                                                            : status;
    status = home ? check_home(mip, packet) : mip->has_foreign ? LK_OK : LK_E_MISSING;
    return status == LK_OK ? open_secret(&mip->secret, value, secret, authenticator) : status;
}

enum lk_status lk_radius_open_mip(struct lk_radius_mip *mip,
                                  const struct lk_radius_packet *packet, uint32_t enterprise,
                                  enum lk_radius_mip_agent agent,
                                  const struct lk_radius_secret *secret,
                                  const uint8_t authenticator[16])
{
    enum lk_status status;

    lk_wipe(mip, sizeof *mip);
    mip->agent = agent;
    status = lk_radius_take_mip_numbers(&mip->has_home, &mip->home, packet, enterprise,
                                        LK_RADIUS_MIP_MN_HA);
    if (status == LK_OK)
        status = lk_radius_take_mip_numbers(&mip->has_foreign, &mip->foreign, packet, enterprise,
                                            LK_RADIUS_MIP_MN_FA);
    if (status == LK_OK)
        status = open_key(mip, packet, secret, authenticator);
    if (status != LK_OK)
        lk_wipe(mip, sizeof *mip);
    return status;
}

/* ---- why not ---- */

void lk_radius_put_mip_refused(struct lk_writer *w, uint32_t enterprise, enum lk_reason reason)
{
    lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIP_REFUSED,
                         lk_span_text(lk_reason_row(reason)->code));
}

enum lk_reason lk_radius_take_mip_refused(const struct lk_radius_packet *packet,
                                          uint32_t enterprise)
{
    char code[CODE_MAX];
    struct lk_span value;

    if (take_one(&value, packet, enterprise, LK_RADIUS_MIP_REFUSED) != LK_OK ||
        value.len >= sizeof code || value.len == 0)
        return LK_REASON_NONE;
    memcpy(code, value.at, value.len);
    code[value.len] = '\0';
    return lk_reason_named(code);
}

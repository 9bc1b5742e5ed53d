/* `latchkey keys mn-ha` and `mn-fa`: keys of Mobile IP of the one with the home AAA. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/address.h"
#include "base/secret.h"
#include "keys/mip.h"

static const char clause[] = "RFC 3957 5";

static const struct lk_input mip_inputs[] = {
    { "aaa-key", LK_INPUT_HEX, true, 16, 64, "key of mobile node and home AAA, as Ks_NAF" },
    { "nonce", LK_INPUT_HEX, true, 16, 64, "key generation nonce: another one for each agent" },
    { "nai", LK_INPUT_TEXT, false, 1, 253, "NAI of the Registration Request; or, if it had none:" },
    { "home-address", LK_INPUT_TEXT, false, 7, 15, "its home address, which may be 0.0.0.0" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

/* The four octets of an IPv4 address; false, and said, when it is none. */
static bool read_address(uint8_t octets[4], struct lk_span text)
{
    struct lk_address address;
    char terminated[16] = { 0 };

    memcpy(terminated, text.at, text.len < sizeof terminated ? text.len : sizeof terminated - 1);
    if (lk_address_parse(&address, terminated) != LK_OK || !lk_address_is_v4(&address)) {
        (void)lk_in_refuse("--home-address is an IPv4 address, as 10.45.0.7");
        return false;
    }
    memcpy(octets, address.octets + LK_ADDRESS_LEN - 4, 4);
    return true;
}

static int run_mip(struct lk_derivation *d)
{
    const char *which = lk_in_one_of(d, "nai", "home-address",
                                     "either --nai or --home-address is wanted");
    struct lk_span key = lk_in_span(d, "aaa-key"), nonce = lk_in_span(d, "nonce"), identifier;
    struct lk_span from;
    struct lk_mip_key mip;
    struct lk_step *step;
    uint8_t address[4];

    if (which == NULL)
        return LK_EXIT_USAGE;
    identifier = lk_in_span(d, which);
    if (strcmp(which, "home-address") == 0) {
        if (!read_address(address, identifier))
            return LK_EXIT_USAGE;
        identifier = LK_SPAN(address);
    }
    lk_mip_key_derive(&mip, key, nonce, identifier);
    step = lk_step(d, LK_FN_HMAC_SHA1, clause);
    lk_piece(step, LK_PIECE_KEY, "AAA key", key);
    lk_piece(step, LK_PIECE_INPUT, "nonce", nonce);
    lk_piece(step, LK_PIECE_INPUT, which, identifier);
    from = lk_step_result(step, "key", sizeof mip.octets);
    lk_give(d, "key", LK_SPAN(mip.octets), from, "all of it", clause);
    lk_give(d, "key_128", lk_span_of(mip.octets, LK_MIP_KEY_SHORT),
            lk_span_of(from.at, LK_MIP_KEY_SHORT),
            "octets 0..15, where 128 bits are wanted: RFC 3957 does not say how", clause);
    lk_wipe(&mip, sizeof mip);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_mn_ha = {
    .name = "mn-ha",
    .summary = "the key of mobile node and home agent",
    .clause = clause,
    .prints = "key key_128",
    .inputs = mip_inputs,
    .run = run_mip,
};

const struct lk_key_name lk_key_mn_fa = {
    .name = "mn-fa",
    .summary = "the key of mobile node and foreign agent",
    .clause = clause,
    .prints = "key key_128",
    .inputs = mip_inputs,
    .run = run_mip,
};

/* Numbers of MIS that are ours to choose. Defaults are those of wire/mis_codes.h (its test compares
 * them). SAs stand on them, so that a reload changes none. */
#include "role/config_rows.h"

#define CODES mis.codes
#define CODE(path, member, least, most, otherwise)                                                 \
    LK_ROW_NUMBER("mis.codes." path, CODES.member, least, most, .restart = true,                   \
                  .fallback = otherwise)
#define TLV(word, own, otherwise) CODE("tlv." word, tlv[LK_MIS_OWN_##own], 64, 255, otherwise)
#define SUITE(word, which, otherwise)                                                              \
    CODE("suite." word, suite[LK_MIS_SUITE_##which], 1, 255, otherwise)
#define PRF(word, which, otherwise) CODE("prf." word, prf[LK_MIS_PRF_##which], 0, 7, otherwise)
#define REASON(word, which, otherwise)                                                             \
    CODE("reason." word, reason[LK_MIS_REASON_##which], 0, 255, otherwise)
#define ORIGIN(word, which, otherwise)                                                             \
    CODE("origin." word, origin[LK_MIS_ORIGIN_##which], 0, 255, otherwise)

static const struct lk_config_row rows[] = {
    TLV("said", SAID, "200"),
    TLV("security", SECURITY, "201"),
    TLV("nonce_t", NONCE_T, "202"),
    TLV("nonce_n", NONCE_N, "203"),
    TLV("auth_info", AUTH_INFO, "204"),
    TLV("auth_value", AUTH_VALUE, "205"),
    TLV("suites", SUITES, "206"),
    TLV("prfs", PRFS, "207"),
    TLV("key_envelope", KEY_ENVELOPE, "208"),
    TLV("lifetime", LIFETIME, "209"),
    TLV("pos", POS, "210"),
    TLV("chain", CHAIN, "211"),
    TLV("link_frames", LINK_FRAMES, "212"),
    TLV("capability", CAPABILITY, "213"),
    TLV("reason", REASON, "214"),
    TLV("dh", DH, "215"),
    TLV("link_types", LINK_TYPES, "216"),
    TLV("start_mark", START_MARK, "217"),
    TLV("link_keys", LINK_KEYS, "218"),
    TLV("place", PLACE, "219"),
    CODE("action.prereg_xfer", prereg_xfer, 13, 1023, "513"),
    CODE("action.n2n_prereg_xfer", n2n_prereg_xfer, 13, 1023, "514"),
    SUITE("ccm", CCM, "1"),
    SUITE("cbc-sha1", CBC_SHA1, "2"),
    SUITE("null-sha1", NULL_SHA1, "3"),
    SUITE("null-cmac", NULL_CMAC, "4"),
    PRF("cmac-aes", CMAC_AES, "0"),
    PRF("hmac-sha1", HMAC_SHA1, "1"),
    PRF("hmac-sha256", HMAC_SHA256, "2"),
    REASON("none", NONE, "0"),
    REASON("chain_limit", CHAIN_LIMIT, "1"),
    REASON("no_trust", NO_TRUST, "2"),
    REASON("unknown_mn", UNKNOWN_MN, "3"),
    REASON("no_common_suite", NO_COMMON_SUITE, "4"),
    REASON("key_expired", KEY_EXPIRED, "5"),
    REASON("full_auth_wanted", FULL_AUTH_WANTED, "6"),
    REASON("unreachable", UNREACHABLE, "7"),
    REASON("auth_failed", AUTH_FAILED, "8"),
    REASON("replay", REPLAY, "9"),
    REASON("no_target", NO_TARGET, "10"),
    ORIGIN("spos", SPOS, "0"),
    ORIGIN("home", HOME, "1"),
    ORIGIN("erp", ERP, "2"),
    CODE("bit.secured", secured, 12, 15, "14"),
    CODE("bit.proactive", proactive, 12, 15, "15"),
    LK_ROW("mis.codes.least_bit_first", BOOL, CODES.least_bit_first, .restart = true,
           .fallback = "false"),
    LK_ROW_TEXT("mis.codes.psk_usage", CODES.psk_usage, .restart = true, .min = 1,
                .fallback = "mis-dtls-psk@latchkey.example"),
    LK_ROW_TEXT("mis.codes.mn_usage", CODES.mn_usage, .restart = true, .min = 1,
                .fallback = "mis-mn@latchkey.example"),
    LK_ROW_TEXT("mis.codes.k_usage", CODES.k_usage, .restart = true, .min = 1,
                .fallback = "mis-k@latchkey.example"),
};

const struct lk_config_table lk_config_table_mis = { LK_ROLE_AAA | LK_ROLE_POS | LK_ROLE_UE,
                                                     LK_COUNT_OF(rows), rows };

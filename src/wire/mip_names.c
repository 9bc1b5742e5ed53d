/* Names of Mobile IPv4 messages and reply codes, as RFC 5944 3.4 and those that add to it have
 * them. */
#include "wire/mip.h"

const char *lk_mip_type_name(int type)
{
    switch (type) {
    case LK_MIP_REQUEST: return "Registration Request";
    case LK_MIP_REPLY: return "Registration Reply";
    case LK_MIP_TUNNEL: return "MIP Tunnel Data";
    case LK_MIP_REVOCATION: return "Registration Revocation";
    case LK_MIP_REVOCATION_ACK: return "Registration Revocation Acknowledgement";
    default: return "?";
    }
}

/* spec: RFC 5944 3.4 - codes of the foreign agent are below 128, but for one. */
static const struct {
    uint8_t code;
    const char *name;
} codes[] = {
    { LK_MIP_CODE_ACCEPTED, "registration accepted" },
    { LK_MIP_CODE_ACCEPTED_SINGLE,
      "registration accepted, but simultaneous mobility bindings unsupported" },
    { LK_MIP_CODE_FA_UNSPECIFIED, "reason unspecified" },
    { LK_MIP_CODE_FA_PROHIBITED, "administratively prohibited" },
    { LK_MIP_CODE_FA_RESOURCES, "insufficient resources" },
    { LK_MIP_CODE_FA_MN_AUTH, "mobile node failed authentication" },
    { LK_MIP_CODE_FA_HA_AUTH, "home agent failed authentication" },
    { LK_MIP_CODE_FA_LIFETIME, "requested Lifetime too long" },
    { LK_MIP_CODE_FA_POOR_REQUEST, "poorly formed Request" },
    { LK_MIP_CODE_FA_POOR_REPLY, "poorly formed Reply" },
    { LK_MIP_CODE_FA_ENCAPSULATION, "requested encapsulation unavailable" },
    { LK_MIP_CODE_FA_REVERSE_NONE, "requested reverse tunnel unavailable" },
    { LK_MIP_CODE_FA_REVERSE_MANDATORY, "reverse tunnel is mandatory and 'T' bit not set" },
    { LK_MIP_CODE_FA_TOO_DISTANT, "mobile node too distant" },
    { LK_MIP_CODE_FA_CARE_OF, "invalid care-of address" },
    { LK_MIP_CODE_FA_TIMEOUT, "registration timeout" },
    { LK_MIP_CODE_FA_DELIVERY_STYLE, "delivery style not supported" },
    { LK_MIP_CODE_FA_HOME_NETWORK, "home network unreachable" },
    { LK_MIP_CODE_FA_HA_HOST, "home agent host unreachable" },
    { LK_MIP_CODE_FA_HA_PORT, "home agent port unreachable" },
    { LK_MIP_CODE_FA_HA_UNREACHABLE, "home agent unreachable" },
    { LK_MIP_CODE_FA_HA_ZERO, "non-zero home agent address required" },
    { LK_MIP_CODE_FA_HOME_ZERO, "NONZERO_HOMEADDR_REQD" },
    { LK_MIP_CODE_FA_NAI_MISSING, "MISSING_NAI" },
    { LK_MIP_CODE_FA_HA_MISSING, "MISSING_HOME_AGENT" },
    { LK_MIP_CODE_FA_HOME_MISSING, "MISSING_HOMEADDR" },
    { LK_MIP_CODE_FA_VENDOR_MN, "unable to interpret CVSE sent by the mobile node" },
    { LK_MIP_CODE_FA_VENDOR_HA, "unable to interpret CVSE sent by the home agent" },
    { LK_MIP_CODE_FA_CHALLENGE_UNKNOWN, "UNKNOWN_CHALLENGE" },
    { LK_MIP_CODE_FA_CHALLENGE_MISSING, "MISSING_CHALLENGE" },
    { LK_MIP_CODE_FA_CHALLENGE_STALE, "STALE_CHALLENGE" },
    { LK_MIP_CODE_FA_MISSING_MN_FA, "MISSING_MN_FA" },
    { LK_MIP_CODE_FA_AAA_AUTH, "FA_BAD_AAA_AUTH" },
    { LK_MIP_CODE_FA_HA_CHALLENGE, "HA_WRONG_CHALLENGE" },
    { LK_MIP_CODE_FA_HA_ADDRESS, "Invalid Home Agent Address" },
    { LK_MIP_CODE_HA_UNSPECIFIED, "reason unspecified" },
    { LK_MIP_CODE_HA_PROHIBITED, "administratively prohibited" },
    { LK_MIP_CODE_HA_RESOURCES, "insufficient resources" },
    { LK_MIP_CODE_HA_MN_AUTH, "mobile node failed authentication" },
    { LK_MIP_CODE_HA_FA_AUTH, "foreign agent failed authentication" },
    { LK_MIP_CODE_HA_IDENTIFICATION, "registration Identification mismatch" },
    { LK_MIP_CODE_HA_POOR_REQUEST, "poorly formed Request" },
    { LK_MIP_CODE_HA_BINDINGS, "too many simultaneous mobility bindings" },
    { LK_MIP_CODE_HA_UNKNOWN, "unknown home agent address" },
    { LK_MIP_CODE_HA_REVERSE_NONE, "requested reverse tunnel unavailable" },
    { LK_MIP_CODE_HA_REVERSE_MANDATORY, "reverse tunnel is mandatory and 'T' bit not set" },
    { LK_MIP_CODE_HA_ENCAPSULATION, "requested encapsulation unavailable" },
    { LK_MIP_CODE_HA_VENDOR_MN, "unable to interpret CVSE sent by the mobile node" },
    { LK_MIP_CODE_HA_VENDOR_FA, "unable to interpret CVSE sent by the foreign agent" },
    { LK_MIP_CODE_HA_UDP_NONE, "requested UDP tunnel encapsulation unavailable" },
    { LK_MIP_CODE_HA_REDIRECTED, "REDIRECT-HA-REQ" },
    { LK_MIP_CODE_HA_AAA_AUTH, "HA_BAD_AAA_AUTH" },
};

const char *lk_mip_code_name(uint8_t code)
{
    for (size_t i = 0; i < LK_COUNT_OF(codes); i++)
        if (codes[i].code == code)
            return codes[i].name;
    return "?";
}

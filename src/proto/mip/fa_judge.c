/* The foreign agent's machine: what is refused, and with which code. */
#include <string.h>

#include "crypto/crypto.h"
#include "proto/mip/fa_parts.h"

uint64_t lk_mip_fa_hash(struct lk_span challenge)
{
    uint8_t hash[LK_SHA256_LEN];
    uint64_t first;

    lk_sha256(hash, &challenge, 1);
    memcpy(&first, hash, sizeof first);
    return first | 1;
}

struct verdict {
    bool fits;
    uint8_t code;
    enum lk_reason reason;
};

/* The first that does not fit. */
static enum lk_reason first_of(uint8_t *code, const struct verdict *verdicts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!verdicts[i].fits) {
            *code = verdicts[i].code;
            return verdicts[i].reason;
        }
    return LK_REASON_NONE;
}

/* Nothing that is for the home agent stands behind Mobile-Foreign, and something authorises. */
static bool is_in_order(const struct lk_mip_extensions *e)
{
    if (!lk_mip_has(e, LK_MIP_MN_HA_AUTH) && !lk_mip_has(e, LK_MIP_MN_AAA_AUTH))
        return false;
    return !lk_mip_has(e, LK_MIP_FA_HA_AUTH) &&
           !lk_mip_before(e, LK_MIP_MN_FA_AUTH, LK_MIP_MN_HA_AUTH) &&
           !lk_mip_before(e, LK_MIP_MN_FA_AUTH, LK_MIP_MN_AAA_AUTH);
}

static bool is_before(const struct lk_mip_extensions *e, enum lk_mip_extension b)
{
    return lk_mip_has(e, b) && lk_mip_before(e, LK_MIP_CHALLENGE, b);
}

static bool is_given(const struct lk_mip_fa_event *event)
{
    struct lk_span challenge = event->request->extensions.challenge;

    for (size_t i = 0; i < LK_MIP_FA_CHALLENGES; i++)
        if (event->given[i].len > 0 && lk_span_equal(event->given[i], challenge))
            return true;
    return false;
}

/* A22, spec: RFC 4721 3.2 - one of ours, under a proof of the node, and for the first time.
 * spec-not: RFC 4721 3.1 - Mobile-Home is proof enough: a node without a home AAA has no other, and
 * it is served when its home agent has verified that. */
static enum lk_reason judge_challenge(uint8_t *code, const struct lk_mip_fa *fa,
                                      const struct lk_mip_fa_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;
    const struct verdict verdicts[] = {
        { lk_mip_has(e, LK_MIP_CHALLENGE), LK_MIP_CODE_FA_CHALLENGE_MISSING,
          LK_REASON_MIP_CHALLENGE },
        { is_given(event), LK_MIP_CODE_FA_CHALLENGE_UNKNOWN, LK_REASON_MIP_CHALLENGE },
        { fa->used != lk_mip_fa_hash(e->challenge), LK_MIP_CODE_FA_CHALLENGE_STALE,
          LK_REASON_MIP_CHALLENGE },
        { is_before(e, LK_MIP_MN_AAA_AUTH) || is_before(e, LK_MIP_MN_FA_AUTH) ||
              (!lk_mip_has(e, LK_MIP_MN_AAA_AUTH) && is_before(e, LK_MIP_MN_HA_AUTH)),
          LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER },
    };

    return first_of(code, verdicts, LK_COUNT_OF(verdicts));
}

/* spec: RFC 5944 3.7.2.1 - what the node is to ask of us. */
static enum lk_reason judge_wishes(uint8_t *code, const struct lk_mip_fa_config *config,
                                   const struct lk_mip_fa_event *event)
{
    const struct lk_mip_request *request = event->request;
    bool reverse = (request->flags & LK_MIP_REVERSE) != 0;
    const struct verdict verdicts[] = {
        { lk_address_equal(&request->care_of, &config->care_of), LK_MIP_CODE_FA_CARE_OF,
          LK_REASON_MIP_CARE_OF },
        { !lk_mip_agent_is_open(&request->agent), LK_MIP_CODE_FA_HA_ZERO, LK_REASON_MIP_AGENT },
        { !lk_address_is_any(&request->home) || lk_mip_has(&request->extensions, LK_MIP_NAI),
          LK_MIP_CODE_FA_NAI_MISSING, LK_REASON_MIP_NAI },
        { (request->flags & (LK_MIP_MINIMAL | LK_MIP_GRE)) == 0, LK_MIP_CODE_FA_ENCAPSULATION,
          LK_REASON_MIP_ENCAPSULATION },
        { config->reverse || !reverse, LK_MIP_CODE_FA_REVERSE_NONE, LK_REASON_MIP_REVERSE },
        { !config->reverse_mandatory || reverse, LK_MIP_CODE_FA_REVERSE_MANDATORY,
          LK_REASON_MIP_REVERSE },
        { request->lifetime_s <= config->lifetime_max_s, LK_MIP_CODE_FA_LIFETIME,
          LK_REASON_MIP_LIFETIME },
    };

    return first_of(code, verdicts, LK_COUNT_OF(verdicts));
}

enum lk_reason lk_mip_fa_judge_request(uint8_t *code, const struct lk_mip_fa *fa,
                                       const struct lk_mip_fa_config *config,
                                       const struct lk_mip_fa_event *event)
{
    const struct lk_mip_extensions *e = &event->request->extensions;
    const struct verdict proof[] = {
        { is_in_order(e), LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER },
        { !lk_mip_has(e, LK_MIP_VENDOR_CRITICAL), LK_MIP_CODE_FA_VENDOR_MN,
          LK_REASON_MIP_VENDOR },
        /* spec: RFC 5944 3.7.2.1 - where there is a key between us, the request has it. */
        { event->with == NULL
              ? !lk_mip_has(e, LK_MIP_MN_FA_AUTH)
              : lk_mip_msa_proves(event->with, event->with->there.spi, e, LK_MIP_MN_FA_AUTH,
                                event->now_ms),
          LK_MIP_CODE_FA_MN_AUTH, LK_REASON_MIP_MN_AUTH },
    };
    enum lk_reason reason = first_of(code, proof, LK_COUNT_OF(proof));

    if (reason == LK_REASON_NONE && config->challenge)
        reason = judge_challenge(code, fa, event);
    if (reason == LK_REASON_NONE)
        reason = judge_wishes(code, config, event);
    if (reason == LK_REASON_NONE && event->deny.code != 0) {
        *code = event->deny.code;
        reason = event->deny.reason;
    }
    return reason;
}

/* spec: RFC 5944 3.7.3.1 - a reply that we can pass back.
 * spec: RFC 5944 3.5.4 - Foreign-Home is the last, and not on what answers a deregistration. */
enum lk_reason lk_mip_fa_judge_reply(uint8_t *code, const struct lk_mip_fa *fa,
                                     const struct lk_mip_fa_config *config,
                                     const struct lk_mip_fa_event *event)
{
    const struct lk_mip_reply *reply = event->reply;
    const struct lk_mip_extensions *e = &reply->extensions;
    bool accepted = reply->code <= LK_MIP_CODE_ACCEPTED_SINGLE;
    const struct verdict verdicts[] = {
        { event->home_with == NULL || fa->asked_s == 0 ||
              (lk_mip_is_last(e, LK_MIP_FA_HA_AUTH) &&
               lk_mip_msa_proves(event->home_with, event->home_with->spi_back, e,
                                 LK_MIP_FA_HA_AUTH, event->now_ms)),
          LK_MIP_CODE_FA_HA_AUTH, LK_REASON_MIP_FA_AUTH },
        { !accepted || (reply->lifetime_s <= fa->asked_s && !lk_address_is_any(&reply->home) &&
                        (lk_address_is_any(&fa->home) ||
                         lk_address_equal(&fa->home, &reply->home))),
          LK_MIP_CODE_FA_POOR_REPLY, LK_REASON_MIP_MALFORMED },
        { !accepted || !lk_mip_fa_is_overtaken(fa, reply), LK_MIP_CODE_FA_UNSPECIFIED,
          LK_REASON_MIP_REVOCATION },
        { !lk_mip_has(e, LK_MIP_VENDOR_CRITICAL), LK_MIP_CODE_FA_VENDOR_HA,
          LK_REASON_MIP_VENDOR },
        /* spec: RFC 3519 4.6 - without a tunnel in UDP there is none that we have. */
        { !config->udp || !accepted || fa->asked_s == 0 ||
              (lk_mip_has(e, LK_MIP_UDP_REPLY) && e->udp_reply.code == LK_MIP_UDP_ACCEPTED),
          LK_MIP_CODE_FA_ENCAPSULATION, LK_REASON_MIP_UDP },
        /* spec: RFC 4721 3.3 - the home agent's challenge, if it has one, is the request's. */
        { !lk_mip_has(e, LK_MIP_CHALLENGE) || lk_mip_fa_hash(e->challenge) == fa->challenge,
          LK_MIP_CODE_FA_HA_CHALLENGE, LK_REASON_MIP_HA_CHALLENGE },
        /* spec: RFC 3957 3 - a key between node and us, or none of our service. */
        { !config->foreign_key || !accepted || event->with != NULL ||
              (event->key != NULL && lk_mip_has(e, LK_MIP_MN_FA_KEY_REPLY)),
          LK_MIP_CODE_FA_MISSING_MN_FA, LK_REASON_MIP_NO_MN_FA },
    };

    return first_of(code, verdicts, LK_COUNT_OF(verdicts));
}

/* The anchor's machine: what a request must have before any binding is looked up, whether the
 * addresses that it names are the device's, and the acknowledgement. */
#include <string.h>

#include "base/window.h"
#include "proto/pmip/lma_parts.h"

static enum lk_status denied(struct lk_pmip_verdict *refused, uint8_t status,
                             enum lk_reason reason)
{
    refused->status = status;
    refused->reason = reason;
    return LK_E_DENIED;
}

/* spec: RFC 5213 5.3.1 - identifier, prefix, handoff indicator and access technology must be there.
 * spec: RFC 5844 3.1.2 - an IPv4 home address request may stand in for the prefix. */
static enum lk_status check_options(struct lk_pmip_verdict *refused,
                                    const struct lk_mobility_options *options)
{
    static const struct {
        enum lk_mobility_option_type type;
        uint8_t status;
    } needed[] = {
        { LK_MO_MN_ID, LK_BA_MISSING_MN_ID },
        { LK_MO_PREFIX, LK_BA_MISSING_PREFIX },
        { LK_MO_HANDOFF, LK_BA_MISSING_HANDOFF },
        { LK_MO_ACCESS, LK_BA_MISSING_ACCESS },
    };

    for (size_t i = 0; i < LK_COUNT_OF(needed); i++)
        if (!lk_mobility_has(options, needed[i].type) &&
            !(needed[i].type == LK_MO_PREFIX && lk_mobility_has(options, LK_MO_IPV4_REQUEST)))
            return denied(refused, needed[i].status, LK_REASON_PMIP_OPTION_MISSING);
    return LK_OK;
}

enum lk_status lk_pmip_lma_check(struct lk_pmip_verdict *refused,
                                 const struct lk_pmip_lma_config *config,
                                 const struct lk_mobility_message *request, uint64_t now_ms)
{
    enum { WANTED = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY };
    const struct lk_mobility_options *options = &request->options;
    enum lk_status status;

    memset(refused, 0, sizeof *refused);
    /* spec: RFC 5213 8.1 - a proxy registration has P, and like every home registration H and A. */
    if (request->type != LK_MOBILITY_BU || (request->flags & WANTED) != WANTED)
        return LK_E_VALUE;
    status = check_options(refused, options);
    if (status != LK_OK || !config->timestamps)
        return status;
    /* spec: RFC 5213 5.5 - in timestamp mode the option must be there, and be within
     * TimestampValidityWindow of our clock. */
    if (!lk_mobility_has(options, LK_MO_TIMESTAMP))
        return denied(refused, LK_BA_TIMESTAMP_MISMATCH, LK_REASON_PMIP_OPTION_MISSING);
    if (!lk_within(lk_mobility_timestamp_ms(options->timestamp), now_ms, config->window_ms))
        return denied(refused, LK_BA_TIMESTAMP_MISMATCH, LK_REASON_PMIP_TIME);
    return LK_OK;
}

/* ---- addresses ---- */

static bool ipv4_equal(const struct lk_mobility_ipv4 *a, const struct lk_mobility_ipv4 *b)
{
    return lk_span_equal(LK_SPAN(a->octets), LK_SPAN(b->octets));
}

static bool ipv4_is_any(const struct lk_mobility_ipv4 *a)
{
    static const struct lk_mobility_ipv4 any;

    return ipv4_equal(a, &any);
}

/* spec: RFC 5844 3.2.1 - why an IPv4 home address is or is not given. */
static enum lk_ipv4_home_status ipv4_verdict(const struct lk_mobility_options *options,
                                             const struct lk_pmip_lease *lease)
{
    const struct lk_mobility_ipv4 *asked = &options->ipv4_request.address;

    if (!lease->has_ipv4)
        return ipv4_is_any(asked) ? LK_IPV4_HOME_NO_DYNAMIC : LK_IPV4_HOME_PROHIBITED;
    return ipv4_is_any(asked) || ipv4_equal(asked, &lease->ipv4) ? LK_IPV4_HOME_OK
                                                                 : LK_IPV4_HOME_INCORRECT;
}

/* spec: RFC 5213 5.3.1 - a prefix that is not zero must be one that the device may have; where it
 * has some, the set must be the same. */
static struct lk_pmip_verdict prefix_verdict(const struct lk_mobility_options *options,
                                             const struct lk_pmip_lease *lease, bool bound)
{
    for (size_t i = 0; i < options->prefix_count; i++) {
        if (lk_address_is_any(&options->prefix[i].address) && options->prefix_count == 1)
            continue;
        if (options->prefix_count == 1 && lease->has_prefix &&
            lk_address_prefix_equal(&options->prefix[i], &lease->prefix))
            continue;
        return (struct lk_pmip_verdict){ bound && options->prefix_count > 1
                                             ? LK_BA_PREFIX_SET_DIFFERS
                                             : LK_BA_PREFIX_NOT_AUTHORIZED,
                                         LK_REASON_PMIP_PREFIX };
    }
    return (struct lk_pmip_verdict){ LK_BA_ACCEPTED, LK_REASON_NONE };
}

struct lk_pmip_verdict lk_pmip_lma_addresses(const struct lk_mobility_message *request,
                                             const struct lk_pmip_lease *lease, bool bound)
{
    const struct lk_mobility_options *options = &request->options;
    bool wants_ipv4 = lk_mobility_has(options, LK_MO_IPV4_REQUEST);
    struct lk_pmip_verdict verdict = prefix_verdict(options, lease, bound);
    enum lk_ipv4_home_status ipv4 =
        wants_ipv4 ? ipv4_verdict(options, lease) : LK_IPV4_HOME_UNSPECIFIED;

    if (verdict.status != LK_BA_ACCEPTED || ipv4 == LK_IPV4_HOME_OK)
        return verdict;
    /* spec: RFC 5844 3.1.2 - one of the two families must be served; T12: and an IPv4 home address
     * that is another's is refused whatever else is asked for. */
    if (options->prefix_count > 0 && lease->has_prefix && ipv4 != LK_IPV4_HOME_INCORRECT)
        return verdict;
    if (options->prefix_count > 0 && !wants_ipv4)
        verdict.status = LK_BA_IPV6_NOT_AUTHORIZED;
    else
        verdict.status = lease->has_ipv4 ? LK_BA_IPV4_HOME_NOT_AUTHORIZED
                                         : LK_BA_IPV4_NOT_AUTHORIZED;
    verdict.reason = LK_REASON_PMIP_PREFIX;
    return verdict;
}

/* ---- the acknowledgement ---- */

/* spec: RFC 5213 5.3.6 - prefixes as given, or, refused, as they came. */
static void answer_prefix(struct lk_mobility_options *to, const struct lk_mobility_options *from,
                          const struct lk_pmip_lease *lease)
{
    if (!lk_mobility_has(from, LK_MO_PREFIX))
        return;
    lk_mobility_mark(to, LK_MO_PREFIX);
    to->prefix_count = from->prefix_count;
    memcpy(to->prefix, from->prefix, sizeof to->prefix);
    if (lease != NULL && lease->has_prefix) {
        to->prefix_count = 1;
        to->prefix[0] = lease->prefix;
    }
}

static void answer_ipv4(struct lk_mobility_options *to, const struct lk_mobility_options *from,
                        const struct lk_pmip_lease *lease)
{
    if (!lk_mobility_has(from, LK_MO_IPV4_REQUEST) || lease == NULL)
        return;
    lk_mobility_mark(to, LK_MO_IPV4_REPLY);
    to->ipv4_reply.status = (uint8_t)ipv4_verdict(from, lease);
    to->ipv4_reply.address = from->ipv4_request.address;
    if (to->ipv4_reply.status != LK_IPV4_HOME_OK)
        return;
    to->ipv4_reply.address = lease->ipv4;
    to->ipv4_reply.bits = lease->ipv4_bits;
    /* spec: RFC 5844 3.2.2 - and the router that the device is to use. */
    lk_mobility_mark(to, LK_MO_IPV4_ROUTER);
    to->ipv4_router = lease->ipv4_router;
}

/* spec: RFC 5213 5.3.6 - identifier, handoff indicator, access technology, link-layer identifier
 * and timestamp come back as they came. */
static void answer_copies(struct lk_mobility_options *to, const struct lk_mobility_options *from)
{
    const uint64_t copied = UINT64_C(1) << LK_MO_MN_ID | UINT64_C(1) << LK_MO_HANDOFF |
                            UINT64_C(1) << LK_MO_ACCESS | UINT64_C(1) << LK_MO_LINK_LAYER_ID |
                            UINT64_C(1) << LK_MO_TIMESTAMP | UINT64_C(1) << LK_MO_LINK_LOCAL;

    to->present = from->present & copied;
    to->mn_id = from->mn_id;
    to->handoff = from->handoff;
    to->access = from->access;
    to->link_layer_id = from->link_layer_id;
    to->timestamp = from->timestamp;
    to->link_local = from->link_local;
}

enum lk_status lk_pmip_lma_answer(struct lk_writer *w, const struct lk_pmip_lma_config *config,
                                  const struct lk_mobility_message *request,
                                  const struct lk_pmip_answer *answer)
{
    const struct lk_mobility_options *from = &request->options;
    struct lk_mobility_message pba = { .type = LK_MOBILITY_BA, .flags = LK_BA_PROXY,
                                       .status = answer->status, .sequence = answer->sequence,
                                       .lifetime = answer->lifetime };

    answer_copies(&pba.options, from);
    answer_prefix(&pba.options, from, answer->lease);
    answer_ipv4(&pba.options, from, answer->lease);
    /* spec: RFC 5213 5.3.6 - a zero link-local address asks for the one that all gateways use. */
    if (lk_address_is_any(&from->link_local))
        pba.options.link_local = config->link_local;
    /* spec: RFC 5213 5.5 - a mismatch is answered with our clock. */
    if (answer->status == LK_BA_TIMESTAMP_MISMATCH) {
        lk_mobility_mark(&pba.options, LK_MO_TIMESTAMP);
        pba.options.timestamp = lk_mobility_timestamp_of(answer->now_ms);
    }
    return lk_mobility_encode(w, &pba);
}

enum lk_status lk_pmip_lma_refuse(struct lk_writer *w, const struct lk_pmip_lma_config *config,
                                  const struct lk_mobility_message *request, uint8_t status,
                                  uint64_t now_ms)
{
    struct lk_pmip_answer answer = { .status = status, .sequence = request->sequence,
                                     .now_ms = now_ms };

    return lk_pmip_lma_answer(w, config, request, &answer);
}

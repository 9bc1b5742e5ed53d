/* Explain, of Mobile IP: why an authenticator does not verify. It is made again under every key of
 * the capture, by every algorithm, and over the message as it may have been before somebody altered
 * it: with the addresses, lifetimes, flags and times that the capture has elsewhere. What verifies
 * then is proven. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "trace/explain_mip.h"

enum {
    ADDRESSES = 64, /* that are tried */
    IDENTIFICATIONS = 64,
    LIFETIMES = 32,
    FLAGS_AT = 1,
    LIFETIME_AT = 2,
    HOME_AT = 4,
    AGENT_AT = 8,
    CARE_OF_AT = 12,
    REPLY_IDENTIFICATION_AT = 12,
    IDENTIFICATION_AT = 16,
    V4 = 4,
};

/* A message whose authenticator is looked at. */
struct doubt {
    struct lk_explanation *e;
    const struct lk_trace *trace;
    const struct lk_trace_message *m;
    size_t index;
    enum lk_mip_extension which;
    struct lk_mip_extensions all;
};

static const char *name_of(const struct doubt *d)
{
    return lk_mip_seen_proof_name(d->which);
}

static const char *algorithm_name(uint16_t algorithm)
{
    return lk_mip_seen_algorithm(lk_mip_authenticator_len(algorithm));
}

/* ---- keys ---- */

static bool is_of_kind(const struct doubt *d, const struct lk_app_key_log *entry)
{
    return entry->kind == lk_mip_seen_kind_of(d->which);
}

static bool has_spi(const struct lk_mip_seen_key *key, uint32_t spi)
{
    return key->spi == spi || key->spi_back == spi;
}

/* T22: the key of that SPI, by an algorithm that is not the one agreed. */
static bool is_by_another_algorithm(const struct doubt *d, const struct lk_mip_seen_key *key)
{
    static const uint16_t algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1, LK_MIP_HMAC_SHA256 };

    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++)
        if (algorithms[i] != key->association.algorithm &&
            lk_mip_seen_proves(key, &d->all, d->which, algorithms[i])) {
            lk_explain_add(d->e, LK_CAUSE_MIP_ALGORITHM, LK_PROVEN, 95,
                           "the %s authenticator of message %zu is %s with the right key; agreed "
                           "for SPI %u is %s", name_of(d), d->index + 1,
                           algorithm_name(algorithms[i]), key->spi,
                           algorithm_name(key->association.algorithm));
            return true;
        }
    return false;
}

/* Of the same holder, in the order in which they came: a later one takes the place of the one
 * before. */
static bool is_replaced(const struct doubt *d, size_t number)
{
    struct lk_mip_seen_key key, later;
    bool replaced = false;

    if (!lk_mip_seen_key(&key, d->trace, number))
        return false;
    for (size_t i = number + 1; i < d->trace->app_key_count && !replaced; i++)
        replaced = d->trace->app_keys[i].kind == d->trace->app_keys[number].kind &&
                   lk_mip_seen_key(&later, d->trace, i) && lk_span_equal(later.who, key.who);
    lk_wipe(&key, sizeof key);
    lk_wipe(&later, sizeof later);
    return replaced;
}

static bool is_by_another_key(const struct doubt *d, const struct lk_mip_seen_key *key,
                              size_t number)
{
    uint32_t spi = d->all.auth[d->which].spi;
    bool same = has_spi(key, spi);

    if ((same && !is_replaced(d, number)) || !lk_mip_seen_proves(key, &d->all, d->which, 0))
        return false;
    if (same)
        lk_explain_add(d->e, LK_CAUSE_MIP_OLD_KEY, LK_PROVEN, 95,
                       "the %s authenticator of message %zu verifies under a key of SPI %u that "
                       "another one has followed", name_of(d), d->index + 1, spi);
    else
        lk_explain_add(d->e, LK_CAUSE_MIP_OLD_KEY, LK_PROVEN, 95,
                       "the %s authenticator of message %zu says SPI %u, and verifies under the "
                       "key of SPI %u", name_of(d), d->index + 1, spi, key->spi);
    return true;
}

/* ---- what was altered ---- */

/* The message with some of its octets as they may have been. */
struct trial {
    uint8_t octets[LK_MIP_MESSAGE_MAX];
    struct lk_mip_extensions all; /* looks into octets */
};

static bool begin_trial(struct trial *t, const struct doubt *d)
{
    const struct lk_mip_auth *auth = &d->all.auth[d->which];

    if (d->m->octets.len > sizeof t->octets)
        return false;
    memcpy(t->octets, d->m->octets.at, d->m->octets.len);
    t->all = d->all;
    t->all.auth[d->which].covered = lk_span_of(t->octets, auth->covered.len);
    return true;
}

static bool fits(struct trial *t, const struct doubt *d, const struct lk_mip_seen_key *key,
                 size_t at, const uint8_t *octets, size_t len)
{
    bool proven;

    if (at + len > d->all.auth[d->which].covered.len)
        return false;
    memcpy(t->octets + at, octets, len);
    proven = lk_mip_seen_proves(key, &t->all, d->which, 0);
    memcpy(t->octets + at, d->m->octets.at + at, len);
    return proven;
}

static void altered(const struct doubt *d, const char *what, const char *was, const char *is)
{
    lk_explain_add(d->e, LK_CAUSE_MIP_ALTERED, LK_PROVEN, 95,
                   "the %s authenticator of message %zu verifies with %s %s, where %s stands",
                   name_of(d), d->index + 1, what, was, is);
}

static size_t note_address(uint8_t list[ADDRESSES][V4], size_t count, const uint8_t octets[V4])
{
    for (size_t i = 0; i < count; i++)
        if (lk_span_equal(lk_span_of(list[i], V4), lk_span_of(octets, V4)))
            return count;
    if (count < ADDRESSES)
        memcpy(list[count++], octets, V4);
    return count;
}

/* Every IPv4 address that registrations of the capture have, in them or around them. */
static size_t addresses_of(uint8_t list[ADDRESSES][V4], const struct lk_trace *trace)
{
    static const uint8_t none[V4];
    size_t count = note_address(list, 0, none);

    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];
        const struct lk_address *of[] = { &m->mip.home, &m->mip.agent, &m->mip.care_of };

        if (m->protocol != LK_TRACE_MIP || m->mip.kind == LK_TRACE_MIP_TUNNEL)
            continue;
        for (size_t k = 0; k < LK_COUNT_OF(of); k++)
            count = note_address(list, count, of[k]->octets + LK_ADDRESS_LEN - V4);
        if (!m->from.v6)
            count = note_address(list, count, m->from.address);
        if (!m->to.v6)
            count = note_address(list, count, m->to.address);
    }
    return count;
}

static bool is_address_altered(struct trial *t, const struct doubt *d,
                               const struct lk_mip_seen_key *key)
{
    static const struct {
        size_t at;
        const char *name;
    } places[] = { { CARE_OF_AT, "care-of address" }, { HOME_AT, "home address" },
                   { AGENT_AT, "home agent" } };
    uint8_t list[ADDRESSES][V4];
    size_t count = addresses_of(list, d->trace);
    bool reply = d->m->mip.kind == LK_TRACE_MIP_REPLY;

    for (size_t p = reply ? 1 : 0; p < LK_COUNT_OF(places); p++)
        for (size_t i = 0; i < count; i++) {
            char was[LK_ADDRESS_TEXT], is[LK_ADDRESS_TEXT];
            struct lk_address address = lk_address_v4(list[i]);

            if (!fits(t, d, key, places[p].at, list[i], V4))
                continue;
            lk_address_text(was, &address);
            address = lk_address_v4(d->m->octets.at + places[p].at);
            lk_address_text(is, &address);
            altered(d, places[p].name, was, is);
            return true;
        }
    return false;
}

/* Flags of a request, the code of a reply. */
static bool is_octet_altered(struct trial *t, const struct doubt *d,
                             const struct lk_mip_seen_key *key)
{
    bool reply = d->m->mip.kind == LK_TRACE_MIP_REPLY;
    char was[8], is[8];

    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t tried = (uint8_t)octet;

        if (!fits(t, d, key, FLAGS_AT, &tried, 1))
            continue;
        (void)snprintf(was, sizeof was, reply ? "%u" : "%02x", octet);
        (void)snprintf(is, sizeof is, reply ? "%u" : "%02x", d->m->octets.at[FLAGS_AT]);
        altered(d, reply ? "code" : "flags", was, is);
        return true;
    }
    return false;
}

static bool is_lifetime_altered(struct trial *t, const struct doubt *d,
                                const struct lk_mip_seen_key *key)
{
    char was[8], is[8];

    for (uint32_t seconds = 0; seconds <= UINT16_MAX; seconds++) {
        uint8_t tried[2] = { (uint8_t)(seconds >> 8), (uint8_t)seconds };

        if (!fits(t, d, key, LIFETIME_AT, tried, sizeof tried))
            continue;
        (void)snprintf(was, sizeof was, "%u", seconds);
        (void)snprintf(is, sizeof is, "%u", d->m->mip.lifetime_s);
        altered(d, "lifetime", was, is);
        return true;
    }
    return false;
}

/* Of another message of the capture: somebody made an old one look new, or the other way round. */
static bool is_time_altered(struct trial *t, const struct doubt *d,
                            const struct lk_mip_seen_key *key)
{
    size_t at = d->m->mip.kind == LK_TRACE_MIP_REPLY ? REPLY_IDENTIFICATION_AT : IDENTIFICATION_AT;
    size_t tried = 0;
    char was[20], is[20];

    for (size_t i = d->trace->count; i > 0 && tried < IDENTIFICATIONS; i--) {
        const struct lk_trace_message *other = &d->trace->messages[i - 1];
        uint8_t octets[8];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        if (other->protocol != LK_TRACE_MIP || (other->mip.kind != LK_TRACE_MIP_REQUEST &&
                                                other->mip.kind != LK_TRACE_MIP_REPLY))
            continue;
        tried++;
        lk_put_be64(&w, other->mip.identification);
        if (!fits(t, d, key, at, octets, sizeof octets))
            continue;
        (void)snprintf(was, sizeof was, "%016llx", (unsigned long long)other->mip.identification);
        (void)snprintf(is, sizeof is, "%016llx", (unsigned long long)d->m->mip.identification);
        altered(d, "Identification", was, is);
        return true;
    }
    return false;
}

static bool is_altered(const struct doubt *d, const struct lk_mip_seen_key *key)
{
    struct trial t;

    return begin_trial(&t, d) &&
           (is_address_altered(&t, d, key) || is_octet_altered(&t, d, key) ||
            is_time_altered(&t, d, key) || is_lifetime_altered(&t, d, key));
}

/* Without any key: the same authenticator stands over other octets elsewhere in the capture. */
static bool has_another_form(const struct doubt *d)
{
    const struct lk_mip_auth *auth = &d->all.auth[d->which];
    struct lk_mip_extensions other;

    for (size_t i = 0; i < d->trace->count; i++) {
        const struct lk_trace_message *m = &d->trace->messages[i];
        size_t at = 0;

        if (i == d->index || m->mip.kind != d->m->mip.kind || !lk_mip_seen_extensions(&other, m) ||
            !lk_mip_has(&other, d->which) ||
            !lk_span_equal(other.auth[d->which].authenticator, auth->authenticator) ||
            lk_span_equal(other.auth[d->which].covered, auth->covered))
            continue;
        while (at < auth->covered.len && at < other.auth[d->which].covered.len &&
               auth->covered.at[at] == other.auth[d->which].covered.at[at])
            at++;
        lk_explain_add(d->e, LK_CAUSE_MIP_ALTERED, LK_PROVEN, 95,
                       "message %zu and message %zu have the same %s authenticator, and differ "
                       "from octet %zu on", i + 1, d->index + 1, name_of(d), at);
        return true;
    }
    return false;
}

/* ---- the whole ---- */

/* True: something is proven. known: the capture has a key of that SPI. */
static bool try_keys(const struct doubt *d, bool *known)
{
    struct lk_mip_seen_key key;
    bool found = false;

    for (size_t i = d->trace->app_key_count; i > 0 && !found; i--) {
        bool same;

        if (!is_of_kind(d, &d->trace->app_keys[i - 1]) || !lk_mip_seen_key(&key, d->trace, i - 1))
            continue;
        same = has_spi(&key, d->all.auth[d->which].spi);
        *known = *known || same;
        found = is_by_another_key(d, &key, i - 1) ||
                (d->m->mip.judged[d->which] != LK_TRACE_RIGHT && same &&
                 (is_by_another_algorithm(d, &key) || is_altered(d, &key)));
    }
    lk_wipe(&key, sizeof key);
    return found;
}

static void suspect(const struct doubt *d, bool known, unsigned weight)
{
    enum lk_cause key = d->which == LK_MIP_MN_HA_AUTH   ? LK_CAUSE_MIP_KEY
                        : d->which == LK_MIP_FA_HA_AUTH ? LK_CAUSE_MIP_AGENT_KEY
                        : d->which == LK_MIP_MN_FA_AUTH ? LK_CAUSE_MIP_MN_FA
                                                        : LK_CAUSE_MIP_AAA;
    bool right = d->m->mip.judged[d->which] == LK_TRACE_RIGHT;
    uint32_t spi = d->all.auth[d->which].spi;

    if (right)
        lk_explain_add(d->e, key, LK_POSSIBLE, weight,
                       "message %zu is as its sender signed it, by a key of SPI %u that the "
                       "capture has: who refused it had another one, or got other octets",
                       d->index + 1, spi);
    else if (known)
        lk_explain_add(d->e, key, LK_PROVEN, weight,
                       "the %s authenticator of message %zu is made with no key that the capture "
                       "has, for SPI %u or another, and no single field mends it", name_of(d),
                       d->index + 1, spi);
    else
        lk_explain_add(d->e, key, LK_POSSIBLE, weight,
                       "SPI %u, %s; the capture has no key of it", spi,
                       lk_mip_seen_algorithm(d->all.auth[d->which].authenticator.len));
    if (!right && !known)
        lk_explain_add(d->e, LK_CAUSE_MIP_ALTERED, LK_POSSIBLE, weight - 30,
                       "an authenticator fails for what is altered on the way, too");
    if (!right && !known && d->which == LK_MIP_MN_HA_AUTH)
        lk_explain_add(d->e, LK_CAUSE_MIP_ALGORITHM, LK_POSSIBLE, weight - 40,
                       "the authenticator has %zu octets, as %s has",
                       d->all.auth[d->which].authenticator.len,
                       lk_mip_seen_algorithm(d->all.auth[d->which].authenticator.len));
}

void lk_explain_mip_proof(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                          enum lk_mip_extension which, unsigned weight)
{
    struct doubt d = { .e = e, .trace = trace, .m = &trace->messages[index], .index = index,
                       .which = which };
    bool known = false, found;

    if (d.m->status == LK_E_AUTH) {
        lk_explain_add(e, LK_CAUSE_MIP_TWICE, LK_PROVEN, 95, "message %zu has one twice",
                       index + 1);
        return;
    }
    if (!lk_mip_seen_extensions(&d.all, d.m) || !lk_mip_has(&d.all, which)) {
        lk_explain_add(e, LK_CAUSE_MIP_POOR, LK_PROVEN, 80, "message %zu has no %s authenticator",
                       index + 1, lk_mip_seen_proof_name(which));
        return;
    }
    found = try_keys(&d, &known);
    found = (d.m->mip.judged[which] != LK_TRACE_RIGHT && has_another_form(&d)) || found;
    if (!found)
        suspect(&d, known, weight);
}

/* ---- MIPv6 ---- */

/* spec: RFC 4285 5 - the care-of address is covered although it stands outside the message. */
static bool is_moved(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                     const struct lk_mip_seen_key *key, const struct lk_mobility_auth *auth)
{
    struct lk_trace_message tried = trace->messages[index];
    char was[LK_ADDRESS_TEXT], is[LK_ADDRESS_TEXT];

    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->protocol != LK_TRACE_MIP6 || m->mip.kind != LK_TRACE_MIP_REQUEST ||
            lk_address_equal(&m->mip.care_of, &trace->messages[index].mip.care_of))
            continue;
        tried.mip.care_of = m->mip.care_of;
        if (!lk_mip_seen_proves6(key, &tried, auth))
            continue;
        lk_address_text(was, &tried.mip.care_of);
        lk_address_text(is, &trace->messages[index].mip.care_of);
        lk_explain_add(e, LK_CAUSE_MIP_ALTERED, LK_PROVEN, 95, "the MN-HA authenticator of message "
                       "%zu verifies for care-of address %s, where %s stands", index + 1, was, is);
        return true;
    }
    return false;
}

void lk_explain_mip6_proof(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                           unsigned weight)
{
    const struct lk_trace_message *m = &trace->messages[index];
    const struct lk_mobility_auth *auth;
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    struct lk_mip_seen_key key;
    bool known = false, found = false;

    auth = lk_mip_seen_mobility(&packet, &message, m)
               ? lk_mobility_auth(&message.options, LK_AUTH_MN_HA) : NULL;
    if (auth == NULL) {
        lk_explain_add(e, LK_CAUSE_MIP_POOR, LK_PROVEN, 80,
                       "message %zu has no MN-HA authenticator", index + 1);
        return;
    }
    if (message.options.behind_auth)
        lk_explain_add(e, LK_CAUSE_MIP_ORDER, LK_PROVEN, 90,
                       "message %zu has an option behind its authenticator", index + 1);
    for (size_t i = trace->app_key_count; i > 0 && !found; i--) {
        if (trace->app_keys[i - 1].kind != LK_APP_KEY_LOG_MN_HA ||
            !lk_mip_seen_key(&key, trace, i - 1))
            continue;
        known = known || has_spi(&key, auth->spi);
        if (!has_spi(&key, auth->spi) && lk_mip_seen_proves6(&key, m, auth)) {
            lk_explain_add(e, LK_CAUSE_MIP_OLD_KEY, LK_PROVEN, 95, "message %zu says SPI %u, and "
                           "verifies under the key of SPI %u", index + 1, auth->spi, key.spi);
            found = true;
        } else {
            found = has_spi(&key, auth->spi) && is_moved(e, trace, index, &key, auth);
        }
    }
    lk_wipe(&key, sizeof key);
    if (!found)
        lk_explain_add(e, LK_CAUSE_MIP_KEY,
                       known && m->mip.judged[0] == LK_TRACE_WRONG ? LK_PROVEN : LK_POSSIBLE,
                       weight, known ? "message %zu: its authenticator is made with no key of the "
                       "capture, SPI %u" : "message %zu, SPI %u; the capture has no key of it",
                       index + 1, auth->spi);
}

/* EMM messages of attach, authentication and security mode.             TS 24.301 8.2, 9; TS 24.007
 *
 *   plain      07 | type | elements
 *   protected  X7 | MAC | sequence number | plain message        X: what it is protected with
 *
 * Called by the EPS machines of network and device. Mandatory elements stand in order without a
 * name; optional ones follow, each with one. */
#include "wire/nas.h"

enum {
    EMM = 7, /* protocol discriminator */
    IMSI = 1,
    ODD = 8,
    FILLER = 0xf,
    AUTS = 0x30,
    MAPPED = 8, /* of a key set identifier */
    IDENTITY_MIN = 4,
    IDENTITY_MAX = 11,
    ESM_MIN = 3,
};

const char *lk_nas_type_name(unsigned type)
{
    switch (type) {
    case LK_NAS_ATTACH_REQUEST: return "ATTACH REQUEST";
    case LK_NAS_ATTACH_REJECT: return "ATTACH REJECT";
    case LK_NAS_AUTHENTICATION_REQUEST: return "AUTHENTICATION REQUEST";
    case LK_NAS_AUTHENTICATION_RESPONSE: return "AUTHENTICATION RESPONSE";
    case LK_NAS_AUTHENTICATION_REJECT: return "AUTHENTICATION REJECT";
    case LK_NAS_AUTHENTICATION_FAILURE: return "AUTHENTICATION FAILURE";
    case LK_NAS_SECURITY_COMMAND: return "SECURITY MODE COMMAND";
    case LK_NAS_SECURITY_COMPLETE: return "SECURITY MODE COMPLETE";
    case LK_NAS_SECURITY_REJECT: return "SECURITY MODE REJECT";
    default: return "another message";
    }
}

/* ---- the header ---- */

/* spec: TS 24.301 9.1 - the first octet has the protocol and what protects the message; a MAC and a
 * sequence number follow unless nothing does.
 * spec: TS 24.301 9.3.1 - of the kinds of protection the first five are of whole messages. */
enum lk_status lk_nas_header_decode(struct lk_nas_header *header, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets), covered;
    uint8_t first = lk_get_u8(&r);

    *header = (struct lk_nas_header){ .security = LK_NAS_PLAIN, .message = octets };
    if (r.status != LK_OK)
        return r.status;
    if ((first & 0xf) != EMM || first >> 4 >= LK_NAS_SECURITY_COUNT)
        return LK_E_UNSUPPORTED;
    header->security = (enum lk_nas_security)(first >> 4);
    if (header->security == LK_NAS_PLAIN)
        return LK_OK;
    header->mac = lk_get_span(&r, LK_NAS_MAC_LEN).at;
    header->covered = lk_get_rest(&r);
    covered = lk_reader_of(header->covered);
    header->sequence = lk_get_u8(&covered);
    header->message = lk_get_rest(&covered);
    return covered.status;
}

enum lk_status lk_nas_header_encode(struct lk_writer *w, enum lk_nas_security security,
                                    uint8_t sequence, struct lk_span message)
{
    if (security == LK_NAS_PLAIN || security >= LK_NAS_SECURITY_COUNT)
        return LK_E_VALUE;
    lk_put_u8(w, (uint8_t)(security << 4 | EMM));
    lk_put_zeroes(w, LK_NAS_MAC_LEN);
    lk_put_u8(w, sequence);
    lk_put_span(w, message);
    return lk_writer_end(w);
}

/* ---- elements ---- */

static struct lk_span get_lv(struct lk_reader *r, size_t least, size_t most)
{
    struct lk_span span = lk_get_lv8(r);

    if (span.len < least || span.len > most)
        lk_reader_fail(r, LK_E_LENGTH);
    return span;
}

static void put_lv(struct lk_writer *w, struct lk_span span, size_t least, size_t most)
{
    if (span.len < least || span.len > most)
        w->status = w->status == LK_OK ? LK_E_LENGTH : w->status;
    lk_put_lv8(w, span);
}

/* spec: TS 24.301 9.9.3.12 - EPS mobile identity: the kind in the low three bits, then whether the
 * number of digits is odd; digits from the high half octet on, two an octet, the low half first. */
static void get_identity(struct lk_nas *m, struct lk_reader *r)
{
    struct lk_span span = get_lv(r, IDENTITY_MIN, IDENTITY_MAX);
    char digits[2 * IDENTITY_MAX];
    enum lk_status status;
    size_t count = 0;
    bool odd;

    if (r->status != LK_OK || (span.at[0] & 7) != IMSI)
        return;
    odd = (span.at[0] & ODD) != 0;
    for (size_t i = 0; i < span.len; i++) {
        if (i > 0)
            digits[count++] = (char)('0' + (span.at[i] & 0xf));
        digits[count++] = (char)('0' + (span.at[i] >> 4));
    }
    if (!odd && digits[--count] != '0' + FILLER)
        lk_reader_fail(r, LK_E_VALUE);
    m->has_imsi = true;
    status = lk_imsi_parse(&m->imsi, lk_span_of(digits, count));
    if (status != LK_OK)
        lk_reader_fail(r, status);
}

static void put_identity(struct lk_writer *w, const struct lk_imsi *imsi)
{
    struct lk_span digits = lk_span_text(imsi->digits);
    uint8_t octets[IDENTITY_MAX];
    size_t len = 1;

    octets[0] = (uint8_t)((digits.at[0] - '0') << 4 | (digits.len % 2 == 1 ? ODD : 0) | IMSI);
    for (size_t i = 1; i < digits.len; i += 2) {
        unsigned high = i + 1 < digits.len ? digits.at[i + 1] - '0' : FILLER;

        octets[len++] = (uint8_t)(high << 4 | (digits.at[i] - '0'));
    }
    lk_put_lv8(w, lk_span_of(octets, len));
}

/* spec: TS 24.301 9.9.3.21 - key set identifier: of a native context, 0 to 6, or 7 for none. */
static void get_ksi(struct lk_nas *m, struct lk_reader *r, unsigned half)
{
    m->ksi = half & 7;
    if ((half & MAPPED) != 0 && m->ksi != LK_NAS_NO_KSI)
        lk_reader_fail(r, LK_E_UNSUPPORTED);
}

/* Elements of a fixed length, which have no length of their own: without knowing them one would
 * look for the next one at the wrong place. */
static const struct fixed {
    uint8_t type, iei, len;
} fixed[] = {
    { LK_NAS_ATTACH_REQUEST, 0x19, 3 },   /* old P-TMSI signature */
    { LK_NAS_ATTACH_REQUEST, 0x52, 5 },   /* last visited registered TAI */
    { LK_NAS_ATTACH_REQUEST, 0x5c, 2 },   /* DRX parameter */
    { LK_NAS_ATTACH_REQUEST, 0x13, 5 },   /* old location area */
    { LK_NAS_SECURITY_COMMAND, 0x55, 4 }, /* replayed nonce of the UE */
    { LK_NAS_SECURITY_COMMAND, 0x56, 4 }, /* nonce of the MME */
};

static const struct fixed *find_fixed(uint8_t type, uint8_t iei)
{
    for (size_t i = 0; i < LK_COUNT_OF(fixed); i++)
        if (fixed[i].type == type && fixed[i].iei == iei)
            return &fixed[i];
    return NULL;
}

/* spec: TS 24.007 11.2.4 - the name of an element says its form: a high bit set, one octet; 78 to
 * 7f, two octets of length; else one.
 * spec: TS 24.007 11.2.5 - a name below 10 is of an element that must be understood. */
static void get_optional(struct lk_nas *m, struct lk_reader *r)
{
    uint8_t iei = lk_get_u8(r);
    const struct fixed *known = find_fixed((uint8_t)m->type, iei);

    if ((iei & 0x80) != 0)
        return;
    if (known != NULL) {
        (void)lk_get_span(r, known->len);
    } else if (m->type == LK_NAS_AUTHENTICATION_FAILURE && iei == AUTS && m->auts == NULL) {
        /* spec: TS 24.301 9.9.3.4 - AUTS has 14 octets; a second one is passed over. */
        m->auts = get_lv(r, LK_NAS_AUTS_LEN, LK_NAS_AUTS_LEN).at;
    } else if (iei < 0x10) {
        lk_reader_fail(r, LK_E_UNKNOWN);
    } else if (iei >= 0x78) {
        (void)lk_get_lv16(r);
    } else {
        (void)lk_get_lv8(r);
    }
}

/* ---- messages ---- */

/* spec: TS 24.301 8.2.4 - ATTACH REQUEST. */
static void get_attach(struct lk_nas *m, struct lk_reader *r)
{
    uint8_t halves = lk_get_u8(r);

    m->attach = halves & 7;
    get_ksi(m, r, halves >> 4);
    get_identity(m, r);
    m->capability = get_lv(r, LK_NAS_CAPABILITY_MIN, LK_NAS_CAPABILITY_MAX);
    m->esm = lk_get_lv16(r);
    if (m->esm.len < ESM_MIN)
        lk_reader_fail(r, LK_E_LENGTH);
}

static void put_attach(struct lk_writer *w, const struct lk_nas *m)
{
    if (!m->has_imsi || m->esm.len < ESM_MIN || m->attach > 7)
        w->status = LK_E_VALUE;
    lk_put_u8(w, (uint8_t)(m->ksi << 4 | m->attach));
    if (w->status != LK_OK)
        return;
    put_identity(w, &m->imsi);
    put_lv(w, m->capability, LK_NAS_CAPABILITY_MIN, LK_NAS_CAPABILITY_MAX);
    lk_put_lv16(w, m->esm);
}

/* spec: TS 24.301 8.2.7 - AUTHENTICATION REQUEST. */
static void get_challenge(struct lk_nas *m, struct lk_reader *r)
{
    get_ksi(m, r, lk_get_u8(r) & 0xf);
    m->rand = lk_get_span(r, LK_NAS_RAND_LEN).at;
    m->autn = get_lv(r, LK_NAS_AUTN_LEN, LK_NAS_AUTN_LEN).at;
}

static void put_challenge(struct lk_writer *w, const struct lk_nas *m)
{
    lk_put_u8(w, m->ksi);
    lk_put_octets(w, m->rand, LK_NAS_RAND_LEN);
    lk_put_lv8(w, lk_span_of(m->autn, LK_NAS_AUTN_LEN));
}

/* spec: TS 24.301 8.2.20 - SECURITY MODE COMMAND: the algorithms, the key set, and the UE's
 * capabilities as the network heard them. */
static void get_command(struct lk_nas *m, struct lk_reader *r)
{
    uint8_t algorithms = lk_get_u8(r);

    m->ciphering = algorithms >> 4 & 7;
    m->integrity = algorithms & 7;
    get_ksi(m, r, lk_get_u8(r) & 0xf);
    m->capability = get_lv(r, LK_NAS_CAPABILITY_MIN, LK_NAS_REPLAYED_MAX);
}

static void put_command(struct lk_writer *w, const struct lk_nas *m)
{
    if (m->ciphering > LK_NAS_ALGORITHM_MAX || m->integrity > LK_NAS_ALGORITHM_MAX)
        w->status = LK_E_VALUE;
    lk_put_u8(w, (uint8_t)(m->ciphering << 4 | m->integrity));
    lk_put_u8(w, m->ksi);
    put_lv(w, m->capability, LK_NAS_CAPABILITY_MIN, LK_NAS_REPLAYED_MAX);
}

enum lk_status lk_nas_decode(struct lk_nas *message, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t first = lk_get_u8(&r), type = lk_get_u8(&r);

    *message = (struct lk_nas){ .type = (enum lk_nas_type)type };
    if (r.status == LK_OK && first != EMM)
        return LK_E_UNSUPPORTED;
    switch (type) {
    case LK_NAS_ATTACH_REQUEST: get_attach(message, &r); break;
    case LK_NAS_AUTHENTICATION_REQUEST: get_challenge(message, &r); break;
    case LK_NAS_AUTHENTICATION_RESPONSE:
        /* spec: TS 24.301 8.2.8 - AUTHENTICATION RESPONSE. */
        message->res = get_lv(&r, LK_NAS_RES_MIN, LK_NAS_RES_MAX);
        break;
    case LK_NAS_SECURITY_COMMAND: get_command(message, &r); break;
    case LK_NAS_ATTACH_REJECT:
    case LK_NAS_AUTHENTICATION_FAILURE:
    case LK_NAS_SECURITY_REJECT: message->cause = lk_get_u8(&r); break;
    case LK_NAS_AUTHENTICATION_REJECT:
    case LK_NAS_SECURITY_COMPLETE: break;
    default: lk_reader_fail(&r, LK_E_UNSUPPORTED);
    }
    while (r.status == LK_OK && r.left > 0)
        get_optional(message, &r);
    return lk_reader_end(&r);
}

enum lk_status lk_nas_encode(struct lk_writer *w, const struct lk_nas *message)
{
    if (message->ksi > LK_NAS_NO_KSI)
        return LK_E_VALUE;
    lk_put_u8(w, EMM);
    lk_put_u8(w, (uint8_t)message->type);
    switch (message->type) {
    case LK_NAS_ATTACH_REQUEST: put_attach(w, message); break;
    case LK_NAS_AUTHENTICATION_REQUEST: put_challenge(w, message); break;
    case LK_NAS_AUTHENTICATION_RESPONSE:
        put_lv(w, message->res, LK_NAS_RES_MIN, LK_NAS_RES_MAX);
        break;
    case LK_NAS_SECURITY_COMMAND: put_command(w, message); break;
    case LK_NAS_AUTHENTICATION_FAILURE:
        lk_put_u8(w, message->cause);
        if (message->auts != NULL) {
            lk_put_u8(w, AUTS);
            lk_put_lv8(w, lk_span_of(message->auts, LK_NAS_AUTS_LEN));
        }
        break;
    case LK_NAS_ATTACH_REJECT:
    case LK_NAS_SECURITY_REJECT: lk_put_u8(w, message->cause); break;
    case LK_NAS_AUTHENTICATION_REJECT:
    case LK_NAS_SECURITY_COMPLETE: break;
    }
    return lk_writer_end(w);
}

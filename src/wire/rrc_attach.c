/* NAS in RRC, and SecurityModeCommand with its answers.                    TS 36.331 6.2.1, 6.2.2
 *
 * Called by the EPS machines of network and device. Each message has one version that we know, and
 * an extension that nobody has filled where it ends. */
#include "wire/rrc_attach.h"

#include <string.h>

#include "wire/rrc_parts.h"

/* Indices of messages in the choices of their channels, and of what is in them. */
enum {
    CHANNEL_MESSAGES = 16,
    DOWNLINK_NAS = 1,
    DOWNLINK_SECURITY_COMMAND = 6,
    UPLINK_SECURITY_COMPLETE = 5,
    UPLINK_SECURITY_FAILURE = 6,
    UPLINK_NAS = 9,
    VERSIONS = 4,
    INFORMATION_KINDS = 3, /* of NAS, and of two radio systems before LTE */
    ALGORITHMS = 8,
};

static const struct lk_per_size any_size = { 0, LK_PER_UNBOUNDED, false };

/* ---- parts ---- */

static void get_version(struct lk_per_reader *r)
{
    lk_rrc_expect(r, 0, 2); /* no critical extension */
    lk_rrc_expect(r, 0, VERSIONS);
}

static void put_version(struct lk_per_writer *w)
{
    lk_per_put_index(w, 0, 2, false);
    lk_per_put_index(w, 0, VERSIONS, false);
}

/* spec: TS 36.331 6.2.2 - DLInformationTransfer and ULInformationTransfer carry a message of NAS as
 * octets of which RRC knows nothing. */
static void get_nas(struct lk_rrc_attach *m, struct lk_per_reader *r)
{
    get_version(r);
    lk_rrc_none(r, 1);
    lk_rrc_expect(r, 0, INFORMATION_KINDS);
    m->nas_len = lk_per_get_octet_string(r, m->nas, sizeof m->nas, any_size);
    if (m->nas_len == 0)
        lk_per_fail(r, LK_E_VALUE);
}

static void put_nas(struct lk_per_writer *w, const struct lk_rrc_attach *m)
{
    if (m->nas_len == 0 || m->nas_len > sizeof m->nas) {
        lk_per_put_fail(w, LK_E_VALUE);
        return;
    }
    put_version(w);
    lk_per_put_bool(w, false);
    lk_per_put_index(w, 0, INFORMATION_KINDS, false);
    lk_per_put_octet_string(w, lk_span_of(m->nas, m->nas_len), any_size);
}

static uint8_t get_algorithm(struct lk_per_reader *r)
{
    uint32_t index = lk_per_get_index(r, ALGORITHMS, true);

    if (index > LK_RRC_ALGORITHM_MAX)
        lk_per_fail(r, LK_E_UNSUPPORTED);
    return (uint8_t)index;
}

static void put_algorithm(struct lk_per_writer *w, uint8_t algorithm)
{
    if (algorithm > LK_RRC_ALGORITHM_MAX)
        lk_per_put_fail(w, LK_E_VALUE);
    lk_per_put_index(w, algorithm, ALGORITHMS, true);
}

/* spec: TS 36.331 6.2.2 - SecurityModeCommand names the algorithms of ciphering and integrity. */
static void get_command(struct lk_rrc_attach *m, struct lk_per_reader *r)
{
    get_version(r);
    lk_rrc_none(r, 2); /* nothing behind the configuration, and nothing later in it */
    m->ciphering = get_algorithm(r);
    m->integrity = get_algorithm(r);
}

static void put_command(struct lk_per_writer *w, const struct lk_rrc_attach *m)
{
    put_version(w);
    lk_per_put_bits(w, 0, 2);
    put_algorithm(w, m->ciphering);
    put_algorithm(w, m->integrity);
}

/* spec: TS 36.331 6.2.2 - its answers have the number of the question and nothing else. */
static void get_answer(struct lk_per_reader *r)
{
    lk_rrc_expect(r, 0, 2);
    lk_rrc_none(r, 1);
}

/* ---- messages ---- */

static uint8_t get_transaction(struct lk_per_reader *r)
{
    return (uint8_t)lk_per_get_whole(r, 0, LK_RRC_TRANSACTION_MAX);
}

enum lk_status lk_rrc_attach_downlink_decode(struct lk_rrc_attach *message, struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_UNALIGNED);
    uint32_t index;

    memset(message, 0, sizeof *message);
    lk_rrc_expect(&r, 0, 2); /* no message of a later class */
    index = lk_per_get_index(&r, CHANNEL_MESSAGES, false);
    message->transaction = get_transaction(&r);
    switch (index) {
    case DOWNLINK_NAS:
        message->type = LK_RRC_DOWNLINK_NAS;
        get_nas(message, &r);
        break;
    case DOWNLINK_SECURITY_COMMAND:
        message->type = LK_RRC_SECURITY_COMMAND;
        get_command(message, &r);
        break;
    default: lk_per_fail(&r, LK_E_UNSUPPORTED);
    }
    return lk_per_end(&r);
}

enum lk_status lk_rrc_attach_uplink_decode(struct lk_rrc_attach *message, struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_UNALIGNED);
    uint32_t index;

    memset(message, 0, sizeof *message);
    lk_rrc_expect(&r, 0, 2);
    index = lk_per_get_index(&r, CHANNEL_MESSAGES, false);
    switch (index) {
    case UPLINK_NAS:
        message->type = LK_RRC_UPLINK_NAS;
        get_nas(message, &r);
        break;
    case UPLINK_SECURITY_COMPLETE:
    case UPLINK_SECURITY_FAILURE:
        message->type = index == UPLINK_SECURITY_COMPLETE ? LK_RRC_SECURITY_COMPLETE
                                                          : LK_RRC_SECURITY_FAILURE;
        message->transaction = get_transaction(&r);
        get_answer(&r);
        break;
    default: lk_per_fail(&r, LK_E_UNSUPPORTED);
    }
    return lk_per_end(&r);
}

static uint32_t index_of(enum lk_rrc_attach_type type)
{
    switch (type) {
    case LK_RRC_DOWNLINK_NAS: return DOWNLINK_NAS;
    case LK_RRC_UPLINK_NAS: return UPLINK_NAS;
    case LK_RRC_SECURITY_COMMAND: return DOWNLINK_SECURITY_COMMAND;
    case LK_RRC_SECURITY_COMPLETE: return UPLINK_SECURITY_COMPLETE;
    case LK_RRC_SECURITY_FAILURE: return UPLINK_SECURITY_FAILURE;
    }
    return CHANNEL_MESSAGES; /* out of range */
}

enum lk_status lk_rrc_attach_encode(struct lk_writer *w, const struct lk_rrc_attach *message)
{
    uint8_t room[LK_RRC_NAS_MAX + 16];
    struct lk_per_writer bits = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);

    lk_per_put_index(&bits, 0, 2, false);
    lk_per_put_index(&bits, index_of(message->type), CHANNEL_MESSAGES, false);
    if (message->type != LK_RRC_UPLINK_NAS)
        lk_per_put_whole(&bits, message->transaction, 0, LK_RRC_TRANSACTION_MAX);
    switch (message->type) {
    case LK_RRC_DOWNLINK_NAS:
    case LK_RRC_UPLINK_NAS: put_nas(&bits, message); break;
    case LK_RRC_SECURITY_COMMAND: put_command(&bits, message); break;
    case LK_RRC_SECURITY_COMPLETE:
    case LK_RRC_SECURITY_FAILURE: lk_per_put_bits(&bits, 0, 2); break;
    }
    return lk_rrc_finish(w, &bits);
}

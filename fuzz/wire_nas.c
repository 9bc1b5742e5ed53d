/* Octets as a message of NAS, with and without its header, and as RRC around one: what decodes
 * encodes, and that decodes to what encodes to the same octets. */
#include "fuzz.h"

#include "wire/nas.h"
#include "wire/rrc_attach.h"

static void read_plain(struct lk_span octets)
{
    uint8_t first[512], second[512];
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_nas message, again;

    if (lk_nas_decode(&message, octets) != LK_OK)
        return;
    LK_ASSERT(message.ksi <= LK_NAS_NO_KSI && message.capability.len <= LK_NAS_CAPABILITY_MAX);
    LK_ASSERT(message.res.len <= LK_NAS_RES_MAX);
    if (message.type == LK_NAS_ATTACH_REQUEST && (!message.has_imsi || message.esm.len > 256))
        return; /* passed over, not kept */
    LK_ASSERT(lk_nas_encode(&w1, &message) == LK_OK);
    LK_ASSERT(lk_nas_decode(&again, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(again.type == message.type && again.cause == message.cause);
    LK_ASSERT(lk_span_equal(again.capability, message.capability));
    LK_ASSERT(lk_nas_encode(&w2, &again) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

static void read_nas(struct lk_span octets)
{
    struct lk_nas_header header;

    if (lk_nas_header_decode(&header, octets) != LK_OK)
        return;
    LK_ASSERT((header.mac == NULL) == (header.security == LK_NAS_PLAIN));
    LK_ASSERT(header.message.len <= octets.len);
    read_plain(header.message);
}

static void read_rrc(struct lk_rrc_attach *message)
{
    static uint8_t room[LK_RRC_NAS_MAX + 16];
    static struct lk_rrc_attach again;
    struct lk_writer w = lk_writer_of(room, sizeof room);
    bool down = message->type == LK_RRC_DOWNLINK_NAS || message->type == LK_RRC_SECURITY_COMMAND;

    LK_ASSERT(lk_rrc_attach_encode(&w, message) == LK_OK);
    LK_ASSERT((down ? lk_rrc_attach_downlink_decode(&again, lk_writer_span(&w))
                    : lk_rrc_attach_uplink_decode(&again, lk_writer_span(&w))) == LK_OK);
    LK_ASSERT(again.type == message->type && again.transaction == message->transaction);
    if (message->nas_len > 0)
        read_nas(lk_span_of(message->nas, message->nas_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct lk_rrc_attach message;
    struct lk_span all = lk_span_of(octets, len);

    read_nas(all);
    if (lk_rrc_attach_downlink_decode(&message, all) == LK_OK)
        read_rrc(&message);
    if (lk_rrc_attach_uplink_decode(&message, all) == LK_OK)
        read_rrc(&message);
    return 0;
}

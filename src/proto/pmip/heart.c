/* Heartbeats between gateway and anchor (RFC 5847), and who does not answer them. */
#include "proto/pmip/heart.h"

#include <string.h>

void lk_pmip_heart_defaults(struct lk_pmip_heart_config *config)
{
    *config = (struct lk_pmip_heart_config){ .interval_ms = 1000, .answer_ms = 400, .missing = 2 };
}

void lk_pmip_heart_up(struct lk_pmip_heart *heart, uint64_t now_ms)
{
    heart->up = true;
    heart->asked = heart->heard = false;
    heart->missed = 0;
    heart->due_ms = now_ms;
}

void lk_pmip_heart_down(struct lk_pmip_heart *heart)
{
    heart->up = false;
}

bool lk_pmip_heart_has_told(const struct lk_pmip_heart *heart,
                            const struct lk_pmip_heart_config *config)
{
    return heart->heard || config->interval_ms == 0 || config->place.port == 0;
}

static void put(struct lk_writer *w, const struct lk_mobility_message *message)
{
    enum lk_status status = lk_mobility_encode(w, message);

    LK_ASSERT(status == LK_OK); /* its length is known */
}

/* spec: RFC 5094 3 - the vendor's enterprise number, its subtype, its data. */
static void tell_place(struct lk_mobility_options *options, uint8_t octets[LK_MOBILITY_PLACE_MAX],
                       const struct lk_pmip_heart_config *config)
{
    struct lk_writer w = lk_writer_of(octets, LK_MOBILITY_PLACE_MAX);

    struct lk_mobility_place place = config->place;

    if (place.port == 0)
        return;
    place.beats_ms = config->interval_ms;
    lk_mobility_place_put(&w, &place);
    lk_mobility_mark(options, LK_MO_VENDOR);
    options->vendor_count = 1;
    options->vendor[0] = (struct lk_mobility_vendor){ config->enterprise, LK_MOBILITY_PLACE_SUBTYPE,
                                                      lk_writer_span(&w) };
}

/* spec: RFC 5847 3.1 - gone is who left MISSING_HEARTBEATS_ALLOWED questions without an answer. */
enum lk_pmip_heart_next lk_pmip_heart_due(struct lk_pmip_heart *heart,
                                          const struct lk_pmip_heart_config *config,
                                          uint64_t now_ms, struct lk_writer *question)
{
    struct lk_mobility_message message = { .type = LK_MOBILITY_HEARTBEAT };
    uint8_t place[LK_MOBILITY_PLACE_MAX];

    if (!heart->up || now_ms < heart->due_ms ||
        (config->interval_ms == 0 && (heart->asked || config->place.port == 0)))
        return LK_PMIP_HEART_NOTHING;
    if (heart->missed >= config->missing)
        return LK_PMIP_HEART_GONE;
    heart->missed++;
    heart->asked = true;
    heart->due_ms = now_ms + config->answer_ms;
    message.beat = ++heart->beat;
    tell_place(&message.options, place, config);
    put(question, &message);
    return LK_PMIP_HEART_SEND;
}

bool lk_pmip_heart_received(struct lk_pmip_heart *heart, const struct lk_pmip_heart_config *config,
                            struct lk_span octets, uint64_t now_ms)
{
    struct lk_mobility_message message;

    heart->heard = true;
    heart->missed = 0;
    heart->due_ms = now_ms + config->interval_ms;
    return lk_mobility_type_of(octets) == LK_MOBILITY_HEARTBEAT &&
           lk_mobility_decode(&message, octets) == LK_OK;
}

/* spec: RFC 5847 3.2 - the answer has the question's sequence number, and says how often its sender
 * has begun anew. */
bool lk_pmip_heart_answer(struct lk_writer *answer, const struct lk_mobility_message *message,
                          uint32_t restarts)
{
    struct lk_mobility_message own = { .type = LK_MOBILITY_HEARTBEAT,
                                       .flags = LK_HEARTBEAT_RESPONSE, .beat = message->beat };

    if (message->type != LK_MOBILITY_HEARTBEAT || (message->flags & LK_HEARTBEAT_RESPONSE) != 0)
        return false;
    own.options.restarts = restarts;
    lk_mobility_mark(&own.options, LK_MO_RESTARTS);
    put(answer, &own);
    return true;
}

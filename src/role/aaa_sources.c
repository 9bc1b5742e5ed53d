/* Whom vectors are for, and who has proven to be somebody: an aaa worker's jobs as sources of
 * questions. */
#include "role/aaa_worker.h"

static struct lk_vector_source source_of(const struct lk_aaa_waiting *job)
{
    return (struct lk_vector_source){
        .address = lk_datagram_address(&job->peer),
        .station = lk_span_of((const uint8_t *)job->node.calling, job->node.calling_len),
    };
}

static const struct lk_vector_sources *sources_of(const struct lk_aaa_worker *worker)
{
    return &worker->process.setup->shared->sources;
}

/* A07: strangers who name a subscriber leave him vectors. With AUTS only the card gets another;
 * A08: and one in a run, though its client says it again with the same State. */
enum lk_reason lk_aaa_why_not_ask(const struct lk_aaa_worker *worker,
                                  const struct lk_aaa_waiting *job,
                                  const struct lk_output *question)
{
    const struct lk_vector_sources *sources = sources_of(worker);
    const struct lk_imsi *imsi = &question->ask_vector.imsi;
    const uint8_t *rand = question->ask_vector.rand;
    struct lk_vector_source source = source_of(job);
    bool resync = question->ask_vector.resync;

    if (job->is_probe || (resync ? lk_vector_sources_may_resync(sources, imsi, rand, lk_mono_us())
                                 : lk_vector_sources_may_ask(sources, imsi, &source, lk_mono_us())))
        return LK_REASON_NONE;
    return resync ? LK_REASON_AUTS_TWICE : LK_REASON_SOURCE_TOO_FAST;
}

void lk_aaa_had_none(const struct lk_aaa_worker *worker, const struct lk_question *q)
{
    if (q->resync && !q->is_probe)
        lk_vector_sources_no_resync(sources_of(worker), &q->imsi, q->rand);
}

void lk_aaa_is_proven(const struct lk_aaa_worker *worker, const struct lk_aaa_waiting *job,
                      const struct lk_imsi *imsi, bool by_vector)
{
    struct lk_vector_source source = source_of(job);

    (by_vector ? lk_vector_sources_proven : lk_vector_sources_renewed)(
        sources_of(worker), imsi, &source, lk_mono_us());
}

/* Octets as datagrams of Mobile IP in a capture, one behind another (an octet that says whose they
 * are, two of length), and of RADIUS between an agent and the home AAA: they are sorted into
 * registrations, told, and explained; what was granted has an answer, and what is of a run is
 * between its first and last message. */
#include <string.h>

#include "fuzz.h"

#include "trace/explain.h"
#include "trace/ladder.h"
#include "trace/mip.h"

enum { DATAGRAMS = 12, V6 = 0x80, UP = 0x40, RADIUS = 0x20, ENDS = 3 };

static void nobody(void *context, const struct lk_field *field)
{
}

static void tell(const struct lk_trace *trace, size_t index)
{
    char name[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    struct lk_rung rung;

    lk_trace_message_name(name, &trace->messages[index]);
    lk_trace_summary(summary, &trace->messages[index]);
    lk_rung_of(&rung, trace, index);
    LK_ASSERT(rung.from < LK_LANE_COUNT && rung.to < LK_LANE_COUNT);
    LK_ASSERT(rung.from != rung.to || trace->messages[index].protocol == LK_TRACE_RADIUS);
    lk_fields_visit(&trace->messages[index], NULL, nobody, NULL);
}

static void judge(const struct lk_trace *trace)
{
    static const struct lk_explain_facts none;
    struct lk_explanation told;

    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        tell(trace, i);
        LK_ASSERT(m->run == LK_TRACE_NONE || (trace->runs[m->run].first <= i &&
                                              trace->runs[m->run].last >= i));
    }
    for (size_t r = 0; r < trace->run_count; r++) {
        lk_explain(&told, trace, r, &none);
        LK_ASSERT(told.where[0] != '\0' && told.count <= LK_CAUSE_COUNT);
        LK_ASSERT(trace->runs[r].outcome != LK_TRACE_ACCEPTED ||
                  trace->runs[r].mip.reply != LK_TRACE_NONE);
    }
}

/* Keys that nonces and authenticators are tried with. */
static void keep(struct lk_trace *trace, enum lk_app_key_log_kind kind, const char *who)
{
    static const uint8_t spis[8] = { 0, 0, 16, 0, 0, 0, 16, 0 };
    const struct lk_span parts[] = { lk_span_text(who), LK_SPAN(spis) };
    struct lk_app_key_log entry;

    LK_ASSERT(lk_app_key_log_of(&entry, kind, parts, LK_COUNT_OF(parts),
                                lk_span_text("sixteen octets..")) == LK_OK);
    entry.number = LK_MIP_HMAC_MD5;
    LK_ASSERT(lk_trace_keep_app_key(trace, &entry) == LK_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static const struct lk_capture_end ends[ENDS] = { { .address = { 127, 0, 0, 9 }, .port = 4 },
                                                      { .address = { 127, 0, 0, 8 }, .port = 434 },
                                                      { .address = { 127, 0, 0, 1 },
                                                        .port = 434 } };
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_trace trace;

    lk_trace_init(&trace);
    keep(&trace, LK_APP_KEY_LOG_MN_AAA, "001010123456789");
    keep(&trace, LK_APP_KEY_LOG_MN_HA, "001010123456789");
    for (unsigned i = 0; i < DATAGRAMS && r.left > 0; i++) {
        uint8_t how = lk_get_u8(&r);
        unsigned near = how % 2;
        struct lk_trace_packet packet = { .at_ns = 1790000000000000000u + i * 1000000u };

        packet.datagram.payload = lk_get_lv16(&r);
        packet.datagram.from = ends[(how & UP) != 0 ? near : near + 1];
        packet.datagram.to = ends[(how & UP) != 0 ? near + 1 : near];
        if (r.status != LK_OK)
            break;
        LK_ASSERT(lk_trace_add(&trace, (how & V6) != 0       ? LK_TRACE_MIP6
                                       : (how & RADIUS) != 0 ? LK_TRACE_RADIUS
                                                             : LK_TRACE_MIP, &packet) == LK_OK);
    }
    LK_ASSERT(lk_trace_finish(&trace) == LK_OK);
    judge(&trace);
    lk_trace_free(&trace);
    return 0;
}

#include "trace/ladder.h"

#include <string.h>

const char *lk_lane_name(enum lk_lane lane)
{
    static const char *const names[LK_LANE_COUNT] = { "Device", "Access point", "AAA server",
                                                      "Vault" };

    LK_ASSERT((unsigned)lane < LK_LANE_COUNT);
    return names[lane];
}

const char *lk_rung_kind_name(enum lk_rung_kind kind)
{
    static const char *const names[LK_RUNG_KIND_COUNT] = { "plain", "challenge", "fast", "sync",
                                                           "refused", "granted" };

    LK_ASSERT((unsigned)kind < LK_RUNG_KIND_COUNT);
    return names[kind];
}

enum lk_rung_kind lk_rung_kind_of(const struct lk_trace_message *message)
{
    if (message->status == LK_OK && message->packet.code == LK_RADIUS_ACCESS_REJECT)
        return LK_RUNG_REFUSED;
    if (message->status == LK_OK && message->packet.code == LK_RADIUS_ACCESS_ACCEPT)
        return LK_RUNG_GRANTED;
    if (!message->has_eap || message->eap_status != LK_OK)
        return LK_RUNG_PLAIN;
    switch (message->eap.subtype) {
    case LK_AKA_CHALLENGE:
        return LK_RUNG_CHALLENGE;
    case LK_AKA_REAUTHENTICATION:
        return LK_RUNG_FAST;
    case LK_AKA_SYNCHRONIZATION_FAILURE:
        return LK_RUNG_SYNC;
    case LK_AKA_AUTHENTICATION_REJECT:
    case LK_AKA_CLIENT_ERROR:
        return LK_RUNG_REFUSED;
    default:
        return LK_RUNG_PLAIN;
    }
}

bool lk_rung_shows_vault(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    return m->repeats == LK_TRACE_NONE && m->has_eap && m->eap_status == LK_OK
           && m->eap.code == LK_EAP_REQUEST && m->eap.subtype == LK_AKA_CHALLENGE;
}

void lk_escape(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        default:
            fputc(*text, to);
            break;
        }
}

/* ---- text ---- */

static void print_message(FILE *to, const struct lk_trace *trace, size_t index, uint64_t since)
{
    const struct lk_trace_message *m = &trace->messages[index];
    char name[LK_TRACE_NAME_MAX], radius[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    double ms = (double)(int64_t)(m->at_ns - since) / 1e6;
    const char *left = m->has_eap ? "|-----------" : "|           ";
    const char *back = m->has_eap ? "|<----------" : "|           ";

    lk_trace_message_name(name, m);
    lk_trace_radius_name(radius, m);
    lk_trace_summary(summary, m);
    if (lk_rung_shows_vault(trace, index))
        fprintf(to, "%13s|           |           |<= vault: one vector\n", "");
    fprintf(to, "%10.3f   %s%s %s%s\n", ms, m->request ? left : back,
            m->request ? "|---------->|" : "|<----------|", name,
            m->repeats != LK_TRACE_NONE ? "  (again)" : "");
    fprintf(to, "%13s|           |           |   %s%s", "", m->has_eap ? radius : "",
            m->has_eap ? ", " : "");
    if (m->status == LK_OK)
        fprintf(to, "id %u, ", m->packet.identifier);
    fprintf(to, "%zu octets\n", m->radius.len);
    if (summary[0] != '\0')
        fprintf(to, "%13s|           |           |   %s\n", "", summary);
}

static void print_head(FILE *to, const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_run *r = &trace->runs[run];

    fprintf(to, "\n== %s: %s%s%s, %zu messages, %.3f ms\n", r->title,
            r->eap_type == 0 ? "" : r->eap_type == LK_EAP_AKA ? "EAP-AKA " : "EAP-AKA' ",
            r->fast ? "fast re-authentication " : "", lk_trace_outcome_name(r->outcome), r->count,
            (double)(trace->messages[r->last].at_ns - trace->messages[r->first].at_ns) / 1e6);
    fprintf(to, "%10s   %-12s%-12s%s\n", "ms", "device", "access pt", "AAA");
}

void lk_ladder_text(FILE *to, const struct lk_trace *trace, size_t run)
{
    size_t strays = 0;

    for (size_t r = 0; r < trace->run_count; r++) {
        if (run != LK_TRACE_NONE && r != run)
            continue;
        print_head(to, trace, r);
        for (size_t i = trace->runs[r].first; i <= trace->runs[r].last; i++)
            if (trace->messages[i].run == r)
                print_message(to, trace, i, trace->messages[trace->runs[r].first].at_ns);
    }
    for (size_t i = 0; i < trace->count && run == LK_TRACE_NONE; i++) {
        if (trace->messages[i].run != LK_TRACE_NONE)
            continue;
        if (strays++ == 0)
            fprintf(to, "\n== other messages\n%10s   %-12s%-12s%s\n", "ms", "device", "access pt",
                    "AAA");
        print_message(to, trace, i, trace->messages[0].at_ns);
    }
}

#include "role/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct page {
    char *text;
    size_t cap, used;
};

static void put(struct page *page, const char *format, ...) LK_PRINTF(2, 3);
static void put(struct page *page, const char *format, ...)
{
    va_list list;
    int len;

    va_start(list, format);
    len = vsnprintf(page->text + page->used, page->cap - page->used, format, list);
    va_end(list);
    if (len > 0)
        page->used =
            page->used + (size_t)len < page->cap ? page->used + (size_t)len : page->cap - 1;
}

static void head(struct page *page, const char *name, const char *type, const char *help)
{
    put(page, "# HELP latchkey_%s %s\n# TYPE latchkey_%s %s\n", name, help, name, type);
}

static void one(struct page *page, const char *name, const char *type, const char *help,
                uint64_t value)
{
    head(page, name, type, help);
    put(page, "latchkey_%s %" PRIu64 "\n", name, value);
}

static void outcome(struct page *page, const char *method, const char *result, const char *by,
                    uint64_t value)
{
    put(page, "latchkey_authentications_total{method=\"%s\",result=\"%s\",by=\"%s\"} %" PRIu64 "\n",
        method, result, by, value);
}

static void outcomes(struct page *page, const struct lk_counters *sum)
{
    static const char *const method[] = { "aka", "aka-prime", "none" };

    head(page, "authentications_total", "counter",
         "Authentications that ended, by method and result.");
    for (size_t i = 0; i < LK_METHOD_INDEX_COUNT; i++) {
        outcome(page, method[i], "accept", "full", sum->accepted[i]);
        outcome(page, method[i], "accept", "fast", sum->reauthenticated[i]);
    }
    outcome(page, "erp", "accept", "fast", sum->erp_accepted);
    for (size_t i = 0; i <= LK_METHOD_INDEX_COUNT; i++)
        outcome(page, method[i], "reject", "any", sum->rejected[i]);
    outcome(page, "erp", "reject", "any", sum->erp_rejected);
}

static bool runs(const struct lk_metrics_view *view, const struct lk_process_kind *kind)
{
    return (kind->roles & view->roles) != 0;
}

static void refusal(struct page *page, const struct lk_process_kind *kind, enum lk_reason reason,
                    uint64_t count)
{
    const struct lk_reason_row *row = lk_reason_row(reason);

    if (count > 0 || (row->by & kind->refuses) != 0)
        put(page, "latchkey_refused_total{role=\"%s\",reason=\"%s\"} %" PRIu64 "\n", kind->name,
            row->code, count);
}

/* Those that a kind may count, which a reader of the page may wait for; another's, where it came in
 * spite of its row. */
static void refusals(struct page *page, const struct lk_metrics_view *view)
{
    head(page, "refused_total", "counter", "Requests rejected or dropped, by reason.");
    for (size_t k = 0; k < lk_kind_count(); k++) {
        const struct lk_process_kind *kind = lk_kind_at(k);
        struct lk_counters sum;

        if (!runs(view, kind))
            continue;
        lk_counters_sum(&sum, view->shared, lk_kind_slot(kind, 0, 0), lk_kind_slots(kind));
        for (int i = LK_REASON_NONE + 1; i < LK_REASON_COUNT; i++)
            refusal(page, kind, (enum lk_reason)i, sum.refused[i]);
    }
}

/* What a kind counts for itself, summed over its processes. */
static void own(struct page *page, const struct lk_metrics_view *view,
                const struct lk_process_kind *kind)
{
    unsigned first = lk_kind_slot(kind, 0, 0);

    for (size_t i = 0; i < kind->counter_count && i < LK_OWN_COUNTERS; i++) {
        uint64_t sum = 0;

        for (unsigned j = first; j < first + lk_kind_slots(kind); j++)
            sum += __atomic_load_n(&view->shared->slot[j]->own[i], __ATOMIC_RELAXED);
        head(page, kind->counters[i].name, kind->counters[i].is_gauge ? "gauge" : "counter",
             kind->counters[i].help);
        put(page, "latchkey_%s{role=\"%s\"} %" PRIu64 "\n", kind->counters[i].name, kind->name,
            sum);
    }
}

static void processes(struct page *page, const struct lk_metrics_view *view)
{
    head(page, "processes", "gauge", "Processes that serve, by role.");
    for (size_t k = 0; k < lk_kind_count(); k++) {
        const struct lk_process_kind *kind = lk_kind_at(k);
        unsigned first = lk_kind_slot(kind, 0, 0);
        uint64_t serving = 0;

        for (unsigned j = first; j < first + lk_kind_slots(kind); j++)
            serving += view->shared->slot[j]->state == LK_WORKER_SERVING;
        if (runs(view, kind))
            put(page, "latchkey_processes{role=\"%s\"} %" PRIu64 "\n", kind->name, serving);
    }
    head(page, "process_restarts_total", "counter", "Processes that died and were replaced.");
    for (size_t k = 0; k < lk_kind_count(); k++)
        if (runs(view, lk_kind_at(k)))
            put(page, "latchkey_process_restarts_total{role=\"%s\"} %" PRIu64 "\n",
                lk_kind_at(k)->name, view->restarts[lk_kind_slot(lk_kind_at(k), 0, 0)]);
    for (size_t k = 0; k < lk_kind_count(); k++)
        if (runs(view, lk_kind_at(k)))
            own(page, view, lk_kind_at(k));
}

static void latency(struct page *page, const struct lk_counters *sum)
{
    uint64_t count = 0;

    head(page, "answer_seconds", "histogram", "From a request to its answer, here.");
    for (size_t i = 0; i < LK_LATENCY_BUCKETS; i++) {
        count += sum->latency[i];
        if (i < LK_LATENCY_BUCKETS - 1)
            put(page, "latchkey_answer_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                (double)lk_latency_limits_us[i] / 1e6, count);
    }
    put(page, "latchkey_answer_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", count);
    put(page, "latchkey_answer_seconds_sum %.6f\n", (double)sum->latency_sum_us / 1e6);
    put(page, "latchkey_answer_seconds_count %" PRIu64 "\n", count);
}

static void state(struct page *page, const struct lk_metrics_view *view)
{
    uint64_t serving = 0;
    uint64_t jobs = 0;

    for (size_t i = 0; i < LK_SHARED_SLOTS; i++) {
        serving += view->shared->slot[i]->state == LK_WORKER_SERVING;
        jobs += view->shared->slot[i]->state != LK_WORKER_ABSENT ? view->shared->slot[i]->jobs : 0;
    }
    one(page, "workers", "gauge", "Workers that serve.", serving);
    one(page, "jobs_waiting", "gauge", "Requests that wait for the vault or the store.", jobs);
    one(page, "reauth_contexts", "gauge", "Re-authentication contexts remembered.",
        lk_reauth_count(view->shared->reauth));
    one(page, "erp_contexts", "gauge", "Contexts of ERP remembered.",
        lk_erp_table_count(view->shared->erp));
    one(page, "vault_up", "gauge", "1 when the vault process is there.", view->vault_up);
    if (view->healthy >= 0)
        one(page, "healthy", "gauge", "1 when the last health login succeeded.",
            (uint64_t)view->healthy);
    one(page, "uptime_seconds", "gauge", "Since the daemon started.", view->uptime_s);
    one(page, "worker_restarts_total", "counter", "Workers that died and were replaced.",
        view->worker_restarts);
    one(page, "vault_restarts_total", "counter", "Vaults that died and were replaced.",
        view->vault_restarts);
    one(page, "reloads_total", "counter", "Configurations taken over.", view->reloads);
    one(page, "reloads_refused_total", "counter", "Configurations refused, the old one kept.",
        view->reloads_refused);
}

size_t lk_metrics_text(char *text, size_t cap, const struct lk_metrics_view *view)
{
    struct page page = { text, cap, 0 };
    struct lk_counters sum;

    lk_counters_sum(&sum, view->shared, 0, LK_SHARED_SLOTS);
    head(&page, "build_info", "gauge", "The version that runs.");
    put(&page, "latchkey_build_info{version=\"" LK_VERSION "\"} 1\n");
    one(&page, "requests_total", "counter", "Datagrams that came.", sum.requests);
    one(&page, "duplicates_total", "counter", "Repeats, answered from the reply cache or dropped.",
        sum.duplicates);
    one(&page, "challenges_total", "counter", "Access-Challenges sent.", sum.challenges);
    outcomes(&page, &sum);
    refusals(&page, view);
    latency(&page, &sum);
    one(&page, "accounting_records_total", "counter", "Accounting records stored.", sum.accounted);
    one(&page, "vectors_total", "counter", "Authentication vectors used.", sum.vectors);
    one(&page, "rows_written_total", "counter", "Subscriber rows written back.", sum.rows_written);
    one(&page, "pool_full_total", "counter", "Requests dropped because too many wait.",
        sum.pool_full);
    one(&page, "timed_out_total", "counter",
        "Requests dropped because store or vault took too long.", sum.timed_out);
    one(&page, "send_lost_total", "counter", "Answers that the kernel did not take.",
        sum.send_lost);
    one(&page, "health_logins_total", "counter", "Logins of the health probe.", sum.probes);
    state(&page, view);
    processes(&page, view);
    return page.used;
}

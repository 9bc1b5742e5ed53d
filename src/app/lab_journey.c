/* The laboratory as a step of a journey. */
#include <stdlib.h>
#include <string.h>

#include "app/lab.h"
#include "role/journey.h"

static bool take_all(struct lk_lab_table *table, const struct lk_journey_call *words,
                     char error[LK_JOURNEY_ERROR])
{
    char why[LK_LAB_ERROR];

    lk_lab_table_defaults(table);
    for (size_t i = 0; i < words->count; i++)
        if (!lk_lab_take(table, words->argument[i].name, words->argument[i].value, why)) {
            snprintf(error, LK_JOURNEY_ERROR, "%s %s", words->argument[i].name, why);
            return false;
        }
    if (lk_lab_fits(table, why))
        return true;
    snprintf(error, LK_JOURNEY_ERROR, "%s", why);
    return false;
}

bool lk_lab_journey_check(const struct lk_journey *journey, char error[LK_JOURNEY_ERROR])
{
    struct lk_lab_table table;
    char why[LK_JOURNEY_ERROR];

    for (size_t i = 0; i < journey->step_count; i++) {
        const struct lk_journey_step *step = &journey->step[i];

        if (step->kind != LK_JOURNEY_LAB || take_all(&table, &step->call, why))
            continue;
        snprintf(error, LK_JOURNEY_ERROR, "%.200s:%d: lab: %.200s", journey->file, step->line,
                 why);
        return false;
    }
    return true;
}

static void put(struct lk_journey_lab *answer, const char *way, const char *what,
                const char *value)
{
    char name[sizeof answer->row->name];

    (void)snprintf(name, sizeof name, "%s%s", way, what);
    lk_journey_lab_put(answer, name, value);
}

static void put_way(struct lk_journey_lab *answer, const char *way,
                    const struct lk_lab_result *r)
{
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)r->deauthentications);
    put(answer, way, "-association", r->deauthentications > 0 ? "lost"
                                     : r->associations > 0    ? "anew" : "kept");
    put(answer, way, "-keys", r->equal == r->done && r->never_up == 0 ? "equal" : "unequal");
    put(answer, way, "-suspension", r->suspension.most > 0 ? "some" : "none");
    put(answer, way, "-deauthentications", number);
}

static char *figure_of(const struct lk_lab_table *table)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    LK_ASSERT(to != NULL);
    lk_lab_html(to, table);
    LK_ASSERT(fclose(to) == 0);
    return text;
}

static void tell(struct lk_journey_lab *answer, uint64_t asked, uint64_t done, uint64_t lost)
{
    char overtaken[48] = "";

    if (asked > done)
        snprintf(overtaken, sizeof overtaken, ", %llu overtaken by the next",
                 (unsigned long long)(asked - done));
    snprintf(answer->result, sizeof answer->result, "%llu of %llu handovers in virtual time%s, "
             "%llu deauthentications", (unsigned long long)done, (unsigned long long)asked,
             overtaken, (unsigned long long)lost);
}

void lk_lab_journey(struct lk_journey_lab *answer, const struct lk_journey_call *words)
{
    struct lk_lab_table *table = calloc(1, sizeof *table);
    uint64_t asked = 0, done = 0, lost = 0;

    LK_ASSERT(table != NULL);
    if (take_all(table, words, answer->failure)) {
        lk_lab_table_run(table);
        put(answer, "", "result", "measured");
        for (unsigned i = 0; i < LK_LAB_WAYS; i++) {
            const struct lk_lab_result *r = &table->result[i];

            if (!table->wanted[i])
                continue;
            put_way(answer, lk_lab_way_rows[i].key, r);
            asked += r->asked;
            done += r->done;
            lost += r->deauthentications;
            if (r->broken != NULL)
                snprintf(answer->failure, sizeof answer->failure, "%s: invariant %s does not hold",
                         lk_lab_way_rows[i].title, r->broken->name);
        }
        tell(answer, asked, done, lost);
        answer->figure = figure_of(table);
        lk_lab_table_free(table);
    }
    free(table);
}

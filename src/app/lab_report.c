/* What the laboratory measured, as a table, as JSON, and as a part of the journey's page. */
#include "app/lab.h"
#include "trace/ladder.h"

const char *lk_lab_range_text(char text[32], const struct lk_lab_range *range)
{
    if (range->least == range->most)
        snprintf(text, 32, "%u ms", range->least);
    else
        snprintf(text, 32, "%u-%u ms", range->least, range->most);
    return text;
}

static uint64_t messages_of(const struct lk_lab_result *r)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < LK_LAB_MESSAGES; i++)
        sum += r->message[i];
    return sum;
}

static double each(uint64_t number, uint64_t handovers)
{
    return handovers == 0 ? 0 : (double)number / (double)handovers;
}

/* ---- the table: a line for each thing measured, a column for each way ---- */

enum line {
    LINE_ASKED, LINE_DONE, LINE_EQUAL, LINE_COLLAPSED, LINE_DEAUTH, LINE_ASSOCIATIONS,
    LINE_RELEASES, LINE_SUSPENDED, LINE_MEDIAN, LINE_P99, LINE_MOST, LINE_KEY_MEDIAN, LINE_KEY_P99,
    LINE_SENT, LINE_LOST,
    LINE_RRC, LINE_XWAP, LINE_EAPOL, LINE_MANAGEMENT, LINES
};

static const char *const line_names[LINES] = {
    [LINE_ASKED] = "handovers asked for",
    [LINE_DONE] = "handovers done",
    [LINE_EQUAL] = "  ended with equal keys",
    [LINE_COLLAPSED] = "  re-keys collapsed into the next",
    [LINE_DEAUTH] = "deauthentications by the WT",
    [LINE_ASSOCIATIONS] = "associations anew",
    [LINE_RELEASES] = "releases of LWA",
    [LINE_SUSPENDED] = "handovers with data suspended",
    [LINE_MEDIAN] = "  suspension, median, ms",
    [LINE_P99] = "  suspension, p99, ms",
    [LINE_MOST] = "  suspension, most, ms",
    [LINE_KEY_MEDIAN] = "new key in use after, median, ms",
    [LINE_KEY_P99] = "new key in use after, p99, ms",
    [LINE_SENT] = "packets of data on the WLAN",
    [LINE_LOST] = "  lost",
    [LINE_RRC] = "RRC messages a handover",
    [LINE_XWAP] = "XwAP messages a handover",
    [LINE_EAPOL] = "EAPOL frames a handover",
    [LINE_MANAGEMENT] = "management frames a handover",
};

static const char *cell(char text[LK_LAB_COMMAND], const struct lk_lab_result *r, enum line line)
{
    const uint64_t whole[LINES] = {
        [LINE_ASKED] = r->asked, [LINE_DONE] = r->done, [LINE_EQUAL] = r->equal,
        [LINE_COLLAPSED] = r->collapsed, [LINE_DEAUTH] = r->deauthentications,
        [LINE_ASSOCIATIONS] = r->associations, [LINE_RELEASES] = r->releases,
        [LINE_SUSPENDED] = r->suspended, [LINE_MEDIAN] = r->suspension.median,
        [LINE_P99] = r->suspension.p99, [LINE_MOST] = r->suspension.most,
        [LINE_KEY_MEDIAN] = r->rekey.median, [LINE_KEY_P99] = r->rekey.p99, [LINE_SENT] = r->sent,
        [LINE_LOST] = r->lost,
    };

    if (line >= LINE_RRC)
        snprintf(text, LK_LAB_COMMAND, "%.1f", each(r->message[line - LINE_RRC], r->done));
    else
        snprintf(text, LK_LAB_COMMAND, "%llu", (unsigned long long)whole[line]);
    return text;
}

static void write_parameters(FILE *to, const struct lk_lab_options *o)
{
    char range[32];

    fprintf(to, "Modelled, drawn evenly, each time anew:\n");
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        fprintf(to, "  %-8s %-10s %s [%s]\n", lk_lab_delay_rows[i].name,
                lk_lab_range_text(range, &o->delay[i]), lk_lab_delay_rows[i].help,
                lk_lab_delay_rows[i].source);
    fprintf(to, "  %-8s %-10s %s\n", "keys", "0 ms", "to derive and to check [none modelled]");
    fprintf(to, "Timers, and how often there is data (all ours):\n");
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        fprintf(to, "  %-8s %-4u %-5s %s\n", lk_lab_timer_rows[i].name, o->timer[i],
                lk_lab_timer_rows[i].unit, lk_lab_timer_rows[i].help);
}

void lk_lab_text(FILE *to, const struct lk_lab_table *table)
{
    char text[LK_LAB_COMMAND];

    fprintf(to, "%s\n\n", table->command);
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            fprintf(to, "%-18s %s\n", lk_lab_way_rows[i].title, lk_lab_way_rows[i].says);
    fprintf(to, "\n%-34s", "");
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            fprintf(to, " %18s", lk_lab_way_rows[i].title);
    fprintf(to, "\n");
    for (unsigned line = 0; line < LINES; line++) {
        fprintf(to, "%-34s", line_names[line]);
        for (unsigned i = 0; i < LK_LAB_WAYS; i++)
            if (table->wanted[i])
                fprintf(to, " %18s", cell(text, &table->result[i], (enum line)line));
        fprintf(to, "\n");
    }
    fprintf(to, "\n");
    write_parameters(to, &table->options);
    fprintf(to, "\n");
    for (size_t i = 0; lk_lab_finding(text, table, i); i++)
        fprintf(to, "* %s\n", text);
}

/* ---- JSON ---- */

static json_t *json_of_spread(const struct lk_lab_spread *s)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "median", (json_int_t)s->median, "p99",
                     (json_int_t)s->p99, "max", (json_int_t)s->most, "sum", (json_int_t)s->sum);
}

static json_t *json_of_messages(const struct lk_lab_result *r)
{
    json_t *all = json_object();

    for (unsigned i = 0; i < LK_LAB_MESSAGES; i++)
        json_object_set_new(all, lk_lab_message_names[i], json_integer((json_int_t)r->message[i]));
    json_object_set_new(all, "total", json_integer((json_int_t)messages_of(r)));
    return all;
}

static json_t *json_of_row(const struct lk_lab_way_row *way, const struct lk_lab_result *r)
{
    const struct {
        const char *name;
        uint64_t number;
    } numbers[] = {
        { "handovers_asked", r->asked }, { "handovers", r->done }, { "equal_keys", r->equal },
        { "rekeys", r->rekeys }, { "collapsed", r->collapsed },
        { "deauthentications", r->deauthentications }, { "associations", r->associations },
        { "releases", r->releases }, { "connections_lost", r->connections },
        { "suspended", r->suspended }, { "data_sent", r->sent }, { "data_lost", r->lost },
        { "seeds_not_settled", r->never_up },
    };
    char trace[20];
    json_t *all;

    snprintf(trace, sizeof trace, "%016llx", (unsigned long long)r->trace);
    all = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s?}", "way", way->key, "order",
                    way->order, "title", way->title, "says", way->says,
                    "suspension_ms", json_of_spread(&r->suspension),
                    "new_key_ms", json_of_spread(&r->rekey), "messages", json_of_messages(r),
                    "trace", trace, "broken", r->broken == NULL ? NULL : r->broken->name);
    for (size_t i = 0; i < LK_COUNT_OF(numbers); i++)
        json_object_set_new(all, numbers[i].name, json_integer((json_int_t)numbers[i].number));
    return all;
}

static json_t *json_of_options(const struct lk_lab_options *o)
{
    json_t *delays = json_array(), *timers = json_array();

    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        json_array_append_new(delays, json_pack("{s:s, s:i, s:i, s:s, s:s}",
            "name", lk_lab_delay_rows[i].name, "least_ms", (int)o->delay[i].least,
            "most_ms", (int)o->delay[i].most, "of", lk_lab_delay_rows[i].help,
            "source", lk_lab_delay_rows[i].source));
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        json_array_append_new(timers, json_pack("{s:s, s:i, s:s, s:s, s:s}",
            "name", lk_lab_timer_rows[i].name, "value", (int)o->timer[i],
            "unit", lk_lab_timer_rows[i].unit, "of", lk_lab_timer_rows[i].help,
            "source", "ours"));
    return json_pack("{s:I, s:I, s:i, s:i, s:f, s:f, s:o, s:o}", "seed", (json_int_t)o->seed,
                     "seeds", (json_int_t)o->seeds, "handovers", (int)o->handovers,
                     "spacing_ms", (int)o->spacing_ms, "loss_percent", o->loss / 10.0,
                     "uu_loss_percent", o->uu_loss / 10.0, "delays", delays, "timers", timers);
}

json_t *lk_lab_json(const struct lk_lab_table *table)
{
    json_t *rows = json_array(), *findings = json_array();
    char text[LK_LAB_COMMAND];

    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            json_array_append_new(rows, json_of_row(&lk_lab_way_rows[i], &table->result[i]));
    for (size_t i = 0; lk_lab_finding(text, table, i); i++)
        json_array_append_new(findings, json_string(text));
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "lab", "lwa", "command", table->command,
                     "parameters", json_of_options(&table->options), "rows", rows,
                     "findings", findings);
}

/* ---- a part of a page ---- */

static void write_table(FILE *to, const struct lk_lab_table *table)
{
    char text[LK_LAB_COMMAND];

    fprintf(to, "<div class=\"sheet\"><table class=\"steps lab\"><thead><tr><th></th>");
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            fprintf(to, "<th class=\"num\" title=\"%s\">%s</th>", lk_lab_way_rows[i].says,
                    lk_lab_way_rows[i].title);
    fprintf(to, "</tr></thead><tbody>\n");
    for (unsigned line = 0; line < LINES; line++) {
        fprintf(to, "<tr><td>%s</td>", line_names[line]);
        for (unsigned i = 0; i < LK_LAB_WAYS; i++)
            if (table->wanted[i])
                fprintf(to, "<td class=\"num\">%s</td>",
                        cell(text, &table->result[i], (enum line)line));
        fprintf(to, "</tr>\n");
    }
    fprintf(to, "</tbody></table></div>\n");
}

void lk_lab_html(FILE *to, const struct lk_lab_table *table)
{
    char text[LK_LAB_COMMAND];

    fprintf(to, "<div class=\"sheet chart\">");
    lk_lab_svg(to, table, false);
    fprintf(to, "</div>\n<ul class=\"findings\">\n");
    for (size_t i = 0; lk_lab_finding(text, table, i); i++) {
        fprintf(to, "<li>");
        lk_escape(to, text);
        fprintf(to, "</li>\n");
    }
    fprintf(to, "</ul>\n");
    write_table(to, table);
}

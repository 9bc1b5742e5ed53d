#include "trace/json.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "trace/fields.h"
#include "trace/ladder.h"

static void add_field(void *context, const struct lk_field *field)
{
    json_t *made = json_object();

    json_object_set_new(made, "depth", json_integer(field->depth));
    json_object_set_new(made, "name", json_string(field->name));
    json_object_set_new(made, "value", json_string(field->value));
    if (field->clause[0] != '\0')
        json_object_set_new(made, "clause", json_string(field->clause));
    json_array_append_new(context, made);
}

static json_t *json_message(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    char name[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    json_t *made = json_object(), *fields = json_array();
    struct lk_rung rung;

    lk_rung_of(&rung, trace, index);
    lk_trace_message_name(name, m);
    lk_trace_summary(summary, m);
    json_object_set_new(made, "number", json_integer((json_int_t)index + 1));
    json_object_set_new(made, "at_ns", json_integer((json_int_t)m->at_ns));
    json_object_set_new(made, "to", json_string(m->request ? "server" : "client"));
    json_object_set_new(made, "protocol", json_string(lk_trace_protocol_name(m)));
    json_object_set_new(made, "opened", json_boolean(m->opened));
    json_object_set_new(made, "from_lane", json_string(lk_lane_name(rung.from)->full));
    json_object_set_new(made, "to_lane", json_string(lk_lane_name(rung.to)->full));
    if (m->protocol == LK_TRACE_RADIUS) {
        char radius[LK_TRACE_NAME_MAX];

        lk_trace_radius_name(radius, m);
        json_object_set_new(made, "radius", json_string(radius));
    }
    json_object_set_new(made, "name", json_string(name));
    json_object_set_new(made, "kind", json_string(lk_rung_kind_name(rung.kind)));
    json_object_set_new(made, "summary", json_string(summary));
    if (m->beside != LK_TRACE_NONE)
        json_object_set_new(made, "beside", json_integer((json_int_t)m->beside + 1));
    json_object_set_new(made, "again", json_boolean(m->repeats != LK_TRACE_NONE));
    lk_fields_visit(m, NULL, add_field, fields);
    json_object_set_new(made, "fields", fields);
    return made;
}

static json_t *json_text(struct lk_span text)
{
    json_t *made = text.len == 0 ? json_string("") :
                   json_stringn((const char *)text.at, text.len);

    return made != NULL ? made : json_string("(not UTF-8)");
}

static void put_address(json_t *to, const char *name, const struct lk_address *address)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    json_object_set_new(to, name, json_string(text));
}

static json_t *json_registration(const struct lk_trace_registration *of)
{
    json_t *made = json_pack("{s:b, s:b, s:b, s:i, s:i, s:I, s:I}", "v6", of->v6,
                             "foreign_agent", of->by_agent, "deregisters", of->deregisters,
                             "code", of->code, "lifetime_s", (int)of->lifetime_s, "packets",
                             (json_int_t)of->packets, "octets", (json_int_t)of->octets);

    put_address(made, "home", &of->home);
    put_address(made, "agent", &of->agent);
    put_address(made, "care_of", &of->care_of);
    if (of->reply == LK_TRACE_NONE)
        json_object_del(made, "code");
    return made;
}

json_t *lk_json_trace(const struct lk_trace *trace)
{
    json_t *made = json_object(), *runs = json_array(), *others = json_array();

    for (size_t r = 0; r < trace->run_count; r++) {
        const struct lk_trace_run *run = &trace->runs[r];
        json_t *one = json_object(), *messages = json_array();

        json_object_set_new(one, "kind", json_string(lk_trace_run_kind_name(run->kind)));
        json_object_set_new(one, "title", json_string(run->title));
        json_object_set_new(one, "outcome", json_string(lk_trace_outcome_name(run)));
        json_object_set_new(one, "method", json_integer(run->eap_type));
        json_object_set_new(one, "fast", json_boolean(run->fast));
        json_object_set_new(one, "resynchronised", json_boolean(run->resync));
        json_object_set_new(one, "identity", json_text(run->identity));
        if (run->kind == LK_TRACE_REGISTRATION)
            json_object_set_new(one, "registration", json_registration(&run->mip));
        for (size_t i = run->first; i <= run->last; i++)
            if (trace->messages[i].run == r)
                json_array_append_new(messages, json_message(trace, i));
        json_object_set_new(one, "messages", messages);
        json_array_append_new(runs, one);
    }
    for (size_t i = 0; i < trace->count; i++)
        if (trace->messages[i].run == LK_TRACE_NONE)
            json_array_append_new(others, json_message(trace, i));
    json_object_set_new(made, "runs", runs);
    json_object_set_new(made, "others", others);
    json_object_set_new(made, "cut", json_boolean(trace->cut));
    return made;
}

json_t *lk_json_explanation(const struct lk_explanation *explanation,
                            const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[explanation->run];
    json_t *made = json_object(), *causes = json_array();

    json_object_set_new(made, "title", json_string(run->title));
    json_object_set_new(made, "outcome", json_string(lk_trace_outcome_name(run)));
    json_object_set_new(made, "failed", json_boolean(explanation->failed));
    json_object_set_new(made, "message", json_integer((json_int_t)explanation->at + 1));
    json_object_set_new(made, "where", json_string(explanation->where));
    for (size_t i = 0; i < explanation->count; i++) {
        const struct lk_cause_found *found = &explanation->causes[i];
        const struct lk_cause_row *row = lk_cause_row(found->cause);

        json_array_append_new(causes, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "cause",
            row->code, "certainty", lk_certainty_name(found->certainty), "what", row->what,
            "clause", row->clause, "evidence", found->evidence, "fix", row->fix));
    }
    json_object_set_new(made, "causes", causes);
    return made;
}

/* Rows, for programs: who can compute it, and whether the operator is one of them. */
static json_t *json_who(const struct lk_key_node *node)
{
    static const char *const names[] = { "device", "bsf", "ausf", "aanf", "naf-or-af",
                                         "application", "server", "home-aaa", "home-agent",
                                         "foreign-agent" };
    const unsigned who = node->who;
    json_t *list = json_array(), *made;

    for (unsigned i = 0; i < LK_COUNT_OF(names); i++)
        if ((who & 1u << i) != 0)
            json_array_append_new(list, json_string(names[i]));
    made = json_pack("{s:o, s:b}", "can_compute", list, "operator", (who & LK_WHO_OPERATOR) != 0);
    if (node->naf[0] != '\0')
        json_object_set_new(made, "naf_or_af", json_string(node->naf));
    return made;
}

json_t *lk_json_keytree(const struct lk_keytree *tree, bool show_values)
{
    char text[2 * LK_KEYTREE_VALUE_MAX + 1];
    json_t *made = json_array();

    for (size_t i = 0; i < tree->count; i++) {
        const struct lk_key_node *node = &tree->node[i];
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", node->name, "how", node->how,
                                "clause", node->clause, "holders", node->holders, "octets",
                                (int)node->len);

        if (node->detail[0] != '\0')
            json_object_set_new(one, "detail", json_string(node->detail));
        if (node->run != LK_TRACE_NONE)
            json_object_set_new(one, "run", json_integer((json_int_t)node->run + 1));
        if (node->parent != LK_TRACE_NONE)
            json_object_set_new(one, "parent", json_string(tree->node[node->parent].name));
        if (node->who != 0)
            json_object_update_new(one, json_who(node));
        if (show_values && node->has_value) {
            LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(node->value, node->len)) ==
                      LK_OK);
            json_object_set_new(one, "value", json_string(text));
            lk_wipe(text, sizeof text);
        }
        json_array_append_new(made, one);
    }
    return made;
}

static json_t *json_knower(const struct lk_reach *reach, const struct lk_trace *trace, size_t sa,
                           size_t part)
{
    static const char *const words[] = {
        [LK_REACH_HEARS] = "hears", [LK_REACH_DOMAIN] = "domain", [LK_REACH_MADE] = "made",
        [LK_REACH_HOME] = "home", [LK_REACH_OWN] = "own", [LK_REACH_NOT] = "not",
    };
    const struct lk_reach_cell *cell = &reach->sa[sa].cell[part];
    json_t *made = json_pack("{s:s, s:s, s:b}", "name", reach->part[part], "how", words[cell->how],
                             "active_only", cell->active_only);

    if (part == reach->captured)
        json_object_set_new(made, "captured",
                            json_string(lk_reach_captured_text(reach, trace, sa)));
    return made;
}

json_t *lk_json_reach(const struct lk_reach *reach, const struct lk_trace *trace, size_t run)
{
    json_t *made;

    for (size_t sa = 0; sa < reach->sas; sa++) {
        if (reach->sa[sa].run != run)
            continue;
        made = json_array();
        for (size_t part = 0; part < reach->parts; part++)
            if (reach->sa[sa].cell[part].how != LK_REACH_NOT || part == reach->captured)
                json_array_append_new(made, json_knower(reach, trace, sa, part));
        return made;
    }
    return NULL;
}

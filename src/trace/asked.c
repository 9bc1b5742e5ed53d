/* What applications ask the connection manager of a device, and what they are told: JSON that the
 * manager wrote into the capture. The questions of the device's owner are not among them. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "trace/protocol.h"

static bool claims(const struct lk_datagram *datagram)
{
    return lk_trace_is_opened(datagram, "json");
}

/* ---- decoding ---- */

static void take(char *to, size_t cap, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    snprintf(to, cap, "%.*s", (int)cap - 1, text != NULL ? text : "");
}

/* One more "name value" of a question. */
static void add_word(char *about, size_t cap, const char *name, const json_t *value)
{
    size_t len = strlen(about);
    const char *comma = len > 0 ? ", " : "";

    if (json_is_string(value))
        snprintf(about + len, cap - len, "%s%.16s %.40s", comma, name, json_string_value(value));
    else if (json_is_integer(value))
        snprintf(about + len, cap - len, "%s%.16s %lld", comma, name,
                 (long long)json_integer_value(value));
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    json_t *object = json_loadb((const char *)m->octets.at, m->octets.len, 0, NULL);
    struct lk_trace_asked *asked = &m->asked;
    const char *name;
    json_t *value;

    m->status = json_is_object(object) ? LK_OK : LK_E_VALUE;
    m->request = json_object_get(object, "op") != NULL;
    if (m->request) {
        take(asked->who, sizeof asked->who, object, "as");
        take(asked->what, sizeof asked->what, object, "op");
        json_object_foreach(object, name, value)
            if (strcmp(name, "op") != 0 && strcmp(name, "as") != 0)
                add_word(asked->about, sizeof asked->about, name, value);
    } else {
        asked->done = json_is_true(json_object_get(object, "ok"));
        take(asked->what, sizeof asked->what, object, "reason");
        take(asked->about, sizeof asked->about, object, asked->done ? "told" : "error");
    }
    json_decref(object);
}

/* ---- runs ---- */

/* Where the manager speaks WLCP from. */
static const struct lk_capture_end *manager_of(const struct lk_trace_message *m)
{
    return m->request ? &m->to : &m->from;
}

static size_t find_question(const struct lk_trace *trace, size_t index)
{
    size_t answered = 0;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol != LK_TRACE_ASKED
            || !lk_trace_same_end(manager_of(before), manager_of(&trace->messages[index])))
            continue;
        if (!before->request)
            answered++;
        else if (answered-- == 0)
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* Of the session that the device has now. */
static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    const struct lk_capture_end *manager = manager_of(m);

    m->answers = m->request ? LK_TRACE_NONE : find_question(trace, index);
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->run == LK_TRACE_NONE || before->protocol == LK_TRACE_PMIP
            || trace->runs[before->run].kind != LK_TRACE_SESSION
            || (!lk_trace_same_end(&before->from, manager)
                && !lk_trace_same_end(&before->to, manager)))
            continue;
        m->run = before->run;
        break;
    }
    return LK_OK;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
}

/* ---- names ---- */

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    char text[LK_TRACE_SUMMARY_MAX] = "";

    if (m->status != LK_OK)
        snprintf(text, sizeof text, "not JSON");
    else if (m->request)
        snprintf(text, sizeof text, "%s: %s", m->asked.who[0] != '\0' ? m->asked.who : "somebody",
                 m->asked.what);
    else
        snprintf(text, sizeof text, "%s", m->asked.done ? "done" : m->asked.what[0] != '\0' ?
                 m->asked.what : "refused");
    name[0] = '\0';
    for (size_t i = 0; text[i] != '\0' && i + 1 < LK_TRACE_NAME_MAX; i++) {
        name[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
        name[i + 1] = '\0';
    }
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    snprintf(name, LK_TRACE_NAME_MAX, "%s", m->request ? "Question" : "Answer");
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    lk_trace_append(text, lk_span_text(m->asked.about), true);
}

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = m->request ? LK_LANE_APPLICATION : LK_LANE_DEVICE;
    rung->to = m->request ? LK_LANE_DEVICE : LK_LANE_APPLICATION;
    rung->kind = m->status != LK_OK ? LK_RUNG_REFUSED : m->request ? LK_RUNG_PLAIN :
                 m->asked.done ? LK_RUNG_GRANTED : LK_RUNG_REFUSED;
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char text[LK_FIELD_VALUE_MAX], name[LK_FIELD_NAME_MAX];
    json_t *object = json_loadb((const char *)m->octets.at, m->octets.len, 0, NULL), *value;
    const char *key;

    lk_tell(t, 0, m->request ? "Question to the connection manager" : "Its answer", "",
            "%zu octets", m->octets.len);
    json_object_foreach(object, key, value) {
        char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);

        snprintf(name, sizeof name, "%.*s", (int)sizeof name - 1, key);
        lk_field_text(text, lk_span_text(dumped != NULL ? dumped : ""));
        lk_tell(t, 1, name, "", "%s", text);
        free(dumped);
    }
    json_decref(object);
}

const struct lk_trace_protocol lk_trace_protocol_asked = {
    .name = "application",
    .recurs = true,
    .claims = claims,
    .decode = decode,
    .place = place,
    .sum_up = sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = fields,
};

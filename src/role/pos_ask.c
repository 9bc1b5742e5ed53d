/* Questions from the control socket.
 *
 *     {"op": "pos-mns", "mn": "001010000000001@home.example", "after": 0}
 *     {"op": "pos-links"}
 *     {"op": "pos-release", "mn": "001010000000001@home.example", "pos": "pos@a.example"}
 *     {"op": "pos-push", "mn": "001010000000001@home.example", "link": "02:00:00:00:00:01",
 *      "poa": "02:00:00:00:36:62", "pos": "pos@a.example"}
 *
 * mn is optional in pos-mns, whose answer is a part of them (role/ask.h); pos in pos-release: then
 * all points of this daemon that have an SA with it end it; and in pos-push: then it is the point
 * where the MN was heard last. link is the MN's address at the point of attachment, poa that one's.
 * No answer has a key. */
#include <stdio.h>
#include <string.h>

#include "role/pos_process.h"

enum {
    LINKS_TOLD = 32, /* at once: each may say much */
    GROUP = 0x01,    /* in the first octet of a link address */
};

static json_t *text_of(struct lk_span name)
{
    return json_stringn(name.len == 0 ? "" : (const char *)name.at, name.len);
}

static const char *type_name(const struct lk_pos_mn_told *told)
{
    static const char *const names[] = { [LK_MIS_SA_TLS] = "tls", [LK_MIS_SA_EAP] = "eap",
                                         [LK_MIS_SA_GKB] = "gkb", [LK_MIS_SA_SPOS] = "spos" };

    return !told->has_sa ? "none" : told->type < LK_COUNT_OF(names) ? names[told->type] : "?";
}

static json_int_t left_s(uint64_t due_ms)
{
    uint64_t now_ms = lk_wall_ms();

    return (json_int_t)(due_ms > now_ms ? (due_ms - now_ms + 999) / 1000 : 0);
}

static json_t *link_key_rows(const struct lk_pos_mn_told *told)
{
    json_t *rows = json_array();

    for (unsigned i = 0; i < told->link_keys; i++) {
        char link[LK_STATION_TEXT], poa[LK_STATION_TEXT];

        lk_station_text(link, told->link_key[i].mn);
        lk_station_text(poa, told->link_key[i].poa);
        (void)json_array_append_new(rows, json_pack("{s:s, s:s}", "link", link, "poa", poa));
    }
    return rows;
}

static json_t *row_of(const struct lk_pos_point *point, const struct lk_pos_mn_told *told)
{
    static const char *const ways[] = { "nowhere", "udp", "tcp", "dtls", "link" };
    char address[LK_ADDRESS_TEXT];
    json_t *row = json_pack("{s:s, s:s, s:b, s:b, s:i, s:i, s:i, s:s, s:i}", "pos",
                            point->setting.from.id, "type", type_name(told), "half_open",
                            told->half_open, "channel", told->channel, "link_keys",
                            (int)told->link_keys, "used", told->chain.used,
                            "max", told->chain.max, "way",
                            told->peer.way < LK_COUNT_OF(ways) ? ways[told->peer.way] : "?",
                            "port", told->peer.port);

    lk_address_text(address, &told->peer.address);
    (void)json_object_set_new(row, "link_keys_of", link_key_rows(told));
    (void)json_object_set_new(row, "mn", text_of(told->name));
    (void)json_object_set_new(row, "address", json_string(address));
    (void)json_object_set_new(row, "expires_ms", json_integer((json_int_t)told->expires_ms));
    if (told->spos.len > 0)
        (void)json_object_set_new(row, "spos", text_of(told->spos));
    if (told->half_open) {
        (void)json_object_set_new(row, "announced_by", text_of(told->announcer));
        (void)json_object_set_new(row, "left_s", json_integer(left_s(told->due_ms)));
    }
    return row;
}

/* Of all points, since the start. */
static json_t *counts_of(const struct lk_pos_process *pos)
{
    struct lk_pos_counters all = { .messages = 0 };

    for (size_t i = 0; i < pos->points; i++) {
        const struct lk_pos_counters *c = lk_pos_counted(pos->point[i]->node);

        all.attached += c->attached;
        all.rejected += c->rejected;
        all.prepared += c->prepared;
        all.not_taken += c->not_taken;
        all.arrived += c->arrived;
        all.handed_over += c->handed_over;
        all.not_handed += c->not_handed;
        all.pings += c->pings;
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "attached",
                     (json_int_t)all.attached, "rejected", (json_int_t)all.rejected, "prepared",
                     (json_int_t)all.prepared, "not-taken", (json_int_t)all.not_taken, "arrived",
                     (json_int_t)all.arrived, "handed-over", (json_int_t)all.handed_over,
                     "not-handed", (json_int_t)all.not_handed, "pings", (json_int_t)all.pings);
}

static json_t *told_of(uint64_t count, const json_t *counts)
{
    static const char *const names[] = { "attached", "arrived", "not-taken", "rejected" };
    char text[128];
    size_t len = (size_t)snprintf(text, sizeof text, "%u here", (unsigned)count);

    for (size_t i = 0; i < LK_COUNT_OF(names) && len < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, ", %lld %s",
                                (long long)json_integer_value(json_object_get(counts, names[i])),
                                names[i]);
    return json_string(text);
}

static json_t *mns(void *context, const json_t *request)
{
    const struct lk_pos_process *pos = context;
    const char *only = json_string_value(json_object_get(request, "mn"));
    uint32_t each = pos->process.config->pos.mns;
    uint64_t count = 0;
    struct lk_pos_mn_told told;
    struct lk_part part;
    json_t *answer, *counts;

    lk_part_begin(&part, request, only != NULL ? 0 : (uint64_t)each * pos->points);
    for (size_t i = 0; i < pos->points; i++) {
        count += lk_pos_mn_count(pos->point[i]->node);
        if (only != NULL && lk_pos_told_of(&told, pos->point[i]->node, lk_span_text(only)))
            lk_part_add(&part, row_of(pos->point[i], &told));
    }
    for (; lk_part_goes_on(&part); part.at++) {
        const struct lk_pos_point *point = pos->point[part.at / each];

        if (part.at % each < lk_pos_places(point->node) &&
            lk_pos_told_at(&told, point->node, (uint32_t)(part.at % each)))
            lk_part_add(&part, row_of(point, &told));
    }
    if (only != NULL && json_array_size(part.rows) == 0) {
        json_decref(part.rows);
        return lk_ask_refusal("no point of service has that mobile node",
                              "latchkey pos mns, without a name, tells who is there");
    }
    answer = lk_part_end(&part, "mns");
    (void)json_object_set_new(answer, "count", json_integer((json_int_t)count));
    counts = counts_of(pos);
    (void)json_object_set_new(answer, "told", told_of(count, counts));
    (void)json_object_set_new(answer, "counts", counts);
    return answer;
}

static json_t *link_row_of(const struct lk_pos_point *point, const struct lk_pos_line *line)
{
    const struct lk_reason_row *reason = lk_reason_row(lk_pos_link_reason(line));
    char address[LK_ADDRESS_TEXT];
    json_t *row;

    lk_address_text(address, &line->peer.address);
    row = json_pack("{s:s, s:s, s:s, s:b, s:b, s:s, s:i}", "pos", point->setting.from.id,
                    "partner", line->partner.id, "name", line->partner.name, "up", line->up,
                    "dials", line->dials, "address", address, "port", line->peer.port);
    if (lk_pos_link_reason(line) == LK_REASON_NONE)
        return row;
    (void)json_object_set_new(row, "reason", json_string(reason->code));
    (void)json_object_set_new(row, "fix", json_string(reason->fix));
    if (line->up) {
        (void)json_object_set_new(row, "speaks_as", json_string(line->other));
        return row;
    }
    (void)json_object_set_new(row, "why", json_string(lk_stream_down_name(line->why)));
    (void)json_object_set_new(row, "detail", json_string(line->detail));
    return row;
}

static json_t *links(void *context, const json_t *request)
{
    const struct lk_pos_process *pos = context;
    struct lk_part part;

    lk_part_begin(&part, request, pos->points * LK_CONFIG_PARTNERS);
    for (; lk_part_goes_on(&part) && json_array_size(part.rows) < LINKS_TOLD; part.at++) {
        const struct lk_pos_point *point = pos->point[part.at / LK_CONFIG_PARTNERS];
        const struct lk_pos_line *line = &point->line[part.at % LK_CONFIG_PARTNERS];

        if (line->partner.id[0] != '\0')
            lk_part_add(&part, link_row_of(point, line));
    }
    return lk_part_end(&part, "links");
}

static json_t *release(void *context, const json_t *request)
{
    struct lk_pos_process *pos = context;
    const char *mn = json_string_value(json_object_get(request, "mn"));
    const char *at = json_string_value(json_object_get(request, "pos"));
    struct lk_pos_event event = { .kind = LK_POS_EV_RELEASE };
    int ended = 0;

    if (mn == NULL)
        return lk_ask_refusal("no MISF ID of a mobile node",
                              "give it as latchkey pos mns has it");
    event.release = lk_span_text(mn);
    for (size_t i = 0; i < pos->points; i++)
        if (at == NULL || strcmp(at, pos->point[i]->setting.from.id) == 0)
            ended += lk_pos_give(pos->point[i], &event) == LK_OK ? 1 : 0;
    return ended > 0 ? json_pack("{s:b, s:s, s:i}", "ok", 1, "told",
                                 "it is told that its SA ends", "points", ended)
                     : lk_ask_refusal("no point of service has an SA with that mobile node",
                                      "latchkey pos mns tells who is there");
}

/* ---- link keys ---- */

/* The point that gives that MN a link key: the one named, or where the MN was heard last, for a
 * point that it has left may have an SA of it yet. NULL, and why. */
static struct lk_pos_point *pusher(struct lk_pos_process *pos, const char *at, struct lk_span mn,
                                   struct lk_refusal *why)
{
    struct lk_pos_point *found = at == NULL ? pos->point[0] : NULL;
    struct lk_pos_mn_told told;
    uint64_t last_ms = 0;

    for (size_t i = 0; i < pos->points; i++) {
        struct lk_pos_point *point = pos->point[i];

        if (at != NULL && strcmp(at, point->setting.from.id) == 0)
            found = point;
        if (at != NULL || !lk_pos_told_of(&told, point->node, mn) || told.heard_ms < last_ms)
            continue;
        found = point;
        last_ms = told.heard_ms;
    }
    *why = lk_refusal_of(LK_REASON_MIS_PUSH, "a point of service of ours", "none of that name");
    return found != NULL && lk_pos_may_push(why, found->node, mn) ? found : NULL;
}

static json_t *no_push(const struct lk_refusal *why)
{
    const struct lk_reason_row *row = lk_reason_row(why->reason);
    json_t *answer = lk_ask_refusal(row->what, row->fix);

    (void)json_object_update_new(answer, json_pack("{s:s, s:s, s:s}", "reason", row->code,
                                                   "expected", why->expected, "came", why->came));
    return answer;
}

/* Of one end of a link: neither a group's nor nobody's. */
static bool is_station(uint8_t to[LK_STATION_LEN], const json_t *request, const char *key)
{
    const char *text = json_string_value(json_object_get(request, key));

    static const uint8_t nobody[LK_STATION_LEN] = { 0 };

    return text != NULL && lk_station_parse(to, lk_span_text(text)) == LK_OK &&
           (to[0] & GROUP) == 0 &&
           !lk_span_equal(lk_span_of(to, LK_STATION_LEN), LK_SPAN(nobody));
}

/* The key itself is in no answer: how the point of attachment gets it is its operator's affair. */
static json_t *push(void *context, const json_t *request)
{
    static const char told[] = "the link key is on its way; latchkey pos mns tells when the mobile "
                               "node has it";
    static const char poa[] = "no message of IEEE 802.21 takes it to the point of attachment: a "
                              "line MIS_MSPMK of the capture's secrets has it, in a laboratory";
    struct lk_pos_process *pos = context;
    const char *mn = json_string_value(json_object_get(request, "mn"));
    const char *at = json_string_value(json_object_get(request, "pos"));
    struct lk_pos_event event = { .kind = LK_POS_EV_PUSH,
                                  .push.link.type = LK_MIS_LINK_80211 };
    struct lk_pos_point *point;
    struct lk_refusal why;

    if (mn == NULL)
        return lk_ask_refusal("no MISF ID of a mobile node",
                              "give it as latchkey pos mns has it");
    if (!is_station(event.push.link.mn, request, "link") ||
        !is_station(event.push.link.poa, request, "poa"))
        return lk_ask_refusal("no link address of six octets",
                              "say that of the mobile node, then that of the point of attachment: "
                              "02:00:00:00:00:01 02:00:00:00:36:62");
    event.push.mn = lk_span_text(mn);
    point = pusher(pos, at, event.push.mn, &why);
    if (point == NULL)
        return no_push(&why);
    if (lk_pos_give(point, &event) != LK_OK)
        return lk_ask_refusal("the link key cannot be sent now", "try again; look at the log");
    return json_pack("{s:b, s:s, s:s, s:s}", "ok", 1, "told", told, "pos",
                     point->setting.from.id, "point-of-attachment", poa);
}

const struct lk_ask lk_pos_asks[] = {
    { .op = "pos-mns", .answer = mns },
    { .op = "pos-links", .answer = links },
    { .op = "pos-release", .answer = release },
    { .op = "pos-push", .answer = push },
    { NULL },
};

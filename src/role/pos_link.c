/* Links to partners: TLS 1.3 with certificates of both ends (T46). Of two PoS the one whose
 * identifier comes first, octet by octet, calls the other.
 *
 * With TLS 1.3 who calls is through its handshake before the other end has judged our certificate:
 * a link is told of, and its failures are forgotten, when it has lasted a second. Why it fails is
 * told when it is another reason than the time before. That a partner speaks under another id than
 * its row has is told once, too. */
#include <stdio.h>
#include <string.h>

#include "role/pos_process.h"

enum { WAIT_MS = 500, WAIT_MAX_MS = 30000, LASTS_MS = 1000 };

/* of: the partner; NULL: a stranger. */
static void say(const struct lk_pos_point *point, enum lk_log_level level, const char *event,
                const struct lk_pos_line *of, const struct lk_peer *peer, enum lk_reason reason,
                const char *why, const char *detail)
{
    static struct lk_log_limit of_strangers, of_partners; /* T44: those silence none of these */
    bool failed = reason != LK_REASON_NONE;
    char address[LK_ADDRESS_TEXT], port[8], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_allowed(of == NULL ? &of_strangers : &of_partners, lk_mono_ms(), &left_out))
        return;
    lk_address_text(address, &peer->address);
    (void)snprintf(port, sizeof port, "%u", peer->port);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(level, event, { "pos", point->setting.from.id },
           { "partner", of == NULL ? NULL : of->partner.id }, { "address", address },
           { "port", port }, { "why", why }, { "detail", detail },
           { "reason", failed ? lk_reason_row(reason)->code : NULL },
           { "expected", failed ? of->partner.name : NULL },
           { "fix", failed ? lk_reason_row(reason)->fix : NULL },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static enum lk_reason reason_of(enum lk_stream_down why)
{
    static const enum lk_reason reasons[LK_STREAM_DOWN_REASONS] = {
        [LK_STREAM_DOWN_UNREACHABLE] = LK_REASON_MIS_LINK_UNREACHABLE,
        [LK_STREAM_DOWN_NO_CERTIFICATE] = LK_REASON_MIS_LINK_UNTRUSTED,
        [LK_STREAM_DOWN_UNTRUSTED] = LK_REASON_MIS_LINK_UNTRUSTED,
        [LK_STREAM_DOWN_EXPIRED] = LK_REASON_MIS_LINK_UNTRUSTED,
        [LK_STREAM_DOWN_UNKNOWN] = LK_REASON_MIS_LINK_NAME,
        [LK_STREAM_DOWN_ALERT] = LK_REASON_MIS_LINK_REFUSED,
    };

    return why < LK_STREAM_DOWN_REASONS && reasons[why] != LK_REASON_NONE
               ? reasons[why] : LK_REASON_MIS_LINK_LOST;
}

enum lk_reason lk_pos_link_reason(const struct lk_pos_line *line)
{
    if (line->up && line->other[0] != '\0')
        return LK_REASON_MIS_LINK_ID;
    return line->up || !line->failed ? LK_REASON_NONE : reason_of(line->why);
}

static const char *id_of(const struct lk_pos_point *point, size_t i)
{
    return point->line[i].partner.id;
}

static bool is_used(const struct lk_pos_line *line)
{
    return line->partner.id[0] != '\0';
}

/* Among the points of this process: their end writes it down, too. */
static bool is_ours(const struct lk_pos_point *point, const char *id)
{
    const struct lk_pos_process *pos = point->process;

    for (size_t i = 0; i < pos->points; i++)
        if (strcmp(pos->point[i]->setting.from.id, id) == 0)
            return true;
    return false;
}

static void see(struct lk_pos_point *point, size_t i, bool out, struct lk_span message)
{
    const struct lk_pos_line *line = &point->line[i];
    struct lk_capture_end own = lk_pos_own_end(point, point->setting.from.link_port);
    struct lk_capture_end other = lk_seen_end_of(&line->peer.address, line->peer.port);

    if (out || !is_ours(point, id_of(point, i)))
        lk_seen_mis(&point->process->seen, LK_SEEN_MIS_N2N, out ? &own : &other,
                    out ? &other : &own, message);
}

/* ---- up and down ---- */

/* False: it has no address, and comes by itself. */
static bool place(struct lk_pos_line *line)
{
    memset(&line->peer, 0, sizeof line->peer);
    line->peer.port = (uint16_t)line->partner.port;
    return lk_address_parse(&line->peer.address, line->partner.address) == LK_OK;
}

static void forget(struct lk_pos_point *point, size_t i)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_LINK_DOWN, .link = { .link = (uint32_t)i } };
    struct lk_pos_line *line = &point->line[i];
    bool was_up = line->up;

    line->stream = 0;
    line->up = line->lasts = false;
    line->other[0] = '\0';
    (void)place(line);
    lk_mis_framer_wipe(&line->framer);
    line->wait_ms = line->wait_ms == 0 ? WAIT_MS
                    : line->wait_ms >= WAIT_MAX_MS / 2 ? WAIT_MAX_MS : 2 * line->wait_ms;
    line->dial_at_ms = lk_mono_ms() + line->wait_ms;
    if (was_up)
        (void)(lk_pos_give(point, &event) == LK_OK);
}

/* The same, and why: told once, until it is another reason. */
static void fail(struct lk_pos_point *point, size_t i, const struct lk_peer *peer,
                 enum lk_stream_down why, const char *detail)
{
    struct lk_pos_line *line = &point->line[i];
    bool known = line->failed && line->why == why && strcmp(line->detail, detail) == 0;

    lk_count(&point->process->count->refused[reason_of(why)]);
    if (line->lasts || !known)
        say(point, LK_LOG_WARNING, "pos-link-lost", line, peer, reason_of(why),
            lk_stream_down_name(why), detail);
    line->failed = true;
    line->why = why;
    (void)snprintf(line->detail, sizeof line->detail, "%s", detail);
    forget(point, i);
}

static void note_lasting(struct lk_pos_point *point, struct lk_pos_line *line)
{
    line->lasts = true;
    line->failed = false;
    line->wait_ms = 0;
    say(point, LK_LOG_INFO, "pos-link-up", line, &line->peer, LK_REASON_NONE, NULL, NULL);
}

static bool known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    const struct lk_pos_point *point = context;

    for (size_t i = 0; i < LK_CONFIG_PARTNERS; i++)
        if (is_used(&point->line[i]) &&
            lk_stream_certificate_is(certificate, point->line[i].partner.name)) {
            *tag = (uint32_t)i;
            return true;
        }
    return false;
}

/* Who comes anew has proven that it is the same: the older one is a shadow. */
static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    struct lk_pos_point *point = context;
    struct lk_pos_line *line = &point->line[tag];
    struct lk_pos_event event = { .kind = LK_POS_EV_LINK_UP,
                                  .link = { .link = tag,
                                            .name = lk_span_text(id_of(point, tag)) } };

    if (line->stream != 0 && line->stream != id) {
        lk_stream_close(point->links, line->stream);
        forget(point, tag);
    }
    line->stream = id;
    line->peer = *peer;
    line->up_at_ms = lk_mono_ms();
    line->up = lk_pos_give(point, &event) == LK_OK;
    if (!line->up) {
        lk_stream_close(point->links, id);
        forget(point, tag);
    }
}

static size_t line_of(const struct lk_pos_point *point, uint64_t id)
{
    for (size_t i = 0; i < LK_CONFIG_PARTNERS && id != 0; i++)
        if (point->line[i].stream == id)
            return i;
    return LK_CONFIG_PARTNERS;
}

/* T44: the node has refused it. */
static void note_other(struct lk_pos_point *point, size_t i, struct lk_span message)
{
    struct lk_pos_line *line = &point->line[i];
    const struct lk_reason_row *row = lk_reason_row(LK_REASON_MIS_LINK_ID);
    char other[LK_REFUSAL_TEXT];
    struct lk_mis_pdu pdu;
    size_t len;

    if (lk_mis_decode(&pdu, message, &point->setting.node.codes) != LK_OK)
        return;
    len = pdu.source.len < sizeof other ? pdu.source.len : sizeof other - 1;
    for (size_t at = 0; at < len; at++)
        other[at] = pdu.source.at[at] > ' ' && pdu.source.at[at] < 0x7f ? (char)pdu.source.at[at]
                                                                        : '?';
    other[len] = '\0';
    lk_count(&point->process->count->refused[LK_REASON_MIS_LINK_ID]);
    if (line->other[0] == '\0')
        LK_LOG(LK_LOG_WARNING, "pos-link-other", { "pos", point->setting.from.id },
               { "partner", line->partner.id }, { "reason", row->code },
               { "expected", line->partner.id }, { "came", other }, { "fix", row->fix });
    memcpy(line->other, other, sizeof other);
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_pos_point *point = context;
    size_t i = line_of(point, id);
    struct lk_pos_event event = { .kind = LK_POS_EV_N2N, .link = { .link = (uint32_t)i } };
    enum lk_status status = LK_E_SHORT, given;
    struct lk_span message;
    uint64_t malformed, foreign;

    while (i < LK_CONFIG_PARTNERS && point->line[i].stream == id &&
           (status = lk_mis_framer_next(&point->line[i].framer, &message, &octets)) == LK_OK) {
        see(point, i, false, message);
        event.link.octets = message;
        event.link.told = NULL;
        malformed = lk_pos_counted(point->node)->n2n_malformed;
        foreign = lk_pos_counted(point->node)->foreign;
        given = lk_pos_give(point, &event);
        if (given == LK_E_DENIED && lk_pos_counted(point->node)->foreign != foreign)
            note_other(point, i, message);
        if (lk_pos_counted(point->node)->n2n_malformed != malformed)
            lk_pos_say_unreadable(point, &point->line[i].peer.address, given);
    }
    if (i == LK_CONFIG_PARTNERS || point->line[i].stream != id)
        return;
    if (status == LK_E_LENGTH) {
        lk_stream_close(point->links, id);
        fail(point, i, &point->line[i].peer, LK_STREAM_DOWN_BROKEN,
             "a message longer than any of ours");
    } else if (point->line[i].framer.len == 0) {
        lk_mis_framer_wipe(&point->line[i].framer);
    }
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    struct lk_pos_point *point = context;
    size_t i = line_of(point, id);

    if (i == LK_CONFIG_PARTNERS) {
        point->process->link_strangers++;
        say(point, LK_LOG_WARNING, "pos-link-stranger", NULL, peer, LK_REASON_NONE,
            lk_stream_down_name(why), detail);
        return;
    }
    fail(point, i, peer, why, detail);
}

/* ---- who is a partner ---- */

static bool is_same(const struct lk_config_pos_partner *a, const struct lk_config_pos_partner *b)
{
    return strcmp(a->id, b->id) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(a->address, b->address) == 0 && a->port == b->port;
}

static bool is_wanted(const struct lk_config_point *config, const struct lk_pos_line *line)
{
    for (size_t i = 0; i < config->partner_count; i++)
        if (is_same(&config->partners[i], &line->partner))
            return true;
    return false;
}

static void let_go(struct lk_pos_point *point, size_t i)
{
    struct lk_pos_line *line = &point->line[i];

    if (line->stream != 0)
        lk_stream_close(point->links, line->stream);
    forget(point, i);
    memset(line, 0, sizeof *line);
}

static void take_partner(struct lk_pos_point *point, const struct lk_config_pos_partner *partner)
{
    struct lk_pos_line *line = NULL;

    for (size_t i = LK_CONFIG_PARTNERS; i > 0; i--) {
        if (is_same(&point->line[i - 1].partner, partner))
            return;
        if (!is_used(&point->line[i - 1]))
            line = &point->line[i - 1];
    }
    LK_ASSERT(line != NULL); /* no more partners than lines, and those that went are gone */
    line->partner = *partner;
    lk_mis_framer_wipe(&line->framer);
    line->dials = place(line) && strcmp(point->setting.from.id, partner->id) < 0;
}

void lk_pos_link_configure(struct lk_pos_point *point)
{
    const struct lk_config_point *config = &point->setting.from;

    for (size_t i = 0; i < LK_CONFIG_PARTNERS; i++)
        if (is_used(&point->line[i]) && !is_wanted(config, &point->line[i]))
            let_go(point, i);
    for (size_t i = 0; i < config->partner_count; i++)
        take_partner(point, &config->partners[i]);
}

/* ---- the whole ---- */

void lk_pos_link_send(struct lk_pos_point *point, uint32_t link, struct lk_span octets)
{
    struct lk_pos_line *line = &point->line[link];

    see(point, link, true, octets);
    if (!line->up || lk_stream_send(point->links, line->stream, octets) != LK_OK)
        point->process->n2n_unsent++;
}

void lk_pos_link_tick(struct lk_pos_point *point)
{
    uint64_t now_ms = lk_mono_ms();

    for (size_t i = 0; point->links != NULL && i < LK_CONFIG_PARTNERS; i++) {
        struct lk_pos_line *line = &point->line[i];
        enum lk_status status;

        if (line->up && !line->lasts && now_ms - line->up_at_ms >= LASTS_MS)
            note_lasting(point, line);
        if (!is_used(line) || !line->dials || line->stream != 0 || now_ms < line->dial_at_ms)
            continue;
        status = lk_stream_dial(&line->stream, point->links, &line->peer, line->partner.name,
                                (uint32_t)i);
        if (status != LK_OK)
            fail(point, i, &line->peer,
                 status == LK_E_SYSTEM ? LK_STREAM_DOWN_UNREACHABLE : LK_STREAM_DOWN_ENGINE,
                 "no connection could be begun");
    }
}

bool lk_pos_link_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_point *config = &point->setting.from;
    const struct lk_stream_files files = { config->certificate, config->key, config->ca };
    struct lk_streams_setup setup;
    int fd = lk_pos_socket(point, LK_POS_LINK_PORT);

    _Static_assert((int)LK_STREAM_ERROR_TEXT <= (int)LK_KIND_ERROR_TEXT, "it fits");

    if (config->certificate[0] == '\0')
        return true;
    if (lk_stream_trust_load(&point->trust, &files, error) != LK_OK)
        return false;
    lk_streams_setup_defaults(&setup);
    setup.calls = (struct lk_stream_calls){ point, known, on_up, on_octets, on_down };
    setup.trust = point->trust;
    setup.only_13 = true;
    point->links = lk_streams_new(&point->process->process.loop, &setup);
    if (point->links == NULL || (fd >= 0 && lk_streams_listen(point->links, fd) != LK_OK)) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for links");
        return false;
    }
    lk_pos_link_configure(point);
    return true;
}

void lk_pos_link_end(struct lk_pos_point *point)
{
    lk_streams_free(point->links);
    lk_stream_trust_free(point->trust);
    for (size_t i = 0; i < LK_CONFIG_PARTNERS; i++)
        lk_mis_framer_wipe(&point->line[i].framer);
}

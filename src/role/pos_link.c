/* Links to partners: TLS 1.3 with certificates of both ends (T46). Of two PoS the one whose
 * identifier comes first, octet by octet, calls the other. */
#include <stdio.h>
#include <string.h>

#include "role/pos_process.h"

enum { WAIT_MS = 500, WAIT_MAX_MS = 30000 };

static void say(const struct lk_pos_point *point, enum lk_log_level level, const char *event,
                const char *partner, const struct lk_peer *peer, const char *why,
                const char *detail)
{
    static struct lk_log_limit limit;
    char address[LK_ADDRESS_TEXT], left_out_text[16];
    uint32_t left_out;

    if (!lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_address_text(address, &peer->address);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(level, event, { "pos", point->setting.from.id }, { "partner", partner },
           { "address", address }, { "why", why }, { "detail", detail },
           { "left_out", left_out == 0 ? NULL : left_out_text });
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

static void forget(struct lk_pos_point *point, size_t i)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_LINK_DOWN, .link = { .link = (uint32_t)i } };
    struct lk_pos_line *line = &point->line[i];
    bool was_up = line->up;

    line->stream = 0;
    line->up = false;
    lk_mis_framer_wipe(&line->framer);
    line->wait_ms = was_up || line->wait_ms == 0 ? WAIT_MS
                    : line->wait_ms >= WAIT_MAX_MS / 2 ? WAIT_MAX_MS : 2 * line->wait_ms;
    line->dial_at_ms = lk_mono_ms() + line->wait_ms;
    if (was_up)
        (void)(lk_pos_give(point, &event) == LK_OK);
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
    line->wait_ms = 0;
    line->up = lk_pos_give(point, &event) == LK_OK;
    if (!line->up) {
        lk_stream_close(point->links, id);
        forget(point, tag);
        return;
    }
    say(point, LK_LOG_INFO, "pos-link-up", id_of(point, tag), peer, NULL, NULL);
}

static size_t line_of(const struct lk_pos_point *point, uint64_t id)
{
    for (size_t i = 0; i < LK_CONFIG_PARTNERS && id != 0; i++)
        if (point->line[i].stream == id)
            return i;
    return LK_CONFIG_PARTNERS;
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_pos_point *point = context;
    size_t i = line_of(point, id);
    struct lk_pos_event event = { .kind = LK_POS_EV_N2N, .link = { .link = (uint32_t)i } };
    enum lk_status status = LK_E_SHORT, given;
    struct lk_span message;
    uint64_t malformed;

    while (i < LK_CONFIG_PARTNERS && point->line[i].stream == id &&
           (status = lk_mis_framer_next(&point->line[i].framer, &message, &octets)) == LK_OK) {
        see(point, i, false, message);
        event.link.octets = message;
        event.link.told = NULL;
        malformed = lk_pos_counted(point->node)->n2n_malformed;
        given = lk_pos_give(point, &event);
        if (lk_pos_counted(point->node)->n2n_malformed != malformed)
            lk_pos_say_unreadable(point, &point->line[i].peer.address, given);
    }
    if (i == LK_CONFIG_PARTNERS || point->line[i].stream != id)
        return;
    if (status == LK_E_LENGTH) {
        say(point, LK_LOG_WARNING, "pos-link-lost", id_of(point, i), &point->line[i].peer,
            "framing", "a message longer than any of ours");
        lk_stream_close(point->links, id);
        forget(point, i);
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
        say(point, LK_LOG_WARNING, "pos-link-stranger", NULL, peer, lk_stream_down_name(why),
            detail);
        return;
    }
    if (point->line[i].up || point->line[i].wait_ms == 0)
        say(point, LK_LOG_WARNING, "pos-link-lost", id_of(point, i), peer,
            lk_stream_down_name(why), detail);
    forget(point, i);
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
    line->peer.port = (uint16_t)partner->port;
    line->dials = strcmp(point->setting.from.id, partner->id) < 0 &&
                  lk_address_parse(&line->peer.address, partner->address) == LK_OK;
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

        if (!is_used(line) || !line->dials || line->stream != 0 || now_ms < line->dial_at_ms)
            continue;
        if (lk_stream_dial(&line->stream, point->links, &line->peer,
                           line->partner.name, (uint32_t)i) != LK_OK)
            forget(point, i);
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

/* Datagrams to messages, and messages to runs. */
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "trace/association.h"
#include "trace/mis.h"
#include "trace/mis_read.h"
#include "trace/protocol.h"
#include "trace/xw_read.h"

enum { KEYS_AT_ONCE = 64 };

/* The octets of one message: datagram, comment, joined EAP packet. */
struct lk_trace_block {
    struct lk_trace_block *next;
    size_t len;
    uint8_t octets[];
};

void lk_trace_init(struct lk_trace *trace)
{
    memset(trace, 0, sizeof *trace);
}

void lk_trace_free(struct lk_trace *trace)
{
    while (trace->blocks != NULL) {
        struct lk_trace_block *next = trace->blocks->next;

        lk_wipe(trace->blocks->octets, trace->blocks->len); /* Xw has keys */
        free(trace->blocks);
        trace->blocks = next;
    }
    free(trace->messages);
    if (trace->runs != NULL)
        lk_wipe(trace->runs, trace->run_cap * sizeof *trace->runs);
    free(trace->runs);
    if (trace->keys != NULL)
        lk_wipe(trace->keys, trace->key_count * sizeof *trace->keys);
    free(trace->keys);
    if (trace->mis_keys != NULL)
        lk_wipe(trace->mis_keys, trace->mis_key_count * sizeof *trace->mis_keys);
    free(trace->mis_keys);
    if (trace->app_keys != NULL)
        lk_wipe(trace->app_keys, trace->app_key_count * sizeof *trace->app_keys);
    free(trace->app_keys);
    memset(trace, 0, sizeof *trace);
}

/* Makes room for one more of size octets. */
static enum lk_status grow(void **list, size_t *cap, size_t count, size_t size)
{
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    void *grown;

    if (count < *cap)
        return LK_OK;
    if (count >= LK_TRACE_MESSAGES_MAX)
        return LK_E_FULL;
    grown = malloc(wanted * size);
    if (grown == NULL)
        return LK_E_SYSTEM;
    if (count > 0) {
        memcpy(grown, *list, count * size);
        lk_wipe(*list, count * size); /* runs have keys */
    }
    free(*list);
    *list = grown;
    *cap = wanted;
    return LK_OK;
}

enum lk_status lk_trace_add(struct lk_trace *trace, enum lk_trace_protocol_id protocol,
                            const struct lk_trace_packet *packet)
{
    struct lk_span payload = packet->datagram.payload, comment = packet->comment;
    struct lk_trace_block *block;
    struct lk_trace_message *message;
    enum lk_status status = grow((void **)&trace->messages, &trace->message_cap, trace->count,
                                 sizeof *trace->messages);

    if (status != LK_OK)
        return status;
    block = malloc(sizeof *block + payload.len * 2 + comment.len);
    if (block == NULL)
        return LK_E_SYSTEM;
    if (payload.len > 0)
        memcpy(block->octets, payload.at, payload.len);
    if (comment.len > 0)
        memcpy(block->octets + payload.len, comment.at, comment.len);
    block->next = trace->blocks;
    block->len = payload.len * 2 + comment.len;
    trace->blocks = block;

    message = &trace->messages[trace->count++];
    memset(message, 0, sizeof *message);
    message->at_ns = packet->at_ns;
    message->from = packet->datagram.from;
    message->to = packet->datagram.to;
    message->carrier = packet->datagram.carrier;
    message->opened = message->carrier == LK_CARRIER_OPENED;
    message->protocol = protocol;
    message->octets = lk_span_of(block->octets, payload.len);
    message->comment = lk_span_of(block->octets + payload.len, comment.len);
    message->run = message->answers = message->repeats = LK_TRACE_NONE;
    lk_trace_protocol(protocol)->decode(message, block->octets + payload.len + comment.len,
                                        payload.len);
    return LK_OK;
}

/* ---- runs ---- */

bool lk_trace_same_end(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    /* tidy: addresses are public. */
    return a->v6 == b->v6 && a->port == b->port
           && memcmp(a->address, b->address, sizeof a->address) == 0;
}

size_t lk_trace_look_back(size_t index)
{
    return index > LK_TRACE_LOOK_BACK ? index - LK_TRACE_LOOK_BACK : 0;
}

size_t lk_trace_pair(const struct lk_trace *trace, size_t index, bool *turned)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->run == LK_TRACE_NONE
            || trace->runs[before->run].kind == LK_TRACE_AUTHENTICATION
            || trace->runs[before->run].kind == LK_TRACE_ASSOCIATION
            || trace->runs[before->run].kind == LK_TRACE_ESTABLISHMENT
            || trace->runs[before->run].kind == LK_TRACE_BOOTSTRAPPING
            || trace->runs[before->run].kind == LK_TRACE_REGISTRATION
            || (before->protocol == LK_TRACE_PMIP
                && trace->runs[before->run].kind == LK_TRACE_SESSION))
            continue; /* of other ends than those of its run */
        *turned = lk_trace_same_end(&before->from, &m->to);
        if (lk_trace_same_end(*turned ? &before->to : &before->from, &m->from)
            && (*turned || lk_trace_same_end(&before->to, &m->to)))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

static size_t find_repeated(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == m->protocol && before->opened == m->opened
            && lk_trace_same_end(&before->from, &m->from)
            && lk_trace_same_end(&before->to, &m->to) && lk_span_equal(before->octets, m->octets))
            return before->repeats != LK_TRACE_NONE ? before->repeats : i - 1;
    }
    return LK_TRACE_NONE;
}

/* Printable, without quotes that would break a line. */
static void copy_title(char *to, size_t cap, struct lk_span from)
{
    size_t len = 0;

    for (size_t i = 0; i < from.len && len + 1 < cap; i++)
        to[len++] = from.at[i] >= 0x20 && from.at[i] < 0x7f ? (char)from.at[i] : '?';
    to[len] = '\0';
}

enum lk_status lk_trace_start_run(struct lk_trace *trace, size_t index,
                                  enum lk_trace_run_kind kind, const char *title)
{
    struct lk_trace_run *run;
    enum lk_status status = grow((void **)&trace->runs, &trace->run_cap, trace->run_count,
                                 sizeof *trace->runs);

    if (status != LK_OK)
        return status;
    run = &trace->runs[trace->run_count];
    memset(run, 0, sizeof *run);
    run->first = index;
    run->kind = kind;
    copy_title(run->title, sizeof run->title, trace->messages[index].comment);
    if (run->title[0] == '\0')
        snprintf(run->title, sizeof run->title, "%s %zu", title,
                 trace->run_count + 1);
    trace->messages[index].run = trace->run_count++;
    return LK_OK;
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    m->run = m->answers = LK_TRACE_NONE;
    m->repeats = lk_trace_protocol(m->protocol)->recurs ? LK_TRACE_NONE
                                                        : find_repeated(trace, index);
    if (m->repeats == LK_TRACE_NONE)
        return lk_trace_protocol(m->protocol)->place(trace, index);
    m->run = trace->messages[m->repeats].run;
    m->answers = trace->messages[m->repeats].answers;
    return LK_OK;
}

/* Whoever ends the encryption writes datagram and message one behind the other. */
static void find_beside(struct lk_trace *trace, size_t index)
{
    enum { NEAR = 16 };
    struct lk_trace_message *m = &trace->messages[index];
    bool data = m->protocol == LK_TRACE_DTLS && m->dtls.data;

    m->beside = LK_TRACE_NONE;
    for (size_t i = index; (data || m->opened) && i > 0 && i + NEAR > index; i--) {
        struct lk_trace_message *before = &trace->messages[i - 1];
        bool fits = data ? before->opened : before->protocol == LK_TRACE_DTLS && before->dtls.data;

        if (!fits || before->beside != LK_TRACE_NONE || !lk_trace_same_end(&before->from, &m->from)
            || !lk_trace_same_end(&before->to, &m->to))
            continue;
        before->beside = index;
        m->beside = i - 1;
        return;
    }
}

bool lk_trace_is_shown(const struct lk_trace_message *message)
{
    return message->opened || message->beside == LK_TRACE_NONE;
}

static void sum_up(struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_run *run;

    if (m->run == LK_TRACE_NONE)
        return;
    run = &trace->runs[m->run];
    run->last = index;
    run->count++;
    if (m->repeats == LK_TRACE_NONE)
        lk_trace_protocol(m->protocol)->sum_up(run, m);
}

enum lk_status lk_trace_finish(struct lk_trace *trace)
{
    trace->run_count = 0;
    trace->part_count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        enum lk_status status;

        lk_mis_seen_open(trace, i);
        status = place(trace, i);
        if (status != LK_OK)
            return status;
        find_beside(trace, i);
        sum_up(trace, i);
        status = lk_association_judge(trace, i);
        if (status == LK_OK)
            status = lk_mis_seen_learn(trace, i);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

bool lk_trace_is_fresh(const struct lk_trace_message *message)
{
    return message->repeats == LK_TRACE_NONE
           && !(message->protocol == LK_TRACE_RADIUS && message->radius.inner);
}

const struct lk_eap_packet *lk_trace_eap(const struct lk_trace_message *message)
{
    if (message->protocol == LK_TRACE_MIS)
        return message->mis.has_eap && !message->mis.erp && message->mis.eap_status == LK_OK
                   ? &message->mis.eap : NULL;
    if (message->protocol != LK_TRACE_RADIUS || !message->radius.has_eap
        || message->radius.eap_status != LK_OK)
        return NULL;
    return &message->radius.eap;
}

size_t lk_trace_find(const struct lk_trace *trace, size_t run, size_t from, uint8_t eap_code,
                     uint8_t subtype)
{
    for (size_t i = from; i < trace->count && i <= trace->runs[run].last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];
        const struct lk_eap_packet *eap = lk_trace_eap(m);

        if (m->run != run || !lk_trace_is_fresh(m) || eap == NULL || eap->code != eap_code
            || eap->type == LK_EAP_IDENTITY)
            continue;
        if (subtype == 0 || eap->subtype == subtype)
            return i;
    }
    return LK_TRACE_NONE;
}

const char *lk_trace_run_kind_name(enum lk_trace_run_kind kind)
{
    switch (kind) {
    case LK_TRACE_AUTHENTICATION:
        return "authentication";
    case LK_TRACE_SESSION:
        return "session";
    case LK_TRACE_LINK:
        return "link";
    case LK_TRACE_ASSOCIATION:
        return "association";
    case LK_TRACE_ESTABLISHMENT:
        return "establishment";
    case LK_TRACE_CHANNEL:
        return "channel";
    case LK_TRACE_BOOTSTRAPPING:
        return "bootstrapping";
    case LK_TRACE_REGISTRATION:
        return "registration";
    }
    return "?";
}

const char *lk_trace_outcome_name(const struct lk_trace_run *run)
{
    bool connection = run->kind != LK_TRACE_AUTHENTICATION && run->kind != LK_TRACE_BOOTSTRAPPING;

    switch (run->outcome) {
    case LK_TRACE_OPEN:
        return connection ? "not finished" : "abandoned";
    case LK_TRACE_SILENT:
        return "no answer";
    case LK_TRACE_ACCEPTED:
        return connection && run->kind != LK_TRACE_REGISTRATION ? "up" : "accepted";
    case LK_TRACE_REJECTED:
        return run->association.ended ? "ended" : connection ? "refused" : "rejected";
    }
    return "?";
}

/* ---- keys ---- */

/* Room for one more of size octets, by steps. */
static enum lk_status grow_keys(void **list, size_t count, size_t size)
{
    void *grown;

    if (count == LK_TRACE_KEYS_MAX)
        return LK_E_FULL;
    if (count % KEYS_AT_ONCE != 0)
        return LK_OK;
    grown = malloc((count + KEYS_AT_ONCE) * size);
    if (grown == NULL)
        return LK_E_SYSTEM;
    if (count > 0) {
        memcpy(grown, *list, count * size);
        lk_wipe(*list, count * size);
    }
    free(*list);
    *list = grown;
    return LK_OK;
}

enum lk_status lk_trace_keep_key(struct lk_trace *trace, const struct lk_key_log *entry)
{
    enum lk_status status;

    for (size_t i = 0; i < trace->key_count; i++)
        if (trace->keys[i].kind == entry->kind &&
            lk_same_secret(trace->keys[i].key, entry->key, sizeof entry->key) &&
            lk_span_equal(LK_SPAN(trace->keys[i].station), LK_SPAN(entry->station)))
            return LK_OK;
    status = grow_keys((void **)&trace->keys, trace->key_count, sizeof *trace->keys);
    if (status == LK_OK)
        trace->keys[trace->key_count++] = *entry;
    return status;
}

enum lk_status lk_trace_keep_mis_key(struct lk_trace *trace, const struct lk_mis_key_log *entry)
{
    enum lk_status status;

    for (size_t i = 0; i < trace->mis_key_count; i++) {
        const struct lk_mis_key_log *kept = &trace->mis_keys[i];

        if (kept->kind == entry->kind && kept->key_len == entry->key_len &&
            lk_same_secret(kept->key, entry->key, sizeof entry->key) &&
            lk_span_equal(lk_span_of(kept->said, kept->said_len),
                          lk_span_of(entry->said, entry->said_len)))
            return LK_OK;
    }
    status = grow_keys((void **)&trace->mis_keys, trace->mis_key_count, sizeof *trace->mis_keys);
    if (status == LK_OK)
        trace->mis_keys[trace->mis_key_count++] = *entry;
    return status;
}

enum lk_status lk_trace_keep_app_key(struct lk_trace *trace, const struct lk_app_key_log *entry)
{
    enum lk_status status;

    for (size_t i = 0; i < trace->app_key_count; i++) {
        const struct lk_app_key_log *kept = &trace->app_keys[i];

        if (kept->kind == entry->kind && lk_same_secret(kept->key, entry->key, sizeof entry->key) &&
            lk_span_equal(lk_span_of(kept->whose, kept->whose_len),
                          lk_span_of(entry->whose, entry->whose_len)))
            return LK_OK;
    }
    status = grow_keys((void **)&trace->app_keys, trace->app_key_count, sizeof *trace->app_keys);
    if (status == LK_OK)
        trace->app_keys[trace->app_key_count++] = *entry;
    return status;
}

/* A line of any kind. */
static enum lk_status read_key(struct lk_trace *trace, struct lk_span line)
{
    enum lk_status kept = LK_OK;
    struct lk_span again = line, once_more = line;
    struct lk_mis_key_log mis;
    struct lk_app_key_log app;
    struct lk_key_log entry;

    if (lk_key_log_next(&entry, &line) == LK_OK)
        kept = lk_trace_keep_key(trace, &entry);
    else if (lk_mis_key_log_next(&mis, &again) == LK_OK)
        kept = lk_trace_keep_mis_key(trace, &mis);
    else if (lk_app_key_log_next(&app, &once_more) == LK_OK)
        kept = lk_trace_keep_app_key(trace, &app);
    lk_wipe(&entry, sizeof entry);
    lk_wipe(&mis, sizeof mis);
    lk_wipe(&app, sizeof app);
    return kept == LK_E_FULL ? LK_OK : kept; /* the others stay closed */
}

static enum lk_status read_keys(struct lk_trace *trace, struct lk_span lines)
{
    enum lk_status kept = LK_OK;
    struct lk_span line;

    while (kept == LK_OK && lines.len > 0) {
        line = lk_span_of(lines.at, 0);
        while (line.len < lines.len && line.at[line.len] != '\n')
            line.len++;
        kept = read_key(trace, line);
        line.len += line.len < lines.len ? 1 : 0;
        lines = lk_span_of(lines.at + line.len, lines.len - line.len);
    }
    return kept;
}

/* ---- a capture file ---- */

/* What joins messages that come in pieces. */
struct joiners {
    struct lk_xw_reader xw;
    struct lk_mis_reader mis;
};

/* A message, or all that a datagram completes. */
static enum lk_status add_found(struct lk_trace *trace, struct joiners *join,
                                struct lk_trace_packet *found)
{
    enum lk_trace_protocol_id protocol;
    enum lk_status status = LK_OK;

    if (lk_xw_read(&join->xw, &found->datagram)) {
        while (status == LK_OK && lk_xw_read_next(&join->xw, &found->datagram.payload) == LK_OK)
            status = lk_trace_add(trace, LK_TRACE_XW, found);
        return status;
    }
    if (lk_mis_read(&join->mis, &found->datagram)) {
        while (status == LK_OK && lk_mis_read_next(&join->mis, &found->datagram.payload) == LK_OK)
            status = lk_trace_add(trace, LK_TRACE_MIS, found);
        return status;
    }
    protocol = lk_trace_protocol_for(&found->datagram);
    return protocol == LK_TRACE_PROTOCOLS ? LK_OK : lk_trace_add(trace, protocol, found);
}

static enum lk_status read_all(struct lk_trace *trace, struct lk_pcapng_reader *reader,
                               struct joiners *join)
{
    struct lk_pcapng_packet packet;
    struct lk_trace_packet found;
    enum lk_status status, kept = LK_OK;

    while (kept == LK_OK && (status = lk_pcapng_next(reader, &packet)) == LK_OK) {
        if (packet.keys) {
            kept = read_keys(trace, packet.octets);
            continue;
        }
        trace->packets++;
        found.at_ns = packet.at_ns;
        found.comment = packet.comment;
        if (lk_datagram_read(&found.datagram, packet.link, packet.octets) == LK_OK)
            kept = add_found(trace, join, &found);
    }
    if (kept != LK_OK)
        return kept;
    trace->has_secrets = reader->has_secrets;
    trace->cut = status != LK_E_NOT_FOUND;
    return trace->cut && trace->packets == 0 ? status : lk_trace_finish(trace);
}

static enum lk_status read_packets(struct lk_trace *trace, struct lk_span file)
{
    struct lk_pcapng_reader reader = lk_pcapng_reader_of(file);
    struct joiners *join = malloc(sizeof *join);
    enum lk_status status;

    if (join == NULL)
        return LK_E_SYSTEM;
    lk_xw_reader_init(&join->xw);
    lk_mis_reader_init(&join->mis);
    status = read_all(trace, &reader, join);
    lk_wipe(join, sizeof *join); /* parts of keys */
    free(join);
    return status;
}

enum lk_status lk_trace_load(struct lk_trace *trace, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), why;
    enum lk_status status = LK_E_SYSTEM;
    void *at = MAP_FAILED;
    struct stat st;

    lk_trace_init(trace);
    if (fd < 0 || fstat(fd, &st) != 0)
        goto done;
    status = !S_ISREG(st.st_mode) ? LK_E_VALUE : st.st_size == 0 ? LK_E_SHORT :
             st.st_size > LK_TRACE_FILE_MAX ? LK_E_FULL : LK_OK;
    if (status != LK_OK)
        goto done;
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    status = at == MAP_FAILED ? LK_E_SYSTEM :
             read_packets(trace, lk_span_of(at, (size_t)st.st_size));
done:
    why = errno;
    if (at != MAP_FAILED)
        (void)munmap(at, (size_t)st.st_size);
    if (fd >= 0)
        (void)close(fd);
    if (status != LK_OK)
        lk_trace_free(trace);
    errno = why;
    return status;
}

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

#include "trace/pcapng_read.h"

/* The octets of one message: datagram, comment, joined EAP packet. */
struct lk_trace_block {
    struct lk_trace_block *next;
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

        free(trace->blocks);
        trace->blocks = next;
    }
    free(trace->messages);
    free(trace->runs);
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
    grown = realloc(*list, wanted * size);
    if (grown == NULL)
        return LK_E_SYSTEM;
    *list = grown;
    *cap = wanted;
    return LK_OK;
}

static bool radius_port(uint16_t port)
{
    return port == 1812 || port == 1813 || port == 1645 || port == 1646;
}

static bool is_request(const struct lk_trace_message *message)
{
    if (message->status != LK_OK)
        return radius_port(message->to.port);
    switch (message->packet.code) {
    case LK_RADIUS_ACCESS_REQUEST:
    case LK_RADIUS_ACCOUNTING_REQUEST:
    case LK_RADIUS_STATUS_SERVER:
    case LK_RADIUS_DISCONNECT_REQUEST:
    case LK_RADIUS_COA_REQUEST:
        return true;
    default:
        return false;
    }
}

static void decode(struct lk_trace_message *message, uint8_t *room, size_t cap)
{
    enum lk_status joined;

    message->status = lk_radius_decode(&message->packet, message->radius);
    message->request = is_request(message);
    if (message->status != LK_OK)
        return;
    joined = lk_radius_join_eap(&message->eap_octets, &message->packet, room, cap);
    message->has_eap = joined != LK_E_MISSING;
    message->eap_status = joined;
    if (joined == LK_OK && message->eap_octets.len > 0)
        message->eap_status = lk_eap_decode(&message->eap, message->eap_octets);
}

enum lk_status lk_trace_add(struct lk_trace *trace, uint64_t at_ns,
                            const struct lk_capture_end *from, const struct lk_capture_end *to,
                            struct lk_span payload, struct lk_span comment)
{
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
    trace->blocks = block;

    message = &trace->messages[trace->count++];
    memset(message, 0, sizeof *message);
    message->at_ns = at_ns;
    message->from = *from;
    message->to = *to;
    message->radius = lk_span_of(block->octets, payload.len);
    message->comment = lk_span_of(block->octets + payload.len, comment.len);
    message->run = message->answers = message->repeats = LK_TRACE_NONE;
    decode(message, block->octets + payload.len + comment.len, payload.len);
    return LK_OK;
}

/* ---- runs ---- */

static bool same_end(const struct lk_capture_end *a, const struct lk_capture_end *b)
{
    /* tidy: addresses are public. */
    return a->v6 == b->v6 && a->port == b->port
           && memcmp(a->address, b->address, sizeof a->address) == 0;
}

static size_t look_back_from(size_t index)
{
    return index > LK_TRACE_LOOK_BACK ? index - LK_TRACE_LOOK_BACK : 0;
}

static size_t find_repeated(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > look_back_from(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (same_end(&before->from, &m->from) && same_end(&before->to, &m->to)
            && lk_span_equal(before->radius, m->radius))
            return before->repeats != LK_TRACE_NONE ? before->repeats : i - 1;
    }
    return LK_TRACE_NONE;
}

static size_t find_request(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > look_back_from(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->request && before->status == LK_OK && before->repeats == LK_TRACE_NONE
            && before->packet.identifier == m->packet.identifier
            && same_end(&before->from, &m->to) && same_end(&before->to, &m->from))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* The run whose challenge handed out that State to that client. */
static size_t run_of_state(const struct lk_trace *trace, size_t index, struct lk_span state)
{
    for (size_t i = index; i > look_back_from(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];
        struct lk_span held;

        if (before->status == LK_OK && before->packet.code == LK_RADIUS_ACCESS_CHALLENGE &&
            lk_radius_find(&before->packet, LK_RADIUS_STATE, &held) && lk_span_equal(held, state))
            return before->run;
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

static enum lk_status start_run(struct lk_trace *trace, size_t index)
{
    struct lk_trace_run *run;
    enum lk_status status = grow((void **)&trace->runs, &trace->run_cap, trace->run_count,
                                 sizeof *trace->runs);

    if (status != LK_OK)
        return status;
    run = &trace->runs[trace->run_count];
    memset(run, 0, sizeof *run);
    run->first = index;
    copy_title(run->title, sizeof run->title, trace->messages[index].comment);
    if (run->title[0] == '\0')
        snprintf(run->title, sizeof run->title, "run %zu", trace->run_count + 1);
    trace->messages[index].run = trace->run_count++;
    return LK_OK;
}

static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_span state;

    m->run = m->answers = LK_TRACE_NONE;
    m->repeats = find_repeated(trace, index);
    if (m->repeats != LK_TRACE_NONE) {
        m->run = trace->messages[m->repeats].run;
        m->answers = trace->messages[m->repeats].answers;
        return LK_OK;
    }
    if (m->status != LK_OK)
        return LK_OK;
    if (!m->request) {
        m->answers = find_request(trace, index);
        if (m->answers != LK_TRACE_NONE)
            m->run = trace->messages[m->answers].run;
        return LK_OK;
    }
    if (m->packet.code != LK_RADIUS_ACCESS_REQUEST)
        return LK_OK;
    if (lk_radius_find(&m->packet, LK_RADIUS_STATE, &state))
        m->run = run_of_state(trace, index, state);
    return m->run == LK_TRACE_NONE ? start_run(trace, index) : LK_OK;
}

static void note_eap(struct lk_trace_run *run, const struct lk_eap_packet *eap)
{
    if (eap->type == LK_EAP_AKA || eap->type == LK_EAP_AKA_PRIME)
        run->eap_type = eap->type;
    if (eap->subtype == LK_AKA_REAUTHENTICATION && eap->code == LK_EAP_REQUEST)
        run->fast = true;
    if (eap->subtype == LK_AKA_CHALLENGE && eap->code == LK_EAP_REQUEST)
        run->fast = false;
    if (eap->code != LK_EAP_RESPONSE)
        return;
    if (eap->type == LK_EAP_IDENTITY) {
        run->identity = eap->type_data;
        if (run->outer.at == NULL)
            run->outer = eap->type_data;
    }
    if (lk_aka_has(&eap->at, LK_AT_IDENTITY))
        run->identity = eap->at.identity;
    if (eap->subtype == LK_AKA_SYNCHRONIZATION_FAILURE)
        run->resync = true;
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
    if (m->repeats != LK_TRACE_NONE)
        return;
    if (m->has_eap && m->eap_status == LK_OK)
        note_eap(run, &m->eap);
    if (m->request)
        run->outcome = LK_TRACE_SILENT;
    else if (m->packet.code == LK_RADIUS_ACCESS_ACCEPT)
        run->outcome = LK_TRACE_ACCEPTED;
    else if (m->packet.code == LK_RADIUS_ACCESS_REJECT)
        run->outcome = LK_TRACE_REJECTED;
    else
        run->outcome = LK_TRACE_OPEN;
}

enum lk_status lk_trace_finish(struct lk_trace *trace)
{
    trace->run_count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        enum lk_status status = place(trace, i);

        if (status != LK_OK)
            return status;
        sum_up(trace, i);
    }
    return LK_OK;
}

size_t lk_trace_find(const struct lk_trace *trace, size_t run, size_t from, uint8_t eap_code,
                     uint8_t subtype)
{
    for (size_t i = from; i < trace->count && i <= trace->runs[run].last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != run || m->repeats != LK_TRACE_NONE || !m->has_eap || m->eap_status != LK_OK
            || m->eap.code != eap_code || m->eap.type == LK_EAP_IDENTITY)
            continue;
        if (subtype == 0 || m->eap.subtype == subtype)
            return i;
    }
    return LK_TRACE_NONE;
}

/* ---- a capture file ---- */

static enum lk_status read_packets(struct lk_trace *trace, struct lk_span file)
{
    struct lk_pcapng_reader reader = lk_pcapng_reader_of(file);
    struct lk_pcapng_packet packet;
    struct lk_radius_packet radius;
    struct lk_datagram datagram;
    enum lk_status status;

    while ((status = lk_pcapng_next(&reader, &packet)) == LK_OK) {
        trace->packets++;
        if (lk_datagram_read(&datagram, packet.link, packet.octets) != LK_OK
            || datagram.carrier != LK_CARRIER_UDP)
            continue;
        if (!radius_port(datagram.to.port) && !radius_port(datagram.from.port)
            && (lk_radius_decode(&radius, datagram.payload) != LK_OK
                || lk_radius_code_name(radius.code)[0] == '?'))
            continue;
        status = lk_trace_add(trace, packet.at_ns, &datagram.from, &datagram.to, datagram.payload,
                              packet.comment);
        if (status != LK_OK)
            return status;
    }
    trace->cut = status != LK_E_NOT_FOUND;
    if (trace->cut && trace->packets == 0)
        return status;
    return lk_trace_finish(trace);
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

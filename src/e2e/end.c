/* An end: frames out of what comes, the machine while the handshake lasts, records afterwards. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"

/* ---- buffers ---- */

static bool buffer_add(struct lk_e2e_buffer *buffer, struct lk_span octets)
{
    if (octets.len > LK_E2E_WAITING_MAX - buffer->len)
        return false;
    if (buffer->len + octets.len > buffer->cap) {
        size_t cap = 2 * (buffer->len + octets.len);
        uint8_t *at = malloc(cap);

        if (at == NULL)
            return false;
        if (buffer->len > 0)
            memcpy(at, buffer->at, buffer->len);
        if (buffer->at != NULL)
            lk_wipe(buffer->at, buffer->cap);
        free(buffer->at);
        buffer->at = at;
        buffer->cap = cap;
    }
    if (octets.len > 0)
        memcpy(buffer->at + buffer->len, octets.at, octets.len);
    buffer->len += octets.len;
    return true;
}

static struct lk_span buffer_span(const struct lk_e2e_buffer *buffer)
{
    return lk_span_of(buffer->at, buffer->len);
}

static void buffer_drop(struct lk_e2e_buffer *buffer, size_t len)
{
    LK_ASSERT(len <= buffer->len);
    if (len == 0)
        return;
    memmove(buffer->at, buffer->at + len, buffer->len - len);
    lk_wipe(buffer->at + buffer->len - len, len);
    buffer->len -= len;
}

static void buffer_free(struct lk_e2e_buffer *buffer)
{
    if (buffer->at != NULL)
        lk_wipe(buffer->at, buffer->cap);
    free(buffer->at);
}

/* ---- begin and end ---- */

struct lk_e2e_end *lk_e2e_end_new(bool datagrams)
{
    struct lk_e2e_end *end = calloc(1, sizeof *end);

    if (end != NULL) {
        end->datagrams = datagrams;
        end->state = LK_E2E_SHAKING;
    }
    return end;
}

void lk_e2e_free(struct lk_e2e_end *end)
{
    if (end == NULL)
        return;
    buffer_free(&end->in);
    buffer_free(&end->out);
    buffer_free(&end->data);
    buffer_free(&end->last);
    for (size_t i = 0; i < end->server_config.app_count; i++)
        free((void *)(uintptr_t)end->apps[i].name.at);
    free(end->apps);
    lk_wipe(end, sizeof *end);
    free(end);
}

void lk_e2e_end_fail(struct lk_e2e_end *end, enum lk_reason why)
{
    const uint8_t alert[] = { LK_E2E_ALERT, 0, 1, lk_e2e_code_of(why) };

    (void)buffer_add(&end->out, LK_SPAN(alert)); /* a courtesy */
    end->state = LK_E2E_FAILED;
    end->why = why;
    lk_wipe(end->ephemeral, sizeof end->ephemeral);
    lk_wipe(&end->session, sizeof end->session);
    lk_wipe(&end->ticket, sizeof end->ticket);
    lk_e2e_ue_init(&end->ue);
    lk_e2e_server_init(&end->server);
}

void lk_e2e_end_send(struct lk_e2e_end *end, struct lk_span frame)
{
    buffer_drop(&end->last, end->last.len);
    if (!buffer_add(&end->out, frame) || !buffer_add(&end->last, frame))
        end->state = LK_E2E_FAILED; /* no memory */
}

void lk_e2e_end_open(struct lk_e2e_end *end, const struct lk_e2e_session *session)
{
    end->session = *session;
    end->state = LK_E2E_OPEN;
    lk_wipe(end->ephemeral, sizeof end->ephemeral);
}

/* Nothing more is said: what is left is what the next session may begin with. */
static void end_closed(struct lk_e2e_end *end)
{
    end->state = LK_E2E_CLOSED;
    lk_wipe(&end->session.channel, sizeof end->session.channel);
    lk_wipe(&end->session.exporter, sizeof end->session.exporter);
}

/* ---- records ---- */

bool lk_e2e_end_say(struct lk_e2e_end *end, enum lk_e2e_type type, struct lk_span text)
{
    uint8_t frame[LK_E2E_FRAME_MAX];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    return LK_E2E_WAITING_MAX - end->out.len >= sizeof frame &&
           lk_e2e_channel_say(&end->session.channel, &w, type, text, lk_e2e_ticks_ms()) == LK_OK &&
           buffer_add(&end->out, lk_writer_span(&w));
}

static bool keep_data(struct lk_e2e_end *end, struct lk_span text)
{
    const uint8_t len[] = { (uint8_t)(text.len >> 8), (uint8_t)text.len };

    if (text.len == 0)
        return true;
    if (end->datagrams) {
        if (LK_E2E_WAITING_MAX - end->data.len < text.len + sizeof len)
            return true; /* nobody reads: a datagram less */
        return buffer_add(&end->data, LK_SPAN(len)) && buffer_add(&end->data, text);
    }
    return buffer_add(&end->data, text);
}

static enum lk_status take_record(struct lk_e2e_end *end, const struct lk_e2e_frame *frame)
{
    uint8_t text[LK_E2E_BODY_MAX];
    enum lk_status status;
    size_t len = 0;

    status = lk_e2e_channel_take(&end->session.channel, text, &len, frame);
    if (status != LK_OK)
        return status;
    end->confirmed = true;
    if (frame->type == LK_E2E_CLOSE) {
        end_closed(end);
    } else if (frame->type == LK_E2E_TICKET) {
        end->has_ticket = !end->is_server && len == sizeof end->sealed;
        if (end->has_ticket)
            memcpy(end->sealed, text, sizeof end->sealed);
    } else if (!keep_data(end, lk_span_of(text, len))) {
        status = LK_E_FULL;
    }
    lk_wipe(text, len);
    return status;
}

/* In datagrams the handshake's last message may have been lost: the client says FINISH again when
 * REPLY comes again, the server shows by a record that FINISH came. In a stream an ALERT is why the
 * other end goes: of FINISH, whose receiver alone can judge it, or of a record that was altered.
 * Nobody proves it, but who can say it there can cut the stream as well. */
static enum lk_status take_late(struct lk_e2e_end *end, const struct lk_e2e_frame *frame)
{
    if (!end->datagrams && frame->type == LK_E2E_ALERT) {
        lk_e2e_end_fail(end, lk_e2e_reason_told(frame->body));
        return LK_OK;
    }
    if (!end->datagrams)
        return LK_E_UNEXPECTED;
    if (frame->type == LK_E2E_FINISH && end->is_server)
        (void)!lk_e2e_end_say(end, LK_E2E_DATA, lk_span_of(NULL, 0));
    if (frame->type == LK_E2E_REPLY && !end->is_server)
        lk_e2e_repeat(end);
    return LK_OK;
}

static enum lk_status take_frame(struct lk_e2e_end *end, struct lk_span octets)
{
    struct lk_e2e_frame frame;
    enum lk_status status;

    if (end->state == LK_E2E_SHAKING)
        return end->is_server ? lk_e2e_server_take(end, octets) : lk_e2e_client_take(end, octets);
    if (end->state != LK_E2E_OPEN)
        return LK_OK;
    status = lk_e2e_frame_decode(&frame, octets);
    if (status != LK_OK)
        return status;
    if (frame.type == LK_E2E_DATA || frame.type == LK_E2E_TICKET || frame.type == LK_E2E_CLOSE)
        return take_record(end, &frame);
    return take_late(end, &frame);
}

static bool take_stream(struct lk_e2e_end *end, struct lk_span octets)
{
    enum lk_status status = buffer_add(&end->in, octets) ? LK_OK : LK_E_FULL;
    size_t size = 1;

    while (status == LK_OK && end->in.len > 0 && size > 0) {
        status = lk_e2e_frame_size(&size, buffer_span(&end->in));
        if (status != LK_OK || size == 0 || size > end->in.len)
            break;
        status = take_frame(end, lk_span_of(end->in.at, size));
        buffer_drop(&end->in, size);
    }
    if (status != LK_OK && end->state != LK_E2E_FAILED)
        lk_e2e_end_fail(end, lk_e2e_reason_of(status));
    return end->state != LK_E2E_FAILED;
}

bool lk_e2e_input(struct lk_e2e_end *end, const void *octets, size_t len)
{
    if (end->state == LK_E2E_FAILED)
        return false;
    if (!end->datagrams)
        return take_stream(end, lk_span_of(octets, len));
    /* Anybody can send a datagram: what is none of ours is nothing. */
    (void)!take_frame(end, lk_span_of(octets, len));
    return end->state != LK_E2E_FAILED;
}

size_t lk_e2e_output(struct lk_e2e_end *end, void *octets, size_t room)
{
    size_t len = end->out.len;

    if (len > 0 && end->datagrams &&
        (lk_e2e_frame_size(&len, buffer_span(&end->out)) != LK_OK || len > room))
        return 0;
    len = len < room ? len : room;
    if (len > 0)
        memcpy(octets, end->out.at, len);
    buffer_drop(&end->out, len);
    return len;
}

void lk_e2e_repeat(struct lk_e2e_end *end)
{
    const bool shaking = end->state == LK_E2E_SHAKING && !end->is_server;
    const bool waits = end->state == LK_E2E_OPEN && !end->is_server && !end->confirmed;

    if (end->datagrams && (shaking || waits) && end->out.len == 0)
        (void)buffer_add(&end->out, buffer_span(&end->last));
}

/* ---- what the caller does with it ---- */

bool lk_e2e_write(struct lk_e2e_end *end, const void *data, size_t len)
{
    const uint8_t *at = data;

    if (end->state != LK_E2E_OPEN || (end->datagrams && len > LK_E2E_DATA_MAX) ||
        len > (LK_E2E_WAITING_MAX - end->out.len) / 2)
        return false;
    while (len > 0) {
        size_t piece = len < LK_E2E_DATA_MAX ? len : LK_E2E_DATA_MAX;

        if (!lk_e2e_end_say(end, LK_E2E_DATA, lk_span_of(at, piece)))
            return false;
        at += piece;
        len -= piece;
    }
    return true;
}

size_t lk_e2e_read(struct lk_e2e_end *end, void *data, size_t room)
{
    size_t head = end->datagrams ? 2 : 0, all = end->data.len, len;

    if (all == 0)
        return 0;
    if (end->datagrams)
        all = head + ((size_t)end->data.at[0] << 8 | end->data.at[1]);
    len = all - head < room ? all - head : room;
    memcpy(data, end->data.at + head, len);
    buffer_drop(&end->data, end->datagrams ? all : len);
    return len;
}

void lk_e2e_close(struct lk_e2e_end *end)
{
    if (end->state != LK_E2E_OPEN)
        return;
    (void)!lk_e2e_end_say(end, LK_E2E_CLOSE, lk_span_of(NULL, 0));
    end_closed(end);
}

enum lk_e2e_end_state lk_e2e_state(const struct lk_e2e_end *end)
{
    return end->state;
}

bool lk_e2e_confirmed(const struct lk_e2e_end *end)
{
    return end->state == LK_E2E_OPEN && (end->is_server || end->confirmed);
}

const char *lk_e2e_why(const struct lk_e2e_end *end)
{
    return lk_reason_row(end->why)->code;
}

const char *lk_e2e_what(const struct lk_e2e_end *end)
{
    return lk_reason_row(end->why)->what;
}

const char *lk_e2e_fix(const struct lk_e2e_end *end)
{
    return lk_reason_row(end->why)->fix;
}

unsigned lk_e2e_with(const struct lk_e2e_end *end)
{
    return end->state == LK_E2E_OPEN ? end->session.flags & (unsigned)LK_E2E_INPUTS : 0;
}

const char *lk_e2e_identity(const struct lk_e2e_end *end)
{
    return end->identity;
}

bool lk_e2e_export_key(const struct lk_e2e_end *end, const char *label, void *key, size_t len)
{
    if (end->state != LK_E2E_OPEN || len == 0 || len > LK_E2E_EXPORT_MAX ||
        strlen(label) > LK_E2E_EXPORT_MAX)
        return false;
    lk_e2e_export(key, len, &end->session.exporter, lk_span_text(label), lk_span_of(NULL, 0));
    return true;
}

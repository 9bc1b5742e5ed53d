#include "io/http_say.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

struct text {
    size_t len;
    bool full;
    char at[LK_HTTP_WATCHED_MAX];
};

static void put(struct text *text, struct lk_span octets)
{
    text->full = text->full || octets.len > sizeof text->at - text->len;
    if (text->full || octets.len == 0)
        return;
    memcpy(text->at + text->len, octets.at, octets.len);
    text->len += octets.len;
}

static void put_text(struct text *text, const char *word)
{
    put(text, lk_span_text(word));
}

static void put_field(struct text *text, const char *name, const char *value)
{
    put_text(text, name);
    put_text(text, ": ");
    put_text(text, value);
    put_text(text, "\r\n");
}

static enum MHD_Result on_field(void *context, enum MHD_ValueKind kind, const char *name,
                                const char *value)
{
    (void)kind;
    put_field(context, name, value != NULL ? value : "");
    return MHD_YES;
}

/* Both ends of a connection. */
static bool ends(struct lk_peer *own, struct lk_peer *other, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr_storage here, there;
    socklen_t len = sizeof here, there_len = sizeof there;

    if (info == NULL || getsockname(info->connect_fd, (struct sockaddr *)&here, &len) != 0 ||
        getpeername(info->connect_fd, (struct sockaddr *)&there, &there_len) != 0)
        return false;
    *own = lk_peer_of(&here);
    *other = lk_peer_of(&there);
    return true;
}

void lk_http_say_request(const struct lk_http_watch *to, struct MHD_Connection *connection,
                         const char *method, const char *target, struct lk_span body)
{
    struct text text = { .len = 0 };
    struct lk_peer own, other;

    put_text(&text, method);
    put_text(&text, " ");
    put_text(&text, target);
    put_text(&text, " HTTP/1.1\r\n");
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, on_field, &text);
    put_text(&text, "\r\n");
    put(&text, body);
    if (!text.full && ends(&own, &other, connection))
        to->on_message(to->context, &other, &own, lk_span_of(text.at, text.len));
    lk_wipe(&text, sizeof text);
}

void lk_http_say_reply(const struct lk_http_watch *to, struct MHD_Connection *connection,
                       const struct lk_http_reply *reply)
{
    struct text text = { .len = 0 };
    struct lk_peer own, other;
    char word[96];

    (void)snprintf(word, sizeof word, "HTTP/1.1 %u %.60s\r\n", reply->status,
                   MHD_get_reason_phrase_for(reply->status));
    put_text(&text, word);
    if (reply->type != NULL)
        put_field(&text, "Content-Type", reply->type);
    for (size_t i = 0; i < reply->field_count; i++)
        put_field(&text, reply->fields[i].name, reply->fields[i].value);
    (void)snprintf(word, sizeof word, "%zu", reply->text.len);
    put_field(&text, "Content-Length", word);
    put_text(&text, "\r\n");
    put(&text, reply->text);
    if (!text.full && ends(&own, &other, connection))
        to->on_message(to->context, &own, &other, lk_span_of(text.at, text.len));
    lk_wipe(&text, sizeof text);
}

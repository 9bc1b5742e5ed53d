#include "wlcp_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *at;
    size_t len;
};

static void put(struct text *t, const char *format, ...) LK_PRINTF(2, 3);
static void put(struct text *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    t->len += (size_t)vsnprintf(t->at + t->len, WLCP_TEXT - t->len, format, list);
    va_end(list);
    LK_ASSERT(t->len < WLCP_TEXT);
}

static void put_item(struct text *t, const struct lk_wlcp_output *o)
{
    switch (o->kind) {
    case LK_WLCP_OUT_SEND:
        put(t, "send ");
        for (size_t i = 0; i < o->send.len; i++)
            put(t, "%02x", o->send.at[i]);
        break;
    case LK_WLCP_OUT_TIMER:
        if (o->timer_at_ms == UINT64_MAX)
            put(t, "timer off");
        else
            put(t, "timer@%llu", (unsigned long long)o->timer_at_ms);
        break;
    case LK_WLCP_OUT_UP: put(t, "up %u", o->ref); break;
    case LK_WLCP_OUT_DOWN:
        put(t, "down %u", o->down.cause);
        if (o->down.reason != LK_REASON_NONE)
            put(t, " %s", lk_reason_row(o->down.reason)->code);
        if (o->down.until_ms == UINT64_MAX)
            put(t, " for ever");
        else if (o->down.until_ms != 0)
            put(t, " until %llu", (unsigned long long)o->down.until_ms);
        break;
    case LK_WLCP_OUT_MODIFIED:
        put(t, "modified %u", o->modified.cause);
        if (o->modified.reason != LK_REASON_NONE)
            put(t, " %s", lk_reason_row(o->modified.reason)->code);
        break;
    case LK_WLCP_OUT_BIND: put(t, "bind"); break;
    case LK_WLCP_OUT_UNBIND: put(t, "unbind"); break;
    case LK_WLCP_OUT_NOTICE: put(t, "notice %s", lk_reason_row(o->notice.reason)->code); break;
    case LK_WLCP_OUTPUT_KIND_COUNT: break;
    }
}

void wlcp_render(char text[WLCP_TEXT], const struct lk_wlcp_outbox *out)
{
    struct text t = { .at = text };

    text[0] = '\0';
    for (size_t i = 0; i < out->count; i++) {
        put(&t, "%s", i > 0 ? ", " : "");
        put_item(&t, &out->item[i]);
    }
}

struct lk_span wlcp_octets(const char *hex)
{
    static uint8_t room[4][LK_WLCP_MESSAGE_MAX];
    static size_t turn;
    uint8_t *to = room[turn++ % 4];
    size_t len = 0;

    for (const char *p = hex; *p != '\0'; p += *p == ' ' ? 1 : 2) {
        unsigned value = 0;

        if (*p == ' ')
            continue;
        LK_ASSERT(sscanf(p, "%2x", &value) == 1 && len < LK_WLCP_MESSAGE_MAX);
        to[len++] = (uint8_t)value;
    }
    return lk_span_of(to, len);
}

struct lk_span wlcp_octets_for(const char *pattern, uint8_t pti)
{
    const char *place = strstr(pattern, "pp");
    char hex[512];

    LK_ASSERT(place != NULL);
    (void)snprintf(hex, sizeof hex, "%.*s%02x%s", (int)(place - pattern), pattern, pti,
                   place + 2);
    return wlcp_octets(hex);
}

struct lk_wlcp_apn wlcp_apn(const char *text)
{
    struct lk_wlcp_apn apn = { 0 };

    if (text[0] != '\0')
        LK_ASSERT(lk_wlcp_apn_parse(&apn, text) == LK_OK);
    return apn;
}

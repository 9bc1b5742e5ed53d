#include "io/gba_read.h"

#include <expat.h>
#include <string.h>

enum { BODY_MAX = 8192, DEPTH_MAX = 16, TIME_LEN = 19 };
#define GBA "uri:3gpp-gba "

/* The texts that are read. */
enum which { B_TID, LIFETIME, HOME_AGENT, TEXTS };

struct reading {
    XML_Parser parser;
    unsigned depth;
    bool in_extension, wrong;
    enum which now; /* TEXTS: none */
    bool there[TEXTS];
    size_t len[TEXTS];
    char text[TEXTS][LK_B_TID_MAX + 1];
};

static void stop(struct reading *r)
{
    r->wrong = true;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static enum which text_of(const struct reading *r, const char *name)
{
    if (r->depth == 2 && strcmp(name, GBA "btid") == 0)
        return B_TID;
    if (r->depth == 2 && strcmp(name, GBA "lifetime") == 0)
        return LIFETIME;
    if (r->depth == 3 && r->in_extension && strcmp(name, "uri:latchkey-gba homeagent") == 0)
        return HOME_AGENT;
    return TEXTS;
}

static void on_begin(void *context, const char *name, const char **attributes)
{
    struct reading *r = context;
    enum which which;

    (void)attributes;
    r->depth++;
    which = text_of(r, name);
    /* What would be read twice, or has something within, is not to be guessed at. */
    if (r->depth > DEPTH_MAX || r->now != TEXTS || (which != TEXTS && r->there[which]) ||
        (r->depth == 1 && strcmp(name, GBA "BootstrappingInfo") != 0)) {
        stop(r);
        return;
    }
    if (r->depth == 2)
        r->in_extension = strcmp(name, GBA "Extension") == 0;
    r->now = which;
    if (which != TEXTS)
        r->there[which] = true;
}

static void on_end(void *context, const char *name)
{
    struct reading *r = context;

    (void)name;
    r->depth--;
    r->now = TEXTS;
}

static void on_text(void *context, const char *text, int len)
{
    struct reading *r = context;

    if (r->now == TEXTS)
        return;
    if ((size_t)len > LK_B_TID_MAX - r->len[r->now]) {
        stop(r);
        return;
    }
    memcpy(r->text[r->now] + r->len[r->now], text, (size_t)len);
    r->len[r->now] += (size_t)len;
}

static void on_doctype(void *context, const char *name, const char *system, const char *public_id,
                       int has_subset)
{
    (void)name;
    (void)system;
    (void)public_id;
    (void)has_subset;
    stop(context);
}

/* ---- time ---- */

/* So many digits, in their limits. */
static bool number(unsigned *value, const uint8_t *at, size_t digits, unsigned least, unsigned most)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *value = *value * 10 + (unsigned)(at[i] - '0');
    }
    return *value >= least && *value <= most;
}

static uint64_t days_before_year(unsigned year)
{
    return (uint64_t)year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* Nothing but digits behind a dot, then Z. */
static bool is_tail(struct lk_span tail)
{
    size_t at = 0;

    if (tail.len > 2 && tail.at[0] == '.')
        for (at = 1; at < tail.len && tail.at[at] >= '0' && tail.at[at] <= '9'; at++)
            ;
    return at + 1 == tail.len && tail.at[at] == 'Z';
}

enum lk_status lk_gba_read_time(uint64_t *seconds, struct lk_span text)
{
    static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    unsigned year, month, day, hour, minute, second;
    const uint8_t *at = text.at;
    bool leap;

    if (text.len <= TIME_LEN || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':' || !is_tail(lk_span_of(at + TIME_LEN, text.len - TIME_LEN)) ||
        !number(&year, at, 4, 1970, 9999) || !number(&month, at + 5, 2, 1, 12) ||
        !number(&day, at + 8, 2, 1, 31) || !number(&hour, at + 11, 2, 0, 23) ||
        !number(&minute, at + 14, 2, 0, 59) || !number(&second, at + 17, 2, 0, 59))
        return LK_E_VALUE;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > before[month] - before[month - 1] + (month == 2 && leap ? 1u : 0u))
        return LK_E_VALUE;
    *seconds = days_before_year(year) - days_before_year(1970) + before[month - 1] + day - 1 +
               (month > 2 && leap ? 1u : 0u);
    *seconds = ((*seconds * 24 + hour) * 60 + minute) * 60 + second;
    return LK_OK;
}

/* ---- the whole ---- */

static bool is_plain(const char *text, size_t len, size_t most)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return len > 0 && len <= most;
}

static enum lk_status take(struct lk_gba_info *info, const struct reading *r)
{
    if (!is_plain(r->text[B_TID], r->len[B_TID], LK_B_TID_MAX) ||
        (r->there[HOME_AGENT] &&
         !is_plain(r->text[HOME_AGENT], r->len[HOME_AGENT], LK_FQDN_MAX)))
        return LK_E_VALUE;
    memcpy(info->b_tid, r->text[B_TID], r->len[B_TID]);
    memcpy(info->home_agent, r->text[HOME_AGENT], r->len[HOME_AGENT]);
    return lk_gba_read_time(&info->expires_s, lk_span_of(r->text[LIFETIME], r->len[LIFETIME]));
}

enum lk_status lk_gba_read(struct lk_gba_info *info, struct lk_span body)
{
    struct reading r = { .now = TEXTS };
    enum lk_status status = LK_E_VALUE;

    memset(info, 0, sizeof *info);
    r.parser = body.len == 0 || body.len > BODY_MAX ? NULL : XML_ParserCreateNS(NULL, ' ');
    if (r.parser == NULL)
        return LK_E_VALUE;
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_begin, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    if (XML_Parse(r.parser, (const char *)body.at, (int)body.len, XML_TRUE) == XML_STATUS_OK &&
        !r.wrong)
        status = take(info, &r);
    XML_ParserFree(r.parser);
    if (status != LK_OK)
        memset(info, 0, sizeof *info);
    return status;
}

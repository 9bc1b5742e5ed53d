#include "io/gba_read.h"

#include <expat.h>
#include <string.h>

#include "wire/gba_xml.h"

enum { BODY_MAX = 8192, DEPTH_MAX = 16 };
#define GBA "uri:3gpp-gba "

/* The texts that are read. */
enum which { B_TID, LIFETIME, HOME_AGENT, AGENT_ADDRESS, TEXTS };

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
    if (r->depth == 3 && r->in_extension && strcmp(name, "uri:latchkey-gba homeagentaddress") == 0)
        return AGENT_ADDRESS;
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

/* ---- the whole ---- */

static bool is_plain(const char *text, size_t len, size_t most)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return len > 0 && len <= most;
}

static bool is_address(const char *text, size_t len)
{
    char copy[LK_ADDRESS_TEXT] = "";
    struct lk_address address;

    if (!is_plain(text, len, sizeof copy - 1))
        return false;
    memcpy(copy, text, len);
    return lk_address_parse(&address, copy) == LK_OK;
}

static enum lk_status take(struct lk_gba_info *info, const struct reading *r)
{
    if (!is_plain(r->text[B_TID], r->len[B_TID], LK_B_TID_MAX) ||
        (r->there[HOME_AGENT] &&
         !is_plain(r->text[HOME_AGENT], r->len[HOME_AGENT], LK_FQDN_MAX)) ||
        (r->there[AGENT_ADDRESS] &&
         !is_address(r->text[AGENT_ADDRESS], r->len[AGENT_ADDRESS])))
        return LK_E_VALUE;
    memcpy(info->b_tid, r->text[B_TID], r->len[B_TID]);
    memcpy(info->home_agent, r->text[HOME_AGENT], r->len[HOME_AGENT]);
    memcpy(info->home_agent_address, r->text[AGENT_ADDRESS], r->len[AGENT_ADDRESS]);
    return lk_xml_time_read(&info->expires_s, lk_span_of(r->text[LIFETIME], r->len[LIFETIME]));
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

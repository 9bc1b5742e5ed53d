#include "wire/gba_xml.h"

#include <string.h>

enum { DAY_S = 24 * 60 * 60, YEAR_DAYS = 365, CYCLE_DAYS = 146097, CYCLE_YEARS = 400 };

/* The last second of the year 9999. */
static const uint64_t time_max = UINT64_C(253402300799);

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % CYCLE_YEARS == 0);
}

static void put_number(char *at, unsigned number, size_t digits)
{
    for (size_t i = digits; i > 0; i--, number /= 10)
        at[i - 1] = (char)('0' + number % 10);
}

enum lk_status lk_xml_time(char text[LK_XML_TIME_LEN], uint64_t seconds)
{
    static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    unsigned second = (unsigned)(seconds % DAY_S), year = 1970, month = 0, days;
    uint64_t left = seconds / DAY_S;

    if (seconds > time_max)
        return LK_E_VALUE;
    year += (unsigned)(left / CYCLE_DAYS) * CYCLE_YEARS;
    left %= CYCLE_DAYS;
    while (left >= YEAR_DAYS + (is_leap(year) ? 1u : 0u))
        left -= YEAR_DAYS + (is_leap(year++) ? 1u : 0u);
    while (left >= (days = lengths[month] + (month == 1 && is_leap(year) ? 1u : 0u))) {
        left -= days;
        month++;
    }
    /* spec: TS 24.109 C.1 - lifetime is an xs:dateTime in UTC. */
    memcpy(text, "....-..-..T..:..:..Z", LK_XML_TIME_LEN);
    put_number(text, year, 4);
    put_number(text + 5, month + 1, 2);
    put_number(text + 8, (unsigned)left + 1, 2);
    put_number(text + 11, second / 3600, 2);
    put_number(text + 14, second / 60 % 60, 2);
    put_number(text + 17, second % 60, 2);
    return LK_OK;
}

static void put_text(struct lk_writer *w, const char *text)
{
    lk_put_span(w, lk_span_text(text));
}

/* Character data. Only ASCII: names of hosts and base64 have no more. */
static enum lk_status put_escaped(struct lk_writer *w, struct lk_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c < ' ' || c >= 0x7f)
            return LK_E_VALUE;
        switch (c) {
        case '&': put_text(w, "&amp;"); break;
        case '<': put_text(w, "&lt;"); break;
        case '>': put_text(w, "&gt;"); break;
        default: lk_put_u8(w, c);
        }
    }
    return LK_OK;
}

static enum lk_status put_time(struct lk_writer *w, uint64_t seconds)
{
    char text[LK_XML_TIME_LEN];
    enum lk_status status = lk_xml_time(text, seconds);

    if (status == LK_OK)
        lk_put_octets(w, text, sizeof text);
    return status;
}

static enum lk_status put_agent(struct lk_writer *w, const struct lk_bootstrapping_info *info)
{
    enum lk_status status;

    put_text(w, "<homeagent xmlns=\"uri:latchkey-gba\">");
    status = put_escaped(w, info->home_agent);
    put_text(w, "</homeagent>");
    if (status != LK_OK || info->home_agent_address.len == 0)
        return status;
    put_text(w, "<homeagentaddress xmlns=\"uri:latchkey-gba\">");
    status = put_escaped(w, info->home_agent_address);
    put_text(w, "</homeagentaddress>");
    return status;
}

/* spec: TS 24.109 C.1 - any element may stand in Extension; a UE passes over what it does not know.
 * The home agent's name and address are of this project. */
static enum lk_status put_extension(struct lk_writer *w, const struct lk_bootstrapping_info *info)
{
    enum lk_status status = LK_OK;

    put_text(w, "<Extension>");
    if (info->current_s != 0) {
        put_text(w, "<currenttime>");
        status = put_time(w, info->current_s);
        put_text(w, "</currenttime>");
    }
    if (status == LK_OK && info->home_agent.len > 0)
        status = put_agent(w, info);
    put_text(w, "</Extension>");
    return status;
}

enum lk_status lk_bootstrapping_info_encode(struct lk_writer *w,
                                            const struct lk_bootstrapping_info *info)
{
    enum lk_status status;

    put_text(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<BootstrappingInfo xmlns=\"uri:3gpp-gba\"><btid>");
    status = put_escaped(w, info->b_tid);
    put_text(w, "</btid><lifetime>");
    if (status == LK_OK)
        status = put_time(w, info->expires_s);
    put_text(w, "</lifetime>");
    if (status == LK_OK && (info->current_s != 0 || info->home_agent.len > 0))
        status = put_extension(w, info);
    put_text(w, "</BootstrappingInfo>\n");
    return status != LK_OK ? status : lk_writer_end(w);
}

/* ---- a time, read ---- */

enum { TO_SECONDS = LK_XML_TIME_LEN - 1 }; /* characters, without the Z */

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

enum lk_status lk_xml_time_read(uint64_t *seconds, struct lk_span text)
{
    static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    unsigned year, month, day, hour, minute, second;
    const uint8_t *at = text.at;
    bool leap;

    if (text.len <= TO_SECONDS || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':' || !is_tail(lk_span_of(at + TO_SECONDS, text.len - TO_SECONDS)) ||
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

/* The table, and what goes through it. */
#include "trace/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct lk_trace_protocol *const rows[LK_TRACE_PROTOCOLS] = {
    [LK_TRACE_MIP] = &lk_trace_protocol_mip,
    [LK_TRACE_MIP6] = &lk_trace_protocol_mip6,
    [LK_TRACE_RADIUS] = &lk_trace_protocol_radius,
    [LK_TRACE_DTLS] = &lk_trace_protocol_dtls,
    [LK_TRACE_WLCP] = &lk_trace_protocol_wlcp,
    [LK_TRACE_PMIP] = &lk_trace_protocol_pmip,
    [LK_TRACE_USER] = &lk_trace_protocol_user,
    [LK_TRACE_ASKED] = &lk_trace_protocol_asked,
    [LK_TRACE_UU] = &lk_trace_protocol_uu,
    [LK_TRACE_XW] = &lk_trace_protocol_xw,
    [LK_TRACE_WLAN] = &lk_trace_protocol_wlan,
    [LK_TRACE_MIS] = &lk_trace_protocol_mis,
    [LK_TRACE_UB] = &lk_trace_protocol_ub,
};

const struct lk_trace_protocol *lk_trace_protocol(enum lk_trace_protocol_id id)
{
    LK_ASSERT((unsigned)id < LK_TRACE_PROTOCOLS);
    return rows[id];
}

enum lk_trace_protocol_id lk_trace_protocol_for(const struct lk_datagram *datagram)
{
    unsigned id = 0;

    while (id < LK_TRACE_PROTOCOLS && !rows[id]->claims(datagram))
        id++;
    return (enum lk_trace_protocol_id)id;
}

const char *lk_trace_protocol_name(const struct lk_trace_message *message)
{
    return lk_trace_protocol(message->protocol)->name;
}

void lk_trace_message_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    lk_trace_protocol(message->protocol)->name_of(name, message);
}

void lk_trace_carrier_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message)
{
    lk_trace_protocol(message->protocol)->carrier(name, message);
}

void lk_trace_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message)
{
    text[0] = '\0';
    lk_trace_protocol(message->protocol)->summary(text, message);
}

/* Appends to a summary: a comma between, dots where it is full, nothing unprintable. */
void lk_trace_append(char text[LK_TRACE_SUMMARY_MAX], struct lk_span what, bool separate)
{
    size_t len = strlen(text);

    if (separate && len > 0 && len + 2 < LK_TRACE_SUMMARY_MAX) {
        memcpy(text + len, ", ", 3);
        len += 2;
    }
    for (size_t i = 0; i < what.len; i++) {
        if (len + 4 >= LK_TRACE_SUMMARY_MAX) {
            memcpy(text + LK_TRACE_SUMMARY_MAX - 4, "...", 4);
            return;
        }
        text[len++] = what.at[i] >= 0x20 && what.at[i] < 0x7f ? (char)what.at[i] : '?';
    }
    text[len] = '\0';
}

void lk_trace_append_f(char text[LK_TRACE_SUMMARY_MAX], const char *format, ...)
{
    char word[48];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(word, sizeof word, format, args);
    va_end(args);
    lk_trace_append(text, lk_span_text(word), true);
}

bool lk_trace_is_opened(const struct lk_datagram *datagram, const char *dissector)
{
    return datagram->carrier == LK_CARRIER_OPENED
           && lk_span_equal(datagram->dissector, lk_span_text(dissector));
}

/* ---- lanes ---- */

static struct lk_trace_part *find_part(const struct lk_trace *trace,
                                       const struct lk_capture_end *end)
{
    for (size_t i = 0; i < trace->part_count; i++)
        if (lk_trace_same_end(&trace->parts[i].end, end))
            return (struct lk_trace_part *)&trace->parts[i];
    return NULL;
}

void lk_trace_learn(struct lk_trace *trace, const struct lk_capture_end *end, enum lk_lane lane)
{
    struct lk_trace_part *part = find_part(trace, end);

    if (part == NULL && trace->part_count < LK_TRACE_PARTS_MAX)
        part = &trace->parts[trace->part_count++];
    if (part != NULL)
        *part = (struct lk_trace_part){ *end, lane };
}

enum lk_lane lk_trace_lane_of(const struct lk_trace *trace, const struct lk_capture_end *end)
{
    const struct lk_trace_part *part = find_part(trace, end);

    return part != NULL ? (enum lk_lane)part->lane : LK_LANE_NONE;
}

const struct lk_lane_name *lk_lane_name(enum lk_lane lane)
{
    static const struct lk_lane_name names[LK_LANE_COUNT] = {
        [LK_LANE_APPLICATION] = { "Application", "App", "app", "on the device" },
        [LK_LANE_DEVICE] = { "Device", "UE", "device", "EAP peer, USIM" },
        [LK_LANE_MN] = { "MN", "MN", "MN", "mobile node" },
        [LK_LANE_SPOS] = { "SPoS", "SPoS", "SPoS", "serving point of service" },
        [LK_LANE_TPOS] = { "TPoS", "TPoS", "TPoS", "target, serves next" },
        [LK_LANE_HPOS] = { "HPoS", "HPoS", "HPoS", "at home, gives K" },
        [LK_LANE_ENB] = { "eNB", "eNB", "eNB", "LTE, keys of the UE" },
        [LK_LANE_WT] = { "WT", "WT", "WT", "WLAN termination" },
        [LK_LANE_ACCESS_POINT] = { "Access point", "AP", "access pt", "RADIUS client" },
        [LK_LANE_TWAP] = { "TWAP", "TWAP", "TWAP", "RADIUS proxy" },
        [LK_LANE_TWAG] = { "TWAG", "TWAG", "TWAG", "gateway, MAG" },
        [LK_LANE_FA] = { "Foreign agent", "FA", "foreign ag", "has the care-of" },
        [LK_LANE_ANCHOR] = { "Anchor", "Anchor", "anchor", "LMA, home agent" },
        [LK_LANE_AAA] = { "AAA server", "AAA", "AAA", "latchkeyd worker" },
        [LK_LANE_BSF] = { "BSF", "BSF", "BSF", "bootstrapping server" },
        [LK_LANE_VAULT] = { "Vault", "Vault", "vault", "K and OPc" },
    };

    LK_ASSERT((unsigned)lane < LK_LANE_COUNT);
    return &names[lane];
}

const char *lk_rung_kind_name(enum lk_rung_kind kind)
{
    static const char *const names[LK_RUNG_KIND_COUNT] = { "plain", "challenge", "fast", "sync",
                                                           "refused", "granted" };

    LK_ASSERT((unsigned)kind < LK_RUNG_KIND_COUNT);
    return names[kind];
}

void lk_rung_of(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    memset(rung, 0, sizeof *rung);
    rung->air = LK_LANE_NONE;
    lk_trace_protocol(trace->messages[index].protocol)->rung(rung, trace, index);
}

void lk_lanes_of(struct lk_lanes *lanes, const struct lk_trace *trace, size_t run)
{
    bool there[LK_LANE_COUNT + 1] = { false };
    size_t first = run == LK_TRACE_NONE ? 0 : trace->runs[run].first;
    size_t last = run == LK_TRACE_NONE ? trace->count : trace->runs[run].last + 1;
    struct lk_rung rung;

    memset(lanes, 0, sizeof *lanes);
    for (size_t i = first; i < last; i++) {
        if (trace->messages[i].run != run)
            continue;
        lk_rung_of(&rung, trace, i);
        there[rung.from] = there[rung.to] = there[rung.air] = true;
    }
    /* the vault is part of every authentication's picture, also where it was not asked */
    if (run != LK_TRACE_NONE && trace->runs[run].kind == LK_TRACE_AUTHENTICATION)
        there[LK_LANE_VAULT] = there[LK_LANE_AAA];
    if (run != LK_TRACE_NONE && trace->runs[run].kind == LK_TRACE_BOOTSTRAPPING)
        there[LK_LANE_VAULT] = true;
    for (unsigned lane = 0; lane < LK_LANE_COUNT; lane++)
        if (there[lane]) {
            lanes->place[lane] = lanes->count;
            lanes->lane[lanes->count++] = (enum lk_lane)lane;
        }
}

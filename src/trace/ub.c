#include "trace/ub.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "trace/protocol.h"

enum { OK = 200, UNAUTHORIZED = 401, NONCE_MAX = 512 };

static bool claims(const struct lk_datagram *datagram)
{
    return lk_trace_is_opened(datagram, "http");
}

/* ---- decoding ---- */

/* What is between <name> and the next tag; the prefix of a namespace may stand before the name. A
 * look at text that others have judged, and no reader of XML. */
static struct lk_span element(struct lk_span body, const char *name)
{
    size_t len = strlen(name), end;

    for (size_t i = 1; i + len <= body.len; i++) {
        if ((body.at[i - 1] != '<' && body.at[i - 1] != ':') ||
            !lk_span_equal(lk_span_of(body.at + i, len), lk_span_text(name)))
            continue;
        for (end = i + len; end < body.len && body.at[end] != '<'; end++)
            ;
        return lk_span_of(body.at + i + len, end - i - len);
    }
    return lk_span_of(NULL, 0);
}

static void decode(struct lk_trace_message *m, uint8_t *room, size_t cap)
{
    struct lk_http_seen *http = &m->ub.http;
    enum lk_http_digest_kind kind = LK_HTTP_CREDENTIALS;
    const char *field = "Authorization";
    struct lk_span text;

    m->status = lk_http_seen_read(http, m->octets);
    m->request = http->request;
    if (m->status != LK_OK)
        return;
    if (!http->request) {
        kind = http->status == UNAUTHORIZED ? LK_HTTP_CHALLENGE : LK_HTTP_INFO;
        field = kind == LK_HTTP_CHALLENGE ? "WWW-Authenticate" : "Authentication-Info";
    }
    text = lk_http_seen_field(http, field);
    if (text.len > 0)
        m->status = lk_http_digest_decode(&m->ub.digest, kind, text);
    m->ub.has_digest = text.len > 0 && m->status == LK_OK;
    if (!http->request && http->status == OK) {
        m->ub.b_tid = element(http->body, "btid>");
        m->ub.lifetime = element(http->body, "lifetime>");
    }
}

static struct lk_span value_of(const struct lk_trace_message *m, enum lk_http_digest_param param)
{
    return m->ub.has_digest && lk_http_digest_has(&m->ub.digest, param)
               ? m->ub.digest.value[param] : lk_span_of(NULL, 0);
}

static bool is_challenge(const struct lk_trace_message *m)
{
    return !m->ub.http.request && m->ub.http.status == UNAUTHORIZED && m->ub.has_digest;
}

static bool is_response(const struct lk_trace_message *m)
{
    return m->ub.http.request && value_of(m, LK_HTTP_NONCE).len > 0;
}

bool lk_ub_challenge(uint8_t rand[LK_RAND_LEN], uint8_t autn[LK_AUTN_LEN],
                     const struct lk_trace_message *m)
{
    uint8_t nonce[NONCE_MAX];
    size_t len = 0;

    /* spec: RFC 3310 3.2 - a nonce begins with RAND and AUTN. */
    if (m->protocol != LK_TRACE_UB || !is_challenge(m) ||
        lk_base64_decode(nonce, sizeof nonce, &len, value_of(m, LK_HTTP_NONCE)) != LK_OK ||
        len < LK_RAND_LEN + LK_AUTN_LEN)
        return false;
    memcpy(rand, nonce, LK_RAND_LEN);
    memcpy(autn, nonce + LK_RAND_LEN, LK_AUTN_LEN);
    return true;
}

/* ---- runs ---- */

/* The run with that challenge. Each request may come by a connection of its own. */
static size_t run_challenged(const struct lk_trace *trace, size_t index)
{
    struct lk_span nonce = value_of(&trace->messages[index], LK_HTTP_NONCE);

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_UB && before->run != LK_TRACE_NONE &&
            is_challenge(before) && lk_span_equal(value_of(before, LK_HTTP_NONCE), nonce))
            return before->run;
    }
    return LK_TRACE_NONE;
}

static size_t find_request(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_UB && before->request &&
            lk_trace_same_end(&before->from, &m->to) && lk_trace_same_end(&before->to, &m->from))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

static enum lk_status place_request(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_bootstrapping *of;
    enum lk_status status = LK_OK;

    if (is_response(m))
        m->run = run_challenged(trace, index);
    if (m->run == LK_TRACE_NONE) {
        status = lk_trace_start_run(trace, index, LK_TRACE_BOOTSTRAPPING, "bootstrapping");
        if (status != LK_OK)
            return status;
        of = &trace->runs[m->run].ub;
        of->challenge = of->response = of->result = LK_TRACE_NONE;
    }
    if (is_response(m))
        trace->runs[m->run].ub.response = index;
    return LK_OK;
}

/* HTTP that does not say who it is, or decodes to nothing, is of no run. */
static enum lk_status place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_bootstrapping *of;

    if (m->ub.http.request)
        return m->ub.has_digest ? place_request(trace, index) : LK_OK;
    m->answers = m->ub.http.status > 0 ? find_request(trace, index) : LK_TRACE_NONE;
    if (m->answers != LK_TRACE_NONE)
        m->run = trace->messages[m->answers].run;
    if (m->run == LK_TRACE_NONE)
        return LK_OK;
    of = &trace->runs[m->run].ub;
    if (is_challenge(m))
        of->challenge = index;
    else
        of->result = index;
    return LK_OK;
}

static void sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    bool granted = m->ub.http.status == OK && m->ub.b_tid.len > 0 &&
                   value_of(m, LK_HTTP_RSPAUTH).len > 0;

    if (m->ub.http.request) {
        run->identity = value_of(m, LK_HTTP_USERNAME);
        run->resync = run->resync || value_of(m, LK_HTTP_AUTS).len > 0;
        run->outcome = LK_TRACE_SILENT;
        return;
    }
    run->outcome = is_challenge(m) ? LK_TRACE_OPEN : granted ? LK_TRACE_ACCEPTED
                                                             : LK_TRACE_REJECTED;
    if (granted)
        run->ub.b_tid = m->ub.b_tid;
}

/* ---- names ---- */

static void name_of(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    char text[LK_TRACE_SUMMARY_MAX] = "";

    if (m->status != LK_OK) {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "HTTP that does not decode");
        return;
    }
    if (!m->ub.http.request) {
        (void)snprintf(name, LK_TRACE_NAME_MAX, "%u%s", m->ub.http.status,
                       is_challenge(m) ? ", challenge" : m->ub.b_tid.len > 0 ? ", B-TID" : "");
        return;
    }
    lk_trace_append(text, m->ub.http.method, false);
    (void)snprintf(name, LK_TRACE_NAME_MAX, "%.40s%s", text,
                   value_of(m, LK_HTTP_AUTS).len > 0 ? " with AUTS" :
                   is_response(m) ? " with response" : "");
}

static void carrier(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *m)
{
    (void)snprintf(name, LK_TRACE_NAME_MAX, "HTTP");
}

static void summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    if (m->ub.http.request && !is_response(m))
        lk_trace_append(text, value_of(m, LK_HTTP_USERNAME), true);
    if (is_challenge(m))
        lk_trace_append(text, lk_span_text("RAND, AUTN"), true);
    if (is_challenge(m) || is_response(m)) {
        lk_trace_append(text, value_of(m, LK_HTTP_ALGORITHM), true);
        lk_trace_append(text, value_of(m, LK_HTTP_QOP), true);
    }
    if (value_of(m, LK_HTTP_STALE).len > 0) {
        lk_trace_append(text, lk_span_text("stale "), true);
        lk_trace_append(text, value_of(m, LK_HTTP_STALE), false);
    }
    if (value_of(m, LK_HTTP_RSPAUTH).len > 0)
        lk_trace_append(text, lk_span_text("rspauth"), true);
    if (m->ub.b_tid.len > 0)
        lk_trace_append(text, m->ub.b_tid, true);
    if (m->ub.lifetime.len > 0) {
        lk_trace_append(text, lk_span_text("until "), true);
        lk_trace_append(text, m->ub.lifetime, false);
    }
}

/* ---- the ladder ---- */

static void rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = m->request ? LK_LANE_DEVICE : LK_LANE_BSF;
    rung->to = m->request ? LK_LANE_BSF : LK_LANE_DEVICE;
    rung->asks_vault = is_challenge(m);
    if (m->status != LK_OK)
        rung->kind = LK_RUNG_REFUSED;
    else if (m->request)
        rung->kind = value_of(m, LK_HTTP_AUTS).len > 0 ? LK_RUNG_SYNC :
                     is_response(m) ? LK_RUNG_CHALLENGE : LK_RUNG_PLAIN;
    else
        rung->kind = is_challenge(m) ? LK_RUNG_CHALLENGE :
                     m->ub.b_tid.len > 0 ? LK_RUNG_GRANTED : LK_RUNG_REFUSED;
}

/* ---- fields ---- */

static const char *judged_text(enum lk_trace_judged judged)
{
    return judged == LK_TRACE_RIGHT ? "; calculated again: the same" :
           judged == LK_TRACE_WRONG ? "; calculated again: another" : "";
}

static void tell_digest(const struct lk_teller *t, const struct lk_trace_message *m)
{
    static const struct {
        const char *name, *clause;
    } rows[LK_HTTP_DIGEST_PARAM_COUNT] = {
        [LK_HTTP_USERNAME] = { "username", "TS 24.109 4.2" },
        [LK_HTTP_REALM] = { "realm", "TS 24.109 4.2" },
        [LK_HTTP_NONCE] = { "nonce", "RFC 3310 3.2" },
        [LK_HTTP_URI] = { "uri", "RFC 7616 3.4" },
        [LK_HTTP_QOP] = { "qop", "RFC 7616 3.4" },
        [LK_HTTP_NC] = { "nc", "RFC 7616 3.4" },
        [LK_HTTP_CNONCE] = { "cnonce", "RFC 7616 3.4" },
        [LK_HTTP_RESPONSE] = { "response", "RFC 3310 3.3" },
        [LK_HTTP_RSPAUTH] = { "rspauth", "TS 24.109 4.3" },
        [LK_HTTP_ALGORITHM] = { "algorithm", "RFC 3310 3.1" },
        [LK_HTTP_OPAQUE] = { "opaque", "RFC 7616 3.3" },
        [LK_HTTP_STALE] = { "stale", "RFC 7616 3.3" },
        [LK_HTTP_NEXTNONCE] = { "nextnonce", "RFC 7616 3.5" },
        [LK_HTTP_AUTS] = { "auts", "RFC 3310 3.4" },
    };
    char text[LK_FIELD_VALUE_MAX];

    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT; i++) {
        enum lk_trace_judged judged = LK_TRACE_NOT_JUDGED;

        if (!lk_http_digest_has(&m->ub.digest, (enum lk_http_digest_param)i))
            continue;
        if (t->keys != NULL && i == LK_HTTP_RESPONSE &&
            lk_span_equal(m->ub.digest.value[i], t->keys->response_text))
            judged = t->keys->response;
        else if (t->keys != NULL && i == LK_HTTP_RSPAUTH)
            judged = t->keys->rspauth;
        lk_field_text(text, m->ub.digest.value[i]);
        lk_tell(t, 1, rows[i].name, rows[i].clause, "%.600s%s", text, judged_text(judged));
    }
}

static void fields(const struct lk_teller *t, const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], text[LK_FIELD_VALUE_MAX];
    uint8_t rand[LK_RAND_LEN], autn[LK_AUTN_LEN];

    name_of(name, m);
    lk_tell(t, 0, "HTTP", "TS 24.109 4", "%s, %zu octets", name, m->octets.len);
    if (m->ub.has_digest)
        tell_digest(t, m);
    if (lk_ub_challenge(rand, autn, m)) {
        lk_field_hex(text, LK_SPAN(rand));
        lk_tell(t, 1, "RAND", "RFC 3310 3.2", "%s", text);
        lk_field_hex(text, LK_SPAN(autn));
        lk_tell(t, 1, "AUTN", "RFC 3310 3.2", "%s", text);
    }
    if (m->ub.b_tid.len > 0) {
        lk_field_text(text, m->ub.b_tid);
        lk_tell(t, 1, "B-TID", "TS 24.109 C.1", "%s", text);
        lk_field_text(text, m->ub.lifetime);
        lk_tell(t, 1, "lifetime", "TS 24.109 C.1", "%s", text);
    }
}

const struct lk_trace_protocol lk_trace_protocol_ub = {
    .name = "Ub",
    .recurs = true,
    .claims = claims,
    .decode = decode,
    .place = place,
    .sum_up = sum_up,
    .name_of = name_of,
    .carrier = carrier,
    .summary = summary,
    .rung = rung,
    .fields = fields,
};

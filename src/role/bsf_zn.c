/* Zn: a NAF asks for its key of a B-TID, and gets that one and no other.
 *
 *     POST /zn/bir
 *     {"transactionIdentifier": B-TID,
 *      "nafId": {"nafFqdn": "naf.example", "uaSecProtId": "0100000002"}}
 *
 *     {"keyMaterial": hex of Ks_NAF, "keyExpiryTime": "2026-11-22T21:30:00Z",
 *      "bootstrapInfoCreationTime": "2026-11-21T21:30:00Z", "impi": where the NAF may know,
 *      "gbaUserSecSettings": {"uss": [{"id": 1, "flags": [1, 2]}]}: of its services, if any}
 *     {"resultCode": 5403, "reason": "zn.b-tid", "error": ...}
 *
 * The message content is that of BIR and BIA, TS 29.109; numbers of results are its own. Ks does
 * not leave this process. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/host.h"
#include "base/mip_way.h"
#include "base/secret.h"
#include "role/bsf_process.h"
#include "role/bsf_session.h"
#include "role/bsf_users.h"
#include "role/http_json.h"
#include "wire/gba_xml.h"

enum {
    OK = 200,
    BAD_REQUEST = 400,
    FORBIDDEN = 403,
    NOT_FOUND = 404,
    TOO_MANY = 429,
    UNAVAILABLE = 503,
    MS = 1000,
};

/* One question. Secret with session and key. */
struct question {
    struct lk_bsf_process *bsf;
    struct lk_http_request *request;
    const char *b_tid, *ua_text;
    char fqdn[LK_FQDN_MAX + 1]; /* as lk_host_lower has it */
    struct lk_ua_id ua;
    const struct lk_config_naf *naf;
    char subject[LK_STREAM_DETAIL];
    struct lk_gba_session session;
    struct lk_ks_naf key;
};

/* A row for each reason that something is refused for here.
 * spec: TS 29.109 6.2 - what the results are called. */
struct result {
    enum lk_reason reason;
    unsigned status, code; /* of HTTP; of the result, 0: none */
};
static const struct result results[] = {
    { LK_REASON_ZN_MALFORMED, BAD_REQUEST, 0 },   { LK_REASON_ZN_NAF, FORBIDDEN, 5402 },
    { LK_REASON_ZN_B_TID, NOT_FOUND, 5403 },      { LK_REASON_ZN_SUBSCRIBER, NOT_FOUND, 5401 },
    { LK_REASON_MIP_WAY, FORBIDDEN, 5402 },
    { LK_REASON_ZN_TOO_FAST, TOO_MANY, 0 },       { LK_REASON_STORE_UNAVAILABLE, UNAVAILABLE, 0 },
};

static const struct result *result_of(enum lk_reason reason)
{
    size_t i = 0;

    while (i < LK_COUNT_OF(results) && results[i].reason != reason)
        i++;
    LK_ASSERT(i < LK_COUNT_OF(results));
    return &results[i];
}

static void refuse(const struct question *q, enum lk_reason reason)
{
    const struct result *result = result_of(reason);
    const struct lk_reason_row *row = lk_reason_row(reason);
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);
    const struct lk_log_field fields[] = { { "naf", q->fqdn[0] == '\0' ? NULL : q->fqdn },
                                           { "ua", q->ua_text },
                                           { "by", q->subject[0] == '\0' ? NULL : q->subject } };
    json_t *answer = json_pack("{s:s, s:s}", "reason", row->code, "error", row->what);

    if (result->code != 0)
        (void)json_object_set_new(answer, "resultCode", json_integer(result->code));
    lk_process_refused(&q->bsf->process, reason);
    lk_process_count(&q->bsf->process, LK_BSF_OWN_NAF_REFUSED);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
    lk_http_json_answer(q->request, result->status, answer);
}

/* ---- what is asked ---- */

static bool read_question(struct question *q, const json_t *body)
{
    const char *fqdn;
    size_t len = 0;

    if (json_unpack((json_t *)(uintptr_t)body, "{s:s, s:{s:s, s:s}}", "transactionIdentifier",
                    &q->b_tid, "nafId", "nafFqdn", &fqdn, "uaSecProtId", &q->ua_text) != 0 ||
        fqdn[0] == '\0' || strlen(fqdn) > LK_FQDN_MAX)
        return false;
    memcpy(q->fqdn, fqdn, strlen(fqdn) + 1);
    lk_host_lower(q->fqdn);
    return lk_hex_decode(q->ua.octets, sizeof q->ua.octets, &len, lk_span_text(q->ua_text)) ==
               LK_OK &&
           len == sizeof q->ua.octets;
}

/* ---- what there is ---- */

/* Protocols of Ua that are ours: 01 00 00 00 f0 is the home AAA's, f1 to f3 are agents'. A key of
 * an agent is had by ha-naf, bsf and pushed alike: which agent it is he was told, or was not, as he
 * bootstrapped, and of pushed the home AAA judges. */
static bool may_use(const struct lk_ua_id *ua, const struct lk_sealed_row *row)
{
    static const uint8_t ours[] = { 1, 0, 0, 0 };
    uint8_t last = ua->octets[sizeof ours];
    unsigned aaa = lk_mip_way_bit(LK_MIP_WAY_AAA);
    unsigned ways = last == 0xf0                   ? aaa
                    : last > 0xf0 && last <= 0xf3 ? LK_MIP_WAYS_ALL & ~aaa
                                                   : 0;

    _Static_assert(sizeof ua->octets == sizeof ours + 1, "one octet is left");
    return ways == 0 ||
           !lk_span_equal(lk_span_of(ua->octets, sizeof ours), LK_SPAN(ours)) ||
           (row->mip_refused & ways) != ways;
}

/* spec: TS 29.109 5.2 - an unknown or expired B-TID, and a subscriber that is none any more. */
static enum lk_reason find(struct question *q)
{
    struct lk_store *store = lk_vectors_store(&q->bsf->vectors);
    enum lk_status status = LK_E_STORE;
    struct lk_sealed_row sealed;
    struct lk_session_row row;
    bool is_there = false;

    if (store != NULL)
        status = lk_store_session_find(store, &row, LK_SESSION_GBA, LK_SESSION_BY_NAME,
                                       lk_span_text(q->b_tid), lk_wall_ms() / MS);
    if (status == LK_E_NOT_FOUND)
        return LK_REASON_ZN_B_TID;
    if (status == LK_OK)
        status = lk_store_rows(store, &row.imsi, 1, &sealed, &is_there);
    if (status != LK_OK) {
        lk_vectors_store_failed(&q->bsf->vectors);
        return LK_REASON_STORE_UNAVAILABLE;
    }
    if (!is_there)
        return LK_REASON_ZN_SUBSCRIBER;
    if (!may_use(&q->ua, &sealed))
        return LK_REASON_MIP_WAY;
    /* Of another node key, or altered: as if it were not there; the UE bootstraps again. */
    return lk_bsf_session_open(&q->session, &row, q->bsf->process.node_key) == LK_OK
               ? LK_REASON_NONE
               : LK_REASON_ZN_B_TID;
}

static void log_given(const struct question *q)
{
    static struct lk_log_limit limit;
    char imsi[LK_IMSI_MAX_DIGITS + 1], left_out_text[16];
    uint32_t left_out;

    lk_process_count(&q->bsf->process, LK_BSF_OWN_NAF_KEYS);
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_log_imsi(imsi, &q->session.imsi);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "naf-key", { "naf", q->fqdn }, { "ua", q->ua_text }, { "imsi", imsi },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

static json_t *time_json(uint64_t seconds)
{
    char text[LK_XML_TIME_LEN];

    return lk_xml_time(text, seconds) == LK_OK ? json_stringn(text, sizeof text) : json_null();
}

static void give(struct question *q)
{
    char key[2 * sizeof q->key.octets + 1];
    struct lk_naf_id naf;
    const struct lk_config_bsf_user *user =
        lk_bsf_users_find(&q->bsf->process.config->bsf, &q->session.imsi);
    enum lk_status status;
    json_t *answer, *settings;

    lk_naf_id_of(&naf, lk_span_text(q->fqdn), &q->ua);
    lk_ks_naf_derive(&q->key, &q->session.ks, q->session.rand, lk_span_text(q->session.impi),
                     &naf);
    status = lk_hex_encode(key, sizeof key, LK_SPAN(q->key.octets));
    LK_ASSERT(status == LK_OK);
    answer = json_pack("{s:s, s:o, s:o}", "keyMaterial", key, "keyExpiryTime",
                       time_json(q->session.expires_s), "bootstrapInfoCreationTime",
                       time_json(q->session.created_s));
    if (q->naf->identity && (user == NULL || user->identity))
        (void)json_object_set_new(answer, "impi", json_string(q->session.impi));
    settings = lk_bsf_users_settings(user, q->naf);
    if (settings != NULL)
        (void)json_object_set_new(answer, "gbaUserSecSettings", settings);
    log_given(q);
    lk_seen_named_key(&q->bsf->seen, LK_APP_KEY_LOG_KS_NAF, q->session.b_tid, &naf,
                      LK_SPAN(q->key.octets));
    lk_http_json_answer(q->request, OK, answer);
    lk_wipe(key, sizeof key);
}

/* Of one NAF, whatever addresses it has: what it asks costs the store, which serves Ub as well. */
static bool within_rate(struct question *q)
{
    const struct lk_config_bsf *config = &q->bsf->process.config->bsf;

    return lk_budget_take(&q->bsf->zn_budget[q->naf - config->nafs], config->zn_rate,
                          config->zn_rate, lk_mono_ms());
}

static void judge(struct question *q, const json_t *body)
{
    const struct lk_config_bsf *config = &q->bsf->process.config->bsf;
    enum lk_reason reason;

    if (!read_question(q, body)) {
        refuse(q, LK_REASON_ZN_MALFORMED);
        return;
    }
    q->naf =
        lk_naf_asks(q->request, config->nafs, config->naf_count, q->fqdn, q->ua_text, q->subject);
    if (q->naf == NULL) {
        refuse(q, LK_REASON_ZN_NAF);
        return;
    }
    if (!within_rate(q)) {
        lk_process_count(&q->bsf->process, LK_BSF_OWN_NAF_OVER_BUDGET);
        refuse(q, LK_REASON_ZN_TOO_FAST);
        return;
    }
    reason = find(q);
    if (reason == LK_REASON_NONE)
        give(q);
    else
        refuse(q, reason);
}

void lk_bsf_zn_request(void *context, struct lk_http_request *request, const char *path)
{
    struct question q = { .bsf = context, .request = request };
    json_t *body;

    if (strcmp(path, "/zn/bir") != 0 || strcmp(lk_http_method(request), "POST") != 0) {
        lk_http_answer(request, NOT_FOUND, "text/plain", lk_span_text("POST /zn/bir\n"));
        return;
    }
    body = lk_json_read(lk_http_body(request));
    judge(&q, body);
    json_decref(body);
    lk_wipe(&q, sizeof q);
}

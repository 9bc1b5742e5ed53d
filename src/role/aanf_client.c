#include "role/aanf_client.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/akma_names.h"
#include "role/http_json.h"
#include "wire/gba_xml.h"

enum { NAME = 256, OK = 200, DONE = 204, TOO_MANY = 429, UNAVAILABLE = 503 };

struct lk_aanf_client {
    struct lk_aanf_client_setup setup;
    struct lk_fetch *fetch;
    bool gets;  /* what is asked is a key */
    char *text; /* that is asked; secret in parts. NULL: nothing is */
};

/* ---- what is answered ---- */

static enum lk_reason reason_of(const char *cause)
{
    const enum lk_reason reason = cause == NULL ? LK_REASON_NONE : lk_reason_named(cause);

    return (lk_reason_row(reason)->by & LK_BY_AANF) != 0 ? reason : LK_REASON_AKMA_REFUSED;
}

/* ProblemDetails. 5xx passes. */
static void read_problem(struct lk_aanf_answer *answer, unsigned status, const json_t *body)
{
    const char *cause = NULL, *title = NULL;

    (void)json_unpack((json_t *)(uintptr_t)body, "{s?s, s?s}", "cause", &cause, "title", &title);
    answer->says_later = status == TOO_MANY || status == UNAVAILABLE;
    answer->reason = status >= 500 ? LK_REASON_AKMA_NO_ANSWER : reason_of(cause);
    (void)snprintf(answer->detail, sizeof answer->detail, "%u %.30s: %.80s", status,
                   cause == NULL ? "" : cause, title == NULL ? "" : title);
}

static bool read_key(struct lk_aanf_answer *answer, const json_t *body)
{
    const char *kaf = NULL, *expiry = NULL, *supi = NULL;
    size_t len = 0;

    return json_unpack((json_t *)(uintptr_t)body, "{s:s, s:s, s?s}", "kaf", &kaf, "expiry",
                       &expiry, "supi", &supi) == 0 &&
           lk_hex_decode(answer->key.octets, sizeof answer->key.octets, &len,
                         lk_span_text(kaf)) == LK_OK &&
           len == sizeof answer->key.octets &&
           lk_xml_time_read(&answer->expires_s, lk_span_text(expiry)) == LK_OK &&
           (supi == NULL || lk_supi_read(&answer->imsi, supi) == LK_OK);
}

static void forget(struct lk_aanf_client *client)
{
    if (client->text != NULL)
        lk_wipe(client->text, strlen(client->text));
    free(client->text);
    client->text = NULL;
}

static void on_fetched(void *context, const struct lk_fetched *fetched)
{
    struct lk_aanf_client *client = context;
    struct lk_aanf_answer answer = { .reason = LK_REASON_NONE };
    json_t *body = lk_json_read(fetched->body);

    forget(client);
    if (fetched->status == 0) {
        answer.reason = LK_REASON_AKMA_NO_ANSWER;
        (void)snprintf(answer.detail, sizeof answer.detail, "%s", fetched->error);
    } else if (fetched->status != OK && fetched->status != DONE) {
        read_problem(&answer, fetched->status, body);
    } else if (client->gets && (fetched->status != OK || !read_key(&answer, body))) {
        answer.reason = LK_REASON_AKMA_REFUSED;
        (void)snprintf(answer.detail, sizeof answer.detail, "its answer cannot be read");
    }
    json_decref(body);
    client->setup.done(client->setup.context, &answer);
    lk_wipe(&answer, sizeof answer);
}

/* ---- what is asked ---- */

/* Takes over question, which may hold a key. */
static enum lk_status ask(struct lk_aanf_client *client, const char *path, json_t *question)
{
    const struct lk_aanf_client_setup *setup = &client->setup;
    enum lk_status status = client->text != NULL ? LK_E_EXISTS : LK_E_SYSTEM;
    struct lk_fetch_request request = {
        .address = setup->address, .type = "application/json", .agent = "latchkey",
        .tls = &setup->files, .timeout_ms = setup->timeout_ms,
    };
    char url[NAME + 64];

    if (status == LK_E_SYSTEM && question != NULL)
        client->text = json_dumps(question, JSON_COMPACT);
    json_decref(question);
    if (status == LK_E_EXISTS || client->text == NULL)
        return status;
    (void)snprintf(url, sizeof url, "https://%.*s:%u%s", NAME, setup->name, setup->port, path);
    request.url = url;
    request.body = lk_span_text(client->text);
    client->gets = strcmp(path, LK_AANF_RETRIEVE) == 0;
    status = lk_fetch_begin(client->fetch, &request);
    if (status != LK_OK)
        forget(client);
    return status;
}

static json_t *supi_of(const struct lk_imsi *imsi)
{
    char supi[LK_SUPI_TEXT];

    lk_supi_say(supi, imsi);
    return json_string(supi);
}

enum lk_status lk_aanf_register(struct lk_aanf_client *client, const struct lk_imsi *imsi,
                                const char *a_kid, const struct lk_k_akma *key, uint64_t made_ms)
{
    char text[2 * sizeof key->octets + 1];
    enum lk_status status = lk_hex_encode(text, sizeof text, LK_SPAN(key->octets));

    LK_ASSERT(status == LK_OK);
    status = ask(client, LK_AANF_REGISTER,
                 json_pack("{s:o, s:s, s:s, s:I}", "supi", supi_of(imsi), "aKId", a_kid, "kAkma",
                           text, "madeMs", (json_int_t)made_ms));
    lk_wipe(text, sizeof text);
    return status;
}

enum lk_status lk_aanf_get(struct lk_aanf_client *client, struct lk_span a_kid, const char *fqdn,
                           const struct lk_ua_id *ua, bool anonymous)
{
    char ua_text[2 * LK_UA_ID_LEN + 1], af_id[NAME + sizeof ua_text + 1];
    enum lk_status status = lk_hex_encode(ua_text, sizeof ua_text, LK_SPAN(ua->octets));

    LK_ASSERT(status == LK_OK);
    (void)snprintf(af_id, sizeof af_id, "%.*s/%s", NAME, fqdn, ua_text);
    return ask(client, LK_AANF_RETRIEVE,
               json_pack("{s:s, s:s%, s:b}", "afId", af_id, "aKId", (const char *)a_kid.at,
                         a_kid.len, "anonInd", anonymous));
}

/* ---- beginning and end ---- */

struct lk_aanf_client *lk_aanf_client_new(const struct lk_aanf_client_setup *setup)
{
    struct lk_aanf_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->setup = *setup;
    client->fetch = lk_fetch_new(setup->loop, on_fetched, client);
    if (client->fetch != NULL)
        return client;
    free(client);
    return NULL;
}

void lk_aanf_client_free(struct lk_aanf_client *client)
{
    if (client == NULL)
        return;
    lk_fetch_free(client->fetch);
    forget(client);
    free(client);
}

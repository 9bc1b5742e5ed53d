/* The way to the BSF: libcurl, one question at a time on each connection, which stays for the next
 * one. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "naf/parts.h"

bool lk_naf_https_begin(struct lk_naf *naf)
{
    (void)naf;
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void lk_naf_https_end(struct lk_naf *naf)
{
    while (naf->idle_count > 0)
        curl_easy_cleanup(naf->idle[--naf->idle_count]);
}

static CURL *take(struct lk_naf *naf)
{
    CURL *curl = NULL;

    (void)pthread_mutex_lock(&naf->lock);
    if (naf->idle_count > 0)
        curl = naf->idle[--naf->idle_count];
    (void)pthread_mutex_unlock(&naf->lock);
    return curl != NULL ? curl : curl_easy_init();
}

static void give_back(struct lk_naf *naf, CURL *curl)
{
    bool kept;

    curl_easy_reset(curl); /* connections stay */
    (void)pthread_mutex_lock(&naf->lock);
    kept = naf->idle_count < LK_NAF_IDLE;
    if (kept)
        naf->idle[naf->idle_count++] = curl;
    (void)pthread_mutex_unlock(&naf->lock);
    if (!kept)
        curl_easy_cleanup(curl);
}

static size_t on_text(char *octets, size_t size, size_t count, void *context)
{
    struct lk_naf_said *said = context;
    size_t len = size * count;

    if (len > sizeof said->text - said->len)
        return 0;
    memcpy(said->text + said->len, octets, len);
    said->len += len;
    return len;
}

/* Both ends show certificates. Of the BSF's, none but our CA may have signed it, whatever else the
 * system trusts, and it has to have the name that is in the URL. */
static bool set_tls(CURL *curl, const struct lk_naf *naf)
{
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAINFO, naf->ca) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLCERT, naf->certificate) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLKEY, naf->key) == CURLE_OK;
}

static bool set_up(CURL *curl, const struct lk_naf *naf, struct lk_naf_said *said,
                   struct lk_span question, struct curl_slist *fields,
                   struct curl_slist *connect_to)
{
    return set_tls(curl, naf) && fields != NULL &&
           (naf->connect_to[0] == '\0') == (connect_to == NULL) &&
           curl_easy_setopt(curl, CURLOPT_URL, naf->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect_to) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)naf->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said->error) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)question.len) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question.at) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_text) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, said) == CURLE_OK;
}

/* libcurl tells where it was when the BSF hung up: behind the handshake in TLS 1.3, and so in odd
 * words. It is nearly always our certificate, or a key that is another's. */
static void say_why(struct lk_naf_said *said, CURLcode code)
{
    char why[sizeof said->error];

    (void)snprintf(why, sizeof why, "%s",
                   said->error[0] != '\0' ? said->error : curl_easy_strerror(code));
    (void)snprintf(said->error, sizeof said->error,
                   code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
                           code == CURLE_GOT_NOTHING || code == CURLE_SSL_CONNECT_ERROR
                       ? "no TLS with the BSF: does its CA sign our certificate, and is our key "
                         "that certificate's? (%.100s)"
                       : "%.200s",
                   why);
}

void lk_naf_https_ask(struct lk_naf *naf, struct lk_naf_said *said, struct lk_span question)
{
    struct curl_slist *fields = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *connect_to = naf->connect_to[0] == '\0'
                                        ? NULL : curl_slist_append(NULL, naf->connect_to);
    CURL *curl = take(naf);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long status = 0;

    if (curl != NULL && set_up(curl, naf, said, question, fields, connect_to))
        code = curl_easy_perform(curl);
    if (code == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        said->status = (unsigned)status;
    else
        say_why(said, code);
    if (curl != NULL)
        give_back(naf, curl);
    curl_slist_free_all(fields);
    curl_slist_free_all(connect_to);
}

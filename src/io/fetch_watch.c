#include "io/fetch_watch.h"

#include <string.h>

static bool peer_of(struct lk_peer *peer, CURL *easy, CURLINFO address, CURLINFO port)
{
    const char *text = NULL;
    long number = 0;

    if (curl_easy_getinfo(easy, address, &text) != CURLE_OK || text == NULL ||
        curl_easy_getinfo(easy, port, &number) != CURLE_OK || number < 0 || number > UINT16_MAX)
        return false;
    peer->port = (uint16_t)number;
    return lk_address_parse(&peer->address, text) == LK_OK;
}

static void tell(struct lk_fetch_watch *watch)
{
    struct lk_span message = lk_span_of(watch->octets, watch->len);
    struct lk_peer own, other;

    if (watch->len > 0 && !watch->lost &&
        peer_of(&own, watch->easy, CURLINFO_LOCAL_IP, CURLINFO_LOCAL_PORT) &&
        peer_of(&other, watch->easy, CURLINFO_PRIMARY_IP, CURLINFO_PRIMARY_PORT))
        watch->to.on_message(watch->to.context, watch->out ? &own : &other,
                             watch->out ? &other : &own, message);
    watch->len = 0;
    watch->lost = false;
}

static bool is_whole_head(const struct lk_fetch_watch *watch)
{
    return watch->len >= 4 && lk_span_equal(lk_span_of(watch->octets + watch->len - 4, 4),
                                            lk_span_text("\r\n\r\n"));
}

static int on_octets(CURL *easy, curl_infotype type, char *octets, size_t len, void *context)
{
    struct lk_fetch_watch *watch = context;
    bool out = type == CURLINFO_HEADER_OUT;

    (void)easy;
    if (!out && type != CURLINFO_HEADER_IN && type != CURLINFO_DATA_IN)
        return 0;
    if (watch->out != out)
        tell(watch);
    watch->out = out;
    watch->lost = watch->lost || len > sizeof watch->octets - watch->len;
    if (!watch->lost) {
        memcpy(watch->octets + watch->len, octets, len);
        watch->len += len;
    }
    if (out && is_whole_head(watch))
        tell(watch); /* now, and not when the answer comes */
    return 0;
}

bool lk_fetch_watch_begin(struct lk_fetch_watch *watch, CURL *easy,
                          const struct lk_http_watch *to)
{
    watch->to = *to;
    watch->easy = easy;
    watch->len = 0;
    watch->out = watch->lost = false;
    return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_octets) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DEBUGDATA, watch) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) == CURLE_OK;
}

void lk_fetch_watch_end(struct lk_fetch_watch *watch)
{
    tell(watch);
}

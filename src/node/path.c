#include "node/path.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

static bool spend(struct lk_path *path, uint64_t now_ms)
{
    if (now_ms - path->spent_ms >= LK_PATH_RENEW_MS)
        path->spent = path->spent_there = 0;
    if (path->spent == 0)
        path->spent_ms = now_ms;
    if (path->spent >= LK_PATH_ALLOWANCE)
        return false;
    path->spent++;
    return true;
}

/* What was told is asked again now and then: a question, or its answer, may have been lost. */
static bool may_ask(struct lk_path *path, uint16_t port, uint64_t now_ms)
{
    bool spends = spend(path, now_ms);

    if (!spends && (port != path->told || now_ms - path->asked_ms < LK_PATH_AGAIN_MS))
        return false;
    if (path->tried != port)
        path->spent_there = 0;
    path->tried = port;
    path->spent_there += spends;
    path->asked_ms = now_ms;
    return true;
}

void lk_path_anew(struct lk_path *path, bool waits)
{
    *path = (struct lk_path){ .waits = waits, .spent = path->spent, .spent_ms = path->spent_ms,
                              .asked_ms = path->asked_ms };
}

enum lk_path_verdict lk_path_seen(struct lk_path *path, uint16_t port, uint64_t now_ms)
{
    if (port == 0 || path->waits || (path->told != 0 && port != path->told))
        return LK_PATH_STRANGER;
    if (port == path->port)
        return LK_PATH_PROVEN;
    /* What was asked stays asked when the allowance is over: the true answer may be on its way. */
    if (may_ask(path, port, now_ms))
        return LK_PATH_ASK;
    if (path->spent > LK_PATH_ALLOWANCE)
        return LK_PATH_SILENT;
    path->spent++;
    return LK_PATH_REFUSED;
}

enum lk_path_verdict lk_path_told(struct lk_path *path, uint16_t port, uint64_t now_ms)
{
    path->waits = false;
    if (port != path->told && port != 0) {
        path->tried = 0;
        if (port != path->port)
            path->port = 0;
    }
    path->told = port;
    return port == 0 ? LK_PATH_SILENT : lk_path_seen(path, port, now_ms);
}

uint16_t lk_path_to(struct lk_path *path, uint64_t now_ms)
{
    if (path->port != 0 || path->told != 0)
        return path->port;
    if (path->tried == 0 || !spend(path, now_ms))
        return 0;
    path->spent_there++;
    return path->tried;
}

static void token_make(struct lk_path_token *token, const struct lk_path_key *key,
                       const char *what, struct lk_span of)
{
    struct lk_span parts[] = { lk_span_text(what), of };
    uint8_t mac[LK_SHA256_LEN];

    lk_hmac_sha256(mac, LK_SPAN(key->octets), parts, 2);
    memcpy(token->octets, mac, sizeof token->octets);
    lk_wipe(mac, sizeof mac);
}

void lk_path_ask(struct lk_path_token *token, const struct lk_path_key *key,
                 const struct lk_path_owner *owner, uint16_t port)
{
    uint8_t place[8 + LK_ADDRESS_LEN + 2];
    struct lk_writer w = lk_writer_of(place, sizeof place);

    lk_put_be64(&w, owner->number);
    lk_put_octets(&w, owner->address->octets, LK_ADDRESS_LEN);
    lk_put_be16(&w, port);
    token_make(token, key, "latchkey path", lk_writer_span(&w));
}

void lk_path_answer(struct lk_path_token *answer, const struct lk_path_key *word,
                    struct lk_span token)
{
    token_make(answer, word, "latchkey path answer", token);
}

bool lk_path_answered(struct lk_path *path, const struct lk_path_key *key,
                      const struct lk_path_owner *owner, uint16_t port, struct lk_span token)
{
    struct lk_path_token asked, wanted;
    bool same;

    /* Cheap things first: nobody was asked there, so nothing can come back. */
    if (port == 0 || port != path->tried || token.len != sizeof wanted.octets)
        return false;
    lk_path_ask(&asked, key, owner, port);
    wanted = asked;
    if (owner->word != NULL)
        lk_path_answer(&wanted, owner->word, LK_SPAN(asked.octets));
    same = lk_same_secret(wanted.octets, token.at, sizeof wanted.octets);
    lk_wipe(&asked, sizeof asked);
    lk_wipe(&wanted, sizeof wanted);
    if (same) {
        if (path->spent > LK_PATH_ALLOWANCE)
            path->spent = LK_PATH_ALLOWANCE;
        path->spent -= path->spent_there;
        path->spent_there = 0;
        path->port = port;
        path->tried = 0;
    }
    return same;
}

#include "node/path.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

static bool spend(struct lk_path *path, uint64_t now_ms)
{
    if (now_ms - path->spent_ms >= LK_PATH_RENEW_MS)
        path->spent = 0;
    if (path->spent == 0)
        path->spent_ms = now_ms;
    if (path->spent >= LK_PATH_ALLOWANCE)
        return false;
    path->spent++;
    return true;
}

enum lk_path_verdict lk_path_seen(struct lk_path *path, uint16_t port, uint64_t now_ms)
{
    if (port == 0 || path->waits || (path->told != 0 && port != path->told))
        return LK_PATH_STRANGER;
    if (port == path->port)
        return LK_PATH_PROVEN;
    /* What was asked stays asked when the allowance is over: the true answer may be on its way. */
    if (spend(path, now_ms)) {
        path->tried = port;
        return LK_PATH_ASK;
    }
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
    return path->tried != 0 && spend(path, now_ms) ? path->tried : 0;
}

void lk_path_ask(struct lk_path_token *token, const struct lk_path_key *key,
                 const struct lk_path_owner *owner, uint16_t port)
{
    uint8_t place[8 + LK_ADDRESS_LEN + 2], mac[LK_SHA256_LEN];
    struct lk_writer w = lk_writer_of(place, sizeof place);
    struct lk_span parts[2];

    lk_put_be64(&w, owner->number);
    lk_put_octets(&w, owner->address->octets, LK_ADDRESS_LEN);
    lk_put_be16(&w, port);
    parts[0] = lk_span_text("latchkey path");
    parts[1] = lk_writer_span(&w);
    lk_hmac_sha256(mac, LK_SPAN(key->octets), parts, 2);
    memcpy(token->octets, mac, sizeof token->octets);
    lk_wipe(mac, sizeof mac);
}

bool lk_path_answered(struct lk_path *path, const struct lk_path_key *key,
                      const struct lk_path_owner *owner, uint16_t port, struct lk_span token)
{
    struct lk_path_token wanted;
    bool same;

    /* Cheap things first: nobody was asked there, so nothing can come back. */
    if (port == 0 || port != path->tried || token.len != sizeof wanted.octets)
        return false;
    lk_path_ask(&wanted, key, owner, port);
    same = lk_same_secret(wanted.octets, token.at, sizeof wanted.octets);
    lk_wipe(&wanted, sizeof wanted);
    if (same) {
        path->port = port;
        path->tried = 0;
    }
    return same;
}

#include "role/af_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"

enum { KEYS_MAX = 1000 };

static bool take_line(struct lk_af_operator_key *key, char *line)
{
    char *rest = line, *id, *source, *hex, *subscriber;
    size_t len = 0;

    lk_wipe(key, sizeof *key);
    if ((id = strchr(line, '#')) != NULL)
        *id = '\0';
    id = strtok_r(line, " \t\r", &rest);
    if (id == NULL)
        return true;
    source = strtok_r(NULL, " \t\r", &rest);
    hex = strtok_r(NULL, " \t\r", &rest);
    subscriber = strtok_r(NULL, " \t\r", &rest);
    if (hex == NULL || strlen(id) >= sizeof key->key_id ||
        (subscriber != NULL && lk_af_subscriber_read(&key->subscriber, subscriber) != LK_OK))
        return false;
    key->source = strcmp(source, "ks-naf") == 0 ? LK_E2E_KS_NAF
                  : strcmp(source, "k-af") == 0 ? LK_E2E_K_AF
                                                : LK_E2E_NO_OPERATOR_KEY;
    (void)snprintf(key->key_id, sizeof key->key_id, "%s", id);
    return key->source != LK_E2E_NO_OPERATOR_KEY &&
           lk_hex_decode(key->key, sizeof key->key, &len, lk_span_text(hex)) == LK_OK &&
           len == sizeof key->key;
}

/* Not beyond the last place: a key that is left out would be nobody's. */
static bool add(struct lk_af_keys *keys, const struct lk_af_operator_key *key)
{
    if (key->key_id[0] == '\0')
        return true;
    if (keys->count == KEYS_MAX)
        return false;
    keys->at[keys->count++] = *key;
    return true;
}

enum lk_status lk_af_keys_read(struct lk_af_keys *keys, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_af_operator_key key;
    struct lk_file_text text;
    enum lk_status status;
    unsigned number = 0;
    bool good = true;
    char *rest;

    if (path[0] == '\0')
        return LK_OK;
    status = lk_af_file_read(&text, path, error);
    if (status != LK_OK)
        return status;
    keys->at = calloc(KEYS_MAX, sizeof *keys->at);
    rest = (char *)text.octets;
    for (; keys->at != NULL && good && rest != NULL; number++)
        good = take_line(&key, strsep(&rest, "\n")) && add(keys, &key);
    lk_wipe(&key, sizeof key);
    lk_file_text_close(&text);
    if (keys->at != NULL && good)
        return LK_OK;
    (void)snprintf(error, LK_AF_USERS_ERROR_TEXT,
                   "%.400s:%u: expected KEY-ID ks-naf|k-af HEX [IMSI or IMPI], and at most "
                   "%d keys", path, number, KEYS_MAX);
    return LK_E_VALUE;
}

void lk_af_keys_free(struct lk_af_keys *keys)
{
    if (keys->at != NULL)
        lk_wipe(keys->at, KEYS_MAX * sizeof *keys->at);
    free(keys->at);
    *keys = (struct lk_af_keys){ .at = NULL };
}

const struct lk_af_operator_key *lk_af_keys_find(const struct lk_af_keys *keys,
                                                 enum lk_e2e_source source, const char *key_id)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].source == source && strcmp(keys->at[i].key_id, key_id) == 0)
            return &keys->at[i];
    return NULL;
}

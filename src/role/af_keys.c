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
        (subscriber != NULL && strlen(subscriber) >= sizeof key->subscriber))
        return false;
    key->source = strcmp(source, "ks-naf") == 0 ? LK_E2E_KS_NAF
                  : strcmp(source, "k-af") == 0 ? LK_E2E_K_AF
                                                : LK_E2E_NO_OPERATOR_KEY;
    (void)snprintf(key->key_id, sizeof key->key_id, "%s", id);
    if (subscriber != NULL)
        (void)snprintf(key->subscriber, sizeof key->subscriber, "%s", subscriber);
    return key->source != LK_E2E_NO_OPERATOR_KEY &&
           lk_hex_decode(key->key, sizeof key->key, &len, lk_span_text(hex)) == LK_OK &&
           len == sizeof key->key;
}

enum lk_status lk_af_keys_read(struct lk_af_keys *keys, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    enum lk_status status;
    char *text, *rest;
    bool good = true;
    size_t len;

    if (path[0] == '\0')
        return LK_OK;
    status = lk_af_file_read(&text, &len, path, error);
    if (status != LK_OK)
        return status;
    keys->at = calloc(KEYS_MAX, sizeof *keys->at);
    rest = text;
    while (keys->at != NULL && good && rest != NULL && keys->count < KEYS_MAX) {
        good = take_line(&keys->at[keys->count], strsep(&rest, "\n"));
        keys->count += good && keys->at[keys->count].key_id[0] != '\0' ? 1 : 0;
    }
    lk_wipe(text, len);
    free(text);
    if (keys->at != NULL && good)
        return LK_OK;
    (void)snprintf(error, LK_AF_USERS_ERROR_TEXT,
                   "%.500s: expected lines KEY-ID ks-naf|k-af HEX [IMPI]", path);
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

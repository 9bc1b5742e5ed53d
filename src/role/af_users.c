#include "role/af_users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/crypto.h"

enum { FILE_MAX = 4 << 20 };

/* ---- a secret file ---- */

static enum lk_status fail(enum lk_status status, char error[LK_AF_USERS_ERROR_TEXT],
                           const char *path, const char *why)
{
    (void)snprintf(error, LK_AF_USERS_ERROR_TEXT, "%.500s: %.120s", path, why);
    return status;
}

enum lk_status lk_af_file_read(struct lk_file_text *text, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    char why[LK_FILE_WHY];
    enum lk_status status = lk_file_private_read(text, path, FILE_MAX, why);

    return status == LK_OK ? LK_OK : fail(status, error, path, why);
}

/* ---- users ---- */

enum lk_status lk_af_subscriber_read(struct lk_imsi *subscriber, const char *text)
{
    return lk_imsi_parse(subscriber, lk_span_of((const uint8_t *)text, strcspn(text, "@"))) == LK_OK
               ? LK_OK
               : LK_E_VALUE;
}

/* What is wrong with it; NULL: nothing. */
static const char *take_word(struct lk_af_user *user, const char *word)
{
    size_t len;

    if (strncmp(word, "p=", 2) == 0)
        return lk_hex_decode(user->p, sizeof user->p, &user->p_len, lk_span_text(word + 2)) ==
                               LK_OK &&
                           user->p_len >= LK_E2E_APP_KEY_MIN
                   ? NULL
                   : "expected 64 to 128 hexadecimal digits behind p=";
    if (strncmp(word, "key=", 4) == 0) {
        user->has_key = true;
        return lk_hex_decode(user->key, sizeof user->key, &len, lk_span_text(word + 4)) == LK_OK &&
                       len == sizeof user->key
                   ? NULL
                   : "expected 64 hexadecimal digits behind key=";
    }
    if (strncmp(word, "n=", 2) != 0)
        return "expected p=HEX, key=HEX, n=IMSI behind the identity, and nothing else";
    return lk_af_subscriber_read(&user->subscriber, word + 2) == LK_OK
               ? NULL
               : "expected 6 to 15 digits, or an IMPI with these, behind n=";
}

/* The same; "": no user is on it. */
static const char *take_line(struct lk_af_user *user, char *line)
{
    const char *why = NULL;
    char *rest = line, *word;

    lk_wipe(user, sizeof *user);
    if ((word = strchr(line, '#')) != NULL)
        *word = '\0';
    word = strtok_r(line, " \t\r", &rest);
    if (word == NULL)
        return NULL;
    if (strlen(word) >= sizeof user->identity)
        return "expected an identity of at most 128 octets";
    (void)snprintf(user->identity, sizeof user->identity, "%s", word);
    while (why == NULL && (word = strtok_r(NULL, " \t\r", &rest)) != NULL)
        why = take_word(user, word);
    if (why == NULL && user->p_len == 0 && !user->has_key && user->subscriber.digits[0] == '\0')
        return "expected p=HEX, key=HEX or n=IMSI behind the identity, found none";
    return why;
}

static const char *add(struct lk_af_users *users, const struct lk_af_user *user)
{
    if (user->identity[0] == '\0')
        return NULL;
    if (lk_af_users_find(users, user->identity) != NULL)
        return "expected an identity that is on no line above";
    if (users->count == LK_AF_USERS_MAX)
        return "expected at most 10000 users";
    users->at[users->count++] = *user;
    return NULL;
}

static size_t lines_of(const char *text)
{
    size_t lines = 1;

    for (; *text != '\0'; text++)
        lines += *text == '\n' ? 1 : 0;
    return lines < LK_AF_USERS_MAX ? lines : LK_AF_USERS_MAX;
}

static void keep_handed(struct lk_af_users *fresh, const struct lk_af_users *old)
{
    for (size_t i = 0; i < old->count; i++) {
        struct lk_af_user *now = lk_af_users_find(fresh, old->at[i].identity);

        if (!old->at[i].handed || now == NULL || now->p_len > 0)
            continue;
        memcpy(now->p, old->at[i].p, sizeof now->p);
        now->p_len = old->at[i].p_len;
        now->handed = true;
    }
}

/* Those of good lines, and what is wrong with the first other one. */
static enum lk_status take_all(struct lk_af_users *users, char *text, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    enum lk_status status = LK_OK;
    struct lk_af_user user;
    unsigned number = 0;
    char *rest = text;

    users->at = calloc(lines_of(text), sizeof *users->at);
    if (users->at == NULL)
        return fail(LK_E_FULL, error, path, "no memory");
    while (rest != NULL) {
        const char *why = take_line(&user, strsep(&rest, "\n"));

        number++;
        if (why == NULL)
            why = add(users, &user);
        if (why == NULL || status != LK_OK)
            continue;
        status = LK_E_VALUE;
        (void)snprintf(error, LK_AF_USERS_ERROR_TEXT, "%.500s:%u: %.100s", path, number, why);
    }
    lk_wipe(&user, sizeof user);
    return status;
}

/* Closes text. */
static enum lk_status replace(struct lk_af_users *users, struct lk_file_text *text,
                              const char *path, char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_af_users fresh = { .at = NULL };
    enum lk_status status = take_all(&fresh, (char *)text->octets, path, error);

    lk_file_text_close(text);
    if (status != LK_OK && (status != LK_E_VALUE || users->count > 0)) {
        lk_af_users_free(&fresh);
        return status;
    }
    keep_handed(&fresh, users);
    lk_af_users_free(users);
    *users = fresh;
    return status;
}

enum lk_status lk_af_users_read(struct lk_af_users *users, const char *path,
                                char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_file_text text;
    enum lk_status status;

    if (path[0] == '\0')
        return LK_OK;
    status = lk_af_file_read(&text, path, error);
    if (status == LK_E_NOT_FOUND)
        lk_af_users_free(users);
    return status == LK_OK ? replace(users, &text, path, error) : status;
}

enum lk_status lk_af_users_take(struct lk_af_users *users, int fd, const char *path,
                                char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    enum lk_status status;

    if (path[0] == '\0')
        return LK_OK;
    if (fd < 0) {
        lk_af_users_free(users);
        return fail(LK_E_NOT_FOUND, error, path, "No such file or directory");
    }
    status = lk_file_private_take(&text, fd, FILE_MAX, why);
    return status == LK_OK ? replace(users, &text, path, error) : fail(status, error, path, why);
}

void lk_af_users_folder(char folder[LK_CONFIG_FILE], const char *path)
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(folder, LK_CONFIG_FILE, "%.*s", slash == NULL ? 1 : (int)(slash - path),
                   slash == NULL ? "." : path);
}

void lk_af_users_free(struct lk_af_users *users)
{
    if (users->at != NULL)
        lk_wipe(users->at, users->count * sizeof *users->at);
    free(users->at);
    *users = (struct lk_af_users){ .at = NULL };
}

struct lk_af_user *lk_af_users_find(const struct lk_af_users *users, const char *identity)
{
    for (size_t i = 0; i < users->count; i++)
        if (strcmp(users->at[i].identity, identity) == 0)
            return &users->at[i];
    return NULL;
}

bool lk_af_users_judge(const struct lk_af_user **user, const struct lk_af_users *users,
                       const struct lk_e2e_peer *peer)
{
    const bool p = (peer->with & LK_E2E_NEEDS_P) != 0;
    const bool key = (peer->with & LK_E2E_NEEDS_CLIENT_KEY) != 0;
    const struct lk_af_user *who = lk_af_users_find(users, peer->identity);

    *user = who;
    if (who == NULL)
        return peer->identity[0] == '\0' && !p && !key;
    if ((p && who->p_len == 0) ||
        (key && (!who->has_key || !lk_same_secret(who->key, peer->client_key, sizeof who->key))))
        return false;
    return p || key || who->subscriber.digits[0] != '\0';
}

void lk_af_users_row(uint8_t row[LK_E2E_KEY_LEN], const struct lk_af_user *user)
{
    static const struct lk_af_user nobody;
    const struct lk_af_user *of = user != NULL ? user : &nobody;
    const uint8_t lengths[] = { (uint8_t)of->p_len, of->has_key ? 1 : 0 };
    const struct lk_span parts[] = {
        lk_span_text("latchkey-af-row-1"), LK_SPAN(lengths), lk_span_of(of->p, of->p_len),
        LK_SPAN(of->key), lk_span_text(of->subscriber.digits),
    };

    lk_sha256(row, parts, LK_COUNT_OF(parts));
}

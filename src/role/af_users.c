#include "role/af_users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"

enum { FILE_MAX = 4 << 20 };

/* ---- a secret file ---- */

static enum lk_status fail(enum lk_status status, char error[LK_AF_USERS_ERROR_TEXT],
                           const char *path, const char *why)
{
    (void)snprintf(error, LK_AF_USERS_ERROR_TEXT, "%.500s: %.120s", path, why);
    return status;
}

static enum lk_status read_all(char *text, size_t len, int fd)
{
    while (len > 0) {
        ssize_t got = read(fd, text, len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return LK_E_SYSTEM;
        text += got;
        len -= (size_t)got;
    }
    return LK_OK;
}

enum lk_status lk_af_file_read(char **text, size_t *len, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum lk_status status = LK_E_SYSTEM;
    struct stat about;

    if (fd < 0)
        return fail(errno == ENOENT ? LK_E_NOT_FOUND : LK_E_SYSTEM, error, path, strerror(errno));
    if (fstat(fd, &about) != 0) {
        status = fail(status, error, path, strerror(errno));
    } else if ((about.st_mode & 077) != 0) {
        status = fail(LK_E_DENIED, error, path, "others may read it; chmod 600 it");
    } else if (about.st_size > FILE_MAX || (*text = malloc((size_t)about.st_size + 1)) == NULL) {
        status = fail(LK_E_FULL, error, path, "it is too long");
    } else {
        *len = (size_t)about.st_size;
        (*text)[*len] = '\0';
        status = read_all(*text, *len, fd);
        if (status != LK_OK) {
            lk_wipe(*text, *len);
            free(*text);
            (void)fail(status, error, path, "it cannot be read");
        }
    }
    (void)close(fd);
    return status;
}

/* ---- users ---- */

static bool take_hex(uint8_t *to, size_t least, size_t most, size_t *len, const char *text)
{
    return lk_hex_decode(to, most, len, lk_span_text(text)) == LK_OK && *len >= least;
}

static bool take_word(struct lk_af_user *user, const char *word)
{
    size_t len;

    if (strncmp(word, "p=", 2) == 0)
        return take_hex(user->p, LK_E2E_APP_KEY_MIN, sizeof user->p, &user->p_len, word + 2);
    if (strncmp(word, "key=", 4) == 0) {
        user->has_key = true;
        return take_hex(user->key, sizeof user->key, sizeof user->key, &len, word + 4);
    }
    if (strncmp(word, "n=", 2) != 0 || word[2] == '\0' ||
        strlen(word + 2) >= sizeof user->subscriber)
        return false;
    (void)snprintf(user->subscriber, sizeof user->subscriber, "%s", word + 2);
    return true;
}

/* "": no user is on it. */
static bool take_line(struct lk_af_user *user, char *line)
{
    char *rest = line, *word;
    bool good = true;

    lk_wipe(user, sizeof *user);
    if ((word = strchr(line, '#')) != NULL)
        *word = '\0';
    word = strtok_r(line, " \t\r", &rest);
    if (word == NULL)
        return true;
    if (strlen(word) >= sizeof user->identity)
        return false;
    (void)snprintf(user->identity, sizeof user->identity, "%s", word);
    while (good && (word = strtok_r(NULL, " \t\r", &rest)) != NULL)
        good = take_word(user, word);
    return good && (user->p_len > 0 || user->has_key || user->subscriber[0] != '\0');
}

static bool add(struct lk_af_users *users, const struct lk_af_user *user)
{
    if (user->identity[0] == '\0')
        return true;
    if (lk_af_users_find(users, user->identity) != NULL || users->count == LK_AF_USERS_MAX)
        return false;
    users->at[users->count++] = *user;
    return true;
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

static enum lk_status take_all(struct lk_af_users *users, char *text, const char *path,
                               char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_af_user user;
    unsigned number = 0;
    bool good = true;
    char *rest = text;
    char what[120];

    users->at = calloc(lines_of(text), sizeof *users->at);
    if (users->at == NULL)
        return fail(LK_E_FULL, error, path, "no memory");
    while (good && rest != NULL) {
        char *line = strsep(&rest, "\n");

        number++;
        good = take_line(&user, line) && add(users, &user);
    }
    lk_wipe(&user, sizeof user);
    if (good)
        return LK_OK;
    (void)snprintf(what, sizeof what, "line %u: expected an identity that is not there yet, and of "
                                      "p=HEX, key=HEX, n=IMPI at least one", number);
    return fail(LK_E_VALUE, error, path, what);
}

enum lk_status lk_af_users_read(struct lk_af_users *users, const char *path,
                                char error[LK_AF_USERS_ERROR_TEXT])
{
    struct lk_af_users fresh = { .at = NULL };
    enum lk_status status;
    char *text;
    size_t len;

    if (path[0] == '\0')
        return LK_OK;
    status = lk_af_file_read(&text, &len, path, error);
    if (status != LK_OK)
        return status;
    status = take_all(&fresh, text, path, error);
    lk_wipe(text, len);
    free(text);
    if (status != LK_OK) {
        lk_af_users_free(&fresh);
        return status;
    }
    keep_handed(&fresh, users);
    lk_af_users_free(users);
    *users = fresh;
    return LK_OK;
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
    return p || key || who->subscriber[0] != '\0';
}

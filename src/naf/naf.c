/* A struct lk_naf begins and ends. What it does is in digest.c and psk.c (Ua), zn.c and https.c
 * (Zn), keys.c (what is kept). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/host.h"
#include "base/secret.h"
#include "naf/parts.h"

enum { NONCE_S = 300, NONCE_S_MAX = 86400, USERS = 4096, USERS_MAX = 1 << 24, QUESTIONS = 50,
       QUESTIONS_MAX = 100000, TIMEOUT_MS = 5000, TIMEOUT_MS_MAX = 60000 };

static uint64_t clock_of(clockid_t which)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(which, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t clock_s(void)
{
    return clock_of(CLOCK_REALTIME) / 1000;
}

static uint64_t ticks_ms(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

/* ---- the setup ---- */

static bool wrong(char error[LK_NAF_ERROR], const char *what, const char *text, const char *fix)
{
    (void)snprintf(error, LK_NAF_ERROR, "%s %.100s: %s", what, text == NULL ? "(none)" : text,
                   fix);
    return false;
}

/* It is within quotes of HTTP, and is compared to the letter. */
static bool set_name(struct lk_naf *naf, const char *name, char error[LK_NAF_ERROR])
{
    if (name == NULL || !lk_host_is_name(name) || strlen(name) > LK_FQDN_MAX)
        return wrong(error, "name", name,
                     "expected the FQDN that is in our certificate, as naf.example");
    memcpy(naf->name, name, strlen(name) + 1);
    naf->ua.fqdn = lk_span_text(naf->name);
    return true;
}

static bool set_bsf(struct lk_naf *naf, const struct lk_naf_setup *setup,
                    char error[LK_NAF_ERROR])
{
    const char *address = setup->bsf_address;
    const bool is_v6 = address != NULL && strchr(address, ':') != NULL;

    if (setup->bsf == NULL || strncmp(setup->bsf, "https://", 8) != 0 ||
        strpbrk(setup->bsf + 8, "/@?#") != NULL ||
        snprintf(naf->url, sizeof naf->url, "%s/zn/bir", setup->bsf) >= (int)sizeof naf->url)
        return wrong(error, "bsf", setup->bsf,
                     "expected https://, its name and port, as https://bsf.example:8443");
    if (address != NULL &&
        snprintf(naf->connect_to, sizeof naf->connect_to, "::%s%s%s", is_v6 ? "[" : "", address,
                 is_v6 ? "]:" : ":") >= (int)sizeof naf->connect_to)
        return wrong(error, "bsf_address", address, "expected an address");
    return true;
}

static bool set_file(char to[LK_NAF_FILE], const char *what, const char *path,
                     char error[LK_NAF_ERROR])
{
    struct stat about;

    if (path == NULL || path[0] == '\0' || strlen(path) >= LK_NAF_FILE)
        return wrong(error, what, path, "expected the path of a PEM file");
    /* libcurl would wait for a FIFO's writer. */
    if (access(path, R_OK) != 0 || stat(path, &about) != 0)
        return wrong(error, what, path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return wrong(error, what, path, "expected a regular file");
    memcpy(to, path, strlen(path) + 1);
    return true;
}

static bool set_number(unsigned *to, const char *what, unsigned wanted, unsigned otherwise,
                       unsigned most, char error[LK_NAF_ERROR])
{
    char text[16];

    *to = wanted == 0 ? otherwise : wanted;
    if (*to <= most)
        return true;
    (void)snprintf(text, sizeof text, "%u", wanted);
    return wrong(error, what, text, "is too much");
}

static bool set_up(struct lk_naf *naf, unsigned *users, const struct lk_naf_setup *setup,
                   char error[LK_NAF_ERROR])
{
    unsigned nonce_s;

    if (!set_name(naf, setup->name, error) || !set_bsf(naf, setup, error) ||
        !set_file(naf->certificate, "certificate", setup->certificate, error) ||
        !set_file(naf->key, "key", setup->key, error) ||
        !set_file(naf->ca, "ca", setup->ca, error) ||
        !set_number(&nonce_s, "nonce_s", setup->nonce_s, NONCE_S, NONCE_S_MAX, error) ||
        !set_number(users, "users", setup->users, USERS, USERS_MAX, error) ||
        !set_number(&naf->questions, "questions", setup->questions, QUESTIONS, QUESTIONS_MAX,
                    error) ||
        !set_number(&naf->timeout_ms, "timeout_ms", setup->timeout_ms, TIMEOUT_MS, TIMEOUT_MS_MAX,
                    error))
        return false;
    naf->ua.nonce_ms = (uint64_t)nonce_s * 1000;
    naf->ua.integrity = setup->integrity;
    naf->ua.hashes = (setup->algorithms & LK_NAF_MD5 ? 1u << LK_DIGEST_MD5 : 0) |
                     (setup->algorithms & LK_NAF_SHA256 ? 1u << LK_DIGEST_SHA256 : 0);
    if (setup->algorithms == 0)
        naf->ua.hashes = 1u << LK_DIGEST_MD5 | 1u << LK_DIGEST_SHA256;
    naf->never_wait = setup->never_wait;
    return naf->ua.hashes != 0 || wrong(error, "algorithms", "", "expected LK_NAF_MD5, "
                                        "LK_NAF_SHA256 or both");
}

/* ---- beginning and end ---- */

static bool begin(struct lk_naf *naf, unsigned users, char error[LK_NAF_ERROR])
{
    uint64_t random[2];

    naf->ask = lk_naf_https_ask;
    naf->clock_s = clock_s;
    naf->ticks_ms = ticks_ms;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random ||
        getrandom(naf->ua.nonce_key, sizeof naf->ua.nonce_key, 0) !=
            (ssize_t)sizeof naf->ua.nonce_key)
        return wrong(error, "random", "", "the system has none");
    if (!lk_naf_keys_begin(&naf->keys, users, random) || !lk_naf_https_begin(naf))
        return wrong(error, "users", "", "no memory for so many, or for libcurl");
    return true;
}

struct lk_naf *lk_naf_new(const struct lk_naf_setup *setup, char error[LK_NAF_ERROR])
{
    struct lk_naf *naf = calloc(1, sizeof *naf);
    unsigned users;

    error[0] = '\0';
    if (naf == NULL) {
        (void)wrong(error, "memory", "", "there is none");
        return NULL;
    }
    (void)pthread_mutex_init(&naf->lock, NULL);
    if (set_up(naf, &users, setup, error) && begin(naf, users, error))
        return naf;
    lk_naf_free(naf);
    return NULL;
}

void lk_naf_free(struct lk_naf *naf)
{
    if (naf == NULL)
        return;
    lk_naf_https_end(naf);
    lk_naf_keys_end(&naf->keys);
    (void)pthread_mutex_destroy(&naf->lock);
    lk_wipe(naf, sizeof *naf);
    free(naf);
}

/* ---- about all users ---- */

void lk_naf_forget(struct lk_naf *naf, const char *b_tid)
{
    (void)pthread_mutex_lock(&naf->lock);
    lk_naf_keys_forget(&naf->keys, b_tid);
    (void)pthread_mutex_unlock(&naf->lock);
}

void lk_naf_count(struct lk_naf *naf, struct lk_naf_counts *counts)
{
    (void)pthread_mutex_lock(&naf->lock);
    lk_naf_keys_sweep(&naf->keys, naf->clock_s(), LK_NAF_SWEPT_COUNT);
    *counts = naf->counts;
    counts->users = naf->keys.count;
    (void)pthread_mutex_unlock(&naf->lock);
}

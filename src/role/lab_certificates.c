#include "role/lab_certificates.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/apart.h"

enum { PATH = LK_CERTIFICATE_PATH, DAYS = LK_CERTIFICATE_DAYS };

/* dir and name of DIR/NAME.crt. False: they lie otherwise. */
static bool place_of(char dir[PATH], char name[PATH], const struct lk_stream_files *files)
{
    static const char ending[] = ".crt";
    const char *slash = strrchr(files->certificate, '/');
    char file[PATH + sizeof "/ca.crt"];
    size_t len = slash == NULL ? 0 : strlen(slash + 1);

    if (len <= sizeof ending - 1 || strcmp(slash + 1 + len - (sizeof ending - 1), ending) != 0 ||
        strlen(files->certificate) >= PATH)
        return false;
    (void)snprintf(dir, PATH, "%.*s", (int)(slash - files->certificate), files->certificate);
    (void)snprintf(name, PATH, "%.*s", (int)(len - (sizeof ending - 1)), slash + 1);
    (void)snprintf(file, sizeof file, "%s/ca.crt", dir);
    if (strcmp(file, files->ca) != 0)
        return false;
    (void)snprintf(file, sizeof file, "%.*s.key", (int)(strlen(files->certificate) - 4),
                   files->certificate);
    return strcmp(file, files->key) == 0;
}

/* The start will make them, so that nobody has to have them before. */
static bool are_made(const struct lk_config *config, const struct lk_stream_files *files)
{
    char dir[PATH], name[PATH];

    return config->laboratory && files->certificate[0] != '\0' &&
           access(files->certificate, F_OK) != 0 && place_of(dir, name, files);
}

bool lk_lab_tls_fits(const struct lk_process_kind *kind, const struct lk_config *config,
                     char unfit[LK_KIND_UNFIT_TEXT])
{
    struct lk_kind_tls tls;
    bool fits = true;

    for (size_t i = 0; fits && kind->tls != NULL && kind->tls(&tls, config, i); i++)
        fits = tls.files.certificate[0] == '\0' || are_made(config, &tls.files) ||
               lk_apart_tls_fits(config, tls.section, &tls.files, unfit);
    return fits;
}

static enum lk_status make_of(size_t *made, const struct lk_process_kind *kind,
                              const struct lk_config *config, int64_t now_s,
                              char error[LK_CERTIFICATE_ERROR_TEXT])
{
    char dir[PATH], name[PATH];
    struct lk_certificate_place place = { .dir = dir, .name = name, .now_s = now_s, .days = DAYS };
    enum lk_status status = LK_OK;
    struct lk_kind_tls tls;

    for (size_t i = 0; status == LK_OK && kind->tls != NULL && kind->tls(&tls, config, i); i++) {
        if (!are_made(config, &tls.files) || !place_of(dir, name, &tls.files))
            continue;
        memset(place.also, 0, sizeof place.also);
        if (kind->tls_also != NULL)
            kind->tls_also(place.also, config, i);
        status = lk_apart_certificate(&place, error);
        *made += status == LK_OK ? 1 : 0;
    }
    return status;
}

enum lk_status lk_lab_certificates(size_t *made, const struct lk_config *config, int64_t now_s,
                                   char error[LK_CERTIFICATE_ERROR_TEXT])
{
    enum lk_status status = LK_OK;

    *made = 0;
    for (size_t i = 0; status == LK_OK && i < lk_kind_count(); i++)
        if (lk_kind_runs(lk_kind_at(i), config))
            status = make_of(made, lk_kind_at(i), config, now_s, error);
    return status;
}

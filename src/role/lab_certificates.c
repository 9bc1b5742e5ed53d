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

bool lk_lab_makes(const struct lk_config *config, const struct lk_stream_files *files)
{
    char dir[PATH], name[PATH];

    return config->laboratory && files->certificate[0] != '\0' &&
           access(files->certificate, F_OK) != 0 && place_of(dir, name, files);
}

/* One after the other; false: there are no more. */
static bool files_at(struct lk_stream_files *files, const struct lk_config *config, size_t i)
{
    const size_t points = (config->roles & LK_ROLE_POS) != 0 ? config->pos.point_count : 0;
    const struct lk_config_bsf *bsf = &config->bsf;
    const struct lk_config_naf_role *naf = &config->naf;
    const struct lk_config_aanf *aanf = &config->aanf;
    const struct lk_config_ausf *ausf = &config->aaa.akma;
    const struct lk_config_af *af = &config->af;

    *files = (struct lk_stream_files){ "", "", "" };
    if (i < points) {
        const struct lk_config_point *point = &config->pos.points[i];

        *files = (struct lk_stream_files){ point->certificate, point->key, point->ca };
    } else if (i == points && (config->roles & LK_ROLE_BSF) != 0 && bsf->zn_port != 0) {
        *files = (struct lk_stream_files){ bsf->certificate, bsf->key, bsf->ca };
    } else if (i == points + 1 && (config->roles & LK_ROLE_NAF) != 0) {
        *files = (struct lk_stream_files){ naf->certificate, naf->key, naf->ca };
    } else if (i == points + 2 && (config->roles & LK_ROLE_AANF) != 0) {
        *files = (struct lk_stream_files){ aanf->certificate, aanf->key, aanf->ca };
    } else if (i == points + 3 && (config->roles & LK_ROLE_AAA) != 0 && ausf->aanf[0] != '\0') {
        *files = (struct lk_stream_files){ ausf->certificate, ausf->key, ausf->ca };
    } else if (i == points + 4 && (config->roles & LK_ROLE_AF) != 0) {
        *files = (struct lk_stream_files){ af->certificate, af->certificate_key, af->ca };
    }
    return i < points + 5;
}

enum lk_status lk_lab_certificates(size_t *made, const struct lk_config *config, int64_t now_s,
                                   char error[LK_CERTIFICATE_ERROR_TEXT])
{
    char dir[PATH], name[PATH];
    struct lk_certificate_place place = { .dir = dir, .name = name, .now_s = now_s, .days = DAYS };
    enum lk_status status = LK_OK;
    struct lk_stream_files files;

    *made = 0;
    for (size_t i = 0; status == LK_OK && files_at(&files, config, i); i++) {
        if (!lk_lab_makes(config, &files) || !place_of(dir, name, &files))
            continue;
        status = lk_apart_certificate(&place, error);
        *made += status == LK_OK ? 1 : 0;
    }
    return status;
}

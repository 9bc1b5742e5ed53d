#include "role/lab_certificates.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/apart.h"

enum { PATH = LK_CERTIFICATE_PATH, DAYS = LK_CERTIFICATE_DAYS };

/* dir and name of DIR/NAME.crt. False: the point's files lie otherwise. */
static bool place_of(char dir[PATH], char name[PATH], const struct lk_config_point *point)
{
    static const char ending[] = ".crt";
    const char *slash = strrchr(point->certificate, '/');
    char file[PATH + sizeof "/ca.crt"];
    size_t len = slash == NULL ? 0 : strlen(slash + 1);

    if (len <= sizeof ending - 1 || strcmp(slash + 1 + len - (sizeof ending - 1), ending) != 0 ||
        strlen(point->certificate) >= PATH)
        return false;
    (void)snprintf(dir, PATH, "%.*s", (int)(slash - point->certificate), point->certificate);
    (void)snprintf(name, PATH, "%.*s", (int)(len - (sizeof ending - 1)), slash + 1);
    (void)snprintf(file, sizeof file, "%s/ca.crt", dir);
    if (strcmp(file, point->ca) != 0)
        return false;
    (void)snprintf(file, sizeof file, "%.*s.key", (int)(strlen(point->certificate) - 4),
                   point->certificate);
    return strcmp(file, point->key) == 0;
}

bool lk_lab_makes(const struct lk_config *config, const struct lk_config_point *point)
{
    char dir[PATH], name[PATH];

    return config->laboratory && point->certificate[0] != '\0' &&
           access(point->certificate, F_OK) != 0 && place_of(dir, name, point);
}

enum lk_status lk_lab_certificates(size_t *made, const struct lk_config *config, int64_t now_s,
                                   char error[LK_CERTIFICATE_ERROR_TEXT])
{
    char dir[PATH], name[PATH];
    struct lk_certificate_place place = { .dir = dir, .name = name, .now_s = now_s, .days = DAYS };
    enum lk_status status = LK_OK;

    *made = 0;
    for (size_t i = 0; status == LK_OK && (config->roles & LK_ROLE_POS) != 0 &&
                       i < config->pos.point_count; i++) {
        const struct lk_config_point *point = &config->pos.points[i];

        if (!lk_lab_makes(config, point) || !place_of(dir, name, point))
            continue;
        status = lk_apart_certificate(&place, error);
        *made += status == LK_OK ? 1 : 0;
    }
    return status;
}

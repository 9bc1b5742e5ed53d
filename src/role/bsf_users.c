#include "role/bsf_users.h"

#include <string.h>

enum { FLAGS = 64 };

/* A number of decimal digits up to most; text moves on behind it. */
static bool read_number(uint64_t *number, const char **text, uint64_t most)
{
    const char *at = *text;

    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (uint64_t)(*at - '0');
        if (*number > most)
            return false;
    }
    if (at == *text)
        return false;
    *text = at;
    return true;
}

static bool read_service(struct lk_bsf_service *service, const char *text)
{
    uint64_t number;

    service->flags = 0;
    if (!read_number(&number, &text, UINT32_MAX))
        return false;
    service->id = (uint32_t)number;
    for (char before = ':'; *text != '\0'; before = ',') {
        if (*text++ != before || !read_number(&number, &text, FLAGS - 1))
            return false;
        service->flags |= UINT64_C(1) << number;
    }
    return true;
}

bool lk_bsf_services_read(struct lk_bsf_service service[LK_CONFIG_GAA_SERVICES],
                          const struct lk_config_bsf_user *user)
{
    for (size_t i = 0; i < user->service_count; i++) {
        if (!read_service(&service[i], user->services[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (service[j].id == service[i].id)
                return false;
    }
    return true;
}

const struct lk_config_bsf_user *lk_bsf_users_find(const struct lk_config_bsf *config,
                                                   const struct lk_imsi *imsi)
{
    for (size_t i = 0; i < config->user_count; i++)
        if (strcmp(config->users[i].imsi, imsi->digits) == 0)
            return &config->users[i];
    return NULL;
}

static bool lists(const struct lk_config_naf *naf, uint32_t id)
{
    for (size_t i = 0; i < naf->service_count; i++)
        if (naf->services[i] == id)
            return true;
    return false;
}

static json_t *flags_json(uint64_t flags)
{
    json_t *list = json_array();

    for (int i = 0; i < FLAGS; i++)
        if ((flags >> i & 1) != 0)
            (void)json_array_append_new(list, json_integer(i));
    return list;
}

/* spec: TS 33.220 4.5.3 - a NAF is given the settings of its own services, and no others. */
json_t *lk_bsf_users_settings(const struct lk_config_bsf_user *user,
                              const struct lk_config_naf *naf)
{
    struct lk_bsf_service service[LK_CONFIG_GAA_SERVICES];
    json_t *list;

    if (user == NULL || !lk_bsf_services_read(service, user))
        return NULL;
    list = json_array();
    for (size_t i = 0; i < user->service_count; i++)
        if (lists(naf, service[i].id))
            (void)json_array_append_new(list, json_pack("{s:I, s:o}", "id",
                                                        (json_int_t)service[i].id, "flags",
                                                        flags_json(service[i].flags)));
    if (json_array_size(list) > 0)
        return json_pack("{s:o}", "uss", list);
    json_decref(list);
    return NULL;
}

size_t lk_bsf_users_limits(struct lk_gba_bsf_limit limit[LK_CONFIG_BSF_USERS],
                           const struct lk_config_bsf *config)
{
    size_t count = 0;

    for (size_t i = 0; i < config->user_count; i++)
        if (config->users[i].lifetime_s != 0 &&
            lk_imsi_parse(&limit[count].imsi, lk_span_text(config->users[i].imsi)) == LK_OK)
            limit[count++].lifetime_s = config->users[i].lifetime_s;
    return count;
}

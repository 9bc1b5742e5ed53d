/* What keys of the device say about each other, and whether its card is one. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/imsi.h"
#include "base/secret.h"
#include "role/config_rows.h"

struct check {
    const struct lk_config_ue *ue;
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

/* Never shown. */
static void check_hex(const struct check *check, const char *key, const char *text, size_t least,
                      size_t most)
{
    uint8_t octets[LK_CONFIG_SECRET];
    size_t len = 0;
    bool is_one = lk_hex_decode(octets, sizeof octets, &len, lk_span_text(text)) == LK_OK &&
                  (len == least || len == most);

    lk_wipe(octets, sizeof octets);
    if (is_one)
        return;
    lk_config_problem_at(check->report, check->source, key,
                         "expected %zu hexadecimal digits%s, found %s; fix: write for example "
                         "%s: \"@/etc/latchkey/card.%s\", with a file that has them",
                         2 * least, most > least ? ", or 64" : "",
                         text[0] == '\0' ? "none" : "another (not shown)", strchr(key, '.') + 1,
                         strchr(key, '.') + 1);
}

static void check_card(const struct check *check)
{
    enum { MILENAGE = 16, TUAK_C = 32 };
    bool tuak = check->ue->algorithm == 1;
    struct lk_imsi imsi;

    if (lk_imsi_parse(&imsi, lk_span_text(check->ue->imsi)) != LK_OK)
        lk_config_problem_at(check->report, check->source, "ue.imsi",
                             "expected 6 to 15 digits, found '%s'; fix: write for example imsi: "
                             "\"001010000000001\"",
                             check->ue->imsi);
    check_hex(check, "ue.k", check->ue->k, MILENAGE, tuak ? TUAK_C : MILENAGE);
    check_hex(check, "ue.opc", check->ue->opc, tuak ? TUAK_C : MILENAGE,
              tuak ? TUAK_C : MILENAGE);
}

/* An application is who says its name as its user: two of one name, and one of them is nobody. */
static void check_applications(const struct check *check)
{
    const struct lk_config_application *at = check->ue->applications;
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < check->ue->application_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(at[i].name, at[j].name) != 0)
                continue;
            (void)snprintf(path, sizeof path, "ue.applications[%zu].name", i);
            lk_config_problem_at(check->report, check->source, path,
                                 "expected a name of its own, found '%s' for two; fix: rename one "
                                 "of them",
                                 at[i].name);
            break;
        }
        for (size_t j = 0; j < at[i].apn_count; j++) {
            (void)snprintf(path, sizeof path, "ue.applications[%zu].apns[%zu]", i, j);
            lk_config_check_apn(check->source, check->report, path, at[i].apns[j]);
        }
    }
}

void lk_config_check_ue(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct check check = { &config->ue, source, report };

    if ((config->roles & LK_ROLE_UE) == 0)
        return;
    check_card(&check);
    check_applications(&check);
}

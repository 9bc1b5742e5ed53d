/* What keys of section ue.mip say about each other. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/mip_way.h"
#include "role/config_rows.h"
#include "role/ue_mip.h"

struct check {
    const struct lk_config_ue *ue;
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

static void problem(const struct check *check, size_t i, const char *key, const char *words)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "ue.mip.places[%zu].%s", i, key);
    lk_config_problem_at(check->report, check->source, path, "%s", words);
}

static bool is_v4(const char *text)
{
    struct lk_address address;

    return text[0] == '\0' ||
           (lk_address_parse(&address, text) == LK_OK && lk_address_is_v4(&address));
}

static bool is_v6(const char *text)
{
    return text[0] == '\0' || !is_v4(text);
}

static void check_place(const struct check *check, size_t i)
{
    static const char v4[] = "expected an IPv4 address, found another; fix: write for example "
                             "192.0.2.7: Mobile IPv4 knows no others";
    static const char alike[] = "expected an address of the family of address, found one of the "
                                "other; fix: write both as IPv4, or both as IPv6";
    const struct lk_config_ue_place *at = check->ue->mip.places;

    for (size_t j = 0; j < i; j++)
        if (strcmp(at[i].name, at[j].name) == 0) {
            problem(check, i, "name",
                    "expected another name than those of the places before, found the same; fix: "
                    "rename one of them");
            break;
        }
    if (at[i].care_of[0] != '\0' && is_v4(at[i].care_of) != is_v4(at[i].address))
        problem(check, i, "care_of", alike);
    if (at[i].agent[0] != '\0' && at[i].care_of[0] != '\0')
        problem(check, i, "care_of",
                "expected none beside agent, whose advertisement says which it is, found one; "
                "fix: leave care_of out, or, where there is no foreign agent, agent");
    if (at[i].agent[0] != '\0' && !is_v4(at[i].address))
        problem(check, i, "address", v4);
    if (!is_v4(at[i].agent))
        problem(check, i, "agent", v4);
}

static void check_ua(const struct check *check, const char *key, const char *text)
{
    uint8_t octets[LK_CONFIG_UA_ID];
    size_t len;

    if (lk_hex_decode(octets, sizeof octets, &len, lk_span_text(text)) != LK_OK)
        lk_config_problem_at(check->report, check->source, key,
                             "expected ten hexadecimal digits, found '%s'; fix: write for example "
                             "\"01000000f1\"",
                             text);
}

/* The name of the agent, or of the AAA, is what its key is made for. */
static void check_way(const struct check *check)
{
    const struct lk_config_ue_mip *mip = &check->ue->mip;
    bool aaa = mip->way == LK_MIP_WAY_AAA;

    if (aaa ? mip->aaa_name[0] == '\0'
            : mip->way != LK_MIP_WAY_BSF && mip->home_agent_name[0] == '\0')
        lk_config_problem_at(check->report, check->source,
                             aaa ? "ue.mip.aaa_name" : "ue.mip.home_agent_name",
                             "expected the name that its certificate has at the BSF, found none; "
                             "fix: write for example %s",
                             aaa ? "aaa.example" : "ha.example");
    if (check->ue->gba.bsf[0] == '\0')
        lk_config_problem_at(check->report, check->source, "ue.mip.places",
                             "expected a BSF for its keys, found none; fix: write ue.gba.bsf, or "
                             "places: []");
}

void lk_config_check_ue_mip(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    const struct check check = { &config->ue, source, report };
    const struct lk_config_ue_mip *mip = &config->ue.mip;

    if (mip->place_count == 0)
        return;
    for (size_t i = 0; i < mip->place_count; i++)
        check_place(&check, i);
    if (!is_v4(mip->home_agent))
        lk_config_problem_at(report, source, "ue.mip.home_agent",
                             "expected an IPv4 address, found '%s'; fix: write what "
                             "anchor.mip.address says there",
                             mip->home_agent);
    if (!is_v6(mip->home_agent6))
        lk_config_problem_at(report, source, "ue.mip.home_agent6",
                             "expected an IPv6 address, found '%s'; fix: write what "
                             "anchor.mip.address6 says there",
                             mip->home_agent6);
    if (is_v4(mip->gateway6))
        lk_config_problem_at(report, source, "ue.mip.gateway6",
                             "expected an IPv6 address, found '%s'; fix: write what "
                             "anchor.gateway6 says there",
                             mip->gateway6);
    check_ua(&check, "ue.mip.ua", mip->ua);
    check_ua(&check, "ue.mip.ua6", mip->ua6);
    check_ua(&check, "ue.mip.aaa_ua", mip->aaa_ua);
    check_way(&check);
}

/* What keys of the device say about each other, and whether its card is one. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/imsi.h"
#include "base/secret.h"
#include "base/station.h"
#include "keys/eps.h"
#include "proto/mis/partners.h"
#include "role/akma_names.h"
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

/* Servers of GBA and AKMA are written in one way. */
static void check_servers(const struct check *check, size_t application, const char *key,
                          const char names[][LK_CONFIG_NAF], size_t count)
{
    char fqdn[LK_FQDN_MAX + 1], path[LK_CONFIG_KEY];
    struct lk_ua_id ua;

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "ue.applications[%zu].%s[%zu]", application, key, i);
        if (lk_af_id_read(fqdn, &ua, names[i]) != LK_OK)
            lk_config_problem_at(check->report, check->source, path,
                                 "expected the name of a server and its protocol, ten hexadecimal "
                                 "digits, found '%s'; fix: write for example "
                                 "naf.example/0100000002",
                                 names[i]);
    }
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
        check_servers(check, i, "nafs", at[i].nafs, at[i].naf_count);
        check_servers(check, i, "afs", at[i].afs, at[i].af_count);
    }
}

/* ---- LTE ---- */

static bool same_place(const struct lk_config_lte_cell *a, const struct lk_config_lte_cell *b)
{
    struct lk_address at, other;

    return a->port == b->port && lk_address_parse(&at, a->address) == LK_OK &&
           lk_address_parse(&other, b->address) == LK_OK && lk_address_equal(&at, &other);
}

/* A cell is asked for by its name, and an eNB names it by its PCI. */
static void check_cell(const struct check *check, size_t i)
{
    const struct lk_config_lte_cell *at = check->ue->lte.cells;
    char path[LK_CONFIG_KEY];

    for (size_t j = 0; j < i; j++) {
        const char *key = strcmp(at[i].name, at[j].name) == 0 ? "name" :
                          at[i].pci == at[j].pci              ? "pci" :
                          same_place(&at[i], &at[j])          ? "port" : NULL;

        if (key == NULL)
            continue;
        (void)snprintf(path, sizeof path, "ue.lte.cells[%zu].%s", i, key);
        lk_config_problem_at(check->report, check->source, path,
                             "expected another %s than that of the cell '%s', found the same; fix: "
                             "write what the eNB has for this cell",
                             key, at[j].name);
        return;
    }
}

/* The end of the air and those of Uu are told apart by where datagrams come from, and each is
 * spoken to from a socket of one family. */
static void check_family(const struct check *check, const char *path, const char *text)
{
    struct lk_address own, other;

    if (lk_address_parse(&own, check->ue->lte.address) != LK_OK ||
        lk_address_parse(&other, text) != LK_OK ||
        lk_address_is_v4(&own) == lk_address_is_v4(&other))
        return;
    lk_config_problem_at(check->report, check->source, path,
                         "expected an address of the same family as ue.lte.address, found '%s'; "
                         "fix: write both as IPv4, or both as IPv6",
                         text);
}

static void check_lte(const struct check *check)
{
    const struct lk_config_lte *lte = &check->ue->lte;
    uint8_t mac[LK_STATION_LEN] = { 0 }, sn_id[LK_SN_ID_LEN];
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < lte->cell_count; i++) {
        check_cell(check, i);
        (void)snprintf(path, sizeof path, "ue.lte.cells[%zu].address", i);
        check_family(check, path, lte->cells[i].address);
    }
    check_family(check, "ue.lte.wt.address", lte->wt.address);
    if (lk_sn_id_of_plmn(sn_id, lk_span_text(lte->plmn)) != LK_OK)
        lk_config_problem_at(check->report, check->source, "ue.lte.plmn",
                             "expected five or six digits, MCC and MNC, found '%s'; fix: write for "
                             "example plmn: \"00101\"",
                             lte->plmn);
    if (lk_station_parse(mac, lk_span_text(lte->wlan_mac)) != LK_OK || (mac[0] & 1) != 0)
        lk_config_problem_at(check->report, check->source, "ue.lte.wlan_mac",
                             "expected a MAC address, not of a group, found '%s'; fix: write for "
                             "example wlan_mac: \"02:00:00:00:00:01\"",
                             lte->wlan_mac);
}

/* ---- MIS ---- */

static void mis_problem(const struct check *check, size_t i, const char *key, const char *words)
{
    char path[LK_CONFIG_KEY];

    (void)snprintf(path, sizeof path, "ue.mis.points[%zu].%s", i, key);
    lk_config_problem_at(check->report, check->source, path, "%s", words);
}

static bool of_one_family(const char *one, const char *other)
{
    struct lk_address a, b;

    return lk_address_parse(&a, one) != LK_OK || lk_address_parse(&b, other) != LK_OK ||
           lk_address_is_v4(&a) == lk_address_is_v4(&b);
}

/* Of a point that the device names; it need not be, but then it looks like a domain. */
static bool is_realm(const struct lk_config_ue_mis *mis, const char *realm)
{
    for (size_t i = 0; i < mis->point_count; i++)
        if (lk_mis_same_realm(lk_mis_realm(lk_span_text(mis->points[i].id)), lk_span_text(realm)))
            return true;
    return strchr(realm, '@') == NULL && lk_config_is_misf_id(realm);
}

static void check_partners(const struct check *check)
{
    const struct lk_config_ue_mis *mis = &check->ue->mis;
    char path[LK_CONFIG_KEY];

    if (mis->partner_count == 0 && lk_config_entry_at(check->source, "ue.mis.partners") != NULL)
        lk_config_problem_at(check->report, check->source, "ue.mis.partners", "%s",
                             "expected the domain of at least one partner, found an empty list; "
                             "fix: write for example partners: [a.example], or leave it out: then "
                             "no SPoS selects a target");
    for (size_t i = 0; i < mis->partner_count; i++) {
        (void)snprintf(path, sizeof path, "ue.mis.partners[%zu]", i);
        if (!is_realm(mis, mis->partners[i]))
            lk_config_problem_at(check->report, check->source, path,
                                 "expected the domain of a partner, what stands behind @ in the "
                                 "id of its PoS, found '%s', which none of ue.mis.points has; "
                                 "fix: write for example a.example", mis->partners[i]);
    }
}

static void check_mis(const struct check *check)
{
    const struct lk_config_ue_mis *mis = &check->ue->mis;

    for (size_t i = 0; i < mis->point_count; i++) {
        if (!lk_config_is_misf_id(mis->points[i].id))
            mis_problem(check, i, "id",
                        "expected the MISF ID of a PoS (an NAI, or a name of DNS), found another; "
                        "fix: write what pos.points[].id says there, for example pos@a.example");
        for (size_t j = 0; j < i; j++)
            if (strcmp(mis->points[i].id, mis->points[j].id) == 0)
                mis_problem(check, i, "id",
                            "expected another id than that of the points before, found the same; "
                            "fix: remove one of them");
        if (!of_one_family(mis->address, mis->points[i].address))
            mis_problem(check, i, "address",
                        "expected an address of the same family as ue.mis.address, found another; "
                        "fix: write both as IPv4, or both as IPv6");
    }
    check_partners(check);
    lk_config_check_demand(check->report, check->source, "ue.mis.demand", mis->demand);
    if (mis->suite_count == 0)
        lk_config_problem_at(check->report, check->source, "ue.mis.suites", "%s",
                             "expected a suite, found none; fix: write for example suites: [ccm]");
}

void lk_config_check_ue(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct check check = { &config->ue, source, report };

    if ((config->roles & LK_ROLE_UE) == 0)
        return;
    check_card(&check);
    check_applications(&check);
    if (config->ue.lte.cell_count > 0)
        check_lte(&check);
    if (config->ue.mis.point_count > 0 || config->ue.mis.domain[0] != '\0')
        check_mis(&check);
    lk_config_check_ue_mip(config, source, report);
}

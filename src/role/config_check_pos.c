/* What keys of points of service say about each other, and what no network in earnest does. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "io/stream.h"
#include "role/config_rows.h"
#include "role/home_key.h"
#include "role/pos.h"

struct check {
    const struct lk_config *config;
    const struct lk_config_source *source;
    struct lk_config_report *report;
    const struct lk_config_point *point;
    char path[LK_CONFIG_KEY]; /* of a key of the point */
    size_t number;
};

static const char *path_of(struct check *check, const char *key)
{
    (void)snprintf(check->path, sizeof check->path, "pos.points[%zu].%s", check->number, key);
    return check->path;
}

static const char *path_in(struct check *check, const char *list, size_t i, const char *key)
{
    (void)snprintf(check->path, sizeof check->path, "pos.points[%zu].%s[%zu].%s", check->number,
                   list, i, key);
    return check->path;
}

static void problem(struct check *check, const char *path, const char *words)
{
    lk_config_problem_at(check->report, check->source, path, "%s", words);
}

static void check_id(struct check *check, const char *path, const char *id)
{
    if (!lk_config_is_misf_id(id))
        problem(check, path,
                "expected the MISF ID of a PoS (an NAI, or a name of DNS), found another; fix: "
                "write for example pos@a.example");
}

static bool is_loopback(const char *address, bool *v4)
{
    struct lk_address_prefix one = { .bits = LK_ADDRESS_BITS };

    if (lk_address_parse(&one.address, address) != LK_OK)
        return false;
    *v4 = lk_address_is_v4(&one.address);
    return lk_config_is_loopback(&one);
}

/* T04, T46: over TLS the AAA may be anywhere, and knows the point by its certificate. */
static void check_aaa_tls(struct check *check)
{
    const struct lk_config_point *point = check->point;

    if (lk_stream_name_check(point->aaa.certificate) != LK_OK)
        problem(check, path_of(check, "aaa.certificate"),
                "expected the name in the AAA's certificate, without wildcards, or sha256: and 64 "
                "digits, found another; fix: write for example certificate: aaa.home.example");
    if (point->certificate[0] == '\0')
        problem(check, path_of(check, "certificate"),
                "expected a certificate, with which the AAA knows this PoS over TLS, found none; "
                "fix: write certificate, key and ca");
}

/* The AAA of this file, and what it has for this PoS. */
static void check_aaa_of_file(struct check *check)
{
    const struct lk_config *c = check->config;

    if ((c->roles & LK_ROLE_AAA) == 0 || check->point->aaa.port != c->radius.port)
        return;
    for (size_t i = 0; i < c->radius.client_count; i++) {
        const struct lk_config_client *client = &c->radius.clients[i];

        if (strcmp(client->pos, check->point->id) == 0 &&
            !lk_same_secret(client->secret, check->point->aaa.secret, sizeof client->secret))
            problem(check, path_of(check, "aaa.secret"),
                    "expected the secret of the row of radius.clients with this pos, found "
                    "another; fix: write the same at both");
    }
}

/* T04, T46: the AAA's answers have keys in them, which RADIUS over UDP does not hide well. It knows
 * its clients by their addresses. */
static void check_aaa_udp(struct check *check)
{
    const struct lk_config_point *at = check->config->pos.points;
    bool v4 = false, source_v4 = false;

    if (check->point->aaa.secret[0] == '\0')
        problem(check, path_of(check, "aaa.secret"),
                "expected the secret that the AAA has for this PoS, found none; fix: write secret: "
                "\"@FILE\"");
    else
        check_aaa_of_file(check);
    if (!is_loopback(check->point->aaa.server, &v4))
        problem(check, path_of(check, "aaa.server"),
                "expected an AAA on loopback, for UDP hides no key of MIS from who is on the way, "
                "found an address beyond it; fix: write aaa.certificate, the name in its "
                "certificate: it is then asked over TLS");
    else if (!is_loopback(check->point->aaa.source, &source_v4) || v4 != source_v4)
        problem(check, path_of(check, "aaa.source"),
                "expected an address of loopback, of the family of aaa.server, found another; fix: "
                "write for example source: 127.0.0.2");
    for (size_t i = 0; i < check->number; i++)
        if (at[i].aaa.certificate[0] == '\0' &&
            strcmp(at[i].aaa.source, check->point->aaa.source) == 0)
            problem(check, path_of(check, "aaa.source"),
                    "expected another address than that of the points before, for the AAA tells "
                    "them by it, found the same; fix: write for example source: 127.0.0.2");
}

/* The point of this file that a row of partners leads to; NULL: none is there. */
static const struct lk_config_point *leads_to(const struct check *check,
                                              const struct lk_config_pos_partner *partner)
{
    for (size_t i = 0; i < check->config->pos.point_count; i++) {
        const struct lk_config_point *at = &check->config->pos.points[i];

        if (at != check->point && at->link_port == partner->port &&
            strcmp(at->listen, partner->address) == 0)
            return at;
    }
    return NULL;
}

/* T44: under another id than its own nothing of a partner is taken. */
static void check_partner_id(struct check *check, const struct lk_config_pos_partner *partner,
                             const char *path)
{
    const struct lk_config_point *at = leads_to(check, partner);

    if (at != NULL && strcmp(at->id, partner->id) != 0)
        lk_config_problem_at(check->report, check->source, path,
                             "expected %s, the point of this file at %s port %u, found another id; "
                             "fix: write that id, or another address",
                             at->id, partner->address, (unsigned)partner->port);
}

/* T46: a link is TLS with certificates of both ends. */
static void check_link(struct check *check)
{
    const struct lk_config_point *point = check->point;

    if ((point->certificate[0] == '\0') != (point->key[0] == '\0') ||
        (point->certificate[0] == '\0') != (point->ca[0] == '\0'))
        problem(check, path_of(check, "certificate"),
                "expected certificate, key and ca, or none of them, found some; fix: write all "
                "three: latchkey certificate makes them");
    if (point->certificate[0] == '\0' && point->partner_count > 0)
        problem(check, path_of(check, "certificate"),
                "expected a certificate, with which partners know this PoS, found partners and no "
                "certificate; fix: write certificate, key and ca");
    for (size_t i = 0; i < point->partner_count; i++) {
        const struct lk_config_pos_partner *partner = &point->partners[i];

        check_id(check, path_in(check, "partners", i, "id"), partner->id);
        check_partner_id(check, partner, check->path);
        if (strcmp(partner->id, point->id) == 0)
            problem(check, path_in(check, "partners", i, "id"),
                    "expected another PoS, found this one; fix: remove the row");
        for (size_t j = 0; j < i; j++)
            if (strcmp(partner->id, point->partners[j].id) == 0 ||
                strcmp(partner->name, point->partners[j].name) == 0)
                problem(check, path_in(check, "partners", i, "name"),
                        "expected another id and another name than those of the rows before, "
                        "found one of them; fix: change it");
        if (lk_stream_name_check(partner->name) != LK_OK)
            problem(check, path_in(check, "partners", i, "name"),
                    "expected a name that a certificate can have, found another; fix: write for "
                    "example name: pos.b.example");
    }
}

/* T40: with the key of conf/lab.yaml anybody can begin chains. */
static void check_homes(struct check *check)
{
    struct lk_home_key key;
    size_t len;

    if (check->point->home_count == 0 && !check->point->unmarked &&
        lk_config_entry_at(check->source, path_of(check, "homes")) != NULL)
        problem(check, path_of(check, "homes"),
                "expected at least one home, without which nothing that a partner hands over is "
                "taken, found an empty list; fix: write for example homes: [{realm: home.example, "
                "mark_key: \"the line that latchkey mis-key tells\"}], or leave homes out");
    for (size_t i = 0; i < check->point->home_count && !check->config->laboratory; i++)
        if (lk_hex_decode(key.octets, sizeof key.octets, &len,
                          lk_span_text(check->point->homes[i].mark_key)) == LK_OK &&
            len == sizeof key.octets && lk_home_key_is_known(&key))
            problem(check, path_in(check, "homes", i, "mark_key"),
                    "expected the key of a home, found that of conf/lab.yaml, with which anybody "
                    "signs; fix: write what latchkey mis-key tells that home");
}

static bool is_partner(const struct lk_config_point *point, const char *id)
{
    for (size_t i = 0; i < point->partner_count; i++)
        if (strcmp(point->partners[i].id, id) == 0)
            return true;
    return false;
}

/* The point of this file that a neighbour is, at the same address. */
static void check_neighbour_port(struct check *check, const struct lk_config_pos_neighbour *n,
                                 const char *path)
{
    for (size_t i = 0; i < check->config->pos.point_count; i++) {
        const struct lk_config_point *at = &check->config->pos.points[i];

        if (strcmp(at->id, n->pos) == 0 && strcmp(at->listen, n->address) == 0 &&
            at->port != n->port)
            lk_config_problem_at(check->report, check->source, path,
                                 "expected %u, the port of %s in this file, found %u; fix: write "
                                 "that port",
                                 at->port, at->id, n->port);
    }
}

static void check_neighbours(struct check *check)
{
    struct lk_pos_cover cover;

    for (size_t i = 0; i < check->point->neighbour_count; i++) {
        const struct lk_config_pos_neighbour *n = &check->point->neighbours[i];

        check_id(check, path_in(check, "neighbours", i, "pos"), n->pos);
        if (!is_partner(check->point, n->pos))
            problem(check, path_in(check, "neighbours", i, "pos"),
                    "expected the id of one of the partners of this point, for to another one "
                    "there is no link, found none of them; fix: add it to partners, or remove the "
                    "row");
        check_neighbour_port(check, n, path_in(check, "neighbours", i, "port"));
        if (!lk_pos_cover_link_types(&cover, n->link_types))
            problem(check, path_in(check, "neighbours", i, "link_types"),
                    "expected up to eight of wlan, umts, gsm, gprs, edge, ethernet, wimax, "
                    "cdma2000 and wireless, found another; fix: write for example link_types: "
                    "\"wlan, umts\"");
        if (!lk_pos_cover_cells(&cover, n->cells))
            problem(check, path_in(check, "neighbours", i, "cells"),
                    "expected up to eight MAC addresses, or cells of 3GPP in 14 hexadecimal "
                    "digits, found another; fix: write for example cells: \"02:00:00:00:36:62\"");
        if (!lk_pos_cover_circle(&cover, n->circle))
            problem(check, path_in(check, "neighbours", i, "circle"),
                    "expected latitude and longitude in degrees, and a radius in metres of at "
                    "most 1000000, found another; fix: write for example circle: \"48.137 11.575 "
                    "500\"");
    }
}

static void check_point(struct check *check)
{
    const struct lk_config_point *at = check->config->pos.points;

    check_id(check, path_of(check, "id"), check->point->id);
    for (size_t i = 0; i < check->number; i++)
        if (strcmp(at[i].id, check->point->id) == 0)
            problem(check, path_of(check, "id"),
                    "expected another id than that of the points before, found the same; fix: "
                    "change one of them");
    if (check->point->aaa.certificate[0] != '\0')
        check_aaa_tls(check);
    else
        check_aaa_udp(check);
    check_link(check);
    check_homes(check);
    check_neighbours(check);
    if (check->point->unmarked && !check->config->laboratory)
        problem(check, path_of(check, "unmarked"),
                "expected false outside a laboratory, for without a start mark nobody knows that "
                "the home was there, found true; fix: name the home and its mark_key in homes, or "
                "write laboratory: true");
    lk_config_check_demand(check->report, check->source, path_of(check, "demand"),
                           check->point->demand);
    if (check->point->suite_count == 0)
        problem(check, path_of(check, "suites"),
                "expected a suite, found none; fix: write for example suites: [ccm]");
}

void lk_config_check_pos(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    struct check check = { .config = config, .source = source, .report = report };

    if ((config->roles & LK_ROLE_POS) != 0 && config->pos.point_count == 0)
        lk_config_problem_at(report, source, "pos.points",
                             "expected at least one point of service beside role pos, found none; "
                             "fix: write for example points: [{id: pos@a.example, aaa: {secret: "
                             "\"@/etc/latchkey/pos.secret\"}}]");
    for (size_t i = 0; i < config->pos.point_count; i++) {
        check.number = i;
        check.point = &config->pos.points[i];
        check_point(&check);
    }
}

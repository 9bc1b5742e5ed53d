/* What keys of RADIUS say about each other where keys travel: certificates, peers, closed legs. */
#include <stdio.h>
#include <string.h>

#include "io/stream.h"
#include "role/config_rows.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

/* About path; told with the line of near. */
static void problem_near(const struct check *check, const char *near, const char *path,
                         const char *words)
{
    const struct lk_config_entry *entry = lk_config_entry_at(check->source, near);

    lk_config_problem(check->report,
                      entry != NULL && entry->line > 0 ? check->source->file : NULL,
                      entry == NULL ? 0 : entry->line, "%s: %s", path, words);
}

static void problem(const struct check *check, const char *path, const char *words)
{
    problem_near(check, path, path, words);
}

/* All three files or none; and without them there is nobody who could come over TLS. */
static void check_files(const struct check *check, const struct lk_config_radsec *radsec)
{
    const struct {
        const char *path, *value;
    } files[] = {
        { "radsec.certificate", radsec->certificate },
        { "radsec.key", radsec->key },
        { "radsec.ca", radsec->ca },
    };
    size_t given = 0;

    for (size_t i = 0; i < LK_COUNT_OF(files); i++)
        given += files[i].value[0] != '\0' ? 1 : 0;
    for (size_t i = 0; i < LK_COUNT_OF(files); i++)
        if (files[i].value[0] == '\0' && (given > 0 || radsec->peer_count > 0))
            problem_near(check, "radsec", files[i].path,
                         "expected a file in PEM, found none; fix: give radsec.certificate, "
                         "radsec.key and radsec.ca, all three (latchkey certificate makes them for "
                         "a laboratory)");
}

static void check_peers(const struct check *check, const struct lk_config_radsec *radsec)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < radsec->peer_count; i++) {
        (void)snprintf(path, sizeof path, "radsec.peers[%zu].certificate", i);
        if (radsec->peers[i].certificate[0] != '\0' &&
            lk_stream_name_check(radsec->peers[i].certificate) != LK_OK)
            problem(check, path,
                    "expected the name in its certificate, without wildcards, or sha256: and 64 "
                    "digits, found another; fix: write for example certificate: "
                    "aaa-1.example.org");
        for (size_t j = 0; j < i; j++) {
            (void)snprintf(path, sizeof path, "radsec.peers[%zu].name", i);
            if (strcmp(radsec->peers[i].name, radsec->peers[j].name) == 0)
                problem(check, path, "expected a name of its own, found that of another peer; "
                                     "fix: rename one of them");
        }
    }
}

/* A TWAG that nobody may tell who is attached serves nobody. */
static void check_twaps(const struct check *check, const struct lk_config *config)
{
    unsigned roles = config->roles & (LK_ROLE_TWAG | LK_ROLE_TWAP | LK_ROLE_AAA);
    bool listens = roles == LK_ROLE_TWAG && config->radsec.port != 0;
    const struct lk_config_peer *peer = config->radsec.peers;
    size_t i = 0;

    while (i < config->radsec.peer_count && (!peer[i].twap || peer[i].address[0] != '\0'))
        i++;
    if (listens && i > 0 && i == config->radsec.peer_count)
        problem(check, "radsec.peers", "expected a row of the TWAP, with twap: true, found none; "
                                       "fix: add twap: true to the row of who tells this TWAG "
                                       "which devices are attached");
}

/* A server over TLS is a peer that is called, not one that calls. */
static void check_servers(const struct check *check, const struct lk_config *config)
{
    for (size_t i = 0; i < config->twap.server_count; i++) {
        const char *peer = config->twap.servers[i].peer;
        char path[LK_CONFIG_KEY];
        size_t at = 0;

        while (at < config->radsec.peer_count &&
               (strcmp(config->radsec.peers[at].name, peer) != 0 ||
                config->radsec.peers[at].address[0] == '\0'))
            at++;
        (void)snprintf(path, sizeof path, "twap.servers[%zu].peer", i);
        if (peer[0] != '\0' && at == config->radsec.peer_count)
            problem(check, path, "expected the name of a row of radsec.peers that has an address, "
                                 "found another; fix: add the row, or write its name as there");
    }
}

bool lk_config_is_loopback(const struct lk_address_prefix *prefix)
{
    enum { IPV4_LOOPBACK_BITS = 96 + 8 };

    return lk_address_is_loopback(&prefix->address) &&
           prefix->bits >= (lk_address_is_v4(&prefix->address) ? IPV4_LOOPBACK_BITS
                                                               : LK_ADDRESS_BITS);
}

/* T04, T23: a key that anybody on the way could read is not sent; and who expects it is told now,
 * not when the first device attaches. */
static void check_closed_legs(const struct check *check, const struct lk_config *config)
{
    char path[LK_CONFIG_KEY];

    for (size_t i = 0; i < config->radius.client_count; i++) {
        const struct lk_config_client *client = &config->radius.clients[i];

        (void)snprintf(path, sizeof path, "radius.clients[%zu].wlcp", i);
        if (client->wlcp && !lk_config_is_loopback(&client->address))
            problem(check, path,
                    "expected a client on loopback, for UDP hides no WLCP key from who is on the "
                    "way, found an address beyond it; fix: make it a row of radsec.peers "
                    "(RADIUS over TLS), or leave wlcp out");
    }
}

void lk_config_check_radsec(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report)
{
    const struct check check = { source, report };

    check_files(&check, &config->radsec);
    check_peers(&check, &config->radsec);
    check_twaps(&check, config);
    check_servers(&check, config);
    check_closed_legs(&check, config);
}

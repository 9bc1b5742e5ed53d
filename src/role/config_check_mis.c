/* What keys of MIS at the AAA say about each other: the points of service, and the key of the marks
 * that they are given. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/config_rows.h"
#include "role/home_key.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
};

static void problem(const struct check *check, const char *path, const char *words)
{
    const struct lk_config_entry *entry = lk_config_entry_at(check->source, path);

    lk_config_problem(check->report,
                      entry != NULL && entry->line > 0 ? check->source->file : NULL,
                      entry == NULL ? 0 : entry->line, "%s: %s", path, words);
}

/* An NAI or a name of DNS, in characters that stand for themselves. */
bool lk_config_is_misf_id(const char *text)
{
    const char *at = strchr(text, '@');

    for (const char *c = text; *c != '\0'; c++)
        if (!isgraph((unsigned char)*c))
            return false;
    return at == NULL ? strchr(text, '.') != NULL : at != text && at[1] != '\0';
}

/* T41: SAs of the other types stand on one by EAP: who takes none of those takes nobody. */
void lk_config_check_demand(struct lk_config_report *report,
                            const struct lk_config_source *source, const char *path,
                            unsigned demand)
{
    enum { EAP = 1 }; /* of lk_config_mis_demand_words */

    if ((demand & 1u << EAP) == 0)
        lk_config_problem_at(report, source, path, "%s",
                             "expected eap among them, for SAs of the other types stand on one by "
                             "EAP, found none; fix: write for example [eap], or [tls, eap, spos]");
}

/* K is of one PoS, by its name: two clients of one name are two PoS that could stand before an MN
 * as each other. One that comes over UDP and over TLS has a row of each kind. */
static void check_once(const struct check *check, const char *path, const char *pos,
                       const char *earlier)
{
    if (strcmp(pos, earlier) == 0)
        lk_config_problem_at(check->report, check->source, path,
                             "expected another PoS than the rows before have, for its keys are "
                             "its own, found the same; fix: give each row the id of its own PoS, "
                             "or remove one of them");
}

static void check_pos(const struct check *check, const char *path, const char *pos)
{
    if (!lk_config_is_misf_id(pos))
        problem(check, path, "expected the MISF ID of a PoS (an NAI, or a name of DNS), found "
                             "another; fix: write for example pos: pos@a.example");
}

/* T04, T46: who expects keys where others read them is told now. */
static size_t check_clients(const struct check *check, const struct lk_config *config)
{
    char path[LK_CONFIG_KEY];
    size_t count = 0;

    for (size_t i = 0; i < config->radius.client_count; i++) {
        const struct lk_config_client *client = &config->radius.clients[i];

        if (client->pos[0] == '\0')
            continue;
        count++;
        (void)snprintf(path, sizeof path, "radius.clients[%zu].pos", i);
        check_pos(check, path, client->pos);
        for (size_t k = 0; k < i; k++)
            check_once(check, path, client->pos, config->radius.clients[k].pos);
        if (!lk_config_is_loopback(&client->address))
            problem(check, path,
                    "expected a client on loopback, for UDP hides no key of MIS from who is on "
                    "the way, found an address beyond it; fix: make it a row of radsec.peers "
                    "(RADIUS over TLS), or leave pos out");
    }
    for (size_t i = 0; i < config->radsec.peer_count; i++) {
        if (config->radsec.peers[i].pos[0] == '\0')
            continue;
        count++;
        (void)snprintf(path, sizeof path, "radsec.peers[%zu].pos", i);
        check_pos(check, path, config->radsec.peers[i].pos);
        for (size_t k = 0; k < i; k++)
            check_once(check, path, config->radsec.peers[i].pos, config->radsec.peers[k].pos);
    }
    return count;
}

void lk_config_check_mis(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report)
{
    const struct check check = { source, report };
    struct lk_home_secret secret;

    if (check_clients(&check, config) > 0 && (config->roles & LK_ROLE_AAA) != 0 &&
        config->aaa.mis_mark_key[0] == '\0')
        problem(&check, "aaa.mis_mark_key",
                "expected a key for start marks, without which no PoS takes an optimised "
                "establishment, found none; fix: latchkey mis-key new FILE, and write "
                "mis_mark_key: \"@FILE\"");
    if (config->aaa.mis_mark_key[0] == '\0')
        return;
    if (lk_home_secret_parse(&secret, lk_span_text(config->aaa.mis_mark_key)) != LK_OK)
        problem(&check, "aaa.mis_mark_key",
                "expected 64 hexadecimal digits, found another (not shown); fix: latchkey mis-key "
                "new FILE, and write mis_mark_key: \"@FILE\"");
    else if (!config->laboratory && (config->roles & LK_ROLE_AAA) != 0 &&
             lk_home_secret_is_known(&secret))
        problem(&check, "aaa.mis_mark_key",
                "expected a key that nobody else has, found that of conf/lab.yaml; fix: latchkey "
                "mis-key new FILE, and write mis_mark_key: \"@FILE\"");
    lk_wipe(&secret, sizeof secret);
}

/* What keys of the WT say about each other, what Xw needs, and where a PMK may not come from. */
#include <stdio.h>
#include <string.h>

#include "base/station.h"
#include "io/stream.h"
#include "role/config_rows.h"

struct check {
    const struct lk_config_source *source;
    struct lk_config_report *report;
    bool laboratory;
};

/* A03: a PMK of 256 random bits cannot be guessed from a recorded handshake; one that somebody
 * typed can. So there is no way to give one.
 *
 * spec: TS 33.401 G.2 - the key of the WLAN is S-KWT, and comes from the eNB. */
const char *lk_config_refused_key(const char *path)
{
    static const char *const names[] = { "pmk",      "psk",   "passphrase", "wpa_passphrase",
                                         "password", "s_kwt", "secret",     "wpa_psk" };
    static const char *const sections[] = { "wt.", "enb.", "ue.lte." };

    for (size_t s = 0; s < LK_COUNT_OF(sections); s++)
        for (size_t i = 0; i < LK_COUNT_OF(names); i++)
            if (strncmp(path, sections[s], strlen(sections[s])) == 0 &&
                strcmp(path + strlen(sections[s]), names[i]) == 0)
                return "expected no key of the WLAN, found one; fix: remove it: the PMK is S-KWT, "
                       "which comes from the eNB only, over Xw and RRC, as one that is typed can "
                       "be guessed from a handshake that somebody recorded";
    return NULL;
}

/* ---- Xw ---- */

static void check_files(const struct check *check, const struct lk_config_xw *xw,
                        const char *section)
{
    const struct {
        const char *name, *value;
    } files[] = { { "certificate", xw->certificate }, { "key", xw->key }, { "ca", xw->ca } };
    char path[LK_CONFIG_KEY];
    size_t given = 0;

    for (size_t i = 0; i < LK_COUNT_OF(files); i++)
        given += files[i].value[0] != '\0' ? 1 : 0;
    for (size_t i = 0; i < LK_COUNT_OF(files) && given > 0; i++) {
        (void)snprintf(path, sizeof path, "%s.%s", section, files[i].name);
        if (files[i].value[0] == '\0')
            lk_config_problem_at(check->report, check->source, path,
                                 "expected a file in PEM, found none; fix: give certificate, key "
                                 "and ca, all three, or none (latchkey certificate makes them for "
                                 "a laboratory)");
        else if (xw->transport == LK_CONFIG_XW_SCTP)
            lk_config_problem_at(check->report, check->source, path,
                                 "expected no certificate with xw: sctp, which has no TLS, found "
                                 "one; fix: write xw: tcp");
    }
}

/* list is "wt.enbs[]", with one path for each, or "enb.wt". */
static void path_of(char path[LK_CONFIG_KEY], const char *list, size_t i, const char *key)
{
    size_t len = strlen(list);

    if (len > 2 && strcmp(list + len - 2, "[]") == 0)
        (void)snprintf(path, LK_CONFIG_KEY, "%.*s[%zu].%s", (int)len - 2, list, i, key);
    else
        (void)snprintf(path, LK_CONFIG_KEY, "%s.%s", list, key);
}

static void check_peer(const struct check *check, const struct lk_config_xw *xw,
                       const struct lk_config_xw_peer *peers, size_t i, const char *list)
{
    bool tls = xw->certificate[0] != '\0' && xw->transport == LK_CONFIG_XW_TCP;
    struct lk_address address, other;
    char path[LK_CONFIG_KEY];

    if (lk_address_parse(&address, peers[i].address) != LK_OK)
        return; /* its row has said so */
    path_of(path, list, i, "address");
    if (!tls && !lk_address_is_loopback(&address))
        lk_config_problem_at(check->report, check->source, path,
                             "expected an address on loopback, for Xw would carry the key in the "
                             "clear beyond this machine, found '%s'; fix: write xw: tcp, and give "
                             "certificate, key and ca",
                             peers[i].address);
    path_of(path, list, i, "name");
    if (tls && lk_stream_name_check(peers[i].name) != LK_OK)
        lk_config_problem_at(check->report, check->source, path,
                             "expected the name in its certificate, without wildcards, or sha256: "
                             "and 64 digits, found '%s'; fix: write for example name: "
                             "enb-1.example.org",
                             peers[i].name);
    for (size_t j = 0; j < i; j++) {
        if (strcmp(peers[j].name, peers[i].name) == 0)
            lk_config_problem_at(check->report, check->source, path,
                                 "expected a name of its own, found that of another, '%s'; fix: "
                                 "rename one of them",
                                 peers[i].name);
        path_of(path, list, i, "port");
        if (xw->transport == LK_CONFIG_XW_SCTP && peers[j].port == peers[i].port &&
            lk_address_parse(&other, peers[j].address) == LK_OK &&
            lk_address_equal(&other, &address))
            lk_config_problem_at(check->report, check->source, path,
                                 "expected a place of its own, found that of %s, port %u; fix: "
                                 "give each the port that its eNB sends from",
                                 peers[j].name, peers[i].port);
        path_of(path, list, i, "name");
    }
}

/* Nothing tells on loopback which user of the machine a connection or a datagram is of: whoever has
 * the configured address and port, while the peer does not, is the peer.
 *
 * spec: TS 33.401 G.1 - control over Xw has integrity and confidentiality, on one machine too. */
static void check_clear(const struct check *check, const struct lk_config_xw *xw,
                        const char *section)
{
    bool tls = xw->transport == LK_CONFIG_XW_TCP && xw->certificate[0] != '\0';
    char path[LK_CONFIG_KEY];

    if (tls || check->laboratory)
        return;
    (void)snprintf(path, sizeof path, "%s.xw", section);
    lk_config_problem_at(check->report, check->source, path,
                         "expected TLS outside a laboratory, for without it any user of this "
                         "machine can take the peer's place, and the keys, found none; fix: write "
                         "xw: tcp and give certificate, key and ca, or write laboratory: true");
}

/* Where it listens, or over SCTP where it speaks from, as for the other ends. */
static void check_own(const struct check *check, const struct lk_config_xw *xw, const char *key,
                      const char *text)
{
    bool tls = xw->transport == LK_CONFIG_XW_TCP && xw->certificate[0] != '\0';
    struct lk_address address;

    if (tls || lk_address_parse(&address, text) != LK_OK || lk_address_is_loopback(&address))
        return;
    lk_config_problem_at(check->report, check->source, key,
                         "expected an address on loopback, for Xw would be in the clear beyond "
                         "this machine, found '%s'; fix: write 127.0.0.1, or xw: tcp with "
                         "certificate, key and ca",
                         text);
}

void lk_config_check_xw(const struct lk_config *config, const struct lk_config_xw *xw,
                        const struct lk_config_xw_peer *peers, size_t count, const char *section,
                        const char *list, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct check check = { source, report, config->laboratory };

    check_files(&check, xw, section);
    check_clear(&check, xw, section);
    if (xw == &config->wt.xw)
        check_own(&check, xw, "wt.xw_listen", config->wt.xw_listen);
    else if (xw->transport == LK_CONFIG_XW_SCTP)
        check_own(&check, xw, "enb.xw_address", config->enb.xw_address);
    for (size_t i = 0; i < count; i++)
        check_peer(&check, xw, peers, i, list);
}

/* ---- the WT ---- */

/* A MAC address of one station. */
static void check_bssid(const struct check *check, const char *text)
{
    uint8_t mac[LK_STATION_LEN] = { 0 };
    bool is_one = lk_station_parse(mac, lk_span_text(text)) == LK_OK;

    if (!is_one || (mac[0] & 1) != 0)
        lk_config_problem_at(check->report, check->source, "wt.bssid",
                             "expected a MAC address, not of a group, found '%s'; fix: write for "
                             "example bssid: \"02:00:00:00:36:62\"",
                             text);
}

void lk_config_check_wt(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report)
{
    const struct check check = { source, report, config->laboratory };
    const struct lk_config_wt *wt = &config->wt;

    /* T50: S3's option 1 costs an association with each new key that comes too early. */
    if (wt->deauth_on_mismatch && !config->laboratory)
        lk_config_problem_at(report, source, "wt.deauth_on_mismatch",
                             "expected false outside a laboratory, for it ends associations that "
                             "need not end, found true; fix: remove it, or write laboratory: true");
    if ((config->roles & LK_ROLE_WT) == 0)
        return;
    check_bssid(&check, wt->bssid);
    lk_config_check_xw(config, &wt->xw, wt->enbs, wt->enb_count, "wt", "wt.enbs[]", source,
                       report);
}

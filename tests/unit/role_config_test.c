/* The configuration: what is accepted, and what each kind of mistake is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "role/config.h"
#include "role/mode.h"
#include "role/wlcp_config.h"

static struct lk_config config;
static struct lk_config_report report;

static enum lk_status load(const char *text, const char *const *sets, size_t count)
{
    char file[] = "/tmp/lk-config-XXXXXX";
    int fd = mkstemp(file);
    enum lk_status status;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    status = lk_config_load(&config, &report, file, sets, count);
    unlink(file);
    return status;
}

static void test_defaults(void **state)
{
    assert_int_equal(lk_config_load(&config, &report, NULL, NULL, 0), LK_OK);
    assert_string_equal(config.radius.listen[0], "127.0.0.1");
    assert_int_equal(config.radius.port, 1812);
    assert_string_equal(config.radius.clients[0].secret, "testing123");
    assert_string_equal(config.eap.network_name, "WLAN");
    assert_true(config.workers > 0);
    assert_int_equal(config.state_dir[0], '/');
}

static void test_file_and_overrides(void **state)
{
    static const char *const sets[] = { "radius.port=11812", "eap.methods=[aka]",
                                        "radius.clients=[{address: \"::1\", secret: x}]" };

    assert_int_equal(load("radius:\n  listen: [127.0.0.1, \"::1\"]\n  port: 99\n  clients:\n"
                          "    - address: 10.0.0.0/9\n      secret: abc\n"
                          "    - {address: 192.0.2.7, secret: def, name: hall}\n"
                          "eap:\n  reauth: no\n",
                          NULL, 0),
                     LK_OK);
    assert_int_equal(config.radius.port, 99);
    assert_int_equal(config.radius.listen_count, 2);
    assert_int_equal(config.radius.client_count, 2);
    assert_int_equal(config.radius.clients[0].address.bits, 105);
    assert_string_equal(config.radius.clients[1].name, "hall");
    assert_false(config.eap.reauth);

    assert_int_equal(load("radius:\n  port: 99\n", sets, 3), LK_OK);
    assert_int_equal(config.radius.port, 11812);
    assert_int_equal(config.eap.methods, LK_CONFIG_AKA);
    assert_int_equal(config.radius.client_count, 1);
    assert_int_equal(config.radius.clients[0].address.bits, 128);
}

struct bad {
    const char *text;
    const char *line; /* ":N: " */
    const char *words[3];
};

static const struct bad bad[] = {
    { "radius:\n  prot: 1\n", ":2: ", { "radius.prot", "did you mean radius.port" } },
    { "radius:\n  port: many\n", ":2: ", { "1 to 65535", "'many'", "port: 1812" } },
    { "radius:\n  port: 70000\n", ":2: ", { "1 to 65535", "'70000'" } },
    /* a State may not outlive the memory of spent re-authentication contexts */
    { "eap:\n  state_lifetime_s: 120\n", ":2: ", { "5 to 119", "'120'" } },
    { "eap:\n  reauth: maybe\n", ":2: ", { "true or false", "'maybe'" } },
    { "eap:\n  methods: [sim]\n", ":2: ", { "one of aka-prime, aka", "'sim'" } },
    { "radius:\n  port: 1\n  port: 2\n", ":3: ", { "twice" } },
    { "radius: 5\n", ":1: ", { "section", "not shown" } },
    { "radius:\n  port:\n    x: 1\n", ":3: ", { "known key" } },
    { "radius:\n  listen: localhost\n", ":2: ", { "IP address", "'localhost'" } },
    { "roles: [aaa]\n", ":1: ", { "vault beside aaa", "roles: [aaa, vault]" } },
    { "roles: []\n", ":1: ", { "one of aaa, vault", "[aaa, vault]" } },
    { "eap:\n  methods: []\n", ":2: ", { "one of aka-prime, aka" } },
    { "radius:\n  listen: []\n", ":2: ", { "IP address" } },
    { "radius:\n  clients:\n    - address: 127.0.0.1\n", ":3: ", { "secret", "none" } },
    { "radius:\n  clients:\n    - secret: abc\n", ":3: ", { "address", "none" } },
    { "radius:\n  clients:\n    - address: 10.0.0.0/40\n      secret: abc\n",
      ":3: ",
      { "network" } },
    { "radius:\n  clients:\n    - {address: 10.0.0.0/8, secret: a}\n"
      "    - {address: 192.0.2.1, secret: b}\n    - {address: 10.1.2.3/8, secret: c}\n",
      ":5: ",
      { "another address", "radius.clients[0]", "'10.1.2.3/8'" } },
    { "radius:\n  clients:\n    - address: ::1\n      secret: \"@/nowhere\"\n",
      ":4: ",
      { "readable file", "/nowhere" } },
    { "radius:\n\tport: 1\n", ":2: ", { "not valid YAML", "spaces", "tab" } },
    { "radius:\n  clients:\n    - address: ::1\n      secret: @roof\n",
      ":4: ",
      { "not valid YAML", "quotes", "\"@FILE\"" } },
    { "radius:\n  clients:\n    - address: ::1\n      secret: \"\"\n",
      ":4: ",
      { "secret: \"@/etc" } },
    { "roles: [aaa, valt]\n", ":1: ", { "one of aaa, vault", "for example roles: [aaa, vault]" } },
    { "radius:\n  listen: [\"::1\", here]\n", ":2: ", { "'here'", "for example listen: 127" } },
    { "eap:\n  network_name: wlan\n",
      ":2: ",
      { "WLAN in capital", "'wlan'", "write network_name: WLAN" } },
    { "store:\n  url: mysql://me:hush@db/x\n",
      ":2: ",
      { "sqlite:PATH", "'mysql'", "url: sqlite:" } },
    { "radius:\n  port: 5\n  accounting_port: 5\n", ":3: ", { "5 for both" } },
    { "store:\n  url: sqlite:x.db\n", ":2: ", { "directory of its own", "master.key" } },
    { "store:\n  url: sqlite:s/x.db\nnode_key: s/t/node.key\n",
      ":2: ",
      { "directory of its own", "s/t/node.key" } },
    { "nothing at all\n", ":1: ", { "sections" } },
    { "roles: [twap]\ntwap:\n  twag: gate\n", ":3: ", { "radsec.peers", "'gate'" } },
    { "roles: [twap]\ntwap:\n  servers:\n    - name: a\n", ":4: ", { "a secret", "none" } },
    { "wobble: 1\n", ":1: ", { "known key" } },
    { "wlcp:\n  kdf:\n    fc: 2\n", ":3: ", { "1 to 1 octets in hex", "fc: 21" } },
    { "ue:\n  applications:\n    - {name: a, uid: 1, rights: all}\n",
      ":3: ",
      { "one of connect", "'all'" } },
    { "ue:\n  applications:\n    - name: a\n", ":3: ", { "uid", "none", "uid: 1000" } },
    { "radsec:\n  certificate: /c\n  ca: /a\n", ":2: ", { "radsec.key", "PEM", "all three" } },
    { "radsec:\n  peers: [{name: x, certificate: x.example}]\n",
      ":2: ",
      { "radsec.certificate", "none" } },
    { "radsec:\n  certificate: /c\n  key: /k\n  ca: /a\n  peers:\n"
      "    - {name: x, certificate: x.example}\n    - {name: x, certificate: y.example}\n",
      ":7: ",
      { "radsec.peers[1].name", "of its own" } },
    { "radsec:\n  certificate: /c\n  key: /k\n  ca: /a\n  peers:\n"
      "    - {name: x, certificate: \"*.example\"}\n",
      ":6: ",
      { "radsec.peers[0].certificate", "without wildcards" } },
    { "twap:\n  servers:\n    - name: aaa\n      peer: aaa-1\n", ":4: ", { "radsec.peers" } },
    { "roles: [twag]\nradsec:\n  certificate: /c\n  key: /k\n  ca: /a\n  peers:\n"
      "    - {name: x, certificate: x.example}\n    - {name: y, certificate: y.example, "
      "address: 127.0.0.1, twap: true}\n",
      ":7: ",
      { "radsec.peers", "twap: true", "none" } },
    /* T04, T23: who expects WLCP keys over a leg that others can read is refused at the start. */
    { "radius:\n  clients:\n    - address: 192.0.2.1\n      secret: a\n      wlcp: true\n",
      ":5: ",
      { "radius.clients[0].wlcp", "loopback", "radsec.peers" } },
    { "radius:\n  clients:\n    - {address: 127.0.0.0/7, secret: a, wlcp: true}\n",
      ":3: ",
      { "loopback" } },
};

/* T23: on loopback nobody else reads. */
static void test_keys_may_go_over_loopback(void **state)
{
    assert_int_equal(load("radius:\n  clients:\n"
                          "    - {address: 127.0.0.0/8, secret: a, wlcp: true}\n"
                          "    - {address: \"::1\", secret: b, wlcp: true}\n"
                          "    - {address: 192.0.2.0/24, secret: c}\n",
                          NULL, 0),
                     LK_OK);
    assert_true(config.radius.clients[1].wlcp);
    assert_false(config.radius.clients[2].wlcp);
}

static void test_mistakes_name_line_and_fix(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        assert_int_equal(load(bad[i].text, NULL, 0), LK_E_CONFIG);
        assert_true(report.count >= 1);
        if (strstr(report.problem[0], bad[i].line) == NULL ||
            strstr(report.problem[0], "; fix: ") == NULL)
            fail_msg("row %zu: %s", i, report.problem[0]);
        for (size_t j = 0; j < 3 && bad[i].words[j] != NULL; j++)
            if (strstr(report.problem[0], bad[i].words[j]) == NULL)
                fail_msg("row %zu lacks '%s': %s", i, bad[i].words[j], report.problem[0]);
    }
}

static void test_override_mistakes(void **state)
{
    static const char *const one[] = { "radius.port=x" };
    static const char *const two[] = { "radius.port" };
    static const char *const gap[] = { "radius.clients[1].address=::1",
                                       "radius.clients[1].secret=x" };

    assert_int_equal(load("", one, 1), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], "--set: radius.port"));
    assert_int_equal(load("", two, 1), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], "PATH=VALUE"));
    assert_int_equal(load("", gap, 2), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], "radius.clients[0]: expected a client"));
}

/* A secret is never quoted back. */
static void test_secret_is_not_shown(void **state)
{
    char text[400] = "radius:\n  clients:\n    - address: ::1\n      secret: ";

    for (size_t i = 0; i < 20; i++)
        strcat(text, "hushhush");
    strcat(text, "\n");
    assert_int_equal(load(text, NULL, 0), LK_E_CONFIG);
    assert_null(strstr(report.problem[0], "hush"));
}

/* An empty list is not the default list: where nothing is allowed, nobody is a client. */
static void test_empty_lists(void **state)
{
    static const char *const none[] = { "radius.clients=[]" };

    assert_int_equal(load("radius:\n  clients: []\n", NULL, 0), LK_OK);
    assert_int_equal(config.radius.client_count, 0);
    assert_int_equal(load("", none, 1), LK_OK);
    assert_int_equal(config.radius.client_count, 0);
}

static void test_directory_is_no_file(void **state)
{
    assert_int_equal(lk_config_load(&config, &report, "/tmp", NULL, 0), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], "/tmp: cannot be read: Is a directory; fix: "));
}

/* Another access than those of TS 24.302 may be called as one likes. */
static void test_network_name_of_ones_own(void **state)
{
    static const char *const sets[] = { "eap.network_name=5G:NR-lab",
                                        "store.url=host=/run dbname=lk" };

    assert_int_equal(load("", sets, 2), LK_OK);
    assert_string_equal(config.eap.network_name, "5G:NR-lab");
}

/* An address inside its network names the network: lookups see the prefix alone. */
static void test_prefixes(void **state)
{
    static const uint8_t network[4] = { 192, 0, 2, 0 };
    const struct lk_address wanted = lk_address_v4(network);

    assert_int_equal(load("radius:\n  clients: [{address: 192.0.2.77/24, secret: abc}]\n", NULL, 0),
                     LK_OK);
    assert_true(lk_address_equal(&config.radius.clients[0].address.address, &wanted));
    assert_int_equal(config.radius.clients[0].address.bits, 120);
}

static void test_restart_needed(void **state)
{
    static struct lk_config other;

    assert_int_equal(load("", NULL, 0), LK_OK);
    other = config;
    assert_null(lk_config_needs_restart(&config, &other));
    other.radius.port = 5;
    assert_null(lk_config_needs_restart(&config, &other));
    other.vault.node = 2;
    assert_string_equal(lk_config_needs_restart(&config, &other), "vault.node");
    other = config;
    other.roles |= LK_ROLE_ANCHOR;
    assert_string_equal(lk_config_needs_restart(&config, &other), "roles[]");
}

/* What only an anchor has use for holds up no reload where there is none. */
static void test_restart_needed_by_a_role_that_runs(void **state)
{
    static const char *const sets[] = { "roles=[anchor]" };
    static struct lk_config other;

    assert_int_equal(load("", NULL, 0), LK_OK);
    other = config;
    other.anchor.ipv4[0].bits++;
    assert_null(lk_config_needs_restart(&config, &other));
    assert_int_equal(load("", sets, 1), LK_OK);
    other = config;
    other.anchor.lifetime_s++;
    assert_null(lk_config_needs_restart(&config, &other));
    other.anchor.ipv4[0].bits++;
    assert_string_equal(lk_config_needs_restart(&config, &other), "anchor.ipv4[]");
    other = config;
    other.anchor.ipv4_count = 0;
    assert_string_equal(lk_config_needs_restart(&config, &other), "anchor.ipv4[]");
}

/* The gateway's channel takes these once. */
static void test_restart_needed_by_the_channel(void **state)
{
    static const char *const sets[] = { "roles=[twag]" };
    static struct lk_config other;

    assert_int_equal(load("", sets, 1), LK_OK);
    assert_int_equal(config.wlcp.handshakes_max, 1024);
    other = config;
    other.wlcp.hold_ms++;
    assert_string_equal(lk_config_needs_restart(&config, &other), "wlcp.hold_ms");
    other = config;
    other.wlcp.half_open_max++;
    assert_string_equal(lk_config_needs_restart(&config, &other), "wlcp.half_open_max");
    other = config;
    other.wlcp.handshakes_max++;
    assert_string_equal(lk_config_needs_restart(&config, &other), "wlcp.handshakes_max");
    other = config;
    other.wlcp.any_source_port = true;
    assert_string_equal(lk_config_needs_restart(&config, &other), "wlcp.any_source_port");
}

/* Each element has what it says, or what its row says for each; lists lie in lists. */
static void test_lists_in_lists(void **state)
{
    assert_int_equal(load("ue:\n  applications:\n"
                          "    - {name: a, uid: 1000, apns: [internet, ims], rights: status}\n"
                          "    - name: b\n      uid: nobody\n      apns: ims\n"
                          "    - {name: c, uid: 7, rights: []}\n"
                          "radsec:\n  certificate: /c\n  key: /k\n  ca: /a\n"
                          "  peers: [{name: x, certificate: x.example}]\n"
                          "wlcp:\n  apns: [corporate]\n  kdf: {fc: 2F, params: [01, a0b1]}\n"
                          "anchor: {ipv6: []}\n",
                          NULL, 0),
                     LK_OK);
    assert_int_equal(config.ue.application_count, 3);
    assert_int_equal(config.ue.applications[0].apn_count, 2);
    assert_string_equal(config.ue.applications[0].apns[1], "ims");
    assert_int_equal(config.ue.applications[0].rights, LK_CONFIG_MAY_STATUS);
    assert_string_equal(config.ue.applications[1].apns[0], "ims");
    assert_int_equal(config.ue.applications[1].rights,
                     LK_CONFIG_MAY_CONNECT | LK_CONFIG_MAY_DISCONNECT | LK_CONFIG_MAY_STATUS);
    assert_int_equal(config.ue.applications[2].rights, 0);
    assert_int_equal(config.ue.applications[2].apn_count, 0);
    assert_int_equal(config.radsec.peers[0].port, 2083);
    assert_string_equal(config.radsec.peers[0].secret, "radsec");
    assert_int_equal(config.wlcp.apn_count, 1);
    assert_string_equal(config.wlcp.kdf.fc, "2f");
    assert_string_equal(config.wlcp.kdf.params[1], "a0b1");
    assert_int_equal(config.anchor.ipv6_count, 0);
    assert_int_equal(config.anchor.ipv4_count, 1);
}

/* What enters the WLCP key, and the layout of AT_TWAN_CONN_MODE, as the pure layers take them. */
static void test_mode_and_key_derivation(void **state)
{
    struct lk_mode_layout layout, want;
    struct lk_wlcp_kdf kdf, candidate;

    assert_int_equal(load("", NULL, 0), LK_OK);
    lk_wlcp_kdf_defaults(&candidate);
    lk_wlcp_kdf_of(&kdf, &config);
    assert_memory_equal(&kdf, &candidate, sizeof kdf);
    lk_mode_layout_defaults(&want);
    lk_mode_layout_of(&layout, &config);
    assert_memory_equal(&layout, &want, sizeof layout);
    assert_true(config.eap.multi_connection);

    assert_int_equal(load("wlcp: {kdf: {fc: 2F, params: [01, a0b1]}}\n"
                          "eap: {conn_mode_layout: \"0907051020401122334e\"}\n",
                          NULL, 0),
                     LK_OK);
    lk_wlcp_kdf_of(&kdf, &config);
    assert_int_equal(kdf.fc, 0x2f);
    assert_int_equal(kdf.count, 2);
    assert_int_equal(kdf.param[0].len, 1);
    assert_int_equal(kdf.param[1].len, 2);
    assert_int_equal(kdf.param[1].octets[1], 0xb1);
    lk_mode_layout_of(&layout, &config);
    assert_int_equal(layout.message[2], 5);
    assert_int_equal(layout.multi, 0x40);
    assert_int_equal(layout.back_off, 0x4e);
    /* Two messages of one number. */
    assert_int_not_equal(load("eap: {conn_mode_layout: \"01010301020401020304\"}\n", NULL, 0),
                         LK_OK);
    assert_int_not_equal(load("eap: {conn_mode_layout: \"0102\"}\n", NULL, 0), LK_OK);
}

static void test_wlcp(void **state)
{
    struct lk_wlcp_table table;
    struct lk_wlcp_twag_config twag;
    struct lk_wlcp_ue_config ue;
    size_t row;

    assert_int_equal(load("", NULL, 0), LK_OK);
    assert_int_equal(lk_wlcp_table_of(&table, &row, &config), LK_OK);
    assert_memory_equal(&table, &lk_wlcp_table, sizeof table);
    lk_wlcp_ue_config_of(&ue, &table, &config);
    assert_int_equal(ue.t_disconnect_ms, 6000);
    lk_wlcp_twag_config_of(&twag, &table, &config);
    assert_int_equal(twag.apns, 2);
    assert_int_equal(twag.apn[1].pdn_types, LK_WLCP_IPV4V6);
    assert_int_equal(twag.connections, 8);

    assert_int_equal(load("wlcp: {numbers: [{name: status, value: 145}, {name: tw1, value: 54}],\n"
                          "  layout: [\"connectivity-accept nbifom -\"], pdn_types: [ipv6],\n"
                          "  apns: [a, b], congested: [B], dns: [\"2001:db8::1\", 192.0.2.5],\n"
                          "  tries: 3, back_off_s: 7, t_bind_ms: 11}\n",
                          NULL, 0),
                     LK_OK);
    assert_int_equal(lk_wlcp_table_of(&table, &row, &config), LK_OK);
    assert_int_equal(table.layout[LK_WLCP_STATUS].number, 145);
    assert_int_equal(table.layout[LK_WLCP_CONNECTIVITY_ACCEPT].row[6].iei, 54);
    lk_wlcp_twag_config_of(&twag, &table, &config);
    assert_ptr_equal(twag.table, &table);
    assert_int_equal(twag.tries, 3);
    assert_int_equal(twag.back_off_ms, 7000);
    assert_int_equal(twag.t_bind_ms, 11);
    assert_int_equal(twag.apn[0].pdn_types, LK_WLCP_IPV6);
    assert_false(twag.apn[0].congested);
    assert_true(twag.apn[1].congested);
    assert_int_equal(twag.dns_ipv4[3], 5);
    assert_int_equal(twag.dns_ipv6[15], 1);

    assert_int_not_equal(load("wlcp: {numbers: [{name: status, value: 129}]}\n", NULL, 0), LK_OK);
    assert_int_not_equal(load("wlcp: {layout: [\"status cause M W\"]}\n", NULL, 0), LK_OK);
    assert_int_not_equal(load("wlcp: {apns: [a_b]}\n", NULL, 0), LK_OK);
    assert_int_not_equal(load("wlcp: {congested: [\"a..b\"]}\n", NULL, 0), LK_OK);
}

/* Files and sockets of all rooms lie under the state directory. */
static void test_paths_are_placed(void **state)
{
    static const char *const sets[] = { "state_dir=/x", "radsec.key=/etc/k", "radsec.ca=ca.pem",
                                        "radsec.certificate=own.pem" };

    assert_int_equal(load("", NULL, 0), LK_OK);
    assert_string_equal(config.radsec.certificate, "");
    assert_int_equal(load("", sets, LK_COUNT_OF(sets)), LK_OK);
    assert_string_equal(config.control, "/x/control.sock");
    assert_string_equal(config.ue.socket, "/x/ue.sock");
    assert_string_equal(config.radsec.key, "/etc/k");
    assert_string_equal(config.radsec.ca, "/x/ca.pem");
    assert_string_equal(config.radsec.certificate, "/x/own.pem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_file_and_overrides),
        cmocka_unit_test(test_mistakes_name_line_and_fix),
        cmocka_unit_test(test_override_mistakes),
        cmocka_unit_test(test_secret_is_not_shown),
        cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_directory_is_no_file),
        cmocka_unit_test(test_network_name_of_ones_own),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_restart_needed),
        cmocka_unit_test(test_restart_needed_by_a_role_that_runs),
        cmocka_unit_test(test_restart_needed_by_the_channel),
        cmocka_unit_test(test_lists_in_lists),
        cmocka_unit_test(test_mode_and_key_derivation),
        cmocka_unit_test(test_wlcp),
        cmocka_unit_test(test_paths_are_placed),
        cmocka_unit_test(test_keys_may_go_over_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

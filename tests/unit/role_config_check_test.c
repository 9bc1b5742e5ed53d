/* What keys say about each other: two at one port, two ends of one leg, a card, applications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "role/config.h"

static struct lk_config config;
static struct lk_config_report report;

static enum lk_status load(const char *text)
{
    char file[] = "/tmp/lk-config-XXXXXX";
    int fd = mkstemp(file);
    enum lk_status status;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    status = lk_config_load(&config, &report, file, NULL, 0);
    unlink(file);
    return status;
}

struct judged {
    const char *text;
    const char *words[4]; /* none: it is valid */
};

static void judge(const struct judged *judged, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool good = judged[i].words[0] == NULL;
        enum lk_status status = load(judged[i].text);

        if ((status == LK_OK) != good || (!good && report.count != 1))
            fail_msg("%s\n%zu problems: %s", judged[i].text, report.count,
                     status == LK_OK ? "none" : report.problem[0]);
        for (size_t j = 0; j < 4 && judged[i].words[j] != NULL; j++)
            if (strstr(report.problem[0], judged[i].words[j]) == NULL)
                fail_msg("%s\nno '%s' in: %s", judged[i].text, judged[i].words[j],
                         report.problem[0]);
    }
}

#define CARD                                                                                       \
    "ue:\n  k: 465b5ce8b199b49faa5f0a2ee238a6bc\n  opc: cd63cb71954a9f4e48a5994e37a02baf\n"

static void test_ports(void **state)
{
    static const struct judged judged[] = {
        { "roles: [aaa, vault, twap]\n", { NULL } },
        { "roles: [aaa, vault, twap]\ntwap:\n  port: 1812\n",
          { ":3: ", "twap.port", "than radius.port", "1812 for both" } },
        { "roles: [vault, aaa]\ntwap:\n  port: 1812\n", { NULL } }, /* nobody plays it */
        { "roles: [aaa, vault, twap]\ntwap: {port: 1812, listen: 127.0.0.3}\n", { NULL } },
        { "roles: [aaa, vault, twap]\ntwap: {port: 1812, listen: \"::1\"}\n", { NULL } },
        { "roles: [aaa, vault, twap]\ntwap: {port: 1812, listen: \"0.0.0.0\"}\n",
          { "twap.port", "radius.port" } },
        { "roles: [aaa, vault, twap]\ndynamic:\n  port: 1813\n",
          { ":3: ", "dynamic.port", "radius.accounting_port" } },
        { "roles: [anchor]\nanchor:\n  tunnel_port: 5436\n",
          { ":3: ", "anchor.tunnel_port", "anchor.port", "127.0.0.1 port 5436" } },
        { "roles: [aaa, vault]\nconsole:\n  port: 1812\n", { NULL } }, /* UDP and TCP are two */
        { "roles: [twag, ue]\n" CARD, { NULL } },                      /* 127.0.0.1, 127.0.0.2 */
        { "roles: [twag, ue]\n" CARD "  address: 127.0.0.1\nwlcp: {user_port: 36412}\n",
          { "ue.address", "another address than wlcp.listen", "127.0.0.1 port 3641" } },
        { "radius: {listen: [127.0.0.1, 127.0.0.1]}\n", { NULL } }, /* one purpose */
    };

    judge(judged, 10);
    /* Both ports of a device at its gateway's address: one line each. */
    assert_int_equal(load(judged[10].text), LK_E_CONFIG);
    assert_int_equal(report.count, 2);
    assert_non_null(strstr(report.problem[1], judged[10].words[1]));
    judge(&judged[11], 1);
}

#define BSF "roles: [vault, bsf]\nbsf:\n  users:\n"

static void test_users_of_the_bsf(void **state)
{
    static const struct judged judged[] = {
        { BSF "    - {imsi: \"001010000000001\", services: [\"1:1,2\", \"7\"]}\n", { NULL } },
        { BSF "    - {imsi: \"001010000000001\", services: []}\n", { NULL } },
        { BSF "    - {imsi: \"00101x\"}\n", { ":4: ", "bsf.users[0].imsi", "digits", "fix: " } },
        { BSF "    - {imsi: \"0010101\"}\n    - {imsi: \"0010101\"}\n",
          { ":5: ", "bsf.users[1].imsi", "once", "fix: " } },
        { BSF "    - {imsi: \"0010101\", services: [\"1:64\"]}\n",
          { ":4: ", "bsf.users[0].services", "flags", "fix: " } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define ZN "roles: [vault, bsf]\nbsf:\n"
#define NAF "{name: naf.example, ua_ids: [\"0100000002\"]}"
#define AANF "roles: [aanf]\naanf: {certificate: a, key: b, ca: c,\n"
#define APPLICATION "roles: [ue]\n" CARD "  applications:\n    - {name: a, uid: 1, "
#define A_HOST "the name of a host", "fix: "

/* A name of a host is one, whatever role has it; no server has two rows, of which one counts. */
static void test_names_of_servers(void **state)
{
    static const struct judged judged[] = {
        { ZN "  nafs: [" NAF ", {name: b.example}]\n", { NULL } },
        { ZN "  nafs:\n    - " NAF "\n    - {name: NAF.example}\n",
          { ":5: ", "bsf.nafs[1].name", "no other row", "fix: " } },
        { AANF "  afs: [" NAF ",\n    " NAF "]}\n",
          { ":4: ", "aanf.afs[1].name", "no other row" } },
        { ZN "  name: 'b\"x'\n", { ":3: ", "bsf.name", A_HOST } },
        { ZN "  nafs: [{name: a/b}]\n", { ":3: ", "bsf.nafs[0].name", A_HOST } },
        { ZN "  impi_realm: a..b\n", { ":3: ", "bsf.impi_realm", A_HOST } },
        { ZN "  home_agent: a b\n", { ":3: ", "bsf.home_agent", A_HOST } },
        { ZN "  home_agent: \"\"\n", { NULL } },
        { "naf: {name: .a}\n", { "naf.name", A_HOST } },
        { "naf: {bsf: a.}\n", { "naf.bsf", A_HOST } },
        { "af: {name: 'app \"x\" /y'}\n", { "af.name", A_HOST } },
        { "af: {bsf: {name: 'b s/f@evil:1'}}\n", { "af.bsf.name", A_HOST } },
        { "af: {aanf: {name: a@b}}\n", { "af.aanf.name", A_HOST } },
        { "aaa: {akma: {aanf: a_b}}\n", { "aaa.akma.aanf", A_HOST } },
        { AANF "  ausfs: [a.example, 'b?']}\n", { ":3: ", "aanf.ausfs[1]", A_HOST } },
        { "ue: {gba: {bsf: 'bsf \"x\"'}}\n", { "ue.gba.bsf", A_HOST } },
        { "ue: {gba: {impi_realm: a@b}}\n", { "ue.gba.impi_realm", A_HOST } },
        { APPLICATION "nafs: [naf.example/0100000002]}\n", { NULL } },
        { APPLICATION "nafs: [naf.example/zz]}\n",
          { ":6: ", "ue.applications[0].nafs[0]", "protocol", "fix: " } },
        { APPLICATION "afs: [\"a b.example/0100000007\"]}\n",
          { ":6: ", "ue.applications[0].afs[0]", "protocol", "fix: " } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define CERTIFIED "certificate: a, key: b, ca: c, "
#define WITH_BSF \
    "bsf: {" CERTIFIED "name: bsf.example, zn_port: 8443, nafs: [" NAF "]}\n"
#define WITH_NAF "roles: [vault, bsf, naf]\n" WITH_BSF "naf: {" CERTIFIED
#define WITH_AF \
    "roles: [vault, bsf, af]\n" WITH_BSF "af: {certificate: a, certificate_key: b, ca: c, " \
    "apps: [{app: a, users: u}], name: naf.example, bsf: "
#define WITH_AAA "roles: [vault, aaa, aanf, af]\naaa: {akma: {" CERTIFIED "aanf: aanf.example"
#define WITH_AANF "aanf: {" CERTIFIED "afs: [" NAF "], ausfs: "
#define AND_AF \
    "af: {certificate: a, certificate_key: b, ca: c, apps: [{app: a, users: u}], " \
    "name: naf.example, aanf: "

/* Both ends in one file have to agree; one that asks elsewhere has not. */
static void test_both_ends_in_one_file(void **state)
{
    static const struct judged judged[] = {
        { WITH_NAF "name: naf.example, bsf: BSF.example}\n", { NULL } },
        { WITH_NAF "name: naf.exampel, bsf: bsf.example}\n",
          { ":3: ", "naf.name", "bsf.nafs", "naf.exampel" } },
        { WITH_NAF "name: naf.example, bsf: bsf.nowhere}\n",
          { ":3: ", "naf.bsf", "'bsf.example'", "bsf.nowhere" } },
        { WITH_NAF "name: naf.example, bsf: bsf.example, bsf_port: 8444}\n",
          { ":3: ", "naf.bsf_port", "bsf.zn_port", "8444" } },
        { WITH_NAF "name: a.example, bsf: b.example, bsf_address: 192.0.2.1}\n", { NULL } },
        { WITH_AF "{name: bsf.example, port: 8443}}\n", { NULL } },
        { WITH_AF "{name: b.example, port: 8443}}\n", { ":3: ", "af.bsf.name", "'bsf.example'" } },
        { WITH_AF "{name: bsf.example, port: 8445}}\n", { ":3: ", "af.bsf.port", "8443" } },
        { WITH_AAA "}}\n" WITH_AANF "[a.example]}\n" AND_AF "{name: aanf.example}}\n", { NULL } },
        { WITH_AAA "}}\n" WITH_AANF "[]}\n" AND_AF "{name: aanf.example}}\n",
          { ":2: ", "aaa.akma.aanf", "aanf.ausfs", "fix: " } },
        { WITH_AAA "}}\n" WITH_AANF "[a.example]}\n" AND_AF "{name: z.example}}\n",
          { ":2: ", "aaa.akma.aanf", "'z.example'", "af.aanf.name" } },
        { WITH_AAA ", port: 8445}}\n" WITH_AANF "[]}\n" AND_AF "{name: z.example}}\n", { NULL } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

static void test_card(void **state)
{
    static const struct judged judged[] = {
        { "roles: [ue]\n" CARD, { NULL } },
        { "ue: {k: 465b}\n", { NULL } }, /* no device here */
        { "roles: [ue]\nue:\n  opc: cd63cb71954a9f4e48a5994e37a02baf\n  k: 465b\n",
          { ":4: ", "ue.k", "32 hexadecimal digits", "not shown" } },
        { "roles: [ue]\nue:\n  opc: cd63cb71954a9f4e48a5994e37a02baf\n",
          { "ue.k", "found none", "card.k" } },
        { "roles: [ue]\nue:\n  k: 465b5ce8b199b49faa5f0a2ee238a6bc\n  opc: hush\n",
          { ":4: ", "ue.opc", "not shown" } },
        { "roles: [ue]\n" CARD "  algorithm: tuak\n", { ":4: ", "ue.opc", "64 hexadecimal" } },
        { "roles: [ue]\n" CARD "  imsi: 00101x\n", { ":5: ", "ue.imsi", "digits" } },
        { "roles: [ue]\n" CARD "  applications: [{name: a, uid: 1}, {name: a, uid: 2}]\n",
          { ":5: ", "ue.applications[1].name", "'a' for two" } },
        { "roles: [ue]\n" CARD "  applications: [{name: a, uid: 1}, {name: b, uid: 1}]\n",
          { NULL } },
        { "roles: [ue]\n" CARD "  applications: [{name: a, uid: 1, apns: [a_b]}]\n",
          { ":5: ", "ue.applications[0].apns[0]", "labels" } },
    };

    judge(judged, LK_COUNT_OF(judged));
    assert_int_equal(load("roles: [ue]\nue: {k: 465bhush, opc: hush}\n"), LK_E_CONFIG);
    for (size_t i = 0; i < report.count; i++)
        assert_null(strstr(report.problem[i], "hush"));
}

/* Where gateway and anchor are in one file, both ends are compared. */
static void test_gateway_and_anchor(void **state)
{
    static const struct judged judged[] = {
        { "roles: [twag, anchor]\n", { NULL } },
        { "roles: [twag, anchor]\nmag:\n  name: other\n",
          { ":3: ", "mag.name", "anchor.mags", "'other'" } },
        { "roles: [twag]\nmag:\n  name: other\n", { NULL } },
        { "roles: [twag, anchor]\nmag: {name: other, anchor: 192.0.2.1}\n", { NULL } },
        { "roles: [twag, anchor]\nmag: {name: other, port: 5438}\n", { NULL } },
        { "roles: [twag, anchor]\nmag: {name: other}\nanchor: {listen: \"0.0.0.0\", mags: [{name: "
          "lab, psk: 0123456789abcdef}]}\n",
          { "mag.name" } },
        { "roles: [twag, anchor]\nmag:\n  psk: hush\n", { ":3: ", "mag.psk", "not shown" } },
        { "roles: [twag, anchor]\nwlcp:\n  apns: [internet, corp]\n",
          { ":3: ", "wlcp.apns[1]", "anchor.services", "'corp'" } },
        { "roles: [twag, anchor]\nwlcp: {apns: [internet, corp]}\n"
          "anchor: {services: [Corp, internet]}\n",
          { NULL } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define LTE "roles: [ue]\n" CARD "  lte:\n"
#define CELL "    cells: [{name: a, port: 36480, pci: 1}, "

static void test_lte(void **state)
{
    static const struct judged judged[] = {
        { LTE CELL "{name: b, port: 36481, pci: 2}]\n", { NULL } },
        { LTE CELL "{name: b, address: 127.0.0.3, port: 36480, pci: 2}]\n", { NULL } },
        { LTE CELL "{name: a, port: 36481, pci: 2}]\n",
          { ":6: ", "ue.lte.cells[1].name", "another name" } },
        { LTE CELL "{name: b, port: 36481, pci: 1}]\n",
          { ":6: ", "ue.lte.cells[1].pci", "another pci" } },
        { LTE CELL "{name: b, port: 36480, pci: 2}]\n",
          { ":6: ", "ue.lte.cells[1].port", "the cell 'a'" } },
        { LTE CELL "{name: b, address: \"::1\", port: 36481, pci: 2}]\n",
          { ":6: ", "ue.lte.cells[1].address", "same family" } },
        { LTE CELL "{name: b, port: 36481}]\n", { ":6: ", "ue.lte.cells[1]", "add pci" } },
        { LTE CELL "{name: b, port: 36481, pci: 504}]\n", { "ue.lte.cells[1].pci", "503" } },
        { LTE CELL "]\n    wt: {address: \"::1\"}\n", { "ue.lte.wt.address", "same family" } },
        { LTE CELL "]\n    plmn: 0010a\n", { ":7: ", "ue.lte.plmn", "MCC" } },
        { LTE CELL "]\n    plmn: \"0010\"\n", { "ue.lte.plmn" } },
        { LTE CELL "]\n    wlan_mac: \"03:00:00:00:00:01\"\n",
          { ":7: ", "ue.lte.wlan_mac", "not of a group" } },
        { LTE CELL "]\n    wlan_mac: \"02:00:00:00:00\"\n", { "ue.lte.wlan_mac" } },
        { LTE CELL "]\n    air_port: 36490\n", { "ue.lte.air_port", "36490 for both" } },
        { LTE CELL "]\n    akm: wep\n", { "ue.lte.akm", "psk-sha256" } },
        /* Without cells there is no LTE, and nothing is looked at. */
        { LTE "    wlan_mac: \"ff:ff:ff:ff:ff:ff\"\n    plmn: abcde\n", { NULL } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define BOTH "roles: [vault, enb, wt]\nlaboratory: true\n"

/* Where eNB and WT are in one file, and each other's, both ends are compared. */
static void test_enb_and_wt(void **state)
{
    static const struct judged judged[] = {
        { BOTH, { NULL } },
        { BOTH "enb:\n  ssid: other\n", { ":4: ", "enb.ssid", "expected latchkey", "wt.ssid" } },
        { BOTH "wt:\n  ssid: other\n", { ":4: ", "enb.ssid", "expected other", "found latchkey" } },
        { BOTH "wt:\n  ssid: \"\"\n", { NULL } },
        { BOTH "enb:\n  ssid: \"\"\n", { NULL } },
        { BOTH "enb:\n  ssid: other\nwt: {ssid: other}\n", { NULL } },
        { BOTH "wt:\n  bssid: \"02:00:00:00:00:99\"\n",
          { ":4: ", "enb.bssid", "expected 02:00:00:00:00:99", "wt.bssid" } },
        { BOTH "wt:\n  bssid: \"02-00-00-00-36-62\"\n", { NULL } },
        { BOTH "enb:\n  bssid: \"\"\nwt: {bssid: \"02:00:00:00:00:99\"}\n", { NULL } },
        { BOTH "wt:\n  xw: tcp\n", { ":4: ", "enb.xw", "expected tcp", "found sctp" } },
        { BOTH "wt:\n  xw: tcp\nenb: {xw: tcp}\n", { "enb.wt.port", "expected 36462", "9899" } },
        { BOTH "wt:\n  xw: tcp\nenb: {xw: tcp, wt: {port: 36462}}\n", { NULL } },
        { BOTH "wt:\n  xw_udp_port: 9898\n", { ":4: ", "enb.wt.port", "expected 9898" } },
        { BOTH "enb:\n  xw_udp_port: 9901\n",
          { ":4: ", "wt.enbs[0].port", "expected 9901", "enb.xw_udp_port" } },
        { BOTH "enb:\n  xw_udp_port: 9901\nwt: {enbs: [{name: x, address: 127.0.0.1}, "
          "{name: y, address: 127.0.0.1, port: 9901}]}\n",
          { NULL } },
        /* Not each other's, or not both. */
        { BOTH "enb:\n  ssid: other\n  wt: {address: 127.0.0.9}\n", { NULL } },
        { BOTH "wt: {xw_listen: 127.0.0.9, ssid: other}\n", { NULL } },
        { "roles: [vault, enb]\nlaboratory: true\nenb: {ssid: other}\nwt: {xw: tcp}\n",
          { NULL } },
        { "roles: [wt]\nlaboratory: true\nwt: {ssid: other}\n", { NULL } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define DIGITS "00112233445566778899aabbccddeeff"
#define MARK_KEY "  mis_mark_key: " DIGITS DIGITS "\n"
#define POS(address, pos)                                                                          \
    "radius:\n  clients:\n    - {address: \"" address "\", secret: x, pos: \"" pos "\"}\n"

#define ROW(address, pos) "    - {address: \"" address "\", secret: x, pos: \"" pos "\"}\n"
#define PEER(name, pos)                                                                            \
    "    - name: " name "\n      pos: " pos "\n      certificate: " name ".example\n"
#define RADSEC                                                                                     \
    "radsec:\n  certificate: a.crt\n  key: a.key\n  ca: ca.crt\n  peers:\n"                    \
    PEER("a", "pos@a.example")

/* T04, T46: a PoS where its keys would be read, or without a mark (T40), is refused before it
 * asks. */
static void test_mis(void **state)
{
    static const struct judged judged[] = {
        { POS("127.0.0.1", "pos@a.example") "aaa:\n" MARK_KEY, { NULL } },
        { POS("127.0.0.1", "pos.a.example") "aaa:\n" MARK_KEY, { NULL } },
        { POS("::1", "pos@a.example") "aaa:\n" MARK_KEY, { NULL } },
        { POS("192.0.2.1", "pos@a.example") "aaa:\n" MARK_KEY,
          { ":3: ", "radius.clients[0].pos", "loopback", "radsec.peers" } },
        { POS("127.0.0.1", "pos a.example") "aaa:\n" MARK_KEY,
          { ":3: ", "radius.clients[0].pos", "MISF ID" } },
        { POS("127.0.0.1", "@a.example") "aaa:\n" MARK_KEY, { "radius.clients[0].pos" } },
        { POS("127.0.0.1", "pos@") "aaa:\n" MARK_KEY, { "radius.clients[0].pos" } },
        { POS("127.0.0.1", "pos") "aaa:\n" MARK_KEY, { "radius.clients[0].pos" } },
        { POS("127.0.0.1", "pos@a.example"), { "aaa.mis_mark_key", "found none", "mis-key new" } },
        { "aaa:\n  mis_mark_key: 0011\n", { ":2: ", "aaa.mis_mark_key", "not shown" } },
        { "aaa:\n" MARK_KEY, { NULL } },
        { "aaa: {mis_max: 16}\n", { "aaa.mis_max", "0 to 15" } },
        { "aaa: {mis_lifetime_s: 59}\n", { "aaa.mis_lifetime_s" } },
        /* T40: K is of one PoS. */
        { POS("127.0.0.1", "pos@a.example") ROW("127.0.0.2", "pos@b.example") "aaa:\n" MARK_KEY,
          { NULL } },
        { POS("127.0.0.1", "pos@a.example") ROW("127.0.0.2", "pos@a.example") "aaa:\n" MARK_KEY,
          { ":4: ", "radius.clients[1].pos", "another PoS than the rows before", "fix: " } },
        { RADSEC PEER("b", "pos@a.example") "aaa:\n" MARK_KEY,
          { "radsec.peers[1].pos", "another PoS than the rows before" } },
        { POS("127.0.0.1", "pos@a.example") RADSEC "aaa:\n" MARK_KEY, { NULL } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define POINT                                                                                      \
    "roles: [pos]\npos:\n  points:\n  - id: pos@a.example\n    aaa: {secret: s}\n    "          \
    "certificate: a.crt\n    key: a.key\n    ca: ca.crt\n"                                        \
    "    partners: [{id: pos@b.example, name: b.example}]\n"
#define HOME "{realm: home.example, mark_key: \"" DIGITS DIGITS "\"}"
/* Another point, to which a row of partners leads. */
#define SECOND(id)                                                                                 \
    POINT "  - id: pos@c.example\n    link_port: 4653\n    port: 4651\n    aaa: {secret: s, "      \
    "source: 127.0.0.3}\n    certificate: a.crt\n    key: a.key\n    ca: ca.crt\n    "             \
    "partners:\n    - {id: " id ", name: a.example, address: 127.0.0.1, link_port: 4552}\n"
#define TO(pos) "{network: n, address: 127.0.0.1, pos: " pos "}"

/* What would be without effect, and is meant otherwise. */
static void test_points(void **state)
{
    static const struct judged judged[] = {
        { POINT, { NULL } },
        { POINT "    homes: [" HOME "]\n", { NULL } },
        { POINT "    homes: []\n",
          { ":10: ", "pos.points[0].homes", "at least one home", "fix: " } },
        { "laboratory: true\n" POINT "    homes: []\n    unmarked: true\n", { NULL } },
        { POINT "    neighbours: [" TO("pos@b.example") "]\n", { NULL } },
        { POINT "    neighbours: []\n", { NULL } },
        { POINT "    neighbours:\n    - " TO("pos@b.example") "\n    - " TO("pos@c.example") "\n",
          { ":12: ", "pos.points[0].neighbours[1].pos", "one of the partners", "fix: " } },
        { SECOND("pos@a.example"), { NULL } },
        { SECOND("pos@hone.example"),
          { ":18: ", "pos.points[1].partners[0].id", "expected pos@a.example", "fix: " } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define PHONE                                                                                      \
    "roles: [ue]\nue:\n  k: 465b5ce8b199b49faa5f0a2ee238a6bc\n"                                  \
    "  opc: cd63cb71954a9f4e48a5994e37a02baf\n  imsi: \"001010000000001\"\n  mis:\n"               \
    "    points: [{id: pos@lab}, {id: pos@a.example}]\n"

/* As long as a realm of a home can be: its start mark fits, wherever it goes. */
#define LONGEST "a23456789.a23456789.a23456789.a23456789.a23456789.home.example1"

static void test_device_of_mis(void **state)
{
    static const struct judged judged[] = {
        { PHONE, { NULL } },
        { PHONE "    partners: [lab, B.example]\n", { NULL } },
        { PHONE "    partners: []\n",
          { ":8: ", "ue.mis.partners", "at least one partner", "fix: " } },
        { PHONE "    partners: [lab, b]\n",
          { ":8: ", "ue.mis.partners[1]", "found 'b'", "fix: " } },
        { PHONE "    realm: " LONGEST "\n", { NULL } },
        { PHONE "    realm: " LONGEST "e\n", { ":8: ", "ue.mis.realm", "63" } },
        { "aaa:\n  realm: " LONGEST "\n", { NULL } },
        { "aaa:\n  realm: " LONGEST "e\n", { ":2: ", "aaa.realm", "63" } },
        { PHONE "    partners: [pos@a.example]\n",
          { ":8: ", "ue.mis.partners[0]", "found 'pos@a.example'" } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

static void test_wlcp(void **state)
{
    static const struct judged judged[] = {
        { "wlcp:\n  congested: [imss]\n", { ":2: ", "wlcp.congested[0]", "wlcp.apns", "'imss'" } },
        { "wlcp:\n  congested: [IMS]\n", { NULL } },
        { "wlcp:\n  numbers:\n    - {name: status, value: 145}\n    - {name: statsu, value: 146}\n",
          { ":4: ", "wlcp.numbers[1]", "'statsu' and 146" } },
        { "wlcp:\n  numbers:\n    - {name: status, value: 145}\n"
          "    - {name: connectivity-accept, value: 145}\n    - {name: tw1, value: 54}\n",
          { ":4: ", "wlcp.numbers[1]", "'connectivity-accept' and 145" } },
        { "wlcp:\n  numbers: [{name: status, value: 145}]\n  layout:\n    - connectivity-accept "
          "nbifom -\n    - status cause M W\n",
          { ":5: ", "wlcp.layout[1]", "status cause M W" } },
    };

    judge(judged, LK_COUNT_OF(judged));
}

#define NAF_FILES "certificate: /a, key: /b, ca: /c"
#define ANCHOR "roles: [aaa, vault, anchor]\nanchor:\n  mip:\n    naf: {"
#define HA_NAF ANCHOR "name: ha.example, " NAF_FILES
#define AAA_NAF "roles: [aaa, vault]\naaa:\n  mip:\n    naf: {name: aaa.example, " NAF_FILES
#define FA_NAF                                                                                     \
    "roles: [fa]\nfa:\n  care_of: 192.0.2.7\n"                                                     \
    "  home_agents: [{address: 192.0.2.1, key: sixteen-octets-and-more}]\n"                        \
    "  naf: {name: fa.example, " NAF_FILES

/* T28: the BSF knows by the protocol of Ua what a key is for, and so which way a subscriber goes
 * who may not go all: with another of ours or a free one, the ban of `latchkey subscriber mip`
 * would not hold. The controls: what each is by itself, in capitals too, and who is no NAF. */
static void test_protocols_of_mobile_ip(void **state)
{
    static const struct judged judged[] = {
        { HA_NAF "}\n", { NULL } },
        { HA_NAF ", ua: \"01000000F1\", ua6: \"01000000f3\"}\n", { NULL } },
        { HA_NAF ", ua: \"0100000002\"}\n",
          { "anchor.mip.naf.ua", "\"01000000f1\"", "found '0100000002'", "leave it out" } },
        { HA_NAF ", ua: \"01000000f0\"}\n", { "anchor.mip.naf.ua", "found '01000000f0'" } },
        { HA_NAF ", ua: \"01000000xy\"}\n", { "anchor.mip.naf.ua", "found '01000000xy'" } },
        { HA_NAF ", ua6: \"01000000f4\"}\n", { "anchor.mip.naf.ua6", "\"01000000f3\"" } },
        { ANCHOR "ua: \"0100000002\"}\n", { NULL } },
        { AAA_NAF "}\n", { NULL } },
        { AAA_NAF ", ua: \"01000000f0\", push_ua: \"01000000f1\"}\n", { NULL } },
        { AAA_NAF ", ua: \"01000000f1\"}\n", { "aaa.mip.naf.ua", "\"01000000f0\"" } },
        { AAA_NAF ", push_ua: \"01000000aa\"}\n", { "aaa.mip.naf.push_ua", "\"01000000f1\"" } },
        { FA_NAF "}\n", { NULL } },
        { FA_NAF ", ua: \"01000000f2\"}\n", { NULL } },
        { FA_NAF ", ua: \"01000000f1\"}\n", { "fa.naf.ua", "\"01000000f2\"" } },
    };

    (void)state;
    judge(judged, LK_COUNT_OF(judged));
}

#define FA_AAA                                                                                     \
    "roles: [fa]\nfa:\n  care_of: 192.0.2.7\n"                                                     \
    "  home_agents: [{address: 192.0.2.1, key: sixteen-octets-and-more}]\n"                        \
    "  aaa: {name: fa.example, server: "
#define HA_AAA                                                                                     \
    "roles: [anchor]\nanchor:\n  mip:\n    aaa: {name: ha.example, server: "
#define CLIENT "roles: [aaa, vault]\nradius:\n  clients: [{address: "
#define OVER_TLS ", certificate: /a.crt, key: /a.key, ca: /ca.crt"

/* T23: a key of Mobile IP goes over UDP on loopback alone, and else over TLS, at whose other end
 * there is a name: at the home AAA, at a home agent and at a foreign one. */
static void test_t23_where_keys_of_mobile_ip_may_travel(void **state)
{
    static const struct judged judged[] = {
        { CLIENT "127.0.0.1, secret: s, agent: a.example}]\n", { NULL } },
        { CLIENT "192.0.2.1, secret: s}]\n", { NULL } },
        { CLIENT "192.0.2.1, secret: s, agent: a.example}]\n",
          { "radius.clients[0].agent", "on loopback", "radsec.peers" } },
        { CLIENT "127.0.0.0/7, secret: s, agent: a.example}]\n",
          { "radius.clients[0].agent", "on loopback" } },
        { HA_AAA "127.0.0.1}\n", { NULL } },
        { HA_AAA "192.0.2.9}\n", { "anchor.mip.aaa.server", "TLS" } },
        { HA_AAA "192.0.2.9" OVER_TLS ", peer: aaa.example}\n", { NULL } },
        { HA_AAA "192.0.2.9" OVER_TLS "}\n", { "anchor.mip.aaa.certificate", "peer" } },
        { HA_AAA "127.0.0.1" OVER_TLS "}\n", { "anchor.mip.aaa.certificate", "peer" } },
        { FA_AAA "127.0.0.1}\n", { NULL } },
        { FA_AAA "192.0.2.9}\n", { "fa.aaa.server", "TLS" } },
        { FA_AAA "192.0.2.9" OVER_TLS ", peer: aaa.example}\n", { NULL } },
        { FA_AAA "192.0.2.9, certificate: /a.crt, peer: aaa.example}\n",
          { "fa.aaa.certificate", "one missing" } },
    };

    (void)state;
    judge(judged, LK_COUNT_OF(judged));
}

#define DEVICE_AT                                                                                  \
    "roles: [ue]\nue:\n  k: \"00000000000000000000000000000000\"\n"                                \
    "  opc: \"00000000000000000000000000000000\"\n  gba: {bsf: bsf.example}\n"                     \
    "  applications: [{name: browser, uid: \"0\"}]\n  mip:\n    places: [{name: a, "

/* A home agent that is a NAF is pushed nothing, and where there is a foreign agent its
 * advertisement says the care-of address. */
static void test_what_of_mobile_ip_has_no_effect(void **state)
{
    static const struct judged judged[] = {
        { HA_NAF "}\n    aaa: {name: ha.example}\n", { NULL } },
        { HA_NAF "}\n    aaa: {name: ha.example, pushed: true}\n",
          { "anchor.mip.aaa.pushed", "anchor.mip.naf", "leave pushed out" } },
        { ANCHOR "name: \"\"}\n    aaa: {name: ha.example, pushed: true}\n", { NULL } },
        { DEVICE_AT "address: 192.0.2.7, agent: 192.0.2.1}]\n", { NULL } },
        { DEVICE_AT "address: 192.0.2.7, care_of: 192.0.2.8}]\n", { NULL } },
        { DEVICE_AT "address: 192.0.2.7, agent: 192.0.2.1, care_of: 192.0.2.8}]\n",
          { "ue.mip.places[0].care_of", "advertisement", "leave care_of out" } },
    };

    (void)state;
    judge(judged, LK_COUNT_OF(judged));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_users_of_the_bsf),
        cmocka_unit_test(test_names_of_servers),
        cmocka_unit_test(test_both_ends_in_one_file),
        cmocka_unit_test(test_card),
        cmocka_unit_test(test_gateway_and_anchor),
        cmocka_unit_test(test_lte),
        cmocka_unit_test(test_enb_and_wt),
        cmocka_unit_test(test_mis),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_device_of_mis),
        cmocka_unit_test(test_wlcp),
        cmocka_unit_test(test_what_of_mobile_ip_has_no_effect),
        cmocka_unit_test(test_protocols_of_mobile_ip),
        cmocka_unit_test(test_t23_where_keys_of_mobile_ip_may_travel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

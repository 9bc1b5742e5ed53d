"""Zn of role bsf: NAFs by their certificates, over HTTPS by http.client and openssl."""
import calendar
import contextlib
import http.client
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import time
import unittest

import bsf_test
import gba
import radsec
import secrets_test
import world


class ZnTest(bsf_test.Bsf):
    UA, OTHER_UA = "0100000002", "0100000007"

    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        for ca in ("ca", "rogue"):
            self.certificates.ca(ca)
        for stem, name, ca in (("bsf", gba.BSF, "ca"), ("naf", "naf.example", "ca"),
                               ("other", "other.example", "ca"),
                               ("foreign", "naf.example", "rogue")):
            self.certificates.make(stem, name, ca=ca)
        path = self.certificates.path
        self.zn = world.free_port(socket.SOCK_STREAM)
        config = self.dir / "bsf.yaml"
        config.write_text(json.dumps({"bsf": {
            "zn_port": self.zn, "certificate": str(path("bsf")), "key": str(path("bsf", "key")),
            "ca": str(path("ca")),
            "nafs": [{"name": "naf.example", "ua_ids": [self.UA, self.OTHER_UA],
                      "identity": True, "services": [1, 3]},
                     {"name": "other.example", "ua_ids": [self.UA]}]}}))
        self.config = config
        self.bsf_with(config)
        self.session = self.ue().bootstrap()

    def bsf_with(self, config):
        self.port = world.free_port(socket.SOCK_STREAM)
        daemon = world.Latchkeyd(**{"roles": "[aaa, vault, bsf]", "bsf.port": self.port})
        again = daemon.again

        def begin():
            daemon.config = config
            again()
        daemon.again = begin
        self.daemon = self.start(daemon)
        self.daemon.add(world.CARD)

    def ask(self, who="naf", fqdn="naf.example", ua=UA, b_tid=None, body=None):
        """(status, answer); None: no connection."""
        path = self.certificates.path
        context = ssl.create_default_context(cafile=path("ca"))
        context.check_hostname = False
        if who:
            context.load_cert_chain(path(who), path(who, "key"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.zn, timeout=10,
                                                 context=context)
        question = body or json.dumps({"transactionIdentifier": b_tid or self.session.b_tid,
                                       "nafId": {"nafFqdn": fqdn, "uaSecProtId": ua}})
        try:
            connection.request("POST", "/zn/bir", question,
                               {"Content-Type": "application/json"})
            came = connection.getresponse()
            return came.status, json.loads(came.read())
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return None
        finally:
            connection.close()

    def test_a_naf_gets_its_own_key(self):
        """spec: TS 29.109 5.2 - the key, its end; the identity where the NAF may know."""
        status, answer = self.ask()
        self.assertEqual(status, 200, answer)
        self.assertEqual(bytes.fromhex(answer["keyMaterial"]),
                         self.session.naf("naf.example", bytes.fromhex(self.UA)))
        self.assertEqual(answer["keyExpiryTime"], self.session.lifetime)
        self.assertEqual(answer["impi"], gba.impi(world.CARD))
        status, second = self.ask("other", "other.example")
        self.assertEqual(bytes.fromhex(second["keyMaterial"]),
                         self.session.naf("other.example", bytes.fromhex(self.UA)))
        self.assertNotIn("impi", second)
        # RFC 4343: capitals make no other name, and so no other key.
        status, shouted = self.ask("naf", "NAF.example")
        self.assertEqual((status, shouted.get("keyMaterial")), (200, answer["keyMaterial"]))
        text = json.dumps([answer, second])
        for secret in (self.session.ks, self.session.ks[:16], self.session.ks[16:]):
            self.assertNotIn(secret.hex(), text)
        self.assertEqual(self.counts()["bsf_naf_keys_total"], 3)

    def test_a_naf_gets_no_key_of_another(self):
        """T28: another's name, a protocol that is not its own; two protocols have two keys."""
        keys = {ua: self.ask(ua=ua)[1]["keyMaterial"] for ua in (self.UA, self.OTHER_UA)}
        self.assertNotEqual(*keys.values())
        for who, fqdn, ua in (("other", "naf.example", self.UA),
                              ("naf", "other.example", self.UA),
                              ("other", "other.example", self.OTHER_UA),
                              ("naf", "third.example", self.UA)):
            with self.subTest(who=who, fqdn=fqdn, ua=ua):
                status, answer = self.ask(who, fqdn, ua)
                self.assertEqual((status, answer["resultCode"]), (403, 5402))
                self.assertNotIn("keyMaterial", answer)

    def test_a_name_is_a_dns_name(self):
        """T28: a common name gives no right, whatever stands beside it; nor does a wildcard."""
        rows = {None: 403, "IP:127.0.0.1": 403, "email:root@naf.example": 403,
                "URI:https://naf.example": 403, "DNS:naf.example.evil.example": 403,
                "DNS:*.example": 403, "DNS:other.example,DNS:naf.example": 200}
        for alt, wanted in rows.items():
            with self.subTest(alt=alt):
                self.certificates.make("named", "naf.example", alt=alt)
                self.assertEqual(self.ask("named")[0], wanted)

    def test_one_naf_does_not_ask_too_often(self):
        """By the name in its certificate; the others go on, and so does it."""
        settings = json.loads(self.config.read_text())
        settings["bsf"]["zn_rate"] = 3
        self.config.write_text(json.dumps(settings))
        self.assertTrue(self.daemon.ask(op="reload")["ok"])
        time.sleep(0.2)
        answers = [self.ask(b_tid="nobody@bsf") for _ in range(20)]
        statuses = [status for status, _ in answers]
        self.assertEqual(statuses[0], 404)
        self.assertIn(429, statuses)
        refused = next(answer for status, answer in answers if status == 429)
        self.assertEqual(refused["reason"], "zn.too-fast")
        self.assertEqual(self.ask("other", "other.example")[0], 200)
        # Who is refused for his name spends nothing of who has it.
        self.assertEqual({self.ask("naf", "other.example")[0] for _ in range(6)}, {403})
        self.assertEqual(self.ask("other", "other.example")[0], 200)
        self.assertEqual(self.counts()["bsf_naf_over_budget_total"], statuses.count(429))
        time.sleep(1)
        self.assertEqual(self.ask()[0], 200)

    def test_settings_of_a_user(self):
        """spec: TS 33.220 4.5.2 - user security settings: a NAF is told those of its services
        (T28), and no identity that the subscriber's row keeps back; Ks lives no longer. A reload
        counts at the next question."""
        self.assertNotIn("gbaUserSecSettings", self.ask()[1])
        users = self.dir / "users.yaml"
        users.write_text(json.dumps([
            {"imsi": world.CARD.imsi, "services": ["1:1,2", "2:5", "3"], "identity": False,
             "lifetime_s": 3600}]))
        settings = json.loads(self.config.read_text())
        settings["bsf"]["users"] = str(users)
        self.config.write_text(json.dumps(settings))
        self.assertTrue(self.daemon.ask(op="reload")["ok"])

        def told():
            return self.ask()[1].get("gbaUserSecSettings")
        world.wait_for("the settings", lambda: told() is not None)
        self.assertEqual(told(), {"uss": [{"id": 1, "flags": [1, 2]}, {"id": 3, "flags": []}]})
        self.assertNotIn("impi", self.ask()[1])
        self.assertNotIn("gbaUserSecSettings", self.ask("other", "other.example")[1])
        time.sleep(1.1)  # of one second's bootstrappings the first counts
        session = self.ue().bootstrap()
        ends = calendar.timegm(time.strptime(session.lifetime, "%Y-%m-%dT%H:%M:%SZ"))
        self.assertAlmostEqual(ends, time.time() + 3600, delta=30)

    def test_ks_stays_nowhere(self):
        """Y10: when its key is with the NAF, Ks is in no process of the operator's, not even the
        BSF's own, where the store's is sealed; in no log and in no file. The same search finds it
        with its device, us, and the node key with the BSF."""
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")
        self.assertEqual(self.ask()[0], 200)
        status = self.daemon.ask(op="status")
        roles = {worker["role"]: worker["pid"] for worker in status["workers"]}
        var = self.daemon.where / "var"
        values = {"ks": self.session.ks.hex(), "ck": self.session.ks[:16].hex(),
                  "node": (var / "node.key").read_text().strip()}

        def held(pid):
            found = set()
            for octets in secrets_test.regions(pid):
                found |= {name for name, value in values.items()
                          if any(form in octets for form in secrets_test.forms(value))}
            return found
        self.assertLessEqual({"ks", "ck"}, held(os.getpid()))
        self.assertIn("node", held(roles["bsf"]))
        for pid in {*roles.values(), status["vault"]["pid"], self.daemon.process.pid}:
            self.assertLessEqual(held(pid), {"node"}, roles)
        written = b"".join(file.read_bytes() for file in var.rglob("*") if file.is_file())
        written += self.daemon.text().encode()
        for name in ("ks", "ck"):
            for form in secrets_test.forms(values[name]):
                self.assertNotIn(form, written)

    def test_a_foreign_certificate_is_refused(self):
        """T28: of another CA, or none; openssl says so as well. The control is the first."""
        self.assertEqual(self.ask()[0], 200)
        self.assertNotIn("zn.certificate", self.daemon.text())
        self.assertIsNone(self.ask("foreign"))
        self.daemon.wait_line("refused reason=zn.certificate .*from=127.0.0.1")
        self.assertIsNone(self.ask(None))
        path = self.certificates.path
        for stem, wanted in (("naf", True), ("foreign", False)):
            done = subprocess.run(
                [world.need("openssl"), "s_client", "-connect", f"127.0.0.1:{self.zn}", "-cert",
                 path(stem), "-key", path(stem, "key"), "-CAfile", path("ca"), "-quiet"],
                input=b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                      b"Connection: close\r\n\r\n", capture_output=True, timeout=20)
            self.assertEqual(b"HTTP/1.1 404" in done.stdout, wanted, done.stderr[-500:])

    def test_what_is_not_there(self):
        """spec: TS 29.109 6.2 - 5403 for a B-TID that is nobody's; 5401 for who is none."""
        status, answer = self.ask(b_tid="AAAA==@" + gba.BSF)
        self.assertEqual((status, answer["resultCode"]), (404, 5403))
        file = self.daemon.where / "var" / "store" / "latchkey.db"
        with contextlib.closing(sqlite3.connect(file)) as store, store:
            store.execute("DELETE FROM subscriber")     # as one who bootstraps while it goes
        status, answer = self.ask()
        self.assertEqual((status, answer["resultCode"]), (404, 5401))
        self.daemon.command("bsf", "release", world.CARD.imsi)
        status, answer = self.ask()
        self.assertEqual((status, answer["resultCode"]), (404, 5403))
        for body in ("{}", "no", "[1]", '{"transactionIdentifier": 1}', "{" * 3000):
            with self.subTest(body[:30]):
                self.assertEqual(self.ask(body=body)[0], 400)
        self.assertIsNone(self.ask(body="x" * 5000))

    def test_a_key_ends_with_its_subscriber(self):
        """Who is deleted leaves no session behind for who is added with that IMSI. The control:
        before, it is there."""
        self.assertEqual(self.ask()[0], 200)
        self.daemon.command("subscriber", "delete", world.CARD.imsi)
        for again in (False, True):
            with self.subTest(again=again):
                status, answer = self.ask()
                self.assertEqual((status, answer["resultCode"]), (404, 5403))
            self.daemon.command("subscriber", "add", world.CARD.imsi, "--k", world.CARD.k, "--opc",
                                world.CARD.opc, "--replace")


if __name__ == "__main__":
    unittest.main()

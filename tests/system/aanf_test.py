"""Role aanf: keys of AKMA registered, asked for and removed, by curl with certificates."""
import calendar
import http.client
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import time
import unittest
from pathlib import Path

import akma
import secrets_test
import world
from pg import Postgres

IMSI, OTHER_IMSI = "001010000000001", "001010000000002"


class AanfTest(world.Case):
    def aanf(self, **more):
        self.server = akma.Aanf(self, **more)
        return self.server

    def keys(self, imsi=IMSI, **more):
        return akma.Keys(os.urandom(32), imsi, **more)

    def refused(self, answer, status, cause):
        """ProblemDetails: what is wrong, and what to do."""
        self.assertEqual((answer[0], answer[1]["cause"]), (status, cause), answer)
        self.assertEqual(answer[1]["status"], status)
        self.assertTrue(answer[1]["title"] and answer[1]["detail"])
        self.assertEqual(self.server.type, "application/problem+json")
        for secret in ("kaf", "supi", "kAkma"):
            self.assertNotIn(secret, answer[1])

    def test_an_af_gets_its_own_key(self):
        """spec: TS 33.535 6.2 - K_AF by another hand, its end; the SUPI where the AF may know."""
        server, keys = self.aanf(), self.keys()
        status, answer = server.register(IMSI, keys)
        self.assertEqual((status, answer), (200, {"supi": akma.supi(IMSI), "aKId": keys.a_kid}))
        status, first = server.get(keys.a_kid)
        self.assertEqual(status, 200, first)
        self.assertEqual(bytes.fromhex(first["kaf"]), keys.k_af(akma.AF))
        self.assertEqual(first["supi"], akma.supi(IMSI))
        ends = calendar.timegm(time.strptime(first["expiry"], "%Y-%m-%dT%H:%M:%SZ"))
        self.assertAlmostEqual(ends, time.time() + 86400, delta=30)
        status, other = server.get(keys.a_kid, akma.OTHER, who="other")
        self.assertEqual(bytes.fromhex(other["kaf"]), keys.k_af(akma.OTHER))
        self.assertNotIn("supi", other)
        status, another = server.get(keys.a_kid, ua=akma.OTHER_UA)
        self.assertEqual(bytes.fromhex(another["kaf"]), keys.k_af(akma.AF, akma.OTHER_UA))
        self.assertEqual(server.get(keys.a_kid), (200, first))
        # RFC 4343: capitals make no other name, and so no other key.
        self.assertEqual(server.get(keys.a_kid, "AF.Example"), (200, first))
        self.assertEqual(server.counts()["aanf_af_keys_total"], 5)
        self.kept_sealed(keys)

    def kept_sealed(self, keys):
        """K_AKMA is not in the store, nor in the log; the control: its A-KID is in the store."""
        store = server_store(self.server)
        self.assertIn(keys.a_kid.encode(), store)
        for place in (store, self.server.daemon.text().encode()):
            for form in (keys.k_akma, keys.k_akma.hex().encode()):
                self.assertNotIn(form, place)

    def test_k_af_stays_nowhere(self):
        """Y10: when the AF has it, no process of the operator's has K_AF, nor K_AKMA but sealed.
        The same search finds both with us, and the node key with the AAnF."""
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")
        server, keys = self.aanf(), self.keys()
        server.register(IMSI, keys)
        _, answer = server.get(keys.a_kid)
        [worker] = server.daemon.ask(op="status")["workers"]
        key = Path(server.daemon.sets["state_dir"]) / "node.key"
        values = {"k_akma": keys.k_akma.hex(), "k_af": answer["kaf"],
                  "node": key.read_text().strip()}
        held = {pid: {name for octets in secrets_test.regions(pid)
                      for name, value in values.items()
                      if any(form in octets for form in secrets_test.forms(value))}
                for pid in (os.getpid(), worker["pid"], server.daemon.process.pid)}
        self.assertEqual(held[os.getpid()], set(values))
        self.assertEqual(held[worker["pid"]], {"node"})
        self.assertLessEqual(held[server.daemon.process.pid], {"node"})

    def test_a_user_may_stay_anonymous(self):
        """spec: TS 33.535 6.2 - the AF that may know whose it is asks not to be told."""
        server, keys = self.aanf(), self.keys()
        server.register(IMSI, keys)
        status, answer = server.get(keys.a_kid, anonInd=True)
        self.assertEqual((status, sorted(answer)), (200, ["expiry", "kaf"]))
        self.assertEqual(bytes.fromhex(answer["kaf"]), keys.k_af(akma.AF))
        self.assertEqual(server.counts()["aanf_anonymous_total"], 1)

    def test_who_is_not_who_he_says(self):
        """A20: another AF's name, a protocol not its own, an AF as AUSF, another CA, nobody."""
        server, keys = self.aanf(), self.keys()
        self.refused(server.register(IMSI, keys, who="af"), 403, "akma.ausf")
        server.register(IMSI, keys)
        for who, fqdn, ua in (("other", akma.AF, akma.UA), ("af", akma.OTHER, akma.UA),
                              ("other", akma.OTHER, akma.OTHER_UA),
                              ("af", "third.example", akma.UA), ("ausf", akma.AF, akma.UA)):
            with self.subTest(who=who, fqdn=fqdn, ua=ua):
                self.refused(server.get(keys.a_kid, fqdn, ua, who), 403, "akma.af")
                # And learns nothing of who there is.
                self.refused(server.get("x@y", fqdn, ua, who), 403, "akma.af")
        for who in ("foreign-af", "foreign-ausf", None):
            self.assertEqual(server.get(keys.a_kid, who=who)[0], 0)
            self.assertEqual(server.register(IMSI, self.keys(), who=who)[0], 0)
            self.assertEqual(server.remove(IMSI, who=who)[0], 0)
        self.refused(server.remove(IMSI, who="af"), 403, "akma.ausf")
        self.assertEqual(server.get(keys.a_kid)[0], 200)

    def test_the_newest_context_alone(self):
        """spec: TS 33.535 6.1 - a new authentication replaces the one before; no late one does."""
        server = self.aanf()
        first, second, late, other = (self.keys() for _ in range(4))
        now = int(time.time() * 1000)
        self.assertEqual(server.register(IMSI, first, madeMs=now - 5000)[0], 200)
        self.assertEqual(server.register(OTHER_IMSI, other, madeMs=now - 9000)[0], 200)
        self.assertEqual(server.register(IMSI, second, madeMs=now - 4999)[0], 200)
        self.refused(server.register(IMSI, late, madeMs=now - 6000), 409, "akma.newer")
        self.refused(server.register(OTHER_IMSI, second, madeMs=now), 409, "akma.newer")
        for stale in (first, late):
            self.refused(server.get(stale.a_kid), 404, "akma.a-kid")
        for there in (second, other):
            self.assertEqual(server.get(there.a_kid)[0], 200)
        self.assertEqual({row["imsi"]: row["a_kid"] for row in server.contexts()},
                         {IMSI: second.a_kid, OTHER_IMSI: other.a_kid})
        # A clock that is ahead keeps nobody out.
        ahead, then = self.keys(), self.keys()
        self.assertEqual(server.register(IMSI, ahead, madeMs=now + 3600 * 1000)[0], 200)
        self.assertEqual(server.register(IMSI, then)[0], 200)

    def test_a_context_ends(self):
        """Removed by the AUSF or the operator, or over: the AF is told that the device should
        authenticate again."""
        server, keys = self.aanf(aanf={"lifetime_s": 10}), self.keys()
        server.register(IMSI, keys)
        self.assertEqual(server.remove(IMSI)[0], 204)
        self.refused(server.get(keys.a_kid), 404, "akma.a-kid")
        self.refused(server.remove(IMSI), 404, "akma.no-context")
        server.register(IMSI, keys)
        self.assertIn(keys.a_kid, server.daemon.command("aanf", "contexts").stdout)
        server.daemon.command("aanf", "remove", IMSI)
        self.assertEqual(server.daemon.command("aanf", "remove", IMSI, check=False).returncode, 1)
        self.refused(server.get(keys.a_kid), 404, "akma.a-kid")
        server.register(IMSI, keys, madeMs=int(time.time() * 1000) - 8500)
        self.assertEqual(server.get(keys.a_kid)[0], 200)
        time.sleep(2.6)
        self.refused(server.get(keys.a_kid), 404, "akma.a-kid")
        self.assertEqual(server.contexts(), [])

    def test_what_cannot_be_read(self):
        server, keys = self.aanf(), self.keys()
        good = {"supi": akma.supi(IMSI), "aKId": keys.a_kid, "kAkma": keys.k_akma.hex()}
        for name, question in (
                ("nothing", ""), ("no object", "[1]"), ("half", "{"), ("deep", "[" * 2000),
                ("no supi", {**good, "supi": "nai-x@y"}), ("no imsi", {**good, "supi": "imsi-1x"}),
                ("no key", {**good, "kAkma": "00"}), ("hex", {**good, "kAkma": "z" * 64}),
                ("long", {**good, "aKId": "a" * 253 + "@"}), ("space", {**good, "aKId": "a @b"}),
                ("number", {**good, "aKId": 7}), ("zero", {**good, "aKId": "a\0@b"}),
                ("twice", '{"supi": "imsi-00101000", "supi": "imsi-00102000"}')):
            with self.subTest(name):
                self.refused(server.post(akma.REGISTER, question, "ausf"), 400, "akma.malformed")
        for af_id in ("af.example", "/0100000007", "af.example/01", "af.example/zz00000007",
                      "a" * 254 + "/0100000007"):
            with self.subTest(af_id):
                self.refused(server.post(akma.RETRIEVE, {"afId": af_id, "aKId": keys.a_kid}, "af"),
                             400, "akma.malformed")
        self.assertEqual(server.post(akma.REGISTER, "x" * 3000, "ausf")[0], 0)
        self.assertEqual(server.post("nowhere", good, "ausf")[0], 404)
        self.assertEqual(server.contexts(), [])

    def test_another_aanfs_a_kid(self):
        """spec: TS 33.535 6.1 - the routing indicator says whose it is; nothing else is read."""
        server = self.aanf(aanf={"rids": ["0", "12"]})
        ours, others = self.keys(rid="12"), self.keys(rid="1")
        self.assertEqual(server.register(IMSI, ours)[0], 200)
        self.refused(server.register(IMSI, others), 404, "akma.rid")
        self.refused(server.get(others.a_kid), 404, "akma.rid")
        self.refused(server.get("rid12.tid@example"), 404, "akma.rid")
        self.assertEqual(server.get(ours.a_kid)[0], 200)

    def test_one_address_does_not_ask_too_often(self):
        server, keys = self.aanf(aanf={"rate": 3}), self.keys()
        for _ in range(6):  # an AUSF is not counted
            self.assertEqual(server.register(IMSI, keys)[0], 200)
        statuses = [server.get(keys.a_kid)[0] for _ in range(8)]
        self.assertEqual(statuses[0], 200)
        self.assertIn(429, statuses)
        self.assertGreater(server.counts()["aanf_over_budget_total"], 0)

    def test_an_af_has_a_rate_of_its_own(self):
        """Y02: who else asks from the same address takes nothing of it."""
        server, keys = self.aanf(aanf={"rate": 3}), self.keys()
        self.assertEqual(server.register(IMSI, keys)[0], 200)
        self.assertIn(429, [server.get("nobody@x", who="aanf")[0] for _ in range(8)])
        self.assertIn(429, [server.get(keys.a_kid, akma.OTHER, who="other")[0] for _ in range(8)])
        self.assertEqual(server.get(keys.a_kid)[0], 200)

    def test_a_full_one_says_so(self):
        """Registrations wait for the store, which somebody else holds, and show as such; beyond
        the places there are, each is refused, counted and told of in the log."""
        server = self.aanf(aanf={"connections_a_source": 400})
        path = server.certificates.path
        context = ssl.create_default_context(cafile=path("ca"))
        context.check_hostname = False
        context.load_cert_chain(path("ausf"), path("ausf", "key"))
        [file] = (server.daemon.where / "var" / "store").glob("*.db")
        asked = [http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
                 for _ in range(262)]
        for one in asked:
            one.connect()
        lock = sqlite3.connect(file)
        lock.execute("BEGIN IMMEDIATE")
        for i, one in enumerate(asked):
            imsi = f"0010100000{i:05}"
            keys = self.keys(imsi)
            one.request("POST", f"/naanf-akma/v1/{akma.REGISTER}", json.dumps(
                {"supi": akma.supi(imsi), "aKId": keys.a_kid, "kAkma": keys.k_akma.hex()}))
        world.wait_for("a place too few",
                       lambda: server.counts()["aanf_full_total"] == len(asked) - 256)
        workers = server.daemon.ask(op="status")["workers"]
        self.assertEqual([w["waiting"] for w in workers if w["role"] == "aanf"], [256])
        lock.rollback()
        lock.close()
        statuses = [one.getresponse().status for one in asked]
        self.assertEqual((statuses.count(200), statuses.count(503)), (256, 6), statuses)
        self.assertEqual(server.counts()["aanf_refused_total"], 6)
        self.assertIn("store.unavailable", server.daemon.text())
        for one in asked:
            one.close()

    def test_a_restart_loses_nothing(self):
        server, keys = self.aanf(), self.keys()
        server.register(IMSI, keys)
        server.daemon.stop()
        server.daemon.again()
        self.assertEqual(server.get(keys.a_kid)[0], 200)
        # A node key that is another's: as if it were not there.
        server.daemon.stop()
        (server.daemon.where / "var" / "node.key").write_text(os.urandom(32).hex() + "\n")
        server.daemon.again()
        self.refused(server.get(keys.a_kid), 404, "akma.a-kid")
        self.assertEqual(server.register(IMSI, self.keys())[0], 200)

    def test_two_nodes_on_postgresql(self):
        """A context that one node was given, the other has, and takes away."""
        with Postgres() as pg:
            server, keys = self.aanf(**{"store.url": pg.url}), self.keys()
            copy = self.dir / "node.key"
            shutil.copy(server.daemon.where / "var" / "node.key", copy)
            other = self.aanf(**{"store.url": pg.url, "node_key": copy})
            self.assertEqual(server.register(IMSI, keys)[0], 200)
            status, answer = other.get(keys.a_kid)
            self.assertEqual(bytes.fromhex(answer["kaf"]), keys.k_af(akma.AF))
            self.assertEqual(other.remove(IMSI)[0], 204)
            self.server = server
            self.refused(server.get(keys.a_kid), 404, "akma.a-kid")

    def test_the_configuration_says_what_is_missing(self):
        daemon = world.Latchkeyd()
        for words, said in ((["--set=roles=[aanf]"], "aanf.certificate"),
                            (["--set=akma.a_kid=x@y"], "akma.a_kid"),
                            (["--set=akma.rid=12345"], "akma.rid"),
                            (["--set=akma.plmn=0010x"], "akma.a_kid")):
            done = subprocess.run([daemon.program, "--check", *words], capture_output=True,
                                  text=True, timeout=20, cwd=self.dir)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(said, done.stdout + done.stderr)


def server_store(server):
    return b"".join(file.read_bytes()
                    for file in (server.daemon.where / "var" / "store").iterdir())


if __name__ == "__main__":
    unittest.main()

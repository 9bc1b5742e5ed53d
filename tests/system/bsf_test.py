"""Role bsf: bootstrapping over HTTP by a client of another hand, curl, and xmllint."""
import base64
import calendar
import concurrent.futures
import email.utils
import json
import os
import shutil
import signal
import sqlite3
import socket
import ssl
import subprocess
import threading
import time
import unittest

import gba
import radsec
import world
from pg import Postgres

# Of the sheet, TS 24.109 C.1: btid, lifetime, and what may follow.
SCHEMA = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="uri:3gpp-gba"
           xmlns="uri:3gpp-gba" elementFormDefault="qualified">
  <xs:element name="BootstrappingInfo"><xs:complexType><xs:sequence>
    <xs:element name="btid" type="xs:string"/>
    <xs:element name="lifetime" type="xs:dateTime"/>
    <xs:element name="Extension" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


def ended(connection, speaks):
    """Whether the other end has closed; who speaks says an octet more."""
    connection.setblocking(False)
    try:
        if speaks:
            connection.send(b"a")
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Bsf(world.Case):
    def bsf(self, **settings):
        self.port = world.free_port(socket.SOCK_STREAM)
        self.daemon = self.start(world.Latchkeyd(**{"roles": "[aaa, vault, bsf]",
                                                    "bsf.port": self.port, "bsf.zn_port": 0,
                                                    **settings}))
        self.daemon.add(world.CARD)
        return self.daemon

    def ue(self, card=world.CARD, **more):
        return gba.Ue(self.port, card, **more)

    def sessions(self, daemon=None):
        return (daemon or self.daemon).ask(op="bsf-sessions")["sessions"]

    def counts(self):
        time.sleep(0.15)
        workers = self.daemon.ask(op="status")["workers"]
        return next(w["counts"] for w in workers if w["role"] == "bsf")


class BsfTest(Bsf):
    def test_bootstraps(self):
        """spec: TS 24.109 4.3 - two requests; what the BSF says is as it should be."""
        self.bsf(**{"bsf.home_agent": "ha.example"})
        session = self.ue().bootstrap()
        answer = session.answer
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.3gpp.bsf+xml")
        self.assertIn("3gpp-gba-tmpi", answer.headers["Server"])
        self.assertEqual(session.b_tid,
                         base64.b64encode(session.rand).decode() + "@" + gba.BSF)
        ends = calendar.timegm(time.strptime(session.lifetime, "%Y-%m-%dT%H:%M:%SZ"))
        self.assertAlmostEqual(ends, time.time() + 86400, delta=30)
        self.assertEqual(email.utils.parsedate_to_datetime(answer.headers["Expires"]).timestamp(),
                         ends)
        self.assertIn(b">ha.example<", answer.body)
        self.judge(answer.body)
        [row] = self.sessions()
        self.assertEqual((row["impi"], row["b_tid"], row["expires_s"]),
                         (gba.impi(world.CARD), session.b_tid, ends))
        self.kept_sealed(session)
        shown = self.daemon.command("bsf", "sessions").stdout
        self.assertIn(session.b_tid, shown)

    def test_many_at_once(self):
        """Answers of one turn of the store, while the next requests come: each gets its own."""
        cards = [world.Card(f"0010101000000{n:02}", world.CARD.k, world.CARD.opc)
                 for n in range(48)]
        self.bsf(**{"bsf.rate": 1000})
        for card in cards:
            self.daemon.add(card)
        ready = threading.Barrier(len(cards))

        def run(card):
            ready.wait()
            return isinstance(self.ue(card).bootstrap(), gba.Session)

        with concurrent.futures.ThreadPoolExecutor(len(cards)) as pool:
            self.assertEqual(list(pool.map(run, cards)), [True] * len(cards))
        self.assertEqual(self.counts()["bsf_bootstrapped_total"], len(cards))

    def judge(self, body):
        """xmllint, by the schema of the sheet; the control: an altered body does not pass."""
        schema = self.dir / "gba.xsd"
        schema.write_text(SCHEMA)
        for name, octets, code in (("good", body, 0),
                                   ("bad", body.replace(b"T", b"t", 1).replace(b"Z<", b"<x/><"),
                                    None)):
            file = self.dir / f"{name}.xml"
            file.write_bytes(octets)
            done = subprocess.run([world.need("xmllint"), "--noout", "--schema", schema, file],
                                  capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode == 0, code == 0, done.stderr)

    def kept_sealed(self, session):
        """Neither Ks nor what it is made of is in the store."""
        store = self.daemon.where / "var" / "store"
        kept = b"".join(file.read_bytes() for file in store.iterdir())
        self.assertIn(session.b_tid.encode(), kept)
        for secret in (session.ks, session.ks[:16], session.ks[16:]):
            self.assertNotIn(secret, kept)
            self.assertNotIn(secret.hex().encode(), kept)

    def test_curl_is_told_who_it_should_be(self):
        """A client that knows no GBA: curl sees a refusal, and with a name a challenge of AKA."""
        self.bsf()
        url = f"http://127.0.0.1:{self.port}/"
        ask = [world.need("curl"), "-s", "-i", "--max-time", "10"]
        plain = subprocess.run([*ask, url], capture_output=True, text=True, timeout=20).stdout
        self.assertRegex(plain, r"^HTTP/1.1 400")
        header = (f'Authorization: Digest username="{gba.impi(world.CARD)}", realm="{gba.BSF}", '
                  'nonce="", uri="/", response=""')
        named = subprocess.run([*ask, "-H", header, url], capture_output=True, text=True,
                               timeout=20).stdout
        self.assertRegex(named, r"^HTTP/1.1 401")
        self.assertRegex(named, r'(?m)^WWW-Authenticate: Digest .*qop="auth-int"')
        self.assertIn("algorithm=AKAv1-MD5", named)
        post = subprocess.run([*ask, "-d", "x", url], capture_output=True, text=True,
                              timeout=20).stdout
        self.assertRegex(post, r"^HTTP/1.1 405")

    def test_a_stranger_is_challenged_and_never_right(self):
        """A18: an IMSI that nobody has, and a TMPI: the same form of challenge."""
        self.bsf()
        ue = self.ue()
        known = ue.first()
        nobody = ue.first(f"001019999999999@{gba.REALM}")
        tmpi = ue.first("A" * 32 + "@tmpi.bsf.3gppnetwork.org")
        for answer in (nobody, tmpi):
            self.assertEqual(answer.status, 401)
            self.assertEqual({k: len(v) for k, v in answer.challenge.items()},
                             {k: len(v) for k, v in known.challenge.items()})
            self.assertEqual(sorted(answer.headers), sorted(known.headers))
        refused = ue.second(nobody.challenge, bytes(8), f"001019999999999@{gba.REALM}")
        self.assertEqual(refused.status, 403)

    def test_weaker_methods_are_refused(self):
        """A21: MD5, qop auth, another realm; the control is a whole bootstrapping."""
        self.bsf()
        ue = self.ue()
        self.assertEqual(ue.first(algorithm="MD5").status, 403)
        self.assertEqual(ue.first(realm="bsf.example").status, 403)
        challenge = ue.first().challenge
        _, res, _, _ = ue.card_says(challenge)
        for weaker in ({"algorithm": "MD5"}, {"qop": "auth"}, {"realm": "bsf.example"},
                       {"response": "0" * 32}):
            with self.subTest(weaker):
                self.assertEqual(ue.second(challenge, res, **weaker).status, 403)
        self.assertEqual(self.sessions(), [])
        self.assertEqual(ue.second(challenge, res).status, 200)
        self.assertEqual(len(self.sessions()), 1)

    def test_a_card_that_is_ahead_is_followed(self):
        """spec: RFC 3310 3.4 - AUTS, by an empty password; once in a bootstrapping."""
        self.bsf()
        ahead = (int(time.time() * 10) + 36000 * 10) << 5
        session = self.ue(usim=world.CARD.usim(sqn=ahead)).bootstrap()
        self.assertIsInstance(session, gba.Session, getattr(session, "status", None))

    def test_tmpi_serves_the_next_time_and_the_newest_counts(self):
        """spec: TS 33.220 B.4 - TMPI instead of the IMPI; a replay brings nothing back."""
        self.bsf()
        ue = self.ue()
        first = ue.bootstrap()
        early = ue.last
        self.assertEqual(ue.again().body, first.answer.body)
        time.sleep(1.1)
        second = ue.bootstrap(first.tmpi())
        self.assertIsInstance(second, gba.Session, getattr(second, "status", None))
        self.assertNotEqual(first.b_tid, second.b_tid)
        self.assertEqual(ue.second(*early).status, 503)
        self.assertEqual([row["b_tid"] for row in self.sessions()], [second.b_tid])
        self.daemon.command("bsf", "release", world.CARD.imsi)
        self.assertEqual((ue.again().status, self.sessions()), (503, []))  # A28: it stays so

    def test_another_node_goes_on(self):
        """Design 4: the second request at another node, with the same node key and store."""
        with Postgres() as pg:
            self.bsf(**{"store.url": pg.url})
            where = self.daemon.where / "var"
            port = world.free_port(socket.SOCK_STREAM)
            other = world.Latchkeyd(**{"roles": "[aaa, vault, bsf]", "bsf.port": port,
                                       "bsf.zn_port": 0, "store.url": pg.url})
            copies = self.dir / "copies"
            copies.mkdir()
            for name in ("node.key", "master.key"):
                shutil.copy(where / name, copies / name)
            other.settings.update({"node_key": copies / "node.key", "vault.node": 1,
                                   "vault.master_key": copies / "master.key"})
            self.start(other)
            ue = self.ue()
            challenge = ue.first().challenge
            _, res, ck, ik = ue.card_says(challenge)
            ue.port = port
            self.assertEqual(ue.second(challenge, res).status, 200)
            self.assertEqual(self.sessions(), self.sessions(other))
            self.assertEqual(len(self.sessions()), 1)

    def test_nobody_is_told_of_what_is_not_kept(self):
        """A bootstrapping is durable before the UE is told; without a store it is none."""
        self.bsf()
        ue = self.ue()
        challenge = ue.first().challenge
        _, res, _, _ = ue.card_says(challenge)
        file = self.daemon.where / "var" / "store" / "latchkey.db"
        lock = sqlite3.connect(file)
        lock.execute("BEGIN IMMEDIATE")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(ue.second(challenge, res)))
        asking.start()
        time.sleep(0.5)
        self.assertEqual(answers, [])
        lock.execute("ROLLBACK")
        lock.close()
        asking.join(10)
        self.assertEqual(answers[0].status, 200)
        self.assertEqual(len(self.sessions()), 1)

    def test_strangers_do_not_take_a_subscribers_vectors(self):
        """A07: who has bootstrapped from there goes on while an address asks again and again."""
        self.bsf(**{"bsf.rate": 3})
        ue = self.ue()
        statuses = [ue.first().status for _ in range(8)]
        self.assertEqual(statuses[0], 401)
        self.assertIn(503, statuses)
        self.assertGreater(self.counts()["bsf_over_budget_total"], 0)
        time.sleep(2.5)
        self.assertIsInstance(ue.bootstrap(), gba.Session)

    def test_unknown_tmpis_have_budgets_of_their_own(self):
        """A18: who asks by TMPIs that nobody has takes nothing of others', whose answers would
        tell a TMPI that is somebody's from those that are nobody's, or stop devices."""
        self.bsf(**{"bsf.rate": 100})
        tmpi = self.ue().bootstrap().tmpi()
        ue = self.ue()
        statuses = [ue.first(base64.b64encode(bytes([i] * 15)).decode() + "@tmpi.bsf."
                             "3gppnetwork.org").status for i in range(12)]
        self.assertEqual(statuses, 12 * [401])
        for name in (tmpi, base64.b64encode(bytes(15)).decode() + "@tmpi.bsf.3gppnetwork.org"):
            with self.subTest(name=name):
                statuses = [self.ue().first(name).status for _ in range(8)]
                self.assertIn(503, statuses)

    def test_a_vault_that_hangs_keeps_nobody_waiting(self):
        """Y02: who asked is told so within seconds, those whose questions lie at the vault with
        the others; and a vault that goes on is of use again."""
        daemon = self.bsf(**{"bsf.rate": 1000})
        vault = daemon.ask(op="status")["vault"]["pid"]
        cards = [world.Card(f"0010100000{i:05}", world.CARD.k, world.CARD.opc)
                 for i in range(40)]
        os.kill(vault, signal.SIGSTOP)
        began = time.monotonic()
        try:
            with concurrent.futures.ThreadPoolExecutor(40) as pool:
                statuses = set(pool.map(lambda card: self.ue(card).first().status, cards))
        finally:
            os.kill(vault, signal.SIGCONT)
        self.assertEqual(statuses, {503})
        self.assertLess(time.monotonic() - began, 6)
        self.assertIsInstance(self.ue().bootstrap(), gba.Session)

    def test_the_slow_do_not_stop_others(self):
        """T15: heads that come an octet at a time, and handshakes that do not go on, at all
        places: who asks is served at once, and the slow are gone after ten seconds."""
        certificates = radsec.Certificates(self.dir / "tls")
        certificates.ca("ca")
        certificates.make("bsf", gba.BSF)
        self.zn = world.free_port(socket.SOCK_STREAM)
        self.bsf(**{"bsf.connections": 8, "bsf.connections_a_source": 4, "bsf.zn_port": self.zn,
                    "bsf.certificate": certificates.path("bsf"),
                    "bsf.key": certificates.path("bsf", "key"),
                    "bsf.ca": certificates.path("ca")})
        slow = {}
        for port, octets in ((self.port, b"GET / HTTP/1.1\r\nX: "), (self.zn, b"\x16\x03\x01")):
            for i in range(8):
                connection = socket.create_connection(("127.0.0.1", port), timeout=5,
                                                      source_address=(f"127.0.5.{i // 4}", 0))
                connection.sendall(octets)
                self.addCleanup(connection.close)
                slow[connection] = port == self.port
        began, lasted = time.monotonic(), []
        self.assertIsInstance(self.ue().bootstrap(), gba.Session)
        context = ssl.create_default_context(cafile=certificates.path("ca"))
        context.load_cert_chain(certificates.path("bsf"), certificates.path("bsf", "key"))
        with socket.create_connection(("127.0.0.1", self.zn), timeout=5) as connection:
            with context.wrap_socket(connection, server_hostname=gba.BSF) as asking:
                asking.sendall(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                self.assertIn(b"HTTP/1.1 404", asking.recv(4096))
        self.assertLess(time.monotonic() - began, 5)
        while slow and time.monotonic() - began < 12:
            time.sleep(0.2)
            for connection, speaks in list(slow.items()):
                if ended(connection, speaks):
                    del slow[connection]
                    lasted.append(time.monotonic() - began)
        self.assertEqual(len(lasted), 16)
        self.assertGreater(sum(9 < seconds for seconds in lasted), 10)

    def ue_bootstrap(self, *words, **more):
        url = more.get("url", f"http://127.0.0.1:{self.port}/")
        return self.daemon.command("ue", "bootstrap", "--bsf", url, "--imsi", world.CARD.imsi,
                                   "--k", world.CARD.k, "--opc", world.CARD.opc, *words,
                                   check=False)

    def test_our_own_device_bootstraps(self):
        """latchkey ue bootstrap, and the key of a NAF as another hand derives it."""
        self.bsf(**{"bsf.home_agent": "ha.example"})
        done = self.ue_bootstrap("--json", "--show-keys", "--naf", "naf.example", "--ua",
                                 "0100000007")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        [row] = self.sessions()
        self.assertEqual(told["b_tid"], row["b_tid"])
        self.assertEqual(told["home_agent"], "ha.example")
        ks, rand = bytes.fromhex(told["ks"]), base64.b64decode(told["b_tid"].split("@")[0])
        name = gba.impi(world.CARD)
        self.assertEqual(bytes.fromhex(told["ks_naf"]),
                         gba.ks_naf(ks, rand, name, "naf.example", bytes.fromhex("0100000007")))
        self.assertEqual(told["tmpi"], gba.tmpi(ks, rand, name))

    def test_our_own_device_believes_nobody_else(self):
        """A21, T29: through somebody who alters what goes by; the control lets all by."""
        self.bsf(**{"bsf.home_agent": "ha.example"})
        cases = [("control", lambda octets: octets, None),
                 ("body", lambda o: o.replace(b">ha.example<", b">hb.example<"), "gba.unproven"),
                 ("lifetime", lambda o: o.replace(b"<lifetime>2", b"<lifetime>3"), "gba.unproven"),
                 ("qop", lambda o: o.replace(b'qop="auth-int"', b'qop="auth    "'), "gba.qop"),
                 ("algorithm", lambda o: o.replace(b"AKAv1-MD5", b"MD5      "), "gba.method"),
                 ("twice", lambda o: o.replace(b"Server: latchkey", b"Www-Authenticate"),
                  "gba.no-answer")]
        for name, alter, reason in cases:
            with self.subTest(name), Between(self.port, alter) as between:
                done = self.ue_bootstrap("--json", url=f"http://127.0.0.1:{between.port}/")
                told = json.loads(done.stdout)
                self.assertEqual(told.get("reason"), reason, told)
                self.assertEqual(done.returncode, 0 if reason is None else 1)
            time.sleep(1.1)  # of one second's bootstrappings the first counts
        done = self.ue_bootstrap(url=f"http://127.0.0.1:{world.free_port(socket.SOCK_STREAM)}/")
        self.assertEqual(done.returncode, 1)
        self.assertIn("gba.no-answer", done.stderr)


class Between(threading.Thread):
    """Somebody in the path who alters what the BSF says."""

    def __init__(self, port, alter):
        super().__init__(daemon=True)
        self.to, self.alter = port, alter
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listening.close()

    def run(self):
        while True:
            try:
                near = self.listening.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        far = socket.create_connection(("127.0.0.1", self.to))
        with near, far:
            while True:
                asked = near.recv(65536)
                if not asked:
                    return
                far.sendall(asked)
                time.sleep(0.15)
                near.sendall(self.alter(far.recv(65536)))


if __name__ == "__main__":
    unittest.main()

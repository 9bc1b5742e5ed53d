"""Role naf and liblatchkey-naf: curl and openssl as the users, with keys that Python derives; a BSF
and a NAF that come and go; and servers that a stranger builds by pkg-config."""
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import bsf_test
import gba
import phone
import radsec
import world

SAMPLE = world.TOP / "tests" / "system" / "naf_sample"
FQDN, DIGEST, TLS13 = "naf.example", "0100000002", "0100000007"
SUITES = {"PSK-AES128-GCM-SHA256": "01000100a8", "ECDHE-PSK-CHACHA20-POLY1305": "010001ccac"}
HINT = "3GPP-bootstrapping"


class Naf(bsf_test.Bsf):
    """A BSF with Zn, and what a NAF needs."""
    lifetime = 86400

    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        self.certificates.ca("rogue")
        for stem, name, ca in (("bsf", gba.BSF, "ca"), ("naf", FQDN, "ca"),
                               ("other", "other.example", "ca"), ("false", gba.BSF, "rogue")):
            self.certificates.make(stem, name, ca=ca)
        self.zn = world.free_port(socket.SOCK_STREAM)
        self.start_bsf("bsf")
        self.session = self.ue().bootstrap()

    def files(self, section, stem, ca="ca"):
        path = self.certificates.path
        return {f"{section}.certificate": path(stem), f"{section}.key": path(stem, "key"),
                f"{section}.ca": path(ca)}

    def start_bsf(self, stem):
        uas = ", ".join(f'"{ua}"' for ua in [DIGEST, TLS13, *SUITES.values()])
        self.bsf(**{"bsf.zn_port": self.zn, "bsf.lifetime_s": self.lifetime, "bsf.rate": 1000,
                    "bsf.zn_rate": 100000,
                    "bsf.nafs": f"[{{name: {FQDN}, ua_ids: [{uas}], identity: true, "
                                "services: [1]}]",
                    "bsf.users": f"[{{imsi: \"{world.CARD.imsi}\", services: "
                                 "[\"1:1,2\", \"2:5\"]}]", **self.files("bsf", stem)})

    def naf(self, stem="naf", **settings):
        self.http, self.tls = (world.free_port(socket.SOCK_STREAM) for _ in range(2))
        daemon = world.Latchkeyd(**{"roles": "[naf]", "naf.port": self.http,
                                    "naf.tls_port": self.tls, "naf.bsf_port": self.zn,
                                    "console.port": 0, **self.files("naf", stem), **settings})
        self.server = self.start(daemon)
        return daemon

    def status(self):
        return self.server.ask(op="naf-status")["servers"][0]

    def key(self, ua=DIGEST, fqdn=FQDN):
        return self.session.naf(fqdn, bytes.fromhex(ua))

    def curl(self, key=None, b_tid=None, *words, port=None):
        """(status of the last answer, the text)."""
        done = subprocess.run(
            [world.need("curl"), "-sS", "--max-time", "15", "--digest", "-u",
             f"{b_tid or self.session.b_tid}:{base64.b64encode(key or self.key()).decode()}",
             "-i", *words, f"http://127.0.0.1:{port or self.http}/mail?all"],
            capture_output=True, text=True, timeout=20)
        heads = re.findall(r"^HTTP/1\.\d (\d+)", done.stdout, re.M)
        self.assertTrue(heads, done.stderr)
        return int(heads[-1]), done.stdout

    def s_client(self, key, *words, b_tid=None, port=None):
        identity = f"{HINT};{self.session.b_tid if b_tid is None else b_tid}"
        done = subprocess.run(
            [world.need("openssl"), "s_client", "-connect", f"127.0.0.1:{port or self.tls}",
             "-psk", key.hex(), "-psk_identity", identity, "-ign_eof", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        return done.stdout + done.stderr

    def ask(self, authorization=None, path="/mail?all", method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        connection.request(method, path,
                           headers={"Authorization": authorization} if authorization else {})
        came = connection.getresponse()
        text = came.read().decode()
        connection.close()
        return came, text

    def credentials(self, key=None, **other):
        """By another hand: SHA-256 and auth, for a challenge that is asked for."""
        came, _ = self.ask()
        challenge = gba.params(came.headers.get_all("WWW-Authenticate")[0])
        value = {"username": self.session.b_tid, "realm": challenge["realm"],
                 "nonce": challenge["nonce"], "uri": "/mail?all", "nc": "00000001", **other}

        def h(*parts):
            return hashlib.sha256(":".join(parts).encode()).hexdigest()
        password = base64.b64encode(key or self.key()).decode()
        response = h(h(value["username"], value["realm"], password), value["nonce"], value["nc"],
                     "c", "auth", h("GET", value["uri"]))
        quoted = ", ".join(f'{name}="{value[name]}"' for name in ("username", "realm", "nonce",
                                                                 "uri"))
        return (f'Digest {quoted}, qop=auth, nc={value["nc"]}, cnonce="c", algorithm=SHA-256, '
                f'response="{response}"')


class HttpTest(Naf):
    def test_curl_is_known(self):
        """spec: TS 24.109 5.2 - username B-TID, password base64(Ks_NAF), by stock curl."""
        self.naf()
        status, text = self.curl()
        self.assertEqual(status, 200, text)
        for line in (f"b-tid: {self.session.b_tid}", f"impi: {gba.impi(world.CARD)}",
                     f"until: {self.session.lifetime}", "service: 1 flags 1 2\n"):
            self.assertIn(line, text)
        self.assertNotIn("service: 2", text)
        self.assertRegex(text, r'(?i)authentication-info: .*rspauth="[0-9a-f]{64}"')
        for wrong in ({"key": bytes(32)}, {"key": self.key(TLS13)},
                      {"key": self.key(fqdn="other.example")}, {"b_tid": "AAAA@" + gba.BSF}):
            with self.subTest(wrong):
                self.assertEqual(self.curl(**wrong)[0], 401)
        self.assertEqual(self.curl(None, None, "-d", "a body")[0], 200)
        self.assertEqual((self.status()["questions"], self.status()["users"]), (2, 1))
        log = self.server.text()
        self.assertIn("ua.response", log)
        self.assertNotIn(self.key().hex(), log)
        shown = self.server.command("naf", "status").stdout
        self.assertIn("requests of HTTP that were granted", shown)
        self.server.command("naf", "forget", self.session.b_tid)
        self.assertEqual(self.status()["users"], 0)

    def test_md5_and_integrity(self):
        self.naf(**{"naf.algorithms": "[md5]"})
        status, text = self.curl()
        self.assertEqual(status, 200, text)
        self.assertIn("algorithm=MD5", text)
        self.assertNotIn("SHA-256", text)
        self.naf(**{"naf.integrity": "true"})
        self.assertIn('qop="auth-int"', self.ask()[0].headers["WWW-Authenticate"])
        self.assertEqual(self.ask(self.credentials())[0].status, 401)

    def test_nothing_comes_twice(self):
        """A header that was granted is refused when it comes again; and so is one for another
        realm, request, or of a challenge that is over."""
        self.naf(**{"naf.nonce_s": 2})
        header = self.credentials()
        self.assertEqual(self.ask(header)[0].status, 200)
        came, text = self.ask(header)
        self.assertEqual(came.status, 401, text)
        self.assertIn("stale=true", came.headers["WWW-Authenticate"])
        self.assertIn("ua.replay", text)
        for other, status, why in (({"realm": "3GPP-bootstrapping@other.example"}, 401, "ua.realm"),
                                   ({"realm": FQDN}, 401, "ua.realm"),
                                   ({"uri": "/other"}, 400, "ua.uri"),
                                   ({"nonce": "AAAA"}, 401, "ua.nonce"),
                                   ({"nc": "00000000"}, 401, "ua.malformed")):
            with self.subTest(other):
                came, text = self.ask(self.credentials(**other))
                self.assertEqual(came.status, status)
                self.assertIn(why, text)
        header = self.credentials()
        time.sleep(2.1)
        self.assertIn("ua.nonce", self.ask(header)[1])
        self.assertEqual(self.ask(self.credentials())[0].status, 200)

    def test_strangers_cost_no_memory(self):
        """B-TIDs that nobody has: a bounded number of questions, and the process stays as it is."""
        self.naf(**{"naf.rate": 100000, "naf.questions": 100000})
        pid = next(w["pid"] for w in self.server.ask(op="status")["workers"] if w["role"] == "naf")

        def rss():
            return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        came, _ = self.ask()
        nonce = gba.params(came.headers.get_all("WWW-Authenticate")[0])["nonce"]

        def strangers(count, start):
            for i in range(start, start + count):
                connection.request("GET", "/", headers={"Authorization": (
                    f'Digest username="stranger{i}@{gba.BSF}", realm="{HINT}@{FQDN}", '
                    f'nonce="{nonce}", uri="/", qop=auth, nc=00000001, cnonce="c", response="x"')})
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 401)
        strangers(500, 0)
        before = rss()
        strangers(1500, 500)
        connection.close()
        self.assertLess(rss() - before, 512)
        self.assertEqual(self.status()["users"], 0)
        self.assertEqual(self.status()["unknown"], 2000)
        self.assertEqual(self.curl()[0], 200)

    def test_an_address_has_a_budget(self):
        self.naf(**{"naf.rate": 1})
        first = self.curl(bytes(32), "a@" + gba.BSF)
        second = self.curl(bytes(32), "b@" + gba.BSF)
        self.assertEqual((first[0], second[0]), (401, 503))
        self.assertIn("ua.too-fast", second[1])


    def test_strangers_leave_questions_to_others(self):
        """Y02: an address from which a user came is served while strangers ask again and again."""
        self.naf(**{"naf.questions": 2, "naf.rate": 100})
        self.assertEqual(self.curl()[0], 200)
        self.server.ask(op="naf-forget", b_tid=self.session.b_tid)
        time.sleep(1.1)
        strangers = [self.curl(bytes(32), f"{i}@{gba.BSF}", "--interface", "127.0.0.2")[0]
                     for i in range(4)]
        self.assertIn(503, strangers)
        self.assertEqual(self.curl()[0], 200)


class EndsTest(Naf):
    lifetime = 10

    def zn_says(self):
        """(status, answer) of Zn itself."""
        path = self.certificates.path
        done = subprocess.run(
            [world.need("curl"), "-sS", "--max-time", "10", "-w", "\n%{http_code}", "--cert",
             path("naf"), "--key", path("naf", "key"), "--cacert", path("ca"), "--resolve",
             f"{gba.BSF}:{self.zn}:127.0.0.1", "--json", json.dumps(
                 {"transactionIdentifier": self.session.b_tid,
                  "nafId": {"nafFqdn": FQDN, "uaSecProtId": DIGEST}}),
             f"https://{gba.BSF}:{self.zn}/zn/bir"],
            capture_output=True, text=True, timeout=20)
        answer, status = done.stdout.rsplit("\n", 1)
        return int(status), json.loads(answer)

    def test_a_key_that_is_over(self):
        """spec: TS 24.109 5.2 - 401 again; the device bootstraps, and comes back.
        spec: TS 29.109 5.2 - at Zn, too, an expired B-TID is nobody's."""
        self.naf()
        self.assertEqual(self.curl()[0], 200)
        self.assertEqual(self.zn_says()[0], 200)
        old = self.session
        time.sleep(10.5)
        status, answer = self.zn_says()
        self.assertEqual((status, answer["resultCode"]), (404, 5403))
        status, text = self.curl()
        self.assertEqual(status, 401)
        self.server.wait_line("reason=ua.b-tid")
        # A18: in the log alone: a B-TID that is somebody's, with a wrong response, looks the same.
        self.session = self.ue().bootstrap()
        wrong, same = self.curl(bytes(32))
        self.assertEqual(wrong, 401)
        self.assertEqual(text.splitlines()[-1], same.splitlines()[-1])
        self.assertIn("ua.response", same.splitlines()[-1])
        self.assertNotEqual(self.session.b_tid, old.b_tid)
        self.assertEqual(self.curl()[0], 200)


class OutageTest(Naf):
    def test_the_bsf_comes_and_goes(self):
        """T30: who is known goes on; others are told why not; and it is found again."""
        self.naf()
        self.assertEqual(self.curl()[0], 200)
        self.daemon.stop()
        self.assertEqual(self.curl()[0], 200)
        status, text = self.curl(bytes(32), "AAAA@" + gba.BSF)
        self.assertEqual(status, 503)
        self.assertIn("ua.no-answer", text)
        self.assertRegex(text, "(?m)^Retry-After: ")
        self.assertNotIn("WWW-Authenticate: ", text[text.rindex("HTTP/1.1 503"):])
        self.assertIn("ua.no-answer", self.server.text())
        self.daemon.again()
        time.sleep(1.1)
        self.assertEqual(self.curl(bytes(32), "AAAA@" + gba.BSF)[0], 401)
        self.server.stop()
        self.server.again()
        self.assertEqual(self.curl()[0], 200)

    def test_only_our_bsf_is_believed(self):
        """T28: a BSF whose certificate is of another CA gets no question answered; and one to which
        we are another gives no key. The control: where both are right, there is one."""
        self.naf()
        self.assertEqual(self.curl()[0], 200)
        self.naf("other")
        status, text = self.curl()
        self.assertEqual(status, 503)
        self.assertIn("ua.not-allowed", text)
        self.assertIn("zn.naf", self.daemon.text())
        self.naf(**{"naf.bsf": "bsf.example"})
        self.assertIn("ua.no-answer", self.curl()[1])
        self.daemon.stop()
        self.start_bsf("false")
        self.naf()
        self.assertIn("ua.no-answer", self.curl()[1])
        self.assertRegex(self.server.text(), "detail=.*certificate")

    def test_check(self):
        """--check: files that are not there, and none."""
        for sets, told in (([f"naf.certificate={self.dir}/no.crt"], "no.crt"),
                           (["naf.certificate="], "naf.certificate"),
                           (["naf.port=0", "naf.tls_port=0"], "naf.port"),
                           (["naf.name=a b"], "naf.name"), ([], None)):
            words = [w for name, value in self.files("naf", "naf").items()
                     for w in ("--set", f"{name}={value}")]
            words += [w for s in sets for w in ("--set", s)]
            done = subprocess.run([world.BUILD / "latchkeyd", "-c", world.TOP / "conf/naf.yaml",
                                   "--set", f"state_dir={self.dir}/state", *words, "--check"],
                                  capture_output=True, text=True, timeout=20)
            with self.subTest(sets):
                self.assertEqual(done.returncode == 0, told is None, done.stderr)
                self.assertIn(told or "", done.stdout + done.stderr)


class TlsTest(Naf):
    def test_openssl_is_known(self):
        """spec: TS 33.222 5.4 - TLS-PSK by stock openssl: 1.3 is one protocol, of 1.2 each suite.
        spec: RFC 5246 7.4.1.3 - the suite is that of the ServerHello."""
        self.naf()
        ways = [((TLS13, "-tls1_3"))] + [(ua, "-tls1_2", "-cipher", suite)
                                         for suite, ua in SUITES.items()]
        for ua, *words in ways:
            with self.subTest(words):
                told = self.s_client(self.key(ua), *words)
                self.assertIn(f"b-tid: {self.session.b_tid}", told)
                self.assertIn("how: TLS 1." + ("3" if ua == TLS13 else "2"), told)
                wrong = self.s_client(self.key(DIGEST), *words)
                self.assertNotIn("b-tid: ", wrong)
                self.assertRegex(wrong, "alert|error")
        told = self.s_client(self.key(SUITES["PSK-AES128-GCM-SHA256"]), "-tls1_2", "-cipher",
                             "PSK-AES128-GCM-SHA256")
        self.assertIn(f"PSK identity hint: {HINT}", told)
        # Nobody's identity ends as a wrong key does; an identity of something else, too.
        for b_tid in ("AAAA@" + gba.BSF, ""):
            self.assertNotIn("b-tid: ", self.s_client(bytes(32), "-tls1_3", b_tid=b_tid))
        log = self.server.text()
        for reason in ("ua.response", "ua.b-tid", "ua.identity"):
            self.assertIn(reason, log)
        self.assertNotIn(self.key(TLS13).hex(), log)

    def test_the_slow_do_not_stop_others(self):
        """Who says nothing has so many places, for so long; HTTP goes on meanwhile."""
        self.naf()
        slow = [socket.create_connection(("127.0.0.1", self.tls)) for _ in range(8)]
        self.assertEqual(self.curl()[0], 200)
        time.sleep(5.5)
        told = self.s_client(self.key(TLS13), "-tls1_3")
        self.assertIn("b-tid: ", told)
        for connection in slow:
            connection.close()

    def strangers(self, octets, addresses, net):
        """Four of each address, who say that and no more."""
        held = []
        for i in range(4 * addresses):
            held.append(socket.create_connection(("127.0.0.1", self.tls), timeout=5,
                                                 source_address=(f"127.0.{net}.{i // 4 + 1}", 0)))
            self.addCleanup(held[-1].close)
            held[-1].sendall(octets)
        return held

    def test_strangers_do_not_take_all_places(self):
        """T15: who has sent no ClientHello takes no thread, and gives way to who comes; who has
        sent the first record of one and then is silent gives way to who waits. A record that
        comes in pieces is waited for.
        spec: RFC 8446 5.1 - a record says how long it is."""
        self.naf()
        for octets, *of in ((b"\x16\x03\x01", 70, 6), (b"\x16\x03\x01\x00\x01\x01", 16, 7)):
            with self.subTest(octets=octets):
                self.strangers(octets, *of)
                for _ in range(3):
                    began = time.monotonic()
                    self.assertIn("b-tid: ", self.s_client(self.key(TLS13), "-tls1_3"))
                    self.assertLess(time.monotonic() - began, 4)
        alert, hello = b"\x15\x03", b"\x16\x03\x01\x00\x04\x01\x00\x00\x00"
        with socket.create_connection(("127.0.0.1", self.tls), timeout=5,
                                      source_address=("127.0.8.1", 0)) as one:
            for i in range(len(hello)):     # a ClientHello without anything in it
                one.sendall(hello[i:i + 1])
                time.sleep(0.02)
            self.assertTrue(one.recv(7).startswith(alert))


class DeviceTest(Naf):
    def test_an_application_gets_what_curl_and_openssl_want(self):
        """latchkey ue naf-key --format: into stock programs, as they are."""
        self.naf()
        time.sleep(1.1)  # of one second's bootstrappings the first counts
        device = self.start(phone_of(self.port))

        def key(ua, form):
            return device.command("ue", "naf-key", "as=browser", f"naf={FQDN}", f"ua={ua}",
                                  "--socket", device.socket, "--format", form).stdout
        config = self.dir / "curlrc"
        config.write_text(key(DIGEST, "curl"))
        done = subprocess.run([world.need("curl"), "-sS", "--digest", "-K", config,
                               f"http://127.0.0.1:{self.http}/"], capture_output=True, text=True,
                              timeout=20)
        self.assertRegex(done.stdout, "(?m)^b-tid: ", done.stderr)
        words = key(TLS13, "openssl").split()
        done = subprocess.run([world.need("openssl"), "s_client", "-connect",
                               f"127.0.0.1:{self.tls}", "-tls1_3", "-quiet", *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertRegex(done.stdout, "(?m)^b-tid: ", done.stderr)
        told = json.loads(key(DIGEST, "json"))
        self.assertEqual(len(told["ks_naf"]), 64)


def phone_of(port):
    import ue_gba_test
    uas = ", ".join(f"{FQDN}/{ua}" for ua in (DIGEST, TLS13))
    return ue_gba_test.Phone(port, **{"ue.applications": f"[{{name: browser, uid: {os.getuid()}, "
                                                         f"nafs: [{uas}]}}]"})


class LibraryTest(Naf):
    """Servers as a stranger builds them: by pkg-config."""
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.programs = Path(folder.name)
        root = cls.programs / "root"
        cls.run_ok(["meson", "install", "-C", str(world.BUILD), "--no-rebuild"], DESTDIR=str(root))
        pc = next(root.rglob("latchkey-naf.pc")).parent
        for name, more in (("http", []), ("tls_openssl", ["openssl"]), ("tls_gnutls", ["gnutls"])):
            flags = cls.run_ok(["pkg-config", "--cflags", "--libs", "latchkey-naf", *more],
                               PKG_CONFIG_PATH=str(pc), PKG_CONFIG_SYSROOT_DIR=str(root)).split()
            # What lies in the system is not below the new root.
            flags = [re.sub(rf"^(-[IL]){root}(?!/usr/local)", r"\1", flag) for flag in flags]
            cls.run_ok(["cc", "-std=c11", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Werror",
                        str(SAMPLE / f"{name}.c"), *flags, "-o", name])

    @classmethod
    def run_ok(cls, command, **environment):
        done = subprocess.run(command, cwd=cls.programs, text=True, capture_output=True,
                              timeout=120, env={**os.environ, **environment})
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def sample(self, name):
        path = self.certificates.path
        server = subprocess.Popen(
            [self.programs / name, FQDN, f"https://{gba.BSF}:{self.zn}", "127.0.0.1", path("naf"),
             path("naf", "key"), path("ca")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        return int(server.stdout.readline())

    def test_ten_lines(self):
        port = self.sample("http")
        status, text = self.curl(port=port)
        self.assertEqual(status, 200, text)
        self.assertIn(f"you are {self.session.b_tid}", text)
        self.assertEqual(self.curl(bytes(32), port=port)[0], 401)
        page = (world.TOP / "docs" / "naf.md").read_text()
        lines = re.search(r"## HTTP.*?```c\n(.*?)```", page, re.S)[1].split("\n")
        source = [line.strip() for line in (SAMPLE / "http.c").read_text().split("\n")]
        self.assertEqual([line for line in lines if line.strip() not in source], [])

    def test_tls_of_both_libraries(self):
        for name in ("tls_openssl", "tls_gnutls"):
            port = self.sample(name)
            for ua, *words in ((TLS13, "-tls1_3"),
                               (SUITES["PSK-AES128-GCM-SHA256"], "-tls1_2", "-cipher",
                                "PSK-AES128-GCM-SHA256")):
                with self.subTest(name=name, words=words):
                    self.assertIn(f"you are {self.session.b_tid}",
                                  self.s_client(self.key(ua), *words, port=port))
                    self.assertNotIn("you are", self.s_client(bytes(32), *words, port=port))


if __name__ == "__main__":
    unittest.main()

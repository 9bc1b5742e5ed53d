"""RADIUS over TLS: radsecproxy on either side of us, keys on the way, strangers of all kinds."""
import base64
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest
import urllib.request

import eap
import radius
import radsec
import wlan
import world

AAA, PROXY, TWAP = "aaa.example.org", "proxy.example.org", "twap.example.org"
ATTACHES = 100


class RadsecCase(world.Case):
    """Certificates of all kinds, made once, and a daemon that serves TLS."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="lk-certificates-")
        os.chmod(cls.folder, 0o755)
        cls.certificates = c = radsec.Certificates(cls.folder)
        for ca in ("ca", "other-ca"):
            c.ca(ca)
        c.make("aaa", AAA, use="serverAuth")
        c.make("twap", TWAP, use="clientAuth")
        c.make("proxy", PROXY)
        c.make("plain", PROXY, alt=False, use=None)
        c.make("stranger", "stranger.example.org")
        c.make("other", PROXY, ca="other-ca")
        c.make("server-only", PROXY, use="serverAuth")
        c.make("expired", PROXY, days=-1)
        for key in c.where.glob("*.key"):
            key.chmod(0o644)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, True)

    def settings(self, stem, peers, **more):
        c = self.certificates
        return {"radsec.certificate": c.path(stem), "radsec.key": c.path(stem, "key"),
                "radsec.ca": c.path("ca"), "radsec.peers": peers, **more}

    def daemon(self, peers=f"[{{name: proxy, certificate: {PROXY}}}]", **more):
        self.tls_port = world.free_port(socket.SOCK_STREAM)
        daemon = self.start(world.Latchkeyd(**self.settings(
            "aaa", peers, **{"workers": 2, "radsec.port": self.tls_port, **more})))
        daemon.add(world.CARD)
        return daemon

    def twap(self, port, name, **more):
        peers = f"[{{name: aaa, address: 127.0.0.1, port: {port}, certificate: {name}}}]"
        return self.start(wlan.Wlan(roles="[twap, twag]", **self.settings(
            "twap", peers, **{"twap.servers": "[{name: aaa, peer: aaa}]", "radsec.port": 0,
                              **more})))

    def context(self, stem="proxy", ca="ca"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificates.path(ca))
        if stem:
            context.load_cert_chain(self.certificates.path(stem),
                                    self.certificates.path(stem, "key"))
        return context

    def tcp(self, source="127.0.0.1"):
        raw = socket.create_connection(("127.0.0.1", self.tls_port), 5, (source, 0))
        self.addCleanup(raw.close)
        return raw

    def client(self, stem="proxy", source="127.0.0.1"):
        stream = self.context(stem).wrap_socket(self.tcp(source), server_hostname=AAA)
        self.addCleanup(stream.close)
        return radsec.Client(stream)

    def refused(self, daemon, reason, role="aaa"):
        """The counter of a reason."""
        url = f"http://127.0.0.1:{daemon.sets['console.port']}/metrics"
        text = urllib.request.urlopen(url, timeout=5).read().decode()
        found = re.search(rf'^latchkey_refused_total{{role="{role}",reason="{reason}"}} (\d+)$',
                          text, re.M)
        return int(found[1]) if found else 0

    def wait_refused(self, daemon, reason, count=1, seconds=10.0, role="aaa"):
        world.wait_for(f"{count} times {reason}",
                       lambda: self.refused(daemon, reason, role) >= count, seconds)

    def judge(self, run):
        self.assertTrue(run.success, run.text()[-2500:])
        self.assertEqual((run.keys_ok, run.asked), (1, ["ok"]))


class JudgeTest(RadsecCase):
    """radsecproxy, in front of our server and behind our client."""

    def proxy(self, config):
        proxy = self.start(radsec.Radsecproxy(config))
        proxy.ready()
        return proxy

    def test_radsecproxy_as_our_client(self):
        """spec: RFC 6614 2.1 - all kinds of packets on one port; eapol_test - radsecproxy - TLS."""
        daemon, udp = self.daemon(), world.free_port()
        proxy = self.proxy(f"""ListenUDP 127.0.0.1:{udp}
{radsec.tls_block(self.certificates, "proxy")}
client 127.0.0.1 {{
    type udp
    secret {world.SECRET}
}}
server aaa {{
    host 127.0.0.1
    port {self.tls_port}
    type tls
    secret radsec
    StatusServer on
    MatchCertificateAttribute SubjectAltName:DNS:/^{re.escape(AAA)}$/
    CertificateNameCheck off
}}
realm * {{
    server aaa
    accountingServer aaa
}}
""")
        proxy.port = udp
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                self.judge(world.eapol_test(self, proxy, world.CARD, method))
        self.assertRegex(daemon.text(), r"accepted .*client_name=proxy")
        done = subprocess.run([world.need("radclient"), "-x", f"127.0.0.1:{udp}", "acct",
                               world.SECRET], text=True, capture_output=True, timeout=20,
                              input="Acct-Status-Type=Start,Acct-Session-Id=a1,User-Name=x\n")
        self.assertIn("Accounting-Response", done.stdout, done.stdout + done.stderr)

    def test_radsecproxy_as_our_server(self):
        """eapol_test - TWAP - TLS - radsecproxy - UDP - AAA; and again after the proxy was away."""
        aaa = self.start(world.Latchkeyd())
        aaa.add(world.CARD)
        tls = world.free_port(socket.SOCK_STREAM)
        config = f"""ListenTLS 127.0.0.1:{tls}
{radsec.tls_block(self.certificates, "proxy")}
client twap {{
    host 127.0.0.1
    type tls
    secret radsec
    MatchCertificateAttribute SubjectAltName:DNS:/^{re.escape(TWAP)}$/
    CertificateNameCheck off
}}
server aaa {{
    host 127.0.0.1
    port {aaa.port}
    type udp
    secret {world.SECRET}
}}
realm * {{
    server aaa
}}
"""
        proxy = self.proxy(config)
        twap = self.twap(tls, PROXY)
        twap.wait_line(r"radsec-alive .*peer_name=aaa")
        self.judge(world.eapol_test(self, twap.front(), world.CARD))
        proxy.stop()
        twap.wait_line(r"radsec-lost .*peer_name=aaa")
        self.wait_refused(twap, "radsec.unreachable", role="wlan")
        alive = twap.text().count("radsec-alive")
        self.proxy(config)
        world.wait_for("alive again", lambda: twap.text().count("radsec-alive") > alive)
        self.judge(world.eapol_test(self, twap.front(), world.CARD))


class RouteTest(RadsecCase):
    def test_another_server_stands_in(self):
        """A server that does not come up over TLS is dead for routing before anybody waits for it;
        realms go their own way."""
        self.daemon(peers=f"[{{name: lab, certificate: {TWAP}}}]")
        nobody = world.free_port(socket.SOCK_STREAM)
        peers = (f"[{{name: gone, address: 127.0.0.1, port: {nobody}, certificate: {AAA}}}, "
                 f"{{name: aaa, address: 127.0.0.1, port: {self.tls_port}, certificate: {AAA}}}]")
        twap = self.twap(0, AAA, **{
            "radsec.peers": peers,
            "twap.servers": "[{name: first, peer: gone}, {name: second, peer: aaa}]",
            "twap.realms": "[{realm: 3gppnetwork.org, server: first}, "
                           "{realm: 3gppnetwork.org, server: second}, "
                           "{realm: elsewhere.org, server: first}]"})
        twap.wait_line("radsec-alive")
        self.wait_refused(twap, "radsec.unreachable", role="wlan")
        begin = time.monotonic()
        self.judge(world.eapol_test(self, twap.front(), world.CARD))
        self.assertLess(time.monotonic() - begin, 3)
        with radius.Client(twap.ap_port, tries=1, timeout=0.5) as client:
            with self.assertRaises(radius.Timeout):
                client.access(wlan.access("02-00-00-00-00-01", "x@nowhere.net"))
        self.wait_refused(twap, "radius.no-route", role="wlan")


class KeyTest(RadsecCase):
    def test_no_key_on_the_way(self):
        """T04: of many attaches with WLCP keys, none of the keys is to be seen between TWAP and
        AAA, and nobody's identity either."""
        self.daemon(peers=f"[{{name: lab, certificate: {TWAP}}}]")
        relay = self.start(radsec.TcpRelay(self.tls_port))
        twap = self.twap(relay.port, AAA)
        twap.wait_line("radsec-alive")
        done = twap.command("ue", "attach", "--imsi", world.CARD.imsi, "--k", world.CARD.k, "--opc",
                            world.CARD.opc, "--mode", "multi", "--server",
                            f"127.0.0.1:{twap.ap_port}", "--repeat", ATTACHES - 1, "--show-keys",
                            "--json")
        keys = self.keys_of(done.stdout)
        self.assertGreaterEqual(len(keys["wlcp"]), ATTACHES, done.stdout[:2000])
        url = f"http://127.0.0.1:{twap.sets['console.port']}/metrics"
        text = urllib.request.urlopen(url, timeout=5).read().decode()
        self.assertRegex(text, rf'latchkey_wlan_sessions_begun_total{{role="wlan"}} {ATTACHES}\n')
        heard = bytes(relay.heard)
        self.assertGreater(len(heard), ATTACHES * 1000)
        for key in {key for of_kind in keys.values() for key in of_kind}:
            for form in forms_of(key):
                self.assertNotIn(form, heard)
        for form in forms_of(world.CARD.imsi.encode()):
            self.assertNotIn(form, heard)

    def keys_of(self, text):
        """Every key that the device derived, and the halves of the MSK."""
        keys = {"msk": set(), "emsk": set(), "wlcp": set()}
        for kind, value in re.findall(r'"(msk|emsk|wlcp_key)": ?"([0-9a-f]+)"', text):
            key = bytes.fromhex(value)
            keys[kind.removesuffix("_key")].add(key)
            if kind == "msk":
                keys["msk"] |= {key[:32], key[32:]}
        return keys


def forms_of(key):
    """In clear, in hex, and in base64 at each of its three places."""
    forms = [key, key.hex().encode(), key.hex().upper().encode()]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + key)
        forms.append(whole[4 * -(-before // 3) + (before > 0):-4] if before else whole[:-4])
    return forms


class StrangerTest(RadsecCase):
    def handshake(self, context):
        """Tries it, then asks: in TLS 1.3 the client is told last."""
        try:
            stream = context.wrap_socket(self.tcp(), server_hostname=AAA)
            self.addCleanup(stream.close)
            return radsec.Client(stream).status()
        except (ssl.SSLError, OSError, radius.Wrong):
            return False

    def test_certificates_that_are_refused(self):
        """spec: RFC 6614 2.3 - no stream without a certificate that leads to our CA, is of this
        time, and names whom we expect; each with its reason, in log and counters."""
        daemon = self.daemon()
        rows = (("other", "radsec.certificate-untrusted"),
                ("expired", "radsec.certificate-expired"),
                ("stranger", "radsec.certificate-unknown"), (None, "radsec.no-certificate"),
                ("server-only", "radsec.certificate-untrusted"))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for stem, reason in rows:
                with self.subTest(stem=stem, version=version.name):
                    context = self.context(stem)
                    context.minimum_version = context.maximum_version = version
                    before = self.refused(daemon, reason)
                    self.assertFalse(self.handshake(context))
                    self.wait_refused(daemon, reason, before + 1)
                    self.assertRegex(daemon.text(), rf"reason={re.escape(reason)} .*peer=127")
            good = self.context("proxy")
            good.minimum_version = good.maximum_version = version
            self.assertTrue(self.handshake(good))
        self.assertRegex(daemon.text(), r"detail=.certificate of CN=stranger.example.org")

    def test_names_and_fingerprints(self):
        c = self.certificates
        self.daemon(peers=f"[{{name: a, certificate: \"SHA256:{c.fingerprint('stranger')}\"}}, "
                    f"{{name: b, certificate: {PROXY.upper()}}}]")
        self.assertTrue(self.client("stranger").status())
        self.assertTrue(self.client("plain").status())    # its common name: it has no other
        self.assertFalse(self.handshake(self.context("aaa")))

    def test_tls_versions(self):
        """openssl s_client: nothing below TLS 1.2."""
        daemon = self.daemon()
        c = self.certificates

        def said(*words):
            return subprocess.run([world.need("openssl"), "s_client", "-connect",
                                   f"127.0.0.1:{self.tls_port}", "-CAfile", c.path("ca"), "-cert",
                                   c.path("proxy"), "-key", c.path("proxy", "key"), *words],
                                  input="", text=True, capture_output=True, timeout=20).stdout

        for word, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            self.assertRegex(said(word), rf"New, {re.escape(name)}, Cipher is (TLS|ECDHE)")
        for word in ("-tls1", "-tls1_1"):
            self.assertIn("Cipher is (NONE)", said(word, "-cipher", "ALL:@SECLEVEL=0"))
        self.assertIn("Cipher is (NONE)", said("-tls1_2", "-cipher", "AES128-SHA"))
        self.wait_refused(daemon, "radsec.tls-version", 3)

    def test_junk_and_silence(self):
        """What is no TLS is told at once, what is slow in ten seconds; few are half open at a time,
        and whom we know is served meanwhile."""
        daemon = self.daemon(workers=1)
        junk = self.tcp()
        junk.sendall(radsec.status_server(b"radsec", 1, bytes(16)))
        self.wait_refused(daemon, "radsec.not-tls")
        slow = [self.tcp() for _ in range(40)]
        self.wait_refused(daemon, "radsec.too-many", 24)
        slow[0].sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        # From elsewhere: the first address has used up its places.
        self.assertTrue(self.client(source="127.0.0.9").status())
        for octet in range(20):
            slow[0].sendall(bytes([octet]))
            time.sleep(0.1)
        self.assertEqual(self.refused(daemon, "radsec.too-slow"), 0)
        self.wait_refused(daemon, "radsec.too-slow", 16, seconds=15)
        self.assertTrue(self.client().status())
        self.assertLess(resident_kib(daemon), 100 * 1024)

    def test_memory_is_bounded(self):
        """Thousands of handshakes that are not ended, and a client that asks and never reads."""
        daemon = self.daemon(workers=1)
        before = resident_kib(daemon)
        hello = hello_of(self.context())
        for _ in range(1500):
            with self.tcp() as raw:
                raw.sendall(hello)
        greedy = self.client(source="127.0.0.9")
        packet = radsec.status_server(b"radsec", 1, bytes(16))
        greedy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.socket.settimeout(2)
        with self.assertRaises(OSError):
            for number in range(4000):
                greedy.socket.sendall(b"".join(radsec.status_server(b"radsec", number % 256,
                                                                    os.urandom(16))
                                               for _ in range(64)) + packet)
        self.assertTrue(self.client(source="127.0.0.9").status())
        self.assertLess(resident_kib(daemon), before + 24 * 1024)


def hello_of(context):
    """The first flight of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = context.wrap_bio(incoming, outgoing, server_hostname=AAA)
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def resident_kib(daemon):
    """Of all processes of the daemon together."""
    total = 0
    top = daemon.process.pid
    with open(f"/proc/{top}/task/{top}/children") as children:
        pids = [top, *map(int, children.read().split())]
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            total += int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.M)[1])
    return total


class LeaveTest(RadsecCase):
    """What a client is bound to, and how it is let go."""

    PEERS = ('[{name: proxy, certificate: %s}, {name: other, certificate: stranger.example.org}]'
             % PROXY)

    def test_packets_in_pieces_and_in_heaps(self):
        """spec: RFC 6613 2.6.3 - the length says where a packet ends, and one that cannot be, or a
        packet that does not verify, ends the connection."""
        daemon = self.daemon()
        client = self.client()
        packet = radsec.status_server(b"radsec", 7, os.urandom(16))
        for octet in packet:
            client.socket.sendall(bytes([octet]))
        self.assertEqual(client.packet()[:2], b"\x02\x07")
        client.socket.sendall(b"".join(radsec.status_server(b"radsec", number, os.urandom(16))
                                       for number in range(200)))
        self.assertEqual([client.packet()[1] for _ in range(200)], list(range(200)))
        rows = ((struct.pack("!BBH", 12, 1, 19) + bytes(15), "radsec.framing"),
                (struct.pack("!BBH", 12, 1, 4097) + bytes(100), "radsec.framing"),
                (radsec.status_server(b"testing123", 1, bytes(16)),
                 "radius.message-authenticator-wrong"),
                (struct.pack("!BBH", 12, 1, 20) + bytes(16), "radius.no-message-authenticator"),
                (struct.pack("!BBH", 2, 1, 20) + bytes(16), "radius.code"),
                (struct.pack("!BBH", 1, 1, 22) + bytes(16) + b"\x01\x01", "radius.malformed"))
        for octets, reason in rows:
            with self.subTest(reason):
                client = self.client()
                self.assertTrue(client.status())
                client.socket.sendall(octets)
                self.assertEqual(client.packet(), b"")
                self.wait_refused(daemon, reason)
        self.assertRegex(daemon.text(), "radius.message-authenticator-wrong .*fix=.*radsec.peers")

    def test_state_is_bound_to_the_name(self):
        """A01: a State goes with its client from connection to connection, and to nobody else."""
        self.daemon(peers=self.PEERS)
        card = world.CARD

        def challenged():
            peer = eap.Peer(card.imsi, bytes.fromhex(card.k), bytes.fromhex(card.opc), sqn=sqn)
            attach = eap.Attach(self.client(), peer)
            self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
            return attach

        sqn = 0
        attach = challenged()
        self.assertEqual(attach.step(client=self.client(source="127.0.0.7")), radius.ACCESS_ACCEPT)
        sqn = int.from_bytes(attach.peer.usim.sqn_ms(), "big")
        attach = challenged()
        self.assertEqual(attach.step(client=self.client("stranger")), radius.ACCESS_REJECT)

    def test_repeat_on_another_connection(self):
        """spec: RFC 6613 2.6.1 - a request that is sent again gets the same answer."""
        self.daemon(workers=1)
        packet = radsec.status_server(b"radsec", 9, os.urandom(16))
        self.assertEqual(self.client().raw(packet), self.client().raw(packet))

    def test_a_client_that_is_taken_away(self):
        """A reload without its row: its connections end, and it does not come back; whoever stays
        comes back at once."""
        daemon = self.daemon(peers=self.PEERS)
        daemon.stop()
        daemon.config = daemon.where / "own.yaml"
        peers = daemon.sets.pop("radsec.peers")
        daemon.config.write_text(f"radsec: {{peers: {peers}}}\n")
        daemon.again()
        stays, goes = self.client(), self.client("stranger")
        self.assertTrue(stays.status() and goes.status())
        daemon.config.write_text(f"radsec:\n  peers: [{{name: proxy, certificate: {PROXY}}}]\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line("reloaded")
        self.assertEqual((stays.packet(), goes.packet()), (b"", b""))
        self.assertTrue(self.client().status())
        stranger = self.context("stranger")
        stranger.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises((ssl.SSLError, OSError)):
            stranger.wrap_socket(self.tcp(), server_hostname=AAA)
        self.wait_refused(daemon, "radsec.certificate-unknown")

    def test_files_that_are_missing(self):
        """Without certificate or key nothing starts, and it is said which file; a reload that lacks
        one changes nothing."""
        c = self.certificates
        daemon = world.Latchkeyd(**self.settings("aaa", "[]", **{"radsec.key": c.path("proxy",
                                                                                     "key")}))
        self.addCleanup(daemon.stop)
        with self.assertRaises(AssertionError):
            daemon.start(self.dir)
        self.assertRegex(daemon.text(), r"cannot-start what=radsec why=.*aaa\.crt")
        kept = self.dir / "kept.key"
        shutil.copy(c.path("aaa", "key"), kept)
        kept.chmod(0o644)
        daemon = self.daemon(**{"radsec.key": kept})
        kept.unlink()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line(r"reload-refused why=.*kept\.key")
        self.assertTrue(self.client().status())


class LaboratoryTest(world.Case):
    """latchkey certificate: what the manual tells a newcomer to type."""

    def make(self, *words):
        return subprocess.run([world.LATCHKEY, "certificate", *words], text=True, timeout=20,
                              capture_output=True, stdin=subprocess.DEVNULL, cwd=self.dir)

    def test_made_by_us_and_verified_by_openssl(self):
        for name in ("aaa.lab", "192.0.2.7"):
            done = self.make("make", "--name", name, "--out", "tls", "--days", "30")
            self.assertEqual(done.returncode, 0, done.stderr)
        openssl = [world.need("openssl")]
        for name, word, purpose in (("aaa.lab", "-verify_hostname", "sslserver"),
                                    ("192.0.2.7", "-verify_ip", "sslclient")):
            said = subprocess.run([*openssl, "verify", "-x509_strict", "-CAfile", "tls/ca.crt",
                                   "-purpose", purpose, word, name, f"tls/{name}.crt"],
                                  capture_output=True, text=True, cwd=self.dir)
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        for key in (self.dir / "tls").glob("*.key"):
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        before = (self.dir / "tls" / "aaa.lab.key").read_text()
        self.assertEqual(self.make("make", "--name", "aaa.lab", "--out", "tls").returncode, 3)
        self.assertEqual((self.dir / "tls" / "aaa.lab.key").read_text(), before)
        for words in (("make", "--name", "../x", "--out", "tls"), ("make", "--name", "x"), ()):
            self.assertEqual(self.make(*words).returncode, 2)

    def test_both_ends_in_one_daemon(self):
        """TWAP and AAA server with one certificate between them: the smallest laboratory."""
        self.make("make", "--name", "lab", "--out", "tls")
        for path in (self.dir / "tls").iterdir():
            path.chmod(0o644)
        os.chmod(self.dir / "tls", 0o755)
        os.chmod(self.dir, 0o755)
        tls = world.free_port(socket.SOCK_STREAM)
        daemon = self.start(wlan.Wlan(**{
            "radsec.port": tls, "radsec.ca": self.dir / "tls/ca.crt",
            "radsec.certificate": self.dir / "tls/lab.crt", "radsec.key": self.dir / "tls/lab.key",
            "radsec.peers": f"[{{name: aaa, address: 127.0.0.1, port: {tls}, certificate: lab}}, "
                            "{name: twap, certificate: lab}]",
            "twap.servers": "[{name: aaa, peer: aaa}]"}))
        daemon.add(world.CARD)
        daemon.wait_line("radsec-alive")
        run = world.eapol_test(self, daemon.front(), world.CARD)
        self.assertTrue(run.success, run.text()[-2500:])
        url = f"http://127.0.0.1:{daemon.sets['console.port']}/metrics"
        world.wait_for("all lines", lambda: 'latchkey_radsec_lines{role="wlan"} 4\n' in
                       urllib.request.urlopen(url, timeout=5).read().decode())


if __name__ == "__main__":
    unittest.main()

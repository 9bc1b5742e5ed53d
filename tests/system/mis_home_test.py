"""The home's side of MIS: the daemon, points of service that ask it over RADIUS, and a mobile node
whose keys and packets are all made again in here (RFC 5295, RFC 6696, Ed25519)."""
import base64
import json
import socket
import ssl
import stat
import struct
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import aaa_double
import derive
import eap
import erp
import radius
import radsec
import world

ENTERPRISE, POS, PSK, MN, MARK, LIFETIME = 32473, 6, 7, 8, 9, 10
USAGE = b"mis-dtls-psk@latchkey.example"
NAME_USAGE = b"mis-mn@latchkey.example"
LABEL = b"latchkey-mis-start-1\0"
A, B = "pos@a.example", "pos@b.example"
CARD = world.CARD


def asks(pos):
    return aaa_double.vendor(ENTERPRISE, POS, pos.encode())


def called(emsk):
    """What MIS calls the MN: of the EMSK, and not of its IMSI."""
    name = base64.urlsafe_b64encode(derive.rfc5295(emsk, NAME_USAGE, b"")[:16])
    return f"{name.decode().rstrip('=')}@{world.REALM}"


def read_mark(octets):
    """(mn, start, lifetime, max, realm, what is signed, signature)"""
    fields, signature = octets[:-64], octets[-64:]
    length, = struct.unpack("!H", fields[:2])
    mn, rest = fields[2:2 + length], fields[2 + length:]
    start, lifetime, most, length = struct.unpack("!QIBH", rest[:15])
    return mn, start, lifetime, most, rest[15:15 + length], LABEL + fields, signature


class HomeCase(world.Case):
    def setUp(self):
        super().setUp()
        self.mark_key = self.dir / "mis-mark.key"
        self.public = self.mis_key("new", self.mark_key).stdout.strip()

    def mis_key(self, *words, check=True):
        return subprocess.run([world.LATCHKEY, "mis-key", *map(str, words)], check=check, text=True,
                              capture_output=True, timeout=20)

    def home(self, **more):
        daemon = self.start(world.Latchkeyd(**{
            "aaa.realm": world.REALM, "aaa.mis_mark_key": f"@{self.mark_key}",
            "log.level": "debug", "workers": 2,
            "radius.clients": json.dumps([
                {"address": "127.0.0.1", "secret": world.SECRET, "pos": A},
                {"address": "127.0.0.2", "secret": world.SECRET, "pos": B},
                {"address": "127.0.0.3", "secret": world.SECRET}]), **more}))
        daemon.add(CARD)
        return daemon

    def client(self, daemon, source):
        client = radius.Client(daemon.port, source=source)
        self.addCleanup(client.close)
        return client

    ROWS = {"127.0.0.1": A, "127.0.0.2": B, "127.0.0.3": None}

    def attach(self, client, pos=A, peer=None):
        """A full EAP-AKA' run; the peer, and what was given beside the MSK, or its row's K.

        T40, T45: K is of the row's PoS, whoever it says that it is; the MSK no PoS has."""
        peer = peer or eap.Peer(CARD.imsi, bytes.fromhex(CARD.k), bytes.fromhex(CARD.opc))
        run = eap.Attach(client, peer, asks(pos) if pos else b"", self.ROWS[client.source])
        self.assertEqual(run.run(), radius.ACCESS_ACCEPT)
        return peer, self.given(client, run.attributes, run.authenticator)

    def given(self, client, attributes, authenticator):
        found = {kind: radius.vendor_value(attributes, ENTERPRISE, kind)
                 for kind in (PSK, MN, MARK, LIFETIME)}
        for kind in (PSK, MN, MARK):
            found[kind] = radius.unhide(client.secret, authenticator, found[kind])
        return found

    def judge_mark(self, octets, peer, seconds=3600):
        mn, start, lifetime, most, realm, signed, signature = read_mark(octets)
        self.assertEqual((mn.decode(), most, realm.decode()),
                         (called(peer.emsk), 3, world.REALM))
        self.assertAlmostEqual(start, time.time(), delta=30)
        self.assertLessEqual(lifetime, seconds)
        self.assertGreater(lifetime, seconds - 60)
        key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public))
        key.verify(signature, signed)
        with self.assertRaises(InvalidSignature):
            key.verify(signature, signed[:-1] + bytes([signed[-1] ^ 1]))


class GivenTest(HomeCase):
    def test_a_key_that_is_none_is_refused(self):
        """T40: a home that cannot sign says so before it serves, and does not serve without marks:
        the check and the start say the same, and never what stands in the file."""
        good = self.mark_key.read_text().strip()
        for bad in ("0011", good[:-1], good + "0", good[:-1] + "g"):
            self.mark_key.write_text(bad + "\n")
            for more in ([], ["--check"]):
                done = subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml",
                                       f"--set=aaa.mis_mark_key=@{self.mark_key}", *more],
                                      text=True, capture_output=True, timeout=20)
                with self.subTest(bad=len(bad), more=more):
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("aaa.mis_mark_key: expected 64 hexadecimal digits", done.stderr)
                    self.assertNotIn(bad, done.stdout + done.stderr)

    def test_key_of_marks(self):
        """latchkey mis-key: a file of its own that nobody else reads, and never another's place."""
        self.assertEqual(stat.S_IMODE(self.mark_key.stat().st_mode), 0o600)
        secret = bytes.fromhex(self.mark_key.read_text())
        public = ed25519.Ed25519PrivateKey.from_private_bytes(secret).public_key()
        self.assertEqual(public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex(), self.public)
        self.assertEqual(self.mis_key("show", f"@{self.mark_key}").stdout.strip(), self.public)
        self.assertEqual(self.mis_key("show", self.mark_key).stdout.strip(), self.public)
        again = self.mis_key("new", self.mark_key, check=False)
        self.assertEqual(again.returncode, 3)
        self.assertEqual(bytes.fromhex(self.mark_key.read_text()), secret)
        visible = self.mis_key("show", secret.hex(), check=False)
        self.assertEqual(visible.returncode, 2)
        self.assertNotIn(secret.hex(), visible.stderr)

    def test_what_a_pos_is_given(self):
        """T40, T02: PSK, mark and name are what the mobile node and a partner make of them.

        spec: RFC 5295 3.1 - the PSK is a usage-specific root key of the EMSK"""
        daemon = self.home()
        pos_a, pos_b = self.client(daemon, "127.0.0.1"), self.client(daemon, "127.0.0.2")
        peer, given = self.attach(pos_a)
        self.assertEqual(given[PSK], derive.rfc5295(peer.emsk, USAGE, A.encode()))
        self.assertEqual(given[MN].decode(), called(peer.emsk))
        self.assertEqual(given[LIFETIME], struct.pack("!I", 3600))
        self.judge_mark(given[MARK], peer)
        self.assertIn(f"mis_mn={called(peer.emsk)}", daemon.text())
        peer, given = self.attach(pos_b, B)
        self.assertEqual(given[PSK], derive.rfc5295(peer.emsk, USAGE, B.encode()))

    def test_who_is_given_nothing(self):
        """T04, T02: who is no PoS, or not that one, or does not ask."""
        daemon = self.home()
        nothing = dict.fromkeys((PSK, MN, MARK, LIFETIME))
        for source, pos in (("127.0.0.3", A), ("127.0.0.2", A), ("127.0.0.1", None)):
            with self.subTest(source=source, pos=pos):
                self.assertEqual(self.attach(self.client(daemon, source), pos)[1], nothing)
        self.assertEqual(daemon.text().count("reason=aaa.mis-pos"), 2)

    def test_reload_brings_another_key(self):
        daemon = self.home()
        pos = self.client(daemon, "127.0.0.1")
        self.mark_key.unlink()
        self.public = self.mis_key("new", self.mark_key).stdout.strip()
        self.assertTrue(daemon.ask(op="reload")["ok"])
        peer, given = self.attach(pos)
        self.judge_mark(given[MARK], peer)


class ErpTest(HomeCase):
    """T43, and RFC 6696 with everything made again in Python."""

    def peer(self, daemon):
        """Behind a full run at PoS A."""
        client = self.client(daemon, "127.0.0.1")
        peer, _ = self.attach(client)
        return peer, erp.Peer(peer.emsk, self.session_id, world.REALM)

    def attach(self, client, pos=A, peer=None):
        peer = peer or eap.Peer(CARD.imsi, bytes.fromhex(CARD.k), bytes.fromhex(CARD.opc))
        heard, respond = [], peer.respond
        peer.respond = lambda request: heard.append(request) or respond(request)
        done = super().attach(client, pos, peer)
        challenge, = [dict(eap.attributes_of(request[8:])) for request in heard
                      if request[4] == eap.AKA_PRIME and request[5] == eap.CHALLENGE]
        self.session_id = bytes([eap.AKA_PRIME]) + challenge[eap.AT_RAND][2:] + \
            challenge[eap.AT_AUTN][2:]
        return done

    def ask(self, client, node, packet, pos=A):
        attributes = radius.attribute(radius.USER_NAME, node.nai) + radius.eap_attributes(packet)
        code, got, authenticator = client.access(attributes + (asks(pos) if pos else b""))
        told = erp.finish(radius.eap_of(got))
        keys = [radius.mppe_key(client.secret, authenticator, got, kind)
                for kind in (radius.MPPE_RECV_KEY, radius.MPPE_SEND_KEY)]
        return code, told, keys, self.given(client, got, authenticator)

    def expect(self, client, node, pos=A, **how):
        seq = node.seq
        packet = node.initiate(**how)
        code, told, halves, given = self.ask(client, node, packet, pos)
        keys = node.keys(seq)
        self.assertEqual(code, radius.ACCESS_ACCEPT)
        self.assertTrue(erp.proves(told, keys))
        self.assertEqual((told["id"], told["seq"], told["flags"] & erp.FAILED), (node.id, seq, 0))
        self.assertEqual(told[erp.KEYNAME_NAI], node.nai)
        self.assertEqual(b"".join(halves),
                         derive.mis_k(self.ROWS[client.source], rmsk=keys["rmsk"])["k"])
        return told, given

    def expect_refused(self, client, node, packet, reason, pos=A):
        code, told, halves, given = self.ask(client, node, packet, pos)
        self.assertEqual(code, radius.ACCESS_REJECT)
        self.assertEqual(told["flags"] & erp.FAILED, erp.FAILED)
        self.assertEqual(halves, [None, None])
        self.assertEqual(given, dict.fromkeys((PSK, MN, MARK, LIFETIME)))
        self.assertRegex(self.daemon.text(), rf"reason={reason}\b")

    def test_one_round_trip(self):
        """spec: RFC 6696 5.1 - an Initiate, a Finish, and both ends have the rMSK; spec: RFC 6696
        4.6 - each SEQ has its own. Both workers serve, whoever kept the context."""
        self.daemon = daemon = self.home()
        peer, node = self.peer(daemon)
        told, given = self.expect(self.client(daemon, "127.0.0.1"), node)
        self.assertLessEqual(told[erp.RMSK_LIFETIME], told[erp.RRK_LIFETIME])
        self.assertLessEqual(told[erp.RRK_LIFETIME], 3600)
        self.assertIsNone(given[PSK])
        self.judge_mark(given[MARK], peer)
        for _ in range(12):     # from ports of their own: to one worker or the other
            self.expect(self.client(daemon, "127.0.0.2"), node, B)
        self.expect(self.client(daemon, "127.0.0.2"), node, B, flags=erp.BOOTSTRAP)
        node.seq += 100         # a jump is no replay
        self.expect(self.client(daemon, "127.0.0.2"), node, B)

    def test_who_is_refused(self):
        """T43: a SEQ that was seen; T04: through who is no PoS; and names that nobody has."""
        self.daemon = daemon = self.home()
        _, node = self.peer(daemon)
        pos, other = self.client(daemon, "127.0.0.1"), self.client(daemon, "127.0.0.3")
        packet = node.initiate()
        self.expect_refused(other, node, packet, "erp.client")
        altered = packet[:-1] + bytes([packet[-1] ^ 1])
        self.expect_refused(pos, node, altered, "erp.tag")
        self.assertEqual(self.ask(pos, node, packet)[0], radius.ACCESS_ACCEPT)
        self.expect_refused(self.client(daemon, "127.0.0.2"), node, packet, "erp.seq", B)
        self.expect_refused(pos, node, node.initiate(seq=0), "erp.seq")
        self.expect(pos, node)
        stranger = erp.Peer(bytes(64), bytes(33), world.REALM)
        self.expect_refused(pos, stranger, stranger.initiate(), "erp.unknown")
        elsewhere = erp.Peer(node.emsk, self.session_id, "elsewhere.example")
        self.expect_refused(pos, elsewhere, elsewhere.initiate(), "erp.name")

    def test_after_a_restart_eap_serves(self):
        """What is kept is kept in memory: the peer is told, and authenticates in full."""
        self.daemon = daemon = self.home()
        peer, node = self.peer(daemon)
        daemon.stop()
        daemon.again()
        self.expect_refused(self.client(daemon, "127.0.0.1"), node, node.initiate(),
                            "erp.unknown")
        peer, node = self.peer(daemon)
        self.expect(self.client(daemon, "127.0.0.1"), node)
        daemon.sets["aaa.erp"] = "false"
        daemon.stop()
        daemon.again()
        peer, node = self.peer(daemon)
        self.expect_refused(self.client(daemon, "127.0.0.1"), node, node.initiate(),
                            "erp.client")

    def test_nothing_is_written(self):
        """Y10: no key of a mobile node, nor the home's, in log, status, metrics or files."""
        self.daemon = daemon = self.home()
        peer, node = self.peer(daemon)
        self.expect(self.client(daemon, "127.0.0.1"), node)
        self.expect_refused(self.client(daemon, "127.0.0.1"), node, node.initiate(seq=0),
                            "erp.seq")
        keys = node.keys(0)
        secrets = [peer.msk, peer.emsk, keys["rrk"], keys["rik"], keys["rmsk"],
                   derive.rfc5295(peer.emsk, USAGE, A.encode()),
                   bytes.fromhex(self.mark_key.read_text())]
        port = daemon.sets["console.port"]
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read()
        self.assertIn(b'latchkey_authentications_total{method="erp",result="accept",by="fast"} 1\n',
                      metrics)
        self.assertIn(b"latchkey_erp_contexts 1\n", metrics)
        status = daemon.ask(op="status")
        self.assertEqual(status["counts"]["reauthenticated"], 1)
        written = [daemon.log.read_bytes(), metrics, json.dumps(status).encode()]
        written += [path.read_bytes() for path in Path(daemon.sets["state_dir"]).rglob("*")
                    if path.is_file()]
        for secret in secrets:
            for octets in written:
                self.assertNotIn(secret[:32], octets)
                self.assertNotIn(secret[:32].hex().encode(), octets.lower())


class TlsTest(HomeCase):
    """T46: a PoS of a partner comes over TLS, and goes by its certificate."""

    def test_a_pos_over_tls(self):
        certificates = radsec.Certificates(self.dir)
        certificates.ca("ca")
        certificates.make("aaa", "aaa.example.org", use="serverAuth")
        certificates.make("pos", "pos.a.example", use="clientAuth")
        port = world.free_port(socket.SOCK_STREAM)
        daemon = self.home(**{
            "radsec.certificate": certificates.path("aaa"),
            "radsec.key": certificates.path("aaa", "key"), "radsec.ca": certificates.path("ca"),
            "radsec.port": port,
            "radsec.peers": f"[{{name: a, certificate: pos.a.example, pos: {A}}}]"})
        context = ssl.create_default_context(cafile=certificates.path("ca"))
        context.load_cert_chain(certificates.path("pos"), certificates.path("pos", "key"))
        stream = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5),
                                     server_hostname="aaa.example.org")
        self.addCleanup(stream.close)
        client = radsec.Client(stream)
        client.source = "127.0.0.1"     # as A's row has it
        peer, given = self.attach(client)
        self.assertEqual(given[PSK], derive.rfc5295(peer.emsk, USAGE, A.encode()))
        self.judge_mark(given[MARK], peer)


if __name__ == "__main__":
    unittest.main()

"""Role pos: points of service in one daemon, with links over TLS between them, and mobile nodes
made by hand: what is said before there is an SA. What comes after it is in flow/node_pos_test."""
import json
import socket
import struct
import time
import unittest

import dtls
import mis_home_test
import radsec
import world

A, B, C = "pos@a.example", "pos@b.example", "pos@c.example"
MN = f"{world.CARD.imsi}@{world.REALM}".encode()
CIRCLE = {"a": "48.0 11.4 500", "b": "48.1 11.5 500", "c": "48.2 11.6 500"}
REQUEST, RESPONSE, INDICATION = 1, 2, 3
CAPABILITY_DISCOVER, AUTH = 1, 6
SOURCE, DESTINATION, NONCE_T, SUITES, PRFS, AUTH_INFO, CAPABILITY = 1, 2, 202, 206, 207, 204, 213
VENDOR = 100


def tlv(kind, value):
    assert len(value) < 128
    return bytes([kind, len(value)]) + value


def name(octets):
    return bytes([len(octets)]) + octets


def message(opcode, action, to, *tlvs, tid=1, mn=MN):
    body = tlv(SOURCE, name(mn)) + tlv(DESTINATION, name(to.encode())) + b"".join(tlvs)
    return struct.pack("!BBHHH", 0x10, 0, 1 << 12 | opcode << 10 | action, tid, len(body)) + body


def acked(octets):
    """The same over UDP, where each is to be acknowledged."""
    return bytes([octets[0] | 8]) + octets[1:]


def read(octets):
    """(opcode, action, {type: value})"""
    _, _, what, _, length = struct.unpack("!BBHHH", octets[:8])
    assert length == len(octets) - 8
    at, found = 8, {}
    while at < len(octets):
        kind, size = octets[at], octets[at + 1]
        at += 2
        if size > 128:
            extra = size - 128
            size = 128 + int.from_bytes(octets[at:at + extra], "big")
            at += extra
        found[kind] = octets[at:at + size]
        at += size
    return what >> 10 & 3, what & 0x3ff, found


def auth_indication(to, mn=MN, tid=1):
    return message(INDICATION, AUTH, to, tlv(NONCE_T, bytes(range(16))), tlv(SUITES, b"\1"),
                   tlv(PRFS, b"\x20"), tid=tid, mn=mn)


class Pos(world.Case):
    aaa = 1812

    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        for ca in ("ca", "rogue"):
            self.certificates.ca(ca)
        for stem in "abc":
            self.certificates.make(stem, f"pos.{stem}.example")
        self.certificates.make("rogue-b", "pos.b.example", ca="rogue")

    def point(self, stem, partners, **more):
        self.port.setdefault(stem, world.free_port(socket.SOCK_STREAM))
        path = self.certificates.path
        row = {"id": f"pos@{stem}.example", "port": self.port[stem],
               "link_port": self.link[stem], "certificate": str(path(stem)),
               "key": str(path(stem, "key")), "ca": str(path("ca")),
               "aaa": {"port": self.aaa, "secret": "testing123",
                       "source": f"127.0.0.{' abc'.index(stem)}"},
               "partners": [{"id": f"pos@{other}.example", "name": f"pos.{other}.example",
                             "address": "127.0.0.1", "link_port": self.link[other]}
                            for other in partners], **more}
        return row

    def pos(self, points=None, **more):
        self.port, self.link = {}, {stem: world.free_port(socket.SOCK_STREAM) for stem in "abc"}
        rows = points() if points else [self.point("a", "b"), self.point("b", "ac"),
                                        self.point("c", "b")]
        self.daemon = self.start(Daemon(rows, **more))
        return self.daemon

    def links(self):
        return {(row["pos"], row["partner"]): row["up"]
                for row in self.daemon.ask(op="pos-links")["links"]}

    def wait_links(self, want):
        deadline = time.monotonic() + 10
        while self.links() != want and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.links(), want)

    def own(self, counter):
        time.sleep(0.15)
        [worker] = self.daemon.ask(op="status")["workers"]
        return worker["counts"][counter]

    def tcp(self, stem):
        stream = socket.create_connection(("127.0.0.1", self.port[stem]), 5)
        stream.settimeout(5)
        self.addCleanup(stream.close)
        return stream

    def hear(self, stream):
        head = stream.recv(8, socket.MSG_WAITALL)
        return read(head + stream.recv(struct.unpack("!H", head[6:8])[0], socket.MSG_WAITALL))


class Daemon(world.Latchkeyd):
    def __init__(self, points, **settings):
        super().__init__(roles="[pos]", **settings)
        self.points = points

    def again(self):
        self.config = self.where / "pos.yaml"
        rows = "".join(f"  - {json.dumps(row)}\n" for row in self.points)
        self.config.write_text(f"roles: [pos]\npos:\n  points:\n{rows}")
        super().again()


class PosTest(Pos):
    def test_links_come_up_and_come_back(self):
        """T46: TLS with certificates at both ends, between those who name each other."""
        up = {(A, B): True, (B, A): True, (B, C): True, (C, B): True}
        self.pos()
        self.wait_links(up)
        shown = self.daemon.command("pos", "links").stdout
        self.assertIn(f"{A}  to {B}, up at 127.0.0.1", shown)

    def test_a_certificate_of_another_ca_is_no_partner(self):
        """T46: the control run of the test before."""
        def points():
            path = self.certificates.path
            return [self.point("a", "b"),
                    self.point("b", "a", certificate=str(path("rogue-b")),
                               key=str(path("rogue-b", "key")))]
        self.stays_down(points)

    def test_a_certificate_of_another_name_is_no_partner(self):
        """T46: our CA's, but another PoS's: neither calling nor called."""
        def points():
            path = self.certificates.path
            other = {"certificate": str(path("c")), "key": str(path("c", "key"))}
            return [self.point("a", "b"), self.point("b", "ac", **other), self.point("c", "b")]
        self.stays_down(points)

    def stays_down(self, points):
        self.pos(points)
        self.daemon.wait_line(r"pos-link-")
        time.sleep(1)
        self.assertEqual(set(self.links().values()), {False})

    def test_who_asks_is_answered_over_udp_and_tcp(self):
        self.pos()
        ask = message(REQUEST, CAPABILITY_DISCOVER, A)
        stream = self.tcp("a")
        stream.sendall(ask[:5])
        time.sleep(0.05)
        stream.sendall(ask[5:] + ask[:20])
        stream.sendall(ask[20:])
        for _ in range(2):
            opcode, action, tlvs = self.hear(stream)
            self.assertEqual((opcode, action), (RESPONSE, CAPABILITY_DISCOVER))
            self.assertIn(CAPABILITY, tlvs)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(udp.close)
        udp.settimeout(5)
        udp.connect(("127.0.0.1", self.port["b"]))
        # Y26: shorter than its answer, it gets none.
        udp.send(acked(message(REQUEST, CAPABILITY_DISCOVER, B)))
        udp.settimeout(1)
        with self.assertRaises(TimeoutError):
            udp.recv(2048)
        udp.settimeout(5)
        udp.send(acked(message(REQUEST, CAPABILITY_DISCOVER, B, tlv(VENDOR, bytes(100)))))
        self.assertEqual(read(udp.recv(2048))[2][SOURCE], name(B.encode()))

    def test_an_authentication_begins(self):
        self.pos()
        stream = self.tcp("a")
        stream.sendall(auth_indication(A))
        opcode, action, tlvs = self.hear(stream)
        self.assertEqual((opcode, action), (REQUEST, AUTH))
        self.assertIn(AUTH_INFO, tlvs)
        self.assertEqual(self.own("pos_authentications"), 1)
        self.assertEqual(self.daemon.ask(op="pos-mns")["mns"], [])
        answer = self.daemon.ask(op="pos-release", mn=MN.decode())
        self.assertFalse(answer["ok"])
        self.assertIn("latchkey pos mns", answer["fix"])

    def test_connections_are_few(self):
        """T44: TCP accepts are capped, of one address and in all."""
        self.pos(**{"pos.streams": 8, "pos.streams_a_source": 3})
        streams = [self.tcp("a") for _ in range(5)]
        for stream in streams:
            stream.sendall(message(REQUEST, CAPABILITY_DISCOVER, A))
        answered = 0
        for stream in streams:
            try:
                answered += stream.recv(8) != b""
            except ConnectionError:
                pass
        self.assertEqual(answered, 3)
        self.assertEqual(self.own("pos_streams"), 3)
        self.assertEqual(self.own("pos_streams_source_full_total"), 2)

    def test_what_is_no_message_ends_a_connection(self):
        self.pos()
        stream = self.tcp("a")
        stream.sendall(b"\x10\0\x14\1\0\1\xff\xff" + bytes(100))
        self.assertEqual(stream.recv(1), b"")


class DownTest(Pos):
    """Two daemons, of which the second is not as the first expects it: it says why, once."""

    def begin(self, partners="a"):
        self.port, self.link = {}, {stem: world.free_port(socket.SOCK_STREAM) for stem in "abc"}
        self.daemon = self.start(Daemon([self.point("a", "b")]))
        return self.start(self.other(partners=partners))

    def other(self, b="b", partners="a"):
        path = self.certificates.path
        return Daemon([self.point("b", partners, certificate=str(path(b)),
                                  key=str(path(b, "key")))])

    def begin_up(self):
        other = self.begin()
        self.wait_links({(A, B): True})
        self.daemon.wait_line(rf"pos-link-up .*partner={B}")
        return other

    def again_as(self, other, **more):
        other.stop()
        self.start(self.other(**more))

    def told(self, reason, words):
        self.daemon.wait_line(rf"pos-link-lost .*partner={B} .*port={self.link['b']} .*"
                              rf"reason={reason} expected=pos.b.example fix=")
        deadline = time.monotonic() + 5
        while True:
            [row] = self.daemon.ask(op="pos-links")["links"]
            if row.get("reason") == reason or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.assertEqual((row["reason"], row["up"], row["name"], row["port"]),
                         (reason, False, "pos.b.example", self.link["b"]))
        shown = self.daemon.command("pos", "links").stdout
        self.assertIn(f"{A}  to {B}, down at 127.0.0.1 port {self.link['b']}\n", shown)
        self.assertIn(words, shown)
        self.assertIn(f"expected a certificate of pos.b.example\n  reason: {reason}\n  fix: ",
                      shown)

    def lost(self):
        return self.daemon.text().count("pos-link-lost")

    def test_a_partner_that_is_not_there_and_comes_back_as_another(self):
        other = self.begin_up()
        other.stop()
        self.told("mis.link-unreachable", "unreachable: Connection refused")
        self.start(self.other(b="rogue-b"))
        self.told("mis.link-untrusted", "untrusted: certificate of ")
        before = self.lost()
        time.sleep(3)
        self.assertEqual(self.lost(), before)

    def test_a_partner_that_comes_back_under_another_name(self):
        self.again_as(self.begin_up(), b="c")
        self.told("mis.link-name", "unknown: certificate of ")

    def test_a_partner_that_does_not_name_us(self):
        """It refuses behind our handshake (TLS 1.3): that is no link, and told once."""
        self.begin(partners="")
        self.told("mis.link-refused", "alert: ")
        time.sleep(3)
        self.assertEqual(self.daemon.text().count("why=alert"), 1)
        self.assertNotIn("pos-link-up", self.daemon.text())

    def test_who_is_to_be_called_says_so(self):
        self.port, self.link = {}, {stem: world.free_port(socket.SOCK_STREAM) for stem in "abc"}
        self.daemon = self.start(Daemon([self.point("b", "a")]))
        self.assertIn("it is to call here, with a certificate of pos.a.example",
                      self.daemon.command("pos", "links").stdout)


class Phone(dtls.Peer):
    """mis_phone."""

    def __init__(self, *partners):
        super().__init__("mis_phone")
        self.partners = partners

    def start(self, where):
        self.launch([world.BUILD / "tests/system/mis_phone", world.CARD.k, world.CARD.opc,
                     world.REALM, *self.partners])
        self.wait("ready")


class WholeTest(Pos, mis_home_test.HomeCase):
    """A mobile node, its home, and PoS of three domains."""

    def world(self, wrong=lambda rows: rows, **more):
        """wrong: changes the rows of the points."""
        self.aaa = self.home(**{"radius.clients[2].pos": C}).port
        homes = [{"realm": world.REALM, "mark_key": more.pop("mark_key", self.public)}]
        self.pos(lambda: wrong([self.point(stem, [other for other in "abc" if other != stem],
                                           homes=homes, neighbours=self.neighbours(stem), **more)
                                for stem in "abc"]))
        self.wait_links({(row["id"], other["id"]): True for row in self.daemon.points
                         for other in row["partners"]})
        self.phone = self.start(Phone("a.example", "b.example", "c.example"))

    def neighbours(self, stem):
        if not hasattr(self, "planned"):
            self.planned = {each: world.free_port(socket.SOCK_STREAM) for each in "abc"}
        self.port = self.planned
        return [{"network": f"wlan-{other}", "pos": f"pos@{other}.example",
                 "address": "127.0.0.1", "port": self.planned[other],
                 "circle": CIRCLE[other]}
                for other in "abc" if other != stem]

    def mns(self):
        return {row["pos"]: (row["type"], row["used"], row["half_open"])
                for row in self.daemon.ask(op="pos-mns")["mns"]}

    def hop(self, stem, pos):
        self.phone.say("handover", pos, self.planned[stem])
        self.phone.wait("ready", pos)
        self.phone.say("switched")
        self.phone.wait("served", pos)
        self.ask(pos)

    def ask(self, pos, times=1):
        for _ in range(times):
            self.phone.say("ping")
            self.phone.wait("pong", pos)

    def attach(self, **more):
        self.world(**more)
        self.phone.say("attach", A, self.planned["a"])
        self.phone.wait("attached", A)
        self.phone.say("ping")
        self.phone.wait("pong", A)
        self.assertEqual(self.mns(), {A: ("eap", 0, False)})

    def test_a_chain_of_three_and_its_end(self):
        """T40: three optimised establishments on one authentication; then the MN authenticates with
        its home, before it is handed over again. What it asks meanwhile is answered."""
        self.attach()
        for used, (stem, pos) in enumerate((("b", B), ("c", C), ("a", A)), 1):
            self.hop(stem, pos)
            if used < 3:
                self.assertEqual(self.mns()[pos], ("spos", used, False))
        self.ask(A, times=100)
        self.phone.wait("attached", A)
        self.assertEqual(self.mns()[A], ("eap", 0, False))
        self.assertEqual((self.own("pos_arrived_total"), self.own("pos_attached_total")), (3, 2))

    def test_a_mark_that_no_known_home_signed(self):
        """T40: a target that has another key for that home takes nothing, and the MN
        authenticates in full with it."""
        self.attach(mark_key=self.mis_key("new", self.dir / "other.key").stdout.strip())
        self.phone.say("handover", B, self.planned["b"])
        self.phone.wait("attached", B)
        self.assertEqual(self.mns()[B], ("eap", 0, False))
        self.assertEqual(self.own("pos_not_taken_total"), 1)

    def test_the_serving_pos_selects_and_the_operator_releases(self):
        self.attach()
        mns = self.daemon.command("pos", "mns").stdout
        # A06: by its pseudonym, and by no IMSI
        name = mns.split()[0]
        self.assertRegex(name, f"^[\\w-]{{22}}@{world.REALM}$")
        self.assertNotIn(world.CARD.imsi, mns)
        self.phone.say("select", "wlan-c")
        self.phone.wait("ready", C)
        self.phone.say("switched")
        self.phone.wait("served", C)
        self.assertEqual(self.mns()[C], ("spos", 1, False))
        self.daemon.command("pos", "release", name, C)
        self.phone.wait("lost", C)
        self.assertNotIn(C, self.mns())


    def test_a_partner_that_has_another_id_than_its_row(self):
        """T44: nothing of it is taken; it is told so at once, and the target says why, once."""
        def wrong(rows):
            rows[2]["partners"][0].update(id="pos@aa.example", address="127.0.0.2")
            rows[2]["neighbours"] = []
            return rows
        self.attach(wrong=wrong)
        for _ in range(2):
            for stem, pos in (("c", C), ("a", A)):
                self.phone.say("handover", pos, self.planned[stem])
                self.phone.wait("attached", pos, seconds=4)
                self.phone.say("switched")
                self.phone.wait("served", pos)
        self.daemon.wait_line(r"pos-link-other .*reason=mis.link-id expected=pos@aa.example "
                              rf"came={A} fix=")
        self.assertEqual(self.daemon.text().count("pos-link-other"), 1)
        self.assertRegex(self.daemon.command("pos", "links").stdout,
                         rf"{C}  from pos@aa.example, up at 127.0.0.1 port \d+\n"
                         rf"  it speaks as {A}; expected pos@aa.example\n  reason: mis.link-id\n")

    def test_who_did_not_come_is_told_as_that(self):
        """And who is nowhere is a refusal, not an empty list."""
        self.attach()
        self.phone.say("handover", B, world.free_port(socket.SOCK_STREAM))
        deadline = time.monotonic() + 5
        while B not in self.mns() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.mns()[B][2], True)
        self.assertRegex(self.daemon.command("pos", "mns").stdout,
                         rf"at {B}, half-open, announced by {A}, (30|2\d) s left\n")
        done = self.daemon.command("pos", "mns", "nobody@home.example", check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no point of service has that mobile node\n  fix: ", done.stderr)


class RadsecTest(Pos, mis_home_test.HomeCase):
    """The AAA over TLS (RFC 6614): the PoS goes by its certificate, and the AAA by its own."""

    def begin(self, aaa="aaa", **more):
        self.certificates.make("aaa", "aaa.example.org", use="serverAuth")
        self.certificates.make("other", "other.example.org", use="serverAuth")
        self.certificates.make("rogue-aaa", "aaa.example.org", ca="rogue", use="serverAuth")
        path, port = self.certificates.path, world.free_port(socket.SOCK_STREAM)
        self.aaa_daemon = self.home(**{
            "radsec.certificate": path(aaa), "radsec.key": path(aaa, "key"),
            "radsec.ca": path("ca"), "radsec.port": port,
            "radsec.peers": f"[{{name: a, certificate: pos.a.example, pos: {A}}}]"})
        self.pos(lambda: [self.point("a", "", aaa={
            "server": "127.0.0.1", "tls_port": port, "certificate": "aaa.example.org"}, **more)])
        self.phone = self.start(Phone("a.example"))
        self.phone.say("attach", A, self.port["a"])

    def test_eap_and_erp(self):
        """T04, T46: keys, mark and the rest come over TLS, of EAP and of ERP."""
        self.begin()
        self.phone.wait("attached", A)
        self.phone.say("attach", A, self.port["a"])
        self.phone.wait("attached", A)
        self.phone.say("ping")
        self.phone.wait("pong", A)
        told = self.aaa_daemon.text()
        self.assertRegex(told, "by=\"?full authentication.*mis_mn=")
        self.assertRegex(told, "method=erp.*mis_mn=")
        self.assertNotIn("aaa.mis-leg-open", told)
        self.assertIn("radsec-alive", self.daemon.text())

    def refused(self, reason, **more):
        self.begin(**more)
        self.daemon.wait_line(rf"reason={reason}\b")
        self.assertNotIn("radsec-alive", self.daemon.text())
        self.assertNotIn("accepted", self.aaa_daemon.text())

    def test_an_aaa_of_another_name(self):
        """T46: our CA's, but another's."""
        self.refused("radsec.certificate-unknown", aaa="other")

    def test_an_aaa_of_another_ca(self):
        """T46"""
        self.refused("radsec.certificate-untrusted", aaa="rogue-aaa")

    def test_a_pos_of_another_name(self):
        """T02, T46: the AAA knows no PoS by that certificate."""
        path = self.certificates.path
        self.begin(certificate=str(path("b")), key=str(path("b", "key")))
        self.aaa_daemon.wait_line(r"reason=radsec.certificate-unknown\b")
        self.assertNotIn("radsec-alive", self.daemon.text())


class CheckTest(world.Case):
    def check(self, text):
        path = self.dir / "pos.yaml"
        path.write_text(text)
        return world.subprocess.run([world.LATCHKEYD, "--check", "-c", path], text=True,
                                    capture_output=True, timeout=20)

    def test_what_cannot_be(self):
        for more, words in (
                ("", None),
                ("aaa: {secret: s, server: 192.0.2.1}", "points[0].aaa.server: expected an AAA"),
                ("aaa: {}", "points[0].aaa.secret: expected the secret"),
                ("aaa: {certificate: aaa.example.org, server: 192.0.2.1}",
                 "points[0].certificate: expected a certificate"),
                ("aaa: {certificate: '*.org', server: 192.0.2.1}",
                 "points[0].aaa.certificate: expected the name"),
                ("unmarked: true", "pos.points[0].unmarked: expected false"),
                ("demand: [tls, spos]", "pos.points[0].demand: expected eap"),
                ("partners: [{id: pos@b.example, name: b.example}]",
                 "pos.points[0].certificate: expected a certificate"),
                ("neighbours: [{network: n, pos: pos@b.example, address: 127.0.0.1, cells: x}]",
                 "pos.points[0].neighbours[0].cells: expected"),
                ("neighbours: [{network: n, pos: pos@b.example, address: 127.0.0.1, "
                 "circle: '91 0 1'}]", "pos.points[0].neighbours[0].circle: expected"),
                ("neighbours: [{network: n, pos: pos@b.example, address: 127.0.0.1, "
                 "link_types: lte}]", "pos.points[0].neighbours[0].link_types: expected")):
            aaa = "" if more.startswith("aaa") else "aaa: {secret: s}, "
            done = self.check(f"state_dir: {self.dir}\nroles: [pos]\npos:\n  points:\n"
                              f"  - {{id: pos@a.example, {aaa}{more}}}\n")
            with self.subTest(more):
                if words is None:
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                else:
                    self.assertIn(words, done.stderr)

    def test_what_one_file_says_twice(self):
        """The AAA's secret, the port of a neighbour that is a point of the same daemon, and two
        sockets at one place, which is told once for both transports."""
        made = radsec.Certificates(self.dir / "tls")
        made.ca("ca")
        made.make("x", "pos.x.example")
        keys = f"certificate: {made.path('x')}, key: {made.path('x', 'key')}, ca: {made.path('ca')}"

        def words(secret, next_port, port):
            row = ("{id: pos@%s.example, port: %d, link_port: %d, " + keys + ", "
                   "partners: [{id: pos@%s.example, name: n, address: 127.0.0.1, link_port: %d}], "
                   "%saaa: {secret: one, source: 127.0.0.%d}}")
            near = ("neighbours: [{network: w, pos: pos@b.example, address: 127.0.0.1, "
                    f"port: {next_port}}}], ")
            return (f"state_dir: {self.dir}\nroles: [aaa, pos, vault]\n"
                    "aaa: {mis_mark_key: '%s'}\n"
                    "radius: {clients: [{name: a, address: 127.0.0.2, pos: pos@a.example, "
                    "secret: %s}, "
                    "{name: b, address: 127.0.0.3, pos: pos@b.example, secret: one}]}\n"
                    "pos: {points: [%s, %s]}\n"
                    % ("5a" * 32, secret, row % ("a", 4551, 4552, "b", 4553, near, 2),
                       row % ("b", port, 4553, "a", 4552, "", 3)))
        for said, expected in ((("one", 4560, 4560), ()),
                               (("other", 4560, 4560), ("points[0].aaa.secret: expected the secret "
                                                        "of the row of radius.clients",)),
                               (("one", 4561, 4560), ("neighbours[0].port: expected 4560",)),
                               (("one", 4551, 4551), ("points[1].port: expected another port",))):
            with self.subTest(said):
                done = self.check(words(*said))
                told = [line for line in done.stderr.splitlines() if "expected" in line]
                self.assertEqual(len(told), len(expected), done.stderr)
                for words_of in expected:
                    self.assertIn(words_of, told[0])


if __name__ == "__main__":
    unittest.main()

"""Hostile packets at the daemon, made with Scapy: whatever comes, nothing wrong is accepted, no
process ends, and the next honest request is answered within a second."""
import hashlib
import hmac
import os
import random
import socket
import struct
import subprocess
import time

from scapy.layers.radius import Radius, RadiusAttribute
from scapy.volatile import CorruptedBits, CorruptedBytes

import eap
import radius
import world
from judge_hostapd_test import attach

SECRET = world.SECRET.encode()


def request(attributes, code=1, identifier=7, authenticator=None, secret=SECRET, mac=b""):
    """A request of (type, value) rows; Message-Authenticator first unless mac is None."""
    rows = ([] if mac is None else [(80, bytes(16))]) + list(attributes)
    packet = Radius(code=code, id=identifier, authenticator=authenticator or os.urandom(16),
                    attributes=[RadiusAttribute(type=kind, value=value)
                                            for kind, value in rows])
    octets = bytes(packet)
    if mac is None:
        return octets
    return octets[:22] + (mac or hmac.new(secret, octets, hashlib.md5).digest()) + octets[38:]


STATION = radius.attribute(radius.CALLING_STATION_ID, b"02-00-00-00-00-01")


def identity_response(identity, identifier=0, kind=1):
    return struct.pack("!BBHB", 2, identifier, 5 + len(identity), kind) + identity


def eap_rows(octets):
    return [(79, octets[at:at + 253]) for at in range(0, max(len(octets), 1), 253)]


def login(identity=None, **how):
    """What an honest access point sends first."""
    identity = world.CARD.identity("aka-prime").encode() if identity is None else identity
    return request([(1, identity[:253] or b"x"), *eap_rows(identity_response(identity))], **how)


class HostileTest(world.Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(self.id())
        random.seed(self.id())      # Scapy's
        self.daemon = self.start(world.Latchkeyd())
        self.daemon.add(world.CARD)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.connect(("127.0.0.1", self.daemon.port))
        self.processes = self.children()
        self.assertTrue(self.processes)
        self.unharmed()     # so its station is known, whatever strangers say in its name

    def children(self):
        """The daemon's processes, by id: a worker that died would have another."""
        done = subprocess.run(["pgrep", "-P", str(self.daemon.process.pid)], text=True,
                              capture_output=True)
        return done.stdout.split()

    def throw(self, packets):
        """Sends them at a pace that leaves the socket's buffer room, and returns the answers."""
        answers = []
        for number, packet in enumerate(packets):
            try:
                self.socket.send(packet)
            except OSError as reason:
                if len(packet) < 65000:
                    raise AssertionError(f"the daemon's port is shut: {reason}") from reason
            if number % 16 == 15:
                answers += self.answers(0.001)
        return answers + self.answers(0.2)

    def answers(self, seconds):
        got = []
        self.socket.settimeout(seconds)
        try:
            while True:
                got.append(self.socket.recv(8192))
        except (TimeoutError, ConnectionError):
            return got

    def unharmed(self, answers=(), accepts=0):
        """No Accept was won, the same processes live, and honest peers are served at once."""
        self.assertEqual(sum(1 for answer in answers if answer[:1] == b"\x02"), accepts)
        since = time.monotonic()
        peer = eap.Peer(world.CARD.imsi, bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc))
        with radius.Client(self.daemon.port) as client:
            self.assertEqual(eap.Attach(client, peer, STATION).run(), radius.ACCESS_ACCEPT)
        self.assertLess(time.monotonic() - since, 1.0)
        self.assertEqual(self.children(), self.processes, self.daemon.text()[-2000:])

    def test_every_truncation(self):
        whole = login()
        cuts = [whole[:length] for length in range(len(whole))]
        fixed = []
        for length in range(20, len(whole)):
            cut = whole[:2] + struct.pack("!H", length) + whole[4:length]
            fixed.append(cut)
        self.unharmed(self.throw(cuts + fixed + [whole + b"\0"]))

    def test_length_fields(self):
        whole = login()
        lies = [whole[:2] + struct.pack("!H", length) + whole[4:]
                for length in [*range(0, 40), len(whole) - 1, len(whole) + 1, 4096, 4097, 65535]]
        for at in (21, 39):         # the lengths of the first two attributes
            lies += [whole[:at] + bytes([length]) + whole[at + 1:] for length in range(256)
                     if length != whole[at]]
        answers = self.throw(lies)
        self.assertEqual(answers, [])
        self.unharmed()

    def test_corrupted_octets_and_bits(self):
        whole = login()
        packets = [bytes(CorruptedBytes(whole, n=self.random.randint(1, 8))) for _ in range(700)]
        packets += [bytes(CorruptedBits(whole, n=self.random.randint(1, 4))) for _ in range(700)]
        self.unharmed(self.throw(packets))

    def test_noise_of_every_size(self):
        sizes = [0, 1, 2, 3, 4, 19, 20, 21, 37, 38, 4095, 4096, 4097, 9000, 65507]
        sizes += [self.random.randint(20, 4096) for _ in range(300)]
        packets = [self.random.randbytes(size) for size in sizes]
        packets += [b"\x01" + packet[1:2] + struct.pack("!H", len(packet)) + packet[4:]
                    for packet in packets if 4 <= len(packet) <= 4096]
        self.assertEqual(self.throw(packets), [])
        self.unharmed()

    def test_every_code(self):
        rows = [(1, b"x"), *eap_rows(identity_response(b"x"))]
        answers = self.throw([request(rows, code=code, identifier=code) for code in range(256)
                              if code not in (1, 12)])
        self.assertEqual(answers, [])
        self.unharmed()

    def test_message_authenticator_absent_wrong_or_misplaced(self):
        # A01: without a Message-Authenticator that verifies there is no answer of any kind.
        rows = [(1, b"x"), *eap_rows(identity_response(b"x"))]
        packets = [request(rows, mac=None), request(rows, mac=bytes(16)),
                   request(rows, secret=b"testing124"), request(rows, secret=b""),
                   request([(80, bytes(16)), *rows], mac=None),
                   request([(80, b""), *rows], mac=None),
                   request([(80, bytes(15)), *rows], mac=None),
                   request([(80, bytes(17)), *rows], mac=None), request([], mac=None),
                   request(rows, code=12, mac=None), request(rows, code=12, mac=bytes(16))]
        twice = request([(80, bytes(16)), *rows])
        self.assertEqual(self.throw([*packets, twice]), [])
        self.unharmed()

    def test_a_thousand_proxy_states(self):
        # A01: attributes that an attacker may add change nothing without the secret.
        whole = login()
        packets = []
        for number in range(1000):
            state = self.random.randbytes(self.random.randint(1, 200))
            more = whole + bytes([33, len(state) + 2]) + state
            packets.append(more[:2] + struct.pack("!H", len(more)) + more[4:])
        self.assertEqual(self.throw(packets), [])
        many = [(33, self.random.randbytes(8)) for _ in range(300)]
        self.unharmed(self.throw([request(many[:count]) for count in (0, 1, 100, 300)]))

    def test_eap_shapes(self):
        # A10: lengths of zero, of one too many, and empty values, inside and outside.
        name = world.CARD.identity("aka-prime").encode()
        good = identity_response(name)
        shapes = [b"", b"\x02", b"\x02\0", b"\x02\0\0\x04", b"\x02\0\0\x05\x01", b"\x02\0\0\0\x01",
                  b"\x02\0\xff\xff\x01", good[:-1], good + b"x", b"\x01" + good[1:],
                  b"\x03\0\0\x04", b"\x04\0\0\x04", b"\x05\0\0\x04", b"\x00\0\0\x04",
                  identity_response(b"\0" * 20), identity_response(name + b"\0"),
                  identity_response(b"6" * 2000), identity_response(b"\xff" * 64)]
        shapes += [identity_response(b"x", kind=kind) for kind in range(256)]
        for method in (23, 50):
            for subtype in (0, 1, 2, 4, 5, 12, 13, 14, 255):
                head = struct.pack("!BBH", method, subtype, 0)[:4]
                for kind in (0, 1, 2, 3, 4, 6, 11, 14, 22, 23, 24, 129, 130, 134, 255):
                    for words in (0, 1, 2, 255):
                        body = head + bytes([kind, words]) + bytes(2)
                        shapes.append(struct.pack("!BBH", 2, 9, 4 + len(body)) + body)
        packets = [request([(1, b"x"), *eap_rows(shape)], identifier=number % 256)
                   for number, shape in enumerate(shapes)]
        self.unharmed(self.throw(packets))

    def test_empty_and_endless_names(self):
        # A29: zero-length and overlong identities, user names and realms.
        names = [b"", b"@", b"0@", b"6@", b"@" + b"r" * 250, b"6" + b"0" * 252, b"!@!", b"0" * 16,
                 b"6001010000000001", b"6001010000000001@", b"a!b!c!6001010000000001@d",
                 b"2@" + world.REALM.encode(), b"4@" + world.REALM.encode()]
        packets = [login(name) for name in names]
        packets += [request([(1, b""), *eap_rows(identity_response(name))]) for name in names]
        self.unharmed(self.throw(packets))

    def test_foreign_state(self):
        # The State of this run moved, cut, changed or invented never leads to an Accept.
        self.socket.send(login())
        self.socket.settimeout(10)
        _, _, _, rows = radius.parse(self.socket.recv(8192))
        state = radius.values(rows, radius.STATE)[0]
        changed = [state[:at] + bytes([state[at] ^ 1]) + state[at + 1:] for at in range(len(state))]
        changed += [state[:length] for length in range(len(state))] + [state + b"\0", bytes(253)]
        reply = identity_response(b"x", identifier=1)
        answers = self.throw([request([(1, b"x"), (24, other), *eap_rows(reply)])
                              for other in changed if other])
        self.assertEqual({answer[0] for answer in answers} - {radius.ACCESS_REJECT}, set())
        self.unharmed(answers)

    def challenged(self, client, method="aka-prime", card=world.CARD):
        """A peer with its challenge: (attach, peer)."""
        peer = eap.Peer(card.imsi, bytes.fromhex(card.k), bytes.fromhex(card.opc), method)
        run = eap.Attach(client, peer)
        while True:
            self.assertEqual(run.step(), radius.ACCESS_CHALLENGE)
            if run.request[5:6] == bytes([eap.CHALLENGE]):
                return run, peer

    def send(self, client, state, response):
        rows = radius.attribute(radius.USER_NAME, b"x") + radius.attribute(radius.STATE, state)
        code, got, _ = client.access(rows + radius.eap_attributes(response))
        return code, got

    def outcome(self, client, run, response):
        """How it ends: (code, rows of every answer). A failure is notified before the reject."""
        code, rows = self.send(client, run.state, response)
        every = list(rows)
        request = radius.eap_of(rows)
        if code == radius.ACCESS_CHALLENGE and request[5] == eap.AKA_NOTIFICATION:
            self.assertEqual(struct.unpack("!H", request[10:12])[0] & 0x8000, 0)
            head = struct.pack("!BBHBBH", 2, request[1], 8, request[4], eap.AKA_NOTIFICATION, 0)
            code, rows = self.send(client, radius.values(rows, radius.STATE)[0], head)
            every += rows
        return code, every

    def test_each_mandatory_attribute_missing(self):
        # A24: what a response needs is taken out, one by one, under a MAC that is right.
        for method in ("aka", "aka-prime"):
            for gone in (eap.AT_RES, eap.AT_MAC, None):
                with self.subTest(f"{method} {gone}"), radius.Client(self.daemon.port) as client:
                    run, peer = self.challenged(client, method)
                    whole = peer.respond(run.request)
                    body = b"".join(eap.attribute(kind, value) for kind, value
                                    in eap.attributes_of(whole[8:])
                                    if kind not in (gone, eap.AT_MAC))
                    response = peer.packet(whole[1], eap.CHALLENGE, body,
                                           None if gone == eap.AT_MAC else b"")
                    code, _ = self.outcome(client, run, response)
                    wanted = radius.ACCESS_ACCEPT if gone is None else radius.ACCESS_REJECT
                    self.assertEqual(code, wanted)
        self.unharmed()

    def test_unknown_subscriber_looks_like_a_wrong_key(self):
        # A18: who is not known is challenged like who is, and refused in the same shape.
        unknown = world.Card("001019999999999", world.CARD.k, world.CARD.opc)
        shapes = []
        for card in (unknown, world.CARD):
            with radius.Client(self.daemon.port) as client:
                run, peer = self.challenged_by_stranger(client, card)
                body = eap.attribute(eap.AT_RES, bytes([0, 64]) + bytes(8))
                head = struct.pack("!BBHBBH", 2, run.request[1], 8 + len(body) + 20, peer.type,
                                   eap.CHALLENGE, 0)
                response = head + body + eap.attribute(eap.AT_MAC, bytes(18))
                code, rows = self.outcome(client, run, response)
                shapes.append((self.shape(run.attributes), code, self.shape(rows)))
        self.assertEqual(shapes[0], shapes[1])
        self.assertEqual(shapes[0][1], radius.ACCESS_REJECT)

    def challenged_by_stranger(self, client, card):
        """The first challenge that this identity meets; no key is used."""
        peer = eap.Peer(card.imsi, bytes(16), bytes(16))
        run = eap.Attach(client, peer)
        for _ in range(4):
            self.assertEqual(run.step(), radius.ACCESS_CHALLENGE)
            if run.request[5] == eap.CHALLENGE:
                break
        return run, peer

    def shape(self, rows):
        """Attribute types with their lengths: all that an observer without keys can compare."""
        return [(kind, len(value)) for kind, value in rows]

    def test_only_two_methods_are_ever_offered(self):
        # A27: whatever a peer asks for by Nak, it is offered EAP-AKA or EAP-AKA', or refused.
        offered = set()
        for kind in range(256):
            with radius.Client(self.daemon.port) as client:
                # Another subscriber each time: too many vectors for one are refused before this.
                peer = eap.Peer(f"00101{kind:010}", bytes(16), bytes(16))
                run = eap.Attach(client, peer)
                run.step()
                nak = struct.pack("!BBHBB", 2, run.request[1], 6, eap.NAK, kind)
                code, rows = self.send(client, run.state, nak)
                if code == radius.ACCESS_CHALLENGE:
                    offered.add(radius.eap_of(rows)[4])
        self.assertLessEqual(offered, {eap.AKA, eap.AKA_PRIME})
        self.unharmed()

    def test_success_before_its_time_at_the_server(self):
        # A11: EAP-Success and EAP-Failure have no place in a request.
        answers = self.throw([request([(1, b"x"), (79, bytes([code, 1, 0, 4]))])
                              for code in (3, 4)])
        self.unharmed(answers)

    def test_ports_take_only_their_own(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.connect(("127.0.0.1", self.daemon.accounting_port))
            other.settimeout(0.3)
            other.send(login())
            with self.assertRaises(TimeoutError):
                other.recv(4096)
        account = radius.accounting_request(SECRET, 3, radius.attribute(40, b"\0\0\0\x01"))
        self.assertEqual(self.throw([account]), [])
        self.unharmed()


class HostileServerTest(world.Case):
    """The other way round: our peer meets a server, or somebody between, that cheats."""

    def setUp(self):
        super().setUp()
        self.server = self.start(world.HostapdServer([world.CARD]))

    def attach_through(self, change, method="aka-prime"):
        self.asked = []

        def to_server(packet):
            self.asked.append(packet)
            return [packet]

        relay = self.start(world.Relay(self.server, to_server, change))
        return attach(self, relay, world.CARD, method, "--timeout", "2")

    def signed(self, packet, rows, mac=True):
        """An answer under the right secret: only its content is a lie."""
        asked = next(old for old in reversed(self.asked) if old[1] == packet[1])
        body = (radius.attribute(80, bytes(16)) if mac else b"") + \
            b"".join(radius.attribute(kind, value) for kind, value in rows if kind != 80)
        head = packet[:2] + struct.pack("!H", 20 + len(body))
        if mac:
            body = body[:2] + hmac.new(SECRET, head + asked[4:20] + body, hashlib.md5).digest() \
                + body[18:]
        return head + hashlib.md5(head + asked[4:20] + body + SECRET).digest() + body

    def test_honest_relay(self):
        run = self.attach_through(lambda packet: [packet])
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_answers_without_message_authenticator(self):
        # A01: stripped from Challenge, Accept or Reject, the answer does not count.
        for code in (radius.ACCESS_CHALLENGE, radius.ACCESS_ACCEPT, radius.ACCESS_REJECT):
            def change(packet, code=code):
                if packet[0] == code:
                    return [self.signed(packet, radius.parse(packet)[3], mac=False)]
                if code == radius.ACCESS_REJECT:
                    refused = [(79, b"\x04\x01\0\x04")]
                    return [self.signed(bytes([code]) + packet[1:], refused, mac=False)]
                return [packet]

            with self.subTest(code):
                run = self.attach_through(change)
                self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
                self.assertIn("message-authenticator", run.stdout + run.stderr)

    def test_success_at_each_step(self):
        # A11: an EAP-Success before the method has keys is no success, however well it is signed.
        for step in (1, 2):
            seen = []

            def change(packet, step=step, seen=seen):
                if packet[0] == radius.ACCESS_CHALLENGE:
                    seen.append(packet)
                    if len(seen) == step:
                        eap_packet = radius.eap_of(radius.parse(packet)[3])
                        early = bytes([3, eap_packet[1], 0, 4])
                        return [self.signed(b"\x02" + packet[1:], [(79, early)])]
                return [packet]

            with self.subTest(step):
                run = self.attach_through(change)
                self.assertEqual(run.returncode, 1, run.stdout + run.stderr)


if __name__ == "__main__":
    world.unittest.main()

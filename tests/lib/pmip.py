"""PMIPv6 by another hand: a mobile access gateway over DTLS and a tunnel, with requests of which
every part can be chosen. Nothing here computes with the code under test.

    mag = pmip.Mag(daemon, "mag-1")
    bound = mag.attach(imsi)            # a Bound: status, ipv4, prefix, lifetime
    mag.ping(bound.ipv4, "10.64.0.1")
"""
import hashlib
import hmac
import os
import socket
import struct
import time

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

import dtls
import world

ENTERPRISE = 32473
MN_ID, VENDOR, SERVICE, PREFIX, HANDOFF, ACCESS, LINK, TIMESTAMP, IPV4, IPV4_REPLY, ROUTER = \
    8, 19, 20, 22, 23, 24, 25, 27, 36, 37, 38
CARE_OF = 3
REALM = "nai.epc.mnc001.mcc001.3gppnetwork.org"
KEYS = {"mag-1": "a key of the first gateway", "mag-2": "a key of the second gateway"}


class Anchor(world.Latchkeyd):
    """The daemon as anchor with two gateways."""

    def __init__(self, **settings):
        self.anchor_port, self.tunnel_port = world.free_port(), world.free_port()
        mags = ", ".join(f"{{name: {name}, psk: \"{key}\"}}" for name, key in KEYS.items())
        super().__init__(**{"roles": "[aaa, vault, anchor]", "anchor.port": self.anchor_port,
                            "anchor.tunnel_port": self.tunnel_port, "anchor.mags": f"[{mags}]",
                            "log.mask_imsi": "false", **settings})

    def node_key(self):
        return bytes.fromhex((self.sets["state_dir"] / "node.key").read_text().strip())

    def bindings(self, **which):
        answer = self.ask(op="bindings", **which)
        assert answer["ok"], answer
        return answer["bindings"]

    def metric(self, name):
        for line in self.metrics().splitlines():
            if line.startswith(f"latchkey_{name}{{"):
                return int(line.split()[1])
        raise AssertionError(f"no {name} in the metrics")

    def metrics(self):
        with socket.create_connection(("127.0.0.1", self.sets["console.port"]), 5) as console:
            console.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b""
            while more := console.recv(65536):
                text += more
        return text.decode()


def bcd(imsi):
    digits = imsi + "f" * (16 - len(imsi))
    return bytes.fromhex(digits)


def token(node_key, imsi, mag, attached_ms):
    """Class of an Access-Accept, as an AAA with that node key makes it."""
    key = hmac.new(node_key, b"latchkey class" + bytes(5), hashlib.sha256).digest()
    plain = bcd(imsi) + os.urandom(8) + attached_ms.to_bytes(8, "big") + mag.encode()
    return b"\x02" + AESSIV(key).encrypt(plain, [b"latchkey class 2"])


def stamp(now=None):
    now = time.time() if now is None else now
    return struct.pack(">Q", int(now * 65536))


def pad(message, multiple, offset):
    missing = (offset - len(message)) % multiple
    if missing == 1:
        return message + b"\0"
    return message + (bytes([1, missing - 2]) + bytes(missing - 2) if missing else b"")


def update(imsi, sequence, *, lifetime=900, handoff=1, access=4, service="internet", sealed=None,
           timestamp=None, ipv4="0.0.0.0", realm=REALM, flags=0xc200, care_of=None, without=()):
    """A Proxy Binding Update, options aligned as RFC 5213 says."""
    options = [
        (MN_ID, 1, 0, b"\1" + f"0{imsi}@{realm}".encode()),
        (SERVICE, 1, 0, service.encode()),
        (PREFIX, 8, 4, bytes(18)),
        (HANDOFF, 1, 0, bytes([0, handoff])),
        (ACCESS, 1, 0, bytes([0, access])),
        (TIMESTAMP, 8, 2, stamp() if timestamp is None else timestamp),
        (IPV4, 4, 0, bytes(2) + socket.inet_aton(ipv4)),
        (VENDOR, 4, 2, ENTERPRISE.to_bytes(4, "big") + b"\1" + (sealed or b"")),
    ]
    if care_of:
        options.append((CARE_OF, 8, 6, bytes(10) + b"\xff\xff" + socket.inet_aton(care_of)))
    message = struct.pack(">BBBBHHHH", 59, 0, 5, 0, 0, sequence, flags, lifetime)
    for kind, multiple, offset, data in options:
        if kind in without or (kind == VENDOR and sealed is None):
            continue
        message = pad(message, multiple, offset) + bytes([kind, len(data)]) + data
    message = pad(message, 8, 0)
    return message[:1] + bytes([len(message) // 8 - 1]) + message[2:]


def heartbeat(sequence, place=None, word=bytes(16), beats_ms=1000):
    """A question of RFC 5847; place: (address, port) of the sender's end of the tunnel, where it
    answers by that word."""
    message = struct.pack(">BBBBHHI", 59, 0, 13, 0, 0, 0, sequence)
    if place is not None:
        data = struct.pack(">IBHI", ENTERPRISE, 2, place[1], beats_ms) + word + \
            socket.inet_aton(place[0])
        message = pad(message, 4, 2) + bytes([VENDOR, len(data)]) + data
    message = pad(message, 8, 0)
    return message[:1] + bytes([len(message) // 8 - 1]) + message[2:]


class Bound:
    """A Proxy Binding Acknowledgement, read."""

    def __init__(self, octets):
        self.octets = octets
        (payload, length, kind, _, _, self.status, self.flags, self.sequence,
         self.lifetime) = struct.unpack(">BBBBHBBHH", octets[:12])
        assert (payload, kind, (length + 1) * 8) == (59, 6, len(octets)), octets.hex()
        self.options, at = {}, 12
        while at < len(octets):
            if octets[at] == 0:
                at += 1
                continue
            self.options[octets[at]] = octets[at + 2:at + 2 + octets[at + 1]]
            at += 2 + octets[at + 1]
        reply = self.options.get(IPV4_REPLY, b"\x80" + bytes(5))
        self.ipv4 = socket.inet_ntoa(reply[2:]) if reply[0] == 0 else None
        self.ipv4_bits = reply[1] >> 2
        self.router = socket.inet_ntoa(self.options.get(ROUTER, bytes(6))[2:])
        prefix = self.options.get(PREFIX, bytes(18))
        self.prefix = socket.inet_ntop(socket.AF_INET6, prefix[2:]) + f"/{prefix[1]}"


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(source, destination, sequence=1, data=b"latchkey"):
    icmp = struct.pack(">BBHHH", 8, 0, 0, 7, sequence) + data
    icmp = icmp[:2] + checksum(icmp).to_bytes(2, "big") + icmp[4:]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0, 64, 1, 0,
                       socket.inet_aton(source), socket.inet_aton(destination))
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + icmp


class Mag:
    """One gateway: its DTLS session, its tunnel, and the AAA's word on who is attached."""

    def __init__(self, daemon, name, key=None, local="127.0.0.1", port=0):
        self.daemon, self.name, self.sequence = daemon, name, 0
        self.channel = dtls.Client(("127.0.0.1", daemon.anchor_port), name.encode(),
                                   (key or KEYS[name]).encode(), local=local)
        self.tunnel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tunnel.bind((local, port))
        self.tunnel.connect(("127.0.0.1", daemon.tunnel_port))
        self.tunnel.settimeout(3)
        self.tokens = {}
        self.word = None        # by which it answers, once it has told it

    def connect(self):
        self.channel.connect()
        return self

    def close(self):
        self.channel.close()
        self.tunnel.close()

    def seal(self, imsi, attached_ms=None, mag=None):
        if attached_ms is None:
            attached_ms = int(time.time() * 1000)
        return token(self.daemon.node_key(), imsi, mag or self.name, attached_ms)

    def give(self, octets):
        self.channel.send(self.channel.data(octets))
        return Bound(self.channel.expect_data())

    def tell(self, place=None, beats_ms=1000):
        """Says on the channel where this end of the tunnel is, or that it is at place."""
        self.sequence += 1
        self.word = self.word or os.urandom(16)
        self.channel.send(self.channel.data(heartbeat(
            self.sequence, place or self.tunnel.getsockname(), self.word, beats_ms)))
        answer = self.channel.expect_data()
        assert answer[2] == 13, answer.hex()

    def ask(self, imsi, **how):
        """One request; how: of update()."""
        self.sequence += 1
        time.sleep(0.002)       # each has a timestamp of its own
        return self.give(update(imsi, self.sequence, **how))

    def attach(self, imsi, **how):
        self.tokens[imsi] = self.seal(imsi)
        return self.ask(imsi, sealed=self.tokens[imsi], **how)

    def renew(self, imsi, **how):
        return self.ask(imsi, sealed=self.tokens[imsi], handoff=5, **how)

    def release(self, imsi, **how):
        return self.ask(imsi, sealed=self.tokens[imsi], lifetime=0, handoff=4, **how)

    def answer(self, question):
        """What it says to a token by which the anchor asks whether it is here: the token itself
        while it has told no word."""
        if self.word is None:
            return question
        return b"\0" + hmac.new(self.word, b"latchkey path answer" + question[1:],
                                hashlib.sha256).digest()[:16]

    def hear(self):
        """The next packet out of the tunnel. Tokens are answered."""
        while True:
            packet = self.tunnel.recv(2048)
            if packet[:1] != b"\0" or len(packet) != 17:
                return packet
            self.tunnel.send(self.answer(packet))

    def ping(self, source, destination, data=b"latchkey"):
        """Whether the echo came back."""
        self.tunnel.send(echo(source, destination, data=data))
        try:
            packet = self.hear()
        except TimeoutError:
            return False
        return packet[12:20] == socket.inet_aton(destination) + socket.inet_aton(source) and \
            packet[20] == 0 and packet[28:] == data

    def drops(self, packet, seconds=0.4):
        """True when nothing comes back."""
        self.tunnel.settimeout(seconds)
        self.tunnel.send(packet)
        try:
            self.hear()
            return False
        except TimeoutError:
            return True
        finally:
            self.tunnel.settimeout(3)

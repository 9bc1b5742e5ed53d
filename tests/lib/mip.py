"""Mobile IPv4 by another hand: a mobile node with a co-located care-of address, of whose requests
every part can be chosen. Nothing here computes with the code under test.

    node = mip.Node(daemon, imsi, key)
    reply = node.register()             # a Reply: code, lifetime, home, agent, identification
    node.ping("10.64.0.1")
"""
import hashlib
import hmac
import os
import select
import socket
import struct
import time

import pmip

FROM_1900_TO_1970 = 2208988800
MN_HA, NAI, UDP_REQUEST, UDP_REPLY = 32, 131, 144, 44
MN_AAA, MN_FA_REQUEST, MN_FA_REPLY, MN_HA_REQUEST, MN_HA_REPLY, CHALLENGE = 36, 40, 41, 42, 43, 132
LONG = (36, 38, 40, 41, 42, 43)     # type, subtype, length in two octets
HASHES = {"hmac-md5": hashlib.md5, "hmac-sha1": hashlib.sha1, "hmac-sha256": hashlib.sha256}
PING, PONG = 8, 0


def ntp(now=None):
    now = time.time() if now is None else now
    return (int(now) + FROM_1900_TO_1970) << 32 | int(now % 1 * (1 << 32))


def octets_of(key):
    return key if isinstance(key, bytes) else key.encode()


def b_tid_extension(b_tid, vendor=pmip.ENTERPRISE):
    """A normal vendor extension."""
    return short(134, b"\0\0" + struct.pack(">IH", vendor, 1) + b_tid.encode())


def short(kind, data):
    return bytes([kind, len(data)]) + data


def long(kind, data, subtype=1):
    return bytes([kind, subtype]) + struct.pack(">H", len(data)) + data


def key_request(mn_ha=None, mn_fa=None):
    """RFC 3957 6.1, 6.3: the SPIs that the node gives."""
    return b"".join(long(kind, struct.pack(">I", spi))
                    for kind, spi in ((MN_HA_REQUEST, mn_ha), (MN_FA_REQUEST, mn_fa)) if spi)


def mn_aaa(message, key, spi, algorithm="hmac-sha256"):
    """The message with its proof for the home AAA behind it."""
    made = HASHES[algorithm]
    message += bytes([MN_AAA, 1]) + struct.pack(">HI", 4 + made().digest_size, spi)
    return message + hmac.new(octets_of(key), message, made).digest()


def mn_aaa_chap(message, key, challenge):
    """RFC 4721 8: the same under SPI 2, with the challenge in the message already."""
    message += bytes([MN_AAA, 1]) + struct.pack(">HI", 20, 2)
    inner = hashlib.md5(message).digest()
    return message + hashlib.md5(challenge[:1] + octets_of(key) + inner + challenge[-237:]).digest()


def rfc3957(aaa_key, nonce, nai, octets=16):
    """A key of a nonce."""
    return hmac.new(octets_of(aaa_key), nonce + nai, hashlib.sha1).digest()[:octets]


class KeyReply:
    """What 41 and 43 say."""

    def __init__(self, kind, data):
        self.lifetime, self.aaa_spi, self.agent_spi, self.algorithm = struct.unpack(
            ">IIIH", data[:14])
        self.replay = data[14:16] if kind == MN_HA_REPLY else None
        self.nonce = data[16 if kind == MN_HA_REPLY else 14:]


class Reply:
    def __init__(self, octets):
        self.octets = octets
        kind, self.code, self.lifetime, home, agent, self.identification = \
            struct.unpack(">BBH4s4sQ", octets[:20])
        assert kind == 3, octets.hex()
        self.home, self.agent = socket.inet_ntoa(home), socket.inet_ntoa(agent)
        self.extensions, self.at, at = {}, {}, 20
        while at < len(octets):
            kind, head = octets[at], 4 if octets[at] in LONG else 2
            end = at + head + int.from_bytes(octets[at + head // 2:at + head], "big")
            self.at[kind] = at
            self.extensions[kind] = octets[at + head:end]
            at = end
        self.mn_ha, self.mn_fa = (KeyReply(kind, self.extensions[kind])
                                  if kind in self.extensions else None
                                  for kind in (MN_HA_REPLY, MN_FA_REPLY))

    def proves(self, key, spi, algorithm):
        data = self.extensions.get(MN_HA, b"")
        covered = self.octets[:self.at.get(MN_HA, 0) + 6]
        wanted = hmac.new(octets_of(key), covered, HASHES[algorithm]).digest()
        return data == struct.pack(">I", spi) + wanted


class Node:
    def __init__(self, daemon, imsi, key, spi=256, algorithm="hmac-sha256", local="127.0.0.9"):
        self.imsi, self.key, self.spi, self.algorithm = imsi, key, spi, algorithm
        self.agent, self.home = "127.0.0.1", "0.0.0.0"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((local, 0))
        self.socket.connect((self.agent, daemon.mip_port))
        self.care_of = local
        self.answers_probes = True

    def close(self):
        self.socket.close()

    def request(self, *, lifetime=600, flags=0x22, home=None, agent=None, care_of=None,
                identification=None, nai=True, udp=True, key=None, spi=None, algorithm=None,
                extensions=b"", signed=True):
        message = struct.pack(">BBH4s4s4sQ", 1, flags, lifetime,
                              socket.inet_aton(home or self.home),
                              socket.inet_aton(agent or self.agent),
                              socket.inet_aton(care_of or self.care_of),
                              ntp() if identification is None else identification)
        if nai:
            message += short(NAI, f"0{self.imsi}@{pmip.REALM}".encode())
        if udp:
            message += short(UDP_REQUEST, bytes([0, 0, 0x80, 4, 0, 0]))
        message += extensions
        if not signed:
            return message
        made = HASHES[algorithm or self.algorithm]
        message += bytes([MN_HA, 4 + made().digest_size]) + struct.pack(">I", spi or self.spi)
        return message + hmac.new(octets_of(key or self.key), message, made).digest()

    @property
    def nai(self):
        return f"0{self.imsi}@{pmip.REALM}".encode()

    def ask_keys(self, aaa_key, aaa_spi=1000, *, mn_ha=600, mn_fa=None, seconds=3,
                 algorithm="hmac-sha256", **how):
        """A request without a key of its own: MN-AAA proves it. The key that the reply's nonce
        makes, if it has one, is the node's from then on."""
        how["extensions"] = how.get("extensions", b"") + key_request(mn_ha, mn_fa)
        time.sleep(0.002)
        message = self.request(signed=False, **how)
        reply = self.give(mn_aaa(message, aaa_key, aaa_spi, algorithm), seconds)
        if reply is not None and reply.mn_ha is not None:
            self.take(reply, aaa_key, mn_ha)
        return reply

    def take(self, reply, aaa_key, mn_spi):
        """The association of a reply's nonce; the agent signs under the node's SPI."""
        key = rfc3957(aaa_key, reply.mn_ha.nonce, self.nai)
        assert reply.at[MN_HA_REPLY] < reply.at[MN_HA]                  # T25
        assert reply.proves(key, mn_spi, "hmac-md5"), reply.octets.hex()
        self.key, self.spi, self.algorithm = key, reply.mn_ha.agent_spi, "hmac-md5"
        if reply.code in (0, 1):
            self.home = reply.home

    def hear(self, seconds=3):
        """The next datagram that is no probe; None: there is none. Probes are answered, where the
        node does that."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                return None
            try:
                got = self.socket.recv(4096)
            except ConnectionRefusedError:
                continue
            if got[:1] == b"\4" and got[24] == PING:
                if self.answers_probes:
                    self.send_packet(self.pong(got[4:]))
                continue
            return got
        return None

    def give(self, octets, seconds=3):
        self.socket.send(octets)
        got = self.hear(seconds)
        return None if got is None else Reply(got)

    def register(self, **how):
        time.sleep(0.002)       # each has an Identification of its own
        reply = self.give(self.request(**how))
        if reply is not None and reply.code in (0, 1) and reply.lifetime > 0:
            self.home = reply.home
        return reply

    # ---- packets ----

    def send_packet(self, packet):
        self.socket.send(b"\4\4\0\0" + packet)

    @staticmethod
    def pong(packet):
        """What a stack says to an echo request."""
        icmp = bytes([PONG]) + packet[21:22] + b"\0\0" + packet[24:]
        icmp = icmp[:2] + pmip.checksum(icmp).to_bytes(2, "big") + icmp[4:]
        head = packet[:10] + b"\0\0" + packet[16:20] + packet[12:16]
        return head[:10] + pmip.checksum(head).to_bytes(2, "big") + head[12:] + icmp

    def ping(self, destination, source=None, seconds=1):
        data = os.urandom(8)
        self.send_packet(pmip.echo(source or self.home, destination, data=data))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            got = self.hear(until - time.monotonic())
            if got is not None and got[:1] == b"\4" and got[24] == PONG and got[32:] == data:
                return True
        return False

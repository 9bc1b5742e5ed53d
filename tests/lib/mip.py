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


class Reply:
    def __init__(self, octets):
        self.octets = octets
        kind, self.code, self.lifetime, home, agent, self.identification = \
            struct.unpack(">BBH4s4sQ", octets[:20])
        assert kind == 3, octets.hex()
        self.home, self.agent = socket.inet_ntoa(home), socket.inet_ntoa(agent)
        self.extensions, self.at, at = {}, {}, 20
        while at < len(octets):
            self.at[octets[at]] = at
            self.extensions[octets[at]] = octets[at + 2:at + 2 + octets[at + 1]]
            at += 2 + octets[at + 1]

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
                extensions=b""):
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
        made = HASHES[algorithm or self.algorithm]
        message += bytes([MN_HA, 4 + made().digest_size]) + struct.pack(">I", spi or self.spi)
        return message + hmac.new(octets_of(key or self.key), message, made).digest()

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

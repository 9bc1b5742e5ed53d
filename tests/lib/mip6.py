"""MIPv6 by another hand: a mobile node in the UDP of RFC 5555, over IPv4 or IPv6, of whose Binding
Updates every part can be chosen. Nothing here computes with the code under test.

    node = mip6.Node(daemon, imsi, key)
    ack = node.register()               # an Ack: status, lifetime, home, prefix, ipv4, mesg_id
    node.ping("2001:db8:6400::1")
"""
import hashlib
import hmac
import ipaddress
import os
import select
import socket
import struct
import time

import mip
import pmip

PORT, AGENT = 4191, "2001:db8:6400::1"  # of the home agent in the packets: that of its home network
ANY, A, H, P = "::", 0x8000, 0x4000, 0x0200
CARE_OF, MN_ID, AUTH, MESG_ID, VENDOR, PREFIX = 3, 8, 9, 10, 19, 22
IPV4_HOME, IPV4_HOME_ACK, NAT, IPV4_CARE_OF = 29, 30, 31, 32
MN_HA, MOBILITY, OPTIONS, ROUTING, ICMP6 = 1, 135, 60, 43, 58
B_TID_SUBTYPE = 3


def packed(address):
    """16 octets; an IPv4 address mapped."""
    parsed = ipaddress.ip_address(address)
    return bytes(10) + b"\xff\xff" + parsed.packed if parsed.version == 4 else parsed.packed


def sum_of(source, destination, protocol, octets):
    return pmip.checksum(packed(source) + packed(destination) +
                         struct.pack(">II", len(octets), protocol) + octets)


def ipv6(source, destination, next_header, payload, hops=64):
    return struct.pack(">IHBB", 6 << 28, len(payload), next_header, hops) + packed(source) + \
        packed(destination) + payload


def echo6(source, destination, kind=128, sequence=1, data=b"latchkey", identifier=7):
    icmp = struct.pack(">BBHHH", kind, 0, 0, identifier, sequence) + data
    icmp = icmp[:2] + sum_of(source, destination, ICMP6, icmp).to_bytes(2, "big") + icmp[4:]
    return ipv6(source, destination, ICMP6, icmp)


def mn_ha(key, care_of, home, header):
    """RFC 4285: over what is in the mobility header up to the SPI, its checksum zero."""
    header = header[:4] + b"\0\0" + header[6:]
    return hmac.new(mip.octets_of(key), packed(care_of) + packed(home) + header,
                    hashlib.sha1).digest()[:12]


def options_of(header):
    """Type to data, and where its data begins."""
    found, at = {}, 12
    while at < len(header):
        if header[at] == 0:
            at += 1
            continue
        found[header[at]] = (header[at + 2:at + 2 + header[at + 1]], at + 2)
        at += 2 + header[at + 1]
    return found


class Ack:
    """A Binding Acknowledgement in its packet."""

    def __init__(self, octets):
        self.octets = octets
        version, length, next_header = octets[0] >> 4, *struct.unpack(">HB", octets[4:7])
        self.source = str(ipaddress.ip_address(octets[8:24]))
        self.destination = str(ipaddress.ip_address(octets[24:40]))
        assert version == 6 and length == len(octets) - 40, octets.hex()
        self.home, at = self.destination, 40
        self.routed = next_header == ROUTING
        if self.routed:
            assert octets[at + 1:at + 4] == b"\2\2\1", octets.hex()
            self.home = str(ipaddress.ip_address(octets[at + 8:at + 24]))
            next_header, at = octets[at], at + 24
        assert next_header == MOBILITY, octets.hex()
        self.header = octets[at:]
        kind, self.status, self.flags, self.sequence, self.lifetime = \
            struct.unpack(">2xB3xBBHH", self.header[:12])
        assert kind == 6 and sum_of(self.source, self.home, MOBILITY, self.header) == 0
        self.options = options_of(self.header)
        self.nai = self.options[MN_ID][0][1:].decode()
        self.mesg_id = int.from_bytes(self.options[MESG_ID][0], "big") \
            if MESG_ID in self.options else None
        self.ipv4 = None
        if IPV4_HOME_ACK in self.options and self.options[IPV4_HOME_ACK][0][0] == 0:
            self.ipv4 = socket.inet_ntoa(self.options[IPV4_HOME_ACK][0][2:])
        if PREFIX in self.options:
            data = self.options[PREFIX][0]
            self.prefix = f"{ipaddress.ip_address(data[2:])}/{data[1]}"

    def proves(self, key, spi, care_of):
        data, at = self.options[AUTH]
        assert data[0] == MN_HA
        wanted = mn_ha(key, care_of, self.home, self.header[:at + 5])
        return data[1:] == struct.pack(">I", spi) + wanted


class Node:
    """local: an IPv4 address, or an IPv6 one; care_of: what it says instead."""

    def __init__(self, daemon, imsi, key, spi=256, local="127.0.0.9", port=0):
        self.imsi, self.key, self.spi, self.local = imsi, key, spi, local
        self.six = ":" in local
        self.home, self.ipv4, self.sequence = ANY, None, 0
        self.socket = socket.socket(socket.AF_INET6 if self.six else socket.AF_INET,
                                    socket.SOCK_DGRAM)
        self.socket.bind((local, port))
        self.socket.connect(("::1" if self.six else "127.0.0.1", daemon.mip6_port))
        self.answers_probes = True
        self.probes = 0

    def close(self):
        self.socket.close()

    def update(self, *, lifetime=150, flags=A | H, home=None, care_of=None, alternate=None,
               mesg_id=None, nai=True, key=None, spi=None, ipv4_home=None, prefix=False,
               extra=(), behind=(), without=(), agent=AGENT, sequence=None):
        """A Binding Update in its packet. behind: options behind the authentication option."""
        home = home or self.home
        named = care_of or self.local
        self.sequence = (self.sequence + 1) & 0xffff
        options = []
        if alternate:
            options.append((CARE_OF, 8, 6, packed(alternate)))
        if nai:
            options.append((MN_ID, 1, 0, b"\1" + f"0{self.imsi}@{pmip.REALM}".encode()))
        options.append((MESG_ID, 8, 2, (mip.ntp() if mesg_id is None else mesg_id)
                        .to_bytes(8, "big")))
        if ipv4_home:
            options.append((IPV4_HOME, 4, 0, bytes([32 << 2, 0]) + socket.inet_aton(ipv4_home)))
        if ":" not in named:
            options.append((IPV4_CARE_OF, 4, 0, bytes(2) + socket.inet_aton(named)))
        if prefix:
            options.append((PREFIX, 8, 4, bytes(18)))
        options += list(extra)
        options.append((AUTH, 4, 1, bytes([MN_HA]) + struct.pack(">I", spi or self.spi) +
                        bytes(12)))
        options += list(behind)
        header = struct.pack(">BBBBHHHH", 59, 0, 5, 0, 0,
                             self.sequence if sequence is None else sequence, flags, lifetime)
        signed = None
        for kind, multiple, offset, data in options:
            if kind in without:
                continue
            header = pmip.pad(header, multiple, offset) + bytes([kind, len(data)]) + data
            if kind == AUTH:
                signed = len(header) - 12
        header = pmip.pad(header, 8, 0)
        header = header[:1] + bytes([len(header) // 8 - 1]) + header[2:]
        if signed is not None:
            proof = mn_ha(key or self.key, alternate or named, home, header[:signed])
            header = header[:signed] + proof + header[signed + 12:]
        return self.wrapped(header, home, named, agent)

    def wrapped(self, header, home, care_of, agent=AGENT):
        """Over IPv4 the home address is the source; over IPv6 it stands in an option."""
        seal = sum_of(home, agent, MOBILITY, header[:4] + b"\0\0" + header[6:])
        header = header[:4] + seal.to_bytes(2, "big") + header[6:]
        if not self.six:
            return ipv6(home, agent, MOBILITY, header)
        named = bytes([MOBILITY, 2, 1, 2, 0, 0, 0xc9, 16]) + packed(home)
        return ipv6(care_of, agent, OPTIONS, named + header)

    def discover(self, network="2001:db8:6400::/64", seconds=3):
        """The home agents that one of them names; the octets of its answer stay in self.told."""
        prefix = ipaddress.ip_network(network)
        agents = str(prefix.network_address + 0xfdfffffffffffffe)
        icmp = struct.pack(">BBHHH", 144, 0, 0, 0x4c4b, 0)
        icmp = icmp[:2] + sum_of(self.local, agents, ICMP6, icmp).to_bytes(2, "big") + icmp[4:]
        self.socket.send(ipv6(self.local, agents, ICMP6, icmp))
        self.told = got = self.hear(seconds)
        if got is None:
            return None
        source, destination = (str(ipaddress.ip_address(got[at:at + 16])) for at in (8, 24))
        assert got[40:42] == b"\x91\0" and got[44:46] == b"\x4c\x4b", got.hex()
        assert sum_of(source, destination, ICMP6, got[40:]) == 0
        return [str(ipaddress.ip_address(got[at:at + 16])) for at in range(48, len(got), 16)]

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
            if got[0] >> 4 == 6 and got[6] == ICMP6 and got[40] == 128:
                self.probes += 1
                if self.answers_probes:
                    self.socket.send(self.pong(got))
                continue
            return got
        return None

    @staticmethod
    def pong(packet):
        """What a stack says to an echo request."""
        source, destination = (str(ipaddress.ip_address(packet[at:at + 16])) for at in (8, 24))
        identifier, sequence = struct.unpack(">HH", packet[44:48])
        return echo6(destination, source, 129, sequence, packet[48:], identifier)

    def give(self, octets, seconds=3):
        self.socket.send(octets)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            got = self.hear(left)
            if got is None:
                return None
            if got[6] in (MOBILITY, ROUTING):
                return Ack(got)
        return None

    def register(self, **how):
        time.sleep(0.002)       # each has a MESG-ID of its own
        ack = self.give(self.update(**how))
        if ack is not None and ack.status == 0 and ack.lifetime > 0:
            self.home = ack.home
            self.ipv4 = ack.ipv4 or self.ipv4
        return ack

    # ---- packets ----

    def ping(self, destination, source=None, seconds=1):
        """Whether the echo came back; of the family of the destination."""
        data = os.urandom(8)
        if ":" in destination:
            self.socket.send(echo6(source or self.home, destination, data=data))
        else:
            self.socket.send(pmip.echo(source or self.ipv4, destination, data=data))
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            got = self.hear(left)
            if got is None:
                return False
            if got[-8:] == data:
                return True
        return False


def b_tid_option(b_tid, vendor=pmip.ENTERPRISE):
    """Of RFC 5094, for update(extra=[...])."""
    return (VENDOR, 4, 2, struct.pack(">IB", vendor, B_TID_SUBTYPE) + b_tid.encode())

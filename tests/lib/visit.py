"""A foreign agent and those who visit it, by another hand: nodes whose registrations and packets go
through the agent, and a home agent's wire that somebody sits on.

    agent = case.start(visit.ForeignAgent("127.0.0.17", home_agent))
    visitor = visit.Visitor(agent, home_agent, imsi, key)
    visitor.register()
    visitor.ping("10.64.0.1")
"""
import hmac
import os
import select
import socket
import struct
import threading
import time

import mip
import pmip
import world

HOME_AGENT = "127.0.0.1"
AGENTS_KEY = "a key of foreign and home agent"
NAI = "0{}@" + pmip.REALM
MN_HA, MN_FA, FA_HA, UDP_REPLY, CHALLENGE, UDP_REQUEST = 32, 33, 34, 44, 132, 144
REVOCABLE = 137
REVOCATION, REVOCATION_ACK = 7, 15  # types of messages, RFC 3543
SOLICITATION, ADVERTISEMENT = 10, 9
LONG = {36, 38, 40, 41, 42, 43}
FIXED = {1: 24, 3: 20, REVOCATION: 20, REVOCATION_ACK: 12}


def agents_row(*addresses, name="fa-1", key=AGENTS_KEY):
    """For anchor.mip.agents."""
    return f"{{name: {name}, addresses: [{', '.join(addresses)}], key: \"{key}\"}}"


class ForeignAgent(world.Latchkeyd):
    def __init__(self, address, home_port, **settings):
        self.address, self.mip_port = address, world.free_port(address=address)
        home = f"[{{address: {HOME_AGENT}, port: {home_port}, key: \"{AGENTS_KEY}\"}}]"
        super().__init__(**{"roles": "[fa]", "fa.listen": address, "fa.port": self.mip_port,
                            "fa.home_agents": home, "fa.source_rate": 1000, **settings})

    def visitors(self, **which):
        answer = self.ask(op="fa-visitors", **which)
        assert answer["ok"], answer
        return answer["visitors"]

    def waiting(self):
        return self.ask(op="fa-visitors")["waiting"]

    metric, metrics = pmip.Anchor.metric, pmip.Anchor.metrics


def extensions(octets):
    """[(type, data, where it begins)], by RFC 5944 1.8 to 1.10."""
    found, at = [], FIXED[octets[0]]
    while at < len(octets):
        kind, size = octets[at], 4 if octets[at] in LONG else 2
        length = int.from_bytes(octets[at + 2:at + 4], "big") if size == 4 else octets[at + 1]
        found.append((kind, octets[at + size:at + size + length], at))
        at += size + length
    assert at == len(octets), octets.hex()
    return found


def kinds(octets):
    return [kind for kind, _, _ in extensions(octets)]


def signed(octets, key=AGENTS_KEY, kind=FA_HA, spi=256, algorithm="hmac-sha256"):
    """With that authentication extension behind it."""
    made = mip.HASHES[algorithm]
    octets += bytes([kind, 4 + made().digest_size]) + struct.pack(">I", spi)
    return octets + hmac.new(mip.octets_of(key), octets, made).digest()


def proves(octets, kind, key, spi=256, algorithm="hmac-sha256"):
    at = [at for found, _, at in extensions(octets) if found == kind]
    return len(at) == 1 and octets[at[0]:at[0] + 6 + mip.HASHES[algorithm]().digest_size] == \
        signed(octets[:at[0]], key, kind, spi, algorithm)[at[0]:]


class Advertisement:
    def __init__(self, octets):
        assert octets[:4] == b"\4\4\0\0", octets.hex()
        self.packet = octets[4:]
        icmp = self.packet[20:]
        assert pmip.checksum(self.packet[:20]) == 0 and pmip.checksum(icmp) == 0
        assert icmp[0] == ADVERTISEMENT and self.packet[8] == 1, icmp.hex()
        self.source = socket.inet_ntoa(self.packet[12:16])
        at = 8 + 8 * icmp[4]
        self.extensions = {}
        while at < len(icmp):
            self.extensions[icmp[at]] = icmp[at + 2:at + 2 + icmp[at + 1]]
            at += 2 + icmp[at + 1]
        agent = self.extensions[16]
        self.sequence, self.lifetime, self.flags = struct.unpack_from(">HHH", agent)
        self.care_of = socket.inet_ntoa(agent[6:10])
        self.challenge = self.extensions.get(24, b"")


def solicitation():
    icmp = bytes([SOLICITATION, 0, 0, 0]) + bytes(4)
    icmp = icmp[:2] + pmip.checksum(icmp).to_bytes(2, "big") + icmp[4:]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 1, 1, 0, bytes(4), b"\xff" * 4)
    return b"\4\4\0\0" + head[:10] + pmip.checksum(head).to_bytes(2, "big") + head[12:] + icmp


class Visitor(mip.Node):
    """foreign: (SPI, key) with the foreign agent, and the algorithm if it is another, if there is
    one."""

    def __init__(self, agent, imsi, key, local="127.0.0.30", foreign=None, **how):
        super().__init__(agent, imsi, key, local=local, **how)
        self.socket.connect((agent.address, agent.mip_port))
        self.agent, self.care_of, self.foreign = HOME_AGENT, agent.address, foreign
        self.challenge = b""

    def solicit(self, seconds=3):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.socket.send(solicitation())
            if select.select([self.socket], [], [], 0.5)[0]:
                heard = Advertisement(self.socket.recv(4096))
                self.challenge = heard.challenge
                return heard
        raise AssertionError("no advertisement")

    def request(self, *, challenge=None, foreign=None, extensions=b"", flags=0x02, **how):
        challenge = self.challenge if challenge is None else challenge
        if challenge:
            extensions = mip.short(CHALLENGE, challenge) + extensions
        octets = super().request(flags=flags, udp=False, extensions=extensions, **how)
        spi, key, *algorithm = foreign or self.foreign or (0, "")
        if not key or not how.get("signed", True):
            return octets
        return signed(octets, key, MN_FA, spi, *algorithm)

    def give(self, octets, seconds=3):
        reply = super().give(octets, seconds)
        if reply is not None and CHALLENGE in reply.extensions:
            self.challenge = reply.extensions[CHALLENGE]
        return reply

    def register(self, **how):
        if not self.challenge:
            self.solicit()
        return super().register(**how)


class Wire(threading.Thread):
    """Who sits between a foreign agent and the home agent, at an address of the home agent's: what
    comes is passed on, as it is or as alter and alter_back (octets to octets, or None: nothing)
    have it. It knows nobody's key, unless they do."""

    def __init__(self, home_port, address="127.0.0.17", at=HOME_AGENT):
        super().__init__(daemon=True)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind((at, 0))
        self.port = self.front.getsockname()[1]
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.bind((address, 0))
        self.home = (HOME_AGENT, home_port)
        self.alter = self.alter_back = lambda octets: octets
        self.requests, self.replies = [], []
        self.stopped = False
        self.start()

    def stop(self):
        self.stopped = True
        self.join(5)
        self.front.close()
        self.back.close()

    def run(self):
        agent = None
        while not self.stopped:
            for ready in select.select([self.front, self.back], [], [], 0.1)[0]:
                try:
                    octets, whence = ready.recvfrom(4096)
                except OSError:
                    continue
                if ready is self.front:
                    agent = whence
                    self.pass_on(octets, self.requests, self.alter, self.back, self.home)
                elif agent is not None:
                    self.pass_on(octets, self.replies, self.alter_back, self.front, agent)

    @staticmethod
    def pass_on(octets, kept, alter, by, to):
        if octets[0] in FIXED:
            kept.append(octets)
            octets = alter(octets)
        if octets is not None:
            by.sendto(octets, to)


def random_place():
    return f"127.{os.urandom(1)[0] % 200 + 20}.{os.urandom(1)[0]}.{os.urandom(1)[0] % 250 + 1}"

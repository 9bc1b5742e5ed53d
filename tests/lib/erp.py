"""A peer of ERP (RFC 6696) for tests, over hashlib and the derivations of derive.py: it shares
nothing with the code under test."""
import hmac
import struct

import derive
import radius

INITIATE, FINISH, REAUTH = 5, 6, 2
FAILED, BOOTSTRAP, LIFETIMES = 0x80, 0x40, 0x20
KEYNAME_NAI, RRK_LIFETIME, RMSK_LIFETIME, SUITES = 1, 2, 3, 5
TAG_LEN = {1: 8, 2: 16, 3: 32}


class Peer:
    """What an EAP run left: initiate() gives packets, finish() judges their answers."""

    def __init__(self, emsk, session_id, realm):
        self.emsk = emsk
        self.name = derive.emsk_name(session_id)["emsk_name"]
        self.nai = self.name.hex().encode() + b"@" + realm.encode()
        self.seq, self.id = 0, 0

    def keys(self, seq, suite=2):
        return derive.erp(emsk=self.emsk, cryptosuite=suite, seq=seq)

    def initiate(self, flags=LIFETIMES, seq=None, suite=2):
        """The next one, with its tag."""
        if seq is None:
            seq, self.seq = self.seq, self.seq + 1
        self.id = (self.id + 1) % 256
        body = struct.pack("!BBH", REAUTH, flags, seq)
        body += bytes([KEYNAME_NAI, len(self.nai)]) + self.nai + bytes([suite])
        packet = struct.pack("!BBH", INITIATE, self.id, 4 + len(body) + TAG_LEN[suite]) + body
        tag = hmac.digest(self.keys(seq, suite)["rik"], packet, "sha256")
        return packet + tag[:TAG_LEN[suite]]


def finish(packet, suite=2):
    """What a Finish of that suite says, its tag not looked at."""
    code, identifier, length, kind, flags, seq = struct.unpack("!BBHBBH", packet[:8])
    if (code, kind, length) != (FINISH, REAUTH, len(packet)):
        raise radius.Wrong("no EAP-Finish/Re-auth")
    found, at, end = {}, 8, len(packet) - TAG_LEN[suite] - 1
    while at < end:
        if packet[at] in (RRK_LIFETIME, RMSK_LIFETIME):
            found[packet[at]] = struct.unpack("!I", packet[at + 1:at + 5])[0]
            at += 5
        else:
            found[packet[at]] = packet[at + 2:at + 2 + packet[at + 1]]
            at += 2 + packet[at + 1]
    if (at, packet[end]) != (end, suite):
        raise radius.Wrong("attributes that do not end before the cryptosuite")
    return {"id": identifier, "flags": flags, "seq": seq, "tag": packet[end + 1:],
            "covered": packet[:end + 1], **found}


def proves(told, keys):
    """The Finish is of who has those keys."""
    tag = hmac.digest(keys["rik"], told["covered"], "sha256")
    return hmac.compare_digest(tag[:len(told["tag"])], told["tag"])

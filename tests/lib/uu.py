"""Uu in the laboratory by hand: a stranger's datagrams to a cell, and what comes back."""
import os
import socket

HEAD = b"pdcp-lte" + bytes.fromhex("000100 0205 0300 0401 0d0001 0e0000 01")
ATTACH, AUTHENTICATION, RESPONSE, REJECTED, FAILURE = 0x41, 0x52, 0x53, 0x54, 0x5c
ATTACH_REJECTED = 0x44


def hello(imsi, mac=None):
    """The first datagram of a new connection, as docs/rooms/lwa.md has it."""
    return (b"lk-hello\2" + bytes.fromhex(imsi.ljust(16, "f")) + (mac or b"\2" + os.urandom(5))
            + os.urandom(4))


def bits_of(octets):
    return "".join(f"{octet:08b}" for octet in octets)


def octets_of(bits):
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def uplink(count, nas):
    """NAS in ULInformationTransfer in a PDU of SRB1, with a MAC-I of zeroes."""
    return (HEAD + bytes([count]) + octets_of("01001000000" + bits_of(bytes([len(nas)]) + nas))
            + bytes(4))


def downlink(datagram):
    """The NAS message of a DLInformationTransfer."""
    pdu = datagram[datagram.index(b"pdcp-lte") + len(HEAD):]
    bits = bits_of(pdu[1:-4])
    size = int(bits[13:21], 2)
    return octets_of(bits[21:21 + 8 * size])


def attach_request(imsi):
    swapped = "".join(imsi[i + 1] + imsi[i] for i in range(1, len(imsi), 2))
    identity = bytes.fromhex(imsi[0] + "9" + swapped)
    return bytes.fromhex("074171") + bytes([len(identity)]) + identity + bytes.fromhex(
        "0280200004 0201d011")


class Stranger:
    """Who sends from an address and port of its own to a cell."""

    def __init__(self, cell, address="127.0.0.9", port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.connect(("127.0.0.1", cell))
        self.socket.settimeout(2)
        self.count = 0

    def hello(self, imsi):
        self.socket.send(hello(imsi))

    def say(self, nas):
        self.socket.send(uplink(self.count, nas))
        self.count += 1

    def attach(self, imsi):
        self.hello(imsi)
        self.say(attach_request(imsi))

    def hear(self, seconds=2):
        """NAS, or None."""
        self.socket.settimeout(seconds)
        try:
            return downlink(self.socket.recv(2000))
        except TimeoutError:
            return None

    def close(self):
        self.socket.close()

"""A capture file, written without the code under test: datagrams on one interface, messages in
clear (exported PDUs) on a second one, and key log lines as a secrets block.

    with pcapng.File(path) as file:
        file.datagram(("127.0.0.2", 36411), ("127.0.0.1", 36411), octets)
        file.opened("wlcp", ("127.0.0.2", 36411), ("127.0.0.1", 36411), octets)
"""
import socket
import struct
from pathlib import Path

RAW_IP, UPPER_PDU, KEY_LOG = 101, 252, 0x544c534b
NAME, IPV4_FROM, IPV4_TO, PORT_KIND, PORT_FROM, PORT_TO = 12, 20, 21, 24, 25, 26


def padded(octets):
    return octets + bytes(-len(octets) % 4)


def block(kind, body):
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def checksum(octets):
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def udp(source, target, payload):
    """An IPv4 packet; its UDP checksum is left out, as IPv4 allows."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0x4000, 64, 17, 0,
                       socket.inet_aton(source[0]), socket.inet_aton(target[0]))
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return head + struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0) + payload


def tag(number, value):
    return struct.pack(">HH", number, len(padded(value))) + padded(value)


def exported(dissector, source, target, payload, stream=False):
    return (tag(NAME, dissector.encode()) + tag(IPV4_FROM, socket.inet_aton(source[0])) +
            tag(IPV4_TO, socket.inet_aton(target[0])) +
            tag(PORT_KIND, struct.pack(">I", 2 if stream else 3)) +
            tag(PORT_FROM, struct.pack(">I", source[1])) +
            tag(PORT_TO, struct.pack(">I", target[1])) + tag(0, b"") + payload)


class File:
    def __init__(self, path):
        self.path = path
        self.file = open(path, "wb")
        self.at = 1_700_000_000_000_000
        self.file.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for link in (RAW_IP, UPPER_PDU):
            self.file.write(block(1, struct.pack("<HHI", link, 0, 0)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def packet(self, interface, frame):
        self.at += 1000
        self.file.write(block(6, struct.pack("<IIIII", interface, self.at >> 32,
                                             self.at & 0xffffffff, len(frame), len(frame)) +
                              padded(frame)))

    def datagram(self, source, target, payload):
        self.packet(0, udp(source, target, payload))

    def opened(self, dissector, source, target, payload, stream=False):
        self.packet(1, exported(dissector, source, target, payload, stream))

    def secrets(self, text):
        self.file.write(block(10, struct.pack("<II", KEY_LOG, len(text)) + padded(text.encode())))


def packets(path):
    """The frames of a file that lk_capture wrote: its blocks are big-endian."""
    octets = Path(path).read_bytes()
    at = 0
    while at < len(octets):
        kind, size = struct.unpack_from(">II", octets, at)
        if kind == 6:
            length, = struct.unpack_from(">I", octets, at + 20)
            yield octets[at + 28:at + 28 + length]
        at += size

"""Xw for tests: two ends in processes of their own, certificates, SCTP packets made by hand."""
import struct

import dtls
import world

PEER = world.BUILD / "tests" / "system" / "xw_peer"
SILENT_MS = 1500


def crc32c(octets):
    crc = 0xffffffff
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def packet(source, destination, tag, *chunks):
    """An SCTP packet with a right checksum."""
    head = struct.pack("!HHI", source, destination, tag)
    body = b"".join(chunk + bytes(-len(chunk) % 4) for chunk in chunks)
    return head + struct.pack("<I", crc32c(head + bytes(4) + body)) + body


def chunk(kind, value, flags=0):
    return struct.pack("!BBH", kind, flags, 4 + len(value)) + value


def init(tag, window=65536, streams_out=1, streams_in=8, first=1):
    return chunk(1, struct.pack("!IIHHI", tag, window, streams_out, streams_in, first))


class Peer(dtls.Peer):
    """xw_peer; rows: (port, "dial" or "wait", name of the certificate, address)."""

    first_word = "ready"

    def __init__(self, transport, port, rows, *options):
        super().__init__(transport, port=port)
        words = []
        for row in rows:
            to, how, name, address = (*row, *("peer", "127.0.0.1")[len(row) - 2:])
            words += ["--peer", address, to, how, name]
        if "--silent" not in options:
            words += ["--silent", SILENT_MS]
        self.command = [PEER, transport, port, *words, "--retry", 200, "--retry-max", 800, *options]

    def start(self, where):
        self.launch(self.command)
        self.first = self.wait(self.first_word)[1]

    def up(self, seconds=10):
        """The association's number."""
        return int(self.wait("up", seconds=seconds)[1][2])

    def down(self, seconds=10):
        """(number, why, detail)"""
        words = self.wait("down", seconds=seconds)[1]
        return int(words[2]), words[3], " ".join(words[4:])

    def message(self, seconds=10):
        return bytes.fromhex(self.wait("message", seconds=seconds)[1][2])

    def kill(self):
        self.process.kill()
        self.process.wait()

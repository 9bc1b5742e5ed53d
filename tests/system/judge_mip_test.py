"""tshark, Scapy and Python read what our encoder of Mobile IPv4 writes: every field and extension,
and every authenticator is made anew. What tshark does not know are the four key extensions, whose
length it looks for in the wrong place: where one of them is, Scapy and Python judge alone."""
import hashlib
import hmac
import ipaddress
import struct
import subprocess
import unittest

import world

COUNT = 400
RAW_IP = 101
LONG = {36, 38, 40, 41, 42, 43}
KEYS = {40, 41, 42, 43}
FIXED = {1: 24, 3: 20, 7: 20, 15: 12}
PROOFS = {32, 33, 34, 36}


def address(octets):
    return str(ipaddress.IPv4Address(octets))


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def extensions(octets):
    """(type, subtype or None, data, where the data begins) of each, by RFC 5944 1.8 to 1.10."""
    at = FIXED[octets[0]]
    while at < len(octets):
        if octets[at] in LONG:
            kind, subtype, length = struct.unpack_from(">BBH", octets, at)
            at += 4
        else:
            (kind, length), subtype = struct.unpack_from(">BB", octets, at), None
            at += 2
        assert at + length <= len(octets)
        yield kind, subtype, octets[at:at + length], at
        at += length


def authenticator(covered, algorithm, key, challenge):
    if algorithm != "chap":
        return hmac.new(key, covered, algorithm).digest()
    inner = hashlib.md5(covered).digest()
    return hashlib.md5(challenge[:1] + key + inner + challenge[-237:]).digest()


def over_ip(octets, icmp):
    if not icmp:
        octets = struct.pack(">HHHH", 434, 434, 8 + len(octets), 0) + octets
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(octets), 0, 0, 1, 1 if icmp else 17, 0,
                       bytes([192, 0, 2, 1]), bytes([255] * 4)) + octets


class MipTest(world.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = subprocess.run([world.BUILD / "tests/system/mip_messages", str(COUNT)], check=True,
                               stdout=subprocess.PIPE, text=True, timeout=30).stdout.splitlines()
        rows = [line.split("\t") for line in lines]
        cls.rows = [(bytes.fromhex(row[0]), [proof.split(",") for proof in row[1:]])
                    for row in rows]

    def of(self, *types):
        return [row for row in self.rows if row[0][0] in types]

    def tshark(self, packets, *names):
        path = self.dir / "mip.pcap"
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP)
        for number, packet in enumerate(packets):
            data += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
        path.write_bytes(data)
        words = [word for name in names for word in ("-e", name)]
        told = subprocess.run([world.need("tshark"), "-r", path, "-T", "fields", *words],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60).stdout
        return [line.split("\t") for line in told.splitlines()]

    def test_every_authenticator_is_python_s(self):
        # spec: RFC 5944 3.5.1 - and RFC 4721 8 - what is covered, and by what.
        count = 0
        for octets, proofs in self.of(1, 3, 7, 15):
            found = [e for e in extensions(octets) if e[0] in PROOFS]
            self.assertEqual(len(found), len(proofs))
            for (_, _, data, at), (spi, algorithm, key, covered, challenge) in zip(found, proofs):
                self.assertEqual(int(covered), at + 4)
                self.assertEqual(int.from_bytes(data[:4], "big"), int(spi))
                challenge = b"" if challenge == "-" else bytes.fromhex(challenge)
                made = authenticator(octets[:at + 4], algorithm, bytes.fromhex(key), challenge)
                self.assertEqual(data[4:], made)
                count += 1
        self.assertGreater(count, COUNT)

    def test_scapy_reads_the_fixed_parts(self):
        from scapy.layers import mobileip
        for octets, _ in self.of(1):
            read = mobileip.MobileIP(octets)[mobileip.MobileIPRRQ]
            self.assertEqual((read.flags, read.lifetime), struct.unpack_from(">BH", octets, 1))
            self.assertEqual((read.homeaddr, read.haaddr, read.coaddr),
                             tuple(address(octets[at:at + 4]) for at in (4, 8, 12)))
            self.assertEqual(read.id, int.from_bytes(octets[16:24], "big"))
        for octets, _ in self.of(3):
            read = mobileip.MobileIP(octets)[mobileip.MobileIPRRP]
            self.assertEqual((read.code, read.lifetime), struct.unpack_from(">BH", octets, 1))
            self.assertEqual(read.id, int.from_bytes(octets[12:20], "big"))

    def test_tshark_reads_registrations_and_revocations(self):
        known = [octets for octets, _ in self.of(1, 3, 7, 15)
                 if not KEYS & {e[0] for e in extensions(octets)}]
        self.assertGreater(len(known), COUNT // 4)
        rows = self.tshark([over_ip(octets, False) for octets in known], "mip.type", "mip.flags",
                           "mip.code", "mip.homeaddr", "mip.ext.type", "mip.auth.spi",
                           "mip.auth.auth", "mip.nai", "mip.revid", "_ws.malformed")
        self.assertEqual(len(rows), len(known))
        for octets, row in zip(known, rows):
            told = list(extensions(octets))
            proofs = [data for kind, _, data, _ in told if kind in PROOFS]
            kind = octets[0]
            self.assertEqual(row[0], str(kind))
            self.assertEqual(row[1], f"0x{octets[1]:02x}" if kind == 1 else "")
            self.assertEqual(row[2], str(octets[1]) if kind == 3 else "")
            self.assertEqual(row[3], address(octets[4:8]))
            self.assertEqual(row[4], ",".join(str(e[0]) for e in told))
            self.assertEqual(row[5], ",".join(f"0x{data[:4].hex()}" for data in proofs))
            self.assertEqual(row[6], ",".join(data[4:].hex() for data in proofs))
            self.assertEqual(row[7], "".join(e[2].decode() for e in told if e[0] == 131))
            at = FIXED[kind] - 4
            self.assertEqual(row[8], str(int.from_bytes(octets[at:at + 4], "big"))
                             if kind in (7, 15) else "")
            self.assertEqual(row[9], "")

    def test_tshark_reads_the_data_of_extensions(self):
        """Of each kind that it has fields for, one is enough: the unit tests have the others."""
        names = {137: "mip.ext.rev.tstamp", 139: "mip.ext.dynha.ha",
                 144: "mip.ext.utrq.encaptype", 44: "mip.ext.utrp.keepalive",
                 38: "mip.ext.cvse.vendor_id", 134: "mip.ext.nvse.vendor_id"}
        wants = {137: lambda d: str(int.from_bytes(d[2:6], "big")), 139: lambda d: address(d[1:5]),
                 144: lambda d: str(d[3]), 44: lambda d: str(int.from_bytes(d[4:6], "big")),
                 38: lambda d: "32473", 134: lambda d: "32473"}
        known = [octets for octets, _ in self.of(1, 3)
                 if not KEYS & {e[0] for e in extensions(octets)}]
        rows = self.tshark([over_ip(octets, False) for octets in known], *names.values())
        seen = set()
        for octets, row in zip(known, rows):
            for kind, told in zip(names, row):
                want = [wants[kind](e[2]) for e in extensions(octets) if e[0] == kind]
                self.assertEqual(told, ",".join(want), (kind, octets.hex()))
                seen |= {kind} if want else set()
        self.assertEqual(seen, set(names))

    def test_tshark_reads_agents(self):
        # spec: RFC 5944 2.1.1 - and RFC 1256 3 - what an advertisement has, and its checksum.
        octets = [row[0] for row in self.of(9, 10)]
        rows = self.tshark([over_ip(o, True) for o in octets], "icmp.type", "icmp.code",
                           "icmp.checksum.status", "icmp.mip.seq", "icmp.mip.life",
                           "icmp.mip.flags", "icmp.mip.coa", "icmp.mip.challenge",
                           "icmp.num_addrs", "_ws.malformed")
        self.assertEqual({o[0] for o in octets}, {9, 10})
        for o, row in zip(octets, rows):
            self.assertEqual(checksum(o), 0)
            self.assertEqual(row[:3], [str(o[0]), str(o[1]), "1"])
            self.assertEqual(row[9], "")
            if o[0] == 10:
                continue
            at = 8 + 8 * o[4]
            self.assertEqual(o[at], 16)
            sequence, life, flags = struct.unpack_from(">HHH", o, at + 2)
            self.assertEqual(row[3:6], [str(sequence), str(life), f"0x{flags:04x}"])
            care_ofs = [address(o[i:i + 4]) for i in range(at + 8, at + 2 + o[at + 1], 4)]
            self.assertEqual(row[6], ",".join(care_ofs))
            self.assertEqual(row[8], str(o[4]))
            self.assertTrue(o.hex().endswith(row[7]) and row[7])


if __name__ == "__main__":
    unittest.main()

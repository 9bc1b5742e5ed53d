"""tshark and Python read what our encoder of MIPv6 writes: fields, options, checksums, and every
authenticator of RFC 4285, which is made anew."""
import hashlib
import hmac
import ipaddress
import struct
import subprocess
import time
import unittest

import mip6
import mip6_test
import world

COUNT = 200
RAW_IP = 101
IPV6 = 40
HEADER = {60: 24, 43: 24, 135: 0}


def message(packet):
    """The Mobility Header of a packet, and where it begins."""
    at = IPV6 + HEADER[packet[6]]
    return packet[at:], at


def options(mh):
    """(type, data, where the data begins) of each but padding."""
    at = {0: 8, 5: 12, 6: 12, 7: 24}[mh[2]]
    while at < len(mh):
        if mh[at] == 0:
            at += 1
            continue
        kind, length = mh[at], mh[at + 1]
        assert at + 2 + length <= len(mh)
        if kind != 1:
            yield kind, mh[at + 2:at + 2 + length], at + 2
        at += 2 + length


def address(octets):
    return str(ipaddress.ip_address(octets))


class Mip6Test(world.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = subprocess.run([world.BUILD / "tests/system/mip6_messages", str(COUNT)], check=True,
                               stdout=subprocess.PIPE, text=True, timeout=30).stdout.splitlines()
        cls.rows = [[bytes.fromhex(part) for part in line.split("\t")] for line in lines]
        assert len(cls.rows) == COUNT + 2

    def tshark(self, *names, packets=None):
        path = self.dir / "mip6.pcap"
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP)
        for number, packet in enumerate(packets or [packet for packet, *_ in self.rows]):
            data += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
        path.write_bytes(data)
        words = [word for name in names for word in ("-e", name)]
        told = subprocess.run([world.need("tshark"), "-r", path, "-T", "fields", *words],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60).stdout
        return [line.split("\t") for line in told.splitlines()]

    def test_every_authenticator_is_python_s(self):
        # spec: RFC 4285 5.1 - what is covered, and the last option is the authenticator.
        for packet, care_of, home, key in self.rows[:COUNT]:
            mh, _ = message(packet)
            kind, data, at = list(options(mh))[-1]
            self.assertEqual((kind, data[0], len(data)), (9, 1, 17))
            self.assertEqual(at % 4, 3)  # the option itself at 4n + 1
            covered = care_of + home + mh[:4] + b"\0\0" + mh[6:at + 5]
            made = hmac.new(key, covered, hashlib.sha1).digest()[:12]
            self.assertEqual(data[5:], made)

    def test_tshark_reads_every_message(self):
        rows = self.tshark("mip6.mhtype", "mip6.bu.seqnr", "mip6.ba.seqnr", "mip6.ba.status",
                           "mip6.mnid.identifier", "mip6.acoa.acoa", "mip6.be.status",
                           "mip6.be.haddr", "ipv6.opt.mipv6.home_address",
                           "ipv6.routing.mipv6.home_address", "_ws.malformed",
                           "mip6.auth.mobility_spi", "mip6.auth.auth_data", "mip6.ipv4ha.ha",
                           "mip6.ipv4aa.sts", "mip6.ipv4coa.addr", "mip6.vsm.vendorId",
                           "mip6.vsm.subtype", "mip6.vsm.data")
        self.assertEqual(len(rows), len(self.rows))
        for (packet, *_), row in zip(self.rows, rows):
            mh, at = message(packet)
            has = {kind: data for kind, data, _ in options(mh)}
            kind = mh[2]
            self.assertEqual(row[0], str(kind))
            self.assertEqual(row[1], str(int.from_bytes(mh[6:8], "big")) if kind == 5 else "")
            self.assertEqual(row[2], str(int.from_bytes(mh[8:10], "big")) if kind == 6 else "")
            self.assertEqual(row[3], str(mh[6]) if kind == 6 else "")
            self.assertEqual(row[4], has[8][1:].decode() if 8 in has else "")
            self.assertEqual(row[5], address(has[3]) if 3 in has else "")
            self.assertEqual(row[6], "1" if kind == 7 else "")
            self.assertEqual(row[7], address(mh[8:24]) if kind == 7 else "")
            home = address(packet[at - 16:at]) if at > IPV6 else ""
            self.assertEqual(row[8:10], [home if kind == 5 else "", home if kind == 6 else ""])
            self.assertEqual(row[10], "")
            auth = has.get(9, b"")
            self.assertEqual(row[11], str(int.from_bytes(auth[1:5], "big")) if auth else "")
            # It leaves out the last two octets.
            self.assertEqual(row[12], auth[5:-2].hex())
            # It has one name for the address of both options.
            told = [address(has[k][2:]) for k in (29, 30) if k in has]
            self.assertEqual(row[13], ",".join(told))
            self.assertEqual(row[14], str(has[30][0]) if 30 in has else "")
            self.assertEqual(row[15], address(has[32][2:]) if 32 in has else "")
            # spec: RFC 5094 3 - the B-TID; here, too, it leaves out two octets.
            vendor = has.get(19, b"")
            self.assertEqual(row[16:18], ["32473", "3"] if vendor else ["", ""])
            self.assertEqual(row[18], vendor[5:-2].hex() if vendor else "")
            if vendor:
                self.assertLess(list(has).index(19), list(has).index(9))

    def test_tshark_reads_what_the_anchor_sends(self):
        """Acknowledgements, granted and refused, over IPv4 and IPv6, and the packet that asks
        whether the device is there: no field is wrong, no checksum, nothing is malformed."""
        daemon = self.start(mip6_test.HomeAgent())
        heard, wanted = [], []
        for local in ["127.0.0.9"] + ["::1"] * mip6_test.has_ipv6():
            node = mip6.Node(daemon, mip6_test.A, mip6_test.KEYS[mip6_test.A], local=local)
            self.addCleanup(node.close)
            node.answers_probes = False
            node.socket.send(node.update(ipv4_home="0.0.0.0", prefix=True))
            node.socket.settimeout(10)
            heard += [node.socket.recv(4096), node.socket.recv(4096)]
            time.sleep(0.002)
            node.socket.send(node.update(mesg_id=1))
            heard.append(node.socket.recv(4096))
            wanted += ["0", "", "144"]
        rows = self.tshark("mip6.ba.status", "mip6.mnid.identifier", "icmpv6.type",
                           "icmpv6.checksum.status", "mip6.nemo.mnp.mnp", "mip6.ipv4aa.sts",
                           "_ws.malformed", "_ws.expert.severity", packets=heard)
        told = sorted(row[0] for row in rows)
        self.assertEqual(told, sorted(wanted))
        for row in rows:
            if row[0]:
                self.assertTrue(row[1].startswith("0" + mip6_test.A))
            else:
                self.assertEqual(row[2:4], ["128", "1"])
            self.assertEqual(row[5], "0" if row[0] == "0" else "")
            self.assertEqual(row[6], "")

    def test_tshark_reads_the_answer_of_a_home_agent(self):
        daemon = self.start(mip6_test.HomeAgent())
        node = mip6.Node(daemon, mip6_test.A, mip6_test.KEYS[mip6_test.A])
        self.addCleanup(node.close)
        node.local = "2001:db8:99::23"      # in the packet
        self.assertEqual(node.discover(), [mip6.AGENT])
        [row] = self.tshark("icmpv6.type", "icmpv6.checksum.status", "icmpv6.mip6.identifier",
                            "icmpv6.mip6.home_agent_address", "_ws.malformed",
                            packets=[node.told])
        self.assertEqual(row[:2] + row[3:], ["145", "1", mip6.AGENT, ""])

    def test_every_checksum_is_python_s(self):
        # spec: RFC 6275 6.1.1 - of the home address where the packet tells one.
        for packet, *_ in self.rows:
            mh, at = message(packet)
            source, destination = packet[8:24], packet[24:40]
            if packet[6] == 60:
                source = packet[at - 16:at]
            if packet[6] == 43:
                destination = packet[at - 16:at]
            whole = source + destination + struct.pack(">IxxxB", len(mh), 135) + mh
            total = sum(struct.unpack(f">{len(whole) // 2}H", whole))
            while total >> 16:
                total = (total & 0xffff) + (total >> 16)
            self.assertEqual(total, 0xffff)


if __name__ == "__main__":
    unittest.main()

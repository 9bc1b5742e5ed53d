"""tshark reads the proxy binding acknowledgements of our anchor, and the updates of the foreign
hand that it accepts, as mobility messages over IPv6."""
import socket
import struct
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import pmip  # noqa: E402
import world  # noqa: E402

MAG, LMA = (socket.inet_pton(socket.AF_INET6, f"2001:db8::{n}") for n in (1, 2))
RAW_IP = 101
A = "001010000000001"


def over_ipv6(source, destination, message):
    pseudo = source + destination + struct.pack(">IxxxB", len(message), 135)
    message = message[:4] + pmip.checksum(pseudo + message).to_bytes(2, "big") + message[6:]
    return struct.pack(">IHBB", 6 << 28, len(message), 135, 64) + source + destination + message


def capture(path, packets):
    data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP)
    for number, packet in enumerate(packets):
        data += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
    path.write_bytes(data)


class TsharkTest(world.Case):
    def fields(self, path, *names):
        command = [world.need("tshark"), "-r", path, "-T", "fields", "-E", "separator=|"]
        for name in names:
            command += ["-e", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line.split("|") for line in done.stdout.splitlines()]

    def test_what_goes_between_gateway_and_anchor(self):
        daemon = self.start(pmip.Anchor())
        mag = pmip.Mag(daemon, "mag-1").connect()
        self.addCleanup(mag.close)
        asked = pmip.update(A, 7, sealed=mag.seal(A))
        bound = mag.give(asked)
        refused = mag.give(pmip.update(A, 8, sealed=mag.seal(A, mag="mag-2")))
        path = self.dir / "pmip.pcap"
        capture(path, [over_ipv6(MAG, LMA, asked), over_ipv6(LMA, MAG, bound.octets),
                       over_ipv6(LMA, MAG, refused.octets)])
        rows = self.fields(path, "mip6.mhtype", "mip6.ba.status", "mip6.ba.seqnr", "mip6.bu.seqnr",
                           "mip6.mnid.identifier", "_ws.malformed", "_ws.expert.message")
        self.assertEqual([row[0] for row in rows], ["5", "6", "6"])
        self.assertEqual([row[1] for row in rows], ["", "0", "154"])
        self.assertEqual((rows[0][3], rows[1][2], rows[2][2]), ("7", "7", "8"))
        for row in rows:
            self.assertTrue(row[4].startswith(f"0{A}@"), row)
            self.assertEqual(row[5], "", row)
        told = subprocess.run([world.need("tshark"), "-r", path, "-V"], capture_output=True,
                              text=True, timeout=60).stdout
        self.assertIn(bound.ipv4, told)
        self.assertIn(bound.prefix.split("/")[0], told)
        self.assertIn("MAG_NOT_AUTHORIZED", told.upper().replace(" ", "_"))
        self.assertNotIn("Malformed", told)

    def test_a_heartbeat(self):
        daemon = self.start(pmip.Anchor())
        mag = pmip.Mag(daemon, "mag-1").connect()
        self.addCleanup(mag.close)
        question = bytes([59, 1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 0, 0])
        mag.channel.send(mag.channel.data(question))
        answer = mag.channel.expect_data()
        path = self.dir / "heartbeat.pcap"
        capture(path, [over_ipv6(MAG, LMA, question), over_ipv6(LMA, MAG, answer)])
        rows = self.fields(path, "mip6.mhtype", "mip6.hb.r_flag", "mip6.hb.seqnr", "mip6.rc",
                           "_ws.malformed")
        restarts = int.from_bytes(answer[16:20], "big")
        self.assertEqual([row[0] for row in rows], ["13", "13"])
        self.assertEqual([row[1] in ("1", "True") for row in rows], [False, True])
        self.assertEqual([row[2:] for row in rows], [["9", "", ""], ["9", str(restarts), ""]])
        self.assertLess(abs(restarts - time.time()), 60)


if __name__ == "__main__":
    unittest.main()

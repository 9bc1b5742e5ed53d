"""tshark over the RRC messages and the SRB1 of tests/vectors/rrc.json, which wire/rrc and
proto/srb write (unit tests hold them to it): each field says what the vector says, nothing is
malformed, and the MAC-I is right under the key and wrong under another. It is recomputed by
python3-cryptography too.
"""
import json
import subprocess
import unittest

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

import pcapng
import world

VECTORS = json.loads((world.TOP / "tests/vectors/rrc.json").read_text())
SRB1 = VECTORS["srb1"]
ENDS = ("192.0.2.1", 2000), ("192.0.2.2", 2001)
UPLINK, DOWNLINK = 0, 1
BROKEN = "_ws.malformed || _ws.expert.severity == 0x00800000"


def read(file, *words):
    run = subprocess.run(["tshark", "-r", str(file), *words], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, timeout=60, check=True)
    return run.stdout.splitlines()


def framed(direction, pdu):
    """A PDU of SRB1 of UE 1, as the dissector of PDCP takes it out of UDP: tags and values, in the
    order of wire/uu (tests/unit/wire_uu_test.c)."""
    return (b"pdcp-lte" + bytes([0, 1, 0, 2, 5, 3, direction, 4, 1, 0x0d, 0, 1, 0x0e, 0, 1, 1]) +
            bytes.fromhex(pdu))


class RrcTest(world.Case):
    def test_every_message_says_what_its_vector_says(self):
        file = self.dir / "rrc.pcapng"
        with pcapng.File(file) as capture:
            for vector in VECTORS["vectors"]:
                capture.opened(f"lte-rrc.{vector['channel']}.dcch", *ENDS,
                               bytes.fromhex(vector["uper"]))
        fields = sorted({field for vector in VECTORS["vectors"] for field in vector["tshark"]})
        words = [word for field in fields for word in ("-e", field)]
        lines = read(file, "-T", "fields", *words)
        self.assertEqual(len(lines), len(VECTORS["vectors"]))
        for vector, line in zip(VECTORS["vectors"], lines):
            said = dict(zip(fields, line.split("\t")))
            self.assertEqual({field: said[field] for field in vector["tshark"]}, vector["tshark"],
                             vector["id"])
        self.assertEqual(read(file, "-Y", BROKEN), [])

    def capture_srb1(self):
        file = self.dir / "srb1.pcapng"
        with pcapng.File(file) as capture:
            for down, up in zip(SRB1["downlink"], SRB1["uplink"]):
                capture.datagram(*ENDS, framed(DOWNLINK, down))
                capture.datagram(*ENDS, framed(UPLINK, up))
        return file

    def judged(self, file, key):
        """Of each PDU its sequence number, direction, transaction, and what is wrong."""
        lines = read(file, "--enable-heuristic", "pdcp_lte_udp",
                     "-o", f'uat:pdcp_lte_ue_keys:"1","","","{key}"',
                     "-o", "pdcp-lte.default_integrity_algorithm:EIA2 (AES)",
                     "-o", "pdcp-lte.check_sequence_numbers:Only-PDCP-frames",
                     "-T", "fields", "-e", "pdcp-lte.seq-num", "-e", "pdcp-lte.direction",
                     "-e", "lte-rrc.rrc_TransactionIdentifier", "-e", "_ws.expert.message")
        return [line.split("\t") for line in lines]

    def test_the_bearer_is_protected_under_its_key_and_no_other(self):
        file = self.capture_srb1()
        want = [[str(count % 32), str(direction), transaction]
                for count in range(len(SRB1["downlink"]))
                for direction, transaction in ((DOWNLINK, "1"), (UPLINK, "3"))]
        right = self.judged(file, SRB1["k_rrc_int"])
        self.assertEqual([pdu[:3] for pdu in right], want)
        self.assertEqual([pdu[3] for pdu in right if pdu[3]], [])
        wrong = self.judged(file, "00" * 16)
        self.assertEqual([pdu for pdu in wrong if "MAC-I Digest wrong" not in pdu[3]], [])

    def test_the_mac_is_that_of_another_hand(self):
        for direction, name in ((UPLINK, "uplink"), (DOWNLINK, "downlink")):
            for count, pdu in enumerate(map(bytes.fromhex, SRB1[name])):
                cmac = CMAC(algorithms.AES(bytes.fromhex(SRB1["k_rrc_int"])))
                cmac.update(count.to_bytes(4, "big") + bytes([direction << 2, 0, 0, 0]) + pdu[:-4])
                self.assertEqual(pdu[0], count % 32)
                self.assertEqual(cmac.finalize()[:4], pdu[-4:], f"{name} {count}")


if __name__ == "__main__":
    unittest.main()

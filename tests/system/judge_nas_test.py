"""tshark over tests/vectors/nas.json, which wire/nas, wire/rrc_attach and the EPS machines write
(unit and flow tests hold them to it): each message of NAS and RRC says what its vector says, and an
attach as PDUs of SRB1 has NAS and RRC in it that are right. The MACs are recomputed by
python3-cryptography, whose keys come from the card's K by another hand.
"""
import hashlib
import hmac
import json
import subprocess
import unittest

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

import derive
import pcapng
import world

VECTORS = json.loads((world.TOP / "tests/vectors/nas.json").read_text())
ATTACH = VECTORS["attach"]
ENDS = ("192.0.2.1", 2000), ("192.0.2.2", 2001)
UPLINK, DOWNLINK = 0, 1
BROKEN = "_ws.malformed || _ws.expert.severity == 0x00800000"
TYPES = ["0x41", "0x52", "0x53", "0x5d", "0x5e", "", ""]
K_NAS_INT, K_RRC_INT = 2, 4


def octets(name):
    return bytes.fromhex(ATTACH[name])


def read(file, *words):
    run = subprocess.run(["tshark", "-r", str(file), *words], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, timeout=60, check=True)
    return run.stdout.splitlines()


def kdf(key, function, *params):
    s = bytes([function]) + b"".join(p + len(p).to_bytes(2, "big") for p in params)
    return hmac.new(key, s, hashlib.sha256).digest()


def eia2(key, count, direction, message):
    cmac = CMAC(algorithms.AES(key))
    cmac.update(count.to_bytes(4, "big") + bytes([direction << 2, 0, 0, 0]) + message)
    return cmac.finalize()[:4]


def framed(direction, pdu):
    """A PDU of SRB1 of UE 1, as the dissector of PDCP takes it out of UDP: tags and values."""
    return (b"pdcp-lte" + bytes([0, 1, 0, 3, direction, 4, 1, 0x0d, 0, 1, 0x0e, 0, 1, 1]) + pdu)


class NasTest(world.Case):
    def said_of(self, list_of):
        """Of each message the fields that its vector names, as tshark has them."""
        file = self.dir / "nas.pcapng"
        with pcapng.File(file) as capture:
            for vector in list_of:
                capture.opened(f"lte-rrc.{vector['channel']}.dcch", *ENDS,
                               bytes.fromhex(vector["uper"]))
        fields = sorted({field for vector in list_of for field in vector["tshark"]})
        words = [word for field in fields for word in ("-e", field)]
        lines = read(file, "-T", "fields", *words)
        self.assertEqual(read(file, "-Y", BROKEN), [])
        self.assertEqual(len(lines), len(list_of))
        return [dict(zip(fields, line.split("\t"))) for line in lines]

    def test_every_message_says_what_its_vector_says(self):
        messages = VECTORS["vectors"] + VECTORS["rrc"]
        for vector, said in zip(messages, self.said_of(messages)):
            self.assertEqual({field: said[field] for field in vector["tshark"]}, vector["tshark"],
                             vector["id"])

    def judged(self, file, key, *words):
        """Of each PDU its NAS message, and whether tshark finds its MAC-I wrong."""
        words = ["--enable-heuristic", "pdcp_lte_udp", *words,
                 "-o", f'uat:pdcp_lte_ue_keys:"1","","","{key}"',
                 "-o", "pdcp-lte.check_sequence_numbers:Only-PDCP-frames"]
        lines = read(file, *words, "-T", "fields", "-e", "nas_eps.nas_msg_emm_type",
                     "-e", "_ws.expert.message")
        self.assertEqual(read(file, *words, "-Y", "_ws.malformed"), [])
        said = [line.split("\t") for line in lines]
        self.assertEqual([line[0] for line in said], TYPES)
        return ["Digest wrong" in line[1] for line in said]

    def test_an_attach_is_right_to_tshark(self):
        """Until SecurityModeCommand tshark wants zeroes, which that message itself cannot have;
        from it on, or when told so from the start, what EIA2 makes under the key."""
        file = self.dir / "attach.pcapng"
        with pcapng.File(file) as capture:
            for pdu in ATTACH["pdus"]:
                direction = DOWNLINK if pdu["channel"] == "dl" else UPLINK
                capture.datagram(*ENDS, framed(direction, bytes.fromhex(pdu["pdu"])))
        key, always = ATTACH["k_rrc_int"], "pdcp-lte.default_integrity_algorithm:EIA2 (AES)"
        self.assertEqual(self.judged(file, key), 5 * [False] + [True, False])
        self.assertEqual(self.judged(file, key, "-o", always), 5 * [True] + [False, False])
        self.assertEqual(self.judged(file, "00" * 16), 5 * [False] + [True, True])

    def test_the_keys_and_macs_are_those_of_another_hand(self):
        """spec: TS 33.401 A.7 - from K to the keys of NAS and RRC."""
        card = derive.milenage(octets("k"), octets("opc"), octets("rand"), octets("sqn"),
                               octets("autn")[6:8])
        self.assertEqual((card["autn"], card["res"]), (octets("autn"), octets("res")))
        kasme = kdf(card["ck"] + card["ik"], 0x10, octets("sn_id"), octets("autn")[:6])
        kenb = kdf(kasme, 0x11, bytes(4))
        keys = {"kasme": kasme, "kenb": kenb, "nh": kdf(kasme, 0x12, kenb),
                "k_nas_int": kdf(kasme, 0x15, bytes([K_NAS_INT]), b"\2")[16:],
                "k_rrc_int": kdf(kenb, 0x15, bytes([K_RRC_INT]), b"\2")[16:]}
        self.assertEqual({name: key.hex() for name, key in keys.items()},
                         {name: ATTACH[name] for name in keys})
        pdus = [bytes.fromhex(pdu["pdu"]) for pdu in ATTACH["pdus"]]
        for pdu in pdus[:5]:
            self.assertEqual(pdu[-4:], bytes(4))
        for direction, pdu in ((DOWNLINK, pdus[5]), (UPLINK, pdus[6])):
            self.assertEqual(eia2(keys["k_rrc_int"], pdu[0], direction, pdu[:-4]), pdu[-4:])
        for direction, pdu, plain in ((DOWNLINK, pdus[3], "075d0200028020"),
                                      (UPLINK, pdus[4], "075e")):
            covered = b"\0" + bytes.fromhex(plain)
            whole = int.from_bytes(pdu, "big")
            nas = eia2(keys["k_nas_int"], 0, direction, covered) + covered
            self.assertIn(int.from_bytes(nas, "big"), [(whole >> shift) & ((1 << 8 * len(nas)) - 1)
                                                       for shift in range(8 * len(pdu))])


if __name__ == "__main__":
    unittest.main()

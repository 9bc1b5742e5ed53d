"""tshark reads every frame of the MIS encoder as MIH: names of messages, opcodes, TIDs and types of
TLVs are what was encoded, and nothing is malformed but where tshark itself reads an octet late."""
import re
import subprocess
import unittest

import world

ENDS = "4551,4551"
FIELDS = ("mih.opcode", "mih.tid", "mih.tlv_type", "_ws.col.Info", "_ws.malformed")
OPCODES = {"request": "0x0001", "response": "0x0002", "indication": "0x0003"}
# What 802.21a and this project have and tshark does not know.
UNKNOWN = {"Auth", "Termination_Auth", "Push_key", "LL_Auth", "Link_PDU_Transmit_Status",
           "Prereg_Xfer", "N2N_Prereg_Xfer"}
# Where it spells otherwise, but for case and hyphens.
SPELT = {"Link_Parameters_Report": "mih_link_parameter_report",
         "Link_Handover_Complete": "mih_handover_complete",
         "N2N_HO_Commit": "mn_n2n_ho_commit", "Net_HO_Bcst_Commit": "mih_net_ho_best_commit"}
# It reads the length of an IP_ADDR, and what follows the name of a network, one octet late; and the
# first character of an identifier that has none.
LATE = {"35", "55"}


class MisTest(world.Case):
    def setUp(self):
        super().setUp()
        lines = subprocess.run([world.BUILD / "tests/system/mis_messages"], check=True, text=True,
                               stdout=subprocess.PIPE, timeout=30).stdout.splitlines()
        self.frames = [line.split("\t") for line in lines]

    def read(self, frames):
        """Through text2pcap into tshark; a row of FIELDS for each."""
        dump, capture = self.dir / "mis.txt", self.dir / "mis.pcap"
        with open(dump, "w") as file:
            for frame in frames:
                octets = bytes.fromhex(frame[-1])
                for at in range(0, len(octets), 16):
                    file.write(f"{at:06x} {octets[at:at + 16].hex(' ')}\n")
                file.write("\n")
        subprocess.run([world.need("text2pcap"), "-q", "-u", ENDS, dump, capture], check=True,
                       stderr=subprocess.DEVNULL, timeout=30)
        words = [word for field in FIELDS for word in ("-e", field)]
        told = subprocess.run([world.need("tshark"), "-r", capture, "-T", "fields", *words],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60).stdout
        rows = [line.split("\t") for line in told.splitlines()]
        self.assertEqual(len(rows), len(frames))
        return rows

    def name(self, action):
        bare = action.removeprefix("MIS_")
        return "unknown" if bare in UNKNOWN else SPELT.get(bare, f"mih_{bare.lower()}")

    def test_every_frame_is_what_it_was_encoded_as(self):
        self.assertGreater(len(self.frames), 150)
        for frame, row in zip(self.frames, self.read(self.frames)):
            action, opcode, tid, types, octets = frame
            self.assertEqual(row[:3], [OPCODES[opcode], tid, types], action)
            told = re.search(r'"(.*?)"', row[3]).group(1)
            self.assertEqual(told.replace("-", "_").lower(), self.name(action))
            late = LATE & set(types.split(",")) or octets.endswith("020100")
            self.assertEqual("malformed" in row[4], bool(late), (action, types))

    def test_a_wrong_length_is_noticed(self):
        """The control: with one octet more in the first TLV, tshark has other TLVs."""
        frame = next(f for f in self.frames if f[3] == "1,2,13")
        octets = bytearray.fromhex(frame[-1])
        octets[9] += 1
        row, = self.read([frame[:-1] + [octets.hex()]])
        self.assertNotEqual(row[2], frame[3])


if __name__ == "__main__":
    unittest.main()

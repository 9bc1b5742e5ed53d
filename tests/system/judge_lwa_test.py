"""tshark over captures that eNBs, WT and device have made (tests/lib/lwa_capture.c): it numbers the
messages of each handshake, opens re-keys and data with the PMKs that `latchkey trace keys` prints,
and finds RRC in PDCP. And `latchkey trace` over the same.
"""
import json
import subprocess
import unittest

import world

LWA = "0x9e65"
FIELDS = ("wlan_rsna_eapol.keydes.msgnr", "llc.type", "lte-rrc.lwa_WT_Counter_r13")


class LwaTest(world.Case):
    def capture(self, story, *words):
        file = self.dir / f"{story}{len(words)}.pcapng"
        subprocess.run([world.BUILD / "tests/system/lwa_capture", file, story, *words], check=True,
                       timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return file

    def trace(self, *words, want=0):
        run = subprocess.run([world.BUILD / "latchkey", "trace", *words], text=True,
                             capture_output=True, timeout=60)
        self.assertEqual(run.returncode, want, run.stderr)
        return run.stdout

    def pmks(self, file):
        found = json.loads(self.trace("keys", file, "--show-keys", "--json"))
        return [key["value"] for run in found for key in run["keys"]
                if key["name"] == "S-KWT" and "value" in key]

    def read(self, file, pmks):
        keys = [word for pmk in pmks for word in ("-o", f'uat:80211_keys:"wpa-psk","{pmk}"')]
        asked = [word for field in FIELDS for word in ("-e", field)]
        lines = world.tshark(file, "-o", "wlan.enable_decryption:TRUE", *keys,
                             "--enable-heuristic", "pdcp_lte_udp", "-T", "fields", *asked)
        return [dict(zip(FIELDS, line.split("\t"))) for line in lines]

    def column(self, frames, field):
        return [frame[field] for frame in frames if frame[field]]

    # spec: IEEE 802.11 12.7.6 - four messages each time, those of a re-key under the TK before.
    def test_tshark_opens_what_we_open(self):
        file = self.capture("right-order", "secrets")
        pmks = self.pmks(file)
        self.assertEqual(len(set(pmks)), 3)
        frames = self.read(file, pmks)
        self.assertEqual(self.column(frames, FIELDS[0]), ["1", "2", "3", "4"] * 3)
        self.assertEqual(self.column(frames, FIELDS[1]).count(LWA), 3)
        self.assertEqual(self.column(frames, FIELDS[2]), ["0", "1", "2"])
        self.assertEqual(world.tshark(file, "--enable-heuristic", "pdcp_lte_udp", "-Y",
                                      "_ws.malformed"), [])
        messages = [message for run in json.loads(self.trace("ladder", file, "--json"))["runs"]
                    for message in run["messages"]]
        ours = [message["name"] for message in messages if " of 4" in message["name"]]
        self.assertEqual([name[8] for name in ours], self.column(frames, FIELDS[0]))

    def test_nothing_is_opened_without_secrets(self):
        file = self.capture("right-order")
        self.assertEqual(self.pmks(file), [])
        secret = self.pmks(self.capture("right-order", "secrets"))
        octets = file.read_bytes()
        for pmk in secret:
            self.assertNotIn(bytes.fromhex(pmk)[:8], octets)
        frames = self.read(file, [])
        self.assertEqual(self.column(frames, FIELDS[0]), ["1", "2", "3", "4"])
        # The checksums are those of what stands there.
        self.assertEqual(world.tshark(file, "-o", "sctp.checksum:CRC 32c", "-Y",
                                      'sctp.checksum.status == "Bad"'), [])
        self.assertGreater(len(world.tshark(file, "-o", "sctp.checksum:CRC 32c", "-Y",
                                            'sctp.checksum.status == "Good"')), 9)

    def test_the_wrong_order_is_told(self):
        for words in ((), ("secrets",)):
            with self.subTest(words):
                file = self.capture("wrong-order", *words)
                told = json.loads(self.trace("explain", file, "--json", want=1))
                first = told[0]["causes"][0]
                self.assertEqual((first["cause"], first["certainty"]), ("wt-first", "proven"))
                self.assertFalse(told[1]["failed"])

    def test_a_handover_keeps_the_association(self):
        file = self.capture("handover", "secrets")
        self.assertIn("handover to cell 2, WT kept", self.trace("ladder", file))
        self.assertIn("Up: 2 handshakes.", self.trace("explain", file))


if __name__ == "__main__":
    unittest.main()

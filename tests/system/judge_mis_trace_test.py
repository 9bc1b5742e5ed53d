"""Captures of chains of MIS (tests/lib/mis_capture.h): tshark takes each frame of them for MIH, and
`latchkey trace` tells who said what, which keys there are, who could read them, why it failed."""
import json
import subprocess
import unittest
import xml.etree.ElementTree

import world

# tshark knows the port; the other one of the capture has to be told.
MIH = ("-d", "udp.port==14551,mih")
LADDER = """\
== mn1@home.example, a@north.example to b@north.example: run 2: up, 6 messages, 10.000 ms
        ms   MN          SPoS        TPoS
     0.000   |---------->|           | MIS_Prereg_Xfer request
             |           |           |   TID 6, protected, 159 octets
             |           |           |   EAP SA 5a010201, who began, number 1
     2.000   |           |---------->| MIS_N2N_Prereg_Xfer request
             |           |           |   TID 7, 162 octets, opened
             |           |           |   K of SPoS, run 1 of 3, Nonce-T, Ciphersuites, PRFs, MN-ID
     4.000   |           |<----------| MIS_N2N_Prereg_Xfer response
             |           |           |   TID 7, 108 octets, opened
             |           |           |   success, 1 of 3 used, Nonce-N, SAID, Ciphersuites, PRFs, \
Lifetime, Auth-Value
     6.000   |<----------|           | MIS_Prereg_Xfer response
             |           |           |   TID 6, protected, 224 octets
             |           |           |   EAP SA 5a010201, who answered, number 1
     8.000   |-----------|---------->| MIS_Prereg_Xfer request
             |           |           |   TID 8, protected, 103 octets
             |           |           |   SPoS SA 5a010202, who began, number 1
    10.000   |<----------|-----------| MIS_Prereg_Xfer response
             |           |           |   TID 8, protected, 87 octets
             |           |           |   SPoS SA 5a010202, who answered, number 1
"""
REACH = """\
== who could read this
  run 2: SPoS SA 5a010202 of mn1@home.example at b@north.example, optimised, 1 of at most 3
    home.example (home)          works it out: K went under an SA whose K it has
    a@north.example              made K
    b@north.example              its own SA
    >> a@north.example captured: reads
"""
MISK = 48 * 2


class MisTraceTest(world.Case):
    def capture(self, story, *words):
        file = self.dir / f"{story}{''.join(words)}.pcapng"
        subprocess.run([world.BUILD / "tests/system/mis_capture", file, story, *words], check=True,
                       timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return file

    def trace(self, *words, want=0):
        run = subprocess.run([world.BUILD / "latchkey", "trace", *map(str, words)], text=True,
                             capture_output=True, timeout=60)
        self.assertEqual(run.returncode, want, run.stderr)
        return run.stdout

    def test_tshark_takes_it_for_mih(self):
        for words in ((), ("lines",), ("all",)):
            file = self.capture("journey", *words)
            ours = sum(len(run["messages"])
                       for run in json.loads(self.trace("ladder", file, "--json"))["runs"])
            frames = world.tshark(file, *MIH, "-T", "fields", "-e", "mih.tid", "-e", "mih.opcode")
            self.assertEqual(len(frames), ours)
            for frame in frames:
                self.assertRegex(frame, r"^\d+\t0x000[123]$")
            self.assertEqual(world.tshark(file, *MIH, "-Y", "_ws.malformed"), [])
            self.assertEqual(len(world.tshark(file, *MIH, "-Y", "exported_pdu && mih.tid")), 6)

    def test_the_ladder_needs_no_key(self):
        told = self.trace("ladder", self.capture("journey"), "--run", 2)
        self.assertEqual(told.strip(), LADDER.strip())

    # spec: IEEE 802.21 9 - what an SA protects is opened by its MISK.
    def test_lines_of_the_key_log_open_what_is_protected(self):
        closed = json.loads(self.trace("ladder", self.capture("journey"), "--json"))
        opened = json.loads(self.trace("ladder", self.capture("journey", "lines"), "--json"))
        for before, after in zip(closed["runs"], opened["runs"]):
            for one, other in zip(before["messages"], after["messages"]):
                names = [field["name"] for field in other["fields"]]
                if "Security" in names:
                    self.assertGreater(len(names), len(one["fields"]))
                self.assertNotIn("c2" * 16, json.dumps(other))

    def test_keys_are_told_with_who_could_read_them(self):
        file = self.capture("journey", "all")
        runs = json.loads(self.trace("keys", file, "--show-keys", "--json", "--captured",
                                     "b@north.example"))
        misks = [key["value"] for run in runs for key in run["keys"] if key["name"] == "MISK"]
        self.assertEqual([len(misk) for misk in misks], [MISK] * 5)
        told = [[reader.get("captured") for reader in run["readers"]
                 if reader["name"] == "b@north.example"] for run in runs]
        self.assertEqual(told, [["nothing"], ["reads"], ["reads if it alters"],
                                ["reads if it alters"], ["cut off"]])
        self.assertNotIn(misks[0], self.trace("keys", file))
        text = self.trace("keys", file, "--run", 2, "--captured", "a@north.example")
        self.assertTrue(text.endswith(REACH), text)
        self.trace("keys", file, "--captured", "nobody@north.example", want=2)

    # spec: RFC 5295 4.1 - what K and OPc make goes on to the keys of ERP and of the SA.
    def test_the_card_makes_the_keys_of_the_first_sa(self):
        card = ("--k", "465b5ce8b199b49faa5f0a2ee238a6bc",
                "--opc", "cd63cb71954a9f4e48a5994e37a02baf")
        known = self.trace("keys", self.capture("journey"), "--run", 1, "--json", "--show-keys",
                           *card)
        logged = self.trace("keys", self.capture("journey", "all"), "--run", 1, "--json",
                            "--show-keys")
        values = [{key["name"]: key.get("value") for key in json.loads(text)[0]["keys"]}
                  for text in (known, logged)]
        self.assertTrue(values[0]["rIK"])
        for name in ("MISK", "MIAK", "MIEK"):
            self.assertEqual(values[0][name], values[1][name])
            self.assertTrue(values[0][name])

    def test_the_drawing_has_its_colours(self):
        file, svg, page = self.capture("journey"), self.dir / "x.svg", self.dir / "x.html"
        self.trace("keys", file, "--svg", svg, "--captured", "a@north.example")
        drawing = svg.read_text()
        xml.etree.ElementTree.fromstring(drawing)
        self.assertEqual(drawing.count(">own SA<"), 5)
        self.assertIn(">cut off<", drawing)
        self.assertIn('class="captured" fill="#c8323f"', drawing)
        self.assertNotIn("var(", drawing)
        self.trace("ladder", file, "--html", page, "--captured", "a@north.example")
        self.assertIn("Who could read this", page.read_text())
        self.assertIn('<div class="sheet reach">', page.read_text())

    def test_refusals_are_explained(self):
        told = json.loads(self.trace("explain", self.capture("refused", "lines"), "--json", want=1))
        causes = [run["causes"][0]["cause"] for run in told if run["failed"]]
        self.assertEqual(causes, ["mis-target-unreachable", "mis-key-expired", "mis-unknown-mn",
                                  "mis-no-target", "mis-no-trust", "mis-no-common-suite",
                                  "mis-replay", "mis-full-wanted", "mis-auth-failed",
                                  "mis-silent"])
        for run in told[1:]:
            self.assertTrue(run["causes"][0]["fix"] and run["causes"][0]["clause"])
        # T40: the SPoS that tells the target that its run is the first one
        liar = json.loads(self.trace("explain", self.capture("liar"), "--json"))
        self.assertEqual([[cause["cause"] for cause in run["causes"]] for run in liar],
                         [[], [], ["mis-chain-count"]])


if __name__ == "__main__":
    unittest.main()

"""latchkey lab lwa: table, JSON and chart of S3's question; a seed repeats itself; bad calls."""
import json
import re
import subprocess
import xml.etree.ElementTree as tree

import drawing
import world

WAYS = ["rrc-first", "wt-first", "patient", "ue-initiated"]


class LabTest(world.Case):
    def lab(self, *words):
        return subprocess.run([str(world.LATCHKEY), "lab", *map(str, words)], text=True, timeout=60,
                              cwd=self.dir, capture_output=True, stdin=subprocess.DEVNULL)

    def told(self, *words):
        done = self.lab("lwa", "--json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_rows_side_by_side(self):
        """T50, as a delegate would ask it."""
        told = self.told("--handovers", 20, "--spacing", 500, "--loss", "0.0")
        self.assertEqual([row["way"] for row in told["rows"]], WAYS)
        right, wrong, patient, ue = told["rows"]
        self.assertEqual((right["handovers"], right["equal_keys"]), (20, 20))
        self.assertEqual((right["deauthentications"], right["suspension_ms"]["max"]), (0, 0))
        self.assertGreaterEqual(wrong["deauthentications"], 20)
        self.assertGreater(wrong["suspension_ms"]["median"], 0)
        self.assertEqual(patient["deauthentications"], 0)
        self.assertGreater(patient["new_key_ms"]["median"], right["new_key_ms"]["median"] + 200)
        self.assertEqual((ue["associations"], ue["suspended"]), (20, 20))
        for row in told["rows"]:
            self.assertEqual(sum(v for k, v in row["messages"].items() if k != "total"),
                             row["messages"]["total"])
        self.assertEqual({d["name"] for d in told["parameters"]["delays"]},
                         {"uu", "rrc", "xw", "air", "ap", "store"})
        self.assertTrue(all(d["source"] for d in told["parameters"]["delays"]))
        self.assertEqual(len(told["findings"]), 4)

    def test_quick_handovers(self):
        """T51: 0 deauthentications, the last key at both ends, and what it is owed to."""
        told = self.told("--order", "rrc-first", "--handovers", 100, "--spacing", 10)
        row, = told["rows"]
        self.assertEqual((row["deauthentications"], row["associations"]), (0, 0))
        self.assertEqual((row["equal_keys"], row["seeds_not_settled"]), (row["handovers"], 0))
        self.assertGreater(row["collapsed"], 0)
        self.assertIn("The lock does", " ".join(told["findings"]))

    def test_a_timer_of_ours_is_named_where_it_shows(self):
        """The second peak of the wrong order is our pause between associations, and only that."""
        shown = {}
        for rejoin in 20, 500, 2000:
            told = self.told("--order", "wt-first", "--spacing", 5000, "--rejoin", rejoin)
            wrong = told["rows"][0]
            self.assertGreater(wrong["deauthentications"], wrong["suspended"])
            self.assertLess(wrong["suspension_ms"]["max"], rejoin + 60)
            shown[rejoin] = f"--rejoin, from one association to the next, here {rejoin} ms" in (
                told["findings"][0])
            self.assertEqual({timer["source"] for timer in told["parameters"]["timers"]}, {"ours"})
        self.assertEqual(shown, {20: False, 500: True, 2000: True})
        told = self.told("--order", "wt-first", "--uu", 1, "--rrc", 0, "--xw", 10)
        self.assertNotIn("--rejoin", told["findings"][0])

    def test_the_command_told_does_it_again(self):
        words = ["--order", "wt-first", "--handovers", 15, "--spacing", 300, "--loss", "7.5",
                 "--uu-loss", 1, "--seed", 9, "--seeds", 3, "--air", "2-4", "--retry", 100]
        first = self.told(*words)
        command = first["command"].split()
        self.assertEqual(command[:3], ["latchkey", "lab", "lwa"])
        self.assertEqual(self.told(*command[3:]), first)
        self.assertEqual(self.lab(*command[2:]).stdout, self.lab(*command[2:]).stdout)
        self.assertNotEqual(self.told(*words, "--seed", 10)["rows"], first["rows"])

    def test_chart(self):
        """Well-formed, without scripts, without anything from elsewhere; says what was modelled,
        and can be read without a browser."""
        done = self.lab("lwa", "--handovers", 20, "--loss", 10, "--svg", "chart.svg")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.dir / "chart.svg").read_text()
        root = tree.fromstring(text)
        self.assertTrue(root.tag.endswith("}svg"))
        names = {node.tag.split("}")[1] for node in root.iter()}
        self.assertEqual(names, {"svg", "title", "text", "line", "rect"})
        self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""),
                            r"https?:|url\(|href|@import")
        self.assertFalse([name for node in root.iter() for name in node.attrib
                          if name.startswith("on")])
        words = " ".join(node.text or "" for node in root.iter())
        for said in ("suspended in a handover, ms", "a handover", "deauthentications", "15-20 ms",
                     "TS 36.331 11.2", "(ours)", "10.0 %", "RRC first", "UE-initiated",
                     "latchkey lab lwa --order all --handovers 20"):
            self.assertIn(said, words)
        drawing.stands_alone(self, self.dir / "chart.svg", drawing.CHALLENGE, drawing.REFUSED)
        width, height = float(root.get("width")), float(root.get("height"))
        for node in root.iter():
            if node.get("y") is not None:
                self.assertTrue(0 <= float(node.get("x")) <= width)
                self.assertTrue(0 <= float(node.get("y")) <= height)

    def test_words_that_are_off(self):
        for words, said in (
                ("", "lwa"), ("lte", "lwa"), ("lwa x", "lwa"), ("lwa --order x", "rrc-first, "),
                ("lwa --handovers 0", "from 1"), ("lwa --handovers -3", "'-3'"),
                ("lwa --handovers 1000000 --seeds 2", "at most 1000000"),
                ("lwa --loss 91", "percentage"), ("lwa --loss 1.25", "'1.25'"),
                ("lwa --loss x", "'x'"), ("lwa --air 0", "from 1"), ("lwa --uu 6-4", "'6-4'"),
                ("lwa --air 1-", "'1-'"), ("lwa --tries 17", "16"),
                ("lwa --spacing 0", "from 1"), ("lwa --nothing", "nothing"),
                ("lwa --handovers 100000 --spacing 10000", "--data"),
                ("lwa --seed 99999999999999999999", "a number")):
            with self.subTest(words):
                done = self.lab(*words.split())
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(said, done.stderr)
                self.assertRegex(done.stderr, r"\Alatchkey lab: [^\n]+\n\Z")

    def test_a_chart_that_cannot_be_written(self):
        done = self.lab("lwa", "--handovers", 1, "--svg", "no/such/place.svg")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no/such/place.svg", done.stderr)

    def test_table(self):
        said = self.lab("lwa", "--handovers", 10, "--spacing", 500).stdout
        self.assertRegex(said, r"(?m)^deauthentications by the WT +0 +\d+ +0 +0$")
        self.assertRegex(said, r"(?m)^  rrc +15-20 ms .*TS 36.331 11.2")
        self.assertEqual(len(re.findall(r"(?m)^\* ", said)), 4)
        self.assertLessEqual(max(map(len, said.split("\n\nModelled")[0].splitlines()[5:])), 115)


if __name__ == "__main__":
    world.unittest.main()

"""The simulator: seeds are clean, and a seed repeats itself."""
# time limit: 500 s
import json
import os
import subprocess
import unittest
from pathlib import Path

from sim_planted_test import WORLDS

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))


def sim(*options):
    done = subprocess.run([BUILD / "latchkey", "sim", "--json", *map(str, options)], cwd=TOP,
                          capture_output=True, text=True, timeout=180)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


class SimTest(unittest.TestCase):
    def test_a_hundred_seeds_are_clean(self):
        code, rows = sim("--seeds", 100)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        # Every kind of trouble has been: a world in which nothing happens proves nothing.
        for what in ("full", "fast", "refused", "unanswered", "resyncs", "restarts"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)

    def test_a_hundred_seeds_of_a_trusted_wlan_are_clean(self):
        code, rows = sim("--world", "wlan", "--seeds", 100)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        for what in ("full", "fast", "refused", "restarts", "sessions", "rolled", "connections"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)

    def test_a_hundred_seeds_of_lte_wlan_aggregation_are_clean(self):
        """T50, T51, T52, T53, T54, A02: the invariants, under handovers at any moment."""
        code, rows = sim("--world", "lwa", "--seeds", 100)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        for what in ("handovers", "handshakes", "rekeys", "released", "failed", "cuts", "walks",
                     "packets", "restarts"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)
        rekeyed = sum(row["rekeys"] for row in rows) / sum(row["handovers"] for row in rows)
        self.assertGreater(rekeyed, 0.4)  # most of the others met the next handover, or a restart

    def test_a_hundred_seeds_of_mis_are_clean(self):
        """T40, T41, T43, T44, T45, T46: captured PoS among honest ones, and a thief on the air."""
        code, rows = sim("--world", "mis", "--seeds", 100)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        for what in ("attached", "by_erp", "optimised", "served", "fallbacks", "stayed", "refused",
                     "cuts", "strangers", "channels", "pongs", "known", "selected", "breaks",
                     "forged", "restarts"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)

    def test_a_hundred_seeds_of_end_to_end_keys_are_clean(self):
        """T60, T61, T62, T63, A19: the curious operator opens nothing, and is noticed by both ends
        whenever it does more than to pass on."""
        code, rows = sim("--world", "e2e", "--seeds", 100, "--seconds", 60)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        for what in ("opened", "resumed", "records", "acts", "calls", "noticed", "cut", "poor",
                     "thefts", "tried", "restarts"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)
        # All that it touched in a handshake was noticed by both ends, with one reason.
        self.assertGreater(sum(row["noticed"] for row in rows), 1000)

    def test_a_hundred_seeds_of_mobile_ip_are_clean(self):
        """T10, T11, T12, T13, T14, T24, T26, T30, T33, A22: thieves, floods and crashes."""
        code, rows = sim("--world", "mip", "--seeds", 100)
        self.assertEqual([row for row in rows if row["broken"]], [])
        self.assertEqual((code, len(rows)), (0, 100))
        for what in ("registrations", "moves", "handovers", "releases", "failures", "bootstraps",
                     "asked", "rebound", "reused", "forged", "flooded", "bombed", "proven",
                     "packets", "unwritten", "crashes", "granted", "given", "advertised",
                     "visits", "bound6", "restarts"):
            self.assertGreater(sum(row[what] for row in rows), 0, what)
        # Most of the moves that were not overtaken by the next one were done.
        self.assertGreater(sum(row["handovers"] for row in rows),
                           sum(row["moves"] + row["rebound"] for row in rows) * 0.6)

    def test_many_mobile_nodes_and_crashes_of_their_anchor(self):
        """T13, T14, T30, A22: ten thousand, and all of them are bound where they are in the end."""
        code, [row] = sim("--world", "mip", "--nodes", 10000, "--seconds", 4, "--restart-s", 1)
        self.assertEqual((code, row["broken"]), (0, None))
        self.assertGreater(row["crashes"], 0)
        self.assertGreater(row["registrations"], 20000)
        for column in ("median", "p99"):
            self.assertEqual(len(row["gap_ms"][column]), 5)
        self.assertTrue(all(row["gap_ms"]["p99"]), row["gap_ms"])

    def test_many_mobile_nodes_among_fifty_pos(self):
        """T40: how far who captured fifteen of them gets: to the limit, and nowhere beyond it."""
        code, [row] = sim("--world", "mis", "--ues", 2000, "--pos", 50, "--seconds", 12,
                          "--move-ms", 1500)
        self.assertEqual((code, row["broken"]), (0, None))
        self.assertGreater(row["optimised"], 1000)
        for thief in ("listens", "alters"):
            *reached, limit, beyond = row["reach"][thief]
            self.assertEqual((sum(reached) + limit, beyond), (2000, 0))
            self.assertTrue(all(reached), row["reach"])
            self.assertGreater(limit, 0)
        self.assertGreater(row["reach"]["alters"][4], row["reach"]["listens"][4])

    def test_the_reach_is_printed(self):
        shown = subprocess.run([BUILD / "latchkey", "sim", "--world", "mis", "--seconds", "5"],
                               capture_output=True, text=True, check=True).stdout
        self.assertRegex(shown, r"listens +alters\n +never at a captured PoS +\d+ +\d+\n")
        self.assertRegex(shown, r"more than the limit +0 +0\n")

    def test_many_devices_are_told_how_fast(self):
        code, rows = sim("--world", "lwa", "--ues", 2000, "--seconds", 3, "--rate")
        self.assertEqual((code, rows[0]["broken"], rows[1]["of"]), (0, None, "handovers"))
        self.assertGreater(rows[1]["per_s"], 0)

    def test_scenarios_are_clean(self):
        scenarios = sorted((TOP / "sim" / "scenarios").glob("*.txt"))
        self.assertTrue(scenarios)
        for path in scenarios:
            named = [line.split()[1] for line in path.read_text().splitlines()
                     if line.startswith("world ")]
            for world in named or WORLDS:
                with self.subTest(path.stem, world=world):
                    code, rows = sim("--world", world, "--scenario", path, "--seeds", 25)
                    self.assertEqual([row for row in rows if row["broken"]], [])
                    self.assertEqual(code, 0)

    def test_the_same_seed_gives_the_same_trace(self):
        for seed in (1, 7, 4711):
            for world in WORLDS:
                first, second = (sim("--seed", seed, "--world", world) for _ in range(2))
                self.assertEqual(first, second)
        self.assertNotEqual(sim("--seed", 1)[1][0]["trace"], sim("--seed", 2)[1][0]["trace"])

    def test_a_mistake_in_a_scenario_is_told(self):
        done = subprocess.run([BUILD / "latchkey", "sim", "--scenario", "/dev/stdin"],
                              input="loss 10\nlose 20\n", capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/dev/stdin:2:", done.stderr)

    def test_what_a_world_does_not_have_is_told(self):
        for options, words in ((["--world", "moon"], "aaa or wlan"), (["--loss", "x"], "--loss"),
                               (["--ues", "10001"], "1 to 10000"),
                               (["--seconds", "0"], "--seconds")):
            done = subprocess.run([BUILD / "latchkey", "sim", *options], capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()

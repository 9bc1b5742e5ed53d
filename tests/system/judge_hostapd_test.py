"""latchkey ue attach against hostapd's own RADIUS and EAP server, with a double of an AuC."""
import json
import re
import subprocess

import world


def attach(case, server, card, method, *words):
    (case.dir / "k").write_text(card.k)
    (case.dir / "opc").write_text(card.opc)
    return subprocess.run(
        [str(world.LATCHKEY), "ue", "attach", "--access", "wlan", "--method", method,
         "--server", f"{server.host}:{server.port}", "--secret", server.secret,
         "--imsi", card.imsi, "--k", f"@{case.dir}/k", "--opc", f"@{case.dir}/opc", *words],
        text=True, capture_output=True, timeout=30, cwd=case.dir, stdin=subprocess.DEVNULL)


def server_keys(server, name):
    """Each MSK or EMSK that hostapd's log shows, as hex."""
    return {text.replace(" ", "") for text in
            re.findall(rf"EAP-\S+: [^\n]*\b{name}\)? - hexdump\(len=64\): ([0-9a-f ]+)",
                       server.text())}


class HostapdTest(world.Case):
    def setUp(self):
        super().setUp()
        self.server = self.start(world.HostapdServer([world.CARD]))

    def test_full_pseudonym_and_fast_with_keys_of_both_ends(self):
        for method in ("aka", "aka-prime"):
            with self.subTest(method):
                run = attach(self, self.server, world.CARD, method, "--json", "--show-keys",
                             "--repeat", "3")
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                attaches = json.loads(run.stdout)["attaches"]
                self.assertEqual([one["fast"] for one in attaches], [False, False, True, True])
                self.assertEqual([one["identity"][0] for one in attaches],
                                 list("0244" if method == "aka" else "6788"))
                for one in attaches:
                    self.assertTrue(one["accepted"] and one["msk_agrees"]
                                    and one["key_name_agrees"])
                    self.assertIn(one["msk"], server_keys(self.server, "MSK"))
                    # EMSK never travels: only a look into both ends can compare it.
                    self.assertIn(one["emsk"], server_keys(self.server, "EMSK"))

    def test_resynchronisation(self):
        for number, method in enumerate(("aka", "aka-prime")):
            with self.subTest(method):
                run = attach(self, self.server, world.CARD, method, "--json", "--sqn",
                             f"{(number + 1) << 40:012x}")
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertTrue(json.loads(run.stdout)["attaches"][0]["resynchronised"])
                self.assertEqual(self.server.auc.resynchronised, number + 1)

    def test_wrong_key_is_refused_by_the_card_and_proven(self):
        wrong = world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)
        for method in ("aka", "aka-prime"):
            with self.subTest(method):
                run = attach(self, self.server, wrong, method)
                said = run.stdout + run.stderr
                self.assertEqual(run.returncode, 1, said)
                self.assertIn("usim.mac-wrong", said)
                self.assertRegex(said, r"1\. proven +k-or-opc")


if __name__ == "__main__":
    world.unittest.main()

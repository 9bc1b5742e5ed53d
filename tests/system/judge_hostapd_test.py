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


def server_msks(server):
    """Each MSK that hostapd derived, in order, as hex."""
    return [text.replace(" ", "") for text in
            re.findall(r"EAP-AKA: MSK - hexdump\(len=64\): ([0-9a-f ]+)", server.text())]


class HostapdTest(world.Case):
    def setUp(self):
        super().setUp()
        self.server = self.start(world.HostapdServer([world.CARD]))

    def test_attach(self):
        for method in ("aka", "aka-prime"):
            with self.subTest(method):
                run = attach(self, self.server, world.CARD, method, "--json")
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                json.loads(run.stdout)

    def test_resynchronisation(self):
        for method in ("aka", "aka-prime"):
            with self.subTest(method):
                before = self.server.auc.resynchronised
                run = attach(self, self.server, world.CARD, method, "--sqn", f"{1 << 40:012x}")
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertEqual(self.server.auc.resynchronised, before + 1)

    def test_wrong_key_is_refused_by_the_card(self):
        wrong = world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)
        for method in ("aka", "aka-prime"):
            with self.subTest(method):
                run = attach(self, self.server, wrong, method)
                self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
                self.assertIn("autn-mac", run.stdout + run.stderr)

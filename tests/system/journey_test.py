"""The default journey and its page; mistakes in its file; a step that fails fails the journey."""
import json
import re
import subprocess

import browser
import world

RUNS = 17       # eleven attaches to the AAA, two by the TWAP, two sessions, two links to the anchor
JOURNEY = world.TOP / "journeys" / "default.yaml"


def latchkey(case, *words, cwd=None):
    return subprocess.run([str(world.LATCHKEY), *map(str, words)], text=True, timeout=120,
                          capture_output=True, cwd=cwd or case.dir, stdin=subprocess.DEVNULL)


class JourneyTest(world.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = JOURNEY.read_text()

    def walk(self, text, *words):
        """Runs a changed journey from a file of its own."""
        file = self.dir / "journey.yaml"
        file.write_text(text.replace("../conf/", f"{world.TOP / 'conf'}/"))
        return latchkey(self, "journey", file, "--out", self.dir / "out", *words)

    def test_default_passes(self):
        run = latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"(?m)^22 passed, 0 failed")
        self.assertIn("proven: The network does not use the K and OPc of this card.", run.stdout)
        for name in ("journey.pcapng", "journey.html"):
            self.assertGreater((self.dir / "out" / name).stat().st_size, 5000)
        page = (self.dir / "out" / "journey.html").read_text()
        for key in ("465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"):
            self.assertNotIn(key, page)
            self.assertNotIn(key, run.stdout + run.stderr)

    def test_keys_come_when_asked_for(self):
        run = latchkey(self, "journey", JOURNEY, "--out", self.dir / "out", "--show-keys")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("465b5ce8b199b49faa5f0a2ee238a6bc",
                      (self.dir / "out" / "journey.html").read_text())

    def test_an_expectation_that_does_not_hold_fails_with_its_line(self):
        text = self.text.replace("identity: pseudonym", "identity: permanent")
        line = 1 + text[:text.index("use: pseudonym")].count("\n") + 1
        run = self.walk(text, "--json")
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        told = json.loads(run.stdout)
        self.assertEqual((told["passed"], told["failed"]), (21, 1))
        failed = [step for step in told["steps"] if not step["passed"]]
        self.assertEqual([step["name"] for step in failed], ["Pseudonym"])
        self.assertIn(f"journey.yaml:{line}: expect identity: permanent; came: pseudonym",
                      failed[0]["failure"])

    def test_mistakes_are_told_with_their_line(self):
        for change, words in (
                (("result: accepted", "result: perhaps"), r":\d+: expect result: 'perhaps'"),
                (("attach:", "atach:"), r":\d+: a step has no key 'atach'"),
                (("use: pseudonym", "use: nothing"), r":\d+: use: 'nothing' is none of"),
                (("imsi: \"001010000000002\",", ""), r":\d+: a subscriber has imsi"),
                (("- name: Pseudonym", "- name: EAP-AKA full authentication"),
                 r":\d+: a step before has this name too"),
                (("device: ../conf/phone.yaml", "#"), r":\d+: a call needs a device: FILE.yaml"),
                (("attach: {", "restart: daemon\n    attach: {"), r":\d+: a step does one thing"),
                (("steps:", "steps: ["), r":\d+: ")):
            with self.subTest(change[0]):
                run = self.walk(self.text.replace(*change, 1))
                self.assertEqual(run.returncode, 2, run.stdout + run.stderr)
                self.assertRegex(run.stderr, words)

    def test_a_daemon_that_does_not_start_is_told(self):
        run = latchkey(self, "journey", JOURNEY, "--out", self.dir / "out", "--daemon",
                       "/bin/false")
        self.assertEqual(run.returncode, 3)
        self.assertIn("did not become ready", run.stderr)

    def test_place_that_cannot_be_written_is_told_at_once(self):
        (self.dir / "file").write_text("")
        run = latchkey(self, "journey", JOURNEY, "--out", self.dir / "file" / "out")
        self.assertEqual(run.returncode, 3)
        self.assertRegex(run.stderr, "Not a directory; --out DIR")
        self.assertNotIn("journey.html", run.stdout)
        self.assertNotIn("not run", run.stdout)

    def test_capture_is_read_back(self):
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        capture = self.dir / "out" / "journey.pcapng"
        runs = json.loads(latchkey(self, "trace", "ladder", capture, "--json").stdout)["runs"]
        self.assertEqual(len(runs), RUNS)
        number = {run["title"]: str(at) for at, run in reversed(list(enumerate(runs, 1)))}
        self.assertTrue(runs[int(number["Resynchronisation"]) - 1]["resynchronised"])
        text = latchkey(self, "trace", "ladder", capture, "--run",
                        number["EAP-AKA full authentication"]).stdout
        self.assertIn("BIDDING D,", text)
        wrong = number["Wrong key, refused and explained"]
        told = latchkey(self, "trace", "explain", capture, "--run", wrong)
        self.assertEqual(told.returncode, 1)
        self.assertIn("possible k-or-opc", told.stdout)
        told = latchkey(self, "trace", "explain", capture, "--run", wrong, "--k", world.CARD.k,
                        "--opc", world.CARD.opc)
        self.assertIn("if the card refused it, the card holds others", told.stdout)
        keys = latchkey(self, "trace", "keys", capture, "--run",
                        number["EAP-AKA' full authentication"])
        self.assertIn("EMSK", keys.stdout)
        self.assertIsNone(re.search(r"[0-9a-f]{32}", keys.stdout))
        drawn = latchkey(self, "trace", "ladder", capture, "--svg", self.dir / "ladder.svg")
        self.assertEqual(drawn.returncode, 0)
        self.assertIn("</svg>", (self.dir / "ladder.svg").read_text())


class PageTest(browser.Case):
    """The page as a browser sees it, from a file, without a network."""

    def test_page(self):
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = f"file://{self.dir}/out/journey.html"
        dom = self.chromium("--dump-dom", page).stdout
        self.assertEqual(dom.count('<section class="run"'), RUNS)
        self.assertGreaterEqual(dom.count('<details class="msg '), 46)
        self.assertGreaterEqual(dom.count('class="key '), 11)
        for text in ("Wrong key, refused and explained", "EAP-Request/AKA'-Challenge", "AT_AUTN",
                     "Key tree", "proven", "MS-MPPE-Recv-Key"):
            self.assertIn(text, dom)
        self.assertNotIn('class="tools" hidden', dom)  # the script ran
        shot = self.dir / "page.png"
        self.chromium(f"--screenshot={shot}", page)
        size = shot.stat().st_size
        blank = self.dir / "blank.png"
        self.chromium(f"--screenshot={blank}", "data:text/html,<body>")
        self.assertGreater(size, 10 * blank.stat().st_size)

    def test_page_fits_a_telephone(self):
        """No table is cut off at its right edge, and the names of messages are whole."""
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = (self.dir / "out" / "journey.html").read_text()
        measure = ("document.body.dataset.cut = [...document.querySelectorAll("
                   "'.sheet:has(.steps), .msg .label')].filter("
                   "e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)")
        narrow = self.dir / "narrow.html"
        narrow.write_text(page.replace("</body>", f"<script>{measure}</script></body>"))
        dom = self.chromium("--window-size=420,2400", "--dump-dom", f"file://{narrow}").stdout
        self.assertIn("data-cut=", dom)
        self.assertIn('data-cut=""', dom)

    def test_page_needs_nothing_from_outside(self):
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = (self.dir / "out" / "journey.html").read_text()
        self.assertIsNone(re.search(r"(?i)(src|href)\s*=\s*[\"'](?!#)", page))
        self.assertIsNone(re.search(r"(?i)@import|url\(", page))


if __name__ == "__main__":
    world.unittest.main()

"""The default journey and its page; mistakes in its file; a step that fails fails the journey."""
import json
import re
import subprocess
import tempfile

import browser
import drawing
import world
from anchor_tun_test import can_enter
from trace_test import OVERLAPS

# eleven attaches to the AAA, three by the TWAP, three sessions, one spoofer,
# one association; of MIS six authentications, four handovers by K, one connection of DTLS; two
# bootstrappings; 21 registrations of Mobile IP, six of them an attacker's; and links to the anchor:
# two, one more when the network has been started again, if it is up before the end
RUNS, LINKS = 56, (2, 3)
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
        self.assertRegex(run.stdout, r"(?m)^116 passed, 0 failed" if can_enter() else
                         r"(?m)^103 passed, 0 failed, 13 left out")
        self.assertIn("proven: The network does not use the K and OPc of this card.", run.stdout)
        for step, words in ((9, "proven: "), (10, "proven: "), (21, "manager.stranger: .*Name it"),
                            (20, "manager.no-such-connection: .*latchkey ue list"),
                            (22, "WLCP is read behind DTLS alone"), (46, "mis.target: "),
                            (48, "mis.refused: "), (71, "The application browser may not .*nafs"),
                            (74, "The application browser may not .*afs"),
                            (81, r"mip.authenticator: .*\(RFC 5944"), (82, "mip.(replay|time): "),
                            (83, "mip.authenticator: "), (84, r"mip.b-tid: .*\(TS 33.220"),
                            (85, r".*three packets a minute.*\(T13, RFC 3519")):
            self.assertRegex(run.stdout, f"(?m)^step {step}, refused as it should be; {words}")
        for name in ("journey.pcapng", "journey.html"):
            self.assertGreater((self.dir / "out" / name).stat().st_size, 5000)
        page = (self.dir / "out" / "journey.html").read_text()
        for key in ("465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"):
            self.assertNotIn(key, page)
            self.assertNotIn(key, run.stdout + run.stderr)

    def test_what_the_machine_does_not_allow_is_left_out(self):
        """Without a TUN device the download's steps say so, and all else passes."""
        self.skip_unless_root("a mount namespace without /dev/net/tun")
        run = subprocess.run([*world.in_place_of_tun("true"), str(world.LATCHKEY), "journey",
                              str(JOURNEY), "--out", str(self.dir / "out")], text=True,
                             timeout=120, capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"(?m)^103 passed, 0 failed, 13 left out on this machine")
        self.assertRegex(run.stdout, r"(?m)^ 16  left    A download begins .*unavailable: .*"
                                     r"/dev/net/tun: No such file")
        self.assertIn("left out", (self.dir / "out" / "journey.html").read_text())

    def test_nobody_needs_to_be_root(self):
        """Another user walks it, too; its download where that one may have namespaces and a TUN."""
        self.skip_unless_root("to be another user, who is not")
        other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        out = self.dir / "out"
        out.mkdir()
        for place, mode in ((self.dir, 0o711), (out, 0o777)):
            place.chmod(mode)
        reach = subprocess.run([*other, "test", "-x", world.LATCHKEY, "-a", "-r", JOURNEY, "-a",
                                "-w", out], stdin=subprocess.DEVNULL, timeout=60)
        if reach.returncode != 0:
            self.skipTest("another user cannot reach what is built here")
        run = subprocess.run([*other, "env", f"TMPDIR={tempfile.gettempdir()}", str(world.LATCHKEY),
                              "journey", str(JOURNEY), "--out", str(out)], text=True, timeout=120,
                             capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"(?m)^(116 passed, 0 failed|103 passed, 0 failed, 13 left)")

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
        self.assertEqual((told["passed"] + told["skipped"], told["failed"]), (115, 1))
        failed = [step for step in told["steps"] if not step["passed"] and not step["skipped"]]
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
                (("network: { op: enb-handover, ", "network: { "),
                 r":\d+: a step of the network has an op: enb-handover"),
                (("attach: {", "restart: daemon\n    attach: {"), r":\d+: a step does one thing"),
                (("handovers: 200", "handovers: 0"), r":\d+: lab: handovers takes a number from 1"),
                (("order: all", "order: none"), r":\d+: lab: order is rrc-first, "),
                (("rrc-first-keys: equal", "rrc-first-keys: one"), r"should be equal\|unequal"),
                (("at-least-fa_asked_total: 1", "at-least-fa_asked_total: more"), "a number"),
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
        links = sum(run["kind"] == "link" for run in runs)
        self.assertEqual(len(runs) - links, RUNS)
        self.assertIn(links, LINKS)
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
        self.look_at_the_wlan(capture, runs, number)
        drawn = latchkey(self, "trace", "ladder", capture, "--svg", self.dir / "ladder.svg")
        self.assertEqual(drawn.returncode, 0)
        self.assertIn("</svg>", (self.dir / "ladder.svg").read_text())
        drawn = latchkey(self, "trace", "ladder", capture, "--run", wrong, "--svg",
                         self.dir / "run.svg")
        self.assertEqual(drawn.returncode, 0)
        drawing.stands_alone(self, self.dir / "run.svg", drawing.CHALLENGE)

    def look_at_the_wlan(self, capture, runs, number):
        """Every lane, nothing twice, and the keys from EMSK to session."""
        session = next(run for run in runs if run["kind"] == "session")
        shown = [m for m in session["messages"] if m["protocol"] != "DTLS" or "beside" not in m]
        self.assertEqual({lane for m in shown for lane in (m["from_lane"], m["to_lane"])},
                         {"Application", "Device", "TWAG", "Anchor"})
        self.assertEqual({m["protocol"] for m in shown},
                         {"DTLS", "WLCP", "PMIPv6", "user plane", "application"})
        names = [m["name"] for m in shown]
        for name, count in (("ClientHello", 2), ("PDN CONNECTIVITY ACCEPT", 2), ("Echo reply", 6),
                            ("browser: connect", 1), ("Application data", 0)):
            self.assertEqual(names.count(name), count, name)
        opened = [m for run in runs for m in run["messages"]
                  if m["opened"] and m["protocol"] != "application"
                  and run["kind"] not in ("establishment", "bootstrapping", "registration")]
        self.assertTrue(all("beside" in m for m in opened))
        authentication = next(run for run in runs if run["title"].startswith("Trusted WLAN"))
        self.assertEqual({lane for m in authentication["messages"]
                          for lane in (m["from_lane"], m["to_lane"])},
                         {"Access point", "TWAP", "AAA server"})

        told = latchkey(self, "trace", "keys", capture, "--json", "--k", world.CARD.k, "--opc",
                        world.CARD.opc)
        trees = {at: tree["keys"] for at, tree in enumerate(json.loads(told.stdout))}
        rolled = [tree for tree in trees.values() if {"EMSK", "WLCP key"} <=
                  {key["name"] for key in tree}]
        self.assertEqual(len(rolled), 4)
        for generation, tree in enumerate(rolled, 1):
            chain = {key["name"]: key for key in tree}
            self.assertEqual(chain["WLCP key"]["parent"], "EMSK")
            self.assertEqual(chain["WLCP key"]["detail"],
                             f"generation {generation} in this capture")
            self.assertEqual(chain["PSK identity"]["parent"], "WLCP key")
            self.assertEqual(chain["DTLS session"]["parent"], "PSK identity")
            self.assertEqual(runs[chain["DTLS session"]["run"] - 1]["kind"], "session")
        links = [tree for tree in trees.values() if tree[0]["name"] == "Pre-shared key"]
        self.assertEqual({tree[1]["detail"] for tree in links}, {"lab"})
        self.assertIn(len(links), LINKS)
        self.look_at_mis(capture, runs, number)
        self.look_at_ub(capture, runs)
        self.look_at_applications(capture, runs)
        spoof = number["WLCP without a key, from the right port"]
        drawn = latchkey(self, "trace", "ladder", capture).stdout
        self.assertIn("| Path token", drawn)
        others = re.findall(r"(?m)^ *\d[^A-Z]*\| ([A-Z].*)",
                            drawn.partition("== other messages")[2])
        self.assertEqual(set(others), {"Agent solicitation", "Agent advertisement"})
        # T13: the gateway's place is asked by the tunnel's socket, and by no other
        asked = world.tshark(capture, "-Y", "udp.length == 25", "-T", "fields", "-e", "ip.src",
                             "-e", "udp.srcport")
        self.assertEqual({line.split()[1] for line in asked if line.split()[0].endswith(".4")},
                         {"5437"})
        told = latchkey(self, "trace", "explain", capture, "--run", spoof)
        self.assertIn("proven   wlcp-in-clear", told.stdout)

    def look_at_ub(self, capture, runs):
        """Two bootstrappings, granted; tshark takes their HTTP."""
        both = [run for run in runs if run["kind"] == "bootstrapping"]
        self.assertEqual([(run["title"], run["outcome"]) for run in both],
                         [("GBA, bootstrapped", "accepted"), ("The key is renewed", "accepted")])
        for run in both:
            self.assertEqual([m["name"] for m in run["messages"]],
                             ["GET", "401, challenge", "GET with response", "200, B-TID"])
        codes = world.tshark(capture, "-Y", "http && !_ws.malformed", "-T", "fields", "-e",
                             "http.response.code")
        self.assertEqual(codes, 2 * ["", "401", "", "200"])

    def look_at_applications(self, capture, runs):
        """T60: who can compute which key, by what this run has made: the keys of NAF and AF the
        operator can, those of their sessions it cannot."""
        told = json.loads(latchkey(self, "trace", "keys", capture, "--json").stdout)[-1]
        self.assertEqual(told["title"], "keys of applications")
        marks = {}
        for key in told["keys"]:
            marks.setdefault(key["name"], []).append((key["operator"], key["can_compute"]))
            self.assertNotIn("value", key)
            self.assertNotIn("another", key.get("detail", ""))
        self.assertEqual(set(marks), {"Ks", "Ks_NAF", "K_AKMA", "K_AF", "N", "psk",
                                      "session keys", "MN-HA key", "FA-HA key",
                                      "MN-AAA key", "MN-FA key"})
        self.assertEqual([len(marks[name]) for name in ("Ks", "Ks_NAF", "K_AF", "N")],
                         [2, 7, 1, 3])
        for name, rows in marks.items():
            own = name in ("psk", "session keys")
            self.assertEqual({operator for operator, _ in rows}, {not own}, name)
            if own:
                self.assertEqual({tuple(who) for _, who in rows}, {("application", "server")})
        told = json.loads(latchkey(self, "trace", "keys", capture, "--json", "--k", world.CARD.k,
                                   "--opc", world.CARD.opc).stdout)[-1]
        roots = [key for key in told["keys"] if key["name"] in ("Ks", "K_AKMA") and "run" in key]
        self.assertTrue({"AKMA", "GBA, bootstrapped"} <=
                        {runs[key["run"] - 1]["title"] for key in roots})
        self.assertTrue(all("calculated again: the same" in key["detail"] for key in roots))
        details = [key["detail"] for key in told["keys"] if key["name"] == "session keys"]
        self.assertEqual(len(details), 5)
        self.assertTrue(any(d.startswith("safe of ann, N, P, client key;") for d in details))

    def look_at_mis(self, capture, runs, number):
        """T40: who could read what. Each SA stands where it was made, with the questions under it,
        opened by the keys that the phone wrote down; the first authentication behind a captured PoS
        cuts it off."""
        def run(name):
            return runs[int(number[name]) - 1]
        names = [m["name"] for m in run("Handover to network A")["messages"]]
        self.assertEqual(names, ["MIS_Prereg_Xfer request", "MIS_N2N_Prereg_Xfer request",
                                 "MIS_N2N_Prereg_Xfer response", "MIS_Prereg_Xfer response",
                                 "MIS_Prereg_Xfer request", "MIS_Prereg_Xfer response",
                                 "MIS_Capability_Discover request",
                                 "MIS_Capability_Discover response"])
        self.assertEqual(run("An SA by DTLS")["kind"], "channel")
        self.assertEqual({lane for m in run("An SA by DTLS")["messages"]
                          for lane in (m["from_lane"], m["to_lane"])}, {"MN", "SPoS"})
        told = latchkey(self, "trace", "explain", capture, "--run",
                        number["A target that the home does not know"]).stdout
        self.assertRegex(told, r"(?s)possible +mis-target.*is of c\.example; the MN never came")
        told = latchkey(self, "trace", "keys", capture, "--captured", "north@a.example").stdout
        fates = re.findall(r"north@a.example captured: (.*)", told)
        self.assertEqual(fates, ["nothing", "reads", "reads if it alters", "reads if it alters",
                                 "cut off", "nothing", "nothing", "nothing", "nothing", "reads",
                                 "cut off"])
        self.assertRegex(told, r"captures north@a.example reads 2 of 10 SAs\. 2 more only if it "
                               rf"altered .* Run {number['The fourth is an authentication']}, in")


class PageTest(browser.Case):
    """The page as a browser sees it, from a file, without a network."""

    def test_page(self):
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = f"file://{self.dir}/out/journey.html"
        dom = self.chromium("--dump-dom", page).stdout
        # what is of no run (an advertisement, an echo in a tunnel) has a section of its own
        self.assertIn(dom.count('<section class="run"') - RUNS, (*LINKS, LINKS[-1] + 1))
        self.assertGreaterEqual(dom.count('<details class="msg '), 46)
        self.assertGreaterEqual(dom.count('class="key '), 11)
        for text in ("Wrong key, refused and explained", "EAP-Request/AKA'-Challenge", "AT_AUTN",
                     "Key tree", "proven", "MS-MPPE-Recv-Key", "Proxy Binding Update",
                     "DTLS handshake", "Ping: 3 asked, 3 answered", "browser: connect",
                     "16 times PDN DISCONNECT REQUEST", "generation 2 in this capture",
                     "UL NAS COUNT 0", "Message 4 of 4, re-key", "EAP-Finish/Re-auth",
                     "MIS_N2N_Prereg_Xfer request", "PSK of DTLS",
                     "Whoever captures north@a.example reads 2 of 10 SAs",
                     "Registration Request", "Registration Reply", "home agent", "MN-HA key",
                     "authenticators again") + (
                         ("Packets of the tunnel", "longest gap until the next",
                          'class="stream-bar"') if can_enter() else ()):
            self.assertIn(text, dom)
        self.assertNotIn('class="tools" hidden', dom)  # the script ran
        # runs and steps have numbers of their own, and say whose they are
        self.assertRegex(dom, r'class="no">run \d+, of step 3</span><span>Pseudonym<')
        self.assertRegex(dom, r'class="no">step 59</span><span>Re-keying')
        shot = self.dir / "page.png"
        self.chromium(f"--screenshot={shot}", page)
        size = shot.stat().st_size
        blank = self.dir / "blank.png"
        self.chromium(f"--screenshot={blank}", "data:text/html,<body>")
        self.assertGreater(size, 10 * blank.stat().st_size)

    def test_every_step_has_its_place(self):
        """The table of steps leads to where the step is, also in the middle of a session."""
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = (self.dir / "out" / "journey.html").read_text()
        # To the one that moves with the phone: packets of it may be anywhere behind.
        table = page[:page.index("A download that the phone moves with")]
        places = re.findall(r'<td><a href="#([^"]+)">', table)
        # what the operator asks sends nothing itself, nor do steps of a download but for its table
        self.assertEqual(len(places), 57 if can_enter() else 56)
        for place in places:
            self.assertEqual(page.count(f'id="{place}"'), 1, place)
        self.assertGreaterEqual(sum(place.startswith("at-") for place in places), 7)

    def test_nothing_overlaps_or_is_cut_off(self):
        """Wide and narrow, light and dark, folds closed and open: no words on others or beyond the
        edge; the names of messages are whole, and ladders are shorter than their messages."""
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = (self.dir / "out" / "journey.html").read_text()
        cut = ("document.body.dataset.cut = [...document.querySelectorAll("
               "'.sheet:has(.steps), .msg .label')].filter(e => e.getClientRects().length && "
               "e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)")
        backs, heights = set(), []
        for size, dark, opened in (("1200,2400", 0, 0), ("420,2400", 0, 0), ("420,2400", 1, 1),
                                   ("1200,2400", 1, 1)):
            shown = page.replace('<details class="', '<details open class="') if opened else page
            file = self.dir / "seen.html"
            file.write_text(shown.replace("</body>", f"<script>{OVERLAPS}{cut};document.body."
                                          "dataset.height = document.body.scrollHeight</script>"
                                          "</body>"))
            words = ["--blink-settings=preferredColorScheme=0"] if dark else []
            dom = self.chromium(f"--window-size={size}", *words, "--dump-dom",
                                f"file://{file}").stdout
            with self.subTest(size=size, dark=dark, opened=opened):
                self.assertIn('data-bad=""', dom[dom.index("data-bad="):][:400])
                self.assertIn('data-cut=""', dom[dom.index("data-cut="):][:400])
            backs.add(dom.split('data-back="')[1].split('"')[0])
            heights.append(int(dom.split('data-height="')[1].split('"')[0]))
        self.assertEqual(len(backs), 2)
        self.assertLess(heights[0], heights[3] - 10000)

    def test_page_needs_nothing_from_outside(self):
        latchkey(self, "journey", JOURNEY, "--out", self.dir / "out")
        page = (self.dir / "out" / "journey.html").read_text()
        self.assertIsNone(re.search(r"(?i)(src|href)\s*=\s*[\"'](?!#)", page))
        self.assertIsNone(re.search(r"(?i)@import|url\(", page))


if __name__ == "__main__":
    world.unittest.main()

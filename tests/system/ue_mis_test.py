"""Section ue.mis: a device of latchkeyd as mobile node of MIS, its home, and points of service of
three domains, each a process of its own."""
import json
import os
import re
import signal
import struct
import threading
import time
import types
import unittest

import mis_home_test
import phone
import pos_test
import world
from pos_test import A, B, C

NOBODY = 65534
NOBODY_HERE = "nobody@home.example"
HOME = f"pos@{world.REALM}"


class Device(phone.Phone):
    """Role ue with MIS alone."""

    def __init__(self, ports, dtls, **settings):
        world.Latchkeyd.__init__(self, **{
            "ue.imsi": world.CARD.imsi, "ue.k": world.CARD.k, "ue.opc": world.CARD.opc,
            "ue.attach": "false", "ue.lte.cells": "[]", "console.port": 0,
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}}}]",
            "wlcp.port": world.free_port(), "wlcp.user_port": world.free_port(),
            "ue.mis.points": "[" + ", ".join(
                f"{{id: pos@{stem}.example, port: {ports[stem]}, dtls_port: {dtls[stem]}}}"
                for stem in "abc") + "]",
            "ue.mis.realm": world.REALM, "ue.mis.port": world.free_port(),
            "ue.mis.dtls_port": world.free_port(),
            "ue.mis.partners": "[a.example, b.example, c.example]", **settings})


class MisCase(pos_test.Pos, mis_home_test.HomeCase):
    def world(self, home=None, pos=None, third=C, demand=None, **device):
        self.dtls = {stem: world.free_port() for stem in "abc"}
        self.daemons_aaa = self.home(**{"radius.clients[2].pos": third}, **(home or {}))
        self.aaa = self.daemons_aaa.port
        homes = [{"realm": world.REALM, "mark_key": self.public}]

        def point(stem):
            row = self.point(stem, [other for other in "abc" if other != stem], homes=homes,
                             neighbours=self.neighbours(stem), dtls_port=self.dtls[stem],
                             **({"demand": demand} if demand else {}))
            return json.loads(json.dumps(row).replace(C, third))

        self.pos(lambda: [point(stem) for stem in "abc"], **(pos or {}))
        self.wait_links({(one, other): True for one in (A, B, third) for other in (A, B, third)
                         if one != other})
        self.device = self.start(Device(self.port, self.dtls, **device))

    neighbours = pos_test.WholeTest.neighbours
    mns = pos_test.WholeTest.mns

    def ok(self, op, **words):
        answer = self.device.asks(op, **words)
        self.assertTrue(answer["ok"], (answer, self.device.text(), self.daemon.text()))
        return answer

    def chain_of_three(self):
        answer = self.ok("mis-attach")
        self.assertEqual((answer["pos"], answer["sa"], answer["chain-used"]), (A, "full", 0))
        self.ok("mis-ping")
        for used, pos in enumerate((B, C), 1):
            answer = self.ok("mis-handover", pos=pos)
            self.assertEqual((answer["pos"], answer["sa"], answer["chain-used"]),
                             (pos, "optimised", used))
            self.ok("mis-ping")
            self.assertEqual(self.mns()[pos], ("spos", used, False))


class MisTest(MisCase):
    def test_over_tcp(self):
        self.world()
        self.chain_of_three()

    def test_over_udp(self):
        self.world(**{"ue.mis.transport": "udp"})
        self.chain_of_three()

    def test_a_key_of_the_home(self):
        """K that the home's PoS gives to the target does not count; T40: what an SPoS hands out
        does. Where the home gives none, that is what is left, and the reason is told."""
        self.world(third=HOME)
        self.ok("mis-attach")
        self.ok("mis-handover", pos=B)
        answer = self.ok("mis-handover", pos=A, **{"from": "home"})
        self.assertEqual((answer["pos"], answer["chain-used"], answer["authentication"]),
                         (A, 0, "home"))
        self.assertIn("by a key of the home", answer["told"])
        self.assertEqual(self.mns()[A], ("eap", 0, False))
        self.ok("mis-ping")
        self.assertEqual(self.own("pos_home_keys_given_total"), 1)
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["sa"], answer["chain-used"]), ("optimised", 1))
        refused = self.device.asks("mis-handover", pos=A, **{"from": "elsewhere"})
        self.assertIn("from is home alone", refused["error"])
        self.daemons_aaa.stop()
        answer = self.ok("mis-handover", pos=A, **{"from": "home"})
        self.assertEqual((answer["sa"], answer["chain-used"], answer["reason"]),
                         ("optimised", 2, "mis.refused"))

    def test_the_serving_pos_selects(self):
        self.world()
        self.ok("mis-attach")
        done = self.device.command("ue", "mis-handover", "network=nix", "--socket",
                                   self.device.socket, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"reason: mis.refused\n  expected [^,]+, came .*target")
        self.assertEqual(self.ok("mis-handover", network="wlan-c")["pos"], C)
        self.ok("mis-detach")
        self.assertEqual(self.ok("mis-status")["sa"], "none")
        refused = self.device.asks("mis-ping")
        self.assertFalse(refused["ok"])
        self.assertEqual(refused["reason"], "mis.not-now")
        self.assertEqual(self.ok("mis-status")["last-refusal"]["reason"], "mis.refused")

    def test_the_serving_pos_selects_by_place(self):
        self.world()
        self.ok("mis-attach")
        for no in ("91,0", "0", "0,0,-1", "0,0,1,1", "x", ""):
            answer = self.device.asks("mis-handover", position=no)
            self.assertIn("position is none", answer["error"])
        self.assertEqual(self.device.asks("mis-handover", position="10,10")["reason"],
                         "mis.refused")
        self.assertEqual(self.ok("mis-handover", position="48.2,11.6,50", link="wlan")["pos"], C)
        self.assertEqual(self.ok("mis-handover", position="48.1,11.5")["pos"], B)

    def test_a_handover_that_may_not_be_optimised(self):
        """T40: a limit of none; it falls back to full establishment with the target."""
        self.world(**{"ue.mis.chain_max": 0})
        self.ok("mis-attach")
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["pos"], answer["sa"], answer["reason"]),
                         (B, "full", "mis.chain-end"))

    def test_a_policy_that_names_eap_alone(self):
        """T41: no K of an SPoS does where SAs by EAP or TLS are demanded, at either end; nor a
        channel where EAP alone is. A K of the home does."""
        for pos, device, reason in ((["tls", "eap"], {}, "mis.refused"),
                                    (None, {"ue.mis.demand": "[tls, eap]"}, "mis.sa-type")):
            with self.subTest(pos=pos, device=device):
                self.world(third=HOME, demand=pos, **device)
                self.ok("mis-attach")
                answer = self.ok("mis-handover", pos=B)
                self.assertEqual((answer["pos"], answer["sa"], answer["reason"]),
                                 (B, "full", reason))
                self.assertEqual(self.mns()[B], ("eap", 0, False))
                answer = self.ok("mis-handover", pos=A, **{"from": "home"})
                self.assertEqual(answer["authentication"], "home")
                self.ok("mis-attach", by="eap")
                self.assertEqual(self.ok("mis-tls")["sa"], "tls")
                self.daemon.stop()
                self.device.stop()
                del self.planned

    def test_a_policy_that_names_no_channel(self):
        """T41: where SAs by TLS are not named, there is no key for one, at either end."""
        for pos, device in ((["eap"], {}), (None, {"ue.mis.demand": "[eap]"})):
            with self.subTest(pos=pos, device=device):
                self.world(demand=pos, **device)
                self.ok("mis-attach")
                self.assertFalse(self.device.asks("mis-tls")["ok"])
                self.ok("mis-ping")
                self.daemon.stop()
                self.device.stop()
                del self.planned

    def test_a_target_that_the_home_does_not_know(self):
        """T45: who serves may select it; the device stays where it is."""
        self.world(**{"ue.mis.partners": "[a.example, b.example]"})
        self.ok("mis-attach")
        refused = self.device.asks("mis-handover", network="wlan-c")
        self.assertFalse(refused["ok"])
        self.assertEqual((refused["reason"], refused["came"]), ("mis.target", C))
        self.assertEqual(self.ok("mis-status")["pos"], A)
        self.ok("mis-ping")

    def test_nobody_listens(self):
        """Over TCP that is known at once; over UDP when no repeat has an answer, and then ICMP,
        which may be forged, says why."""
        for transport, came, least, most in (("tcp", "connection refused", 0, 5),
                                             ("udp", "port unreachable: nothing there", 14, 20)):
            nowhere = {stem: world.free_port() for stem in "abc"}
            device = self.start(Device(nowhere, nowhere, **{"ue.mis.transport": transport}))
            begun = time.monotonic()
            with self.subTest(transport):
                answer = device.asks("mis-attach")
                self.assertEqual((answer["ok"], answer["reason"]), (False, "mis.no-answer"))
                self.assertEqual((answer["expected"], answer["came"]),
                                 (f"an answer of {A}", f"127.0.0.1:{nowhere['a']}: {came}"))
                self.assertIn("ue.mis.points", answer["fix"])
                device.wait_line(rf"what=stays pos={A}\b")
                self.assertTrue(least < time.monotonic() - begun < most)
            device.stop()

    def test_icmp_ends_no_attach(self):
        """The first message finds a closed port, as ICMP says; the repeat finds the PoS."""
        self.world(**{"ue.mis.transport": "udp"})
        self.device.stop()
        real, self.port = self.port, dict(self.port, a=world.free_port())
        device = self.start(Device(self.port, self.dtls, **{"ue.mis.transport": "udp"}))
        answers = []
        asking = threading.Thread(target=lambda: answers.append(device.asks("mis-attach")))
        asking.start()
        time.sleep(1)
        self.assertEqual(answers, [])
        server = types.SimpleNamespace(host="127.0.0.1", port=real["a"], secret=None)
        self.start(world.Relay(server, port=self.port["a"]))
        asking.join(30)
        self.assertEqual((answers[0]["ok"], answers[0]["sa"]), (True, "full"))
        self.assertGreater(answers[0]["ms"], 2500)                  # ICMP did come

    def test_a_home_that_does_not_answer(self):
        """Another secret: the MN hears it before its own patience ends, and the PoS says whom it
        asked."""
        self.world(home={"radius.clients[0].secret": "another-secret"})
        begun = time.monotonic()
        answer = self.device.asks("mis-attach")
        self.assertEqual((answer["ok"], answer["reason"]), (False, "mis.refused"))
        self.assertLess(time.monotonic() - begun, 20)
        self.daemon.wait_line(rf"reason=mis.aaa-silent\b.*127.0.0.1:{self.aaa}\b")

    def test_an_sa_by_dtls(self):
        """T41: it carries messages, and no K: a handover from it is a full establishment."""
        self.world()
        self.assertFalse(self.device.asks("mis-tls", pos=A)["ok"])
        self.assertEqual(self.ok("mis-attach")["authentication"], "eap")
        self.assertEqual(self.ok("mis-tls")["sa"], "tls")
        self.ok("mis-ping")
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["pos"], answer["sa"], answer["reason"]),
                         (B, "full", "mis.sa-type"))

    def test_an_sa_by_dtls_ends_when_it_is_asked(self):
        """At both ends, and with it the key that it was of: another wants another run by EAP."""
        self.world()
        self.ok("mis-attach")
        self.ok("mis-tls")
        answer = self.ok("mis-detach")
        self.assertEqual(answer["sa"], "none")
        self.assertLess(answer["ms"], 5000)
        self.assertEqual(self.mns(), {})
        self.assertIn("by=eap", self.device.asks("mis-tls", pos=A)["fix"])
        self.ok("mis-attach", by="eap")
        self.ok("mis-tls")
        self.ok("mis-ping")

    def test_a_key_of_a_channel_that_the_pos_has_forgotten(self):
        """Released, the device hears of it; after a restart of the PoS it is told by an alert, and
        the device says which."""
        self.world()
        self.assertIn("no point of service serves", self.device.asks("mis-tls")["error"])
        self.ok("mis-attach")
        mn = self.ok("mis-tls")["mn"]
        self.assertTrue(self.daemon.ask(op="pos-release", mn=mn)["ok"])
        self.assertIn("no key", self.device.asks("mis-tls", pos=A)["error"])
        self.assertEqual(self.ok("mis-status")["sa"], "none")
        self.ok("mis-attach", by="eap")
        self.daemon.stop()
        self.daemon.again()
        answer = self.device.asks("mis-tls", pos=A)
        self.assertEqual((answer["reason"], answer["came"]), ("mis.psk", "alert"))
        self.assertIn("by=eap", self.ok("mis-status")["last-refusal"]["fix"])
        self.ok("mis-attach", by="eap")
        self.ok("mis-tls")

    def test_a_pos_that_is_gone(self):
        """A question ends with a reason, and is in the status of later; so does an end."""
        self.world()
        self.ok("mis-attach")
        self.daemon.stop()
        begun = time.monotonic()
        answer = self.device.asks("mis-ping")
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual((answer["ok"], answer["reason"], answer["expected"]),
                         (False, "mis.no-answer", f"an answer of {A}"))
        self.assertEqual(self.ok("mis-status")["last-refusal"]["reason"], "mis.no-answer")
        self.assertEqual(self.ok("mis-detach")["sa"], "none")
        self.assertEqual(self.ok("mis-status")["last-refusal"]["reason"], "mis.no-answer")

    def test_a_serving_pos_that_began_anew(self):
        """It has forgotten the SA, and ends the connection of who asks under it: the device goes on
        to the target in full, and authenticates anew behind a question."""
        self.world()
        self.ok("mis-attach")
        self.daemon.stop()
        self.daemon.again()
        self.wait_links({(one, other): True for one in (A, B, C) for other in (A, B, C)
                         if one != other})
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["pos"], answer["sa"], answer["reason"]),
                         (B, "full", "mis.no-answer"))
        self.assertLess(answer["ms"], 5000)
        self.daemon.stop()
        self.daemon.again()
        begun = time.monotonic()
        self.assertEqual(self.device.asks("mis-ping")["reason"], "mis.no-answer")
        world.wait_for("another SA", lambda: B in self.mns())
        self.assertLess(time.monotonic() - begun, 5)
        self.ok("mis-ping")

    def test_the_key_of_a_channel_is_that_of_the_last_eap_run(self):
        """A run by EAP leaves another key, on whichever link it was, and one by ERP leaves none."""
        self.world()
        self.ok("mis-attach")
        self.ok("mis-attach", pos=B)
        self.ok("mis-attach", pos=C)
        self.assertEqual(self.ok("mis-attach", pos=A, by="eap")["authentication"], "eap")
        self.assertEqual(self.ok("mis-tls")["sa"], "tls")
        self.assertEqual(self.ok("mis-attach", pos=B)["authentication"], "erp")
        self.assertEqual(self.ok("mis-attach", pos=A)["authentication"], "erp")
        self.assertIn("by=eap", self.device.asks("mis-tls")["fix"])
        self.assertIn("no way", self.device.asks("mis-attach", by="hand")["error"])

    def test_at_the_end_of_a_chain_without_ahead(self):
        """T40: the handover behind the last is an authentication, and says why."""
        self.world(**{"ue.mis.ahead": "false", "ue.mis.chain_max": 1})
        self.ok("mis-attach")
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["told"], answer["chain-used"]),
                         ("handed over: an SA by optimised establishment, 1 of 1", 1))
        self.assertEqual(self.ok("mis-status")["chain-used"], 1)
        answer = self.ok("mis-handover", pos=C)
        self.assertEqual((answer["sa"], answer["reason"], answer["authentication"]),
                         ("full", "mis.chain-end", "erp"))
        self.assertIn(", by ERP: mis.chain-end", answer["told"])

    def test_its_capture_has_what_goes_over_tcp_and_the_keys(self):
        """What it says to PoS, in one's own capture, is opened by the lines in it."""
        capture = self.dir / "device.pcapng"
        self.world(**{"capture.file": capture, "capture.secrets": "true"})
        self.ok("mis-attach")
        self.ok("mis-ping")
        self.ok("mis-handover", pos=B)
        self.device.stop()
        shown = world.subprocess.run([world.LATCHKEY, "trace", "ladder", capture], text=True,
                                     capture_output=True, timeout=20).stdout
        for words in ("EAP-Request/AKA'-Challenge", "MIS_Capability_Discover response",
                      "K of SPoS, run 1 of 3", "protected, opened here"):
            self.assertIn(words, shown)

    LINK, POA = "02:00:00:00:00:01", "02:00:00:00:36:62"

    def mspmk(self, capture):
        return set(re.findall(rb"MIS_MSPMK \S+ 19 020000000001020000003662[0-9a-f]{64}",
                              capture.read_bytes()))

    def push(self, mn, *more, code=0):
        done = self.daemon.command("pos", "push", mn, *more, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_a_pos_that_pushes_fills_no_log(self):
        """T44: a captured PoS gives its mobile node one key after the other; all of them count,
        and the log has some."""
        self.world()
        mn = self.ok("mis-attach")["mn"]
        until = time.monotonic() + 15
        while self.own("pos_pushed_total") < 80 and time.monotonic() < until:
            for _ in range(5):
                self.daemon.ask(op="pos-push", mn=mn, link=self.LINK, poa=self.POA)
        took = 15 - (until - time.monotonic())
        self.assertGreaterEqual(self.own("pos_pushed_total"), 80)
        self.ok("mis-ping")
        lines = self.device.text().count("what=link-key")
        self.assertGreater(lines, 0)
        self.assertLessEqual(lines, 21 + 5 * took)
        self.assertLess(lines, 80)

    def test_a_link_key_is_pushed(self):
        """To an MN with an SA by EAP, and by an SPoS, over TCP: both ends hold the same, no answer
        has it, and it goes with the SA. T41: with an SA by TLS there is none."""
        own, other = self.dir / "device.pcapng", self.dir / "pos.pcapng"
        self.world(pos={"capture.file": other, "capture.secrets": "true"},
                   **{"capture.file": own, "capture.secrets": "true"})
        mn = self.ok("mis-attach")["mn"]
        self.assertIn("on its way", self.push(mn, self.LINK, self.POA))
        self.ok("mis-ping")
        [key] = self.ok("mis-status")["link-keys"]
        self.assertEqual((key["link"], key["poa"], key["pos"]), (self.LINK, self.POA, A))
        self.assertLessEqual(key["expires-s"], 3600)
        shown = self.device.command("ue", "mis-status", "--socket", self.device.socket).stdout
        self.assertIn(f"a link key of {A}, for {self.LINK} at {self.POA}", shown)
        self.assertIn(f"SA with {A} as {mn}, chain", shown)
        self.ok("mis-handover", pos=B)
        self.assertEqual(self.ok("mis-status")["link-keys"], [])
        self.push(mn, self.LINK, self.POA)  # A has an SA of it yet; B has heard it last
        self.ok("mis-ping")
        self.assertEqual([key["pos"] for key in self.ok("mis-status")["link-keys"]], [B])
        self.assertEqual(self.own("pos_pushed_total"), 2)
        self.assertIn(", 1 link key", self.daemon.command("pos", "mns", mn).stdout)
        [row] = self.daemon.ask(op="pos-mns", mn=mn)["mns"][:1]
        self.assertIn({"link": self.LINK, "poa": self.POA}, row["link_keys_of"])
        for words, what in (((mn, "here", self.POA), "no link address"),
                            ((mn, "ff:ff:ff:ff:ff:ff", self.POA), "no link address"),
                            ((mn, self.LINK, "00:00:00:00:00:00"), "no link address"),
                            ((NOBODY_HERE, self.LINK, self.POA), "gets no link key"),
                            ((mn, self.LINK, self.POA, C), "gets no link key")):
            self.assertIn(what, self.push(*words, code=1))
        self.push(mn, self.LINK, code=2)
        answer = self.daemon.ask(op="pos-push", mn=NOBODY_HERE, link=self.LINK, poa=self.POA)
        self.assertEqual((answer["reason"], answer["came"]), ("mis.push", "none of that name"))
        self.ok("mis-detach")
        self.assertEqual(self.ok("mis-status")["link-keys"], [])
        mn = self.ok("mis-attach", pos=C, by="eap")["mn"]
        self.ok("mis-tls")
        answer = self.daemon.ask(op="pos-push", mn=mn, link=self.LINK, poa=self.POA)
        self.assertEqual((answer["ok"], answer["came"]),
                         (False, "the channel that it speaks over now, which has no MSRK"))
        self.assertIn("attached again", answer["fix"])
        shown = self.daemon.command("pos", "mns", mn).stdout
        self.assertIn("SA by eap, chain 0 of 3, served over a channel now, an SA by tls", shown)
        self.device.stop()
        self.daemon.stop()
        self.assertEqual(len(self.mspmk(own)), 2)
        self.assertEqual(self.mspmk(own), self.mspmk(other))
        shown = self.tree(own)
        self.assertIn("MSPMK", shown)
        self.assertIn(f"of {self.LINK} at {self.POA}", shown)
        self.assertNotIn("NOT WHAT", shown)

    def tree(self, capture):
        return world.subprocess.run([world.LATCHKEY, "trace", "keys", capture], text=True,
                                    capture_output=True, timeout=20).stdout

    def seq(self):
        octets = (self.device.where / "phone" / "ue.sqn").read_bytes()
        slot = max(octets[:512], octets[512:1024])
        return max(struct.unpack("!32Q", slot[24:24 + 256]))

    def test_the_count_outlives_the_process(self):
        """T40: kill -9 loses SAs, and no count.
        spec: TS 33.102 6.3.3 - and no SQN that the card accepted."""
        self.world()
        before = self.seq()
        self.chain_of_three()
        self.assertGreater(self.seq(), before)
        os.kill(self.device.process_id(), signal.SIGKILL)
        self.device.process.kill()
        self.device.process.wait(5)
        self.device.again()
        status = self.ok("mis-status")
        self.assertEqual((status["sa"], status["chain-used"]), ("none", 2))
        self.assertEqual(self.ok("mis-attach")["chain-used"], 0)
        self.ok("mis-handover", pos=B)

    def test_the_owner_alone_asks(self):
        """T01: no other user reaches MIS; and what the owner asks amiss."""
        self.world()
        os.chmod(self.dir, 0o711)
        os.chmod(self.device.where, 0o711)
        for op in ("attach", "handover", "status", "ping", "tls", "detach"):
            if os.getuid() == 0:
                answer = self.device.asks_as(NOBODY, f"mis-{op}")
                self.assertIn("only the owner", answer["error"])
        self.assertIn("no such point", self.device.asks("mis-attach", pos="pos@x")["error"])
        self.assertIn("no cell", self.device.asks("mis-handover", cell="x")["error"])
        shown = self.device.command("ue", "mis-attach", "--socket", self.device.socket).stdout
        self.assertIn("attached: an SA by full establishment", shown)
        self.assertRegex(shown, f"SA with {A} as [^@]+@[^,]+, chain 0 of 3")


if __name__ == "__main__":
    unittest.main()

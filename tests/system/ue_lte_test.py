"""The device's side of LTE-WLAN aggregation in its process: attach, LWA, re-key, handover, data;
who may ask; strangers, forgeries and repeats on Uu and on the air; kill -9 and return."""
import os
import queue
import signal
import socket
import struct
import subprocess
import threading
import time

import lte
import world

NOBODY = 65534


class Peer:
    """Cells and WT: tests/system/lte_peer.c."""

    def __init__(self, card=world.CARD):
        self.card = card
        self.ports = [world.free_port() for _ in range(3)]
        self.lines, self.seen = queue.Queue(), []

    def start(self, where):
        self.process = subprocess.Popen(
            [world.BUILD / "tests/system/lte_peer", self.card.k, self.card.opc,
             *map(str, self.ports)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()
        self.wait("ready")

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def wait(self, begins, seconds=10.0):
        end = time.monotonic() + seconds
        while True:
            line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            self.seen.append(line)
            if line.startswith(begins):
                return line

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.wait(f"done {words[0]}")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()


class LteTest(world.Case):
    def setUp(self):
        super().setUp()
        self.peer = self.start(Peer())
        self.device = self.start(lte.Device(self.peer.ports))
        for path in (self.device.where, self.dir):
            os.chmod(path, 0o711)

    def attach(self, **words):
        answer = self.device.asks("lte-attach", **words)
        self.assertTrue(answer["ok"], answer)
        self.peer.wait(f"attached {world.CARD.imsi}")
        return answer

    def aggregate(self):
        self.attach()
        self.peer.say("add")
        status = self.device.status(wait="active")
        self.assertTrue(status["ok"], (status, self.peer.seen, self.device.text()))
        self.peer.wait("active")
        return status

    def counts(self):
        return self.device.status()["counts"]

    def ping(self, **words):
        return self.device.asks("lwa-ping", **words)


class AttachTest(LteTest):
    def test_attach_status_detach(self):
        """spec: TS 24.301 5.5.1.2.2 - an attach ends with security of NAS and of the bearer."""
        self.assertEqual(self.device.status()["lte"], "detached")
        answer = self.attach()
        self.assertEqual((answer["result"], answer["cell"], answer["ncc"]), ("done", "a", 0))
        self.assertIn(f"hello {world.CARD.imsi} 0", self.peer.seen)
        status = self.device.status()
        self.assertEqual((status["lte"], status["cell"], status["lwa"]), ("attached", "a", "off"))
        self.assertTrue(self.device.asks("lte-detach")["ok"])
        self.assertEqual(self.device.status()["lte"], "detached")
        self.assertEqual(self.attach(cell="b")["cell"], "b")

    def test_refused_by_silence_and_by_another_card(self):
        """spec: TS 24.301 5.5.1.2.6 - tries have an end. The card refuses who does not know K."""
        self.peer.say("deaf", 1)
        answer = self.device.asks("lte-attach")
        self.assertEqual((answer["ok"], answer["reason"]), (False, "eps.no-answer"))
        self.device.stop()
        impostor = self.start(Peer(world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)))
        self.device.sets["ue.lte.cells"] = f"[{{name: a, port: {impostor.ports[0]}, pci: 1}}]"
        self.device.again()
        answer = self.device.asks("lte-attach")
        self.assertFalse(answer["ok"])
        self.assertEqual((answer["result"], answer["reason"]), ("refused", "eps.autn-mac"))
        impostor.wait("refused eps.autn-refused")

    def test_nothing_listens_there(self):
        """At a cell's port, or the WT's: that is told at once, with the place."""
        nowhere = world.free_port()
        self.device.stop()
        self.device.sets.update({
            "ue.lte.wt.port": nowhere,
            "ue.lte.cells": f"[{{name: a, port: {self.peer.ports[0]}, pci: 1}}, "
                            f"{{name: z, port: {nowhere}, pci: 9}}]"})
        self.device.again()
        began = time.monotonic()
        answer = self.device.asks("lte-attach", cell="z")
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertEqual((answer["ok"], answer["reason"]), (False, "eps.no-answer"))
        self.assertEqual(answer["came"], "port unreachable: nothing listens there")
        self.assertEqual(answer["expected"], f"an answer at 127.0.0.1:{nowhere}")
        self.assertIn("ue.lte.cells", answer["fix"])
        self.assertEqual(self.device.status()["last-refusal"]["reason"], "eps.no-answer")
        self.attach(cell="a")
        self.peer.say("add")
        status = self.device.status(wait="active", ms=1500)
        self.assertEqual((status["ok"], status["reason"]), (False, "rsn.no-access-point"))
        self.assertIn("LTE attached, LWA joining", status["error"])
        self.assertEqual(status["came"], "port unreachable: nothing listens there")
        self.assertEqual((status["bssid"], status["ssid"]), ("02:00:00:00:36:62", "latchkey"))
        self.assertEqual(status["expected"],
                         f"answer of 02:00:00:00:36:62 at 127.0.0.1:{nowhere}")
        self.assertTrue(status["wt-unreachable"])

    def test_questions_that_cannot_be(self):
        for op, words in (("lte-attach", {"cell": "z"}), ("lte-attach", {"cell": 7}),
                          ("lte-status", {"wait": "happy"}), ("lte-status", {"ms": -1}),
                          ("lte-status", {"ms": "x"}), ("lte-status", {"strange": 1}),
                          ("lwa-ping", {"count": 0}), ("lwa-ping", {"octets": 15}),
                          ("lwa-ping", {"drb": 32}), ("lwa-ping", {})):
            self.assertFalse(self.device.asks(op, **words)["ok"], (op, words))
        self.assertEqual(self.ping()["reason"], "lwa.no-link")

    def test_lte_is_the_owners(self):
        """T01: no application, and no other user, reaches LTE."""
        self.skip_unless_root("another user cannot be played")
        for op in ("lte-attach", "lte-status", "lwa-ping", "lte-detach"):
            answer = self.device.asks_as(NOBODY, op)
            self.assertFalse(answer["ok"])
            self.assertIn("only the owner", answer["error"])
            self.assertEqual(self.device.audit()[-1]["came"], "manager.stranger")
        self.assertEqual(self.device.status()["lte"], "detached")

    def test_sqn_is_durable_before_the_answer(self):
        """spec: TS 33.102 6.3.3 - what the card accepted it knows after kill -9, and the next
        attach is one of a newer SQN."""
        path = self.device.where / "phone" / "ue.sqn"

        def seq():
            octets = path.read_bytes()
            slot = max(octets[:512], octets[512:1024])
            return max(struct.unpack("!32Q", slot[24:24 + 256]))

        before = seq()
        self.attach()
        accepted = seq()
        self.assertGreater(accepted, before)
        os.kill(self.device.process_id(), signal.SIGKILL)
        self.device.process.kill()
        self.device.process.wait(5)
        self.device.again()
        self.assertEqual(seq(), accepted)
        self.attach()
        self.assertGreater(seq(), accepted)

    def test_the_command_line_asks(self):
        for words, code, text in ((["lte-attach"], 0, "attached over LTE"),
                                  (["lte-status"], 0, "lte: attached at a"),
                                  (["lte-status", "wait=active", "ms=10"], 1,
                                   "in time: LTE attached, LWA off"),
                                  (["lwa-ping"], 1, "lwa.no-link"),
                                  (["lte-detach"], 0, "detached from LTE")):
            done = self.device.command("ue", *words, "--socket", self.device.socket, check=False)
            self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
            self.assertIn(text, done.stdout + done.stderr)


class CardTest(LteTest):
    """The USIM answers one attach at a time: what it accepts for one must not make the other's
    challenge an old one."""

    def setUp(self):
        self.access_point = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.access_point.close)
        self.access_point.bind(("127.0.0.1", 0))
        self.access_point.settimeout(10)
        super().setUp()
        self.device.stop()
        self.device.sets["ue.port"] = self.access_point.getsockname()[1]
        self.device.again()

    def beside(self, op):
        """Asks, and goes on."""
        answers = []
        asking = threading.Thread(target=lambda: answers.append(self.device.asks(op)), daemon=True)
        asking.start()
        return asking, answers

    def test_the_wlan_waits_for_lte(self):
        self.peer.say("deaf", 1)
        asking, answers = self.beside("lte-attach")
        world.wait_for("the attach", lambda: self.device.status()["lte"] == "attaching")
        self.beside("attach")
        self.assertEqual(self.access_point.recv(4096)[0], 1)    # Access-Request
        self.assertEqual(self.device.status()["lte"], "detached")
        asking.join(5)
        self.assertEqual(answers[0]["reason"], "eps.no-answer")

    def test_lte_waits_for_the_wlan(self):
        self.beside("attach")
        self.access_point.recv(4096)
        asking, answers = self.beside("lte-attach")
        world.wait_for("its turn", lambda: self.device.status()["lte"] == "waiting for the card")
        self.assertFalse(self.device.asks("lte-attach")["ok"])
        self.assertEqual(self.peer.seen, ["ready"])
        self.device.asks("lte-detach")
        asking.join(5)
        self.assertEqual(answers[0]["error"], "detached meanwhile")
        self.assertTrue(self.peer.lines.empty())


    def test_who_waits_for_the_wlan_is_told(self):
        self.beside("attach")
        self.access_point.recv(4096)
        answer = self.device.asks("lte-attach")
        self.assertEqual((answer["ok"], answer["result"]), (True, "waiting"))
        self.assertIn("waits for the attach over the WLAN", answer["told"])
        self.assertEqual(self.device.status()["lte"], "waiting for the card")


class AggregationTest(LteTest):
    def test_data_rekey_and_release(self):
        """spec: TS 33.401 G.2.1 - data goes over the WLAN under keys of S-KWT; a new one is taken
        into use without a new association (T50)."""
        status = self.aggregate()
        self.assertEqual(status["access-point"], "02:00:00:00:36:62")
        answer = self.ping(count=20, octets=1400)
        self.assertEqual((answer["ok"], answer["received"]), (True, 20), answer)
        self.peer.say("rekey")
        status = self.device.status(wait="active", rekeys=1)
        self.assertTrue(status["ok"], status)
        self.assertTrue(self.ping()["ok"])
        counts = self.counts()
        self.assertEqual((counts["associations"], counts["rekeys"], counts["deauthentications"],
                          counts["suspended-ms"], counts["losses"]), (1, 1, 0, 0, 0))
        self.peer.say("release")
        self.assertTrue(self.device.status(wait="off")["ok"])
        self.assertEqual(self.ping()["reason"], "lwa.no-link")

    def test_handover_with_the_wt_kept(self):
        """T53: the association outlives the handover, and is under a key of the new KeNB then."""
        self.aggregate()
        for number, (cell, name) in enumerate(((1, "b"), (0, "a"), (1, "b")), 1):
            self.peer.say("handover", cell)
            self.peer.wait(f"handed-over {cell}")
            status = self.device.status(wait="active", handovers=number, rekeys=number)
            self.assertTrue(status["ok"], (status, self.peer.seen))
            self.assertEqual(status["cell"], name)
            self.assertIn(f"c-rnti {status['c-rnti']}", self.peer.seen)
            self.assertTrue(self.ping()["ok"])
        counts = self.counts()
        self.assertEqual((counts["associations"], counts["suspended-ms"]), (1, 0))

    def test_no_cell_for_a_handover(self):
        self.device.stop()
        self.device.sets["ue.lte.cells"] = f"[{{name: a, port: {self.peer.ports[0]}, pci: 1}}]"
        self.device.again()
        self.aggregate()
        self.peer.say("handover", 1)
        self.device.wait_line("ue.no-cell .*expected=.*ue.lte.cells.* came=\"PCI 2\"")
        self.assertEqual(self.device.status()["cell"], "PCI 2, not in ue.lte.cells")

    def test_a_detach_leaves_the_wlan(self):
        self.aggregate()
        self.assertTrue(self.device.asks("lte-detach")["ok"])
        status = self.device.status()
        self.assertEqual((status["lwa"], status["associated"], status["lte"]),
                         ("off", False, "detached"))
        self.aggregate()

    def test_killed_and_back(self):
        """T53: a device that was killed attaches again, and is let in by the same WT."""
        self.aggregate()
        os.kill(self.device.process_id(), signal.SIGKILL)
        self.device.process.kill()
        self.device.process.wait(5)
        self.device.again()
        self.aggregate()
        self.assertTrue(self.ping()["ok"])


class HostileTest(LteTest):
    def test_strangers_are_not_heard(self):
        """T01, T13: what does not come from a cell or the WT, by address and port, is counted and
        no more, whatever is in it."""
        self.aggregate()
        before = self.device.status()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.1", 0))
            deauthentication = bytes.fromhex("c0000000") + bytes.fromhex(
                "020000000001" "020000003662" "020000003662" "0000" "0300")
            for port, octets in ((self.device.own[lte.AIR], deauthentication),
                                 (self.device.own[lte.UU], b"pdcp-lte\x00\x01\x00"),
                                 (self.device.own[lte.UU], os.urandom(900))):
                stranger.sendto(octets, (lte.DEVICE, port))
        world.wait_for("strangers", lambda: self.counts()["strangers"] == 3)
        after = self.device.status()
        self.assertEqual({**before["counts"], "strangers": 3}, after["counts"])
        self.assertTrue(self.ping()["ok"])

    def test_forged_and_repeated_rrc(self):
        """T53: a PDU of SRB1 with a wrong MAC-I, or one that was heard before, does nothing."""
        self.aggregate()
        self.peer.say("repeat", "uu", 1)
        world.wait_for("dropped", lambda: self.counts()["rrc-dropped"] == 1)
        self.peer.say("repeat", "uu", 0)
        world.wait_for("dropped", lambda: self.counts()["rrc-dropped"] == 2)
        self.assertEqual(self.device.status()["lwa"], "active")
        self.assertIn("lwa.rrc-mac", self.device.text())
        self.peer.say("rekey")
        self.assertTrue(self.device.status(wait="active", rekeys=1)["ok"])

    def test_clear_altered_and_repeated_frames(self):
        """A02, A05: with keys in, a frame in clear, an altered or a repeated one installs nothing
        and ends nothing."""
        self.aggregate()
        self.assertTrue(self.ping()["ok"])
        before = self.counts()
        self.peer.say("repeat", "first", 0)     # message 1, in clear
        world.wait_for("in clear", lambda: self.counts()["in-clear"] > before["in-clear"])
        self.peer.say("repeat", "last", 1)
        world.wait_for("altered", lambda: self.counts()["altered"] + self.counts()["replayed"]
                       > before["altered"] + before["replayed"])
        self.peer.say("repeat", "last", 0)
        world.wait_for("replayed", lambda: self.counts()["replayed"] > before["replayed"])
        self.assertEqual(self.counts()["installs"], before["installs"])
        self.assertEqual(self.device.status()["lwa"], "active")
        self.assertTrue(self.ping()["ok"])

    def test_an_echo_is_what_was_sent(self):
        self.aggregate()
        self.peer.say("garble", 1)
        answer = self.ping(count=2)
        self.assertEqual((answer["ok"], answer["received"]), (False, 0))
        self.peer.say("garble", 0)
        answer = self.ping(drb=5)
        self.assertEqual((answer["ok"], answer["reason"]), (False, "lwa.no-echo"))
        self.assertRegex(answer["error"], "0 of 3 .*the WT was heard [0-9.]+ s ago")
        self.assertTrue(self.ping()["ok"])

    def test_a_flood_is_survived(self):
        self.aggregate()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(2000):
                for port in self.device.own:
                    stranger.sendto(os.urandom(64), (lte.DEVICE, port))
        self.assertTrue(self.ping(count=5)["ok"])

    def test_no_secret_is_told(self):
        self.aggregate()
        octets = self.device.text() + str(self.device.status())
        for secret in (world.CARD.k, world.CARD.opc):
            self.assertNotIn(secret, octets)


class CaptureTest(world.Case):
    def test_tshark_reads_what_the_device_writes(self):
        """tshark judges: the NAS of the attach, each WT Counter, the first handshake; and keys are
        not in it."""
        file = self.dir / "device.pcapng"
        peer = self.start(Peer())
        device = self.start(lte.Device(peer.ports, **{"capture.file": file}))
        self.assertTrue(device.asks("lte-attach")["ok"])
        peer.wait("attached")
        peer.say("add")
        self.assertTrue(device.status(wait="active")["ok"])
        peer.wait("active")
        peer.say("rekey")
        self.assertTrue(device.status(wait="active", rekeys=1)["ok"])
        self.assertTrue(device.asks("lwa-ping")["ok"])
        device.stop()
        fields = ("nas_eps.nas_msg_emm_type", "lte-rrc.lwa_WT_Counter_r13",
                  "wlan_rsna_eapol.keydes.msgnr")
        lines = [line.split("\t") for line in world.tshark(
            file, "--enable-heuristic", "pdcp_lte_udp", "-T", "fields",
            *(word for field in fields for word in ("-e", field)))]
        column = [[line[i] for line in lines if line[i]] for i in range(len(fields))]
        self.assertEqual(column[0], ["0x41", "0x52", "0x53", "0x5d", "0x5e"])
        self.assertEqual(column[1:], [["0", "1"], ["1", "2", "3", "4"]])
        self.assertEqual(world.tshark(file, "--enable-heuristic", "pdcp_lte_udp", "-Y",
                                      "_ws.malformed"), [])


if __name__ == "__main__":
    world.unittest.main()

"""Role enb with aaa, vault and wt in one daemon, and a device with LTE: attach, LTE-WLAN
aggregation, re-keys, handovers, processes killed, the wrong order, and what strangers get."""
import contextlib
import itertools
import json
import math
import os
import random
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import threading
import time

import phone
import uu
import world

LONG = "LK_LONG" in os.environ
APART = 3e-6 if LONG else 0.002     # A18: a machine under load is not more unfair

DEVICE = "127.0.0.2"
OTHER = "127.0.0.3"
WLAN = "02:00:00:00:36:62"
MAC = "02:00:00:00:00:01"
STRANGER = "001010000009999"
TICK_S = 0.15       # how old counters may be


class Network(world.Latchkeyd):
    """Two cells and a WT, with the AAA beside them."""

    def __init__(self, **settings):
        self.cells = [world.free_port(), world.free_port()]
        self.air, enb, self.xw = (world.free_port() for _ in range(3))
        super().__init__(**{
            "roles": "[aaa, vault, enb, wt]", "workers": 1, "log.mask_imsi": "false",
            "enb.cells": f"[{{name: a, port: {self.cells[0]}, pci: 1}}, "
                         f"{{name: b, port: {self.cells[1]}, pci: 2}}]",
            "enb.xw_udp_port": enb, "enb.wt.port": self.xw, "enb.retry_ms": 200,
            "wt.port": self.air, "wt.xw_udp_port": self.xw,
            "wt.enbs": f"[{{name: enb, address: 127.0.0.1, port: {enb}}}]", **settings})

    def worker(self, name):
        """What status has of it; {}: there is none now."""
        found = [w for w in self.ask(op="status")["workers"] if w["name"] == name]
        return found[0] if found else {}

    def counts(self, name="enb"):
        time.sleep(TICK_S)
        return self.worker(name)["counts"]

    def kill(self, name):
        """kill -9, and another serves in its place."""
        pid = self.worker(name)["pid"]
        os.kill(pid, signal.SIGKILL)
        world.wait_for(f"another {name}", lambda: self.worker(name).get("pid") not in (None, 0, pid)
                       and self.worker(name).get("state") == "serving")

    def ue(self, imsi=world.CARD.imsi):
        """What enb-ues has of it, or None."""
        ues = self.ask(op="enb-ues", imsi=imsi)["ues"]
        return ues[0] if ues else None

    def wish(self, op, imsi=world.CARD.imsi, **words):
        return self.ask(op=op, imsi=imsi, **words)

    def wait_wt(self):
        world.wait_for("the WT", lambda: self.ask(op="enb-ues")["wt_up"])


class Device(phone.Phone):
    """Of those cells, without a trusted WLAN."""

    def __init__(self, network, address=DEVICE, card=world.CARD, mac=MAC):
        a, b = network.cells
        ports = [world.free_port(address=address) for _ in range(4)]
        self.name = f"device-{address}"
        world.Latchkeyd.__init__(self, **{
            "ue.attach": "false", "ue.address": address, "console.port": 0, "ue.imsi": card.imsi,
            "ue.k": card.k, "ue.opc": card.opc, "wlcp.port": ports[0],
            "wlcp.user_port": ports[1],
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}}}]",
            "ue.lte.cells": f"[{{name: a, port: {a}, pci: 1}}, {{name: b, port: {b}, pci: 2}}]",
            "ue.lte.address": address, "ue.lte.port": ports[2], "ue.lte.air_port": ports[3],
            "ue.lte.wt.port": network.air, "ue.lte.retry_ms": 200, "ue.lte.wlan_mac": mac})

    def start(self, where):
        where = where / self.name
        where.mkdir()
        super().start(where)

    def attach(self, **words):
        return self.asks("lte-attach", **words)

    def status(self, **words):
        return self.asks("lte-status", **words)

    def counts(self):
        return self.status()["counts"]


class Case(world.Case):
    def network(self, **settings):
        self.net = self.start(Network(**settings))
        self.net.add(world.CARD)
        self.net.wait_wt()
        return self.net

    def aggregate(self, **settings):
        """A device that has LTE-WLAN aggregation."""
        self.network(**settings)
        self.device = self.start(Device(self.net))
        answer = self.device.attach()
        self.assertTrue(answer["ok"], answer)
        self.active()

    def active(self, **words):
        status = self.device.status(wait="active", ms=10000, **words)
        self.assertTrue(status["ok"], (status, self.net.text()))
        return status

    def wait_ue(self, what, **members):
        world.wait_for(what, lambda: all((self.net.ue() or {}).get(key) == value
                                         for key, value in members.items()))

    def talks(self):
        answer = self.device.asks("lwa-ping", count=3)
        return answer["ok"] and answer["received"] == 3


class WalkTest(Case):
    def test_walk(self):
        """Attach, aggregation, data, a re-key and a handover with the WT kept, end and again.

        spec: TS 33.401 G.2.1 - S-KWT is the key of the WLAN, and a handover brings another one"""
        self.aggregate()
        self.wait_ue("active", state="ACTIVE", cell="a", set_up=1, rekeys=0, mac=MAC)
        self.assertTrue(self.talks())
        self.assertTrue(self.net.wish("enb-rekey")["ok"])
        self.wait_ue("re-keyed", state="ACTIVE", rekeys=1, counter=1)
        self.assertTrue(self.net.wish("enb-handover", cell="b")["ok"])
        self.wait_ue("handed over", state="ACTIVE", cell="b", rekeys=2, handovers=1, counter=0)
        self.assertTrue(self.talks())
        self.assertFalse(self.net.wish("enb-handover", cell="b")["ok"])
        self.assertFalse(self.net.wish("enb-handover", cell="z")["ok"])
        counts = self.device.counts()
        self.assertEqual((counts["associations"], counts["deauthentications"],
                          counts["handshakes"], counts["rekeys"]), (1, 0, 3, 2))
        self.assertTrue(self.net.wish("enb-lwa", on=False)["ok"])
        self.assertTrue(self.device.status(wait="off", ms=5000)["ok"])
        self.assertTrue(self.net.wish("enb-lwa", on=True)["ok"])
        self.active()
        self.wait_ue("set up again", state="ACTIVE", set_up=2)
        counts = self.net.counts()
        self.assertEqual([counts[f"enb_{name}"] for name in (
            "ues", "strangers", "wt_up", "attaches_total", "lwa_set_up_total", "rekeys_total",
            "handovers_total", "saves_failed_total")], [1, 0, 1, 1, 2, 2, 1, 0])

    def test_ten_handovers(self):
        """T51: ten, 20 ms apart, to and fro: the association stays, the last key counts."""
        self.aggregate()
        self.assertTrue(self.net.wish("enb-handover", cell="b", count=10, spacing_ms=20)["ok"])
        world.wait_for("ten", lambda: self.net.ue()["handovers"] >= 9 and
                       self.net.ue()["state"] == "ACTIVE")
        self.assertTrue(self.talks())
        counts = self.device.counts()
        self.assertEqual((counts["associations"], counts["deauthentications"]), (1, 0))
        self.assertGreaterEqual(counts["rekeys"], 1)
        self.assertEqual(self.net.counts("wt")["wt_deauthentications_total"], 0)

    def test_handovers_one_behind_the_other(self):
        """As close as can be: all are begun, and those that come while one is under way are not."""
        self.aggregate()
        self.assertTrue(self.net.wish("enb-handover", cell="b", count=300, spacing_ms=0)["ok"])
        world.wait_for("more than two", lambda: self.net.ue()["handovers"] > 5)
        self.assertTrue(self.net.wish("enb-rekey", count=2)["ok"])
        self.wait_ue("quiet", state="ACTIVE")
        self.assertTrue(self.talks())
        self.assertEqual(self.device.counts()["associations"], 1)

    def test_no_way_to_the_wt(self):
        """Whoever looks is told that LWA waits, where the WT should be, and what to compare."""
        self.net = self.start(Network(roles="[aaa, vault, enb]"))
        self.net.add(world.CARD)
        self.device = self.start(Device(self.net))
        self.assertTrue(self.device.attach()["ok"])
        self.net.wait_line("lte-attached .*waits: no way to the WT")
        said = self.net.ask(op="wt-ues")
        self.assertEqual(said["error"], "that is asked of wt, which this daemon does not run")
        place = f"no way to the WT wt, 127.0.0.1 port {self.net.xw};"
        self.assertIn(f"LTE-WLAN aggregation is asked for; it waits: {place}",
                      self.net.command("enb", "lwa", world.CARD.imsi, "on").stdout)
        text = self.net.command("enb", "ues").stdout
        self.assertIn("waits: no way to the WT\n", text)
        self.assertIn(f"\n{place}", text)
        self.net.wait_line(f"xw-unreachable peer=wt address=127.0.0.1 port={self.net.xw} .*"
                           "fix=.*wt.xw_udp_port")

    def test_command(self):
        """latchkey enb, in words and as JSON."""
        self.aggregate()
        imsi = world.CARD.imsi

        def command(*words):
            done = self.net.command("enb", *words, check=False)
            return done.returncode, done.stdout + done.stderr

        code, text = command("ues")
        self.assertEqual(code, 0)
        self.assertRegex(text, rf"{imsi}  {MAC}  cell a +ACTIVE")
        self.assertEqual(command("rekey", imsi), (0, "re-key begun\n"))
        self.wait_ue("re-keyed", rekeys=1, state="ACTIVE")
        self.assertEqual(command("handover", imsi, "b", "count=3", "spacing_ms=30"),
                         (0, "3 handovers begun, 30 ms apart\n"))
        self.wait_ue("three", handovers=3, cell="b", state="ACTIVE")
        self.assertEqual(json.loads(command("ues", imsi, "--json")[1])["ues"][0]["handovers"], 3)
        self.assertEqual(command("lwa", imsi, "off"), (0, "its end is asked for\n"))
        self.wait_ue("off", state="READY")
        for words, code, told in ((("rekey", STRANGER), 1, f"no device with the IMSI {STRANGER}"),
                                  (("ues", "999"), 0, "no device with the IMSI 999 is attached"),
                                  (("handover", imsi), 2, "expected IMSI CELL, found"),
                                  (("handover", imsi, "south"), 1, "name one of enb.cells: a, b"),
                                  (("handover", imsi, "south"), 1, "no cell is called 'south'"),
                                  (("handover", imsi, "b"), 1, "latchkey enb ues tells where"),
                                  (("rekey", imsi, "count=x"), 2, "a number for count, found 'x'"),
                                  (("rekey", imsi, "cout=3"), 2, "spacing_ms=N, found 'cout=3'"),
                                  (("rekey", imsi, "count=0"), 1, "count"),
                                  (("lwa", imsi, "maybe"), 2, "on or off, found 'maybe'"),
                                  (("lwa", imsi, "on", "x"), 2, "IMSI on|off, found 'x'"),
                                  (("lwa",), 2, "expected IMSI on|off"),
                                  (("frob",), 2, "found 'frob'"), ((), 2, "expected ues")):
            with self.subTest(words):
                found, text = command(*words)
                self.assertEqual(found, code, text)
                self.assertIn(told, text)


class FailureTest(Case):
    def test_workers_killed(self):
        """T53: the WT's process, in the middle of handovers, then the eNBs': it comes back by
        itself. T52: what the eNBs' process had used under a KeNB is in the store, and no S-KWT is
        made twice."""
        self.aggregate(**{"capture.file": self.dir / "x.pcapng", "capture.secrets": "true",
                          "capture.legs": "[xw]"})
        self.net.wish("enb-rekey", count=3, spacing_ms=50)
        self.net.wish("enb-handover", cell="b", count=4, spacing_ms=50)
        self.net.kill("wt")
        world.wait_for("all of them", lambda: self.net.ue()["handovers"] >= 1)
        world.wait_for("a new association",
                       lambda: self.device.counts()["associations"] >= 2 and
                       self.net.ue()["state"] == "ACTIVE", seconds=20)
        self.active()
        before = self.device.counts()["associations"]
        self.net.kill("wt")     # and nothing is wished: the eNBs ask by themselves
        world.wait_for("another one", lambda: self.device.counts()["associations"] > before)
        self.active()
        self.assertTrue(self.talks())
        self.net.wish("enb-handover", cell="a", count=4, spacing_ms=20)
        before = self.device.counts()["associations"]
        self.net.kill("enb")    # the device attaches again by itself
        self.active(associations=before + 1)
        self.wait_ue("active", state="ACTIVE")
        self.assertTrue(self.talks())
        self.net.wish("enb-rekey")
        self.wait_ue("re-keyed", state="ACTIVE", rekeys=1)
        keys = self.keys()
        self.assertGreaterEqual(len(keys), 4)
        self.assertEqual(len(keys), len(set(keys)))
        with contextlib.closing(sqlite3.connect(self.store())) as store:
            rows = store.execute("SELECT next FROM wt_counter ORDER BY at_ms").fetchall()
        self.assertEqual(rows[-1], (2,))        # 0 when it was set up, 1 by the re-key
        self.assertGreaterEqual(len(rows), 3)

    def store(self):
        return next(self.net.sets["state_dir"].glob("store/*.db"))

    def keys(self):
        """The S-KWTs that eNBs have told the WT, in the order of their first appearance; what was
        sent again by a try or by SCTP counts once where it follows itself."""
        octets = (self.dir / "x.pcapng").read_bytes()
        found = []
        # WT Security Information of an ADDITION REQUEST; at the end of what a MODIFICATION REQUEST
        # has of the UE's context.
        for match in re.finditer(rb"\x00\x1f[\x00\x40]\x21\x00|"
                                 rb"\x00\x24[\x00\x40]([\x21-\x7f])", octets):
            end = match.end() + (match[1][0] if match[1] else 32)
            if octets[end - 32:end] not in found[-1:]:
                found.append(octets[end - 32:end])
        return found

    def test_a_store_that_fails_uses_no_counter(self):
        """T52: without a durable counter no S-KWT is told."""
        self.aggregate()
        self.store().rename(self.dir / "away.db")
        self.assertTrue(self.net.wish("enb-rekey")["ok"])
        world.wait_for("it is noticed", lambda: self.net.counts()["enb_saves_failed_total"] >= 1)
        self.assertEqual((self.net.ue()["rekeys"], self.device.counts()["rekeys"]), (0, 0))

    def test_wrong_order(self):
        """T50: wt-first is refused in earnest; in a laboratory it loses the association.

        spec: TS 33.401 G.2.4 - the WT has a key that the UE has not"""
        self.aggregate(**{"laboratory": "true", "enb.order": "wt-first",
                          "wt.deauth_on_mismatch": "true", "wt.retry_ms": 20, "wt.tries": 3,
                          "enb.uu_delay_ms": 150, "enb.lock_ms": 1000})
        self.assertTrue(self.net.wish("enb-handover", cell="b")["ok"])
        world.wait_for("it is lost", lambda: self.device.counts()["deauthentications"] >= 1)
        self.assertGreaterEqual(self.net.counts("wt")["wt_deauthentications_total"], 1)
        self.active(associations=2)
        before = self.device.counts()
        self.assertTrue(self.net.wish("enb-drop")["ok"])
        self.active(associations=before["associations"] + 1)    # it comes back by itself
        self.assertEqual(self.device.counts()["returns"], before["returns"] + 1)

    def test_configuration(self):
        """T50 and what else --check refuses."""
        for words, told in ((["laboratory=false", "enb.order=wt-first"], "enb.order"),
                            (["enb.lock_ms=1500", "roles=[aaa, vault, enb, wt]"], "enb.lock_ms"),
                            (["enb.lock_ms=2000"], "WT in another daemon"),
                            (["wt.tries=6"], "wt.retry_ms (of the WT in another daemon"),
                            (["enb.cells=[{name: a, port: 1, pci: 1}, {name: b, port: 2, pci: 1}]"],
                             "enb.cells[1].pci"),
                            (["enb.cells=[{name: a, port: 7, pci: 1}, {name: b, port: 7, pci: 2}]"],
                             "enb.cells[1].port"),
                            (["enb.wt.address=192.0.2.1"], "enb.wt.address"),
                            (["laboratory=false", "enb.uu_delay_ms=5"], "enb.uu_delay_ms"),
                            (["enb.plmn=1"], "enb.plmn"), (["enb.bssid=x"], "enb.bssid"),
                            (["enb.association_timer_s=11"], "enb.association_timer_s"),
                            (["roles=[enb]"], "roles")):
            with self.subTest(words):
                done = self.check("roles=[vault, enb]", *words)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(told, done.stderr + done.stdout)
        self.assertEqual(self.check("roles=[vault, enb]", "laboratory=true",
                                    "enb.order=wt-first").returncode, 0)

    def check(self, *sets):
        return subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf/lab.yaml", "--check",
                               *(f"--set={text}" for text in sets)], text=True,
                              capture_output=True, timeout=20)

    def test_reload_keeps_contexts(self):
        self.network()
        path = self.dir / "net.yaml"
        path.write_text(self.net.config.read_text())
        self.net.stop()
        self.net.config = path
        self.net.again()
        self.net.wait_wt()
        self.device = self.start(Device(self.net))
        self.assertTrue(self.device.attach()["ok"])
        self.active()
        path.write_text(path.read_text().replace("  order: rrc-first", "  lock_ms: 4000"))
        self.assertTrue(self.net.ask(op="reload")["ok"])
        self.assertTrue(self.net.wish("enb-rekey")["ok"])
        self.wait_ue("re-keyed", state="ACTIVE", rekeys=1)
        self.assertEqual(self.device.counts()["associations"], 1)


class StrangerTest(Case):
    def refused_run(self, imsi, answer):
        """The messages that a stranger gets who says that after the challenge, and how long the
        first one took."""
        stranger = uu.Stranger(self.net.cells[0])
        since = time.perf_counter()
        stranger.attach(imsi)
        challenge = stranger.hear()
        seconds = time.perf_counter() - since
        stranger.say(answer)
        end = stranger.hear()
        stranger.close()
        return seconds, challenge, end

    def test_unknown_and_known_get_the_same(self):
        """A18: the same messages, of the same octets where they are no random ones, after the same
        time, mixed up so that what else the machine does falls on both. 10,000 of each with
        LK_LONG, on a machine that does nothing else, and then to some microseconds."""
        self.network(**{"enb.attach_rate": 100000, "enb.ues": 32768})
        each = 10000 if LONG else 60
        there, nowhere = ([f"0010100000{n:05}" for n in range(first, first + 2 * each, 2)]
                          for first in (10000, 10001))
        rows = self.dir / "cards"
        rows.write_text("".join(f"{imsi} {world.CARD.k} {world.CARD.opc} 8000 000000000000\n"
                                for imsi in there))
        self.net.command("subscriber", "import", "--format", "hostapd", rows)
        imsis, there = there + nowhere, set(there)
        random.shuffle(imsis)
        times, seen = {True: [], False: []}, {True: set(), False: set()}
        wrong = bytes([7, uu.RESPONSE, 8]) + bytes(8)
        for imsi in imsis:
            answer = random.choice((wrong, bytes([7, uu.FAILURE, 20]),
                                    bytes([7, uu.FAILURE, 21, 0x30, 14]) + bytes(14)))
            seconds, challenge, end = self.refused_run(imsi, answer)
            times[imsi in there].append(seconds)
            seen[imsi in there].add((len(challenge), challenge[:2], challenge[19:20],
                                     challenge[26:28], answer, end))
        self.assertEqual(seen[True], seen[False])
        self.assertEqual(len(seen[True]), 3)
        middle = {kind: statistics.median(rows) for kind, rows in times.items()}
        low = [sorted(rows)[:each * 9 // 10] for rows in times.values()]
        t = ((statistics.mean(low[0]) - statistics.mean(low[1])) /
             math.sqrt(sum(statistics.variance(rows) / len(rows) for rows in low)))
        print(f"{each} of each: t = {t:.2f}, medians {1e6 * middle[True]:.0f} and "
              f"{1e6 * middle[False]:.0f} us")
        self.assertLess(abs(middle[True] - middle[False]), APART)

    def test_unknown_and_known_look_alike(self):
        """A18: who is not there is refused as the one whose card is another; what differs is in our
        log alone."""
        self.network()
        other = world.CARD.__class__(**{**vars(world.CARD), "imsi": STRANGER})
        device = self.start(Device(self.net, OTHER, other))
        answer = device.attach()
        self.assertFalse(answer["ok"])
        self.assertNotIn("unknown", json.dumps(answer))
        self.net.wait_line("subscriber.unknown|unknown")
        self.assertEqual(self.net.counts()["enb_attaches_refused_total"], 1)

    def test_strangers_touch_nobody(self):
        """Noise, and attaches without end: who is attached stays so, and an address has its
        budget."""
        self.aggregate(**{"enb.attach_rate": 2, "enb.ues": 16})
        before = self.net.ue()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
            noise.bind(("127.0.0.9", 0))
            for i in range(50):
                noise.sendto(os.urandom(1 + i), ("127.0.0.1", self.net.cells[0]))
        world.wait_for("noise", lambda: self.net.counts()["enb_malformed_total"] >= 50)
        self.assertTrue(self.net.wish("enb-rekey")["ok"])
        self.wait_ue("re-keyed", state="ACTIVE", rekeys=1, enb_ue_id=before["enb_ue_id"])
        for _ in range(4):      # the same device, again and again, beyond what it may
            self.device.asks("lte-attach")
        self.assertGreaterEqual(self.net.counts()["enb_over_budget_total"], 1)

    def flood(self, addresses, say):
        """Strangers who say that from these addresses, each time from another port, until the
        answer is called; and then how often they did."""
        stop, said = threading.Event(), []

        def run():
            for n in itertools.count():
                if stop.is_set():
                    return
                stranger = uu.Stranger(self.net.cells[0], addresses[n % len(addresses)])
                say(stranger)
                said.append(n)
                stranger.hear(0.002)
                stranger.close()

        thread = threading.Thread(target=run)
        thread.start()

        def end():
            stop.set()
            thread.join()
            return len(said)

        self.addCleanup(end)
        return end

    def test_one_address_leaves_a_subscriber_its_vectors(self):
        """A07: who names a subscriber from one address, from however many ports, leaves it vectors
        for its first attach."""
        self.network()
        device = self.start(Device(self.net))
        end = self.flood(["127.0.0.9"], lambda stranger: stranger.attach(world.CARD.imsi))
        world.wait_for("too much of it", lambda: self.net.counts()["enb_over_budget_total"] > 20)
        for _ in range(5):
            answer = device.attach()
            self.assertTrue(answer["ok"], answer)
        self.assertGreater(end(), 20)
        self.net.wait_line("vault.source-too-fast")

    def test_strangers_leave_a_known_device_its_own(self):
        """A07: where it has been attached before it is attached again, whoever names it, and
        whatever of its address's rate strangers use up there."""
        self.network(**{"enb.attach_rate": 10})
        device = self.start(Device(self.net))
        self.assertTrue(device.attach()["ok"])
        for addresses, imsi, over in (([f"127.0.5.{n}" for n in range(1, 99)], world.CARD.imsi, 20),
                                      ([DEVICE], STRANGER, 500)):
            end = self.flood(addresses, lambda stranger, imsi=imsi: stranger.attach(imsi))
            world.wait_for("it", lambda: self.net.counts()["enb_over_budget_total"] > over)
            for _ in range(5):
                self.assertTrue(device.attach()["ok"])
            end()

    def test_one_address_leaves_places(self):
        """T15: who says HELLO from many ports of one address, again and again, has a few places,
        and leaves the others to others; nor do many addresses keep a device out."""
        self.network(**{"enb.ues": 64})
        device = self.start(Device(self.net))
        for addresses in (["127.0.0.9"], [f"127.0.5.{n}" for n in range(1, 100)]):
            before = self.net.counts()["enb_made_room_total"]
            end = self.flood(addresses, lambda stranger: stranger.hello(STRANGER))
            world.wait_for("no place", lambda over=before + 50:
                           self.net.counts()["enb_made_room_total"] > over)
            if len(addresses) == 1:
                self.assertLessEqual(self.net.counts()["enb_strangers"], 4 + 1)
            answer = device.attach()
            self.assertTrue(answer["ok"], answer)
            self.assertGreater(end(), 50)
        self.net.wait_line("uu-crowded")

    def test_a_place_is_not_kept_by_talk(self):
        """T15: a HELLO that comes again renews nothing: five seconds, and the place is gone."""
        self.network()
        stranger = uu.Stranger(self.net.cells[0])
        since = time.monotonic()
        while time.monotonic() - since < 4.5:
            stranger.hello(STRANGER)
            time.sleep(0.3)
        self.assertEqual(self.net.counts()["enb_strangers"], 1)
        time.sleep(max(0, since + 5.5 - time.monotonic()))
        self.assertEqual(self.net.counts()["enb_strangers"], 0)
        stranger.close()

    def test_a_mac_address_is_the_first_ones(self):
        """Somebody with a subscription of his own cannot take another's association by its MAC
        address."""
        self.aggregate()
        card = world.CARD.__class__(**{**vars(world.CARD), "imsi": STRANGER})
        self.net.add(card)
        thief = self.start(Device(self.net, OTHER, card))
        self.assertTrue(thief.attach()["ok"])
        self.assertFalse(self.net.wish("enb-lwa", STRANGER, on=True)["ok"])
        self.assertEqual(self.net.ue(STRANGER)["state"], "READY")
        self.assertEqual(self.net.counts()["enb_mac_taken_total"], 1)
        self.assertTrue(self.talks())
        self.assertEqual(self.device.counts()["deauthentications"], 0)

    def other(self, mac):
        """Another subscriber's device, attached."""
        card = world.CARD.__class__(**{**vars(world.CARD), "imsi": STRANGER})
        self.net.add(card)
        device = self.start(Device(self.net, OTHER, card, mac))
        self.assertTrue(device.attach()["ok"])
        return device

    def test_a_mac_address_is_not_taken_by_another_attach(self):
        """What is wanted for a subscriber under one MAC address is not wanted under the next one
        that he says."""
        self.aggregate()
        thief = self.other("02:00:00:00:00:99")
        self.assertTrue(thief.status(wait="active")["ok"])
        place = self.net.ue(STRANGER)["port"]
        thief.stop()
        thief.sets["ue.lte.wlan_mac"] = MAC
        thief.again()
        self.assertTrue(thief.attach()["ok"])
        self.assertEqual(self.net.ue(STRANGER)["port"], place)
        self.assertEqual((self.net.ue(STRANGER)["state"], self.net.ue(STRANGER)["wanted"]),
                         ("READY", False))
        self.assertTrue(self.talks())
        self.assertEqual(self.device.counts()["deauthentications"], 0)
        self.assertEqual(len(self.net.ask(op="wt-ues")["ues"]), 1)
        before = self.device.counts()["associations"]
        self.net.kill("wt")     # LTE-WLAN aggregation ends for now, and is set up again
        world.wait_for("another one", lambda: self.device.counts()["associations"] > before)
        self.active()
        self.assertTrue(self.net.ue(STRANGER)["mac_is_anothers"])
        self.device.stop()
        self.device.again()     # who has used it has it again
        self.assertTrue(self.device.attach()["ok"])
        self.active()
        self.device.stop()      # who says another one lets this one go
        self.device.sets["ue.lte.wlan_mac"] = "02:00:00:00:00:55"
        self.device.again()
        self.assertTrue(self.device.attach()["ok"])
        self.active()
        self.assertTrue(thief.status(wait="active")["ok"])

    def test_a_mac_address_is_let_go(self):
        """Who waits for it gets it when LTE-WLAN aggregation ends for who had it, and when the
        device that had it is gone without a word."""
        self.network()
        first = self.other(MAC)
        self.assertTrue(first.status(wait="active")["ok"])
        self.device = self.start(Device(self.net))
        self.assertTrue(self.device.attach()["ok"])
        self.assertTrue(self.net.ue()["mac_is_anothers"])
        self.assertTrue(self.net.wish("enb-lwa", STRANGER, on=False)["ok"])
        self.active()
        self.assertTrue(self.talks())
        self.assertFalse(self.net.wish("enb-lwa", STRANGER, on=True)["ok"])
        self.assertTrue(first.attach()["ok"])
        time.sleep(6)           # one that is there is not taken for one that is gone
        self.assertTrue(self.net.ue(STRANGER)["mac_is_anothers"])
        self.assertTrue(self.talks())
        self.device.process.kill()
        self.assertTrue(first.status(wait="active", ms=20000)["ok"])
        self.assertIsNone(self.net.ue())


if __name__ == "__main__":
    world.unittest.main()

"""Role wt: a daemon whose eNB is xw_peer, and whose stations are lwa_phone and frames made by hand.
"""
import os
import random
import re
import signal
import socket
import time
import unittest
from pathlib import Path

import lwa
import radsec
import world
import xw


TICK_S = 0.15       # how old counters may be


class Daemon(world.Latchkeyd):
    """With a file of its own, whose section wt a reload may find changed."""

    def section(self, **keys):
        lines = "".join(f"  {key}: {value}\n" for key, value in keys.items())
        self.config.write_text("roles: [wt]\n" + ("wt:\n" + lines if lines else ""))

    def again(self):
        self.config = self.where / "wt.yaml"
        self.section()
        super().again()


class Wt(world.Case):
    """A WT, its eNB and a phone."""

    transport = "sctp"
    settings = {"laboratory": "true"}
    another = ""        # row of an eNB

    def tls(self, stem):
        return []

    def daemon(self, **more):
        tcp = self.transport == "tcp"
        kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
        self.air, self.xw_port, self.enb_port = world.free_port(), world.free_port(kind), \
            world.free_port(kind)
        self.latchkeyd = self.start(Daemon(**{
            "roles": "[wt]", "wt.port": self.air, "wt.bssid": lwa.AP.hex(":"), "wt.ssid": "lwa",
            "wt.xw": self.transport, "wt.xw_port" if tcp else "wt.xw_udp_port": self.xw_port,
            "wt.enbs": f"[{{name: enb.test, address: 127.0.0.1, port: {self.enb_port}}}"
                       f"{self.another}]",
            **self.settings, **more}))
        return self.latchkeyd

    def enb_peer(self, *options, port=None):
        options += ("--deaf",) if self.transport == "tcp" else ()
        return self.start(xw.Peer(self.transport, port or self.enb_port,
                                  [(self.xw_port, "dial", "wt.test")], *self.tls("enb"), *options))

    def world(self, akm=6, **more):
        self.daemon(**more)
        self.enb = lwa.Enb(self.enb_peer())
        self.enb.peer.up()
        self.phone = self.start(lwa.Phone(self.air, akm=akm))

    def associate(self, octet=7, counter=0):
        """From a new context on to data."""
        self.phone.say("context", octet)
        self.enb.add(self.phone.key(counter))
        self.phone.say("setup", counter)
        self.phone.fact("usable")
        self.enb.hear(lwa.CONFIRMED)

    def counts(self):
        time.sleep(TICK_S)
        [worker] = self.latchkeyd.ask(op="status")["workers"]
        return worker["counts"]

    def wait_count(self, name, least):
        world.wait_for(f"{name} {least}", lambda: self.counts()[name] >= least)

    def ues(self):
        return self.latchkeyd.ask(op="wt-ues")["ues"]


class Both:
    """What is the same over SCTP and TCP."""

    def test_walk(self):
        """Addition, association, data, a key in place, data, release.

        spec: TS 36.463 8.13 - the eNB is told when the UE is associated
        spec: TS 33.401 G.2 - the key of the WLAN is the one that came over Xw
        """
        self.world()
        self.associate()
        self.assertEqual(self.phone.talk(b"first"), b"first")
        [ue] = self.ues()
        self.assertEqual((ue["station"], ue["state"], ue["enb"], ue["enb_ue_id"], ue["wt_ue_id"],
                          ue["associated"], ue["keys"], ue["port"]),
                         (lwa.PHONE.hex(":"), "ACTIVE", "enb.test", lwa.ENB_UE_ID,
                          self.enb.wt_ue_id, True, True, self.phone.port))
        key = self.phone.key(1)
        self.phone.say("counter", 1)
        self.phone.wait("complete")
        self.enb.modify(key)
        self.phone.fact("rekeyed")
        self.enb.hear(lwa.CONFIRMED)
        self.assertEqual(self.phone.talk(b"second"), b"second")
        self.assertTrue(self.phone.has_no("fact", "deauthenticated"))
        self.assertTrue(self.phone.has_no("fact", "unusable"))
        counts = self.counts()
        self.assertEqual([counts[name] for name in (
            "wt_associations_total", "wt_handshakes_total", "wt_deauthentications_total",
            "wt_echoed_total", "wt_ues", "wt_associations", "wt_enbs_up")], [1, 2, 0, 2, 1, 1, 1])
        self.enb.release()
        self.phone.fact("deauthenticated")
        world.wait_for("release", lambda: not self.ues())
        self.assertEqual(self.counts()["wt_associations"], 0)

    def test_worker_killed(self):
        """The eNB sees its link go, nothing of the UE is left, and it comes anew."""
        self.world()
        self.associate()
        [worker] = self.latchkeyd.ask(op="status")["workers"]
        os.kill(worker["pid"], signal.SIGKILL)
        self.enb.peer.down()
        self.enb.peer.up()
        self.assertEqual(self.ues(), [])
        self.phone.say("up", lwa.DRB, "00")     # nobody knows it: it is told so, and comes again
        self.assertEqual(self.phone.fact("deauthenticated"), 7)
        self.phone.wait("refusal", "rsn.refused-key")
        self.enb.add(self.phone.key(0))
        self.phone.fact("usable")
        self.enb.hear(lwa.CONFIRMED)
        self.assertEqual(self.phone.talk(b"again"), b"again")

    def test_eNB_gone_and_back(self):
        """T53: the WT has the UE still; what it wants to say waits for the link."""
        self.world()
        self.associate()
        self.enb.peer.kill()
        world.wait_for("eNB down", lambda: self.counts()["wt_enbs_up"] == 0)
        self.assertEqual(self.phone.talk(b"meanwhile"), b"meanwhile")
        self.assertTrue(self.latchkeyd.ask(op="wt-release", station=lwa.PHONE.hex(":"))["ok"])
        self.enb.peer = self.enb_peer()
        self.enb.peer.up()
        self.assertEqual(self.enb.hear(lwa.RELEASE_REQUIRED)[lwa.WT_ID],
                         lwa.number(self.enb.wt_ue_id))

    def test_confined(self):
        """Y08: each thread is under seccomp, and under Landlock where there is any."""
        self.world()
        status = self.latchkeyd.ask(op="status")
        [worker] = status["workers"]
        tasks = list(Path(f"/proc/{worker['pid']}/task").iterdir())
        self.assertEqual(len(tasks), 2 if self.transport == "sctp" else 1)
        for task in tasks:
            self.assertIn("\nSeccomp:\t2\n", (task / "status").read_text())
            self.assertIn("\nNoNewPrivs:\t1\n", (task / "status").read_text())
        self.assertEqual(worker["key_within_reach"], False)
        self.associate()
        self.assertTrue(self.latchkeyd.ask(op="reload")["ok"])
        self.assertEqual(self.phone.talk(b"after"), b"after")
        self.assertEqual(self.latchkeyd.ask(op="status")["worker_restarts"], 0)


class SctpTest(Both, Wt):
    def test_strangers_on_xw(self):
        """Who is not configured is not heard, whatever he says."""
        self.world()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.1", 0))
            stranger.sendto(xw.packet(36462, 36462, 0, xw.init(1)), ("127.0.0.1", self.xw_port))
            stranger.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                stranger.recv(4096)
            stranger.sendto(b"again", ("127.0.0.1", self.xw_port))
            port = stranger.getsockname()[1]
        self.wait_count("wt_xw_strangers_total", 2)
        said = re.findall(r"xw-stranger why=no-peer (.*)", self.latchkeyd.text())
        self.assertEqual(len(said), 1, said)            # once
        self.assertIn(f"127.0.0.1 port {port}", said[0])
        self.assertIn("wt.enbs", said[0])
        self.associate()

    def test_nonsense_of_an_eNB(self):
        """T53: it is refused and counted; the association on Xw lives on."""
        self.world()
        for octets in ("00", "0006005d00", lwa.VECTORS["wt-addition-request"][:-1].hex()):
            self.enb.peer.say("send", 0, octets)
        self.wait_count("wt_xw_malformed_total", 3)
        self.enb.wt_ue_id = 99
        self.enb.say("wt-modification-request-rekey")
        self.enb.hear(lwa.NOT_MODIFIED)
        self.associate()
        refused = self.latchkeyd.ask(op="status")["counts"]["refused"]
        self.assertGreaterEqual(refused["lwa.xw-malformed"], 3)
        self.assertEqual(refused["lwa.ue-unknown"], 1)

    def test_another_eNB_names_the_station(self):
        """spec: TS 36.463 8.8 - whoever is attached to another eNB may say the same MAC address:
        he does not get its place while it is held, and gets it when its eNB is gone. T53: then
        the association ends with a word to the station."""
        port = world.free_port(socket.SOCK_DGRAM)
        self.another = f", {{name: other.test, address: 127.0.0.1, port: {port}}}"
        self.world(**{"wt.hold_s": 1})
        other = lwa.Enb(self.enb_peer(port=port), enb_ue_id=99)
        other.peer.up()
        self.associate()
        key = os.urandom(32)
        for _ in range(3):
            other.say("wt-addition-request", UE=lwa.PHONE, SECURITY=b"\0" + key)
            self.assertEqual(other.hear(lwa.NOT_ADDED)[lwa.ENB_ID], lwa.number(99))
            self.assertEqual(self.phone.talk(b"mine"), b"mine")
        self.assertEqual([(ue["enb"], ue["state"]) for ue in self.ues()], [("enb.test", "ACTIVE")])
        self.assertTrue(self.phone.has_no("fact", "deauthenticated"))
        self.enb.peer.kill()
        world.wait_for("eNB down", lambda: self.counts()["wt_enbs_up"] == 1)
        time.sleep(1)
        other.add(key)
        self.assertEqual(self.phone.fact("deauthenticated"), 3)
        [ue] = self.ues()
        self.assertEqual((ue["enb"], ue["keys"]), ("other.test", False))
        refused = self.latchkeyd.ask(op="status")["counts"]["refused"]
        self.assertEqual((refused["lwa.mac-held"], refused["lwa.mac-taken"]), (3, 1))

    def test_stranger_in_a_first_handshake(self):
        """A02, T53: while the handshake of an association runs, its place is nobody else's, and
        who asks elsewhere gets one message 1; it has one deadline, however often it is asked for.
        The station comes nevertheless, at once."""
        self.world(**{"wt.retry_ms": 200})
        self.enb.add(os.urandom(32))
        request = lwa.management(0, bytes.fromhex(
            "11000100" "00036c7761" "010482848b96" "30140100000fac040100000fac040100000fac060000"))
        first, stranger = self.start(lwa.Station(self.air)), self.start(lwa.Station(self.air))
        first.say(lwa.authentication())
        first.say(request)
        heard = [first.hear()[0] for _ in range(3)]         # accepted, and message 1
        for _ in range(3):
            stranger.say(lwa.authentication())
            stranger.say(request)
            self.assertEqual([stranger.hear()[0] for _ in range(3)], [0xb0, 0x10, 0x08])
            first.say(request)
        heard += [first.hear()[0] for _ in range(7)]
        self.assertEqual(sorted(heard), [0x08] * 4 + [0x10] * 4 + [0xb0, 0xc0])
        self.assertEqual(heard[-1], 0xc0)
        self.assertIsNone(stranger.hear(0.1))
        counts = self.counts()
        self.assertEqual(counts["wt_frames_elsewhere_total"], 6)
        self.assertEqual(counts["wt_handshakes_total"], 1)
        first.say(lwa.authentication())
        first.say(request)
        self.associate()
        self.assertEqual(self.phone.talk(b"mine"), b"mine")
        self.assertEqual(self.ues()[0]["port"], self.phone.port)

    def test_strangers_on_the_air(self):
        """A station that no eNB has announced is answered, refused, and not kept."""
        self.world()
        stranger = self.start(lwa.Station(self.air))
        mac = bytes.fromhex("020000000009")
        stranger.say(lwa.authentication(mac))
        self.assertEqual(stranger.hear()[:1], b"\xb0")
        self.associate()
        request = next(f for f in self.phone.frames() if f[0] == 0)
        stranger.say(request[:10] + mac + request[16:])
        answer = stranger.hear()
        self.assertEqual((answer[:1], answer[26:28]), (b"\x10", b"\x35\x00"))      # status 53
        for frame in (b"", b"\x88", bytes(4000), os.urandom(100), request[:20]):
            stranger.say(frame)
        self.assertIsNone(stranger.hear(0.5))
        self.assertEqual(len(self.ues()), 1)
        self.assertEqual(self.counts()["wt_strangers_refused_total"], 1)
        self.assertEqual(self.phone.talk(b"still"), b"still")

    def test_nonsense_on_the_air(self):
        """T53: a station's frames altered, cut and under other names, thousands of them: nobody
        dies of them, and the association has its data."""
        self.world()
        self.associate()
        self.assertEqual(self.phone.talk(b"before"), b"before")
        frames, chance = self.phone.frames(), random.Random(5)
        hostile = self.start(lwa.Station(self.air))
        for i in range(5000):
            frame = bytearray(chance.choice(frames))
            if i % 2:
                frame[10:16] = lwa.PHONE[:5] + bytes([chance.randrange(12)])
            for _ in range(chance.randrange(4)):
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            hostile.say(frame[:chance.randrange(len(frame) + 1)] if i % 3 == 0 else frame)
        self.assertEqual(self.phone.talk(b"behind"), b"behind")
        self.assertEqual(self.latchkeyd.ask(op="status")["worker_restarts"], 0)
        self.assertEqual(len(self.ues()), 1)
        self.assertEqual(self.counts()["wt_associations_total"], 1)

    def test_diversion(self):
        """T13: who has a station's MAC address, and frames that it sent, and is elsewhere, gets
        nothing that is for its association, and does not end it."""
        self.world()
        self.associate()
        self.assertEqual(self.phone.talk(b"mine"), b"mine")
        thief = self.start(lwa.Station(self.air))
        before = self.counts()
        sent = self.phone.frames()
        for frame in (lwa.authentication(), *sent, lwa.deauthentication(), lwa.authentication(),
                      *(f for f in sent if f[0] == 0), lwa.management(10, b"\x08\x00")):
            thief.say(frame)
        self.wait_count("wt_frames_elsewhere_total", 4 + len(sent))
        self.assertEqual(self.phone.talk(b"still mine"), b"still mine")
        key = self.phone.key(1)
        self.phone.say("counter", 1)
        self.enb.modify(key)
        self.phone.fact("rekeyed")
        while (frame := thief.hear(0.5)) is not None:        # nothing that is of the association
            self.assertIn(frame[0], (0xb0, 0x10, 0x08, 0xc0))
            self.assertFalse(frame[1] & 0x40)
        self.assertEqual(self.ues()[0]["port"], self.phone.port)
        self.assertTrue(self.phone.has_no("fact", "deauthenticated"))
        self.assertEqual(self.counts()["wt_associations_total"], before["wt_associations_total"])
        self.assertGreater(self.latchkeyd.ask(op="status")["counts"]["refused"]["lwa.elsewhere"], 0)

    def test_theft_of_a_quiet_place(self):
        """T13, A02: of a station that says nothing for long, who knows its address may ask for an
        association as long as he likes: that there is has its place, its keys and its data."""
        self.world(**{"wt.retry_ms": 500})
        self.associate()
        request = next(f for f in self.phone.frames() if f[0] == 0)
        thieves = [self.start(lwa.Station(self.air)) for _ in range(2)]
        thief, _ = thieves
        for _ in range(20):
            nonces = set()
            for one in thieves:         # each place has an ANonce of its own
                one.say(lwa.authentication())
                one.say(request)
                heard = [one.hear() for _ in range(3)]
                self.assertEqual([frame[0] for frame in heard], [0xb0, 0x10, 0x08])
                nonces.add(heard[2][49:81])
            self.assertEqual(len(nonces), 2)
            time.sleep(0.2)
        self.assertEqual(self.phone.talk(b"mine"), b"mine")
        self.assertTrue(self.phone.has_no("fact", "deauthenticated"))
        self.assertIsNone(thief.hear(0.1))
        self.assertEqual(self.ues()[0]["port"], self.phone.port)
        self.assertEqual(self.counts()["wt_associations_total"], 1)

    def test_station_that_moves_and_sends(self):
        """spec: IEEE 802.11 11.3.2 - it is told that it has no association where it is now, and
        associates there; nobody elsewhere is told anything."""
        self.world()
        self.associate()
        port = world.free_port()
        old = self.phone.port
        self.phone.say("move", port)
        self.phone.wait("moved")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as left_behind:
            left_behind.bind(("127.0.0.1", old))
            left_behind.settimeout(0.2)

            def told():
                self.phone.say("up", lwa.DRB, "00")
                return not self.phone.has_no("fact", "deauthenticated", seconds=0.2)
            world.wait_for("word", told)
            with self.assertRaises(TimeoutError):
                left_behind.recv(4096)
        self.phone.fact("keyed")
        self.phone.fact("keyed")
        self.assertEqual(self.phone.talk(b"there"), b"there")
        self.assertEqual(self.ues()[0]["port"], port)

    def test_station_that_moves(self):
        """Its new place counts with a new association, which shows its key there."""
        self.world()
        self.associate()
        port = world.free_port()
        self.phone.say("move", port)
        self.phone.wait("moved")
        self.associate(octet=8)
        self.assertEqual(self.phone.talk(b"there"), b"there")
        self.assertEqual(self.ues()[0]["port"], port)

    def test_reload(self):
        """What is changed counts from then on; what cannot be is refused as a whole."""
        self.world()
        self.associate()
        self.latchkeyd.section(echo="false")
        self.assertTrue(self.latchkeyd.ask(op="reload")["ok"])
        with self.assertRaises(AssertionError):
            self.phone.talk(b"no echo", 0.5)
        self.latchkeyd.section(ues=5)
        answer = self.latchkeyd.ask(op="reload")
        self.assertFalse(answer["ok"])
        self.assertIn("wt.ues", answer["error"])
        self.latchkeyd.section()
        self.assertTrue(self.latchkeyd.ask(op="reload")["ok"])
        self.assertEqual(self.phone.talk(b"echo"), b"echo")

    def test_wt_first_in_a_laboratory(self):
        """T50: S3's option 1: the WT has the key first, and ends the association over it."""
        self.world(**{"laboratory": "true", "wt.deauth_on_mismatch": "true", "wt.retry_ms": 50})
        self.associate()
        self.enb.modify(self.phone.key(1))
        self.phone.wait("refusal", "rsn.pmkid-unknown")
        self.phone.fact("deauthenticated")
        self.phone.say("counter", 1)
        self.phone.fact("keyed")
        self.phone.fact("keyed")
        self.assertEqual(self.phone.talk(b"at last"), b"at last")

    def test_release_by_the_operator(self):
        self.world()
        self.associate()
        self.assertFalse(self.latchkeyd.ask(op="wt-release", station="02:00:00:00:00:09")["ok"])
        self.assertFalse(self.latchkeyd.ask(op="wt-release")["ok"])
        self.assertTrue(self.latchkeyd.ask(op="wt-release", station=lwa.PHONE.hex(":"))["ok"])
        self.enb.hear(lwa.RELEASE_REQUIRED)
        self.enb.say("release-confirm")
        self.phone.fact("deauthenticated")
        world.wait_for("release", lambda: not self.ues())


class TcpTest(Both, Wt):
    transport = "tcp"

    def test_strangers_on_xw(self):
        self.world()
        with socket.create_connection(("127.0.0.1", self.xw_port), 5, ("127.0.0.2", 0)) as stranger:
            self.assertEqual(stranger.recv(1), b"")
        self.wait_count("wt_xw_strangers_total", 1)
        self.associate()


class TlsTest(Wt):
    transport = "tcp"

    def setUp(self):
        super().setUp()
        self.made = radsec.Certificates(self.dir / "tls")
        self.made.ca("ca")
        for stem in ("wt", "enb", "other"):
            self.made.make(stem, f"{stem}.test")
        self.settings = {"wt.certificate": self.made.path("wt"), "wt.ca": self.made.path("ca"),
                         "wt.key": self.made.path("wt", "key")}

    def tls(self, stem):
        return ["--tls", self.made.path(stem), self.made.path(stem, "key"), self.made.path("ca")]

    def test_walk(self):
        """spec: TS 33.401 G.1 - what carries the key is protected"""
        Both.test_walk(self)

    def test_another_certificate(self):
        self.daemon()
        peer = self.start(xw.Peer("tcp", self.enb_port, [(self.xw_port, "dial", "wt.test")],
                                  *self.tls("other"), "--deaf"))
        peer.down()
        self.wait_count("wt_xw_strangers_total", 1)
        self.assertEqual(self.counts()["wt_enbs_up"], 0)


class CaptureTest(Wt):
    """What the daemon writes down, judged by tshark."""

    def seen(self, **more):
        file = self.dir / "wt.pcapng"
        self.world(akm=2, **{"wt.akm": "psk", "capture.file": file, **more})
        self.associate()
        self.assertEqual(self.phone.talk(b"\x80\x00secret"), b"\x80\x00secret")
        pmk = self.phone.key(1)
        self.phone.say("counter", 1)
        self.enb.modify(pmk)
        self.phone.fact("rekeyed")
        self.enb.hear(lwa.CONFIRMED)
        self.enb.release()
        self.phone.fact("deauthenticated")
        self.latchkeyd.stop()
        return file, self.phone.key(0)

    def test_tshark(self):
        """Messages 1 to 4 of the first handshake, data opened with the PMK, nothing broken."""
        file, pmk = self.seen(**{"capture.secrets": "true"})
        self.assertEqual(world.tshark(file, "-Y", world.BROKEN), [])
        numbers = world.tshark(file, "-Y", "eapol && wlan.fc.protected == 0", "-T", "fields", "-e",
                               "wlan_rsna_eapol.keydes.msgnr")
        self.assertEqual(numbers, ["1", "2", "3", "4"])
        keys = f'uat:80211_keys:"wpa-psk","{pmk.hex()}"'
        opened = world.tshark(file, "-o", "wlan.enable_decryption:TRUE", "-o", keys, "-Y",
                              "llc.type == 0x9e65", "-T", "fields", "-e", "data.data")
        self.assertEqual(opened, 2 * [bytes([lwa.DRB]).hex() + b"\x80\x00secret".hex()])
        lines = world.tshark(file, "-d", f"udp.port=={self.xw_port},sctp", "-o",
                             "sctp.checksum:crc 32c", "-Y", "sctp.chunk_type == 0", "-T",
                             "fields", "-e", "sctp.data_payload_proto_id", "-e",
                             "sctp.checksum.status")
        chunks = [chunk for line in lines for chunk in line.split("\t")[0].split(",")]
        self.assertEqual(chunks, 7 * ["58"])
        self.assertEqual({line.split("\t")[1] for line in lines}, {"1"})
        self.assertIn(pmk, file.read_bytes())

    def test_without_secrets(self):
        file, pmk = self.seen()
        self.assertEqual(world.tshark(file, "-Y", world.BROKEN), [])
        self.assertNotIn(pmk, file.read_bytes())


class CheckTest(world.Case):
    def refused(self, **settings):
        words = [f"--set={key}={value}" for key, value in {"roles": "[wt]", **settings}.items()]
        done = world.subprocess.run([str(world.LATCHKEYD), "--check", "-c",
                                     str(world.TOP / "conf/lab.yaml"), *words],
                                    text=True, capture_output=True, timeout=20, cwd=self.dir)
        return done.stderr if done.returncode != 0 else None

    def test_no_typed_key(self):
        """A03: there is no way to give a PMK or a passphrase."""
        self.assertIsNone(self.refused())
        for section in ("wt", "enb", "ue.lte"):
            for key in ("pmk", "psk", "passphrase", "wpa_passphrase", "password"):
                said = self.refused(**{f"{section}.{key}": "correct horse battery staple"})
                self.assertRegex(said, f"{section}.{key}: expected no key of the WLAN.*from the "
                                       "eNB only")
                self.assertNotIn("horse", said)
        self.assertIn("did you mean enb.lock_ms?", self.refused(**{"enb.lock": 5}))

    def test_wrong_order_in_a_laboratory_only(self):
        """T50: refused in production mode."""
        self.assertRegex(self.refused(**{"wt.deauth_on_mismatch": "true", "laboratory": "false"}),
                         "wt.deauth_on_mismatch: expected false outside a laboratory")
        self.assertIsNone(self.refused(**{"wt.deauth_on_mismatch": "true", "laboratory": "true"}))

    def test_xw_in_clear_in_a_laboratory_only(self):
        """A03: on loopback too, where any user of the machine can take a peer's place.

        spec: TS 33.401 G.1 - control over Xw has integrity and confidentiality"""
        for roles, sections in (("[wt]", ["wt"]), ("[vault, enb]", ["enb"]),
                                ("[aaa, vault, enb, wt]", ["enb", "wt"])):
            for transport in ("sctp", "tcp"):
                settings = {"roles": roles, **{f"{s}.xw": transport for s in ("enb", "wt")},
                            "enb.wt.port": 9899 if transport == "sctp" else 36462}
                with self.subTest(settings):
                    said = self.refused(**settings, laboratory="false")
                    for section in sections:
                        self.assertIn(f"{section}.xw: expected TLS outside a laboratory", said)
                    self.assertIsNone(self.refused(**settings, laboratory="true"))
        said = self.refused(roles="[aaa, vault]", laboratory="false")   # keys of its own it wants
        self.assertIn("mark_key", said)
        self.assertNotIn("xw", said)

    def test_xw_beyond_this_machine_needs_tls(self):
        """spec: TS 33.401 G.1 - control over Xw has integrity and confidentiality"""
        away = "[{name: e, address: 192.0.2.1}]"
        self.assertIn("in the clear beyond", self.refused(**{"wt.enbs": away}))
        self.assertIn("in the clear beyond", self.refused(**{"wt.enbs": away, "wt.xw": "tcp"}))
        files = {f"wt.{key}": f"/nowhere/{key}" for key in ("certificate", "key", "ca")}
        self.assertIn("/nowhere/", self.refused(**{"wt.enbs": away, "wt.xw": "tcp", **files}))
        self.assertIn("xw: tcp", self.refused(**files))
        for address in ("0.0.0.0", "192.0.2.1"):
            for settings in ({"wt.xw_listen": address}, {"wt.xw_listen": address, "wt.xw": "tcp"},
                             {"enb.xw_address": address, "roles": "[vault, enb]"}):
                with self.subTest(settings):
                    self.assertRegex(self.refused(**settings),
                                     f"{next(iter(settings))}: expected an address on loopback, "
                                     f"for Xw would be in the clear.*found '{address}'")
        self.assertIsNone(self.refused(**{"wt.xw_listen": "127.0.0.9"}))
        self.assertIsNone(self.refused(**{"enb.xw_address": "0.0.0.0", "roles": "[wt]"}))
        twice = "[{name: e, address: 127.0.0.1}, {name: e, address: 127.0.0.1}]"
        self.assertRegex(self.refused(**{"wt.enbs": twice}),
                         "(?s)name of its own.*place of its own")
        self.assertIn("not of a group", self.refused(**{"wt.bssid": "01:00:00:00:00:01"}))


if __name__ == "__main__":
    unittest.main()

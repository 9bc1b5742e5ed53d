"""What the room mis claims of its processes, against those who would have it otherwise: a count
that cannot be written, a backup of it, somebody else's DTLS, a link that is listened to; and tshark
over what daemons have captured. The device and the points of service are those of ue_mis_test."""
import resource
import select
import shutil
import socket
import struct
import threading
import time
import unittest

import dtls
import mis_home_test
import pos_test
import ue_mis_test
import world
from pos_test import A, B, C

SUITE = "PSK-AES128-GCM-SHA256"
NO_FILE_GROWS, ANY = (0, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class CountTest(pos_test.Pos, mis_home_test.HomeCase):
    world = ue_mis_test.MisTest.world
    neighbours = pos_test.WholeTest.neighbours
    mns = pos_test.WholeTest.mns
    ok = ue_mis_test.MisTest.ok

    def limit_files(self, limit):
        resource.prlimit(self.device.process_id(), resource.RLIMIT_FSIZE, limit)

    def test_a_count_that_cannot_be_written(self):
        """T40: a disk that takes nothing lets no K pass: the device authenticates with the target.
        The control is the same handover when the disk takes it again."""
        self.world()
        self.ok("mis-attach")
        self.limit_files(NO_FILE_GROWS)
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["pos"], answer["sa"], answer["reason"]),
                         (B, "full", "mis.count-not-kept"))
        self.assertEqual(self.mns()[B], ("eap", 0, False))
        self.limit_files(ANY)
        answer = self.ok("mis-handover", pos=C)
        self.assertEqual((answer["pos"], answer["sa"], answer["chain-used"]), (C, "optimised", 1))
        self.assertEqual(self.mns()[C], ("spos", 1, False))

    def test_a_count_that_has_no_place(self):
        """T40: without a place for the count the device does not begin."""
        for path, why in ((self.dir / "no" / "count", "No such file"),
                          (self.dir, "Is a directory")):
            ports = {stem: world.free_port() for stem in "abc"}
            device = ue_mis_test.Device(ports, ports, **{"ue.mis.count": path})
            with self.subTest(why), self.assertRaises(AssertionError):
                self.start(device)
            self.assertRegex(device.text(), f"ue.mis.count: .*{why}")

    def restart(self, file=None):
        self.device.stop()
        if file:
            shutil.copyfile(file, self.count)
        self.device.again()

    def test_a_backup_of_the_count(self):
        """T40: an older count that the owner puts back helps nobody: the SAs that it counted have
        ended with the process, and the next one is the home's. One torn slot is the other's count,
        and two are no count: the device does not begin."""
        self.world()
        self.count = self.device.where / "phone" / "ue-mis.count"
        self.assertTrue(self.count.exists(), list(self.count.parent.iterdir()))
        self.ok("mis-attach")
        backup = self.dir / "backup"
        shutil.copyfile(self.count, backup)
        for used, pos in enumerate((B, C), 1):
            self.assertEqual(self.ok("mis-handover", pos=pos)["chain-used"], used)
        self.restart(backup)
        status = self.ok("mis-status")
        self.assertEqual((status["sa"], status["chain-used"]), ("none", 0))
        refused = self.device.asks("mis-handover", pos=B)
        self.assertEqual((refused["ok"], refused["reason"]), (False, "mis.not-now"))
        self.assertEqual(self.ok("mis-attach")["sa"], "full")
        self.assertEqual(self.mns()[A], ("eap", 0, False))
        self.assertEqual(self.ok("mis-handover", pos=B)["chain-used"], 1)
        self.tear(1)
        self.tear(2)

    def tear(self, slots):
        self.device.stop()
        octets = bytearray(self.count.read_bytes())
        newest = max((0, 512), key=lambda at: struct.unpack_from("!Q", octets, at))
        for at in (newest, 512 - newest)[:slots]:
            octets[at + 24] ^= 1            # what is counted; the digest knows
        self.count.write_bytes(octets)
        if slots == 2:
            with self.assertRaises(AssertionError):
                self.device.again()
            self.assertIn("does not hold what it should", self.device.text())
            return
        self.device.again()
        self.assertIn(self.ok("mis-status")["chain-used"], (0, 1))

    def test_the_end_of_the_chain(self):
        """T40: the third one, and the device authenticates with its home in the background, before
        the next; which is optimised again."""
        self.world()
        self.ok("mis-attach")
        for used, pos in enumerate((B, C, A), 1):
            self.assertEqual(self.ok("mis-handover", pos=pos)["pos"], pos)
            if used < 3:
                self.assertEqual(self.mns()[pos], ("spos", used, False))
        world.wait_for("the home's SA", lambda: self.mns()[A] == ("eap", 0, False))
        status = self.ok("mis-status")
        self.assertEqual((status["pos"], status["sa"], status["chain-used"]), (A, "full", 0))
        answer = self.ok("mis-handover", pos=B)
        self.assertEqual((answer["sa"], answer["chain-used"]), ("optimised", 1))


class JudgeTest(pos_test.Pos, mis_home_test.HomeCase):
    world = ue_mis_test.MisTest.world
    neighbours = pos_test.WholeTest.neighbours
    mns = pos_test.WholeTest.mns
    ok = ue_mis_test.MisTest.ok

    def pos(self, points=None, **more):
        return super().pos(points, **{"capture.file": self.file, "capture.legs": "[mis]", **more})

    def test_tshark_takes_what_daemons_say_for_mih(self):
        for transport in ("tcp", "udp"):
            self.file = self.dir / f"{transport}.pcapng"
            self.world(**{"ue.mis.transport": transport})
            self.ok("mis-attach")
            for pos in (B, C):
                self.ok("mis-handover", pos=pos)
                self.ok("mis-ping")
            self.device.stop()
            self.daemon.stop()
            ports = [word for stem in "abc" for word in (
                "-d", f"udp.port=={self.port[stem]},mih")]
            told = world.tshark(self.file, *ports, "-T", "fields", "-e", "mih.tid",
                                "-e", "mih.opcode")
            with self.subTest(transport):
                self.assertEqual(len(told), len(world.tshark(self.file, *ports, "-Y", "mih")))
                self.assertGreater(len(told), {"tcp": 15, "udp": 25}[transport])
                for row in told:
                    self.assertRegex(row, r"^\d+\t0x000[123]$")
                self.assertEqual(world.tshark(self.file, *ports, "-Y", "_ws.malformed"), [])
            self.port = {}
            del self.planned


class Proxy(threading.Thread):
    """Between two PoS: who listens."""

    def __init__(self, to):
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.to, self.heard, self.ends = to, {True: b"", False: b""}, []

    def run(self):
        while True:
            try:
                one, _ = self.listening.accept()
                other = socket.create_connection(("127.0.0.1", self.to), 5)
            except OSError:
                return
            self.ends += [one, other]
            threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while True:
                for end in select.select([one, other], [], [])[0]:
                    octets = end.recv(65536)
                    if not octets:
                        raise OSError
                    self.heard[end is one] += octets
                    (other if end is one else one).sendall(octets)
        except (OSError, ValueError):
            one.close()
            other.close()

    def cut(self):
        self.listening.close()
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class WireTest(pos_test.Pos, mis_home_test.HomeCase):
    """mis_phone among PoS of which two speak through a proxy, and its PSKs."""
    neighbours = pos_test.WholeTest.neighbours
    mns = pos_test.WholeTest.mns
    hop = pos_test.WholeTest.hop
    ask = pos_test.WholeTest.ask

    def begin(self):
        self.aaa = self.home(**{"radius.clients[2].pos": C}).port
        self.dtls = {stem: world.free_port() for stem in "abc"}
        homes = [{"realm": world.REALM, "mark_key": self.public}]

        def points():
            rows = [self.point(stem, [other for other in "abc" if other != stem], homes=homes,
                               neighbours=self.neighbours(stem), dtls_port=self.dtls[stem])
                    for stem in "abc"]
            self.proxy = Proxy(self.link["b"])
            self.proxy.start()
            self.addCleanup(self.proxy.cut)
            rows[0]["partners"][0]["link_port"] = self.proxy.port   # of A, who calls B
            return rows
        self.pos(points, **{"capture.file": self.dir / "n2n.pcapng", "capture.legs": "[mis-n2n]",
                            "capture.secrets": "true"})
        self.wait_links({(one, other): True for one in (A, B, C) for other in (A, B, C)
                         if one != other})
        self.phone = self.start(pos_test.Phone("a.example", "b.example", "c.example"))
        self.phone.say("attach", A, self.planned["a"])
        _, (_, self.identity, key) = self.phone.wait("psk")
        self.key = bytes.fromhex(key)
        self.phone.wait("attached", A)
        self.name = self.daemon.command("pos", "mns").stdout.split()[0].encode()

    @staticmethod
    def records(octets):
        """Types of TLS records; what is no record fails."""
        types = []
        while octets:
            kind, version, length = struct.unpack("!BHH", octets[:5])
            assert version in (0x0301, 0x0303) and len(octets) >= 5 + length, octets[:5]
            types.append(kind)
            octets = octets[5 + length:]
        return types

    def test_what_goes_between_pos(self):
        """T46: all of it is TLS, and shows not even whose K it is; with the link down nothing goes,
        and the MN gets there in full."""
        self.begin()
        before = {way: len(octets) for way, octets in self.proxy.heard.items()}
        self.hop("b", B)
        self.assertEqual(self.mns()[B], ("spos", 1, False))
        for way, octets in self.proxy.heard.items():
            self.assertGreater(len(octets), before[way])
            self.assertLessEqual(set(self.records(octets)), {20, 22, 23})
            self.assertNotIn(self.name, octets)
        self.hop("c", C)
        self.hop("a", A)
        self.phone.wait("attached", A)                              # the end of the chain
        self.proxy.cut()
        world.wait_for("the link is down", lambda: not self.links()[(A, B)])
        said = {way: len(octets) for way, octets in self.proxy.heard.items()}
        self.phone.say("handover", B, self.planned["b"])
        self.phone.wait("attached", B)
        self.assertEqual(self.mns()[B], ("eap", 0, False))
        self.assertEqual({way: len(octets) for way, octets in self.proxy.heard.items()}, said)
        # The control: what was said over the link names the MN, where it is written in clear.
        self.daemon.stop()
        written = (self.dir / "n2n.pcapng").read_bytes()
        self.assertIn(self.name, written)
        self.assertNotIn(world.CARD.imsi.encode(), written)         # A06

    def up(self, stem, identity, key):
        with dtls.Openssl(("127.0.0.1", self.dtls[stem]), identity, key, SUITE,
                          "-dtls1_2") as peer:
            if not peer.up(3):
                return None
            peer.say(pos_test.acked(pos_test.message(
                pos_test.REQUEST, pos_test.CAPABILITY_DISCOVER, f"pos@{stem}.example",
                mn=self.name)))
            peer.until(lambda: len(peer.octets) > 8, 5)
            return pos_test.read(peer.octets)

    def test_dtls_of_somebody_else(self):
        """T41: openssl with the MN's identity and PSK is heard as the MN, and nobody is with
        another key, another identity, or the same at another PoS."""
        self.begin()
        opcode, action, tlvs = self.up("a", self.identity, self.key)
        self.assertEqual((opcode, action), (pos_test.RESPONSE, pos_test.CAPABILITY_DISCOVER))
        self.assertIn(pos_test.CAPABILITY, tlvs)
        wrong = bytes([self.key[0] ^ 1]) + self.key[1:]
        self.assertIsNone(self.up("a", self.identity, wrong))
        for key in (self.key, bytes(len(self.key))):
            self.assertIsNone(self.up("a", "somebody", key))
        self.assertIsNone(self.up("b", self.identity, self.key))
        self.assertIsNotNone(self.up("a", self.identity, self.key))


if __name__ == "__main__":
    unittest.main()

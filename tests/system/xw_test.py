"""io/xw: both ends in processes of their own, over SCTP in UDP and over TCP, in good order, with
dead and deaf peers, strangers and floods; tshark judges what SCTP sent."""
import json
import os
import random
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import radsec  # noqa: E402
import world  # noqa: E402
import xw  # noqa: E402

VECTORS = json.loads((world.TOP / "tests/vectors/xwap.json").read_text())
SILENT_S = xw.SILENT_MS / 1000
RETRY_S = 2.5       # a try under way, the longest wait between two, and some
LARGEST = 8192


def resident(process):
    """Octets of memory that it has."""
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def fill(peer, size):
    """Sends until nothing more is taken: by the kernel first, then by the queue."""
    count, more = 0, 1
    while more > 0:
        peer.say("fill", 0, size)
        more = int(peer.wait("filled")[1][1])
        count += more
    return count


def gone(end):
    try:
        return end.recv(1) == b""
    except ConnectionResetError:
        return True


class Ends(world.Case):
    """eNB dials, WT is dialled."""

    transport = "sctp"

    def ports(self):
        kind = socket.SOCK_DGRAM if self.transport == "sctp" else socket.SOCK_STREAM
        return world.free_port(kind), world.free_port(kind)

    def wt(self, *options):
        return self.start(xw.Peer(self.transport, self.at_wt, [(self.at_enb, "wait")], *options))

    def enb(self, *options):
        if self.transport == "tcp":
            options += ("--deaf",)
        return self.start(xw.Peer(self.transport, self.at_enb, [(self.at_wt, "dial")], *options))

    def pair(self):
        self.at_wt, self.at_enb = self.ports()
        wt = self.wt()
        enb = self.enb()
        self.assertNotEqual(wt.up(), 0)
        self.assertNotEqual(enb.up(), 0)
        return wt, enb


class Both:
    """What is the same over SCTP and TCP."""

    def test_messages_keep_their_boundaries(self):
        wt, enb = self.pair()
        messages = [b"\x01", b"\x02" * 7, b"\x03" * LARGEST, b"\x04" * 1400, b"\x05"]
        for message in messages:
            enb.say("send", 0, message.hex())
            wt.say("send", 0, message[::-1].hex())
        self.assertEqual([wt.message() for _ in messages], messages)
        self.assertEqual([enb.message() for _ in messages], messages)
        enb.say("send", 0, "06" * (LARGEST + 1))
        enb.wait("not-sent", "length")
        enb.say("send", 1, "06")
        enb.wait("not-sent", "not-found")

    def test_thousand_messages_in_order_both_ways(self):
        wt, enb = self.pair()
        enb.say("burst", 0, 1000, 300)
        wt.say("burst", 0, 1000, 300)
        for end in wt, enb:
            end.wait("numbered", "1000")
            self.assertEqual(end.said("disorder"), 0)

    def test_peer_killed_and_back(self):
        """A dead peer is down within the time, is dialled until it is back, and its association
        has another number then."""
        wt, enb = self.pair()
        wt.kill()
        since = time.monotonic()
        first, why, _ = enb.down(SILENT_S + 1)
        self.assertIn(why, ("silent", "closed", "broken"))
        self.assertLess(time.monotonic() - since, SILENT_S + 0.5)
        enb.say("send", 0, "01")
        enb.wait("not-sent", "not-found")
        self.assertEqual(enb.down()[:2], (0, "unreachable"))
        wt = self.wt()
        wt.up(RETRY_S)
        second = enb.up(RETRY_S)
        self.assertNotIn(second, (0, first))
        wt.say("send", 0, "0203")
        self.assertEqual(enb.message(), b"\x02\x03")
        enb.kill()
        self.assertIn(wt.down(SILENT_S + 1)[1], ("silent", "closed", "broken"))
        self.enb().up(RETRY_S)
        wt.up(RETRY_S)

    def test_stopped_peer_is_silent_and_its_queue_bounded(self):
        wt, enb = self.pair()
        os.kill(wt.process.pid, signal.SIGSTOP)
        since = time.monotonic()
        before = resident(enb.process)
        self.assertGreater(fill(enb, LARGEST), 2)
        enb.say("send", 0, "07" * LARGEST)
        enb.wait("not-sent", "full")
        self.assertLess(resident(enb.process) - before, 1 << 20)
        self.assertEqual(enb.down(SILENT_S + 1)[1], "silent")
        self.assertLess(time.monotonic() - since, SILENT_S + 0.5)
        os.kill(wt.process.pid, signal.SIGCONT)
        enb.up(RETRY_S)
        wt.up(RETRY_S)

    def test_confined_as_a_worker_is(self):
        """It begins after Landlock and the list of what is forbidden, so that each thread of it is
        under them; SCTP has one thread, which sleeps, beside ours."""
        self.at_wt, self.at_enb = self.ports()
        wt, enb = self.wt("--confined"), self.enb("--confined")
        wt.up()
        enb.up()
        enb.say("burst", 0, 100, 3000)
        wt.wait("numbered", "100")
        for end in wt, enb:
            tasks = list(Path(f"/proc/{end.process.pid}/task").iterdir())
            self.assertEqual(len(tasks), 2 if self.transport == "sctp" else 1)
            for task in tasks:
                self.assertIn("\nSeccomp:\t2\n", (task / "status").read_text())
        wt.kill()
        enb.down(SILENT_S + 1)
        self.wt("--confined").up(RETRY_S)

    def test_close_is_seen_and_dialled_anew(self):
        wt, enb = self.pair()
        enb.say("close", 0)
        self.assertEqual(wt.down()[1], "closed")
        enb.up(RETRY_S)
        wt.up(RETRY_S)
        wt.say("quit")
        self.assertEqual(wt.process.wait(5), 0)
        self.assertEqual(enb.down()[1], "closed")
        enb.say("quit")
        self.assertEqual(enb.process.wait(5), 0)


class SctpTest(Both, Ends):
    def stranger(self, port=0, address="127.0.0.1"):
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(end.close)
        end.bind((address, port))
        end.connect(("127.0.0.1", self.at_wt))
        end.settimeout(1)
        return end

    def lone_wt(self, *options):
        self.at_wt, self.at_enb = self.ports()
        wt = self.wt(*options)
        return wt

    def test_strangers_never_reach_the_stack(self):
        """The peer's address with another port, another address with the peer's port: counted, and
        not answered."""
        wt = self.lone_wt()
        for end in self.stranger(), self.stranger(self.at_enb, "127.0.0.2"):
            for tag in range(1, 501):
                end.send(xw.packet(5000, 36462, 0, xw.init(tag)))
            with self.assertRaises(TimeoutError):
                end.recv(4096)
        self.assertEqual(wt.stats()["strangers"], 1000)
        right = self.stranger(self.at_enb)
        right.send(xw.packet(5000, 36462, 0, xw.init(7)))
        self.assertEqual(right.recv(4096)[12], 2)       # INIT ACK

    def test_checksum(self):
        """spec: RFC 6951 5.2 - the checksum is looked at inside UDP too."""
        wt = self.lone_wt()
        end = self.stranger(self.at_enb)
        good = xw.packet(5000, 36462, 0, xw.init(7))
        end.send(good[:8] + bytes(4) + good[12:])
        end.send(good[:8] + bytes([good[8] ^ 1]) + good[9:])
        with self.assertRaises(TimeoutError):
            end.recv(4096)
        end.send(good)
        octets = end.recv(4096)
        self.assertEqual(octets[8:12],
                         struct.pack("<I", xw.crc32c(octets[:8] + bytes(4) + octets[12:])))
        self.assertEqual(wt.stats()["strangers"], 0)

    def test_flood_of_inits_costs_nothing(self):
        """4,000 INITs from the peer's own address: each is answered from no memory."""
        wt = self.lone_wt()
        end = self.stranger(self.at_enb)
        end.setblocking(False)

        def flood(count):
            for i in range(count):
                end.send(xw.packet(1024 + i % 60000, 36462, 0, xw.init(i + 1)))
                if i % 50 == 49:
                    wt.stats()      # it has seen them
                    try:
                        while True:
                            end.recv(4096)
                    except BlockingIOError:
                        pass
            return wt.stats()["heap"]

        flood(200)
        before, heap = resident(wt.process), flood(200)
        self.assertLess(abs(flood(4000) - heap), 1 << 16)
        self.assertLess(resident(wt.process) - before, 1 << 20)
        end.close()
        self.enb().up()
        wt.up()

    def test_cut_and_random_packets(self):
        """Every truncation of real packets, as it is and with the checksum made right, and 4,000
        octet strings of a seed: nothing ends, nothing grows, and the peer comes up after it."""
        wt = self.lone_wt()
        end = self.stranger(self.at_enb)
        dice = random.Random(4)
        whole = [xw.packet(5000, 36462, 0, xw.init(9)),
                 xw.packet(5000, 36462, 5, xw.chunk(0, struct.pack("!IHHI", 1, 0, 0, 58) + b"abc",
                                                    3)),
                 xw.packet(5000, 36462, 5, xw.chunk(10, bytes(200))),
                 xw.packet(5000, 36462, 5, xw.chunk(3, struct.pack("!IIHH", 1, 9, 2, 1) + bytes(8)),
                           xw.chunk(4, bytes(40)), xw.chunk(0x81, bytes(16)),
                           xw.chunk(0xc1, bytes(24)), xw.chunk(0x82, bytes(12)))]
        for octets in whole:
            for size in range(len(octets)):
                end.send(octets[:size])
                if size >= 12:
                    end.send(xw.packet(5000, 36462, int.from_bytes(octets[4:8], "big"),
                                       octets[12:size]))
        wt.stats()
        before = resident(wt.process)
        for i in range(4000):
            body = dice.randbytes(dice.randrange(200))
            if i % 2:
                body = bytes([dice.choice((0, 1, 2, 3, 6, 10, 0x40, 0x80, 0xc0))]) + body
            end.send(xw.packet(5000, 36462, dice.choice((0, 9, dice.randrange(1 << 32))), body))
            if i % 50 == 49:
                wt.stats()
        self.assertLess(resident(wt.process) - before, 1 << 20)
        end.close()
        self.enb().up()
        wt.up()

    def test_hostile_inside_an_association(self):
        """Cut and altered copies of what the peer itself sends, injected from its address with its
        tags: the association may end, the process may not, and it comes up again."""
        self.at_wt, self.at_enb = self.ports()
        middle = self.start(Middle(self.at_wt, self.at_enb))
        wt = self.start(xw.Peer("sctp", self.at_wt, [(middle.to_wt_port, "wait")]))
        enb = self.start(xw.Peer("sctp", self.at_enb, [(middle.to_enb_port, "dial")]))
        enb.up()
        wt.up()
        for i in range(200):
            enb.say("send", 0, bytes([i] * (i + 1)).hex())
        wt.wait("message", "0", (bytes([199]) * 200).hex())
        dice = random.Random(6)
        kept = list(middle.kept)
        for octets in dice.sample(kept, min(60, len(kept))):
            for _ in range(40):
                body = bytearray(octets[12:dice.randrange(12, len(octets) + 1)])
                for _ in range(dice.randrange(4)):
                    if body:
                        body[dice.randrange(len(body))] = dice.randrange(256)
                middle.inject(xw.packet(*struct.unpack("!HHI", octets[:8]), bytes(body)))
            wt.stats()
        wt.say("stats")
        wt.wait("stats")
        deadline = time.monotonic() + SILENT_S + RETRY_S + 5
        while time.monotonic() < deadline:
            enb.say("send", 0, "beef")
            try:
                wt.wait("message", "0", "beef", seconds=0.5)
                return
            except AssertionError:
                continue
        self.fail("it does not come up again")

    def test_another_protocol_is_dropped(self):
        self.at_wt, self.at_enb = self.ports()
        wt, enb = self.wt("--ppid", 59), self.enb()
        wt.up()
        enb.up()
        enb.say("send", 0, "01")
        enb.wait("sent")
        world.wait_for("the drop", lambda: wt.stats()["ppid_wrong"] == 1)
        self.assertEqual(wt.stats()["received"], 0)

    def test_who_comes_anew_replaces_its_shadow(self):
        """A peer that was killed and is back before it was missed; nothing stays of the shadows."""
        wt, enb = self.pair()
        heap = []
        for _ in range(8):
            enb.kill()
            enb = self.enb()
            enb.up()
            self.assertEqual(wt.down(1)[1], "replaced")
            wt.up()
            heap.append(wt.stats()["heap"])
        self.assertLess(heap[-1] - heap[1], 8192)
        enb.say("send", 0, "aa")
        self.assertEqual(wt.message(), b"\xaa")

    def test_two_peers_apart(self):
        """Each row has an association of its own, and only it hears what is said to it."""
        self.at_wt, first = self.ports()
        second, _ = self.ports()
        wt = self.start(xw.Peer("sctp", self.at_wt, [(first, "wait"), (second, "wait")]))
        ends = [self.start(xw.Peer("sctp", port, [(self.at_wt, "dial")]))
                for port in (first, second)]
        for i, end in enumerate(ends):
            end.up()
            wt.wait("up", str(i))
            wt.say("send", i, f"0{i}")
            self.assertEqual(end.message(), bytes([i]))
        ends[0].say("send", 0, "aa")
        wt.wait("message", "0", "aa")
        ends[0].kill()
        wt.wait("down", "0", seconds=SILENT_S + 1)
        ends[1].say("send", 0, "bb")
        wt.wait("message", "1", "bb")

    def test_beyond_loopback_is_refused(self):
        """spec: TS 33.401 G.1 - Xw control would carry the key in the clear."""
        port = world.free_port()
        for transport, options in (("sctp", ()), ("tcp", ("--deaf",))):
            end = xw.Peer(transport, port, [(36462, "dial", "peer", "192.0.2.1")], *options)
            end.first_word = "cannot"
            end.start(self.dir)
            self.addCleanup(end.stop)
            self.assertEqual(end.process.wait(5), 1)
            words = " ".join(end.first)
            self.assertIn("192.0.2.1", words)
            self.assertIn("TCP with certificates", words)

    def test_wireshark_reads_it(self):
        """tshark finds SCTP in UDP with right checksums, and our messages in its DATA chunks under
        the payload protocol that it calls XwAP. (It has no dissector of XwAP itself.)"""
        self.at_wt, self.at_enb = self.ports()
        capture = self.start(world.Capture(self.at_wt))
        wt, enb = self.wt(), self.enb()
        wt.up()
        enb.up()
        messages = [bytes.fromhex(v["aper"]) for v in VECTORS["vectors"] if "aper" in v]
        for message in messages:
            enb.say("send", 0, message.hex())
        self.assertEqual([wt.message() for _ in messages], messages)
        file = capture.closed()
        decode = ["-d", f"udp.port=={self.at_wt},sctp", "-o", "sctp.checksum:crc 32c"]
        lines = world.tshark(file, *decode, "-Y", "sctp.chunk_type == 0", "-T", "fields", "-e",
                             "sctp.data_payload_proto_id", "-e", "sctp.dstport", "-e", "data.data")
        rows = [line.split("\t") for line in lines]
        self.assertEqual({port for _, port, _ in rows}, {"36462"})
        self.assertEqual({ppid for row in rows for ppid in row[0].split(",")}, {"58"})
        self.assertEqual([octets for row in rows for octets in row[2].split(",")],
                         [message.hex() for message in messages])
        words = "\n".join(world.tshark(file, *decode, "-V", "-Y", "sctp.chunk_type == 0"))
        self.assertIn("Payload protocol identifier: XwAP (58)", words)
        self.assertEqual(world.tshark(file, *decode, "-Y", "!sctp || " + world.BROKEN), [])
        self.assertEqual(set(world.tshark(file, *decode, "-T", "fields", "-e",
                                          "sctp.checksum.status")), {"1"})


class Middle:
    """Between two ends of SCTP: keeps what goes to the WT, and can inject."""

    def __init__(self, at_wt, at_enb):
        self.at_wt, self.at_enb, self.kept, self.open = at_wt, at_enb, [], True
        self.wt_side, self.enb_side = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                                       for _ in range(2))
        for side in self.wt_side, self.enb_side:
            side.bind(("127.0.0.1", 0))
        self.to_wt_port = self.wt_side.getsockname()[1]
        self.to_enb_port = self.enb_side.getsockname()[1]

    def start(self, where):
        for one, other in ((self.enb_side, self.wt_side), (self.wt_side, self.enb_side)):
            threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        while self.open:
            try:
                octets = one.recv(65536)
                if other is self.wt_side:
                    self.kept.append(octets)
                other.sendto(octets, ("127.0.0.1", self.at_wt if other is self.wt_side
                                      else self.at_enb))
            except OSError:
                return

    def inject(self, octets):
        self.wt_side.sendto(octets, ("127.0.0.1", self.at_wt))

    def stop(self):
        self.open = False
        self.wt_side.close()
        self.enb_side.close()


class TcpTest(Both, Ends):
    transport = "tcp"

    def plain(self, wt):
        """A peer that says that it lives, once."""
        end = socket.create_connection(("127.0.0.1", self.at_wt))
        self.addCleanup(end.close)
        end.send(bytes(4))
        return end

    def lone_wt(self):
        self.at_wt, self.at_enb = self.ports()
        wt = self.wt()
        return wt

    def test_frames(self):
        """Cut anywhere, the messages are the same; probes come and go; a length beyond XwAP's ends
        it."""
        wt = self.lone_wt()
        end = self.plain(wt)
        wt.up()
        for octet in struct.pack("!I", 3) + b"abc" + bytes(4) + struct.pack("!I", 1) + b"d":
            end.send(bytes([octet]))
        self.assertEqual([wt.message(), wt.message()], [b"abc", b"d"])
        end.settimeout(SILENT_S)
        self.assertEqual([end.recv(4), end.recv(4)], [bytes(4), bytes(4)])
        end.send(struct.pack("!I", LARGEST + 1))
        self.assertEqual(wt.down()[1], "too-long")

    def test_one_association_a_row(self):
        wt = self.lone_wt()
        first = self.plain(wt)
        wt.up()
        for _ in range(50):
            second = self.plain(wt)
            second.settimeout(5)
            self.assertTrue(gone(second))
        first.send(struct.pack("!I", 1) + b"x")
        self.assertEqual(wt.message(), b"x")
        self.assertEqual(wt.stats()["strangers"], 50)

    def test_who_lives_and_does_not_read(self):
        """Its queue is bounded for as long as it says that it lives."""
        wt = self.lone_wt()
        end = self.plain(wt)
        wt.up()
        before = resident(wt.process)
        fill(wt, LARGEST)
        until = time.monotonic() + SILENT_S + 0.5
        while time.monotonic() < until:
            end.send(bytes(4))
            wt.say("fill", 0, LARGEST)
            time.sleep(0.1)
        self.assertEqual(wt.stats()["down"], 0)
        self.assertLess(resident(wt.process) - before, 1 << 20)

    def test_who_says_nothing_is_silent(self):
        wt = self.lone_wt()
        self.plain(wt)
        wt.up()
        since = time.monotonic()
        self.assertEqual(wt.down(SILENT_S + 1)[1], "silent")
        self.assertGreater(time.monotonic() - since, SILENT_S - 0.5)


class TlsTest(Both, Ends):
    transport = "tcp"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lk-xw-")
        cls.addClassCleanup(cls.folder.cleanup)
        made = cls.made = radsec.Certificates(cls.folder.name)
        made.ca("ca")
        made.ca("other-ca")
        made.make("wt", "wt.example.org")
        made.make("enb", "enb.example.org")
        made.make("stranger", "nobody.example.org")
        made.make("untrusted", "enb.example.org", ca="other-ca")
        made.make("false-wt", "wt.example.org", ca="other-ca")

    def tls(self, stem):
        return "--tls", self.made.path(stem), self.made.path(stem, "key"), self.made.path("ca")

    def wt(self, *options, stem="wt"):
        return self.start(xw.Peer("tcp", self.at_wt, [(self.at_enb, "wait", "enb.example.org")],
                                  *self.tls(stem), *options))

    def enb(self, *options, stem="enb"):
        return self.start(xw.Peer("tcp", self.at_enb, [(self.at_wt, "dial", "wt.example.org")],
                                  "--deaf", *self.tls(stem), *options))

    def test_wrong_certificates_are_refused(self):
        """spec: TS 33.401 G.1 - who is at the other end of Xw has proven it."""
        self.at_wt, self.at_enb = self.ports()
        wt = self.wt()
        for stem, why in (("stranger", "unknown"), ("untrusted", "untrusted")):
            enb = self.enb(stem=stem)
            self.assertEqual(enb.down()[0], 0)
            number, word, detail = wt.down()
            self.assertEqual((number, word), (0, "tls"))
            self.assertIn(why, detail)
            self.assertEqual(enb.stats()["up"] + wt.stats()["up"], 0)
            enb.kill()
        plain = self.start(xw.Peer("tcp", self.at_enb, [(self.at_wt, "dial")], "--deaf"))
        self.assertIn("not-tls", wt.down()[2])
        self.assertEqual(plain.stats()["up"] + wt.stats()["up"], 0)
        plain.kill()
        wt.kill()
        wt = self.wt(stem="false-wt")
        enb = self.enb()
        self.assertIn("untrusted", enb.down()[2])
        self.assertEqual(enb.stats()["up"], 0)

    def test_certificate_of_a_peer_from_another_address(self):
        self.at_wt, self.at_enb = self.ports()
        wt = self.start(xw.Peer("tcp", self.at_wt, [(0, "wait", "enb.example.org", "127.0.0.2")],
                                *self.tls("wt")))
        self.enb()
        self.assertIn("another address", wt.down()[2])
        self.assertEqual(wt.stats()["up"], 0)

    def test_who_comes_anew_replaces_its_shadow(self):
        wt, enb = self.pair()
        os.kill(enb.process.pid, signal.SIGSTOP)
        anew = self.enb()
        anew.up()
        self.assertEqual(wt.down(1)[1], "replaced")
        wt.up()
        anew.say("send", 0, "aa")
        self.assertEqual(wt.message(), b"\xaa")
        os.kill(enb.process.pid, signal.SIGCONT)


if __name__ == "__main__":
    unittest.main()

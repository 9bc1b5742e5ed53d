"""Role pos under strangers (T44), sent by bench/mis_flood: MIS over UDP from thousands of
addresses, each message honest to look at and of a name of its own; and connections that prove
nothing. A mobile node attaches and is handed over meanwhile. What the process weighs is looked at,
and each test has a control run without the limit that it is about."""
import json
import socket
import struct
import subprocess
import time
import unittest
from pathlib import Path

import ue_mis_test
import world
from pos_test import A, B

RATE, SECONDS = 8000, 3
CONNECTIONS = 800
ALL_PLACES_KIB = 80000
FLAT_KIB = 768      # what is measured moves by so much by itself


class StrangersTest(ue_mis_test.MisCase):
    def flood(self, *options):
        command = [world.BUILD / "bench" / "mis_flood", self.port["a"], A, *map(str, options)]
        process = subprocess.Popen(list(map(str, command)), text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        return process

    def kib(self):
        """Of the process that serves, without what it shares."""
        parent = self.daemon.process.pid
        [pos] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        lines = Path(f"/proc/{pos}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))

    def datagrams(self, **more):
        """Of a second flood what the process weighs more: the first has filled what there is."""
        self.world(pos=more)
        weights = []
        for _ in range(2):
            sender = self.flood("--rate", RATE, "--seconds", SECONDS)
            time.sleep(0.5)
            self.ok("mis-attach")
            self.ok("mis-ping")
            self.assertEqual(self.ok("mis-handover", pos=B)["sa"], "optimised")
            self.sent = json.loads(sender.stdout.readline())["sent"]
            weights.append(self.kib())
        return weights

    def test_datagrams_of_strangers_cost_no_memory(self):
        """T44: neither rows nor places of theirs grow, and all of it is answered or dropped."""
        first, second = self.datagrams()
        self.assertLess(first, ALL_PLACES_KIB)
        self.assertLess(second - first, FLAT_KIB)
        self.assertLessEqual(self.own("pos_authentications"), 33)
        self.assertEqual(self.own("pos_mns"), 2)
        self.assertGreater(self.own("pos_displaced_total"), self.sent // 4)
        self.assertGreater(self.own("pos_strangers_total"), self.sent // 4)
        self.assertGreater(self.own("pos_unknown_sa_total"), self.sent // 4)
        self.assertEqual(self.own("pos_full_total"), 0)

    def test_without_a_limit_they_would(self):
        """T44: the control run: as many places for the unproven as there are strangers."""
        first, _ = self.datagrams(**{"pos.authentications": 16384})
        self.assertGreater(first, ALL_PLACES_KIB)

    def connect(self, **more):
        self.world(pos=more)
        self.ok("mis-attach")
        before = self.kib()
        told = json.loads(self.flood("--connections", CONNECTIONS).stdout.readline())
        self.assertEqual(told["connected"], CONNECTIONS)
        grown = self.kib() - before
        self.assertEqual(self.ok("mis-handover", pos=B)["sa"], "optimised")
        return grown, told["there"]

    def test_connections_of_strangers_are_capped(self):
        """T44: the cap's worth stay, the oldest gives way; the mobile node's is none of them."""
        grown, there = self.connect(**{"pos.streams": 32})
        self.assertLess(grown, FLAT_KIB)
        self.assertLess(there, 32)
        self.assertGreaterEqual(self.own("pos_streams_displaced_total"), CONNECTIONS - 32)

    def test_without_a_cap_they_stay(self):
        """T44: the control run."""
        _, there = self.connect(**{"pos.streams": 1024})
        self.assertEqual(there, CONNECTIONS)

    def begin(self, mn, source="127.0.0.1"):
        """A stream of a stranger who wants to be authenticated, and how much it is answered."""
        def tlv(kind, value):
            return bytes([kind, len(value)]) + value

        names = [tlv(1, bytes([len(one)]) + one) for one in (mn, A.encode())]
        names[1] = b"\2" + names[1][1:]
        tlvs = names + [tlv(202, bytes(range(16))), tlv(206, b"\1"), tlv(207, b"\x20")]
        body = b"".join(tlvs)
        stream = socket.create_connection(("127.0.0.1", self.port["a"]), 5, (source, 0))
        stream.settimeout(1)
        stream.sendall(struct.pack("!BBHHH", 0x10, 0, 1 << 12 | 3 << 10 | 6, 1, len(body)) + body)
        try:
            return stream, len(stream.recv(4096))
        except socket.timeout:
            return stream, 0

    def test_who_hangs_up_leaves_its_place(self):
        """T44: an address has eight places, which come back as its streams end; the control run
        keeps the streams open, and gets no ninth."""
        self.world()
        for i in range(20):
            stream, answered = self.begin(b"m%d@home.example" % i, "127.0.7.1")
            stream.close()
            self.assertGreater(answered, 0, i)
        held = [self.begin(b"h%d@home.example" % i, "127.0.7.2") for i in range(9)]
        for stream, _ in held:
            self.addCleanup(stream.close)
        self.assertEqual([answered > 0 for _, answered in held], [True] * 8 + [False])


if __name__ == "__main__":
    unittest.main()

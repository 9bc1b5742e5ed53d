"""A download by the kernel's TCP while its device goes from the trusted WLAN to Mobile IP, from
place to place, and behind a translator: real packets, one address, one connection (T14)."""
import re
import sqlite3
import struct
import subprocess
import sys
import unittest

import tun_apart_test as apart
import ue_mip_test as mobile
import world


@unittest.skipUnless(apart.can(), "not root, or there is no TUN device on this machine")
class MovesTest(mobile.MipCase):
    def setUp(self):
        super().setUp()
        self.begin(network={"anchor.tun": "lk0", "anchor.tun_in": "apart"},
                   **{"ue.tun": "lk0", "ue.attach": "true"})
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        self.way = ["ue", "run", "--socket", self.phone.socket, "--"]
        self.behind = ["anchor", "run", "-c", self.network.config,
                       f"--set=control={self.network.sets['state_dir']}/control.sock", "--"]
        self.stream = self.dir / "stream.py"
        self.stream.write_text(apart.STREAM)

    def octets(self, way):
        """Of packets that came out of the TUN to the kernel there, and went into it."""
        done = subprocess.run([str(world.LATCHKEY), *map(str, way), "cat", "/proc/net/dev"],
                              capture_output=True, text=True, timeout=30)
        fields = re.search(r"lk0:(.*)", done.stdout)[1].split()
        return int(fields[0]), int(fields[8])

    def come(self):
        """Octets of the stream, so far."""
        return int(([0] + re.findall(r"(?m)^(\d+)$", self.client.text()))[-1])

    def goes_on(self):
        before = self.come()
        world.wait_for("the stream goes on", lambda: self.come() > before or
                       "all" in self.client.text(), 60)

    def by(self, access, address):
        told = self.phone.asks("namespace")
        self.assertEqual((told["by"], told["address"]), (access, address))

    def marked(self):
        """Octets down of the epochs that are over."""
        store = f"{self.network.sets['state_dir']}/store/latchkey.db"
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as reading:
            rows = [row for row, in reading.execute("SELECT row FROM epoch_mark")]
        return [struct.unpack(">QQQQ", row[2 + row[1]:])[3] for row in rows]

    def test_a_download_moves_along(self):
        connected = self.phone.asks("connect", **{"as": "browser", "apn": "internet",
                                                  "type": "ipv4"})
        self.assertTrue(connected["ok"], connected)
        home = connected["address"]
        self.by("wlan", home)
        server = self.start(apart.InNamespace(*self.behind, sys.executable, self.stream, "server",
                                              apart.SERVER))
        server.wait_line("^listening", 30)
        self.client = self.start(apart.InNamespace(*self.way, sys.executable, self.stream, "client",
                                                   apart.SERVER))
        self.client.wait_line("^[1-9][0-9]{4}", 60)
        for op, at in (("mip-register", "a"), ("mip-move", "b"), ("mip-move", "nat")):
            answer = self.does(op, at=at)
            self.assertEqual(answer["home-address"], home)
            self.by("mobile-ip", home)
            self.goes_on()
        self.client.wait_line("^(all|lost)", 120)
        self.assertRegex(self.client.text(), "(?m)^all$")
        server.process.wait(30)
        # One row for both protocols; the device is charged for what it got, and for what was on the
        # way to the place that it left. Each place is an epoch of its own, the last still counts.
        row = self.binding()
        world.wait_for("three epochs are marked", lambda: len(self.marked()) == 3)
        charged = row["down_octets"] + sum(self.marked())
        got, _ = self.octets(self.way)
        _, given = self.octets(self.behind)
        self.assertEqual(row["ipv4"], home)
        self.assertGreater(got, apart.COUNT)
        self.assertTrue(all(octets > 10000 for octets in self.marked()), self.marked())
        self.assertLessEqual(got, charged)
        self.assertLessEqual(charged, given)
        self.does("mip-release")
        # The row was Mobile IP's, and is gone: what the WLAN had before serves nobody any more.
        self.by("nothing", home)
        self.does("detach")
        self.does("attach")
        again = self.does("connect", **{"as": "browser", "apn": "internet", "type": "ipv4"})
        self.assertEqual(again["address"], home)
        self.by("wlan", home)


if __name__ == "__main__":
    unittest.main()

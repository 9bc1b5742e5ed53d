"""The anchor's TUN device, in a network namespace of the test's own: a device speaks with the
kernel behind the anchor. The test runs itself again inside the namespace."""
import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import pmip  # noqa: E402
import world  # noqa: E402

INSIDE = "LK_IN_NAMESPACE"
ENTER = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user",
                                                        "--net"]
OUTSIDE = "192.0.2.1"
FLOOD = 1000000 if "LK_LONG" in os.environ else 60000
FLOOD_RATE = 16667      # a second: a million in a minute


def cpu_of(pid):
    """Seconds that a process has taken so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def can_enter():
    probe = "ip link set lo up && ip tuntap add lkprobe mode tun"
    return subprocess.run([*ENTER, "sh", "-c", probe], capture_output=True,
                          timeout=20).returncode == 0


@unittest.skipIf(INSIDE in os.environ, "outside only")
class NamespaceTest(unittest.TestCase):
    def test_in_a_namespace(self):
        world.need("ip")
        if not can_enter():
            self.skipTest("this machine lets nobody make a network namespace with a TUN device")
        setup = f"ip link set lo up && ip addr add {OUTSIDE}/32 dev lo && exec \"$@\""
        done = subprocess.run([*ENTER, "sh", "-c", setup, "sh", sys.executable, __file__],
                              env={**os.environ, INSIDE: "1"}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=200)
        text = done.stdout.decode(errors="replace")
        self.assertEqual(done.returncode, 0, text)
        self.assertIn("OK", text)


class Inside(world.Case):
    def test_a_device_reaches_the_network(self):
        daemon = self.start(pmip.Anchor(**{"anchor.tun": "lk0"}))
        mag = pmip.Mag(daemon, "mag-1").connect()
        self.addCleanup(mag.close)
        home = mag.attach("001010000000001").ipv4
        self.assertTrue(mag.ping(home, OUTSIDE, b"through the kernel"))
        self.assertTrue(mag.ping(home, "10.64.0.1"))
        # From the network to the device: a datagram of the kernel's own comes out at the MAG.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as network:
            network.bind((OUTSIDE, 0))
            network.sendto(b"downlink", (home, 9))
            packet = mag.hear()
            self.assertEqual((packet[9], packet[12:16], packet[-8:]),
                             (17, socket.inet_aton(OUTSIDE), b"downlink"))
            # T16: to an address that nobody has nothing comes, and nobody is told.
            network.connect(("10.64.99.99", 9))
            for _ in range(3):
                network.send(b"nobody")
                time.sleep(0.1)
            self.assertEqual(network.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        world.wait_for("they are counted", lambda: daemon.metric("anchor_down_unbound_total") >= 3)

    def test_a_flood_for_nobody(self):
        """T16: a flood of packets to addresses of the prefix that nobody has, 1,000,000 of them
        with LK_LONG: the control process takes less than a fifth of a core, known devices are
        served meanwhile, nobody is told anything, and of the gateway's own answers there are no
        more than anchor.echo_rate a second."""
        daemon = self.start(pmip.Anchor(**{"anchor.tun": "lk0", "anchor.echo_rate": 10}))
        mag = pmip.Mag(daemon, "mag-1").connect()
        self.addCleanup(mag.close)
        home = mag.attach("001010000000001").ipv4
        world.wait_for("a path", lambda: mag.ping(home, OUTSIDE))
        pid = next(row["pid"] for row in daemon.ask(op="status")["workers"]
                   if row["role"] == "anchor")
        flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(flood.close)
        flood.bind((OUTSIDE, 0))
        count, answered = FLOOD, 0
        begin, before = time.monotonic(), cpu_of(pid)
        for sent in range(count):
            flood.sendto(b"nobody", (f"10.{96 + (sent >> 14 & 15)}.{sent >> 7 & 127}.77", 9))
            if sent % 200 == 199:
                time.sleep(max(0, begin + sent / FLOOD_RATE - time.monotonic()))
            if sent % (count // 10) == count // 20:
                answered += mag.ping(home, OUTSIDE)
                self.assertEqual(mag.renew("001010000000001").status, 0)
        took = time.monotonic() - begin
        share = (cpu_of(pid) - before) / took
        print(f"{count} packets in {took:.1f} s: {100 * share:.1f} % of a core")
        self.assertLess(share, 0.2)
        self.assertEqual(answered, 10)
        world.wait_for("most are counted: the kernel may drop some",
                       lambda: daemon.metric("anchor_down_unbound_total") > count // 2)
        self.assertEqual(flood.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        mag.tunnel.settimeout(0.3)
        for _ in range(1000):
            mag.tunnel.send(pmip.echo(home, "10.64.0.1"))
        echoes = 0
        try:
            while mag.hear():
                echoes += 1
        except TimeoutError:
            pass
        self.assertIn(echoes, range(1, 31))


def load_tests(loader, found, pattern):
    """Outside, the test that goes inside; inside, the one that is there for it."""
    return loader.loadTestsFromTestCase(Inside if INSIDE in os.environ else NamespaceTest)


if __name__ == "__main__":
    unittest.main()

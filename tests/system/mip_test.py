"""The anchor as home agent of Mobile IPv4: mobile nodes that a foreign hand makes, over real
sockets."""
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import mip  # noqa: E402
import pmip  # noqa: E402
import world  # noqa: E402

A, B = "001010000000001", "001010000000002"
KEYS = {A: "the key of the first node", B: "the key of the second node"}
GATEWAY = "10.64.0.1"
MN_AUTH, IDENTIFICATION, PROHIBITED, UNKNOWN_AGENT = 131, 133, 129, 136


class HomeAgent(pmip.Anchor):
    def __init__(self, nodes=None, **settings):
        self.mip_port = world.free_port()
        nodes = nodes or [f"{{imsi: \"{imsi}\", key: \"{key}\"}}" for imsi, key in KEYS.items()]
        super().__init__(**{"anchor.mip.port": self.mip_port,
                            "anchor.mip.nodes": "[" + ", ".join(nodes) + "]", **settings})


class MipCase(world.Case):
    def agent(self, **settings):
        return self.start(HomeAgent(**settings))

    def node(self, daemon, imsi=A, **how):
        node = mip.Node(daemon, imsi, how.pop("key", KEYS[imsi]), **how)
        self.addCleanup(node.close)
        return node


class RegistrationTest(MipCase):
    def test_register_ping_move_deregister(self):
        daemon = self.agent()
        one = self.node(daemon)
        reply = one.register()
        self.assertEqual((reply.code, reply.lifetime, reply.agent), (0, 600, "127.0.0.1"))
        self.assertTrue(reply.proves(KEYS[A], 256, "hmac-sha256"))
        self.assertEqual(reply.extensions[mip.UDP_REPLY], bytes([0, 0, 0x80, 0]) + b"\0\x6e")
        self.assertTrue(one.ping(GATEWAY))
        row, = daemon.bindings()
        self.assertEqual((row["imsi"], row["state"], row["ipv4"], row["epoch"]),
                         (A, "ACTIVE", reply.home, 1))
        two = self.node(daemon, local="127.0.0.2")      # the same device, elsewhere
        two.home = one.home
        moved = two.register()
        self.assertEqual((moved.code, moved.home), (0, reply.home))
        self.assertTrue(two.ping(GATEWAY))
        self.assertFalse(one.ping(GATEWAY, seconds=0.3))     # T33
        self.assertEqual(daemon.bindings()[0]["mag"], "127.0.0.2")
        self.assertEqual(two.register(lifetime=0).lifetime, 0)
        self.assertFalse(two.ping(GATEWAY, seconds=0.3))
        self.assertEqual(daemon.bindings()[0]["state"], "NONE")
        self.assertEqual(one.register().home, reply.home)

    def test_a_repeat_has_the_same_octets(self):
        """Invariant 11."""
        daemon = self.agent()
        node = self.node(daemon)
        request = node.request()
        answers = {node.give(request).octets for _ in range(3)}
        self.assertEqual(len(answers), 1)
        self.assertEqual(daemon.bindings()[0]["epoch"], 1)

    def test_each_algorithm_by_its_spi(self):
        """T22: an SPI has the algorithm that it was given, and no other."""
        spis = {"hmac-md5": 300, "hmac-sha1": 301}
        daemon = self.agent(nodes=[f"{{imsi: \"{A}\", spi: {spi}, key: \"{KEYS[A]}\", "
                                   f"algorithm: {name}}}" for name, spi in spis.items()])
        for name in spis:
            reply = self.node(daemon, spi=spis[name], algorithm=name).register()
            self.assertEqual(reply.code, 0)
            self.assertTrue(reply.proves(KEYS[A], spis[name], name))
        daemon = self.agent()
        self.assertEqual(self.node(daemon, algorithm="hmac-md5").register().code, MN_AUTH)
        self.assertEqual(self.node(daemon).register().code, 0)

    def test_nonces(self):
        daemon = self.agent(nodes=[f"{{imsi: \"{A}\", key: \"{KEYS[A]}\", replay: nonces}}"])
        node = self.node(daemon)
        first = node.register(identification=7)
        self.assertEqual((first.code, first.identification & 0xffffffff), (IDENTIFICATION, 7))
        request = node.request(identification=(first.identification >> 32) << 32 | 8)
        reply = node.give(request)
        self.assertEqual(reply.code, 0)
        self.assertEqual(node.register(identification=(first.identification >> 32) << 32 | 9).code,
                         IDENTIFICATION)
        self.assertEqual(node.register(
            identification=(reply.identification >> 32) << 32 | 10).code, 0)

    def test_what_is_refused(self):
        daemon = self.agent()
        node = self.node(daemon)
        other = self.node(daemon, B)
        other.register()
        self.assertEqual(node.register(agent="192.0.2.9").code, UNKNOWN_AGENT)
        self.assertEqual(node.register(home=other.home).code, PROHIBITED)
        daemon.wait_line("mip.home-address")
        there = self.node(daemon, local="127.0.1.9")    # a place that may still have that answer
        late = there.register(identification=mip.ntp(time.time() - 3600))
        self.assertEqual(late.code, IDENTIFICATION)
        self.assertLess(abs((late.identification >> 32) - (mip.ntp() >> 32)), 3)
        self.assertEqual(len([row for row in daemon.bindings() if row["imsi"] == A]), 0)

    def test_t11_a_deregistration_by_the_name_of_another(self):
        """It ends neither that one's binding nor the sender's own."""
        daemon = self.agent()
        node, other = self.node(daemon), self.node(daemon, B, local="127.0.0.8")
        self.assertEqual((node.register().code, other.register().code), (0, 0))
        refused = node.register(lifetime=0, home=other.home)
        self.assertEqual((refused.code, refused.lifetime), (PROHIBITED, 0))
        daemon.wait_line("mip.home-address.*imsi=" + A)
        self.assertTrue(node.ping(GATEWAY) and other.ping(GATEWAY))
        self.assertEqual(node.register(lifetime=0).code, 0)             # the control: its own
        self.assertFalse(node.ping(GATEWAY, seconds=0.3))
        self.assertTrue(other.ping(GATEWAY))


class StrangerTest(MipCase):
    def test_t12_a_copy_from_elsewhere_is_no_repeat(self):
        """Somebody sends the device's request before the device does, and has its tunnel until the
        device, which is told so, asks anew. What he copies then comes too late."""
        daemon = self.agent()
        node = self.node(daemon)
        node.register()
        self.assertTrue(node.ping(GATEWAY))
        request = node.request()
        thief = self.node(daemon, A, local="127.0.0.66", key="none")
        self.assertEqual(thief.give(request).code, 0)
        self.assertEqual(node.give(request).code, IDENTIFICATION)
        daemon.wait_line("mip.copy.*imsi=" + A)
        request = node.request()
        self.assertEqual(node.give(request).code, 0)
        self.assertTrue(node.ping(GATEWAY))
        late = thief.give(request, 0.3)     # of which a place hears once a minute
        self.assertIn(late and late.code, (None, IDENTIFICATION))
        self.assertTrue(node.ping(GATEWAY))

    def test_t10_nobody_else_moves_a_binding(self):
        """(i) no extension, (ii) another SPI, (iii) one bit, (iv) the right key of another."""
        daemon = self.agent()
        victim = self.node(daemon)
        victim.register()
        before = daemon.bindings()
        thief = self.node(daemon, A, local="127.0.0.66", key=KEYS[B])
        request = thief.request(home=victim.home)
        self.assertIsNone(thief.give(request[:-38], 0.3))
        self.assertIsNone(thief.give(thief.request(spi=999), 0.3))
        self.assertEqual(thief.give(request).code, MN_AUTH)
        flipped = mip.Node(daemon, A, KEYS[A], local="127.0.0.67")
        self.addCleanup(flipped.close)
        octets = bytearray(flipped.request())
        octets[-1] ^= 1
        self.assertEqual(flipped.give(bytes(octets)).code, MN_AUTH)
        heard = sum(thief.give(thief.request(home=victim.home), 0.1) is not None
                    for _ in range(20))
        self.assertLessEqual(heard, 2)
        self.assertEqual(thief.give(thief.request(lifetime=0), 0.1), None)
        now = daemon.bindings()
        for row in before + now:
            row.pop("up_octets"), row.pop("down_octets")
        self.assertEqual(now, before)
        self.assertTrue(victim.ping(GATEWAY))
        daemon.wait_line("mip.authenticator.*imsi=" + A)

    def test_t13_a_victim_gets_three_packets(self):
        daemon = self.agent()
        node = self.node(daemon, local="127.0.0.77")
        node.answers_probes = False     # whoever is there has never asked for anything
        node.socket.send(node.request())
        got = []
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            node.socket.settimeout(0.05)
            try:
                got.append(node.socket.recv(4096))
            except TimeoutError:
                node.socket.send(node.request())
                node.home = daemon.bindings()[0]["ipv4"]
                node.send_packet(pmip.echo(node.home, GATEWAY))
        self.assertGreater(len(got), 0)
        self.assertLessEqual(len(got), 3)
        honest = self.node(daemon)      # the control
        self.assertEqual(honest.register().code, 0)
        for _ in range(10):
            self.assertTrue(honest.ping(GATEWAY))
        world.wait_for("counted", lambda: daemon.metric("anchor_unreached_total") > 0)
        world.wait_for("proven", lambda: daemon.metric("anchor_reached_total") > 0)

    def test_octets_of_all_sorts(self):
        """What cannot be read finds no answer, and does no harm."""
        daemon = self.agent()
        node = self.node(daemon)
        whole = node.request()
        for cut in range(len(whole)):
            node.socket.send(whole[:cut])
        for first in range(256):
            node.socket.send(bytes([first]) + whole[1:25])
        self.assertIsNone(node.hear(0.3))
        self.assertEqual(daemon.bindings(), [])
        self.assertEqual(node.register().code, 0)


class RestartTest(MipCase):
    def test_a22_what_was_accepted_survives_a_kill(self):
        daemon = self.agent()
        node = self.node(daemon)
        old = node.request()
        time.sleep(0.01)
        self.assertEqual(node.register().code, 0)
        home = node.home
        self.assertEqual(node.give(old).code, IDENTIFICATION)
        subprocess.run(["pkill", "-KILL", "-P", str(daemon.process.pid), "latchkey-anchor"],
                       check=True)
        world.wait_for("the anchor is back",
                       lambda: node.give(node.request(), 0.3) is not None, 10)
        self.assertEqual(node.give(old).code, IDENTIFICATION)
        self.assertEqual(node.register().home, home)
        self.assertTrue(node.ping(GATEWAY))

    def test_a22_quarantine_without_a_store(self):
        """For one window after the start nothing counts that may have been accepted before."""
        daemon = self.agent(**{"anchor.durable": "false", "anchor.mip.window_ms": 3000})
        node = self.node(daemon)
        self.assertEqual(node.register().code, IDENTIFICATION)
        daemon.wait_line("mip.quarantine")
        time.sleep(3.2)
        late = self.node(daemon, local="127.0.0.3")
        self.assertEqual(late.register().code, 0)


class OneAddressTest(MipCase):
    def test_from_wlan_to_mobile_ip_and_back(self):
        """One anchor, one address: PMIPv6 and Mobile IPv4 have one row (invariants 8, 9)."""
        daemon = self.agent()
        mag = pmip.Mag(daemon, "mag-1")
        self.addCleanup(mag.close)
        mag.connect()
        bound = mag.attach(A)
        self.assertEqual(bound.status, 0)
        self.assertTrue(mag.ping(bound.ipv4, GATEWAY))
        node = self.node(daemon)
        time.sleep(0.05)
        self.assertEqual(node.register().code, 0)
        self.assertEqual(node.home, bound.ipv4)
        self.assertTrue(node.ping(GATEWAY))
        self.assertTrue(mag.drops(pmip.echo(bound.ipv4, GATEWAY)))
        self.assertEqual(mag.renew(A).status, 154)      # it attached there before
        self.assertTrue(node.ping(GATEWAY))
        time.sleep(0.05)
        again = mag.attach(A)
        self.assertEqual((again.status, again.ipv4), (0, bound.ipv4))
        self.assertTrue(mag.ping(bound.ipv4, GATEWAY))
        self.assertFalse(node.ping(GATEWAY, seconds=0.3))
        row, = daemon.bindings()
        self.assertEqual((row["mag"], row["epoch"]), ("mag-1", 3))


if __name__ == "__main__":
    unittest.main()

"""The anchor as home agent of MIPv6, in UDP over IPv4 and IPv6: mobile nodes that a foreign hand
makes, over real sockets."""
import ipaddress
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import mip  # noqa: E402
import mip6  # noqa: E402
import pmip  # noqa: E402
import world  # noqa: E402

A, B = "001010000000001", "001010000000002"
KEYS = {A: "the key of the first", B: "the key of the other"}
GATEWAY4, GATEWAY6 = "10.64.0.1", mip6.AGENT
SPI, SPI4 = 256, 300
PROHIBITED, NOT_HOME, MISMATCH, REQUIRED, AUTH_FAIL, NO_PROXY, BAD_CARE_OF = \
    129, 132, 144, 145, 146, 152, 174


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class HomeAgent(pmip.Anchor):
    def __init__(self, **settings):
        self.mip6_port, self.mip_port = world.free_port(), world.free_port()
        nodes = [f"{{imsi: \"{imsi}\", key: \"{key}\", algorithm: hmac-sha1, spi: {SPI}}}"
                 for imsi, key in KEYS.items()]
        nodes += [f"{{imsi: \"{imsi}\", key: \"{key}\", spi: {SPI4}}}"
                  for imsi, key in KEYS.items()]
        over6 = {"anchor.mip.address6": "::1"} if has_ipv6() else {}
        super().__init__(**{"anchor.mip.port6": self.mip6_port, "anchor.mip.port": self.mip_port,
                            "anchor.mip.nodes": "[" + ", ".join(nodes) + "]", **over6, **settings})


class Mip6Case(world.Case):
    def agent(self, **settings):
        return self.start(HomeAgent(**settings))

    def node(self, daemon, imsi=A, **how):
        node = mip6.Node(daemon, imsi, how.pop("key", KEYS[imsi]), **how)
        self.addCleanup(node.close)
        return node

    def bound(self, daemon):
        rows = daemon.bindings()
        for row in rows:
            row.pop("up_octets"), row.pop("down_octets"), row.pop("durable")
        return rows


class RegistrationTest(Mip6Case):
    def register_ping_move_deregister(self, daemon, one, two):
        ack = one.register(ipv4_home="0.0.0.0", prefix=True)
        self.assertEqual((ack.status, ack.lifetime, ack.source, ack.nai),
                         (0, 150, GATEWAY6, f"0{A}@{pmip.REALM}"))
        self.assertEqual(ack.routed, one.six)
        self.assertTrue(ack.proves(KEYS[A], SPI, one.local))
        self.assertIn(ipaddress.ip_address(ack.home), ipaddress.ip_network(ack.prefix))
        self.assertEqual(ack.options[mip6.NAT][0], b"\x80\0" + (110).to_bytes(4, "big"))
        row, = daemon.bindings()
        self.assertEqual((row["imsi"], row["state"], row["protocol"], row["ipv4"], row["prefix"],
                          row["mag"]), (A, "ACTIVE", "MIPv6", ack.ipv4, ack.prefix, one.local))
        self.assertTrue(one.ping(GATEWAY6))
        self.assertTrue(one.ping(GATEWAY4))
        two.home, two.ipv4 = one.home, one.ipv4     # the same device, elsewhere
        moved = two.register(ipv4_home=two.ipv4)
        self.assertEqual((moved.status, moved.home, moved.ipv4), (0, ack.home, ack.ipv4))
        self.assertTrue(two.ping(GATEWAY6))
        self.assertTrue(two.ping(GATEWAY4))
        self.assertFalse(one.ping(GATEWAY6, seconds=0.3))    # T33
        self.assertEqual(daemon.bindings()[0]["mag"], two.local)
        self.assertEqual(two.register(lifetime=0).lifetime, 0)
        self.assertFalse(two.ping(GATEWAY6, seconds=0.3))
        self.assertEqual(daemon.bindings()[0]["state"], "NONE")
        self.assertEqual(one.register().home, ack.home)

    def test_over_ipv4(self):
        daemon = self.agent()
        self.register_ping_move_deregister(daemon, self.node(daemon),
                                           self.node(daemon, local="127.0.0.2"))

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_over_ipv6_and_back_to_ipv4(self):
        daemon = self.agent()
        self.register_ping_move_deregister(daemon, self.node(daemon, local="::1"),
                                           self.node(daemon, local="127.0.0.2"))

    def test_it_is_shown_and_not_revoked(self):
        """RFC 3543 is of Mobile IPv4: that is what is said, and nothing ends."""
        daemon = self.agent()
        node = self.node(daemon)
        ack = node.register(ipv4_home="0.0.0.0", prefix=True)
        shown = daemon.command("anchor", "bindings").stdout
        self.assertRegex(shown, rf"^{ack.ipv4} +{ack.prefix} +MIPv6 +ACTIVE +at {node.local}, "
                                r"[1-9]\d* s left  00101\.{8}01\n$")
        for who in (A, ack.ipv4, ack.home):
            done = daemon.command("anchor", "mip-revoke", who, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("of MIPv6, for which RFC 3543 has no message", done.stderr)
            self.assertIn("fix: let it end: latchkey anchor bindings says when", done.stderr)
        self.assertEqual(daemon.bindings()[0]["state"], "ACTIVE")
        self.assertTrue(node.ping(GATEWAY6))

    def test_a_repeat_has_the_same_octets(self):
        """Invariant 11."""
        daemon = self.agent()
        node = self.node(daemon)
        update = node.update()
        self.assertEqual(len({node.give(update).octets for _ in range(3)}), 1)
        self.assertEqual(daemon.bindings()[0]["epoch"], 1)

    def test_two_devices(self):
        """A packet from one goes to the other, in either one's tunnel."""
        daemon = self.agent()
        one, other = self.node(daemon), self.node(daemon, B, local="127.0.0.3")
        one.register()
        other.register()
        self.assertTrue(one.ping(GATEWAY6) and other.ping(GATEWAY6))
        other.probes = 0
        one.socket.send(mip6.echo6(one.home, other.home, data=b"one device"))
        self.assertIsNone(other.hear(0.5))      # it answered
        self.assertEqual(other.probes, 1)
        self.assertEqual(one.hear()[-10:], b"one device")

    def test_a_node_behind_a_translator(self):
        """What it says that it has is covered; where its datagrams come from is where it is."""
        daemon = self.agent()
        node = self.node(daemon)
        ack = node.register(care_of="192.168.7.7")
        self.assertEqual(ack.status, 0)
        self.assertTrue(ack.proves(KEYS[A], SPI, "192.168.7.7"))
        self.assertTrue(node.ping(GATEWAY6))

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_the_home_agent_is_discovered(self):
        """And then registered with; T13: nobody gets more than three answers in another's name."""
        daemon = self.agent()
        node = self.node(daemon, local="::1")
        self.assertEqual(node.discover(), [GATEWAY6])
        self.assertEqual(node.register(agent=node.discover()[0]).status, 0)
        node.discover()
        self.assertIsNone(node.discover(seconds=0.3))
        self.assertIsNone(node.discover("2001:db8:1::/64", 0.3))
        self.assertTrue(node.ping(GATEWAY6))

    def test_what_is_refused(self):
        daemon = self.agent()
        node, other = self.node(daemon), self.node(daemon, B, local="127.0.0.3")
        other.register()
        asked = [dict(flags=mip6.A), dict(flags=mip6.A | mip6.H | mip6.P),
                 dict(home=other.home), dict(alternate="ff02::1"),
                 dict(without=(mip6.MESG_ID,)), dict(mesg_id=mip.ntp(time.time() - 3600)),
                 dict(mesg_id=mip.ntp(time.time() + 3600))]
        answers = []
        for count, how in enumerate(asked):     # each from a place that may still have answers
            asker = self.node(daemon, local=f"127.0.1.{count + 1}")
            answers.append(asker.register(**how))
        self.assertEqual([ack.status for ack in answers],
                         [PROHIBITED, NO_PROXY, NOT_HOME, BAD_CARE_OF, REQUIRED, MISMATCH,
                          MISMATCH])
        self.assertLess(abs((answers[-1].mesg_id >> 32) - (mip.ntp() >> 32)), 4)
        daemon.wait_line("mip.home-address")
        self.assertEqual([row["imsi"] for row in daemon.bindings()], [B])
        self.assertIsNone(node.give(node.update(agent="2001:db8:1::1"), 0.3))
        daemon.wait_line("mip.agent-unknown")


class StrangerTest(Mip6Case):
    def test_t12_a_copy_from_elsewhere_is_no_repeat(self):
        """Somebody sends the device's update before the device does, and has its tunnel until the
        device, which is told so, asks anew."""
        daemon = self.agent()
        node = self.node(daemon)
        node.register()
        self.assertTrue(node.ping(GATEWAY6))
        update = node.update()
        thief = self.node(daemon, A, local="127.0.0.66", key="none")
        self.assertEqual(thief.give(update).status, 0)
        self.assertEqual(node.give(update).status, MISMATCH)
        daemon.wait_line("mip.copy.*imsi=" + A)
        self.assertEqual(node.register().status, 0)
        self.assertTrue(node.ping(GATEWAY6))
        self.assertEqual(daemon.bindings()[0]["mag"], node.local)

    def test_t10_t11_nobody_else_moves_or_ends_a_binding(self):
        """(i) no option, (ii) another SPI, (iii) one bit, (iv) the right key of another; (v) what
        stands behind the proof; and each with lifetime 0."""
        daemon = self.agent()
        victim = self.node(daemon)
        victim.register()
        self.assertTrue(victim.ping(GATEWAY6))
        before = self.bound(daemon)
        thief = self.node(daemon, A, local="127.0.0.66", key=KEYS[B])
        for lifetime in (150, 0):
            here = dict(home=victim.home, lifetime=lifetime)
            self.assertIsNone(thief.give(thief.update(**here, without=(mip6.AUTH,)), 0.3))
            self.assertIsNone(thief.give(thief.update(**here, spi=999), 0.3))
        self.assertEqual(thief.give(thief.update(home=victim.home)).status, AUTH_FAIL)
        elsewhere = self.node(daemon, A, local="127.0.0.69", key=KEYS[B])     # one answer a place
        self.assertEqual(elsewhere.give(elsewhere.update(lifetime=0)).home, "::")  # says nothing
        flipped = self.node(daemon, A, local="127.0.0.67")
        header = bytearray(flipped.update(home=victim.home)[40:])
        header[10] ^= 1         # of the lifetime; the checksum is made anew
        self.assertEqual(flipped.give(flipped.wrapped(bytes(header), victim.home,
                                                      "127.0.0.67")).status, AUTH_FAIL)
        behind = self.node(daemon, A, local="127.0.1.68")    # three a network
        self.assertEqual(behind.give(behind.update(
            home=victim.home, behind=[(mip6.CARE_OF, 8, 6, mip6.packed("2001:db8::66"))])).status,
            AUTH_FAIL)
        heard = sum(thief.give(thief.update(home=victim.home, lifetime=0), 0.1) is not None
                    for _ in range(20))
        self.assertLessEqual(heard, 1)
        self.assertEqual(self.bound(daemon), before)
        self.assertTrue(victim.ping(GATEWAY6))
        daemon.wait_line("mip.authenticator.*imsi=" + A)

    def test_t13_a_victim_gets_three_packets(self):
        daemon = self.agent()
        node = self.node(daemon, local="127.0.0.77")
        node.answers_probes = False     # whoever is there has never asked for anything
        node.socket.settimeout(0.05)
        got, until = 0, time.monotonic() + 1.5
        while time.monotonic() < until:
            node.socket.send(node.update())
            try:
                while node.socket.recv(4096):
                    got += 1
            except TimeoutError:
                pass
        self.assertTrue(0 < got <= 3, got)
        honest = self.node(daemon)      # the control
        self.assertEqual(honest.register().status, 0)
        for _ in range(10):
            self.assertTrue(honest.ping(GATEWAY6))

    def test_a32_an_alternate_care_of_address_is_asked_first(self):
        """A device that is right in everything names somebody else: at the port where it is
        itself, which is the victim's as well."""
        daemon = self.agent()
        node = self.node(daemon, local="127.0.0.9")
        victim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(victim.close)
        victim.bind(("127.0.0.78", node.socket.getsockname()[1]))
        victim.settimeout(0.2)
        self.assertEqual(node.register().status, 0)
        self.assertTrue(node.ping(GATEWAY6))
        neighbour = self.node(daemon, B, local="127.0.0.3")
        self.assertEqual(neighbour.register().status, 0)
        for _ in range(2):
            self.assertEqual(node.register(alternate="127.0.0.78").status, 0)
            for _ in range(10):
                neighbour.socket.send(mip6.echo6(neighbour.home, node.home))
        got = 0
        try:
            while victim.recv(4096):
                got += 1
        except TimeoutError:
            pass
        self.assertTrue(0 < got <= 3, got)
        world.wait_for("counted", lambda: daemon.metric("anchor_unreached_total") > 0)
        node.register()     # the control: back where it is; what is left there goes into the proof
        self.assertEqual(node.register().status, 0)
        self.assertTrue(node.ping(GATEWAY6))

    def test_octets_of_all_sorts(self):
        """What cannot be read finds no answer, and does no harm."""
        daemon = self.agent()
        node = self.node(daemon)
        whole = node.update()
        for cut in range(len(whole)):
            node.socket.send(whole[:cut])
        for octet in range(256):
            if octet >> 4 != whole[0] >> 4:
                node.socket.send(bytes([octet]) + whole[1:])
            if octet != whole[42]:
                node.socket.send(whole[:42] + bytes([octet]) + whole[43:])  # a wrong sum
        self.assertIsNone(node.hear(0.3))
        self.assertEqual(daemon.bindings(), [])
        self.assertEqual(node.register().status, 0)


class RestartTest(Mip6Case):
    def test_a22_what_was_accepted_survives_a_kill(self):
        daemon = self.agent()
        node = self.node(daemon)
        old = node.update()
        time.sleep(0.01)
        self.assertEqual(node.register().status, 0)
        home = node.home
        self.assertTrue(node.ping(GATEWAY6))
        self.assertEqual(node.give(old).status, MISMATCH)
        subprocess.run(["pkill", "-KILL", "-P", str(daemon.process.pid), "latchkey-anchor"],
                       check=True)
        world.wait_for("the anchor is back",
                       lambda: node.give(node.update(), 0.3) is not None, 10)
        self.assertEqual(node.give(old).status, MISMATCH)
        self.assertEqual(node.register().home, home)
        self.assertTrue(node.ping(GATEWAY6))

    def test_a22_quarantine_without_a_store(self):
        """For one window after the start nothing counts that may have been accepted before."""
        daemon = self.agent(**{"anchor.durable": "false", "anchor.mip.window_ms": 3000})
        self.assertEqual(self.node(daemon).register().status, MISMATCH)
        daemon.wait_line("mip.quarantine")
        late = self.node(daemon, local="127.0.0.3")
        until = time.monotonic() + 20
        while (ack := late.register()) is None or ack.status != 0:
            self.assertLess(time.monotonic(), until)
            time.sleep(1)
            late = self.node(daemon, local=f"127.0.2.{int(time.monotonic()) % 250 + 1}")


class OneAddressTest(Mip6Case):
    def test_from_wlan_to_mobile_ipv4_to_mipv6_and_back(self):
        """One anchor, one address, one prefix: three protocols have one row (invariants 8, 9)."""
        daemon = self.agent()
        mag = pmip.Mag(daemon, "mag-1")
        self.addCleanup(mag.close)
        mag.connect()
        bound = mag.attach(A)
        self.assertEqual(bound.status, 0)
        self.assertTrue(mag.ping(bound.ipv4, GATEWAY4))
        four = mip.Node(daemon, A, KEYS[A], spi=SPI4)
        self.addCleanup(four.close)
        time.sleep(0.05)
        self.assertEqual(four.register().code, 0)
        self.assertEqual(four.home, bound.ipv4)
        self.assertTrue(four.ping(GATEWAY4))
        early = four.request()
        six = self.node(daemon, local="127.0.0.2")
        time.sleep(0.05)
        old = six.update()
        time.sleep(0.05)
        ack = six.register(ipv4_home="0.0.0.0", prefix=True)
        self.assertEqual((ack.status, ack.ipv4, ack.prefix), (0, bound.ipv4, bound.prefix))
        self.assertTrue(six.ping(GATEWAY6) and six.ping(GATEWAY4))
        self.assertFalse(four.ping(GATEWAY4, seconds=0.3))
        self.assertEqual(four.give(early).code, 133)     # what is late of either moves nothing
        self.assertEqual(mag.renew(A).status, 154)
        self.assertTrue(six.ping(GATEWAY6))
        time.sleep(0.05)
        self.assertEqual(four.register().code, 0)
        self.assertTrue(four.ping(GATEWAY4))
        self.assertEqual(six.give(old).status, MISMATCH)
        time.sleep(0.05)
        again = mag.attach(A)
        self.assertEqual((again.status, again.ipv4, again.prefix),
                         (0, bound.ipv4, bound.prefix))
        self.assertTrue(mag.ping(bound.ipv4, GATEWAY4))
        row, = daemon.bindings()
        self.assertEqual((row["mag"], row["protocol"], row["epoch"]), ("mag-1", "PMIPv6", 5))


if __name__ == "__main__":
    unittest.main()

"""Revocation of registrations (RFC 3543): an anchor, foreign agents and a device, real daemons.
What is between them is made again by another hand, and somebody in the middle does what he can."""
import json
import socket
import struct
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import fa_test  # noqa: E402
import mip_test  # noqa: E402
import ue_mip_test  # noqa: E402
import visit  # noqa: E402
import world  # noqa: E402

A, GATEWAY, ONE, TWO, WIRE = fa_test.A, fa_test.GATEWAY, fa_test.ONE, fa_test.TWO, fa_test.WIRE
AGENT_BITS, INFORM = 0x8000, 0x4000


def wait_for(true):
    world.wait_for("it is so", true, 30)


class Revocation:
    """One, or its acknowledgement, as it is on the wire."""

    def __init__(self, octets):
        self.octets = octets
        self.type, zero, self.bits, home = struct.unpack(">BBH4s", octets[:8])
        assert zero == 0
        self.home = socket.inet_ntoa(home)
        self.domains = [socket.inet_ntoa(octets[at:at + 4]) for at in (8, 12)] \
            if self.type == visit.REVOCATION else []
        end = visit.FIXED[self.type]
        self.identifier, = struct.unpack(">I", octets[end - 4:end])


def revocation(home, identifier, *, bits=AGENT_BITS, home_domain="127.0.0.1", foreign_domain=ONE,
               key=visit.AGENTS_KEY):
    octets = struct.pack(">BBH4s4s4sI", visit.REVOCATION, 0, bits, *map(
        socket.inet_aton, (home, home_domain, foreign_domain)), identifier)
    return visit.signed(octets, key) if key else octets


class RevokeCase(fa_test.FaCase):
    def revokes(self, home, who):
        return home.command("anchor", "mip-revoke", who, check=False)

    def sends_away(self, agent, home):
        return agent.command("fa", "revoke", home, check=False)

    def gone(self, agent):
        wait_for(lambda: agent.visitors() == [])

    def of(self, wire, kind):
        return [Revocation(o) for o in wire.requests + wire.replies if o[0] == kind]


class HomeTest(RevokeCase):
    """The home agent revokes."""

    def test_an_administrator_asks(self):
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        self.assertTrue(node.ping(GATEWAY))
        done = self.revokes(home, node.home)
        self.assertEqual((done.returncode, done.stdout.strip()),
                         (0, "its binding is over, and foreign agent fa-1 is told"))
        self.gone(agent)
        self.assertIsNone(self.bound(home))
        agent.wait_line(r"visitor-revoked.*by=home-agent")
        home.wait_line(rf"binding-revoked imsi=00101\S+01 home={node.home} by=owner")
        # What was said, by another hand.
        said = self.of(wire, visit.REVOCATION)[0]
        self.assertEqual((said.bits, said.home, said.domains),
                         (AGENT_BITS | INFORM, node.home, ["127.0.0.1", ONE]))
        self.assertTrue(visit.proves(said.octets, visit.FA_HA, visit.AGENTS_KEY))
        wait_for(lambda: self.of(wire, visit.REVOCATION_ACK))
        ack = self.of(wire, visit.REVOCATION_ACK)[0]
        self.assertEqual((ack.bits, ack.home, ack.identifier), (0, node.home, said.identifier))
        self.assertTrue(visit.proves(ack.octets, visit.FA_HA, visit.AGENTS_KEY))
        agreed = [data for o in (wire.requests[0], wire.replies[0])
                  for kind, data, _ in visit.extensions(o) if kind == visit.REVOCABLE]
        self.assertEqual([len(data) for data in agreed], [6, 6])
        self.assertGreater(said.identifier, struct.unpack(">HI", agreed[1])[1])
        # The node is told by an advertisement of its own.
        told = visit.Advertisement(node.hear())
        self.assertEqual((told.sequence, told.flags, told.packet[16:20]),
                         (0, 0x11c0, socket.inet_aton(node.home)))
        wait_for(lambda: home.metric("anchor_mip_revocations_acked_total") == 1)
        wait_for(lambda: agent.metric("fa_informed_total") == 1)
        again = self.revokes(home, A)
        self.assertEqual(again.returncode, 1)
        self.assertIn("no binding of Mobile IPv4", again.stderr)
        self.assertEqual(node.register().code, 0)       # it may come again

    def test_by_its_name(self):
        home, agent = self.both()
        for who in (A, visit.NAI.format(A)):
            self.assertEqual(self.visitor(agent).register().code, 0)
            self.assertEqual(self.revokes(home, who).returncode, 0)
            self.gone(agent)
        self.assertEqual(self.revokes(home, "10.99.99.99").returncode, 1)

    def test_who_is_bound_is_shown(self):
        """What can be revoked, and what was: the addresses stay, nobody is there."""
        home, agent = self.both()
        node = self.visitor(agent)
        nobody = home.command("anchor", "bindings")
        self.assertEqual((nobody.stdout, nobody.stderr), ("", "no device has a home address\n"))
        self.assertEqual(node.register().code, 0)
        shown = home.command("anchor", "bindings").stdout
        self.assertRegex(shown, rf"^{node.home} +\S+/64 +Mobile IPv4 ACTIVE +at {ONE}, "
                                r"[1-9]\d* s left  00101\.{8}01\n$")
        whole = home.command("anchor", "bindings", A, "--set", "log.mask_imsi=false").stdout
        self.assertIn(f" s left  {A}\n", whole)
        row, = json.loads(home.command("anchor", "bindings", "--json").stdout)["bindings"]
        self.assertEqual((row["imsi"], row["ipv4"], row["mag"]), (A, node.home, ONE))
        self.assertEqual(home.command("anchor", "bindings", fa_test.B).stdout, "")
        self.assertEqual(self.revokes(home, node.home).returncode, 0)
        self.assertRegex(home.command("anchor", "bindings").stdout,
                         rf"^{node.home} +\S+ +Mobile IPv4 NONE +away  00101\.{{8}}01\n$")
        refused = home.command("anchor", "bindings", "x", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("that is no IMSI", refused.stderr)

    def test_the_agent_that_was_left_is_told(self):
        """From an agent to another, and to a place of its own."""
        home = self.home()
        one, two = self.foreign(home.mip_port), self.foreign(home.mip_port, TWO)
        node = self.visitor(one)
        self.assertEqual(node.register().code, 0)
        other = self.visitor(two, local="127.0.0.31")
        self.assertEqual(other.register().code, 0)
        self.gone(one)
        self.assertEqual(self.bound(home), TWO)
        self.assertTrue(other.ping(GATEWAY))
        alone = self.start_node(home)
        self.assertEqual(alone.register().code, 0)
        self.gone(two)
        self.assertTrue(alone.ping(GATEWAY))
        self.assertEqual([agent.metric("fa_informed_total") for agent in (one, two)], [0, 0])
        wait_for(lambda: home.metric("anchor_mip_revocations_said_total") == 2)

    def start_node(self, home):
        node = mip_test.mip.Node(home, A, fa_test.KEYS[A], local="127.0.0.32")
        self.addCleanup(node.close)
        return node

    def test_lost_it_is_said_again(self):
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        lost = []

        def lose(octets):
            if octets[0] != visit.REVOCATION or len(lost) == 2:
                return octets
            lost.append(octets)
            return None

        wire.alter_back = lose
        self.assertEqual(self.revokes(home, node.home).returncode, 0)
        self.gone(agent)
        self.assertEqual(lost[0], lost[1])
        wait_for(lambda: agent.metric("fa_revocations_total") == 1)


class ForeignTest(RevokeCase):
    """The foreign agent revokes."""

    def test_an_administrator_asks(self):
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        done = self.sends_away(agent, node.home)
        self.assertEqual((done.returncode, done.stdout.strip()),
                         (0, "it is served no more, and its home agent is told"))
        self.assertEqual(agent.visitors(), [])
        wait_for(lambda: self.bound(home) is None)
        said, = self.of(wire, visit.REVOCATION)[:1]
        self.assertEqual((said.bits, said.domains), (INFORM, ["127.0.0.1", ONE]))
        self.assertTrue(visit.proves(said.octets, visit.FA_HA, visit.AGENTS_KEY))
        wait_for(lambda: self.of(wire, visit.REVOCATION_ACK))
        ack = self.of(wire, visit.REVOCATION_ACK)[0]
        self.assertEqual((ack.bits, ack.identifier), (0x8000, said.identifier))
        self.assertTrue(visit.proves(ack.octets, visit.FA_HA, visit.AGENTS_KEY))
        self.assertEqual(visit.Advertisement(node.hear()).sequence, 0)
        self.assertFalse(node.ping(GATEWAY, seconds=0.3))
        self.assertEqual(self.sends_away(agent, node.home).returncode, 1)
        wait_for(lambda: home.metric("anchor_revoked_total") == 1)
        agent.wait_line(r"visitor-withdrawn.*by=owner")
        home.wait_line(r"binding-revoked .*by=foreign-agent")


class StrangerTest(RevokeCase):
    def test_t10_who_has_no_key_revokes_nobody(self):
        """At either agent, from anywhere, with and without a proof."""
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        soon = int(time.time()) + 60
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.66", 0))
            for octets in (revocation(node.home, soon), revocation(node.home, soon, key=None)):
                stranger.sendto(octets, (ONE, agent.mip_port))
        for octets in (revocation(node.home, soon, key="another"),
                       revocation(node.home, soon, key=None),
                       revocation(node.home, soon, bits=0),
                       revocation(node.home, soon)[:-1]):
            wire.front.sendto(octets, (ONE, agent.mip_port))        # the home agent's address
        for octets in (revocation(node.home, soon, bits=0, key="another"),
                       revocation(node.home, soon, bits=0, key=None),
                       revocation(node.home, soon)):
            wire.back.sendto(octets, ("127.0.0.1", home.mip_port))  # an address of the agent's
        wait_for(lambda: agent.metric("fa_revocations_total") >= 6)
        wait_for(lambda: home.metric("anchor_mip_revocations_total") >= 3)
        agent.wait_line(r"mip\.revocation")
        agent.wait_line(r"mip\.foreign-home")
        home.wait_line(r"mip\.foreign-home")
        self.assertEqual(agent.visitors()[0]["state"], "SERVED")
        self.assertEqual(self.bound(home), ONE)
        self.assertEqual(self.of(wire, visit.REVOCATION_ACK), [])
        self.assertTrue(node.ping(GATEWAY))

    def test_t11_an_old_revocation_ends_nothing(self):
        """What ended one registration is sent again, by who heard it, behind the next one."""
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        self.assertEqual(self.revokes(home, node.home).returncode, 0)
        self.gone(agent)
        visit.Advertisement(node.hear())
        self.assertEqual(node.register().code, 0)
        self.assertEqual(self.sends_away(agent, node.home).returncode, 0)
        wait_for(lambda: self.bound(home) is None)
        wait_for(lambda: len(self.of(wire, visit.REVOCATION_ACK)) == 2)
        visit.Advertisement(node.hear())
        self.assertEqual(node.register().code, 0)
        old = [said.octets for said in self.of(wire, visit.REVOCATION)]
        before = agent.metric("fa_revocations_total"), home.metric("anchor_mip_revocations_total")
        wire.front.sendto(old[0] if old[0][2] & 0x80 else old[1], (ONE, agent.mip_port))
        wire.back.sendto(old[1] if old[0][2] & 0x80 else old[0], ("127.0.0.1", home.mip_port))
        wait_for(lambda: agent.metric("fa_revocations_total") > before[0])
        wait_for(lambda: home.metric("anchor_mip_revocations_total") > before[1])
        self.assertEqual(agent.visitors()[0]["state"], "SERVED")
        self.assertEqual(self.bound(home), ONE)
        self.assertTrue(node.ping(GATEWAY))


class DeviceTest(ue_mip_test.ForeignAgentTest):
    """The device of ours: it hears of it, and registers again."""

    def test_from_agent_to_agent_to_a_place_of_its_own(self):
        """The agents that it leaves know it no more."""
        super().test_from_agent_to_agent_to_a_place_of_its_own()
        for agent in self.agents:
            wait_for(lambda agent=agent: agent.visitors() == [])

    def test_it_registers_again(self):
        # spec: RFC 3543 4.1 - told by its agent, of which it was a visitor.
        self.begin()
        first = self.does("mip-register", at="fa-1")
        agent = self.agents[0]
        agent.command("fa", "revoke", first["home-address"])
        wait_for(lambda: self.phone.asks("mip-status")["counts"]["revoked"] == 1)
        wait_for(lambda: [row["state"] for row in agent.visitors()] == ["SERVED"])
        wait_for(lambda: self.phone.asks("mip-status")["mip"] == "registered")
        self.assertEqual(self.binding()["mag"], self.ONE)
        self.pings()

    def test_t12_who_says_that_the_agent_began_anew_moves_it_nowhere(self):
        """Two advertisements that anybody can make, the second with a care-of address that is not
        the agent's: with that the device asks for nothing, and stays registered."""
        self.begin()
        between = ue_mip_test.Translator(self.agents[0].mip_port)
        between.agent = (self.ONE, self.agents[0].mip_port)
        self.start(between)
        self.phone.stop()
        self.phone.sets["ue.mip.places"] = f"[{{name: fa, address: {ue_mip_test.A}, " \
                                           f"agent: 127.0.0.1, agent_port: {between.port}}}]"
        self.phone.again()
        self.does("mip-register", at="fa")
        self.pings()
        between.passes = False
        for at, sequence, reason in ((self.ONE, 0, "mip.revoked"),
                                     ("127.0.0.40", 1, "mip.advertisement")):
            made_up = ue_mip_test.Agent(at)
            between.inside.sendto(made_up.advertisement(sequence=sequence), between.device)
            made_up.stop()
            wait_for(lambda reason=reason: between.kept_back or self.phone.asks(
                "mip-status")["last-refusal"].get("reason") == reason)
        self.assertEqual(between.kept_back, [])
        self.assertTrue(self.phone.asks("mip-status")["registered"])
        between.passes = True
        wait_for(lambda: self.phone.asks("mip-status")["mip"] == "registered")
        self.assertEqual(self.phone.asks("mip-status")["care-of"], self.ONE)
        self.pings()

    def test_a_device_at_an_address_of_its_own_is_told_by_nobody(self):
        # spec: RFC 3543 4 - agents tell each other. So the words of both ends say what is true.
        self.begin()
        first = self.does("mip-register", at="own")
        self.pings()
        told = self.network.command("anchor", "mip-revoke", first["home-address"]).stdout
        self.assertRegex(told, r"none tells the device: .*until it asks again, in \d+ s at most")
        self.assertEqual(self.binding()["state"], "NONE")
        status = self.phone.asks("mip-status")
        self.assertEqual((status["mip"], status["counts"].get("revoked", 0)), ("registered", 0))
        self.assertGreaterEqual(status["left-s"], status["confirmed-s-ago"])
        self.assertEqual(self.phone.asks("mip-ping", to=ue_mip_test.GATEWAY,
                                         count=1)["received"], 0)
        moved = self.does("mip-move", at="fa-1")    # it asks again, and has the same address
        self.assertEqual(moved["home-address"], first["home-address"])
        self.pings()


if __name__ == "__main__":
    unittest.main()

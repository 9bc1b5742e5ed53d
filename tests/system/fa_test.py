"""The foreign agent: nodes that a foreign hand makes register through it with an anchor, over real
sockets, and somebody sits in between."""
import struct
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import mip  # noqa: E402
import mip_test  # noqa: E402
import pmip  # noqa: E402
import visit  # noqa: E402
import world  # noqa: E402

A, B, KEYS, GATEWAY = mip_test.A, mip_test.B, mip_test.KEYS, mip_test.GATEWAY
ONE, TWO, WIRE = "127.0.0.17", "127.0.0.18", "127.0.0.19"
AGENTS = f"[{visit.agents_row(ONE, WIRE)}, {visit.agents_row(TWO, name='fa-2')}]"
RESOURCES, PROHIBITED, MN_AUTH, HA_AUTH, LIFETIME = 66, 65, 67, 68, 69
ENCAPSULATION, REVERSE, CARE_OF, TIMEOUT, HA_PORT = 72, 75, 77, 78, 82
UNKNOWN, MISSING, STALE, NO_KEY = 104, 105, 106, 107
HA_MN_AUTH = 131


class FaCase(world.Case):
    def home(self, **settings):
        return self.start(mip_test.HomeAgent(**{"anchor.mip.agents": AGENTS, **settings}))

    def foreign(self, home_port, address=ONE, **settings):
        return self.start(visit.ForeignAgent(address, home_port, **settings))

    def both(self, **settings):
        home = self.home()
        return home, self.foreign(home.mip_port, **settings)

    def visitor(self, agent, imsi=A, **how):
        visitor = visit.Visitor(agent, imsi, how.pop("key", KEYS[imsi]), **how)
        self.addCleanup(visitor.close)
        return visitor

    def wire(self, home):
        wire = visit.Wire(home.mip_port, WIRE)
        self.addCleanup(wire.stop)
        return wire

    def bound(self, home, imsi=A):
        """Where the home agent has the device; None: nowhere."""
        rows = [row for row in home.bindings() if row["imsi"] == imsi]
        return rows[0]["mag"] if rows and rows[0]["state"] == "ACTIVE" else None


class FromFile(visit.ForeignAgent):
    """With a file of its own, that a test may change."""

    def again(self):
        self.config = self.where / "fa.yaml"
        self.config.write_text("fa: {lifetime_s: 300}\n")
        super().again()


class RegistrationTest(FaCase):
    def test_register_ping_deregister(self):
        home, agent = self.both()
        node = self.visitor(agent)
        heard = node.solicit()
        self.assertEqual((heard.source, heard.care_of, heard.lifetime, heard.sequence),
                         (ONE, ONE, 1800, 0))
        self.assertEqual(heard.flags, 0x11c0)       # foreign agent, reverse tunnel, UDP, revocation
        reply = node.register()
        self.assertEqual((reply.code, reply.lifetime, reply.agent), (0, 600, "127.0.0.1"))
        self.assertTrue(reply.proves(KEYS[A], 256, "hmac-sha256"))
        self.assertEqual(visit.kinds(reply.octets), [mip.NAI, visit.MN_HA, visit.CHALLENGE])
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(self.bound(home), ONE)
        row, = agent.visitors()
        self.assertEqual((row["state"], row["home"], row["agent"], row["address"], row["nai"]),
                         ("SERVED", reply.home, "127.0.0.1", "127.0.0.30", visit.NAI.format(A)))
        self.assertGreater(row["up_octets"], 35)
        self.assertGreater(row["down_octets"], 35)
        shown = agent.command("fa", "visitors", "-c", agent.config,
                              f"--set=state_dir={agent.sets['state_dir']}").stdout
        self.assertIn(f"{reply.home}", shown)
        self.assertIn("down  " + visit.NAI.format(A[:5] + "." * 8 + A[-2:]) + "\n", shown)
        self.assertNotIn(A, shown)
        whole = agent.command("fa", "visitors", "-c", agent.config, "--set=log.mask_imsi=false",
                              f"--set=state_dir={agent.sets['state_dir']}").stdout
        self.assertIn(visit.NAI.format(A), whole)
        self.assertEqual(node.register().code, 0)       # a renewal
        self.assertEqual(agent.visitors()[0]["epoch"], row["epoch"])
        gone = node.register(lifetime=0)
        self.assertEqual((gone.code, gone.lifetime), (0, 0))
        self.assertFalse(node.ping(GATEWAY, seconds=0.3))
        self.assertEqual(agent.visitors(), [])
        self.assertIsNone(self.bound(home))
        agent.wait_line(r"visitor-released.*up_octets=\d+")
        self.assertEqual(node.solicit().sequence, 1)

    def test_between_the_agents(self):
        """What stands where: 144 behind Mobile-Home, Foreign-Home last, or nowhere."""
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        node.solicit()
        sent = node.request()
        self.assertEqual(node.give(sent).code, 0)
        passed, answer = wire.requests[-1], wire.replies[-1]
        self.assertEqual(passed[:len(sent)], sent)
        self.assertEqual(visit.kinds(passed),
                         visit.kinds(sent) + [visit.UDP_REQUEST, visit.REVOCABLE, visit.FA_HA])
        self.assertTrue(visit.proves(passed, visit.FA_HA, visit.AGENTS_KEY))
        self.assertEqual(visit.kinds(answer), [mip.NAI, visit.MN_HA, visit.UDP_REPLY,
                                               visit.REVOCABLE, visit.FA_HA])
        self.assertTrue(visit.proves(answer, visit.FA_HA, visit.AGENTS_KEY))
        time.sleep(0.01)
        self.assertEqual(node.register(lifetime=0).code, 0)
        self.assertEqual(visit.kinds(wire.requests[-1])[-1], visit.MN_HA)
        self.assertNotIn(visit.FA_HA, visit.kinds(wire.replies[-1]))

    def test_an_agent_that_no_row_knows(self):
        """T12: the home agent says so, and what to do; with the row, the same is let in."""
        rows = {one: f"[{visit.agents_row(one)}]" for one in (TWO, ONE)}
        for row, code in ((TWO, HA_AUTH), (ONE, 0)):
            home = self.home(**{"anchor.mip.agents": rows[row]})
            agent = self.foreign(home.mip_port)
            node = self.visitor(agent)
            node.solicit()
            self.assertEqual(node.register().code, code)
            if code:
                home.wait_line("mip.foreign-agent-unknown.*anchor.mip.agents")
            self.assertNotIn("mip.udp-tunnel", home.text())
            for part in (node.close, agent.stop, home.stop):
                part()

    def test_what_is_refused(self):
        home, agent = self.both(**{"fa.lifetime_s": 100})
        node = self.visitor(agent)
        node.solicit()
        for code, how in ((PROHIBITED, {"agent": "192.0.2.9"}),
                          (CARE_OF, {"care_of": "127.0.0.99"}),
                          (ENCAPSULATION, {"flags": 0x0a}), (REVERSE, {"flags": 0}),
                          (LIFETIME, {"lifetime": 101})):
            reply = node.register(**{"lifetime": 100, **how})
            self.assertEqual(reply.code, code, how)
            self.assertIn(visit.CHALLENGE, reply.extensions)
        self.assertEqual(reply.lifetime, 100)       # 69 says what may be asked for
        self.assertEqual((agent.visitors(), home.bindings()), ([], []))
        self.assertEqual(agent.metric("fa_relayed_total"), 0)
        self.assertEqual(node.register(lifetime=reply.lifetime).code, 0)
        agent.wait_line("mip.lifetime.*code=69")
        world.wait_for("counted by reason", lambda: 'latchkey_refused_total{role="fa",'
                       'reason="mip.lifetime"} 1' in agent.metrics())

    def test_t12_without_challenges_it_warns(self):
        """Who switches them off hears what that opens; the control: who does not hears nothing."""
        home = self.home()
        off = self.foreign(home.mip_port, ONE, **{"fa.challenge": "false"})
        on = self.foreign(home.mip_port, TWO)
        off.wait_line("warning fa no-challenge .*fa.challenge: true")
        self.assertNotIn("no-challenge", on.log.read_text())

    def test_what_the_home_agent_refuses_comes_back(self):
        home, agent = self.both()
        node = self.visitor(agent, key=KEYS[B])
        reply = node.register()
        self.assertEqual(reply.code, HA_MN_AUTH)
        self.assertEqual((agent.visitors(), home.bindings()), ([], []))

    def test_challenges(self):
        """A22, RFC 4721: missing, unknown, another's, used."""
        home, agent = self.both()
        node, other = self.visitor(agent), self.visitor(agent, local="127.0.0.31")
        self.assertEqual(node.give(node.request()).code, MISSING)
        good = node.challenge
        self.assertEqual(len(good), 24)
        self.assertEqual(node.give(node.request(challenge=b"some other challenge----")).code,
                         UNKNOWN)
        self.assertEqual(other.give(other.request(challenge=good)).code, UNKNOWN)
        self.assertEqual((agent.visitors(), agent.waiting()), ([], 0))
        self.assertEqual(node.give(node.request(challenge=good)).code, 0)
        time.sleep(0.01)
        self.assertEqual(node.give(node.request(challenge=good)).code, STALE)
        self.assertEqual(node.register().code, 0)

    def test_keys_between_node_and_agent(self):
        """spec: RFC 5944 3.7.2.1 - 67 and 107."""
        nai, key = visit.NAI.format(A), "a key of node and agent!"
        home = self.home()
        agent = self.foreign(home.mip_port, **{
            "fa.nodes": f"[{{nai: \"{nai}\", spi: 300, key: \"{key}\"}}]"})
        node = self.visitor(agent, foreign=(300, key))
        reply = node.register()
        self.assertEqual(reply.code, 0)
        self.assertTrue(visit.proves(reply.octets, visit.MN_FA, key, 300))
        self.assertTrue(agent.visitors()[0]["proven"])
        for wrong in ((300, "another key of 24 octets"), (301, key)):
            self.assertEqual(node.register(foreign=wrong).code, MN_AUTH)
        node.foreign = None
        self.assertEqual(node.register().code, MN_AUTH)
        self.assertTrue(node.ping(GATEWAY))     # what was served still is
        must = self.foreign(home.mip_port, TWO, **{"fa.foreign_key": "true"})
        stranger = self.visitor(must, B)
        self.assertEqual(stranger.register().code, NO_KEY)
        self.assertEqual(must.visitors(), [])


class PathTest(FaCase):
    def test_a_home_agent_that_is_silent(self):
        home = self.home()
        wire = self.wire(home)
        wire.alter = lambda octets: None
        agent = self.foreign(wire.port, **{"fa.wait_ms": 300})
        node = self.visitor(agent)
        self.assertEqual(node.register().code, TIMEOUT)
        self.assertEqual((agent.visitors(), agent.waiting()), ([], 0))
        wire.alter = lambda octets: octets
        self.assertEqual(node.register().code, 0)

    def test_a_home_agent_that_is_not_there(self):
        agent = self.foreign(world.free_port())
        node = self.visitor(agent)
        self.assertEqual(node.register().code, HA_PORT)
        self.assertEqual((agent.visitors(), agent.waiting()), ([], 0))

    def test_a_lifetime_has_an_end(self):
        home, agent = self.both()
        node = self.visitor(agent)
        self.assertEqual(node.register(lifetime=1).code, 0)
        world.wait_for("it ended", lambda: agent.visitors() == [], 5)
        agent.wait_line("visitor-ended")
        self.assertFalse(node.ping(GATEWAY, seconds=0.2))

    def test_moves(self):
        """Agent, agent, co-located, agent: one home address, and one place at a time."""
        home = self.home()
        agents = [self.foreign(home.mip_port, address) for address in (ONE, TWO)]
        first, second = (self.visitor(agent) for agent in agents)
        self.assertEqual(first.register().code, 0)
        address = first.home
        self.assertTrue(first.ping(GATEWAY))
        second.home = address
        self.assertEqual((second.register().code, second.home), (0, address))
        self.assertTrue(second.ping(GATEWAY))
        self.assertFalse(first.ping(GATEWAY, seconds=0.3))
        alone = mip.Node(home, A, KEYS[A])
        self.addCleanup(alone.close)
        alone.home = address
        self.assertEqual((alone.register().code, alone.home), (0, address))
        self.assertTrue(alone.ping(GATEWAY))
        self.assertFalse(second.ping(GATEWAY, seconds=0.3))
        self.assertEqual((first.register().code, first.home), (0, address))
        self.assertTrue(first.ping(GATEWAY))
        self.assertEqual(self.bound(home), ONE)
        elsewhere = self.visitor(agents[0], local="127.0.0.33")     # at the same agent
        elsewhere.home = address
        self.assertEqual(elsewhere.register().code, 0)
        self.assertTrue(elsewhere.ping(GATEWAY))
        self.assertFalse(first.ping(GATEWAY, seconds=0.3))
        agents[0].wait_line("visitor-elsewhere")
        self.assertEqual([row["address"] for row in agents[0].visitors()], ["127.0.0.33"])

    def test_killed_and_started_again(self):
        home, agent = self.both()
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        subprocess.run(["pkill", "-KILL", "-P", str(agent.process.pid), "latchkey-fa"],
                       check=True)
        node.challenge = b""

        def again():
            reply = node.give(node.request(), 0.3)
            return reply is not None and reply.code == 0

        world.wait_for("it serves again", again, 15)
        self.assertTrue(node.ping(GATEWAY))

    def test_reload(self):
        """Who visits stays; what is asked anew is asked by the new file."""
        home = self.home()
        agent = self.start(FromFile(ONE, home.mip_port))
        node = self.visitor(agent)
        self.assertEqual(node.register(lifetime=300).code, 0)
        agent.config.write_text("fa: {lifetime_s: 100}\n")
        answer = agent.ask(op="reload")
        self.assertTrue(answer["ok"], answer)
        self.assertTrue(node.ping(GATEWAY))
        refused = node.register(lifetime=300)
        self.assertEqual((refused.code, refused.lifetime), (LIFETIME, 100))
        self.assertTrue(node.ping(GATEWAY))
        agent.config.write_text("fa: {care_of: 127.0.0.99}\n")
        self.assertFalse(agent.ask(op="reload")["ok"])


class StrangerTest(FaCase):
    def test_t12_what_an_agent_alters_is_refused(self):
        """Care-of address, lifetime, home address, home agent, each changed by who knows the key of
        the agents: nothing comes of it, not in part."""
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        self.assertEqual(node.register(lifetime=300).code, 0)
        before = home.bindings()[0]
        for at, octets in ((12, bytes([127, 0, 0, 19])), (2, b"\0\0"), (2, b"\4\0"),
                           (4, bytes([10, 64, 0, 77])), (8, bytes([127, 0, 0, 9]))):
            def alter(request):
                end = [where for kind, _, where in visit.extensions(request)
                       if kind == visit.FA_HA][0]
                whole = request[:at] + octets + request[at + len(octets):end]
                return visit.signed(whole)

            wire.alter = alter
            # To what looks like a deregistration the answer has no Foreign-Home, and is no answer.
            self.assertEqual(node.register(lifetime=300).code,
                             HA_AUTH if octets == b"\0\0" else HA_MN_AUTH, at)
            now = home.bindings()[0]
            for key in ("mag", "epoch", "ipv4", "state", "expires_ms"):
                self.assertEqual(now[key], before[key])
            self.assertTrue(node.ping(GATEWAY))
        wire.alter = lambda octets: octets
        self.assertEqual(node.register(lifetime=300).code, 0)

    def test_t12_replies_are_proven(self):
        """A reply that was changed is not passed back, nor served: the agents' key proves it; and
        what the agents' key signs, the node's key does not."""
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        for at, octet in ((1, 1), (3, 1), (7, 77), (40, 1)):
            wire.alter_back = lambda reply: reply[:at] + bytes([octet ^ reply[at]]) + reply[at + 1:]
            self.assertEqual(node.register().code, HA_AUTH)
            self.assertEqual(agent.visitors(), [])

        def sign(reply):
            end = [where for kind, _, where in visit.extensions(reply) if kind == visit.FA_HA][0]
            return visit.signed(reply[:3] + b"\x10" + reply[4:end])

        wire.alter_back = sign
        forged = node.register()
        self.assertFalse(forged.proves(KEYS[A], 256, "hmac-sha256"))
        wire.alter_back = lambda octets: octets
        honest = node.register()
        self.assertTrue(honest.code == 0 and honest.proves(KEYS[A], 256, "hmac-sha256"))

    def test_t12_replies_of_others(self):
        """A reply from another place than the home agent's, and one that nobody waits for."""
        home, agent = self.both()
        node, liar = self.visitor(agent), self.visitor(agent, B, local="127.0.0.32")
        made = struct.pack(">BBH4s4sQ", 3, 0, 600, bytes([10, 64, 0, 9]), bytes([127, 0, 0, 1]), 7)
        liar.socket.send(visit.signed(made))
        agent.wait_line("mip.not-pending")
        self.assertEqual(agent.visitors(), [])
        self.assertEqual(node.register().code, 0)

    def test_t33_only_its_own_address_from_its_own_place(self):
        """T16, T33: neither another's address, nor from another's place, nor without a binding."""
        home, agent = self.both()
        one, two = self.visitor(agent), self.visitor(agent, B, local="127.0.0.32")
        one.register()
        self.assertFalse(two.ping(GATEWAY, source=one.home, seconds=0.2))
        two.register()
        self.assertFalse(two.ping(GATEWAY, source=one.home, seconds=0.2))
        self.assertTrue(two.ping(GATEWAY) and one.ping(GATEWAY))
        world.wait_for("counted", lambda: agent.metric("fa_up_unbound_total") == 2)
        two.register(lifetime=0)
        self.assertFalse(two.ping(GATEWAY, seconds=0.2))
        world.wait_for("counted", lambda: agent.metric("fa_up_unbound_total") == 3)

    def rss(self, agent):
        pid = subprocess.run(["pgrep", "-P", str(agent.process.pid), "latchkey-fa"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.split()[0]
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def test_t15_a_flood_leaves_nothing_behind(self):
        """Requests without a challenge of ours keep nothing; with one, they wait in a table that
        has so many rows, and who is honest is served all the same."""
        home, agent = self.both(**{"fa.pending": 8, "fa.visitors": 16})
        honest = self.visitor(agent)
        self.assertEqual(honest.register().code, 0)
        before = self.rss(agent)
        crowd = [self.visitor(agent, B, local=visit.random_place()) for _ in range(60)]
        for _ in range(5):
            for stranger in crowd:
                stranger.socket.send(stranger.request(spi=999))
        world.wait_for("all came", lambda: agent.metric("fa_requests_total") >= 300, 20)
        self.assertEqual(agent.metric("fa_relayed_total"), 1)
        self.assertEqual((agent.waiting(), len(agent.visitors())), (0, 1))
        for stranger in crowd:
            self.assertEqual(mip.Reply(stranger.hear()).code, MISSING)
            while (more := stranger.hear(0.01)) is not None:
                stranger.challenge = mip.Reply(more).extensions[visit.CHALLENGE]
        answered = [stranger for stranger in crowd if stranger.challenge]
        self.assertGreater(len(answered), 20)
        for stranger in answered:
            stranger.socket.send(stranger.request(spi=999))     # the home agent is silent
        world.wait_for("they made room", lambda: agent.metric("fa_made_room_total") > 0)
        self.assertLessEqual(agent.waiting(), 8)
        self.assertLessEqual(len(agent.visitors()), 9)
        self.assertEqual(honest.register().code, 0)
        self.assertTrue(honest.ping(GATEWAY))
        late = self.visitor(agent, B, local="127.0.0.34")
        self.assertEqual(late.register().code, 0)
        self.assertLess(self.rss(agent) - before, 2048)

    def test_t15_one_source_has_its_budget(self):
        home, agent = self.both(**{"fa.source_rate": 3})
        node = self.visitor(agent)
        for _ in range(40):
            node.socket.send(node.request())
        world.wait_for("it is over", lambda: agent.metric("fa_over_budget_total") > 20)
        agent.wait_line("mip.too-fast")
        other = self.visitor(agent, B, local="127.0.0.35")
        self.assertEqual(other.register().code, 0)

    def test_octets_of_all_sorts(self):
        home, agent = self.both()
        node = self.visitor(agent)
        node.solicit()
        whole = node.request()
        for cut in range(len(whole)):
            node.socket.send(whole[:cut])
        for first in range(256):
            node.socket.send(bytes([first]) + whole[1:25])
        for cut in range(60):
            node.socket.send((b"\4\4\0\0" + pmip.echo("10.64.0.9", GATEWAY))[:cut])
        while node.hear(0.3) is not None:
            pass
        self.assertEqual((agent.visitors(), home.bindings()), ([], []))
        node.challenge = b""
        self.assertEqual(node.register().code, 0)


class JudgeTest(FaCase):
    def test_tshark_reads_what_the_agent_sends(self):
        home = self.home()
        wire = self.wire(home)
        agent = self.foreign(wire.port)
        node = self.visitor(agent)
        heard = node.solicit()
        self.assertEqual(node.register().code, 0)
        refused = node.register(lifetime=2000)
        self.assertEqual(refused.code, LIFETIME)
        over = [struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 28 + len(octets), 0, 0, 64, 17, 0,
                            bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]), 434, 434,
                            8 + len(octets), 0) + octets
                for octets in (wire.requests[-1], refused.octets)]
        path = self.dir / "fa.pcap"
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
        for number, packet in enumerate([*over, heard.packet]):
            data += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
        path.write_bytes(data)
        names = ("mip.type", "mip.code", "mip.ext.type", "mip.ext.utrq.encaptype", "icmp.type",
                 "icmp.mip.coa", "icmp.mip.life", "icmp.mip.challenge", "_ws.malformed")
        words = [word for name in names for word in ("-e", name)]
        told = subprocess.run([world.need("tshark"), "-r", path, "-T", "fields", *words],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60).stdout
        rows = [line.split("\t") for line in told.splitlines()]
        self.assertEqual(rows[0][:4], ["1", "", "131,132,32,144,137,34", "4"])
        self.assertEqual(rows[1][:3], ["3", str(LIFETIME), "132"])
        self.assertEqual(rows[2][4:8], ["9", ONE, "1800", heard.challenge.hex()])
        self.assertEqual([row[8] for row in rows], ["", "", ""])


if __name__ == "__main__":
    unittest.main()

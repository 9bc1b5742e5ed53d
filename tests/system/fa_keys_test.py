"""The foreign agent and its keys with nodes: those that the home AAA gives (RFC 3957), and those of
a bootstrapping, the agent as NAF (S4 7.3.5), with nodes of another hand."""
import socket
import subprocess
import time
import unittest

import bsf_test
import gba
import mip
import mip_test
import mip_ways_test
import radsec
import visit
import world

A, B, GATEWAY = mip_ways_test.A, mip_ways_test.B, mip_ways_test.GATEWAY
HA, FA, UA_FA = mip_ways_test.HA, "fa.example", "01000000f2"
ONE = "127.0.0.17"
KEY, OTHER_KEY = mip_ways_test.KEY, mip_ways_test.OTHER_KEY
MN_HA_KEY = "a key of node and home agent"
AGENTS = f"[{visit.agents_row(ONE)}]"
MN_AUTH, AAA_AUTH, NO_KEY = 67, 108, 107


def visitor_of(case, agent, imsi=A, key=b"", **how):
    visitor = visit.Visitor(agent, imsi, key, **how)
    case.addCleanup(visitor.close)
    return visitor


class AaaTest(mip_ways_test.Home):
    def begin(self, **settings):
        rows = ", ".join(f"{{address: {address}, secret: testing123, agent: {name}, "
                         f"agent_is: {kind}}}" for address, name, kind in
                         (("127.0.0.1", HA, "home"), (ONE, FA, "foreign")))
        self.home(**{"radius.clients": f"[{rows}]", "anchor.mip.agents": AGENTS,
                     "aaa.mip.nodes": f"[{{imsi: \"{A}\", spi: 1000, key: \"{KEY}\"}}]"})
        return self.start(visit.ForeignAgent(ONE, self.mip_port, **{
            "fa.aaa.name": FA, "fa.aaa.source": ONE, "fa.aaa.port": self.radius,
            "fa.foreign_key": "true", **settings}))

    def test_a_key_with_each_agent(self):
        """spec: RFC 3957 6.2 - of nonces of their own, each under its own proof (T24)."""
        agent = self.begin()
        node = visitor_of(self, agent)
        node.solicit()
        reply = node.ask_keys(KEY, mn_ha=600, mn_fa=700)
        self.assertEqual(reply.code, 0)
        self.assertNotEqual(reply.mn_ha.nonce, reply.mn_fa.nonce)
        key = mip.rfc3957(KEY, reply.mn_fa.nonce, node.nai)
        self.assertTrue(visit.proves(reply.octets, visit.MN_FA, key, 700, "hmac-md5"))
        self.assertTrue(node.ping(GATEWAY))
        self.assertTrue(agent.visitors()[0]["proven"])
        self.assertEqual(node.register().code, MN_AUTH)     # from now on it is a must
        node.foreign = (reply.mn_fa.agent_spi, key, "hmac-md5")
        again = node.register()
        self.assertEqual(again.code, 0)
        self.assertTrue(visit.proves(again.octets, visit.MN_FA, key, 700, "hmac-md5"))
        world.wait_for("asked once", lambda: agent.metric("fa_asked_total") == 1)

    def test_who_the_aaa_does_not_prove(self):
        agent = self.begin()
        node = visitor_of(self, agent)
        node.solicit()
        self.assertEqual(node.ask_keys(OTHER_KEY, mn_fa=700).code, AAA_AUTH)
        agent.wait_line("mip.aaa-refused.*mip.mn-aaa")
        self.assertEqual((agent.visitors(), agent.waiting(), self.bindings()), ([], 0, []))
        self.assertEqual(agent.metric("fa_relayed_total"), 0)
        self.assertEqual(node.ask_keys(KEY, mn_fa=700).code, 0)

    def test_an_aaa_that_is_silent(self):
        agent = self.begin(**{"fa.aaa.port": world.free_port(), "fa.aaa.timeout_ms": 100})
        node = visitor_of(self, agent)
        node.solicit()
        self.assertEqual(node.ask_keys(KEY, mn_fa=700).code, AAA_AUTH)
        agent.wait_line("mip.aaa-silent")
        self.assertEqual((agent.visitors(), self.bindings()), ([], []))

    def test_t23_where_a_key_may_travel(self):
        sets = [f"--set={key}={value}" for key, value in {
            "roles": "[fa]", "fa.aaa.name": FA, "fa.aaa.server": "192.0.2.1",
            "fa.home_agents": "[{address: 127.0.0.9, key: sixteen octets!!}]"}.items()]
        done = subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml", "--check",
                               *sets], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout + done.stderr, "fa.aaa.server.*TLS")


class NafTest(bsf_test.Bsf):
    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        self.certificates.make("bsf", gba.BSF, ca="ca")
        self.certificates.make("fa", FA, ca="ca")
        self.zn = world.free_port(socket.SOCK_STREAM)

    def files(self, section, stem):
        path = self.certificates.path
        return {f"{section}.certificate": path(stem), f"{section}.key": path(stem, "key"),
                f"{section}.ca": path("ca")}

    def key(self):
        return self.session.naf(FA, bytes.fromhex(UA_FA))

    def b_tid(self):
        return mip.b_tid_extension(self.session.b_tid)

    def begin(self, **settings):
        self.bsf(**{"bsf.zn_port": self.zn, "bsf.rate": 1000,
                    "bsf.nafs": f"[{{name: {FA}, ua_ids: [\"{UA_FA}\"], identity: true}}]",
                    **self.files("bsf", "bsf")})
        nodes = [f"{{imsi: \"{imsi}\", key: \"{MN_HA_KEY}\"}}" for imsi in (A, B)]
        home = self.start(mip_test.HomeAgent(nodes, **{"anchor.mip.agents": AGENTS}))
        self.session = self.ue().bootstrap()
        return self.start(visit.ForeignAgent(ONE, home.mip_port, **{
            "fa.naf.name": FA, "fa.naf.bsf_port": self.zn, "fa.foreign_key": "true",
            **self.files("fa.naf", "fa"), **settings}))

    def test_the_key_of_a_bootstrapping(self):
        agent = self.begin()
        key = self.key()
        node = visitor_of(self, agent, key=MN_HA_KEY, foreign=(900, key))
        reply = node.register(extensions=self.b_tid())
        self.assertEqual(reply.code, 0)
        self.assertTrue(visit.proves(reply.octets, visit.MN_FA, key, 900))
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(node.register().code, 0)       # the B-TID is said once
        node.foreign = None
        self.assertEqual(node.register().code, MN_AUTH)
        stranger = visitor_of(self, agent, B, MN_HA_KEY, local="127.0.0.31")
        self.assertEqual(stranger.register().code, NO_KEY)

    def test_t10_a_b_tid_that_was_heard(self):
        """Who has heard a device's B-TID sends junk under it, from his own place: he is refused,
        and the device, which has no key with the agent, is not locked out by one that it never
        asked for."""
        agent = self.begin(**{"fa.foreign_key": "false"})
        node = visitor_of(self, agent, key=MN_HA_KEY)
        self.assertEqual(node.register().code, 0)
        thief = visitor_of(self, agent, key=b"junk", foreign=(901, b"j" * 32), local="127.0.0.66")
        self.assertEqual(thief.register(extensions=self.b_tid()).code, MN_AUTH)
        agent.wait_line("mip.authenticator")
        self.assertEqual(node.register().code, 0)
        elsewhere = visitor_of(self, agent, key=MN_HA_KEY, local="127.0.0.31")
        self.assertEqual(elsewhere.register().code, 0)
        self.assertTrue(elsewhere.ping(GATEWAY))

    def test_t27_a_b_tid_is_of_its_subscriber(self):
        agent = self.begin()
        key = self.key()
        mixed = visitor_of(self, agent, B, MN_HA_KEY, foreign=(901, key), local="127.0.0.31")
        mixed.solicit()
        self.assertIsNone(mixed.give(mixed.request(extensions=self.b_tid()), 1))
        agent.wait_line("mip.b-tid")
        self.assertEqual((agent.visitors(), agent.waiting()), ([], 0))
        wrong = visitor_of(self, agent, key=MN_HA_KEY, foreign=(902, b"x" * 32))
        self.assertEqual(wrong.register(extensions=self.b_tid()).code, MN_AUTH)
        time.sleep(0.3)
        node = visitor_of(self, agent, key=MN_HA_KEY, foreign=(903, key), local="127.0.0.32")
        self.assertEqual(node.register(extensions=self.b_tid()).code, 0)


del bsf_test

if __name__ == "__main__":
    unittest.main()

"""The four ways to the keys of Mobile IP (S4 7.3.4 to 7.3.6), side by side against real daemons, by
a mobile node of another hand: it bootstraps, derives and signs in Python.

    ha-naf  the home agent asks the BSF for Ks_NAF of its name (mip_naf_test.py has more of it)
    aaa     the home AAA does, for MN-AAA, and makes keys of nonces (RFC 3957)
    pushed  the home AAA does in the home agent's name, which knows nothing of GBA
    bsf     as ha-naf, and the home agent's name came in the BSF's 200 OK
"""
import re
import socket
import subprocess
import time
import unittest

import bsf_test
import gba
import mip
import radsec
import world

HA, AAA = "ha.example", "aaa.example"
UA_HA, UA_AAA = "01000000f1", "01000000f0"
GATEWAY = "10.64.0.1"
A, B = world.CARD.imsi, "001010000000009"
KEY = "the key with the home AAA"
OTHER_KEY = "another key with that AAA"


class Home(world.Case):
    """AAA and anchor in one daemon, on loopback."""

    def home(self, **settings):
        self.radius, self.mip_port = world.free_port(), world.free_port()
        daemon = self.start(world.Latchkeyd(**{
            "roles": "[aaa, vault, anchor]", "radius.port": self.radius,
            "anchor.port": world.free_port(), "anchor.tunnel_port": world.free_port(),
            "anchor.mip.port": self.mip_port, "anchor.mip.aaa.name": HA,
            "anchor.mip.aaa.source": "127.0.0.1",
            "anchor.mip.aaa.port": self.radius, "log.mask_imsi": "false", "log.level": "debug",
            "radius.clients": f"[{{address: 127.0.0.0/8, secret: testing123, agent: {HA}, "
                              f"agent_is: home}}]",
            **settings}))
        daemon.mip_port = self.mip_port
        self.daemon = daemon
        return daemon

    def node(self, imsi=A, key=b"", **how):
        node = mip.Node(self.daemon, imsi, key, **how)
        self.addCleanup(node.close)
        return node

    def bindings(self):
        return self.daemon.ask(op="bindings")["bindings"]


class ConfiguredKeyTest(Home):
    """The way `aaa`, with a key of the configuration: everything but GBA."""

    def begin(self, **settings):
        return self.home(**{"aaa.mip.nodes": f"[{{imsi: \"{A}\", spi: 1000, key: \"{KEY}\"}}, "
                                             f"{{imsi: \"{A}\", spi: 2, key: \"{KEY}\"}}, "
                                             f"{{imsi: \"{B}\", spi: 1000, "
                                             f"key: \"{OTHER_KEY}\"}}]", **settings})

    def test_keys_of_a_nonce_register(self):
        """spec: RFC 3957 6.4 - the nonce, in front of the authenticator of its key (T25)."""
        self.begin()
        node = self.node()
        reply = node.ask_keys(KEY)
        self.assertEqual((reply.code, reply.mn_ha.aaa_spi, reply.mn_ha.replay),
                         (0, 1000, b"\0\2"))
        self.assertEqual(len(reply.mn_ha.nonce), 16)
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(node.register().code, 0)       # by Mobile-Home, and no AAA is asked
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(self.count("mip_keys_granted_total"), 1)

    def count(self, name):
        time.sleep(0.15)
        return sum(worker["counts"].get(name, 0)
                   for worker in self.daemon.ask(op="status")["workers"])

    def test_t24_no_nonce_is_in_two_roles(self):
        """Invariant 20: keys of home agent, foreign agent and home AAA differ, and so do nonces,
        of one registration and of the next."""
        self.begin()
        node, seen = self.node(), set()
        for i in range(4):
            reply = node.ask_keys(KEY, mn_ha=600 + i, mn_fa=700 + i)
            self.assertTrue(node.ping(GATEWAY))     # so it is where it says, and is answered
            keys = {mip.rfc3957(KEY, key.nonce, node.nai) for key in (reply.mn_ha, reply.mn_fa)}
            self.assertEqual(len(keys | {KEY.encode()[:16]}), 3)
            seen |= {reply.mn_ha.nonce, reply.mn_fa.nonce}
        self.assertEqual(len(seen), 8)

    def test_t26_a_reply_that_is_lost_changes_no_key(self):
        """Five replies are lost: one nonce is made, and the old key serves until the new one was
        used."""
        self.begin()
        node = self.node()
        node.ask_keys(KEY)
        old = (node.key, node.spi)
        for _ in range(5):
            node.socket.send(mip.mn_aaa(node.request(
                signed=False, extensions=mip.key_request(601)), KEY, 1000))
            lost = mip.Reply(node.hear())       # nobody reads it
            last = getattr(self, "nonce", lost.mn_ha.nonce)
            self.assertEqual(lost.mn_ha.nonce, last)
            self.nonce = last
            time.sleep(0.8)                     # an agent asks for so many a second
        self.assertEqual(node.register().code, 0)       # by the old key
        reply = node.ask_keys(KEY, mn_ha=601)
        self.assertEqual((reply.code, reply.mn_ha.nonce), (0, self.nonce))
        self.assertNotEqual(node.spi, old[1])
        self.assertEqual(node.register().code, 0)
        node.key, node.spi = old
        self.assertIsNone(node.give(node.request(), 0.3))       # it is over

    def test_t27_who_is_not_proven(self):
        """Another's key, a bit of it, the name of another, no SPI of his: nothing is registered,
        and who it is said to be is not hindered."""
        self.begin()
        for imsi, key, spi in ((A, OTHER_KEY, 1000), (B, KEY, 1000), (A, KEY + "x", 1000),
                               (A, KEY, 1001)):
            node = self.node(imsi, local=f"127.0.0.{20 + spi % 10}")
            self.assertIsNone(node.ask_keys(key, spi, seconds=1))
            node.close()
            time.sleep(0.5)
        self.daemon.wait_line("mip.mn-aaa")
        self.daemon.wait_line("mip.spi-unknown")
        self.assertEqual(self.bindings(), [])
        self.assertEqual(self.node(local="127.0.0.31").ask_keys(KEY).code, 0)

    def test_a_proof_in_the_way_of_chap(self):
        """spec: RFC 4721 8 - under SPI 2, with a challenge."""
        self.begin()
        node, challenge = self.node(), bytes(range(1, 13))
        extensions = mip.short(mip.CHALLENGE, challenge) + mip.key_request(600)
        message = node.request(signed=False, extensions=extensions)
        altered = mip.mn_aaa_chap(message, KEY, challenge[:-1] + b"x")
        self.assertIsNone(node.give(altered, 1))
        reply = node.give(mip.mn_aaa_chap(message, KEY, challenge))
        self.assertEqual(reply.code, 0)
        node.take(reply, KEY, 600)
        self.assertEqual(node.register().code, 0)

    def test_the_clock_of_a_node_that_has_no_key(self):
        """133, signed by a key that nothing else is signed by: the node learns the time."""
        self.begin()
        node = self.node()
        late = node.ask_keys(KEY, identification=mip.ntp(time.time() - 3600))
        self.assertEqual(late.code, 133)
        self.assertEqual(self.bindings(), [])
        reply = node.ask_keys(KEY, identification=late.identification >> 32 << 32 | 7)
        self.assertEqual(reply.code, 0)

    def test_an_aaa_that_is_silent(self):
        """The node is not answered; the agent says why."""
        self.begin(**{"anchor.mip.aaa.port": world.free_port(), "anchor.mip.aaa.timeout_ms": 100})
        self.assertIsNone(self.node().ask_keys(KEY, seconds=1))
        self.daemon.wait_line("mip.aaa-silent")

    def test_t23_where_a_key_may_travel(self):
        """T23: over UDP beyond loopback nothing starts, at either end. The control: all the others
        here, on loopback."""
        far = "[{address: 192.0.2.0/24, secret: s, agent: ha.example, agent_is: home}]"
        for setting, want in (
                ({"radius.clients": far}, r"radius.clients\[0\].agent.*loopback"),
                ({"radius.clients": "[{address: 127.0.0.1, secret: s, agent: \"*.example\", "
                                    "agent_is: home}]"},
                 r"radius.clients\[0\].agent_is.*one home agent"),
                ({"anchor.mip.aaa.server": "192.0.2.1"}, "anchor.mip.aaa.server.*TLS")):
            sets = [f"--set={key}={value}" for key, value in
                    {"roles": "[aaa, vault, anchor]", "anchor.mip.aaa.name": HA, **setting}.items()]
            done = subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml",
                                   "--check", *sets], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stdout + done.stderr, want)

    def test_a_client_is_the_kind_that_its_row_says(self):
        """Invariant 20: a row without agent_is is a foreign agent, with no key of a home agent."""
        self.begin(**{"radius.clients":
                      f"[{{address: 127.0.0.0/8, secret: testing123, agent: {HA}}}]"})
        self.assertIsNone(self.node().ask_keys(KEY, seconds=1))
        self.daemon.wait_line("mip.client")

    def test_a_client_is_the_agent_that_its_row_says(self):
        self.begin(**{"anchor.mip.aaa.name": "other.example"})
        self.assertIsNone(self.node().ask_keys(KEY, seconds=1))
        self.daemon.wait_line("mip.client")


class Bootstrapped(Home, bsf_test.Bsf):
    """A BSF in a daemon of its own, whom AAA and home agent ask over Zn."""

    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        for stem, names in (("bsf", [gba.BSF]), ("ha", [HA]), ("aaa", [AAA, HA])):
            self.certificates.make(stem, names[0], ca="ca",
                                   alt=",".join(f"DNS:{name}" for name in names))
        self.zn = world.free_port(socket.SOCK_STREAM)

    def files(self, section, stem):
        path = self.certificates.path
        return {f"{section}.certificate": path(stem), f"{section}.key": path(stem, "key"),
                f"{section}.ca": path("ca")}

    def begin(self, **settings):
        self.bsf(**{"bsf.zn_port": self.zn, "bsf.rate": 1000, "bsf.home_agent": HA,
                    "bsf.home_agent_address": "127.0.0.1",
                    "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{UA_HA}\"], identity: true}}, "
                                f"{{name: {AAA}, ua_ids: [\"{UA_AAA}\"], identity: true}}]",
                    **self.files("bsf", "bsf")})
        self.daemon.add(world.Card(B, world.CARD.k, world.CARD.opc))
        self.at_bsf = self.daemon
        self.home(**settings)
        self.session = self.ue().bootstrap()

    def ha_is_naf(self):
        return {"anchor.mip.naf.name": HA, "anchor.mip.naf.bsf_port": self.zn,
                **self.files("anchor.mip.naf", "ha")}

    def aaa_is_naf(self, **more):
        return {"aaa.mip.naf.name": AAA, "aaa.mip.naf.bsf_port": self.zn,
                **self.files("aaa.mip.naf", "aaa"), **more}

    def pushes(self):
        return self.aaa_is_naf(**{"aaa.mip.push": "true", "anchor.mip.aaa.pushed": "true"})

    def key(self, name=HA, ua=UA_HA, session=None):
        return (session or self.session).naf(name, bytes.fromhex(ua))

    def b_tid(self, session=None):
        return mip.b_tid_extension((session or self.session).b_tid)

    def by_mobile_home(self, imsi=A, spi=777, session=None, key=None, local="127.0.0.9"):
        """What the ways ha-naf, pushed and bsf send; the reply."""
        node = self.node(imsi, key or self.key(session=session), spi=spi, local=local)
        return node, node.give(node.request(extensions=self.b_tid(session)), 2)

    def by_mn_aaa(self, imsi=A, session=None, key=None, local="127.0.0.9"):
        """What the way aaa sends."""
        node = self.node(imsi, local=local)
        return node, node.ask_keys(key or self.key(AAA, UA_AAA, session), 4096, seconds=2,
                                   extensions=self.b_tid(session))

    def judge(self, ask):
        """One way: T27, the B-TID of one with the name of another, at which neither account is
        touched; T20, the key of one bootstrapping with the B-TID of another; another key; and then
        it registers."""
        _, mixed = ask(imsi=B, local="127.0.0.21")
        self.assertIsNone(mixed)
        self.daemon.wait_line("mip.b-tid.*imsi=" + B)
        self.assertEqual(self.bindings(), [])
        time.sleep(1.1)         # a subscriber bootstraps once a second
        older, self.session = self.session, self.ue().bootstrap()
        for key in (self.key(AAA if ask == self.by_mn_aaa else HA,
                             UA_AAA if ask == self.by_mn_aaa else UA_HA, older), b"x" * 32):
            _, wrong = ask(key=key, local="127.0.0.22")
            self.assertIn(wrong and wrong.code, (None, 131))
        self.assertEqual(self.bindings(), [])
        node, reply = ask()
        self.assertEqual(reply.code, 0)
        node.home = reply.home
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(node.register().code, 0)       # the B-TID is said once
        self.assertEqual(self.bindings()[0]["imsi"], A)


class WaysTest(Bootstrapped):
    def test_ha_naf(self):
        self.begin(**self.ha_is_naf())
        self.judge(self.by_mobile_home)

    def test_aaa(self):
        self.begin(**self.aaa_is_naf())
        self.judge(self.by_mn_aaa)

    def test_pushed(self):
        """The home agent has no NAF, no BSF and no key: all that it has is its AAA."""
        self.begin(**self.pushes())
        self.judge(self.by_mobile_home)

    def test_bsf(self):
        """Name and address of the home agent are the BSF's word, in the 200 OK that rspauth covers
        (T29: bsf_test.py has who alters it)."""
        self.begin(**self.ha_is_naf())
        body = self.session.answer.body.decode()
        name = re.search(">([^<>]*)</homeagent>", body)[1]
        address = re.search(">([^<>]*)</homeagentaddress>", body)[1]
        self.assertEqual((name, address), (HA, "127.0.0.1"))

        def ask(**how):
            how["key"] = how.get("key") or self.key(name)
            return self.by_mobile_home(**how)
        self.judge(ask)

    def test_all_in_one_network(self):
        """Invariant 20: one subscriber by one way after another, over one bootstrapping, with a key
        of its own for each end: home agent, foreign agent, home AAA."""
        self.begin(**self.ha_is_naf(), **self.aaa_is_naf())
        node, reply = self.by_mobile_home()
        self.assertEqual(reply.code, 0)
        node.home = reply.home
        self.assertTrue(node.ping(GATEWAY))
        other, reply = self.by_mn_aaa()
        self.assertEqual(reply.code, 0)
        aaa = self.key(AAA, UA_AAA)
        foreign = self.node().ask_keys(aaa, 4096, mn_ha=601, mn_fa=701, extensions=self.b_tid())
        keys = {node.key[:16], other.key, aaa[:16]} | {
            mip.rfc3957(aaa, said.nonce, node.nai) for said in (foreign.mn_ha, foreign.mn_fa)}
        self.assertEqual(len(keys), 5)
        self.assertEqual(len(self.bindings()), 1)


class AllowedTest(Bootstrapped):
    """What a subscriber may use says his row (latchkey subscriber mip), at the home and nowhere
    else."""

    def allow(self, *words, only=None):
        for daemon in (only,) if only else (self.at_bsf, self.daemon):
            daemon.command("subscriber", "mip", A, *words)

    def test_the_way_that_is_not_his(self):
        self.begin(**self.pushes())
        self.daemon.add(world.CARD)
        self.allow("aaa")
        self.assertIsNone(self.by_mobile_home()[1])
        self.daemon.wait_line("mip.way.*way=pushed")
        self.assertEqual(self.by_mn_aaa()[1].code, 0)
        self.allow("pushed", "ha-naf")
        self.assertIsNone(self.by_mn_aaa(local="127.0.0.23")[1])
        self.daemon.wait_line("mip.way.*way=aaa")
        self.assertEqual(self.by_mobile_home(spi=778, local="127.0.0.24")[1].code, 0)
        self.allow("any")
        self.assertEqual(self.by_mn_aaa(local="127.0.0.25")[1].code, 0)

    def test_the_bsf_gives_no_key_for_it(self):
        """ha-naf: the home agent asks, and the home says no."""
        self.begin(**self.ha_is_naf())
        self.allow("aaa", only=self.at_bsf)
        self.assertIsNone(self.by_mobile_home()[1])
        self.at_bsf.wait_line("mip.way")
        self.daemon.wait_line("mip.way.*imsi=" + A)     # and so does the agent: why, and the fix
        self.assertNotIn("mip.b-tid", self.daemon.text())
        self.allow("ha-naf", only=self.at_bsf)
        self.assertEqual(self.by_mobile_home(spi=778, local="127.0.0.24")[1].code, 0)

    def test_the_bsf_names_no_home_agent(self):
        """bsf: who may not use it hears of none, in an answer that is proven all the same; and who
        may use nothing else has its key."""
        self.begin(**self.ha_is_naf())
        self.assertIn(f">{HA}<", self.session.answer.body.decode())
        self.allow("ha-naf", "aaa", "pushed", only=self.at_bsf)
        time.sleep(1.1)         # a subscriber bootstraps once a second
        self.assertNotIn("homeagent", self.ue().bootstrap().answer.body.decode())
        self.allow("bsf", only=self.at_bsf)
        time.sleep(1.1)
        self.session = self.ue().bootstrap()
        self.assertIn(f">{HA}<", self.session.answer.body.decode())
        self.assertEqual(self.by_mobile_home(spi=779, local="127.0.0.26")[1].code, 0)


del bsf_test

if __name__ == "__main__":
    unittest.main()

"""Section ue.mip by the ways that lead through the home AAA (S4 7.3.4, 7.3.6): the device, home
agent, home AAA, BSF and foreign agent are the daemon's own, and each has only what is its."""
import time
import unittest

import visit
import world
from ue_mip_test import A, AAA, AAA_UA, B, HA, UA, MipCase, Network

ONE, FA = "127.0.0.17", "fa.example"


class Ways(Network):
    """The home agent is no NAF: what it knows of a bootstrapping, it knows of its AAA."""

    def __init__(self, certificates, **settings):
        super().__init__(certificates, **settings)
        self.radius = world.free_port()
        agents = ", ".join(f"{{address: {at}, secret: testing123, agent: {name}, "
                           f"agent_is: {kind}}}" for at, name, kind in
                           (("127.0.0.1", HA, "home"), (ONE, FA, "foreign")))
        self.settings.update({
            "radius.port": self.radius, "radius.clients": f"[{agents}]",
            "twap.servers": f"[{{name: aaa, address: 127.0.0.1, port: {self.radius}, "
                            f"accounting_port: {world.free_port()}, secret: testing123}}]",
            "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{UA}\"], identity: true}}, "
                        f"{{name: {AAA}, ua_ids: [\"{AAA_UA}\"], identity: true}}]",
            "anchor.mip.naf.name": "", "anchor.mip.aaa.name": HA,
            "anchor.mip.aaa.port": self.radius, "anchor.mip.aaa.pushed": "true",
            "anchor.mip.agents": f"[{visit.agents_row(ONE)}]",
            "aaa.mip.naf.name": AAA, "aaa.mip.naf.bsf_port": self.zn, "aaa.mip.push": "true",
            "aaa.mip.naf.certificate": certificates.path("aaa"),
            "aaa.mip.naf.key": certificates.path("aaa", "key"),
            "aaa.mip.naf.ca": certificates.path("ca"), "log.level": "debug"})

    def granted(self):
        return sum(worker["counts"].get("mip_keys_granted_total", 0)
                   for worker in self.ask(op="status")["workers"])


class WaysCase(MipCase):
    FOREIGN_KEY = "false"

    def setUp(self):
        super().setUp()
        self.certificates.make("aaa", AAA, ca="ca",
                               alt=",".join(f"DNS:{name}" for name in (AAA, HA)))
        self.network = self.start(Ways(self.certificates))
        self.network.add(world.CARD)
        self.agent = self.start(visit.ForeignAgent(ONE, self.network.mip_port, **{
            "fa.aaa.name": FA, "fa.aaa.source": ONE, "fa.aaa.port": self.network.radius,
            "fa.foreign_key": self.FOREIGN_KEY}))
        self.phone = self.start(self.device(**{
            "ue.mip.aaa_name": AAA, "ue.mip.foreign_key": self.FOREIGN_KEY,
            "ue.mip.places": f"[{{name: a, address: {A}}}, {{name: b, address: {B}}}, "
                             f"{{name: fa, address: {A}, agent: {ONE}, "
                             f"agent_port: {self.agent.mip_port}}}]"}))

    def granted(self, count):
        """By the home AAA, so far: what the worker counts is seen a moment later."""
        world.wait_for(f"{count} granted", lambda: self.network.granted() == count)

    def another_bootstrapping(self):
        time.sleep(1.1)         # a subscriber bootstraps once a second
        return self.does("mip-renew")


class AaaTest(WaysCase):
    def test_a_key_of_a_nonce(self):
        """S4 7.3.4: Ks_NAF of the home AAA proves the request to it; the key with the home agent is
        of the nonce in the reply, and serves moves without anybody being asked (T30)."""
        first = self.does("mip-register", at="a", way="aaa")
        self.assertEqual((first["mip"], first["way"], first["tunnel"]),
                         ("registered", "aaa", "udp"))
        self.granted(1)
        self.pings()
        moved = self.does("mip-move", at="b")
        self.assertEqual((moved["home-address"], moved["spi"]),
                         (first["home-address"], first["spi"]))
        self.pings()
        self.another_bootstrapping()    # of which the next key will be, not the one in use
        self.assertEqual(self.does("mip-move", at="a")["spi"], first["spi"])
        self.pings()
        self.granted(1)
        self.does("mip-release")
        self.assertEqual(self.binding()["state"], "NONE")

    def test_the_home_says_no(self):
        """What the subscriber's row does not allow comes to nothing, and the device is told what
        it can know: nobody answers."""
        self.network.command("subscriber", "mip", world.CARD.imsi, "pushed")
        answer = self.phone.asks("mip-register", at="a", way="aaa", ms=1500)
        self.assertEqual(answer["reason"], "mip.no-answer", answer)
        self.network.wait_line("mip.way.*way=aaa")
        self.assertEqual(self.network.bindings(), [])


class AaaForeignTest(WaysCase):
    FOREIGN_KEY = "true"        # the agent serves nobody without one

    def test_a_key_with_each_agent(self):
        """spec: RFC 3957 4 - one registration through a foreign agent: two nonces, and each agent
        has the key that is its own."""
        first = self.does("mip-register", at="fa", way="aaa")
        self.assertEqual((first["way"], first["tunnel"], first["care-of"]), ("aaa", "agent", ONE))
        visitor, = self.agent.visitors()
        self.assertTrue(visitor["proven"], visitor)
        self.granted(2)         # of the foreign agent, and of the home agent
        self.pings()
        home = self.does("mip-move", at="b")["home-address"]
        self.assertEqual(home, first["home-address"])
        self.pings()


class PushedTest(WaysCase):
    def test_a_key_that_is_pushed(self):
        """S4 7.3.6, case 1: the home agent knows nothing of GBA and asks nobody but its AAA, which
        asks the BSF in its name, once for each key."""
        first = self.does("mip-register", at="a", way="pushed")
        self.assertEqual((first["mip"], first["way"], first["tunnel"]),
                         ("registered", "pushed", "udp"))
        self.granted(1)
        self.pings()
        self.assertEqual(self.does("mip-move", at="b")["spi"], first["spi"])
        self.pings()
        self.granted(1)
        renewed = self.another_bootstrapping()  # T26: another SPI, so another question
        self.assertNotEqual(renewed["b-tid"], first["b-tid"])
        self.assertEqual(renewed["spi-before"], first["spi"])
        self.assertNotEqual(renewed["spi"], first["spi"])
        self.granted(2)
        self.pings()
        self.does("mip-release")
        self.assertEqual(self.binding()["state"], "NONE")

    def test_through_a_foreign_agent(self):
        """The agents need not know either: what the foreign one passes on, the AAA proves."""
        first = self.does("mip-register", at="fa", way="pushed")
        self.assertEqual((first["way"], first["tunnel"]), ("pushed", "agent"))
        self.granted(1)
        self.pings()
        self.assertEqual(self.does("mip-move", at="a")["home-address"], first["home-address"])
        self.pings()

    def test_the_home_says_no(self):
        self.network.command("subscriber", "mip", world.CARD.imsi, "aaa")
        answer = self.phone.asks("mip-register", at="a", way="pushed", ms=1500)
        self.assertEqual(answer["reason"], "mip.no-answer", answer)
        self.network.wait_line("mip.way.*way=pushed")
        self.assertEqual(self.network.bindings(), [])
        self.network.command("subscriber", "mip", world.CARD.imsi, "any")
        self.does("mip-status", wait="registered", ms=30000)    # it went on asking


if __name__ == "__main__":
    unittest.main()

"""Section ue.mip, MIPv6: a device registers with a home agent by a key of its USIM, over IPv4 and
IPv6, and keeps its addresses of both families. Daemons of both ends, over real sockets."""
import time
import unittest

import gba
import mip6
import radsec
import world
from mip6_test import has_ipv6
from ue_mip_test import A, B, HA, UA, MipCase, Network, Translator

UA6, GATEWAY4, GATEWAY6 = "01000000f3", "10.64.0.1", mip6.AGENT


class Network6(Network):
    def __init__(self, certificates, **settings):
        self.mip6_port = world.free_port()
        over6 = {"anchor.mip.address6": "::1"} if has_ipv6() else {}
        super().__init__(certificates, **{
            "anchor.mip.port6": self.mip6_port,
            "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{UA}\", \"{UA6}\"], identity: true}}]",
            **over6, **settings})


class Mip6Case(MipCase):
    def begin(self, network=None, **settings):
        self.network = self.start(Network6(self.certificates, **(network or {})))
        self.network.add(world.CARD)
        self.phone = self.start(self.device(**settings))

    def device(self, **settings):
        return super().device(**{
            "ue.mip.home_agent_port6": self.network.mip6_port, "ue.mip.home_agent6": "::1",
            "ue.mip.places": f"[{{name: a, address: {A}}}, {{name: b, address: {B}}}, "
                             f"{{name: six, address: \"::1\"}}, "
                             f"{{name: nat, address: {A}, care_of: 192.168.1.7}}, "
                             f"{{name: fa, address: {A}, agent: {B}}}]", **settings})

    def pings(self, *gateways):
        for gateway in gateways or (GATEWAY6, GATEWAY4):
            world.wait_for(f"a ping to {gateway} comes back", lambda: self.phone.asks(
                "mip-ping", to=gateway, count=1)["received"] == 1, 20)


class RegistrationTest(Mip6Case):
    def test_register_move_renew_release(self):
        """S4 7.3.5 with MIPv6: the home addresses stay, from place to place."""
        self.begin()
        first = self.does("mip-register", at="a", version=6)
        self.assertEqual((first["mip"], first["version"], first["way"], first["tunnel"]),
                         ("registered", 6, "ha-naf", "udp"))
        row = self.binding()
        self.assertEqual((row["protocol"], row["state"], row["mag"], row["ipv4"]),
                         ("MIPv6", "ACTIVE", A, first["home-address-ipv4"]))
        self.pings()
        moved = self.does("mip-move", at="b")
        self.assertEqual((moved["home-address"], moved["home-address-ipv4"], moved["b-tid"]),
                         (first["home-address"], first["home-address-ipv4"], first["b-tid"]))
        self.assertEqual(self.binding()["mag"], B)
        self.pings()
        time.sleep(1.1)         # a subscriber bootstraps once a second
        renewed = self.does("mip-renew")    # T26, T30: another SPI, and no move
        self.assertNotEqual((renewed["spi"], renewed["b-tid"]), (moved["spi"], moved["b-tid"]))
        self.assertEqual(renewed["home-address"], first["home-address"])
        self.pings()
        counts = self.phone.asks("mip-status")["counts"]
        self.assertEqual((counts["registrations"], counts["moves"], counts["keys"]), (1, 1, 1))
        self.assertGreater(counts["echoes"], 0)     # T13: the home agent's question was answered
        self.does("mip-release")
        self.assertEqual(self.binding()["state"], "NONE")
        self.assertIn("no tunnel", self.phone.asks("mip-ping", to=GATEWAY6)["error"])

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_from_ipv4_to_ipv6_and_back(self):
        self.begin()
        first = self.does("mip-register", at="a", version=6)
        moved = self.does("mip-move", at="six")
        self.assertEqual((moved["care-of"], moved["home-address"]),
                         ("::1", first["home-address"]))
        self.assertEqual(self.binding()["mag"], "::1")
        self.pings()
        back = self.does("mip-move", at="b")
        self.assertEqual(back["home-address"], first["home-address"])
        self.pings()

    def test_from_mobile_ipv4_to_mipv6(self):
        """One row, and one IPv4 home address, whichever protocol."""
        self.begin()
        first = self.does("mip-register", at="a")
        self.assertEqual((first["version"], self.binding()["protocol"]), (4, "Mobile IPv4"))
        self.does("mip-release")
        second = self.does("mip-register", at="b", version=6)
        self.assertEqual(second["home-address-ipv4"], first["home-address"])
        self.assertEqual(self.binding()["protocol"], "MIPv6")
        self.pings()

    def test_behind_a_translator(self):
        """T12: what it says that it has is covered; packets go to where its datagrams come from."""
        self.begin()
        translator = Translator(self.network.mip6_port)
        self.start(translator)
        self.phone.stop()
        self.phone.sets["ue.mip.home_agent_port6"] = translator.port
        self.phone.sets["ue.mip.keepalive_s"] = 1
        self.phone.again()
        first = self.does("mip-register", at="nat", version=6)
        self.assertEqual(first["care-of"], "192.168.1.7")
        self.pings()
        world.wait_for("the translator is kept awake", lambda: self.phone.asks(
            "mip-status")["counts"]["keepalives"] > 1, 20)
        self.pings()


class RefusalTest(Mip6Case):
    def test_what_cannot_be(self):
        self.begin(**{"ue.mip.home_agent6": ""})
        for words, fix in ((dict(at="a", version=5), "version=4 or 6"),
                           (dict(at="a", version=6, way="aaa"), "way=ha-naf"),
                           (dict(at="six", version=6), "home_agent6"),
                           (dict(at="six"), "version=6"),
                           (dict(at="fa", version=6), "another place")):
            answer = self.phone.asks("mip-register", **words)
            self.assertFalse(answer["ok"])
            self.assertIn(fix, answer["fix"])
        self.does("mip-register", at="a", version=6)
        self.assertIn("home_agent6", self.phone.asks("mip-move", at="six")["fix"])
        self.assertEqual(self.phone.asks("mip-status")["mip"], "registered")

    def test_another_key(self):
        """T10: where the two ends name the protocol of the key otherwise, the agent says 146, the
        device waits, and nothing is registered."""
        self.begin(network={"bsf.nafs": f"[{{name: {HA}, identity: true, ua_ids: "
                                        f"[\"{UA}\", \"{UA6}\", \"01000000f4\"]}}]"},
                   **{"ue.mip.ua6": "01000000f4"})
        answer = self.phone.asks("mip-register", at="a", version=6, ms=4000)
        self.assertFalse(answer["ok"])
        self.assertEqual(self.network.bindings(), [])
        self.assertGreater(self.phone.asks("mip-status")["counts"]["sent"], 1)


if __name__ == "__main__":
    unittest.main()

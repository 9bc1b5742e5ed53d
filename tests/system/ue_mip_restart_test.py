"""A home agent is killed (-9): its associations were in its memory alone. The next request of each
device, whichever way its key came by, finds them again (docs/decisions/0026)."""
import unittest

import ue_mip6_test
import ue_mip_test
import world

HA, AAA = ue_mip_test.HA, ue_mip_test.AAA
LIFETIME = {"ue.mip.lifetime_s": 24}


class Network(ue_mip_test.Network):
    """With the home AAA as NAF, and a home agent that asks it."""

    def __init__(self, certificates, **settings):
        path, radius = certificates.path, world.free_port()
        super().__init__(certificates, **{
            "radius.port": radius, "anchor.mip.aaa.name": HA, "anchor.mip.aaa.port": radius,
            "radius.clients": f"[{{address: 127.0.0.0/8, secret: testing123, agent: {HA}, "
                              f"agent_is: home}}]",
            "aaa.mip.naf.name": AAA, "aaa.mip.naf.certificate": path("aaa"),
            "aaa.mip.naf.key": path("aaa", "key"), "aaa.mip.naf.ca": path("ca"),
            "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{ue_mip_test.UA}\"], identity: true}}, "
                        f"{{name: {AAA}, ua_ids: [\"{ue_mip_test.AAA_UA}\"], identity: true}}]",
            **settings})
        self.settings["aaa.mip.naf.bsf_port"] = self.zn


def lives_on(case, **words):
    """Killed while the device is registered: it renews, and its binding never was away."""
    first = case.does("mip-register", at="a", **words)
    case.pings()
    case.network.kill_anchor()
    case.does("mip-status", renewals=1, ms=39000)
    case.pings()
    now = case.phone.asks("mip-status")
    case.assertEqual((now["mip"], now["home-address"], now["b-tid"]),
                     ("registered", first["home-address"], first["b-tid"]))
    row = case.binding()
    case.assertEqual((row["state"], row["epoch"]), ("ACTIVE", 1))
    return first["spi"], now["spi"]


class RestartTest(ue_mip_test.MipCase):
    def with_aaa(self, network=None, **settings):
        self.certificates.make("aaa", AAA, ca="ca", alt=f"DNS:{AAA},DNS:{HA}")
        whole = Network(self.certificates, **(network or {}))
        if "aaa.mip.push" in (network or {}):       # a home agent that is no NAF
            for key in [key for key in whole.settings if key.startswith("anchor.mip.naf")]:
                del whole.settings[key]
        self.network = self.start(whole)
        self.network.add(world.CARD)
        self.phone = self.start(self.device(**{"ue.mip.aaa_name": AAA, **LIFETIME, **settings}))

    def test_way_ha_naf(self):
        """The B-TID goes with each request, and the BSF says the same key again."""
        self.begin(**LIFETIME)
        before, now = lives_on(self)
        self.assertEqual(before, now)

    def test_way_aaa(self):
        """RFC 3957: the nonce is gone that the key was made of, so the node asks for another."""
        self.with_aaa(**{"ue.mip.way": "aaa"})
        before, now = lives_on(self)
        self.assertNotEqual(before, now)

    def test_way_pushed(self):
        """The home agent asks its AAA, as for a first registration."""
        self.with_aaa({"aaa.mip.push": "true", "anchor.mip.aaa.pushed": "true"},
                      **{"ue.mip.way": "pushed"})
        before, now = lives_on(self)
        self.assertEqual(before, now)


class Restart6Test(ue_mip6_test.Mip6Case):
    def test_mipv6(self):
        self.begin(**LIFETIME)
        before, now = lives_on(self, version=6)
        self.assertEqual(before, now)


if __name__ == "__main__":
    unittest.main()

"""hostapd as an access point on a cable, and wpa_supplicant at its other end, with latchkeyd.

Two network namespaces of our own: the access point and the daemon in one, the device in the other.
"""
import re

import world


class WiredTest(world.Case):
    def test_a_port_opens_for_the_card(self):
        self.skip_unless_root("network namespaces and a veth pair")
        inside, device = self.start(world.Namespace()), self.start(world.Namespace())
        if inside.ended():
            self.skipTest(f"this machine makes no network namespace: {inside.text().strip()}")
        world.veth_between(inside, "lkap", device, "lkue")
        daemon = world.Latchkeyd()
        daemon.prefix = inside.enter
        self.start(daemon)
        daemon.add(world.CARD)
        point = world.WiredAccessPoint(daemon, "lkap")
        point.prefix = inside.enter
        self.start(point)
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                config = world.network_block(world.CARD.identity(method), method,
                                             key_mgmt="IEEE8021X")
                supplicant = world.WiredSupplicant(world.CARD.usim(), "lkue", config)
                supplicant.prefix = device.enter
                self.start(supplicant)
                self.assertIn("CTRL-EVENT-EAP-SUCCESS", supplicant.events)
                self.assertEqual(supplicant.asked, ["ok"])
                point.wait_line(r"AUTH_PAE entering state AUTHENTICATED")
                supplicant.stop()
        # spec: RFC 2866 4.1 - the access point's accounting start is answered.
        point.wait_line(r"RADIUS message: code=5 \(Accounting-Response\)")
        self.assertFalse(re.search(r"invalid.*(authenticator|Message-Authenticator)", point.text(),
                                   re.I))


if __name__ == "__main__":
    world.unittest.main()

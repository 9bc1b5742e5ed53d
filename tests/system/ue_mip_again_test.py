"""Section ue.mip: what becomes of a registration that was lost, and of a home agent that is silent
when the device leaves."""
import unittest

import ue_mip_test
from ue_mip_test import A, B

PLACES = (f"[{{name: a, address: {A}}}, {{name: b, address: {B}}}, "
          f"{{name: agents-own, address: {B}, care_of: 127.0.0.1}}]")     # that is refused: 129
PROHIBITED = 129


class AgainTest(ue_mip_test.MipCase):
    def lost(self, again_s):
        self.begin(**{"ue.mip.places": PLACES, "ue.mip.again_s": again_s})
        first = self.does("mip-register", at="a")
        refused = self.phone.asks("mip-move", at="agents-own")
        self.assertEqual((refused["ok"], refused["code"], refused["mip"]),
                         (False, PROHIBITED, "failed"))
        return first, refused

    def test_it_registers_again(self):
        """Where it was going, which is refused again; then, after twice the time, where it was."""
        first, refused = self.lost(1)
        self.assertIn("tries-again-ms", refused)
        self.phone.wait_line("mip-again in_s=1")
        now = self.does("mip-status", wait="registered", ms=30000)
        self.phone.wait_line("mip-again in_s=2")
        self.assertEqual((now["at"], now["home-address"]), ("a", first["home-address"]))
        self.assertNotIn("tries-again-ms", now)
        self.assertEqual(self.binding()["mag"], A)
        self.pings()

    def test_its_owner_ends_it(self):
        """Whoever releases, or registers, is not overtaken by what was planned."""
        self.lost(600)
        self.assertIn("no request was out", self.does("mip-release")["told"])
        self.assertNotIn("tries-again-ms", self.phone.asks("mip-status"))
        self.assertEqual(self.does("mip-register", at="b")["at"], "b")

    def test_never(self):
        """The control: with 0 it rests until its owner asks."""
        _, refused = self.lost(0)
        self.assertNotIn("tries-again-ms", refused)
        self.assertIn("not registered", self.phone.asks("mip-release")["error"])
        self.assertEqual(self.does("mip-register", at="a")["at"], "a")


class ReleaseTest(ue_mip_test.MipCase):
    def test_a_silent_home_agent(self):
        """Three requests, and it is over here; its owner is told what he may expect there."""
        translator = self.translated()
        self.does("mip-register", at="a")
        translator.passes = False
        released = self.does("mip-release", ms=40000)
        self.assertIn("the home agent has not said so", released["told"])
        self.assertEqual((released["mip"], released["reason"]), ("released", "mip.no-answer"))
        self.assertEqual(len(translator.kept_back), 3)
        self.assertEqual(self.binding()["state"], "ACTIVE")
        translator.passes = True        # the control
        self.does("mip-register", at="a")
        self.pings()                    # the place is proven: what it gets is not counted now
        self.assertEqual(self.does("mip-release")["told"], "released")
        self.assertEqual(self.binding()["state"], "NONE")


if __name__ == "__main__":
    unittest.main()

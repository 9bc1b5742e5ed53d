"""Section ue.gba: a device that bootstraps for its applications, and renews before the end."""
import os
import time
import unittest

import bsf_test
import gba
import phone
import world


class Phone(phone.Phone):
    """A device with GBA, and with nothing to attach to."""

    def __init__(self, port, **settings):
        world.Latchkeyd.__init__(self, **{
            "ue.attach": "false", "ue.port": world.free_port(), "ue.address": "127.0.0.2",
            "wlcp.port": world.free_port(), "wlcp.user_port": world.free_port(),
            "ue.lte.cells": "[]", "console.port": 0, "ue.gba.bsf": gba.BSF, "ue.gba.port": port,
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}, "
                               "nafs: [naf.example/0100000002, other.example/0100000007]}, "
                               f"{{name: mailer, uid: {os.getuid()}}}]", **settings})


class UeGbaTest(bsf_test.Bsf):
    def test_an_application_gets_the_keys_of_its_servers(self):
        """T01: by its row, and no other; the key as another hand derives it is the NAF's test."""
        self.bsf()
        device = self.start(Phone(self.port))
        self.assertFalse(device.asks("gba-status")["bootstrapped"])
        first = device.asks("naf-key", **{"as": "browser", "naf": "naf.example",
                                          "ua": "0100000002"})
        self.assertTrue(first["ok"], first)
        [row] = self.sessions()
        self.assertEqual((first["b_tid"], first["expires_s"]), (row["b_tid"], row["expires_s"]))
        second = device.asks("naf-key", **{"as": "browser", "naf": "other.example",
                                           "ua": "0100000007"})
        self.assertNotEqual(first["ks_naf"], second["ks_naf"])
        for name, naf, ua in (("browser", "naf.example", "0100000007"),
                              ("browser", "third.example", "0100000002"),
                              ("mailer", "naf.example", "0100000002"),
                              ("nobody", "naf.example", "0100000002")):
            with self.subTest(name=name, naf=naf, ua=ua):
                answer = device.asks("naf-key", **{"as": name, "naf": naf, "ua": ua})
                self.assertFalse(answer["ok"])
                self.assertNotIn("ks_naf", answer)
        status = device.asks("gba-status")
        self.assertEqual((status["bootstraps"], status["b_tid"]), (1, row["b_tid"]))
        self.assertNotIn("ks", status)
        told = [line["came"] for line in device.audit() if line["what"] == "naf-key"]
        self.assertEqual(told.count("done"), 2)

    def test_it_renews_before_the_end(self):
        """T30: by itself, before expiry, and by its TMPI."""
        self.bsf(**{"bsf.lifetime_s": 10})
        device = self.start(Phone(self.port))
        first = device.asks("gba-bootstrap")
        world.wait_for("a renewal", lambda: device.asks("gba-status")["bootstraps"] == 2, 20)
        self.assertLess(time.time(), first["expires_s"])
        [row] = self.sessions()
        self.assertEqual(device.asks("gba-status")["b_tid"], row["b_tid"])
        self.assertNotEqual(row["b_tid"], first["b_tid"])
        self.assertNotIn("refused", self.daemon.text())

    def test_a_bsf_that_is_away_ends_nothing(self):
        """T30: while it is away the key that there is goes on."""
        self.bsf(**{"bsf.lifetime_s": 14})
        device = self.start(Phone(self.port))
        first = device.asks("gba-bootstrap")
        self.assertTrue(first["ok"], first)
        status = device.asks("gba-status")
        self.assertLess(status["renewal_s"], first["expires_s"])
        self.daemon.stop()
        world.wait_for("a renewal that fails", lambda: device.asks("gba-status").get(
            "last_refusal") == "gba.no-answer", 25)
        answer = device.asks("naf-key", **{"as": "browser", "naf": "naf.example",
                                           "ua": "0100000002"})
        self.assertEqual(answer.get("b_tid"), first["b_tid"], answer)
        self.daemon.again()
        again = device.asks("gba-bootstrap")
        self.assertNotEqual(again["b_tid"], first["b_tid"])
        self.assertEqual([row["b_tid"] for row in self.sessions()], [again["b_tid"]])


if __name__ == "__main__":
    unittest.main()

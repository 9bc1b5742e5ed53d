"""AKMA from end to end: wpa_supplicant's EMSK is the judge of what the AAA brings to the AAnF."""
import os
import re
import time
import unittest

import akma
import phone
import world


def emsk_of(run):
    """Of the last authentication, as eapol_test says it."""
    found = re.findall(r"EMSK - hexdump\(len=64\): ([0-9a-f ]+)", run.text())
    return bytes.fromhex(found[-1])


class Phone(phone.Phone):
    """A device in front of the AAA itself: without a gateway."""

    def __init__(self, port, **settings):
        world.Latchkeyd.__init__(self, **{
            "ue.port": port, "ue.address": "127.0.0.2", "ue.mode": "none",
            "wlcp.port": world.free_port(), "wlcp.user_port": world.free_port(),
            "ue.lte.cells": "[]", "console.port": 0, "ue.akma.on": "true",
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}, "
                               f"afs: [{akma.AF}/{akma.UA}, {akma.OTHER}/{akma.UA}]}}, "
                               f"{{name: mailer, uid: {os.getuid()}}}]", **settings})

    def key(self, name="browser", af=akma.AF, ua=akma.UA):
        return self.asks("akma-key", **{"as": name, "af": af, "ua": ua})

    def keys(self):
        return self.asks("akma-status")["keys"]


class Home(world.Case):
    def home(self, ausf=None, **more):
        """AAA, vault and AAnF in one daemon, over real TLS."""
        path = akma.Aanf.certificates_of(self)
        self.port = akma.free_port()
        section = {"aanf": akma.AANF, "port": self.port, "certificate": str(path("ausf")),
                   "key": str(path("ausf", "key")), "ca": str(path("ca")), **(ausf or {})}
        self.server = akma.Aanf(self, "[aaa, vault, aanf]", port=self.port,
                                more={"aaa": {"akma": section}}, **more)
        self.server.daemon.add(world.CARD)
        return self.server

    def attach(self, **more):
        run = world.eapol_test(self, self.server.daemon, world.CARD, **more)
        self.assertTrue(run.success, run.text()[-2000:])
        return run

    def keys(self, run):
        return akma.Keys(emsk_of(run)[:32], world.CARD.imsi)

    def ausf_alone(self):
        """An AAA with its vault, for the AAnF of home()."""
        path = self.server.certificates.path
        other = akma.Aanf(self, "[aaa, vault]", more={"aaa": {"akma": {
            "aanf": akma.AANF, "port": self.port, "certificate": str(path("ausf")),
            "key": str(path("ausf", "key")), "ca": str(path("ca"))}}})
        other.daemon.add(world.CARD)
        return other

    def own(self, name):
        workers = self.server.daemon.ask(op="status")["workers"]
        return sum(w["counts"][name] for w in workers if w["role"] == "aaa")

    def lost(self):
        return self.own("akma_lost_total")

    def told(self, reason):
        return reason in self.server.daemon.text()

    def registered(self, a_kid):
        world.wait_for("the AAnF to know", lambda: [row for row in self.server.contexts()
                                                    if row["a_kid"] == a_kid], 10)


class AusfTest(Home):
    def test_an_authentication_gives_a_key(self):
        """spec: TS 33.535 6.1 - by EAP-AKA': K_AKMA and A-KID of K_AUSF, by another hand; a new
        authentication replaces them."""
        server = self.home()
        first = self.keys(self.attach())
        self.registered(first.a_kid)
        status, answer = server.get(first.a_kid)
        self.assertEqual(status, 200, answer)
        self.assertEqual(bytes.fromhex(answer["kaf"]), first.k_af(akma.AF))
        self.assertEqual(answer["supi"], akma.supi(world.CARD.imsi))
        second = self.keys(self.attach())
        self.registered(second.a_kid)
        self.assertEqual(server.get(first.a_kid)[0], 404)
        status, answer = server.get(second.a_kid)
        self.assertEqual(bytes.fromhex(answer["kaf"]), second.k_af(akma.AF))
        # spec: TS 33.501 6.1.3.1 - K_AUSF, of which all of it is made, is in no process's output.
        self.assertNotIn(second.k_akma.hex(), server.daemon.text())
        self.assertEqual(self.lost(), 0)

    def test_what_gives_no_key(self):
        """EAP-AKA, and a fast re-authentication: the last primary authentication's key stays."""
        server = self.home()
        self.attach(method="aka")
        run = self.attach(words=("-r", "1"))        # one fast re-authentication behind it
        self.assertEqual(run.count("^EAP-AKA': EMSK"), 2)
        emsk = re.findall(r"EMSK - hexdump\(len=64\): ([0-9a-f ]+)", run.text())[0]
        keys = akma.Keys(bytes.fromhex(emsk)[:32], world.CARD.imsi)
        self.registered(keys.a_kid)
        time.sleep(0.5)
        self.assertEqual([row["a_kid"] for row in server.contexts()], [keys.a_kid])
        self.assertEqual(server.counts()["aanf_registered_total"], 1)

    def test_a_subscriber_who_may_not(self):
        """spec: TS 33.535 6.1 - let in, without a key, and the log says why; who is allowed again
        has one at the next authentication. Refused later, or deleted, he loses the one he has."""
        server = self.home()
        imsi = world.CARD.imsi
        server.daemon.command("subscriber", "akma", imsi, "off")
        self.assertIn("akma        off", server.daemon.command("subscriber", "show", imsi).stdout)
        self.attach()
        world.wait_for("the log to say it", lambda: self.told("akma.not-allowed"), 10)
        self.assertIn("TS 33.535 6.1", server.daemon.text())
        self.assertIn("latchkey subscriber akma IMSI on", server.daemon.text())
        self.assertEqual((server.contexts(), self.own("akma_not_allowed_total")), ([], 1))
        for end in (("akma", imsi, "off"), ("delete", imsi)):
            with self.subTest(end=end[0]):
                server.daemon.command("subscriber", "akma", imsi, "on")
                keys = self.keys(self.attach())
                self.registered(keys.a_kid)
                self.assertEqual(server.get(keys.a_kid)[0], 200)
                server.daemon.command("subscriber", *end)
                self.assertEqual((server.contexts(), server.get(keys.a_kid)[0]), ([], 404))
        self.assertEqual(self.lost(), 0)

    def test_a_subscriber_who_goes_while_the_key_waits(self):
        """A key that comes to the AAnF late finds no subscriber. The control is
        test_it_comes_when_the_aanf_does."""
        server = self.home()
        other = self.ausf_alone()
        server.daemon.stop()
        self.assertTrue(world.eapol_test(self, other.daemon, world.CARD).success)
        time.sleep(1)
        other.daemon.command("subscriber", "delete", world.CARD.imsi)
        server.daemon.again()
        world.wait_for("it to be refused", lambda: "akma.not-allowed" in other.daemon.text(), 10)
        self.assertEqual(server.contexts(), [])

    def test_an_aanf_that_is_away_keeps_nobody_out(self):
        """The device is let in at once; its key comes when the AAnF does, or is forgotten."""
        server = self.home(ausf={"port": akma.free_port(), "give_up_s": 2})
        began = time.monotonic()
        run = self.attach()
        self.assertLess(time.monotonic() - began, 2)
        world.wait_for("it to be forgotten", lambda: self.lost() == 1, 15)
        self.assertIn("akma.no-answer", server.daemon.text())
        self.assertIn("akma.not-registered", server.daemon.text())
        self.assertEqual(server.contexts(), [])
        self.assertNotIn(self.keys(run).k_akma.hex(), server.daemon.text())

    def test_it_comes_when_the_aanf_does(self):
        server = self.home()
        other = self.ausf_alone()
        server.daemon.stop()
        run = world.eapol_test(self, other.daemon, world.CARD)
        self.assertTrue(run.success)
        time.sleep(1)
        server.daemon.again()
        self.registered(self.keys(run).a_kid)

    def test_only_the_aanf_is_told(self):
        """The AAnF's certificate is another's, or of another CA: no key goes there. The control is
        the other tests."""
        for wrong in ("other", "foreign"):
            with self.subTest(wrong):
                path = akma.Aanf.certificates_of(self)
                server = self.home(ausf={"give_up_s": 1}, aanf={
                    "certificate": str(path(wrong)), "key": str(path(wrong, "key"))})
                run = self.attach()
                world.wait_for("it to be forgotten", lambda: self.lost() == 1, 15)
                self.assertEqual(server.contexts(), [])
                self.assertIn("akma.no-answer", server.daemon.text())
                self.assertTrue(run.success)
                server.daemon.stop()


class DeviceTest(Home):
    def device(self, **settings):
        device = self.start(Phone(self.server.daemon.port, **settings))
        world.wait_for("a key", lambda: device.keys() == 1, 15)
        return device

    def test_device_and_af_have_one_key(self):
        """spec: TS 33.535 6.1 - the same K_AF at both, until the device authenticates again."""
        server = self.home()
        device = self.device()
        first = device.key()
        self.registered(first["a_kid"])
        status, answer = server.get(first["a_kid"])
        self.assertEqual((status, answer["kaf"]), (200, first["k_af"]))
        other = device.key(af=akma.OTHER)
        self.assertEqual(other["a_kid"], first["a_kid"])
        self.assertNotEqual(other["k_af"], first["k_af"])
        self.assertEqual(server.get(other["a_kid"], akma.OTHER, who="other")[1]["kaf"],
                         other["k_af"])
        self.assertEqual(device.key(), first)
        self.assertTrue(device.asks("attach")["ok"])
        second = device.key()
        self.assertNotEqual(second["a_kid"], first["a_kid"])
        self.registered(second["a_kid"])
        self.assertEqual(server.get(second["a_kid"])[1]["kaf"], second["k_af"])
        self.assertEqual(server.get(first["a_kid"])[0], 404)
        # A fast re-authentication is no primary authentication: nothing changes.
        self.assertTrue(device.asks("reauthenticate")["ok"])
        self.assertEqual((device.key(), device.keys()), (second, 2))

    def test_an_application_has_the_keys_of_its_row(self):
        """T01: by its user, and no other; the status has no key in it."""
        self.home()
        device = self.device()
        for name, af, ua in (("browser", akma.AF, akma.OTHER_UA), ("browser", "x.example", akma.UA),
                             ("mailer", akma.AF, akma.UA), ("nobody", akma.AF, akma.UA)):
            with self.subTest(name=name, af=af, ua=ua):
                answer = device.key(name, af, ua)
                self.assertFalse(answer["ok"])
                self.assertNotIn("k_af", answer)
        good = device.key()
        self.assertEqual(sorted(device.asks("akma-status")),
                         ["a_kid", "has_key", "keys", "made_s", "ok"])
        self.assertEqual([line["came"] for line in device.audit()
                          if line["what"] == "akma-key"].count("done"), 1)
        self.assertNotIn(good["k_af"], device.text())

    def test_one_af_for_an_a_kid(self):
        """A20: what two AFs could join a user by is not told to both; the control is the default,
        in test_device_and_af_have_one_key."""
        self.home()
        device = self.device(**{"ue.akma.one_af": "true"})
        first = device.key()
        self.assertTrue(first["ok"], first)
        self.assertFalse(device.key(af=akma.OTHER)["ok"])
        self.assertEqual(device.key(), first)
        self.assertTrue(device.asks("attach")["ok"])
        other = device.key(af=akma.OTHER)
        self.assertTrue(other["ok"], other)
        self.assertNotEqual(other["a_kid"], first["a_kid"])
        self.assertFalse(device.key()["ok"])

    def test_without_a_key(self):
        """EAP-AKA gives none; and a device without AKMA has none to ask for."""
        self.home()
        device = self.start(Phone(self.server.daemon.port, **{"ue.method": "aka"}))
        world.wait_for("an attach", lambda: "attached" in device.text(), 15)
        answer = device.key()
        self.assertFalse(answer["ok"])
        self.assertIn("EAP-AKA'", answer["fix"])
        self.assertFalse(device.asks("akma-status")["has_key"])


if __name__ == "__main__":
    unittest.main()

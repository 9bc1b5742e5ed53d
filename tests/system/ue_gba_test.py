"""Section ue.gba: a device that bootstraps for its applications, and renews before the end."""
import base64
import os
import socket
import time
import unittest

import bsf_test
import eap
import gba
import phone
import secrets_test
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
        # RFC 4343: capitals make no other name, and so no other key.
        shouted = device.asks("naf-key", **{"as": "browser", "naf": "NAF.Example",
                                            "ua": "0100000002"})
        self.assertEqual(shouted.get("ks_naf"), first["ks_naf"])
        for name, naf, ua in (("browser", "naf.example", "0100000007"),
                              ("browser", "third.example", "0100000002"),
                              ("mailer", "naf.example", "0100000002"),
                              ("nobody", "naf.example", "0100000002")):
            with self.subTest(name=name, naf=naf, ua=ua):
                answer = device.asks("naf-key", **{"as": name, "naf": naf, "ua": ua})
                self.assertFalse(answer["ok"])
                self.assertNotIn("ks_naf", answer)
                if name != "nobody": # who hears which row it would take
                    self.assertIn(f"nafs: [{naf}/{ua}]", answer["fix"])
        for words in ({"naf": "naf.example"}, {"naf": "naf.example", "ua": "2"},
                      {"ua": "0100000002"}):
            answer = device.asks("naf-key", **{"as": "browser", **words})
            self.assertIn("say naf=HOST ua=HEX", answer["fix"])
        status = device.asks("gba-status")
        self.assertEqual((status["bootstraps"], status["b_tid"]), (1, row["b_tid"]))
        self.assertNotIn("ks", status)
        told = [line["came"] for line in device.audit() if line["what"] == "naf-key"]
        self.assertEqual(told.count("done"), 3)

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

    def key(self, device, **more):
        return device.asks("naf-key", **{"as": "browser", "naf": "naf.example",
                                         "ua": "0100000002", **more})

    def test_a_key_that_the_server_does_not_know_any_more(self):
        """The BSF forgot it early: an application that says so gets another one, once a minute; and
        who has another B-TID the one that there is."""
        self.bsf()
        device = self.start(Phone(self.port))
        dead = self.key(device)["b_tid"]
        self.daemon.command("bsf", "release", world.CARD.imsi)
        self.assertEqual(self.key(device)["b_tid"], dead)
        time.sleep(1.1) # a session is of the second of its challenge
        fresh = self.key(device, **{"not": dead})
        self.assertTrue(fresh["ok"], fresh)
        self.assertEqual([row["b_tid"] for row in self.sessions()], [fresh["b_tid"]])
        self.assertEqual(self.key(device, **{"not": dead})["b_tid"], fresh["b_tid"])
        again = self.key(device, **{"not": fresh["b_tid"]})
        self.assertIn("of any application and server", again["error"])
        self.assertRegex(again["fix"], r"again in (60|[1-5][0-9]) s$")
        self.assertEqual(device.asks("gba-status")["bootstraps"], 2)

    def test_a_bootstrapping_that_fails_is_told(self):
        """Where there is a key still, too: who asked for a bootstrapping hears what came of it."""
        self.bsf()
        device = self.start(Phone(self.port))
        first = device.asks("gba-bootstrap")
        self.assertTrue(first["ok"], first)
        self.daemon.stop()
        again = device.asks("gba-bootstrap")
        self.assertFalse(again["ok"], again)
        self.assertIn("The BSF does not answer", again["error"])
        device.wait_line(f"gba.no-answer.*room=gba.*http://127.0.0.1:{self.port}/: ")
        self.assertEqual(self.key(device)["b_tid"], first["b_tid"])
        fresh = self.key(device, **{"not": first["b_tid"]})
        self.assertFalse(fresh["ok"], fresh)

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

    def test_no_ks_outlives_its_end(self):
        """T30: also while a renewal is under way with a BSF that has become silent."""
        self.skip_unless_root("only root reads the memory of processes that are not dumpable")
        self.bsf(**{"bsf.lifetime_s": 10})
        device = self.start(Phone(self.port))
        first = device.asks("gba-bootstrap")
        rand = base64.b64decode(first["b_tid"].partition("@")[0])
        card = eap.Milenage(bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc))
        ks = b"".join(card.f2345(rand)[1:3])
        pids = [worker["pid"] for worker in device.ask(op="status")["workers"]]

        def held():
            return any(ks in octets for pid in pids for octets in secrets_test.regions(pid))
        self.assertTrue(held())
        self.daemon.stop()
        silent = socket.create_server(("127.0.0.1", self.port))
        self.addCleanup(silent.close)
        world.wait_for("a renewal", lambda: device.asks("gba-status")["running"], 12)
        self.assertTrue(held())
        world.wait_for("the end", lambda: time.time() > first["expires_s"] + 1.5, 12)
        self.assertTrue(device.asks("gba-status")["running"])
        self.assertFalse(held())


if __name__ == "__main__":
    unittest.main()

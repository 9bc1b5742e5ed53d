"""Section ue.mip: what is refused, what is late, and who may not ask; and strangers."""
import os
import socket
import unittest

import mip
import world
from ue_mip_test import A, B, GATEWAY, MipCase

MN_AUTH = 131


class RefusalTest(MipCase):
    def test_what_is_asked_amiss(self):
        self.begin(**{"ue.lte.cells": "[]"})
        for op, words, error in (("mip-move", {"at": "a"}, "not registered"),
                                 ("mip-renew", {}, "not registered"),
                                 ("mip-release", {}, "not registered"),
                                 ("mip-register", {"at": "mars"}, "no such place"),
                                 ("mip-register", {"way": "by-foot"}, "no such way"),
                                 ("mip-register", {"ms": 1000000}, "ms is a number"),
                                 ("mip-status", {"wait": "happy"}, "wait is no state"),
                                 ("mip-ping", {"to": GATEWAY}, "no tunnel")):
            with self.subTest(op=op, **words):
                answer = self.phone.asks(op, **words)
                self.assertFalse(answer["ok"])
                self.assertIn(error, answer["error"])
                self.assertTrue(answer["fix"])
        self.assertIn("at=a, b, nowhere or nat", self.phone.asks("mip-register", at="x")["fix"])
        self.assertIn("way=ha-naf, aaa, pushed or bsf",
                      self.phone.asks("mip-register", way="x")["fix"])
        there = self.phone.asks("mip-register", at="nowhere")
        self.assertEqual((there["reason"], there["came"]), ("mip.place", "192.0.2.77"))
        self.assertEqual(self.phone.asks("mip-status", wait="idle")["mip"], "idle")
        self.does("mip-register")
        self.assertIn("mip-move", self.phone.asks("mip-register", at="b")["fix"])

    def test_only_the_owner_may_ask(self):
        self.skip_unless_root("only root can play another user")
        self.begin()
        for path in (self.phone.where, self.dir):
            os.chmod(path, 0o711)
        for op in ("mip-register", "mip-status", "mip-release"):
            self.assertFalse(self.phone.asks_as(65534, op)["ok"])
        self.assertEqual(self.network.bindings(), [])

    def test_a_refusal_has_its_code(self):
        """Another key than the home agent's: 131, proven by nobody but told; and a home agent
        that is silent."""
        self.begin(**{"ue.mip.algorithm": "hmac-md5"})
        answer = self.phone.asks("mip-register", at="a", ms=3000)
        self.assertFalse(answer["ok"])
        self.assertEqual(answer["reason"], "mip.authenticator", answer)
        self.assertRegex(answer["error"], r"[^.]: 131, ")
        self.assertEqual(self.network.bindings(), [])
        self.phone.stop()
        self.phone.sets["ue.mip.algorithm"] = "hmac-sha256"
        self.phone.sets["ue.mip.home_agent_port"] = nobody = world.free_port()
        self.phone.again()
        silent = self.phone.asks("mip-register", at="a", ms=2000)
        self.assertEqual((silent["reason"], silent["came"]),
                         ("mip.no-answer", f"nothing listens at 127.0.0.1 port {nobody}"))
        self.assertEqual((silent["result"], silent["mip"]), ("late", "registering"))
        self.assertRegex(silent["error"], r"not registered within \d+ ms, and it goes on")
        self.assertIn("mip-status wait=registered", silent["fix"])
        status = self.phone.asks("mip-status")
        self.assertEqual(status["mip"], "registering")      # so it does, and nothing has failed
        self.assertEqual(status["so-far"],
                         f"no answer, nothing listens at 127.0.0.1 port {nobody}")
        self.assertNotIn("last-refusal", status)
        self.assertIn("mip-release", silent["fix"])         # which stops it
        self.assertIn("keeps its binding, if it made one,", self.does("mip-release")["told"])
        status = self.phone.asks("mip-status")
        self.assertEqual(status["mip"], "released")
        self.assertNotIn("so-far", status)

    def test_nobody_bootstraps(self):
        self.begin(**{"ue.gba.port": world.free_port(socket.SOCK_STREAM)})
        answer = self.phone.asks("mip-register", at="a", ms=40000)
        self.assertEqual(answer["reason"], "gba.no-answer", answer)

    def test_t10_another_moves_nothing(self):
        """A move that is signed with another's key is refused; the device's own is not."""
        self.begin()
        self.does("mip-register", at="a")
        status = self.phone.asks("mip-status")
        thief = mip.Node(self.network, world.CARD.imsi, b"a key of thirty-two octets, guess",
                         spi=status["spi"], local="127.0.0.66")
        self.addCleanup(thief.close)
        thief.home = status["home-address"]
        self.assertEqual(thief.register().code, MN_AUTH)
        self.assertEqual(self.binding()["mag"], A)
        self.pings()
        self.does("mip-move", at="b")
        self.assertEqual(self.binding()["mag"], B)

    def test_t33_only_the_home_agent_speaks_through_the_tunnel(self):
        """An echo request of a stranger, in tunnel data to the device's own port, is not answered;
        nor is one for another address."""
        self.begin(**{"ue.mip.port": (port := world.free_port())})
        home = self.does("mip-register", at="a")["home-address"]
        before = self.phone.asks("mip-status")["counts"]["strangers"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.66", 0))
            stranger.sendto(b"\4\4\0\0" + mip.pmip.echo(GATEWAY, home), (A, port))
            stranger.sendto(b"\4\4", (A, port))
            world.wait_for("counted", lambda: self.phone.asks(
                "mip-status")["counts"]["strangers"] == before + 1)
            stranger.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                stranger.recv(4096)
        self.assertEqual(self.phone.asks("mip-status")["counts"]["malformed"], 1)
        self.pings()


if __name__ == "__main__":
    unittest.main()

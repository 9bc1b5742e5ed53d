"""Role af: what strangers leave of the operator's answers, and one user of the places."""
import json
import os
import secrets
import socket
import subprocess
import time
import unittest

import af
import akma
import e2e
import world
from af import FQDN, UA, Server, User
from e2e import CLOSE, HELLO, N, P

IMSI = "001010000000001"


class AfPlacesTest(world.Case):
    def setUp(self):
        super().setUp()
        self.ann, self.bob = User("ann", key=False), User("bob", key=False)

    def serve(self, **settings):
        self.server = self.start(Server({"notes": ((), [self.ann, self.bob])}, **settings))

    def open(self, user):
        psk = e2e.psk_of(FQDN, "notes", user.p, None)
        wire, _ = af.shake(self.server.e2e_port, self.server.key, "notes", P, psk,
                           e2e.who(0, b"", user.identity.encode()))
        self.addCleanup(wire.hang_up)
        wire.hear() # the ticket
        return wire

    def sessions(self):
        return [row["identity"] for row in self.server.ask(op="af-sessions")["sessions"]]

    def test_a_user_has_so_many_sessions(self):
        """T44: his oldest gives way to one more, and those of others stay."""
        self.serve(**{"af.sessions_a_user": 2})
        others = self.open(self.bob)
        wires = [self.open(self.ann) for _ in range(3)]
        self.assertEqual(wires[0].hear()[0], CLOSE)
        self.assertEqual(sorted(self.sessions()), ["ann", "ann", "bob"])
        self.assertEqual(self.server.counts()["af_gave_way_total"], 1)
        for wire in (others, *wires[1:]):
            wire.say(e2e.DATA, b"still here\n")
            self.assertIn(b"still here", wire.hear()[1])

    def test_a_session_ends_with_the_users_row(self):
        """T27: at the reload that finds his row gone or another; those of others stay."""
        self.serve()
        wires = {user.identity: self.open(user) for user in (self.ann, self.bob)}
        self.server.command("reload") # nothing changed
        self.server.write(self.server.where, "notes", [self.bob])
        self.server.command("reload")
        self.assertEqual(wires["ann"].hear()[0], CLOSE)
        self.server.wait_line("e2e-session-ended app=notes identity=ann .*the user is gone")
        wires["bob"].say(e2e.DATA, b"still here\n")
        said = b""
        while not said.endswith(b"\n"):
            said += wires["bob"].hear()[1]
        self.assertEqual(self.sessions(), ["bob"])
        self.bob.p = af.User("bob").p
        self.server.write(self.server.where, "notes", [self.bob])
        self.server.command("reload")
        self.assertEqual(wires["bob"].hear()[0], CLOSE)
        self.server.wait_line("e2e-session-ended app=notes identity=bob .*row is another")
        self.assertEqual(self.sessions(), [])
        self.assertEqual(self.server.counts()["af_row_changed_total"], 2)

    def test_its_own_capture_has_keys_without_messages(self):
        """`trace keys` shows what is in the key log, and does not say that it knows nothing."""
        file = self.dir / "own.pcapng"
        self.serve(**{"capture.file": file, "capture.secrets": "true"})
        self.open(self.ann)
        self.server.stop()
        words = [str(world.LATCHKEY), "trace", "keys", str(file)]
        done = subprocess.run(words, text=True, capture_output=True)
        self.assertIn("notes of ann", done.stdout)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        words[2] = "ladder"
        done = subprocess.run(words, text=True, capture_output=True)
        self.assertIn("nothing that it knows", done.stderr)

    def test_an_idle_session_ends(self):
        """T44: who says nothing has no place for good; who says something has."""
        self.serve(**{"af.idle_s": 2})
        idle, busy = self.open(self.ann), self.open(self.bob)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            busy.say(e2e.DATA, b"x\n")
            busy.hear()
            time.sleep(0.3)
        self.assertEqual(idle.hear()[0], CLOSE)
        self.assertEqual(self.sessions(), ["bob"])
        self.assertEqual(self.server.counts()["af_idle_total"], 1)


class AfQuestionsTest(world.Case):
    def setUp(self):
        super().setUp()
        self.ann = User("ann", key=False, n=IMSI)

    def serve(self, rate, **settings):
        self.aanf = akma.Aanf(self, aanf={"rate": rate, "afs": [
            {"name": FQDN, "ua_ids": [UA.hex()], "identity": True}]})
        self.aanf.certificates.make("app", FQDN, ca="ca")
        path = self.aanf.certificates.path
        self.server = self.start(Server({"notes": (("n", "p"), [self.ann])}, **{
            "af.aanf.name": akma.AANF, "af.aanf.address": "127.0.0.1",
            "af.aanf.port": self.aanf.port, "af.certificate": path("app"),
            "af.certificate_key": path("app", "key"), "af.ca": path("ca"), **settings}))
        self.keys = akma.Keys(os.urandom(32), IMSI)
        self.assertEqual(self.aanf.register(IMSI, self.keys)[0], 200)

    def talk(self):
        file = af.private(self.dir / "n", self.keys.k_af(FQDN, UA.hex()).hex())
        done = self.server.app(self.dir, "notes", self.ann, "--json", "--key-id",
                               self.keys.a_kid, "--k-af", f"@{file}", check=False)
        return json.loads(done.stdout)

    def stranger(self):
        """Asks by an A-KID that nobody has, from an address of its own."""
        near = socket.create_connection(("127.0.0.1", self.server.e2e_port), timeout=10,
                                        source_address=("127.0.0.2", 0))
        self.addCleanup(near.close)
        wire = e2e.Wire(near)
        self.addCleanup(wire.hang_up)
        handshake = af.noise.Noise("NKpsk2", e2e.prologue(N | P, FQDN, "notes"),
                                   secrets.token_bytes(32), {"s": self.server.key},
                                   e=os.urandom(32))
        who = e2e.who(2, akma.a_kid(os.urandom(16)).encode(), b"ann")
        wire.send(HELLO, bytes([1, N | P]) + e2e.scope(FQDN, "notes") + handshake.say(who))

    def test_an_aanf_that_says_later(self):
        """Y02: 429 says nothing of a key: the application waits, and is not told that it is
        wrong."""
        self.serve(rate=1)
        for _ in range(3):
            told = self.talk()
            self.assertTrue(told.get("n"), told)
        self.assertGreater(self.server.counts()["af_operator_keys_later_total"], 0)

    def test_strangers_leave_questions_to_others(self):
        """Y02: strangers wait for each other, and nobody from whose address somebody has proven
        himself waits for them."""
        self.serve(rate=100, **{"af.questions": 1})
        self.assertTrue(self.talk().get("n")) # as a stranger
        time.sleep(1.1)
        before = self.aanf.counts()["aanf_requests_total"]
        for _ in range(8):
            self.stranger()
        began = time.monotonic()
        self.assertTrue(self.talk().get("n"))
        self.assertLess(time.monotonic() - began, 1)
        self.assertLess(self.aanf.counts()["aanf_requests_total"] - before, 5)


if __name__ == "__main__":
    unittest.main()

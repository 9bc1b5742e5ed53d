"""The device's connection manager: attach through the TWAP, applications at its socket, T01."""
import os
import signal
import struct
import subprocess
import sys

import phone
import wlan
import world

NOBODY = 65534


class ManagerTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(wlan.Wlan())
        self.network.add(world.CARD)
        self.phone = self.start(phone.Phone(self.network))
        for path in (self.phone.where, self.dir):       # T01 a: others may come to the socket
            os.chmod(path, 0o711)
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")

    def digest(self):
        return [self.phone.asks("list", **{"as": name}) for name in ("browser", "mailer")]

    def test_attaches_in_multi_connection_mode(self):
        state = self.phone.asks("state")
        self.assertTrue(state["attached"])
        self.assertRegex(state["psk-identity"], "^[0-9a-f]{32}$")
        self.assertNotIn(state["psk-identity"], self.phone.text())

    def kept(self):
        """How often the card's file was written, and the greatest SEQ that it holds."""
        octets = (self.phone.sets["state_dir"] / "ue.sqn").read_bytes()
        slot = max(octets[:512], octets[512:1024])
        return tuple(max(struct.unpack(f"!{count}Q", slot[at:at + 8 * count]))
                     for at, count in ((0, 1), (24, 32)))

    def test_the_card_forgets_nothing(self):
        """spec: TS 33.102 6.3.3 - the USIM keeps the SQN that it accepted: over kill -9, too, or
        a recorded challenge would be good again."""
        written, seq = self.kept()
        self.assertGreater(seq, 0)
        os.kill(self.phone.process_id(), signal.SIGKILL)
        self.phone.process.kill()
        self.phone.process.wait(5)
        self.phone.again()
        world.wait_for("attached again", lambda: self.phone.asks("state")["attached"])
        again = self.kept()
        self.assertGreater(again[0], written)
        self.assertGreater(again[1], seq)

    def test_another_cards_file_is_not_taken(self):
        self.phone.stop()
        self.phone.sets["ue.imsi"] = "001010000000009"
        with self.assertRaises(AssertionError):
            self.phone.again()
        self.assertIn("ue.sqn: ", self.phone.text())
        self.assertIn("another card's", self.phone.text())

    def test_applications_are_known_by_name_and_user(self):
        """T01: neither a name that nobody has nor no name is an application."""
        for name in ("intruder", "", None):
            answer = self.phone.asks("list", **({} if name is None else {"as": name}))
            self.assertEqual((answer["ok"], answer["reason"]), (False, "manager.stranger"))
        self.assertEqual(self.phone.audit()[-1]["came"], "manager.stranger")
        answer = self.phone.asks("disconnect", **{"as": "mailer", "pdn": 5})
        self.assertEqual((answer["ok"], answer["reason"]), (False, "manager.no-such-connection"))
        answer = self.phone.asks("connect", **{"as": "browser", "apn": "mail"})
        self.assertEqual((answer["ok"], answer["reason"]), (False, "manager.apn"))

    def test_another_user_is_refused_and_written_down(self):
        """T01: (a) under another uid, with a right name: refused and logged, nothing changed.
        (d) its memory cannot be read, its key neither."""
        self.skip_unless_root("another user cannot be played")
        before = self.digest()
        for op, words in (("disconnect", {"as": "browser", "pdn": 5}),
                          ("connect", {"as": "browser"}), ("list", {"as": "browser"})):
            answer = self.phone.asks_as(NOBODY, op, **words)
            self.assertEqual((answer["ok"], answer["reason"]), (False, "manager.stranger"), op)
            self.assertEqual(self.phone.audit()[-1]["came"], "manager.stranger")
        for op in ("attach", "reauthenticate", "detach", "state"):
            self.assertFalse(self.phone.asks_as(NOBODY, op)["ok"], op)
        self.assertEqual(self.digest(), before)
        read = subprocess.run([sys.executable, "-c", "import sys; open(sys.argv[1], 'rb')",
                               f"/proc/{self.phone.process_id()}/mem"], user=NOBODY, group=NOBODY,
                              extra_groups=[], capture_output=True, text=True, cwd="/")
        self.assertIn("PermissionError", read.stderr)

    def test_no_core_and_no_tracer(self):
        """T01: (d) not even its own user may look into it: it is not dumpable, so that its files in
        /proc are root's."""
        self.skip_unless_root("another user cannot be played")
        become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        tried = subprocess.run([*become, str(world.LATCHKEYD), "--version"], capture_output=True)
        if tried.returncode != 0:
            self.skipTest("the build is not open to other users")
        home = self.dir / "nobody"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        other = phone.Phone(self.network, address="127.0.0.3")
        other.prefix = become
        self.addCleanup(other.stop)
        other.start(home)
        self.assertEqual(os.stat(f"/proc/{other.process_id()}/mem").st_uid, 0)

    def test_the_command_line_asks(self):
        for words, code, text in ((["state"], 0, '"attached": true'),
                                  (["list", "as=browser"], 0, ""),
                                  (["list", "as=nobody"], 1, "no application that the connection"),
                                  (["ping", "as"], 2, "is not KEY=VALUE"),
                                  (["state", "--socket", "/nonexistent"], 3, "no daemon answers")):
            at = [] if "--socket" in words else ["--socket", self.phone.socket]
            done = self.phone.command("ue", *words, *at, check=False)
            self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
            self.assertIn(text, done.stdout + done.stderr)


if __name__ == "__main__":
    world.unittest.main()

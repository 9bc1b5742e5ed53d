"""Control sockets: whatever a daemon says that it can be asked is answered, and what commands make
of answers."""
import json
import os
import socket
import subprocess
import threading

import lte
import world


class ControlTest(world.Case):
    def test_each_op_is_answered(self):
        """Of the daemon and of its device: also when it is asked without what it needs to know."""
        both = self.start(lte.BothEnds(laboratory="true"))
        refused = both.ask(op="nonsense")
        self.assertEqual(refused["error"], "no such op")
        ops = refused["fix"].removeprefix("served here: ").split()
        self.assertGreaterEqual(set(ops), {"status", "session-end", "wlan-digest", "bindings",
                                           "wt-ues", "wt-release", "enb-ues", "enb-drop"})
        for op in ops:
            self.check(op, both.ask(op=op))
        refused = both.asks("nonsense")
        self.assertEqual(refused["error"], "there is no such op")
        ops = refused["fix"].removeprefix("there are: ").split()
        self.assertGreaterEqual(set(ops), {"connect", "list", "state", "lte-attach", "lwa-ping",
                                           "mis-attach", "mis-tls"})
        for op in ops:
            self.check(op, both.ask_once(op))

    def check(self, op, answer):
        self.assertIn("ok", answer, op)
        self.assertTrue(answer["ok"] or answer["error"] and answer["fix"], (op, answer))
        self.assertNotIn("no such op", answer.get("error", ""), op)


class WtTest(world.Case):
    MAC = "02:00:00:00:00:01"

    def command(self, *words):
        done = self.net.command("wt", *words, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_command(self):
        """latchkey wt, in words and as JSON."""
        self.net = self.start(lte.Network())
        self.net.add(world.CARD)
        device = self.start(lte.Device(self.net.ports))
        self.assertEqual(self.command("ues"), (0, ""))
        self.assertTrue(device.asks("lte-attach")["ok"])
        self.assertTrue(device.status(wait="active")["ok"])
        code, text = self.command("ues", self.MAC)
        self.assertEqual(code, 0)
        self.assertRegex(text, rf"^{self.MAC}  of enb +ACTIVE +at 127.0.0.2 port \d+, associated, "
                               "with keys\n$")
        [row] = json.loads(self.command("ues", "--json")[1])["ues"]
        self.assertEqual((row["station"], row["keys"]), (self.MAC, True))
        self.assertEqual(self.command("release", self.MAC), (0, "its eNB is asked to let it go\n"))
        self.assertTrue(device.status(wait="off")["ok"])
        for words, code, told in ((("ues", "x"), 1, "no MAC address"),
                                  (("release",), 2, "release STATION, found 'release'"),
                                  (("release", self.MAC), 1, "no eNB has announced"),
                                  (("ues", "x", "y"), 2, "expected ues"), ((), 2, "found ''")):
            with self.subTest(words):
                found, text = self.command(*words)
                self.assertEqual(found, code, text)
                self.assertIn(told, text)


class FakeDaemon(threading.Thread):
    """Answers in parts, or refuses, at the control socket of a state directory."""

    rows = [{"imsi": f"00101{i:010}", "mac": "02:00:00:00:00:01", "cell": "a", "state": "READY",
             "rekeys": 0, "handovers": 0, "station": "02:00:00:00:00:01", "enb": "e",
             "associated": False, "keys": False} for i in range(250)]

    def __init__(self, where):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(where / "control.sock"))
        self.socket.listen()
        self.refuses_after = len(self.rows)
        self.start()

    def run(self):
        while True:
            try:
                asking, _ = self.socket.accept()
            except OSError:
                return
            with asking:
                after = json.loads(asking.makefile().readline()).get("after", 0)
                answer = {"ok": True, "count": len(self.rows), "ues": self.rows[after:after + 100]}
                if after + 100 < len(self.rows):
                    answer["next"] = after + 100
                if after > self.refuses_after:
                    answer = {"ok": False, "error": "no more", "fix": "wait"}
                asking.sendall(json.dumps(answer).encode() + b"\n")


class ListTest(world.Case):
    """A table that comes in parts is one list, and one JSON document."""

    def setUp(self):
        super().setUp()
        self.daemon = FakeDaemon(self.dir)
        self.addCleanup(self.daemon.socket.close)

    def call(self, *words):
        done = subprocess.run([str(world.LATCHKEY), *words], text=True, capture_output=True,
                              timeout=10, cwd=self.dir, stdin=subprocess.DEVNULL, env={
                                  **os.environ, "LATCHKEY_STATE_DIR": str(self.dir),
                                  "LATCHKEY_CONFIG": str(world.TOP / "conf" / "lab.yaml")})
        return done.returncode, done.stdout, done.stderr

    def test_all_parts_are_one_answer(self):
        for command in ("enb", "wt"):
            code, out, err = self.call(command, "ues")
            self.assertEqual((code, err, len(out.splitlines())), (0, "", 250))
            code, out, err = self.call(command, "ues", "--json")
            self.assertEqual((code, err), (0, ""))
            answer = json.loads(out)
            self.assertEqual(answer["ues"], self.daemon.rows)
            self.assertEqual((answer["ok"], answer["count"]), (True, 250))
            self.assertNotIn("next", answer)

    def test_a_part_that_is_refused_is_no_list(self):
        self.daemon.refuses_after = 100
        for words in ((), ("--json",)):
            code, out, err = self.call("enb", "ues", *words)
            self.assertEqual((code, err), (1, "latchkey enb: no more\n  fix: wait\n"))
            self.assertEqual(json.loads(out)["ok"] if words else out, False if words else "")


if __name__ == "__main__":
    world.unittest.main()

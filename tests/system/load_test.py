"""latchkey load against the daemon: every exchange ends well, a wrong key is told by its kind."""
# time limit: 240 s
import json
import subprocess

import world

SUBSCRIBERS = 300


class LoadTest(world.Case):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(world.Latchkeyd())
        lines = self.load("radius-aka", "--print-subscribers", "--derive-keys").stdout
        self.assertEqual(len(lines.splitlines()), SUBSCRIBERS)
        path = self.dir / "subscribers.txt"
        path.write_text(lines)
        self.daemon.command("subscriber", "import", "--format", "hostapd", path)

    def load(self, name, *options, port=None):
        return subprocess.run(
            [world.LATCHKEY, "load", name, "--json", "--server",
             f"127.0.0.1:{port or self.daemon.port}", "--secret", world.SECRET, "--subscribers",
             str(SUBSCRIBERS), *map(str, options)], capture_output=True, text=True, timeout=60)

    def clean(self, name, *options, **how):
        done = self.load(name, "--count", 2 * SUBSCRIBERS, "--window", 32, "--derive-keys",
                         "--check-every", 1, *options, **how)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["done"], sum(report["errors"].values())), (2 * SUBSCRIBERS, 0))
        self.assertGreaterEqual(report["p99_us"], report["p50_us"])

    def test_full_authentications(self):
        self.clean("radius-aka-prime")
        self.clean("radius-aka")

    def test_half_open(self):
        self.clean("radius-half-open")

    def test_accounting(self):
        self.clean("accounting", port=self.daemon.accounting_port)

    def test_a_wrong_key_is_told(self):
        done = self.load("radius-aka-prime", "--count", 10)     # keys not derived: others
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["errors"]["autn-wrong"], 10)

    def test_what_goes_wrong_first_is_told_with_its_fix(self):
        """No such subscribers; and one that is asked for more than its SQN has room for."""
        words = ["load", "radius-aka-prime", "--server", f"127.0.0.1:{self.daemon.port}",
                 "--window", 1, "--count", 40]
        told = self.daemon.command(*words, "--imsi", "001019000000001", check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn("--print-subscribers | latchkey subscriber import", told.stdout)
        told = self.daemon.command(*words, "--derive-keys", "--subscribers", 1, check=False)
        self.assertEqual(told.returncode, 1)
        self.assertRegex(told.stdout, r"errors \d+, failure-notified \d+\nfix: more --subscribers")

    def test_a_key_may_come_from_a_file(self):
        key = self.dir / "k"
        key.write_text("465b5ce8b199b49faa5f0a2ee238a6bc\n")
        key.chmod(0o600)
        self.clean("radius-aka", "--k", f"@{key}")


if __name__ == "__main__":
    world.unittest.main()

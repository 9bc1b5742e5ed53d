"""What the daemon says before it serves, or instead of it."""
import subprocess
import unittest

import world


class StartTest(world.Case):
    def daemon(self):
        daemon = self.start(world.Latchkeyd())
        daemon.add(world.CARD)
        return daemon

    def refused(self, daemon):
        self.addCleanup(daemon.stop)
        with self.assertRaises(AssertionError) as caught:
            daemon.start(self.dir)
        self.assertEqual(daemon.process.wait(5), 3)
        return str(caught.exception)

    def check(self, setting):
        return subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml", "--check",
                               "--set", setting], text=True, capture_output=True, timeout=20)

    def test_replaced_master_key_is_told_before_anybody_is_refused(self):
        """A health login, sealed at the start, would work under any key."""
        daemon = self.daemon()
        other = self.daemon()
        other.stop()
        daemon.stop()
        key = daemon.sets["state_dir"] / "master.key"
        away = key.read_bytes()
        key.write_bytes((other.sets["state_dir"] / "master.key").read_bytes())
        said = self.refused(world.Latchkeyd(state_dir=daemon.sets["state_dir"]))
        self.assertIn("opens no row of the store", said)
        key.write_bytes(away)
        daemon.again()
        self.assertEqual(daemon.ask(op="health")["healthy"], True)

    def test_store_of_an_earlier_version_is_not_passed_over_in_silence(self):
        daemon = self.daemon()
        self.assertNotIn("store-unused", daemon.text())
        daemon.stop()
        (daemon.sets["state_dir"] / "subscribers.db").touch()
        daemon.again()
        self.assertRegex(daemon.text(), "store-unused file=.*/subscribers.db")

    def test_without_a_file_it_says_what_it_does(self):
        """It makes a state directory where it stands: that should not go unseen."""
        with subprocess.Popen([world.LATCHKEYD, "--set", f"radius.port={world.free_port()}",
                               "--set", "radius.accounting_port=0", "--set", "console.port=0"],
                              cwd=self.dir, text=True, stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, env={}) as daemon:
            self.assertEqual(daemon.stdout.readline(), "ready\n")
            daemon.terminate()
            self.assertRegex(daemon.stderr.read(), f"no-configuration-file .*{self.dir}/var")

    def test_user_that_is_nobody_is_told(self):
        for key in ("user", "vault.user"):
            done = self.check(f"{key}=lk-no-such-user")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{key}: expected a user of this machine, found 'lk-no-such", done.stderr)
        self.assertEqual(self.check("user=nobody").returncode, 0)


if __name__ == "__main__":
    unittest.main()

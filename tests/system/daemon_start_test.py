"""What the daemon says before it serves, or instead of it."""
import os
import signal
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

    def check(self, *settings):
        return subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml", "--check",
                               *[word for setting in settings for word in ("--set", setting)]],
                              text=True, capture_output=True, timeout=20)

    def test_a_check_looks_for_what_a_role_names_on_this_machine(self):
        state = f"state_dir={self.dir}"

        def files(section):
            return [f"{section}.{key}={self.dir}/{key}" for key in ("certificate", "key", "ca")]
        for section, settings in (("radsec", ["roles=[aaa, vault]"]),
                                  ("wt", ["roles=[wt]", "wt.xw=tcp"]),
                                  ("enb", ["roles=[vault, enb]", "enb.xw=tcp"])):
            done = self.check(state, *settings, *files(section))
            self.assertEqual(done.returncode, 1, section)
            self.assertIn(f"{section}: expected a certificate, its key and a ca", done.stderr)
            # Without the role nobody needs them.
            if section != "radsec":
                self.assertEqual(self.check(state, "roles=[aaa, vault]",
                                            *files(section)).returncode, 0, section)
            # What the start would not find it would not serve with, state directory or not.
            done = self.check(f"state_dir={self.dir}/none", *settings,
                              *[f"{section}.{key}={self.dir}/none/{key}"
                                for key in ("certificate", "key", "ca")])
            self.assertEqual(done.returncode, 1, section)
            self.assertIn("latchkey certificate makes them", done.stderr)
        device = ["roles=[ue]", f"ue.k={'0' * 32}", f"ue.opc={'0' * 32}",
                  "ue.applications[0].name=browser", "ue.applications[0].apns=[internet]"]
        done = self.check(*device, "ue.applications[0].uid=nobody-of-that-name")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ue.applications[0].uid: expected a number or a user", done.stderr)

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


class CheckTest(world.Case):
    """What the file cannot say, and this machine can."""

    def check(self, **sets):
        words = [f"--set={key}={value}" for key, value in sets.items()]
        return subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "phone.yaml", "--check",
                               *words], text=True, capture_output=True, timeout=20)

    def test_user_of_an_application(self):
        for uid, code in (("root", 0), ("12345", 0), ("nosuchuser", 1), ("4294967295", 1)):
            done = self.check(**{"ue.applications": f"[{{name: browser, uid: {uid}}}]"})
            self.assertEqual(done.returncode, code, (uid, done.stderr))
            if code:
                self.assertIn("ue.applications[0].uid", done.stderr)
                self.assertIn(f"'{uid}'", done.stderr)
                self.assertIn("id -u", done.stderr)

    def test_files_of_radsec(self):
        where = self.dir / "not" / "there"
        sets = {"roles": "[twag]", "radsec.ca": where / "ca.crt",
                "radsec.key": where / "us.lab.key", "radsec.certificate": where / "us.lab.crt"}
        done = self.check(**sets)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{where}/ca.crt", done.stderr)
        self.assertIn("latchkey certificate makes them", done.stderr)
        subprocess.run([world.LATCHKEY, "certificate", "make", "--name", "us.lab", "--out",
                        where], check=True, capture_output=True, timeout=60)
        self.assertEqual(self.check(**sets).returncode, 0)
        # Named from a state directory that the start has yet to make.
        deep = self.dir / "not" / "made" / "yet"
        for key in ("ca", "key", "certificate"):
            sets[f"radsec.{key}"] = f"{deep}/../../there/{sets[f'radsec.{key}'].name}"
        self.assertEqual(self.check(state_dir=deep, **sets).returncode, 0)
        sets["radsec.ca"] = f"{deep}/../there/ca.crt"
        self.assertEqual(self.check(state_dir=deep, **sets).returncode, 1)

    def test_files_of_a_home_agent(self):
        """One that asks the BSF: without its certificate it would not begin."""
        file = self.dir / "anchor.yaml"
        file.write_text("roles: [anchor]\nanchor:\n  mip:\n    port: 4434\n"
                        "    naf: {name: ha.example, "
                        "certificate: tls/ha.crt, key: tls/ha.key, ca: tls/ca.crt}\n")
        done = subprocess.run([world.LATCHKEYD, "-c", file, "--check",
                               f"--set=state_dir={self.dir}/none"], text=True,
                              capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, "anchor.mip.naf: .*fix: .*latchkey certificate makes")


class NoStartTest(world.Case):
    """A process that cannot begin: the first start ends with it; later ones are tried again."""

    def device(self):
        device = world.Latchkeyd()
        self.audit = self.dir / "audit"
        config = self.dir / "phone.yaml"
        config.write_text((world.TOP / "conf" / "phone.yaml").read_text())
        device.settings.update({"roles": "[ue]", "wlcp.port": world.free_port(),
                                "ue.attach": "false", "wlcp.user_port": world.free_port(),
                                "ue.lte.cells": "[]", "ue.mis.points": "[]",
                                "ue.audit": self.audit / "log"})
        self.addCleanup(device.stop)

        def again():
            device.config = config
            world.Latchkeyd.again(device)
        device.again = again
        return device

    def test_first_start_ends(self):
        device = self.device()
        with self.assertRaises(AssertionError) as caught:
            device.start(self.dir)
        self.assertEqual(device.process.wait(10), 3)
        self.assertIn("cannot be written", str(caught.exception))
        self.assertEqual(device.text().count("ue-cannot-begin"), 1)
        self.assertRegex(device.text(), "cannot-start what=ue why=.*own last line")

    def test_later_ones_are_tried_again(self):
        device = self.device()
        self.audit.mkdir()
        device.start(self.dir)
        worker = device.ask(op="status")["workers"][0]
        (self.audit / "log").unlink()
        self.audit.rmdir()
        os.kill(worker["pid"], signal.SIGKILL)
        world.wait_for("tries", lambda: device.text().count("ue-cannot-begin") >= 2)
        self.audit.mkdir()
        world.wait_for("another", lambda: any(w["state"] == "serving" and w["pid"] != worker["pid"]
                                              for w in device.ask(op="status")["workers"]))

    def test_port_in_use_names_the_key_at_once(self):
        first = self.start(world.Latchkeyd())
        other = world.Latchkeyd(state_dir=self.dir / "other", **{"radius.port": first.port})
        wait_line, said = other.wait_line, []

        def at_once(pattern):
            wait_line("port-in-use why=.radius.port, or radius.listen: ", 2)
            said.append(other.process.poll())
            wait_line(pattern)
        other.wait_line = at_once
        self.addCleanup(other.stop)
        with self.assertRaises(AssertionError):
            other.start(self.dir)
        self.assertEqual(said, [None], "it goes on trying behind that line")
        self.assertEqual(other.process.wait(5), 3)
        self.assertRegex(other.text(), f"cannot-start .*radius.port, or radius.listen: .*"
                                       f"port {first.port}")

    def test_two_roles_at_one_port_do_not_start(self):
        """The kernel would share out what comes among both."""
        sets = ["--set=roles=[aaa, vault, twap]", "--set=twap.port=1812"]
        for more in ([], ["--check"]):
            done = subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf" / "lab.yaml", *sets,
                                   *more], text=True, capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 1)
            self.assertIn("twap.port: expected another port than radius.port", done.stderr)


if __name__ == "__main__":
    unittest.main()

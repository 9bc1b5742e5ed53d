"""A kind of process that keeps state: what the supervisor promises to all such kinds, tried with
one that does nothing else (keeper_daemon.c)."""
import os
import signal
import socket
import time
import unittest
import urllib.error
import urllib.request

import world


class KeeperDaemon(world.Latchkeyd):
    program = world.BUILD / "tests" / "system" / "keeper_daemon"


def health(daemon):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.sets['console.port']}/healthz",
                                    timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


class KeeperTest(world.Case):
    def daemon(self, roles="[ue]", **settings):
        daemon = self.start(KeeperDaemon(roles=roles, workers=2,
                                         **{"wlcp.port": world.free_port(),
                                            "ue.k": world.CARD.k, "ue.opc": world.CARD.opc,
                                            **settings}))
        self.addCleanup(lambda: self.assertNotIn("Sanitizer", daemon.text()))
        return daemon

    def keep(self, daemon, count):
        before = daemon.ask(op="keeper-digest")["kept"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for _ in range(count):
                client.sendto(b"x", ("127.0.0.2", daemon.sets["wlcp.port"]))
        world.wait_for("kept", lambda: daemon.ask(op="keeper-digest")["kept"] == before + count)

    def process(self, daemon, name="keeper"):
        return next((w for w in daemon.ask(op="status")["workers"] if w["name"] == name), None)

    def pids(self, daemon):
        return {w["name"]: w["pid"] for w in daemon.ask(op="status")["workers"]}

    def test_role_without_an_aaa_has_nothing_of_one(self):
        daemon = self.daemon()
        self.assertEqual([p.name for p in sorted((daemon.where / "var").iterdir())],
                         ["control.sock", "node.key"])
        digest = daemon.ask(op="keeper-digest")
        self.assertEqual((digest["serves"], digest["sockets"], digest["vault"]), (3, 2, False))
        status = daemon.ask(op="status")
        self.assertNotIn("vault", status)
        self.assertEqual([w["name"] for w in status["workers"]], ["keeper"])
        self.assertEqual(status["listen"], [{"role": "keeper", "address": "127.0.0.2",
                                             "port": daemon.sets["wlcp.port"], "transport": "udp",
                                             "serves": "keeping"}])
        self.assertEqual(health(daemon), 200)
        said = daemon.command("status", f"--set=state_dir={daemon.sets['state_dir']}").stdout
        self.assertRegex(said, r"keeper +process \d+ serving")
        self.assertIn("all processes serve", said)
        refused = daemon.ask(op="subscriber-add")
        self.assertEqual(refused["error"], "no such op")
        self.assertIn("keeper-digest", refused["fix"])
        self.assertNotIn("subscriber-add", refused["fix"])

    def test_reload_leaves_state_alone(self):
        daemon = self.daemon("[aaa, vault, ue]")
        self.keep(daemon, 5)
        pids, digest = self.pids(daemon), daemon.ask(op="keeper-digest")
        config = daemon.where / "new.yaml"
        config.write_text("ue:\n  pdn_max: 3\n")
        daemon.config = config
        daemon.stop()
        daemon.again()
        self.keep(daemon, 5)
        pids = self.pids(daemon)
        for round_ in (1, 2, 3):
            config.write_text(f"ue:\n  pdn_max: {3 + round_}\neap:\n  reauth_max: {round_}\n")
            self.assertTrue(daemon.ask(op="reload")["ok"])
            world.wait_for("told", lambda: daemon.ask(op="keeper-digest")["pdn_max"] == 3 + round_)
            time.sleep(0.2)     # the generation before goes
            now, after = self.pids(daemon), daemon.ask(op="keeper-digest")
            self.assertEqual((after["kept"], after["reloads"]), (5, round_))
            self.assertEqual(after["key_sum"], digest["key_sum"])
            self.assertEqual(now["keeper"], pids["keeper"])
            self.assertNotEqual(now["aaa/0"], pids["aaa/0"])
        # one that comes up later comes up under the same configuration
        os.kill(pids["keeper"], signal.SIGKILL)
        world.wait_for("another", lambda: daemon.ask(op="keeper-digest").get("kept") == 0)
        self.assertEqual(daemon.ask(op="keeper-digest")["pdn_max"], 6)

    def test_reload_that_would_cost_state_is_refused(self):
        daemon = self.daemon()
        config = daemon.where / "new.yaml"
        config.write_text("")
        daemon.config = config
        daemon.stop()
        daemon.again()
        self.keep(daemon, 2)
        config.write_text("ue:\n  pdn_max: 3\n  imsi: \"001010000000009\"\n")
        refused = daemon.ask(op="reload")
        self.assertIn("ue.imsi", refused["error"])
        digest = daemon.ask(op="keeper-digest")
        self.assertEqual((digest["kept"], digest["pdn_max"]), (2, 8))
        # what only an anchor has use for holds nobody up
        config.write_text("ue:\n  pdn_max: 3\nanchor:\n  port: 5555\n")
        self.assertTrue(daemon.ask(op="reload")["ok"])

    def test_kinds_do_not_disturb_each_other(self):
        daemon = self.daemon("[aaa, vault, ue]")
        self.keep(daemon, 3)
        before = self.pids(daemon)
        os.kill(before["keeper"], signal.SIGKILL)
        world.wait_for("another", lambda: self.pids(daemon).get("keeper") not in
                       (None, before["keeper"]))
        after = self.pids(daemon)
        self.assertEqual((after["aaa/0"], after["aaa/1"]), (before["aaa/0"], before["aaa/1"]))
        world.wait_for("serving", lambda: self.process(daemon)["state"] == "serving")
        self.keep(daemon, 1)
        os.kill(daemon.ask(op="status")["vault"]["pid"], signal.SIGKILL)
        world.wait_for("workers anew", lambda: self.pids(daemon).get("aaa/0") not in
                       (None, before["aaa/0"]))
        self.assertEqual(self.pids(daemon)["keeper"], after["keeper"])
        self.assertEqual(daemon.ask(op="keeper-digest")["kept"], 1)
        self.assertEqual(self.process(daemon)["restarts"], 1)

    def test_one_that_hangs_is_replaced(self):
        daemon = self.daemon()
        os.kill(self.process(daemon)["pid"], signal.SIGSTOP)
        daemon.wait_line("worker-hangs worker=keeper", 15)
        world.wait_for("another", lambda: daemon.ask(op="keeper-digest").get("ok"))
        self.assertEqual(health(daemon), 200)

    def test_vault_that_hangs_is_replaced(self):
        daemon = self.daemon("[aaa, vault, ue]")
        daemon.add(world.CARD)
        before = daemon.ask(op="status")["vault"]["pid"]
        time.sleep(2.5)     # it is asked, and answers
        self.assertEqual(daemon.ask(op="status")["vault"]["pid"], before)
        os.kill(before, signal.SIGSTOP)
        daemon.wait_line("vault-hangs", 15)
        daemon.wait_line("vault-started", 5)
        world.wait_for("login", lambda: health(daemon) == 200)
        self.assertEqual(daemon.ask(op="status")["vault_restarts"], 1)

    def test_stops_though_the_vault_hangs(self):
        daemon = self.daemon("[aaa, vault]")
        os.kill(daemon.ask(op="status")["vault"]["pid"], signal.SIGSTOP)
        time.sleep(3.5)
        daemon.process.terminate()
        self.assertEqual(daemon.process.wait(6), 0)

    def test_questions_that_are_not_answered(self):
        daemon = self.daemon()
        answer = daemon.ask(op="keeper-die")
        self.assertFalse(answer["ok"])
        self.assertIn("ended before it answered", answer["error"])
        world.wait_for("another", lambda: daemon.ask(op="keeper-digest").get("ok"))
        answer = daemon.ask(op="keeper-silent")
        self.assertIn("does not answer", answer["error"])
        self.assertTrue(daemon.ask(op="keeper-digest", role="keeper")["ok"])
        self.assertFalse(daemon.ask(op="keeper-digest", role="aaa")["ok"])

    def test_a_captured_process_is_not_listened_to(self):
        """A28: it is of the daemon's user, and still no friend of the control socket."""
        daemon = self.daemon("[aaa, vault, ue]")
        self.assertFalse(daemon.ask(op="keeper-knock")["heard"])

    def test_confined_to_the_files_of_its_kind(self):
        daemon = self.daemon("[aaa, vault, ue]")
        if self.process(daemon)["landlock"] == 0:
            self.skipTest("this kernel has no Landlock")
        for path in ("master.key", "node.key", "store/latchkey.db"):
            came = daemon.ask(op="keeper-open", path=str(daemon.where / "var" / path))["came"]
            self.assertEqual(came, "Permission denied", path)

    def test_counts_of_its_own(self):
        daemon = self.daemon("[aaa, vault, ue]")
        self.keep(daemon, 4)
        self.assertEqual(self.process(daemon)["counts"], {"keeper_kept_total": 4})
        with urllib.request.urlopen(
                f"http://127.0.0.1:{daemon.sets['console.port']}/metrics", timeout=5) as page:
            text = page.read().decode()
        for line in ('latchkey_keeper_kept_total{role="keeper"} 4',
                     'latchkey_processes{role="aaa"} 2', 'latchkey_processes{role="keeper"} 1',
                     'latchkey_process_restarts_total{role="keeper"} 0'):
            self.assertIn(line + "\n", text)
        self.assertRegex(text, r'latchkey_refused_total\{role="aaa",reason="[a-z.-]+"\} 0')


class RolesTest(world.Case):
    def test_role_that_nobody_plays_is_refused(self):
        """latchkeyd itself does not have the role of the keeper until it has a process for it."""
        daemon = KeeperDaemon(roles="[anchor]")
        with self.assertRaises(AssertionError) as caught:
            self.start(daemon)
        self.assertIn("found 'anchor'", str(caught.exception))
        self.assertEqual(daemon.process.returncode, 1)


if __name__ == "__main__":
    unittest.main()

"""Reload: a second generation of workers comes up beside the first, and takes over."""
import os
import signal
import time

import eap
import radius
import world
from daemon_test import CARDS, DaemonCase, Traffic, ask, peer_of


def unix_sockets(pid):
    """The inodes of the UNIX sockets that a process holds."""
    with open("/proc/net/unix", encoding="ascii", errors="replace") as table:
        known = {f"socket:[{line.split()[6]}]" for line in list(table)[1:]}
    folder = f"/proc/{pid}/fd"
    return known & {os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)}


class ReloadTest(DaemonCase):
    def test_reload_loses_nothing(self):
        """Y14 in kind: two generations of workers on the same sockets."""
        daemon = self.daemon(*CARDS[:3])
        traffic = [Traffic(daemon, card) for card in CARDS[:3]]
        for t in traffic:
            t.start()
        for _ in range(5):
            time.sleep(0.2)
            self.assertEqual(daemon.command("reload").returncode, 0)
        for t in traffic:
            t.stop()
            self.assertEqual((t.wrong, t.repeats), ([], 0))
            self.assertGreater(t.done, 5)
        self.assertEqual(ask(daemon, op="status")["reloads"], 5)

    def test_reload_takes_the_new_file_and_refuses_a_bad_one(self):
        daemon = self.start(world.Latchkeyd())
        daemon.stop()
        daemon.config = daemon.where / "own.yaml"
        text = (world.TOP / "conf/lab.yaml").read_text()
        daemon.config.write_text(text)
        daemon.again()
        ask(daemon, op="subscriber-add", imsi=world.CARD.imsi, k=world.CARD.k, opc=world.CARD.opc)

        daemon.config.write_text(text.replace("testing123", "another"))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line("reloaded")
        client = self.client(daemon, secret=b"another")
        self.assertEqual(eap.Attach(client, peer_of(world.CARD)).run(), radius.ACCESS_ACCEPT)

        daemon.config.write_text(text.replace("reauth: true", "reauth: perhaps"))
        done = daemon.command("reload", check=False)
        self.assertEqual(done.returncode, 2)     # the command reads the file too
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line("reload-refused")
        self.assertRegex(daemon.text(), r"own.yaml:\d+: eap.reauth")
        self.assertEqual(eap.Attach(client, peer_of(world.CARD)).run(), radius.ACCESS_ACCEPT)

        daemon.config.write_text(text.replace("node: 0", "node: 2"))
        answer = ask(daemon, op="reload")
        self.assertFalse(answer["ok"])
        self.assertIn("vault.node", answer["error"])

    def test_two_generations_share_no_connection_to_the_vault(self):
        daemon = self.start(world.Latchkeyd())
        daemon.stop()
        daemon.config = daemon.where / "own.yaml"
        text = (world.TOP / "conf/lab.yaml").read_text()
        daemon.config.write_text(text.replace("workers: 0", "workers: 2"))
        daemon.again()
        before = [worker["pid"] for worker in ask(daemon, op="status")["workers"]]
        for pid in before:
            os.kill(pid, signal.SIGSTOP)
        daemon.config.write_text(text.replace("workers: 0", "workers: 1"))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line("reloaded")
        now = [worker["pid"] for worker in ask(daemon, op="status")["workers"]]
        after = [pid for pid in now if pid not in before]
        self.assertEqual((len(now), len(after)), (3, 1))
        for pid in before:
            self.assertEqual(unix_sockets(pid) & unix_sockets(after[0]), set())

    def test_reload_while_the_one_before_still_ends_comes_after_it(self):
        daemon = self.daemon(workers=1)
        os.kill(ask(daemon, op="status")["workers"][0]["pid"], signal.SIGSTOP)
        daemon.process.send_signal(signal.SIGHUP)
        world.wait_for("the first reload", lambda: ask(daemon, op="status")["reloads"] == 1)
        # the first generation hangs on its way out, and its places are the third one's
        answer = ask(daemon, op="reload")
        self.assertFalse(answer["ok"])
        self.assertIn("under way", answer["error"])
        daemon.process.send_signal(signal.SIGHUP)
        world.wait_for("the second reload", lambda: ask(daemon, op="status")["reloads"] == 2)
        self.assertNotIn("reload-refused", daemon.text())
        self.assertNotIn("worker-died", daemon.text())
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)


if __name__ == "__main__":
    world.unittest.main()

"""The daemon of one ordinary user, to whom the key files belong too: its workers are confined."""
import ctypes
import os
import re
import shutil
import unittest
from pathlib import Path

import eap
import radius
import world
from pg import Postgres

NOBODY = 65534
LANDLOCK_CREATE_RULESET, VERSION_OF_IT = 444, 1


def landlock_version():
    return max(0, ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, VERSION_OF_IT))


def threads(pid):
    """What the kernel says of each thread of a process: a list of {field: value}."""
    return [dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines()
                 if ":\t" in line) for task in Path(f"/proc/{pid}/task").iterdir()]


class OneUser(world.Case):
    def daemon(self, **settings):
        """Started by nobody where we are root, else by ourselves; never as root."""
        daemon = world.Latchkeyd(**settings)
        self.addCleanup(daemon.stop)
        where = self.dir / "nobody"
        where.mkdir()
        if os.geteuid() == 0:
            self.dir.chmod(0o755)
            os.chown(where, NOBODY, NOBODY)
            copy = shutil.copy(world.LATCHKEYD, self.dir / "latchkeyd")
            daemon.prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                             "sh", "-c", f'shift; exec {copy} "$@"', "sh")
            config = shutil.copy(world.TOP / "conf/lab.yaml", self.dir)
            daemon.settings["user"] = ""
            spawn = daemon.spawn
            daemon.spawn = lambda words, *more: spawn([words[0], "-c", config, *words[3:]], *more)
        daemon.start(where)
        daemon.add(world.CARD)
        return daemon

    def attach(self, daemon):
        with radius.Client(daemon.port) as client:
            peer = eap.Peer(world.CARD.imsi, bytes.fromhex(world.CARD.k),
                            bytes.fromhex(world.CARD.opc), "aka-prime")
            self.assertEqual(eap.Attach(client, peer).run(), radius.ACCESS_ACCEPT)

    def account(self, daemon, session):
        """Makes the worker start its pool, and write from there."""
        with radius.Client(daemon.accounting_port) as client:
            code, _ = client.account(radius.attribute(radius.ACCT_STATUS_TYPE, b"\0\0\0\1")
                                     + radius.attribute(radius.ACCT_SESSION_ID, session)
                                     + radius.attribute(radius.USER_NAME, b"somebody"))
        self.assertEqual(code, radius.ACCOUNTING_RESPONSE)

    def check_confined(self, daemon):
        world.wait_for("one generation", lambda: all(
            w["state"] == "serving" for w in daemon.ask(op="status")["workers"]))
        status = daemon.ask(op="status")
        self.assertTrue(status["workers"])
        key = (daemon.sets["state_dir"] / "master.key").stat()
        for pid in [status["pid"], status["vault"]["pid"]] + [w["pid"] for w in status["workers"]]:
            for thread in threads(pid):
                self.assertEqual(thread["Uid"].split(), [str(key.st_uid)] * 4)
                self.assertEqual(thread["NoNewPrivs"], "1")
                self.assertEqual(thread["Seccomp"], "2")
            limits = Path(f"/proc/{pid}/limits")
            if os.geteuid() == 0:
                self.assertRegex(limits.read_text(), r"Max core file size +0 +0 ")
        for worker in status["workers"]:
            self.assertEqual(worker["landlock"], landlock_version())
            if landlock_version():
                self.assertFalse(worker["key_within_reach"])
        self.assertEqual("no-landlock" in daemon.text(), not landlock_version())
        return status

    def check_serves(self, daemon):
        self.attach(daemon)
        for n in range(2):
            self.account(daemon, b"session-%d" % n)
        status = self.check_confined(daemon)
        # The pool's thread is among those that were looked at.
        self.assertIn(2, [len(threads(worker["pid"])) for worker in status["workers"]])
        # Workers of another generation too; nobody died of a call.
        self.assertTrue(daemon.ask(op="reload")["ok"])
        self.attach(daemon)
        status = self.check_confined(daemon)
        self.assertEqual(status["worker_restarts"], 0, daemon.text())
        self.assertIsNone(re.search("store-unavailable|worker-died|Sanitizer", daemon.text()),
                          daemon.text())

    def test_sqlite(self):
        """Y08, Y10: confined, and serving."""
        self.check_serves(self.daemon())

    def test_wlan_termination(self):
        """Y08: the thread of usrsctp too, and beside it aaa and vault."""
        ports = {key: world.free_port() for key in ("wt.port", "wt.xw_udp_port")}
        daemon = self.daemon(roles="[aaa, vault, wt]", **ports)
        self.check_serves(daemon)
        [wt] = [w for w in daemon.ask(op="status")["workers"] if w["role"] == "wt"]
        self.assertEqual(len(threads(wt["pid"])), 2)

    def test_enbs(self):
        """Y08: their process has a way to the vault and to the store, and usrsctp's thread."""
        ports = {key: world.free_port() for key in ("wt.port", "wt.xw_udp_port",
                                                    "enb.xw_udp_port")}
        uu = world.free_port()
        daemon = self.daemon(roles="[aaa, vault, enb, wt]", **ports, **{
            "enb.cells": f"[{{name: a, port: {uu}, pci: 1}}]",
            "enb.wt.port": ports["wt.xw_udp_port"],
            "wt.enbs": f"[{{name: enb, address: 127.0.0.1, port: {ports['enb.xw_udp_port']}}}]"})
        self.check_serves(daemon)
        world.wait_for("the WT", lambda: daemon.ask(op="enb-ues")["wt_up"])

    def test_postgresql(self):
        """Y08, Y10: the same where the store is a server, which goes away and comes back."""
        with Postgres() as pg:
            daemon = self.daemon(**{"store.url": pg.url})
            self.check_serves(daemon)
            pg.stop()
            pg.start()
            daemon.command("status", check=False)
            world.wait_for("the store again", lambda: daemon.ask(op="health")["healthy"], 15)
            self.attach(daemon)
            self.account(daemon, b"after")
            self.check_confined(daemon)

    @unittest.skipUnless(landlock_version(), "this kernel has no Landlock")
    def test_store_that_leads_to_the_keys_is_refused(self):
        """By a link, which --check does not see: no worker serves where it could open the key."""
        daemon = world.Latchkeyd()
        self.addCleanup(daemon.stop)
        state = self.dir / "var"
        state.mkdir()
        (state / "store").symlink_to(state)
        daemon.settings["state_dir"] = state
        wait_line = daemon.wait_line
        daemon.wait_line = lambda _: wait_line("worker-not-confined.*directory of its own")
        daemon.start(self.dir)
        self.assertNotIn("ready", daemon.text())


if __name__ == "__main__":
    unittest.main()

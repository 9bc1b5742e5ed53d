"""TUN devices in network namespaces of their own: what is in them, who may go there, when they end,
and a download by the kernel's TCP from behind the anchor to the device while it authenticates
again."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import phone
import wlan
import world
from anchor_tun_test import can_enter

SERVER = "192.0.2.80"
NOBODY = 65534
# In a mount namespace of the test's own: a TUN device that everybody may open, as on most machines;
# and none at all.
OPEN_TO_ALL = world.in_place_of_tun("mknod -m 666 /dev/net/tun c 10 200")
NO_DEVICE = world.in_place_of_tun("true")
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")

# One connection: the server says how many it took, the client what came and whether it is right.
STREAM = """
import hashlib, socket, sys, time
COUNT, PIECE = 3000000, 20000
def piece(at):
    return hashlib.shake_128(at.to_bytes(8, "big")).digest(PIECE)
def server():
    with socket.create_server((sys.argv[2], 8000)) as listening:
        print("listening", flush=True)
        one, _ = listening.accept()
        for at in range(0, COUNT, PIECE):
            one.sendall(piece(at))
            time.sleep(0.01)
        one.shutdown(socket.SHUT_WR)
        one.recv(1)
def client():
    got, right = 0, True
    with socket.create_connection((sys.argv[2], 8000), 20) as reading:
        reading.settimeout(60)
        held = b""
        while octets := reading.recv(65536):
            held += octets
            while len(held) >= PIECE:
                right = right and held[:PIECE] == piece(got)
                got, held = got + PIECE, held[PIECE:]
            print(got, flush=True)
    print("all" if right and got == COUNT and not held else f"lost: {got}", flush=True)
{"server": server, "client": client}[sys.argv[1]]()
"""
COUNT = 3000000


class InNamespace(world.Process):
    """A program that latchkey runs there."""

    def __init__(self, *words):
        super().__init__()
        self.words = words

    def start(self, where):
        self.spawn([world.LATCHKEY, *self.words], "program", where)


def can():
    """As root alone, for whom this machine must have TUN devices."""
    return os.geteuid() == 0 and can_enter()


@unittest.skipUnless(can(), "not root, or there is no TUN device on this machine")
class NamespaceTest(world.Case):
    def device(self, prefix=(), **settings):
        """A phone that attaches nowhere."""
        network = type("Network", (), {"ap_port": world.free_port(), "settings": {
            "wlcp.port": wlan.port_of_both_ends(), "wlcp.user_port": wlan.port_of_both_ends()}})
        made = phone.Phone(network, **{"ue.attach": "false", "ue.tun": "lk0", **settings})
        made.prefix = prefix
        return made

    def run_in(self, device, *words, prefix=()):
        return subprocess.run([*prefix, str(world.LATCHKEY), "ue", "run", "--socket",
                               str(device.socket), "--", *words], capture_output=True, text=True,
                              timeout=30)

    def test_what_is_in_it(self):
        device = self.start(self.device())
        links = self.run_in(device, world.need("ip"), "-o", "link")
        self.assertEqual(links.returncode, 0, links.stderr + device.text())
        self.assertEqual([line.split(": ")[1] for line in links.stdout.splitlines()],
                         ["lo", "lk0"])
        self.assertIn("mtu 1400", links.stdout.splitlines()[1])
        self.assertIn("LOOPBACK,UP", links.stdout)
        routes = self.run_in(device, world.need("ip"), "route").stdout
        self.assertIn("default dev lk0", routes)
        here = os.readlink("/proc/self/ns/net")
        self.assertNotEqual(self.run_in(device, "readlink", "/proc/self/ns/net").stdout.strip(),
                            here)
        # The exit code is the program's, and a program that is not there is said.
        self.assertEqual(self.run_in(device, "sh", "-c", "exit 7").returncode, 7)
        missing = self.run_in(device, "latchkey-has-no-such-program")
        self.assertEqual(missing.returncode, 3)
        self.assertIn("No such file", missing.stderr)
        # Nothing of it is in the machine's own namespace.
        self.assertFalse(Path("/sys/class/net/lk0").exists())

    def test_it_ends_with_who_started_it(self):
        device = self.start(self.device())
        holder = device.asks("namespace")["pid"]
        self.assertEqual(Path(f"/proc/{holder}/comm").read_text().strip(), "latchkey-namesp")
        device.process.kill()
        device.process.wait()
        world.wait_for("the holder ends", lambda: not Path(f"/proc/{holder}").exists())

    def test_the_process_is_replaced_and_the_namespace_stays(self):
        device = self.start(self.device())
        before = device.asks("namespace")
        ue = next(p["pid"] for p in device.ask(op="status")["workers"] if p["role"] == "ue")
        os.kill(ue, 9)

        def again():
            try:
                return device.asks("namespace") == before
            except OSError:
                return False
        world.wait_for("the next process", again)

    def test_where_there_is_no_device(self):
        """Where it must be, the daemon says what is missing and does not start; where it need not,
        it serves, and says it to who asks."""
        refused = self.device(NO_DEVICE, **{"ue.tun_in": "apart"})
        with self.assertRaisesRegex(AssertionError, "ue.tun_in: no TUN device for us"):
            self.start(refused)
        device = self.start(self.device(NO_DEVICE, **{"ue.tun_in": "apart-if-allowed"}))
        told = device.asks("namespace")
        self.assertEqual((told["ok"], told["unavailable"]), (False, True))
        self.assertIn("/dev/net/tun", told["error"])
        run = self.run_in(device, "true")
        self.assertEqual(run.returncode, 1)
        self.assertIn("/dev/net/tun", run.stderr)
        self.assertIn("no-namespace", device.text())

    def test_a_device_without_one(self):
        device = self.start(self.device(**{"ue.tun": ""}))
        self.assertIn("ue.tun_in", device.asks("namespace")["fix"])

    def copy_for_nobody(self):
        """The programs where everybody may run them."""
        where = Path(tempfile.mkdtemp(prefix="lk-nobody-"))
        self.addCleanup(shutil.rmtree, where, True)
        for file in (world.LATCHKEY, world.LATCHKEYD, world.TOP / "conf" / "phone.yaml"):
            shutil.copy(file, where)
        os.chown(where, NOBODY, NOBODY)
        return where

    def test_without_being_root(self):
        """A user of no rights has a namespace of its own, and runs programs in it; another user,
        who is not root, cannot."""
        if subprocess.run([*AS_NOBODY, "unshare", "--user", "--map-root-user", "--net", "true"],
                          capture_output=True, timeout=30).returncode != 0:
            self.skipTest("this machine lets nobody but root make a network namespace")
        where = self.copy_for_nobody()
        device = self.device(OPEN_TO_ALL + AS_NOBODY)
        device.program = where / "latchkeyd"

        def set_up(_):
            device.where = where
            device.config = where / "phone.yaml"
            device.socket = where / "ue.sock"
            device.sets = {"state_dir": where / "state", "ue.mis.points": "[]",
                           **device.settings, "ue.socket": device.socket}
            device.again()
        device.start = set_up
        self.start(device)
        told = json.loads(subprocess.run(
            [*AS_NOBODY, where / "latchkey", "ue", "namespace", "--json", "--socket",
             device.socket], capture_output=True, text=True, timeout=30).stdout)
        self.assertTrue(told["ok"], told)
        self.assertGreater(told["user"], 0)
        words = [where / "latchkey", "ue", "run", "--socket", device.socket, "--"]
        run = subprocess.run([*AS_NOBODY, *words, "sh", "-c", "id -u && cat /proc/net/dev"],
                             capture_output=True, text=True, timeout=30)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout.splitlines()[0], "0")     # root of that namespace alone
        self.assertIn("lk0:", run.stdout)
        other = subprocess.run(["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups",
                                *words, "true"], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(other.returncode, 0)


@unittest.skipUnless(can(), "not root, or there is no TUN device on this machine")
class DownloadTest(world.Case):
    def setUp(self):
        super().setUp()
        self.capture = self.dir / "network.pcapng"
        self.network = self.start(wlan.Wlan(
            roles="[aaa, vault, twap, twag, anchor]",
            **{"anchor.tun": "lk0", "anchor.tun_in": "apart", "capture.file": self.capture,
               "capture.packets": 1, "capture.legs": "[user-plane, tunnel]"}))
        self.network.add(world.CARD)
        self.phone = self.start(phone.Phone(self.network, **{"ue.tun": "lk0"}))
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        self.way = ["ue", "run", "--socket", self.phone.socket, "--"]
        self.behind = ["anchor", "run", "-c", self.network.config,
                       f"--set=control={self.network.sets['state_dir']}/control.sock", "--"]
        self.stream = self.dir / "stream.py"
        self.stream.write_text(STREAM)

    def octets(self, way):
        """Of packets of IP that came out of the TUN to the kernel there, and went into it."""
        done = subprocess.run([str(world.LATCHKEY), *map(str, way), "cat", "/proc/net/dev"],
                              capture_output=True, text=True, timeout=30)
        fields = re.search(r"lk0:(.*)", done.stdout)[1].split()
        return int(fields[0]), int(fields[8])

    def binding(self):
        return next(row for row in self.network.ask(op="bindings")["bindings"]
                    if row["service"] == "internet")

    def test_a_download_lives_through_an_authentication(self):
        """T14: real packets by TCP of the kernel from behind the anchor to the device; all octets
        come while the WLAN's keys are made anew, and what the binding was charged for is what its
        device got."""
        connected = self.phone.asks("connect", **{"as": "browser", "apn": "internet",
                                                  "type": "ipv4"})
        self.assertTrue(connected["ok"], connected)
        told = self.phone.asks("namespace")
        self.assertEqual((told["by"], told["address"]), ("wlan", connected["address"]))
        server = self.start(InNamespace(*self.behind, sys.executable, self.stream, "server",
                                        SERVER))
        server.wait_line("^listening", 30)
        client = self.start(InNamespace(*self.way, sys.executable, self.stream, "client", SERVER))
        client.wait_line("^[1-9][0-9]{5}$", 60)
        self.assertTrue(self.phone.asks("reauthenticate")["ok"])
        world.wait_for("a second key",
                       lambda: self.network.text().count("wlan-session imsi") == 2, 30)
        # A ping of the manager's own is beside it, and is not the application's.
        self.assertTrue(self.phone.asks("ping", **{"as": "browser", "pdn": connected["pdn"],
                                                   "to": "10.64.0.1"})["ok"])
        client.wait_line("^(all|lost)", 120)
        self.assertRegex(client.text(), "(?m)^all$")
        server.process.wait(30)
        got, _ = self.octets(self.way)
        _, given = self.octets(self.behind)
        charged = self.binding()
        self.assertEqual(charged["ipv4"], connected["address"])
        self.assertGreater(got, COUNT)
        pings = 3 * 60
        self.assertLessEqual(got, charged["down_octets"])
        self.assertLessEqual(charged["down_octets"], given + pings)
        self.assertLess(charged["down_octets"], COUNT * 1.2)
        # Of thousands of packets the capture has some, and every echo of the ping.
        self.assertLess(self.capture.stat().st_size, COUNT / 4)
        self.assertGreaterEqual(self.capture.read_bytes().count(b"latchkey echo"), 2 * 2 * 3)

    def test_where_no_access_is(self):
        """What is said then is lost, and counted; the address comes with the connection, and
        packets go when it is there."""
        sent = self.phone.asks("namespace")
        self.assertEqual((sent["by"], sent["address"]), ("nothing", ""))
        connected = self.phone.asks("connect", **{"as": "browser", "apn": "internet",
                                                  "type": "ipv4"})
        self.assertTrue(connected["ok"], connected)
        ping = [str(world.LATCHKEY), *map(str, self.way), sys.executable, "-c",
                "import socket, sys\n"
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                f"s.sendto(b'word', ('{SERVER}', 9))\n"]
        subprocess.run(ping, check=True, timeout=30)
        world.wait_for("it has gone up", lambda: self.phone.asks("namespace")["up-packets"] >= 1)
        self.assertTrue(self.phone.asks("disconnect", **{"as": "browser",
                                                         "pdn": connected["pdn"]})["ok"])
        world.wait_for("no access", lambda: self.phone.asks("namespace")["by"] == "nothing")
        before = self.phone.asks("namespace")
        subprocess.run(ping, check=True, timeout=30)
        world.wait_for("it is lost", lambda: self.phone.asks("namespace")["lost"] > before["lost"])
        self.assertEqual(self.phone.asks("namespace")["up-packets"], before["up-packets"])


if __name__ == "__main__":
    unittest.main()

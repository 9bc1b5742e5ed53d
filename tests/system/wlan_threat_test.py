"""T01, whole: an application of the device that is hostile, against everything real: connection
manager, TWAG, anchor."""
import json
import os
import signal
import socket
import subprocess
import sys
import time

import dtls
import phone
import pmip
import wlan
import world

MANAGER, HOSTILE = 65533, 65534     # users: of the connection manager, of the application
GATEWAY = "10.64.0.1"
BECOME = ("setpriv", "--clear-groups")

# The application, a program of its own, for a process that has become somebody cannot go back.
APPLICATION = """
import json, socket, sys
manager, pid, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
user_port, address = int(sys.argv[4]), socket.inet_aton(sys.argv[5])
told = {}
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
    asking.settimeout(10)
    asking.connect(manager)
    answers = []
    lines = asking.makefile()
    for request in ({"op": "disconnect", "as": "browser", "pdn": 5},
                    {"op": "disconnect", "as": "mailer", "pdn": 5},
                    {"op": "list", "as": "browser"}):
        asking.sendall(json.dumps(request).encode() + b"\\n")
        answers.append(json.loads(lines.readline()).get("reason"))
told["manager"] = answers
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
    plain.connect(("127.0.0.1", port))
    plain.settimeout(0.3)
    for pdn in range(16):
        plain.send(bytes([0x85, 10 + pdn, pdn]))
        plain.send(bytes([0x81, 30 + pdn, 0x31]))
    try:
        told["plain"] = plain.recv(2048).hex()
    except TimeoutError:
        told["plain"] = None
echo = bytes.fromhex("0800f7fe00010000")
packet = bytes.fromhex("4500001c0000000040010000") + address + bytes((10, 64, 0, 1)) + echo
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plane:
    plane.bind(("127.0.0.2", 0))
    plane.settimeout(0.3)
    for row in range(64):
        plane.sendto(b"\\2\\0" + row.to_bytes(4, "big") + bytes.fromhex("020000000001") +
                     b"\\x08\\0" + packet, ("127.0.0.1", user_port))
    try:
        told["plane"] = plane.recv(2048).hex()
    except TimeoutError:
        told["plane"] = None
told["memory"] = []
for file in ("mem", "maps", "environ"):
    try:
        with open(f"/proc/{pid}/{file}", "rb") as opened:
            opened.read(1)
        told["memory"].append("read")
    except PermissionError:
        told["memory"].append("EPERM")
    except OSError:
        told["memory"].append("opened")
print(json.dumps(told))
"""


class HostileApplicationTest(world.Case):
    def setUp(self):
        super().setUp()
        self.skip_unless_root("other users cannot be played")
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]",
                                            **{"wlcp.any_source_port": "true",
                                               "wlcp.hold_ms": 300}))
        self.network.add(world.CARD)
        self.phone = phone.Phone(self.network)
        self.may_share = self.open_to(MANAGER)
        if self.may_share:
            self.phone.prefix = (*BECOME, f"--reuid={MANAGER}", f"--regid={MANAGER}")
        home = self.dir / "phone"
        home.mkdir(mode=0o711)
        os.chmod(self.dir, 0o711)
        os.chown(home, MANAGER, MANAGER)
        self.addCleanup(self.phone.stop)
        self.phone.start(home)
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")

    def open_to(self, uid):
        tried = subprocess.run([*BECOME, f"--reuid={uid}", f"--regid={uid}", world.LATCHKEYD,
                                "-c", world.TOP / "conf" / "phone.yaml", "--check"],
                               capture_output=True)
        return tried.returncode == 0

    def state(self):
        """What must not change: the digests of TWAP and TWAG, the bindings, what the applications
        have, and how many channels there are."""
        workers = self.network.ask(op="status")["workers"]
        counts = next(each["counts"] for each in workers if each["role"] == "wlan")
        return (self.network.ask(op="wlan-digest"), self.network.ask(op="bindings"),
                [self.phone.asks("list", **{"as": name}) for name in ("browser", "mailer")],
                counts["wlcp_channels"], counts["wlcp_connections"])

    def frames(self):
        """Those that passed, and those that were another's."""
        counts = next(each["counts"] for each in self.network.ask(op="status")["workers"]
                      if each["role"] == "wlan")
        return counts["wlan_frames_up_total"], counts["wlan_frames_foreign_total"]

    def hostile(self, uid, address):
        done = subprocess.run([sys.executable, "-c", APPLICATION, str(self.phone.socket),
                               str(self.phone.process_id()),
                               str(self.network.settings["wlcp.port"]),
                               str(self.network.settings["wlcp.user_port"]), address],
                              user=uid, group=uid,
                              extra_groups=[], capture_output=True, text=True, timeout=30, cwd="/")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def guesses(self):
        """A DTLS session of its own, under identities that may be guessed or seen, and keys that
        may not; what the gateway said to each."""
        identity = self.phone.asks("state")["psk-identity"]
        clients = []
        for name, key in ((world.CARD.imsi, bytes(32)), (os.urandom(16).hex(), os.urandom(32)),
                          ("browser", b"browser"), (identity, bytes(32)),
                          (identity, os.urandom(32))):
            client = dtls.Client(("127.0.0.1", self.network.settings["wlcp.port"]), name.encode(),
                                 key, local="127.0.0.5")
            self.addCleanup(client.close)
            client.greet()
            client.send(*client.last_flight())
            clients.append(client)
        return [client.receive() for client in clients]

    def test_five_attempts(self):
        """T01: (a) it asks the manager to release what is another's, (b) it sends WLCP in clear
        from a socket of its own, (c) it guesses identities for a DTLS session of its own, (d) it
        reads the manager's memory, (e) it sends frames of the user plane from the device's own
        address: refused and written down, silence, no session, EPERM, foreign; and no state digest
        changes. Where the build is open to other users (d) is tried as the manager's
        own user, too, whom nothing but the manager itself keeps out."""
        for name, apn in (("mailer", "ims"), ("browser", "internet")):
            answer = self.phone.asks("connect", **{"as": name, "apn": apn})
            self.assertTrue(answer["ok"], (answer, self.network.text()[-2000:]))
        world.wait_for("two connections", lambda: self.state()[-1] == 2)
        address, (up, foreign) = answer["address"], self.frames()
        before, lines = self.state(), len(self.phone.audit())
        told = self.hostile(HOSTILE, address)
        # (a)
        self.assertEqual(told["manager"], ["manager.stranger"] * 3)
        log = [line for line in self.phone.audit()[lines:]
               if line.get("came") == "manager.stranger"]
        self.assertEqual([line["uid"] for line in log], [HOSTILE] * 3)
        # (b)
        self.assertIsNone(told["plain"])
        # (c)
        self.assertEqual({(kind, epoch, body) for kind, epoch, _, body in self.guesses()},
                         {(dtls.ALERT, 0, b"\2\x33")})
        # (e)
        self.assertIsNone(told["plane"])
        world.wait_for("the gateway to say so", lambda: self.frames()[1] >= foreign + 64)
        self.assertEqual(self.frames()[0], up)
        # (d)
        self.assertEqual(told["memory"], ["EPERM"] * 3)
        if self.may_share:
            self.assertEqual(self.hostile(MANAGER, address)["memory"], ["EPERM"] * 3)
        time.sleep(0.3)
        self.assertEqual(self.state(), before)
        for name, told in zip(("browser", "mailer"), before[2]):
            pdn = told["connections"][0]["pdn"]
            ping = self.phone.asks("ping", **{"as": name, "pdn": pdn, "to": GATEWAY})
            self.assertTrue(ping["ok"], ping)


# At the gateway's address: speaks as the subscriber from many ports, sends back every token, and
# says what it got when it is told to end.
THIEF = """
import select, socket, sys, threading
address, tunnel = socket.inet_aton(sys.argv[1]), ("127.0.0.1", int(sys.argv[2]))
packet = bytes.fromhex("4500001c0000000040010000") + address + bytes((10, 64, 0, 1)) + \\
    bytes.fromhex("0800f7fe00010000")
places = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
for place in places:
    place.bind(("127.0.0.1", 0))
over, got = threading.Event(), []
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.is_set():
    for place in places:
        place.sendto(packet, tunnel)
    for place in select.select(places, [], [], 0.02)[0]:
        got.append(place.recv(2048))
        place.sendto(got[-1], tunnel)
print(len(got), [octets.hex() for octets in got[:4]])
"""


class TunnelThiefTest(world.Case):
    def ping(self):
        answer = self.phone.asks("ping", **{"as": "browser", "pdn": self.pdn, "to": GATEWAY})
        self.assertTrue(answer["ok"], (answer, self.network.text()[-2000:]))

    def anchor(self):
        return next(each for each in self.network.ask(op="status")["workers"]
                    if each["role"] == "anchor")

    def test_who_is_at_the_gateways_address(self):
        """T13: a program of another user on the gateway's host floods the tunnel with packets of
        the subscriber's and sends back whatever comes. Nothing ever comes, and the subscriber's
        packets go on, also when the anchor is killed meanwhile and every path begins anew."""
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]"))
        self.network.add(world.CARD)
        self.phone = self.start(phone.Phone(self.network))
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        told = self.phone.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(told["ok"], told)
        self.pdn = told["pdn"]
        other = {"user": HOSTILE, "group": HOSTILE, "extra_groups": []} if os.getuid() == 0 else {}
        thief = subprocess.Popen([sys.executable, "-c", THIEF, told["address"],
                                  str(self.network.tunnel_port)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True, cwd="/", **other)
        self.addCleanup(thief.communicate)
        self.addCleanup(thief.kill)
        world.wait_for("a flood", lambda:
                       self.anchor()["counts"].get("anchor_up_foreign_total", 0) > 100)
        for _ in range(3):
            self.ping()
        os.kill(self.anchor()["pid"], signal.SIGKILL)
        world.wait_for("a second leg", lambda: self.network.text().count("anchor-up") == 2)
        world.wait_for("a renewal", lambda:
                       self.anchor()["counts"].get("anchor_accepted_total", 0) > 0)
        for _ in range(3):
            self.ping()
        world.wait_for("the flood again", lambda:
                       self.anchor()["counts"].get("anchor_up_foreign_total", 0) > 100)
        self.ping()
        self.assertEqual(thief.communicate("")[0], "0 []\n")
        self.assertNotIn("path.unproven", self.network.text())

    def ports(self, pid):
        """The UDP ports of the process that no configuration names."""
        with open(f"/proc/{pid}/net/udp", encoding="ascii") as table:
            rows = [line.split() for line in list(table)[1:]]
        own = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
        ports = {int(row[1].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in own}
        return ports - {int(value) for value in self.network.settings.values()
                        if str(value).isdigit()}

    def test_a_captured_gateway_does_not_take_anothers_place(self):
        """T13: when the anchor begins anew, captured gateways at the address of a living one are
        faster than it, and tell its port, whichever it is. It is asked in their names, and its
        answers prove nothing of them."""
        names = [f"thief-{n}" for n in range(8)]
        key, own = "a key of a captured gateway", "the key of the living gateway"
        mags = ", ".join(f"{{name: {name}, psk: \"{key}\"}}" for name in names)
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]", **{
            "anchor.mags": f"[{{name: lab, psk: \"{own}\"}}, {mags}]", "mag.name": "lab",
            "mag.psk": own, "mag.heartbeat_ms": 3000}))
        self.network.add(world.CARD)
        self.phone = self.start(phone.Phone(self.network))
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        told = self.phone.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(told["ok"], told)
        self.pdn = told["pdn"]
        self.ping()
        before = self.anchor()["pid"]
        os.kill(before, signal.SIGKILL)
        world.wait_for("another anchor", lambda: self.anchor().get("pid", before) != before)
        gateway = next(each["pid"] for each in self.network.ask(op="status")["workers"]
                       if each["role"] == "wlan")
        ports = self.ports(gateway)
        self.assertLessEqual(len(ports), len(names))
        for name, port in zip(names, ports):
            thief = pmip.Mag(self.network, name, key=key)
            self.addCleanup(thief.close)
            thief.connect().tell(("127.0.0.1", port), beats_ms=60000)
        world.wait_for("a second leg", lambda: self.network.text().count("anchor-up") == 2)
        world.wait_for("a renewal", lambda:
                       self.anchor()["counts"].get("anchor_accepted_total", 0) > 0)
        self.ping()
        self.assertNotIn("another gateway", self.network.text())


if __name__ == "__main__":
    world.unittest.main()

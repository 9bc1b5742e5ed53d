"""A device whose gateway goes away: it notices, says why, and comes back by itself."""
import json
import os
import signal
import socket
import struct
import threading
import time

import phone
import wlan
import world

GATEWAY = "10.64.0.1"
MAILER, GUEST = 64001, 64002            # users of the system, for applications
QUICK = {"wlcp.t_connect_ms": 150, "wlcp.t_disconnect_ms": 150, "wlcp.tries": 2,
         "ue.retry_ms": 100, "ue.retry_max_ms": 800}


class ReturnTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]"))
        self.network.add(world.CARD)
        uid = os.getuid()
        self.phone = self.start(phone.Phone(
            self.network, applications=f"[{{name: browser, uid: {uid}}}, "
                                       f"{{name: mailer, uid: {uid}}}]", **QUICK))
        self.wait_up()

    def state(self):
        return self.phone.asks("state")

    def wait_up(self, seconds=10):
        world.wait_for("the channel", lambda: self.state()["channel"], seconds)

    def asks(self, op, name, **words):
        return self.phone.asks(op, **{"as": name, **words})

    def connect(self, name, apn):
        answer = self.asks("connect", name, apn=apn, type="ipv4")
        self.assertTrue(answer["ok"], answer)
        return answer

    def ping(self, name, pdn):
        answer = self.asks("ping", name, pdn=pdn, to=GATEWAY, count=1)
        self.assertTrue(answer["ok"], answer)

    def kill_gateway(self):
        """As it dies when the power goes: no word to anybody."""
        pid = next(worker["pid"] for worker in self.network.ask(op="status")["workers"]
                   if worker["role"] == "wlan")
        os.kill(pid, signal.SIGKILL)

        def another():
            return any(worker["role"] == "wlan" and worker["pid"] not in (0, pid)
                       for worker in self.network.ask(op="status")["workers"])

        world.wait_for("another wlan process", another)

    def test_a_gateway_that_lost_the_device(self):
        first = self.connect("browser", "internet")
        self.kill_gateway()
        lost = self.asks("connect", "mailer", apn="ims")
        self.assertEqual((lost["ok"], lost["reason"]), (False, "wlcp.no-answer"))
        self.wait_up()
        self.assertEqual(self.state()["last"]["reason"], "ue.gateway-silent")
        self.assertEqual(self.asks("list", "browser")["connections"], [])
        again = self.connect("browser", "internet")
        other = self.connect("mailer", "ims")
        self.assertEqual(again["address"], first["address"])
        self.ping("browser", again["pdn"])
        self.ping("mailer", other["pdn"])
        self.assertIn("access-lost", self.phone.text())

    def test_a_network_that_is_switched_off(self):
        self.network.stop()
        world.wait_for("the device to notice", lambda: not self.state()["attached"])
        state = self.state()
        self.assertIn(state["state"], ("WAITING", "ATTACHING"))
        self.assertEqual(state["last"]["reason"], "ue.channel-lost")
        refused = self.phone.command("ue", "connect", "as=browser", "apn=internet", "--socket",
                                     self.phone.socket, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("latchkey ue reattach", refused.stderr)
        self.network.again()
        self.wait_up(25)        # an attempt that was under way repeats itself after 1, 2, 4, 8 s
        self.ping("browser", self.connect("browser", "internet")["pdn"])
        self.assertRegex(self.phone.text(), "info ue attached how=")

    def test_a_device_that_was_switched_off(self):
        """The gateway has a connection that the device has forgotten: it asks, and ends it."""
        first = self.connect("browser", "internet")
        pid = self.phone.process_id()
        os.kill(pid, signal.SIGKILL)
        world.wait_for("another process", lambda: self.phone.process_id() != pid)
        world.wait_for("its socket", self.answers)
        self.wait_up()
        again = self.connect("browser", "internet")
        self.assertEqual(again["address"], first["address"])
        self.ping("browser", again["pdn"])

    def answers(self):
        try:
            return self.state()["ok"]
        except (OSError, ValueError):
            return False

    def test_two_applications_never_share_an_address(self):
        """After a re-authentication as before it: the second is refused, the first goes on."""
        first = self.connect("browser", "internet")
        for _ in range(2):
            refused = self.asks("connect", "mailer", apn="internet")
            self.assertEqual((refused["ok"], refused["reason"]), (False, "manager.one-per-apn"))
            self.assertTrue(self.phone.asks("reauthenticate")["ok"])
        self.ping("browser", first["pdn"])
        self.assertEqual(self.asks("list", "mailer")["connections"], [])
        self.assertTrue(self.asks("disconnect", "browser", pdn=first["pdn"])["ok"])
        self.assertNotIn("no-such-connection", self.network.text())

    def test_what_makes_no_sense_is_refused(self):
        pdn = self.connect("browser", "internet")["pdn"]
        for op, words, text in (("disconnect", {"pdn": pdn + 2 ** 32}, "not the number"),
                                ("disconnect", {"pdn": "x"}, "not the number"),
                                ("disconnect", {"pdn": -1}, "not the number"),
                                ("disconnect", {}, "not the number"),
                                ("ping", {"pdn": "2x", "to": GATEWAY}, "not the number"),
                                ("ping", {"pdn": pdn, "to": GATEWAY, "count": "x"}, "1 to 100"),
                                ("connect", {"apn": "ims", "type": "ip4"}, "no such PDN type"),
                                ("connect", {"apn": 7}, "no access point name"),
                                ("connect", {"apn": "ims", "typ": "ipv4"}, "takes no 'typ'")):
            answer = self.asks(op, "browser", **words)
            self.assertFalse(answer["ok"], (op, words))
            self.assertIn(text, answer["error"])
        self.assertEqual(len(self.asks("list", "browser")["connections"]), 1)

    def test_the_command_line_tells_the_cause(self):
        done = self.phone.command("ue", "connect", "as=mailer", "apn=nowhere", "--socket",
                                  self.phone.socket, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown", done.stderr.lower())
        self.assertIn("reason: wlcp.rejected", done.stderr)

    def test_frames_of_anybody_else_are_no_echoes(self):
        """T01: a program of the device plays the gateway's user plane, and is not heard."""
        pdn = self.connect("browser", "internet")
        nowhere = "10.64.77.77"
        told = []
        asking = threading.Thread(target=lambda: told.append(
            self.asks("ping", "browser", pdn=pdn["pdn"], to=nowhere, count=1)))
        asking.start()
        at = ("127.0.0.2", int(self.network.settings["wlcp.user_port"]))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar:
            liar.bind(("127.0.0.1", 0))
            while asking.is_alive():
                liar.sendto(bytes(12) + b"\x08\0" + pong(nowhere, pdn["address"], 1, 1), at)
                time.sleep(0.02)
        asking.join()
        self.assertEqual((told[0]["sent"], told[0]["received"]), (1, 0))


def checksum(octets):
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pong(source, destination, identifier, sequence):
    """An echo reply in IPv4."""
    echo = struct.pack(">BBHHH", 0, 0, 0, identifier, sequence) + b"latchkey"
    echo = echo[:2] + checksum(echo).to_bytes(2, "big") + echo[4:]
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(echo), 0, 0, 64, 1, 0,
                         socket.inet_aton(source), socket.inet_aton(destination))
    return header[:10] + checksum(header).to_bytes(2, "big") + header[12:] + echo


class SocketTest(world.Case):
    """The socket where applications ask, with hostile users at it."""

    def setUp(self):
        super().setUp()
        self.skip_unless_root("other users cannot be played")
        self.network = self.start(wlan.Wlan())
        self.network.add(world.CARD)
        self.phone = self.start(phone.Phone(
            self.network, applications=f"[{{name: browser, uid: {os.getuid()}}}, "
                                       f"{{name: mailer, uid: {MAILER}}}, "
                                       f"{{name: guest, uid: {GUEST}}}]"))
        for path in (self.phone.where, self.dir):
            os.chmod(path, 0o711)
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")

    def as_user(self, uid, work):
        """Runs work in a process of that user; it tells what it says by its exit code."""
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
                os._exit(work())
            finally:
                os._exit(99)
        return child

    def hold(self):
        held = []
        for _ in range(20):
            one = socket.socket(socket.AF_UNIX)
            one.connect(str(self.phone.socket))
            held.append(one)
        time.sleep(3)
        return 0

    def while_they_hold(self, users, look):
        holders = [self.as_user(uid, self.hold) for uid in users]
        time.sleep(1)
        try:
            look()
        finally:
            for holder in holders:
                os.kill(holder, signal.SIGKILL)
                os.waitpid(holder, 0)

    def test_strangers_do_not_keep_applications_out(self):
        """T01: four users, none of them an application's, hold all that they get."""
        def look():
            self.assertTrue(self.phone.asks("list", **{"as": "browser"})["ok"])
            self.assertTrue(self.phone.asks_as(MAILER, "list", **{"as": "mailer"})["ok"])

        self.while_they_hold((65531, 65532, 65533, 65534), look)

    def test_applications_do_not_keep_the_owner_out(self):
        """T01: nor do users who may be applications."""
        self.while_they_hold((MAILER, GUEST), lambda: self.assertTrue(
            self.phone.asks("state")["ok"]))

    def flood(self):
        question = json.dumps({"op": "disconnect", "as": "browser", "pdn": 1}).encode() + b"\n"
        lines, closed, end = 0, 0, time.monotonic() + 1.5
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(str(self.phone.socket))
                one.settimeout(2)
                answers = one.makefile()
                try:
                    for _ in range(100):
                        one.sendall(question)
                        if not answers.readline():
                            closed = 1
                            break
                        lines += 1
                except OSError:
                    closed = 1
        return 0 if lines > 200 and closed else 1

    def test_the_audit_log_cannot_be_flooded(self):
        """T01: each user has a share of it; what is left out is counted; others go on."""
        flooder = self.as_user(65534, self.flood)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(flooder, 0)[1]), 0)
        lines = [line for line in self.phone.audit() if line["uid"] == 65534]
        self.assertGreater(len(lines), 30)
        self.assertLess(len(lines), 80)
        self.assertEqual({line["came"] for line in lines}, {"manager.stranger"})
        self.phone.asks("disconnect", **{"as": "browser", "pdn": 5})
        self.assertEqual(self.phone.audit()[-1]["uid"], os.getuid())
        time.sleep(1.2)
        answer = self.phone.asks_as(65534, "list", **{"as": "browser"})
        self.assertEqual(answer["uid"], 65534)
        self.assertGreater(self.phone.audit()[-1]["left_out"], 100)


if __name__ == "__main__":
    world.unittest.main()

"""The wlan process as TWAP: eapol_test through it to our AAA; a foreign AAA behind it; radclient
and tshark as judges of its dynamic authorisation."""
import os
import socket
import subprocess
import time

import aaa_double
import radius
import wlan
import world
from judge_radclient_test import radclient

MAC_A, MAC_B = "02-00-00-00-00-0A", "02-00-00-00-00-0B"
IMSI_A, IMSI_B = "001010123456063", "001010123456064"


class Hostapd(world.Process):
    """An access point without a radio: of its restarts it tells accounting."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def start(self, where):
        (where / "hostapd.conf").write_text(f"""driver=none
ieee8021x=1
own_ip_addr=127.0.0.1
auth_server_addr=127.0.0.1
auth_server_port={self.port}
auth_server_shared_secret={world.SECRET}
acct_server_addr=127.0.0.1
acct_server_port={self.port}
acct_server_shared_secret={world.SECRET}
logger_stdout=-1
logger_stdout_level=0
""")
        self.spawn([world.need("hostapd"), where / "hostapd.conf"], "hostapd", where)


class ThroughTwapTest(world.Case):
    """eapol_test -> twap -> aaa, all three real."""

    def test_both_methods_and_fast_reauthentication(self):
        daemon = self.start(wlan.Wlan())
        daemon.add(world.CARD)
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                run = world.eapol_test(self, daemon.front(), world.CARD, method, words=["-r2"])
                self.assertTrue(run.success, run.text()[-2500:])
                self.assertEqual(run.keys_ok, 3)
        wrong = world.Card(world.CARD.imsi, "00" * 16, world.CARD.opc)
        run = world.eapol_test(self, daemon.front(), wrong, words=["-n"])
        self.assertFalse(run.success)

    def test_status_server_and_accounting_pass(self):
        daemon = self.start(wlan.Wlan())
        for port in (daemon.ap_port, daemon.ap_accounting_port):
            code, said = radclient(self, daemon, "status", "Message-Authenticator = 0x00\n",
                                   port=port)
            self.assertEqual(code, 0, said)
        with radius.Client(daemon.ap_accounting_port) as client:
            code, _ = client.account(wlan.accounting(MAC_A, 1, "s-1"))
            self.assertEqual(code, radius.ACCOUNTING_RESPONSE)


    def test_the_aaa_ends_a_session(self):
        """Device, access point, TWAP, AAA, accounting, and latchkey session end: all real."""
        daemon = self.start(wlan.Wlan())
        daemon.add(world.CARD)
        card = ["--imsi", world.CARD.imsi, "--k", world.CARD.k, "--opc", world.CARD.opc]
        daemon.command("ue", "attach", "--server", f"127.0.0.1:{daemon.ap_port}", *card, "--mode",
                       "multi")
        daemon.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        with radius.Client(daemon.ap_accounting_port) as client:
            client.account(wlan.accounting("02-00-00-00-00-01", 1, "s-1"))
            client.account(wlan.accounting(MAC_B, 1, "s-2"))
            client.account(wlan.accounting(MAC_B, 2, "s-2"))
        port = f"--set=dynamic.port={daemon.dynamic_port}"
        listed = daemon.command("session", "list")
        self.assertRegex(listed.stdout, r"^s-1 +- +02:00:00:00:00:01 +127.0.0.1")
        self.assertEqual(len(listed.stdout.splitlines()), 1)
        ended = daemon.command("session", "end", "s-1", port)
        self.assertEqual(ended.stdout, "s-1 at 127.0.0.1: ended\n")
        daemon.wait_line(f"wlan-session-ended imsi={world.CARD.imsi} .*why=disconnected")
        again = daemon.command("session", "end", "s-1", port, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("it has no such session (any more) (Error-Cause 503)", again.stdout)
        none = daemon.command("session", "end", "s-2", port, check=False)
        self.assertEqual(none.returncode, 1)
        self.assertIn("no open session", none.stderr)


    def attach(self, daemon):
        done = daemon.text().count("wlan-session imsi=")
        daemon.command("ue", "attach", "--server", f"127.0.0.1:{daemon.ap_port}", "--imsi",
                       world.CARD.imsi, "--k", world.CARD.k, "--opc", world.CARD.opc, "--mode",
                       "multi")
        world.wait_for("the session",
                       lambda: daemon.text().count("wlan-session imsi=") > done)

    def test_what_hostapd_says_of_its_restarts_counts_once(self):
        """Invariant 11: who listens between hostapd and the TWAP sends the same again, and a month
        old: the next session stays. spec: RFC 2869 5.3 - hostapd says when it was."""
        daemon = self.start(wlan.Wlan())
        daemon.add(world.CARD)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.bind(("127.0.0.1", 0))
            wire.settimeout(10)
            daemon_at = ("127.0.0.1", daemon.ap_accounting_port)

            def ends(packet):
                """Whether it ends the session that there is, or is refused."""
                before = daemon.text()
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.sendto(packet, daemon_at)     # a port of its own: no repeat
                world.wait_for("the end, or a refusal", lambda: any(
                    daemon.text().count(word) > before.count(word)
                    for word in ("wlan-session-ended", "reason=twap.accounting")))
                return daemon.text().count("wlan-session-ended") > before.count(
                    "wlan-session-ended")

            self.attach(daemon)
            for _ in range(2):
                hostapd = self.start(Hostapd(wire.getsockname()[1]))
                on = wire.recv(4096)
                self.assertTrue(ends(on))
                self.attach(daemon)
                self.assertFalse(ends(on))
                time.sleep(1.1)     # its clock tells seconds
                hostapd.stop()
                while True:         # it may have said On once more
                    off = wire.recv(4096)
                    if radius.values(radius.parse(off)[3], radius.ACCT_STATUS_TYPE) == [
                            b"\0\0\0\x08"]:
                        break
                self.assertTrue(ends(off))
                self.attach(daemon)
                self.assertFalse(ends(off))
                time.sleep(1.1)
            old = radius.attribute(radius.ACCT_STATUS_TYPE, b"\0\0\0\x07") + \
                wlan.event_timestamp(time.time() - 86400 * 30)
            self.assertFalse(ends(radius.accounting_request(world.SECRET.encode(), 7, old)))

    def test_a_stranger_on_the_same_address_fails_for_himself(self):
        """T02: rejected at the device's access point under its MAC address, by a card that nobody
        knows, or under the device's own name by one with another key: the session stays.
        spec: TS 24.244 5.1.5 - it ends when the AAA does not know its subscriber any more."""
        daemon = self.start(wlan.Wlan())
        daemon.add(world.CARD)

        def attach(imsi, k, wanted):
            done = daemon.command("ue", "attach", "--server", f"127.0.0.1:{daemon.ap_port}",
                                  "--imsi", imsi, "--k", k, "--opc", world.CARD.opc, "--mode",
                                  "multi", check=False)
            self.assertEqual(done.returncode == 0, wanted, done.stdout + done.stderr)

        attach(world.CARD.imsi, world.CARD.k, True)
        daemon.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        before = daemon.ask(op="wlan-digest")
        attach("001019999999999", "00" * 16, False)
        daemon.wait_line("refused reason=twap.reject-of-another")
        self.assertEqual(daemon.ask(op="wlan-digest"), before)
        self.assertNotIn("wlan-session-", daemon.text())
        attach(world.CARD.imsi, "00" * 16, False)
        world.wait_for("the second refusal",
                       lambda: daemon.text().count("reason=twap.reject-of-another") == 2)
        self.assertEqual(daemon.ask(op="wlan-digest"), before)
        daemon.command("subscriber", "delete", world.CARD.imsi)
        attach(world.CARD.imsi, world.CARD.k, False)
        daemon.wait_line(f"wlan-session-failed imsi={world.CARD.imsi}")


class SessionTest(world.Case):
    """A foreign AAA that hands out WLCP keys: what the TWAP opens was hidden by another hand."""

    def setUp(self):
        super().setUp()
        self.said = {}
        self.aaa = self.start(aaa_double.Aaa(self.decide))
        self.daemon = self.start(wlan.Wlan(roles="[twap, twag]", server=self.aaa))

    def decide(self, attributes):
        mac = radius.values(attributes, radius.CALLING_STATION_ID)[0].decode()
        return self.said.get(mac, (radius.ACCESS_REJECT, b"", []))

    def attach(self, mac, key=None, imsi=IMSI_A):
        self.said[mac] = aaa_double.accept_with(key or os.urandom(32), imsi, bytes(range(64)))
        with radius.Client(self.daemon.ap_port) as client:
            return client.access(wlan.access(mac))

    def wait(self, pattern):
        self.daemon.wait_line(pattern)

    def test_keys_are_opened_and_hidden_again(self):
        code, attributes, authenticator = self.attach(MAC_A)
        self.assertEqual(code, radius.ACCESS_ACCEPT)
        halves = [radius.mppe_key(b"testing123", authenticator, attributes, kind)
                  for kind in (radius.MPPE_RECV_KEY, radius.MPPE_SEND_KEY)]
        self.assertEqual(b"".join(halves), bytes(range(64)))
        # T04: nothing of the enterprise reaches the access point.
        for value in radius.values(attributes, radius.VENDOR_SPECIFIC):
            self.assertEqual(value[:4], radius.MICROSOFT.to_bytes(4, "big"))
        self.wait(f"wlan-session imsi={IMSI_A} station=02:00:00:00:00:0a")
        code, asked = self.aaa.requests[0]
        self.assertEqual(aaa_double.vendor_values(asked, aaa_double.ENTERPRISE,
                                                  aaa_double.CONNECTION_MODE), [b"\0\0\0\4"])
        self.assertEqual(aaa_double.vendor_values(asked, aaa_double.ENTERPRISE,
                                                  aaa_double.CP_ADDRESS), [b"\x7f\0\0\1"])
        self.assertEqual(self.aaa.errors, [])

    def test_stop_reject_and_disconnect_end_sessions(self):
        self.attach(MAC_A)
        with radius.Client(self.daemon.ap_accounting_port) as client:
            client.account(wlan.accounting(MAC_A, 1, "s-1"))
            client.account(wlan.accounting(MAC_A, 2, "s-1"))
        self.wait(f"wlan-session-ended imsi={IMSI_A} .*why=detached")
        self.attach(MAC_A)
        self.said[MAC_A] = aaa_double.reject_of(IMSI_A)
        with radius.Client(self.daemon.ap_port) as client:
            code, _, _ = client.access(wlan.access(MAC_A))
        self.assertEqual(code, radius.ACCESS_REJECT)
        self.wait(f"wlan-session-failed imsi={IMSI_A}")
        self.attach(MAC_B, imsi=IMSI_B)
        # A01: without Message-Authenticator it is not taken, whoever sent it.
        code, said = self.disconnect(MAC_B)
        self.assertNotIn("Received", said)
        code, said = self.disconnect(MAC_B, "Message-Authenticator = 0x00")
        self.assertEqual(code, 0, said)
        self.assertIn("Received Disconnect-ACK", said)
        self.wait(f"wlan-session-ended imsi={IMSI_B} .*why=disconnected")

    def disconnect(self, mac, *more, command="disconnect", secret=None, off_s=0):
        lines = [f'Calling-Station-Id = "{mac}"', f'Event-Timestamp = "{int(time.time()) + off_s}"',
                 *more]
        return radclient(self, self.daemon, command, "\n".join(lines) + "\n",
                         port=self.daemon.dynamic_port, secret=secret)

    def test_radclient_is_refused_with_the_cause(self):
        signed = "Message-Authenticator = 0x00"
        self.attach(MAC_A)
        for mac, more, command, cause in (
                (MAC_B, [], "disconnect", "Session-Context-Not-Found"),
                (MAC_A, ["Service-Type = Login-User"], "disconnect", "Unsupported-Service"),
                (MAC_A, ["Filter-Id = x"], "disconnect", "Unsupported-Attribute"),
                ("the kitchen", [], "disconnect", "Invalid-Attribute-Value"),
                (MAC_A, [], "coa", "Unsupported-Extension")):
            with self.subTest(cause):
                code, said = self.disconnect(mac, signed, *more, command=command)
                self.assertNotEqual(code, 0, said)
                # spec: RFC 5176 3.5 - a NAK says why.
                self.assertIn(f"Error-Cause = {cause}", said)
        # spec: RFC 5176 6.3 - stale, or under another secret: silence.
        for how in ({"off_s": -400}, {"off_s": 400}, {"secret": "testing124"}):
            code, said = self.disconnect(MAC_A, signed, **how)
            self.assertNotEqual(code, 0, said)
            self.assertNotIn("Received", said)
        self.assertNotIn("wlan-session-ended", self.daemon.text())

    def test_tshark_reads_what_we_send(self):
        self.skip_unless_root("a capture on loopback")
        ports = [self.daemon.dynamic_port, self.daemon.ap_port, self.aaa.port]
        capture = world.Capture(*ports)
        try:
            self.start(capture)
        except AssertionError as reason:
            self.skipTest(f"this machine lets dumpcap see no packets: {reason}")
        self.attach(MAC_A)
        self.disconnect(MAC_A, "Message-Authenticator = 0x00")
        self.disconnect(MAC_B, "Message-Authenticator = 0x00")
        file = capture.closed()
        strict = ["-o", f"radius.shared_secret:{world.SECRET}", "-o",
                  "radius.validate_authenticator:TRUE"]

        def fields(*words):
            return world.tshark(file, *strict, *words, ports=ports)

        codes = {int(line) for line in fields("-T", "fields", "-e", "radius.code")}
        self.assertEqual(codes, {1, 2, 40, 41, 42})
        self.assertEqual(fields("-Y", world.BROKEN), [])
        self.assertEqual(fields("-Y", "radius.authenticator.invalid == 1"), [])
        self.assertEqual(len(fields("-Y", "radius.Error_Cause == 503")), 1)
        # A01: first on every leg of ours.
        for leg in (f"udp.srcport == {ports[0]}", f"udp.srcport == {ports[1]}",
                    f"udp.dstport == {ports[2]}"):
            firsts = {line.split(",")[0] for line in
                      fields("-Y", leg, "-T", "fields", "-e", "radius.avp.type")}
            self.assertEqual(firsts, {"80"}, leg)

    def test_configuration_that_cannot_be(self):
        words = ["--set=roles=[twap, twag]", "--set=twap.servers=[{name: aaa, address: 127.0.0.1}]",
                 "--set=twap.realms=[{realm: \"*\", server: nobody}]"]
        done = subprocess.run([world.LATCHKEYD, "-c", self.daemon.config, *words, "--check"],
                              text=True, capture_output=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("twap.servers[0]: expected a secret", done.stdout + done.stderr)
        self.assertIn("twap.realms[0].server: expected a name", done.stdout + done.stderr)


if __name__ == "__main__":
    world.unittest.main()

"""Disconnect-Requests over RADIUS over TLS: the AAA asks over the connection that its client holds
(RFC 5176, RFC 6614 2.1), and says clearly when that cannot be."""
import hashlib
import hmac
import socket
import struct
import threading

import radius
import wlan
import world
from radsec_test import AAA, TWAP, RadsecCase

MAC = "02-00-00-00-00-01"
DISCONNECT_REQUEST, ACK, NAK = 40, 41, 42
ERROR_CAUSE, ACCT_SESSION_ID = 101, 44


def sign(code, identifier, authenticator, attributes, secret=b"radsec"):
    """An answer, Message-Authenticator first."""
    def packet(mac, head):
        body = radius.attribute(radius.MESSAGE_AUTHENTICATOR, mac) + attributes
        return struct.pack("!BBH", code, identifier, 20 + len(body)) + head + body
    mac = hmac.new(secret, packet(bytes(16), authenticator), hashlib.md5).digest()
    whole = packet(mac, authenticator)
    return packet(mac, hashlib.md5(whole + secret).digest())


class DisconnectTest(RadsecCase):
    def end(self, daemon, name="s-1", check=False):
        return daemon.command("session", "end", name, check=check).stdout

    def test_the_twap_ends_what_the_aaa_names(self):
        """Device, TWAP, TLS, AAA of two workers: ended once, then it is no more."""
        daemon = self.daemon(peers=f"[{{name: lab, certificate: {TWAP}}}]")
        twap = self.twap(self.tls_port, AAA, **{"log.mask_imsi": "false"})
        twap.wait_line("radsec-alive")
        twap.command("ue", "attach", "--imsi", world.CARD.imsi, "--k", world.CARD.k, "--opc",
                     world.CARD.opc, "--mode", "multi", "--server", f"127.0.0.1:{twap.ap_port}")
        with radius.Client(twap.ap_accounting_port) as ap:
            ap.account(wlan.accounting(MAC, 1, "s-1"))
        self.assertIn("radsec:lab", daemon.command("session", "list").stdout)
        self.assertIn("s-1 at radsec:lab: ended", self.end(daemon))
        twap.wait_line(f"wlan-session-ended imsi={world.CARD.imsi} .*why=disconnected")
        self.assertIn("no such session (any more) (Error-Cause 503)", self.end(daemon))
        twap.stop()
        world.wait_for("it is gone", lambda: "radsec-disconnected" in daemon.text())
        self.assertIn("holds no connection over TLS", self.end(daemon))

    def test_a_request_without_a_server_fails_clearly(self):
        """The only server is away: what an access point asks is not kept until it is back."""
        twap = self.twap(world.free_port(socket.SOCK_STREAM), AAA)
        with radius.Client(twap.ap_port, tries=1, timeout=0.3) as client:
            with self.assertRaises(radius.Timeout):
                client.access(wlan.access(MAC))
        self.wait_refused(twap, "radius.server-down", role="wlan")

    def asked(self, answer):
        """A client of ours with a session; answer(identifier, authenticator) is what it says."""
        daemon = self.daemon()
        client = self.client()
        client.account(wlan.accounting(MAC, 1, "s-1"))
        seen = []

        def serve():
            packet = client.packet()
            seen.append(packet)
            for octets in answer(packet[1], packet[4:20]):
                client.socket.sendall(octets)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        said = self.end(daemon)
        thread.join(5)
        return seen[0], said, daemon

    def test_request_and_refusal(self):
        """spec: RFC 5176 2.3 - the Request Authenticator; A01: Message-Authenticator first. An
        answer that does not verify is none; a NAK is told with its cause."""
        cause = radius.attribute(ERROR_CAUSE, struct.pack("!I", 504))
        packet, said, daemon = self.asked(lambda identifier, authenticator: [
            sign(ACK, identifier, authenticator, b"", b"another"),
            sign(ACK, identifier ^ 1, authenticator, b""),
            sign(NAK, identifier, authenticator, cause)])
        self.assertIn("Error-Cause 504", said)
        self.assertEqual(packet[0], DISCONNECT_REQUEST)
        self.assertEqual(packet[20], radius.MESSAGE_AUTHENTICATOR)
        zeroed = packet[:4] + bytes(16) + packet[20:]
        self.assertEqual(hashlib.md5(zeroed + b"radsec").digest(), packet[4:20])
        without = zeroed[:22] + bytes(16) + zeroed[38:]
        self.assertEqual(hmac.new(b"radsec", without, hashlib.md5).digest(), packet[22:38])
        found = radius.parse(packet)[3]
        self.assertEqual(radius.values(found, ACCT_SESSION_ID), [b"s-1"])
        self.assertEqual(radius.values(found, radius.CALLING_STATION_ID), [MAC.encode()])
        self.wait_refused(daemon, "radius.not-asked", 2)

    def test_silence_is_told(self):
        _, said, _ = self.asked(lambda *_: [])
        self.assertIn("no answer over TLS", said)


if __name__ == "__main__":
    world.unittest.main()

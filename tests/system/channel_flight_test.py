"""io/channel against who forges a part of a client's last flight, or names two identities."""
import os
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import dtls  # noqa: E402
from channel_attack_test import REFUSAL  # noqa: E402
from channel_test import KEY, OTHER, ChannelCase  # noqa: E402


def forged_exchange(body):
    """A ClientKeyExchange of somebody else who saw nothing."""
    return dtls.record(dtls.HANDSHAKE, dtls.message(dtls.KEY_EXCHANGE, body, 2), 0, 8)


def forged_flight():
    """A whole last flight of somebody else who saw nothing, in one datagram."""
    return forged_exchange(b"\0\4junk") + dtls.record(dtls.CHANGE, b"\1", 0, 9) + \
        dtls.record(dtls.HANDSHAKE, os.urandom(40), 1, 0)


class FlightTest(ChannelCase):
    def test_a_forged_key_exchange_ends_nothing(self):
        """T05, A30: before the client's flight somebody else sends ClientKeyExchanges in its name,
        of an identity without a key, of one with another key, and what cannot be one, as many as
        he likes: the latest is kept, and the session comes up."""
        for words in ((), ("--wait",)):
            server = self.serve(*words)
            server.key("me", KEY)
            server.key("other", OTHER)
            for bodies in ([b"\0\4junk"], [b"\0\5other"], [b"\0\4junk\x01x"], [b""],
                           [b"\0\4%04d" % i for i in range(200)]):
                client = self.client(server)
                client.greet()
                for body in bodies:
                    client.send(forged_exchange(body))
                client.send(*client.last_flight())
                client.expect_finished()

    def test_what_cannot_be_one_takes_no_place(self):
        """A30: a ClientKeyExchange that cannot be one, after the client's: it does not count."""
        client = self.client(self.serve())
        client.greet()
        client.send(client.key_exchange())
        client.send(forged_exchange(b"\0\4junk\x01x"))
        client.send(client.change(), client.finished())
        client.expect_finished()

    def test_a_forged_flight_costs_one_attempt(self):
        """T05, A18: what docs/rooms/wlcp.md says is left: a whole flight that arrives before the
        client's ends that handshake, after hold_ms and not before; whoever begins anew, from the
        same port and even before that, is served, and nothing of the first one is in his way."""
        for words in ((), ("--wait",)):
            server = self.serve("--hold", 400, "--retry", 100, *words)
            server.key("me", KEY)
            client = self.client(server)
            client.greet()
            client.send(forged_flight())
            since = time.monotonic()
            client.send(*client.last_flight())
            self.assertEqual(client.socket.recv(4096), REFUSAL)
            self.assertTrue(0.35 < time.monotonic() - since < 1.5)
            port = client.socket.getsockname()[1]
            client.close()
            hasty = self.client(server, port=port)
            hasty.greet()
            hasty.send(forged_flight(), *hasty.last_flight())
            hasty.close()
            self.client(server, port=port).connect()
            self.assertEqual(server.stats()["half_open"], 0)

    def test_half_a_flight_is_answered_by_nobody(self):
        """A18: without a Finished no key is asked for, and the handshake ends in silence, whether
        the identity has a key or not."""
        server = self.serve("--hold", 20, "--retry", 50, "--handshake", 300)
        for identity in (b"me", b"nobody"):
            client = self.client(server, identity=identity)
            client.greet()
            client.send(client.key_exchange(), client.change())
            with self.assertRaises(TimeoutError):
                client.socket.settimeout(0.6)
                while True:
                    self.assertEqual(client.receive()[0], dtls.HANDSHAKE)   # its flight again
        stats = server.stats()
        self.assertEqual((stats["unfinished"], stats["refused"], stats["half_open"]), (2, 0, 0))

    def test_who_is_named_first_is_no_oracle(self):
        """A18: a client with a key of its own names another identity too, before its own, after it
        or after its whole flight: what becomes of it does not depend on whether that one exists."""
        for words in ((), ("--wait",)):
            server = self.serve("--hold", 150, "--retry", 50, *words)
            server.key("other", OTHER)
            for order, comes_up in (("OKCF", True), ("KOCF", False), ("OCFKCF", False)):
                for identity in (b"other", b"nobody"):
                    client = self.client(server)
                    server.key("me", KEY)
                    client.greet()
                    client.key_exchange_took_place()
                    make = {"K": client.key_exchange, "C": client.change, "F": client.finished,
                            "O": lambda: forged_exchange(dtls.prefixed(2, identity))}
                    for letter in order:
                        client.send(make[letter]())
                    if comes_up:
                        client.expect_finished()
                    else:
                        while (octets := client.socket.recv(4096))[0] == dtls.HANDSHAKE:
                            pass                # its flight again: the machine is busy
                        self.assertEqual(octets, REFUSAL)


if __name__ == "__main__":
    unittest.main()

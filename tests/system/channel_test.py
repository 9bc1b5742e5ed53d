"""io/channel over real sockets: openssl, hand-made records, and the two ends of it against each
other."""
import os
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import dtls  # noqa: E402
import world  # noqa: E402

KEY = bytes(range(32))
OTHER = bytes(range(32, 64))
SUITES = {"PSK-AES128-GCM-SHA256": "PSK-AES128-GCM-SHA256",
          "ECDHE-PSK-CHACHA20-POLY1305": "ECDHE-PSK-CHACHA20-POLY1305",
          "ECDHE-PSK-AES128-CBC-SHA256": "ECDHE-PSK-AES128-CBC-SHA256",
          # Best of ours first, whatever the client likes best.
          "PSK-AES128-GCM-SHA256:ECDHE-PSK-AES128-CBC-SHA256:ECDHE-PSK-CHACHA20-POLY1305":
          "ECDHE-PSK-CHACHA20-POLY1305"}


class ChannelCase(world.Case):
    def serve(self, *options, **more):
        server = self.start(dtls.Peer("serve", *options, **more))
        server.key("me", KEY)
        return server

    def dialler(self, *options, **more):
        return self.start(dtls.Peer("dial", *options, **more))

    def client(self, server, identity=b"me", key=KEY, **more):
        client = dtls.Client(server.address, identity, key, **more)
        self.addCleanup(client.close)
        return client


class OpensslTest(ChannelCase):
    def test_suites(self):
        """spec: TS 33.310 Annex E - DTLS 1.2 with a pre-shared key and the extended master secret,
        with a client that is not ours."""
        server = self.serve()
        for offer, taken in SUITES.items():
            with self.subTest(offer):
                out = dtls.s_client(server.address, "me", KEY, offer, "-dtls1_2")
                self.assertIn(f"Cipher    : {taken}", out)
                self.assertIn("Extended master secret: yes", out)
                self.assertIn("---\nhello\n", out)
                self.assertEqual(server.wait("up")[1][2], "me")
                server.wait("down")

    def test_other_suites_are_refused(self):
        server = self.serve()
        for offer in ("DHE-PSK-AES128-GCM-SHA256", "PSK-AES128-CBC-SHA256", "PSK-CHACHA20-POLY1305",
                      "PSK-NULL-SHA256:@SECLEVEL=0"):
            with self.subTest(offer):
                out = dtls.s_client(server.address, "me", KEY, offer, "-dtls1_2")
                self.assertIn("alert handshake failure", out)
        self.assertEqual(server.stats()["handshakes"], 0)

    def test_dtls_1_0_is_refused(self):
        """spec: TS 33.210 6.2.1 - DTLS 1.0 is not allowed."""
        server = self.serve()
        out = dtls.s_client(server.address, "me", KEY, "PSK:@SECLEVEL=0", "-dtls1")
        self.assertIn("alert protocol version", out)
        for version in (b"\xfe\xff", b"\x03\x03", b"\xff\xfd"):
            client = self.client(server, version=version)
            client.send(client.hello())
            self.assertEqual(client.receive()[3], b"\x02\x46")
        self.assertEqual(server.stats()["handshakes"], 0)

    def test_source_port(self):
        """spec: TS 24.244 4.2.2 - who does not speak from the port of the protocol is not heard."""
        port = world.free_port()
        server = self.serve("--peer-port", port)
        client = self.client(server)
        client.send(client.hello())
        self.assertTrue(client.silent(0.2))
        self.assertEqual(server.stats()["ports_wrong"], 1)
        out = dtls.s_client(server.address, "me", KEY, "PSK-AES128-GCM-SHA256", "-dtls1_2",
                            "-bind", f"127.0.0.2:{port}")
        self.assertIn("---\nhello\n", out)
        self.assertEqual(server.wait("up")[1][3:5], ["127.0.0.2", str(port)])


class HelloTest(ChannelCase):
    def test_no_extended_master_secret(self):
        """spec: RFC 7627 5.2 - refused by whoever wants it."""
        server = self.serve()
        client = self.client(server, extensions=dtls.RENEGOTIATION)
        client.send(client.hello())
        self.assertEqual(client.receive()[3], b"\x02\x28")
        self.assertEqual(server.stats()["handshakes"], 0)

    def test_lost_cookie(self):
        """A16: the cookie's answer is lost, the client asks again, and the first one still holds.
        spec: RFC 6347 4.2.1 - the server keeps nothing of a hello without a cookie."""
        server = self.serve()
        client = self.client(server)
        client.send(client.hello())
        first = client.cookie()
        client.send(client.hello())
        self.assertEqual(client.cookie(), first)
        client.greet_with(first)
        client.send(*client.last_flight())
        client.expect_finished()
        dropped = []

        def lose_the_first(packet):
            dropped.append(packet)
            return [packet] if len(dropped) > 1 else []

        relay = world.Relay(Reached(server), to_client=lose_the_first)
        self.start(relay)
        out = dtls.s_client(("127.0.0.1", relay.port), "me", KEY, "PSK-AES128-GCM-SHA256",
                            "-dtls1_2")
        self.assertIn("---\nhello\n", out)
        self.assertEqual(dropped[0][13], dtls.VERIFY)

    def test_cookie_is_of_one_peer_and_one_hello(self):
        """A16: a cookie is worth nothing to another address, port or hello."""
        server = self.serve()
        one, other = self.client(server), self.client(server)
        far = self.client(server, local="127.0.0.9", port=one.socket.getsockname()[1])
        one.send(one.hello())
        cookie = one.cookie()
        other.random = far.random = one.random
        for client in (other, far):
            client.send(client.hello(cookie, 1))
            self.assertNotEqual(client.cookie(), cookie)
        one.random = os.urandom(32)
        one.send(one.hello(cookie, 1))
        self.assertNotEqual(one.cookie(), cookie)
        stats = server.stats()
        self.assertEqual((stats["handshakes"], stats["cookies_wrong"]), (0, 3))

    def test_what_a_hello_must_repeat(self):
        """A16: a cookie is of the address that was spoken to, too, and of all that the second hello
        must repeat; and it is asked for in the second hello, not in a later one.
        spec: RFC 6347 4.2.1 - version, random, session identifier, suites and compressions."""
        server = self.serve("--listen", "0.0.0.0")
        changes = {"version": b"\xfe\xfc", "random": os.urandom(32), "session_id": b"that",
                   "suites": dtls.PSK_GCM + b"\xc0\x37", "compressions": b"\x00\x02"}
        for what, value in changes.items():
            with self.subTest(what):
                client = self.client(server, suites=dtls.PSK_GCM + b"\x00\xa9")
                client.session_id, client.compressions = b"this", b"\x00\x01"
                client.send(client.hello())
                cookie = client.cookie()
                setattr(client, what, value)
                client.send(client.hello(cookie, 1))
                self.assertNotEqual(client.cookie(), cookie)
        client = self.client(server)
        client.send(client.hello())
        cookie = client.cookie()
        client.send(client.hello(cookie, 2))
        self.assertTrue(client.silent(0.1))
        client.socket.connect(("127.0.0.5", server.port))
        client.send(client.hello(cookie, 1))
        self.assertNotEqual(client.cookie(), cookie)
        stats = server.stats()
        self.assertEqual((stats["handshakes"], stats["cookies_wrong"], stats["dropped"]), (0, 6, 1))
        client.socket.connect(server.address)
        client.greet_with(cookie)
        client.send(client.hello(cookie, 1))            # twice: nothing begins anew
        client.send(*client.last_flight())
        client.expect_finished()
        self.assertEqual(server.stats()["handshakes"], 1)

    def test_a_cookie_grows_old(self):
        """A16: the secret of cookies turns each minute, and two generations count: a cookie lives
        through one turn and not through two, and nobody makes it younger by what it says its
        generation is, nor is a channel behind where nobody has spoken for minutes."""
        turn = 60000

        def taken(server, ages, generation=None):
            client = self.client(server)
            client.send(client.hello())
            cookie = client.cookie()
            for age in ages:
                server.say("age", age)
                server.stats()
                other = self.client(server)
                other.send(other.hello())               # cookies turn when somebody says hello
                other.cookie()
            if generation is not None:
                cookie = bytes([(cookie[0] + generation) % 256]) + cookie[1:]
            before = server.stats()
            client.send(client.hello(cookie, 1))
            again = client.receive()[3][0] == dtls.VERIFY
            after = server.stats()
            self.assertEqual(after["cookies_wrong"] - before["cookies_wrong"], again)
            return not again

        server = self.serve()
        self.assertTrue(taken(server, []))
        self.assertTrue(taken(server, [turn]))
        for ages in ([turn, turn], [2 * turn], [3 * turn], [100 * turn]):
            for generation in (None, 1, 2, 3, 100):
                with self.subTest(ages=ages, generation=generation):
                    self.assertFalse(taken(server, ages, generation))
        for generation in (1, 2, 128, 254, 255):
            with self.subTest(generation=generation):
                self.assertFalse(taken(server, [], generation))
                self.assertFalse(taken(server, [turn], generation))

    def test_flood_of_hellos(self):
        """A16: hellos without a cookie leave no octet behind, 1,000,000 of them with LK_LONG. Y26:
        nor is an answer longer."""
        server = self.serve("--quiet")
        client = self.client(server)
        hello = client.hello()
        before = None
        sent = received = 0
        hellos = 1000000 if "LK_LONG" in os.environ else 50000
        for round_ in range(hellos // 500):
            flood = [self.flooder(server) for _ in range(10)]
            for sock in flood:
                for _ in range(50):
                    sent += sock.send(hello[:27] + os.urandom(32) + hello[59:])
            for sock in flood:
                while received_now := self.take(sock):
                    received += received_now
                sock.close()
            if round_ == 1:
                before = server.stats()["heap"]
        stats = server.stats()
        self.assertGreater(stats["hellos"], hellos // 2)    # the kernel may drop some
        print(f"{stats['hellos']} hellos, {received} octets for {sent}, heap {before} octets "
              f"before and {stats['heap']} after")
        self.assertEqual(stats["heap"], before)
        self.assertEqual((stats["handshakes"], stats["half_open"]), (0, 0))
        self.assertLessEqual(received, sent)
        self.client(server).connect()

    def flooder(self, server):
        client = dtls.Client(server.address, b"", b"")
        client.socket.settimeout(0.003)
        return client.socket

    def take(self, sock):
        try:
            return len(sock.recv(4096))
        except TimeoutError:
            return 0

    def test_shortest_hello(self):
        """Y26: not even the shortest hello that is answered gets more than it sent."""
        server = self.serve()
        client = self.client(server, extensions=dtls.MASTER_SECRET)
        for octets in (client.hello(), dtls.record(dtls.HANDSHAKE, dtls.message(
                dtls.HELLO, client.hello_body()[:-6], 0))):
            client.send(octets)
            answer = client.socket.recv(4096)
            self.assertLessEqual(len(answer), len(octets))


class SessionTest(ChannelCase):
    def test_restart_from_the_same_port(self):
        """spec: RFC 6347 4.2.8 - a device that begins anew keeps its old session until the new one
        is proven, and then no longer."""
        server = self.serve()
        old = self.client(server).connect()
        first = server.wait("up")[1][1]
        new = self.client(server, key=OTHER)
        new.socket.close()
        new.socket = old.socket
        new.greet()
        new.send(*new.last_flight())            # cannot prove the key
        old.send(old.data(b"still here"))
        self.assertEqual(old.expect_data(), b"still here")
        new = self.client(server)
        new.socket.close()
        new.socket = old.socket
        new.connect()
        self.assertEqual(server.wait("down")[1], ["down", first, "replaced"])
        self.assertNotEqual(server.wait("up")[1][1], first)
        old.send(old.data(b"gone"))
        new.send(new.data(b"new"))
        self.assertEqual(new.expect_data(), b"new")
        self.assertEqual(server.said("data"), 2)


class Reached:
    """What a relay needs to know of a server."""

    def __init__(self, server):
        self.secret, (self.host, self.port) = None, server.address


if __name__ == "__main__":
    unittest.main()

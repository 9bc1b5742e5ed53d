"""io/channel against who lies, floods, mixes up and reflects; and against keys that come late."""
import itertools
import os
import random
import socket
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import dtls  # noqa: E402
import world  # noqa: E402
from channel_test import KEY, OTHER, ChannelCase, Reached  # noqa: E402

REFUSAL = bytes([dtls.ALERT]) + b"\xfe\xfd\x00\x00" + (1 << 16).to_bytes(6, "big") + \
    b"\x00\x02\x02\x33"


class LateKeyTest(ChannelCase):
    def test_keys_on_their_way(self):
        """T05: a handshake whose key comes later than it, by 0 to 3 s, is held back and then goes
        on at once; nobody hears an alert."""
        delays = [step * 0.05 for step in range(61)]
        server = self.serve("--wait")
        dialler = self.dialler("--listen", "0.0.0.0")
        begin = time.monotonic()
        for i in range(len(delays)):
            dialler.say("dial", *server.address, f"127.1.0.{i + 1}", f"late-{i}", OTHER.hex())
        came = []
        for i, delay in enumerate(delays):
            time.sleep(max(0, begin + delay - time.monotonic()))
            came.append(time.monotonic())
            server.key(f"late-{i}", OTHER)
        for _ in delays:
            when, words = server.wait("up")
            self.assertLess(when - came[int(words[2][5:])], 1.0, words)
        for _ in delays:
            dialler.wait("up")
        self.assertEqual(dialler.said("down"), 0)
        stats = server.stats()
        self.assertEqual((stats["up"], stats["refused"], stats["half_open"]), (61, 0, 0))
        self.assertGreater(stats["held"], 50)

    def test_openssl_waits_too(self):
        """T05: a client that is not ours."""
        server = self.serve("--wait")
        out = {}
        import threading
        thread = threading.Thread(target=lambda: out.update(text=dtls.s_client(
            server.address, "late", OTHER, "PSK-AES128-GCM-SHA256", "-dtls1_2")))
        thread.start()
        world.wait_for("the handshake is held", lambda: server.stats()["held"] == 1)
        time.sleep(1.2)                         # it has repeated its flight by then
        server.key("late", OTHER)
        thread.join()
        self.assertIn("---\nhello\n", out["text"])
        self.assertNotIn("alert", out["text"])

    def test_a_key_that_never_comes(self):
        """T05: for so long, and no longer: then as for an unknown identity."""
        server = self.serve("--wait", "--hold", 400, "--retry", 100)
        client = self.client(server, identity=b"nobody")
        client.greet()
        since = time.monotonic()
        client.send(*client.last_flight())
        self.assertEqual(client.socket.recv(4096), REFUSAL)
        self.assertGreater(time.monotonic() - since, 0.4)
        self.assertLess(time.monotonic() - since, 1.0)
        server.key("nobody", KEY)
        self.assertTrue(client.silent(0.1))
        self.assertEqual(server.stats()["half_open"], 0)

    def test_one_source_may_not_take_all(self):
        """T05: half-open sessions are capped per source, whose oldest makes room; in all the oldest
        of all does."""
        server = self.serve("--a-source", 3, "--half-open", 5)
        mine = [self.client(server) for _ in range(4)]
        for client in mine:
            client.greet()
        stats = server.stats()
        self.assertEqual((stats["source_full"], stats["half_open"]), (1, 3))
        others = [self.client(server, local=f"127.0.0.{i}") for i in (2, 3, 4)]
        for client in others:
            client.greet()
        self.assertEqual(server.stats()["pushed_out"], 1)
        for gone in mine[:2]:
            gone.send(*gone.last_flight())
            self.assertTrue(gone.silent(0.2))
        for client in (*mine[2:], *others):
            client.send(*client.last_flight())
            client.expect_finished()

    def test_who_has_all_that_he_may_pushes_nobody_else_out(self):
        """T05: at the limit of all, one more of a source at its own costs no other a place."""
        server = self.serve("--a-source", 2, "--half-open", 4)
        others = [self.client(server, local=f"127.0.0.{i}") for i in (2, 3)]
        mine = [self.client(server) for _ in range(7)]
        for client in (*others, *mine):
            client.greet()
        stats = server.stats()
        self.assertEqual((stats["source_full"], stats["pushed_out"]), (5, 0))
        for client in (*others, *mine[-2:]):
            client.send(*client.last_flight())
            client.expect_finished()

    def test_nobody_is_kept_out_from_his_own_address(self):
        """T05: who sends from a peer's address, cookies and all, may begin as many handshakes as he
        likes, and leave them at any point: the peer goes on to the end."""
        server = self.serve("--a-source", 4, "--half-open", 8, "--wait")
        server.key("peer", KEY)
        for round_ in range(3):
            for i in range(12):
                thief = self.client(server, identity=b"thief")
                thief.greet()
                if i % 3 > 0:
                    thief.send(*thief.last_flight()[:i % 3 + 1])
            peer = self.client(server, identity=b"peer")
            peer.greet()
            for _ in range(3):
                self.client(server).greet()
            peer.send(*peer.last_flight())
            peer.expect_finished()
        stats = server.stats()
        self.assertEqual((stats["up"], stats["half_open"], stats["pushed_out"]), (3, 3, 0))

    def test_sessions_are_bounded(self):
        server = self.serve("--sessions", 3, "--half-open", 3)
        clients = [self.client(server).connect() for _ in range(3)]
        late = self.client(server)
        late.send(late.hello())
        late.send(late.hello(late.cookie(), 1))
        self.assertTrue(late.silent(0.2))
        self.assertEqual(server.stats()["table_full"], 1)
        clients[0].send(clients[0].record(dtls.ALERT, b"\x01\x00", 1))
        server.wait("down")
        self.client(server).connect()


def model(sequence):
    """What must become of records sent in this order: (is it up, how many are sent back)."""
    told = change = changed = up = dead = False
    kept, back = None, 0
    for letter in sequence:
        told |= letter == "K"
        change |= letter == "C"
        kept = letter if letter in "FX" else kept
        back += letter == "D" and up
        changed |= told and change
        if changed and kept and not dead:
            up, dead, kept = up or kept == "F", dead or (kept == "X" and not up), None
    return up, back


class OrderTest(ChannelCase):
    def sent(self, server, sequence, number):
        # From an address of its own: the refusal of another is not for it.
        client = self.client(server, local=f"127.3.{number >> 8}.{number & 255}")
        client.greet()
        client.key_exchange_took_place()
        make = {"K": client.key_exchange, "C": client.change, "F": client.finished,
                "X": lambda: client.finished(spoilt=True), "D": lambda: client.data(b"data"),
                "Z": lambda: client.record(dtls.DATA, b"in the clear"),
                "H": lambda: client.record(dtls.HANDSHAKE, dtls.message(
                    dtls.HELLO, client.hello_body(client.cookie_used), 1))}
        for letter in sequence:
            client.send(make[letter]())
        return client

    def test_every_order(self):
        """A17: key exchange (K), change (C), Finished (F), a wrong one (X), data (D), data in the
        clear (Z), hello (H), in every order up to five of them: no session without a Finished of
        both ends, no data before it, none in the clear ever."""
        server = self.serve("--sessions", 20000, "--half-open", 4000, "--hold", 600,
                            "--handshake", 600, "--retry", 200)
        orders = [order for size in range(1, 6)
                  for order in itertools.permutations("KCFXDZH", size)]
        ups = backs = 0
        for number, order in enumerate(orders, 1):
            client = self.sent(server, order, number)
            server.stats()
            up, back = model(order)
            ups, backs = ups + up, backs + back
            stats = server.stats()
            self.assertEqual(stats["up"], ups, order)
            if up:
                client.expect_finished()
            client.close()
        self.assertGreater(ups, 500)
        self.assertEqual(server.said("data"), backs)

    def test_epoch_0_data_is_never_delivered(self):
        """A17: nor are other epochs, nor a hello within the session."""
        server = self.serve()
        client = self.client(server).connect()
        client.send(client.record(dtls.DATA, b"clear"))
        client.send(dtls.record(dtls.DATA, b"x" * 40, 2, 0))
        client.send(dtls.record(dtls.ALERT, b"\x01\x00", 0, 99))
        client.send(dtls.record(dtls.DATA, b"x" * 40, 1, 77))
        client.send(client.data(b"sealed"))
        self.assertEqual(client.expect_data(), b"sealed")
        self.assertEqual(server.said("data"), 1)
        self.assertEqual(server.stats()["dropped"], 3)      # the engine never saw the first three
        client.send(client.record(dtls.HANDSHAKE, dtls.message(
            dtls.HELLO, client.hello_body(), 4), 1))
        client.send(client.data(b"again"))
        self.assertEqual(client.expect_data(), b"again")

    def test_a_record_that_has_no_room(self):
        """A30: behind a cookie a handshake keeps 256 octets of a Finished that came too early: the
        longest is kept, one octet more is dropped, and so is all that a datagram holds; the
        handshake goes on as if nothing had come."""
        server = self.serve()
        other = self.client(server, local="127.0.0.7").connect()
        client = self.client(server)
        client.greet()
        for size in (256 - 13 + 1, 300, 600, 1200, 4000):
            client.send(dtls.record(dtls.HANDSHAKE, os.urandom(size), 1, 0))
        self.assertEqual(server.stats()["dropped"], 5)
        client.send(dtls.record(dtls.HANDSHAKE, os.urandom(256 - 13), 1, 0))
        self.assertEqual(server.stats()["dropped"], 5)
        client.send(*client.last_flight())
        client.expect_finished()
        other.send(other.data(b"still here"))
        self.assertEqual(other.expect_data(), b"still here")

    def test_a_recorded_handshake(self):
        """A28: cookie, random and proof of a handshake that has succeeded are worth nothing once
        more: sent again from the same place, in order, by somebody who heard all of it, they are
        refused, whether its session is up or over. What is up stays up."""
        server = self.serve("--hold", 150, "--retry", 50)
        client = self.client(server)
        sent, send = [], client.send
        client.send = lambda *parts: (sent.append(b"".join(parts)), send(*parts))
        client.connect()
        client.send = send
        number = server.wait("up")[1][1]
        for over in (False, True):
            for datagram in sent:
                client.send(datagram)
            while (octets := client.socket.recv(4096)) != REFUSAL:
                self.assertEqual(octets[0], dtls.HANDSHAKE)     # a cookie, a flight, and no proof
                self.assertNotIn(dtls.CHANGE, [row[0] for row in dtls.records(octets)])
            self.assertEqual(server.stats()["up"], 1)
            if not over:
                client.send(client.data(b"still here"))
                self.assertEqual(client.expect_data(), b"still here")
                client.send(client.record(dtls.ALERT, b"\x01\x00", 1))
                self.assertEqual(server.wait("down")[1], ["down", number, "closed"])

    def test_replayed_data(self):
        server = self.serve()
        client = self.client(server).connect()
        datagram = client.data(b"once")
        for _ in range(3):
            client.send(datagram)
        self.assertEqual(client.expect_data(), b"once")
        self.assertEqual(server.said("data"), 1)


class FragmentTest(ChannelCase):
    def pieces(self, client, cuts):
        """The ClientKeyExchange in the given pieces: (offset, octets, claimed length)."""
        return [client.record(dtls.HANDSHAKE, dtls.message(
            dtls.KEY_EXCHANGE, b"", 2, offset, length, octets)) for offset, octets, length in cuts]

    def test_single_octets(self):
        client = self.client(self.serve())
        client.greet()
        body = client.key_exchange_body()
        client.key_exchange_took_place()
        client.send(client.change(), *self.pieces(client, [
            (i, body[i:i + 1], len(body)) for i in reversed(range(len(body)))]))
        client.send(client.finished())
        client.expect_finished()

    def test_lies(self):
        """A30: claims of 16 MiB, pieces outside their message, pieces that contradict: none of them
        is kept, and the session comes up all the same."""
        client = self.client(self.serve())
        client.greet()
        body = client.key_exchange_body()
        client.key_exchange_took_place()
        for cut in ((0, b"\x00", (1 << 24) - 1), (0, b"\x00", 2049), (9, b"x", 4), (3, b"xx", 4),
                    (0, body[:3], 4), (0, b"\x00\x03", 4), (1, b"\x07", 4), (1, b"\x02", 5),
                    (2, b"XY", 4)):
            client.send(*self.pieces(client, [cut]))
        client.send(*self.pieces(client, [(2, body[2:], 4)]), client.change(), client.finished())
        client.expect_finished()

    def test_another_message_in_its_place(self):
        """A30: of all messages in the clear one is put together: that kind, under that number."""
        server = self.serve()
        client = self.client(server)
        client.greet()
        body = client.key_exchange_body()
        for kind, number in ((dtls.FINISHED, 2), (dtls.HELLO, 2), (dtls.KEY_EXCHANGE, 1),
                             (dtls.KEY_EXCHANGE, 3)):
            client.send(client.record(dtls.HANDSHAKE, dtls.message(kind, body, number)))
        self.assertEqual(server.stats()["dropped"], 4)
        client.send(*client.last_flight())
        client.expect_finished()

    def test_hello_in_pieces(self):
        """A30: nothing is put together before the cookie."""
        server = self.serve()
        client = self.client(server)
        body = client.hello_body()
        before = server.stats()["heap"]
        for _ in range(200):
            client.random = os.urandom(32)
            for i in range(0, len(body), 20):
                client.send(client.record(dtls.HANDSHAKE, dtls.message(
                    dtls.HELLO, b"", 0, i, len(body), body[i:i + 20])))
        # A piece that would be a hello by itself.
        client.send(client.record(dtls.HANDSHAKE, dtls.message(
            dtls.HELLO, b"", 0, 0, len(body) + 1, body)))
        self.assertTrue(client.silent(0.2))
        stats = server.stats()
        self.assertEqual(stats["heap"], before)
        self.assertEqual(stats["hellos"], 0)

    def test_flood_of_pieces(self):
        """A30: behind a cookie too, a peer has one buffer, and others do not notice."""
        server = self.serve()
        other = self.client(server, local="127.0.0.7").connect()
        client = self.client(server)
        client.greet()
        before = server.stats()["heap"]
        for i in range(3000):
            client.send(*self.pieces(client, [(i % 500, os.urandom(1), 512)]))
            if i % 500 == 0:
                other.send(other.data(b"%d" % i))
                self.assertEqual(other.expect_data(), b"%d" % i)
        self.assertEqual(server.stats()["heap"], before)


class GarbageTest(ChannelCase):
    def test_spoilt_datagrams(self):
        """Flights with octets changed, cut, put twice, in every stage: the server goes on, others
        do not notice, and what was half open ends."""
        chance = random.Random(9)
        server = self.serve("--hold", 300, "--retry", 100, "--handshake", 300, "--half-open", 64,
                            "--a-source", 64)
        other = self.client(server, local="127.0.0.8").connect()
        for round_ in range(400):
            client = self.client(server, local=f"127.4.{round_ >> 8}.{round_ & 255}")
            client.greet()
            flight = client.last_flight()
            for part in (client.hello(client.cookie_used, 1), *flight, client.data(b"data")) * 2:
                spoilt = bytearray(part)
                for _ in range(chance.randrange(4)):
                    spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
                client.send(bytes(spoilt[:chance.choice((len(spoilt), len(spoilt),
                                                         chance.randrange(len(spoilt))))]))
            client.close()
            if round_ % 50 == 0:
                other.send(other.data(b"%d" % round_))
                self.assertEqual(other.expect_data(), b"%d" % round_)
        world.wait_for("the half-open ones end", lambda: server.stats()["half_open"] == 0)
        self.client(server).connect()


class DiallerTest(ChannelCase):
    def test_both_ends(self):
        server = self.serve()
        dialler = self.dialler()
        dialler.say("dial", *server.address, "-", "me", KEY.hex())
        number = dialler.wait("dialled")[1][1]
        dialler.wait("up", number, "me")
        dialler.say("send", number, "ping")
        self.assertEqual(dialler.wait("data")[1], ["data", number, "ping"])
        dialler.say("dial", *server.address, "-", "me", KEY.hex())
        again = dialler.wait("dialled")[1][1]
        self.assertEqual(dialler.wait("down")[1], ["down", number, "replaced"])
        dialler.wait("up", again)
        self.assertEqual(server.wait("down")[1][2], "replaced")
        dialler.say("close", again)
        self.assertEqual(server.wait("down")[1][2], "closed")
        dialler.say("send", again, "late")
        dialler.wait("sent", "not-found")

    def test_refused(self):
        server = self.serve("--hold", 200, "--retry", 50)
        dialler = self.dialler()
        for identity, key in (("me", OTHER), ("you", KEY)):
            dialler.say("dial", *server.address, "-", identity, key.hex())
            self.assertEqual(dialler.wait("down")[1][2], "alert")
        self.assertEqual(dialler.said("up"), 0)

    def test_nobody_there(self):
        dialler = self.dialler("--handshake", 700, "--retry", 100)
        dialler.say("dial", "127.0.0.1", world.free_port(), "-", "me", KEY.hex())
        self.assertEqual(dialler.wait("down")[1][2], "no-answer")

    def test_lost_datagrams(self):
        """Whichever of the first ten datagrams is lost, the session comes up; so it does when one
        in four is, both ways."""
        server = self.serve("--retry", 100, "--a-source", 64)
        dialler = self.dialler("--retry", 100, "--handshake", 9000)
        losses = [lambda n, lost=lost: n == lost for lost in range(10)]
        chance = random.Random(5)
        losses += [lambda n: chance.random() < 0.25] * 4
        for lost in losses:
            self.start(Lossy(server, lost)).dial(dialler)
        for _ in losses:
            dialler.wait("up", seconds=15)
        self.assertEqual(dialler.said("down"), 0)

    def test_reflection(self):
        """A19: what the device sends comes back to it, and to another device of the same key:
        neither answers a hello, and nobody talks to himself."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mirror:
            mirror.bind(("127.0.0.1", 0))
            mirror.settimeout(2)
            dialler = self.dialler("--handshake", 1000, "--retry", 100)
            other = self.dialler("--handshake", 1000, "--retry", 100)
            dialler.say("dial", *mirror.getsockname(), "-", "me", KEY.hex())
            other.say("dial", *mirror.getsockname(), "-", "me", KEY.hex())
            reflected = 0
            end = time.monotonic() + 2
            while time.monotonic() < end and dialler.said("down") + other.said("down") < 2:
                try:
                    octets, _ = mirror.recvfrom(4096)
                except TimeoutError:
                    break
                self.assertEqual(octets[13], dtls.HELLO)    # nothing else is ever said
                for peer in (dialler, other):
                    mirror.sendto(octets, peer.address)
                    reflected += 1
            self.assertGreater(reflected, 8)
            for peer in (dialler, other):
                self.assertEqual(peer.wait("down")[1][2], "no-answer")
                self.assertEqual(peer.stats()["up"], 0)


class Lossy(world.Relay):
    """A path that loses the datagrams that lost() names, counted over both ways."""

    def __init__(self, server, lost):
        self.count = itertools.count()
        self.lost = lost
        super().__init__(Reached(server), self.maybe, self.maybe)

    def start(self, where=None):
        super().start(where)

    def maybe(self, packet):
        return [] if self.lost(next(self.count)) else [packet]

    def dial(self, dialler):
        dialler.say("dial", self.host, self.port, "-", "me", KEY.hex())


class SecretsTest(ChannelCase):
    def test_tshark_opens_a_capture(self):
        """The lines of the key log open what was captured; without them nothing does."""
        self.skip_unless_root("a capture on loopback")
        secrets = self.dir / "secrets"
        server = self.serve("--secrets", secrets)
        capture = world.Capture(server.port)
        self.start(capture)
        # Debian's tshark opens ChaCha20 in TLS, and not in DTLS.
        for suite in ("PSK-AES128-GCM-SHA256", "ECDHE-PSK-AES128-CBC-SHA256"):
            dtls.s_client(server.address, "me", KEY, suite, "-dtls1_2", say=f"{suite}\n")
            server.wait("down")
        file = capture.closed()
        for words, want in ((("-o", f"tls.keylog_file:{secrets}"), 4), ((), 0)):
            seen = world.tshark(file, *words, "-d", f"udp.port=={server.port},dtls", "-T", "fields",
                                "-Y", "data", "-e", "data.data")
            texts = [bytes.fromhex(line).decode() for line in seen]
            self.assertEqual(len(texts), want, texts)
        self.assertEqual(len(secrets.read_text().splitlines()), 2)

    def test_no_secret_unasked(self):
        """Not even for the environment variable that the engine would obey."""
        file = self.dir / "keylog"
        os.environ["SSLKEYLOGFILE"] = str(file)
        self.addCleanup(os.environ.pop, "SSLKEYLOGFILE")
        server = self.serve()
        self.client(server).connect()
        self.assertFalse(file.exists() and file.read_text())


if __name__ == "__main__":
    unittest.main()

"""A18: io/channel against who would know whose identity lives, by octets, by time, or by the work
that it makes."""
import math
import os
import random
import select
import statistics
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import dtls  # noqa: E402
import world  # noqa: E402
from channel_attack_test import REFUSAL  # noqa: E402
from channel_test import KEY, OTHER, ChannelCase  # noqa: E402

LONG = "LK_LONG" in os.environ
# Half of the channel's tick, by which refusals go out: a machine under load is not more unfair.
APART = 0.0125


def welch(a, b):
    """The t statistic of two samples."""
    return (statistics.mean(a) - statistics.mean(b)) / math.sqrt(
        statistics.variance(a) / len(a) + statistics.variance(b) / len(b))


class OracleTest(ChannelCase):
    def refusal(self, client):
        while (octets := client.socket.recv(4096))[0] == dtls.HANDSHAKE:
            pass                                # its flight again: the machine is busy
        return octets

    def batch(self, server, kinds, local):
        """[(kind, seconds, octets)] of refused handshakes, one client a kind, mixed up. Each batch
        has an address of its own: the refusal of another is not for it."""
        clients = []
        for kind in kinds:
            identity = b"me" if kind == "wrong" else os.urandom(8).hex().encode()
            clients.append((kind, self.client(server, identity=identity, key=OTHER, local=local)))
        for _, client in clients:
            client.greet()
        began, rows = {}, []
        for kind, client in clients:
            began[client.socket] = kind, time.perf_counter()
            client.send(*client.last_flight())
        while began:
            for sock in select.select(list(began), [], [], 5)[0]:
                octets = sock.recv(4096)
                if octets[0] == dtls.HANDSHAKE:
                    continue                    # its flight again: the machine is busy
                kind, since = began.pop(sock)
                rows.append((kind, time.perf_counter() - since, octets))
                sock.close()
        return rows

    def test_unknown_and_wrong_look_the_same(self):
        """A18: unknown identity, identity whose key may still come, and wrong key: the same octets
        after the same time, mixed up so that what else the machine does falls on both. 10,000 of
        each with LK_LONG, on a machine that does nothing else, and then the t statistic counts."""
        rounds, each = (250, 40) if LONG else (3, 40)
        for words in ((), ("--wait",)):
            server = self.serve("--hold", 150, "--retry", 50, "--a-source", 200, *words)
            times, apart = {"unknown": [], "wrong": []}, []
            for round_ in range(rounds):
                kinds = ["unknown", "wrong"] * each
                random.shuffle(kinds)
                rows = self.batch(server, kinds, f"127.4.{round_}.1")
                self.assertEqual({octets for _, _, octets in rows}, {REFUSAL})
                batch = {kind: [s for k, s, _ in rows if k == kind] for kind in times}
                apart.append(statistics.median(batch["unknown"]) -
                             statistics.median(batch["wrong"]))
                for kind, seconds in batch.items():
                    self.assertEqual(len(seconds), each)
                    times[kind] += seconds
            t = welch(*times.values())
            print(f"{each * rounds} of each, {' '.join(words) or 'unknown at once'}: t = {t:.2f}, "
                  f"medians {1000 * statistics.median(apart):.2f} ms apart")
            self.assertLess(abs(statistics.median(apart)), APART)
            if LONG:
                self.assertLess(abs(t), 4.5)
            self.assertGreater(min(times["unknown"] + times["wrong"]), 0.15)
            self.assertEqual(server.stats()["refused"], 2 * each * rounds)
            self.assertEqual(server.said("up"), 0)

    def work(self, server, probe):
        """What the engine has done until the server answered to a datagram behind all others:
        steps, engines made and engines gone."""
        probe.send(probe.hello())
        probe.receive()
        return server.stats()["work"]

    def costs(self, server, identity, suite, flight):
        """What a flight without the key costs at once, what it costs to repeat its Finished, and
        what its refusal does."""
        groups = dtls.MASTER_SECRET + bytes.fromhex("000a 0004 0002 001d 000b 0002 0100")
        client = self.client(server, identity=identity, key=OTHER, suites=suite, extensions=groups)
        probe = self.client(server, local="127.0.0.2")
        client.greet()
        work = [self.work(server, probe)]
        flight = flight(client)
        client.send(*flight)
        work.append(self.work(server, probe))
        for _ in range(5):
            client.send(flight[1], dtls.record(dtls.HANDSHAKE, os.urandom(40), 1, 9))
            work.append(self.work(server, probe))

        def end():
            self.assertEqual(client.socket.recv(4096), REFUSAL)     # and nothing before it
            work.append(self.work(server, probe))
            return [[b - a for a, b in zip(*pair)] for pair in zip(work, work[1:])]
        return end

    def test_unknown_and_wrong_cost_the_same(self):
        """A18: who measures how long others wait behind a flight learns nothing of its identity:
        whether it is unknown, may still come, or is somebody's, the engine does the same at the
        same moments. A point of no use ends the engine at once, whoever's it is."""
        def with_point(point):
            return lambda client: [
                client.record(dtls.HANDSHAKE, dtls.message(dtls.KEY_EXCHANGE, dtls.prefixed(
                    2, client.identity) + dtls.prefixed(1, point), 2)),
                client.change(), dtls.record(dtls.HANDSHAKE, os.urandom(40), 1, 0)]
        for suite, flight, steps in (("00a8", dtls.Client.last_flight, 4),
                                     ("ccac", with_point(b"\x09" + bytes(31)), 4),
                                     ("ccac", with_point(bytes(32)), 2)):
            ends = []
            for words, identity in (((), b"me"), ((), b"he"), (("--wait",), b"he")):
                server = self.serve("--hold", 2100, "--retry", 700, "--suites", suite, *words)
                ends.append(self.costs(server, identity, bytes.fromhex(suite), flight))
            costs = [end() for end in ends]
            self.assertEqual(costs[0], costs[1])
            self.assertEqual(costs[0], costs[2])
            # The spare engine's hello is one step; a Finished that fails is looked at, and no more.
            self.assertEqual(costs[0][0], [steps, 1, int(steps == 2)])
            self.assertEqual(costs[0][1:-1], [[int(steps == 4), 0, 0]] * 5)
            self.assertEqual(costs[0][-1], [0, 0, 2 - int(steps == 2)])

    def test_who_proves_his_key_costs_no_more(self):
        """A18: no spare engine is made for him, but where his key came late."""
        for late, steps, engines in ((False, 4, 1), (True, 8, 2)):
            server = self.serve("--wait")
            probe, client = self.client(server, local="127.0.0.2"), self.client(server, b"he")
            if not late:
                server.key("he", KEY)
            client.greet()
            client.send(*client.last_flight())
            if late:
                world.wait_for("it waits", lambda s=server: s.stats()["held"] == 1)
                server.key("he", KEY)
            client.expect_finished()
            self.assertEqual(self.work(server, probe), [steps, engines, engines - 1])

    @unittest.skipUnless(LONG, "of timing: on a machine that does nothing else")
    def test_unknown_and_wrong_keep_others_waiting_as_long(self):
        """A18: the t statistic of how long a hello waits behind a flight, 10,000 of each."""
        server = self.serve("--wait", "--half-open", 64)
        probe, times = self.client(server, local="127.9.9.9"), {b"me": [], b"he": []}
        for n in range(20000):
            identity = random.choice((b"me", b"he"))
            client = dtls.Client(server.address, identity, OTHER,
                                 local=f"127.5.{n >> 8 & 255}.{n & 255}")
            client.greet()
            flight = b"".join(client.last_flight())
            probe.sequence, probe.random = {0: 0, 1: 0}, os.urandom(32)
            hello = probe.hello()
            since = time.perf_counter()
            client.socket.send(flight)
            probe.socket.send(hello)
            probe.socket.recv(500)
            times[identity].append(time.perf_counter() - since)
            client.close()
        t = welch(*(sorted(rows)[:len(rows) * 9 // 10] for rows in times.values()))
        print(f"behind {[len(rows) for rows in times.values()]} flights: t = {t:.2f}")
        self.assertLess(abs(t), 4.5)

    def test_failures_of_other_kinds_look_the_same_too(self):
        """A18: a Finished that decrypts and is wrong, one that does not, an identity too long;
        and not before a client has had the time to repeat, however short keys are waited for."""
        server = self.serve("--hold", 20, "--retry", 50)
        for identity, flight in ((b"me", lambda c: [c.key_exchange(), c.change(),
                                                    c.finished(spoilt=True)]),
                                 (b"me", lambda c: [c.key_exchange(), c.change(), dtls.record(
                                     dtls.HANDSHAKE, os.urandom(40), 1, 0)]),
                                 (b"m" * 129, dtls.Client.last_flight),
                                 (b"", dtls.Client.last_flight)):
            client = self.client(server, identity=identity)
            client.greet()
            since = time.monotonic()
            client.send(*flight(client))
            self.assertEqual(self.refusal(client), REFUSAL)
            self.assertGreater(time.monotonic() - since, 0.15)

    def test_an_identity_that_cannot_be_is_asked_for_nowhere(self):
        """A18, A30: none at all, and one that is longer than there is room for: refused as the
        others are, and no key is waited for. The longest that has room is one."""
        server = self.serve("--wait", "--hold", 150, "--retry", 50)
        for size in (0, 129, 255):
            client = self.client(server, identity=b"m" * size)
            client.greet()
            client.send(*client.last_flight())
            self.assertEqual(self.refusal(client), REFUSAL)
        self.assertEqual(server.stats()["held"], 0)
        server.key("m" * 128, KEY)
        self.client(server, identity=b"m" * 128).connect()


if __name__ == "__main__":
    unittest.main()

"""The anchor process: gateways over DTLS and tunnels that a foreign hand makes, and its store."""
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import pmip  # noqa: E402
import world  # noqa: E402
from pg import Postgres  # noqa: E402

A, B = "001010000000001", "001010000000002"
GATEWAY = "10.64.0.1"
NOT_AUTHORIZED, CARE_OF_INVALID = 154, 174


class AnchorCase(world.Case):
    def anchor(self, **settings):
        return self.start(pmip.Anchor(**settings))

    def mag(self, daemon, name="mag-1", **how):
        mag = pmip.Mag(daemon, name, **how)
        self.addCleanup(mag.close)
        return mag.connect()


class BindingTest(AnchorCase):
    def test_attach_ping_move_release(self):
        """The same address wherever the device is; traffic follows the binding."""
        daemon = self.anchor(**{"anchor.min_delay_before_delete_ms": 300})
        one, two = self.mag(daemon), self.mag(daemon, "mag-2")
        first = one.attach(A)
        self.assertEqual((first.status, first.flags, first.lifetime), (0, 0x20, 900))
        self.assertRegex(first.ipv4, r"^10\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.")
        self.assertTrue(first.prefix.startswith("2001:db8:64") and first.prefix.endswith("/64"))
        self.assertEqual(first.router, GATEWAY)
        self.assertTrue(one.ping(first.ipv4, GATEWAY))
        row, = daemon.bindings()
        self.assertEqual((row["imsi"], row["mag"], row["state"], row["ipv4"], row["epoch"]),
                         (A, "mag-1", "ACTIVE", first.ipv4, 1))
        self.assertEqual(one.renew(A).status, 0)
        moved = two.attach(A, handoff=3)
        self.assertEqual((moved.status, moved.ipv4, moved.prefix), (0, first.ipv4, first.prefix))
        self.assertTrue(two.ping(first.ipv4, GATEWAY))
        self.assertTrue(one.drops(pmip.echo(first.ipv4, GATEWAY)))
        self.assertEqual(one.release(A).status, 0)      # late: nothing happens
        self.assertEqual(daemon.bindings()[0]["mag"], "mag-2")
        self.assertEqual(two.release(A).status, 0)
        self.assertTrue(two.drops(pmip.echo(first.ipv4, GATEWAY)))
        world.wait_for("the binding ends", lambda: daemon.bindings()[0]["state"] == "NONE")
        self.assertEqual(one.attach(A).ipv4, first.ipv4)
        world.wait_for("a move counted", lambda: daemon.metric("anchor_moved_total") == 1)

    def test_a_repeat_has_the_same_octets(self):
        daemon = self.anchor()
        mag = self.mag(daemon)
        request = pmip.update(A, 1, sealed=mag.seal(A))
        answers = {mag.give(request).octets for _ in range(3)}
        self.assertEqual(len(answers), 1)
        row, = daemon.bindings()
        self.assertEqual(row["epoch"], 1)

    def test_devices_of_two_gateways_reach_each_other(self):
        daemon = self.anchor()
        one, two = self.mag(daemon), self.mag(daemon, "mag-2")
        a, b = one.attach(A), two.attach(B)
        self.assertTrue(two.ping(b.ipv4, GATEWAY))      # so that its tunnel is known
        one.tunnel.send(pmip.echo(a.ipv4, b.ipv4, data=b"hello"))
        packet = two.hear()
        self.assertEqual((packet[8], packet[28:]), (63, b"hello"))
        # T33: with a neighbour's address, from the wrong gateway or from nowhere.
        for packet in (pmip.echo(b.ipv4, GATEWAY), pmip.echo("10.64.99.99", GATEWAY),
                       pmip.echo("192.0.2.7", GATEWAY), b"", b"\x45" * 30):
            self.assertTrue(one.drops(packet, 0.15))
        self.assertTrue(one.ping(a.ipv4, GATEWAY))
        world.wait_for("it is counted", lambda: daemon.metric("anchor_up_foreign_total") >= 1)


class PathTest(AnchorCase):
    """T13: a gateway that has every right points the flow of its tunnel at a victim."""

    def victim(self, local="127.0.0.1"):
        sink = pmip.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind((local, 0))
        sink.setblocking(False)
        self.addCleanup(sink.close)
        return sink

    def flow(self, mag, daemon, source, sink, packets=200):
        """Echo requests that seem to come from the victim; what the victim got."""
        for _ in range(packets):
            sink.sendto(pmip.echo(source, GATEWAY), ("127.0.0.1", daemon.tunnel_port))
        world.wait_for("they are all there", lambda: daemon.metric("anchor_up_packets_total") +
                       daemon.metric("anchor_up_foreign_total") >= packets)
        got = []
        while True:
            try:
                got.append(sink.recv(2048))
            except BlockingIOError:
                return got

    def test_a_victim_gets_three_packets(self):
        daemon = self.anchor()
        mag = self.mag(daemon)
        home = mag.attach(A).ipv4
        # Nobody has answered anywhere yet.
        sink = self.victim()
        self.assertEqual(len(self.flow(mag, daemon, home, sink)), 3)
        daemon.wait_line("path.unproven.*mag=mag-1")

    def test_a_flow_stays_where_its_gateway_is(self):
        daemon = self.anchor()
        mag = self.mag(daemon)
        home = mag.attach(A).ipv4
        self.assertTrue(mag.ping(home, GATEWAY))
        world.wait_for("an answer", lambda: mag.ping(home, GATEWAY))
        sink, far = self.victim(), self.victim("127.0.0.9")
        got = self.flow(mag, daemon, home, sink)
        self.assertLessEqual(len(got), 3)
        self.assertEqual({(len(packet), packet[0]) for packet in got}, {(17, 0)})
        self.assertEqual(self.flow(mag, daemon, home, far), [])
        self.assertTrue(mag.drops(b""))         # nor was any of it taken for the gateway's
        self.assertTrue(mag.ping(home, GATEWAY))
        # Who is there, and says so, gets the flow from then on.
        sink.sendto(got[0], ("127.0.0.1", daemon.tunnel_port))
        sink.sendto(pmip.echo(home, GATEWAY), ("127.0.0.1", daemon.tunnel_port))
        sink.setblocking(True)
        sink.settimeout(3)
        self.assertEqual(sink.recv(2048)[20], 0)


class ToldPathTest(PathTest):
    """T13: a gateway says on its channel which port is its own."""

    def tells(self, mag, **how):
        """It is asked there at once, and answers."""
        mag.tell(**how)
        question = mag.tunnel.recv(2048)
        self.assertEqual((len(question), question[0]), (17, 0))
        mag.tunnel.send(mag.answer(question))

    def told(self, daemon, name="mag-1"):
        mag = self.mag(daemon, name)
        self.tells(mag)
        return mag

    def test_a_victim_gets_three_packets(self):
        """T13: who tells a victim's port has three questions sent there and none of the flow,
        however often it tells, and dials."""
        daemon = self.anchor()
        mag, sink = self.mag(daemon), self.victim()
        home = mag.attach(A).ipv4
        for n in range(20):
            if n % 5 == 4:          # however often it dials, too
                mag = self.mag(daemon)
            mag.tell(sink.getsockname())
        got = self.flow(mag, daemon, home, sink)
        self.assertEqual([(len(packet), packet[0]) for packet in got], [(17, 0)] * 3)
        daemon.wait_line("path.unproven.*mag=mag-1")

    def test_a_flow_stays_where_its_gateway_is(self):
        """T13: nothing from another port is taken, asked, or of any effect on what the gateway
        is asked with; before the gateway has said anything not either."""
        daemon = self.anchor()
        old = self.mag(daemon)
        home = old.attach(A).ipv4
        mag, sink = self.mag(daemon), self.victim()
        self.assertEqual(self.flow(mag, daemon, home, sink), [])
        self.tells(mag)
        self.assertEqual(self.flow(mag, daemon, home, sink), [])
        self.assertTrue(mag.ping(home, GATEWAY))
        self.assertEqual(self.flow(mag, daemon, home, sink), [])
        self.assertNotIn("path.unproven", daemon.text())
        # What it says on a new channel counts, and what it said on the old one does not.
        again = self.told(daemon)
        self.assertTrue(again.ping(home, GATEWAY))
        self.assertTrue(mag.drops(pmip.echo(home, GATEWAY)))

    def test_who_is_asked_in_anothers_name_proves_nothing(self):
        """T13: a captured gateway tells the port of another at its address, before that one has:
        the other is asked, and its answer is worth nothing to anybody else."""
        daemon = self.anchor()
        mag, other = self.mag(daemon), self.mag(daemon, "mag-2")
        for word in (None, bytes(15) + b"1"):       # of another maker, or with its own word
            other.word = word
            mag.tell(other.tunnel.getsockname())
            other.tunnel.send(other.answer(other.tunnel.recv(2048)))
        self.tells(other)
        home = other.attach(B).ipv4
        self.assertTrue(other.ping(home, GATEWAY))
        self.assertNotIn("another gateway", daemon.text())

    def test_the_place_of_a_dead_gateway_is_free(self):
        """T13: who tells where another gateway is has not even a question sent there. But one
        dies without a word, and another comes up at its address and port."""
        daemon = self.anchor()
        old, thief = self.mag(daemon), self.mag(daemon, "mag-2")
        self.tells(old, beats_ms=400)
        home, place = old.attach(A).ipv4, old.tunnel.getsockname()
        thief.tell(place)
        daemon.wait_line("path.unproven.*mag=mag-2.*another gateway")
        old.tunnel.send(pmip.echo(home, GATEWAY))
        self.assertEqual(old.tunnel.recv(2048)[20], 0)
        old.tunnel.close()
        new = self.mag(daemon, "mag-2", port=place[1])
        time.sleep(1.3)
        self.tells(new)
        away = new.attach(B).ipv4
        self.assertTrue(new.ping(away, GATEWAY))
        # Nor do packets for the dead one's devices come to it.
        new.tunnel.send(pmip.echo(away, home))
        self.assertTrue(new.ping(away, GATEWAY))

    def test_a_gateway_that_dies_often_is_back_at_once(self):
        daemon = self.anchor()
        for _ in range(6):
            mag = self.told(daemon)
            home = mag.attach(A).ipv4
            self.assertTrue(mag.ping(home, GATEWAY))
            mag.close()
        self.assertNotIn("path.unproven", daemon.text())

    def test_packets_come_before_any_went(self):
        """A device that is silent is reached, and gateways at one address are told apart."""
        daemon = self.anchor()
        one, two = self.told(daemon), self.told(daemon, "mag-2")
        a, b = one.attach(A), two.attach(B)
        for sender, mine, hearer, theirs in ((one, a, two, b), (two, b, one, a)):
            sender.tunnel.send(pmip.echo(mine.ipv4, theirs.ipv4, data=b"hello"))
            self.assertEqual(hearer.tunnel.recv(2048)[28:], b"hello")

    def test_behind_a_translator_the_port_is_found(self):
        """What it tells is its own idea of its address: the port is seen, and asked, as ever."""
        daemon = self.anchor()
        mag = self.mag(daemon)
        mag.tell(("192.0.2.7", 9))
        home = mag.attach(A).ipv4
        self.assertTrue(mag.ping(home, GATEWAY))
        self.assertIn(len(self.flow(mag, daemon, home, self.victim())), (1, 2, 3))


class RefusalTest(AnchorCase):
    def test_who_the_aaa_saw_elsewhere_is_refused(self):
        """T31: a captured gateway asks for a device of another. T03: or with another's token."""
        daemon = self.anchor()
        one, two = self.mag(daemon), self.mag(daemon, "mag-2")
        self.assertEqual(one.attach(A).status, 0)
        before = daemon.bindings()
        stolen = two.ask(A, sealed=one.tokens[A])
        self.assertEqual((stolen.status, stolen.ipv4), (NOT_AUTHORIZED, None))
        self.assertEqual(two.ask(A, sealed=two.seal(B)).status, NOT_AUTHORIZED)
        self.assertEqual(two.ask(A, sealed=two.seal(B), lifetime=0).status, NOT_AUTHORIZED)
        self.assertEqual(two.ask(A).status, NOT_AUTHORIZED)
        self.assertEqual(two.ask(A, sealed=os.urandom(50)).status, NOT_AUTHORIZED)
        self.assertEqual(two.ask(A, sealed=two.seal(A, 1)).status, NOT_AUTHORIZED)
        self.assertEqual(daemon.bindings(), before)
        for code in ("token-mag", "token-imsi", "token-missing", "token-wrong", "attach-old"):
            daemon.wait_line(f"pmip.{code}.*mag=mag-2")
        daemon.wait_line("pmip.token-mag.*alarm=yes")
        world.wait_for("four alarms", lambda: daemon.metric("anchor_alarms_total") == 4)

    def test_who_stands_in_the_middle_changes_nothing(self):
        """T12: each octet of a protected request is changed on its way, lifetime, addresses and all
        the others: no answer, no part of it is taken over; and what is sent then is taken. Nor may
        the gateway itself name another's address as where the traffic goes."""
        daemon = self.anchor()
        mag = self.mag(daemon)
        self.assertEqual(mag.attach(A).status, 0)
        before = daemon.bindings()
        mag.sequence += 1
        record = mag.channel.data(pmip.update(A, mag.sequence, sealed=mag.tokens[A], handoff=5,
                                              lifetime=500))
        for at in range(13, len(record)):       # behind the record's header
            mag.channel.send(record[:at] + bytes([record[at] ^ 1]) + record[at + 1:])
        self.assertTrue(mag.channel.silent(0.3))
        self.assertEqual(daemon.bindings(), before)
        stolen = mag.ask(A, sealed=mag.tokens[A], handoff=5, care_of="127.0.0.9")
        self.assertEqual((stolen.status, stolen.ipv4), (CARE_OF_INVALID, None))
        self.assertEqual(daemon.bindings(), before)
        daemon.wait_line("pmip.care-of.*mag=mag-1.*alarm=yes")
        self.assertEqual(mag.ask(A, sealed=mag.tokens[A], handoff=5, care_of="127.0.0.1").status, 0)
        mag.sequence += 1
        mag.channel.send(mag.channel.data(pmip.update(
            A, mag.sequence, sealed=mag.tokens[A], handoff=5, lifetime=500)))
        self.assertEqual(pmip.Bound(mag.channel.expect_data()).lifetime, 500)

    def test_each_mistake_has_its_status(self):
        daemon = self.anchor(**{"anchor.plmns": '["00101"]'})
        mag = self.mag(daemon)
        sealed = mag.seal(A)
        rows = [
            (160, {"without": (pmip.MN_ID,)}), (161, {"without": (pmip.HANDOFF,)}),
            (162, {"without": (pmip.ACCESS,)}),
            (158, {"without": (pmip.PREFIX, pmip.IPV4)}),
            (156, {"timestamp": pmip.stamp(time.time() - 5)}),
            (156, {"timestamp": pmip.stamp(time.time() + 5)}),
            (151, {"service": "elsewhere"}),
        ]
        for status, how in rows:
            with self.subTest(status=status, how=how):
                self.assertEqual(mag.ask(A, sealed=sealed, **how).status, status)
        other = "001020000000001"
        self.assertEqual(mag.ask(other, sealed=mag.seal(other)).status, 153)
        self.assertEqual(daemon.bindings(), [])
        # A mismatch tells the anchor's clock.
        told = mag.ask(A, sealed=sealed, timestamp=pmip.stamp(0)).options[pmip.TIMESTAMP]
        self.assertLess(abs(int.from_bytes(told, "big") / 65536 - time.time()), 5)

    def test_nothing_is_said_in_the_clear(self):
        """No DTLS, no answer; the wrong key, no session."""
        daemon = self.anchor()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as clear:
            clear.connect(("127.0.0.1", daemon.anchor_port))
            clear.settimeout(0.5)
            key = daemon.node_key()
            sealed = pmip.token(key, A, "mag-1", int(time.time() * 1000))
            for _ in range(3):
                clear.send(pmip.update(A, 1, sealed=sealed))
            self.assertRaises(TimeoutError, clear.recv, 2048)
        wrong = pmip.Mag(daemon, "mag-1", key="not the key of that one")
        self.addCleanup(wrong.close)
        self.assertRaises((AssertionError, OSError), wrong.connect)
        self.assertEqual(daemon.bindings(), [])

    def test_a_short_key_is_for_loopback_only(self):
        done = subprocess.run([world.LATCHKEYD, "-c", TOP / "conf" / "lab.yaml", "--check",
                               "--set=roles=[aaa, vault, anchor]", "--set=anchor.listen=0.0.0.0"],
                              capture_output=True, text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("anchor.mags[0].psk", done.stdout + done.stderr)


class StoreTest(AnchorCase):
    def kill_and_check(self, **settings):
        """Y13: what was acknowledged is there after the daemon was killed."""
        daemon = self.anchor(**settings)
        mag = self.mag(daemon)
        had = {}
        for n in range(30):
            imsi = f"0010100000{n:05}"
            had[imsi] = mag.attach(imsi).ipv4
        two = self.mag(daemon, "mag-2")
        moved = sorted(had)[0]
        self.assertEqual(two.attach(moved).ipv4, had[moved])
        daemon.process.kill()
        daemon.process.wait(10)
        time.sleep(0.5)
        daemon.again()
        daemon.wait_line(r"bindings-loaded bindings=30 left_out=0")
        rows = {row["imsi"]: row for row in daemon.bindings()}
        self.assertEqual({imsi: row["ipv4"] for imsi, row in rows.items()}, had)
        self.assertEqual(rows[moved]["mag"], "mag-2")
        again = self.mag(daemon)
        again.tokens = mag.tokens
        other = sorted(had)[1]
        self.assertEqual(again.renew(other).ipv4, had[other])
        # The old gateway of the one that moved has not got it back.
        self.assertEqual(again.renew(moved).status, NOT_AUTHORIZED)

    def test_sqlite(self):
        self.kill_and_check()

    def test_the_log_stays_short_and_whole(self):
        """Y13: what nothing happens to goes along with what is written, so that what is older can
        go: the log is turned over many times, and all are there after a kill."""
        daemon = self.anchor()
        mag = self.mag(daemon)
        had = {imsi: mag.attach(imsi).ipv4 for imsi in (f"0010100000{n:05}" for n in range(80))}
        busy = sorted(had)[0]
        for _ in range(60):
            self.assertEqual(mag.renew(busy).status, 0)
        path = daemon.sets["state_dir"] / "store" / "latchkey.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            batches = db.execute("SELECT count(*) FROM binding_log").fetchone()[0]
        self.assertLess(batches, 20)
        daemon.process.kill()
        daemon.process.wait(10)
        time.sleep(0.5)
        daemon.again()
        daemon.wait_line(r"bindings-loaded bindings=80 left_out=0")
        rows = {row["imsi"]: row["ipv4"] for row in daemon.bindings()}
        self.assertEqual(rows, had)

    def test_the_second_anchor_has_the_store(self):
        """Invariant 9: of two on one store the first falls silent when the second begins."""
        with Postgres() as pg:
            first = self.anchor(**{"store.url": pg.url})
            mag = self.mag(first)
            self.assertEqual(mag.attach(A).status, 0)
            second = self.anchor(**{"store.url": pg.url})
            self.assertEqual([row["imsi"] for row in second.bindings()], [A])
            mag.sequence += 1
            mag.channel.send(mag.channel.data(pmip.update(B, mag.sequence, sealed=mag.seal(B))))
            self.assertTrue(mag.channel.silent(0.5))
            first.wait_line("store-unavailable.*another anchor has taken the bindings over")
            self.assertEqual(self.mag(second).attach(B).status, 0)

    def test_postgresql(self):
        with Postgres() as pg:
            self.kill_and_check(**{"store.url": pg.url})

    def test_no_answer_before_it_is_durable(self):
        """Y20: while the store cannot be written, no request is acknowledged; then all is well."""
        with Postgres() as pg:
            daemon = self.anchor(**{"store.url": pg.url})
            mag = self.mag(daemon)
            self.assertEqual(mag.attach(A).status, 0)
            pg.stop()
            mag.sequence += 1
            mag.channel.send(mag.channel.data(pmip.update(B, mag.sequence, sealed=mag.seal(B))))
            self.assertTrue(mag.channel.silent(2.5))
            daemon.wait_line("store-unavailable")
            pg.start()
            deadline = time.monotonic() + 20
            mag.channel.socket.settimeout(2)
            while True:
                try:
                    self.assertEqual(mag.attach(B).status, 0)
                    break
                except TimeoutError:
                    self.assertLess(time.monotonic(), deadline)
            world.wait_for("both are durable",
                           lambda: all(row["durable"] for row in daemon.bindings()))

    def test_volatile(self):
        daemon = self.anchor(**{"anchor.durable": "false"})
        self.assertEqual(self.mag(daemon).attach(A).status, 0)
        daemon.stop()
        daemon.again()
        self.assertEqual(daemon.bindings(), [])


class ReloadTest(AnchorCase):
    def test_gateways_come_and_go(self):
        """A gateway keeps its bindings over a reload; one that is taken away is closed."""
        daemon = self.anchor()
        daemon.stop()
        keys, mags = pmip.KEYS, daemon.sets.pop("anchor.mags")
        self.assertIn("mag-2", mags)
        daemon.config = daemon.where / "own.yaml"

        def write(*names):
            rows = "".join(f"    - {{name: {name}, psk: \"{keys[name]}\"}}\n" for name in names)
            daemon.config.write_text(f"anchor:\n  mags:\n{rows}")

        write("mag-1", "mag-2")
        daemon.again()
        one, two = self.mag(daemon), self.mag(daemon, "mag-2")
        self.assertEqual(one.attach(A).status, 0)
        home = two.attach(B).ipv4
        write("mag-2")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_line("mag-down mag=mag-1.*not configured")
        self.assertEqual(two.renew(B).ipv4, home)
        write("mag-2", "mag-1")
        daemon.process.send_signal(signal.SIGHUP)
        world.wait_for("the second reload", lambda: daemon.text().count("reloaded") >= 2)
        again = self.mag(daemon)
        again.tokens = one.tokens
        self.assertEqual(again.renew(A).status, 0)
        self.assertEqual({row["imsi"]: row["mag"] for row in daemon.bindings()},
                         {A: "mag-1", B: "mag-2"})
        # The newest session of a gateway is the one.
        newer = self.mag(daemon)
        newer.tokens = one.tokens
        self.assertEqual(newer.renew(A).status, 0)


if __name__ == "__main__":
    unittest.main()

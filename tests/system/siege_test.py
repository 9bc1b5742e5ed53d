"""The daemon under siege: processes stopped and killed at the worst instants, strangers who name
what is not theirs, readers who do not read, files that are taken away."""
import collections
import fcntl
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time

import daemon_test
import eap
import hostile_test
import radius
import world

OTHER = world.Card("001010000000021", "aa" * 16, "bb" * 16)
NOBODY = "001019999999999"


def status(daemon):
    return daemon.ask(op="status")


def number(kind, value):
    return radius.attribute(kind, struct.pack("!I", value))


class Siege(daemon_test.DaemonCase):
    def stopped_vault(self, daemon):
        """The vault's process, stopped; it goes on when the test calls the answer."""
        vault = status(daemon)["vault"]["pid"]
        os.kill(vault, signal.SIGSTOP)

        def go_on():
            try:
                os.kill(vault, signal.SIGCONT)
            except ProcessLookupError:
                pass            # the test failed before, and the daemon is gone

        self.addCleanup(go_on)
        return go_on

    def own_file(self, **settings):
        """A daemon that reads a file of the test's: (daemon, text of the file)."""
        daemon = self.start(world.Latchkeyd(**settings))
        daemon.stop()
        daemon.config = daemon.where / "own.yaml"
        text = (world.TOP / "conf/lab.yaml").read_text()
        daemon.config.write_text(text)
        daemon.again()
        return daemon, text


class Keys(Siege):
    def test_vector_owed_to_a_killed_worker_lets_nobody_in(self):
        """The vault owes a vector of OTHER's to a worker that is killed; its successor asks for
        CARD's, for a device that holds OTHER's card. The answers have the same number."""
        daemon = self.daemon(OTHER, world.CARD, workers=1)
        worker = status(daemon)["workers"][0]["pid"]
        go_on = self.stopped_vault(daemon)
        with self.assertRaises(radius.Timeout):
            eap.Attach(self.client(daemon, tries=1, timeout=0.3),
                       daemon_test.peer_of(OTHER)).step()
        os.kill(worker, signal.SIGKILL)
        time.sleep(0.5)
        thief = daemon_test.peer_of(OTHER, identity=world.CARD.identity("aka-prime"))
        threading.Timer(0.4, go_on).start()
        code = eap.Attach(self.client(daemon, tries=1, timeout=4), thief).run()
        self.assertEqual(code, radius.ACCESS_REJECT, daemon.text())
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)

    def test_fewer_workers_take_no_answer_of_the_leaving_ones(self):
        daemon, text = self.own_file(workers=2)
        del daemon.sets["workers"]
        daemon.stop()
        daemon.config.write_text(text.replace("workers: 0 ", "workers: 2 "))
        daemon.again()
        cards = [world.Card(f"0010100000003{n:02}", world.CARD.k, world.CARD.opc)
                 for n in range(16)]
        for card in cards:
            daemon.add(card)
        go_on = self.stopped_vault(daemon)
        waiting = []
        for card in cards:
            client = self.client(daemon)
            client.socket.send(hostile_test.login(card.identity("aka-prime").encode()))
            waiting.append(client)
        world.wait_for("all wait", lambda: sum(w["waiting"] for w in status(daemon)["workers"])
                       == len(cards))
        daemon.config.write_text(text.replace("workers: 0 ", "workers: 1 "))
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        go_on()
        for client in waiting:
            client.socket.settimeout(2)
            self.assertEqual(client.socket.recv(4096)[0], radius.ACCESS_CHALLENGE)
        daemon.wait_line(" reloaded ")
        self.assertEqual(self.attach(daemon, cards[0]), radius.ACCESS_ACCEPT)

    def test_row_of_a_question_given_up_is_not_stored_for_the_next(self):
        daemon = self.daemon()
        go_on = self.stopped_vault(daemon)
        one, two = daemon_test.CARDS[:2]
        answer = daemon.ask(op="subscriber-add", imsi=one.imsi, k=one.k, opc=one.opc)
        self.assertFalse(answer["ok"])
        go_on()
        daemon.add(two)
        self.assertEqual(self.attach(daemon, two), radius.ACCESS_ACCEPT, daemon.text())

    def test_control_takes_the_place_of_no_other_file(self):
        daemon = self.daemon()
        daemon.stop()
        key = daemon.sets["state_dir"] / "master.key"
        kept = key.read_bytes()
        daemon.sets["control"] = "master.key"
        with self.assertRaisesRegex(AssertionError, "is no socket"):
            daemon.again()
        self.assertEqual(key.read_bytes(), kept)


class Quitters(Siege):
    """Devices that go away before the end."""

    def test_refusal_counts_when_it_is_made_and_once(self):
        """RFC 4187 6.3.2: the notification of a failure may never be acknowledged."""
        daemon = self.daemon()
        peer = daemon_test.peer_of(world.CARD)
        answer = peer.respond
        attach = eap.Attach(self.client(daemon), peer)
        self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
        peer.respond = lambda request: answer(request)[:-2] + b"\0\0"     # the end of AT_MAC
        self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
        counts = daemon_test.ask(daemon, op="status")["counts"]
        self.assertEqual(counts["refused"], {"eap-aka.mac-wrong": 1}, daemon.text())
        self.assertIn("answer=notification", daemon.text())
        acknowledged = struct.pack("!BBHBBH", eap.RESPONSE, attach.request[1], 8,
                                   eap.AKA_PRIME, eap.AKA_NOTIFICATION, 0)
        peer.respond = lambda request: acknowledged
        self.assertEqual(attach.step(), radius.ACCESS_REJECT)
        counts = daemon_test.ask(daemon, op="status")["counts"]
        self.assertEqual(counts["refused"], {"eap-aka.mac-wrong": 1}, daemon.text())


class Strangers(Siege):
    def first_answers(self, daemon, imsi, count):
        """What a stranger gets who names imsi count times at once: EAP subtypes, counted."""
        got = collections.Counter()
        client = self.client(daemon)
        for _ in range(count):
            run = eap.Attach(client, eap.Peer(imsi, bytes(16), bytes(16)))
            run.step()
            got[run.code, run.request[5]] += 1
        return got

    def test_naming_somebody_often_tells_nothing(self):
        """A18: the limit on vectors holds for who is not there as well."""
        daemon = self.daemon()
        there = self.first_answers(daemon, world.CARD.imsi, 100)
        nobody = self.first_answers(daemon, NOBODY, 100)
        self.assertEqual(set(there), set(nobody))
        self.assertEqual(set(there), {(radius.ACCESS_CHALLENGE, eap.CHALLENGE),
                                      (radius.ACCESS_CHALLENGE, eap.AKA_NOTIFICATION)})

    def name(self, client, stop, stations, counts):
        """Somebody names the subscriber in the name of station after station."""
        while not stop.is_set():
            for station in stations:
                run = eap.Attach(client, eap.Peer(world.CARD.imsi, bytes(16), bytes(16)),
                                 radius.attribute(radius.CALLING_STATION_ID, station))
                run.step()
                counts[run.request[5]] += 1

    def device_at(self, daemon, source, station):
        """Three authentications of the true one: how many went well."""
        client = self.client(daemon, source=source)
        extra = radius.attribute(radius.CALLING_STATION_ID, station)
        codes = [eap.Attach(client, daemon_test.peer_of(world.CARD), extra).run()
                 for _ in range(3)]
        return codes.count(radius.ACCESS_ACCEPT)

    def besieged(self, sources, stations, then, before=lambda daemon: None):
        """What then says while strangers name the subscriber from there; and what they got."""
        daemon = self.daemon()
        self.assertEqual(self.device_at(daemon, "127.0.0.2", b"known"), 3)
        before(daemon)
        stop, counts = threading.Event(), collections.Counter()
        flood = [threading.Thread(target=self.name, args=(self.client(daemon, source=source), stop,
                                                          stations, counts)) for source in sources]
        for thread in flood:
            thread.start()
        try:
            world.wait_for("too much of it", lambda: counts[eap.AKA_NOTIFICATION] > 50)
            then(daemon)
        finally:
            stop.set()
            for thread in flood:
                thread.join()
        self.assertIn("vault.source-too-fast", status(daemon)["counts"]["refused"])
        return counts

    def test_strangers_of_one_access_point_leave_vectors(self):
        """A07: as many stations as somebody likes, behind one access point: the device is served
        elsewhere, also where it has never been, and behind that one, if it is known there."""
        stations = [f"{n}".encode() for n in range(1000)]

        def then(daemon):
            self.assertEqual(self.device_at(daemon, "127.0.0.3", b"new"), 3)
            self.assertEqual(self.device_at(daemon, "127.0.0.2", b"known"), 3)

        self.besieged(["127.0.0.2"], stations, then)

    def test_strangers_from_everywhere_leave_vectors(self):
        """A07: behind many access points: where the device is known it is served."""
        self.besieged([f"127.0.1.{n}" for n in range(1, 9)], [b"a", b"b"], lambda daemon:
                      self.assertEqual(self.device_at(daemon, "127.0.0.2", b"known"), 3))

    def test_fast_reauthentication_makes_no_station_known(self):
        """A07: it costs no vector, and so may be anywhere, as often as somebody likes: the stations
        that answered a challenge are still those that are known."""
        def before(daemon):
            client = self.client(daemon, source="127.0.0.4")
            peer = daemon_test.peer_of(world.CARD, use_reauth=True, use_pseudonym=True)
            for n in range(16):
                station = radius.attribute(radius.CALLING_STATION_ID, f"m{n}".encode())
                self.assertEqual(eap.Attach(client, peer, station).run(), radius.ACCESS_ACCEPT)
                self.assertEqual(peer.fast, n > 0)

        self.besieged([f"127.0.1.{n}" for n in range(1, 9)], [b"a", b"b"], lambda daemon:
                      self.assertEqual(self.device_at(daemon, "127.0.0.2", b"known"), 3), before)

    def test_auts_is_worth_one_vector(self):
        """A08: who carries a right AUTS says it again and again, with the State that it belongs to:
        a run has one, and the subscriber his vectors. A wrong one in front of it takes nothing."""
        daemon = self.daemon()
        client = self.client(daemon)
        peer = daemon_test.peer_of(world.CARD)
        peer.usim.seq = [1 << 39] * 32      # a card with a history of its own
        run = eap.Attach(client, peer)

        def say(response, state):
            _, rows, _ = client.access(radius.attribute(radius.USER_NAME, run.user_name)
                                       + radius.attribute(radius.STATE, state)
                                       + radius.eap_attributes(response))
            self.assertEqual(radius.eap_of(rows)[5], eap.AKA_NOTIFICATION)

        while not peer.synced:
            self.assertEqual(run.step(), radius.ACCESS_CHALLENGE)
            state, response = run.state, peer.respond(run.request)
        say(response[:23] + bytes([response[23] ^ 1]) + response[24:], state)
        self.assertEqual(run.step(), radius.ACCESS_CHALLENGE)
        self.assertEqual(run.request[5], eap.CHALLENGE)
        for _ in range(30):
            say(response, state)
        self.assertEqual(status(daemon)["counts"]["refused"],
                         {"aka.auts-wrong": 1, "aka.auts-twice": 30})
        self.assertEqual(run.run(), radius.ACCESS_ACCEPT)

    def test_forged_auts_uses_up_nobodys_vectors(self):
        """A18: nor does an AUTS that is wrong."""
        daemon = self.daemon()
        for imsi in (world.CARD.imsi, NOBODY):
            with self.subTest(imsi), radius.Client(daemon.port) as client:
                for _ in range(3):      # thirty wrong AUTS a round
                    run = eap.Attach(client, eap.Peer(imsi, bytes(16), bytes(16)))
                    run.step()
                    self.assertEqual(run.request[5], eap.CHALLENGE)
                    for _ in range(30):
                        auts = bytes([eap.AT_AUTS, 4]) + os.urandom(14)
                        response = struct.pack("!BBHBBH", 2, run.request[1], 24, eap.AKA_PRIME,
                                               eap.SYNC_FAILURE, 0) + auts
                        code, rows, _ = client.access(radius.attribute(radius.STATE, run.state)
                                                      + radius.eap_attributes(response))
                        self.assertEqual(code, radius.ACCESS_CHALLENGE)
                        self.assertEqual(radius.eap_of(rows)[5], eap.AKA_NOTIFICATION)

    def test_reserved_subscriber_is_nobody_to_strangers(self):
        daemon = self.daemon()
        for _ in range(3):
            time.sleep(1.1)     # the last result is no longer good
            self.first_answers(daemon, "000000000000000", 40)
            self.assertEqual(daemon_test.http(daemon, "/healthz")[0], 200, daemon.text())

    def test_header_of_a_request_does_not_draw_its_answer(self):
        """Y26: twenty octets that somebody saw on the wire are not worth four hundred."""
        daemon = self.daemon()
        whole = hostile_test.login()
        with radius.Client(daemon.port) as client:
            answer = client.raw(whole)
            for cut in (whole[:20], whole[:20] + bytes(10)):
                with self.assertRaises(radius.Timeout):
                    client.raw(cut, tries=1, timeout=0.2)
            self.assertEqual(client.raw(whole), answer)

    def test_accounting_takes_the_greatest_numbers(self):
        daemon = self.daemon()
        with radius.Client(daemon.accounting_port) as client:
            code, _ = client.account(number(radius.ACCT_STATUS_TYPE, 3)
                                     + radius.attribute(radius.ACCT_SESSION_ID, b"s")
                                     + b"".join(number(kind, 0xffffffff)
                                                for kind in (41, 42, 43, 46, 49, 52, 53)))
        self.assertEqual(code, radius.ACCOUNTING_RESPONSE)
        with sqlite3.connect(daemon.sets["state_dir"] / "store" / "latchkey.db") as store:
            row = store.execute("SELECT at_ms, input_octets, output_octets, session_s, "
                                "terminate_cause FROM accounting").fetchone()
        self.assertEqual(row, (0, 2**63 - 1, 2**63 - 1, 2**32 - 1, 2**32 - 1))


class Operators(Siege):
    def test_second_signal_is_not_lost(self):
        """The file changes while a reload is under way: the last version counts."""
        daemon, text = self.own_file()
        for round_ in range(3):
            for secret in ("early", "later"):
                daemon.config.write_text(text.replace("testing123", f"{secret}{round_}"))
                daemon.process.send_signal(signal.SIGHUP)
                time.sleep(0.003)
            with radius.Client(daemon.port, secret=b"later%d" % round_, timeout=0.2,
                               tries=10) as client:
                client.access(radius.attribute(radius.USER_NAME, b"x"))

    def test_storm_of_signals(self):
        daemon = self.daemon()
        open_before = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        traffic = daemon_test.Traffic(daemon, world.CARD)
        traffic.start()
        end = time.monotonic() + 2
        while time.monotonic() < end:
            daemon.process.send_signal(signal.SIGHUP)
            time.sleep(0.005)
        time.sleep(0.5)
        traffic.stop()
        self.assertEqual((traffic.wrong, traffic.repeats), ([], 0))
        self.assertNotIn("reload-refused", daemon.text())
        self.assertNotIn("worker-died", daemon.text())
        self.assertLessEqual(len(os.listdir(f"/proc/{daemon.process.pid}/fd")), open_before)

    def test_log_that_nobody_reads_stops_nobody(self):
        daemon = self.start(world.Latchkeyd())
        daemon.stop()
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, 1031, 4096)     # F_SETPIPE_SZ
        daemon.process = subprocess.Popen([world.LATCHKEYD, "-c", daemon.config, *daemon.words()],
                                          stderr=writer, stdout=subprocess.PIPE, cwd=daemon.where)
        os.close(writer)
        self.assertEqual(daemon.process.stdout.readline(), b"ready\n")
        daemon.process.stdout.close()
        for n in range(60):
            stranger = eap.Peer(f"00101{n:010}", bytes(16), bytes(16))
            client = self.client(daemon, tries=1, timeout=1)
            self.assertEqual(eap.Attach(client, stranger).run(), radius.ACCESS_REJECT)
        self.assertTrue(status(daemon)["ok"])

    def test_caller_who_reads_no_answer_is_hung_up_on(self):
        daemon = self.daemon()
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(5)
            control.connect(str(daemon.sets["state_dir"] / "control.sock"))
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                for _ in range(2000):
                    control.sendall(b"{}\n" * 1000)
        self.assertTrue(status(daemon)["ok"])

    def test_many_lines_at_once_are_answered_each(self):
        daemon = self.daemon()
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(5)
            control.connect(str(daemon.sets["state_dir"] / "control.sock"))
            control.sendall(b'{"op": "x"}\n' * 500)
            lines = control.makefile()
            for _ in range(500):
                self.assertFalse(json.loads(lines.readline())["ok"])


if __name__ == "__main__":
    world.unittest.main()

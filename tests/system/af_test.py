"""Role af: several applications on one server, whose sessions the operator cannot read; latchkey ue
e2e as the application, and applications of another hand."""
import json
import os
import secrets
import socket
import threading
import time
import unittest
from pathlib import Path

import af
import akma
import e2e
import noise
import world
from af import FQDN, UA, Server, User
from e2e import ALERT, CLIENT_KEY, CLOSE, DATA, N, P, TICKET

B_TID = "cmFuZA==@bsf.example"
IMPI = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
POLICY, UNPROVEN = bytes([4]), bytes([7])


class Altering(threading.Thread):
    """Somebody in the path, who alters the last octet of the first message of a kind."""

    def __init__(self, port, kind, up):
        super().__init__(daemon=True)
        self.to, self.kind, self.up = port, kind, up
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listening.close()

    def run(self):
        while True:
            try:
                near = self.listening.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            for source, sink, up in ((near, far, True), (far, near, False)):
                threading.Thread(target=self.carry, args=(source, sink, up), daemon=True).start()

    def carry(self, source, sink, up):
        done, reader = False, source.makefile("rb")
        try:
            while head := reader.read(3):
                frame = head + reader.read(int.from_bytes(head[1:], "big"))
                if not done and up == self.up and head[0] == self.kind:
                    done, frame = True, frame[:-1] + bytes([frame[-1] ^ 1])
                sink.sendall(frame)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class AfTest(world.Case):
    def setUp(self):
        super().setUp()
        self.ann, self.bob = User("ann"), User("bob", p=False)
        self.eve = User("eve", key=False, n=IMPI)
        self.ks_naf = secrets.token_bytes(32)

    def serve(self, **settings):
        """notes: what is the default; chat: N too; open: N alone."""
        everybody = [self.ann, self.bob, self.eve]
        self.server = self.start(Server(
            {"notes": ((), everybody), "chat": (("p", "n"), everybody),
             "open": (("n",), [self.ann])},
            [f"{B_TID} ks-naf {self.ks_naf.hex()} {IMPI}"], **settings))

    def talks(self, app, user, *more, **which):
        return json.loads(self.server.app(self.dir, app, user, "--json", *more, **which).stdout)

    def refused(self, app, user, *more, **which):
        done = self.server.app(self.dir, app, user, "--json", *more, check=False, **which)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def with_n(self, key=None):
        key = key or self.ks_naf
        path = af.private(self.dir / f"ks.{key.hex()[:8]}", key.hex())
        return ["--key-id", B_TID, "--ks-naf", f"@{path}"]

    def last(self, pattern):
        self.server.wait_line(pattern)

    def test_two_applications_have_different_keys(self):
        """One user, one server: each application its own session and key; the server says who."""
        self.serve()
        told = {app: self.talks(app, self.ann, *self.with_n(), "--show-keys")
                for app in ("notes", "chat")}
        self.assertNotEqual(told["notes"]["application_key"], told["chat"]["application_key"])
        for app, one in told.items():
            who = json.loads(one["answers"][0])
            self.assertEqual((who["app"], who["identity"], who["with"], who["fingerprint"]),
                             (app, "ann", "n p client-key", one["fingerprint"]))
            self.last(rf"e2e-session app={app} identity=ann .*{one['fingerprint']}")
        self.assertEqual(self.talks("notes", self.ann, "--say", "one", "--say", "two")["answers"],
                         ["one", "two"])
        for user in (self.bob, self.eve):
            self.assertTrue(self.talks("notes", user)["ok"])
        counts = self.server.counts()
        self.assertEqual((counts["af_opened_total"], counts["af_operator_keys_asked_total"]),
                         (5, 2))

    def test_nothing_falls_back(self):
        """T61: an operator that knows N is no application here: the default wants P or a client
        key; and whatever is required is required."""
        self.serve()
        nobody = User("", p=False, key=False)
        for app, user in (("notes", nobody), ("notes", self.ann), ("chat", self.ann)):
            answer = self.refused(app, user, *self.with_n(), p=False, key=False)
            self.assertEqual(answer["reason"], "e2e.policy")
        self.assertEqual(self.refused("chat", self.ann)["reason"], "e2e.policy") # no N
        self.assertEqual(self.refused("notes", self.ann, "--require", "n")["reason"],
                         "e2e.policy") # its own
        self.last("refused reason=e2e.policy")
        # What is configured so: N alone, and a user who is a subscriber, and is no more than that.
        told = self.talks("open", nobody, *self.with_n())
        self.assertEqual(json.loads(told["answers"][0])["identity"], "")
        self.assertEqual(self.refused("open", self.ann, *self.with_n(), p=False, key=False)
                         ["reason"], "e2e.unproven") # a mere claim
        apps = {row["app"]: row for row in self.server.ask(op="af-apps")["apps"]}
        self.assertEqual([apps[a]["operator_plays_users"] for a in ("notes", "chat", "open")],
                         [False, False, True])

    def test_wrong_secrets(self):
        """T61, A18, T27: whatever is wrong, and whoever is unknown, both ends say unproven, or
        that a key is not there in the server's log alone."""
        self.serve()
        other, half = User("ann"), User("ann")
        half.p = self.ann.p # and a key pair of somebody else's
        stranger = User("mallory")
        for app, user, more in (("notes", other, ()), ("notes", half, ()), ("notes", stranger, ()),
                                ("notes", User("mallory", p=False), ()), # a key pair of its own
                                ("notes", User("mallory", p=False), self.with_n()),
                                ("chat", self.ann, self.with_n(secrets.token_bytes(32)))):
            self.assertEqual(self.refused(app, user, *more)["reason"], "e2e.unproven")
        for identity in ("ann", "mallory"):
            self.last(f"reason=e2e.keys app=notes identity={identity}")
        # A18: N is asked for whoever it is, so that it takes as long.
        asked = self.server.counts()["af_operator_keys_asked_total"]
        self.assertEqual(self.refused("chat", stranger, *self.with_n())["reason"], "e2e.unproven")
        world.wait_for("a question", lambda: self.server.counts()
                       ["af_operator_keys_asked_total"] == asked + 1)
        # N of another subscriber than the user's row names; and of nobody that the operator knows.
        self.eve.n = "001010000000009@ims.example"
        self.server.write(self.server.where, "chat", [self.ann, self.eve])
        self.assertTrue(self.talks("chat", self.eve, *self.with_n())["ok"]) # not read again yet
        self.server.command("reload")
        self.last("af-app app=chat users=2")
        self.assertEqual(self.refused("chat", self.eve, *self.with_n())["reason"], "e2e.unproven")
        self.last("reason=e2e.keys app=chat identity=eve .*N of another subscriber")
        unknown = ["--key-id", "unknown@bsf.example", *self.with_n()[2:]]
        self.assertEqual(self.refused("chat", self.ann, *unknown)["reason"], "e2e.unproven")
        self.server.key = noise.public(secrets.token_bytes(32)) # another server is pinned
        self.assertEqual(self.refused("notes", self.ann)["reason"], "e2e.unproven")

    def test_tickets(self):
        """T63: a ticket is of one application and one identity; swapped, it opens nothing."""
        self.serve()
        ticket = ["--ticket", self.dir / "ticket"]
        self.assertFalse(self.talks("notes", self.ann, *ticket)["resumed"])
        first = (self.dir / "ticket").read_bytes()
        told = self.talks("notes", self.ann, *ticket)
        self.assertTrue(told["resumed"] and json.loads(told["answers"][0])["resumed"])
        self.assertNotEqual((self.dir / "ticket").read_bytes(), first)
        for app, user in (("chat", self.ann), ("notes", User("eve")), ("open", self.ann)):
            (self.dir / "ticket").write_bytes(first)
            answer = self.refused(app, user, *ticket)
            self.assertIn(answer["reason"], ("e2e.unproven", "e2e.policy"))
        (self.dir / "ticket").write_bytes(first)
        self.assertTrue(self.talks("notes", self.ann, *ticket)["ok"])
        os.mkfifo(self.dir / "fifo", 0o600) # nobody waits for who writes into it
        os.symlink(self.dir / "ticket", self.dir / "link")
        for path, why in (("fifo", "Not a regular file"), ("link", "symbolic links")):
            said = self.server.app(self.dir, "notes", self.ann, "--ticket", self.dir / path,
                                   check=False).stderr
            self.assertIn(why, said)
        self.server.stop()
        self.server.again() # and keys of tickets end with the process
        self.assertEqual(self.refused("notes", self.ann, *ticket)["reason"], "e2e.unproven")
        said = self.server.app(self.dir, "notes", self.ann, *ticket, check=False).stderr
        self.assertIn(f"without {self.dir / 'ticket'} it begins with the keys", said)

    def test_tickets_end_with_the_users_row(self):
        """T63, T27: what the server knows of a user has changed - P, whose N it must be, the key
        pair, or all of it: his tickets are none, also those that a ticket led to."""
        self.serve()
        ticket = ["--ticket", self.dir / "ticket"]
        with_n = [*self.with_n(), *ticket]
        other = User("ann")
        self.ann.n = IMPI
        self.changes("chat", [self.ann])
        self.assertFalse(self.talks("chat", self.ann, *with_n)["resumed"])
        self.assertTrue(self.talks("chat", self.ann, *with_n)["resumed"])
        kept = (self.dir / "ticket").read_bytes()
        for change in ({"p": other.p}, {"n": "001010000000009@ims.example"}, {"n": None},
                       {"secret": other.secret}, None):
            was = dict(vars(self.ann))
            vars(self.ann).update(change or {})
            self.changes("chat", [self.ann] if change else [])
            vars(self.ann).update(was)
            (self.dir / "ticket").write_bytes(kept)
            self.assertEqual(self.refused("chat", self.ann, *ticket)["reason"], "e2e.unproven")
            self.changes("chat", [self.ann]) # the control
            (self.dir / "ticket").write_bytes(kept)
            self.assertTrue(self.talks("chat", self.ann, *ticket)["resumed"])
        # A key that is handed over takes the place of the one before, in tickets too.
        self.server.command("af", "hand-over", "notes", "bob", self.dir / "parcel")
        (self.dir / "ticket").unlink()
        self.assertFalse(self.talks("notes", self.bob, *ticket)["resumed"])
        self.server.command("reload")
        self.assertTrue(self.talks("notes", self.bob, *ticket)["resumed"])
        self.server.command("af", "hand-over", "notes", "bob", self.dir / "parcel.2")
        self.assertEqual(self.refused("notes", self.bob, *ticket)["reason"], "e2e.unproven")

    def changes(self, app, users):
        """From now on, those are its users."""
        reads = f"af-app app={app} "
        before = self.server.text().count(reads)
        self.server.write(self.server.where, app, users)
        self.server.command("reload")
        world.wait_for("its users", lambda: self.server.text().count(reads) > before)

    def test_a_key_is_handed_over(self):
        """The server's own key for bob, sealed to him: it goes by anybody, is opened by him alone,
        once, and is his P from then on."""
        self.serve()
        parcel, out = self.dir / "parcel", self.dir / "key"
        self.server.command("af", "hand-over", "notes", "bob", parcel)
        opens = ["--parcel", f"@{parcel}", "--out", out]
        self.assertEqual(self.refused_parcel(self.ann, *opens), "e2e.unproven")
        self.server.app(self.dir, "notes", self.bob, *opens)
        self.assertEqual(out.stat().st_mode & 0o777, 0o600)
        self.bob.p = bytes.fromhex(out.read_text())
        self.assertNotIn(self.bob.p.hex(), parcel.read_text())
        self.assertEqual(e2e.open_parcel(bytes.fromhex(parcel.read_text()), (0, FQDN, "notes"),
                                         e2e.psk_of(FQDN, "notes"), self.server.key,
                                         self.bob.secret)[1], self.bob.p) # another hand, too
        self.assertEqual(json.loads(self.talks("notes", self.bob, key=False)["answers"][0])
                         ["with"], "p")
        again = self.server.app(self.dir, "notes", self.bob, *opens, p=False, check=False)
        self.assertIn("newer key is there", again.stderr)
        old = parcel.read_text()
        time.sleep(0.01)
        self.server.command("af", "hand-over", "notes", "bob", parcel)
        self.assertNotEqual(parcel.read_text(), old)
        self.assertEqual(self.refused("notes", self.bob)["reason"], "e2e.unproven") # the one before
        self.server.app(self.dir, "notes", self.bob, *opens, p=False)
        self.bob.p = bytes.fromhex(out.read_text())
        self.server.command("reload") # keeps it
        self.assertTrue(self.talks("notes", self.bob)["ok"])
        altered = old[:-3] + ("0" if old[-3] != "0" else "1") + old[-2:]
        parcel.write_text(altered)
        self.assertEqual(self.refused_parcel(self.bob, *opens), "e2e.unproven")
        for app, identity, why in (("notes", "ann", "has a P already"),
                                   ("notes", "nobody", "no such user"),
                                   ("chat", "eve", "no key pair")):
            done = self.server.command("af", "hand-over", app, identity, parcel, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)

    def test_a_parcel_of_another_hand(self):
        self.serve()
        secret = bytes.fromhex((Path(self.server.sets["state_dir"]) / "af.key").read_text())
        key, out = secrets.token_bytes(32), self.dir / "key"
        made = e2e.parcel((0, FQDN, "notes"), e2e.psk_of(FQDN, "notes"), secret, os.urandom(32),
                          noise.public(self.bob.secret), int(time.time() * 1000), key)
        path = af.private(self.dir / "parcel", made.hex())
        self.server.app(self.dir, "notes", self.bob, "--parcel", f"@{path}", "--out", out)
        self.assertEqual(out.read_text().strip(), key.hex())

    def refused_parcel(self, user, *opens):
        done = self.server.app(self.dir, "notes", user, *opens, "--json", p=False, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        return json.loads(done.stdout)["reason"]

    # ---- applications of another hand ----

    def shake(self, app, flags, psk, who, secret=None):
        wire, came = af.shake(self.server.e2e_port, self.server.key, app, flags, psk, who, secret)
        self.addCleanup(wire.hang_up)
        return wire, came

    def psk(self, app, user, flags):
        n = e2e.n_of("ks_naf", self.ks_naf, FQDN, app, UA) if flags & N else None
        return e2e.psk_of(FQDN, app, user.p if flags & P else None, n)

    def test_an_application_in_python(self):
        """The server as another hand sees it: N that comes later, data, and the end."""
        self.serve()
        for flags in (P, P | CLIENT_KEY, N | P | CLIENT_KEY):
            who = e2e.who(1, B_TID.encode(), b"ann") if flags & N else e2e.who(0, b"", b"ann")
            wire, handshake = self.shake("notes", flags, self.psk("notes", self.ann, flags), who,
                                         self.ann.secret)
            self.assertEqual(wire.hear()[0], TICKET)
            wire.say(DATA, b"wh")
            wire.say(DATA, b"o\nhello\n")
            text = b""
            while text.count(b"\n") < 2:
                text += wire.hear()[1]
            who, echo, _ = text.split(b"\n")
            exporter = e2e.exporter_of(handshake.ck, handshake.h)
            self.assertEqual((json.loads(who)["fingerprint"], echo),
                             (e2e.export(exporter, b"latchkey fingerprint", b"", 8).hex(),
                              b"hello"))
            wire.say(CLOSE)

    def test_the_curious_operator_as_application(self):
        """T61: with N, and with N and a P of its own making: refused, and both know why."""
        self.serve()
        who = e2e.who(1, B_TID.encode(), b"ann")
        self.assertEqual(self.shake("notes", N, self.psk("notes", self.ann, N), who)[1],
                         (ALERT, POLICY))
        wire, came = self.shake("notes", N | P, e2e.psk_of(FQDN, "notes", bytes(32), e2e.n_of(
            "ks_naf", self.ks_naf, FQDN, "notes", UA)), who)
        self.assertIsNone(came) # the REPLY is under P, which it has not
        self.last("reason=e2e.unproven")
        self.assertEqual(self.server.ask(op="af-sessions")["sessions"], [])

    def check(self):
        done = world.subprocess.run(
            [world.LATCHKEYD, "-c", self.server.config, "--check",
             *self.server.words()], text=True, capture_output=True, cwd=self.server.where)
        return done.returncode, done.stderr

    def test_one_octet_altered_on_the_way(self):
        """T61: whichever message it is, FINISH and the server's first record too, application and
        server tell one reason."""
        self.serve()
        port = self.server.e2e_port
        for kind, up in ((e2e.HELLO, True), (e2e.REPLY, False), (e2e.FINISH, True),
                         (TICKET, False), (DATA, True), (None, True)):
            with self.subTest(kind=kind), Altering(port, kind, up) as path:
                self.server.e2e_port = path.port
                before = self.server.text().count("reason=e2e.unproven")
                if kind is None:                                        # the control
                    self.assertEqual(self.talks("notes", self.ann, "--say", "x")["answers"], ["x"])
                    continue
                self.assertEqual(self.refused("notes", self.ann)["reason"], "e2e.unproven")
                world.wait_for("the server to say it", lambda: self.server.text().count(
                    "reason=e2e.unproven") == before + 1)

    def test_users_that_cannot_be_taken(self):
        """A file that others may read, or with a line that is wrong: reload and --check say which,
        and nothing changes for anybody; a start takes those of the good lines."""
        self.serve(**{"af.ticket_s": 0})
        path = self.server.where / "notes.users"
        good = self.ann.line() + "\n"
        for text, mode, why in (
                ("ann p=00\n", 0o600, ":1: expected 64 to 128 hexadecimal digits behind p="),
                ("ann p=secret\n", 0o600, ":1: expected 64 to 128 hexadecimal digits behind p="),
                ("# all\n\nann key=00\n", 0o600, ":3: expected 64 hexadecimal digits behind key="),
                (good + good, 0o600, ":2: expected an identity that is on no line above"),
                ("mallory\n", 0o600, ":1: expected p=HEX, key=HEX or n=IMSI behind the identity"),
                ("mallory q=1\n", 0o600, ":1: expected p=HEX, key=HEX, n=IMSI"),
                ("mallory n=\n", 0o600, ":1: expected 6 to 15 digits, or an IMPI"),
                ("m" * 129 + " p=00\n", 0o600, ":1: expected an identity of at most 128"),
                (User("mallory").line(), 0o644, ": others may read it")):
            path.write_text(text)
            path.chmod(mode)
            done = self.server.command("reload", check=False)
            self.assertEqual(done.returncode, 1, text)
            self.assertIn(f"notes.users{why}", done.stderr)
            self.assertIn(f"notes.users{why}", self.check()[1])
            self.assertTrue(self.talks("notes", self.ann)["ok"])
        path.chmod(0o600)
        path.write_text("carl p=secret\n" + good)
        self.server.stop()
        self.server.again()
        self.last("af-users app=notes why=.*notes.users:1: expected")
        self.last("af-app app=notes users=1")
        self.assertTrue(self.talks("notes", self.ann)["ok"])
        path.write_text(good)
        self.assertEqual(self.check(), (0, ""))
        self.server.command("reload")
        self.talks("notes", self.ann, "--ticket", self.dir / "ticket")
        self.assertFalse((self.dir / "ticket").exists()) # and tickets are off

    def test_users_of_another_file(self):
        """Most editors write a new file and give it the name: whoever is not in that one is no user
        after a reload, wherever the file is; and a file that is gone has no users."""
        self.serve(**{"af.ticket_s": 0})
        path = self.server.where / "notes.users"
        self.assertTrue(self.talks("notes", self.ann)["ok"])
        af.private(self.dir / "new", self.bob.line() + "\n").replace(path)
        self.server.command("reload")
        self.last("af-app app=notes users=1")
        self.assertEqual(self.refused("notes", self.ann)["reason"], "e2e.unproven")
        self.assertTrue(self.talks("notes", self.bob)["ok"])
        path.unlink()
        self.assertIn(f"nobody is a user of notes: {path} is not there",
                      self.server.command("reload").stdout)
        self.last("af-users app=notes why=.*No such file")
        self.assertEqual(self.refused("notes", self.bob)["reason"], "e2e.unproven")
        self.assertTrue(self.talks("chat", self.ann, *self.with_n())["ok"])

    def test_strangers_cost_little(self):
        """T44: handshakes of one address, connections of it, and how long one may take."""
        self.serve(**{"af.rate": 5, "af.connections_a_source": 20, "af.handshake_s": 1})
        port = self.server.e2e_port
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        for one in idle:
            self.addCleanup(one.close)
        world.wait_for("more than an address may have", lambda: self.server.counts()
                       ["af_source_full_total"] == 10)
        world.wait_for("their end", lambda: self.server.counts()["af_too_slow_total"] == 20)
        heard = []
        for _ in range(12):
            with socket.create_connection(("127.0.0.1", port)) as one:
                one.sendall(bytes([1, 0, 40]) + os.urandom(40))
                try:
                    heard.append(one.recv(100))
                except ConnectionResetError:
                    heard.append(b"")
        self.assertGreaterEqual(heard.count(b""), 5) # not one word
        self.assertGreaterEqual(heard.count(bytes([7, 0, 1, 1])), 5) # e2e.malformed
        self.assertGreaterEqual(self.server.counts()["af_over_budget_total"], 5)
        time.sleep(1.1)
        self.assertTrue(self.talks("notes", self.ann)["ok"])

    def test_status_and_hold(self):
        """Who is there, while he is; and a reload ends nobody's session."""
        self.serve()
        holds = world.subprocess.Popen(
            [str(world.LATCHKEY), "ue", "e2e", "--server", f"127.0.0.1:{self.server.e2e_port}",
             "--app", "notes", "--server-key", self.server.key.hex(), "--identity", "bob",
             "--client-key", "@" + str(af.private(self.dir / "c", self.bob.secret.hex())),
             "--hold", "20"], stdout=world.subprocess.PIPE, text=True)
        self.addCleanup(holds.stdout.close)
        self.addCleanup(holds.wait)
        self.addCleanup(holds.kill)
        told = json.loads(holds.stdout.readline())
        self.server.command("reload")
        shown = self.server.command("af", "sessions").stdout
        self.assertIn(f"notes  bob  with client-key  {told['fingerprint']}", shown)
        holds.kill()
        holds.wait()
        world.wait_for("his end", lambda: self.server.counts()["af_sessions"] == 0)
        shown = self.server.command("af", "apps").stdout
        self.assertIn("open  requires n  users 1  the operator can play its users", shown)
        self.assertIn("notes  requires own  users 3\n", shown)


class AfAkmaTest(world.Case):
    """N of AKMA: the AF asks the AAnF, by name, protocol and certificate."""
    IMSI = "001010000000001"

    LIFETIME_S = 10

    def setUp(self):
        super().setUp()
        self.aanf = akma.Aanf(self, aanf={"lifetime_s": self.LIFETIME_S, "afs": [
            {"name": FQDN, "ua_ids": [UA.hex()], "identity": True}]})
        self.aanf.certificates.make("app", FQDN, ca="ca")
        path = self.aanf.certificates.path
        self.ann, self.bob = User("ann", n=self.IMSI), User("bob", n=IMPI)
        self.ks_naf, others = secrets.token_bytes(32), secrets.token_bytes(32)
        self.others = others
        self.server = self.start(Server({"notes": (("n", "p"), [self.ann, self.bob])}, [
            f"{B_TID} ks-naf {self.ks_naf.hex()} {IMPI}",
            f"x{B_TID} ks-naf {others.hex()} 001010000000002@{IMPI.partition('@')[2]}"], **{
            "af.aanf.name": akma.AANF, "af.aanf.address": "127.0.0.1",
            "af.aanf.port": self.aanf.port, "af.certificate": path("app"),
            "af.certificate_key": path("app", "key"), "af.ca": path("ca")}))

    def app(self, user, key_id, source, key, *more):
        file = af.private(self.dir / "n", key.hex())
        done = self.server.app(self.dir, "notes", user, "--json", "--key-id", key_id,
                               f"--{source}", f"@{file}", *more, check=False)
        return json.loads(done.stdout)

    def talk(self, keys, *more, user=None):
        return self.app(user or self.ann, keys.a_kid, "k-af", keys.k_af(FQDN, UA.hex()), *more)

    def test_tickets_end_with_k_af(self):
        """T63: an hour is what role af would give; K_AF has not that long."""
        keys, ticket = akma.Keys(os.urandom(32), self.IMSI), ["--ticket", self.dir / "ticket"]
        self.assertEqual(self.aanf.register(self.IMSI, keys)[0], 200)
        began = time.monotonic()
        self.assertFalse(self.talk(keys, *ticket)["resumed"])
        self.assertTrue(self.talk(keys, *ticket)["resumed"])
        time.sleep(max(0, began + self.LIFETIME_S + 1 - time.monotonic()))
        self.assertEqual(self.talk(keys, *ticket)["reason"], "e2e.unproven")

    def test_k_af_goes_into_a_session(self):
        """K_AF by another hand at the application, from the AAnF at the server: one session. What
        is removed there, or another subscriber's (T27), is none."""
        keys, others = (akma.Keys(os.urandom(32), imsi) for imsi in (self.IMSI, "001010000000002"))
        self.assertEqual(self.aanf.register(self.IMSI, keys)[0], 200)
        self.assertEqual(self.aanf.register("001010000000002", others)[0], 200)
        told = self.talk(keys)
        self.assertTrue(told.get("n"), told)
        self.assertEqual(json.loads(told["answers"][0])["with"], "n p client-key")
        self.assertEqual(self.talk(others)["reason"], "e2e.unproven")

    def test_one_row_is_of_both_sources(self):
        """T27: n names the subscriber, by IMSI or IMPI, and N of GBA is his as that of AKMA is."""
        keys = akma.Keys(os.urandom(32), self.IMSI)
        self.assertEqual(self.aanf.register(self.IMSI, keys)[0], 200)
        for user in (self.ann, self.bob):
            with self.subTest(user=user.identity):
                self.assertTrue(self.talk(keys, user=user).get("n"))
                self.assertTrue(self.app(user, B_TID, "ks-naf", self.ks_naf).get("n"))
                self.assertEqual(self.app(user, f"x{B_TID}", "ks-naf", self.others)["reason"],
                                 "e2e.unproven")
        self.aanf.remove(self.IMSI)
        self.assertEqual(self.talk(keys)["reason"], "e2e.unproven")
        self.server.wait_line("reason=e2e.no-n.* asked=AAnF")

    def test_an_aanf_that_is_silent(self):
        """Who comes behind the first does not wait for it: one is asked, and the rest are told."""
        keys = akma.Keys(os.urandom(32), self.IMSI)
        self.aanf.daemon.stop()
        with socket.create_server(("127.0.0.1", self.aanf.port), reuse_port=True):
            self.assertEqual(self.talk(keys)["reason"], "e2e.unproven")
            began = time.monotonic()
            self.assertEqual(self.talk(keys)["reason"], "e2e.unproven")
            self.assertLess(time.monotonic() - began, 2)

    def test_an_aanf_that_is_away(self):
        """The application is refused, and not kept waiting; the others go on."""
        keys = akma.Keys(os.urandom(32), self.IMSI)
        self.aanf.daemon.stop()
        self.assertEqual(self.talk(keys)["reason"], "e2e.unproven")
        self.server.wait_line("reason=e2e.no-n.* asked=AAnF")


class AfSetupTest(world.Case):
    def test_keys_are_made_once(self):
        made = world.subprocess.run([world.LATCHKEY, "af", "make-key", self.dir / "key"],
                                    capture_output=True, text=True, check=True)
        secret = bytes.fromhex((self.dir / "key").read_text())
        self.assertEqual(bytes.fromhex(made.stdout), noise.public(secret))
        again = world.subprocess.run([world.LATCHKEY, "af", "make-key", self.dir / "key"],
                                     capture_output=True, text=True)
        self.assertEqual(again.returncode, 3)
        shown = world.subprocess.run([world.LATCHKEY, "af", "show-key", f"@{self.dir / 'key'}"],
                                     capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout, made.stdout)

    def test_what_the_configuration_may_not_say(self):
        nothing = self.dir / "nothing.yaml"
        nothing.write_text("")
        for sets, expected in (
                ({}, "expected an application beside af"),
                ({"af.apps": "[{app: a}]"}, "expected a file with the users"),
                ({"af.apps": "[{app: a, users: u}, {app: a, users: u}]"}, "found it twice"),
                ({"af.apps": "[{app: a, require: [n]}]", "af.bsf.name": "bsf.example"},
                 "expected certificate, certificate_key and ca beside it"),
                ({"af.apps": "[{app: a, require: [n]}]", "af.operator_keys": "k"},
                 "expected none outside a laboratory")):
            words = [f"--set={k}={v}" for k, v in {"roles": "[af]", **sets}.items()]
            done = world.subprocess.run([world.LATCHKEYD, "-c", nothing, "--check", *words],
                                        text=True, capture_output=True, cwd=self.dir)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

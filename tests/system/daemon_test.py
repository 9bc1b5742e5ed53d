"""latchkeyd as an operator meets it: its configuration, its processes, its death and restart."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

import eap
import radius
import world

CARDS = [world.Card(f"00101000000{n:04d}", world.CARD.k, world.CARD.opc) for n in range(2, 10)]


def ask(daemon, **request):
    """One request on the control socket."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(daemon.sets["state_dir"] / "control.sock"))
        s.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(s.makefile().readline())


def http(daemon, path):
    url = f"http://127.0.0.1:{daemon.sets['console.port']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def peer_of(card, method="aka-prime", **how):
    return eap.Peer(card.imsi, bytes.fromhex(card.k), bytes.fromhex(card.opc), method, **how)


class DaemonCase(world.Case):
    def daemon(self, *cards, **settings):
        daemon = self.start(world.Latchkeyd(**settings))
        self.addCleanup(lambda: self.assertNotIn("Sanitizer", daemon.text()))
        for card in cards or [world.CARD]:
            answer = ask(daemon, op="subscriber-add", imsi=card.imsi, k=card.k, opc=card.opc)
            self.assertTrue(answer["ok"], answer)
        return daemon

    def client(self, daemon, **how):
        client = radius.Client(daemon.port, **how)
        self.addCleanup(client.close)
        return client

    def attach(self, daemon, card=world.CARD, method="aka-prime"):
        return eap.Attach(self.client(daemon), peer_of(card, method)).run()


class Traffic(threading.Thread):
    """Attaches one card after another until told to stop. Every repeat, and every attach that does
    not end in Accept, is kept; so is the longest time that a request waited."""

    def __init__(self, daemon, card):
        super().__init__(daemon=True)
        self.port, self.card = daemon.port, card
        self.over = threading.Event()
        self.done, self.repeats, self.longest, self.wrong = 0, 0, 0.0, []

    def run(self):
        with radius.Client(self.port, timeout=0.25, tries=20) as client:
            while not self.over.is_set():
                since = time.monotonic()
                requests = client.sent
                attach = eap.Attach(client, peer_of(self.card))
                try:
                    code = attach.run()
                except (radius.Wrong, radius.Timeout) as why:
                    code = repr(why)
                if code == radius.ACCESS_ACCEPT:
                    self.done += 1
                else:
                    self.wrong.append(code)
                self.repeats += client.sent - requests - attach.rounds
                self.longest = max(self.longest, time.monotonic() - since)
                # Sixteen vectors a subscriber may run ahead of its clock of 0.1 s: stay below.
                time.sleep(0.1)

    def stop(self):
        self.over.set()
        self.join(15)
        return self


class Configuration(world.Case):
    def check(self, text, *words):
        file = self.dir / "test.yaml"
        file.write_text(text)
        return subprocess.run([world.LATCHKEYD, "-c", file, "--check", *words], text=True,
                              capture_output=True, timeout=20)

    def test_lab_file_is_valid(self):
        done = subprocess.run([world.LATCHKEYD, "-c", world.TOP / "conf/lab.yaml", "--check"])
        self.assertEqual(done.returncode, 0)

    def test_lab_file_says_the_defaults(self):
        """Every key of the file has the value that it has without the file."""
        text = (world.TOP / "conf/lab.yaml").read_text()
        self.assertEqual(self.check(text).returncode, 0)
        for key in ("port: 1812", "accounting_port: 1813", "secret: testing123",
                    "network_name: WLAN", "listen: 127.0.0.1", "port: 9464"):
            self.assertIn(key, text)

    def test_mistake_names_file_line_and_fix(self):
        for text, line, *words in (
                ("radius:\n  prot: 1812\n", 2, "radius.prot", "did you mean radius.port"),
                ("eap:\n  reauth: perhaps\n", 2, "true or false", "'perhaps'"),
                ("log:\n  level: loud\n", 2, "error, warning, info, debug", "'loud'"),
                ("radius:\n  clients:\n    - address: 10.0.0.0/8\n", 3, "secret", "none")):
            with self.subTest(text):
                done = self.check(text)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"test.yaml:{line}: ", done.stderr)
                self.assertIn("fix: ", done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)

    def test_all_mistakes_are_told_at_once(self):
        done = self.check("radius:\n  prot: 1\n  port: x\nlog:\n  level: loud\n")
        self.assertEqual(len(done.stderr.splitlines()), 3, done.stderr)

    def test_override(self):
        self.assertEqual(self.check("", "--set", "radius.port=11812").returncode, 0)
        done = self.check("", "--set", "radius.port=none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--set", done.stderr)

    def test_port_in_use_is_told_with_a_fix(self):
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        daemon = world.Latchkeyd()
        self.addCleanup(daemon.stop)
        daemon.start_port = taken.getsockname()[1]
        with self.assertRaises(AssertionError) as caught:
            daemon.settings = {"radius.port": daemon.start_port}
            daemon.start(self.dir)
        self.assertIn("another server is there", str(caught.exception))


class Serving(DaemonCase):
    def test_attach_both_methods(self):
        daemon = self.daemon()
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                self.assertEqual(self.attach(daemon, method=method), radius.ACCESS_ACCEPT)

    def test_says_that_there_are_no_subscribers(self):
        daemon = self.start(world.Latchkeyd())
        self.assertIn("no-subscribers", daemon.text())
        self.assertIn("latchkey subscriber add", daemon.text())

    def test_ready_is_one_line(self):
        daemon = self.daemon()
        self.assertEqual(len(re.findall(r"^ready$", daemon.text(), re.M)), 1)
        # It serves at once: no retry is needed.
        self.assertEqual(eap.Attach(self.client(daemon, tries=1), peer_of(world.CARD)).run(),
                         radius.ACCESS_ACCEPT)

    def test_retransmission_gets_the_same_octets(self):
        daemon = self.daemon()
        client = self.client(daemon)
        attributes = radius.attribute(radius.USER_NAME, b"x") + radius.eap_attributes(
            peer_of(world.CARD).respond(b"\x01\x00\x00\x05\x01"))
        packet = radius.access_request(client.secret, 7, os.urandom(16), attributes)
        self.assertEqual(client.raw(packet), client.raw(packet))

    def test_accounting_is_answered_after_it_is_stored(self):
        daemon = self.daemon()
        client = radius.Client(daemon.accounting_port)
        self.addCleanup(client.close)
        code, _ = client.account(radius.attribute(radius.ACCT_STATUS_TYPE, b"\0\0\0\1")
                                 + radius.attribute(radius.ACCT_SESSION_ID, b"session-1")
                                 + radius.attribute(radius.USER_NAME, b"somebody"))
        self.assertEqual(code, radius.ACCOUNTING_RESPONSE)
        self.assertEqual(ask(daemon, op="status")["counts"]["accounting_records"], 1)

    def test_unknown_client_gets_nothing(self):
        daemon = self.daemon(**{"radius.clients": "[{address: 192.0.2.1, secret: other}]"})
        with self.assertRaises(radius.Timeout):
            eap.Attach(self.client(daemon, tries=1, timeout=0.3), peer_of(world.CARD)).run()
        self.assertIn("radius.client-unknown", daemon.text())

    def test_client_with_another_secret_is_named(self):
        daemon = self.daemon(**{"radius.clients":
                                "[{address: 127.0.0.1, secret: other, name: hall}]"})
        with self.assertRaises(radius.Timeout):
            eap.Attach(self.client(daemon, tries=1, timeout=0.3), peer_of(world.CARD)).run()
        self.assertRegex(daemon.text(), r"reason=radius.message-authenticator-wrong .*"
                                        r"client_name=hall")

    def test_counter_mode(self):
        daemon = self.daemon(**{"vault.sqn": "counter", "vault.block": 2})
        peer = peer_of(world.CARD)
        for _ in range(7):
            self.assertEqual(eap.Attach(self.client(daemon), peer).run(), radius.ACCESS_ACCEPT)
        self.assertEqual(json.loads(http(daemon, "/healthz")[1])["status"], "ok")
        self.assertRegex(http(daemon, "/metrics")[1], r"latchkey_rows_written_total [1-9]")

    def test_resynchronisation(self):
        daemon = self.daemon()
        peer = peer_of(world.CARD)
        peer.usim.seq = [1 << 39] * 32      # a card with a history of its own
        self.assertEqual(eap.Attach(self.client(daemon), peer).run(), radius.ACCESS_ACCEPT)
        self.assertTrue(peer.synced)
        self.assertEqual(eap.Attach(self.client(daemon), peer).run(), radius.ACCESS_ACCEPT)

    def test_ipv6(self):
        daemon = self.daemon(**{"radius.listen": '["127.0.0.1", "::1"]',
                                "radius.clients": '[{address: "::1", secret: six}]'})
        client = self.client(daemon, host="::1", secret=b"six")
        self.assertEqual(eap.Attach(client, peer_of(world.CARD)).run(), radius.ACCESS_ACCEPT)


class Watching(DaemonCase):
    def test_no_secret_and_no_whole_imsi_in_the_log(self):
        for form in ("text", "json"):
            with self.subTest(form):
                daemon = self.daemon(**{"log.level": "debug", "log.format": form})
                peer = peer_of(world.CARD)
                eap.Attach(self.client(daemon), peer).run()
                eap.Attach(self.client(daemon), peer_of(CARDS[0])).run()     # unknown
                wrong = eap.Peer(world.CARD.imsi, bytes(16), bytes(16))
                eap.Attach(self.client(daemon), wrong).run()
                text = daemon.text()
                self.assertIn("accepted", text)
                self.assertIn("aaa.subscriber-unknown", text)
                self.assertIn("autn-rejected", text)
                node_key = daemon.command("node-key", "show").stdout.strip()
                for secret in (world.CARD.imsi, CARDS[0].imsi, world.CARD.k, world.CARD.opc,
                               "testing123", peer.msk.hex(), peer.emsk.hex(), node_key):
                    self.assertNotIn(secret, text)
                if form == "json":
                    for line in text.splitlines():
                        if line != "ready":
                            self.assertIn("event", json.loads(line))

    def test_refusal_names_reason_clause_and_fix(self):
        daemon = self.daemon()
        eap.Attach(self.client(daemon), peer_of(CARDS[0])).run()
        line = [l for l in daemon.text().splitlines() if "aaa.subscriber-unknown" in l][0]
        for word in ("clause=", "fix=", "what=", "client=127.0.0.1", "method=aka-prime"):
            self.assertIn(word, line)

    def test_metrics_parse(self):
        daemon = self.daemon()
        self.attach(daemon)
        status, text = http(daemon, "/metrics")
        self.assertEqual(status, 200)
        types, seen = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertNotIn(name, types)
                types[name] = kind
            elif not line.startswith("#"):
                found = re.fullmatch(r'([a-z_]+)(\{([a-z_]+="[^"\\]*",?)+\})? (\S+)', line)
                self.assertTrue(found, line)
                self.assertNotIn(line.rsplit(" ", 1)[0], seen)
                seen[line.rsplit(" ", 1)[0]] = float(found[4])
                base = re.sub(r"_(bucket|sum|count)$", "", found[1])
                self.assertTrue(found[1] in types or base in types, line)
        name = 'latchkey_authentications_total{method="aka-prime",result="accept",by="full"}'
        self.assertEqual(seen[name], 1)
        buckets = [v for k, v in seen.items() if "_bucket" in k]
        self.assertEqual(buckets, sorted(buckets))

    def test_health_goes_bad_with_the_store_and_comes_back(self):
        daemon = self.daemon()
        self.assertEqual(http(daemon, "/healthz")[0], 200)
        names = ["latchkey.db", "latchkey.db-wal", "latchkey.db-shm"]
        store = daemon.sets["state_dir"] / "store"
        away = self.dir / "away"
        away.mkdir()
        for name in names:
            (store / name).rename(away / name)
        world.wait_for("bad health", lambda: http(daemon, "/healthz")[0] == 503, 8)
        with self.assertRaises(radius.Timeout):
            eap.Attach(self.client(daemon, tries=1, timeout=0.5), peer_of(world.CARD)).run()
        self.assertIn("store.unavailable", daemon.text())
        for name in names:
            if (away / name).exists():
                (away / name).rename(store / name)
        world.wait_for("good health", lambda: http(daemon, "/healthz")[0] == 200, 8)
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)

    def test_health_result_is_kept_a_second(self):
        daemon = self.daemon()
        for _ in range(20):
            self.assertEqual(http(daemon, "/healthz")[0], 200)
        logins = int(re.search(r"health_logins_total (\d+)", http(daemon, "/metrics")[1])[1])
        self.assertLessEqual(logins, 4)

    def test_status(self):
        daemon = self.daemon()
        self.attach(daemon)
        done = daemon.command("status", f"--set=radius.port={daemon.port}")
        self.assertIn("1 subscriber\n", done.stdout)
        self.assertIn("a login works", done.stdout)
        daemon.stop()
        self.assertEqual(daemon.command("status", check=False).returncode, 3)

    def test_http_refuses_what_it_does_not_serve(self):
        daemon = self.daemon()
        self.assertEqual(http(daemon, "/secrets")[0], 404)
        with socket.create_connection(("127.0.0.1", daemon.sets["console.port"])) as s:
            s.sendall(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            self.assertIn(b" 405 ", s.recv(4096).splitlines()[0])


class Lasting(DaemonCase):
    """What dies, what is replaced, and who notices."""

    def test_killed_worker_is_replaced(self):
        """Y14: the gap is at most half a second; who waited is answered by the successor."""
        daemon = self.daemon(*CARDS[:4])
        traffic = [Traffic(daemon, card) for card in CARDS[:4]]
        for t in traffic:
            t.start()
        for _ in range(3):
            time.sleep(0.4)
            for worker in ask(daemon, op="status")["workers"]:
                os.kill(worker["pid"], signal.SIGKILL)
        time.sleep(1)
        for t in traffic:
            t.stop()
            self.assertEqual(t.wrong, [])
            self.assertLess(t.longest, 1.0)
        self.assertGreaterEqual(ask(daemon, op="status")["worker_restarts"], 3)

    def test_worker_that_hangs_is_replaced(self):
        daemon = self.daemon(workers=1)
        os.kill(ask(daemon, op="status")["workers"][0]["pid"], signal.SIGSTOP)
        self.assertEqual(http(daemon, "/healthz")[0], 503)
        daemon.wait_line("worker-hangs", 15)
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)

    def test_killed_vault_is_replaced(self):
        daemon = self.daemon()
        self.attach(daemon)
        os.kill(ask(daemon, op="status")["vault"]["pid"], signal.SIGKILL)
        peer = peer_of(world.CARD)
        since = time.monotonic()
        while True:
            try:
                code = eap.Attach(self.client(daemon, timeout=0.2), peer).run()
                break
            except radius.Timeout:
                self.assertLess(time.monotonic() - since, 5)
        self.assertEqual(code, radius.ACCESS_ACCEPT)
        self.assertEqual(ask(daemon, op="status")["vault_restarts"], 1)

    def test_restart_between_challenge_and_response(self):
        """Y13: nothing that a client was told is lost with the process."""
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                daemon = self.daemon()
                attach = eap.Attach(self.client(daemon), peer_of(world.CARD, method))
                self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
                children = [w["pid"] for w in ask(daemon, op="status")["workers"]]
                daemon.process.kill()
                daemon.process.wait()
                for pid in children:
                    world.wait_for("workers gone", lambda: not os.path.exists(f"/proc/{pid}"), 5)
                since = time.monotonic()
                daemon.again()
                self.assertLess(time.monotonic() - since, 2)
                self.assertEqual(attach.step(), radius.ACCESS_ACCEPT)

    def test_another_node_answers_the_second_round(self):
        first = self.daemon()
        second = self.daemon(**{"vault.node": 1})
        attach = eap.Attach(self.client(first), peer_of(world.CARD))
        self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
        key = first.where / "key"
        key.write_text(first.command("node-key", "show").stdout)
        # Another key: the State does not open.
        self.assertEqual(attach.step(self.client(second)), radius.ACCESS_REJECT)

        second.command("node-key", "set", f"@{key}")
        self.assertTrue(ask(second, op="reload")["ok"])
        attach = eap.Attach(self.client(first), peer_of(world.CARD))
        self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
        self.assertEqual(attach.step(self.client(second)), radius.ACCESS_ACCEPT)

    def test_stops_cleanly(self):
        daemon = self.daemon()
        pids = [w["pid"] for w in ask(daemon, op="status")["workers"]]
        pids.append(ask(daemon, op="status")["vault"]["pid"])
        daemon.process.terminate()
        self.assertEqual(daemon.process.wait(5), 0)
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertFalse((daemon.sets["state_dir"] / "control.sock").exists())

    def test_second_daemon_on_the_same_state_is_refused(self):
        daemon = self.daemon()
        other = world.Latchkeyd(state_dir=daemon.sets["state_dir"])
        self.addCleanup(other.stop)
        with self.assertRaises(AssertionError) as caught:
            other.start(self.dir)
        self.assertIn("another latchkeyd", str(caught.exception))
        self.assertTrue(ask(daemon, op="status")["ok"])

    def refused(self, daemon):
        """What a daemon said that did not start."""
        self.addCleanup(daemon.stop)
        with self.assertRaises(AssertionError) as caught:
            daemon.start(self.dir)
        self.assertEqual(daemon.process.wait(5), 3)
        return str(caught.exception)

    def test_second_daemon_on_the_same_ports_is_refused(self):
        """Sockets that share a port would share out the requests among both."""
        first = self.daemon()
        for name, port in (("radius.port", first.port),
                           ("radius.accounting_port", first.accounting_port)):
            with self.subTest(name):
                other = world.Latchkeyd(state_dir=self.dir / name, **{name: port})
                self.assertIn("another server is there", self.refused(other))
        self.assertEqual(self.attach(first), radius.ACCESS_ACCEPT)

    def test_lost_master_key_is_not_replaced_while_rows_need_it(self):
        daemon = self.daemon()
        daemon.stop()
        key, away = daemon.sets["state_dir"] / "master.key", self.dir / "away"
        key.rename(away)
        other = world.Latchkeyd(state_dir=daemon.sets["state_dir"])
        said = self.refused(other)
        self.assertIn("vault.master_key", said)
        self.assertIn("put it back", said)
        self.assertFalse(key.exists(), "a new key stands where the old one belongs")
        away.rename(key)
        daemon.again()
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)

    def test_address_of_another_machine_is_told_with_a_fix(self):
        self.assertIn("ip address shows",
                      self.refused(world.Latchkeyd(**{"radius.listen": "192.0.2.1"})))


class Privileges(DaemonCase):
    def test_state_of_another_user_is_left_alone(self):
        """Run as root once, and with a user then: it says what to do, and root still can."""
        self.skip_unless_root("nobody else may change its user")
        daemon = self.daemon()
        state = daemon.sets["state_dir"]
        daemon.stop()
        other = world.Latchkeyd(state_dir=state, user="nobody")
        self.addCleanup(other.stop)
        with self.assertRaises(AssertionError) as caught:
            other.start(self.dir)
        self.assertIn(f"chown 65534 {state}/node.key", str(caught.exception))
        self.assertEqual(state.stat().st_uid, 0)
        daemon.again()
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)
        daemon.stop()
        for directory in (self.dir, daemon.where):
            directory.chmod(0o755)
        daemon.sets["user"] = "nobody"
        for path in (state / "node.key", state / "store", state / "store/latchkey.db"):
            with self.assertRaises(AssertionError) as caught:
                daemon.again()
            self.assertIn(f"chown 65534 {path}", str(caught.exception))
            for file in path.parent.glob(path.name + ("*" if path.suffix == ".db" else "")):
                os.chown(file, 65534, 65534)
        daemon.again()
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)

    def test_files_are_the_owners_alone(self):
        daemon = self.daemon()
        for name in ("control.sock", "node.key", "master.key", "store", "store/latchkey.db"):
            mode = (daemon.sets["state_dir"] / name).stat().st_mode
            self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, name)

    def test_no_new_privileges_and_no_capabilities(self):
        """Y08: nobody has capabilities; no program could give any back."""
        daemon = self.daemon()
        status = ask(daemon, op="status")
        for pid in [w["pid"] for w in status["workers"]] + [status["vault"]["pid"]]:
            with open(f"/proc/{pid}/status") as f:
                text = f.read()
            self.assertRegex(text, r"NoNewPrivs:\s1")
            self.assertRegex(text, r"CapEff:\s0{16}")
            self.assertRegex(text, r"CapPrm:\s0{16}")
            self.assertRegex(text, r"Threads:\s[12]\n")

    def test_becomes_the_owner_of_the_state(self):
        """Y08: started as root, it is not root after the start."""
        self.skip_unless_root("nobody else may change its user")
        daemon = world.Latchkeyd()
        self.addCleanup(daemon.stop)
        self.dir.chmod(0o755)
        where = self.dir / "owned"
        where.mkdir()
        (where / "var").mkdir(mode=0o700)
        os.chown(where / "var", 1234, 1234)
        daemon.start(where)
        ask(daemon, op="subscriber-add", imsi=world.CARD.imsi, k=world.CARD.k, opc=world.CARD.opc)
        self.assertEqual(self.attach(daemon), radius.ACCESS_ACCEPT)
        status = ask(daemon, op="status")
        for pid in [status["pid"]] + [w["pid"] for w in status["workers"]]:
            with open(f"/proc/{pid}/status") as f:
                self.assertRegex(f.read(), r"Uid:\s1234\s1234\s1234\s1234\n")
        with open(f"/proc/{status['vault']['pid']}/status") as f:
            self.assertNotRegex(f.read(), r"Uid:.*\s(0|1234)\s")

    def test_control_socket_refuses_other_users(self):
        """A28: whoever is neither root nor the daemon's user is hung up on, whatever the mode."""
        self.skip_unless_root("nobody else may become another user")
        daemon = self.daemon()
        path = daemon.sets["state_dir"] / "control.sock"
        for directory in (self.dir, daemon.where, daemon.sets["state_dir"]):
            directory.chmod(0o755)
        path.chmod(0o777)
        code = ("import socket,os,sys\nos.setuid(65534)\ns=socket.socket(socket.AF_UNIX)\n"
                "s.connect(sys.argv[1])\ns.settimeout(3)\n"
                "try:\n s.sendall(b'{\"op\":\"status\"}\\n')\n sys.exit(len(s.recv(100)))\n"
                "except OSError:\n sys.exit(0)\n")
        done = subprocess.run(["/usr/bin/python3", "-c", code, str(path)], timeout=20)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(ask(daemon, op="status")["ok"])

    @unittest.skipIf(os.getuid() != 0, "not root: only root may see what a sealed process holds")
    def test_listens_where_it_says_and_nowhere_else(self):
        """Y29: the sockets of all its processes are those of the configuration, all on loopback."""
        daemon = self.daemon()
        status = ask(daemon, op="status")
        inodes = set()
        for pid in [status["pid"], status["vault"]["pid"]] + [w["pid"] for w in status["workers"]]:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                try:
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                except OSError:
                    continue
                inodes.add(target.removeprefix("socket:[").rstrip("]"))
        found = set()
        for table in ("udp", "tcp", "udp6", "tcp6", "raw", "raw6"):
            with open(f"/proc/net/{table}") as f:
                for line in f.readlines()[1:]:
                    words = line.split()
                    host, port = words[1].split(":")
                    connected = not words[2].startswith("00000000:0000") and \
                        not set(words[2]) <= set("0:")
                    if words[9] in inodes and not connected:
                        found.add((table, host, int(port, 16)))
        loopback = "0100007F"
        self.assertEqual(found, {("udp", loopback, daemon.port),
                                 ("udp", loopback, daemon.accounting_port),
                                 ("tcp", loopback, daemon.sets["console.port"])})


if __name__ == "__main__":
    unittest.main()

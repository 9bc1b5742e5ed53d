"""DTLS 1.2 with a pre-shared key, computed without the code under test: a client whose every record
can be made, kept, left out and sent twice, and the process that serves or dials a channel.

    client = dtls.Client(("127.0.0.1", port), b"me", key)
    client.greet()                      hello, cookie, hello, the server's flight
    client.send(client.key_exchange(), client.change(), client.finished())
    client.expect_finished()            the server's proof, checked

TLS_PSK_WITH_AES_128_GCM_SHA256 with the extended master secret only.
"""
import hashlib
import hmac
import json
import os
import queue
import re
import socket
import subprocess
import threading
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import world

PEER = world.BUILD / "tests" / "system" / "channel_peer"
CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
HELLO, SERVER_HELLO, VERIFY, DONE, KEY_EXCHANGE, FINISHED = 1, 2, 3, 14, 16, 20
PSK_GCM = b"\x00\xa8"
MASTER_SECRET = b"\x00\x17\x00\x00"
RENEGOTIATION = b"\xff\x01\x00\x01\x00"


def prefixed(size, octets):
    return len(octets).to_bytes(size, "big") + octets


def record(kind, body, epoch=0, sequence=0, version=b"\xfe\xfd"):
    return (bytes([kind]) + version + epoch.to_bytes(2, "big") + sequence.to_bytes(6, "big") +
            prefixed(2, body))


def message(kind, body, sequence, offset=0, length=None, fragment=None):
    """A handshake message, or a fragment of one that claims length."""
    fragment = body if fragment is None else fragment
    return (bytes([kind]) + (len(body) if length is None else length).to_bytes(3, "big") +
            sequence.to_bytes(2, "big") + offset.to_bytes(3, "big") + prefixed(3, fragment))


def records(datagram):
    """[(type, epoch, sequence, body)]"""
    found = []
    while datagram:
        size = int.from_bytes(datagram[11:13], "big")
        found.append((datagram[0], int.from_bytes(datagram[3:5], "big"),
                      int.from_bytes(datagram[5:11], "big"), datagram[13:13 + size]))
        datagram = datagram[13 + size:]
    return found


def prf(secret, label, seed, size):
    seed, out, a = label + seed, b"", label + seed
    while len(out) < size:
        a = hmac.new(secret, a, hashlib.sha256).digest()
        out += hmac.new(secret, a + seed, hashlib.sha256).digest()
    return out[:size]


class Client:
    def __init__(self, server, identity, key, local="127.0.0.1", port=0,
                 extensions=MASTER_SECRET + RENEGOTIATION, suites=PSK_GCM, version=b"\xfe\xfd"):
        self.identity, self.key = identity, key
        self.extensions, self.suites, self.version = extensions, suites, version
        self.random = os.urandom(32)
        self.session_id, self.compressions = b"", b"\x00"
        self.sequence = {0: 0, 1: 0}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((local, port))
        self.socket.connect(server)
        self.socket.settimeout(5)
        self.transcript = b""
        self.inbox = []         # records that came and were not looked at
        self.server_random = None

    # ---- datagrams ----

    def send(self, *parts):
        self.socket.send(b"".join(parts))

    def receive(self):
        """The next record: (type, epoch, sequence, body)."""
        if not self.inbox:
            self.inbox = records(self.socket.recv(4096))
        return self.inbox.pop(0)

    def silent(self, seconds):
        """True when nothing comes for so long."""
        self.socket.settimeout(seconds)
        try:
            self.inbox += records(self.socket.recv(4096))
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)

    def record(self, kind, body, epoch=0, version=b"\xfe\xfd"):
        sequence = self.sequence[epoch]
        self.sequence[epoch] += 1
        if epoch == 0:
            return record(kind, body, 0, sequence, version)
        salted = (1).to_bytes(2, "big") + sequence.to_bytes(6, "big")
        sealed = AESGCM(self.client_key).encrypt(
            self.client_salt + salted, body,
            salted + bytes([kind]) + version + len(body).to_bytes(2, "big"))
        return record(kind, salted + sealed, 1, sequence, version)

    def open(self, kind, sequence, body):
        salted = (1).to_bytes(2, "big") + sequence.to_bytes(6, "big")
        return AESGCM(self.server_key).decrypt(
            self.server_salt + body[:8], body[8:],
            salted + bytes([kind]) + b"\xfe\xfd" + (len(body) - 24).to_bytes(2, "big"))

    # ---- hello ----

    def hello_body(self, cookie=b""):
        return (self.version + self.random + prefixed(1, self.session_id) + prefixed(1, cookie) +
                prefixed(2, self.suites) + prefixed(1, self.compressions) +
                prefixed(2, self.extensions))

    def hello(self, cookie=b"", sequence=0):
        return self.record(HANDSHAKE, message(HELLO, self.hello_body(cookie), sequence),
                           version=b"\xfe\xff")

    def cookie(self):
        """What comes back for a hello."""
        kind, epoch, _, body = self.receive()
        if (kind, epoch, body[0]) != (HANDSHAKE, 0, VERIFY):
            raise AssertionError(f"no cookie but a record of type {kind}: {body.hex()}")
        return body[15:15 + body[14]]

    def greet(self):
        self.send(self.hello())
        self.greet_with(self.cookie())

    def greet_with(self, cookie):
        self.cookie_used = cookie
        self.send(self.hello(cookie, 1))
        self.transcript = message(HELLO, self.hello_body(cookie), 1)
        while True:
            kind, epoch, _, body = self.receive()
            if (kind, epoch) != (HANDSHAKE, 0):
                raise AssertionError(f"record of type {kind} in the server's flight: {body.hex()}")
            if body[0] == VERIFY:
                continue        # of a hello that was sent twice
            self.transcript += body
            if body[0] == SERVER_HELLO:
                self.server_random = body[14:46]
            if body[0] == DONE:
                return

    # ---- the last flight ----

    def key_exchange_body(self):
        return prefixed(2, self.identity)

    def key_exchange_took_place(self):
        """Derives what the ClientKeyExchange leads to; once."""
        self.transcript += message(KEY_EXCHANGE, self.key_exchange_body(), 2)
        premaster = prefixed(2, bytes(len(self.key))) + prefixed(2, self.key)
        self.master = prf(premaster, b"extended master secret",
                          hashlib.sha256(self.transcript).digest(), 48)
        block = prf(self.master, b"key expansion", self.server_random + self.random, 40)
        self.client_key, self.server_key = block[:16], block[16:32]
        self.client_salt, self.server_salt = block[32:36], block[36:40]
        self.verify = prf(self.master, b"client finished",
                          hashlib.sha256(self.transcript).digest(), 12)

    def key_exchange(self):
        if not hasattr(self, "master"):
            self.key_exchange_took_place()
        return self.record(HANDSHAKE, message(KEY_EXCHANGE, self.key_exchange_body(), 2))

    def change(self):
        return self.record(CHANGE, b"\x01")

    def finished(self, spoilt=False):
        verify = bytes(12) if spoilt else self.verify
        return self.record(HANDSHAKE, message(FINISHED, verify, 3), epoch=1)

    def last_flight(self):
        return [self.key_exchange(), self.change(), self.finished()]

    def expect_finished(self):
        kind, epoch, _, body = self.receive()
        while (kind, epoch) == (HANDSHAKE, 0):
            kind, epoch, _, body = self.receive()   # its flight again
        if (kind, epoch) != (CHANGE, 0):
            raise AssertionError(f"record of type {kind} instead of a ChangeCipherSpec: "
                                 f"{body.hex()}")
        kind, epoch, sequence, body = self.receive()
        told = self.open(kind, sequence, body)
        want = prf(self.master, b"server finished", hashlib.sha256(
            self.transcript + message(FINISHED, self.verify, 3)).digest(), 12)
        if (kind, epoch) != (HANDSHAKE, 1) or told[12:] != want:
            raise AssertionError("the server's Finished does not prove the key")

    def data(self, octets):
        return self.record(DATA, octets, epoch=1)

    def expect_data(self):
        while True:
            kind, epoch, sequence, body = self.receive()
            if (kind, epoch) == (DATA, 1):
                try:
                    return self.open(kind, sequence, body)
                except InvalidTag:
                    continue

    def connect(self):
        self.greet()
        self.send(*self.last_flight())
        self.expect_finished()
        return self

    def close(self):
        self.socket.close()


class Peer:
    """channel_peer, with its lines as events: (seconds, words)."""

    def __init__(self, kind, *options, port=None):
        self.kind, self.options, self.port = kind, options, port

    def start(self, where):
        self.port = self.port or world.free_port()
        self.launch([PEER, self.kind, "--port", self.port, *self.options])
        self.wait("ready")

    def launch(self, command):
        self.process = subprocess.Popen(
            [*map(str, command)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=1)
        self.events = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.events.put((time.monotonic(), line.split()))

    @property
    def address(self):
        return "127.0.0.1", self.port

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")

    def wait(self, *want, seconds=10):
        """The next event that begins with these words; (when, words). Others are kept."""
        end = time.monotonic() + seconds
        for i, (_, words) in enumerate(self.seen):
            if words[:len(want)] == list(want):
                return self.seen.pop(i)
        while True:
            try:
                event = self.events.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                said = [" ".join(words) for _, words in self.seen[-8:]]
                raise AssertionError(f"no '{' '.join(want)}' from {self.kind}; it said "
                                     f"{said}") from None
            if event[1][:len(want)] == list(want):
                return event
            self.seen.append(event)

    def said(self, word):
        """How many events of that kind there are so far; all is asked for to be sure."""
        self.stats()
        return sum(words[:1] == [word] for _, words in self.seen)

    def stats(self):
        self.say("stats")
        return json.loads(" ".join(self.wait("stats")[1][1:]))

    def key(self, identity, key):
        self.say("key", identity, key.hex())

    def stop(self):
        if self.process.poll() is None:
            try:
                self.say("quit")
                self.process.wait(5)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Openssl:
    """openssl s_client; octets are what was said in the session after it came up."""

    UP = rb"Extended master secret: \w+\n---\n"

    def __init__(self, server, identity, key, cipher, *words):
        self.run = subprocess.Popen(
            [world.need("openssl"), "s_client", "-psk_identity", identity, "-psk", key.hex(),
             "-cipher", cipher, "-connect", f"{server[0]}:{server[1]}", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.run.stdout.fileno(), False)
        self.out = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.run.poll() is None:
            self.run.stdin.close()
            try:
                self.run.wait(1)
            except subprocess.TimeoutExpired:
                self.run.kill()
                self.run.wait()
        self.out += self.run.stdout.read() or b""
        self.run.stdout.close()

    def until(self, true, seconds):
        """Reads until true(), until the time is up, or until it has ended."""
        end = time.monotonic() + seconds
        while not true() and time.monotonic() < end and self.run.poll() is None:
            self.out += self.run.stdout.read() or b""
            time.sleep(0.01)
        return true()

    def up(self, seconds):
        return self.until(lambda: re.search(self.UP, self.out), seconds)

    def say(self, octets):
        self.run.stdin.write(octets)
        self.run.stdin.flush()

    @property
    def octets(self):
        found = re.search(self.UP, self.out)
        return self.out[found.end():] if found else b""


def s_client(server, identity, key, cipher, *words, seconds=5, say="hello\n", until=None):
    """One run of openssl s_client; what it printed. It gets its text once the session is up."""
    with Openssl(server, identity, key, cipher, *words) as client:
        if client.up(seconds):
            client.say(say.encode())
            last = (until or say).strip().encode()
            client.until(lambda: client.out.rstrip().endswith(last), seconds)
    return client.out.decode(errors="replace")

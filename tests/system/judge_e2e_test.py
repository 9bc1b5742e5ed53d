"""End-to-end keys against another hand: tests/lib/noise.py is held to the published vectors, and
ours to it. An application in Python speaks with a server made of the installed liblatchkey-e2e, and
a server in Python with an application made of it. A stranger would build both so: by
pkg-config.
"""
import json
import os
import secrets
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import e2e
import noise
import world
from e2e import (ALERT, CLIENT_KEY, CLOSE, DATA, FINISH, HELLO, N, P, REPLY, RESUMED, TICKET, Wire)

SAMPLE = world.TOP / "tests" / "system" / "e2e_sample"
# What is around the ten lines, and in their middle: two questions, the second after the answer.
AROUND = """#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <latchkey/e2e.h>
#include "hex.h"
int main(int argc, char **argv)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(atoi(argv[1])) };
    uint8_t pinned[32], p[32], octets[LK_E2E_OUTPUT_MAX];
    int fd = socket(AF_INET, SOCK_STREAM, 0), answers = 0, asked = 0;
    ssize_t n;
    if (!hex(pinned, argv[2]) || !hex(p, argv[3]) || connect(fd, (void *)&to, sizeof to) != 0)
        return 2;
    %s
    return 1;
}
"""
ASKS = """{
    char data[100];
    size_t got = lk_e2e_read(end, data, sizeof data);
    if (got > 0) {
        printf("%.*s\\n", (int)got, data);
        if (++answers == 2)
            return 0;
    }
    if (asked == answers && lk_e2e_write(end, argv[4 + asked], strlen(argv[4 + asked])))
        asked++;
}"""
FQDN, APP, UA = "app.example", "notes", bytes.fromhex("0100000002")


class JudgeE2eTest(world.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.programs = Path(folder.name)
        cls.build()

    def setUp(self):
        super().setUp()
        self.server_secret, self.app_key = secrets.token_bytes(32), secrets.token_bytes(32)
        self.ks_naf, self.client_secret = secrets.token_bytes(32), secrets.token_bytes(32)

    @classmethod
    def build(cls):
        """Installs, and builds the samples by the pkg-config file alone."""
        root = cls.programs / "root"
        cls.run_ok(["meson", "install", "-C", str(world.BUILD), "--no-rebuild"],
                   DESTDIR=str(root))
        folder = next(root.rglob("latchkey-e2e.pc")).parent
        flags = cls.run_ok(["pkg-config", "--cflags", "--libs", "latchkey-e2e"],
                           PKG_CONFIG_PATH=str(folder), PKG_CONFIG_SYSROOT_DIR=str(root)).split()
        for name in ("client", "server"):
            cls.run_ok(["cc", "-std=c11", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Werror",
                        "-Wno-unused-parameter", str(SAMPLE / f"{name}.c"), *flags, "-o", name])
        for name, lines in (("page", cls.lines_of_the_page()), ("header", cls.lines_of_header())):
            (cls.programs / f"{name}.c").write_text(AROUND % (lines.replace(
                "{ /* lk_e2e_read, lk_e2e_write */ }", ASKS)))
            cls.run_ok(["cc", "-std=c11", "-D_DEFAULT_SOURCE", f"-I{SAMPLE}", f"{name}.c", *flags,
                        "-o", name])

    @staticmethod
    def lines_of_the_page():
        return (world.TOP / "docs/rooms/e2e.md").read_text().split("```c\n")[1].split("```")[0]

    @staticmethod
    def lines_of_header():
        """With the page's setup; and the words beside the code are comments."""
        text = (world.TOP / "src/e2e/latchkey/e2e.h").read_text()
        loop = text[text.index("for (;;)"):text.index("lk_e2e_free(end);")].replace(" * ", "")
        loop = loop.replace("... lk_e2e_read(end, data, room), lk_e2e_write(end, data, len) ...",
                            "{ /* lk_e2e_read, lk_e2e_write */ }")
        loop = loop.replace("lk_e2e_why(end) says why", "")
        page = JudgeE2eTest.lines_of_the_page()
        return page[:page.index("for (;;)")] + loop

    @classmethod
    def run_ok(cls, command, **environment):
        done = subprocess.run(command, cwd=cls.programs, text=True, capture_output=True,
                              timeout=120, env={**os.environ, **environment})
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def serve(self):
        """The sample server; its port."""
        self.server = subprocess.Popen(
            [self.programs / "server", self.server_secret.hex(), self.app_key.hex(),
             self.ks_naf.hex(), noise.public(self.client_secret).hex()],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        return int(self.server.stdout.readline())

    def test_the_lines_of_the_page_and_the_samples(self):
        """A second question leaves when it is asked, not when something comes."""
        port = self.serve()
        for name in ("client", "page", "header"):
            with self.subTest(name):
                done = subprocess.run(
                    [self.programs / name, str(port), noise.public(self.server_secret).hex(),
                     self.app_key.hex(), "one", "two"], capture_output=True, text=True, timeout=5)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(done.stdout.split()[:2], ["one", "two"])

    def shake(self, port, flags, psk, who):
        """An application in Python: its wire, open; the handshake."""
        wire = Wire(socket.create_connection(("127.0.0.1", port), timeout=10))
        self.addCleanup(wire.hang_up)
        keys = {"e": secrets.token_bytes(32)}
        if flags & CLIENT_KEY:
            keys["c"] = self.client_secret
        shake = noise.Noise("IKpsk2" if flags & CLIENT_KEY else "NKpsk2",
                            e2e.prologue(flags, FQDN, APP), psk,
                            {"s": noise.public(self.server_secret)}, **keys)
        wire.send(HELLO, bytes([1, flags]) + e2e.scope(FQDN, APP) + shake.say(who))
        kind, body = wire.frame()
        if kind != REPLY:
            wire.hang_up()
            return wire, body
        try:
            self.assertEqual(shake.hear(body), b"")
        except ValueError:
            wire.hang_up()
            raise
        wire.open(*shake.split())
        wire.say(FINISH)
        return wire, shake

    def psk(self, flags):
        n = e2e.n_of("ks_naf", self.ks_naf, FQDN, APP, UA) if flags & N else None
        return e2e.psk_of(FQDN, APP, self.app_key if flags & P else None, n)

    def test_published_vectors(self):
        """The judge itself is right."""
        for v in json.loads((world.TOP / "tests/vectors/noise.json").read_text())["vectors"]:
            v = {key: bytes.fromhex(value) if key not in ("id", "pattern", "messages") else value
                 for key, value in v.items()}
            keys = {name: v[key] for name, key in (("s", "resp_static"), ("c", "init_static"),
                                                   ("e", "init_ephemeral"),
                                                   ("f", "resp_ephemeral")) if v[key]}
            shake = noise.Noise(v["pattern"], v["prologue"], v["psk"], **keys)
            said = [bytes.fromhex(m["octets"]) for m in v["messages"]]
            payloads = [bytes.fromhex(m["payload"]) for m in v["messages"]]
            count = len(shake.messages)
            self.assertEqual([shake.say(p) for p in payloads[:count]], said[:count], v["id"])
            self.assertEqual([noise.seal(k, 0, b"", p)
                              for k, p in zip(shake.split(), payloads[count:])], said[count:])

    def test_applications_in_python_with_our_server(self):
        port = self.serve()
        for flags in (P, N | P, P | CLIENT_KEY, N | P | CLIENT_KEY):
            who = e2e.who(1, b"cmFuZA==@bsf.example", b"ann") if flags & N else \
                e2e.who(0, b"", b"ann")
            wire, shake = self.shake(port, flags, self.psk(flags), who)
            kind, ticket = wire.hear()
            self.assertEqual((kind, len(ticket)), (TICKET, 58))
            for text in (b"one", b"two" * 5000):
                wire.say(DATA, text)
                self.assertEqual(wire.hear(), (DATA, text))
            wire.say(CLOSE)
            self.assertEqual(self.server.stdout.readline(), "none\n")

            resumption = e2e.resumption_of(e2e.exporter_of(shake.ck, shake.h), FQDN, APP, flags)
            for _ in range(2): # what a resumed session leaves, too
                wire, shake = self.shake(port, flags | RESUMED,
                                         e2e.psk_of(FQDN, APP, resumption=resumption),
                                         e2e.who(3, ticket, b"ann"))
                kind, ticket = wire.hear()
                self.assertEqual(kind, TICKET)
                wire.say(DATA, b"again")
                self.assertEqual(wire.hear(), (DATA, b"again"))
                wire.say(CLOSE)
                self.assertEqual(self.server.stdout.readline(), "none\n")
                resumption = e2e.resumption_of(e2e.exporter_of(shake.ck, shake.h), FQDN, APP,
                                               flags)
            # T63: with a ticket that was given to somebody else, the REPLY is under another psk.
            with self.assertRaises(ValueError):
                self.shake(port, flags | RESUMED, e2e.psk_of(FQDN, APP, resumption=resumption),
                           e2e.who(3, ticket, b"bob"))
            self.assertEqual(self.server.stdout.readline(), "none\n") # it hung up

    def test_the_curious_operator(self):
        """T61: an operator with Ks_NAF is no application to the server; and its offer without what
        the application requires is refused."""
        port = self.serve()
        with self.assertRaises(ValueError):
            self.shake(port, N | P, self.psk(N), e2e.who(1, b"cmFuZA==@bsf.example", b"ann"))
        wire, body = self.shake(port, N, self.psk(N),
                                e2e.who(1, b"cmFuZA==@bsf.example", b"ann"))
        self.assertEqual(body, bytes([4])) # e2e.policy
        self.assertEqual([self.server.stdout.readline() for _ in range(2)],
                         ["none\n", "e2e.policy\n"])

    def answer(self, listener, secret, psk):
        """A server in Python, for one application."""
        wire = Wire(listener.accept()[0])
        with wire.connection, wire.socket:
            kind, body = wire.frame()
            offer = 2 + len(e2e.scope(FQDN, APP))
            shake = noise.Noise("NKpsk2", b"latchkey-e2e-handshake-1" + body[:offer], psk,
                                s=secret, f=secrets.token_bytes(32))
            self.heard = kind, body[:offer], shake.hear(body[offer:])
            wire.send(REPLY, shake.say(b""))
            wire.open(*reversed(shake.split()))
            kind, text = wire.frame()
            if kind == ALERT:
                self.heard = kind, text
                return
            self.finish = kind, noise.unseal(wire.keys["takes"], 0,
                                             wire.header("takes", kind, 16), text[10:])
            wire.numbers["takes"] = 1
            kind, text = wire.hear()
            wire.say(DATA, text[::-1])
            self.closed = wire.hear()
            wire.say(CLOSE)

    def talk(self, secret, psk):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(10)
            thread = threading.Thread(target=self.answer, args=(listener, secret, psk))
            thread.start()
            done = subprocess.run(
                [self.programs / "client", str(listener.getsockname()[1]),
                 noise.public(self.server_secret).hex(), self.app_key.hex(), "hello"],
                capture_output=True, text=True, timeout=20)
            thread.join()
        return done

    def test_our_application_with_a_server_in_python(self):
        done = self.talk(self.server_secret, self.psk(P))
        self.assertEqual(self.heard, (HELLO, bytes([1, P]) + e2e.scope(FQDN, APP),
                                      e2e.who(0, b"", b"ann")))
        self.assertEqual(self.finish, (FINISH, b""))
        self.assertEqual(self.closed, (CLOSE, b""))
        self.assertEqual((done.returncode, done.stdout), (0, "olleh\nnone\n"))

    def test_a_server_without_the_applications_key(self):
        """T61: it has the server's own key, and not P: our application says why, and no more."""
        done = self.talk(self.server_secret, e2e.psk_of(FQDN, APP))
        self.assertEqual(self.heard, (ALERT, bytes([7]))) # e2e.unproven
        self.assertEqual((done.returncode, done.stdout), (1, "e2e.unproven\n"))


if __name__ == "__main__":
    world.unittest.main()

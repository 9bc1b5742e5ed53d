"""Links between points of service against OpenSSL: TLS 1.3 and certificates, or none."""
import socket
import subprocess
import threading
import unittest

import pos_test
import world
from pos_test import B


class TlsTest(pos_test.Pos):
    def openssl(self, *words, who="b"):
        """Another PoS, B, made of OpenSSL."""
        path = self.certificates.path
        process = subprocess.Popen([world.need("openssl"), *map(str, words), "-cert", path(who),
                                    "-key", path(who, "key"), "-CAfile", path("ca")], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait, 5)
        self.addCleanup(process.kill)
        return process

    def test_who_calls_with_tls_1_2_is_refused(self):
        """T46: and told so, by an alert and in the log; 1.3 is the control run.
        spec: RFC 8446 D.2 - protocol_version."""
        self.pos(lambda: [self.point("c", "b")])
        at = f"127.0.0.1:{self.link['c']}"
        said = self.openssl("s_client", "-connect", at, "-tls1_2").communicate(timeout=10)[0]
        self.assertIn("alert protocol version", said)
        self.daemon.wait_line(r"pos-link-stranger .*why=version detail=\"it has no TLS 1.3\"")
        self.assertEqual(set(self.links().values()), {False})
        self.openssl("s_client", "-connect", at, "-tls1_3")
        self.daemon.wait_line(rf"pos-link-up .*partner={B}")

    def called(self, version, who="b"):
        self.link = {"b": world.free_port(pos_test.socket.SOCK_STREAM)}
        self.openssl("s_server", "-accept", f"127.0.0.1:{self.link['b']}", version, "-Verify", "1",
                     "-quiet", who=who)
        ports = self.link

        def points():
            self.link = {**self.link, **ports}
            return [self.point("a", "b")]
        self.pos(points)

    def test_who_is_called_with_tls_1_2_is_refused(self):
        """T46: where we are the client."""
        self.called("-tls1_2")
        self.daemon.wait_line(rf"pos-link-lost .*partner={B} .*why=(version|alert) .*ersion")
        self.assertEqual(set(self.links().values()), {False})

    def test_who_is_called_with_tls_1_3(self):
        """The control run."""
        self.called("-tls1_3")
        self.daemon.wait_line(rf"pos-link-up .*partner={B}")

    def test_strangers_silence_no_partner(self):
        """T44: however many strangers a log has, it tells that a partner's link is up."""
        self.pos(lambda: [self.point("c", "b")])
        over = threading.Event()

        def strangers():
            while not over.is_set():
                with socket.create_connection(("127.0.0.1", self.link["c"]), 5) as stranger:
                    stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    stranger.recv(100)
        flood = threading.Thread(target=strangers)
        flood.start()
        try:
            self.daemon.wait_line(r"pos-link-stranger .*left_out=\d")
            self.openssl("s_client", "-connect", f"127.0.0.1:{self.link['c']}", "-tls1_3")
            self.daemon.wait_line(rf"pos-link-up .*partner={B}")
        finally:
            over.set()
            flood.join(10)

    def test_a_name_that_steers_a_terminal(self):
        """What a certificate says is shown as text: no escape, no line of its own."""
        self.certificates.make("steers", "x\x1b[31mred\nfake", alt=False)
        self.called("-tls1_3", "steers")
        self.daemon.wait_line(rf"pos-link-lost .*partner={B} .*mis.link-name")
        shown = self.daemon.command("pos", "links").stdout
        self.assertNotRegex(shown, r"[^ -~\n]|\nfake")
        self.assertIn(r"x\x1b[31mred\x0afake", shown)


if __name__ == "__main__":
    unittest.main()

"""RADIUS over TLS: radsecproxy before our server, and strangers of every kind."""
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import time
import urllib.request

import radius
import radsec
import world

AAA, PROXY = "aaa.example.org", "proxy.example.org"


def metric(daemon, reason):
    url = f"http://127.0.0.1:{daemon.sets['console.port']}/metrics"
    text = urllib.request.urlopen(url, timeout=5).read().decode()
    found = re.search(rf'^latchkey_refused_total{{role="aaa",reason="{re.escape(reason)}"}} (\d+)$',
                      text, re.M)
    return int(found[1]) if found else None


class RadsecCase(world.Case):
    """A daemon that serves TLS, with certificates of all kinds at hand."""

    peers = f"    - {{name: proxy, certificate: {PROXY}}}\n"

    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.folder = tempfile.mkdtemp(prefix="lk-certificates-")
        os.chmod(cls.folder, 0o755)
        cls.certificates = c = radsec.Certificates(cls.folder)
        for ca in ("ca", "other-ca"):
            c.ca(ca)
        c.make("aaa", AAA, use="serverAuth")
        c.make("proxy", PROXY)
        c.make("plain", PROXY, alt=False, use=None)
        c.make("stranger", "stranger.example.org")
        c.make("other", PROXY, ca="other-ca")
        c.make("server-only", PROXY, use="serverAuth")
        c.make("expired", PROXY, days=-1)
        for key in c.where.glob("*.key"):
            key.chmod(0o644)

    @classmethod
    def tearDownClass(cls):
        import shutil
        shutil.rmtree(cls.folder, True)

    def config(self, peers=None, more=""):
        c = self.certificates
        path = self.dir / "radsec.yaml"
        path.write_text(f"""roles: [aaa, vault]
workers: 2
radsec:
  listen: 127.0.0.1
  port: {self.tls_port}
  certificate: {c.path("aaa")}
  key: {c.path("aaa", "key")}
  ca: {c.path("ca")}
  peers:
{peers if peers is not None else self.peers}{more}""")
        return path

    def daemon(self, peers=None, more=""):
        self.tls_port = world.free_port(socket.SOCK_STREAM)
        daemon = world.Latchkeyd()
        config = self.config(peers, more)
        start = daemon.start

        def start_with(where):
            again = daemon.again

            def again_with():
                daemon.config = config
                again()
            daemon.again = again_with
            start(where)
        daemon.start = start_with
        self.start(daemon)
        daemon.add(world.CARD)
        return daemon

    def context(self, stem="proxy", ca="ca", minimum=ssl.TLSVersion.TLSv1_2,
                maximum=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version, context.maximum_version = minimum, maximum
        context.load_verify_locations(self.certificates.path(ca))
        if stem:
            context.load_cert_chain(self.certificates.path(stem),
                                    self.certificates.path(stem, "key"))
        return context

    def connect(self, stem="proxy", **words):
        raw = socket.create_connection(("127.0.0.1", self.tls_port), timeout=5)
        return self.context(stem, **words).wrap_socket(raw, server_hostname=AAA)

    def status(self, stream, identifier=1, secret=b"radsec"):
        """Status-Server, and its answer."""
        authenticator = os.urandom(16)
        stream.sendall(status_server(secret, identifier, authenticator))
        answer = read_packet(stream)
        self.assertEqual(answer[:2], bytes([radius.ACCESS_ACCEPT, identifier]))
        return answer


def status_server(secret, identifier, authenticator):
    packet = bytearray(radius.access_request(secret, identifier, authenticator, b""))
    packet[0] = radius.STATUS_SERVER
    packet[22:38] = bytes(16)
    packet[22:38] = radius.hmac.new(secret, bytes(packet), radius.hashlib.md5).digest()
    return bytes(packet)


def read_packet(stream):
    octets = b""
    while len(octets) < 4 or len(octets) < struct.unpack("!H", octets[2:4])[0]:
        more = stream.recv(4096)
        if not more:
            raise EOFError
        octets += more
    return octets


class Judge(RadsecCase):
    def proxy(self, port, stem="proxy"):
        udp = world.free_port()
        proxy = self.start(radsec.Radsecproxy(f"""ListenUDP 127.0.0.1:{udp}
{radsec.tls_block(self.certificates, stem)}
client 127.0.0.1 {{
    type udp
    secret {world.SECRET}
}}
server aaa {{
    host 127.0.0.1
    port {port}
    type tls
    secret radsec
    StatusServer on
    MatchCertificateAttribute SubjectAltName:DNS:/^{re.escape(AAA)}$/
    CertificateNameCheck off
}}
realm * {{
    server aaa
    accountingServer aaa
}}
"""))
        proxy.port = udp
        proxy.ready()
        return proxy

    def test_radsecproxy_brings_a_full_attach(self):
        """spec: RFC 6614 2.1 - all kinds of packets on one port; eapol_test - radsecproxy - TLS."""
        daemon = self.daemon()
        proxy = self.proxy(self.tls_port)
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                run = world.eapol_test(self, proxy, world.CARD, method)
                self.assertTrue(run.success, run.text()[-2500:])
                self.assertEqual((run.keys_ok, run.asked), (1, ["ok"]))
        self.assertRegex(daemon.text(), r"accepted.*client_name=proxy")
        self.accounting(daemon, proxy)

    def accounting(self, daemon, proxy):
        done = subprocess.run([world.need("radclient"), "-x", f"127.0.0.1:{proxy.port}", "acct",
                               world.SECRET], text=True, capture_output=True, timeout=20,
                              input="Acct-Status-Type=Start,Acct-Session-Id=a1,User-Name=x\n")
        self.assertIn("Accounting-Response", done.stdout, done.stdout + done.stderr)


if __name__ == "__main__":
    world.unittest.main()

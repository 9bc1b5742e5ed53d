"""RADIUS over TLS for tests: certificates by openssl, radsecproxy, a man in the middle of TCP."""
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

import radius
import world


class Certificates:
    """A folder of certificates; each name.crt has its key in name.key."""

    def __init__(self, where):
        self.where = Path(where)
        self.where.mkdir(parents=True, exist_ok=True)

    def openssl(self, *words):
        done = subprocess.run([world.need("openssl"), *map(str, words)], cwd=self.where, text=True,
                              capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(f"openssl {' '.join(map(str, words))}:\n{done.stderr}")
        return done.stdout

    def path(self, stem, kind="crt"):
        return self.where / f"{stem}.{kind}"

    def _key(self, stem):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{stem}.key")

    def ca(self, stem):
        self._key(stem)
        self.openssl("req", "-x509", "-new", "-key", f"{stem}.key", "-subj", f"/CN={stem}", "-days",
                     "30", "-out", f"{stem}.crt", "-addext", "keyUsage=critical,keyCertSign")

    def make(self, stem, name, ca="ca", days=30, alt=True, use="clientAuth,serverAuth"):
        """alt: whether name is a DNS name of it too; or the alternative names, as openssl has
        them."""
        self._key(stem)
        self.openssl("req", "-new", "-key", f"{stem}.key", "-subj", f"/CN={name}", "-out",
                     f"{stem}.csr")
        more = f"extendedKeyUsage={use}\n" if use else ""
        alt = f"DNS:{name}" if alt is True else alt
        more += f"subjectAltName={alt}\n" if alt else ""
        self.path(stem, "ext").write_text(f"basicConstraints=CA:FALSE\n{more}")
        self.openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", f"{ca}.crt", "-CAkey",
                     f"{ca}.key", "-CAcreateserial", "-days", str(days), "-extfile",
                     f"{stem}.ext", "-out", f"{stem}.crt")

    def fingerprint(self, stem):
        text = self.openssl("x509", "-in", f"{stem}.crt", "-noout", "-fingerprint", "-sha256")
        return text.split("=")[1].strip()


class Radsecproxy(world.Process):
    """radsecproxy with one client side and one server side."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.secret, self.host = world.SECRET, "127.0.0.1"

    def start(self, where):
        self.where = where
        (where / "radsecproxy.conf").write_text(self.config)
        self.spawn([world.need("radsecproxy"), "-f", "-d", "4", "-c", where / "radsecproxy.conf"],
                   "radsecproxy", where)

    def ready(self, pattern=r"createlistener: listening", seconds=10.0):
        self.wait_line(pattern, seconds)


def tls_block(certificates, stem, ca="ca"):
    return f"""tls default {{
    CACertificateFile {certificates.path(ca)}
    CertificateFile {certificates.path(stem)}
    CertificateKeyFile {certificates.path(stem, "key")}
}}
"""


class TcpRelay(threading.Thread):
    """Between a client and a server of TCP; keeps every octet that passes."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.server_port = port
        self.heard = bytearray()
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(16)
        self.port = self.listening.getsockname()[1]
        self.open = []

    def start(self, where=None):
        super().start()

    def run(self):
        while True:
            try:
                client, _ = self.listening.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                return
            self.open += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    def pass_on(self, one, other):
        try:
            while octets := one.recv(65536):
                self.heard += octets
                other.sendall(octets)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        for each in [self.listening, *self.open]:
            each.close()


class Client(radius.Client):
    """A RADIUS client over TLS: stream is a connected TLS socket."""

    def __init__(self, stream, secret=b"radsec", timeout=5.0):
        self.socket, self.secret, self.timeout = stream, secret, timeout
        self.identifier = 0

    def packet(self):
        """The next packet; b"" at the end of the stream."""
        self.socket.settimeout(self.timeout)
        octets = b""
        while len(octets) < 4 or len(octets) < int.from_bytes(octets[2:4], "big"):
            want = 4 - len(octets) if len(octets) < 4 else \
                int.from_bytes(octets[2:4], "big") - len(octets)
            more = self.socket.recv(want)
            if not more:
                return b""
            octets += more
        return octets

    def raw(self, packet, tries=None, timeout=None):
        self.socket.sendall(packet)
        answer = self.packet()
        if answer[1:2] != packet[1:2]:
            raise radius.Wrong(f"an answer to another request: {answer[:20].hex()}")
        return answer

    def status(self):
        """True when Status-Server is answered, with a right Message-Authenticator."""
        authenticator = os.urandom(16)
        packet = status_server(self.secret, self.next_identifier(), authenticator)
        code, _, _ = radius.check_response(self.secret, authenticator, self.raw(packet))
        return code == radius.ACCESS_ACCEPT


def status_server(secret, identifier, authenticator):
    packet = struct.pack("!BBH", radius.STATUS_SERVER, identifier, 38) + authenticator
    packet += radius.attribute(radius.MESSAGE_AUTHENTICATOR, bytes(16))
    return packet[:22] + hmac.new(secret, packet, hashlib.md5).digest()

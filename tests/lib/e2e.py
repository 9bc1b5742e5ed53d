"""End-to-end keys by another hand: what goes into a handshake and what comes out of it."""
import noise
from noise import expand, extract

HELLO, REPLY, FINISH, DATA, TICKET, CLOSE, ALERT = range(1, 8)
N, P, CLIENT_KEY, RESUMED = 1, 2, 4, 8


def scope(fqdn, app):
    return bytes([len(fqdn)]) + fqdn.encode() + bytes([len(app)]) + app.encode()


def n_of(source, key, fqdn, app, ua):
    """source: ks_naf or k_af; ua: the five octets of the protocol."""
    number = {"ks_naf": 1, "k_af": 2}[source]
    label = b"latchkey-e2e-n-1"
    return expand(extract(label, key), label + bytes([number]) + ua + scope(fqdn, app), 32)


def psk_of(fqdn, app, p=None, n=None, resumption=None):
    """None is absent."""
    inputs = b"".join(bytes([value is not None]) + len(value or b"").to_bytes(2, "big")
                      + (value or b"") for value in (p, n, resumption))
    return expand(extract(b"latchkey-e2e-psk-1", inputs), scope(fqdn, app), 32)


def exporter_of(ck, h):
    return extract(ck, b"latchkey-e2e-exporter-1" + h)


def resumption_of(exporter, fqdn, app, flags):
    return expand(exporter, b"latchkey-e2e-resumption-1" + bytes([flags]) + scope(fqdn, app), 32)


def export(exporter, label, context, length):
    info = b"latchkey-e2e-export-1" + bytes([len(label)]) + label + bytes([len(context)]) + context
    return expand(exporter, info + bytes([length]), length)


def prologue(flags, fqdn, app):
    return b"latchkey-e2e-handshake-1" + bytes([1, flags]) + scope(fqdn, app)


def who(kind, key_id, identity):
    return (bytes([kind]) + len(key_id).to_bytes(2, "big") + key_id
            + bytes([len(identity)]) + identity)


class Wire:
    """Frames and records over a socket, as one end."""

    def __init__(self, connection):
        self.socket, self.connection = connection.makefile("rb"), connection
        connection.settimeout(10)

    def hang_up(self):
        self.socket.close()
        self.connection.close()

    def frame(self):
        head = self.socket.read(3)
        return (head[0], self.socket.read(int.from_bytes(head[1:], "big"))) if head else (0, b"")

    def send(self, kind, body):
        self.connection.sendall(bytes([kind]) + len(body).to_bytes(2, "big") + body)

    def open(self, sends, takes):
        self.keys, self.numbers = {"sends": sends, "takes": takes}, {"sends": 0, "takes": 0}

    def header(self, way, kind, length):
        body = bytes(2) + self.numbers[way].to_bytes(8, "big")
        return bytes([kind]) + (len(body) + length).to_bytes(2, "big") + body

    def say(self, kind, text=b""):
        header = self.header("sends", kind, len(text) + 16)
        self.connection.sendall(header + noise.seal(self.keys["sends"], self.numbers["sends"],
                                                    header, text))
        self.numbers["sends"] += 1

    def hear(self):
        kind, body = self.frame()
        header = self.header("takes", kind, len(body) - 10)
        text = noise.unseal(self.keys["takes"], self.numbers["takes"], header, body[10:])
        self.numbers["takes"] += 1
        return kind, text

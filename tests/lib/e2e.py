"""End-to-end keys by another hand: what goes into a handshake and what comes out of it; sessions,
tickets and parcels."""
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

import noise
from noise import expand, extract

HELLO, REPLY, FINISH, DATA, TICKET, CLOSE, ALERT, PARCEL = range(1, 9)
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


def offer(flags, fqdn, app):
    return bytes([1, flags]) + scope(fqdn, app)


def prologue(flags, fqdn, app):
    return b"latchkey-e2e-handshake-1" + offer(flags, fqdn, app)


def who(kind, key_id, identity):
    return (bytes([kind]) + len(key_id).to_bytes(2, "big") + key_id
            + bytes([len(identity)]) + identity)


def frame(kind, body):
    return bytes([kind]) + len(body).to_bytes(2, "big") + body


def record(key, kind, number, text=b""):
    """In the first epoch."""
    header = bytes([kind]) + (10 + len(text) + 16).to_bytes(2, "big") + bytes(2) \
        + number.to_bytes(8, "big")
    return header + noise.seal(key, number, header, text)


def holder(fqdn, app, identity, client_key=bytes(32), row=bytes(32)):
    return scope(fqdn, app) + bytes([len(identity)]) + identity + client_key + row


def ticket(key, day, whose, flags, expires_ms, resumption):
    """Of the server's ticket key, in the UTC day of that number."""
    day_key = hmac.digest(key, b"latchkey-e2e-ticket-1" + bytes(1) + day.to_bytes(4, "big"),
                          "sha256")
    return bytes([day % 256]) + AESSIV(day_key).encrypt(
        bytes([flags]) + expires_ms.to_bytes(8, "big") + resumption, [whose])


def parcel_shake(flags, fqdn, app, psk, points, **keys):
    return noise.Noise("Kpsk0", b"latchkey-e2e-parcel-1" + offer(flags, fqdn, app), psk, points,
                       **keys)


def parcel(names, psk, server_secret, ephemeral, client_key, created_ms, key):
    """names: flags, FQDN, application."""
    shake = parcel_shake(*names, psk, {"s": client_key}, c=server_secret, e=ephemeral)
    return frame(PARCEL, offer(*names) + shake.say(created_ms.to_bytes(8, "big") + key))


def open_parcel(octets, names, psk, server_key, client_secret):
    """created_ms, key."""
    head = frame(PARCEL, bytes(len(octets) - 3))[:3] + offer(*names)
    if octets[:len(head)] != head:
        raise ValueError("it is no parcel for that application")
    shake = parcel_shake(*names, psk, {"c": server_key}, s=client_secret)
    payload = shake.hear(octets[len(head):])
    return int.from_bytes(payload[:8], "big"), payload[8:]


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

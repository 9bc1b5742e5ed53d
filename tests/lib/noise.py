"""The Noise handshakes of end-to-end keys by another hand: python3-cryptography and hashlib."""
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Names of keys: e and c are the initiator's ephemeral and static one, f and s the responder's.
PATTERNS = {
    "NKpsk2": (["s"], [["e", "es"], ["e", "ee", "psk"]]),
    "IKpsk2": (["s"], [["e", "es", "s", "ss"], ["e", "ee", "se", "psk"]]),
    "Kpsk0": (["c", "s"], [["psk", "e", "es", "ss"]]),
}


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw)


def extract(salt, ikm):
    return hmac.digest(salt, ikm, "sha256")


def expand(prk, info, length):
    out, block, n = b"", b"", 0
    while len(out) < length:
        n += 1
        block = hmac.digest(prk, block + info + bytes([n]), "sha256")
        out += block
    return out[:length]


def nonce(n):
    return bytes(4) + n.to_bytes(8, "little")


def seal(key, n, additional, text):
    return ChaCha20Poly1305(key).encrypt(nonce(n), text, additional)


def unseal(key, n, additional, text):
    """None when it does not verify."""
    try:
        return ChaCha20Poly1305(key).decrypt(nonce(n), text, additional)
    except InvalidTag:
        return None


def rekey(key):
    return seal(key, 2**64 - 1, b"", bytes(32))[:32]


class Noise:
    """A handshake, as far as the private keys that are given let it go: say() for a message of who
    has them, hear() for one that came."""

    def __init__(self, pattern, prologue, psk, points=None, **secrets):
        """points: public keys by name, of those that have no private one here."""
        known, self.messages = PATTERNS[pattern]
        self.psk, self.at, self.secrets = psk, 0, secrets
        self.points = {**(points or {}), **{name: public(key) for name, key in secrets.items()}}
        self.h = self.ck = hashlib.sha256(
            f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode()).digest()
        self.mix_hash(prologue)
        for name in known:
            self.mix_hash(self.points[name])

    def mix_hash(self, octets):
        self.h = hashlib.sha256(self.h + octets).digest()

    def mix_key(self, octets):
        both = expand(extract(self.ck, octets), b"", 64)
        self.ck, self.k, self.n = both[:32], both[32:], 0

    def mix_psk(self):
        three = expand(extract(self.ck, self.psk), b"", 96)
        self.ck, self.k, self.n = three[:32], three[64:], 0
        self.mix_hash(three[32:64])

    def dh(self, token):
        a, b = {"e": "e", "s": "c"}[token[0]], {"e": "f", "s": "s"}[token[1]]
        if a not in self.secrets:
            a, b = b, a
        return X25519PrivateKey.from_private_bytes(self.secrets[a]).exchange(
            X25519PublicKey.from_public_bytes(self.points[b]))

    def sealed(self, octets):
        out = seal(self.k, self.n, self.h, octets)
        self.n += 1
        self.mix_hash(out)
        return out

    def unsealed(self, octets):
        out = unseal(self.k, self.n, self.h, octets)
        if out is None:
            raise ValueError("it does not prove itself")
        self.n += 1
        self.mix_hash(octets)
        return out

    def go(self, move_e, move_s):
        for token in self.messages[self.at]:
            if token == "e":
                name = "ef"[self.at]
                move_e(name)
                self.mix_hash(self.points[name])
                self.mix_key(self.points[name])
            elif token == "s":
                move_s("cs"[self.at])
            elif token == "psk":
                self.mix_psk()
            else:
                self.mix_key(self.dh(token))
        self.at += 1

    def say(self, payload):
        out = []
        self.go(lambda name: out.append(self.points[name]),
                lambda name: out.append(self.sealed(self.points[name])))
        return b"".join(out) + self.sealed(payload)

    def hear(self, message):
        left = [message]

        def take(length):
            part, left[0] = left[0][:length], left[0][length:]
            return part

        self.go(lambda name: self.points.update({name: take(32)}),
                lambda name: self.points.update({name: self.unsealed(take(48))}))
        return self.unsealed(left[0])

    def split(self):
        both = expand(extract(self.ck, b""), b"", 64)
        return both[:32], both[32:]

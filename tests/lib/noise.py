"""The Noise handshakes of end-to-end keys by another hand: python3-cryptography and hashlib."""
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

PATTERNS = {
    "NKpsk2": (["s"], [["e", "es"], ["e", "ee", "psk"]]),
    "IKpsk2": (["s"], [["e", "es", "s", "ss"], ["e", "ee", "se", "psk"]]),
    "Kpsk0": (["c", "s"], [["psk", "e", "es", "ss"]]),
}


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def dh(secret, point):
    return X25519PrivateKey.from_private_bytes(secret).exchange(
        X25519PublicKey.from_public_bytes(point))


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
    """Both ends at once: every secret is known, and each message is what its sender says."""

    def __init__(self, pattern, prologue, psk, s, e, c=None, f=None):
        """s: the server's static key; e and f: the ephemeral keys of UE and server; c: the UE's
        static key."""
        known, self.messages = PATTERNS[pattern]
        self.psk, self.keys, self.at = psk, {"s": s, "e": e, "c": c, "f": f}, 0
        self.h = self.ck = hashlib.sha256(
            f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode()).digest()
        self.mix_hash(prologue)
        for key in known:
            self.mix_hash(public(self.keys[key]))

    def mix_hash(self, octets):
        self.h = hashlib.sha256(self.h + octets).digest()

    def mix_key(self, octets):
        both = expand(extract(self.ck, octets), b"", 64)
        self.ck, self.k, self.n = both[:32], both[32:], 0

    def sealed(self, octets):
        out = seal(self.k, self.n, self.h, octets)
        self.n += 1
        self.mix_hash(out)
        return out

    def say(self, payload):
        out = b""
        ue = self.at == 0
        for token in self.messages[self.at]:
            if token == "e":
                point = public(self.keys["e" if ue else "f"])
                out += point
                self.mix_hash(point)
                self.mix_key(point)
            elif token == "s":
                out += self.sealed(public(self.keys["c"]))
            elif token == "psk":
                three = expand(extract(self.ck, self.psk), b"", 96)
                self.ck, self.k, self.n = three[:32], three[64:], 0
                self.mix_hash(three[32:64])
            else:
                first = self.keys[{"e": "e", "s": "c"}[token[0]]]
                second = self.keys[{"e": "f", "s": "s"}[token[1]]]
                self.mix_key(dh(first, public(second)))
        self.at += 1
        return out + self.sealed(payload)

    def split(self):
        both = expand(extract(self.ck, b""), b"", 64)
        return both[:32], both[32:]

"""An EAP-AKA and EAP-AKA' peer with its USIM, for tests: RFC 4187, RFC 9048, TS 35.206, TS 33.102.

Written with hashlib and python3-cryptography alone; shares nothing with the code under test.
"""
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import derive
import radius

REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY, NOTIFICATION, NAK, AKA, AKA_PRIME = 1, 2, 3, 23, 50
CHALLENGE, AUTH_REJECT, SYNC_FAILURE, AKA_IDENTITY = 1, 2, 4, 5
AKA_NOTIFICATION, REAUTHENTICATION, CLIENT_ERROR = 12, 13, 14
(AT_RAND, AT_AUTN, AT_RES, AT_AUTS, AT_NONCE_MT, AT_PERMANENT_ID_REQ, AT_MAC,
 AT_NOTIFICATION, AT_ANY_ID_REQ, AT_IDENTITY, AT_FULLAUTH_ID_REQ, AT_COUNTER,
 AT_COUNTER_TOO_SMALL, AT_NONCE_S, AT_CLIENT_ERROR) = (
     1, 2, 3, 4, 7, 10, 11, 12, 13, 14, 17, 19, 20, 21, 22)
AT_KDF_INPUT, AT_KDF, AT_IV, AT_ENCR, AT_PADDING = 23, 24, 129, 130, 6
AT_NEXT_PSEUDONYM, AT_NEXT_REAUTH_ID, AT_CHECKCODE, AT_RESULT_IND = 132, 133, 134, 135
AT_TWAN_CONN_MODE = 144
REQUEST_OF_MULTI = b"\2\4"      # the project's own layout


def aes(key, block):
    c = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return c.update(block)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def milenage_opc(k, op):
    return xor(aes(k, op), op)


class Milenage:
    """TS 35.206 4.1, with the constants of the annex."""

    def __init__(self, k, opc):
        self.k, self.opc = k, opc

    def out(self, rand, rotate, constant):
        temp = aes(self.k, xor(rand, self.opc))
        x = xor(temp, self.opc)
        x = x[rotate:] + x[:rotate]
        x = x[:15] + bytes([x[15] ^ constant])
        return xor(aes(self.k, x), self.opc)

    def f1(self, rand, sqn, amf):
        temp = aes(self.k, xor(rand, self.opc))
        in1 = (sqn + amf) * 2
        x = xor(in1, self.opc)
        x = x[8:] + x[:8]
        out = xor(aes(self.k, xor(temp, x)), self.opc)
        return out[:8], out[8:]

    def f2345(self, rand):
        out2 = self.out(rand, 0, 1)
        return (out2[8:], self.out(rand, 4, 2), self.out(rand, 8, 4), out2[:6])

    def f5_star(self, rand):
        return self.out(rand, 12, 8)[:6]


class Usim:
    """Accepts an SQN when its SEQ is above the one stored for its IND (TS 33.102 C.2)."""

    def __init__(self, k, opc, sqn=0):
        self.milenage = Milenage(k, opc)
        self.seq = [0] * 32
        if sqn:
            self.seq[sqn & 31] = sqn >> 5

    def sqn_ms(self):
        best = max(range(32), key=lambda i: self.seq[i])
        return (self.seq[best] << 5 | best).to_bytes(6, "big")

    def answer(self, rand, autn):
        """("ok", res, ck, ik), ("mac",) or ("sync", auts)"""
        res, ck, ik, ak = self.milenage.f2345(rand)
        sqn = xor(autn[:6], ak)
        mac, _ = self.milenage.f1(rand, sqn, autn[6:8])
        if mac != autn[8:]:
            return ("mac",)
        number = int.from_bytes(sqn, "big")
        if number >> 5 <= self.seq[number & 31]:
            have = self.sqn_ms()
            _, mac_s = self.milenage.f1(rand, have, bytes(2))
            return ("sync", xor(have, self.milenage.f5_star(rand)) + mac_s)
        self.seq[number & 31] = number >> 5
        return ("ok", res, ck, ik)


def kdf_3gpp(key, fc, *params):
    s = bytes([fc]) + b"".join(p + struct.pack("!H", len(p)) for p in params)
    return hmac.new(key, s, hashlib.sha256).digest()


def prf_prime(key, s, length):
    out, t, n = b"", b"", 1
    while len(out) < length:
        t = hmac.new(key, t + s + bytes([n]), hashlib.sha256).digest()
        out += t
        n += 1
    return out[:length]


def sha1_compress(block):
    """SHA-1's G function: one compression from the initial value, without padding."""
    h = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    w = list(struct.unpack("!16I", block))
    for i in range(16, 80):
        v = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]
        w.append((v << 1 | v >> 31) & 0xFFFFFFFF)
    a, b, c, d, e = h
    for i in range(80):
        f, k = ((b & c | ~b & d, 0x5A827999) if i < 20 else (b ^ c ^ d, 0x6ED9EBA1) if i < 40 else
                (b & c | b & d | c & d, 0x8F1BBCDC) if i < 60 else (b ^ c ^ d, 0xCA62C1D6))
        a, b, c, d, e = ((((a << 5 | a >> 27) & 0xFFFFFFFF) + (f & 0xFFFFFFFF) + e + k + w[i])
                         & 0xFFFFFFFF, a, (b << 30 | b >> 2) & 0xFFFFFFFF, c, d)
    return struct.pack("!5I", *((x + y) & 0xFFFFFFFF for x, y in zip(h, (a, b, c, d, e))))


def prf_fips186(xkey, length):
    out, key = b"", int.from_bytes(xkey, "big")
    while len(out) < length:
        w = sha1_compress(key.to_bytes(20, "big") + bytes(44))
        out += w
        key = (1 + key + int.from_bytes(w, "big")) % (1 << 160)
    return out[:length]


def attributes_of(body):
    """[(type, value behind type and length)]"""
    found, at = [], 0
    while at < len(body):
        length = body[at + 1] * 4 if at + 1 < len(body) else 0
        if length < 4 or at + length > len(body):
            raise radius.Wrong("EAP attribute does not fit")
        found.append((body[at], body[at + 2:at + length]))
        at += length
    return found


def attribute(kind, value):
    value += bytes(-(len(value) + 2) % 4)
    return bytes([kind, (len(value) + 2) // 4]) + value


class Peer:
    """respond(request) gives the response; msk and emsk are there after the challenge."""

    def __init__(self, imsi, k, opc, method="aka-prime", sqn=0, network_name=b"WLAN",
                 realm="wlan.mnc001.mcc001.3gppnetwork.org", identity=None, use_pseudonym=False,
                 use_reauth=False, multi=False):
        self.usim = Usim(k, opc, sqn)
        self.imsi, self.realm, self.network_name = imsi, realm, network_name
        self.type = AKA_PRIME if method == "aka-prime" else AKA
        self.permanent = ("6" if self.type == AKA_PRIME else "0") + imsi + "@" + realm
        self.given = identity
        self.use_pseudonym, self.use_reauth = use_pseudonym, use_reauth
        self.multi = multi      # asks for multi-connection mode where it is announced
        self.next_pseudonym = self.next_reauth = None
        self.kept = None
        self.start()

    def start(self):
        self.identity = None
        self.rounds = b""
        self.msk = self.emsk = None
        self.fast = self.synced = False
        self.last_request = self.last_response = None

    def first_identity(self):
        if self.given is not None:
            return self.given
        if self.use_reauth and self.next_reauth:
            return self.next_reauth
        if self.use_pseudonym and self.next_pseudonym:
            return self.next_pseudonym + "@" + self.realm
        return self.permanent

    def hash(self, data):
        return (hashlib.sha256 if self.type == AKA_PRIME else hashlib.sha1)(data).digest()

    def mac(self, packet, extra=b""):
        algorithm = hashlib.sha256 if self.type == AKA_PRIME else hashlib.sha1
        return hmac.new(self.k_aut, packet + extra, algorithm).digest()[:16]

    def check_mac(self, packet, extra=b""):
        at = 8
        while at < len(packet):
            if packet[at] == AT_MAC:
                blank = packet[:at + 4] + bytes(16) + packet[at + 20:]
                if self.mac(blank, extra) != packet[at + 4:at + 20]:
                    raise radius.Wrong("AT_MAC of the server does not verify")
                return
            at += packet[at + 1] * 4
        raise radius.Wrong("no AT_MAC")

    def packet(self, identifier, subtype, body, mac_extra=None):
        if mac_extra is not None:
            body += attribute(AT_MAC, bytes(18))
        length = 8 + len(body)
        packet = struct.pack("!BBHBBH", RESPONSE, identifier, length, self.type, subtype, 0) + body
        if mac_extra is not None:
            packet = packet[:-16] + self.mac(packet, mac_extra)
        return packet

    def derive_full(self, rand, autn, ck, ik):
        identity = self.identity.encode()
        if self.type == AKA_PRIME:
            prime = kdf_3gpp(ck + ik, 0x20, self.network_name, autn[:6])
            mk = prf_prime(prime[16:] + prime[:16], b"EAP-AKA'" + identity, 208)
            self.k_encr, self.k_aut, self.k_re = mk[:16], mk[16:48], mk[48:80]
            self.msk, self.emsk = mk[80:144], mk[144:208]
        else:
            self.mk = hashlib.sha1(identity + ik + ck).digest()
            block = prf_fips186(self.mk, 160)
            self.k_encr, self.k_aut = block[:16], block[16:32]
            self.msk, self.emsk = block[32:96], block[96:160]

    def derive_fast(self, counter, nonce_s):
        identity = self.identity.encode()
        if self.type == AKA_PRIME:
            s = b"EAP-AKA' re-auth" + identity + counter + nonce_s
            block = prf_prime(self.k_re, s, 128)
        else:
            xkey = hashlib.sha1(identity + counter + nonce_s + self.mk).digest()
            block = prf_fips186(xkey, 140)[:128]
        self.msk, self.emsk = block[:64], block[64:]

    def decrypt(self, found):
        values = dict(found)
        if AT_ENCR not in values:
            return {}
        cipher = Cipher(algorithms.AES(self.k_encr), modes.CBC(values[AT_IV][2:])).decryptor()
        inner = dict(attributes_of(cipher.update(values[AT_ENCR][2:]) + cipher.finalize()))
        for kind in (AT_NEXT_PSEUDONYM, AT_NEXT_REAUTH_ID):
            if kind in inner:
                length = struct.unpack("!H", inner[kind][:2])[0]
                text = inner[kind][2:2 + length].decode()
                if kind == AT_NEXT_PSEUDONYM:
                    self.next_pseudonym = text
                else:
                    self.next_reauth = text
        return inner

    def respond(self, request):
        if request == self.last_request:
            return self.last_response
        response = self.respond_fresh(request)
        self.last_request, self.last_response = request, response
        return response

    def respond_fresh(self, request):
        identifier, kind = request[1], request[4]
        if kind == IDENTITY:
            self.identity = self.first_identity()
            body = self.identity.encode()
            return struct.pack("!BBHB", RESPONSE, identifier, 5 + len(body), IDENTITY) + body
        if kind == NOTIFICATION:
            return struct.pack("!BBHB", RESPONSE, identifier, 5, NOTIFICATION)
        if kind != self.type:
            return struct.pack("!BBHBB", RESPONSE, identifier, 6, NAK, self.type)
        found = attributes_of(request[8:])
        subtype = request[5]
        if subtype == AKA_IDENTITY:
            return self.on_identity(request, identifier, found)
        if subtype == CHALLENGE:
            return self.on_challenge(request, identifier, found)
        if subtype == REAUTHENTICATION:
            return self.on_reauth(request, identifier, found)
        if subtype == AKA_NOTIFICATION:
            code = struct.unpack("!H", dict(found)[AT_NOTIFICATION][:2])[0]
            phase_after = not code & 0x4000
            body = b""
            if phase_after and self.fast:
                body = self.encrypted(attribute(AT_COUNTER, self.counter))
            return self.packet(identifier, AKA_NOTIFICATION, body, b"" if phase_after else None)
        return self.packet(identifier, CLIENT_ERROR, attribute(AT_CLIENT_ERROR, bytes(2)))

    def on_identity(self, request, identifier, found):
        kinds = dict(found)
        if AT_PERMANENT_ID_REQ in kinds:
            self.identity = self.permanent
        elif AT_FULLAUTH_ID_REQ in kinds:
            pseudonym = self.use_pseudonym and self.next_pseudonym
            self.identity = pseudonym + "@" + self.realm if pseudonym else self.permanent
        else:
            self.identity = self.first_identity() if self.given is None else self.permanent
        text = self.identity.encode()
        body = attribute(AT_IDENTITY, struct.pack("!H", len(text)) + text)
        response = self.packet(identifier, AKA_IDENTITY, body)
        self.rounds += request + response
        return response

    def on_challenge(self, request, identifier, found):
        kinds = dict(found)
        rand, autn = kinds[AT_RAND][2:], kinds[AT_AUTN][2:]
        body = b""
        if self.type == AKA_PRIME:
            length = struct.unpack("!H", kinds[AT_KDF_INPUT][:2])[0]
            if kinds[AT_KDF_INPUT][2:2 + length] != self.network_name:
                return self.packet(identifier, AUTH_REJECT, b"")
            if [v for k, v in found if k == AT_KDF][0] != b"\0\1" or not autn[6] & 0x80:
                return self.packet(identifier, AUTH_REJECT, b"")
        verdict = self.usim.answer(rand, autn)
        if verdict[0] == "mac":
            return self.packet(identifier, AUTH_REJECT, b"")
        if verdict[0] == "sync":
            self.synced = True
            if self.type == AKA_PRIME:
                body = b"".join(attribute(AT_KDF, v) for k, v in found if k == AT_KDF)
            return self.packet(identifier, SYNC_FAILURE,
                               bytes([AT_AUTS, 4]) + verdict[1] + body)
        _, res, ck, ik = verdict
        self.fast = False
        self.derive_full(rand, autn, ck, ik)
        self.check_mac(request)
        if AT_CHECKCODE in kinds:
            wanted = self.hash(self.rounds) if self.rounds else b""
            if kinds[AT_CHECKCODE][2:] != wanted:
                raise radius.Wrong("AT_CHECKCODE of the server is wrong")
            body += attribute(AT_CHECKCODE, bytes(2) + wanted)
        self.next_pseudonym = self.next_reauth = None
        self.decrypt(found)
        if AT_RESULT_IND in kinds:
            body += attribute(AT_RESULT_IND, bytes(2))
        body += self.mode(kinds) + attribute(AT_RES, struct.pack("!H", len(res) * 8) + res)
        return self.packet(identifier, CHALLENGE, body, b"")

    def mode(self, kinds):
        wanted = self.multi and AT_TWAN_CONN_MODE in kinds
        return attribute(AT_TWAN_CONN_MODE, REQUEST_OF_MULTI) if wanted else b""

    def wlcp_key(self):
        """spec: TS 33.402 7.2.3.2 - of the EMSK; candidate A of the vectors."""
        return hmac.new(self.emsk, b"\x21", hashlib.sha256).digest()

    def encrypted(self, inner):
        pad = -len(inner) % 16
        if pad:
            inner += bytes([AT_PADDING, pad // 4]) + bytes(pad - 2)
        iv = os.urandom(16)
        c = Cipher(algorithms.AES(self.k_encr), modes.CBC(iv)).encryptor()
        return (attribute(AT_IV, bytes(2) + iv) +
                attribute(AT_ENCR, bytes(2) + c.update(inner) + c.finalize()))

    def on_reauth(self, request, identifier, found):
        self.check_mac(request)
        self.next_reauth = None
        inner = self.decrypt(found)
        self.counter, nonce_s = inner[AT_COUNTER][:2], inner[AT_NONCE_S][2:]
        self.fast = True
        self.derive_fast(self.counter, nonce_s)
        body = b""
        if AT_RESULT_IND in dict(found):
            body += attribute(AT_RESULT_IND, bytes(2))
        if AT_CHECKCODE in dict(found):
            wanted = self.hash(self.rounds) if self.rounds else b""
            if dict(found)[AT_CHECKCODE][2:] != wanted:
                raise radius.Wrong("AT_CHECKCODE of the server is wrong")
            body += attribute(AT_CHECKCODE, bytes(2) + wanted)
        body += self.mode(dict(found)) + self.encrypted(attribute(AT_COUNTER, self.counter))
        return self.packet(identifier, REAUTHENTICATION, body, nonce_s)


class Attach:
    """One authentication over a radius.Client, a step at a time or all at once."""

    def __init__(self, client, peer, extra=b"", pos=None):
        """pos: whose row the client is; it is given K in place of the MSK."""
        self.client, self.peer, self.extra, self.pos = client, peer, extra, pos
        self.state = b""
        self.rounds = 0
        peer.start()
        self.request = struct.pack("!BBHB", REQUEST, 0, 5, IDENTITY)

    def step(self, client=None, **how):
        """One round. Returns the code; after ACCESS_ACCEPT or ACCESS_REJECT it is over."""
        response = self.peer.respond(self.request)
        if self.rounds == 0:        # RFC 3579 2.1: what the device said first, from then on
            self.user_name = self.peer.identity.encode()[:253]
        attributes = radius.attribute(radius.USER_NAME, self.user_name)
        attributes += radius.eap_attributes(response) + self.extra
        if self.state:
            attributes += radius.attribute(radius.STATE, self.state)
        client = client or self.client
        self.code, self.attributes, self.authenticator = client.access(attributes, **how)
        self.rounds += 1
        self.request = radius.eap_of(self.attributes)
        self.state = b"".join(radius.values(self.attributes, radius.STATE))
        if self.code == radius.ACCESS_ACCEPT:
            recv = radius.mppe_key(client.secret, self.authenticator, self.attributes,
                                   radius.MPPE_RECV_KEY)
            send = radius.mppe_key(client.secret, self.authenticator, self.attributes,
                                   radius.MPPE_SEND_KEY)
            key = self.peer.msk if self.pos is None else \
                derive.mis_k(self.pos, emsk=self.peer.emsk)["k"]
            if self.request[:1] != bytes([SUCCESS]) or recv + send != key:
                raise radius.Wrong("Accept with another MSK than the peer's")
        return self.code

    def run(self, rounds=8):
        while self.rounds < rounds:
            if self.step() != radius.ACCESS_CHALLENGE:
                return self.code
        raise radius.Wrong("no end after %d rounds" % rounds)

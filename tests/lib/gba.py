"""A UE at Ub and what it derives, by another hand: hashlib, hmac and http.client alone."""
import base64
import hashlib
import hmac
import http.client
import re
import struct

BSF = "bsf.mnc001.mcc001.pub.3gppnetwork.org"
REALM = "ims.mnc001.mcc001.3gppnetwork.org"
TMPI_UA = bytes.fromhex("0100000100")


def impi(card):
    return f"{card.imsi}@{REALM}"


def h(*parts):
    return hashlib.md5(b":".join(p if isinstance(p, bytes) else p.encode() for p in parts)
                       ).hexdigest()


def response(password, username, nonce, cnonce, method="GET", uri="/", body=b"", realm=BSF,
             nc="00000001", qop="auth-int"):
    a2 = h(method, uri, hashlib.md5(body).hexdigest()) if qop == "auth-int" else h(method, uri)
    return h(h(username, realm, password), nonce, nc, cnonce, qop, a2)


def params(header):
    return {name: quoted or plain for name, quoted, plain in
            re.findall(r'([a-z]+)=(?:"([^"]*)"|([^", ]+))', header.split(" ", 1)[-1]
                       if header.startswith("Digest ") else header)}


def ks_naf(ks, rand, name, naf, ua):
    s = b"\x01"
    for part in (b"gba-me", rand, name.encode(), naf.encode() + ua):
        s += part + struct.pack("!H", len(part))
    return hmac.new(ks, s, hashlib.sha256).digest()


def tmpi(ks, rand, name, bsf=BSF):
    return (base64.b64encode(ks_naf(ks, rand, name, bsf, TMPI_UA)[:24]).decode() +
            "@tmpi.bsf.3gppnetwork.org")


class Answer:
    def __init__(self, came):
        self.status, self.body = came.status, came.read()
        self.headers = came.headers
        self.challenge = params(came.headers.get("WWW-Authenticate", ""))
        self.info = params(came.headers.get("Authentication-Info", ""))


class Session:
    """What a bootstrapping came to."""

    def __init__(self, ks, rand, name, answer):
        self.ks, self.rand, self.name, self.answer = ks, rand, name, answer
        text = answer.body.decode()
        self.b_tid = re.search("<btid>(.*)</btid>", text)[1]
        self.lifetime = re.search("<lifetime>(.*)</lifetime>", text)[1]

    def naf(self, fqdn, ua):
        return ks_naf(self.ks, self.rand, self.name, fqdn, ua)

    def tmpi(self):
        return tmpi(self.ks, self.rand, self.name)


class Ue:
    def __init__(self, port, card, usim=None, host="127.0.0.1"):
        self.host, self.port, self.card = host, port, card
        self.usim = usim or card.usim()
        self.name = impi(card)
        self.cnonce = "0a4f113b"

    def get(self, authorization, method="GET", path="/"):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        headers = {"User-Agent": "test 3gpp-gba-tmpi"}
        if authorization:
            headers["Authorization"] = authorization
        connection.request(method, path, headers=headers)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def first(self, name=None, realm=BSF, **more):
        extra = "".join(f', {key}="{value}"' for key, value in more.items())
        return self.get(f'Digest username="{name or self.name}", realm="{realm}", nonce="", '
                        f'uri="/", response=""{extra}')

    def second(self, challenge, password, name=None, auts=None, **other):
        name = name or self.name
        value = {"algorithm": challenge["algorithm"], "qop": "auth-int", "nc": "00000001",
                 "opaque": challenge["opaque"], "nonce": challenge["nonce"], "realm": BSF, **other}
        right = response(password, name, value["nonce"], self.cnonce, realm=value["realm"],
                         qop=value["qop"])
        tail = f', auts="{base64.b64encode(auts).decode()}"' if auts else ""
        return self.get(f'Digest username="{name}", realm="{value["realm"]}", '
                        f'nonce="{value["nonce"]}", uri="/", qop={value["qop"]}, nc={value["nc"]}, '
                        f'cnonce="{self.cnonce}", response="{value.get("response", right)}", '
                        f'algorithm={value["algorithm"]}, opaque="{value["opaque"]}"{tail}')

    def card_says(self, challenge):
        nonce = base64.b64decode(challenge["nonce"])
        return self.usim.answer(nonce[:16], nonce[16:32])

    def bootstrap(self, name=None):
        """A Session, or the Answer that refuses."""
        answer = self.first(name)
        if answer.status != 401:
            return answer
        said = self.card_says(answer.challenge)
        if said[0] == "sync":
            answer = self.second(answer.challenge, b"", name, auts=said[1])
            said = self.card_says(answer.challenge)
        assert said[0] == "ok", said
        res, ck, ik = said[1:]
        rand = base64.b64decode(answer.challenge["nonce"])[:16]
        self.last = (answer.challenge, res, name)
        done = self.second(answer.challenge, res, name)
        if done.status != 200:
            return done
        expected = response(res, name or self.name, answer.challenge["nonce"], self.cnonce,
                            method="", body=done.body)
        assert done.info["rspauth"] == expected, "rspauth"
        return Session(ck + ik, rand, self.name, done)

    def again(self):
        """The second request of the last bootstrapping, once more."""
        return self.second(*self.last)

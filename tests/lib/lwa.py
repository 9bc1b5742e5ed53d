"""LTE-WLAN aggregation for tests: XwAP of an eNB, and a phone on the air of a WT.

Messages are those of tests/vectors, which were encoded elsewhere, with other values in their
fields.
"""
import json
import socket

import dtls
import world

FILES = [json.loads((world.TOP / f"tests/vectors/{name}.json").read_text())
         for name in ("xwap", "xwap_full")]
VECTORS = {vector["id"]: bytes.fromhex(vector["aper"])
           for file in FILES for vector in file["vectors"]}
ENB_ID, WT_ID, UE, SECURITY, CONTEXT = 25, 26, 30, 31, 36
# Procedure and what it is: 00 asks, 20 succeeds, 40 fails.
ADDED, MODIFIED, CONFIRMED = "2006", "2007", "000b"
NOT_ADDED, NOT_MODIFIED, RELEASE_REQUIRED = "4006", "4007", "000a"
AP, PHONE = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
ENB_UE_ID = 7
DRB = 5        # the number of the E-RAB, where the eNB says no other


def length(octets):
    return bytes([len(octets)]) if len(octets) < 128 else (0x8000 | len(octets)).to_bytes(2, "big")


def take(octets):
    """What a length determinant is before, and the rest."""
    at, size = (2, int.from_bytes(octets[:2], "big") & 0x3fff) if octets[0] & 0x80 else \
        (1, octets[0])
    return octets[at:at + size], octets[at + size:]


def fields(message):
    """{id: value} of a message."""
    body = take(message[3:])[0]
    found, rest = {}, body[3:]
    for _ in range(int.from_bytes(body[1:3], "big")):
        found[int.from_bytes(rest[:2], "big")], more = take(rest[3:])
        rest = more
    return found


def like(name, values):
    """The vector's message with those values."""
    message = VECTORS[name]
    body = take(message[3:])[0]
    out, rest = body[:3], body[3:]
    while rest:
        head, (value, more) = rest[:3], take(rest[3:])
        value = values.get(int.from_bytes(head[:2], "big"), value)
        out += head + length(value) + value
        rest = more
    return message[:3] + length(out) + out


def number(value):
    return value.to_bytes(3, "big")


class Enb:
    """The eNB's end of Xw: an xw_peer, and what it has to say of one UE."""

    def __init__(self, peer, enb_ue_id=ENB_UE_ID):
        self.peer, self.enb_ue_id, self.wt_ue_id = peer, enb_ue_id, None

    def say(self, name, **more):
        values = {ENB_ID: number(self.enb_ue_id)}
        if self.wt_ue_id is not None:
            values[WT_ID] = number(self.wt_ue_id)
        values.update({globals()[key]: value for key, value in more.items()})
        self.peer.say("send", 0, like(name, values).hex())
        self.peer.wait("sent")

    def hear(self, kind, seconds=10):
        """The next message; it is of that kind."""
        message = self.peer.message(seconds)
        if message[:2].hex() != kind:
            raise AssertionError(f"not {kind} but {message.hex()}")
        return fields(message)

    def add(self, key, mac=PHONE):
        self.wt_ue_id = None
        self.say("wt-addition-request", UE=mac, SECURITY=b"\x00" + key)
        answer = self.hear(ADDED)
        if answer[ENB_ID] != number(self.enb_ue_id):
            raise AssertionError("an answer for another UE")
        self.wt_ue_id = int.from_bytes(answer[WT_ID], "big")

    def modify(self, key):
        context = fields(VECTORS["wt-modification-request-rekey"])[CONTEXT]
        self.say("wt-modification-request-rekey", CONTEXT=context[:-len(key)] + key)
        self.hear(MODIFIED)

    def release(self):
        self.say("release-request-bare")


class Phone(dtls.Peer):
    """lwa_phone."""

    def __init__(self, wt_port, mac=PHONE, akm=6):
        super().__init__("phone", port=world.free_port())
        self.command = [world.BUILD / "tests/system/lwa_phone", wt_port, self.port,
                        mac.hex(":"), akm]

    def start(self, where):
        self.launch(self.command)
        self.wait("ready")

    def key(self, counter):
        self.say("key", counter)
        return bytes.fromhex(self.wait("pmk")[1][1])

    def fact(self, name, seconds=10):
        """Its code."""
        return int(self.wait("fact", name, seconds=seconds)[1][2])

    def has_no(self, *words, seconds=0.0):
        try:
            self.wait(*words, seconds=seconds)
        except AssertionError:
            return True
        return False

    def frames(self):
        """Those that it has sent and nobody has asked for."""
        found = []
        while True:
            try:
                found.append(bytes.fromhex(self.wait("frame", seconds=0)[1][1]))
            except AssertionError:
                return found

    def talk(self, text, seconds=10):
        """Data to the eNB, and what it gets for it."""
        self.say("up", DRB, text.hex())
        return bytes.fromhex(self.wait("down", str(DRB), seconds=seconds)[1][2])


class Station:
    """Somebody on the air who makes frames by hand."""

    def __init__(self, wt_port, address="127.0.0.1"):
        self.wt = ("127.0.0.1", wt_port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))

    def start(self, where):
        pass

    def stop(self):
        self.socket.close()

    def say(self, frame):
        self.socket.sendto(frame, self.wt)

    def hear(self, seconds=1.0):
        """What it is sent within the time; None: nothing."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096)
        except TimeoutError:
            return None


def management(kind, body, mac=PHONE, flags=0):
    return bytes([kind << 4, flags]) + bytes(2) + AP + mac + AP + bytes(2) + body


def authentication(mac=PHONE):
    return management(11, bytes.fromhex("000001000000"), mac)


def deauthentication(mac=PHONE):
    return management(12, bytes.fromhex("0300"), mac)

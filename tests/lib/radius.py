"""A RADIUS client for tests, written from RFC 2865, 2866, 2868, 3579 and 2548 with hashlib alone.

It shares nothing with the code under test, so that agreement means something.
"""
import hashlib
import hmac
import os
import socket
import struct

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT = 1, 2, 3
ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE, ACCESS_CHALLENGE = 4, 5, 11
STATUS_SERVER = 12
DISCONNECT_REQUEST, DISCONNECT_ACK, DISCONNECT_NAK = 40, 41, 42

USER_NAME, NAS_IP_ADDRESS, STATE, CLASS, VENDOR_SPECIFIC = 1, 4, 24, 25, 26
SESSION_TIMEOUT, CALLED_STATION_ID, CALLING_STATION_ID = 27, 30, 31
NAS_IDENTIFIER, PROXY_STATE = 32, 33
EVENT_TIMESTAMP = 55
ACCT_STATUS_TYPE, ACCT_INPUT_OCTETS, ACCT_OUTPUT_OCTETS = 40, 42, 43
ACCT_SESSION_ID, ACCT_SESSION_TIME = 44, 46
EAP_MESSAGE, MESSAGE_AUTHENTICATOR = 79, 80
MICROSOFT, MPPE_SEND_KEY, MPPE_RECV_KEY = 311, 16, 17


class Wrong(Exception):
    """The server broke a rule."""


def attribute(kind, value):
    if len(value) > 253:
        raise ValueError("attribute too long")
    return bytes([kind, len(value) + 2]) + value


def eap_attributes(eap):
    return b"".join(attribute(EAP_MESSAGE, eap[i:i + 253]) for i in range(0, len(eap), 253))


def parse(packet):
    """(code, identifier, authenticator, [(type, value)])"""
    if len(packet) < 20:
        raise Wrong("short packet")
    code, identifier, length = struct.unpack("!BBH", packet[:4])
    if length != len(packet):
        raise Wrong("length field %d, packet %d" % (length, len(packet)))
    attributes = []
    at = 20
    while at < length:
        if at + 2 > length or packet[at + 1] < 2 or at + packet[at + 1] > length:
            raise Wrong("attribute does not fit")
        attributes.append((packet[at], packet[at + 2:at + packet[at + 1]]))
        at += packet[at + 1]
    return code, identifier, packet[4:20], attributes


def access_request(secret, identifier, authenticator, attributes):
    """Message-Authenticator comes first, as RFC 3579 with the BlastRADIUS advice asks."""
    body = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + attributes
    packet = struct.pack("!BBH", ACCESS_REQUEST, identifier, 20 + len(body)) + authenticator + body
    mac = hmac.new(secret, packet, hashlib.md5).digest()
    return packet[:22] + mac + packet[38:]


def accounting_request(secret, identifier, attributes):
    head = struct.pack("!BBH", ACCOUNTING_REQUEST, identifier, 20 + len(attributes))
    return head + hashlib.md5(head + bytes(16) + attributes + secret).digest() + attributes


def disconnect_request(secret, identifier, attributes):
    """Message-Authenticator over zeroes, then the authenticator over that (RFC 5176 2.3)."""
    body = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + attributes
    head = struct.pack("!BBH", DISCONNECT_REQUEST, identifier, 20 + len(body)) + bytes(16)
    mac = hmac.new(secret, head + body, hashlib.md5).digest()
    body = attribute(MESSAGE_AUTHENTICATOR, mac) + attributes
    return head[:4] + hashlib.md5(head + body + secret).digest() + body


def check_response(secret, request_authenticator, packet):
    """Response Authenticator, and Message-Authenticator, which must be the first attribute."""
    code, identifier, authenticator, attributes = parse(packet)
    wanted = hashlib.md5(packet[:4] + request_authenticator + packet[20:] + secret).digest()
    if wanted != authenticator:
        raise Wrong("Response Authenticator does not verify")
    if code in (ACCESS_ACCEPT, ACCESS_REJECT, ACCESS_CHALLENGE):
        if not attributes or attributes[0][0] != MESSAGE_AUTHENTICATOR:
            raise Wrong("Message-Authenticator is not the first attribute")
        blank = packet[:4] + request_authenticator + packet[20:22] + bytes(16) + packet[38:]
        if hmac.new(secret, blank, hashlib.md5).digest() != attributes[0][1]:
            raise Wrong("Message-Authenticator does not verify")
    return code, identifier, attributes


def values(attributes, kind):
    return [value for k, value in attributes if k == kind]


def eap_of(attributes):
    return b"".join(values(attributes, EAP_MESSAGE))


def vendor_value(attributes, vendor, kind):
    """The first of that kind, or None."""
    found = [value[6:] for value in values(attributes, VENDOR_SPECIFIC)
             if value[:5] == struct.pack("!IB", vendor, kind)]
    return found[0] if found else None


def unhide(secret, request_authenticator, value):
    """RFC 2548 2.4.2, undone: the salt, then what is hidden."""
    if value is None:
        return None
    salt, hidden = value[:2], value[2:]
    plain, last = b"", request_authenticator + salt
    for i in range(0, len(hidden), 16):
        block = hashlib.md5(secret + last).digest()
        plain += bytes(a ^ b for a, b in zip(hidden[i:i + 16], block))
        last = hidden[i:i + 16]
    return plain[1:1 + plain[0]]


def mppe_key(secret, request_authenticator, attributes, kind):
    return unhide(secret, request_authenticator, vendor_value(attributes, MICROSOFT, kind))


class Timeout(Exception):
    pass


class Client:
    """One socket to one server port. exchange() sends, repeats, and checks the answer."""

    def __init__(self, port, secret=b"testing123", host="127.0.0.1", timeout=1.0, tries=4,
                 source=None):
        self.server = (host, port)
        self.secret = secret
        self.timeout = timeout
        self.tries = tries
        self.identifier = 0
        self.sent = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.source = source
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect(self.server)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def next_identifier(self):
        self.identifier = (self.identifier + 1) % 256
        return self.identifier

    def raw(self, packet, tries=None, timeout=None):
        """Sends octets, returns the octets of the answer with the same identifier."""
        for _ in range(tries or self.tries):
            try:
                self.socket.send(packet)
            except ConnectionRefusedError:
                pass
            self.sent += 1
            self.socket.settimeout(timeout or self.timeout)
            try:
                while True:
                    answer = self.socket.recv(4096)
                    if answer[1:2] == packet[1:2]:
                        return answer
            except (socket.timeout, ConnectionRefusedError):
                continue
        raise Timeout("no answer from %s:%d" % self.server[:2])

    def access(self, attributes, **how):
        """(code, attributes, request authenticator)"""
        authenticator = os.urandom(16)
        identifier = self.next_identifier()
        packet = access_request(self.secret, identifier, authenticator, attributes)
        answer = self.raw(packet, **how)
        code, _, got = check_response(self.secret, authenticator, answer)
        return code, got, authenticator

    def account(self, attributes, **how):
        packet = accounting_request(self.secret, self.next_identifier(), attributes)
        answer = self.raw(packet, **how)
        code, _, got = check_response(self.secret, packet[4:20], answer)
        return code, got

    def disconnect(self, attributes, **how):
        packet = disconnect_request(self.secret, self.next_identifier(), attributes)
        answer = self.raw(packet, **how)
        code, _, got = check_response(self.secret, packet[4:20], answer)
        return code, got

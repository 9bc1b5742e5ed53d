"""An AAA server for tests of the TWAP, and who sends Disconnect-Requests, in hashlib alone.

It shares nothing with the code under test: what it hides the TWAP must open, and what the TWAP
signs it must verify.
"""
import hashlib
import hmac
import os
import select
import socket
import struct
import threading

import radius

ENTERPRISE = 32473
WLCP_KEY, CONNECTION_MODE, CP_ADDRESS, IMSI = 1, 2, 3, 4
ERROR_CAUSE, EVENT_TIMESTAMP = 101, 55


def hide(secret, authenticator, salt, plain):
    """RFC 2548 2.4.2."""
    text = bytes([len(plain)]) + plain
    text += bytes(-len(text) % 16)
    hidden, last = b"", authenticator + salt
    for i in range(0, len(text), 16):
        block = hashlib.md5(secret + last).digest()
        last = bytes(a ^ b for a, b in zip(text[i:i + 16], block))
        hidden += last
    return salt + hidden


def vendor(enterprise, kind, value):
    inner = bytes([kind, len(value) + 2]) + value
    return radius.attribute(radius.VENDOR_SPECIFIC, struct.pack("!I", enterprise) + inner)


def vendor_values(attributes, enterprise, kind):
    return [value[6:] for value in radius.values(attributes, radius.VENDOR_SPECIFIC)
            if value[:5] == struct.pack("!IB", enterprise, kind)]


def check_request(secret, packet):
    """Message-Authenticator first and right, in a request of ours or of accounting."""
    code, _, authenticator, attributes = radius.parse(packet)
    if attributes[0][0] != radius.MESSAGE_AUTHENTICATOR:
        raise radius.Wrong("Message-Authenticator is not first in the request")
    head = authenticator if code == radius.ACCESS_REQUEST else bytes(16)
    blank = packet[:4] + head + packet[20:22] + bytes(16) + packet[38:]
    if hmac.new(secret, blank, hashlib.md5).digest() != attributes[0][1]:
        raise radius.Wrong("the request's Message-Authenticator does not verify")
    if code != radius.ACCESS_REQUEST:
        wanted = hashlib.md5(packet[:4] + bytes(16) + packet[20:] + secret).digest()
        if wanted != authenticator:
            raise radius.Wrong("the Request Authenticator does not verify")
    return code, attributes


def response(secret, request, code, attributes):
    body = radius.attribute(radius.MESSAGE_AUTHENTICATOR, bytes(16)) + attributes
    head = struct.pack("!BBH", code, request[1], 20 + len(body))
    authenticator = request[4:20]
    mac = hmac.new(secret, head + authenticator + body, hashlib.md5).digest()
    if code == radius.ACCOUNTING_RESPONSE:
        mac = hmac.new(secret, head + bytes(16) + body, hashlib.md5).digest()
    body = body[:2] + mac + body[18:]
    return head + hashlib.md5(head + authenticator + body + secret).digest() + body


class Aaa(threading.Thread):
    """Answers each Access-Request as decide(attributes) says: (code, attributes in clear, what is
    to be hidden as (enterprise, kind, octets)), or None for silence."""

    def __init__(self, decide, secret=b"testing123"):
        super().__init__(daemon=True)
        self.decide, self.secret = decide, secret
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for each in self.sockets:
            each.bind(("127.0.0.1", 0))
        self.port, self.accounting_port = (each.getsockname()[1] for each in self.sockets)
        self.requests, self.errors = [], []
        self.over = threading.Event()

    def start(self, where=None):
        super().start()

    def run(self):
        while not self.over.is_set():
            for ready in select.select(self.sockets, [], [], 0.1)[0]:
                packet, sender = ready.recvfrom(4096)
                try:
                    answer = self.answer(packet)
                except radius.Wrong as wrong:
                    self.errors.append(wrong)
                    continue
                if answer:
                    ready.sendto(answer, sender)

    def answer(self, packet):
        code, attributes = check_request(self.secret, packet)
        self.requests.append((code, attributes))
        if code == radius.ACCOUNTING_REQUEST:
            return response(self.secret, packet, radius.ACCOUNTING_RESPONSE, b"")
        said = self.decide(attributes)
        if said is None:
            return None
        code, clear, hidden = said
        for number, (enterprise, kind, plain) in enumerate(hidden):
            salt = bytes([0x80 | number, 7])
            clear += vendor(enterprise, kind, hide(self.secret, packet[4:20], salt, plain))
        return response(self.secret, packet, code, clear)

    def stop(self):
        self.over.set()
        self.join(5)
        for each in self.sockets:
            each.close()


def accept_with(key, imsi, msk=bytes(64), clear=b""):
    return (radius.ACCESS_ACCEPT, clear,
            [(radius.MICROSOFT, radius.MPPE_RECV_KEY, msk[:32]),
             (radius.MICROSOFT, radius.MPPE_SEND_KEY, msk[32:]),
             (ENTERPRISE, WLCP_KEY, key), (ENTERPRISE, IMSI, imsi.encode())])


def reject_of(imsi):
    """Whom it was, for the TWAP: another one's failure ends no session."""
    return (radius.ACCESS_REJECT, b"", [(ENTERPRISE, IMSI, imsi.encode())])

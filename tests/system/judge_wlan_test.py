"""Foreign judges of the trusted WLAN: openssl is served WLCP typed as octets, and a thousand
attaches of a device that shares nothing with our code are searched, on every leg, for whose they
were."""
import base64
import os
import random
import re
import socket
import unittest

import dtls
import eap
import radius
import wlan
import world
from wlan_twag_test import (ACCEPT, COMPLETE, DISCONNECT, DISCONNECTED, INTERNET, REJECT, REQUEST,
                            identity_of)

ATTACHES, SUBSCRIBERS = 1000, 50
MAC = "02-00-00-00-03-01"
RESERVED_PTI = 255
CAUSE_APN, CAUSE_PTI = 27, 81


class Accept:
    """PDN CONNECTIVITY ACCEPT, read by the sheet's table: APN, PDN address and the two identities
    of the connection, then options."""

    def __init__(self, octets):
        self.type, self.pti = octets[0], octets[1]
        at = 3 + octets[2]
        self.apn = octets[3:at]
        self.address = octets[at + 1:at + 1 + octets[at]]
        at += 1 + octets[at]
        self.pdn, self.user_plane = octets[at], octets[at + 1:at + 7]
        if at + 7 > len(octets):
            raise AssertionError(f"too short for its elements: {octets.hex()}")
        self.options = octets[at + 7:]
        # Type 3: an interface identifier, then IPv4.
        self.ipv4 = socket.inet_ntoa(self.address[9:]) if self.address[0] & 7 == 3 else None


class OpensslTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]",
                                            **{"wlcp.any_source_port": "true"}))
        self.network.add(world.CARD)

    def attach(self):
        peer = eap.Peer(world.CARD.imsi, bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc),
                        multi=True)
        with radius.Client(self.network.ap_port) as ap:
            station = radius.attribute(radius.CALLING_STATION_ID, MAC.encode())
            self.assertEqual(eap.Attach(ap, peer, station).run(), radius.ACCESS_ACCEPT)
        return peer.wlcp_key()

    def told(self, client, octets, size=2):
        """The next answer: what comes after octets were typed."""
        before = len(client.octets)
        client.say(octets)
        self.assertTrue(client.until(lambda: len(client.octets) >= before + size, 5),
                        (client.out, self.network.text()[-2000:]))
        client.until(lambda: False, 0.1)
        return client.octets[before:]

    def connections(self):
        workers = self.network.ask(op="status")["workers"]
        return next(worker["counts"]["wlcp_connections"] for worker in workers
                    if worker["role"] == "wlan")

    def test_a_request_typed_as_octets_is_served(self):
        """spec: TS 24.244 5.2 - REQUEST, ACCEPT, COMPLETE; then a REJECT by the table of clause 6,
        the repeat of an answer, and the end, with a DTLS client and octets that are not ours."""
        key = self.attach()
        with dtls.Openssl(("127.0.0.1", self.network.settings["wlcp.port"]), identity_of(key), key,
                          "PSK-AES128-GCM-SHA256", "-dtls1_2", "-nocommands") as client:
            self.assertTrue(client.up(5), client.out)
            request = bytes([REQUEST, 1]) + INTERNET
            octets = self.told(client, request)
            accept = Accept(octets)
            self.assertEqual((accept.type, accept.pti), (ACCEPT, 1))
            self.assertEqual(accept.apn, b"\x08internet")
            self.assertEqual(accept.address[0] & 7, 3)
            self.assertEqual(accept.user_plane[0] & 3, 2)       # a local address of one station
            self.assertEqual(self.told(client, request), octets)
            client.say(bytes([COMPLETE, 1]))
            self.network.wait_line(f"pdn-up imsi={world.CARD.imsi} apn=internet "
                                   f"connection={accept.pdn} address={accept.ipv4}")
            world.wait_for("one connection", lambda: self.connections() == 1)
            row, = self.network.ask(op="bindings")["bindings"]
            self.assertEqual((row["imsi"], row["ipv4"], row["state"]),
                             (world.CARD.imsi, accept.ipv4, "ACTIVE"))

            self.assertEqual(self.told(client, bytes([REQUEST, 2, 0x31, 0x28, 5]) + b"\4mail"),
                             bytes([REJECT, 2, CAUSE_APN]))
            self.assertEqual(self.told(client, bytes([REQUEST, RESERVED_PTI]) + INTERNET),
                             bytes([REJECT, RESERVED_PTI, CAUSE_PTI]))
            self.assertEqual(self.told(client, bytes([DISCONNECT, 3, accept.pdn])),
                             bytes([DISCONNECTED, 3]))
            world.wait_for("no connection", lambda: self.connections() == 0)
            self.assertNotIn(b"alert", client.out)


class Shy(eap.Peer):
    """Says who it is to nobody but the server that asks for it, and is known by its pseudonym, or
    by its name for a fast re-authentication, from then on."""

    def first_identity(self):
        said = super().first_identity()
        return f"anonymous@{self.realm}" if said == self.permanent else said


class Recorder:
    """What went over one leg, a datagram each way; for the hooks of world.Relay."""

    def __init__(self):
        self.heard = []

    def __call__(self, packet):
        self.heard.append(packet)
        return [packet]


class Heard(dtls.Client):
    """A client of which every datagram is kept."""

    def __init__(self, heard, *words, **more):
        super().__init__(*words, **more)
        self.heard = heard

    def send(self, *parts):
        self.heard.append(b"".join(parts))
        super().send(*parts)

    def receive(self):
        if not self.inbox:
            self.heard.append(self.socket.recv(4096))
            self.inbox = dtls.records(self.heard[-1])
        return self.inbox.pop(0)


class At:
    """Where a relay goes to."""

    secret, host = world.SECRET, "127.0.0.1"

    def __init__(self, port, accounting_port=0):
        self.port, self.accounting_port = port, accounting_port


def base64_of(octets):
    """Its base64 at each of the three places it may begin at: the characters that it decides by
    itself."""
    forms = []
    for skip in range(3):
        text = base64.b64encode(bytes(skip) + octets)
        forms.append(text[-(-8 * skip // 6):8 * (skip + len(octets)) // 6])
    return forms + [form.replace(b"+", b"-").replace(b"/", b"_") for form in forms]


def forms_of_key(key):
    return {key, key.hex().encode(), key.hex().upper().encode(), *base64_of(key)}


def swapped(text):
    """Hex with the nibbles of each octet the other way round."""
    return re.sub(r"(.)(.)", r"\2\1", text)


def forms_of_subscriber(imsi):
    """Of the digits that name the subscriber, and of the whole IMSI in BCD of either order, from
    either nibble on. BCD itself is looked for as nibbles."""
    forms = {imsi[5:].encode(), imsi[5:].encode().hex().encode(), *base64_of(imsi[5:].encode())}
    for packed in (imsi[:14], imsi[1:]):
        for order in (packed, swapped(packed)):
            forms |= {order.encode(), *base64_of(bytes.fromhex(order))}
    return forms


class Search:
    """All that was heard on some legs."""

    def __init__(self, packets):
        # What separates two datagrams is no digit in any view.
        self.octets = b"\xff\xff\xff\xff".join(packets)
        self.nibbles = self.octets.hex()

    def finds(self, forms):
        """Which of many forms are there; each octet is looked at once."""
        size = min(len(form) for form in forms)
        begins = {}
        for form in forms:
            begins.setdefault(form[:size], []).append(form)
        octets = self.octets
        return {form for at in range(len(octets) - size + 1)
                if octets[at:at + size] in begins for form in begins[octets[at:at + size]]
                if octets.startswith(form, at)}

    def finds_subscribers(self, imsis):
        """In digits, in BCD of either order and at either nibble, in hex of digits or BCD, in
        base64 of digits or BCD."""
        whose = {form: imsi for imsi in imsis for form in forms_of_subscriber(imsi)}
        found = {whose[form] for form in self.finds(set(whose))}
        for view in (self.nibbles, swapped(self.nibbles)):
            found |= {imsi for imsi in imsis if imsi[5:] in view}
        return found


class ThousandAttachesTest(world.Case):
    """One daemon is AAA and anchor, another TWAP and TWAG, and every leg between them, and to the
    device, is heard."""

    def setUp(self):
        super().setUp()
        self.to_aaa, self.to_anchor = Recorder(), Recorder()
        self.ap_leg, self.wlcp_leg = [], []
        chance = random.Random(7)
        self.cards = [world.Card("00101" + "".join(chance.choices("123456789", k=10)),
                                 chance.randbytes(16).hex(), chance.randbytes(16).hex())
                      for _ in range(SUBSCRIBERS)]
        anchor_port, tunnel_port = world.free_port(), world.free_port()
        self.core = self.start(world.Latchkeyd(**{
            "roles": "[aaa, vault, anchor]", "anchor.port": anchor_port,
            "anchor.tunnel_port": tunnel_port, "anchor.durable": "false"}))
        for card in self.cards:
            self.core.add(card)
        aaa = self.relay(At(self.core.port), self.to_aaa)
        anchor = self.relay(At(anchor_port), self.to_anchor)
        self.gateway = self.start(wlan.Wlan(
            roles="[twap, twag]", server=At(aaa.port, self.core.accounting_port),
            **{"wlcp.any_source_port": "true", "wlcp.rate_burst": 1000, "mag.port": anchor.port,
               "mag.tunnel_port": tunnel_port}))
        self.gateway.wait_line("anchor-up")
        self.wlcp = ("127.0.0.1", self.gateway.settings["wlcp.port"])

    def relay(self, server, recorder):
        return self.start(world.Relay(server, recorder, recorder))

    def access_point(self):
        """radius.Client, of which every datagram is kept."""
        ap = radius.Client(self.gateway.ap_port, timeout=3)
        self.addCleanup(ap.close)
        raw = ap.raw

        def heard(packet, **how):
            answer = raw(packet, **how)
            self.ap_leg += [packet, answer]
            return answer

        ap.raw = heard
        return ap

    def attach(self, ap, peer, number):
        station = f"02-00-00-00-04-{number:02X}".encode()
        run = eap.Attach(ap, peer, radius.attribute(radius.CALLING_STATION_ID, station))
        self.assertEqual(run.run(), radius.ACCESS_ACCEPT, self.gateway.text()[-2000:])
        self.keys |= {peer.msk, peer.msk[:32], peer.msk[32:], peer.emsk, peer.wlcp_key()}
        return peer.wlcp_key()

    def connect(self, key):
        identity = identity_of(key)
        self.identities.append(identity)
        client = Heard(self.wlcp_leg, self.wlcp, identity.encode(), key)
        client.connect()
        client.send(client.data(bytes([REQUEST, 1]) + INTERNET))
        accept = Accept(client.expect_data())
        self.assertEqual((accept.type, accept.pti), (ACCEPT, 1), self.gateway.text()[-2000:])
        client.send(client.data(bytes([COMPLETE, 1])))
        return client

    def run_all(self):
        peers = [Shy(card.imsi, bytes.fromhex(card.k), bytes.fromhex(card.opc), multi=True,
                     use_pseudonym=True, use_reauth=number % 2 == 1)
                 for number, card in enumerate(self.cards)]
        ap, clients = self.access_point(), [None] * SUBSCRIBERS
        for number in range(ATTACHES):
            who = number % SUBSCRIBERS
            last, clients[who] = clients[who], self.connect(self.attach(ap, peers[who], who))
            if last:
                last.close()
        for client in clients:
            client.close()

    def identity_rounds(self, packets):
        """Takes those out of it that must say who somebody is, and returns the rest."""
        rest = []
        for packet in packets:
            asked = packet[0] == radius.ACCESS_REQUEST and self.says_who(packet)
            self.said += asked
            rest += [] if asked else [packet]
        return rest

    def says_who(self, packet):
        """EAP-Response/AKA-Identity with the permanent identity, the answer to
        AT_PERMANENT_ID_REQ, AT_FULLAUTH_ID_REQ or AT_ANY_ID_REQ of a server that knows nobody of
        that name."""
        said = radius.eap_of(radius.parse(packet)[3])
        return said[4:6] == bytes([eap.AKA_PRIME, eap.AKA_IDENTITY]) and \
            dict(eap.attributes_of(said[8:]))[eap.AT_IDENTITY][2:3] == b"6"

    def test_nobody_is_named_on_the_way(self):
        """T07: over a thousand attaches, from access point to anchor, nobody's IMSI is to be seen
        outside the one round of his first attach that must bring it, and no PSK identity belongs
        to two keys. T04: nor is any of the keys between TWAP and AAA, in clear, hex or base64.
        spec: TS 33.402 7.2.3.2 - a device and a hand that are not ours make the same keys."""
        self.keys, self.identities, self.said = set(), [], 0
        self.run_all()
        legs = {"access point": self.ap_leg, "AAA": self.to_aaa.heard, "WLCP": self.wlcp_leg,
                "anchor": self.to_anchor.heard}
        for leg, least in (("access point", 4), ("AAA", 4), ("WLCP", 7)):
            self.assertGreaterEqual(len(legs[leg]), least * ATTACHES, leg)
        self.assertGreaterEqual(len(legs["anchor"]), 2 * SUBSCRIBERS)
        self.assertEqual(len(set(self.identities)), ATTACHES)

        self.assertEqual(len(self.keys), 5 * ATTACHES)
        forms = {form for key in self.keys for form in forms_of_key(key)}
        self.assertEqual(Search(legs["AAA"]).finds(forms), set())
        imsis = {card.imsi for card in self.cards}
        for leg in ("access point", "AAA"):
            self.assertEqual(Search(legs[leg]).finds_subscribers(imsis), imsis)
            legs[leg] = self.identity_rounds(legs[leg])
        self.assertEqual(self.said, 2 * SUBSCRIBERS)
        for leg, packets in legs.items():
            self.assertEqual(Search(packets).finds_subscribers(imsis), set(), leg)


class SearchTest(unittest.TestCase):
    def test_it_finds_what_is_there(self):
        """Each form of an IMSI and of a key, at every place that it may stand at."""
        imsi, key = "001017394826158", bytes(range(7, 39))
        text = imsi.encode()
        found = [text, text.hex().encode(), *(base64.b64encode(bytes(at) + text)
                                              for at in range(3))]
        for packed in (imsi + "f", "1" + imsi):
            for order in (packed, swapped(packed)):
                found += [bytes.fromhex(order), order.encode()]
                found += [base64.b64encode(bytes(at) + bytes.fromhex(order)) for at in range(3)]
        for form in found:
            self.assertEqual(Search([b"x", form]).finds_subscribers({imsi}), {imsi}, form)
        found = [key, key.hex().encode(), key.hex().upper().encode()]
        found += [encode(bytes(at) + key) for at in range(3)
                  for encode in (base64.b64encode, base64.urlsafe_b64encode)]
        for form in found:
            self.assertNotEqual(Search([b"x", form]).finds(forms_of_key(key)), set(), form)
        apart = Search([text[:12], text[12:], key[:31], key[31:]])
        self.assertEqual(apart.finds_subscribers({imsi}), set())
        self.assertEqual(apart.finds(forms_of_key(key)), set())


if __name__ == "__main__":
    unittest.main()

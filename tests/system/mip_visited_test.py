"""A foreign agent in a visited network: its AAA is radsecproxy, which asks the home AAA over TLS
(S4 7.3.4: in case of roaming the message goes through the visited AAA)."""
import hashlib
import os
import re
import socket
import struct
import unittest

import mip
import pmip
import radius
import radsec
import world

A, KEY, SPI = world.CARD.imsi, "the key with the home AAA", 1000
HOME, VISITED = "aaa.example.org", "aaa.visited.example"
FA, OTHER_FA, HA = "fa.visited.example", "fa.elsewhere.example", "ha.visited.example"
ACCEPT, REJECT = 2, 3
HOME_AGENT, FOREIGN_AGENT, KEYS = 1, 2, 1
MIP_AGENT, MIP_REQUEST, MIP_MN_HA, MIP_MN_FA, MIP_REFUSED = 12, 13, 14, 15, 16
THREEGPP2, MN_HA_SPI, SHARED_KEY = 5535, 57, 58
RECV_KEY = 17


def vsa(kind, value, vendor=pmip.ENTERPRISE):
    return radius.attribute(radius.VENDOR_SPECIFIC,
                            struct.pack(">I", vendor) + bytes([kind, len(value) + 2]) + value)


class VisitedTest(world.Case):
    def setUp(self):
        super().setUp()
        self.certificates = c = radsec.Certificates(self.dir / "tls")
        c.ca("ca")
        c.make("home", HOME)
        c.make("visited", VISITED)
        for key in c.where.glob("*.key"):
            key.chmod(0o644)
        tls, self.udp = world.free_port(socket.SOCK_STREAM), world.free_port()
        self.home = self.start(world.Latchkeyd(**{
            "radsec.certificate": c.path("home"), "radsec.key": c.path("home", "key"),
            "radsec.ca": c.path("ca"), "radsec.port": tls, "log.mask_imsi": "false",
            "radsec.peers": f"[{{name: visited, certificate: {VISITED}, "
                            f"agent: \"*.visited.example\"}}]",
            "aaa.mip.nodes": f"[{{imsi: \"{A}\", spi: {SPI}, key: \"{KEY}\"}}]"}))
        self.proxy = self.start(radsec.Radsecproxy(f"""ListenUDP 127.0.0.1:{self.udp}
{radsec.tls_block(c, "visited")}
client 127.0.0.1 {{
    type udp
    secret {world.SECRET}
}}
server home {{
    host 127.0.0.1
    port {tls}
    type tls
    secret radsec
    StatusServer on
    MatchCertificateAttribute SubjectAltName:DNS:/^{re.escape(HOME)}$/
    CertificateNameCheck off
}}
realm * {{
    server home
}}
"""))
        self.proxy.ready()
        self.nai = f"0{A}@{pmip.REALM}".encode()
        self.spi = 700

    def request(self, key=KEY):
        """What a node sends that has no key with either agent."""
        self.spi += 1
        message = struct.pack(">BBH4s4s4sQ", 1, 0x22, 600, bytes(4), socket.inet_aton("192.0.2.1"),
                              socket.inet_aton("198.51.100.23"), mip.ntp())
        message += mip.short(mip.NAI, self.nai) + mip.key_request(self.spi, self.spi + 100)
        return mip.mn_aaa(message, key, SPI)

    def ask(self, agent, name, request):
        """The answer's code, its attributes, and the authenticator of the question."""
        attributes = radius.attribute(1, self.nai) + vsa(
            MIP_AGENT, bytes([agent, KEYS]) + name.encode())
        for at in range(0, len(request), 247):
            attributes += vsa(MIP_REQUEST, request[at:at + 247])
        secret, authenticator = world.SECRET.encode(), os.urandom(16)
        client = radius.Client(self.udp, secret)
        self.addCleanup(client.close)
        packet = radius.access_request(secret, 7, authenticator, attributes)
        answer = client.raw(packet, tries=8)
        code, _, signed, got = radius.parse(answer)
        self.assertEqual(signed, hashlib.md5(answer[:4] + authenticator + answer[20:] +
                                             secret).digest())
        return code, got, authenticator

    @staticmethod
    def told(attributes, kind):
        return radius.vendor_value(attributes, pmip.ENTERPRISE, kind)

    def test_a_key_is_hidden_anew_on_each_leg(self):
        """T23: its key reaches the foreign agent under the secret of its own leg, and is the one
        that the node makes of the nonce; of the home agent's it learns nothing (invariant 20)."""
        code, got, authenticator = self.ask(FOREIGN_AGENT, FA, self.request())
        self.assertEqual(code, ACCEPT)
        key = radius.mppe_key(world.SECRET.encode(), authenticator, got, RECV_KEY)
        numbers = self.told(got, MIP_MN_FA)
        self.assertEqual(struct.unpack(">III", numbers[:12])[1:], (self.spi + 100, SPI))
        self.assertEqual(key, mip.rfc3957(KEY, numbers[20:], self.nai))
        self.assertIsNone(self.told(got, MIP_MN_HA))
        self.assertIsNone(radius.vendor_value(got, THREEGPP2, SHARED_KEY))

    def test_nobody_asks_as_home_agent_for_a_domain(self):
        """Invariant 20: who stands for a domain gets no key of a home agent, which asks itself."""
        code, got, _ = self.ask(HOME_AGENT, HA, self.request())
        self.assertEqual((code, self.told(got, MIP_REFUSED)), (REJECT, b"mip.client"))
        self.assertIsNone(radius.vendor_value(got, THREEGPP2, SHARED_KEY))
        self.assertIsNone(self.told(got, MIP_MN_HA))

    def test_who_asks_in_the_name_of_others(self):
        """T02: a visited AAA stands for the agents of its domain, and for no others."""
        code, got, _ = self.ask(FOREIGN_AGENT, OTHER_FA, self.request())
        self.assertEqual((code, self.told(got, MIP_REFUSED)), (REJECT, b"mip.client"))
        self.assertIsNone(radius.vendor_value(got, radius.MICROSOFT, RECV_KEY))
        code, got, _ = self.ask(FOREIGN_AGENT, FA, self.request("another key, not his at all"))
        self.assertEqual((code, self.told(got, MIP_REFUSED)), (REJECT, b"mip.mn-aaa"))
        self.assertEqual(self.ask(FOREIGN_AGENT, FA, self.request())[0], ACCEPT)


if __name__ == "__main__":
    unittest.main()

"""TWAP and TWAG on two machines: the session link over TLS, its end and its return."""
import os
import shutil
import socket
import tempfile

import aaa_double
import dtls
import radius
import radsec
import wlan
import world
from wlan_twag_test import IMSI_A, INTERNET, MAC_A, REJECT, REQUEST, identity_of

TWAP, TWAG, OTHER = "twap.example.org", "twag.example.org", "other.example.org"
NEIGHBOUR = "neighbour.example.org"
MAC_B = "02-00-00-00-00-0B"


class LinkTest(world.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="lk-certificates-")
        os.chmod(cls.folder, 0o755)
        cls.certificates = c = radsec.Certificates(cls.folder)
        c.ca("ca")
        for name in (TWAP, TWAG, OTHER, NEIGHBOUR):
            c.make(name, name)
        for key in c.where.glob("*.key"):
            key.chmod(0o644)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, True)

    def files(self, name):
        c = self.certificates
        return {"radsec.certificate": c.path(name), "radsec.key": c.path(name, "key"),
                "radsec.ca": c.path("ca")}

    def setUp(self):
        super().setUp()
        self.said = {}
        self.aaa = self.start(aaa_double.Aaa(self.decide))
        self.link_port = world.free_port(socket.SOCK_STREAM)
        self.twag = self.start(wlan.Wlan(roles="[twag]", **{
            **self.files(TWAG), "radsec.port": self.link_port,
            "radsec.peers": f"[{{name: twap, certificate: {TWAP}, twap: true}}, "
                            f"{{name: neighbour, certificate: {NEIGHBOUR}}}]",
            "wlcp.any_source_port": "true", "mag.tries": 1, "mag.timeout_ms": 100}))
        self.wlcp = ("127.0.0.1", self.twag.settings["wlcp.port"])

    def twap(self, name=TWAP):
        return self.start(wlan.Wlan(roles="[twap]", server=self.aaa, **{
            **self.files(name), "radsec.port": 0, "twap.twag": "gateway",
            "wlcp.cp_address": "127.0.0.1",
            "radsec.peers": f"[{{name: gateway, address: 127.0.0.1, port: {self.link_port}, "
                            f"certificate: {TWAG}}}]"}))

    def decide(self, attributes):
        mac = radius.values(attributes, radius.CALLING_STATION_ID)[0].decode()
        return self.said.get(mac, (radius.ACCESS_REJECT, b"", []))

    def attach(self, twap, mac=MAC_A, imsi=IMSI_A):
        key = os.urandom(32)
        self.said[mac] = aaa_double.accept_with(key, imsi)
        with radius.Client(twap.ap_port) as client:
            self.assertEqual(client.access(wlan.access(mac))[0], radius.ACCESS_ACCEPT)
        return key

    def client(self, key, **more):
        client = dtls.Client(self.wlcp, identity_of(key).encode(), key, **more)
        self.addCleanup(client.close)
        return client

    def assert_served(self, client):
        client.send(client.data(bytes([REQUEST, 1]) + INTERNET))
        self.assertEqual(client.expect_data()[:2], bytes([REJECT, 1]))

    def assert_closed(self, client):
        kind, _, sequence, body = client.receive()
        self.assertEqual((kind, client.open(kind, sequence, body)), (dtls.ALERT, b"\1\0"))

    def test_a_key_over_the_link_opens_a_channel(self):
        """And a stop at the access point ends it.
        spec: RFC 5997 4.1 - the gateway says that it lives, or it would be told nothing."""
        twap = self.twap()
        client = self.client(self.attach(twap)).connect()
        self.assert_served(client)
        wlan.account(twap.ap_accounting_port, MAC_A)
        self.assert_closed(client)

    def test_what_is_told_while_the_link_is_down_arrives(self):
        twap = self.twap()
        first = self.client(self.attach(twap)).connect()
        self.assert_served(first)
        self.twag.stop()
        key = self.attach(twap, MAC_B, "001010123456064")
        self.twag.again()
        client = self.client(key)
        client.socket.settimeout(15)
        client.greet()
        client.send(*client.last_flight())      # T05: held until the link is back
        client.expect_finished()
        self.assert_served(client)

    def test_a_twap_that_restarted_has_no_older_sessions(self):
        """T06: it would not end them. Those of its next life stay."""
        twap = self.twap()
        client = self.client(self.attach(twap)).connect()
        self.assert_served(client)
        self.assertEqual(self.twag.text().count("twap-began"), 1)
        twap.stop()
        self.assert_served(client)
        twap.again()
        self.assert_closed(client)
        self.twag.wait_line(r"(?s)twap-began twap=twap.*twap-began twap=twap")
        self.assert_served(self.client(self.attach(twap)).connect())

    def test_another_certificate_tells_nothing(self):
        twap = self.twap(OTHER)
        key = self.attach(twap)
        client = self.client(key)
        client.socket.settimeout(10)
        client.greet()
        client.send(*client.last_flight())
        self.assertEqual(client.receive()[0], dtls.ALERT)
        self.assertNotIn("wlan-session", self.twag.text())

    def test_a_client_that_is_no_twap_tells_nothing(self):
        """T02: its certificate is good, and its row says nothing of a TWAP: it neither makes nor
        ends sessions, not even of a subscriber that it can name."""
        client = self.client(self.attach(self.twap())).connect()
        self.assert_served(client)
        before = self.twag.ask(op="wlan-digest")
        neighbour = self.twap(NEIGHBOUR)
        self.attach(neighbour, MAC_B)
        self.twag.wait_line(r"refused reason=twap.link-denied .*neighbour")
        wlan.account(neighbour.ap_accounting_port, MAC_B)
        neighbour.wait_line(r"(?s)gateway-refuses error_cause=501.*gateway-refuses error_cause=501")
        self.assertEqual(self.twag.ask(op="wlan-digest"), before)
        self.assert_served(client)


if __name__ == "__main__":
    world.unittest.main()

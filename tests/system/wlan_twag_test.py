"""The wlan process as TWAG: keys of a foreign AAA, DTLS by hand and by openssl, WLCP in octets."""
import hashlib
import hmac
import os
import socket
import threading
import time

import aaa_double
import dtls
import radius
import wlan
import world

MAC_A, MAC_B = "02-00-00-00-00-0A", "02-00-00-00-00-0B"
IMSI_A, IMSI_B = "001010123456063", "001010123456064"
REQUEST, ACCEPT, REJECT, COMPLETE = 0x81, 0x82, 0x83, 0x84
DISCONNECT, DISCONNECTED, DISCONNECT_REJECT = 0x85, 0x86, 0x87
# Initial request, IPv4 and IPv6, APN internet.
INTERNET = bytes.fromhex("31") + b"\x28\x09\x08internet"


def identity_of(key):
    return hmac.new(key, b"wlcp psk id", hashlib.sha256).digest()[:16].hex()


class TwagCase(world.Case):
    settings = {}

    def setUp(self):
        super().setUp()
        self.said = {}
        self.aaa = self.start(aaa_double.Aaa(self.decide))
        self.daemon = self.start(wlan.Wlan(
            roles="[twap, twag]", server=self.aaa,
            **{"wlcp.any_source_port": "true", "mag.tries": 1, "mag.timeout_ms": 100,
               **self.settings}))
        self.wlcp = ("127.0.0.1", self.daemon.settings["wlcp.port"])

    def decide(self, attributes):
        mac = radius.values(attributes, radius.CALLING_STATION_ID)[0].decode()
        return self.said.get(mac, (radius.ACCESS_REJECT, b"", []))

    def attach(self, mac=MAC_A, imsi=IMSI_A, key=None):
        key = key or os.urandom(32)
        self.said[mac] = aaa_double.accept_with(key, imsi)
        with radius.Client(self.daemon.ap_port) as client:
            self.assertEqual(client.access(wlan.access(mac))[0], radius.ACCESS_ACCEPT)
        return key

    def client(self, key, identity=None, **more):
        client = dtls.Client(self.wlcp, (identity or identity_of(key)).encode(), key, **more)
        self.addCleanup(client.close)
        return client

    def digest(self):
        answer = self.daemon.ask(op="wlan-digest")
        self.assertTrue(answer.pop("ok"), answer)
        return answer

    def status(self):
        workers = self.daemon.ask(op="status")["workers"]
        return next(worker["counts"] for worker in workers if worker["role"] == "wlan")


class ChannelTest(TwagCase):
    def test_a_device_is_served_by_the_key_that_its_aaa_sent(self):
        client = self.client(self.attach()).connect()
        client.send(client.data(bytes([REQUEST, 1]) + INTERNET))
        # No anchor is there: network failure, with the PTI of the request.
        self.assertEqual(client.expect_data()[:3], bytes([REJECT, 1, 38]))

    def test_openssl_is_served(self):
        key = self.attach()
        out = dtls.s_client(self.wlcp, identity_of(key), key, "PSK-AES128-GCM-SHA256", "-dtls1_2",
                            say="\x7f\x01", until="zz", seconds=2)
        self.assertIn("Cipher    : PSK-AES128-GCM-SHA256", out)
        self.assertIn("Extended master secret: yes", out)
        self.assertNotIn("alert", out)

    def test_the_key_may_come_late(self):
        """T05: up to 3 s after the handshake, in 50 ms steps; no alert, one retransmit later."""
        keys = {}
        up, errors = {}, []

        def device(number, key):
            try:
                client = dtls.Client(self.wlcp, identity_of(key).encode(), key,
                                     local=f"127.0.1.{number + 1}")
                client.greet()
                client.send(*client.last_flight())
                client.expect_finished()
                up[number] = time.monotonic()
                client.close()
            except Exception as error:      # told by the main thread
                errors.append((number, error))

        threads = []
        for number in range(61):
            keys[number] = os.urandom(32)
            threads.append(threading.Thread(target=device, args=(number, keys[number])))
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        came = {}
        for number in range(61):
            time.sleep(max(0, begin + 0.05 * number - time.monotonic()))
            self.attach(f"02-00-00-00-01-{number:02X}", f"0010100000000{number:02d}", keys[number])
            came[number] = time.monotonic()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        for number, when in up.items():
            self.assertLess(when - came[number], 1.0)
        self.assertEqual(len(up), 61)

    def test_no_key_and_a_wrong_one_end_alike(self):
        """A18: the same octets, and nothing of either is left."""
        before = self.digest()
        answers = []
        for key, identity in ((bytes(32), None), (bytes(32), identity_of(self.attach()))):
            client = self.client(key, identity, local="127.0.0.9")
            client.socket.settimeout(10)
            client.greet()
            client.send(*client.last_flight())
            answers.append(client.receive())
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][0], dtls.ALERT)
        self.assertEqual(self.status()["wlcp_channels"], 0)
        self.assertNotEqual(self.digest()["twap"], before["twap"])

    def test_plain_wlcp_is_nobodys(self):
        """T01: without a channel there is no one to ask, and no trace of who did."""
        self.attach()
        before = self.digest()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.7", 0))
            for octets in (bytes([REQUEST, 1]) + INTERNET, bytes([DISCONNECT, 1, 5]), b"\0" * 40):
                stranger.sendto(octets, self.wlcp)
            stranger.settimeout(0.5)
            self.assertRaises(TimeoutError, stranger.recv, 100)
        self.assertEqual(self.digest(), before)

    def test_an_accounting_stop_ends_the_channel(self):
        client = self.client(self.attach()).connect()
        wlan.account(self.daemon.ap_accounting_port, MAC_A)
        kind, epoch, sequence, body = client.receive()
        self.assertEqual((kind, client.open(kind, sequence, body)), (dtls.ALERT, b"\1\0"))
        world.wait_for("no channel", lambda: self.status()["wlcp_channels"] == 0)

    def test_a_device_that_begins_anew_goes_on(self):
        """The same key again, from another port: the new channel is up, the old one ends."""
        key = self.attach()
        first = self.client(key).connect()
        second = self.client(key).connect()
        second.send(second.data(bytes([REQUEST, 1]) + INTERNET))
        self.assertEqual(second.expect_data()[:2], bytes([REJECT, 1]))
        kind, _, sequence, body = first.receive()
        self.assertEqual((kind, first.open(kind, sequence, body)), (dtls.ALERT, b"\1\0"))


class RollTest(TwagCase):
    settings = {"wlcp.overlap_ms": 600, "wlcp.hold_ms": 300}

    def test_the_old_key_ends_after_the_overlap(self):
        """T06: a re-authentication brings a new key; the old one opens nothing any more."""
        old = self.attach()
        first = self.client(old).connect()
        new = self.attach()
        self.assertNotEqual(old, new)
        second = self.client(new).connect()
        second.send(second.data(bytes([REQUEST, 1]) + INTERNET))
        self.assertEqual(second.expect_data()[:2], bytes([REJECT, 1]))
        kind, _, sequence, body = first.receive()
        self.assertEqual((kind, first.open(kind, sequence, body)), (dtls.ALERT, b"\1\0"))
        time.sleep(0.7)
        late = self.client(old, local="127.0.0.8")
        late.greet()
        late.send(*late.last_flight())
        self.assertEqual(late.receive()[0], dtls.ALERT)
        self.client(new, local="127.0.0.6").connect()

    def test_a_failed_re_authentication_ends_the_channel(self):
        """spec: TS 24.244 5.1.5 - the TWAG disconnects what there is."""
        client = self.client(self.attach()).connect()
        self.said[MAC_A] = aaa_double.reject_of(IMSI_A)
        with radius.Client(self.daemon.ap_port) as ap:
            self.assertEqual(ap.access(wlan.access(MAC_A))[0], radius.ACCESS_REJECT)
        kind, _, sequence, body = client.receive()
        self.assertEqual((kind, client.open(kind, sequence, body)), (dtls.ALERT, b"\1\0"))


class SubscriberTest(TwagCase):
    """T02: a subscriber has one session, and nobody else takes it, or the room for it."""
    settings = {"twap.sessions_max": 16}

    def assert_served(self, client):
        client.send(client.data(bytes([REQUEST, 1]) + INTERNET))
        self.assertEqual(client.expect_data()[:2], bytes([REJECT, 1]))

    def test_a_former_device_ends_no_session(self):
        self.attach(MAC_A)
        client = self.client(self.attach(MAC_B)).connect()
        wlan.account(self.daemon.ap_accounting_port, MAC_A)
        self.attach(MAC_A, IMSI_B)
        wlan.account(self.daemon.ap_accounting_port, MAC_A)
        self.daemon.wait_line(f"wlan-session-ended imsi={IMSI_B} .*why=detached")
        self.assert_served(client)

    def test_one_subscriber_leaves_room_for_others(self):
        for number in range(20):
            self.attach(f"02-EE-00-00-00-{number:02X}")
        world.wait_for("one session", lambda: self.status()["wlan_sessions"] == 1)
        self.assert_served(self.client(self.attach(MAC_B, IMSI_B)).connect())


class CrowdTest(TwagCase):
    settings = {"wlcp.handshakes_max": 24, "wlcp.half_open_max": 8}

    def greet(self, host, count):
        for _ in range(count):
            self.client(bytes(32), local=f"127.0.3.{host}").greet()

    def under_way(self, count):
        world.wait_for(f"{count} under way", lambda: self.status()["wlcp_half_open"] == count)

    def test_handshakes_under_way_are_bounded(self):
        """T05: of all sources by wlcp.handshakes_max, of one by wlcp.half_open_max: its oldest
        goes. Whoever has a key is served all the same."""
        self.greet(1, 12)
        self.under_way(8)
        for host in range(2, 6):
            self.greet(host, 8)
        self.under_way(24)
        client = self.client(self.attach()).connect()
        client.send(client.data(bytes([REQUEST, 1]) + INTERNET))
        self.assertEqual(client.expect_data()[:2], bytes([REJECT, 1]))


if __name__ == "__main__":
    world.unittest.main()

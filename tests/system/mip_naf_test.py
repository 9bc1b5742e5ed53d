"""Mobile IPv4 from the USIM, the home agent as NAF (S4 7.3.5): a device that another hand makes
bootstraps at the BSF, and its Ks_NAF for the home agent is its MN-HA key."""
import base64
import itertools
import os
import socket
import threading
import time
import unittest

import bsf_test
import gba
import mip
import mip6
import radsec
import world

HA, UA, UA6 = "ha.example", "01000000f1", "01000000f3"
GATEWAY = "10.64.0.1"
OTHER = "001010000000009"


class HomeAgentNafTest(bsf_test.Bsf):
    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        self.certificates.make("bsf", gba.BSF, ca="ca")
        self.certificates.make("ha", HA, ca="ca")
        self.zn = world.free_port(socket.SOCK_STREAM)
        self.mip_port, self.mip6_port = world.free_port(), world.free_port()

    def files(self, section, stem):
        path = self.certificates.path
        return {f"{section}.certificate": path(stem), f"{section}.key": path(stem, "key"),
                f"{section}.ca": path("ca")}

    def begin(self, **settings):
        self.bsf(**{"bsf.zn_port": self.zn, "bsf.rate": 1000,
                    "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{UA}\", \"{UA6}\"], "
                             "identity: true}]",
                    **self.files("bsf", "bsf"), **settings})
        self.anchor = self.start(world.Latchkeyd(**{
            "roles": "[aaa, vault, anchor]", "anchor.port": world.free_port(),
            "anchor.tunnel_port": world.free_port(), "anchor.mip.port": self.mip_port,
            "anchor.mip.port6": self.mip6_port,
            "anchor.mip.naf.name": HA, "anchor.mip.naf.bsf_port": self.zn,
            "log.mask_imsi": "false", **self.files("anchor.mip.naf", "ha")}))
        self.anchor.mip_port, self.anchor.mip6_port = self.mip_port, self.mip6_port
        self.session = self.ue().bootstrap()

    def node(self, imsi=None, key=None, spi=777):
        key = key or self.session.naf(HA, bytes.fromhex(UA))
        node = mip.Node(self.anchor, imsi or world.CARD.imsi, key, spi=spi)
        self.addCleanup(node.close)
        return node

    def node6(self, spi=777, octets=16):
        """By the first 16 octets of the key of MIPv6's own protocol of Ua."""
        key = self.session.naf(HA, bytes.fromhex(UA6))[:octets]
        node = mip6.Node(self.anchor, world.CARD.imsi, key, spi=spi, local="127.0.0.2")
        self.addCleanup(node.close)
        return node

    def b_tid(self):
        return mip.b_tid_extension(self.session.b_tid)

    def test_the_key_of_a_bootstrapping_registers(self):
        self.begin()
        node = self.node()
        reply = node.register(extensions=self.b_tid())
        self.assertEqual(reply.code, 0)
        self.assertTrue(reply.proves(node.key, 777, "hmac-sha256"))
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(node.register().code, 0)       # the B-TID is said once
        time.sleep(1.1)         # a subscriber bootstraps once a second
        self.session = self.ue().bootstrap()            # T30: renewed while it is bound
        newer = self.node(spi=778)
        newer.home = node.home
        self.assertEqual(newer.register(extensions=self.b_tid()).code, 0)
        self.assertTrue(newer.ping(GATEWAY))
        self.assertIsNone(node.give(node.request(), 0.3))   # T26: the older is over

    def test_mipv6_has_a_key_of_its_own(self):
        """S4 7.3.5 for MIPv6; T24: neither protocol takes the other's key, and one address."""
        self.begin()
        four, six = self.node(), self.node6()
        self.assertEqual(four.register(extensions=self.b_tid()).code, 0)
        self.assertIsNone(six.give(six.update(), 0.5))      # that SPI is of Mobile IPv4
        option = mip6.b_tid_option(self.session.b_tid)
        behind = self.node6(spi=790)
        self.assertIsNone(behind.give(behind.update(behind=[option]), 0.5))
        time.sleep(0.05)
        ack = six.register(extra=[option], ipv4_home="0.0.0.0")
        self.assertEqual((ack.status, ack.ipv4), (0, four.home))
        self.assertTrue(ack.proves(six.key, 777, six.local))
        self.assertTrue(six.ping(mip6.AGENT) and six.ping(GATEWAY))
        self.assertEqual(six.register().status, 0)          # the B-TID is said once
        whole = self.node6(spi=791, octets=32)
        self.assertEqual(whole.register(extra=[option]).status, 146)
        time.sleep(0.05)
        self.assertEqual(four.register().code, 0)           # its key is as good as before
        self.assertTrue(four.ping(GATEWAY))

    def test_t27_a_b_tid_is_of_its_subscriber(self):
        """Neither account is touched by the B-TID of one with the NAI of another."""
        self.begin()
        mixed = self.node(imsi=OTHER)
        self.assertIsNone(mixed.give(mixed.request(extensions=self.b_tid()), 1))
        self.anchor.wait_line("mip.b-tid.*imsi=" + OTHER)
        self.assertEqual(self.anchor.ask(op="bindings")["bindings"], [])
        self.assertEqual(self.node().register(extensions=self.b_tid()).code, 0)

    def test_t10_a_b_tid_that_was_heard(self):
        """Junk under a B-TID of a newer session, which somebody has heard elsewhere: the key of the
        BSF refuses it, is not kept, and the one in use stays (T26)."""
        self.begin()
        node = self.node()
        node.home = node.register(extensions=self.b_tid()).home
        self.assertTrue(node.ping(GATEWAY))
        time.sleep(1.1)         # a subscriber bootstraps once a second
        self.session = self.ue().bootstrap()
        for spi in (6001, 6002):
            thief = self.node(key=b"no key of anybody's, 32 octets..", spi=spi)
            thief.socket.send(thief.request(extensions=self.b_tid()))
            world.wait_for("refused", lambda n=spi - 6000: self.refused("mip.authenticator") >= n)
        self.assertEqual(node.register().code, 0)
        self.assertTrue(node.ping(GATEWAY))
        self.assertEqual(self.node(spi=778).register(extensions=self.b_tid()).code, 0)

    def strangers(self, stop, places):
        """Requests in another's name with a B-TID of nobody's, each from the next place."""
        known = base64.b64encode(b"sixteen octets!!")
        template = self.node(imsi=OTHER, key=b"junk", spi=999).request(
            extensions=mip.b_tid_extension(known.decode() + "@" + gba.BSF))
        self.assertEqual(template.count(known), 1)
        sockets = []
        for i in range(places):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(sock.close)
            sock.bind((f"127.1.{i // 200}.{i % 200 + 1}", 0))
            sock.setblocking(False)
            sockets.append(sock)

        def run():
            for n in itertools.count():
                if n % 15 == 0 and stop.wait(0.01):
                    return
                octets = template.replace(known, base64.b64encode(os.urandom(16)))
                try:
                    sockets[n % places].sendto(octets, ("127.0.0.1", self.mip_port))
                except OSError:
                    pass        # the buffer is full

        thread = threading.Thread(target=run)
        self.addCleanup(thread.join)
        self.addCleanup(stop.set)       # before that
        thread.start()

    def test_t15_strangers_are_not_all_that_is_asked_for(self):
        """250 places with 1500 B-TIDs a second in one name: whoever comes for the first time is
        asked for, and what is left out is counted, and told."""
        self.begin()
        stop = threading.Event()
        self.strangers(stop, 250)
        world.wait_for("too many", lambda: self.refused("mip.questions") > 100)
        node = self.node()
        for _ in range(4):      # as devices ask again; datagrams are lost in such a flood
            reply = node.give(node.request(extensions=self.b_tid()), 1)
            if reply is not None:
                break
        self.assertIsNotNone(reply)
        self.assertEqual(reply.code, 0)
        stop.set()
        self.anchor.wait_line("mip.questions.*imsi=" + OTHER + ".*raise questions")
        self.assertEqual(len(self.anchor.ask(op="bindings")["bindings"]), 1)

    def refused(self, reason):
        return self.anchor.ask(op="status")["counts"]["refused"].get(reason, 0)

    def test_what_is_no_proof(self):
        """Another key under a B-TID that is right; a B-TID that nobody has; a B-TID behind the
        authenticator."""
        self.begin()
        thief = self.node(key=b"another key of 32 octets length!")
        self.assertEqual(thief.register(extensions=self.b_tid()).code, 131)
        self.assertEqual(self.anchor.ask(op="bindings")["bindings"], [])
        nobody = self.node(spi=779)
        self.assertIsNone(nobody.give(nobody.request(extensions=mip.b_tid_extension(
            "AAAAAAAAAAAAAAAAAAAAAA==@" + gba.BSF)), 1))
        self.anchor.wait_line("mip.b-tid")
        behind = self.node(spi=780)
        self.assertIsNone(behind.give(behind.request() + self.b_tid(), 0.5))
        self.assertEqual(self.node(spi=781).register(extensions=self.b_tid()).code, 0)


del bsf_test

if __name__ == "__main__":
    unittest.main()

"""Two nodes of one service: PostgreSQL, master key and node key in common, all else apart."""
import json
import shutil
import urllib.error
import urllib.request

import eap
import radius
import world
from pg import Postgres


class TwoNodes(world.Case):
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres()
        cls.pg.__enter__()
        cls.addClassCleanup(cls.pg.__exit__)

    def setUp(self):
        """Each test has a master key of its own: rows of another test are none of its business."""
        super().setUp()
        self.pg.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def nodes(self, **settings):
        """The second takes over the keys that the first has made."""
        first = self.start(world.Latchkeyd(**{"store.url": self.pg.url, "vault.node": 0},
                                           **settings))
        keys = self.dir / "keys"
        keys.mkdir()
        for name in ("master.key", "node.key"):
            shutil.copy(first.sets["state_dir"] / name, keys / name)
        second = self.start(world.Latchkeyd(**{"store.url": self.pg.url, "vault.node": 1,
                                               "vault.master_key": keys / "master.key",
                                               "node_key": keys / "node.key"}, **settings))
        return first, second

    def client(self, node, **how):
        client = radius.Client(node.port, **how)
        self.addCleanup(client.close)
        return client

    def peer(self, card=world.CARD, method="aka-prime"):
        return eap.Peer(card.imsi, bytes.fromhex(card.k), bytes.fromhex(card.opc), method)

    def health(self, node):
        url = f"http://127.0.0.1:{node.sets['console.port']}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["status"]
        except urllib.error.HTTPError as error:
            return json.load(error)["status"]

    def test_rounds_and_subscribers_are_shared(self):
        first, second = self.nodes()
        card = world.Card("001010000000101", world.CARD.k, world.CARD.opc)
        first.add(card)
        for method in ("aka-prime", "aka"):
            with self.subTest(method):
                peer = self.peer(card, method)
                for one, other in ((first, second), (second, first)):
                    attach = eap.Attach(self.client(one), peer)
                    self.assertEqual(attach.step(), radius.ACCESS_CHALLENGE)
                    self.assertEqual(attach.step(self.client(other)), radius.ACCESS_ACCEPT)
                    # The card took both nodes' SQNs in turn: none was out of its range.
                    self.assertFalse(peer.synced)

    def test_pseudonym_of_one_is_known_to_the_other(self):
        first, second = self.nodes(**{"eap.reauth": "false"})
        card = world.Card("001010000000102", world.CARD.k, world.CARD.opc)
        first.add(card)
        peer = self.peer(card)
        peer.use_pseudonym = True
        self.assertEqual(eap.Attach(self.client(first), peer).run(), radius.ACCESS_ACCEPT)
        attach = eap.Attach(self.client(second), peer)
        self.assertEqual(attach.run(), radius.ACCESS_ACCEPT)
        self.assertTrue(peer.identity.startswith("7"))
        self.assertEqual(attach.rounds, 2)

    def test_counter_mode_never_repeats_across_nodes(self):
        first, second = self.nodes(**{"vault.sqn": "counter", "vault.block": 2})
        card = world.Card("001010000000103", world.CARD.k, world.CARD.opc)
        first.add(card)
        peer = self.peer(card)
        for turn in range(12):
            attach = eap.Attach(self.client((first, second)[turn % 2]), peer)
            self.assertEqual(attach.run(), radius.ACCESS_ACCEPT)
        # The card refuses what it has seen: no resynchronisation means that nothing was repeated.
        self.assertFalse(peer.synced)

    def test_database_away_and_back(self):
        """Y20 in kind: without its store a node answers nothing, says so, and comes back."""
        first, second = self.nodes()
        card = world.Card("001010000000104", world.CARD.k, world.CARD.opc)
        first.add(card)
        self.assertEqual(eap.Attach(self.client(first), self.peer(card)).run(),
                         radius.ACCESS_ACCEPT)
        self.pg.stop()
        try:
            for node in (first, second):
                world.wait_for("bad health", lambda: self.health(node) == "failing", 10)
            with self.assertRaises(radius.Timeout):
                eap.Attach(self.client(first, tries=1), self.peer(card)).run()
        finally:
            self.pg.start()
        for node in (first, second):
            world.wait_for("good health", lambda: self.health(node) == "ok", 15)
            self.assertEqual(eap.Attach(self.client(node), self.peer(card)).run(),
                             radius.ACCESS_ACCEPT)


if __name__ == "__main__":
    world.unittest.main()

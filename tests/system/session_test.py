"""latchkey session, where nobody sends accounting: what TWAP and TWAG know is listed and ended."""
import json

import phone
import radius
import wlan
import world

CARD = world.CARD
STATION, TOLD = "02-00-00-00-00-01", "02:00:00:00:00:01"


class SessionTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]"))
        self.network.add(CARD)
        self.phone = self.start(phone.Phone(self.network, **{"ue.mac": STATION}))
        self.network.wait_line(f"wlan-session imsi={CARD.imsi}")

    def connect(self):
        answer = self.phone.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(answer["ok"], answer)

    def listed(self, *words):
        return json.loads(self.network.command("session", "list", "--json", *words).stdout)

    def end(self, word, check=True):
        return self.network.command("session", "end", word, check=check,
                                    *[f"--set=dynamic.port={self.network.dynamic_port}"])

    def test_what_the_twap_knows(self):
        self.connect()
        told = self.network.command("session", "list").stdout
        self.assertRegex(told, rf"^- +{CARD.imsi} +{TOLD} +127.0.0.\d+ +channel, 1 connection\n")
        row, = self.listed()
        self.assertEqual((row["imsi"], row["station"], row["channel"], row["connections"]),
                         (CARD.imsi, TOLD, True, 1))
        self.assertEqual(self.listed("001010000000009"), [])

        self.assertIn("ended", self.end(CARD.imsi).stdout)
        self.network.wait_line(rf"wlan-session-ended imsi={CARD.imsi} .*why=disconnected")
        self.network.wait_line(rf"pdn-down imsi={CARD.imsi}")
        self.assertEqual(self.listed(), [])
        again = self.end(CARD.imsi, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("no open session", again.stderr)

    def test_by_its_station(self):
        """However somebody writes it."""
        self.assertEqual(self.end("02-00-00-00-00-02", check=False).returncode, 1)
        self.assertIn("ended", self.end(STATION.replace("-", "")).stdout)
        self.assertEqual(self.listed(), [])

    def test_what_accounting_knows_too(self):
        """One session, one line; its end is a Disconnect-Request."""
        self.connect()
        with radius.Client(self.network.ap_accounting_port) as ap:
            ap.account(wlan.accounting("0200.0000.0001", 1, "s-1"))
        row, = self.listed()
        self.assertEqual((row["session"], row["connections"]), ("s-1", 1))
        self.assertRegex(self.network.command("session", "list").stdout,
                         rf"^s-1 +- +{TOLD} .* s, channel, 1 connection\n")
        self.assertRegex(self.end("s-1").stdout, "^s-1 at .*: ended")
        self.assertFalse([row for row in self.listed() if "channel" in row])


class FileTest(world.Case):
    def test_the_device_is_found_by_its_file(self):
        network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]"))
        network.add(CARD)
        device = self.start(phone.Phone(network))
        network.wait_line(f"wlan-session imsi={CARD.imsi}")
        told = device.command("ue", "connect", "as=browser", "apn=internet", "-c", device.config,
                              f"--set=ue.socket={device.socket}")
        self.assertIn("10.", told.stdout)
        # Below the state directory, where it is not when a socket was set.
        none = device.command("ue", "state", "-c", device.config, check=False)
        self.assertEqual(none.returncode, 3)
        wrong = device.command("ue", "state", "-c", self.dir / "no.yaml", check=False)
        self.assertEqual(wrong.returncode, 2)


class ElsewhereTest(world.Case):
    def test_no_store(self):
        """A machine with TWAP and TWAG alone has no store, and lists what they know."""
        core = self.start(world.Latchkeyd())
        network = self.start(wlan.Wlan(roles="[twap, twag]", server=core))
        told = network.command("session", "list", "--json",
                               f"--set=store.url=sqlite:{self.dir}/none/none.db")
        self.assertEqual(told.stdout.strip(), "[]")

    def test_neither_store_nor_daemon(self):
        network = self.start(wlan.Wlan(roles="[twap, twag]", server=self.start(world.Latchkeyd())))
        network.stop()
        told = network.command("session", "list", f"--set=store.url=sqlite:{self.dir}/none/none.db",
                               check=False)
        self.assertEqual(told.returncode, 3)


if __name__ == "__main__":
    world.unittest.main()

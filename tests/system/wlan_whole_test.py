"""The whole trusted WLAN, each part real: device and its connection manager, access point, TWAP,
AAA and vault, TWAG, anchor, and a ping through all of it."""
import os
import re
import signal
import time

import dtls
import phone
import radius
import wlan
import world

CARD = world.CARD
GATEWAY = "10.64.0.1"


class WholeTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]"))
        self.network.add(CARD)
        self.phone = self.start(phone.Phone(self.network))
        self.network.wait_line(f"wlan-session imsi={CARD.imsi}")

    def ask(self, op, name, **words):
        answer = self.phone.asks(op, **{"as": name, **words})
        self.assertTrue(answer["ok"], (op, answer, self.network.text()[-3000:]))
        return answer

    def bindings(self):
        answer = self.network.ask(op="bindings")
        self.assertTrue(answer["ok"], answer)
        return {row["service"]: row for row in answer["bindings"]}

    def was_renewed(self):
        return any(p["counts"].get("anchor_accepted_total", 0) > 0
                   for p in self.network.ask(op="status")["workers"] if p["role"] == "anchor")

    def test_connect_ping_roll_disconnect(self):
        first = self.ask("connect", "browser", apn="internet")
        second = self.ask("connect", "mailer", apn="ims")
        for name, answer in (("browser", first), ("mailer", second)):
            self.ask("ping", name, pdn=answer["pdn"], to=GATEWAY)
        before = self.bindings()
        self.assertEqual({row["imsi"] for row in before.values()}, {CARD.imsi})
        self.assertEqual({row["state"] for row in before.values()}, {"ACTIVE"})

        # A fast re-authentication rolls the key, and no connection is lost.
        self.assertTrue(self.phone.asks("reauthenticate")["ok"])
        world.wait_for("a second key", lambda: self.network.text().count("wlan-session imsi") == 2)
        for name, answer in (("browser", first), ("mailer", second)):
            self.ask("ping", name, pdn=answer["pdn"], to=GATEWAY)
        after = self.bindings()
        self.assertEqual({name: row["ipv4"] for name, row in after.items()},
                         {name: row["ipv4"] for name, row in before.items()})

        self.ask("disconnect", "browser", pdn=first["pdn"])
        world.wait_for("its binding ends",
                       lambda: self.bindings()["internet"]["state"] != "ACTIVE")
        self.ask("ping", "mailer", pdn=second["pdn"], to=GATEWAY)
        self.assertFalse(self.phone.asks("ping", **{"as": "browser", "pdn": first["pdn"],
                                                    "to": GATEWAY})["ok"])

    def test_the_anchor_is_killed(self):
        """Its process alone: the gateway notices, dials anew and tells it of every connection, so
        that packets flow again, also to a device that is silent (Y13, Y14)."""
        answer = self.ask("connect", "browser", apn="internet")
        self.ask("ping", "browser", pdn=answer["pdn"], to=GATEWAY)
        began = time.monotonic()
        os.kill(next(p["pid"] for p in self.network.ask(op="status")["workers"]
                     if p["role"] == "anchor"), signal.SIGKILL)
        self.network.wait_line("no answer to heartbeats")
        world.wait_for("a second leg", lambda: self.network.text().count("anchor-up") == 2)
        world.wait_for("a renewal", self.was_renewed)
        self.assertLess(time.monotonic() - began, 6)
        self.ask("ping", "browser", pdn=answer["pdn"], to=GATEWAY)
        self.ask("connect", "mailer", apn="ims")

    def test_the_aaa_ends_it(self):
        """Disconnect-Request: channel, connections and bindings go, and the device may come back
        to the same address."""
        first = self.ask("connect", "browser", apn="internet")
        address = self.bindings()["internet"]["ipv4"]
        with radius.Client(self.network.ap_accounting_port) as ap:
            ap.account(wlan.accounting("02-00-00-00-00-01", 1, "s-1"))
        ended = self.network.command("session", "end", "s-1",
                                     f"--set=dynamic.port={self.network.dynamic_port}")
        self.assertIn("ended", ended.stdout)
        world.wait_for("the binding ends",
                       lambda: self.bindings()["internet"]["state"] != "ACTIVE")
        self.assertFalse(self.phone.asks("ping", **{"as": "browser", "pdn": first["pdn"],
                                                    "to": GATEWAY})["ok"])
        self.phone.asks("detach")
        self.assertTrue(self.phone.asks("attach")["ok"])
        again = self.ask("connect", "browser", apn="internet")
        self.ask("ping", "browser", pdn=again["pdn"], to=GATEWAY)
        self.assertEqual(self.bindings()["internet"]["ipv4"], address)


class SpoofTest(world.Case):
    """T02: B is authenticated, holds a channel, and names what is A's."""

    def test_nobody_names_anothers_connection(self):
        network = self.start(wlan.Wlan(roles="[aaa, vault, twap, twag, anchor]",
                                       **{"wlcp.any_source_port": "true"}))
        network.add(CARD)
        card_b = world.Card("001010000000002", "11" * 16, "22" * 16)
        network.add(card_b)
        a = self.start(phone.Phone(network, **{"ue.mac": "02-00-00-00-00-0A"}))
        network.wait_line(f"wlan-session imsi={CARD.imsi}")
        connected = a.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(connected["ok"], connected)

        told = network.command("ue", "attach", "--server", f"127.0.0.1:{network.ap_port}",
                               "--imsi", card_b.imsi, "--k", card_b.k, "--opc", card_b.opc,
                               "--mode", "multi", "--show-keys").stdout
        key = bytes.fromhex(re.search(r"wlcp_key\s+([0-9a-f]{64})", told)[1])
        identity = re.search(r"PSK id\s+([0-9a-f]{32})", told)[1]
        b = dtls.Client(("127.0.0.1", network.settings["wlcp.port"]), identity.encode(), key,
                        local="127.0.0.5").connect()
        self.addCleanup(b.close)
        time.sleep(0.3)
        before = network.ask(op="wlan-digest")
        bindings = network.ask(op="bindings")["bindings"]
        for number, pdn in enumerate(range(1, 16), 10):
            b.send(b.data(bytes([0x85, number, pdn])))
            # Nothing of that number is B's: cause 54, whosever it is.
            self.assertEqual(b.expect_data(), bytes([0x87, number, 54]))
        self.assertEqual(network.ask(op="wlan-digest"), before)
        self.assertEqual(network.ask(op="bindings")["bindings"], bindings)
        ping = a.asks("ping", **{"as": "browser", "pdn": connected["pdn"], "to": GATEWAY})
        self.assertTrue(ping["ok"], ping)

        def alarms():
            return next(worker["counts"]["wlcp_alarms_total"]
                        for worker in network.ask(op="status")["workers"]
                        if worker["role"] == "wlan")

        world.wait_for("an alarm", lambda: alarms() >= 1)


if __name__ == "__main__":
    world.unittest.main()

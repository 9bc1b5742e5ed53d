"""LTE-WLAN aggregation by daemons: vault, eNB, WT and device over real sockets."""
import os
import signal

import lte
import world


class WholeTest(world.Case):
    def world(self, roles="[aaa, vault, enb, wt]", at_network=None, at_device=None):
        self.network = self.start(lte.Network(roles, **(at_network or {})))
        self.network.add(world.CARD)
        kind, at = (lte.Both, self.network) if "twag" in roles else (lte.Device,
                                                                    self.network.ports)
        self.device = self.start(kind(at, **(at_device or {})))

    def asks(self, op, **words):
        answer = self.device.asks(op, **words)
        self.assertTrue(answer["ok"], (answer, self.network.text(), self.device.text()))
        return answer

    def aggregate(self):
        self.asks("lte-attach")
        return self.asks("lte-status", wait="active")

    def orders(self, op, **words):
        answer = self.network.ask(op=op, imsi=world.CARD.imsi, **words)
        self.assertTrue(answer["ok"], answer)

    def test_rekeys_and_handovers_with_one_association(self):
        """spec: TS 33.401 G.2.1 - each handover brings a new S-KWT; T50, T53: the association and
        its data do not notice."""
        self.world()
        self.aggregate()
        for number, cell in enumerate("babab", 1):
            self.orders("enb-handover", cell=cell)
            status = self.asks("lte-status", wait="active", handovers=number, rekeys=number)
            self.assertEqual(status["cell"], cell)
            self.asks("lwa-ping", count=5)
        self.orders("enb-rekey")
        counts = self.asks("lte-status", rekeys=6)["counts"]
        self.assertEqual((counts["associations"], counts["deauthentications"],
                          counts["suspended-ms"], counts["rrc-dropped"]), (1, 0, 0, 0))

    def test_each_akm(self):
        """spec: IEEE 802.11 9.4.2.25 - the same AKM at both ends, whichever of the four."""
        for akm in ("dot1x", "psk", "dot1x-sha256", "psk-sha256"):
            with self.subTest(akm):
                self.world(at_network={"wt.akm": akm}, at_device={"ue.lte.akm": akm})
                self.aggregate()
                self.orders("enb-rekey")
                counts = self.asks("lte-status", wait="active", rekeys=1)["counts"]
                self.assertEqual(counts["associations"], 1)
                self.asks("lwa-ping")
                self.device.stop()
                self.network.stop()

    def test_a_device_that_associates_anew(self):
        """What the seed compares with: each key costs an association, and data waits for it."""
        self.world(at_device={"ue.lte.reassociate": "true"})
        self.aggregate()
        self.orders("enb-rekey")
        self.asks("lte-status", wait="active", associations=2)
        self.asks("lwa-ping")

    def test_keys_that_differ(self):
        """The function code of S-KWT is configuration, and the same at both ends or nothing."""
        self.world(at_device={"ue.lte.s_kwt_fc": 30})
        self.asks("lte-attach")
        status = self.device.status(wait="active", ms=1500)
        self.assertEqual((status["ok"], status["data-can-pass"]), (False, False))
        self.assertGreater(status["counts"]["associations"], 0)

    def test_killed_and_back(self):
        """T53: a device that was killed attaches again, and is let in."""
        self.world()
        self.aggregate()
        os.kill(self.device.process_id(), signal.SIGKILL)
        self.device.process.kill()
        self.device.process.wait(5)
        self.device.again()
        self.aggregate()
        self.asks("lwa-ping")

    def test_one_card_for_both_accesses(self):
        """The card answers for LTE and for the trusted WLAN in turn, and neither disturbs the
        other."""
        self.world("[aaa, vault, twap, twag, enb, wt]")
        self.network.wait_line(f"wlan-session imsi={world.CARD.imsi}")
        for _ in range(3):
            self.aggregate()
            self.asks("attach")
            self.asks("lwa-ping")
        self.assertTrue(self.asks("state")["channel"])
        self.assertEqual(self.device.status()["counts"]["deauthentications"], 0)


if __name__ == "__main__":
    world.unittest.main()

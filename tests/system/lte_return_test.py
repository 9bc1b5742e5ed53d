"""A device whose network has lost it: eNB processes that are killed, attaches that stopped half
way; what brings it back without anybody, and what does not move it."""
import os
import signal
import threading
import time

import lte
import world

A, B = 0, 1             # cells, as legs of the relay
HEALED_S = 2.0          # T53
ALIVE = b"lk-alive\x01"
GONE = ALIVE + b"\x01"


class ReturnTest(world.Case):
    def setUp(self):
        super().setUp()
        self.network = self.start(lte.Network())
        self.network.add(world.CARD)
        self.relay = self.start(lte.Relay(self.network.ports))
        self.device = self.start(lte.Device(self.relay.ports))

    def aggregate(self):
        answer = self.device.asks("lte-attach")
        self.assertTrue(answer["ok"], answer)
        self.assertTrue(self.device.status(wait="active")["ok"], self.network.text())
        # The device is first; until the network is, too, what it says is still on its way.
        self.network.wait_line(f"lwa-active imsi={world.CARD.imsi}")

    def counts(self):
        return self.device.status()["counts"]

    def kill_enb(self):
        [pid] = [worker["pid"] for worker in self.network.ask(op="status")["workers"]
                 if worker["name"] == "enb"]
        os.kill(pid, signal.SIGKILL)
        return time.monotonic()

    def is_back(self, since, associations=2, returns=1):
        """Within the time, with one association lost, and nobody has been asked."""
        status = self.device.status(wait="active", associations=associations, ms=10000)
        took = time.monotonic() - since
        counts = status["counts"]
        self.assertTrue(status["ok"], (status, self.device.text(), self.network.text()))
        self.assertLess(took, HEALED_S)
        self.assertEqual((counts["associations"], counts["returns"]), (associations, returns))
        self.assertLessEqual(counts["deauthentications"], 1)
        self.assertTrue(self.device.asks("lwa-ping", count=3)["ok"])
        self.network.wait_line(f"lte-attached imsi={world.CARD.imsi}")

    def test_enb_killed_between_the_two_steps(self):
        """T53: the UE has the new counter, the WT has not the key yet, and the eNB is no more. Both
        ends have equal keys again within 2 s, at the price of one association.

        spec: TS 24.301 5.5.1.2.2 - a device that the network does not know attaches anew"""
        self.aggregate()
        before = self.counts()["rrc"]
        self.relay.up = lambda datagram: datagram.startswith(ALIVE)     # no Complete comes through
        self.assertTrue(self.network.ask(op="enb-rekey", imsi=world.CARD.imsi)["ok"])
        world.wait_for("the new counter", lambda: self.counts()["rrc"] > before)
        self.assertEqual(self.counts()["rekeys"], 0)
        since = self.kill_enb()
        self.relay.up = lambda datagram: True
        self.is_back(since)
        self.assertTrue(self.network.ask(op="enb-rekey", imsi=world.CARD.imsi)["ok"])
        self.assertTrue(self.device.status(wait="active", rekeys=1)["ok"])

    def test_enb_killed_again_and_again(self):
        """T53: after a handover, at once after it has come back, and the whole network."""
        self.aggregate()
        self.assertTrue(self.network.ask(op="enb-handover", imsi=world.CARD.imsi, cell="b")["ok"])
        self.assertTrue(self.device.status(wait="active", handovers=1, rekeys=1)["ok"])
        self.is_back(self.kill_enb())
        self.assertEqual(self.device.status()["cell"], "b")
        self.is_back(self.kill_enb(), associations=3, returns=2)
        self.network.stop()
        self.network.again()
        self.assertTrue(self.device.status(wait="active", associations=4, ms=10000)["ok"])
        self.assertTrue(self.device.asks("lwa-ping")["ok"])

    def test_a_return_that_comes_to_nothing(self):
        """T53: is tried again, until the network answers."""
        self.aggregate()
        self.relay.down = lambda datagram: datagram.startswith(ALIVE)
        self.kill_enb()
        self.device.wait_line("reason=eps.no-answer")
        world.wait_for("a pause", lambda: self.device.status()["lte"] == "about to attach again")
        self.relay.down = lambda datagram: True
        self.is_back(time.monotonic())

    def test_who_left_stays_away(self):
        """What the owner has ended no restart brings back."""
        self.aggregate()
        self.assertTrue(self.device.asks("lte-detach")["ok"])
        self.kill_enb()
        time.sleep(1.2)
        status = self.device.status()
        self.assertEqual((status["lte"], status["counts"]["returns"]), ("detached", 0))

    def test_the_word_of_a_cell(self):
        """T53: one about another connection, or of before, moves nobody; and who can forge a right
        one costs attaches, fewer and fewer."""
        self.aggregate()
        world.wait_for("a question", lambda: any(d.startswith(ALIVE) for d in self.relay.seen))
        old = [d for d in self.relay.seen if d.startswith(ALIVE)][-1]
        forged = [GONE + bytes(octet ^ 1 for octet in old[-4:]), GONE + old[-4:-1], GONE,
                  GONE + old[-4:] + b"\0", ALIVE + b"\x02" + old[-4:], old]
        for datagram in forged:
            self.relay.say(A, False, datagram)
        self.relay.device[B] = self.relay.device[A]
        self.relay.say(B, False, GONE + old[-4:])   # the right word, of a cell that does not serve
        time.sleep(0.3)
        self.assertEqual(self.counts()["returns"], 0)
        self.is_back(self.kill_enb())
        self.relay.say(A, False, GONE + old[-4:])
        time.sleep(0.3)
        self.assertEqual(self.counts()["returns"], 1)

        def forge(datagram):
            if datagram.startswith(ALIVE):
                self.relay.say(A, False, GONE + datagram[-4:])
            return True

        self.relay.up = forge
        time.sleep(5)
        self.relay.up = lambda datagram: True
        self.assertTrue(2 <= self.counts()["returns"] <= 6, self.counts())
        self.assertTrue(self.device.status(wait="active", ms=10000)["ok"])

    def test_an_attach_that_stopped_half_way(self):
        """spec: TS 24.301 5.5.1.2.7 - an attach begun anew, in a new connection, is no repeat of
        the one that was lost, though it says the same: each of the network's questions lost."""
        for passes in range(4):
            with self.subTest(passes):
                left = [passes]

                def few(datagram):
                    left[0] -= 1
                    return left[0] >= 0

                self.relay.down = few
                lost = threading.Thread(target=self.device.asks, args=("lte-attach",))
                lost.start()
                world.wait_for("what is lost", lambda: left[0] < 0)
                self.device.asks("lte-detach")
                lost.join()
                self.relay.down = lambda datagram: True
                self.aggregate()
                self.device.asks("lte-detach")

    def test_a_question_that_does_not_come(self):
        """spec: TS 24.301 5.5.1.2.6 - an attach has its end behind the challenge, too, in the time
        that its tries have; a card is not kept for longer."""
        left = [True]
        self.relay.down = lambda datagram: left.pop(0) if left else False   # the challenge alone
        since = time.monotonic()
        answer = self.device.asks("lte-attach")
        self.assertEqual((answer["ok"], answer.get("reason")), (False, "eps.no-answer"))
        self.assertLess(time.monotonic() - since, 5)

    def test_who_did_not_come_to_the_wlan(self):
        """T53: a device that could not associate within T351 is offered LTE-WLAN aggregation later,
        and has it then, without a new attach."""
        self.network.stop()
        self.network.sets["enb.association_timer_s"] = 10
        self.network.again()

        def ue():
            return self.network.ask(op="enb-ues")["ues"][0]
        self.relay.up = lambda datagram: datagram.startswith((b"pdcp-lte", b"lk-"))
        self.assertTrue(self.device.asks("lte-attach")["ok"])
        world.wait_for("the end of T351", lambda: ue()["released"] > 0, 15)
        self.assertEqual((ue()["released_for"], ue()["wanted"]), ("lwa.no-association", False))
        self.relay.up = lambda datagram: True
        self.assertTrue(self.device.status(wait="active", ms=12000)["ok"], self.network.text())
        self.assertTrue(self.device.asks("lwa-ping", count=3)["ok"])
        self.assertEqual((ue()["set_up"], self.counts()["returns"]), (1, 0))


if __name__ == "__main__":
    world.unittest.main()

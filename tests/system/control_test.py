"""Control sockets: whatever a daemon says that it can be asked is answered."""
import lte
import world


class ControlTest(world.Case):
    def test_each_op_is_answered(self):
        """Of the daemon and of its device: also when it is asked without what it needs to know."""
        both = self.start(lte.BothEnds(laboratory="true"))
        refused = both.ask(op="nonsense")
        self.assertEqual(refused["error"], "no such op")
        ops = refused["fix"].removeprefix("served here: ").split()
        self.assertGreaterEqual(set(ops), {"status", "session-end", "wlan-digest", "bindings",
                                           "wt-ues", "wt-release", "enb-ues", "enb-drop"})
        for op in ops:
            self.check(op, both.ask(op=op))
        refused = both.asks("nonsense")
        self.assertEqual(refused["error"], "there is no such op")
        ops = refused["fix"].removeprefix("there are: ").replace(" (owner)", "").split()
        self.assertGreaterEqual(set(ops), {"connect", "list", "state", "lte-attach", "lwa-ping"})
        for op in ops:
            self.check(op, both.ask_once(op))

    def check(self, op, answer):
        self.assertIn("ok", answer, op)
        self.assertTrue(answer["ok"] or answer["error"] and answer["fix"], (op, answer))
        self.assertNotIn("no such op", answer.get("error", ""), op)


if __name__ == "__main__":
    world.unittest.main()

"""The bench of Mobile IP, tried quickly: everything in it works, whatever the figures are on a
machine that has other things to do."""
import json
import os
import subprocess
import sys
import unittest

import world

TOO_LONG_S = 270


@unittest.skipUnless({0, 1} <= os.sched_getaffinity(0), "one core is for the server, one for the "
                     "generator")
class MipTest(world.Case):
    def setUp(self):
        super().setUp()
        out = self.dir / "bench.json"
        done = subprocess.run(
            [sys.executable, str(world.TOP / "bench" / "run"), "--quick", "--only", "mip", "--out",
             str(out)], capture_output=True, text=True, timeout=TOO_LONG_S,
            env={**os.environ, "LK_BUILD": str(world.BUILD)})
        self.text = done.stdout
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.result = json.loads(out.read_text())

    def test_every_table(self):
        """Each row was measured at either end, and of what was acknowledged nothing is lost."""
        for name in ("mip4", "mip6"):
            rows = self.result[name]
            self.assertEqual({(row["bindings"], row["durable"]) for row in rows},
                             {(count, durable) for count in (1000, 5000)
                              for durable in (False, True)})
            for row in rows:
                self.assertGreater(min(row["floor"], row["anchor"]), 0, row)
        restart = self.result["mip_restart"]
        self.assertEqual(restart["lost"], 0, restart)
        self.assertGreaterEqual(restart["acknowledged"], 5000 - 512)
        for row in self.result["mip_keys"]:
            self.assertGreater(min(row["floor"], row["real"]), 0, row)
        if "mip_packets" in self.result:
            for row in self.result["mip_packets"]:
                self.assertGreater(min(row["copy"], row["anchor"]), 0, row)
        else:
            self.assertIn("this machine lets us have no network namespace", self.text)
        if "mip_handover" in self.result:
            self.assertEqual(self.result["mip_handover"]["move"]["times"], 4)
        else:
            self.assertIn("No handovers: ", self.text)


if __name__ == "__main__":
    unittest.main()

"""Mobile nodes without a USIM: associations that are in a file, one a line."""
import subprocess
import unittest

import mip
import mip_test
import world

A, B = mip_test.A, mip_test.B
KEY_A, KEY_B = "sixteen-octets-of-A", "sixteen-octets-of-B"


class NodesFileTest(world.Case):
    def write(self, *lines):
        self.file.write_text("# who\n" + "\n".join(lines) + "\n")
        self.file.chmod(0o600)

    def setUp(self):
        super().setUp()
        self.file = self.dir / "mip.nodes"
        self.write(f"{A} 300 {KEY_A}", f"{B} 301 {KEY_B} hmac-md5 # an older one")
        self.daemon = mip_test.HomeAgent(**{"anchor.mip.nodes": "[]",
                                            "anchor.mip.nodes_file": self.file})

    def node(self, imsi, key, spi, **how):
        node = mip.Node(self.daemon, imsi, key, spi=spi, **how)
        self.addCleanup(node.close)
        return node

    def test_who_is_on_it(self):
        """And who is no more, behind a reload: no key of his is good."""
        self.start(self.daemon)
        a = self.node(A, KEY_A, 300)
        b = self.node(B, KEY_B, 301, algorithm="hmac-md5", local="127.0.0.10")
        self.assertEqual((a.register().code, b.register().code), (0, 0))
        self.assertEqual(self.node(B, KEY_A, 301, algorithm="hmac-md5", local="127.0.0.11")
                         .register().code, mip_test.MN_AUTH)
        self.write(f"{B} 302 {KEY_A}")
        self.assertTrue(self.daemon.ask(op="reload")["ok"])
        world.wait_for("who has no key has no binding", lambda: [
            row["state"] for row in sorted(self.daemon.bindings(), key=lambda row: row["imsi"])]
            == ["NONE", "ACTIVE"])
        self.assertIsNone(a.give(a.request(), 0.5))
        self.assertIsNone(b.give(b.request(), 0.5))
        self.assertEqual(self.node(B, KEY_A, 302, local="127.0.0.12").register().code, 0)

    def test_a_line_that_is_wrong(self):
        """Is named, by --check and at a reload, which changes nothing; a start takes the others."""
        self.start(self.daemon)
        for line, what in ((f"{A} 255 {KEY_A}", "an SPI"), ("me 256 x", "an IMSI"),
                           (f"{A} 256 short", "a key"), (f"{A} 256 {KEY_A} md5", "hmac-md5")):
            self.write(f"{B} 301 {KEY_B} hmac-md5", line)
            checked = subprocess.run([self.daemon.program, "-c", self.daemon.config, "--check",
                                      *self.daemon.words()], capture_output=True, text=True)
            self.assertNotEqual(checked.returncode, 0)
            for said in (checked.stdout + checked.stderr,
                         str(self.daemon.ask(op="reload"))):
                self.assertIn(f"{self.file}:3: ", said)
                self.assertIn(what, said)
        self.assertEqual(self.node(A, KEY_A, 300).register().code, 0)
        self.daemon.stop()
        self.daemon.again()
        self.daemon.wait_line("mip-nodes.*mip.nodes:3: ")
        node = self.node(B, KEY_B, 301, algorithm="hmac-md5", local="127.0.0.10")
        self.assertEqual(node.register().code, 0)

    def test_a_file_that_others_may_read(self):
        self.file.chmod(0o644)
        checked = subprocess.run([self.daemon.program, "-c",
                                  world.TOP / "conf" / "lab.yaml", "--check",
                                  f"--set=anchor.mip.nodes_file={self.file}"],
                                 capture_output=True, text=True)
        self.assertIn(str(self.file), checked.stdout + checked.stderr)
        self.assertNotEqual(checked.returncode, 0)


if __name__ == "__main__":
    unittest.main()

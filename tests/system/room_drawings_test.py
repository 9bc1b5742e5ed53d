"""What docs/rooms draws of machines and messages is what the code has: tools/drawings."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))


def drawings(tool, *words):
    return subprocess.run([tool, *map(str, words), "--build", str(BUILD)], text=True,
                          capture_output=True, timeout=60)


class RoomDrawingsTest(unittest.TestCase):
    def test_drawings_are_as_the_code_is(self):
        done = drawings(TOP / "tools" / "drawings")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, r"^drawings: ([3-9]|\d\d) ")

    def test_one_that_is_not_is_found_and_mended(self):
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name)
            for part in ("tools", "docs/rooms", "src/wire"):
                shutil.copytree(TOP / part, copy / part)
            page = copy / "docs/rooms/wlcp.md"
            good = page.read_text()
            for old, new in (("ACTIVE --> MODIFY_PENDING: MODIFY", "ACTIVE --> ACTIVE: MODIFY"),
                             ("| 88 | `status`", "| 89 | `status`")):
                with self.subTest(old):
                    self.assertIn(old, good)
                    page.write_text(good.replace(old, new))
                    done = drawings(copy / "tools" / "drawings")
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("docs/rooms/wlcp.md", done.stdout)
                    self.assertEqual(drawings(copy / "tools" / "drawings", "--write").returncode, 0)
                    self.assertEqual(page.read_text(), good)


if __name__ == "__main__":
    unittest.main()

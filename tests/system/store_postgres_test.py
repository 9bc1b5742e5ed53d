"""The suites of the stores, tests/unit/store*_test.c, on a PostgreSQL that was started for them."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
from pg import Postgres  # noqa: E402

BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))


class StorePostgres(unittest.TestCase):
    def test_the_suite_passes_on_postgresql(self):
        with Postgres() as pg:
            for name, table in [("store_test", "subscriber"),
                                ("store_sessions_test", "key_session"),
                                ("store_bindings_test", "binding_log")]:
                done = subprocess.run([BUILD / "tests" / "unit" / name],
                                      env={**os.environ, "LK_TEST_STORE": pg.url},
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      timeout=120)
                text = done.stdout.decode(errors="replace")
                self.assertEqual(done.returncode, 0, text)
                # Each of them passes: none is left out.
                self.assertRegex(text, r"(?s)Running (\d+) test.*\[  PASSED  \] \1 test")
                # It was this server that was used.
                self.assertIn(table, pg.psql("SELECT relname FROM pg_class"))


if __name__ == "__main__":
    unittest.main()

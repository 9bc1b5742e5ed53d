"""A browser without a screen: what a page looks like to it."""
import os
import shutil
import subprocess

import world


class Case(world.Case):
    def chromium(self, *words):
        program = shutil.which("chromium")
        if program is None:
            if "CI" in os.environ:
                self.fail("chromium is required in CI: apt-get install chromium")
            self.skipTest("chromium is not installed")
        return subprocess.run(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--user-data-dir={self.dir}/profile", "--window-size=1200,2400", *words],
            text=True, capture_output=True, timeout=120)

"""What make install leaves behind is enough to build against: headers, library, pkg-config file."""
import os
import subprocess

import world

PROGRAM = r"""
#include <stdio.h>

#include "base/hex.h"
#include "crypto/aka.h"
#include "keys/eap.h"
#include "proto/eap/server.h"
#include "proto/radius/server.h"

int main(void)
{
    uint8_t octets[2];
    size_t len = 0;

    if (lk_hex_decode(octets, sizeof octets, &len, lk_span_text("c0de")) != LK_OK)
        return 1;
    printf("%02x%02x\n", octets[0], octets[1]);
    return 0;
}
"""


class InstallTest(world.Case):
    def test_a_program_builds_against_the_installed_library(self):
        root = self.dir / "root"
        self.run_ok(["meson", "install", "-C", str(world.BUILD), "--no-rebuild"],
                    DESTDIR=str(root))
        pc = next(root.rglob("latchkey.pc"))
        (self.dir / "program.c").write_text(PROGRAM)
        flags = self.run_ok(["pkg-config", "--cflags", "--libs", "latchkey"],
                            PKG_CONFIG_PATH=str(pc.parent),
                            PKG_CONFIG_SYSROOT_DIR=str(root)).split()
        flags = [flag for flag in flags if not flag.endswith("/usr/include")]
        self.run_ok(["cc", "-Wall", "-Werror", "program.c", *flags, "-o", "program"])
        self.assertEqual(self.run_ok(["./program"]), "c0de\n")
        self.assertEqual(list(root.rglob("provider.h")) + list(root.rglob("vault.h")), [])
        names = {path.name for path in root.rglob("*") if path.is_file()}
        self.assertLessEqual({"latchkey", "latchkeyd", "latchkey.1", "latchkeyd.8",
                              "latchkeyd.yaml.5", "lab.yaml", "latchkeyd.service",
                              "wlcp.lua", "pmip.lua", "mip.lua"}, names)

        unit = next(root.rglob("latchkeyd.service")).read_text()
        program = next(root.rglob("bin/latchkeyd"))
        self.assertIn(f"ExecStart=/{program.relative_to(root)} ", unit)

    def run_ok(self, command, **environment):
        done = subprocess.run(command, cwd=self.dir, text=True, capture_output=True, timeout=60,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    world.unittest.main()

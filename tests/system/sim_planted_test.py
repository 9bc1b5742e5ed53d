"""Planted bugs: every invariant of the simulator catches one, and it alone. (Y11)"""
# time limit: 500 s
import os
import subprocess
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))
PLANTED = BUILD / "sim" / "sim-planted"


def planted(name, invariant):
    def test(self):
        done = subprocess.run([PLANTED, name, "300"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f", {invariant}: ", done.stdout)
    return test


class PlantedTest(unittest.TestCase):
    """Each planted bug is caught by the invariant that it names, and by no other before."""

    def test_every_invariant_has_a_plant(self):
        for world in WORLDS:
            text = subprocess.run([BUILD / "latchkey", "sim", "--world", world, "--invariants"],
                                  capture_output=True, text=True, check=True).stdout
            named = {line.split()[1] for line in text.splitlines()}
            caught = {invariant for where, _, invariant in PLANTS
                      if where in (world, BUILT_ON.get(world))}
            self.assertEqual(named, caught, world)

    def test_no_plant_in_what_is_shipped(self):
        self.assertTrue(b"sim_plant_vault" in PLANTED.read_bytes())
        for program in ("latchkey", "latchkeyd"):
            self.assertFalse(b"sim_plant" in (BUILD / program).read_bytes(), program)


PLANTS = [tuple(line.split()) for line in
          subprocess.run([PLANTED, "--list"], capture_output=True, text=True,
                         check=True).stdout.splitlines()]
WORLDS = list(dict.fromkeys(world for world, _, _ in PLANTS))
BUILT_ON = {"wlan": "aaa"}  # what is planted in the one is caught in the other as well
for _, plant, caught_by in PLANTS:
    setattr(PlantedTest, f"test_{plant.replace('-', '_')}", planted(plant, caught_by))


if __name__ == "__main__":
    unittest.main()

"""The vault against kill -9, and the store's files against a reader."""
import base64
import secrets
import subprocess
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import world  # noqa: E402


def forms(key):
    """A key as it might stand in a file: raw, hex, base64 at each of its three alignments, BCD."""
    yield key
    yield key.hex().encode()
    yield key.hex().upper().encode()
    for pad in range(3):
        text = base64.b64encode(b"\0" * pad + key).rstrip(b"=")
        yield text[4 if pad else 0:-2]
        yield base64.urlsafe_b64encode(b"\0" * pad + key).rstrip(b"=")[4 if pad else 0:-2]
    yield bytes((octet & 15) << 4 | octet >> 4 for octet in key)


def hits(folder, keys, but=()):
    """(file, key) for each key that is anywhere in the folder's files, in any form."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.name in but:
            continue
        data = path.read_bytes()
        found += [(path.name, key.hex()) for key in keys
                  if any(form in data for form in forms(key))]
    return found


class Vault(world.Case):
    # Y07, invariants 1 and 2.
    def kill(self, mode, rounds, *more):
        folder = self.dir / f"{mode}{''.join(more)}"
        folder.mkdir()
        done = subprocess.run([world.BUILD / "tests" / "system" / "vault_kill", folder, mode,
                               str(rounds), str(secrets.randbits(32)), *more],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        return done.returncode, done.stdout.decode()

    def test_no_sqn_twice_over_kills_at_random_instants_by_time(self):
        code, text = self.kill("time", 400)
        self.assertEqual(code, 0, text)
        self.assertGreater(int(text.split()[0]), 300)

    def test_no_sqn_twice_over_kills_at_random_instants_by_counter(self):
        code, text = self.kill("counter", 400)
        self.assertEqual(code, 0, text)
        self.assertGreater(int(text.split()[0]), 300)

    def test_without_the_ceiling_the_search_finds_repeats(self):
        code, text = self.kill("time", 60, "ceiling-off")
        self.assertEqual(code, 1, text)

    # Y06: what lies on the disk is sealed; the key is beside it, and only its owner's.
    def test_a_copy_of_the_database_alone_discloses_nothing(self):
        keys, lines = [], []
        for i in range(200):
            k, opc = secrets.token_bytes(16), secrets.token_bytes(16)
            keys += [k, opc]
            lines.append(f"00101{i:010d} {k.hex()} {opc.hex()} 8000 000000000000\n")
        state = self.dir / "state"
        state.mkdir()
        source = self.dir / "auc.txt"
        source.write_text("".join(lines))
        place = ["--store", f"sqlite:{state}/s.db", "--master-key", str(state / "master.key")]
        subprocess.run([world.LATCHKEY, "subscriber", "import", "--format", "hostapd", source,
                        *place], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60)
        subprocess.run([world.LATCHKEY, "subscriber", "show", "001010000000000", *place],
                       check=True, stdout=subprocess.DEVNULL, timeout=60)
        # The search finds them where they are.
        self.assertEqual(len(hits(self.dir, keys)), len(keys))
        self.assertEqual(hits(state, keys), [])
        master = bytes.fromhex((state / "master.key").read_text().strip())
        self.assertEqual(hits(state, [master], but=["master.key"]), [])
        for path in state.iterdir():
            self.assertEqual(path.stat().st_mode & 0o077, 0, path.name)
        # Another key opens nothing.
        other = self.dir / "other.key"
        other.write_text(secrets.token_hex(32) + "\n")
        other.chmod(0o600)
        done = subprocess.run([world.LATCHKEY, "subscriber", "show", "001010000000000",
                               "--secrets", "--store", f"sqlite:{state}/s.db", "--master-key",
                               other], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"not the key", done.stderr)


if __name__ == "__main__":
    unittest.main()

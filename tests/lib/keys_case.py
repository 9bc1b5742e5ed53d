"""latchkey keys as a process: what it prints against what a test wants, and every step of --explain
computed again from the octets that it shows."""
import hashlib
import json
import os
import random
import subprocess
import unittest
from pathlib import Path

from derive import (aes, aes_cmac, fips186, hmac_md5, hmac_sha1, hmac_sha256, keccak_f, prf_prime,
                    xor)

TOP = Path(__file__).resolve().parents[2]
LATCHKEY = Path(os.environ.get("LK_BUILD", TOP / "build")).resolve() / "latchkey"
VECTORS = TOP / "tests" / "vectors"
OK, USAGE, SYSTEM = 0, 2, 3
RANDOM_RUNS = 25


def arguments(name, inputs):
    words = [str(LATCHKEY), "keys", name]
    for option, value in inputs.items():
        words += ["--" + option.replace("_", "-"),
                  value.hex() if isinstance(value, bytes) else str(value)]
    return words


def call(words, stdin=""):
    return subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=30)


class KeysTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(20_240_601)

    def some(self, length):
        return self.random.randbytes(length)

    def check(self, name, want, **inputs):
        """The three forms of output agree with want, and the steps with their own octets."""
        done = call(arguments(name, inputs))
        self.assertEqual(done.returncode, OK, done.stderr)
        lines = dict(line.split(" ") for line in done.stdout.splitlines())
        self.assertEqual(lines, {key: value.hex() for key, value in want.items()})

        explained = call(arguments(name, inputs) + ["--explain"])
        self.assertEqual({line.split()[0]: line.split()[1]
                          for line in explained.stdout.splitlines() if line[0] != "#"}, lines)

        told = json.loads(call(arguments(name, inputs) + ["--explain", "--json"]).stdout)
        self.assertEqual(told["keys"], lines)
        self.assertEqual(set(told["from"]), set(lines))
        for step in told["steps"]:
            self.recompute(step)
        everything = "".join(step["result"] for step in told["steps"])
        backwards = bytes.fromhex(everything)[::-1].hex()
        for key, value in lines.items():
            self.assertTrue(value in everything or value in backwards, key)

    def recompute(self, step):
        def joined(role):
            return b"".join(bytes.fromhex(p["octets"]) for p in step["pieces"]
                            if p["role"] == role)

        key, data, mask = joined("key"), joined("input"), joined("xor")
        result = bytes.fromhex(step["result"])
        if step["function"] == "AES-128":
            again = aes(key, data)
        elif step["function"] == "Keccak-f[1600]":
            again = data
            for _ in range(step["repeat"]):
                again = keccak_f(again)
        elif step["function"] == "HMAC-SHA-256":
            again = hmac_sha256(key, data)
        elif step["function"] == "HMAC-MD5":
            again = hmac_md5(key, data)
        elif step["function"] == "MD5":
            again = hashlib.md5(data).digest()
        elif step["function"] == "HMAC-SHA-1":
            again = hmac_sha1(key, data)
        elif step["function"] == "PRF'":
            again = prf_prime(key, data, len(result))
        elif step["function"] == "AES-CMAC":
            again = aes_cmac(key, data)
        elif step["function"] == "SHA-1":
            again = hashlib.sha1(data).digest()
        elif step["function"] == "SHA-256":
            again = hashlib.sha256(data).digest()
        elif step["function"] == "FIPS 186-2 generator":
            again = fips186(data, len(result))
        else:
            self.assertEqual(step["function"], "concatenation")
            again = data
        again = xor(again, mask + bytes(len(again) - len(mask)))
        self.assertEqual(result, again, step)
        self.assertRegex(step["clause"], r"^(TS|RFC|IEEE) \d")

    def vectors(self, name):
        file = json.loads((VECTORS / f"{name}.json").read_text())
        return file["vectors"] if "vectors" in file else file

    def refused(self, words, code, *said):
        done = call(words)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        for word in said:
            self.assertIn(word, done.stderr)
        return done.stderr

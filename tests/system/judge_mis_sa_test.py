"""PDUs that lk_mis_protect wrote, and those of the vectors, taken apart and opened by
python3-cryptography: layout, nonce, what is covered, tag. A frame with one bit that is another is
refused."""
import json
import os
import subprocess
import unittest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.padding import PKCS7

from derive import aes_cmac, hmac_sha1

TOP = Path(__file__).resolve().parents[2]
FRAMES = Path(os.environ.get("LK_BUILD", TOP / "build")).resolve() / "tests/system/mis_frames"
VECTORS = TOP / "tests" / "vectors" / "mis-protect.json"
COUNT = 400


def length(octets, at):
    """The length at at, and where it ends: not BER."""
    first = octets[at]
    if first <= 128:
        return first, at + 1
    end = at + 1 + first - 128
    return 128 + int.from_bytes(octets[at + 1:end], "big"), end


def value(octets, at):
    size, at = length(octets, at)
    assert at + size <= len(octets)
    return octets[at:at + size], at + size


def open_frame(suite, miik, miek, frame):
    """(counter, list of TLVs), or ValueError or InvalidTag."""
    assert len(frame) == 8 + int.from_bytes(frame[6:8], "big") and frame[4] & 0x40
    at, found = 8, []
    while at < len(frame):
        kind, start = frame[at], at
        content, at = value(frame, at + 1)
        found.append((kind, start, content))
    assert [kind for kind, _, _ in found] == [1, 2, 200, 201]
    covered, security = frame[:found[3][1]], found[3][2]
    assert security[0] == 1
    encr, at = value(security, 1)
    counter, rest = encr[:10], encr[10:]
    if suite == 1:
        assert security[at:] == b"\x01"
        nonce = frame[4:6] + counter + frame[1:2]
        return counter, AESCCM(miek, tag_length=16).decrypt(nonce, rest, covered)
    assert security[at] == 0
    tag, at = value(security, at + 1)
    assert at == len(security) and len(tag) == 12
    right = aes_cmac(miik, covered + encr) if suite == 4 else hmac_sha1(miik, covered + encr)
    if tag != right[:12]:
        raise ValueError("MIC")
    if suite == 2:
        run = Cipher(algorithms.AES(miek), modes.CBC(rest[:16])).decryptor()
        unpad = PKCS7(128).unpadder()
        return counter, unpad.update(run.update(rest[16:])) + unpad.finalize()
    return counter, rest


class JudgeTest(unittest.TestCase):
    def judge(self, suite, miik, miek, plain, frame):
        counter, tlvs = open_frame(suite, miik, miek, frame)
        self.assertEqual(tlvs, plain)
        self.assertIn(counter[0], (0, 1))
        self.assertEqual(counter[1:4], bytes(3))
        self.assertNotEqual(counter[4:], bytes(6))
        altered = frame[:-4] + bytes([frame[-4] ^ 4]) + frame[-3:]
        with self.assertRaises((ValueError, InvalidTag)):
            open_frame(suite, miik, miek, altered)
        header = frame[:3] + bytes([frame[3] ^ 2]) + frame[4:]
        with self.assertRaises((ValueError, InvalidTag)):
            open_frame(suite, miik, miek, header)

    def test_our_own_pdus(self):
        done = subprocess.run([FRAMES, str(COUNT)], capture_output=True, text=True, timeout=30,
                              check=True)
        suites, longest = {1: 0, 2: 0, 3: 0, 4: 0}, 0
        for line in done.stdout.splitlines():
            suite, *hexes = line.split(" ")
            octets = [b"" if text == "-" else bytes.fromhex(text) for text in hexes]
            self.judge(int(suite), *octets)
            suites[int(suite)] += 1
            longest = max(longest, len(octets[2]))
        self.assertEqual(set(suites.values()), {COUNT // 4})
        self.assertGreater(longest, 4096)

    def test_vectors(self):
        file = json.loads(VECTORS.read_text())
        for v in file["vectors"]:
            with self.subTest(v["name"]):
                frame = bytes.fromhex(v["frame"])
                self.judge(int(v["name"][1]), bytes.fromhex(v["MIIK"]), bytes.fromhex(v["MIEK"]),
                           bytes.fromhex(v["plaintext_tlvs"]), frame)
                self.assertTrue(v["frame"].startswith(v["aad"]))
        for v in file["primitives"]:
            key, plain = bytes.fromhex(v["key"]), bytes.fromhex(v["plaintext"])
            if "nonce" in v:
                out = AESCCM(key, tag_length=v["tag_octets"]).encrypt(
                    bytes.fromhex(v["nonce"]), plain, bytes.fromhex(v["aad"]))
            else:
                out = aes_cmac(key, plain)
            self.assertEqual(out.hex(), v["output"], v["name"])


if __name__ == "__main__":
    unittest.main()

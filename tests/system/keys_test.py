"""latchkey keys, judged by an independent recomputation: Milenage, TUAK, the KDFs and both EAP key
blocks are written here once more, over python3-cryptography and hashlib, and compared with the
binary on the published vectors and on random inputs. Every step of --explain is computed again from
the octets that it shows."""
import hashlib
import hmac
import json
import os
import random
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOP = Path(__file__).resolve().parents[2]
LATCHKEY = Path(os.environ.get("LK_BUILD", TOP / "build")).resolve() / "latchkey"
VECTORS = TOP / "tests" / "vectors"
OK, USAGE, SYSTEM = 0, 2, 3
RANDOM_RUNS = 25


# ---- the functions, once more ----

def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def aes(key, block):
    run = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return run.update(block) + run.finalize()


def milenage(k, opc, rand, sqn, amf):
    temp = aes(k, xor(rand, opc))

    def out(rotation, constant):
        block = xor(temp, opc)
        block = block[rotation:] + block[:rotation]
        return xor(aes(k, block[:-1] + bytes([block[-1] ^ constant])), opc)

    in1 = xor(sqn + amf + sqn + amf, opc)
    out1 = xor(aes(k, xor(temp, in1[8:] + in1[:8])), opc)
    out2 = out(0, 1)
    keys = {"mac_a": out1[:8], "mac_s": out1[8:], "res": out2[8:], "ck": out(4, 2),
            "ik": out(8, 4), "ak": out2[:6], "ak_star": out(12, 8)[:6]}
    return keys | {"autn": xor(sqn, keys["ak"]) + amf + keys["mac_a"]}


def keccak_f(state):
    """Keccak-f[1600] from its five steps, lanes and constants made as FIPS 202 3.2 says."""
    mask = (1 << 64) - 1

    def turn(lane, by):
        by %= 64
        return ((lane << by) | (lane >> (64 - by))) & mask

    a = [[int.from_bytes(state[8 * (x + 5 * y):][:8], "little") for y in range(5)]
         for x in range(5)]
    register = 1
    for _ in range(24):
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[(x - 1) % 5] ^ turn(c[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        x, y, lane = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, a[x][y] = a[x][y], turn(lane, (t + 1) * (t + 2) // 2)
        a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) for y in range(5)]
             for x in range(5)]
        for bit in range(7):
            register = ((register << 1) ^ ((register >> 7) * 0x171)) & 0xff
            if register & 2:
                a[0][0] ^= 1 << ((1 << bit) - 1)
    return b"".join(a[x][y].to_bytes(8, "little") for y in range(5) for x in range(5))


def tuak(k, topc, rand, sqn, amf, mac=64, res=64, ck=128, ik=128, iterations=1):
    def run(instance, rand, sqn=bytes(6), amf=bytes(2)):
        state = (topc[::-1] + bytes([instance | (len(k) == 32)]) + b"TUAK1.0"[::-1] + rand[::-1] +
                 amf[::-1] + sqn[::-1] + k[::-1] + bytes(32 - len(k)) + b"\x1f" + bytes(38) +
                 b"\x80" + bytes(64))
        assert len(state) == 200
        for _ in range(iterations):
            state = keccak_f(state)
        return lambda at, length: state[at:at + length][::-1]

    keys = run(0x40 | (0 if res == 32 else res // 8) | (4 if ck == 256 else 0) |
               (2 if ik == 256 else 0), rand)
    out = {"topc": run(0, bytes(16))(0, 32),   # of what was given as TOP
           "mac_a": run(mac // 8, rand, sqn, amf)(0, mac // 8),
           "mac_s": run(0x80 | mac // 8, rand, sqn, amf)(0, mac // 8),
           "res": keys(0, res // 8), "ck": keys(32, ck // 8), "ik": keys(64, ik // 8),
           "ak": keys(96, 6), "ak_star": run(0xc0, rand)(96, 6)}
    if mac == 64:
        out["autn"] = xor(sqn, out["ak"]) + amf + out["mac_a"]
    return out


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def kdf(key, fc, *params):
    return hmac_sha256(key, bytes([fc]) + b"".join(p + len(p).to_bytes(2, "big") for p in params))


def prf_prime(key, s, length):
    out = t = b""
    n = 0
    while len(out) < length:
        n += 1
        t = hmac_sha256(key, t + s + bytes([n]))
        out += t
    return out[:length]


def sha1_compress(block):
    """SHA-1 after one block from its start value, without padding: FIPS 180-4 6.1.2."""
    def turn(word, by):
        return ((word << by) | (word >> (32 - by))) & 0xffffffff

    start = (0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
    w = [int.from_bytes(block[4 * i:4 * i + 4], "big") for i in range(16)]
    for t in range(16, 80):
        w.append(turn(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
    a, b, c, d, e = start
    for t in range(80):
        f, k = (((b & c) | (~b & d), 0x5a827999) if t < 20 else
                (b ^ c ^ d, 0x6ed9eba1) if t < 40 else
                ((b & c) | (b & d) | (c & d), 0x8f1bbcdc) if t < 60 else
                (b ^ c ^ d, 0xca62c1d6))
        a, b, c, d, e = (turn(a, 5) + (f & 0xffffffff) + e + k + w[t]) & 0xffffffff, a, \
            turn(b, 30), c, d
    return b"".join(((x + y) & 0xffffffff).to_bytes(4, "big")
                    for x, y in zip(start, (a, b, c, d, e)))


def fips186(xkey, length):
    out, number = b"", int.from_bytes(xkey, "big")
    while len(out) < length:
        w = sha1_compress(number.to_bytes(20, "big") + bytes(44))
        number = (1 + number + int.from_bytes(w, "big")) % 2 ** 160
        out += w
    return out[:length]


def cut(octets, *parts):
    keys, at = {}, 0
    for name, length in parts:
        keys[name] = octets[at:at + length]
        at += length
    return keys


def ck_ik_prime(ck, ik, autn, network_name):
    return cut(kdf(ck + ik, 0x20, network_name, autn[:6]), ("ck_prime", 16), ("ik_prime", 16))


def aka_prime(ck_prime, ik_prime, identity):
    return cut(prf_prime(ik_prime + ck_prime, b"EAP-AKA'" + identity, 208), ("k_encr", 16),
               ("k_aut", 32), ("k_re", 32), ("msk", 64), ("emsk", 64))


def aka_prime_reauth(k_re, identity, counter, nonce_s):
    s = b"EAP-AKA' re-auth" + identity + counter.to_bytes(2, "big") + nonce_s
    return cut(prf_prime(k_re, s, 128), ("msk", 64), ("emsk", 64))


def aka(ck, ik, identity):
    mk = hashlib.sha1(identity + ik + ck).digest()
    return cut(fips186(mk, 160), ("k_encr", 16), ("k_aut", 16), ("msk", 64),
               ("emsk", 64)) | {"mk": mk}


def aka_reauth(mk, identity, counter, nonce_s):
    xkey = hashlib.sha1(identity + counter.to_bytes(2, "big") + nonce_s + mk).digest()
    return cut(fips186(xkey, 140), ("msk", 64), ("emsk", 64))


def wlcp(emsk, fc, *params):
    key = kdf(emsk, fc, *params)
    size = len(key).to_bytes(2, "big")
    return {"wlcp_key": key, "psk_identity": hmac_sha256(key, b"wlcp psk id")[:16],
            "premaster": size + bytes(len(key)) + size + key}


# ---- the binary ----

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
        elif step["function"] == "PRF'":
            again = prf_prime(key, data, len(result))
        elif step["function"] == "SHA-1":
            again = hashlib.sha1(data).digest()
        elif step["function"] == "FIPS 186-2 generator":
            again = fips186(data, len(result))
        else:
            self.assertEqual(step["function"], "concatenation")
            again = data
        again = xor(again, mask + bytes(len(again) - len(mask)))
        self.assertEqual(result, again, step)
        self.assertRegex(step["clause"], r"^(TS|RFC) \d")


class VectorsTest(KeysTest):
    def vectors(self, name):
        file = json.loads((VECTORS / f"{name}.json").read_text())
        return file["vectors"] if "vectors" in file else file

    def test_milenage(self):
        for v in self.vectors("milenage"):
            hexes = {n: bytes.fromhex(v[n]) for n in ("k", "op", "opc", "rand", "sqn", "amf")}
            want = {name: bytes.fromhex(v[field]) for name, field in (
                ("mac_a", "f1_mac_a"), ("mac_s", "f1star_mac_s"), ("res", "f2_res"),
                ("ck", "f3_ck"), ("ik", "f4_ik"), ("ak", "f5_ak"), ("ak_star", "f5star_ak"))}
            want["autn"] = bytes.fromhex(v["derived"]["autn"])
            with self.subTest(v["id"]):
                opc, op = hexes.pop("opc"), hexes.pop("op")
                self.assertEqual(milenage(opc=opc, **hexes), want)
                self.check("milenage", want, opc=opc, **hexes)
                self.check("milenage", want | {"opc": opc}, op=op, **hexes)

    def test_tuak(self):
        for v in self.vectors("tuak"):
            topc = bytes.fromhex(v["topc"])
            inputs = {n: bytes.fromhex(v.get(n, "00" * length)) for n, length in
                      (("k", 0), ("rand", 0), ("sqn", 6), ("amf", 2))}
            bits = {n: v[n] for n in ("mac_bits", "res_bits", "ck_bits", "ik_bits") if n in v}
            want = tuak(topc=topc, iterations=v["keccak_iterations"],
                        **{n[:-5]: value for n, value in bits.items()}, **inputs)
            del want["topc"]
            with self.subTest(v["id"]):
                for name in ("mac_a", "mac_s", "res", "ck", "ik", "ak", "ak_star"):
                    if name in v:
                        self.assertEqual(want[name].hex(), v[name], name)
                inputs |= bits | {"iterations": v["keccak_iterations"]}
                self.check("tuak", want, topc=topc, **inputs)
                self.check("tuak", want | {"topc": topc}, top=bytes.fromhex(v["top"]), **inputs)

    def test_eap_aka_prime(self):
        for v in self.vectors("eap_aka_prime_rfc5448"):
            def octets(*names):
                return {n: bytes.fromhex(v[n]) for n in names}
            with self.subTest(v["id"]):
                self.check("ck-ik-prime", octets("ck_prime", "ik_prime"),
                           network_name=v["network_name"], **octets("ck", "ik", "autn"))
                self.check("eap-aka-prime", octets("k_encr", "k_aut", "k_re", "msk", "emsk"),
                           identity=v["identity"], **octets("ck_prime", "ik_prime"))

    def test_eap_aka_prime_of_a_packet_exchange(self):
        file = self.vectors("eap_aka_prime_packets")
        keys, again = file["keys"], file["reauth_keys"]
        self.check("eap-aka-prime",
                   {n: bytes.fromhex(keys[n]) for n in ("k_encr", "k_aut", "k_re", "msk", "emsk")},
                   ck_prime=bytes.fromhex(keys["ck_prime"]),
                   ik_prime=bytes.fromhex(keys["ik_prime"]),
                   identity=file["inputs"]["permanent_identity"])
        self.check("eap-aka-prime", {n: bytes.fromhex(again[n]) for n in ("msk", "emsk")},
                   k_re=bytes.fromhex(again["k_re"]), identity=again["identity"],
                   counter=again["counter"], nonce_s=bytes.fromhex(again["nonce_s"]))

    def test_eap_aka(self):
        by_id = {v["id"]: v for v in self.vectors("eap_sim_aka")}
        full = by_id["aka-full-1"]
        self.check("eap-aka",
                   {n: bytes.fromhex(full[n]) for n in ("k_encr", "k_aut", "msk", "emsk", "mk")},
                   ck=bytes.fromhex(full["ck"]), ik=bytes.fromhex(full["ik"]),
                   identity=full["identity"])
        for name in ("aka-reauth-1", "rfc4186-A-reauth"):
            v = by_id[name]
            self.check("eap-aka", {n: bytes.fromhex(v[n]) for n in ("msk", "emsk")},
                       mk=bytes.fromhex(v["mk"]), identity=v["identity"], counter=v["counter"],
                       nonce_s=bytes.fromhex(v["nonce_s"]))


    def test_wlcp(self):
        file = json.loads((VECTORS / "wlcp_key_dtls.json").read_text())
        for v in file["vectors"]:
            for one in v["candidates"]:
                params = [bytes.fromhex(p) for p in one["p"]]
                want = wlcp(bytes.fromhex(v["emsk"]), int(one["fc"], 16), *params)
                inputs = {"emsk": bytes.fromhex(v["emsk"]), "fc": bytes.fromhex(one["fc"])}
                inputs |= {"param": params[0]} if params else {}
                with self.subTest(v["id"], variant=one["variant"]):
                    self.assertEqual(want["wlcp_key"].hex(), one["wlcp_key_256"])
                    self.check("wlcp", want, **inputs)
                    if one["default"]:
                        self.check("wlcp", want, emsk=inputs["emsk"])
        premaster = next(v for v in file["dtls12"] if v["id"] == "plain-psk-premaster")
        self.assertEqual(wlcp(bytes.fromhex(file["vectors"][0]["emsk"]), 0x21)["premaster"].hex(),
                         premaster["premaster"])


class RandomInputsTest(KeysTest):
    def test_milenage(self):
        for _ in range(RANDOM_RUNS):
            inputs = {"k": self.some(16), "opc": self.some(16), "rand": self.some(16),
                      "sqn": self.some(6), "amf": self.some(2)}
            self.check("milenage", milenage(**inputs), **inputs)

    def test_tuak(self):
        for _ in range(RANDOM_RUNS):
            inputs = {"k": self.some(self.random.choice((16, 32))), "topc": self.some(32),
                      "rand": self.some(16), "sqn": self.some(6), "amf": self.some(2)}
            bits = {"mac": self.random.choice((64, 128, 256)),
                    "res": self.random.choice((32, 64, 128, 256)),
                    "ck": self.random.choice((128, 256)), "ik": self.random.choice((128, 256))}
            times = self.random.randint(1, 3)
            want = tuak(**inputs, **bits, iterations=times)
            del want["topc"]
            self.check("tuak", want, iterations=times, **inputs,
                       **{name + "_bits": value for name, value in bits.items()})

    def test_eap(self):
        for _ in range(RANDOM_RUNS):
            ck, ik, nonce_s = self.some(16), self.some(16), self.some(16)
            identity = self.some(self.random.randint(1, 120)).hex() + "@nai.example"
            name = self.some(self.random.randint(1, 60)).hex()
            counter = self.random.randint(0, 65535)
            autn = self.some(16)
            self.check("ck-ik-prime", ck_ik_prime(ck, ik, autn, name.encode()), ck=ck, ik=ik,
                       autn=autn, network_name=name)
            self.check("eap-aka-prime", aka_prime(ck, ik, identity.encode()), ck_prime=ck,
                       ik_prime=ik, identity=identity)
            self.check("eap-aka", aka(ck, ik, identity.encode()), ck=ck, ik=ik,
                       identity=identity)
            k_re, mk = self.some(32), self.some(20)
            self.check("eap-aka-prime", aka_prime_reauth(k_re, identity.encode(), counter, nonce_s),
                       k_re=k_re, identity=identity, counter=counter, nonce_s=nonce_s)
            self.check("eap-aka", aka_reauth(mk, identity.encode(), counter, nonce_s), mk=mk,
                       identity=identity, counter=counter, nonce_s=nonce_s)


    def test_wlcp(self):
        for _ in range(RANDOM_RUNS):
            emsk, fc = self.some(64), self.some(1)
            params = [self.some(self.random.randint(1, 32))
                      for _ in range(self.random.randint(0, 4))]
            names = ("param", "param_1", "param_2", "param_3")
            self.check("wlcp", wlcp(emsk, fc[0], *params), emsk=emsk, fc=fc,
                       **dict(zip(names, params)))


class CommandTest(KeysTest):
    CK_IK = {"ck": bytes(16), "ik": bytes(range(16)), "autn": bytes(16)}

    def refused(self, words, code, *said):
        done = call(words)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        for word in said:
            self.assertIn(word, done.stderr)
        return done.stderr

    def test_list_and_help(self):
        names = call([str(LATCHKEY), "keys", "--list"]).stdout.split()
        self.assertLessEqual({"milenage", "tuak", "ck-ik-prime", "eap-aka-prime", "eap-aka"},
                             set(names))
        told = json.loads(call([str(LATCHKEY), "keys", "--list", "--json"]).stdout)
        self.assertEqual([row["name"] for row in told], names)
        for row in told:
            done = call([str(LATCHKEY), "keys", row["name"], "--help"])
            self.assertEqual(done.returncode, OK)
            for given in row["inputs"]:
                self.assertIn("--" + given["option"], done.stdout)
            self.assertIn(row["clause"], done.stdout)

    def test_values_from_files_and_standard_input(self):
        want = call(arguments("ck-ik-prime", self.CK_IK | {"network_name": "WLAN"})).stdout
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("00:01:02:03 04 05 06 07\n08090a0b0c0d0e0f\n")
            file.flush()
            inputs = {"ck": "-", "ik": "@" + file.name, "autn": bytes(16), "network_name": "WLAN"}
            done = call(arguments("ck-ik-prime", inputs), stdin="00" * 16 + "\r\n")
        self.assertEqual(done.stdout, want)
        same = arguments("ck-ik-prime", self.CK_IK) + ["--network-name=WLAN"]
        self.assertEqual(call(same).stdout, want)

    def test_what_is_wrong_is_said_and_no_value_repeated(self):
        good = self.CK_IK | {"network_name": "WLAN"}
        secret = "5ec3e7" * 5
        for words, code, said in (
                (arguments("nothing", {}), USAGE, ["nothing", "--list"]),
                ([str(LATCHKEY), "keys"], USAGE, ["usage"]),
                (arguments("ck-ik-prime", {}), USAGE, ["--ck"]),
                (arguments("ck-ik-prime", good | {"ck": secret}), USAGE, ["--ck", "15", "16"]),
                (arguments("ck-ik-prime", good | {"ck": secret + "5e5e"}), USAGE,
                 ["--ck", "17", "16"]),
                (arguments("ck-ik-prime", good | {"ck": secret + "5"}), USAGE, ["--ck", "odd"]),
                (arguments("ck-ik-prime", good | {"ck": secret + "zz"}), USAGE, ["--ck", "hex"]),
                (arguments("ck-ik-prime", good | {"ck": "@/nowhere/at/all"}), SYSTEM,
                 ["--ck", "/nowhere/at/all"]),
                (arguments("ck-ik-prime", good | {"ck": "-", "ik": "-"}), USAGE, ["--"]),
                (arguments("ck-ik-prime", good | {"network_name": ""}), USAGE, ["--network-name"]),
                (arguments("ck-ik-prime", good | {"network_name": "W" * 256}), USAGE,
                 ["--network-name", "255"]),
                (arguments("ck-ik-prime", good) + ["--ck", "00" * 16], USAGE, ["--ck", "twice"]),
                (arguments("ck-ik-prime", good) + ["--sqn", "00"], USAGE, ["--sqn"]),
                (arguments("ck-ik-prime", good) + ["--ck"], USAGE, ["--ck"]),
                (arguments("ck-ik-prime", good) + ["loose"], USAGE, ["loose"]),
                # no abbreviation: --ck is not --ck-prime
                (arguments("eap-aka-prime", {"ck": bytes(16), "ik": bytes(16), "identity": "0"}),
                 USAGE, ["--ck"]),
                (arguments("eap-aka", {"identity": "0", "ck": bytes(16)}), USAGE, ["--ik"]),
                (arguments("eap-aka", {"identity": "0", "ck": bytes(16), "ik": bytes(16),
                                       "counter": 1}), USAGE, ["--counter"]),
                (arguments("eap-aka", {"identity": "0", "mk": bytes(20), "counter": 65536,
                                       "nonce_s": bytes(16)}), USAGE, ["--counter", "65535"]),
                (arguments("eap-aka", {"identity": "0", "mk": bytes(20), "counter": "1x",
                                       "nonce_s": bytes(16)}), USAGE, ["--counter"]),
                (arguments("milenage", {"k": bytes(16), "rand": bytes(16), "sqn": bytes(6),
                                        "amf": bytes(2)}), USAGE, ["--op", "--opc"]),
                (arguments("tuak", {"k": bytes(20), "topc": bytes(32), "rand": bytes(16),
                                    "sqn": bytes(6), "amf": bytes(2)}), USAGE, ["16 or 32"]),
                (arguments("tuak", {"k": bytes(16), "topc": bytes(32), "rand": bytes(16),
                                    "sqn": bytes(6), "amf": bytes(2), "res_bits": 96}), USAGE,
                 ["res-bits"])):
            with self.subTest(" ".join(words[2:])):
                self.assertNotIn(secret, self.refused(words, code, *said))

    def test_secrets_leave_the_process_list(self):
        """Y05: a value given as an argument is overwritten once it was read."""
        inputs = {"ck": b"\x5e\xc3" * 8, "ik": "-", "autn": bytes(16), "network_name": "WLAN"}
        with subprocess.Popen(arguments("ck-ik-prime", inputs), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                seen = Path(f"/proc/{process.pid}/cmdline")
                until = time.monotonic() + 10
                while b"5ec3" in seen.read_bytes() and time.monotonic() < until:
                    time.sleep(0.01)   # until it waits for its standard input
                self.assertNotIn(b"5ec3", seen.read_bytes())
                self.assertIn("ck_prime", process.communicate("00" * 16, timeout=10)[0])
            finally:
                process.kill()


if __name__ == "__main__":
    unittest.main()

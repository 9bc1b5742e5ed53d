"""latchkey keys, judged by an independent recomputation (lib/derive.py): Milenage, TUAK, both EAP
key blocks and the WLCP key, on the published vectors and on random inputs; and the command itself.
keys_lwa_test.py has EPS and 802.11."""
import json
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from derive import aka, aka_prime, aka_prime_reauth, aka_reauth, ck_ik_prime, milenage, tuak, wlcp
from keys_case import LATCHKEY, OK, RANDOM_RUNS, SYSTEM, USAGE, VECTORS, KeysTest, arguments, call


class VectorsTest(KeysTest):
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

    def test_list_and_help(self):
        names = call([str(LATCHKEY), "keys", "--list"]).stdout.split()
        self.assertLessEqual({"milenage", "tuak", "ck-ik-prime", "eap-aka-prime", "eap-aka",
                              "kasme", "kenb", "nh", "kenb-star", "s-kwt", "ptk"},
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

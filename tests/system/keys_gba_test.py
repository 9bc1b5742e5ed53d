"""latchkey keys of GBA, AKMA, BEST, HTTP Digest and RFC 3957, judged by an independent
recomputation (lib/derive.py, over hashlib and hmac): on every vector, of which nearly all are
self-computed, and on random inputs. And the table of names that is this command's contract."""
import base64
import json
import re
import unittest

from derive import akma, bound, digest, digest_password, ks_naf, milenage, rfc3957, tmpi
from keys_case import LATCHKEY, RANDOM_RUNS, USAGE, VECTORS, KeysTest, arguments, call

# The table that binds the names: what each takes, and what it prints at least.
CONTRACT = (
    ("milenage", "k op opc rand sqn amf", "mac_a mac_s res ck ik ak ak_star autn"),
    ("tuak", "k top topc rand sqn amf", "mac_a mac_s res ck ik ak ak_star autn"),
    ("ck-ik-prime", "ck ik autn network-name", "ck_prime ik_prime"),
    ("eap-aka-prime", "ck-prime ik-prime identity", "k_encr k_aut k_re msk emsk"),
    ("eap-aka", "ck ik identity", "k_encr k_aut msk emsk"),
    ("wlcp", "emsk fc param", "wlcp_key"),
    ("kasme", "", "kasme"), ("kenb", "", "kenb"), ("nh", "", "nh"), ("kenb-star", "", "kenb_star"),
    ("s-kwt", "kenb wt-counter", "s_kwt"),
    ("ptk", "pmk aa spa anonce snonce akm", "kck kek tk pmkid"),
    ("misk", "k nonce-t nonce-n suite prf", "miak miik miek"),
    ("ks-naf", "ks rand impi naf-fqdn ua-id", "ks_naf"),
    ("mn-ha", "aaa-key nonce nai home-address", "key"),
    ("mn-fa", "aaa-key nonce nai home-address", "key"),
    ("akma", "kausf supi af-fqdn ua-id", "k_akma a_tid k_af"),
)


def octets(v, *names):
    return {name: bytes.fromhex(v[name]) for name in names}


class GbaTest(KeysTest):
    def judged(self, name, of, **inputs):
        """What the other hand computes, which the command prints too."""
        want = of(**inputs)
        self.check(name, want, **inputs)
        return want

    def mobile_ip(self, want_key, aaa_key, nonce, identifier, **option):
        want = rfc3957(aaa_key, nonce, identifier)
        self.assertEqual(want["key"].hex(), want_key)
        for name in ("mn-ha", "mn-fa"):
            self.check(name, want, aaa_key=aaa_key, nonce=nonce, **option)


class VectorsTest(GbaTest):
    def test_gba(self):
        seen = []
        for v in self.vectors("gba-kdf"):
            with self.subTest(v["id"]):
                if "naf_fqdn" in v:
                    got = self.judged("ks-naf", ks_naf, impi=v["impi"], naf_fqdn=v["naf_fqdn"],
                                      ua_id=bytes.fromhex(v["ua_security_protocol_id"]),
                                      **octets(v, "ks", "rand"))
                    key = got["ks_naf" if v["p0"] == "gba-me" else "ks_int_naf"]
                    self.assertEqual(key.hex(), v["out"])
                    self.assertEqual(base64.b64encode(key).decode(), v["out_base64"])
                    last = v
                elif "tmpi" in v:
                    self.assertEqual(bytes.fromhex(v["bsf_id"])[-5:].hex(), "0100000100")
                    got = self.judged("tmpi", tmpi, ks=bytes.fromhex(v["ks"]), impi=last["impi"],
                                      rand=bytes.fromhex(last["rand"]),
                                      bsf=bytes.fromhex(v["bsf_id"])[:-5].decode())
                    self.assertEqual(got["tmpi"].decode(), v["tmpi"])
                    b_tid = got["b_tid"].decode()
                else:
                    key = self.vectors("gba-kdf")[0]["out"]
                    got = self.judged("digest-aka", digest, algorithm="MD5",
                                      ks_naf=bytes.fromhex(key),
                                      **{n: v[n] for n in ("username", "realm", "nonce", "method",
                                                           "uri", "qop", "nc", "cnonce")})
                    self.assertEqual(got["ha1"].hex(), v["ha1"])
                    self.assertEqual(got["response"].hex(), v["response"])
                    self.assertEqual(v["username"], b_tid)
                seen.append(v["id"])
        self.assertEqual(len(seen), 6)

    def test_akma(self):
        for v in self.vectors("akma-kdf"):
            with self.subTest(v["id"]):
                got = self.judged("akma", akma, supi=v["supi"], af_fqdn=v["af_fqdn"],
                                  kausf=bytes.fromhex(v["kausf"]),
                                  ua_id=bytes.fromhex(v["ua_star_id"]))
                for name, key in got.items():
                    self.assertEqual(key.hex(), v[name])

    def test_keys_of_the_serving_network(self):
        best, ausf = self.vectors("akma-best-khse")[0], self.vectors("akma-kdf")[0]
        inputs = octets(best, "ck", "ik", "sqn_xor_ak") | {
            "serving_network": best["serving_network"]}
        for name, fc, want in (("k-hse", 0x63, best["k_hse"]), ("kausf", 0x6a, ausf["kausf"])):
            key = bound(fc, **inputs)
            self.assertEqual(key.hex(), want)
            self.check(name, {"k_ausf" if name == "kausf" else "k_hse": key}, **inputs)
        self.check("k-hse", {"k_hse": bound(0x64, **inputs)}, after="eap-aka-prime", **inputs)
        emsk = self.some(64)
        self.check("kausf", {"k_ausf": emsk[:32]}, emsk=emsk)

    def test_digest(self):
        """The AKA values by Milenage; then every response, AUTS and rspauth among them."""
        file = json.loads((VECTORS / "digest-aka.json").read_text())
        aka, by_id = file["aka"], {v["id"]: v for v in file["vectors"]}
        keys = milenage(**octets(aka, "k", "opc", "rand", "sqn", "amf"))
        for name in ("mac_a", "res", "ck", "ik", "ak", "ak_star", "autn"):
            self.assertEqual(keys[name].hex(), aka[name])
        self.assertEqual(base64.b64encode(bytes.fromhex(aka["rand"]) + keys["autn"]).decode(),
                         aka["nonce_base64"])
        judged = 0
        for v in file["vectors"]:
            if "username" not in v:
                continue
            inputs = {n: v[n] for n in ("username", "realm", "nonce", "method", "uri", "qop",
                                        "nc", "cnonce") if v.get(n)}
            algorithm = "AKAv2-MD5" if v["id"] == "akav2-md5" else "AKAv1-MD5"
            with self.subTest(v["id"]):
                if "password_ascii" in v:    # of RFC 2617: no AKA, but the same sum
                    got = digest(algorithm, res=v["password_ascii"].encode(), **inputs)
                    inputs["res"] = v["password_ascii"].encode()
                    self.check("digest-aka", got, algorithm=algorithm, **inputs)
                else:
                    inputs |= {"res": keys["res"]}
                    if algorithm == "AKAv2-MD5":
                        inputs |= {"ck": keys["ck"], "ik": keys["ik"]}
                        self.assertEqual(digest_password(algorithm, keys["res"], keys["ck"],
                                                         keys["ik"]).decode(),
                                         v["password_base64"])
                    got = self.judged("digest-aka", digest, algorithm=algorithm, **inputs)
                for name in ("ha1", "ha2", "response", "ik_prime", "ck_prime"):
                    if name in v:
                        self.assertEqual(got[name].hex(), v[name], name)
                judged += 1
        self.assertEqual(judged, 5)
        ub = {n: by_id["ub-authint-akav1"][n] for n in ("username", "realm", "nonce", "method",
                                                        "uri", "qop", "nc", "cnonce")}
        got = self.judged("digest-aka", digest, algorithm="AKAv1-MD5", res=keys["res"],
                          answer=bytes.fromhex(by_id["ub-200ok-rspauth"]["body_hex"]), **ub)
        self.assertEqual(got["rspauth"].hex(), by_id["ub-200ok-rspauth"]["rspauth"])
        for algorithm in ("AKAv1-MD5", "AKAv2-MD5"):
            got = self.judged("digest-aka", digest, algorithm=algorithm, **ub)
            self.assertEqual(got["response"].hex(), by_id["ub-auts-emptypassword"]["response"])

    def test_mobile_ip(self):
        count = 0
        for v in self.vectors("mip4-rfc3957"):
            if "mobile_node_identifier" in v:
                identifier = bytes.fromhex(v["mobile_node_identifier"])
                option = {"home_address": ".".join(map(str, identifier))} \
                    if len(identifier) == 4 else {"nai": identifier.decode()}
                self.mobile_ip(v["key_sha1_20"], bytes.fromhex(v["aaa_key"]),
                               bytes.fromhex(v["key_generation_nonce"]), identifier, **option)
                count += 1
        self.assertEqual(count, 3)
        v = self.vectors("gba-mip-chain")[0]
        naf_id = bytes.fromhex(v["naf_id"])
        key = self.judged("ks-naf", ks_naf, impi=v["impi"], naf_fqdn=naf_id[:-5].decode(),
                          ua_id=naf_id[-5:], **octets(v, "ks", "rand"))["ks_naf"]
        self.assertEqual(key.hex(), v["mn_aaa_key"])
        self.mobile_ip(v["mn_ha_key_sha1"], key, bytes.fromhex(v["key_generation_nonce"]),
                       v["nai"].encode(), nai=v["nai"])


class RandomInputsTest(GbaTest):
    def words(self, least, most):
        """No @ or - at the front: those are files."""
        return "".join(self.random.choice("abcdefghijklm.0123456789" + "@-" * (i > 0))
                       for i in range(self.random.randint(least, most)))

    def test_gba_and_akma(self):
        """Lengths above 255 are among them."""
        for _ in range(RANDOM_RUNS):
            impi = self.words(1, 400)
            both = {"ks": self.some(32), "rand": self.some(16), "impi": impi}
            self.judged("ks-naf", ks_naf, naf_fqdn=self.words(1, 253), ua_id=self.some(5), **both)
            self.judged("tmpi", tmpi, bsf=self.words(1, 200), **both)
            self.judged("akma", akma, kausf=self.some(32), supi=self.words(1, 255),
                        af_fqdn=self.words(1, 253), ua_id=self.some(5))
            self.mobile_ip_random()

    def mobile_ip_random(self):
        key, nonce, nai = self.some(self.random.choice((16, 32))), self.some(16), self.words(1, 60)
        self.check("mn-ha", rfc3957(key, nonce, nai.encode()), aaa_key=key, nonce=nonce, nai=nai)

    def test_digest(self):
        for algorithm in ("AKAv1-MD5", "AKAv2-MD5", "MD5", "SHA-256") * 8:
            inputs = {"username": self.words(1, 60), "realm": self.words(1, 60),
                      "nonce": self.words(1, 60), "method": "GET", "uri": "/" + self.words(0, 9)}
            if "AKA" in algorithm:
                inputs["res"] = self.some(self.random.randint(4, 16))
                if algorithm == "AKAv2-MD5":
                    inputs |= {"ck": self.some(16), "ik": self.some(16)}
            else:
                inputs["ks_naf"] = self.some(32)
            qop = self.random.choice(("", "auth", "auth-int"))
            if qop:
                inputs |= {"qop": qop, "nc": "00000001", "cnonce": self.words(1, 20),
                           "body": self.some(self.random.randint(0, 200)),
                           "answer": self.some(self.random.randint(1, 200))}
            self.judged("digest-aka", digest, algorithm=algorithm, **inputs)


class ContractTest(KeysTest):
    def test_every_name_is_there_with_its_inputs(self):
        told = {row["name"]: row for row in
                json.loads(call([str(LATCHKEY), "keys", "--list", "--json"]).stdout)}
        for name, inputs, prints in CONTRACT:
            with self.subTest(name):
                options = {i["option"] for i in told[name]["inputs"]}
                self.assertLessEqual(set(inputs.split()), options)
                printed = re.findall(r"\w+", told[name]["prints"])
                self.assertLessEqual(set(prints.split()), set(printed))

    def test_the_words_of_prf(self):
        """As the table writes them."""
        inputs = {"k": bytes(32), "nonce_t": bytes(16), "nonce_n": bytes(16), "suite": 1}
        for word in ("hmac-sha256", "hmac-sha1", "cmac-aes"):
            self.assertEqual(call(arguments("misk", inputs | {"prf": word})).returncode, 0)


class RefusalsTest(KeysTest):
    def test_what_cannot_be(self):
        digest_ = {"username": "a", "realm": "b", "nonce": "c", "method": "GET", "uri": "/"}
        mip = {"aaa_key": bytes(16), "nonce": bytes(16)}
        for words, said in (
                (arguments("ks-naf", {"ks": bytes(31)}), ["--ks"]),
                (arguments("ks-naf", {"ks": bytes(32), "rand": bytes(16), "impi": "i",
                                      "naf_fqdn": "x" * 254, "ua_id": bytes(5)}), ["--naf-fqdn"]),
                (arguments("akma", {"kausf": bytes(32), "supi": "1", "af_fqdn": "a"}), ["--ua-id"]),
                (arguments("kausf", {}), ["--emsk", "--ck"]),
                (arguments("kausf", {"emsk": bytes(64), "ck": bytes(16)}), ["--emsk", "--ck"]),
                (arguments("digest-aka", digest_), ["--algorithm"]),
                (arguments("digest-aka", digest_ | {"algorithm": "AKAv3"}), ["AKAv2-MD5"]),
                (arguments("digest-aka", digest_ | {"algorithm": "MD5"}), ["--ks-naf"]),
                (arguments("digest-aka", digest_ | {"algorithm": "AKAv2-MD5", "res": bytes(8)}),
                 ["--ck", "--ik"]),
                (arguments("digest-aka", digest_ | {"algorithm": "AKAv1-MD5", "qop": "auth"}),
                 ["--nc", "--cnonce"]),
                (arguments("mn-ha", mip), ["--nai", "--home-address"]),
                (arguments("mn-ha", mip | {"home_address": "10.1.2.300"}), ["--home-address"]),
                (arguments("mn-fa", mip | {"home_address": "2001:db8::1"}), ["IPv4"])):
            with self.subTest(words[2:4]):
                self.refused(words, USAGE, *said)


if __name__ == "__main__":
    unittest.main()

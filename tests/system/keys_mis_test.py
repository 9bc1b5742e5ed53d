"""latchkey keys of IEEE 802.21 and ERP, judged by an independent recomputation (lib/derive.py, over
python3-cryptography's HKDF and KBKDF): on every vector and on random inputs. Packets of ERP are
recomputed here too."""
import unittest

from derive import (aak, dsrk, erp, hmac_sha256, mis, mis_auth, mis_k, mis_link, mis_mix, prf_plus,
                    usrk)
from keys_case import RANDOM_RUNS, USAGE, KeysTest, arguments

PRFS = {"CMAC-AES-128": 0, "HMAC-SHA-1": 1, "HMAC-SHA-256": 2}
WORDS = ("cmac-aes", "hmac-sha1", "hmac-sha256")


def octets(v, *names):
    return {name: bytes.fromhex(v[name]) for name in names}


class MisTest(KeysTest):
    def check(self, name, want, **inputs):
        if "prf" in inputs:
            inputs["prf"] = WORDS[inputs["prf"]]
        super().check(name, want, **inputs)

    def auth(self, want, inputs):
        as_octets = {n: v.encode() if isinstance(v, str) else v for n, v in inputs.items()}
        self.assertEqual(mis_auth(**as_octets), want)
        self.check("mis-auth", want, **inputs)


class VectorsTest(MisTest):
    def test_prf_plus(self):
        for v in self.vectors("erp-prfplus"):
            if "output" in v:
                with self.subTest(v["name"]):
                    out = prf_plus(bytes.fromhex(v["key"]), bytes.fromhex(v["S"]), v["length"])
                    self.assertEqual(out[:len(v["output"]) // 2].hex(), v["output"])

    def test_erp(self):
        """Every key below both EMSKs; the tag of both packets of each."""
        by_name = {v["name"]: v for v in self.vectors("erp-kdf")}
        for who in "AB":
            def of(name, field="output"):
                return bytes.fromhex(by_name[f"{who}.{name}"][field])

            emsk, domain = of("rRK", "key"), of("DSRK", "optional_data")
            session_id = of("EMSKname", "key")
            name = {"emsk_name": of("EMSKname")}
            want = {"dsrk": of("DSRK"), "delivery_key": of("DSRK-delivery-authorized-key")} | name
            self.assertEqual(dsrk(emsk, domain, session_id), want)
            self.check("dsrk", want, emsk=emsk, domain=domain.decode(), session_id=session_id)
            for suite, seq in ((1, 0), (2, 1), (3, 65535)):
                want = {"rrk": of("rRK"), "rik": of(f"rIK.cs{suite}"),
                        "rmsk": of(f"rMSK.seq{seq}")}
                self.assertEqual(erp(emsk=emsk, cryptosuite=suite, seq=seq), want)
                self.check("erp", want, emsk=emsk, cryptosuite=suite, seq=seq)
                self.check("erp", want | name, emsk=emsk, cryptosuite=suite, seq=seq,
                           session_id=session_id)
            want = {"rrk": of("DS-rRK"), "rik": of("DS-rIK.cs2"), "rmsk": of("DS-rMSK.seq0")}
            self.assertEqual(erp(dsrk=of("DSRK")), want)
            self.check("erp", want, dsrk=of("DSRK"))
            want = {"prk": of("pRK"), "pmsk": of("pMSK.seq1")}
            self.assertEqual(aak(1, emsk=emsk), want)
            self.check("aak", want, emsk=emsk, seq=1)
            for packet in ("Initiate", "Finish"):
                v = by_name[f"{who}.packet.EAP-{packet}/Re-auth"]
                covered = bytes.fromhex(v["authenticated_octets"])
                tag = hmac_sha256(of("rIK.cs2"), covered)[:16]
                self.assertEqual(v["packet"], (covered + tag).hex())

    def test_mis(self):
        count = 0
        for v in self.vectors("mis-kdf"):
            if "prf" not in v:
                continue
            inputs = {n.lower(): octet for n, octet in octets(v, "K", "nonce_t", "nonce_n").items()}
            inputs |= {"prf": PRFS[v["prf"]], "suite": int(v["c"], 16)}
            want = {n.lower(): key for n, key in octets(v, "MIAK", "MIIK", "MIEK").items() if key}
            with self.subTest(v["name"]):
                self.assertEqual(mis(**inputs), want)
                self.check("misk", want, **inputs)
            count += 1
        self.assertEqual(count, 24)

    def test_handover(self):
        count = 0
        for v in self.vectors("mis-handover"):
            if "AUTH_N" in v:
                inputs = octets(v, "nonce_t", "nonce_n") | {
                    "miak": bytes.fromhex(v["MIAK"]), "prf": PRFS[v["prf"]], "lifetime": 3600,
                    "said": bytes.fromhex("03045a010203"), "c": bytes([v["c"]]), "used": 1,
                    "mn": "mn1@home.example", "pos": "tpos@b.example", "spos": "spos@a.example"}
                want = {"th": bytes.fromhex(v["transcript_hash"]),
                        "auth_n": bytes.fromhex(v["AUTH_N"]), "auth_t": bytes.fromhex(v["AUTH_T"])}
                with self.subTest(v["name"]):
                    self.auth(want, inputs)
                count += 1
            elif v["name"] == "dh-mix":
                inputs = octets(v, "nonce_t", "nonce_n") | {"k": bytes.fromhex(v["K"]),
                                                            "z": bytes.fromhex(v["Z"])}
                want = {"k": bytes.fromhex(v["K_mixed"])}
                self.assertEqual(mis_mix(**inputs), want)
                self.check("mis-mix", want, **inputs)
                count += 1
        self.assertEqual(count, 7)


class RandomInputsTest(MisTest):
    def test_k_of_a_pos(self):
        """T40, T45: of the EMSK, or of an rMSK, and of the name of the PoS."""
        for i in range(RANDOM_RUNS):
            inputs = {("emsk", "rmsk")[i % 2]: self.some(64), "pos": "pos%d@a.example" % i}
            self.check("mis-k", mis_k(**inputs), **inputs)

    def test_mis(self):
        for _ in range(RANDOM_RUNS):
            inputs = {"k": self.some(self.random.randint(16, 64)), "nonce_t": self.some(16),
                      "nonce_n": self.some(16), "prf": self.random.randint(0, 2),
                      "suite": self.random.randint(1, 4)}
            if self.random.random() < 0.5:
                inputs["c"] = self.some(1)
            self.check("misk", mis(**inputs), **inputs)

    def test_handover(self):
        for _ in range(RANDOM_RUNS):
            prf = self.random.randint(0, 2)
            inputs = {"miak": self.some((16, 20, 32)[prf]), "prf": prf, "nonce_t": self.some(16),
                      "nonce_n": self.some(16), "said": self.some(self.random.randint(6, 34)),
                      "c": self.some(1), "lifetime": self.random.randint(0, 2 ** 32 - 1),
                      "mn": "mn%d" % self.random.randint(0, 10 ** 9), "pos": "pos.example"}
            if self.random.random() < 0.7:
                inputs |= {"spos": "spos.example", "used": self.random.randint(1, 15)}
            if self.random.random() < 0.5:
                inputs |= {"dh_mn": self.some(32), "dh_pos": self.some(32)}
            if self.random.random() < 0.5:
                inputs["offered"] = self.some(3)
            self.auth(mis_auth(**{n: v.encode() if isinstance(v, str) else v
                                  for n, v in inputs.items()}), inputs)
            inputs = {"k": self.some(self.random.randint(16, 64)), "z": self.some(32),
                      "nonce_t": self.some(16), "nonce_n": self.some(16)}
            self.check("mis-mix", mis_mix(**inputs), **inputs)

    def test_links(self):
        for _ in range(RANDOM_RUNS):
            k, prf = self.some(self.random.randint(16, 64)), self.random.randint(0, 2)
            links = {"mn_link": self.some(6), "poa_link": self.some(self.random.choice((6, 7)))}
            self.check("mis-link", mis_link(k, prf, b"mn@home", b"pos", **links), k=k, prf=prf,
                       mn="mn@home", pos="pos", **links)

    def test_erp(self):
        for _ in range(RANDOM_RUNS):
            parent = {self.random.choice(("emsk", "dsrk")): self.some(64)}
            seq = self.random.randint(0, 65535)
            inputs = parent | {"seq": seq, "cryptosuite": self.random.randint(1, 3)}
            self.check("erp", erp(**inputs), **inputs)
            self.check("aak", aak(**parent, seq=seq), seq=seq, **parent)
            self.check("usrk", usrk(b"mis@example.org", b"pos.example", **parent),
                       label="mis@example.org", data="pos.example", **parent)
            self.check("usrk", usrk(b"mis@example.org", **parent), label="mis@example.org",
                       **parent)


class RefusalsTest(KeysTest):
    MIS = {"k": bytes(16), "nonce_t": bytes(16), "nonce_n": bytes(16),
           "prf": "hmac-sha256", "suite": 1}

    def test_what_cannot_be(self):
        emsk, dsrk_ = {"emsk": bytes(64)}, {"dsrk": bytes(64)}
        auth = {n: self.MIS[n] for n in ("nonce_t", "nonce_n", "prf")} | {
            "miak": bytes(16), "said": bytes(6), "c": bytes(1), "mn": "a", "pos": "b",
            "lifetime": 1}
        for words, said in (
                (arguments("misk", self.MIS | {"k": bytes(15)}), ["--k", "16 to 64"]),
                (arguments("misk", self.MIS | {"k": bytes(65)}), ["--k"]),
                (arguments("misk", self.MIS | {"prf": "hmac"}), ["--prf", *WORDS]),
                (arguments("misk", self.MIS | {"suite": 0}), ["--suite"]),
                (arguments("misk", self.MIS | {"suite": 5}), ["--suite", "4"]),
                (arguments("mis-auth", auth), ["--miak", "--prf"]),
                (arguments("erp", {}), ["--emsk", "--dsrk"]),
                (arguments("erp", emsk | dsrk_), ["--emsk", "--dsrk"]),
                (arguments("erp", emsk | {"cryptosuite": 4}), ["--cryptosuite"]),
                (arguments("aak", emsk | dsrk_ | {"seq": 1}), ["--emsk", "--dsrk"]),
                (arguments("aak", emsk), ["--seq"]),
                (arguments("usrk", {"label": "x"}), ["--emsk", "--dsrk"]),
                (arguments("dsrk", emsk), ["--domain"])):
            with self.subTest(words[2:4]):
                self.refused(words, USAGE, *said)


if __name__ == "__main__":
    unittest.main()

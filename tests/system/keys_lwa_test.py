"""latchkey keys of LTE-WLAN aggregation, judged by an independent recomputation (lib/derive.py):
the EPS hierarchy down to S-KWT, and the keys of a 4-way handshake, on every vector and on random
inputs. Vectors that the command has no name for (frames, EIA2, CCM) are recomputed here too, so
that the unit tests stand on judged ones."""
import hashlib
import json
import unittest

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from derive import (aes_cmac, as_keys, eapol_mic, kasme, kdf, kdf_80211, kenb, kenb_star, nas_keys,
                    nh, prf_80211, ptk, s_kwt)
from keys_case import RANDOM_RUNS, USAGE, VECTORS, KeysTest, arguments


class VectorsTest(KeysTest):
    def test_eps(self):
        """Each key of annex A that the command has, under the key and parameters of its vector."""
        done = set()
        for v in self.vectors("kdf_33401"):
            key = bytes(range(32)) if v["key"].startswith("CK||IK") else bytes.fromhex(v["key"])
            p = [bytes.fromhex(octets) for octets in v["p"]]
            output, fc = bytes.fromhex(v["output"]), int(v["fc"], 16)
            numbers = [int.from_bytes(octets, "big") for octets in p]
            with self.subTest(v["id"]):
                self.assertEqual(kdf(key, fc, *p), output)
                if fc == 0x10:
                    self.check("kasme", {"kasme": output}, ck=key[:16], ik=key[16:], sn_id=p[0],
                               sqn_xor_ak=p[1])
                elif fc == 0x11:
                    self.check("kenb", {"kenb": output}, kasme=key, ul_nas_count=p[0])
                elif fc == 0x12:
                    self.check("nh", {"nh": output}, kasme=key, sync_input=p[0])
                elif fc == 0x13:
                    for parent in ("kenb", "nh"):
                        self.check("kenb-star", {"kenb_star": output}, pci=numbers[0],
                                   earfcn_dl=numbers[1], **{parent: key})
                elif fc == 0x15:
                    nas = numbers[0] < 3
                    name, parent, keys = (("nas-keys", "kasme", nas_keys) if nas else
                                          ("as-keys", "kenb", as_keys))
                    want = keys(key, numbers[1], numbers[1])
                    self.assertIn(output[16:], want.values())
                    self.check(name, want, eea=numbers[1], eia=numbers[1], **{parent: key})
                elif fc == 0x1f:
                    self.check("s-kwt", {"s_kwt": output}, kenb=key, wt_counter=numbers[0])
                done.add(fc)
        self.assertEqual(done, {0x10, 0x11, 0x12, 0x13, 0x15, 0x1c, 0x1d, 0x1e, 0x1f})

    def test_the_chain_of_an_lwa_session(self):
        chain = json.loads((VECTORS / "lwa_chain.json").read_text())
        given = {n: bytes.fromhex(v) if isinstance(v, str) else v
                 for n, v in chain["inputs"].items()}
        key = {n: bytes.fromhex(chain[n]) for n in
               ("kasme", "kenb", "nh_ncc1", "nh_ncc2", "kenb_star_horizontal",
                "kenb_star_vertical_from_nh_ncc2")}
        cell = {"pci": given["pci"], "earfcn_dl": given["earfcn_dl"]}
        first = {n: given[n] for n in ("ck", "ik", "sqn_xor_ak")}
        self.assertEqual(kasme(sn_id=given["sn_id"], **first), {"kasme": key["kasme"]})
        self.check("kasme", {"kasme": key["kasme"]}, sn_id=given["sn_id"], **first)
        self.check("kasme", {"kasme": key["kasme"]}, plmn="00101", **first)
        self.check("kenb", {"kenb": key["kenb"]}, kasme=key["kasme"],
                   ul_nas_count=given["ul_nas_count"])
        self.check("nh", {"nh": key["nh_ncc1"]}, kasme=key["kasme"], sync_input=key["kenb"])
        self.check("nh", {"nh": key["nh_ncc2"]}, kasme=key["kasme"], sync_input=key["nh_ncc1"])
        self.check("kenb-star", {"kenb_star": key["kenb_star_horizontal"]}, kenb=key["kenb"],
                   **cell)
        self.check("kenb-star", {"kenb_star": key["kenb_star_vertical_from_nh_ncc2"]},
                   nh=key["nh_ncc2"], **cell)
        for parent, name in (("kenb", "source_kenb"),
                             ("kenb_star_horizontal", "target_kenb_horizontal")):
            for label, value in chain["s_kwt_by_wt_counter_" + name].items():
                want = s_kwt(key[parent], int(label.split("_")[1]))
                self.assertEqual(want["s_kwt"].hex(), value)
                self.check("s-kwt", want, kenb=key[parent], wt_counter=label.split("_")[1])
        for counter in (0, 1):
            psk = kdf(key["kenb"], 0x1e, counter.to_bytes(2, "big"))
            self.assertEqual(psk.hex(), chain[f"lwip_psk_counter_{counter}"])

    def test_eia2(self):
        for v in self.vectors("eia2"):
            head = bytes.fromhex(v["count"]) + bytes([v["bearer"] << 3 | v["direction"] << 2, 0, 0,
                                                      0])
            mac = aes_cmac(bytes.fromhex(v["key"]), head + bytes.fromhex(v["message"]))
            self.assertEqual(mac[:4].hex(), v["mac_i"], v["id"])

    def test_ptk(self):
        by_id = {v["id"]: v for v in self.vectors("ieee80211")}
        for name in ("prf-sha1-1", "prf-sha1-2", "prf-sha1-3"):
            v = by_id[name]
            self.assertEqual(prf_80211(bytes.fromhex(v["key"]), v["prefix"].encode(),
                                       bytes.fromhex(v["data"]), 64).hex(), v["output"])
        v = by_id["kdf-sha256-1"]
        self.assertEqual(kdf_80211(bytes.fromhex(v["key"]), v["label"].encode(),
                                   bytes.fromhex(v["context"]), v["bits"] // 8).hex(), v["output"])
        v = by_id["pmkid-hashcat"]
        inputs = {n: bytes.fromhex(v[n]) for n in ("pmk", "aa", "spa")} | {
            "anonce": bytes(32), "snonce": bytes(32), "akm": 2}
        self.assertEqual(ptk(**inputs)["pmkid"].hex(), v["pmkid"])
        self.check("ptk", ptk(**inputs), **inputs)
        for name in ("ptk-ieee-ccmp", "capture-coherer-m2"):
            v = by_id[name]
            inputs = {n: bytes.fromhex(v[n]) for n in ("pmk", "aa", "spa", "anonce", "snonce")}
            want = ptk(akm=2, **inputs)
            self.assertEqual({n: want[n].hex() for n in ("kck", "kek", "tk")},
                             {n: v[n] for n in ("kck", "kek", "tk")})
            self.check("ptk", want, akm=2, **inputs)
            self.check("ptk", want, akm=1, **inputs)
        self.assertEqual(eapol_mic(want["kck"], 2, bytes.fromhex(v["frame"])).hex(), v["mic"])
        pmk = hashlib.pbkdf2_hmac("sha1", v["passphrase"].encode(), v["ssid"].encode(), 4096, 32)
        self.assertEqual(pmk, inputs["pmk"])
        for name, v in by_id.items():
            if name.startswith("rfc3394"):
                self.assertEqual(keywrap.aes_key_wrap(bytes.fromhex(v["kek"]),
                                                      bytes.fromhex(v["plain"])).hex(), v["cipher"])
            elif name.startswith("aes-cmac"):
                self.assertEqual(aes_cmac(bytes.fromhex(v["key"]), bytes.fromhex(v["msg"])).hex(),
                                 v["mac"])

    def test_handshakes_under_s_kwt(self):
        """Each frame's PMKID, MIC and key data, and what the wrong order ends in."""
        by_id = {v["id"]: v for v in self.vectors("fourway_skwt")}
        stations = {"aa": bytes.fromhex("020000000001"), "spa": bytes.fromhex("020000000002")}
        for name in ("initial-akm2", "rekey-akm2", "initial-akm6", "rekey-akm6"):
            v = by_id[name]
            akm = int(v["akm"], 16) & 0xff
            inputs = stations | {n: bytes.fromhex(v[n]) for n in ("pmk", "anonce", "snonce")}
            want = ptk(akm=akm, **inputs)
            with self.subTest(name):
                self.assertEqual({n: octets.hex() for n, octets in want.items()},
                                 {n: v[n] for n in want})
                self.check("ptk", want, akm=akm, **inputs)
                self.check("ptk", want, akm=akm - 1, **inputs)
                self.assertEqual(v["m1"][-32:], v["pmkid"])
                for n in "234":
                    frame = bytes.fromhex(v["m" + n])
                    self.assertEqual(frame[81:97].hex(), v["mic" + n])
                    self.assertEqual(eapol_mic(want["kck"], akm, frame).hex(), v["mic" + n])
                self.key_data(v["m3_key_data_plain"], v["m3_key_data_wrapped"], want["kek"])
                self.assertTrue(v["m3"].endswith(v["m3_key_data_wrapped"]))
        v = by_id["group-akm2"]
        kck, kek = (bytes.fromhex(by_id["initial-akm2"][n]) for n in ("kck", "kek"))
        for n in ("g1", "g2"):
            frame = bytes.fromhex(v[n])
            self.assertEqual(eapol_mic(kck, 2, frame), frame[81:97])
        self.key_data(v["key_data_plain"], v["key_data_wrapped"], kek)
        v, rekey = by_id["wrong-order-akm2"], by_id["rekey-akm2"]
        inputs = stations | {n: bytes.fromhex(rekey[n]) for n in ("anonce", "snonce")}
        wt, ue = (ptk(pmk=bytes.fromhex(v[n]), akm=2, **inputs) for n in ("wt_pmk", "ue_pmk"))
        frame = bytes.fromhex(v["m2_from_ue"])
        self.assertEqual((wt["pmkid"].hex(), ue["pmkid"].hex()),
                         (v["pmkid_in_m1"], v["pmkid_ue_expects"]))
        self.assertEqual(eapol_mic(ue["kck"], 2, frame).hex(), v["mic_in_m2"])
        self.assertEqual(eapol_mic(wt["kck"], 2, frame).hex(), v["mic_wt_computes"])

    def key_data(self, plain, wrapped, kek):
        self.assertEqual(keywrap.aes_key_unwrap(kek, bytes.fromhex(wrapped)).hex(), plain)

    def test_ccm(self):
        for v in self.vectors("primitives"):
            if v["type"] == "AES-128-CCM":
                key, nonce, more, plain = (bytes.fromhex(v[n]) for n in
                                           ("key", "nonce", "additional", "plain"))
                tag = len(v["sealed"]) // 2 - len(plain)
                sealed = AESCCM(key, tag_length=tag).encrypt(nonce, plain, more)
                self.assertEqual(sealed.hex(), v["sealed"], v["id"])


class RandomInputsTest(KeysTest):
    def test_eps_and_rsn(self):
        for _ in range(RANDOM_RUNS):
            number = self.random.randint
            inputs = {"ck": self.some(16), "ik": self.some(16), "sn_id": self.some(3),
                      "sqn_xor_ak": self.some(6)}
            self.check("kasme", kasme(**inputs), **inputs)
            inputs = {"kasme": self.some(32), "ul_nas_count": b"\0" + self.some(3)}
            self.check("kenb", kenb(**inputs), **inputs)
            inputs = {"kasme": self.some(32), "sync_input": self.some(32)}
            self.check("nh", nh(**inputs), **inputs)
            parent = self.some(32)
            inputs = {"pci": number(0, 503), "earfcn_dl": number(0, 262143)}
            self.check("kenb-star", kenb_star(parent, **inputs), **inputs,
                       **{self.random.choice(("kenb", "nh")): parent})
            inputs = {"eea": number(0, 15), "eia": number(0, 15)}
            self.check("nas-keys", nas_keys(parent, **inputs), kasme=parent, **inputs)
            self.check("as-keys", as_keys(parent, **inputs), kenb=parent, **inputs)
            counter, fc = number(0, 65535), self.some(1)
            self.check("s-kwt", s_kwt(parent, counter, fc[0]), kenb=parent, wt_counter=counter,
                       fc=fc)
            inputs = {"pmk": self.some(32), "aa": self.some(6), "spa": self.some(6),
                      "anonce": self.some(32), "snonce": self.some(32),
                      "akm": self.random.choice((1, 2, 5, 6))}
            self.check("ptk", ptk(**inputs), **inputs)


class CommandTest(KeysTest):
    KASME = {"ck": bytes(16), "ik": bytes(16), "sqn_xor_ak": bytes(6)}
    PTK = {"pmk": bytes(32), "aa": bytes(6), "spa": bytes(6), "anonce": bytes(32),
           "snonce": bytes(32)}

    def test_what_is_wrong_is_said(self):
        for words, code, said in (
                (arguments("kasme", self.KASME), USAGE, ["--sn-id", "--plmn"]),
                (arguments("kasme", self.KASME | {"sn_id": bytes(3), "plmn": "00101"}), USAGE,
                 ["--sn-id", "--plmn"]),
                (arguments("kasme", self.KASME | {"plmn": "0010x"}), USAGE, ["--plmn"]),
                (arguments("kenb", {"kasme": bytes(32), "ul_nas_count": "01000000"}), USAGE,
                 ["--ul-nas-count", "24 bits"]),
                (arguments("kenb-star", {"pci": 1, "earfcn_dl": 1}), USAGE, ["--kenb", "--nh"]),
                (arguments("kenb-star", {"kenb": bytes(32), "nh": bytes(32), "pci": 1,
                                         "earfcn_dl": 1}), USAGE, ["--kenb", "--nh"]),
                (arguments("kenb-star", {"kenb": bytes(32), "pci": 504, "earfcn_dl": 1}), USAGE,
                 ["--pci", "503"]),
                (arguments("kenb-star", {"kenb": bytes(32), "pci": 1, "earfcn_dl": 262144}), USAGE,
                 ["--earfcn-dl", "262143"]),
                (arguments("s-kwt", {"kenb": bytes(32), "wt_counter": 65536}), USAGE,
                 ["--wt-counter", "65535"]),
                (arguments("as-keys", {"kenb": bytes(32), "eea": 16, "eia": 2}), USAGE, ["--eea"]),
                (arguments("ptk", self.PTK | {"akm": 3}), USAGE, ["--akm"]),
                (arguments("ptk", self.PTK | {"akm": 7}), USAGE, ["--akm", "6"])):
            with self.subTest(" ".join(words[2:])):
                self.refused(words, code, *said)


if __name__ == "__main__":
    unittest.main()

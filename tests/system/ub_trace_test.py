"""Ub in the captures of both ends: tshark dissects it, and the trace calculates it again by K and
OPc."""
import copy
import json
import subprocess
import time
import unittest

import bsf_test
import world
from ue_gba_test import Phone

NAMES = ["GET", "401, challenge", "GET with response", "200, B-TID"]


def trace(what, file, *words):
    done = subprocess.run([str(world.LATCHKEY), "trace", what, str(file), "--json",
                           *words], text=True, capture_output=True)
    return json.loads(done.stdout)


def card(one=world.CARD):
    return ["--k", one.k, "--opc", one.opc]


def flatten(runs):
    return [(m["name"], m["from_lane"]) for run in runs for m in run["messages"]]


class UbTraceTest(bsf_test.Bsf):
    def both(self, **settings):
        """The captures of a bootstrapping: the BSF's and the device's."""
        self.files = [self.dir / name for name in ("bsf.pcapng", "phone.pcapng")]
        wanted = {"capture.secrets": "true", "capture.legs": "[ub]"}
        self.bsf(**{"capture.file": self.files[0], **wanted})
        self.phone = self.start(Phone(self.port, **{"capture.file": self.files[1], **wanted,
                                                    **settings}))

    def test_both_ends_show_it(self):
        """spec: TS 24.109 4.3 - four messages, of which K and OPc make response and rspauth."""
        self.both()
        told = self.phone.asks("gba-bootstrap", comment="a bootstrapping")
        self.assertTrue(told["ok"], told)
        for file in self.files:
            with self.subTest(file=file.name):
                self.shown(file, told["b_tid"])
        [run] = trace("ladder", self.files[1])["runs"]
        self.assertEqual(run["title"], "a bootstrapping")

    def shown(self, file, b_tid):
        [run] = trace("ladder", file)["runs"]
        self.assertEqual((run["kind"], run["outcome"]), ("bootstrapping", "accepted"))
        self.assertEqual(flatten([run]), list(zip(NAMES, ["Device", "BSF"] * 2)))
        last = run["messages"][-1]
        self.assertIn(b_tid, last["summary"])
        self.assertIn("until 20", last["summary"])
        self.judged(file)

    def judged(self, file):
        lines = world.tshark(file, "-Y", "http", "-T", "fields", "-e", "http.request.method", "-e",
                             "http.response.code", "-e", "http.authorization", "-e",
                             "http.www_authenticate")
        self.assertEqual([line.split("\t")[:2] for line in lines],
                         [["GET", ""], ["", "401"], ["GET", ""], ["", "200"]])
        self.assertIn("response=", lines[2])
        self.assertIn("AKAv1-MD5", lines[1])
        self.assertEqual(world.tshark(file, "-Y", "_ws.malformed || !http"), [])

    def test_what_k_and_opc_make(self):
        """Values are told with the card, and with another card none; control: a digit of K."""
        self.both()
        self.phone.asks("gba-bootstrap")
        other = copy.copy(world.CARD)
        other.k = other.k[:-1] + ("0" if other.k[-1] != "0" else "1")
        for file in self.files:
            [run, *_] = trace("keys", file, "--show-keys", *card())
            keys = {key["name"]: key for key in run["keys"]}
            for name in ("response", "rspauth"):
                self.assertEqual(keys[name]["detail"], "calculated again: the same")
                self.assertNotIn("value", keys[name])
            self.assertEqual(keys["Ks"]["value"], keys["CK, IK"]["value"])
            [run, *_] = trace("keys", file, "--show-keys", *card(other))
            keys = {key["name"]: key for key in run["keys"]}
            for name in ("response", "rspauth"):
                self.assertEqual(keys[name]["detail"], "calculated again: another")
            self.assertFalse([name for name, key in keys.items() if "value" in key])

    def test_a_response_that_is_refused(self):
        """A card with another K goes no further; its cause is proven, and control: ruled out."""
        other = copy.copy(world.CARD)
        other.k = other.k[:-1] + ("0" if other.k[-1] != "0" else "1")
        self.both(**{"ue.k": other.k})
        self.assertFalse(self.phone.asks("gba-bootstrap")["ok"])
        [told] = trace("explain", self.files[0], *card(other))
        self.assertEqual((told["outcome"], told["causes"][0]["cause"],
                          told["causes"][0]["certainty"]), ("abandoned", "k-or-opc", "proven"))
        [told] = trace("explain", self.files[0], *card())
        self.assertIn(("k-or-opc", "ruled out"),
                      [(c["cause"], c["certainty"]) for c in told["causes"]])

    def test_resynchronisation_by_a_client_of_another_hand(self):
        """spec: RFC 3310 3.4 - AUTS is a rung of the same run, over whatever connections."""
        self.both()
        ahead = (int(time.time() * 10) + 36000) << 5
        session = self.ue(usim=world.CARD.usim(sqn=ahead)).bootstrap()
        [run] = trace("ladder", self.files[0])["runs"]
        self.assertEqual([m["name"] for m in run["messages"]],
                         ["GET", "401, challenge", "GET with AUTS", *NAMES[1:]])
        self.assertTrue(run["resynchronised"])
        [told] = trace("explain", self.files[0], *card())
        self.assertEqual([c["cause"] for c in told["causes"]], ["sqn-history"])
        [run, log] = trace("keys", self.files[0], "--show-keys", *card())
        keys = {key["name"]: key for key in run["keys"]}
        self.assertEqual(keys["Ks"]["value"], session.ks.hex())
        self.assertEqual(keys["Ks"]["detail"], f"B-TID {session.b_tid}")
        self.assertEqual(keys["rspauth"]["detail"], "calculated again: the same")
        self.assertEqual(log["keys"][0]["value"], session.ks.hex())    # the BSF's line

    def test_keys_of_applications(self):
        """Rows for what the device gave out: marked, calculated again; control: one digit of the
        key, and a capture without secrets."""
        self.both()
        given = self.phone.asks("naf-key", **{"as": "browser", "naf": "naf.example",
                                              "ua": "0100000002"})
        file = self.files[1]
        rows = trace("keys", file)[-1]
        self.assertEqual(rows["title"], "keys of applications")
        self.assertEqual([(key["name"], key["operator"], key["can_compute"], key.get("parent"))
                          for key in rows["keys"]],
                         [("Ks", True, ["device", "bsf"], None),
                          ("Ks_NAF", True, ["device", "bsf", "naf-or-af"], "Ks")])
        self.assertEqual(rows["keys"][1]["naf_or_af"], "naf.example")
        self.assertEqual(rows["keys"][1]["detail"],
                         "naf.example, 0100000002; calculated again: the same")
        rows = trace("keys", file, "--show-keys", *card())[-1]["keys"]
        self.assertEqual(rows[0]["detail"],
                         f"B-TID {given['b_tid']}; calculated again: the same")
        self.assertEqual(rows[1]["value"], given["ks_naf"])
        printed = subprocess.run([str(world.LATCHKEY), "trace", "keys", str(file)], text=True,
                                 capture_output=True).stdout
        self.assertIn("can compute: device, BSF, naf.example; operator: yes", printed)
        self.assertNotIn(given["ks_naf"][:16], printed)

        octets = file.read_bytes()
        at = octets.index(given["ks_naf"].encode())
        file.write_bytes(octets[:at] + (b"1" if octets[at:at + 1] == b"0" else b"0") +
                         octets[at + 1:])
        self.assertEqual(trace("keys", file)[-1]["keys"][1]["detail"],
                         "naf.example, 0100000002; calculated again: another")

    def test_by_the_key_log_alone(self):
        """Without K and OPc, by RES and Ks of the device's lines; control: a digit of RES."""
        self.both()
        self.phone.asks("gba-bootstrap")
        file = self.files[1]
        for wanted in ("the same", "another"):
            keys = {key["name"]: key for key in trace("keys", file, "--show-keys")[0]["keys"]}
            for name in ("response", "rspauth"):
                self.assertEqual(keys[name]["detail"], f"calculated again: {wanted}")
            self.assertEqual([name for name, key in keys.items() if "value" in key],
                             ["Ks"] if wanted == "the same" else [])
            [run] = trace("ladder", file)["runs"]
            self.assertEqual(run["outcome"], "accepted")
            octets = file.read_bytes()
            at = octets.index(b"\n", octets.index(b"GBA_RES ")) - 1
            file.write_bytes(octets[:at] + (b"1" if octets[at:at + 1] == b"0" else b"0") +
                             octets[at + 1:])

    def test_without_secrets_there_is_no_key(self):
        self.both(**{"capture.secrets": "false"})
        given = self.phone.asks("naf-key", **{"as": "browser", "naf": "naf.example",
                                              "ua": "0100000002"})
        self.assertNotIn(given["ks_naf"].encode(), self.files[1].read_bytes())
        [run] = trace("keys", self.files[1])
        self.assertEqual(run["title"], "bootstrapping 1")


if __name__ == "__main__":
    unittest.main()

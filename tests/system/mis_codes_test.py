"""Numbers of MIS from the configuration: ends that have the same others agree, ends that have
different ones refuse, and commands look with the same file."""
import json
import subprocess
import unittest

import pos_test
import ue_mis_test
import world
from pos_test import A

OTHERS = {
    "tlv": {"said": 64, "security": 65, "nonce_t": 66, "nonce_n": 67, "auth_info": 68,
            "auth_value": 69, "suites": 70, "prfs": 71, "key_envelope": 72, "lifetime": 73,
            "pos": 74, "chain": 75, "link_frames": 101, "capability": 102, "reason": 103,
            "dh": 104, "link_types": 105, "start_mark": 255, "link_keys": 254, "place": 253},
    "action": {"prereg_xfer": 13, "n2n_prereg_xfer": 14},
    "suite": {"ccm": 17, "cbc-sha1": 18, "null-sha1": 19, "null-cmac": 20},
    "prf": {"cmac-aes": 7, "hmac-sha1": 6, "hmac-sha256": 5},
    "reason": {"none": 9, "chain_limit": 8, "no_trust": 7, "unknown_mn": 6, "no_common_suite": 5,
               "key_expired": 4, "full_auth_wanted": 3, "unreachable": 2, "auth_failed": 1,
               "replay": 0},
    "origin": {"spos": 2, "home": 0, "erp": 1},
    "bit": {"secured": 13, "proactive": 12},
    "least_bit_first": True,
    "psk_usage": "mis@other.example", "k_usage": "k@other.example",
}


def settings(codes):
    return {"mis.codes": json.dumps(codes)}


class CodesTest(ue_mis_test.MisCase):
    def trace(self, what, capture, *more, code=0):
        done = subprocess.run([world.LATCHKEY, "trace", what, capture, *more], text=True,
                              capture_output=True, timeout=30)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_ends_with_the_same_others_agree(self):
        capture = self.dir / "mis.pcapng"
        self.world(home=settings(OTHERS),
                   pos={**settings(OTHERS), "capture.file": capture, "laboratory": "true",
                        "capture.secrets": "true"}, **settings(OTHERS))
        self.ok("mis-attach")
        self.ok("mis-tls")
        self.ok("mis-ping")
        self.chain_of_three()
        file = self.dir / "codes.yaml"
        file.write_text(json.dumps({"mis": {"codes": OTHERS}}))
        told = self.trace("ladder", capture, "--codes", file)
        self.assertIn("MIS_N2N_Prereg_Xfer", told)
        self.assertIn("K of SPoS, run 2 of 3", told)
        self.assertNotIn("K of SPoS", self.trace("ladder", capture))

    def test_ends_with_different_ones_refuse(self):
        """Each is told where to look, and nothing of an SA is left."""
        for codes, reason, words in (
                ({"prf": {"hmac-sha256": 7}}, "mis.not-confirmed", "reason=mis.not-confirmed"),
                ({"least_bit_first": True}, "mis.refused", "reason=mis.suite")):
            with self.subTest(codes):
                self.world(pos=settings(codes))
                answer = self.device.asks("mis-attach")
                self.assertEqual((answer["ok"], answer["reason"]), (False, reason))
                if reason != "mis.refused":
                    self.assertIn("mis.codes", answer["fix"])
                self.daemon.wait_line(rf"{words}.*mis\.codes of both")
                self.assertEqual(self.daemon.ask(op="pos-mns")["mns"], [])
                self.daemon.stop()
                self.device.stop()
                del self.planned

    def test_what_lacks_our_numbers_is_told(self):
        self.pos(lambda: [self.point("a", "")], **settings({"tlv": {"nonce_t": 101}}))
        self.tcp("a").sendall(pos_test.auth_indication(A))
        self.daemon.wait_line(r"mis-unreadable pos=pos@a.example address=127.0.0.1 .*mis\.codes")

    def test_a_file_that_cannot_be_is_told_with_its_line(self):
        file = self.dir / "codes.yaml"
        file.write_text("mis:\n  codes:\n    tlv:\n      said: 201\n")
        for command in (["trace", "ladder", "x.pcapng"], ["keys", "misk"]):
            done = subprocess.run([world.LATCHKEY, *command, "--codes", file], text=True,
                                  capture_output=True, timeout=10)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{file}:4: mis.codes.tlv.said", done.stderr)

    def test_keys_are_of_the_code_of_the_suite(self):
        file = self.dir / "codes.yaml"
        file.write_text(json.dumps({"mis": {"codes": OTHERS}}))
        common = ["keys", "misk", "--k", "00" * 64, "--nonce-t", "11" * 16, "--nonce-n", "22" * 16]

        def keys(*more, code=0):
            done = subprocess.run([world.LATCHKEY, *common, *more], text=True,
                                  capture_output=True, timeout=10)
            self.assertEqual(done.returncode, code, done.stderr)
            return done.stdout
        ours = keys("--prf", "hmac-sha256", "--suite", "1")
        others = keys("--codes", file, "--prf", "hmac-sha256", "--suite", "17")
        self.assertNotEqual(ours, others)
        self.assertEqual(others, keys("--prf", "hmac-sha256", "--suite", "1", "--c", "11"))
        keys("--prf", "hmac-sha256", "--suite", "17", code=2)
        keys("--codes", file, "--prf", "hmac-sha256", "--suite", "1", code=2)
        keys("--codes", file, "--prf", "5", "--suite", "17", code=2)    # a word, whatever its code


if __name__ == "__main__":
    unittest.main()

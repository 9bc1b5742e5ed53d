"""latchkey ue attach against latchkeyd: identities from call to call, refusals, explanations,
connection modes."""
import hashlib
import hmac
import json
import os
import socket
import stat
import subprocess
import urllib.request

import world


class UeTest(world.Case):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(world.Latchkeyd())
        self.daemon.add(world.CARD)
        (self.dir / "k").write_text(world.CARD.k)
        (self.dir / "opc").write_text(world.CARD.opc)

    def attach(self, *words, server=None, k=None):
        run = subprocess.run(
            [str(world.LATCHKEY), "ue", "attach", "--access", "wlan",
             "--server", server or f"127.0.0.1:{self.daemon.port}", "--imsi", world.CARD.imsi,
             "--k", k or f"@{self.dir}/k", "--opc", f"@{self.dir}/opc", "--json", *map(str, words)],
            text=True, capture_output=True, timeout=60, cwd=self.dir, stdin=subprocess.DEVNULL)
        told = json.loads(run.stdout) if run.returncode < 2 else None
        return run, told

    def test_repeat_goes_from_permanent_to_pseudonym_to_fast(self):
        for method, digits in (("aka-prime", "678"), ("aka", "024")):
            with self.subTest(method):
                run, told = self.attach("--method", method, "--repeat", 3)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertEqual([a["identity"][0] for a in told["attaches"]],
                                 [digits[0], digits[1], digits[2], digits[2]])
                self.assertEqual([a["fast"] for a in told["attaches"]],
                                 [False, False, True, True])
                self.assertEqual([a["counter"] for a in told["attaches"]][2:], [1, 2])
                for one in told["attaches"]:
                    self.assertTrue(one["msk_agrees"] and one["key_name_agrees"])
                    self.assertNotIn("msk", one)

    def test_state_is_kept_from_call_to_call(self):
        file = self.dir / "state.json"
        first = self.attach("--state", file)[1]["attaches"][0]
        second = self.attach("--state", file)[1]["attaches"][0]
        third = self.attach("--state", file, "--use", "pseudonym")[1]["attaches"][0]
        self.assertEqual([a["fast"] for a in (first, second, third)], [False, True, False])
        self.assertEqual(third["identity"][0], "7")
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        self.assertNotIn(world.CARD.k, file.read_text())
        file.chmod(0o644)
        self.assertEqual(self.attach("--state", file)[0].returncode, 3)
        file.chmod(0o600)
        file.write_text("{}")
        self.assertEqual(self.attach("--state", file)[0].returncode, 3)

    def test_multi_connection_mode(self):
        """The access point is the TWAP, too: both ends have the same WLCP key, another one after
        each re-authentication; and it is shown to who asked for keys only."""
        words = ["--mode", "multi", "--twag-address", "127.0.0.1", "--twag-address", "fe80::1",
                 "--repeat", 3]
        run, told = self.attach(*words, "--show-keys")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual([a["fast"] for a in told["attaches"]], [False, False, True, True])
        for one in told["attaches"]:
            self.assertEqual((one["mode"], one["mode_cause"]), ("multi", 0))
            self.assertEqual(one["twag"], ["127.0.0.1", "fe80::1"])
            self.assertIs(one["wlcp_key_agrees"], True)
            key = hmac.digest(bytes.fromhex(one["emsk"]), b"\x21", hashlib.sha256)
            self.assertEqual(one["wlcp_key"], key.hex())
            self.assertEqual(one["psk_identity"],
                             hmac.digest(key, b"wlcp psk id", hashlib.sha256).hex()[:32])
            self.assertNotIn(world.CARD.imsi, one["psk_identity"])
        self.assertEqual(len({one["wlcp_key"] for one in told["attaches"]}), 4)
        run, told = self.attach(*words)
        self.assertNotIn("wlcp_key", told["attaches"][0])

    def test_an_open_leg_gets_no_key(self):
        """T04, T23: the same TWAP, from an address that is not loopback: authenticated, without
        the mode and its key, and the operator is told why."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("198.51.100.1", 9))
            except OSError:
                self.skipTest("no address but loopback")
            here = probe.getsockname()[0]
        daemon = self.start(world.Latchkeyd(**{"radius.listen": here, "log.format": "json",
                                               "radius.clients[0].address": here}))
        daemon.add(world.CARD)
        run, told = self.attach("--mode", "multi", "--twag-address", here, "--repeat", 1,
                                "--use", "reauth", server=f"{here}:{daemon.port}")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for one in told["attaches"]:
            self.assertEqual((one["mode"], one["mode_cause"]), ("transparent", 0))
        withheld = [json.loads(line) for line in daemon.log.read_text().splitlines()
                    if "aaa.wlcp-leg-open" in line]
        self.assertEqual([line["answer"] for line in withheld], ["accept"] * 2)
        console = f"http://127.0.0.1:{daemon.sets['console.port']}/metrics"
        with urllib.request.urlopen(console, timeout=10) as answer:
            counted = [line for line in answer.read().decode().splitlines()
                       if "aaa.wlcp-leg-open" in line]
        self.assertEqual([line.split()[-1] for line in counted], ["2"])

    def test_another_function_code_is_another_key(self):
        for words in (["--wlcp-fc", "22"], ["--wlcp-param", "574c4350"]):
            run, told = self.attach("--mode", "multi", "--twag-address", "127.0.0.1", *words)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertIs(told["attaches"][0]["wlcp_key_agrees"], False, words)

    def test_transparent_mode_without_a_word_of_the_network(self):
        for words in ([], ["--twag-address", "127.0.0.1", "--enterprise", "99"],
                      ["--twag-address", "127.0.0.1", "--method", "aka"]):
            run, told = self.attach("--mode", "multi", *words)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertEqual(told["attaches"][0]["mode"], "transparent")
            self.assertNotIn("psk_identity", told["attaches"][0])

    def test_resynchronisation_is_told(self):
        run, told = self.attach("--sqn", "0a0000000000")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertTrue(told["attaches"][0]["resynchronised"])

    def test_refusals_are_explained(self):
        for words, reason, cause, certainty in (
                (["--network-name", "HRPD"], "eap-aka-prime.network-name", "network-name",
                 "proven"),
                (["--secret", "another"], "radius.no-answer", "radius-secret", "possible")):
            with self.subTest(reason):
                run, told = self.attach("--timeout", 2, *words)
                self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
                refused = told["attaches"][-1]
                self.assertEqual(refused["refusal"]["code"], reason)
                first = refused["explanation"]["causes"][0]
                self.assertEqual((first["cause"], first["certainty"]), (cause, certainty))
        run, told = self.attach(k="465b5ce8b199b49faa5f0a2ee238a6bd")
        first = told["attaches"][-1]["explanation"]["causes"][0]
        self.assertEqual((first["cause"], first["certainty"]), ("k-or-opc", "proven"))
        self.assertNotIn("465b5ce8", run.stdout + run.stderr)

    def test_op_in_the_card_is_found_out(self):
        """The subscriber was added with OPc; the card took that for OP, and derived from it."""
        (self.dir / "op").write_text(world.CARD.opc)
        words = [str(world.LATCHKEY), "ue", "attach", "--server", f"127.0.0.1:{self.daemon.port}",
                 "--imsi", world.CARD.imsi, "--k", f"@{self.dir}/k", "--op", f"@{self.dir}/op",
                 "--json"]
        run = subprocess.run(words, text=True, capture_output=True, timeout=60,
                             stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        first = json.loads(run.stdout)["attaches"][0]["explanation"]["causes"][0]
        self.assertEqual((first["cause"], first["certainty"]), ("op-as-opc", "proven"))

    def test_nobody_listens(self):
        run, told = self.attach("--timeout", 2, server=f"127.0.0.1:{world.free_port()}")
        self.assertEqual(run.returncode, 1)
        refused = told["attaches"][0]
        self.assertIn("unreachable", refused["refusal"]["came"])
        self.assertEqual(refused["explanation"]["causes"][0]["cause"], "no-server")

    def test_usage(self):
        for words in (["--imsi", "12"], ["--method", "sim"], ["--use", "x"], ["--access", "lte"],
                      ["--mode", "single"], ["--twag-address", "x"], ["--wlcp-fc", "00"],
                      ["--twag-address", "1.2.3.4", "--twag-address", "1.2.3.5"]):
            with self.subTest(words):
                self.assertEqual(self.attach(*words)[0].returncode, 2)
        for port in ("99999", "0", "", "18x", "-1"):
            with self.subTest(port=port):
                run = self.attach(server=f"127.0.0.1:{port}")[0]
                self.assertEqual(run.returncode, 2, run.stderr)
                self.assertIn("1 to 65535", run.stderr)
        self.assertEqual(self.attach(server="no.such.host.invalid:1")[0].returncode, 3)

    def test_words_that_are_none(self):
        for command in ("bootstrap", "e2e"):
            for words, told in ((["stray"], "'stray' is no option"),
                                (["--json", "--wrong"], "unrecognized option '--wrong'")):
                run = subprocess.run([str(world.LATCHKEY), "ue", command, *words], text=True,
                                     capture_output=True, timeout=20)
                self.assertEqual(run.returncode, 2)
                self.assertIn(f"latchkey ue {command}: {told}", run.stderr)

    def test_capture_survives_and_is_read(self):
        file = self.dir / "x.pcapng"
        self.attach("--pcap", file, "--repeat", 2)
        run = subprocess.run([str(world.LATCHKEY), "trace", "keys", str(file), "--show-keys",
                              "--k", f"@{self.dir}/k", "--opc", f"@{self.dir}/opc", "--json"],
                             text=True, capture_output=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        runs = json.loads(run.stdout)
        self.assertEqual(len(runs), 3)
        for one in runs:
            values = {key["name"]: key.get("value") for key in one["keys"]}
            self.assertIsNotNone(values["MSK"], one["title"])


if __name__ == "__main__":
    world.unittest.main()

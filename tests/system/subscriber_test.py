"""latchkey subscriber: one at a time, and a file of them in the formats of others."""
import json
import os
import pty
import random
import subprocess
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import world  # noqa: E402
from pg import Postgres  # noqa: E402

K = "465b5ce8b199b49faa5f0a2ee238a6bc"
OP = "cdc202d5123e20f62b6d676ac72cb318"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"        # of K and OP: TS 35.208 set 1
IMSI = "001010000000001"

HOSTAPD = f"""# IMSI Ki OPc AMF SQN
{IMSI} {K} {OPC} 61df 000000000020

001010000000002 {K}  {OPC} 8000 000000000000 8
"""
SRSRAN = f"""#
# .csv to store UE's information in HSS
ue1,mil,{IMSI},{K},opc,{OPC},61df,000000000020,7,dynamic
ue2,mil,001010000000002,{K},op,{OP},8000,000000000000,9,172.16.0.2
"""
OPEN5GS = json.dumps({"_id": {"$oid": "6"}, "imsi": IMSI, "security": {
    "k": "465B5CE8 B199B49F AA5F0A2E E238A6BC", "opc": OPC.upper(), "op": None, "amf": "61df",
    "sqn": {"$numberLong": "32"}}, "slice": []}) + "\n" + json.dumps(
    {"imsi": "001010000000002", "security": {"k": K, "opc": None, "op": OP, "amf": "8000"}}) + "\n"
UERANSIM = f"""# IMSI number of the UE
supi: 'imsi-{IMSI}'
mcc: '001'
mnc: '01'
key: '{K.upper()}'
op: '{OPC}'
opType: 'OPC'
amf: '61df'
gnbSearchList:
  - 127.0.0.1
sessions:
  - type: 'IPv4'
    apn: 'internet'
---
supi: 'imsi-001010000000002'
key: '{K}'
op: '{OP}'
opType: 'OP'
"""


class Subscribers(world.Case):
    def setUp(self):
        super().setUp()
        self.url = f"sqlite:{self.dir}/s.db"

    def call(self, *words, text=None, code=0):
        done = subprocess.run([world.LATCHKEY, "subscriber", *words, "--store", self.url,
                               "--master-key", self.dir / "master.key"],
                              input=None if text is None else text.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        self.errors = done.stderr.decode()
        return done.stdout.decode()

    def show(self, imsi):
        return json.loads(self.call("show", imsi, "--secrets", "--json"))

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return str(path)


class OneByOne(Subscribers):
    def test_add_show_list_delete(self):
        self.assertEqual(self.call("list"), "")
        self.assertIn("subscriber add", self.errors)
        self.call("add", IMSI, "--k", "@" + self.write("k", K), "--opc", "-", text=OPC)
        self.assertIn("made a master key", self.errors)
        shown = self.show(IMSI)
        self.assertEqual((shown["k"], shown["opc"], shown["amf"]), (K, OPC, "8000"))
        masked = self.call("show", IMSI)
        self.assertNotIn(K, masked)
        self.assertNotIn(OPC, masked)
        self.call("add", IMSI, "--k", K, "--opc", OPC, code=1)
        self.assertIn("--replace", self.errors)
        self.call("add", IMSI, "--k", K, "--op", OP, "--amf", "61df", "--sqn", "00000000ff20",
                  "--replace")
        shown = self.show(IMSI)
        self.assertEqual((shown["opc"], shown["amf"]), (OPC, "61df"))
        self.assertGreater(int(shown["sqn"], 16), 0xff20)
        self.call("add", "--imsi", "001010000000002", "--k", K * 2, "--topc", OPC * 2,
                  "--algorithm", "tuak", "--res-len", "16")
        self.assertEqual(self.call("list").split(), [IMSI, "001010000000002"])
        self.assertEqual(json.loads(self.call("list", "--json", "--after", IMSI)),
                         {"imsi": "001010000000002"})
        self.call("delete", IMSI, "001010000000003", code=1)
        self.assertEqual(self.call("list").split(), ["001010000000002"])
        self.call("show", IMSI, code=1)

    def test_ways_of_mobile_ip_for_each(self):
        """Any unless it is said; what is said stays when a row is replaced, and goes with an export
        and an import of ours, as AKMA does; an import of others leaves it as it was."""
        card = ("--k", K, "--opc", OPC)
        self.call("add", IMSI, *card)
        self.assertEqual(self.show(IMSI)["mip"], "any")
        self.call("mip", IMSI, "aaa", "pushed")
        self.assertEqual(self.show(IMSI)["mip"], "aaa pushed")
        self.call("add", IMSI, *card, "--replace")
        self.assertEqual(self.show(IMSI)["mip"], "aaa pushed")
        self.call("add", "001010000000002", *card)
        out = self.dir / "out"
        self.call("export", "--format", "latchkey", str(out))
        self.call("delete", IMSI, "001010000000002")
        self.call("import", "--format", "latchkey", str(out))
        self.assertEqual([self.show(imsi)["mip"] for imsi in (IMSI, "001010000000002")],
                         ["aaa pushed", "any"])
        self.call("mip", IMSI, "none")
        self.assertRegex(self.call("show", IMSI), r"(?m)^mip +none$")
        self.call("import", "--format", "hostapd", "--replace", self.write("in", HOSTAPD))
        self.assertEqual(self.show(IMSI)["mip"], "none")
        self.call("mip", "001010000000002", "ha-naf")
        self.call("import", "--format", "latchkey", "--replace", str(out))
        self.assertEqual([self.show(imsi)["mip"] for imsi in (IMSI, "001010000000002")],
                         ["aaa pushed", "any"])
        for wrong in ('"some"', '"any aaa"', '""', '7'):
            bad = self.write("bad", out.read_text().replace('"aaa pushed"', wrong))
            self.call("import", "--format", "latchkey", "--replace", bad, code=1)
            self.assertIn("bad:1: mip is ", self.errors)
        self.call("mip", IMSI, "bsf", "pushed", "aaa")
        self.assertEqual(self.show(IMSI)["mip"], "aaa pushed bsf")
        self.call("mip", IMSI, "ha-naf", "aaa", "pushed", "bsf")
        self.assertEqual(self.show(IMSI)["mip"], "any")
        self.call("mip", "001010000000003", "any", code=1)
        for words in (("some",), ("any", "aaa"), ("aaa", "none")):
            self.call("mip", IMSI, *words, code=2)
        self.assertEqual(self.show(IMSI)["mip"], "any")

    def test_akma_for_each(self):
        """Allowed unless it is said; what is said stays when a row is replaced, and goes with an
        export and an import of ours."""
        card = ("--k", K, "--opc", OPC)
        on, off = IMSI, "001010000000002"
        self.call("add", on, *card)
        self.call("add", off, *card, "--akma", "off")
        self.assertEqual([self.show(imsi)["akma"] for imsi in (on, off)], [True, False])
        self.assertRegex(self.call("show", off), r"(?m)^akma +off$")
        self.call("add", off, *card, "--replace")
        self.call("import", "--format", "hostapd", "--replace", self.write("in", HOSTAPD))
        self.assertEqual([self.show(imsi)["akma"] for imsi in (on, off)], [True, False])
        out = self.dir / "out"
        self.call("export", "--format", "latchkey", str(out))
        self.call("delete", on, off)
        self.call("import", "--format", "latchkey", str(out))
        self.assertEqual([self.show(imsi)["akma"] for imsi in (on, off)], [True, False])
        self.call("akma", on, "off")
        self.call("akma", off, "on")
        self.assertEqual([self.show(imsi)["akma"] for imsi in (on, off)], [False, True])
        self.call("add", on, *card, "--replace", "--akma", "on")
        self.assertTrue(self.show(on)["akma"])
        self.call("akma", "001010000000003", "on", code=1)
        self.call("akma", on, "maybe", code=2)
        self.call("add", on, *card, "--replace", "--akma", "maybe", code=2)
        bad = self.write("bad", out.read_text().replace("false", '"off"'))
        self.call("import", "--format", "latchkey", "--replace", bad, code=1)
        self.assertIn("bad:2: akma is neither", self.errors)

    def test_what_is_off_is_said_and_changes_nothing(self):
        for words, says in [
                (("add", "12345", "--k", K, "--opc", OPC), "6 to 15 digits"),
                (("add", IMSI, "--k", K), "--opc"),
                (("add", IMSI, "--k", K, "--opc", OPC, "--op", OP), "one of"),
                (("add", IMSI, "--k", K[:-2], "--opc", OPC), "16 octets"),
                (("add", IMSI, "--k", K, "--opc", OPC[:-2]), "32 hex"),
                (("add", IMSI, "--k", "zz", "--opc", OPC), "--k"),
                (("add", IMSI, "--k", K, "--opc", OPC, "--sqn", "ffffffffffff"), "--sqn"),
                (("add",), "IMSI"),
                (("frobnicate",), "no verb"),
                (("import", "--format", "excel", "x"), "hostapd")]:
            self.call(*words, code=2)
            self.assertIn(says, self.errors, words)
        self.assertEqual(self.call("list"), "")

    def test_rows_of_another_master_key_are_not_mixed_with_ours(self):
        self.call("add", IMSI, "--k", K, "--opc", OPC)
        (self.dir / "master.key").unlink()
        self.call("add", "001010000000002", "--k", K, "--opc", OPC, code=3)
        self.assertFalse((self.dir / "master.key").exists())
        (self.dir / "master.key").write_text("00" * 32)
        (self.dir / "master.key").chmod(0o600)
        self.call("add", "001010000000002", "--k", K, "--opc", OPC, code=3)
        self.assertIn("not the key", self.errors)
        (self.dir / "master.key").chmod(0o644)
        self.call("show", IMSI, code=3)
        self.assertIn("chmod 600", self.errors)


class Files(Subscribers):
    formats = {"hostapd": HOSTAPD, "srsran": SRSRAN, "open5gs": OPEN5GS, "ueransim": UERANSIM}

    def test_every_format_is_read(self):
        for name, text in self.formats.items():
            for path in (self.write("in", text), "-"):
                with self.subTest(format=name, path=path):
                    told = json.loads(self.call("import", "--format", name, "--replace", "--json",
                                                path, text=text))
                    self.assertEqual(told["imported"], 2)
                    one, two = self.show(IMSI), self.show("001010000000002")
                    self.assertEqual((one["k"], one["opc"], one["amf"]), (K, OPC, "61df"))
                    self.assertEqual((two["k"], two["opc"], two["amf"]), (K, OPC, "8000"))
                    if name != "ueransim":
                        self.assertGreaterEqual(int(one["sqn"], 16), 0x20)
                    self.call("delete", IMSI, "001010000000002")
        array = json.dumps([json.loads(line) for line in OPEN5GS.splitlines()], indent=1)
        self.call("import", "--format", "open5gs", self.write("array.json", array))
        self.assertEqual(len(self.call("list").split()), 2)

    def test_every_format_comes_back_as_it_went(self):
        self.call("import", "--format", "hostapd", self.write("in", HOSTAPD))
        before = {imsi: self.show(imsi) for imsi in self.call("list").split()}
        for name in (*self.formats, "latchkey"):
            with self.subTest(format=name):
                out = self.dir / f"out.{name}"
                self.call("export", "--format", name, str(out))
                self.assertEqual(out.stat().st_mode & 0o777, 0o600)
                self.call("export", "--format", name, str(out), code=3)   # never overwrites
                self.assertTrue(self.call("export", "--format", name).strip())
                self.call("delete", *before)
                self.call("import", "--format", name, str(out))
                for imsi, was in before.items():
                    now = self.show(imsi)
                    self.assertEqual({**now, "sqn": 0}, {**was, "sqn": 0})
                    if name != "ueransim":      # has no place for SQN
                        self.assertGreater(int(now["sqn"], 16), int(was["sqn"], 16))

    def test_tuak_has_a_place_in_our_format_alone(self):
        self.call("add", IMSI, "--k", K, "--topc", OPC * 2, "--algorithm", "tuak", "--res-len",
                  "4", "--iterations", "2")
        before = self.show(IMSI)
        self.call("export", "--format", "hostapd", str(self.dir / "no"), code=1)
        self.assertFalse((self.dir / "no").exists())
        self.assertIn("latchkey", self.errors)
        self.call("export", "--format", "latchkey", str(self.dir / "yes"))
        self.call("import", "--replace", "--format", "latchkey", str(self.dir / "yes"))
        self.assertEqual({**self.show(IMSI), "sqn": 0}, {**before, "sqn": 0})

    def test_bad_input_is_named_by_file_and_line_and_changes_nothing(self):
        bad = [
            ("hostapd", f"{IMSI} {K} {OPC} 8000 000000000000\n{IMSI} {K}\n", 2, "expected"),
            ("hostapd", f"{IMSI} {K} {OPC} 8000 000000000000\n" * 2, 2, "line 1 again"),
            ("hostapd", f"0 {K} {OPC} 8000 000000000000\n", 1, "IMSI"),
            ("hostapd", f"{IMSI} {K[2:]} {OPC} 8000 000000000000\n", 1, "K"),
            ("hostapd", f"{IMSI} {K} {OPC[2:]} 8000 000000000000\n", 1, "OPc"),
            ("hostapd", f"{IMSI} {K} {OPC} 80 000000000000\n", 1, "AMF"),
            ("hostapd", f"{IMSI} {K} {OPC} 8000 0\n", 1, "SQN"),
            ("hostapd", "x" * 5000, 1, "too long"),
            ("hostapd", f"{IMSI} {K} {OPC}\0 8000 000000000000\n", 1, "not text"),
            ("srsran", f"\n\nu,xor,{IMSI},{K},opc,{OPC},8000,000000000000,9,dynamic\n", 3, "mil"),
            ("srsran", f"u,mil,{IMSI},{K},opx,{OPC},8000,000000000000,9,dynamic\n", 1, "OP_Type"),
            ("open5gs", OPEN5GS.splitlines()[0] + "\n{\"imsi\": \n", 3, "JSON"),
            ("open5gs", '{"imsi": "001010000000001"}', 1, "K"),
            ("open5gs", '\n\n[1, 2]', 3, "JSON"),
            ("ueransim", UERANSIM + "---\nsupi: 'nai-x'\n", 20, "supi"),
            ("ueransim", UERANSIM + "---\n{", 21, "YAML"),
        ]
        for name, text, line, says in bad:
            with self.subTest(format=name, says=says):
                path = self.write("bad", text)
                self.call("import", "--format", name, path, code=1)
                self.assertIn(f"{path}:{line}: ", self.errors)
                self.assertIn(says, self.errors)
                self.assertEqual(self.call("list"), "")
        self.call("import", "--format", "hostapd", self.write("bad", "# nothing\n"), code=1)
        self.call("import", "--format", "hostapd", str(self.dir / "none"), code=3)

    def test_what_is_there_already_stays_unless_told(self):
        path = self.write("in", HOSTAPD)
        self.call("add", "001010000000002", "--k", OPC, "--opc", K)
        self.call("import", "--format", "hostapd", path, code=1)
        self.assertIn(f"{path}:4: 001010000000002 is there already", self.errors)
        self.assertEqual(self.call("list").split(), ["001010000000002"])
        self.call("import", "--format", "hostapd", "--dry-run", path)
        self.assertEqual(self.call("list").split(), ["001010000000002"])
        told = json.loads(self.call("import", "--format", "hostapd", "--skip-bad", "--json", path))
        self.assertEqual((told["imported"], told["skipped"]), (1, 1))
        self.assertEqual(self.show("001010000000002")["k"], OPC)
        self.call("import", "--format", "hostapd", "--replace", path)
        self.assertEqual(self.show("001010000000002")["k"], K)

    def test_bad_ones_are_left_out_when_told(self):
        text = HOSTAPD + "rubbish\n" + HOSTAPD.replace("0001 ", "0003 ").replace("0002 ", "0001 ")
        told = json.loads(self.call("import", "--format", "hostapd", "--skip-bad", "--json",
                                    self.write("in", text)))
        self.assertEqual((told["imported"], told["skipped"]), (3, 2))

    def test_a_hundred_thousand_with_progress(self):
        source = random.Random(1)
        path = self.write("many", "".join(
            f"00101{i:010d} {source.getrandbits(128):032x} {source.getrandbits(128):032x} 8000 "
            "000000000000\n" for i in range(100000)))
        reader, terminal = pty.openpty()
        done = subprocess.run([world.LATCHKEY, "subscriber", "import", "--format", "hostapd",
                               "--store", self.url, "--master-key", self.dir / "master.key",
                               path], stdout=subprocess.PIPE, stderr=terminal, timeout=60)
        os.close(terminal)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"100000 imported", done.stdout)
        os.read(reader, 65536)
        os.close(reader)
        self.assertEqual(len(self.call("list").split()), 100000)
        self.assertEqual(self.call("list", "--after", "001010000099998").split(),
                         ["001010000099999"])


class OnPostgres(Files):
    """The same, where the subscribers are shared."""

    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres().__enter__()
        cls.addClassCleanup(cls.pg.__exit__)

    def setUp(self):
        super().setUp()
        self.pg.psql("DROP TABLE IF EXISTS subscriber, accounting")
        self.url = self.pg.url


if __name__ == "__main__":
    unittest.main()

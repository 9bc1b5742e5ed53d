"""What README and the manual tell a user to type exists: commands, options, files, settings."""
import os
import re
import subprocess

import world

BOOKS = [world.TOP / "README.md", *sorted((world.TOP / "docs").rglob("*.md")),
         *sorted((world.TOP / "man").iterdir())]


def help_of(program, *words):
    done = subprocess.run([str(program), *words, "--help"], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=10)
    return done.stdout + done.stderr


class ManualTest(world.Case):
    def setUp(self):
        super().setUp()
        self.books = {str(book.relative_to(world.TOP)):
                      re.sub(r"\\f.", "", book.read_text().replace("\\-", "-"))
                      .replace("\\\n", " ") for book in BOOKS}

    def calls(self):
        """Every line that calls latchkey in code, with its book."""
        for name, text in self.books.items():
            for line in re.findall(r"^(?:build/)?latchkey ([a-z].*)$", text, re.M):
                yield name, line.split("#")[0].split(" | ")[0].split("; ")[0].split()

    def test_commands_and_options_exist(self):
        commands = set(re.findall(r"^  ([a-z-]+)  ", help_of(world.LATCHKEY), re.M))
        seen = 0
        for name, words in self.calls():
            with self.subTest(f"{name}: latchkey {' '.join(words[:2])}"):
                self.assertIn(words[0], commands)
                text = help_of(world.LATCHKEY, words[0]) + help_of(world.LATCHKEY, *words[:2])
                for option in {word for word in words if word.startswith("--")}:
                    self.assertIn(option, text)
                seen += 1
        self.assertGreater(seen, 10)

    def test_words_that_are_off_are_named_and_end_with_2(self):
        """Nothing is done, one or two lines say which word it was, and who knows better."""
        for words, said in (("status extra", "'extra'"), ("reload extra", "'extra'"),
                            ("reload --bogus", "--bogus"), ("subscriber --bogus", "--bogus"),
                            ("machine nobody", "'nobody'"), ("load nothing", "'nothing'"),
                            ("trace explain", "trace explain FILE.pcapng"),
                            ("trace look x", "ladder, keys or explain"),
                            ("ue mip-frob -c x", "'mip-frob'"), ("anchor frob", "'frob'"),
                            ("sim --seed", "--seed"), ("nothing", "'nothing'")):
            with self.subTest(words):
                done = subprocess.run([str(world.LATCHKEY), *words.split()], text=True, timeout=10,
                                      cwd=self.dir, capture_output=True, stdin=subprocess.DEVNULL)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(said, done.stderr)
                self.assertLessEqual(len(done.stderr.splitlines()), 2)
                self.assertTrue(done.stderr.startswith("latchkey"), done.stderr)

    def test_every_label_of_a_key_is_in_its_book(self):
        """What a key is made of by a label of ours has a row of docs/keys.md, with that label."""
        no_key = {"latchkey radsec client"}     # an address for a name
        labels = set()
        for file in (world.TOP / "src").rglob("*.[ch]"):
            for line in file.read_text().splitlines():
                if re.search(r"(?i)label|_derive\(|token_make\(|lk_span_text\(", line):
                    labels.update(re.findall(r'"(latchkey [A-Za-z0-9 ]*[a-zA-Z0-9])"', line))
        self.assertGreater(len(labels), 8)
        for label in sorted(labels - no_key):
            with self.subTest(label):
                self.assertIn(f'"{label}"', self.books["docs/keys.md"])

    def test_every_number_of_mis_has_its_reason(self):
        """Each number of wire/mis_codes.h that stands in no standard has a row in its room."""
        codes = (world.TOP / "src/wire/mis_codes.h").read_text().split("lk_mis_codes_default")[1]
        tlvs = set(re.findall(r"\[LK_MIS_OWN_\w+\] = (\d+)", codes))
        others = set(re.findall(r"(?:0x[0-9a-f]+|\"[^\"]+\")", codes))
        table = self.books["docs/rooms/mis.md"].split("### Numbers")[1].split("###")[0]
        named = set(re.findall(r"[^ ,`|]+", " ".join(re.findall(r"^\|([^|]+)\|", table, re.M))))
        self.assertGreater(len(tlvs), 15)
        self.assertGreater(len(others), 4)
        self.assertLessEqual(tlvs | {word.strip('"') for word in others}, named)

    def test_every_command_is_in_the_manual(self):
        for command in re.findall(r"^  ([a-z-]+)  ", help_of(world.LATCHKEY), re.M):
            with self.subTest(command):
                self.assertRegex(self.books["man/latchkey.1"], rf"\b{command}\b")

    def test_every_function_of_a_library_is_in_its_page(self):
        """And no other; what the public headers declare or define for callers."""
        for library, inner in (("e2e", ()), ("naf", ("openssl_suite", "openssl_key", "openssl_psk",
                                                      "openssl_session", "gnutls_hello",
                                                      "gnutls_suite"))):
            headers = (world.TOP / "src" / library / "latchkey").glob("*.h")
            code = re.sub(r"/\*.*?\*/", "", "".join(h.read_text() for h in headers), flags=re.S)
            declared = set(re.findall(rf"^\w[\w *]*?[ *](lk_{library}_\w+)\(", code, re.M))
            declared -= {f"lk_{library}_{name}" for name in inner}
            page = (world.TOP / "man" / f"latchkey-{library}.3").read_text()
            page = page[:page.index(".SH DESCRIPTION")]
            self.assertEqual(declared, set(re.findall(rf"(lk_{library}_\w+)\(", page)))
            self.assertGreater(len(declared), 9)

    def test_links_lead_somewhere(self):
        for book in BOOKS:
            for target in re.findall(r"\]\(([^)#]+)\)", book.read_text()):
                with self.subTest(f"{book.name}: {target}"):
                    self.assertTrue((book.parent / target).exists())

    def test_every_key_is_in_the_manual_with_its_default(self):
        """Those that latchkeyd knows, and no other."""
        listed = subprocess.run([str(world.LATCHKEYD), "--keys"], text=True, check=True,
                                capture_output=True, timeout=10).stdout
        keys = dict(re.findall(r"^(\S+) +(\[.*?\]|\S+) ", listed, re.M))
        self.assertGreater(len(keys), 150)
        text = (world.TOP / "man" / "latchkeyd.yaml.5").read_text()
        text = text[text.index(".SH KEYS"):text.index(".SH SEE ALSO")]
        told = {}
        for line in re.findall(r"^\.BR (.*\".*)$", text, re.M):
            told.update(re.findall(r'(\S+) " (.*?),? ?"', line))
        for key, default in keys.items():
            with self.subTest(key):
                self.assertEqual(told.get(key), "(none)" if default == "-" else default)
        self.assertEqual(set(told) - set(keys), set())

    def test_every_subcommand_is_in_the_manual(self):
        for command, words in self.subcommands().items():
            for word in words:
                with self.subTest(f"{command} {word}"):
                    self.assertRegex(self.books["man/latchkey.1"], rf"\b{command} {word}\b")

    def complete(self, *words):
        """What bash would offer for the last of the words."""
        script = ("source conf/latchkey.bash; COMP_WORDS=(latchkey \"$@\"); COMP_CWORD=$#; "
                  "_latchkey latchkey; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script, "bash", *words], text=True, check=True,
                              cwd=world.TOP, capture_output=True, timeout=20, env={
                                  **os.environ,
                                  "PATH": f"{world.LATCHKEY.parent}:{os.environ['PATH']}"})
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def subcommands(self):
        return {command: self.complete(command, "")
                for command in ("subscriber", "session", "enb", "wt", "pos", "bsf", "aanf", "naf",
                                "af", "fa", "anchor",
                                "ue", "node-key", "certificate", "mis-key", "trace", "lab")}

    def test_completion(self):
        """It offers what the programs say of themselves, behind each command and subcommand."""
        self.assertLessEqual({"ue", "session", "certificate", "machine"}, self.complete(""))
        for words, offered in (
                (("ue", ""), {"attach", "bootstrap", "e2e", "connect", "disconnect", "list", "ping",
                              "reattach", "reauthenticate", "detach", "state", "run", "namespace",
                              "lte-attach", "lte-status",
                              "lwa-ping", "lte-detach", "mis-attach", "mis-handover",
                              "mis-status", "mis-ping", "mis-tls", "mis-detach",
                              "mip-register", "mip-move", "mip-renew", "mip-release",
                              "mip-status", "mip-ping",
                              "naf-key", "gba-bootstrap", "gba-status",
                              "akma-key", "akma-status"}),
                (("session", ""), {"list", "end"}),
                (("enb", ""), {"ues", "handover", "rekey", "lwa", "drop"}),
                (("wt", ""), {"ues", "release"}),
                (("pos", ""), {"mns", "links", "release", "push"}),
                (("bsf", ""), {"sessions", "release"}), (("aanf", ""), {"contexts", "remove"}),
                (("naf", ""), {"status", "forget"}), (("fa", ""), {"visitors", "revoke"}),
                (("anchor", ""), {"run", "bindings", "mip-revoke"}),
                (("af", ""), {"apps", "sessions", "hand-over", "make-key", "show-key"}),
                (("certificate", ""), {"make"}), (("lab", ""), {"lwa"}),
                (("node-key", ""), {"show", "set"}), (("mis-key", ""), {"new", "show"}),
                (("trace", ""), {"ladder", "keys", "explain"}),
                (("certificate", "make", "--"), {"--name", "--also", "--out", "--days"}),
                (("ue", "connect", ""), {"as=", "apn=", "type="}),
                (("ue", "naf-key", ""), {"as=", "naf=", "ua=", "not="}),
                (("ue", "akma-key", ""), {"as=", "af=", "ua="}),
                (("ue", "lte-status", ""), {"wait=", "rekeys=", "handovers=", "associations=",
                                            "ms="}),
                (("ue", "mis-handover", ""), {"pos=", "network=", "cell=", "link=",
                                              "position=", "from="}),
                (("ue", "connect", "--"), {"--socket", "--set", "--json", "--format"}),
                (("status", ""), set())):
            with self.subTest(words):
                self.assertEqual(self.complete(*words), offered)
        self.assertLessEqual({"eap-server", "wlcp-twag"}, self.complete("machine", ""))
        self.assertIn("--show-keys", self.complete("ue", "attach", "--"))
        self.assertIn("--rand", self.complete("keys", "milenage", "--"))
        self.assertLessEqual({"--svg", "--uu-loss"}, self.complete("lab", "lwa", "--"))
        of_mis = self.complete("sim", "--world", "mis", "--")
        self.assertLessEqual({"--seed", "--loss", "--captured"}, of_mis)
        self.assertFalse({"--handover-ms", "--uu-loss"} & of_mis)
        self.assertLessEqual({"--handover-ms", "--captured"}, self.complete("sim", "--"))


if __name__ == "__main__":
    world.unittest.main()

"""What README and the manual tell a user to type exists: commands, options, files, settings."""
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
                            ("sim --seed", "--seed"), ("nothing", "'nothing'")):
            with self.subTest(words):
                done = subprocess.run([str(world.LATCHKEY), *words.split()], text=True, timeout=10,
                                      cwd=self.dir, capture_output=True, stdin=subprocess.DEVNULL)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(said, done.stderr)
                self.assertLessEqual(len(done.stderr.splitlines()), 2)
                self.assertTrue(done.stderr.startswith("latchkey"), done.stderr)

    def test_every_command_is_in_the_manual(self):
        for command in re.findall(r"^  ([a-z-]+)  ", help_of(world.LATCHKEY), re.M):
            with self.subTest(command):
                self.assertRegex(self.books["man/latchkey.1"], rf"\b{command}\b")

    def test_links_lead_somewhere(self):
        for book in BOOKS:
            for target in re.findall(r"\]\(([^)#]+)\)", book.read_text()):
                with self.subTest(f"{book.name}: {target}"):
                    self.assertTrue((book.parent / target).exists())

    def test_settings_of_the_manual_are_those_of_the_laboratory_file(self):
        keys, path = set(), []
        for line in (world.TOP / "conf" / "lab.yaml").read_text().splitlines():
            found = re.match(r"( *)([a-z_]+):(.*)", line)
            if found and len(found[1]) <= 2:
                path = path[:len(found[1]) // 2] + [found[2]]
                if found[3].split("#")[0].strip() or path[-1] == "clients":
                    keys.add(".".join(path))
        text = self.books["man/latchkeyd.yaml.5"]
        for key in sorted(keys):
            with self.subTest(key):
                self.assertIn(key, text)

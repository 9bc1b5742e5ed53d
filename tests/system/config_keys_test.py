"""Each key of the configuration is read by somebody: a key that nobody reads promises what is not.

The compiler is asked. In copies of role/config.h and the headers of its rooms each member that a
row of config_rows_*.c fills is spelt otherwise; whoever reads one does not compile, and the
complaint names struct and member."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess

import world

ROLE = world.TOP / "src" / "role"
HEADERS = ("config.h", "config_gba.h", "config_akma.h", "config_af.h", "config_naf.h",
           "config_mip.h")
ROW = re.compile(r'LK_ROW(?:_TEXT|_NUMBER|_HOST)?\("([^"]+)",(?:\s*[A-Z]+,)?\s*([\w.\[\]]+)')
MISSING = re.compile(r"'(?:const )?struct (\S+)' has no member named '(\w+)'")


def rows():
    """{key: [the names of its member]}"""
    found = {}
    for path in sorted(ROLE.glob("config_rows_*.c")):
        for key, member in ROW.findall(path.read_text()):
            member = re.sub(r"^CODES\b", "mis.codes", member)
            found[key] = re.sub(r"\[\d*\]", "", member).split(".")
    return found


def structs(header, respell=()):
    """{struct: {member: its struct, if it is one}} of a header, a struct without a name being
    <anonymous>; and its text, with those (struct, member) spelt otherwise."""
    text = re.sub(r"/\*.*?\*/", "", (ROLE / header).read_text(), flags=re.S)
    found, open_now, lines = {}, [], []
    for line in text.splitlines():
        begun = re.match(r"\s*struct (\w+ )?\{", line)
        ended = re.match(r"\s*\}(?: (\w+))?;", line)
        if begun:
            open_now.append((begun[1] or "<anonymous>").strip())
        elif ended and open_now:
            inner = open_now.pop()
            if ended[1]:
                found.setdefault(open_now[-1], {})[ended[1]] = inner
        elif open_now:
            kind = re.match(r"\s*struct (\w+)", line)
            for name in re.findall(r"(\w+)(?:\[[^\]]*\])*[,;]", line):
                found.setdefault(open_now[-1], {})[name] = kind[1] if kind else None
                if (open_now[-1], name) in respell:
                    line = re.sub(rf"\b{name}(?=[\[,;])", f"{name}_of_a_row", line)
        lines.append(line)
    return found, "\n".join(lines) + "\n"


class ConfigKeysTest(world.Case):
    def setUp(self):
        super().setUp()
        self.members = {}
        known = {name: what for header in HEADERS for name, what in structs(header)[0].items()}
        for key, names in rows().items():
            owner = "lk_config"
            for name in names[:-1]:
                owner = known[owner][name]
            self.members[key] = (owner, names[-1])

    def respell(self):
        (self.dir / "role").mkdir()
        for header in HEADERS:
            text = structs(header, set(self.members.values()))[1]
            (self.dir / "role" / header).write_text(text)

    def complaints(self, command):
        words = [word for word in shlex.split(command["command"]) if word != "ccache"]
        words[1:1] = [f"-I{self.dir}"]
        words[words.index("-o"):words.index("-o") + 2] = []
        words += ["-fsyntax-only", "-fmax-errors=0", "-fdiagnostics-color=never", "-w"]
        done = subprocess.run(words, cwd=command["directory"], capture_output=True, text=True,
                              timeout=120, env={**os.environ, "LC_ALL": "C"})
        return set(MISSING.findall(done.stderr))

    def test_each_key_is_read(self):
        self.assertGreater(len(self.members), 150)
        self.respell()
        commands = [each for each in json.loads((world.BUILD / "compile_commands.json").read_text())
                    if re.match(r"\.\./src/(role|app)/(?!config_rows)", each["file"])]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            read = set().union(*pool.map(self.complaints, commands))
        self.assertGreater(len(read), 100)
        self.assertEqual([key for key, member in self.members.items() if member not in read], [])


if __name__ == "__main__":
    world.unittest.main()

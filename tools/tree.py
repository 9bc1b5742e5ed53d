"""The C files of the tree, read once: what tools/layers, tidy, clauses and room look through."""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "sim", "fuzz", "bench", "tests")


def c_files(top=TOP, folders=FOLDERS):
    """Paths of every .c and .h below the folders, in order."""
    for folder in folders:
        yield from sorted(path for path in (top / folder).rglob("*.[ch]"))


def layer_of(path, top=TOP):
    """src/wire/eap.c is of layer wire, sim/world.c of layer sim."""
    parts = path.relative_to(top).parts
    return parts[1] if parts[0] == "src" else parts[0]


def without_comments(text, keep_strings=True):
    """The same text with comments (and, if asked, literals) blanked; line numbers stay."""
    def blank(match):
        word = match.group(0)
        if word.startswith("/"):
            return re.sub(r"[^\n]", " ", word)
        return word if keep_strings else word[0] + " " * (len(word) - 2) + word[-1]

    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text,
                  flags=re.S)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1

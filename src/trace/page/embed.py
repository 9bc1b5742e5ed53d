"""Turns files into a C file of strings: embed.py OUT.c NAME FILE [NAME FILE ...]"""
import sys

out, pairs = sys.argv[1], sys.argv[2:]
with open(out, "w", encoding="utf-8") as to:
    to.write('#include "trace/page_files.h"\n')
    for name, path in zip(pairs[::2], pairs[1::2]):
        octets = open(path, "rb").read() + b"\0"
        to.write("const char %s[] = {\n" % name)
        for i in range(0, len(octets), 16):
            to.write(" ".join("%d," % (o if o < 128 else o - 256) for o in octets[i:i + 16]) + "\n")
        to.write("};\n")

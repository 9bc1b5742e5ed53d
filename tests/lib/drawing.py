"""What a drawing of ours looks like to somebody who has no browser: librsvg renders it, and the
colours of the picture are counted."""
import collections
import re
import struct
import subprocess
import zlib

import world

WHITE = (255, 255, 255)
CHALLENGE, REFUSED = (0x1f, 0x6f, 0xeb), (0xc8, 0x32, 0x3f)


def unfilter(raw, width, height, step):
    """The rows of a PNG picture of 8 bits and step channels, their filters undone."""
    line, before = width * step, bytes(width * step)
    for at in range(0, height * (line + 1), line + 1):
        kind, row = raw[at], bytearray(raw[at + 1:at + 1 + line])
        for i in range(line if kind else 0):
            left, above = row[i - step] if i >= step else 0, before[i]
            corner = before[i - step] if i >= step else 0
            near = min((abs(above - corner), left), (abs(left - corner), above),
                       (abs(left + above - 2 * corner), corner), key=lambda pair: pair[0])[1]
            row[i] = row[i] + (0, left, above, (left + above) // 2, near)[kind] & 255
        before = bytes(row)
        yield before


def colours_of(path):
    """How many pixels have which colour, by librsvg."""
    png = subprocess.run([world.need("rsvg-convert"), str(path)], capture_output=True, check=True,
                         timeout=30, stdin=subprocess.DEVNULL).stdout
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    step = 3 if kind == 2 else 4
    data, at = b"", 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + size] if name == b"IDAT" else b""
        at += size + 12
    count = collections.Counter()
    for row in unfilter(zlib.decompress(data), width, height, step):
        count.update(zip(row[0::step], row[1::step], row[2::step]))
    return count


def stands_alone(test, path, *colours):
    """It says its colours itself, is on a light ground, and has each of those in it."""
    text = path.read_text()
    test.assertNotIn("var(", text)
    test.assertNotIn("<style", text)
    for name, attributes in re.findall(r"<(text|rect|path|circle)\b([^>]*)>", text):
        test.assertIn("fill=", attributes, name)
    for attributes in re.findall(r"<line\b([^>]*)>", text):
        test.assertIn("stroke=", attributes)
    count = colours_of(path)
    test.assertGreater(count[WHITE] / count.total(), 0.8)
    for colour in colours:
        test.assertGreater(count[colour], 50, colour)

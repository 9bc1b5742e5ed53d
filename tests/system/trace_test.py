"""latchkey trace on captures that other hands wrote: WLCP as tshark reads it, an attach through a
TWAP with every lane that it has, and its page, wide, narrow, light and dark."""
import json
import struct
import subprocess
import unittest

import browser
import pcapng
import world
from wireshark_test import MESSAGES, TWAG, UE, octets, other

AP, TWAP, TWAP_OUT = ("127.0.0.1", 40000), ("127.0.0.1", 1822), ("127.0.0.1", 40001)
AAA, GATEWAY = ("127.0.0.4", 2083), ("127.0.0.9", 2083)
MAG, LMA = ("127.0.0.1", 40005), ("127.0.0.3", 5436)
REQUEST, ACCEPT, CHALLENGE, COA, COA_ACK = 1, 2, 11, 43, 44
IDENTITY = b"\x02\x01\x00\x38\x01" + b"6001010000000001@wlan.mnc001.mcc001.3gppnetwork.org"
SYNC = bytes.fromhex("02020018 32040000 0404 0102030405060708090a0b0c0d0e".replace(" ", ""))
CHALLENGED = bytes.fromhex("01020028 32010000 01050000".replace(" ", "")) + bytes(16) + \
    bytes.fromhex("18010001 17020000 00000000".replace(" ", ""))
SUCCESS = bytes.fromhex("03020004")
PBU = octets("3b 01 05 00 0000 0001 8200 0384 0102 0000")


def radius(code, identifier, *attributes):
    body = b"".join(bytes([kind, 2 + len(value)]) + value for kind, value in attributes)
    return struct.pack(">BBH", code, identifier, 20 + len(body)) + bytes(16) + body


def private(kind, value):
    return 26, struct.pack(">IBB", 32473, kind, 2 + len(value)) + value


def attach(file):
    """Both legs of an attach, the session link, then WLCP with a binding update inside."""
    mode, key = private(2, b"\0\0\0\4"), private(1, bytes(50))
    state, cls = (24, b"state"), (25, b"class")

    def to_aaa(identifier, eap, *more):
        file.datagram(AP, TWAP, radius(REQUEST, identifier, (79, eap), *more))
        file.opened("radius", TWAP_OUT, AAA,
                    radius(REQUEST, identifier + 100, (79, eap), mode, *more), True)

    to_aaa(1, IDENTITY)
    file.opened("radius", AAA, TWAP_OUT, radius(CHALLENGE, 101, (79, CHALLENGED), state), True)
    file.datagram(TWAP, AP, radius(CHALLENGE, 1, (79, CHALLENGED), state))
    to_aaa(2, SYNC, state)
    file.opened("radius", AAA, TWAP_OUT, radius(ACCEPT, 102, (79, SUCCESS), cls, key), True)
    file.opened("radius", TWAP_OUT, GATEWAY, radius(COA, 7, cls, key), True)
    file.opened("radius", GATEWAY, TWAP_OUT, radius(COA_ACK, 7), True)
    file.datagram(TWAP, AP, radius(ACCEPT, 2, (79, SUCCESS), cls))
    for name, (sender, text, _) in MESSAGES.items():
        file.opened("wlcp", sender, other(sender), octets(text))
        if name == "PDN CONNECTIVITY REQUEST":
            file.opened("mipv6", MAG, LMA, PBU)


class TraceCase(browser.Case):
    def capture(self):
        file = self.dir / "x.pcapng"
        with pcapng.File(file) as made:
            attach(made)
        return file

    def trace(self, *words):
        done = subprocess.run([str(world.LATCHKEY), "trace", "ladder", *map(str, words)],
                              text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def page(self, script=""):
        self.trace(self.capture(), "--html", self.dir / "x.html")
        file = self.dir / "x.html"
        file.write_text(file.read_text().replace("</body>", f"<script>{script}</script></body>"))
        return f"file://{file}"


class LadderTest(TraceCase):
    def test_wlcp_is_read_as_tshark_reads_it(self):
        run = json.loads(self.trace(self.capture(), "--json"))["runs"][1]
        messages = [message for message in run["messages"] if message["protocol"] == "WLCP"]
        self.assertEqual(run["kind"], "session")
        self.assertEqual([message["name"].replace("WLCP ", "") for message in messages],
                         list(MESSAGES))
        for message, (sender, _, want) in zip(messages, MESSAGES.values()):
            self.assertEqual(message["from_lane"], "Device" if sender == UE else "TWAG")
            told = {field["name"]: field["value"] for field in message["fields"]}
            self.assertEqual(told.get("PDN connection ID"), want.get("pdn_id"))
            self.assertEqual(told.get("Access point name"), want.get("apn"))
            self.assertTrue(told.get("Cause", "").startswith(want.get("cause", "")))

    def test_who_speaks_to_whom(self):
        told = json.loads(self.trace(self.capture(), "--json"))
        self.assertEqual([run["kind"] for run in told["runs"]], ["authentication", "session"])
        self.assertEqual(told["others"], [])
        seen = {(message["from_lane"], message["to_lane"])
                for run in told["runs"] for message in run["messages"]}
        self.assertEqual(seen, {
            ("Access point", "TWAP"), ("TWAP", "AAA server"), ("AAA server", "TWAP"),
            ("TWAP", "Access point"), ("TWAP", "TWAG"), ("TWAG", "TWAP"), ("Device", "TWAG"),
            ("TWAG", "Device"), ("TWAG", "Anchor")})

    def test_tshark_reads_the_same_capture(self):
        """Each message in clear by its own dissector, nothing malformed."""
        fields = world.tshark(self.capture(), "-T", "fields", "-e", "radius.code", "-e",
                              "mip6.mhtype", "-Y", "exported_pdu")
        self.assertEqual(sum(1 for line in fields if line.split("\t")[0]), 6)
        self.assertEqual(world.tshark(self.capture(), "-Y", world.BROKEN), [])


# What is written over something else, or beyond the ladder, in any message.
OVERLAPS = """
const bad = [];
for (const m of document.querySelectorAll('.msg')) {
  const ladder = m.closest('.ladder').getBoundingClientRect();
  const seen = [...m.querySelectorAll('.label b, .under, .carrier, .dot + .label')]
    .filter(e => !e.matches('.label') && e.getClientRects().length)
    .map(e => [e, e.getBoundingClientRect()]).filter(r => r[1].width > 0);
  for (const [e, r] of seen) {
    if (r.left < ladder.left - 1 || r.right > ladder.right + 1) bad.push('out: ' + e.textContent);
    for (const [f, s] of seen)
      if (e !== f && r.left < s.right && s.left < r.right && r.top < s.bottom && s.top < r.bottom)
        bad.push(e.textContent + ' / ' + f.textContent);
  }
}
for (const e of document.querySelectorAll('.lanes > span'))
  if (e.scrollWidth > e.clientWidth + 1) bad.push('lane: ' + e.textContent);
for (const e of document.querySelectorAll('.sheet:has(.steps)'))
  if (e.scrollWidth > e.clientWidth + 1) bad.push('table');
document.body.dataset.lanes = document.querySelectorAll('.lanes')[0].children.length - 1;
document.body.dataset.bad = bad.join('; ');
document.body.dataset.back = getComputedStyle(document.body).backgroundColor;
"""


class PageTest(TraceCase):
    def test_nothing_overlaps(self):
        backs = set()
        for words in (("--window-size=1200,2400",), ("--window-size=420,2400",),
                      ("--window-size=1200,2400", "--blink-settings=preferredColorScheme=0")):
            with self.subTest(words=words):
                dom = self.chromium(*words, "--dump-dom", self.page(OVERLAPS)).stdout
                self.assertIn('data-lanes="6"', dom)
                self.assertIn('data-bad=""', dom)
                backs.add(dom.split('data-back="')[1].split('"')[0])
        self.assertEqual(len(backs), 2)     # light and dark


if __name__ == "__main__":
    unittest.main()

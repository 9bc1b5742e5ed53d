"""conf/wireshark/mip.lua in tshark: keys of nonces in Mobile IPv4, MIPv6 in UDP, agents on other
ports; every cut of every message. No line of the code under test made the messages."""
import subprocess
import types
import unittest

import mip
import mip6
import pcapng
import world

SCRIPT = world.TOP / "conf" / "wireshark" / "mip.lua"
NODE, AGENT = ("127.0.0.9", 40000), ("127.0.0.1", 434)
NAI = b"0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org"
B_TID = "bm9uY2U=@bsf.example"
NONCE_HA, NONCE_FA = bytes(range(16)), bytes(range(32, 52))
# lifetime, SPI of the AAA, of the agent, HMAC-MD5, timestamps, nonce
KEY_HA = bytes.fromhex("00015180 00001000 00002000 0001 0002") + NONCE_HA
KEY_FA = bytes.fromhex("00000e10 00001000 00002001 0005") + NONCE_FA
REQUEST = (bytes.fromhex("01220258 00000000 7f000001 7f000009 e0c58d3a9b7f1c42")
           + mip.short(mip.NAI, NAI) + mip.b_tid_extension(B_TID)
           + mip.key_request(mn_ha=600, mn_fa=700))
REPLY = (bytes.fromhex("03000258 0a400002 7f000001 e0c58d3a9b7f1c42")
         + mip.long(mip.MN_FA_REPLY, KEY_FA) + mip.long(mip.MN_HA_REPLY, KEY_HA))
FIELDS = ("mip.type", "mip.life", "mip.nai", "mip.auth.spi", "mip.auth.auth", "latchkey_mip.b_tid",
          "latchkey_mip.key", "latchkey_mip.key.mn_spi", "latchkey_mip.key.lifetime",
          "latchkey_mip.key.aaa_spi", "latchkey_mip.key.agent_spi", "latchkey_mip.key.algorithm",
          "latchkey_mip.key.replay", "latchkey_mip.key.nonce")


def request():
    return mip.mn_aaa(REQUEST, "k" * 16, 4096)


def reply():
    return REPLY + mip.short(mip.MN_HA, bytes.fromhex("00000258") + bytes(range(16)))


class Case(world.Case):
    def tshark(self, file, *words, script=True):
        using = ["-X", f"lua_script:{SCRIPT}"] if script else []
        done = subprocess.run([world.need("tshark"), "-n", *using, "-r", file, *words], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Lua", done.stderr)
        return done.stdout.splitlines()

    def fields(self, file, *names, words=()):
        asked = [word for name in names for word in ("-e", name)]
        return [line.split("\t") for line in self.tshark(file, *words, "-T", "fields", *asked)]

    def capture(self, *messages, opened=False):
        """(from, to, octets)"""
        file = self.dir / "x.pcapng"
        with pcapng.File(file) as made:
            for source, target, octets in messages:
                if opened:
                    made.opened("mip", source, target, octets)
                else:
                    made.datagram(source, target, octets)
        return file

    def clean(self, file, *words):
        self.assertEqual(self.tshark(file, *words, "-Y", world.BROKEN), [])
        self.assertEqual(self.tshark(file, *words, "-Y", "_ws.lua.error"), [])


class KeysTest(Case):
    def test_requests_and_replies_of_keys(self):
        """spec: RFC 3957 6.1 - 40 to 43, each field; what stands around them Wireshark reads."""
        file = self.capture((NODE, AGENT, request()), (AGENT, NODE, reply()))
        self.clean(file)
        asked, told = self.fields(file, *FIELDS)
        self.assertEqual(asked[:3] + asked[5:], [
            "1", "600", NAI.decode(), B_TID, "42,40", "600,700", "", "", "", "", "", ""])
        self.assertEqual(int(asked[3], 16), 4096)
        self.assertEqual(asked[4], request()[-32:].hex())
        self.assertEqual(told[:2] + told[5:], [
            "3", "600", "", "41,43", "", "3600,86400", "4096,4096", "8193,8192", "5,1", "2",
            f"{NONCE_FA.hex()},{NONCE_HA.hex()}"])
        self.assertEqual((int(told[3], 16), told[4]), (600, bytes(range(16)).hex()))

    def test_control_without_keys(self):
        """A message that asks for none goes to Wireshark as it is."""
        plain = mip.mn_aaa(REQUEST.replace(mip.key_request(mn_ha=600, mn_fa=700), b""), "k" * 16,
                           4096)
        file = self.capture((NODE, AGENT, plain))
        self.clean(file)
        row, = self.fields(file, *FIELDS)
        self.assertEqual((row[4], row[5], row[6]), (plain[-32:].hex(), B_TID, ""))
        self.assertEqual(self.tshark(file, "-Y", world.BROKEN, script=False), [])

    def test_every_cut(self):
        """The script never fails, whatever is left of a message; what is cut within its fixed part
        or within an extension is marked."""
        cuts = [(NODE, AGENT, whole[:size]) for whole in (request(), reply())
                for size in range(1, len(whole))]
        file = self.capture(*cuts)
        self.assertEqual(self.tshark(file, "-Y", "_ws.lua.error"), [])
        rows = self.fields(file, "frame.number", "latchkey_mip.key")
        self.assertEqual(len(rows), len(cuts))
        self.assertTrue(any(key for _, key in rows))
        broken = {int(line) for line in self.tshark(file, "-Y", world.BROKEN, "-T", "fields", "-e",
                                                    "frame.number")}
        clean = [cuts[number - 1][2] for number in range(1, len(cuts) + 1) if number not in broken]
        self.assertEqual([octets for octets in clean if octets not in self.whole()], [])
        self.assertEqual(len(clean), len(self.whole()))

    def whole(self):
        """Both messages behind their fixed part, and behind each extension but the last."""
        asked, told = len(REQUEST), len(REPLY)
        places = [(request(), [24, 26 + len(NAI), asked - 16, asked - 8, asked]),
                  (reply(), [20, told - len(KEY_HA) - 4, told])]
        return [octets[:size] for octets, sizes in places for size in sizes]

    def test_a_key_extension_that_is_too_short(self):
        for extension in (mip.long(mip.MN_HA_REQUEST, b"\0\0"), mip.long(mip.MN_FA_REPLY, b"\0"),
                          mip.long(mip.MN_HA_REPLY, KEY_HA[:15])):
            file = self.capture((NODE, AGENT, REQUEST[:24] + extension))
            self.assertEqual(len(self.tshark(file, "-Y", "latchkey_mip.cut")), 1, extension.hex())


class PortsTest(Case):
    def test_agents_on_other_ports(self):
        """As the preferences say; control: without them nobody reads it."""
        there = ("127.0.0.1", 10434)
        file = self.capture((NODE, there, request()), (there, NODE, reply()))
        self.assertEqual(self.tshark(file, "-Y", "mip"), [])
        words = ("-o", "latchkey_mip.ports:434,10434")
        self.clean(file, *words)
        rows = self.fields(file, "mip.type", "latchkey_mip.key", words=words)
        self.assertEqual(rows, [["1", "42,40"], ["3", "41,43"]])

    def test_messages_in_clear_of_a_daemon(self):
        """They name an entry of a table, where the script is, too; our reader takes the name."""
        file = self.capture((NODE, AGENT, request()), opened=True)
        self.assertIn("asks for MN-HA key", subprocess.run(
            [str(world.LATCHKEY), "trace", "ladder", file], text=True, capture_output=True).stdout)

    def test_mipv6_in_udp(self):
        """spec: RFC 5555 4 - each datagram is a packet, on 4191 or where the preferences say."""
        nobody = types.SimpleNamespace(mip6_port=4191)
        node = mip6.Node(nobody, "001010000000001", "k" * 16)
        self.addCleanup(node.close)
        update = node.update(sequence=7, extra=[mip6.b_tid_option(B_TID)])
        for port, words in ((4191, ()), (14191, ("-o", "latchkey_mip.ports6:4191,14191"))):
            file = self.capture((NODE, ("127.0.0.1", port), update))
            self.clean(file, *words)
            self.assertEqual(self.fields(file, "mip6.mhtype", "mip6.bu.seqnr",
                                         "latchkey_mip6.b_tid", words=words), [["5", "7", B_TID]])
        bare = self.capture((NODE, ("127.0.0.1", 14191), update))
        self.assertEqual(self.tshark(bare, "-Y", "mipv6"), [])


if __name__ == "__main__":
    unittest.main()

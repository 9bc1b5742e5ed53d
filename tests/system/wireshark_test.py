"""conf/wireshark/wlcp.lua in tshark: every message, every cut of it, another table, and DTLS opened
by a secrets block, a key log and the WLCP key. No line of the code under test made the captures."""
import os
import socket
import subprocess
import tempfile
import threading
import unittest

import pcapng
import world

SCRIPT = world.TOP / "conf" / "wireshark" / "wlcp.lua"
MIP = world.TOP / "conf" / "wireshark" / "mip.lua"
BEHIND = world.TOP / "conf" / "wireshark" / "pmip.lua"
UE, TWAG = ("127.0.0.2", 36411), ("127.0.0.1", 36411)
KEY = "57c92d2a2663bf5f6f6fbe34589a91a14de13ac926c77695e0564a2a9b1e2173"
APN = "08 696e7465726e6574"            # internet
PCO = "80 000d04 08080808 000300"      # a server of DNS over IPv4; one over IPv6 asked for
MAC = "0200000000a9"

# What is sent, by whom, and what tshark has to read in it; fields that are not named are not there.
MESSAGES = {
    "PDN CONNECTIVITY REQUEST": (UE, f"81 01 31 28 09 {APN} 27 0b {PCO} 33 02 0102 a3", {
        "request_type": "1", "pdn_type": "3", "apn": "internet", "pco.ipv4": "8.8.8.8",
        "nbifom": "0102", "n3g": "0x03"}),
    "PDN CONNECTIVITY ACCEPT": (TWAG, f"82 01 09 {APN} 0d 03 0011223344556677 0a000007 05 {MAC} "
                                f"27 0b {PCO} 58 32 33 01 07 37 01 45", {
        "apn": "internet", "address.type": "3", "address.interface_id": "00:11:22:33:44:55:66:77",
        "address.ipv4": "10.0.0.7", "pdn_id": "5", "user_plane": "02:00:00:00:00:a9",
        "pco.ipv4": "8.8.8.8", "cause": "50", "nbifom": "07", "tw1": "0x45",
        "tw1.seconds": "180000"}),
    "PDN CONNECTIVITY REJECT": (TWAG, f"83 01 1a 27 0b {PCO} 37 01 62 33 01 09", {
        "cause": "26", "pco.ipv4": "8.8.8.8", "tw1": "0x62", "tw1.seconds": "4", "nbifom": "09"}),
    "PDN CONNECTIVITY COMPLETE": (UE, "84 01", {}),
    "PDN DISCONNECT REQUEST": (TWAG, f"85 09 05 27 0b {PCO} 58 24", {
        "pdn_id": "5", "pco.ipv4": "8.8.8.8", "cause": "36"}),
    "PDN DISCONNECT ACCEPT": (UE, f"86 09 27 0b {PCO}", {"pco.ipv4": "8.8.8.8"}),
    "PDN DISCONNECT REJECT": (TWAG, f"87 09 36 27 0b {PCO}", {"cause": "54",
                                                             "pco.ipv4": "8.8.8.8"}),
    "STATUS": (UE, "88 09 61", {"cause": "97"}),
    "PDN MODIFICATION REQUEST": (TWAG, f"89 0a 05 27 0b {PCO} 33 01 01", {
        "pdn_id": "5", "pco.ipv4": "8.8.8.8", "nbifom": "01"}),
    "PDN MODIFICATION ACCEPT": (UE, "8a 0a 33 01 02", {"nbifom": "02"}),
    "PDN MODIFICATION REJECT": (UE, "8b 0a 20 33 01 03", {"cause": "32", "nbifom": "03"}),
    "PDN MODIFICATION INDICATION": (UE, "8c 0b 05 33 01 04", {"pdn_id": "5", "nbifom": "04"}),
}
FIELDS = ("request_type", "pdn_type", "apn", "pco.ipv4", "nbifom", "n3g", "address.type",
          "address.interface_id", "address.ipv4", "pdn_id", "user_plane", "cause", "tw1",
          "tw1.seconds")
# The octets of each message that stand before the first optional element.
MANDATORY = {"81": 3, "82": 32, "83": 3, "84": 2, "85": 3, "86": 2, "87": 3, "88": 3, "89": 3,
             "8a": 2, "8b": 3, "8c": 3}


def octets(text):
    return bytes.fromhex(text.replace(" ", ""))


def other(end):
    return TWAG if end == UE else UE


class WiresharkCase(world.Case):
    def tshark(self, file, *words):
        done = subprocess.run([world.need("tshark"), "-n", "-X", f"lua_script:{SCRIPT}", "-r", file,
                               *words], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Lua", done.stderr)
        return done.stdout.splitlines()

    def capture(self, *messages, name="x.pcapng"):
        file = self.dir / name
        with pcapng.File(file) as made:
            for sender, message in messages:
                made.opened("wlcp", sender, other(sender), message)
        return file

    def fields(self, file, *names, words=()):
        asked = [word for name in names for word in ("-e", f"wlcp.{name}")]
        return [line.split("\t") for line in
                self.tshark(file, "-T", "fields", "-Y", "wlcp", *asked, *words)]


class MessagesTest(WiresharkCase):
    def test_every_message_and_element(self):
        """spec: TS 24.244 8.1 - type, PTI, then the elements."""
        file = self.capture(*((sender, octets(text)) for sender, text, _ in MESSAGES.values()))
        self.assertEqual(self.tshark(file, "-Y", world.BROKEN), [])
        self.assertEqual(self.tshark(file, "-Y", "wlcp.ie.skipped or wlcp.conditional"), [])
        rows = self.fields(file, "name", "type", "pti", *FIELDS)
        self.assertEqual(len(rows), len(MESSAGES))
        for row, (name, (_, text, want)) in zip(rows, MESSAGES.items()):
            self.assertEqual(row[0], name)
            self.assertEqual(int(row[1], 16), octets(text)[0])
            self.assertEqual(int(row[2]), octets(text)[1])
            came = {key: value for key, value in zip(FIELDS, row[3:]) if value}
            self.assertEqual(came, want, name)

    def test_truncated_ones_are_marked(self):
        """Cut anywhere within the mandatory part: an error; at the end of an element: none."""
        cuts = [(sender, octets(text)[:size], name, size)
                for name, (sender, text, _) in MESSAGES.items()
                for size in range(1, len(octets(text)))]
        file = self.capture(*(cut[:2] for cut in cuts))
        marked = {int(line) for line in
                  self.tshark(file, "-T", "fields", "-e", "frame.number", "-Y",
                              "wlcp.truncated or wlcp.mandatory")}
        self.assertEqual(self.tshark(file, "-Y", "_ws.lua.error"), [])
        for number, (_, message, name, size) in enumerate(cuts, 1):
            if size < MANDATORY[message[:1].hex()]:
                self.assertIn(number, marked, f"{name} cut at {size}: {message.hex()}")
        # Behind the mandatory part a cut is between two elements, or it is marked.
        clean = {(name, size) for number, (_, message, name, size) in enumerate(cuts, 1)
                 if number not in marked}
        self.assertEqual(clean & {("PDN CONNECTIVITY REJECT", size) for size in range(3, 25)},
                         {("PDN CONNECTIVITY REJECT", size) for size in (3, 16, 19)})

    def test_what_is_not_known_is_said(self):
        file = self.capture((UE, octets("c1 01")), (UE, octets("84 01 05 00")),
                            (UE, octets("84 01 44 01 00")), (UE, octets("84 ff")),
                            (UE, octets("85 01 05")), (UE, octets("81 01 37")),
                            (UE, octets("81 01 31 28 03 09 61 62")))
        experts = ("type.unknown", "ie.required", "ie.skipped", "pti.reserved", "conditional",
                   "mandatory", "ie.skipped")
        for number, expert in enumerate(experts, 1):
            self.assertIn(str(number), self.tshark(file, "-T", "fields", "-e", "frame.number", "-Y",
                                                   f"wlcp.{expert}"), expert)

    def test_another_table(self):
        file = self.capture((TWAG, octets("9f 09 36")), (TWAG, octets("83 01 1a 66 01 62")))
        change = ("-o", "wlcp.table:disconnect-reject number 0x9f; connectivity-reject pco -;"
                  "connectivity-reject tw1 O TLV 66")
        rows = self.fields(file, "name", "cause", "tw1.seconds", words=change)
        self.assertEqual(rows, [["PDN DISCONNECT REJECT", "54", ""],
                                ["PDN CONNECTIVITY REJECT", "26", "4"]])


class PlaceTest(WiresharkCase):
    def test_where_a_gateway_says_that_its_tunnel_is(self):
        """In a heartbeat, of either family; what is no place is none."""
        head = "9c41 000003e8" + 16 * " 5a"
        places = (head + "7f000001", head + "20010db8000000000000000000000007", head + "7f00", "")
        file = self.dir / "x.pcapng"
        with pcapng.File(file) as made:
            for text in places:
                data = bytes.fromhex("00007ed902") + octets(text)
                message = bytes.fromhex("3b000d000000000000000001 0100 13") + bytes([len(data)])
                message += data
                message += bytes(-len(message) % 8)
                made.datagram(("127.0.0.1", 4000), ("127.0.0.1", 5436),
                              message[:1] + bytes([len(message) // 8 - 1]) + message[2:])
        rows = self.tshark(file, "-X", f"lua_script:{BEHIND}", "-T", "fields", "-e", "mip6.mhtype",
                           *(word for name in ("port", "ipv4", "ipv6", "beats", "word")
                             for word in ("-e", f"latchkey_place.{name}")))
        beside = "\t1000\t" + 16 * "5a"
        self.assertEqual(rows, ["13\t40001\t127.0.0.1\t" + beside,
                                "13\t40001\t\t2001:db8::7" + beside,
                                "13\t\t\t\t\t", "13\t\t\t\t\t"])
        told = subprocess.run([str(world.LATCHKEY), "trace", "ladder", file], text=True,
                              capture_output=True, timeout=60).stdout
        self.assertIn("tunnel at 127.0.0.1 40001", told)
        self.assertIn("tunnel at 2001:db8::7 40001", told)
        self.assertEqual(told.count("tunnel at"), 2)


class Relay:
    """A path between a client and a server of UDP that keeps what it carries."""

    def __init__(self, server):
        self.seen = []
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", server))
        self.port = self.front.getsockname()[1]
        self.client = None
        for step in (self.there, self.back_again):
            threading.Thread(target=self.carry, args=(step,), daemon=True).start()

    def carry(self, step):
        while True:
            try:
                step()
            except ConnectionRefusedError:
                pass            # the server is not there yet: the client will repeat itself
            except OSError:
                return          # the test is over

    def there(self):
        packet, self.client = self.front.recvfrom(4096)
        self.seen.append((UE, packet))
        self.back.send(packet)

    def back_again(self):
        packet = self.back.recv(4096)
        self.seen.append((TWAG, packet))
        self.front.sendto(packet, self.client)


class OpenedTest(WiresharkCase):
    """DTLS of OpenSSL at both ends, on the port of WLCP as far as the capture says."""

    def handshake(self, suite):
        request = octets(MESSAGES["PDN CONNECTIVITY REQUEST"][1])
        keys = self.dir / "keys"
        port = world.free_port()
        psk = ["-dtls1_2", "-psk", KEY, "-psk_identity", "me", "-cipher", suite]
        openssl = world.need("openssl")
        server = subprocess.Popen(
            [openssl, "s_server", *psk, "-nocert", "-accept", f"127.0.0.1:{port}", "-keylogfile",
             keys, "-quiet"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, server)
        relay = Relay(port)
        self.addCleanup(relay.front.close)
        self.addCleanup(relay.back.close)
        client = subprocess.Popen([openssl, "s_client", *psk, "-connect",
                                   f"127.0.0.1:{relay.port}", "-quiet"], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, client)
        client.stdin.write(request)
        client.stdin.flush()
        came = b""
        while len(came) < len(request):
            part = server.stdout.read1(4096)
            self.assertTrue(part, "the server ended")
            came += part
        return keys.read_text(), list(relay.seen)

    def end(self, process):
        process.kill()
        process.communicate()

    def write(self, packets, secrets=None):
        file = self.dir / "dtls.pcapng"
        with pcapng.File(file) as made:
            if secrets is not None:
                made.secrets(secrets)
            for sender, packet in packets:
                made.datagram(sender, other(sender), packet)
        return file

    def test_dtls_is_opened(self):
        """By a secrets block and by a key log; where the suite is plain PSK also by the key."""
        for suite, plain in (("PSK-AES128-GCM-SHA256", True),
                             ("ECDHE-PSK-AES128-CBC-SHA256", False)):
            with self.subTest(suite):
                secrets, packets = self.handshake(suite)
                (self.dir / "log").write_text(secrets)
                for block, words, opened in (
                        (secrets, (), True), (None, (), False),
                        (None, ("-o", f"tls.keylog_file:{self.dir}/log"), True),
                        (None, ("-o", f"dtls.psk:{KEY}"), plain)):
                    rows = self.fields(self.write(packets, block), "name", "apn", words=words)
                    want = [["PDN CONNECTIVITY REQUEST", "internet"]] if opened else []
                    self.assertEqual(rows, want, words)


class JourneyTest(WiresharkCase):
    """The default journey's capture, as stock Wireshark opens it: every port is the standard's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.out = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.out.cleanup)
        subprocess.run([str(world.LATCHKEY), "journey", world.TOP / "journeys" / "default.yaml",
                        "--out", cls.out.name], check=True, timeout=60, stdout=subprocess.DEVNULL)
        cls.file = f"{cls.out.name}/journey.pcapng"

    def frames(self, shown, *fields, words=()):
        """Of the datagrams, not of the messages beside them in clear."""
        asked = [word for name in fields for word in ("-e", name)]
        return [line.split("\t") for line in
                self.tshark(self.file, "-X", f"lua_script:{BEHIND}", *words, "-T", "fields", *asked,
                            "-Y", f"frame.interface_id == 0 and ({shown})")]

    def opened(self, shown, port, field):
        """Of messages in clear that have an end at that port."""
        return self.tshark(self.file, "-T", "fields", "-e", field, "-Y",
                           f"frame.interface_id == 1 and {shown} and (exported_pdu.src_port == "
                           f"{port} or exported_pdu.dst_port == {port})")

    def test_nothing_is_broken(self):
        words = ("-X", f"lua_script:{BEHIND}", "-X", f"lua_script:{MIP}",
                 "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE")
        self.assertEqual(self.tshark(self.file, *words, "-Y", world.BROKEN), [])
        self.assertEqual(self.tshark(self.file, *words, "-Y", "_ws.lua.error"), [])
        # but for the download, whose packets are in a tunnel or a frame of the user plane
        self.assertEqual(self.tshark(self.file, *words, "-Y", "tcp and !(ip.addr == 192.0.2.80)"),
                         [])
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)

    def test_every_leg_is_there(self):
        for leg, least in (("ip.src_host matches \"[.]1$\" and ip.dst_host matches \"[.]3$\""
                            " and radius", 6),      # TWAP and AAA
                           ("ip.dst_host matches \"[.]1$\" and radius", 6),  # access point, TWAP
                           ("dtls and udp.port == 36411", 22), ("dtls and udp.port == 5436", 18),
                           ("eth and icmp", 12), ("udp.port == 5437 and icmp", 12)):
            self.assertGreaterEqual(len(self.frames(leg, "frame.number")), least, leg)
        for subtype in (1, 2, 4, 13):
            self.assertTrue(self.frames(f"eap.aka.subtype == {subtype}", "frame.number"), subtype)
        # what goes inside DTLS is there once in clear, too: each record once
        for name, port in (("wlcp", 36411), ("mipv6", 5436)):
            opened = self.opened(name, port, "frame.number")
            sent = self.frames(f"dtls.app_data and udp.port == {port}", "frame.number")
            self.assertEqual(len(opened), len(sent), name)
        asked = self.tshark(self.file, "-T", "fields", "-e", "json.value.string", "-Y", "json")
        self.assertTrue(any("browser" in line for line in asked))

    def test_dtls_is_decrypted(self):
        """With the secrets block of the capture and nothing else: each WLCP message comes out of
        its datagram as who ended the DTLS saw it."""
        inside = [name for (name,) in self.frames("dtls and wlcp", "wlcp.name")]
        opened = self.tshark(self.file, "-T", "fields", "-e", "wlcp.name", "-Y",
                             "frame.interface_id == 1 and wlcp")
        self.assertEqual(sorted(inside), sorted(opened))
        # again at the trusted WLAN twice; one may come again, as it was not heard in time
        self.assertIn(inside.count("PDN CONNECTIVITY ACCEPT"), (5, 6))
        self.assertEqual(inside.count("PDN DISCONNECT REQUEST"), 1)

    def test_binding_updates_of_our_gateway(self):
        """PBU, PBA and Heartbeats of our own MAG and LMA, in DTLS and in clear.
        spec: RFC 5213 8.1 - an update with the flag P, and who it is for."""
        updates = self.frames("dtls and mip6.mhtype == 5", "mip6.bu.p_flag", "mip6.mnid.identifier")
        self.assertGreaterEqual(len(updates), 4)
        for flag, identity in updates:
            self.assertEqual(flag, "1")
            self.assertIn("001010000000001@nai.epc", identity)
        answers = self.frames("dtls and mip6.mhtype == 6", "mip6.ba.p_flag", "mip6.ba.status")
        self.assertEqual([flag for flag, _ in answers], ["1"] * len(answers))
        self.assertGreaterEqual([status for _, status in answers].count("0"), 3)
        opened = self.opened("mipv6", 5436, "mip6.mhtype")
        beats = self.frames("dtls and mip6.mhtype == 13", "latchkey_place.port")
        self.assertTrue(any(port for (port,) in beats), beats)
        self.assertEqual(len(opened), len(updates) + len(answers) + len(beats))

    def test_without_the_secrets_nothing_is_decrypted(self):
        bare = self.dir / "bare.pcapng"
        subprocess.run([world.need("editcap"), "--discard-all-secrets", self.file, str(bare)],
                       check=True, timeout=60)
        shown = self.tshark(bare, "-X", f"lua_script:{BEHIND}", "-Y",
                            "frame.interface_id == 0 and (wlcp or mipv6)")
        self.assertEqual(shown, [])


if __name__ == "__main__":
    unittest.main()

"""Section ue.mip: a device registers with a home agent by a key of its USIM, moves, and keeps its
address. Daemons of both ends, over real sockets."""
import base64
import hmac
import os
import select
import socket
import struct
import subprocess
import threading
import time
import unittest

import bsf_test
import eap
import gba
import mip
import phone
import radsec
import visit
import wlan
import world

HA, UA, GATEWAY = "ha.example", "01000000f1", "10.64.0.1"
A, B = "127.0.0.21", "127.0.0.22"
AAA, AAA_UA = "aaa.example", "01000000f0"
REQUEST = 1


class Network(wlan.Wlan):
    """Trusted WLAN, BSF and an anchor that is home agent and NAF."""

    def __init__(self, certificates, **settings):
        self.mip_port, self.zn = world.free_port(), world.free_port(socket.SOCK_STREAM)
        self.ub = world.free_port(socket.SOCK_STREAM)
        path = certificates.path
        super().__init__(roles="[aaa, vault, twap, twag, anchor, bsf]", **{
            "bsf.port": self.ub, "bsf.zn_port": self.zn, "bsf.rate": 1000,
            "bsf.nafs": f"[{{name: {HA}, ua_ids: [\"{UA}\"], identity: true}}]",
            "bsf.certificate": path("bsf"), "bsf.key": path("bsf", "key"), "bsf.ca": path("ca"),
            "anchor.mip.port": self.mip_port, "anchor.mip.naf.name": HA,
            "anchor.mip.naf.bsf_port": self.zn, "anchor.mip.naf.certificate": path("ha"),
            "anchor.mip.naf.key": path("ha", "key"), "anchor.mip.naf.ca": path("ca"), **settings})

    def bindings(self):
        return self.ask(op="bindings")["bindings"]

    def kill_anchor(self):
        subprocess.run(["pkill", "-KILL", "-P", str(self.process.pid), "latchkey-anchor"],
                       check=True)


class Translator(threading.Thread):
    """Between a device and its home agent: datagrams leave from an address of its own, and only
    who was spoken to may answer."""

    def __init__(self, agent_port, outside="127.0.0.50"):
        super().__init__(daemon=True)
        self.inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inside.bind(("127.0.0.1", 0))
        self.port = self.inside.getsockname()[1]
        self.outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outside.bind((outside, 0))
        self.agent, self.device, self.ends = ("127.0.0.1", agent_port), None, False
        self.passes, self.kept_back = True, []

    def start(self, where=None):
        super().start()

    def run(self):
        while not self.ends:
            for ready in select.select([self.inside, self.outside], [], [], 0.05)[0]:
                octets, sender = ready.recvfrom(4096)
                if ready is self.inside and not self.passes:
                    if octets[0] == REQUEST:
                        self.kept_back.append(octets)
                elif ready is self.inside:
                    self.device = sender
                    self.outside.sendto(octets, self.agent)
                elif sender == self.agent and self.device is not None:
                    self.inside.sendto(octets, self.device)

    def stop(self):
        self.ends = True
        self.join()
        self.inside.close()
        self.outside.close()


class MipCase(world.Case):
    def setUp(self):
        super().setUp()
        self.certificates = radsec.Certificates(self.dir / "tls")
        self.certificates.ca("ca")
        self.certificates.make("bsf", gba.BSF, ca="ca")
        self.certificates.make("ha", HA, ca="ca")

    def begin(self, network=None, **settings):
        self.network = self.start(Network(self.certificates, **(network or {})))
        self.network.add(world.CARD)
        self.phone = self.start(self.device(**settings))

    def device(self, **settings):
        return phone.Phone(self.network, **{
            "ue.attach": "false", "ue.gba.bsf": gba.BSF, "ue.gba.port": self.network.ub,
            "ue.mip.home_agent_port": self.network.mip_port, "ue.mip.home_agent_name": HA,
            "ue.mip.places": f"[{{name: a, address: {A}}}, {{name: b, address: {B}}}, "
                             f"{{name: nowhere, address: 192.0.2.77}}, "
                             f"{{name: nat, address: {A}, care_of: 192.168.1.7}}]",
            **settings})

    def translated(self, **settings):
        self.begin()
        translator = Translator(self.network.mip_port)
        self.start(translator)
        self.phone.stop()
        self.phone.sets.update({"ue.mip.home_agent_port": translator.port, **settings})
        self.phone.again()
        return translator

    def does(self, op, **words):
        answer = self.phone.asks(op, **words)
        self.assertTrue(answer["ok"], answer)
        return answer

    def pings(self):
        """Through the tunnel. The first may be the one that the home agent's own question waits
        for: until then it lets three packets pass."""
        world.wait_for("a ping comes back", lambda: self.phone.asks(
            "mip-ping", to=GATEWAY, count=1)["received"] == 1, 20)

    def binding(self):
        row, = self.network.bindings()
        return row


class RegistrationTest(MipCase):
    def test_register_move_renew_release(self):
        """S4 7.3.5: bootstraps by itself; Ks_NAF of the home agent is the key."""
        self.begin()
        self.assertEqual(self.phone.asks("mip-status")["mip"], "idle")
        first = self.does("mip-register", at="a")
        self.assertEqual((first["mip"], first["at"], first["way"], first["tunnel"]),
                         ("registered", "a", "ha-naf", "udp"))
        row = self.binding()
        self.assertEqual((row["ipv4"], row["mag"], row["state"]),
                         (first["home-address"], A, "ACTIVE"))
        self.pings()
        moved = self.does("mip-move", at="b")
        self.assertEqual((moved["at"], moved["home-address"], moved["b-tid"]),
                         ("b", first["home-address"], first["b-tid"]))
        self.assertEqual(self.binding()["mag"], B)
        self.pings()
        renewed = self.does("mip-renew")    # T26, T30: another SPI, and no move
        self.assertEqual(renewed["spi-before"], moved["spi"])
        self.assertNotEqual(renewed["spi"], moved["spi"])
        self.assertNotEqual(renewed["b-tid"], moved["b-tid"])
        self.assertEqual(renewed["home-address"], first["home-address"])
        self.pings()
        status = self.phone.asks("mip-status")["counts"]
        self.assertEqual((status["registrations"], status["moves"], status["keys"]), (1, 1, 1))
        self.assertGreater(status["echoes"], 0)     # T13: the home agent's question was answered
        self.does("mip-release")
        self.assertEqual(self.binding()["state"], "NONE")
        self.assertIn("no tunnel", self.phone.asks("mip-ping", to=GATEWAY)["error"])
        again = self.does("mip-register", at="b")
        self.assertEqual(again["home-address"], first["home-address"])

    def test_keys_one_behind_the_other(self):
        """The BSF keeps one session of a subscriber a second: who asks so soon waits for the next,
        and is not refused."""
        self.begin()
        answers = [self.does("mip-register", at="a")]
        answers += [self.does("mip-renew") for _ in range(3)]
        self.assertEqual(len({answer["b-tid"] for answer in answers}), 4)
        self.does("gba-bootstrap")
        self.assertNotIn("gba.newer", self.network.text())

    def test_from_wlan_to_mobile_ip_and_back(self):
        """One row: the address of the PDN connection is the home address, whichever access."""
        self.begin()
        self.does("attach")
        bound = self.does("connect", **{"as": "browser", "apn": "internet", "type": "ipv4"})
        home = self.does("mip-register", at="a")["home-address"]
        self.assertEqual(home, bound["address"])
        self.pings()
        self.assertEqual(self.binding()["mag"], A)
        self.does("detach")
        self.pings()            # what the WLAN says late moves nothing
        self.assertEqual(self.binding()["ipv4"], home)
        self.does("attach")
        back = self.does("connect", **{"as": "browser", "apn": "internet", "type": "ipv4"})
        self.assertEqual(back["address"], home)
        world.wait_for("the row is the WLAN's", lambda: self.binding()["mag"] != A)
        self.does("mip-release")        # it ends the place that it names, where nobody is any more
        row = self.binding()
        self.assertEqual((row["ipv4"], row["state"], row["protocol"]), (home, "ACTIVE", "PMIPv6"))

    def test_behind_a_translator(self):
        """spec: RFC 3519 4.9 - the way through is kept open. The care-of address is not where
        datagrams come from; packets go back there."""
        self.translated(**{"ue.mip.keepalive_s": 1})
        answer = self.does("mip-register", at="nat")
        self.assertEqual(answer["care-of"], "192.168.1.7")
        self.pings()
        world.wait_for("the translator is kept awake", lambda: self.phone.asks(
            "mip-status")["counts"]["keepalives"] > 1, 20)
        self.pings()

    def test_it_lives_on_when_the_home_agent_dies(self):
        """Its associations are gone then: it asks the BSF again for the B-TID."""
        self.begin(**{"ue.mip.lifetime_s": 8})
        first = self.does("mip-register", at="a")
        self.network.kill_anchor()
        moved = self.does("mip-move", at="b", ms=40000)
        self.assertEqual((moved["home-address"], moved["b-tid"]),
                         (first["home-address"], first["b-tid"]))
        self.does("mip-status", renewals=1, ms=30000)
        self.pings()

    def test_keys_are_renewed_before_their_end(self):
        """T30: off-line, as section ue.gba renews; the binding goes on."""
        self.begin(network={"bsf.lifetime_s": 12})
        first = self.does("mip-register", at="a")
        self.does("mip-status", keys=1, ms=40000)
        world.wait_for("registered with it", lambda: self.phone.asks("mip-status")["mip"] ==
                       "registered")
        now = self.phone.asks("mip-status")
        self.assertNotEqual(now["b-tid"], first["b-tid"])
        self.assertEqual((now["home-address"], now["registered"]), (first["home-address"], True))
        self.pings()


    def test_t30_no_other_key_in_the_middle_of_a_move(self):
        """A bootstrapping while a move is under way: the move goes on with the key that proves,
        and the new one is in use behind it."""
        translator = self.translated()
        first = self.does("mip-register", at="a")
        translator.passes = False
        moved = []
        moving = threading.Thread(target=lambda: moved.append(
            self.phone.asks("mip-move", at="b", ms=39000)))
        moving.start()
        world.wait_for("a request is lost", lambda: translator.kept_back)
        time.sleep(1.1)         # a subscriber bootstraps once a second
        newer = self.does("gba-bootstrap")["b_tid"]
        self.assertNotEqual(newer, first["b-tid"])
        lost = len(translator.kept_back)
        world.wait_for("it asks again", lambda: len(translator.kept_back) > lost, 20)
        for request in translator.kept_back:
            self.assertIn(first["b-tid"].encode(), request)
            self.assertIn(struct.pack(">I", first["spi"]), request)
        translator.passes = True
        moving.join()
        self.assertEqual((moved[0]["ok"], moved[0]["home-address"]), (True, first["home-address"]))
        self.does("mip-status", keys=1, wait="registered")
        self.assertEqual(self.phone.asks("mip-status")["b-tid"], newer)
        self.assertEqual(self.binding()["ipv4"], first["home-address"])


class AaaHome(threading.Thread):
    """A home agent with the home AAA in it (RFC 3957), by another hand. It knows the card, so it
    can make the key that the device has with the AAA."""

    HOME, SPI, ALGORITHM, TIMESTAMPS = "10.64.0.99", 0x1001, 1, 2      # HMAC-MD5

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.05)
        self.port = self.socket.getsockname()[1]
        self.ends, self.key, self.asked, self.doubts = False, None, [], []

    def start(self, where=None):
        super().start()

    def stop(self):
        self.ends = True
        self.join()
        self.socket.close()

    def run(self):
        while not self.ends:
            try:
                octets, sender = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            if octets[0] != REQUEST:
                continue
            try:
                self.socket.sendto(self.answer(octets), sender)
            except AssertionError as doubt:
                self.doubts.append(doubt)

    @staticmethod
    def aaa_key(b_tid):
        rand = base64.b64decode(b_tid.partition(b"@")[0])
        card = eap.Milenage(bytes.fromhex(world.CARD.k), bytes.fromhex(world.CARD.opc))
        return gba.ks_naf(b"".join(card.f2345(rand)[1:3]), rand, gba.impi(world.CARD), AAA,
                          bytes.fromhex(AAA_UA))

    def answer(self, octets):
        found = {kind: (data, at) for kind, data, at in visit.extensions(octets)}
        reply = struct.pack(">BBH4s4sQ", 3, 0, min(600, int.from_bytes(octets[2:4], "big")),
                            socket.inet_aton(self.HOME), socket.inet_aton("127.0.0.1"),
                            int.from_bytes(octets[16:24], "big"))
        reply += mip.short(mip.UDP_REPLY, bytes([0, 0, 0, 0, 0, 110]))
        spi = self.SPI
        self.asked.append(sorted(found))
        if 42 in found:
            data, at = found[36]
            key = self.aaa_key(found[134][0][8:])
            made = hmac.new(key, octets[:at + 8], "sha256").digest()
            assert data[4:] == made and found[134][1] < found[42][1] < at, octets.hex()
            spi, nonce = int.from_bytes(found[42][0], "big"), os.urandom(16)
            self.key = hmac.new(key, nonce + found[mip.NAI][0], "sha1").digest()[:16]
            made = struct.pack(">IIIHH", 3600, int.from_bytes(data[:4], "big"), self.SPI,
                               self.ALGORITHM, self.TIMESTAMPS) + nonce
            reply += struct.pack(">BBH", 43, 1, len(made)) + made
            self.back = spi
        else:
            data, at = found[mip.MN_HA]
            made = hmac.new(self.key, octets[:at + 6], "md5").digest()
            assert data == struct.pack(">I", self.SPI) + made, octets.hex()
        reply += bytes([mip.MN_HA, 20]) + struct.pack(">I", self.back)
        return reply + hmac.new(self.key, reply, "md5").digest()


class AaaTest(MipCase):
    def test_the_key_is_with_the_home_aaa(self):
        """S4 7.3.4: Ks_NAF of the home AAA proves the request (36); MN-HA is made of the nonce that
        comes back, and asked for once (T30: no key in a move)."""
        home = AaaHome()
        self.start(home)
        self.begin(**{"ue.mip.home_agent_port": home.port, "ue.mip.way": "aaa",
                      "ue.mip.aaa_name": AAA})
        answer = self.does("mip-register", at="a")
        self.assertEqual((answer["way"], answer["home-address"], answer["spi"]),
                         ("aaa", home.HOME, home.SPI))
        self.does("mip-move", at="b")
        time.sleep(1.1)         # a subscriber bootstraps once a second
        self.does("mip-renew")
        self.does("mip-move", at="a")
        self.does("mip-release")
        self.assertEqual(home.doubts, [])
        self.assertEqual([42 in kinds for kinds in home.asked], [True, False, False, False])
        self.assertEqual([mip.MN_HA in kinds for kinds in home.asked], [False, True, True, True])


class ToldTest(MipCase):
    """S4 7.3.6, case 2: the BSF says which home agent it is, in an answer that proves itself."""

    TOLD = {"bsf.home_agent": HA, "bsf.home_agent_address": "127.0.0.1"}
    KNOWS_NOTHING = {"ue.mip.way": "bsf", "ue.mip.home_agent": "127.0.0.99",
                     "ue.mip.home_agent_name": "nobody.example"}

    def test_the_home_agent_that_the_bsf_names(self):
        self.begin(network=self.TOLD, **self.KNOWS_NOTHING)
        answer = self.does("mip-register", at="a")
        self.assertEqual((answer["way"], answer["home-agent"]), ("bsf", "127.0.0.1"))
        self.pings()
        self.does("mip-release")
        self.assertFalse(self.phone.asks("mip-register", way="ha-naf", ms=1500)["ok"]) # a control

    def test_t29_what_proves_nothing_names_nobody(self):
        """Somebody in the path alters the name, or the address: the body is not read."""
        self.begin(network=self.TOLD, **self.KNOWS_NOTHING)
        for was, now in ((b">ha.example<", b">hb.example<"), (b">127.0.0.1<", b">127.0.0.6<")):
            with self.subTest(now), bsf_test.Between(
                    self.network.ub, lambda octets: octets.replace(was, now)) as between:
                self.phone.stop()
                self.phone.sets["ue.gba.port"] = between.port
                self.phone.again()
                answer = self.phone.asks("mip-register", at="a")
                self.assertEqual(answer["reason"], "gba.unproven", answer)
            time.sleep(1.1)     # a subscriber bootstraps once a second
        self.assertEqual(self.network.bindings(), [])

    def test_a_bsf_that_names_nobody(self):
        self.begin(**self.KNOWS_NOTHING)
        answer = self.phone.asks("mip-register", at="a")
        self.assertEqual(answer["reason"], "mip.home-agent-untold", answer)


class Agent:
    """A foreign agent that advertises, and takes requests."""

    CHALLENGE = bytes(range(8))

    def __init__(self, care_of="127.0.0.40"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((care_of, 0))
        self.socket.settimeout(10)
        self.address, self.port = self.socket.getsockname()

    def start(self, where=None):
        pass

    def stop(self):
        self.socket.close()

    def advertisement(self, flags=0x9180, sequence=1):
        own = socket.inet_aton(self.address)
        icmp = struct.pack(">BBHBBH4sI", 9, 16, 0, 1, 2, 60, own, 0)
        icmp += struct.pack(">BBHHH4s", 16, 10, sequence, 600, flags, own)
        icmp += bytes([24, len(self.CHALLENGE)]) + self.CHALLENGE
        icmp = icmp[:2] + mip.pmip.checksum(icmp).to_bytes(2, "big") + icmp[4:]
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0, 1, 1, 0, own,
                           b"\xff" * 4)
        head = head[:10] + mip.pmip.checksum(head).to_bytes(2, "big") + head[12:]
        return b"\4\4\0\0" + head + icmp

    def solicited(self):
        """By whom; the packet is one hop's."""
        octets, sender = self.socket.recvfrom(4096)
        assert octets[:4] == b"\4\4\0\0" and octets[4 + 8:4 + 10] == b"\1\1", octets.hex()
        assert mip.pmip.checksum(octets[4:24]) == 0 and octets[24:] == bytes.fromhex(
            "0a00f5ff00000000"), octets.hex()
        return sender


class AgentTest(MipCase):
    def test_its_advertisement_says_where_we_are(self):
        """spec: RFC 5944 2.4 - asked for, one hop far; care-of address and challenge are its own,
        and the request goes to it."""
        agent = Agent()
        self.start(agent)
        self.begin(**{"ue.mip.places": f"[{{name: fa, address: {A}, agent: {agent.address}, "
                                       f"agent_port: {agent.port}}}]"})
        asking = threading.Thread(target=lambda: self.phone.asks("mip-register", ms=4000))
        asking.start()
        sender = agent.solicited()
        self.assertEqual(sender[0], A)
        self.assertEqual(agent.solicited(), sender)     # it asks again
        agent.socket.sendto(agent.advertisement(flags=0xd180), sender)  # busy
        agent.socket.sendto(agent.advertisement(), sender)
        while (request := agent.socket.recv(4096))[0] != 1:
            pass
        self.assertEqual(socket.inet_ntoa(request[12:16]), agent.address)
        self.assertEqual(request[1], 2)     # a reverse tunnel; no co-located address
        self.assertIn(bytes([132, 8]) + Agent.CHALLENGE, request)
        self.assertNotIn(bytes([144, 6]), request[24:60])
        asking.join()
        self.assertEqual(self.phone.asks("mip-status")["last-refusal"]["reason"],
                         "mip.advertisement")

    def test_no_agent(self):
        self.begin(**{"ue.mip.places": f"[{{name: a, address: {B}}}, {{name: fa, address: {A}, "
                                       f"agent: 127.0.0.40, agent_port: {world.free_port()}}}]"})
        answer = self.phone.asks("mip-register", at="fa")
        self.assertEqual((answer["reason"], answer["mip"]), ("mip.advertisement", "idle"))
        self.assertRegex(answer["came"], r"^nothing listens at 127\.0\.0\.40 port \d+$")
        self.assertIn("role fa runs", answer["fix"])
        self.assertEqual(answer["at"], "fa")
        self.phone.wait_line(r"refused .*at=fa")
        self.does("mip-register", at="a")
        spi = self.phone.asks("mip-status")["spi"]
        self.assertIn(f"\n  SPI {spi}, Ks_NAF of {HA}\n",
                      self.phone.command("ue", "mip-status", "--socket", self.phone.socket).stdout)
        self.assertFalse(self.phone.asks("mip-move", at="fa")["ok"])
        self.assertEqual(self.phone.text().count("at=fa"), 2)
        self.assertEqual(self.phone.asks("mip-status")["at"], "a")  # where it still is


class ForeignAgentTest(MipCase):
    """With role fa, which is between."""

    ONE, TWO = "127.0.0.17", "127.0.0.18"

    def begin(self):
        super().begin(network={"anchor.mip.agents": "[" + ", ".join(
            visit.agents_row(at, name=at) for at in (self.ONE, self.TWO)) + "]"})
        self.agents = [self.start(visit.ForeignAgent(at, self.network.mip_port))
                       for at in (self.ONE, self.TWO)]
        places = [f"{{name: fa-{n}, address: {at}, agent: {agent.address}, "
                  f"agent_port: {agent.mip_port}}}"
                  for n, at, agent in zip((1, 2), (A, B), self.agents)]
        self.phone.stop()
        self.phone.sets["ue.mip.places"] = \
            f"[{{name: own, address: {A}}}, {', '.join(places)}]"
        self.phone.again()

    def test_from_agent_to_agent_to_a_place_of_its_own(self):
        self.begin()
        first = self.does("mip-register", at="fa-1")
        self.assertEqual((first["care-of"], first["tunnel"]), (self.ONE, "agent"))
        self.assertEqual(self.binding()["mag"], self.ONE)
        self.pings()
        second = self.does("mip-move", at="fa-2")
        self.assertEqual((second["care-of"], second["home-address"]),
                         (self.TWO, first["home-address"]))
        self.pings()
        self.assertEqual(self.does("mip-move", at="own")["home-address"], first["home-address"])
        self.assertEqual(self.binding()["mag"], A)
        self.pings()
        back = self.does("mip-move", at="fa-1")     # another challenge
        self.assertEqual(back["home-address"], first["home-address"])
        self.pings()
        self.does("mip-release")
        self.assertEqual(self.binding()["state"], "NONE")

    def test_t13_it_is_found_where_it_has_moved_to(self):
        """The home agent asks where it is before it answers, and it is still behind the agent: it
        answers that, too, so nothing that follows is kept from it."""
        self.begin()
        self.does("mip-register", at="fa-1")
        self.pings()
        before = self.phone.asks("mip-status")["counts"]["echoes"]
        self.does("mip-move", at="own")
        world.wait_for("it has answered", lambda: self.phone.asks(
            "mip-status")["counts"]["echoes"] > before)
        self.assertEqual(self.phone.asks("mip-status")["counts"]["strangers"], 0)

    def test_a_refusal_of_the_agent(self):
        """It is told with its code; the registration that there is goes on."""
        self.begin()
        first = self.does("mip-register", at="own")
        self.network.stop()
        answer = self.phone.asks("mip-move", at="fa-1", ms=2500)
        self.assertFalse(answer["ok"])
        self.assertIn(answer["reason"], ("mip.refused", "mip.no-answer"), answer)
        self.assertEqual(answer["home-address"], first["home-address"])


if __name__ == "__main__":
    unittest.main()

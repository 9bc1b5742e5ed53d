"""Mobile IP in an anchor's capture: ladder, causes and keys as the command tells them, and tshark
on the same messages. The mobile node is of another hand."""
import json
import subprocess
import sys
import time
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "lib"))
import mip  # noqa: E402
import pcapng  # noqa: E402
import world  # noqa: E402
from mip_test import A, B, GATEWAY, KEYS, MipCase  # noqa: E402


def trace(what, file, *words):
    done = subprocess.run([str(world.LATCHKEY), "trace", what, str(file), "--json", *words],
                          text=True, capture_output=True)
    return json.loads(done.stdout)


def fields(message, name):
    return [field["value"] for field in message["fields"] if field["name"] == name]


def signalling(run):
    return [message for message in run["messages"] if message["name"].startswith("Registration")]


def replaced(octets, at, what):
    return octets[:at] + what + octets[at + len(what):]


class MipTraceCase(MipCase):
    def agent(self, **settings):
        self.file = self.dir / "anchor.pcapng"
        return super().agent(**{"capture.file": self.file, "capture.secrets": "true", **settings})

    def runs(self):
        return trace("ladder", self.file)["runs"]

    def causes(self, run):
        """Of that run, the first cause and how certain; its evidence."""
        told = trace("explain", self.file)[run]
        self.assertTrue(told["causes"], told)
        first = told["causes"][0]
        return first["cause"], first["certainty"], first["evidence"]


class LadderTest(MipTraceCase):
    def test_every_message_and_what_tshark_says_of_it(self):
        """spec: RFC 5944 3.3 - a registration, an echo in its tunnel, a deregistration; code,
        addresses, lifetime and authenticator as tshark reads them, on a port that is not 434."""
        node = self.node(self.agent())
        reply = node.register()
        self.assertTrue(node.ping(GATEWAY))
        over = node.register(lifetime=0)
        runs = self.runs()
        self.assertEqual([(run["kind"], run["outcome"]) for run in runs],
                         [("registration", "accepted")] * 2)
        asked, told = signalling(runs[0])
        self.assertEqual([(m["name"], m["from_lane"], m["to_lane"]) for m in (asked, told)],
                         [("Registration Request", "MN", "Anchor"),
                          ("Registration Reply", "Anchor", "MN")])
        self.assertIn("no home address yet, care-of 127.0.0.9, 600 s, UDP tunnel, Mobile-Home 256",
                      asked["summary"])
        self.assertIn(f"0 registration accepted, home {reply.home}, 600 s, UDP tunnel",
                      told["summary"])
        self.assertEqual(runs[0]["registration"]["home"], reply.home)
        self.assertEqual(runs[0]["registration"]["care_of"], "127.0.0.9")
        self.assertEqual({m["name"] for m in runs[0]["messages"]} - {asked["name"], told["name"]},
                         {"Echo request", "Echo reply"})
        self.assertIn("deregisters", runs[1]["messages"][0]["summary"])
        self.judged([reply, over], runs)

    def judged(self, replies, runs):
        names = ("mip.type", "mip.code", "mip.life", "mip.homeaddr", "mip.coa", "mip.auth.spi",
                 "mip.auth.auth", "mip.nattt.nexthdr")
        lines = [dict(zip(names, line.split("\t")))
                 for line in world.tshark(self.file, "-Y", "mip", "-T", "fields",
                                          *(word for name in names for word in ("-e", name)))]
        said = [line for line in lines if line["mip.type"] == "3"]
        for line, reply in zip(said, replies, strict=True):
            self.assertEqual((line["mip.code"], line["mip.life"], line["mip.homeaddr"]),
                             (str(reply.code), str(reply.lifetime), reply.home))
            self.assertEqual(line["mip.auth.auth"], reply.extensions[mip.MN_HA][4:].hex())
        self.assertEqual([line["mip.coa"] for line in lines if line["mip.type"] == "1"],
                         ["127.0.0.9"] * 2)
        tunnels = [line for line in lines if line["mip.type"] == "4"]
        self.assertEqual(len(tunnels), sum(run["registration"]["packets"] for run in runs))
        self.assertEqual({line["mip.nattt.nexthdr"] for line in tunnels}, {"4"})
        self.assertEqual(len(lines), sum(len(run["messages"]) for run in runs))
        self.assertTrue(world.tshark(self.file, "-Y", "mip && icmp"))
        self.assertEqual(world.tshark(self.file, "-Y", world.BROKEN), [])

    def test_what_the_key_log_makes_of_an_authenticator(self):
        """spec: RFC 5944 3.5.1 - it is made again; control: a capture without keys."""
        for secrets, wanted in (("true", "; calculated again: the same"), ("false", "")):
            self.file = self.dir / "anchor.pcapng"
            self.file.unlink(missing_ok=True)
            daemon = self.agent(**{"capture.secrets": secrets})
            self.assertEqual(self.node(daemon).register().code, 0)
            for message in signalling(self.runs()[0]):
                value, = fields(message, "Mobile-Home Authentication")
                self.assertTrue(value.endswith(f"octets{wanted}"), value)
            self.assertEqual(KEYS[A].encode().hex().encode() in self.file.read_bytes(),
                             secrets == "true")
            daemon.stop()

    def test_keys(self):
        """Each association has its row; values are told to who asks for them alone."""
        self.assertEqual(self.node(self.agent()).register().code, 0)
        rows = trace("keys", self.file)[-1]["keys"]
        self.assertEqual([(key["name"], key["detail"]) for key in rows],
                         [("MN-HA key", f"SPI 256, of {imsi}; makes {count} authenticators again")
                          for imsi, count in zip(KEYS, (2, 0))])
        self.assertFalse([key for key in rows if "value" in key])
        rows = trace("keys", self.file, "--show-keys")[-1]["keys"]
        self.assertEqual([key["value"] for key in rows],
                         [key.encode().hex() for key in KEYS.values()])

    def test_legs(self):
        """What is not asked for is not written."""
        daemon = self.agent(**{"capture.legs": "[mip-agents]"})
        self.assertEqual(self.node(daemon).register().code, 0)
        self.assertEqual(trace("ladder", self.file)["runs"], [])

    def test_between_agents(self):
        """A foreign agent's messages are of the leg between agents, and have its lane."""
        agents = '[{name: fa, addresses: [127.0.0.8], key: "the key of two agents", spi: 300}]'
        daemon = self.agent(**{"capture.legs": "[mip-agents]", "anchor.mip.agents": agents})
        by_fa, alone = self.node(daemon, local="127.0.0.8"), self.node(daemon, B)
        self.assertEqual(alone.register().code, 0)
        by_fa.give(by_fa.request(flags=0x02))       # without Foreign-Home, which is a must
        run, = self.runs()
        self.assertEqual((run["messages"][0]["from_lane"], run["messages"][0]["to_lane"]),
                         ("Foreign agent", "Anchor"))


class WhyTest(MipTraceCase):
    """spec: RFC 5944 3.8.2.1 - why a code; each with a registration that is accepted beside it."""

    def test_another_key(self):
        node = self.node(self.agent())
        self.assertEqual(node.register(key="the key of nobody at all").code, 131)
        cause, certainty, _ = self.causes(0)
        self.assertEqual((cause, certainty), ("mip-key", "proven"))

    def test_t10_altered_on_the_way(self):
        """T10: the care-of address was changed by who has no key: which it was is proven."""
        node = self.node(self.agent())
        request = node.request(care_of="127.0.0.66")
        self.assertEqual(node.give(node.request()).code, 0)
        time.sleep(0.002)
        right = node.request()
        self.assertEqual(node.give(replaced(right, 12, request[12:16])).code, 131)
        cause, certainty, evidence = self.causes(1)
        self.assertEqual((cause, certainty), ("mip-altered", "proven"))
        self.assertIn("care-of address 127.0.0.9, where 127.0.0.66 stands", evidence)

    def test_t22_another_algorithm(self):
        """T22: the right key by HMAC-MD5, where SHA-256 is agreed."""
        node = self.node(self.agent())
        self.assertEqual(node.register(algorithm="hmac-md5").code, 131)
        cause, certainty, evidence = self.causes(0)
        self.assertEqual((cause, certainty), ("mip-algorithm", "proven"))
        self.assertIn("is HMAC-MD5 with the right key", evidence)
        self.assertIn("HMAC-SHA-256", evidence)

    def test_a_clock_that_is_behind(self):
        node = self.node(self.agent())
        self.assertEqual(node.register(identification=mip.ntp(time.time() - 240)).code, 133)
        cause, certainty, evidence = self.causes(0)
        self.assertEqual((cause, certainty), ("mip-clock", "proven"))
        self.assertRegex(evidence, r"is (239|24[01]) s behind the agent's clock")

    def test_t11_a_replay(self):
        """T11: what was recorded comes again, from elsewhere, behind a newer one."""
        daemon = self.agent()
        node, thief = self.node(daemon), self.node(daemon, local="127.0.0.66")
        old = node.request()
        self.assertEqual(node.give(old).code, 0)
        time.sleep(0.002)
        self.assertEqual(node.register().code, 0)
        self.assertEqual(thief.give(old).code, 133)
        cause, certainty, evidence = self.causes(2)
        self.assertEqual((cause, certainty), ("mip-replay", "proven"))
        self.assertIn("is message 1 again, octet by octet", evidence)

    def test_what_the_agent_says(self):
        """Home agent, tunnel, home address: what it says is proven by its authenticator."""
        daemon = self.agent()
        for how, code, cause in (({"agent": "192.0.2.66"}, 136, "mip-home-agent"),
                                 ({"flags": 0x2a}, 139, "mip-tunnel")):
            self.assertEqual(self.node(daemon).register(**how).code, code)
            self.assertEqual(self.causes(-1)[:2], (cause, "proven"))
        node = self.node(daemon)
        self.assertEqual(node.register(home="10.64.0.77").code, 129)
        self.assertEqual(self.causes(-1)[0], "mip-home-address")

    def test_nobody_answers(self):
        """An SPI that nobody has."""
        node = self.node(self.agent())
        self.assertIsNone(node.give(node.request(spi=999), seconds=1))
        cause, certainty, evidence = self.causes(0)
        self.assertEqual((cause, certainty), ("mip-spi", "possible"))
        self.assertIn("SPI 999", evidence)


class PageTest(world.Case):
    """Of a capture that another hand wrote."""

    def page(self, packets):
        node, agent = ("127.0.0.9", 40000), ("127.0.0.1", 434)
        request = bytes.fromhex("01220258 00000000 7f000001 7f000009 e0c58d3a9b7f1c42")
        reply = bytes.fromhex("03000258 0a400002 7f000001 e0c58d3a9b7f1c42")
        inside = pcapng.udp(("10.64.0.2", 5000), ("192.0.2.80", 80), b"x" * 40)
        file = self.dir / "x.pcapng"
        with pcapng.File(file) as made:
            made.datagram(node, agent, request + mip.short(mip.NAI, b"a@b.example"))
            made.datagram(agent, node, reply)
            for _ in range(packets):
                made.datagram(node, agent, bytes.fromhex("04040000") + inside)
        subprocess.run([str(world.LATCHKEY), "trace", "ladder", file, "--html",
                        self.dir / "x.html"], check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run([str(world.LATCHKEY), "trace", "ladder", file], check=True,
                              text=True, capture_output=True).stdout
        self.assertEqual(text.count("protocol 17 (UDP)"), packets)
        return (self.dir / "x.html").read_text()

    def test_packets_of_a_tunnel_are_one_rung(self):
        """It opens, and has no more of them than one reads; the ladder as text has all."""
        for packets, shown in ((40, 40), (100, 40), (2, 2)):
            page = self.page(packets)
            self.assertEqual(page.count("protocol 17 (UDP)</b>"), shown)
            self.assertEqual("and 60 more" in page, packets == 100)
            self.assertEqual("<b>Packets of the tunnel</b>" in page, packets > 2)
        self.assertIn("100 datagrams, 7200 octets", self.page(100))


if __name__ == "__main__":
    unittest.main()

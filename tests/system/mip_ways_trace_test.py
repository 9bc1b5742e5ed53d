"""The four ways to the keys of Mobile IP in captures of the network: every authenticator is made
again, by keys of the capture or, in the way `aaa`, of nonces in the replies; the key tree says what
comes of what, and who can compute it; the ladder, who asks whom for which key."""
import json
import subprocess
import unittest

import fa_keys_test
import mip
import mip6_test
import mip_ways_test
import revoke_test
import world

A, AAA, HA, FA = mip_ways_test.A, mip_ways_test.AAA, mip_ways_test.HA, fa_keys_test.FA
SCRIPT = world.TOP / "conf" / "wireshark" / "mip.lua"
PROOFS = ("Mobile-Home Authentication", "Mobile-Foreign Authentication",
          "Foreign-Home Authentication", "MN-AAA Authentication", "MN-HA authentication")
SAME = "; calculated again: the same"


def trace(what, file, *words):
    done = subprocess.run([str(world.LATCHKEY), "trace", what, str(file), "--json", *words],
                          text=True, capture_output=True)
    return json.loads(done.stdout)


class Seen:
    """Mixed into cases with daemons whose capture is self.file."""

    secrets = "true"

    def captured(self, *legs):
        self.file = self.dir / "seen.pcapng"
        return {"capture.file": self.file, "capture.secrets": self.secrets,
                "capture.legs": f"[{', '.join(legs)}]"}

    def runs(self):
        return trace("ladder", self.file)["runs"]

    def proofs(self):
        """Each authenticator in the capture: its name, and what is said of it."""
        return [(field["name"].partition(" ")[0], field["value"]) for run in self.runs()
                for message in run["messages"] for field in message["fields"]
                if field["name"] in PROOFS]

    def all_are_made_again(self, **wanted):
        """As many of each kind; tshark finds nothing wrong with any message."""
        proofs = self.proofs()
        for name, value in proofs:
            self.assertTrue(value.endswith(SAME), (name, value))
        kinds = [name for name, _ in proofs]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds},
                         {kind.replace("_", "-"): count for kind, count in wanted.items()})
        for wrong in (world.BROKEN, "_ws.lua.error"):
            self.assertEqual(world.tshark(self.file, "-X", f"lua_script:{SCRIPT}", "-Y", wrong), [])
        types = world.tshark(self.file, "-X", f"lua_script:{SCRIPT}", "-Y",
                             "mip.type == 1 or mip.type == 3 or mip6.mhtype", "-T", "fields", "-e",
                             "frame.number")
        messages = [message for run in self.runs() for message in run["messages"]
                    if message["name"].startswith(("Registration", "Binding"))]
        self.assertEqual(len(types), len(messages))

    def tree(self, *words):
        return trace("keys", self.file, *words)[-1]["keys"]

    def one_of_the_tree(self, name, parent, detail, who, **more):
        rows = [key for key in self.tree() if key["name"] == name]
        self.assertEqual(len(rows), 1, rows)
        row = rows[0]
        self.assertEqual((row.get("parent"), row["can_compute"], row["operator"]),
                         (parent, who, True))
        self.assertRegex(row["detail"], detail)
        for word, value in more.items():
            self.assertEqual(row[word], value)
        return row

    def questions(self):
        return [(message["name"], message["summary"], message["from_lane"], message["to_lane"])
                for run in self.runs() for message in run["messages"]
                if message["protocol"] == "RADIUS"]


class NetworkTest(Seen, mip_ways_test.Bootstrapped):
    """The node is of another hand, so that all keys are those of the network."""

    def begin(self, **settings):
        super().begin(**settings, **self.captured("aaa", "mip", "mip-agents"))

    def twice(self, node, reply):
        self.assertEqual(reply.code, 0)
        self.assertEqual(node.register().code, 0)

    def test_ha_naf(self):
        """spec: S4 7.3.5 - MN-HA is the Ks_NAF of the home agent; the AAA has no part in it."""
        self.begin(**self.ha_is_naf())
        self.twice(*self.by_mobile_home())
        self.all_are_made_again(Mobile_Home=4)
        self.one_of_the_tree("MN-HA key", "Ks_NAF", "^SPI 777, of 0010.*makes 4 authenticators",
                             ["device", "bsf", "naf-or-af"], naf_or_af=HA)
        self.assertEqual(self.questions(), [])

    def test_bsf(self):
        """spec: S4 7.3.6 - the name of the home agent is the BSF's word, and all else as before."""
        self.begin(**self.ha_is_naf())
        self.twice(*self.by_mobile_home(spi=778))
        self.all_are_made_again(Mobile_Home=4)
        self.one_of_the_tree("Ks_NAF", None, f"^{HA}, 01000000f1", ["device", "bsf", "naf-or-af"])

    def test_aaa(self):
        """spec: RFC 3957 5 - of Ks_NAF of the AAA and the nonce in the reply comes MN-HA: the
        capture's lines have it from the home agent, and the tree, from the nonce."""
        self.begin(**self.aaa_is_naf())
        self.twice(*self.by_mn_aaa())
        self.all_are_made_again(Mobile_Home=3, MN_AAA=1)
        self.one_of_the_tree("MN-AAA key", "Ks_NAF", "^SPI 4096, of .*makes 1 authenticator ",
                             ["device", "bsf", "naf-or-af"], naf_or_af=AAA)
        self.one_of_the_tree("MN-HA key", "MN-AAA key",
                             r"^SPI \d+ and 600, of .*makes 3 .*; nonce of message \d+$",
                             ["device", "bsf", "naf-or-af", "home-agent"], octets=16)
        asked, told = self.questions()
        self.assertEqual((asked[0], told[0]), ("Access-Request", "Access-Accept"))
        self.assertRegex(asked[1], f"^home agent {HA} asks for keys of nonces, SPI 600, 0{A}@")
        self.assertRegex(told[1], "^to the home agent, MN-HA key of a nonce, SPI [0-9]+, for ")
        self.assertEqual((asked[2:], told[2:]), (("Anchor", "AAA server"),
                                                 ("AAA server", "Anchor")))

    def test_pushed(self):
        """spec: S4 7.3.6 - the home AAA has asked in the home agent's name: it can compute it."""
        self.begin(**self.pushes())
        self.twice(*self.by_mobile_home())
        self.all_are_made_again(Mobile_Home=4)
        self.one_of_the_tree("MN-HA key", "Ks_NAF", "pushed by the home AAA; makes 4 ",
                             ["device", "bsf", "naf-or-af", "home-aaa"], naf_or_af=HA)
        self.assertRegex(self.questions()[0][1], "^home agent .* asks for the key that proves it, "
                                                 "SPI 777")

    def test_who_is_refused(self):
        """Another's key: why is in the AAA's answer, which stands in the registration's ladder."""
        self.begin(**self.aaa_is_naf())
        self.assertIsNone(self.by_mn_aaa(key=b"x" * 32)[1])
        run, = self.runs()
        self.assertEqual(run["kind"], "registration")
        self.assertIn(("Access-Reject", "mip.mn-aaa", "AAA server", "Anchor"), self.questions())
        self.assertIn(("MN-AAA", "another"), [(name, value.rpartition(": ")[2])
                                              for name, value in self.proofs()])

    def test_without_secrets(self):
        """Control: no key is in the file, and nothing is made again; who asked whom is told."""
        self.secrets = "false"
        self.begin(**self.aaa_is_naf())
        self.twice(*self.by_mn_aaa())
        self.assertEqual([value for _, value in self.proofs() if "calculated" in value], [])
        self.assertEqual(len(self.questions()), 2)
        key = self.key(AAA, mip_ways_test.UA_AAA)
        for form in (key, key.hex().encode()):
            self.assertNotIn(form, self.file.read_bytes())
        self.assertNotIn("MN-AAA key", [key["name"] for run in trace("keys", self.file)
                                        for key in run["keys"]])


class WhyTest(Seen, mip_ways_test.AllowedTest):
    """Why the home says no: each with a registration that it says nothing against (control)."""

    def begin(self, *legs, **settings):
        super().begin(**settings, **self.captured(*(legs or ("aaa", "mip"))))
        self.daemon.add(world.CARD)

    def causes(self, run=-1):
        return [(cause["cause"], cause["certainty"], cause["evidence"], cause["clause"],
                 cause["fix"]) for cause in trace("explain", self.file)[run]["causes"]]

    def cause(self, code, certainty, evidence):
        """The first one, with a clause and a fix."""
        first, = self.causes()[:1]
        self.assertEqual(first[:2], (code, certainty))
        self.assertRegex(first[2], evidence)
        self.assertTrue(first[3] and first[4])

    def good(self, ask, **how):
        self.assertEqual(ask(**how)[1].code, 0)
        self.assertEqual(self.causes(), [])
        self.assertRegex(trace("explain", self.file)[-1]["where"],
                         r"^Registered, home .* (\d+) of \1 authenticators are made again")

    def test_another_key_with_the_aaa(self):
        self.begin(**self.aaa_is_naf())
        self.assertIsNone(self.by_mn_aaa(key=b"x" * 32)[1])
        self.cause("mip-aaa", "proven", "MN-AAA authenticator of message 1|a proof by the key")
        self.good(self.by_mn_aaa, local="127.0.0.22")

    def test_t27_the_b_tid_of_another(self):
        self.begin(**self.aaa_is_naf())
        self.assertIsNone(self.by_mn_aaa(imsi=mip_ways_test.B)[1])
        self.cause("mip-b-tid", "proven", "expected a B-TID that .* AAA says mip.b-tid to the home")
        self.good(self.by_mn_aaa, local="127.0.0.22")

    def test_a_way_that_is_not_his(self):
        self.begin(**self.pushes())
        self.allow("aaa", only=self.daemon)
        self.assertIsNone(self.by_mobile_home()[1])
        self.cause("mip-way", "proven", "may use; found pushed; the AAA says mip.way")
        self.good(self.by_mn_aaa, local="127.0.0.22")
        self.allow("pushed", only=self.daemon)
        self.assertIsNone(self.by_mn_aaa(local="127.0.0.23")[1])
        self.cause("mip-way", "proven", "found aaa; ")

    def test_an_aaa_that_is_silent(self):
        self.begin(**self.aaa_is_naf(), **{"anchor.mip.aaa.port": world.free_port(),
                                           "anchor.mip.aaa.timeout_ms": 100})
        self.assertIsNone(self.by_mn_aaa()[1])
        self.cause("mip-aaa-silent", "proven", "expected an answer to message .*; found none")

    def test_another_agents_name(self):
        self.begin(**self.aaa_is_naf(), **{"anchor.mip.aaa.name": "other.example"})
        self.assertIsNone(self.by_mn_aaa()[1])
        self.cause("mip-client", "proven", "AAA says mip.client to the home agent other.example")

    def test_no_key_of_that_spi(self):
        self.begin()
        self.assertIsNone(self.by_mn_aaa()[1])
        self.cause("mip-aaa-spi", "proven", "expected a key of SPI 4096, .*AAA says mip.spi-unkn")

    def test_what_the_capture_has_not(self):
        """Control: without leg aaa nothing of it is proven."""
        self.begin("mip", **self.pushes())
        self.allow("aaa", only=self.daemon)
        self.assertIsNone(self.by_mobile_home()[1])
        codes = {cause[0]: cause[1] for cause in self.causes()}
        self.assertEqual({codes["mip-way"], codes["mip-b-tid"]}, {"possible"})
        self.assertNotIn("proven", codes.values())

    test_the_way_that_is_not_his = test_the_bsf_gives_no_key_for_it = None


class ForeignAaaTest(Seen, fa_keys_test.AaaTest):
    """Two daemons write one file: the network, and the foreign agent."""

    def home(self, **settings):
        return super().home(**settings, **self.captured("aaa", "mip-agents"))

    def test_keys_of_nonces_with_both_agents(self):
        """spec: RFC 3957 6.2 - 32, 33, 34 and 36 of a node behind a foreign agent."""
        agent = self.begin(**self.captured("aaa", "mip"))
        node = fa_keys_test.visitor_of(self, agent)
        node.solicit()
        reply = node.ask_keys(fa_keys_test.KEY, mn_ha=600, mn_fa=700)
        self.assertEqual(reply.code, 0)
        node.foreign = (reply.mn_fa.agent_spi, mip.rfc3957(
            fa_keys_test.KEY, reply.mn_fa.nonce, node.nai), "hmac-md5")
        self.assertEqual(node.register().code, 0)
        # on both legs each way: 32 behind the first request, in which 36 stands for it
        self.all_are_made_again(Mobile_Home=6, Mobile_Foreign=3, Foreign_Home=4, MN_AAA=2)
        for name, agents, spi in (("MN-HA key", "home-agent", 600),
                                  ("MN-FA key", "foreign-agent", 700)):
            self.one_of_the_tree(name, "MN-AAA key",
                                 rf"^SPI \d+ and {spi}, .*nonce of message \d+$",
                                 ["device", "home-aaa", agents])
        self.one_of_the_tree("MN-AAA key", None, "^SPI 1000, of .*makes 2 ",
                             ["device", "home-aaa"])
        asked = [question for question in self.questions() if question[0] == "Access-Request"]
        self.assertEqual([question[2:] for question in asked],
                         [("Foreign agent", "AAA server"), ("Anchor", "AAA server")])
        self.assertRegex(asked[0][1], f"^foreign agent {FA} asks for keys of nonces")

    def test_why_an_agent_says_108(self):
        """What its AAA has told it: another key; nothing at all; and one that is right."""
        agent = self.begin(**self.captured("aaa", "mip"))
        node = fa_keys_test.visitor_of(self, agent)
        for key, code in ((fa_keys_test.OTHER_KEY, fa_keys_test.AAA_AUTH), (fa_keys_test.KEY, 0)):
            node.solicit()
            self.assertEqual(node.ask_keys(key, mn_fa=700).code, code)
        refused = trace("explain", self.file)[0]
        self.assertRegex(refused["where"], "^The foreign agent refused with code 108|^Registered")
        first = refused["causes"][0]
        self.assertEqual((first["cause"], first["certainty"]), ("mip-aaa", "proven"))
        silent = self.start(fa_keys_test.visit.ForeignAgent("127.0.0.18", self.mip_port, **{
            "fa.aaa.name": FA, "fa.aaa.source": "127.0.0.18", "fa.aaa.port": world.free_port(),
            "fa.aaa.timeout_ms": 100, "fa.foreign_key": "true", **self.captured("aaa", "mip")}))
        node = fa_keys_test.visitor_of(self, silent, local="127.0.0.31")
        node.solicit()
        self.assertEqual(node.ask_keys(fa_keys_test.KEY, mn_fa=700).code, fa_keys_test.AAA_AUTH)
        first = trace("explain", self.file)[-1]["causes"][0]
        self.assertEqual((first["cause"], first["certainty"]), ("mip-aaa-silent", "proven"))
        self.assertIn("in which the foreign agent asks; found none", first["evidence"])

    # what is here for its own sake there
    test_a_key_with_each_agent = test_who_the_aaa_does_not_prove = test_an_aaa_that_is_silent = \
        test_t23_where_a_key_may_travel = None


class ForeignNafTest(Seen, fa_keys_test.NafTest):
    def test_the_foreign_agent_as_naf(self):
        """spec: S4 7.3.5 - MN-FA is the Ks_NAF of the foreign agent's name."""
        agent = self.begin(**self.captured("mip"))
        node = fa_keys_test.visitor_of(self, agent, key=fa_keys_test.MN_HA_KEY,
                                       foreign=(900, self.key()))
        self.assertEqual(node.register(extensions=self.b_tid()).code, 0)
        self.assertEqual(node.register().code, 0)
        proofs = [value for name, value in self.proofs() if name == "Mobile-Foreign"]
        self.assertEqual([value.endswith(SAME) for value in proofs], [True] * 4)
        self.one_of_the_tree("MN-FA key", "Ks_NAF", "^SPI 900, of .*makes 4 authenticators again$",
                             ["device", "bsf", "naf-or-af"], naf_or_af=FA)

    test_the_key_of_a_bootstrapping = test_t27_a_b_tid_is_of_its_subscriber = None


class RevokedTest(Seen, revoke_test.RevokeCase):
    def test_what_two_agents_say_of_an_end(self):
        """spec: RFC 3543 3.3 - each is under Foreign-Home, which is made again; with the run of the
        registration that it ends."""
        home = self.home(**self.captured("mip-agents"))
        agent = self.foreign(home.mip_port)
        node = self.visitor(agent)
        self.assertEqual(node.register().code, 0)
        self.assertEqual(self.revokes(home, node.home).returncode, 0)
        self.gone(agent)
        world.wait_for("an acknowledgement", lambda: home.metric(
            "anchor_mip_revocations_acked_total") == 1)
        run, = self.runs()
        said = [(m["name"], m["from_lane"], m["to_lane"]) for m in run["messages"]
                if "Revocation" in m["name"]]
        self.assertEqual(said, [("Registration Revocation", "Anchor", "Foreign agent"),
                                ("Registration Revocation Acknowledgement", "Foreign agent",
                                 "Anchor")])
        proofs = [value.endswith(SAME) for name, value in self.proofs() if name == "Foreign-Home"]
        self.assertEqual(proofs, [True] * 4)
        row = next(key for key in self.tree() if key["name"] == "FA-HA key")
        self.assertEqual((row["detail"], row["can_compute"]),
                         ("SPI 256, of fa-1; makes 4 authenticators again",
                          ["home-agent", "foreign-agent"]))
        for wrong in (world.BROKEN, "_ws.lua.error"):
            self.assertEqual(world.tshark(self.file, "-X", f"lua_script:{SCRIPT}", "-Y", wrong), [])


class Mip6Test(Seen, mip6_test.Mip6Case):
    """Port 4191: each datagram is a packet."""

    def judge(self, local):
        node = self.node(self.agent(**self.captured("mip")), local=local)
        self.assertEqual(node.register(ipv4_home="0.0.0.0").status, 0)
        self.assertTrue(node.ping(mip6_test.GATEWAY6))
        self.assertEqual(node.register(lifetime=0).status, 0)
        self.all_are_made_again(MN_HA=4)
        names = [[message["name"] for message in run["messages"]] for run in self.runs()]
        self.assertEqual([name for run in names for name in run if name.startswith("Binding")],
                         ["Binding Update", "Binding Acknowledgement"] * 2)
        self.assertIn("Echo request", names[0])
        kinds = world.tshark(self.file, "-Y", "mipv6", "-T", "fields", "-e", "mip6.mhtype", "-e",
                             "mip6.ba.status")
        self.assertEqual(kinds, ["5\t", "6\t0"] * 2)
        row, = [key for key in self.tree() if "makes 4 " in key["detail"]]
        self.assertEqual((row["name"], row["can_compute"]), ("MN-HA key",
                                                             ["device", "home-agent"]))

    def test_over_ipv4(self):
        self.judge("127.0.0.9")

    @unittest.skipUnless(mip6_test.has_ipv6(), "no IPv6 here")
    def test_over_ipv6(self):
        self.judge("::1")


del fa_keys_test.AaaTest, fa_keys_test.NafTest

if __name__ == "__main__":
    unittest.main()

"""The example configurations of conf/: each is valid, and the networks on machines apart work."""
import os
import random
import re
import subprocess
import types

import lte
import phone
import world

MACHINES = ("core", "twap", "twag", "enb", "wt", "pos-a", "pos-b")


class Example(world.Latchkeyd):
    """One of conf/, as it is, but for where its state lies and for the network it is on."""

    def __init__(self, name, network, **settings):
        super().__init__(**settings)
        self.name, self.network = name, network

    def start(self, where):
        self.where = where
        text = (world.TOP / "conf" / f"{self.name}.yaml").read_text()
        self.config = where / f"{self.name}.yaml"
        self.config.write_text(re.sub(r"\b127\.0\.0\.1(?=[1235678]\b)", f"{self.network}.1", text))
        self.sets = {"state_dir": where.parent / self.name, "log.mask_imsi": "false",
                     **self.settings}
        self.again()


def a_network():
    """Of loopback, of our own."""
    return f"127.{random.randrange(1, 255)}.{os.getpid() % 255}"


def in_clear(section):
    """Those settings of the example that take its TLS away."""
    files = (f"{section}.{key}" for key in ("certificate", "key", "ca"))
    return {"laboratory": "true", **dict.fromkeys(files, "")}


class ExamplesTest(world.Case):
    def certify(self):
        names = [*(f"{machine}.lab" for machine in MACHINES), "naf.example", "aanf.example"]
        for name in names:
            subprocess.run([world.LATCHKEY, "certificate", "make", "--name", name,
                            "--out", self.dir / "tls"], check=True, capture_output=True,
                           timeout=20)

    def test_each_is_valid(self):
        self.certify()
        files = sorted((world.TOP / "conf").glob("*.yaml"))
        self.assertGreaterEqual(len(files), 5)
        for file in files:
            done = subprocess.run([world.LATCHKEYD, "-c", file, "--check"], text=True,
                                  capture_output=True, timeout=20,
                                  env={**os.environ, "LATCHKEY_STATE_DIR": self.dir / "state"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), file)

    def test_the_phone_has_the_cells_and_the_wt_of_the_lab(self):
        def told(name, pattern):
            return re.findall(pattern, (world.TOP / "conf" / f"{name}.yaml").read_text(), re.M)

        cell = r"^ +- \{ name: (\w+),.* port: (\d+), pci: (\d+) \}"
        self.assertEqual(told("phone", cell), told("lab", cell))
        self.assertEqual(len(told("lab", cell)), 2)
        self.assertEqual(told("phone", r"^ +wt: \{.* port: (\d+)"),
                         told("lab", r"^wt:[^\n]*\n +port: (\d+)"))

    def test_the_phone_has_the_points_of_the_lab(self):
        def points(name, pattern):
            return re.findall(pattern, (world.TOP / "conf" / f"{name}.yaml").read_text(), re.M)

        told = points("phone", r"- \{ id: (\S+), port: (\d+), dtls_port: (\d+) \}")
        self.assertEqual(told, points("lab", r"^    - id: (\S+) .*\n      port: (\d+).*\n"
                                      r"      link_port: .*\n      dtls_port: (\d+)"))
        self.assertEqual(len(told), 5)

    def test_the_phone_has_the_foreign_agent_of_the_lab(self):
        """A place there, at its address and port; and both that conf has share a key with the home
        agent of the laboratory."""
        def told(name, pattern):
            return re.findall(pattern, (world.TOP / "conf" / f"{name}.yaml").read_text(), re.M)

        here = r"^fa:.*\n  listen: (\S+).*\n  port: (\d+)"
        listens = told("lab", here)
        self.assertEqual(told("phone", r"agent: (\S+), agent_port: (\d+) \}"), listens)
        self.assertEqual(len(listens), 1)
        rows = told("lab", r"name: fa-\d, addresses: \[(\S+)\], spi: (\d+), key: (\".*\") \}")
        home = r"- \{ address: (\S+), port: (\d+), spi: (\d+), key: (\"[^\"]*\")"
        agents = [(told(name, here)[0][0], *told(name, home)[0]) for name in ("lab", "fa")]
        self.assertEqual([(at, spi, key) for at, _, _, spi, key in agents], rows)
        mip = told("lab", r"^  mip:  .*\n    port: (\d+).*\n.*\n    address: (\S+)")
        self.assertEqual([(port, home) for _, home, port, _, _ in agents], 2 * mip)

    def test_the_lab_makes_what_its_points_lack(self):
        """Certificates of points of service, once; links come up with them (T46). Outside a
        laboratory nothing is made, and a key of marks that everybody has is none (T40)."""
        network = a_network()
        sets = {f"pos.points[].{key}": f"{network}.1"
                for key in ("listen", "partners[].address", "neighbours[].address")}
        lab = world.Latchkeyd(**{"roles": "[pos]", "log.mask_imsi": "false", **sets})
        self.start(lab)
        self.assertIn("certificates-made", lab.text())
        world.wait_for("links", lambda: all(row["up"]
                                            for row in lab.ask(op="pos-links")["links"]))
        self.assertEqual(len(lab.ask(op="pos-links")["links"]), 12)
        tls = lab.where / "var" / "tls"
        before = {file.name: file.read_bytes() for file in tls.iterdir()}
        self.assertEqual(len(before), 12)
        lab.stop()
        lab.again()
        self.assertNotIn("certificates-made", lab.text())
        self.assertEqual({file.name: file.read_bytes() for file in tls.iterdir()}, before)
        lab.stop()
        for file in ("b.pos.lab.crt", "b.pos.lab.key"):
            (tls / file).unlink()
        lab.sets["laboratory"] = "false"
        refused = self.check(lab)
        self.assertIn("pos.points[0].homes[0].mark_key: expected the key of a home", refused)
        lab.sets["pos.points[].homes"] = "[]"
        self.assertIn("pos.points[4].homes: expected at least one home", self.check(lab))
        lab.sets["pos.points[].homes"] = f"[{{realm: home.example, mark_key: {'00' * 31}01}}]"
        self.assertIn("pos.points[3]: expected a certificate", self.check(lab))
        self.assertEqual(len(list(tls.iterdir())), 10)
        lab.sets["roles"] = "[aaa]"
        self.assertIn("aaa.mis_mark_key: expected a key that nobody else has", self.check(lab))
        lab.sets["radsec.peers[].name"] = "x"
        self.assertIn("radsec.peers[].name: expected a list with rows", self.check(lab))

    def check(self, daemon):
        done = subprocess.run([world.LATCHKEYD, "--check", "-c", daemon.config, *daemon.words()],
                              text=True, capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def test_three_machines_serve_a_device(self):
        """core.yaml, twap.yaml and twag.yaml, each under an address of its own: RADIUS over TLS,
        the session link, the MAG's way to the anchor on another machine."""
        network = a_network()
        self.certify()
        daemons = {}
        for name in ("core", "twap", "twag"):
            daemons[name] = self.start(Example(name, network))
        daemons["core"].add(world.CARD)
        ports = types.SimpleNamespace(ap_port=1822, settings={"wlcp.port": 36411,
                                                              "wlcp.user_port": 36412})
        device = self.start(phone.Phone(ports, f"{network}.2", **{"ue.server": f"{network}.12"}))
        daemons["twap"].wait_line(f"wlan-session imsi={world.CARD.imsi}")
        world.wait_for("a channel", lambda: device.asks("state")["channel"])
        connected = device.asks("connect", **{"as": "browser", "apn": "internet"})
        self.assertTrue(connected["ok"], (connected, daemons["twag"].text()[-3000:]))
        answer = device.asks("ping", **{"as": "browser", "pdn": connected["pdn"],
                                        "to": "10.64.0.1"})
        self.assertTrue(answer["ok"], answer)

    def aggregate(self, network, enb, wt):
        """Attach, LTE-WLAN aggregation, data, handovers with the WT kept."""
        enb.add(world.CARD)
        world.wait_for("the WT", lambda: enb.ask(op="enb-ues")["wt_up"])
        device = self.start(lte.Device((36480, 36481, 36470), **{
            "ue.lte.cells": f"[{{name: a, address: {network}.15, port: 36480, pci: 1}}, "
                            f"{{name: b, address: {network}.15, port: 36481, pci: 2}}]",
            "ue.lte.wt.address": f"{network}.16"}))
        answer = device.asks("lte-attach")
        self.assertTrue(answer["ok"], (answer, enb.text()))
        self.assertTrue(device.status(wait="active")["ok"], (enb.text(), wt.text()))
        for number, cell in enumerate("ba", 1):
            self.assertTrue(device.asks("lwa-ping", count=3)["ok"])
            self.assertTrue(enb.ask(op="enb-handover", imsi=world.CARD.imsi, cell=cell)["ok"])
            status = device.status(wait="active", handovers=number, rekeys=number)
            self.assertTrue(status["ok"], (status, enb.text(), wt.text()))
        self.assertTrue(device.asks("lwa-ping", count=3)["ok"])
        counts = device.status()["counts"]
        self.assertEqual((counts["associations"], counts["deauthentications"]), (1, 0))
        return device

    def test_enb_and_wt_on_machines_of_their_own(self):
        """enb.yaml and wt.yaml: Xw over TLS with a certificate at each end, and none that has
        another name; what a laboratory may is not for them.

        spec: TS 33.401 G.1 - control over Xw, which carries the key, has integrity and
        confidentiality"""
        network = a_network()
        self.certify()
        wt = self.start(Example("wt", network))
        wrong = self.start(Example("enb", network, **{"enb.wt.name": "core.lab"}))
        wrong.wait_line("xw-unreachable .*why=tls")
        self.assertFalse(wrong.ask(op="enb-ues")["wt_up"])
        wrong.stop()
        wrong.sets.update({"enb.wt.name": "wt.lab", "enb.certificate": "../tls/twap.lab.crt",
                           "enb.key": "../tls/twap.lab.key"})
        wrong.again()
        wt.wait_line("xw-stranger")
        self.assertFalse(wrong.ask(op="enb-ues")["wt_up"])
        wrong.stop()
        enb = self.start(Example("enb", network))
        device = self.aggregate(network, enb, wt)
        self.assertIn("laboratory", enb.ask(op="enb-drop", imsi=world.CARD.imsi)["fix"])
        enb.process.kill()      # T53: and the device finds the one that is started again
        enb.process.wait()
        enb.again()
        status = device.status(wait="active", associations=2, ms=5000)
        self.assertTrue(status["ok"], (status, enb.text(), wt.text()))
        self.assertTrue(device.asks("lwa-ping", count=3)["ok"])

    def test_enb_and_wt_over_tcp_in_clear(self):
        """The same two, in a laboratory, without TLS."""
        network = a_network()
        wt = self.start(Example("wt", network, **in_clear("wt")))
        enb = self.start(Example("enb", network, **in_clear("enb")))
        self.aggregate(network, enb, wt)

    def test_two_points_of_service(self):
        """pos.yaml, and its partner: T46, a link of TLS with a certificate at each end, and none
        with another name."""
        network = a_network()
        self.certify()
        a = self.start(Example("pos", network))
        point = {"id": "pos@b.example", "listen": f"{network}.18",
                 "certificate": "../tls/pos-b.lab.crt", "key": "../tls/pos-b.lab.key",
                 "aaa.source": f"{network}.18", "partners[0].id": "pos@a.example",
                 "partners[0].name": "pos-a.lab", "partners[0].address": f"{network}.17",
                 "neighbours": "[]"}
        b = Example("pos", network, **{"console.listen": f"{network}.18"},
                    **{f"pos.points[0].{key}": value for key, value in point.items()})
        b.settings["state_dir"] = self.dir / "b"
        b.settings["pos.points[0].certificate"] = "../tls/core.lab.crt"
        b.settings["pos.points[0].key"] = "../tls/core.lab.key"
        self.start(b)
        a.wait_line("pos-link-(lost|stranger)")
        self.assertFalse(a.ask(op="pos-links")["links"][0]["up"])
        b.stop()
        b.sets.update({f"pos.points[0].{key}": value for key, value in point.items()})
        b.again()
        a.wait_line("pos-link-up .*partner=pos@b.example", 20)


if __name__ == "__main__":
    world.unittest.main()

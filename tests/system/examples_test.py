"""The example configurations of conf/: each is valid, and the network on three machines works."""
import os
import random
import re
import subprocess
import types

import phone
import world

MACHINES = ("core", "twap", "twag")


class Example(world.Latchkeyd):
    """One of conf/, as it is, but for where its state lies and for the network it is on."""

    def __init__(self, name, network):
        super().__init__()
        self.name, self.network = name, network

    def start(self, where):
        self.where = where
        text = (world.TOP / "conf" / f"{self.name}.yaml").read_text()
        self.config = where / f"{self.name}.yaml"
        self.config.write_text(re.sub(r"\b127\.0\.0\.1(?=[123]\b)", f"{self.network}.1", text))
        self.sets = {"state_dir": where.parent / self.name, "log.mask_imsi": "false"}
        self.again()


class ExamplesTest(world.Case):
    def certify(self):
        for name in MACHINES:
            subprocess.run([world.LATCHKEY, "certificate", "make", "--name", f"{name}.lab",
                            "--out", self.dir / "tls"], check=True, capture_output=True,
                           timeout=20)

    def test_each_is_valid(self):
        self.certify()
        (self.dir / "state").mkdir()
        files = sorted((world.TOP / "conf").glob("*.yaml"))
        self.assertGreaterEqual(len(files), 5)
        for file in files:
            done = subprocess.run([world.LATCHKEYD, "-c", file, "--check"], text=True,
                                  capture_output=True, timeout=20,
                                  env={**os.environ, "LATCHKEY_STATE_DIR": self.dir / "state"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), file)

    def test_three_machines_serve_a_device(self):
        """core.yaml, twap.yaml and twag.yaml, each under an address of its own: RADIUS over TLS,
        the session link, the MAG's way to the anchor on another machine."""
        network = f"127.{random.randrange(1, 255)}.{os.getpid() % 255}"
        self.certify()
        daemons = {}
        for name in MACHINES:
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


if __name__ == "__main__":
    world.unittest.main()

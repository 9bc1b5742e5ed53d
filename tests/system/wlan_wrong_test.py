"""What is wrong at a trusted WLAN is said: by the log, by status and by the metrics."""
import json
import socket
import time
import urllib.request

import dtls
import phone
import radius
import wlan
import world

CARD = world.CARD
ALL = "[aaa, vault, twap, twag, anchor]"


class WrongCase(world.Case):
    def network(self, **settings):
        self.daemon = self.start(wlan.Wlan(roles=ALL, **settings))
        self.wlcp = ("127.0.0.1", self.daemon.settings["wlcp.port"])
        return self.daemon

    def refusals(self):
        """reason -> how often, as status has it."""
        return self.daemon.ask(op="status")["counts"]["refused"]

    def counts(self, role="wlan"):
        workers = self.daemon.ask(op="status")["workers"]
        return next(worker["counts"] for worker in workers if worker["role"] == role)

    def metrics(self, daemon):
        port = daemon.sets["console.port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            return page.read().decode()


class LegTest(WrongCase):
    def two(self, **settings):
        """Anchor and gateway apart: of one daemon the configuration itself is compared."""
        core = self.start(wlan.Wlan(roles="[aaa, vault, anchor]"))
        self.daemon = self.start(wlan.Wlan(roles="[twap, twag]", server=core, **{
            "mag.port": core.anchor_port, "mag.tunnel_port": core.tunnel_port, **settings}))
        return core, self.daemon

    def test_another_name(self):
        """mag.name is no name of anchor.mags: both ends say so, and status shows the leg."""
        core, gateway = self.two(**{"mag.name": "gw-9"})
        core.wait_line(r"reason=pmip.mag-key .*a name that is not there: gw-9", 15)
        gateway.wait_line(r"wlan refused reason=wlan.anchor-down .*a channel as gw-9 to port", 15)
        self.assertIn("wlan.anchor-down", self.refusals())
        self.assertRegex(gateway.command("status", check=False).stdout, r"wlan_anchor_up +0\b")
        self.assertRegex(core.command("status").stdout, r"refused +\d+ x pmip.mag-key")
        self.assertRegex(self.metrics(gateway), r'role="wlan",reason="wlan.anchor-down"} [1-9]')
        self.assertRegex(self.metrics(core), r'role="anchor",reason="pmip.mag-key"} [1-9]')

    def test_another_key(self):
        core, _ = self.two(**{"mag.psk": "another-key-of-16-octets"})
        core.wait_line(r"reason=pmip.mag-key .*another key of lab", 15)

    def test_all_is_well(self):
        daemon = self.network()
        daemon.wait_line("anchor-up")
        world.wait_for("the leg in status", lambda: self.counts()["wlan_anchor_up"] == 1)
        told = daemon.command("status").stdout
        self.assertRegex(told, r"wlan_anchor_up +1\b")
        for gauge in ("wlan_sessions", "wlcp_channels", "wlcp_connections", "anchor_bindings"):
            self.assertRegex(told, rf"\n    {gauge} +0\b")
        self.assertNotIn("wlcp_handshakes_total", told)     # a counter: in --json and /metrics


class ChannelTest(WrongCase):
    def test_another_derivation(self):
        """The device has another FC: the gateway says that the key is none of a session's."""
        daemon = self.network()
        daemon.add(CARD)
        device = self.start(phone.Phone(daemon, **{"wlcp.kdf.fc": "22"}))
        daemon.wait_line(f"wlan-session imsi={CARD.imsi}")
        daemon.wait_line(r"reason=wlcp.handshake from=127.0.0.2 .*an identity of no session", 15)
        self.assertGreaterEqual(self.refusals()["wlcp.handshake"], 1)
        device.wait_line(r"reason=ue.no-channel .*came=alert", 15)
        told = device.command("status", f"--set=state_dir={device.sets['state_dir']}", "--json",
                              "-c", device.config, check=False).stdout
        self.assertGreaterEqual(json.loads(told)["counts"]["refused"]["ue.no-channel"], 1)

    def test_another_source_port(self):
        """spec: TS 24.244 4.2.2 - from another port nothing is answered; the log says why."""
        daemon = self.network()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.7", 0))
            stranger.sendto(bytes(40), self.wlcp)
            daemon.wait_line(r"reason=wlcp.source-port from=127.0.0.7 .*expected=\"port "
                             rf"{self.wlcp[1]}\" came=\"port {stranger.getsockname()[1]}\"")
        world.wait_for("its counter", lambda: self.counts()["wlcp_ports_wrong_total"] == 1)
        self.assertEqual(self.refusals()["wlcp.source-port"], 1)

    def test_another_version(self):
        daemon = self.network(**{"wlcp.any_source_port": "true"})
        dtls.s_client(self.wlcp, "x", bytes(32), "PSK-AES128-CBC-SHA", "-dtls1_2", seconds=2)
        daemon.wait_line(r"reason=wlcp.handshake .*no suite of dtls.suites")
        world.wait_for("its counter", lambda: self.counts()["wlcp_hellos_refused_total"] >= 1)

    def test_too_many_of_one_source(self):
        self.network(**{"wlcp.any_source_port": "true", "wlcp.half_open_max": "1"})
        clients = [dtls.Client(self.wlcp, b"x", bytes(32)) for _ in range(3)]
        for client in clients:
            self.addCleanup(client.close)
            client.greet()
        world.wait_for("its counter", lambda: self.counts()["wlcp_source_full_total"] >= 2)
        self.assertEqual(self.counts()["wlcp_table_full_total"], 0)


class DisconnectTest(WrongCase):
    def ask(self, attributes):
        with radius.Client(self.daemon.dynamic_port) as aaa:
            return aaa.disconnect(attributes)

    def test_a_nak_is_logged_with_its_cause(self):
        """spec: RFC 5176 3.5 - a NAK says why; so does the log."""
        daemon = self.network()
        name = radius.attribute(radius.USER_NAME, CARD.imsi.encode())
        stamp = radius.attribute(radius.EVENT_TIMESTAMP, int(time.time()).to_bytes(4, "big"))
        for attributes, cause in ((name, "402 Missing-Attribute"), (stamp, "402 Missing-Attribute"),
                                  (name + stamp, "503 Session-Context-Not-Found")):
            self.assertEqual(self.ask(attributes)[0], radius.DISCONNECT_NAK)
            daemon.wait_line(rf"reason=radius.disconnect-refused from=127.0.0.1 .*{cause}")
        self.assertEqual(self.refusals()["radius.disconnect-refused"], 3)


if __name__ == "__main__":
    world.unittest.main()

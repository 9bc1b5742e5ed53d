"""A mobile node that asks DNS (dnsmasq) for the point of service to attach to."""
import socket
import unittest

import pos_test
import ue_mis_test
import world

POS = "pos.a.example"


class Dnsmasq(world.Process):
    def __init__(self, port, *records):
        super().__init__()
        self.words = [world.need("dnsmasq"), "--no-daemon", f"--port={port}", "--no-resolv",
                      "--listen-address=127.0.0.1", "--bind-interfaces", "--no-hosts",
                      "--conf-file=/dev/null", "--pid-file", "--user=root", "--local=/example/",
                      *records]

    def start(self, where):
        self.spawn(self.words, "dnsmasq", where)
        self.wait_line("started, version")


def naptr(service, order, to):
    return f"--naptr-record=a.example,{order},10,s,{service},,{to}"


class DiscoveryTest(ue_mis_test.MisCase):
    def world(self, *records, known=POS, **device):
        dns = world.free_port()
        self.aaa = self.home(**{"radius.clients[0].pos": known}).port
        homes = [{"realm": world.REALM, "mark_key": self.public}]
        self.pos(lambda: [self.point("a", "", id=POS, homes=homes)])
        self.dns = self.start(Dnsmasq(dns, f"--host-record={POS},127.0.0.1",
                                      *(each.format(port=self.port["a"]) for each in records)))
        ports = {stem: world.free_port() for stem in "abc"}
        self.device = self.start(ue_mis_test.Device(ports, ports, **{
            "ue.mis.points": "[]", "ue.mis.domain": "a.example", "ue.mis.dns": "127.0.0.1",
            "ue.mis.dns_port": dns, "log.level": "debug", **device}))

    def attached(self):
        self.assertEqual(self.ok("mis-attach")["pos"], POS)
        self.ok("mis-ping")
        self.device.wait_line(f"mis-discovered domain=a.example pos={POS} address=127.0.0.1 "
                              f"port={self.port['a']}")

    def test_by_naptr_and_srv(self):
        """spec: RFC 5679 2 - the service and the transport of the MN, the lowest order."""
        self.world(naptr("MIHIS+M2T", 1, "_x._tcp.a.example"),
                   naptr("MIHCS+M2U", 2, "_x._tcp.a.example"),
                   naptr("MIHCS+M2T", 4, "_x._tcp.a.example"),
                   naptr("MIHCS+M2T", 3, "_mine._tcp.a.example"),
                   f"--srv-host=_mine._tcp.a.example,{POS},{{port}},1",
                   f"--srv-host=_mine._tcp.a.example,{POS},9,2",
                   f"--srv-host=_x._tcp.a.example,{POS},9")
        self.attached()

    def test_by_srv_alone(self):
        """spec: RFC 5679 2 - no NAPTR: SRV of the service, over the transport."""
        self.world(f"--srv-host=_MIHCS._tcp.a.example,{POS},9",
                   f"--srv-host=_MIHCS._udp.a.example,{POS},{{port}}",
                   **{"ue.mis.transport": "udp"})
        self.attached()

    def test_what_dns_names_has_to_prove_itself(self):
        """T45: a PoS of DNS that the home does not know has no key, and gets no SA."""
        self.world(f"--srv-host=_MIHCS._tcp.a.example,{POS},{{port}}", known="pos@x.example")
        refused = self.device.asks("mis-attach")
        self.device.wait_line("mis-discovered")
        self.assertFalse(refused["ok"])
        self.assertEqual(self.ok("mis-status")["sa"], "none")

    def test_dns_names_none(self):
        self.world()
        refused = self.device.asks("mis-attach")
        self.assertEqual((refused["ok"], refused["reason"]), (False, "mis.discovery"))
        self.dns.stop()
        refused = self.device.asks("mis-attach")
        self.assertEqual((refused["ok"], refused["reason"]), (False, "mis.discovery"))
        self.device.stop()

    def test_dns_names_none_and_there_is_one_configured(self):
        self.world()
        self.device.stop()
        self.device.sets.update({"ue.mis.points": f"[{{id: {POS}, port: {self.port['a']}}}]"})
        self.device.again()
        self.assertEqual(self.ok("mis-attach")["pos"], POS)


if __name__ == "__main__":
    unittest.main()

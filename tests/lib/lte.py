"""LTE-WLAN aggregation by daemons: a network with eNB and WT, and devices with LTE."""
import os
import select
import socket
import threading

import phone
import wlan
import world

DEVICE = "127.0.0.2"
UU, AIR = 0, 1      # places in Device.own


def settings_of(ports):
    """Of a device that is to reach two cells and a WT at these ports; and its own two."""
    a, b, air = ports
    own = [world.free_port(address=DEVICE) for _ in range(2)]
    return own, {
        "ue.lte.cells": f"[{{name: a, port: {a}, pci: 1}}, {{name: b, port: {b}, pci: 2}}]",
        "ue.lte.port": own[UU], "ue.lte.air_port": own[AIR], "ue.lte.wt.port": air,
        "ue.lte.retry_ms": 200}


class Device(phone.Phone):
    """A device with LTE, and without a trusted WLAN."""

    def __init__(self, ports, **settings):
        self.own, lte = settings_of(ports)
        world.Latchkeyd.__init__(self, **{
            "ue.attach": "false", "ue.address": DEVICE, "console.port": 0,
            "wlcp.port": world.free_port(address=DEVICE),
            "wlcp.user_port": world.free_port(address=DEVICE),
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}}}]", **lte, **settings})

    def status(self, **words):
        return self.asks("lte-status", **words)


class Both(Device):
    """A device that has the trusted WLAN of that network, too."""

    def __init__(self, network, **settings):
        self.own, lte = settings_of(network.ports)
        phone.Phone.__init__(self, network, **lte, **settings)


class Network(wlan.Wlan):
    """Two cells of one eNB process, the WT, the AAA and its vault; with a trusted WLAN if those
    roles are asked for."""

    def __init__(self, roles="[aaa, vault, enb, wt]", **settings):
        a, b, air = self.ports = [world.free_port() for _ in range(3)]
        xw = world.free_port(socket.SOCK_STREAM)
        super().__init__(roles, **{
            "enb.cells": f"[{{name: a, port: {a}, pci: 1}}, {{name: b, port: {b}, pci: 2}}]",
            "enb.xw": "tcp", "enb.wt.port": xw, "wt.port": air, "wt.xw": "tcp", "wt.xw_port": xw,
            "wt.enbs": "[{name: enb, address: 127.0.0.1, port: 9900}]", **settings})


class Relay:
    """On the way between a device and the network's ports: what goes up, and what goes down, passes
    where up and down (called with the datagram) say so; all that came is in seen."""

    def __init__(self, ports):
        self.targets = [("127.0.0.1", port) for port in ports]
        self.fronts = [self.socket() for _ in ports]
        uu = self.socket()      # a device is one end for all cells
        self.backs = [uu, uu, self.socket()]
        self.ports = [front.getsockname()[1] for front in self.fronts]
        self.device = [None] * len(ports)
        self.up = self.down = lambda datagram: True
        self.seen = []
        self.ends = False
        self.thread = threading.Thread(target=self.run)

    @staticmethod
    def socket():
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end.bind(("127.0.0.1", 0))
        return end

    def start(self, where):
        self.thread.start()

    def stop(self):
        self.ends = True
        self.thread.join()
        for end in {*self.fronts, *self.backs}:
            end.close()

    def run(self):
        while not self.ends:
            for end in select.select([*self.fronts, *set(self.backs)], [], [], 0.05)[0]:
                datagram, sender = end.recvfrom(4096)
                is_up = end in self.fronts
                leg = self.fronts.index(end) if is_up else self.targets.index(sender)
                self.seen.append(datagram)
                if is_up:
                    self.device[leg] = sender
                if (self.up if is_up else self.down)(datagram):
                    self.say(leg, is_up, datagram)

    def say(self, leg, up, datagram):
        if up:
            self.backs[leg].sendto(datagram, self.targets[leg])
        elif self.device[leg]:
            self.fronts[leg].sendto(datagram, self.device[leg])


class BothEnds(Network):
    """One daemon that is the network and its device."""

    asks, ask_once = phone.Phone.asks, phone.Phone.ask_once

    def __init__(self, **settings):
        super().__init__("[aaa, vault, twap, twag, anchor, enb, wt, ue]", **settings)

    def start(self, where):
        self.socket = where / "ue.sock"
        _, device = settings_of(self.ports)
        self.settings.update({
            **device, "ue.lte.retry_ms": 5000, "ue.imsi": world.CARD.imsi, "ue.k": world.CARD.k,
            "ue.opc": world.CARD.opc, "ue.port": self.ap_port, "ue.address": DEVICE,
            "ue.socket": self.socket, "ue.attach": "false",
            "ue.applications": f"[{{name: browser, uid: {os.getuid()}, apns: [internet]}}]"})
        super().start(where)

"""The trusted WLAN: latchkeyd as TWAP and TWAG, and an access point in front of it."""
import socket
import time

import radius
import world

EAP_IDENTITY = b"\x02\x01\x00\x0c\x010001010"


def port_of_both_ends():
    """One that is free on every address: the device has it too, on another of them."""
    return world.free_port(address="0.0.0.0")


class Wlan(world.Latchkeyd):
    """The daemon with the roles of a trusted WLAN beside, or without, those of the AAA."""

    def __init__(self, roles="[aaa, vault, twap, twag]", server=None, **settings):
        self.ap_port, self.ap_accounting_port = world.free_port(), world.free_port()
        self.dynamic_port = world.free_port()
        self.anchor_port, self.tunnel_port = world.free_port(), world.free_port()
        self.server = server
        super().__init__(**{"roles": roles, "twap.port": self.ap_port,
                            "twap.accounting_port": self.ap_accounting_port,
                            "dynamic.port": self.dynamic_port, "wlcp.port": port_of_both_ends(),
                            "wlcp.user_port": port_of_both_ends(), "log.mask_imsi": "false",
                            "anchor.port": self.anchor_port, "mag.port": self.anchor_port,
                            "anchor.tunnel_port": self.tunnel_port,
                            "mag.tunnel_port": self.tunnel_port,
                            **settings})

    def start(self, where):
        self.port, self.accounting_port = world.free_port(), world.free_port()
        server = self.server or self
        self.settings = {"twap.servers": f"[{{name: aaa, address: 127.0.0.1, port: {server.port}, "
                         f"accounting_port: {server.accounting_port}, secret: testing123}}]",
                         "radius.port": self.port, "radius.accounting_port": self.accounting_port,
                         **self.settings}
        super().start(where)

    def front(self):
        """The daemon as an access point sees it: for world.eapol_test."""
        return Front(self)


class Front:
    def __init__(self, wlan):
        self.host, self.port, self.secret = wlan.host, wlan.ap_port, wlan.secret
        self.accounting_port = wlan.ap_accounting_port


def access(mac, user="0001010000000001", **more):
    """The attributes of an Access-Request of that device."""
    found = radius.attribute(radius.USER_NAME, user.encode())
    found += radius.attribute(radius.CALLING_STATION_ID, mac.encode())
    found += radius.attribute(radius.CALLED_STATION_ID, b"02-AA-00-00-00-01:hall")
    found += radius.eap_attributes(EAP_IDENTITY)
    for kind, value in more.items():
        found += radius.attribute(getattr(radius, kind), value)
    return found


def event_timestamp(at=None):
    return radius.attribute(radius.EVENT_TIMESTAMP, int(at or time.time()).to_bytes(4, "big"))


def account(port, mac, session="s-1"):
    """What an access point says of a device that comes and goes."""
    with radius.Client(port) as ap:
        for status in (1, 2):
            ap.account(accounting(mac, status, session))


def accounting(mac, status, session):
    return (radius.attribute(radius.ACCT_STATUS_TYPE, status.to_bytes(4, "big")) +
            radius.attribute(radius.ACCT_SESSION_ID, session.encode()) +
            radius.attribute(radius.CALLING_STATION_ID, mac.encode()) + event_timestamp())
